"""Actions that look into the library and the providers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from music_assistant_client.music import Music
from music_assistant_models.enums import AlbumType, MediaType, SortDirection, SortField
from music_assistant_models.media_items import MediaItemType
import probatio

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import reader_of
from ..media.library_lists import provider_ids
from ..media.query import ALL, Wanted
from ..media.search import async_find
from ..server.acting_user import User
from .base import Action, async_as_caller, list_of, listed, serializer

PROVIDERS: Final = list_of(cv.string)
# What the server has genres of.
CONTENT_TYPES: Final = ("music", "podcast", "audiobook")

# What the library can be sorted by.
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

type Lister = Callable[..., Awaitable[Sequence[MediaItemType]]]

# What lists each kind, and which of the action's filters only it knows.
LISTS: Final[dict[MediaType, tuple[Callable[[Music], Lister], dict[str, str]]]] = {
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


async def _search(coordinator: MusicAssistantCoordinator, call: ServiceCall) -> ServiceResponse:
    data, mass = call.data, coordinator.mass
    wanted = Wanted(
        data["name"],
        data.get("artist"),
        data.get("album"),
        frozenset(data["media_type"]) if data.get("media_type") else ALL,
        provider_ids(mass, data.get("providers", ())),
        data["library_only"],
    )
    hits = await async_as_caller(
        mass, call, lambda user: async_find(reader_of(coordinator, user), wanted, data["limit"])
    )
    return serializer(coordinator).search_results(hits)


async def _get_library(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    data = call.data
    mass = coordinator.mass
    items = await async_as_caller(mass, call, lambda user: _list(mass.music, data, user))
    return {
        "items": listed(coordinator, items),
        "limit": data["limit"],
        "offset": data["offset"],
        "order_by": data["order_by"],
        "media_type": data["media_type"].value,
    }


async def _list(music: Music, data: Mapping[str, Any], user: User) -> Sequence[MediaItemType]:
    lister, own_filters = LISTS[data["media_type"]]
    filters: dict[str, Any] = {
        theirs: data[ours] for ours, theirs in own_filters.items() if ours in data
    }
    if data["media_type"] is not MediaType.GENRE:  # genres belong to no user
        filters["user"] = user
    if "providers" in data:
        filters["provider"] = sorted(provider_ids(music.client, data["providers"]))
    return await lister(music)(
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


ACTIONS: Final = (
    Action(
        "search",
        _search,
        {
            probatio.Required("name"): cv.string,
            probatio.Optional("media_type"): list_of(probatio.Coerce(MediaType)),
            probatio.Optional("artist"): cv.string,
            probatio.Optional("album"): cv.string,
            probatio.Optional("limit", default=5): probatio.Coerce(int),
            probatio.Optional("library_only", default=False): cv.boolean,
            probatio.Optional("providers"): PROVIDERS,
            probatio.Optional("username"): cv.string,
        },
    ),
    Action(
        "get_library",
        _get_library,
        {
            probatio.Required("media_type"): probatio.All(
                probatio.Coerce(MediaType), probatio.In(list(LISTS))
            ),
            probatio.Optional("favorite"): cv.boolean,
            probatio.Optional("search"): cv.string,
            probatio.Optional("limit", default=25): cv.positive_int,
            probatio.Optional("offset", default=0): cv.positive_int,
            probatio.Optional("order_by", default="name"): cv.string,
            probatio.Optional("sort_field"): probatio.All(
                probatio.Coerce(SortField), probatio.In(SORT_FIELDS)
            ),
            probatio.Optional("sort_direction"): probatio.Coerce(SortDirection),
            probatio.Optional("random_seed"): cv.positive_int,
            probatio.Optional("providers"): PROVIDERS,
            probatio.Optional("played_only"): cv.boolean,
            probatio.Optional("hide_empty"): cv.boolean,
            probatio.Optional("content_type"): probatio.In(CONTENT_TYPES),
            probatio.Optional("contains"): probatio.Coerce(MediaType),
            probatio.Optional("album_type"): list_of(probatio.Coerce(AlbumType)),
            probatio.Optional("album_artists_only"): cv.boolean,
            probatio.Optional("username"): cv.string,
        },
    ),
)
