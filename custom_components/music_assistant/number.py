"""Numbers: settings of players that have a range."""

from typing import Final, override

from music_assistant_models.player import PlayerOptionType

from homeassistant.components.number import NumberEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry
from .entity import OptionEntity, async_add_options
from .players.snapshot import Option

PARALLEL_UPDATES = 0  # the server puts commands in order

# Known settings by translation key, and whether their entities are enabled from the start.
NUMBERS: Final = {
    "bass": True,
    "dialogue_level": False,
    "dialogue_lift": False,
    "dts_dialogue_control": False,
    "equalizer_high": False,
    "equalizer_low": False,
    "equalizer_mid": False,
    "subwoofer_volume": True,
    "treble": True,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a number for each setting that has a range."""
    await async_add_options(entry, async_add_entities, Platform.NUMBER, OptionNumber, NUMBERS)


class OptionNumber(OptionEntity, NumberEntity):
    """A setting with a range."""

    @override
    def _apply_option(self, option: Option) -> None:
        for name, value in (
            ("_attr_native_min_value", option.minimum),
            ("_attr_native_max_value", option.maximum),
            ("_attr_native_step", option.step),
        ):
            if value is not None:
                setattr(self, name, value)
        # an integer stays one: automations compare the state with "5", not "5.0"
        self._attr_native_value = None if isinstance(option.value, str) else option.value

    @override
    async def async_set_native_value(self, value: float) -> None:
        whole = self.option.kind is PlayerOptionType.INTEGER
        await self._set(round(value) if whole else value)
