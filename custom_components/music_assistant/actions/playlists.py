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
from ..entities.browsing import reader_of
from ..media.playlists import (
    async_add,
    async_editable,
    async_entries,
    async_playlists,
    async_positions,
    async_remove,
)
from ..media.queue_items import async_listable
from ..players.commands import refusal
from ..server.errors import invalid
from ..server.providers import instance_ids
from .base import Action, async_as_caller, list_of, serializer
from .music import Music, MusicAction, async_playing
from .targets import ACTIVE, Target

# Of what plays on a player: what is heard, or all that is in its queue.
CURRENT: Final = "current"
QUEUE: Final = "queue"

_EDITING: Final[HassKey[asyncio.Lock]] = HassKey(f"{DOMAIN}_editing")
_PLAYLIST: Final[VolDictType] = {probatio.Required("playlist"): cv.string}


def _editing(hass: HomeAssistant) -> asyncio.Lock:
    """Return what lets one edit at a time: positions that were read move with another one."""
    return hass.data.setdefault(_EDITING, asyncio.Lock())


async def _get_playlists(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    data = call.data
    playlists = await async_as_caller(
        coordinator.mass, call, lambda user: async_playlists(reader_of(coordinator, user))
    )
    return {
        "playlists": [
            _playlist(coordinator, one)
            for one in playlists
            if data.get("search", "").casefold() in one.name.casefold()
            and data.get("favorite", bool(one.favorite)) is bool(one.favorite)
            and data.get("editable", one.is_editable) is one.is_editable
        ]
    }


def _playlist(coordinator: MusicAssistantCoordinator, playlist: Playlist) -> dict[str, Any]:
    return {
        **serializer(coordinator).listed(playlist),
        "item_id": playlist.item_id,
        "owner": playlist.owner,
        "editable": playlist.is_editable,
    }


async def _create_playlist(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    mass = coordinator.mass
    provider = call.data.get("provider")
    home = instance_ids(mass, (provider,))[0] if provider else None
    return _playlist(coordinator, await mass.music.create_playlist(call.data["name"], home))


async def _chosen(target: Target, call: ServiceCall) -> list[str]:
    if call.data["source"] == CURRENT:
        return await async_playing(target, call)
    uris = await async_listable(target.mass, target.queue(ACTIVE).queue_id)
    if not uris:
        raise refusal("nothing_to_save", target.player)
    return uris


async def _add(music: Music, call: ServiceCall) -> ServiceResponse:
    playlist = await async_editable(reader_of(music.coordinator), call.data["playlist"])
    async with _editing(call.hass):
        await async_add(music.mass, playlist, music.uris)
    return {"playlist": _playlist(music.coordinator, playlist), "uris": list(music.uris)}


async def _remove(music: Music, call: ServiceCall) -> ServiceResponse:
    reader = reader_of(music.coordinator)
    playlist = await async_editable(reader, call.data["playlist"])
    async with _editing(call.hass):
        positions = await async_positions(reader, playlist, music.uris)
        await async_remove(music.mass, playlist, positions)
    return {"playlist": _playlist(music.coordinator, playlist), "positions": list(positions)}


async def _remove_positions(coordinator: MusicAssistantCoordinator, call: ServiceCall) -> None:
    reader = reader_of(coordinator)
    playlist = await async_editable(reader, call.data["playlist_id"])
    wanted = set(call.data["positions_to_remove"])
    async with _editing(call.hass):
        there = {entry.position for entry in await async_entries(reader, playlist)}
        if missing := wanted - there:
            raise invalid(
                "no_playlist_position",
                name=playlist.name,
                position=", ".join(str(each) for each in sorted(missing)),
                count=str(len(there)),
            )
        await async_remove(coordinator.mass, playlist, wanted)


ACTIONS: Final = (
    Action(
        "get_playlists",
        _get_playlists,
        {
            probatio.Optional("search"): cv.string,
            probatio.Optional("favorite"): cv.boolean,
            probatio.Optional("editable"): cv.boolean,
            probatio.Optional("username"): cv.string,
        },
    ),
    Action(
        "create_playlist",
        _create_playlist,
        {
            probatio.Required("name"): probatio.All(cv.string, probatio.Length(min=1)),
            probatio.Optional("provider"): cv.string,
        },
        SupportsResponse.OPTIONAL,
    ),
    MusicAction(
        "add_to_playlist",
        _add,
        {**_PLAYLIST, probatio.Optional("source", default=CURRENT): probatio.In([CURRENT, QUEUE])},
        pick=_chosen,
    ),
    MusicAction("remove_from_playlist", _remove, _PLAYLIST),
    Action(
        "remove_playlist_tracks",
        _remove_positions,
        {
            probatio.Required("playlist_id"): cv.string,
            probatio.Required("positions_to_remove"): list_of(
                cv.positive_int, probatio.Length(min=1)
            ),
        },
        SupportsResponse.NONE,
    ),
)
