"""Player snapshots: the state of a player in the terms of Home Assistant.

These are named tuples because each event builds and compares one, which takes a third of the
time that a frozen dataclass takes.
"""

from functools import lru_cache, reduce
from itertools import compress
from operator import ne, or_
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
from music_assistant_models.queue_item import QueueItem

from homeassistant.components.media_player.const import (
    MediaPlayerEntityFeature as Feature,
    MediaPlayerState,
    RepeatMode,
)
from homeassistant.const import Platform

from ..const import DOMAIN
from ..server.limits import shorten_name
from ..server.queues import FavoriteState, LazyQueue
from .context import PlayerContext
from .matching import get_hardware_ids
from .playback import Playback, Position, is_announcing, validate_timestamp

# Reading a member of this enumeration calls a function of Home Assistant.
_PLAYING: Final = MediaPlayerState.PLAYING
_IDLE: Final = MediaPlayerState.IDLE
PLAYBACK_STATES: Final = {
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
# Features of every player.
_BASE_FEATURES: Final = (
    Feature.PLAY
    | Feature.STOP
    | Feature.PLAY_MEDIA
    | Feature.MEDIA_ENQUEUE
    | Feature.MEDIA_ANNOUNCE
    | Feature.BROWSE_MEDIA
    | Feature.SEARCH_MEDIA
)
# Features by what a player, its active source or its queue is capable of.
_FEATURES_BY_CAPABILITY: Final[dict[str, Feature]] = {
    PlayerFeature.SET_MEMBERS: Feature.GROUPING,
    PlayerFeature.SELECT_SOURCE: Feature.SELECT_SOURCE,
    PlayerFeature.SELECT_SOUND_MODE: Feature.SELECT_SOUND_MODE,
    "synced": Feature.GROUPING,  # to leave the group
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
_CONTROL_FIELDS: Final = ("power_control", "volume_control", "mute_control")
_SOURCE_CAPABILITIES: Final = ("can_play_pause", "can_next_previous", "can_shuffle", "can_repeat")
# Assumed for an active source that isn't in the list of sources: a queue (servers list it only
# to forbid something), or an unknown source. The server pauses a player that has no pause by
# stopping it and remembering the position.
_DEFAULT_QUEUE_SOURCE: Final = PlayerSource("", "", can_play_pause=True, can_seek=True)
_DEFAULT_SOURCE: Final = PlayerSource("", "", can_play_pause=True)
# Live streams, in which no position can be sought.
_LIVE_MEDIA_TYPES: Final = frozenset(
    {MediaType.RADIO, MediaType.AUDIO_SOURCE, MediaType.PLUGIN_SOURCE}
)
# Seconds by which the position may differ from the extrapolated one before it is updated:
# servers send it with a new timestamp in every event.
POSITION_TOLERANCE: Final = 1.0
# Seconds after which the position in a live stream is updated anyway: without a duration, nobody
# extrapolates it.
LIVE_POSITION_INTERVAL: Final = 30.0


class Device(NamedTuple):
    """Represent a device for the device registry."""

    name: str
    model: str | None
    manufacturer: str | None
    sw_version: str | None


class Media(NamedTuple):
    """Represent the media that is playing; `image` is the URL that the server sent."""

    content_id: str | None = None
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    album_artist: str | None = None
    duration: int | None = None
    image: str | None = None
    queue_item_id: str | None = None
    can_seek: bool | None = None  # None if nothing plays


class Option(NamedTuple):
    """Represent an option of a player that can be changed.

    `choices` holds pairs of a translation key and the key on the server.
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
        """Return the platform whose entity represents the option."""
        if self.kind is PlayerOptionType.BOOLEAN:
            return Platform.SWITCH
        if self.choices:
            return Platform.SELECT
        return Platform.TEXT if self.kind is PlayerOptionType.STRING else Platform.NUMBER


class PlayerSnapshot(NamedTuple):
    """Represent a player in the terms of Home Assistant, with the ids of Music Assistant.

    Volumes are 0..1: `volume` is that of the whole group for a group player, `group_volume` that
    of the group which a player leads. `sources`, `passive_sources` and `sound_modes` hold pairs of
    a name and the id on the server. `queue_id` is the queue that is playing on it, if any. `channel` is the name of
    the radio station, `playlist` that of what the media is played from, unless that is an album.
    `dependencies` are the ids of the players and queues that the snapshot was built from.
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
    dependencies: tuple[str, ...]
    options: tuple[Option, ...] = ()
    group_volume: float | None = None
    can_group_with: frozenset[str] = (
        frozenset()
    )  # ids of players, or of providers for all their players
    hardware_ids: frozenset[str] = frozenset()  # unique identifiers of its device
    sleep_timer: float | None = None  # when playback stops, in seconds since the epoch
    favorite: FavoriteState | None = None
    channel: str | None = None
    playlist: str | None = None
    passive_sources: tuple[tuple[str, str], ...] = ()  # what can't be selected

    def get_option(self, key: str) -> Option | None:
        """Return an option by its key."""
        return next((option for option in self.options if option.key == key), None)

    @property
    def option_keys(self) -> tuple[str, ...]:
        """Return the keys of the options, in the order of the server."""
        return tuple(option.key for option in self.options)

    def get_changed_fields(self, before: PlayerSnapshot | None) -> frozenset[str]:
        """Return the names of the fields that differ from an earlier snapshot, or of all fields."""
        if before is None:
            return frozenset(self._fields)
        return frozenset(compress(self._fields, map(ne, self, before)))

    def predicts(self, position: Position) -> bool:
        """Return if a position is about the one that is shown, extrapolated."""
        if self.position is None:
            return False
        offset = position.get_offset(self.position, self.state is _PLAYING)
        return abs(offset) < POSITION_TOLERANCE

    def as_unavailable(self) -> PlayerSnapshot:
        """Return the snapshot of the player as unavailable."""
        return self._replace(available=False)


def get_active_queue_id(player: Player) -> str:
    """Return the id of the queue that is the source of a player; the queue may not exist.

    A player without an active source is on its own queue.
    """
    return player.active_source or player.player_id


def get_leader_id(player: Player) -> str | None:
    """Return the id of the player or group that a player plays along with."""
    return player.synced_to or player.active_group


def get_dependencies(player: Player) -> tuple[str, ...]:
    """Return the ids of the players and queues that the snapshot of a player is built from."""
    ids = (player.player_id, get_active_queue_id(player), get_leader_id(player))
    return tuple(dict.fromkeys(filter(None, ids)))


def build_snapshot(
    context: PlayerContext, item_image: str | None, before: PlayerSnapshot | None = None
) -> PlayerSnapshot:
    """Return the snapshot of a player.

    `item_image` is the image URL of the current item of its queue, and `before` the previous
    snapshot of the player.
    """
    player, queue, leader = context.player, context.queue, context.leader
    source = _find_active_source(player)
    order_source = queue or source
    media = _build_media(context, item_image, before)
    state = _get_state(player, queue)
    return PlayerSnapshot(
        player_id=player.player_id,
        available=player.available and player.enabled,
        type=player.type.value,
        provider=player.provider,
        icon=player.icon,
        device=_build_device(player),
        features=_get_features(player, queue, source, _can_seek(media, before)),
        state=state,
        volume=_get_volume(player),
        muted=_is_muted(player),
        source=source.name if source else None,
        sources=tuple((listed.name, listed.id) for listed in _get_selectable_sources(player)),
        passive_sources=tuple(
            (listed.name, listed.id) for listed in player.source_list if listed.passive
        ),
        sound_mode=_get_sound_mode(player),
        sound_modes=tuple(
            (mode.translation_key, mode.id) for mode in player.sound_mode_list if not mode.passive
        ),
        group_members=_get_group_members(player, leader),
        queue_id=queue.queue_id if queue else None,
        app_id=DOMAIN if queue else player.active_source,
        shuffle=order_source.shuffle_enabled if order_source else None,
        repeat=REPEAT_MODES.get(order_source.repeat_mode) if order_source else None,
        media=media,
        position=_get_stable_position(context, media, state, before),
        dependencies=get_dependencies(player),
        group_volume=_get_group_volume(player),
        can_group_with=frozenset(player.can_group_with),
        options=tuple(_build_option(option) for option in player.options if not option.read_only),
        hardware_ids=get_hardware_ids(tuple(player.device_info.identifiers.items())),
        sleep_timer=validate_timestamp((leader or player).sleep_timer_expires_at),
        favorite=_get_favorite(context.playback),
        channel=_get_channel(context.playback),
        playlist=_get_playlist(queue, media),
    )


def update_snapshot(
    context: PlayerContext, item_image: str | None, before: PlayerSnapshot
) -> PlayerSnapshot | None:
    """Return the snapshot of a player of which only the queue and frequent fields have changed.

    Return None if a full `build_snapshot` is needed. Reading the unchanged fields would take most
    of the time: with hundreds of players they aren't in the caches of the processor.
    """
    player, queue = context.player, context.queue
    media = _build_media(context, item_image, before)
    if (queue.queue_id if queue else None, _get_media_identity(media), media.can_seek) != (
        before.queue_id,
        _get_media_identity(before.media),
        before.media.can_seek,
    ):
        return None  # the features may differ
    state = _get_state(player, queue)
    return before._replace(
        state=state,
        volume=_get_volume(player),
        muted=_is_muted(player),
        shuffle=queue.shuffle_enabled if queue else before.shuffle,
        repeat=REPEAT_MODES.get(queue.repeat_mode) if queue else before.repeat,
        media=media,
        position=_get_stable_position(context, media, state, before),
        group_volume=_get_group_volume(player),
        favorite=_get_favorite(context.playback),
        channel=_get_channel(context.playback),
        playlist=_get_playlist(queue, media),
    )


def update_numbers(context: PlayerContext, before: PlayerSnapshot) -> PlayerSnapshot:
    """Return the snapshot of a player of which at most volumes, positions and the favorite differ.

    It is the same object if they don't.
    """
    player = context.player
    volume, muted, group_volume = _get_volume(player), _is_muted(player), _get_group_volume(player)
    favorite = _get_favorite(context.playback)
    position = _get_stable_position(context, before.media, before.state, before)
    if (volume, muted, group_volume, favorite, position) == (
        before.volume,
        before.muted,
        before.group_volume,
        before.favorite,
        before.position,
    ):
        return before
    return before._replace(
        volume=volume,
        muted=muted,
        group_volume=group_volume,
        favorite=favorite,
        position=position,
    )


def _build_option(option: PlayerOption) -> Option:
    return Option(
        key=option.key,
        translation_key=option.translation_key,
        kind=option.type,
        value=option.value,
        minimum=option.min_value,
        maximum=option.max_value,
        step=option.step,
        choices=tuple((choice.translation_key, choice.key) for choice in option.options or ()),
    )


def _build_device(player: Player) -> Device:
    info = player.device_info
    return Device(
        shorten_name(player.name),
        shorten_name(info.model),
        shorten_name(info.manufacturer),
        shorten_name(info.software_version),
    )


def _find_active_source(player: Player) -> PlayerSource | None:
    return next(
        (source for source in player.source_list if source.id == player.active_source), None
    )


def _get_selectable_sources(player: Player) -> list[PlayerSource]:
    return [source for source in player.source_list if not source.passive]


def _get_playlist(queue: LazyQueue | None, media: Media) -> str | None:
    """Return the name of what the media is played from, unless that is shown as its album."""
    if queue is None:
        return None
    name = shorten_name(queue.playlist)
    return None if name in (media.album, media.title, queue.station) else name


def _get_state(player: Player, queue: LazyQueue | None) -> MediaPlayerState:
    # None means that the player has no power state, not that it is off
    if player.powered is False and player.power_control != PLAYER_CONTROL_NONE:
        return MediaPlayerState.OFF
    state = PLAYBACK_STATES[player.playback_state]
    if state is _IDLE and queue and queue.state is PlaybackState.PAUSED:
        # a player that can't pause was stopped; only its queue knows that it is paused
        return MediaPlayerState.PAUSED
    return state


def _get_features(
    player: Player, queue: LazyQueue | None, source: PlayerSource | None, can_seek: bool
) -> Feature:
    capabilities: list[str] = [*player.supported_features]
    capabilities += [
        name for name in _CONTROL_FIELDS if getattr(player, name) != PLAYER_CONTROL_NONE
    ]
    if player.synced_to:
        capabilities.append("synced")
    if len(_get_selectable_sources(player)) > 1:  # older servers seldom name the feature
        capabilities.append(PlayerFeature.SELECT_SOURCE)
    source = source or (_DEFAULT_QUEUE_SOURCE if queue else _DEFAULT_SOURCE)
    capabilities += [name for name in _SOURCE_CAPABILITIES if getattr(source, name)]
    if queue is not None:
        capabilities.append("queue")
    if source.can_seek and (queue is None or can_seek):
        capabilities.append("can_seek")
    return _merge_features(frozenset(capabilities))


@lru_cache(maxsize=512)
def _merge_features(capabilities: frozenset[str]) -> Feature:
    """Return the features of a set of capabilities.

    Cached because merging flags would be the slowest part of building a snapshot.
    """
    features = (_FEATURES_BY_CAPABILITY.get(name) for name in capabilities)
    return reduce(or_, filter(None, features), _BASE_FEATURES)


def _is_live(media: PlayerMedia | None) -> bool:
    return media is not None and media.media_type in _LIVE_MEDIA_TYPES


def _get_volume(player: Player) -> float | None:
    is_group = player.type is PlayerType.GROUP
    level = player.group_volume if is_group else player.volume_level
    return None if level is None else level / 100


def _get_group_volume(player: Player) -> float | None:
    is_leader = player.type is not PlayerType.GROUP and len(player.group_members) > 1
    return player.group_volume / 100 if is_leader and player.group_volume is not None else None


def _is_muted(player: Player) -> bool | None:
    if player.type is PlayerType.GROUP and player.group_volume_muted is not None:
        return player.group_volume_muted
    return player.volume_muted


def _get_sound_mode(player: Player) -> str | None:
    return next(
        (
            mode.translation_key
            for mode in player.sound_mode_list
            if mode.id == player.active_sound_mode and not mode.passive
        ),
        None,
    )


def _get_group_members(player: Player, leader: Player | None) -> tuple[str, ...]:
    """Return the members of the player's group, the leader first."""
    leader_id = player.synced_to or player.player_id
    members = player.group_members
    if not members and player.synced_to and leader is not None:
        members = leader.group_members
    return tuple(sorted(members, key=lambda member: member != leader_id))


def _build_media(
    context: PlayerContext, item_image: str | None, before: PlayerSnapshot | None
) -> Media:
    """Return the media that is shown: the player's, unless the item that is shown is another."""
    playback, media = context.playback, context.player.current_media
    if not playback.has_current_media and not is_announcing(context.player):
        if before and before.media.queue_item_id == playback.item_id:
            return before.media
        if (item := context.current_item) is not None:
            return _build_item_media(item, item_image)
    if media is None:
        return Media(image=item_image)
    return Media(
        content_id=media.uri,
        title=shorten_name(media.title),
        artist=shorten_name(media.artist),
        album=shorten_name(media.album),
        album_artist=shorten_name(media.album_artist),
        duration=media.duration,
        image=media.image_url or item_image,
        queue_item_id=media.queue_item_id,
        can_seek=_is_seekable(media.duration, media.media_type),
    )


def _build_item_media(item: QueueItem, image: str | None) -> Media:
    """Return the media of a queue item, as a player would name it."""
    media = item.media_item
    album = getattr(media, "album", None)
    artists = [artist.name for artist in getattr(media, "artists", ())]
    return Media(
        content_id=item.uri,
        title=shorten_name(media.name if media else item.name),
        artist=shorten_name("/".join(artists) or None),
        album=shorten_name(album.name if album else None),
        duration=item.duration,
        image=image,
        queue_item_id=item.queue_item_id,
        can_seek=_is_seekable(item.duration, item.media_type),
    )


def _is_seekable(duration: float | None, media_type: MediaType) -> bool:
    return bool(duration) and media_type not in _LIVE_MEDIA_TYPES


def _can_seek(media: Media, before: PlayerSnapshot | None) -> bool:
    """Return if a position can be sought; an item that is missing for a moment changes nothing."""
    if media.can_seek is not None:
        return media.can_seek
    return before is not None and before.queue_id is not None and Feature.SEEK in before.features


def _get_channel(playback: Playback) -> str | None:
    return shorten_name(playback.item.station) if playback.item else None


def _get_favorite(playback: Playback) -> FavoriteState | None:
    return playback.item.favorite if playback.item else None


def _get_stable_position(
    context: PlayerContext, media: Media, state: MediaPlayerState, before: PlayerSnapshot | None
) -> Position | None:
    """Return the previous position while it predicts the new one, so that no state is written."""
    position = context.playback.position
    if position is None or before is None or (last := before.position) is None:
        return position
    is_same_media = before.media is media or (
        _get_media_identity(before.media) == _get_media_identity(media)
    )
    if before.state is not state or not is_same_media:
        return position
    is_playing, is_live = state is _PLAYING, _is_live(context.player.current_media)
    if is_live and is_playing and not position.seconds:  # not every server counts in streams
        position = last.extrapolate(position.at)
    is_due = is_live and position.at - last.at >= LIVE_POSITION_INTERVAL
    if is_due or before.media != media:  # then a state is written anyway
        return position
    return last if before.predicts(position) else position


def _get_media_identity(media: Media) -> tuple[str | None, str | None]:
    return media.queue_item_id, media.content_id
