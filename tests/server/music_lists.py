"""Lists of items: the library's, of what belongs to an item, of hits, of plays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
import inspect
import sys
from typing import TYPE_CHECKING, Any, cast

from music_assistant_models.enums import ListingType, MediaType, SortField
from music_assistant_models.media_items import (
    ItemMapping,
    MediaItem,
    RecommendationFolder,
    SearchResults,
    Track,
    UniqueList,
)

from . import music_browse
from .commands import Caller
from .library import LIBRARY, TOP_TRACKS, Library, Play
from .music_items import Handler, found_item, may_see, player_of
from .music_listing import Listing, best, plain, sort_options
from .slim import SLIM_SINCE, slim

if TYPE_CHECKING:
    from .server import MassServer

type Items = Iterable[MediaItem]

PLURALS = {
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
RESULTS = PLURALS | {"radio": MediaType.RADIO}
del RESULTS["radios"]
SEARCH_LIMIT = 25
# An assumption: servers 2.10 list rows without what is in them, 2.7 (schema 29) doesn't.
RECOMMENDATION_ITEMS_SINCE = 46
FOLDER_PAGES_SINCE = 94


# Listings


def listed(handler: Handler) -> Handler:
    """Hand the arguments that all listings have to a handler as one `Listing`.

    The arguments are declared through the signature, by which a call is bound.
    """
    own = [*inspect.signature(handler).parameters.values()]
    server, caller, _, *rest = own
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in Listing.arguments().items()
        if name not in {parameter.name for parameter in rest}
    ]

    def run(server: MassServer, caller: Caller, **args: Any) -> Any:
        listing = Listing.of(args, caller.user.provider_filter)
        mine = {parameter.name: args[parameter.name] for parameter in rest}
        return handler(server, caller, listing, **mine)

    keyword = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in rest]
    cast("Any", run).__signature__ = inspect.Signature([server, caller, *keyword, *shared])
    return run


def library_items(media_type: MediaType) -> Handler:
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
        items = _library(server.library, media_type, album_artists_only)
        if genre is not None:
            of_genre = found_item(server, MediaType.GENRE, str(genre), LIBRARY)
            items = server.library.children(of_genre, media_type)
        page = listing.page(server.library, items, SortField.SORT_NAME)
        return _shown(server, page, summary)

    return listed(handler)


def _shown(server: MassServer, page: list[MediaItem], summary: bool) -> list[MediaItem]:
    """Return a page of the library as it is listed."""
    if not summary or server.schema_version < SLIM_SINCE:
        return page
    return [slim(item) for item in page]


def _library(library: Library, media_type: MediaType, album_artists_only: bool) -> Items:
    """Return the library's items, of the artists perhaps only those with albums."""
    items = library.items(media_type)
    if media_type != MediaType.ARTIST or not album_artists_only:
        return items
    return [artist for artist in items if library.children(artist, MediaType.ALBUM)]


def library_genres() -> Handler:
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
        items = list(library.items(MediaType.GENRE)) if content_type in (None, "music") else []
        if media_type:
            items = [x for x in items if library.children(x, MediaType(media_type))]
        elif hide_empty:
            items = [x for x in items if library.children(x, MediaType.TRACK)]
        if played_only:
            items = [x for x in items if _was_played(library, x)]
        return _shown(server, listing.page(library, items, SortField.SORT_NAME), summary)

    return listed(handler)


def _was_played(library: Library, genre: MediaItem) -> bool:
    return any(genre.name in (play.item.metadata.genres or ()) for play in library.plays)


def count(media_type: MediaType) -> Handler:
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
        items = _library(server.library, media_type, album_artists_only)
        return len(listing.matching(items))

    return handler


def related(
    media_type: MediaType,
    items: Callable[[Library, MediaItem], Items],
    default: SortField | None = None,
    *,
    pages_since: int = 0,
) -> Handler:
    """Return the handler that lists what belongs to an item; before it had pages, all of it."""

    def handler(
        server: MassServer,
        caller: Caller,
        listing: Listing,
        *,
        item_id: str | int,
        provider_instance_id_or_domain: str = LIBRARY,
        in_library_only: bool = False,
    ) -> list[MediaItem]:
        parent = found_item(server, media_type, str(item_id), provider_instance_id_or_domain)
        found = items(server.library, parent)
        if in_library_only:
            found = [item for item in found if item.provider == LIBRARY]
        if server.schema_version < pages_since:
            listing = replace(listing, limit=sys.maxsize, offset=0)
        return listing.page(server.library, found, default)

    return listed(handler)


def held(media_type: MediaType) -> Callable[[Library, MediaItem], Items]:
    """Return what gives the items of a type that an item holds."""
    return lambda library, parent: library.children(parent, media_type)


def versions(library: Library, item: MediaItem) -> Items:
    """Return the other items of the same name and by the same people."""
    names = {artist.name for artist in getattr(item, "artists", ())}
    return [
        other
        for other in library.everywhere(item.media_type)
        if other != item
        and plain(other.name) == plain(item.name)
        and names == {artist.name for artist in getattr(other, "artists", ())}
    ]


def similar(library: Library, track: MediaItem) -> Items:
    """Return tracks like a track."""
    return library.similar(track)


def top_tracks(library: Library, artist: MediaItem) -> Items:
    """Return an artist's best tracks."""
    return library.children(artist, MediaType.TRACK)[:TOP_TRACKS]


def similar_artists(library: Library, artist: MediaItem) -> Items:
    """Return who else makes music of an artist's genres."""
    genres = artist.metadata.genres or set()
    return [
        other
        for other in library.items(MediaType.ARTIST)
        if other != artist and genres & (other.metadata.genres or set())
    ]


def track_albums(library: Library, track: MediaItem) -> Items:
    """Return the albums that a track, or another version of it, is on."""
    tracks = [track, *versions(library, track)]
    wanted = {album.uri for one in tracks if (album := cast("Track", one).album)}
    return [found for uri in sorted(map(str, wanted)) if (found := library.get(uri))]


def sort_options_of(server: MassServer, caller: Caller, listing: ListingType) -> list[Any]:
    """Return what a listing can be sorted by."""
    return list(sort_options(listing))


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
    """Return the best hits of each type."""
    wanted = media_types or MediaType.ALL
    in_library_only = library_only or providers == [LIBRARY]
    found = {
        name: _hits(server, caller, kind, search_query, in_library_only)[:limit]
        for name, kind in RESULTS.items()
        if kind in wanted
    }
    return SearchResults(**cast("dict[str, Any]", found))


def _hits(
    server: MassServer, caller: Caller, kind: MediaType, query: str, library_only: bool
) -> list[MediaItem]:
    library = server.library
    if "://" in query:
        found = library.get(query)
        return [found] if found and found.media_type == kind and may_see(caller, found) else []
    items = library.items(kind) if library_only else library.everywhere(kind)
    return [hit for hit in best(items, query) if may_see(caller, hit)]


@listed
def browse(
    server: MassServer, caller: Caller, listing: Listing, path: str | None = None
) -> list[MediaItem]:
    """Return what is behind a path."""
    nodes = music_browse.browse(server.library, path, caller.user.provider_filter)
    # Folders have what a listing searches and sorts by; what is listed is visible already.
    items = cast("list[MediaItem]", nodes)
    if server.schema_version < FOLDER_PAGES_SINCE:
        return items
    return replace(listing, visible=()).page(server.library, items)


def recommendations(server: MassServer, caller: Caller) -> list[RecommendationFolder]:
    """Return rows of things to play; newer servers tell what is in each when asked."""
    rows = music_browse.recommendations(server.library, partial(may_see, caller))
    if server.schema_version < RECOMMENDATION_ITEMS_SINCE:
        return rows
    return [replace(row, items=UniqueList()) for row in rows]


def recommendation_items(
    server: MassServer, caller: Caller, provider: str, item_id: str
) -> list[MediaItem | ItemMapping]:
    """Return what is in a row of things to play, nothing if there is no such row."""
    rows = music_browse.recommendations(server.library, partial(may_see, caller))
    return [
        cast("MediaItem | ItemMapping", item)
        for row in rows
        if (row.provider, row.item_id) == (provider, item_id)
        for item in row.items
    ]


def recently_played(
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
    """Return what the user, or no one in particular, played last."""
    user_id = player_of(server, caller, userid)

    def passes(play: Play) -> bool:
        return (
            play.user_id in (None, user_id)
            and (not media_types or play.item.media_type in media_types)
            and (queue_id is None or play.queue_id == queue_id)
            and (play.fully_played or not fully_played_only)
            and (play.user_initiated or not user_initiated_only)
            and play.at >= (played_after_timestamp or 0)
            and may_see(caller, play.item)
        )

    return music_browse.recently_played(server.library, limit, passes)


def in_progress_items(
    server: MassServer, caller: Caller, limit: int = 10, all_users: bool = False
) -> list[ItemMapping]:
    """Return what was begun."""
    return music_browse.in_progress(server.library, limit)
