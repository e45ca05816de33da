"""Upkeep of the device registry for an entry."""

from music_assistant_models.api import ServerInfoMessage

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..entry import devices
from ..players.snapshot import Device


class DeviceUpdater:
    """Updates and removes the devices of an entry."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Initialize for the devices of an entry."""
        self.hass = hass
        self._entry = entry
        self._up_to_date: set[str] = set()  # keys of devices that this run has registered

    @callback
    def set_up_to_date(self, key: str) -> None:
        """Note that the device of a player is registered and up to date."""
        self._up_to_date.add(key)

    @callback
    def find_up_to_date(self, key: str) -> dr.DeviceEntry | None:
        """Return the device of a player if it is registered and up to date.

        Later changes update it.
        """
        if key not in self._up_to_date:
            return None
        return devices.get_device(self.hass, self._entry, key)

    @callback
    def update(self, key: str, device: Device) -> None:
        """Update the device of a player or display."""
        devices.async_update_device(self.hass, self._entry, key, device)

    @callback
    def update_server(self, info: ServerInfoMessage | None) -> None:
        """Update the device of the server."""
        self.update(
            devices.get_server_identifier(self._entry),
            devices.build_server_device(self._entry, info),
        )

    @callback
    def remove(self, key: str) -> None:
        """Remove the device of a player and its entities."""
        self._up_to_date.discard(key)
        devices.async_remove_device(self.hass, self._entry, key)

    @callback
    def get_player_names(self) -> dict[str, str]:
        """Return the names of the players that have a device, by player id."""
        return devices.get_player_names(self.hass, self._entry)
