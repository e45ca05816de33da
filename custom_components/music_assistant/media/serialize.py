"""Serialization of models for action responses, shaped as by the built-in integration."""

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
from .artwork import get_image_address, resolve_image_url
from .library_lists import LIBRARY_LISTS, Item, get_album_name, get_artist_names
from .resolve import MAX_SUGGESTIONS, ResolvedMedia
from .share_links import Candidate, ResolvedLink

# Additional images of some media types: key and image type.
_EXTRA_IMAGES = {
    MediaType.ALBUM: ("discart_image", ImageType.DISCART),
    MediaType.ARTIST: ("fanart_image", ImageType.FANART),
}
# Details that only some media types have.
_DETAIL_FIELDS = (
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
_METADATA_FIELDS = ("description", "genres", "release_date", "chapters")


@dataclass(frozen=True, slots=True)
class Serializer:
    """Serialize a server's models.

    An item has two addresses of its image: `image` at the server's configured URL, as in the
    built-in integration, and `thumbnail` at Home Assistant, which browsers can always reach.
    `on_image_url` is called with the former.
    """

    mass: MusicAssistantClient
    url: URL
    thumbnail: Callable[[Item], str | None]
    on_image_url: Callable[[URL], None] = lambda _url: None

    def serialize_list_item(self, item: Item) -> dict[str, Any]:
        """Serialize an item of a list with its thumbnail."""
        return self.serialize_item(item) | {"thumbnail": self.thumbnail(item)}

    def serialize_detailed_item(self, item: Item) -> dict[str, Any]:
        """Serialize an item with the details of its media type, such as its duration (s)."""
        sources = ((item, _DETAIL_FIELDS), (getattr(item, "metadata", None), _METADATA_FIELDS))
        details = {name: getattr(source, name, None) for source, names in sources for name in names}
        known_details = {
            name: _convert_value(value) for name, value in details.items() if value is not None
        }
        return self.serialize_list_item(item) | known_details

    def serialize_recommendation(
        self, group: RecommendationFolder, items: Iterable[Item]
    ) -> dict[str, Any]:
        """Serialize a group of recommendations as mass_queue does.

        {item_id, provider, name, sort_name, uri, icon, image, items}; the image is that of its
        first item with an image.
        """
        serialized = [self._serialize_recommended_item(item) for item in items]
        return {
            "item_id": group.item_id,
            "provider": group.provider,
            "name": group.name,
            "sort_name": group.sort_name,
            "uri": group.uri,
            "icon": group.icon,
            "image": next((item["image"] for item in serialized if item["image"]), None),
            "items": serialized,
        }

    def _serialize_recommended_item(self, item: Item) -> dict[str, Any]:
        serialized = self.serialize_list_item(item)
        ids = {"item_id": item.item_id, "sort_name": item.sort_name}
        return serialized | ids | {"image": serialized["thumbnail"] or ""}

    def serialize_mass_queue_item(self, item: Item) -> dict[str, Any]:
        """Serialize an item as mass_queue does (see `mass_queue/actions.py`)."""
        entry = {
            "media_title": item.name,
            "media_content_id": item.uri,
            "duration": getattr(item, "duration", None) or 0,
            "media_image": self.thumbnail(item) or "",
            "favorite": bool(getattr(item, "favorite", False)),
            "media_album_name": get_album_name(item),
            "media_artist": ", ".join(get_artist_names(item)),
        }
        if item.media_type is MediaType.PODCAST_EPISODE:
            released = item.metadata.release_date if not isinstance(item, ItemMapping) else None
            return entry | {"release_date": released.isoformat() if released else ""}
        position = getattr(item, "position", None)
        return entry if position is None else entry | {"position": position}

    def serialize_item(self, item: Item) -> dict[str, Any]:
        """Serialize an item: {media_type, uri, name, version, image}.

        A full item also has favorite, explicit and, where available, artists and album.
        """
        result: dict[str, Any] = {
            "media_type": item.media_type.value,
            "uri": item.uri,
            "name": item.name,
            "version": item.version,
            "image": self._get_image_url(item),
        }
        if isinstance(item, ItemMapping):
            return result
        result["favorite"] = item.favorite
        result["explicit"] = item.metadata.explicit
        if extra := _EXTRA_IMAGES.get(item.media_type):
            key, image_type = extra
            result[key] = self._get_image_url(item, image_type)
        if artists := getattr(item, "artists", None):
            result["artists"] = [self.serialize_item(artist) for artist in artists]
        if album := getattr(item, "album", None):
            result["album"] = self.serialize_item(album)
        return result

    def serialize_search_results(self, results: Mapping[str, Sequence[Item]]) -> dict[str, Any]:
        """Serialize search results: {artists: [...], albums: [...], ...}."""
        return {
            name: [self.serialize_list_item(item) for item in results.get(name, ())]
            for name in LIBRARY_LISTS
        }

    def serialize_resolved_media(self, media: ResolvedMedia) -> dict[str, Any]:
        """Serialize resolved media: {asked, match, certainty, uri}, and its item if loaded."""
        item = self.serialize_list_item(media.item) if media.item else {}
        match = {
            "asked": media.query,
            "match": media.method.value,
            "certainty": media.certainty,
        }
        return match | {"uri": media.uri} | item

    def serialize_share_link(self, resolved_link: ResolvedLink) -> dict[str, Any]:
        """Serialize a resolved share link.

        {link, told_by (server, MusicAPI, Odesli or None), recording {title, artists, album,
        duration (s), isrc, media_type} or None, chosen and each of nearest {certainty (0 to 1),
        by (server, id, isrc or name)} with an item's keys; chosen is None if no match is certain}
        """
        recording = resolved_link.recording
        return {
            "link": resolved_link.link,
            "told_by": resolved_link.resolved_by,
            "recording": recording and self.serialize_recording(recording),
            "chosen": resolved_link.match and self.serialize_candidate(resolved_link.match),
            "nearest": [
                self.serialize_candidate(candidate)
                for candidate in resolved_link.candidates[:MAX_SUGGESTIONS]
            ],
        }

    def serialize_candidate(self, candidate: Candidate) -> dict[str, Any]:
        """Serialize a candidate with its certainty."""
        match = {"certainty": round(candidate.certainty, 3), "by": candidate.matched_by.value}
        return match | self.serialize_list_item(candidate.item)

    @staticmethod
    def serialize_recording(recording: Recording) -> dict[str, Any]:
        """Serialize a recording."""
        return {
            "title": recording.title,
            "artists": list(recording.artists),
            "album": recording.album,
            "duration": recording.duration,
            "isrc": recording.isrc,
            "media_type": recording.media_type.value,
        }

    def serialize_queue(self, queue: PlayerQueue, next_item: QueueItem | None) -> dict[str, Any]:
        """Serialize a queue and the item that comes next.

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
            "current_item": self.serialize_queue_item(queue.current_item),
            "next_item": self.serialize_queue_item(next_item),
        }

    def serialize_queue_item(self, item: QueueItem | None) -> dict[str, Any] | None:
        """Serialize a queue item: {queue_item_id, name, duration (s), media_item, stream_title}.

        While it is streamed, it also has stream_details.
        """
        if item is None:
            return None
        result: dict[str, Any] = {
            "queue_item_id": item.queue_item_id,
            "name": item.name,
            "duration": item.duration,
            "media_item": self.serialize_item(item.media_item) if item.media_item else None,
            "stream_title": item.streamdetails.stream_title if item.streamdetails else None,
        }
        if item.streamdetails:
            result["stream_details"] = _serialize_stream(item.streamdetails)
        return result

    def _get_image_url(self, item: Item, image_type: ImageType = ImageType.THUMB) -> str | None:
        image = self.mass.music.get_media_item_image(item, image_type)
        info = self.mass.server_info
        if image is None or info is None:
            return None
        url = resolve_image_url(get_image_address(image, info.schema_version), self.url)
        if url is None:
            return None
        self.on_image_url(url)
        return str(url)


def _convert_value(value: Any) -> Any:
    """Convert a value of a model for JSON."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_convert_value(item) for item in value]
    return value.to_dict() if isinstance(value, DataClassDictMixin) else value


def _serialize_stream(details: StreamDetails) -> dict[str, Any]:
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
