"""The rooms: as README.md lists them, each importing only from those above it."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
from typing import Final

ROOT: Final = Path(__file__).parent.parent
HOUSE: Final = ROOT / "custom_components" / "music_assistant"
ROW: Final = re.compile(r"^\| (`[^|]+`) \| (.+) \|$", re.MULTILINE)
NAME: Final = re.compile(r"`([^`]+)`")


def rows() -> list[tuple[list[str], str]]:
    """Return the rooms of each row of the table, from above, and what is said of them."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("\n| room |")[2].partition("\n\n")[0]
    return [(NAME.findall(rooms), said) for rooms, said in ROW.findall(table)]


def modules() -> Iterator[Path]:
    """Yield the modules, relative to the house."""
    yield from (path.relative_to(HOUSE) for path in sorted(HOUSE.rglob("*.py")))


def room_of(module: Path) -> str:
    """Return the room of a module, as the table names it."""
    return f"{module.parts[0]}/" if len(module.parts) > 1 else module.name


def imported(module: Path) -> Iterator[str]:
    """Yield the rooms that a module imports from."""
    tree = ast.parse((HOUSE / module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            package = module.parts[: len(module.parts) - node.level]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                first = (*package, *name.split("."))[0]
                yield f"{first}/" if (HOUSE / first).is_dir() else f"{first}.py"


def test_all_are_listed() -> None:
    """Each room is in the table once, and each module of a folder is named in its room's row."""
    listed = [room for rooms, _ in rows() for room in rooms]
    assert sorted(listed) == sorted({room_of(module) for module in modules()})
    said = {room: text for rooms, text in rows() for room in rooms}
    assert [
        str(module)
        for module in modules()
        if len(module.parts) > 1
        and module.stem != "__init__"
        and f"`{module.stem}`" not in said[room_of(module)]
    ] == []


def test_imports_go_up() -> None:
    """No room knows of one below it."""
    level = {room: number for number, (rooms, _) in enumerate(rows()) for room in rooms}
    found = [(module, room) for module in modules() for room in imported(module)]
    assert len(found) > 100
    assert [(str(one), room) for one, room in found if level[room] > level[room_of(one)]] == []
