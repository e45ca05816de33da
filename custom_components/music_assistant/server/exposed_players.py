"""Which players a server has, and which of them Home Assistant shall see."""

from collections.abc import Callable
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.config_entries import PlayerConfig
from music_assistant_models.player import Player

from ..const import LOGGER
from .acting_user import async_sees_all
from .errors import FAILED_OR_UNREADABLE

# The key of a player's configuration that says whether Home Assistant shall see it.
EXPOSE_KEY: Final = "expose_player_to_ha"


class Roster:
    """Who is there. A player says whether it is shown; a change is first said by its configuration."""

    def __init__(self, client: Callable[[], MusicAssistantClient]) -> None:
        """Ask the current client."""
        self._client = client
        self._configured: dict[str, bool] = {}  # by player id, until the player says it itself
        self._shown: frozenset[str] | None = None  # until something is said of a player

    def renew(self) -> None:
        """Learn that all players have just said everything themselves."""
        self._configured.clear()
        self._shown = None

    def changed(self, player_id: str) -> None:
        """Learn that a player came, went or said something."""
        self._configured.pop(player_id, None)
        self._shown = None

    def configured(self, player_id: str, config: dict[str, Any]) -> None:
        """Learn of a player's configuration, as the server says it."""
        shown = PlayerConfig.from_dict(config).get_value(EXPOSE_KEY, True)
        self._configured[player_id] = bool(shown)
        self._shown = None

    def shows(self, player: Player) -> bool:
        """Tell whether Home Assistant shall see a player."""
        return self._configured.get(player.player_id, player.expose_to_ha)

    @property
    def shown(self) -> frozenset[str]:
        """Return the ids of the players that are on the server and shown."""
        if self._shown is None:
            self._shown = frozenset(
                one.player_id for one in self._client().players if self.shows(one)
            )
        return self._shown

    def present(self) -> set[str]:
        """Return the ids of the players that are on the server."""
        return {player.player_id for player in self._client().players}

    async def async_known(self) -> set[str] | None:
        """Return the ids of all players that the server has, or has configurations of.

        Only a token that may read them all shows who is gone; None without it.
        """
        try:
            configs = await self._client().config.get_player_configs()
        except FAILED_OR_UNREADABLE as err:
            LOGGER.debug("Player configurations can't be read: %s", err)
            return None
        if not await async_sees_all(self._client()):
            return None
        return self.present().union(config.player_id for config in configs)
