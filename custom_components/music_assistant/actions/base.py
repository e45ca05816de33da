"""Descriptions of actions and their common behavior."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from music_assistant_client import MusicAssistantClient
import probatio

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components.media_player import (
    DOMAIN as MEDIA_PLAYER_DOMAIN,
    MediaPlayerDeviceClass,
)
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, service
from homeassistant.helpers.typing import VolDictType
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..const import DOMAIN
from ..coordinator import MusicAssistantCoordinator
from ..entity import PlayerEntity
from ..entry.permissions import (
    Access,
    async_can_see_other_users,
    async_check_access,
    async_check_player_control,
    async_get_user,
)
from ..media.library_lists import Item
from ..media.serialize import Serializer
from ..server.acting_user import ActingUser, async_call_as_user
from ..server.errors import build_validation_error, translate_errors
from .fields import ActionSchema, DeferredSchema, build_any_validator, build_single_validator
from .targets import (
    ATTR_ENTITY,
    TARGET_FIELDS,
    PlayerTarget,
    async_get_loaded_entry,
    async_get_permitted_target,
    async_get_queue_owner,
    async_get_targets,
)


@dataclass(frozen=True, slots=True)
class ServerAction:
    """Describe an action of a server.

    The server is named by `config_entry_id` if there are several, or by an `entity` of one of its
    players if the schema has that field. With `require_admin` it may also be called without a
    user: only administrators can write automations. `validators` check the fields together, and
    `access` is what the caller needs of the server's players.
    `domain` is another one for the actions in place of mass_queue.
    """

    name: str
    handler: Callable[[MusicAssistantCoordinator, ServiceCall], Awaitable[ServiceResponse]]
    schema: VolDictType
    supports_response: SupportsResponse = SupportsResponse.ONLY
    require_admin: bool = False
    validators: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
    access: Access = Access.READ_ONE
    domain: str = DOMAIN

    def async_register(self, hass: HomeAssistant) -> None:
        """Register the action."""
        fields: VolDictType = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): str, **self.schema}
        schema = ActionSchema(DeferredSchema(fields, *self.validators), fields)
        register = (
            partial(service.async_register_admin_service, hass)
            if self.require_admin
            else hass.services.async_register
        )
        register(
            self.domain,
            self.name,
            self._async_handle_call,
            schema,
            supports_response=self.supports_response,
        )

    async def _async_handle_call(self, call: ServiceCall) -> ServiceResponse:
        """Handle a call of the action."""
        coordinator = await async_get_coordinator(call)
        await async_check_access(call.hass, call.context, coordinator.config_entry, self.access)
        with translate_errors(coordinator.name):
            return await self.handler(coordinator, call)


async def async_get_coordinator(call: ServiceCall) -> MusicAssistantCoordinator:
    """Return the coordinator of the server of a call.

    Raises Unauthorized if the caller may not read the entity that names the server.
    """
    if entity_id := call.data.get(ATTR_ENTITY):
        return (
            await async_get_permitted_target(call.hass, call.context, entity_id, POLICY_READ)
        ).coordinator
    entry = async_get_loaded_entry(call.hass, call.data.get(ATTR_CONFIG_ENTRY_ID))
    return entry.runtime_data


@dataclass(frozen=True, slots=True)
class TargetAction:
    """Describe an action on players that resolves its targets itself.

    Home Assistant's entity actions silently skip targets. Here, entities that aren't players and
    missing permissions are errors, raised before any player is changed. Errors of single players
    are raised after the others are done. The response is {entity id of the call: result of the
    handler}, as for Home Assistant's entity actions.

    - `policy`: permission that the caller needs for the player's entity
    - `validators`: check the fields together
    - `flat_response`: return the result itself for the field `entity` of mass_queue
    - `get_changed`: return the ids of other players that the call changes, which the caller has to
      control, too
    - `raise_target_errors_last`: raise errors of entities that aren't players, for example because
      they were removed, after the others are done
    - `domain`: another one for the actions in place of mass_queue
    """

    name: str
    handler: Callable[[PlayerTarget, ServiceCall], Awaitable[JsonValueType]]
    schema: VolDictType
    supports_response: SupportsResponse = SupportsResponse.NONE
    policy: str = POLICY_CONTROL
    validators: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
    flat_response: bool = False
    get_changed: Callable[[PlayerTarget, ServiceCall], Awaitable[Iterable[str]]] = (
        async_get_queue_owner
    )
    raise_target_errors_last: bool = False
    domain: str = DOMAIN

    def async_register(self, hass: HomeAssistant) -> None:
        """Register the action."""
        fields: VolDictType = {**TARGET_FIELDS, **self.schema}
        schema = ActionSchema(
            DeferredSchema(fields, probatio.AtLeastOne(*TARGET_FIELDS), *self.validators), fields
        )
        hass.services.async_register(
            self.domain,
            self.name,
            self._async_handle_call,
            schema,
            supports_response=self.supports_response,
        )

    async def _async_handle_call(self, call: ServiceCall) -> ServiceResponse:
        """Handle a call of the action for all targets at once."""
        target_errors: list[ServiceValidationError] = []
        targets = await async_get_targets(
            call, self.policy, target_errors if self.raise_target_errors_last else None
        )
        if self.policy == POLICY_CONTROL:
            await self._async_check_changed(targets, call)
        results = await asyncio.gather(
            *(self._async_call_target(target, call) for target in targets), return_exceptions=True
        )
        for err in target_errors:
            raise err
        responses: JsonObjectType = {}
        for target, result in zip(targets, results, strict=True):
            if isinstance(result, BaseException):
                raise result
            responses[target.entity_id] = result
        if not call.return_response:
            return None
        response = responses.get(call.data.get(ATTR_ENTITY, "")) if self.flat_response else None
        return response if isinstance(response, dict) else responses

    async def _async_check_changed(self, targets: list[PlayerTarget], call: ServiceCall) -> None:
        """Raise Unauthorized unless the caller may control all players that the call changes."""
        for target in targets:
            player_ids = await self.get_changed(target, call)
            await async_check_player_control(call.hass, call.context, player_ids)

    async def _async_call_target(self, target: PlayerTarget, call: ServiceCall) -> JsonValueType:
        """Call the handler for one player."""
        target.check_available()
        target.set_context(call.context)
        with translate_errors(target.coordinator.name):
            return await self.handler(target, call)


@dataclass(frozen=True, slots=True)
class PlayerEntityAction:
    """Describe an action of the built-in integration, registered as an entity action.

    Home Assistant skips unavailable entities, which existing automations may rely on. `one_of` are
    fields of which a call has exactly one, and `validators` check the fields together.
    """

    name: str
    handler: Callable[[PlayerEntity, ServiceCall], Awaitable[ServiceResponse]]
    schema: VolDictType
    supports_response: SupportsResponse = SupportsResponse.NONE
    one_of: tuple[str, ...] = ()
    validators: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()

    def async_register(self, hass: HomeAssistant) -> None:
        """Register the action."""
        validators = self.validators
        if self.one_of:
            validators = (
                build_any_validator(*self.one_of),
                build_single_validator(*self.one_of),
                *validators,
            )

        async def async_handle(player: PlayerEntity, call: ServiceCall) -> ServiceResponse:
            with translate_errors(player.coordinator.name):
                return await self.handler(player, call)

        service.async_register_platform_entity_service(
            hass,
            DOMAIN,
            self.name,
            entity_domain=MEDIA_PLAYER_DOMAIN,
            entity_device_classes=(MediaPlayerDeviceClass.SPEAKER,),  # excludes displays
            func=async_handle,
            schema=ActionSchema(
                probatio.All(cv.make_entity_service_schema(self.schema), *validators),
                self.schema,
                one_of=self.one_of,
            ),
            supports_response=self.supports_response,
        )


def ensure_list_of(
    validator: Callable[[Any], Any], *list_validators: Callable[[Any], Any]
) -> probatio.All[Any]:
    """Return a validator of a list that also accepts a single value."""
    return probatio.All(probatio.EnsureList(), [validator], *list_validators)


async def async_as_caller[R](
    mass: MusicAssistantClient, call: ServiceCall, request: Callable[[ActingUser], Awaitable[R]]
) -> R:
    """Await a request as the user that the call names, or else as the caller.

    Only administrators, automations and scripts may name a user: else anybody could read and
    change what is others'.
    """
    if "username" in call.data and not await async_can_see_other_users(call.hass, call.context):
        raise build_validation_error("username_not_permitted")
    return await async_call_as_user(mass, request, call.data.get("username"), call.context.user_id)


def create_serializer(coordinator: MusicAssistantCoordinator) -> Serializer:
    """Return a serializer for responses of a server."""
    images = coordinator.images
    return Serializer(
        coordinator.mass, coordinator.endpoint.url, images.get_item_url, images.remember_url
    )


def serialize_items(
    coordinator: MusicAssistantCoordinator, items: Iterable[Item]
) -> list[JsonValueType]:
    """Serialize items for a list in a response."""
    serializer = create_serializer(coordinator)
    return [serializer.serialize_list_item(item) for item in items]


async def async_check_admin(call: ServiceCall, server: str) -> None:
    """Raise unless the caller is an administrator; `server` is its name.

    Home Assistant's own check also accepts calls without a user.
    """
    user = await async_get_user(call.hass, call.context)
    if user is None or not user.is_admin:
        raise build_validation_error("administrators_only", server=server)
