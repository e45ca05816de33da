"""No secret is exposed on the main paths, with debug logging of everything."""

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


async def write_log(_harness: Harness) -> None:
    """Write the secret to the log."""
    logging.getLogger("anything").debug("The token is %s", SECRET)


async def log_traceback(_harness: Harness) -> None:
    """Log an error whose traceback has the secret."""
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("anything").exception("It failed")


async def set_state(harness: Harness) -> None:
    """Set a state to the secret."""
    harness.hass.states.async_set("sensor.any", "on", {"picture": f"/image?token={SECRET}"})


async def set_and_remove_state(harness: Harness) -> None:
    """Set a state to the secret and remove it."""
    await set_state(harness)
    harness.hass.states.async_remove("sensor.any")


async def fire_event(harness: Harness) -> None:
    """Fire an event with the secret."""
    harness.hass.bus.async_fire("anything", {"deep": [{"inside": SECRET}]})


async def create_issue(harness: Harness) -> None:
    """Create an issue with the secret."""
    ir.async_create_issue(
        harness.hass,
        DOMAIN,
        "any",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="token_expires",
        translation_placeholders={"server": SECRET, "date": ""},
    )


async def create_notification(harness: Harness) -> None:
    """Create a notification with the secret."""
    persistent_notification.async_create(harness.hass, f"The token is {SECRET}")


async def show_form(harness: Harness) -> None:
    """Show a form that suggests the secret."""
    flow = harness.hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    await flow.async_configure(result["flow_id"], {CONF_URL: f"http://127.0.0.1:1/{SECRET}"})
    flow.async_abort(result["flow_id"])


async def set_diagnostics(harness: Harness) -> None:
    """Put the secret into the diagnostics."""
    harness.coordinator.connection.history.lost_because = SECRET


async def set_entry_title(harness: Harness) -> None:
    """Set the title of an entry to the secret."""
    harness.hass.config_entries.async_update_entry(harness.entry, title=SECRET)


@pytest.mark.parametrize(
    ("let_it_be_seen", "where"),
    [
        (write_log, "log"),
        (log_traceback, "log"),
        (set_state, "states"),
        (set_and_remove_state, "events"),
        (fire_event, "events"),
        (create_issue, "repairs"),
        (create_notification, "notifications"),
        (show_form, "flows"),
        (set_diagnostics, "entries"),
        (set_entry_title, "entries"),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
async def test_secret_is_found(
    harness: Harness,
    sweep: SecretScanner,
    let_it_be_seen: Callable[[Harness], Awaitable[None]],
    where: str,
) -> None:
    """The scanner finds a secret in each place."""
    assert sweep.find_secrets(harness.hass) == []
    await let_it_be_seen(harness)
    await harness.hass.async_block_till_done()
    found = sweep.find_secrets(harness.hass)
    assert where in [place for place, _ in found]
    assert all(SECRET in text for _, text in found)


async def test_server_secrets(harness: Harness, server: MassServer) -> None:
    """The scanner knows all secrets that a server received or created."""
    token: str = harness.entry.data[CONF_TOKEN]
    session = server.create_token("demo", long_lived=False)
    server.add_user("kim", "the-password-of-kim")
    for secret in (token, session):
        assert secret.rpartition(".")[2] in SECRETS
    assert {"demo-password", "the-password-of-kim"} <= SECRETS


# ------------------------------------------------------------------------------ the main paths


@pytest.fixture
def talkative(caplog: pytest.LogCaptureFixture) -> None:
    """Let everything say all that it can."""
    for name in ("", "music_assistant_client", "custom_components", "homeassistant", "aiohttp"):
        caplog.set_level(logging.DEBUG, name)


async def submit_steps(
    hass: HomeAssistant, flow_id: str, *steps: dict[str, str]
) -> ConfigFlowResult:
    """Submit the steps of a flow."""
    for values in steps:
        result = await hass.config_entries.flow.async_configure(flow_id, values)
    await hass.async_block_till_done()
    return result


WRONG = {CONF_USERNAME: "demo", CONF_PASSWORD: "a-wrong-password"}
RIGHT = {CONF_USERNAME: "demo", CONF_PASSWORD: "demo-password"}


@pytest.mark.usefixtures("talkative")
async def test_entry_lifecycle(
    hass: HomeAssistant,
    server: MassServer,
    hass_client: ClientSessionGenerator,
    loop_monitor: LoopMonitor,
) -> None:
    """No secret is exposed from the first sign-in to the removal."""
    assert await async_setup_component(hass, "diagnostics", {})
    SECRETS.add("a-wrong-password")
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await submit_steps(
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
    await submit_steps(
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
async def test_connection_failures(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor, stage: Any
) -> None:
    """No secret is exposed by connection failures."""
    server.faults.stop_at_stage(stage)
    await server.faults.disconnect_clients("reset")
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: harness.coordinator.connection.history.last_problem, 60)
        assert await harness.hass.config_entries.async_unload(harness.entry.entry_id)
        assert not await harness.hass.config_entries.async_setup(harness.entry.entry_id)
        assert harness.entry.state is ConfigEntryState.SETUP_RETRY
        await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    server.faults.clear()
