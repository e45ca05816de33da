"""Actions that save and restore the state of players."""

from typing import Final

import probatio

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType

from ..players.commands import build_player_error
from .base import TargetAction
from .targets import PlayerTarget

NAME_FIELD: Final[VolDictType] = {
    probatio.Optional("name", default="default"): probatio.All(
        cv.string, probatio.Length(min=1, max=100)
    )
}


async def _async_handle_snapshot(target: PlayerTarget, call: ServiceCall) -> None:
    """Save the state of a player."""
    saved_states = target.coordinator.saved_states
    await saved_states.async_save(target.mass, target.player_id, call.data["name"])


async def _async_handle_restore(target: PlayerTarget, call: ServiceCall) -> None:
    """Restore a saved state; raise if there is none of that name."""
    saved_states, name = target.coordinator.saved_states, call.data["name"]
    if not await saved_states.async_restore(target.mass, target.player_id, name):
        raise build_player_error("no_snapshot", target.player, name=name)


async def _async_get_regrouped(target: PlayerTarget, call: ServiceCall) -> frozenset[str]:
    """Return the ids of the players that join or leave the group of a player."""
    saved_states, name = target.coordinator.saved_states, call.data["name"]
    return await saved_states.async_find_regrouped(target.mass, target.player_id, name)


ACTIONS: Final = (
    TargetAction("snapshot", _async_handle_snapshot, NAME_FIELD),
    TargetAction(
        "restore",
        _async_handle_restore,
        NAME_FIELD,
        get_changed=_async_get_regrouped,
        raise_target_errors_last=True,
    ),
)
