"""Queues: the library's cache of them, without its most expensive habit, and their items in pages."""

from collections.abc import AsyncIterator, Mapping, Sequence
import sys
from typing import Any, Final, NamedTuple, Self, override

from music_assistant_client import MusicAssistantClient
from music_assistant_client.player_queues import PlayerQueues
from music_assistant_models.enums import EventType
from music_assistant_models.event import MassEvent
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem
import orjson

from ..const import LOGGER
from ..helpers.batching import in_batches
from .errors import UNREADABLE

# The items that are asked for at once.
PAGE: Final = 500
_ITEMS: Final = ("current_item", "next_item")
# The events that bring a queue, with its items.
_WHOLE: Final = (EventType.QUEUE_ADDED, EventType.QUEUE_UPDATED)


class Favorite(NamedTuple):
    """Something that can be a favourite."""

    uri: str
    liked: bool


class Item:
    """An item of a queue as the server said it, decoded when it is looked at."""

    __slots__ = ("_favorite", "_item", "_said")

    def __init__(self, item: object, said: bytes) -> None:
        """Keep what was said until it is decoded, but for what is asked of every item."""
        self._said: bytes | None = said
        self._item: QueueItem | None = None
        self._favorite: Favorite | None = None
        match item:
            case {"media_item": {"uri": str(uri), "favorite": bool(liked)}}:
                self._favorite = Favorite(uri, liked)

    @property
    def favorite(self) -> Favorite | None:
        """Return what it plays: as it was said or, once decoded, as it has become since."""
        if self._favorite is not None:
            return self._favorite
        media = item.media_item if (item := self.look()) else None
        return Favorite(media.uri, bool(media.favorite)) if media and media.uri else None

    def look(self) -> QueueItem | None:
        """Return the item; None if there is none, or none that can be read."""
        if self._said is not None:
            said, self._said = orjson.loads(self._said), None
            try:
                self._item = QueueItem.from_dict(said) if said else None
            except UNREADABLE as err:
                LOGGER.debug("Skipped an item of a queue: %s", type(err).__name__)
            else:
                self._favorite = None
        return self._item


class Queue(PlayerQueue):
    """A queue whose items are decoded when they are looked at; what comes next seldom is."""

    @classmethod
    def read(cls, payload: Mapping[str, Any], before: Queue | None = None) -> Self:
        """Read what the server said; an item that it said before is the same object as then."""
        rest = dict(payload)
        said = [(item := rest.pop(name, None), orjson.dumps(item)) for name in _ITEMS]
        queue = cls.from_dict(rest)
        queue.hold(said, before.held if before else {})
        return queue

    def hold(self, said: Sequence[tuple[object, bytes]], known: Mapping[int, Item]) -> None:
        """Take the items that were said, those that are known as they are."""
        # by hash; annotated in the class, it would be a field of what is decoded
        self.held: Mapping[int, Item] = {
            hash(text): known.get(hash(text)) or Item(item, text) for item, text in said
        }
        self._current, self._following = (self.held[hash(text)] for _, text in said)

    @property
    def favorite(self) -> Favorite | None:
        """What plays; None if that can't be a favourite."""
        return self._current.favorite

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

    @override
    def get(self, queue_id: str) -> Queue | None:
        """Return a queue if it is there; none but ours are made."""
        queue = super().get(queue_id)
        return queue if isinstance(queue, Queue) else None

    def _handle_event(self, event: MassEvent) -> None:
        queue_id = event.object_id
        if event.event not in _WHOLE or queue_id is None:
            super()._handle_event(event)
            return
        self._queues[queue_id] = Queue.read(event.data, self.get(queue_id))


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
        async for index, raw in in_batches(enumerate(page, start)):
            yield index, raw
        if len(page) < limit:
            return
        start += limit
