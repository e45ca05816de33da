"""Cache of queues that decodes items when they are read, and fetching of queue items."""

from collections.abc import AsyncIterator, Mapping
import re
import sys
from typing import Any, Final, NamedTuple, Self, override

from music_assistant_client import MusicAssistantClient
from music_assistant_client.player_queues import PlayerQueues
from music_assistant_models.enums import EventType, MediaType
from music_assistant_models.event import MassEvent
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem
import orjson

from ..const import LOGGER
from ..helpers.batching import in_batches
from .errors import DECODE_ERRORS
from .limits import MAX_PLAYERS, is_valid_id

# Items per request.
PAGE_SIZE: Final = 500
# Fields with an item, and what is before one in a message.
_ITEM_FIELDS: Final = {name: f',"{name}":' for name in ("current_item", "next_item")}
# The beginning of an event about a queue, with the queue's id.
_QUEUE_EVENT_START: Final = re.compile(
    r'\{"event":"queue_(?:added|updated|items_updated)","object_id":"([^"\\]+)","data":\{'
)
# What stands for a known item in a message.
_KNOWN_ITEM: Final = "known"
# Types of what is played from and isn't shown as the album of its items.
_PLAYLIST_TYPES: Final = frozenset(
    {MediaType.PLAYLIST, MediaType.FOLDER, MediaType.GENRE, MediaType.ARTIST}
)
# Events with the data of a whole queue.
_QUEUE_EVENTS: Final = (EventType.QUEUE_ADDED, EventType.QUEUE_UPDATED)


class FavoriteState(NamedTuple):
    """URI of a media item, and whether it is a favorite."""

    uri: str
    is_favorite: bool


class LazyQueueItem:
    """Represent a queue item that is decoded when it is read.

    `station` is the name of a radio station, `playlist` that of the playlist or folder that the
    item is played from; older servers don't send it.
    """

    __slots__ = (
        "_favorite",
        "_is_decoded",
        "_item",
        "duration",
        "has_chapters",
        "playlist",
        "queue_item_id",
        "station",
        "text",
    )

    def __init__(self, item: object, text: str) -> None:
        """Initialize the item from its payload and the payload's JSON text."""
        self.text = text
        self._is_decoded = False
        self._item: QueueItem | None = None
        self._favorite: FavoriteState | None = None
        self.station: str | None = None
        self.playlist: str | None = None
        # read for every item, so they must not need decoding
        self.queue_item_id: str | None = None
        self.duration: int | None = None
        self.has_chapters = False
        match item:
            case {"media_item": {"metadata": {"chapters": [_, *_]}}}:
                self.has_chapters = True
        match item:
            case {"queue_item_id": str(queue_item_id)}:
                self.queue_item_id = queue_item_id
        match item:
            case {"duration": int(duration)}:
                self.duration = duration
        match item:
            case {"media_item": {"uri": str(uri), "favorite": bool(is_favorite)}}:
                self._favorite = FavoriteState(uri, is_favorite)
        match item:
            case {"media_item": {"media_type": MediaType.RADIO, "name": str(name)}}:
                self.station = name
        match item:
            case {"origin": {"container": {"media_type": str(media_type), "name": str(name)}}} if (
                media_type in _PLAYLIST_TYPES
            ):
                self.playlist = name

    @property
    def favorite(self) -> FavoriteState | None:
        """Return the favorite state, None for an item that can't be a favorite.

        It is the one of the payload or, once decoded, that of the media item, which may change.
        """
        if self._favorite is not None:
            return self._favorite
        media = item.media_item if (item := self.get_decoded()) else None
        return FavoriteState(media.uri, bool(media.favorite)) if media and media.uri else None

    def get_decoded(self) -> QueueItem | None:
        """Return the decoded item, None if there is none or it can't be decoded."""
        if not self._is_decoded:
            payload, self._is_decoded = orjson.loads(self.text), True
            try:
                self._item = QueueItem.from_dict(payload) if payload else None
            except DECODE_ERRORS as err:
                LOGGER.debug("Skipped an invalid queue item: %s", type(err).__name__)
            else:
                self._favorite = None
        return self._item


class LazyQueue(PlayerQueue):
    """Represent a queue whose items are decoded when they are read."""

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any], previous: LazyQueue | None = None) -> Self:
        """Return the queue of a payload, reusing unchanged items of the previous one."""
        fields = dict(payload)
        current_item, next_item = (fields.pop(name, None) for name in _ITEM_FIELDS)
        queue = cls.from_dict(fields)
        known_items = previous.lazy_items if previous else ()
        queue.set_items(
            _build_lazy_item(current_item, known_items), _build_lazy_item(next_item, known_items)
        )
        return queue

    def set_items(self, current_item: LazyQueueItem, next_item: LazyQueueItem) -> None:
        """Set the current and the next item."""
        # not annotated in the class, where it would become a field
        self.lazy_items: tuple[LazyQueueItem, LazyQueueItem] = (current_item, next_item)

    @property
    def lazy_current_item(self) -> LazyQueueItem:
        """Return the current item, which may be none."""
        return self.lazy_items[0]

    def find_known_item(self, message: str, start: int) -> LazyQueueItem | None:
        """Return the item whose text is at a place of a message."""
        for item in self.lazy_items:
            # Only objects: they end where their text ends, unlike numbers
            if item.queue_item_id is not None and message.startswith(item.text, start):
                return item
        return None

    @property
    def station(self) -> str | None:
        """Return the name of the radio station that is the current item."""
        return self.lazy_current_item.station

    @property
    def playlist(self) -> str | None:
        """Return the name of what the current item is played from, or None for an album.

        Servers have sent it with the item, as the sources of the queue, or as a name, which may
        be that of an album.
        """
        if name := self.lazy_current_item.playlist:
            return name
        if self.sources:
            names = {source.name for source in self.sources if source.media_type in _PLAYLIST_TYPES}
            return names.pop() if len(names) == 1 else None
        return str(self.extra_attributes.get("active_playlist") or "") or None

    @property
    def current_item(self) -> QueueItem | None:
        """Return the current item."""
        return self.lazy_current_item.get_decoded()

    @current_item.setter
    def current_item(self, item: QueueItem | None) -> None:
        """Ignore the default that the generated initializer sets."""

    @property
    def next_item(self) -> QueueItem | None:
        """Return the next item."""
        return self.lazy_items[1].get_decoded()

    @next_item.setter
    def next_item(self, item: QueueItem | None) -> None:
        """Ignore the default that the generated initializer sets."""


def _build_lazy_item(payload: Any, known_items: tuple[LazyQueueItem, ...]) -> LazyQueueItem:
    """Return the item of a payload, the same object as before if it hasn't changed."""
    if isinstance(payload, LazyQueueItem):
        return payload
    text = orjson.dumps(payload).decode()
    for item in known_items:
        if item.text == text:
            return item
    return LazyQueueItem(payload, text)


class Queues(PlayerQueues):
    """Cache of queues that decodes an item only when it has changed.

    Each queue event contains both items. Decoding them took most of the time of an event, and the
    most frequent events don't change them. So items whose text is known are cut out of a message
    before it is decoded.
    """

    def __init__(self, client: MusicAssistantClient) -> None:
        """Initialize an empty cache."""
        super().__init__(client)
        # servers have no event for the removal of a queue, which has the id of its player
        client.subscribe(self._handle_player_removed, EventType.PLAYER_REMOVED)

    @override
    def get(self, queue_id: str) -> LazyQueue | None:
        """Return a queue, None if it doesn't exist."""
        queue = super().get(queue_id)
        return queue if isinstance(queue, LazyQueue) else None

    def decode_message(self, message: str) -> Any:
        """Decode a message of the server; a queue in it has the objects of its known items.

        Raises ValueError if it isn't JSON.
        """
        rest, known = self._cut_known_items(message)
        decoded = orjson.loads(rest)
        if not known:
            return decoded
        data = decoded["data"]
        # What was cut out may have been in a nested object, or in the first of two of a name
        if not isinstance(data, dict) or any(data.get(name) != _KNOWN_ITEM for name in known):
            return orjson.loads(message)
        data.update(known)
        return decoded

    def _cut_known_items(self, message: str) -> tuple[str, dict[str, LazyQueueItem]]:
        """Return a message without the items of a queue that are known, and these by field."""
        known: dict[str, LazyQueueItem] = {}
        if (match := _QUEUE_EVENT_START.match(message)) and (queue := self.get(match[1])):
            for name, key in _ITEM_FIELDS.items():
                start = message.find(key) + len(key)
                if start >= len(key) and (item := queue.find_known_item(message, start)):
                    end = start + len(item.text)
                    message = f'{message[:start]}"{_KNOWN_ITEM}"{message[end:]}'
                    known[name] = item
        return message, known

    def _handle_event(self, event: MassEvent) -> None:
        """Update the cache from an event."""
        queue_id = event.object_id
        if event.event not in _QUEUE_EVENTS:
            super()._handle_event(event)
        elif is_valid_id(queue_id) and self._has_room(queue_id):
            if event.data["queue_id"] != queue_id:
                raise ValueError("the queue has another id")
            self._queues[queue_id] = LazyQueue.from_payload(event.data, self.get(queue_id))

    def _has_room(self, queue_id: str) -> bool:
        """Return whether a queue is cached, or may be added."""
        if queue_id in self._queues or len(self._queues) < MAX_PLAYERS:
            return True
        LOGGER.debug("Skipped queue %s: there are too many", queue_id)
        return False

    def _handle_player_removed(self, event: MassEvent) -> None:
        """Remove the queue of a removed player."""
        if event.object_id is not None:
            self._queues.pop(event.object_id, None)


async def async_fetch_raw_items(
    mass: MusicAssistantClient, queue_id: str, indices: range | None = None
) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    """Fetch the items of a queue in pages, and yield their indices and undecoded data."""
    start, end = (indices.start, indices.stop) if indices is not None else (0, sys.maxsize)
    while start < end:
        limit = min(PAGE_SIZE, end - start)
        page: list[dict[str, Any]] = await mass.send_command(
            "player_queues/items", queue_id=queue_id, limit=limit, offset=start
        )
        async for index, item in in_batches(enumerate(page, start)):
            yield index, item
        if len(page) < limit:
            return
        start += limit


async def async_fetch_item(
    mass: MusicAssistantClient, queue_id: str, index: int | None
) -> QueueItem | None:
    """Fetch an item of a queue by its index, None if there is none."""
    if index is None:
        return None
    indices = range(index, index + 1)
    items = [item async for _, item in async_fetch_raw_items(mass, queue_id, indices)]
    return QueueItem.from_dict(items[0]) if items else None
