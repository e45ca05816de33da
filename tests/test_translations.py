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
def parse_modules() -> dict[str, ast.Module]:
    """Return the syntax trees of all modules, by path."""
    return {
        str(path.relative_to(SOURCE)): ast.parse(path.read_text())
        for path in sorted(SOURCE.rglob("*.py"))
    }


def find_nodes[N: ast.AST](kind: type[N], *modules: str) -> Iterator[N]:
    """Yield the nodes of a type, in some modules or in all."""
    for name, tree in parse_modules().items():
        if not modules or name in modules:
            yield from (node for node in ast.walk(tree) if isinstance(node, kind))


def get_called_name(call: ast.Call) -> str:
    """Return the last name of the called function."""
    return str(getattr(call.func, "attr", None) or getattr(call.func, "id", ""))


def get_string(node: ast.AST | None) -> str | None:
    """Return the value of a string constant, None for other nodes."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def get_argument(call: ast.Call, name: str) -> ast.expr | None:
    """Return a keyword argument of a call."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def get_dict_keys(node: ast.AST | None) -> set[str]:
    """Return the constant keys of the dicts in a node."""
    dicts = [each for each in ast.walk(node) if isinstance(each, ast.Dict)] if node else []
    return {key for each in dicts for item in each.keys if (key := get_string(item))}


@dataclass(frozen=True)
class Raised:
    """An error that is raised with a key that is written down."""

    key: str
    placeholders: frozenset[str]


@cache
def find_raising_functions() -> dict[str, frozenset[str]]:
    """Return the functions that raise an error of a given key, with the placeholders they add."""
    found: dict[str, frozenset[str]] = {"ServerProblem": frozenset()}
    before = -1
    while before != len(found):
        before = len(found)
        for function in find_nodes(ast.FunctionDef):
            for call in (each for each in ast.walk(function) if isinstance(each, ast.Call)):
                given = get_argument(call, "translation_key") or (
                    call.args[0] if call.args else None
                )
                if getattr(given, "id", None) != "key" or function.name.startswith("__"):
                    continue
                if get_called_name(call) == "async_create_issue":
                    continue
                if get_argument(call, "translation_key") or get_called_name(call) in found:
                    of_call = {each.arg for each in call.keywords if each.arg}
                    inner = found.get(get_called_name(call), frozenset())
                    found[function.name] = inner | of_call | get_dict_keys(function)
    return found


def find_raised_errors() -> list[Raised]:
    """Return the errors that are raised with a constant key."""
    found = []
    for call in find_nodes(ast.Call):
        if get_argument(call, "translation_domain") and (
            key := get_string(get_argument(call, "translation_key"))
        ):
            if get_called_name(call) == "async_create_issue":
                continue
            placeholders = get_dict_keys(get_argument(call, "translation_placeholders"))
            found.append(Raised(key, frozenset(placeholders)))
        elif (
            get_called_name(call) in find_raising_functions()
            and call.args
            and (key := get_string(call.args[0]))
        ):
            of_call = {each.arg for each in call.keywords if each.arg}
            found.append(Raised(key, find_raising_functions()[get_called_name(call)] | of_call))
    return found


def find_server_problems(*modules: str) -> set[str]:
    """Return the keys of server problems."""
    calls = [
        call for call in find_nodes(ast.Call, *modules) if get_called_name(call) == "ServerProblem"
    ]
    return {key for call in calls if (key := get_string(call.args[0]))}


def find_resolver_errors() -> set[str]:
    """Return the keys of errors of link resolvers."""
    calls = [call for call in find_nodes(ast.Call) if get_called_name(call) == "ResolverError"]
    return {key for call in calls if (key := get_string(call.args[0]))} | set(
        _KEY_BY_STATUS.values()
    )


def get_table_keys(table: errors.ErrorTable) -> set[str]:
    """Return the keys of an error table."""
    return {key for _, key in table}


ON_THE_WAY = get_table_keys(errors._CONNECTION_ERROR_KEYS) | {"unknown", "certificate_changed"}
IN_FLOWS = ON_THE_WAY | set(PROXY_PROBLEMS.values())
ASKED = get_table_keys(errors._COMMAND_ERROR_KEYS)


def test_search_finds_known_keys() -> None:
    """The search in the code finds keys that are known to be used."""
    assert {"build_player_error", "get_choice_id"} <= set(find_raising_functions())
    assert {each.key for each in find_raised_errors()} >= {
        "no_queue",
        "unknown_source",
        "nothing_found",
    }
    assert find_server_problems() >= {"invalid_address", "too_many_attempts"}


def test_exceptions() -> None:
    """Each raised error has a text, and each text is used."""
    in_flows_only = find_server_problems() - find_server_problems(
        "server/connection.py", "server/errors.py", "server/discovery.py"
    )
    used = {each.key for each in find_raised_errors()} - in_flows_only | IN_FLOWS | ASKED
    used |= find_resolver_errors()
    assert used - set(TEXTS["exceptions"]) == set()
    assert set(TEXTS["exceptions"]) - used - find_server_problems() == set()


@pytest.mark.parametrize("error", find_raised_errors(), ids=lambda error: error.key)
def test_placeholders(error: Raised) -> None:
    """The placeholders of each text are filled in where the error is raised."""
    for group in ("exceptions", "config.error"):
        texts: dict[str, Any] = TEXTS
        for part in group.split("."):
            texts = texts[part]
        text = texts.get(error.key, "")
        asked = find_placeholders(text if isinstance(text, str) else text["message"])
        # a form has the address by itself
        assert asked <= error.placeholders | ({"url", "error"} if group != "exceptions" else set())


def create_errors(table: errors.ErrorTable) -> Iterator[tuple[Exception, str]]:
    """Yield an error for each row of a table, with its key."""
    for kinds, key in table:
        for kind in kinds:
            if kind is CommandTimeout:
                yield CommandTimeout("players/all", 30), key
            elif not kind.__module__.startswith("aiohttp") and issubclass(
                kind, MusicAssistantError | InvalidServerVersion | OSError
            ):
                yield kind("the reason"), key


@pytest.mark.parametrize(
    ("error", "key"),
    list(create_errors(errors._COMMAND_ERROR_KEYS)),
    ids=lambda each: repr(each)[:40],
)
def test_placeholders_of_command_errors(error: Exception, key: str) -> None:
    """The placeholders of texts for errors of commands are filled in."""
    with pytest.raises(HomeAssistantError) as caught, translate_errors("The server"):
        raise error
    assert caught.value.translation_key == key
    asked = find_placeholders(TEXTS["exceptions"][key]["message"])
    assert asked <= set(caught.value.translation_placeholders or {})


@pytest.mark.parametrize(
    ("error", "key"),
    list(create_errors(errors._CONNECTION_ERROR_KEYS)),
    ids=lambda each: repr(each)[:40],
)
def test_placeholders_of_connection_errors(error: Exception, key: str) -> None:
    """The placeholders of texts for connection errors are filled in, in forms and issues, too."""
    problem = to_server_problem(error, "http://mass.local:8095")
    assert problem.key == key
    filled = set(problem.placeholders)
    assert find_placeholders(TEXTS["exceptions"][key]["message"]) <= filled
    assert find_placeholders(TEXTS["config"]["error"][key]) <= filled
    abort = TEXTS["config"]["abort"].get(key, "")
    assert find_placeholders(abort) <= filled
    for _, text in flatten_texts(TEXTS["issues"].get(key, {})):
        assert find_placeholders(text) <= filled | {"server"}


def test_form_errors() -> None:
    """Each server problem has a text in the config flow, and each text is used."""
    assert set(TEXTS["config"]["error"]) == find_server_problems() | IN_FLOWS | {
        *errors.CERTIFICATE_FAULTS.values()
    }


def find_constant_arguments(argument_name: str, *modules: str) -> set[str]:
    """Return the constant values of an argument in all calls."""
    found = (
        get_string(get_argument(call, argument_name)) for call in find_nodes(ast.Call, *modules)
    )
    return {each for each in found if each}


def get_config_flow_modules() -> list[str]:
    """Return the modules of the config flow's steps."""
    others = (OPTIONS, LINKS)
    return [name for name in parse_modules() if name.startswith("flows/") and name not in others]


def test_abort_reasons() -> None:
    """Each abort reason has a text, and each text is used."""
    reasons, texts = (
        find_constant_arguments("reason", *get_config_flow_modules()),
        set(TEXTS["config"]["abort"]),
    )
    assert reasons | OF_HOME_ASSISTANT <= texts
    assert texts - reasons - OF_HOME_ASSISTANT - find_server_problems() - IN_FLOWS == set()


def test_steps() -> None:
    """Each step has a text, and each text is used."""
    forms = (
        get_string(call.args[0])
        for call in find_nodes(ast.Call, *get_config_flow_modules())
        if get_called_name(call)
        in (
            "_show_form",
            "_show_form_or_certificate",
            "_handle_form",
            "_show_confirmation",
            "_handle_sign_in",
        )
    )
    shown = find_constant_arguments("step_id", *get_config_flow_modules()) | {
        each for each in forms if each
    }
    assert set(TEXTS["config"]["step"]) == shown


def test_options() -> None:
    """Each step, abort reason and error of the options flow has a text, and each text is used."""
    texts = TEXTS["options"]
    assert set(texts["abort"]) == find_constant_arguments("reason", OPTIONS)
    assert set(texts["step"]) == find_constant_arguments("step_id", OPTIONS) | {
        step
        for call in find_nodes(ast.Call, OPTIONS)
        if get_called_name(call) == "_show_form" and (step := get_string(call.args[0]))
    }
    assert set(texts["error"]) == {"failed"}


def test_subentries() -> None:
    """Each step, abort reason and error of subentry flows has a text, and each text is used."""
    texts = TEXTS["config_subentries"].values()
    forms = (
        get_string(call.args[0])
        for call in find_nodes(ast.Call, LINKS)
        if get_called_name(call) == "_show_credentials_form"
    )
    steps = find_constant_arguments("step_id", LINKS) | {step for step in forms if step}
    assert {step for one in texts for step in one["step"]} == steps
    kept = {
        get_string(call.args[1])
        for call in find_nodes(ast.Call, LINKS)
        if get_called_name(call) == "_save_accounts"
    }
    ends = find_constant_arguments("reason", LINKS) | {end for end in kept if end}
    assert {end for one in texts for end in one["abort"]} == ends | {"reconfigure_successful"}
    bad_keys = {
        key
        for call in find_nodes(ast.Call, "share_links/musicapi.py")
        if get_called_name(call) == "InvalidPrivateKeyError" and (key := get_string(call.args[0]))
    }
    errors_shown = {"key_incomplete", "link_refused"} | bad_keys | find_resolver_errors()
    assert {error for one in texts for error in one.get("error", ())} == errors_shown


def find_named_strings() -> dict[str, str]:
    """Return the string constants of modules, by name."""
    return {
        node.target.id: value
        for node in find_nodes(ast.AnnAssign)
        if isinstance(node.target, ast.Name) and (value := get_string(node.value))
    }


def find_issue_keys() -> set[str]:
    """Return the keys of all issues."""
    calls = [call for call in find_nodes(ast.Call) if get_called_name(call) == "async_create_issue"]
    keys = [get_argument(call, "translation_key") for call in calls]
    keys += [
        call.args[2]
        for call in find_nodes(ast.Call, "entry/issues.py")
        if get_called_name(call) == "_create_issue"
    ]
    named = {get_string(key) or find_named_strings().get(getattr(key, "id", "")) for key in keys}
    return {*SERVER_ISSUES, *TOKEN_ISSUES, *(each for each in named if each)}


def test_issues() -> None:
    """Each issue has a text, and each text is used."""
    assert set(TEXTS["issues"]) == find_issue_keys() >= {ISSUE_SERVER_MOVED}


def test_repair_flows() -> None:
    """Each step and abort reason of a repair flow has a text, and each text is used."""
    flows = [texts["fix_flow"] for texts in TEXTS["issues"].values() if "fix_flow" in texts]
    reasons = find_constant_arguments("reason", "repairs.py")
    ends = {reason for flow in flows for reason in flow.get("abort", ())}
    assert {step for flow in flows for step in flow.get("step", ())} == find_constant_arguments(
        "step_id", "repairs.py"
    )
    assert reasons <= ends <= reasons | find_server_problems() | IN_FLOWS


def test_system_health() -> None:
    """Each line of the system health has a name, and each name is used."""
    assert set(TEXTS["system_health"]["info"]) == {"servers", *CONNECTION_FIELDS}


def flatten_texts(texts: dict[str, Any], *path: str) -> Iterable[tuple[str, str]]:
    """Yield all texts with their dotted paths."""
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from flatten_texts(value, *path, key)
        else:
            yield ".".join((*path, key)), value


def test_texts_are_valid() -> None:
    """No text is empty, has a reference or an unbalanced brace."""
    for path, text in flatten_texts(TEXTS):
        assert text.strip() == text != "", path
        assert "[%key" not in text, path
        assert text.count("{") == text.count("}") == len(list(_find_fields(text))), path


def _find_fields(text: str) -> Iterator[str]:
    """Yield each placeholder as often as it occurs."""
    yield from (part.partition("}")[0] for part in text.split("{")[1:] if "}" in part)


def test_manifest() -> None:
    """The manifest names the tested requirements and the library's logger."""
    manifest = json.loads((SOURCE / "manifest.json").read_text())
    assert manifest["domain"] == SOURCE.name
    assert manifest["loggers"] == ["music_assistant_client"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(manifest["requirements"]) <= set(project["dependencies"])


def load_texts(language: str) -> dict[str, Any]:
    """Return all texts of a language."""
    content: dict[str, Any] = json.loads(get_file(language).read_text())
    return content


def get_file(language: str) -> Path:
    """Return the file of a language."""
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
def test_text_length(language: str) -> None:
    """No text is much longer than the English one."""
    english = dict(flatten_texts(TEXTS))
    long = {
        path: text
        for path, text in flatten_texts(load_texts(language))
        if count_columns(text) > max(LONGEST * len(english[path]), len(english[path]) + ONE_WORD)
    }
    assert long == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_is_complete(language: str) -> None:
    """Each language has the same texts, placeholders, line breaks and sentence ends as English."""
    english, theirs = dict(flatten_texts(TEXTS)), dict(flatten_texts(load_texts(language)))
    assert theirs.keys() == english.keys()
    for path, text in theirs.items():
        assert find_placeholders(text) == find_placeholders(english[path]), path
        assert find_end(text, language) == find_end(english[path], "en"), path
        assert text.count("\n") == english[path].count("\n"), path
        assert text.count("`") == english[path].count("`"), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_has_no_markup(language: str) -> None:
    """No text has characters that the frontend's formatter interprets."""
    for path, text in flatten_texts(load_texts(language)):
        assert text.strip() == text, path
        assert "  " not in text, path
        assert not re.search(r"'[{}]|[<>]", text), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_are_sorted(language: str) -> None:
    """The keys are sorted."""
    content = json.dumps(load_texts(language), indent=2, sort_keys=True, ensure_ascii=False)
    assert get_file(language).read_text() == content + "\n"


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_language_is_translated(language: str) -> None:
    """No sentence is left in English, except names."""
    theirs = dict(flatten_texts(load_texts(language)))
    left = [
        path
        for path, text in flatten_texts(TEXTS)
        if text == theirs[path]
        and (text.endswith(".") or len(text.split()) > 2)
        and not NAMES.match(text)
    ]
    assert left == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_texts_are_loaded(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    """Home Assistant loads each text and accepts its placeholders."""
    for category, texts in load_texts(language).items():
        taken = await async_get_translations(hass, language, category, [DOMAIN])
        prefix = f"component.{DOMAIN}.{category}."
        assert taken == {f"{prefix}{path}": text for path, text in flatten_texts(texts)}
    assert "placeholders" not in caplog.text


def test_languages_are_documented() -> None:
    """The documentation lists each language."""
    text = (ROOT / "docs" / "translations.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\|[^|]+\| `([\w-]+)` \|", text, re.MULTILINE)) == LANGUAGES
