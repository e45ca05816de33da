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

from .common import Harness, LoopMonitor, wait_until
from .secret_scanner import SecretScanner
from .server import MassServer
from .server.issued_secrets import SECRETS

SECRET = "a-secret-that-nobody-may-see"
ALBUM = "library://album/1"


@pytest.fixture
def sweep(hass: HomeAssistant) -> Iterator[SecretScanner]:
    """Return a sweep of its own, which looks for a secret of its own."""
    with SecretScanner([SECRET]).record(hass) as noting:
        yield noting


# ------------------------------------------------------------------------- the look finds one


async def in_the_log(_harness: Harness) -> None:
    """Write it."""
    logging.getLogger("anything").debug("The token is %s", SECRET)


async def in_a_trace_of_an_error(_harness: Harness) -> None:
    """Let it be in an error."""
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("anything").exception("It failed")


async def in_a_state(harness: Harness) -> None:
    """Show it."""
    harness.hass.states.async_set("sensor.any", "on", {"picture": f"/image?token={SECRET}"})


async def in_a_state_for_a_moment(harness: Harness) -> None:
    """Show it and take it away."""
    await in_a_state(harness)
    harness.hass.states.async_remove("sensor.any")


async def in_an_event(harness: Harness) -> None:
    """Tell it."""
    harness.hass.bus.async_fire("anything", {"deep": [{"inside": SECRET}]})


async def in_a_repair(harness: Harness) -> None:
    """Complain about it."""
    ir.async_create_issue(
        harness.hass,
        DOMAIN,
        "any",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="token_expires",
        translation_placeholders={"server": SECRET, "date": ""},
    )


async def in_a_notification(harness: Harness) -> None:
    """Notify of it."""
    persistent_notification.async_create(harness.hass, f"The token is {SECRET}")


async def in_a_form(harness: Harness) -> None:
    """Suggest it."""
    flow = harness.hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    await flow.async_configure(result["flow_id"], {CONF_URL: f"http://127.0.0.1:1/{SECRET}"})
    flow.async_abort(result["flow_id"])


async def in_diagnostics(harness: Harness) -> None:
    """Let it be the reason of something."""
    harness.coordinator.connection.history.lost_because = SECRET


async def in_the_title(harness: Harness) -> None:
    """Call an entry by it."""
    harness.hass.config_entries.async_update_entry(harness.entry, title=SECRET)


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
    harness: Harness,
    sweep: SecretScanner,
    let_it_be_seen: Callable[[Harness], Awaitable[None]],
    where: str,
) -> None:
    """A secret is found wherever it can be seen."""
    assert sweep.find_secrets(harness.hass) == []
    await let_it_be_seen(harness)
    await harness.hass.async_block_till_done()
    found = sweep.find_secrets(harness.hass)
    assert where in [place for place, _ in found]
    assert all(SECRET in text for _, text in found)


async def test_servers_secrets_are_known(harness: Harness, server: MassServer) -> None:
    """Whatever a server was told or has given out is looked for."""
    token: str = harness.entry.data[CONF_TOKEN]
    session = server.create_token("demo", long_lived=False)
    server.add_user("kim", "the-password-of-kim")
    for secret in (token, session):
        assert secret.rpartition(".")[2] in SECRETS
    assert {"demo-password", "the-password-of-kim"} <= SECRETS


# ------------------------------------------------------------------------------ the main paths


@pytest.fixture
def talkative(caplog: pytest.LogCaptureFixture, _limit_library_logs: None) -> None:
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
    hass: HomeAssistant,
    server: MassServer,
    hass_client: ClientSessionGenerator,
    loop_monitor: LoopMonitor,
) -> None:
    """From the first sign-in to the removal nothing is told that nobody may know."""
    assert await async_setup_component(hass, "diagnostics", {})
    SECRETS.add("a-wrong-password")
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await go_through(
        hass, flow["flow_id"], {CONF_URL: server.url}, {"next_step_id": "password"}, WRONG, RIGHT
    )
    harness = Harness(hass, server, result["result"])
    assert harness.is_set_up

    # a day's work
    await harness.call_action(
        "play_media", "kueche", media_content_id=ALBUM, media_content_type="album"
    )
    await harness.wait_for_events()
    await hass.services.async_call(
        DOMAIN, "search", {"name": "a"}, blocking=True, return_response=True
    )
    client = await hass_client()
    response = await client.get(f"/api/diagnostics/config_entry/{harness.entry.entry_id}")
    assert "made_by_us" in await response.text()
    with loop_monitor.skip_idle_time():
        await hass.services.async_call(DOMAIN, "rotate_token", blocking=True)
        await server.faults.restart_server(starting=1)
        await harness.wait_for_reconnect(30)
        server.faults.fail_command("auth/token/create", 22, "no more tokens")
        page = await hass.config_entries.options.async_init(harness.entry.entry_id)
        for values in ({"next_step_id": "rotate"}, {}):
            await hass.config_entries.options.async_configure(page["flow_id"], values)
        hass.config_entries.options.async_abort(page["flow_id"])
        server.faults.clear()

    # the token is revoked, a new one is pasted, and the entry goes
    server.revoke_token(harness.entry.data[CONF_TOKEN])
    await wait_until(lambda: list(harness.entry.async_get_active_flows(hass, {"reauth"})))
    [flow] = harness.entry.async_get_active_flows(hass, {"reauth"})
    cut = server.create_token("demo")[:-9]
    await go_through(
        hass,
        flow["flow_id"],
        {},
        {"next_step_id": "token"},
        {CONF_TOKEN: cut},
        {CONF_TOKEN: server.create_token("demo")},
    )
    assert harness.is_set_up
    await hass.config_entries.async_remove(harness.entry.entry_id)


@pytest.mark.usefixtures("talkative")
@pytest.mark.parametrize("stage", ["connect", "auth", "fetch"])
async def test_failures(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor, stage: Any
) -> None:
    """Nor do the failures of a connection tell."""
    server.faults.stop_at_stage(stage)
    await server.faults.disconnect_clients("reset")
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: harness.coordinator.connection.history.last_problem, 60)
        assert await harness.hass.config_entries.async_unload(harness.entry.entry_id)
        assert not await harness.hass.config_entries.async_setup(harness.entry.entry_id)
        assert harness.entry.state is ConfigEntryState.SETUP_RETRY
        await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    server.faults.clear()
