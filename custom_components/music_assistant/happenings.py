"""What happened on a player, in Home Assistant's terms: for events and triggers."""

from typing import Any

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .coordinator import MusicAssistantCoordinator
from .players.changes import Change, Kind


def described(coordinator: MusicAssistantCoordinator, change: Change) -> dict[str, Any]:
    """Return what an event or a trigger tells of a change; leaders are told as entities."""
    told: dict[str, Any] = {}
    if played := change.played:
        told = {
            "title": played.title,
            "artists": list(played.artists),
            "album": played.album,
            "media_type": played.media_type,
            "uri": played.uri,
            "duration": played.duration or None,
            "played_from": played.container,
        }
    if change.kind is Kind.FAVORITE_CHANGED:
        told["favorite"] = change.favorite
    if change.leader:
        told["group_leader"] = er.async_get(coordinator.hass).async_get_entity_id(
            MEDIA_PLAYER_DOMAIN, DOMAIN, change.leader
        )
    return told
