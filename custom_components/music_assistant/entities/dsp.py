"""Entities of the sound settings (DSP) of players."""

import asyncio
from typing import override

from music_assistant_client import MusicAssistantClient

from homeassistant.core import callback

from ..const import DOMAIN, LOGGER
from ..coordinator import MusicAssistantCoordinator
from ..entity import DetailEntity
from ..server.acting_user import lacking
from ..server.errors import FAILED_OR_UNREADABLE


def may_set_sound(coordinator: MusicAssistantCoordinator) -> bool:
    """Tell whether our own user may change settings of players."""
    user = coordinator.connection.client.user
    return user is None or "settings" not in lacking(user)


class SoundEntity(DetailEntity):
    """An entity of a player's sound settings: asked for while it is enabled, on each connection."""

    _asked: MusicAssistantClient | None = None
    _asking: asyncio.Task[None] | None = None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._ask()

    @override
    async def async_will_remove_from_hass(self) -> None:
        await super().async_will_remove_from_hass()
        if self._asking:
            self._asking.cancel()

    @property
    @override
    def available(self) -> bool:
        return super().available and self.coordinator.sounds.of(self.player_id) is not None

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._ask()
        super()._handle_coordinator_update()

    def _ask(self) -> None:
        """Ask for the settings, unless that was done on this connection."""
        if self._asked is not self.mass:
            self._asked = self.mass
            self._asking = self.coordinator.config_entry.async_create_background_task(
                self.hass, self._load(), f"{DOMAIN} sound of {self.player_id}"
            )

    async def _load(self) -> None:
        try:
            await self.coordinator.sounds.async_load(self.mass, self.player_id)
        except FAILED_OR_UNREADABLE as err:
            LOGGER.debug("Sound settings of %s can't be read: %r", self.player_id, err)
