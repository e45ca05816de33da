"""What a real server reports of playback, and when, as recorded.

The players of this server do at once what they are told. In the sequences below, what the server
reports of that comes late, goes back to the old item, lacks one, or has wrong positions, as a real
server's reports did. A sequence is read by rows:

    seconds  event  item  position  [player's position]  [state]

The event is that of the queue (`q`; `q+` with the right next item, which is out of date until then)
or its items (`i`), of the player (`p`), of the position (`t`), of what was played (`m`; `M` to its
end), or none (`-`). Items are the old and the new one, or none (`none`, and `empty` for a queue
without items). Positions are in the item, those of the player in the stream:

    was    the old one, which goes on       zero   0
    stood  the old one, which stands still  now    the new one
    added  the new one with the old position of the stream added

Without a state it is the one that the queue is in now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

from music_assistant_models.enums import EventType, PlaybackState
from music_assistant_models.player import Player
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem

if TYPE_CHECKING:
    from .server import MassServer

ANSWER_TIME = 0.11  # what is reported within these seconds precedes the answer to the command
_STATES = {state.value: state for state in PlaybackState}
_EVENTS = {
    "q": EventType.QUEUE_UPDATED,
    "i": EventType.QUEUE_ITEMS_UPDATED,
    "p": EventType.PLAYER_UPDATED,
    "t": EventType.QUEUE_TIME_UPDATED,
    "m": EventType.MEDIA_ITEM_PLAYED,
}
_SILENCED = frozenset(_EVENTS.values())


@dataclass(frozen=True, slots=True)
class Report:
    """Represent one row of a sequence."""

    at: float
    event: str
    item: str
    position: str
    stream_position: str
    state: PlaybackState | None

    @classmethod
    def parse(cls, row: str) -> Report:
        """Return the report of a row."""
        at, event, item, position, *rest = row.split()
        state = _STATES[rest.pop()] if rest and rest[-1] in _STATES else None
        return cls(float(at), event, item, position, rest[0] if rest else position, state)


@dataclass(frozen=True, slots=True)
class Sequence:
    """Represent the reports that follow a command.

    `begins` is when the player begins to play the new item. A pause before that is lost.
    """

    reports: tuple[Report, ...]
    begins: float = 0.0

    @classmethod
    def parse(cls, rows: str, begins: float = 0.0) -> Sequence:
        """Return the sequence of some rows."""
        return cls(tuple(Report.parse(row) for row in rows.strip().splitlines()), begins)


# Commands; those with several sequences take them in turn.

NEXT = (
    Sequence.parse(
        """
        0.00 q  new  zero
        0.00 p  new  zero  was
        0.51 p  new  zero  was
        1.01 q  new  zero
        1.37 q  new  zero
        2.76 q+ new  was
        2.76 m  old  was
        3.02 p  new  was   was
        3.52 t  new  now
        3.52 p  new  was   now
        3.77 p  new  now   now
        """,
        2.2,
    ),
    Sequence.parse(
        """
        0.00 q  new  zero
        0.00 p  new  zero  was
        0.51 p  new  zero  was
        1.01 q  new  zero
        1.45 q  old  was
        1.63 p  old  was   was
        2.14 p  old  was   was
        2.77 q+ new  was
        2.77 m  old  was
        3.02 p  new  was   was
        3.52 t  new  now
        3.52 p  new  was   now
        3.77 p  new  now   now
        """,
        2.2,
    ),
    Sequence.parse(
        """
        0.00 q  new  zero
        0.00 p  new  zero  was
        0.51 p  new  zero  was
        1.01 q  new  zero
        1.51 q  new  zero
        2.32 t  new  now
        2.32 p  old  was   now
        2.57 p  old  now   now
        2.78 q+ new  now
        3.03 p  new  now   now
        """,
        2.3,
    ),
)
PLAY_INDEX = (
    Sequence.parse(
        """
        0.00 q  old  was
        0.02 p  new  was   was
        0.02 q  new  was
        0.50 q  old  was
        0.76 p  old  was   was
        1.78 q+ new  added
        1.78 m  old  was
        2.03 p  new  added was
        2.54 t  new  now
        2.54 p  new  added now
        2.79 p  new  now   now
        """,
        1.0,
    ),
)
SEEK = (
    Sequence.parse(
        """
        0.00 q  old  was
        0.01 p  old  was   was
        0.51 t  new  added
        0.51 p  new  was   was
        0.76 p  new  added was
        """
    ),
    Sequence.parse(
        """
        0.00 q  old  was
        0.01 p  old  was   was
        0.47 t  new  added
        0.72 p  new  added was
        """
    ),
    Sequence.parse(
        """
        0.00 q  old  was
        0.05 p  old  was   was
        0.53 t  new  added
        0.78 p  new  added was
        1.06 t  new  now
        1.06 m  new  now
        1.06 p  new  added now
        1.31 p  new  now   now
        """,
        1.0,
    ),
    Sequence.parse(
        """
        0.00 q  old  was
        0.02 p  old  was   was
        0.43 t  new  added
        0.68 p  new  added was
        1.00 t  new  now
        1.00 p  new  added now
        1.25 p  new  now   now
        1.27 q+ new  now
        """,
        0.9,
    ),
)
PAUSE = (
    Sequence.parse(
        """
        0.00 -  old  was   was   playing
        0.26 q+ new  now   now   paused
        0.26 m  new  now
        0.26 p  new  was   now   paused
        0.51 p  new  now   now   paused
        """
    ),
)
# A pause while the player is about to play something else is obeyed for a moment.
LOST_PAUSE = (
    Sequence.parse(
        """
        0.24 q  old  stood paused
        0.24 m  old  stood
        0.24 p  new  stood paused
        0.68 q  old  was   playing
        0.68 m  old  was
        0.68 p  old  was   playing
        """
    ),
)
STOP = (
    Sequence.parse(
        """
        0.00 q  old  was   playing
        0.20 q  old  was   playing
        0.46 q  new  stood idle
        0.46 m  new  stood
        0.46 p  new  stood none idle
        """
    ),
)
RESUME = (  # of a paused queue
    Sequence.parse(
        """
        0.00 q  new  stood paused
        0.27 q  new  stood paused
        0.52 q  new  added
        0.52 m  new  added
        0.52 p  new  stood stood
        0.77 p  new  added stood
        """
    ),
)
UNPAUSE = (  # of the player
    Sequence.parse(
        """
        0.00 -  new  stood paused
        0.26 q  new  now
        0.26 m  new  now
        0.26 p  new  now
        """
    ),
)
RESTART = (  # of a stopped queue
    Sequence.parse(
        """
        0.00 q  new  stood idle
        0.27 q  new  added
        0.27 m  new  added
        0.27 p  new  stood stood
        0.49 q  new  added
        0.75 p  new  added stood
        """,
        0.27,
    ),
)
START = (  # of something new on a player that is idle
    Sequence.parse(
        """
        0.00 q  empty zero idle
        0.00 i  empty zero idle
        0.00 q  empty zero idle
        0.02 i  none  zero idle
        0.02 q  none  zero idle
        0.05 p  new  zero  none idle
        0.09 q  new  zero  idle
        0.34 p  new  zero  zero
        0.89 q  new  zero
        2.41 q+ new  now
        2.67 p  new  now   zero
        """,
        0.34,
    ),
    Sequence.parse(
        """
        0.00 q  empty zero idle
        0.00 i  empty zero idle
        0.00 q  empty zero idle
        0.02 i  none  zero idle
        0.02 q  none  zero idle
        0.03 p  new  zero  none idle
        0.04 q  new  zero  idle
        0.49 q  new  zero  idle
        0.83 q  none zero
        0.83 p  new  zero  zero
        0.99 p  none zero  zero
        2.46 q+ new  now
        2.72 p  new  now   zero
        """,
        0.83,
    ),
    Sequence.parse(
        """
        0.00 q  empty zero idle
        0.00 i  empty zero idle
        0.00 q  empty zero idle
        0.10 i  none  zero idle
        0.10 q  none  zero idle
        0.11 p  new  zero  none idle
        0.11 q  new  zero  idle
        0.62 q  none added
        0.62 p  new  zero  was
        0.87 p  none zero  was
        1.29 q+ new  added
        1.29 M  new  added
        1.55 t  new  now
        1.55 p  new  added now
        1.80 p  new  now   now
        """,
        1.0,
    ),
)
# The player stays idle until something else is played.
REPLACE = (
    Sequence.parse(
        """
        0.00 q  empty zero playing
        0.00 i  empty zero playing
        0.00 q  empty zero playing
        0.02 i  none  zero playing
        0.02 q  none  zero playing
        0.05 p  new  zero  none idle
        0.06 q  new  zero  playing
        """
    ),
)
REPLACE_PAUSED = (  # seen with the same server, not recorded
    Sequence.parse(
        """
        0.00 q  empty zero paused
        0.00 i  empty zero paused
        0.00 q  empty zero paused
        0.02 i  none  zero paused
        0.02 q  none  zero paused
        0.08 p  new  zero  none idle
        0.08 q  new  zero  paused
        """
    ),
)
REPLACE_BY_STATE = {PlaybackState.PLAYING: REPLACE, PlaybackState.PAUSED: REPLACE_PAUSED}
PLAY_NOW = (  # instead of what plays
    Sequence.parse(
        """
        0.00 q  old  stood
        0.01 i  old  stood
        0.01 q  old  stood
        0.02 p  new  zero  none idle
        0.03 q  new  zero
        0.28 q  none added
        0.29 p  new  zero  was
        0.37 q  none added
        0.63 p  none zero  was
        1.08 q+ new  added
        1.08 m  new  added
        1.33 t  new  now
        1.33 p  new  added now
        1.58 p  new  now   now
        """,
        1.1,
    ),
)
ENQUEUE = (
    Sequence.parse(
        """
        0.00 q  old  now
        0.01 i  new  now
        0.01 q  new  now
        """
    ),
)
START_RADIO = (
    Sequence.parse(
        """
        0.00 q  empty zero idle
        0.00 i  empty zero idle
        0.00 q  empty zero idle
        0.02 i  none  zero idle
        0.02 q  none  zero idle
        0.05 p  new  zero  none idle
        0.06 q  new  zero  idle
        0.30 q  none added
        0.30 p  new  zero  was
        0.55 p  none zero  was
        4.90 t  new  now
        6.02 q+ new  now
        6.27 p  new  now   now
        """,
        2.0,
    ),
)
NATURAL_END = (
    Sequence.parse(
        """
        0.00 M  old  was
        0.00 -  old  was   was
        0.84 q+ new  added
        0.85 M  old  was
        0.85 p  old  was   was
        1.09 p  new  added was
        1.60 t  new  now
        1.60 p  new  added now
        1.85 p  new  now   now
        """,
        0.6,
    ),
)
LAST_END = (
    Sequence.parse(
        """
        0.00 q  new  stood idle
        0.00 M  old  stood
        0.00 p  new  stood none idle
        """
    ),
)
NEXT_IN_GROUP = (  # of a leader
    Sequence.parse(
        """
        0.00 q  new  zero
        0.00 p  new  zero  was
        0.51 p  new  zero  was
        1.00 q  new  zero
        1.15 q  new  zero
        1.41 q+ new  was
        1.41 m  old  was
        2.15 p  new  was   was
        2.78 p  new  was   was
        3.14 t  new  now
        3.14 p  new  was   now
        3.41 p  new  now   now
        3.74 q  new  now
        """,
        2.0,
    ),
)
START_IN_GROUP = (  # of something new on a leader that is idle
    Sequence.parse(
        """
        0.00 q  empty zero idle
        0.00 i  empty zero idle
        0.00 q  empty zero idle
        0.02 i  none  zero idle
        0.02 q  none  zero idle
        0.04 p  new  zero  none idle
        0.04 q  new  zero  idle
        0.55 q+ new  zero  paused
        0.55 p  new  zero  was  paused
        0.60 q  new  zero  paused
        1.35 q  new  added
        1.35 m  new  added
        1.35 p  new  zero  was
        1.54 p  new  added was
        3.78 q  new  added
        4.04 p  new  added was
        4.54 t  new  now
        4.54 p  new  added now
        4.79 p  new  now   now
        """,
        1.5,
    ),
)
LEAVE = (  # of a follower; the stream of the leader starts again
    Sequence.parse(
        """
        0.01 q  new  stood
        0.06 p  new  stood was
        0.41 q  new  added
        0.72 p  new  added was
        1.23 p  new  added was
        """
    ),
)
CLEAR = (
    Sequence.parse(
        """
        0.00 q  empty zero
        0.00 i  empty zero
        0.20 q  empty zero
        0.46 q  empty zero idle
        0.46 m  old   was
        0.46 p  none  zero none idle
        """
    ),
)
CLEAR_ENDED = (
    Sequence.parse(
        """
        0.00 i  empty zero idle
        0.00 q  empty zero idle
        0.25 M  old   was
        0.25 p  none  zero none idle
        """
    ),
)
FAILED_ANNOUNCEMENT = (
    Sequence.parse(
        """
        0.06 q  old  was   playing
        0.32 q  old  was   playing
        0.57 p  old  was   none idle
        0.98 q  new  stood idle
        0.98 m  new  stood
        0.98 p  new  stood none idle
        """
    ),
)


@dataclass
class Transition:
    """Represent a queue of which not all is reported yet, with what it was before."""

    started: float
    sequence: Sequence
    item: QueueItem | None
    next_item: QueueItem | None
    index: int | None
    position: float
    stream_position: float
    was_playing: bool
    queue_report: Report | None = None
    player_report: Report | None = None
    shows_next_item: bool = False
    task: asyncio.Task[None] | None = None


@dataclass
class Reports:
    """Report changes of playback at once, or as a real server does."""

    server: MassServer
    _transitions: dict[str, Transition] = field(default_factory=dict)
    _turns: dict[int, int] = field(default_factory=dict)
    _silent: bool = False
    _stream_positions: dict[str, float] = field(default_factory=dict)  # of queues, the last ones
    _delayed: dict[str, dict[str, Any]] = field(default_factory=dict)  # player id -> old fields

    def report(
        self,
        queue: PlayerQueue,
        sequences: tuple[Sequence, ...],
        change: Callable[[], None],
    ) -> None:
        """Change a queue, and report that by the sequence whose turn it is."""
        if self.server.prompt or self._silent:
            change()
            return
        if sequences is ENQUEUE and queue.queue_id in self._transitions:
            self._report_items(queue, change)
            return
        transition = self._create_transition(queue, self._take_turn(sequences))
        with self._silence():
            change()
        self.cancel(queue.queue_id)
        begins = transition.sequence.begins * self.server.pace
        if queue.state is PlaybackState.PLAYING:
            queue.elapsed_time_last_updated = transition.started + begins
        self._transitions[queue.queue_id] = transition
        self._run(queue, transition, transition.sequence)

    def _report_items(self, queue: PlayerQueue, change: Callable[[], None]) -> None:
        """Change the items of a queue without a change of what is shown to be playing."""
        with self._silence():
            change()
        for event in (EventType.QUEUE_ITEMS_UPDATED, EventType.QUEUE_UPDATED):
            self.server.send_event(event, queue.queue_id, queue)

    def report_lost_pause(self, queue: PlayerQueue) -> bool:
        """Report a pause that comes too early, and return whether it does."""
        transition = self._transitions.get(queue.queue_id)
        if transition is None or not self._is_beginning(transition):
            return False
        if transition.was_playing:
            passed = self._get_passed(transition) / self.server.pace
            (lost,) = LOST_PAUSE
            rest = [row for row in transition.sequence.reports if row.at > passed + 0.7]
            later = tuple(self._shift(row, -passed) for row in rest)
            self._stop_task(transition)
            self._run(queue, transition, Sequence((*lost.reports, *later)))
        return True

    def delay_fields(self, players: Iterable[Player], delays: Mapping[str, float]) -> None:
        """Show a change of players, made right after this, only after some seconds."""
        if self.server.prompt:
            return
        for player in players:
            old = {name: copy(getattr(player, name)) for name in delays}
            self._delayed.setdefault(player.player_id, {}).update(old)
            self.server.create_task(self._show_fields(player.player_id, delays))

    async def _show_fields(self, player_id: str, delays: Mapping[str, float]) -> None:
        passed = 0.0
        for delay, names in groupby(sorted(delays, key=delays.__getitem__), delays.__getitem__):
            await asyncio.sleep((delay - passed) * self.server.pace)
            passed = delay
            for name in names:
                self._delayed[player_id].pop(name, None)
            if player := self.server.players.get(player_id):
                self.server.send_event(EventType.PLAYER_UPDATED, player_id, player)

    def cancel(self, queue_id: str) -> None:
        """Report nothing more of a change."""
        if transition := self._transitions.pop(queue_id, None):
            self._stop_task(transition)

    def is_silenced(self, event: EventType) -> bool:
        """Return whether an event isn't sent because it is reported otherwise."""
        return self._silent and event in _SILENCED

    def set_turn(self, sequences: tuple[Sequence, ...], turn: int) -> None:
        """Set which of several sequences is next."""
        self._turns[id(sequences)] = turn

    def cancel_all(self) -> None:
        """Report nothing more of any change."""
        for queue_id in tuple(self._transitions):
            self.cancel(queue_id)

    @property
    def is_busy(self) -> bool:
        """Return whether there is more to be reported."""
        tasks = (transition.task for transition in self._transitions.values())
        return any(task and not task.done() for task in tasks)

    # Sequences

    def _take_turn(self, sequences: tuple[Sequence, ...]) -> Sequence:
        turn = self._turns.get(id(sequences), 0)
        self._turns[id(sequences)] = turn + 1
        return sequences[turn % len(sequences)]

    def _create_transition(self, queue: PlayerQueue, sequence: Sequence) -> Transition:
        playback, queue_id = self.server.playback, queue.queue_id
        if queue.state is not PlaybackState.IDLE:
            self._stream_positions[queue_id] = playback.get_stream_position(queue)
        return Transition(
            started=self.server.clock(),
            sequence=sequence,
            item=queue.current_item,
            next_item=queue.next_item,
            index=queue.current_index,
            position=self.get_shown_position(queue),
            stream_position=self._stream_positions.get(queue_id, 0.0),
            was_playing=queue.state is PlaybackState.PLAYING,
            player_report=self._get_player_report(queue_id),
        )

    def _get_player_report(self, player_id: str) -> Report | None:
        """Return what is reported of a player until the first report of a sequence."""
        if (player := self.server.players.get(player_id)) is None:
            return None
        shown = self.show(player)
        stream_position = "none" if shown.elapsed_time is None else "was"
        return Report(0.0, "p", "old", "was", stream_position, shown.playback_state)

    def _get_passed(self, transition: Transition) -> float:
        return self.server.clock() - transition.started

    def _is_beginning(self, transition: Transition) -> bool:
        return self._get_passed(transition) < transition.sequence.begins * self.server.pace

    @staticmethod
    def _shift(row: Report, seconds: float) -> Report:
        return replace(row, at=row.at + seconds)

    @contextmanager
    def _silence(self) -> Iterator[None]:
        self._silent = True
        try:
            yield
        finally:
            self._silent = False

    def _run(self, queue: PlayerQueue, transition: Transition, sequence: Sequence) -> None:
        """Send the first reports, and the others later."""
        first = [report for report in sequence.reports if report.at <= ANSWER_TIME]
        later = [report for report in sequence.reports if report.at > ANSWER_TIME]
        for report in first:
            self._send(queue, transition, report)
        if later:
            transition.task = self.server.create_task(self._send_later(queue, transition, later))

    async def _send_later(
        self, queue: PlayerQueue, transition: Transition, reports: list[Report]
    ) -> None:
        passed = 0.0
        for at, rows in groupby(reports, lambda report: report.at):
            await asyncio.sleep((at - passed) * self.server.pace)
            passed = at
            for report in rows:
                self._send(queue, transition, report)
        last = transition.queue_report
        if transition.shows_next_item and last and last.position == "now":
            self._transitions.pop(queue.queue_id, None)

    @staticmethod
    def _stop_task(transition: Transition) -> None:
        if transition.task and transition.task is not asyncio.current_task():
            transition.task.cancel()

    # Events

    def _send(self, queue: PlayerQueue, transition: Transition, report: Report) -> None:
        """Send the event of a report, from which on the server shows what it says."""
        kind, queue_id = report.event, queue.queue_id
        if kind[0] in "-qi":
            transition.queue_report = report
        if kind == "t" and transition.queue_report:
            transition.queue_report = replace(transition.queue_report, position=report.position)
        transition.shows_next_item |= kind == "q+"
        if kind in "-p":
            transition.player_report = report
        playback = self.server.playback
        match kind[0]:
            case "q" | "i":
                self.server.send_event(_EVENTS[kind[0]], queue_id, queue)
            case "p":
                playback.update_player(queue_id)
            case "t":
                position = self._get_position(queue, transition, report.position)
                self.server.send_event(EventType.QUEUE_TIME_UPDATED, queue_id, int(position or 0))
            case "m" | "M":
                item = transition.item if report.item == "old" else queue.current_item
                position = self._get_position(queue, transition, report.position)
                playback.report_played(queue, item, position or 0, fully_played=kind == "M")

    def _get_position(
        self, queue: PlayerQueue, transition: Transition, name: str, *, stream: bool = False
    ) -> float | None:
        """Return a position by its name in the sequence."""
        playback = self.server.playback
        was = transition.stream_position if stream else transition.position
        now = playback.get_stream_position(queue) if stream else playback.get_position(queue)
        passed = self._get_passed(transition) if transition.was_playing else 0.0
        return {
            "was": was + passed,
            "stood": was,
            "zero": 0.0,
            "now": now,
            "added": now + transition.stream_position,
            "none": None,
        }[name]

    # What is shown meanwhile

    def get_shown_position(self, queue: PlayerQueue) -> float:
        """Return the position that the server shows, which may be wrong."""
        transition = self._transitions.get(queue.queue_id)
        if transition is None or (report := transition.queue_report) is None:
            return self.server.playback.get_position(queue)
        return self._get_position(queue, transition, report.position) or 0.0

    def show[T](self, subject: T) -> T:
        """Return a queue or player as the server shows it now, anything else as it is."""
        if isinstance(subject, PlayerQueue):
            return cast("T", self._show_queue(subject))
        if isinstance(subject, Player):
            return cast("T", self._show_player(subject))
        return subject

    def _show_queue(self, queue: PlayerQueue) -> PlayerQueue:
        transition = self._transitions.get(queue.queue_id)
        if transition is None or (report := transition.queue_report) is None:
            return queue
        shown = copy(queue)
        if report.item in ("none", "empty"):
            shown.current_item = shown.current_index = None
        elif report.item == "old":
            shown.current_item, shown.current_index = transition.item, transition.index
        if report.item == "empty":
            shown.items = 0
        if not transition.shows_next_item:
            shown.next_item = transition.next_item
        shown.state = report.state or queue.state
        shown.elapsed_time = int(self.get_shown_position(queue))
        shown.elapsed_time_last_updated = self.server.clock()
        return shown

    def _show_player(self, player: Player) -> Player:
        shown = self._show_playback(player)
        if delayed := self._delayed.get(player.player_id):
            shown = copy(shown)
            vars(shown).update(delayed)
        return shown

    def _show_playback(self, player: Player) -> Player:
        playback = self.server.playback
        queue_id = playback.get_leader_id(player.player_id)
        transition, queue = self._transitions.get(queue_id), self.server.queues.get(queue_id)
        if transition is None or queue is None or (report := transition.player_report) is None:
            return player
        if player.active_source != queue_id:
            return player
        shown = copy(player)
        item = {"old": transition.item, "new": queue.current_item}.get(report.item)
        position = self._get_position(queue, transition, report.position)
        shown.current_media = playback.create_media(queue, item, position or 0)
        shown.playback_state = report.state or queue.state
        shown.elapsed_time = self._get_position(
            queue, transition, report.stream_position, stream=True
        )
        shown.elapsed_time_last_updated = self.server.clock()
        return shown
