"""Text entities of player options."""

from typing import Final, override

from homeassistant.components.text import TextEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry
from .entity import PlayerOptionEntity, async_add_option_entities
from .players.snapshot import Option

PARALLEL_UPDATES = 0  # the server puts commands in order

# Known options by translation key, and whether their entities are enabled by default.
OPTION_TEXTS: Final = {
    "network_name": True,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the text entities of all players."""
    await async_add_option_entities(
        entry, async_add_entities, Platform.TEXT, OptionText, OPTION_TEXTS
    )


class OptionText(PlayerOptionEntity, TextEntity):
    """Represent a text option of a player."""

    @override
    def _update_from_option(self, option: Option) -> None:
        self._attr_native_value = str(option.value)

    @override
    async def async_set_value(self, value: str) -> None:
        await self._async_set_value(value)
