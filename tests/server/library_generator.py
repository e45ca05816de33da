"""Generator of a library of invented music, the same music for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
import random

from music_assistant_models.enums import AlbumType, ContentType, ExternalID, LinkType, MediaType
from music_assistant_models.media_items import (
    Album,
    Artist,
    Audiobook,
    AudioFormat,
    Genre,
    ItemMapping,
    MediaItem,
    MediaItemChapter,
    MediaItemImage,
    MediaItemLink,
    MediaItemMetadata,
    Playlist,
    Podcast,
    PodcastEpisode,
    ProviderMapping,
    Radio,
    Track,
    UniqueList,
)

from . import library_names as names
from .library import (
    BUILTIN,
    FILES,
    LIBRARY,
    STREAMING,
    Library,
    Provider,
    create_cover,
    get_item_mapping,
)

EPOCH = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)  # what was added or played, was before this
BOTH = (FILES, STREAMING)
FORMATS = {
    FILES: AudioFormat(content_type=ContentType.FLAC, sample_rate=96000, bit_depth=24),
    STREAMING: AudioFormat(content_type=ContentType.OGG, bit_rate=320),
    BUILTIN: AudioFormat(content_type=ContentType.MP3, bit_rate=192),
}
# The kinds of albums in turn, each with its share of the tracks.
ALBUM_TYPES = (
    (AlbumType.ALBUM, 14),
    (AlbumType.ALBUM, 14),
    (AlbumType.EP, 5),
    (AlbumType.ALBUM, 14),
    (AlbumType.LIVE, 14),
    (AlbumType.SINGLE, 2),
    (AlbumType.COMPILATION, 18),
    (AlbumType.SOUNDTRACK, 12),
)
TRACKS_PER_DISC = 9  # of the albums that have several discs
SHORT_TRACK_INTERVAL = 17
LYRICS_INTERVAL = 5
LIVE_TRACK_INTERVAL = 23
GUEST_ARTIST_INTERVAL = 11


def create_name(table: Sequence[str], number: int, rng: random.Random) -> str:
    """Return a name from the table, then one made of words."""
    if number < len(table):
        return table[number]
    words = (rng.choice(names.ADJECTIVES), rng.choice(names.NOUNS), rng.choice(names.TAILS))
    return " ".join(filter(None, words))


def select_providers(number: int) -> tuple[Provider, ...]:
    """Return the providers of the n-th item: both, one, the other."""
    return (BOTH, (FILES,), (STREAMING,))[number % 3]


def create_mappings(ids: dict[Provider, str], in_library: bool = True) -> set[ProviderMapping]:
    """Return the mappings for a provider's ids."""
    return {
        ProviderMapping(
            item_id=item_id,
            provider_domain=source.domain,
            provider_instance=source.instance_id,
            in_library=in_library,
            audio_format=FORMATS[source],
            url=f"https://streaming.example/{item_id}" if source is STREAMING else None,
        )
        for source, item_id in ids.items()
    }


def sanitize_file_name(name: str) -> str:
    """Return a name that fits into a path."""
    return name.replace("/", "_").strip()


class LibraryGenerator:
    """Create items in the order of their dependencies: genres, artists, albums and so on."""

    def __init__(self, library: Library, rng: random.Random) -> None:
        """Start with an empty library."""
        self.library = library
        self.rng = rng
        self._genres: list[Genre] = []
        self._artists: list[Artist] = []
        self._albums: list[Album] = []
        self._tracks: list[Track] = []

    # Shared

    def _add_date(self) -> datetime:
        return EPOCH - timedelta(minutes=self.rng.randrange(1, 1_000_000))

    def _is_favorite(self, one_in: int) -> bool:
        return self.rng.randrange(one_in) == 0

    def _create_cover(self, kind: MediaType, item_id: str, name: str) -> UniqueList[MediaItemImage]:
        path = f"cover/{kind.value}/{item_id}"
        self.library.covers[path] = name
        return UniqueList([create_cover(path)])

    def _get_genre(self, number: int) -> set[str]:
        """Return the genre of the n-th artist, and of the artist's music."""
        return {self._genres[number % len(self._genres)].name} if self._genres else set()

    def _add_to_genres(self, item: MediaItem) -> None:
        wanted = item.metadata.genres or set()
        for genre in self._genres:
            if genre.name in wanted:
                self.library.add_child(genre, item)

    # Music

    def add_genres(self, count: int) -> None:
        """Add genres, which no provider has."""
        for number in range(count):
            name = create_name(names.GENRES, number, self.rng)
            images = self._create_cover(MediaType.GENRE, str(number + 1), name)
            genre = Genre(
                item_id=str(number + 1),
                provider=LIBRARY,
                name=name,
                genre_aliases={name, name.lower()},
                favorite=self._is_favorite(4),
                date_added=self._add_date(),
                provider_mappings=set(),
                metadata=MediaItemMetadata(images=images),
            )
            self._genres.append(genre)
            self.library.add_item(genre)

    def add_artists(self, count: int) -> None:
        """Add artists."""
        for number in range(count):
            name = create_name(names.ARTISTS, number, self.rng)
            if number >= len(names.ARTISTS):
                name = f"The {name}"
            self._artists.append(self._create_artist(number, name, select_providers(number)))

    def _create_artist(self, number: int, name: str, sources: tuple[Provider, ...]) -> Artist:
        item_id = str(number + 1)
        ids = {FILES: sanitize_file_name(name), STREAMING: f"a{item_id}"}
        artist = Artist(
            item_id=item_id,
            provider=LIBRARY,
            name=name,
            favorite=self._is_favorite(4),
            date_added=self._add_date(),
            provider_mappings=create_mappings({source: ids[source] for source in sources}),
            metadata=MediaItemMetadata(
                description=f"{name} make music that nobody asked for, and are thanked for it.",
                images=self._create_cover(MediaType.ARTIST, item_id, name),
                genres=self._get_genre(number),
                links={MediaItemLink(type=LinkType.WEBSITE, url=f"https://example.org/{item_id}")},
            ),
        )
        self.library.add_item(artist)
        return artist

    def add_albums(self, count: int) -> None:
        """Add albums, distributed over the artists."""
        for number in range(count):
            artists = [self._artists[number % len(self._artists)]] if self._artists else []
            name = create_name(names.ALBUMS, number, self.rng)
            self._albums.append(self._create_album(number, name, artists, select_providers(number)))

    def _create_album(
        self, number: int, name: str, artists: list[Artist], sources: tuple[Provider, ...]
    ) -> Album:
        item_id = str(number + 1)
        year = self.rng.randint(1968, 2025)
        folder = "/".join(
            [sanitize_file_name(x.name) for x in artists] + [f"{sanitize_file_name(name)} ({year})"]
        )
        ids = {FILES: folder, STREAMING: f"b{item_id}"}
        genres = {genre for artist in artists for genre in artist.metadata.genres or ()}
        kind, _ = ALBUM_TYPES[number % len(ALBUM_TYPES)]
        album = Album(
            item_id=item_id,
            provider=LIBRARY,
            name=name,
            year=year,
            album_type=kind,
            artists=UniqueList(map(get_item_mapping, artists)),
            favorite=self._is_favorite(5),
            date_added=self._add_date(),
            external_ids={(ExternalID.BARCODE, f"{4_000_000_000_000 + number}")},
            provider_mappings=create_mappings({source: ids[source] for source in sources}),
            metadata=MediaItemMetadata(
                images=self._create_cover(MediaType.ALBUM, item_id, name),
                genres=genres,
                label="Tin Roof Recordings",
                release_date=datetime(year, 1 + number % 12, 1 + number % 28, tzinfo=UTC),
            ),
        )
        self.library.add_item(album)
        self._add_to_genres(album)
        for artist in artists:
            self.library.add_child(artist, album)
        return album

    def add_tracks(self, count: int) -> None:
        """Add tracks, distributed over the albums by album type."""
        sizes = [ALBUM_TYPES[number % len(ALBUM_TYPES)][1] for number in range(len(self._albums))]
        ends = [round(count * total / sum(sizes)) for total in accumulate(sizes)]
        for album, start, end in zip(self._albums, [0, *ends], ends, strict=False):
            self._add_album_tracks(album, range(start, end))
        if not self._albums:
            self._add_album_tracks(None, range(count))

    def _add_album_tracks(self, album: Album | None, numbers: range) -> None:
        short = get_item_mapping(album) if album else None
        sources = _get_providers(album) if album else (FILES,)
        several_discs = album is not None and album.album_type == AlbumType.COMPILATION
        per_disc = TRACKS_PER_DISC if several_discs else len(numbers)
        for position, number in enumerate(numbers):
            disc, on_disc = divmod(position, per_disc)
            track = self._create_track(number, album, short, (disc + 1, on_disc + 1), sources)
            self._tracks.append(track)

    def _create_track(
        self,
        number: int,
        album: Album | None,
        short_album: ItemMapping | None,
        place: tuple[int, int],
        sources: tuple[Provider, ...],
    ) -> Track:
        item_id = str(number + 1)
        name, version = self._create_track_name(number, album)
        genres = album.metadata.genres if album else self._get_genre(number)
        folder = _get_folder(album)
        disc, on_disc = place
        ids = {
            FILES: f"{folder}{disc}-{on_disc:02} {sanitize_file_name(name)}.flac",
            STREAMING: f"t{item_id}",
        }
        track = Track(
            item_id=item_id,
            provider=LIBRARY,
            name=name,
            version=version,
            duration=self._create_duration(number),
            artists=self._select_artists(number, album),
            album=short_album,
            disc_number=disc if album else 0,
            track_number=on_disc if album else 0,
            favorite=self._is_favorite(8),
            date_added=album.date_added if album else self._add_date(),
            external_ids={(ExternalID.ISRC, f"XXDEM{number:07}")},
            provider_mappings=create_mappings({source: ids[source] for source in sources}),
            metadata=self._create_track_metadata(number, name, album, genres),
        )
        self.library.add_item(track)
        self._add_track(track, album)
        return track

    def _create_track_name(self, number: int, album: Album | None) -> tuple[str, str]:
        """Return name and version; some tracks are live versions of earlier ones."""
        if number % LIVE_TRACK_INTERVAL == LIVE_TRACK_INTERVAL - 1 and (
            earlier := self._get_artist_tracks(album)
        ):
            return self.rng.choice(earlier).name, "Live"
        # The names written by hand are for the first track of an album each.
        handmade, rest = divmod(number, SHORT_TRACK_INTERVAL)
        table = names.TRACKS if not rest else ()
        return create_name(table, handmade, self.rng), ""

    def _get_artist_tracks(self, album: Album | None) -> list[MediaItem]:
        if album is None or not album.artists:
            return []
        artist = self.library.get_item(str(album.artists[0].uri))
        return self.library.get_children(artist, MediaType.TRACK)

    def _create_duration(self, number: int) -> int:
        short = number % SHORT_TRACK_INTERVAL == 3
        return self.rng.randint(20, 40) if short else self.rng.randint(95, 400)

    def _select_artists(self, number: int, album: Album | None) -> UniqueList[Artist | ItemMapping]:
        """Return the album's artists, sometimes with a guest."""
        performers: list[Artist | ItemMapping] = list(album.artists) if album else []
        if self._artists and (
            number % GUEST_ARTIST_INTERVAL == GUEST_ARTIST_INTERVAL - 1 or not performers
        ):
            performers.append(get_item_mapping(self.rng.choice(self._artists)))
        return UniqueList(performers)

    def _create_track_metadata(
        self, number: int, name: str, album: Album | None, genres: set[str] | None
    ) -> MediaItemMetadata:
        metadata = MediaItemMetadata(
            genres=genres,
            images=album.metadata.images
            if album
            else self._create_cover(MediaType.TRACK, str(number + 1), name),
            explicit=number % 29 == 0 or None,
            popularity=self.rng.randrange(101),
        )
        if number % LYRICS_INTERVAL == 0:
            lines = self._create_lyrics()
            metadata.lyrics = "\n".join(lines)
            metadata.lrc_lyrics = "\n".join(
                f"[00:{second:02}.00] {line}"
                for second, line in zip(range(2, 60, 3), lines, strict=False)
            )
        return metadata

    def _create_lyrics(self) -> list[str]:
        words = {
            "noun": self.rng.choice(names.NOUNS).lower(),
            "adjective": self.rng.choice(names.ADJECTIVES).lower(),
        }
        return [line.format(**words) for line in names.LYRICS]

    def _add_track(self, track: Track, album: Album | None) -> None:
        self._add_to_genres(track)
        if album:
            self.library.add_child(album, track)
        for artist in track.artists:
            if known := self.library.find_item(MediaType.ARTIST, artist.item_id, artist.provider):
                self.library.add_child(known, track)

    def add_streaming_artist(self) -> None:
        """Add an artist of the streaming provider only."""
        name, titles = names.GUEST
        artist = self._create_artist(len(self._artists), name, (STREAMING,))
        self.library.remove_from_library(artist)
        for title in titles:
            album = self._create_album(len(self._albums), title, [artist], (STREAMING,))
            self.library.remove_from_library(album)
            self._albums.append(album)
            start = len(self._tracks)
            self._add_album_tracks(album, range(start, start + 8))
            for track in self._tracks[start:]:
                self.library.remove_from_library(track)

    # The rest

    def add_playlists(self, count: int) -> None:
        """Add playlists: the library's are editable, the streaming provider's aren't."""
        for number in range(count):
            ours = number % 3 != 2
            home = BUILTIN if ours else STREAMING
            item_id, name = str(number + 1), create_name(names.PLAYLISTS, number, self.rng)
            playlist = Playlist(
                item_id=item_id,
                provider=LIBRARY,
                name=name,
                owner="Music Assistant" if ours else STREAMING.name,
                is_editable=ours,
                favorite=self._is_favorite(3),
                date_added=self._add_date(),
                provider_mappings=create_mappings({home: f"p{item_id}"}),
                metadata=MediaItemMetadata(
                    images=self._create_cover(MediaType.PLAYLIST, item_id, name)
                ),
            )
            self.library.add_item(playlist)
            size = min(len(self._tracks), 8 + 4 * number)
            for track in self.rng.sample(self._tracks, size):
                self.library.add_child(playlist, track)

    def add_radios(self, count: int) -> None:
        """Add radio stations."""
        for number in range(count):
            item_id, name = str(number + 1), create_name(names.RADIOS, number, self.rng)
            home, source_id = (
                (BUILTIN, f"https://radio.example/{item_id}/stream")
                if number % 2
                else (STREAMING, f"r{item_id}")
            )
            radio = Radio(
                item_id=item_id,
                provider=LIBRARY,
                name=name,
                favorite=self._is_favorite(3),
                date_added=self._add_date(),
                provider_mappings=create_mappings({home: source_id}),
                metadata=MediaItemMetadata(
                    images=self._create_cover(MediaType.RADIO, item_id, name),
                    genres=self._get_genre(number),
                ),
            )
            self.library.add_item(radio)

    def add_podcasts(self, count: int) -> None:
        """Add podcasts with episodes: the first is played, the second begun."""
        for number in range(count):
            item_id = str(number + 1)
            name, publisher = names.PODCASTS[number % len(names.PODCASTS)]
            podcast = Podcast(
                item_id=item_id,
                provider=LIBRARY,
                name=name,
                publisher=publisher,
                total_episodes=len(names.EPISODES),
                favorite=self._is_favorite(2),
                date_added=self._add_date(),
                provider_mappings=create_mappings({STREAMING: f"c{item_id}"}),
                metadata=MediaItemMetadata(
                    images=self._create_cover(MediaType.PODCAST, item_id, name),
                    description=f"{publisher} on things that are smaller than they look.",
                ),
            )
            self.library.add_item(podcast)
            titles = names.EPISODES[number:] + names.EPISODES[:number]
            for position, title in enumerate(titles, 1):
                self._create_episode(podcast, position, title)

    def _create_episode(self, podcast: Podcast, position: int, title: str) -> None:
        duration = self.rng.randint(240, 2400)
        episode_id = f"c{podcast.item_id}e{position}"
        episode = PodcastEpisode(
            item_id=episode_id,
            provider=STREAMING.instance_id,
            name=title,
            position=position,
            episode_number=position,
            podcast=get_item_mapping(podcast),
            duration=duration,
            fully_played=position == 1,
            resume_position_ms=duration * 400 if position == 2 else 0,
            provider_mappings=create_mappings({STREAMING: episode_id}),
            metadata=MediaItemMetadata(
                images=podcast.metadata.images,
                release_date=EPOCH - timedelta(days=7 * (len(names.EPISODES) - position)),
            ),
        )
        self.library.add_item(episode)
        self.library.add_child(podcast, episode)

    def add_audiobooks(self, count: int) -> None:
        """Add audiobooks with chapters; the first is begun."""
        for number in range(count):
            item_id = str(number + 1)
            name, author, narrator = names.AUDIOBOOKS[number % len(names.AUDIOBOOKS)]
            chapters = self._create_chapters()
            book = Audiobook(
                item_id=item_id,
                provider=LIBRARY,
                name=name,
                publisher="Marginalia Sound",
                authors=UniqueList([author]),
                narrators=UniqueList([narrator]),
                duration=int(chapters[-1].end or 0),
                fully_played=False,
                resume_position_ms=0 if number else 754_000,
                favorite=self._is_favorite(2),
                date_added=self._add_date(),
                provider_mappings=create_mappings(
                    {FILES: f"Audiobooks/{sanitize_file_name(name)}.m4b"}
                ),
                metadata=MediaItemMetadata(
                    images=self._create_cover(MediaType.AUDIOBOOK, item_id, name), chapters=chapters
                ),
            )
            self.library.add_item(book)

    def _create_chapters(self) -> list[MediaItemChapter]:
        lengths = [self.rng.randint(300, 900) for _ in range(8)]
        ends = list(accumulate(lengths))
        return [
            MediaItemChapter(position=number, name=f"Chapter {number}", start=start, end=end)
            for number, (start, end) in enumerate(zip([0, *ends], ends, strict=False), 1)
        ]

    def add_plays(self, plays: int = 20) -> None:
        """Add plays to the log, without a user."""
        tracks = [track for track in self._tracks if track.provider == LIBRARY]
        for number, track in enumerate(self.rng.sample(tracks, min(plays, len(tracks)))):
            at = (EPOCH - timedelta(hours=plays - number)).timestamp()
            self.library.add_play(track, seconds=track.duration, at=at)


def _get_providers(item: MediaItem) -> tuple[Provider, ...]:
    """Return the providers that have an item, in a fixed order."""
    present = {known.provider_instance for known in item.provider_mappings}
    return tuple(source for source in BOTH if source.instance_id in present)


def _get_folder(album: Album | None) -> str:
    """Return the folder of an album's files."""
    if album is None:
        return "Loose/"
    found = (
        known for known in album.provider_mappings if known.provider_instance == FILES.instance_id
    )
    return "".join(f"{known.item_id}/" for known in found)
