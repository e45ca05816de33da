"""Selects: settings of players that have choices."""

from typing import Final, override

from homeassistant.components.select import SelectEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry
from .entity import OptionEntity, async_add_options
from .players.snapshot import Option

PARALLEL_UPDATES = 0  # the server puts commands in order

# Known settings by translation key, and whether their entities are enabled from the start.
SELECTS: Final = {
    "dimmer": False,
    "equalizer_mode": False,
    "link_audio_delay": True,
    "link_audio_quality": False,
    "link_control": False,
    "sleep": False,
    "surround_decoder_type": False,
    "tone_control_mode": True,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a select for each setting that has choices."""
    await async_add_options(entry, async_add_entities, Platform.SELECT, OptionSelect, SELECTS)


class OptionSelect(OptionEntity, SelectEntity):
    """A setting with choices, shown by their translation keys."""

    @override
    def _apply_option(self, option: Option) -> None:
        self._attr_options = [shown for shown, _ in option.choices]
        self._attr_current_option = next(
            (shown for shown, key in option.choices if key == option.value), None
        )

    @override
    async def async_select_option(self, option: str) -> None:
        await self._set(dict(self.option.choices)[option])
