"""Selects of player options and DSP presets."""

from typing import Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry
from .entities.dsp import DspEntity, can_set_dsp
from .entity import (
    PlayerOptionEntity,
    async_add_option_entities,
    async_add_player_entities,
    command,
)
from .players.snapshot import Option

PARALLEL_UPDATES = 0  # the server puts commands in order

# Known options by translation key, and whether their entities are enabled by default.
OPTION_SELECTS: Final = {
    "dimmer": False,
    "equalizer_mode": False,
    "link_audio_delay": True,
    "link_audio_quality": False,
    "link_control": False,
    "sleep": False,
    "surround_decoder_type": False,
    "tone_control_mode": True,
}

DSP_PRESET: Final = SelectEntityDescription(
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
    """Add the selects of all players."""
    coordinator = entry.runtime_data
    if can_set_dsp(coordinator):
        await async_add_player_entities(
            entry,
            async_add_entities,
            lambda player: (DspPresetSelect(coordinator, player, DSP_PRESET),),
        )
    await async_add_option_entities(
        entry, async_add_entities, Platform.SELECT, OptionSelect, OPTION_SELECTS
    )


class OptionSelect(PlayerOptionEntity, SelectEntity):
    """Represent an option of a player that has choices."""

    @override
    def _update_from_option(self, option: Option) -> None:
        self._attr_options = [translation_key for translation_key, _ in option.choices]
        self._attr_current_option = next(
            (translation_key for translation_key, value in option.choices if value == option.value),
            None,
        )

    @override
    async def async_select_option(self, option: str) -> None:
        await self._async_set_value(dict(self.option.choices)[option])


class DspPresetSelect(DspEntity, SelectEntity):
    """Represent the DSP preset of a player; unknown if its settings match none."""

    @override
    def _get_compared_state(self) -> tuple[list[str], str | None]:
        return self.options, self.current_option

    @property
    @override
    def options(self) -> list[str]:
        return self.coordinator.dsp.preset_names

    @property
    @override
    def current_option(self) -> str | None:
        return self.coordinator.dsp.get_preset_name(self.player_id)

    @command
    @override
    async def async_select_option(self, option: str) -> None:
        await self.coordinator.dsp.async_select_preset(self.mass, self.player_id, option)
