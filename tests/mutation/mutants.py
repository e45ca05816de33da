"""Mutants: small faults in functions, applied to the functions of a running process."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
import gc
from hashlib import sha256
from itertools import islice
from os.path import commonprefix
from pathlib import Path
import tomllib
from types import CodeType, FunctionType
from typing import Any, Final, override

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

ROOT: Final = Path(__file__).parents[2]
INTEGRATION: Final = ROOT / "custom_components" / "music_assistant"
CONFIG: Final[Mapping[str, Any]] = tomllib.loads(
    (ROOT / "pyproject.toml").read_text(encoding="utf-8")
)["tool"]["mutation"]
PARTS: Final[Mapping[str, Mapping[str, Any]]] = CONFIG["parts"]
_CONTEXT_SIZE: Final = 30  # characters that are shown around a fault
# Calls whose arguments aren't behavior: what is logged, and texts of errors for developers.
_IGNORED_CALLS: Final = frozenset({"LOGGER", "cast", "TypeVar"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """Represent a small fault in a file; its name stays when other functions change."""

    name: str
    part: str
    path: str  # below the repository
    place: str  # of the changed line, as `get_place` returns it
    source: str  # of the whole file


class _MutationFinder(cst.CSTVisitor):
    """Find the nodes in functions that can be mutated, and what they become."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, cst.CSTNode, cst.CSTNode, int]] = []
        self._names: list[str] = []  # of the classes and functions around
        self._depth = 0  # of functions

    @override
    def on_visit(self, node: cst.CSTNode) -> bool:
        if _is_ignored(node):
            return False
        position = self.get_metadata(PositionProvider, node, None)  # blanks have none
        if self._depth and position:
            for node_type, operator in mutation_operators:
                if isinstance(node, node_type):
                    self.found += [
                        (".".join(self._names), node, mutated, position.start.line)
                        for mutated in operator(node)
                    ]
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._names.append(node.name.value)
        if isinstance(node, cst.FunctionDef | cst.Lambda):
            self._depth += 1
        return True

    @override
    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._names.pop()
        if isinstance(original_node, cst.FunctionDef | cst.Lambda):
            self._depth -= 1


def _is_ignored(node: cst.CSTNode) -> bool:
    """Return whether a part of the code has no behavior, or is run when it is imported."""
    if isinstance(node, cst.Annotation | cst.Decorator | cst.Parameters):
        return True
    if isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString):
        return True  # a docstring
    if isinstance(node, cst.Call):
        function = node.func.value if isinstance(node.func, cst.Attribute) else node.func
        return isinstance(function, cst.Name) and function.value in _IGNORED_CALLS
    return False


def find_mutants(part: str, path: Path) -> Iterator[tuple[str, Callable[[], Mutant | None]]]:
    """Yield the name of each mutant of a file with a function that returns it if it's usable."""
    source = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(source))
    finder = _MutationFinder()
    wrapper.visit(finder)
    module = wrapper.module
    relative = path.relative_to(ROOT).as_posix()

    def build(name: str, node: cst.CSTNode, mutated: cst.CSTNode, line: int) -> Mutant | None:
        return build_mutant(name, part, path, module.deep_replace(node, mutated), line)

    counts = Counter[str]()
    for function, node, mutated, line in finder.found:
        before, after = module.code_for_node(node), module.code_for_node(mutated)
        name = f"{relative}:{function}: {_format_change(before, after)}"
        counts[name] += 1
        name += f" #{counts[name]}" if counts[name] > 1 else ""
        yield name, partial(build, name, node, mutated, line)


def build_mutant(
    name: str, part: str, path: Path, changed: cst.CSTNode, line: int
) -> Mutant | None:
    """Return the mutant of a file, None if the changed line isn't within a function."""
    assert isinstance(changed, cst.Module)
    codes = find_changed_codes(path, path.read_text(encoding="utf-8"), changed.code)
    place = _find_place(codes, line)
    relative = path.relative_to(ROOT).as_posix()
    return Mutant(name, part, relative, place, changed.code) if place else None


def _format_change(before: str, after: str) -> str:
    """Return what is different in two pieces of code, with a little around it."""
    before, after = " ".join(before.split()), " ".join(after.split())
    start = max(len(commonprefix((before, after))) - _CONTEXT_SIZE, 0)
    end = len(commonprefix((before[:start:-1], after[:start:-1])))
    end = max(end - _CONTEXT_SIZE, 0)
    return " -> ".join(text[start : len(text) - end] for text in (before, after))


def sample_mutants(seed: int, count: int, parts: Iterable[str] = PARTS) -> list[Mutant]:
    """Return a sample of mutants; a change of the sources changes no more of it than it must."""
    sample: list[Mutant] = []
    for part in parts:
        paths = {path for pattern in PARTS[part]["files"] for path in INTEGRATION.glob(pattern)}
        found = [mutant for path in sorted(paths) for mutant in find_mutants(part, path)]
        found.sort(key=lambda mutant: sha256(f"{seed} {mutant[0]}".encode()).digest())
        wanted = max(1, round(count * PARTS[part]["share"] / 100))
        built = (mutant for _, build in found if (mutant := build()))
        sample += islice(built, wanted)
    return sample


# Application


def _iterate_codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a code object and all that are nested in it, in the order of the source."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _iterate_codes(constant)


def get_place(code: CodeType, line: int) -> str:
    """Return a line by its file and function, so that it stays when other functions change."""
    path = Path(code.co_filename).relative_to(ROOT).as_posix()
    return f"{path}:{code.co_qualname}:{line - code.co_firstlineno}"


def _find_place(codes: Iterable[CodeType], line: int) -> str | None:
    """Return the place where the innermost of the functions runs a line, or what it's part of."""
    place = None
    for code in codes:
        if code.co_name == "__annotate__":  # generated, with the lines of what is around
            continue
        lines = sorted({number for *_, number in code.co_lines() if number})
        if lines and code.co_firstlineno <= line <= lines[-1]:
            place = get_place(code, max(number for number in lines if number <= line))
    return place


def find_changed_codes(path: Path, source: str, mutated: str) -> dict[CodeType, CodeType]:
    """Return the code objects of functions that differ, empty if the mutant isn't within one."""
    try:
        before, after = (
            [*_iterate_codes(compile(text, str(path), "exec", dont_inherit=True))]
            for text in (source, mutated)
        )
    except SyntaxError:
        return {}
    if len(before) != len(after):
        return {}
    changed = {old: new for old, new in zip(before, after, strict=True) if old != new}
    return {
        old: new
        for old, new in changed.items()
        if old.co_flags & 0x2 and old.co_freevars == new.co_freevars  # CO_NEWLOCALS
    }


def apply_mutant(mutant: Mutant) -> int:
    """Give the functions of this process the code of a mutant; return how many changed."""
    gc.unfreeze()  # Home Assistant's harness hides objects from the collector
    path = ROOT / mutant.path
    codes = find_changed_codes(path, path.read_text(encoding="utf-8"), mutant.source)
    functions: list[Any] = [found for found in gc.get_objects() if isinstance(found, FunctionType)]
    changed = [function for function in functions if function.__code__ in codes]
    for function in changed:
        function.__code__ = codes[function.__code__]
    return len(changed)
