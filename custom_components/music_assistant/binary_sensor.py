"""Binary sensors of the server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import mean
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import MATCH_ALL, EntityCategory
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entity import ServerEntity, async_add_server_entities
from .server.status import ServerStatus

PARALLEL_UPDATES = 0  # nothing is polled


@dataclass(frozen=True, kw_only=True)
class ServerBinarySensorDescription(BinarySensorEntityDescription):
    """Describe a binary sensor of the server.

    `subscribe_fn` subscribes to data that is only fetched on demand, and returns a function
    that unsubscribes.
    """

    is_on_fn: Callable[[ServerStatus], bool | None]
    attributes_fn: Callable[[ServerStatus], Mapping[str, Any]]
    subscribe_fn: Callable[[ServerStatus], CALLBACK_TYPE] | None = None


def _get_problem_attributes(status: ServerStatus) -> Mapping[str, Any]:
    return {
        "providers": [
            {
                "name": problem.name,
                "instance_id": problem.instance_id,
                "sign_in": problem.sign_in,
            }
            for problem in status.problems
        ]
    }


def _is_syncing(status: ServerStatus) -> bool | None:
    """Return whether a sync runs; None if the server doesn't report those that others started."""
    return bool(status.syncing) if status.syncing or status.has_all_tasks else None


def _get_sync_attributes(status: ServerStatus) -> Mapping[str, Any]:
    progress = [task.progress for task in status.syncing if task.progress is not None]
    return {
        "progress": round(mean(progress)) if progress else None,
        "providers": sorted({task.provider for task in status.syncing}),
        "media_types": sorted(
            {media_type for task in status.syncing for media_type in task.media_types}
        ),
    }


BINARY_SENSORS: Final = (
    ServerBinarySensorDescription(
        key="provider_problem",
        translation_key="provider_problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda status: bool(status.problems),
        attributes_fn=_get_problem_attributes,
    ),
    ServerBinarySensorDescription(
        key="library_sync",
        translation_key="library_sync",
        device_class=BinarySensorDeviceClass.RUNNING,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=_is_syncing,
        attributes_fn=_get_sync_attributes,
        subscribe_fn=ServerStatus.subscribe_tasks,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of the server."""
    await async_add_server_entities(entry, async_add_entities, ServerBinarySensor, BINARY_SENSORS)


class ServerBinarySensor(ServerEntity, BinarySensorEntity):
    """Represent a binary sensor of the server."""

    entity_description: ServerBinarySensorDescription

    def __init__(
        self, coordinator: MusicAssistantCoordinator, description: ServerBinarySensorDescription
    ) -> None:
        """Initialize the binary sensor."""
        super().__init__(coordinator, description, description.subscribe_fn)

    _unrecorded_attributes = frozenset({MATCH_ALL})

    @override
    def _get_compared_state(self) -> object:
        return self.is_on, self.extra_state_attributes

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.is_on_fn(self.coordinator.status)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return self.entity_description.attributes_fn(self.coordinator.status)
