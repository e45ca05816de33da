"""Waiting for a state of players or queues.

The server answers a command before the player acts: a command that depends on the effect of another
one has to wait for the state, never for the answer. Sent too early it is lost, or acts on what was
played before.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import EventType
from music_assistant_models.event import MassEvent

# Seconds in which a player does what it was told, unless it doesn't do it at all.
STATE_TIMEOUT: Final = 10.0
# Seconds after which a lost connection is noticed, which ends the wait.
_CHECK_INTERVAL: Final = 1.0
_CACHE_EVENTS: Final = (
    EventType.PLAYER_ADDED,
    EventType.PLAYER_UPDATED,
    EventType.PLAYER_REMOVED,
    EventType.QUEUE_ADDED,
    EventType.QUEUE_UPDATED,
    EventType.QUEUE_ITEMS_UPDATED,
)


async def async_wait_until(
    mass: MusicAssistantClient, condition: Callable[[], bool], timeout: float = STATE_TIMEOUT
) -> bool:
    """Wait until the client's caches fulfil a condition; return whether they do in time.

    The condition is checked at each event of a player or queue. A lost connection ends the wait.
    """
    changed = asyncio.Event()

    def handle_event(_event: MassEvent) -> None:
        changed.set()

    unsubscribe = mass.subscribe(handle_event, _CACHE_EVENTS)
    deadline = asyncio.get_running_loop().time() + timeout
    try:
        while not condition():
            rest = deadline - asyncio.get_running_loop().time()
            if rest <= 0 or not mass.connection.connected:
                return False
            changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(rest, _CHECK_INTERVAL)):
                    await changed.wait()
    finally:
        unsubscribe()
    return True
