"""Finding what was typed or said."""

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

from .browse import CLASSES, ITEM, Browser, Place
from .lists import SHELVES, Item, Part, Reader

# The most hits of each kind.
LIMIT: Final = 25

# What is looked for when Home Assistant asks for a class. "Music" is what a voice assistant asks
# for when nobody said more.
KINDS: Final[dict[MediaClass, frozenset[MediaType]]] = {
    **{media_class: frozenset({kind}) for kind, media_class in CLASSES.items()},
    MediaClass.MUSIC: frozenset(
        {
            MediaType.ARTIST,
            MediaType.ALBUM,
            MediaType.TRACK,
            MediaType.PLAYLIST,
            MediaType.RADIO,
        }
    ),
}
# The same for its content types, beside those that are called as ours.
TYPES: Final = {
    **{shelf.kind.value: shelf.kind for shelf in SHELVES.values()},
    HassMediaType.CHANNEL: MediaType.RADIO,
}


async def async_search(browser: Browser, query: SearchMediaQuery) -> SearchMedia:
    """Return what answers a query: everywhere, or of what belongs to an item."""
    place = Place.parse(query.media_content_id)
    found = None
    if place.node == ITEM and place.of is not None:
        found = await _inside(browser.reader, await browser.reader.item(place.of), query)
    if found is None:
        found = await _everywhere(browser.reader, query, place)
    return SearchMedia(result=browser.items(ranked(found, query.search_query)))


def ranked(items: list[Item], text: str) -> list[Item]:
    """Return the best hits first; equally good ones as the server has them."""
    return sorted(items, key=lambda item: _rank(item.name, text))


def _rank(name: str, text: str) -> int:
    name, text = _plain(name), _plain(text)
    return 0 if name == text else 1 if name.startswith(text) else 2


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """Return a text without case, accents and signs, which nobody says or types."""
    return create_safe_string(text, lowercase=True, replace_space=True)


def _asked_for(query: SearchMediaQuery) -> frozenset[MediaType] | None:
    """Return the kinds that were asked for expressly, None if none were."""
    if not query.media_filter_classes:
        return None
    none: frozenset[MediaType] = frozenset()
    return none.union(*(KINDS.get(one, none) for one in query.media_filter_classes))


def _around(query: SearchMediaQuery, place: Place) -> frozenset[MediaType]:
    """Return the kinds that there are where the query was made."""
    if kind := TYPES.get(query.media_content_type or ""):
        return frozenset({kind})
    if shelf := SHELVES.get(place.node):
        return frozenset({shelf.kind})
    return frozenset(shelf.kind for shelf in SHELVES.values())


async def _everywhere(reader: Reader, query: SearchMediaQuery, place: Place) -> list[Item]:
    asked_for = _asked_for(query)
    kinds = _around(query, place) if asked_for is None else asked_for
    wanted = {
        name: shelf.kind
        for name, shelf in SHELVES.items()
        if shelf.kind in kinds and reader.schema >= shelf.since
    }
    if not wanted:
        return []
    results = await reader.mass.music.search(
        query.search_query, list(wanted.values()), LIMIT, user=reader.user
    )
    return [item for name in wanted for item in getattr(results, name)[:LIMIT]]


async def _inside(reader: Reader, item: Item, query: SearchMediaQuery) -> list[Item] | None:
    """Return the hits in what belongs to an item, None if nothing does."""
    parts = reader.parts(item.media_type)
    kinds = _asked_for(query)
    found: list[Item] = []
    for part in parts:
        if kinds is None or part.kind in kinds:
            found += await _in_part(reader, part, item, query.search_query)
    return found if parts else None


async def _in_part(reader: Reader, part: Part, item: Item, text: str) -> list[Item]:
    items = await reader.part(part, item, search=text)
    searched = reader.schema >= part.searches  # by the server, which also knows the artists
    hits = (one for one in items if one and (searched or _plain(text) in _plain(one.name)))
    return ranked(list(hits), text)[:LIMIT]
