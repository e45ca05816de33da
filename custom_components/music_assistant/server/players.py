"""Cache of players that decodes payloads when a player is read."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final, override

from mashumaro import DataClassDictMixin
from music_assistant_client import MusicAssistantClient
from music_assistant_client.players import Players as LibraryPlayers
from music_assistant_models.enums import EventType
from music_assistant_models.event import MassEvent
from music_assistant_models.player import Player, PlayerMedia
import orjson

from ..const import LOGGER
from .errors import DECODE_ERRORS
from .limits import MAX_PLAYERS, is_valid_id


@dataclass
class FrequentFields(DataClassDictMixin):
    """Fields of a player that change often; the others rarely do."""

    volume_level: int | None = None
    volume_muted: bool | None = None
    group_volume: int | None = None
    group_volume_muted: bool | None = None
    elapsed_time: float | None = None
    elapsed_time_last_updated: float | None = None
    current_media: PlayerMedia | None = None


# Payloads of a player that are kept until it is read; a later one may be invalid.
MAX_PENDING: Final = 32
_FREQUENT_FIELDS: Final = tuple(field.name for field in fields(FrequentFields))


class Players(LibraryPlayers):
    """Cache of players that decodes only the last payload when a player is read.

    Decoding takes most of the time of a player event, and of a burst only the last state is shown.
    """

    def __init__(
        self, client: MusicAssistantClient, get_clock_offset: Callable[[], float] = float
    ) -> None:
        """Initialize an empty cache.

        `get_clock_offset` returns the seconds by which the server's clock is ahead.
        """
        self._get_clock_offset = get_clock_offset
        # player id -> payloads since the player was last read
        self._pending: dict[str, list[Any]] = {}
        # player id -> hash of the fields of the last payload that rarely change
        self._other_fields_hashes: dict[str, int] = {}
        super().__init__(client)

    @property
    def _players(self) -> dict[str, Player]:
        """Return all players, decoded; the library reads this attribute."""
        for player_id in tuple(self._pending):
            self._decode_pending(player_id)
        return self._decoded_players

    @_players.setter
    def _players(self, players: dict[str, Player]) -> None:
        self._decoded_players = players

    @override
    def get(self, player_id: str) -> Player | None:
        """Return a player, without decoding the others."""
        self._decode_pending(player_id)
        return self._decoded_players.get(player_id)

    def _decode_pending(self, player_id: str) -> None:
        """Update a player from the last pending payload that can be decoded."""
        for payload in reversed(self._pending.pop(player_id, ())):
            try:
                self._decoded_players[player_id] = self._decode_payload(player_id, payload)
            except DECODE_ERRORS as err:
                LOGGER.debug(
                    "Skipped an invalid payload of player %s: %s", player_id, type(err).__name__
                )
            else:
                return

    def _decode_payload(self, player_id: str, payload: dict[str, Any]) -> Player:
        """Return the player of a payload, decoding only the fields that may have changed."""
        if payload["player_id"] != player_id:
            raise ValueError("the player has another id")
        other_fields = dict(payload)
        for name in _FREQUENT_FIELDS:
            other_fields.pop(name, None)
        other_fields_hash = hash(orjson.dumps(other_fields))
        previous = self._decoded_players.get(player_id)
        if previous is None or other_fields_hash != self._other_fields_hashes.get(player_id):
            player = Player.from_dict(payload)
        else:
            # A third of the time that `copy.copy` takes
            player = object.__new__(Player)
            vars(player).update(vars(previous), **vars(FrequentFields.from_dict(payload)))
        self._other_fields_hashes[player_id] = other_fields_hash
        return player

    @override
    async def set_sleep_timer(self, player_id: str, seconds: int) -> datetime:
        """Set the sleep timer, and return when it ends by Home Assistant's clock."""
        offset = timedelta(seconds=self._get_clock_offset())
        return await super().set_sleep_timer(player_id, seconds) - offset

    @override
    def _handle_event(self, event: MassEvent) -> None:
        """Store the payload of an event until the player is read."""
        player_id = event.object_id
        if not is_valid_id(player_id):
            return
        if event.event is EventType.PLAYER_REMOVED:
            for cache in (self._pending, self._other_fields_hashes, self._decoded_players):
                cache.pop(player_id, None)
        elif self._has_room(player_id):
            pending = self._pending.setdefault(player_id, [])
            pending.append(event.data)
            if len(pending) > MAX_PENDING:
                self._decode_pending(player_id)

    def _has_room(self, player_id: str) -> bool:
        """Return whether a player is cached, or may be added."""
        if player_id in self._decoded_players or player_id in self._pending:
            return True
        known, pending = self._decoded_players, self._pending
        if (
            len(known) + len(pending) < MAX_PLAYERS
            or len(known.keys() | pending.keys()) < MAX_PLAYERS
        ):
            return True
        LOGGER.debug("Skipped player %s: there are too many", player_id)
        return False
