"""Translations: each key that the code uses has its text, and each text is used."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
import json
from pathlib import Path
import re
import tomllib
from typing import Any
import unicodedata

from music_assistant_client.exceptions import InvalidServerVersion
from music_assistant_models.errors import MusicAssistantError
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entry.issues import (
    ISSUE_SERVER_MOVED,
    SERVER_ISSUES,
    TOKEN_ISSUES,
)
from custom_components.music_assistant.server import errors
from custom_components.music_assistant.server.discovery import PROXY_PROBLEMS
from custom_components.music_assistant.server.errors import (
    CommandTimeout,
    to_server_problem,
    translate_errors,
)
from custom_components.music_assistant.share_links.errors import _KEY_BY_STATUS
from custom_components.music_assistant.system_health import CONNECTION_FIELDS
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations

from .translation_texts import LANGUAGES, ROOT, TEXTS, TRANSLATIONS, find_placeholders

SOURCE = ROOT / "custom_components" / "music_assistant"
OPTIONS = "flows/options.py"
LINKS = "flows/share_links.py"
# What Home Assistant itself ends a flow with.
OF_HOME_ASSISTANT = {"already_configured"}


@cache
def trees() -> dict[str, ast.Module]:
    """Return the code of all modules, by path."""
    return {
        str(path.relative_to(SOURCE)): ast.parse(path.read_text())
        for path in sorted(SOURCE.rglob("*.py"))
    }


def nodes[N: ast.AST](kind: type[N], *modules: str) -> Iterator[N]:
    """Return the nodes of a kind, in some modules or in all."""
    for name, tree in trees().items():
        if not modules or name in modules:
            yield from (node for node in ast.walk(tree) if isinstance(node, kind))


def name_of(call: ast.Call) -> str:
    """Return the last name of what is called."""
    return str(getattr(call.func, "attr", None) or getattr(call.func, "id", ""))


def constant(node: ast.AST | None) -> str | None:
    """Return a string that is written down."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def argument(call: ast.Call, name: str) -> ast.expr | None:
    """Return a keyword argument."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def names_in(node: ast.AST | None) -> set[str]:
    """Return the keys of the dicts that are written down in a node."""
    dicts = [each for each in ast.walk(node) if isinstance(each, ast.Dict)] if node else []
    return {key for each in dicts for item in each.keys if (key := constant(item))}


@dataclass(frozen=True)
class Raised:
    """An error that is raised with a key that is written down."""

    key: str
    placeholders: frozenset[str]


@cache
def raisers() -> dict[str, frozenset[str]]:
    """Return what raises an error by the key that it is given, and the placeholders it adds."""
    found: dict[str, frozenset[str]] = {"ServerProblem": frozenset()}
    before = -1
    while before != len(found):
        before = len(found)
        for function in nodes(ast.FunctionDef):
            for call in (each for each in ast.walk(function) if isinstance(each, ast.Call)):
                given = argument(call, "translation_key") or (call.args[0] if call.args else None)
                if getattr(given, "id", None) != "key" or function.name.startswith("__"):
                    continue
                if name_of(call) == "async_create_issue":
                    continue
                if argument(call, "translation_key") or name_of(call) in found:
                    of_call = {each.arg for each in call.keywords if each.arg}
                    inner = found.get(name_of(call), frozenset())
                    found[function.name] = inner | of_call | names_in(function)
    return found


def raised() -> list[Raised]:
    """Return the errors whose keys are written down where they are raised."""
    found = []
    for call in nodes(ast.Call):
        if argument(call, "translation_domain") and (
            key := constant(argument(call, "translation_key"))
        ):
            if name_of(call) == "async_create_issue":
                continue
            placeholders = names_in(argument(call, "translation_placeholders"))
            found.append(Raised(key, frozenset(placeholders)))
        elif name_of(call) in raisers() and call.args and (key := constant(call.args[0])):
            of_call = {each.arg for each in call.keywords if each.arg}
            found.append(Raised(key, raisers()[name_of(call)] | of_call))
    return found


def problems(*modules: str) -> set[str]:
    """Return the keys of what may stand between us and a server."""
    calls = [call for call in nodes(ast.Call, *modules) if name_of(call) == "ServerProblem"]
    return {key for call in calls if (key := constant(call.args[0]))}


def of_resolvers() -> set[str]:
    """Return the keys of what may stand between us and a resolver of links."""
    calls = [call for call in nodes(ast.Call) if name_of(call) == "ResolverError"]
    return {key for call in calls if (key := constant(call.args[0]))} | set(_KEY_BY_STATUS.values())


def of_table(table: errors.ErrorTable) -> set[str]:
    """Return the keys of a table of errors."""
    return {key for _, key in table}


ON_THE_WAY = of_table(errors._CONNECTION_ERROR_KEYS) | {"unknown", "certificate_changed"}
IN_FLOWS = ON_THE_WAY | set(PROXY_PROBLEMS.values())
ASKED = of_table(errors._COMMAND_ERROR_KEYS)


def test_the_search_finds_something() -> None:
    """What finds nothing finds no fault either."""
    assert {"build_player_error", "get_choice_id"} <= set(raisers())
    assert {each.key for each in raised()} >= {"no_queue", "unknown_source", "nothing_found"}
    assert problems() >= {"invalid_address", "too_many_attempts"}


def test_exceptions() -> None:
    """Each error has its text, and each text its error."""
    in_flows_only = problems() - problems(
        "server/connection.py", "server/errors.py", "server/discovery.py"
    )
    used = {each.key for each in raised()} - in_flows_only | IN_FLOWS | ASKED
    used |= of_resolvers()
    assert used - set(TEXTS["exceptions"]) == set()
    assert set(TEXTS["exceptions"]) - used - problems() == set()


@pytest.mark.parametrize("error", raised(), ids=lambda error: error.key)
def test_placeholders(error: Raised) -> None:
    """Each text asks only for what is there to fill it in."""
    for group in ("exceptions", "config.error"):
        texts: dict[str, Any] = TEXTS
        for part in group.split("."):
            texts = texts[part]
        text = texts.get(error.key, "")
        asked = find_placeholders(text if isinstance(text, str) else text["message"])
        # a form has the address by itself
        assert asked <= error.placeholders | ({"url", "error"} if group != "exceptions" else set())


def instances(table: errors.ErrorTable) -> Iterator[tuple[Exception, str]]:
    """Return an error for each row of a table, and the row's key."""
    for kinds, key in table:
        for kind in kinds:
            if kind is CommandTimeout:
                yield CommandTimeout("players/all", 30), key
            elif not kind.__module__.startswith("aiohttp") and issubclass(
                kind, MusicAssistantError | InvalidServerVersion | OSError
            ):
                yield kind("the reason"), key


@pytest.mark.parametrize(
    ("error", "key"), list(instances(errors._COMMAND_ERROR_KEYS)), ids=lambda each: repr(each)[:40]
)
def test_placeholders_of_refusals(error: Exception, key: str) -> None:
    """What the server refuses has a text that can be filled in."""
    with pytest.raises(HomeAssistantError) as caught, translate_errors("The server"):
        raise error
    assert caught.value.translation_key == key
    asked = find_placeholders(TEXTS["exceptions"][key]["message"])
    assert asked <= set(caught.value.translation_placeholders or {})


@pytest.mark.parametrize(
    ("error", "key"),
    list(instances(errors._CONNECTION_ERROR_KEYS)),
    ids=lambda each: repr(each)[:40],
)
def test_placeholders_on_the_way(error: Exception, key: str) -> None:
    """What goes wrong while connecting has texts that can be filled in, wherever it is shown."""
    problem = to_server_problem(error, "http://mass.local:8095")
    assert problem.key == key
    filled = set(problem.placeholders)
    assert find_placeholders(TEXTS["exceptions"][key]["message"]) <= filled
    assert find_placeholders(TEXTS["config"]["error"][key]) <= filled
    abort = TEXTS["config"]["abort"].get(key, "")
    assert find_placeholders(abort) <= filled
    for _, text in leaves(TEXTS["issues"].get(key, {})):
        assert find_placeholders(text) <= filled | {"server"}


def test_errors_of_forms() -> None:
    """A form can show all that stands between us and a server, and nothing else."""
    assert set(TEXTS["config"]["error"]) == problems() | IN_FLOWS | {
        *errors.CERTIFICATE_FAULTS.values()
    }


def literals(argument_name: str, *modules: str) -> set[str]:
    """Return what is written down as an argument."""
    found = (constant(argument(call, argument_name)) for call in nodes(ast.Call, *modules))
    return {each for each in found if each}


def steps_of_config() -> list[str]:
    """Return the modules of the config flow's steps."""
    others = (OPTIONS, LINKS)
    return [name for name in trees() if name.startswith("flows/") and name not in others]


def test_aborts() -> None:
    """Each reason to end a flow has its text, and each text its reason."""
    reasons, texts = literals("reason", *steps_of_config()), set(TEXTS["config"]["abort"])
    assert reasons | OF_HOME_ASSISTANT <= texts
    assert texts - reasons - OF_HOME_ASSISTANT - problems() - IN_FLOWS == set()


def test_steps() -> None:
    """Each step that is shown has its text, and each text its step."""
    forms = (
        constant(call.args[0])
        for call in nodes(ast.Call, *steps_of_config())
        if name_of(call)
        in (
            "_show_form",
            "_show_form_or_certificate",
            "_handle_form",
            "_show_confirmation",
            "_handle_sign_in",
        )
    )
    shown = literals("step_id", *steps_of_config()) | {each for each in forms if each}
    assert set(TEXTS["config"]["step"]) == shown


def test_options() -> None:
    """Each step, end and error of the options has its text, and each text is shown."""
    texts = TEXTS["options"]
    assert set(texts["abort"]) == literals("reason", OPTIONS)
    assert set(texts["step"]) == literals("step_id", OPTIONS) | {
        step
        for call in nodes(ast.Call, OPTIONS)
        if name_of(call) == "_show_form" and (step := constant(call.args[0]))
    }
    assert set(texts["error"]) == {"failed"}


def test_subentries() -> None:
    """Each step, end and error of what is added beside a server has its text, and none is left."""
    texts = TEXTS["config_subentries"].values()
    forms = (
        constant(call.args[0])
        for call in nodes(ast.Call, LINKS)
        if name_of(call) == "_show_credentials_form"
    )
    steps = literals("step_id", LINKS) | {step for step in forms if step}
    assert {step for one in texts for step in one["step"]} == steps
    kept = {
        constant(call.args[1])
        for call in nodes(ast.Call, LINKS)
        if name_of(call) == "_save_accounts"
    }
    ends = literals("reason", LINKS) | {end for end in kept if end}
    assert {end for one in texts for end in one["abort"]} == ends | {"reconfigure_successful"}
    bad_keys = {
        key
        for call in nodes(ast.Call, "share_links/musicapi.py")
        if name_of(call) == "InvalidPrivateKeyError" and (key := constant(call.args[0]))
    }
    errors_shown = {"key_incomplete", "link_refused"} | bad_keys | of_resolvers()
    assert {error for one in texts for error in one.get("error", ())} == errors_shown


def constants() -> dict[str, str]:
    """Return the strings that have a name of their own."""
    return {
        node.target.id: value
        for node in nodes(ast.AnnAssign)
        if isinstance(node.target, ast.Name) and (value := constant(node.value))
    }


def issues() -> set[str]:
    """Return the keys of all repairs: of problems with a server, and those that are written down."""
    calls = [call for call in nodes(ast.Call) if name_of(call) == "async_create_issue"]
    keys = [argument(call, "translation_key") for call in calls]
    keys += [
        call.args[2]
        for call in nodes(ast.Call, "entry/issues.py")
        if name_of(call) == "_create_issue"
    ]
    named = {constant(key) or constants().get(getattr(key, "id", "")) for key in keys}
    return {*SERVER_ISSUES, *TOKEN_ISSUES, *(each for each in named if each)}


def test_repairs() -> None:
    """Each repair has its text, and each text its repair."""
    assert set(TEXTS["issues"]) == issues() >= {ISSUE_SERVER_MOVED}


def test_repair_flows() -> None:
    """Each step and end of a repair has its text, and each text is shown."""
    flows = [texts["fix_flow"] for texts in TEXTS["issues"].values() if "fix_flow" in texts]
    reasons = literals("reason", "repairs.py")
    ends = {reason for flow in flows for reason in flow.get("abort", ())}
    assert {step for flow in flows for step in flow.get("step", ())} == literals(
        "step_id", "repairs.py"
    )
    assert reasons <= ends <= reasons | problems() | IN_FLOWS


def test_system_health() -> None:
    """Each line has its name, and each name its line."""
    assert set(TEXTS["system_health"]["info"]) == {"servers", *CONNECTION_FIELDS}


def leaves(texts: dict[str, Any], *path: str) -> Iterable[tuple[str, str]]:
    """Return all texts with their paths."""
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from leaves(value, *path, key)
        else:
            yield ".".join((*path, key)), value


def test_texts_are_plain() -> None:
    """No text is empty, refers to another one, or has lost its braces."""
    for path, text in leaves(TEXTS):
        assert text.strip() == text != "", path
        assert "[%key" not in text, path
        assert text.count("{") == text.count("}") == len(list(_fields(text))), path


def _fields(text: str) -> Iterator[str]:
    """Return each placeholder as often as it occurs."""
    yield from (part.partition("}")[0] for part in text.split("{")[1:] if "}" in part)


def test_manifest() -> None:
    """The manifest names the libraries that are tested with, and the logger of one."""
    manifest = json.loads((SOURCE / "manifest.json").read_text())
    assert manifest["domain"] == SOURCE.name
    assert manifest["loggers"] == ["music_assistant_client"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(manifest["requirements"]) <= set(project["dependencies"])


def texts_in(language: str) -> dict[str, Any]:
    """Return all texts of a language."""
    content: dict[str, Any] = json.loads(file_of(language).read_text())
    return content


def file_of(language: str) -> Path:
    """Return where the texts of a language are."""
    return TRANSLATIONS.with_name(f"{language}.json")


# How sentences end in scripts that have signs of their own.
ENDS = {"。": ".", "：": ":", "？": "?", "！": "!"}
# Names of products, which stay as they are.
NAMES = re.compile(r"^(Dolby|DTS|The (Bottom Line|Roxy Theatre)|Music Assistant|MusicAPI)\b")
# A text may be this much longer than the English one, in columns: a short one by one word.
LONGEST, ONE_WORD = 1.8, 20


def find_end(text: str, language: str) -> str:
    """Return the sign that ends a sentence, as it is in English."""
    end = ENDS.get(text[-1], text[-1])
    if language == "el" and end == ";":  # asks in Greek
        end = "?"
    return end if end in ".:?!" else ""


def count_columns(text: str) -> int:
    """Return how much room a text takes; a wide character takes that of two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_fits(language: str) -> None:
    """No text is much longer than in English, where it was seen to fit."""
    english = dict(leaves(TEXTS))
    long = {
        path: text
        for path, text in leaves(texts_in(language))
        if count_columns(text) > max(LONGEST * len(english[path]), len(english[path]) + ONE_WORD)
    }
    assert long == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_is_complete(language: str) -> None:
    """Each language has the same texts, which ask for the same, and end in the same way."""
    english, theirs = dict(leaves(TEXTS)), dict(leaves(texts_in(language)))
    assert theirs.keys() == english.keys()
    for path, text in theirs.items():
        assert find_placeholders(text) == find_placeholders(english[path]), path
        assert find_end(text, language) == find_end(english[path], "en"), path
        assert text.count("\n") == english[path].count("\n"), path
        assert text.count("`") == english[path].count("`"), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_can_be_shown(language: str) -> None:
    """No text has what the frontend's formatter would take for its own signs."""
    for path, text in leaves(texts_in(language)):
        assert text.strip() == text, path
        assert "  " not in text, path
        assert not re.search(r"'[{}]|[<>]", text), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_is_in_order(language: str) -> None:
    """The keys are sorted, so that a change is a small one."""
    content = json.dumps(texts_in(language), indent=2, sort_keys=True, ensure_ascii=False)
    assert file_of(language).read_text() == content + "\n"


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_language_is_translated(language: str) -> None:
    """Nothing was left in English but names and words that both languages have."""
    theirs = dict(leaves(texts_in(language)))
    left = [
        path
        for path, text in leaves(TEXTS)
        if text == theirs[path]
        and (text.endswith(".") or len(text.split()) > 2)
        and not NAMES.match(text)
    ]
    assert left == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_home_assistant_takes_all(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    """Home Assistant loads each text, and finds no fault with its placeholders."""
    for category, texts in texts_in(language).items():
        taken = await async_get_translations(hass, language, category, [DOMAIN])
        prefix = f"component.{DOMAIN}.{category}."
        assert taken == {f"{prefix}{path}": text for path, text in leaves(texts)}
    assert "placeholders" not in caplog.text


def test_state_is_told() -> None:
    """The documentation lists each language."""
    text = (ROOT / "docs" / "translations.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\|[^|]+\| `([\w-]+)` \|", text, re.MULTILINE)) == LANGUAGES
