"""Models of the server as action responses; the shapes are the built-in integration's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import ImageType, MediaType
from music_assistant_models.media_items import ItemMapping
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem
from music_assistant_models.streamdetails import StreamDetails
from yarl import URL

from .artwork import image_address, picture_url
from .lists import SHELVES, Item
from .resolve import Found

# Pictures of their own that some kinds have beside their thumbnail.
_EXTRA_IMAGES = {
    MediaType.ALBUM: ("discart_image", ImageType.DISCART),
    MediaType.ARTIST: ("fanart_image", ImageType.FANART),
}


@dataclass(frozen=True, slots=True)
class Serializer:
    """Turns a server's models into responses, with pictures at the configured address."""

    mass: MusicAssistantClient
    url: URL

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
        return {name: [self.item(item) for item in results.get(name, ())] for name in SHELVES}

    def found(self, found: Found) -> dict[str, Any]:
        """Return {asked, match, uri}, and the item's keys where it is known."""
        item = self.item(found.item) if found.item else {}
        return {"asked": found.asked, "match": found.how.value, "uri": found.uri} | item

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
