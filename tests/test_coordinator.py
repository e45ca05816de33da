"""Fifty players whose server is lost and returns."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
import logging
from typing import Any

from music_assistant_models.enums import CoreState, EventType, PlaybackState
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import CONF_ORIGIN, DOMAIN, ORIGIN_APP
from custom_components.music_assistant.entry.issues import build_issue_id
from custom_components.music_assistant.helpers import batching
from custom_components.music_assistant.server.client import DEFAULT_COMMAND_TIMEOUT
from custom_components.music_assistant.server.connection import (
    MIN_STABLE_DURATION,
    SIGN_IN_RETRY_DELAY,
)
from custom_components.music_assistant.updates.availability import CONNECTION_GRACE_PERIOD
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import CONF_TOKEN, STATE_IDLE, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component

from .common import (
    Harness,
    LoopMonitor,
    RecordedChanges,
    run_second_server,
    send_frames,
    set_attributes,
    wait_until,
)
from .server import MassServer, PlayerSet, messages
from .server.commands import Command
from .server.faults import DropMethod, Stage
from .server.player_set import create_speaker

ONE, TWO, THREE = "player_001", "player_002", "player_003"
DROPS: tuple[DropMethod, ...] = ("close", "cut", "reset")
STAGES: tuple[Stage, ...] = ("connect", "auth", "fetch")
VOLUME = "players/cmd/volume_set"


@pytest.fixture
def player_set() -> PlayerSet:
    """Return the server's players."""
    return PlayerSet.create_speakers(50)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Return the log lines of the integration that are shown to users."""
    shown: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING and record.name != "asyncio":
                shown.append(record.getMessage())

    handler = Handler()
    logging.getLogger().addHandler(handler)
    yield shown
    logging.getLogger().removeHandler(handler)


def count_commands(server: MassServer, name: str) -> int:
    """Return how often a command was sent."""
    return [command for command, _ in server.commands].count(name)


def get_volume(harness: Harness, player_id: str) -> float:
    """Return the volume of a player's entity."""
    return float(harness.get_state(player_id).attributes["volume_level"])


def get_reauth_flows(harness: Harness) -> list[Any]:
    """Return the reauthentication flows."""
    return list(harness.entry.async_get_active_flows(harness.hass, {SOURCE_REAUTH}))


# ------------------------------------------------------------------------------ loss and return


@pytest.mark.parametrize("kind", DROPS)
async def test_short_disconnect_changes_nothing(
    harness: Harness,
    changes: RecordedChanges,
    lines: list[str],
    loop_monitor: LoopMonitor,
    kind: DropMethod,
) -> None:
    """A disconnect that is reconnected at once changes no state and isn't logged."""
    assert len(harness.states) == 50
    before = harness.coordinator.mass
    with loop_monitor.skip_idle_time():
        await harness.server.faults.disconnect_clients(kind)
        await wait_until(lambda: harness.server.connects == 2, 1)
        await harness.wait_for_reconnect(1)
    assert harness.coordinator.mass is harness.entry.runtime_data.mass is not before
    assert not changes.states
    assert not changes.registry
    assert not lines
    harness.server.update_player(ONE, volume_level=77)
    await harness.wait_for_events()
    assert changes.entity_ids == {harness.get_entity_id(ONE)}
    assert get_volume(harness, ONE) == 0.77


async def test_changes_during_disconnect(
    harness: Harness, changes: RecordedChanges, loop_monitor: LoopMonitor
) -> None:
    """Changes during a disconnect are shown afterwards, once, and only they."""
    before = set(harness.states)
    with loop_monitor.skip_idle_time():
        await harness.server.faults.close_port()
        await harness.server.faults.disconnect_clients()
        harness.server.update_player(ONE, volume_level=77)
        harness.server.update_player(TWO, name="Cellar")
        harness.server.add_player(create_speaker("Balcony", "balcony"))
        await harness.server.faults.open_port()
        await harness.wait_for_reconnect()
    assert get_volume(harness, ONE) == 0.77
    expected = {harness.get_entity_id(player_id) for player_id in (ONE, TWO, "balcony")}
    assert changes.entity_ids == expected
    known = [event for event in changes.states if event.data["entity_id"] in before]
    assert len(known) == 2


@pytest.mark.parametrize(("outage", "back_within"), [(5.5, 2), (60, 5), (600, 10)])
async def test_outage_after_grace_period(
    harness: Harness, changes: RecordedChanges, lines: list[str], outage: float, back_within: float
) -> None:
    """An outage is shown after the grace period; it and its end are logged once."""
    loop_monitor = LoopMonitor.of_loop()
    with loop_monitor.skip_idle_time():
        await asyncio.sleep(MIN_STABLE_DURATION)
        await harness.server.faults.close_port()
        await harness.server.faults.disconnect_clients("cut")
        lost = loop_monitor.time()
        await asyncio.sleep(CONNECTION_GRACE_PERIOD - 0.5)
        assert not changes.states
        await wait_until(lambda: len(harness.unavailable_entity_ids) == 50, 1)
        await asyncio.sleep(lost + outage - loop_monitor.time())
        assert len(lines) == 1
        assert lines[0].startswith("Lost the connection to Music Assistant at http://127.0.0.1")
        await harness.server.faults.open_port()
        await wait_until(lambda: not harness.unavailable_entity_ids, back_within)
    await harness.wait_for_events()
    assert lines[1:] == ["The connection to Music Assistant is back"]
    assert len(changes.states) == 100
    assert not changes.registry


async def test_second_loss_starts_new_grace_period(
    harness: Harness, changes: RecordedChanges, lines: list[str], loop_monitor: LoopMonitor
) -> None:
    """A second loss after a reconnect starts a new grace period."""
    with loop_monitor.skip_idle_time():
        for _ in range(3):
            await harness.server.faults.close_port()
            await harness.server.faults.disconnect_clients()
            await asyncio.sleep(CONNECTION_GRACE_PERIOD - 3)
            await harness.server.faults.open_port()
            await harness.wait_for_reconnect()
    assert not changes.states
    assert not lines


async def test_hanging_server(
    harness: Harness, changes: RecordedChanges, loop_monitor: LoopMonitor
) -> None:
    """A hanging server is detected, and the players return with it."""
    with loop_monitor.skip_idle_time():
        harness.server.faults.pause_server()
        await wait_until(
            lambda: len(harness.unavailable_entity_ids) == 50, 20 + CONNECTION_GRACE_PERIOD
        )
        harness.server.faults.resume_server()
        await wait_until(lambda: not harness.unavailable_entity_ids, 10)
    assert not changes.registry


@pytest.mark.parametrize("moment", ["connected", "grace", "outage", *STAGES])
async def test_update_entity_changes_nothing(
    harness: Harness,
    changes: RecordedChanges,
    lines: list[str],
    loop_monitor: LoopMonitor,
    moment: str,
) -> None:
    """The action homeassistant.update_entity changes nothing in any state of the connection."""
    assert await async_setup_component(harness.hass, "homeassistant", {})
    with loop_monitor.skip_idle_time():
        if moment != "connected":
            await harness.server.faults.close_port()
            await harness.server.faults.disconnect_clients()
        if moment == "outage":
            await wait_until(
                lambda: len(harness.unavailable_entity_ids) == 50, CONNECTION_GRACE_PERIOD + 1
            )
        if moment in STAGES:
            harness.server.faults.stop_at_stage(next(stage for stage in STAGES if stage == moment))
            await harness.server.faults.open_port()
            await wait_until(lambda: harness.server.connection_count, CONNECTION_GRACE_PERIOD - 1)
        changes.clear()
        entity_id = [harness.get_entity_id(ONE)]
        await harness.hass.services.async_call(
            "homeassistant", "update_entity", {"entity_id": entity_id}, blocking=True
        )
        assert not changes.states
        harness.server.faults.clear()
        await harness.server.faults.open_port()
        await wait_until(lambda: harness.is_connected and not harness.unavailable_entity_ids, 60)
    assert harness.coordinator.last_update_success
    assert len(lines) == (2 if moment == "outage" else 0)


async def test_loss_and_return_are_handled_in_batches(
    harness: Harness,
    loop_monitor: LoopMonitor,
    changes: RecordedChanges,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Loss and return of many players are handled in many turns of the loop."""
    monkeypatch.setattr(batching, "BATCH_TIME", 0.0)  # one player takes longer

    def has_unavailable(count: int) -> bool:
        return len(harness.unavailable_entity_ids) == count

    turns: set[int] = set()
    # a callback: anything else would be run in another thread, in a later turn
    harness.hass.bus.async_listen(
        "state_changed", callback(lambda _event: turns.add(loop_monitor.turns))
    )
    with loop_monitor.skip_idle_time():
        for target in (50, 0):
            turns.clear()
            await (
                harness.server.faults.close_port() if target else harness.server.faults.open_port()
            )
            await (harness.server.faults.disconnect_clients() if target else asyncio.sleep(0))
            await wait_until(partial(has_unavailable, target), 30)
            assert len(turns) > 20


async def test_loss_while_return_is_handled(
    harness: Harness, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Players whose return wasn't handled yet at the next loss are updated afterwards."""
    monkeypatch.setattr(batching, "BATCH_TIME", 0.0)
    with loop_monitor.skip_idle_time():
        await harness.server.faults.close_port()
        await harness.server.faults.disconnect_clients()
        await wait_until(
            lambda: len(harness.unavailable_entity_ids) == 50, CONNECTION_GRACE_PERIOD + 1
        )
        harness.coordinator.on_connected(harness.coordinator.connection.client)
        await wait_until(lambda: 0 < len(harness.unavailable_entity_ids) < 50)
        harness.coordinator.on_lost("again")
        harness.coordinator.on_connected(harness.coordinator.connection.client)
        await wait_until(lambda: not harness.unavailable_entity_ids, 1)


# --------------------------------------------------------------------------- players come and go


async def test_server_restart(
    harness: Harness, changes: RecordedChanges, loop_monitor: LoopMonitor
) -> None:
    """A server that starts without players loses none; each returns with its event."""
    server = harness.server
    with loop_monitor.skip_idle_time():
        restart = asyncio.create_task(server.faults.restart_server(starting=10))
        await wait_until(lambda: len(harness.unavailable_entity_ids) == 50, 10)
        assert harness.is_connected
        await restart
        await wait_until(lambda: not harness.unavailable_entity_ids, 5)
    assert {event.data["action"] for event in changes.registry} <= {"update"}
    assert len(harness.device_player_ids) == 50


async def test_players_return_one_by_one(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """A player that the server adds is available before the others."""
    server = harness.server
    with loop_monitor.skip_idle_time():
        away = server.remove_all_players()
        server.status = CoreState.STARTING
        await server.faults.disconnect_clients()
        await wait_until(lambda: len(harness.unavailable_entity_ids) == 50)
        server.add_player(away[0][TWO], queue=False)
        await harness.wait_for_events()
    assert harness.states.keys() - harness.unavailable_entity_ids == {harness.get_entity_id(TWO)}


@pytest.mark.parametrize("gone", [{"available": False}, {"available": False, "enabled": False}])
async def test_unavailable_player(
    harness: Harness, changes: RecordedChanges, gone: dict[str, bool]
) -> None:
    """An offline or disabled player is unavailable and not removed."""
    harness.server.update_player(ONE, **gone)
    await harness.wait_for_events()
    assert harness.unavailable_entity_ids == {harness.get_entity_id(ONE)}
    harness.server.update_player(ONE, available=True, enabled=True)
    await harness.wait_for_events()
    assert not harness.unavailable_entity_ids
    assert not changes.registry
    assert changes.entity_ids == {harness.get_entity_id(ONE)}


async def test_missing_player_with_configuration(
    harness: Harness, changes: RecordedChanges, loop_monitor: LoopMonitor
) -> None:
    """A player that isn't listed but configured is unavailable and not removed.

    The configurations are requested only in this case.
    """
    server = harness.server
    assert not count_commands(server, "config/players")
    player = server.players.pop(ONE)
    server.configs._disabled[ONE] = player
    with loop_monitor.skip_idle_time():
        await server.faults.disconnect_clients()
        await wait_until(lambda: harness.unavailable_entity_ids == {harness.get_entity_id(ONE)})
        await wait_until(lambda: count_commands(server, "config/players") == 1)
        await harness.wait_for_events()
        server.configs._disabled.clear()
        server.add_player(player)
        await harness.wait_for_events()
    assert not harness.unavailable_entity_ids
    assert not changes.registry


async def test_removed_player(harness: Harness) -> None:
    """A player that the server removed is removed with its device, and can return."""
    player = harness.server.players[ONE]
    entity_id = harness.get_entity_id(ONE)
    harness.server.remove_player(ONE)
    await harness.wait_for_events()
    assert ONE not in harness.device_player_ids
    assert entity_id not in harness.states
    assert len(harness.states) == len(harness.device_player_ids) == 49
    assert harness.coordinator.get_player(ONE) is None
    harness.server.add_player(player)
    await harness.wait_for_events()
    assert harness.get_state(ONE).state == STATE_IDLE
    assert len(harness.device_player_ids) == 50


async def test_player_removed_during_disconnect(harness: Harness) -> None:
    """A player that is no longer configured after a disconnect is removed with its device."""
    del harness.server.players[ONE]
    await harness.server.faults.disconnect_clients()
    await wait_until(lambda: ONE not in harness.device_player_ids)
    assert len(harness.states) == len(harness.device_player_ids) == 49


@pytest.mark.parametrize("answer", ["refused", "lost", "odd", "silent"])
async def test_no_removal_without_configurations(
    harness: Harness, loop_monitor: LoopMonitor, answer: str
) -> None:
    """Without the configurations nothing is removed."""
    server = harness.server
    del server.players[ONE]
    asked = count_commands(server, "config/players")
    if answer == "refused":
        server.faults.fail_command("config/players", 22)
    elif answer == "odd":
        server.command_table["config/players"] = Command(lambda _server, _caller: [{"odd": 1}])
    else:
        server.faults.ignore_command("config/players")
    with loop_monitor.skip_idle_time():
        await server.faults.disconnect_clients()
        await wait_until(lambda: count_commands(server, "config/players") > asked)
        if answer == "lost":
            server.faults.fail_command("config/players", 22)
            await server.faults.disconnect_clients()
        if answer == "silent":
            await asyncio.sleep(DEFAULT_COMMAND_TIMEOUT + 1)
        await harness.wait_for_reconnect()
    assert len(harness.device_player_ids) == 50
    assert harness.unavailable_entity_ids == {harness.get_entity_id(ONE)}


async def test_no_removal_during_server_start(harness: Harness) -> None:
    """No player is removed while the server starts."""
    server = harness.server
    del server.players[ONE]
    server.status = CoreState.STARTING
    asked = count_commands(server, "config/players")
    await server.faults.disconnect_clients()
    await wait_until(lambda: harness.unavailable_entity_ids == {harness.get_entity_id(ONE)})
    await harness.wait_for_events()
    assert count_commands(server, "config/players") == asked
    assert ONE in harness.device_player_ids
    server.set_status(CoreState.RUNNING)
    await wait_until(lambda: ONE not in harness.device_player_ids)


async def test_hidden_player_is_removed(harness: Harness) -> None:
    """A player hidden from Home Assistant is removed, also if it is shown again soon."""
    server = harness.server
    player = server.players[ONE]
    server.set_player_config(ONE, expose_player_to_ha=False)
    await harness.wait_for_events()
    assert ONE not in harness.device_player_ids
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    player.expose_to_ha = True
    await server.faults.open_port()
    await wait_until(lambda: ONE in harness.device_player_ids)


@pytest.mark.parametrize("word", ["event", "reconnect"])
async def test_configuration_hides_player(harness: Harness, word: str) -> None:
    """The configuration hides a player until the player's own flag is updated."""
    server = harness.server
    player = server.players[ONE]
    with set_attributes(player, expose_to_ha=False):
        config = server.configs.get(ONE)
    server.send_event(EventType.PLAYER_CONFIG_UPDATED, ONE, config)
    server.send_event(EventType.PLAYER_CONFIG_UPDATED, TWO, None)
    await harness.wait_for_events()
    assert ONE not in harness.device_player_ids
    await harness.coordinator.async_refresh()
    assert ONE not in harness.device_player_ids
    if word == "event":
        server.update_player(ONE)
    else:
        await server.faults.disconnect_clients()
    await wait_until(lambda: ONE in harness.device_player_ids)


async def test_configuration_without_setting(harness: Harness) -> None:
    """A player whose configuration doesn't say whether it is shown is shown."""
    config = harness.server.configs.get(ONE)
    del config.values["expose_player_to_ha"]
    harness.server.send_event(EventType.PLAYER_CONFIG_UPDATED, ONE, config)
    await harness.wait_for_events()
    await harness.coordinator.async_refresh()
    assert ONE in harness.device_player_ids


async def test_group_members_follow_renamed_entities(harness: Harness) -> None:
    """A group has the current entity ids of its members."""
    server, registry = harness.server, er.async_get(harness.hass)
    server.update_player(ONE, group_members=[ONE, TWO])
    await harness.wait_for_events()
    members = harness.get_state(ONE).attributes["group_members"]
    assert members == [harness.get_entity_id(ONE), harness.get_entity_id(TWO)]
    registry.async_update_entity(harness.get_entity_id(TWO), new_entity_id="media_player.other")
    await harness.hass.async_block_till_done()
    assert harness.get_state(ONE).attributes["group_members"] == [members[0], "media_player.other"]
    registry.async_update_entity("media_player.other", name="Other")
    foreign = registry.async_get_or_create("media_player", "other", "foreign")
    registry.async_update_entity(foreign.entity_id, new_entity_id="media_player.foreign")
    registry.async_remove("media_player.other")
    await harness.hass.async_block_till_done()
    assert harness.get_state(ONE).attributes["group_members"] == members[:1]


async def test_listeners_by_player(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    """A listener is called for its player only, and its errors affect no other."""
    called: list[str] = []

    def raise_error() -> None:
        raise RuntimeError("broken listener")

    coordinator = harness.coordinator
    removers = [
        coordinator.async_add_listener(raise_error, ONE),
        coordinator.async_add_listener(lambda: called.append(ONE), ONE),
        coordinator.async_add_listener(lambda: called.append("new"), "new"),
        coordinator.async_add_listener(lambda: called.append("all")),
    ]
    harness.server.update_player(ONE, volume_level=1)
    harness.server.update_player(TWO, volume_level=1)
    await harness.wait_for_events()
    assert called == [ONE]
    assert "broken listener" in caplog.text
    for remove in removers:
        remove()
    assert "new" not in coordinator.listeners.changed._listeners


async def test_simultaneous_events_write_one_state(
    harness: Harness, changes: RecordedChanges
) -> None:
    """Events that arrive together write one state."""
    for level in range(40, 60):
        harness.server.update_player(ONE, volume_level=level)
    await harness.wait_for_events()
    assert get_volume(harness, ONE) == 0.59
    assert 1 <= len(changes.states) < 5


# ------------------------------------------------------------------------------------ commands


@pytest.mark.parametrize("kind", DROPS)
async def test_pending_command_fails_when_connection_is_lost(
    harness: Harness, kind: DropMethod
) -> None:
    """A pending command fails within a second of a disconnect with a translated error."""
    server = harness.server
    server.faults.ignore_command(VOLUME)
    callers = [
        asyncio.create_task(harness.call_action("volume_set", player_id, volume_level=0.5))
        for player_id in (ONE, TWO)
    ]
    await wait_until(lambda: count_commands(server, VOLUME) == 2)
    callers[1].cancel()
    await server.faults.disconnect_clients(kind)
    async with asyncio.timeout(1):
        with pytest.raises(HomeAssistantError) as caught:
            await callers[0]
        with pytest.raises(asyncio.CancelledError):
            await callers[1]
    assert not callers[0].cancelled()
    assert caught.value.translation_key == "not_connected"
    assert str(caught.value).startswith("Music Assistant can't be reached at the moment")


async def test_command_timeout(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """A command without response fails after its timeout with a translated error."""
    harness.server.faults.ignore_command(VOLUME)
    with loop_monitor.skip_idle_time():
        began = loop_monitor.time()
        with pytest.raises(HomeAssistantError) as caught:
            await harness.call_action("volume_set", ONE, volume_level=0.5)
        assert (
            DEFAULT_COMMAND_TIMEOUT - 1 < loop_monitor.time() - began < DEFAULT_COMMAND_TIMEOUT + 1
        )
    assert caught.value.translation_key == "command_timeout"
    assert VOLUME in str(caught.value)


@pytest.mark.parametrize("moment", ["grace", *STAGES])
async def test_command_during_grace_period(
    harness: Harness, loop_monitor: LoopMonitor, moment: str
) -> None:
    """A command during the grace period fails at once and names the server."""
    server = harness.server
    await server.faults.close_port()
    await server.faults.disconnect_clients("cut")
    await wait_until(lambda: not harness.is_connected)
    if moment in STAGES:
        server.faults.stop_at_stage(next(stage for stage in STAGES if stage == moment))
        await server.faults.open_port()
        await wait_until(lambda: server.connection_count)
    async with asyncio.timeout(1):
        with pytest.raises(HomeAssistantError, match="Music Assistant can't be reached") as caught:
            await harness.call_action("volume_set", ONE, volume_level=0.5)
    assert caught.value.translation_key == "not_connected"
    assert not count_commands(server, VOLUME)
    server.faults.clear()
    await server.faults.open_port()
    with loop_monitor.skip_idle_time():
        await harness.wait_for_reconnect(60)
    await harness.call_action("volume_set", ONE, volume_level=0.5)
    assert server.players[ONE].volume_level == 50


async def test_command_after_grace_period(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """Home Assistant doesn't call actions on unavailable entities."""
    with loop_monitor.skip_idle_time():
        await harness.server.faults.close_port()
        await harness.server.faults.disconnect_clients()
        await wait_until(
            lambda: len(harness.unavailable_entity_ids) == 50, CONNECTION_GRACE_PERIOD + 1
        )
        await harness.call_action("volume_set", ONE, volume_level=0.5)
    assert not count_commands(harness.server, VOLUME)


# ------------------------------------------------------------------- sign-in, versions, identity


@pytest.mark.parametrize("reason", ["revoked", "disabled"])
async def test_invalid_token_starts_reauth(
    harness: Harness, loop_monitor: LoopMonitor, reason: str
) -> None:
    """A token that becomes invalid starts one reauthentication, and can work again."""
    server = harness.server
    user = next(iter(server.users.values()))
    token = dict(server.tokens)
    with loop_monitor.skip_idle_time():
        if reason == "revoked":
            server.revoke_token(harness.entry.data["token"])
        else:
            server.disable_user("demo")
        await wait_until(lambda: get_reauth_flows(harness), 5)
        tried = count_commands(server, "auth")
        await asyncio.sleep(1200)
        assert count_commands(server, "auth") - tried <= 1200 / SIGN_IN_RETRY_DELAY
        assert len(get_reauth_flows(harness)) == 1
        server.tokens.update(token)
        server.accounts.set_user_enabled(user, enabled=True)
        await wait_until(lambda: not harness.unavailable_entity_ids, SIGN_IN_RETRY_DELAY + 1)
        await wait_until(lambda: not get_reauth_flows(harness))


@pytest.mark.parametrize("trouble", ["restarting", "not onboarded", "error", "silent"])
async def test_authentication_trouble_does_not_start_reauth(
    harness: Harness, loop_monitor: LoopMonitor, trouble: str
) -> None:
    """Other errors during authentication don't start a reauthentication."""
    server = harness.server
    asked = count_commands(server, "auth")

    def has_more_commands(count: int) -> bool:
        return count_commands(server, "auth") > count

    with (
        loop_monitor.skip_idle_time(),
        set_attributes(server, onboard_done=trouble != "not onboarded"),
    ):
        if trouble == "not onboarded":
            server.faults.fail_command("auth", 20, "Setup required")
        elif trouble == "error":
            server.faults.fail_command("auth", 999, "Database is locked")
        else:
            server.faults.ignore_command("auth")
        await server.faults.disconnect_clients()
        for count in range(asked, asked + 3):
            await wait_until(partial(has_more_commands, count), 30)
            if trouble == "restarting":
                await server.faults.disconnect_clients("cut")
        await asyncio.sleep(30)
        assert not get_reauth_flows(harness)
    server.faults.clear()
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: not harness.unavailable_entity_ids, 20)


async def test_no_reauth_for_app(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """An entry of the app has no reauthentication: its token comes by discovery."""
    data = {**harness.entry.data, CONF_ORIGIN: ORIGIN_APP}
    harness.hass.config_entries.async_update_entry(harness.entry, data=data)
    with loop_monitor.skip_idle_time():
        harness.server.disable_user("demo")
        await wait_until(lambda: len(harness.unavailable_entity_ids) == 50, 20)
    assert not get_reauth_flows(harness)


async def test_setup_waits_for_app_token(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, loop_monitor: LoopMonitor
) -> None:
    """Until the app's token comes, the set-up isn't retried again and again."""
    data = {**entry.data, CONF_ORIGIN: ORIGIN_APP, CONF_TOKEN: "over"}
    hass.config_entries.async_update_entry(entry, data=data)
    with loop_monitor.skip_idle_time():
        assert not await hass.config_entries.async_setup(entry.entry_id)
        await asyncio.sleep(1000)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert count_commands(server, "auth") < 25  # Home Assistant's own attempts are among them
        data[CONF_TOKEN] = server.create_token("demo")
        hass.config_entries.async_update_entry(entry, data=data)
        hass.config_entries.async_schedule_reload(entry.entry_id)
        await wait_until(lambda: entry.state is ConfigEntryState.LOADED)


@pytest.mark.parametrize(
    ("changes_of_server", "key"),
    [
        ({"schema_version": 26, "min_supported_schema_version": 24}, "server_too_old"),
        ({"schema_version": 1000, "min_supported_schema_version": 999}, "server_too_new"),
        ({"server_id": "another"}, "other_server"),
    ],
)
async def test_wrong_server_creates_repair(
    harness: Harness, loop_monitor: LoopMonitor, changes_of_server: dict[str, Any], key: str
) -> None:
    """Another server, or one too old or new, creates a repair until it is right."""
    issues = ir.async_get(harness.hass).issues
    data = dict(harness.entry.data)
    issue_id = (DOMAIN, build_issue_id(key, harness.entry))
    with loop_monitor.skip_idle_time():
        with set_attributes(harness.server, **changes_of_server):
            version = harness.server.server_version
            await harness.server.faults.disconnect_clients()
            await wait_until(lambda: issue_id in issues)
            await wait_until(
                lambda: len(harness.unavailable_entity_ids) == 50, CONNECTION_GRACE_PERIOD + 1
            )
        placeholders = issues[issue_id].translation_placeholders
        assert placeholders
        assert placeholders["server"] == "Music Assistant"
        assert key == "other_server" or placeholders["version"] == version
        assert [one for one in issues if one[0] == DOMAIN] == [issue_id]
        await wait_until(lambda: not harness.unavailable_entity_ids, 10)
    assert issue_id not in issues
    assert dict(harness.entry.data) == data
    assert harness.entry.unique_id == harness.server.server_id
    assert not get_reauth_flows(harness)


# ------------------------------------------------------------------------------- odd payloads

ODD: tuple[Any, ...] = (None, "", "odd", 5, -1, 1e300, True, [], [None], [5], {}, {"odd": 1})


def create_invalid_players(server: MassServer) -> Iterator[dict[str, Any]]:
    """Yield the first player with each field missing or with invalid values."""
    player = server.players[ONE]
    player.current_media = server.players[TWO].current_media
    whole = orjson.loads(server.serialize(player))
    for name in whole:
        yield {key: value for key, value in whole.items() if key != name}
        yield from ({**whole, name: odd} for odd in ODD)
    media = {"uri": "library://track/1", "media_type": "track", "title": "A", "duration": 5}
    media |= {"elapsed_time": 1.0, "elapsed_time_last_updated": 1.0, "image_url": "http://x/y"}
    for name in media:
        yield from (
            {**whole, "playback_state": "playing", "current_media": {**media, name: odd}}
            for odd in ODD
        )


async def test_invalid_player(harness: Harness) -> None:
    """An invalid payload affects no other player, and the player recovers."""
    server = harness.server
    whole = server.players[ONE]
    frames = [
        server.serialize(messages.build_event(EventType.PLAYER_UPDATED, ONE, odd))
        for odd in create_invalid_players(server)
    ]
    assert len(frames) > 500
    for count, frame in enumerate(frames):
        await server.faults.send_text(frame)
        server.update_player(TWO, volume_level=count % 100)
        await harness.coordinator.mass.send_command("info")
        await wait_until(lambda expected=count % 100 / 100: get_volume(harness, TWO) == expected, 1)  # type: ignore[misc]
    server.send_event(EventType.PLAYER_UPDATED, ONE, replace(whole, volume_level=99))
    await harness.wait_for_events()
    assert get_volume(harness, ONE) == 0.99
    assert harness.server.connects == 1


async def test_invalid_players_in_list(harness: Harness) -> None:
    """Invalid players in a list don't prevent fetching the valid ones."""
    server = harness.server
    good = [orjson.loads(server.serialize(player)) for player in server.players.values()][1:]
    odd = [
        {**player, "player_id": f"odd_{i}"}
        for i, player in enumerate(create_invalid_players(server))
    ]

    def list_players(_server: MassServer, _caller: Any) -> list[Any]:
        return [*odd, *good]

    server.command_table["players/all"] = Command(list_players)
    await server.faults.disconnect_clients()
    await wait_until(lambda: harness.server.connects == 2)
    await harness.wait_for_reconnect()
    server.update_player(TWO, volume_level=98)
    await wait_until(lambda: get_volume(harness, TWO) == 0.98)
    assert harness.unavailable_entity_ids >= {harness.get_entity_id(ONE)}
    assert not harness.unavailable_entity_ids & {
        harness.get_entity_id(player["player_id"]) for player in good
    }


async def test_events_of_unknown_players(harness: Harness, changes: RecordedChanges) -> None:
    """Events of unknown players, queues or types change nothing."""
    server = harness.server
    for event in EventType:
        server.send_event(event, "nobody", None)
        server.send_event(event, None, None)
        server.send_event(event, "nobody", {"queue_id": "nobody"})
    await server.faults.send_text('{"event": "from_the_future", "object_id": "player_001"}')
    await harness.wait_for_events()
    assert not changes.states
    assert not changes.registry
    assert server.connects == 1


@pytest.mark.parametrize("frame", ["{nonsense", b"\x00\xff", "[]", '{"event": {}}'])
async def test_invalid_frame(
    harness: Harness, changes: RecordedChanges, frame: str | bytes
) -> None:
    """An invalid frame is ignored."""
    if isinstance(frame, bytes):
        await harness.server.faults.send_bytes(frame)
    else:
        await harness.server.faults.send_text(frame)
    harness.server.update_player(ONE, volume_level=77)
    await harness.wait_for_events()
    assert changes.entity_ids == {harness.get_entity_id(ONE)}
    assert harness.server.connects == 1


async def test_large_message(harness: Harness) -> None:
    """A message of 20 MB is handled."""
    huge = {"event": "player_updated", "object_id": "huge", "data": {"x": "x" * 20_000_000}}
    await harness.server.faults.send_text(orjson.dumps(huge).decode())
    harness.server.update_player(ONE, volume_level=77)
    await harness.wait_for_events()
    assert get_volume(harness, ONE) == 0.77


async def test_many_events(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """20,000 events at once don't block the loop, and the last states are shown."""
    server = harness.server
    ids = list(server.players)
    await harness.call_action(
        "play_media", ONE, media_content_id="library://track/1", media_content_type=""
    )
    server.playback.stop_clock()
    frames = []
    for count in range(20_000):
        queue = server.queues[ids[count % 50]]
        queue.shuffle_enabled = count % 3 == 0
        frames.append(
            server.serialize(messages.build_event(EventType.QUEUE_UPDATED, queue.queue_id, queue))
        )
    turns, loop_monitor.longest_turn = loop_monitor.turns, 0.0
    await send_frames(server, frames)
    await harness.wait_for_events()
    logging.getLogger(__name__).warning(
        "Flood: %d turns, the longest %d ms",
        loop_monitor.turns - turns,
        loop_monitor.longest_turn * 1000,
    )
    assert loop_monitor.turns - turns > 50
    for player_id, queue in server.queues.items():
        assert harness.get_state(player_id).attributes["shuffle"] == queue.shuffle_enabled
    assert server.connects == 1
    assert harness.get_state(ONE).state == PlaybackState.PLAYING


async def test_entities_are_kept_during_outage(
    hass: HomeAssistant, harness: Harness, loop_monitor: LoopMonitor
) -> None:
    """In an outage, players keep registry entry, device and attributes."""
    with loop_monitor.skip_idle_time():
        await harness.server.faults.close_port()
        await harness.server.faults.disconnect_clients()
        await wait_until(
            lambda: len(harness.unavailable_entity_ids) == 50, CONNECTION_GRACE_PERIOD + 1
        )
    registry = er.async_get(hass)
    assert {registry.async_get(entity_id) is not None for entity_id in harness.states} == {True}
    assert len(harness.states) == len(harness.device_player_ids) == 50
    state = harness.get_state(ONE)
    assert state.state == STATE_UNAVAILABLE
    assert "restored" not in state.attributes


async def test_error_of_one_player(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of one player doesn't affect the others."""
    refresh = harness.coordinator.store._refresh

    def raise_error(player_id: str) -> bool:
        if player_id == ONE:
            raise ZeroDivisionError
        return refresh(player_id)

    monkeypatch.setattr(harness.coordinator.store, "_refresh", raise_error)
    harness.server.update_player(TWO, volume_level=11)
    harness.server.update_player(ONE, volume_level=11)
    await wait_until(lambda: harness.get_state(TWO).attributes["volume_level"] == 0.11)
    assert harness.get_state(ONE).attributes["volume_level"] != 0.11


async def test_same_player_on_two_servers(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    """A player of two servers has the entities of the first, enabled or not."""
    registry = er.async_get(harness.hass)

    def get_entities() -> set[str]:
        entities = er.async_entries_for_config_entry(registry, harness.entry.entry_id)
        return {one.entity_id for one in entities}

    before = get_entities()
    async with run_second_server(harness.hass, player_set=PlayerSet.create_speakers(3)) as other:
        assert get_entities() == before
        other.server.add_player(create_speaker("New"))
        await other.wait_for_events()
        assert registry.async_get(other.get_entity_id("new"))
    await harness.hass.config_entries.async_remove(other.entry.entry_id)
    assert get_entities() == before
    assert "unique IDs" not in caplog.text
