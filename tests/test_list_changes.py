"""Subscription to changes of the lists that dashboards show."""

from collections.abc import AsyncIterator
from typing import Any

from music_assistant_models.enums import EventType
import pytest
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.music_assistant.api import lists

from .action_helpers import ALL_SCHEMAS, call_action
from .common import Harness
from .server import MassServer

TRACK = "library://track/1"


@pytest.fixture(autouse=True)
def prompt_collecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send changes at once, but for those of the same moment."""
    monkeypatch.setattr(lists, "COLLECTING_TIME", 0.05)


@pytest.fixture
async def ws(
    harness: Harness, hass_ws_client: WebSocketGenerator
) -> AsyncIterator[MockHAClientWebSocket]:
    """Return a page that has subscribed."""
    ws = await hass_ws_client(harness.hass)
    await ws.send_json_auto_id(
        {"type": "music_assistant/lists/subscribe", "entity_id": harness.get_entity_id("kueche")}
    )
    assert (await ws.receive_json())["success"]
    yield ws
    await ws.close()


async def receive_changes(ws: MockHAClientWebSocket) -> list[str]:
    """Return the lists of the next message."""
    message = await ws.receive_json()
    assert message["type"] == "event"
    changed: list[str] = message["event"]["changed"]
    return changed


def announce(server: MassServer, data: Any) -> None:
    """Send an event of a provider."""
    server.send_event(EventType.PROVIDER_EVENT, "library", data)


@ALL_SCHEMAS
async def test_marked_as_played(
    harness: Harness, server: MassServer, ws: MockHAClientWebSocket
) -> None:
    """A change of the play log is told."""
    await call_action(harness, "mark_played", None, media_id=TRACK)
    assert await receive_changes(ws) == ["recently_played"]


async def test_played(harness: Harness, server: MassServer, ws: MockHAClientWebSocket) -> None:
    """An item that has been played is told, one that still plays isn't."""
    data = {"uri": TRACK, "is_playing": True}
    server.send_event(EventType.MEDIA_ITEM_PLAYED, TRACK, data)
    announce(server, {"event": "recommendations_updated"})
    assert await receive_changes(ws) == ["recommendations"]
    server.send_event(EventType.MEDIA_ITEM_PLAYED, TRACK, {**data, "is_playing": False})
    assert await receive_changes(ws) == ["recently_played"]


async def test_changes_are_collected(server: MassServer, ws: MockHAClientWebSocket) -> None:
    """Changes of one moment are told together; what is no list isn't."""
    data: Any
    for data in (None, [], "text", {}, {"event": 3}, {"event": "hosts_updated"}):
        announce(server, data)
    for _ in range(3):
        announce(server, {"event": "recommendations_updated"})
        server.send_event(EventType.PLAYLOG_UPDATED, TRACK, {"uri": TRACK})
    assert await receive_changes(ws) == ["recently_played", "recommendations"]
    await ws.send_json_auto_id({"type": "ping"})
    assert (await ws.receive_json())["type"] == "pong"


async def test_lost_connection(
    harness: Harness, server: MassServer, ws: MockHAClientWebSocket
) -> None:
    """After an outage all lists may have changed."""
    await server.faults.disconnect_clients()
    assert await receive_changes(ws) == ["recently_played", "recommendations"]


async def test_reload(harness: Harness, server: MassServer, ws: MockHAClientWebSocket) -> None:
    """The subscription survives a reload of the entry."""
    await harness.hass.config_entries.async_reload(harness.entry.entry_id)
    assert await receive_changes(ws) == ["recently_played", "recommendations"]
    announce(server, {"event": "recommendations_updated"})
    assert await receive_changes(ws) == ["recommendations"]


async def test_unsubscribe(harness: Harness, server: MassServer, ws: MockHAClientWebSocket) -> None:
    """Nothing listens after the end, also not to what was collected."""
    topics = harness.coordinator.listeners.topics
    before = len(topics)
    announce(server, {"event": "recommendations_updated"})
    await harness.wait_for_events()
    await ws.send_json_auto_id({"type": "unsubscribe_events", "subscription": 1})
    assert (await ws.receive_json())["success"]
    assert len(topics) == before - len(lists.LISTS)


async def test_unknown_player(harness: Harness, hass_ws_client: WebSocketGenerator) -> None:
    """A player that doesn't exist is an error."""
    ws = await hass_ws_client(harness.hass)
    await ws.send_json_auto_id(
        {"type": "music_assistant/lists/subscribe", "entity_id": "media_player.unknown"}
    )
    assert not (await ws.receive_json())["success"]
    await ws.close()
