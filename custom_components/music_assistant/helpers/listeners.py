"""Listeners by key."""

from collections.abc import Set as AbstractSet
from functools import partial

from homeassistant.core import CALLBACK_TYPE

from ..const import LOGGER


class Listeners:
    """Represent listeners to updates, by the id of a player, display, queue or server.

    They are kept in tuples, without closures, because they are most of the memory of a player.
    A listener may be about some fields only.
    """

    def __init__(self) -> None:
        """Initialize without listeners."""
        self._listeners: dict[str, tuple[tuple[CALLBACK_TYPE, AbstractSet[str] | None], ...]] = {}

    def __len__(self) -> int:
        """Return the number of listeners."""
        return sum(map(len, self._listeners.values()))

    def add(
        self, key: str, listener: CALLBACK_TYPE, fields: AbstractSet[str] | None = None
    ) -> CALLBACK_TYPE:
        """Add a listener for a key, or for changes of these fields; return what removes it."""
        self._listeners[key] = (*self._listeners.get(key, ()), (listener, fields))
        return partial(self._remove, key, listener, fields)

    def _remove(self, key: str, listener: CALLBACK_TYPE, fields: AbstractSet[str] | None) -> None:
        others = list(self._listeners.pop(key))
        others.remove((listener, fields))
        if others:
            self._listeners[key] = tuple(others)

    def notify(self, key: str, changed: AbstractSet[str] | None = None) -> None:
        """Call the listeners for a key in the order in which they were added.

        `changed` are the names of the fields that have changed, None if that isn't known.
        """
        for listener, fields in self._listeners.get(key, ()):
            if fields is not None and changed is not None and fields.isdisjoint(changed):
                continue
            try:
                listener()
            except Exception:  # noqa: BLE001 - the other listeners must still be called
                LOGGER.exception("A listener to %s failed", key)
