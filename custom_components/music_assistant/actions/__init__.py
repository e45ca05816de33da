"""Actions of the integration."""

from homeassistant.core import HomeAssistant, callback

from . import (
    collections,
    discover,
    items,
    library,
    playback,
    players,
    playlists,
    queue,
    queue_items,
    saved_states,
    server,
    share_links,
    smart_playlists,
)
from .base import PlayerEntityAction, ServerAction, TargetAction
from .music import MediaAction

ACTIONS: tuple[ServerAction | MediaAction | PlayerEntityAction | TargetAction, ...] = (
    *playback.ACTIONS,
    *saved_states.ACTIONS,
    *players.ACTIONS,
    *queue.ACTIONS,
    *queue_items.ACTIONS,
    *library.ACTIONS,
    *share_links.ACTIONS,
    *items.ACTIONS,
    *playlists.ACTIONS,
    *smart_playlists.ACTIONS,
    *discover.ACTIONS,
    *collections.ACTIONS,
    *server.ACTIONS,
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the actions."""
    for action in ACTIONS:
        action.async_register(hass)
