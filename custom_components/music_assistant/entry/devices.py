"""The devices of an entry: one for each player, one for each display, and the server's."""

from typing import Final

from music_assistant_models.api import ServerInfoMessage
from music_assistant_models.enums import IdentifierType

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..const import DASHBOARD_PREFIX, DEFAULT_TITLE, DOMAIN
from ..players.matching import hardware
from ..players.snapshot import Device

MODEL: Final = "Server"


def server_key(entry: ConfigEntry) -> str:
    """Return what the server's device is identified by: its id, as entries bear it."""
    return entry.unique_id or entry.entry_id


def of_server(entry: ConfigEntry, info: ServerInfoMessage | None) -> Device:
    """Return what the device registry is told of a server."""
    return Device(entry.title, MODEL, DEFAULT_TITLE, info.server_version if info else None)


def info(
    key: str, device: Device, url: str | None = None, kind: dr.DeviceEntryType | None = None
) -> dr.DeviceInfo:
    """Return a device as entities name it; `url` is its page on the server."""
    return dr.DeviceInfo(
        identifiers={(DOMAIN, key)},
        entry_type=kind,
        configuration_url=url,
        name=device.name,
        model=device.model,
        manufacturer=device.manufacturer,
        sw_version=device.sw_version,
    )


@callback
def server_version(hass: HomeAssistant, entry: ConfigEntry) -> str | None:
    """Return the version of the server when it was last connected to."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier((DOMAIN, server_key(entry)), entry.entry_id)
    return device.sw_version if device else None


@callback
def update(hass: HomeAssistant, entry: ConfigEntry, key: str, now: Device) -> None:
    """Tell the registry what a device is now."""
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
    server = server_key(entry)
    return {
        key: device.name or ""
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        for domain, key in device.identifiers
        if domain == DOMAIN and key != server and not key.startswith(DASHBOARD_PREFIX)
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
