"""Listeners of the updates of a server."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Set as AbstractSet
from typing import Any, Final, NamedTuple

from homeassistant.core import CALLBACK_TYPE, callback

from ..helpers.listeners import Listeners

# Topics: the providers, the settings of a player, what was played, events that providers send, and
# what was read then.
TOPIC_PROVIDERS: Final = "providers_updated"
TOPIC_PLAYER_SETTINGS: Final = "player_settings_updated"
TOPIC_RECENTLY_PLAYED: Final = "recently_played"
TOPIC_RECOMMENDATIONS: Final = "recommendations_updated"
TOPIC_HOSTS: Final = "hosts_updated"
TOPIC_QUEUE_DJ: Final = "queue_dj_updated"
TOPIC_QUEUE_DJ_READ: Final = "queue_dj_read"


class PlayerFields(NamedTuple):
    """Fields of a player's snapshot, to listen to no other change."""

    player_id: str
    names: frozenset[str]


class UpdateListeners:
    """Listeners of players, displays, the server, queues and the library."""

    def __init__(self) -> None:
        """Initialize without listeners."""
        # By id of a player, display or the server, when its snapshot changes
        self.changed = Listeners()
        # By player id, also when the new snapshot equals the old one
        self.refreshed = Listeners()
        # By queue id, when its list of items changes
        self.queue_items = Listeners()
        # By topic
        self.topics = Listeners()
        # Held by the platform that adds its entities for the players there are
        self.adding_lock = asyncio.Lock()
        self._added: list[Callable[[Collection[str]], None]] = []
        self._library: list[Callable[[str, Mapping[str, Any]], None]] = []
        self._queues: list[Callable[[str], None]] = []
        self._queue_items: list[Callable[[str], None]] = []

    @callback
    def async_listen_added(self, listener: Callable[[Collection[str]], None]) -> CALLBACK_TYPE:
        """Listen to players and displays that are added or get other options, by their ids."""
        self._added.append(listener)
        return lambda: self._added.remove(listener)

    @callback
    def async_listen_library(
        self, listener: Callable[[str, Mapping[str, Any]], None]
    ) -> CALLBACK_TYPE:
        """Listen to the library: "synced", "item_added" and "favorite_added" with the item."""
        self._library.append(listener)
        return lambda: self._library.remove(listener)

    @callback
    def async_listen_queues(self, listener: Callable[[str], None]) -> CALLBACK_TYPE:
        """Listen to all queues that change, or whose items do, by their id."""
        self._queues.append(listener)
        return lambda: self._queues.remove(listener)

    @callback
    def async_listen_queue_items(self, listener: Callable[[str], None]) -> CALLBACK_TYPE:
        """Listen to all queues whose items change, by their id."""
        self._queue_items.append(listener)
        return lambda: self._queue_items.remove(listener)

    @callback
    def async_notify(self, ids: Iterable[str], changed: AbstractSet[str] | None = None) -> None:
        """Call the listeners of these players, displays or the server.

        `changed` are the fields of the snapshots that have changed, None for all listeners.
        """
        for id_ in ids:
            self.changed.notify(id_, changed)

    @callback
    def async_notify_added(self, ids: Collection[str]) -> None:
        """Call the listeners of added players and displays."""
        for listener in self._added:
            listener(ids)

    @callback
    def async_notify_library(self, event_type: str, item: Mapping[str, Any]) -> None:
        """Call the listeners of the library."""
        for listener in tuple(self._library):
            listener(event_type, item)

    @callback
    def async_notify_queue_items(self, queue_id: str) -> None:
        """Call the listeners of a queue whose items have changed."""
        self.queue_items.notify(queue_id)
        for listener in self._queue_items:
            listener(queue_id)
        self.async_notify_queue(queue_id)

    @callback
    def async_notify_queue(self, queue_id: str) -> None:
        """Call the listeners of all queues."""
        for listener in self._queues:
            listener(queue_id)
