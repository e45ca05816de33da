"""The items of a queue: read in parts, and as answers and dashboards show them."""

from collections.abc import Callable
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import MediaItemImage, media_from_dict
from music_assistant_models.queue_item import QueueItem

from ..const import LOGGER
from ..server.errors import UNREADABLE
from ..server.queues import PAGE, async_raw
from .library_lists import people_of, whole_of

# What is before the current item unless it is said.
BEFORE: Final = 5
# What playlists can hold.
LISTABLE: Final = frozenset(
    {MediaType.TRACK, MediaType.RADIO, MediaType.PODCAST_EPISODE, MediaType.AUDIOBOOK}
)

type Picture = Callable[[MediaItemImage], str | None]
type Row = dict[str, Any]


def part(
    current: int | None,
    *,
    limit: int | None = None,
    offset: int | None = None,
    before: int | None = None,
    after: int | None = None,
) -> range:
    """Return the indices of the part of a queue that was asked for.

    `before` and `after` count from the current item; each wins over what it contradicts.
    """
    here = current or 0
    if before is not None or offset is None:
        offset = max(here - (BEFORE if before is None else before), 0)
    end = offset + (PAGE if limit is None else limit) if after is None else here + after + 1
    return range(offset, end)


async def async_rows(
    mass: MusicAssistantClient, queue_id: str, wanted: range, picture: Picture
) -> list[Row]:
    """Return a part of a queue; what can't be read is left out."""
    rows = []
    async for index, raw in async_raw(mass, queue_id, wanted):
        try:
            rows.append(_row(_decoded(raw), index, picture))
        except UNREADABLE as err:
            LOGGER.debug("Left out item %s of queue %s: %r", index, queue_id, err)
    return rows


async def async_listable(mass: MusicAssistantClient, queue_id: str) -> list[str]:
    """Return the uris of all in a queue that a playlist can hold."""
    media = [raw.get("media_item") or {} async for _, raw in async_raw(mass, queue_id)]
    return [one["uri"] for one in media if one.get("uri") and one.get("media_type") in LISTABLE]


def _decoded(raw: dict[str, Any]) -> QueueItem:
    """Return an item; the library would take whatever it is for a track."""
    media = raw.get("media_item")
    item = QueueItem.from_dict({**raw, "media_item": None})
    item.media_item = media_from_dict(media) if media else None  # type: ignore[assignment]
    return item


def _row(item: QueueItem, index: int, picture: Picture) -> Row:
    """Return an item as mass_queue does, and more.

    {queue_item_id, media_title, media_artist, media_album_name, media_content_id, media_image,
    favorite} as there, where what isn't known is "", and {position (from 1), media_type,
    duration (s), playable}
    """
    media = item.media_item
    image = item.image or (media.image if media else None)
    return {
        "queue_item_id": item.queue_item_id,
        "position": index + 1,
        "media_content_id": item.uri,
        "media_type": item.media_type.value,
        "media_title": media.name if media else item.name,
        "media_artist": ", ".join(people_of(media)),
        "media_album_name": whole_of(media),
        "media_image": (picture(image) if image else None) or "",
        "duration": item.duration,
        "favorite": bool(media and media.favorite),
        "playable": item.available,
    }
