"""The speed gate."""

import pytest

from .benchmarks.implementations import IMPLEMENTATIONS
from .benchmarks.limits import CHECKED, LIMITS, find_exceeded
from .benchmarks.measures import UNITS, subtract_state_writes
from .benchmarks.report import format_markdown
from .benchmarks.runner import get_label


def test_limits_are_measured() -> None:
    """Each limit is about a measure and implementations that there are."""
    assert {limit.measure for limit in LIMITS} <= UNITS.keys()
    assert {CHECKED, *(limit.other for limit in LIMITS)} <= IMPLEMENTATIONS.keys()


def test_report() -> None:
    """Changes are reported without the state write, and with the growth from few to many players."""
    players = {}
    for number, factor in (("10", 1), ("500", 2)):
        medians = {
            "queue changed, burst": {"bare": 20.0, "whole": 10.0 * factor},
            "queue changed, single": {"bare": 100.0, "whole": 90.0},
            "state write": {"whole": 30.0},
        }
        subtract_state_writes(medians)
        players[number] = medians
    machine = {"cores": 2, "cpu": "Example", "system": "Linux", "python": "3.14"}
    names = ["bare", get_label("whole"), get_label("whole@/tmp/folder"), "builtin"]
    lines = format_markdown(
        {"machine": machine, "rounds": 1, "implementations": names, "players": players}
    ).split("\n")
    (row,) = (line for line in lines if "single, without" in line)
    assert row.split(" | ")[1:3] == ["100 / 100", "60 / 60"]
    assert row.split(" | ")[5] == "0.60 / 0.60"
    assert "- queue changed, burst: bare client 1.00, with all its entities 2.00" in lines
    assert "folder" not in "".join(lines)


@pytest.mark.parametrize("nth", range(len(LIMITS)))
@pytest.mark.parametrize(("factor", "is_exceeded"), [(0.99, False), (1.01, True)])
def test_exceeded(nth: int, factor: float, *, is_exceeded: bool) -> None:
    """A ratio above its limit is found, and no other."""
    medians = {limit.measure: {CHECKED: 1.0, "bare": 10.0, "builtin": 10.0} for limit in LIMITS}
    limit = LIMITS[nth]
    medians[limit.measure][CHECKED] = 10 * limit.ratio * factor
    found = list(find_exceeded({"players": {"50": medians}}))
    assert len(found) == is_exceeded
    assert all(limit.measure in text for text in found)
