"""Actions on playlists."""

import asyncio
from typing import Any, Final

from music_assistant_models.media_items import Playlist
import probatio

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import create_reader
from ..entry.permissions import Access
from ..media.playlists import (
    async_add_to_playlist,
    async_get_editable_playlist,
    async_get_entries,
    async_get_playlists,
    async_get_positions,
    async_remove_from_playlist,
)
from ..media.queue_items import async_get_playlist_uris
from ..players.commands import build_player_error
from ..server.errors import build_validation_error
from ..server.providers import find_instance_ids
from .base import ServerAction, async_as_caller, create_serializer, ensure_list_of
from .fields import build_choice_validator, validate_boolean
from .music import MediaAction, MediaSelection, async_get_current_uris
from .targets import QUEUE_ACTIVE, PlayerTarget

# Media of a player to add: its current item, or all items of its queue.
SOURCE_CURRENT_ITEM: Final = "current"
SOURCE_QUEUE: Final = "queue"

_EDIT_LOCK: Final[HassKey[asyncio.Lock]] = HassKey(f"{DOMAIN}_editing")
_PLAYLIST_FIELD: Final[VolDictType] = {probatio.Required("playlist"): cv.string}


def _get_edit_lock(hass: HomeAssistant) -> asyncio.Lock:
    """Return the lock for changes of playlists.

    Positions change with each edit, so they are read and used under this lock.
    """
    return hass.data.setdefault(_EDIT_LOCK, asyncio.Lock())


async def _async_handle_get_playlists(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {playlists} that match the filters."""
    data = call.data
    playlists = await async_as_caller(
        coordinator.mass, call, lambda user: async_get_playlists(create_reader(coordinator, user))
    )
    return {
        "playlists": [
            _serialize_playlist(coordinator, playlist)
            for playlist in playlists
            if data.get("search", "").casefold() in playlist.name.casefold()
            and data.get("favorite", bool(playlist.favorite)) is bool(playlist.favorite)
            and data.get("editable", playlist.is_editable) is playlist.is_editable
        ]
    }


def _serialize_playlist(
    coordinator: MusicAssistantCoordinator, playlist: Playlist
) -> dict[str, Any]:
    """Serialize a playlist."""
    return {
        **create_serializer(coordinator).serialize_list_item(playlist),
        "item_id": playlist.item_id,
        "owner": playlist.owner,
        "editable": playlist.is_editable,
    }


async def _async_handle_create_playlist(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Create a playlist; return it."""
    mass = coordinator.mass
    provider = call.data.get("provider")
    instance_id = find_instance_ids(mass, (provider,))[0] if provider else None
    return _serialize_playlist(
        coordinator, await mass.music.create_playlist(call.data["name"], instance_id)
    )


async def _async_get_source_uris(target: PlayerTarget, call: ServiceCall) -> list[str]:
    """Return the URI of the current item, or those of the active queue."""
    if call.data["source"] == SOURCE_CURRENT_ITEM:
        return await async_get_current_uris(target, call)
    uris = await async_get_playlist_uris(target.mass, target.get_queue(QUEUE_ACTIVE).queue_id)
    if not uris:
        raise build_player_error("nothing_to_save", target.player)
    return uris


async def _async_handle_add_to_playlist(
    music: MediaSelection, call: ServiceCall
) -> ServiceResponse:
    """Add media to a playlist."""
    playlist = await async_get_editable_playlist(
        create_reader(music.coordinator), call.data["playlist"]
    )
    async with _get_edit_lock(call.hass):
        await async_add_to_playlist(music.mass, playlist, music.uris)
    return {"playlist": _serialize_playlist(music.coordinator, playlist), "uris": list(music.uris)}


async def _async_handle_remove_from_playlist(
    music: MediaSelection, call: ServiceCall
) -> ServiceResponse:
    """Remove media from a playlist."""
    reader = create_reader(music.coordinator)
    playlist = await async_get_editable_playlist(reader, call.data["playlist"])
    async with _get_edit_lock(call.hass):
        positions = await async_get_positions(reader, playlist, music.uris)
        await async_remove_from_playlist(music.mass, playlist, positions)
    return {
        "playlist": _serialize_playlist(music.coordinator, playlist),
        "positions": list(positions),
    }


async def _async_handle_remove_playlist_tracks(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> None:
    """Remove positions from a playlist; raise if one of them doesn't exist."""
    reader = create_reader(coordinator)
    playlist = await async_get_editable_playlist(reader, call.data["playlist_id"])
    positions = set(call.data["positions_to_remove"])
    async with _get_edit_lock(call.hass):
        existing_positions = {entry.position for entry in await async_get_entries(reader, playlist)}
        if missing := positions - existing_positions:
            raise build_validation_error(
                "no_playlist_position",
                name=playlist.name,
                position=", ".join(str(position) for position in sorted(missing)),
                count=str(len(existing_positions)),
            )
        await async_remove_from_playlist(coordinator.mass, playlist, positions)


ACTIONS: Final = (
    ServerAction(
        "get_playlists",
        _async_handle_get_playlists,
        {
            probatio.Optional("search"): cv.string,
            probatio.Optional("favorite"): validate_boolean,
            probatio.Optional("editable"): validate_boolean,
            probatio.Optional("username"): cv.string,
        },
    ),
    ServerAction(
        "create_playlist",
        _async_handle_create_playlist,
        {
            probatio.Required("name"): probatio.All(cv.string, probatio.Length(min=1)),
            probatio.Optional("provider"): cv.string,
        },
        SupportsResponse.OPTIONAL,
        access=Access.CONTROL_ONE,
    ),
    MediaAction(
        "add_to_playlist",
        _async_handle_add_to_playlist,
        {
            **_PLAYLIST_FIELD,
            probatio.Optional("source", default=SOURCE_CURRENT_ITEM): build_choice_validator(
                (SOURCE_CURRENT_ITEM, SOURCE_QUEUE)
            ),
        },
        get_uris=_async_get_source_uris,
    ),
    MediaAction("remove_from_playlist", _async_handle_remove_from_playlist, _PLAYLIST_FIELD),
    ServerAction(
        "remove_playlist_tracks",
        _async_handle_remove_playlist_tracks,
        {
            probatio.Required("playlist_id"): cv.string,
            probatio.Required("positions_to_remove"): ensure_list_of(
                cv.positive_int, probatio.Length(min=1)
            ),
        },
        SupportsResponse.NONE,
        access=Access.CONTROL_ONE,
    ),
)
