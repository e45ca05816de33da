"""Updates of groups whose members get other entities."""

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .listeners import UpdateListeners
from .snapshots import SnapshotStore


@callback
def async_track_group_entities(
    hass: HomeAssistant, entry_id: str, store: SnapshotStore, listeners: UpdateListeners
) -> CALLBACK_TYPE:
    """Notify the groups of a player whose entity is added, removed or renamed."""

    @callback
    def handle_registry(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        entity = er.async_get(hass).async_get(event.data["entity_id"])
        if entity is None:  # removed, and so is the link to its player
            listeners.async_notify(tuple(store.groups.get_player_ids()))
        elif entity.config_entry_id == entry_id:
            listeners.async_notify(store.groups.get_dependents(entity.unique_id))

    return hass.bus.async_listen(
        er.EVENT_ENTITY_REGISTRY_UPDATED, handle_registry, is_media_player_id_change
    )


@callback
def is_media_player_id_change(data: er.EventEntityRegistryUpdatedData) -> bool:
    """Return if a media player entity was added, removed or got another entity id."""
    if data["action"] == "update" and "entity_id" not in data["changes"]:
        return False
    return data["entity_id"].startswith(f"{MEDIA_PLAYER_DOMAIN}.")
