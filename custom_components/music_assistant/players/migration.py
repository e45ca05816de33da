"""A device that goes on under a new player id: what is remembered, decided, asked and changed."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Final, Protocol

from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.helpers.storage import Store

from ..const import DOMAIN, LOGGER
from ..server.exposed_players import Roster
from ..server.sanitize import quoted
from .matching import Evidence, Former, Known, former, shared
from .snapshot import PlayerSnapshot

# The repair that asks whether a player is a former one.
FORMER: Final = "former_player"
# Seconds that a player with the hardware of another one waits for that one to go.
PATIENCE: Final = 3.0
# Seconds in which what is to be remembered is collected.
SAVE_DELAY: Final = 5.0


class Household(Protocol):
    """Who has the players."""

    name: str
    roster: Roster

    def drop(self, player_id: str) -> None:
        """Forget a player and remove its device, and with it its entities."""

    def look(self, player_id: str) -> None:
        """Look at a player again."""


class Succession:
    """Lets devices go on under new player ids, or asks whether they shall.

    Whatever hardware a player had is kept in a store of the entry's: the built-in integration
    finds it neither in its way nor needed. Home Assistant itself remembers removed devices and
    entities by their ids, so that a device can go on long after its player went.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        household: Household,
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Prepare for the players of an entry; nothing is remembered yet."""
        self.hass = hass
        self._entry_id = entry_id
        self._household = household
        self._create_task = create_task
        self._store = _store(hass, entry_id)
        self._unsaved = False
        self._known: dict[str, Known] = {}
        self._declined: set[tuple[str, str]] = set()
        self._seen: set[str] = set()
        self._deciding: dict[str, asyncio.Task[None]] = {}
        self._patience = 0.0  # at set-up everyone is there already

    # -------------------------------------------------------------------------------- memory

    async def async_load(self, named: Mapping[str, str]) -> None:
        """Remember the players of earlier, and those of which there is no more than a device.

        `named` are the names of those that have a device.
        """
        kept = await self._store.async_load() or {"players": {}, "declined": []}
        self._known = {player_id: Known(name) for player_id, name in named.items()}
        for player_id, one in kept["players"].items():
            if player_id in self._known or self._was_removed(player_id):
                self._known[player_id] = Known(one["name"], frozenset(one["hardware"]))
        self._declined = {(old, new) for old, new in kept["declined"]}

    async def async_close(self) -> None:
        """Save what isn't yet."""
        if self._unsaved:
            await self._store.async_save(self._kept())

    def note(self, player: PlayerSnapshot) -> None:
        """Remember a player's name and hardware, also for when it is gone."""
        before = self._known.get(player.player_id)
        now = Known(player.device.name, player.hardware or (before or Known("")).hardware)
        if now != before:
            self._known[player.player_id] = now
            self._save()

    def _save(self) -> None:
        self._unsaved = True
        self._store.async_delay_save(self._kept, SAVE_DELAY)

    def _kept(self) -> dict[str, Any]:
        self._unsaved = False
        return {
            "players": {
                player_id: {"name": one.name, "hardware": sorted(one.hardware)}
                for player_id, one in self._known.items()
            },
            "declined": sorted(self._declined),
        }

    # ---------------------------------------------------------------------------- who it was

    def holds(self, player: PlayerSnapshot) -> bool:
        """Tell whether a player that has just come has to wait until it is known who it was."""
        player_id = player.player_id
        if player_id in self._deciding:
            return True
        self.note(player)
        if player_id in self._seen:
            return False
        self._seen.add(player_id)
        self._withdraw("old", player_id)  # it is back, and so nobody else
        found = self._former(player_id, None)
        if self._device(player_id):
            if found and found.evidence is not Evidence.NAME:
                self._ask((old for old in found.player_ids if self._device(old)), player_id)
            return False
        if self._was_removed(player_id):
            return False  # it is back, as itself
        both = self._patience and shared(player_id, self._known, self._household.roster.shown)
        if not found and not both:
            return False
        self._deciding[player_id] = self._create_task(
            self._decide(player_id, self._patience if both else 0), "succession"
        )
        return True

    async def async_settled(self) -> None:
        """Wait until the players that came at set-up are known."""
        if self._deciding:
            await asyncio.wait(self._deciding.values())
        self._patience = PATIENCE

    @callback
    def gone(self, player_id: str) -> None:
        """Learn that a player went; who it was will be asked anew when it comes."""
        self._seen.discard(player_id)
        self._withdraw("new", player_id)

    def _former(self, player_id: str, listed: set[str] | None) -> Former | None:
        return former(player_id, self._known, self._household.roster.shown, listed)

    async def _decide(self, player_id: str, patience: float) -> None:
        await asyncio.sleep(patience)
        listed = await self._household.roster.async_known()
        del self._deciding[player_id]
        if player_id in self._household.roster.shown and (found := self._former(player_id, listed)):
            if found.evidence is Evidence.CERTAIN:
                LOGGER.info("Player %s goes on as %s", found.player_ids[0], player_id)
                self.succeed(found.player_ids[0], player_id)
            else:
                self._ask(found.player_ids, player_id)
        self._household.look(player_id)

    # -------------------------------------------------------------------------------- asking

    def _ask(self, olds: Iterable[str], new: str) -> None:
        for old in olds:
            if (old, new) not in self._declined:
                ir.async_create_issue(
                    self.hass,
                    DOMAIN,
                    f"{FORMER}_{old}_{new}_{self._entry_id}",
                    data={"entry_id": self._entry_id, "old": old, "new": new},
                    is_fixable=True,
                    is_persistent=True,  # asked once, when the new one came
                    severity=ir.IssueSeverity.WARNING,
                    translation_key=FORMER,
                    translation_placeholders={
                        "server": self._household.name,
                        "old": quoted(self._known[old].name),
                        "old_id": quoted(old),
                        "new": quoted(self._known[new].name),
                        "new_id": quoted(new),
                    },
                )

    def _withdraw(self, role: str, player_id: str) -> None:
        asked = {"entry_id": self._entry_id, role: player_id}
        for issue in list(ir.async_get(self.hass).issues.values()):
            if issue.domain == DOMAIN and issue.data and asked.items() <= issue.data.items():
                ir.async_delete_issue(self.hass, DOMAIN, issue.issue_id)

    @callback
    def possible(self, old: str, new: str) -> bool:
        """Tell whether one can still go on as the other."""
        there = self._household.roster.shown
        return old in self._known and old not in there and new in there

    @callback
    def decline(self, old: str, new: str) -> None:
        """Remember that two players are two devices."""
        self._declined.add((old, new))
        self._save()

    # ------------------------------------------------------------------------------ going on

    @callback
    def succeed(self, old: str, new: str) -> None:
        """Let the device of a former player go on under a new id, with its entities.

        What there is of both is removed first, as if the player had gone: Home Assistant
        keeps what a person set, and the platforms make the entities anew.
        """
        self._household.drop(new)
        self._household.drop(old)
        self._rename(old, new)
        self._known.pop(old)
        self._withdraw("old", old)
        self._save()
        self._household.look(new)

    def _rename(self, old: str, new: str) -> None:
        """Give the removed device and the removed entities of a player another id.

        Home Assistant has no way to rename what is removed, so each entity is back for that.
        """
        devices, entities = dr.async_get(self.hass), er.async_get(self.hass)
        device = devices.async_get_or_create(
            config_entry_id=self._entry_id, identifiers={(DOMAIN, old)}, name=self._known[old].name
        )
        for domain, unique_id in self._removed_entities(old):
            entity = entities.async_get_or_create(
                domain,
                DOMAIN,
                unique_id,
                config_entry=self.hass.config_entries.async_get_entry(self._entry_id),
                device_id=device.id,
            )
            new_unique_id = new + unique_id.removeprefix(old)
            entities.async_update_entity(entity.entity_id, new_unique_id=new_unique_id)
            entities.async_remove(entity.entity_id)
        devices.async_update_device(device.id, new_identifiers={(DOMAIN, new)})

    def _removed_entities(self, player_id: str) -> list[tuple[str, str]]:
        """Return platform and unique id of the removed entities of a player."""
        return [
            (domain, unique_id)
            for (domain, _, unique_id), one in er.async_get(self.hass).deleted_entities.items()
            if one.config_entry_id == self._entry_id and self._owner(unique_id) == player_id
        ]

    def _owner(self, unique_id: str) -> str | None:
        """Return whose entity it is: an id may begin as another one does."""
        owners = (one for one in self._known if f"{unique_id}_".startswith(f"{one}_"))
        return max(owners, key=len, default=None)

    def _was_removed(self, player_id: str) -> bool:
        """Tell whether Home Assistant remembers a player that was removed."""
        key = (MEDIA_PLAYER_DOMAIN, DOMAIN, player_id)
        return key in er.async_get(self.hass).deleted_entities

    def _device(self, player_id: str) -> dr.DeviceEntry | None:
        return dr.async_get(self.hass).async_get_device_by_identifier(
            (DOMAIN, player_id), self._entry_id
        )


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.players")


async def async_forget(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the players of an entry."""
    await _store(hass, entry_id).async_remove()
