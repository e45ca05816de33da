"""Snapshots of players, built from a player, its queue and its leader."""

from copy import replace
from itertools import product
from typing import Any, Final

from music_assistant_models.constants import PLAYER_CONTROL_NONE
from music_assistant_models.enums import (
    MediaType,
    PlaybackState,
    PlayerFeature,
    PlayerType,
    RepeatMode as MassRepeatMode,
)
from music_assistant_models.media_items import ItemMapping, Radio, Track
from music_assistant_models.player import (
    DeviceInfo,
    Player,
    PlayerMedia,
    PlayerOption,
    PlayerOptionEntry,
    PlayerOptionType,
    PlayerOptionValueType,
    PlayerSoundMode,
    PlayerSource,
)
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem, QueueItemOrigin
from music_assistant_models.unique_list import UniqueList
import pytest

from custom_components.music_assistant.players.favorites import set_favorite
from custom_components.music_assistant.players.snapshot import (
    Device,
    Media,
    PlayerSnapshot,
    Position,
    build_snapshot,
    get_active_queue_id,
    update_snapshot,
)
from custom_components.music_assistant.server.queues import LazyQueue
from homeassistant.components.media_player.const import (
    MediaPlayerEntityFeature as Feature,
    MediaPlayerState as State,
    RepeatMode,
)
from homeassistant.const import Platform

from .player_contexts import build_context

NOW = 1_800_000_000.0
ALWAYS = (
    Feature.PLAY
    | Feature.STOP
    | Feature.PLAY_MEDIA
    | Feature.MEDIA_ENQUEUE
    | Feature.MEDIA_ANNOUNCE
    | Feature.BROWSE_MEDIA
    | Feature.SEARCH_MEDIA
)
OF_QUEUE = (
    Feature.NEXT_TRACK
    | Feature.PREVIOUS_TRACK
    | Feature.SHUFFLE_SET
    | Feature.REPEAT_SET
    | Feature.CLEAR_PLAYLIST
)


def create_player(**changes: Any) -> Player:
    """Return a player that can only play."""
    fields: dict[str, Any] = {
        "player_id": "one",
        "provider": "speakers",
        "type": PlayerType.PLAYER,
        "name": "One",
        "available": True,
        "device_info": DeviceInfo(model="Model", manufacturer="Maker", software_version="1.0"),
    }
    return Player(**fields | changes)


def create_queue(**changes: Any) -> LazyQueue:
    """Return the queue of the player, as the client holds it."""
    fields: dict[str, Any] = {
        "queue_id": "one",
        "active": True,
        "display_name": "One",
        "available": True,
        "items": 1,
    }
    return LazyQueue.from_payload(PlayerQueue(**fields | changes).to_dict())


def create_media(**changes: Any) -> PlayerMedia:
    """Return the media of a track of three minutes, at ten seconds."""
    fields: dict[str, Any] = {
        "uri": "library://track/1",
        "media_type": MediaType.TRACK,
        "title": "Title",
        "duration": 180,
        "queue_item_id": "item 1",
        "elapsed_time": 10,
        "elapsed_time_last_updated": NOW,
    }
    return PlayerMedia(**fields | changes)


def create_track() -> Track:
    """Return a track of the library."""
    return Track(item_id="1", provider="library", name="Title", provider_mappings=set())


def create_station() -> Radio:
    """Return a radio station of the library."""
    return Radio(item_id="1", provider="library", name="Harbour FM", provider_mappings=set())


def build(
    player: Player,
    queue: LazyQueue | None = None,
    leader: Player | None = None,
    item_image: str | None = None,
    before: PlayerSnapshot | None = None,
) -> PlayerSnapshot:
    """Build a snapshot, with defaults for most arguments."""
    return build_snapshot(build_context(player, queue, leader), item_image, before)


def create_source(source_id: str, *abilities: str) -> PlayerSource:
    """Return a source with abilities."""
    source = PlayerSource(source_id, source_id.upper())
    for ability in abilities:
        setattr(source, ability, True)
    return source


def create_sources(*items: PlayerSource) -> UniqueList[PlayerSource]:
    """Return a list of sources."""
    return UniqueList(items)


def test_plain_fields() -> None:
    """Fields that are only passed on have the player's values."""
    shot = build(create_player(icon="tv"))
    assert (shot.player_id, shot.provider, shot.icon, shot.type) == (
        "one",
        "speakers",
        "tv",
        "player",
    )
    assert shot.available
    assert shot.device == Device("One", "Model", "Maker", "1.0")


def test_unavailable_player() -> None:
    """An unavailable player differs only in its availability."""
    shot = build(create_player())
    assert shot.as_unavailable() == replace(shot, available=False) != shot


# State


@pytest.mark.parametrize(
    ("powered", "control", "playback", "queue_state", "expected"),
    [
        (True, "native", PlaybackState.PLAYING, None, State.PLAYING),
        (True, "native", PlaybackState.PAUSED, None, State.PAUSED),
        (True, "native", PlaybackState.IDLE, None, State.IDLE),
        (True, "native", PlaybackState.UNKNOWN, None, State.IDLE),
        # off is only who says so, and who can be switched at all
        (False, "native", PlaybackState.IDLE, None, State.OFF),
        (False, "native", PlaybackState.PLAYING, None, State.OFF),
        (None, "native", PlaybackState.IDLE, None, State.IDLE),
        (None, PLAYER_CONTROL_NONE, PlaybackState.PLAYING, None, State.PLAYING),
        (False, PLAYER_CONTROL_NONE, PlaybackState.IDLE, None, State.IDLE),
        # a player that can't pause was stopped, its queue knows better
        (True, "native", PlaybackState.IDLE, PlaybackState.PAUSED, State.PAUSED),
        (True, "native", PlaybackState.IDLE, PlaybackState.IDLE, State.IDLE),
        (True, "native", PlaybackState.PLAYING, PlaybackState.PAUSED, State.PLAYING),
        # a queue says that it plays before, and after, its player does
        (True, "native", PlaybackState.IDLE, PlaybackState.PLAYING, State.IDLE),
        (True, "native", PlaybackState.PAUSED, PlaybackState.PLAYING, State.PAUSED),
        (False, "native", PlaybackState.IDLE, PlaybackState.PAUSED, State.OFF),
    ],
)
def test_state(
    powered: bool | None,
    control: str,
    playback: PlaybackState,
    queue_state: PlaybackState | None,
    expected: State,
) -> None:
    """The state is the player's, or that of its paused queue."""
    player = create_player(powered=powered, power_control=control, playback_state=playback)
    queue = create_queue(state=queue_state) if queue_state else None
    assert build(player, queue).state is expected


# Features


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Feature(0)),
        ({"power_control": "native"}, Feature.TURN_ON | Feature.TURN_OFF),
        ({"volume_control": "fake"}, Feature.VOLUME_SET | Feature.VOLUME_STEP),
        ({"mute_control": "some_switch"}, Feature.VOLUME_MUTE),
        ({"supported_features": {PlayerFeature.SET_MEMBERS}}, Feature.GROUPING),
        ({"supported_features": {PlayerFeature.SELECT_SOURCE}}, Feature.SELECT_SOURCE),
        # a list is a choice, whether the server names the feature or not
        (
            {"source_list": UniqueList([PlayerSource("a", "A"), PlayerSource("b", "B")])},
            Feature.SELECT_SOURCE,
        ),
        ({"source_list": UniqueList([PlayerSource("a", "A")])}, Feature(0)),
        (
            {
                "source_list": UniqueList(
                    [PlayerSource("a", "A"), PlayerSource("b", "B", passive=True)]
                )
            },
            Feature(0),
        ),
        ({"supported_features": {PlayerFeature.SELECT_SOUND_MODE}}, Feature.SELECT_SOUND_MODE),
        ({"synced_to": "two"}, Feature.GROUPING),
        # of these the controls speak, not the player
        ({"supported_features": {PlayerFeature.POWER, PlayerFeature.VOLUME_SET}}, Feature(0)),
    ],
)
def test_features_of_player(changes: dict[str, Any], expected: Feature) -> None:
    """A feature is supported if the player or one of its controls has it."""
    assert build(create_player(**changes)).features == ALWAYS | Feature.PAUSE | expected


@pytest.mark.parametrize(
    ("media", "seek"),
    [
        (create_media(), True),
        (create_media(media_type=MediaType.AUDIOBOOK), True),
        (create_media(duration=None), False),
        (create_media(duration=0), False),
        (create_media(media_type=MediaType.RADIO), False),
        (create_media(media_type=MediaType.AUDIO_SOURCE), False),
        (create_media(media_type=MediaType.PLUGIN_SOURCE), False),
        (None, False),
    ],
)
def test_features_of_queue(media: PlayerMedia | None, seek: bool) -> None:
    """A queue adds its features, and seeking for items with a duration."""
    shot = build(create_player(current_media=media, active_source="one"), create_queue())
    expected = ALWAYS | Feature.PAUSE | OF_QUEUE
    assert shot.features == (expected | Feature.SEEK if seek else expected)


@pytest.mark.parametrize(
    ("abilities", "expected"),
    [
        ((), Feature(0)),
        (("can_play_pause",), Feature.PAUSE),
        (("can_seek",), Feature.SEEK),
        (("can_next_previous",), Feature.NEXT_TRACK | Feature.PREVIOUS_TRACK),
        (("can_shuffle",), Feature.SHUFFLE_SET),
        (("can_repeat",), Feature.REPEAT_SET),
        (("can_play_pause", "can_seek"), Feature.PAUSE | Feature.SEEK),
    ],
)
def test_features_of_source(abilities: tuple[str, ...], expected: Feature) -> None:
    """A source has its own features while it is active."""
    source = create_source("hdmi", *abilities)
    player = create_player(source_list=create_sources(source), active_source="hdmi")
    assert build(player).features == ALWAYS | expected
    assert build(replace(player, active_source="other")).features == ALWAYS | Feature.PAUSE


@pytest.mark.parametrize(
    ("abilities", "expected"),
    [
        ((), Feature(0)),
        (("can_play_pause",), Feature.PAUSE),
        (("can_seek",), Feature.SEEK),
    ],
)
def test_features_of_listed_queue(abilities: tuple[str, ...], expected: Feature) -> None:
    """A queue in the source list has the features of its source, and a radio can't seek."""
    source = create_source("one", *abilities)
    player = create_player(
        source_list=create_sources(source), active_source="one", current_media=create_media()
    )
    assert build(player, create_queue()).features == ALWAYS | OF_QUEUE | expected
    radio = replace(player, current_media=create_media(media_type=MediaType.RADIO))
    assert Feature.SEEK not in build(radio, create_queue()).features


@pytest.mark.parametrize("seekable", [True, False])
def test_seeking_while_item_is_missing(seekable: bool) -> None:
    """An item that is missing for a moment, between two of them, doesn't change the features."""
    item = QueueItem("one", "item 1", "Title", 180 if seekable else None, media_item=create_track())
    before = build(create_player(), create_queue(current_item=item, current_index=0))
    assert (Feature.SEEK in before.features) is seekable
    between = build(create_player(), create_queue(), before=before)
    assert (Feature.SEEK in between.features) is seekable


def test_seeking_after_another_source() -> None:
    """A source that could seek says nothing about a queue whose item is missing."""
    player = create_player(
        source_list=create_sources(create_source("one", "can_seek")), active_source="one"
    )
    before = build(player)
    assert Feature.SEEK in before.features
    assert Feature.SEEK not in build(create_player(), create_queue(), before=before).features


# Volume


@pytest.mark.parametrize(
    ("kind", "members", "of_group", "expected"),
    [
        (PlayerType.PLAYER, ["one", "two"], 70, 0.7),
        (PlayerType.PLAYER, ["one", "two"], None, None),
        (PlayerType.PLAYER, ["one"], 70, None),
        (PlayerType.GROUP, ["one", "two"], 70, None),  # its own volume is the group's
    ],
)
def test_volume_of_leader(
    kind: PlayerType, members: list[str], of_group: int | None, expected: float | None
) -> None:
    """A leader has its own volume, and the group's as an attribute."""
    player = create_player(type=kind, group_members=UniqueList(members), group_volume=of_group)
    assert build(player).group_volume == expected


@pytest.mark.parametrize(
    ("kind", "own", "of_group", "expected"),
    [
        (PlayerType.PLAYER, (29, True), (70, False), (0.29, True)),
        (PlayerType.PLAYER, (0, False), (None, None), (0.0, False)),
        (PlayerType.PLAYER, (None, None), (70, True), (None, None)),
        (PlayerType.GROUP, (29, True), (70, False), (0.7, False)),
        (PlayerType.GROUP, (29, True), (None, None), (None, True)),
        (PlayerType.STEREO_PAIR, (100, False), (70, True), (1.0, False)),
    ],
)
def test_volume(
    kind: PlayerType,
    own: tuple[int | None, bool | None],
    of_group: tuple[int | None, bool | None],
    expected: tuple[float | None, bool | None],
) -> None:
    """A group player has the volume of its members, others have their own."""
    player = create_player(
        type=kind,
        volume_level=own[0],
        volume_muted=own[1],
        group_volume=of_group[0],
        group_volume_muted=of_group[1],
    )
    shot = build(player)
    assert (shot.volume, shot.muted) == expected


# Sources, sound modes, order


def test_sources() -> None:
    """A passive source isn't listed, but can be the active one."""
    listed = create_sources(
        PlayerSource("id-a", "A"),
        PlayerSource("id-b", "B", passive=True),
        PlayerSource("id-c", "C"),
    )
    shot = build(create_player(source_list=listed, active_source="id-b"))
    assert shot.sources == (("A", "id-a"), ("C", "id-c"))
    assert shot.source == "B"
    assert build(create_player(source_list=listed, active_source="x")).source is None


@pytest.mark.parametrize(
    ("active", "expected"), [("id-a", "a"), ("id-b", None), (None, None), ("x", None)]
)
def test_sound_modes(active: str | None, expected: str | None) -> None:
    """Passive sound modes are neither listed nor shown."""
    listed = UniqueList(
        [
            PlayerSoundMode("id-a", "A", translation_key="a"),
            PlayerSoundMode("id-b", "B", passive=True, translation_key="b"),
        ]
    )
    shot = build(create_player(sound_mode_list=listed, active_sound_mode=active))
    assert shot.sound_modes == (("a", "id-a"),)
    assert shot.sound_mode == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (MassRepeatMode.OFF, RepeatMode.OFF),
        (MassRepeatMode.ONE, RepeatMode.ONE),
        (MassRepeatMode.ALL, RepeatMode.ALL),
        (MassRepeatMode.UNKNOWN, None),
        (None, None),
    ],
)
@pytest.mark.parametrize("shuffle", [True, False, None])
def test_shuffle_of_source(
    mode: MassRepeatMode | None, shuffle: bool | None, expected: RepeatMode | None
) -> None:
    """A source has its own shuffle and repeat modes."""
    source = PlayerSource("app", "App", shuffle_enabled=shuffle, repeat_mode=mode)
    shot = build(create_player(source_list=create_sources(source), active_source="app"))
    assert (shot.shuffle, shot.repeat) == (shuffle, expected)


def test_shuffle_of_queue() -> None:
    """A queue has its own shuffle and repeat modes, also as a listed source."""
    source = PlayerSource("one", "Queue", shuffle_enabled=False, repeat_mode=MassRepeatMode.OFF)
    queue = create_queue(shuffle_enabled=True, repeat_mode=MassRepeatMode.ALL)
    shot = build(create_player(source_list=create_sources(source), active_source="one"), queue)
    assert (shot.shuffle, shot.repeat) == (True, RepeatMode.ALL)
    assert (build(create_player()).shuffle, build(create_player()).repeat) == (None, None)


# Who belongs to whom


@pytest.mark.parametrize(
    ("active_source", "queue", "queue_id", "app_id"),
    [
        ("one", create_queue(), "one", "music_assistant"),
        (None, create_queue(), "one", "music_assistant"),
        ("two", create_queue(queue_id="two"), "two", "music_assistant"),
        ("spotify", None, None, "spotify"),
        (None, None, None, None),
    ],
)
def test_active_queue(
    active_source: str | None, queue: LazyQueue | None, queue_id: str | None, app_id: str | None
) -> None:
    """A player plays a queue or a source."""
    shot = build(create_player(active_source=active_source), queue)
    assert (shot.queue_id, shot.app_id) == (queue_id, app_id)


@pytest.mark.parametrize(("active_source", "expected"), [("two", "two"), (None, "one")])
def test_own_queue(active_source: str | None, expected: str) -> None:
    """A player without an active source has its own queue."""
    assert get_active_queue_id(create_player(active_source=active_source)) == expected


@pytest.mark.parametrize(
    ("own", "of_leader", "expected"),
    [
        ([], None, ()),
        (["one", "two"], None, ("one", "two")),
        # the leader first, however the server lists them
        (["two", "three", "one"], None, ("one", "two", "three")),
        (["two", "three"], None, ("two", "three")),
        ([], ["two", "one"], ("two", "one")),
        ([], ["one", "three", "two"], ("two", "one", "three")),
        (["one", "two"], ["one", "two"], ("two", "one")),
        (["three"], ["two", "one"], ("three",)),
        ([], [], ()),
    ],
)
def test_group_members(
    own: list[str], of_leader: list[str] | None, expected: tuple[str, ...]
) -> None:
    """A follower has the group members of its leader."""
    player = create_player(group_members=UniqueList(own), synced_to="two" if of_leader else None)
    leader = (
        None
        if of_leader is None
        else create_player(player_id="two", group_members=UniqueList(of_leader))
    )
    assert build(player, leader=leader).group_members == expected


@pytest.mark.parametrize(
    ("active_source", "synced_to", "expected"),
    [
        (None, None, {"one"}),
        ("one", None, {"one"}),
        ("two", "two", {"one", "two"}),
        ("queue", "two", {"one", "queue", "two"}),
    ],
)
def test_dependencies(active_source: str | None, synced_to: str | None, expected: set[str]) -> None:
    """A snapshot has the ids that it depends on, also of missing players."""
    shot = build(create_player(active_source=active_source, synced_to=synced_to))
    assert set(shot.dependencies) == expected


# Settings


_VALUES: Final[dict[PlayerOptionType, PlayerOptionValueType]] = {
    PlayerOptionType.BOOLEAN: True,
    PlayerOptionType.INTEGER: 3,
    PlayerOptionType.FLOAT: 0.5,
    PlayerOptionType.STRING: "text",
}


def create_option(key: str, kind: PlayerOptionType, **changes: Any) -> PlayerOption:
    """Return a player option."""
    value = _VALUES[kind]
    return PlayerOption(key=key, name=key, type=kind, value=value, **changes)


@pytest.mark.parametrize(
    ("kind", "choices", "platform"),
    [
        (PlayerOptionType.BOOLEAN, None, Platform.SWITCH),
        (PlayerOptionType.INTEGER, None, Platform.NUMBER),
        (PlayerOptionType.FLOAT, None, Platform.NUMBER),
        (PlayerOptionType.STRING, None, Platform.TEXT),
        (PlayerOptionType.STRING, ["a"], Platform.SELECT),
        (PlayerOptionType.INTEGER, ["a"], Platform.SELECT),
        (PlayerOptionType.BOOLEAN, ["a"], Platform.SWITCH),
    ],
)
def test_options(kind: PlayerOptionType, choices: list[str] | None, platform: Platform) -> None:
    """A player option has the platform of its type, with the names of its choices."""
    entries = [
        PlayerOptionEntry(f"key_{each}", each, kind, _VALUES[kind], translation_key=each)
        for each in choices or ()
    ]
    player = create_player(
        options=UniqueList(
            [
                create_option("one", kind, options=entries or None, translation_key="shown"),
                create_option("fixed", kind, read_only=True),
            ]
        )
    )
    shot = build(player)
    assert shot.option_keys == ("one",)
    assert shot.get_option("fixed") is None
    option = shot.get_option("one")
    assert option
    assert option.platform is platform
    assert (option.translation_key, option.value) == ("shown", _VALUES[kind])
    assert option.choices == tuple((each, f"key_{each}") for each in choices or ())


# Media


def test_media() -> None:
    """The media has the fields of the current item."""
    media = create_media(
        artist="Artist", album="Album", album_artist="Band", image_url="http://a/b"
    )
    assert build(create_player(current_media=media)).media == Media(
        content_id="library://track/1",
        title="Title",
        artist="Artist",
        album="Album",
        album_artist="Band",
        duration=180,
        image="http://a/b",
        queue_item_id="item 1",
        can_seek=True,
    )


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (create_media(image_url="http://a/b"), "http://a/b"),
        (create_media(image_url=None), "of the item"),
        (create_media(image_url=""), "of the item"),
        (None, "of the item"),
    ],
)
def test_image(media: PlayerMedia | None, expected: str) -> None:
    """The image of the current stream is preferred to that of the queue item."""
    assert (
        build(create_player(current_media=media), item_image="of the item").media.image == expected
    )


# Position


@pytest.mark.parametrize(
    ("media", "of_player", "expected"),
    [
        ((10, NOW), (None, None), Position(10, NOW)),
        ((0, NOW), (5.5, NOW), Position(0, NOW)),
        # older servers say it of the player only
        ((None, None), (5.5, NOW - 1), Position(5.5, NOW - 1)),
        ((10, None), (5.5, NOW), Position(5.5, NOW)),
        # a moment in milliseconds is none
        ((10, NOW * 1000), (5.5, NOW), Position(5.5, NOW)),
        ((10, NOW * 1000), (5.5, -1e30), None),
        ((10, None), (5.5, None), None),
        ((None, None), (None, None), None),
    ],
)
def test_position(
    media: tuple[int | None, float | None],
    of_player: tuple[float | None, float | None],
    expected: Position | None,
) -> None:
    """The position is that of the playback state, or else the player's."""
    player = create_player(
        current_media=create_media(elapsed_time=media[0], elapsed_time_last_updated=media[1]),
        elapsed_time=of_player[0],
        elapsed_time_last_updated=of_player[1],
    )
    assert build(player).position == expected


def test_no_position_without_media() -> None:
    """Without media there is no position."""
    assert build(create_player(elapsed_time=5.0, elapsed_time_last_updated=NOW)).position is None


def create_playing_player(**changes: Any) -> Player:
    """Return a player that plays the default track."""
    return create_player(
        playback_state=PlaybackState.PLAYING, current_media=create_media(**changes)
    )


@pytest.mark.parametrize(
    ("elapsed", "at", "kept"),
    [
        (10, NOW, True),
        (40, NOW + 30, True),  # as foreseen
        (40, NOW + 30.9, True),  # whole seconds and slow networks
        (41, NOW + 30.1, True),
        (41, NOW + 30, False),
        (39, NOW + 30, False),
        (70, NOW + 30, False),  # someone went forward
        (0, NOW + 30, False),  # ... or back to the start
    ],
)
def test_position_while_playing(elapsed: int, at: float, kept: bool) -> None:
    """A position that agrees with the last one keeps it, so that nothing changes."""
    before = build(create_playing_player())
    after = build(
        create_playing_player(elapsed_time=elapsed, elapsed_time_last_updated=at), before=before
    )
    assert after.position == (before.position if kept else Position(elapsed, at))
    assert (after == before) is kept


@pytest.mark.parametrize(("elapsed", "kept"), [(10, True), (11, False), (40, False)])
def test_position_while_paused(elapsed: int, kept: bool) -> None:
    """While paused the position doesn't advance."""
    paused = replace(create_playing_player(), playback_state=PlaybackState.PAUSED)
    later = create_media(elapsed_time=elapsed, elapsed_time_last_updated=NOW + 30)
    before = build(paused)
    after = build(replace(paused, current_media=later), before=before)
    assert (after.position == before.position) is kept


@pytest.mark.parametrize(
    "changes",
    [
        {"queue_item_id": "item 2"},
        {"uri": "library://track/2"},
    ],
)
def test_position_of_other_item(changes: dict[str, Any]) -> None:
    """Another item has its own position."""
    moved = {"elapsed_time": 40, "elapsed_time_last_updated": NOW + 30}
    after = build(create_playing_player(**moved, **changes), before=build(create_playing_player()))
    assert after.position == Position(40, NOW + 30)


def test_position_of_other_state() -> None:
    """A change to paused has the position of that moment."""
    paused = replace(
        create_playing_player(elapsed_time=40, elapsed_time_last_updated=NOW + 30),
        playback_state=PlaybackState.PAUSED,
    )
    assert build(paused, before=build(create_playing_player())).position == Position(40, NOW + 30)


def test_first_and_last_position() -> None:
    """The first position is taken, and the last one removed."""
    nothing = build(create_player(playback_state=PlaybackState.PLAYING))
    assert build(create_playing_player(), before=nothing).position == Position(10, NOW)
    assert (
        build(
            create_playing_player(elapsed_time=None), before=build(create_playing_player())
        ).position
        is None
    )


RADIO: Final = {"uri": "library://radio/1", "media_type": MediaType.RADIO, "duration": None}


@pytest.mark.parametrize(
    ("elapsed", "passed", "changes", "seconds"),
    [
        (25, 15, {}, 10),  # as foreseen, and too early to be written again
        (40, 30, {}, 40),
        (3610, 3600, {}, 3610),
        # another title is another state anyway
        (25, 15, {"title": "Next song"}, 25),
        # some servers send 0 all the time
        (0, 15, {}, 10),
        (0, 60, {}, 70),
        (0, 15, {"title": "Next song"}, 25),
        (0, -5, {"title": "Next song"}, 10),
        # another station starts anew
        (0, 60, {"uri": "library://radio/2"}, 0),
    ],
)
def test_position_of_live_media(
    elapsed: int, passed: float, changes: dict[str, Any], seconds: float
) -> None:
    """The position in a stream without an end follows the clock."""
    before = build(create_playing_player(**RADIO))
    moved = {"elapsed_time": elapsed, "elapsed_time_last_updated": NOW + passed}
    after = build(create_playing_player(**RADIO | moved | changes), before=before)
    assert after.position
    assert after.position.seconds == seconds


def test_position_of_paused_live_media() -> None:
    """The position in a paused stream doesn't advance."""
    paused = replace(create_playing_player(**RADIO), playback_state=PlaybackState.PAUSED)
    later = create_media(**RADIO | {"elapsed_time": 0, "elapsed_time_last_updated": NOW + 60})
    after = build(replace(paused, current_media=later), before=build(paused))
    assert after.position == Position(0, NOW + 60)


def create_container(name: str, media_type: MediaType = MediaType.PLAYLIST) -> ItemMapping:
    """Return the container that an item is played from."""
    return ItemMapping(item_id="9", provider="library", name=name, media_type=media_type)


def create_queue_item(media: Track | Radio, container: ItemMapping | None = None) -> QueueItem:
    """Return a queue item, optionally with its container."""
    item = QueueItem.from_media_item("one", media)
    return replace(item, queue_item_id="item 1", origin=QueueItemOrigin(container=container))


@pytest.mark.parametrize(
    ("media", "queue", "channel", "playlist"),
    [
        (create_media(), None, None, None),
        (create_media(), create_queue(), None, None),
        (create_media(), create_queue(current_item=create_queue_item(create_track())), None, None),
        (
            create_media(),
            create_queue(
                current_item=create_queue_item(create_track(), create_container("Dinner"))
            ),
            None,
            "Dinner",
        ),
        (
            create_media(),
            create_queue(sources=[create_container("Mix", MediaType.ARTIST)]),
            None,
            "Mix",
        ),
        # it can't be told from which of them
        (
            create_media(),
            create_queue(sources=[create_container("Mix"), create_container("Dinner")]),
            None,
            None,
        ),
        # albums and tracks are shown as such
        (
            create_media(),
            create_queue(
                current_item=create_queue_item(
                    create_track(), create_container("Mix", MediaType.ALBUM)
                )
            ),
            None,
            None,
        ),
        (
            create_media(),
            create_queue(sources=[create_container("Mix", MediaType.TRACK)]),
            None,
            None,
        ),
        # older servers
        (
            create_media(),
            create_queue(extra_attributes={"active_playlist": "Dinner"}),
            None,
            "Dinner",
        ),
        (create_media(), create_queue(extra_attributes={"active_playlist": ""}), None, None),
        (
            create_media(album="Dinner"),
            create_queue(extra_attributes={"active_playlist": "Dinner"}),
            None,
            None,
        ),
        (
            create_media(**RADIO),
            create_queue(current_item=create_queue_item(create_station())),
            "Harbour FM",
            None,
        ),
        (
            create_media(**RADIO),
            create_queue(
                current_item=create_queue_item(create_station()),
                extra_attributes={"active_playlist": "Harbour FM"},
            ),
            "Harbour FM",
            None,
        ),
    ],
)
def test_channel_and_playlist(
    media: PlayerMedia, queue: LazyQueue | None, channel: str | None, playlist: str | None
) -> None:
    """A radio station is the channel; the playlist is the container of the item."""
    player = create_player(current_media=media)
    shot = build(player, queue)
    assert (shot.channel, shot.playlist) == (channel, playlist)
    again = update_snapshot(build_context(player, queue), None, shot)
    assert again == shot


def test_position_drift() -> None:
    """Small differences are measured from the shown position, so that they don't add up."""
    shot = first = build(create_playing_player())
    shown = []
    for step in range(1, 6):
        moved = create_playing_player(
            elapsed_time=10 + step, elapsed_time_last_updated=NOW + step * 0.7
        )
        shot = build(moved, before=shot)
        shown.append(shot.position == first.position)
    assert shown == [True, True, True, False, False]


# Players that differ in what decides how numbers are shown.
KINDS: Final[dict[str, dict[str, Any]]] = {
    "plain": {},
    "loud": {"volume_control": "native", "mute_control": "native"},
    "group": {"type": PlayerType.GROUP, "group_members": UniqueList(["two", "three"])},
    "leader": {"group_members": UniqueList(["one", "two"])},
    "member": {"synced_to": "two", "active_source": "two"},
    "elsewhere": {
        "active_source": "tv",
        "source_list": create_sources(create_source("tv", "can_seek", "can_play_pause")),
    },
}
MEDIA: Final = (
    None,
    create_media(),
    create_media(elapsed_time=11, elapsed_time_last_updated=NOW + 1),
    create_media(elapsed_time=90),
    create_media(title="Another title"),
    create_media(duration=None),
    create_media(uri="library://radio/1", media_type=MediaType.RADIO, queue_item_id="item 2"),
    create_media(elapsed_time=None, elapsed_time_last_updated=None),
)
NUMBERS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"volume_level": 30, "volume_muted": False},
    {"volume_level": 30, "volume_muted": True, "group_volume": 40, "group_volume_muted": True},
    {"elapsed_time": 50, "elapsed_time_last_updated": NOW + 2},
)


QUEUE_CHANGES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"shuffle_enabled": True},
    {"repeat_mode": MassRepeatMode.ALL},
    {"state": PlaybackState.PAUSED},
    {"elapsed_time": 90, "elapsed_time_last_updated": NOW + 2},
    {
        "sources": [
            ItemMapping(item_id="1", provider="x", name="List", media_type=MediaType.PLAYLIST)
        ]
    },
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", [PlaybackState.PLAYING, PlaybackState.PAUSED])
@pytest.mark.parametrize("queued", [True, False])
def test_update_snapshot(kind: str, state: PlaybackState, queued: bool) -> None:
    """An updated snapshot equals one that is built from scratch."""
    item = QueueItem("one", "item 1", "Title", 180, media_item=create_track())
    queue = create_queue(current_item=item) if queued else None
    leader = create_player(player_id="two", group_members=UniqueList(["two", "one"]))
    players = [
        create_player(playback_state=state, current_media=media, **KINDS[kind], **numbers)
        for media in MEDIA
        for numbers in NUMBERS
    ]
    made = 0
    for then, now in product(players, players):
        before = build(then, queue, leader, "picture")
        found = update_snapshot(build_context(now, queue), "picture", before)
        assert found in (None, build(now, queue, leader, "picture", before))
        made += found is not None
    assert made > len(players)  # beside each one after itself


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", [PlaybackState.PLAYING, PlaybackState.IDLE])
@pytest.mark.parametrize("media", [MEDIA[0], MEDIA[1], MEDIA[6]])
def test_update_snapshot_of_queue(
    kind: str, state: PlaybackState, media: PlayerMedia | None
) -> None:
    """An updated snapshot equals one that is built from scratch, also after changes of the queue."""
    item = QueueItem("one", "item 1", "Title", 180, media_item=create_track())
    station = QueueItem("one", "item 2", "Radio", None, media_item=create_station())
    queues = (
        None,
        create_queue(),
        create_queue(queue_id="two", current_item=item),
        *(create_queue(current_item=item, **changes) for changes in QUEUE_CHANGES),
        create_queue(current_item=station),
    )
    player = create_player(playback_state=state, current_media=media, **KINDS[kind])
    leader = create_player(player_id="two", group_members=UniqueList(["two", "one"]))
    made = 0
    for then, now in product(queues, queues):
        before = build(player, then, leader, "picture")
        context = build_context(player, now, leader)
        found = update_snapshot(context, "picture", before)
        assert found in (None, build(player, now, leader, "picture", before))
        made += found is not None
    assert made > len(queues) + len(QUEUE_CHANGES)


def test_update_favorite() -> None:
    """A change of the favorite state of the current item updates the snapshot."""
    item = QueueItem("one", "item 1", "Title", 180, media_item=create_track())
    player, queue = create_player(current_media=create_media()), create_queue(current_item=item)
    before = build(player, queue)
    set_favorite(queue.current_item, True)
    found = update_snapshot(build_context(player, queue), None, before)
    assert found == build(player, queue) != before
