"""Search, filters, sorting and pages, the same for all list commands."""

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

from .large_library import LazyTracks
from .library import Library

DEFAULT_LIMIT = 500

type Key = Callable[[Library, MediaItem], Any]


@lru_cache(maxsize=200_000)
def normalize(text: str) -> str:
    """Return a text without case, accents and punctuation, for comparison."""
    return create_safe_string(text, lowercase=True, replace_space=True)


# Sorting


def _get_first_artist(_: Library, item: MediaItem) -> str:
    artists = getattr(item, "artists", None)
    return normalize(artists[0].name) if artists else ""


def _get_album_name(_: Library, item: MediaItem) -> str:
    album = getattr(item, "album", None)
    return normalize(album.name) if album else ""


def _get_date_added(_: Library, item: MediaItem) -> float:
    added: datetime | None = getattr(item, "date_added", None)
    return added.timestamp() if added else 0.0


def _build_number_key(name: str) -> Key:
    return lambda _, item: getattr(item, name, None) or 0


SORT_KEYS: dict[SortField, Key] = {
    SortField.NAME: lambda _, item: normalize(item.name),
    SortField.SORT_NAME: lambda _, item: normalize(item.sort_name or item.name),
    SortField.TIMESTAMP_ADDED: _get_date_added,
    SortField.TIMESTAMP_MODIFIED: _get_date_added,
    SortField.FAVORITE_TIMESTAMP: _get_date_added,
    SortField.LAST_PLAYED: _build_number_key("last_played"),
    SortField.PLAY_COUNT: lambda library, item: library.play_counts[item.uri or ""],
    SortField.DURATION: _build_number_key("duration"),
    SortField.YEAR: _build_number_key("year"),
    SortField.POSITION: _build_number_key("position"),
    SortField.ARTIST_NAME: _get_first_artist,
    SortField.ALBUM_NAME: _get_album_name,
    SortField.PROVIDER: lambda _, item: item.provider,
    SortField.TRACK_NUMBER: lambda _, item: (
        getattr(item, "disc_number", 0),
        getattr(item, "track_number", 0),
    ),
}
UNDIRECTED_FIELDS = frozenset({SortField.RANDOM, SortField.RANDOM_PLAY_COUNT, SortField.ORIGINAL})
DESCENDING_FIELDS = frozenset(
    {
        SortField.TIMESTAMP_ADDED,
        SortField.TIMESTAMP_MODIFIED,
        SortField.FAVORITE_TIMESTAMP,
        SortField.LAST_PLAYED,
        SortField.PLAY_COUNT,
        SortField.YEAR,
    }
)

_COMMON_FIELDS = (
    SortField.SORT_NAME,
    SortField.NAME,
    SortField.TIMESTAMP_ADDED,
    SortField.TIMESTAMP_MODIFIED,
    SortField.LAST_PLAYED,
    SortField.PLAY_COUNT,
    SortField.RANDOM,
    SortField.RANDOM_PLAY_COUNT,
)
_CHILD_FIELDS = (SortField.ORIGINAL, SortField.NAME, SortField.SORT_NAME, SortField.RANDOM)
_CHILD_TRACK_FIELDS = (
    *_CHILD_FIELDS,
    SortField.DURATION,
    SortField.ARTIST_NAME,
    SortField.ALBUM_NAME,
)
_CHILD_ALBUM_FIELDS = (*_CHILD_FIELDS, SortField.YEAR, SortField.ARTIST_NAME)
# What each listing can be sorted by; the first is what it is sorted by unless asked.
SORT_FIELDS: dict[ListingType, tuple[SortField, ...]] = {
    ListingType.LIBRARY_ARTISTS: _COMMON_FIELDS,
    ListingType.LIBRARY_ALBUMS: (*_COMMON_FIELDS, SortField.YEAR, SortField.ARTIST_NAME),
    ListingType.LIBRARY_TRACKS: (*_COMMON_FIELDS, SortField.DURATION, SortField.ARTIST_NAME),
    ListingType.LIBRARY_PLAYLISTS: _COMMON_FIELDS,
    ListingType.LIBRARY_RADIOS: _COMMON_FIELDS,
    ListingType.LIBRARY_AUDIOBOOKS: (*_COMMON_FIELDS, SortField.DURATION),
    ListingType.LIBRARY_PODCASTS: _COMMON_FIELDS,
    ListingType.LIBRARY_GENRES: _COMMON_FIELDS,
    ListingType.ALBUM_TRACKS: (SortField.TRACK_NUMBER, *_CHILD_TRACK_FIELDS),
    ListingType.ARTIST_TRACKS: _CHILD_TRACK_FIELDS,
    ListingType.ARTIST_ALBUMS: _CHILD_ALBUM_FIELDS,
    ListingType.TRACK_ALBUMS: _CHILD_ALBUM_FIELDS,
    ListingType.SIMILAR_TRACKS: _CHILD_TRACK_FIELDS,
    ListingType.PLAYLIST_TRACKS: (SortField.POSITION, *_CHILD_TRACK_FIELDS),
    ListingType.PODCAST_EPISODES: (SortField.POSITION, *_CHILD_FIELDS, SortField.DURATION),
    ListingType.GENRE_TRACKS: _CHILD_TRACK_FIELDS,
    ListingType.GENRE_ALBUMS: _CHILD_ALBUM_FIELDS,
    ListingType.VERSIONS: _CHILD_FIELDS,
    ListingType.BROWSE: _CHILD_FIELDS,
}


def get_default_direction(sort: SortField) -> SortDirection | None:
    """Return the default sort direction of a field."""
    if sort in UNDIRECTED_FIELDS:
        return None
    return SortDirection.DESC if sort in DESCENDING_FIELDS else SortDirection.ASC


def get_sort_fields(listing: ListingType) -> list[SortOptionInfo]:
    """Return the sort fields of a list, the default first."""
    return [
        SortOptionInfo(
            field=sort,
            supports_direction=sort not in UNDIRECTED_FIELDS,
            default_direction=get_default_direction(sort),
            label_key=sort.value,
        )
        for sort in SORT_FIELDS.get(listing, _CHILD_FIELDS)
    ]


def _parse_order_by(order_by: str) -> tuple[SortField | None, SortDirection | None]:
    """Split `name` or `name_desc`; unknown fields don't sort."""
    name = order_by.removesuffix("_desc")
    if name not in SortField:
        return None, None
    return SortField(name), SortDirection.DESC if name != order_by else SortDirection.ASC


# Listings


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Represent the arguments of list commands, as they were sent."""

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
    def get_parameters(cls) -> dict[str, Any]:
        """Return the parameters that commands have for this, with their types."""
        return {item.name: item.type for item in fields(cls) if item.name != "visible"}

    @classmethod
    def from_arguments(cls, args: dict[str, Any], visible: Sequence[str] = ()) -> Self:
        """Create it from a command's arguments; unknown ones are ignored."""
        known = args.keys() & cls.get_parameters().keys()
        return cls(**{name: args[name] for name in known} | {"visible": visible})

    def get_page(
        self, library: Library, items: Iterable[MediaItem], default: SortField | None = None
    ) -> list[MediaItem]:
        """Return one page."""
        found = self._sort_items(library, self.filter_items(items), default)
        start = max(self.offset or 0, 0)
        # read in the server's database.py: a query without a limit, or with 0, is one for all rows
        limit = DEFAULT_LIMIT if self.limit is None else max(self.limit, 0)
        return list(found[start : start + limit if limit else None])

    def filter_items(self, items: Iterable[MediaItem]) -> Sequence[MediaItem]:
        """Return the items that pass all filters."""
        if isinstance(items, LazyTracks) and self.favorite:
            return []
        filters = self._build_filters()
        if isinstance(items, LazyTracks) and not filters:
            return items
        return [item for item in items if all(passes(item) for passes in filters)]

    def _build_filters(self) -> list[Callable[[MediaItem], bool]]:
        """Return a function for each active filter."""
        filters: list[Callable[[MediaItem], bool]] = []
        if self.favorite is not None:
            filters.append(lambda item: bool(item.favorite) == self.favorite)
        if self.search:
            query = self.search
            filters.append(lambda item: is_match(item, query))
        for wanted in (self.provider, self.provider_filter, list(self.visible)):
            if wanted:
                names = frozenset([wanted] if isinstance(wanted, str) else wanted)
                filters.append(lambda item, names=names: has_provider(item, names))  # type: ignore[misc]
        if types := self.album_types:
            filters.append(lambda item: getattr(item, "album_type", None) in types)
        if self.fully_played is not None:
            filters.append(
                lambda item: bool(getattr(item, "fully_played", False)) == self.fully_played
            )
        if self.exclude_item_id is not None:
            filters.append(lambda item: item.item_id != self.exclude_item_id)
        return filters

    def _sort_items(
        self, library: Library, items: Sequence[MediaItem], default: SortField | None
    ) -> Sequence[MediaItem]:
        """Return the items in the requested order, else in the list's own."""
        sort, direction = self._get_order(default)
        if isinstance(items, LazyTracks) and sort is SortField.SORT_NAME:
            return items
        if sort in (SortField.RANDOM, SortField.RANDOM_PLAY_COUNT):
            return self._shuffle_items(library, items, sort)
        if sort is None or (key := SORT_KEYS.get(sort)) is None:
            return items
        return sorted(
            items, key=lambda item: key(library, item), reverse=direction == SortDirection.DESC
        )

    def _get_order(
        self, default: SortField | None
    ) -> tuple[SortField | None, SortDirection | None]:
        """Return field and direction; the typed arguments override `order_by`."""
        if self.sort_field:
            if self.sort_field not in SortField:
                raise InvalidDataError(f"Unknown sort field {self.sort_field}")
            sort = SortField(self.sort_field)
            direction = SortDirection(self.sort_direction) if self.sort_direction else None
            return sort, direction or get_default_direction(sort)
        if self.order_by and (legacy := _parse_order_by(self.order_by))[0]:
            return legacy
        return default, get_default_direction(default) if default else None

    def _shuffle_items(
        self, library: Library, items: Sequence[MediaItem], sort: SortField
    ) -> list[MediaItem]:
        """Return the items shuffled: differently each time, or by the seed."""
        mix = random.Random(self.random_seed)
        mixed = mix.sample(items, len(items))
        if sort == SortField.RANDOM_PLAY_COUNT:
            mixed.sort(key=lambda item: library.play_counts[item.uri or ""])
        return mixed


def has_provider(item: MediaItem, names: Iterable[str]) -> bool:
    """Return whether one of the providers (instance or domain) has an item; genres are the library's."""
    if not item.provider_mappings:
        return True
    return any(
        known.provider_instance in names or known.provider_domain in names
        for known in item.provider_mappings
    )


# Searching


def get_artist_names(item: MediaItem) -> list[str]:
    """Return the normalized names of an item's artists or authors."""
    found = getattr(item, "artists", None) or getattr(item, "authors", None) or ()
    return [normalize(person if isinstance(person, str) else person.name) for person in found]


def get_rank(item: MediaItem, query: str) -> int | None:
    """Return how well an item matches a query, 0 is best; None if it doesn't match."""
    wanted, name = normalize(query), normalize(item.name)
    if not wanted:
        return None
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if wanted in name:
        return 2
    if any(wanted in person for person in get_artist_names(item)):
        return 3
    return _get_parts_rank(item, query)


def _get_parts_rank(item: MediaItem, query: str) -> int | None:
    """Return how well an item matches `artist - title` or `artist - album - title`."""
    first, *others = (normalize(part) for part in query.split(" - "))
    if not others or not any(first in person for person in get_artist_names(item)):
        return None
    name = normalize(item.name)
    return 0 if others[-1] == name else 2 if others[-1] in name else None


def is_match(item: MediaItem, query: str) -> bool:
    """Return whether an item matches a query."""
    return get_rank(item, query) is not None


def sort_matches(items: Iterable[MediaItem], query: str) -> list[MediaItem]:
    """Return the items that match a query, the best first."""
    ranked = [(found, item) for item in items if (found := get_rank(item, query)) is not None]
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]
