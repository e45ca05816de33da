"""A house whose players are exposed to Assist, for the tests of tools and intents."""

from typing import Final

from custom_components.music_assistant.const import DOMAIN
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
)
from homeassistant.setup import async_setup_component

from .action_helpers import start_playback
from .common import Harness
from .server import MassServer

AREAS: Final = {"kueche": "Kitchen", "living_room": "Living Room", "buero": "Office"}


async def set_up_assist(hass: HomeAssistant, harness: Harness, server: MassServer) -> str:
    """Expose the players and play the fourth track of an album in the kitchen.

    Return the id of a satellite's device there.
    """
    for component in ("homeassistant", "conversation", "intent", "llm"):
        assert await async_setup_component(hass, component, {})
    registry = er.async_get(hass)
    for player_id in server.players:
        if registry.async_get_entity_id("media_player", DOMAIN, player_id):
            async_expose_entity(hass, "conversation", harness.get_entity_id(player_id), True)
    for player_id, name in AREAS.items():
        area = ar.async_get(hass).async_create(name)
        entity = registry.async_get(harness.get_entity_id(player_id))
        assert entity
        assert entity.device_id
        dr.async_get(hass).async_update_device(entity.device_id, area_id=area.id)
    start_playback(server)
    server.playback.play_index(server.queues["kueche"], 3)
    await harness.wait_for_events()
    area_id = ar.async_get(hass).async_get_area_by_name("Kitchen")
    assert area_id
    return create_satellite(hass, harness, area_id.id)


def create_satellite(hass: HomeAssistant, harness: Harness, area_id: str) -> str:
    """Create the device of a voice satellite in an area; return its id."""
    registry = dr.async_get(hass)
    device = registry.async_get_or_create(
        config_entry_id=harness.entry.entry_id, identifiers={("test", "satellite")}
    )
    registry.async_update_device(device.id, area_id=area_id)
    return device.id


def add_floor(hass: HomeAssistant) -> None:
    """Put the office and the living room on a floor."""
    floor = fr.async_get(hass).async_create("Upstairs")
    for name in ("Office", "Living Room"):
        area = ar.async_get(hass).async_get_area_by_name(name)
        assert area
        ar.async_get(hass).async_update(area.id, floor_id=floor.floor_id)
