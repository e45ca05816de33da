"""Conversion of Home Assistant's values to the server's."""

from collections.abc import Callable
from copy import replace

from music_assistant_models.enums import PlayerType, QueueOption, RepeatMode as MassRepeatMode
from music_assistant_models.player import DeviceInfo, Player
import pytest

from custom_components.music_assistant.players.commands import (
    ENQUEUE_TO_SERVER,
    REPEAT_TO_SERVER,
    async_stop_playback,
    get_choice_id,
    get_group_player_ids,
    get_leader_ids,
    get_queue_id,
    is_playing as is_queue_playing,
    to_percent,
)
from custom_components.music_assistant.players.snapshot import PlayerSnapshot, build_snapshot
from homeassistant.components.media_player import MediaPlayerEnqueue, RepeatMode
from homeassistant.exceptions import ServiceValidationError

from .action_helpers import get_sent_arguments, start_playback
from .common import Harness
from .player_contexts import build_context
from .server import MassServer

PLAYER = replace(
    build_snapshot(
        build_context(
            Player(
                player_id="one",
                provider="speakers",
                type=PlayerType.PLAYER,
                name="Kitchen",
                available=True,
                device_info=DeviceInfo(),
            )
        ),
        None,
    ),
    sources=(("TV", "hdmi"), ("Radio", "dab")),
)


@pytest.mark.parametrize("level", range(101))
def test_volume_round_trip(level: int) -> None:
    """Each volume of the server is converted to a level and back without change."""
    assert to_percent(level / 100) == level


@pytest.mark.parametrize(("volume", "level"), [(0.294, 29), (0.296, 30), (1.0, 100), (0.0, 0)])
def test_volume_is_rounded(volume: float, level: int) -> None:
    """Volumes in between are rounded."""
    assert to_percent(volume) == level


def test_all_modes_are_mapped() -> None:
    """Each mode of Home Assistant has exactly one mode of the server."""
    assert {each: each.value for each in RepeatMode} == {
        shown: server.value for shown, server in REPEAT_TO_SERVER.items()
    }
    assert MassRepeatMode.UNKNOWN not in REPEAT_TO_SERVER.values()
    assert {each: each.value for each in MediaPlayerEnqueue} == {
        shown: server.value for shown, server in ENQUEUE_TO_SERVER.items()
    }
    assert QueueOption.UNKNOWN not in ENQUEUE_TO_SERVER.values()


@pytest.mark.parametrize(("name", "expected"), [("TV", "hdmi"), ("Radio", "dab")])
def test_find_id_by_name(name: str, expected: str) -> None:
    """A name is converted to the server's id."""
    assert get_choice_id("unknown_source", name, PLAYER, PLAYER.sources) == expected


@pytest.mark.parametrize(
    ("ask", "key", "placeholders"),
    [
        (
            lambda player: get_choice_id("unknown_source", "hdmi", player, player.sources),
            "unknown_source",
            {"player": "Kitchen", "name": "hdmi", "choices": "TV, Radio"},
        ),
        (
            lambda player: get_choice_id("unknown_sound_mode", "x", player, player.sound_modes),
            "unknown_sound_mode",
            {"player": "Kitchen", "name": "x", "choices": "-"},
        ),
        (get_queue_id, "no_queue", {"player": "Kitchen"}),
    ],
)
def test_invalid_values_are_errors(
    ask: Callable[[PlayerSnapshot], str], key: str, placeholders: dict[str, str]
) -> None:
    """Invalid values are errors that list the valid ones."""
    with pytest.raises(ServiceValidationError) as raised:
        ask(PLAYER)
    error = raised.value
    assert (error.translation_domain, error.translation_key) == ("music_assistant", key)
    assert error.translation_placeholders == placeholders


def test_active_queue_is_used() -> None:
    """Commands use the active queue, not the player's own."""
    assert get_queue_id(replace(PLAYER, queue_id="leader")) == "leader"


GROUP = replace(PLAYER, player_id="group", group_members=("one", "two"))


@pytest.mark.parametrize(
    ("players", "leader_ids", "group_player_ids"),
    [
        pytest.param({"one": PLAYER, "group": GROUP}, ("group",), ("one", "group", "two"), id="in"),
        pytest.param({"one": PLAYER}, (), ("one",), id="group isn't known"),
        pytest.param({}, (), ("one",), id="player isn't known"),
    ],
)
def test_group_of_player(
    players: dict[str, PlayerSnapshot],
    leader_ids: tuple[str, ...],
    group_player_ids: tuple[str, ...],
) -> None:
    """The group that a player plays along with, and its members, are known players."""
    player = replace(PLAYER, dependencies=("one", "group"))
    assert get_leader_ids(player, players) == leader_ids
    assert get_group_player_ids(player, players) == group_player_ids


@pytest.mark.parametrize("is_playing", [True, False])
async def test_stop_playback(harness: Harness, server: MassServer, *, is_playing: bool) -> None:
    """What plays is stopped, and has stopped then; nothing is sent to a queue that doesn't play."""
    if is_playing:
        start_playback(server)
        await harness.wait_for_events()
    await async_stop_playback(harness.coordinator.mass, "kueche")
    stopped = [{"queue_id": "kueche"}] if is_playing else []
    assert get_sent_arguments(server, "player_queues/stop") == stopped
    assert not is_queue_playing(harness.coordinator.mass, "kueche")
