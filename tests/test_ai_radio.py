"""Hosts of AI Radio, who talk between the tracks of a queue."""

from typing import Any

from music_assistant_models.media_items import ProviderMapping, Radio
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.server.ai_radio import parse_hosts
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .action_helpers import call_action, call_server_action, get_kitchen_entity, get_sent_arguments
from .common import Harness, wait_until
from .server import MassServer
from .server.ai_radio import PLUGIN, create_plugin

SET, STATUS = "ai_radio/queue_dj/set", "ai_radio/queue_dj/status"
NEW = pytest.mark.parametrize("schema_version", [84, 98])


@pytest.fixture
def schema_version() -> int:
    """Return the schema version of a server that has the plugin."""
    return 98


@pytest.fixture
def has_plugin() -> bool:
    """Return whether the server has the plugin from the beginning."""
    return True


@pytest.fixture(autouse=True)
def plugin(server: MassServer, has_plugin: bool) -> None:
    """Add the plugin before Home Assistant connects."""
    if has_plugin:
        server.providers[PLUGIN] = create_plugin()


def find_entity_id(harness: Harness, player_id: str = "kueche") -> str | None:
    """Return the select of a player."""
    return er.async_get(harness.hass).async_get_entity_id("select", DOMAIN, f"{player_id}_queue_dj")


def get_state(harness: Harness, player_id: str = "kueche") -> State:
    """Return the state of the select of a player."""
    entity_id = find_entity_id(harness, player_id)
    assert entity_id
    state = harness.hass.states.get(entity_id)
    assert state
    return state


async def wait_for_state(harness: Harness, expected: str, player_id: str = "kueche") -> None:
    """Wait until the select of a player has a state."""
    await wait_until(lambda: get_state(harness, player_id).state == expected)


async def select(harness: Harness, option: str, player_id: str = "kueche") -> None:
    """Select a host."""
    data = {"entity_id": find_entity_id(harness, player_id), "option": option}
    await harness.hass.services.async_call("select", "select_option", data, blocking=True)


@NEW
async def test_select_host(harness: Harness, server: MassServer) -> None:
    """A host is selected for one queue and sent off again, by us and by others."""
    await wait_for_state(harness, "off")
    assert get_state(harness).attributes["options"] == ["off", "Nova", "Rex"]
    await select(harness, "Rex")
    await wait_for_state(harness, "Rex")
    assert server.ai_radio.queues == {"kueche": "rex"}
    assert get_state(harness, "buero").state == "off"
    server.ai_radio.queues["buero"] = "nova"
    server.ai_radio.announce("queue_dj_updated")
    await wait_for_state(harness, "Nova", "buero")
    await select(harness, "off")
    await wait_for_state(harness, "off")
    assert [args["host_id"] for args in get_sent_arguments(server, SET)] == ["rex", None]


async def test_hosts_change(harness: Harness, server: MassServer) -> None:
    """New hosts are choices; one that was removed is off."""
    await wait_for_state(harness, "off")
    await select(harness, "Rex")
    server.ai_radio.hosts = {"nova": "Nova", "luna": "Luna"}
    server.ai_radio.announce("hosts_updated")
    await wait_until(lambda: get_state(harness).attributes["options"] == ["off", "Luna", "Nova"])
    assert get_state(harness).state == "off"


async def test_reads_are_shared(harness: Harness, server: MassServer) -> None:
    """All players share one read of the hosts."""
    await wait_for_state(harness, "off")
    assert len(get_sent_arguments(server, STATUS)) == 1


async def test_refused(harness: Harness, server: MassServer) -> None:
    """A refusal is a translated error."""
    await wait_for_state(harness, "off")
    server.faults.fail_command(SET, 22)
    with pytest.raises(HomeAssistantError) as raised:
        await select(harness, "Rex")
    assert raised.value.translation_key == "not_permitted"
    assert get_state(harness).state == "off"


@pytest.mark.parametrize("answer", [None, 3, [{"name": "no id"}], {"kueche": {}}])
async def test_odd_answers(harness: Harness, server: MassServer, answer: Any) -> None:
    """Without hosts that can be read the select is unavailable, until they can."""
    await wait_for_state(harness, "off")
    server.faults.set_response("ai_radio/hosts/list", answer)
    server.ai_radio.announce("hosts_updated")
    await wait_for_state(harness, STATE_UNAVAILABLE)
    server.faults.clear()
    server.ai_radio.announce("hosts_updated")
    await wait_for_state(harness, "off")


async def test_connection_lost(harness: Harness, server: MassServer) -> None:
    """The hosts are read again on a new connection."""
    await wait_for_state(harness, "off")
    server.ai_radio.queues["kueche"] = "nova"
    await server.faults.disconnect_clients()
    await wait_for_state(harness, "Nova")


@pytest.mark.parametrize("has_plugin", [False])
async def test_without_plugin(harness: Harness, server: MassServer) -> None:
    """Without the plugin there are no selects and no commands; they come with it."""
    await harness.wait_for_events()
    assert find_entity_id(harness) is None
    assert not any(command.startswith("ai_radio/") for command, _ in server.commands)
    server.providers[PLUGIN] = create_plugin()
    server.broken.set_available(PLUGIN, available=True)
    await wait_until(lambda: find_entity_id(harness))
    await wait_for_state(harness, "off")
    server.broken.fail_provider(PLUGIN)
    await wait_for_state(harness, STATE_UNAVAILABLE)


@pytest.mark.parametrize("schema_version", [46])
async def test_older_server(harness: Harness) -> None:
    """A server without the commands has no hosts."""
    await harness.wait_for_events()
    assert get_state(harness).state == STATE_UNAVAILABLE


def test_hosts_of_one_name() -> None:
    """Hosts of the same name can be told apart."""
    answer = [{"id": "a", "name": "Kim"}, {"id": "b", "name": "Kim"}, {"id": "c", "name": "Lee"}]
    assert parse_hosts(answer) == {"Kim (a)": "a", "Kim (b)": "b", "Lee": "c"}


@NEW
async def test_stations(harness: Harness, server: MassServer) -> None:
    """Stations are radio stations of the library: they are listed, found and played by name."""
    station = Radio(
        item_id="900",
        provider="library",
        name="Morning Show",
        is_dynamic=True,
        provider_mappings={
            ProviderMapping(item_id="show", provider_domain=PLUGIN, provider_instance=PLUGIN)
        },
    )
    server.library.add_item(station)
    browsed = await get_kitchen_entity(harness).async_browse_media("music", "radio")
    assert station.name in [child.title for child in browsed.children or ()]
    found = await call_server_action(harness, "search", None, name=station.name)
    assert [item["uri"] for item in found["radio"]] == [station.uri]
    await call_action(harness, "play_media", media_id=station.name)
    assert get_sent_arguments(server, "player_queues/play_media")[-1]["media"] == [station.uri]
