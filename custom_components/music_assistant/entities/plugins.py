"""Base class of entities of the server's plugins, which are there only with the plugin."""

from collections.abc import Callable, Iterable
from typing import override

from homeassistant.core import callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..entity import NewEntity, ServerEntity, async_add_player_entities
from ..players.snapshot import PlayerSnapshot
from ..server.party import PARTY_PLUGIN


def has_plugin(coordinator: MusicAssistantCoordinator, domain: str) -> bool:
    """Return whether the server has a plugin that works."""
    return any(
        provider.domain == domain and provider.available for provider in coordinator.mass.providers
    )


@callback
def async_add_plugin_entities(
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    domain: str,
    build_entities: Callable[[], Iterable[Entity]],
) -> None:
    """Add entities of a plugin once the server has it."""
    coordinator = entry.runtime_data
    is_added = False

    @callback
    def add_entities() -> None:
        nonlocal is_added
        if not is_added and has_plugin(coordinator, domain):
            is_added = True
            async_add_entities(build_entities())

    entry.async_on_unload(coordinator.async_add_listener(add_entities, coordinator.server_id))
    add_entities()


async def async_add_plugin_player_entities(
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    domain: str,
    describe_entities: Callable[[PlayerSnapshot], Iterable[NewEntity]],
) -> None:
    """Add the entities of a plugin to all players once the server has it."""
    coordinator = entry.runtime_data
    had_plugin = has_plugin(coordinator, domain)

    @callback
    def add_entities() -> None:
        nonlocal had_plugin
        if not had_plugin and has_plugin(coordinator, domain):
            had_plugin = True
            coordinator.listeners.async_notify_added(list(coordinator.data))

    entry.async_on_unload(coordinator.async_add_listener(add_entities, coordinator.server_id))
    await async_add_player_entities(
        entry,
        async_add_entities,
        lambda player: describe_entities(player) if has_plugin(coordinator, domain) else (),
    )


class PartyEntity(ServerEntity):
    """Represent an entity of the page for guests of a party."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.plugins.party.subscribe())

    @property
    @override
    def available(self) -> bool:
        return (
            super().available
            and has_plugin(self.coordinator, PARTY_PLUGIN)
            and self.coordinator.plugins.party.is_known
        )
