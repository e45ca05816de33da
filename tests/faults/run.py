"""Run faults one after the other, with checks after each."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
import logging
import random
from typing import Any

from custom_components.music_assistant.server.connection import MIN_STABLE_DURATION
from tests.common import Harness, LoopMonitor, wait_until

from .compare import find_differences
from .event_checks import EventChecker
from .fault_table import FAULTS, Fault
from .leaks import ResourceCounts, count_resources, find_leaks
from .traffic import Traffic, change_each_queue, change_each_volume

LOGGER = logging.getLogger(__name__)
# Seconds of the loop's time until a house is whole again after a fault, and quiet after that.
RECOVERY_TIMEOUT = 60
CLEANUP_TIMEOUT = 10
# Seconds for which what Home Assistant shows may differ from what the server shows.
SETTLE_TIMEOUT = 8


@dataclass
class Report:
    """Represent the result of a run."""

    faults: int = 0
    commands: int = 0
    events: int = 0  # of what happened on the players that are watched
    differences: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    lags: dict[str, float] = field(default_factory=dict)  # seconds, by fault

    @property
    def is_ok(self) -> bool:
        """Return whether there are no differences and no leaks."""
        return not self.differences and not self.leaks

    def __str__(self) -> str:
        """Return the summary in one line."""
        worst = max(self.lags, key=self.lags.__getitem__, default="none")
        return (
            f"{self.faults} faults, {self.commands} commands, {self.events} happenings, "
            f"{len(self.differences)} differences, {len(self.leaks)} leaks, "
            f"longest lag {self.lags.get(worst, 0) * 1000:.0f} ms ({worst})"
        )


class ErrorLogHandler(logging.Handler):
    """Record what is logged as an error."""

    def __init__(self) -> None:
        """Initialize without records."""
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Record a line, with its exception."""
        if record.name == "aiohttp.server":
            return  # the test server's, of clients that it cut off
        error = record.exc_info[1] if record.exc_info else None
        self.lines.append(f"logged: {record.getMessage()}" + (f" ({error!r})" if error else ""))


class FaultRun:
    """Run faults and check that Home Assistant recovers."""

    def __init__(self, harness: Harness, seed: int, pace: float = 1.0) -> None:
        """Initialize; the same seed gives the same faults, and the pace is that of the traffic."""
        self.harness = harness
        self.dice = random.Random(seed)
        self.report = Report()
        self.traffic = Traffic(harness, self.dice, pace)
        self._loop_monitor = LoopMonitor.of_loop()
        self._event_checker = EventChecker(harness)
        self._error_log = ErrorLogHandler()

    async def run_for(self, seconds: float) -> Report:
        """Run faults by their weights for a number of seconds."""
        ends = self._loop_monitor.time() + seconds
        weights = [fault.weight for fault in FAULTS]

        def select_faults() -> Iterable[Fault]:
            while self._loop_monitor.time() < ends:
                yield self.dice.choices(FAULTS, weights)[0]

        return await self._run_faults(select_faults())

    async def run_each(self, *, but: Callable[[Fault], bool] = lambda _: False) -> Report:
        """Run each fault once, in any order."""
        faults = [fault for fault in FAULTS if not but(fault)]
        self.dice.shuffle(faults)
        return await self._run_faults(faults)

    async def run_named(self, names: Iterable[str]) -> Report:
        """Run some faults, each as often as it is named."""
        faults = {fault.name: fault for fault in FAULTS}
        return await self._run_faults([faults[name] for name in names])

    async def _run_faults(self, faults: Iterable[Fault]) -> Report:
        await self.harness.wait_for_events()
        before = count_resources(self.harness)
        logging.getLogger().addHandler(self._error_log)
        try:
            with self._event_checker.record():
                for fault in faults:
                    await self._run_fault(fault, before)
        finally:
            logging.getLogger().removeHandler(self._error_log)
        return self.report

    async def _run_fault(self, fault: Fault, before: ResourceCounts) -> None:
        """Run a fault and the checks after it."""
        # As if the connection had been sound for a while: losses that follow each other closely
        # are another fault, after which the next attempt doesn't come at once.
        self.harness.coordinator.connection._connected_at -= MIN_STABLE_DURATION
        self._loop_monitor.longest_turn = 0.0
        self.traffic.start()
        try:
            await fault.inject(self.harness, self.dice)
            await asyncio.sleep(self.dice.uniform(0.2, 2))
        except (TimeoutError, AssertionError) as err:
            self._add_differences(fault, [f"not as it should go: {err!r}"])
        finally:
            self.harness.server.faults.clear()
            await self.harness.server.faults.open_port()
            await self.traffic.stop()
        await self._check_state(fault, before)
        lag = self._loop_monitor.longest_turn
        self.report.lags[fault.name] = max(lag, self.report.lags.get(fault.name, 0))
        self.report.faults += 1
        self.report.commands = self.traffic.ends.total()
        LOGGER.info("%s: longest lag %.0f ms", fault.name, lag * 1000)

    async def _check_state(self, fault: Fault, before: ResourceCounts) -> None:
        harness = self.harness
        try:
            await wait_until(
                lambda: harness.is_set_up and harness.is_connected and harness.is_in_sync,
                RECOVERY_TIMEOUT,
            )
            await harness.wait_for_events()
        except TimeoutError:
            self._add_differences(fault, ["not whole again"])
            return
        for change in (change_each_queue, change_each_volume):
            change(harness, self.dice)
            self._add_differences(fault, await self._find_lasting_differences())
        self._add_differences(fault, self._event_checker.find_errors())
        self.report.events = self._event_checker.event_count
        self._add_differences(fault, _pop_lines(self.traffic.errors))
        self._add_differences(fault, _pop_lines(self._error_log.lines))
        try:
            await wait_until(
                lambda: not [*find_leaks(before, count_resources(harness))], CLEANUP_TIMEOUT
            )
        except TimeoutError:
            found = [
                f"{fault.name}: {leak}" for leak in find_leaks(before, count_resources(harness))
            ]
            self.report.leaks += found
            LOGGER.warning("Leaked: %s", found)

    async def _find_lasting_differences(self) -> list[str]:
        """Return the differences once the server has nothing more to report."""
        reporter = self.harness.server.playback.reporter
        with suppress(TimeoutError):
            await wait_until(lambda: not reporter.is_busy, RECOVERY_TIMEOUT)
        await self.harness.wait_for_events()
        found: list[str] = []

        def is_same() -> bool:
            found[:] = find_differences(self.harness)
            return not found

        with suppress(TimeoutError):
            await wait_until(is_same, SETTLE_TIMEOUT)
        return found

    def _add_differences(self, fault: Fault, found: Iterable[Any]) -> None:
        lines = [f"{fault.name}: {line}" for line in found]
        self.report.differences += lines
        for line in lines:
            LOGGER.warning("Differs: %s", line)


def _pop_lines(lines: list[str]) -> list[str]:
    """Return the lines and clear the list."""
    taken, lines[:] = lines[:], []
    return taken
