"""Work on many things at once, cut into slices, so that it doesn't hold up the house."""

import asyncio
from collections.abc import AsyncIterator, Iterable
import time
from typing import Final

# Seconds of work after which the loop may do something else.
SLICE: Final = 0.005


async def in_slices[T](things: Iterable[T]) -> AsyncIterator[T]:
    """Yield one thing after the other, giving way to the loop after each slice of work."""
    began = time.monotonic()
    for thing in things:
        yield thing
        if time.monotonic() - began > SLICE:
            await asyncio.sleep(0)
            began = time.monotonic()
