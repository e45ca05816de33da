"""Cache of players that decodes payloads when a player is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final, override

from mashumaro import DataClassDictMixin
from music_assistant_client import MusicAssistantClient
from music_assistant_client.players import Players as LibraryPlayers
from music_assistant_models.enums import EventType, PlaybackState
from music_assistant_models.event import MassEvent
from music_assistant_models.player import Player

from .clock import convert_times
from .limits import is_valid_id
from .payloads import PayloadCache, copy_with, decode_fields


@dataclass
class FrequentFields(DataClassDictMixin):
    """Fields of a player that change often; the others rarely do."""

    playback_state: PlaybackState = PlaybackState.IDLE
    powered: bool | None = None
    volume_level: int | None = None
    volume_muted: bool | None = None
    group_volume: int | None = None
    group_volume_muted: bool | None = None
    elapsed_time: float | None = None
    elapsed_time_last_updated: float | None = None


@dataclass
class FrequentMediaFields(DataClassDictMixin):
    """Fields of a player's media that change without it becoming another."""

    elapsed_time: float | None = None
    elapsed_time_last_updated: float | None = None


_MEDIA: Final = "current_media"
_FREQUENT_FIELDS: Final = frozenset(
    (
        *(field.name for field in fields(FrequentFields)),
        *(f"{_MEDIA}.{field.name}" for field in fields(FrequentMediaFields)),
    )
)
# Former name of a field; a server that sends both means the other one.
_FORMER_NAMES: Final[Mapping[str, str]] = {"state": "playback_state"}


class Players(LibraryPlayers):
    """Cache of players that decodes the last payload when a player is read."""

    def __init__(
        self, client: MusicAssistantClient, get_clock_offset: Callable[[], float] = float
    ) -> None:
        """Initialize an empty cache.

        `get_clock_offset` returns the seconds by which the server's clock is ahead.
        """
        self._get_clock_offset = get_clock_offset
        self._cache = PayloadCache(
            "player", _FREQUENT_FIELDS, self._decode_player, self._update_player, _FORMER_NAMES
        )
        super().__init__(client)

    @property
    def _players(self) -> dict[str, Player]:
        """Return all players, decoded; the library reads this attribute."""
        return self._cache.get_all()

    @_players.setter
    def _players(self, players: dict[str, Player]) -> None:
        """Ignore the empty cache of the library."""

    @override
    def get(self, player_id: str) -> Player | None:
        """Return a player, without decoding the others."""
        return self._cache.get(player_id)

    def _decode_player(self, player_id: str, data: Any, _before: Player | None) -> Player:
        """Return the player of a whole payload."""
        if data["player_id"] != player_id:
            raise ValueError("the player has another id")
        # a copy, to which the model adds former names
        return Player.from_dict(dict(convert_times(data, self._get_clock_offset())))

    def _update_player(self, before: Player, texts: Mapping[str, str]) -> Player:
        """Return a player with other frequent fields."""
        own: dict[str, str] = {}
        of_media: dict[str, str] = {}
        for name, text in texts.items():
            media, _, media_field = name.rpartition(".")
            (of_media if media else own)[media_field] = text
        offset = self._get_clock_offset()
        changes = decode_fields(FrequentFields, own, offset)
        if of_media:
            media_changes = decode_fields(FrequentMediaFields, of_media, offset)
            changes[_MEDIA] = copy_with(before.current_media, media_changes)
        return copy_with(before, changes)

    @override
    async def set_sleep_timer(self, player_id: str, seconds: int) -> datetime:
        """Set the sleep timer, and return when it ends by Home Assistant's clock."""
        offset = timedelta(seconds=self._get_clock_offset())
        return await super().set_sleep_timer(player_id, seconds) - offset

    @override
    def _handle_event(self, event: MassEvent) -> None:
        """Keep the payload of an event until the player is read."""
        player_id = event.object_id
        if not is_valid_id(player_id):
            return
        if event.event is EventType.PLAYER_REMOVED:
            self._cache.remove(player_id)
        else:
            self._cache.add(player_id, event.data)
