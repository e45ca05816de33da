"""Actions on music: on what plays on players, or on what is named."""

from collections.abc import Awaitable, Callable, KeysView, Mapping
from dataclasses import dataclass
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
import probatio

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType

from ..const import DOMAIN
from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import reader_of
from ..media.library_lists import Reader, title_of
from ..media.resolve import How, async_resolve
from ..players.commands import refusal
from ..server.errors import invalid, translated_errors
from .base import async_coordinator_of, list_of
from .targets import TARGET_FIELDS, Target, async_targets

# What names music, in place of players.
NAMED: Final[VolDictType] = {
    probatio.Optional("media_id"): list_of(cv.string, probatio.Length(min=1)),
    probatio.Optional("media_type"): probatio.Coerce(MediaType),
    probatio.Optional(ATTR_CONFIG_ENTRY_ID): str,
}


@dataclass(frozen=True, slots=True)
class Music:
    """Music on a server, by its URIs."""

    coordinator: MusicAssistantCoordinator
    uris: list[str]

    @property
    def mass(self) -> MusicAssistantClient:
        """Return the current client of the server."""
        return self.coordinator.mass


async def async_playing(target: Target, _call: ServiceCall) -> list[str]:
    """Return the URI of what plays on a player; refused where nothing does."""
    queue = target.mass.player_queues.get(target.player.queue_id or "")
    item = queue.current_item if queue else None
    uri = item.uri if item and item.media_item else target.player.media.content_id
    if not uri:
        raise refusal("nothing_playing", target.player)
    return [uri]


@dataclass(frozen=True, slots=True)
class MusicAction:
    """An action on music: on what plays on its targets (`pick`), or on `media_id`.

    The targets are looked up and refused as those of a TargetAction; all are of one server.
    """

    name: str
    run: Callable[[Music, ServiceCall], Awaitable[ServiceResponse]]
    schema: VolDictType
    response: SupportsResponse = SupportsResponse.OPTIONAL
    pick: Callable[[Target, ServiceCall], Awaitable[list[str]]] = async_playing
    policy: str = POLICY_CONTROL

    def register(self, hass: HomeAssistant) -> None:
        """Register it."""
        hass.services.async_register(
            DOMAIN,
            self.name,
            self._handle,
            probatio.Schema({**TARGET_FIELDS, **NAMED, **self.schema}),
            supports_response=self.response,
        )

    async def _handle(self, call: ServiceCall) -> ServiceResponse:
        _check_either(call.data.keys())
        if "media_id" not in call.data:
            return await self._of_players(call)
        coordinator = await async_coordinator_of(call)
        reader = reader_of(coordinator)
        kind = call.data.get("media_type")
        with translated_errors(coordinator.name):
            uris = [await _named(reader, each, kind) for each in call.data["media_id"]]
            return await self.run(Music(coordinator, uris), call)

    async def _of_players(self, call: ServiceCall) -> ServiceResponse:
        targets = await async_targets(call, self.policy)
        coordinator = targets[0].coordinator
        if any(target.coordinator is not coordinator for target in targets):
            raise invalid("several_servers")
        for target in targets:
            target.check_available()
        with translated_errors(coordinator.name):
            uris = [uri for target in targets for uri in await self.pick(target, call)]
            return await self.run(Music(coordinator, list(dict.fromkeys(uris))), call)


async def _named(reader: Reader, media_id: str, kind: MediaType | None) -> str:
    """Return the URI of what is named; refused if only something like it is found."""
    found = await async_resolve(reader, media_id, kind)
    if found.item is not None and found.how in (How.START, How.PARTIAL):
        raise invalid("nothing_found_nearest", name=media_id, nearest=title_of(found.item))
    return found.uri


def _check_either(given: KeysView[str]) -> None:
    """Refuse both of players and names, and neither; only names are of a kind and a server."""
    named = bool(given & _names(NAMED))
    if named is bool(given & _names(TARGET_FIELDS)) or named is not ("media_id" in given):
        raise invalid("players_or_music")


def _names(fields: Mapping[Any, Any]) -> set[str]:
    return {str(field) for field in fields}
