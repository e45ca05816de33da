"""Work on many things at once, cut into slices, so that it doesn't hold up the house."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
import time
from typing import Final

# Seconds of work after which the loop may do something else.
SLICE: Final = 0.005
# Seconds for which things are collected in a flood: what follows so closely is one change to a
# house, and less work for everyone in it.
FOLD: Final = 0.02
# How much has to come in a turn of the loop to be a flood (a slow machine takes few in a slice),
# and the turns without that after which it is over: what a socket has comes in portions, with a
# turn or two in between.
MANY: Final = 4
PAUSE: Final = 3


async def in_batches[T](things: Iterable[T]) -> AsyncIterator[T]:
    """Yield one thing after the other, giving way to the loop after each slice of work."""
    began = time.monotonic()
    for thing in things:
        yield thing
        if time.monotonic() - began > SLICE:
            await asyncio.sleep(0)
            began = time.monotonic()


class Coalescer:
    """Handles each thing once for all that happens to it in a turn of the loop.

    In a flood it is once in several turns. Handling many is cut into slices, too.
    """

    def __init__(self, handle: Callable[[str], object], came: Callable[[], int]) -> None:
        """Prepare; `handle` doesn't raise, and `came` counts all that has come so far."""
        self._handle = handle
        self._came = came
        self._seen = 0  # how much had come at the last look
        self._quiet = PAUSE  # looks since much came
        self._added: dict[str, None] = {}
        self._since = 0.0  # when the first of them was added
        self._due: dict[str, None] = {}  # added before those
        self._turn: asyncio.Handle | None = None

    def add(self, things: Iterable[str]) -> None:
        """Handle these, soon."""
        if not self._added:
            self._since, self._seen = time.monotonic(), self._came()
        self._added.update(dict.fromkeys(things))
        self._go_on()

    def cancel(self) -> None:
        """Handle nothing more."""
        if self._turn:
            self._turn.cancel()

    def _go_on(self) -> None:
        if self._turn is None and (self._added or self._due):
            self._turn = asyncio.get_running_loop().call_soon(self._take_turn)

    def _is_flood(self) -> bool:
        """Look whether so much has come of late that more is just coming."""
        seen, self._seen = self._seen, self._came()
        self._quiet = 0 if self._seen - seen >= MANY else self._quiet + 1
        return self._quiet < PAUSE

    def _take_turn(self) -> None:
        self._turn = None
        began = time.monotonic()
        if not self._due and not (self._is_flood() and began - self._since < FOLD):
            self._due, self._added = self._added, {}
        while self._due:
            thing, _ = self._due.popitem()
            self._added.pop(thing, None)  # what has happened to it since is handled with it
            self._handle(thing)
            if time.monotonic() - began > SLICE:
                break
        self._go_on()
