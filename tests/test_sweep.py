"""No secret is seen anywhere: the main paths with debug logging for all, and that the look finds one."""

from collections.abc import Awaitable, Callable, Iterator
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.music_assistant.const import DOMAIN
from homeassistant.components import persistent_notification
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from .common import House, Pulse, until
from .server import MassServer
from .server.given import SECRETS
from .sweep import Sweep

SECRET = "a-secret-that-nobody-may-see"
ALBUM = "library://album/1"


@pytest.fixture
def sweep(hass: HomeAssistant) -> Iterator[Sweep]:
    """Return a sweep of its own, which looks for a secret of its own."""
    with Sweep([SECRET]).noting(hass) as noting:
        yield noting


# ------------------------------------------------------------------------- the look finds one


async def in_the_log(_house: House) -> None:
    """Write it."""
    logging.getLogger("anything").debug("The token is %s", SECRET)


async def in_a_trace_of_an_error(_house: House) -> None:
    """Let it be in an error."""
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("anything").exception("It failed")


async def in_a_state(house: House) -> None:
    """Show it."""
    house.hass.states.async_set("sensor.any", "on", {"picture": f"/image?token={SECRET}"})


async def in_a_state_for_a_moment(house: House) -> None:
    """Show it and take it away."""
    await in_a_state(house)
    house.hass.states.async_remove("sensor.any")


async def in_an_event(house: House) -> None:
    """Tell it."""
    house.hass.bus.async_fire("anything", {"deep": [{"inside": SECRET}]})


async def in_a_repair(house: House) -> None:
    """Complain about it."""
    ir.async_create_issue(
        house.hass,
        DOMAIN,
        "any",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="token_expires",
        translation_placeholders={"server": SECRET, "date": ""},
    )


async def in_a_notification(house: House) -> None:
    """Notify of it."""
    persistent_notification.async_create(house.hass, f"The token is {SECRET}")


async def in_a_form(house: House) -> None:
    """Suggest it."""
    flow = house.hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    await flow.async_configure(result["flow_id"], {CONF_URL: f"http://127.0.0.1:1/{SECRET}"})
    flow.async_abort(result["flow_id"])


async def in_diagnostics(house: House) -> None:
    """Let it be the reason of something."""
    house.coordinator.connection.history.lost_because = SECRET


async def in_the_title(house: House) -> None:
    """Call an entry by it."""
    house.hass.config_entries.async_update_entry(house.entry, title=SECRET)


@pytest.mark.parametrize(
    ("let_it_be_seen", "where"),
    [
        (in_the_log, "log"),
        (in_a_trace_of_an_error, "log"),
        (in_a_state, "states"),
        (in_a_state_for_a_moment, "events"),
        (in_an_event, "events"),
        (in_a_repair, "repairs"),
        (in_a_notification, "notifications"),
        (in_a_form, "flows"),
        (in_diagnostics, "entries"),
        (in_the_title, "entries"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
async def test_found(
    house: House,
    sweep: Sweep,
    let_it_be_seen: Callable[[House], Awaitable[None]],
    where: str,
) -> None:
    """A secret is found wherever it can be seen."""
    assert sweep.found(house.hass) == []
    await let_it_be_seen(house)
    await house.hass.async_block_till_done()
    found = sweep.found(house.hass)
    assert where in [place for place, _ in found]
    assert all(SECRET in text for _, text in found)


async def test_servers_secrets_are_known(house: House, server: MassServer) -> None:
    """Whatever a server was told or has given out is looked for."""
    token: str = house.entry.data[CONF_TOKEN]
    session = server.mint_token("demo", long_lived=False)
    server.add_user("kim", "the-password-of-kim")
    for secret in (token, session):
        assert secret.rpartition(".")[2] in SECRETS
    assert {"demo-password", "the-password-of-kim"} <= SECRETS


# ------------------------------------------------------------------------------ the main paths


@pytest.fixture
def talkative(caplog: pytest.LogCaptureFixture, _quiet_library: None) -> None:
    """Let everything say all that it can."""
    for name in ("", "music_assistant_client", "custom_components", "homeassistant", "aiohttp"):
        caplog.set_level(logging.DEBUG, name)


async def go_through(hass: HomeAssistant, flow_id: str, *steps: dict[str, str]) -> ConfigFlowResult:
    """Go through the steps of a flow."""
    for values in steps:
        result = await hass.config_entries.flow.async_configure(flow_id, values)
    await hass.async_block_till_done()
    return result


WRONG = {CONF_USERNAME: "demo", CONF_PASSWORD: "a-wrong-password"}
RIGHT = {CONF_USERNAME: "demo", CONF_PASSWORD: "demo-password"}


@pytest.mark.usefixtures("talkative")
async def test_life_of_an_entry(
    hass: HomeAssistant, server: MassServer, hass_client: ClientSessionGenerator, pulse: Pulse
) -> None:
    """From the first sign-in to the removal nothing is told that nobody may know."""
    assert await async_setup_component(hass, "diagnostics", {})
    SECRETS.add("a-wrong-password")
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await go_through(
        hass, flow["flow_id"], {CONF_URL: server.url}, {"next_step_id": "password"}, WRONG, RIGHT
    )
    house = House(hass, server, result["result"])
    assert house.set_up

    # a day's work
    await house.call("play_media", "kueche", media_content_id=ALBUM, media_content_type="album")
    await house.caught_up()
    await hass.services.async_call(
        DOMAIN, "search", {"name": "a"}, blocking=True, return_response=True
    )
    client = await hass_client()
    response = await client.get(f"/api/diagnostics/config_entry/{house.entry.entry_id}")
    assert "made_by_us" in await response.text()
    with pulse.skipping():
        await hass.services.async_call(DOMAIN, "rotate_token", blocking=True)
        await server.faults.restart(starting=1)
        await house.reconnected(30)
        server.faults.fail("auth/token/create", 22, "no more tokens")
        page = await hass.config_entries.options.async_init(house.entry.entry_id)
        for values in ({"next_step_id": "rotate"}, {}):
            await hass.config_entries.options.async_configure(page["flow_id"], values)
        hass.config_entries.options.async_abort(page["flow_id"])
        server.faults.clear()

    # the token is revoked, a new one is pasted, and the entry goes
    server.revoke_token(house.entry.data[CONF_TOKEN])
    await until(lambda: list(house.entry.async_get_active_flows(hass, {"reauth"})))
    [flow] = house.entry.async_get_active_flows(hass, {"reauth"})
    cut = server.mint_token("demo")[:-9]
    await go_through(
        hass,
        flow["flow_id"],
        {},
        {"next_step_id": "token"},
        {CONF_TOKEN: cut},
        {CONF_TOKEN: server.mint_token("demo")},
    )
    assert house.set_up
    await hass.config_entries.async_remove(house.entry.entry_id)


@pytest.mark.usefixtures("talkative")
@pytest.mark.parametrize("stage", ["connect", "auth", "fetch"])
async def test_failures(house: House, server: MassServer, pulse: Pulse, stage: Any) -> None:
    """Nor do the failures of a connection tell."""
    server.faults.hang_at(stage)
    await server.faults.drop("reset")
    with pulse.skipping():
        await until(lambda: house.coordinator.connection.history.last_problem, 60)
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)
        assert not await house.hass.config_entries.async_setup(house.entry.entry_id)
        assert house.entry.state is ConfigEntryState.SETUP_RETRY
        await house.hass.config_entries.async_unload(house.entry.entry_id)
    server.faults.clear()
