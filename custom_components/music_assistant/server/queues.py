"""Cache of queues that decodes items when they are read, and fetching of queue items."""

from collections.abc import AsyncIterator, Callable, Mapping
import sys
import time
from typing import Any, Final, NamedTuple, Self, override

from music_assistant_client import MusicAssistantClient
from music_assistant_client.player_queues import PlayerQueues
from music_assistant_models.enums import EventType, MediaType, PlaybackState, RepeatMode
from music_assistant_models.event import MassEvent
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem
import orjson

from ..const import LOGGER
from ..helpers.batching import in_batches
from .clock import convert_times
from .errors import DECODE_ERRORS
from .limits import is_valid_id
from .payloads import PayloadCache, build_optional_decoder, copy_with, decode_fields

# Items per request.
PAGE_SIZE: Final = 500
# Fields with an item.
_ITEM_FIELDS: Final = ("current_item", "next_item")
# Types of what is played from and isn't shown as the album of its items.
_PLAYLIST_TYPES: Final = frozenset(
    {MediaType.PLAYLIST, MediaType.FOLDER, MediaType.GENRE, MediaType.ARTIST}
)


# Fields of a queue, other than its items, that change often, and what decodes them.
_FREQUENT_FIELDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "items": int,
    "shuffle_enabled": bool,
    "repeat_mode": RepeatMode,
    "current_index": build_optional_decoder(int),
    "index_in_buffer": build_optional_decoder(int),
    "ended": bool,
    "elapsed_time": float,
    "elapsed_time_last_updated": float,
    "playback_speed": float,
    "state": PlaybackState,
    "resume_pos": int,
}
_TIME_FIELDS: Final = ("elapsed_time", "elapsed_time_last_updated")


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
            payload, self._is_decoded = _load_text(self.text), True
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
        data = dict(payload)
        texts = {name: orjson.dumps(data.pop(name, None)).decode() for name in _ITEM_FIELDS}
        queue = cls.from_dict(data)
        queue.set_items(texts, previous.lazy_items if previous else ())
        return queue

    def set_items(self, texts: Mapping[str, str], known_items: tuple[LazyQueueItem, ...]) -> None:
        """Set the items from their JSON texts, reusing known ones; one without a text stays."""
        items = tuple(
            _find_or_build_item(texts[name], known_items) if name in texts else known_items[index]
            for index, name in enumerate(_ITEM_FIELDS)
        )
        # not annotated in the class, where it would become a field
        self.lazy_items: tuple[LazyQueueItem, ...] = items

    @property
    def lazy_current_item(self) -> LazyQueueItem:
        """Return the current item, which may be none."""
        return self.lazy_items[0]

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


def _find_or_build_item(text: str, known_items: tuple[LazyQueueItem, ...]) -> LazyQueueItem:
    """Return the item of a JSON text, the same object as before if it hasn't changed."""
    for item in known_items:
        if item.text == text:
            item.text = text  # that the cache keeps, too; two copies would be two of 3 KB or more
            return item
    return LazyQueueItem(_load_text(text), text)


def _load_text(text: str) -> Any:
    """Return the data of a JSON text that is kept.

    Given the text itself, the decoder would leave another copy of its characters with it.
    """
    return orjson.loads(text.encode())


class Queues(PlayerQueues):
    """Cache of queues that decodes the last payload when a queue is read, and an item once.

    Each queue event contains both items. Decoding them took most of the time of an event, and the
    most frequent events don't change them.
    """

    def __init__(
        self, client: MusicAssistantClient, get_clock_offset: Callable[[], float] = float
    ) -> None:
        """Initialize an empty cache.

        `get_clock_offset` returns the seconds by which the server's clock is ahead.
        """
        self._get_clock_offset = get_clock_offset
        self._cache = PayloadCache(
            "queue",
            frozenset((*_FREQUENT_FIELDS, *_ITEM_FIELDS)),
            self._decode_queue,
            self._update_queue,
        )
        super().__init__(client)
        # servers have no event for the removal of a queue, which has the id of its player
        client.subscribe(self._handle_player_removed, EventType.PLAYER_REMOVED)

    @property
    def _queues(self) -> dict[str, PlayerQueue]:
        """Return all queues, decoded; the library reads this attribute."""
        return {**self._cache.get_all()}

    @_queues.setter
    def _queues(self, queues: dict[str, PlayerQueue]) -> None:
        """Ignore the empty cache of the library."""

    @override
    def get(self, queue_id: str) -> LazyQueue | None:
        """Return a queue, None if it doesn't exist."""
        return self._cache.get(queue_id)

    def _decode_queue(self, queue_id: str, data: Any, before: LazyQueue | None) -> LazyQueue:
        """Return the queue of a whole payload."""
        if data["queue_id"] != queue_id:
            raise ValueError("the queue has another id")
        return LazyQueue.from_payload(convert_times(data, self._get_clock_offset()), before)

    def _update_queue(self, before: LazyQueue, texts: Mapping[str, str]) -> LazyQueue:
        """Return a queue with other items and frequent fields."""
        own = {name: text for name, text in texts.items() if name not in _ITEM_FIELDS}
        changes = decode_fields(_FREQUENT_FIELDS, own)
        queue = copy_with(before, convert_times(changes, self._get_clock_offset()))
        queue.set_items(texts, before.lazy_items)
        return queue

    @override
    def _handle_event(self, event: MassEvent) -> None:
        """Keep the payload of an event until the queue is read."""
        queue_id = event.object_id
        if not is_valid_id(queue_id):
            return
        if event.event is not EventType.QUEUE_TIME_UPDATED:
            self._cache.add(queue_id, event.data)
        elif (queue := self.get(queue_id)) is not None:
            queue.elapsed_time = float(event.data)
            queue.elapsed_time_last_updated = time.time()
            self._cache.expire(queue_id, _TIME_FIELDS)

    def _handle_player_removed(self, event: MassEvent) -> None:
        """Remove the queue of a removed player."""
        if event.object_id is not None:
            self._cache.remove(event.object_id)


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
