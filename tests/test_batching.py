"""Slices: others get their turn in the midst of much work, and what repeats is done once."""

import asyncio

import pytest

from custom_components.music_assistant.helpers import batching
from custom_components.music_assistant.helpers.batching import MANY, PAUSE, Coalescer, in_batches


@pytest.mark.parametrize(("slice_length", "turns"), [(-1.0, 4), (60.0, 0)])
async def test_in_slices(slice_length: float, turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All come, in order, with a turn of the loop after each slice, and none within one.

    The other one needs its first turn to begin.
    """
    monkeypatch.setattr(batching, "SLICE", slice_length)
    others = 0

    async def other() -> None:
        nonlocal others
        while True:
            await asyncio.sleep(0)
            others += 1

    task = asyncio.create_task(other())
    seen = [number async for number in in_batches(range(5))]
    task.cancel()
    assert seen == list(range(5))
    assert others == turns


async def turns(number: int) -> None:
    """Let the loop turn."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_folded() -> None:
    """What is added several times in a turn is handled once, and again when it is added again."""
    handled: list[str] = []
    folded = Coalescer(handled.append, lambda: 0)
    folded.add(("one",))
    folded.add(("two", "one"))
    assert not handled
    await turns(1)
    assert sorted(handled) == ["one", "two"]
    folded.add(("one",))
    await turns(1)
    assert sorted(handled) == ["one", "one", "two"]


async def test_folded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is added again before its turn has come is still handled once."""
    monkeypatch.setattr(batching, "SLICE", -1.0)
    handled: list[str] = []
    folded = Coalescer(handled.append, lambda: 0)
    folded.add(("one", "two"))
    await turns(1)
    (first,) = handled
    folded.add(("one", "two"))
    await turns(4)
    assert sorted(handled) == sorted(["one", "two", first])


@pytest.mark.parametrize(("fold", "expected"), [(60.0, []), (0.0, ["one"])])
async def test_folded_flood(
    fold: float, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a flood things are collected for a while; when it ends they are handled at once."""
    monkeypatch.setattr(batching, "FOLD", fold)
    handled: list[str] = []
    came = 0
    folded = Coalescer(handled.append, lambda: came)
    folded.add(("one",))
    for _ in range(5):  # in portions
        came += MANY
        await turns(PAUSE)
        assert handled == expected
    await turns(1)
    assert handled == ["one"]
    came += MANY  # about nothing that is handled here
    folded.add(("two",))  # it is over
    await turns(1)
    assert handled == ["one", "two"]


async def test_folded_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many are handled in slices, before what was added in the meantime."""
    monkeypatch.setattr(batching, "SLICE", -1.0)  # one each turn
    handled: list[str] = []
    folded = Coalescer(handled.append, lambda: 0)
    folded.add(("one", "two"))
    await turns(1)
    assert len(handled) == 1
    folded.add(("three",))
    await turns(2)
    assert handled[2:] == ["three"]
    folded.add(("four",))
    folded.cancel()
    await turns(1)
    assert len(handled) == 3
