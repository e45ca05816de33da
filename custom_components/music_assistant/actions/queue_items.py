"""Actions on the items of queues."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import batched
from typing import Final

from music_assistant_models.errors import InvalidDataError
from music_assistant_models.player_queue import PlayerQueue
import probatio

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
from homeassistant.util.json import JsonValueType

from ..media.playlists import async_add
from ..media.queue_items import async_listable, async_rows, part
from ..players.commands import refusal
from ..server.queues import async_raw
from .base import TargetAction
from .targets import QUEUE_FIELD, Target

ITEM: Final[VolDictType] = {probatio.Required("queue_item_id"): cv.string}
# How many items can be asked for in a direction, and how many are removed at a time.
LIMIT: Final = probatio.All(probatio.Coerce(int), probatio.Range(min=0, max=1000))
TOGETHER: Final = 25

type OnItem = Callable[[Target, PlayerQueue, ServiceCall], Awaitable[None]]


async def _get_items(target: Target, call: ServiceCall) -> JsonValueType:
    queue = target.queue(call.data["queue"])
    wanted = part(
        queue.current_index,
        limit=call.data.get("limit"),
        offset=call.data.get("offset"),
        before=call.data.get("limit_before"),
        after=call.data.get("limit_after"),
    )
    picture = target.coordinator.gallery.url_of_image
    return [*await async_rows(target.mass, queue.queue_id, wanted, picture)]


def _item_action(name: str, act: OnItem, schema: VolDictType | None = None) -> TargetAction:
    """Return an action on an item of a queue, which may have gone meanwhile."""

    async def run(target: Target, call: ServiceCall) -> None:
        try:
            await act(target, target.queue(call.data["queue"]), call)
        except InvalidDataError as err:
            raise refusal("no_queue_item", target.player) from err

    return TargetAction(name, run, {**ITEM, **(schema or {}), **QUEUE_FIELD})


async def _play_item(target: Target, queue: PlayerQueue, call: ServiceCall) -> None:
    await target.mass.player_queues.play_index(queue.queue_id, call.data["queue_item_id"])


async def _remove_item(target: Target, queue: PlayerQueue, call: ServiceCall) -> None:
    item_id = call.data["queue_item_id"]
    # the server keeps what the player has been given, and doesn't say so
    async for _, raw in async_raw(target.mass, queue.queue_id, range(_unloaded(queue))):
        if raw["queue_item_id"] == item_id:
            raise refusal("queue_item_loaded", target.player)
    await target.mass.player_queues.delete_item(queue.queue_id, item_id)


def _moving(shift: int) -> OnItem:
    """Return what moves an item by so many places, or makes it the next one (0)."""

    async def move(target: Target, queue: PlayerQueue, call: ServiceCall) -> None:
        item_id = call.data["queue_item_id"]
        if shift < 0 and queue.next_item and queue.next_item.queue_item_id == item_id:
            return  # the server would put it before what is playing
        await target.mass.player_queues.move_item(queue.queue_id, item_id, shift)

    return move


async def _move_item(target: Target, queue: PlayerQueue, call: ServiceCall) -> None:
    item_id, position = call.data["queue_item_id"], call.data["position"]
    index = await _index_of(target, queue, item_id)
    first, last = _upcoming(queue), queue.items
    if not first < position <= last:
        raise refusal(
            "no_queue_position",
            target.player,
            position=str(position),
            first=str(first + 1),
            last=str(last),
        )
    if shift := position - 1 - index:
        await target.mass.player_queues.move_item(queue.queue_id, item_id, shift)


async def _index_of(target: Target, queue: PlayerQueue, item_id: str) -> int:
    async for index, raw in async_raw(target.mass, queue.queue_id):
        if raw["queue_item_id"] == item_id:
            return index
    raise refusal("no_queue_item", target.player)


def _unloaded(queue: PlayerQueue) -> int:
    """Return the index of the first item that the player hasn't been given yet."""
    return 0 if queue.index_in_buffer is None else queue.index_in_buffer + 1


def _upcoming(queue: PlayerQueue) -> int:
    """Return the index of the first item that is neither played, nor playing, nor loaded."""
    after = 0 if queue.current_index is None else queue.current_index + 1
    return max(after, _unloaded(queue))


async def _clear_from_here(target: Target, call: ServiceCall) -> None:
    queue = target.queue(call.data["queue"])
    rest = range(_upcoming(queue), queue.items)
    items = [raw async for _, raw in async_raw(target.mass, queue.queue_id, rest)]
    # from the end: what is left is a beginning, should the server stop answering
    for batch in batched(reversed(items), TOGETHER, strict=False):
        await asyncio.gather(*(_delete(target, queue, raw["queue_item_id"]) for raw in batch))


async def _delete(target: Target, queue: PlayerQueue, item_id: str) -> None:
    with suppress(InvalidDataError):  # it is gone
        await target.mass.player_queues.delete_item(queue.queue_id, item_id)


async def _save_as_playlist(target: Target, call: ServiceCall) -> ServiceResponse:
    uris = await async_listable(target.mass, target.queue(call.data["queue"]).queue_id)
    if not uris:
        raise refusal("nothing_to_save", target.player)
    playlist = await target.mass.music.create_playlist(call.data["name"])
    await async_add(target.mass, playlist, uris)
    return {"uri": playlist.uri, "name": playlist.name, "items": len(uris)}


ACTIONS: Final = (
    TargetAction(
        "get_queue_items",
        _get_items,
        {
            probatio.Optional("limit"): LIMIT,
            probatio.Optional("offset"): cv.positive_int,
            probatio.Optional("limit_before"): LIMIT,
            probatio.Optional("limit_after"): LIMIT,
            **QUEUE_FIELD,
        },
        SupportsResponse.ONLY,
        POLICY_READ,
    ),
    _item_action("play_queue_item", _play_item),
    _item_action("remove_queue_item", _remove_item),
    _item_action("move_queue_item_up", _moving(-1)),
    _item_action("move_queue_item_down", _moving(1)),
    _item_action("move_queue_item_next", _moving(0)),
    _item_action("move_queue_item", _move_item, {probatio.Required("position"): cv.positive_int}),
    TargetAction("clear_queue_from_here", _clear_from_here, QUEUE_FIELD),
    TargetAction(
        "save_queue_as_playlist",
        _save_as_playlist,
        {probatio.Required("name"): cv.string, **QUEUE_FIELD},
        SupportsResponse.OPTIONAL,
    ),
)
