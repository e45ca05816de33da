"""Resolving a query to media of the server."""

from collections.abc import Callable

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import Album, Track
import pytest

from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.media.library_lists import LibraryReader
from custom_components.music_assistant.media.resolve import (
    ResolvedMedia,
    ResolveMethod,
    async_get_item_at,
    async_load_item,
    async_resolve_media,
)
from custom_components.music_assistant.share_links.resolvers import NO_RESOLVERS
from homeassistant.exceptions import ServiceValidationError

from .action_helpers import get_sent_arguments
from .server import MassServer
from .server.library import STREAMING

SCHEMAS = [28, 29, 46, 98]


@pytest.fixture(params=SCHEMAS)
def schema_version(request: pytest.FixtureRequest) -> int:
    """Return each schema version that makes a difference here."""
    version: int = request.param
    return version


@pytest.fixture
def mass(coordinator: MusicAssistantCoordinator) -> MusicAssistantClient:
    """Return a client that is connected."""
    return coordinator.mass


@pytest.fixture
def reader(mass: MusicAssistantClient) -> LibraryReader:
    """Return what reads the server's lists, for nobody in particular."""
    return LibraryReader(mass, None, NO_RESOLVERS, "entry")


def get_item_name(server: MassServer, kind: MediaType, item_id: str = "1") -> str:
    """Return the name of an item."""
    return server.library.get_item(f"library://{kind.value}/{item_id}").name


async def test_resolve_uri(
    reader: LibraryReader, server: MassServer, subtests: pytest.Subtests
) -> None:
    """URIs and library ids are used as given, without a request."""
    server.commands.clear()
    for media_type, media_id in (
        ("music", "library://album/1"),
        ("album", "library://track/1"),  # a URI knows better
        (None, "http://radio.example.com/stream"),
        ("music", "spotify://playlist/a?b"),
        ("music", "spotify:track:4uLU6hMCjMI75M1A2tKUQC"),
    ):
        with subtests.test(media_id):
            assert await async_resolve_media(reader, media_id, media_type) == ResolvedMedia(
                media_id, media_id, ResolveMethod.URI
            )
            assert server.commands == []


@pytest.mark.parametrize("spelt", [str, str.upper, str.lower])
async def test_resolve_name(
    reader: LibraryReader,
    server: MassServer,
    spelt: Callable[[str], str],
    subtests: pytest.Subtests,
) -> None:
    """A name is found among the items of its media type, in any spelling."""
    for kind in (
        MediaType.ALBUM,
        MediaType.ARTIST,
        MediaType.PLAYLIST,
        MediaType.RADIO,
        MediaType.TRACK,
        MediaType.AUDIOBOOK,
        MediaType.PODCAST,
    ):
        with subtests.test(kind.value):
            server.commands.clear()
            found = await async_resolve_media(
                reader, spelt(get_item_name(server, kind)), kind.value
            )
            assert (found.uri, found.method) == (f"library://{kind.value}/1", ResolveMethod.EXACT)
            searches = get_sent_arguments(server, "music/search")
            # what the library has is asked of no provider
            assert [args["library_only"] for args in searches] == [True]


async def test_resolve_name_of_any_type(
    reader: LibraryReader, server: MassServer, subtests: pytest.Subtests
) -> None:
    """Home Assistant's general media types find items of any type."""
    name = get_item_name(server, MediaType.RADIO)
    for media_type in (None, "", "music", "unheard of"):
        with subtests.test(media_type):
            assert (await async_resolve_media(reader, name, media_type)).uri == "library://radio/1"


async def test_resolve_library_id(
    reader: LibraryReader, server: MassServer, subtests: pytest.Subtests
) -> None:
    """A number is an id if the library has it."""
    for media_type, media_id, artist in (
        ("album", "12", None),
        ("playlist", "3", None),
        ("Playlist", "3", None),
        ("playlist", "3", "Anybody"),  # a playlist has none
        ("genre", "2", None),
    ):
        with subtests.test(media_type, artist=artist):
            server.commands.clear()
            found = await async_resolve_media(reader, media_id, media_type, artist=artist)
            expected_uri = f"library://{media_type.lower()}/{media_id}"
            assert (found.uri, found.method) == (expected_uri, ResolveMethod.URI)
            assert [name for name, _ in server.commands] == ["music/item_by_uri"]
            assert found.item and found.item.uri == found.uri


async def test_resolve_number_without_type(reader: LibraryReader, server: MassServer) -> None:
    """A number is only an id if the media type is given."""
    server.library.get_item("library://radio/1").name = "1984"
    assert (await async_resolve_media(reader, "1984", "music")).uri == "library://radio/1"


async def test_resolve_numeric_name(
    reader: LibraryReader, server: MassServer, subtests: pytest.Subtests
) -> None:
    """A number that is no id of the library is a name."""
    for media_type, name in (
        ("album", "1989"),
        ("track", "99999999"),
        ("artist", "311"),
        ("playlist", "007"),  # the library would take it for 7
        ("track", "４"),
        ("track", "9" * 40),
        ("radio", "-1"),
    ):
        with subtests.test(name):
            server.library.get_item(f"library://{media_type}/3").name = name
            found = await async_resolve_media(reader, name, media_type)
            assert (found.uri, found.method) == (f"library://{media_type}/3", ResolveMethod.EXACT)


async def test_resolve_number_with_hints(reader: LibraryReader, server: MassServer) -> None:
    """With an artist or album a number is a name, unless the item of that id matches them."""
    by_id, by_name = (server.library.get_item(f"library://track/{number}") for number in (22, 3))
    assert isinstance(by_id, Track) and isinstance(by_name, Track) and by_name.album
    artist = by_id.artists[0].name
    assert (await async_resolve_media(reader, "22", "track", artist=artist)).uri == by_id.uri
    by_name.name, by_name.artists[0].name = "22", artist
    assert (await async_resolve_media(reader, "22", "track", artist=artist)).uri == by_name.uri
    album = by_name.album.name
    assert (await async_resolve_media(reader, "22", "track", album=album)).uri == by_name.uri
    with pytest.raises(ServiceValidationError):
        await async_resolve_media(reader, "22", "track", artist="Somebody else")


@pytest.mark.parametrize(
    ("phrase", "uri", "how"),
    [
        ("play {radio}", "library://radio/1", ResolveMethod.EXACT),
        ("the album {album} by {album_artist}", "library://album/1", ResolveMethod.EXACT),
        ("Spiele das Album {album} von {album_artist}", "library://album/1", ResolveMethod.EXACT),
        ("{album} de {album_artist}", "library://album/1", ResolveMethod.EXACT),
        ("music by {artist}", "library://artist/1", ResolveMethod.EXACT),
        ("{radio} radio", "library://radio/1", ResolveMethod.EXACT),
        ("{album_artist} - {album}", "library://album/1", ResolveMethod.EXACT),
        ("{start_of_album}", "library://album/1", ResolveMethod.START),
    ],
)
async def test_resolve_phrase(
    reader: LibraryReader, server: MassServer, phrase: str, uri: str, how: ResolveMethod
) -> None:
    """Spoken phrases are understood, and the result has how it was found."""
    album = server.library.get_item("library://album/1")
    assert isinstance(album, Album)
    album.name = "Ambergris Sundown"  # no other name has these words in it
    found = await async_resolve_media(
        reader,
        phrase.format(
            radio=get_item_name(server, MediaType.RADIO),
            artist=get_item_name(server, MediaType.ARTIST),
            album=album.name,
            album_artist=album.artists[0].name,
            start_of_album=album.name[:12],
        ),
    )
    assert (found.uri, found.method) == (uri, how)
    assert found.item and found.item.uri == uri


async def test_resolve_title_with_words(reader: LibraryReader, server: MassServer) -> None:
    """A title that could be split into hints is found as it is."""
    whole, part = (server.library.get_item(f"library://track/{number}") for number in (1, 2))
    assert isinstance(part, Track)
    whole.name, part.name = "Stand by Me", "Stand"
    part.artists[0].name = "Me"
    assert (await async_resolve_media(reader, "Stand by Me")).uri == whole.uri
    assert (await async_resolve_media(reader, "play Stand by Me")).uri == whole.uri


async def test_resolve_ambiguous_name(reader: LibraryReader, server: MassServer) -> None:
    """Of several items with one name, the user's own come first."""
    kinds = (
        MediaType.PLAYLIST,
        MediaType.RADIO,
        MediaType.GENRE,
        MediaType.ARTIST,
        MediaType.ALBUM,
        MediaType.TRACK,
    )
    for kind in kinds:
        server.library.get_item(f"library://{kind.value}/2").name = "Sameness"
    for kind in kinds:
        item = server.library.get_item(f"library://{kind.value}/2")
        assert (await async_resolve_media(reader, "sameness")).uri == item.uri
        item.name = "Otherness"


async def test_resolve_unknown_name(reader: LibraryReader) -> None:
    """The error of an unknown name has the name."""
    with pytest.raises(ServiceValidationError) as raised:
        await async_resolve_media(reader, "No such thing anywhere", "album")
    assert raised.value.translation_key == "nothing_found"
    assert raised.value.translation_placeholders == {"name": "No such thing anywhere"}


async def test_resolve_other_name(reader: LibraryReader, server: MassServer) -> None:
    """A hit with another name isn't played, but named in the error."""
    track = server.library.get_item("library://track/1")
    assert isinstance(track, Track)
    track.artists[0].name = "Ambergris"
    with pytest.raises(ServiceValidationError) as raised:
        await async_resolve_media(reader, "Ambergris", "track", album="No such album")
    assert raised.value.translation_key == "nothing_found_nearest"
    placeholders = raised.value.translation_placeholders or {}
    assert placeholders["name"] == "Ambergris"
    assert f"{track.name} – Ambergris" in placeholders["nearest"].split(", ")


async def test_resolve_share_link(reader: LibraryReader, server: MassServer) -> None:
    """A share link of a provider of the server is resolved by the server."""
    (item_id, item), *_ = (
        (item_id, item)
        for item_id, item in server.library.get_provider_items(STREAMING)
        if item.media_type is MediaType.ALBUM
    )
    link = f"https://listen.tidal.com/album/{item_id}?u"
    found = await async_resolve_media(reader, link, "music")
    assert (found.query, found.uri, found.method) == (link, item.uri, ResolveMethod.LINK)
    assert found.item == item


@pytest.mark.parametrize(
    ("link", "service"),
    [
        ("https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC", "Spotify"),  # has no Spotify
        ("https://open.spotify.com/wrapped", "Spotify"),
        ("https://youtu.be/dQw4w9WgXcQ", "YouTube"),  # takes it for a stream
    ],
)
async def test_resolve_unknown_share_link(reader: LibraryReader, link: str, service: str) -> None:
    """The error of an unknown share link says what to do."""
    with pytest.raises(ServiceValidationError) as raised:
        await async_resolve_media(reader, link)
    assert raised.value.translation_key == "link_unknown"
    assert raised.value.translation_placeholders == {"service": service}


@pytest.mark.parametrize("schema_version", [46, 98])
async def test_resolve_file(reader: LibraryReader, schema_version: int) -> None:
    """A file is played by its path if the server supports it."""
    path = "/media/music/Ä song.mp3"
    found = await async_resolve_media(reader, path, "music")
    assert found == ResolvedMedia(path, path, ResolveMethod.URI)
    assert (await async_load_item(reader, found)).item


async def test_resolve_name_with_slash(reader: LibraryReader, server: MassServer) -> None:
    """A name may look like a path."""
    server.library.get_item("library://artist/1").name = "AC/DC"
    assert (await async_resolve_media(reader, "AC/DC")).uri == "library://artist/1"


async def test_fetch_resolved_item(reader: LibraryReader, server: MassServer) -> None:
    """The item of a URI can be fetched afterwards; a missing one has only its URI."""
    there, gone = [
        await async_load_item(
            reader, await async_resolve_media(reader, f"library://album/{number}")
        )
        for number in (1, 999)
    ]
    assert there.item and there.item.name == get_item_name(server, MediaType.ALBUM)
    assert gone == ResolvedMedia("library://album/999", "library://album/999", ResolveMethod.URI)


@pytest.mark.parametrize(
    "uri", ["library://album/1", "library://playlist/1", "library://podcast/1"]
)
async def test_item_at_position(reader: LibraryReader, server: MassServer, uri: str) -> None:
    """The items of an album or playlist can be resolved by their position, from 1."""
    held = [item.uri for item in server.library.get_playable_items(uri)]
    positions = range(1, len(held) + 1)
    assert [await async_get_item_at(reader, uri, position) for position in positions] == held


@pytest.mark.parametrize("schema_version", [98])
async def test_item_at_position_on_later_page(
    reader: LibraryReader, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A position beyond the first page is found."""
    monkeypatch.setattr("tests.server.music_listing.DEFAULT_LIMIT", 1)
    held = [item.uri for item in server.library.get_playable_items("library://playlist/1")]
    assert await async_get_item_at(reader, "library://playlist/1", len(held)) == held[-1]


@pytest.mark.parametrize(
    ("uri", "position"), [("library://album/1", 999), ("library://track/1", 1)]
)
async def test_item_at_invalid_position(
    reader: LibraryReader, server: MassServer, uri: str, position: int
) -> None:
    """A position beyond the end, or in an item without children, is nothing."""
    with pytest.raises(ServiceValidationError) as raised:
        await async_get_item_at(reader, uri, position)
    assert raised.value.translation_key == "no_such_position"
    name = server.library.get_item(uri).name
    assert raised.value.translation_placeholders == {"name": name, "position": str(position)}


async def test_resolve_with_hints(reader: LibraryReader, server: MassServer) -> None:
    """Artist and album select one of several items with the same name."""
    first, second = (server.library.get_item(f"library://track/{number}") for number in (1, 50))
    assert isinstance(first, Track) and isinstance(second, Track) and second.album
    second.name = first.name
    assert (first.artists[0].name, first.album) != (second.artists[0].name, second.album)
    for artist, album in ((second.artists[0].name, None), (None, second.album.name)):
        found = await async_resolve_media(reader, first.name, "track", artist=artist, album=album)
        assert found.uri == second.uri
