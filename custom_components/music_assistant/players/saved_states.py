"""Players as they were: kept for a day, also over a restart, and restored."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import batched
import time
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.constants import PLAYER_CONTROL_NONE
from music_assistant_models.enums import PlaybackState, PlayerType, QueueOption, RepeatMode
from music_assistant_models.errors import PlayerUnavailableError
from music_assistant_models.player import Player
from music_assistant_models.player_queue import PlayerQueue

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..server.queues import async_raw

# Seconds for which a snapshot can be restored, and in which changes of the store are collected.
KEPT: Final = 86_400
SAVE_DELAY: Final = 5.0
# Items of a queue that are kept, of those how many before the current one, and how many are put
# back by one command: the server looks each of them up.
MOST_ITEMS: Final = 2000
MOST_PLAYED: Final = 500
TOGETHER: Final = 50
# Seconds by which a held position may be off.
NEAR: Final = 2.0

type Item = tuple[str, str]  # its id, and its uri, which may be empty


@dataclass(frozen=True, slots=True)
class KeptQueue:
    """What was in a player's own queue, from an index (`first`) on, and where it was.

    `current` is the index in `items`; `seconds` is 0 where there is no position to go to.
    """

    items: Sequence[Item]
    first: int
    count: int
    current: int | None
    seconds: float
    state: str
    shuffle: bool
    repeat: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A player as it was. `source` is what it played if that wasn't a queue of the server's."""

    at: float
    powered: bool | None
    volume: int | None
    muted: bool | None
    leader: str | None
    members: Sequence[str]
    source: str | None
    queue: KeptQueue | None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Kept:
        """Return what was stored."""
        queue = stored["queue"]
        if queue is not None:
            queue = KeptQueue(**{**queue, "items": [(item, uri) for item, uri in queue["items"]]})
        return cls(**{**stored, "queue": queue})


class Memory:
    """The snapshots of a server's players, by a name for each."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Remember nothing yet; what is stored is read when it is asked for."""
        self._store = _store(hass, entry_id)
        self._kept: dict[str, dict[str, Kept]] | None = None
        self._unsaved = False
        self._loading = asyncio.Lock()
        self._restoring = asyncio.Lock()

    async def async_snapshot(self, mass: MusicAssistantClient, player_id: str, name: str) -> None:
        """Keep a player as it is now; raises the library's errors."""
        async with self._restoring:
            pass  # what is being restored may be silent for that
        kept = await _async_capture(mass, player_id)
        (await self._all()).setdefault(name, {})[player_id] = kept
        self._unsaved = True
        self._store.async_delay_save(self._stored, SAVE_DELAY)

    async def async_restore(self, mass: MusicAssistantClient, player_id: str, name: str) -> bool:
        """Make a player as it was, False if that isn't known (any more).

        One player after the other: who leaves a group, or is taken into one, is others' affair.
        """
        kept = (await self._all()).get(name, {}).get(player_id)
        if kept is None or _is_old(kept):
            return False
        async with self._restoring:
            await _async_restore(mass, _player(mass, player_id), kept)
        return True

    async def async_close(self) -> None:
        """Save what isn't yet."""
        if self._unsaved:
            await self._store.async_save(self._stored())

    async def _all(self) -> dict[str, dict[str, Kept]]:
        async with self._loading:
            if self._kept is None:
                stored = await self._store.async_load() or {}
                self._kept = {
                    name: {player_id: Kept.read(one) for player_id, one in players.items()}
                    for name, players in stored.items()
                }
        return self._kept

    def _stored(self) -> dict[str, dict[str, Any]]:
        """Return what is to be stored: what isn't too old."""
        self._unsaved = False
        by_name = {
            name: {player_id: asdict(one) for player_id, one in kept.items() if not _is_old(one)}
            for name, kept in (self._kept or {}).items()
        }
        return {name: players for name, players in by_name.items() if players}


def _is_old(kept: Kept) -> bool:
    return not 0 <= time.time() - kept.at < KEPT


def _player(mass: MusicAssistantClient, player_id: str) -> Player:
    player = mass.players.get(player_id)
    if player is None or not player.available:
        raise PlayerUnavailableError(player_id)
    return player


# ---------------------------------------------------------------------------------- capturing


async def _async_capture(mass: MusicAssistantClient, player_id: str) -> Kept:
    player = _player(mass, player_id)
    queue = mass.player_queues.get(player_id)
    plays_along = player.synced_to or player.active_group
    return Kept(
        at=time.time(),
        powered=None if player.power_control == PLAYER_CONTROL_NONE else player.powered,
        volume=_volume(player),
        muted=None if player.mute_control == PLAYER_CONTROL_NONE else player.volume_muted,
        leader=player.synced_to,
        members=_followers(player),
        source=None if plays_along or _on_own_queue(player) else player.active_source,
        queue=await _async_capture_queue(mass, queue) if queue and not plays_along else None,
    )


def _on_own_queue(player: Player) -> bool:
    return player.active_source in (None, player.player_id)


def _volume(player: Player) -> int | None:
    if player.volume_control == PLAYER_CONTROL_NONE:
        return None
    return player.group_volume if player.type is PlayerType.GROUP else player.volume_level


def _followers(player: Player) -> list[str]:
    """Return who is in a player's group because somebody asked for it."""
    fixed = {player.player_id, *player.static_group_members}
    return [member for member in player.group_members if member not in fixed]


async def _async_capture_queue(mass: MusicAssistantClient, queue: PlayerQueue) -> KeptQueue:
    first = max((queue.current_index or 0) - MOST_PLAYED, 0)
    playing = queue.current_item
    items = await _async_items(mass, queue.queue_id, range(first, first + MOST_ITEMS))
    current = None if queue.current_index is None else queue.current_index - first
    return KeptQueue(
        items=items,
        first=first,
        count=queue.items,
        current=None if current is None or current >= len(items) else current,
        seconds=queue.corrected_elapsed_time if playing and playing.duration else 0,
        state=queue.state.value,
        shuffle=queue.shuffle_enabled,
        repeat=queue.repeat_mode.value,
    )


async def _async_items(mass: MusicAssistantClient, queue_id: str, wanted: range) -> list[Item]:
    return [
        (raw["queue_item_id"], (raw.get("media_item") or {}).get("uri") or "")
        async for _, raw in async_raw(mass, queue_id, wanted)
    ]


# ---------------------------------------------------------------------------------- restoring


async def _async_restore(mass: MusicAssistantClient, player: Player, kept: Kept) -> None:
    """Restore the group, then power, then the volume and what is played at it.

    What wasn't playing is put back without a sound, so there the volume comes last.
    """
    await _async_regroup(mass, player, kept)
    if kept.powered and not player.powered:
        await mass.players.power(player.player_id, True)
    if kept.queue is None or kept.queue.state == PlaybackState.PLAYING:
        await _async_restore_volume(mass, player, kept)
        await _async_restore_queue(mass, player, kept)
    else:
        try:
            await _async_restore_queue(mass, player, kept)
        finally:
            await _async_restore_volume(mass, player, kept)
    if kept.source and player.active_source != kept.source:
        await mass.players.select_source(player.player_id, kept.source)
    if kept.powered is False and player.powered:
        await mass.players.power(player.player_id, False)


async def _async_regroup(mass: MusicAssistantClient, player: Player, kept: Kept) -> None:
    if kept.leader:
        if player.synced_to != kept.leader:
            await mass.players.group(player.player_id, kept.leader)
        return
    if player.synced_to:
        await mass.players.ungroup(player.player_id)
    now, then = set(_followers(player)), set(kept.members)
    if now != then:
        await mass.players.set_members(
            player.player_id, sorted(then - now) or None, sorted(now - then) or None
        )


async def _async_restore_volume(mass: MusicAssistantClient, player: Player, kept: Kept) -> None:
    if kept.volume is not None:
        await mass.players.volume_set(player.player_id, kept.volume)
    if kept.muted is not None and kept.muted != player.volume_muted:
        await mass.players.volume_mute(player.player_id, kept.muted)


async def _async_restore_queue(mass: MusicAssistantClient, player: Player, kept: Kept) -> None:
    """Put back what was in a queue unless it still is, go where it was, and set how it plays."""
    then, queue_id = kept.queue, player.player_id
    if then is None:
        return
    queue = mass.player_queues.get(queue_id)
    if queue is None:
        raise PlayerUnavailableError(queue_id)
    wanted = range(then.first, then.first + len(then.items))
    same = queue.items == then.count and await _async_items(mass, queue_id, wanted) == then.items
    if same:
        index = None if then.current is None else then.first + then.current
    else:
        await _async_refill(mass, queue, then)
        index = await _async_find(mass, queue_id, then)
    there = same and _is_there(player, queue, then, index)
    if index is not None and not there and not kept.source:
        await _async_go_to(mass, player, kept, index)
    if then.repeat != queue.repeat_mode:
        await mass.player_queues.repeat(queue_id, RepeatMode(then.repeat))
    if then.shuffle and not (same and queue.shuffle_enabled):
        await mass.player_queues.shuffle(queue_id, True)


def _is_there(player: Player, queue: PlayerQueue, then: KeptQueue, index: int | None) -> bool:
    """Tell whether a queue that wasn't playing is where it was, and is what the player is on."""
    return (
        then.state == queue.state != PlaybackState.PLAYING
        and queue.current_index == index
        and abs(queue.elapsed_time - then.seconds) < NEAR
        and _on_own_queue(player)
    )


async def _async_refill(mass: MusicAssistantClient, queue: PlayerQueue, kept: KeptQueue) -> None:
    queue_id = queue.queue_id
    await mass.player_queues.clear(queue_id)
    if queue.shuffle_enabled:  # it would mix what is added
        await mass.player_queues.shuffle(queue_id, False)
    uris = [uri for _, uri in kept.items if uri]
    for batch in batched(uris, TOGETHER, strict=False):
        await mass.player_queues.play_media(queue_id, list(batch), option=QueueOption.ADD)


async def _async_find(mass: MusicAssistantClient, queue_id: str, then: KeptQueue) -> int | None:
    """Return where what was current is now: the server leaves out what it no longer finds."""
    if (current := then.current) is None:
        return None
    uri = then.items[current][1]
    found = await _async_items(mass, queue_id, range(len(then.items)))
    places = [index for index, (_, other) in enumerate(found) if other == uri]
    return min(places, key=lambda index: abs(index - current), default=None)


async def _async_go_to(mass: MusicAssistantClient, player: Player, kept: Kept, index: int) -> None:
    """Go to an item and its position, which the server does only by playing.

    What wasn't playing is silent meanwhile, where its volume can be put back: not on a group,
    whose members would all come back at the same volume.
    """
    queue_id, then = player.player_id, kept.queue
    assert then
    heard = then.state == PlaybackState.PLAYING
    if not heard and kept.volume is not None and player.type is not PlayerType.GROUP:
        await mass.players.volume_set(queue_id, 0)
    await mass.player_queues.play_index(queue_id, index, seek_position=int(then.seconds))
    if not heard:
        held = then.state == PlaybackState.PAUSED
        await (mass.player_queues.pause if held else mass.player_queues.stop)(queue_id)


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, dict[str, Any]]]:
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.snapshots")


async def async_forget_snapshots(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the snapshots of an entry's players."""
    await _store(hass, entry_id).async_remove()
