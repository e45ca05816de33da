"""Items of a queue, read in ranges and serialized for responses and dashboards."""

from collections.abc import Callable
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import MediaItemImage, media_from_dict
from music_assistant_models.queue_item import QueueItem

from ..const import LOGGER
from ..server.errors import DECODE_ERRORS
from ..server.queues import PAGE_SIZE, async_fetch_raw_items
from .library_lists import get_album_name, get_artist_names

# Items returned before the current one by default.
ITEMS_BEFORE_CURRENT: Final = 5
# Media types that can be added to playlists.
PLAYLIST_MEDIA_TYPES: Final = frozenset(
    {MediaType.TRACK, MediaType.RADIO, MediaType.PODCAST_EPISODE, MediaType.AUDIOBOOK}
)

type GetImageUrl = Callable[[MediaItemImage], str | None]
type QueueItemData = dict[str, Any]


def get_index_range(
    current: int | None,
    *,
    limit: int | None = None,
    offset: int | None = None,
    before: int | None = None,
    after: int | None = None,
) -> range:
    """Return the range of indices to read from a queue.

    `before` and `after` are counted from the current item, and take precedence over `offset` and
    `limit`.
    """
    current_index = current or 0
    if before is not None or offset is None:
        offset = max(current_index - (ITEMS_BEFORE_CURRENT if before is None else before), 0)
    end = (
        offset + (PAGE_SIZE if limit is None else limit)
        if after is None
        else current_index + after + 1
    )
    return range(offset, end)


async def async_get_queue_items(
    mass: MusicAssistantClient, queue_id: str, indices: range, get_image_url: GetImageUrl
) -> list[QueueItemData]:
    """Return a range of a queue's items, serialized; unreadable items are skipped."""
    items = []
    async for index, raw in async_fetch_raw_items(mass, queue_id, indices):
        try:
            items.append(_serialize_queue_item(_parse_queue_item(raw), index, get_image_url))
        except DECODE_ERRORS as err:
            LOGGER.debug("Skipping unreadable item %s of queue %s: %r", index, queue_id, err)
    return items


async def async_get_playlist_uris(mass: MusicAssistantClient, queue_id: str) -> list[str]:
    """Return the URIs of a queue's items that can be added to a playlist."""
    return [
        media_item["uri"]
        async for _, raw in async_fetch_raw_items(mass, queue_id)
        if (media_item := raw.get("media_item"))
        and media_item.get("uri")
        and media_item.get("media_type") in PLAYLIST_MEDIA_TYPES
    ]


def _parse_queue_item(raw: dict[str, Any]) -> QueueItem:
    """Parse a queue item; `QueueItem.from_dict` would parse any media item as a track."""
    media = raw.get("media_item")
    item = QueueItem.from_dict({**raw, "media_item": None})
    item.media_item = media_from_dict(media) if media else None  # type: ignore[assignment]
    return item


def _serialize_queue_item(item: QueueItem, index: int, get_image_url: GetImageUrl) -> QueueItemData:
    """Serialize a queue item as mass_queue does, with additional keys.

    {queue_item_id, media_title, media_artist, media_album_name, media_content_id, media_image,
    favorite} as mass_queue, where unknown values are "", and {position (from 1), media_type,
    duration (s), playable}; {chapters} if it has any
    """
    media = item.media_item
    image = item.image or (media.image if media else None)
    chapters = (media.metadata.chapters or ()) if media else ()
    return {
        "queue_item_id": item.queue_item_id,
        "position": index + 1,
        "media_content_id": item.uri,
        "media_type": item.media_type.value,
        "media_title": media.name if media else item.name,
        "media_artist": ", ".join(get_artist_names(media)),
        "media_album_name": get_album_name(media),
        "media_image": (get_image_url(image) if image else None) or "",
        "duration": item.duration,
        "favorite": bool(media and media.favorite),
        "playable": item.available,
        **({"chapters": [chapter.to_dict() for chapter in chapters]} if chapters else {}),
    }
