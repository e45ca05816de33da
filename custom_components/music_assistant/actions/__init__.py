"""The actions of the domain: a table for each subject, registered by one loop."""

from homeassistant.core import HomeAssistant, callback

from . import (
    discover,
    items,
    library,
    mass_queue,
    playback,
    players,
    playlists,
    queue,
    queue_items,
    saved_states,
    server,
    share_links,
)
from .base import Action, PlayerAction, TargetAction
from .music import MusicAction

ACTIONS: tuple[Action | MusicAction | PlayerAction | TargetAction, ...] = (
    *playback.ACTIONS,
    *saved_states.ACTIONS,
    *players.ACTIONS,
    *queue.ACTIONS,
    *queue_items.ACTIONS,
    *library.ACTIONS,
    *share_links.ACTIONS,
    *items.ACTIONS,
    *playlists.ACTIONS,
    *discover.ACTIONS,
    *mass_queue.ACTIONS,
    *server.ACTIONS,
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register all actions."""
    for action in ACTIONS:
        action.register(hass)
