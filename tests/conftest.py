"""What the tests share: a Music Assistant server, and Home Assistant connected to it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
import logging
from unittest.mock import PropertyMock, patch

from aiohttp import ClientSession
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator
from yarl import URL

from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.server import logs
from custom_components.music_assistant.share_links import musicapi
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity

from .common import Changes, House, Pulse, entry_of
from .contract.options import pytest_addoption
from .musicapi import KIM, MusicApiDouble, running
from .server import Household, MassServer
from .server.given import SECRETS
from .sweep import Sweep

__all__ = ["pytest_addoption"]  # found by its name


@pytest.fixture(autouse=True)
def _integration(request: pytest.FixtureRequest, socket_enabled: None) -> None:
    """Talk to 127.0.0.1; let Home Assistant, where it is needed, find us and write no files."""
    if "hass" in request.fixturenames:
        for name in ("enable_custom_integrations", "hass_storage"):
            request.getfixturevalue(name)


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
async def session() -> AsyncIterator[ClientSession]:
    """Return an HTTP session that trusts the system's certificates."""
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
async def double(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MusicApiDouble]:
    """Run a MusicAPI in the place of the real one."""
    async with running(MusicApiDouble(persons={KIM})) as double:
        monkeypatch.setattr(musicapi, "BASE", URL(double.url))
        yield double


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Return a stack for servers that a test adds."""
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def pulse() -> Pulse:
    """Return the pulse of the test's loop."""
    return Pulse.of()


@pytest.fixture
def entry(hass: HomeAssistant, server: MassServer) -> MockConfigEntry:
    """Return an entry for the server, not yet set up."""
    made = entry_of(server)
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
async def ws(house: House, hass_ws_client: WebSocketGenerator) -> MockHAClientWebSocket:
    """Return a frontend's connection."""
    return await hass_ws_client(house.hass)


@pytest.fixture
def changes(house: House) -> Iterator[Changes]:
    """Return what Home Assistant is told from the end of the set-up on."""
    with Changes(house.hass).noting() as noted:
        yield noted
