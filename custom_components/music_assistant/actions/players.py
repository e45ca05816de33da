"""Actions on players and the groups that they are in."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import probatio

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType

from ..players.commands import async_mute_group, check_limit, group_of
from .base import TargetAction
from .targets import Target

LONGEST_TIMER: Final = timedelta(days=1)


def _group_action(
    name: str,
    act: Callable[[Target, str, ServiceCall], Awaitable[None]],
    schema: VolDictType | None = None,
) -> TargetAction:
    """Return an action on whatever group a player is in, or on the player if it is in none."""

    async def run(target: Target, call: ServiceCall) -> None:
        await act(target, group_of(target.player), call)

    return TargetAction(name, run, schema or {})


async def _set_group_volume(target: Target, group: str, call: ServiceCall) -> None:
    level = call.data["volume_level"]
    await target.mass.players.group_volume(group, level)
    check_limit(target.player, level, target.coordinator.limit_of(group))


async def _group_volume_up(target: Target, group: str, _call: ServiceCall) -> None:
    volume = _group_volume(target, group)
    await target.mass.players.group_volume_up(group)
    if volume is not None:
        check_limit(target.player, volume + 1, target.coordinator.limit_of(group))


def _group_volume(target: Target, group: str) -> int | None:
    player = target.mass.players.get(group)
    return player.group_volume if player else None


async def _get_group_volume(target: Target, _call: ServiceCall) -> ServiceResponse:
    return {"volume_level": _group_volume(target, group_of(target.player))}


async def _set_sleep_timer(target: Target, call: ServiceCall) -> ServiceResponse:
    seconds = round(call.data["duration"].total_seconds())
    ends = await target.mass.players.set_sleep_timer(target.player_id, seconds)
    return {"ends_at": ends.isoformat()}


async def _clear_sleep_timer(target: Target, _call: ServiceCall) -> None:
    await target.mass.players.clear_sleep_timer(target.player_id)


ACTIONS: Final = (
    _group_action(
        "set_group_volume",
        _set_group_volume,
        {
            probatio.Required("volume_level"): probatio.All(
                probatio.Coerce(int), probatio.Range(min=0, max=100)
            )
        },
    ),
    _group_action("group_volume_up", _group_volume_up),
    _group_action(
        "group_volume_down", lambda target, group, _: target.mass.players.group_volume_down(group)
    ),
    _group_action(
        "group_volume_mute",
        lambda target, group, call: async_mute_group(target.mass, group, call.data["muted"]),
        {probatio.Optional("muted", default=True): cv.boolean},
    ),
    TargetAction(
        "get_group_volume",
        _get_group_volume,
        {},
        SupportsResponse.ONLY,
        POLICY_READ,
        flat=True,
    ),
    TargetAction(
        "set_sleep_timer",
        _set_sleep_timer,
        {
            probatio.Required("duration"): probatio.All(
                cv.time_period,
                probatio.Range(min=timedelta(seconds=1), max=LONGEST_TIMER),
            )
        },
        SupportsResponse.OPTIONAL,
    ),
    TargetAction("clear_sleep_timer", _clear_sleep_timer, {}),
)
