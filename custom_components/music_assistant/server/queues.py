"""Queues: the library's cache of them, without its most expensive habit, and their items in pages."""

from collections.abc import AsyncIterator
import sys
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_client.player_queues import PlayerQueues
from music_assistant_models.enums import EventType
from music_assistant_models.event import MassEvent
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem
import orjson

from ..const import LOGGER
from ..slices import in_slices
from .errors import UNREADABLE

# The items that are asked for at once.
PAGE: Final = 500
_ITEMS: Final = ("current_item", "next_item")
# The events that bring a queue, with its items.
_WHOLE: Final = (EventType.QUEUE_ADDED, EventType.QUEUE_UPDATED)


class Item:
    """An item of a queue as the server said it, decoded when it is looked at."""

    __slots__ = ("_item", "_said")

    def __init__(self, said: bytes) -> None:
        """Keep what was said until it is decoded."""
        self._said: bytes | None = said
        self._item: QueueItem | None = None

    def look(self) -> QueueItem | None:
        """Return the item; None if there is none, or none that can be read."""
        if self._said is not None:
            said, self._said = orjson.loads(self._said), None
            try:
                self._item = QueueItem.from_dict(said) if said else None
            except UNREADABLE as err:
                LOGGER.debug("Skipped an item of a queue: %s", type(err).__name__)
        return self._item


class Queue(PlayerQueue):
    """A queue whose items are decoded when they are looked at; what comes next seldom is."""

    def hold(self, current: Item, following: Item) -> None:
        """Take its items as they were said."""
        self._current, self._following = current, following

    @property
    def current_item(self) -> QueueItem | None:
        """What plays."""
        return self._current.look()

    @current_item.setter
    def current_item(self, item: QueueItem | None) -> None:
        """Let the library begin without one."""

    @property
    def next_item(self) -> QueueItem | None:
        """What comes next."""
        return self._following.look()

    @next_item.setter
    def next_item(self, item: QueueItem | None) -> None:
        """Let the library begin without one."""


class Queues(PlayerQueues):
    """Queues whose items are decoded again only when they are others than before.

    Every change of a queue comes with both items whole. Decoding them was most of what an
    event cost, and the most frequent changes leave them as they are.
    """

    def __init__(self, client: MusicAssistantClient) -> None:
        """Begin with no queues."""
        super().__init__(client)
        # queue id -> hash of an item as it came -> the item
        self._items: dict[str, dict[int, Item]] = {}

    def _handle_event(self, event: MassEvent) -> None:
        queue_id = event.object_id
        if event.event not in _WHOLE or queue_id is None:
            super()._handle_event(event)
            return
        rest = dict(event.data)
        said = [orjson.dumps(rest.pop(name, None)) for name in _ITEMS]
        queue = Queue.from_dict(rest)
        known = self._items.get(queue_id, {})
        items = {hash(each): known.get(hash(each)) or Item(each) for each in said}
        queue.hold(*(items[hash(each)] for each in said))
        self._items[queue_id] = items
        self._queues[queue_id] = queue


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
