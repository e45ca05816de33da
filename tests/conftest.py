"""Fixtures: a Music Assistant server, and Home Assistant connected to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
import logging
import os
from typing import Any, cast
from unittest.mock import Mock, PropertyMock, patch

from aiohttp import ClientSession, web_app
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator
from yarl import URL

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.entity import EntityAdder, NewEntity
from custom_components.music_assistant.server import logs
from custom_components.music_assistant.share_links import musicapi
from homeassistant import block_async_io
from homeassistant.components import network
from homeassistant.core import HomeAssistant
from homeassistant.helpers import aiohttp_client
from homeassistant.helpers.entity import Entity
from homeassistant.util import loop

from .common import (
    Harness,
    LoopMonitor,
    RecordedChanges,
    RegistrationGate,
    create_entry,
    wait_until,
)
from .contract.options import pytest_addoption
from .fake_musicapi import USER_ID, FakeMusicApi, run_musicapi
from .secret_scanner import SecretScanner
from .server import MassServer, PlayerSet
from .server.issued_secrets import SECRETS

__all__ = ["pytest_addoption"]  # found by its name

PACE = 0.05  # how long a server that isn't prompt takes, compared with a real one


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processes: more than cores, as tests wait half of their time."""
    return 2 * (os.process_cpu_count() or 1)


@pytest.fixture(autouse=True)
def _enable_integration(request: pytest.FixtureRequest, socket_enabled: None) -> None:
    """Allow sockets, and the custom integration where Home Assistant is needed."""
    if "hass" in request.fixturenames:
        for name in ("enable_custom_integrations", "hass_storage"):
            request.getfixturevalue(name)


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Check that callbacks are scheduled from the loop's own thread.

    It replaces the fixture of the harness, which turns on asyncio's debug mode: it records the
    stack of each future and task, which takes more time than most tests.
    """
    running: Any = asyncio.get_running_loop()

    def check_thread[**P, R](schedule: Callable[P, R]) -> Callable[P, R]:
        def check_and_schedule(*args: P.args, **kwargs: P.kwargs) -> R:
            running._check_thread()
            return schedule(*args, **kwargs)

        return check_and_schedule

    running.call_soon = check_thread(running.call_soon)
    running.call_at = check_thread(running.call_at)


@pytest.fixture(autouse=True)
def _check_for_exposed_secrets(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check that no secret of a server appears in logs, states, events, flows or diagnostics."""
    hass = request.getfixturevalue("hass") if "hass" in request.fixturenames else None
    with SecretScanner(SECRETS).record(hass) as sweep:
        yield
        assert sweep.find_secrets(hass) == []


@pytest.fixture(autouse=True)
def _check_for_blocking_calls(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[None]:
    """Check that the integration makes no blocking call in the event loop.

    Home Assistant detects these calls, but leaves most of them out in tests.
    """
    if "hass" not in request.fixturenames:
        yield
        return
    for name in ("hass", "hass_storage"):  # their patches import modules
        request.getfixturevalue(name)
    request.getfixturevalue("disable_block_async_io")  # at the end
    monkeypatch.setattr(block_async_io, "_IN_TESTS", False)
    monkeypatch.setattr(loop, "_PREVIOUSLY_REPORTED", set())
    block_async_io.enable()
    yield
    messages = [
        record.getMessage()
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.name == loop.__name__
    ]
    assert [message for message in messages if f"integration '{DOMAIN}'" in message] == []


@pytest.fixture(autouse=True, scope="session")
def _limit_logs() -> None:
    """Keep others from logging each event and entity, which takes longer than some tests."""
    logging.getLogger("music_assistant_client").setLevel(logging.INFO)
    logging.getLogger("homeassistant.core").setLevel(logging.INFO)
    for name in ("helpers.entity_registry", "loader", "setup"):
        logging.getLogger(f"homeassistant.{name}").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def _clear_known_secrets() -> Iterator[None]:
    """Forget secrets after each test, because tests don't unload their entries.

    Each log line of all later tests would be searched for all of them.
    """
    yield
    logs._REDACTING_FILTER.secret_getters.clear()


@pytest.fixture(autouse=True)
def _forget_applications() -> Iterator[None]:
    """Clear aiohttp's cache of handlers, which keeps the servers of the last thousand tests.

    They would take gigabytes, and each garbage collection would look at all of them.
    """
    yield
    vars(web_app)["_cached_build_middleware"].cache_clear()


@pytest.fixture(autouse=True)
def _forget_calls_of_mocks() -> Iterator[None]:
    """Clear the calls of the harness's mocks, which keep Home Assistant of each test before."""
    yield
    for mock in (
        aiohttp_client._async_make_resolver,
        network.async_get_loaded_adapters,
        network.util.async_get_source_ip,
    ):
        cast("Mock", mock).reset_mock()


@pytest.fixture(autouse=True)
def _hold_registration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register disabled entities only where a test waits for them, and not at any time."""
    RegistrationGate.opened = asyncio.Event()

    async def async_register(adder: EntityAdder[Any]) -> None:
        await RegistrationGate.async_register(adder)

    monkeypatch.setattr(EntityAdder, "_async_register", async_register)


@pytest.fixture
def schema_version() -> int:
    """Return the server's schema version; tests that need another one parametrize it."""
    return 46


@pytest.fixture
def player_set() -> PlayerSet:
    """Return the server's players; modules that need others override it."""
    return PlayerSet.create_demo()


@pytest.fixture
def prompt() -> bool:
    """Return whether the server does all at once, which most tests aren't about."""
    return True


@pytest.fixture
async def server(
    schema_version: int, player_set: PlayerSet, prompt: bool
) -> AsyncIterator[MassServer]:
    """Run a Music Assistant server; one that isn't prompt takes a twentieth of the usual time."""
    async with MassServer(
        schema_version=schema_version, player_set=player_set, prompt=prompt, pace=PACE
    ) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Return an HTTP session that trusts the system's certificates."""
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
async def fake_musicapi(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeMusicApi]:
    """Run a fake MusicAPI in place of the real one."""
    async with run_musicapi(FakeMusicApi(user_ids={USER_ID})) as fake_musicapi:
        monkeypatch.setattr(musicapi, "BASE_URL", URL(fake_musicapi.url))
        yield fake_musicapi


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Return a stack for servers that a test adds."""
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def loop_monitor() -> LoopMonitor:
    """Return the monitor of the test's event loop."""
    return LoopMonitor.of_loop()


@pytest.fixture
def entry(hass: HomeAssistant, server: MassServer) -> MockConfigEntry:
    """Return a config entry for the server, not set up yet."""
    made = create_entry(server)
    made.add_to_hass(hass)
    return made


@pytest.fixture
async def coordinator(hass: HomeAssistant, entry: MockConfigEntry) -> MusicAssistantCoordinator:
    """Return the coordinator of an entry that is set up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    runtime_data: MusicAssistantCoordinator = entry.runtime_data
    # what it asks the server last, so that no test sees it; counting is delayed by seconds
    with LoopMonitor.of_loop().skip_idle_time():
        await wait_until(lambda: (task := runtime_data.status._task) is None or task.done())
    return runtime_data


@pytest.fixture
def all_enabled() -> Iterator[None]:
    """Enable all entities by default."""
    enabled = PropertyMock(return_value=True)
    with (
        patch.object(Entity, "entity_registry_enabled_default", enabled),
        patch.object(NewEntity, "is_enabled_by_default", enabled),
    ):
        yield


@pytest.fixture
def harness(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    coordinator: MusicAssistantCoordinator,
) -> Harness:
    """Return Home Assistant with an entry that is set up, and its server."""
    return Harness(hass, server, entry)


@pytest.fixture
async def ws(harness: Harness, hass_ws_client: WebSocketGenerator) -> MockHAClientWebSocket:
    """Return a websocket connection to Home Assistant."""
    return await hass_ws_client(harness.hass)


@pytest.fixture
def changes(harness: Harness) -> Iterator[RecordedChanges]:
    """Record changes of states and registries from the end of the set-up."""
    with RecordedChanges(harness.hass).record() as noted:
        yield noted
