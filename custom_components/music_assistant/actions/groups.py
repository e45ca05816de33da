"""Actions that create and remove group players."""

from typing import Final

from music_assistant_models.enums import PlayerType, ProviderFeature
import probatio

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..players.commands import build_player_error
from ..server.errors import build_validation_error
from ..server.providers import find_capable_provider
from .base import ServerAction
from .fields import validate_boolean
from .targets import ATTR_ENTITY, PlayerTarget, get_target


async def _async_handle_create(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Create a group player; return its {player_id, name}."""
    mass, data = coordinator.mass, call.data
    members = [_get_member(coordinator, call, entity_id) for entity_id in data["members"]]
    provider = find_capable_provider(
        mass, ProviderFeature.CREATE_GROUP_PLAYER, data.get("provider")
    )
    player = await mass.players.create_group_player(
        provider.instance_id,
        data["name"],
        list(dict.fromkeys(member.player_id for member in members)),
        data["dynamic"],
    )
    return {"player_id": player.player_id, "name": player.name}


def _get_member(
    coordinator: MusicAssistantCoordinator, call: ServiceCall, entity_id: str
) -> PlayerTarget:
    """Return a player that is to be a member; raise for group players and those of others."""
    target = get_target(call.hass, entity_id)
    if target.coordinator is not coordinator:
        raise build_validation_error("not_our_player", entity_id=entity_id, server=coordinator.name)
    if _is_group(target):
        raise build_player_error("group_in_group", target.player)
    return target


async def _async_handle_remove(coordinator: MusicAssistantCoordinator, call: ServiceCall) -> None:
    """Remove a group player.

    The server would delete the settings of a player that it hasn't got at the moment, whatever
    that is, so it has to be a group player that is there.
    """
    target = get_target(call.hass, call.data[ATTR_ENTITY])
    if not _is_group(target):
        raise build_player_error("no_group_player", target.player)
    provider = coordinator.mass.get_provider(target.player.provider, return_unavailable=True)
    if provider and ProviderFeature.REMOVE_GROUP_PLAYER not in provider.supported_features:
        raise build_player_error("group_not_removable", target.player)
    await coordinator.mass.players.remove_group_player(target.player_id)


def _is_group(target: PlayerTarget) -> bool:
    """Return whether a player is a group player of the server."""
    player = target.mass.players.get(target.player_id)
    return player is not None and player.type is PlayerType.GROUP


ACTIONS: Final = (
    ServerAction(
        "create_group_player",
        _async_handle_create,
        {
            probatio.Required("name"): probatio.All(cv.string, probatio.Length(min=1)),
            probatio.Required("members"): probatio.All(cv.entity_ids, probatio.Length(min=1)),
            probatio.Optional("provider"): cv.string,
            probatio.Optional("dynamic", default=True): validate_boolean,
        },
        SupportsResponse.OPTIONAL,
        require_admin=True,
    ),
    ServerAction(
        "remove_group_player",
        _async_handle_remove,
        {probatio.Required(ATTR_ENTITY): cv.entity_id},
        SupportsResponse.NONE,
        require_admin=True,
    ),
)
