"""Actions on queues."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import PlaybackState
import probatio

from homeassistant.components.media_player import RepeatMode
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..entity import PlayerEntity
from ..entry.permissions import async_check_player_control
from ..players.commands import (
    async_set_crossfade,
    async_set_playback_speed,
    async_set_queue_repeat,
    async_set_queue_shuffle,
    async_stop_playback,
    get_queue,
    get_queue_id,
)
from ..players.context import get_next_index
from ..server.errors import build_validation_error
from ..server.queues import async_fetch_item
from .base import PlayerEntityAction, TargetAction, create_serializer
from .fields import build_any_validator, build_choice_validator, validate_boolean
from .targets import QUEUE_FIELD, PlayerTarget, async_check_control


async def _async_handle_transfer_queue(player: PlayerEntity, call: ServiceCall) -> None:
    """Transfer the queue of another player to a player."""
    if source_entity_id := call.data.get("source_player"):
        await async_check_control(call.hass, call.context, source_entity_id)
        source_queue_id = _get_active_queue_id(player.coordinator, source_entity_id)
    else:
        source_queue_id = _find_playing_queue_id(player)
    # the transfer also stops the source player
    await async_check_player_control(call.hass, call.context, (source_queue_id,))
    await _async_transfer(player, source_queue_id, call.data.get("auto_play"))


async def _async_transfer(
    player: PlayerEntity, source_queue_id: str, auto_play: bool | None
) -> None:
    """Transfer a queue to a player, which is stopped before.

    The server would let it play on without `auto_play`, and would take the position in what it is
    playing for the one in the queue otherwise.
    """
    mass, player_id = player.mass, player.player_id
    source = mass.player_queues.get(source_queue_id)
    if source and source.items and player.player.queue_id == player_id != source_queue_id:
        await async_stop_playback(mass, player_id)
    await mass.player_queues.transfer(source_queue_id, player_id, auto_play)


def _get_active_queue_id(coordinator: MusicAssistantCoordinator, entity_id: str) -> str:
    """Return the id of the active queue of a player, which a group shares."""
    player_id = coordinator.find_player_id(entity_id)
    return coordinator.data[player_id].queue_id or player_id


def _find_playing_queue_id(player: PlayerEntity) -> str:
    """Return the id of the first other queue that is playing."""
    for queue in player.mass.player_queues:
        if queue.state is PlaybackState.PLAYING and queue.queue_id != player.player_id:
            return queue.queue_id
    raise build_validation_error("nothing_plays")


async def _async_handle_get_queue(player: PlayerEntity, call: ServiceCall) -> ServiceResponse:
    """Return the active queue of a player."""
    queue = get_queue(player.mass, get_queue_id(player.player), player.player)
    context = player.coordinator.get_context(player.player_id)
    next_index = get_next_index(context) if context else None
    next_item = await async_fetch_item(player.mass, queue.queue_id, next_index)
    return create_serializer(player.coordinator).serialize_queue(queue, next_item)


@dataclass(frozen=True, slots=True)
class QueueSetting:
    """Describe a setting of a queue."""

    validator: Callable[[Any], Any]
    async_set: Callable[[MusicAssistantClient, str, Any], Awaitable[None]]


# Set in this order: first those that all servers support.
QUEUE_SETTINGS: Final[dict[str, QueueSetting]] = {
    "shuffle": QueueSetting(validate_boolean, async_set_queue_shuffle),
    "repeat": QueueSetting(build_choice_validator(RepeatMode), async_set_queue_repeat),
    "autoplay": QueueSetting(
        validate_boolean, lambda mass, *args: mass.player_queues.dont_stop_the_music(*args)
    ),
    "crossfade": QueueSetting(validate_boolean, async_set_crossfade),
    "playback_speed": QueueSetting(
        probatio.All(probatio.Coerce(float), probatio.Range(min=0.5, max=3)),
        async_set_playback_speed,
    ),
}


async def _async_handle_set_queue_settings(target: PlayerTarget, call: ServiceCall) -> None:
    """Set settings of a queue."""
    queue_id = target.get_queue(call.data["queue"]).queue_id
    for name, setting in QUEUE_SETTINGS.items():
        if name in call.data:
            await setting.async_set(target.mass, queue_id, call.data[name])


async def _async_handle_skip(target: PlayerTarget, call: ServiceCall) -> None:
    """Skip seconds of the current item, forward or backward."""
    queue = target.get_queue(call.data["queue"])
    position = queue.corrected_elapsed_time + call.data["seconds"]
    duration = queue.current_item.duration if queue.current_item else None
    if duration and position >= duration:  # the server doesn't seek beyond the end
        await target.mass.player_queues.next(queue.queue_id)
    else:
        await target.mass.player_queues.seek(queue.queue_id, max(round(position), 0))


ACTIONS: Final = (
    PlayerEntityAction(
        "transfer_queue",
        _async_handle_transfer_queue,
        {
            probatio.Optional("source_player"): cv.entity_id,
            probatio.Optional("auto_play"): validate_boolean,
        },
    ),
    PlayerEntityAction("get_queue", _async_handle_get_queue, {}, SupportsResponse.ONLY),
    TargetAction(
        "set_queue_settings",
        _async_handle_set_queue_settings,
        {
            **{
                probatio.Optional(name): setting.validator
                for name, setting in QUEUE_SETTINGS.items()
            },
            **QUEUE_FIELD,
        },
        validators=(build_any_validator(*QUEUE_SETTINGS),),
    ),
    TargetAction(
        "skip",
        _async_handle_skip,
        {
            probatio.Optional("seconds", default=30): probatio.All(
                probatio.Coerce(int), probatio.Range(min=-86_400, max=86_400)
            ),
            **QUEUE_FIELD,
        },
    ),
)
