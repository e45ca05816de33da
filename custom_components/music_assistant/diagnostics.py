"""Diagnostics: what helps to find a fault, by allow-list, so that no secret can slip in."""

from dataclasses import asdict
from typing import Any, Final

from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.util import dt as dt_util

from .const import CONF_ORIGIN, DOMAIN
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator, coordinator_of
from .entry.tokens import is_ours
from .players.display import DisplaySnapshot
from .server.token import Token

# What is told of a player as it is in its snapshot: nothing of its media, nor of its hardware.
PLAYER_DETAILS: Final = (
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
    """Return what is known of a server's connection and players.

    Of an entry that was never set up since Home Assistant's start, that is how it was made.
    """
    details: dict[str, Any] = {
        "entry": {
            "title": entry.title,
            "origin": entry.data.get(CONF_ORIGIN),
            "token": token_details(entry),
        }
    }
    if (coordinator := coordinator_of(entry)) is not None:
        details["connection"] = connection_details(coordinator)
        details["players"] = [
            player_details(coordinator, player_id) for player_id in coordinator.data
        ]
        details["displays"] = [display_details(one) for one in coordinator.displays.values()]
    return details


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: MusicAssistantConfigEntry, device: AnyDeviceEntry
) -> dict[str, Any]:
    """Return what is known of one player or display."""
    details: dict[str, Any] = {"players": [], "displays": []}
    if (coordinator := coordinator_of(entry)) is None:
        return details
    for domain, key in device.identifiers:
        if domain == DOMAIN and key in coordinator.data:
            details["players"].append(player_details(coordinator, key))
        elif domain == DOMAIN and (display := coordinator.displays.get(key)):
            details["displays"].append(display_details(display))
    return details


def token_details(entry: MusicAssistantConfigEntry) -> dict[str, Any] | None:
    """Return how long the token lasts and whose it is, but nothing that tells which one it is."""
    if (token := Token.read(entry.data.get(CONF_TOKEN))) is None:
        return None
    return {"made_by_us": is_ours(entry.data), "made": token.made, "expires": token.expires}


def connection_details(coordinator: MusicAssistantCoordinator) -> dict[str, Any]:
    """Return address, versions and history of the connection."""
    connection = coordinator.connection
    history = connection.history
    info = connection.info
    since = history.connected_since
    minutes = (dt_util.utcnow() - since).total_seconds() / 60 if since else 0
    socket = connection.client.connection
    return {
        "address": str(coordinator.site.url.with_user(None)),
        "trusted": coordinator.site.trust.kind if coordinator.site.trust else None,
        "server_version": info.server_version if info else None,
        "schema_version": info.schema_version if info else None,
        "connected": socket.connected,
        **asdict(history),
        "events_per_minute": round(connection.client.events / minutes, 1) if minutes else 0,
        "bad_frames": socket.bad_frames,
        "events": connection.client.events,
    }


def player_details(coordinator: MusicAssistantCoordinator, player_id: str) -> dict[str, Any]:
    """Return a player's snapshot without what is being listened to, and without serial numbers."""
    player = coordinator.data[player_id]
    return {
        **{name: getattr(player, name) for name in PLAYER_DETAILS},
        "device": player.device._asdict(),
        "position": player.position._asdict() if player.position else None,
        "options": [option._asdict() for option in player.options],
        "built_from": sorted(player.built_from),
    }


def display_details(display: DisplaySnapshot) -> dict[str, Any]:
    """Return what a display can show and shows, but not of whose music."""
    return {
        "dashboard_id": display.dashboard_id,
        "available": display.available,
        "types": display.types,
        "shown": display.shown,
        "player_id": display.player_id,
    }
