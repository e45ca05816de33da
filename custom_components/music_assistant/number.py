"""Numbers: settings of players that have a range, and the speed at which is read."""

from typing import Final, override

from music_assistant_models.player import PlayerOptionType

from homeassistant.components.number import NumberEntity, NumberEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SCHEMA_QUEUE_SETTINGS
from .coordinator import MusicAssistantConfigEntry
from .entity import OptionEntity, QueueEntity, async_add_options, async_add_players, command
from .players.commands import async_set_playback_speed, queue_of
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
# Servers read audiobooks and episodes at another speed, nothing else.
SPEED: Final = NumberEntityDescription(
    key="playback_speed",
    translation_key="playback_speed",
    native_min_value=0.5,
    native_max_value=3.0,
    native_step=0.05,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a number for each setting that has a range, and the speed of the queue."""
    coordinator = entry.runtime_data
    if coordinator.schema_version >= SCHEMA_QUEUE_SETTINGS:
        await async_add_players(
            entry, async_add_entities, lambda player: (SpeedNumber(coordinator, player, SPEED),)
        )
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


class SpeedNumber(QueueEntity, NumberEntity):
    """The speed at which an audiobook or an episode is read; 1 is its own."""

    @override
    def _part(self) -> float | None:
        return self.native_value

    @property
    @override
    def native_value(self) -> float | None:
        return self.queue.playback_speed if self.queue else None

    @command
    @override
    async def async_set_native_value(self, value: float) -> None:
        await async_set_playback_speed(self.mass, queue_of(self.player), value)
