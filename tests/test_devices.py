"""Entities of other integrations for the same hardware."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.entry import devices
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .common import wait_until
from .server import MassServer


def create_other_entity(
    hass: HomeAssistant, mac: str, serial: str | None = None, domain: str = "media_player"
) -> str:
    """Create an entity of another integration with a device of this hardware."""
    entry = MockConfigEntry(domain="sonos")
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={("sonos", mac)},
        connections={(dr.CONNECTION_NETWORK_MAC, mac), (dr.CONNECTION_ZIGBEE, "00:11")},
        serial_number=serial,
    )
    registry = er.async_get(hass)
    return registry.async_get_or_create(
        domain, "sonos", mac, config_entry=entry, device_id=device.id
    ).entity_id


def get_mac(server: MassServer, player_id: str) -> str:
    """Return a player's MAC address."""
    mac = server.players[player_id].device_info.mac_address
    assert mac
    return mac


async def test_entity_of_same_hardware(
    hass: HomeAssistant, server: MassServer, coordinator: MusicAssistantCoordinator
) -> None:
    """An entity of the same hardware is resolved to the player, in any spelling of its MAC."""
    written = get_mac(server, "kueche").lower().replace(":", "-")
    entity_id = create_other_entity(hass, written, serial="RINCON-123456")
    assert coordinator.find_player_id(entity_id) == "kueche"


async def test_join_entity_of_other_integration(
    hass: HomeAssistant, server: MassServer, coordinator: MusicAssistantCoordinator
) -> None:
    """Joining accepts an entity of another integration."""
    entity_id = create_other_entity(hass, get_mac(server, "buero"))
    await hass.services.async_call(
        "media_player",
        "join",
        {"entity_id": "media_player.living_room", "group_members": [entity_id]},
        blocking=True,
    )
    assert server.players["buero"].synced_to == "living_room"


@pytest.mark.parametrize(
    ("mac", "domain"), [("12:34:56:78:9a:bc", "media_player"), (None, "sensor")]
)
async def test_other_entities_are_refused(
    hass: HomeAssistant,
    server: MassServer,
    coordinator: MusicAssistantCoordinator,
    mac: str | None,
    domain: str,
) -> None:
    """Entities of other hardware, and those that aren't players, are refused."""
    entity_id = create_other_entity(hass, mac or get_mac(server, "kueche"), domain=domain)
    with pytest.raises(ServiceValidationError) as refused:
        coordinator.find_player_id(entity_id)
    assert refused.value.translation_key == "not_our_player"


async def test_hardware_of_two_players(
    hass: HomeAssistant, server: MassServer, coordinator: MusicAssistantCoordinator
) -> None:
    """Hardware of two players is resolved to none."""
    info = server.players["buero"].device_info
    info.mac_address = get_mac(server, "kueche")
    server.update_player("buero", device_info=info)
    players = coordinator.data
    await wait_until(lambda: players["buero"].hardware_ids & players["kueche"].hardware_ids)
    entity_id = create_other_entity(hass, get_mac(server, "kueche"))
    with pytest.raises(ServiceValidationError):
        coordinator.find_player_id(entity_id)


async def test_entity_without_device(
    hass: HomeAssistant, coordinator: MusicAssistantCoordinator
) -> None:
    """An entity without a device is resolved to no player."""
    entity_id = er.async_get(hass).async_get_or_create("media_player", "x", "1").entity_id
    assert devices.get_device_hardware_ids(hass, "") == frozenset()
    with pytest.raises(ServiceValidationError):
        coordinator.find_player_id(entity_id)
