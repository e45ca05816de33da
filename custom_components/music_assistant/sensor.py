"""Sensors of players and of the server."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, override

from music_assistant_client import MusicAssistantClient
from music_assistant_models.audio_processing import AudioQuality
from music_assistant_models.enums import MediaType
from music_assistant_models.queue_item import QueueItem

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import MATCH_ALL, MAX_LENGTH_STATE_STATE, EntityCategory
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER, SCHEMA_BACKGROUND_TASKS, SCHEMA_SLEEP_TIMER
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entities.plugins import PartyEntity, async_add_plugin_entities
from .entity import (
    NewEntity,
    PlayerContextEntity,
    PlayerDetailEntity,
    ServerEntity,
    async_add_player_entities,
    async_add_server_entities,
    describe_entity,
)
from .players import context
from .players.context import PlayerContext
from .players.snapshot import PlayerSnapshot
from .server.errors import COMMAND_OR_DECODE_ERRORS
from .server.party import PARTY_PLUGIN
from .server.queues import async_fetch_item
from .server.status import COUNTED_MEDIA_TYPES, ServerStatus

PARALLEL_UPDATES = 0  # nothing is polled


@dataclass(frozen=True, kw_only=True)
class PlayerSensorDescription(SensorEntityDescription):
    """Describe a sensor of the field of the player snapshot that its key names."""

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
    attributes_fn: Callable[[MusicAssistantCoordinator], Mapping[str, object]] | None = None
    min_schema_version: int = 0


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


def _count_active_tasks(status: ServerStatus) -> int | None:
    """Return the number of background tasks that are pending or running."""
    return None if status.tasks is None else sum(task.is_active for task in status.tasks)


class NextTrackRead(NamedTuple):
    """Describe a read of the next item; another client or list of items needs another one."""

    mass: MusicAssistantClient
    queue_id: str | None
    item_index: int | None
    revision: int

    async def async_fetch(self) -> QueueItem | None:
        """Fetch the item; raises the errors of the client."""
        if self.queue_id is None:
            return None
        return await async_fetch_item(self.mass, self.queue_id, self.item_index)


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
NEXT_TRACK_SENSOR: Final = SensorEntityDescription(
    key="next_track",
    translation_key="next_track",
    entity_registry_enabled_default=False,
)
CONTEXT_SENSORS: Final = (
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
    ServerSensorDescription(
        key="background_tasks",
        translation_key="background_tasks",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda coordinator: _count_active_tasks(coordinator.status),
        attributes_fn=lambda coordinator: {
            "tasks": [task.as_dict() for task in coordinator.status.tasks or ()]
        },
        subscribe_fn=ServerStatus.subscribe_background_tasks,
        min_schema_version=SCHEMA_BACKGROUND_TASKS,
    ),
    *(
        _build_total_description(media_type, name)
        for media_type, name in COUNTED_MEDIA_TYPES.items()
    ),
)

# Whoever knows the address gets in, so it isn't shown unless somebody wants that.
PARTY_ADDRESS: Final = SensorEntityDescription(
    key="party_address",
    translation_key="party_address",
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the server and of all players."""
    coordinator = entry.runtime_data
    server_sensors = [
        description
        for description in SERVER_SENSORS
        if coordinator.schema_version >= description.min_schema_version
    ]
    await async_add_server_entities(entry, async_add_entities, ServerSensor, server_sensors)
    async_add_plugin_entities(
        entry,
        async_add_entities,
        PARTY_PLUGIN,
        lambda: (PartyAddressSensor(coordinator, PARTY_ADDRESS),),
    )
    await async_add_player_entities(
        entry,
        async_add_entities,
        lambda player: _describe_sensors(coordinator, player),
    )


def _describe_sensors(
    coordinator: MusicAssistantCoordinator, player: PlayerSnapshot
) -> Iterator[NewEntity]:
    for description in PLAYER_SENSORS:
        if coordinator.schema_version >= description.min_schema_version:
            yield describe_entity(PlayerSensor, coordinator, player, description)
    yield describe_entity(NextTrackSensor, coordinator, player, NEXT_TRACK_SENSOR)
    for context_description in CONTEXT_SENSORS:
        yield describe_entity(ContextSensor, coordinator, player, context_description)


class PlayerSensor(PlayerDetailEntity, SensorEntity):
    """Represent a field of the player snapshot."""

    _snapshot_fields = frozenset({"available", *(sensor.key for sensor in PLAYER_SENSORS)})
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


class NextTrackSensor(PlayerContextEntity, SensorEntity):
    """Represent the next item of a player's queue, read from the items of the queue."""

    _unrecorded_attributes = frozenset({MATCH_ALL})

    _item: QueueItem | None = None
    _read: NextTrackRead | None = None  # the last one, which may have failed
    _revision = 0
    _read_task: asyncio.Task[None] | None = None
    _unsub_items: CALLBACK_TYPE | None = None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._schedule_read()

    @override
    async def async_will_remove_from_hass(self) -> None:
        await super().async_will_remove_from_hass()
        self._subscribe_items(None)
        if self._read_task:
            self._read_task.cancel()

    @override
    def _get_compared_state(self) -> object:
        return self.native_value, self.extra_state_attributes

    @property
    @override
    def native_value(self) -> str | None:
        title = context.get_next_track(self._item)
        return title and title[:MAX_LENGTH_STATE_STATE]  # it may exceed the maximum length

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return context.get_next_track_attributes(self._item)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._schedule_read()
        super()._handle_coordinator_update()

    @callback
    def _handle_items_changed(self) -> None:
        self._revision += 1
        self._schedule_read()

    def _get_read(self) -> NextTrackRead:
        """Return what has to be read now."""
        player_context = self.player_context
        queue = player_context.queue if player_context else None
        index = context.get_next_index(player_context) if player_context else None
        return NextTrackRead(self.mass, queue.queue_id if queue else None, index, self._revision)

    def _subscribe_items(self, queue_id: str | None) -> None:
        """Subscribe to the items of a queue in place of the previous one."""
        if self._unsub_items:
            self._unsub_items()
            self._unsub_items = None
        if queue_id is not None:
            listeners = self.coordinator.listeners.queue_items
            self._unsub_items = listeners.add(queue_id, self._handle_items_changed)

    def _schedule_read(self) -> None:
        """Read the next item unless it is the one that was read last."""
        is_reading = self._read_task is not None and not self._read_task.done()
        if not is_reading and self._get_read() != self._read:
            self._read_task = self.coordinator.config_entry.async_create_background_task(
                self.hass, self._async_read(), f"{DOMAIN} next track of {self.player_id}"
            )

    async def _async_read(self) -> None:
        """Read the next item until nothing has changed during the read."""
        try:
            while (read := self._get_read()) != self._read:
                if self._read is None or read.queue_id != self._read.queue_id:
                    self._subscribe_items(read.queue_id)
                self._read = read
                self._item = await read.async_fetch()
        except COMMAND_OR_DECODE_ERRORS as err:
            # it is read again at the next change or connection
            LOGGER.debug("Could not read the next track of %s: %r", self.player_id, err)
            self._item = None
        super()._handle_coordinator_update()


class ServerSensor(ServerEntity, SensorEntity):
    """Represent a sensor of the server."""

    entity_description: ServerSensorDescription
    _unrecorded_attributes = frozenset({MATCH_ALL})

    def __init__(
        self, coordinator: MusicAssistantCoordinator, description: ServerSensorDescription
    ) -> None:
        """Initialize the sensor."""
        super().__init__(coordinator, description, description.subscribe_fn)

    @override
    def _get_compared_state(self) -> object:
        return self.state, self.extra_state_attributes

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.value_fn(self.coordinator)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        attributes_fn = self.entity_description.attributes_fn
        return attributes_fn(self.coordinator) if attributes_fn else None


class PartyAddressSensor(PartyEntity, SensorEntity):
    """Represent the address of the page for guests; unknown while none are let in."""

    @property
    @override
    def native_value(self) -> str | None:
        address = self.coordinator.plugins.party.address
        return address if address and len(address) <= MAX_LENGTH_STATE_STATE else None
