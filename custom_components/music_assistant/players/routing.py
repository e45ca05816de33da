"""Whom an event concerns: an index from players and queues to who is built from them. Pure."""

from collections.abc import Iterable


class Routing:
    """Which players have to be looked at when a player or a queue changes.

    A queue bears the id of the player that it belongs to, so one kind of id serves both.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._built_from: dict[str, frozenset[str]] = {}
        self._concerned: dict[str, set[str]] = {}

    def concerned(self, changed: str) -> Iterable[str]:
        """Return the ids of the players that a change of this player or queue concerns."""
        return self._concerned.get(changed, ())

    def all(self) -> Iterable[str]:
        """Return the ids of all players that are built from anything."""
        return self._built_from

    def set(self, player_id: str, built_from: frozenset[str]) -> None:
        """Note what a player's snapshot was built from; nothing forgets the player."""
        before = self._built_from.get(player_id, frozenset())
        if before == built_from:
            return
        for source in before - built_from:
            self._concerned[source].discard(player_id)
            if not self._concerned[source]:
                del self._concerned[source]
        for source in built_from - before:
            self._concerned.setdefault(source, set()).add(player_id)
        if built_from:
            self._built_from[player_id] = built_from
        else:
            del self._built_from[player_id]
