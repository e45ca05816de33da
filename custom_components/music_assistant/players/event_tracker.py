"""Who wants to know what happens on which player, and what was seen of it last."""

from collections.abc import Callable
import time

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from .changes import Change, Moment, look
from .context import Facts
from .routing import Routing
from .snapshot import built_from

type Listener = Callable[[Change], None]

# The watch of each entry, by its id.
WATCHES: HassKey[dict[str, Watch]] = HassKey(f"{DOMAIN}_watches")


class Watch:
    """Looks at a player at each event that concerns it, if somebody wants to know.

    What happened is worked out at once, of what the client's caches hold: the events of one turn
    of the loop, which make one state, may well be several tracks. So it has a routing of its own,
    which is up to date in the middle of a turn. It outlives the coordinator of its entry, as
    those who listen may do: automations do so before there is a coordinator, and after.
    """

    def __init__(self) -> None:
        """Watch nobody yet."""
        self.clock = time.time
        # what the caches hold of a player; there are none before the first connection
        self.facts: Callable[[str], Facts | None] = _nothing
        self._listeners: dict[str, dict[Listener, None]] = {}
        self._moments: dict[str, Moment] = {}
        self._routing = Routing()

    @callback
    def listen(self, player_id: str, listener: Listener) -> CALLBACK_TYPE:
        """Tell a listener of what happens on a player from now on."""
        if player_id not in self._listeners:
            self._listeners[player_id] = {}
            self._routing.set(player_id, (player_id,))
            self.look(player_id)
        self._listeners[player_id][listener] = None

        @callback
        def remove() -> None:
            listeners = self._listeners[player_id]
            del listeners[listener]
            if not listeners:
                del self._listeners[player_id]
                self._moments.pop(player_id, None)
                self._routing.set(player_id, ())

        return remove

    def changed(self, source: str) -> None:
        """Look at those whom a change of a player or a queue concerns."""
        for player_id in self._routing.concerned(source):
            self.look(player_id)

    def look(self, player_id: str) -> None:
        """Look at a player, and tell what happened on it since the last look."""
        if player_id not in self._listeners or (facts := self.facts(player_id)) is None:
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


def _nothing(_player_id: str) -> None:
    """Know nothing."""


@callback
def async_watch(hass: HomeAssistant, entry_id: str) -> Watch:
    """Return the watch of an entry, which is there before the entry is set up."""
    return hass.data.setdefault(WATCHES, {}).setdefault(entry_id, Watch())


@callback
def async_forget_watch(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the watch of an entry that is removed."""
    hass.data.get(WATCHES, {}).pop(entry_id, None)
