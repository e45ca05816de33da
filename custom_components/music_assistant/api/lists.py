"""Subscription to changes of the lists that dashboards show: what was played, and suggestions."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import probatio

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.event import async_call_later

from ..actions.targets import PlayerTarget, async_get_permitted_target
from ..const import DOMAIN
from ..coordinator import MusicAssistantCoordinator
from ..updates.listeners import TOPIC_RECENTLY_PLAYED, TOPIC_RECOMMENDATIONS

# Seconds in which changes are collected.
COLLECTING_TIME: Final = 1.5
# Names of the lists, by the topic of their changes.
LISTS: Final = {
    TOPIC_RECENTLY_PLAYED: "recently_played",
    TOPIC_RECOMMENDATIONS: "recommendations",
}


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the websocket command."""
    websocket_api.async_register_command(hass, _async_handle_subscribe)


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/lists/subscribe",
        probatio.Required("entity_id"): cv.entity_id,
    }
)
@websocket_api.async_response
async def _async_handle_subscribe(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Subscribe to changes of the lists of a player's server: {changed: [names]}."""
    context = connection.context(msg)
    target = await async_get_permitted_target(hass, context, msg["entity_id"], POLICY_READ)
    msg_id = msg["id"]
    subscription = ListsSubscription(
        target, lambda names: connection.send_event(msg_id, {"changed": names})
    )
    connection.subscriptions[msg_id] = subscription.async_stop
    connection.send_result(msg_id)
    subscription.async_start()


class ListsSubscription:
    """Represent a subscription to the lists of a server.

    A new connection may have missed changes, so all lists count as changed then.
    """

    def __init__(self, target: PlayerTarget, send: Callable[[list[str]], None]) -> None:
        """Initialize the subscription."""
        self._hass = target.coordinator.hass
        self._entry = target.coordinator.config_entry
        self._send = send
        self._mass = target.mass
        self._changed: set[str] = set()
        self._unsub_timer: CALLBACK_TYPE | None = None
        self._unsub_listeners: list[CALLBACK_TYPE] = []
        self._unsub_entry_state = self._entry.async_on_state_change(self._async_handle_entry_state)

    @property
    def _coordinator(self) -> MusicAssistantCoordinator:
        """Return the current coordinator of the entry, which is new after each setup."""
        return self._entry.runtime_data

    @callback
    def async_start(self) -> None:
        """Listen to changes."""
        coordinator = self._coordinator
        self._unsub_listeners = [
            coordinator.async_add_listener(self._async_handle_server_update, coordinator.server_id),
            *(
                coordinator.listeners.topics.add(topic, partial(self._add_changes, name))
                for topic, name in LISTS.items()
            ),
        ]

    @callback
    def async_stop(self) -> None:
        """Stop the subscription."""
        self._unsub_entry_state()
        self._unsubscribe()

    def _unsubscribe(self) -> None:
        """Stop listening, and forget what wasn't sent."""
        while self._unsub_listeners:
            self._unsub_listeners.pop()()
        if self._unsub_timer:
            self._unsub_timer()
            self._unsub_timer = None

    @callback
    def _async_handle_entry_state(self) -> None:
        """Handle a setup or unload of the entry."""
        if self._entry.state is ConfigEntryState.LOADED:
            self.async_start()
            self._async_handle_server_update()
        elif self._unsub_listeners:
            self._unsubscribe()

    @callback
    def _async_handle_server_update(self) -> None:
        """Handle an update of the server, which comes with each new connection."""
        coordinator = self._coordinator
        if coordinator.available and coordinator.mass is not self._mass:
            self._mass = coordinator.mass
            self._add_changes(*LISTS.values())

    def _add_changes(self, *names: str) -> None:
        """Add changed lists to those that are sent together."""
        self._changed.update(names)
        if self._unsub_timer is None:
            self._unsub_timer = async_call_later(self._hass, COLLECTING_TIME, self._async_flush)

    @callback
    def _async_flush(self, _now: object) -> None:
        """Send the changed lists."""
        self._unsub_timer = None
        changed = sorted(self._changed)
        self._changed.clear()
        self._send(changed)
