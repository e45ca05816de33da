"""Actions on playlists that follow rules."""

from functools import partial
from typing import Any, Final

from music_assistant_models.enums import AlbumType
from music_assistant_models.media_items import Playlist, media_from_dict
import probatio

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType

from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import create_reader
from ..entry.permissions import Access
from ..media.library_lists import LibraryReader
from ..media.playlists import async_get_editable_playlist
from ..media.smart_playlists import (
    ITEM_RULES,
    MATCH_ALL,
    MATCH_ANY,
    MAX_SEEDS,
    MAX_TRACKS,
    Rules,
    async_build_rules,
    check_rules,
    check_supported,
    describe_rules,
)
from ..server.errors import build_validation_error
from .base import ServerAction, create_serializer, ensure_list_of
from .fields import MAX_NUMBER, build_choices_validator
from .music import async_resolve_uri

# `AlbumType` itself would take an unknown type for the type "unknown".
_ALBUM_TYPES: Final = ensure_list_of(probatio.In([album_type.value for album_type in AlbumType]))


def _number(first: int, last: int = MAX_NUMBER) -> probatio.All[Any]:
    """Return a validator of a whole number in a range."""
    return probatio.All(probatio.Coerce(int), probatio.Range(min=first, max=last))


RULE_FIELDS: Final[VolDictType] = {
    **{probatio.Optional(name): ensure_list_of(cv.string) for name in ITEM_RULES},
    probatio.Optional("album_type"): _ALBUM_TYPES,
    probatio.Optional("exclude_album_type"): _ALBUM_TYPES,
    probatio.Optional("similar_to"): ensure_list_of(cv.string, probatio.Length(max=MAX_SEEDS)),
    probatio.Optional("favorites_only"): cv.boolean,
    probatio.Optional("explicit"): cv.boolean,
    probatio.Optional("year_from"): _number(1),
    probatio.Optional("year_to"): _number(1),
    probatio.Optional("min_duration"): _number(0),
    probatio.Optional("max_duration"): _number(0),
    probatio.Optional("min_popularity"): _number(0, 100),
    probatio.Optional("not_played_days"): _number(1),
    probatio.Optional("match"): probatio.In([MATCH_ALL, MATCH_ANY]),
    probatio.Optional("limit"): _number(1, MAX_TRACKS),
}
# Empty fields are the same as none, so the rules to take away are named.
_REMOVE: Final = "remove_rules"
_NAME: Final = probatio.All(cv.string, probatio.Length(min=1))


async def _async_handle_create(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Create a smart playlist; return it with its rules."""
    reader = _create_reader(coordinator)
    rules = await _async_build_rules(reader, call)
    made = media_from_dict(
        await coordinator.mass.send_command(
            "smart_playlists/create",
            name=call.data["name"],
            rules=rules,
            is_dynamic=call.data["dynamic"],
        )
    )
    return _build_response(coordinator, made, rules | {"is_dynamic": call.data["dynamic"]})


async def _async_handle_update(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Change the rules that the call names; return the playlist with all of them."""
    reader = _create_reader(coordinator)
    playlist = await async_get_editable_playlist(reader, call.data["playlist"])
    rules = await _async_get_rules(reader, playlist)
    rules |= await _async_build_rules(reader, call)
    check_rules(rules)
    await coordinator.mass.send_command(
        "smart_playlists/update_rules", playlist_id=playlist.item_id, rules=rules
    )
    return _build_response(coordinator, playlist, rules)


async def _async_handle_get(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return a smart playlist with its rules, and how much music follows them."""
    reader = _create_reader(coordinator)
    playlist = await async_get_editable_playlist(reader, call.data["playlist"])
    rules = await _async_get_rules(reader, playlist)
    return {
        **_build_response(coordinator, playlist, rules),
        **await _async_count(reader, rules),
    }


async def _async_handle_preview(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {count, duration} of the music that follows rules, without making a playlist."""
    reader = _create_reader(coordinator)
    return await _async_count(reader, await _async_build_rules(reader, call))


def _create_reader(coordinator: MusicAssistantCoordinator) -> LibraryReader:
    """Create a library reader; raise if the server has no smart playlists."""
    check_supported(coordinator.mass)
    return create_reader(coordinator)


async def _async_build_rules(reader: LibraryReader, call: ServiceCall) -> Rules:
    """Return the rules of a call."""
    rules = await async_build_rules(
        reader,
        {**call.data, **dict.fromkeys(call.data.get(_REMOVE, ()))},
        partial(async_resolve_uri, reader, media_type=None),
    )
    check_rules(rules)
    return rules


async def _async_get_rules(reader: LibraryReader, playlist: Playlist) -> Rules:
    """Return the rules of a playlist; raise if it has none."""
    rules: Rules | None = await reader.mass.send_command(
        "smart_playlists/get_rules", playlist_id=playlist.item_id
    )
    if rules is None:
        raise build_validation_error("not_a_smart_playlist", name=playlist.name)
    return rules


async def _async_count(reader: LibraryReader, rules: Rules) -> dict[str, Any]:
    """Return how many tracks follow rules, whatever their limit, and their seconds."""
    counted = await reader.mass.send_command("smart_playlists/count_tracks", rules=rules)
    return {"count": counted["count"], "duration": counted["duration_seconds"]}


def _build_response(
    coordinator: MusicAssistantCoordinator, playlist: Any, rules: Rules
) -> dict[str, Any]:
    """Return {playlist, dynamic, rules}."""
    return {
        "playlist": create_serializer(coordinator).serialize_list_item(playlist),
        "dynamic": rules.get("is_dynamic", True),
        "rules": describe_rules(rules),
    }


ACTIONS: Final = (
    ServerAction(
        "create_smart_playlist",
        _async_handle_create,
        {
            probatio.Required("name"): _NAME,
            probatio.Optional("dynamic", default=True): cv.boolean,
            **RULE_FIELDS,
        },
        SupportsResponse.OPTIONAL,
        access=Access.CONTROL_ONE,
    ),
    ServerAction(
        "update_smart_playlist",
        _async_handle_update,
        {
            probatio.Required("playlist"): cv.string,
            probatio.Optional(_REMOVE): build_choices_validator(str(name) for name in RULE_FIELDS),
            **RULE_FIELDS,
        },
        SupportsResponse.OPTIONAL,
        access=Access.CONTROL_ONE,
    ),
    ServerAction(
        "get_smart_playlist", _async_handle_get, {probatio.Required("playlist"): cv.string}
    ),
    ServerAction("preview_smart_playlist", _async_handle_preview, RULE_FIELDS),
)
