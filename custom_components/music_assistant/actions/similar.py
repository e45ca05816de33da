"""Actions on music that is similar to other music, or sounds as described."""

from typing import Final

from music_assistant_models.enums import QueueOption
import probatio

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType

from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import create_reader
from ..entry.permissions import Access
from ..media.library_lists import Item, LibraryReader
from ..media.similar import async_find_similar_tracks
from ..media.text_search import async_search_by_description
from ..players.commands import async_play_media
from ..server.acting_user import ActingUser
from ..server.errors import build_validation_error
from .base import ServerAction, TargetAction, async_as_caller, serialize_items
from .discover import LIMIT_VALIDATOR
from .fields import build_single_validator, validate_media_type
from .music import MediaAction, MediaSelection, async_get_current_uris, async_resolve_uri
from .playback import ENQUEUE_VALIDATOR
from .targets import QUEUE_FIELD, PlayerTarget

# Number of tracks unless the call names another one.
_DEFAULT_LIMIT: Final = 25


async def _async_handle_get(music: MediaSelection, call: ServiceCall) -> ServiceResponse:
    """Return {items} that are similar to music."""
    reader = create_reader(music.coordinator)
    tracks = await async_find_similar_tracks(reader, music.uris, call.data["limit"])
    return {"items": serialize_items(music.coordinator, tracks)}


async def _async_handle_search_by_description(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {items} that sound as described."""
    data, reader = call.data, create_reader(coordinator)
    tracks = await async_search_by_description(reader, data["description"], data["limit"])
    return {"items": serialize_items(coordinator, tracks)}


async def _async_handle_play(target: PlayerTarget, call: ServiceCall) -> JsonValueType:
    """Play tracks that are similar to music, or add them; return them as {items}.

    What is playing goes on by itself, other music is replaced.
    """
    data = call.data
    is_other = "media_id" in data or "description" in data
    option = data.get("enqueue", QueueOption.REPLACE if is_other else QueueOption.ADD)
    queue_id = target.get_queue(data["queue"]).queue_id

    async def async_play(user: ActingUser) -> JsonValueType:
        """Find and play the tracks as a user."""
        tracks = await _async_find_tracks(create_reader(target.coordinator, user), target, call)
        if not tracks:
            raise build_validation_error("no_similar_tracks")
        await async_play_media(
            target.mass, queue_id, [str(track.uri) for track in tracks], option=option, user=user
        )
        return {"items": serialize_items(target.coordinator, tracks)}

    return await async_as_caller(target.mass, call, async_play)


async def _async_find_tracks(
    reader: LibraryReader, target: PlayerTarget, call: ServiceCall
) -> list[Item]:
    """Return tracks that sound as described, or are similar to other music or to what plays."""
    data = call.data
    if "description" in data:
        return await async_search_by_description(reader, data["description"], data["limit"])
    uris = (
        [await async_resolve_uri(reader, data["media_id"], data.get("media_type"))]
        if "media_id" in data
        else await async_get_current_uris(target, call)
    )
    return await async_find_similar_tracks(reader, uris, data["limit"])


_DESCRIPTION_VALIDATOR: Final = probatio.All(cv.string, str.strip, probatio.Length(min=1))

ACTIONS: Final = (
    MediaAction(
        "get_similar_tracks",
        _async_handle_get,
        {probatio.Optional("limit", default=_DEFAULT_LIMIT): LIMIT_VALIDATOR},
        SupportsResponse.ONLY,
        policy=POLICY_READ,
        access=Access.READ_ONE,
    ),
    ServerAction(
        "search_by_description",
        _async_handle_search_by_description,
        {
            probatio.Required("description"): _DESCRIPTION_VALIDATOR,
            probatio.Optional("limit", default=_DEFAULT_LIMIT): LIMIT_VALIDATOR,
        },
    ),
    TargetAction(
        "play_similar_tracks",
        _async_handle_play,
        {
            probatio.Optional("media_id"): cv.string,
            probatio.Optional("media_type"): validate_media_type,
            probatio.Optional("description"): _DESCRIPTION_VALIDATOR,
            probatio.Optional("enqueue"): ENQUEUE_VALIDATOR,
            probatio.Optional("limit", default=_DEFAULT_LIMIT): LIMIT_VALIDATOR,
            **QUEUE_FIELD,
        },
        SupportsResponse.OPTIONAL,
        validators=(build_single_validator("media_id", "description"),),
    ),
)
