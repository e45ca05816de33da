"""The library's cache of players, which decodes what is looked at."""

from typing import Any, override

from music_assistant_client import MusicAssistantClient
from music_assistant_client.players import Players as LibraryPlayers
from music_assistant_models.enums import EventType
from music_assistant_models.event import MassEvent
from music_assistant_models.player import Player

from ..const import LOGGER
from .errors import UNREADABLE


class Players(LibraryPlayers):
    """Players whose payloads are decoded when one is looked at, and of several only the last.

    Decoding is most of what a player's event costs, and of a burst only the end is shown.
    """

    def __init__(self, client: MusicAssistantClient) -> None:
        """Begin with no players."""
        # player id -> the payloads since it was looked at
        self._pending: dict[str, list[Any]] = {}
        super().__init__(client)

    @property
    def _players(self) -> dict[str, Player]:
        """The players, as the library calls them wherever it looks at one."""
        while self._pending:
            self._decode(*self._pending.popitem())
        return self._decoded

    @_players.setter
    def _players(self, players: dict[str, Player]) -> None:
        self._decoded = players

    def _decode(self, player_id: str, payloads: list[Any]) -> None:
        """Take the last payload that can be read; one that can't be leaves the player as it was."""
        for payload in reversed(payloads):
            try:
                self._decoded[player_id] = Player.from_dict(payload)
            except UNREADABLE as err:
                LOGGER.debug("Skipped a payload of player %s: %s", player_id, type(err).__name__)
            else:
                return

    @override
    def _handle_event(self, event: MassEvent) -> None:
        if event.event is EventType.PLAYER_REMOVED or event.object_id is None:
            super()._handle_event(event)
        else:
            self._pending.setdefault(event.object_id, []).append(event.data)
