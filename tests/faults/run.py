"""One fault after the other, with a look at the house after each."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
import logging
import random
from typing import Any

from custom_components.music_assistant.server.connection import SOUND
from tests.common import House, Pulse, until

from .compare import differences
from .leaks import Census, census, leaks
from .ledger import Ledger
from .table import FAULTS, Fault
from .traffic import Traffic

LOGGER = logging.getLogger(__name__)
# Seconds of the loop's time until a house is whole again after a fault, and quiet after that.
WHOLE_WITHIN = 60
QUIET_WITHIN = 10


@dataclass
class Report:
    """What came of a run."""

    faults: int = 0
    commands: int = 0
    told: int = 0  # of what happened on the players that are watched
    differences: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    lags: dict[str, float] = field(default_factory=dict)  # seconds, by fault

    @property
    def good(self) -> bool:
        """Tell whether nothing is amiss."""
        return not self.differences and not self.leaks

    def __str__(self) -> str:
        """Return the summary, a line."""
        worst = max(self.lags, key=self.lags.__getitem__, default="none")
        return (
            f"{self.faults} faults, {self.commands} commands, {self.told} happenings, "
            f"{len(self.differences)} differences, {len(self.leaks)} leaks, "
            f"longest lag {self.lags.get(worst, 0) * 1000:.0f} ms ({worst})"
        )


class Complaints(logging.Handler):
    """Takes down what is logged as an error, by whomever."""

    def __init__(self) -> None:
        """Take down nothing yet."""
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take down a line, with the error that belongs to it."""
        if record.name == "aiohttp.server":
            return  # the test server's, of clients that it cut off
        error = record.exc_info[1] if record.exc_info else None
        self.lines.append(f"logged: {record.getMessage()}" + (f" ({error!r})" if error else ""))


class FaultRun:
    """Runs faults against a house and looks whether it stays whole."""

    def __init__(self, house: House, seed: int, pace: float = 1.0) -> None:
        """Prepare; the same seed throws the same dice, and the pace is that of the traffic."""
        self.house = house
        self.dice = random.Random(seed)
        self.report = Report()
        self.traffic = Traffic(house, self.dice, pace)
        self._pulse = Pulse.of()
        self._ledger = Ledger(house)
        self._complaints = Complaints()

    async def run_for(self, seconds: float) -> Report:
        """Run faults by their weights for so many seconds."""
        ends = self._pulse.time() + seconds
        weights = [fault.weight for fault in FAULTS]

        def faults() -> Iterable[Fault]:
            while self._pulse.time() < ends:
                yield self.dice.choices(FAULTS, weights)[0]

        return await self._run(faults())

    async def run_each(self, *, but: Callable[[Fault], bool] = lambda _: False) -> Report:
        """Run each fault once, in any order."""
        faults = [fault for fault in FAULTS if not but(fault)]
        self.dice.shuffle(faults)
        return await self._run(faults)

    async def _run(self, faults: Iterable[Fault]) -> Report:
        await self.house.caught_up()
        before = census(self.house)
        logging.getLogger().addHandler(self._complaints)
        try:
            with self._ledger.kept():
                for fault in faults:
                    await self._suffer(fault, before)
        finally:
            logging.getLogger().removeHandler(self._complaints)
        return self.report

    async def _suffer(self, fault: Fault, before: Census) -> None:
        """Go through a fault, and look at the house afterwards."""
        # As if the connection had been sound for a while: losses that follow each other closely
        # are another fault, after which the next attempt doesn't come at once.
        self.house.coordinator.connection._connected_at -= SOUND
        self._pulse.longest = 0.0
        self.traffic.begin()
        try:
            await fault.act(self.house, self.dice)
            await asyncio.sleep(self.dice.uniform(0.2, 2))
        except (TimeoutError, AssertionError) as err:
            self._differ(fault, [f"not as it should go: {err!r}"])
        finally:
            self.house.server.faults.clear()
            await self.house.server.faults.accept()
            await self.traffic.end()
        await self._look(fault, before)
        lag = self._pulse.longest
        self.report.lags[fault.name] = max(lag, self.report.lags.get(fault.name, 0))
        self.report.faults += 1
        self.report.commands = self.traffic.ends.total()
        LOGGER.info("%s: longest lag %.0f ms", fault.name, lag * 1000)

    async def _look(self, fault: Fault, before: Census) -> None:
        house = self.house
        try:
            await until(lambda: house.set_up and house.connected and house.whole, WHOLE_WITHIN)
            await house.caught_up()
        except TimeoutError:
            self._differ(fault, ["not whole again"])
            return
        self._differ(fault, differences(house))
        self._differ(fault, self._ledger.wrong())
        self.report.told = self._ledger.told
        self._differ(fault, _taken(self.traffic.wrong))
        self._differ(fault, _taken(self._complaints.lines))
        try:
            await until(lambda: not [*leaks(before, census(house))], QUIET_WITHIN)
        except TimeoutError:
            found = [f"{fault.name}: {leak}" for leak in leaks(before, census(house))]
            self.report.leaks += found
            LOGGER.warning("Leaked: %s", found)

    def _differ(self, fault: Fault, found: Iterable[Any]) -> None:
        lines = [f"{fault.name}: {line}" for line in found]
        self.report.differences += lines
        for line in lines:
            LOGGER.warning("Differs: %s", line)


def _taken(lines: list[str]) -> list[str]:
    """Return the lines and leave none."""
    taken, lines[:] = lines[:], []
    return taken
