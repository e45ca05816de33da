"""Actions on players and their groups."""

from collections.abc import Awaitable, Callable
from typing import Final

import probatio

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers.typing import VolDictType

from ..players.commands import (
    async_mute_group,
    check_volume_limit,
    get_group_id,
    get_group_player_ids,
    get_leader_ids,
)
from .base import TargetAction
from .fields import validate_boolean, validate_sleep_timer
from .targets import PlayerTarget


def _create_group_action(
    name: str,
    handler: Callable[[PlayerTarget, str, ServiceCall], Awaitable[None]],
    schema: VolDictType | None = None,
) -> TargetAction:
    """Create an action on the group of a player, or on the player without a group."""

    async def async_handle(target: PlayerTarget, call: ServiceCall) -> None:
        """Call the handler with the id of the group."""
        await handler(target, get_group_id(target.player), call)

    return TargetAction(name, async_handle, schema or {}, get_changed=_async_get_group)


async def _async_get_group(target: PlayerTarget, _call: ServiceCall) -> tuple[str, ...]:
    """Return the ids of the group that a player plays along with, and of all its members."""
    return get_group_player_ids(target.player, target.coordinator.data)


async def _async_get_leaders(target: PlayerTarget, _call: ServiceCall) -> tuple[str, ...]:
    """Return the ids of the players that a player plays along with, whose timer it shares."""
    return get_leader_ids(target.player, target.coordinator.data)


async def _async_handle_set_group_volume(
    target: PlayerTarget, group: str, call: ServiceCall
) -> None:
    """Set the volume of a group in percent."""
    level = call.data["volume_level"]
    await target.mass.players.group_volume(group, level)
    check_volume_limit(target.player, level, target.coordinator.get_volume_limit(group))


async def _async_handle_group_volume_up(
    target: PlayerTarget, group: str, _call: ServiceCall
) -> None:
    """Turn up the volume of a group."""
    volume = _get_group_volume(target, group)
    await target.mass.players.group_volume_up(group)
    if volume is not None:
        check_volume_limit(target.player, volume + 1, target.coordinator.get_volume_limit(group))


def _get_group_volume(target: PlayerTarget, group: str) -> int | None:
    """Return the volume of a group in percent."""
    player = target.mass.players.get(group)
    return player.group_volume if player else None


async def _async_handle_get_group_volume(
    target: PlayerTarget, _call: ServiceCall
) -> ServiceResponse:
    """Return {volume_level} of the group in percent."""
    return {"volume_level": _get_group_volume(target, get_group_id(target.player))}


async def _async_handle_set_sleep_timer(target: PlayerTarget, call: ServiceCall) -> ServiceResponse:
    """Set the sleep timer of a player; return {ends_at} in ISO 8601."""
    seconds = round(call.data["duration"].total_seconds())
    ends_at = await target.mass.players.set_sleep_timer(target.player_id, seconds)
    return {"ends_at": ends_at.isoformat()}


async def _async_handle_clear_sleep_timer(target: PlayerTarget, _call: ServiceCall) -> None:
    """Clear the sleep timer of a player."""
    await target.mass.players.clear_sleep_timer(target.player_id)


ACTIONS: Final = (
    _create_group_action(
        "set_group_volume",
        _async_handle_set_group_volume,
        {
            probatio.Required("volume_level"): probatio.All(
                probatio.Coerce(int), probatio.Range(min=0, max=100)
            )
        },
    ),
    _create_group_action("group_volume_up", _async_handle_group_volume_up),
    _create_group_action(
        "group_volume_down", lambda target, group, _: target.mass.players.group_volume_down(group)
    ),
    _create_group_action(
        "group_volume_mute",
        lambda target, group, call: async_mute_group(target.mass, group, call.data["muted"]),
        {probatio.Optional("muted", default=True): validate_boolean},
    ),
    TargetAction(
        "get_group_volume",
        _async_handle_get_group_volume,
        {},
        SupportsResponse.ONLY,
        POLICY_READ,
        flat_response=True,
    ),
    TargetAction(
        "set_sleep_timer",
        _async_handle_set_sleep_timer,
        {probatio.Required("duration"): validate_sleep_timer},
        SupportsResponse.OPTIONAL,
        get_changed=_async_get_leaders,
    ),
    TargetAction(
        "clear_sleep_timer",
        _async_handle_clear_sleep_timer,
        {},
        get_changed=_async_get_leaders,
    ),
)
