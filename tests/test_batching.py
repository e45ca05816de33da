"""Work in batches, and coalescing of repeated updates."""

import asyncio
from types import SimpleNamespace

import pytest

from custom_components.music_assistant.helpers import batching
from custom_components.music_assistant.helpers.batching import (
    FLOOD_PAUSE_TURNS,
    FLOOD_SIZE,
    Coalescer,
    in_batches,
)


@pytest.mark.parametrize(("slice_length", "turns"), [(-1.0, 4), (60.0, 0)])
async def test_in_batches_yields_to_loop(
    slice_length: float, turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All items are handled in order, with a turn of the loop after each batch only.

    The other task needs its first turn to begin.
    """
    monkeypatch.setattr(batching, "BATCH_TIME", slice_length)
    others = 0

    async def count_turns() -> None:
        nonlocal others
        while True:
            await asyncio.sleep(0)
            others += 1

    task = asyncio.create_task(count_turns())
    seen = [number async for number in in_batches(range(5))]
    task.cancel()
    assert seen == list(range(5))
    assert others == turns


async def wait_turns(number: int) -> None:
    """Wait for a number of turns of the loop."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_items_of_one_turn_are_handled_once() -> None:
    """An item that is added several times in a turn is handled once, and again later."""
    handled: list[str] = []
    folded = Coalescer(handled.append, lambda: 0)
    folded.add(("one",))
    folded.add(("two", "one"))
    assert not handled
    await wait_turns(1)
    assert sorted(handled) == ["one", "two"]
    folded.add(("one",))
    await wait_turns(1)
    assert sorted(handled) == ["one", "one", "two"]


async def test_item_added_twice_is_handled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An item that is added again before it was handled is handled once."""
    monkeypatch.setattr(batching, "BATCH_TIME", -1.0)
    handled: list[str] = []
    folded = Coalescer(handled.append, lambda: 0)
    folded.add(("one", "two"))
    await wait_turns(1)
    (first,) = handled
    folded.add(("one", "two"))
    await wait_turns(4)
    assert sorted(handled) == sorted(["one", "two", first])


@pytest.mark.parametrize(("fold", "expected"), [(60.0, []), (0.0, ["one"])])
async def test_flood_is_coalesced(
    fold: float, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a flood items are collected for a while, and handled at once at its end."""
    monkeypatch.setattr(batching, "COALESCE_WINDOW", fold)
    handled: list[str] = []
    came = 0
    folded = Coalescer(handled.append, lambda: came)
    folded.add(("one",))
    for _ in range(5):  # in portions
        came += FLOOD_SIZE
        await wait_turns(FLOOD_PAUSE_TURNS)
        assert handled == expected
    await wait_turns(1)
    assert handled == ["one"]
    came += FLOOD_SIZE  # about nothing that is handled here
    folded.add(("two",))  # it is over
    await wait_turns(1)
    assert handled == ["one", "two"]


@pytest.mark.parametrize(("seconds", "expected"), [(0.09, []), (0.101, ["one"])])
async def test_flood_delays_by_a_tenth_of_a_second(
    seconds: float, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood delays an item by up to 0.1 s from when it was first added, however long it lasts."""
    now = 0.0
    came = 0
    monkeypatch.setattr(batching, "time", SimpleNamespace(monotonic=lambda: now))
    handled: list[str] = []
    folded = Coalescer(handled.append, lambda: came)
    for moment in (0.0, 0.03, 0.06, seconds):
        now = moment
        folded.add(("one",))
        came += FLOOD_SIZE
        await wait_turns(1)
    assert handled == expected
    folded.cancel()


async def test_items_are_handled_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many items are handled in batches, before those that were added meanwhile."""
    monkeypatch.setattr(batching, "BATCH_TIME", -1.0)  # one each turn
    handled: list[str] = []
    folded = Coalescer(handled.append, lambda: 0)
    folded.add(("one", "two"))
    await wait_turns(1)
    assert len(handled) == 1
    folded.add(("three",))
    await wait_turns(2)
    assert handled[2:] == ["three"]
    folded.add(("four",))
    folded.cancel()
    await wait_turns(1)
    assert len(handled) == 3
