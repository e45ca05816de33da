"""Actions for players and their groups."""

from typing import Any

import pytest

from custom_components.music_assistant.const import DOMAIN
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .action_helpers import call_action, expect_error, start_playback
from .common import Harness, wait_until
from .server import MassServer

PAIR = ("patio", "garden")  # a leader and its follower


def get_volumes(server: MassServer, *player_ids: str) -> list[int | None]:
    """Return the volumes of players."""
    return [server.players[player_id].volume_level for player_id in player_ids]


# The volume of a group


@pytest.mark.parametrize("player_id", PAIR)
@pytest.mark.parametrize(
    ("action", "data", "expected"),
    [
        ("set_group_volume", {"volume_level": 11}, 11),
        ("set_group_volume", {"volume_level": 100}, 100),
        ("group_volume_up", {}, 60),
        ("group_volume_down", {}, 50),
    ],
)
async def test_group_volume(
    harness: Harness,
    server: MassServer,
    *,
    player_id: str,
    action: str,
    data: dict[str, Any],
    expected: int,
) -> None:
    """The volume of a whole group changes, whichever member is the target."""
    await call_action(harness, action, player_id, **data)
    assert server.players["patio"].group_volume == pytest.approx(expected, abs=1)
    first, second = get_volumes(server, *PAIR)
    assert first == second == 100 if expected == 100 else first != second


async def test_volume_of_playing_group(harness: Harness, server: MassServer) -> None:
    """A member of a playing group player represents the group."""
    start_playback(server, "downstairs")
    await harness.wait_for_events()
    await call_action(harness, "set_group_volume", "kueche", volume_level=50)
    assert server.players["downstairs"].group_volume == 50
    assert get_volumes(server, "kueche", "living_room") != [50, 50]


async def test_group_volume_of_single_player(harness: Harness, server: MassServer) -> None:
    """A player without a group is its own group."""
    await call_action(harness, "set_group_volume", volume_level=33)
    assert get_volumes(server, "kueche", "living_room") == [33, 30]


@pytest.mark.parametrize("muted", [True, False])
async def test_mute_group(harness: Harness, server: MassServer, muted: bool) -> None:
    """All members of a group are muted or unmuted."""
    for player_id in PAIR:
        server.update_player(player_id, volume_muted=not muted)
    data: dict[str, Any] = {} if muted else {"muted": False}
    await call_action(harness, "group_volume_mute", "garden", **data)
    assert [server.players[player_id].volume_muted for player_id in PAIR] == [muted, muted]


async def test_get_group_volume(harness: Harness) -> None:
    """The response is by entity, or a number for mass_queue's target."""
    garden, kitchen = harness.get_entity_id("garden"), harness.get_entity_id("kueche")
    answer = await call_action(harness, "get_group_volume", None, entity_id=[garden, kitchen])
    assert answer == {garden: {"volume_level": 55}, kitchen: {"volume_level": 20}}
    assert await call_action(harness, "get_group_volume", None, entity=garden) == {
        "volume_level": 55
    }


@pytest.mark.parametrize("volume", [-1, 101, "loud"])
async def test_invalid_volume(harness: Harness, volume: object) -> None:
    """An invalid volume is refused."""
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "set_group_volume", volume_level=volume)


# Sleep timers


async def test_sleep_timer(harness: Harness, server: MassServer) -> None:
    """A timer is set, returned and cleared."""
    entity_id = harness.get_entity_id("kueche")
    answer: Any = await harness.hass.services.async_call(
        DOMAIN,
        "set_sleep_timer",
        {"entity_id": entity_id, "duration": {"minutes": 30}},
        blocking=True,
        return_response=True,
    )
    ends = dt_util.parse_datetime(answer[entity_id]["ends_at"])
    assert ends
    expires_at = server.players["kueche"].sleep_timer_expires_at
    assert ends.timestamp() == pytest.approx(expires_at)
    assert (ends - dt_util.utcnow()).total_seconds() == pytest.approx(1800, abs=9)
    await call_action(harness, "clear_sleep_timer")
    assert server.players["kueche"].sleep_timer_expires_at is None


async def test_sleep_timer_of_group(harness: Harness, server: MassServer) -> None:
    """The timer of a group is the leader's."""
    await harness.call_action("join", "kueche", group_members=[harness.get_entity_id("buero")])
    await wait_until(lambda: server.players["buero"].synced_to == "kueche")
    await call_action(harness, "set_sleep_timer", "buero", duration="00:10:00")
    assert server.players["kueche"].sleep_timer_expires_at
    assert server.players["buero"].sleep_timer_expires_at is None
    await wait_until(lambda: harness.coordinator.data["buero"].sleep_timer is not None)
    await call_action(harness, "clear_sleep_timer", "buero")
    await wait_until(lambda: harness.coordinator.data["buero"].sleep_timer is None)


@pytest.mark.parametrize("duration", ["00:00:00", {"days": 2}, "soon"])
async def test_invalid_duration(harness: Harness, duration: object) -> None:
    """A duration is positive and at most a day."""
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "set_sleep_timer", duration=duration)


@pytest.mark.parametrize("schema_version", [29])
@pytest.mark.parametrize("action", ["set_sleep_timer", "clear_sleep_timer"])
async def test_sleep_timer_of_older_server(harness: Harness, action: str) -> None:
    """An older server has no sleep timers."""
    data = {"duration": "00:10:00"} if action == "set_sleep_timer" else {}
    await expect_error("server_too_old_for_command", call_action(harness, action, **data))


@pytest.mark.parametrize("prompt", [True, False])
async def test_stop_of_stopped_player(harness: Harness, prompt: bool) -> None:
    """A player that plays nothing is stopped, whatever the server says to that."""
    await harness.call_action("media_stop", "buero")


@pytest.mark.parametrize(
    ("code", "key"), [(10, "player_unavailable"), (22, "not_permitted"), (999, "command_failed")]
)
async def test_stop_fails(harness: Harness, server: MassServer, code: int, key: str) -> None:
    """An error about a player that plays is one, and so are those that aren't about playback."""
    if code == 999:
        start_playback(server, "buero")
        await harness.wait_for_events()
    server.faults.fail_command("players/cmd/stop", code)
    await expect_error(key, harness.call_action("media_stop", "buero"))


# Groups


async def test_join_players(harness: Harness, server: MassServer) -> None:
    """Several players join by one command."""
    members = [harness.get_entity_id(player_id) for player_id in ("kueche", "living_room")]
    await harness.call_action("join", "buero", group_members=members)
    assert [name for name, _ in server.commands if "group" in name] == ["players/cmd/group_many"]
    await wait_until(lambda: len(harness.get_state("buero").attributes["group_members"]) == 3)
