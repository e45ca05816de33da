"""What all entities of a player have in common."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable
from functools import wraps
import time
from typing import Any, Concatenate, override

from music_assistant_client import MusicAssistantClient

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import SLICE, MusicAssistantConfigEntry, MusicAssistantCoordinator
from .players.snapshot import PlayerSnapshot
from .server.address import as_text
from .server.errors import translated_errors


class MusicAssistantEntity(CoordinatorEntity[MusicAssistantCoordinator]):
    """An entity of one player, written when the player's snapshot changes."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: MusicAssistantCoordinator, player: PlayerSnapshot) -> None:
        """Make the entity of a player; its state comes with `_apply`."""
        super().__init__(coordinator, context=player.player_id)
        self.player_id = player.player_id
        self.player = player
        self._attr_unique_id = player.player_id
        provider = coordinator.mass.get_provider(player.provider, return_unavailable=True)
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, player.player_id)},
            name=player.device.name,
            model=player.device.model,
            manufacturer=player.device.manufacturer or (provider.name if provider else None),
            sw_version=player.device.sw_version,
            configuration_url=(
                f"{as_text(coordinator.connection.address.url)}"
                f"/#/settings/editplayer/{player.player_id}"
            ),
        )
        self._apply(player)

    def _apply(self, player: PlayerSnapshot) -> None:
        """Take over what is shown from a snapshot."""

    @property
    def mass(self) -> MusicAssistantClient:
        """Return the current client."""
        return self.coordinator.mass

    @property
    @override
    def available(self) -> bool:
        return self.coordinator.available and self.player.available

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        if player := self.coordinator.player(self.player_id):
            self.player = player
            self._apply(player)
            self.async_write_ha_state()


def command[E: MusicAssistantEntity, **P, R](
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
    """Add the entities of all players, of those there now and of those that come later.

    One player at a time and giving way to the loop: what adds an entity never suspends, so
    hundreds in one call would hold up the house.
    """
    coordinator = entry.runtime_data

    @callback
    def add(player_ids: Collection[str]) -> None:
        async_add_entities(
            entity
            for player_id in player_ids
            if (player := coordinator.player(player_id))
            for entity in entities_of(player)
        )

    present = list(coordinator.data)
    entry.async_on_unload(coordinator.async_on_players(add))
    began = time.monotonic()
    for player_id in present:
        add((player_id,))
        if time.monotonic() - began > SLICE:
            await asyncio.sleep(0)
            began = time.monotonic()
