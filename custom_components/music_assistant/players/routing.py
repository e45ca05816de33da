"""Routing of updates to the players that depend on them."""

from collections.abc import Iterable


class Routing:
    """Index of players by the players and queues that they depend on.

    A queue has the id of the player that it belongs to, so the ids of both are handled alike.
    They are kept in tuples: few have more than two ids, and a set takes three times the memory.
    """

    def __init__(self) -> None:
        """Initialize an empty index."""
        self._dependencies: dict[str, tuple[str, ...]] = {}
        self._dependents: dict[str, tuple[str, ...]] = {}

    def get_dependents(self, source_id: str) -> tuple[str, ...]:
        """Return the ids of the players that depend on a player or queue."""
        return self._dependents.get(source_id, ())

    def get_player_ids(self) -> Iterable[str]:
        """Return the ids of all players that have dependencies."""
        return self._dependencies

    def set(self, player_id: str, dependencies: tuple[str, ...]) -> None:
        """Set the dependencies of a player; an empty tuple removes the player."""
        before = self._dependencies.get(player_id, ())
        if before == dependencies:
            return
        if dependencies:
            self._dependencies[player_id] = dependencies
        else:
            del self._dependencies[player_id]
        for source_id in before:
            if source_id not in dependencies:
                dependents = self._dependents.pop(source_id, ())
                if others := tuple(other for other in dependents if other != player_id):
                    self._dependents[source_id] = others
        for source_id in dependencies:
            if source_id not in before:
                self._dependents[source_id] = (*self.get_dependents(source_id), player_id)
