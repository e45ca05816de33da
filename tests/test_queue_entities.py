"""Switches and the number of a player's active queue."""

from typing import Any

from music_assistant_models.enums import MediaType
import pytest

from custom_components.music_assistant.const import DOMAIN
from homeassistant.const import ATTR_ENTITY_ID, STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .common import House, until

KITCHEN = "kueche"

pytestmark = pytest.mark.usefixtures("all_enabled")


def entity_id(house: House, platform: str, key: str, player_id: str = KITCHEN) -> str | None:
    """Return an entity of a player."""
    registry = er.async_get(house.hass)
    return registry.async_get_entity_id(platform, DOMAIN, f"{player_id}_{key}")


def shown(house: House, platform: str, key: str, player_id: str = KITCHEN) -> str | None:
    """Return its state."""
    state = house.hass.states.get(entity_id(house, platform, key, player_id) or "")
    return state.state if state else None


async def use(house: House, platform: str, key: str, action: str, **data: Any) -> None:
    """Call an action of it."""
    target = {ATTR_ENTITY_ID: entity_id(house, platform, key)}
    await house.hass.services.async_call(platform, action, data, blocking=True, target=target)
    await house.caught_up()


@pytest.mark.parametrize("key", ["crossfade", "autoplay"])
async def test_switches(house: House, key: str) -> None:
    """A setting of the queue is set, and follows whoever else sets it."""
    queue = house.server.queues[KITCHEN]
    assert shown(house, "switch", key) == STATE_OFF
    await use(house, "switch", key, "turn_on")
    assert shown(house, "switch", key) == STATE_ON
    assert getattr(queue, f"{key}_enabled")
    await use(house, "switch", key, "turn_off")
    assert shown(house, "switch", key) == STATE_OFF
    house.server.update_queue(KITCHEN, **{f"{key}_enabled": True})
    await until(lambda: shown(house, "switch", key) == STATE_ON)


async def test_of_a_group(house: House) -> None:
    """Who plays along shows and sets what is set for the group."""
    await house.coordinator.mass.players.group(KITCHEN, "buero")
    await house.caught_up()
    await use(house, "switch", "crossfade", "turn_on")
    assert house.server.queues["buero"].crossfade_enabled
    assert not house.server.queues[KITCHEN].crossfade_enabled
    assert shown(house, "switch", "crossfade") == STATE_ON


async def test_speed(house: House) -> None:
    """An audiobook is read faster; music isn't, which the server says."""
    await house.call(
        "play_media",
        KITCHEN,
        media_content_id="library://audiobook/1",
        media_content_type=MediaType.AUDIOBOOK.value,
    )
    await house.caught_up()
    assert shown(house, "number", "playback_speed") == "1.0"
    await use(house, "number", "playback_speed", "set_value", value=1.5)
    assert shown(house, "number", "playback_speed") == "1.5"
    assert house.server.queues[KITCHEN].playback_speed == 1.5
    await house.call(
        "play_media",
        KITCHEN,
        media_content_id="library://track/1",
        media_content_type=MediaType.TRACK.value,
    )
    with pytest.raises(HomeAssistantError, match="only supported for audiobooks"):
        await use(house, "number", "playback_speed", "set_value", value=1.5)


async def test_no_queue(house: House) -> None:
    """While a player plays a source of its own they are away."""
    source = {"source": "HDMI 1"}
    await house.call("select_source", "cinema", **source)
    await house.caught_up()
    for platform, key in (("switch", "crossfade"), ("number", "playback_speed")):
        assert shown(house, platform, key, "cinema") == STATE_UNAVAILABLE


@pytest.mark.parametrize("schema_version", [45])
async def test_older_server(house: House) -> None:
    """A server without these settings has no entities for them."""
    assert entity_id(house, "switch", "crossfade") is None
    assert entity_id(house, "number", "playback_speed") is None
    assert shown(house, "switch", "autoplay") == STATE_OFF
