"""Tracking of the playback of all players, with the commands that Home Assistant sent."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from music_assistant_models.enums import QueueOption
from music_assistant_models.player import Player

from ..server.client import Client
from ..server.queues import LazyQueue
from .playback import HeldItem, Playback, PlaybackCommand, get_sources, is_recent, merge_playback


@dataclass(frozen=True, slots=True)
class CommandDescription:
    """Describe a command: if it changes the item, and its argument with a position."""

    changes_item: bool = True
    position_field: str | None = None

    def get_position(self, args: Mapping[str, Any]) -> float | None:
        """Return the position in seconds that is asked for, None for the usual one."""
        position = args.get(self.position_field) if self.position_field else None
        if position is None or (self.changes_item and not position):
            return None
        return float(position)


_ITEM_COMMAND: Final = CommandDescription()
_SEEK_COMMAND: Final = CommandDescription(changes_item=False, position_field="position")
_COMMANDS: Final[Mapping[str, CommandDescription]] = {
    "players/cmd/next": _ITEM_COMMAND,
    "players/cmd/previous": _ITEM_COMMAND,
    "players/cmd/seek": _SEEK_COMMAND,
    "players/cmd/select_source": _ITEM_COMMAND,
    "player_queues/delete_item": _ITEM_COMMAND,
    "player_queues/next": _ITEM_COMMAND,
    "player_queues/play_index": CommandDescription(position_field="seek_position"),
    "player_queues/play_media": _ITEM_COMMAND,
    "player_queues/previous": _ITEM_COMMAND,
    "player_queues/seek": _SEEK_COMMAND,
    "player_queues/transfer": _ITEM_COMMAND,
}
# Options of `play_media` that keep the current item.
_ENQUEUE_OPTIONS: Final = frozenset(
    {QueueOption.ADD, QueueOption.NEXT, QueueOption.REPLACE_NEXT, QueueOption.UNKNOWN}
)
# Arguments with the id of a player or queue.
_TARGET_FIELDS: Final = ("queue_id", "player_id", "source_queue_id", "target_queue_id")


class PlaybackTracker:
    """Keeps the playback of each player, and refreshes it when a held item is due.

    Each player has one timer at most, and only while an item is held.
    """

    def __init__(self, get_client: Callable[[], Client], get_time: Callable[[], float]) -> None:
        """Initialize without playback; `get_time` returns seconds since the epoch."""
        self.refresh: Callable[[str], None] = lambda _id: None  # a player, or a queue's players
        self._get_client = get_client
        self._get_time = get_time
        self._playbacks: dict[str, Playback] = {}
        self._commands: dict[str, tuple[PlaybackCommand, ...]] = {}  # by queue id, those of late
        self._numbers = count(1)
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def update(self, player: Player, queue: LazyQueue | None) -> Playback:
        """Return the playback of a player, updated from the caches of the client."""
        player_id = player.player_id
        before = self._playbacks.get(player_id)
        commands = self._commands.get(queue.queue_id, ()) if queue and self._commands else ()
        now = self._get_time()
        after = merge_playback(before, get_sources(player, queue, commands), now)
        if after is not before:
            self._playbacks[player_id] = after
            if (held := before and before.held) is not after.held:
                self._update_timer(player_id, held, after.held, now)
        return after

    def remove(self, player_id: str) -> None:
        """Forget a player."""
        self._playbacks.pop(player_id, None)
        self._commands.pop(player_id, None)
        self._cancel_timer(player_id)

    def reset(self) -> None:
        """Forget all players and commands: what is fetched after a loss of the connection counts."""
        for player_id in tuple(self._playbacks):
            self.remove(player_id)
        self._commands.clear()

    def handle_command(self, name: str, args: Mapping[str, Any]) -> Callable[[bool], None] | None:
        """Note a command that is sent; return a function to call when it is answered or refused."""
        description = _COMMANDS.get(name)
        if description is None or args.get("option") in _ENQUEUE_OPTIONS:
            return None
        command = PlaybackCommand(
            next(self._numbers), description.changes_item, description.get_position(args)
        )
        queue_ids = {self._get_queue_id(args[field]) for field in _TARGET_FIELDS if field in args}
        self._set_command(queue_ids, command, command)

        def handle_answer(is_accepted: bool) -> None:
            answered = command._replace(answered_at=self._get_time()) if is_accepted else None
            self._set_command(queue_ids, command, answered)
            if command.position is not None:
                for queue_id in queue_ids:
                    self.refresh(queue_id)

        return handle_answer

    def _get_queue_id(self, target_id: str) -> str:
        """Return the id of the queue that a player plays, which is that of its leader in a group."""
        player = self._get_client().players.get(target_id)
        return player.active_source or target_id if player else target_id

    def _set_command(
        self,
        queue_ids: Iterable[str],
        command: PlaybackCommand,
        replacement: PlaybackCommand | None,
    ) -> None:
        """Replace a command of queues, and forget those that are over."""
        now, added = self._get_time(), filter(None, (replacement,))
        added_by_queue = dict.fromkeys(queue_ids, tuple(added))
        for queue_id in self._commands.keys() | added_by_queue.keys():
            others = [
                other
                for other in self._commands.pop(queue_id, ())
                if other.number != command.number and is_recent(other, now)
            ]
            if commands := (*others, *added_by_queue.get(queue_id, ())):
                self._commands[queue_id] = commands

    def _update_timer(
        self, player_id: str, before: HeldItem | None, held: HeldItem | None, now: float
    ) -> None:
        """Refresh the player when what is held is due, or was due for whoever has just read it."""
        self._cancel_timer(player_id)
        if due := held or (before if before and before.until <= now else None):
            self._timers[player_id] = asyncio.get_running_loop().call_later(
                max(due.until - now, 0.0), self._release, player_id
            )

    def _cancel_timer(self, player_id: str) -> None:
        if timer := self._timers.pop(player_id, None):
            timer.cancel()

    def _release(self, player_id: str) -> None:
        """Believe what was held, also if the clock was set back meanwhile."""
        del self._timers[player_id]
        playback = self._playbacks[player_id]
        if playback.held is not None:
            held = playback.held._replace(until=0.0)
            self._playbacks[player_id] = playback._replace(held=held)
        self.refresh(player_id)
