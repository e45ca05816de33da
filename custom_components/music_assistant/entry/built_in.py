"""Going back to the built-in integration, which doesn't know all of the entities."""

from collections.abc import Iterator, Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import DOMAIN
from .devices import get_server_identifier

# Translation keys of the entities that the built-in integration doesn't have.
ADDITIONAL_ENTITIES: Final[Mapping[str, frozenset[str]]] = {
    Platform.BINARY_SENSOR: frozenset({"library_sync", "provider_problem"}),
    Platform.EVENT: frozenset({"library", "party", "player"}),
    Platform.IMAGE: frozenset({"party_qr_code"}),
    Platform.NUMBER: frozenset({"playback_speed", "volume_limit"}),
    Platform.SELECT: frozenset({"chapter", "dsp_preset", "queue_dj", "sleep_timer"}),
    Platform.SENSOR: frozenset(
        {
            "active_source",
            "audio_quality",
            "background_tasks",
            "library_albums",
            "library_artists",
            "library_audiobooks",
            "library_playlists",
            "library_podcasts",
            "library_radios",
            "library_tracks",
            "next_track",
            "party_address",
            "queue_position",
            "queue_size",
            "server_version",
            "sleep_timer",
            "token_expires",
        }
    ),
    Platform.SWITCH: frozenset(
        {"autoplay", "crossfade", "dsp", "favorite", "flow_mode", "party_guest_access"}
    ),
}


@callback
def async_get_additional_entity_ids(hass: HomeAssistant, entry: ConfigEntry) -> list[str]:
    """Return the ids of an entry's entities that the built-in integration doesn't have."""
    return [entity.entity_id for entity in _get_additional_entities(hass, entry)]


@callback
def async_remove_additional_entities(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove the entities and the device that the built-in integration doesn't have.

    Home Assistant remembers their ids and settings, in case they are added again.
    """
    entities, devices = er.async_get(hass), dr.async_get(hass)
    for entity in list(_get_additional_entities(hass, entry)):
        entities.async_remove(entity.entity_id)
    server = devices.async_get_device_by_identifier(
        (DOMAIN, get_server_identifier(entry)), entry.entry_id
    )
    if server is not None:
        devices.async_remove_device(server.id)


def _get_additional_entities(hass: HomeAssistant, entry: ConfigEntry) -> Iterator[er.RegistryEntry]:
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        if entity.translation_key in ADDITIONAL_ENTITIES.get(entity.domain, ()):
            yield entity
