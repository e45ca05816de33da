"""Events: what happens on players and to the library, as it happens."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .automation.player_events import described
from .coordinator import MusicAssistantConfigEntry
from .entity import PartEntity, ServerEntity, async_add_players
from .players.changes import Change, Kind

PARALLEL_UPDATES = 0  # nothing is polled

PLAYER_EVENT: Final = EventEntityDescription(
    key="player",
    translation_key="player",
    event_types=list(Kind),
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
    async_add_entities([LibraryEvent(entry.runtime_data, LIBRARY_EVENT)])
    await async_add_players(
        entry,
        async_add_entities,
        lambda player: (PlayerEvent(entry.runtime_data, player, PLAYER_EVENT),),
    )


class PlayerEvent(PartEntity, EventEntity):
    """What happens on a player."""

    @override
    def _part(self) -> None:
        """Return nothing: what happens is written when it does."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.watch.listen(self.player_id, self._happened))

    @callback
    def _happened(self, change: Change) -> None:
        self._trigger_event(change.kind, described(self.hass, change))
        self.async_write_ha_state()


class LibraryEvent(ServerEntity, EventEntity):
    """What happens to the library."""

    @override
    def _part(self) -> None:
        """Return nothing: what happens is written when it does."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_on_library(self._happened))

    @callback
    def _happened(self, kind: str, item: Mapping[str, Any]) -> None:
        told = {name: item[name] for name in ("name", "media_type", "uri") if name in item}
        self._trigger_event(kind, told)
        self.async_write_ha_state()
