"""Actions on items of queues."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import batched
from typing import Final

from music_assistant_models.enums import PlaybackState
from music_assistant_models.errors import InvalidDataError
from music_assistant_models.player_queue import PlayerQueue
import probatio

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
from homeassistant.util.json import JsonValueType

from ..media.playlists import async_add_to_playlist
from ..media.queue_items import async_get_playlist_uris, async_get_queue_items, get_index_range
from ..players.commands import build_player_error
from ..server.queues import async_fetch_item, async_fetch_raw_items
from .base import TargetAction
from .fields import MAX_NUMBER, build_number_validator
from .targets import QUEUE_FIELD, PlayerTarget

ITEM_FIELD: Final[VolDictType] = {probatio.Required("queue_item_id"): cv.string}
# Items that can be requested in a direction, and items that are deleted at a time.
MAX_REQUESTED_ITEMS: Final = 1000
LIMIT_VALIDATOR: Final = build_number_validator(0, MAX_REQUESTED_ITEMS)
DELETE_BATCH_SIZE: Final = 25

type QueueItemHandler = Callable[[PlayerTarget, PlayerQueue, ServiceCall], Awaitable[None]]


async def async_handle_get_queue_items(target: PlayerTarget, call: ServiceCall) -> JsonValueType:
    """Return items of a queue."""
    queue = target.get_queue(call.data["queue"])
    item_range = get_index_range(
        queue.current_index,
        limit=call.data.get("limit"),
        offset=call.data.get("offset"),
        before=call.data.get("limit_before"),
        after=call.data.get("limit_after"),
    )
    get_image_url = target.coordinator.images.get_image_url
    return [*await async_get_queue_items(target.mass, queue.queue_id, item_range, get_image_url)]


def _create_item_action(
    name: str, handler: QueueItemHandler, schema: VolDictType | None = None
) -> TargetAction:
    """Create an action on an item of a queue; raise if the item is gone."""

    async def async_handle(target: PlayerTarget, call: ServiceCall) -> None:
        """Call the handler with the queue."""
        try:
            await handler(target, target.get_queue(call.data["queue"]), call)
        except InvalidDataError as err:
            raise build_player_error("no_queue_item", target.player) from err

    return TargetAction(name, async_handle, {**ITEM_FIELD, **(schema or {}), **QUEUE_FIELD})


async def _async_handle_play_queue_item(
    target: PlayerTarget, queue: PlayerQueue, call: ServiceCall
) -> None:
    """Play an item of a queue."""
    await target.mass.player_queues.play_index(queue.queue_id, call.data["queue_item_id"])


async def _async_handle_remove_queue_item(
    target: PlayerTarget, queue: PlayerQueue, call: ServiceCall
) -> None:
    """Remove an item of a queue; raise if it is already loaded."""
    item_id = call.data["queue_item_id"]
    # the server silently ignores the deletion of loaded items
    async for _, raw in async_fetch_raw_items(
        target.mass, queue.queue_id, range(_get_first_unloaded_index(queue))
    ):
        if raw["queue_item_id"] == item_id:
            raise build_player_error("queue_item_loaded", target.player)
    await target.mass.player_queues.delete_item(queue.queue_id, item_id)


def _create_move_handler(shift: int) -> QueueItemHandler:
    """Create a handler that moves an item by `shift` places."""

    async def async_move(target: PlayerTarget, queue: PlayerQueue, call: ServiceCall) -> None:
        """Move an item of a queue."""
        item_id = call.data["queue_item_id"]
        if shift < 0 and item_id == await _async_fetch_upcoming_id(target, queue):
            return  # the server would move it before the current item
        await target.mass.player_queues.move_item(queue.queue_id, item_id, shift)

    return async_move


async def _async_handle_move_queue_item_next(
    target: PlayerTarget, queue: PlayerQueue, call: ServiceCall
) -> None:
    """Move an item after the current one.

    The server moves it before the current one unless that plays, and it would play in its place.
    """
    item_id, shift = call.data["queue_item_id"], 0
    if queue.state is not PlaybackState.PLAYING:
        index = await _async_find_index(target, queue, item_id)
        shift = _get_first_upcoming_index(queue) - index
        if not shift:
            return
    await target.mass.player_queues.move_item(queue.queue_id, item_id, shift)


async def _async_handle_move_queue_item(
    target: PlayerTarget, queue: PlayerQueue, call: ServiceCall
) -> None:
    """Move an item to a position (from 1); raise outside of the upcoming items."""
    item_id, position = call.data["queue_item_id"], call.data["position"]
    index = await _async_find_index(target, queue, item_id)
    first, last = _get_first_upcoming_index(queue), queue.items
    if not first < position <= last:
        raise build_player_error(
            "no_queue_position",
            target.player,
            position=str(position),
            first=str(first + 1),
            last=str(last),
        )
    if shift := position - 1 - index:
        await target.mass.player_queues.move_item(queue.queue_id, item_id, shift)


async def _async_find_index(target: PlayerTarget, queue: PlayerQueue, item_id: str) -> int:
    """Return the index of an item; raise if it is gone."""
    async for index, raw in async_fetch_raw_items(target.mass, queue.queue_id):
        if raw["queue_item_id"] == item_id:
            return index
    raise build_player_error("no_queue_item", target.player)


def _get_first_unloaded_index(queue: PlayerQueue) -> int:
    """Return the index of the first item that isn't loaded by the player."""
    return 0 if queue.index_in_buffer is None else queue.index_in_buffer + 1


def _get_first_upcoming_index(queue: PlayerQueue) -> int:
    """Return the index of the first item after the current and the loaded ones."""
    after = 0 if queue.current_index is None else queue.current_index + 1
    return max(after, _get_first_unloaded_index(queue))


async def _async_fetch_upcoming_id(target: PlayerTarget, queue: PlayerQueue) -> str | None:
    """Return the id of the first item after the current and the loaded ones."""
    item = await async_fetch_item(target.mass, queue.queue_id, _get_first_upcoming_index(queue))
    return item.queue_item_id if item else None


async def _async_handle_clear_queue_from_here(target: PlayerTarget, call: ServiceCall) -> None:
    """Remove the upcoming items of a queue, all of them or an item and those after it."""
    queue = target.get_queue(call.data["queue"])
    first = _get_first_upcoming_index(queue)
    if item_id := call.data.get("queue_item_id"):
        first = max(first, await _async_find_index(target, queue, item_id))
    index_range = range(first, queue.items)
    items = [
        raw async for _, raw in async_fetch_raw_items(target.mass, queue.queue_id, index_range)
    ]
    # from the end, so that no gap is left if a deletion fails
    for batch in batched(reversed(items), DELETE_BATCH_SIZE, strict=False):
        await asyncio.gather(
            *(_async_delete_item(target, queue, raw["queue_item_id"]) for raw in batch)
        )


async def _async_delete_item(target: PlayerTarget, queue: PlayerQueue, item_id: str) -> None:
    """Delete an item unless it is gone."""
    with suppress(InvalidDataError):  # it is gone
        await target.mass.player_queues.delete_item(queue.queue_id, item_id)


async def _async_handle_save_queue_as_playlist(
    target: PlayerTarget, call: ServiceCall
) -> ServiceResponse:
    """Save a queue as a playlist; return {uri, name, items: count}."""
    uris = await async_get_playlist_uris(target.mass, target.get_queue(call.data["queue"]).queue_id)
    if not uris:
        raise build_player_error("nothing_to_save", target.player)
    playlist = await target.mass.music.create_playlist(call.data["name"])
    await async_add_to_playlist(target.mass, playlist, uris)
    return {"uri": playlist.uri, "name": playlist.name, "items": len(uris)}


ACTIONS: Final = (
    TargetAction(
        "get_queue_items",
        async_handle_get_queue_items,
        {
            probatio.Optional("limit"): LIMIT_VALIDATOR,
            probatio.Optional("offset"): build_number_validator(0, MAX_NUMBER),
            probatio.Optional("limit_before"): LIMIT_VALIDATOR,
            probatio.Optional("limit_after"): LIMIT_VALIDATOR,
            **QUEUE_FIELD,
        },
        SupportsResponse.ONLY,
        POLICY_READ,
    ),
    _create_item_action("play_queue_item", _async_handle_play_queue_item),
    _create_item_action("remove_queue_item", _async_handle_remove_queue_item),
    _create_item_action("move_queue_item_up", _create_move_handler(-1)),
    _create_item_action("move_queue_item_down", _create_move_handler(1)),
    _create_item_action("move_queue_item_next", _async_handle_move_queue_item_next),
    _create_item_action(
        "move_queue_item",
        _async_handle_move_queue_item,
        {probatio.Required("position"): cv.positive_int},
    ),
    TargetAction(
        "clear_queue_from_here",
        _async_handle_clear_queue_from_here,
        {probatio.Optional("queue_item_id"): cv.string, **QUEUE_FIELD},
    ),
    TargetAction(
        "save_queue_as_playlist",
        _async_handle_save_queue_as_playlist,
        {probatio.Required("name"): cv.string, **QUEUE_FIELD},
        SupportsResponse.OPTIONAL,
    ),
)
