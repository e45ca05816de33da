"""Remove each check of a permission in turn: ``python -m tests.mutation.checks``.

Each of these faults must be noticed by a test, so none of them is left to a sample.
"""

from collections.abc import Iterator
import sys
from typing import Final, override

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
import pytest

from .__main__ import PYTEST_OPTIONS
from .mutants import INTEGRATION, ROOT, Mutant, build_mutant
from .plugin import KILLED, MutationPlugin, warm_up

# Functions that raise without permission, and those that return whether there is one.
_RAISING: Final = frozenset(
    {
        "async_check_access",
        "async_check_admin",
        "async_check_control",
        "async_check_player_control",
        "check_permission",
    }
)
_ANSWERING: Final = frozenset(
    {"async_can_see_other_users", "can_read", "has_access", "is_permitted"}
)
_TESTS: Final = (
    *("test_permissions.py", "test_targets.py", "test_websocket.py", "test_discover.py"),
    *("test_llm.py", "test_intents.py"),
)


class _CheckFinder(cst.CSTVisitor):
    """Find the checks in functions, and what they become without their effect."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, int]] = []

    @override
    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Expr) and _get_called_name(node.value) in _RAISING:
            self._add(node, cst.Expr(cst.Name("None")))
            return False
        if isinstance(node, cst.Await | cst.Call) and _get_called_name(node) in _ANSWERING:
            self._add(node, cst.Name("True"))
            return False
        return True

    def _add(self, node: cst.CSTNode, mutated: cst.CSTNode) -> None:
        self.found.append((node, mutated, self.get_metadata(PositionProvider, node).start.line))


def _get_called_name(node: cst.CSTNode) -> str | None:
    """Return the name of the function or method that an expression calls or awaits."""
    call = node.expression if isinstance(node, cst.Await) else node
    if not isinstance(call, cst.Call):
        return None
    function = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    return function.value if isinstance(function, cst.Name) else None


def find_checks() -> Iterator[Mutant]:
    """Yield a mutant without each of the checks."""
    for path in sorted(INTEGRATION.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        wrapper, finder = MetadataWrapper(cst.parse_module(source)), _CheckFinder()
        wrapper.visit(finder)
        for node, mutated, line in finder.found:
            code = " ".join(wrapper.module.code_for_node(node).split())
            name = f"{path.relative_to(ROOT).as_posix()}:{line}: {code}"
            changed = wrapper.module.deep_replace(node, mutated)
            if mutant := build_mutant(name, "", path, changed, line):
                yield mutant


class ChecksPlugin(MutationPlugin):
    """Runs all collected tests for each mutant, in a fork, until one fails."""

    @override
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave no case out: each is another user or action."""

    @override
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        warm_up(session)
        for mutant in self._mutants:
            self._report(mutant, *self._run(session, mutant, session.items), len(session.items))
        return True


def main() -> int:
    """Run the mutants; return whether a check can be removed without a test that fails."""
    missed: list[str] = []

    def report(mutant: Mutant, outcome: str, test: str, _count: int) -> None:
        if outcome != KILLED:  # a test that hangs says nothing about permissions
            missed.append(mutant.name)
        print(f"\n{outcome}: {mutant.name} {test}", flush=True)

    folder = ROOT / ".mutation"
    folder.mkdir(exist_ok=True)
    files = sys.argv[1:] or [str(ROOT / "tests" / name) for name in _TESTS]
    pytest.main(
        [*PYTEST_OPTIONS, *files], plugins=[ChecksPlugin(find_checks(), folder, report, 0.0)]
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
