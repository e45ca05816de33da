"""Buttons of players."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entity import PlayerDetailEntity, async_add_player_entities, command
from .players.snapshot import PlayerSnapshot

PARALLEL_UPDATES = 0  # the server puts commands in order


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the buttons of all players."""
    await async_add_player_entities(
        entry, async_add_entities, lambda player: (FavoriteButton(entry.runtime_data, player),)
    )


class FavoriteButton(PlayerDetailEntity, ButtonEntity):
    """Represent the button that adds the current track to the favorites."""

    _attr_translation_key = "favorite_now_playing"

    def __init__(self, coordinator: MusicAssistantCoordinator, player: PlayerSnapshot) -> None:
        """Initialize the button."""
        super().__init__(coordinator, player)
        self._attr_unique_id = f"{player.player_id}_{self._attr_translation_key}"

    @command
    @override
    async def async_press(self) -> None:
        await self.mass.players.add_currently_playing_to_favorites(self.player_id)
