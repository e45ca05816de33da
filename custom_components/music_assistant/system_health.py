"""System health: the connection to each server."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import MusicAssistantConfigEntry
from .diagnostics import get_connection_details

CONNECTION_FIELDS = (
    "address",
    "server_version",
    "schema_version",
    "connected",
    "connected_since",
    "lost_at",
    "lost_because",
    "attempts",
    "events_per_minute",
)


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register the system health callback."""
    register.async_register_info(async_get_system_health_info)


async def async_get_system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return connection details, labeled with the server if there are several."""
    entries: list[MusicAssistantConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    health_info: dict[str, Any] = {"servers": len(entries)}
    for entry in entries:
        details = get_connection_details(entry.runtime_data)
        suffix = f" ({entry.title})" if len(entries) > 1 else ""
        health_info |= {f"{key}{suffix}": details[key] for key in CONNECTION_FIELDS}
    return health_info
