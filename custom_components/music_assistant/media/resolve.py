"""What a person asked for, as something that the server can play."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import MediaItemType

from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from ..server.users import User

SCHEMA_VERIFY: Final = 33


async def async_resolve(
    mass: MusicAssistantClient,
    media_type: str | None,
    media_id: str,
    *,
    artist: str | None = None,
    album: str | None = None,
    user: User = None,
) -> str:
    """Return the URI of what was asked for: a URI, a library id, a file or a name.

    `artist` and `album` narrow a name down. Raises ServiceValidationError if the server knows
    nothing of that name.
    """
    if "://" in media_id:
        return media_id
    # Home Assistant's own types ("music") say nothing that the server knows
    kind = MediaType(media_type) if media_type else MediaType.UNKNOWN
    wanted = None if kind is MediaType.UNKNOWN else kind
    if wanted and media_id.isdecimal():
        return f"library://{wanted.value}/{media_id}"
    info = mass.server_info
    if (
        info
        and info.schema_version >= SCHEMA_VERIFY
        and await mass.music.verify_item_uri(media_id, user=user)
    ):
        return media_id
    item = await mass.music.get_item_by_name(
        media_id, artist=artist, album=album, media_type=wanted, user=user
    )
    if item is None or item.uri is None:
        raise _nothing("nothing_found", media_id)
    return item.uri


async def async_item_at(mass: MusicAssistantClient, uri: str, position: int) -> str:
    """Return the URI of the item at a position (from 1) of an album, playlist or podcast."""
    parent = await mass.music.get_item_by_uri(uri)
    music = mass.music
    children: dict[MediaType, Callable[[str, str], Awaitable[Sequence[MediaItemType]]]] = {
        MediaType.ALBUM: music.get_album_tracks,
        MediaType.PLAYLIST: music.get_playlist_tracks,
        MediaType.PODCAST: music.get_podcast_episodes,
    }
    if get := children.get(parent.media_type):
        items = await get(parent.item_id, parent.provider)
        if 0 < position <= len(items) and (found := items[position - 1].uri):
            return found
    raise _nothing("no_such_position", parent.name, position=str(position))


def _nothing(key: str, name: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"name": name, **placeholders},
    )
