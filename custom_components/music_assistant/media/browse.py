"""Browsing: a table of nodes, and how each of them is browsed."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import Audiobook, BrowseFolder, RecommendationFolder

from homeassistant.components.media_player import BrowseMedia, MediaClass
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized

from ..const import DOMAIN
from ..helpers.batching import in_batches
from ..helpers.texts import get_text
from ..server.acting_user import async_get_answering_user_name
from ..server.errors import translate_errors
from ..server.providers import BUILTIN_PROVIDER
from .browse_id import FAVORITES, ITEM, RECOMMENDATIONS, ROOT, BrowseId, create_not_found_error
from .library_lists import (
    HISTORY_COMMANDS,
    LIBRARY_LISTS,
    PAGE_SIZE,
    SCHEMA_FOLDERS,
    FolderEntries,
    Item,
    ItemChildren,
    Items,
    LibraryList,
    LibraryReader,
)
from .presentation import LIST_MEDIA_CLASSES, MEDIA_CLASSES, can_play, get_title

ROOT_TITLE: Final = "Music Assistant"
SEARCH: Final = "search"
PROVIDERS: Final = "providers"
# Labels of the builtin provider's folders that have another name than their translation key.
BUILTIN_FOLDER_LABELS: Final = {"radios": "radio"}
# Name of the server's links to the parent folder, which Home Assistant's interface has itself.
PARENT_FOLDER_NAME: Final = ".."
# Number of ranges that a list is divided into at most, before ranges are divided again.
MAX_RANGES: Final = 20
# Items that a list of several pages begins with; of tracks they take about 120 KiB.
FIRST_ITEMS: Final = 50
# Media types whose playback can start at any of their items.
START_ITEM_TYPES: Final = frozenset({MediaType.ALBUM, MediaType.PLAYLIST})


@contextmanager
def raise_as(error_type: type[HomeAssistantError], server_name: str) -> Iterator[None]:
    """Raise errors as another type of error, with the same text."""
    try:
        with translate_errors(server_name):
            yield
    except error_type, Unauthorized:
        raise
    except HomeAssistantError as err:
        raise error_type(
            *(() if err.translation_key else err.args),
            translation_domain=err.translation_domain,
            translation_key=err.translation_key,
            translation_placeholders=err.translation_placeholders,
        ) from err


@dataclass(frozen=True, slots=True)
class MediaBrowser:
    """Browse the media of a server for one caller.

    `thumbnail` and `folder_thumbnail` return the paths of the pictures of items and of lists.
    """

    hass: HomeAssistant
    reader: LibraryReader
    thumbnail: Callable[[Item], str | None]
    folder_thumbnail: Callable[[BrowseId], str | None]

    async def async_open(self, content_id: str | None) -> BrowseMedia:
        """Return the media at a content id with its children.

        Raises BrowseError if nothing is found.
        """
        browse_id = BrowseId.parse(content_id)
        node = BROWSE_NODES.get(browse_id.node)
        if node is None or self.reader.schema_version < node.min_schema:
            raise create_not_found_error(content_id)
        browse_media = await node.browse(self, browse_id)
        if not node.per_user and (
            user := await async_get_answering_user_name(self.reader.mass, self.reader.user)
        ):
            browse_media.title = f"{browse_media.title} ({user})"
        return browse_media

    def translate(self, name: str) -> str:
        """Return the name of a node or label in Home Assistant's language."""
        return get_text(self.hass, f"browse_{name}", name)

    def build_folder(
        self,
        browse_id: BrowseId,
        title: str,
        children_class: MediaClass | str | None = None,
        children: Sequence[BrowseMedia] | None = None,
    ) -> BrowseMedia:
        """Build the browse media of a folder, which isn't an item itself."""
        library_list = LIBRARY_LISTS.get(browse_id.node)
        return BrowseMedia(
            media_class=MediaClass.DIRECTORY,
            media_content_id=str(browse_id),
            media_content_type=DOMAIN,
            title=title,
            can_play=False,
            can_expand=True,
            can_search=True,
            search_media_classes=[MEDIA_CLASSES[library_list.media_type]] if library_list else None,
            children_media_class=children_class,
            children=children,
        )

    def build_pictured_folder(
        self, browse_id: BrowseId, title: str, children_class: MediaClass | str | None = None
    ) -> BrowseMedia:
        """Build the browse media of a folder with the picture of its first item."""
        folder = self.build_folder(browse_id, title, children_class)
        folder.thumbnail = self.folder_thumbnail(browse_id)
        return folder

    def build_item(self, item: Item, parent: Item | None = None) -> BrowseMedia:
        """Build the browse media of an item without its children.

        The parent is the item whose children are listed, None in any other list.
        """
        contents = [
            children for children in self.reader.supported_children(item) if children.is_content
        ]
        browse_id = BrowseId(ITEM, item.uri)
        if parent and parent.media_type in START_ITEM_TYPES:
            browse_id = BrowseId(ITEM, parent.uri, start=item.uri)
        return BrowseMedia(
            media_class=MEDIA_CLASSES.get(item.media_type, MediaClass.MUSIC),
            media_content_id=str(browse_id),
            media_content_type=item.media_type.value,
            title=get_title(item, parent, self.translate),
            can_play=True,
            can_expand=bool(contents) or item.media_type is MediaType.AUDIOBOOK,
            can_search=bool(contents),
            search_media_classes=[MEDIA_CLASSES[children.media_type] for children in contents]
            or None,
            thumbnail=self.thumbnail(item),
        )

    def build_items(self, items: Iterable[Item | None]) -> list[BrowseMedia]:
        """Build the browse media of the playable items."""
        return [self.build_item(item) for item in items if item and can_play(item)]

    async def async_add_children(
        self, browse_media: BrowseMedia, entries: FolderEntries, parent: Item | None = None
    ) -> None:
        """Add items and folders to browse media, and count those that can't be shown."""
        entries = [entry for entry in entries if not _is_parent_folder(entry)]
        children = [
            _build_provider_folder(self, entry)
            if isinstance(entry, BrowseFolder)
            else self.build_item(entry, parent)
            async for entry in in_batches(entries)
            if isinstance(entry, BrowseFolder) or (entry and can_play(entry))
        ]
        browse_media.children = [*(browse_media.children or ()), *children]
        browse_media.not_shown = len(entries) - len(children)


def _is_parent_folder(entry: Item | BrowseFolder | None) -> bool:
    """Return whether an entry is a provider's link to the parent folder."""
    return isinstance(entry, BrowseFolder) and entry.name == PARENT_FOLDER_NAME


# Root


async def _async_browse_root(browser: MediaBrowser, browse_id: BrowseId) -> BrowseMedia:
    """Return the root.

    If the server answers for another user than the caller, the nodes that differ by user are
    labelled with the name of that user.
    """
    reader = browser.reader
    user = await async_get_answering_user_name(reader.mass, reader.user)
    children = []
    for name, node in BROWSE_NODES.items():
        if node.in_root and reader.schema_version >= node.min_schema:
            label = f" ({user})" if user and not node.per_user else ""
            title = f"{browser.translate(name)}{label}"
            build = browser.build_pictured_folder if node.has_picture else browser.build_folder
            children.append(build(BrowseId(name), title, node.children_class))
    return browser.build_folder(browse_id, ROOT_TITLE, MediaClass.DIRECTORY, children)


async def _async_browse_search(browser: MediaBrowser, browse_id: BrowseId) -> BrowseMedia:
    """Return a place to search everything from: Home Assistant's dialog can't search the root.

    The title is that of the field as well ("Search Music Assistant").
    """
    browse_media = browser.build_folder(browse_id, ROOT_TITLE, children=[])
    browse_media.search_media_classes = [
        MEDIA_CLASSES[library_list.media_type]
        for library_list in browser.reader.supported_lists().values()
    ]
    return browse_media


# Library


async def _async_browse_favorites(browser: MediaBrowser, browse_id: BrowseId) -> BrowseMedia:
    """Return the lists of favorites."""
    children = [
        browser.build_pictured_folder(
            BrowseId(name, children=FAVORITES),
            browser.translate(name),
            LIST_MEDIA_CLASSES[library_list.media_type],
        )
        for name, library_list in LIBRARY_LISTS.items()
        if browser.reader.schema_version >= library_list.min_schema
    ]
    return browser.build_folder(
        browse_id, browser.translate(browse_id.node), MediaClass.DIRECTORY, children
    )


async def _async_browse_library_list(browser: MediaBrowser, browse_id: BrowseId) -> BrowseMedia:
    """Return a list of the library; a long one begins with a few items, then has ranges."""
    if browse_id.children not in (None, FAVORITES):
        raise create_not_found_error(browse_id)
    reader, library_list = browser.reader, LIBRARY_LISTS[browse_id.node]
    favorites = browse_id.children == FAVORITES
    count = (
        await reader.async_get_count(library_list, favorites)
        if browse_id.limit is None
        else browse_id.limit
    )
    shown = FIRST_ITEMS if count > PAGE_SIZE else browse_id.limit or PAGE_SIZE
    items = await reader.async_get_list_items(library_list, browse_id.offset, shown, favorites)
    browse_media = browser.build_folder(
        browse_id,
        _get_list_title(browser, browse_id, items if count <= PAGE_SIZE else []),
        LIST_MEDIA_CLASSES[library_list.media_type],
    )
    await browser.async_add_children(browse_media, [*items])
    if count > PAGE_SIZE:
        ranges = _build_ranges(browser, replace(browse_id, limit=count), library_list)
        browse_media.children = [*(browse_media.children or ()), *ranges]
    return browse_media


def _get_list_title(browser: MediaBrowser, browse_id: BrowseId, items: Items) -> str:
    """Return the title of a list, or of a range of it with the names at its ends."""
    name = browser.translate(browse_id.node)
    if browse_id.limit is None:
        return name
    title = f"{name} {_format_range(browse_id.offset, len(items) or browse_id.limit)}"
    ends = [item.name for item in (items[0], items[-1]) if item] if items else []
    return f"{title}: {' – '.join(ends)}" if ends else title


def _build_ranges(
    browser: MediaBrowser, browse_id: BrowseId, library_list: LibraryList
) -> list[BrowseMedia]:
    """Build folders of ranges of a list, except its first items.

    They have numbers for names: the names at their ends would take a request for each.
    """
    assert browse_id.limit is not None
    size = PAGE_SIZE
    while size * MAX_RANGES < browse_id.limit:
        size *= MAX_RANGES
    begin, end = browse_id.offset, browse_id.offset + browse_id.limit
    boundaries = [begin + FIRST_ITEMS, *range(begin - begin % size + size, end, size), end]
    return [
        browser.build_folder(
            replace(browse_id, offset=start, limit=stop - start),
            _format_range(start, stop - start),
            LIST_MEDIA_CLASSES[library_list.media_type],
        )
        for start, stop in pairwise(boundaries)
    ]


def _format_range(offset: int, count: int) -> str:
    return f"{offset + 1} – {offset + count}"


# Items


async def _async_browse_item(browser: MediaBrowser, browse_id: BrowseId) -> BrowseMedia:
    """Return an item with its children."""
    if browse_id.target is None:
        raise create_not_found_error(browse_id)
    if path := _get_folder_path(browse_id.target):
        return await _async_browse_playable_folder(browser, browse_id, path)
    item = await browser.reader.async_get_item(browse_id.target)
    browse_media = browser.build_item(item)
    if isinstance(item, Audiobook) and browse_id.children is None:
        browse_media.children = _build_chapters(item, browse_media)
        return browse_media
    supported = browser.reader.supported_children(item)
    supported = [children for children in supported if browse_id.children in (None, children.name)]
    if browse_id.children:
        if not supported:
            raise create_not_found_error(browse_id)
        browse_media.media_content_id = str(browse_id)
        browse_media.can_play = False  # the list itself has no URI
    shown = next(
        (children for children in supported if children.is_content or browse_id.children), None
    )
    browse_media.children = [
        browser.build_folder(
            BrowseId(ITEM, browse_id.target, children.name),
            browser.translate(children.name),
            LIST_MEDIA_CLASSES[children.media_type],
        )
        for children in supported
        if children is not shown
    ]
    return (
        await _async_add_item_children(browser, browse_id, item, shown, browse_media)
        if shown
        else browse_media
    )


async def _async_add_item_children(
    browser: MediaBrowser,
    browse_id: BrowseId,
    item: Item,
    children: ItemChildren,
    browse_media: BrowseMedia,
) -> BrowseMedia:
    """Add a page of an item's children, and a folder with the next page if there is one."""
    reader = browser.reader
    items = await reader.async_get_children(children, item, browse_id.offset)
    await browser.async_add_children(browse_media, [*items], item)
    browse_media.children_media_class = LIST_MEDIA_CLASSES[children.media_type]
    next_page = browse_id.offset + PAGE_SIZE
    paged = reader.schema_version >= children.paging_schema and len(items) == PAGE_SIZE
    if paged and await reader.async_get_children(children, item, next_page, 1):
        _add_next_page(
            browser, browse_media, BrowseId(ITEM, browse_id.target, children.name, offset=next_page)
        )
    return browse_media


def _add_next_page(browser: MediaBrowser, browse_media: BrowseMedia, next_page: BrowseId) -> None:
    """Add a folder with the next page."""
    title = f"{browser.translate('more')} ({next_page.offset + 1} – …)"
    folder = browser.build_folder(next_page, title, browse_media.children_media_class)
    browse_media.children = [*(browse_media.children or ()), folder]


def _build_chapters(book: Audiobook, browse_media: BrowseMedia) -> list[BrowseMedia]:
    """Build the chapters of an audiobook; each one plays the book from there."""
    chapters = sorted(book.metadata.chapters or (), key=lambda chapter: chapter.position)
    return [
        BrowseMedia(
            media_class=MediaClass.TRACK,
            media_content_id=str(BrowseId(ITEM, book.uri, start=str(chapter.position))),
            media_content_type=book.media_type.value,
            title=chapter.name,
            can_play=True,
            can_expand=False,
            thumbnail=browse_media.thumbnail,
        )
        for chapter in chapters
    ]


# Providers


async def _async_browse_providers(browser: MediaBrowser, browse_id: BrowseId) -> BrowseMedia:
    """Return the providers, or the content of a provider's folder."""
    title = (
        _get_folder_title(browser, browse_id.target)
        if browse_id.target
        else browser.translate(browse_id.node)
    )
    browse_media = browser.build_folder(browse_id, title, MediaClass.DIRECTORY)
    reader = browser.reader
    entries = await reader.async_get_folder(browse_id.target, browse_id.offset)
    await browser.async_add_children(browse_media, entries)
    next_page = browse_id.offset + PAGE_SIZE
    paged = reader.schema_version >= SCHEMA_FOLDERS and len(entries) == PAGE_SIZE
    if paged and await reader.async_get_folder(browse_id.target, next_page, 1):
        _add_next_page(browser, browse_media, replace(browse_id, offset=next_page))
    return browse_media


async def _async_browse_playable_folder(
    browser: MediaBrowser, browse_id: BrowseId, path: str
) -> BrowseMedia:
    """Return a playable folder with its content."""
    browse_media = await _async_browse_providers(browser, BrowseId(PROVIDERS, path))
    browse_media.media_content_id, browse_media.can_play = str(browse_id), True
    return browse_media


def _build_provider_folder(browser: MediaBrowser, folder: BrowseFolder) -> BrowseMedia:
    """Build the browse media of a provider's folder without its children.

    A playable folder has its URI as content id.
    """
    title = folder.name or _get_folder_title(browser, folder.path, folder.translation_key)
    browse_media = browser.build_folder(BrowseId(PROVIDERS, folder.path), title)
    if folder.is_playable and folder.path == _get_folder_path(str(folder.uri)):
        browse_media.media_content_id, browse_media.can_play = str(folder.uri), True
    return browse_media


def _get_folder_path(uri: str) -> str | None:
    """Return the path that a folder is browsed by; None if the URI is of an item.

    The server can't resolve the URIs of all providers' folders to items.
    """
    provider, separator, item_id = uri.partition("://folder/")
    return f"{provider}://{item_id}" if separator else None


def _get_folder_title(browser: MediaBrowser, path: str, translation_key: str | None = None) -> str:
    """Return the title of a provider's folder from its path.

    The folders of the builtin provider have no names, only translation keys. These are also the
    last parts of their paths, which is all that is known of a folder that is opened.
    """
    scheme, _, inner_path = path.partition("://")
    provider = browser.reader.mass.get_provider(scheme, return_unavailable=True)
    name = inner_path.rstrip("/").rpartition("/")[2]
    if translation_key or (name and provider and provider.domain == BUILTIN_PROVIDER):
        key = translation_key or name
        return browser.translate(BUILTIN_FOLDER_LABELS.get(key, key))
    return name or (provider.name if provider else scheme)


# History and recommendations


async def _async_browse_history(browser: MediaBrowser, browse_id: BrowseId) -> BrowseMedia:
    """Return the items played last; the server lists at most one page of them."""
    items = await browser.reader.async_get_history(browse_id.node, PAGE_SIZE)
    cut_off = f" {_format_range(0, PAGE_SIZE)}" if len(items) == PAGE_SIZE else ""
    browse_media = browser.build_folder(browse_id, f"{browser.translate(browse_id.node)}{cut_off}")
    await browser.async_add_children(browse_media, [*items])
    return browse_media


async def _async_browse_recommendations(browser: MediaBrowser, browse_id: BrowseId) -> BrowseMedia:
    """Return the groups of recommendations, or the items of one group."""
    groups = {group.item_id: group for group in await browser.reader.async_get_recommendations()}
    if browse_id.target is None:
        children = [
            *(
                _build_history_folder(browser, name)
                for name in HISTORY_COMMANDS
                if name not in groups
            ),
            *(_build_group_folder(browser, group) for group in groups.values()),
        ]
        return browser.build_folder(
            browse_id, browser.translate(browse_id.node), MediaClass.DIRECTORY, children
        )
    if (group := groups.get(browse_id.target)) is None:
        raise create_not_found_error(browse_id)
    browse_media = browser.build_folder(browse_id, group.name)
    await browser.async_add_children(
        browse_media, await browser.reader.async_get_recommended_items(group)
    )
    return browse_media


def _build_group_folder(browser: MediaBrowser, group: RecommendationFolder) -> BrowseMedia:
    """Build the folder of a group of recommendations, with the picture of its first item.

    Of what was played, a group has the newest items only; the history's own list has more.
    """
    if group.item_id in HISTORY_COMMANDS:
        return _build_history_folder(browser, group.item_id)
    folder = browser.build_folder(BrowseId(RECOMMENDATIONS, group.item_id), group.name)
    pictures = (
        browser.thumbnail(item) for item in group.items if not isinstance(item, BrowseFolder)
    )
    folder.thumbnail = next(
        (picture for picture in pictures if picture),
        browser.folder_thumbnail(BrowseId(RECOMMENDATIONS, group.item_id, group.provider)),
    )
    return folder


def _build_history_folder(browser: MediaBrowser, name: str) -> BrowseMedia:
    """Build the folder of a history list."""
    return browser.build_pictured_folder(BrowseId(name), browser.translate(name))


# Nodes


@dataclass(frozen=True, slots=True)
class BrowseNode:
    """Describe a node of the browse tree.

    The server answers a node that isn't `per_user` for the user of its own token, not for the
    caller.
    """

    browse: Callable[[MediaBrowser, BrowseId], Awaitable[BrowseMedia]]
    children_class: MediaClass = MediaClass.DIRECTORY
    min_schema: int = 0
    in_root: bool = field(default=True, kw_only=True)
    per_user: bool = field(default=True, kw_only=True)
    has_picture: bool = field(default=True, kw_only=True)


BROWSE_NODES: Final = {
    ROOT: BrowseNode(_async_browse_root, in_root=False),
    ITEM: BrowseNode(_async_browse_item, in_root=False),
    SEARCH: BrowseNode(_async_browse_search, has_picture=False),
    RECOMMENDATIONS: BrowseNode(_async_browse_recommendations, per_user=False),
    # these are among the recommendations
    **{
        name: BrowseNode(_async_browse_history, in_root=False, per_user=False)
        for name in HISTORY_COMMANDS
    },
    FAVORITES: BrowseNode(_async_browse_favorites),
    **{
        name: BrowseNode(
            _async_browse_library_list,
            LIST_MEDIA_CLASSES[library_list.media_type],
            library_list.min_schema,
        )
        for name, library_list in LIBRARY_LISTS.items()
    },
    PROVIDERS: BrowseNode(_async_browse_providers, per_user=False, has_picture=False),
}
