"""Subscriptions to the events of players."""

from collections.abc import Callable
import time

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from .changes import PlaybackStatus, PlayerEvent, detect_changes
from .context import PlayerContext
from .routing import Routing
from .snapshot import get_dependencies

type PlayerEventListener = Callable[[PlayerEvent], None]

# The tracker of each config entry, by its id.
DATA_EVENT_TRACKERS: HassKey[dict[str, PlayerEventTracker]] = HassKey(f"{DOMAIN}_event_trackers")


class PlayerEventTracker:
    """Represent the subscriptions to events of the players of a config entry.

    Changes are detected at each update of the server, from the caches of the client: several
    tracks may be played in one turn of the loop, for which one state is written. The tracker has
    its own routing, which is up to date in the middle of a turn. It exists before and after the
    coordinator of the entry, because automations subscribe independently of it.
    """

    def __init__(self) -> None:
        """Initialize the tracker without subscriptions."""
        self.clock = time.time
        # set by the coordinator; there are no caches before the first connection
        self.get_context: Callable[[str], PlayerContext | None] = lambda _player_id: None
        self._listeners: dict[str, dict[PlayerEventListener, None]] = {}
        self._statuses: dict[str, PlaybackStatus] = {}
        self._routing = Routing()

    def get_time(self) -> float:
        """Return the time in seconds since the epoch."""
        return self.clock()

    @callback
    def async_subscribe(self, player_id: str, listener: PlayerEventListener) -> CALLBACK_TYPE:
        """Subscribe to the events of a player."""
        if player_id not in self._listeners:
            self._listeners[player_id] = {}
            self._routing.set(player_id, (player_id,))
            self.refresh(player_id)
        self._listeners[player_id][listener] = None

        @callback
        def unsubscribe() -> None:
            listeners = self._listeners[player_id]
            del listeners[listener]
            if not listeners:
                del self._listeners[player_id]
                self._statuses.pop(player_id, None)
                self._routing.set(player_id, ())

        return unsubscribe

    def update_routes(self) -> None:
        """Route the updates of all players again: after an outage, groups may be others."""
        for player_id in self._listeners:
            if context := self.get_context(player_id):
                self._routing.set(player_id, get_dependencies(context.player))

    def handle_update(self, source_id: str) -> None:
        """Refresh the players that depend on an updated player or queue."""
        for player_id in self._routing.get_dependents(source_id):
            self.refresh(player_id)

    def refresh(self, player_id: str) -> None:
        """Detect the changes of a player since the last refresh, and notify its listeners."""
        if player_id not in self._listeners or (context := self.get_context(player_id)) is None:
            return  # the server is starting and has no players yet
        if not context.is_complete:
            return
        self._routing.set(player_id, get_dependencies(context.player))
        before = self._statuses.get(player_id)
        self._statuses[player_id], events = detect_changes(context, self.clock(), before)
        for event in events:
            self._notify(player_id, event)

    def _notify(self, player_id: str, event: PlayerEvent) -> None:
        for listener in tuple(self._listeners.get(player_id, ())):
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - the other listeners must still be called
                LOGGER.exception("Listener of player %s failed", player_id)


@callback
def async_get_event_tracker(hass: HomeAssistant, entry_id: str) -> PlayerEventTracker:
    """Return the event tracker of a config entry, and create it if necessary."""
    return hass.data.setdefault(DATA_EVENT_TRACKERS, {}).setdefault(entry_id, PlayerEventTracker())


@callback
def async_remove_event_tracker(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the event tracker of a config entry."""
    hass.data.get(DATA_EVENT_TRACKERS, {}).pop(entry_id, None)
