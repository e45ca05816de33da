"""Switches: what is on or off of a player, what plays on it, and its settings."""

from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry
from .entity import OptionEntity, PartEntity, async_add_options, async_add_players, command
from .players.commands import refusal
from .players.favorites import Favorite, async_unlike
from .players.snapshot import Option

PARALLEL_UPDATES = 0  # the server puts commands in order

# Known settings by translation key, and whether their entities are enabled from the start.
SWITCHES: Final = {
    "adaptive_drc": False,
    "bass_extension": False,
    "clear_voice": False,
    "enhancer": True,
    "extra_bass": False,
    "party_mode": False,
    "pure_direct": True,
    "speaker_a": True,
    "speaker_b": True,
    "surround_3d": False,
}
FAVORITE: Final = SwitchEntityDescription(key="favorite", translation_key="favorite")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of all players."""
    await async_add_players(
        entry,
        async_add_entities,
        lambda player: (FavoriteSwitch(entry.runtime_data, player, FAVORITE),),
    )
    await async_add_options(entry, async_add_entities, Platform.SWITCH, OptionSwitch, SWITCHES)


class OptionSwitch(OptionEntity, SwitchEntity):
    """A setting that is on or off."""

    @override
    def _apply_option(self, option: Option) -> None:
        self._attr_is_on = bool(option.value)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._set(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._set(False)


class FavoriteSwitch(PartEntity, SwitchEntity):
    """Whether what is playing is a favourite; away while nothing plays that can be one."""

    @override
    def _part(self) -> Favorite | None:
        return self.player.favorite

    @property
    @override
    def available(self) -> bool:
        return super().available and self.player.favorite is not None

    @property
    @override
    def is_on(self) -> bool | None:
        return self.player.favorite.liked if self.player.favorite else None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._like(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._like(False)

    @command
    async def _like(self, liked: bool) -> None:
        if (favorite := self.player.favorite) is None:  # gone between the click and now
            raise refusal("no_queue", self.player)
        if liked:
            await self.mass.music.add_item_to_favorites(favorite.uri)
        else:
            await async_unlike(self.mass, favorite.uri)
