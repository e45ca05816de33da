"""Signing in on the server's page, and returning through Home Assistant's callback."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from aiohttp import ClientSession
from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from yarl import URL

from custom_components.music_assistant.const import CONF_ORIGIN, DOMAIN, ORIGIN_USER
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.entry.tokens import CONF_CREATED_TOKEN_ID
from custom_components.music_assistant.flows.base import ABANDONED_FLOW_TIMEOUT
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.config_entry_oauth2_flow import HEADER_FRONTEND_BASE
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .common import wait_until
from .server import MassServer

type MakeClient = Callable[[], Coroutine[Any, Any, TestClient[Any, Any]]]
type Step = dict[str, Any]

FLOW = "/api/config/config_entries/flow"
LOGIN = {"username": "demo", "password": "demo-password"}
NAME = "Home Assistant (test home)"
OURS = "http://home.example:8123"


class FakeBrowser:
    """Represent a browser with Home Assistant and the server's page."""

    def __init__(self, frontend: TestClient[Any, Any], anyone: TestClient[Any, Any]) -> None:
        """Initialize with a client that is signed in, and one that isn't."""
        self.frontend, self.anyone = frontend, anyone

    async def post_step(self, path: str = FLOW, **answer: Any) -> Step:
        """Send a step of a flow and return the next."""
        headers = {HEADER_FRONTEND_BASE: OURS}
        async with self.frontend.post(path, json=answer, headers=headers) as response:
            assert response.status == 200
            shown: Step = await response.json()
            return shown

    async def get_step(self, flow_id: str) -> Step:
        """Return the current step of a flow."""
        async with self.frontend.get(f"{FLOW}/{flow_id}") as response:
            shown: Step = await response.json()
            return shown

    async def start_sign_in(self, server: MassServer) -> Step:
        """Continue to the step that opens the server's page."""
        step = await self.post_step(handler=DOMAIN)
        step = await self.post_step(f"{FLOW}/{step['flow_id']}", url=server.url)
        assert step["menu_options"] == ["browser", "password", "token"]
        step = await self.post_step(f"{FLOW}/{step['flow_id']}", next_step_id="browser")
        assert (step["type"], step["step_id"]) == ("external", "browser")
        return step

    @staticmethod
    async def sign_in(page: str) -> URL:
        """Sign in on the server's page and return the redirect."""
        async with (
            ClientSession() as session,
            session.post(page, data=LOGIN, allow_redirects=False) as response,
        ):
            assert response.status == 302
            return URL(response.headers["Location"])

    async def get_callback(self, to: URL) -> int:
        """Open the redirect; return Home Assistant's response."""
        assert to.origin() == URL(OURS)
        async with self.anyone.get(to.relative()) as response:
            return response.status


@pytest.fixture
async def browser(
    hass: HomeAssistant, hass_client: MakeClient, hass_client_no_auth: MakeClient
) -> FakeBrowser:
    """Open a browser."""
    for component in (
        "auth",
        "config",
        "media_player",
        DOMAIN,
    ):  # all pages, before anybody asks for one
        assert await async_setup_component(hass, component, {})
    return FakeBrowser(await hass_client(), await hass_client_no_auth())


async def test_sign_in_on_server_page(
    hass: HomeAssistant, server: MassServer, browser: FakeBrowser
) -> None:
    """The page's session is exchanged for a token and ends."""
    step = await browser.start_sign_in(server)
    assert URL(step["url"]).query["device_name"] == NAME
    back = await browser.sign_in(step["url"])
    assert await browser.get_callback(back) == 200
    assert (await browser.get_step(step["flow_id"]))["type"] == "create_entry"
    await hass.async_block_till_done()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.data.keys() >= {CONF_URL, CONF_TOKEN}
    assert entry.data[CONF_ORIGIN] == ORIGIN_USER
    assert entry.data[CONF_TOKEN] != back.query["code"]
    (token,) = server.tokens.values()
    assert (token.name, token.is_long_lived) == (NAME, True)


async def test_invalid_state_is_refused(
    hass: HomeAssistant, server: MassServer, browser: FakeBrowser
) -> None:
    """A callback with an invalid state is refused."""
    step = await browser.start_sign_in(server)
    back = await browser.sign_in(step["url"])
    head, _, _ = back.query["state"].rpartition(".")
    assert await browser.get_callback(back.update_query(state=f"{head}.c2lnbmF0dXJl")) == 400
    assert (await browser.get_step(step["flow_id"]))["step_id"] == "browser"
    assert hass.config_entries.async_entries(DOMAIN) == []


@pytest.mark.parametrize(
    ("query", "error"),
    [({"error": "denied"}, "sign_in_cancelled"), ({"code": "no.such.token"}, "invalid_token")],
)
async def test_failed_sign_in(
    hass: HomeAssistant,
    server: MassServer,
    browser: FakeBrowser,
    query: dict[str, str],
    error: str,
) -> None:
    """A failed sign-in is an error, and another method can be selected."""
    step = await browser.start_sign_in(server)
    back = URL(URL(step["url"]).query["return_url"])
    await browser.get_callback(back.update_query(query))
    step = await browser.get_step(step["flow_id"])
    assert (step["step_id"], step["errors"]) == ("signed_in", {"base": error})
    step = await browser.post_step(f"{FLOW}/{step['flow_id']}")
    assert (step["type"], step["step_id"]) == ("menu", "sign_in")


async def test_flow_aborted_during_exchange(
    hass: HomeAssistant, server: MassServer, browser: FakeBrowser
) -> None:
    """A flow that is aborted before its session is exchanged revokes it."""
    step = await browser.start_sign_in(server)
    assert await browser.get_callback(await browser.sign_in(step["url"])) == 200
    assert server.tokens
    hass.config_entries.flow.async_abort(step["flow_id"])
    await wait_until(lambda: not server.tokens)


async def test_repeated_callback(
    hass: HomeAssistant, server: MassServer, browser: FakeBrowser
) -> None:
    """A callback that is opened again succeeds too."""
    step = await browser.start_sign_in(server)
    back = await browser.sign_in(step["url"])
    assert await browser.get_callback(back) == await browser.get_callback(back) == 200
    await hass.async_block_till_done()
    assert hass.config_entries.async_entries(DOMAIN)
    assert server.token_names == [NAME]


async def test_abandoned_sign_in(
    hass: HomeAssistant, browser: FakeBrowser, server: MassServer, entry: MockConfigEntry
) -> None:
    """An abandoned sign-in doesn't prevent another method."""
    server.revoke_token(entry.data[CONF_TOKEN])
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    (asked,) = hass.config_entries.flow.async_progress()
    path = f"{FLOW}/{asked['flow_id']}"
    await browser.post_step(path)
    assert (await browser.post_step(path, next_step_id="browser"))["type"] == "external"
    async_fire_time_changed(hass, dt_util.utcnow() + ABANDONED_FLOW_TIMEOUT + timedelta(seconds=1))
    await hass.async_block_till_done()
    (again,) = hass.config_entries.flow.async_progress()
    assert again["flow_id"] != asked["flow_id"]
    step = await browser.post_step(f"{FLOW}/{again['flow_id']}")
    assert step["menu_options"] == ["browser", "password", "token"]


async def test_not_offered_without_browser(hass: HomeAssistant, server: MassServer) -> None:
    """Without a frontend request the method isn't offered."""
    flow = hass.config_entries.flow
    step = await flow.async_init(DOMAIN, context={"source": "user"}, data={CONF_URL: server.url})
    assert step["menu_options"] == ["password", "token"]


async def test_reauth_on_server_page(
    hass: HomeAssistant,
    server: MassServer,
    browser: FakeBrowser,
    entry: MockConfigEntry,
    coordinator: MusicAssistantCoordinator,
) -> None:
    """A revoked token is replaced in the same way; the rest is kept."""
    before = dict(entry.data)
    entry.async_start_reauth(hass)
    await hass.async_block_till_done()
    (asked,) = hass.config_entries.flow.async_progress()
    path = f"{FLOW}/{asked['flow_id']}"
    assert (await browser.post_step(path))["step_id"] == "sign_in"
    step = await browser.post_step(path, next_step_id="browser")
    await browser.get_callback(await browser.sign_in(step["url"]))
    assert (await browser.get_step(step["flow_id"]))["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert entry.data[CONF_TOKEN] != before[CONF_TOKEN]
    assert {key for key in entry.data if entry.data[key] != before.get(key)} == {
        CONF_TOKEN,
        CONF_CREATED_TOKEN_ID,
        CONF_ORIGIN,
    }
    assert NAME in server.token_names
