"""Who wants to know what happens on which player, and what was seen of it last."""

from collections.abc import Callable
import time

from homeassistant.core import CALLBACK_TYPE, callback

from ..const import LOGGER
from .changes import Change, Moment, look
from .details import Facts
from .routing import Routing
from .snapshot import built_from

type Listener = Callable[[Change], None]


class Watch:
    """Looks at a player at each event that concerns it, if somebody wants to know.

    What happened is worked out at once, of what the client's caches hold: the events of one turn
    of the loop, which make one state, may well be several tracks. So it has a routing of its own,
    which is up to date in the middle of a turn.
    """

    def __init__(self, facts: Callable[[str], Facts | None]) -> None:
        """Watch nobody yet; `facts` gives what the caches hold of a player."""
        self.clock = time.time
        self._facts = facts
        self._listeners: dict[str, dict[Listener, None]] = {}
        self._moments: dict[str, Moment] = {}
        self._routing = Routing()

    @callback
    def listen(self, player_id: str, listener: Listener) -> CALLBACK_TYPE:
        """Tell a listener of what happens on a player from now on."""
        if player_id not in self._listeners:
            self._listeners[player_id] = {}
            self._routing.set(player_id, frozenset({player_id}))
            self.look(player_id)
        self._listeners[player_id][listener] = None

        @callback
        def remove() -> None:
            listeners = self._listeners[player_id]
            del listeners[listener]
            if not listeners:
                del self._listeners[player_id]
                self._moments.pop(player_id, None)
                self._routing.set(player_id, frozenset())

        return remove

    def changed(self, source: str) -> None:
        """Look at those whom a change of a player or a queue concerns."""
        for player_id in tuple(self._routing.concerned(source)):
            self.look(player_id)

    def look(self, player_id: str) -> None:
        """Look at a player, and tell what happened on it since the last look."""
        if player_id not in self._listeners or (facts := self._facts(player_id)) is None:
            return  # a server that starts knows no players yet
        if not facts.whole:
            return
        self._routing.set(player_id, built_from(facts.player))
        before = self._moments.get(player_id)
        self._moments[player_id], changes = look(facts, self.clock(), before)
        for change in changes:
            self._tell(player_id, change)

    def _tell(self, player_id: str, change: Change) -> None:
        for listener in tuple(self._listeners.get(player_id, ())):
            try:
                listener(change)
            except Exception:  # noqa: BLE001 - one listener's fault is not the others'
                LOGGER.exception("Listener of player %s failed", player_id)
