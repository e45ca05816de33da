"""Players that a call targets, and the caller's permissions."""

from dataclasses import dataclass
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.player_queue import PlayerQueue
import probatio

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.const import ATTR_ENTITY_ID, ENTITY_MATCH_ALL
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, entity_registry as er, service
from homeassistant.helpers.target import (
    SelectedEntities,
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from homeassistant.helpers.typing import VolDictType

from ..const import DOMAIN
from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..entry.permissions import async_get_permission_check, async_get_permission_filter
from ..players.commands import build_player_error, get_group_id, get_queue, get_queue_id
from ..players.snapshot import PlayerSnapshot
from ..server.errors import build_validation_error
from .fields import build_choice_validator

# Field of mass_queue that names one player.
ATTR_ENTITY: Final = "entity"
TARGET_FIELDS: Final[VolDictType] = {
    **cv.ENTITY_SERVICE_FIELDS,
    probatio.Optional(ATTR_ENTITY): cv.entity_id,
}

# Queue of a player: its own, or the active one, which a group shares.
QUEUE_OWN: Final = "own"
QUEUE_ACTIVE: Final = "active"
QUEUES: Final = (QUEUE_OWN, QUEUE_ACTIVE)
QUEUE_FIELD: Final[VolDictType] = {
    probatio.Optional("queue", default=QUEUE_ACTIVE): build_choice_validator(QUEUES)
}


@dataclass(frozen=True, slots=True)
class PlayerTarget:
    """Represent a targeted player; `entity_id` is the entity that the call names."""

    entity_id: str
    coordinator: MusicAssistantCoordinator
    player: PlayerSnapshot

    @property
    def player_id(self) -> str:
        """Return the id of the player."""
        return self.player.player_id

    @property
    def mass(self) -> MusicAssistantClient:
        """Return the current client of the server."""
        return self.coordinator.mass

    @property
    def player_entity_id(self) -> str:
        """Return the media player entity of this integration.

        `entity_id` may be of another entity or integration.
        """
        registry = er.async_get(self.coordinator.hass)
        entity_id = registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, self.player_id)
        return entity_id or self.entity_id

    def get_queue(self, queue_type: str) -> PlayerQueue:
        """Return the own or the active queue of the player."""
        queue_id = self.player_id if queue_type == QUEUE_OWN else get_queue_id(self.player)
        return get_queue(self.mass, queue_id, self.player)

    def check_available(self) -> None:
        """Raise unless the server is connected and the player available."""
        if not self.coordinator.available:
            raise build_validation_error("not_connected", server=self.coordinator.name)
        if not self.player.available:
            raise build_player_error("player_away", self.player)

    def set_context(self, context: Context) -> None:
        """Set the context of the next state, so that the logbook shows the caller."""
        if entity := self.coordinator.hass.data[DATA_COMPONENT].get_entity(self.player_entity_id):
            entity.async_set_context(context)


async def async_get_targets(
    call: ServiceCall, policy: str, errors: list[ServiceValidationError] | None = None
) -> list[PlayerTarget]:
    """Return the players that a call targets, without duplicates.

    Entities that the call names have to be players. Of devices, areas, floors and labels, entities
    that aren't players are skipped; of `all`, also those for which the caller lacks the permission
    `policy`.

    Raises Unauthorized without permission, and ServiceValidationError for a target that isn't a
    player or doesn't exist. With `errors`, those of named entities are added to it instead.
    """
    hass = call.hass
    get_check = (
        async_get_permission_filter if _is_all_targeted(call) else async_get_permission_check
    )
    is_permitted = await get_check(hass, call.context, policy)
    selected = _get_selected_entities(call)
    indirect_targets = (
        find_target(hass, entity_id) for entity_id in selected.indirectly_referenced
    )
    targets = [target for target in indirect_targets if target]
    for entity_id in sorted(selected.referenced):
        is_permitted(entity_id)
        try:
            targets.append(get_target(hass, entity_id))
        except ServiceValidationError as err:
            if errors is None:
                raise
            errors.append(err)
    unique_targets = {target.player_entity_id: target for target in targets}
    targets = [target for entity_id, target in unique_targets.items() if is_permitted(entity_id)]
    if not targets and not errors:
        raise build_validation_error("no_targets")
    return targets


async def async_check_control(hass: HomeAssistant, context: Context, *entity_ids: str) -> None:
    """Raise Unauthorized unless the caller may control the entities and their players."""
    check_permission = await async_get_permission_check(hass, context, POLICY_CONTROL)
    for entity_id in entity_ids:
        check_permission(entity_id)
        if target := find_target(hass, entity_id):
            check_permission(target.player_entity_id)


async def async_get_queue_owner(target: PlayerTarget, call: ServiceCall) -> tuple[str, ...]:
    """Return the id of the player whose queue the call changes, if it changes one."""
    return (get_group_id(target.player),) if call.data.get("queue") == QUEUE_ACTIVE else ()


def _get_selected_entities(call: ServiceCall) -> SelectedEntities:
    """Return the entities that a call targets."""
    if _is_all_targeted(call):
        return SelectedEntities(indirectly_referenced=get_player_entity_ids(call.hass))
    selected = async_extract_referenced_entity_ids(call.hass, TargetSelection(call.data))
    missing = (
        selected.missing_areas
        | selected.missing_devices
        | selected.missing_floors
        | selected.missing_labels
    )
    if missing:
        raise build_validation_error("unknown_target", target=", ".join(sorted(missing)))
    if entity_id := call.data.get(ATTR_ENTITY):
        selected.referenced.add(entity_id)
    return selected


def _is_all_targeted(call: ServiceCall) -> bool:
    """Return whether the call targets all entities."""
    return bool(call.data.get(ATTR_ENTITY_ID) == ENTITY_MATCH_ALL)


def get_player_entity_ids(hass: HomeAssistant) -> set[str]:
    """Return the media player entities of all servers."""
    registry = er.async_get(hass)
    return {
        entity.entity_id
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.domain == MEDIA_PLAYER_DOMAIN
    }


def find_target(hass: HomeAssistant, entity_id: str) -> PlayerTarget | None:
    """Return the player of an entity on any server; None if there is none."""
    entries: list[MusicAssistantConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    targets = [
        PlayerTarget(entity_id, entry.runtime_data, player)
        for entry in entries
        if (player := entry.runtime_data.find_player(entity_id))
    ]
    return targets[0] if len(targets) == 1 else None


async def async_get_permitted_target(
    hass: HomeAssistant, context: Context, entity_id: str, policy: str
) -> PlayerTarget:
    """Return the player of an entity.

    Raises Unauthorized unless the caller has the permission for the entity and its player.
    """
    check_permission = await async_get_permission_check(hass, context, policy)
    check_permission(entity_id)
    target = get_target(hass, entity_id)
    check_permission(target.player_entity_id)
    return target


def get_target(hass: HomeAssistant, entity_id: str) -> PlayerTarget:
    """Return the player of an entity; raise if there is none."""
    if target := find_target(hass, entity_id):
        return target
    entity = er.async_get(hass).async_get(entity_id)
    entry = entity and hass.config_entries.async_get_entry(entity.config_entry_id or "")
    if entry and entry.domain == DOMAIN and entry.state is not ConfigEntryState.LOADED:
        raise _build_not_loaded_error(hass, entry)
    raise build_validation_error("no_player", entity_id=entity_id)


def async_get_loaded_entry(hass: HomeAssistant, entry_id: str | None) -> MusicAssistantConfigEntry:
    """Return the entry of a server; without an id the only one there is.

    Raises ServiceValidationError if there is none, several, or one that isn't loaded.
    """
    try:
        entry: MusicAssistantConfigEntry = service.async_get_config_entry(hass, DOMAIN, entry_id)
    except ServiceValidationError:
        for entry in hass.config_entries.async_entries(DOMAIN):
            if entry_id in (None, entry.entry_id) and _is_signed_out(hass, entry):
                raise _build_not_loaded_error(hass, entry) from None
        raise
    return entry


def _is_signed_out(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Return whether an entry waits for a user to sign in again."""
    return any(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))


def find_not_loaded_error(hass: HomeAssistant) -> ServiceValidationError | None:
    """Return the error for the first entry that isn't loaded although it is enabled, if any."""
    return next(
        (
            _build_not_loaded_error(hass, entry)
            for entry in hass.config_entries.async_entries(
                DOMAIN, include_ignore=False, include_disabled=False
            )
            if entry.state is not ConfigEntryState.LOADED
        ),
        None,
    )


def _build_not_loaded_error(hass: HomeAssistant, entry: ConfigEntry) -> ServiceValidationError:
    """Return the error for an entry that isn't loaded: signed out, or without its server."""
    key = "not_signed_in" if _is_signed_out(hass, entry) else "not_connected"
    return build_validation_error(key, server=entry.title)
