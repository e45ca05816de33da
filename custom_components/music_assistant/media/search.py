"""Finding what was typed or said."""

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

from ..server.providers import LIBRARY
from ..share_links.services import service_of
from .browse import PROVIDERS, Browser
from .browse_id import ITEM, Place
from .library_lists import SHELVES, Item, Part, Reader, people_of, whole_of
from .presentation import CLASSES
from .query import ALL, Wanted, readings
from .share_links import async_link

# The most hits of each kind, and how many the server is asked for where only some of them count.
LIMIT: Final = 25
LIMIT_FILTERED: Final = 100

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
# Of equally good hits in the library those come first that people named themselves, and songs
# before their albums, as the server has it; of those elsewhere artists, whose names many
# playlists of others bear.
_IN_LIBRARY: Final = (
    MediaType.PLAYLIST,
    MediaType.RADIO,
    MediaType.ARTIST,
    MediaType.TRACK,
    MediaType.ALBUM,
)
_ELSEWHERE: Final = tuple(shelf.kind for shelf in SHELVES.values())

type Hits = Mapping[str, list[Item]]


class Match(IntEnum):
    """How well something answers what was looked for; the lowest is the best."""

    EXACT = 0
    START = 1
    PARTIAL = 2
    # The server found it by something else than its name.
    DISTANT = 3


# ------------------------------------------------------------------------------------ ranking


def ranked(items: Iterable[Item], wanted: Wanted) -> list[Item]:
    """Return the best hits first, of equally good ones the library's, else as they were."""
    return sorted(items, key=lambda item: _key(item, wanted))


def _key(item: Item, wanted: Wanted) -> tuple[Match, bool, int]:
    elsewhere = item.provider != LIBRARY
    order = _ELSEWHERE if elsewhere else _IN_LIBRARY
    kind = item.media_type
    return match_of(item, wanted), elsewhere, order.index(kind) if kind in order else len(order)


def match_of(item: Item, wanted: Wanted) -> Match:
    """Return how well an item answers: by its name, and by what narrows that down."""
    whole = whole_of(item)
    hints = [_fits(wanted.artist, people_of(item)), _fits(wanted.album, [whole] if whole else [])]
    if False in hints:
        return Match.DISTANT
    match = _match(item, wanted.name)
    return max(match, Match.PARTIAL) if None in hints and match < Match.DISTANT else match


def _match(item: Item, text: str) -> Match:
    name, said = _plain(item.name), _plain(text)
    if said and said in (name, _plain(_without_article(item.name))):
        return Match.EXACT
    if said and name.startswith(said):
        return Match.START
    words = _words(text)
    known = _words(" ".join((item.name, *people_of(item), whole_of(item))))
    if words and (said in name or words <= known):
        return Match.PARTIAL
    return Match.DISTANT


def _fits(hint: str | None, names: Iterable[str]) -> bool | None:
    """Tell whether a hint is among names; None if there are no names to tell by."""
    if hint is None:
        return True
    known = [_plain(name) for name in names]
    return any(_plain(hint) in name for name in known) if known else None


def _without_article(name: str) -> str:
    article, _, rest = name.partition(" ")
    return rest if article.lower() == "the" else name


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """Return a text without case, accents and signs, which nobody says or types.

    One that consists of nothing else stays as it is.
    """
    return create_safe_string(text, lowercase=True, replace_space=True) or text


def _words(text: str) -> AbstractSet[str]:
    return frozenset(create_safe_string(text, lowercase=True).split())


# -------------------------------------------------------------------------------- everywhere


async def async_find(reader: Reader, wanted: Wanted, limit: int = LIMIT) -> Hits:
    """Return what answers best, of each kind that is wanted, by the kinds' names in results.

    The server is asked for more than a few, since it doesn't always have the best ones first.
    """
    shelves = {name: shelf for name, shelf in SHELVES.items() if shelf.kind in wanted.kinds}
    if not shelves or not wanted.line:
        return {}
    narrowed = wanted.providers or wanted.library_only
    found = await reader.search(
        wanted.line,
        shelves.values(),
        max(limit, LIMIT_FILTERED if narrowed else LIMIT),
        {LIBRARY} if wanted.library_only else wanted.providers,
    )
    return {
        name: ranked((item for item in found.get(name, ()) if _is_at(item, wanted)), wanted)[:limit]
        for name in shelves
    }


def _is_at(item: Item, wanted: Wanted) -> bool:
    """Tell whether an item is at the providers that are meant: older servers look everywhere."""
    mappings = getattr(item, "provider_mappings", ())
    homes = {item.provider, *(mapping.provider_instance for mapping in mappings)}
    return not wanted.providers or bool(homes & wanted.providers)


async def async_best(reader: Reader, wanted: Wanted) -> list[tuple[Match, Item]]:
    """Return the hits for a phrase, the best first, each with how well it answers.

    The phrase is looked for as it stands, so that a title with "by" in it is found. Only if
    nothing bears that very name, it is looked for what else it may mean.
    """
    phrase, *others = readings(wanted)
    hits = await async_hits(reader, phrase)
    if not hits or hits[0][0] is not Match.EXACT:
        for more in await asyncio.gather(*(async_hits(reader, other) for other in others)):
            hits += more
    best: dict[str, tuple[Match, Item]] = {}
    for match, item in sorted(hits, key=lambda hit: hit[0]):  # else the phrase as it stands
        best.setdefault(str(item.uri), (match, item))
    return list(best.values())


async def async_hits(reader: Reader, wanted: Wanted) -> list[tuple[Match, Item]]:
    """Return what answers, the best first, each with how well it does."""
    found = await async_find(reader, wanted)
    items = ranked((item for items in found.values() for item in items), wanted)
    return [(match_of(item, wanted), item) for item in items]


# -------------------------------------------------------------------- Home Assistant's search


async def async_search(browser: Browser, query: SearchMediaQuery) -> SearchMedia:
    """Return what answers a query: everywhere, at a provider, or of what belongs to an item."""
    if service_of(query.search_query):
        linked = await async_link(browser.reader, query.search_query)
        return SearchMedia(result=browser.items(one.item for one in linked.candidates if one.sure))
    place = Place.parse(query.media_content_id)
    found = None
    if place.node == ITEM and place.of is not None:
        found = await _inside(browser.reader, await browser.reader.item(place.of), query)
    if found is None:
        asked_for = _asked_for(query)
        kinds = _around(query, place) if asked_for is None else asked_for
        shown = {shelf.kind for shelf in browser.reader.shelves().values()}
        wanted = Wanted(query.search_query, kinds=kinds & shown, providers=_providers(place))
        found = [item for _, item in await async_best(browser.reader, wanted)]
    return SearchMedia(result=browser.items(found))


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
    return ALL


def _providers(place: Place) -> frozenset[str]:
    """Return the provider whose folders the query was made in, if it was."""
    if place.node != PROVIDERS or not place.of:
        return frozenset()
    return frozenset({place.of.partition("://")[0]})


async def _inside(reader: Reader, item: Item, query: SearchMediaQuery) -> list[Item] | None:
    """Return the hits in what belongs to an item, None if nothing does."""
    parts = reader.parts(item.media_type)
    kinds = _asked_for(query)
    found: list[Item] = []
    for part in parts:
        if part.own and (kinds is None or part.kind in kinds):
            found += await _in_part(reader, part, item, Wanted(query.search_query))
    return found if parts else None


async def _in_part(reader: Reader, part: Part, item: Item, wanted: Wanted) -> list[Item]:
    items = await reader.part(part, item, search=wanted.name)
    searched = reader.schema >= part.searches  # by the server, else in what it lists at once
    hits = (one for one in items if one and (searched or match_of(one, wanted) < Match.DISTANT))
    return ranked(hits, wanted)[:LIMIT]
