"""The actions of the domain: a table for each subject, registered by one loop."""

from homeassistant.core import HomeAssistant, callback

from . import library, playback, players, queue, queue_items, server
from .base import Action, PlayerAction, TargetAction

ACTIONS: tuple[Action | PlayerAction | TargetAction, ...] = (
    *playback.ACTIONS,
    *players.ACTIONS,
    *queue.ACTIONS,
    *queue_items.ACTIONS,
    *library.ACTIONS,
    *server.ACTIONS,
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register all actions."""
    for action in ACTIONS:
        action.register(hass)
