"""What a player is to Home Assistant: one frozen value, made from the server's facts. Pure.

Named tuples, because each event makes and compares one: that takes a third of what a frozen
dataclass takes.
"""

from functools import lru_cache, reduce
from operator import or_
from typing import Final, NamedTuple

from music_assistant_models.constants import PLAYER_CONTROL_NONE
from music_assistant_models.enums import (
    MediaType,
    PlaybackState,
    PlayerFeature,
    PlayerType,
    RepeatMode as MassRepeatMode,
)
from music_assistant_models.player import (
    Player,
    PlayerMedia,
    PlayerOption,
    PlayerOptionType,
    PlayerOptionValueType,
    PlayerSource,
)

from homeassistant.components.media_player.const import (
    MediaPlayerEntityFeature as Feature,
    MediaPlayerState,
    RepeatMode,
)
from homeassistant.const import Platform

from ..const import DOMAIN
from ..server.queues import Favorite, Queue
from .matching import hardware

STATES: Final = {
    PlaybackState.PLAYING: MediaPlayerState.PLAYING,
    PlaybackState.PAUSED: MediaPlayerState.PAUSED,
    PlaybackState.IDLE: MediaPlayerState.IDLE,
    PlaybackState.UNKNOWN: MediaPlayerState.IDLE,
}
REPEAT_MODES: Final[dict[MassRepeatMode | None, RepeatMode]] = {
    MassRepeatMode.OFF: RepeatMode.OFF,
    MassRepeatMode.ONE: RepeatMode.ONE,
    MassRepeatMode.ALL: RepeatMode.ALL,
}
# What every player can do.
_ALWAYS: Final = (
    Feature.PLAY
    | Feature.STOP
    | Feature.PLAY_MEDIA
    | Feature.MEDIA_ENQUEUE
    | Feature.MEDIA_ANNOUNCE
    | Feature.BROWSE_MEDIA
    | Feature.SEARCH_MEDIA
)
# What a fact about a player, its active source or its queue adds.
_OFFERED: Final[dict[str, Feature]] = {
    PlayerFeature.SET_MEMBERS: Feature.GROUPING,
    PlayerFeature.SELECT_SOURCE: Feature.SELECT_SOURCE,
    PlayerFeature.SELECT_SOUND_MODE: Feature.SELECT_SOUND_MODE,
    "synced": Feature.GROUPING,  # to leave
    "power_control": Feature.TURN_ON | Feature.TURN_OFF,
    "volume_control": Feature.VOLUME_SET | Feature.VOLUME_STEP,
    "mute_control": Feature.VOLUME_MUTE,
    "can_play_pause": Feature.PAUSE,
    "can_seek": Feature.SEEK,
    "can_next_previous": Feature.NEXT_TRACK | Feature.PREVIOUS_TRACK,
    "can_shuffle": Feature.SHUFFLE_SET,
    "can_repeat": Feature.REPEAT_SET,
    "queue": (
        Feature.NEXT_TRACK
        | Feature.PREVIOUS_TRACK
        | Feature.SHUFFLE_SET
        | Feature.REPEAT_SET
        | Feature.CLEAR_PLAYLIST
    ),
}
_CONTROLS: Final = ("power_control", "volume_control", "mute_control")
_ABILITIES: Final = ("can_play_pause", "can_next_previous", "can_shuffle", "can_repeat")
# Who isn't in the list of sources: a queue (servers list it only to forbid something), and a
# source that nothing is known of. A player that can't pause is stopped, and the server
# remembers the position.
_ANY_QUEUE: Final = PlayerSource("", "", can_play_pause=True, can_seek=True)
_ANY_SOURCE: Final = PlayerSource("", "", can_play_pause=True)
# Live: there is no position to go to.
_ENDLESS: Final = frozenset({MediaType.RADIO, MediaType.AUDIO_SOURCE, MediaType.PLUGIN_SOURCE})
# Seconds by which the position may be off against extrapolation before it counts as a jump.
# Servers re-stamp it with every event.
JUMP: Final = 1.0
# The year 10000, in seconds since the epoch: no later moment can be shown.
END_OF_TIME: Final = 253_402_300_800.0


class Device(NamedTuple):
    """What the device registry is told of a player."""

    name: str
    model: str | None
    manufacturer: str | None
    sw_version: str | None


class Position(NamedTuple):
    """Where playback was (`seconds`) at a moment (`at`, seconds since the epoch, UTC)."""

    seconds: float
    at: float

    def ahead_of(self, other: Position, playing: bool) -> float:
        """Return by how many seconds this is ahead of where the other one leads."""
        elapsed = self.at - other.at if playing else 0
        return self.seconds - (other.seconds + elapsed)


class Media(NamedTuple):
    """What is playing. `image` is the picture's address as the server gave it."""

    content_id: str | None = None
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    album_artist: str | None = None
    duration: int | None = None
    image: str | None = None
    item: str | None = None  # tells one item of a queue from the next


class Option(NamedTuple):
    """A setting of a player that can be changed.

    `choices` maps what is shown (translation keys) to the server's keys.
    """

    key: str
    translation_key: str
    kind: PlayerOptionType
    value: PlayerOptionValueType
    minimum: float | None
    maximum: float | None
    step: float | None
    choices: tuple[tuple[str, str], ...]

    @property
    def platform(self) -> Platform:
        """Return the kind of entity that shows this setting."""
        if self.kind is PlayerOptionType.BOOLEAN:
            return Platform.SWITCH
        if self.choices:
            return Platform.SELECT
        return Platform.TEXT if self.kind is PlayerOptionType.STRING else Platform.NUMBER


class PlayerSnapshot(NamedTuple):
    """A player in Home Assistant's terms, but with Music Assistant's ids.

    `volume` is 0..1, of the group for a group; `group_volume` that of those who follow a leader.
    `sources` and `sound_modes` map what is shown to the server's ids. `queue_id` is the queue that
    plays on it, if one does. `built_from` names the players and queues that went into it.
    """

    player_id: str
    available: bool
    type: str
    provider: str
    icon: str
    device: Device
    features: Feature
    state: MediaPlayerState
    volume: float | None
    muted: bool | None
    source: str | None
    sources: tuple[tuple[str, str], ...]
    sound_mode: str | None
    sound_modes: tuple[tuple[str, str], ...]
    group_members: tuple[str, ...]
    queue_id: str | None
    app_id: str | None
    shuffle: bool | None
    repeat: RepeatMode | None
    media: Media
    position: Position | None
    built_from: tuple[str, ...]
    options: tuple[Option, ...] = ()
    group_volume: float | None = None
    can_group_with: frozenset[str] = frozenset()  # players, or providers for all of theirs
    hardware: frozenset[str] = frozenset()  # what tells its device from all others
    sleep_timer: float | None = None  # when it will stop, in seconds since the epoch
    favorite: Favorite | None = None

    def option(self, key: str) -> Option | None:
        """Return an option by its key."""
        return next((option for option in self.options if option.key == key), None)

    @property
    def option_keys(self) -> tuple[str, ...]:
        """Return the keys of the options, in the server's order."""
        return tuple(option.key for option in self.options)

    def changes(self, before: PlayerSnapshot | None) -> frozenset[str]:
        """Return the names of the fields that are others than before; of all without a before."""
        if before is None:
            return frozenset(self._fields)
        fields = zip(self._fields, self, before, strict=True)
        return frozenset(name for name, now, then in fields if now != then)

    def away(self) -> PlayerSnapshot:
        """Return the same player, but not there."""
        return self._replace(available=False)


def queue_id_of(player: Player) -> str:
    """Return the id of the queue that is this player's source, whether or not it exists.

    A player that was never told what to play is on its own queue.
    """
    return player.active_source or player.player_id


def leader_of(player: Player) -> str | None:
    """Return the id of the player or group that a player plays along with."""
    return player.synced_to or player.active_group


def built_from(player: Player) -> tuple[str, ...]:
    """Return the ids of the players and queues whose changes concern a player, each once."""
    ids = (player.player_id, queue_id_of(player), leader_of(player))
    return tuple(dict.fromkeys(filter(None, ids)))


def snapshot(
    player: Player,
    queue: Queue | None,
    leader: Player | None,
    item_image: str | None,
    before: PlayerSnapshot | None = None,
) -> PlayerSnapshot:
    """Return what a player is now.

    `queue` is its active queue, `leader` the player or group that it plays along with (whose
    sleep timer is its own, too), `item_image` the picture of the queue's current item, and
    `before` the snapshot that this one follows.
    """
    source = _active_source(player)
    ordered_by = queue or source
    media = _media(player.current_media, item_image)
    state = _state(player, queue)
    return PlayerSnapshot(
        player_id=player.player_id,
        available=player.available and player.enabled,
        type=player.type.value,
        provider=player.provider,
        icon=player.icon,
        device=_device(player),
        features=_features(player, queue, source),
        state=state,
        volume=_volume(player),
        muted=_muted(player),
        source=source.name if source else None,
        sources=tuple((one.name, one.id) for one in player.source_list if not one.passive),
        sound_mode=_sound_mode(player),
        sound_modes=tuple(
            (one.translation_key, one.id) for one in player.sound_mode_list if not one.passive
        ),
        group_members=_group_members(player, leader),
        queue_id=queue.queue_id if queue else None,
        app_id=DOMAIN if queue else player.active_source,
        shuffle=ordered_by.shuffle_enabled if ordered_by else None,
        repeat=REPEAT_MODES.get(ordered_by.repeat_mode) if ordered_by else None,
        media=media,
        position=_steady(_position(player), media, state, before),
        built_from=built_from(player),
        group_volume=_group_volume(player),
        can_group_with=frozenset(player.can_group_with),
        options=tuple(_option(one) for one in player.options if not one.read_only),
        hardware=hardware(tuple(player.device_info.identifiers.items())),
        sleep_timer=_moment((leader or player).sleep_timer_expires_at),
        favorite=queue.favorite if queue else None,
    )


def renewed(
    player: Player, queue: Queue | None, item_image: str | None, before: PlayerSnapshot
) -> PlayerSnapshot | None:
    """Return what `snapshot` would of a player that says the same as for `before`, but for numbers.

    None if there is more to it. Looking at all that is the same would take the most time: with
    hundreds of players it is in no cache of the processor.
    """
    media = _media(player.current_media, item_image)
    if (_what(media), media.duration) != (_what(before.media), before.media.duration):
        return None  # it may bring other features
    return before._replace(
        volume=_volume(player),
        muted=_muted(player),
        media=media,
        position=_steady(_position(player), media, before.state, before),
        group_volume=_group_volume(player),
        favorite=queue.favorite if queue else None,
    )


def _option(option: PlayerOption) -> Option:
    return Option(
        key=option.key,
        translation_key=option.translation_key,
        kind=option.type,
        value=option.value,
        minimum=option.min_value,
        maximum=option.max_value,
        step=option.step,
        choices=tuple((one.translation_key, one.key) for one in option.options or ()),
    )


def _device(player: Player) -> Device:
    info = player.device_info
    return Device(player.name, info.model, info.manufacturer, info.software_version)


def _active_source(player: Player) -> PlayerSource | None:
    return next((one for one in player.source_list if one.id == player.active_source), None)


def _state(player: Player, queue: Queue | None) -> MediaPlayerState:
    # None is a player that knows no power, not one that is off
    if player.powered is False and player.power_control != PLAYER_CONTROL_NONE:
        return MediaPlayerState.OFF
    state = STATES[player.playback_state]
    if state is MediaPlayerState.IDLE and queue and queue.state is PlaybackState.PAUSED:
        # a player that can't pause was stopped; its queue knows that it goes on
        return MediaPlayerState.PAUSED
    return state


def _features(player: Player, queue: Queue | None, source: PlayerSource | None) -> Feature:
    facts: list[str] = [*player.supported_features]
    facts += [name for name in _CONTROLS if getattr(player, name) != PLAYER_CONTROL_NONE]
    if player.synced_to:
        facts.append("synced")
    source = source or (_ANY_QUEUE if queue else _ANY_SOURCE)
    facts += [name for name in _ABILITIES if getattr(source, name)]
    if queue is not None:
        facts.append("queue")
    if source.can_seek and (queue is None or _can_seek(player.current_media)):
        facts.append("can_seek")
    return _offered(tuple(facts))


@lru_cache(maxsize=512)
def _offered(facts: tuple[str, ...]) -> Feature:
    """Return what facts offer together; joining flags is what a snapshot would cost most."""
    return reduce(or_, (_OFFERED[fact] for fact in facts if fact in _OFFERED), _ALWAYS)


def _can_seek(media: PlayerMedia | None) -> bool:
    return media is not None and bool(media.duration) and media.media_type not in _ENDLESS


def _volume(player: Player) -> float | None:
    group = player.type is PlayerType.GROUP
    level = player.group_volume if group else player.volume_level
    return None if level is None else level / 100


def _group_volume(player: Player) -> float | None:
    leads = player.type is not PlayerType.GROUP and len(player.group_members) > 1
    return player.group_volume / 100 if leads and player.group_volume is not None else None


def _muted(player: Player) -> bool | None:
    if player.type is PlayerType.GROUP and player.group_volume_muted is not None:
        return player.group_volume_muted
    return player.volume_muted


def _sound_mode(player: Player) -> str | None:
    return next(
        (
            mode.translation_key
            for mode in player.sound_mode_list
            if mode.id == player.active_sound_mode and not mode.passive
        ),
        None,
    )


def _group_members(player: Player, leader: Player | None) -> tuple[str, ...]:
    if not player.group_members and player.synced_to and leader is not None:
        return tuple(leader.group_members)
    return tuple(player.group_members)


def _media(media: PlayerMedia | None, item_image: str | None) -> Media:
    if media is None:
        return Media(image=item_image)
    return Media(
        content_id=media.uri,
        title=media.title,
        artist=media.artist,
        album=media.album,
        album_artist=media.album_artist,
        duration=media.duration,
        image=media.image_url or item_image,
        item=media.queue_item_id,
    )


def _position(player: Player) -> Position | None:
    """Return the position's anchor: of the media or, from older servers, of the player."""
    if player.current_media is None:
        return None
    for timed in (player.current_media, player):
        at = _moment(timed.elapsed_time_last_updated)
        if timed.elapsed_time is not None and at is not None:
            return Position(timed.elapsed_time, at)
    return None


def _moment(at: float | None) -> float | None:
    """Return a moment that can be shown; None if it isn't one."""
    return at if at is not None and 0 < at < END_OF_TIME else None


def _steady(
    position: Position | None,
    media: Media,
    state: MediaPlayerState,
    before: PlayerSnapshot | None,
) -> Position | None:
    """Return the last anchor while it still leads to the position, so that no state changes."""
    if position is None or before is None or before.position is None:
        return position
    same = before.state is state and _what(before.media) == _what(media)
    off = position.ahead_of(before.position, state is MediaPlayerState.PLAYING)
    return before.position if same and abs(off) < JUMP else position


def _what(media: Media) -> tuple[str | None, str | None]:
    return media.item, media.content_id
