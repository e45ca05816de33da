"""What all entities have in common: those of players, of displays and of the server."""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping
from functools import wraps
from itertools import batched
from typing import Any, Concatenate, Final, override

from music_assistant_client import MusicAssistantClient
from music_assistant_models.player import PlayerOptionValueType
from music_assistant_models.player_queue import PlayerQueue

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entry import devices
from .helpers.batching import in_batches
from .players.context import Facts
from .players.snapshot import Option, PlayerSnapshot
from .server.errors import translated_errors
from .server.status import Overview

# The entities of so many players are added at once: about a slice of work.
FEW: Final = 5
# The states of an entry whose entities nobody else may have.
SET_UP: Final = (ConfigEntryState.SETUP_IN_PROGRESS, ConfigEntryState.LOADED)


class MusicAssistantEntity(CoordinatorEntity[MusicAssistantCoordinator]):
    """An entity of a player, a display or the server, written when that is told of."""

    _attr_has_entity_name = True

    def _follow(self) -> bool:
        """Take over what is known now; False if there is nothing any more."""
        return True

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._follow()  # what changed before anyone listened

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._follow():
            self.async_write_ha_state()

    @property
    def mass(self) -> MusicAssistantClient:
        """Return the current client."""
        return self.coordinator.mass

    @property
    @override
    def available(self) -> bool:
        return self.coordinator.available


class PartialEntity(MusicAssistantEntity):
    """An entity that shows only part of what is told of, and is written when that part changes."""

    _written: tuple[bool, object]

    def _part(self) -> object:
        """Return what is shown, beside whether it is there at all: the state, unless it is more."""
        return self.state

    def _shown(self) -> tuple[bool, object]:
        return self.available, self._part()

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._written = self._shown()  # by Home Assistant, next

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._follow() and self._written != (now := self._shown()):
            self._written = now
            self.async_write_ha_state()


class ServerEntity(PartialEntity):
    """An entity of the server itself."""

    def __init__(
        self,
        coordinator: MusicAssistantCoordinator,
        description: EntityDescription,
        want: Callable[[Overview], CALLBACK_TYPE] | None = None,
    ) -> None:
        """Make the entity of a server; the description's key tells it from its others.

        `want` asks for what isn't known unless somebody shows it, and returns what ends that.
        """
        super().__init__(coordinator, context=coordinator.server_id)
        self._want = want
        self.entity_description = description
        self._attr_unique_id = f"{coordinator.server_id}_{description.key}"
        self._attr_device_info = devices.info(
            coordinator.server_id,
            coordinator.server_device,
            str(coordinator.site),
            DeviceEntryType.SERVICE,
        )

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        if self._want:
            self.async_on_remove(self._want(self.coordinator.overview))


class PlayerEntity(MusicAssistantEntity):
    """An entity of one player."""

    def __init__(
        self,
        coordinator: MusicAssistantCoordinator,
        player: PlayerSnapshot,
        description: EntityDescription | None = None,
    ) -> None:
        """Make the entity of a player; its state comes with `_apply`."""
        super().__init__(coordinator, context=player.player_id)
        self.player_id = player.player_id
        self.player = player
        self._attr_unique_id = player.player_id
        if description:
            self.entity_description = description
            self._attr_unique_id = f"{player.player_id}_{description.key}"
        self._apply(player)

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return the device; Home Assistant asks once, so nothing of it is kept."""
        player = self.player
        provider = self.mass.get_provider(player.provider, return_unavailable=True)
        maker = player.device.manufacturer or (provider.name if provider else None)
        return devices.info(
            player.player_id,
            player.device._replace(manufacturer=maker),
            f"{self.coordinator.site}/#/settings/editplayer/{player.player_id}",
        )

    def _apply(self, player: PlayerSnapshot) -> None:
        """Take over what is shown from a snapshot."""

    @override
    def _follow(self) -> bool:
        player = self.coordinator.player(self.player_id)
        if player and player is not self.player:
            self.player = player
            self._apply(player)
        return player is not None

    @property
    @override
    def available(self) -> bool:
        return super().available and self.player.available


class PartEntity(PartialEntity, PlayerEntity):
    """An entity of part of a player."""


class DetailEntity(PartEntity):
    """An entity of what isn't in a player's snapshot: worked out only while it is enabled."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.looked.add(self.player_id, self._handle_coordinator_update)
        )

    @property
    def facts(self) -> Facts | None:
        """Return what the server says of the player at this moment."""
        return self.coordinator.facts(self.player_id)


class QueueEntity(DetailEntity):
    """An entity of the queue that is active on a player; away while there is none."""

    @property
    def queue(self) -> PlayerQueue | None:
        """Return the queue as it is at this moment."""
        return facts.queue if (facts := self.facts) else None

    @property
    @override
    def available(self) -> bool:
        return super().available and self.queue is not None


class OptionEntity(PartEntity):
    """An entity of one setting of a player; it is away while the player lacks the setting."""

    _attr_entity_category = EntityCategory.CONFIG

    def __init__(
        self,
        coordinator: MusicAssistantCoordinator,
        player: PlayerSnapshot,
        option: Option,
        enabled: bool,
    ) -> None:
        """Make the entity of a setting, registered as enabled or not."""
        self.option = option
        self._attr_translation_key = option.translation_key
        self._attr_entity_registry_enabled_default = enabled
        super().__init__(coordinator, player)
        self._attr_unique_id = f"{player.player_id}_{option.key}"

    @override
    def _apply(self, player: PlayerSnapshot) -> None:
        if option := player.option(self.option.key):
            self.option = option
        self._apply_option(self.option)

    @override
    def _part(self) -> Option:
        return self.option

    def _apply_option(self, option: Option) -> None:
        """Take over what is shown of a setting."""

    @property
    @override
    def available(self) -> bool:
        return super().available and self.player.option(self.option.key) is not None

    async def _set(self, value: PlayerOptionValueType) -> None:
        with translated_errors(self.coordinator.name):
            await self.mass.players.set_option(self.player_id, self.option.key, value)


async def async_add_options(
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    platform: Platform,
    make: type[OptionEntity],
    enabled: Mapping[str, bool],
) -> None:
    """Add an entity for each setting that a platform shows.

    `enabled` names the settings (translation keys) that are known, and whether their entities
    are enabled from the start.
    """
    await async_add_players(
        entry,
        async_add_entities,
        lambda player: (
            make(entry.runtime_data, player, option, enabled[option.translation_key])
            for option in player.options
            if option.platform is platform and option.translation_key in enabled
        ),
    )


def command[E: CoordinatorEntity[MusicAssistantCoordinator], **P, R](
    func: Callable[Concatenate[E, P], Awaitable[R]],
) -> Callable[Concatenate[E, P], Coroutine[Any, Any, R]]:
    """Raise what goes wrong between us and the server as a translated error."""

    @wraps(func)
    async def wrapper(entity: E, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with translated_errors(entity.coordinator.name):
            return await func(entity, *args, **kwargs)

    return wrapper


async def async_add_players(
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entities_of: Callable[[PlayerSnapshot], Iterable[Entity]],
) -> None:
    """Add the entities of all players, of those there now and of those that come later."""
    await async_add_each(entry, async_add_entities, entry.runtime_data.data, entities_of)


async def async_add_each[S](
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    snapshots: Mapping[str, S],
    entities_of: Callable[[S], Iterable[Entity]],
) -> None:
    """Add the entities of all snapshots of a kind, also of those that come later.

    A few at a time and giving way to the loop: what adds an entity never suspends, so hundreds
    in one call would hold up the house. Each call costs a task, so one for each would be dear.
    """
    coordinator = entry.runtime_data
    fresh = _newness(coordinator, async_get_current_platform().domain)

    @callback
    def add(keys: Collection[str]) -> None:
        new = [
            entity
            for key in keys
            if (snapshot := snapshots.get(key))
            for entity in entities_of(snapshot)
            if fresh(entity)
        ]
        if new:  # Home Assistant makes a task for each call, also for none
            async_add_entities(new)

    present = list(snapshots)
    entry.async_on_unload(coordinator.async_on_players(add))
    # Home Assistant sets all platforms up at once: a slice of each would be one long block
    async with coordinator.adding:
        async for few in in_batches(batched(present, FEW, strict=False)):
            add(few)


def _newness(coordinator: MusicAssistantCoordinator, platform: str) -> Callable[[Entity], bool]:
    """Return what tells whether an entity isn't there: it never was, or was removed by hand."""
    registry = er.async_get(coordinator.hass)
    known: set[str] = set()

    def fresh(entity: Entity) -> bool:
        unique_id = entity.unique_id
        assert unique_id
        entity_id = registry.async_get_entity_id(platform, DOMAIN, unique_id)
        there = registry.async_get(entity_id) if entity_id else None
        if there and (unique_id in known or _is_taken(coordinator, there.config_entry_id)):
            return False
        known.add(unique_id)
        return True

    return fresh


def _is_taken(coordinator: MusicAssistantCoordinator, owner_id: str | None) -> bool:
    """Tell whether an entity is of another server that is set up: two may have the same player."""
    if owner_id is None or owner_id == coordinator.config_entry.entry_id:
        return False
    owner = coordinator.hass.config_entries.async_get_entry(owner_id)
    return owner is not None and owner.state in SET_UP
