"""Search by name or phrase, sorted by how well the results match."""

import asyncio
from collections.abc import Iterable, Mapping, Set as AbstractSet
from enum import IntEnum
from functools import lru_cache
from typing import Final

from music_assistant_models.enums import MediaType
from music_assistant_models.helpers import create_safe_string

from homeassistant.components.media_player import (
    MediaClass,
    MediaType as HassMediaType,
    SearchMedia,
    SearchMediaQuery,
)

from ..server.providers import LIBRARY_PROVIDER
from ..share_links.normalize import unify_conjunctions
from ..share_links.services import find_service
from .browse import PROVIDERS, MediaBrowser
from .browse_id import ITEM, BrowseId
from .library_lists import (
    LIBRARY_LISTS,
    RECENTLY_PLAYED,
    Item,
    ItemChildren,
    LibraryList,
    LibraryReader,
    get_album_name,
    get_artist_names,
)
from .nearest import SURE_SIMILARITY, async_find_nearest
from .presentation import MEDIA_CLASSES
from .query import ALL_MEDIA_TYPES, MediaQuery, get_interpretations, is_any_music
from .share_links import async_resolve_link

# Items returned of each media type at most, and items requested if only some of them can match.
MAX_RESULTS: Final = 25
MAX_FILTERED_RESULTS: Final = 100

# Media types by Home Assistant's media classes. Voice assistants request "music" by default.
MEDIA_TYPES_BY_CLASS: Final[dict[MediaClass, frozenset[MediaType]]] = {
    **{media_class: frozenset({media_type}) for media_type, media_class in MEDIA_CLASSES.items()},
    MediaClass.MUSIC: frozenset(
        {
            MediaType.ARTIST,
            MediaType.ALBUM,
            MediaType.TRACK,
            MediaType.PLAYLIST,
            MediaType.RADIO,
            MediaType.GENRE,
        }
    ),
}
# Media types by content types: the server's own ones, and Home Assistant's.
MEDIA_TYPES_BY_CONTENT_TYPE: Final = {
    **{
        library_list.media_type.value: library_list.media_type
        for library_list in LIBRARY_LISTS.values()
    },
    HassMediaType.CHANNEL: MediaType.RADIO,
}
# Order of equally good matches. In the library, items named by users come first, then genres, and
# albums before their title tracks. At providers artists come first, since many playlists have the
# name of an artist.
_LIBRARY_ORDER: Final = (
    MediaType.PLAYLIST,
    MediaType.RADIO,
    MediaType.GENRE,
    MediaType.ARTIST,
    MediaType.ALBUM,
    MediaType.TRACK,
)
_PROVIDER_ORDER: Final = tuple(library_list.media_type for library_list in LIBRARY_LISTS.values())

type SearchResults = Mapping[str, list[Item]]


class MatchLevel(IntEnum):
    """How well an item matches a query; the lowest is the best."""

    EXACT = 0
    START = 1
    PARTIAL = 2
    # found by the server by something else than its name
    DISTANT = 3


# Sort by match


def sort_by_match(items: Iterable[Item], query: MediaQuery) -> list[Item]:
    """Sort items by how well they match, then the library's first, otherwise in the given order."""
    return sorted(items, key=lambda item: _get_sort_key(item, query))


def _get_sort_key(item: Item, query: MediaQuery) -> tuple[MatchLevel, bool, int]:
    is_elsewhere = item.provider != LIBRARY_PROVIDER
    order = _PROVIDER_ORDER if is_elsewhere else _LIBRARY_ORDER
    media_type = item.media_type
    return (
        get_match_level(item, query),
        is_elsewhere,
        order.index(media_type) if media_type in order else len(order),
    )


def get_match_level(item: Item, query: MediaQuery) -> MatchLevel:
    """Return how well an item matches a query by name, artist and album."""
    hints = _match_hints(item, query)
    if False in hints:
        return MatchLevel.DISTANT
    match = _get_name_match(item, query.name)
    return max(match, MatchLevel.PARTIAL) if None in hints and match < MatchLevel.DISTANT else match


def _get_name_match(item: Item, text: str) -> MatchLevel:
    """Return how well an item matches a text by name."""
    name, normalized = _normalize(item.name), _normalize(text)
    if normalized and normalized in (name, _normalize(_remove_article(item.name))):
        return MatchLevel.EXACT
    if normalized and name.startswith(normalized):
        return MatchLevel.START
    words = _split_words(text)
    item_words = _split_words(" ".join((item.name, *get_artist_names(item), get_album_name(item))))
    if words and (normalized in name or words <= item_words):
        return MatchLevel.PARTIAL
    return MatchLevel.DISTANT


def matches_hints(item: Item, query: MediaQuery) -> bool:
    """Return whether neither artist nor album of a query contradict an item."""
    return False not in _match_hints(item, query)


def _match_hints(item: Item, query: MediaQuery) -> list[bool | None]:
    """Return whether artist and album match; None for what an item doesn't have.

    An artist is an item by itself: its name may be repeated, but another one says nothing. Nor does
    another one than the author of an audiobook, such as its narrator.
    """
    album = get_album_name(item)
    artist = _match_hint(query.artist, get_artist_names(item))
    if item.media_type is MediaType.AUDIOBOOK:
        artist = artist or None
    if item.media_type is MediaType.ARTIST and query.artist:
        artist = _match_hint(query.artist, [item.name]) or None
    return [artist, _match_hint(query.album, [album] if album else [])]


def _match_hint(hint: str | None, names: Iterable[str]) -> bool | None:
    """Return whether a hint matches one of the names; None if there are no names to compare."""
    if hint is None:
        return True
    normalized = [_normalize(name) for name in names]
    return any(_normalize(hint) in name for name in normalized) if normalized else None


def _remove_article(name: str) -> str:
    article, _, rest = name.partition(" ")
    return rest if article.lower() == "the" else name


@lru_cache(maxsize=1024)
def _normalize(text: str) -> str:
    """Normalize a text for comparison: no case, accents or punctuation, one word for "and".

    A text that consists of punctuation only is returned unchanged.
    """
    return create_safe_string(unify_conjunctions(text), replace_space=True) or text


def _split_words(text: str) -> AbstractSet[str]:
    return frozenset(create_safe_string(unify_conjunctions(text)).split())


# Search the server


async def async_search_by_type(
    reader: LibraryReader, query: MediaQuery, limit: int = MAX_RESULTS
) -> SearchResults:
    """Return the best matches of each requested media type, by the names of search results.

    The server is asked for more items than needed, since its first ones aren't always the best.
    """
    library_lists = {
        name: library_list
        for name, library_list in LIBRARY_LISTS.items()
        if library_list.media_type in query.media_types
    }
    is_filtered = query.providers or query.library_only
    answers = await asyncio.gather(
        *(
            reader.async_search(
                text,
                searched_lists,
                max(limit, MAX_FILTERED_RESULTS if is_filtered else MAX_RESULTS),
                {LIBRARY_PROVIDER} if query.library_only else query.providers,
            )
            for text, searched_lists in _group_by_search_text(library_lists.values(), query).items()
        )
    )
    if not answers:
        return {}
    results = {
        name: [item for answer in answers for item in answer.get(name, ())]
        for name in library_lists
    }
    return {
        name: sort_by_match(
            (item for item in results[name] if _is_at_provider(item, query)), query
        )[:limit]
        for name in library_lists
    }


def _group_by_search_text(
    library_lists: Iterable[LibraryList], query: MediaQuery
) -> dict[str, list[LibraryList]]:
    """Return library lists by the text that finds the items of a query in them."""
    lists_by_text: dict[str, list[LibraryList]] = {}
    for library_list in library_lists:
        text = query.get_search_text(library_list.media_type)
        lists_by_text.setdefault(text, []).append(library_list)
    lists_by_text.pop("", None)
    return lists_by_text


def _is_at_provider(item: Item, query: MediaQuery) -> bool:
    """Return whether an item is at a requested provider: older servers search all of them."""
    mappings = getattr(item, "provider_mappings", ())
    providers = {item.provider, *(mapping.provider_instance for mapping in mappings)}
    return not query.providers or bool(providers & query.providers)


async def async_find_best_matches(
    reader: LibraryReader, query: MediaQuery
) -> list[tuple[MatchLevel, Item]]:
    """Return the matches of a phrase with their levels, the best first.

    The phrase is searched as given, so that a title with "by" in it is found. Its other
    interpretations are searched only if that gives no exact match.
    """
    query_as_given, *interpretations = get_interpretations(query)
    hits = await async_find_matches(reader, query_as_given)
    if not hits or hits[0][0] is not MatchLevel.EXACT:
        for matches in await asyncio.gather(
            *(async_find_matches(reader, interpretation) for interpretation in interpretations)
        ):
            hits += matches
    best: dict[str, tuple[MatchLevel, Item]] = {}
    # at the same level, the phrase as given comes first
    for match, item in sorted(hits, key=lambda hit: hit[0]):
        best.setdefault(str(item.uri), (match, item))
    return list(best.values())


async def async_find_matches(
    reader: LibraryReader, query: MediaQuery
) -> list[tuple[MatchLevel, Item]]:
    """Return the matches of a query with their levels, the best first."""
    results = await async_search_by_type(reader, query)
    items = sort_by_match((item for items in results.values() for item in items), query)
    return [(get_match_level(item, query), item) for item in items]


# Handle Home Assistant's searches


async def async_search(browser: MediaBrowser, query: SearchMediaQuery) -> SearchMedia:
    """Handle a search by Home Assistant: everywhere, at a provider or in an item's children."""
    if find_service(query.search_query):
        resolved_link = await async_resolve_link(browser.reader, query.search_query)
        return SearchMedia(
            result=browser.build_items(
                candidate.item for candidate in resolved_link.candidates if candidate.is_certain
            )
        )
    browse_id = BrowseId.parse(query.media_content_id)
    items: list[Item] | None = None
    if browse_id.node == ITEM and browse_id.target is not None:
        items = await _async_search_item(
            browser.reader, await browser.reader.async_get_item(browse_id.target), query
        )
    if items is None:
        requested = _get_requested_types(query)
        media_types = _get_context_types(query, browse_id) if requested is None else requested
        # those that the server doesn't list are played nonetheless: genres
        media_query = MediaQuery(
            query.search_query,
            media_types=media_types & ALL_MEDIA_TYPES,
            providers=_get_searched_providers(browse_id),
        )
        items = await _async_search_names(browser.reader, media_query)
    return SearchMedia(result=browser.build_items(items))


async def _async_search_names(reader: LibraryReader, query: MediaQuery) -> list[Item]:
    """Return what matches a name; if nothing is called so, what most likely was meant comes first.

    Voice assistants play the first result. For any music it is what was played last.
    """
    matches = await async_find_best_matches(reader, query)
    items = [item for _, item in matches]
    if is_any_music(query.name) and (not matches or matches[0][0] is not MatchLevel.EXACT):
        return [*await _async_get_recently_played(reader, query), *items]
    if query.name.strip() and (not matches or matches[0][0] is MatchLevel.DISTANT):
        nearest = await async_find_nearest(reader, query, items, SURE_SIMILARITY)
        items = list({item.uri: item for item in (*nearest, *items)}.values())
    return items


async def _async_get_recently_played(reader: LibraryReader, query: MediaQuery) -> list[Item]:
    """Return what was played last, and can be played for a while: single tracks come last."""
    recent = await reader.async_get_history(RECENTLY_PLAYED, MAX_RESULTS)
    items = [item for item in recent if item and item.media_type in query.media_types]
    return sorted(items, key=lambda item: item.media_type is MediaType.TRACK)


def _get_requested_types(query: SearchMediaQuery) -> frozenset[MediaType] | None:
    """Return the requested media types, None if no class was requested."""
    if not query.media_filter_classes:
        return None
    none: frozenset[MediaType] = frozenset()
    return none.union(
        *(MEDIA_TYPES_BY_CLASS.get(media_class, none) for media_class in query.media_filter_classes)
    )


def _get_context_types(query: SearchMediaQuery, browse_id: BrowseId) -> frozenset[MediaType]:
    """Return the media types at the content id that the search started from."""
    if media_type := MEDIA_TYPES_BY_CONTENT_TYPE.get(query.media_content_type or ""):
        return frozenset({media_type})
    if library_list := LIBRARY_LISTS.get(browse_id.node):
        return frozenset({library_list.media_type})
    return ALL_MEDIA_TYPES


def _get_searched_providers(browse_id: BrowseId) -> frozenset[str]:
    """Return the provider of the folder that the search started from, if it did."""
    if browse_id.node != PROVIDERS or not browse_id.target:
        return frozenset()
    return frozenset({browse_id.target.partition("://")[0]})


async def _async_search_item(
    reader: LibraryReader, item: Item, query: SearchMediaQuery
) -> list[Item] | None:
    """Search the children of an item; None if it has no children."""
    contents = [children for children in reader.supported_children(item) if children.is_content]
    media_types = _get_requested_types(query)
    items: list[Item] = []
    for children in contents:
        if media_types is None or children.media_type in media_types:
            items += await _async_search_children(
                reader, children, item, MediaQuery(query.search_query)
            )
    return items if contents else None


async def _async_search_children(
    reader: LibraryReader, children: ItemChildren, item: Item, media_query: MediaQuery
) -> list[Item]:
    """Search a list of an item's children."""
    items = await reader.async_get_children(children, item, search=media_query.name)
    # a server that can't search returns the whole list
    is_searched = reader.schema_version >= children.search_schema
    hits = (
        item
        for item in items
        if item and (is_searched or get_match_level(item, media_query) < MatchLevel.DISTANT)
    )
    return sort_by_match(hits, media_query)[:MAX_RESULTS]
