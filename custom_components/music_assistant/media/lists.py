"""What the server lists, as tables: a list more is a row more."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from mashumaro.exceptions import InvalidFieldValue, MissingField
from music_assistant_client import MusicAssistantClient
from music_assistant_client.helpers import impersonation_arg
from music_assistant_models.enums import MediaType
from music_assistant_models.errors import InvalidDataError
from music_assistant_models.media_items import (
    BrowseFolder,
    ItemMapping,
    MediaItemType,
    RecommendationFolder,
    media_from_dict,
)

from ..server.users import User

type Item = MediaItemType | ItemMapping
type Items = list[Item | None]  # None is an item that can't be read

# What the server calls its library, beside the names of its providers.
LIBRARY: Final = "library"
# The most items that are asked for at once.
PAGE: Final = 500
# Since this schema the server tells what belongs to a genre.
SCHEMA_GENRES: Final = 84
# Since this schema recommendations are listed without what is in them.
SCHEMA_RECOMMENDED: Final = 84


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
    before those it comes as a whole.
    """

    name: str
    kind: MediaType
    command: str
    pages: int
    searches: int
    since: int = 0


# What an item shows when it is opened comes first; the others are folders in it.
PARTS: Final[dict[MediaType, tuple[Part, ...]]] = {
    MediaType.ARTIST: (
        Part("albums", MediaType.ALBUM, "music/artists/artist_albums", 92, 92),
        Part("top_tracks", MediaType.TRACK, "music/artists/artist_tracks", 92, 92),
    ),
    MediaType.ALBUM: (Part("tracks", MediaType.TRACK, "music/albums/album_tracks", 89, 89),),
    MediaType.PLAYLIST: (
        Part("tracks", MediaType.TRACK, "music/playlists/playlist_tracks", 93, 93),
    ),
    MediaType.PODCAST: (
        Part("episodes", MediaType.PODCAST_EPISODE, "music/podcasts/podcast_episodes", 93, 93),
    ),
    MediaType.GENRE: (
        Part("albums", MediaType.ALBUM, "music/genres/albums", SCHEMA_GENRES, 94, SCHEMA_GENRES),
        Part("tracks", MediaType.TRACK, "music/genres/tracks", SCHEMA_GENRES, 94, SCHEMA_GENRES),
    ),
}

# What the server keeps of its listeners: the command and its arguments.
LATEST: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "in_progress": ("music/in_progress_items", {"limit": 50}),
    "recently_played": (
        "music/recently_played_items",
        {"limit": 50, "fully_played_only": False},
    ),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the server's lists, on behalf of a user where they differ from user to user."""

    mass: MusicAssistantClient
    user: User

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
        return [part for part in PARTS.get(kind, ()) if self.schema >= part.since]

    async def count(self, shelf: Shelf) -> int:
        """Return how many items are on a shelf."""
        count: int = await self._as_user(f"music/{shelf.plural}/count")
        return count

    async def shelf(self, shelf: Shelf, offset: int, limit: int = PAGE) -> Items:
        """Return some items of a shelf, sorted by name."""
        return _items(
            await self._as_user(
                f"music/{shelf.plural}/library_items",
                limit=limit,
                offset=offset,
                order_by="sort_name",
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
        args: dict[str, Any] = {"item_id": item.item_id}
        if item.media_type is not MediaType.GENRE:  # genres are the library's only
            args["provider_instance_id_or_domain"] = item.provider
        if self.schema >= part.pages:
            args |= {"limit": limit, "offset": offset}
        if search is not None and self.schema >= part.searches:
            args["search"] = search
        return _items(await self._as_user(part.command, **args))

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
        return {name: [item for item in _items(answer.get(name) or ()) if item] for name in SHELVES}

    async def latest(self, name: str) -> Items:
        """Return what was listened to."""
        command, args = LATEST[name]
        return _items(await self.mass.send_command(command, **args))

    async def recommendations(self) -> list[RecommendationFolder]:
        """Return what the server recommends, as it groups it; see `recommended`."""
        return await self.mass.music.recommendations()

    async def recommended(self, group: RecommendationFolder) -> Items:
        """Return what is in a group of recommendations."""
        if self.schema < SCHEMA_RECOMMENDED:
            items: Items = [item for item in group.items if not isinstance(item, BrowseFolder)]
            return items
        answer = await self.mass.send_command(
            "music/recommendations/items", provider=group.provider, item_id=group.item_id
        )
        return _items(one for one in answer if one.get("media_type") != MediaType.FOLDER)

    async def _as_user(self, command: str, **args: Any) -> Any:
        user = impersonation_arg(self.mass.server_info, self.user) if self.user else {}
        return await self.mass.send_command(command, **args, **user)


def title_of(item: Item) -> str:
    """Return the name of an item, with whose it is."""
    artists = getattr(item, "artists", None)
    return f"{artists[0].name} - {item.name}" if artists else item.name


def _items(answer: Iterable[dict[str, Any]]) -> Items:
    return [_item(data) for data in answer]


def _item(data: dict[str, Any]) -> Item | None:
    with suppress(MissingField, InvalidFieldValue, InvalidDataError):
        return media_from_dict(data)
    return None
