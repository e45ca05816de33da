"""Listeners by key."""

from functools import partial

from homeassistant.core import CALLBACK_TYPE

from ..const import LOGGER


class Listeners:
    """Represent listeners to updates, by the id of a player, display, queue or server.

    They are kept in tuples, without closures, because they are most of the memory of a player.
    """

    def __init__(self) -> None:
        """Initialize without listeners."""
        self._listeners: dict[str, tuple[CALLBACK_TYPE, ...]] = {}

    def __len__(self) -> int:
        """Return the number of listeners."""
        return sum(map(len, self._listeners.values()))

    def add(self, key: str, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Add a listener for a key; return a function that removes it."""
        self._listeners[key] = (*self._listeners.get(key, ()), listener)
        return partial(self._remove, key, listener)

    def _remove(self, key: str, listener: CALLBACK_TYPE) -> None:
        others = list(self._listeners.pop(key))
        others.remove(listener)
        if others:
            self._listeners[key] = tuple(others)

    def notify(self, key: str) -> None:
        """Call the listeners for a key in the order in which they were added."""
        for listener in self._listeners.get(key, ()):
            try:
                listener()
            except Exception:  # noqa: BLE001 - the other listeners must still be called
                LOGGER.exception("A listener to %s failed", key)
