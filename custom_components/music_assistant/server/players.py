"""Cache of players that decodes payloads when a player is read."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, override

from music_assistant_client import MusicAssistantClient
from music_assistant_client.players import Players as LibraryPlayers
from music_assistant_models.enums import EventType, PlaybackState
from music_assistant_models.event import MassEvent
from music_assistant_models.player import Player

from .clock import convert_times
from .limits import is_valid_id
from .payloads import PayloadCache, build_optional_decoder, copy_with, decode_fields

# Fields of a player that change often, and what decodes them; those of its media change without
# it becoming another.
_MEDIA: Final = "current_media"
_FREQUENT_FIELDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "playback_state": PlaybackState,
    "powered": build_optional_decoder(bool),
    "volume_level": build_optional_decoder(int),
    "volume_muted": build_optional_decoder(bool),
    "group_volume": build_optional_decoder(int),
    "group_volume_muted": build_optional_decoder(bool),
    "elapsed_time": build_optional_decoder(float),
    "elapsed_time_last_updated": build_optional_decoder(float),
    f"{_MEDIA}.elapsed_time": build_optional_decoder(float),
    f"{_MEDIA}.elapsed_time_last_updated": build_optional_decoder(float),
}
# Names in the media by those above.
_MEDIA_FIELDS: Final[Mapping[str, str]] = {
    name: name.removeprefix(f"{_MEDIA}.") for name in _FREQUENT_FIELDS if "." in name
}
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
            "player",
            frozenset(_FREQUENT_FIELDS),
            self._decode_player,
            self._update_player,
            _FORMER_NAMES,
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
        changes: dict[str, Any] = {}
        of_media: dict[str, Any] = {}
        for name, value in decode_fields(_FREQUENT_FIELDS, texts).items():
            if media_field := _MEDIA_FIELDS.get(name):
                of_media[media_field] = value
            else:
                changes[name] = value
        offset = self._get_clock_offset()
        if of_media:
            changes[_MEDIA] = copy_with(before.current_media, convert_times(of_media, offset))
        return copy_with(before, convert_times(changes, offset))

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
