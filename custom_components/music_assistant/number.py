"""Numbers of player options, playback speed and volume limit."""

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
    NewEntity,
    PlayerDetailEntity,
    PlayerOptionEntity,
    PlayerQueueEntity,
    async_add_option_entities,
    async_add_player_entities,
    describe_entity,
    queue_command,
)
from .players.commands import async_set_playback_speed, get_queue_id, to_percent
from .players.snapshot import Option, PlayerSnapshot
from .server.errors import COMMAND_ERRORS
from .server.volume_limits import is_over_limit

PARALLEL_UPDATES = 0  # the server puts commands in order

# Known options by translation key, and whether their entities are enabled by default.
OPTION_NUMBERS: Final = {
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
# The server applies the playback speed to audiobooks and podcast episodes only.
PLAYBACK_SPEED: Final = NumberEntityDescription(
    key="playback_speed",
    translation_key="playback_speed",
    native_min_value=0.5,
    native_max_value=3.0,
    native_step=0.05,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)

NO_VOLUME_LIMIT: Final = 100
# Maximum volume in percent.
VOLUME_LIMIT: Final = NumberEntityDescription(
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
    """Add the numbers of all players."""
    await async_add_player_entities(
        entry, async_add_entities, lambda player: _describe_numbers(entry.runtime_data, player)
    )
    await async_add_option_entities(
        entry, async_add_entities, Platform.NUMBER, OptionNumber, OPTION_NUMBERS
    )


def _describe_numbers(
    coordinator: MusicAssistantCoordinator, player: PlayerSnapshot
) -> Iterator[NewEntity]:
    if player.features & MediaPlayerEntityFeature.VOLUME_SET:
        yield describe_entity(VolumeLimitNumber, coordinator, player, VOLUME_LIMIT)
    if coordinator.schema_version >= SCHEMA_QUEUE_SETTINGS:
        yield describe_entity(PlaybackSpeedNumber, coordinator, player, PLAYBACK_SPEED)


class OptionNumber(PlayerOptionEntity, NumberEntity):
    """Represent an option of a player that has a range."""

    @override
    def _update_from_option(self, option: Option) -> None:
        for name, value in (
            ("_attr_native_min_value", option.minimum),
            ("_attr_native_max_value", option.maximum),
            ("_attr_native_step", option.step),
        ):
            if value is not None:
                setattr(self, name, value)
        # keep integers, because automations compare the state with "5", not "5.0"
        self._attr_native_value = None if isinstance(option.value, str) else option.value

    @override
    async def async_set_native_value(self, value: float) -> None:
        is_integer = self.option.kind is PlayerOptionType.INTEGER
        await self._async_set_value(round(value) if is_integer else value)


class PlaybackSpeedNumber(PlayerQueueEntity, NumberEntity):
    """Represent the playback speed of audiobooks and podcast episodes; 1 is normal."""

    @property
    @override
    def native_value(self) -> float | None:
        return self.queue.playback_speed if self.queue else None

    @queue_command
    @override
    async def async_set_native_value(self, value: float) -> None:
        await async_set_playback_speed(self.mass, get_queue_id(self.player), value)


class VolumeLimitNumber(PlayerDetailEntity, RestoreNumber):
    """Represent the volume limit of a player, which applies while this entity is enabled.

    Our commands never exceed the limit. If something else sets a higher volume, such as a group
    volume, it is corrected when the server reports it.
    """

    _limit_task: asyncio.Task[None] | None = None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        last_data = await self.async_get_last_number_data()
        if last_data and last_data.native_value:
            self._set_limit(round(last_data.native_value))

    @override
    async def async_will_remove_from_hass(self) -> None:
        await super().async_will_remove_from_hass()
        self.coordinator.connection.volume_limits.pop(self.player_id, None)

    @override
    def _update_from_snapshot(self, player: PlayerSnapshot) -> None:
        limit = self.coordinator.get_volume_limit(self.player_id)
        is_running = self._limit_task is not None and not self._limit_task.done()
        if is_over_limit(limit, to_percent(player.volume or 0)) and not is_running:
            self._limit_task = self.coordinator.config_entry.async_create_background_task(
                self.hass, self._async_apply_limit(), f"{DOMAIN} volume limit of {self.player_id}"
            )

    @property
    @override
    def native_value(self) -> int:
        return self.coordinator.get_volume_limit(self.player_id) or NO_VOLUME_LIMIT

    @override
    async def async_set_native_value(self, value: float) -> None:
        self._set_limit(round(value))
        self._handle_coordinator_update()

    def _set_limit(self, limit: int) -> None:
        limits = self.coordinator.connection.volume_limits
        if limit < NO_VOLUME_LIMIT:
            limits[self.player_id] = limit
        else:
            limits.pop(self.player_id, None)
        self._update_from_snapshot(self.player)

    async def _async_apply_limit(self) -> None:
        """Lower the volume to the limit."""
        try:
            await self.mass.players.volume_set(self.player_id, self.native_value)
        except COMMAND_ERRORS as err:
            LOGGER.warning("Could not limit the volume of %s: %s", self.player_id, err)
