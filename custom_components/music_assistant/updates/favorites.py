"""Updates of favorites and library items for the items that play."""

from collections.abc import Mapping
from typing import Any

from ..const import SCHEMA_FAVORITES
from ..players.event_tracker import PlayerEventTracker
from ..players.favorites import convert_to_library_item, get_library_item_uris, set_favorite
from .snapshots import SnapshotStore


class FavoriteUpdater:
    """Keeps the playing items in the client's cache true to the library.

    The server sends no queue event when the item that plays becomes a favorite.
    """

    def __init__(self, store: SnapshotStore, tracker: PlayerEventTracker) -> None:
        """Initialize for the players of a store."""
        self._store = store
        self._tracker = tracker

    def update_favorite(self, uri: str, favorite: bool) -> None:
        """Update the players that play an item whose favorite state changed."""
        for player_id in self._store.playing.get_dependents(uri):
            self._set_favorite(player_id, favorite)

    def update_item(self, item: Mapping[str, Any], schema_version: int) -> None:
        """Update the players that play an item which is in the library, or changed there."""
        for address in get_library_item_uris(item):
            for player_id in self._store.playing.get_dependents(address):
                if context := self._store.get_context(player_id):
                    convert_to_library_item(context.current_item, item)
                self._store.playing.set(player_id, (item["uri"],))  # for the next event
                # Newer servers send each user's own favorites
                if schema_version < SCHEMA_FAVORITES:
                    self._set_favorite(player_id, item["favorite"])

    def remove_item(self, uri: str) -> None:
        """Update the players that play an item which was removed from the library."""
        for player_id in self._store.playing.get_dependents(uri):
            self._set_favorite(player_id, None)

    def _set_favorite(self, player_id: str, favorite: bool | None) -> None:
        if context := self._store.get_context(player_id):
            set_favorite(context.current_item, favorite)
        self._tracker.refresh(player_id)
        self._store.schedule_refresh((player_id,))
