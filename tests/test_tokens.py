"""The upkeep of an entry's token: renewed in time, never without one that works, none left over."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
import time
from typing import Any
from unittest.mock import Mock

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
)

from custom_components.music_assistant.const import CONF_ORIGIN, DOMAIN, ORIGIN_APP
from custom_components.music_assistant.entry.tokens import (
    CHECK_INTERVAL,
    CONF_CREATED_TOKEN_ID,
    CONF_RETIRED_TOKENS,
    build_token_changes,
    has_created_token,
)
from custom_components.music_assistant.server.endpoint import HTTP_TIMEOUT
from custom_components.music_assistant.server.token import TokenInfo
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME, EntityCategory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util

from .common import (
    Harness,
    LoopMonitor,
    RecordedChanges,
    set_attributes,
    wait_for_disabled_entities,
    wait_until,
)
from .http_servers import redirect_to, run_http_server
from .server import MassServer

NAME = "Home Assistant (test home)"
MINT, LOG_OUT = "auth/token/create", "auth/logout"
SENSOR = "sensor.music_assistant_server_token_expires"
DAY = 86400.0

type Give = Callable[..., str]


@pytest.fixture
def give(hass: HomeAssistant, server: MassServer, entry: MockConfigEntry) -> Give:
    """Return what gives the entry a token of an age and a life in days, made by us or not."""

    def give_token(*, made: bool = True, age: float = 0, life: float = 365) -> str:
        server.tokens.clear()
        with set_attributes(server, clock=lambda: time.time() - age * DAY):
            token = server.create_token("demo", "Given", lifetime=timedelta(days=life))
        data = {**entry.data, CONF_TOKEN: token}
        if made:
            data[CONF_CREATED_TOKEN_ID] = get_token_id(token)
        hass.config_entries.async_update_entry(entry, data=data)
        return token

    return give_token


@pytest.fixture
async def set_up(hass: HomeAssistant, server: MassServer, entry: MockConfigEntry) -> Harness:
    """Return Home Assistant with an entry that isn't set up yet."""
    return Harness(hass, server, entry)


def get_token_id(token: str) -> str:
    """Return the id of a token."""
    read = TokenInfo.parse(token)
    assert read
    return read.token_id


def get_valid_token(harness: Harness) -> str:
    """Return the token of the entry, after asserting that the server accepts it."""
    token: str = harness.entry.data[CONF_TOKEN]
    assert harness.server.accounts.resolve_token(token)
    assert CONF_RETIRED_TOKENS not in harness.entry.data
    return token


def get_token_issues(hass: HomeAssistant) -> dict[str | None, dict[str, str] | None]:
    """Return the placeholders of the token issues, by translation key."""
    return {
        issue.translation_key: issue.translation_placeholders
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
    }


async def run_token_check(harness: Harness, days: float = 0) -> None:
    """Set up the entry, or move time forward, and wait for the token check."""
    with LoopMonitor.of_loop().skip_idle_time():
        if days:
            async_fire_time_changed(harness.hass, dt_util.utcnow() + timedelta(days=days))
        else:
            assert await harness.hass.config_entries.async_setup(harness.entry.entry_id)
        await harness.hass.async_block_till_done(wait_background_tasks=False)
        await wait_until(lambda: not get_token_tasks(harness), 60)


def get_token_tasks(harness: Harness) -> list[asyncio.Future[Any]]:
    """Return the tasks of the token manager."""
    return [task for task in harness.entry._background_tasks if " token" in repr(task)]


async def call_rotate(harness: Harness, **call: Any) -> None:
    """Call the action that renews the token."""
    with LoopMonitor.of_loop().skip_idle_time():
        await harness.hass.services.async_call(DOMAIN, "rotate_token", blocking=True, **call)


# ------------------------------------------------------------------------------- what is kept


def test_revoke_at_removal(server: MassServer) -> None:
    """A token that we created is revoked with its entry, a pasted one isn't."""
    ours, given, new = (server.create_token("demo") for _ in range(3))
    of_ours = {CONF_TOKEN: ours, CONF_CREATED_TOKEN_ID: get_token_id(ours)}
    assert build_token_changes({}, new, created=True) == {
        CONF_TOKEN: new,
        CONF_CREATED_TOKEN_ID: get_token_id(new),
    }
    assert build_token_changes({}, new, created=False) == {CONF_TOKEN: new}
    assert build_token_changes({CONF_TOKEN: given}, new, created=False) == {CONF_TOKEN: new}
    assert build_token_changes(of_ours, given, created=False) == {
        CONF_TOKEN: given,
        CONF_RETIRED_TOKENS: [ours],
    }
    assert build_token_changes(of_ours, ours, created=False) == {CONF_TOKEN: ours}
    older = {**of_ours, CONF_RETIRED_TOKENS: ["older"]}
    assert build_token_changes(older, new, created=True)[CONF_RETIRED_TOKENS] == ["older", ours]
    again = {CONF_TOKEN: given, CONF_RETIRED_TOKENS: [ours]}
    assert build_token_changes(again, ours, created=False) == {
        CONF_TOKEN: ours,
        CONF_RETIRED_TOKENS: [],
    }
    # an old server's says nothing of itself, so it can't be told from another
    assert build_token_changes({}, "opaque", created=True) == {CONF_TOKEN: "opaque"}


def test_token_of_builtin_integration(server: MassServer) -> None:
    """A token that the built-in integration stored isn't one that we created."""
    ours = server.create_token("demo")
    data = {CONF_TOKEN: ours, CONF_CREATED_TOKEN_ID: get_token_id(ours)}
    assert has_created_token(data)
    assert not has_created_token({**data, CONF_TOKEN: server.create_token("demo")})
    assert not has_created_token({CONF_TOKEN: ours})
    assert not has_created_token({CONF_TOKEN: "opaque", CONF_CREATED_TOKEN_ID: None})
    assert not has_created_token({})


# ------------------------------------------------------------------------------------- renewal


@pytest.mark.parametrize(
    ("age", "life", "renewed"),
    [(0, 365, False), (243, 365, False), (244, 365, True), (364, 365, True), (2434, 3650, True)],
)
async def test_renew_in_time(
    set_up: Harness, give: Give, age: float, life: float, *, renewed: bool
) -> None:
    """A token that we created is renewed at two thirds of its lifetime and then revoked."""
    old = give(age=age, life=life)
    await run_token_check(set_up)
    assert set_up.is_connected
    assert (get_valid_token(set_up) != old) is renewed
    assert set_up.server.token_names == ([NAME] if renewed else ["Given"])
    assert has_created_token(set_up.entry.data)
    assert get_token_issues(set_up.hass) == {}


async def test_rotation_keeps_connection(harness: Harness, changes: RecordedChanges) -> None:
    """A rotation neither reconnects nor changes a state; a reconnect uses the new token."""
    coordinator = harness.coordinator
    await call_rotate(harness)
    await wait_until(lambda: harness.server.connection_count == 1)
    await harness.hass.async_block_till_done()
    assert harness.connection_lost_at is None
    assert changes.states == []
    await harness.server.faults.disconnect_clients()
    await wait_until(lambda: harness.connection_lost_at)
    await harness.wait_for_reconnect()
    assert harness.coordinator is coordinator


async def test_renew_daily_check(set_up: Harness, give: Give) -> None:
    """A token that becomes due while Home Assistant runs is renewed."""
    old = give(age=240)
    await run_token_check(set_up)
    assert get_valid_token(set_up) == old
    with set_attributes(dt_util, utcnow=lambda: dt_util_now() + timedelta(days=5)):
        await run_token_check(set_up, CHECK_INTERVAL / timedelta(days=1))
    assert get_valid_token(set_up) != old
    assert set_up.server.token_names == [NAME]


dt_util_now = dt_util.utcnow


async def test_clock_ahead(set_up: Harness, give: Give) -> None:
    """A clock that is twenty years ahead causes one rotation, and the connection stays."""
    old = give()
    with set_attributes(dt_util, utcnow=lambda: dt_util_now() + timedelta(days=20 * 365)):
        await run_token_check(set_up)
    assert set_up.is_connected
    assert get_valid_token(set_up) != old
    assert set_up.server.token_names == [NAME]
    assert get_token_issues(set_up.hass) == {}


async def test_clock_behind(set_up: Harness, give: Give) -> None:
    """A clock that isn't set yet renews nothing."""
    old = give(age=300)
    with set_attributes(dt_util, utcnow=lambda: dt_util_now() - timedelta(days=50 * 365)):
        await run_token_check(set_up)
    assert get_valid_token(set_up) == old


# -------------------------------------------------------------------------------------- action


async def test_rotate_pasted_token(harness: Harness) -> None:
    """The action replaces a pasted token, and doesn't revoke it."""
    pasted = get_valid_token(harness)
    await call_rotate(harness)
    ours = get_valid_token(harness)
    assert harness.server.token_names == ["Home Assistant", NAME]
    assert harness.is_connected
    await call_rotate(harness)
    assert get_valid_token(harness) not in (pasted, ours)
    assert harness.server.token_names == [
        "Home Assistant",
        NAME,
    ]  # of our own only the last is left
    assert harness.connection_lost_at is None


async def test_concurrent_rotations(harness: Harness) -> None:
    """Concurrent rotations run one after the other."""
    keeper = harness.coordinator.tokens
    with LoopMonitor.of_loop().skip_idle_time():
        await asyncio.gather(*(keeper.async_renew() for _ in range(3)))
    get_valid_token(harness)
    assert harness.server.token_names == ["Home Assistant", NAME]


async def test_rotate_permission(harness: Harness, hass_read_only_user: MockUser) -> None:
    """Only administrators can rotate a token."""
    with pytest.raises(Unauthorized):
        await call_rotate(harness, context=Context(user_id=hass_read_only_user.id))
    assert harness.server.token_names == ["Home Assistant"]


async def test_app_token(harness: Harness) -> None:
    """The app manages its own token: it is neither rotated nor reported as expiring."""
    data = {**harness.entry.data, CONF_ORIGIN: ORIGIN_APP}
    harness.hass.config_entries.async_update_entry(harness.entry, data=data)
    with pytest.raises(ServiceValidationError, match="app"):
        await call_rotate(harness)
    assert harness.server.token_names == ["Home Assistant"]


@pytest.mark.parametrize("schema_version", [27])
async def test_rotate_without_token(harness: Harness) -> None:
    """A server without users has no token to rotate."""
    with pytest.raises(HomeAssistantError, match="too old"):
        await call_rotate(harness)
    assert harness.is_connected


# ------------------------------------------------------------------------------------ failures


def refuse_creation(harness: Harness, _patch: pytest.MonkeyPatch) -> str:
    """Let the server refuse to create a token."""
    harness.server.faults.fail_command(MINT, 22, "no more tokens")
    return "Give that user the right"


def answer_without_token(harness: Harness, _patch: pytest.MonkeyPatch) -> str:
    """Let the server answer with something other than a token."""
    harness.server.faults.set_response(MINT, {"token": "a.b.c"})
    return "something other than a token"


def refuse_new_token(harness: Harness, _patch: pytest.MonkeyPatch) -> str:
    """Let the server refuse the new token."""
    harness.server.faults.fail_command("auth", 23)
    return "no longer accepts"


def fail_to_save(harness: Harness, patch: pytest.MonkeyPatch) -> str:
    """Let saving the entry fail."""
    update = Mock(side_effect=HomeAssistantError("disk full"))
    patch.setattr(harness.hass.config_entries, "async_update_entry", update)
    return "disk full"


def change_token(harness: Harness, _patch: pytest.MonkeyPatch) -> str:
    """Let the token be changed meanwhile."""
    data = {**harness.entry.data, CONF_TOKEN: harness.server.create_token("demo", "Other")}
    harness.hass.config_entries.async_update_entry(harness.entry, data=data)
    return "changed by something else"


@pytest.mark.parametrize(
    "fails",
    [refuse_creation, answer_without_token, refuse_new_token, fail_to_save, change_token],
    ids=lambda f: f.__name__,
)
async def test_failed_rotation(
    harness: Harness,
    monkeypatch: pytest.MonkeyPatch,
    fails: Callable[[Harness, pytest.MonkeyPatch], str],
) -> None:
    """A failure before the new token is saved keeps the old token and leaves no other."""
    before = {**harness.entry.data}
    said = fails(harness, monkeypatch)
    with pytest.raises(HomeAssistantError, match=said):
        await call_rotate(harness)
    monkeypatch.undo()
    harness.server.faults.clear()
    if fails is not change_token:
        assert harness.entry.data == before
    assert NAME not in harness.server.token_names
    assert harness.is_connected
    assert harness.connection_lost_at is None
    await harness.server.faults.disconnect_clients()  # what the entry keeps opens the door
    await wait_until(lambda: harness.connection_lost_at)
    await harness.wait_for_reconnect()


async def test_disconnect_during_check(set_up: Harness, give: Give) -> None:
    """A new token that could be neither checked nor revoked is revoked later."""
    old = give()
    await run_token_check(set_up)
    server = set_up.server
    server.faults.delay_command(MINT, 0.05)
    rotating = set_up.hass.async_create_task(set_up.coordinator.tokens.async_renew())
    await wait_until(lambda: MINT in dict(server.commands))
    await server.faults.close_port()  # who is connected stays
    with pytest.raises(HomeAssistantError):
        await rotating
    assert set_up.entry.data[CONF_TOKEN] == old
    assert len(set_up.entry.data[CONF_RETIRED_TOKENS]) == 1
    assert server.token_names == ["Given", NAME]
    await server.faults.open_port()
    await run_token_check(set_up, days=1)
    assert get_valid_token(set_up) == old
    assert server.token_names == ["Given"]


async def test_disconnect_before_switch(harness: Harness) -> None:
    """If the connection is lost before the new token is in use, the reconnect uses it."""
    harness.server.faults.fail_command("players/all", 999)
    await call_rotate(harness)
    harness.server.faults.clear()
    new = get_valid_token(harness)
    assert has_created_token(harness.entry.data)
    await harness.server.faults.disconnect_clients()
    await wait_until(lambda: harness.connection_lost_at)
    await harness.wait_for_reconnect()
    assert harness.coordinator.mass.connection.auth_token == new


async def test_failed_revocation(
    set_up: Harness, give: Give, caplog: pytest.LogCaptureFixture
) -> None:
    """An old token that can't be revoked is saved until it can be."""
    old = give(age=300)
    set_up.server.faults.fail_command(LOG_OUT)
    await run_token_check(set_up)
    assert set_up.entry.data[CONF_RETIRED_TOKENS] == [old]
    assert "could not be revoked" in caplog.text
    assert set_up.server.token_names == ["Given", NAME]
    set_up.server.faults.clear()
    await run_token_check(set_up, 1)
    get_valid_token(set_up)
    assert set_up.server.token_names == [NAME]


async def test_old_token_already_revoked(set_up: Harness, give: Give) -> None:
    """An old token that was revoked manually needs no revocation."""
    old = give(age=300)
    set_up.server.faults.fail_command(LOG_OUT)
    await run_token_check(set_up)
    set_up.server.faults.clear()
    set_up.server.revoke_token(old)
    await run_token_check(set_up, 1)
    get_valid_token(set_up)


async def test_revoke_after_save(set_up: Harness, give: Give) -> None:
    """The old token isn't revoked before the new one is written to disk."""
    old = give(age=300)
    assert await set_up.hass.config_entries.async_setup(set_up.entry.entry_id)
    await wait_until(lambda: set_up.entry.data[CONF_TOKEN] != old)
    await wait_until(lambda: set_up.coordinator.mass.connection.auth_token != old)
    assert set_up.server.accounts.resolve_token(old)
    assert set_up.entry.data[CONF_RETIRED_TOKENS] == [old]
    assert await set_up.hass.config_entries.async_unload(set_up.entry.entry_id)
    assert set_up.server.accounts.resolve_token(old)
    await run_token_check(set_up)  # the next start ends what was begun
    assert get_valid_token(set_up) != old
    assert set_up.server.token_names == [NAME]


async def test_unload_during_check(set_up: Harness, give: Give) -> None:
    """An interrupted rotation revokes its new token."""
    old = give(age=240)
    await run_token_check(set_up)
    set_up.server.faults.ignore_command("auth")
    with set_attributes(dt_util, utcnow=lambda: dt_util_now() + timedelta(days=5)):
        async_fire_time_changed(set_up.hass, dt_util.utcnow() + CHECK_INTERVAL)
        await wait_until(lambda: len(set_up.server.tokens) == 2)
        await wait_until(lambda: set_up.server.connection_count == 2)
    assert await set_up.hass.config_entries.async_unload(set_up.entry.entry_id)
    await wait_until(lambda: set_up.server.token_names == ["Given"])
    assert get_valid_token(set_up) == old


async def test_reload_during_rotation(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """A rotation by the action continues during a reload, and the stored token works."""
    harness.server.faults.delay_command("auth", 1)
    renewing = asyncio.create_task(harness.coordinator.tokens.async_renew())
    await wait_until(lambda: [command for command, _ in harness.server.commands].count("auth") == 2)
    harness.server.faults.clear()
    assert await harness.hass.config_entries.async_reload(harness.entry.entry_id)
    with loop_monitor.skip_idle_time():
        await renewing
        await wait_until(lambda: harness.is_connected)
    get_valid_token(harness)
    await harness.server.faults.disconnect_clients()
    await harness.wait_for_reconnect()


async def test_cancel_during_switch(harness: Harness) -> None:
    """A script that is stopped during the switch leaves the new token in use."""
    await call_rotate(harness)
    before = get_valid_token(harness)
    harness.server.faults.ignore_command("players/all")
    renewing = asyncio.create_task(harness.coordinator.tokens.async_renew())
    await wait_until(lambda: harness.entry.data[CONF_TOKEN] != before)
    await wait_until(lambda: harness.server.connection_count == 2)
    renewing.cancel()
    await asyncio.wait([renewing])
    harness.server.faults.clear()
    with LoopMonitor.of_loop().skip_idle_time():
        await harness.coordinator.tokens.async_check()
    await harness.server.faults.disconnect_clients()
    await wait_until(lambda: harness.connection_lost_at)
    await harness.wait_for_reconnect()
    assert harness.coordinator.mass.connection.auth_token == get_valid_token(harness)
    assert harness.hass.config_entries.flow.async_progress() == []


async def test_concurrent_revocations(harness: Harness) -> None:
    """Two concurrent revocations of one token don't disturb each other."""
    old = harness.server.create_token("demo", "Old")
    data = {**harness.entry.data, CONF_RETIRED_TOKENS: [old]}
    harness.hass.config_entries.async_update_entry(harness.entry, data=data)
    keeper = harness.coordinator.tokens
    with LoopMonitor.of_loop().skip_idle_time():
        await asyncio.gather(keeper.async_check(), keeper.async_check())
    get_valid_token(harness)
    assert harness.server.token_names == ["Home Assistant"]


async def test_remove_during_rotation(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """An entry that is removed during a rotation revokes both tokens."""
    await call_rotate(harness)
    before = get_valid_token(harness)
    renewing = asyncio.create_task(harness.coordinator.tokens.async_renew())
    await wait_until(lambda: harness.entry.data[CONF_TOKEN] != before)
    await harness.hass.config_entries.async_remove(harness.entry.entry_id)
    with loop_monitor.skip_idle_time():
        await renewing
    assert harness.server.token_names == ["Home Assistant"]


@pytest.mark.parametrize("days_left", [1, 80])
async def test_failed_renewals_are_reported(
    set_up: Harness, give: Give, caplog: pytest.LogCaptureFixture, days_left: float
) -> None:
    """A token that can't be renewed is logged daily, and is an issue when it expires soon."""
    old = give(age=365 - days_left)
    set_up.server.faults.fail_command(MINT, 22, "no more tokens")
    await run_token_check(set_up)
    assert "Give that user the right" in caplog.text
    assert (get_token_issues(set_up.hass).keys() == {"token_not_renewed"}) is (days_left < 30)
    assert get_valid_token(set_up) == old
    set_up.server.faults.clear()
    await run_token_check(set_up, 1)
    assert get_valid_token(set_up) != old
    assert get_token_issues(set_up.hass) == {}


# ------------------------------------------------------------------------- one that was pasted


@pytest.mark.parametrize("days_left", [1, 29, 31, 3000])
async def test_pasted_token_expires(set_up: Harness, give: Give, days_left: float) -> None:
    """A pasted token is never renewed; an issue reports that it expires soon."""
    pasted = give(made=False, age=300, life=300 + days_left)
    await run_token_check(set_up)
    assert get_valid_token(set_up) == pasted
    read = TokenInfo.parse(pasted)
    assert read
    assert read.expires
    date = dt_util.as_local(read.expires).date().isoformat()
    told = {"token_expires": {"server": "Music Assistant", "date": date}}
    assert get_token_issues(set_up.hass) == (told if days_left < 30 else {})


async def test_app_token_expires(set_up: Harness, give: Give) -> None:
    """The expiry of the app's token isn't reported."""
    give(made=False, age=300, life=310)
    data = {**set_up.entry.data, CONF_ORIGIN: ORIGIN_APP}
    set_up.hass.config_entries.async_update_entry(set_up.entry, data=data)
    await run_token_check(set_up)
    assert get_token_issues(set_up.hass) == {}


# -------------------------------------------------------------------------------- reauthentication


@pytest.mark.parametrize("made", [True, False])
async def test_reauth_revokes_old_token(set_up: Harness, give: Give, *, made: bool) -> None:
    """A new sign-in revokes the token that we created before, and no other."""
    hass, entry = set_up.hass, set_up.entry
    old = give(made=made)
    await run_token_check(set_up)
    entry.async_start_reauth(hass)
    await hass.async_block_till_done()
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    for values in (
        {},
        {"next_step_id": "password"},
        {CONF_USERNAME: "demo", CONF_PASSWORD: "demo-password"},
    ):
        result = await hass.config_entries.flow.async_configure(flow["flow_id"], values)
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await wait_until(lambda: CONF_RETIRED_TOKENS not in entry.data)
    assert get_valid_token(set_up) != old
    assert set_up.server.token_names == ([NAME] if made else ["Given", NAME])
    assert set_up.is_connected


# -------------------------------------------------------------------------------------- entity


@pytest.mark.usefixtures("all_enabled")
async def test_expiry_sensor(set_up: Harness, give: Give) -> None:
    """The sensor shows the expiry of the current token, also after a rotation."""
    give(age=10)
    await run_token_check(set_up)

    def shown() -> datetime:
        state = set_up.hass.states.get(SENSOR)
        assert state
        return datetime.fromisoformat(state.state)

    before = shown()
    assert before == set_up.coordinator.tokens.expires
    await call_rotate(set_up)
    await set_up.hass.async_block_till_done()
    assert timedelta(days=9) < shown() - before < timedelta(days=11)


async def test_sensor_is_disabled(harness: Harness) -> None:
    """The sensor is disabled by default."""
    await wait_for_disabled_entities()
    registered = er.async_get(harness.hass).async_get(SENSOR)
    assert registered
    assert registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert registered.entity_category is EntityCategory.DIAGNOSTIC


# ------------------------------------------------------------------------------------- removal


@pytest.mark.parametrize("made", [True, False])
async def test_remove_entry(set_up: Harness, give: Give, *, made: bool) -> None:
    """Removing an entry revokes the token that we created, and no other."""
    give(made=made)
    await run_token_check(set_up)
    set_up.server.create_token("demo", "Other")
    await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
    assert set_up.server.token_names == (["Other"] if made else ["Given", "Other"])


async def test_remove_with_pending_revocation(set_up: Harness, give: Give) -> None:
    """Removing an entry also revokes the tokens whose revocation is pending."""
    give(age=300)
    set_up.server.faults.fail_command(LOG_OUT)
    await run_token_check(set_up)
    set_up.server.faults.clear()
    await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
    assert set_up.server.token_names == []


async def _is_gone(server: MassServer) -> None:
    await server.faults.close_port()


async def _is_silent(server: MassServer) -> None:
    server.faults.pause_server()


@pytest.mark.parametrize("fails", [_is_gone, _is_silent])
async def test_remove_without_server(
    set_up: Harness,
    give: Give,
    caplog: pytest.LogCaptureFixture,
    loop_monitor: LoopMonitor,
    fails: Any,
) -> None:
    """An entry can be removed while its server is away; the log names what stays on the server."""
    token = give()
    await run_token_check(set_up)
    await fails(set_up.server)
    with loop_monitor.skip_idle_time():
        began = loop_monitor.time()
        await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
        assert loop_monitor.time() - began < HTTP_TIMEOUT + 3
    assert not set_up.hass.config_entries.async_entries(DOMAIN)
    assert "could not be revoked" in caplog.text
    assert set_up.server.url in caplog.text
    assert token not in caplog.text


async def test_remove_with_other_server(
    set_up: Harness, give: Give, caplog: pytest.LogCaptureFixture
) -> None:
    """Another server at the same address isn't sent the token."""
    give()
    async with MassServer(server_id="another") as another:
        data = {**set_up.entry.data, CONF_URL: another.url}
        set_up.hass.config_entries.async_update_entry(set_up.entry, data=data)
        await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
        assert another.http_requests == [("GET", "/info")]
    assert "could not be revoked" in caplog.text


async def test_remove_after_redirect(
    set_up: Harness, give: Give, caplog: pytest.LogCaptureFixture
) -> None:
    """The token isn't sent to an unencrypted address after a redirect, even of the same server."""
    give()
    before = set_up.server.token_names
    async with run_http_server(redirect_to(set_up.server.url)) as url:
        data = {**set_up.entry.data, CONF_URL: url}
        set_up.hass.config_entries.async_update_entry(set_up.entry, data=data)
        await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
    assert set_up.server.token_names == before
    assert "could not be revoked" in caplog.text


async def test_remove_before_setup(set_up: Harness, give: Give) -> None:
    """The token of an entry that was never set up is revoked, too."""
    give()
    await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
    assert set_up.server.token_names == []
    assert set_up.entry.state is ConfigEntryState.NOT_LOADED
