"""Switches: what is on or off of a player, what plays on it, and its settings."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, override

from music_assistant_client import MusicAssistantClient
from music_assistant_models.player_queue import PlayerQueue

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SCHEMA_QUEUE_SETTINGS
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entities.dsp import SoundEntity, may_set_sound
from .entity import (
    OptionEntity,
    PartEntity,
    QueueEntity,
    async_add_options,
    async_add_players,
    command,
)
from .players.commands import async_set_crossfade, queue_of, refusal
from .players.favorites import async_unlike
from .players.snapshot import Option, PlayerSnapshot

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
SOUND: Final = SwitchEntityDescription(
    key="dsp",
    translation_key="dsp",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)
FAVORITE: Final = SwitchEntityDescription(key="favorite", translation_key="favorite")


@dataclass(frozen=True, kw_only=True)
class QueueSwitchDescription(SwitchEntityDescription):
    """A setting of the queue that is active on a player; `since` is the server's schema."""

    is_on: Callable[[PlayerQueue], bool]
    set: Callable[[MusicAssistantClient, str, bool], Awaitable[None]]
    since: int = 0


QUEUE_SWITCHES: Final = (
    QueueSwitchDescription(
        key="crossfade",
        translation_key="crossfade",
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        is_on=lambda queue: queue.crossfade_enabled,
        set=async_set_crossfade,
        since=SCHEMA_QUEUE_SETTINGS,
    ),
    QueueSwitchDescription(
        key="autoplay",
        translation_key="autoplay",
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        is_on=lambda queue: queue.autoplay_enabled,
        set=lambda mass, *args: mass.player_queues.dont_stop_the_music(*args),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of all players."""
    await async_add_players(
        entry,
        async_add_entities,
        lambda player: _switches(entry.runtime_data, player),
    )
    await async_add_options(entry, async_add_entities, Platform.SWITCH, OptionSwitch, SWITCHES)


def _switches(
    coordinator: MusicAssistantCoordinator, player: PlayerSnapshot
) -> Iterator[SwitchEntity]:
    yield FavoriteSwitch(coordinator, player, FAVORITE)
    if may_set_sound(coordinator):
        yield SoundSwitch(coordinator, player, SOUND)
    for description in QUEUE_SWITCHES:
        if coordinator.schema_version >= description.since:
            yield QueueSwitch(coordinator, player, description)


class OnOffSwitch(SwitchEntity):
    """A switch that is turned on and off by one command."""

    @abstractmethod
    async def _set(self, value: bool) -> None:
        """Turn it on or off."""

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._set(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._set(False)


class OptionSwitch(OptionEntity, OnOffSwitch):
    """A setting that is on or off."""

    @override
    def _apply_option(self, option: Option) -> None:
        self._attr_is_on = bool(option.value)


class FavoriteSwitch(PartEntity, OnOffSwitch):
    """Whether what is playing is a favourite; away while nothing plays that can be one."""

    @property
    @override
    def available(self) -> bool:
        return super().available and self.player.favorite is not None

    @property
    @override
    def is_on(self) -> bool | None:
        return self.player.favorite.liked if self.player.favorite else None

    @command
    @override
    async def _set(self, value: bool) -> None:
        if (favorite := self.player.favorite) is None:  # gone between the click and now
            raise refusal("no_queue", self.player)
        if value:
            await self.mass.music.add_item_to_favorites(favorite.uri)
        else:
            await async_unlike(self.mass, favorite.uri)


class QueueSwitch(QueueEntity, OnOffSwitch):
    """A setting of the queue that is active on a player."""

    entity_description: QueueSwitchDescription

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.is_on(self.queue) if self.queue else None

    @command
    @override
    async def _set(self, value: bool) -> None:
        await self.entity_description.set(self.mass, queue_of(self.player), value)


class SoundSwitch(SoundEntity, OnOffSwitch):
    """Whether a player's sound settings are heard."""

    @property
    @override
    def is_on(self) -> bool | None:
        config = self.coordinator.sounds.of(self.player_id)
        return config.enabled if config else None

    @command
    @override
    async def _set(self, value: bool) -> None:
        await self.coordinator.sounds.async_turn(self.mass, self.player_id, value)
