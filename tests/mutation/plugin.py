"""A pytest plugin that runs tests in forks of one process: once to record, then for mutants."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from hashlib import sha256
import itertools
import json
import math
import os
from pathlib import Path
import resource
import signal
import sys
import time
from types import CodeType
from typing import Any, Final

import pytest

from .mutants import INTEGRATION, PARTS, Mutant, apply_mutant, get_place

# Seconds of the processor and of real time that the tests of one mutant may take, and of the
# processor for which tests are selected.
CPU_LIMIT: Final = 120
WALL_LIMIT: Final = 600.0
SELECTED_TIME: Final = 12.0
SELECTED_TIME_AGAIN: Final = 60.0
LEAST_TESTS: Final = 3
RECORD_LIMIT: Final = 3600.0
KILLED, SURVIVED, TIMEOUT, NOT_COVERED, NOT_APPLIED = (
    "killed",
    "survived",
    "timeout",
    "not covered",
    "not applied",
)
# Fixtures that make a test slow, and how many cases of such a test are run at most.
_SLOW_FIXTURES: Final = frozenset({"hass", "server"})
SLOW_CASES: Final = 6
_EXIT_CODES: Final = {0: SURVIVED, 1: KILLED, 2: NOT_APPLIED}
_TOOL: Final = sys.monitoring.COVERAGE_ID


class LineRecorder:
    """Records the places that a test runs in the mutated files: each is reported once for a test."""

    def __init__(self) -> None:
        """Initialize without places."""
        self.places: set[str] = set()
        self._paths = {
            str(path)
            for part in PARTS.values()
            for pattern in part["files"]
            for path in INTEGRATION.glob(pattern)
        }
        monitoring = sys.monitoring
        monitoring.use_tool_id(_TOOL, "mutation")
        monitoring.register_callback(_TOOL, monitoring.events.LINE, self._handle_line)
        monitoring.set_events(_TOOL, monitoring.events.LINE)

    def start(self) -> None:
        """Forget all places, and report them anew."""
        self.places = set()
        sys.monitoring.restart_events()

    def _handle_line(self, code: CodeType, line: int) -> object:
        if code.co_filename in self._paths:
            self.places.add(get_place(code, line))
        return sys.monitoring.DISABLE


class MutationPlugin:
    """Runs the collected tests for each mutant, in a fork, until one fails."""

    def __init__(
        self,
        mutants: Iterable[Mutant],
        folder: Path,
        report: Callable[..., None],
        selected_time: float,
    ) -> None:
        """Initialize with the mutants; `folder` keeps which tests run which places."""
        self._mutants = mutants
        self._folder = folder
        self._report = report
        self._selected_time = selected_time

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out cases of slow tests: most run the same lines with other values."""
        kept: list[pytest.Item] = []
        for _, grouped in itertools.groupby(items, lambda item: item.nodeid.partition("[")[0]):
            cases = list(grouped)
            is_slow = not _SLOW_FIXTURES.isdisjoint(getattr(cases[0], "fixturenames", ()))
            # from the first to the last: neighbors are often alike
            kept += cases[:: math.ceil(len(cases) / SLOW_CASES)] if is_slow else cases
        items[:] = kept

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests in forks instead of here."""
        warm_up(session)
        items_by_place: defaultdict[str, list[tuple[float, pytest.Item]]] = defaultdict(list)
        items_by_function: defaultdict[str, list[tuple[float, pytest.Item]]] = defaultdict(list)
        by_path = itertools.groupby(session.items, lambda item: item.path)
        for path, items in by_path:
            by_id = {item.nodeid: item for item in items}
            for nodeid, test in self._load_record(session, path, [*by_id.values()]).items():
                if item := by_id.get(nodeid):
                    found = test["seconds"], item
                    for place in test["places"]:
                        items_by_place[place].append(found)
                    for function in {_get_function(place) for place in test["places"]}:
                        items_by_function[function].append(found)
        for mutant in self._mutants:
            seconds = 0.0
            chosen: list[pytest.Item] = []
            # parts of an expression may have no line of their own
            candidates = (
                items_by_place[mutant.place] or items_by_function[_get_function(mutant.place)]
            )
            own = f"test_{Path(mutant.path).stem}"  # the tests of the module are tried first
            for test_seconds, item in sorted(
                candidates, key=lambda found: (found[1].path.stem != own, found[0])
            ):
                seconds += test_seconds
                if seconds < self._selected_time or len(chosen) < LEAST_TESTS:
                    chosen.append(item)
            self._report(mutant, *self._run(session, mutant, chosen), len(chosen))
        return True

    def _load_record(
        self, session: pytest.Session, path: Path, items: list[pytest.Item]
    ) -> dict[str, Any]:
        """Return what the tests of a file run, recorded anew if the file is another."""
        version = sha256(b"%d" % SLOW_CASES + path.read_bytes()).hexdigest()[:12]
        record = self._folder / f"{path.stem}-{version}.json"
        if not record.exists():
            _wait(_fork(lambda: _record(session, items, record)), RECORD_LIMIT)
        if not record.exists():
            pytest.exit(f"{path.name} could not be recorded")
        recorded: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        return recorded

    def _run(
        self, session: pytest.Session, mutant: Mutant, items: list[pytest.Item]
    ) -> tuple[str, str]:
        """Run tests for a mutant; return the outcome, and the test that failed."""
        if not items:
            return NOT_COVERED, ""
        failed = self._folder / "failed"
        failed.unlink(missing_ok=True)
        code = _wait(_fork(lambda: _run_mutant(session, mutant, items, failed)), WALL_LIMIT)
        test = failed.read_text(encoding="utf-8") if failed.exists() else ""
        return _EXIT_CODES.get(code, TIMEOUT), test


def _get_function(place: str) -> str:
    """Return the outermost function of a place."""
    return place.rpartition(":")[0].partition(".<locals>")[0]


def _fork(function: Callable[[], int]) -> int:
    """Run a function in a fork, and return its process id."""
    if pid := os.fork():
        return pid
    code = 3
    try:
        os.setpgid(0, 0)
        code = function()
    finally:
        os._exit(code)


def _wait(pid: int, limit: float) -> int:
    """Wait for a process and return its exit code; kill its group after a time."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return -signal.SIGKILL


def _run_items(
    session: pytest.Session, items: Iterable[pytest.Item], handle: Callable[[pytest.Item], bool]
) -> None:
    """Run tests one after the other until `handle` returns whether to stop."""
    remaining = list(items)
    for index, item in enumerate(remaining):
        following = remaining[index + 1] if index + 1 < len(remaining) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if handle(item):
            return


def warm_up(session: pytest.Session) -> None:
    """Run a test with Home Assistant, so that no fork has to import it again."""
    for item in session.items:
        if "harness" in getattr(item, "fixturenames", ()):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            break


def _record(session: pytest.Session, items: Iterable[pytest.Item], record: Path) -> int:
    """Run tests, and write how long they take and which places they run."""
    recorder, recorded, failed = LineRecorder(), {}, session.testsfailed
    started = time.process_time()
    recorder.start()

    def handle(item: pytest.Item) -> bool:
        nonlocal started, failed
        if session.testsfailed == failed:  # a test that fails by itself tells nothing
            recorded[item.nodeid] = {
                "seconds": round(time.process_time() - started, 3),
                "places": sorted(recorder.places),
            }
        failed, started = session.testsfailed, time.process_time()
        recorder.start()
        return False

    _run_items(session, items, handle)
    record.write_text(json.dumps(recorded), encoding="utf-8")
    return 0


def _run_mutant(
    session: pytest.Session, mutant: Mutant, items: list[pytest.Item], failed: Path
) -> int:
    """Run tests with a mutant in the given order; return 1 if one fails."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT))
    if not apply_mutant(mutant):
        return 2

    def handle(item: pytest.Item) -> bool:
        if session.testsfailed:
            failed.write_text(item.nodeid, encoding="utf-8")
        return bool(session.testsfailed)

    _run_items(session, items, handle)
    return int(bool(session.testsfailed))
