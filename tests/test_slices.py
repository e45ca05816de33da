"""Slices: others get their turn in the midst of much work."""

import asyncio

import pytest

from custom_components.music_assistant import slices
from custom_components.music_assistant.slices import in_slices


@pytest.mark.parametrize(("slice_length", "turns"), [(-1.0, 4), (60.0, 0)])
async def test_in_slices(slice_length: float, turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All come, in order, with a turn of the loop after each slice, and none within one.

    The other one needs its first turn to begin.
    """
    monkeypatch.setattr(slices, "SLICE", slice_length)
    others = 0

    async def other() -> None:
        nonlocal others
        while True:
            await asyncio.sleep(0)
            others += 1

    task = asyncio.create_task(other())
    seen = [number async for number in in_slices(range(5))]
    task.cancel()
    assert seen == list(range(5))
    assert others == turns
