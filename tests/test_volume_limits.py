"""How loud players may be made: the limits, and all that is held to them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.server.volume_limits import limited
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .acting import act, play, refused, sent
from .common import House, until
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
def test_limited(
    command: str, level: int | None, limit: int | None, expected: tuple[str, int | None]
) -> None:
    """What would be too loud is just as loud as it may be; the volume is 40."""
    args: dict[str, Any] = {"player_id": KITCHEN, "volume_level": level}
    passed, changed = limited(command, args, limit, lambda: 40)
    assert (passed, changed["volume_level"]) == expected
    assert changed["player_id"] == KITCHEN


def test_unknown_volume() -> None:
    """A volume that isn't known may be any."""
    assert limited("players/cmd/volume_up", {}, 4, lambda: None) == (VOLUME, {"volume_level": 4})


# Limits in the house


def number_of(hass: HomeAssistant, player_id: str) -> str:
    """Return the entity of a player's limit."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id("number", DOMAIN, f"{player_id}_volume_limit")
    assert entity_id
    return entity_id


async def limit(house: House, player_id: str, percent: int) -> None:
    """Limit a player's volume."""
    entity_id = number_of(house.hass, player_id)
    await house.hass.services.async_call(
        "number", "set_value", {"entity_id": entity_id, "value": percent}, blocking=True
    )
    shown = house.hass.states.get(entity_id)
    assert shown
    assert shown.state == str(percent)


@pytest.fixture
async def limited_house(all_enabled: None, house: House) -> House:
    """Return a house whose kitchen may be at 60 % at most."""
    await limit(house, KITCHEN, 60)
    return house


def volume(server: MassServer, player_id: str = KITCHEN) -> int | None:
    """Return how loud a player is."""
    return server.players[player_id].volume_level


async def test_not_enabled(house: House) -> None:
    """Nobody has a limit who didn't ask for one."""
    entity = er.async_get(house.hass).async_get(number_of(house.hass, KITCHEN))
    assert entity
    assert entity.disabled_by
    assert not house.coordinator.connection.limits


async def test_who_has_none(limited_house: House) -> None:
    """What has no volume has no limit."""
    registry = er.async_get(limited_house.hass)
    unique_id = "turntablecorner_volume_limit"
    assert not registry.async_get_entity_id("number", DOMAIN, unique_id)


async def announce(house: House, level: int) -> None:
    """Announce something at a volume, the ordinary way."""
    await house.call(
        "play_media",
        KITCHEN,
        media_content_type="music",
        media_content_id="http://example.com/bell.mp3",
        announce=True,
        extra={"announce_volume": level},
    )


LOUD: dict[str, Callable[[House], Awaitable[Any]]] = {
    VOLUME: lambda house: house.call("volume_set", KITCHEN, volume_level=0.8),
    GROUP: lambda house: act(house, "set_group_volume", volume_level=80),
    ANNOUNCE: lambda house: announce(house, 80),
    f"{ANNOUNCE} ": lambda house: act(
        house, "play_announcement", url="http://example.com/bell.mp3", announce_volume=80
    ),
}


@pytest.mark.parametrize("command", LOUD)
async def test_too_loud(limited_house: House, server: MassServer, command: str) -> None:
    """A command for more is held to the limit, and says so."""
    asked = LOUD[command](limited_house)
    await refused("volume_limited", asked, player="Küche", limit="60")
    (args,) = sent(server, command.strip())
    assert args["volume_level"] == 60


async def test_loud_enough(limited_house: House, server: MassServer) -> None:
    """Up to the limit is fine, and other players have none."""
    await limited_house.call("volume_set", KITCHEN, volume_level=0.6)
    await limited_house.call("volume_set", "buero", volume_level=0.9)
    await announce(limited_house, 60)
    assert (volume(server), volume(server, "buero")) == (60, 90)


@pytest.mark.parametrize("way", ["volume_up", "group_volume_up"])
async def test_steps(limited_house: House, server: MassServer, way: str) -> None:
    """Steps lead to the limit and no further."""

    async def step() -> None:
        if way == "volume_up":
            await limited_house.call(way, KITCHEN)
        else:
            await act(limited_house, way)
        await limited_house.caught_up()

    server.update_player(KITCHEN, volume_level=53, group_volume=53)
    await limited_house.caught_up()
    for expected in (58, 60):
        await step()
        assert volume(server) == expected
    await refused("volume_limited", step())
    assert volume(server) == 60


async def test_louder_without_us(limited_house: House, server: MassServer) -> None:
    """What makes it louder elsewhere is put right."""
    server.update_player(KITCHEN, volume_level=90)
    await until(lambda: volume(server) == 60)


async def test_louder_in_a_group(limited_house: House, server: MassServer) -> None:
    """So is the group that it plays in; the others are as loud as was asked for."""
    play(server, "downstairs")
    await limited_house.caught_up()
    await act(limited_house, "set_group_volume", KITCHEN, volume_level=90)
    await until(lambda: volume(server) == 60)
    assert (volume(server, "living_room") or 0) > 60


async def test_limit_of_a_group(limited_house: House, server: MassServer) -> None:
    """A group may have a limit of its own."""
    await limit(limited_house, "downstairs", 50)
    asked = limited_house.call("volume_set", "downstairs", volume_level=0.7)
    await refused("volume_limited", asked, player="Downstairs")
    assert server.players["downstairs"].group_volume == 50


async def test_lower_limit(limited_house: House, server: MassServer) -> None:
    """Who is louder than a new limit is turned down at once."""
    await limit(limited_house, KITCHEN, 10)
    await until(lambda: volume(server) == 10)


async def test_no_limit(limited_house: House, server: MassServer) -> None:
    """All of it is no limit."""
    await limit(limited_house, KITCHEN, 100)
    assert not limited_house.coordinator.connection.limits
    await limited_house.call("volume_set", KITCHEN, volume_level=1)
    assert volume(server) == 100


async def test_stubborn_player(
    limited_house: House, server: MassServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A player that can't be turned down is told of."""
    server.faults.fail(VOLUME)
    server.update_player(KITCHEN, volume_level=90)
    await until(lambda: "can't be limited" in caplog.text)


async def test_reconnected(limited_house: House, server: MassServer) -> None:
    """A limit outlives an outage and a restart, and ends with its entity."""
    await server.faults.drop()
    await limited_house.reconnected()
    assert limited_house.coordinator.limit_of(KITCHEN) == 60
    hass, entry_id = limited_house.hass, limited_house.entry.entry_id
    await hass.config_entries.async_unload(entry_id)
    await hass.config_entries.async_setup(entry_id)
    await hass.async_block_till_done()
    assert limited_house.coordinator.limit_of(KITCHEN) == 60
    er.async_get(hass).async_remove(number_of(hass, KITCHEN))
    await hass.async_block_till_done()
    assert limited_house.coordinator.limit_of(KITCHEN) is None
