"""Models of the server as action responses; the shapes are the built-in integration's."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from mashumaro import DataClassDictMixin
from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import ImageType, MediaType
from music_assistant_models.media_items import ItemMapping, RecommendationFolder
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem
from music_assistant_models.streamdetails import StreamDetails
from yarl import URL

from ..share_links.recording import Recording
from .artwork import image_address, picture_url
from .library_lists import SHELVES, Item, people_of, whole_of
from .resolve import NEAREST, Found
from .share_links import Candidate, Linked

# Pictures of their own that some kinds have beside their thumbnail.
_EXTRA_IMAGES = {
    MediaType.ALBUM: ("discart_image", ImageType.DISCART),
    MediaType.ARTIST: ("fanart_image", ImageType.FANART),
}
# What only some kinds have, told where an item is told in detail.
_DETAILS = (
    "duration",
    "year",
    "album_type",
    "disc_number",
    "track_number",
    "position",
    "owner",
    "is_editable",
    "is_dynamic",
    "publisher",
    "total_episodes",
    "authors",
    "narrators",
    "fully_played",
    "resume_position_ms",
    "date_added",
)
_DETAILS_OF_METADATA = ("description", "genres", "release_date", "chapters")


@dataclass(frozen=True, slots=True)
class Serializer:
    """Turns a server's models into responses.

    Their pictures are twice there: `image` at the server's configured address, as the built-in
    integration has it, and `thumbnail` through Home Assistant, for whoever shows it.
    """

    mass: MusicAssistantClient
    url: URL
    thumbnail: Callable[[Item], str | None]

    def listed(self, item: Item) -> dict[str, Any]:
        """Return an item of a list: as `item`, and its thumbnail."""
        return self.item(item) | {"thumbnail": self.thumbnail(item)}

    def detailed(self, item: Item) -> dict[str, Any]:
        """Return an item of a list with all that only its kind has, such as its duration (s)."""
        sources = ((item, _DETAILS), (getattr(item, "metadata", None), _DETAILS_OF_METADATA))
        details = {name: getattr(source, name, None) for source, names in sources for name in names}
        known = {name: _plain(value) for name, value in details.items() if value is not None}
        return self.listed(item) | known

    def recommendation(self, group: RecommendationFolder, items: Iterable[Item]) -> dict[str, Any]:
        """Return {item_id, provider, name, sort_name, uri, icon, image, items}, as mass_queue.

        Its picture is that of its first item that has one.
        """
        told = [self._recommended(item) for item in items]
        return {
            "item_id": group.item_id,
            "provider": group.provider,
            "name": group.name,
            "sort_name": group.sort_name,
            "uri": group.uri,
            "icon": group.icon,
            "image": next((one["image"] for one in told if one["image"]), None),
            "items": told,
        }

    def _recommended(self, item: Item) -> dict[str, Any]:
        told = self.listed(item)
        own = {"item_id": item.item_id, "sort_name": item.sort_name}
        return told | own | {"image": told["thumbnail"] or ""}

    def entry(self, item: Item) -> dict[str, Any]:
        """Return an item as mass_queue does (see `actions/mass_queue.py`)."""
        entry = {
            "media_title": item.name,
            "media_content_id": item.uri,
            "duration": getattr(item, "duration", None) or 0,
            "media_image": self.thumbnail(item) or "",
            "favorite": bool(getattr(item, "favorite", False)),
            "media_album_name": whole_of(item),
            "media_artist": ", ".join(people_of(item)),
        }
        if item.media_type is MediaType.PODCAST_EPISODE:
            released = item.metadata.release_date if not isinstance(item, ItemMapping) else None
            return entry | {"release_date": released.isoformat() if released else ""}
        position = getattr(item, "position", None)
        return entry if position is None else entry | {"position": position}

    def item(self, item: Item) -> dict[str, Any]:
        """Return {media_type, uri, name, version, image}.

        Of a full item also favorite, explicit and, where it has them, artists and album.
        """
        result: dict[str, Any] = {
            "media_type": item.media_type.value,
            "uri": item.uri,
            "name": item.name,
            "version": item.version,
            "image": self._image(item),
        }
        if isinstance(item, ItemMapping):
            return result
        result["favorite"] = item.favorite
        result["explicit"] = item.metadata.explicit
        if extra := _EXTRA_IMAGES.get(item.media_type):
            key, image_type = extra
            result[key] = self._image(item, image_type)
        if artists := getattr(item, "artists", None):
            result["artists"] = [self.item(artist) for artist in artists]
        if album := getattr(item, "album", None):
            result["album"] = self.item(album)
        return result

    def search_results(self, results: Mapping[str, Sequence[Item]]) -> dict[str, Any]:
        """Return {artists: [...], albums: [...], ...}: a list for each kind."""
        return {name: [self.listed(item) for item in results.get(name, ())] for name in SHELVES}

    def found(self, found: Found) -> dict[str, Any]:
        """Return {asked, match, uri}, and the item's keys where it is known."""
        item = self.listed(found.item) if found.item else {}
        how = {"asked": found.asked, "match": found.how.value, "certainty": found.certainty}
        return how | {"uri": found.uri} | item

    def linked(self, linked: Linked) -> dict[str, Any]:
        """Return what a link stands for, and what it may be here.

        {link, told_by (server, MusicAPI, Odesli or None), recording {title, artists, album,
        duration (s), isrc, media_type} or None, chosen and each of nearest {certainty (0 to 1),
        by (server, id, isrc or name)} with an item's keys; chosen is None if none is sure}
        """
        recording = linked.recording
        return {
            "link": linked.link,
            "told_by": linked.told_by,
            "recording": recording and self.recording(recording),
            "chosen": linked.chosen and self.candidate(linked.chosen),
            "nearest": [self.candidate(one) for one in linked.candidates[:NEAREST]],
        }

    def candidate(self, candidate: Candidate) -> dict[str, Any]:
        """Return an item with how sure it is that it is meant."""
        sure = {"certainty": round(candidate.certainty, 3), "by": candidate.by.value}
        return sure | self.listed(candidate.item)

    @staticmethod
    def recording(recording: Recording) -> dict[str, Any]:
        """Return what is known of a recording."""
        return {
            "title": recording.title,
            "artists": list(recording.artists),
            "album": recording.album,
            "duration": recording.duration,
            "isrc": recording.isrc,
            "media_type": recording.media_type.value,
        }

    def queue(self, queue: PlayerQueue) -> dict[str, Any]:
        """Return a queue as it is now.

        {queue_id, active, name, items (count), shuffle_enabled, repeat_mode, current_index,
        elapsed_time (s), current_item, next_item}
        """
        return {
            "queue_id": queue.queue_id,
            "active": queue.active,
            "name": queue.display_name,
            "items": queue.items,
            "shuffle_enabled": queue.shuffle_enabled,
            "repeat_mode": queue.repeat_mode.value,
            "current_index": queue.current_index,
            "elapsed_time": int(queue.corrected_elapsed_time),
            "current_item": self.queue_item(queue.current_item),
            "next_item": self.queue_item(queue.next_item),
        }

    def queue_item(self, item: QueueItem | None) -> dict[str, Any] | None:
        """Return {queue_item_id, name, duration (s), media_item, stream_title}.

        While it is streamed also stream_details.
        """
        if item is None:
            return None
        result: dict[str, Any] = {
            "queue_item_id": item.queue_item_id,
            "name": item.name,
            "duration": item.duration,
            "media_item": self.item(item.media_item) if item.media_item else None,
            "stream_title": item.streamdetails.stream_title if item.streamdetails else None,
        }
        if item.streamdetails:
            result["stream_details"] = _stream(item.streamdetails)
        return result

    def _image(self, item: Item, image_type: ImageType = ImageType.THUMB) -> str | None:
        image = self.mass.music.get_media_item_image(item, image_type)
        info = self.mass.server_info
        if image is None or info is None:
            return None
        url = picture_url(image_address(image, info.schema_version), self.url)
        return str(url) if url else None


def _plain(value: Any) -> Any:
    """Return a value of a model as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value.to_dict() if isinstance(value, DataClassDictMixin) else value


def _stream(details: StreamDetails) -> dict[str, Any]:
    audio = details.audio_format
    stream = {
        "provider": details.provider,
        "item_id": details.item_id,
        "content_type": audio.content_type.value,
        "sample_rate": audio.sample_rate,
        "bit_depth": audio.bit_depth,
        "bit_rate": audio.bit_rate,
    }
    return {key: value for key, value in stream.items() if value is not None}
