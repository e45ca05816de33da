"""What happens on a player, from one look at it to the next. Pure.

A look is what the client's caches hold after an event. What a player plays is *begun* from its
first sound until it ends or something else is played: a pause, a stop or an announcement in
between changes nothing. How it ended is worked out of where it was: the server's own report
(MEDIA_ITEM_PLAYED) comes after the change, and not at all for what played less than 5 seconds.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from music_assistant_models.enums import MediaType, PlaybackState
from music_assistant_models.media_items import ItemMapping
from music_assistant_models.player import Player
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem

from .context import Facts

# The share of a track, or the seconds before the end of something long, after which the server
# writes down that all of it was played.
MOST: Final = 0.9
CREDITS: Final = 60
LONG: Final = frozenset({MediaType.AUDIOBOOK, MediaType.PODCAST_EPISODE})
# Seconds before its end within which the last item of a queue may fall silent by itself.
LAST: Final = 5
# Seconds by which a sleep timer may go before its time and still be over, not cleared.
SKEW: Final = 1


class Kind(StrEnum):
    """What can happen on a player."""

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


class Played(NamedTuple):
    """What is played, as automations know it.

    `duration` is 0 if there is none; `providers` holds domains and instance ids; `container` is
    the name of the album or playlist that it was played from.
    """

    item_id: str  # tells one item of a queue from the next
    uri: str
    media_type: str
    title: str
    artists: tuple[str, ...] = ()
    album: str | None = None
    duration: int = 0
    genres: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    container: str | None = None

    def fits(self, wanted: Mapping[str, Collection[str]]) -> bool:
        """Tell whether it has one of the names that are wanted of each kind (see NAMES)."""
        return all(
            {name.casefold() for name in names(self) if name}.intersection(map(str.casefold, fit))
            for kind, names in NAMES.items()
            if (fit := wanted.get(kind))
        )

    def finished(self, reached: float) -> bool:
        """Tell whether so many seconds are all of it, as the server counts."""
        if self.media_type in LONG:
            return reached >= self.duration - CREDITS
        return reached >= MOST * self.duration


# What something that is played can be asked for, and the names that it has.
NAMES: Final[dict[str, Callable[[Played], Iterable[str | None]]]] = {
    "artist": lambda item: item.artists,
    "album": lambda item: (item.album,),
    "title": lambda item: (item.title,),
    "playlist": lambda item: (item.container,),
    "genre": lambda item: item.genres,
    "media_type": lambda item: (item.media_type,),
    "provider": lambda item: item.providers,
}


class Moment(NamedTuple):
    """What matters of a player at one look; times are in seconds since the epoch."""

    played: Played | None = None
    source: QueueItem | None = None  # what `played` was made of
    begun: bool = False
    playing: bool = False
    position: float = 0.0
    at: float = 0.0
    speed: float = 1.0
    again: bool = False  # the same comes next
    last: bool = False  # nothing comes next
    ended: bool = False
    favorite: bool = False
    leader: str | None = None  # whose group it is in
    announcing: bool = False
    sleep_timer: float | None = None

    def reached(self, now: float) -> float:
        """Return where in its item it is by now, in seconds."""
        passed = max(now - self.at, 0.0) * self.speed if self.playing else 0.0
        return self.position + passed

    @property
    def item_id(self) -> str | None:
        """Return which item of its queue it plays."""
        return self.played.item_id if self.played else None


class Change(NamedTuple):
    """Something that happened on a player; `leader` is whose group it joined or left."""

    kind: Kind
    played: Played | None = None
    favorite: bool = False
    leader: str | None = None


def look(facts: Facts, now: float, before: Moment | None = None) -> tuple[Moment, list[Change]]:
    """Return what a player is at a moment, and what happened since the one before.

    Of a first look nothing is told: what plays then began before.
    """
    moment = _moment(facts, before)
    if before is None:
        return moment._replace(begun=moment.playing), []
    if moment.announcing:  # meanwhile the queue is held, however the server does that
        moment = before._replace(
            position=before.reached(now),
            playing=False,
            leader=moment.leader,
            announcing=True,
            sleep_timer=moment.sleep_timer,
        )
        return moment, [*_of_player(before, moment, now)]
    moment, happened = _of_queue(before, moment, now)
    return moment, [*happened, *_of_player(before, moment, now)]


def _moment(facts: Facts, before: Moment | None) -> Moment:
    player, queue = facts.player, facts.queue
    moment = Moment(
        leader=player.synced_to or player.active_group,
        announcing=_announces(player),
        sleep_timer=(facts.leader or player).sleep_timer_expires_at,
    )
    if queue is None or (item := queue.current_item) is None:
        return moment
    same = before is not None and before.source is item
    following = queue.next_item.queue_item_id if queue.next_item else None
    return moment._replace(
        played=before.played if before and same else played(item, queue),
        source=item,
        playing=queue.state is PlaybackState.PLAYING,
        position=queue.elapsed_time,
        at=queue.elapsed_time_last_updated,
        speed=queue.playback_speed,
        again=following == item.queue_item_id,
        last=following is None,
        ended=queue.ended,
        favorite=item.media_item is not None and bool(item.media_item.favorite),
    )


def _announces(player: Player) -> bool:
    media = player.current_media
    return media is not None and media.media_type is MediaType.ANNOUNCEMENT


def played(item: QueueItem, queue: PlayerQueue) -> Played:
    """Return what an item of a queue is to automations."""
    media = item.media_item
    if media is None:
        return Played(item.queue_item_id, item.uri, item.media_type.value, item.name)
    people = getattr(media, "artists", None) or getattr(media, "authors", None) or ()
    album = getattr(media, "album", None)
    mappings = getattr(media, "provider_mappings", ())
    return Played(
        item_id=item.queue_item_id,
        uri=item.uri,
        media_type=media.media_type.value,
        title=media.name,
        artists=tuple(getattr(each, "name", each) for each in people),
        album=album.name if album else None,
        duration=item.duration or 0,
        genres=frozenset(getattr(media.metadata, "genres", None) or ()),
        providers=frozenset(
            name for each in mappings for name in (each.provider_domain, each.provider_instance)
        ),
        container=_container(item, queue),
    )


def _container(item: QueueItem, queue: PlayerQueue) -> str | None:
    """Return what an item was played from; older servers name it for the queue only."""
    origin: ItemMapping | None = item.origin.container if item.origin else None
    if origin is None and len(queue.sources) == 1:
        origin = queue.sources[0]
    return origin.name if origin else None


def _of_queue(before: Moment, now: Moment, at: float) -> tuple[Moment, list[Change]]:
    """Tell what begins and ends."""
    other = before.item_id != now.item_id
    ended = _ended(before, now, at)
    anew = not other and _anew(before, now, at)
    begun = before.begun
    happened: list[Change] = []
    if begun and before.played and (other or ended or anew):
        begun = False
        if before.played.duration:  # what is endless has no end
            finished = ended or anew or before.played.finished(before.reached(at))
            kind = Kind.TRACK_FINISHED if finished else Kind.TRACK_SKIPPED
            happened.append(Change(kind, before.played))
    if ended and not before.ended:
        happened.append(Change(Kind.QUEUE_ENDED, before.played))
    if now.playing and not begun:
        happened.append(Change(Kind.TRACK_STARTED, now.played))
    return now._replace(begun=begun or now.playing, ended=ended), happened


def _ended(before: Moment, now: Moment, at: float) -> bool:
    """Tell whether a queue is at its end; servers say so seconds later, or not at all."""
    if now.playing or now.played is None:
        return False
    if now.ended or before.item_id != now.item_id:
        return now.ended
    duration = now.played.duration
    fell_silent = before.playing and before.last and duration > 0
    return before.ended or (fell_silent and before.reached(at) >= duration - LAST)


def _anew(before: Moment, now: Moment, at: float) -> bool:
    """Tell whether an item that is repeated came to its end and began anew."""
    if not (before.begun and before.again and now.playing and now.played and now.played.duration):
        return False
    early = now.position < (1 - MOST) * now.played.duration
    return early and now.played.finished(before.reached(at))


def _of_player(before: Moment, now: Moment, at: float) -> Iterator[Change]:
    """Tell what else happened."""
    if before.favorite is not now.favorite and before.item_id == now.item_id:
        yield Change(Kind.FAVORITE_CHANGED, now.played, favorite=now.favorite)
    if before.leader != now.leader:
        if before.leader:
            yield Change(Kind.LEFT, leader=before.leader)
        if now.leader:
            yield Change(Kind.JOINED, leader=now.leader)
    if before.announcing is not now.announcing:
        yield Change(Kind.ANNOUNCEMENT_STARTED if now.announcing else Kind.ANNOUNCEMENT_ENDED)
    if before.sleep_timer and now.sleep_timer is None and at >= before.sleep_timer - SKEW:
        yield Change(Kind.SLEEP_TIMER_ENDED)
