"""The server's lists: of the library, of an item's children, of folders and of recommendations."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from mashumaro.exceptions import InvalidFieldValue, MissingField
from music_assistant_client import MusicAssistantClient
from music_assistant_client.helpers import impersonation_arg
from music_assistant_models.enums import AlbumType, MediaType, SortDirection, SortField
from music_assistant_models.errors import InvalidCommand, InvalidDataError, MusicAssistantError
from music_assistant_models.media_items import (
    AlbumSummary,
    ArtistSummary,
    AudiobookSummary,
    BrowseFolder,
    GenreSummary,
    ItemMapping,
    MediaItemSummaryType,
    MediaItemType,
    PlaylistSummary,
    PodcastSummary,
    RadioSummary,
    RecommendationFolder,
    Track,
    TrackSummary,
    media_from_dict,
)

from ..const import LOGGER
from ..helpers.batching import in_batches
from ..helpers.transliteration import async_load_tables
from ..server.acting_user import ActingUser
from ..server.providers import LIBRARY_PROVIDER, find_instance_ids
from ..share_links.normalize import unify_conjunctions
from ..share_links.resolvers import ResolverChain
from .browse_id import get_item_uri

type Item = MediaItemType | ItemMapping
type Items = list[Item | None]  # None is an item that can't be parsed
type FolderEntries = list[Item | BrowseFolder | None]

# Items requested at once at most.
PAGE_SIZE: Final = 500
# Items sorted here at most; items beyond these keep the server's order.
MAX_SORTED_ITEMS: Final = 8 * PAGE_SIZE
# Schema version since which the server lists the albums and tracks of genres.
SCHEMA_GENRES: Final = 84
# Schema version since which the server lists the top tracks of artists, and similar artists.
SCHEMA_ARTISTS: Final = 84
# Schema version since which the server returns the content of folders in pages.
SCHEMA_FOLDERS: Final = 94
# Schema version that no server has.
SCHEMA_NEVER: Final = 1_000_000
# Tracks of an item whose similar tracks give what is similar to the item.
MAX_SEED_TRACKS: Final = 5
# Similar tracks that servers return unless asked for another number.
SIMILAR_TRACKS_LIMIT: Final = 25
SIMILAR_TRACKS_COMMAND: Final = "music/tracks/similar_tracks"


@dataclass(frozen=True, slots=True)
class LibraryList:
    """Describe a list of the library; `command_name` is its name in the server's commands."""

    media_type: MediaType
    command_name: str
    min_schema: int = 0


# By their names in search results, in the order in which equally good matches are shown.
LIBRARY_LISTS: Final = {
    "artists": LibraryList(MediaType.ARTIST, "artists"),
    "albums": LibraryList(MediaType.ALBUM, "albums"),
    "tracks": LibraryList(MediaType.TRACK, "tracks"),
    "playlists": LibraryList(MediaType.PLAYLIST, "playlists"),
    "radio": LibraryList(MediaType.RADIO, "radios"),
    "podcasts": LibraryList(MediaType.PODCAST, "podcasts"),
    "audiobooks": LibraryList(MediaType.AUDIOBOOK, "audiobooks"),
    "genres": LibraryList(MediaType.GENRE, "genres", SCHEMA_GENRES),
}


@dataclass(frozen=True, slots=True)
class ItemChildren:
    """Describe a list of the children of an item.

    command: The server's command that returns the list.
    paging_schema, search_schema: Schema versions since which the command has pages and can search;
      before these it returns the whole list.
    min_schema, until_schema: Schema versions since which, and before which, the list is offered.
    is_content: Whether the children belong to the item; similar items and selections don't.
    library_only: Whether only items of the library have the list.
    from_similar_tracks: The children are the artists of tracks similar to the item's tracks.
    search_library: The list is searched by the library list of that name, filtered by genre.
    sort_by: How the server sorts the list across pages.
    sort_items: Sorts a page as it is shown.
    sort_all_pages: `sort_items` sorts the whole list, since the server can't sort it so.
    """

    name: str
    media_type: MediaType
    command: str
    paging_schema: int = SCHEMA_NEVER
    search_schema: int = SCHEMA_NEVER
    min_schema: int = 0
    until_schema: int = SCHEMA_NEVER
    is_content: bool = True
    library_only: bool = False
    from_similar_tracks: bool = False
    search_library: bool = False
    sort_all_pages: bool = False
    sort_by: tuple[SortField, SortDirection] | None = None
    sort_items: Callable[[Items], Items] = list


# Types of albums in the order in which they are shown.
ALBUM_TYPE_ORDER: Final = (
    AlbumType.ALBUM,
    AlbumType.UNKNOWN,
    AlbumType.EP,
    AlbumType.SINGLE,
    AlbumType.LIVE,
    AlbumType.COMPILATION,
    AlbumType.SOUNDTRACK,
)


def _sort_albums(albums: Items) -> Items:
    """Sort albums by type, and those of a type by year, newest first."""

    def get_sort_key(album: Item | None) -> tuple[int, int]:
        album_type, year = (
            getattr(album, "album_type", AlbumType.UNKNOWN),
            getattr(album, "year", None),
        )
        return ALBUM_TYPE_ORDER.index(album_type), -(year or 0)

    return sorted(albums, key=get_sort_key)


def _sort_episodes(episodes: Items) -> Items:
    """Sort episodes by release date, newest first, those without a date last."""

    def get_sort_key(episode: Item | None) -> tuple[float, int]:
        metadata = getattr(episode, "metadata", None)
        released = metadata.release_date if metadata else None
        return released.timestamp() if released else 0, getattr(episode, "position", 0)

    return sorted(episodes, key=get_sort_key, reverse=True)


# The first list is shown when the item is opened, the others are folders in it.
ITEM_CHILDREN: Final[dict[MediaType, tuple[ItemChildren, ...]]] = {
    MediaType.ARTIST: (
        ItemChildren(
            "albums",
            MediaType.ALBUM,
            "music/artists/artist_albums",
            paging_schema=92,
            search_schema=92,
            sort_by=(SortField.YEAR, SortDirection.DESC),
            sort_items=_sort_albums,
            sort_all_pages=True,
        ),
        ItemChildren(
            "top_tracks",
            MediaType.TRACK,
            "music/artists/artist_tracks",
            until_schema=SCHEMA_ARTISTS,
        ),
        ItemChildren(
            "top_tracks",
            MediaType.TRACK,
            "music/artists/top_tracks",
            min_schema=SCHEMA_ARTISTS,
            is_content=False,
        ),
        ItemChildren(
            "tracks",
            MediaType.TRACK,
            "music/artists/artist_tracks",
            paging_schema=92,
            search_schema=92,
            min_schema=SCHEMA_ARTISTS,
        ),
        ItemChildren(
            "similar_artists",
            MediaType.ARTIST,
            SIMILAR_TRACKS_COMMAND,
            until_schema=SCHEMA_ARTISTS,
            is_content=False,
            from_similar_tracks=True,
        ),
        ItemChildren(
            "similar_artists",
            MediaType.ARTIST,
            "music/artists/similar_artists",
            min_schema=SCHEMA_ARTISTS,
            is_content=False,
        ),
        ItemChildren(
            "appears_on",
            MediaType.ALBUM,
            "music/artists/artist_appears_on",
            min_schema=SCHEMA_ARTISTS,
            is_content=False,
            sort_items=_sort_albums,
        ),
        ItemChildren(
            "discography",
            MediaType.ALBUM,
            "music/artists/discography",
            min_schema=SCHEMA_ARTISTS,
            is_content=False,
            library_only=True,
        ),
    ),
    MediaType.ALBUM: (
        ItemChildren(
            "tracks",
            MediaType.TRACK,
            "music/albums/album_tracks",
            paging_schema=89,
            search_schema=89,
        ),
    ),
    MediaType.TRACK: (
        ItemChildren("similar_tracks", MediaType.TRACK, SIMILAR_TRACKS_COMMAND, is_content=False),
    ),
    MediaType.PLAYLIST: (
        ItemChildren(
            "tracks",
            MediaType.TRACK,
            "music/playlists/playlist_tracks",
            paging_schema=93,
            search_schema=93,
        ),
    ),
    MediaType.PODCAST: (
        ItemChildren(
            "episodes",
            MediaType.PODCAST_EPISODE,
            "music/podcasts/podcast_episodes",
            paging_schema=93,
            search_schema=93,
            sort_by=(SortField.POSITION, SortDirection.DESC),
            sort_items=_sort_episodes,
        ),
    ),
    MediaType.GENRE: (
        ItemChildren(
            "albums",
            MediaType.ALBUM,
            "music/genres/albums",
            paging_schema=SCHEMA_GENRES,
            search_schema=SCHEMA_GENRES,
            min_schema=SCHEMA_GENRES,
            search_library=True,
        ),
        ItemChildren(
            "tracks",
            MediaType.TRACK,
            "music/genres/tracks",
            paging_schema=SCHEMA_GENRES,
            search_schema=SCHEMA_GENRES,
            min_schema=SCHEMA_GENRES,
            search_library=True,
        ),
    ),
}

# Classes of summaries by media type.
_SUMMARY_CLASSES: Final[dict[str, type[MediaItemSummaryType]]] = {
    MediaType.ARTIST: ArtistSummary,
    MediaType.ALBUM: AlbumSummary,
    MediaType.TRACK: TrackSummary,
    MediaType.PLAYLIST: PlaylistSummary,
    MediaType.RADIO: RadioSummary,
    MediaType.AUDIOBOOK: AudiobookSummary,
    MediaType.PODCAST: PodcastSummary,
    MediaType.GENRE: GenreSummary,
}

# The list of played items, as a node of the browse tree.
RECENTLY_PLAYED: Final = "recently_played"
# Commands of the lists of played items, and their arguments.
HISTORY_COMMANDS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "in_progress": ("music/in_progress_items", {}),
    RECENTLY_PLAYED: ("music/recently_played_items", {"fully_played_only": False}),
}


@dataclass(frozen=True, slots=True)
class LibraryReader:
    """Read the server's lists, on behalf of a user where they differ by user.

    `entry_id` is the config entry of the server, which the ids of its media source have in them.
    """

    mass: MusicAssistantClient
    user: ActingUser
    resolvers: ResolverChain
    entry_id: str

    @property
    def schema_version(self) -> int:
        """Return the server's schema version."""
        info = self.mass.server_info
        return info.schema_version if info else 0

    def supported_lists(self) -> dict[str, LibraryList]:
        """Return the supported lists of the library, by their names in search results."""
        return {
            name: library_list
            for name, library_list in LIBRARY_LISTS.items()
            if self.schema_version >= library_list.min_schema
        }

    def supported_children(self, item: Item) -> list[ItemChildren]:
        """Return the lists of children that the server supports for an item."""
        return [
            children
            for children in ITEM_CHILDREN.get(item.media_type, ())
            if children.min_schema <= self.schema_version < children.until_schema
            and (item.provider == LIBRARY_PROVIDER or not children.library_only)
        ]

    async def async_get_count(self, library_list: LibraryList, favorites: bool = False) -> int:
        """Return the number of items, or of favorites, in a list of the library."""
        filters = {"favorite_only": True} if favorites else {}
        count: int = await self._async_send_command(
            f"music/{library_list.command_name}/count", **filters
        )
        return count

    async def async_get_list_items(
        self,
        library_list: LibraryList,
        offset: int,
        limit: int = PAGE_SIZE,
        favorites: bool = False,
    ) -> Items:
        """Return a page of the items or favorites in a list of the library, sorted by name."""
        filters = {"favorite": True} if favorites else {}
        return await _async_parse_items(
            await self.async_get_list_payloads(library_list, offset, limit, **filters)
        )

    async def async_get_list_payloads(
        self, library_list: LibraryList, offset: int = 0, limit: int = PAGE_SIZE, **filters: Any
    ) -> list[dict[str, Any]]:
        """Return a page of a list of the library as the server sends it, sorted by name."""
        payloads: list[dict[str, Any]] = await self._async_send_command(
            f"music/{library_list.command_name}/library_items",
            limit=limit,
            offset=offset,
            order_by="sort_name",
            **filters,
        )
        return payloads

    async def async_search_list(self, library_list: LibraryList, name: str) -> list[Item]:
        """Return the items of a list of the library that have a name, in any case."""
        found = await _async_parse_items(
            await self.async_get_list_payloads(library_list, search=name)
        )
        return [item for item in found if item and item.name.casefold() == name.casefold()]

    async def async_get_children(
        self,
        children: ItemChildren,
        item: Item,
        offset: int = 0,
        limit: int = PAGE_SIZE,
        search: str | None = None,
    ) -> Items:
        """Return a page of an item's children; all of them if the server has no pages."""
        if children.from_similar_tracks:
            return await self._async_get_similar_artists(item)
        if children.search_library and search is not None:
            return await self._async_search_genre(children, item, search)
        args: dict[str, Any] = {"item_id": item.item_id}
        if item.media_type is not MediaType.GENRE:  # genres exist in the library only
            args["provider_instance_id_or_domain"] = item.provider
        if search is not None and self.schema_version >= children.search_schema:
            args["search"] = search
        if self.schema_version < children.paging_schema:
            return children.sort_items(await self._async_fetch_children(children, args))
        if children.sort_by:
            args["sort_field"], args["sort_direction"] = children.sort_by
        if children.sort_all_pages and search is None and offset + limit <= MAX_SORTED_ITEMS:
            return children.sort_items(await self._async_fetch_sortable(children, args))[
                offset : offset + limit
            ]
        return children.sort_items(
            await self._async_fetch_children(children, args, limit=limit, offset=offset)
        )

    async def _async_fetch_children(
        self, children: ItemChildren, args: Mapping[str, Any], **page: int
    ) -> Items:
        """Fetch children by their command."""
        return await _async_parse_items(
            await self._async_send_command(children.command, **args, **page)
        )

    async def _async_fetch_sortable(self, children: ItemChildren, args: Mapping[str, Any]) -> Items:
        """Fetch as many children as are sorted together."""
        items: Items = []
        while len(items) < MAX_SORTED_ITEMS:
            page = await self._async_fetch_children(
                children, args, limit=PAGE_SIZE, offset=len(items)
            )
            items += page
            if len(page) < PAGE_SIZE:
                break
        return items

    async def async_get_children_page(
        self, children: ItemChildren, item: Item, offset: int, limit: int
    ) -> Items:
        """Return a page of an item's children, also if the server has no pages."""
        items = await self.async_get_children(children, item, offset, limit)
        return (
            items
            if self.schema_version >= children.paging_schema
            else items[offset : offset + limit]
        )

    async def _async_search_genre(self, children: ItemChildren, genre: Item, search: str) -> Items:
        """Search a genre by the library's command; genre commands can search since schema 94."""
        command = f"music/{children.name}/library_items"
        args = {"genre": int(genre.item_id), "search": search, "limit": PAGE_SIZE}
        return await _async_parse_items(await self._async_send_command(command, **args))

    async def _async_get_similar_artists(self, item: Item) -> Items:
        """Return the artists of tracks that are similar to an artist's tracks."""
        tracks = next(
            supported
            for supported in self.supported_children(item)
            if supported.media_type is MediaType.TRACK
        )
        seeds = [
            track
            for track in await self.async_get_children(tracks, item, limit=MAX_SEED_TRACKS)
            if track
        ][:MAX_SEED_TRACKS]
        answers = await asyncio.gather(*(self._async_get_similar_tracks(track) for track in seeds))
        artists: dict[str | None, Item] = {
            artist.uri: artist
            for answer in answers
            for track in answer
            if isinstance(track, Track)
            for artist in track.artists
        }
        artists.pop(item.uri, None)
        return list(artists.values())

    async def _async_get_similar_tracks(self, track: Item) -> Items:
        """Return tracks that are similar to a track; none if no provider supports it."""
        try:
            return await self.async_get_similar_tracks(track)
        except MusicAssistantError as err:  # no provider may support it
            LOGGER.debug("No similar tracks for %s: %s", track.uri, err)
            return []

    async def async_get_similar_tracks(
        self, track: Item, limit: int = SIMILAR_TRACKS_LIMIT
    ) -> Items:
        """Return tracks that are similar to a track."""
        return await _async_parse_items(
            await self._async_send_command(
                SIMILAR_TRACKS_COMMAND,
                item_id=track.item_id,
                provider_instance_id_or_domain=track.provider,
                limit=limit,
            )
        )

    async def async_get_folder(
        self, path: str | None, offset: int = 0, limit: int = PAGE_SIZE
    ) -> FolderEntries:
        """Return the content of a provider's folder; the providers if no path is given."""
        args: dict[str, Any] = {"path": path}
        if self.schema_version >= SCHEMA_FOLDERS:
            args |= {"limit": limit, "offset": offset}
        answer = await self.mass.send_command("music/browse", **args)
        return [_parse_entry(data) async for data in in_batches(answer)]

    def get_uri(self, media_id: str) -> str:
        """Return the URI of an item that was browsed, and any other id unchanged."""
        return get_item_uri(self.entry_id, media_id)

    async def async_get_item(self, media_id: str) -> Item:
        """Return the item with a URI or an id that browsing returned."""
        return await self.mass.music.get_item_by_uri(self.get_uri(media_id))

    async def async_search(
        self,
        query: str,
        library_lists: Collection[LibraryList],
        limit: int,
        providers: Collection[str] = (),
    ) -> Mapping[str, list[Item]]:
        """Search the server; return items by the names of search results, in the server's order.

        Older servers can restrict a search to the library only, and search everywhere otherwise.
        Newer ones omit items from a provider's results that are in the library.
        """
        await async_load_tables([query])
        answers = await asyncio.gather(
            *(
                self._async_send_command(
                    "music/search",
                    search_query=text,
                    media_types=[library_list.media_type for library_list in library_lists],
                    limit=limit,
                    library_only=set(providers) == {LIBRARY_PROVIDER},
                    providers=sorted({LIBRARY_PROVIDER, *providers}) if providers else None,
                )
                for text in _get_search_variants(query)
            )
        )
        return {
            name: list(
                {
                    item.uri: item
                    for answer in answers
                    for item in await _async_parse_items(answer.get(name) or ())
                    if item
                }.values()
            )
            for name in LIBRARY_LISTS
        }

    async def async_get_history(self, name: str, limit: int) -> Items:
        """Return the items of a history list: in progress, or recently played."""
        command, args = HISTORY_COMMANDS[name]
        answer = await self.mass.send_command(command, limit=limit, **args)
        return await _async_parse_items(answer)

    async def async_get_recommendations(self) -> list[RecommendationFolder]:
        """Return the groups of recommendations.

        On newer servers the groups are empty; see `async_get_recommended_items`.
        """
        return await self.mass.music.recommendations()

    async def async_get_recommended_items(self, group: RecommendationFolder) -> FolderEntries:
        """Return the items of a group of recommendations, which newer servers return on request."""
        if group.items:
            return list(group.items)
        try:
            answer = await self.mass.send_command(
                "music/recommendations/items", provider=group.provider, item_id=group.item_id
            )
        except InvalidCommand:  # an older server with an empty group
            return []
        return [_parse_entry(data) async for data in in_batches(answer)]

    async def _async_send_command(self, command: str, **args: Any) -> Any:
        """Send a command on behalf of the user."""
        user = impersonation_arg(self.mass.server_info, self.user) if self.user else {}
        return await self.mass.send_command(command, **args, **user)


def resolve_provider_ids(mass: MusicAssistantClient, names: Iterable[str]) -> frozenset[str]:
    """Return the ids of music providers given by id, domain or name; the library may be one."""
    requested = frozenset(names)
    return requested & {LIBRARY_PROVIDER} | {
        *find_instance_ids(mass, sorted(requested - {LIBRARY_PROVIDER}))
    }


def get_artist_names(item: Item | None) -> list[str]:
    """Return the names of an item's artists, or else of its authors."""
    artists = [artist.name for artist in getattr(item, "artists", ())]
    return artists or list(getattr(item, "authors", ()))


def get_album_name(item: Item | None) -> str:
    """Return the name of the album or podcast that an item belongs to."""
    container = getattr(item, "album", None) or getattr(item, "podcast", None)
    return container.name if container else ""


def get_title_with_artist(item: Item) -> str:
    """Return the name of an item, followed by its first artist: lists are sorted by name."""
    artists = getattr(item, "artists", None)
    return f"{item.name} – {artists[0].name}" if artists else item.name


def _get_search_variants(query: str) -> list[str]:
    """Return the texts to search for; the server takes the words for "and" literally."""
    if (unified := unify_conjunctions(query, "&")) == unify_conjunctions(query, ""):
        return [query]
    longest_part = max(unified.split(" & "), key=len)
    return list(dict.fromkeys((query, unified, unify_conjunctions(query), longest_part)))


async def _async_parse_items(answer: Iterable[dict[str, Any]]) -> Items:
    items = [parse_item(data) async for data in in_batches(answer)]
    await async_load_tables(text for item in items if item for text in _get_compared_texts(item))
    return items


def _get_compared_texts(item: Item) -> list[str]:
    """Return the texts of an item that a search compares."""
    return [item.name, *get_artist_names(item), get_album_name(item)]


def _parse_entry(data: dict[str, Any]) -> Item | BrowseFolder | None:
    if data.get("media_type") != MediaType.FOLDER:
        return parse_item(data)
    with suppress(MissingField, InvalidFieldValue):
        return BrowseFolder.from_dict(data)
    return None


def parse_item(data: dict[str, Any]) -> Item | None:
    """Parse an item; None if it can't be parsed."""
    with suppress(MissingField, InvalidFieldValue, InvalidDataError):
        summary_class = (
            _SUMMARY_CLASSES.get(data.get("media_type", "")) if _is_summary(data) else None
        )
        return summary_class.from_dict(data) if summary_class else media_from_dict(data)
    return None


def _is_summary(data: dict[str, Any]) -> bool:
    """Return whether an item is a summary, as newer servers list their library.

    A summary has no provider mappings, but says whether it is available. `media_from_dict` would
    parse it as an item that isn't available.
    """
    return "available" in data and data.get("provider_mappings") == []
