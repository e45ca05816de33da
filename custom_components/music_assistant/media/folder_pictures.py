"""Pictures of folders: that of the first item that has one.

The item is looked up when a browser shows the folder, so that listing folders costs no requests.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final

from music_assistant_models.media_items import BrowseFolder, RecommendationFolder

from ..server.providers import LIBRARY_PROVIDER
from .browse_id import FAVORITES, RECOMMENDATIONS, BrowseId
from .library_lists import HISTORY_COMMANDS, LIBRARY_LISTS, RECENTLY_PLAYED, Item, LibraryReader

# Items of a list of which one may have a picture.
MAX_CANDIDATES: Final = 5
# Lists of which favorites are shown, most likely ones first.
_FAVORITE_LISTS: Final = ("albums", "tracks", "artists")


async def async_find_picture[T](
    reader: LibraryReader, browse_id: BrowseId, get_picture: Callable[[Item], T | None]
) -> T | None:
    """Return the picture of a folder, None if none of its first items has one.

    The id of a group of recommendations has the group's provider as its `children`.
    """
    async for items in _async_read_first_items(reader, browse_id):
        pictures = (get_picture(item) for item in items if item)
        if picture := next((picture for picture in pictures if picture), None):
            return picture
    return None


async def _async_read_first_items(
    reader: LibraryReader, browse_id: BrowseId
) -> AsyncIterator[Iterable[Item | None]]:
    """Yield the first items of the lists in a folder."""
    if browse_id.node == RECOMMENDATIONS and browse_id.target:
        yield await _async_read_group(reader, browse_id.target, browse_id.children)
    elif browse_id.node == RECOMMENDATIONS or browse_id.node in HISTORY_COMMANDS:
        name = RECENTLY_PLAYED if browse_id.node == RECOMMENDATIONS else browse_id.node
        yield await reader.async_get_history(name, MAX_CANDIDATES)
    else:
        is_favorites = browse_id.node == FAVORITES
        for name in _FAVORITE_LISTS if is_favorites else (browse_id.node,):
            favorites = is_favorites or browse_id.children == FAVORITES
            yield await reader.async_get_list_items(
                LIBRARY_LISTS[name], 0, MAX_CANDIDATES, favorites
            )


async def _async_read_group(
    reader: LibraryReader, item_id: str, provider: str | None
) -> list[Item | None]:
    """Return the items of a group of recommendations, without folders."""
    group = RecommendationFolder(
        item_id=item_id, provider=provider or LIBRARY_PROVIDER, name=item_id
    )
    entries = await reader.async_get_recommended_items(group)
    return [entry for entry in entries if not isinstance(entry, BrowseFolder)]
