"""Whatever changes items, playlists and the play log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from music_assistant_models.background_task import BackgroundTask
from music_assistant_models.enums import EventType, MediaType
from music_assistant_models.favorite_update import FavoriteUpdate
from music_assistant_models.media_items import MediaItem, MediaItemPalette, Playlist
from music_assistant_models.playlog_update import PlaylogUpdate

from . import images
from .commands import Caller
from .library import LIBRARY, address_of
from .music_items import Handler, given_item, library_item, player_of, playlist_of
from .tasks import TASKS_SINCE

if TYPE_CHECKING:
    from .server import MassServer


FAVORITE_EVENTS_SINCE = 86  # below, the item itself tells


# Library, favourites, playlists


def updated(server: MassServer, changed: MediaItem) -> None:
    """Tell everyone that an item changed."""
    server.signal(EventType.MEDIA_ITEM_UPDATED, address_of(changed), changed)


def adopted(server: MassServer, given: str | dict[str, Any]) -> MediaItem:
    """Return an item of the library, taken into it if it wasn't."""
    found = given_item(server, given)
    if found.provider != LIBRARY:
        server.library.adopt(found)
        server.signal(EventType.MEDIA_ITEM_ADDED, address_of(found), found)
    return found


def add_to_library(
    server: MassServer, caller: Caller, item: str | dict[str, Any], overwrite_existing: bool = False
) -> MediaItem:
    """Take an item into the library."""
    return adopted(server, item)


def remove_from_library(
    server: MassServer,
    caller: Caller,
    media_type: MediaType,
    library_item_id: str | int,
    recursive: bool = True,
) -> None:
    """Take an item, and what it holds, out of the library."""
    doomed = library_item(server, media_type, library_item_id)
    before = {address_of(doomed): doomed.to_dict()}  # it may live on at a provider
    for uri in server.library.remove(doomed, recursive):
        server.signal(EventType.MEDIA_ITEM_DELETED, uri, before.get(uri))


def remove(media_type: MediaType) -> Handler:
    """Return the handler that takes an item of one type out of the library."""

    def handler(
        server: MassServer, caller: Caller, item_id: str | int, recursive: bool = True
    ) -> None:
        remove_from_library(server, caller, media_type, item_id, recursive)

    return handler


def update(media_type: MediaType) -> Handler:
    """Return the handler that changes what people can change of an item."""

    def handler(
        server: MassServer,
        caller: Caller,
        item_id: str | int,
        update: dict[str, Any],
        overwrite: bool = False,
    ) -> MediaItem:
        changed = library_item(server, media_type, item_id)
        for name in ("name", "sort_name", "version", "year"):
            if name in update and hasattr(changed, name):
                setattr(changed, name, update[name])
        updated(server, changed)
        return changed

    return handler


def add_favorite(server: MassServer, caller: Caller, item: str | dict[str, Any]) -> None:
    """Like an item; it is taken into the library for that."""
    _set_favorite(server, caller, adopted(server, item), True)


def remove_favorite(
    server: MassServer, caller: Caller, media_type: MediaType, library_item_id: str | int
) -> None:
    """Like an item no more."""
    _set_favorite(server, caller, library_item(server, media_type, library_item_id), False)


def _set_favorite(server: MassServer, caller: Caller, liked: MediaItem, favorite: bool) -> None:
    liked.favorite = favorite
    updated(server, liked)
    if server.schema_version >= FAVORITE_EVENTS_SINCE:
        uri = address_of(liked)
        change = FavoriteUpdate(
            uri, liked.media_type, liked.item_id, favorite or None, caller.user.user_id
        )
        server.signal(EventType.FAVORITE_UPDATED, uri, change)


def create_playlist(
    server: MassServer, caller: Caller, name: str, provider_instance_or_domain: str | None = None
) -> Playlist:
    """Make an empty playlist."""
    owner = caller.user.display_name or caller.user.username
    made = server.library.create_playlist(name, provider_instance_or_domain, owner)
    server.signal(EventType.MEDIA_ITEM_ADDED, address_of(made), made)
    return made


async def add_playlist_tracks(
    server: MassServer, caller: Caller, db_playlist_id: str | int, uris: list[str]
) -> BackgroundTask | None:
    """Append to a playlist."""
    return await _edit(
        server,
        caller,
        db_playlist_id,
        lambda playlist: server.library.add_to_playlist(playlist, uris),
    )


async def remove_playlist_tracks(
    server: MassServer, caller: Caller, db_playlist_id: str | int, positions_to_remove: list[int]
) -> BackgroundTask | None:
    """Remove from a playlist by position."""
    return await _edit(
        server,
        caller,
        db_playlist_id,
        lambda playlist: server.library.remove_from_playlist(playlist, positions_to_remove),
    )


async def _edit(
    server: MassServer, caller: Caller, playlist_id: str | int, change: Callable[[Playlist], None]
) -> BackgroundTask | None:
    """Change a playlist: newer servers only promise it, and refuse nothing in their answer."""

    async def edit(_task: BackgroundTask | None = None) -> None:
        playlist = playlist_of(server, playlist_id)
        change(playlist)
        updated(server, playlist)

    if server.schema_version >= TASKS_SINCE:
        return server.tasks.start(caller, f"Edit playlist {playlist_id}", edit)
    await edit()
    return None


# The play log


def mark_played(
    server: MassServer,
    caller: Caller,
    *,
    media_item: dict[str, Any],
    fully_played: bool = True,
    seconds_played: int | None = None,
    userid: str | None = None,
) -> None:
    """Write a play into the log."""
    played = given_item(server, media_item)
    user_id = player_of(server, caller, userid)
    duration = int(getattr(played, "duration", 0) or 0)
    seconds = seconds_played if seconds_played is not None else duration if fully_played else 0
    server.library.played(
        played,
        user_id=user_id,
        seconds=seconds,
        fully_played=fully_played,
        at=server.clock(),
    )
    _signal_play(server, played, fully_played, seconds, user_id)


def mark_unplayed(
    server: MassServer, caller: Caller, media_item: dict[str, Any], userid: str | None = None
) -> None:
    """Take an item out of the log."""
    unplayed = given_item(server, media_item)
    user_id = player_of(server, caller, userid)
    server.library.unplayed(unplayed, user_id)
    _signal_play(server, unplayed, False, 0, user_id)


def _signal_play(
    server: MassServer, item: MediaItem, fully_played: bool, seconds: int, user_id: str
) -> None:
    uri = address_of(item)
    change = PlaylogUpdate(uri, item.media_type, fully_played, seconds, user_id)
    server.signal(EventType.PLAYLOG_UPDATED, uri, change)


# Metadata


def update_metadata(
    server: MassServer, caller: Caller, item: str | dict[str, Any], force_refresh: bool = False
) -> MediaItem:
    """Return the item with all that is known about it, which here it always has."""
    found = given_item(server, item)
    updated(server, found)
    return found


def set_language(server: MassServer, caller: Caller, lang: str) -> None:
    """Take note of a language, which changes nothing here."""


def image_palette(
    server: MassServer, caller: Caller, image: str | dict[str, Any]
) -> MediaItemPalette | None:
    """Return the colours of an image, given as such or by its address."""
    given = image.get("path", "") if isinstance(image, dict) else images.path_in(str(image))
    path = images.drawn_path(given)
    return images.palette(path) if path in server.library.covers else None


def lyrics(
    server: MassServer, caller: Caller, track: str | dict[str, Any]
) -> tuple[str | None, str | None]:
    """Return the lyrics of a track: plain, and with times."""
    metadata = given_item(server, track).metadata
    return metadata.lyrics, metadata.lrc_lyrics
