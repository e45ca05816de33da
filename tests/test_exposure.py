"""Which entities Home Assistant exposes to Assist by default, as the documentation says."""

import pytest

from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.const import EntityCategory
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from .common import Harness


@pytest.mark.usefixtures("all_enabled")
async def test_only_players_are_exposed(harness: Harness) -> None:
    """Assist gets the players; each other entity would cost a language model its tokens."""
    assert await async_setup_component(harness.hass, "homeassistant", {})
    entities = er.async_entries_for_config_entry(er.async_get(harness.hass), harness.entry.entry_id)
    exposed = {
        entity.domain
        for entity in entities
        if async_should_expose(harness.hass, "conversation", entity.entity_id)
    }
    assert exposed == {"media_player"}
    switches = [entity for entity in entities if entity.domain == "switch"]
    assert {entity.entity_category for entity in switches} == {EntityCategory.CONFIG}
    assert any(entity.unique_id.endswith("_favorite") for entity in switches)
