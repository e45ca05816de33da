"""Buttons of players."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry
from .entity import PlayerDetailEntity, async_add_player_entities, command, describe_entity

PARALLEL_UPDATES = 0  # the server puts commands in order

FAVORITE: Final = ButtonEntityDescription(
    key="favorite_now_playing", translation_key="favorite_now_playing"
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the buttons of all players."""
    await async_add_player_entities(
        entry,
        async_add_entities,
        lambda player: (describe_entity(FavoriteButton, entry.runtime_data, player, FAVORITE),),
    )


class FavoriteButton(PlayerDetailEntity, ButtonEntity):
    """Represent the button that adds the current track to the favorites."""

    _snapshot_fields = frozenset({"available"})

    @command
    @override
    async def async_press(self) -> None:
        await self.mass.players.add_currently_playing_to_favorites(self.player_id)
