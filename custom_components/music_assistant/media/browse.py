"""The tree of what there is to play: a table of nodes, each of which opens its places."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import Audiobook, BrowseFolder

from homeassistant.components.media_player import BrowseMedia, MediaClass
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..helpers.batching import in_batches
from ..helpers.texts import text
from ..server.acting_user import async_asked_as
from ..server.errors import translated_errors
from .browse_id import FAVORITES, ITEM, ROOT, Place, nothing_there
from .library_lists import LATEST, PAGE, SCHEMA_FOLDERS, SHELVES, Entries, Item, Part, Reader, Shelf
from .presentation import CLASSES, LISTS, can_be_played, title

RECOMMENDATIONS: Final = "recommendations"
PROVIDERS: Final = "providers"
# What the server calls the way back, which Home Assistant has itself.
BACK: Final = ".."
# The most ranges that a list is divided into, before they have ranges themselves.
FAN: Final = 20
# What is played from any of its items on.
IN_ORDER: Final = frozenset({MediaType.ALBUM, MediaType.PLAYLIST})


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
            *(() if err.translation_key else err.args),
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
        opened = await node.open(self, place)
        if not node.own and (user := await async_asked_as(self.reader.mass, self.reader.user)):
            opened.title = f"{opened.title} ({user})"
        return opened

    def word(self, name: str) -> str:
        """Return a word in Home Assistant's language."""
        return text(self.hass, f"browse_{name}", name)

    def folder(
        self,
        place: Place,
        title: str,
        children_class: MediaClass | str | None = None,
        children: Sequence[BrowseMedia] | None = None,
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
        )

    def item(self, item: Item, within: Item | None = None) -> BrowseMedia:
        """Return an item, not opened, as one of a list or of what belongs to another item."""
        parts = [part for part in self.reader.parts(item.media_type) if part.own]
        place = Place(ITEM, item.uri)
        if within and within.media_type in IN_ORDER:
            place = Place(ITEM, within.uri, start=item.uri)
        return BrowseMedia(
            media_class=CLASSES.get(item.media_type, MediaClass.MUSIC),
            media_content_id=str(place),
            media_content_type=item.media_type.value,
            title=title(item, within, self.word),
            can_play=True,
            can_expand=bool(parts) or item.media_type is MediaType.AUDIOBOOK,
            can_search=bool(parts),
            search_media_classes=[CLASSES[part.kind] for part in parts] or None,
            thumbnail=self.thumbnail(item),
        )

    def items(self, items: Iterable[Item | None]) -> list[BrowseMedia]:
        """Return the items that can be played."""
        return [self.item(item) for item in items if item and can_be_played(item)]

    async def fill(self, opened: BrowseMedia, entries: Entries, within: Item | None = None) -> None:
        """Put items and folders into what is opened, and count those that can't be shown."""
        entries = [entry for entry in entries if not _is_way_back(entry)]
        shown = [
            _folder_of(self, entry) if isinstance(entry, BrowseFolder) else self.item(entry, within)
            async for entry in in_batches(entries)
            if isinstance(entry, BrowseFolder) or (entry and can_be_played(entry))
        ]
        opened.children = [*(opened.children or ()), *shown]
        opened.not_shown = len(entries) - len(shown)


def _is_way_back(entry: Item | BrowseFolder | None) -> bool:
    return isinstance(entry, BrowseFolder) and entry.name == BACK


# The root


async def _root(browser: Browser, place: Place) -> BrowseMedia:
    """Return the server's lists, those of our own user labelled for another one."""
    reader = browser.reader
    user = await async_asked_as(reader.mass, reader.user)
    children = []
    for name, node in NODES.items():
        if node.listed and reader.schema >= node.since:
            label = f" ({user})" if user and not node.own else ""
            title = f"{browser.word(name)}{label}"
            children.append(browser.folder(Place(name), title, node.children))
    return browser.folder(place, "Music Assistant", MediaClass.DIRECTORY, children)


# The library


async def _favorites(browser: Browser, place: Place) -> BrowseMedia:
    """Return the lists of what is liked."""
    children = [
        browser.folder(Place(name, part=FAVORITES), browser.word(name), LISTS[shelf.kind])
        for name, shelf in SHELVES.items()
        if browser.reader.schema >= shelf.since
    ]
    return browser.folder(place, browser.word(place.node), MediaClass.DIRECTORY, children)


async def _shelf(browser: Browser, place: Place) -> BrowseMedia:
    """Return a list of the library; a long one in ranges, so that none is cut off."""
    if place.part not in (None, FAVORITES):
        raise nothing_there(place)
    reader, shelf, name = browser.reader, SHELVES[place.node], browser.word(place.node)
    liked = place.part == FAVORITES
    limit = await reader.count(shelf, liked) if place.limit is None else place.limit
    if limit > PAGE:
        children = await _ranges(browser, replace(place, limit=limit), shelf)
        return browser.folder(place, name, MediaClass.DIRECTORY, children)
    items = await reader.shelf(shelf, place.offset, place.limit or PAGE, liked)
    name = name if place.limit is None else f"{name} {_numbers(place.offset, len(items))}"
    opened = browser.folder(place, name, LISTS[shelf.kind])
    await browser.fill(opened, [*items])
    return opened


async def _ranges(browser: Browser, place: Place, shelf: Shelf) -> list[BrowseMedia]:
    """Return equal ranges of a place with a limit, named by their first and last items."""
    assert place.limit is not None
    size = PAGE
    while size * FAN < place.limit:
        size *= FAN
    end = place.offset + place.limit
    cuts = [*range(place.offset, end, size), end]
    liked = place.part == FAVORITES
    names = await asyncio.gather(*(_around(browser.reader, shelf, cut, liked) for cut in cuts))
    return [
        browser.folder(
            replace(place, offset=start, limit=stop - start),
            f"{first[-1]} – {last[0]}" if first and last else _numbers(start, stop - start),
            LISTS[shelf.kind] if stop - start <= PAGE else MediaClass.DIRECTORY,
        )
        for (start, first), (stop, last) in pairwise(zip(cuts, names, strict=True))
    ]


async def _around(reader: Reader, shelf: Shelf, cut: int, liked: bool) -> list[str]:
    """Return the names of the last item before a cut and of the first after it."""
    items = await reader.shelf(shelf, max(cut - 1, 0), 2 if cut else 1, liked)
    return [item.name if item else "?" for item in items]


def _numbers(offset: int, count: int) -> str:
    return f"{offset + 1} – {offset + count}"


# What belongs to an item


async def _item(browser: Browser, place: Place) -> BrowseMedia:
    """Return an item with what belongs to it."""
    if place.of is None:
        raise nothing_there(place)
    item = await browser.reader.item(place.of)
    if item.media_type is MediaType.FOLDER:
        return await _folder_with(browser, place, item)
    opened = browser.item(item)
    if isinstance(item, Audiobook) and place.part is None:
        opened.children = _chapters(item, opened)
        return opened
    parts = browser.reader.parts(item.media_type)
    parts = [part for part in parts if place.part in (None, part.name)]
    if place.part:
        if not parts:
            raise nothing_there(place)
        opened.media_content_id = str(place)
        opened.can_play = False  # the server knows no URI of it
    opened.children = [
        browser.folder(Place(ITEM, place.of, part.name), browser.word(part.name), LISTS[part.kind])
        for part in parts[1:]
    ]
    return await _part(browser, place, item, parts[0], opened) if parts else opened


async def _part(
    browser: Browser, place: Place, item: Item, part: Part, opened: BrowseMedia
) -> BrowseMedia:
    """Fill in a page of what belongs to an item, and where there are more the way to them."""
    reader = browser.reader
    items = await reader.part(part, item, place.offset)
    await browser.fill(opened, [*items], item)
    opened.children_media_class = LISTS[part.kind]
    next_page = place.offset + PAGE
    paged = reader.schema >= part.pages and len(items) == PAGE
    if paged and await reader.part(part, item, next_page, 1):
        _add_more(browser, opened, Place(ITEM, place.of, part.name, offset=next_page))
    return opened


def _add_more(browser: Browser, opened: BrowseMedia, more: Place) -> None:
    title = f"{browser.word('more')} ({more.offset + 1} – …)"
    folder = browser.folder(more, title, opened.children_media_class)
    opened.children = [*(opened.children or ()), folder]


def _chapters(book: Audiobook, opened: BrowseMedia) -> list[BrowseMedia]:
    """Return the chapters of a book, from each of which it can be played."""
    chapters = sorted(book.metadata.chapters or (), key=lambda chapter: chapter.position)
    return [
        BrowseMedia(
            media_class=MediaClass.TRACK,
            media_content_id=str(Place(ITEM, book.uri, start=str(chapter.position))),
            media_content_type=book.media_type.value,
            title=chapter.name,
            can_play=True,
            can_expand=False,
            thumbnail=opened.thumbnail,
        )
        for chapter in chapters
    ]


# What the providers have


async def _providers(browser: Browser, place: Place) -> BrowseMedia:
    """Return the providers, or what is in a folder of one of them."""
    scheme, _, path = (place.of or "").partition("://")
    provider = browser.reader.mass.get_provider(scheme, return_unavailable=True)
    name = path.rstrip("/").rpartition("/")[2] or (provider.name if provider else scheme)
    opened = browser.folder(place, name or browser.word(place.node), MediaClass.DIRECTORY)
    reader = browser.reader
    entries = await reader.folder(place.of, place.offset)
    await browser.fill(opened, entries)
    next_page = place.offset + PAGE
    paged = reader.schema >= SCHEMA_FOLDERS and len(entries) == PAGE
    if paged and await reader.folder(place.of, next_page, 1):
        _add_more(browser, opened, replace(place, offset=next_page))
    return opened


async def _folder_with(browser: Browser, place: Place, item: Item) -> BrowseMedia:
    """Return a folder that can be played, with what is in it."""
    opened = await _providers(browser, Place(PROVIDERS, f"{item.provider}://{item.item_id}"))
    opened.media_content_id, opened.can_play = str(place), True
    return opened


def _folder_of(browser: Browser, folder: BrowseFolder) -> BrowseMedia:
    """Return a provider's folder, not opened; one that can be played has its URI for an id."""
    found = browser.folder(Place(PROVIDERS, folder.path), folder.name)
    if folder.is_playable and folder.path == f"{folder.provider}://{folder.item_id}":
        found.media_content_id, found.can_play = str(folder.uri), True
    return found


# What the server remembers and recommends


async def _latest(browser: Browser, place: Place) -> BrowseMedia:
    """Return what was listened to; the server tells no more of it than a page."""
    items = await browser.reader.latest(place.node)
    cut_off = f" {_numbers(0, PAGE)}" if len(items) == PAGE else ""
    opened = browser.folder(place, f"{browser.word(place.node)}{cut_off}")
    await browser.fill(opened, [*items])
    return opened


async def _recommendations(browser: Browser, place: Place) -> BrowseMedia:
    """Return the groups of recommendations, or the items of one."""
    groups = {group.item_id: group for group in await browser.reader.recommendations()}
    if place.of is None:
        children = [
            browser.folder(Place(place.node, name), group.name) for name, group in groups.items()
        ]
        return browser.folder(place, browser.word(place.node), MediaClass.DIRECTORY, children)
    if (group := groups.get(place.of)) is None:
        raise nothing_there(place)
    opened = browser.folder(place, group.name)
    await browser.fill(opened, await browser.reader.recommended(group))
    return opened


# The table


@dataclass(frozen=True, slots=True)
class Node:
    """What opens a place, what kind of children it has, and since when the server has it.

    What isn't the caller's `own`, the server tells of our own user whoever asks.
    """

    open: Callable[[Browser, Place], Awaitable[BrowseMedia]]
    children: MediaClass = MediaClass.DIRECTORY
    since: int = 0
    listed: bool = field(default=True, kw_only=True)
    own: bool = field(default=True, kw_only=True)


NODES: Final = {
    ROOT: Node(_root, listed=False),
    ITEM: Node(_item, listed=False),
    RECOMMENDATIONS: Node(_recommendations, own=False),
    **{name: Node(_latest, own=False) for name in LATEST},
    FAVORITES: Node(_favorites),
    **{name: Node(_shelf, LISTS[shelf.kind], shelf.since) for name, shelf in SHELVES.items()},
    PROVIDERS: Node(_providers, own=False),
}
