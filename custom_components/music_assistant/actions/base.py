"""What an action is: a row of a table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import probatio

from homeassistant.components.media_player import (
    DOMAIN as MEDIA_PLAYER_DOMAIN,
    MediaPlayerDeviceClass,
)
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import service
from homeassistant.helpers.typing import VolDictType, VolSchemaType

from ..const import DOMAIN
from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..entity import MusicAssistantEntity
from ..media.serialize import Serializer
from ..server.errors import translated_errors


@dataclass(frozen=True, slots=True)
class Action:
    """An action of a server, named by `config_entry_id` where there are several."""

    name: str
    run: Callable[[MusicAssistantCoordinator, ServiceCall], Awaitable[ServiceResponse]]
    schema: VolDictType
    response: SupportsResponse = SupportsResponse.ONLY

    def register(self, hass: HomeAssistant) -> None:
        """Register it."""

        async def handle(call: ServiceCall) -> ServiceResponse:
            entry: MusicAssistantConfigEntry = service.async_get_config_entry(
                hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
            )
            with translated_errors(entry.title):
                return await self.run(entry.runtime_data, call)

        schema = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): str, **self.schema})
        hass.services.async_register(
            DOMAIN, self.name, handle, schema, supports_response=self.response
        )


@dataclass(frozen=True, slots=True)
class PlayerAction:
    """An action of media players, which are its targets."""

    name: str
    run: Callable[[MusicAssistantEntity, ServiceCall], Awaitable[ServiceResponse]]
    schema: VolDictType | VolSchemaType | None
    response: SupportsResponse = SupportsResponse.NONE

    def register(self, hass: HomeAssistant) -> None:
        """Register it."""

        async def handle(player: MusicAssistantEntity, call: ServiceCall) -> ServiceResponse:
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


def serializer(coordinator: MusicAssistantCoordinator) -> Serializer:
    """Return what makes responses of a server's models."""
    return Serializer(coordinator.mass, coordinator.connection.address.url)
