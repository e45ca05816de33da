"""Switches: settings of players that are on or off."""

from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry
from .entity import OptionEntity, async_add_options
from .players.snapshot import Option

PARALLEL_UPDATES = 0  # the server puts commands in order

# Known settings by translation key, and whether their entities are enabled from the start.
SWITCHES: Final = {
    "adaptive_drc": False,
    "bass_extension": False,
    "clear_voice": False,
    "enhancer": True,
    "extra_bass": False,
    "party_mode": False,
    "pure_direct": True,
    "speaker_a": True,
    "speaker_b": True,
    "surround_3d": False,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a switch for each setting that is on or off."""
    await async_add_options(entry, async_add_entities, Platform.SWITCH, OptionSwitch, SWITCHES)


class OptionSwitch(OptionEntity, SwitchEntity):
    """A setting that is on or off."""

    @override
    def _apply_option(self, option: Option) -> None:
        self._attr_is_on = bool(option.value)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._set(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._set(False)
