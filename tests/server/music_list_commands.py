"""Commands that list items: of the library, children, search results, plays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
import inspect
import sys
from typing import TYPE_CHECKING, Any, cast

from music_assistant_models.enums import ListingType, MediaType, SortField
from music_assistant_models.media_items import (
    Album,
    ItemMapping,
    MediaItem,
    RecommendationFolder,
    SearchResults,
    Track,
    UniqueList,
)

from . import music_browse
from .commands import Caller
from .library import LIBRARY, TOP_TRACKS_LIMIT, Library, PlayLogEntry
from .music_items import Handler, can_see_item, find_item_or_raise, get_play_log_user
from .music_listing import Listing, get_sort_fields, normalize, sort_matches
from .summaries import SUMMARIES_SINCE, summarize

if TYPE_CHECKING:
    from .server import MassServer

type Items = Iterable[MediaItem]

MEDIA_TYPES_BY_PLURAL = {
    "artists": MediaType.ARTIST,
    "albums": MediaType.ALBUM,
    "tracks": MediaType.TRACK,
    "playlists": MediaType.PLAYLIST,
    "radios": MediaType.RADIO,
    "audiobooks": MediaType.AUDIOBOOK,
    "podcasts": MediaType.PODCAST,
    "genres": MediaType.GENRE,
}
# Where the search results of a type are.
MEDIA_TYPES_BY_RESULT = MEDIA_TYPES_BY_PLURAL | {"radio": MediaType.RADIO}
del MEDIA_TYPES_BY_RESULT["radios"]
SEARCH_LIMIT = 25
# An assumption: servers 2.10 list rows without what is in them, 2.7 (schema 29) doesn't.
RECOMMENDATION_ITEMS_SINCE = 46
FOLDER_PAGES_SINCE = 94


# Listings


def with_listing(handler: Handler) -> Handler:
    """Pass the arguments that all lists have to a handler as one `Listing`.

    The signature declares the arguments, because calls are bound by it.
    """
    own = [*inspect.signature(handler).parameters.values()]
    server, caller, _, *rest = own
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in Listing.get_parameters().items()
        if name not in {parameter.name for parameter in rest}
    ]

    def run(server: MassServer, caller: Caller, **args: Any) -> Any:
        listing = Listing.from_arguments(args, caller.user.provider_filter)
        mine = {parameter.name: args[parameter.name] for parameter in rest}
        return handler(server, caller, listing, **mine)

    keyword = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in rest]
    cast("Any", run).__signature__ = inspect.Signature([server, caller, *keyword, *shared])
    return run


def build_library_handler(media_type: MediaType) -> Handler:
    """Return the handler that lists the library."""

    def handler(
        server: MassServer,
        caller: Caller,
        listing: Listing,
        *,
        album_artists_only: bool = False,
        genre: int | None = None,
        summary: bool = True,
    ) -> list[MediaItem]:
        items = _get_library_items(server.library, media_type, album_artists_only)
        if genre is not None:
            of_genre = find_item_or_raise(server, MediaType.GENRE, str(genre), LIBRARY)
            items = server.library.get_children(of_genre, media_type)
        page = listing.get_page(server.library, items, SortField.SORT_NAME)
        return _serialize_page(server, page, summary)

    return with_listing(handler)


def _serialize_page(server: MassServer, page: list[MediaItem], summary: bool) -> list[MediaItem]:
    """Return a page of the library as it is listed."""
    if not summary or server.schema_version < SUMMARIES_SINCE:
        return page
    return [summarize(item) for item in page]


def _get_library_items(library: Library, media_type: MediaType, album_artists_only: bool) -> Items:
    """Return the library's items; artists optionally only with albums."""
    items = library.get_library_items(media_type)
    if media_type != MediaType.ARTIST or not album_artists_only:
        return items
    return [artist for artist in items if library.get_children(artist, MediaType.ALBUM)]


def build_genres_handler() -> Handler:
    """Return the handler that lists the genres."""

    def handler(
        server: MassServer,
        caller: Caller,
        listing: Listing,
        *,
        played_only: bool = False,
        hide_empty: bool | None = None,
        media_type: str | None = None,
        content_type: str | None = None,
        summary: bool = True,
    ) -> list[MediaItem]:
        library = server.library
        items = (
            list(library.get_library_items(MediaType.GENRE))
            if content_type in (None, "music")
            else []
        )
        if media_type:
            items = [x for x in items if library.get_children(x, MediaType(media_type))]
        elif hide_empty:
            items = [x for x in items if library.get_children(x, MediaType.TRACK)]
        if played_only:
            items = [x for x in items if _is_played(library, x)]
        return _serialize_page(
            server, listing.get_page(library, items, SortField.SORT_NAME), summary
        )

    return with_listing(handler)


def _is_played(library: Library, genre: MediaItem) -> bool:
    return any(genre.name in (play.item.metadata.genres or ()) for play in library.plays)


def build_count_handler(media_type: MediaType) -> Handler:
    """Return the handler that counts the library's items."""

    def handler(
        server: MassServer,
        caller: Caller,
        favorite_only: bool = False,
        album_types: list[str] | None = None,
        album_artists_only: bool = False,
    ) -> int:
        listing = Listing(
            favorite=favorite_only or None,
            album_types=album_types,
            visible=caller.user.provider_filter,
        )
        items = _get_library_items(server.library, media_type, album_artists_only)
        return len(listing.filter_items(items))

    return handler


def build_related_handler(
    media_type: MediaType,
    items: Callable[[Library, MediaItem], Items],
    default: SortField | None = None,
    *,
    pages_since: int = 0,
) -> Handler:
    """Return the handler that lists related items; without pages before `pages_since`."""

    def handler(
        server: MassServer,
        caller: Caller,
        listing: Listing,
        *,
        item_id: str | int,
        provider_instance_id_or_domain: str = LIBRARY,
        in_library_only: bool = False,
    ) -> list[MediaItem]:
        parent = find_item_or_raise(
            server, media_type, str(item_id), provider_instance_id_or_domain
        )
        found = items(server.library, parent)
        if in_library_only:
            found = [item for item in found if item.provider == LIBRARY]
        if server.schema_version < pages_since:
            listing = replace(listing, limit=sys.maxsize, offset=0)
        return listing.get_page(server.library, found, default)

    return with_listing(handler)


def build_children_getter(media_type: MediaType) -> Callable[[Library, MediaItem], Items]:
    """Return the function that gets an item's children of a type."""
    return lambda library, parent: library.get_children(parent, media_type)


def get_versions(library: Library, item: MediaItem) -> Items:
    """Return the other items of the same name and artists."""
    names = {artist.name for artist in getattr(item, "artists", ())}
    return [
        other
        for other in library.get_all_items(item.media_type)
        if other != item
        and normalize(other.name) == normalize(item.name)
        and names == {artist.name for artist in getattr(other, "artists", ())}
    ]


def get_similar_tracks(library: Library, track: MediaItem) -> Items:
    """Return tracks like a track."""
    return library.get_similar_tracks(track)


def get_top_tracks(library: Library, artist: MediaItem) -> Items:
    """Return an artist's best tracks."""
    return library.get_children(artist, MediaType.TRACK)[:TOP_TRACKS_LIMIT]


def get_similar_artists(library: Library, artist: MediaItem) -> Items:
    """Return other artists of an artist's genres."""
    genres = artist.metadata.genres or set()
    return [
        other
        for other in library.get_library_items(MediaType.ARTIST)
        if other != artist and genres & (other.metadata.genres or set())
    ]


def get_appearances(library: Library, artist: MediaItem) -> Items:
    """Return the albums of others with tracks of an artist."""
    own = library.get_children(artist, MediaType.ALBUM)
    found = {
        album.uri: item
        for track in library.get_children(artist, MediaType.TRACK)
        if (album := cast("Track", track).album) and (item := library.get(str(album.uri)))
    }
    return [album for album in found.values() if album not in own]


def get_discography(library: Library, artist: MediaItem) -> Items:
    """Return all albums of a library artist, newest first; nobody has the last one."""
    if artist.provider != LIBRARY:
        return []
    albums = cast("list[Album]", library.get_children(artist, MediaType.ALBUM))
    unknown = Album(
        item_id="release-group", provider="musicbrainz", name="Lost tapes", provider_mappings=set()
    )
    return sorted([*albums, unknown], key=lambda album: album.year or 0, reverse=True)


def get_track_albums(library: Library, track: MediaItem) -> Items:
    """Return the albums with a track or another version of it."""
    tracks = [track, *get_versions(library, track)]
    wanted = {album.uri for one in tracks if (album := cast("Track", one).album)}
    return [found for uri in sorted(map(str, wanted)) if (found := library.get(uri))]


def get_sort_options(server: MassServer, caller: Caller, listing: ListingType) -> list[Any]:
    """Return the sort fields of a list."""
    return list(get_sort_fields(listing))


# Discovering


def search(
    server: MassServer,
    caller: Caller,
    *,
    search_query: str,
    media_types: list[str] | None = None,
    limit: int = SEARCH_LIMIT,
    library_only: bool = False,
    providers: list[str] | None = None,
) -> SearchResults:
    """Return the best results of each type."""
    wanted = media_types or MediaType.ALL
    in_library_only = library_only or providers == [LIBRARY]
    found = {
        name: _search_type(server, caller, kind, search_query, in_library_only)[:limit]
        for name, kind in MEDIA_TYPES_BY_RESULT.items()
        if kind in wanted
    }
    return SearchResults(**cast("dict[str, Any]", found))


def _search_type(
    server: MassServer, caller: Caller, kind: MediaType, query: str, library_only: bool
) -> list[MediaItem]:
    library = server.library
    if "://" in query:
        found = library.get(query)
        return [found] if found and found.media_type == kind and can_see_item(caller, found) else []
    items = library.get_library_items(kind) if library_only else library.get_all_items(kind)
    return [hit for hit in sort_matches(items, query) if can_see_item(caller, hit)]


@with_listing
def browse(
    server: MassServer, caller: Caller, listing: Listing, path: str | None = None
) -> list[MediaItem]:
    """Return the content of a path."""
    nodes = music_browse.browse(server.library, path, caller.user.provider_filter)
    # Folders have what a listing searches and sorts by; what is listed is visible already.
    items = cast("list[MediaItem]", nodes)
    if server.schema_version < FOLDER_PAGES_SINCE:
        return items
    return replace(listing, visible=()).get_page(server.library, items)


def get_recommendations(server: MassServer, caller: Caller) -> list[RecommendationFolder]:
    """Return the rows of recommendations; newer servers return their items separately."""
    rows = music_browse.get_recommendations(server.library, partial(can_see_item, caller))
    if server.schema_version < RECOMMENDATION_ITEMS_SINCE:
        return rows
    return [replace(row, items=UniqueList()) for row in rows]


def get_recommendation_items(
    server: MassServer, caller: Caller, provider: str, item_id: str
) -> list[MediaItem | ItemMapping]:
    """Return the items of a row of recommendations, none for an unknown row."""
    rows = music_browse.get_recommendations(server.library, partial(can_see_item, caller))
    return [
        cast("MediaItem | ItemMapping", item)
        for row in rows
        if (row.provider, row.item_id) == (provider, item_id)
        for item in row.items
    ]


def get_recently_played(
    server: MassServer,
    caller: Caller,
    *,
    limit: int = 10,
    media_types: list[str] | None = None,
    userid: str | None = None,
    queue_id: str | None = None,
    fully_played_only: bool = True,
    user_initiated_only: bool = False,
    played_after_timestamp: int | None = None,
) -> list[ItemMapping]:
    """Return the items that the user, or any user, played last."""
    user_id = get_play_log_user(server, caller, userid)

    def is_included(play: PlayLogEntry) -> bool:
        return (
            play.user_id in (None, user_id)
            and (not media_types or play.item.media_type in media_types)
            and (queue_id is None or play.queue_id == queue_id)
            and (play.fully_played or not fully_played_only)
            and (play.user_initiated or not user_initiated_only)
            and play.at >= (played_after_timestamp or 0)
            and can_see_item(caller, play.item)
        )

    return music_browse.get_recently_played(server.library, limit, is_included)


def get_in_progress(
    server: MassServer, caller: Caller, limit: int = 10, all_users: bool = False
) -> list[ItemMapping]:
    """Return the items that were begun."""
    return music_browse.get_in_progress(server.library, limit)
