"""The documentation: what it says of actions, triggers and files is so, and its links lead somewhere."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any, Final, cast

import pytest

from custom_components.music_assistant.actions import ACTIONS
from custom_components.music_assistant.actions.base import ServerAction
from custom_components.music_assistant.const import DOMAIN
from homeassistant.core import SupportsResponse
from homeassistant.util.yaml import load_yaml_dict, parse_yaml

from .test_services import SOURCE, get_fields
from .translation_texts import ROOT, TRANSLATIONS

PAGES: Final = {
    path: path.read_text(encoding="utf-8")
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
}
CODE: Final = re.compile(r"`([^`]+)`")
BY_NAME: Final = {action.name: action for action in ACTIONS}
DESCRIBED: Final = load_yaml_dict(str(SOURCE / "services.yaml"))


def read_page(name: str) -> str:
    """Return the text of a page in docs/."""
    return PAGES[ROOT / "docs" / f"{name}.md"]


def iterate_rows(name: str, heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row below a heading, of all tables of a page that have it."""
    tables = read_page(name).split(f"\n{heading}\n")[1:]
    assert tables, heading
    for each in tables:
        for row in each.partition("\n\n")[0].splitlines()[1:]:
            yield [cell.strip() for cell in row.strip("|").split("|")]


def find_names(cell: str) -> list[str]:
    """Return the names in a table cell, without the domain."""
    return [name.removeprefix(f"{DOMAIN}.") for name in CODE.findall(cell)]


@dataclass(frozen=True)
class Row:
    """A row of a table of actions, which may have several of them."""

    names: list[str]
    target: str
    answers: str


ROWS: Final = [
    Row(find_names(names), target, answers)
    for names, _, target, answers in iterate_rows(
        "actions", "| action | what it does | for | answers |"
    )
]
# By heading, the examples below it: the sequence of a script.
EXAMPLES: Final[dict[str, list[dict[str, Any]]]] = {
    section.partition("\n")[0]: cast("list[dict[str, Any]]", parse_yaml(block[1]))
    for section in read_page("actions").split("\n## ")[1:]
    if (block := re.search(r"```yaml\n(.*?)```", section, re.DOTALL))
}


def test_each_action_is_listed_once() -> None:
    """The tables have all actions, and each has an example."""
    listed = [name for row in ROWS for name in row.names]
    assert sorted(listed) == sorted(BY_NAME) == sorted(DESCRIBED)
    shown = {step.get("action") for steps in EXAMPLES.values() for step in steps}
    assert [name for name in sorted(listed) if f"{DOMAIN}.{name}" not in shown] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names[0])
def test_target_and_answer(row: Row) -> None:
    """The table says who is asked, and whether there is an answer."""
    assert {isinstance(BY_NAME[name], ServerAction) for name in row.names} == {
        "server" in row.target
    }
    answering = [BY_NAME[name].supports_response is not SupportsResponse.NONE for name in row.names]
    assert bool(row.answers) is any(answering)


@pytest.mark.parametrize(
    "row",
    iterate_rows("switching", "| action | mass_queue's fields | answers |"),
    ids=lambda row: row[0][:30],
)
def test_mass_queue(row: list[str]) -> None:
    """What mass_queue's actions take can be given to ours."""
    for name in find_names(row[0]):
        assert set(CODE.findall(row[1])) <= get_fields(DESCRIBED[name]).keys() | {"entity"}
        assert bool(row[2]) is (BY_NAME[name].supports_response is not SupportsResponse.NONE)


@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        ("triggers", "| trigger | options | tells (`trigger.*`) |"),
        ("conditions", "| condition | options |"),
    ],
)
def test_automations(kind: str, heading: str) -> None:
    """Each trigger and condition is listed."""
    listed = [name for row in iterate_rows("automations", heading) for name in find_names(row[0])]
    ours = [name for name in load_yaml_dict(str(SOURCE / f"{kind}.yaml")) if name[0] not in "._"]
    assert sorted(listed) == sorted(ours)


def test_what_is_seen() -> None:
    """What somebody may see is what a text says, or what is logged."""
    said = "".join(path.read_text() for path in [TRANSLATIONS, *SOURCE.rglob("*.py")])
    quotes = [
        quote
        for seen, _ in iterate_rows("troubleshooting", "| what you see | what to do |")
        for quote in re.findall(r'"([^"]+)"', seen)
    ]
    assert len(quotes) > 10
    for quote in quotes:
        assert re.search(r"\{\w+\}".join(map(re.escape, quote.split("..."))), said), quote


def get_anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE
    )
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links(path: Path) -> None:
    """Each link within the repository leads to a file, and to a heading of it."""
    for link in re.findall(r"\]\((?!\w+:)([^)\s]+)\)", PAGES[path]):
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), link
        if anchor:
            assert anchor in get_anchors(PAGES[file]), link


def test_each_page_is_linked() -> None:
    """The README leads to each page."""
    readme = PAGES[ROOT / "README.md"]
    assert [
        path.name for path in ROOT.glob("docs/*.md") if f"(docs/{path.name})" not in readme
    ] == []
    assert len(readme.encode()) <= 10_000


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_files(path: Path) -> None:
    """Each file that is named is there."""
    file = re.compile(r"`((?:\.ci|\.github|custom_components|docs|scripts|tests)/[\w/.-]+)`")
    assert [each for each in file.findall(PAGES[path]) if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_yaml(path: Path) -> None:
    """What is written down as YAML is YAML."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGES[path], re.DOTALL)
    assert all(parse_yaml(block) for block in blocks)


def find_definitions() -> dict[str, set[str]]:
    """Return the names that the integration defines, and those that are defined within each."""
    found: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            within = {getattr(each, "name", "") for each in ast.walk(node)}
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.TypeAlias):
                names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            else:
                names = {getattr(node, "name", "")}
            for name in names:
                found.setdefault(name, set()).update(within)
    return found


def test_architecture_names_what_there_is() -> None:
    """Modules, classes and functions that the page names have these names today."""
    text, facts = read_page("architecture").split("\n## Facts that cost time\n")
    named = set(CODE.findall(text))  # the facts name Home Assistant's and the library's code, too
    modules = {
        name
        for name in {*named, *CODE.findall(facts)}
        if re.fullmatch(r"(?!tests|scripts)[\w/]+\.py", name)
    }
    assert [each for each in sorted(modules) if not (SOURCE / each).exists()] == []
    definitions = find_definitions()
    everything = set().union(*definitions.values(), definitions)
    classes = {name for name in named if re.fullmatch(r"(?:[A-Z][a-z]+){2,}(?:\.\w+)?", name)}
    functions = {name for name in named if re.fullmatch(r"_?[a-z]+_[a-z_]+", name)}
    assert len(classes) > 30
    assert [each for each in sorted(functions) if each not in everything] == []
    for owner, _, name in (each.partition(".") for each in sorted(classes)):
        assert owner in definitions, owner
        assert not name or name in definitions[owner], f"{owner}.{name}"
