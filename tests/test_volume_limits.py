"""How loud players may be made: the limits, and all that is held to them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.server.volume_limits import limit_volume_command
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .action_helpers import call_action, expect_error, get_sent_arguments, start_playback
from .common import Harness, wait_for_disabled_entities, wait_until
from .server import MassServer

VOLUME, GROUP, ANNOUNCE = (
    f"players/cmd/{name}" for name in ("volume_set", "group_volume", "play_announcement")
)
KITCHEN = "kueche"


# What a limit lets through


@pytest.mark.parametrize(
    ("command", "level", "limit", "expected"),
    [
        (VOLUME, 80, None, (VOLUME, 80)),
        (VOLUME, 80, 60, (VOLUME, 60)),
        (VOLUME, 60, 60, (VOLUME, 60)),
        (VOLUME, 10, 60, (VOLUME, 10)),
        (GROUP, 80, 60, (GROUP, 60)),
        (ANNOUNCE, 80, 60, (ANNOUNCE, 60)),
        (ANNOUNCE, None, 60, (ANNOUNCE, None)),
        ("players/cmd/volume_down", None, 5, ("players/cmd/volume_down", None)),
        ("players/cmd/volume_up", None, 60, ("players/cmd/volume_up", None)),
        ("players/cmd/volume_up", None, 44, (VOLUME, 44)),
        ("players/cmd/volume_up", None, 49, (VOLUME, 45)),
        ("players/cmd/group_volume_up", None, 44, (GROUP, 44)),
    ],
)
def test_volume_above_new_limit(
    command: str, level: int | None, limit: int | None, expected: tuple[str, int | None]
) -> None:
    """A volume above a new limit is lowered to it."""
    args: dict[str, Any] = {"player_id": KITCHEN, "volume_level": level}
    passed, changed = limit_volume_command(command, args, limit, lambda: 40)
    assert (passed, changed["volume_level"]) == expected
    assert changed["player_id"] == KITCHEN


def test_unknown_volume() -> None:
    """An unknown volume isn't limited."""
    assert limit_volume_command("players/cmd/volume_up", {}, 4, lambda: None) == (
        VOLUME,
        {"volume_level": 4},
    )


# Limits in the house


def get_number_entity_id(hass: HomeAssistant, player_id: str) -> str:
    """Return the entity id of a player's volume limit."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id("number", DOMAIN, f"{player_id}_volume_limit")
    assert entity_id
    return entity_id


async def set_limit(harness: Harness, player_id: str, percent: int) -> None:
    """Limit a player's volume."""
    entity_id = get_number_entity_id(harness.hass, player_id)
    await harness.hass.services.async_call(
        "number", "set_value", {"entity_id": entity_id, "value": percent}, blocking=True
    )
    shown = harness.hass.states.get(entity_id)
    assert shown
    assert shown.state == str(percent)


@pytest.fixture
async def limited_harness(all_enabled: None, harness: Harness) -> Harness:
    """Return a harness whose kitchen is limited to 60 %."""
    await set_limit(harness, KITCHEN, 60)
    return harness


def get_volume(server: MassServer, player_id: str = KITCHEN) -> int | None:
    """Return the volume of a player."""
    return server.players[player_id].volume_level


async def test_disabled_by_default(harness: Harness) -> None:
    """The entity is disabled by default, and there is no limit then."""
    await wait_for_disabled_entities()
    entity = er.async_get(harness.hass).async_get(get_number_entity_id(harness.hass, KITCHEN))
    assert entity
    assert entity.disabled_by
    assert not harness.coordinator.connection.volume_limits


async def test_player_without_volume(limited_harness: Harness) -> None:
    """A player without a volume has no limit."""
    registry = er.async_get(limited_harness.hass)
    unique_id = "turntablecorner_volume_limit"
    assert not registry.async_get_entity_id("number", DOMAIN, unique_id)


async def play_announcement(harness: Harness, level: int) -> None:
    """Play an announcement at a volume by `media_player.play_media`."""
    await harness.call_action(
        "play_media",
        KITCHEN,
        media_content_type="music",
        media_content_id="http://example.com/bell.mp3",
        announce=True,
        extra={"announce_volume": level},
    )


LOUD: dict[str, Callable[[Harness], Awaitable[Any]]] = {
    VOLUME: lambda harness: harness.call_action("volume_set", KITCHEN, volume_level=0.8),
    GROUP: lambda harness: call_action(harness, "set_group_volume", volume_level=80),
    ANNOUNCE: lambda harness: play_announcement(harness, 80),
    f"{ANNOUNCE} ": lambda harness: call_action(
        harness, "play_announcement", url="http://example.com/bell.mp3", announce_volume=80
    ),
}


@pytest.mark.parametrize("command", LOUD)
async def test_command_above_limit(
    limited_harness: Harness, server: MassServer, command: str
) -> None:
    """A command above the limit sets the limit and raises an error."""
    asked = LOUD[command](limited_harness)
    await expect_error("volume_limited", asked, player="Küche", limit="60")
    (args,) = get_sent_arguments(server, command.strip())
    assert args["volume_level"] == 60


async def test_command_up_to_limit(limited_harness: Harness, server: MassServer) -> None:
    """A command up to the limit works, and other players have none."""
    await limited_harness.call_action("volume_set", KITCHEN, volume_level=0.6)
    await limited_harness.call_action("volume_set", "buero", volume_level=0.9)
    await play_announcement(limited_harness, 60)
    assert (get_volume(server), get_volume(server, "buero")) == (60, 90)


@pytest.mark.parametrize("way", ["volume_up", "group_volume_up"])
async def test_volume_steps(limited_harness: Harness, server: MassServer, way: str) -> None:
    """Volume steps end at the limit."""

    async def step() -> None:
        if way == "volume_up":
            await limited_harness.call_action(way, KITCHEN)
        else:
            await call_action(limited_harness, way)
        await limited_harness.wait_for_events()

    server.update_player(KITCHEN, volume_level=53, group_volume=53)
    await limited_harness.wait_for_events()
    for expected in (58, 60):
        await step()
        assert get_volume(server) == expected
    await expect_error("volume_limited", step())
    assert get_volume(server) == 60


async def test_step_of_loud_group(limited_harness: Harness, server: MassServer) -> None:
    """A step of a group's volume starts from that, not from the volume of its leader."""
    server.update_player(KITCHEN, volume_level=20, group_volume=53)
    await limited_harness.wait_for_events()
    await call_action(limited_harness, "group_volume_up")
    (args,) = get_sent_arguments(server, GROUP)
    assert args["volume_level"] == 58
    assert not get_sent_arguments(server, f"{GROUP}_up")


async def test_change_from_elsewhere(limited_harness: Harness, server: MassServer) -> None:
    """A volume that was raised elsewhere is lowered to the limit."""
    server.update_player(KITCHEN, volume_level=90)
    await wait_until(lambda: get_volume(server) == 60)


async def test_group_volume(limited_harness: Harness, server: MassServer) -> None:
    """The limit also applies to a change of the group's volume; the other members keep theirs."""
    start_playback(server, "downstairs")
    await limited_harness.wait_for_events()
    await call_action(limited_harness, "set_group_volume", KITCHEN, volume_level=90)
    await wait_until(lambda: get_volume(server) == 60)
    assert (get_volume(server, "living_room") or 0) > 60


async def test_limit_of_group(limited_harness: Harness, server: MassServer) -> None:
    """A group can have its own limit."""
    await set_limit(limited_harness, "downstairs", 50)
    asked = limited_harness.call_action("volume_set", "downstairs", volume_level=0.7)
    await expect_error("volume_limited", asked, player="Downstairs")
    assert server.players["downstairs"].group_volume == 50


async def test_lower_limit(limited_harness: Harness, server: MassServer) -> None:
    """Lowering the limit lowers the volume at once."""
    await set_limit(limited_harness, KITCHEN, 10)
    await wait_until(lambda: get_volume(server) == 10)


async def test_full_limit(limited_harness: Harness, server: MassServer) -> None:
    """A limit of 100 % is none."""
    await set_limit(limited_harness, KITCHEN, 100)
    assert not limited_harness.coordinator.connection.volume_limits
    await limited_harness.call_action("volume_set", KITCHEN, volume_level=1)
    assert get_volume(server) == 100


async def test_player_ignores_limit(
    limited_harness: Harness, server: MassServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A player that can't be turned down is logged."""
    server.faults.fail_command(VOLUME)
    server.update_player(KITCHEN, volume_level=90)
    await wait_until(lambda: "Could not limit the volume" in caplog.text)


async def test_limit_is_restored(limited_harness: Harness, server: MassServer) -> None:
    """A limit outlives a disconnect and a restart, and ends with its entity."""
    await server.faults.disconnect_clients()
    await limited_harness.wait_for_reconnect()
    assert limited_harness.coordinator.get_volume_limit(KITCHEN) == 60
    hass, entry_id = limited_harness.hass, limited_harness.entry.entry_id
    await hass.config_entries.async_unload(entry_id)
    await hass.config_entries.async_setup(entry_id)
    await hass.async_block_till_done()
    assert limited_harness.coordinator.get_volume_limit(KITCHEN) == 60
    er.async_get(hass).async_remove(get_number_entity_id(hass, KITCHEN))
    await hass.async_block_till_done()
    assert limited_harness.coordinator.get_volume_limit(KITCHEN) is None
