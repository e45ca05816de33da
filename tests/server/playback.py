"""Playback of queues: the clock runs, tracks end, players follow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import partial
import random
from typing import TYPE_CHECKING

from music_assistant_models.enums import (
    EventType,
    MediaType,
    PlaybackState,
    PlayerType,
    QueueOption,
    RepeatMode,
)
from music_assistant_models.media_items import AudioFormat, MediaItem, PlayableMediaItemType
from music_assistant_models.playback_progress_report import MediaItemPlaybackProgressReport
from music_assistant_models.player import Player, PlayerMedia
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem
from music_assistant_models.streamdetails import StreamDetails, StreamMetadata

from . import groups, images, reports
from .reports import Reports, Sequence

if TYPE_CHECKING:
    from .server import MassServer

POSITION_JUMP_THRESHOLD = 2.0  # a position that is off by less is not worth an event
STREAM_TITLE_INTERVAL = 60  # seconds between the titles of a radio station
ENDED_QUEUES_SINCE = 46
# Since the first schema what is played plays in order, unless the queue was mixed just before (in
# seconds) or `play_media` says so (server's pull request 5740; 53 by mobile-app's 882); since the
# second one only media that has an order does (5867 and 6404, whose exact schema isn't known).
IN_ORDER_SINCE = 53
ORDERED_MEDIA_SINCE = 90
ORDERED_MEDIA = frozenset(
    {
        MediaType.ALBUM,
        MediaType.PODCAST,
        MediaType.PODCAST_EPISODE,
        MediaType.AUDIOBOOK,
        MediaType.AUDIO_SOURCE,
    }
)
REFILL_THRESHOLD = 10.0
SHORTEST_NAP, LONGEST_NAP = 0.02, 1.0
CLEAR_ENDED_AFTER = 5.0  # seconds
FAILED_ANNOUNCEMENT_TIME = 0.73  # seconds until a real server knows that it can't announce
# Seconds after which fields of players show a change.
VOLUME_DELAYS = {"volume_level": 0.26, "group_volume": 0.51, "group_volume_muted": 0.51}

_STREAM_TITLES = (
    ("The Paper Lanterns", "Slow Morning"),
    ("Ada Finch", "Glass Harbour"),
    (None, "News at the top of the hour"),
    ("Kōji & the Tide", "Nachtzug"),
)


@dataclass
class Playback:
    """Represent the playback of all queues; every change sends events."""

    server: MassServer
    announcement_seconds: float = 0.2
    _users: dict[str, str] = field(default_factory=dict)  # queue id -> who started it
    _external: dict[str, PlayerMedia] = field(default_factory=dict)  # what a native source plays
    _mix: random.Random = field(default_factory=lambda: random.Random(1))
    _mixed_at: dict[str, float] = field(default_factory=dict)  # queue id -> when it was asked for
    _ticker: asyncio.Task[None] | None = None
    _stream_starts: dict[str, float] = field(default_factory=dict)  # queue id -> position
    announcement_error: Exception | None = None  # with which a real server fails to announce
    reporter: Reports = field(init=False)

    def __post_init__(self) -> None:
        """Create the reports."""
        self.reporter = Reports(self.server)

    # Who plays what

    def get_player(self, player_id: str) -> Player:
        """Return a player; raises if there is none."""
        return self.server.players[player_id]

    def get_leader_id(self, player_id: str) -> str:
        """Return the id of the player whose queue a player plays."""
        player = self.get_player(player_id)
        leader = player.synced_to or player.active_group
        return leader if leader and leader in self.server.players else player_id

    def get_follower_ids(self, player_id: str) -> list[str]:
        """Return the ids of the players that play along with a player."""
        members = self.get_player(player_id).group_members
        return [
            member
            for member in members
            if member != player_id
            and member in self.server.players
            and self.get_leader_id(member) == player_id
        ]

    def get_active_queue(self, player_id: str) -> PlayerQueue | None:
        """Return the queue that a player plays, None while it plays a source of its own."""
        leader = self.get_leader_id(player_id)
        return None if leader in self._external else self.server.queues.get(leader)

    def get_items(self, queue: PlayerQueue) -> list[QueueItem]:
        """Return the items of a queue."""
        return self.server.queue_items[queue.queue_id]

    def get_position(self, queue: PlayerQueue) -> float:
        """Return the position of a queue in its item."""
        if queue.state is not PlaybackState.PLAYING:
            return queue.elapsed_time
        passed = self.server.clock() - queue.elapsed_time_last_updated
        return queue.elapsed_time + max(passed, 0) * queue.playback_speed

    def get_stream_position(self, queue: PlayerQueue) -> float:
        """Return the position of a player in its stream, which begins anew at each start."""
        start = self._stream_starts.get(queue.queue_id, 0.0)
        return max(self.get_position(queue) - start, 0.0)

    def _get_playing_queues(self) -> Iterator[PlayerQueue]:
        queues = list(self.server.queues.values())
        return (queue for queue in queues if queue.state is PlaybackState.PLAYING)

    # Time

    def start_clock(self) -> None:
        """Run the clock while something plays."""
        if self.server.is_started and (self._ticker is None or self._ticker.done()):
            self._ticker = self.server.create_task(self._run_clock())

    def stop_clock(self) -> None:
        """Stop the clock."""
        if self._ticker:
            self._ticker.cancel()

    async def _run_clock(self) -> None:
        """Update until nothing plays."""
        while remaining := [
            self._get_time_to_next_update(queue) for queue in self._get_playing_queues()
        ]:
            await asyncio.sleep(min(max(min(remaining), SHORTEST_NAP), LONGEST_NAP))
            self.update()

    def _get_time_to_next_update(self, queue: PlayerQueue) -> float:
        """Return after how many seconds a queue needs an update."""
        if not (duration := self._get_duration(queue)):
            return LONGEST_NAP
        return duration - self.get_position(queue)

    def _get_duration(self, queue: PlayerQueue) -> int | None:
        return queue.current_item.duration if queue.current_item else None

    def update(self) -> None:
        """Handle everything that is due: ends of tracks, stream titles, sleep timers."""
        for queue in self._get_playing_queues():
            self._update_current_item(queue)
            self._update_stream_title(queue)
        self._check_sleep_timers()

    def skip_time(self, seconds: float) -> None:
        """Move playback forward in time, as if everything had begun that much earlier."""
        for queue in list(self._get_playing_queues()):
            queue.elapsed_time_last_updated -= seconds
            item = queue.current_item
            self._update_current_item(queue)
            self._update_stream_title(queue)
            if queue.current_item is item and queue.state is PlaybackState.PLAYING:
                self._send_position(queue, seconds)
        self._check_sleep_timers()

    def _update_current_item(self, queue: PlayerQueue) -> None:
        """Continue with the item that should be playing now."""
        while (
            queue.state is PlaybackState.PLAYING
            and (duration := self._get_duration(queue))
            and (over := self.get_position(queue) - duration) >= 0
        ):
            index = self._get_next_index(queue)
            self.reporter.report(
                queue,
                reports.LAST_END if index is None else reports.NATURAL_END,
                partial(self._continue_with, queue, index, over),
            )

    def _continue_with(self, queue: PlayerQueue, index: int | None, position: float) -> None:
        """Continue with an item after another one, or end."""
        self._report_played(queue, fully_played=True)
        if index is not None:
            self._start_item(queue, index, position)
            return
        self._end_queue(queue)
        if not self.server.prompt and self.server.schema_version < ENDED_QUEUES_SINCE:
            self.server.create_task(self._clear_ended_queue(queue))

    async def _clear_ended_queue(self, queue: PlayerQueue) -> None:
        """Empty a queue a while after its end, as older servers do."""
        await asyncio.sleep(CLEAR_ENDED_AFTER * self.server.pace)
        if queue.state is PlaybackState.IDLE:
            self.clear_queue(queue)

    def _check_sleep_timers(self) -> None:
        """Stop players whose sleep timer has expired."""
        now = self.server.clock()
        for player in list(self.server.players.values()):
            if (at := player.sleep_timer_expires_at) is not None and at <= now:
                self.set_sleep_timer(player.player_id, None)
                self.stop_queue(self.get_leader_id(player.player_id))

    def set_sleep_timer(self, player_id: str, expires_at: float | None) -> None:
        """Set or clear a sleep timer."""
        self.server.update_player(player_id, sleep_timer_expires_at=expires_at)
        self.server.send_event(EventType.PLAYER_SLEEP_TIMER_UPDATED, player_id, expires_at)

    # What comes next

    def _get_next_index(self, queue: PlayerQueue, *, by_user: bool = False) -> int | None:
        """Return the index after the current one."""
        count, index = len(self.get_items(queue)), queue.current_index or 0
        if not count:
            return None
        if queue.repeat_mode is RepeatMode.ONE and not by_user:
            return index
        if index + 1 < count:
            return index + 1
        if queue.repeat_mode is RepeatMode.ALL:
            return 0
        return self._add_similar_tracks(queue)

    def _add_similar_tracks(self, queue: PlayerQueue) -> int | None:
        """Add similar tracks to a queue that isn't to end; return the index of the first."""
        if not (queue.is_dynamic or queue.autoplay_enabled) or queue.current_item is None:
            return None
        if (media := self.server.library.get(queue.current_item.uri)) is None:
            return None
        index = len(self.get_items(queue))
        self.get_items(queue).extend(
            self._create_items(queue, self.server.library.get_similar_tracks(media))
        )
        return index if index < len(self.get_items(queue)) else None

    # Steps that tell

    def _start_item(self, queue: PlayerQueue, index: int, position: float = 0.0) -> None:
        """Play an item from a position."""
        item = self.get_items(queue)[index]
        queue.current_index = queue.index_in_buffer = index
        queue.current_item = item
        queue.playback_speed = float(item.extra_attributes.get("playback_speed") or 1)
        queue.state, queue.ended = PlaybackState.PLAYING, False
        self._set_position(queue, position)
        self._stream_starts[queue.queue_id] = position
        if item.media_type is MediaType.RADIO:
            item.streamdetails = _create_stream_media(item, *_STREAM_TITLES[0])
        self._select_queue(queue.queue_id)
        self._send_queue(queue)
        self._report_played(queue)
        self.start_clock()

    def _select_queue(self, player_id: str) -> None:
        """Make a player, and a group's members, play from the queue."""
        player = self.get_player(player_id)
        self._external.pop(player_id, None)
        if player.powered is False:
            player.powered = True
        if player.type is PlayerType.GROUP:
            self.join_members(player)

    def join_members(self, group: Player) -> None:
        """Make a group's members play what the group plays."""
        for member_id in group.group_members:
            if (member := self.server.players.get(member_id)) and member.available:
                self._external.pop(member_id, None)
                member.active_group = group.player_id
                if member.powered is False:
                    member.powered = True

    def unjoin_members(self, group: Player) -> None:
        """Remove a group's members, which stop playing."""
        for member_id in self.get_follower_ids(group.player_id):
            self.get_player(member_id).active_group = None
            self.update_player(member_id)

    def _end_queue(self, queue: PlayerQueue) -> None:
        """End a queue; the last item stays the current one."""
        queue.state = PlaybackState.IDLE
        queue.ended = self.server.schema_version >= ENDED_QUEUES_SINCE
        self._set_position(queue, 0.0)
        self._send_queue(queue)

    def _set_position(self, queue: PlayerQueue, position: float) -> None:
        queue.elapsed_time = max(position, 0.0)
        queue.elapsed_time_last_updated = self.server.clock()

    def _send_position(self, queue: PlayerQueue, seconds: float) -> None:
        """Send a position that clients can't have computed."""
        self._set_position(queue, self.get_position(queue))
        if abs(seconds) > POSITION_JUMP_THRESHOLD:
            self.server.send_event(EventType.QUEUE_TIME_UPDATED, queue.queue_id, queue.elapsed_time)
        self.update_player(queue.queue_id)

    def _send_queue(self, queue: PlayerQueue, *, items: bool = False) -> None:
        """Send a queue and the players that play it."""
        queue_id = queue.queue_id
        self.update_queue(queue)
        if items:
            self.server.send_event(EventType.QUEUE_ITEMS_UPDATED, queue_id, queue)
        self.server.send_event(EventType.QUEUE_UPDATED, queue_id, queue)
        if queue_id in self.server.players:
            self.update_player(queue_id)

    def update_queue(self, queue: PlayerQueue) -> None:
        """Update the derived fields of a queue; servers update the time of the position too."""
        if queue.elapsed_time_last_updated <= self.server.clock():  # else it is yet to begin
            self._set_position(queue, self.get_position(queue))
        items = self.get_items(queue)
        queue.items = len(items)
        for index, item in enumerate(items):
            item.index = index
        after = None if queue.current_index is None else queue.current_index + 1
        wraps = queue.repeat_mode is RepeatMode.ALL and after == len(items)
        following = 0 if wraps else after
        queue.next_item = None
        if queue.repeat_mode is RepeatMode.ONE:
            queue.next_item = queue.current_item
        elif following is not None and following < len(items):
            queue.next_item = items[following]
        queue.active = self.get_leader_id(queue.queue_id) == queue.queue_id and (
            queue.queue_id not in self._external
        )

    def update_player(self, player_id: str) -> None:
        """Update a player and its followers and send them."""
        for each in (player_id, *self.get_follower_ids(player_id)):
            self._update_current_media(self.get_player(each))
            self.server.update_player(each)

    def update_players(self) -> None:
        """Update all players without sending them."""
        for player in self.server.players.values():
            groups.update_group_volume(self.server, player)
            self._update_current_media(player)

    def _update_current_media(self, player: Player) -> None:
        """Set what a player shows: its own source, or a queue."""
        leader = self.get_leader_id(player.player_id)
        now = self.server.clock()
        if media := self._external.get(leader):
            player.current_media = media
            player.playback_state = PlaybackState.PLAYING
            player.active_source = media.source_id
            player.elapsed_time = None
            return
        player.active_source = leader
        if (queue := self.server.queues.get(leader)) is None:
            return
        player.playback_state = queue.state
        player.elapsed_time = self.get_position(queue)
        if not self.server.prompt:
            playing = queue.state is not PlaybackState.IDLE
            player.elapsed_time = self.get_stream_position(queue) if playing else None
        player.elapsed_time_last_updated = now
        player.current_media = self.create_media(
            queue, queue.current_item, self.get_position(queue)
        )

    def create_media(
        self, queue: PlayerQueue, item: QueueItem | None, position: float
    ) -> PlayerMedia | None:
        """Return an item of a queue as players show it."""
        if item is None:
            return None
        media = item.media_item
        on_air = item.streamdetails.stream_metadata if item.streamdetails else None
        title = media.name if media else item.name
        return PlayerMedia(
            uri=item.uri,
            media_type=item.media_type,
            title=on_air.title if on_air else title,
            artist=on_air.artist if on_air else _get_artists(media),
            album=title if on_air else _get_album(media),
            album_artist=self._get_album_artist(media),
            image_url=images.get_image_url(self.server, item.image) if item.image else None,
            duration=item.duration or None,
            source_id=queue.queue_id,
            queue_item_id=item.queue_item_id,
            elapsed_time=int(position),
            elapsed_time_last_updated=self.server.clock(),
        )

    def _get_album_artist(self, media: object) -> str | None:
        """Return the artist of the album, of which a queue item has only the name."""
        album = getattr(media, "album", None)
        return _get_artists(self.server.library.get(album.uri)) if album else None

    def _update_stream_title(self, queue: PlayerQueue) -> None:
        """Change the stream title when it is due."""
        item = queue.current_item
        if item is None or item.media_type is not MediaType.RADIO:
            return
        stream = _create_stream_media(
            item,
            *_STREAM_TITLES[
                int(self.get_position(queue) // STREAM_TITLE_INTERVAL) % len(_STREAM_TITLES)
            ],
        )
        if item.streamdetails != stream:
            item.streamdetails = stream
            self._send_queue(queue)

    def _report_played(self, queue: PlayerQueue, *, fully_played: bool = False) -> None:
        """Send how much of an item was played, and add it to the log."""
        seconds, item = self.get_position(queue), queue.current_item
        self.report_played(queue, item, seconds, fully_played=fully_played)
        playing = queue.state is PlaybackState.PLAYING and not fully_played
        if not playing and item and (played := self.server.library.get(item.uri)):
            self.server.library.add_play(
                played,
                user_id=self._users.get(queue.queue_id),
                queue_id=queue.queue_id,
                seconds=int(seconds),
                fully_played=fully_played,
                at=self.server.clock(),
            )

    def report_played(
        self,
        queue: PlayerQueue,
        item: QueueItem | None,
        seconds: float,
        *,
        fully_played: bool = False,
    ) -> None:
        """Send how much of an item was played."""
        if item is None or (media := item.media_item) is None:
            return
        report = MediaItemPlaybackProgressReport(
            uri=item.uri,
            media_type=item.media_type,
            name=media.name,
            duration=item.duration or 0,
            seconds_played=item.duration or 0 if fully_played else int(seconds),
            fully_played=fully_played,
            is_playing=queue.state is PlaybackState.PLAYING and not fully_played,
            artist=_get_artists(media),
            album=_get_album(media),
            image_url=images.get_image_url(self.server, item.image) if item.image else None,
            userid=self._users.get(queue.queue_id),
            player_id=queue.queue_id,
        )
        self.server.send_event(EventType.MEDIA_ITEM_PLAYED, item.uri, report)

    # What clients ask for

    def play_index(
        self,
        queue: PlayerQueue,
        index: int,
        position: float = 0.0,
        sequences: tuple[Sequence, ...] = reports.PLAY_INDEX,
    ) -> None:
        """Play the item at an index."""
        if queue.state is PlaybackState.IDLE:
            sequences = reports.RESTART
        self.reporter.report(queue, sequences, partial(self._play_index, queue, index, position))

    def _play_index(self, queue: PlayerQueue, index: int, position: float) -> None:
        if queue.state is not PlaybackState.IDLE:
            self._report_skipped(queue)
        self._start_item(queue, index, position)

    def _report_skipped(self, queue: PlayerQueue) -> None:
        """Report an item that is left before its end."""
        self._set_position(queue, self.get_position(queue))
        queue.state = PlaybackState.PAUSED
        self._report_played(queue)

    def resume(self, queue: PlayerQueue, sequences: tuple[Sequence, ...] = reports.RESUME) -> None:
        """Resume a queue, or start it."""
        if queue.state is PlaybackState.PAUSED:
            change = partial(self._unpause, queue, new_stream=sequences is reports.RESUME)
            self.reporter.report(queue, sequences, change)
        elif queue.state is PlaybackState.IDLE and self.get_items(queue):
            index = 0 if queue.ended else queue.current_index or 0
            self.play_index(queue, index, queue.resume_pos)

    def _unpause(self, queue: PlayerQueue, *, new_stream: bool) -> None:
        if new_stream:
            self._stream_starts[queue.queue_id] = queue.elapsed_time
        self._set_position(queue, queue.elapsed_time)
        queue.state = PlaybackState.PLAYING
        self._select_queue(queue.queue_id)
        self._send_queue(queue)
        self.start_clock()

    def pause(self, queue: PlayerQueue) -> None:
        """Pause a queue."""
        if queue.state is PlaybackState.PLAYING and not self.reporter.report_lost_pause(queue):
            self.reporter.report(queue, reports.PAUSE, partial(self._pause, queue))

    def _pause(self, queue: PlayerQueue) -> None:
        self._report_skipped(queue)
        self._send_queue(queue)

    def stop_queue(self, queue_id: str, sequences: tuple[Sequence, ...] = reports.STOP) -> None:
        """Stop whatever a player plays."""
        player = self.server.players.get(queue_id)
        if player and self._external.pop(queue_id, None):
            self.update_player(queue_id)
        queue = self.server.queues.get(queue_id)
        if queue is None:
            return
        if queue.state is not PlaybackState.IDLE:
            self.reporter.report(queue, sequences, partial(self._stop, queue))
        elif self.reporter.show(queue).state is not PlaybackState.IDLE:
            self.reporter.cancel(queue_id)
            self._send_queue(queue)

    def _stop(self, queue: PlayerQueue) -> None:
        queue.resume_pos = int(self.reporter.get_shown_position(queue))
        self._report_skipped(queue)
        queue.state = PlaybackState.IDLE
        self._set_position(queue, 0.0)
        self._send_queue(queue)

    def seek(self, queue: PlayerQueue, position: float) -> None:
        """Seek in the item."""
        duration = self._get_duration(queue)
        if queue.current_item is None or not duration:
            return
        position = min(max(position, 0), duration)
        if queue.state is PlaybackState.PLAYING:
            self.reporter.report(queue, reports.SEEK, partial(self._seek, queue, position))
        else:
            self.reporter.cancel(queue.queue_id)
            self._seek(queue, position)

    def _seek(self, queue: PlayerQueue, position: float) -> None:
        before = self.get_position(queue)
        self._set_position(queue, position)
        self._stream_starts[queue.queue_id] = position
        self._send_position(queue, queue.elapsed_time - before)
        self.start_clock()

    def restart_stream(self, player_id: str) -> None:
        """Go on in a new stream, as a real leader does when a player leaves its group."""
        queue = self.server.queues.get(player_id)
        if queue and queue.state is PlaybackState.PLAYING and not self.server.prompt:
            change = partial(self._seek, queue, self.get_position(queue))
            self.reporter.report(queue, reports.LEAVE, change)

    def set_speed(self, queue: PlayerQueue, speed: float) -> None:
        """Continue at another speed."""
        self._set_position(queue, self.get_position(queue))
        queue.playback_speed = speed
        self._send_queue(queue)

    def skip_to_next(self, queue: PlayerQueue) -> None:
        """Play the next item, or end the queue."""
        if (index := self._get_next_index(queue, by_user=True)) is not None:
            is_group = bool(self.get_follower_ids(queue.queue_id))
            sequences = reports.NEXT_IN_GROUP if is_group else reports.NEXT
            self.play_index(queue, index, sequences=sequences)
        elif queue.state is not PlaybackState.IDLE:
            self.reporter.report(queue, reports.STOP, partial(self._skip_to_end, queue))

    def _skip_to_end(self, queue: PlayerQueue) -> None:
        self._report_skipped(queue)
        self._end_queue(queue)

    def set_shuffle(self, queue: PlayerQueue, enabled: bool) -> None:
        """Shuffle the items that weren't played, or restore their order."""
        if queue.shuffle_enabled == enabled:
            return
        queue.shuffle_enabled = enabled
        self._mixed_at[queue.queue_id] = self.server.clock() if enabled else 0
        items, first = self.get_items(queue), self._get_first_unplayed_index(queue)
        rest = items[first:]
        if enabled:
            self._mix.shuffle(rest)
        else:
            rest.sort(key=lambda item: item.sort_index)
        items[first:] = rest
        self._send_queue(queue, items=True)

    def _get_first_unplayed_index(self, queue: PlayerQueue) -> int:
        return 0 if queue.current_index is None else queue.current_index + 1

    def send_queue(self, queue: PlayerQueue, *, items: bool = False) -> None:
        """Send a queue that was changed from outside."""
        if queue.current_item in self.get_items(queue):
            queue.current_index = self.get_items(queue).index(queue.current_item)
        self._send_queue(queue, items=items)

    def clear_queue(self, queue: PlayerQueue) -> None:
        """Remove all items of a queue."""
        is_idle = queue.state is PlaybackState.IDLE
        sequences = reports.CLEAR_ENDED if is_idle else reports.CLEAR
        self.reporter.report(queue, sequences, partial(self._clear, queue))

    def _clear(self, queue: PlayerQueue) -> None:
        self.stop_queue(queue.queue_id)
        self.get_items(queue).clear()
        queue.current_index = queue.index_in_buffer = queue.current_item = None
        queue.ended, queue.resume_pos = False, 0
        if queue.is_dynamic and self.server.schema_version >= IN_ORDER_SINCE:
            queue.shuffle_enabled = False  # only the mix was shuffled (pull request 5758)
        queue.is_dynamic, queue.sources = False, []
        self._send_queue(queue, items=True)

    def _should_shuffle(
        self,
        queue: PlayerQueue,
        option: QueueOption,
        shuffle: bool | None,
        media_type: MediaType | None,
    ) -> bool:
        """Return whether new items are shuffled; older servers use only the queue's setting."""
        begins = option in (QueueOption.PLAY, QueueOption.REPLACE)
        if self.server.schema_version < IN_ORDER_SINCE or not begins or queue.is_dynamic:
            return queue.shuffle_enabled
        if shuffle is not None:
            return shuffle
        if self.server.schema_version >= ORDERED_MEDIA_SINCE:
            return queue.shuffle_enabled and media_type not in ORDERED_MEDIA
        return self.server.clock() - self._mixed_at.get(queue.queue_id, 0) < REFILL_THRESHOLD

    def add_items(
        self,
        queue: PlayerQueue,
        media: Iterable[PlayableMediaItemType],
        option: QueueOption,
        user_id: str | None = None,
        *,
        shuffle: bool | None = None,
        media_type: MediaType | None = None,
    ) -> None:
        """Add items, those of media of a type, to a queue; play them if the option says so."""
        items = list(media)
        should_shuffle = self._should_shuffle(queue, option, shuffle, media_type)
        change = partial(self._add_items, queue, items, option, user_id, should_shuffle)
        sequences = _get_sequences(items, option, self._get_shown_state(queue))
        if sequences is reports.START and self.get_follower_ids(queue.queue_id):
            sequences = reports.START_IN_GROUP
        self.reporter.report(queue, sequences, change)

    def _get_shown_state(self, queue: PlayerQueue) -> PlaybackState:
        """Return if a queue plays, or its player is paused."""
        if (state := self.reporter.show(queue).state) is PlaybackState.PAUSED:
            player = self.server.players.get(queue.queue_id)
            return player.playback_state if player else state
        return state

    def _add_items(
        self,
        queue: PlayerQueue,
        media: Iterable[PlayableMediaItemType],
        option: QueueOption,
        user_id: str | None,
        shuffle: bool,
    ) -> None:
        is_stuck = (
            self._get_shown_state(queue) is not PlaybackState.IDLE and option is QueueOption.REPLACE
        )
        queue.shuffle_enabled = shuffle
        new, items = self._create_items(queue, media), self.get_items(queue)
        if queue.shuffle_enabled:
            self._mix.shuffle(new)
        after = self._get_first_unplayed_index(queue)
        start: int | None = None
        if user_id and option in (QueueOption.PLAY, QueueOption.REPLACE):
            self._users[queue.queue_id] = user_id
        match option:
            case QueueOption.REPLACE:
                items[:] = new
                start = 0
            case QueueOption.PLAY:
                items[after:after] = new
                start = after
            case QueueOption.NEXT:
                items[after:after] = new
            case QueueOption.REPLACE_NEXT:
                items[after:] = new
            case _:
                items.extend(new)
        queue.ended = False
        if queue.current_item is None and start is None:
            queue.current_index, queue.current_item = 0, items[0]
        self.update_queue(queue)
        self.server.send_event(EventType.QUEUE_ITEMS_UPDATED, queue.queue_id, queue)
        if start is None:
            self._send_queue(queue)
        else:
            self.play_index(queue, start)
        if is_stuck and not self.server.prompt:
            queue.state = PlaybackState.IDLE

    def _create_items(
        self, queue: PlayerQueue, media: Iterable[PlayableMediaItemType | MediaItem]
    ) -> list[QueueItem]:
        """Return queue items that know their place in the original order."""
        first = max((item.sort_index for item in self.get_items(queue)), default=-1) + 1
        items = []
        for number, each in enumerate(media, first):
            item = QueueItem.from_media_item(queue.queue_id, copy(each))  # type: ignore[arg-type]
            item.sort_index = number
            items.append(item)
        return items

    def move_queue(self, source: PlayerQueue, target: PlayerQueue, *, play: bool | None) -> None:
        """Move a queue, its position and its modes to another player."""
        position, index = self.get_position(source), source.current_index
        if play is None:
            play = source.state is PlaybackState.PLAYING
        items = list(self.get_items(source))
        for item in items:
            item.queue_id = target.queue_id
        self.clear_queue(source)
        self.get_items(target)[:] = items
        target.shuffle_enabled, target.repeat_mode = source.shuffle_enabled, source.repeat_mode
        target.current_index = index
        target.current_item = items[index or 0]
        target.resume_pos = int(position)
        self._send_queue(target, items=True)
        if play:
            self.play_index(target, index or 0, position)

    # Sources of the player's own

    def play_source(self, player: Player, source_id: str) -> None:
        """Play one of a player's own inputs; its queue stops."""
        source = next(source for source in player.source_list if source.id == source_id)
        self.stop_queue(player.player_id)
        self._external[player.player_id] = PlayerMedia(
            uri=source.id, title=source.name, source_id=source.id
        )
        if queue := self.server.queues.get(player.player_id):
            self._send_queue(queue)

    def play_queue(self, player: Player) -> None:
        """Make a player play its queue again."""
        self._external.pop(player.player_id, None)
        if queue := self.server.queues.get(player.player_id):
            self._send_queue(queue)

    # Announcements

    async def play_announcement(self, player: Player, url: str, volume: int | None) -> None:
        """Play an announcement, then continue what played before."""
        queue = self.server.queues.get(self.get_leader_id(player.player_id))
        playing = queue is not None and queue.state is PlaybackState.PLAYING
        if self.announcement_error:
            await self._fail_to_announce(player, volume, self.announcement_error)
        if queue and playing:
            self.pause(queue)
        before = player.volume_level
        self.server.update_player(
            player.player_id,
            playback_state=PlaybackState.PLAYING,
            volume_level=before if volume is None else volume,
            current_media=PlayerMedia(
                uri=url, media_type=MediaType.ANNOUNCEMENT, title="Announcement"
            ),
        )
        await asyncio.sleep(self.announcement_seconds)
        player.volume_level = before
        self.update_player(player.player_id)
        if queue and playing:
            self.resume(queue)

    async def _fail_to_announce(self, player: Player, volume: int | None, error: Exception) -> None:
        """Fail as a real server: after it has stopped the music, or let the player leave its group.

        The volume of all members stays as it was raised.
        """
        if player.synced_to:
            groups.unjoin(self.server, player)
        else:
            self.stop_queue(player.player_id, reports.FAILED_ANNOUNCEMENT)
        await asyncio.sleep(FAILED_ANNOUNCEMENT_TIME * self.server.pace)
        if volume is not None:
            members = groups.get_volume_members(self.server, player) or [player]
            self.reporter.delay_fields(members, VOLUME_DELAYS)
            for member in members:
                member.volume_level = volume
                groups.update_group_volume(self.server, member)
            groups.update_groups(self.server, members)
        raise error

    # The end

    def unjoin_player(self, player_id: str) -> None:
        """Remove a player from its groups before it is removed."""
        for follower in self.get_follower_ids(player_id):
            self.get_player(follower).synced_to = self.get_player(follower).active_group = None
            self.update_player(follower)
        self._external.pop(player_id, None)
        self._users.pop(player_id, None)
        self.reporter.cancel(player_id)

    def stop_all(self) -> None:
        """Stop everything without sending events."""
        self.reporter.cancel_all()
        for queue in self._get_playing_queues():
            queue.resume_pos = int(self.get_position(queue))
            queue.state = PlaybackState.IDLE
            self._set_position(queue, 0.0)
        self.update_players()


def _get_sequences(
    items: Iterable[PlayableMediaItemType], option: QueueOption, state: PlaybackState
) -> tuple[Sequence, ...]:
    """Return how a server reports that items are added to a queue."""
    if option is QueueOption.REPLACE:
        if any(item.media_type is MediaType.RADIO for item in items):
            return reports.START_RADIO
        return reports.REPLACE_BY_STATE.get(state, reports.START)
    if option is QueueOption.PLAY:
        return reports.PLAY_NOW if state is PlaybackState.PLAYING else reports.RESTART
    return reports.ENQUEUE


def _get_artists(media: object) -> str | None:
    """Return the names of the artists, or of the author or publisher."""
    people = getattr(media, "artists", None) or getattr(media, "authors", None) or ()
    return "/".join(getattr(each, "name", each) for each in people) or None


def _get_album(media: object) -> str | None:
    """Return the name of the album, podcast or book of an item."""
    parent = getattr(media, "album", None) or getattr(media, "podcast", None)
    return parent.name if parent else None


def _create_stream_media(item: QueueItem, artist: str | None, title: str) -> StreamDetails:
    """Return the media of a stream title."""
    media = item.media_item
    return StreamDetails(
        provider=media.provider if media else "builtin",
        item_id=media.item_id if media else item.queue_item_id,
        audio_format=AudioFormat(),
        media_type=MediaType.RADIO,
        stream_metadata=StreamMetadata(title=title, artist=artist),
    )
