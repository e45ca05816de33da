"""Migration of devices and entities to a new player id."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from itertools import islice
from typing import Any, Final, Protocol

from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.helpers.storage import Store

from ..const import DOMAIN, LOGGER
from ..server.exposed_players import ExposedPlayers
from ..server.sanitize import sanitize_text
from .matching import (
    Evidence,
    KnownPlayer,
    MigrationCandidates,
    find_candidates,
    get_shared_hardware,
)
from .snapshot import PlayerSnapshot

# The repair issue that asks whether a player has replaced a former one.
ISSUE_FORMER_PLAYER: Final = "former_player"
# Seconds that a new player waits for another one with the same hardware to be removed.
REPLACEMENT_WAIT_TIME: Final = 3.0
# Players that are gone and remembered, and of those the ones that are asked about at once.
MAX_ABSENT_PLAYERS: Final = 1000
MAX_QUESTIONS: Final = 10
# Seconds during which changes of the storage are collected.
SAVE_DELAY: Final = 5.0


class PlayerStore(Protocol):
    """Represent the store of the players."""

    name: str
    exposed: ExposedPlayers

    def remove_player(self, player_id: str) -> None:
        """Remove a player, its device and its entities."""

    def schedule_refresh(self, ids: Iterable[str]) -> None:
        """Refresh these players in the next turn of the loop."""


class PlayerMigration:
    """Represent the migration of players that return to the server under a new id.

    The device of a player is migrated if its hardware is certainly the same, else a repair issue
    asks. The hardware ids are in a store of the config entry, which the built-in integration
    ignores. Home Assistant keeps removed devices and entities by their ids, so that a player can
    be migrated long after it was removed.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        players: PlayerStore,
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Initialize the migration for a config entry; `async_load` loads the known players."""
        self.hass = hass
        self._entry_id = entry_id
        self._players = players
        self._create_task = create_task
        self._store = _get_store(hass, entry_id)
        self._unsaved = False
        self._known: dict[str, KnownPlayer] = {}
        self._known_limit = MAX_ABSENT_PLAYERS
        self._declined: set[tuple[str, str]] = set()
        self._checked: set[str] = set()
        self._pending: dict[str, asyncio.Task[None]] = {}
        self._wait_time = 0.0  # at setup all players are present already

    # -------------------------------------------------------------------------- known players

    async def async_load(self, device_names: Mapping[str, str]) -> None:
        """Load the known players from the storage, and those that only have a device.

        `device_names` are the names of the devices by player id.
        """
        stored = await self._store.async_load() or {"players": {}, "declined": []}
        self._known = {player_id: KnownPlayer(name) for player_id, name in device_names.items()}
        for player_id, player in stored["players"].items():
            if player_id in self._known or self._is_removed(player_id):
                self._known[player_id] = KnownPlayer(player["name"], frozenset(player["hardware"]))
        self._declined = {(old_id, new_id) for old_id, new_id in stored["declined"]}

    async def async_close(self) -> None:
        """Save pending changes."""
        if self._unsaved:
            await self._store.async_save(self._get_data_to_save())

    def update_known_player(self, player: PlayerSnapshot) -> None:
        """Update the name and the hardware ids of a known player; ids that are lost are kept."""
        before = self._known.get(player.player_id)
        hardware_ids = player.hardware_ids or (before.hardware_ids if before else frozenset())
        known = KnownPlayer(player.device.name, hardware_ids)
        if known != before:
            self._known[player.player_id] = known
            if len(self._known) > self._known_limit:
                self._forget_absent_players()
            self._schedule_save()

    def _forget_absent_players(self) -> None:
        """Forget the players that are gone, except for those known last."""
        present = self._players.exposed.player_ids
        absent = [player_id for player_id in self._known if player_id not in present]
        for player_id in absent[: -MAX_ABSENT_PLAYERS // 2]:
            if not self._get_device(player_id):
                del self._known[player_id]
        self._declined = {pair for pair in self._declined if pair[0] in self._known}
        self._known_limit = len(self._known) + MAX_ABSENT_PLAYERS // 2

    def _schedule_save(self) -> None:
        self._unsaved = True
        self._store.async_delay_save(self._get_data_to_save, SAVE_DELAY)

    def _get_data_to_save(self) -> dict[str, Any]:
        self._unsaved = False
        return {
            "players": {
                player_id: {"name": player.name, "hardware": sorted(player.hardware_ids)}
                for player_id, player in self._known.items()
            },
            "declined": sorted(self._declined),
        }

    # ------------------------------------------------------------------------------- matching

    def should_defer(self, player: PlayerSnapshot) -> bool:
        """Return if a player must not be added yet, because it may be a former one.

        For a player that has just appeared this starts the decision, and creates repair issues.
        """
        player_id = player.player_id
        if player_id in self._pending:
            return True
        self.update_known_player(player)
        if player_id in self._checked:
            return False
        self._checked.add(player_id)
        self._delete_issues("old", player_id)  # it has returned itself
        candidates = self._find_candidates(player_id, None)
        if self._get_device(player_id):
            if candidates and candidates.evidence is not Evidence.NAME:
                with_device = (
                    old_id for old_id in candidates.player_ids if self._get_device(old_id)
                )
                self._create_issues(with_device, player_id)
            return False
        if self._is_removed(player_id):
            return False  # it has returned under its own id
        has_twin = self._wait_time and get_shared_hardware(
            player_id, self._known, self._players.exposed.player_ids
        )
        if not candidates and not has_twin:
            return False
        self._pending[player_id] = self._create_task(
            self._async_resolve_pending(player_id, self._wait_time if has_twin else 0),
            "player migration",
        )
        return True

    async def async_wait_pending(self) -> None:
        """Wait for the pending decisions about the players that were present at setup."""
        if self._pending:
            await asyncio.wait(self._pending.values())
        self._wait_time = REPLACEMENT_WAIT_TIME

    @callback
    def handle_player_removed(self, player_id: str) -> None:
        """Handle the removal of a player; it is checked again when it returns."""
        self._checked.discard(player_id)
        self._delete_issues("new", player_id)

    def _find_candidates(
        self, player_id: str, server_player_ids: set[str] | None
    ) -> MigrationCandidates | None:
        present = self._players.exposed.player_ids
        return find_candidates(player_id, self._known, present, server_player_ids)

    async def _async_resolve_pending(self, player_id: str, wait_time: float) -> None:
        """Migrate to a new player, or create repair issues; then let it be added."""
        await asyncio.sleep(wait_time)
        server_player_ids = await self._players.exposed.async_fetch_known_player_ids()
        del self._pending[player_id]
        is_present = player_id in self._players.exposed.player_ids
        if is_present and (candidates := self._find_candidates(player_id, server_player_ids)):
            if candidates.evidence is Evidence.CERTAIN:
                LOGGER.info("Migrating player %s to %s", candidates.player_ids[0], player_id)
                self.migrate(candidates.player_ids[0], player_id)
            else:
                self._create_issues(candidates.player_ids, player_id)
        self._players.schedule_refresh((player_id,))

    # --------------------------------------------------------------------------- repair issues

    def _create_issues(self, old_ids: Iterable[str], new_id: str) -> None:
        for old_id in islice(old_ids, MAX_QUESTIONS):
            if (old_id, new_id) not in self._declined:
                ir.async_create_issue(
                    self.hass,
                    DOMAIN,
                    f"{ISSUE_FORMER_PLAYER}_{old_id}_{new_id}_{self._entry_id}",
                    data={"entry_id": self._entry_id, "old": old_id, "new": new_id},
                    is_fixable=True,
                    is_persistent=True,  # created only once, when the new player appears
                    severity=ir.IssueSeverity.WARNING,
                    translation_key=ISSUE_FORMER_PLAYER,
                    translation_placeholders={
                        "server": self._players.name,
                        "old": sanitize_text(self._known[old_id].name),
                        "old_id": sanitize_text(old_id),
                        "new": sanitize_text(self._known[new_id].name),
                        "new_id": sanitize_text(new_id),
                    },
                )

    def _delete_issues(self, role: str, player_id: str) -> None:
        """Delete the repair issues in which a player is the "old" or the "new" one."""
        expected = {"entry_id": self._entry_id, role: player_id}
        for issue in list(ir.async_get(self.hass).issues.values()):
            if issue.domain == DOMAIN and issue.data and expected.items() <= issue.data.items():
                ir.async_delete_issue(self.hass, DOMAIN, issue.issue_id)

    @callback
    def can_migrate(self, old_id: str, new_id: str) -> bool:
        """Return if the former player is still absent, and the new one present."""
        present = self._players.exposed.player_ids
        return old_id in self._known and old_id not in present and new_id in present

    @callback
    def decline(self, old_id: str, new_id: str) -> None:
        """Store that two players are different devices."""
        self._declined.add((old_id, new_id))
        self._schedule_save()

    # ------------------------------------------------------------------------------ migration

    @callback
    def migrate(self, old_id: str, new_id: str) -> None:
        """Migrate the device and the entities of a former player to a new id.

        Both are removed first: Home Assistant keeps the settings of removed entities, and the
        platforms add the entities again.
        """
        self._players.remove_player(new_id)
        self._players.remove_player(old_id)
        self._move_removed_entries(old_id, new_id)
        self._known.pop(old_id)
        self._delete_issues("old", old_id)
        self._schedule_save()
        self._players.schedule_refresh((new_id,))

    def _move_removed_entries(self, old_id: str, new_id: str) -> None:
        """Change the ids of the removed device and the removed entities of a player.

        Home Assistant can't change removed entries, so each one is restored for a moment.
        """
        devices, entities = dr.async_get(self.hass), er.async_get(self.hass)
        device = devices.async_get_or_create(
            config_entry_id=self._entry_id,
            identifiers={(DOMAIN, old_id)},
            name=self._known[old_id].name,
        )
        for domain, unique_id in self._get_removed_entities(old_id):
            entity = entities.async_get_or_create(
                domain,
                DOMAIN,
                unique_id,
                config_entry=self.hass.config_entries.async_get_entry(self._entry_id),
                device_id=device.id,
            )
            new_unique_id = new_id + unique_id.removeprefix(old_id)
            entities.async_update_entity(entity.entity_id, new_unique_id=new_unique_id)
            entities.async_remove(entity.entity_id)
        devices.async_update_device(device.id, new_identifiers={(DOMAIN, new_id)})

    def _get_removed_entities(self, player_id: str) -> list[tuple[str, str]]:
        """Return the platforms and unique ids of the removed entities of a player."""
        return [
            (domain, unique_id)
            for (domain, _, unique_id), entity in er.async_get(self.hass).deleted_entities.items()
            if entity.config_entry_id == self._entry_id
            and self._find_player_id(unique_id) == player_id
        ]

    def _find_player_id(self, unique_id: str) -> str | None:
        """Return the player of an entity: the longest id, as one may be the prefix of another."""
        player_ids = (
            known_id for known_id in self._known if f"{unique_id}_".startswith(f"{known_id}_")
        )
        return max(player_ids, key=len, default=None)

    def _is_removed(self, player_id: str) -> bool:
        """Return if the entity of a player is among the removed entities."""
        key = (MEDIA_PLAYER_DOMAIN, DOMAIN, player_id)
        return key in er.async_get(self.hass).deleted_entities

    def _get_device(self, player_id: str) -> dr.DeviceEntry | None:
        return dr.async_get(self.hass).async_get_device_by_identifier(
            (DOMAIN, player_id), self._entry_id
        )


def _get_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.players")


async def async_remove_known_players(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the stored players of a config entry."""
    await _get_store(hass, entry_id).async_remove()
