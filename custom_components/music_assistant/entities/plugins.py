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
def async_call_with_plugin(
    entry: MusicAssistantConfigEntry, domain: str, function: Callable[[], None]
) -> None:
    """Call a function once: now if the server has a plugin, else when it gets it."""
    coordinator = entry.runtime_data
    is_called = False

    @callback
    def call_with_plugin() -> None:
        nonlocal is_called
        if not is_called and has_plugin(coordinator, domain):
            is_called = True
            function()

    entry.async_on_unload(coordinator.async_add_listener(call_with_plugin, coordinator.server_id))
    call_with_plugin()


@callback
def async_add_plugin_entities(
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    domain: str,
    build_entities: Callable[[], Iterable[Entity]],
) -> None:
    """Add entities of a plugin once the server has it."""
    async_call_with_plugin(entry, domain, lambda: async_add_entities(build_entities()))


async def async_add_plugin_player_entities(
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    domain: str,
    describe_entities: Callable[[PlayerSnapshot], Iterable[NewEntity]],
) -> None:
    """Add the entities of a plugin to all players once the server has it."""
    coordinator = entry.runtime_data
    if not has_plugin(coordinator, domain):
        async_call_with_plugin(
            entry,
            domain,
            lambda: coordinator.listeners.async_notify_added(list(coordinator.data)),
        )
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
