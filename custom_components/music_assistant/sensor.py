"""Sensors: facts about the server."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entity import ServerEntity

PARALLEL_UPDATES = 0  # nothing is polled


@dataclass(frozen=True, kw_only=True)
class ServerSensorDescription(SensorEntityDescription):
    """A fact about the server, and where it is found."""

    value: Callable[[MusicAssistantCoordinator], StateType]


SERVER_SENSORS: Final = (
    ServerSensorDescription(
        key="server_version",
        translation_key="server_version",
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda coordinator: coordinator.server_device.sw_version,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the server."""
    async_add_entities(
        ServerSensor(entry.runtime_data, description) for description in SERVER_SENSORS
    )


class ServerSensor(ServerEntity, SensorEntity):
    """A fact about the server."""

    entity_description: ServerSensorDescription

    def __init__(
        self, coordinator: MusicAssistantCoordinator, description: ServerSensorDescription
    ) -> None:
        """Make the sensor of a fact."""
        super().__init__(coordinator, description.key)
        self.entity_description = description

    @override
    def _part(self) -> StateType:
        return self.native_value

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value(self.coordinator)
