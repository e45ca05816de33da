"""Test the layers: each package imports only from packages above it in docs/architecture.md."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
from typing import Final

ROOT: Final = Path(__file__).parent.parent
INTEGRATION: Final = ROOT / "custom_components" / "music_assistant"
ROW: Final = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)
NAME: Final = re.compile(r"`([^`]+)`")


def get_layers() -> list[list[str]]:
    """Return the packages and modules of each row of the table, from the top."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("\n| package |")[2].partition("\n\n")[0]
    return [NAME.findall(names) for names in ROW.findall(table)]


def find_modules() -> Iterator[Path]:
    """Yield the modules, relative to the integration."""
    yield from (path.relative_to(INTEGRATION) for path in sorted(INTEGRATION.rglob("*.py")))


def get_package(module: Path) -> str:
    """Return the package of a module, or the module itself, as the table names it."""
    return f"{module.parts[0]}/" if len(module.parts) > 1 else module.name


def find_imports(module: Path) -> Iterator[str]:
    """Yield the packages that a module imports from."""
    tree = ast.parse((INTEGRATION / module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            package = module.parts[: len(module.parts) - node.level]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                first = (*package, *name.split("."))[0]
                yield f"{first}/" if (INTEGRATION / first).is_dir() else f"{first}.py"


def test_all_are_listed() -> None:
    """Each package and each module of the root is in the table once."""
    listed = [package for packages in get_layers() for package in packages]
    assert sorted(listed) == sorted({get_package(module) for module in find_modules()})


def test_imports_go_up() -> None:
    """No package imports from one below it."""
    level = {package: row for row, packages in enumerate(get_layers()) for package in packages}
    found = [(module, package) for module in find_modules() for package in find_imports(module)]
    assert len(found) > 100
    assert [
        (str(module), package)
        for module, package in found
        if level[package] > level[get_package(module)]
    ] == []
