"""Speed leaves nothing out: this integration and the built-in one show the same.

``python -m tests.benchmarks --equality`` does it at length.
"""

from .benchmarks.equality import EVENTS_PER_STEP, run_comparison

EVENTS = 5 * EVENTS_PER_STEP


async def test_same_states() -> None:
    """After the same random events, states and attributes are the same but for known faults."""
    found = await run_comparison(events=EVENTS, seed=7)
    assert found.events == EVENTS
    assert found.compared
    assert not found.unexplained
