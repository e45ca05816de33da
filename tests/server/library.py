"""The music library of the test server: items, their providers and the play log."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import PurePosixPath
import pickle
import random
import time
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from music_assistant_models.enums import ImageType, MediaType
from music_assistant_models.errors import (
    InvalidDataError,
    InvalidProviderURI,
    MediaNotFoundError,
    ProviderUnavailableError,
)
from music_assistant_models.helpers import create_uri
from music_assistant_models.media_items import (
    Audiobook,
    ItemMapping,
    MediaItem,
    MediaItemImage,
    MediaItemMetadata,
    PlayableMediaItemType,
    Playlist,
    PodcastEpisode,
    ProviderMapping,
    Radio,
    Track,
    UniqueList,
)

if TYPE_CHECKING:
    from typing import Self

LIBRARY = "library"
RADIO_PLAYLIST = "radio_playlist"
TOP_TRACKS_LIMIT = 25
SIMILAR_TRACKS_LIMIT = 25
LIST_LIMIT = 500
# What a playlist can hold; albums and other playlists are unpacked into it.
PLAYLIST_TYPES = (
    MediaType.TRACK,
    MediaType.RADIO,
    MediaType.PODCAST_EPISODE,
    MediaType.AUDIOBOOK,
)
ADDRESS_PREFIXES = ("http://", "https://", "file://", "/")
AUDIO_FILES = frozenset({".aac", ".aif", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wav"})


_ALL_TYPES = (
    MediaType.ARTIST,
    MediaType.ALBUM,
    MediaType.TRACK,
    MediaType.PLAYLIST,
    MediaType.PODCAST,
    MediaType.AUDIOBOOK,
)


@dataclass(frozen=True)
class Provider:
    """Represent a music provider."""

    instance_id: str
    domain: str
    name: str
    streaming: bool = False
    keeps: tuple[MediaType, ...] = _ALL_TYPES  # the types of its library


FILES = Provider("filesystem_local--demo", "filesystem_local", "Music on disk")
STREAMING = Provider("streaming_demo--1", "streaming_demo", "Streaming Demo", streaming=True)
BUILTIN = Provider(
    "builtin", "builtin", "Music Assistant", keeps=(MediaType.PLAYLIST, MediaType.RADIO)
)
SOURCES = (FILES, STREAMING, BUILTIN)
# Whose share links can be read, by their hosts; the demo's provider stands for one of them.
SHARE_LINK_PROVIDERS = {"open.spotify.com": "spotify", "listen.tidal.com": STREAMING.domain}
_INSTANCES = {name: source for source in SOURCES for name in (source.instance_id, source.domain)}

# What is played, and listed, in place of an item that holds others.
CONTENTS = {
    MediaType.ARTIST: MediaType.TRACK,
    MediaType.ALBUM: MediaType.TRACK,
    MediaType.PLAYLIST: MediaType.TRACK,
    MediaType.GENRE: MediaType.TRACK,
    MediaType.PODCAST: MediaType.PODCAST_EPISODE,
}
CHANGING_LENGTH = 10  # tracks of a playlist that has others each time
_LIST_LIMITS = defaultdict(
    lambda: LIST_LIMIT, {MediaType.ARTIST: TOP_TRACKS_LIMIT, MediaType.ALBUM: 100_000}
)


@dataclass(frozen=True)
class PlayLogEntry:
    """Represent one line of the play log."""

    item: MediaItem
    at: float  # epoch seconds
    user_id: str | None = None
    queue_id: str | None = None
    fully_played: bool = True
    seconds: int = 0
    user_initiated: bool = True


def get_provider(name: str) -> Provider:
    """Return the provider by instance id or domain."""
    if found := _INSTANCES.get(name):
        return found
    raise ProviderUnavailableError(f"{name} is not available")


def parse_uri(uri: str) -> tuple[MediaType, str, str]:
    """Split a uri or a share link into media type, provider (as written) and item id."""
    host, _, path = uri.partition("://")[2].partition("/")
    if service := SHARE_LINK_PROVIDERS.get(host):
        uri = f"{service}://{path.partition('?')[0]}"
    if uri.startswith(ADDRESS_PREFIXES):
        return (_get_address_type(uri), BUILTIN.instance_id, uri)
    provider, found, rest = uri.partition("://")
    kind, also_found, item_id = rest.partition("/")
    media_type = MediaType(kind)
    if not (provider and found and also_found and item_id) or media_type == MediaType.UNKNOWN:
        raise InvalidProviderURI(f"Not a valid Music Assistant uri: {uri}")
    return (media_type, provider, item_id)


def _get_address_type(address: str) -> MediaType:
    """Return the media type of an address: file endings of audio are tracks, others streams."""
    try:
        suffix = PurePosixPath(urlsplit(address).path).suffix.lower()
    except ValueError as err:
        raise InvalidProviderURI(f"Not a valid address: {address}") from err
    return MediaType.TRACK if suffix in AUDIO_FILES else MediaType.RADIO


def get_item_mapping(item: MediaItem) -> ItemMapping:
    """Return the short form of an item."""
    return ItemMapping(
        item_id=item.item_id,
        provider=item.provider,
        name=item.name,
        version=item.version,
        sort_name=item.sort_name,
        uri=item.uri,
        media_type=item.media_type,
        available=item.available,
        image=item.image,
        year=getattr(item, "year", None),
    )


def create_cover(path: str, provider: str = FILES.instance_id) -> MediaItemImage:
    """Return the image that the server draws for a path."""
    return MediaItemImage(type=ImageType.THUMB, path=path, provider=provider)


def get_uri(item: MediaItem) -> str:
    """Return the uri, which the models always fill in."""
    return cast("str", item.uri)


@dataclass
class Library:
    """Represent all items by type and id, their children, and the play log."""

    shelves: dict[MediaType, dict[str, MediaItem]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    covers: dict[str, str] = field(default_factory=dict)  # image path -> what it shows
    plays: deque[PlayLogEntry] = field(default_factory=lambda: deque(maxlen=1000))
    play_counts: Counter[str] = field(default_factory=Counter)
    _by_source: dict[tuple[str, MediaType, str], MediaItem] = field(default_factory=dict)
    _held: dict[tuple[str, MediaType], list[MediaItem]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _changing: set[str] = field(default_factory=set)
    _mix: random.Random = field(default_factory=lambda: random.Random(1))

    @classmethod
    def create(
        cls,
        seed: int = 1,
        *,
        artists: int = 12,
        albums: int = 30,
        tracks: int = 400,
        playlists: int = 6,
        radios: int = 8,
        podcasts: int = 3,
        audiobooks: int = 3,
        genres: int = 6,
        base_url: str | None = None,
    ) -> Self:
        """Return a library of the given size, the same one for the same arguments."""
        library: Self = pickle.loads(
            _generate(
                seed=seed,
                artists=artists,
                albums=albums,
                tracks=tracks,
                playlists=playlists,
                radios=radios,
                podcasts=podcasts,
                audiobooks=audiobooks,
                genres=genres,
            )
        )
        if base_url:
            library.set_public_covers(base_url)
        return library

    # Finding

    def get(self, uri: str) -> MediaItem | None:
        """Return the item of a uri."""
        try:
            media_type, provider, item_id = parse_uri(uri)
            return self.find_item(media_type, item_id, provider)
        except InvalidProviderURI:
            return None

    def find_item(self, media_type: MediaType, item_id: str, provider: str) -> MediaItem | None:
        """Return an item by its id in the library or at a provider (instance or domain)."""
        if provider == LIBRARY:
            return self.shelves[media_type].get(str(item_id))
        if provider == RADIO_PLAYLIST:
            return self._create_radio_playlist(item_id)
        if provider not in _INSTANCES:
            return None
        key = (get_provider(provider).instance_id, media_type, item_id)
        if (found := self._by_source.get(key)) is None and provider == BUILTIN.instance_id:
            return _create_address_item(item_id)
        return found

    def get_item(self, uri: str) -> MediaItem:
        """Return the item of a uri; raises if there is none."""
        if (item := self.get(uri)) is None:
            raise MediaNotFoundError(f"{uri} not found")
        return item

    def get_library_items(self, media_type: MediaType) -> Iterable[MediaItem]:
        """Return the items of one type that are in the library."""
        return self.shelves[media_type].values()

    def get_provider_items(self, provider: Provider) -> Iterable[tuple[str, MediaItem]]:
        """Return the items that a provider has, with its own ids for them."""
        return (
            (item_id, item)
            for (instance_id, _, item_id), item in self._by_source.items()
            if instance_id == provider.instance_id
        )

    def get_all_items(self, media_type: MediaType) -> Iterable[MediaItem]:
        """Return the items of one type in the library, then those that only a provider has."""
        yield from self.get_library_items(media_type)
        yield from (
            item
            for (_, kind, _), item in self._by_source.items()
            if kind == media_type and item.provider != LIBRARY
        )

    # What holds what

    def get_children(self, parent: MediaItem, media_type: MediaType) -> list[MediaItem]:
        """Return the items of one type that an item contains, in order."""
        if get_uri(parent) in self._changing:
            return self._mix.sample(list(self.get_library_items(media_type)), CHANGING_LENGTH)
        return self._held.get((get_uri(parent), media_type), [])

    def change_each_time(self, uri: str) -> None:
        """Let a playlist have other tracks each time, as "random tracks" of a real server."""
        self._changing.add(uri)

    def add_child(
        self, parent: MediaItem, child: MediaItem, media_type: MediaType | None = None
    ) -> None:
        """Add an item to another one."""
        self._held[get_uri(parent), media_type or child.media_type].append(child)

    def get_parents(self, child: MediaItem, media_type: MediaType) -> list[MediaItem]:
        """Return the items of one type that contain an item."""
        return [
            parent
            for parent in self.get_all_items(media_type)
            if child in self.get_children(parent, child.media_type)
        ]

    def get_playable_items(self, uri: str) -> list[PlayableMediaItemType]:
        """Return the items that are played for a uri, in order."""
        if parse_uri(uri)[0] is MediaType.FOLDER:
            return self._get_folder_items(uri)
        item = self.get_item(uri)
        if uri.startswith(f"{RADIO_PLAYLIST}://"):
            return cast(
                "list[PlayableMediaItemType]",
                self.get_similar_tracks(self.get_item(_get_seed_uri(uri))),
            )
        if (contents := CONTENTS.get(item.media_type)) is None:
            return [cast("PlayableMediaItemType", item)]
        held = islice(self.get_children(item, contents), _LIST_LIMITS[item.media_type])
        return cast("list[PlayableMediaItemType]", list(held))

    def _get_folder_items(self, uri: str) -> list[PlayableMediaItemType]:
        """Return the items in a folder on disk and in its subfolders."""
        _, provider, path = parse_uri(uri)
        return [
            cast("PlayableMediaItemType", item)
            for item_id, item in self.get_provider_items(get_provider(provider))
            if item_id.startswith(f"{path.rstrip('/')}/") and item.media_type is MediaType.TRACK
        ]

    def get_playlist_entries(self, playlist: MediaItem) -> list[MediaItem]:
        """Return copies of a playlist's entries with their position, from 1."""
        held = self.get_children(playlist, MediaType.TRACK)
        return [replace(item, position=number) for number, item in enumerate(held, 1)]

    def get_similar_tracks(
        self, item: MediaItem, limit: int = SIMILAR_TRACKS_LIMIT
    ) -> list[MediaItem]:
        """Return tracks of the same genres, shuffled the same way each time."""
        genres = item.metadata.genres or set()
        candidates = [
            track
            for genre in self.get_library_items(MediaType.GENRE)
            if genre.name in genres
            for track in self.get_children(genre, MediaType.TRACK)
            if track != item
        ] or list(self.get_library_items(MediaType.TRACK))
        mix = random.Random(item.uri)
        return mix.sample(candidates, min(limit, len(candidates)))

    def _create_radio_playlist(self, seed_uri: str) -> MediaItem | None:
        """Return the endless playlist that starts from another item."""
        if (seed := self.get(seed_uri)) is None:
            return None
        return Playlist(
            item_id=seed_uri,
            provider=RADIO_PLAYLIST,
            name=f"Radio: {seed.name}",
            is_dynamic=True,
            provider_mappings={_create_builtin_mapping(seed_uri)},
            metadata=MediaItemMetadata(images=seed.metadata.images),
        )

    # Changing

    def add_item(self, item: MediaItem) -> MediaItem:
        """Add an item under its provider and its mappings."""
        if item.provider == LIBRARY:
            self.shelves[item.media_type][item.item_id] = item
        for known in item.provider_mappings:
            self._by_source[known.provider_instance, item.media_type, known.item_id] = item
        return item

    def add_to_library(self, item: MediaItem) -> MediaItem:
        """Add an item of a provider to the library."""
        if item.provider == LIBRARY:
            return item
        taken = (int(item_id) for item_id in self.shelves[item.media_type])
        self._move_item(item, LIBRARY, str(max(taken, default=0) + 1))
        item.date_added = datetime.now(UTC)
        return self.add_item(item)

    def remove_from_library(self, item: MediaItem, recursive: bool = True) -> list[str]:
        """Remove an item and its children from the library; return the removed uris."""
        held = [
            child
            for kind in (MediaType.ALBUM, MediaType.TRACK)
            if item.media_type in (MediaType.ARTIST, MediaType.ALBUM)
            for child in self.get_children(item, kind)
            if self._is_in_library(child)
        ]
        if held and not recursive:
            raise InvalidDataError(f"{item.name} still holds items of the library")
        # The tracks of an artist go with the albums already.
        gone = [
            uri
            for child in held
            if self._is_in_library(child)
            for uri in self.remove_from_library(child)
        ]
        return [*gone, self._remove_item(item)]

    def _is_in_library(self, item: MediaItem) -> bool:
        return self.shelves[item.media_type].get(item.item_id) is item

    def _remove_item(self, item: MediaItem) -> str:
        """Move an item to the streaming provider if it has it, else remove it."""
        gone = get_uri(item)
        del self.shelves[item.media_type][item.item_id]
        item.favorite = None
        at_source = {known.provider_instance: known.item_id for known in item.provider_mappings}
        if item_id := at_source.get(STREAMING.instance_id):
            self._move_item(item, STREAMING.instance_id, item_id)
            return gone
        for instance_id, item_id in at_source.items():
            self._by_source.pop((instance_id, item.media_type, item_id), None)
        for held in self._held.values():
            if item in held:
                held[:] = [other for other in held if other != item]
        return gone

    def _move_item(self, item: MediaItem, provider: str, item_id: str) -> None:
        """Move an item to another provider and id, with its children."""
        before = get_uri(item)
        item.provider, item.item_id = provider, item_id
        item.uri = create_uri(item.media_type, provider, item_id)
        for kind in MediaType:
            if (before, kind) in self._held:
                self._held[item.uri, kind] = self._held.pop((before, kind))

    def create_playlist(self, name: str, provider: str | None, owner: str) -> Playlist:
        """Create an empty playlist."""
        home = get_provider(provider or BUILTIN.instance_id)
        item_id = str(max((int(key) for key in self.shelves[MediaType.PLAYLIST]), default=0) + 1)
        path = f"cover/playlist/{item_id}"
        self.covers[path] = name
        playlist = Playlist(
            item_id=item_id,
            provider=LIBRARY,
            name=name,
            owner=owner,
            is_editable=True,
            date_added=datetime.now(UTC),
            provider_mappings={
                ProviderMapping(
                    item_id=f"p{item_id}",
                    provider_domain=home.domain,
                    provider_instance=home.instance_id,
                    in_library=True,
                )
            },
            metadata=MediaItemMetadata(images=UniqueList([create_cover(path, home.instance_id)])),
        )
        self.add_item(playlist)
        return playlist

    def add_to_playlist(self, playlist: Playlist, uris: Iterable[str]) -> None:
        """Append the items of the uris, except those that are in it already or can't be."""
        held = self._ensure_editable(playlist)
        there = {entry.uri for entry in held}
        kinds = {*PLAYLIST_TYPES, MediaType.ALBUM, MediaType.PLAYLIST}
        for uri in uris:
            if parse_uri(uri)[0] in kinds:
                held.extend(
                    entry for entry in self.get_playable_items(uri) if entry.uri not in there
                )

    def remove_from_playlist(self, playlist: Playlist, positions: Iterable[int]) -> None:
        """Remove entries by position, counted from 1."""
        gone = set(positions)
        held = self._ensure_editable(playlist)
        held[:] = [item for number, item in enumerate(held, 1) if number not in gone]

    def _ensure_editable(self, playlist: Playlist) -> list[MediaItem]:
        if not playlist.is_editable:
            raise InvalidDataError(f"Playlist {playlist.name} is not editable")
        return self._held[get_uri(playlist), MediaType.TRACK]

    def set_public_covers(self, base_url: str) -> None:
        """Give every fifth album a cover with an absolute address."""
        for album in islice(self.get_library_items(MediaType.ALBUM), 0, None, 5):
            if image := album.image:
                path = image.path[image.path.index("cover/") :]
                public = replace(
                    image, path=f"{base_url.rstrip('/')}/{path}", remotely_accessible=True
                )
                album.metadata.images = UniqueList([public])

    # Playing

    def add_play(
        self,
        item: MediaItem,
        *,
        user_id: str | None = None,
        queue_id: str | None = None,
        seconds: int = 0,
        fully_played: bool = True,
        user_initiated: bool = True,
        at: float | None = None,
    ) -> PlayLogEntry:
        """Add a play to the log and to the item."""
        at = time.time() if at is None else at
        play = PlayLogEntry(item, at, user_id, queue_id, fully_played, seconds, user_initiated)
        self.plays.append(play)
        if fully_played:
            self.play_counts[get_uri(item)] += 1
        if isinstance(item, Track):
            item.last_played = int(at)
        if isinstance(item, PodcastEpisode | Audiobook):
            item.fully_played = fully_played
            item.resume_position_ms = 0 if fully_played else seconds * 1000
        return play

    def remove_plays(self, item: MediaItem, user_id: str | None = None) -> None:
        """Remove an item from the log, of one user or of all."""
        kept = [
            play
            for play in self.plays
            if play.item != item or (user_id is not None and play.user_id not in (None, user_id))
        ]
        self.plays = deque(kept, maxlen=self.plays.maxlen)
        del self.play_counts[get_uri(item)]
        if isinstance(item, Track):
            item.last_played = 0
        if isinstance(item, PodcastEpisode | Audiobook):
            item.fully_played, item.resume_position_ms = False, 0


def _get_seed_uri(uri: str) -> str:
    return uri.removeprefix(f"{RADIO_PLAYLIST}://playlist/")


def _create_builtin_mapping(item_id: str) -> ProviderMapping:
    return ProviderMapping(
        item_id=item_id, provider_domain=BUILTIN.domain, provider_instance=BUILTIN.instance_id
    )


def _create_address_item(address: str) -> MediaItem | None:
    """Return a track for the address of a file, a radio for that of a stream."""
    if not address.startswith(ADDRESS_PREFIXES):
        return None
    kind, parts = _get_address_type(address), urlsplit(address)
    name = unquote(PurePosixPath(parts.path).stem) or parts.netloc
    mappings = {_create_builtin_mapping(address)}
    if kind == MediaType.RADIO:
        return Radio(
            item_id=address,
            provider=BUILTIN.instance_id,
            name=parts.netloc,
            provider_mappings=mappings,
        )
    duration = 20 + int(sha256(address.encode()).hexdigest(), 16) % 381
    return Track(
        item_id=address,
        provider=BUILTIN.instance_id,
        name=name,
        duration=duration,
        provider_mappings=mappings,
    )


@lru_cache(maxsize=8)
def _generate(
    *,
    seed: int,
    artists: int,
    albums: int,
    tracks: int,
    playlists: int,
    radios: int,
    podcasts: int,
    audiobooks: int,
    genres: int,
) -> bytes:
    """Return a pickled library of the given size; a copy takes half as long as another one."""
    from .library_generator import LibraryGenerator

    library = Library()
    catalogue = LibraryGenerator(library, random.Random(seed))
    catalogue.add_genres(genres)
    catalogue.add_artists(artists)
    catalogue.add_albums(albums)
    catalogue.add_tracks(tracks)
    catalogue.add_playlists(playlists)
    catalogue.add_radios(radios)
    catalogue.add_podcasts(podcasts)
    catalogue.add_audiobooks(audiobooks)
    if artists:
        catalogue.add_streaming_artist()
    catalogue.add_plays()
    return pickle.dumps(library, pickle.HIGHEST_PROTOCOL)
