"""Mutants: small faults in functions, applied to the functions of a running process."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
import gc
from pathlib import Path
import random
from types import CodeType, FunctionType
from typing import Any, Final, override

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

ROOT: Final = Path(__file__).parents[2]
INTEGRATION: Final = ROOT / "custom_components" / "music_assistant"
# Parts of the integration by name: the patterns of their files, and how many mutants of each are
# in a sample of 300.
PARTS: Final[Mapping[str, tuple[tuple[str, ...], int]]] = {
    "players": (("players/*.py",), 85),
    "server": (("server/*.py",), 85),
    "resolve": (("media/resolve*.py", "media/query.py", "media/nearest.py"), 40),
    "search": (("media/search.py",), 35),
    "match": (("share_links/match.py", "share_links/normalize.py"), 35),
    "targets": (("actions/targets.py",), 25),
}
# Calls whose arguments aren't behavior: what is logged, and texts of errors for developers.
_IGNORED_CALLS: Final = frozenset({"LOGGER", "cast", "TypeVar"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """Represent a small fault in a file: a line, what was there, and what is there instead."""

    part: str
    path: str  # below the repository
    line: int
    before: str
    after: str
    source: str  # of the whole file

    @property
    def name(self) -> str:
        """Return the name of the mutant in reports."""
        return f"{self.path}:{self.line}: {self.before} -> {self.after}"


class _MutationFinder(cst.CSTVisitor):
    """Find the nodes in functions that can be mutated, and what they become."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, int]] = []
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
                        (node, mutated, position.start.line) for mutated in operator(node)
                    ]
        if isinstance(node, cst.FunctionDef | cst.Lambda):
            self._depth += 1
        return True

    @override
    def on_leave(self, original_node: cst.CSTNode) -> None:
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


def find_mutants(part: str, path: Path) -> Iterator[Callable[[], Mutant | None]]:
    """Yield a function for each mutant of a file that returns it, None if it can't be applied."""
    source = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(source))
    finder = _MutationFinder()
    wrapper.visit(finder)
    module = wrapper.module

    def build(node: cst.CSTNode, mutated: cst.CSTNode, line: int) -> Mutant | None:
        changed = module.deep_replace(node, mutated)
        assert isinstance(changed, cst.Module)
        mutant = Mutant(
            part,
            path.relative_to(ROOT).as_posix(),
            line,
            _to_line(module.code_for_node(node)),
            _to_line(module.code_for_node(mutated)),
            changed.code,
        )
        return mutant if find_changed_codes(path, source, mutant.source) else None

    for node, mutated, line in finder.found:
        yield partial(build, node, mutated, line)


def _to_line(code: str) -> str:
    return " ".join(code.split())[:120]


def sample_mutants(seed: int, count: int, parts: Iterable[str] = PARTS) -> list[Mutant]:
    """Return a sample of mutants, the same for the same seed and sources."""
    sample: list[Mutant] = []
    for part in parts:
        patterns, share = PARTS[part]
        paths = sorted(path for pattern in patterns for path in INTEGRATION.glob(pattern))
        builders = [builder for path in paths for builder in find_mutants(part, path)]
        random.Random(f"{seed} {part}").shuffle(builders)
        wanted = max(1, round(count * share / sum(share for _, share in PARTS.values())))
        mutants = (mutant for builder in builders if (mutant := builder()))
        sample += [mutant for mutant, _ in zip(mutants, range(wanted), strict=False)]
    return sample


# Application


def _iterate_codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a code object and all that are nested in it, in the order of the source."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _iterate_codes(constant)


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
    functions = {
        old: new
        for old, new in changed.items()
        if old.co_flags & 0x2 and old.co_freevars == new.co_freevars  # CO_NEWLOCALS
    }
    return functions or {}


def apply_mutant(mutant: Mutant) -> int:
    """Give the functions of this process the code of a mutant; return how many changed."""
    path = ROOT / mutant.path
    codes = find_changed_codes(path, path.read_text(encoding="utf-8"), mutant.source)
    functions: list[Any] = [found for found in gc.get_objects() if isinstance(found, FunctionType)]
    changed = [function for function in functions if function.__code__ in codes]
    for function in changed:
        function.__code__ = codes[function.__code__]
    return len(changed)
