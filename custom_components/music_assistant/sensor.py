"""Sensors of players and of the server."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from music_assistant_models.audio_processing import AudioQuality
from music_assistant_models.enums import MediaType

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import MATCH_ALL, MAX_LENGTH_STATE_STATE, EntityCategory
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .const import SCHEMA_SLEEP_TIMER
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entity import PlayerContextEntity, PlayerDetailEntity, ServerEntity, async_add_player_entities
from .players import context
from .players.context import PlayerContext
from .players.snapshot import PlayerSnapshot
from .server.status import COUNTED_MEDIA_TYPES, ServerStatus

PARALLEL_UPDATES = 0  # nothing is polled


@dataclass(frozen=True, kw_only=True)
class PlayerSensorDescription(SensorEntityDescription):
    """Describe a sensor of a field of the player snapshot."""

    value_fn: Callable[[PlayerSnapshot], StateType | datetime]
    min_schema_version: int = 0


@dataclass(frozen=True, kw_only=True)
class ContextSensorDescription(SensorEntityDescription):
    """Describe a sensor that is computed from the player context."""

    value_fn: Callable[[PlayerContext], StateType]
    attributes_fn: Callable[[PlayerContext], Mapping[str, object]] | None = None


@dataclass(frozen=True, kw_only=True)
class ServerSensorDescription(SensorEntityDescription):
    """Describe a sensor of the server.

    `subscribe_fn` subscribes to data that is only fetched on demand, and returns a function
    that unsubscribes.
    """

    value_fn: Callable[[MusicAssistantCoordinator], StateType | datetime]
    subscribe_fn: Callable[[ServerStatus], CALLBACK_TYPE] | None = None


def _build_total_description(media_type: MediaType, name: str) -> ServerSensorDescription:
    """Build the description of the number of library items of a media type."""
    return ServerSensorDescription(
        key=f"library_{name}",
        translation_key=f"library_{name}",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda coordinator: coordinator.status.totals.get(media_type),
        subscribe_fn=lambda status: status.subscribe_total(media_type),
    )


PLAYER_SENSORS: Final = (
    PlayerSensorDescription(
        key="sleep_timer",
        translation_key="sleep_timer",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda player: (
            dt_util.utc_from_timestamp(player.sleep_timer) if player.sleep_timer else None
        ),
        min_schema_version=SCHEMA_SLEEP_TIMER,
    ),
)
CONTEXT_SENSORS: Final = (
    ContextSensorDescription(
        key="next_track",
        translation_key="next_track",
        entity_registry_enabled_default=False,
        value_fn=context.get_next_track,
        attributes_fn=context.get_next_track_attributes,
    ),
    ContextSensorDescription(
        key="queue_position",
        translation_key="queue_position",
        entity_registry_enabled_default=False,
        value_fn=context.get_queue_position,
    ),
    ContextSensorDescription(
        key="queue_size",
        translation_key="queue_size",
        entity_registry_enabled_default=False,
        value_fn=context.get_queue_size,
    ),
    ContextSensorDescription(
        key="audio_quality",
        translation_key="audio_quality",
        device_class=SensorDeviceClass.ENUM,
        options=[quality.value for quality in AudioQuality if quality is not AudioQuality.UNKNOWN],
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=context.get_audio_quality,
        attributes_fn=context.get_audio_attributes,
    ),
    ContextSensorDescription(
        key="active_source",
        translation_key="active_source",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=context.get_active_source,
    ),
)
SERVER_SENSORS: Final = (
    ServerSensorDescription(
        key="server_version",
        translation_key="server_version",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda coordinator: coordinator.server_device.sw_version,
    ),
    ServerSensorDescription(
        key="token_expires",
        translation_key="token_expires",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda coordinator: coordinator.tokens.expires,
    ),
    *(
        _build_total_description(media_type, name)
        for media_type, name in COUNTED_MEDIA_TYPES.items()
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the server and of all players."""
    coordinator = entry.runtime_data
    async_add_entities(
        ServerSensor(coordinator, description, description.subscribe_fn)
        for description in SERVER_SENSORS
    )
    await async_add_player_entities(
        entry,
        async_add_entities,
        lambda player: _build_sensors(coordinator, player),
    )


def _build_sensors(
    coordinator: MusicAssistantCoordinator, player: PlayerSnapshot
) -> Iterator[SensorEntity]:
    for description in PLAYER_SENSORS:
        if coordinator.schema_version >= description.min_schema_version:
            yield PlayerSensor(coordinator, player, description)
    for context_description in CONTEXT_SENSORS:
        yield ContextSensor(coordinator, player, context_description)


class PlayerSensor(PlayerDetailEntity, SensorEntity):
    """Represent a field of the player snapshot."""

    entity_description: PlayerSensorDescription

    @override
    def _update_from_snapshot(self, player: PlayerSnapshot) -> None:
        self._attr_native_value = self.entity_description.value_fn(player)

    @override
    def _get_compared_state(self) -> object:
        return self._attr_native_value  # cheaper than the state property, which validates


class ContextSensor(PlayerContextEntity, SensorEntity):
    """Represent a value that is computed from the player context."""

    entity_description: ContextSensorDescription
    _unrecorded_attributes = frozenset({MATCH_ALL})

    @override
    def _get_compared_state(self) -> object:
        return self.native_value, self.extra_state_attributes

    @property
    @override
    def native_value(self) -> StateType:
        player_context = self.player_context
        value = self.entity_description.value_fn(player_context) if player_context else None
        # a title may exceed the maximum length of a state
        return value[:MAX_LENGTH_STATE_STATE] if isinstance(value, str) else value

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        attributes_fn, player_context = self.entity_description.attributes_fn, self.player_context
        return attributes_fn(player_context) if attributes_fn and player_context else None


class ServerSensor(ServerEntity, SensorEntity):
    """Represent a sensor of the server."""

    entity_description: ServerSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.value_fn(self.coordinator)
