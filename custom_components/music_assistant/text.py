"""Texts: settings of players that are written."""

from typing import Final, override

from homeassistant.components.text import TextEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry
from .entity import OptionEntity, async_add_options
from .players.snapshot import Option

PARALLEL_UPDATES = 0  # the server puts commands in order

# Known settings by translation key, and whether their entities are enabled from the start.
TEXTS: Final = {
    "network_name": True,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a text for each setting that is written."""
    await async_add_options(entry, async_add_entities, Platform.TEXT, OptionText, TEXTS)


class OptionText(OptionEntity, TextEntity):
    """A setting that is written."""

    @override
    def _apply_option(self, option: Option) -> None:
        self._attr_native_value = str(option.value)

    @override
    async def async_set_value(self, value: str) -> None:
        await self._set(value)
