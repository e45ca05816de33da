"""Actions that return an album, artist, playlist or podcast with its content.

The names, fields and responses are those of mass_queue.

| action | fields | response |
|---|---|---|
| `get_album`, `get_artist`, `get_playlist`, `get_podcast` | `uri` | the item as of the server |
| `get_album_tracks`, `get_artist_tracks` | `uri`, `page` | {tracks: [entry]} |
| `get_playlist_tracks` | `uri`, `page` | {tracks: [entry with position]} |
| `get_podcast_episodes` | `uri`, `page` | {episodes: [entry with release date], newest first} |

An entry is {media_title, media_content_id, duration (s), media_image, favorite,
media_album_name, media_artist}, with "" for unknown values. Without `page` all are returned.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from music_assistant_models.enums import MediaType
import probatio

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import create_reader
from ..media.library_lists import PAGE_SIZE, Item, LibraryReader
from ..server.acting_user import ActingUser
from ..server.errors import build_validation_error
from .base import ServerAction, async_as_caller, create_serializer

type ActionHandler = Callable[[MusicAssistantCoordinator, ServiceCall], Awaitable[ServiceResponse]]

ITEM_ACTIONS: Final = {
    "get_album": MediaType.ALBUM,
    "get_artist": MediaType.ARTIST,
    "get_playlist": MediaType.PLAYLIST,
    "get_podcast": MediaType.PODCAST,
}
# Media type of the item and of its children, and their key in the response.
CHILDREN_ACTIONS: Final = {
    "get_album_tracks": (MediaType.ALBUM, MediaType.TRACK, "tracks"),
    "get_artist_tracks": (MediaType.ARTIST, MediaType.TRACK, "tracks"),
    "get_playlist_tracks": (MediaType.PLAYLIST, MediaType.TRACK, "tracks"),
    "get_podcast_episodes": (MediaType.PODCAST, MediaType.PODCAST_EPISODE, "episodes"),
}


def _create_item_handler(media_type: MediaType) -> ActionHandler:
    """Create the handler of an action that returns an item."""

    async def async_handle(
        coordinator: MusicAssistantCoordinator, call: ServiceCall
    ) -> ServiceResponse:
        """Return the item as of the server."""
        item = await _async_fetch_item(create_reader(coordinator), call.data["uri"], media_type)
        response: ServiceResponse = item.to_dict()
        return response

    return async_handle


def _create_children_handler(
    media_type: MediaType, child_type: MediaType, name: str
) -> ActionHandler:
    """Create the handler of an action that returns the children of an item."""

    async def async_handle(
        coordinator: MusicAssistantCoordinator, call: ServiceCall
    ) -> ServiceResponse:
        """Return {name: entries}."""

        async def async_fetch(user: ActingUser) -> list[Item]:
            """Fetch the children as a user."""
            reader = create_reader(coordinator, user)
            item = await _async_fetch_item(reader, call.data["uri"], media_type)
            return await _async_fetch_children(reader, item, child_type, call.data.get("page"))

        items = await async_as_caller(coordinator.mass, call, async_fetch)
        serializer = create_serializer(coordinator)
        entries = [serializer.serialize_mass_queue_item(item) for item in items]
        if child_type is MediaType.PODCAST_EPISODE:
            entries.sort(key=lambda entry: entry["release_date"], reverse=True)
        return {name: [*entries]}

    return async_handle


async def _async_fetch_item(reader: LibraryReader, uri: str, media_type: MediaType) -> Item:
    """Return an item; raise if it is of another media type."""
    item = await reader.async_get_item(uri)
    if item.media_type is not media_type:
        raise build_validation_error("other_kind", uri=uri, media_type=media_type.value)
    return item


async def _async_fetch_children(
    reader: LibraryReader, item: Item, child_type: MediaType, page: int | None
) -> list[Item]:
    """Return the children of an item, or a page of them (from 1)."""
    child_list = next(
        candidate
        for candidate in reversed(reader.supported_children(item))
        if candidate.media_type is child_type
    )
    if page:
        children = await reader.async_get_children_page(
            child_list, item, PAGE_SIZE * (page - 1), PAGE_SIZE
        )
        return [child for child in children if child]
    children = []
    while next_page := await reader.async_get_children(child_list, item, len(children), PAGE_SIZE):
        children += next_page
        if reader.schema_version < child_list.paging_schema or len(next_page) < PAGE_SIZE:
            break
    return [child for child in children if child]


ACTIONS: Final = (
    *(
        ServerAction(name, _create_item_handler(media_type), {probatio.Required("uri"): cv.string})
        for name, media_type in ITEM_ACTIONS.items()
    ),
    *(
        ServerAction(
            name,
            _create_children_handler(*row),
            {probatio.Required("uri"): cv.string, probatio.Optional("page"): cv.positive_int},
        )
        for name, row in CHILDREN_ACTIONS.items()
    ),
)
