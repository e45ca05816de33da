"""Commands that change items, playlists and the play log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from music_assistant_models.background_task import BackgroundTask
from music_assistant_models.enums import EventType, MediaType
from music_assistant_models.favorite_update import FavoriteUpdate
from music_assistant_models.media_items import (
    MediaItem,
    MediaItemPalette,
    Playlist,
    ProviderMapping,
)
from music_assistant_models.playlog_update import PlaylogUpdate

from . import images
from .commands import Caller
from .library import LIBRARY, STREAMING, get_uri
from .music_items import (
    Handler,
    get_library_item_or_raise,
    get_play_log_user,
    get_playlist,
    resolve_item,
)
from .tasks import TASKS_SINCE

if TYPE_CHECKING:
    from .server import MassServer


FAVORITE_EVENTS_SINCE = 86  # below, the item itself tells


# Library, favourites, playlists


def send_item_updated(server: MassServer, changed: MediaItem) -> None:
    """Send the event of a changed item to all clients."""
    server.send_event(EventType.MEDIA_ITEM_UPDATED, get_uri(changed), changed)


def ensure_in_library(server: MassServer, given: str | dict[str, Any]) -> MediaItem:
    """Return an item of the library, and add it if it isn't in there."""
    found = resolve_item(server, given)
    if found.provider != LIBRARY:
        server.library.add_to_library(found)
        server.send_event(EventType.MEDIA_ITEM_ADDED, get_uri(found), found)
    return found


def add_to_library(
    server: MassServer, caller: Caller, item: str | dict[str, Any], overwrite_existing: bool = False
) -> MediaItem:
    """Add an item to the library."""
    return ensure_in_library(server, item)


def remove_from_library(
    server: MassServer,
    caller: Caller,
    media_type: MediaType,
    library_item_id: str | int,
    recursive: bool = True,
) -> None:
    """Remove an item and its children from the library."""
    doomed = get_library_item_or_raise(server, media_type, library_item_id)
    before = {get_uri(doomed): doomed.to_dict()}  # it may live on at a provider
    for uri in server.library.remove_from_library(doomed, recursive):
        server.send_event(EventType.MEDIA_ITEM_DELETED, uri, before.get(uri))


def build_remove_handler(media_type: MediaType) -> Handler:
    """Return the handler that removes an item of one type from the library."""

    def handler(
        server: MassServer, caller: Caller, item_id: str | int, recursive: bool = True
    ) -> None:
        remove_from_library(server, caller, media_type, item_id, recursive)

    return handler


def build_update_handler(media_type: MediaType) -> Handler:
    """Return the handler that changes the editable fields of an item."""

    def handler(
        server: MassServer,
        caller: Caller,
        item_id: str | int,
        update: dict[str, Any],
        overwrite: bool = False,
    ) -> MediaItem:
        changed = get_library_item_or_raise(server, media_type, item_id)
        for name in ("name", "sort_name", "version", "year"):
            if name in update and hasattr(changed, name):
                setattr(changed, name, update[name])
        send_item_updated(server, changed)
        return changed

    return handler


def match_providers(server: MassServer, caller: Caller, media_type: MediaType, db_id: str) -> None:
    """Find an item at the streaming provider."""
    found = get_library_item_or_raise(server, media_type, db_id)
    found.provider_mappings.add(
        ProviderMapping(
            item_id=f"matched{db_id}",
            provider_domain=STREAMING.domain,
            provider_instance=STREAMING.instance_id,
        )
    )
    server.library.add_item(found)
    send_item_updated(server, found)


def add_favorite(server: MassServer, caller: Caller, item: str | dict[str, Any]) -> None:
    """Add an item to the favorites and thereby to the library."""
    _set_favorite(server, caller, ensure_in_library(server, item), True)


def remove_favorite(
    server: MassServer, caller: Caller, media_type: MediaType, library_item_id: str | int
) -> None:
    """Remove an item from the favorites."""
    _set_favorite(
        server, caller, get_library_item_or_raise(server, media_type, library_item_id), False
    )


def _set_favorite(server: MassServer, caller: Caller, liked: MediaItem, favorite: bool) -> None:
    liked.favorite = favorite
    send_item_updated(server, liked)
    if server.schema_version >= FAVORITE_EVENTS_SINCE:
        uri = get_uri(liked)
        change = FavoriteUpdate(
            uri, liked.media_type, liked.item_id, favorite or None, caller.user.user_id
        )
        server.send_event(EventType.FAVORITE_UPDATED, uri, change)


def create_playlist(
    server: MassServer, caller: Caller, name: str, provider_instance_or_domain: str | None = None
) -> Playlist:
    """Create an empty playlist."""
    owner = caller.user.display_name or caller.user.username
    made = server.library.create_playlist(name, provider_instance_or_domain, owner)
    server.send_event(EventType.MEDIA_ITEM_ADDED, get_uri(made), made)
    return made


async def add_playlist_tracks(
    server: MassServer, caller: Caller, db_playlist_id: str | int, uris: list[str]
) -> BackgroundTask | None:
    """Append items to a playlist."""
    return await _update_playlist(
        server,
        caller,
        db_playlist_id,
        lambda playlist: server.library.add_to_playlist(playlist, uris),
    )


async def remove_playlist_tracks(
    server: MassServer, caller: Caller, db_playlist_id: str | int, positions_to_remove: list[int]
) -> BackgroundTask | None:
    """Remove entries of a playlist by position."""
    return await _update_playlist(
        server,
        caller,
        db_playlist_id,
        lambda playlist: server.library.remove_from_playlist(playlist, positions_to_remove),
    )


async def _update_playlist(
    server: MassServer, caller: Caller, playlist_id: str | int, change: Callable[[Playlist], None]
) -> BackgroundTask | None:
    """Change a playlist: newer servers do so in a task and report no error in the response."""

    async def update(_task: BackgroundTask | None = None) -> None:
        playlist = get_playlist(server, playlist_id)
        change(playlist)
        send_item_updated(server, playlist)

    if server.schema_version >= TASKS_SINCE:
        return server.tasks.start_task(caller, f"Edit playlist {playlist_id}", update)
    await update()
    return None


# The play log


def add_play(
    server: MassServer,
    caller: Caller,
    *,
    media_item: dict[str, Any],
    fully_played: bool = True,
    seconds_played: int | None = None,
    userid: str | None = None,
) -> None:
    """Add a play to the log."""
    played = resolve_item(server, media_item)
    user_id = get_play_log_user(server, caller, userid)
    duration = int(getattr(played, "duration", 0) or 0)
    seconds = seconds_played if seconds_played is not None else duration if fully_played else 0
    server.library.add_play(
        played,
        user_id=user_id,
        seconds=seconds,
        fully_played=fully_played,
        at=server.clock(),
    )
    _send_played(server, played, fully_played, seconds, user_id)


def remove_plays(
    server: MassServer, caller: Caller, media_item: dict[str, Any], userid: str | None = None
) -> None:
    """Remove an item from the log."""
    unplayed = resolve_item(server, media_item)
    user_id = get_play_log_user(server, caller, userid)
    server.library.remove_plays(unplayed, user_id)
    _send_played(server, unplayed, False, 0, user_id)


def _send_played(
    server: MassServer, item: MediaItem, fully_played: bool, seconds: int, user_id: str
) -> None:
    uri = get_uri(item)
    change = PlaylogUpdate(uri, item.media_type, fully_played, seconds, user_id)
    server.send_event(EventType.PLAYLOG_UPDATED, uri, change)


# Metadata


def update_metadata(
    server: MassServer, caller: Caller, item: str | dict[str, Any], force_refresh: bool = False
) -> MediaItem:
    """Return the item with all metadata, which it always has here."""
    found = resolve_item(server, item)
    send_item_updated(server, found)
    return found


def set_language(server: MassServer, caller: Caller, lang: str) -> None:
    """Set the language, which has no effect here."""


def get_image_palette(
    server: MassServer, caller: Caller, image: str | dict[str, Any]
) -> MediaItemPalette | None:
    """Return the colours of an image, given as such or by its address."""
    given = image.get("path", "") if isinstance(image, dict) else images.extract_path(str(image))
    path = images.resolve_cover_path(given)
    return images.build_palette(path) if path in server.library.covers else None


def get_lyrics(
    server: MassServer, caller: Caller, track: str | dict[str, Any]
) -> tuple[str | None, str | None]:
    """Return the lyrics of a track: plain, and with times."""
    metadata = resolve_item(server, track).metadata
    return metadata.lyrics, metadata.lrc_lyrics
