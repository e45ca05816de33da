"""Availability of a server's players through losses of the connection."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..const import LOGGER
from ..helpers.batching import in_batches
from .listeners import UpdateListeners
from .snapshots import SnapshotStore

# Seconds that a lost connection may take to come back before its players are unavailable.
CONNECTION_GRACE_PERIOD: Final = 5.0


class AvailabilityTracker:
    """Marks the players unavailable when a lost connection isn't back within a grace period."""

    def __init__(
        self,
        hass: HomeAssistant,
        server_id: str,
        store: SnapshotStore,
        listeners: UpdateListeners,
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Initialize as unavailable."""
        self.hass = hass
        self.available = False
        self._server_id = server_id
        self._store = store
        self._listeners = listeners
        self._create_task = create_task
        self._grace_timer: CALLBACK_TYPE | None = None
        self._notify_task: asyncio.Task[None] | None = None

    @property
    def is_settled(self) -> bool:
        """Return if no grace period is running, and all players were refreshed and notified."""
        is_notifying = self._notify_task is not None and not self._notify_task.done()
        return self._grace_timer is None and not is_notifying

    @callback
    def handle_lost(self, server: str, reason: str) -> None:
        """Start the grace period, unless it is running or over."""

        @callback
        def mark_unavailable(_now: datetime) -> None:
            self._grace_timer = None
            self.available = False
            LOGGER.warning(
                "Lost the connection to %s (%s); its players are unavailable until it is back",
                server,
                reason,
            )
            self._for_each_in_batches(
                [self._server_id, *self._store.players, *self._store.displays],
                lambda key: self._listeners.async_notify((key,)),
            )

        if self._grace_timer is None and self.available:
            self._grace_timer = async_call_later(
                self.hass, CONNECTION_GRACE_PERIOD, mark_unavailable
            )

    @callback
    def handle_connected(self, server: str, refresh: Callable[[str], bool]) -> None:
        """Refresh all players and notify those that changed, or all of them after a loss.

        `refresh` returns if the listeners of a player were notified.
        """
        self._cancel_grace_timer()
        was_unavailable, self.available = not self.available, True
        if was_unavailable:
            LOGGER.warning("The connection to %s is back", server)
        self._listeners.async_notify((self._server_id,))
        # The connection was lost again before all were notified that it was back
        unfinished = self._notify_task is not None and not self._notify_task.done()

        def refresh_and_notify(player_id: str) -> None:
            if not refresh(player_id) and (was_unavailable or unfinished):
                self._listeners.async_notify((player_id,))

        self._for_each_in_batches(self._store.find_all_ids(), refresh_and_notify)

    @callback
    def close(self) -> None:
        """Cancel the grace period and pending notifications."""
        if self._notify_task:
            self._notify_task.cancel()
        self._cancel_grace_timer()

    def _cancel_grace_timer(self) -> None:
        if self._grace_timer:
            self._grace_timer()
            self._grace_timer = None

    def _for_each_in_batches(self, ids: list[str], handle: Callable[[str], object]) -> None:
        if self._notify_task:
            self._notify_task.cancel()

        async def handle_all() -> None:
            async for id_ in in_batches(ids):
                handle(id_)

        self._notify_task = self._create_task(handle_all(), "notify")
