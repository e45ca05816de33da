"""Set-up, set-up retry, unload and removal of an entry."""

import asyncio
from typing import Any

from music_assistant_client import MusicAssistantClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant import PLATFORMS, async_remove_config_entry_device
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entry.issues import build_issue_id
from custom_components.music_assistant.server.connection import (
    CONNECT_TIMEOUT,
    FETCH_TIMEOUT,
    SIGN_IN_RETRY_DELAY,
)
from custom_components.music_assistant.updates.availability import CONNECTION_GRACE_PERIOD
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, issue_registry as ir

from .common import (
    Harness,
    LoopMonitor,
    is_registration,
    set_attributes,
    wait_for_disabled_entities,
    wait_until,
)
from .server import MassServer, PlayerSet
from .server.faults import Stage

ONE = "player_001"
STAGES: tuple[Stage, ...] = ("connect", "auth", "fetch")
# Seconds within which an entry is gone, whatever is going on.
GONE_WITHIN = 2


@pytest.fixture
def player_set() -> PlayerSet:
    """Return the server's players."""
    return PlayerSet.create_speakers(50)


def get_running_tasks() -> list[str]:
    """Return the names of the integration's running tasks."""
    names = [task.get_name() for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith(DOMAIN)]


async def setup_in_retry(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set up an entry whose server is unreachable."""
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_setup_entry(hass: HomeAssistant, harness: Harness) -> None:
    """A loaded entry has its players, and a client for the automations that use it."""
    assert harness.entry.state is ConfigEntryState.LOADED
    assert len(harness.states) == len(harness.device_player_ids) == 50
    assert isinstance(harness.entry.runtime_data.mass, MusicAssistantClient)
    assert harness.entry.runtime_data.mass.connection.connected
    assert await hass.config_entries.async_reload(harness.entry.entry_id)
    await hass.async_block_till_done()
    assert len(harness.states) == 50
    await wait_until(lambda: harness.server.connection_count == 1)


# ------------------------------------------------------------------------------------- waiting


@pytest.mark.parametrize("outage", [0.5, 60, 3600])
async def test_setup_before_server(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    loop_monitor: LoopMonitor,
    outage: float,
) -> None:
    """An entry in set-up retry is loaded soon after the server accepts connections."""
    await server.faults.close_port()
    with loop_monitor.skip_idle_time():
        await setup_in_retry(hass, entry)
        await asyncio.sleep(outage)
        assert entry.state is not ConfigEntryState.LOADED
        assert len([name for name in get_running_tasks() if name.endswith("startup retry")]) == 1
        await server.faults.open_port()
        await wait_until(lambda: entry.state is ConfigEntryState.LOADED, 10)
    await hass.async_block_till_done()
    assert len(hass.states.async_entity_ids("media_player")) == 50
    assert not [name for name in get_running_tasks() if name.endswith("startup retry")]


async def test_setup_with_disabled_user(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, loop_monitor: LoopMonitor
) -> None:
    """An entry whose user was disabled asks for a sign-in, and loads when the user is enabled."""
    user = server.accounts.get_user("demo")
    server.accounts.set_user_enabled(user, enabled=False)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    await hass.async_block_till_done()
    assert list(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))
    connects = server.connects
    with loop_monitor.skip_idle_time():
        await asyncio.sleep(3 * SIGN_IN_RETRY_DELAY)
        assert entry.state is ConfigEntryState.SETUP_ERROR
        assert 2 <= server.connects - connects <= 3
        server.accounts.set_user_enabled(user, enabled=True)
        await wait_until(lambda: entry.state is ConfigEntryState.LOADED, SIGN_IN_RETRY_DELAY + 10)
    await hass.async_block_till_done()
    assert not list(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))


@pytest.mark.parametrize(
    ("stage", "limit"),
    [("connect", CONNECT_TIMEOUT), ("auth", CONNECT_TIMEOUT), ("fetch", FETCH_TIMEOUT), (None, 10)],
)
async def test_setup_with_hanging_server(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    stage: Stage | None,
    limit: float,
) -> None:
    """A server that hangs during the set-up leads to a retry."""
    if stage:
        server.faults.stop_at_stage(stage)
    else:
        server.faults.pause_server()
    loop_monitor = LoopMonitor.of_loop()
    with loop_monitor.skip_idle_time():
        began = loop_monitor.time()
        await setup_in_retry(hass, entry)
        assert loop_monitor.time() - began < limit + 1
        server.faults.clear()
        await wait_until(lambda: entry.state is ConfigEntryState.LOADED, 10)


async def test_setup_with_required_data_error(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, loop_monitor: LoopMonitor
) -> None:
    """An error of required data leads to a retry."""
    server.faults.fail_command("players/all", 999, "Database is locked")
    with loop_monitor.skip_idle_time():
        await setup_in_retry(hass, entry)
        assert entry.reason
        assert "Database is locked" in entry.reason
        await asyncio.sleep(120)
        asked = [name for name, _ in server.commands].count("players/all")
        assert 5 < asked <= 32  # which the shortest delays allow
        server.faults.clear()
        await wait_until(lambda: entry.state is ConfigEntryState.LOADED, 10)


@pytest.mark.parametrize("command", ["config/providers", "providers", "dashboard/dashboards"])
async def test_setup_with_optional_data_error(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, command: str
) -> None:
    """An error of optional data doesn't prevent the set-up."""
    server.faults.fail_command(command, 22)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert len(hass.states.async_entity_ids("media_player")) == 50


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"schema_version": 26, "min_supported_schema_version": 24}, "server_too_old"),
        ({"schema_version": 1000, "min_supported_schema_version": 999}, "server_too_new"),
        ({"server_id": "another"}, "other_server"),
    ],
)
async def test_wrong_server(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    changes: dict[str, Any],
    key: str,
) -> None:
    """A wrong server creates a repair; when it is right, the entry is loaded."""
    issue_id = (DOMAIN, build_issue_id(key, entry))
    with LoopMonitor.of_loop().skip_idle_time():
        with set_attributes(server, **changes):
            await setup_in_retry(hass, entry)
            assert issue_id in ir.async_get(hass).issues
            await asyncio.sleep(60)
            assert entry.state is ConfigEntryState.SETUP_RETRY
        await wait_until(lambda: entry.state is ConfigEntryState.LOADED, 20)
    assert issue_id not in ir.async_get(hass).issues
    assert entry.unique_id == server.server_id


async def test_setup_before_onboarding(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, loop_monitor: LoopMonitor
) -> None:
    """A server that isn't onboarded leads to a retry without a reauthentication."""
    with loop_monitor.skip_idle_time():
        with set_attributes(server, onboard_done=False):
            server.faults.fail_command("auth", 20, "Setup required")
            await setup_in_retry(hass, entry)
            await asyncio.sleep(60)
            assert entry.state is ConfigEntryState.SETUP_RETRY
        server.faults.clear()
        await wait_until(lambda: entry.state is ConfigEntryState.LOADED, 20)
    assert not hass.config_entries.flow.async_progress()


async def test_setup_with_invalid_token(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """An invalid token starts a reauthentication, and is tried again until the entry goes."""
    server.revoke_token(entry.data["token"])
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert len(list(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))) == 1
    assert len(get_running_tasks()) == 1
    await hass.config_entries.async_remove(entry.entry_id)
    await wait_until(lambda: not get_running_tasks())


# ------------------------------------------------------------------------------------- the end


async def set_situation(harness: Harness, moment: str) -> asyncio.Task[None] | None:
    """Bring the connection into a situation; return a pending command."""
    server, faults = harness.server, harness.server.faults
    if moment in STAGES:
        faults.stop_at_stage(next(stage for stage in STAGES if stage == moment))
        await faults.disconnect_clients()
        await wait_until(lambda: server.connection_count)
    elif moment in ("grace", "outage"):
        await faults.close_port()
        await faults.disconnect_clients()
        if moment == "outage":
            await wait_until(
                lambda: len(harness.unavailable_entity_ids) == 50, CONNECTION_GRACE_PERIOD + 2
            )
    elif moment == "frozen":
        faults.pause_server()
    elif moment == "restart":
        server.create_task(faults.restart_server(starting=30))
        await wait_until(lambda: len(harness.unavailable_entity_ids) == 50, 5)
    elif moment == "signed out":
        server.disable_user("demo")
        await wait_until(harness.hass.config_entries.flow.async_progress, 5)
    elif moment == "command":
        faults.ignore_command("players/cmd/volume_set")
        task = asyncio.create_task(harness.call_action("volume_set", ONE, volume_level=0.5))
        await wait_until(lambda: server.commands[-1][0] == "players/cmd/volume_set")
        return task
    elif moment == "flood":
        for _ in range(400):
            for player_id in (ONE, "player_002"):
                server.update_player(player_id, volume_level=5)
    return None


MOMENTS = ("connected", "grace", "outage", "frozen", "restart", "signed out", "command", "flood")
ENDS = ("unload", "remove", "stop")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("moment", [*MOMENTS, *STAGES])
async def test_unload_in_any_situation(
    harness: Harness, loop_monitor: LoopMonitor, moment: str, end: str
) -> None:
    """An entry ends quickly and leaves nothing running in any situation."""
    hass, entry = harness.hass, harness.entry
    listeners = sum(hass.bus.async_listeners().values())
    with loop_monitor.skip_idle_time():
        command = await set_situation(harness, moment)
        began = loop_monitor.time()
        if end == "unload":
            assert await hass.config_entries.async_unload(entry.entry_id)
        elif end == "remove":
            await hass.config_entries.async_remove(entry.entry_id)
        else:
            await hass.async_stop(force=True)
        assert loop_monitor.time() - began < GONE_WITHIN
        if command:
            with pytest.raises(HomeAssistantError):
                await command
        assert not get_running_tasks()
        connects = harness.server.connects
        harness.server.faults.clear()
        await harness.server.faults.open_port()
        await wait_until(lambda: not harness.server.connection_count)
        await asyncio.sleep(60)
        assert harness.server.connects == connects
    if end == "remove":
        assert not harness.states
        assert not dr.async_entries_for_config_entry(
            dr.async_get(harness.hass), harness.entry.entry_id
        )
    if end != "stop":
        assert sum(hass.bus.async_listeners().values()) < listeners
        assert not [one for one in ir.async_get(hass).issues if one[0] == DOMAIN]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("moment", ["refused", "frozen", "too old"])
async def test_unload_during_retry(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, moment: str, end: str
) -> None:
    """An entry in set-up retry ends quickly too."""
    loop_monitor = LoopMonitor.of_loop()
    with loop_monitor.skip_idle_time(), set_attributes(server):
        if moment == "refused":
            await server.faults.close_port()
        elif moment == "frozen":
            server.faults.pause_server()
        else:
            server.schema_version, server.min_supported_schema_version = 26, 24
        await setup_in_retry(hass, entry)
        await asyncio.sleep(5)  # the watch is asking
        await wait_until(lambda: entry.state is ConfigEntryState.SETUP_RETRY, 20)
        began = loop_monitor.time()
        if end == "unload":
            await hass.config_entries.async_unload(entry.entry_id)
        elif end == "remove":
            await hass.config_entries.async_remove(entry.entry_id)
        else:
            await hass.async_stop(force=True)
        await wait_until(lambda: not get_running_tasks())
        assert loop_monitor.time() - began < GONE_WITHIN
        server.faults.clear()
        await wait_until(lambda: not server.connection_count)
    if end == "remove":
        assert not [one for one in ir.async_get(hass).issues if one[0] == DOMAIN]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("stage", [*STAGES, "frozen"])
async def test_unload_during_setup(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    stage: str,
    end: str,
) -> None:
    """A server that doesn't answer holds the set-up only for a short time."""
    if stage == "frozen":
        server.faults.pause_server()
    else:
        server.faults.stop_at_stage(next(one for one in STAGES if one == stage))
    loop_monitor = LoopMonitor.of_loop()
    with loop_monitor.skip_idle_time():
        hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
        await wait_until(lambda: entry.state is ConfigEntryState.SETUP_IN_PROGRESS)
        await asyncio.sleep(0.5)
        began = loop_monitor.time()
        if end == "unload":
            await hass.config_entries.async_set_disabled_by(
                entry.entry_id, ConfigEntryDisabler.USER
            )
        elif end == "remove":
            await hass.config_entries.async_remove(entry.entry_id)
        else:
            await hass.async_stop(force=True)
        assert loop_monitor.time() - began < GONE_WITHIN
        server.faults.clear()
        await wait_until(lambda: not get_running_tasks() and not server.connection_count)


async def test_player_that_is_added_at_the_end(harness: Harness) -> None:
    """Entities of a player that is added while Home Assistant stops aren't registered later."""
    await wait_for_disabled_entities()
    coordinator = harness.coordinator
    first = coordinator.data[ONE]
    for player_id, is_registered in (("one", True), ("two", False)):
        coordinator.data[player_id] = first._replace(player_id=player_id)
        coordinator.listeners.async_notify_added((player_id,))
        assert any(map(is_registration, asyncio.all_tasks())) is is_registered
        await wait_for_disabled_entities()
        await coordinator.async_shutdown()


async def test_setup_with_slow_server(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, loop_monitor: LoopMonitor
) -> None:
    """A slow server is tried within the timeout, then retried."""
    server.faults.delay_command("players/all", 5)
    with loop_monitor.skip_idle_time():
        await setup_in_retry(hass, entry)
        await wait_until(lambda: entry.state is ConfigEntryState.LOADED, 30)
    assert len(hass.states.async_all("media_player")) == len(server.players)


async def test_remove_device(hass: HomeAssistant, harness: Harness) -> None:
    """A device that is removed is removed on the server too, which can refuse."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier((DOMAIN, ONE), harness.entry.entry_id)
    assert device
    with pytest.raises(HomeAssistantError) as refused:
        await async_remove_config_entry_device(hass, harness.entry, device)
    assert refused.value.translation_key == "not_possible_now"
    harness.server.update_player(ONE, available=False)
    assert await async_remove_config_entry_device(hass, harness.entry, device)
    assert ONE not in harness.server.players
    assert await async_remove_config_entry_device(hass, harness.entry, device)  # gone already


async def test_remove_device_without_connection(hass: HomeAssistant, harness: Harness) -> None:
    """Without a connection no device can be removed."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier((DOMAIN, ONE), harness.entry.entry_id)
    assert device
    await harness.server.faults.close_port()
    await harness.server.faults.disconnect_clients()
    await wait_until(lambda: not harness.coordinator.mass.connection.connected)
    with pytest.raises(HomeAssistantError) as refused:
        await async_remove_config_entry_device(hass, harness.entry, device)
    assert refused.value.translation_key == "not_connected"


async def test_remove_device_of_disabled_entry(hass: HomeAssistant) -> None:
    """A device of an entry that was never set up can't be removed."""
    disabled = MockConfigEntry(domain=DOMAIN, disabled_by=ConfigEntryDisabler.USER)
    disabled.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=disabled.entry_id, identifiers={(DOMAIN, "elsewhere")}
    )
    with pytest.raises(HomeAssistantError) as refused:
        await async_remove_config_entry_device(hass, disabled, device)
    assert refused.value.translation_key == "not_connected"


def test_media_player_platform() -> None:
    """The platforms include media players."""
    assert "media_player" in PLATFORMS
