"""Saved states of players, which can be restored for a day, also after a restart."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import batched
import time
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.constants import PLAYER_CONTROL_NONE
from music_assistant_models.enums import PlaybackState, PlayerType, QueueOption
from music_assistant_models.errors import PlayerUnavailableError
from music_assistant_models.player import Player
from music_assistant_models.player_queue import PlayerQueue

from homeassistant.components.media_player import RepeatMode
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..server.errors import COMMAND_ERRORS
from ..server.queues import async_fetch_raw_items
from ..server.wait import async_wait_until
from .commands import (
    STOP_TIMEOUT,
    async_set_queue_repeat,
    async_set_queue_shuffle,
    async_stop_playback,
    is_playing,
)
from .groups import async_ungroup, get_leader_id

# Seconds for which a state can be restored, and during which changes of the storage are collected.
MAX_AGE: Final = 86_400
SAVE_DELAY: Final = 5.0
# Number of saved items of a queue, of those before the current one, and of those restored by one
# command: the server resolves each of them.
MAX_ITEMS: Final = 2000
MAX_PLAYED_ITEMS: Final = 500
BATCH_SIZE: Final = 50
# Limits of what is kept, the oldest states are removed first: names for a player, and items of all
# queues together. Longer URIs than this one aren't kept.
MAX_NAMES: Final = 20
MAX_KEPT_ITEMS: Final = 100_000
MAX_URI_LENGTH: Final = 2048
# Seconds until a restored player has to be paused or stopped, those of them in which it has to begin,
# and those for which it is watched after that.
RESTORE_TIMEOUT: Final = 12.0
START_TIMEOUT: Final = 6.0
SETTLE_TIME: Final = 2.0
# Seconds by which the position of a paused or stopped queue may differ and count as unchanged.
POSITION_TOLERANCE: Final = 2.0

type SavedItem = tuple[str, str]  # the id in the queue, and the URI, which may be empty


@dataclass(frozen=True, slots=True)
class SavedQueue:
    """Represent a saved queue.

    `items` is the part of the queue that starts at the index `first`, `count` the number of all
    items; `current` is an index in `items`; `seconds` is the position in the item, 0 for streams.
    """

    items: Sequence[SavedItem]
    first: int
    count: int
    current: int | None
    seconds: float
    state: str
    shuffle: bool
    repeat: str


@dataclass(frozen=True, slots=True)
class SavedState:
    """Represent a saved player state; `source` is its active source unless that is its queue."""

    at: float
    powered: bool | None
    volume: int | None
    muted: bool | None
    leader: str | None
    members: Sequence[str]
    source: str | None
    queue: SavedQueue | None

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> SavedState:
        """Create a state from its stored form."""
        queue = stored["queue"]
        if queue is not None:
            queue = SavedQueue(**{**queue, "items": [(item, uri) for item, uri in queue["items"]]})
        return cls(**{**stored, "queue": queue})


class SavedStates:
    """Represent the saved states of the players of a server, by the name given by the user."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Initialize the states; they are loaded from the storage when they are needed."""
        self._store = _get_store(hass, entry_id)
        self._states: dict[str, dict[str, SavedState]] | None = None
        self._unsaved = False
        self._loading = asyncio.Lock()
        self._restoring = asyncio.Lock()

    async def async_save(self, mass: MusicAssistantClient, player_id: str, name: str) -> None:
        """Save the state of a player. Raises the errors of the client library."""
        async with self._restoring:
            pass  # the volume of a player that is being restored may be 0 for a moment
        state = await _async_capture(mass, player_id)
        states = await self._async_load()
        states.setdefault(name, {})[player_id] = state
        _prune(states)
        self._unsaved = True
        self._store.async_delay_save(self._get_data_to_save, SAVE_DELAY)

    async def async_restore(self, mass: MusicAssistantClient, player_id: str, name: str) -> bool:
        """Restore the state of a player; return False if there is none or it has expired.

        Only one player is restored at a time, because joining and leaving groups affects others.
        """
        saved = (await self._async_load()).get(name, {}).get(player_id)
        if saved is None or _is_expired(saved):
            return False
        async with self._restoring:
            await _async_restore(mass, _get_player(mass, player_id), saved)
        return True

    async def async_find_regrouped(
        self, mass: MusicAssistantClient, player_id: str, name: str
    ) -> frozenset[str]:
        """Return the ids of the players that a restored player joins, or that join or leave it."""
        saved = (await self._async_load()).get(name, {}).get(player_id)
        player = mass.players.get(player_id)
        if saved is None or player is None:
            return frozenset()
        if saved.leader:
            return frozenset() if player.synced_to == saved.leader else frozenset({saved.leader})
        return frozenset(_get_removable_members(player)) ^ frozenset(saved.members)

    async def async_close(self) -> None:
        """Save pending changes."""
        if self._unsaved:
            await self._store.async_save(self._get_data_to_save())

    async def _async_load(self) -> dict[str, dict[str, SavedState]]:
        async with self._loading:
            if self._states is None:
                stored = await self._store.async_load() or {}
                self._states = {
                    name: {
                        player_id: SavedState.from_dict(state)
                        for player_id, state in players.items()
                    }
                    for name, players in stored.items()
                }
                _prune(self._states)
        return self._states

    def _get_data_to_save(self) -> dict[str, dict[str, Any]]:
        """Return the states that haven't expired, for the storage."""
        self._unsaved = False
        states = self._states or {}
        _prune(states)
        return {
            name: {player_id: asdict(state) for player_id, state in players.items()}
            for name, players in states.items()
        }


def _prune(states: dict[str, dict[str, SavedState]]) -> None:
    """Remove the states that have expired, and the oldest ones that exceed the limits."""
    newest_first = sorted(
        (
            (state, name, player_id)
            for name, players in states.items()
            for player_id, state in players.items()
        ),
        key=lambda row: -row[0].at,
    )
    item_count, name_counts = 0, Counter[str]()
    for state, name, player_id in newest_first:
        item_count += len(state.queue.items) if state.queue else 0
        name_counts[player_id] += 1
        is_over = item_count > MAX_KEPT_ITEMS or name_counts[player_id] > MAX_NAMES
        if is_over or _is_expired(state):
            del states[name][player_id]
            if not states[name]:
                del states[name]


def _is_expired(state: SavedState) -> bool:
    return not 0 <= time.time() - state.at < MAX_AGE


def _get_player(mass: MusicAssistantClient, player_id: str) -> Player:
    player = mass.players.get(player_id)
    if player is None or not player.available:
        raise PlayerUnavailableError(player_id)
    return player


# ------------------------------------------------------------------------------------- saving


async def _async_capture(mass: MusicAssistantClient, player_id: str) -> SavedState:
    player = _get_player(mass, player_id)
    queue = mass.player_queues.get(player_id)
    is_follower = player.synced_to or player.active_group
    return SavedState(
        at=time.time(),
        powered=None if player.power_control == PLAYER_CONTROL_NONE else player.powered,
        volume=_get_volume(player),
        muted=None if player.mute_control == PLAYER_CONTROL_NONE else player.volume_muted,
        leader=player.synced_to,
        members=_get_removable_members(player),
        source=None if is_follower or _is_on_own_queue(player) else player.active_source,
        queue=await _async_capture_queue(mass, queue) if queue and not is_follower else None,
    )


def _is_on_own_queue(player: Player) -> bool:
    return player.active_source in (None, player.player_id)


def _get_volume(player: Player) -> int | None:
    if player.volume_control == PLAYER_CONTROL_NONE:
        return None
    return player.group_volume if player.type is PlayerType.GROUP else player.volume_level


def _get_removable_members(player: Player) -> list[str]:
    """Return the members of a group that aren't a fixed part of it."""
    fixed = {player.player_id, *player.static_group_members}
    return [member for member in player.group_members if member not in fixed]


async def _async_capture_queue(mass: MusicAssistantClient, queue: PlayerQueue) -> SavedQueue:
    first = max((queue.current_index or 0) - MAX_PLAYED_ITEMS, 0)
    item = queue.current_item
    items = await _async_fetch_items(mass, queue.queue_id, range(first, first + MAX_ITEMS))
    current = None if queue.current_index is None else queue.current_index - first
    return SavedQueue(
        items=items,
        first=first,
        count=queue.items,
        current=None if current is None or current >= len(items) else current,
        seconds=queue.corrected_elapsed_time if item and item.duration else 0,
        state=queue.state.value,
        shuffle=queue.shuffle_enabled,
        repeat=queue.repeat_mode.value,
    )


async def _async_fetch_items(
    mass: MusicAssistantClient, queue_id: str, indices: range
) -> list[SavedItem]:
    return [
        (raw["queue_item_id"], _get_uri(raw))
        async for _, raw in async_fetch_raw_items(mass, queue_id, indices)
    ]


def _get_uri(raw: Mapping[str, Any]) -> str:
    """Return the URI of a queue item, empty if it has none that can be kept."""
    uri = (raw.get("media_item") or {}).get("uri") or ""
    return uri if len(uri) <= MAX_URI_LENGTH else ""


# ---------------------------------------------------------------------------------- restoring


async def _async_restore(mass: MusicAssistantClient, player: Player, saved: SavedState) -> None:
    """Restore the group, then power, then volume and queue.

    The volume is restored last if the queue wasn't playing, because restoring the position of a
    queue needs playback, which must not be heard.
    """
    player_id = player.player_id
    await _async_restore_group(mass, player, saved)
    if saved.powered and not player.powered:
        await mass.players.power(player_id, True)
        await async_wait_until(mass, lambda: _is_powered(mass, player_id))
    if saved.queue is None or saved.queue.state == PlaybackState.PLAYING:
        await _async_restore_volume(mass, player, saved)
        await _async_restore_queue(mass, player, saved)
    else:
        try:
            await _async_restore_queue(mass, player, saved)
        finally:
            await _async_restore_volume(mass, player, saved)
    if saved.source and player.active_source != saved.source:
        await mass.players.select_source(player_id, saved.source)
    if saved.powered is False and player.powered:
        await mass.players.power(player_id, False)


def _is_powered(mass: MusicAssistantClient, player_id: str) -> bool:
    player = mass.players.get(player_id)
    return player is not None and bool(player.powered)


async def _async_restore_group(
    mass: MusicAssistantClient, player: Player, saved: SavedState
) -> None:
    player_id = player.player_id
    if saved.leader:
        if player.synced_to != saved.leader:
            await mass.players.group(player_id, saved.leader)
            await async_wait_until(mass, lambda: get_leader_id(mass, player_id) == saved.leader)
        return
    if player.synced_to:
        await async_ungroup(mass, player_id)
        await async_wait_until(mass, lambda: get_leader_id(mass, player_id) is None)
    members, saved_members = set(_get_removable_members(player)), set(saved.members)
    if members != saved_members:
        await mass.players.set_members(
            player_id,
            sorted(saved_members - members) or None,
            sorted(members - saved_members) or None,
        )
        await async_wait_until(mass, lambda: _has_members(mass, player_id, saved_members))


def _has_members(mass: MusicAssistantClient, player_id: str, members: set[str]) -> bool:
    player = mass.players.get(player_id)
    return player is not None and set(_get_removable_members(player)) == members


async def _async_restore_volume(
    mass: MusicAssistantClient, player: Player, saved: SavedState
) -> None:
    if saved.volume is not None:
        await mass.players.volume_set(player.player_id, saved.volume)
    if saved.muted is not None and saved.muted != player.volume_muted:
        await mass.players.volume_mute(player.player_id, saved.muted)


async def _async_restore_queue(
    mass: MusicAssistantClient, player: Player, saved: SavedState
) -> None:
    """Restore the items of a queue unless they are the same, its position, and its modes."""
    saved_queue, queue_id = saved.queue, player.player_id
    if saved_queue is None:
        return
    queue = mass.player_queues.get(queue_id)
    if queue is None:
        raise PlayerUnavailableError(queue_id)
    first, items = saved_queue.first, saved_queue.items
    indices = range(first, first + len(items))
    is_same = (
        queue.items == saved_queue.count
        and await _async_fetch_items(mass, queue_id, indices) == items
    )
    if is_same:
        index = None if saved_queue.current is None else first + saved_queue.current
    else:
        await _async_restore_items(mass, queue, saved_queue)
        index = await _async_find_current(mass, queue_id, saved_queue)
    is_restored = is_same and _is_at_saved_position(player, queue, saved_queue, index)
    if index is not None and not is_restored and not saved.source:
        await _async_restore_position(mass, player, saved, index)
    if saved_queue.repeat != queue.repeat_mode:
        await async_set_queue_repeat(mass, queue_id, RepeatMode(saved_queue.repeat))
    if saved_queue.shuffle and not (is_same and queue.shuffle_enabled):
        await async_set_queue_shuffle(mass, queue_id, True)


def _is_at_saved_position(
    player: Player, queue: PlayerQueue, saved_queue: SavedQueue, index: int | None
) -> bool:
    """Return if a queue that wasn't playing is at its saved position, and is the active source."""
    return (
        saved_queue.state == queue.state != PlaybackState.PLAYING
        and queue.current_index == index
        and abs(queue.elapsed_time - saved_queue.seconds) < POSITION_TOLERANCE
        and _is_on_own_queue(player)
    )


async def _async_restore_items(
    mass: MusicAssistantClient, queue: PlayerQueue, saved_queue: SavedQueue
) -> None:
    queue_id = queue.queue_id
    await mass.player_queues.clear(queue_id)
    await async_wait_until(mass, lambda: not is_playing(mass, queue_id))
    if queue.shuffle_enabled:  # else the added items would be shuffled
        await mass.player_queues.shuffle(queue_id, False)
    uris = [uri for _, uri in saved_queue.items if uri]
    for batch in batched(uris, BATCH_SIZE, strict=False):
        await mass.player_queues.play_media(queue_id, list(batch), option=QueueOption.ADD)


async def _async_find_current(
    mass: MusicAssistantClient, queue_id: str, saved_queue: SavedQueue
) -> int | None:
    """Return the index of the item that was current; the server omits items it can't find."""
    if (current := saved_queue.current) is None:
        return None
    uri = saved_queue.items[current][1]
    items = await _async_fetch_items(mass, queue_id, range(len(saved_queue.items)))
    indices = [index for index, (_, item_uri) in enumerate(items) if item_uri == uri]
    return min(indices, key=lambda index: abs(index - current), default=None)


async def _async_restore_position(
    mass: MusicAssistantClient, player: Player, saved: SavedState, index: int
) -> None:
    """Go to an item and its position, for which the server has to play it.

    If the player wasn't playing, nothing is heard of that.
    """
    saved_queue = saved.queue
    assert saved_queue
    position = int(saved_queue.seconds)
    if saved_queue.state == PlaybackState.PLAYING:
        await mass.player_queues.play_index(player.player_id, index, seek_position=position)
        return
    async with _silence(mass, player):
        await _async_go_to(mass, player, index, position, saved_queue.state)


@asynccontextmanager
async def _silence(mass: MusicAssistantClient, player: Player) -> AsyncIterator[None]:
    """Turn down a player and those that play along with it; turn them up again at the end.

    The player's own volume is restored later anyway.
    """
    volumes: dict[str, int] = {}
    for player_id in dict.fromkeys((player.player_id, *player.group_members)):
        member = mass.players.get(player_id)
        if member is None or member.type is PlayerType.GROUP or not member.available:
            continue
        if member.volume_control != PLAYER_CONTROL_NONE and member.volume_level is not None:
            volumes[player_id] = member.volume_level
    try:
        for player_id in volumes:
            await mass.players.volume_set(player_id, 0)
        yield
    finally:
        volumes.pop(player.player_id, None)
        for player_id, volume in volumes.items():
            with suppress(*COMMAND_ERRORS):
                await mass.players.volume_set(player_id, volume)


async def _async_go_to(
    mass: MusicAssistantClient, player: Player, index: int, position: int, state: str
) -> None:
    """Go to a position and pause or stop there.

    A pause that comes before the player has begun is lost, and one that it obeys on the old item is
    overtaken by the new one. So what plays is stopped at first, the pause is sent again if nothing
    comes of it, and the player is watched for a moment at last.
    """
    loop, queue_id = asyncio.get_running_loop(), player.player_id
    deadline = loop.time() + RESTORE_TIMEOUT
    await async_stop_playback(mass, queue_id)
    await mass.player_queues.play_index(queue_id, index, seek_position=position)
    await async_wait_until(
        mass,
        lambda: is_playing(mass, queue_id) and _get_current_index(mass, queue_id) == index,
        START_TIMEOUT,
    )
    was_paused = state == PlaybackState.PAUSED
    end_playback = mass.player_queues.pause if was_paused else mass.player_queues.stop
    while (rest := deadline - loop.time()) > 0:
        await end_playback(queue_id)
        has_ended = await async_wait_until(
            mass, lambda: not is_playing(mass, queue_id), min(rest, STOP_TIMEOUT)
        )
        if has_ended and not await async_wait_until(
            mass, lambda: is_playing(mass, queue_id), SETTLE_TIME
        ):
            return
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="still_playing",
        translation_placeholders={"player": player.name},
    )


def _get_current_index(mass: MusicAssistantClient, queue_id: str) -> int | None:
    queue = mass.player_queues.get(queue_id)
    return queue.current_index if queue else None


def _get_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, dict[str, Any]]]:
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.snapshots")


async def async_remove_saved_states(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the saved states of a config entry."""
    await _get_store(hass, entry_id).async_remove()
