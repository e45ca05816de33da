"""An entry's life: set up, waiting for its server, unloaded, removed, at any moment."""

import asyncio
from typing import Any

from music_assistant_client import MusicAssistantClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant import PLATFORMS, async_remove_config_entry_device
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import GRACE
from custom_components.music_assistant.entry.issues import issue_id_of
from custom_components.music_assistant.server.connection import CONNECT_LIMIT, FETCH_LIMIT
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir

from .common import House, Pulse, changed, until
from .server import Household, MassServer
from .server.faults import Stage

ONE = "player_001"
STAGES: tuple[Stage, ...] = ("connect", "auth", "fetch")
# Seconds within which an entry is gone, whatever is going on.
GONE_WITHIN = 2


@pytest.fixture
def household() -> Household:
    """Return the server's players."""
    return Household.of(50)


def tasks_of_ours() -> list[str]:
    """Return the names of the integration's running tasks."""
    names = [task.get_name() for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith(DOMAIN)]


async def waiting(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up whose server can't be had."""
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_set_up(hass: HomeAssistant, house: House) -> None:
    """An entry that is set up has its players, and a client for who reads it."""
    assert house.entry.state is ConfigEntryState.LOADED
    assert len(house.states) == len(house.devices) == 50
    assert isinstance(house.entry.runtime_data.mass, MusicAssistantClient)
    assert house.entry.runtime_data.mass.connection.connected
    assert await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    assert len(house.states) == 50
    await until(lambda: house.server.connections == 1)


# ------------------------------------------------------------------------------------- waiting


@pytest.mark.parametrize("outage", [0.5, 60, 3600])
async def test_home_assistant_is_first(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, pulse: Pulse, outage: float
) -> None:
    """An entry that waits for its server is set up soon after the server accepts."""
    await server.faults.refuse()
    with pulse.skipping():
        await waiting(hass, entry)
        await asyncio.sleep(outage)
        assert entry.state is not ConfigEntryState.LOADED
        assert len([name for name in tasks_of_ours() if name.endswith("watch")]) == 1
        await server.faults.accept()
        await until(lambda: entry.state is ConfigEntryState.LOADED, 10)
    await hass.async_block_till_done()
    assert len(hass.states.async_entity_ids("media_player")) == 50
    assert not [name for name in tasks_of_ours() if name.endswith("watch")]


@pytest.mark.parametrize(
    ("stage", "limit"),
    [("connect", CONNECT_LIMIT), ("auth", CONNECT_LIMIT), ("fetch", FETCH_LIMIT), (None, 10)],
)
async def test_set_up_hangs(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    stage: Stage | None,
    limit: float,
) -> None:
    """A server that hangs while an entry is set up leaves it waiting, and later set up."""
    if stage:
        server.faults.hang_at(stage)
    else:
        server.faults.freeze()
    pulse = Pulse.of()
    with pulse.skipping():
        began = pulse.time()
        await waiting(hass, entry)
        assert pulse.time() - began < limit + 1
        server.faults.clear()
        await until(lambda: entry.state is ConfigEntryState.LOADED, 10)


async def test_needed_fetch_fails(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, pulse: Pulse
) -> None:
    """A fetch that answers an error leaves an entry waiting, not for long."""
    server.faults.fail("players/all", 999, "Database is locked")
    with pulse.skipping():
        await waiting(hass, entry)
        assert entry.reason
        assert "Database is locked" in entry.reason
        await asyncio.sleep(120)
        asked = [name for name, _ in server.commands].count("players/all")
        assert 5 < asked <= 30
        server.faults.clear()
        await until(lambda: entry.state is ConfigEntryState.LOADED, 10)


@pytest.mark.parametrize("command", ["config/providers", "providers", "dashboard/dashboards"])
async def test_other_fetch_fails(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, command: str
) -> None:
    """What a token may not read is no obstacle."""
    server.faults.fail(command, 22)
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
    """A server that isn't right shows as a repair; when it is right, the entry is set up."""
    issue_id = (DOMAIN, issue_id_of(key, entry))
    with Pulse.of().skipping():
        with changed(server, **changes):
            await waiting(hass, entry)
            assert issue_id in ir.async_get(hass).issues
            await asyncio.sleep(60)
            assert entry.state is ConfigEntryState.SETUP_RETRY
        await until(lambda: entry.state is ConfigEntryState.LOADED, 20)
    assert issue_id not in ir.async_get(hass).issues
    assert entry.unique_id == server.server_id


async def test_not_onboarded(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, pulse: Pulse
) -> None:
    """A server that isn't set up yet is waited for, and nobody is asked to sign in."""
    with pulse.skipping():
        with changed(server, onboard_done=False):
            server.faults.fail("auth", 20, "Setup required")
            await waiting(hass, entry)
            await asyncio.sleep(60)
            assert entry.state is ConfigEntryState.SETUP_RETRY
        server.faults.clear()
        await until(lambda: entry.state is ConfigEntryState.LOADED, 20)
    assert not hass.config_entries.flow.async_progress()


async def test_refused_sign_in(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """A refused sign-in asks for another."""
    server.revoke_token(entry.data["token"])
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert len(list(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))) == 1
    assert not tasks_of_ours()


# ------------------------------------------------------------------------------------- the end


async def come_to(house: House, moment: str) -> asyncio.Task[None] | None:
    """Bring a house into a moment of its life; return the task of a command in flight."""
    server, faults = house.server, house.server.faults
    if moment in STAGES:
        faults.hang_at(next(stage for stage in STAGES if stage == moment))
        await faults.drop()
        await until(lambda: server.connections)
    elif moment in ("grace", "outage"):
        await faults.refuse()
        await faults.drop()
        if moment == "outage":
            await until(lambda: len(house.unavailable) == 50, GRACE + 2)
    elif moment == "frozen":
        faults.freeze()
    elif moment == "restart":
        server.spawn(faults.restart(starting=30))
        await until(lambda: len(house.unavailable) == 50, 5)
    elif moment == "signed out":
        server.disable_user("demo")
        await until(house.hass.config_entries.flow.async_progress, 5)
    elif moment == "command":
        faults.silence("players/cmd/volume_set")
        task = asyncio.create_task(house.call("volume_set", ONE, volume_level=0.5))
        await until(lambda: server.commands[-1][0] == "players/cmd/volume_set")
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
async def test_end(house: House, pulse: Pulse, moment: str, end: str) -> None:
    """An entry ends quickly and leaves nothing running, whatever is going on."""
    hass, entry = house.hass, house.entry
    listeners = sum(hass.bus.async_listeners().values())
    with pulse.skipping():
        command = await come_to(house, moment)
        began = pulse.time()
        if end == "unload":
            assert await hass.config_entries.async_unload(entry.entry_id)
        elif end == "remove":
            await hass.config_entries.async_remove(entry.entry_id)
        else:
            await hass.async_stop(force=True)
        assert pulse.time() - began < GONE_WITHIN
        if command:
            with pytest.raises(HomeAssistantError):
                await command
        assert not tasks_of_ours()
        connects = house.server.connects
        house.server.faults.clear()
        await house.server.faults.accept()
        await until(lambda: not house.server.connections)
        await asyncio.sleep(60)
        assert house.server.connects == connects
    if end == "remove":
        assert not house.states
        assert not dr.async_entries_for_config_entry(dr.async_get(house.hass), house.entry.entry_id)
    if end != "stop":
        assert sum(hass.bus.async_listeners().values()) < listeners
        assert not [one for one in ir.async_get(hass).issues if one[0] == DOMAIN]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("moment", ["refused", "frozen", "too old"])
async def test_end_of_waiting(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, moment: str, end: str
) -> None:
    """An entry that waits for its server ends quickly, too."""
    pulse = Pulse.of()
    with pulse.skipping(), changed(server):
        if moment == "refused":
            await server.faults.refuse()
        elif moment == "frozen":
            server.faults.freeze()
        else:
            server.schema_version, server.min_supported_schema_version = 26, 24
        await waiting(hass, entry)
        await asyncio.sleep(5)  # the watch is asking
        await until(lambda: entry.state is ConfigEntryState.SETUP_RETRY, 20)
        began = pulse.time()
        if end == "unload":
            await hass.config_entries.async_unload(entry.entry_id)
        elif end == "remove":
            await hass.config_entries.async_remove(entry.entry_id)
        else:
            await hass.async_stop(force=True)
        await until(lambda: not tasks_of_ours())
        assert pulse.time() - began < GONE_WITHIN
        server.faults.clear()
        await until(lambda: not server.connections)
    if end == "remove":
        assert not [one for one in ir.async_get(hass).issues if one[0] == DOMAIN]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("stage", [*STAGES, "frozen"])
async def test_end_while_setting_up(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    stage: str,
    end: str,
) -> None:
    """Home Assistant holds an entry while it is set up: a silent server is soon given up."""
    if stage == "frozen":
        server.faults.freeze()
    else:
        server.faults.hang_at(next(one for one in STAGES if one == stage))
    pulse = Pulse.of()
    with pulse.skipping():
        hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
        await until(lambda: entry.state is ConfigEntryState.SETUP_IN_PROGRESS)
        await asyncio.sleep(0.5)
        began = pulse.time()
        if end == "unload":
            await hass.config_entries.async_set_disabled_by(
                entry.entry_id, ConfigEntryDisabler.USER
            )
        elif end == "remove":
            await hass.config_entries.async_remove(entry.entry_id)
        else:
            await hass.async_stop(force=True)
        assert pulse.time() - began < GONE_WITHIN
        server.faults.clear()
        await until(lambda: not tasks_of_ours() and not server.connections)


async def test_stop_while_players_are_added(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Home Assistant may stop in the middle of a set-up, which it cancels; that is no error."""
    hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    registry = er.async_get(hass)
    await until(lambda: registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, ONE))
    assert entry.state is ConfigEntryState.SETUP_IN_PROGRESS
    await hass.async_stop(force=True)

    def platforms() -> list[asyncio.Task[Any]]:  # which Home Assistant leaves to end by themselves
        return [task for task in asyncio.all_tasks() if "async_setup_entry" in repr(task)]

    await until(lambda: not platforms() and not tasks_of_ours() and not server.connections)
    assert "Unable to remove" not in caplog.text


async def test_slow_server(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, pulse: Pulse
) -> None:
    """A server that takes its time is tried while nothing is held, and then waited for."""
    server.faults.delay("players/all", 5)
    with pulse.skipping():
        await waiting(hass, entry)
        await until(lambda: entry.state is ConfigEntryState.LOADED, 30)
    assert len(hass.states.async_all("media_player")) == len(server.players)


async def test_removed_by_hand(hass: HomeAssistant, house: House) -> None:
    """A device that is removed by hand goes on the server too, which may refuse."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier((DOMAIN, ONE), house.entry.entry_id)
    assert device
    with pytest.raises(HomeAssistantError) as refused:
        await async_remove_config_entry_device(hass, house.entry, device)
    assert refused.value.translation_key == "not_possible_now"
    house.server.update_player(ONE, available=False)
    assert await async_remove_config_entry_device(hass, house.entry, device)
    assert ONE not in house.server.players
    assert await async_remove_config_entry_device(hass, house.entry, device)  # gone already


async def test_not_removed_by_guess(hass: HomeAssistant, house: House) -> None:
    """Without the server nobody knows whether a player is gone."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier((DOMAIN, ONE), house.entry.entry_id)
    assert device
    await house.server.faults.refuse()
    await house.server.faults.drop()
    await until(lambda: not house.coordinator.mass.connection.connected)
    with pytest.raises(HomeAssistantError) as refused:
        await async_remove_config_entry_device(hass, house.entry, device)
    assert refused.value.translation_key == "not_connected"


async def test_not_removed_while_disabled(hass: HomeAssistant) -> None:
    """Of an entry that was never set up there is no connection to ask."""
    disabled = MockConfigEntry(domain=DOMAIN, disabled_by=ConfigEntryDisabler.USER)
    disabled.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=disabled.entry_id, identifiers={(DOMAIN, "elsewhere")}
    )
    with pytest.raises(HomeAssistantError) as refused:
        await async_remove_config_entry_device(hass, disabled, device)
    assert refused.value.translation_key == "not_connected"


def test_platforms() -> None:
    """Players are among what is set up."""
    assert "media_player" in PLATFORMS
