"""What dashboards subscribe to, over Home Assistant's websocket."""

from collections.abc import AsyncIterator
from typing import Any

from music_assistant_models.enums import QueueOption
from music_assistant_models.errors import InvalidCommand
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.music_assistant.api.websocket import QueueWindow, compute_changes
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .action_helpers import ALBUM, get_queue_item_ids, get_sent_arguments, start_playback
from .common import Harness, LoopMonitor, wait_until
from .server import MassServer
from .test_devices import create_other_entity

ITEMS = "player_queues/items"


# What differs


def create_window(*items: str, **changes: Any) -> QueueWindow:
    """Return a window with items."""
    rows = {item: {"queue_item_id": item} for item in items}
    fields = {"available": True, "queue_id": "q", "current": 1, "count": len(items), "first": 1}
    return QueueWindow(**{**fields, "rows": rows, **changes})


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (create_window("a", "b"), create_window("a", "b"), {}),
        (create_window("a", "b"), create_window("a", "b", current=2), {"current": 2}),
        (create_window("a", "b"), create_window("b", "a"), {"order": ["b", "a"]}),
        (
            create_window("a", "b"),
            create_window("b", "c", first=2),
            {"first": 2, "order": ["b", "c"], "items": [{"queue_item_id": "c"}]},
        ),
        (
            create_window("a"),
            create_window(rows={"a": {"queue_item_id": "a", "favorite": True}}, count=1),
            {"items": [{"queue_item_id": "a", "favorite": True}]},
        ),
        (create_window("a"), create_window("a", available=False), {"available": False}),
        (create_window("a"), create_window(), {"count": 0, "order": []}),
    ],
)
def test_build_difference(before: QueueWindow, now: QueueWindow, expected: dict[str, Any]) -> None:
    """A difference has only the changed rows and fields."""
    assert compute_changes(before, now) == expected


def test_build_first_difference() -> None:
    """The first difference has the whole window."""
    assert compute_changes(None, create_window("a")) == {
        "available": True,
        "queue_id": "q",
        "current": 1,
        "count": 1,
        "first": 1,
        "revision": 0,
        "order": ["a"],
        "items": [{"queue_item_id": "a"}],
    }


# The players


async def test_players(harness: Harness, hass_ws_client: WebSocketGenerator) -> None:
    """All players are listed, and whether the user may control them."""
    ws = await hass_ws_client(harness.hass)
    await ws.send_json_auto_id({"type": "music_assistant/players/list"})
    players = (await ws.receive_json())["result"]["players"]
    assert {"entity_id": harness.get_entity_id("kueche"), "can_control": True} in players


async def test_players_of_user(
    harness: Harness,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
) -> None:
    """A user gets the players that they may read, and whether they may control them."""
    kitchen, bedroom = harness.get_entity_id("kueche"), harness.get_entity_id("bedroom")
    hass_admin_user.groups = []
    hass_admin_user.mock_policy(
        {"entities": {"entity_ids": {kitchen: True, bedroom: {"read": True}}}}
    )
    ws = await hass_ws_client(harness.hass)
    await ws.send_json_auto_id({"type": "music_assistant/players/list"})
    assert (await ws.receive_json())["result"]["players"] == [
        {"entity_id": bedroom, "can_control": False},
        {"entity_id": kitchen, "can_control": True},
    ]


# A page


class Page:
    """A page that subscribes to a queue, and knows of it what it was told."""

    def __init__(self, ws: MockHAClientWebSocket) -> None:
        """Open it."""
        self.ws = ws
        self.known: dict[str, Any] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.revision = -1

    async def subscribe(self, entity_id: str, **wanted: Any) -> dict[str, Any]:
        """Subscribe to a player's queue; return the answer."""
        await self.ws.send_json_auto_id(
            {"type": "music_assistant/queue/subscribe", "entity_id": entity_id, **wanted}
        )
        answer: dict[str, Any] = await self.ws.receive_json()
        return answer

    async def told(self) -> dict[str, Any]:
        """Wait for the next message and take it in."""
        message = await self.ws.receive_json()
        assert message["type"] == "event"
        changes: dict[str, Any] = message["event"]
        assert changes
        self.items |= {row["queue_item_id"]: row for row in changes.pop("items", ())}
        self.revision = changes.pop("revision", self.revision)
        self.known |= changes
        assert self.known["order"] == [item for item in self.known["order"] if item in self.items]
        return changes

    async def quiet(self) -> None:
        """Make sure that nothing else was said."""
        await self.ws.send_json_auto_id({"type": "ping"})
        assert (await self.ws.receive_json())["type"] == "pong"


@pytest.fixture
async def page(harness: Harness, hass_ws_client: WebSocketGenerator) -> AsyncIterator[Page]:
    """Return a page that is open."""
    ws = await hass_ws_client(harness.hass)
    yield Page(ws)
    await ws.close()


@pytest.fixture
async def open_page(harness: Harness, server: MassServer, page: Page) -> Page:
    """Return a page that shows the kitchen's queue, which plays its fifth item."""
    start_playback(server)
    server.playback.play_index(server.queues["kueche"], 4)
    await harness.wait_for_events()
    assert (await page.subscribe(harness.get_entity_id("kueche"), before=1, after=3))["success"]
    await page.told()
    return page


async def test_first_window(open_page: Page, server: MassServer) -> None:
    """The first message has the window around the current item."""
    known, items = open_page.known, open_page.items
    assert known == {
        "available": True,
        "queue_id": "kueche",
        "current": 5,
        "count": 16,
        "first": 4,
        "order": get_queue_item_ids(server)[3:8],
    }
    assert [items[item]["media_content_id"] for item in known["order"]] == [
        item.uri for item in server.queue_items["kueche"][3:8]
    ]
    assert "position" not in items[known["order"][0]]


async def test_next_item(open_page: Page, server: MassServer) -> None:
    """The window moves with the current item, and only the new row is sent."""
    before = set(open_page.items)
    server.playback.skip_to_next(server.queues["kueche"])
    changes = await open_page.told()
    assert changes == {"current": 6, "first": 5, "order": get_queue_item_ids(server)[4:9]}
    assert set(open_page.items) - before == {get_queue_item_ids(server)[8]}
    await open_page.quiet()


async def test_move_in_window(open_page: Page, server: MassServer) -> None:
    """An item that moved within the window changes only the order."""
    items = server.queue_items["kueche"]
    items.insert(5, items.pop(7))
    server.playback.send_queue(server.queues["kueche"], items=True)
    assert await open_page.told() == {"order": get_queue_item_ids(server)[3:8]}


async def test_move_outside_of_window(open_page: Page, server: MassServer) -> None:
    """An item that moved outside of the window changes only the revision."""
    items = server.queue_items["kueche"]
    items.insert(12, items.pop(14))
    server.playback.send_queue(server.queues["kueche"], items=True)
    revision = open_page.revision
    assert await open_page.told() == {}
    assert open_page.revision > revision


async def test_burst_of_changes(open_page: Page, server: MassServer) -> None:
    """Many changes in one turn of the loop cause one read and one message."""
    reads = len(get_sent_arguments(server, ITEMS))
    for _ in range(5):
        del server.queue_items["kueche"][-1]
        server.playback.send_queue(server.queues["kueche"], items=True)
    assert await open_page.told() == {"count": 11}
    await open_page.quiet()
    assert len(get_sent_arguments(server, ITEMS)) == reads + 1


async def test_changes_during_read(open_page: Page, server: MassServer) -> None:
    """Changes during a read cause another one afterwards."""
    queue, items = server.queues["kueche"], server.queue_items["kueche"]
    reads = len(get_sent_arguments(server, ITEMS))
    server.faults.delay_command(ITEMS, 0.1)
    del items[-1]
    server.playback.send_queue(queue, items=True)
    await wait_until(lambda: len(get_sent_arguments(server, ITEMS)) == reads + 1)
    for _ in range(3):
        del items[-1]
        server.playback.send_queue(queue, items=True)
    while open_page.known["count"] != 12:
        await open_page.told()
    await open_page.quiet()
    assert len(get_sent_arguments(server, ITEMS)) == reads + 2


async def test_position_events(harness: Harness, open_page: Page, server: MassServer) -> None:
    """Events that don't change the window cause no read and no message."""
    reads = len(get_sent_arguments(server, ITEMS))
    server.playback.seek(server.queues["kueche"], 100)
    server.playback.pause(server.queues["kueche"])
    await harness.wait_for_events()
    await open_page.quiet()
    assert len(get_sent_arguments(server, ITEMS)) == reads


async def test_clear_and_fill(open_page: Page, server: MassServer) -> None:
    """An empty queue and the items added afterwards are sent."""
    queue = server.queues["kueche"]
    server.playback.clear_queue(queue)
    changes = await open_page.told()
    assert (changes["order"], changes["count"], changes["current"]) == ([], 0, None)
    server.playback.add_items(queue, server.library.get_playable_items(ALBUM), QueueOption.REPLACE)
    await open_page.told()
    assert open_page.known["order"] == get_queue_item_ids(server)[:4]


async def test_group_member(harness: Harness, open_page: Page, server: MassServer) -> None:
    """The queue that plays on the player is sent, also that of its leader."""
    start_playback(server, "downstairs")
    while open_page.known["queue_id"] != "downstairs":
        await open_page.told()
    while open_page.known["order"] != get_queue_item_ids(server, "downstairs")[:4]:
        await open_page.told()
    del server.queue_items["downstairs"][-1]
    server.playback.send_queue(server.queues["downstairs"], items=True)
    assert await open_page.told() == {"count": 15}


async def test_own_queue(harness: Harness, page: Page, server: MassServer) -> None:
    """The player's own queue is sent on request, also while the player is in a group."""
    queue = server.queues["kueche"]
    server.playback.add_items(queue, server.library.get_playable_items(ALBUM)[:2], QueueOption.ADD)
    start_playback(server, "downstairs")
    await harness.wait_for_events()
    await page.subscribe(harness.get_entity_id("kueche"), queue="own")
    await page.told()
    assert (page.known["queue_id"], page.known["order"]) == ("kueche", get_queue_item_ids(server))


async def test_source_without_queue(harness: Harness, page: Page, server: MassServer) -> None:
    """A player that plays a source of its own has no queue."""
    server.playback.play_source(server.players["cinema"], "hdmi1")
    await harness.wait_for_events()
    await page.subscribe(harness.get_entity_id("cinema"))
    assert (await page.told())["queue_id"] is None
    assert page.known["order"] == []


async def test_changes_during_first_read(harness: Harness, page: Page, server: MassServer) -> None:
    """Changes during the first read are sent right after it."""
    start_playback(server)
    await harness.wait_for_events()
    server.faults.delay_command(ITEMS, 0.1)
    asked = harness.hass.async_create_task(page.subscribe(harness.get_entity_id("kueche")))
    await wait_until(lambda: get_sent_arguments(server, ITEMS))
    server.playback.skip_to_next(server.queues["kueche"])
    await asked
    assert (await page.told())["current"] == 1
    assert (await page.told())["current"] == 2


# Coming and going


async def test_unsubscribe_during_first_read(
    harness: Harness, page: Page, server: MassServer
) -> None:
    """Unsubscribing during the first read leaves no listener."""
    start_playback(server)
    await harness.wait_for_events()
    server.faults.delay_command(ITEMS, 0.1)
    entity_id = harness.get_entity_id("kueche")
    message = {"type": "music_assistant/queue/subscribe", "entity_id": entity_id}
    await page.ws.send_json_auto_id(message)
    await wait_until(lambda: get_sent_arguments(server, ITEMS))
    await page.ws.close()
    await wait_until(lambda: not harness.coordinator.listeners.queue_items)
    await harness.wait_for_events()
    assert not harness.coordinator.listeners.refreshed


async def test_unsubscribe_during_read(
    harness: Harness, open_page: Page, server: MassServer
) -> None:
    """A read is cancelled when its subscription ends."""
    server.faults.ignore_command(ITEMS)
    reads = len(get_sent_arguments(server, ITEMS))
    server.playback.skip_to_next(server.queues["kueche"])
    await wait_until(lambda: len(get_sent_arguments(server, ITEMS)) > reads)
    await open_page.ws.close()
    await wait_until(lambda: not harness.coordinator.listeners.queue_items)


async def test_unavailable_player(open_page: Page, server: MassServer) -> None:
    """An unavailable player is reported, and its return."""
    server.update_player("kueche", available=False)
    assert await open_page.told() == {"available": False}
    server.update_player("kueche", available=True)
    assert await open_page.told() == {"available": True}


async def test_removed_player(open_page: Page, server: MassServer) -> None:
    """A removed player is reported."""
    server.remove_player("kueche")
    assert await open_page.told() == {"available": False}


async def test_reconnect(harness: Harness, open_page: Page, server: MassServer) -> None:
    """The queue is read again after a reconnect."""
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    items = server.queue_items["kueche"]
    items.insert(5, items.pop(7))
    await server.faults.open_port()
    await harness.wait_for_reconnect()
    assert await open_page.told() == {"order": get_queue_item_ids(server)[3:8]}


async def test_long_disconnect(
    harness: Harness, open_page: Page, server: MassServer, loop_monitor: LoopMonitor
) -> None:
    """A disconnect that outlasts the grace period is reported, and its end."""
    with loop_monitor.skip_idle_time():
        await server.faults.close_port()
        await server.faults.disconnect_clients()
        assert await open_page.told() == {"available": False}
        await server.faults.open_port()
        assert await open_page.told() == {"available": True}
        await harness.wait_for_reconnect()


async def test_reload(harness: Harness, open_page: Page, server: MassServer) -> None:
    """The subscription continues after a reload of the entry."""
    entries = harness.hass.config_entries
    await entries.async_unload(harness.entry.entry_id)
    assert await open_page.told() == {"available": False}
    await entries.async_setup(harness.entry.entry_id)
    assert await open_page.told() == {"available": True}
    server.playback.skip_to_next(server.queues["kueche"])
    assert (await open_page.told())["current"] == 6


@pytest.mark.parametrize("closes", [True, False])
async def test_closed_connection(
    harness: Harness, open_page: Page, server: MassServer, closes: bool
) -> None:
    """Nothing is read after the connection or the subscription ended."""
    coordinator = harness.coordinator
    if closes:
        await open_page.ws.close()
    else:
        await open_page.ws.send_json_auto_id({"type": "unsubscribe_events", "subscription": 1})
        assert (await open_page.ws.receive_json())["success"]
    await wait_until(
        lambda: not coordinator.listeners.queue_items and not coordinator.listeners.refreshed
    )
    reads = len(get_sent_arguments(server, ITEMS))
    server.playback.skip_to_next(server.queues["kueche"])
    await harness.wait_for_events()
    assert len(get_sent_arguments(server, ITEMS)) == reads


async def test_failed_read(harness: Harness, open_page: Page, server: MassServer) -> None:
    """A failed read is repeated at the next change."""
    server.faults.fail_command(ITEMS)
    reads = len(get_sent_arguments(server, ITEMS))
    server.playback.skip_to_next(server.queues["kueche"])
    await wait_until(lambda: len(get_sent_arguments(server, ITEMS)) > reads)
    await harness.wait_for_events()
    server.faults.clear()
    server.playback.skip_to_next(server.queues["kueche"])
    assert (await open_page.told())["current"] == 7


# Who and what is refused


@pytest.mark.parametrize("wrong", ["media_player.none", "light.none", None])
async def test_invalid_entity(harness: Harness, page: Page, wrong: str | None) -> None:
    """An entity that is no player is an error."""
    entity_id = wrong or create_other_entity(harness.hass, "12:34:56:78:9a:bc")
    answer = await page.subscribe(entity_id)
    assert answer["error"]["translation_key"] == "no_player"


async def test_failed_first_read(harness: Harness, page: Page, server: MassServer) -> None:
    """A failed first read leaves no listener."""
    server.faults.fail_command(ITEMS, InvalidCommand.error_code, f"Invalid command: {ITEMS}")
    start_playback(server)
    await harness.wait_for_events()
    answer = await page.subscribe(harness.get_entity_id("kueche"))
    assert answer["error"]["translation_key"] == "server_too_old_for_command"
    assert not harness.coordinator.listeners.queue_items
    assert not harness.coordinator.listeners.refreshed


@pytest.mark.parametrize("wanted", [{"before": 51}, {"after": 201}, {"queue": "other"}])
async def test_window_limits(harness: Harness, page: Page, wanted: dict[str, Any]) -> None:
    """The size of a window is limited."""
    answer = await page.subscribe(harness.get_entity_id("kueche"), **wanted)
    assert answer["error"]["code"] == "invalid_format"


async def create_user_token(hass: HomeAssistant, policy: dict[str, Any]) -> str:
    """Return a token of a user with an entity policy."""
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": policy})
    refresh = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
    return hass.auth.async_create_access_token(refresh)


@pytest.mark.parametrize("allowed", [True, False])
async def test_permission(
    harness: Harness, hass_ws_client: WebSocketGenerator, allowed: bool
) -> None:
    """Subscribing needs the permission to read the entity."""
    entity_id = harness.get_entity_id("kueche")
    registry = er.async_get(harness.hass)
    assert registry.async_get(entity_id)
    policy = {"entity_ids": {entity_id: {"read": True}}} if allowed else {}
    ws = await hass_ws_client(harness.hass, await create_user_token(harness.hass, policy))
    answer = await Page(ws).subscribe(entity_id)
    assert answer["success"] is allowed
    assert allowed or answer["error"]["code"] == "unauthorized"
    await ws.close()
