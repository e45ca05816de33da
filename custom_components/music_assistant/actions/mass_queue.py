"""mass_queue's actions that read the library, so that cards built on them work with our domain.

| action | fields | response |
|---|---|---|
| `get_album`, `get_artist`, `get_playlist`, `get_podcast` | `uri` | the item as the server has it |
| `get_album_tracks`, `get_artist_tracks` | `uri`, `page` | {tracks: [entry]} |
| `get_playlist_tracks` | `uri`, `page` | {tracks: [entry, and its position]} |
| `get_podcast_episodes` | `uri`, `page` | {episodes: [entry, and its release date], newest first} |

An entry is {media_title, media_content_id, duration (s), media_image, favorite,
media_album_name, media_artist}, with "" for what isn't known. Without a page it is all of it.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from music_assistant_models.enums import MediaType
import probatio

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import reader_of
from ..media.library_lists import PAGE, Item, Reader
from ..server.acting_user import User
from ..server.errors import invalid
from .base import Action, async_as_caller, serializer

type Run = Callable[[MusicAssistantCoordinator, ServiceCall], Awaitable[ServiceResponse]]

ITEMS: Final = {
    "get_album": MediaType.ALBUM,
    "get_artist": MediaType.ARTIST,
    "get_playlist": MediaType.PLAYLIST,
    "get_podcast": MediaType.PODCAST,
}
# Of which kind each tells what is in it, of which kind that is, and its name in the response.
CHILDREN: Final = {
    "get_album_tracks": (MediaType.ALBUM, MediaType.TRACK, "tracks"),
    "get_artist_tracks": (MediaType.ARTIST, MediaType.TRACK, "tracks"),
    "get_playlist_tracks": (MediaType.PLAYLIST, MediaType.TRACK, "tracks"),
    "get_podcast_episodes": (MediaType.PODCAST, MediaType.PODCAST_EPISODE, "episodes"),
}


def _item(kind: MediaType) -> Run:
    async def run(coordinator: MusicAssistantCoordinator, call: ServiceCall) -> ServiceResponse:
        item = await _read(reader_of(coordinator), call.data["uri"], kind)
        response: ServiceResponse = item.to_dict()
        return response

    return run


def _children(kind: MediaType, child: MediaType, name: str) -> Run:
    async def run(coordinator: MusicAssistantCoordinator, call: ServiceCall) -> ServiceResponse:
        async def read(user: User) -> list[Item]:
            reader = reader_of(coordinator, user)
            item = await _read(reader, call.data["uri"], kind)
            return await _all(reader, item, child, call.data.get("page"))

        items = await async_as_caller(coordinator.mass, call, read)
        told = serializer(coordinator)
        entries = [told.entry(item) for item in items]
        if child is MediaType.PODCAST_EPISODE:
            entries.sort(key=lambda entry: entry["release_date"], reverse=True)
        return {name: [*entries]}

    return run


async def _read(reader: Reader, uri: str, kind: MediaType) -> Item:
    item = await reader.item(uri)
    if item.media_type is not kind:
        raise invalid("other_kind", uri=uri, media_type=kind.value)
    return item


async def _all(reader: Reader, item: Item, child: MediaType, page: int | None) -> list[Item]:
    """Return what is in an item: a page of it (from 1), or everything."""
    part = next(part for part in reversed(reader.parts(item.media_type)) if part.kind is child)
    if page:
        found = await reader.page(part, item, PAGE * (page - 1), PAGE)
        return [one for one in found if one]
    found = []
    while more := await reader.part(part, item, len(found), PAGE):
        found += more
        if reader.schema < part.pages or len(more) < PAGE:
            break
    return [one for one in found if one]


ACTIONS: Final = (
    *(
        Action(name, _item(kind), {probatio.Required("uri"): cv.string})
        for name, kind in ITEMS.items()
    ),
    *(
        Action(
            name,
            _children(*row),
            {probatio.Required("uri"): cv.string, probatio.Optional("page"): cv.positive_int},
        )
        for name, row in CHILDREN.items()
    ),
)
