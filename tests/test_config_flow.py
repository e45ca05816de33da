"""The config flow: every step and every error, with real servers."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_address
import logging
import re
import socket
from typing import Any, cast

from aiohttp import TCPConnector, web
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.music_assistant.const import CONF_ORIGIN, DOMAIN, ORIGIN_APP, ORIGIN_USER
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.entry.tokens import CONF_CREATED_TOKEN_ID, has_created_token
from custom_components.music_assistant.flows import base as flow_base
from custom_components.music_assistant.flows.address import parse_address, remove_downgrades
from custom_components.music_assistant.flows.sign_in import CONF_ANOTHER_WAY
from custom_components.music_assistant.server import client, connection, endpoint
from homeassistant.config_entries import (
    SOURCE_HASSIO,
    SOURCE_IGNORE,
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    SOURCE_ZEROCONF,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .certificates import GeneratedCertificate
from .common import wait_until
from .http_servers import redirect_to, respond_with, respond_with_json, run_http_server
from .server import MassServer
from .translation_texts import render_flow_result

USERNAME, PASSWORD = "demo", "demo-password"
CREDENTIALS = {CONF_USERNAME: USERNAME, CONF_PASSWORD: PASSWORD}
NAME = "Home Assistant (test home)"
MINT = "auth/token/create"
NOWHERE = "http://127.0.0.1:1"

TALKATIVE = (
    "custom_components.music_assistant",
    "music_assistant_client",
    "homeassistant.config_entries",
    "homeassistant.data_entry_flow",
    "aiohttp",
)
JWT = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")


@pytest.fixture(autouse=True)
def _no_secret_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check that no password or token was logged."""
    for name in TALKATIVE:
        caplog.set_level(logging.DEBUG, name)
    yield
    lines = [logging.Formatter().format(record) for record in caplog.get_records("call")]
    assert [line for line in lines if PASSWORD in line or JWT.search(line)] == []


# ------------------------------------------------------------------ what a person does and sees


def check_result(result: ConfigFlowResult) -> ConfigFlowResult:
    """Return a result after checking its texts, and that it shows no secret."""
    assert PASSWORD not in render_flow_result(result) + repr(result)
    return result


async def start_flow(
    hass: HomeAssistant, source: str = SOURCE_USER, data: Any = None
) -> ConfigFlowResult:
    """Start a flow."""
    flow = hass.config_entries.flow
    result = check_result(await flow.async_init(DOMAIN, context={"source": source}, data=data))
    await hass.async_block_till_done()
    return result


async def submit(
    hass: HomeAssistant, result: ConfigFlowResult, **values: str | bool
) -> ConfigFlowResult:
    """Submit a step's form."""
    result = check_result(await hass.config_entries.flow.async_configure(result["flow_id"], values))
    await hass.async_block_till_done()
    return result


async def select_sign_in(hass: HomeAssistant, way: str, url: str) -> ConfigFlowResult:
    """Continue to one of the sign-in methods."""
    result = await submit(hass, await start_flow(hass), url=url)
    assert (result["step_id"], result["menu_options"]) == ("sign_in", ["password", "token"])
    return await submit(hass, result, next_step_id=way)


def get_created_entry(result: ConfigFlowResult) -> ConfigEntry:
    """Return the entry that a flow created."""
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert PASSWORD not in repr(entry.as_dict())
    return entry


def get_abort_reason(result: ConfigFlowResult) -> str:
    """Return why a flow was aborted."""
    assert result["type"] is FlowResultType.ABORT
    return result["reason"]


def get_form_error(result: ConfigFlowResult) -> str:
    """Return the error of a form."""
    assert result["type"] is FlowResultType.FORM
    assert result["errors"]
    return result["errors"]["base"]


def get_suggested_values(result: ConfigFlowResult) -> dict[str, str]:
    """Return the suggested values of a form."""
    schema = result["data_schema"]
    assert schema
    return {
        str(key): key.description["suggested_value"] for key in schema.schema if key.description
    }


# ---------------------------------------------------------------------------- by its address


@pytest.mark.parametrize(
    "typed",
    ["{url}", "{host}", " {url}/ ", "{url}/#/home", "ws://{host}/ws", "{url}/login?return_url=x"],
)
async def test_sign_in_with_password(hass: HomeAssistant, server: MassServer, typed: str) -> None:
    """A password is exchanged for a token named after this home, and isn't stored."""
    server.name = "Attic"
    address = typed.format(url=server.url, host=URL(server.url).authority)
    result = await select_sign_in(hass, "password", address)
    assert result["step_id"] == "password"
    entry = get_created_entry(await submit(hass, result, **CREDENTIALS))
    assert (entry.title, entry.unique_id) == ("Attic", server.server_id)
    assert (entry.version, entry.minor_version) == (1, 1)
    assert entry.data == {
        CONF_URL: server.url,
        CONF_ORIGIN: ORIGIN_USER,
        CONF_TOKEN: entry.data[CONF_TOKEN],
        CONF_CREATED_TOKEN_ID: entry.data[CONF_CREATED_TOKEN_ID],
    }
    assert has_created_token(entry.data)
    assert entry.state is ConfigEntryState.LOADED
    assert server.token_names == [NAME]
    assert hass.states.async_all("media_player")


async def test_sign_in_with_token(hass: HomeAssistant, server: MassServer) -> None:
    """A token is stored without surrounding characters."""
    token = server.create_token(USERNAME, "Mine")
    result = await select_sign_in(hass, "token", server.url)
    entry = get_created_entry(await submit(hass, result, token=f" Bearer {token}\n"))
    assert entry.data == {CONF_URL: server.url, CONF_ORIGIN: ORIGIN_USER, CONF_TOKEN: token}
    assert entry.state is ConfigEntryState.LOADED
    assert server.token_names == ["Mine"]


@pytest.mark.parametrize("schema_version", [27])
async def test_server_without_sign_in(hass: HomeAssistant, server: MassServer) -> None:
    """Servers before schema 28 have no users and no name."""
    entry = get_created_entry(await submit(hass, await start_flow(hass), url=server.url))
    assert entry.title == "Music Assistant"
    assert entry.data == {CONF_URL: server.url, CONF_ORIGIN: ORIGIN_USER}
    assert entry.state is ConfigEntryState.LOADED


async def test_redirect_target_is_stored(hass: HomeAssistant, server: MassServer) -> None:
    """The address at the end of a redirect is stored, because the password was sent there."""
    async with run_http_server(redirect_to(server.url)) as url:
        result = await select_sign_in(hass, "password", url)
        assert (
            get_created_entry(await submit(hass, result, **CREDENTIALS)).data[CONF_URL]
            == server.url
        )


async def test_flow_over_http(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, server: MassServer
) -> None:
    """A frontend gets serializable forms and can finish the flow."""
    for component in ("auth", "config", "websocket_api"):
        assert await async_setup_component(hass, component, {})
    browser = await hass_client()
    flows = "/api/config/config_entries/flow"

    async def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = await browser.post(path, json=body)
        assert response.status == HTTPStatus.OK
        return cast("dict[str, Any]", await response.json())

    step = await post(flows, {"handler": DOMAIN})
    flow = f"{flows}/{step['flow_id']}"
    step = await post(flow, {CONF_URL: server.url})
    step = await post(flow, {"next_step_id": "password"})
    names = [field["name"] for field in step["data_schema"]]
    assert names == [CONF_USERNAME, CONF_PASSWORD, CONF_ANOTHER_WAY]
    assert step["data_schema"][1]["selector"]["text"]["type"] == "password"
    step = await post(flow, {CONF_USERNAME: USERNAME, CONF_PASSWORD: "wrong"})
    assert step["errors"] == {"base": "invalid_credentials"}
    assert step["data_schema"][0]["description"] == {"suggested_value": USERNAME}
    assert "wrong" not in str(step)
    step = await post(flow, CREDENTIALS)
    assert step["type"] == "create_entry"
    assert not JWT.search(str(step))
    assert PASSWORD not in str(step)
    await hass.async_block_till_done()


async def test_already_configured(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """A server is set up once, and keeps its entered address."""
    data = {**entry.data, CONF_URL: "https://music.example.com"}
    hass.config_entries.async_update_entry(entry, data=data)
    assert (
        get_abort_reason(await submit(hass, await start_flow(hass), url=server.url))
        == "already_configured"
    )
    assert entry.data == data


async def test_second_server(
    hass: HomeAssistant, coordinator: MusicAssistantCoordinator, stack: AsyncExitStack
) -> None:
    """A second server is a second entry."""
    other = await stack.enter_async_context(MassServer(server_id="other", name="Other"))
    entry = get_created_entry(
        await submit(hass, await select_sign_in(hass, "password", other.url), **CREDENTIALS)
    )
    assert entry.unique_id == "other"
    assert len(hass.config_entries.async_loaded_entries(DOMAIN)) == 2


async def test_ignored_server_can_be_added(hass: HomeAssistant, server: MassServer) -> None:
    """A server whose discovery was ignored can be added by its address."""
    MockConfigEntry(domain=DOMAIN, unique_id=server.server_id, source=SOURCE_IGNORE).add_to_hass(
        hass
    )
    get_created_entry(
        await submit(hass, await select_sign_in(hass, "password", server.url), **CREDENTIALS)
    )
    [entry] = hass.config_entries.async_entries(DOMAIN)
    assert entry.source == SOURCE_USER


# --------------------------------------------------------------------- what is wrong with it


class FaultyAddresses:
    """Provide addresses with a fault, by the key of the expected error."""

    def __init__(self, stack: AsyncExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
        """Initialize with a stack for the servers."""
        self._stack = stack
        self._monkeypatch = monkeypatch

    async def start_server(self, **options: Any) -> MassServer:
        """Run another server."""
        return await self._stack.enter_async_context(MassServer(**options))

    async def invalid_address(self) -> str:
        """Return an invalid address."""
        return "demo:secret@mass.local"

    async def connection_refused(self) -> str:
        """Return the address of a closed port."""
        gone = await self.start_server()
        await gone.faults.close_port()
        return gone.url

    async def unknown_host(self) -> str:
        """Return an address with an unknown host."""
        known = TCPConnector._resolve_host

        async def resolve(connector: TCPConnector, host: str, *args: Any, **options: Any) -> Any:
            if host == "mass.invalid":
                raise OSError(socket.EAI_NONAME, "Name or service not known")
            return await known(connector, host, *args, **options)

        self._monkeypatch.setattr(TCPConnector, "_resolve_host", resolve)
        return "http://mass.invalid:8095"

    async def cannot_connect(self) -> str:
        """Return the address of a server that closes each connection."""

        async def hang_up(request: web.Request) -> web.StreamResponse:
            assert request.transport
            request.transport.abort()
            return web.Response()

        return await self._stack.enter_async_context(run_http_server(hang_up))

    async def not_music_assistant(self) -> str:
        """Return the address of another service."""
        return await self._stack.enter_async_context(
            run_http_server(respond_with_json({"hello": "world"}))
        )

    async def web_page(self) -> str:
        """Return the address of a web page."""
        page = respond_with(text="<!doctype html>", content_type="text/html")
        return await self._stack.enter_async_context(run_http_server(page))

    async def proxy_without_server(self) -> str:
        """Return the address of a proxy whose server is off."""
        page = respond_with(text="<h1>502 Bad Gateway</h1>", content_type="text/html", status=502)
        return await self._stack.enter_async_context(run_http_server(page))

    async def proxy_sign_in(self) -> str:
        """Return the address of a proxy that requires a sign-in."""
        page = respond_with(text="<h1>Who are you?</h1>", content_type="text/html", status=401)
        return await self._stack.enter_async_context(run_http_server(page))

    async def insecure_redirect(self) -> str:
        """Return an https address that redirects to http."""
        self._monkeypatch.setattr(  # trust the certificate
            flow_base,
            "async_get_clientsession",
            lambda hass: async_get_clientsession(hass, verify_ssl=False),
        )
        leading = redirect_to((await self.start_server()).url)
        return await self._stack.enter_async_context(
            run_http_server(leading, GeneratedCertificate.create().server_context)
        )

    async def timeout_connect(self) -> str:
        """Return the address of a server that never answers."""
        self._monkeypatch.setattr(endpoint, "HTTP_TIMEOUT", 0.1)
        frozen = await self.start_server()
        frozen.faults.pause_server()
        return frozen.url

    async def server_too_old(self) -> str:
        """Return the address of a server that is too old."""
        old = await self.start_server()
        old.schema_version = 26
        return old.url

    async def server_too_new(self) -> str:
        """Return the address of a server that requires newer clients."""
        new = await self.start_server()
        new.schema_version = new.min_supported_schema_version = 1000
        return new.url

    async def not_onboarded(self) -> str:
        """Return the address of a server without users."""
        return (await self.start_server(onboard_done=False)).url

    async def no_websocket(self) -> str:
        """Return the address of a proxy that doesn't support websockets."""
        info = (await self.start_server(schema_version=27)).get_info()
        return await self._stack.enter_async_context(run_http_server(respond_with_json(info)))

    async def token_required(self) -> str:
        """Return the address of a server that is updated right after its discovery."""
        before = (await self.start_server(schema_version=27)).get_info()
        after = (await self.start_server(schema_version=29)).get_info()

        async def answer(request: web.Request) -> web.StreamResponse:
            if request.path == "/info":
                return web.json_response(before)
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await socket.send_json(after)
            await socket.close()
            return socket

        return await self._stack.enter_async_context(run_http_server(answer))


@pytest.fixture
def places(stack: AsyncExitStack, monkeypatch: pytest.MonkeyPatch) -> FaultyAddresses:
    """Return addresses with a fault."""
    return FaultyAddresses(stack, monkeypatch)


@pytest.mark.parametrize(
    "key", [key for key in vars(FaultyAddresses) if key[0] != "_" and key != "start_server"]
)
async def test_wrong_address(
    hass: HomeAssistant, server: MassServer, places: FaultyAddresses, key: str
) -> None:
    """The error of an address is shown with what was entered, and can be corrected."""
    typed = await getattr(places, key)()
    result = await submit(hass, await start_flow(hass), url=typed)
    assert (result["step_id"], get_form_error(result)) == ("user", key)
    assert get_suggested_values(result) == {CONF_URL: typed}
    result = await submit(hass, result, url=server.url)
    assert result["step_id"] == "sign_in"
    assert server.url in render_flow_result(result)
    result = await submit(hass, result, next_step_id="password")
    assert get_created_entry(await submit(hass, result, **CREDENTIALS)).data[CONF_URL] == server.url


# ------------------------------------------------------------------ what is wrong with a sign-in


async def _fail_logins(server: MassServer) -> None:
    server.faults.fail_command(MINT, 22, "Not for you")


async def _delay_logins(server: MassServer) -> None:
    server.faults.ignore_command(MINT)


async def _close_port(server: MassServer) -> None:
    await server.stop()  # a closed port alone would leave connections that are kept for later


async def _remove_users(server: MassServer) -> None:
    server.onboard_done = False
    server.users.clear()


async def _restore(server: MassServer) -> None:
    server.faults.clear()
    if not server.is_started:
        await server.start()
    if not server.users:
        server.add_user(**CREDENTIALS)
        server.onboard_done = True


@pytest.mark.parametrize(
    ("breaks", "key"),
    [
        (_fail_logins, "server_refused"),
        (_delay_logins, "timeout_connect"),
        (_close_port, "connection_refused"),
        (_remove_users, "not_onboarded"),
    ],
)
async def test_sign_in_errors_keep_username(
    hass: HomeAssistant,
    server: MassServer,
    monkeypatch: pytest.MonkeyPatch,
    breaks: Callable[[MassServer], Any],
    key: str,
) -> None:
    """After an error of the server only the password must be entered again."""
    monkeypatch.setattr(client, "DEFAULT_COMMAND_TIMEOUT", 0.2)
    result = await select_sign_in(hass, "password", server.url)
    await breaks(server)
    result = await submit(hass, result, **CREDENTIALS)
    assert (result["step_id"], get_form_error(result)) == ("password", key)
    assert get_suggested_values(result) == {CONF_USERNAME: USERNAME}
    assert server.token_names == []
    await _restore(server)
    get_created_entry(await submit(hass, result, **CREDENTIALS))
    assert server.token_names == [NAME]


async def test_wrong_password(hass: HomeAssistant, server: MassServer) -> None:
    """A wrong password is an error, and so is the lock after three of them."""
    now = server.clock()
    server.clock = lambda: now
    result = await select_sign_in(hass, "password", server.url)
    for _ in range(3):
        result = await submit(hass, result, username=USERNAME, password="wrong")
        assert get_form_error(result) == "invalid_credentials"
        assert get_suggested_values(result) == {CONF_USERNAME: USERNAME}
    result = await submit(hass, result, **CREDENTIALS)
    assert get_form_error(result) == "too_many_attempts"
    assert "30 seconds" in render_flow_result(result)
    now += 31
    get_created_entry(await submit(hass, result, **CREDENTIALS))


async def test_unexpected_error_is_logged(
    hass: HomeAssistant,
    server: MassServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An unexpected error is shown in the form and logged with its traceback."""

    async def raise_error(_client: client.Client) -> None:
        raise ZeroDivisionError

    result = await select_sign_in(hass, "password", server.url)
    with monkeypatch.context() as patched:
        patched.setattr(client.Client, "connect", raise_error)
        result = await submit(hass, result, **CREDENTIALS)
    assert get_form_error(result) == "unknown"
    assert "ZeroDivisionError" in caplog.text
    get_created_entry(await submit(hass, result, **CREDENTIALS))


@pytest.mark.parametrize(
    ("key", "pasted"),
    [
        ("incomplete_token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0"),
        ("incomplete_token", f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.{42 * 'x'}"),
        ("invalid_token", f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.{43 * 'x'}"),
    ],
)
async def test_wrong_token(hass: HomeAssistant, server: MassServer, key: str, pasted: str) -> None:
    """A refused token is an error, and isn't shown again."""
    result = await submit(hass, await select_sign_in(hass, "token", server.url), token=pasted)
    assert (result["step_id"], get_form_error(result)) == ("token", key)
    assert get_suggested_values(result) == {}
    assert pasted not in repr(result)
    get_created_entry(await submit(hass, result, token=server.create_token(USERNAME)))


async def test_invalid_tokens(
    hass: HomeAssistant, server: MassServer, stack: AsyncExitStack
) -> None:
    """Expired, revoked and foreign tokens are refused alike."""
    other = await stack.enter_async_context(MassServer(server_id="other"))
    revoked = server.create_token(USERNAME)
    server.revoke_token(revoked)
    result = await select_sign_in(hass, "token", server.url)
    expired = server.create_token(USERNAME, lifetime=-1)
    for token, key in (
        (expired, "token_expired"),
        (revoked, "invalid_token"),
        (other.create_token(USERNAME), "invalid_token"),
    ):
        result = await submit(hass, result, token=token)
        assert get_form_error(result) == key


@pytest.mark.parametrize("way", ["password", "token"])
async def test_empty_form(hass: HomeAssistant, server: MassServer, way: str) -> None:
    """An empty form is an error, and nothing is sent."""
    result = await select_sign_in(hass, way, server.url)
    asked = len(server.http_requests)
    key = {"password": "no_credentials", "token": "incomplete_token"}[way]
    assert get_form_error(await submit(hass, result)) == key
    assert len(server.http_requests) == asked


@pytest.mark.parametrize("way", ["password", "token"])
async def test_no_secret_is_sent_to_another_server(
    hass: HomeAssistant, server: MassServer, way: str
) -> None:
    """Another server at the address gets no secret."""
    result = await select_sign_in(hass, way, server.url)
    asked, connects = len(server.http_requests), server.connects
    values = CREDENTIALS if way == "password" else {CONF_TOKEN: server.create_token(USERNAME)}
    server.server_id = "other"
    result = await submit(hass, result, **values)
    assert (result["step_id"], get_form_error(result)) == (way, "other_server")
    assert server.http_requests[asked:] == [("GET", "/info")]
    assert server.connects == connects
    server.server_id = "demo-server"
    assert get_created_entry(await submit(hass, result, **values)).state is ConfigEntryState.LOADED


async def test_aborted_flow_revokes_token(hass: HomeAssistant, server: MassServer) -> None:
    """A flow that is aborted while a token is created revokes it."""
    result = await select_sign_in(hass, "password", server.url)
    server.faults.delay_command(MINT, 0.05)
    flows = hass.config_entries.flow
    step = hass.async_create_task(flows.async_configure(result["flow_id"], CREDENTIALS))
    await wait_until(lambda: MINT in dict(server.commands))
    flows.async_abort(result["flow_id"])
    with pytest.raises(UnknownFlow):
        await step
    assert server.tokens == {}


@pytest.mark.parametrize("delay", [0.0, 0.02])
async def test_concurrent_flows_create_one_entry(
    hass: HomeAssistant, server: MassServer, delay: float
) -> None:
    """Of two simultaneous flows one creates the entry; the other leaves no token."""
    flows = hass.config_entries.flow
    forms = [await select_sign_in(hass, "password", server.url) for _ in range(2)]
    server.faults.delay_command(MINT, delay)
    steps = (flows.async_configure(form["flow_id"], {**CREDENTIALS}) for form in forms)
    results = await asyncio.gather(*steps, return_exceptions=True)
    assert sum(isinstance(result, UnknownFlow) for result in results) == 1
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED
    assert server.accounts.resolve_token(entry.data[CONF_TOKEN])
    assert server.token_names == [NAME]


# ------------------------------------------------------------------------------ signing in again


@pytest.fixture
async def reauth(hass: HomeAssistant, server: MassServer, entry: MockConfigEntry) -> Any:
    """Return the flow that a revoked token starts."""
    hass.config_entries.async_update_entry(
        entry, title="Mine", data={**entry.data, "kept": True}, options={"also": "kept"}
    )
    server.revoke_token(entry.data[CONF_TOKEN])
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert (flow["context"]["source"], flow["step_id"]) == (SOURCE_REAUTH, "reauth_confirm")
    return await show_step(hass, flow)


async def show_step(hass: HomeAssistant, flow: Any) -> ConfigFlowResult:
    """Show the current step of a flow."""
    return check_result(await hass.config_entries.flow.async_configure(flow["flow_id"]))


@pytest.mark.parametrize("way", ["password", "token"])
async def test_reauth(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, reauth: Any, way: str
) -> None:
    """A new sign-in changes only the token, and the entry works again."""
    before = {**entry.data}
    assert server.url in render_flow_result(reauth)
    result = await submit(hass, await submit(hass, reauth), next_step_id=way)
    values = CREDENTIALS if way == "password" else {CONF_TOKEN: server.create_token(USERNAME)}
    assert get_abort_reason(await submit(hass, result, **values)) == "reauth_successful"
    changed = {key for key in entry.data if entry.data[key] != before.get(key)}
    assert changed - {CONF_CREATED_TOKEN_ID} == {CONF_TOKEN, CONF_ORIGIN}
    assert has_created_token(entry.data) is (way == "password")
    assert (entry.title, entry.options) == ("Mine", {"also": "kept"})
    assert entry.state is ConfigEntryState.LOADED
    assert hass.config_entries.async_entries(DOMAIN) == [entry]


async def test_reauth_with_other_method(
    hass: HomeAssistant, server: MassServer, reauth: Any
) -> None:
    """Another sign-in method can be selected, also after an error."""
    result = await submit(hass, await submit(hass, reauth), next_step_id="token")
    result = await submit(hass, result, another_way=True)
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "sign_in")
    result = await submit(hass, result, next_step_id="password")
    result = await submit(hass, result, **{**CREDENTIALS, CONF_PASSWORD: "wrong"})
    assert get_form_error(result) == "invalid_credentials"
    asked = len(server.http_requests)
    result = await submit(hass, result, **CREDENTIALS, another_way=True)
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "sign_in")
    assert len(server.http_requests) == asked
    result = await submit(hass, result, next_step_id="token")
    result = await submit(hass, result, token=server.create_token(USERNAME))
    assert get_abort_reason(result) == "reauth_successful"


@pytest.mark.parametrize("why", ["expired", "updated"])
async def test_reauth_shows_reason(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    why: str,
) -> None:
    """An expired token and one that an update removed are distinguished."""
    if why == "expired":
        data = {**entry.data, CONF_TOKEN: server.create_token(USERNAME, lifetime=-1)}
        hass.config_entries.async_update_entry(entry, data=data)
    else:
        assert await hass.config_entries.async_setup(entry.entry_id)
        assert await hass.config_entries.async_unload(entry.entry_id)
        monkeypatch.setattr(MassServer, "server_version", "99.0")
        server.revoke_token(entry.data[CONF_TOKEN])
    assert not await hass.config_entries.async_setup(entry.entry_id)
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    result = await show_step(hass, flow)
    assert result["step_id"] == f"reauth_{why}"
    assert server.url in render_flow_result(result)
    result = await submit(hass, await submit(hass, result), next_step_id="password")
    assert get_abort_reason(await submit(hass, result, **CREDENTIALS)) == "reauth_successful"


async def test_reauth_at_another_server(
    hass: HomeAssistant, server: MassServer, reauth: Any
) -> None:
    """Another server at the address gets neither password nor token."""
    asked = len(server.http_requests)
    server.server_id = "other"
    result = await submit(hass, reauth)
    assert (result["step_id"], get_form_error(result)) == ("reauth_confirm", "other_server")
    assert server.http_requests[asked:] == [("GET", "/info")]
    server.server_id = "demo-server"
    assert (await submit(hass, result))["step_id"] == "sign_in"


async def test_reauth_without_server(hass: HomeAssistant, server: MassServer, reauth: Any) -> None:
    """A reauthentication can be continued when the server is back."""
    await server.faults.close_port()
    result = await submit(hass, reauth)
    assert get_form_error(result) == "connection_refused"
    await server.faults.open_port()
    assert (await submit(hass, result))["step_id"] == "sign_in"


# ---------------------------------------------------------------------------------- elsewhere now


async def test_reconfigure(hass: HomeAssistant, server: MassServer, entry: MockConfigEntry) -> None:
    """Another address of the same server replaces the old one; the rest is kept."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    before = {**entry.data}
    result = check_result(await entry.start_reconfigure_flow(hass))
    assert result["menu_options"] == ["new_address", "certificate", "new_sign_in"]
    result = await submit(hass, result, next_step_id="new_address")
    assert get_suggested_values(result) == {CONF_URL: server.url}
    for address, key in (("ftp://nowhere", "invalid_address"), (NOWHERE, "connection_refused")):
        result = await submit(hass, result, url=address)
        assert get_form_error(result) == key
        assert get_suggested_values(result) == {CONF_URL: address}
    server.server_id = "other"
    result = await submit(hass, result, url=server.url)
    assert get_form_error(result) == "other_server"
    server.server_id = "demo-server"
    result = await submit(hass, result, url=f"{server.url}/#/home")
    assert get_abort_reason(result) == "reconfigure_successful"
    assert entry.data == {**before, CONF_URL: server.url, CONF_ORIGIN: ORIGIN_USER}
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("now", "address", "tried"),
    [
        ("https://a:1", "b", ["https://b", "https://b:8095"]),
        ("https://a:1", "http://b:1", ["http://b:1"]),
        ("https://a:1", "b:443", ["https://b"]),
        ("http://a:1", "b:1", ["http://b:1", "https://b:1"]),
    ],
)
def test_reconfigure_keeps_encryption(now: str, address: str, tried: list[str]) -> None:
    """An http address replaces an https one only if "http" was entered."""
    assert [
        str(url).rstrip("/") for url in remove_downgrades(parse_address(address), URL(now))
    ] == tried


@pytest.mark.parametrize("way", ["password", "token"])
async def test_reconfigure_sign_in(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, way: str
) -> None:
    """Another sign-in replaces the old one, and another server gets nothing."""
    before = {**entry.data}
    token = server.create_token(USERNAME, "Other")
    result = check_result(await entry.start_reconfigure_flow(hass))
    result = await submit(hass, result, next_step_id="new_sign_in")
    server.server_id = "other"
    result = await submit(hass, result)
    assert (result["step_id"], get_form_error(result)) == ("new_sign_in", "other_server")
    server.server_id = "demo-server"
    result = await submit(hass, await submit(hass, result), next_step_id=way)
    result = await submit(hass, result, **(CREDENTIALS if way == "password" else {"token": token}))
    assert get_abort_reason(result) == "reconfigure_successful"
    changed = {key for key in entry.data if entry.data[key] != before.get(key)}
    assert changed - {CONF_CREATED_TOKEN_ID} == {CONF_TOKEN, CONF_ORIGIN}
    assert (entry.data[CONF_TOKEN] == token) == (way == "token")
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("schema_version", [27])
@pytest.mark.parametrize("set_up", [True, False])
async def test_reconfigure_without_users(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, *, set_up: bool
) -> None:
    """A server without users needs no sign-in."""
    hass.config_entries.async_update_entry(entry, data={CONF_URL: server.url})
    if set_up:
        assert await hass.config_entries.async_setup(entry.entry_id)
    result = check_result(await entry.start_reconfigure_flow(hass))
    if set_up:
        assert result["menu_options"] == ["new_address", "certificate"]
        return
    result = await submit(hass, await submit(hass, result, next_step_id="new_sign_in"))
    assert get_abort_reason(result) == "reconfigure_successful"
    assert entry.data == {CONF_URL: server.url, CONF_ORIGIN: ORIGIN_USER}
    assert entry.state is ConfigEntryState.LOADED


async def test_removed_entry_aborts_reconfigure(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """A removed entry aborts its reconfiguration and revokes its token."""
    result = check_result(await entry.start_reconfigure_flow(hass))
    result = await submit(hass, await submit(hass, result, next_step_id="new_sign_in"))
    result = await submit(hass, result, next_step_id="password")
    server.faults.delay_command(MINT, 0.05)
    flows = hass.config_entries.flow
    step = hass.async_create_task(flows.async_configure(result["flow_id"], CREDENTIALS))
    await wait_until(lambda: MINT in dict(server.commands))
    await hass.config_entries.async_remove(entry.entry_id)
    assert flows.async_progress() == []
    with pytest.raises(UnknownFlow):
        await step
    assert server.token_names == ["Home Assistant"]  # it was given


async def test_aborted_reconfigure_changes_nothing(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """An aborted reconfiguration changes nothing."""
    before = {**entry.data}
    result = check_result(await entry.start_reconfigure_flow(hass))
    result = await submit(hass, await submit(hass, result, next_step_id="new_sign_in"))
    result = await submit(hass, result, next_step_id="token")
    pasted = {CONF_TOKEN: server.create_token(USERNAME, "Pasted")}
    server.faults.delay_command("auth", 0.05)
    step = hass.async_create_task(
        hass.config_entries.flow.async_configure(result["flow_id"], pasted)
    )
    await wait_until(lambda: "auth" in dict(server.commands))
    abort_flow(hass)
    with pytest.raises(UnknownFlow):
        await step
    assert entry.data == before
    assert server.token_names == ["Home Assistant", "Pasted"]


# ------------------------------------------------------- a dialog in the way of another sign-in


def get_flow_sources(hass: HomeAssistant) -> list[str]:
    """Return the sources of the flows in progress."""
    return [flow["context"]["source"] for flow in hass.config_entries.flow.async_progress()]


def abort_flow(hass: HomeAssistant) -> None:
    """Abort the flow."""
    (flow,) = hass.config_entries.flow.async_progress()
    hass.config_entries.flow.async_abort(flow["flow_id"])


def leave_flow(hass: HomeAssistant) -> None:
    """Leave the flow open."""
    async_fire_time_changed(
        hass, dt_util.utcnow() + flow_base.ABANDONED_FLOW_TIMEOUT + timedelta(seconds=1)
    )


@pytest.mark.parametrize("ends", [abort_flow, leave_flow])
async def test_reauth_after_reconfigure(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    ends: Callable[[HomeAssistant], None],
) -> None:
    """A refused set-up starts a reauthentication at the end of a reconfiguration."""
    await entry.start_reconfigure_flow(hass)
    server.revoke_token(entry.data[CONF_TOKEN])
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert get_flow_sources(hass) == [SOURCE_RECONFIGURE]
    ends(hass)
    await hass.async_block_till_done()
    assert get_flow_sources(hass) == [SOURCE_REAUTH]


@pytest.mark.parametrize("ends", [abort_flow, leave_flow])
async def test_reauth_after_reconfigure_while_connected(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    coordinator: MusicAssistantCoordinator,
    ends: Callable[[HomeAssistant], None],
) -> None:
    """A token revoked meanwhile starts a reauthentication at once."""
    await entry.start_reconfigure_flow(hass)
    server.revoke_token(entry.data[CONF_TOKEN])
    await wait_until(lambda: coordinator.connection.history.last_problem == "invalid_token")
    assert get_flow_sources(hass) == [SOURCE_RECONFIGURE]
    ends(hass)
    await wait_until(lambda: get_flow_sources(hass) == [SOURCE_REAUTH])


async def test_aborted_reconfigure_keeps_connection(
    hass: HomeAssistant, entry: MockConfigEntry, coordinator: MusicAssistantCoordinator
) -> None:
    """An aborted reconfiguration doesn't disconnect a working entry."""
    await entry.start_reconfigure_flow(hass)
    abort_flow(hass)
    await hass.async_block_till_done()
    assert get_flow_sources(hass) == []
    assert (entry.runtime_data, coordinator.connection.history.attempts) == (coordinator, 1)


# --------------------------------------------------------------------------- announced by itself


def create_discovery_info(server: MassServer, **changes: str | None) -> ZeroconfServiceInfo:
    """Return the discovery information of a server."""
    properties = {
        "server_id": server.server_id,
        "base_url": server.url,
        "homeassistant_addon": str(server.homeassistant_addon),
        **changes,
    }
    return ZeroconfServiceInfo(
        ip_address=ip_address("127.0.0.1"),
        ip_addresses=[ip_address("127.0.0.1")],
        port=server.port,
        hostname="mass.local.",
        type="_mass._tcp.local.",
        name=f"{server.server_id}._mass._tcp.local.",
        properties={key: value for key, value in properties.items() if value != "missing"},
    )


async def start_discovery(
    hass: HomeAssistant, server: MassServer, **changes: str | None
) -> ConfigFlowResult:
    """Start the discovery flow of a server."""
    return await start_flow(hass, SOURCE_ZEROCONF, create_discovery_info(server, **changes))


def get_offered_addresses(hass: HomeAssistant) -> list[tuple[str, str]]:
    """Return the old and new addresses of all repairs for a moved server."""
    return [
        (issue.translation_placeholders["old"], issue.translation_placeholders["new"])
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == "server_moved" and issue.translation_placeholders
    ]


async def test_zeroconf(hass: HomeAssistant, server: MassServer) -> None:
    """A discovered server is shown with its name, and needs a sign-in."""
    server.name = "Attic"
    result = await start_discovery(hass, server)
    assert result["step_id"] == "discovery_confirm"
    assert "Attic" in render_flow_result(result)
    assert server.url in render_flow_result(result)
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["title_placeholders"] == {"name": "Attic"}
    result = await submit(hass, await submit(hass, result), next_step_id="password")
    entry = get_created_entry(await submit(hass, result, **CREDENTIALS))
    assert (entry.title, entry.data[CONF_URL]) == ("Attic", server.url)
    assert entry.data[CONF_ORIGIN] == ORIGIN_USER


@pytest.mark.parametrize("schema_version", [27])
async def test_zeroconf_without_sign_in(hass: HomeAssistant, server: MassServer) -> None:
    """A server without users needs only a confirmation."""
    entry = get_created_entry(await submit(hass, await start_discovery(hass, server)))
    assert entry.data == {CONF_URL: server.url, CONF_ORIGIN: ORIGIN_USER}


@pytest.mark.parametrize(
    "changes",
    [
        {"server_id": "missing"},
        {"server_id": None},
        {"server_id": ""},
        {"base_url": "missing"},
        {"base_url": None},
        {"base_url": "http://"},
        {"base_url": "ftp://mass.local"},
        {"schema_version": "new"},
    ],
)
async def test_zeroconf_invalid_info(
    hass: HomeAssistant, server: MassServer, changes: dict[str, str | None]
) -> None:
    """Invalid discovery information is ignored."""
    assert (
        get_abort_reason(await start_discovery(hass, server, **changes)) == "invalid_discovery_info"
    )


async def test_zeroconf_of_app(hass: HomeAssistant, stack: AsyncExitStack) -> None:
    """An app's server is discovered by hassio, with its token."""
    app = await stack.enter_async_context(MassServer(homeassistant_addon=True))
    assert get_abort_reason(await start_discovery(hass, app)) == "already_discovered_app"
    offered = await start_discovery(hass, app, schema_version="28")
    assert get_abort_reason(offered) == "already_discovered_app"


async def test_zeroconf_of_old_app(hass: HomeAssistant, stack: AsyncExitStack) -> None:
    """An app that is too old to be announced by the Supervisor is discovered like any server."""
    app = await stack.enter_async_context(MassServer(homeassistant_addon=True, schema_version=27))
    result = await start_discovery(hass, app, schema_version="27")
    assert result["step_id"] == "discovery_confirm"
    assert get_created_entry(await submit(hass, result)).data[CONF_URL] == app.url


async def test_zeroconf_of_builtin_integration(hass: HomeAssistant, server: MassServer) -> None:
    """The matcher of the built-in integration is active too."""
    await start_discovery(hass, server)
    result = await start_discovery(hass, server)
    # the text is Home Assistant's
    assert (get_abort_reason(result), result["translation_domain"]) == (
        "already_in_progress",
        "homeassistant",
    )


async def test_discovery_ends_when_server_is_added(hass: HomeAssistant, server: MassServer) -> None:
    """A discovery flow ends when its server is added by address."""
    await start_discovery(hass, server)
    get_created_entry(
        await submit(hass, await select_sign_in(hass, "password", server.url), **CREDENTIALS)
    )
    assert hass.config_entries.flow.async_progress_by_handler(DOMAIN) == []


@pytest.mark.parametrize(
    "key", ["connection_refused", "web_page", "server_too_old", "server_too_new"]
)
async def test_zeroconf_wrong_address(
    hass: HomeAssistant, server: MassServer, places: FaultyAddresses, key: str
) -> None:
    """A server that isn't at its announced address isn't offered."""
    url = await getattr(places, key)()
    assert get_abort_reason(await start_discovery(hass, server, base_url=url)) == key


async def test_zeroconf_wrong_id(hass: HomeAssistant, server: MassServer) -> None:
    """A server with another id than announced isn't offered."""
    assert get_abort_reason(await start_discovery(hass, server, server_id="mine")) == "other_server"


@pytest.mark.parametrize(
    ("breaks", "key"), [(_close_port, "connection_refused"), (_remove_users, "not_onboarded")]
)
async def test_zeroconf_server_changes_before_confirmation(
    hass: HomeAssistant, server: MassServer, breaks: Callable[[MassServer], Any], key: str
) -> None:
    """A server can change between discovery and confirmation, and back."""
    result = await start_discovery(hass, server)
    await breaks(server)
    result = await submit(hass, result)
    assert (result["step_id"], get_form_error(result)) == ("discovery_confirm", key)
    await _restore(server)
    assert (await submit(hass, result))["step_id"] == "sign_in"


# ------------------------------------------------------------- announced, and known to us already


async def test_zeroconf_of_connected_server(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    coordinator: MusicAssistantCoordinator,
    stack: AsyncExitStack,
) -> None:
    """The announced address is ignored while the entered one works."""
    twin = await stack.enter_async_context(MassServer(server_id=server.server_id))
    before = {**entry.data}
    assert get_abort_reason(await start_discovery(hass, twin)) == "already_configured"
    assert (entry.data, get_offered_addresses(hass), twin.http_requests) == (before, [], [])
    assert entry.runtime_data is coordinator


@pytest.fixture
async def waiting(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return an entry in set-up retry because its server has moved."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_URL: NOWHERE})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    return entry


async def test_zeroconf_of_moved_server(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry
) -> None:
    """A moved server creates a repair, and the entry isn't changed."""
    before = {**waiting.data}
    assert get_abort_reason(await start_discovery(hass, server)) == "already_configured"
    assert get_offered_addresses(hass) == [(NOWHERE, server.url)]
    assert waiting.data == before


async def test_zeroconf_of_moved_server_without_response(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry
) -> None:
    """An announced address that doesn't answer creates no repair."""
    nowhere_else = "http://127.0.0.1:2"
    assert (
        get_abort_reason(await start_discovery(hass, server, base_url=nowhere_else))
        == "already_configured"
    )
    assert get_offered_addresses(hass) == []


async def test_zeroconf_of_current_address(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """The current address creates no repair."""
    server.faults.fail_command("players/all")
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert get_abort_reason(await start_discovery(hass, server)) == "already_configured"
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert get_offered_addresses(hass) == []


async def test_zeroconf_does_not_offer_http(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry
) -> None:
    """An http address isn't offered for an https one, because it would expose the token."""
    data = {**waiting.data, CONF_URL: NOWHERE.replace("http", "https")}
    hass.config_entries.async_update_entry(waiting, data=data)
    assert get_abort_reason(await start_discovery(hass, server)) == "already_configured"
    assert (get_offered_addresses(hass), server.http_requests) == ([], [])


async def test_zeroconf_of_moved_server_finds_other_server(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry
) -> None:
    """The address of another server creates no repair."""
    announcement = create_discovery_info(server)
    server.server_id = "other"
    assert (
        get_abort_reason(await start_flow(hass, SOURCE_ZEROCONF, announcement))
        == "already_configured"
    )
    assert get_offered_addresses(hass) == []
    assert ("GET", "/info") in server.http_requests


async def test_zeroconf_is_ignored_for_app(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry
) -> None:
    """An entry of an app is updated only by hassio."""
    data = {**waiting.data, CONF_ORIGIN: ORIGIN_APP}
    hass.config_entries.async_update_entry(waiting, data=data)
    assert get_abort_reason(await start_discovery(hass, server)) == "already_configured"
    assert get_offered_addresses(hass) == []


async def test_zeroconf_starts_setup_retry(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """An entry in set-up retry is set up when its server is discovered."""
    await server.faults.close_port()
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await server.faults.open_port()
    assert get_abort_reason(await start_discovery(hass, server)) == "already_configured"
    assert entry.state is ConfigEntryState.LOADED
    assert get_offered_addresses(hass) == []


async def test_zeroconf_ignores_unloaded_entry(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """An entry that isn't set up isn't changed."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_URL: NOWHERE})
    assert get_abort_reason(await start_discovery(hass, server)) == "already_configured"
    assert (get_offered_addresses(hass), server.http_requests) == ([], [])


async def stop_server(server: MassServer, coordinator: MusicAssistantCoordinator) -> None:
    """Stop a server, and wait until a reconnect has failed."""
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    await wait_until(lambda: coordinator.connection.history.last_problem == "connection_refused")


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable automatic reconnects."""
    monkeypatch.setattr(connection, "get_retry_delay", lambda _since: 600.0)


@pytest.mark.usefixtures("_patient")
async def test_zeroconf_starts_reconnect(
    hass: HomeAssistant, server: MassServer, coordinator: MusicAssistantCoordinator
) -> None:
    """A discovered server is reconnected at once."""
    await stop_server(server, coordinator)
    await server.faults.open_port()
    assert get_abort_reason(await start_discovery(hass, server)) == "already_configured"
    await wait_until(lambda: coordinator.mass.connection.connected)
    assert get_offered_addresses(hass) == []


@pytest.mark.usefixtures("_patient")
async def test_zeroconf_of_moved_server_while_disconnected(
    hass: HomeAssistant,
    server: MassServer,
    coordinator: MusicAssistantCoordinator,
    stack: AsyncExitStack,
) -> None:
    """A lost server that has moved creates a repair."""
    await stop_server(server, coordinator)
    moved = await stack.enter_async_context(MassServer(server_id=server.server_id))
    assert get_abort_reason(await start_discovery(hass, moved)) == "already_configured"
    assert get_offered_addresses(hass) == [(server.url, moved.url)]


# ---------------------------------------------------------------------- the Home Assistant app


@pytest.fixture
async def app(stack: AsyncExitStack) -> MassServer:
    """Run a server as a Home Assistant app."""
    return await stack.enter_async_context(MassServer(homeassistant_addon=True, name="App"))


async def start_hassio_discovery(
    hass: HomeAssistant, app: MassServer, token: str
) -> ConfigFlowResult:
    """Start the hassio discovery of the app."""
    config = {"host": app.host, "port": app.port, "auth_token": token}
    return await start_flow(
        hass,
        SOURCE_HASSIO,
        HassioServiceInfo(config=config, name="Music Assistant", slug="mass", uuid="1234"),
    )


def create_app_entry(hass: HomeAssistant, app: MassServer, **data: str) -> MockConfigEntry:
    """Return an entry for the app's server."""
    entry = MockConfigEntry(domain=DOMAIN, unique_id=app.server_id, data=data)
    entry.add_to_hass(hass)
    return entry


async def test_hassio(hass: HomeAssistant, app: MassServer) -> None:
    """The app's server needs no sign-in: its token comes with the discovery."""
    token = app.create_token(USERNAME)
    result = await start_hassio_discovery(hass, app, token)
    assert result["step_id"] == "hassio_confirm"
    assert "App" in render_flow_result(result)
    entry = get_created_entry(await submit(hass, result))
    assert (entry.title, entry.unique_id) == ("App", app.server_id)
    assert entry.data == {CONF_URL: app.url, CONF_TOKEN: token, CONF_ORIGIN: ORIGIN_APP}
    assert entry.state is ConfigEntryState.LOADED


async def test_hassio_while_user_signs_in(hass: HomeAssistant, app: MassServer) -> None:
    """The app isn't offered a second time while the user signs in to it."""
    result = await submit(hass, await start_flow(hass, SOURCE_USER), **{CONF_URL: app.url})
    assert result["step_id"] == "sign_in"
    offered = await start_hassio_discovery(hass, app, app.create_token(USERNAME))
    assert get_abort_reason(offered) == "already_in_progress"
    assert len(hass.config_entries.flow.async_progress_by_handler(DOMAIN)) == 1


async def test_hassio_updates_entry(hass: HomeAssistant, app: MassServer) -> None:
    """An entry of the app gets its new address and token without confirmation."""
    entry = create_app_entry(hass, app, url=NOWHERE, token="a.b.c", origin=ORIGIN_APP, kept="yes")
    assert not await hass.config_entries.async_setup(entry.entry_id)
    token = app.create_token(USERNAME)
    assert get_abort_reason(await start_hassio_discovery(hass, app, token)) == "already_configured"
    assert entry.data == {
        CONF_URL: app.url,
        CONF_TOKEN: token,
        CONF_ORIGIN: ORIGIN_APP,
        "kept": "yes",
    }
    assert entry.state is ConfigEntryState.LOADED


async def test_hassio_updates_entry_of_builtin(hass: HomeAssistant, app: MassServer) -> None:
    """An entry that the built-in integration created for the app is matched by the app's port."""
    entry = create_app_entry(
        hass, app, url=f"http://d5369777-music-assistant:{app.port}", token="a.b.c"
    )
    token = app.create_token(USERNAME)
    assert get_abort_reason(await start_hassio_discovery(hass, app, token)) == "already_configured"
    assert entry.data == {CONF_URL: app.url, CONF_TOKEN: token, CONF_ORIGIN: ORIGIN_APP}


async def test_hassio_keeps_other_sign_in(hass: HomeAssistant, app: MassServer) -> None:
    """An entry with its own sign-in at the app's server keeps it."""
    entry = create_app_entry(hass, app, url=app.url, token="a.b.c", origin=ORIGIN_APP)
    result = check_result(await entry.start_reconfigure_flow(hass))
    result = await submit(hass, await submit(hass, result, next_step_id="new_sign_in"))
    result = await submit(hass, result, next_step_id="password")
    assert get_abort_reason(await submit(hass, result, **CREDENTIALS)) == "reconfigure_successful"
    before = {**entry.data}
    assert (
        get_abort_reason(await start_hassio_discovery(hass, app, app.create_token(USERNAME)))
        == "already_configured"
    )
    assert entry.data == before


@pytest.mark.parametrize(
    "typed",
    [
        {CONF_URL: "https://music.example.com", CONF_ORIGIN: ORIGIN_USER},
        {CONF_URL: "http://homeassistant.local:8095"},  # by the built-in integration
    ],
)
async def test_hassio_keeps_entered_address(
    hass: HomeAssistant, app: MassServer, typed: dict[str, str]
) -> None:
    """An entered address is kept."""
    entry = create_app_entry(hass, app, **typed, token="a.b.c")
    assert (
        get_abort_reason(await start_hassio_discovery(hass, app, app.create_token(USERNAME)))
        == "already_configured"
    )
    assert entry.data == {**typed, CONF_TOKEN: "a.b.c"}


async def test_hassio_without_running_app(hass: HomeAssistant, app: MassServer) -> None:
    """An app that doesn't answer isn't offered."""
    await app.faults.close_port()
    assert (
        get_abort_reason(await start_hassio_discovery(hass, app, "a.b.c")) == "connection_refused"
    )
