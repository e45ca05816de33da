"""Switches of players, their queues and options."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, override

from music_assistant_client import MusicAssistantClient
from music_assistant_models.player_queue import PlayerQueue

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SCHEMA_QUEUE_SETTINGS
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entities.dsp import DspEntity
from .entities.player_settings import PlayerSettingsEntity, can_change_player_settings
from .entities.plugins import PartyEntity, async_add_plugin_entities
from .entity import (
    NewEntity,
    PlayerDetailEntity,
    PlayerOptionEntity,
    PlayerQueueEntity,
    async_add_option_entities,
    async_add_player_entities,
    command,
    describe_entity,
    queue_command,
)
from .players.commands import async_set_crossfade, build_player_error, get_queue_id
from .players.favorites import async_remove_favorite
from .players.flow_mode import async_fetch_flow_mode, async_save_flow_mode
from .players.snapshot import Option, PlayerSnapshot
from .server.party import PARTY_PLUGIN, can_change_guest_access
from .updates.listeners import TOPIC_PLAYER_SETTINGS

PARALLEL_UPDATES = 0  # the server puts commands in order

# Known options by translation key, and whether their entities are enabled by default.
OPTION_SWITCHES: Final = {
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
DSP: Final = SwitchEntityDescription(
    key="dsp",
    translation_key="dsp",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)
FLOW_MODE: Final = SwitchEntityDescription(
    key="flow_mode",
    translation_key="flow_mode",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)
# Not enabled in new set-ups, since the button of the built-in integration adds favorites, too. With
# a category it is neither exposed to Assist nor turned off with all switches of an area.
FAVORITE: Final = SwitchEntityDescription(
    key="favorite",
    translation_key="favorite",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)


GUEST_ACCESS: Final = SwitchEntityDescription(
    key="party_guest_access",
    translation_key="party_guest_access",
    entity_category=EntityCategory.CONFIG,
)


@dataclass(frozen=True, kw_only=True)
class QueueSwitchDescription(SwitchEntityDescription):
    """Describe a switch of a player's active queue."""

    is_on_fn: Callable[[PlayerQueue], bool]
    set_value_fn: Callable[[MusicAssistantClient, str, bool], Awaitable[None]]
    min_schema_version: int = 0


QUEUE_SWITCHES: Final = (
    QueueSwitchDescription(
        key="crossfade",
        translation_key="crossfade",
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        is_on_fn=lambda queue: queue.crossfade_enabled,
        set_value_fn=async_set_crossfade,
        min_schema_version=SCHEMA_QUEUE_SETTINGS,
    ),
    QueueSwitchDescription(
        key="autoplay",
        translation_key="autoplay",
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        is_on_fn=lambda queue: queue.autoplay_enabled,
        set_value_fn=lambda mass, *args: mass.player_queues.dont_stop_the_music(*args),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of all players."""
    await async_add_player_entities(
        entry,
        async_add_entities,
        lambda player: _describe_switches(entry.runtime_data, player),
    )
    await async_add_option_entities(
        entry, async_add_entities, Platform.SWITCH, OptionSwitch, OPTION_SWITCHES
    )
    coordinator = entry.runtime_data
    if can_change_guest_access(coordinator.connection.client.user):
        async_add_plugin_entities(
            entry,
            async_add_entities,
            PARTY_PLUGIN,
            lambda: (GuestAccessSwitch(coordinator, GUEST_ACCESS),),
        )


def _describe_switches(
    coordinator: MusicAssistantCoordinator, player: PlayerSnapshot
) -> Iterator[NewEntity]:
    yield describe_entity(FavoriteSwitch, coordinator, player, FAVORITE)
    if can_change_player_settings(coordinator):
        yield describe_entity(DspSwitch, coordinator, player, DSP)
        yield describe_entity(FlowModeSwitch, coordinator, player, FLOW_MODE)
    for description in QUEUE_SWITCHES:
        if coordinator.schema_version >= description.min_schema_version:
            yield describe_entity(QueueSwitch, coordinator, player, description)


class OnOffSwitch(SwitchEntity):
    """Represent a switch that is turned on and off by one command."""

    @abstractmethod
    async def _async_set_value(self, value: bool) -> None:
        """Turn the switch on or off."""

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._async_set_value(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._async_set_value(False)


class OptionSwitch(PlayerOptionEntity, OnOffSwitch):
    """Represent an option of a player that is on or off."""

    @override
    def _update_from_option(self, option: Option) -> None:
        self._attr_is_on = bool(option.value)


class FavoriteSwitch(PlayerDetailEntity, OnOffSwitch):
    """Represent whether the current track is a favorite; unavailable if it can't be one."""

    _snapshot_fields = frozenset({"available", "favorite"})

    @property
    @override
    def available(self) -> bool:
        return super().available and self.player.favorite is not None

    @property
    @override
    def is_on(self) -> bool | None:
        return self.player.favorite.is_favorite if self.player.favorite else None

    @command
    @override
    async def _async_set_value(self, value: bool) -> None:
        if (favorite := self.player.favorite) is None:  # the media changed after the user's click
            raise build_player_error("no_queue", self.player)
        if value:
            await self.mass.music.add_item_to_favorites(favorite.uri)
        else:
            await async_remove_favorite(self.mass, favorite.uri)


class QueueSwitch(PlayerQueueEntity, OnOffSwitch):
    """Represent a setting of a player's active queue."""

    entity_description: QueueSwitchDescription

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.is_on_fn(self.queue) if self.queue else None

    @queue_command
    @override
    async def _async_set_value(self, value: bool) -> None:
        await self.entity_description.set_value_fn(self.mass, get_queue_id(self.player), value)


class DspSwitch(DspEntity, OnOffSwitch):
    """Represent whether a player's DSP is enabled."""

    @property
    @override
    def is_on(self) -> bool | None:
        config = self.coordinator.dsp.get_config(self.player_id)
        return config.enabled if config else None

    @command
    @override
    async def _async_set_value(self, value: bool) -> None:
        await self.coordinator.dsp.async_set_enabled(self.mass, self.player_id, value)


class FlowModeSwitch(PlayerSettingsEntity, OnOffSwitch):
    """Represent whether a player gets its queue as one stream; unavailable if it has no choice.

    It is on if it is on for all outputs of the player.
    """

    _values: Mapping[str, bool] = MappingProxyType({})  # by key of the setting

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.listeners.topics.add(TOPIC_PLAYER_SETTINGS, self._load)
        )

    @override
    async def _async_load_settings(self) -> None:
        self._values = await async_fetch_flow_mode(self.mass, self.player_id)
        self._handle_coordinator_update()

    @property
    @override
    def available(self) -> bool:
        return super().available and bool(self._values)

    @property
    @override
    def is_on(self) -> bool:
        return all(self._values.values())

    @command
    @override
    async def _async_set_value(self, value: bool) -> None:
        outputs = await async_fetch_flow_mode(self.mass, self.player_id)
        values = dict.fromkeys(outputs, value)
        await async_save_flow_mode(self.mass, self.player_id, values)
        self._values = values
        self._handle_coordinator_update()


class GuestAccessSwitch(PartyEntity, OnOffSwitch):
    """Represent whether guests of a party are let in."""

    @property
    @override
    def is_on(self) -> bool | None:
        return self.coordinator.plugins.party.address is not None

    @command
    @override
    async def _async_set_value(self, value: bool) -> None:
        await self.coordinator.plugins.party.async_set_guest_access(value)
