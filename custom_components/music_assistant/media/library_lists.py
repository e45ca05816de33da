"""What the server lists, as tables: a list more is a row more."""

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
from ..server.acting_user import User
from ..server.providers import LIBRARY, instance_ids
from ..share_links.resolvers import Resolvers

type Item = MediaItemType | ItemMapping
type Items = list[Item | None]  # None is an item that can't be read
type Entries = list[Item | BrowseFolder | None]

# The most items that are asked for at once.
PAGE: Final = 500
# How many are read to put them in order; beyond these they are in the server's.
ORDERED: Final = 8 * PAGE
# Since this schema the server tells what belongs to a genre.
SCHEMA_GENRES: Final = 84
# Since this schema the server knows an artist's top tracks, and similar artists.
SCHEMA_ARTISTS: Final = 84
# Since this schema folders of providers come in pages.
SCHEMA_FOLDERS: Final = 94
# What no server has yet.
NEVER: Final = 1_000_000
# Of how many of an artist's tracks similar ones tell who is similar.
SEEDS: Final = 5


@dataclass(frozen=True, slots=True)
class Shelf:
    """A kind of items in the library; `plural` is its name in commands."""

    kind: MediaType
    plural: str
    since: int = 0


# By their names in search results, in the order in which equally good hits are shown.
SHELVES: Final = {
    "artists": Shelf(MediaType.ARTIST, "artists"),
    "albums": Shelf(MediaType.ALBUM, "albums"),
    "tracks": Shelf(MediaType.TRACK, "tracks"),
    "playlists": Shelf(MediaType.PLAYLIST, "playlists"),
    "radio": Shelf(MediaType.RADIO, "radios"),
    "podcasts": Shelf(MediaType.PODCAST, "podcasts"),
    "audiobooks": Shelf(MediaType.AUDIOBOOK, "audiobooks"),
    "genres": Shelf(MediaType.GENRE, "genres", SCHEMA_GENRES),
}


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs to an item.

    Since the schema `pages` it comes in pages, since `searches` the server can search it;
    before those it comes as a whole. `order` puts a page in order, `sort` is what makes the
    server do so from page to page; where it can't, what is put in order is the `whole`. What isn't
    its `own` is like it, or among the other parts. What goes `by_tracks` is asked of some of its
    tracks: whose the answers are. What is `on_shelf` is searched on the library's shelf of the
    part's name, which knows genres.
    """

    name: str
    kind: MediaType
    command: str
    pages: int = NEVER
    searches: int = NEVER
    since: int = 0
    until: int = NEVER
    own: bool = True
    by_tracks: bool = False
    on_shelf: bool = False
    whole: bool = False
    sort: tuple[SortField, SortDirection] | None = None
    order: Callable[[Items], Items] = list


# The kinds of albums in the order in which they are shown.
ALBUM_TYPES: Final = (
    AlbumType.ALBUM,
    AlbumType.UNKNOWN,
    AlbumType.EP,
    AlbumType.SINGLE,
    AlbumType.LIVE,
    AlbumType.COMPILATION,
    AlbumType.SOUNDTRACK,
)


def _by_type_and_year(albums: Items) -> Items:
    """Return albums by their types, of each the newest first."""

    def key(album: Item | None) -> tuple[int, int]:
        kind, year = getattr(album, "album_type", AlbumType.UNKNOWN), getattr(album, "year", None)
        return ALBUM_TYPES.index(kind), -(year or 0)

    return sorted(albums, key=key)


def _newest_first(episodes: Items) -> Items:
    """Return episodes by when they came out, as far as that is known."""

    def key(episode: Item | None) -> tuple[float, int]:
        metadata = getattr(episode, "metadata", None)
        released = metadata.release_date if metadata else None
        return released.timestamp() if released else 0, getattr(episode, "position", 0)

    return sorted(episodes, key=key, reverse=True)


# What an item shows when it is opened comes first; the others are folders in it.
PARTS: Final[dict[MediaType, tuple[Part, ...]]] = {
    MediaType.ARTIST: (
        Part(
            "albums",
            MediaType.ALBUM,
            "music/artists/artist_albums",
            pages=92,
            searches=92,
            sort=(SortField.YEAR, SortDirection.DESC),
            order=_by_type_and_year,
            whole=True,
        ),
        Part(
            "top_tracks",
            MediaType.TRACK,
            "music/artists/artist_tracks",
            until=SCHEMA_ARTISTS,
        ),
        Part(
            "top_tracks",
            MediaType.TRACK,
            "music/artists/top_tracks",
            since=SCHEMA_ARTISTS,
            own=False,
        ),
        Part(
            "tracks",
            MediaType.TRACK,
            "music/artists/artist_tracks",
            pages=92,
            searches=92,
            since=SCHEMA_ARTISTS,
        ),
        Part(
            "similar_artists",
            MediaType.ARTIST,
            "music/tracks/similar_tracks",
            until=SCHEMA_ARTISTS,
            own=False,
            by_tracks=True,
        ),
        Part(
            "similar_artists",
            MediaType.ARTIST,
            "music/artists/similar_artists",
            since=SCHEMA_ARTISTS,
            own=False,
        ),
    ),
    MediaType.ALBUM: (
        Part("tracks", MediaType.TRACK, "music/albums/album_tracks", pages=89, searches=89),
    ),
    MediaType.PLAYLIST: (
        Part("tracks", MediaType.TRACK, "music/playlists/playlist_tracks", pages=93, searches=93),
    ),
    MediaType.PODCAST: (
        Part(
            "episodes",
            MediaType.PODCAST_EPISODE,
            "music/podcasts/podcast_episodes",
            pages=93,
            searches=93,
            sort=(SortField.POSITION, SortDirection.DESC),
            order=_newest_first,
        ),
    ),
    MediaType.GENRE: (
        Part(
            "albums",
            MediaType.ALBUM,
            "music/genres/albums",
            pages=SCHEMA_GENRES,
            searches=SCHEMA_GENRES,
            since=SCHEMA_GENRES,
            on_shelf=True,
        ),
        Part(
            "tracks",
            MediaType.TRACK,
            "music/genres/tracks",
            pages=SCHEMA_GENRES,
            searches=SCHEMA_GENRES,
            since=SCHEMA_GENRES,
            on_shelf=True,
        ),
    ),
}

# What slim items are decoded as.
_SLIM: Final[dict[str, type[MediaItemSummaryType]]] = {
    MediaType.ARTIST: ArtistSummary,
    MediaType.ALBUM: AlbumSummary,
    MediaType.TRACK: TrackSummary,
    MediaType.PLAYLIST: PlaylistSummary,
    MediaType.RADIO: RadioSummary,
    MediaType.AUDIOBOOK: AudiobookSummary,
    MediaType.PODCAST: PodcastSummary,
    MediaType.GENRE: GenreSummary,
}

# What the server keeps of its listeners: the command and its arguments.
LATEST: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "in_progress": ("music/in_progress_items", {"limit": PAGE}),
    "recently_played": (
        "music/recently_played_items",
        {"limit": PAGE, "fully_played_only": False},
    ),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the server's lists, on behalf of a user where they differ from user to user."""

    mass: MusicAssistantClient
    user: User
    resolvers: Resolvers

    @property
    def schema(self) -> int:
        """Return the server's schema version."""
        info = self.mass.server_info
        return info.schema_version if info else 0

    def shelves(self) -> dict[str, Shelf]:
        """Return the kinds that the server has, by their names in search results."""
        return {name: shelf for name, shelf in SHELVES.items() if self.schema >= shelf.since}

    def parts(self, kind: MediaType) -> list[Part]:
        """Return what the server can tell of what belongs to an item of a kind."""
        return [part for part in PARTS.get(kind, ()) if part.since <= self.schema < part.until]

    async def count(self, shelf: Shelf, favorites: bool = False) -> int:
        """Return how many items are on a shelf, or of these how many are liked."""
        liked = {"favorite_only": True} if favorites else {}
        count: int = await self._as_user(f"music/{shelf.plural}/count", **liked)
        return count

    async def shelf(
        self, shelf: Shelf, offset: int, limit: int = PAGE, favorites: bool = False
    ) -> Items:
        """Return some items of a shelf, or of those that are liked, sorted by name."""
        liked = {"favorite": True} if favorites else {}
        return await _items(
            await self._as_user(
                f"music/{shelf.plural}/library_items",
                limit=limit,
                offset=offset,
                order_by="sort_name",
                **liked,
            )
        )

    async def part(
        self,
        part: Part,
        item: Item,
        offset: int = 0,
        limit: int = PAGE,
        search: str | None = None,
    ) -> Items:
        """Return some of what belongs to an item; all of it where the server has no pages."""
        if part.by_tracks:
            return await self._by_tracks(part, item)
        if part.on_shelf and search is not None:
            return await self._on_shelf(part, item, search)
        args: dict[str, Any] = {"item_id": item.item_id}
        if item.media_type is not MediaType.GENRE:  # genres are the library's only
            args["provider_instance_id_or_domain"] = item.provider
        if search is not None and self.schema >= part.searches:
            args["search"] = search
        if self.schema < part.pages:
            return part.order(await self._of_part(part, args))
        if part.sort:
            args["sort_field"], args["sort_direction"] = part.sort
        if part.whole and search is None and offset + limit <= ORDERED:
            return part.order(await self._first(part, args))[offset : offset + limit]
        return part.order(await self._of_part(part, args, limit=limit, offset=offset))

    async def _of_part(self, part: Part, args: Mapping[str, Any], **page: int) -> Items:
        return await _items(await self._as_user(part.command, **args, **page))

    async def _first(self, part: Part, args: Mapping[str, Any]) -> Items:
        """Return as many as are put in order at once."""
        found: Items = []
        while len(found) < ORDERED:
            page = await self._of_part(part, args, limit=PAGE, offset=len(found))
            found += page
            if len(page) < PAGE:
                break
        return found

    async def page(self, part: Part, item: Item, offset: int, limit: int) -> Items:
        """Return a page of what belongs to an item, whether or not the server has pages."""
        items = await self.part(part, item, offset, limit)
        return items if self.schema >= part.pages else items[offset : offset + limit]

    async def _on_shelf(self, part: Part, genre: Item, search: str) -> Items:
        """Return what is found in a genre, whose own commands can search only since 94."""
        command = f"music/{part.name}/library_items"
        args = {"genre": int(genre.item_id), "search": search, "limit": PAGE}
        return await _items(await self._as_user(command, **args))

    async def _by_tracks(self, part: Part, item: Item) -> Items:
        """Return the artists of the tracks that are similar to an artist's."""
        tracks = next(one for one in self.parts(item.media_type) if one.kind is MediaType.TRACK)
        seeds = [track for track in await self.part(tracks, item, limit=SEEDS) if track][:SEEDS]
        answers = await asyncio.gather(*(self._of_track(part, track) for track in seeds))
        found: dict[str | None, Item] = {
            artist.uri: artist
            for answer in answers
            for track in answer
            if isinstance(track, Track)
            for artist in track.artists
        }
        found.pop(item.uri, None)
        return list(found.values())

    async def _of_track(self, part: Part, track: Item) -> Items:
        args = {"item_id": track.item_id, "provider_instance_id_or_domain": track.provider}
        try:
            return await _items(await self._as_user(part.command, **args))
        except MusicAssistantError as err:  # there may be no provider that knows
            LOGGER.debug("Nothing like %s: %s", track.uri, err)
            return []

    async def folder(self, path: str | None, offset: int = 0, limit: int = PAGE) -> Entries:
        """Return what is in a provider's folder; the providers without a path."""
        args: dict[str, Any] = {"path": path}
        if self.schema >= SCHEMA_FOLDERS:
            args |= {"limit": limit, "offset": offset}
        answer = await self.mass.send_command("music/browse", **args)
        return [_entry(data) async for data in in_batches(answer)]

    async def item(self, uri: str) -> Item:
        """Return the item that a URI stands for."""
        return await self.mass.music.get_item_by_uri(uri)

    async def search(
        self, text: str, shelves: Iterable[Shelf], limit: int, providers: Collection[str] = ()
    ) -> Mapping[str, list[Item]]:
        """Return what the server finds, by the names of search results and in its order.

        Older servers know the library as the only restriction, and look everywhere otherwise.
        Newer ones leave out of a provider's hits what is in the library.
        """
        answer = await self._as_user(
            "music/search",
            search_query=text,
            media_types=[shelf.kind for shelf in shelves],
            limit=limit,
            library_only=set(providers) == {LIBRARY},
            providers=sorted({LIBRARY, *providers}) if providers else None,
        )
        return {
            name: [item for item in await _items(answer.get(name) or ()) if item]
            for name in SHELVES
        }

    async def latest(self, name: str) -> Items:
        """Return what was listened to."""
        command, args = LATEST[name]
        return await _items(await self.mass.send_command(command, **args))

    async def recommendations(self) -> list[RecommendationFolder]:
        """Return what the server recommends, as it groups it; see `recommended`."""
        return await self.mass.music.recommendations()

    async def recommended(self, group: RecommendationFolder) -> Entries:
        """Return what is in a group of recommendations, which newer servers tell when asked."""
        if group.items:
            return list(group.items)
        try:
            answer = await self.mass.send_command(
                "music/recommendations/items", provider=group.provider, item_id=group.item_id
            )
        except InvalidCommand:  # an older server, whose group is empty
            return []
        return [_entry(data) async for data in in_batches(answer)]

    async def _as_user(self, command: str, **args: Any) -> Any:
        user = impersonation_arg(self.mass.server_info, self.user) if self.user else {}
        return await self.mass.send_command(command, **args, **user)


def provider_ids(mass: MusicAssistantClient, names: Iterable[str]) -> frozenset[str]:
    """Return the ids of music providers that are named somehow; the library may be one."""
    given = frozenset(names)
    return given & {LIBRARY} | {*instance_ids(mass, sorted(given - {LIBRARY}))}


def people_of(item: Item | None) -> list[str]:
    """Return the names of who made something: artists, or authors."""
    artists = [artist.name for artist in getattr(item, "artists", ())]
    return artists or list(getattr(item, "authors", ()))


def whole_of(item: Item | None) -> str:
    """Return the name of the album or podcast that something is part of."""
    whole = getattr(item, "album", None) or getattr(item, "podcast", None)
    return whole.name if whole else ""


def title_of(item: Item) -> str:
    """Return the name of an item, then whose it is: lists are in the order of the names."""
    artists = getattr(item, "artists", None)
    return f"{item.name} – {artists[0].name}" if artists else item.name


async def _items(answer: Iterable[dict[str, Any]]) -> Items:
    return [_item(data) async for data in in_batches(answer)]


def _entry(data: dict[str, Any]) -> Item | BrowseFolder | None:
    if data.get("media_type") != MediaType.FOLDER:
        return _item(data)
    with suppress(MissingField, InvalidFieldValue):
        return BrowseFolder.from_dict(data)
    return None


def _item(data: dict[str, Any]) -> Item | None:
    with suppress(MissingField, InvalidFieldValue, InvalidDataError):
        slim = _SLIM.get(data.get("media_type", "")) if _is_slim(data) else None
        return slim.from_dict(data) if slim else media_from_dict(data)
    return None


def _is_slim(data: dict[str, Any]) -> bool:
    """Tell whether an item comes without who provides it, but says whether it is there.

    So newer servers list their library. The library would decode it as an item that nobody has.
    """
    return "available" in data and data.get("provider_mappings") == []
