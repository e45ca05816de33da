"""Media players with a real server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from music_assistant_models.enums import (
    EventType,
    PlaybackState,
    PlayerFeature,
    QueueOption,
    RepeatMode,
)
from music_assistant_models.player import DeviceInfo, Player, PlayerSource
from music_assistant_models.unique_list import UniqueList
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.helpers import batching
from custom_components.music_assistant.media_player import convert_icon
from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError, ServiceNotSupported, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .action_helpers import (
    ALBUM,
    get_playable_uris,
    get_queue_uris,
    get_sent_arguments,
    start_playback,
)
from .common import LoopMonitor, RecordedChanges, wait_until
from .server import MassServer
from .server.command_targets import PlayerCommand
from .server.commands import Command
from .server.player_set import STREAMERS, create_speaker

OTHER_ALBUM, RADIO = "library://album/2", "library://radio/1"
KITCHEN = "media_player.kuche"
OLD_AND_NEW = pytest.mark.parametrize("schema_version", [29, 46, 98])

pytestmark = pytest.mark.usefixtures("coordinator")


def get_state(hass: HomeAssistant, entity_id: str = KITCHEN) -> State:
    """Return the state of an entity that has one."""
    state = hass.states.get(entity_id)
    assert state, f"{entity_id} has no state"
    return state


async def wait_for_state(hass: HomeAssistant, entity_id: str = KITCHEN, **expected: Any) -> State:
    """Wait until an entity has these attributes (`state` is its state), and return its state."""

    def has_attributes() -> dict[str, Any]:
        state = hass.states.get(entity_id)
        every = {"state": state.state, **state.attributes} if state else {}
        return {key: every.get(key) for key in expected}

    try:
        await wait_until(lambda: has_attributes() == expected)
    except TimeoutError:
        assert has_attributes() == expected
    return get_state(hass, entity_id)


async def call_media_player_action(
    hass: HomeAssistant, action: str, entity_id: str = KITCHEN, **data: Any
) -> None:
    """Call an action of media players, as automations do."""
    target = {"entity_id": entity_id}
    await hass.services.async_call("media_player", action, data, blocking=True, target=target)


async def wait_for_events(hass: HomeAssistant, server: MassServer) -> None:
    """Wait until all events that the server has sent are handled.

    Events are ordered, so an event of another player that is sent now arrives last.
    """
    name = f"Office {server.clock()}"
    server.update_player("buero", name=name)
    await wait_until(lambda: get_state(hass, "media_player.buro").name == name)


# Controls


@dataclass(frozen=True)
class ControlCase:
    """Represent an action, its effect on the server, and the expected state."""

    action: str
    on_server: Callable[[MassServer], object]
    expected: object
    shows: Mapping[str, Any]
    data: Mapping[str, Any] = field(default_factory=dict)
    entity_id: str = KITCHEN
    before: Callable[[MassServer], object] = start_playback

    def __str__(self) -> str:
        """Return its name for the test id."""
        return "-".join([self.action, *map(str, self.data.values())])


def do_nothing(_server: MassServer) -> None:
    """Prepare nothing."""


def pause_kitchen(server: MassServer) -> None:
    """Pause the kitchen."""
    server.playback.pause(start_playback(server))


def play_second_track(server: MassServer) -> None:
    """Play the second track in the kitchen."""
    server.playback.skip_to_next(start_playback(server))


def build_player_change(**changes: Any) -> Callable[[MassServer], object]:
    """Return a function that changes the kitchen's player."""
    return lambda server: server.update_player("kueche", **changes)


def set_repeat(server: MassServer) -> None:
    """Enable repeat for the kitchen's queue."""
    start_playback(server)
    server.update_queue("kueche", repeat_mode=RepeatMode.ONE)


def build_player_getter(name: str, player_id: str = "kueche") -> Callable[[MassServer], object]:
    """Return a function that reads a field of a player."""
    return lambda server: getattr(server.players[player_id], name)


def build_queue_getter(name: str) -> Callable[[MassServer], object]:
    """Return a function that reads a field of the kitchen's queue."""
    return lambda server: getattr(server.queues["kueche"], name)


def get_queue_position(server: MassServer) -> float:
    """Return the position of the kitchen's queue."""
    return server.playback.get_position(server.queues["kueche"])


STATE = build_queue_getter("state")
PLAYING, PAUSED, IDLE = PlaybackState.PLAYING, PlaybackState.PAUSED, PlaybackState.IDLE
CINEMA = "media_player.cinema"
CONTROLS = [
    ControlCase("media_pause", STATE, PAUSED, {"state": "paused"}),
    ControlCase("media_play", STATE, PLAYING, {"state": "playing"}, before=pause_kitchen),
    ControlCase("media_play_pause", STATE, PAUSED, {"state": "paused"}),
    ControlCase("media_play_pause", STATE, PLAYING, {"state": "playing"}, before=pause_kitchen),
    ControlCase("media_stop", STATE, IDLE, {"state": "idle"}),
    ControlCase(
        "media_next_track",
        build_queue_getter("current_index"),
        1,
        {"media_title": "Unlikely Kitchen of Rain"},
    ),
    ControlCase(
        "media_previous_track",
        build_queue_getter("current_index"),
        0,
        {"media_title": "Crème de la brume"},
        before=play_second_track,
    ),
    ControlCase(
        "media_seek",
        get_queue_position,
        pytest.approx(42, abs=5),
        {"media_position": 42},
        {"seek_position": 42.4},
    ),
    *(
        ControlCase(
            "volume_set",
            build_player_getter("volume_level"),
            level,
            {"volume_level": level / 100},
            {"volume_level": level / 100},
            before=do_nothing,
        )
        for level in (0, 29, 57, 58, 100)
    ),
    ControlCase(
        "volume_up",
        build_player_getter("volume_level"),
        25,
        {"volume_level": 0.25},
        before=do_nothing,
    ),
    ControlCase(
        "volume_down",
        build_player_getter("volume_level"),
        15,
        {"volume_level": 0.15},
        before=do_nothing,
    ),
    ControlCase(
        "volume_mute",
        build_player_getter("volume_muted"),
        True,
        {"is_volume_muted": True},
        {"is_volume_muted": True},
        before=do_nothing,
    ),
    ControlCase(
        "volume_mute",
        build_player_getter("volume_muted"),
        False,
        {"is_volume_muted": False},
        {"is_volume_muted": False},
        before=build_player_change(volume_muted=True),
    ),
    ControlCase("turn_off", build_player_getter("powered"), False, {"state": "off"}),
    ControlCase(
        "turn_on",
        build_player_getter("powered"),
        True,
        {"state": "idle"},
        before=build_player_change(powered=False),
    ),
    ControlCase(
        "toggle", build_player_getter("powered"), False, {"state": "off"}, before=do_nothing
    ),
    ControlCase(
        "shuffle_set",
        build_queue_getter("shuffle_enabled"),
        True,
        {"shuffle": True},
        {"shuffle": True},
    ),
    *(
        ControlCase(
            "repeat_set",
            build_queue_getter("repeat_mode"),
            RepeatMode(mode),
            {"repeat": mode},
            {"repeat": mode},
            before=set_repeat if mode == "off" else start_playback,
        )
        for mode in ("off", "one", "all")
    ),
    ControlCase(
        "clear_playlist", build_queue_getter("items"), 0, {"state": "idle", "media_title": None}
    ),
    ControlCase(
        "select_source",
        build_player_getter("active_source", "cinema"),
        "bluetooth",
        {"source": "Bluetooth", "app_id": "bluetooth", "active_queue": None},
        {"source": "Bluetooth"},
        CINEMA,
        do_nothing,
    ),
    ControlCase(
        "select_sound_mode",
        build_player_getter("active_sound_mode", "cinema"),
        "movie",
        {"sound_mode": "movie"},
        {"sound_mode": "movie"},
        CINEMA,
        do_nothing,
    ),
    ControlCase(
        "join",
        build_player_getter("group_members"),
        ["kueche", "buero", "bedroom"],
        {"group_members": [KITCHEN, "media_player.buro", "media_player.bedroom"]},
        # who is asked is a member anyway, and may be named as well
        {"group_members": [KITCHEN, "media_player.buro", "media_player.bedroom"]},
        before=do_nothing,
    ),
    ControlCase(
        "unjoin",
        build_player_getter("synced_to", "garden"),
        None,
        {"group_members": []},
        {},
        "media_player.garden",
        do_nothing,
    ),
]


@OLD_AND_NEW
@pytest.mark.parametrize("control", CONTROLS, ids=str)
async def test_actions_change_server_and_state(
    hass: HomeAssistant, server: MassServer, control: ControlCase
) -> None:
    """An action changes the server, and the state follows."""
    control.before(server)
    await wait_for_events(hass, server)
    assert control.on_server(server) != control.expected
    await call_media_player_action(hass, control.action, control.entity_id, **control.data)
    assert control.on_server(server) == control.expected
    await wait_for_state(hass, control.entity_id, **control.shows)


async def test_volume_of_leader(hass: HomeAssistant, server: MassServer) -> None:
    """A leader has its own volume, and the group's as an attribute."""
    patio = server.players["patio"]
    assert patio.group_volume is not None
    assert (
        get_state(hass, "media_player.patio").attributes["group_volume"] == patio.group_volume / 100
    )
    assert "group_volume" not in get_state(hass).attributes


async def test_volume_of_group(hass: HomeAssistant, server: MassServer) -> None:
    """A group has the volume of its members, and sets theirs."""
    entity_id = "media_player.downstairs"
    await call_media_player_action(hass, "turn_on", entity_id)
    await wait_for_state(hass, entity_id, state="idle", volume_level=0.25)
    await call_media_player_action(hass, "volume_set", entity_id, volume_level=0.58)
    await wait_for_state(hass, entity_id, volume_level=0.58)
    members = [server.players[name].volume_level or 0 for name in ("living_room", "kueche")]
    assert sum(members) / 2 == pytest.approx(58, abs=0.5)


@pytest.mark.parametrize(
    ("action", "data", "expected"),
    [
        ("shuffle_set", {"shuffle": True}, {"shuffle": True}),
        ("repeat_set", {"repeat": "all"}, {"repeat": "all"}),
    ],
)
async def test_shuffle_and_repeat_of_source(
    hass: HomeAssistant,
    server: MassServer,
    action: str,
    data: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """A source with shuffle or repeat gets the command in place of the queue."""

    def shuffle(server: MassServer, player: Player, shuffle_enabled: bool) -> None:
        server.update_player(
            player.player_id, source_list=is_app_active(shuffle_enabled=shuffle_enabled)
        )

    def repeat(server: MassServer, player: Player, repeat_mode: RepeatMode) -> None:
        server.update_player(player.player_id, source_list=is_app_active(repeat_mode=repeat_mode))

    def is_app_active(**order: Any) -> UniqueList[PlayerSource]:
        source = PlayerSource("app", "App", can_shuffle=True, can_repeat=True)
        return UniqueList([replace(source, **order)])

    server.command_table |= {
        "players/cmd/shuffle": Command(PlayerCommand(shuffle)),
        "players/cmd/repeat": Command(PlayerCommand(repeat)),
    }
    server.update_player("kueche", source_list=is_app_active(), active_source="app")
    await wait_for_state(hass, source="App", active_queue=None)
    await call_media_player_action(hass, action, **data)
    await wait_for_state(hass, **expected)


# Playing media


@OLD_AND_NEW
@pytest.mark.parametrize(
    ("enqueue", "expected"),
    [
        (None, "B*"),
        ("replace", "B*"),
        ("play", "a0 B* A"),
        ("next", "a0* B A"),
        ("add", "a0* A B"),
        (True, "a0* A B"),
        (False, "a0 B* A"),
    ],
)
async def test_enqueue(
    hass: HomeAssistant, server: MassServer, enqueue: str | bool | None, expected: str
) -> None:
    """New media is added by the enqueue mode; `*` marks the current item."""
    queue = start_playback(server)
    data: dict[str, Any] = {} if enqueue is None else {"enqueue": enqueue}
    await call_media_player_action(
        hass, "play_media", media_content_type="album", media_content_id=OTHER_ALBUM, **data
    )
    first, *rest = get_playable_uris(server, ALBUM)
    parts = {"a0": [first], "A": rest, "B": get_playable_uris(server, OTHER_ALBUM)}
    places = [(name.strip("*"), name.endswith("*")) for name in expected.split()]
    assert get_queue_uris(server) == [uri for name, _ in places for uri in parts[name]]
    playing = next(parts[name][0] for name, plays in places if plays)
    assert queue.current_item and queue.current_item.uri == playing
    await wait_for_state(hass, state="playing", media_content_id=playing)


@pytest.mark.parametrize("prompt", [False])
@pytest.mark.parametrize(
    ("enqueue", "starts"), [(None, 1), ("replace", 1), ("play", 0), ("add", 0)]
)
async def test_music_that_replaces_other_music_plays(
    hass: HomeAssistant,
    server: MassServer,
    loop_monitor: LoopMonitor,
    *,
    enqueue: str | None,
    starts: int,
) -> None:
    """A player that a real server leaves silent when its queue is replaced is started."""
    start_playback(server)
    await wait_until(lambda: not server.playback.reporter.is_busy)
    await wait_for_state(hass, state="playing")
    data = {} if enqueue is None else {"enqueue": enqueue}
    with loop_monitor.skip_idle_time():
        await call_media_player_action(
            hass, "play_media", media_content_type="album", media_content_id=OTHER_ALBUM, **data
        )
        assert len(get_sent_arguments(server, "player_queues/play_index")) == starts
        played = get_playable_uris(server, ALBUM if enqueue == "add" else OTHER_ALBUM)[0]
        await wait_for_state(hass, state="playing", media_content_id=played)
        await wait_until(lambda: server.players["kueche"].playback_state is PlaybackState.PLAYING)


@pytest.mark.parametrize("prompt", [False])
@pytest.mark.parametrize(("enqueue", "starts"), [("replace", 1), ("play", 0), ("add", 0)])
async def test_music_that_replaces_paused_music_plays(
    hass: HomeAssistant,
    server: MassServer,
    loop_monitor: LoopMonitor,
    *,
    enqueue: str,
    starts: int,
) -> None:
    """A player that a real server leaves silent when it was paused is started, unless it waits."""
    queue = start_playback(server)
    await wait_until(lambda: not server.playback.reporter.is_busy)
    server.playback.pause(queue)
    await wait_until(lambda: not server.playback.reporter.is_busy)
    await wait_for_state(hass, state="paused")
    data = {"media_content_type": "album", "media_content_id": OTHER_ALBUM, "enqueue": enqueue}
    with loop_monitor.skip_idle_time():
        await call_media_player_action(hass, "play_media", **data)
        assert len(get_sent_arguments(server, "player_queues/play_index")) == starts
        await wait_for_state(hass, state="paused" if enqueue == "add" else "playing")


@pytest.mark.parametrize("prompt", [False])
async def test_music_that_is_stopped_at_once_stays_silent(
    hass: HomeAssistant, server: MassServer, loop_monitor: LoopMonitor
) -> None:
    """A player that somebody stops before it plays isn't started."""
    start_playback(server)
    await wait_until(lambda: not server.playback.reporter.is_busy)
    await wait_for_state(hass, state="playing")
    with loop_monitor.skip_idle_time():
        playing = hass.async_create_task(
            call_media_player_action(
                hass,
                "play_media",
                media_content_type="album",
                media_content_id=OTHER_ALBUM,
                enqueue="replace",
            )
        )
        await wait_until(lambda: get_sent_arguments(server, "player_queues/play_media"))
        await call_media_player_action(hass, "media_stop")
        await playing
    assert not get_sent_arguments(server, "player_queues/play_index")


@OLD_AND_NEW
@pytest.mark.parametrize(
    ("kind", "media_id"),
    [
        ("music", "library://playlist/1"),
        ("playlist", "1"),
        ("playlist", "{name}"),
        ("music", "{name}"),
    ],
)
async def test_media_id_formats(
    hass: HomeAssistant, server: MassServer, kind: str, media_id: str
) -> None:
    """A URI, a library id and a name are equivalent."""
    name = server.library.get_item("library://playlist/1").name
    await call_media_player_action(
        hass, "play_media", media_content_type=kind, media_content_id=media_id.format(name=name)
    )
    assert get_queue_uris(server) == get_playable_uris(server, "library://playlist/1")


async def test_radio_mode(hass: HomeAssistant, server: MassServer) -> None:
    """Radio mode plays similar music."""
    await call_media_player_action(
        hass,
        "play_media",
        media_content_type="music",
        media_content_id=ALBUM,
        extra={"radio_mode": True},
    )
    assert server.queues["kueche"].is_dynamic
    assert get_queue_uris(server) != get_playable_uris(server, ALBUM)


async def test_play_on_own_queue_of_group_member(hass: HomeAssistant, server: MassServer) -> None:
    """Playing on a member with its own input doesn't affect the group."""
    server.playback.play_source(server.players["cinema"], "optical")
    await wait_for_state(hass, CINEMA, source="Optical")
    await call_media_player_action(
        hass, "play_media", CINEMA, media_content_type="music", media_content_id=ALBUM
    )
    await wait_for_state(hass, CINEMA, source=None, active_queue="cinema", state="playing")


@pytest.fixture
async def song(hass: HomeAssistant, tmp_path: Path) -> str:
    """Return the id of a file in Home Assistant's local media."""
    (tmp_path / "Ä song.mp3").write_bytes(b"")
    hass.config.media_dirs = {"local": str(tmp_path)}
    await hass.config.async_update(internal_url="http://192.168.1.2:8123")
    assert await async_setup_component(hass, "media_source", {})
    return "media-source://media_source/local/Ä song.mp3"


SONG_URL = "http://192.168.1.2:8123/media/local/%C3%84%20song.mp3?authSig="


async def test_media_source(hass: HomeAssistant, server: MassServer, song: str) -> None:
    """Home Assistant's media sources can be played."""
    await call_media_player_action(
        hass, "play_media", media_content_type="music", media_content_id=song
    )
    state = await wait_for_state(hass, state="playing", media_title="Ä song")
    assert SONG_URL in state.attributes["media_content_id"]


@pytest.mark.parametrize("of_source", [True, False])
async def test_announcement(
    hass: HomeAssistant, server: MassServer, song: str, of_source: bool
) -> None:
    """An announcement plays at its own volume, and playback continues."""
    start_playback(server)
    await wait_for_state(hass, state="playing", volume_level=0.2)
    with RecordedChanges(hass).record() as changes:
        await call_media_player_action(
            hass,
            "play_media",
            media_content_type="music",
            media_content_id=song if of_source else "http://x/bell.mp3",
            announce=True,
            extra={
                "announce_volume": 66,
                "use_pre_announce": True,
                "pre_announce_url": "http://x/gong.mp3",
            },
        )
        await wait_for_state(
            hass, state="playing", volume_level=0.2, media_album_name="Lanterns at Low Tide"
        )
    heard = [
        (state.attributes["volume_level"], state.attributes["media_content_id"])
        for event in changes.states
        if (state := event.data["new_state"])
        and state.attributes.get("media_title") == "Announcement"
    ]
    assert {volume for volume, _ in heard} == {0.66}
    expected = SONG_URL if of_source else "http://x/bell.mp3"
    assert all(url.startswith(expected) for _, url in heard)
    sent = next(args for name, args in server.commands if name.endswith("play_announcement"))
    assert (sent["pre_announce"], sent["pre_announce_url"]) == (True, "http://x/gong.mp3")


# Refusals


@pytest.mark.parametrize(
    ("action", "data", "entity_id", "key", "placeholders"),
    [
        (
            "select_source",
            {"source": "VHS"},
            CINEMA,
            "unknown_source",
            {"player": "Cinema", "name": "VHS", "choices": "HDMI 1, Optical, Bluetooth"},
        ),
        (
            "select_sound_mode",
            {"sound_mode": "calibration"},  # a passive one
            CINEMA,
            "unknown_sound_mode",
            {"player": "Cinema", "name": "calibration", "choices": "stereo, movie, night"},
        ),
        (
            "join",
            {"group_members": ["media_player.foreign"]},
            KITCHEN,
            "not_our_player",
            {"entity_id": "media_player.foreign", "server": "Music Assistant"},
        ),
        (
            "join",
            {"group_members": ["media_player.registered_nowhere"]},
            KITCHEN,
            "not_our_player",
            {"entity_id": "media_player.registered_nowhere", "server": "Music Assistant"},
        ),
        (
            "join",
            {"group_members": ["sensor.of_ours"]},
            KITCHEN,
            "not_our_player",
            {"entity_id": "sensor.of_ours", "server": "Music Assistant"},
        ),
        (
            "play_media",
            {"media_content_type": "album", "media_content_id": "No such album"},
            KITCHEN,
            "nothing_found",
            {"name": "No such album"},
        ),
    ],
)
async def test_invalid_actions(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    *,
    action: str,
    data: dict[str, Any],
    entity_id: str,
    key: str,
    placeholders: dict[str, str],
) -> None:
    """Actions that are known to be impossible are translated errors."""
    registry = er.async_get(hass)
    registry.async_get_or_create("media_player", "other", "kueche", suggested_object_id="foreign")
    registry.async_get_or_create(
        "sensor", "music_assistant", "kueche", suggested_object_id="of_ours", config_entry=entry
    )
    with pytest.raises(ServiceValidationError) as raised:
        await call_media_player_action(hass, action, entity_id, **data)
    assert raised.value.translation_domain == "music_assistant"
    assert raised.value.translation_key == key
    assert raised.value.translation_placeholders == placeholders


@pytest.mark.parametrize(
    ("action", "command", "data"),
    [
        ("media_play", "players/cmd/play", {}),
        ("volume_set", "players/cmd/volume_set", {"volume_level": 0.5}),
        ("shuffle_set", "player_queues/shuffle", {"shuffle": True}),
        (
            "play_media",
            "player_queues/play_media",
            {"media_content_type": "album", "media_content_id": ALBUM},
        ),
        (
            "play_media",
            "players/cmd/play_announcement",
            {"media_content_type": "music", "media_content_id": "http://x/y", "announce": True},
        ),
    ],
)
async def test_server_errors(
    hass: HomeAssistant,
    server: MassServer,
    subtests: pytest.Subtests,
    *,
    action: str,
    command: str,
    data: dict[str, Any],
) -> None:
    """The server's errors are raised with what to do."""
    for code, key in (
        (2, "media_not_found"),
        (10, "player_unavailable"),
        (11, "command_failed"),
        (22, "not_permitted"),
        (999, "command_failed"),
    ):
        with subtests.test(code=code):
            server.faults.fail_command(command, code, "the reason")
            with pytest.raises(HomeAssistantError) as raised:
                await call_media_player_action(hass, action, **data)
            assert raised.value.translation_domain == "music_assistant"
            assert raised.value.translation_key == key
            assert raised.value.translation_placeholders == {"server": "Music Assistant"}


async def test_permission_error(hass: HomeAssistant, server: MassServer) -> None:
    """The server's permission error is raised."""
    server.accounts.get_user("demo").player_filter = ["buero"]
    with pytest.raises(HomeAssistantError) as raised:
        await call_media_player_action(hass, "media_play")
    assert raised.value.translation_key == "not_permitted"


async def test_disconnect_during_action(hass: HomeAssistant, server: MassServer) -> None:
    """A pending action fails with an error at a disconnect."""
    server.faults.ignore_command("players/cmd/play")
    asked = hass.async_create_task(call_media_player_action(hass, "media_play"))
    await wait_until(lambda: ("players/cmd/play", {"player_id": "kueche"}) in server.commands)
    await server.faults.disconnect_clients()
    with pytest.raises(HomeAssistantError) as raised:
        await asked
    assert raised.value.translation_key == "not_connected"


# Features


def get_features(hass: HomeAssistant, entity_id: str = KITCHEN) -> Feature:
    """Return the supported features of an entity."""
    return Feature(get_state(hass, entity_id).attributes["supported_features"])


@pytest.mark.parametrize(
    ("entity_id", "offered", "missing"),
    [
        (
            KITCHEN,
            Feature.TURN_ON | Feature.VOLUME_SET | Feature.VOLUME_MUTE | Feature.GROUPING,
            Feature.SELECT_SOURCE | Feature.SELECT_SOUND_MODE | Feature.SEEK,
        ),
        (CINEMA, Feature.SELECT_SOURCE | Feature.SELECT_SOUND_MODE, Feature.SEEK),
        (
            "media_player.turntable_corner",
            Feature.PLAY | Feature.PAUSE | Feature.STOP | Feature.PLAY_MEDIA,
            Feature.TURN_ON | Feature.TURN_OFF | Feature.VOLUME_SET | Feature.VOLUME_STEP
            | Feature.VOLUME_MUTE | Feature.GROUPING,
        ),
    ],
)  # fmt: skip
async def test_supported_features(
    hass: HomeAssistant, entity_id: str, offered: Feature, missing: Feature
) -> None:
    """Features that a player lacks aren't supported."""
    assert get_features(hass, entity_id) & (offered | missing) == offered


async def test_seek_depends_on_current_item(hass: HomeAssistant, server: MassServer) -> None:
    """Seeking depends on the current item, and is refused without it."""
    start_playback(server)
    await wait_for_state(hass, state="playing")
    assert get_features(hass) & Feature.SEEK
    start_playback(server, uri=RADIO)
    await wait_for_state(hass, media_content_id=RADIO)
    assert not get_features(hass) & Feature.SEEK
    with pytest.raises(ServiceNotSupported):
        await call_media_player_action(hass, "media_seek", seek_position=10)


async def test_features_of_source(hass: HomeAssistant, server: MassServer) -> None:
    """While a source plays, its features are supported and not those of the queue."""
    of_queue = Feature.SHUFFLE_SET | Feature.CLEAR_PLAYLIST
    skip = Feature.NEXT_TRACK | Feature.PREVIOUS_TRACK
    every = of_queue | skip | Feature.PAUSE
    assert get_features(hass, CINEMA) & every == every
    for source, name, expected in (
        ("hdmi1", "HDMI 1", Feature(0)),
        ("bluetooth", "Bluetooth", skip | Feature.PAUSE),
    ):
        server.playback.play_source(server.players["cinema"], source)
        await wait_for_state(hass, CINEMA, source=name)
        assert get_features(hass, CINEMA) & every == expected


# Attributes


@OLD_AND_NEW
async def test_attributes(hass: HomeAssistant, server: MassServer) -> None:
    """All attributes of the current item are set."""
    queue = start_playback(server)
    server.playback.skip_time(20)
    state = await wait_for_state(hass, state="playing", media_position=20)
    item = queue.current_item
    assert item and item.media_item
    track = server.library.get_item(item.uri)
    expected: dict[str, Any] = {
        "media_content_id": "library://track/1",
        "media_content_type": "music",
        "media_title": "Crème de la brume",
        "media_artist": "Élodie Marchvent",
        "media_album_name": "Lanterns at Low Tide",
        "media_album_artist": "Élodie Marchvent",
        "media_duration": getattr(track, "duration", None),
        "volume_level": 0.2,
        "is_volume_muted": False,
        "shuffle": False,
        "repeat": "off",
        "group_members": [],
        "app_id": "music_assistant",
        "mass_player_type": "player",
        "mass_player_id": "kueche",
        "active_queue": "kueche",
        "device_class": "speaker",
        "icon": "mdi:speaker",
        "friendly_name": "Küche",
    }
    assert {key: state.attributes.get(key) for key in expected} == expected


async def test_favorite_attribute(
    hass: HomeAssistant, server: MassServer, coordinator: MusicAssistantCoordinator
) -> None:
    """The attribute says whether the current track is a favorite; it is missing without one."""
    await wait_for_state(hass, is_favorite=None)
    start_playback(server)
    track = server.library.get_item("library://track/1")
    state = await wait_for_state(hass, state="playing", is_favorite=track.favorite)
    unrecorded = state.state_info["unrecorded_attributes"] if state.state_info else ()
    assert {"is_favorite", "mass_player_id"} <= set(unrecorded)
    music = coordinator.mass.music
    was_favorite = track.favorite
    if was_favorite:
        await music.remove_item_from_favorites(track.media_type, track.item_id)
    else:
        await music.add_item_to_favorites(str(track.uri))
    await wait_for_state(hass, is_favorite=not was_favorite)


async def test_source_and_sound_mode_lists(hass: HomeAssistant) -> None:
    """Passive sources and sound modes aren't listed."""
    attributes = get_state(hass, CINEMA).attributes
    assert attributes["source_list"] == ["HDMI 1", "Optical", "Bluetooth"]
    assert attributes["sound_mode_list"] == ["stereo", "movie", "night"]
    assert attributes["sound_mode"] == "stereo"


async def test_states_of_all_player_types(hass: HomeAssistant) -> None:
    """Each type of player has its state."""
    assert {state.entity_id: state.state for state in hass.states.async_all("media_player")} == {
        "media_player.living_room": "idle",
        "media_player.kuche": "idle",
        "media_player.buro": "idle",
        "media_player.patio": "idle",
        "media_player.garden": "idle",
        "media_player.bedroom": "off",
        "media_player.turntable_corner": "idle",  # it has no power to be off
        "media_player.cinema": "idle",
        "media_player.guest_room": STATE_UNAVAILABLE,
        "media_player.downstairs": "off",
    }


def compute_position(state: State) -> float:
    """Return the position as the frontend computes it."""
    at = state.attributes["media_position_updated_at"]
    passed: float = state.attributes["media_position"] + (dt_util.utcnow() - at).total_seconds()
    return passed


@OLD_AND_NEW
async def test_position_events_write_no_state(hass: HomeAssistant, server: MassServer) -> None:
    """The position is right between jumps, and its events write no state."""
    queue = start_playback(server)
    server.playback.skip_time(10)
    state = await wait_for_state(hass, state="playing", media_position=10)
    assert compute_position(state) == pytest.approx(server.playback.get_position(queue), abs=1)
    with RecordedChanges(hass).record() as changes:
        for _ in range(5):
            server.playback.update_player("kueche")  # the server stamps the position anew
            await wait_for_events(hass, server)
    assert KITCHEN not in changes.entity_ids
    assert compute_position(get_state(hass)) == pytest.approx(
        server.playback.get_position(queue), abs=1
    )
    server.playback.seek(queue, 70)
    state = await wait_for_state(hass, media_position=70)
    assert compute_position(state) == pytest.approx(server.playback.get_position(queue), abs=1)


@OLD_AND_NEW
async def test_track_change(hass: HomeAssistant, server: MassServer) -> None:
    """When a track ends, the next one is shown from its start."""
    queue = start_playback(server)
    item = queue.current_item
    assert item and item.duration
    server.playback.skip_time(item.duration + 3)
    await wait_for_state(
        hass, media_content_id=get_playable_uris(server, ALBUM)[1], media_position=3
    )


@OLD_AND_NEW
async def test_stream_title(hass: HomeAssistant, server: MassServer) -> None:
    """A radio shows the stream title, and has no duration."""
    start_playback(server, uri=RADIO)
    await wait_for_state(hass, media_title="Slow Morning", media_artist="The Paper Lanterns")
    server.playback.skip_time(60)
    state = await wait_for_state(hass, media_title="Glass Harbour", media_album_name="Harbour FM")
    assert "media_duration" not in state.attributes
    assert state.attributes["media_channel"] == "Harbour FM"
    assert "media_playlist" not in state.attributes
    assert state.attributes["media_position"] == pytest.approx(60, abs=1)


@OLD_AND_NEW
async def test_playlist_title(hass: HomeAssistant) -> None:
    """What plays from a playlist shows the playlist, what plays from an album doesn't."""
    await call_media_player_action(
        hass, "play_media", media_content_id="library://playlist/1", media_content_type="playlist"
    )
    state = await wait_for_state(hass, state="playing", media_playlist="Sunday Pancakes")
    assert "media_channel" not in state.attributes
    await call_media_player_action(
        hass, "play_media", media_content_id=OTHER_ALBUM, media_content_type="album"
    )
    await wait_for_state(hass, state="playing", media_playlist=None)


async def test_list_of_sources_is_a_choice(hass: HomeAssistant, server: MassServer) -> None:
    """Sources of a player whose server doesn't name the feature can be selected."""
    sources = [
        PlayerSource("kueche", "Music Assistant Queue", can_play_pause=True, can_seek=True),
        PlayerSource("airplay_receiver--1", "AirPlay Receiver", can_play_pause=True),
        PlayerSource("spotify_connect--1", "Spotify Connect", passive=True),
    ]
    server.update_player("kueche", source_list=UniqueList(sources))
    choices = ["Music Assistant Queue", "AirPlay Receiver"]
    state = await wait_for_state(hass, source_list=choices)
    assert state.attributes["supported_features"] & Feature.SELECT_SOURCE
    await call_media_player_action(hass, "select_source", source="AirPlay Receiver")
    await wait_for_state(hass, source="AirPlay Receiver")


# Pictures


@OLD_AND_NEW
@pytest.mark.parametrize("own_picture", [True, False])
async def test_artwork(
    hass: HomeAssistant,
    server: MassServer,
    hass_client_no_auth: ClientSessionGenerator,
    own_picture: bool,
) -> None:
    """Artwork is proxied, also if the server's base url is wrong."""
    server.base_url = "http://172.30.0.1:8095"  # as in a container
    start_playback(server)
    await wait_for_state(hass, state="playing")
    if not own_picture:  # then there is that of the queue's item
        media = server.players["kueche"].current_media
        assert media
        server.update_player("kueche", current_media=replace(media, image_url=None, title="Bare"))
        await wait_for_state(hass, media_title="Bare")
    picture = get_state(hass).attributes["entity_picture"]
    assert picture.startswith(f"/api/media_player_proxy/{KITCHEN}?token=")
    response = await (await hass_client_no_auth()).get(picture)
    assert response.status == 200
    assert response.content_type == "image/jpeg"
    assert Image.open(BytesIO(await response.read())).size == (512, 512)


@pytest.mark.parametrize("address", ["http://[::1/broken.jpg", "not an address", ""])
async def test_unavailable_artwork(hass: HomeAssistant, server: MassServer, address: str) -> None:
    """Artwork that can't be fetched affects nothing else."""
    start_playback(server)
    server.queues["kueche"].current_item = None
    media = server.players["kueche"].current_media
    assert media
    server.update_player("kueche", current_media=replace(media, image_url=address, title="Bare"))
    server.update_queue("kueche")
    state = await wait_for_state(hass, media_title="Bare", state="playing")
    await wait_for_events(hass, server)
    assert "entity_picture" not in get_state(hass).attributes
    assert state.state == "playing"


async def test_missing_artwork(
    hass: HomeAssistant, server: MassServer, hass_client: ClientSessionGenerator
) -> None:
    """Artwork that the server doesn't have is "not found"."""
    media = start_playback(server) and server.players["kueche"].current_media
    assert media
    server.update_player(
        "kueche", current_media=replace(media, image_url=f"{server.url}/imageproxy/nothing")
    )
    await wait_for_events(hass, server)
    response = await (await hass_client()).get(get_state(hass).attributes["entity_picture"])
    assert response.status == 404


# Groups


async def test_group_members(hass: HomeAssistant) -> None:
    """Leader, members and group have the same members from the start."""
    patio = ["media_player.patio", "media_player.garden"]
    assert get_state(hass, "media_player.patio").attributes["group_members"] == patio
    assert get_state(hass, "media_player.garden").attributes["group_members"] == patio
    assert get_state(hass, "media_player.downstairs").attributes["group_members"] == [
        "media_player.living_room",
        KITCHEN,
    ]


async def test_group_members_follow_renamed_entities(hass: HomeAssistant) -> None:
    """Groups have the new entity id of a renamed entity, and omit a removed one."""
    registry = er.async_get(hass)
    registry.async_update_entity("media_player.garden", new_entity_id="media_player.lawn")
    members = ["media_player.patio", "media_player.lawn"]
    await wait_for_state(hass, "media_player.patio", group_members=members)
    await wait_for_state(hass, "media_player.lawn", group_members=members)
    registry.async_remove("media_player.lawn")
    await wait_for_state(hass, "media_player.patio", group_members=["media_player.patio"])


async def test_unrelated_registry_changes_write_no_state(
    hass: HomeAssistant, server: MassServer
) -> None:
    """Other registry changes write no state of groups."""
    registry = er.async_get(hass)
    with RecordedChanges(hass).record() as changes:
        registry.async_get_or_create("light", "other", "garden")
        registry.async_update_entity("media_player.garden", icon="mdi:tree")
        await wait_for_events(hass, server)
    assert "media_player.patio" not in changes.entity_ids


# Coming, going, changing


async def test_new_player(hass: HomeAssistant, server: MassServer) -> None:
    """A new player gets an entity and a device."""
    server.add_player(create_speaker("Piano Room", "piano"))
    await wait_until(lambda: hass.states.get("media_player.piano_room"))
    assert get_state(hass, "media_player.piano_room").state == "idle"
    server.playback.add_items(
        server.queues["piano"], server.library.get_playable_items(ALBUM), QueueOption.REPLACE
    )
    await wait_for_state(hass, "media_player.piano_room", state="playing")


async def test_setup_in_batches(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many players are added in batches."""
    monkeypatch.setattr(batching, "BATCH_TIME", -1.0)  # a pause after each
    before = {state.entity_id: state.state for state in hass.states.async_all("media_player")}
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    after = {state.entity_id: state.state for state in hass.states.async_all("media_player")}
    assert after == before


async def test_removed_player(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """A removed player leaves no entity and no device."""
    server.remove_player("kueche")
    await wait_until(lambda: hass.states.get(KITCHEN) is None)
    assert er.async_get(hass).async_get(KITCHEN) is None
    assert get_device(hass, entry, "kueche") is None


def get_device(
    hass: HomeAssistant, entry: MockConfigEntry, player_id: str
) -> dr.DeviceEntry | None:
    """Return the device of a player."""
    return dr.async_get(hass).async_get_device_by_identifier(
        ("music_assistant", player_id), entry.entry_id
    )


async def test_unavailable_player(hass: HomeAssistant, server: MassServer) -> None:
    """An unavailable player has an unavailable entity."""
    server.update_player("kueche", available=False)
    await wait_for_state(hass, state=STATE_UNAVAILABLE)
    server.update_player("kueche", available=True)
    await wait_for_state(hass, state="idle")


async def test_device(hass: HomeAssistant, server: MassServer, entry: MockConfigEntry) -> None:
    """A device has the player's details and a link to its settings."""
    device = get_device(hass, entry, "kueche")
    assert device
    assert (device.name, device.model, device.manufacturer, device.sw_version) == (
        "Küche",
        "Demo One",
        "Demo Audio",
        "1.2.3",
    )
    assert device.configuration_url == f"{server.url}/#/settings/editplayer/kueche"


async def test_device_without_manufacturer(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """Without a manufacturer it is the provider, also after changes."""
    info = DeviceInfo(model="Thing", manufacturer="")
    server.add_player(create_speaker("Thing", "thing", provider=STREAMERS, device_info=info))
    await wait_until(lambda: hass.states.get("media_player.thing"))
    server.update_player("thing", name="Other thing")
    await wait_for_state(hass, "media_player.thing", friendly_name="Other thing")
    device = get_device(hass, entry, "thing")
    assert device and device.manufacturer == "Demo Streamers"


async def test_device_changes(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """New names and versions are followed, and the entity id is kept."""
    info = DeviceInfo(model="Two", manufacturer="Maker", software_version="2.0")
    server.update_player("kueche", name="Cuisine", device_info=info)
    await wait_for_state(hass, friendly_name="Cuisine")
    device = get_device(hass, entry, "kueche")
    assert device
    assert (device.name, device.model, device.manufacturer, device.sw_version) == (
        "Cuisine",
        "Two",
        "Maker",
        "2.0",
    )


@pytest.mark.parametrize(
    ("icon", "expected"),
    [
        ("mdi-piano", "mdi:piano"),
        ("mdi:piano", "mdi:piano"),
        ("tv", "mdi:television"),
        ("speakers", "mdi:speaker-multiple"),
        ("something new", "mdi:speaker"),
        ("", "mdi:speaker"),
    ],
)
async def test_icon_changes(
    hass: HomeAssistant, server: MassServer, icon: str, expected: str
) -> None:
    """Icons have Home Assistant's names, and are followed."""
    assert convert_icon(icon) == expected
    server.update_player("kueche", icon="mdi-cast")
    await wait_for_state(hass, icon="mdi:cast")
    server.update_player("kueche", icon=icon)
    await wait_for_state(hass, icon=expected)


async def test_feature_changes(hass: HomeAssistant, server: MassServer) -> None:
    """Features follow the player's."""
    player = server.players["kueche"]
    learnt = {*player.supported_features, PlayerFeature.SELECT_SOURCE}
    server.update_player("kueche", supported_features=learnt, volume_control="none")
    await wait_until(lambda: get_features(hass) & Feature.SELECT_SOURCE)
    assert not get_features(hass) & Feature.VOLUME_SET


async def test_exposed_setting(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """Whether a player is exposed follows the server's setting at any time."""
    assert hass.states.get("media_player.kid_s_tablet") is None
    assert get_device(hass, entry, "tablet") is None
    server.set_player_config("tablet", expose_player_to_ha=True)
    await wait_for_state(hass, "media_player.kid_s_tablet", state="idle", icon="mdi:tablet")
    server.set_player_config("tablet", expose_player_to_ha=False)
    await wait_until(lambda: hass.states.get("media_player.kid_s_tablet") is None)
    assert get_device(hass, entry, "tablet") is None


@pytest.mark.parametrize("exposed", [True, False])
async def test_config_event_hides_player(
    hass: HomeAssistant, server: MassServer, exposed: bool
) -> None:
    """The event of the configuration is enough without an event of the player."""
    player_id, entity_id = (
        ("tablet", "media_player.kid_s_tablet") if exposed else ("kueche", KITCHEN)
    )
    server.players[player_id].expose_to_ha = exposed
    config = server.configs.get(player_id)
    server.send_event(EventType.PLAYER_CONFIG_UPDATED, player_id, config)
    await wait_until(lambda: (hass.states.get(entity_id) is not None) is exposed)


async def test_config_event_without_player(hass: HomeAssistant, server: MassServer) -> None:
    """An event without a player changes nothing."""
    server.send_event(EventType.PLAYER_CONFIG_UPDATED, "kueche", None)
    server.send_event(EventType.PLAYER_CONFIG_UPDATED, "nobody", server.configs.get("kueche"))
    await wait_for_events(hass, server)
    assert get_state(hass).state == "idle"


async def test_remove_device(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Only the device of a missing player can be removed."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    gone = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("music_assistant", "gone")}
    )
    there = get_device(hass, entry, "kueche")
    assert there
    for device, removable in ((there, False), (gone, True)):
        answer = await client.remove_device(device.id)
        assert answer["success"] is removable
        assert (dr.async_get(hass).async_get(device.id) is None) is removable


# What costs nothing


async def test_unchanged_state_is_not_written(
    hass: HomeAssistant, server: MassServer, freezer: FrozenDateTimeFactory
) -> None:
    """Events without a change write no state, not even a new report."""
    reported = get_state(hass).last_reported
    freezer.tick(10)
    server.update_player("kueche")
    server.update_player("kueche", extra_attributes={"new": "thing"})
    server.update_queue("kueche")
    server.send_event(EventType.QUEUE_ITEMS_UPDATED, "kueche", server.queues["kueche"])
    await wait_for_events(hass, server)
    assert get_state(hass).last_reported == reported
    assert get_state(hass, "media_player.buro").last_reported > reported


async def test_event_writes_only_affected_players(hass: HomeAssistant, server: MassServer) -> None:
    """An event writes the states of the player and its followers only."""
    with RecordedChanges(hass).record() as changes:
        start_playback(server, "patio")
        await wait_for_state(hass, "media_player.garden", state="playing")
        await wait_for_state(hass, "media_player.patio", state="playing")
    assert changes.entity_ids == {"media_player.patio", "media_player.garden"}


async def test_events_of_one_turn_write_one_state(
    hass: HomeAssistant, server: MassServer, coordinator: MusicAssistantCoordinator
) -> None:
    """Events of one turn of the loop write one state, the last."""
    client = coordinator.connection.client
    with RecordedChanges(hass).record() as changes:
        for level in range(40, 60):
            player = replace(server.players["kueche"], volume_level=level)
            event = {"event": "player_updated", "object_id": "kueche", "data": player.to_dict()}
            client._handle_incoming_message(event)
        await wait_for_state(hass, volume_level=0.59)
        await wait_for_events(hass, server)
    states = [event.data["new_state"] for event in changes.states]
    assert [state.entity_id for state in states if state].count(KITCHEN) == 1


async def test_update_entity(
    hass: HomeAssistant, server: MassServer, coordinator: MusicAssistantCoordinator
) -> None:
    """homeassistant.update_entity compares the states with the server."""
    assert await async_setup_component(hass, "homeassistant", {})
    coordinator.mass.players["kueche"].volume_level = 77
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": KITCHEN}, blocking=True
    )
    await wait_for_state(hass, volume_level=0.77)
