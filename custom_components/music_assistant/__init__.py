"""Music Assistant: players of a Music Assistant server in Home Assistant."""

from typing import Final

from yarl import URL

from homeassistant.const import CONF_TOKEN, CONF_URL, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.device_registry import AnyDeviceEntry

from .const import DOMAIN
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .server.connection import ServerAddress

PLATFORMS: Final = (Platform.MEDIA_PLAYER,)


async def async_setup_entry(hass: HomeAssistant, entry: MusicAssistantConfigEntry) -> bool:
    """Connect to the server of an entry and set up its players."""
    address = ServerAddress(URL(entry.data[CONF_URL]), entry.data.get(CONF_TOKEN), entry.unique_id)
    coordinator = MusicAssistantCoordinator(hass, entry, address, async_get_clientsession(hass))
    await coordinator.async_config_entry_first_refresh()
    entry.runtime_data = coordinator

    async def stop(_event: Event) -> None:
        await coordinator.async_shutdown()

    # Home Assistant unloads no entry when it stops
    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: MusicAssistantConfigEntry) -> bool:
    """Unload an entry; the coordinator disconnects when the platforms are gone."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: MusicAssistantConfigEntry, device: AnyDeviceEntry
) -> bool:
    """Let a device be removed by hand when its player is gone from the server."""
    players = entry.runtime_data.mass.players
    return not any(
        domain == DOMAIN and players.get(player_id) for domain, player_id in device.identifiers
    )
