"""Actions that search and list the library."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from music_assistant_client.music import Music
from music_assistant_models.enums import AlbumType, MediaType, SortDirection, SortField
from music_assistant_models.media_items import MediaItemType
import probatio

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import create_reader
from ..media.library_lists import resolve_provider_ids
from ..media.query import ALL_MEDIA_TYPES, MediaQuery
from ..media.search import async_search_by_type
from ..server.acting_user import ActingUser
from ..server.errors import check_answer
from .base import ServerAction, async_as_caller, create_serializer, ensure_list_of, serialize_items
from .fields import (
    MAX_NUMBER,
    build_choice_validator,
    build_choices_validator,
    build_lenient_number_validator,
    build_number_validator,
    validate_boolean,
)

PROVIDERS_VALIDATOR: Final = ensure_list_of(cv.string)
# Content types of genres.
GENRE_CONTENT_TYPES: Final = ("music", "podcast", "audiobook")

# Fields that the library can be sorted by.
SORT_FIELDS: Final = (
    SortField.NAME,
    SortField.SORT_NAME,
    SortField.TIMESTAMP_ADDED,
    SortField.TIMESTAMP_MODIFIED,
    SortField.FAVORITE_TIMESTAMP,
    SortField.LAST_PLAYED,
    SortField.PLAY_COUNT,
    SortField.DURATION,
    SortField.YEAR,
    SortField.ARTIST_NAME,
    SortField.RANDOM,
    SortField.RANDOM_PLAY_COUNT,
)

# The same in the form of the built-in integration's action, whichever of them a server knows.
ORDERS: Final = tuple(f"{field}{direction}" for field in SortField for direction in ("", "_desc"))

type LibraryMethod = Callable[..., Awaitable[Sequence[MediaItemType]]]

# Method of the client for each media type, and its own filters: {field: parameter}.
LIBRARY_LISTS: Final[dict[MediaType, tuple[Callable[[Music], LibraryMethod], dict[str, str]]]] = {
    MediaType.ARTIST: (
        lambda music: music.get_library_artists,
        {"album_artists_only": "album_artists_only"},
    ),
    MediaType.ALBUM: (lambda music: music.get_library_albums, {"album_type": "album_types"}),
    MediaType.TRACK: (lambda music: music.get_library_tracks, {}),
    MediaType.PLAYLIST: (lambda music: music.get_library_playlists, {}),
    MediaType.RADIO: (lambda music: music.get_library_radios, {}),
    MediaType.PODCAST: (lambda music: music.get_library_podcasts, {}),
    MediaType.AUDIOBOOK: (lambda music: music.get_library_audiobooks, {}),
    MediaType.GENRE: (
        lambda music: music.get_library_genres,
        {
            "played_only": "played_only",
            "hide_empty": "hide_empty",
            "content_type": "content_type",
            "contains": "media_type",
        },
    ),
}


async def _async_handle_search(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return the search results by media type."""
    data, mass = call.data, coordinator.mass
    query = MediaQuery(
        data["name"],
        data.get("artist"),
        data.get("album"),
        frozenset(data["media_type"]) if data.get("media_type") else ALL_MEDIA_TYPES,
        resolve_provider_ids(mass, data.get("providers", ())),
        data["library_only"],
    )
    results = await async_as_caller(
        mass,
        call,
        lambda user: async_search_by_type(create_reader(coordinator, user), query, data["limit"]),
    )
    return create_serializer(coordinator).serialize_search_results(results)


async def _async_handle_get_library(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return a page of a library list."""
    data = call.data
    mass = coordinator.mass
    items = await async_as_caller(
        mass, call, lambda user: _async_list_library(mass.music, data, user)
    )
    return {
        "items": serialize_items(coordinator, items),
        "limit": data["limit"],
        "offset": data["offset"],
        "order_by": data["order_by"],
        "media_type": data["media_type"].value,
    }


async def _async_list_library(
    music: Music, data: Mapping[str, Any], user: ActingUser
) -> Sequence[MediaItemType]:
    """Fetch a page of a library list as a user."""
    get_method, filter_names = LIBRARY_LISTS[data["media_type"]]
    filters: dict[str, Any] = {
        parameter: data[name] for name, parameter in filter_names.items() if name in data
    }
    if data["media_type"] is not MediaType.GENRE:  # genres belong to no user
        filters["user"] = user
    if "providers" in data:
        filters["provider"] = sorted(resolve_provider_ids(music.client, data["providers"]))
    with check_answer():
        return await get_method(music)(
            favorite=data.get("favorite"),
            search=data.get("search"),
            limit=data["limit"],
            offset=data["offset"],
            order_by=data["order_by"],
            sort_field=data.get("sort_field"),
            sort_direction=data.get("sort_direction"),
            random_seed=data.get("random_seed"),
            **filters,
        )


def _build_count_validator(default: int) -> Callable[[object], int]:
    """Return a validator of a number of items; a negative one is the default."""
    return build_lenient_number_validator(0, MAX_NUMBER, default)


ACTIONS: Final = (
    ServerAction(
        "search",
        _async_handle_search,
        {
            probatio.Required("name"): cv.string,
            probatio.Optional("media_type"): build_choices_validator(MediaType.ALL),
            probatio.Optional("artist"): cv.string,
            probatio.Optional("album"): cv.string,
            probatio.Optional("limit", default=5): _build_count_validator(5),
            probatio.Optional("library_only", default=False): validate_boolean,
            probatio.Optional("providers"): PROVIDERS_VALIDATOR,
            probatio.Optional("username"): cv.string,
        },
    ),
    ServerAction(
        "get_library",
        _async_handle_get_library,
        {
            probatio.Required("media_type"): build_choice_validator(LIBRARY_LISTS),
            probatio.Optional("favorite"): validate_boolean,
            probatio.Optional("search"): cv.string,
            probatio.Optional("limit", default=25): _build_count_validator(25),
            probatio.Optional("offset", default=0): _build_count_validator(0),
            probatio.Optional("order_by", default="name"): build_choice_validator(ORDERS),
            probatio.Optional("sort_field"): build_choice_validator(SORT_FIELDS),
            probatio.Optional("sort_direction"): build_choice_validator(SortDirection),
            probatio.Optional("random_seed"): build_number_validator(0, MAX_NUMBER),
            probatio.Optional("providers"): PROVIDERS_VALIDATOR,
            probatio.Optional("played_only"): validate_boolean,
            probatio.Optional("hide_empty"): validate_boolean,
            probatio.Optional("content_type"): build_choice_validator(GENRE_CONTENT_TYPES),
            probatio.Optional("contains"): build_choice_validator(LIBRARY_LISTS),
            probatio.Optional("album_type"): build_choices_validator(AlbumType),
            probatio.Optional("album_artists_only"): validate_boolean,
            probatio.Optional("username"): cv.string,
        },
    ),
)
