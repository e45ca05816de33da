"""Event entities of players and of the library."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .automation.player_events import build_event_data
from .coordinator import MusicAssistantConfigEntry
from .entity import PlayerDetailEntity, ServerEntity, async_add_player_entities
from .players.changes import PlayerEvent, PlayerEventType

PARALLEL_UPDATES = 0  # nothing is polled

PLAYER_EVENT: Final = EventEntityDescription(
    key="player",
    translation_key="player",
    event_types=list(PlayerEventType),
    entity_registry_enabled_default=False,
)
LIBRARY_EVENT: Final = EventEntityDescription(
    key="library",
    translation_key="library",
    event_types=["synced", "item_added", "favorite_added"],
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of the library and of all players."""
    async_add_entities([LibraryEventEntity(entry.runtime_data, LIBRARY_EVENT)])
    await async_add_player_entities(
        entry,
        async_add_entities,
        lambda player: (PlayerEventEntity(entry.runtime_data, player, PLAYER_EVENT),),
    )


class PlayerEventEntity(PlayerDetailEntity, EventEntity):
    """Represent the events of a player."""

    @override
    def _get_compared_state(self) -> None:
        """Return None, because the state is written at each event."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.event_tracker.async_subscribe(self.player_id, self._async_handle_event)
        )

    @callback
    def _async_handle_event(self, event: PlayerEvent) -> None:
        self._trigger_event(event.event_type, build_event_data(self.hass, event))
        self.async_write_ha_state()


class LibraryEventEntity(ServerEntity, EventEntity):
    """Represent the events of the library."""

    @override
    def _get_compared_state(self) -> None:
        """Return None, because the state is written at each event."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.listeners.async_listen_library(self._async_handle_event)
        )

    @callback
    def _async_handle_event(self, event_type: str, item: Mapping[str, Any]) -> None:
        attributes = {name: item[name] for name in ("name", "media_type", "uri") if name in item}
        self._trigger_event(event_type, attributes)
        self.async_write_ha_state()
