"""Sensors."""

from music_assistant_models.enums import ContentType
from music_assistant_models.media_items import AudioFormat
from music_assistant_models.streamdetails import StreamDetails
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import GRACE
from custom_components.music_assistant.entry import devices
from homeassistant.const import MAX_LENGTH_STATE_STATE, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .acting import play
from .common import House, Pulse, entry_of, until
from .server import MassServer

KITCHEN = "kueche"
ALBUM = "library://album/1"
VERSION = "sensor.music_assistant_server_version"


def shown(house: House, entity_id: str) -> str | None:
    """Return the state of an entity."""
    state = house.hass.states.get(entity_id)
    return state.state if state else None


def server_device(house: House) -> dr.DeviceEntry:
    """Return the server's device."""
    device = dr.async_get(house.hass).async_get_device_by_identifier(
        (DOMAIN, house.server.server_id), house.entry.entry_id
    )
    assert device
    return device


async def test_server_device(house: House) -> None:
    """The server is a service of its own, which no one takes for a player."""
    device = server_device(house)
    assert device.entry_type is DeviceEntryType.SERVICE
    assert device.name == house.entry.title
    assert device.sw_version == shown(house, VERSION) == house.server.server_version
    assert device.configuration_url == house.server.url
    assert house.server.server_id not in devices.player_names(house.hass, house.entry)
    await house.coordinator._remove_strangers()
    assert server_device(house)


async def test_server_device_stays(house: House, hass_ws_client: WebSocketGenerator) -> None:
    """The server's device goes with its entry only."""
    assert await async_setup_component(house.hass, "config", {})
    client = await hass_ws_client(house.hass)
    assert not (await client.remove_device(server_device(house).id))["success"]


async def test_server_updated(house: House, pulse: Pulse) -> None:
    """A server that comes back with another version says so."""
    house.server.schema_version = 45
    assert house.server.server_version != shown(house, VERSION)
    with pulse.skipping():
        await house.server.faults.refuse()
        await house.server.faults.drop()
        await until(lambda: shown(house, VERSION) == STATE_UNAVAILABLE, GRACE + 1)
        await house.server.faults.accept()
        await house.reconnected(60)
    assert shown(house, VERSION) == server_device(house).sw_version == house.server.server_version


# ------------------------------------------------------------------------------------- players


def sensor(house: House, player_id: str, key: str) -> State:
    """Return the state of a player's sensor."""
    unique_id = f"{player_id}_{key}"
    entity_id = er.async_get(house.hass).async_get_entity_id("sensor", DOMAIN, unique_id)
    assert entity_id
    state = house.hass.states.get(entity_id)
    assert state
    return state


@pytest.mark.usefixtures("all_enabled")
async def test_queue(house: House) -> None:
    """What comes next, and where the queue is, follows the queue."""
    await house.call("play_media", KITCHEN, media_content_id=ALBUM, media_content_type="album")
    items = house.server.queue_items[KITCHEN]
    for index in (0, 1):
        await house.caught_up()
        assert sensor(house, KITCHEN, "queue_position").state == f"{index + 1}"
        following = sensor(house, KITCHEN, "next_track")
        media = items[index + 1].media_item
        assert media and following.state == media.name
        assert following.attributes["uri"] == items[index + 1].uri
        assert sensor(house, KITCHEN, "queue_size").state == f"{len(items)}"
        await house.call("media_next_track", KITCHEN)
    assert sensor(house, KITCHEN, "active_source").state == "Küche"
    assert sensor(house, "cinema", "next_track").state == STATE_UNKNOWN


@pytest.mark.usefixtures("all_enabled")
async def test_long_title(house: House) -> None:
    """Of a title that is longer than a state may be, its beginning is shown."""
    queue = play(house.server, KITCHEN)
    assert queue.next_item and queue.next_item.media_item
    queue.next_item.media_item.name = title = "Der Wechsel menschlicher Sachen " * 10
    house.server.update_queue(KITCHEN)
    await house.caught_up()
    assert sensor(house, KITCHEN, "next_track").state == title[:MAX_LENGTH_STATE_STATE]


@pytest.mark.usefixtures("all_enabled")
async def test_audio_quality(house: House) -> None:
    """How good it sounds is told although the media player shows nothing new."""
    await house.call("play_media", KITCHEN, media_content_id=ALBUM, media_content_type="album")
    await house.caught_up()
    queue = house.server.queues[KITCHEN]
    assert queue.current_item
    flac = AudioFormat(content_type=ContentType.FLAC)
    queue.current_item.streamdetails = StreamDetails(
        provider="library", item_id="1", audio_format=flac
    )
    house.server.update_queue(KITCHEN)
    await until(lambda: sensor(house, KITCHEN, "audio_quality").state == "lossless")
    assert sensor(house, KITCHEN, "audio_quality").attributes["codec"] == "flac"


async def test_sleep_timer(house: House) -> None:
    """A sleep timer is shown as the moment at which it ends."""
    assert sensor(house, KITCHEN, "sleep_timer").state == STATE_UNKNOWN
    until_when = await house.coordinator.mass.players.set_sleep_timer(KITCHEN, 600)
    await until(lambda: sensor(house, KITCHEN, "sleep_timer").state != STATE_UNKNOWN)
    shown_at = sensor(house, KITCHEN, "sleep_timer").state
    assert dt_util.parse_datetime(shown_at) == until_when.replace(microsecond=0)
    await house.coordinator.mass.players.clear_sleep_timer(KITCHEN)
    await until(lambda: sensor(house, KITCHEN, "sleep_timer").state == STATE_UNKNOWN)


@pytest.mark.parametrize("moment", [1.8e12, 1e18, -1e18])
async def test_odd_sleep_timer(hass: HomeAssistant, server: MassServer, moment: float) -> None:
    """What is no moment, such as one in milliseconds, is no timer; nobody else lacks a sensor."""
    server.update_player(KITCHEN, sleep_timer_expires_at=moment)
    (entry := entry_of(server)).add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    house = House(hass, server, entry)
    for player_id in house.devices:
        assert sensor(house, player_id, "sleep_timer").state in {STATE_UNKNOWN, STATE_UNAVAILABLE}


@pytest.mark.parametrize("schema_version", [45])
async def test_no_sleep_timer(house: House) -> None:
    """A server without sleep timers has no sensor for them."""
    sensors = house.hass.states.async_entity_ids("sensor")
    assert not [one for one in sensors if one.endswith("sleep_timer")]


async def test_enabled(house: House) -> None:
    """What not everybody wants is there, but not enabled."""
    registry = er.async_get(house.hass)
    found = er.async_entries_for_config_entry(registry, house.entry.entry_id)
    enabled = {one.translation_key for one in found if one.domain == "sensor" and not one.disabled}
    assert enabled == {"server_version", "sleep_timer"}
