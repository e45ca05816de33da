"""What an action is: a row of a table."""

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
from homeassistant.helpers import service
from homeassistant.helpers.typing import VolDictType, VolSchemaType
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..const import DOMAIN
from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..entity import PlayerEntity
from ..media.library_lists import Item
from ..media.serialize import Serializer
from ..server.acting_user import User, async_as_user
from ..server.errors import invalid, translated_errors
from .targets import ATTR_ENTITY, TARGET_FIELDS, Target, async_target_at, async_targets


@dataclass(frozen=True, slots=True)
class Action:
    """An action of a server, named by `config_entry_id` where there are several.

    Or by an `entity` of one of its players, where the schema has that. One for administrators may
    also be called by an automation, which they alone can write. `rules` check the fields together.
    """

    name: str
    run: Callable[[MusicAssistantCoordinator, ServiceCall], Awaitable[ServiceResponse]]
    schema: VolDictType
    response: SupportsResponse = SupportsResponse.ONLY
    admin: bool = False
    rules: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()

    def register(self, hass: HomeAssistant) -> None:
        """Register it."""
        fields = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): str, **self.schema})
        schema = probatio.Schema(probatio.All(fields, *self.rules))
        register = (
            partial(service.async_register_admin_service, hass)
            if self.admin
            else hass.services.async_register
        )
        register(DOMAIN, self.name, self._handle, schema, supports_response=self.response)

    async def _handle(self, call: ServiceCall) -> ServiceResponse:
        coordinator = await async_coordinator_of(call)
        with translated_errors(coordinator.name):
            return await self.run(coordinator, call)


async def async_coordinator_of(call: ServiceCall) -> MusicAssistantCoordinator:
    """Return the server that a call is about; a player's only if the caller may see that."""
    if entity_id := call.data.get(ATTR_ENTITY):
        return (await async_target_at(call.hass, call.context, entity_id, POLICY_READ)).coordinator
    entry: MusicAssistantConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    return entry.runtime_data


@dataclass(frozen=True, slots=True)
class TargetAction:
    """An action on players that looks its targets up itself, so that none is missed in silence.

    What is no player, or not the caller's to ask, is refused before anything is done. A player
    that is away, or fails, is told of when the others are done. The response is {entity id as it
    was named: what `run` answered}, as of Home Assistant's own actions.

    `policy` is the permission that the caller needs for the player's entity. `rules` check the
    fields together. `flat` ones answer mass_queue's `entity` as it does, with the bare response.
    `lenient` ones tell of what is no player, too, when the others are done: it may be gone.
    """

    name: str
    run: Callable[[Target, ServiceCall], Awaitable[JsonValueType]]
    schema: VolDictType
    response: SupportsResponse = SupportsResponse.NONE
    policy: str = POLICY_CONTROL
    rules: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
    flat: bool = False
    lenient: bool = False

    def register(self, hass: HomeAssistant) -> None:
        """Register it."""
        schema = probatio.Schema(
            probatio.All(
                probatio.Schema({**TARGET_FIELDS, **self.schema}),
                probatio.AtLeastOne(*TARGET_FIELDS),
                *self.rules,
            )
        )
        hass.services.async_register(
            DOMAIN, self.name, self._handle, schema, supports_response=self.response
        )

    async def _handle(self, call: ServiceCall) -> ServiceResponse:
        wrong: list[ServiceValidationError] = []
        targets = await async_targets(call, self.policy, wrong if self.lenient else None)
        results = await asyncio.gather(
            *(self._ask(target, call) for target in targets), return_exceptions=True
        )
        for err in wrong:
            raise err
        responses: JsonObjectType = {}
        for target, result in zip(targets, results, strict=True):
            if isinstance(result, BaseException):
                raise result
            responses[target.entity_id] = result
        if not call.return_response:
            return None
        bare = responses.get(call.data.get(ATTR_ENTITY, "")) if self.flat else None
        return bare if isinstance(bare, dict) else responses

    async def _ask(self, target: Target, call: ServiceCall) -> JsonValueType:
        target.check_available()
        target.note_context(call.context)
        with translated_errors(target.coordinator.name):
            return await self.run(target, call)


@dataclass(frozen=True, slots=True)
class PlayerAction:
    """An action of the built-in integration on media players, as entity actions are there.

    Home Assistant drops those that are unavailable, which automations may count on.
    """

    name: str
    run: Callable[[PlayerEntity, ServiceCall], Awaitable[ServiceResponse]]
    schema: VolDictType | VolSchemaType | None
    response: SupportsResponse = SupportsResponse.NONE

    def register(self, hass: HomeAssistant) -> None:
        """Register it."""

        async def handle(player: PlayerEntity, call: ServiceCall) -> ServiceResponse:
            with translated_errors(player.coordinator.name):
                return await self.run(player, call)

        service.async_register_platform_entity_service(
            hass,
            DOMAIN,
            self.name,
            entity_domain=MEDIA_PLAYER_DOMAIN,
            entity_device_classes=(MediaPlayerDeviceClass.SPEAKER,),  # no displays
            func=handle,
            schema=self.schema,
            supports_response=self.response,
        )


def list_of(check: Callable[[Any], Any], *rules: Callable[[Any], Any]) -> probatio.All[Any]:
    """Return what checks a field that takes several, or one by itself."""
    return probatio.All(probatio.EnsureList(), [check], *rules)


async def async_as_caller[R](
    mass: MusicAssistantClient, call: ServiceCall, ask: Callable[[User], Awaitable[R]]
) -> R:
    """Ask the server as the user whom a call names, else as who made it."""
    return await async_as_user(mass, ask, call.data.get("username"), call.context.user_id)


def serializer(coordinator: MusicAssistantCoordinator) -> Serializer:
    """Return what makes responses of a server's models."""
    return Serializer(coordinator.mass, coordinator.site.url, coordinator.gallery.url_of)


def listed(coordinator: MusicAssistantCoordinator, items: Iterable[Item]) -> list[JsonValueType]:
    """Return items as a response lists them."""
    told = serializer(coordinator)
    return [told.listed(item) for item in items]


async def async_check_administrator(call: ServiceCall, server: str) -> None:
    """Raise unless an administrator calls; Home Assistant's own check lets nobody in particular pass."""
    user_id = call.context.user_id
    user = await call.hass.auth.async_get_user(user_id) if user_id else None
    if user is None or not user.is_admin:
        raise invalid("administrators_only", server=server)
