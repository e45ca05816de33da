"""Batched and coalesced work that doesn't block the event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
import time
from typing import Final

# Seconds of work after which control is returned to the event loop.
BATCH_TIME: Final = 0.005
# Seconds for which keys are collected during a flood, so that one update follows from many events.
# The longer, the fewer updates of many players; nobody notices this delay.
COALESCE_WINDOW: Final = 0.1
# Messages received in one turn of the loop that make a flood (a slow machine handles few in a
# batch), and the turns with less after which it is over: the data of a socket arrives in
# portions, with a turn or two in between.
FLOOD_SIZE: Final = 4
FLOOD_PAUSE_TURNS: Final = 3


async def in_batches[T](items: Iterable[T]) -> AsyncIterator[T]:
    """Yield the items, and return control to the event loop after each batch."""
    started = time.monotonic()
    for item in items:
        yield item
        if time.monotonic() - started > BATCH_TIME:
            await asyncio.sleep(0)
            started = time.monotonic()


class Coalescer:
    """Call a handler once for a key, however often it is added in a turn of the loop.

    During a flood of messages it is called once for several turns. Keys are handled in batches.
    """

    def __init__(self, handler: Callable[[str], object], count_received: Callable[[], int]) -> None:
        """Initialize the coalescer.

        `handler` must not raise; `count_received` returns the total number of messages received.
        """
        self._handler = handler
        self._count_received = count_received
        self._received = 0  # messages at the last turn
        self._quiet_turns = FLOOD_PAUSE_TURNS  # turns since the last flood
        self._pending: dict[str, None] = {}
        self._pending_since = 0.0  # when the first pending key was added
        self._due: dict[str, None] = {}  # keys whose handling has started
        self._scheduled: asyncio.Handle | None = None

    def add(self, keys: Iterable[str]) -> None:
        """Schedule the handler for these keys."""
        if not self._pending:
            self._pending_since, self._received = time.monotonic(), self._count_received()
        self._pending.update(dict.fromkeys(keys))
        self._schedule()

    def cancel(self) -> None:
        """Cancel the scheduled calls."""
        if self._scheduled:
            self._scheduled.cancel()

    def _schedule(self) -> None:
        if self._scheduled is None and (self._pending or self._due):
            self._scheduled = asyncio.get_running_loop().call_soon(self._process)

    def _is_flood(self) -> bool:
        """Return if so many messages have been received that more are to be expected."""
        before, self._received = self._received, self._count_received()
        self._quiet_turns = 0 if self._received - before >= FLOOD_SIZE else self._quiet_turns + 1
        return self._quiet_turns < FLOOD_PAUSE_TURNS

    def _process(self) -> None:
        """Handle the keys that are due, for one batch."""
        self._scheduled = None
        started = time.monotonic()
        if not self._due and not (
            self._is_flood() and started - self._pending_since < COALESCE_WINDOW
        ):
            self._due, self._pending = self._pending, {}
        while self._due:
            key, _ = self._due.popitem()
            self._pending.pop(key, None)  # this call covers what was added since
            self._handler(key)
            if time.monotonic() - started > BATCH_TIME:
                break
        self._schedule()
