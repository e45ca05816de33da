"""Binary sensors: whether all is well with the server, and what it is busy with."""

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

from .coordinator import MusicAssistantConfigEntry
from .entity import ServerEntity
from .server.status import Overview

PARALLEL_UPDATES = 0  # nothing is polled


@dataclass(frozen=True, kw_only=True)
class ServerBinarySensorDescription(BinarySensorEntityDescription):
    """Something that is so on the server, or isn't, and what else is told of it.

    `want` asks for what isn't known otherwise, and returns what ends that.
    """

    is_on: Callable[[Overview], bool | None]
    attributes: Callable[[Overview], Mapping[str, Any]]
    want: Callable[[Overview], CALLBACK_TYPE] | None = None


def _problems(overview: Overview) -> Mapping[str, Any]:
    return {
        "providers": [
            {"name": one.name, "instance_id": one.instance_id, "sign_in": one.sign_in}
            for one in overview.problems
        ]
    }


def _syncing(overview: Overview) -> bool | None:
    """Tell whether the library is being read; None where what others began isn't told."""
    return bool(overview.syncing) if overview.syncing or overview.told_of_all else None


def _progress(overview: Overview) -> Mapping[str, Any]:
    known = [task.progress for task in overview.syncing if task.progress is not None]
    return {
        "progress": round(mean(known)) if known else None,
        "providers": sorted({task.provider for task in overview.syncing}),
        "media_types": sorted({one for task in overview.syncing for one in task.media_types}),
    }


BINARY_SENSORS: Final = (
    ServerBinarySensorDescription(
        key="provider_problem",
        translation_key="provider_problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on=lambda overview: bool(overview.problems),
        attributes=_problems,
    ),
    ServerBinarySensorDescription(
        key="library_sync",
        translation_key="library_sync",
        device_class=BinarySensorDeviceClass.RUNNING,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on=_syncing,
        attributes=_progress,
        want=Overview.want_tasks,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of the server."""
    async_add_entities(
        ServerBinarySensor(entry.runtime_data, one, one.want) for one in BINARY_SENSORS
    )


class ServerBinarySensor(ServerEntity, BinarySensorEntity):
    """Something that is so on the server, or isn't."""

    entity_description: ServerBinarySensorDescription
    _unrecorded_attributes = frozenset({MATCH_ALL})

    @override
    def _part(self) -> object:
        return self.is_on, self.extra_state_attributes

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.is_on(self.coordinator.overview)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return self.entity_description.attributes(self.coordinator.overview)
