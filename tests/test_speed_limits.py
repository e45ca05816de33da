"""The speed gate."""

import pytest

from .benchmarks.implementations import IMPLEMENTATIONS
from .benchmarks.limits import CHECKED, LIMITS, find_exceeded
from .benchmarks.measures import UNITS


def test_limits_are_measured() -> None:
    """Each limit is about a measure and implementations that there are."""
    assert {limit.measure for limit in LIMITS} <= UNITS.keys()
    assert {CHECKED, *(limit.other for limit in LIMITS)} <= IMPLEMENTATIONS.keys()


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
