"""Queues that play: the clock runs, tracks end, players follow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
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

from . import groups, images

if TYPE_CHECKING:
    from .server import MassServer

JUMP = 2.0  # a position that is off by less is not worth an event
TITLE_EVERY = 60  # seconds between the titles of a radio station
ENDED_SINCE = 46
# Since this schema what is played plays in order, unless the queue was mixed just before (in
# seconds). Both numbers are assumptions.
IN_ORDER_SINCE = 84
JUST_BEFORE = 10.0
SHORTEST_NAP, LONGEST_NAP = 0.02, 1.0

_ON_AIR = (
    ("The Paper Lanterns", "Slow Morning"),
    ("Ada Finch", "Glass Harbour"),
    (None, "News at the top of the hour"),
    ("Kōji & the Tide", "Nachtzug"),
)


@dataclass
class Playback:
    """What plays where; every change is told."""

    server: MassServer
    announcement_seconds: float = 0.2
    _users: dict[str, str] = field(default_factory=dict)  # queue id -> who started it
    _external: dict[str, PlayerMedia] = field(default_factory=dict)  # what a native source plays
    _mix: random.Random = field(default_factory=lambda: random.Random(1))
    _mixed_at: dict[str, float] = field(default_factory=dict)  # queue id -> when it was asked for
    _ticker: asyncio.Task[None] | None = None

    # Who plays what

    def player(self, player_id: str) -> Player:
        """Return a player that must be there."""
        return self.server.players[player_id]

    def leader_of(self, player_id: str) -> str:
        """Return the id of the player whose queue a player plays."""
        player = self.player(player_id)
        leader = player.synced_to or player.active_group
        return leader if leader and leader in self.server.players else player_id

    def followers_of(self, player_id: str) -> list[str]:
        """Return the ids of the players that play along with a player."""
        members = self.player(player_id).group_members
        return [
            member
            for member in members
            if member != player_id
            and member in self.server.players
            and self.leader_of(member) == player_id
        ]

    def active_queue(self, player_id: str) -> PlayerQueue | None:
        """Return the queue that a player plays, None while it plays a source of its own."""
        leader = self.leader_of(player_id)
        return None if leader in self._external else self.server.queues.get(leader)

    def items(self, queue: PlayerQueue) -> list[QueueItem]:
        """Return the items of a queue."""
        return self.server.queue_items[queue.queue_id]

    def position(self, queue: PlayerQueue) -> float:
        """Return where a queue is in its item."""
        if queue.state is not PlaybackState.PLAYING:
            return queue.elapsed_time
        passed = self.server.clock() - queue.elapsed_time_last_updated
        return queue.elapsed_time + passed * queue.playback_speed

    def _playing(self) -> Iterator[PlayerQueue]:
        queues = list(self.server.queues.values())
        return (queue for queue in queues if queue.state is PlaybackState.PLAYING)

    # Time

    def wake(self) -> None:
        """Let the clock run while something plays."""
        if self.server.started and (self._ticker is None or self._ticker.done()):
            self._ticker = self.server.spawn(self._run())

    def stop(self) -> None:
        """Stop the clock."""
        if self._ticker:
            self._ticker.cancel()

    async def _run(self) -> None:
        """Tick until nothing plays."""
        while remaining := [self._remaining(queue) for queue in self._playing()]:
            await asyncio.sleep(min(max(min(remaining), SHORTEST_NAP), LONGEST_NAP))
            self.tick()

    def _remaining(self, queue: PlayerQueue) -> float:
        """Return when a queue needs attention next."""
        if not (duration := self._duration(queue)):
            return LONGEST_NAP
        return duration - self.position(queue)

    def _duration(self, queue: PlayerQueue) -> int | None:
        return queue.current_item.duration if queue.current_item else None

    def tick(self) -> None:
        """Do what is due: end tracks, change the titles on air, send sleepers to bed."""
        for queue in self._playing():
            self._end_tracks(queue)
            self._announce_title(queue)
        self._end_of_day()

    def advance(self, seconds: float) -> None:
        """Play a while in an instant, as if everything had begun that much earlier."""
        for queue in list(self._playing()):
            queue.elapsed_time_last_updated -= seconds
            item = queue.current_item
            self._end_tracks(queue)
            self._announce_title(queue)
            if queue.current_item is item and queue.state is PlaybackState.PLAYING:
                self._jumped(queue, seconds)
        self._end_of_day()

    def _end_tracks(self, queue: PlayerQueue) -> None:
        """Go on to the item that should be playing by now."""
        while (
            queue.state is PlaybackState.PLAYING
            and (duration := self._duration(queue))
            and (over := self.position(queue) - duration) >= 0
        ):
            self._report(queue, fully_played=True)
            if (index := self._following(queue)) is None:
                self._end(queue)
            else:
                self._begin(queue, index, over)

    def _end_of_day(self) -> None:
        """Stop players whose sleep timer is over."""
        now = self.server.clock()
        for player in list(self.server.players.values()):
            if (at := player.sleep_timer_expires_at) is not None and at <= now:
                self.set_sleep_timer(player.player_id, None)
                self.stop_queue(self.leader_of(player.player_id))

    def set_sleep_timer(self, player_id: str, expires_at: float | None) -> None:
        """Set or clear a sleep timer."""
        self.server.update_player(player_id, sleep_timer_expires_at=expires_at)
        self.server.signal(EventType.PLAYER_SLEEP_TIMER_UPDATED, player_id, expires_at)

    # What comes next

    def _following(self, queue: PlayerQueue, *, by_user: bool = False) -> int | None:
        """Return the index after the current one."""
        count, index = len(self.items(queue)), queue.current_index or 0
        if not count:
            return None
        if queue.repeat_mode is RepeatMode.ONE and not by_user:
            return index
        if index + 1 < count:
            return index + 1
        if queue.repeat_mode is RepeatMode.ALL:
            return 0
        return self._refill(queue)

    def _refill(self, queue: PlayerQueue) -> int | None:
        """Add similar tracks to a queue that is not meant to end; return where they begin."""
        if not (queue.is_dynamic or queue.autoplay_enabled) or queue.current_item is None:
            return None
        if (media := self.server.library.get(queue.current_item.uri)) is None:
            return None
        index = len(self.items(queue))
        self.items(queue).extend(self._new_items(queue, self.server.library.similar(media)))
        return index if index < len(self.items(queue)) else None

    # Steps that tell

    def _begin(self, queue: PlayerQueue, index: int, position: float = 0.0) -> None:
        """Play an item from a position."""
        item = self.items(queue)[index]
        queue.current_index = queue.index_in_buffer = index
        queue.current_item = item
        queue.playback_speed = float(item.extra_attributes.get("playback_speed") or 1)
        queue.state, queue.ended = PlaybackState.PLAYING, False
        self._anchor(queue, position)
        if item.media_type is MediaType.RADIO:
            item.streamdetails = _stream(item, *_ON_AIR[0])
        self._take_over(queue.queue_id)
        self._tell(queue)
        self._report(queue)
        self.wake()

    def _take_over(self, player_id: str) -> None:
        """Make a player, and a group's members, play from the queue."""
        player = self.player(player_id)
        self._external.pop(player_id, None)
        if player.powered is False:
            player.powered = True
        if player.type is PlayerType.GROUP:
            self.gather(player)

    def gather(self, group: Player) -> None:
        """Make a group's members play what the group plays."""
        for member_id in group.group_members:
            if (member := self.server.players.get(member_id)) and member.available:
                self._external.pop(member_id, None)
                member.active_group = group.player_id
                if member.powered is False:
                    member.powered = True

    def scatter(self, group: Player) -> None:
        """Let a group's members go; they fall silent."""
        for member_id in self.followers_of(group.player_id):
            self.player(member_id).active_group = None
            self.show(member_id)

    def _end(self, queue: PlayerQueue) -> None:
        """Come to the end of a queue: the last item stays the current one."""
        queue.state = PlaybackState.IDLE
        queue.ended = self.server.schema_version >= ENDED_SINCE
        self._anchor(queue, 0.0)
        self._tell(queue)

    def _anchor(self, queue: PlayerQueue, position: float) -> None:
        queue.elapsed_time = max(position, 0.0)
        queue.elapsed_time_last_updated = self.server.clock()

    def _jumped(self, queue: PlayerQueue, seconds: float) -> None:
        """Tell of a position that clients can't have foreseen."""
        self._anchor(queue, self.position(queue))
        if abs(seconds) > JUMP:
            self.server.signal(EventType.QUEUE_TIME_UPDATED, queue.queue_id, queue.elapsed_time)
        self.show(queue.queue_id)

    def _tell(self, queue: PlayerQueue, *, items: bool = False) -> None:
        """Send a queue and the players that play it."""
        queue_id = queue.queue_id
        self.refresh(queue)
        if items:
            self.server.signal(EventType.QUEUE_ITEMS_UPDATED, queue_id, queue)
        self.server.signal(EventType.QUEUE_UPDATED, queue_id, queue)
        if queue_id in self.server.players:
            self.show(queue_id)

    def refresh(self, queue: PlayerQueue) -> None:
        """Bring the derived fields of a queue up to date; servers stamp the anchor anew."""
        self._anchor(queue, self.position(queue))
        items = self.items(queue)
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
        queue.active = self.leader_of(queue.queue_id) == queue.queue_id and (
            queue.queue_id not in self._external
        )

    def show(self, player_id: str) -> None:
        """Bring a player and its followers up to date and tell."""
        for each in (player_id, *self.followers_of(player_id)):
            self._render(self.player(each))
            self.server.update_player(each)

    def settle(self) -> None:
        """Bring all players up to date without a word."""
        for player in self.server.players.values():
            groups.update_volume(self.server, player)
            self._render(player)

    def _render(self, player: Player) -> None:
        """Make a player show what it plays: a source of its own, or a queue."""
        leader = self.leader_of(player.player_id)
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
        player.elapsed_time = self.position(queue)
        player.elapsed_time_last_updated = now
        player.current_media = self._media(queue)

    def _media(self, queue: PlayerQueue) -> PlayerMedia | None:
        """Return what a queue plays, as players show it."""
        if (item := queue.current_item) is None:
            return None
        media = item.media_item
        on_air = item.streamdetails.stream_metadata if item.streamdetails else None
        title = media.name if media else item.name
        return PlayerMedia(
            uri=item.uri,
            media_type=item.media_type,
            title=on_air.title if on_air else title,
            artist=on_air.artist if on_air else _artists(media),
            album=title if on_air else _album(media),
            album_artist=self._album_artist(media),
            image_url=images.image_url(self.server, item.image) if item.image else None,
            duration=item.duration or None,
            source_id=queue.queue_id,
            queue_item_id=item.queue_item_id,
            elapsed_time=int(self.position(queue)),
            elapsed_time_last_updated=self.server.clock(),
        )

    def _album_artist(self, media: object) -> str | None:
        """Return who made the album, which a queue item knows only by name."""
        album = getattr(media, "album", None)
        return _artists(self.server.library.get(album.uri)) if album else None

    def _announce_title(self, queue: PlayerQueue) -> None:
        """Change the title on air when it is time."""
        item = queue.current_item
        if item is None or item.media_type is not MediaType.RADIO:
            return
        stream = _stream(item, *_ON_AIR[int(self.position(queue) // TITLE_EVERY) % len(_ON_AIR)])
        if item.streamdetails != stream:
            item.streamdetails = stream
            self._tell(queue)

    def _report(self, queue: PlayerQueue, *, fully_played: bool = False) -> None:
        """Tell how much of an item was played, and write it into the log."""
        if (item := queue.current_item) is None or (media := item.media_item) is None:
            return
        seconds = int(self.position(queue))
        user_id = self._users.get(queue.queue_id)
        playing = queue.state is PlaybackState.PLAYING and not fully_played
        report = MediaItemPlaybackProgressReport(
            uri=item.uri,
            media_type=item.media_type,
            name=media.name,
            duration=item.duration or 0,
            seconds_played=item.duration or 0 if fully_played else seconds,
            fully_played=fully_played,
            is_playing=playing,
            artist=_artists(media),
            album=_album(media),
            image_url=images.image_url(self.server, item.image) if item.image else None,
            userid=user_id,
            player_id=queue.queue_id,
        )
        if not playing and (played := self.server.library.get(item.uri)):
            self.server.library.played(
                played,
                user_id=user_id,
                queue_id=queue.queue_id,
                seconds=seconds,
                fully_played=fully_played,
                at=self.server.clock(),
            )
        self.server.signal(EventType.MEDIA_ITEM_PLAYED, item.uri, report)

    # What clients ask for

    def play_index(self, queue: PlayerQueue, index: int, position: float = 0.0) -> None:
        """Play the item at an index."""
        if queue.state is not PlaybackState.IDLE:
            self._report_end(queue)
        self._begin(queue, index, position)

    def _report_end(self, queue: PlayerQueue) -> None:
        """Report an item that is left before its end."""
        self._anchor(queue, self.position(queue))
        queue.state = PlaybackState.PAUSED
        self._report(queue)

    def resume(self, queue: PlayerQueue) -> None:
        """Go on where a queue was, or begin it."""
        if queue.state is PlaybackState.PLAYING:
            return
        if queue.state is PlaybackState.PAUSED:
            self._anchor(queue, queue.elapsed_time)
            queue.state = PlaybackState.PLAYING
            self._take_over(queue.queue_id)
            self._tell(queue)
            self.wake()
        elif self.items(queue):
            index = 0 if queue.ended else queue.current_index or 0
            self._begin(queue, index, queue.resume_pos)

    def pause(self, queue: PlayerQueue) -> None:
        """Hold."""
        if queue.state is PlaybackState.PLAYING:
            self._report_end(queue)
            self._tell(queue)

    def stop_queue(self, queue_id: str) -> None:
        """Stop whatever a player plays."""
        player = self.server.players.get(queue_id)
        if player and self._external.pop(queue_id, None):
            self.show(queue_id)
        queue = self.server.queues.get(queue_id)
        if queue is None or queue.state is PlaybackState.IDLE:
            return
        queue.resume_pos = int(self.position(queue))
        self._report_end(queue)
        queue.state = PlaybackState.IDLE
        self._anchor(queue, 0.0)
        self._tell(queue)

    def seek(self, queue: PlayerQueue, position: float) -> None:
        """Go to a position in the item."""
        duration = self._duration(queue)
        if queue.current_item is None or not duration:
            return
        before = self.position(queue)
        self._anchor(queue, min(max(position, 0), duration))
        self._jumped(queue, queue.elapsed_time - before)
        self.wake()

    def set_speed(self, queue: PlayerQueue, speed: float) -> None:
        """Go on from here at another speed."""
        self._anchor(queue, self.position(queue))
        queue.playback_speed = speed
        self._tell(queue)

    def next(self, queue: PlayerQueue) -> None:
        """Go to the next item, or to the end."""
        if (index := self._following(queue, by_user=True)) is not None:
            self.play_index(queue, index)
        elif queue.state is not PlaybackState.IDLE:
            self._report_end(queue)
            self._end(queue)

    def set_shuffle(self, queue: PlayerQueue, enabled: bool) -> None:
        """Mix what hasn't been played, or put it back into order."""
        if queue.shuffle_enabled == enabled:
            return
        queue.shuffle_enabled = enabled
        self._mixed_at[queue.queue_id] = self.server.clock() if enabled else 0
        items, first = self.items(queue), self._first_unplayed(queue)
        rest = items[first:]
        if enabled:
            self._mix.shuffle(rest)
        else:
            rest.sort(key=lambda item: item.sort_index)
        items[first:] = rest
        self._tell(queue, items=True)

    def _first_unplayed(self, queue: PlayerQueue) -> int:
        return 0 if queue.current_index is None else queue.current_index + 1

    def changed(self, queue: PlayerQueue, *, items: bool = False) -> None:
        """Tell of a queue that was changed from outside."""
        if queue.current_item in self.items(queue):
            queue.current_index = self.items(queue).index(queue.current_item)
        self._tell(queue, items=items)

    def clear(self, queue: PlayerQueue) -> None:
        """Empty a queue."""
        self.stop_queue(queue.queue_id)
        self.items(queue).clear()
        queue.current_index = queue.index_in_buffer = queue.current_item = None
        queue.ended, queue.resume_pos = False, 0
        queue.is_dynamic, queue.sources = False, []
        if self.server.schema_version >= IN_ORDER_SINCE:
            queue.shuffle_enabled = False
        self._tell(queue, items=True)

    def _mixes(self, queue: PlayerQueue, option: QueueOption, shuffle: bool | None) -> bool:
        """Tell whether what is played now is mixed; older servers know only the queue's setting."""
        begins = option in (QueueOption.PLAY, QueueOption.REPLACE)
        if self.server.schema_version < IN_ORDER_SINCE or not begins or queue.is_dynamic:
            return queue.shuffle_enabled
        if shuffle is not None:
            return shuffle
        return self.server.clock() - self._mixed_at.get(queue.queue_id, 0) < JUST_BEFORE

    def enqueue(
        self,
        queue: PlayerQueue,
        media: Iterable[PlayableMediaItemType],
        option: QueueOption,
        user_id: str | None = None,
        shuffle: bool | None = None,
    ) -> None:
        """Put items into a queue, and play them if the option says so."""
        queue.shuffle_enabled = self._mixes(queue, option, shuffle)
        new, items = self._new_items(queue, media), self.items(queue)
        if queue.shuffle_enabled:
            self._mix.shuffle(new)
        after = self._first_unplayed(queue)
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
        self.refresh(queue)
        self.server.signal(EventType.QUEUE_ITEMS_UPDATED, queue.queue_id, queue)
        if start is None:
            self._tell(queue)
        else:
            self.play_index(queue, start)

    def _new_items(
        self, queue: PlayerQueue, media: Iterable[PlayableMediaItemType | MediaItem]
    ) -> list[QueueItem]:
        """Return queue items that know where they belong when order returns."""
        first = max((item.sort_index for item in self.items(queue)), default=-1) + 1
        items = []
        for number, each in enumerate(media, first):
            item = QueueItem.from_media_item(queue.queue_id, copy(each))  # type: ignore[arg-type]
            item.sort_index = number
            items.append(item)
        return items

    def transfer(self, source: PlayerQueue, target: PlayerQueue, *, play: bool | None) -> None:
        """Move a queue, its place and its modes to another player."""
        position, index = self.position(source), source.current_index
        if play is None:
            play = source.state is PlaybackState.PLAYING
        items = list(self.items(source))
        for item in items:
            item.queue_id = target.queue_id
        self.clear(source)
        self.items(target)[:] = items
        target.shuffle_enabled, target.repeat_mode = source.shuffle_enabled, source.repeat_mode
        target.current_index = index
        target.current_item = items[index or 0]
        target.resume_pos = int(position)
        self._tell(target, items=True)
        if play:
            self.play_index(target, index or 0, position)

    # Sources of the player's own

    def play_source(self, player: Player, source_id: str) -> None:
        """Make a player play one of its own inputs; its queue falls silent."""
        source = next(source for source in player.source_list if source.id == source_id)
        self.stop_queue(player.player_id)
        self._external[player.player_id] = PlayerMedia(
            uri=source.id, title=source.name, source_id=source.id
        )
        if queue := self.server.queues.get(player.player_id):
            self._tell(queue)

    def play_queue(self, player: Player) -> None:
        """Make a player listen to its queue again."""
        self._external.pop(player.player_id, None)
        if queue := self.server.queues.get(player.player_id):
            self._tell(queue)

    # Announcements

    async def announce(self, player: Player, url: str, volume: int | None) -> None:
        """Speak over whatever plays, then go on."""
        queue = self.server.queues.get(self.leader_of(player.player_id))
        playing = queue is not None and queue.state is PlaybackState.PLAYING
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
        self.show(player.player_id)
        if queue and playing:
            self.resume(queue)

    # The end

    def release(self, player_id: str) -> None:
        """Free a player from its ties before it goes."""
        for follower in self.followers_of(player_id):
            self.player(follower).synced_to = self.player(follower).active_group = None
            self.show(follower)
        self._external.pop(player_id, None)
        self._users.pop(player_id, None)

    def silence(self) -> None:
        """Stop everything without a word."""
        for queue in self._playing():
            queue.resume_pos = int(self.position(queue))
            queue.state = PlaybackState.IDLE
            self._anchor(queue, 0.0)
        self.settle()


def _artists(media: object) -> str | None:
    """Return the names of the artists, or of who else made it."""
    people = getattr(media, "artists", None) or getattr(media, "authors", None) or ()
    return "/".join(getattr(each, "name", each) for each in people) or None


def _album(media: object) -> str | None:
    """Return the name of what an item belongs to."""
    parent = getattr(media, "album", None) or getattr(media, "podcast", None)
    return parent.name if parent else None


def _stream(item: QueueItem, artist: str | None, title: str) -> StreamDetails:
    """Return what is on air."""
    media = item.media_item
    return StreamDetails(
        provider=media.provider if media else "builtin",
        item_id=media.item_id if media else item.queue_item_id,
        audio_format=AudioFormat(),
        media_type=MediaType.RADIO,
        stream_metadata=StreamMetadata(title=title, artist=artist),
    )
