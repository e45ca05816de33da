"""Event entities of players and of the library."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, override

from music_assistant_models.queue_item import QueueItem

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .automation.player_events import build_event_data
from .const import DOMAIN
from .coordinator import MusicAssistantConfigEntry
from .entities.plugins import async_add_plugin_entities, has_plugin
from .entity import (
    PlayerDetailEntity,
    ServerEntity,
    async_add_player_entities,
    async_add_server_entities,
    describe_entity,
)
from .media.library_lists import get_artist_names
from .players.changes import PlayerEvent, PlayerEventType
from .server.party import PARTY_PLUGIN
from .updates.party_requests import PartyRequests

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

PARTY_EVENT: Final = EventEntityDescription(
    key="party",
    translation_key="party",
    event_types=["requested", "boosted"],
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of the library and of all players."""
    await async_add_server_entities(entry, async_add_entities, LibraryEventEntity, (LIBRARY_EVENT,))
    async_add_plugin_entities(
        entry,
        async_add_entities,
        PARTY_PLUGIN,
        lambda: (PartyEventEntity(entry.runtime_data, PARTY_EVENT),),
    )
    await async_add_player_entities(
        entry,
        async_add_entities,
        lambda player: (
            describe_entity(PlayerEventEntity, entry.runtime_data, player, PLAYER_EVENT),
        ),
    )


class PlayerEventEntity(PlayerDetailEntity, EventEntity):
    """Represent the events of a player."""

    _snapshot_fields = frozenset({"available"})

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


class PartyEventEntity(ServerEntity, EventEntity):
    """Represent the requests of guests of a party."""

    _requests: PartyRequests

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._requests = PartyRequests(
            lambda: self.mass,
            self.coordinator.listeners,
            self._handle_request,
            partial(self.coordinator.config_entry.async_create_background_task, self.hass),
        )
        self.async_on_remove(self._requests.async_start())

    @property
    @override
    def available(self) -> bool:
        return super().available and has_plugin(self.coordinator, PARTY_PLUGIN)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._requests.async_check_connection()
        super()._handle_coordinator_update()

    @callback
    def _handle_request(self, request: str, queue_id: str, item: QueueItem) -> None:
        media = item.media_item
        player = self.coordinator.get_player(queue_id)
        attributes = {
            "name": media.name if media else item.name,
            "artist": ", ".join(get_artist_names(media)) or None,
            "uri": item.uri,
            "player": player.device.name if player else None,
            "entity_id": er.async_get(self.hass).async_get_entity_id(
                MEDIA_PLAYER_DOMAIN, DOMAIN, queue_id
            ),
        }
        self._trigger_event(request, attributes)
        self.async_write_ha_state()
