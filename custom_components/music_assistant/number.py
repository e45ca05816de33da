"""Numbers: settings of players that have a range, and the speed at which is read."""

import asyncio
from collections.abc import Iterator
from typing import Final, override

from music_assistant_models.player import PlayerOptionType

from homeassistant.components.media_player import MediaPlayerEntityFeature
from homeassistant.components.number import NumberEntity, NumberEntityDescription, RestoreNumber
from homeassistant.const import PERCENTAGE, EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN, LOGGER, SCHEMA_QUEUE_SETTINGS
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entity import (
    OptionEntity,
    PartEntity,
    QueueEntity,
    async_add_options,
    async_add_players,
    command,
)
from .players.commands import async_set_playback_speed, percent, queue_of
from .players.snapshot import Option, PlayerSnapshot
from .server.errors import FAILED
from .server.volume_limits import is_over

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

NO_LIMIT: Final = 100
# How loud a player may be made from Home Assistant; 100 is no limit.
LIMIT: Final = NumberEntityDescription(
    key="volume_limit",
    translation_key="volume_limit",
    native_min_value=1,
    native_max_value=100,
    native_step=1,
    native_unit_of_measurement=PERCENTAGE,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a number for each setting that has a range, the speed of the queue, and the limit."""
    await async_add_players(
        entry, async_add_entities, lambda player: _numbers(entry.runtime_data, player)
    )
    await async_add_options(entry, async_add_entities, Platform.NUMBER, OptionNumber, NUMBERS)


def _numbers(
    coordinator: MusicAssistantCoordinator, player: PlayerSnapshot
) -> Iterator[NumberEntity]:
    if player.features & MediaPlayerEntityFeature.VOLUME_SET:
        yield LimitNumber(coordinator, player, LIMIT)
    if coordinator.schema_version >= SCHEMA_QUEUE_SETTINGS:
        yield SpeedNumber(coordinator, player, SPEED)


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

    @property
    @override
    def native_value(self) -> float | None:
        return self.queue.playback_speed if self.queue else None

    @command
    @override
    async def async_set_native_value(self, value: float) -> None:
        await async_set_playback_speed(self.mass, queue_of(self.player), value)


class LimitNumber(PartEntity, RestoreNumber):
    """How loud a player may be made: it is held to that while this is enabled.

    A command for more sets it to the limit; what makes it louder without us, such as a group
    that it is in, is put right as soon as it is told of.
    """

    _holding: asyncio.Task[None] | None = None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        last = await self.async_get_last_number_data()
        if last and last.native_value:
            self._limit(round(last.native_value))

    @override
    async def async_will_remove_from_hass(self) -> None:
        await super().async_will_remove_from_hass()
        self.coordinator.connection.limits.pop(self.player_id, None)

    @override
    def _apply(self, player: PlayerSnapshot) -> None:
        limit = self.coordinator.limit_of(self.player_id)
        held = self._holding is not None and not self._holding.done()
        if is_over(limit, percent(player.volume or 0)) and not held:
            self._holding = self.coordinator.config_entry.async_create_background_task(
                self.hass, self._hold(), f"{DOMAIN} volume limit of {self.player_id}"
            )

    @property
    @override
    def native_value(self) -> int:
        return self.coordinator.limit_of(self.player_id) or NO_LIMIT

    @override
    async def async_set_native_value(self, value: float) -> None:
        self._limit(round(value))
        self._handle_coordinator_update()

    def _limit(self, limit: int) -> None:
        limits = self.coordinator.connection.limits
        if limit < NO_LIMIT:
            limits[self.player_id] = limit
        else:
            limits.pop(self.player_id, None)
        self._apply(self.player)

    async def _hold(self) -> None:
        try:
            await self.mass.players.volume_set(self.player_id, self.native_value)
        except FAILED as err:
            LOGGER.warning("The volume of %s can't be limited: %s", self.player_id, err)
