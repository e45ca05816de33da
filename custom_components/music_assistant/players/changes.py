"""Events of a player, detected by comparing its playback status before and after an update.

The status is taken from the caches of the client after each event of the server. An item is
started when it is first heard, and stays so until it ends or another one is played: a pause, a
stop or an announcement changes nothing. Whether it was finished or skipped is derived from its
position: the report of the server (MEDIA_ITEM_PLAYED) comes after the change, and not at all for
items that were played for less than 5 seconds. An item that is held (see `playback`) changes
nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from music_assistant_models.enums import MediaType, RepeatMode
from music_assistant_models.media_items import ItemMapping
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem

from .context import PlayerContext
from .playback import is_announcing

# An item counts as played to its end, as on the server, after this share of it, or if no more
# than these seconds of an audiobook or podcast episode remain.
FULLY_PLAYED_SHARE: Final = 0.9
LONG_ITEM_REMAINDER: Final = 60
LONG_MEDIA_TYPES: Final = frozenset({MediaType.AUDIOBOOK, MediaType.PODCAST_EPISODE})
# Seconds before its end within which the last item of a queue may stop and still be finished.
QUEUE_END_TOLERANCE: Final = 5
# Seconds before its expiry at which a sleep timer may disappear and still have expired.
SLEEP_TIMER_TOLERANCE: Final = 1


class PlayerEventType(StrEnum):
    """Types of events of a player."""

    TRACK_STARTED = "track_started"
    TRACK_FINISHED = "track_finished"
    TRACK_SKIPPED = "track_skipped"
    QUEUE_ENDED = "queue_ended"
    FAVORITE_CHANGED = "favorite_changed"
    JOINED = "joined"
    LEFT = "left"
    ANNOUNCEMENT_STARTED = "announcement_started"
    ANNOUNCEMENT_ENDED = "announcement_ended"
    SLEEP_TIMER_ENDED = "sleep_timer_ended"


class PlayedItem(NamedTuple):
    """Represent an item of a queue for automations.

    `duration` is in seconds, 0 if it is unlimited or unknown; `providers` holds domains and
    instance ids; `container` is the name of the album or playlist it was played from.
    """

    queue_item_id: str
    uri: str
    media_type: str
    title: str
    artists: tuple[str, ...] = ()
    album: str | None = None
    duration: int = 0
    genres: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    container: str | None = None

    def matches(self, filters: Mapping[str, Collection[str]]) -> bool:
        """Return if the item has at least one of the values of each filter, ignoring case.

        The filters are those of ITEM_FILTERS; an empty one matches all items.
        """
        return all(
            {value.casefold() for value in get_values(self) if value}.intersection(
                map(str.casefold, accepted)
            )
            for name, get_values in ITEM_FILTERS.items()
            if (accepted := filters.get(name))
        )

    def is_finished_at(self, position: float) -> bool:
        """Return if the item counts as fully played at a position in seconds."""
        if self.media_type in LONG_MEDIA_TYPES:
            return position >= self.duration - LONG_ITEM_REMAINDER
        return position >= FULLY_PLAYED_SHARE * self.duration


# Filters of triggers and conditions, with the values that an item has for each.
ITEM_FILTERS: Final[dict[str, Callable[[PlayedItem], Iterable[str | None]]]] = {
    "artist": lambda item: item.artists,
    "album": lambda item: (item.album,),
    "title": lambda item: (item.title,),
    "playlist": lambda item: (item.container,),
    "genre": lambda item: item.genres,
    "media_type": lambda item: (item.media_type,),
    "provider": lambda item: item.providers,
}


class PlaybackStatus(NamedTuple):
    """Represent the status of a player after an update; times are seconds since the epoch.

    `leader_id` is the player or group that it plays along with.
    """

    item: PlayedItem | None = None
    queue_item: QueueItem | None = None  # that `item` was built from
    is_started: bool = False
    is_playing: bool = False
    position: float = 0.0
    position_updated_at: float = 0.0
    playback_speed: float = 1.0
    is_repeated: bool = False  # the next item is the same
    is_last: bool = False  # there is no next item
    is_queue_ended: bool = False
    favorite: bool = False
    leader_id: str | None = None
    is_announcing: bool = False
    sleep_timer_ends_at: float | None = None

    def get_position(self, now: float) -> float:
        """Return the extrapolated position in the item, in seconds."""
        if not self.is_playing:
            return self.position
        return self.position + max(now - self.position_updated_at, 0.0) * self.playback_speed

    @property
    def queue_item_id(self) -> str | None:
        """Return the id of the item in its queue."""
        return self.item.queue_item_id if self.item else None


class PlayerEvent(NamedTuple):
    """Represent an event of a player; `leader_id` is the group that it joined or left."""

    event_type: PlayerEventType
    item: PlayedItem | None = None
    favorite: bool = False
    leader_id: str | None = None


def detect_changes(
    context: PlayerContext, now: float, before: PlaybackStatus | None = None
) -> tuple[PlaybackStatus, list[PlayerEvent]]:
    """Return the status of a player, and its events since the status before.

    Without a status before there are no events: the item that is playing started earlier.
    """
    after = _get_status(context, now, before)
    if before is None:
        return after._replace(is_started=after.is_playing), []
    if after.is_announcing:  # keep the item: what servers do with the queue meanwhile varies
        after = before._replace(
            position=before.get_position(now),
            is_playing=False,
            leader_id=after.leader_id,
            is_announcing=True,
            sleep_timer_ends_at=after.sleep_timer_ends_at,
        )
        return after, [*_detect_player_changes(before, after, now)]
    after, events = _detect_queue_changes(before, after, now)
    return after, [*events, *_detect_player_changes(before, after, now)]


def _get_status(
    context: PlayerContext, now: float, before: PlaybackStatus | None
) -> PlaybackStatus:
    player, queue, position = context.player, context.queue, context.playback.position
    status = PlaybackStatus(
        leader_id=player.synced_to or player.active_group,
        is_announcing=is_announcing(player),
        sleep_timer_ends_at=(context.leader or player).sleep_timer_expires_at,
    )
    if queue is None or (item := context.current_item) is None:
        return status
    is_same = before is not None and before.queue_item is item
    return status._replace(
        item=before.item if before and is_same else build_played_item(item, queue),
        queue_item=item,
        is_playing=context.is_playing,
        position=position.seconds if position else 0.0,
        position_updated_at=position.at if position else now,
        playback_speed=queue.playback_speed,
        is_repeated=_is_repeated(queue),
        is_last=_is_last(queue, context.playback.queue_index),
        is_queue_ended=queue.ended,
        favorite=item.media_item is not None and bool(item.media_item.favorite),
    )


def _is_repeated(queue: PlayerQueue) -> bool:
    """Return if the next item is the current one; the one that servers name may be an old one."""
    is_only_item = queue.items == 1 and queue.repeat_mode is RepeatMode.ALL
    return is_only_item or queue.repeat_mode is RepeatMode.ONE


def _is_last(queue: PlayerQueue, index: int | None) -> bool:
    """Return if no item follows that of an index; the next one may be named of an old queue."""
    is_endless = queue.repeat_mode in (RepeatMode.ONE, RepeatMode.ALL)
    return not is_endless and index is not None and index + 1 >= queue.items


def build_played_item(item: QueueItem, queue: PlayerQueue) -> PlayedItem:
    """Return the description of a queue item for automations."""
    media = item.media_item
    if media is None:
        return PlayedItem(item.queue_item_id, item.uri, item.media_type.value, item.name)
    artists = getattr(media, "artists", None) or getattr(media, "authors", None) or ()
    album = getattr(media, "album", None)
    mappings = getattr(media, "provider_mappings", ())
    return PlayedItem(
        queue_item_id=item.queue_item_id,
        uri=item.uri,
        media_type=media.media_type.value,
        title=media.name,
        artists=tuple(getattr(artist, "name", artist) for artist in artists),
        album=album.name if album else None,
        duration=item.duration or 0,
        genres=frozenset(getattr(media.metadata, "genres", None) or ()),
        providers=frozenset(
            provider
            for mapping in mappings
            for provider in (mapping.provider_domain, mapping.provider_instance)
        ),
        container=_get_container_name(item, queue),
    )


def _get_container_name(item: QueueItem, queue: PlayerQueue) -> str | None:
    """Return the name of the album or playlist that an item was played from.

    Older servers name it for the whole queue only.
    """
    container: ItemMapping | None = item.origin.container if item.origin else None
    if container is None and len(queue.sources) == 1:
        container = queue.sources[0]
    return container.name if container else None


def _detect_queue_changes(
    before: PlaybackStatus, after: PlaybackStatus, now: float
) -> tuple[PlaybackStatus, list[PlayerEvent]]:
    """Return the status with its flags set, and the starts and ends of items and queue."""
    is_other_item = before.queue_item_id != after.queue_item_id
    is_ended = _is_queue_ended(before, after, now)
    is_restarted = not is_other_item and _is_item_restarted(before, after, now)
    is_started = before.is_started
    events: list[PlayerEvent] = []
    if is_started and before.item and (is_other_item or is_ended or is_restarted):
        is_started = False
        if before.item.duration:  # a live stream is neither finished nor skipped
            is_finished = (
                is_ended or is_restarted or before.item.is_finished_at(before.get_position(now))
            )
            event_type = (
                PlayerEventType.TRACK_FINISHED if is_finished else PlayerEventType.TRACK_SKIPPED
            )
            events.append(PlayerEvent(event_type, before.item))
    if is_ended and not before.is_queue_ended:
        events.append(PlayerEvent(PlayerEventType.QUEUE_ENDED, before.item))
    if after.is_playing and not is_started:
        events.append(PlayerEvent(PlayerEventType.TRACK_STARTED, after.item))
    is_started = is_started or after.is_playing
    return after._replace(is_started=is_started, is_queue_ended=is_ended), events


def _is_queue_ended(before: PlaybackStatus, after: PlaybackStatus, now: float) -> bool:
    """Return if a queue has ended; servers report it seconds later, or not at all."""
    if after.is_playing or after.item is None:
        return False
    if after.is_queue_ended or before.queue_item_id != after.queue_item_id:
        return after.is_queue_ended
    duration = after.item.duration
    has_last_stopped = before.is_playing and before.is_last and duration > 0
    return before.is_queue_ended or (
        has_last_stopped and before.get_position(now) >= duration - QUEUE_END_TOLERANCE
    )


def _is_item_restarted(before: PlaybackStatus, after: PlaybackStatus, now: float) -> bool:
    """Return if a repeated item has ended and started again."""
    if not (
        before.is_started
        and before.is_repeated
        and after.is_playing
        and after.item
        and after.item.duration
    ):
        return False
    is_near_start = after.position < (1 - FULLY_PLAYED_SHARE) * after.item.duration
    return is_near_start and after.item.is_finished_at(before.get_position(now))


def _detect_player_changes(
    before: PlaybackStatus, after: PlaybackStatus, now: float
) -> Iterator[PlayerEvent]:
    """Yield the events of favorites, groups, announcements and the sleep timer."""
    if before.favorite is not after.favorite and before.queue_item_id == after.queue_item_id:
        yield PlayerEvent(PlayerEventType.FAVORITE_CHANGED, after.item, favorite=after.favorite)
    if before.leader_id != after.leader_id:
        if before.leader_id:
            yield PlayerEvent(PlayerEventType.LEFT, leader_id=before.leader_id)
        if after.leader_id:
            yield PlayerEvent(PlayerEventType.JOINED, leader_id=after.leader_id)
    if before.is_announcing is not after.is_announcing:
        yield PlayerEvent(
            PlayerEventType.ANNOUNCEMENT_STARTED
            if after.is_announcing
            else PlayerEventType.ANNOUNCEMENT_ENDED
        )
    ends_at = before.sleep_timer_ends_at
    has_timer_gone = after.sleep_timer_ends_at is None
    if ends_at and has_timer_gone and now >= ends_at - SLEEP_TIMER_TOLERANCE:
        yield PlayerEvent(PlayerEventType.SLEEP_TIMER_ENDED)
