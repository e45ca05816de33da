"""A library with so many tracks that they are created when they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, ValuesView
from datetime import UTC, datetime
from typing import cast, overload, override

from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import (
    Artist,
    ItemMapping,
    MediaItem,
    MediaItemMetadata,
    ProviderMapping,
    Track,
    UniqueList,
)

from .library import FILES, LIBRARY, Library, create_cover, get_item_mapping

ADDED = datetime(2026, 1, 5, tzinfo=UTC)


class LazyTracks(Sequence[MediaItem]):
    """Represent tracks that are created when they are read, in the order of their names."""

    def __init__(self, count: int, artist: ItemMapping) -> None:
        """Initialize for a number of tracks by an artist."""
        self._count = count
        self._artist = artist

    @override
    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> MediaItem: ...

    @overload
    def __getitem__(self, index: slice) -> list[MediaItem]: ...

    @override
    def __getitem__(self, index: int | slice) -> MediaItem | list[MediaItem]:
        if isinstance(index, slice):
            return [self._create_track(number) for number in range(*index.indices(self._count))]
        return self._create_track(range(self._count)[index])

    def _create_track(self, number: int) -> Track:
        item_id = str(number + 1)
        at_home = ProviderMapping(
            item_id=f"{item_id}.flac",
            provider_domain=FILES.domain,
            provider_instance=FILES.instance_id,
            in_library=True,
        )
        return Track(
            item_id=item_id,
            provider=LIBRARY,
            name=f"Song {number + 1:06}",
            duration=180,
            favorite=False,
            date_added=ADDED,
            artists=UniqueList([self._artist]),
            provider_mappings={at_home},
            metadata=MediaItemMetadata(images=UniqueList([create_cover(f"cover/track/{item_id}")])),
        )


class LazyTracksById(Mapping[str, MediaItem]):
    """Represent tracks by their ids, which are their numbers."""

    def __init__(self, tracks: LazyTracks) -> None:
        """Initialize with the tracks."""
        self._tracks = tracks

    @override
    def __getitem__(self, item_id: str) -> MediaItem:
        if not item_id.isdecimal() or not 0 < int(item_id) <= len(self._tracks):
            raise KeyError(item_id)
        return self._tracks[int(item_id) - 1]

    @override
    def __iter__(self) -> Iterator[str]:
        return map(str, range(1, len(self._tracks) + 1))

    @override
    def __len__(self) -> int:
        return len(self._tracks)

    @override
    def values(self) -> ValuesView[MediaItem]:
        return cast("ValuesView[MediaItem]", self._tracks)


def create_large_library(tracks: int) -> Library:
    """Return a library with a number of tracks in addition to the usual items."""
    library = Library.create()
    artist = cast("Artist", next(iter(library.get_library_items(MediaType.ARTIST))))
    shelf = LazyTracksById(LazyTracks(tracks, get_item_mapping(artist)))
    library.shelves[MediaType.TRACK] = cast("dict[str, MediaItem]", shelf)
    return library
