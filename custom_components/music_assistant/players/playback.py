"""Playback of a player: the item and the position, merged from its queue and the player.

Servers acknowledge a command before the player acts. They name the new item at once, fall back to
the old one or to none, and come forward again; and for seconds they report a position to which
that of the old stream was added. Here both sources are merged into what is shown and detected:

- The item is the current one of the queue, or else that of the player's media. A return to an
  item that was left within RETURN_TIME is held for RETURN_TIME: it is nothing if the newer item
  comes back, and else true. An item that is missing while the player plays is held for GAP_TIME.
  A command of Home Assistant explains a return, and so does the end of an item.
- The position is the newest report about the item. After a start (another item, playing again,
  other group members) reports from before it don't count, and neither does one that equals the
  position of the old stream added to that of the start.
- A position that Home Assistant commanded is extrapolated until a report agrees with it, the item
  changes or playback stops. Meanwhile reports that go on from one before the command, or have the
  position of the old stream added, don't count. Any other one tells that somebody else seeks.

All functions are pure; times are in seconds since the epoch.
"""

from operator import attrgetter
from typing import Final, NamedTuple

from music_assistant_models.enums import MediaType, PlaybackState, PlayerType
from music_assistant_models.player import Player, PlayerMedia

from ..server.queues import LazyQueue, LazyQueueItem

# Seconds after which an item that was left doesn't come back by itself, and for which its return
# is held. Servers return after up to 2 seconds, for up to 3.
RETURN_TIME: Final = 5.0
# Seconds for which the current item may be missing; servers need up to 6 to name a radio station.
GAP_TIME: Final = 6.0
# Seconds after the answer to a command in which the server may act.
COMMAND_TIME: Final = 10.0
# Seconds by which positions may differ that are the same.
AGREEMENT: Final = 2.0
# Seconds before the end of an item at which it may end.
END_TOLERANCE: Final = 2.0
# The year 10000, in seconds since the epoch: Python has no later dates.
MAX_TIMESTAMP: Final = 253_402_300_800.0
_GET_TIME: Final = attrgetter("at")


class Position(NamedTuple):
    """Represent a playback position in seconds, valid at a time in seconds since the epoch."""

    seconds: float
    at: float

    def extrapolate(self, at: float) -> Position:
        """Return the position at a later time of playback."""
        return Position(self.seconds + max(at - self.at, 0), at)

    def get_offset(self, earlier: Position, playing: bool) -> float:
        """Return the seconds by which this is ahead of an earlier position, extrapolated."""
        elapsed = self.at - earlier.at if playing else 0
        return self.seconds - (earlier.seconds + elapsed)


class PlaybackCommand(NamedTuple):
    """Represent a command that Home Assistant sent; a later one has a higher number.

    `position` is the one that it asks for, in seconds.
    """

    number: int
    changes_item: bool
    position: float | None = None
    answered_at: float | None = None


class PlaybackSources(NamedTuple):
    """What a queue and its player say of playback. The ids are those of queue items.

    `stream_position` is that of the player's stream: the queue's, or less by where it began.
    """

    queue_id: str | None = None
    queue_item: LazyQueueItem | None = None
    queue_index: int | None = None
    has_queue: bool = False
    has_items: bool = False
    media_item_id: str | None = None
    has_media: bool = False
    is_playing: bool = False
    is_queue_playing: bool = False
    speed: float = 1.0
    queue_position: Position | None = None
    media_position: Position | None = None
    stream_position: Position | None = None
    members: tuple[str, ...] = ()
    commands: tuple[PlaybackCommand, ...] = ()

    @property
    def queue_item_id(self) -> str | None:
        """Return the id of the queue's current item."""
        return self.queue_item.queue_item_id if self.queue_item else None

    @property
    def item_id(self) -> str | None:
        """Return the id of the item that plays: the queue's, or else the player's."""
        return (self.queue_item_id or self.media_item_id) if self.has_queue else None

    @property
    def is_active(self) -> bool:
        """Return if the player or the queue plays; one of them comes first."""
        return self.is_playing or self.is_queue_playing

    def get_reports(self, item_id: str | None) -> tuple[Position, ...]:
        """Return the positions that are about an item."""
        reports: tuple[Position, ...] = ()
        if self.queue_position and self.queue_item_id == item_id is not None:
            reports = (self.queue_position,)
        if self.media_position and (not self.has_queue or self.media_item_id in (None, item_id)):
            reports = (*reports, self.media_position)
        return reports

    @property
    def reported_at(self) -> float:
        """Return when the last position was reported."""
        positions = (self.queue_position, self.media_position)
        return max((position.at for position in positions if position), default=0.0)


class HeldItem(NamedTuple):
    """Represent an item (None: no item) that isn't believed before a time.

    `since` is when it was named, and `reported_at` when a position was reported before that.
    """

    item_id: str | None
    until: float
    since: float
    reported_at: float


class PlaybackStart(NamedTuple):
    """Represent where and when playback started, and when a position was reported before.

    `has_stream` tells that the stream of the player is the one that was started then.
    `old_reports` are the positions that were reported before a commanded one.
    """

    seconds: float
    at: float
    reported_at: float
    has_stream: bool = False
    old_reports: tuple[Position, ...] = ()

    def agrees(self, seconds: float, now: float, speed: float = 1.0) -> bool:
        """Return if a position can be reached since the start; it may have been delayed."""
        elapsed = max(now - self.at, 0.0) * speed
        return -AGREEMENT <= seconds - self.seconds <= elapsed + AGREEMENT

    def confirm(self) -> PlaybackStart:
        """Return the start once a report agrees with it."""
        return self._replace(old_reports=())

    def update_stream(
        self, sources: PlaybackSources, old_stream: Position | None, now: float
    ) -> PlaybackStart:
        """Return the start, given the position of the player's stream and the one before.

        A stream that is older than the start is further than one can be that began with it. Nor
        does it go back, unless a player leaves it for that of a group.
        """
        if self.has_stream or (stream := sources.stream_position) is None:
            return self
        longest = stream.seconds + max(sources.reported_at - stream.at, 0.0)
        has_gone_back = (
            old_stream is not None
            and self.seconds == 0.0  # of an item, not of a member
            and old_stream.at < stream.at
            and stream.seconds < old_stream.seconds - AGREEMENT
        )
        return self._replace(has_stream=has_gone_back or longest <= now - self.at + AGREEMENT)


class Playback(NamedTuple):
    """Represent the shown playback.

    `item` may be unknown although its id is known; `left` are the items that were left lately and
    when; `denied` is a reported position that wasn't believed; `last_command` and
    `position_command` are the numbers of the last command before the item changed, and of the
    last one whose position was used.
    """

    sources: PlaybackSources = PlaybackSources()
    item_id: str | None = None
    item: LazyQueueItem | None = None
    queue_index: int | None = None
    left: tuple[tuple[str, float], ...] = ()
    held: HeldItem | None = None
    start: PlaybackStart | None = None
    position: Position | None = None
    denied: Position | None = None
    last_stream_position: Position | None = None
    last_command: int = 0
    position_command: int = 0

    @property
    def has_current_media(self) -> bool:
        """Return if the player's media is the shown item."""
        sources = self.sources
        if not sources.has_media:
            return self.item_id is None
        return not sources.has_queue or sources.media_item_id in (None, self.item_id)


def get_sources(
    player: Player, queue: LazyQueue | None, commands: tuple[PlaybackCommand, ...] = ()
) -> PlaybackSources:
    """Return what a queue and its player say of playback."""
    media = player.current_media
    return PlaybackSources(
        queue_id=queue.queue_id if queue else None,
        queue_item=queue.lazy_current_item if queue else None,
        queue_index=queue.current_index if queue else None,
        has_queue=queue is not None,
        has_items=queue is not None and queue.items > 0,
        media_item_id=media.queue_item_id if media else None,
        has_media=media is not None,
        is_playing=player.playback_state is PlaybackState.PLAYING,
        is_queue_playing=queue is not None and queue.state is PlaybackState.PLAYING,
        speed=queue.playback_speed if queue else 1.0,
        queue_position=_get_position(queue),
        media_position=_get_media_position(player, media),
        stream_position=_get_position(player),
        members=tuple(player.group_members),
        commands=commands,
    )


def _get_position(source: Player | LazyQueue | PlayerMedia | None) -> Position | None:
    if source is None or source.elapsed_time is None:
        return None
    updated_at = validate_timestamp(source.elapsed_time_last_updated)
    return None if updated_at is None else Position(source.elapsed_time, updated_at)


def _get_media_position(player: Player, media: PlayerMedia | None) -> Position | None:
    """Return the position as sent with the media or, by older servers, with the player."""
    return None if media is None else _get_position(media) or _get_position(player)


def validate_timestamp(timestamp: float | None) -> float | None:
    """Return a timestamp, or None if it can't be converted to a date."""
    return timestamp if timestamp is not None and 0 < timestamp < MAX_TIMESTAMP else None


def merge_playback(before: Playback | None, sources: PlaybackSources, now: float) -> Playback:
    """Return the playback to show, from the one shown before and the current sources."""
    if before is None or _has_other_queue(before.sources, sources):
        return _build_first(sources)
    is_due = before.held is not None and before.held.until <= now
    if before.sources == sources and not is_due:
        return before
    if _has_only_reports(before, sources):
        return _update_reports(before, sources)
    return _update_position(before, _update_item(before, sources, now), now)


def _has_only_reports(before: Playback, sources: PlaybackSources) -> bool:
    """Return if nothing but positions can have changed, as in most updates."""
    return (
        before.held is None
        and before.start is None
        and not sources.commands
        and before.item_id == sources.item_id
        and before.sources.is_active == sources.is_active
        and before.sources.members == sources.members
    )


def _update_reports(before: Playback, sources: PlaybackSources) -> Playback:
    """Return what the other functions would, at a third of their cost."""
    is_known = before.item_id is not None and before.item_id == sources.queue_item_id
    return before._replace(
        sources=sources,
        item=sources.queue_item if is_known else before.item,
        queue_index=sources.queue_index if is_known else before.queue_index,
        position=_get_report(sources, before.item_id),
        last_stream_position=sources.stream_position or before.last_stream_position,
    )


def _has_other_queue(before: PlaybackSources, after: PlaybackSources) -> bool:
    """Return if the player plays another queue, that of a group, which may be playing for long."""
    return before.has_queue and after.has_queue and before.queue_id != after.queue_id


def _build_first(sources: PlaybackSources) -> Playback:
    item_id = sources.item_id
    answered = (command.number for command in sources.commands if command.answered_at is not None)
    number = max(answered, default=0)
    return Playback(
        sources=sources,
        item_id=item_id,
        item=sources.queue_item if item_id == sources.queue_item_id else None,
        queue_index=sources.queue_index,
        position=_get_report(sources, item_id),
        last_stream_position=sources.stream_position,
        last_command=number,
        position_command=number,
    )


# The item


def _update_item(before: Playback, sources: PlaybackSources, now: float) -> Playback:
    """Return the playback with the current item, unless it has to be held."""
    item_id = sources.item_id
    is_same = item_id == before.item_id
    if not is_same and (held := _hold_item(before, sources, now)):
        return before._replace(sources=sources, held=held)
    is_known = item_id is not None and item_id == sources.queue_item_id
    after = before._replace(sources=sources, held=None)
    if is_known or not is_same:
        after = after._replace(
            item=sources.queue_item if is_known else None,
            queue_index=sources.queue_index if is_known or item_id is None else None,
        )
    if is_same:
        return after
    left = [(other, at) for other, at in before.left if now - at < RETURN_TIME]
    if before.item_id is not None:
        left.append((before.item_id, now))
    number = max((command.number for command in sources.commands), default=before.last_command)
    return after._replace(item_id=item_id, left=tuple(left), last_command=number)


def _hold_item(before: Playback, sources: PlaybackSources, now: float) -> HeldItem | None:
    """Return until when another item isn't believed, None if it is."""
    if before.item_id is None:
        return None
    item_id = sources.item_id
    if item_id is None:
        is_doubtful, duration = sources.is_playing and sources.has_items, GAP_TIME
    else:
        is_return = any(item_id == other and now - at < RETURN_TIME for other, at in before.left)
        is_same_return = before.held is not None and before.held.item_id == item_id
        is_doubtful, duration = is_return or is_same_return, RETURN_TIME
    if not is_doubtful or _is_commanded(before, sources, now) or _is_at_end(before, now):
        return None
    held = before.held or HeldItem(item_id, now + duration, now, before.sources.reported_at)
    if held.until <= now:
        return None
    if held.item_id == item_id:
        return held
    return HeldItem(item_id, held.until, now, before.sources.reported_at)


def _is_commanded(before: Playback, sources: PlaybackSources, now: float) -> bool:
    """Return if Home Assistant sent a command since the last change that explains one."""
    return sources.item_id is not None and any(
        command.changes_item and command.number > before.last_command and is_recent(command, now)
        for command in sources.commands
    )


def is_recent(command: PlaybackCommand, now: float) -> bool:
    """Return if the server may still act on a command."""
    return command.answered_at is None or now - command.answered_at < COMMAND_TIME


def _is_at_end(before: Playback, now: float) -> bool:
    """Return if the item has played to its end."""
    duration = before.item.duration if before.item else None
    if not duration or before.position is None or before.sources.item_id is None:
        return False
    return extrapolate_position(before, now) >= duration - END_TOLERANCE


# The position


def extrapolate_position(playback: Playback, now: float) -> float:
    """Return the position that is shown at a time, in seconds."""
    if (position := playback.position) is None:
        return 0.0
    if not playback.sources.is_active:
        return position.seconds
    return position.seconds + max(now - position.at, 0.0) * playback.sources.speed


def _get_report(sources: PlaybackSources, item_id: str | None) -> Position | None:
    """Return the newest position about an item."""
    return max(sources.get_reports(item_id), key=_GET_TIME, default=None)


def _update_position(before: Playback, after: Playback, now: float) -> Playback:
    """Return the playback with the position."""
    sources = after.sources
    stream_position = sources.stream_position or before.last_stream_position
    after = after._replace(last_stream_position=stream_position)
    has_stopped = before.sources.is_active and not sources.is_active
    if has_stopped and after.held is None:  # from then on the server is right
        after = after._replace(start=None, denied=None)
    if (command := _find_position_command(before, after)) is not None:
        after = after._replace(position_command=command.number)
    start = _detect_start(before, after, command, now)
    if start is not None:
        position = Position(start.seconds, start.at)
        after = after._replace(start=start, position=position, denied=None)
    if after.start is not None:
        after = after._replace(
            start=after.start.update_stream(sources, before.last_stream_position, now)
        )
    if (report := _get_report(sources, after.item_id)) is not None:
        # a report that comes with the start may be the only one that tells where it is
        old_stream = stream_position if start is None else before.last_stream_position
        return _judge_report(after, report, old_stream, now)
    is_kept = after.start is not None or after.held is not None
    return after if is_kept else after._replace(position=None)


def _find_position_command(before: Playback, after: Playback) -> PlaybackCommand | None:
    """Return the command of Home Assistant whose position applies now.

    It applies when it is answered, so that a refused one never does, or when the item changes.
    """
    is_changed = before.item_id != after.item_id
    commands = (
        command
        for command in after.sources.commands
        if command.position is not None
        and command.number > before.position_command
        and (command.answered_at is not None or (is_changed and command.changes_item))
    )
    return max(commands, default=None)


def _detect_start(
    before: Playback, after: Playback, command: PlaybackCommand | None, now: float
) -> PlaybackStart | None:
    """Return the start of playback that has just happened."""
    sources = after.sources
    start = PlaybackStart(0.0, now, before.sources.reported_at)
    if command is not None and command.position is not None:
        old_reports = before.sources.get_reports(before.item_id)
        duration = after.item.duration if after.item else None
        seconds = min(command.position, duration or command.position)  # servers seek to the end
        return start._replace(seconds=seconds, old_reports=old_reports)
    if before.item_id != after.item_id:
        if (held := before.held) is not None and held.item_id == after.item_id:
            start = start._replace(at=held.since, reported_at=held.reported_at)
        return start if after.item_id is not None and before.sources.has_queue else None
    is_resumed = sources.is_active and not before.sources.is_active
    is_regrouped = sources.is_active and sources.members != before.sources.members
    if after.position is not None and (is_resumed or is_regrouped):
        return start._replace(seconds=extrapolate_position(before, now))
    return None


def _judge_report(
    playback: Playback, report: Position, old_stream: Position | None, now: float
) -> Playback:
    """Return the playback with a reported position, if it is believed."""
    start = playback.start
    if start is None:
        return playback._replace(position=report)
    agrees = start.agrees(report.seconds, now, playback.sources.speed)
    if report.at <= start.reported_at:
        if abs(report.seconds - start.seconds) <= AGREEMENT:
            start = start.confirm()
        return playback._replace(start=start)
    if agrees:
        return playback._replace(start=start.confirm(), position=report, denied=None)
    if _is_of_old_stream(playback, start, report, old_stream):
        return playback._replace(denied=report)
    return playback._replace(start=None, position=report, denied=None)


def _is_of_old_stream(
    playback: Playback,
    start: PlaybackStart,
    report: Position,
    stream: Position | None,
) -> bool:
    """Return if a report goes on from one that doesn't count, or has the old stream added."""
    denied = (playback.denied,) if playback.denied and not start.has_stream else ()
    if any(_goes_on(old, report, playback.sources) for old in (*denied, *start.old_reports)):
        return True
    if start.has_stream:
        return False
    streams = start.old_reports if stream is None else (stream,)
    added = report.seconds - start.seconds
    return any(
        old.seconds - AGREEMENT <= added <= old.extrapolate(report.at).seconds + AGREEMENT
        for old in streams
    )


def _goes_on(old: Position, report: Position, sources: PlaybackSources) -> bool:
    """Return if a report is an older one that went on, or stood still."""
    elapsed = max(report.at - old.at, 0.0) * sources.speed
    ahead = report.seconds - old.seconds
    return abs(ahead) <= AGREEMENT or (sources.is_active and abs(ahead - elapsed) <= AGREEMENT)


def is_playing(player: Player, queue: LazyQueue | None) -> bool:
    """Return if a player plays. A group may say it only by its queue."""
    if player.playback_state is PlaybackState.PLAYING:
        return True
    is_group = player.type is PlayerType.GROUP
    return is_group and queue is not None and queue.state is PlaybackState.PLAYING


def is_announcing(player: Player) -> bool:
    """Return if a player plays an announcement."""
    media = player.current_media
    return media is not None and media.media_type is MediaType.ANNOUNCEMENT
