"""The tree of what there is to play.

Its ids are names ("albums"), URIs of items ("library://album/1"), and for whatever lies between
them URIs of our own ("music-assistant://albums?offset=500&limit=500").
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from itertools import pairwise
import re
from typing import Final, Self
from urllib.parse import parse_qsl, urlencode

from music_assistant_models.enums import MediaType

from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError, BrowseMedia, MediaClass
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..server.errors import translated_errors
from ..texts import text
from .lists import LATEST, PAGE, SHELVES, Item, Items, Part, Reader, Shelf, title_of

SCHEME: Final = "music-assistant"
ROOT: Final = ""
ITEM: Final = "item"
RECOMMENDATIONS: Final = "recommendations"
# The most ranges that a list is divided into, before they have ranges themselves.
FAN: Final = 20
# A number as our own ids have it.
_NUMBER: Final = re.compile(r"\d{1,9}").fullmatch

# What each kind of items is to Home Assistant, which knows no audiobooks.
CLASSES: Final = {
    MediaType.ARTIST: MediaClass.ARTIST,
    MediaType.ALBUM: MediaClass.ALBUM,
    MediaType.TRACK: MediaClass.TRACK,
    MediaType.PLAYLIST: MediaClass.PLAYLIST,
    MediaType.RADIO: MediaClass.CHANNEL,
    MediaType.PODCAST: MediaClass.PODCAST,
    MediaType.PODCAST_EPISODE: MediaClass.EPISODE,
    MediaType.AUDIOBOOK: MediaClass.DIRECTORY,
    MediaType.GENRE: MediaClass.GENRE,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the tree: a node, perhaps part of an item, from an offset on."""

    node: str
    of: str | None = None
    part: str | None = None
    offset: int = 0
    limit: int | None = None

    @classmethod
    def parse(cls, content_id: str | None) -> Self:
        """Return the place that an id stands for; BrowseError if there is none."""
        scheme, separator, rest = (content_id or ROOT).partition("://")
        if not separator:
            return cls(scheme)
        if scheme != SCHEME:
            return cls(ITEM, of=content_id)
        node, _, query = rest.partition("?")
        given = dict(parse_qsl(query))
        texts = {name: given.pop(name) for name in given.keys() & {"of", "part"}}
        if not given.keys() <= {"offset", "limit"} or not all(map(_NUMBER, given.values())):
            raise nothing_there(content_id)
        numbers = {name: int(number) for name, number in given.items()}
        return cls(node, texts.get("of"), texts.get("part"), **numbers)

    def __str__(self) -> str:
        """Return its id."""
        query = {name: value for name, value in asdict(self).items() if value and name != "node"}
        if self.of and query == {"of": self.of} and self.node == ITEM:
            return self.of
        return f"{SCHEME}://{self.node}?{urlencode(query)}" if query else self.node


def nothing_there(content_id: object) -> BrowseError:
    """Return the error of an id that stands for nothing."""
    return BrowseError(
        translation_domain=DOMAIN,
        translation_key="nothing_found",
        translation_placeholders={"name": str(content_id)},
    )


@contextmanager
def raised_as(kind: type[HomeAssistantError], server: str) -> Iterator[None]:
    """Raise what goes wrong as an error of a kind, with the text that it has anyway."""
    try:
        with translated_errors(server):
            yield
    except kind:
        raise
    except HomeAssistantError as err:
        raise kind(
            *err.args,
            translation_domain=err.translation_domain,
            translation_key=err.translation_key,
            translation_placeholders=err.translation_placeholders,
        ) from err


@dataclass(frozen=True, slots=True)
class Browser:
    """Opens places for one caller."""

    hass: HomeAssistant
    reader: Reader
    thumbnail: Callable[[Item], str | None]

    async def open(self, content_id: str | None) -> BrowseMedia:
        """Return what is at an id; BrowseError if that is nothing."""
        place = Place.parse(content_id)
        node = NODES.get(place.node)
        if node is None or self.reader.schema < node.since:
            raise nothing_there(content_id)
        return await node.open(self, place)

    def title(self, name: str) -> str:
        """Return a title in Home Assistant's language."""
        return text(self.hass, f"browse_{name}", name)

    def folder(
        self,
        place: Place,
        title: str,
        children_class: MediaClass | None = None,
        children: Sequence[BrowseMedia] | None = None,
        not_shown: int = 0,
    ) -> BrowseMedia:
        """Return a place that isn't an item."""
        shelf = SHELVES.get(place.node)
        return BrowseMedia(
            media_class=MediaClass.DIRECTORY,
            media_content_id=str(place),
            media_content_type=DOMAIN,
            title=title,
            can_play=False,
            can_expand=True,
            can_search=True,
            search_media_classes=[CLASSES[shelf.kind]] if shelf else None,
            children_media_class=children_class,
            children=children,
            not_shown=not_shown,
        )

    def item(self, item: Item) -> BrowseMedia:
        """Return an item, not opened."""
        parts = self.reader.parts(item.media_type)
        return BrowseMedia(
            media_class=CLASSES.get(item.media_type, MediaClass.MUSIC),
            media_content_id=str(item.uri),
            media_content_type=item.media_type.value,
            title=title_of(item),
            can_play=True,
            can_expand=bool(parts),
            can_search=bool(parts),
            search_media_classes=[CLASSES[part.kind] for part in parts] or None,
            thumbnail=self.thumbnail(item),
        )

    def items(self, items: Iterable[Item | None]) -> list[BrowseMedia]:
        """Return the items that can be played."""
        return [self.item(item) for item in items if item and _can_be_played(item)]


def _can_be_played(item: Item) -> bool:
    # no provider has genres, so the models don't call them available
    available = item.available or item.media_type is MediaType.GENRE
    return available and item.media_type in CLASSES


# The root


async def _root(browser: Browser, place: Place) -> BrowseMedia:
    """Return what there is: the server's lists, and Home Assistant's media sources."""
    children = [
        browser.folder(Place(name), browser.title(name), node.children)
        for name, node in NODES.items()
        if node.listed and browser.reader.schema >= node.since
    ]
    children += await _media_sources(browser.hass)
    return browser.folder(place, "Music Assistant", MediaClass.DIRECTORY, children)


def is_audio(item: BrowseMedia) -> bool:
    """Tell whether a media source's item can be listened to."""
    return item.media_content_type.startswith("audio/")


async def _media_sources(hass: HomeAssistant) -> Sequence[BrowseMedia]:
    with suppress(BrowseError):  # there are none
        source = await media_source.async_browse_media(hass, None, content_filter=is_audio)
        # without a domain it is the list of all of them
        return [source] if source.domain else source.children or ()
    return ()


# The library


async def _shelf(browser: Browser, place: Place) -> BrowseMedia:
    """Return a list of the library; a long one in ranges, so that none is cut off."""
    shelf, title = SHELVES[place.node], browser.title(place.node)
    whole = place.limit is None
    limit = await browser.reader.count(shelf) if place.limit is None else place.limit
    if limit > PAGE:
        children = await _ranges(browser, place, shelf, limit)
        return browser.folder(place, title, MediaClass.DIRECTORY, children)
    items = await browser.reader.shelf(shelf, place.offset)
    shown = browser.items(items)
    title = title if whole else f"{title} {_numbers(place.offset, len(items))}"
    return browser.folder(place, title, CLASSES[shelf.kind], shown, len(items) - len(shown))


async def _ranges(browser: Browser, place: Place, shelf: Shelf, limit: int) -> list[BrowseMedia]:
    """Return equal ranges of a list, named by their first and last items."""
    size = PAGE
    while size * FAN < limit:
        size *= FAN
    end = place.offset + limit
    cuts = [*range(place.offset, end, size), end]
    names = await asyncio.gather(*(_around(browser.reader, shelf, cut) for cut in cuts))
    return [
        browser.folder(
            Place(place.node, offset=start, limit=stop - start),
            f"{first[-1]} – {last[0]}" if first and last else _numbers(start, stop - start),
            CLASSES[shelf.kind] if stop - start <= PAGE else MediaClass.DIRECTORY,
        )
        for (start, first), (stop, last) in pairwise(zip(cuts, names, strict=True))
    ]


async def _around(reader: Reader, shelf: Shelf, cut: int) -> list[str]:
    """Return the names of the last item before a cut and of the first after it."""
    items = await (reader.shelf(shelf, cut - 1, 2) if cut else reader.shelf(shelf, 0, 1))
    return [item.name if item else "?" for item in items]


def _numbers(offset: int, count: int) -> str:
    return f"{offset + 1} – {offset + count}"


# What belongs to an item


async def _item(browser: Browser, place: Place) -> BrowseMedia:
    """Return an item with what belongs to it."""
    if place.of is None:
        raise nothing_there(place)
    item = await browser.reader.item(place.of)
    parts = browser.reader.parts(item.media_type)
    parts = [part for part in parts if place.part in (None, part.name)]
    opened = browser.item(item)
    if place.part:
        if not parts:
            raise nothing_there(place)
        opened.media_content_id = str(place)
        opened.can_play = False  # the server knows no URI of it
    opened.children = [
        browser.folder(
            Place(ITEM, place.of, part.name), browser.title(part.name), CLASSES[part.kind]
        )
        for part in parts[1:]
    ]
    return await _part(browser, place, item, parts[0], opened) if parts else opened


async def _part(
    browser: Browser, place: Place, item: Item, part: Part, opened: BrowseMedia
) -> BrowseMedia:
    """Fill in a page of what belongs to an item, and where there are more the way to them."""
    reader = browser.reader
    items: Items = await reader.part(part, item, place.offset)
    shown = browser.items(items)
    opened.children = [*(opened.children or ()), *shown]
    opened.children_media_class = CLASSES[part.kind]
    opened.not_shown = len(items) - len(shown)
    next_page = place.offset + PAGE
    paged = reader.schema >= part.pages and len(items) == PAGE
    if paged and await reader.part(part, item, next_page, 1):
        more = Place(ITEM, place.of, part.name, next_page)
        title = f"{browser.title('more')} ({next_page + 1} – …)"
        opened.children.append(browser.folder(more, title, CLASSES[part.kind]))
    return opened


# What the server remembers and recommends


async def _latest(browser: Browser, place: Place) -> BrowseMedia:
    """Return what was listened to."""
    items = await browser.reader.latest(place.node)
    return browser.folder(place, browser.title(place.node), children=browser.items(items))


async def _recommendations(browser: Browser, place: Place) -> BrowseMedia:
    """Return the groups of recommendations, or the items of one."""
    groups = {group.item_id: group for group in await browser.reader.recommendations()}
    if place.of is None:
        children = [
            browser.folder(Place(place.node, name), group.name) for name, group in groups.items()
        ]
        return browser.folder(place, browser.title(place.node), MediaClass.DIRECTORY, children)
    if (group := groups.get(place.of)) is None:
        raise nothing_there(place)
    items = await browser.reader.recommended(group)
    return browser.folder(place, group.name, children=browser.items(items))


# The table


@dataclass(frozen=True, slots=True)
class Node:
    """What opens a place, what kind of children it has, and since when the server has it."""

    open: Callable[[Browser, Place], Awaitable[BrowseMedia]]
    children: MediaClass = MediaClass.DIRECTORY
    since: int = 0
    listed: bool = field(default=True, kw_only=True)


NODES: Final = {
    ROOT: Node(_root, listed=False),
    ITEM: Node(_item, listed=False),
    RECOMMENDATIONS: Node(_recommendations),
    **{name: Node(_latest) for name in LATEST},
    **{name: Node(_shelf, CLASSES[shelf.kind], shelf.since) for name, shelf in SHELVES.items()},
}
