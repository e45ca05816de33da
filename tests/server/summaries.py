"""Summaries of items, which newer servers list in place of whole items."""

from __future__ import annotations

from typing import Final

from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import (
    AlbumSummary,
    ArtistSummary,
    AudiobookSummary,
    GenreSummary,
    MediaItem,
    MediaItemMetadata,
    MediaItemSummaryType,
    PlaylistSummary,
    PodcastSummary,
    RadioSummary,
    TrackSummary,
    UniqueList,
)

# An assumption: servers 2.10 have them, 2.7 (schema 29) hasn't; which version brought them isn't
# known.
SUMMARIES_SINCE: Final = 46

_CLASSES: Final[dict[MediaType, type[MediaItemSummaryType]]] = {
    MediaType.ARTIST: ArtistSummary,
    MediaType.ALBUM: AlbumSummary,
    MediaType.TRACK: TrackSummary,
    MediaType.PLAYLIST: PlaylistSummary,
    MediaType.RADIO: RadioSummary,
    MediaType.AUDIOBOOK: AudiobookSummary,
    MediaType.PODCAST: PodcastSummary,
    MediaType.GENRE: GenreSummary,
}
# What a full item has and a slim one hasn't.
_OMITTED_FIELDS: Final = (
    "provider_mappings",
    "metadata",
    "external_ids",
    "genre_aliases",
    "last_played",
)


def summarize(item: MediaItem) -> MediaItem:
    """Return an item without provider mappings, and with only an image of its metadata."""
    fields = {name: value for name, value in item.to_dict().items() if name not in _OMITTED_FIELDS}
    shown = _CLASSES[item.media_type].from_dict(fields | {"available": _is_set(item)})
    images = [item.image] if item.image else None
    shown.metadata = MediaItemMetadata(images=UniqueList(images) if images else None)
    return shown


def _is_set(item: MediaItem) -> bool:
    return item.available or item.media_type is MediaType.GENRE
