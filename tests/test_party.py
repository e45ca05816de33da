"""The page for guests of a party: its QR code, its address, the switch, and the requests."""

import io
from typing import Any

from music_assistant_models.auth import UserRole
from music_assistant_models.enums import EventType
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.server import party as module
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .action_helpers import get_sent_arguments, start_playback
from .common import Harness, wait_until
from .server import MassServer, commands
from .server.party import PLUGIN, create_plugin

KEYS = {
    "image": "party_qr_code",
    "sensor": "party_address",
    "switch": "party_guest_access",
    "event": "party",
}
TRACK = "library://track/1"


@pytest.fixture
def has_plugin() -> bool:
    """Return whether the server has the plugin from the beginning."""
    return True


@pytest.fixture(autouse=True)
def plugin(server: MassServer, has_plugin: bool) -> None:
    """Add the plugin before Home Assistant connects."""
    if has_plugin:
        server.providers[PLUGIN] = create_plugin()


@pytest.fixture(autouse=True)
def enabled(all_enabled: None) -> None:
    """Enable all entities."""


def find_entity_id(harness: Harness, platform: str) -> str | None:
    """Return the entity of a platform."""
    unique_id = f"{harness.server.server_id}_{KEYS[platform]}"
    return er.async_get(harness.hass).async_get_entity_id(platform, DOMAIN, unique_id)


def get_state(harness: Harness, platform: str) -> State:
    """Return the state of the entity of a platform."""
    entity_id = find_entity_id(harness, platform)
    assert entity_id
    state = harness.hass.states.get(entity_id)
    assert state
    return state


async def wait_for_state(harness: Harness, platform: str, expected: str) -> None:
    """Wait until an entity has a state."""
    await wait_until(lambda: get_state(harness, platform).state == expected)


async def set_switch(harness: Harness, service: str) -> None:
    """Turn the switch on or off."""
    await harness.hass.services.async_call(
        "switch", service, {"entity_id": find_entity_id(harness, "switch")}, blocking=True
    )


def get_address(server: MassServer) -> str:
    """Return the address of the page."""
    return f"{server.url}/?join={server.party.code}"


# The page


@pytest.mark.parametrize("schema_version", [46, 98])
async def test_address_and_qr_code(
    harness: Harness, server: MassServer, hass_client: ClientSessionGenerator
) -> None:
    """The QR code is an image that Home Assistant serves; the address is that of the server."""
    await wait_for_state(harness, "sensor", get_address(server))
    assert get_state(harness, "switch").state == STATE_ON
    client = await hass_client()
    answer = await client.get(get_state(harness, "image").attributes["entity_picture"])
    content = await answer.read()
    assert answer.headers["Content-Type"] == "image/png"
    width, height = Image.open(io.BytesIO(content)).size
    assert width == height > 100
    assert content == module.build_qr_code(get_address(server))


def test_qr_code_of_short_address() -> None:
    """A short address doesn't make a micro QR code, which phones can't read."""
    modules = 21 + 2 * 4  # of the smallest code, with its border
    size = Image.open(io.BytesIO(module.build_qr_code("http://a"))).size
    assert size == (modules * module.QR_CODE_SCALE, modules * module.QR_CODE_SCALE)


async def test_defaults(harness: Harness) -> None:
    """The image and the switch are enabled by themselves; address and requests aren't."""
    registry = er.async_get(harness.hass)
    descriptions: dict[str, bool] = {}
    for platform in KEYS:
        entity_id = find_entity_id(harness, platform)
        entity = harness.hass.data["entity_components"][platform].get_entity(entity_id)
        descriptions[platform] = entity.entity_description.entity_registry_enabled_default
        assert registry.async_get(str(entity_id))
    assert descriptions == {"image": True, "switch": True, "sensor": False, "event": False}


async def test_renewal(
    harness: Harness, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that expired is replaced, and the image with it."""
    await wait_for_state(harness, "sensor", get_address(server))
    before = get_state(harness, "image").state
    server.party.code = "join-2"
    monkeypatch.setattr(module, "RENEWAL_INTERVAL", 0.05)
    harness.coordinator.plugins.party.refresh()
    await wait_for_state(harness, "sensor", get_address(server))
    assert get_state(harness, "image").state != before
    server.party.code = "join-3"
    await wait_for_state(harness, "sensor", get_address(server))


async def test_renewal_ends_with_the_last_subscription(
    harness: Harness, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is renewed as long as anything shows it."""
    await wait_for_state(harness, "sensor", get_address(server))
    monkeypatch.setattr(module, "RENEWAL_INTERVAL", 0.05)
    party = harness.coordinator.plugins.party
    party.refresh()
    await harness.wait_for_events()
    party.subscribe()()
    server.party.code = "join-2"
    await wait_for_state(harness, "sensor", get_address(server))
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    assert party._timer
    assert party._timer.cancelled()


async def test_guest_access(harness: Harness, server: MassServer) -> None:
    """Guests are let in and out; without them there is no page."""
    await wait_for_state(harness, "switch", STATE_ON)
    await set_switch(harness, "turn_off")
    await wait_for_state(harness, "switch", STATE_OFF)
    assert get_state(harness, "image").state == STATE_UNAVAILABLE
    assert get_state(harness, "sensor").state == STATE_UNKNOWN
    await set_switch(harness, "turn_on")
    await wait_for_state(harness, "sensor", get_address(server))
    assert [args["values"] for args in get_sent_arguments(server, "config/providers/save")] == [
        {"enable_guest_access": False},
        {"enable_guest_access": True},
    ]


async def test_refused_switch(harness: Harness, server: MassServer) -> None:
    """A switch that the server refuses is a translated error."""
    await wait_for_state(harness, "switch", STATE_ON)
    server.faults.fail_command("config/providers/save", 22)
    with pytest.raises(HomeAssistantError) as raised:
        await set_switch(harness, "turn_off")
    assert raised.value.translation_key == "not_permitted"
    assert get_state(harness, "switch").state == STATE_ON


@pytest.mark.parametrize("role", [UserRole.USER, UserRole.SERVICE])
async def test_no_switch_without_the_right(harness: Harness, role: UserRole) -> None:
    """The switch is only there for a user who may change settings of providers."""
    user = harness.coordinator.connection.client.user
    assert user and module.can_change_guest_access(user)
    user.role = role
    assert not module.can_change_guest_access(user)


async def test_unreadable_address(harness: Harness, server: MassServer) -> None:
    """An error keeps the last address; without the plugin there is none."""
    await wait_for_state(harness, "sensor", get_address(server))
    server.faults.fail_command("party/url", 999)
    harness.coordinator.plugins.party.refresh()
    await harness.wait_for_events()
    assert get_state(harness, "sensor").state == get_address(server)
    server.broken.fail_provider(PLUGIN)
    await wait_for_state(harness, "sensor", STATE_UNAVAILABLE)
    assert get_state(harness, "event").state == STATE_UNAVAILABLE
    server.faults.clear()
    server.broken.restore_provider(PLUGIN)
    await wait_for_state(harness, "sensor", get_address(server))


async def test_connection_lost(harness: Harness, server: MassServer) -> None:
    """The address is read again on a new connection."""
    await wait_for_state(harness, "sensor", get_address(server))
    server.party.code = "join-2"
    await server.faults.disconnect_clients()
    await wait_for_state(harness, "sensor", get_address(server))


@pytest.mark.parametrize("has_plugin", [False])
async def test_without_plugin(harness: Harness, server: MassServer) -> None:
    """Without the plugin there are no entities and no commands; they come with it."""
    await harness.wait_for_events()
    assert [find_entity_id(harness, platform) for platform in KEYS] == [None] * len(KEYS)
    assert not any(command.startswith("party/") for command, _ in server.commands)
    server.providers[PLUGIN] = create_plugin()
    server.broken.set_available(PLUGIN, available=True)
    await wait_until(lambda: all(find_entity_id(harness, platform) for platform in KEYS))
    await wait_for_state(harness, "sensor", get_address(server))


@pytest.mark.parametrize("schema_version", [29])
async def test_older_server(harness: Harness, server: MassServer) -> None:
    """A server that has the plugin, but not the commands, shows no page."""
    await wait_for_state(harness, "switch", STATE_OFF)
    assert get_state(harness, "image").state == STATE_UNAVAILABLE


async def test_unload(harness: Harness, server: MassServer) -> None:
    """After unloading nothing is read."""
    await wait_for_state(harness, "sensor", get_address(server))
    party = harness.coordinator.plugins.party
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    count = len(server.commands)
    party.refresh()
    assert len(server.commands) == count


# Requests


async def request(server: MassServer, command: str, **args: Any) -> None:
    """Request something as a guest."""
    await commands.call_command(server, server.anonymous_caller, command, args)


def get_request(harness: Harness) -> tuple[str | None, str | None]:
    """Return the type of the last request and what was requested."""
    attributes = get_state(harness, "event").attributes
    return attributes.get("event_type"), attributes.get("uri")


async def test_requests(harness: Harness, server: MassServer) -> None:
    """What a guest chooses is an event, and again when it is boosted; what others add isn't."""
    queue = start_playback(server)
    await harness.wait_for_events()
    await request(server, "party/add_to_queue", uri=TRACK)
    await wait_until(lambda: get_request(harness) == ("requested", TRACK))
    attributes = get_state(harness, "event").attributes
    assert attributes["player"] == "Küche"
    assert attributes["entity_id"] == harness.get_entity_id("kueche")
    assert attributes["name"] and attributes["artist"]
    (item,) = [item for item in server.queue_items["kueche"] if item.extra_attributes]
    await request(server, "party/boost_queue_item", queue_item_id=item.queue_item_id)
    await wait_until(lambda: get_request(harness) == ("boosted", TRACK))
    state = get_state(harness, "event").state
    server.send_event(EventType.QUEUE_ITEMS_UPDATED, "kueche", queue)
    await harness.wait_for_events()
    assert get_state(harness, "event").state == state


async def test_earlier_requests(harness: Harness, server: MassServer) -> None:
    """What was requested before the connection isn't new."""
    queue = start_playback(server)
    await request(server, "party/add_to_queue", uri=TRACK)
    await wait_until(lambda: get_request(harness)[0] == "requested")
    state = get_state(harness, "event").state
    await server.faults.disconnect_clients()
    await harness.wait_for_reconnect()
    server.send_event(EventType.QUEUE_ITEMS_UPDATED, "kueche", queue)
    await harness.wait_for_events()
    assert get_state(harness, "event").state == state


async def test_unreadable_queue(harness: Harness, server: MassServer) -> None:
    """A queue that can't be read is read again at the next change."""
    start_playback(server)
    await harness.wait_for_events()
    server.faults.fail_command("player_queues/items")
    await request(server, "party/add_to_queue", uri=TRACK)
    await harness.wait_for_events()
    assert get_request(harness)[0] is None
    server.faults.clear()
    await request(server, "party/add_to_queue", uri="library://track/2")
    await wait_until(lambda: get_request(harness)[0] == "requested")
