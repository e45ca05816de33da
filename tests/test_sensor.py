"""Sensors."""

from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.music_assistant import devices
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import GRACE
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType
from homeassistant.setup import async_setup_component

from .common import House, Pulse, until

VERSION = "sensor.music_assistant_server_version"


def shown(house: House, entity_id: str) -> str | None:
    """Return the state of an entity."""
    state = house.hass.states.get(entity_id)
    return state.state if state else None


def server_device(house: House) -> dr.DeviceEntry:
    """Return the server's device."""
    device = dr.async_get(house.hass).async_get_device_by_identifier(
        (DOMAIN, house.server.server_id), house.entry.entry_id
    )
    assert device
    return device


async def test_server_device(house: House) -> None:
    """The server is a service of its own, which no one takes for a player."""
    device = server_device(house)
    assert device.entry_type is DeviceEntryType.SERVICE
    assert device.name == house.entry.title
    assert device.sw_version == shown(house, VERSION) == house.server.server_version
    assert device.configuration_url == house.server.url
    assert house.server.server_id not in devices.player_names(house.hass, house.entry)
    await house.coordinator._remove_strangers()
    assert server_device(house)


async def test_server_device_stays(house: House, hass_ws_client: WebSocketGenerator) -> None:
    """The server's device goes with its entry only."""
    assert await async_setup_component(house.hass, "config", {})
    client = await hass_ws_client(house.hass)
    assert not (await client.remove_device(server_device(house).id))["success"]


async def test_server_updated(house: House, pulse: Pulse) -> None:
    """A server that comes back with another version says so."""
    house.server.schema_version = 45
    assert house.server.server_version != shown(house, VERSION)
    with pulse.skipping():
        await house.server.faults.refuse()
        await house.server.faults.drop()
        await until(lambda: shown(house, VERSION) == STATE_UNAVAILABLE, GRACE + 1)
        await house.server.faults.accept()
        await house.reconnected(60)
    assert shown(house, VERSION) == server_device(house).sw_version == house.server.server_version
