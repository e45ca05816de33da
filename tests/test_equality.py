"""Comparison of the states of this integration with those of the built-in one.

``python -m tests.benchmarks --equality`` compares more events.
"""

from .benchmarks.equality import EVENTS_PER_STEP, run_comparison

EVENTS = 5 * EVENTS_PER_STEP


async def test_same_states() -> None:
    """After the same random events, states and attributes differ only as listed."""
    found = await run_comparison(events=EVENTS, seed=7)
    assert found.events == EVENTS
    assert found.compared
    assert not found.unexplained
