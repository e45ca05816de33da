"""The speed gate: how many times as much as something else a measure may take in the same run.

The limits are generous, about twice what was measured: they find work that was added by mistake,
on any machine. Small changes are for `tests/test_work.py` and `tests/test_setup_work.py`, which
count the work, and for a whole run of the benchmarks.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from .report import BARE_CLIENT, BUILTIN

CHECKED: Final = "whole"
PLAYERS: Final = 50
ROUNDS: Final = 3


class Limit(NamedTuple):
    """Represent the highest ratio of a measure to that of another implementation."""

    measure: str
    other: str
    ratio: float


LIMITS: Final = (
    Limit("set-up", BUILTIN, 2.5),
    Limit("queue changed, burst", BARE_CLIENT, 0.4),
    Limit("queue unchanged, burst", BARE_CLIENT, 0.4),
    Limit("player changed, burst", BARE_CLIENT, 0.8),
    Limit("player unchanged, burst", BARE_CLIENT, 0.6),
    Limit("queue changed, long burst", BARE_CLIENT, 0.3),
    Limit("player changed, long burst", BARE_CLIENT, 0.5),
    Limit("queue changed, single", BARE_CLIENT, 2),
    Limit("player changed, single", BARE_CLIENT, 3),
)


def find_exceeded(results: Mapping[str, Any]) -> Iterator[str]:
    """Return the limits that the results exceed, in words."""
    for players, medians in results["players"].items():
        for measure, other, limit in LIMITS:
            values = medians[measure]
            ratio = values[CHECKED] / values[other]
            if ratio > limit:
                yield (
                    f"{measure}, {players} players: {ratio:.2f} times as much as {other},"
                    f" at most {limit} are allowed"
                )
