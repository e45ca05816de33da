"""System health: the state of each server's connection."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import MusicAssistantConfigEntry
from .diagnostics import connection_details

SHOWN = (
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
    """Register what is shown."""
    register.async_register_info(system_health_info)


async def system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the state of the connection; of each one, where there are several servers."""
    entries: list[MusicAssistantConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    shown: dict[str, Any] = {"servers": len(entries)}
    for entry in entries:
        details = connection_details(entry.runtime_data)
        mark = f" ({entry.title})" if len(entries) > 1 else ""
        shown |= {f"{key}{mark}": details[key] for key in SHOWN}
    return shown
