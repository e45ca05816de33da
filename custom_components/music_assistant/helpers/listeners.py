"""Who listens to what, by its id: to a player, a display, a queue or the server. Pure."""

from functools import partial

from homeassistant.core import CALLBACK_TYPE

from ..const import LOGGER


class Listeners:
    """Calls who listens to one of many, in the order in which they came.

    Tuples and no closures: of what we keep of a player, its listeners would take the most memory.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._of: dict[str, tuple[CALLBACK_TYPE, ...]] = {}

    def __len__(self) -> int:
        """Return how many listeners there are."""
        return sum(map(len, self._of.values()))

    def add(self, key: str, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Listen to one of them; return what ends that."""
        self._of[key] = (*self._of.get(key, ()), listener)
        return partial(self._remove, key, listener)

    def _remove(self, key: str, listener: CALLBACK_TYPE) -> None:
        others = list(self._of.pop(key))
        others.remove(listener)
        if others:
            self._of[key] = tuple(others)

    def call(self, key: str) -> None:
        """Call who listens to one of them; a listener's fault is not the others'."""
        for listener in self._of.get(key, ()):
            try:
                listener()
            except Exception:  # noqa: BLE001 - whatever it is
                LOGGER.exception("A listener to %s failed", key)
