"""Devices of a config entry: players, displays and the server."""

from collections.abc import Mapping
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_client.exceptions import NotConnected
from music_assistant_models.api import ServerInfoMessage
from music_assistant_models.enums import IdentifierType

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import DASHBOARD_PREFIX, DEFAULT_TITLE, DOMAIN
from ..players.matching import get_hardware_ids
from ..players.snapshot import Device, PlayerSnapshot
from ..server.limits import shorten_name

MODEL: Final = "Server"


def get_server_identifier(entry: ConfigEntry) -> str:
    """Return the identifier of the server's device, which is the server id."""
    return entry.unique_id or entry.entry_id


def build_server_device(entry: ConfigEntry, info: ServerInfoMessage | None) -> Device:
    """Build the device of a server."""
    version = shorten_name(info.server_version) if info else None
    return Device(entry.title, MODEL, DEFAULT_TITLE, version)


def build_device_info(
    key: str,
    device: Device,
    url: str | None = None,
    entry_type: dr.DeviceEntryType | None = None,
) -> dr.DeviceInfo:
    """Build the device info of an entity; `url` is the device's page on the server."""
    return dr.DeviceInfo(
        identifiers={(DOMAIN, key)},
        entry_type=entry_type,
        configuration_url=url,
        name=device.name,
        model=device.model,
        manufacturer=device.manufacturer,
        sw_version=device.sw_version,
    )


@callback
def get_device(hass: HomeAssistant, entry: ConfigEntry, key: str) -> dr.DeviceEntry | None:
    """Return a device of the registry by its key, None if there is none."""
    return dr.async_get(hass).async_get_device_by_identifier((DOMAIN, key), entry.entry_id)


@callback
def get_server_version(hass: HomeAssistant, entry: ConfigEntry) -> str | None:
    """Return the version of the server at the last connection, from the device registry."""
    device = get_device(hass, entry, get_server_identifier(entry))
    return device.sw_version if device else None


@callback
def async_update_device(hass: HomeAssistant, entry: ConfigEntry, key: str, info: Device) -> None:
    """Update a device in the registry if it exists."""
    if device := get_device(hass, entry, key):
        dr.async_get(hass).async_update_device(
            device.id,
            name=info.name,
            model=info.model,
            manufacturer=info.manufacturer or device.manufacturer,
            sw_version=info.sw_version,
        )


@callback
def async_remove_device(hass: HomeAssistant, entry: ConfigEntry, key: str) -> None:
    """Remove a device and its entities."""
    if device := get_device(hass, entry, key):
        dr.async_get(hass).async_remove_device(device.id)


@callback
def find_player(
    hass: HomeAssistant, entry: ConfigEntry, players: Mapping[str, PlayerSnapshot], entity_id: str
) -> PlayerSnapshot | None:
    """Return the player of a media player entity, None for all others.

    An entity of another integration is the player whose hardware it has, if there is exactly one.
    """
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.domain != MEDIA_PLAYER_DOMAIN:
        return None
    if entity.config_entry_id == entry.entry_id:
        return players.get(entity.unique_id)
    own = get_device_hardware_ids(hass, entity.device_id or "")
    same = [player for player in players.values() if own & player.hardware_ids]
    return same[0] if len(same) == 1 else None


async def async_remove_from_server(
    mass: MusicAssistantClient, entry: ConfigEntry, key: str
) -> bool:
    """Remove a player from the server's configuration.

    Returns False for what can't be removed: a display that is registered, or the server.
    Raises the library's errors if the server refuses or isn't connected.
    """
    if not mass.connection.connected:
        raise NotConnected
    if key == get_server_identifier(entry):
        return False
    if key.startswith(DASHBOARD_PREFIX):
        return mass.dashboard.get(key.removeprefix(DASHBOARD_PREFIX)) is None
    if mass.players.get(key):
        await mass.config.remove_player_config(key)
    return True


@callback
def get_player_names(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Return the names of all players that have a device, by player id."""
    server = get_server_identifier(entry)
    return {
        key: device.name or ""
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        for domain, key in device.identifiers
        if domain == DOMAIN and key != server and not key.startswith(DASHBOARD_PREFIX)
    }


@callback
def get_device_hardware_ids(hass: HomeAssistant, device_id: str) -> frozenset[str]:
    """Return hardware ids of any device, comparable with those of players."""
    device = dr.async_get(hass).async_get(device_id)
    if not isinstance(device, dr.DeviceEntry):  # removed, or a child device
        return frozenset()
    identifiers = [
        (IdentifierType.MAC_ADDRESS, value)
        for connection_type, value in device.connections
        if connection_type == dr.CONNECTION_NETWORK_MAC
    ]
    if device.serial_number:
        identifiers.append((IdentifierType.SERIAL_NUMBER, device.serial_number))
    return get_hardware_ids(tuple(identifiers))
