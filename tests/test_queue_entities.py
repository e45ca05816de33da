"""Switches and the number of a player's active queue."""

from typing import Any

from music_assistant_models.enums import MediaType
import pytest

from custom_components.music_assistant.const import DOMAIN
from homeassistant.const import ATTR_ENTITY_ID, STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .common import Harness, wait_until

KITCHEN = "kueche"

pytestmark = pytest.mark.usefixtures("all_enabled")


def get_entity_id(
    harness: Harness, platform: str, key: str, player_id: str = KITCHEN
) -> str | None:
    """Return an entity of a player."""
    registry = er.async_get(harness.hass)
    return registry.async_get_entity_id(platform, DOMAIN, f"{player_id}_{key}")


def get_state(harness: Harness, platform: str, key: str, player_id: str = KITCHEN) -> str | None:
    """Return the state of a player's entity."""
    state = harness.hass.states.get(get_entity_id(harness, platform, key, player_id) or "")
    return state.state if state else None


async def call_entity_action(
    harness: Harness, platform: str, key: str, action: str, **data: Any
) -> None:
    """Call an action of a player's entity."""
    target = {ATTR_ENTITY_ID: get_entity_id(harness, platform, key)}
    await harness.hass.services.async_call(platform, action, data, blocking=True, target=target)
    await harness.wait_for_events()


@pytest.mark.parametrize("key", ["crossfade", "autoplay"])
async def test_queue_switches(harness: Harness, key: str) -> None:
    """A setting is changed, and follows changes on the server."""
    queue = harness.server.queues[KITCHEN]
    assert get_state(harness, "switch", key) == STATE_OFF
    await call_entity_action(harness, "switch", key, "turn_on")
    assert get_state(harness, "switch", key) == STATE_ON
    assert getattr(queue, f"{key}_enabled")
    await call_entity_action(harness, "switch", key, "turn_off")
    assert get_state(harness, "switch", key) == STATE_OFF
    harness.server.update_queue(KITCHEN, **{f"{key}_enabled": True})
    await wait_until(lambda: get_state(harness, "switch", key) == STATE_ON)


async def test_queue_of_group(harness: Harness) -> None:
    """Members of a group show and change the settings of its queue."""
    await harness.coordinator.mass.players.group(KITCHEN, "buero")
    await harness.wait_for_events()
    await call_entity_action(harness, "switch", "crossfade", "turn_on")
    assert harness.server.queues["buero"].crossfade_enabled
    assert not harness.server.queues[KITCHEN].crossfade_enabled
    assert get_state(harness, "switch", "crossfade") == STATE_ON


async def test_playback_speed(harness: Harness) -> None:
    """The speed of an audiobook can be changed, that of music can't."""
    await harness.call_action(
        "play_media",
        KITCHEN,
        media_content_id="library://audiobook/1",
        media_content_type=MediaType.AUDIOBOOK.value,
    )
    await harness.wait_for_events()
    assert get_state(harness, "number", "playback_speed") == "1.0"
    await call_entity_action(harness, "number", "playback_speed", "set_value", value=1.5)
    assert get_state(harness, "number", "playback_speed") == "1.5"
    assert harness.server.queues[KITCHEN].playback_speed == 1.5
    await harness.call_action(
        "play_media",
        KITCHEN,
        media_content_id="library://track/1",
        media_content_type=MediaType.TRACK.value,
    )
    with pytest.raises(HomeAssistantError, match="with what the player is doing now"):
        await call_entity_action(harness, "number", "playback_speed", "set_value", value=1.5)


async def test_unavailable_without_queue(harness: Harness) -> None:
    """While a player plays a source the entities are unavailable."""
    source = {"source": "HDMI 1"}
    await harness.call_action("select_source", "cinema", **source)
    await harness.wait_for_events()
    for platform, key in (("switch", "crossfade"), ("number", "playback_speed")):
        assert get_state(harness, platform, key, "cinema") == STATE_UNAVAILABLE


@pytest.mark.parametrize("schema_version", [45])
async def test_no_entities_with_older_server(harness: Harness) -> None:
    """A server without these settings has no entities for them."""
    assert get_entity_id(harness, "switch", "crossfade") is None
    assert get_entity_id(harness, "number", "playback_speed") is None
    assert get_state(harness, "switch", "autoplay") == STATE_OFF
