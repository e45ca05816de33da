"""Repair flows, over HTTP as a browser uses them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, cast

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.entry.issues import async_create_address_issue
from custom_components.music_assistant.entry.tokens import has_created_token
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from .common import LoopMonitor, wait_until
from .http_servers import respond_with, run_http_server
from .server import MassServer
from .translation_texts import MOVED_FIX_FLOW, get_text, render_flow_result

NOWHERE = "http://127.0.0.1:1"
TOKEN = ("issues", "token_expires", "fix_flow")
FIX = "/api/repairs/issues/fix"

type Send = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


@pytest.fixture
async def send(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Send:
    """Return what sends a step to Home Assistant as a browser does."""
    for component in ("auth", "repairs"):
        assert await async_setup_component(hass, component, {})
    browser = await hass_client()

    async def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = await browser.post(path, json=body)
        assert response.status == HTTPStatus.OK
        await hass.async_block_till_done()
        return cast("dict[str, Any]", await response.json())

    return post


@pytest.fixture
async def waiting(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return an entry that waits for its server at an address that it has left."""
    data = {**entry.data, CONF_URL: NOWHERE, "kept": True}
    hass.config_entries.async_update_entry(entry, title="Attic", data=data)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    return entry


def get_address_issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    """Return the issue that offers another address."""
    issues = ir.async_get(hass).issues.values()
    return next((issue for issue in issues if issue.translation_key == "server_moved"), None)


async def start_address_flow(hass: HomeAssistant, send: Send) -> tuple[str, dict[str, Any]]:
    """Start the repair flow of the address issue; return its URL and its first step."""
    issue = get_address_issue(hass)
    assert issue
    step = await send(FIX, {"handler": DOMAIN, "issue_id": issue.issue_id})
    return f"{FIX}/{step['flow_id']}", step


def test_address_issue(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """The issue names the server and both addresses; a newer address replaces it."""
    old = entry.data[CONF_URL]
    async_create_address_issue(hass, entry, "http://one:8095")
    async_create_address_issue(hass, entry, "http://two:8095")
    [issue] = [each for each in ir.async_get(hass).issues.values() if each.domain == DOMAIN]
    assert issue.is_fixable
    assert issue.translation_placeholders == {
        "server": "Music Assistant",
        "old": old,
        "new": "http://two:8095",
    }
    title = get_text("issues", "server_moved", "title").format_map(issue.translation_placeholders)
    assert title == "Music Assistant was found at another address"


async def test_confirm_address(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry, send: Send
) -> None:
    """A confirmation changes only the address, and the entry works again."""
    before = {**waiting.data}
    async_create_address_issue(hass, waiting, server.url)
    path, step = await start_address_flow(hass, send)
    assert (step["type"], step["step_id"]) == ("form", "confirm")
    for part in ("Attic", NOWHERE, server.url):
        assert part in render_flow_result(step, MOVED_FIX_FLOW)
    assert waiting.data == before  # nothing is changed before the answer
    step = await send(path, {})
    assert step["type"] == "create_entry"
    assert waiting.data == {**before, CONF_URL: server.url}
    assert waiting.state is ConfigEntryState.LOADED
    assert get_address_issue(hass) is None


async def test_unencrypted_address_of_another_host(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry, send: Send
) -> None:
    """Over http to another host, the repair says that the token goes there."""
    spoofed = server.url.replace("127.0.0.1", "127.0.0.2")
    async_create_address_issue(hass, waiting, spoofed)
    _, step = await start_address_flow(hass, send)
    assert (step["type"], step["step_id"]) == ("form", "confirm_token")
    for part in (NOWHERE, spoofed, "token"):
        assert part in render_flow_result(step, MOVED_FIX_FLOW)


async def assert_address_refused(
    hass: HomeAssistant, entry: MockConfigEntry, send: Send, url: str, key: str
) -> None:
    """Assert that the repair refuses an address with an error."""
    before = {**entry.data}
    async_create_address_issue(hass, entry, url)
    path, _ = await start_address_flow(hass, send)
    step = await send(path, {})
    assert (step["type"], step["reason"]) == ("abort", key)
    assert render_flow_result(step, MOVED_FIX_FLOW)
    assert entry.data == before
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert get_address_issue(hass)


async def test_address_of_other_server(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry, send: Send
) -> None:
    """An address of another server is refused."""
    server.server_id = "other"
    await assert_address_refused(hass, waiting, send, server.url, "other_server")


async def test_unreachable_address(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry, send: Send
) -> None:
    """An address that can't be reached is refused."""
    await server.faults.close_port()
    await assert_address_refused(hass, waiting, send, server.url, "connection_refused")


async def test_address_of_web_page(
    hass: HomeAssistant, waiting: MockConfigEntry, send: Send
) -> None:
    """An address of a web page is refused."""
    async with run_http_server(respond_with(text="<!doctype html>")) as url:
        await assert_address_refused(hass, waiting, send, url, "not_music_assistant")


async def test_address_of_unsupported_server(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry, send: Send
) -> None:
    """An address of a server that is too new is refused."""
    server.min_supported_schema_version = 1000
    await assert_address_refused(hass, waiting, send, server.url, "server_too_new")


async def test_remove_entry(
    hass: HomeAssistant, server: MassServer, waiting: MockConfigEntry, send: Send
) -> None:
    """The issue is deleted with its entry, and an open repair aborts."""
    async_create_address_issue(hass, waiting, server.url)
    path, _ = await start_address_flow(hass, send)
    await hass.config_entries.async_remove(waiting.entry_id)
    assert get_address_issue(hass) is None
    step = await send(path, {})
    assert (step["type"], step["reason"]) == ("abort", "entry_gone")
    assert render_flow_result(step, MOVED_FIX_FLOW)


async def test_server_at_old_address(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    coordinator: MusicAssistantCoordinator,
) -> None:
    """The issue is deleted when the server answers at its old address."""
    async_create_address_issue(hass, entry, NOWHERE)
    assert get_address_issue(hass)
    await server.faults.disconnect_clients()
    await wait_until(lambda: get_address_issue(hass) is None)
    assert coordinator.mass.connection.connected


# ------------------------------------------------------------------------------------- token


@pytest.fixture
async def ending(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> MockConfigEntry:
    """Return an entry with a token that it was given, and that ends soon."""
    token = server.create_token("demo", "Given", lifetime=timedelta(days=5))
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_TOKEN: token})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: ir.async_get(hass).issues)
    return entry


async def start_token_flow(hass: HomeAssistant, send: Send) -> tuple[str, dict[str, Any]]:
    """Start the repair flow of an expiring token; return its URL and its first step."""
    [issue] = [each for each in ir.async_get(hass).issues.values() if each.domain == DOMAIN]
    assert issue.is_fixable
    step = await send(FIX, {"handler": DOMAIN, "issue_id": issue.issue_id})
    assert "Music Assistant" in render_flow_result(step, TOKEN)
    return f"{FIX}/{step['flow_id']}", step


async def test_confirm_new_token(
    hass: HomeAssistant,
    server: MassServer,
    ending: MockConfigEntry,
    send: Send,
    loop_monitor: LoopMonitor,
) -> None:
    """A confirmation creates our own token, and the pasted one stays."""
    given = ending.data[CONF_TOKEN]
    path, _ = await start_token_flow(hass, send)
    assert ending.data[CONF_TOKEN] == given
    with loop_monitor.skip_idle_time():
        step = await send(path, {})
    assert step["type"] == "create_entry"
    assert has_created_token(ending.data)
    assert server.accounts.resolve_token(given)
    assert not ir.async_get(hass).issues


async def test_token_creation_is_refused(
    hass: HomeAssistant, server: MassServer, ending: MockConfigEntry, send: Send
) -> None:
    """If the server creates no token, the repair shows what to do and the issue stays."""
    path, _ = await start_token_flow(hass, send)
    server.faults.fail_command("auth/token/create", 22, "no more tokens")
    step = await send(path, {})
    assert (step["type"], step["reason"]) == ("abort", "no_token")
    assert "Give that user the right" in render_flow_result(step, TOKEN)
    assert ir.async_get(hass).issues


async def test_token_of_disabled_entry(hass: HomeAssistant, ending: MockConfigEntry) -> None:
    """A disabled entry has no token issue."""
    assert ir.async_get(hass).issues
    disable = hass.config_entries.async_set_disabled_by
    await disable(ending.entry_id, ConfigEntryDisabler.USER)
    assert not ir.async_get(hass).issues


async def test_token_of_unloaded_entry(
    hass: HomeAssistant, ending: MockConfigEntry, send: Send
) -> None:
    """The repair aborts if its entry was unloaded."""
    path, _ = await start_token_flow(hass, send)
    assert await hass.config_entries.async_unload(ending.entry_id)
    step = await send(path, {})
    assert (step["type"], step["reason"]) == ("abort", "not_loaded")
    assert render_flow_result(step, TOKEN)
