"""A library with more tracks than anyone would make beforehand."""

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

from .library import FILES, LIBRARY, Library, cover, mapping

ADDED = datetime(2026, 1, 5, tzinfo=UTC)


class InOrder(Sequence[MediaItem]):
    """Items made when they are looked at, in the order of their names; none of them is liked."""

    def __init__(self, count: int, artist: ItemMapping) -> None:
        """Have so many tracks by an artist."""
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
            return [self._track(number) for number in range(*index.indices(self._count))]
        return self._track(range(self._count)[index])

    def _track(self, number: int) -> Track:
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
            metadata=MediaItemMetadata(images=UniqueList([cover(f"cover/track/{item_id}")])),
        )


class LongShelf(Mapping[str, MediaItem]):
    """A shelf of tracks by their ids, which are their numbers."""

    def __init__(self, tracks: InOrder) -> None:
        """Hold them."""
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


def long_library(tracks: int) -> Library:
    """Return a library of so many tracks beside what any library has."""
    library = Library.generate()
    artist = cast("Artist", next(iter(library.items(MediaType.ARTIST))))
    shelf = LongShelf(InOrder(tracks, mapping(artist)))
    library.shelves[MediaType.TRACK] = cast("dict[str, MediaItem]", shelf)
    return library
