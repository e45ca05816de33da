"""Searching, filtering, sorting and paging of lists, as every listing command does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
import random
from typing import Any, Self

from music_assistant_models.api import SortOptionInfo
from music_assistant_models.enums import ListingType, SortDirection, SortField
from music_assistant_models.errors import InvalidDataError
from music_assistant_models.helpers import create_safe_string
from music_assistant_models.media_items import MediaItem

from .library import Library
from .library_long import InOrder

DEFAULT_LIMIT = 500

type Key = Callable[[Library, MediaItem], Any]


@lru_cache(maxsize=200_000)
def plain(text: str) -> str:
    """Return a text without case, accents and signs, as it is compared."""
    return create_safe_string(text, lowercase=True, replace_space=True)


# Sorting


def _first_artist(_: Library, item: MediaItem) -> str:
    artists = getattr(item, "artists", None)
    return plain(artists[0].name) if artists else ""


def _album(_: Library, item: MediaItem) -> str:
    album = getattr(item, "album", None)
    return plain(album.name) if album else ""


def _added(_: Library, item: MediaItem) -> float:
    added: datetime | None = getattr(item, "date_added", None)
    return added.timestamp() if added else 0.0


def _number(name: str) -> Key:
    return lambda _, item: getattr(item, name, None) or 0


KEYS: dict[SortField, Key] = {
    SortField.NAME: lambda _, item: plain(item.name),
    SortField.SORT_NAME: lambda _, item: plain(item.sort_name or item.name),
    SortField.TIMESTAMP_ADDED: _added,
    SortField.TIMESTAMP_MODIFIED: _added,
    SortField.FAVORITE_TIMESTAMP: _added,
    SortField.LAST_PLAYED: _number("last_played"),
    SortField.PLAY_COUNT: lambda library, item: library.play_counts[item.uri or ""],
    SortField.DURATION: _number("duration"),
    SortField.YEAR: _number("year"),
    SortField.POSITION: _number("position"),
    SortField.ARTIST_NAME: _first_artist,
    SortField.ALBUM_NAME: _album,
    SortField.PROVIDER: lambda _, item: item.provider,
    SortField.TRACK_NUMBER: lambda _, item: (
        getattr(item, "disc_number", 0),
        getattr(item, "track_number", 0),
    ),
}
UNDIRECTED = frozenset({SortField.RANDOM, SortField.RANDOM_PLAY_COUNT, SortField.ORIGINAL})
DESCENDING = frozenset(
    {
        SortField.TIMESTAMP_ADDED,
        SortField.TIMESTAMP_MODIFIED,
        SortField.FAVORITE_TIMESTAMP,
        SortField.LAST_PLAYED,
        SortField.PLAY_COUNT,
        SortField.YEAR,
    }
)

_COMMON = (
    SortField.SORT_NAME,
    SortField.NAME,
    SortField.TIMESTAMP_ADDED,
    SortField.TIMESTAMP_MODIFIED,
    SortField.LAST_PLAYED,
    SortField.PLAY_COUNT,
    SortField.RANDOM,
    SortField.RANDOM_PLAY_COUNT,
)
_HELD = (SortField.ORIGINAL, SortField.NAME, SortField.SORT_NAME, SortField.RANDOM)
_HELD_TRACKS = (*_HELD, SortField.DURATION, SortField.ARTIST_NAME, SortField.ALBUM_NAME)
_HELD_ALBUMS = (*_HELD, SortField.YEAR, SortField.ARTIST_NAME)
# What each listing can be sorted by; the first is what it is sorted by unless asked.
SORTS: dict[ListingType, tuple[SortField, ...]] = {
    ListingType.LIBRARY_ARTISTS: _COMMON,
    ListingType.LIBRARY_ALBUMS: (*_COMMON, SortField.YEAR, SortField.ARTIST_NAME),
    ListingType.LIBRARY_TRACKS: (*_COMMON, SortField.DURATION, SortField.ARTIST_NAME),
    ListingType.LIBRARY_PLAYLISTS: _COMMON,
    ListingType.LIBRARY_RADIOS: _COMMON,
    ListingType.LIBRARY_AUDIOBOOKS: (*_COMMON, SortField.DURATION),
    ListingType.LIBRARY_PODCASTS: _COMMON,
    ListingType.LIBRARY_GENRES: _COMMON,
    ListingType.ALBUM_TRACKS: (SortField.TRACK_NUMBER, *_HELD_TRACKS),
    ListingType.ARTIST_TRACKS: _HELD_TRACKS,
    ListingType.ARTIST_ALBUMS: _HELD_ALBUMS,
    ListingType.TRACK_ALBUMS: _HELD_ALBUMS,
    ListingType.SIMILAR_TRACKS: _HELD_TRACKS,
    ListingType.PLAYLIST_TRACKS: (SortField.POSITION, *_HELD_TRACKS),
    ListingType.PODCAST_EPISODES: (SortField.POSITION, *_HELD, SortField.DURATION),
    ListingType.GENRE_TRACKS: _HELD_TRACKS,
    ListingType.GENRE_ALBUMS: _HELD_ALBUMS,
    ListingType.VERSIONS: _HELD,
    ListingType.BROWSE: _HELD,
}


def default_direction(sort: SortField) -> SortDirection | None:
    """Return the way a field is sorted unless asked otherwise."""
    if sort in UNDIRECTED:
        return None
    return SortDirection.DESC if sort in DESCENDING else SortDirection.ASC


def sort_options(listing: ListingType) -> list[SortOptionInfo]:
    """Return what a listing can be sorted by, the default first."""
    return [
        SortOptionInfo(
            field=sort,
            supports_direction=sort not in UNDIRECTED,
            default_direction=default_direction(sort),
            label_key=sort.value,
        )
        for sort in SORTS.get(listing, _HELD)
    ]


def _legacy(order_by: str) -> tuple[SortField | None, SortDirection | None]:
    """Split `name` or `name_desc`; what isn't known doesn't sort."""
    name = order_by.removesuffix("_desc")
    if name not in SortField:
        return None, None
    return SortField(name), SortDirection.DESC if name != order_by else SortDirection.ASC


# Listings


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The arguments that all listings have in common, as they were sent."""

    favorite: bool | None = None
    search: str | None = None
    limit: int | None = None
    offset: int | None = None
    order_by: str | None = None
    sort_field: str | None = None
    sort_direction: str | None = None
    random_seed: int | None = None
    provider: str | list[str] | None = None
    provider_filter: str | list[str] | None = None
    album_types: list[str] | None = None
    fully_played: bool | None = None
    exclude_item_id: str | None = None
    visible: Sequence[str] = ()  # the providers that the user may see; none is all

    @classmethod
    def arguments(cls) -> dict[str, Any]:
        """Return the arguments that commands have for this, with their types."""
        return {item.name: item.type for item in fields(cls) if item.name != "visible"}

    @classmethod
    def of(cls, args: dict[str, Any], visible: Sequence[str] = ()) -> Self:
        """Take what we know from a command's arguments."""
        known = args.keys() & cls.arguments().keys()
        return cls(**{name: args[name] for name in known} | {"visible": visible})

    def page(
        self, library: Library, items: Iterable[MediaItem], default: SortField | None = None
    ) -> list[MediaItem]:
        """Return one page."""
        found = self._sorted(library, self.matching(items), default)
        start = max(self.offset or 0, 0)
        limit = DEFAULT_LIMIT if self.limit is None else max(self.limit, 0)
        return list(found[start : start + limit])

    def matching(self, items: Iterable[MediaItem]) -> Sequence[MediaItem]:
        """Return the items that pass all filters."""
        if isinstance(items, InOrder) and self.favorite:
            return []
        filters = self._filters()
        if isinstance(items, InOrder) and not filters:
            return items
        return [item for item in items if all(passes(item) for passes in filters)]

    def _filters(self) -> list[Callable[[MediaItem], bool]]:
        """Return a test for each filter in use."""
        filters: list[Callable[[MediaItem], bool]] = []
        if self.favorite is not None:
            filters.append(lambda item: bool(item.favorite) == self.favorite)
        if self.search:
            query = self.search
            filters.append(lambda item: matches(item, query))
        for wanted in (self.provider, self.provider_filter, list(self.visible)):
            if wanted:
                names = frozenset([wanted] if isinstance(wanted, str) else wanted)
                filters.append(lambda item, names=names: is_at(item, names))  # type: ignore[misc]
        if types := self.album_types:
            filters.append(lambda item: getattr(item, "album_type", None) in types)
        if self.fully_played is not None:
            filters.append(
                lambda item: bool(getattr(item, "fully_played", False)) == self.fully_played
            )
        if self.exclude_item_id is not None:
            filters.append(lambda item: item.item_id != self.exclude_item_id)
        return filters

    def _sorted(
        self, library: Library, items: Sequence[MediaItem], default: SortField | None
    ) -> Sequence[MediaItem]:
        """Return the items in the order asked for, else in the listing's own."""
        sort, direction = self._order(default)
        if isinstance(items, InOrder) and sort is SortField.SORT_NAME:
            return items
        if sort in (SortField.RANDOM, SortField.RANDOM_PLAY_COUNT):
            return self._mixed(library, items, sort)
        if sort is None or (key := KEYS.get(sort)) is None:
            return items
        return sorted(
            items, key=lambda item: key(library, item), reverse=direction == SortDirection.DESC
        )

    def _order(self, default: SortField | None) -> tuple[SortField | None, SortDirection | None]:
        """Return field and direction; the typed arguments win over the old one."""
        if self.sort_field:
            if self.sort_field not in SortField:
                raise InvalidDataError(f"Unknown sort field {self.sort_field}")
            sort = SortField(self.sort_field)
            direction = SortDirection(self.sort_direction) if self.sort_direction else None
            return sort, direction or default_direction(sort)
        if self.order_by and (legacy := _legacy(self.order_by))[0]:
            return legacy
        return default, default_direction(default) if default else None

    def _mixed(
        self, library: Library, items: Sequence[MediaItem], sort: SortField
    ) -> list[MediaItem]:
        """Return the items mixed: anew each time, or the same for the same seed."""
        mix = random.Random(self.random_seed)
        mixed = mix.sample(items, len(items))
        if sort == SortField.RANDOM_PLAY_COUNT:
            mixed.sort(key=lambda item: library.play_counts[item.uri or ""])
        return mixed


def is_at(item: MediaItem, names: Iterable[str]) -> bool:
    """Tell whether one of the providers (instance or domain) has an item; genres are ours."""
    if not item.provider_mappings:
        return True
    return any(
        known.provider_instance in names or known.provider_domain in names
        for known in item.provider_mappings
    )


# Searching


def people(item: MediaItem) -> list[str]:
    """Return whom an item is by, to compare."""
    found = getattr(item, "artists", None) or getattr(item, "authors", None) or ()
    return [plain(person if isinstance(person, str) else person.name) for person in found]


def rank(item: MediaItem, query: str) -> int | None:
    """Return how well an item answers a query, 0 best; None if it doesn't."""
    wanted, name = plain(query), plain(item.name)
    if not wanted:
        return None
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if wanted in name:
        return 2
    if any(wanted in person for person in people(item)):
        return 3
    return _rank_of_parts(item, query)


def _rank_of_parts(item: MediaItem, query: str) -> int | None:
    """Return how well an item answers `artist - title`, with an album in between or not."""
    first, *others = (plain(part) for part in query.split(" - "))
    if not others or not any(first in person for person in people(item)):
        return None
    name = plain(item.name)
    return 0 if others[-1] == name else 2 if others[-1] in name else None


def matches(item: MediaItem, query: str) -> bool:
    """Tell whether an item answers a query."""
    return rank(item, query) is not None


def best(items: Iterable[MediaItem], query: str) -> list[MediaItem]:
    """Return the items that answer a query, the best first."""
    ranked = [(found, item) for item in items if (found := rank(item, query)) is not None]
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]
