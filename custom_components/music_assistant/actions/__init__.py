"""Actions of the integration."""

from homeassistant.core import HomeAssistant, callback

from . import (
    collections,
    discover,
    groups,
    items,
    library,
    playback,
    players,
    playlist_transfer,
    playlists,
    queue,
    queue_items,
    saved_states,
    server,
    share_links,
    similar,
    smart_playlists,
)
from .base import PlayerEntityAction, ServerAction, TargetAction
from .music import MediaAction

ACTIONS: tuple[ServerAction | MediaAction | PlayerEntityAction | TargetAction, ...] = (
    *playback.ACTIONS,
    *saved_states.ACTIONS,
    *players.ACTIONS,
    *groups.ACTIONS,
    *queue.ACTIONS,
    *queue_items.ACTIONS,
    *library.ACTIONS,
    *share_links.ACTIONS,
    *items.ACTIONS,
    *playlists.ACTIONS,
    *playlist_transfer.ACTIONS,
    *smart_playlists.ACTIONS,
    *discover.ACTIONS,
    *similar.ACTIONS,
    *collections.ACTIONS,
    *server.ACTIONS,
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the actions."""
    for action in ACTIONS:
        action.async_register(hass)
