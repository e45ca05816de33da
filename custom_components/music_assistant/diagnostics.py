"""Diagnostics; only listed fields are included, so that they can't contain secrets."""

from dataclasses import asdict
from typing import Any, Final

from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.util import dt as dt_util

from .const import CONF_ORIGIN, DOMAIN
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator, get_coordinator
from .entry.tokens import has_created_token
from .players.display import DisplaySnapshot
from .server.token import TokenInfo

# Fields of the player snapshot that are included unchanged; none of its media or hardware.
PLAYER_FIELDS: Final = (
    "player_id",
    "available",
    "type",
    "provider",
    "icon",
    "features",
    "state",
    "volume",
    "muted",
    "source",
    "sources",
    "sound_mode",
    "sound_modes",
    "group_members",
    "queue_id",
    "app_id",
    "shuffle",
    "repeat",
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: MusicAssistantConfigEntry
) -> dict[str, Any]:
    """Return diagnostics of an entry, its connection, players and displays.

    An entry that was not set up since Home Assistant started only has its own data.
    """
    details: dict[str, Any] = {
        "entry": {
            "title": entry.title,
            "origin": entry.data.get(CONF_ORIGIN),
            "token": get_token_details(entry),
        }
    }
    if (coordinator := get_coordinator(entry)) is not None:
        details["connection"] = get_connection_details(coordinator)
        details["players"] = [
            get_player_details(coordinator, player_id) for player_id in coordinator.data
        ]
        details["displays"] = [
            get_display_details(display) for display in coordinator.store.displays.values()
        ]
    return details


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: MusicAssistantConfigEntry, device: AnyDeviceEntry
) -> dict[str, Any]:
    """Return diagnostics of a player or display."""
    details: dict[str, Any] = {"players": [], "displays": []}
    if (coordinator := get_coordinator(entry)) is None:
        return details
    for domain, key in device.identifiers:
        if domain == DOMAIN and key in coordinator.data:
            details["players"].append(get_player_details(coordinator, key))
        elif domain == DOMAIN and (display := coordinator.store.displays.get(key)):
            details["displays"].append(get_display_details(display))
    return details


def get_token_details(entry: MusicAssistantConfigEntry) -> dict[str, Any] | None:
    """Return dates and origin of the token, but nothing that identifies it."""
    if (token := TokenInfo.parse(entry.data.get(CONF_TOKEN))) is None:
        return None
    return {
        "made_by_us": has_created_token(entry.data),
        "made": token.created,
        "expires": token.expires,
    }


def get_connection_details(coordinator: MusicAssistantCoordinator) -> dict[str, Any]:
    """Return address, versions and history of the connection; system health uses it, too."""
    connection = coordinator.connection
    history = connection.history
    info = connection.server_info
    since = history.connected_since
    minutes = (dt_util.utcnow() - since).total_seconds() / 60 if since else 0
    socket = connection.client.connection
    return {
        "address": str(coordinator.endpoint.url.with_user(None)),
        "trusted": coordinator.endpoint.certificate_policy.kind
        if coordinator.endpoint.certificate_policy
        else None,
        "server_version": info.server_version if info else None,
        "schema_version": info.schema_version if info else None,
        "connected": socket.connected,
        **asdict(history),
        "events_per_minute": round(connection.client.event_count / minutes, 1) if minutes else 0,
        "bad_frames": socket.skipped_frames,
        "events": connection.client.event_count,
    }


def get_player_details(coordinator: MusicAssistantCoordinator, player_id: str) -> dict[str, Any]:
    """Return a player's snapshot without its media and serial numbers."""
    player = coordinator.data[player_id]
    return {
        **{name: getattr(player, name) for name in PLAYER_FIELDS},
        "device": player.device._asdict(),
        "position": player.position._asdict() if player.position else None,
        "options": [option._asdict() for option in player.options],
        "built_from": sorted(player.dependencies),
    }


def get_display_details(display: DisplaySnapshot) -> dict[str, Any]:
    """Return the dashboards that a display can show and shows, without media."""
    return {
        "dashboard_id": display.dashboard_id,
        "available": display.available,
        "types": display.supported_types,
        "shown": display.dashboard,
        "player_id": display.player_id,
    }
