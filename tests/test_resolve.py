"""Resolving: what a person asked for becomes something that the server plays."""

from collections.abc import Callable

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import Track
import pytest

from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.media.resolve import async_item_at, async_resolve
from homeassistant.exceptions import ServiceValidationError

from .server import MassServer

SCHEMAS = [29, 46, 98]


@pytest.fixture(params=SCHEMAS)
def schema_version(request: pytest.FixtureRequest) -> int:
    """Return each schema version that makes a difference here."""
    version: int = request.param
    return version


@pytest.fixture
def mass(coordinator: MusicAssistantCoordinator) -> MusicAssistantClient:
    """Return a client that is connected."""
    return coordinator.mass


def named(server: MassServer, kind: MediaType, item_id: str = "1") -> str:
    """Return the name of an item."""
    return server.library.item(f"library://{kind.value}/{item_id}").name


@pytest.mark.parametrize(
    ("media_type", "media_id", "expected"),
    [
        ("music", "library://album/1", "library://album/1"),
        ("album", "library://track/1", "library://track/1"),  # a URI knows better
        (None, "http://radio.example.com/stream", "http://radio.example.com/stream"),
        ("music", "spotify://playlist/a?b", "spotify://playlist/a?b"),
        ("album", "12", "library://album/12"),
        ("playlist", "3", "library://playlist/3"),
    ],
)
async def test_without_a_question(
    mass: MusicAssistantClient,
    server: MassServer,
    media_type: str | None,
    media_id: str,
    expected: str,
) -> None:
    """URIs and the library's ids say themselves what they are."""
    assert await async_resolve(mass, media_type, media_id) == expected
    assert [command for command, _ in server.commands if command.startswith("music/")] == []


@pytest.mark.parametrize(
    "kind",
    [
        MediaType.ALBUM,
        MediaType.ARTIST,
        MediaType.PLAYLIST,
        MediaType.RADIO,
        MediaType.TRACK,
        MediaType.AUDIOBOOK,
        MediaType.PODCAST,
    ],
)
@pytest.mark.parametrize("spelt", [str, str.upper, str.lower])
async def test_names(
    mass: MusicAssistantClient, server: MassServer, kind: MediaType, spelt: Callable[[str], str]
) -> None:
    """A name is found among what it is said to be, however it is spelt."""
    wanted = spelt(named(server, kind))
    assert await async_resolve(mass, kind.value, wanted) == f"library://{kind.value}/1"


@pytest.mark.parametrize("media_type", [None, "", "music", "unheard of"])
async def test_names_of_any_kind(
    mass: MusicAssistantClient, server: MassServer, media_type: str | None
) -> None:
    """Home Assistant's own types say nothing, so anything of the name will do."""
    name = named(server, MediaType.RADIO)
    assert await async_resolve(mass, media_type, name) == "library://radio/1"


async def test_numbers_are_names_too(mass: MusicAssistantClient, server: MassServer) -> None:
    """A number is an id only where it is said of what."""
    server.library.item("library://radio/1").name = "1984"
    assert await async_resolve(mass, "music", "1984") == "library://radio/1"


async def test_nothing_found(mass: MusicAssistantClient) -> None:
    """What the server doesn't know is said, with its name."""
    with pytest.raises(ServiceValidationError) as raised:
        await async_resolve(mass, "album", "No such thing anywhere")
    assert raised.value.translation_key == "nothing_found"
    assert raised.value.translation_placeholders == {"name": "No such thing anywhere"}


@pytest.mark.parametrize("schema_version", [46, 98])
async def test_files(mass: MusicAssistantClient, server: MassServer, schema_version: int) -> None:
    """Newer servers tell whether they can play a file by its path."""
    path = "/media/music/Ä song.mp3"
    assert await async_resolve(mass, "music", path) == path


@pytest.mark.parametrize(
    "uri", ["library://album/1", "library://playlist/1", "library://podcast/1"]
)
async def test_item_at(mass: MusicAssistantClient, server: MassServer, uri: str) -> None:
    """What holds others in an order can be asked for each of them, counted from 1."""
    held = [item.uri for item in server.library.playable(uri)]
    positions = range(1, len(held) + 1)
    assert [await async_item_at(mass, uri, position) for position in positions] == held


@pytest.mark.parametrize(
    ("uri", "position"), [("library://album/1", 999), ("library://track/1", 1)]
)
async def test_nothing_at(
    mass: MusicAssistantClient, server: MassServer, uri: str, position: int
) -> None:
    """Past the end, and in what holds nothing, there is nothing."""
    with pytest.raises(ServiceValidationError) as raised:
        await async_item_at(mass, uri, position)
    assert raised.value.translation_key == "no_such_position"
    name = server.library.item(uri).name
    assert raised.value.translation_placeholders == {"name": name, "position": str(position)}


async def test_narrowed_down(mass: MusicAssistantClient, server: MassServer) -> None:
    """Of several of one name, artist and album tell which."""
    first, second = (server.library.item(f"library://track/{number}") for number in (1, 50))
    assert isinstance(first, Track) and isinstance(second, Track) and second.album
    second.name = first.name
    assert (first.artists[0].name, first.album) != (second.artists[0].name, second.album)
    for artist, album in ((second.artists[0].name, None), (None, second.album.name)):
        found = await async_resolve(mass, "track", first.name, artist=artist, album=album)
        assert found == second.uri
