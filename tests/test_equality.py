"""Speed leaves nothing out: this integration and the built-in one show the same.

``python -m tests.benchmarks --equality`` does it at length.
"""

from .benchmarks.equality import STEP, compared

EVENTS = 5 * STEP


async def test_same_states() -> None:
    """After the same random events, states and attributes are the same but for known faults."""
    found = await compared(events=EVENTS, seed=7)
    assert found.events == EVENTS
    assert found.compared
    assert not found.unexplained
