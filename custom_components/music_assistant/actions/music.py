"""Actions on media that is playing on players or named by the call."""

from collections.abc import Awaitable, Callable, KeysView, Mapping
from dataclasses import dataclass
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
import probatio

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers.typing import VolDictType

from ..const import DOMAIN
from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import create_reader
from ..entry.permissions import Access, async_check_access
from ..media.library_lists import LibraryReader, get_title_with_artist
from ..media.resolve import ResolveMethod, async_resolve_media
from ..players.commands import build_player_error
from ..server.errors import build_validation_error, translate_errors
from .base import async_get_coordinator
from .fields import ActionSchema, DeferredSchema, validate_media_ids, validate_media_type
from .targets import TARGET_FIELDS, PlayerTarget, async_get_targets

# Fields that name media instead of targets.
MEDIA_FIELDS: Final[VolDictType] = {
    probatio.Optional("media_id"): validate_media_ids,
    probatio.Optional("media_type"): validate_media_type,
    probatio.Optional(ATTR_CONFIG_ENTRY_ID): str,
}


@dataclass(frozen=True, slots=True)
class MediaSelection:
    """Represent media on a server by URIs."""

    coordinator: MusicAssistantCoordinator
    uris: list[str]

    @property
    def mass(self) -> MusicAssistantClient:
        """Return the current client of the server."""
        return self.coordinator.mass


async def async_get_current_uris(target: PlayerTarget, _call: ServiceCall) -> list[str]:
    """Return the URI that is playing on a player; raise if there is none."""
    queue = target.mass.player_queues.get(target.player.queue_id or "")
    item = queue.current_item if queue else None
    uri = item.uri if item and item.media_item else target.player.media.content_id
    if not uri:
        raise build_player_error("nothing_playing", target.player)
    return [uri]


@dataclass(frozen=True, slots=True)
class MediaAction:
    """Describe an action on media.

    The media is `media_id`, or what `get_uris` returns for each target. Targets are resolved as by
    a TargetAction, and all have to be of one server. `access` is what the caller needs of the
    server's players, whichever of both it names.
    """

    name: str
    handler: Callable[[MediaSelection, ServiceCall], Awaitable[ServiceResponse]]
    schema: VolDictType
    supports_response: SupportsResponse = SupportsResponse.OPTIONAL
    get_uris: Callable[[PlayerTarget, ServiceCall], Awaitable[list[str]]] = async_get_current_uris
    policy: str = POLICY_CONTROL
    access: Access = Access.CONTROL_ONE

    def async_register(self, hass: HomeAssistant) -> None:
        """Register the action."""
        fields: VolDictType = {**TARGET_FIELDS, **MEDIA_FIELDS, **self.schema}
        hass.services.async_register(
            DOMAIN,
            self.name,
            self._async_handle_call,
            ActionSchema(DeferredSchema(fields), fields),
            supports_response=self.supports_response,
        )

    async def _async_handle_call(self, call: ServiceCall) -> ServiceResponse:
        """Handle a call of the action."""
        _check_selection(call.data.keys())
        if "media_id" not in call.data:
            return await self._async_handle_targets(call)
        coordinator = await async_get_coordinator(call)
        await async_check_access(call.hass, call.context, coordinator.config_entry, self.access)
        reader = create_reader(coordinator)
        media_type = call.data.get("media_type")
        with translate_errors(coordinator.name):
            uris = [
                await async_resolve_uri(reader, media_id, media_type)
                for media_id in call.data["media_id"]
            ]
            return await self.handler(MediaSelection(coordinator, uris), call)

    async def _async_handle_targets(self, call: ServiceCall) -> ServiceResponse:
        """Handle a call for the media of players."""
        targets = await async_get_targets(call, self.policy)
        coordinator = targets[0].coordinator
        if any(target.coordinator is not coordinator for target in targets):
            raise build_validation_error("several_servers")
        await async_check_access(call.hass, call.context, coordinator.config_entry, self.access)
        for target in targets:
            target.check_available()
        with translate_errors(coordinator.name):
            uris = [uri for target in targets for uri in await self.get_uris(target, call)]
            return await self.handler(MediaSelection(coordinator, list(dict.fromkeys(uris))), call)


async def async_resolve_uri(
    reader: LibraryReader, media_id: str, media_type: MediaType | None
) -> str:
    """Return the URI of a media id; raise if only similar names are found."""
    resolved = await async_resolve_media(reader, media_id, media_type)
    if resolved.item is not None and resolved.method in (
        ResolveMethod.START,
        ResolveMethod.PARTIAL,
    ):
        raise build_validation_error(
            "nothing_found_nearest", name=media_id, nearest=get_title_with_artist(resolved.item)
        )
    return resolved.uri


def _check_selection(field_names: KeysView[str]) -> None:
    """Raise unless the call has either targets or media.

    Media type and config entry are accepted only together with `media_id`.
    """
    names_media = bool(field_names & _get_field_names(MEDIA_FIELDS))
    if names_media is bool(field_names & _get_field_names(TARGET_FIELDS)) or names_media is not (
        "media_id" in field_names
    ):
        raise build_validation_error("players_or_music")


def _get_field_names(fields: Mapping[Any, Any]) -> set[str]:
    """Return the names of the fields of a schema."""
    return {str(field) for field in fields}
