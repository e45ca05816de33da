"""The devices of an entry: one for each player, and one for each display."""

from music_assistant_models.enums import IdentifierType

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DASHBOARD_PREFIX, DOMAIN
from .players.identity import hardware
from .players.snapshot import Device


@callback
def update(hass: HomeAssistant, entry: ConfigEntry, key: str, now: Device) -> None:
    """Tell the registry what the device of a player or display is now."""
    registry = dr.async_get(hass)
    if device := registry.async_get_device_by_identifier((DOMAIN, key), entry.entry_id):
        registry.async_update_device(
            device.id,
            name=now.name,
            model=now.model,
            manufacturer=now.manufacturer or device.manufacturer,
            sw_version=now.sw_version,
        )


@callback
def remove(hass: HomeAssistant, entry: ConfigEntry, key: str) -> None:
    """Remove a device, and with it its entities."""
    registry = dr.async_get(hass)
    if device := registry.async_get_device_by_identifier((DOMAIN, key), entry.entry_id):
        registry.async_remove_device(device.id)


@callback
def player_names(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Return the names of the players that have a device, by their ids."""
    return {
        key: device.name or ""
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        for domain, key in device.identifiers
        if domain == DOMAIN and not key.startswith(DASHBOARD_PREFIX)
    }


@callback
def hardware_of(hass: HomeAssistant, device_id: str) -> frozenset[str]:
    """Return what tells any integration's device from all others, as players have it."""
    device = dr.async_get(hass).async_get(device_id)
    if not isinstance(device, dr.DeviceEntry):  # gone, or only a part of one
        return frozenset()
    identifiers = [
        (IdentifierType.MAC_ADDRESS, value)
        for kind, value in device.connections
        if kind == dr.CONNECTION_NETWORK_MAC
    ]
    if device.serial_number:
        identifiers.append((IdentifierType.SERIAL_NUMBER, device.serial_number))
    return hardware(tuple(identifiers))
