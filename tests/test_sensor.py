"""Sensors."""

from music_assistant_models.enums import ContentType, EventType, RepeatMode
from music_assistant_models.media_items import AudioFormat
from music_assistant_models.streamdetails import StreamDetails
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entry import devices
from custom_components.music_assistant.updates.availability import CONNECTION_GRACE_PERIOD
from homeassistant.const import MAX_LENGTH_STATE_STATE, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .action_helpers import start_playback
from .common import Harness, LoopMonitor, create_entry, wait_until
from .server import MassServer

KITCHEN = "kueche"
ALBUM = "library://album/1"
VERSION = "sensor.music_assistant_server_version"


def get_state(harness: Harness, entity_id: str) -> str | None:
    """Return the state of an entity."""
    state = harness.hass.states.get(entity_id)
    return state.state if state else None


def get_server_device(harness: Harness) -> dr.DeviceEntry:
    """Return the server's device."""
    device = dr.async_get(harness.hass).async_get_device_by_identifier(
        (DOMAIN, harness.server.server_id), harness.entry.entry_id
    )
    assert device
    return device


async def test_server_device(harness: Harness) -> None:
    """The server has its own service device."""
    device = get_server_device(harness)
    assert device.entry_type is DeviceEntryType.SERVICE
    assert device.name == harness.entry.title
    assert device.sw_version == get_state(harness, VERSION) == harness.server.server_version
    assert device.configuration_url == harness.server.url
    assert harness.server.server_id not in devices.get_player_names(harness.hass, harness.entry)
    await harness.coordinator.store.async_remove_stale_players()
    assert get_server_device(harness)


async def test_server_device_is_kept(harness: Harness, hass_ws_client: WebSocketGenerator) -> None:
    """The server's device is only removed with its entry."""
    assert await async_setup_component(harness.hass, "config", {})
    client = await hass_ws_client(harness.hass)
    assert not (await client.remove_device(get_server_device(harness).id))["success"]


async def test_server_version(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """The device has the version of the server after an update."""
    harness.server.schema_version = 45
    assert harness.server.server_version != get_state(harness, VERSION)
    with loop_monitor.skip_idle_time():
        await harness.server.faults.close_port()
        await harness.server.faults.disconnect_clients()
        await wait_until(
            lambda: get_state(harness, VERSION) == STATE_UNAVAILABLE, CONNECTION_GRACE_PERIOD + 1
        )
        await harness.server.faults.open_port()
        await harness.wait_for_reconnect(60)
    assert (
        get_state(harness, VERSION)
        == get_server_device(harness).sw_version
        == harness.server.server_version
    )


# ------------------------------------------------------------------------------------- players


def get_sensor(harness: Harness, player_id: str, key: str) -> State:
    """Return the state of a player's sensor."""
    unique_id = f"{player_id}_{key}"
    entity_id = er.async_get(harness.hass).async_get_entity_id("sensor", DOMAIN, unique_id)
    assert entity_id
    state = harness.hass.states.get(entity_id)
    assert state
    return state


@pytest.mark.usefixtures("all_enabled")
async def test_queue_sensors(harness: Harness) -> None:
    """The sensors of next track and queue position follow the queue."""
    await harness.call_action(
        "play_media", KITCHEN, media_content_id=ALBUM, media_content_type="album"
    )
    items = harness.server.queue_items[KITCHEN]
    for index in (0, 1):
        await harness.wait_for_events()
        assert get_sensor(harness, KITCHEN, "queue_position").state == f"{index + 1}"
        media = items[index + 1].media_item
        assert media
        await wait_for_next_track(harness, media.name)
        following = get_sensor(harness, KITCHEN, "next_track")
        assert following.attributes["uri"] == items[index + 1].uri
        assert get_sensor(harness, KITCHEN, "queue_size").state == f"{len(items)}"
        await harness.call_action("media_next_track", KITCHEN)
    assert get_sensor(harness, KITCHEN, "active_source").state == "Küche"
    assert get_sensor(harness, "cinema", "next_track").state == STATE_UNKNOWN


async def wait_for_next_track(harness: Harness, title: str) -> None:
    """Wait until a title is shown as the next one in the kitchen."""
    await wait_until(lambda: get_sensor(harness, KITCHEN, "next_track").state == title)


def get_title(harness: Harness, index: int) -> str:
    """Return the title of an item of the kitchen's queue."""
    media = harness.server.queue_items[KITCHEN][index].media_item
    assert media
    return media.name


@pytest.mark.usefixtures("all_enabled")
async def test_next_track_from_items(harness: Harness) -> None:
    """The next track is read from the items, since the events have an old one for a while."""
    server = harness.server
    queue = start_playback(server, KITCHEN)
    await wait_for_next_track(harness, get_title(harness, 1))
    queue.next_item = server.queue_items[KITCHEN][5]
    for repeat_mode, following in ((RepeatMode.OFF, 1), (RepeatMode.ONE, 0), (RepeatMode.OFF, 1)):
        queue.repeat_mode = repeat_mode
        server.send_event(EventType.QUEUE_UPDATED, KITCHEN, queue)
        await wait_for_next_track(harness, get_title(harness, following))
    items = server.queue_items[KITCHEN]
    items.insert(1, items.pop(3))
    server.send_event(EventType.QUEUE_ITEMS_UPDATED, KITCHEN, queue)
    await wait_for_next_track(harness, get_title(harness, 1))
    answer = await harness.hass.services.async_call(
        DOMAIN,
        "get_queue",
        target={"entity_id": harness.get_entity_id(KITCHEN)},
        blocking=True,
        return_response=True,
    )
    assert answer
    [shown] = answer.values()
    assert isinstance(shown, dict) and isinstance(shown["next_item"], dict)
    assert shown["next_item"]["queue_item_id"] == items[1].queue_item_id


@pytest.mark.usefixtures("all_enabled")
async def test_next_track_of_group(harness: Harness) -> None:
    """A player that joins a group shows what comes next in the group's queue, as it changes."""
    server = harness.server
    queue, items = start_playback(server, "buero"), server.queue_items["buero"]
    start_playback(server, KITCHEN, "library://album/2")
    await wait_for_next_track(harness, get_title(harness, 1))
    await harness.call_action("join", "buero", group_members=[harness.get_entity_id(KITCHEN)])
    for _ in range(2):
        media = items[1].media_item
        assert media
        await wait_for_next_track(harness, media.name)
        items.insert(1, items.pop(3))
        server.send_event(EventType.QUEUE_ITEMS_UPDATED, "buero", queue)


@pytest.mark.usefixtures("all_enabled")
async def test_failed_read_of_next_track(harness: Harness) -> None:
    """If the items can't be read, the sensor is unknown until the next change."""
    queue = start_playback(harness.server, KITCHEN)
    await wait_for_next_track(harness, get_title(harness, 1))
    harness.server.faults.fail_command("player_queues/items")
    harness.server.playback.play_index(queue, 2)
    await wait_for_next_track(harness, STATE_UNKNOWN)
    harness.server.faults.clear()
    harness.server.playback.play_index(queue, 3)
    await wait_for_next_track(harness, get_title(harness, 4))


@pytest.mark.usefixtures("all_enabled")
async def test_unload_during_read_of_next_track(harness: Harness) -> None:
    """Reading the next track is cancelled by an unload."""
    harness.server.faults.delay_command("player_queues/items", 5)
    start_playback(harness.server, KITCHEN)
    await harness.wait_for_events()
    assert await harness.hass.config_entries.async_unload(harness.entry.entry_id)


async def test_next_track_is_disabled(harness: Harness) -> None:
    """A disabled sensor causes no reads."""
    start_playback(harness.server, KITCHEN)
    await harness.wait_for_events()
    commands = [command for command, _ in harness.server.commands]
    assert "player_queues/items" not in commands


@pytest.mark.usefixtures("all_enabled")
async def test_long_title(harness: Harness) -> None:
    """A title that is too long for a state is cut."""
    queue = start_playback(harness.server, KITCHEN)
    assert queue.next_item and queue.next_item.media_item
    queue.next_item.media_item.name = title = "Der Wechsel menschlicher Sachen " * 10
    harness.server.send_event(EventType.QUEUE_ITEMS_UPDATED, KITCHEN, queue)
    await wait_for_next_track(harness, title[:MAX_LENGTH_STATE_STATE])


@pytest.mark.usefixtures("all_enabled")
async def test_audio_quality(harness: Harness) -> None:
    """The audio quality is updated even if the media player doesn't change."""
    await harness.call_action(
        "play_media", KITCHEN, media_content_id=ALBUM, media_content_type="album"
    )
    await harness.wait_for_events()
    queue = harness.server.queues[KITCHEN]
    assert queue.current_item
    flac = AudioFormat(content_type=ContentType.FLAC)
    queue.current_item.streamdetails = StreamDetails(
        provider="library", item_id="1", audio_format=flac
    )
    harness.server.update_queue(KITCHEN)
    await wait_until(lambda: get_sensor(harness, KITCHEN, "audio_quality").state == "lossless")
    assert get_sensor(harness, KITCHEN, "audio_quality").attributes["codec"] == "flac"


async def test_sleep_timer(harness: Harness) -> None:
    """A sleep timer is shown as its end time."""
    assert get_sensor(harness, KITCHEN, "sleep_timer").state == STATE_UNKNOWN
    until_when = await harness.coordinator.mass.players.set_sleep_timer(KITCHEN, 600)
    await wait_until(lambda: get_sensor(harness, KITCHEN, "sleep_timer").state != STATE_UNKNOWN)
    shown_at = get_sensor(harness, KITCHEN, "sleep_timer").state
    assert dt_util.parse_datetime(shown_at) == until_when.replace(microsecond=0)
    await harness.coordinator.mass.players.clear_sleep_timer(KITCHEN)
    await wait_until(lambda: get_sensor(harness, KITCHEN, "sleep_timer").state == STATE_UNKNOWN)


@pytest.mark.parametrize("moment", [1.8e12, 1e18, -1e18])
async def test_invalid_sleep_timer(hass: HomeAssistant, server: MassServer, moment: float) -> None:
    """An invalid end time is ignored, and doesn't affect other players."""
    server.update_player(KITCHEN, sleep_timer_expires_at=moment)
    (entry := create_entry(server)).add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    harness = Harness(hass, server, entry)
    for player_id in harness.device_player_ids:
        assert get_sensor(harness, player_id, "sleep_timer").state in {
            STATE_UNKNOWN,
            STATE_UNAVAILABLE,
        }


@pytest.mark.parametrize("schema_version", [45])
async def test_server_without_sleep_timer(harness: Harness) -> None:
    """A server without sleep timers has no sensor for them."""
    sensors = harness.hass.states.async_entity_ids("sensor")
    assert not [one for one in sensors if one.endswith("sleep_timer")]


async def test_disabled_by_default(harness: Harness) -> None:
    """Some sensors are disabled by default."""
    registry = er.async_get(harness.hass)
    found = er.async_entries_for_config_entry(registry, harness.entry.entry_id)
    enabled = {one.translation_key for one in found if one.domain == "sensor" and not one.disabled}
    assert enabled == {"server_version", "sleep_timer"}
