"""A short fault run: each fault once, with idle time skipped."""

import pytest

from .common import Harness, LoopMonitor
from .faults.run import FaultRun
from .server import PlayerSet


@pytest.fixture
def player_set() -> PlayerSet:
    """Return the server's players."""
    return PlayerSet.create_speakers(50)


async def test_each_fault_once(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """After each fault all states are correct, and nothing is leaked."""
    ahead = harness.server.clock() - loop_monitor.time()

    def get_time() -> float:
        return loop_monitor.time() + ahead

    # Players play in the skipped time too, and we take the times of reports from the same clock
    harness.server.clock = harness.coordinator.event_tracker.clock = get_time
    run = FaultRun(harness, seed=1, pace=0.2)
    with loop_monitor.skip_idle_time():
        report = await run.run_each(but=lambda fault: "minute" in fault.name)
    assert report.is_ok, [*report.differences, *report.leaks]
    assert report.faults > 30
    assert report.events > 300
    assert run.traffic.ends["answered"] > 100
    assert run.traffic.ends["not_connected"] > 5
