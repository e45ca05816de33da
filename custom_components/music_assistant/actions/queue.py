"""Actions on queues."""

from typing import Final

from music_assistant_models.enums import PlaybackState
import probatio

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType

from ..const import DOMAIN
from ..coordinator import MusicAssistantCoordinator
from ..entity import PlayerEntity
from ..players.commands import queue_of, refusal
from .base import PlayerAction, TargetAction, serializer
from .targets import ACTIVE, OWN, Target

QUEUE: Final[VolDictType] = {probatio.Optional("queue", default=ACTIVE): probatio.In([OWN, ACTIVE])}
ITEM: Final[VolDictType] = {probatio.Required("queue_item_id"): cv.string}


async def _transfer_queue(player: PlayerEntity, call: ServiceCall) -> None:
    source = call.data.get("source_player")
    source_id = _queue_on(player.coordinator, source) if source else _playing(player)
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
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="nothing_plays")


async def _get_queue(player: PlayerEntity, call: ServiceCall) -> ServiceResponse:
    queue = player.mass.player_queues.get(queue_of(player.player))
    if queue is None:  # the server has just restarted, and doesn't know it yet
        raise refusal("no_queue", player.player)
    return serializer(player.coordinator).queue(queue)


async def _play_item(target: Target, call: ServiceCall) -> None:
    queue_id = target.queue_id(call.data["queue"])
    await target.mass.player_queues.play_index(queue_id, call.data["queue_item_id"])


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
    TargetAction("play_queue_item", _play_item, {**QUEUE, **ITEM}),
)
