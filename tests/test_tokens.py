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
    CONF_MADE,
    CONF_RETIRED,
    LOOKED_AFTER,
    is_ours,
    with_token,
)
from custom_components.music_assistant.server.endpoint import HTTP_LIMIT
from custom_components.music_assistant.server.token import Token
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME, EntityCategory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util

from .answering import answering, redirecting
from .common import Changes, House, Pulse, changed, until
from .server import MassServer

NAME = "Home Assistant (test home)"
MINT, LOG_OUT = "auth/token/create", "auth/logout"
SENSOR = "sensor.music_assistant_token_expires"
DAY = 86400.0

type Give = Callable[..., str]


@pytest.fixture
def give(hass: HomeAssistant, server: MassServer, entry: MockConfigEntry) -> Give:
    """Return what gives the entry a token of an age and a life in days, made by us or not."""

    def give_token(*, made: bool = True, age: float = 0, life: float = 365) -> str:
        server.tokens.clear()
        with changed(server, clock=lambda: time.time() - age * DAY):
            token = server.mint_token("demo", "Given", lifetime=timedelta(days=life))
        data = {**entry.data, CONF_TOKEN: token}
        if made:
            data[CONF_MADE] = id_of(token)
        hass.config_entries.async_update_entry(entry, data=data)
        return token

    return give_token


@pytest.fixture
async def set_up(hass: HomeAssistant, server: MassServer, entry: MockConfigEntry) -> House:
    """Return Home Assistant with an entry that isn't set up yet."""
    return House(hass, server, entry)


def id_of(token: str) -> str:
    """Return the id of a token."""
    read = Token.read(token)
    assert read
    return read.token_id


def kept(house: House) -> str:
    """Return the token that the entry keeps, which the server has to take."""
    token: str = house.entry.data[CONF_TOKEN]
    assert house.server.accounts.authenticate(token)
    assert CONF_RETIRED not in house.entry.data
    return token


def issues(hass: HomeAssistant) -> dict[str | None, dict[str, str] | None]:
    """Return what is shown of tokens."""
    return {
        issue.translation_key: issue.translation_placeholders
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
    }


async def looked_after(house: House, days: float = 0) -> None:
    """Set up, or let the days go by, and wait for what comes of it."""
    with Pulse.of().skipping():
        if days:
            async_fire_time_changed(house.hass, dt_util.utcnow() + timedelta(days=days))
        else:
            assert await house.hass.config_entries.async_setup(house.entry.entry_id)
        await house.hass.async_block_till_done(wait_background_tasks=False)
        await until(lambda: not upkeep(house), 60)


def upkeep(house: House) -> list[asyncio.Future[Any]]:
    """Return the tasks that look after a token."""
    return [task for task in house.entry._background_tasks if " token" in repr(task)]


async def rotate(house: House, **call: Any) -> None:
    """Call the action."""
    with Pulse.of().skipping():
        await house.hass.services.async_call(DOMAIN, "rotate_token", blocking=True, **call)


# ------------------------------------------------------------------------------- what is kept


def test_with_token(server: MassServer) -> None:
    """One of ours is kept until it is revoked, one that we were given is let go."""
    ours, given, new = (server.mint_token("demo") for _ in range(3))
    of_ours = {CONF_TOKEN: ours, CONF_MADE: id_of(ours)}
    assert with_token({}, new, made=True) == {CONF_TOKEN: new, CONF_MADE: id_of(new)}
    assert with_token({}, new, made=False) == {CONF_TOKEN: new}
    assert with_token({CONF_TOKEN: given}, new, made=False) == {CONF_TOKEN: new}
    assert with_token(of_ours, given, made=False) == {CONF_TOKEN: given, CONF_RETIRED: [ours]}
    assert with_token(of_ours, ours, made=False) == {CONF_TOKEN: ours}
    older = {**of_ours, CONF_RETIRED: ["older"]}
    assert with_token(older, new, made=True)[CONF_RETIRED] == ["older", ours]
    again = {CONF_TOKEN: given, CONF_RETIRED: [ours]}
    assert with_token(again, ours, made=False) == {CONF_TOKEN: ours, CONF_RETIRED: []}
    # an old server's says nothing of itself, so it can't be told from another
    assert with_token({}, "opaque", made=True) == {CONF_TOKEN: "opaque"}


def test_whose(server: MassServer) -> None:
    """A token that the built-in integration has put in the place of ours isn't ours."""
    ours = server.mint_token("demo")
    data = {CONF_TOKEN: ours, CONF_MADE: id_of(ours)}
    assert is_ours(data)
    assert not is_ours({**data, CONF_TOKEN: server.mint_token("demo")})
    assert not is_ours({CONF_TOKEN: ours})
    assert not is_ours({CONF_TOKEN: "opaque", CONF_MADE: None})
    assert not is_ours({})


# ------------------------------------------------------------------------------------- renewal


@pytest.mark.parametrize(
    ("age", "life", "renewed"),
    [(0, 365, False), (243, 365, False), (244, 365, True), (364, 365, True), (2434, 3650, True)],
)
async def test_in_time(
    set_up: House, give: Give, age: float, life: float, *, renewed: bool
) -> None:
    """At two thirds of its life a token of ours is renewed, and the old one is revoked."""
    old = give(age=age, life=life)
    await looked_after(set_up)
    assert set_up.connected
    assert (kept(set_up) != old) is renewed
    assert set_up.server.token_names == ([NAME] if renewed else ["Given"])
    assert is_ours(set_up.entry.data)
    assert issues(set_up.hass) == {}


async def test_nobody_notices(house: House, changes: Changes) -> None:
    """A rotation loses no connection and changes no state, and the next connection works."""
    coordinator = house.coordinator
    await rotate(house)
    await until(lambda: house.server.connections == 1)
    await house.hass.async_block_till_done()
    assert house.lost_at is None
    assert changes.states == []
    await house.server.faults.drop()
    await until(lambda: house.lost_at)
    await house.reconnected()
    assert house.coordinator is coordinator


async def test_daily(set_up: House, give: Give) -> None:
    """A token that comes of age while Home Assistant runs is renewed as well."""
    old = give(age=240)
    await looked_after(set_up)
    assert kept(set_up) == old
    with changed(dt_util, utcnow=lambda: dt_util_now() + timedelta(days=5)):
        await looked_after(set_up, LOOKED_AFTER / timedelta(days=1))
    assert kept(set_up) != old
    assert set_up.server.token_names == [NAME]


dt_util_now = dt_util.utcnow


async def test_odd_clock(set_up: House, give: Give) -> None:
    """A clock that is twenty years ahead costs a rotation, not the connection."""
    old = give()
    with changed(dt_util, utcnow=lambda: dt_util_now() + timedelta(days=20 * 365)):
        await looked_after(set_up)
    assert set_up.connected
    assert kept(set_up) != old
    assert set_up.server.token_names == [NAME]
    assert issues(set_up.hass) == {}


async def test_clock_behind(set_up: House, give: Give) -> None:
    """A clock that has not been set yet renews nothing."""
    old = give(age=300)
    with changed(dt_util, utcnow=lambda: dt_util_now() - timedelta(days=50 * 365)):
        await looked_after(set_up)
    assert kept(set_up) == old


# -------------------------------------------------------------------------------------- action


async def test_rotate(house: House) -> None:
    """A token that we were given is replaced when that is asked for, and stays as it is."""
    pasted = kept(house)
    await rotate(house)
    ours = kept(house)
    assert house.server.token_names == ["Home Assistant", NAME]
    assert house.connected
    await rotate(house)
    assert kept(house) not in (pasted, ours)
    assert house.server.token_names == ["Home Assistant", NAME]  # of our own only the last is left
    assert house.lost_at is None


async def test_rotate_at_once(house: House) -> None:
    """Rotations come one after the other."""
    keeper = house.coordinator.tokens
    with Pulse.of().skipping():
        await asyncio.gather(*(keeper.async_renew() for _ in range(3)))
    kept(house)
    assert house.server.token_names == ["Home Assistant", NAME]


async def test_administrators_only(house: House, hass_read_only_user: MockUser) -> None:
    """Others can't rotate a token."""
    with pytest.raises(Unauthorized):
        await rotate(house, context=Context(user_id=hass_read_only_user.id))
    assert house.server.token_names == ["Home Assistant"]


async def test_of_the_app(house: House) -> None:
    """The app's token comes by itself: it is neither rotated nor is its end told of."""
    data = {**house.entry.data, CONF_ORIGIN: ORIGIN_APP}
    house.hass.config_entries.async_update_entry(house.entry, data=data)
    with pytest.raises(ServiceValidationError, match="app"):
        await rotate(house)
    assert house.server.token_names == ["Home Assistant"]


@pytest.mark.parametrize("schema_version", [27])
async def test_no_tokens(house: House) -> None:
    """A server before users has none to rotate."""
    with pytest.raises(HomeAssistantError, match="too old"):
        await rotate(house)
    assert house.connected


# ------------------------------------------------------------------------------------ failures


def refuses_to_make(house: House, _patch: pytest.MonkeyPatch) -> str:
    """Make no token."""
    house.server.faults.fail(MINT, 22, "no more tokens")
    return "no more tokens"


def makes_something_else(house: House, _patch: pytest.MonkeyPatch) -> str:
    """Answer with what is no token."""
    house.server.faults.answer(MINT, {"token": "a.b.c"})
    return "something other than a token"


def refuses_the_new(house: House, _patch: pytest.MonkeyPatch) -> str:
    """Keep the door shut."""
    house.server.faults.fail("auth", 23)
    return "no longer accepts"


def cannot_save(house: House, patch: pytest.MonkeyPatch) -> str:
    """Keep the entry from being changed."""
    update = Mock(side_effect=HomeAssistantError("disk full"))
    patch.setattr(house.hass.config_entries, "async_update_entry", update)
    return "disk full"


def was_changed(house: House, _patch: pytest.MonkeyPatch) -> str:
    """Change the token from elsewhere."""
    data = {**house.entry.data, CONF_TOKEN: house.server.mint_token("demo", "Other")}
    house.hass.config_entries.async_update_entry(house.entry, data=data)
    return "changed by something else"


@pytest.mark.parametrize(
    "fails",
    [refuses_to_make, makes_something_else, refuses_the_new, cannot_save, was_changed],
    ids=lambda f: f.__name__,
)
async def test_failure(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    fails: Callable[[House, pytest.MonkeyPatch], str],
) -> None:
    """Whatever fails before the new token is saved leaves the old one, and no other."""
    before = {**house.entry.data}
    said = fails(house, monkeypatch)
    with pytest.raises(HomeAssistantError, match=said):
        await rotate(house)
    monkeypatch.undo()
    house.server.faults.clear()
    if fails is not was_changed:
        assert house.entry.data == before
    assert NAME not in house.server.token_names
    assert house.connected
    assert house.lost_at is None
    await house.server.faults.drop()  # what the entry keeps opens the door
    await until(lambda: house.lost_at)
    await house.reconnected()


async def test_gone_when_the_new_one_is_tried(set_up: House, give: Give) -> None:
    """A token that was made, and could neither be proved nor revoked, is revoked later."""
    old = give()
    await looked_after(set_up)
    server = set_up.server
    server.faults.delay(MINT, 0.05)
    rotating = set_up.hass.async_create_task(set_up.coordinator.tokens.async_renew())
    await until(lambda: MINT in dict(server.commands))
    await server.faults.refuse()  # who is connected stays
    with pytest.raises(HomeAssistantError):
        await rotating
    assert set_up.entry.data[CONF_TOKEN] == old
    assert len(set_up.entry.data[CONF_RETIRED]) == 1
    assert server.token_names == ["Given", NAME]
    await server.faults.accept()
    await looked_after(set_up, days=1)
    assert kept(set_up) == old
    assert server.token_names == ["Given"]


async def test_no_switch(house: House) -> None:
    """A server that goes away before the new token is in use finds it used when it is back."""
    house.server.faults.fail("players/all", 999)
    await rotate(house)
    house.server.faults.clear()
    new = kept(house)
    assert is_ours(house.entry.data)
    await house.server.faults.drop()
    await until(lambda: house.lost_at)
    await house.reconnected()
    assert house.coordinator.mass.connection.auth_token == new


async def test_no_revocation(set_up: House, give: Give, caplog: pytest.LogCaptureFixture) -> None:
    """An old token that can't be revoked is kept until it can be."""
    old = give(age=300)
    set_up.server.faults.fail(LOG_OUT)
    await looked_after(set_up)
    assert set_up.entry.data[CONF_RETIRED] == [old]
    assert "could not be revoked" in caplog.text
    assert set_up.server.token_names == ["Given", NAME]
    set_up.server.faults.clear()
    await looked_after(set_up, 1)
    kept(set_up)
    assert set_up.server.token_names == [NAME]


async def test_old_one_is_gone_already(set_up: House, give: Give) -> None:
    """Who revokes the old token by hand leaves nothing to do."""
    old = give(age=300)
    set_up.server.faults.fail(LOG_OUT)
    await looked_after(set_up)
    set_up.server.faults.clear()
    set_up.server.revoke_token(old)
    await looked_after(set_up, 1)
    kept(set_up)


async def test_crash_before_it_is_saved(set_up: House, give: Give) -> None:
    """The old token isn't revoked before the new one is on Home Assistant's disk."""
    old = give(age=300)
    assert await set_up.hass.config_entries.async_setup(set_up.entry.entry_id)
    await until(lambda: set_up.entry.data[CONF_TOKEN] != old)
    await until(lambda: set_up.coordinator.mass.connection.auth_token != old)
    assert set_up.server.accounts.authenticate(old)
    assert set_up.entry.data[CONF_RETIRED] == [old]
    assert await set_up.hass.config_entries.async_unload(set_up.entry.entry_id)
    assert set_up.server.accounts.authenticate(old)
    await looked_after(set_up)  # the next start ends what was begun
    assert kept(set_up) != old
    assert set_up.server.token_names == [NAME]


async def test_unloaded_while_proving(set_up: House, give: Give) -> None:
    """A rotation that is interrupted takes its token with it."""
    old = give(age=240)
    await looked_after(set_up)
    set_up.server.faults.silence("auth")
    with changed(dt_util, utcnow=lambda: dt_util_now() + timedelta(days=5)):
        async_fire_time_changed(set_up.hass, dt_util.utcnow() + LOOKED_AFTER)
        await until(lambda: len(set_up.server.tokens) == 2)
        await until(lambda: set_up.server.connections == 2)
    assert await set_up.hass.config_entries.async_unload(set_up.entry.entry_id)
    await until(lambda: set_up.server.token_names == ["Given"])
    assert kept(set_up) == old


async def test_reloaded_while_proving(house: House, pulse: Pulse) -> None:
    """A rotation by the action goes on beside a reload, and what is kept works."""
    house.server.faults.delay("auth", 1)
    renewing = asyncio.create_task(house.coordinator.tokens.async_renew())
    await until(lambda: [command for command, _ in house.server.commands].count("auth") == 2)
    house.server.faults.clear()
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    with pulse.skipping():
        await renewing
        await until(lambda: house.connected)
    kept(house)
    await house.server.faults.drop()
    await house.reconnected()


async def test_interrupted_while_going_over(house: House) -> None:
    """A script that is stopped just then leaves the new token in use, not the one that goes."""
    await rotate(house)
    before = kept(house)
    house.server.faults.silence("players/all")
    renewing = asyncio.create_task(house.coordinator.tokens.async_renew())
    await until(lambda: house.entry.data[CONF_TOKEN] != before)
    await until(lambda: house.server.connections == 2)
    renewing.cancel()
    await asyncio.wait([renewing])
    house.server.faults.clear()
    with Pulse.of().skipping():
        await house.coordinator.tokens.async_look_after()
    await house.server.faults.drop()
    await until(lambda: house.lost_at)
    await house.reconnected()
    assert house.coordinator.mass.connection.auth_token == kept(house)
    assert house.hass.config_entries.flow.async_progress() == []


async def test_revoked_twice(house: House) -> None:
    """Two who end the same token, as around a reload, are not in each other's way."""
    old = house.server.mint_token("demo", "Old")
    data = {**house.entry.data, CONF_RETIRED: [old]}
    house.hass.config_entries.async_update_entry(house.entry, data=data)
    keeper = house.coordinator.tokens
    with Pulse.of().skipping():
        await asyncio.gather(keeper.async_look_after(), keeper.async_look_after())
    kept(house)
    assert house.server.token_names == ["Home Assistant"]


async def test_removed_while_rotating(house: House, pulse: Pulse) -> None:
    """An entry that is removed in the midst of it takes both tokens along."""
    await rotate(house)
    before = kept(house)
    renewing = asyncio.create_task(house.coordinator.tokens.async_renew())
    await until(lambda: house.entry.data[CONF_TOKEN] != before)
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    with pulse.skipping():
        await renewing
    assert house.server.token_names == ["Home Assistant"]


@pytest.mark.parametrize("days_left", [1, 80])
async def test_never_renewed(
    set_up: House, give: Give, caplog: pytest.LogCaptureFixture, days_left: float
) -> None:
    """What can't be renewed is told: in the log daily, as a repair when its end is near."""
    old = give(age=365 - days_left)
    set_up.server.faults.fail(MINT, 22, "no more tokens")
    await looked_after(set_up)
    assert "no more tokens" in caplog.text
    assert (issues(set_up.hass).keys() == {"token_not_renewed"}) is (days_left < 30)
    assert kept(set_up) == old
    set_up.server.faults.clear()
    await looked_after(set_up, 1)
    assert kept(set_up) != old
    assert issues(set_up.hass) == {}


# ------------------------------------------------------------------------- one that was pasted


@pytest.mark.parametrize("days_left", [1, 29, 31, 3000])
async def test_pasted(set_up: House, give: Give, days_left: float) -> None:
    """A token that we were given is never touched; its coming end is told."""
    pasted = give(made=False, age=300, life=300 + days_left)
    await looked_after(set_up)
    assert kept(set_up) == pasted
    read = Token.read(pasted)
    assert read
    assert read.expires
    date = dt_util.as_local(read.expires).date().isoformat()
    told = {"token_expires": {"server": "Music Assistant", "date": date}}
    assert issues(set_up.hass) == (told if days_left < 30 else {})


async def test_expiry_of_the_app(set_up: House, give: Give) -> None:
    """The end of the app's token is the app's business."""
    give(made=False, age=300, life=310)
    data = {**set_up.entry.data, CONF_ORIGIN: ORIGIN_APP}
    set_up.hass.config_entries.async_update_entry(set_up.entry, data=data)
    await looked_after(set_up)
    assert issues(set_up.hass) == {}


# -------------------------------------------------------------------------------- reauthentication


@pytest.mark.parametrize("made", [True, False])
async def test_reauthentication(set_up: House, give: Give, *, made: bool) -> None:
    """A new sign-in ends the token that we made before, and no other."""
    hass, entry = set_up.hass, set_up.entry
    old = give(made=made)
    await looked_after(set_up)
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
    await until(lambda: CONF_RETIRED not in entry.data)
    assert kept(set_up) != old
    assert set_up.server.token_names == ([NAME] if made else ["Given", NAME])
    assert set_up.connected


# -------------------------------------------------------------------------------------- entity


@pytest.mark.usefixtures("all_enabled")
async def test_sensor(set_up: House, give: Give) -> None:
    """The end of the current token is shown, as it changes."""
    give(age=10)
    await looked_after(set_up)

    def shown() -> datetime:
        state = set_up.hass.states.get(SENSOR)
        assert state
        return datetime.fromisoformat(state.state)

    before = shown()
    assert before == set_up.coordinator.tokens.expires
    await rotate(set_up)
    await set_up.hass.async_block_till_done()
    assert timedelta(days=9) < shown() - before < timedelta(days=11)


async def test_sensor_is_off(house: House) -> None:
    """Only who wants to see it has it."""
    registered = er.async_get(house.hass).async_get(SENSOR)
    assert registered
    assert registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert registered.entity_category is EntityCategory.DIAGNOSTIC


# ------------------------------------------------------------------------------------- removal


@pytest.mark.parametrize("made", [True, False])
async def test_removed(set_up: House, give: Give, *, made: bool) -> None:
    """With its entry the token that we made goes, and no other."""
    give(made=made)
    await looked_after(set_up)
    set_up.server.mint_token("demo", "Other")
    await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
    assert set_up.server.token_names == (["Other"] if made else ["Given", "Other"])


async def test_removed_before_the_old_is_revoked(set_up: House, give: Give) -> None:
    """What waits to be revoked goes, too."""
    give(age=300)
    set_up.server.faults.fail(LOG_OUT)
    await looked_after(set_up)
    set_up.server.faults.clear()
    await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
    assert set_up.server.token_names == []


async def _is_gone(server: MassServer) -> None:
    await server.faults.refuse()


async def _is_silent(server: MassServer) -> None:
    server.faults.freeze()


@pytest.mark.parametrize("fails", [_is_gone, _is_silent])
async def test_removed_without_its_server(
    set_up: House, give: Give, caplog: pytest.LogCaptureFixture, pulse: Pulse, fails: Any
) -> None:
    """An entry can be removed at any moment; what stays on the server is said."""
    token = give()
    await looked_after(set_up)
    await fails(set_up.server)
    with pulse.skipping():
        began = pulse.time()
        await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
        assert pulse.time() - began < HTTP_LIMIT + 3
    assert not set_up.hass.config_entries.async_entries(DOMAIN)
    assert "could not be revoked" in caplog.text
    assert set_up.server.url in caplog.text
    assert token not in caplog.text


async def test_removed_while_another_server_is_there(
    set_up: House, give: Give, caplog: pytest.LogCaptureFixture
) -> None:
    """Who has taken the server's address since isn't sent its token."""
    give()
    async with MassServer(server_id="another") as another:
        data = {**set_up.entry.data, CONF_URL: another.url}
        set_up.hass.config_entries.async_update_entry(set_up.entry, data=data)
        await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
        assert another.http_requests == [("GET", "/info")]
    assert "could not be revoked" in caplog.text


async def test_removed_behind_a_redirect(
    set_up: House, give: Give, caplog: pytest.LogCaptureFixture
) -> None:
    """No token follows a redirect in plain to another place, also if its server is there."""
    give()
    before = set_up.server.token_names
    async with answering(redirecting(set_up.server.url)) as url:
        data = {**set_up.entry.data, CONF_URL: url}
        set_up.hass.config_entries.async_update_entry(set_up.entry, data=data)
        await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
    assert set_up.server.token_names == before
    assert "could not be revoked" in caplog.text


async def test_removed_before_set_up(set_up: House, give: Give) -> None:
    """An entry that was never set up has its token revoked as well."""
    give()
    await set_up.hass.config_entries.async_remove(set_up.entry.entry_id)
    assert set_up.server.token_names == []
    assert set_up.entry.state is ConfigEntryState.NOT_LOADED
