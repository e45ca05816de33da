"""Who can be grouped with whom, in entity ids."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from typing import Final

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_call_later

from ..coordinator import MusicAssistantConfigEntry, is_about_ids
from ..helpers.batching import in_batches
from ..players.snapshot import PlayerSnapshot

# Seconds in which changes are gathered: one player that comes is news for all of its kind.
GATHER: Final = 0.25


class Companions:
    """The entities that each player can be grouped with: worked out once for many changes.

    The server names players, and providers that stand for all of theirs.
    """

    def __init__(self, entry: MusicAssistantConfigEntry) -> None:
        """Know nobody yet; `async_follow` begins to look at what changes."""
        self.complete = False  # all players have entities, so that each can be named
        self._entry = entry
        self._coordinator = entry.runtime_data
        self._of: dict[str, list[str]] = {}
        self._timer: CALLBACK_TYPE | None = None
        entry.async_on_unload(self._stop)

    async def async_follow(self) -> None:
        """Look at all players, and again when one comes, goes or gets another entity id.

        Not before all are added: each of them would be news for all of its kind.
        """
        on_unload, hass = self._entry.async_on_unload, self._coordinator.hass
        on_unload(self._coordinator.async_on_players(self._on_players))
        on_unload(
            hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._on_registry, is_about_ids)
        )
        if not self.complete:
            self.complete = True
            self._of.clear()  # all of them wait to be told
        await self.async_work_out()

    def of(self, player_id: str) -> list[str]:
        """Return the entities that a player can be grouped with."""
        return self._of.get(player_id, [])

    async def async_work_out(self, _now: object = None) -> None:
        """Look at all players, and tell those for whom it is others than before."""
        self._stop()
        players = self._coordinator.data
        entity_ids = self._entity_ids()
        by_provider = _by_provider(players)
        self.complete = self.complete or players.keys() <= entity_ids.keys()

        @cache
        def circle(named: frozenset[str]) -> list[str]:
            found = {one for name in named for one in by_provider.get(name, (name,))}
            return sorted(entity_ids[one] for one in found & entity_ids.keys())

        async for player in in_batches(list(players.values())):
            own = entity_ids.get(player.player_id)
            now = [one for one in circle(player.can_group_with) if one != own]
            if now != self._of.get(player.player_id):
                self._of[player.player_id] = now
                self._coordinator.async_tell((player.player_id,))

    @callback
    def touch(self) -> None:
        """Look at all players, soon."""
        if self.complete and self._timer is None:
            job = HassJob(self.async_work_out, cancel_on_shutdown=True)
            self._timer = async_call_later(self._coordinator.hass, GATHER, job)

    def _entity_ids(self) -> dict[str, str]:
        registry = er.async_get(self._coordinator.hass)
        return {
            entity.unique_id: entity.entity_id
            for entity in er.async_entries_for_config_entry(registry, self._entry.entry_id)
            if entity.domain == MEDIA_PLAYER_DOMAIN
        }

    @callback
    def _on_players(self, _keys: Collection[str]) -> None:
        self.touch()

    @callback
    def _on_registry(self, _event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        self.touch()

    @callback
    def _stop(self) -> None:
        if self._timer:
            self._timer()
            self._timer = None


def _by_provider(players: Mapping[str, PlayerSnapshot]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for player in players.values():
        found[player.provider].append(player.player_id)
    return found
