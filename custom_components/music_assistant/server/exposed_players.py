"""Players that are exposed to Home Assistant."""

from collections.abc import Callable
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.config_entries import PlayerConfig
from music_assistant_models.player import Player

from ..const import LOGGER
from .acting_user import async_can_see_all_players
from .errors import COMMAND_OR_DECODE_ERRORS

# Key in the configuration of a player for whether it is exposed to Home Assistant.
CONF_EXPOSE_PLAYER: Final = "expose_player_to_ha"


class ExposedPlayers:
    """Represent the players of a server that are exposed to Home Assistant.

    A player has a field for it. When the setting changes, the new configuration arrives before
    the player is updated.
    """

    def __init__(self, client: Callable[[], MusicAssistantClient]) -> None:
        """Initialize the players. `client` returns the current client."""
        self._client = client
        # player id -> setting in a configuration that is newer than the player
        self._exposed_by_config: dict[str, bool] = {}
        self._exposed_ids: frozenset[str] | None = None  # cache

    def reset(self) -> None:
        """Reset the state after all players were fetched."""
        self._exposed_by_config.clear()
        self._exposed_ids = None

    def handle_player_event(self, player_id: str) -> None:
        """Handle that a player was added, updated or removed."""
        self._exposed_by_config.pop(player_id, None)
        self._exposed_ids = None

    def handle_player_config(self, player_id: str, config: dict[str, Any]) -> None:
        """Handle a changed configuration of a player; an unknown one is added with its setting."""
        if self._client().players.get(player_id) is None:
            return
        is_exposed = PlayerConfig.from_dict(config).get_value(CONF_EXPOSE_PLAYER, True)
        self._exposed_by_config[player_id] = bool(is_exposed)
        self._exposed_ids = None

    def is_exposed(self, player: Player) -> bool:
        """Return whether a player is exposed to Home Assistant."""
        return self._exposed_by_config.get(player.player_id, player.expose_to_ha)

    @property
    def player_ids(self) -> frozenset[str]:
        """Return the ids of the exposed players."""
        if self._exposed_ids is None:
            self._exposed_ids = frozenset(
                player.player_id for player in self._client().players if self.is_exposed(player)
            )
        return self._exposed_ids

    def get_server_player_ids(self) -> set[str]:
        """Return the ids of all players on the server."""
        return {player.player_id for player in self._client().players}

    async def async_fetch_known_player_ids(self) -> set[str] | None:
        """Return the ids of all players that are on the server or configured there.

        None if the signed-in user may not read all of them, so that a missing player may still
        exist.
        """
        try:
            configs = await self._client().config.get_player_configs()
        except COMMAND_OR_DECODE_ERRORS as err:
            LOGGER.debug("Could not read the player configurations: %s", err)
            return None
        if not await async_can_see_all_players(self._client()):
            return None
        return self.get_server_player_ids().union(config.player_id for config in configs)
