"""Actions that keep players as they are, and restore them."""

from typing import Final

import probatio

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType

from ..players.commands import refusal
from .base import TargetAction
from .targets import Target

NAME: Final[VolDictType] = {
    probatio.Optional("name", default="default"): probatio.All(
        cv.string, probatio.Length(min=1, max=100)
    )
}


async def _snapshot(target: Target, call: ServiceCall) -> None:
    memory = target.coordinator.memory
    await memory.async_snapshot(target.mass, target.player_id, call.data["name"])


async def _restore(target: Target, call: ServiceCall) -> None:
    memory, name = target.coordinator.memory, call.data["name"]
    if not await memory.async_restore(target.mass, target.player_id, name):
        raise refusal("no_snapshot", target.player, name=name)


ACTIONS: Final = (
    TargetAction("snapshot", _snapshot, NAME),
    TargetAction("restore", _restore, NAME, lenient=True),
)
