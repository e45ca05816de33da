"""Whom an event concerns: an index from players and queues to who is built from them. Pure."""

from collections.abc import Iterable


class Routing:
    """Which players have to be looked at when a player or a queue changes.

    A queue bears the id of the player that it belongs to, so one kind of id serves both. Tuples,
    because hardly one holds more than two ids, and a set takes three times the memory.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._built_from: dict[str, tuple[str, ...]] = {}
        self._concerned: dict[str, tuple[str, ...]] = {}

    def concerned(self, changed: str) -> tuple[str, ...]:
        """Return the ids of the players that a change of this player or queue concerns."""
        return self._concerned.get(changed, ())

    def all(self) -> Iterable[str]:
        """Return the ids of all players that are built from anything."""
        return self._built_from

    def set(self, player_id: str, built_from: tuple[str, ...]) -> None:
        """Note what a player's snapshot was built from; nothing forgets the player."""
        before = self._built_from.get(player_id, ())
        if before == built_from:
            return
        if built_from:
            self._built_from[player_id] = built_from
        else:
            del self._built_from[player_id]
        for source in before:
            if source not in built_from:
                others = tuple(one for one in self._concerned.pop(source, ()) if one != player_id)
                if others:
                    self._concerned[source] = others
        for source in built_from:
            if source not in before:
                self._concerned[source] = (*self.concerned(source), player_id)
