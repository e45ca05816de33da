"""What the tests share: a Music Assistant server, and Home Assistant connected to it."""

from collections.abc import AsyncIterator, Iterator
import logging
from typing import Any
from unittest.mock import PropertyMock, patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.server import logs
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity

from .common import Changes, House, Pulse
from .contract.options import pytest_addoption
from .server import Household, MassServer
from .server.given import SECRETS
from .sweep import Sweep

__all__ = ["pytest_addoption"]  # found by its name


@pytest.fixture(autouse=True)
def _integration(
    enable_custom_integrations: None, socket_enabled: None, hass_storage: dict[str, Any]
) -> None:
    """Let Home Assistant find the integration, talk to 127.0.0.1, and write no files."""


@pytest.fixture(autouse=True)
def _no_secret_is_seen(request: pytest.FixtureRequest) -> Iterator[None]:
    """Look for the servers' secrets in all that a test has let be seen."""
    hass = request.getfixturevalue("hass") if "hass" in request.fixturenames else None
    with Sweep(SECRETS).noting(hass) as sweep:
        yield
        assert sweep.found(hass) == []


@pytest.fixture(autouse=True)
def _quiet_library(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the library from writing whole events to the log: it takes longer than all else."""
    caplog.set_level(logging.INFO, "music_assistant_client")


@pytest.fixture(autouse=True)
def _known_secrets() -> Iterator[None]:
    """Forget them after each test: Home Assistant stops without unloading its entries.

    Each line of all later tests would be searched for all of them.
    """
    yield
    logs._REDACTION.known.clear()


@pytest.fixture
def schema_version() -> int:
    """Return the server's schema version; tests that need another one parametrise it."""
    return 46


@pytest.fixture
def household() -> Household:
    """Return the server's players; modules that want others have their own."""
    return Household.demo()


@pytest.fixture
async def server(schema_version: int, household: Household) -> AsyncIterator[MassServer]:
    """Run a Music Assistant server."""
    async with MassServer(schema_version=schema_version, household=household) as running:
        yield running


@pytest.fixture
async def pulse() -> Pulse:
    """Return the pulse of the test's loop."""
    return Pulse.of()


@pytest.fixture
def entry(hass: HomeAssistant, server: MassServer) -> MockConfigEntry:
    """Return an entry for the server, not yet set up."""
    made = MockConfigEntry(
        domain=DOMAIN,
        title="Music Assistant",
        unique_id=server.server_id,
        data={CONF_URL: server.url, CONF_TOKEN: server.mint_token("demo", "Home Assistant")},
    )
    made.add_to_hass(hass)
    return made


@pytest.fixture
async def coordinator(hass: HomeAssistant, entry: MockConfigEntry) -> MusicAssistantCoordinator:
    """Return the coordinator of an entry that is set up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    runtime_data: MusicAssistantCoordinator = entry.runtime_data
    return runtime_data


@pytest.fixture
def all_enabled() -> Iterator[None]:
    """Enable all entities from the start."""
    enabled = PropertyMock(return_value=True)
    with patch.object(Entity, "entity_registry_enabled_default", enabled):
        yield


@pytest.fixture
def house(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    coordinator: MusicAssistantCoordinator,
) -> House:
    """Return Home Assistant with an entry that is set up, and its server."""
    return House(hass, server, entry)


@pytest.fixture
def changes(house: House) -> Iterator[Changes]:
    """Return what Home Assistant is told from the end of the set-up on."""
    with Changes(house.hass).noting() as noted:
        yield noted
