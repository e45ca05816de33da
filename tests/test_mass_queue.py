"""What answers in place of mass_queue, as its cards ask for it."""

from base64 import b64decode
from collections.abc import Iterator
import logging
from typing import Any, Final

from music_assistant_models.enums import MediaType
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockUser,
    async_capture_events,
    mock_config_flow,
    mock_integration,
    mock_platform,
)
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.music_assistant.actions import ACTIONS as OWN_ACTIONS
from custom_components.music_assistant.actions.base import ServerAction, TargetAction
from custom_components.music_assistant.const import CONF_MASS_QUEUE, DOMAIN
from custom_components.music_assistant.mass_queue import COMMANDS
from custom_components.music_assistant.mass_queue.actions import ACTIONS, FIELDS, MASS_QUEUE_DOMAIN
from custom_components.music_assistant.mass_queue.events import EVENT_DELAY
from homeassistant import loader
from homeassistant.components import websocket_api
from homeassistant.config_entries import ConfigEntry, ConfigEntryDisabler, ConfigFlow
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import Context, HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import selector
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.setup import async_setup_component

from .action_helpers import (
    call_action,
    call_server_action,
    expect_error,
    get_queue_item_ids,
    get_sent_arguments,
    start_playback,
)
from .common import Harness, LoopMonitor, run_second_server, wait_until
from .server import MassServer

NAMES: Final = frozenset(FIELDS)


async def call(
    harness: Harness, action: str, user: str | None = None, /, **data: Any
) -> dict[str, Any]:
    """Call an action as cards do, and return its response if it has one."""
    services = harness.hass.services
    response = services.supports_response(MASS_QUEUE_DOMAIN, action)
    answer = await services.async_call(
        MASS_QUEUE_DOMAIN,
        action,
        data,
        True,
        Context(user_id=user),
        return_response=response is not SupportsResponse.NONE,
    )
    return answer or {}


async def ask(ws: MockHAClientWebSocket, command: str, **data: Any) -> Any:
    """Send a websocket command and return its result, or its error."""
    await ws.send_json_auto_id({"type": f"{MASS_QUEUE_DOMAIN}/{command}", **data})
    answer = await ws.receive_json()
    return answer["result"] if answer["success"] else answer["error"]


def get_registered(hass: HomeAssistant) -> tuple[set[str], set[str]]:
    """Return the registered actions and websocket commands of mass_queue."""
    commands = hass.data[websocket_api.DOMAIN]
    return (
        set(hass.services.async_services_for_domain(MASS_QUEUE_DOMAIN)),
        {name for name in commands if name.startswith(f"{MASS_QUEUE_DOMAIN}/")},
    )


ALL: Final = (set(NAMES), set(COMMANDS))
NOTHING: Final[tuple[set[str], set[str]]] = (set(), set())


# Registration


async def test_registered(harness: Harness) -> None:
    """Everything is registered, and described without an error in the log."""
    assert get_registered(harness.hass) == ALL


async def test_descriptions(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """Each action is described with its fields, without files of mass_queue."""
    # without a server no platforms are loaded, whose descriptions need more libraries
    data = {CONF_URL: "http://127.0.0.1:1", CONF_TOKEN: "none"}
    MockConfigEntry(domain=DOMAIN, data=data).add_to_hass(hass)
    assert await async_setup_component(hass, DOMAIN, {})
    described = (await async_get_all_descriptions(hass))[MASS_QUEUE_DOMAIN]
    assert "services.yaml" not in caplog.text
    assert {name: tuple(each["fields"]) for name, each in described.items()} == dict(FIELDS)
    for description in described.values():
        assert description["name"]
        assert description["description"]
        for field in description["fields"].values():
            assert field["name"]
            assert field["description"]
            selector(field["selector"])
    entity = described["get_queue_items"]["fields"]["entity"]
    assert (entity["required"], entity["name"]) == (True, "Player")
    assert described["get_queue_items"]["response"] == {"optional": False}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_shared_code(action: Any) -> None:
    """Each action has the handler of our own domain's action."""
    (own,) = [each for each in OWN_ACTIONS if each.name == action.name]
    assert isinstance(own, ServerAction | TargetAction)
    assert own.domain != action.domain
    assert own.supports_response is action.supports_response
    if action.name != "get_queue_items":
        assert (own.handler, own.schema) == (action.handler, action.schema)


async def test_option(harness: Harness, entry: MockConfigEntry) -> None:
    """The option switches it off and on, without another set-up."""
    hass, coordinator = harness.hass, harness.coordinator
    for enabled in (False, True):
        flow = await hass.config_entries.options.async_init(entry.entry_id)
        flow = await hass.config_entries.options.async_configure(
            flow["flow_id"], {"next_step_id": "cards"}
        )
        await hass.config_entries.options.async_configure(
            flow["flow_id"], {CONF_MASS_QUEUE: enabled}
        )
        assert get_registered(hass) == (ALL if enabled else NOTHING)
    assert harness.coordinator is coordinator


async def test_no_entry(harness: Harness) -> None:
    """Nothing is registered for an entry that is disabled or removed."""
    entries, entry_id = harness.hass.config_entries, harness.entry.entry_id
    await entries.async_set_disabled_by(entry_id, ConfigEntryDisabler.USER)
    assert get_registered(harness.hass) == NOTHING
    await entries.async_set_disabled_by(entry_id, None)
    assert get_registered(harness.hass) == ALL
    await entries.async_remove(entry_id)
    assert get_registered(harness.hass) == NOTHING


async def test_one_of_two_entries(harness: Harness) -> None:
    """One entry that wants it is enough."""
    update = harness.hass.config_entries.async_update_entry
    async with run_second_server(harness.hass) as other:
        update(harness.entry, options={CONF_MASS_QUEUE: False})
        assert get_registered(harness.hass) == ALL
        update(other.entry, options={CONF_MASS_QUEUE: False})
        assert get_registered(harness.hass) == NOTHING
        update(harness.entry, options={})
        assert get_registered(harness.hass) == ALL


async def test_stays_during_a_reload(harness: Harness) -> None:
    """An entry that is reloaded keeps it, as does one whose server is away."""
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    assert get_registered(harness.hass) == ALL


# Beside mass_queue


async def handle_other(call: ServiceCall) -> dict[str, Any]:
    """Handle an action of somebody else."""
    return {"of": "somebody else"}


@websocket_api.websocket_command({"type": f"{MASS_QUEUE_DOMAIN}/get_info", "entity_id": str})
@callback
def handle_other_command(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Handle a websocket command of somebody else."""
    connection.send_result(msg["id"], "somebody else")


def register_other(hass: HomeAssistant) -> None:
    """Register an action and a command of mass_queue."""
    hass.services.async_register(
        MASS_QUEUE_DOMAIN, "get_album", handle_other, None, SupportsResponse.ONLY
    )
    websocket_api.async_register_command(hass, handle_other_command)


OTHERS: Final = ({"get_album"}, {f"{MASS_QUEUE_DOMAIN}/get_info"})


@pytest.fixture
def mass_queue(hass: HomeAssistant) -> Iterator[MockConfigEntry]:
    """Return an entry of mass_queue, which registers when it is set up."""

    async def async_setup_entry(hass: HomeAssistant, _entry: ConfigEntry) -> bool:
        register_other(hass)
        return True

    mock_integration(hass, MockModule(MASS_QUEUE_DOMAIN, async_setup_entry=async_setup_entry))
    mock_platform(hass, f"{MASS_QUEUE_DOMAIN}.config_flow", None)
    with mock_config_flow(MASS_QUEUE_DOMAIN, ConfigFlow):
        yield MockConfigEntry(domain=MASS_QUEUE_DOMAIN)


async def is_others(hass: HomeAssistant) -> bool:
    """Return whether the action and the command are somebody else's."""
    answer = await hass.services.async_call(
        MASS_QUEUE_DOMAIN, "get_album", {}, blocking=True, return_response=True
    )
    command = hass.data[websocket_api.DOMAIN][f"{MASS_QUEUE_DOMAIN}/get_info"][0]
    return answer == {"of": "somebody else"} and command is handle_other_command


async def test_mass_queue_is_loaded(
    hass: HomeAssistant, entry: MockConfigEntry, mass_queue: MockConfigEntry
) -> None:
    """Nothing is registered if mass_queue was set up before."""
    mass_queue.add_to_hass(hass)
    assert await hass.config_entries.async_setup(mass_queue.entry_id)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert get_registered(hass) == OTHERS
    assert await is_others(hass)


async def test_mass_queue_has_an_entry(
    hass: HomeAssistant, entry: MockConfigEntry, mass_queue: MockConfigEntry
) -> None:
    """Nothing is registered while there is an entry of mass_queue, set up or not."""
    mass_queue.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert get_registered(hass) == NOTHING
    await hass.config_entries.async_remove(mass_queue.entry_id)
    assert get_registered(hass) == ALL


async def test_mass_queue_is_a_custom_component(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Nothing is registered while its files are there, before it has an entry."""
    (await loader.async_get_custom_components(hass))[MASS_QUEUE_DOMAIN] = mock_integration(
        hass, MockModule(MASS_QUEUE_DOMAIN)
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert get_registered(hass) == NOTHING


@pytest.mark.parametrize("has_entry", [True, False])
async def test_mass_queue_comes_later(
    harness: Harness,
    mass_queue: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    *,
    has_entry: bool,
) -> None:
    """What mass_queue registers afterwards stays, and ours is removed."""
    hass = harness.hass
    caplog.clear()
    if has_entry:
        await hass.config_entries.async_add(mass_queue)
    else:
        register_other(hass)
        assert await async_setup_component(hass, MASS_QUEUE_DOMAIN, {})
    await hass.async_block_till_done()
    assert get_registered(hass) == OTHERS
    assert await is_others(hass)
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_existing_action(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """An action of another integration is neither replaced nor removed."""
    assert await async_setup_component(hass, "websocket_api", {})
    register_other(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert get_registered(hass) == ALL
    assert await is_others(hass)
    hass.config_entries.async_update_entry(entry, options={CONF_MASS_QUEUE: False})
    assert get_registered(hass) == OTHERS
    assert await is_others(hass)


# Actions


@pytest.fixture
async def playing(harness: Harness, server: MassServer) -> Harness:
    """Play an album in the kitchen, from its third track."""
    start_playback(server)
    server.playback.play_index(server.queues["kueche"], 2)
    await harness.wait_for_events()
    return harness


async def get_item_ids(harness: Harness, **data: Any) -> list[str]:
    """Return the ids of the items that are returned of the kitchen's queue."""
    kitchen = harness.get_entity_id("kueche")
    answer = await call(harness, "get_queue_items", entity=kitchen, **data)
    assert list(answer) == [kitchen]
    return [item["queue_item_id"] for item in answer[kitchen]]


# Fields as the cards send them, and the items that they get, counted from the current one
QUEUE_REQUESTS: Final = [
    ({}, slice(None)),  # mediocre
    ({"offset": -1}, slice(None)),  # mass-player-card
    ({"limit_before": 1, "limit_after": 1}, slice(1, 4)),  # its favorites
    ({"limit_before": 5}, slice(None)),  # custom-sonos-card
    ({"limit_before": 0, "limit_after": 2}, slice(2, 5)),  # yet-another-media-player
    ({"limit_before": 20, "limit_after": 120}, slice(None)),  # homeii-music-flow
    ({"limit": 2, "offset": 1}, slice(1, 3)),
    ({"limit_before": -3, "limit_after": 100_000}, slice(2, None)),
]


@pytest.mark.parametrize(("data", "expected"), QUEUE_REQUESTS)
async def test_get_queue_items(
    playing: Harness, server: MassServer, data: dict[str, Any], expected: slice
) -> None:
    """The queue is returned as each card asks for it."""
    assert await get_item_ids(playing, **data) == get_queue_item_ids(server)[expected]


async def test_queue_item(playing: Harness) -> None:
    """An item has all keys of mass_queue, with an image that any browser can fetch."""
    kitchen = playing.get_entity_id("kueche")
    (item, *_) = (await call(playing, "get_queue_items", entity=kitchen))[kitchen]
    assert {
        key: item[key]
        for key in ("media_title", "media_album_name", "media_artist", "media_content_id")
    } == {
        "media_title": "Crème de la brume",
        "media_album_name": "Lanterns at Low Tide",
        "media_artist": "Élodie Marchvent",
        "media_content_id": "library://track/1",
    }
    assert item["favorite"] in (True, False)
    assert item["media_image"].startswith("/api/music_assistant/artwork/")


async def test_no_queue(harness: Harness, server: MassServer) -> None:
    """A player without a queue has no items, which is no error."""
    server.update_player("kueche", active_source="HDMI")
    await harness.wait_for_events()
    assert harness.get_state("kueche").attributes["active_queue"] is None
    assert await get_item_ids(harness) == []


PLAYER_ACTIONS: Final = [
    ("play_queue_item", "player_queues/play_index"),
    ("remove_queue_item", "player_queues/delete_item"),
    ("move_queue_item_up", "player_queues/move_item"),
    ("move_queue_item_down", "player_queues/move_item"),
    ("move_queue_item_next", "player_queues/move_item"),
]


@pytest.mark.parametrize(("action", "command"), PLAYER_ACTIONS)
async def test_queue_item_actions(
    playing: Harness, server: MassServer, action: str, command: str
) -> None:
    """Items are played, moved and removed by their id."""
    item_id = get_queue_item_ids(server)[5]
    kitchen = playing.get_entity_id("kueche")
    with LoopMonitor.of_loop().skip_idle_time():
        await call(playing, action, entity=kitchen, queue_item_id=item_id)
    (arguments,) = get_sent_arguments(server, command)
    assert item_id in arguments.values()
    assert arguments["queue_id"] == "kueche"


async def test_clear_queue_from_here(playing: Harness, server: MassServer) -> None:
    """What comes after the current item and what the player has loaded is removed."""
    kitchen, before = playing.get_entity_id("kueche"), get_queue_item_ids(server)
    await call(playing, "clear_queue_from_here", entity=kitchen)
    kept = get_queue_item_ids(server)
    assert len(kept) < len(before)
    assert kept == before[: len(kept)]


async def test_group_volume(harness: Harness, server: MassServer) -> None:
    """The volume of the group is read and set in percent."""
    entity = harness.get_entity_id("kueche")
    await call(harness, "set_group_volume", entity=entity, volume_level=37)
    (arguments,) = get_sent_arguments(server, "players/cmd/group_volume")
    assert arguments["volume_level"] == 37
    await harness.wait_for_events()
    answer = await call(harness, "get_group_volume", entity=entity)
    assert answer == {"volume_level": server.players["kueche"].group_volume}


async def test_unfavorite(playing: Harness, server: MassServer) -> None:
    """What plays is no longer a favorite."""
    item = server.queue_items["kueche"][2]
    assert item.media_item
    track = server.library.get_item(item.uri)
    track.favorite = True
    await call(playing, "unfavorite_current_item", entity=playing.get_entity_id("kueche"))
    assert track.favorite is False


async def test_get_recommendations(harness: Harness) -> None:
    """Groups with their items are in `response`."""
    answer = await call(
        harness,
        "get_recommendations",
        entity=harness.get_entity_id("kueche"),
        providers=["library"],
    )
    assert list(answer) == ["response"]
    for group in answer["response"]:
        assert {"item_id", "provider", "name", "sort_name", "uri", "icon", "image"} <= group.keys()
        for item in group["items"]:
            assert {"item_id", "name", "sort_name", "uri", "media_type", "image"} <= item.keys()


@pytest.mark.parametrize("kind", ["track", "album", "artist", "playlist", "radio"])
async def test_favorites(harness: Harness, server: MassServer, kind: str) -> None:
    """custom-sonos-card asks for all favorites by the limit 0."""
    items = list(server.library.get_library_items(MediaType(kind)))
    for item in items:
        item.favorite = True
    answer = await call_server_action(
        harness,
        "get_library",
        config_entry_id=harness.entry.entry_id,
        media_type=kind,
        favorite=True,
        limit=0,
    )
    assert len(answer["items"]) == len(items) > 0
    assert {"uri", "name", "image", "media_type"} <= answer["items"][0].keys()


async def test_button_of_a_device(playing: Harness, server: MassServer) -> None:
    """Cards press all buttons of a player's device to make what plays a favorite."""
    entry = er.async_get(playing.hass).async_get(playing.get_entity_id("kueche"))
    assert entry
    before = len(server.commands)
    await playing.hass.services.async_call(
        "button", "press", {"device_id": entry.device_id}, blocking=True
    )
    sent = [command for command, _ in server.commands[before:]]
    assert sent == ["players/add_currently_playing_to_favorites"]


CONTENT: Final = [
    ("get_album_tracks", "library://album/1", "tracks"),
    ("get_artist_tracks", "library://artist/1", "tracks"),
    ("get_playlist_tracks", "library://playlist/1", "tracks"),
    ("get_podcast_episodes", "library://podcast/1", "episodes"),
]


@pytest.mark.parametrize(("action", "uri", "key"), CONTENT)
async def test_content(
    harness: Harness, ws: MockHAClientWebSocket, action: str, uri: str, key: str
) -> None:
    """The content of an item is returned, for the entry id that `get_info` answers."""
    info = await ask(ws, "get_info", entity_id=harness.get_entity_id("kueche"))
    answer = await call(harness, action, uri=uri, config_entry_id=info["entries"]["mass_queue"])
    assert list(answer) == [key]
    assert answer[key]
    keys = {"media_title", "media_content_id", "media_image", "favorite", "duration"}
    keys |= {"release_date"} if key == "episodes" else {"media_album_name", "media_artist"}
    keys |= {"position"} if action == "get_playlist_tracks" else set()
    assert all(keys <= item.keys() for item in answer[key])


@pytest.mark.parametrize("kind", ["album", "artist", "playlist", "podcast"])
async def test_item(harness: Harness, server: MassServer, kind: str) -> None:
    """An item is returned as the server has it."""
    uri, entry_id = f"library://{kind}/1", harness.entry.entry_id
    answer = await call(harness, f"get_{kind}", uri=uri, config_entry_id=entry_id)
    assert (answer["uri"], answer["name"]) == (uri, server.library.get_item(uri).name)


async def test_remove_playlist_tracks(harness: Harness, server: MassServer) -> None:
    """The entry at a position is removed, as a card names it."""
    entry_id = harness.entry.entry_id
    with LoopMonitor.of_loop().skip_idle_time():
        await call(
            harness,
            "remove_playlist_tracks",
            playlist_id="1",
            positions_to_remove=[2],
            config_entry_id=entry_id,
        )
    (arguments,) = get_sent_arguments(server, "music/playlists/remove_playlist_tracks")
    assert arguments["positions_to_remove"] == [2]


# Permissions


async def test_permissions(
    playing: Harness, server: MassServer, hass_read_only_user: MockUser
) -> None:
    """A read-only user gets the queue, and can't change it."""
    user, entity = hass_read_only_user.id, playing.get_entity_id("kueche")
    assert await call(playing, "get_queue_items", user, entity=entity)
    before = get_queue_item_ids(server)
    with pytest.raises(Unauthorized):
        await call(playing, "remove_queue_item", user, entity=entity, queue_item_id=before[5])
    assert get_queue_item_ids(server) == before


# Events


async def test_events(playing: Harness, server: MassServer, loop_monitor: LoopMonitor) -> None:
    """Many changes of a queue are one event, with its id."""
    events = async_capture_events(playing.hass, MASS_QUEUE_DOMAIN)
    for index in (3, 4, 5):
        server.playback.play_index(server.queues["kueche"], index)
    await playing.wait_for_events()
    with loop_monitor.skip_idle_time():
        await loop_monitor.wait_until(lambda: events)
    assert [event.data for event in events] == [
        {"type": "queue_updated", "data": {"queue_id": "kueche"}}
    ]


async def test_event_of_items(
    playing: Harness, server: MassServer, loop_monitor: LoopMonitor
) -> None:
    """A change of the items is an event, too."""
    events = async_capture_events(playing.hass, MASS_QUEUE_DOMAIN)
    item_id = get_queue_item_ids(server)[5]
    await call(
        playing,
        "remove_queue_item",
        entity=playing.get_entity_id("kueche"),
        queue_item_id=item_id,
    )
    with loop_monitor.skip_idle_time():
        await loop_monitor.wait_until(lambda: events)
    assert events[0].data["data"] == {"queue_id": "kueche"}


async def test_no_events(playing: Harness, server: MassServer, loop_monitor: LoopMonitor) -> None:
    """There are no events without the option, and none after the entry is unloaded."""
    hass, entries = playing.hass, playing.hass.config_entries
    events = async_capture_events(hass, MASS_QUEUE_DOMAIN)
    entries.async_update_entry(playing.entry, options={CONF_MASS_QUEUE: False})
    server.playback.play_index(server.queues["kueche"], 3)
    await playing.wait_for_events()
    entries.async_update_entry(playing.entry, options={CONF_MASS_QUEUE: True})
    server.playback.play_index(server.queues["kueche"], 4)
    await playing.wait_for_events()
    await entries.async_unload(playing.entry.entry_id)
    with loop_monitor.skip_idle_time():
        ends = loop_monitor.time() + 2 * EVENT_DELAY
        await loop_monitor.wait_until(lambda: loop_monitor.time() > ends)
    assert events == []


# Websocket commands


async def test_get_info(harness: Harness, server: MassServer, ws: MockHAClientWebSocket) -> None:
    """What mass-player-card reads of a player, with all keys of mass_queue."""
    info = await ask(ws, "get_info", entity_id=harness.get_entity_id("kueche"))
    player, entry_id = server.players["kueche"], harness.entry.entry_id
    assert info.pop("server")["connection"] == {
        "url": harness.coordinator.mass.server_info.base_url,  # type: ignore[union-attr]
        "websocket": harness.coordinator.mass.connection.ws_server_url,
    }
    assert set(info.pop("can_group_with")) <= server.players.keys() - {"kueche"}
    assert info.pop("features") == sorted(player.supported_features)
    device = info.pop("connection")
    assert device["configuration_url"].startswith(server.url)
    assert device["url"] == player.device_info.ip_address
    assert info == {
        "available": True,
        "entries": {"music_assistant": entry_id, "mass_queue": entry_id},
        "manufacturer": player.device_info.manufacturer,
        "model": player.device_info.model,
        "name": player.name,
        "player_id": "kueche",
        "provider": player.provider,
        "queue_id": "kueche",
        "synced_to": None,
        "type": "player",
    }


async def test_groupable_players(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """A provider id is replaced by its players, as in the entity's attribute."""
    entity_ids = {
        player_id: harness.get_entity_id(player_id) for player_id in harness.device_player_ids
    }
    found = 0
    for entity_id in entity_ids.values():
        info = await ask(ws, "get_info", entity_id=entity_id)
        expected = harness.states[entity_id].attributes.get("can_group_with")
        if expected is not None:
            assert {entity_ids[one] for one in info["can_group_with"]} == set(expected)
            found += len(expected)
    assert found


async def test_info_while_disconnected(
    harness: Harness, server: MassServer, ws: MockHAClientWebSocket, loop_monitor: LoopMonitor
) -> None:
    """The information of a player is returned as unavailable while its server is away."""
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: not harness.coordinator.available)
    info = await ask(ws, "get_info", entity_id=harness.get_entity_id("kueche"))
    assert (info["available"], info["player_id"]) == (False, "kueche")


@pytest.mark.parametrize("entity_id", ["media_player.nobody", "light.kitchen"])
async def test_info_of_other_entity(ws: MockHAClientWebSocket, entity_id: str) -> None:
    """An entity that is no player is an error."""
    error = await ask(ws, "get_info", entity_id=entity_id)
    assert error["translation_key"] == "no_player"


async def test_info_permission(
    harness: Harness, hass_ws_client: WebSocketGenerator, hass_admin_user: MockUser
) -> None:
    """A player that the user may not read is an error."""
    hass_admin_user.groups = []
    ws = await hass_ws_client(harness.hass)
    error = await ask(ws, "get_info", entity_id=harness.get_entity_id("kueche"))
    assert error["code"] == "unauthorized"


# Images


def is_image(answer: Any) -> bool:
    """Return whether an answer is an encoded image."""
    prefix, _, data = str(answer).partition(",")
    return prefix == "data:image;base64" and len(b64decode(data)) > 100


@pytest.mark.parametrize("schema_version", [29, 98])
async def test_encode_images_of_the_server(
    playing: Harness, ws: MockHAClientWebSocket, loop_monitor: LoopMonitor
) -> None:
    """Images of answers are fetched and encoded, by each of their addresses."""
    entity = playing.get_entity_id("kueche")
    (item, *_) = (await call(playing, "get_queue_items", entity=entity))[entity]
    response = await call_action(playing, "get_queue")
    picture = response[entity]["current_item"]["media_item"]["image"]
    for url in (item["media_image"], f"https://ha.example{item['media_image']}", picture):
        assert is_image(await ask(ws, "download_and_encode_image", url=url))


STRANGE_URLS: Final = [
    "http://127.0.0.1/secret.png",
    "http://127.0.0.1:{port}/info",
    "http://127.0.0.1:{port}/imageproxy?provider=builtin&path=http%253A%252F%252F127.0.0.1%252Fx",
    "http://127.0.0.1:{port}/imageproxy?provider=builtin&path=http%3A%2F%2F127.0.0.1%2Fx",
    "http://elsewhere.example/imageproxy?provider=builtin&path=x",
    "/api/music_assistant/artwork/x/256/00000000/YQ",
    "/api/music_assistant/artwork/x/y",
    "/imageproxy?path=x",
    "file:///etc/passwd",
    "http://[",
    "",
    "data:image;base64,AAAA",
]


@pytest.mark.parametrize("url", STRANGE_URLS)
async def test_other_addresses(
    harness: Harness, server: MassServer, ws: MockHAClientWebSocket, url: str
) -> None:
    """Any other address that a page names is not fetched."""
    url = url.format(port=server.port)
    error = await ask(ws, "download_and_encode_image", url=url)
    assert error["translation_key"] == "image_not_known"


async def test_missing_image(
    harness: Harness, server: MassServer, ws: MockHAClientWebSocket
) -> None:
    """An image that the server doesn't have is an error."""
    url = f"{server.url}/imageproxy?provider=builtin&path=nothing"
    error = await ask(ws, "download_and_encode_image", url=url)
    assert error["translation_key"] == "image_unavailable"


async def test_encode_images(
    playing: Harness, server: MassServer, ws: MockHAClientWebSocket
) -> None:
    """Images of items are encoded, each if it is one of the server."""
    album = await call(playing, "get_album", uri="library://album/1")
    (image, *_) = album["metadata"]["images"]
    foreign = {"path": "http://127.0.0.1/x.png", "provider": "builtin"}
    images = [image, foreign, {**foreign, "remotely_accessible": True}, {"path": 5}, {}]
    answer = await ask(
        ws, "encode_images", entity_id=playing.get_entity_id("kueche"), images=images
    )
    encoded = [each.pop("encoded") for each in answer]
    assert answer == images
    assert is_image(encoded[0])
    assert encoded[1:] == [None] * 4


# Users


async def test_get_user_info(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """An administrator gets a user of the server."""
    entity_id = harness.get_entity_id("kueche")
    user = await ask(ws, "get_user_info", entity_id=entity_id, username="demo")
    assert (user["username"], user["role"]) == ("demo", "admin")
    error = await ask(ws, "get_user_info", entity_id=entity_id, username="nobody")
    assert error["translation_key"] == "unknown_server_user"


async def test_user_info_permission(
    harness: Harness, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    """Only administrators get users of the server."""
    ws = await hass_ws_client(harness.hass, hass_read_only_access_token)
    entity_id = harness.get_entity_id("kueche")
    error = await ask(ws, "get_user_info", entity_id=entity_id, username="demo")
    assert error["code"] == "unauthorized"


# Commands


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("music/item_by_uri", {"uri": "library://track/1"}),
        ("music/playlists/library_items", {"limit": 5, "search": "a"}),
        (
            "music/playlists/add_playlist_tracks",
            {"db_playlist_id": "1", "uris": ["library://track/1"]},
        ),
        ("music/search", {"search_query": "a"}),
    ],
)
@pytest.mark.parametrize("by_own_name", [True, False])
async def test_permitted_commands(
    harness: Harness,
    server: MassServer,
    hass_admin_user: MockUser,
    *,
    by_own_name: bool,
    command: str,
    data: dict[str, Any],
) -> None:
    """A user who controls one player may send the commands of cards."""
    kitchen = harness.get_entity_id("kueche")
    hass_admin_user.groups = []
    hass_admin_user.mock_policy({"entities": {"entity_ids": {kitchen: True}}})
    action = call_server_action if by_own_name else call
    fields = {"command": command, "data": data, "config_entry_id": harness.entry.entry_id}
    answer = await action(harness, "send_command", hass_admin_user.id, **fields)
    assert list(answer) == ["response"]
    assert get_sent_arguments(server, command) == [data]


@pytest.mark.parametrize(
    ("command", "data", "policy"),
    [
        ("music/playlists/update", {}, True),
        ("players/all", {}, True),
        ("music/search", {"search_query": "a", "user": "kim"}, True),
        ("music/search", {"search_query": "a"}, {"read": True}),
    ],
)
async def test_administrator_commands(
    harness: Harness,
    server: MassServer,
    hass_admin_user: MockUser,
    *,
    command: str,
    data: dict[str, Any],
    policy: bool | dict[str, bool],
) -> None:
    """All other commands need an administrator, and a read-only user may send none."""
    kitchen = harness.get_entity_id("kueche")
    hass_admin_user.groups = []
    hass_admin_user.mock_policy({"entities": {"entity_ids": {kitchen: policy}}})
    before = len(server.commands)
    action = call(harness, "send_command", hass_admin_user.id, command=command, data=data)
    await expect_error("administrators_only", action)
    assert server.commands[before:] == []
