"""A short run of the fuzzing, and that odd frames are as odd as they should be."""

import random

import orjson
import pytest

from .common import Harness, LoopMonitor
from .fuzz.frames import load_corpus, mutate_frame, mutate_text, remove_value, replace_value
from .fuzz.run import FuzzRun
from .server import PlayerSet


@pytest.fixture
def player_set() -> PlayerSet:
    """Return the server's players."""
    return PlayerSet.create_speakers(6)


@pytest.mark.parametrize("seed", [1, 2])
async def test_odd_frames(harness: Harness, loop_monitor: LoopMonitor, seed: int) -> None:
    """Odd frames end neither in an error in the log nor in states that stay wrong."""
    with loop_monitor.skip_idle_time():
        report = await FuzzRun(harness, seed).run_for(3)
    assert report.findings == []
    assert report.odd_frames > 100
    assert report.actions["answered"] > 10


def test_mutations() -> None:
    """Almost all frames differ from what the server sent, which stays as it is."""
    dice = random.Random(1)
    before = orjson.dumps(load_corpus())
    odd = [mutate_frame(dice, frame) != frame for frame in load_corpus() for _ in range(5)]
    assert sum(odd) > 0.95 * len(odd)
    assert orjson.dumps(load_corpus()) == before
    frame = {"event": "x", "data": {"a": [1, 2]}}
    assert replace_value(frame, ("data", "a", 1), {}) == {"event": "x", "data": {"a": [1, {}]}}
    assert remove_value(frame, ("data", "a", 0)) == {"event": "x", "data": {"a": [2]}}
    texts = {mutate_text(dice, '{"event": "x"}') for _ in range(100)}
    assert len(texts) > 50
