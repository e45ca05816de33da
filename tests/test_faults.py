"""A short fault run: each fault once, with idle time skipped."""

import pytest

from .common import House, Pulse
from .faults.run import FaultRun
from .server import Household


@pytest.fixture
def household() -> Household:
    """Return the server's players."""
    return Household.of(50)


async def test_each_fault_once(house: House, pulse: Pulse) -> None:
    """Whatever goes wrong, the house is whole again afterwards and nothing is left behind."""
    ahead = house.server.clock() - pulse.time()
    house.server.clock = lambda: pulse.time() + ahead  # its players play in the skipped time too
    run = FaultRun(house, seed=1, pace=0.2)
    with pulse.skipping():
        report = await run.run_each(but=lambda fault: "minute" in fault.name)
    assert report.good, [*report.differences, *report.leaks]
    assert report.faults > 30
    assert report.told > 300
    assert run.traffic.ends["answered"] > 100
    assert run.traffic.ends["not_connected"] > 5
