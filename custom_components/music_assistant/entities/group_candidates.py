"""Entity ids that each player can be grouped with."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from typing import Final

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_call_later

from ..coordinator import MusicAssistantConfigEntry
from ..helpers.batching import in_batches
from ..players.snapshot import PlayerSnapshot
from ..updates.groups import is_media_player_id_change

# Seconds in which changes are collected, because one added player concerns all of its provider.
UPDATE_DELAY: Final = 0.25

# What a change of candidates is to listeners
_CHANGED_FIELDS: Final = frozenset({"can_group_with"})


class GroupCandidates:
    """Represent the entities that each player can be grouped with.

    The server lists players and providers, of which the latter mean all of their players. Many
    changes are handled by one update.
    """

    def __init__(self, entry: MusicAssistantConfigEntry) -> None:
        """Initialize without candidates; `async_start` listens for changes."""
        self.is_complete = False  # all players have entity ids
        self._entry = entry
        self._coordinator = entry.runtime_data
        self._candidates: dict[str, list[str]] = {}
        self._timer: CALLBACK_TYPE | None = None
        entry.async_on_unload(self._cancel_timer)

    async def async_start(self) -> None:
        """Update all candidates, and again when players or their entity ids change.

        Call it after all entities are added, because each would cause an update.
        """
        on_unload, hass = self._entry.async_on_unload, self._coordinator.hass
        on_unload(self._coordinator.listeners.async_listen_added(self._async_handle_players))
        on_unload(
            hass.bus.async_listen(
                er.EVENT_ENTITY_REGISTRY_UPDATED,
                self._async_handle_registry_update,
                is_media_player_id_change,
            )
        )
        if not self.is_complete:
            self.is_complete = True
            self._candidates.clear()  # so that all entities write their first state
        await self.async_update()

    def get(self, player_id: str) -> list[str]:
        """Return the entity ids that a player can be grouped with."""
        return self._candidates.get(player_id, [])

    async def async_update(self, _now: object = None) -> None:
        """Compute all candidates, and notify the listeners of players whose candidates changed."""
        self._cancel_timer()
        players = self._coordinator.data
        entity_ids = self._get_entity_ids()
        by_provider = _group_by_provider(players)
        self.is_complete = self.is_complete or players.keys() <= entity_ids.keys()
        for player_id in self._candidates.keys() - players.keys():
            del self._candidates[player_id]

        @cache
        def resolve_entity_ids(names: frozenset[str]) -> list[str]:
            player_ids = {
                player_id for name in names for player_id in by_provider.get(name, (name,))
            }
            return sorted(entity_ids[player_id] for player_id in player_ids & entity_ids.keys())

        async for player in in_batches(list(players.values())):
            own_entity_id = entity_ids.get(player.player_id)
            candidates = [
                entity_id
                for entity_id in resolve_entity_ids(player.can_group_with)
                if entity_id != own_entity_id
            ]
            if candidates != self._candidates.get(player.player_id):
                self._candidates[player.player_id] = candidates
                self._coordinator.listeners.async_notify((player.player_id,), _CHANGED_FIELDS)

    @callback
    def async_schedule_update(self) -> None:
        """Schedule an update."""
        if self.is_complete and self._timer is None:
            job = HassJob(self.async_update, cancel_on_shutdown=True)
            self._timer = async_call_later(self._coordinator.hass, UPDATE_DELAY, job)

    def _get_entity_ids(self) -> dict[str, str]:
        registry = er.async_get(self._coordinator.hass)
        return {
            entity.unique_id: entity.entity_id
            for entity in er.async_entries_for_config_entry(registry, self._entry.entry_id)
            if entity.domain == MEDIA_PLAYER_DOMAIN
        }

    @callback
    def _async_handle_players(self, _keys: Collection[str]) -> None:
        self.async_schedule_update()

    @callback
    def _async_handle_registry_update(
        self, _event: Event[er.EventEntityRegistryUpdatedData]
    ) -> None:
        self.async_schedule_update()

    @callback
    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer()
            self._timer = None


def _group_by_provider(players: Mapping[str, PlayerSnapshot]) -> dict[str, list[str]]:
    player_ids = defaultdict(list)
    for player in players.values():
        player_ids[player.provider].append(player.player_id)
    return player_ids
