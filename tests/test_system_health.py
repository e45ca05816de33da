"""System health: the state of each connection."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.system_health import CONNECTION_FIELDS
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .common import run_second_server
from .server import MassServer, PlayerSet


@pytest.fixture(autouse=True)
async def _system_health(hass: HomeAssistant) -> None:
    """Set up what shows it."""
    assert await async_setup_component(hass, "system_health", {})


async def get_health(hass: HomeAssistant) -> dict[str, Any]:
    """Return the system health information."""
    found: dict[str, Any] = await get_system_health_info(hass, DOMAIN)
    return found


async def test_one_server(
    hass: HomeAssistant, server: MassServer, coordinator: MusicAssistantCoordinator
) -> None:
    """With one server the lines have plain names."""
    found = await get_health(hass)
    assert set(found) == {"servers", *CONNECTION_FIELDS}
    assert found["servers"] == 1
    assert found["address"] == server.url
    assert (found["server_version"], found["schema_version"]) == ("2.10.0", 46)
    assert found["connected"] is True
    assert found["connected_since"] == coordinator.connection.history.connected_since


async def test_several_servers(
    hass: HomeAssistant, server: MassServer, coordinator: MusicAssistantCoordinator
) -> None:
    """With several servers each line names its server."""
    async with run_second_server(hass, schema_version=29, player_set=PlayerSet()) as other:
        found = await get_health(hass)
        assert found["servers"] == 2
        assert found["address (Music Assistant)"] == server.url
        assert found["address (Other)"] == other.server.url
        assert found["schema_version (Other)"] == 29
    assert (await get_health(hass))["address"] == server.url


async def test_no_server(
    hass: HomeAssistant, entry: MockConfigEntry, coordinator: MusicAssistantCoordinator
) -> None:
    """Without a server there are no lines."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await get_health(hass) == {"servers": 0}
