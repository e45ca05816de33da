"""Queues: the library's cache of them, without its most expensive habit, and their items in pages."""

from collections.abc import AsyncIterator
import sys
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_client.player_queues import PlayerQueues
from music_assistant_models.enums import EventType
from music_assistant_models.event import MassEvent
from music_assistant_models.player_queue import PlayerQueue
import orjson

from ..slices import in_slices

# The items that are asked for at once.
PAGE: Final = 500
_ITEMS: Final = ("current_item", "next_item")


class Queues(PlayerQueues):
    """Queues whose items are decoded again only when they are others than before.

    Every change of a queue comes with both items whole. Decoding them was most of what an
    event cost, and the most frequent changes leave them as they are.
    """

    def __init__(self, client: MusicAssistantClient) -> None:
        """Begin with no queues."""
        super().__init__(client)
        # queue id -> hash of an item as it came -> the item
        self._decoded: dict[str, dict[int, Any]] = {}

    def _handle_event(self, event: MassEvent) -> None:
        queue_id = event.object_id
        if event.event is not EventType.QUEUE_UPDATED or queue_id is None:
            super()._handle_event(event)
            return
        decoded = self._decoded.get(queue_id, {})
        hashes = {name: hash(orjson.dumps(event.data.get(name))) for name in _ITEMS}
        same = {name: decoded[number] for name, number in hashes.items() if number in decoded}
        queue = PlayerQueue.from_dict(
            {name: value for name, value in event.data.items() if name not in same}
        )
        for name, item in same.items():
            setattr(queue, name, item)
        self._queues[queue_id] = queue
        self._decoded[queue_id] = {number: getattr(queue, name) for name, number in hashes.items()}


async def async_raw(
    mass: MusicAssistantClient, queue_id: str, wanted: range | None = None
) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    """Yield a part of a queue, or all of it, page by page: indices and items as they came."""
    start, end = (wanted.start, wanted.stop) if wanted is not None else (0, sys.maxsize)
    while start < end:
        limit = min(PAGE, end - start)
        page: list[dict[str, Any]] = await mass.send_command(
            "player_queues/items", queue_id=queue_id, limit=limit, offset=start
        )
        async for index, raw in in_slices(enumerate(page, start)):
            yield index, raw
        if len(page) < limit:
            return
        start += limit
