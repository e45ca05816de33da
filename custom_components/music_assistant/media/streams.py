"""Streams that a browser plays: samples of tracks, and public streams of stations and episodes.

The server has no stream of a whole track other than for its players: what it offers to others is a
sample of half a minute, made on request (`/preview`), or the provider's own.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import ContentType, MediaType
from music_assistant_models.media_items import ItemMapping, ProviderMapping, Track
from yarl import URL

from ..server.public_network import is_local_host
from .library_lists import Item

# Path below which Home Assistant serves streams (`api/streams.py`).
STREAM_PATH: Final = "/api/music_assistant/stream"
PREVIEW_PATH: Final = "preview"
# MIME types of streams; most with unknown content are MP3.
DEFAULT_MIME_TYPE: Final = "audio/mpeg"
PREVIEW_MIME_TYPE: Final = "audio/aac"
MIME_TYPES: Final = {
    ContentType.AAC: "audio/aac",
    ContentType.FLAC: "audio/flac",
    ContentType.M4A: "audio/mp4",
    ContentType.MP3: "audio/mpeg",
    ContentType.OGG: "audio/ogg",
    ContentType.OPUS: "audio/ogg",
    ContentType.WAV: "audio/wav",
}


@dataclass(frozen=True, slots=True)
class ItemStream:
    """Represent a stream of an item: a path below the server's URL, or a URL elsewhere."""

    address: str
    mime_type: str
    is_from_server: bool = False

    @property
    def needs_proxy(self) -> bool:
        """Return whether a browser gets the stream from Home Assistant.

        Browsers refuse unencrypted streams on an encrypted page, and may not reach the server.
        A station of the local network they can only get from there.
        """
        if self.is_from_server:
            return True
        url = parse_stream_url(self.address)
        return url is not None and url.scheme == "http" and not is_local_host(url.host or "")


async def async_get_stream(mass: MusicAssistantClient, item: Item) -> ItemStream | None:
    """Return the stream of an item that a browser plays, None if there is none."""
    if isinstance(item, Track):
        return await _async_get_preview(mass, item)
    return get_public_stream(item)


def get_public_stream(item: Item) -> ItemStream | None:
    """Return the stream of a radio station or an episode that anybody can play, if it has one."""
    if isinstance(item, ItemMapping):
        return None
    for mapping in _sort_mappings(item.provider_mappings):
        if item.media_type is MediaType.RADIO and parse_stream_url(mapping.item_id):
            mime_type = MIME_TYPES.get(mapping.audio_format.content_type, DEFAULT_MIME_TYPE)
            return ItemStream(mapping.item_id, mime_type)
        # the URL of an episode may as well be that of a page about it
        if (
            item.media_type is MediaType.PODCAST_EPISODE
            and mapping.url
            and (audio_type := _get_mime_type(mapping.url))
        ):
            return ItemStream(mapping.url, audio_type)
    return None


async def _async_get_preview(mass: MusicAssistantClient, track: Track) -> ItemStream | None:
    """Return the sample of a track, None if no provider has the track.

    The server's own samples are requested by the address at which Home Assistant knows it, which
    the base URL of the server need not be.
    """
    for mapping in _sort_mappings(track.provider_mappings):
        if not mass.get_provider(mapping.provider_instance):
            continue
        address = await mass.music.track_preview(mapping.provider_instance, mapping.item_id)
        if (url := parse_stream_url(address)) is None:
            continue
        if not _is_own_preview(url):
            return ItemStream(address, _get_mime_type(address) or DEFAULT_MIME_TYPE)
        item_id = quote(quote(mapping.item_id, safe=""), safe="")  # the server decodes it twice
        provider = quote(mapping.provider_instance, safe="")
        return ItemStream(
            f"{PREVIEW_PATH}?provider={provider}&item_id={item_id}", PREVIEW_MIME_TYPE, True
        )
    return None


def parse_stream_url(address: str) -> URL | None:
    """Return the URL of a stream, None if it isn't one."""
    try:
        # signed URLs become invalid when quoted again, but some addresses aren't quoted at all
        url = URL(address, encoded=address.isascii() and " " not in address)
    except ValueError:
        return None
    return url if url.scheme in {"http", "https"} and url.host else None


def build_stream_path(entry_id: str, uri: str) -> str:
    """Build the path below which Home Assistant serves the stream of an item."""
    return f"{STREAM_PATH}/{entry_id}/{urlsafe_b64encode(uri.encode()).decode().rstrip('=')}"


def parse_stream_uri(packed: str) -> str | None:
    """Return the URI of the item in a path, None if it is invalid."""
    try:
        return urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except ValueError:
        return None


def _sort_mappings(mappings: set[ProviderMapping]) -> list[ProviderMapping]:
    """Return the available mappings, the best first."""
    available = [mapping for mapping in mappings if mapping.available]
    return sorted(available, key=lambda mapping: (-mapping.quality, mapping.provider_instance))


def _is_own_preview(url: URL) -> bool:
    """Return whether a URL is of a sample that the server makes."""
    return url.path.endswith(f"/{PREVIEW_PATH}") and {"provider", "item_id"} <= url.query.keys()


def _get_mime_type(address: str) -> str | None:
    """Return the MIME type of an audio file at a URL, None if its name doesn't tell."""
    if (url := parse_stream_url(address)) is None:
        return None
    suffix = PurePosixPath(url.path).suffix.removeprefix(".").lower()
    return MIME_TYPES.get(ContentType(suffix)) if suffix else None
