"""Base classes of entities, and functions that add entities."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial, wraps
from itertools import batched
from typing import Any, Concatenate, Final, NamedTuple, override

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import PlayerType
from music_assistant_models.player import PlayerOptionValueType
from music_assistant_models.player_queue import PlayerQueue

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import CALLBACK_TYPE, Context, callback
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
from .entry.permissions import async_check_player_control
from .helpers.batching import in_batches
from .players.commands import get_leader_ids
from .players.context import PlayerContext
from .players.snapshot import Option, PlayerSnapshot
from .server.errors import translate_errors
from .server.status import ServerStatus
from .updates.listeners import PlayerFields

# Number of players whose entities are added at once; takes about as long as one batch may.
ENTITIES_PER_BATCH: Final = 5
# Seconds from one player to the next whose disabled entities a platform registers.
REGISTRATION_INTERVAL: Final = 0.05
# States of an entry that keeps its entities from being taken over by another entry.
SETUP_STATES: Final = (ConfigEntryState.SETUP_IN_PROGRESS, ConfigEntryState.LOADED)


class MusicAssistantEntity(CoordinatorEntity[MusicAssistantCoordinator]):
    """Represent an entity of a player, a display or the server."""

    _attr_has_entity_name = True

    def _update_from_coordinator(self) -> bool:
        """Update from the coordinator's data; return False if there is none."""
        return True

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._update_from_coordinator()  # changes since the entity was created

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._update_from_coordinator():
            self.async_write_ha_state()

    @property
    def mass(self) -> MusicAssistantClient:
        """Return the current client."""
        return self.coordinator.mass

    @property
    @override
    def available(self) -> bool:
        return self.coordinator.available


class WriteOnChangeEntity(MusicAssistantEntity):
    """Represent an entity whose state is only written if it changed.

    Most updates of a player or server don't concern the entity.
    """

    _written_state: tuple[bool, object]

    def _get_compared_state(self) -> object:
        """Return the value to compare besides availability; override it to add attributes."""
        return self.state

    def _get_written_state(self) -> tuple[bool, object]:
        return self.available, self._get_compared_state()

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._written_state = (
            self._get_written_state()
        )  # Home Assistant writes it after this method

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if self._update_from_coordinator() and self._written_state != (
            state := self._get_written_state()
        ):
            self._written_state = state
            self.async_write_ha_state()


class ServerEntity(WriteOnChangeEntity):
    """Represent an entity of the server itself."""

    def __init__(
        self,
        coordinator: MusicAssistantCoordinator,
        description: EntityDescription,
        subscribe: Callable[[ServerStatus], CALLBACK_TYPE] | None = None,
    ) -> None:
        """Initialize the entity.

        `subscribe` subscribes to data that is only fetched on demand, and returns a function
        that unsubscribes.
        """
        super().__init__(coordinator, context=coordinator.server_id)
        self._subscribe = subscribe
        self.entity_description = description
        self._attr_unique_id = f"{coordinator.server_id}_{description.key}"
        self._attr_device_info = devices.build_device_info(
            coordinator.server_id,
            coordinator.server_device,
            str(coordinator.endpoint),
            DeviceEntryType.SERVICE,
        )

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        if self._subscribe:
            self.async_on_remove(self._subscribe(self.coordinator.status))


class PlayerEntity(MusicAssistantEntity):
    """Represent an entity of a player."""

    # Fields of the snapshot that the state is made of; None for all
    _snapshot_fields: frozenset[str] | None = None

    def __init__(
        self,
        coordinator: MusicAssistantCoordinator,
        player: PlayerSnapshot,
        description: EntityDescription | None = None,
    ) -> None:
        """Initialize the entity and its state."""
        fields = self._snapshot_fields
        super().__init__(
            coordinator,
            context=PlayerFields(player.player_id, fields) if fields else player.player_id,
        )
        self.player_id = player.player_id
        self._shown_player = player
        # For each entity with a device info, Home Assistant compares all of the device
        self.device_entry = coordinator.store.devices.find_up_to_date(player.player_id)
        self._attr_unique_id = player.player_id
        if description:
            self.entity_description = description
            self._attr_unique_id = f"{player.player_id}_{description.key}"
        self._update_from_snapshot(player)

    @property
    def player(self) -> PlayerSnapshot:
        """Return the current snapshot, or the last one of a player that was removed."""
        return self.coordinator.data.get(self.player_id, self._shown_player)

    @property
    @override
    def device_info(self) -> DeviceInfo | None:
        """Return the device to register; None if another entity has registered it."""
        if self.device_entry is not None:
            return None
        player, device = self.player, self.player.device
        if not device.manufacturer and (
            provider := self.mass.get_provider(player.provider, return_unavailable=True)
        ):
            device = device._replace(manufacturer=provider.name)
        return devices.build_device_info(
            player.player_id,
            device,
            f"{self.coordinator.endpoint}/#/settings/editplayer/{player.player_id}",
        )

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.coordinator.store.devices.set_up_to_date(self.player_id)

    async def async_check_control(self, *player_ids: str) -> None:
        """Raise Unauthorized unless the caller may also control other players.

        Home Assistant only checks the permission for the entity itself.
        """
        others = [player_id for player_id in player_ids if player_id != self.player_id]
        await async_check_player_control(self.hass, self._context or Context(), others)

    def _update_from_snapshot(self, player: PlayerSnapshot) -> None:
        """Update the state from a snapshot."""

    @override
    def _update_from_coordinator(self) -> bool:
        player = self.coordinator.get_player(self.player_id)
        if player and player is not self._shown_player:
            self._shown_player = player
            self._update_from_snapshot(player)
        return player is not None

    @property
    @override
    def available(self) -> bool:
        return super().available and self.player.available


class PlayerDetailEntity(WriteOnChangeEntity, PlayerEntity):
    """Represent an entity of a detail of a player."""


class PlayerContextEntity(PlayerDetailEntity):
    """Represent an entity whose state isn't in the snapshot, computed only while it is enabled."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.listeners.refreshed.add(
                self.player_id, self._handle_coordinator_update
            )
        )

    @property
    def player_context(self) -> PlayerContext | None:
        """Return the current player context."""
        return self.coordinator.get_context(self.player_id)


class PlayerQueueEntity(PlayerContextEntity):
    """Represent an entity of a player's active queue; unavailable without one."""

    @property
    def queue(self) -> PlayerQueue | None:
        """Return the active queue."""
        return player_context.queue if (player_context := self.player_context) else None

    @property
    @override
    def available(self) -> bool:
        return super().available and self.queue is not None


class PlayerOptionEntity(PlayerDetailEntity):
    """Represent an entity of a player option; unavailable while the player lacks the option."""

    _attr_entity_category = EntityCategory.CONFIG
    _snapshot_fields = frozenset({"available", "options"})

    def __init__(
        self,
        coordinator: MusicAssistantCoordinator,
        player: PlayerSnapshot,
        option: Option,
        enabled: bool,
    ) -> None:
        """Initialize the entity; `enabled` is its default in the registry."""
        self.option = option
        self._attr_translation_key = option.translation_key
        self._attr_entity_registry_enabled_default = enabled
        super().__init__(coordinator, player)
        self._attr_unique_id = f"{player.player_id}_{option.key}"

    @override
    def _update_from_snapshot(self, player: PlayerSnapshot) -> None:
        if option := player.get_option(self.option.key):
            self.option = option
        self._update_from_option(self.option)

    @override
    def _get_compared_state(self) -> Option:
        return self.option

    def _update_from_option(self, option: Option) -> None:
        """Update the state from an option."""

    @property
    @override
    def available(self) -> bool:
        return super().available and self.player.get_option(self.option.key) is not None

    async def _async_set_value(self, value: PlayerOptionValueType) -> None:
        with translate_errors(self.coordinator.name):
            await self.mass.players.set_option(self.player_id, self.option.key, value)


async def async_add_option_entities(
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    platform: Platform,
    entity_class: type[PlayerOptionEntity],
    enabled_defaults: Mapping[str, bool],
) -> None:
    """Add the entities of a platform's player options.

    `enabled_defaults` has the translation keys of known options, and whether their entities
    are enabled by default.
    """
    await async_add_player_entities(
        entry,
        async_add_entities,
        lambda player: (
            NewEntity(
                f"{player.player_id}_{option.key}",
                enabled := enabled_defaults[option.translation_key],
                partial(entity_class, entry.runtime_data, player, option, enabled),
            )
            for option in player.options
            if option.platform is platform and option.translation_key in enabled_defaults
        ),
    )


def command[E: CoordinatorEntity[MusicAssistantCoordinator], **P, R](
    func: Callable[Concatenate[E, P], Awaitable[R]],
) -> Callable[Concatenate[E, P], Coroutine[Any, Any, R]]:
    """Decorate a command so that its errors are raised as translated errors."""

    @wraps(func)
    async def wrapper(entity: E, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with translate_errors(entity.coordinator.name):
            return await func(entity, *args, **kwargs)

    return wrapper


def queue_command[E: PlayerEntity, **P, R](
    func: Callable[Concatenate[E, P], Awaitable[R]],
) -> Callable[Concatenate[E, P], Coroutine[Any, Any, R]]:
    """Decorate a command on what plays on a player, which a group or leader may determine."""

    @wraps(func)
    async def async_check_and_call(entity: E, /, *args: P.args, **kwargs: P.kwargs) -> R:
        await entity.async_check_control(*get_leader_ids(entity.player, entity.coordinator.data))
        return await func(entity, *args, **kwargs)

    return command(async_check_and_call)


def group_command[E: PlayerEntity, **P, R](
    func: Callable[Concatenate[E, P], Awaitable[R]],
) -> Callable[Concatenate[E, P], Coroutine[Any, Any, R]]:
    """Decorate a command that a group player passes on to its members."""

    @wraps(func)
    async def async_check_and_call(entity: E, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if entity.player.type == PlayerType.GROUP:
            await entity.async_check_control(*entity.player.group_members)
        return await func(entity, *args, **kwargs)

    return command(async_check_and_call)


class NewEntity(NamedTuple):
    """Describe an entity before it is built, which costs more than to look it up."""

    unique_id: str
    is_enabled_by_default: bool
    build: Callable[[], Entity]


def describe_entity(
    entity_class: Callable[[MusicAssistantCoordinator, PlayerSnapshot, Any], Entity],
    coordinator: MusicAssistantCoordinator,
    player: PlayerSnapshot,
    description: EntityDescription,
) -> NewEntity:
    """Return an entity of a player, not built yet."""
    return NewEntity(
        f"{player.player_id}_{description.key}",
        description.entity_registry_enabled_default,
        partial(entity_class, coordinator, player, description),
    )


async def async_add_server_entities[D: EntityDescription](
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entity_class: Callable[[MusicAssistantCoordinator, D], Entity],
    descriptions: Iterable[D],
) -> None:
    """Add the entities of the server itself."""
    await async_add_snapshot_entities(
        entry,
        async_add_entities,
        {entry.runtime_data.server_id: entry.runtime_data},
        lambda coordinator: (
            NewEntity(
                f"{coordinator.server_id}_{description.key}",
                description.entity_registry_enabled_default,
                partial(entity_class, coordinator, description),
            )
            for description in descriptions
        ),
    )


async def async_add_player_entities(
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    describe_entities: Callable[[PlayerSnapshot], Iterable[NewEntity]],
) -> None:
    """Add the entities of all current and future players."""
    await async_add_snapshot_entities(
        entry, async_add_entities, entry.runtime_data.data, describe_entities
    )


async def async_add_snapshot_entities[S](
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    snapshots: Mapping[str, S],
    describe_entities: Callable[[S], Iterable[NewEntity]],
) -> None:
    """Add the entities of all current and future snapshots (players or displays).

    Adding entities never suspends, so hundreds in one call would block the event loop. Each call
    costs a task, so they are added in batches.
    """
    listeners = entry.runtime_data.listeners
    adder = EntityAdder(entry, async_add_entities, snapshots, describe_entities)
    present = list(snapshots)
    entry.async_on_unload(listeners.async_listen_added(adder.add))
    # Home Assistant sets up all platforms at once, and a batch of each would block the loop long
    async with listeners.adding_lock:
        async for batch in in_batches(batched(present, ENTITIES_PER_BATCH, strict=False)):
            adder.add(batch)


class EntityAdder[S]:
    """Adds the entities of a platform that the registry lacks, or that are enabled there.

    Most are disabled by default. These are built only to register them, so that a user can enable
    them: afterwards, a few at a time, and once.
    """

    def __init__(
        self,
        entry: MusicAssistantConfigEntry,
        async_add_entities: AddConfigEntryEntitiesCallback,
        snapshots: Mapping[str, S],
        describe_entities: Callable[[S], Iterable[NewEntity]],
    ) -> None:
        """Initialize for the platform that is being set up."""
        self._entry = entry
        self._hass = entry.runtime_data.hass
        self._async_add_entities = async_add_entities
        self._snapshots = snapshots
        self._describe_entities = describe_entities
        self._platform = async_get_current_platform().domain
        self._registry = er.async_get(self._hass)
        self._added: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)  # unique ids by key
        self._unregistered: dict[str, None] = {}  # keys of snapshots, in order
        self._task: asyncio.Task[None] | None = None

    @callback
    def add(self, keys: Iterable[str]) -> None:
        """Add the enabled entities of these snapshots, and register the others later."""
        new = []
        for key in keys:
            for entity in self._describe(key):
                if (entry := self._find_entry(entity)) is not None:
                    is_needed = self._is_needed(key, entity, entry)
                else:
                    is_needed = entity.is_enabled_by_default or self._was_enabled(entity)
                    if not is_needed:
                        self._unregistered[key] = None
                if is_needed:
                    new.append(entity)
                    self._added[key] += (entity.unique_id,)
        self._build(new)
        for key in self._added.keys() - self._snapshots.keys():
            del self._added[key]
        is_registering = self._task is not None and not self._task.done()
        # Platforms go on after a set-up that was cancelled, and after Home Assistant has begun to
        # stop: nobody would cancel the task then
        is_active = self._entry.state in SETUP_STATES and not self._entry.runtime_data.is_shut_down
        if self._unregistered and not is_registering and is_active:
            self._task = self._entry.async_create_background_task(
                self._hass, self._async_register(), f"{DOMAIN} disabled {self._platform} entities"
            )

    async def _async_register(self) -> None:
        """Register the entities that are disabled."""
        while self._unregistered:
            await asyncio.sleep(REGISTRATION_INTERVAL)
            key = next(iter(self._unregistered))
            del self._unregistered[key]
            self._build(
                [entity for entity in self._describe(key) if self._find_entry(entity) is None]
            )

    def _describe(self, key: str) -> Iterable[NewEntity]:
        snapshot = self._snapshots.get(key)
        return self._describe_entities(snapshot) if snapshot else ()

    def _find_entry(self, entity: NewEntity) -> er.RegistryEntry | None:
        entity_id = self._registry.async_get_entity_id(self._platform, DOMAIN, entity.unique_id)
        return self._registry.async_get(entity_id) if entity_id else None

    def _was_enabled(self, entity: NewEntity) -> bool:
        """Return if an entity was enabled when it was removed, as Home Assistant remembers."""
        key = self._platform, DOMAIN, entity.unique_id
        removed = self._registry.deleted_entities.get(key)
        return removed is not None and removed.disabled_by is None

    def _is_needed(self, key: str, entity: NewEntity, entry: er.RegistryEntry) -> bool:
        """Return if an entity that the registry has is to be added."""
        owner_id = entry.config_entry_id
        if entity.unique_id in self._added[key] or _is_owned_by_other_entry(self._entry, owner_id):
            return False
        is_ours = owner_id == self._entry.entry_id
        return entity.is_enabled_by_default or not entry.disabled or not is_ours

    def _build(self, entities: Sequence[NewEntity]) -> None:
        if entities:  # an empty call would cost a task, too
            self._async_add_entities([entity.build() for entity in entities])


def _is_owned_by_other_entry(entry: MusicAssistantConfigEntry, owner_id: str | None) -> bool:
    """Return whether an entity belongs to another loaded entry; two servers may share a player."""
    if owner_id is None or owner_id == entry.entry_id:
        return False
    owner = entry.runtime_data.hass.config_entries.async_get_entry(owner_id)
    return owner is not None and owner.state in SETUP_STATES
