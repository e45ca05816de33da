"""The Home Assistant app: installation, start and set-up in the config flow."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.music_assistant.const import CONF_ORIGIN, DOMAIN, ORIGIN_APP
from custom_components.music_assistant.entry.app import APP_SLUG
from homeassistant.config_entries import (
    SOURCE_HASSIO,
    SOURCE_IGNORE,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.config_entry_oauth2_flow import HEADER_FRONTEND_BASE
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.setup import async_setup_component

from .common import LoopMonitor
from .fake_supervisor import FakeSupervisor, run_supervisor, update_app_state
from .server import MassServer
from .translation_texts import render_flow_result


@pytest.fixture
async def app() -> AsyncIterator[MassServer]:
    """Run the server that is in the app."""
    async with MassServer(homeassistant_addon=True, name="App") as server:
        yield server


@pytest.fixture
async def supervisor(hass: HomeAssistant, app: MassServer) -> AsyncIterator[FakeSupervisor]:
    """Run a Supervisor that doesn't have the app yet."""
    supervisor = FakeSupervisor(app, app.create_token("demo"))
    async with run_supervisor(hass, supervisor):
        yield supervisor


async def select_option(hass: HomeAssistant, way: str) -> ConfigFlowResult:
    """Select where the server runs."""
    flow = hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "where")
    return await flow.async_configure(result["flow_id"], {"next_step_id": way})


async def wait_for_progress(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Wait, as the frontend does, until a flow shows another step."""
    flow = hass.config_entries.flow
    kind = result["type"]
    assert kind in (FlowResultType.SHOW_PROGRESS, FlowResultType.EXTERNAL_STEP)

    def is_in_progress() -> bool:
        return any(one["step_id"] == result["step_id"] for one in flow.async_progress())

    with LoopMonitor.of_loop().skip_idle_time() as loop_monitor:
        await loop_monitor.wait_until(lambda: not is_in_progress(), limit=4000)
    shows = flow.async_progress()
    return await flow.async_configure(result["flow_id"]) if shows else result


async def test_another_server(hass: HomeAssistant, supervisor: FakeSupervisor) -> None:
    """With a server elsewhere the address is asked for."""
    result = await select_option(hass, "address")
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")


@pytest.mark.parametrize(
    ("state", "asked"), [(None, ["install", "start"]), ("stopped", ["start"]), ("started", [])]
)
async def test_install_and_start_app(
    hass: HomeAssistant,
    supervisor: FakeSupervisor,
    app: MassServer,
    state: str | None,
    asked: list[str],
) -> None:
    """The app is installed and started if necessary, and its token is used."""
    supervisor.state = state
    await wait_for_progress(hass, await select_option(hass, "app"))
    await hass.async_block_till_done()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.data == {
        CONF_URL: app.url,
        CONF_TOKEN: supervisor.token,
        CONF_ORIGIN: ORIGIN_APP,
    }
    assert (entry.title, entry.state) == ("App", ConfigEntryState.LOADED)
    assert supervisor.requested_actions == asked


async def test_entry_of_app_is_updated(
    hass: HomeAssistant, supervisor: FakeSupervisor, app: MassServer
) -> None:
    """An entry of the app's discovery gets the current address and token."""
    data = {CONF_URL: "http://127.0.0.1:1", CONF_TOKEN: "a.b.c", CONF_ORIGIN: ORIGIN_APP}
    entry = MockConfigEntry(domain=DOMAIN, unique_id=app.server_id, data=data)
    entry.add_to_hass(hass)
    await wait_for_progress(hass, await select_option(hass, "app"))
    await hass.async_block_till_done()
    assert entry.data == {**data, CONF_URL: app.url, CONF_TOKEN: supervisor.token}
    assert hass.config_entries.async_entries(DOMAIN) == [entry]


async def discover_app(hass: HomeAssistant, supervisor: FakeSupervisor) -> ConfigFlowResult:
    """Handle that the app announces itself."""
    app = supervisor.app
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_HASSIO},
        data=HassioServiceInfo(
            config={"host": app.host, "port": app.port, "auth_token": supervisor.token},
            name="Music Assistant",
            slug="mass",
            uuid="1234",
        ),
    )


async def test_onboarding_of_new_server(
    hass: HomeAssistant, supervisor: FakeSupervisor, app: MassServer
) -> None:
    """The set-up of a new server is opened, and the flow continues at its end."""
    app.onboard_done = False
    opened = await wait_for_progress(hass, await select_option(hass, "app"))
    assert (opened["type"], opened["step_id"]) == (FlowResultType.EXTERNAL_STEP, "app_set_up")
    assert opened["url"] == "/app/d5369777_music_assistant"
    asked = len(app.http_requests)
    with LoopMonitor.of_loop().skip_idle_time() as loop_monitor:
        await loop_monitor.wait_until(lambda: len(app.http_requests) > asked, limit=60)
    app.onboard_done = True
    await wait_for_progress(hass, opened)
    await hass.async_block_till_done()
    assert [entry.state for entry in hass.config_entries.async_entries(DOMAIN)] == [
        ConfigEntryState.LOADED
    ]


@pytest.mark.parametrize("earlier", [None, SOURCE_HASSIO, SOURCE_IGNORE])
async def test_flow_from_frontend(
    hass: HomeAssistant,
    supervisor: FakeSupervisor,
    app: MassServer,
    hass_client: ClientSessionGenerator,
    earlier: str | None,
) -> None:
    """A dialog that starts the flow, such as that of an ESPHome device, gets the entry from it.

    That dialog continues only if the flow's last step names an entry, also if the app was
    discovered or ignored before. The link to the app is absolute, because companion apps open it
    outside of Home Assistant's page.
    """
    for component in ("auth", "config", "media_player", DOMAIN):
        assert await async_setup_component(hass, component, {})
    app.onboard_done = False
    supervisor.state = "started"
    if earlier == SOURCE_HASSIO:
        assert (await discover_app(hass, supervisor))["type"] is FlowResultType.FORM
    elif earlier == SOURCE_IGNORE:
        MockConfigEntry(domain=DOMAIN, unique_id=app.server_id, source=SOURCE_IGNORE).add_to_hass(
            hass
        )
    client = await hass_client()
    path = "/api/config/config_entries/flow"
    headers = {HEADER_FRONTEND_BASE: "https://home.example"}
    answer = await client.post(path, json={"handler": DOMAIN}, headers=headers)
    assert answer.status == 200, await answer.text()
    flow_id = (await answer.json())["flow_id"]

    async def fetch_step_after(step_id: str) -> dict[str, Any]:
        """Fetch the flow's step, as the frontend does, when another one is next."""
        with LoopMonitor.of_loop().skip_idle_time() as loop_monitor:
            await loop_monitor.wait_until(
                lambda: hass.config_entries.flow.async_get(flow_id)["step_id"] != step_id, limit=60
            )
        step: dict[str, Any] = await (await client.get(f"{path}/{flow_id}", headers=headers)).json()
        return step

    data = {"next_step_id": "app"}
    await client.post(f"{path}/{flow_id}", json=data, headers=headers)
    opened = await fetch_step_after("app")
    assert opened["url"] == "https://home.example/app/d5369777_music_assistant"
    app.onboard_done = True
    created = await fetch_step_after("app_set_up")
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert created["type"] == FlowResultType.CREATE_ENTRY
    assert created["result"]["entry_id"] == entry.entry_id
    assert not hass.config_entries.flow.async_progress()


async def test_discovery_of_started_app(
    hass: HomeAssistant, supervisor: FakeSupervisor, app: MassServer
) -> None:
    """The app that a user's flow starts announces itself, and isn't offered a second time."""
    app.onboard_done = False
    opened = await wait_for_progress(hass, await select_option(hass, "app"))
    for flow_id in (opened["flow_id"], (await select_option(hass, "app"))["flow_id"]):
        offered = await discover_app(hass, supervisor)
        assert (offered["type"], offered["reason"]) == (FlowResultType.ABORT, "already_in_progress")
        hass.config_entries.flow.async_abort(flow_id)
        await hass.async_block_till_done(wait_background_tasks=True)


async def test_flow_aborted_during_onboarding(
    hass: HomeAssistant, supervisor: FakeSupervisor, app: MassServer
) -> None:
    """A flow that is aborted during the onboarding leaves nothing running."""
    app.onboard_done = False
    opened = await wait_for_progress(hass, await select_option(hass, "app"))
    hass.config_entries.flow.async_abort(opened["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    asked = len(app.http_requests)
    app.onboard_done = True
    with LoopMonitor.of_loop().skip_idle_time() as loop_monitor, pytest.raises(TimeoutError):
        await loop_monitor.wait_until(lambda: len(app.http_requests) > asked, limit=60)


@pytest.mark.parametrize("refused", ["info", "install", "start"])
async def test_supervisor_error(
    hass: HomeAssistant, supervisor: FakeSupervisor, refused: str
) -> None:
    """The Supervisor's error is shown."""
    supervisor.failing_requests.add(APP_SLUG if refused == "info" else refused)
    failed = await wait_for_progress(hass, await select_option(hass, "app"))
    assert (failed["type"], failed["reason"]) == (FlowResultType.ABORT, "app_failed")
    assert "failed" in render_flow_result(failed)


async def test_app_without_discovery(hass: HomeAssistant, supervisor: FakeSupervisor) -> None:
    """A started app that never announces itself is an error after the timeout."""
    supervisor.has_discovery = False
    failed = await wait_for_progress(hass, await select_option(hass, "app"))
    assert (failed["type"], failed["reason"]) == (FlowResultType.ABORT, "app_failed")


async def test_app_that_starts_slowly(
    hass: HomeAssistant, supervisor: FakeSupervisor, app: MassServer
) -> None:
    """An app that announces itself before it answers is waited for."""
    await app.faults.close_port()
    result = await select_option(hass, "app")
    with LoopMonitor.of_loop().skip_idle_time() as loop_monitor:
        await loop_monitor.wait_until(lambda: supervisor.discovery_requests == 2, limit=60)
    await app.faults.open_port()
    await wait_for_progress(hass, result)
    assert hass.config_entries.async_entries(DOMAIN)


async def test_app_with_unsupported_version(
    hass: HomeAssistant, supervisor: FakeSupervisor, app: MassServer
) -> None:
    """A server with an unsupported version is an error."""
    app.schema_version = 26
    failed = await wait_for_progress(hass, await select_option(hass, "app"))
    assert (failed["type"], failed["reason"]) == (FlowResultType.ABORT, "server_too_old")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("stopped", "app_not_running"),
        ("started", "connection_refused"),
        (None, "connection_refused"),
    ],
)
async def test_entry_of_stopped_app(
    hass: HomeAssistant, supervisor: FakeSupervisor, app: MassServer, state: str | None, told: str
) -> None:
    """The error of an entry names the state of its app, if the Supervisor is known."""
    if state:
        supervisor.state = state
        update_app_state(hass, supervisor)
    await app.faults.close_port()
    entry = MockConfigEntry(domain=DOMAIN, unique_id=app.server_id, data={CONF_URL: app.url})
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.error_reason_translation_key == told
    result = await select_option(hass, "address")
    flow = hass.config_entries.flow
    result = await flow.async_configure(result["flow_id"], {CONF_URL: app.url})
    assert result["errors"] == {"base": told}
