"""Selects: settings of players that have choices."""

from typing import Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry
from .entities.dsp import SoundEntity, may_set_sound
from .entity import OptionEntity, async_add_options, async_add_players, command
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

PRESET: Final = SelectEntityDescription(
    key="dsp_preset",
    translation_key="dsp_preset",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a select for each setting that has choices, and for the sound presets."""
    coordinator = entry.runtime_data
    if may_set_sound(coordinator):
        await async_add_players(
            entry, async_add_entities, lambda player: (PresetSelect(coordinator, player, PRESET),)
        )
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


class PresetSelect(SoundEntity, SelectEntity):
    """The preset that a player's sound is set to, if it is one."""

    @override
    def _part(self) -> tuple[list[str], str | None]:
        return self.options, self.current_option

    @property
    @override
    def options(self) -> list[str]:
        return self.coordinator.sounds.names

    @property
    @override
    def current_option(self) -> str | None:
        return self.coordinator.sounds.preset_of(self.player_id)

    @command
    @override
    async def async_select_option(self, option: str) -> None:
        await self.coordinator.sounds.async_apply(self.mass, self.player_id, option)
