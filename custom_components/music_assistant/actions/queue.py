"""Actions on queues."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import PlaybackState
import probatio

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN, RepeatMode
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv, entity_registry as er

from ..const import DOMAIN
from ..coordinator import MusicAssistantCoordinator
from ..entity import PlayerEntity
from ..players.commands import (
    REPEAT_TO_SERVER,
    async_set_crossfade,
    async_set_playback_speed,
    queue_at,
    queue_of,
)
from ..server.errors import invalid
from .base import PlayerAction, TargetAction, serializer
from .targets import QUEUE_FIELD, Target, async_check_control


async def _transfer_queue(player: PlayerEntity, call: ServiceCall) -> None:
    if source := call.data.get("source_player"):
        source_id = _queue_on(player.coordinator, source)
    else:
        source_id = _playing(player)
        registry = er.async_get(call.hass)
        source = registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, source_id)
    if source:  # music isn't taken from whom the caller may not touch
        await async_check_control(call.hass, call.context, source)
    await player.mass.player_queues.transfer(
        source_id, player.player_id, call.data.get("auto_play")
    )


def _queue_on(coordinator: MusicAssistantCoordinator, entity_id: str) -> str:
    """Return the queue that plays on a player: of a grouped one that is its leader's."""
    player_id = coordinator.player_id_of(entity_id)
    return coordinator.data[player_id].queue_id or player_id


def _playing(player: PlayerEntity) -> str:
    """Return the first queue that plays, but not the player's own."""
    for queue in player.mass.player_queues:
        if queue.state is PlaybackState.PLAYING and queue.queue_id != player.player_id:
            return queue.queue_id
    raise invalid("nothing_plays")


async def _get_queue(player: PlayerEntity, call: ServiceCall) -> ServiceResponse:
    queue = queue_at(player.mass, queue_of(player.player), player.player)
    return serializer(player.coordinator).queue(queue)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a queue: what it takes, and what sets it."""

    check: Callable[[Any], Any]
    set: Callable[[MusicAssistantClient, str, Any], Awaitable[None]]


# In the order in which they are set: those first that every server has.
SETTINGS: Final[dict[str, Setting]] = {
    "shuffle": Setting(cv.boolean, lambda mass, *args: mass.player_queues.shuffle(*args)),
    "repeat": Setting(
        probatio.Coerce(RepeatMode),
        lambda mass, queue_id, mode: mass.player_queues.repeat(queue_id, REPEAT_TO_SERVER[mode]),
    ),
    "autoplay": Setting(
        cv.boolean, lambda mass, *args: mass.player_queues.dont_stop_the_music(*args)
    ),
    "crossfade": Setting(cv.boolean, async_set_crossfade),
    "playback_speed": Setting(
        probatio.All(probatio.Coerce(float), probatio.Range(min=0.5, max=3)),
        async_set_playback_speed,
    ),
}


async def _set_settings(target: Target, call: ServiceCall) -> None:
    queue_id = target.queue(call.data["queue"]).queue_id
    for name, setting in SETTINGS.items():
        if name in call.data:
            await setting.set(target.mass, queue_id, call.data[name])


async def _skip(target: Target, call: ServiceCall) -> None:
    queue = target.queue(call.data["queue"])
    position = queue.corrected_elapsed_time + call.data["seconds"]
    duration = queue.current_item.duration if queue.current_item else None
    if duration and position >= duration:  # the server doesn't go beyond an item's end
        await target.mass.player_queues.next(queue.queue_id)
    else:
        await target.mass.player_queues.seek(queue.queue_id, max(round(position), 0))


ACTIONS: Final = (
    PlayerAction(
        "transfer_queue",
        _transfer_queue,
        {
            probatio.Optional("source_player"): cv.entity_id,
            probatio.Optional("auto_play"): cv.boolean,
        },
    ),
    PlayerAction("get_queue", _get_queue, None, SupportsResponse.ONLY),
    TargetAction(
        "set_queue_settings",
        _set_settings,
        {
            **{probatio.Optional(name): setting.check for name, setting in SETTINGS.items()},
            **QUEUE_FIELD,
        },
        rules=(probatio.AtLeastOne(*SETTINGS),),
    ),
    TargetAction(
        "skip",
        _skip,
        {
            probatio.Optional("seconds", default=30): probatio.All(
                probatio.Coerce(int), probatio.Range(min=-86_400, max=86_400)
            ),
            **QUEUE_FIELD,
        },
    ),
)
