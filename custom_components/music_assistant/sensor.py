"""Sensors: what is known of players beyond what plays, and of the server."""

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
from .entity import DetailEntity, PartEntity, ServerEntity, async_add_players
from .players import context
from .players.context import Facts
from .players.snapshot import PlayerSnapshot
from .server.status import COUNTED, Overview

PARALLEL_UPDATES = 0  # nothing is polled


@dataclass(frozen=True, kw_only=True)
class PlayerSensorDescription(SensorEntityDescription):
    """Something in a player's snapshot; `since` is the server's schema that has it."""

    value: Callable[[PlayerSnapshot], StateType | datetime]
    since: int = 0


@dataclass(frozen=True, kw_only=True)
class DetailSensorDescription(SensorEntityDescription):
    """Something that is worked out of what the server says of a player."""

    value: Callable[[Facts], StateType]
    attributes: Callable[[Facts], Mapping[str, object]] | None = None


@dataclass(frozen=True, kw_only=True)
class ServerSensorDescription(SensorEntityDescription):
    """A fact about the server, and where it is found.

    `want` asks for what isn't known otherwise, and returns what ends that.
    """

    value: Callable[[MusicAssistantCoordinator], StateType | datetime]
    want: Callable[[Overview], CALLBACK_TYPE] | None = None


def _total(media_type: MediaType, name: str) -> ServerSensorDescription:
    """Describe how many items of a type the library has."""
    return ServerSensorDescription(
        key=f"library_{name}",
        translation_key=f"library_{name}",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value=lambda coordinator: coordinator.overview.totals.get(media_type),
        want=lambda overview: overview.want(media_type),
    )


PLAYER_SENSORS: Final = (
    PlayerSensorDescription(
        key="sleep_timer",
        translation_key="sleep_timer",
        device_class=SensorDeviceClass.TIMESTAMP,
        value=lambda player: (
            dt_util.utc_from_timestamp(player.sleep_timer) if player.sleep_timer else None
        ),
        since=SCHEMA_SLEEP_TIMER,
    ),
)
DETAIL_SENSORS: Final = (
    DetailSensorDescription(
        key="next_track",
        translation_key="next_track",
        entity_registry_enabled_default=False,
        value=context.next_track,
        attributes=context.next_details,
    ),
    DetailSensorDescription(
        key="queue_position",
        translation_key="queue_position",
        entity_registry_enabled_default=False,
        value=context.queue_position,
    ),
    DetailSensorDescription(
        key="queue_size",
        translation_key="queue_size",
        entity_registry_enabled_default=False,
        value=context.queue_size,
    ),
    DetailSensorDescription(
        key="audio_quality",
        translation_key="audio_quality",
        device_class=SensorDeviceClass.ENUM,
        options=[one.value for one in AudioQuality if one is not AudioQuality.UNKNOWN],
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value=context.audio_quality,
        attributes=context.audio_details,
    ),
    DetailSensorDescription(
        key="active_source",
        translation_key="active_source",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value=context.active_source,
    ),
)
SERVER_SENSORS: Final = (
    ServerSensorDescription(
        key="server_version",
        translation_key="server_version",
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda coordinator: coordinator.server_device.sw_version,
    ),
    ServerSensorDescription(
        key="token_expires",
        translation_key="token_expires",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value=lambda coordinator: coordinator.tokens.expires,
    ),
    *(_total(media_type, name) for media_type, name in COUNTED.items()),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the server and of all players."""
    coordinator = entry.runtime_data
    async_add_entities(ServerSensor(coordinator, one, one.want) for one in SERVER_SENSORS)
    await async_add_players(
        entry,
        async_add_entities,
        lambda player: _sensors(coordinator, player),
    )


def _sensors(
    coordinator: MusicAssistantCoordinator, player: PlayerSnapshot
) -> Iterator[SensorEntity]:
    for fact in PLAYER_SENSORS:
        if coordinator.schema_version >= fact.since:
            yield PlayerSensor(coordinator, player, fact)
    for detail in DETAIL_SENSORS:
        yield DetailSensor(coordinator, player, detail)


class PlayerSensor(PartEntity, SensorEntity):
    """Something about a player."""

    entity_description: PlayerSensorDescription

    @override
    def _apply(self, player: PlayerSnapshot) -> None:
        self._attr_native_value = self.entity_description.value(player)

    @override
    def _part(self) -> object:
        return self._attr_native_value  # a sensor's state is checked at length each time


class DetailSensor(DetailEntity, SensorEntity):
    """Something more about a player."""

    entity_description: DetailSensorDescription
    _unrecorded_attributes = frozenset({MATCH_ALL})

    @override
    def _part(self) -> object:
        return self.native_value, self.extra_state_attributes

    @property
    @override
    def native_value(self) -> StateType:
        value = self.entity_description.value(facts) if (facts := self.facts) else None
        # a title may be longer than a state
        return value[:MAX_LENGTH_STATE_STATE] if isinstance(value, str) else value

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        attributes, facts = self.entity_description.attributes, self.facts
        return attributes(facts) if attributes and facts else None


class ServerSensor(ServerEntity, SensorEntity):
    """A fact about the server; what has to be counted, only while somebody wants to know."""

    entity_description: ServerSensorDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.value(self.coordinator)
