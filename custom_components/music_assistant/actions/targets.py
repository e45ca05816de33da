"""Whom an action is about: targets of every kind as players, looked up before anything is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.player_queue import PlayerQueue
import probatio

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_ENTITY_ID, ENTITY_MATCH_ALL
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.target import (
    SelectedEntities,
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from homeassistant.helpers.typing import VolDictType

from ..const import DOMAIN
from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..players.commands import queue_at, queue_of, refusal
from ..players.snapshot import PlayerSnapshot
from ..server.errors import invalid

# mass_queue's way to name one player.
ATTR_ENTITY: Final = "entity"
TARGET_FIELDS: Final[VolDictType] = {
    **cv.ENTITY_SERVICE_FIELDS,
    probatio.Optional(ATTR_ENTITY): cv.entity_id,
}

# Which queue of a player is meant: its own (the group's if the player is the group), or the one
# that is active on it, which is its whole group's.
OWN: Final = "own"
ACTIVE: Final = "active"
QUEUE_FIELD: Final[VolDictType] = {
    probatio.Optional("queue", default=ACTIVE): probatio.In([OWN, ACTIVE])
}


@dataclass(frozen=True, slots=True)
class Target:
    """A player that something is asked of; `entity_id` is what the caller named."""

    entity_id: str
    coordinator: MusicAssistantCoordinator
    player: PlayerSnapshot

    @property
    def player_id(self) -> str:
        """Return the player's id on its server."""
        return self.player.player_id

    @property
    def mass(self) -> MusicAssistantClient:
        """Return the current client of the player's server."""
        return self.coordinator.mass

    @property
    def own_entity_id(self) -> str:
        """Return the player's entity of ours: another integration's may have been named."""
        registry = er.async_get(self.coordinator.hass)
        own = registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, self.player_id)
        return own or self.entity_id

    def queue(self, which: str) -> PlayerQueue:
        """Return the player's own queue or the active one, as it is at this moment."""
        queue_id = self.player_id if which == OWN else queue_of(self.player)
        return queue_at(self.mass, queue_id, self.player)

    def check_available(self) -> None:
        """Raise unless the player is there to be asked."""
        if not self.coordinator.available:
            raise invalid("not_connected", server=self.coordinator.name)
        if not self.player.available:
            raise refusal("player_away", self.player)

    def note_context(self, context: Context) -> None:
        """Let the logbook say who was behind the player's next change."""
        if entity := self.coordinator.hass.data[DATA_COMPONENT].get_entity(self.own_entity_id):
            entity.async_set_context(context)


async def async_targets(
    call: ServiceCall, policy: str, wrong: list[ServiceValidationError] | None = None
) -> list[Target]:
    """Return the players that a call is about, each once.

    Whatever is named by its entity has to be a player; of a device, an area, a floor or a
    label those that are players count, and of all those with which the caller may do this
    (`policy`). Raises ServiceValidationError for what is no player or doesn't exist, and
    Unauthorized where the caller may not do this. What is said of an entity is put into `wrong`
    if that is given.
    """
    hass = call.hass
    permits = async_allowed if _means_all(call) else async_permitted
    permitted = await permits(hass, call.context, policy)
    selected = _selected(call)
    implied = (find_target(hass, entity_id) for entity_id in selected.indirectly_referenced)
    found = [target for target in implied if target]
    for entity_id in sorted(selected.referenced):
        permitted(entity_id)
        try:
            found.append(target_at(hass, entity_id))
        except ServiceValidationError as err:
            if wrong is None:
                raise
            wrong.append(err)
    each_once = {target.own_entity_id: target for target in found}
    targets = [target for entity_id, target in each_once.items() if permitted(entity_id)]
    if not targets and not wrong:
        raise invalid("no_targets")
    return targets


async def async_allowed(
    hass: HomeAssistant, context: Context, policy: str
) -> Callable[[str], bool]:
    """Return what tells whether the caller may do this with an entity."""
    if context.user_id is None:  # an automation, or Home Assistant itself
        return lambda _entity_id: True
    user = await hass.auth.async_get_user(context.user_id)
    if user is None:
        raise UnknownUser(context=context)
    check = user.permissions.check_entity
    return lambda entity_id: check(entity_id, policy)


async def async_permitted(
    hass: HomeAssistant, context: Context, policy: str
) -> Callable[[str], bool]:
    """Return what tells that the caller may do this with an entity, or raises Unauthorized."""
    allowed = await async_allowed(hass, context, policy)

    def permitted(entity_id: str) -> bool:
        if not allowed(entity_id):
            raise Unauthorized(context=context, entity_id=entity_id, permission=policy)
        return True

    return permitted


async def async_check_control(hass: HomeAssistant, context: Context, *entity_ids: str) -> None:
    """Raise Unauthorized unless the caller may control entities, and the players they stand for."""
    permitted = await async_permitted(hass, context, POLICY_CONTROL)
    for entity_id in entity_ids:
        permitted(entity_id)
        if target := find_target(hass, entity_id):
            permitted(target.own_entity_id)


def _selected(call: ServiceCall) -> SelectedEntities:
    """Return the entities that a call names, directly or by something that has them."""
    if _means_all(call):
        return SelectedEntities(indirectly_referenced=_all_players(call.hass))
    selected = async_extract_referenced_entity_ids(call.hass, TargetSelection(call.data))
    missing = (
        selected.missing_areas
        | selected.missing_devices
        | selected.missing_floors
        | selected.missing_labels
    )
    if missing:
        raise invalid("unknown_target", target=", ".join(sorted(missing)))
    if entity_id := call.data.get(ATTR_ENTITY):
        selected.referenced.add(entity_id)
    return selected


def _means_all(call: ServiceCall) -> bool:
    return bool(call.data.get(ATTR_ENTITY_ID) == ENTITY_MATCH_ALL)


def _all_players(hass: HomeAssistant) -> set[str]:
    registry = er.async_get(hass)
    return {
        entity.entity_id
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.domain == MEDIA_PLAYER_DOMAIN
    }


def find_target(hass: HomeAssistant, entity_id: str) -> Target | None:
    """Return the player that an entity stands for, on whichever server it is."""
    entries: list[MusicAssistantConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    found = [
        Target(entity_id, entry.runtime_data, player)
        for entry in entries
        if (player := entry.runtime_data.find_player(entity_id))
    ]
    return found[0] if len(found) == 1 else None


async def async_target_at(
    hass: HomeAssistant, context: Context, entity_id: str, policy: str
) -> Target:
    """Return the player that an entity stands for, if the caller may do this with both."""
    permitted = await async_permitted(hass, context, policy)
    permitted(entity_id)
    target = target_at(hass, entity_id)
    permitted(target.own_entity_id)
    return target


def target_at(hass: HomeAssistant, entity_id: str) -> Target:
    """Return the player that an entity stands for, or raise."""
    if target := find_target(hass, entity_id):
        return target
    entity = er.async_get(hass).async_get(entity_id)
    entry = entity and hass.config_entries.async_get_entry(entity.config_entry_id or "")
    if entry and entry.domain == DOMAIN and entry.state is not ConfigEntryState.LOADED:
        raise invalid("not_connected", server=entry.title)
    raise invalid("no_player", entity_id=entity_id)
