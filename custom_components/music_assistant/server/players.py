"""The library's cache of players, which decodes what is looked at."""

from copy import copy
from dataclasses import dataclass, fields
from typing import Any, Final, override

from mashumaro import DataClassDictMixin
from music_assistant_client import MusicAssistantClient
from music_assistant_client.players import Players as LibraryPlayers
from music_assistant_models.enums import EventType
from music_assistant_models.event import MassEvent
from music_assistant_models.player import Player, PlayerMedia
import orjson

from ..const import LOGGER
from .errors import UNREADABLE


@dataclass
class Often(DataClassDictMixin):
    """What changes often of a player; the rest of a payload mostly says the same again."""

    volume_level: int | None = None
    volume_muted: bool | None = None
    group_volume: int | None = None
    group_volume_muted: bool | None = None
    elapsed_time: float | None = None
    elapsed_time_last_updated: float | None = None
    current_media: PlayerMedia | None = None


_OFTEN: Final = tuple(field.name for field in fields(Often))


class Players(LibraryPlayers):
    """Players whose payloads are decoded when one is looked at, and of several only the last.

    Decoding is most of what a player's event costs, and of a burst only the end is shown.
    """

    def __init__(self, client: MusicAssistantClient) -> None:
        """Begin with no players."""
        # player id -> the payloads since it was looked at
        self._pending: dict[str, list[Any]] = {}
        # player id -> hash of what else its last payload held
        self._rest: dict[str, int] = {}
        super().__init__(client)

    @property
    def _players(self) -> dict[str, Player]:
        """The players, as the library calls them wherever it looks at all of them."""
        for player_id in tuple(self._pending):
            self._decode(player_id)
        return self._decoded

    @_players.setter
    def _players(self, players: dict[str, Player]) -> None:
        self._decoded = players

    @override
    def get(self, player_id: str) -> Player | None:
        """Look at one player, and leave what is pending of the others."""
        self._decode(player_id)
        return self._decoded.get(player_id)

    def _decode(self, player_id: str) -> None:
        """Take the last payload that can be read; one that can't be leaves the player as it was."""
        for payload in reversed(self._pending.pop(player_id, ())):
            try:
                self._decoded[player_id] = self._player(player_id, payload)
            except UNREADABLE as err:
                LOGGER.debug("Skipped a payload of player %s: %s", player_id, type(err).__name__)
            else:
                return

    def _player(self, player_id: str, payload: dict[str, Any]) -> Player:
        """Decode what isn't as before; a payload has some fifty fields."""
        others = dict(payload)
        for name in _OFTEN:
            others.pop(name, None)
        rest = hash(orjson.dumps(others))
        before = self._decoded.get(player_id)
        if before is None or rest != self._rest.get(player_id):
            player = Player.from_dict(payload)
        else:
            player = copy(before)
            vars(player).update(vars(Often.from_dict(payload)))
        self._rest[player_id] = rest
        return player

    @override
    def _handle_event(self, event: MassEvent) -> None:
        if event.event is EventType.PLAYER_REMOVED or event.object_id is None:
            super()._handle_event(event)
        else:
            self._pending.setdefault(event.object_id, []).append(event.data)
