"""Base class of entities of players' settings on the server."""

from abc import abstractmethod
import asyncio
from typing import override

from music_assistant_client import MusicAssistantClient

from homeassistant.core import callback

from ..const import DOMAIN, LOGGER
from ..coordinator import MusicAssistantCoordinator
from ..entity import PlayerContextEntity
from ..server.acting_user import get_missing_rights
from ..server.errors import COMMAND_OR_DECODE_ERRORS


def can_change_player_settings(coordinator: MusicAssistantCoordinator) -> bool:
    """Return whether the user that we sign in as has the right to change player settings."""
    user = coordinator.connection.client.user
    return user is None or "settings" not in get_missing_rights(user)


class PlayerSettingsEntity(PlayerContextEntity):
    """Represent an entity of settings of a player, loaded once for each connection."""

    _loaded_client: MusicAssistantClient | None = None
    _load_task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _async_load_settings(self) -> None:
        """Load the settings from the server."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._ensure_loaded()

    @override
    async def async_will_remove_from_hass(self) -> None:
        await super().async_will_remove_from_hass()
        self._cancel_load()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._ensure_loaded()
        super()._handle_coordinator_update()

    def _ensure_loaded(self) -> None:
        """Start loading the settings unless that was done with the current client."""
        if self._loaded_client is not self.mass:
            self._load()

    @callback
    def _load(self) -> None:
        """Start loading the settings."""
        self._cancel_load()
        self._loaded_client = self.mass
        self._load_task = self.coordinator.config_entry.async_create_background_task(
            self.hass, self._async_load(), f"{DOMAIN} settings of {self.player_id}"
        )

    def _cancel_load(self) -> None:
        if self._load_task:
            self._load_task.cancel()

    async def _async_load(self) -> None:
        try:
            await self._async_load_settings()
        except COMMAND_OR_DECODE_ERRORS as err:
            LOGGER.debug("Could not load settings of %s: %r", self.player_id, err)
