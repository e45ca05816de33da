"""Browsing what there is to play, against a real server over real sockets."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from music_assistant_models.enums import AlbumType, MediaType
from music_assistant_models.errors import UnsupportedFeaturedException
from music_assistant_models.media_items import Album, Artist, PodcastEpisode, UniqueList
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
)

from custom_components.music_assistant.media import browse as module, library_lists
from custom_components.music_assistant.media.artwork import THUMBNAIL
from custom_components.music_assistant.media.browse import FAN
from custom_components.music_assistant.media.browse_id import Place, to_play
from custom_components.music_assistant.media.library_lists import PAGE
from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError, BrowseMedia, MediaPlayerEnqueue
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_load_integrations
from homeassistant.setup import async_setup_component

from .acting import ALL_SCHEMAS, kitchen
from .common import House
from .server import Household, MassServer
from .server.library import Library
from .server.library_long import long_library

ALBUM, ARTIST, PLAYLIST = "library://album/1", "library://artist/1", "library://playlist/1"
LISTS = ["artists", "albums", "tracks", "playlists", "radio", "podcasts", "audiobooks"]
FIRST = ["recommendations", "in_progress", "recently_played", "favorites"]
LONG = 100_000


@pytest.fixture
def tracks() -> int:
    """Return how many tracks the library has."""
    return 300


@pytest.fixture
def library(tracks: int) -> Library:
    """Return a library; an empty one has nothing at all."""
    if tracks == LONG:
        return long_library(tracks)
    if tracks > 1:
        return Library.generate(tracks=tracks)
    names = ("artists", "albums", "playlists", "radios", "podcasts", "audiobooks", "genres")
    sizes: dict[str, Any] = dict.fromkeys(names, tracks)
    return Library.generate(tracks=tracks, **sizes)


@pytest.fixture
async def server(
    schema_version: int, household: Household, library: Library
) -> AsyncIterator[MassServer]:
    """Run a server with that library."""
    async with MassServer(
        schema_version=schema_version, household=household, library=library
    ) as running:
        yield running


@pytest.fixture(autouse=True)
async def sources(hass: HomeAssistant, tmp_path: Path) -> None:
    """Have a folder of one's own, with something to look at and something to listen to."""
    for name in ("view.jpg", "song.mp3"):
        (tmp_path / name).touch()
    hass.config.media_dirs = {"local": str(tmp_path)}
    assert await async_setup_component(hass, "media_source", {})


async def ask(house: House, ws: MockHAClientWebSocket, content: str | None) -> dict[str, Any]:
    """Browse the kitchen as the frontend does; returns the whole answer."""
    question = {"type": "media_player/browse_media", "entity_id": house.entity_id("kueche")}
    if content is not None:
        question |= {"media_content_type": "music_assistant", "media_content_id": content}
    await ws.send_json_auto_id(question)
    answer: dict[str, Any] = await ws.receive_json()
    return answer


async def browse(
    house: House, ws: MockHAClientWebSocket, content: str | None = None
) -> dict[str, Any]:
    """Browse the kitchen, which must succeed."""
    answer = await ask(house, ws, content)
    assert answer["success"], (content, answer)
    result: dict[str, Any] = answer["result"]
    return result


async def refusal(house: House, ws: MockHAClientWebSocket, content: str) -> str:
    """Return what is said of an id that can't be opened."""
    answer = await ask(house, ws, content)
    assert not answer["success"], content
    message: str = answer["error"]["message"]
    return message


def ids(node: dict[str, Any]) -> list[str]:
    """Return the ids of what is in a node."""
    return [child["media_content_id"] for child in node["children"]]


def titles(node: dict[str, Any]) -> list[str]:
    """Return the titles of what is in a node."""
    return [child["title"] for child in node["children"]]


def limits(server: MassServer) -> list[int]:
    """Return how many items were asked for, by each question that says so."""
    return [args["limit"] for _, args in server.commands if args.get("limit") is not None]


async def walk(house: House) -> dict[str, BrowseMedia]:
    """Open all that can be opened; returns all that there is by id."""
    found: dict[str, BrowseMedia] = {}
    ways = [""]
    while ways:
        node = await kitchen(house).async_browse_media("music_assistant", ways.pop())
        for child in node.children or ():
            content = child.media_content_id
            if content not in found and child.can_expand:
                ways.append(content)
            found[content] = child
    return found


async def play(house: House, content_id: str, enqueue: str = "replace") -> list[str]:
    """Play something, which must succeed; returns the URIs of what is in the queue."""
    what = {"media_content_id": content_id, "media_content_type": "music"}
    await house.call("play_media", "kueche", enqueue=enqueue, **what)
    return [str(item.uri) for item in house.server.queue_items["kueche"]]


async def assert_plays(house: House, content_id: str) -> None:
    """Play something, and see that it is what was meant, from where it was meant."""
    uri, start = to_play(content_id, None)
    expected = [str(item.uri) for item in house.server.library.playable(uri)]
    if start in expected:
        expected = expected[expected.index(start) :]
    if expected:
        assert await play(house, content_id) == expected, content_id


# The tree


@ALL_SCHEMAS
@pytest.mark.parametrize("tracks", [0, 1, 300])
async def test_whole_tree(house: House, tracks: int, schema_version: int) -> None:
    """Each node opens, each item plays, and nothing is asked for in too large a number."""
    found = await walk(house)
    assert set(limits(house.server)) <= set(range(1, 501))
    playable = {
        content_id: node
        for content_id, node in found.items()
        if node.can_play and not content_id.startswith("media-source:")
    }
    assert all("://" in content_id for content_id in playable)
    uris = {str(item.uri) for item in house.server.library.items(MediaType.TRACK)}
    assert uris <= playable.keys()
    assert len(uris) == tracks
    kinds = {node.media_content_type for node in playable.values()}
    whole = 9 + (schema_version >= 84)  # with folders, and with genres
    assert len(kinds) >= (whole if tracks > 1 else tracks)
    for content_id in list(playable)[:: 1 if schema_version == 46 else 20]:
        await assert_plays(house, content_id)


@pytest.mark.parametrize("tracks", [LONG])
@pytest.mark.parametrize("schema_version", [98])
async def test_very_long_library(house: House) -> None:
    """A library of any size opens in requests of bounded size and number.

    `python -m tests.benchmarks.browse` opens all of it.
    """
    requests = house.server.commands
    open_ = kitchen(house).async_browse_media
    ends: list[int] = []
    for outer in (await open_(None, "tracks")).children or ():
        requests.clear()
        inner = (await open_(None, outer.media_content_id)).children or ()
        assert len(requests) <= FAN + 1
        ends += [Place.parse(child.media_content_id).offset for child in inner]
        page = await open_(None, inner[-1].media_content_id)
        first, last = inner[-1].title.split(" – ")
        shown = [child.title.partition(" – ")[0] for child in page.children or ()]
        assert (len(shown), shown[0], shown[-1]) == (500, first, last)
    assert ends == list(range(0, LONG, 500))
    assert max(limits(house.server)) == 500
    await assert_plays(house, "library://track/100000")


@ALL_SCHEMAS
async def test_root(house: House, ws: MockHAClientWebSocket, schema_version: int) -> None:
    """At the root are the lists that the server has, and Home Assistant's media sources."""
    root = await browse(house, ws)
    genres = ["genres"] if schema_version >= 84 else []
    own = [*FIRST, *LISTS, *genres, "providers"]
    assert ids(root)[: len(own)] == own
    assert [uri.partition("://")[0] for uri in ids(root)[len(own) :]] == ["media-source"]
    assert titles(root)[: len(FIRST) + 2] == [
        *("Recommendations", "Continue listening", "Recently played", "Favorites"),
        *("Artists", "Albums"),
    ]
    assert root["title"] == "Music Assistant"
    assert (await browse(house, ws, "")) == root
    for child in root["children"][: len(own)]:
        assert (child["can_play"], child["can_expand"], child["can_search"]) == (False, True, True)
    if not genres:
        assert "nothing called genres" in await refusal(house, ws, "genres")


async def test_titles_in_other_languages(house: House, ws: MockHAClientWebSocket) -> None:
    """Titles are in Home Assistant's language."""
    hass = house.hass
    hass.config.language = "nl"
    await async_load_integrations(hass, {"music_assistant"})
    assert "Afspeellijsten" in titles(await browse(house, ws))


async def test_media_sources(
    house: House, ws: MockHAClientWebSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant's own sources open; where there are none the rest is there."""
    own = len([*FIRST, *LISTS, "providers"])
    (source,) = ids(await browse(house, ws))[own:]
    assert titles(await browse(house, ws, source)) == ["song.mp3"]

    async def none(*_args: object, **_kwargs: object) -> Any:
        raise BrowseError("no media sources")

    monkeypatch.setattr(media_source, "async_browse_media", none)
    assert ids(await browse(house, ws))[own:] == []


@ALL_SCHEMAS
async def test_artist(house: House, ws: MockHAClientWebSocket, schema_version: int) -> None:
    """An artist has albums, by type and year, tracks, and others like it."""
    artist = await browse(house, ws, ARTIST)
    own = 3 if schema_version >= 84 else 2
    folders, albums = artist["children"][:own], artist["children"][own:]
    assert (artist["media_class"], artist["children_media_class"]) == ("artist", "album")
    assert set(artist["search_media_classes"]) == {"album", "track"}
    names = ["Top tracks", "Tracks", "Similar artists"]
    assert [folder["title"] for folder in folders] == [
        name for name in names if own == 3 or name != "Tracks"
    ]
    assert {(folder["can_play"], folder["can_expand"]) for folder in folders} == {(False, True)}
    assert albums and {album["media_class"] for album in albums} == {"album"}
    for folder, kind in zip(folders, [*["track"] * (own - 1), "artist"], strict=True):
        opened = await browse(house, ws, folder["media_content_id"])
        assert {child["media_class"] for child in opened["children"]} == {kind}
        assert (opened["can_play"], opened["media_content_id"]) == (
            False,
            folder["media_content_id"],
        )
        assert ARTIST not in ids(opened)


async def test_albums_of_an_artist(
    house: House, ws: MockHAClientWebSocket, library: Library
) -> None:
    """Albums come before singles, the newest first, and say what they are."""
    artist = library.item(ARTIST)
    held = library._held[ARTIST, MediaType.ALBUM]
    held[:] = []
    for number, (kind, year) in enumerate(
        [(AlbumType.SINGLE, 1971), (AlbumType.ALBUM, 1969), (AlbumType.ALBUM, 1970)]
    ):
        album = library.item(f"library://album/{number + 1}")
        assert isinstance(album, Album) and isinstance(artist, Artist)
        album.name, album.album_type, album.year = f"No. {number}", kind, year
        album.artists = UniqueList([artist])
        held.append(album)
    opened = await browse(house, ws, ARTIST)
    assert titles(opened)[2:] == ["No. 2 (1970)", "No. 1 (1969)", "No. 0 (1971, single)"]
    held[0].year = None  # type: ignore[attr-defined]
    assert titles(await browse(house, ws, ARTIST))[-1] == "No. 0 (single)"
    assert f"No. 0 – {artist.name}" in titles(await browse(house, ws, "albums"))


@pytest.mark.parametrize("schema_version", [98])
async def test_many_albums_of_an_artist(
    house: House, ws: MockHAClientWebSocket, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order by type goes on from page to page, as far as is read for it at once."""
    monkeypatch.setattr(library_lists, "ORDERED", 2 * PAGE)
    album = library.item("library://album/1")
    assert isinstance(album, Album)
    kinds = {AlbumType.SINGLE: 1990, AlbumType.ALBUM: 1980}  # the server has the newer ones first
    library._held[ARTIST, MediaType.ALBUM][:] = [
        replace(album, item_id=f"{kind} {n}", uri=None, name=f"{n}", album_type=kind, year=year)
        for kind, year in kinds.items()
        for n in range(PAGE + 1)
    ]
    *first, more = (await browse(house, ws, ARTIST))["children"][3:]
    *second, more = (await browse(house, ws, more["media_content_id"]))["children"]
    third = (await browse(house, ws, more["media_content_id"]))["children"]
    assert [len(page) for page in (first, second, third)] == [PAGE, PAGE, 2]
    shown = [child["title"].endswith("single)") for child in (*first, *second, *third)]
    ordered = [False] * (PAGE - 1) + [True] * (PAGE + 1)
    assert shown == [*ordered, False, False]


async def test_nobody_similar(house: House, ws: MockHAClientWebSocket) -> None:
    """Where no provider knows what is similar, nobody is."""
    house.server.faults.fail("music/tracks/similar_tracks", UnsupportedFeaturedException.error_code)
    similar = f"music-assistant://item?of={quote(ARTIST, safe='')}&part=similar_artists"
    assert ids(await browse(house, ws, similar)) == []


@ALL_SCHEMAS
async def test_from_here(house: House, ws: MockHAClientWebSocket, library: Library) -> None:
    """An album and a playlist have their tracks in order, and play from any of them on."""
    for uri in (ALBUM, PLAYLIST):
        node = await browse(house, ws, uri)
        held = [str(item.uri) for item in library.children(library.item(uri), MediaType.TRACK)]
        assert [to_play(child, MediaPlayerEnqueue.ADD)[0] for child in ids(node)] == held
        assert node["can_play"]
        assert {child["can_expand"] for child in node["children"]} == {False}
        second = ids(node)[1]
        assert await play(house, second) == held[1:]
        assert await play(house, second, "add") == [*held[1:], held[1]]
    artist = library.item(ALBUM).artists[0].name  # type: ignore[attr-defined]
    assert (await browse(house, ws, ALBUM))["title"].endswith(f" – {artist}")


@ALL_SCHEMAS
async def test_podcast(house: House, ws: MockHAClientWebSocket, library: Library) -> None:
    """A podcast has its newest episode first; what was heard, or begun, has its mark."""
    (podcast, *_) = (await browse(house, ws, "podcasts"))["children"]
    item = library.item(podcast["media_content_id"])
    episodes = library.children(item, MediaType.PODCAST_EPISODE)
    for one, (day, heard, begun) in zip(
        episodes, [(1, True, 0), (3, False, 5000), (2, False, 0)], strict=False
    ):
        assert isinstance(one, PodcastEpisode)
        one.metadata.release_date = datetime(2026, 1, day, tzinfo=UTC)
        one.fully_played, one.resume_position_ms = heard, begun
    names = [one.name for one in episodes]
    opened = await browse(house, ws, podcast["media_content_id"])
    assert opened["children_media_class"] == "music"  # whole pictures and titles
    assert {child["media_class"] for child in opened["children"]} == {"episode"}
    expected = [f"◐ {names[1]}", names[2], f"✓ {names[0]}"]
    assert [title for title in titles(opened) if title in expected] == expected


@ALL_SCHEMAS
async def test_audiobook(house: House, ws: MockHAClientWebSocket, library: Library) -> None:
    """An audiobook has chapters, and plays from each of them on."""
    (book, *_) = (await browse(house, ws, "audiobooks"))["children"]
    assert book["can_expand"]
    chapters = library.item(book["media_content_id"]).metadata.chapters or []
    opened = await browse(house, ws, book["media_content_id"])
    assert titles(opened) == [chapter.name for chapter in chapters]
    assert await play(house, ids(opened)[2]) == [book["media_content_id"]]
    assert house.server.queues["kueche"].elapsed_time == pytest.approx(chapters[2].start, abs=2)


@pytest.mark.parametrize("schema_version", [98])
async def test_genre(house: House, ws: MockHAClientWebSocket) -> None:
    """A genre has albums and tracks."""
    genre = await browse(house, ws, "library://genre/1")
    tracks, *albums = genre["children"]
    assert {child["media_class"] for child in albums} == {"album"}
    tracks = await browse(house, ws, tracks["media_content_id"])
    assert {child["media_class"] for child in tracks["children"]} == {"track"}


@ALL_SCHEMAS
async def test_favorites(house: House, ws: MockHAClientWebSocket, library: Library) -> None:
    """What is liked has lists of its own."""
    favorites = await browse(house, ws, "favorites")
    assert "Albums" in titles(favorites)
    for folder in favorites["children"]:
        opened = await browse(house, ws, folder["media_content_id"])
        assert all(library.item(uri).favorite for uri in ids(opened))
    albums = await browse(house, ws, "music-assistant://albums?part=favorites")
    assert ids(albums)


@ALL_SCHEMAS
async def test_providers(house: House, ws: MockHAClientWebSocket, schema_version: int) -> None:
    """Each provider has a tree of its own, whose folders may be played."""
    providers = await browse(house, ws, "providers")
    assert titles(providers) == ["Music on disk", "Streaming Demo", "Music Assistant"]
    disk = await browse(house, ws, ids(providers)[0])
    assert disk["title"] == "Music on disk"
    assert not {child["title"] for child in disk["children"]} & {".."}
    folder = next(child for child in disk["children"] if child["can_expand"])
    opened = await browse(house, ws, folder["media_content_id"])
    assert (opened["title"], opened["can_play"]) == (folder["title"], True)
    assert opened["children"]
    assert await play(house, folder["media_content_id"])
    streaming = await browse(house, ws, ids(providers)[1])
    assert "Albums" in titles(streaming)
    assert not streaming["can_play"]


@pytest.mark.parametrize("tracks", [1300])
@pytest.mark.parametrize("schema_version", [46, 98])
async def test_long_folder(
    house: House, ws: MockHAClientWebSocket, library: Library, schema_version: int
) -> None:
    """A provider's long folder goes on in another one, where the server has pages."""
    place = "music-assistant://providers?of=streaming_demo--1%3A%2F%2Ftracks"
    first = await browse(house, ws, place)
    if schema_version == 46:
        assert len(ids(first)) > 500
        return
    assert titles(first)[-1].startswith("More (501")
    assert ids(await browse(house, ws, ids(first)[-1]))


async def test_leaf(house: House, ws: MockHAClientWebSocket) -> None:
    """What holds nothing can be opened all the same, and played from there."""
    track = await browse(house, ws, "library://track/1")
    assert (track["can_play"], track["can_expand"], track["children"]) == (True, False, [])


@pytest.mark.parametrize("schema_version", [29, 46])
async def test_not_shown(house: House, ws: MockHAClientWebSocket, library: Library) -> None:
    """What isn't available, or can't be read, is counted; all else is shown."""
    assert (await browse(house, ws, "playlists"))["not_shown"] == 0
    one, *_ = library.children(library.item(ALBUM), MediaType.TRACK)
    for known in one.provider_mappings:
        known.available = False
    album = await browse(house, ws, ALBUM)
    assert str(one.uri) not in [to_play(child, MediaPlayerEnqueue.ADD)[0] for child in ids(album)]
    assert album["not_shown"] == 1
    assert (await browse(house, ws, "tracks"))["not_shown"] == 1
    listing = "music/playlists/library_items"
    listed = await house.coordinator.mass.send_command(listing)
    odd = [{"uri": PLAYLIST} if one["uri"] == PLAYLIST else one for one in listed]
    house.server.faults.answer(listing, odd)
    playlists = await browse(house, ws, "playlists")
    assert (PLAYLIST in ids(playlists), playlists["not_shown"]) == (False, 1)


# Long lists


@pytest.mark.parametrize("tracks", [2001])
@pytest.mark.parametrize("schema_version", [29, 98])
async def test_ranges(house: House, ws: MockHAClientWebSocket, library: Library) -> None:
    """A long list is in ranges, in which nothing is missing."""
    whole = await browse(house, ws, "tracks")
    assert len(whole["children"]) == 5
    assert {child["media_class"] for child in whole["children"]} == {"directory"}
    assert whole["children_media_class"] == "directory"
    found: list[str] = []
    for child in whole["children"]:
        part = await browse(house, ws, child["media_content_id"])
        first, last = part["children"][0], part["children"][-1]
        ends = [library.item(one["media_content_id"]).name for one in (first, last)]
        assert child["title"] == " – ".join(ends)
        assert part["title"] == f"Tracks {len(found) + 1} – {len(found) + len(ids(part))}"
        found += ids(part)
    assert sorted(found) == sorted(str(item.uri) for item in library.items(MediaType.TRACK))
    assert max(limits(house.server)) == 500


async def test_ranges_of_ranges(
    house: House, ws: MockHAClientWebSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A very long list has ranges of ranges; what the server counts but hasn't got has numbers."""
    monkeypatch.setattr(module, "PAGE", 10)
    monkeypatch.setattr(module, "FAN", 4)
    whole = await browse(house, ws, "tracks")
    assert len(ids(whole)) == 2  # of 160
    ranges = await browse(house, ws, ids(whole)[1])
    assert len(ids(ranges)) == 4  # of 40: what is left
    far = await browse(house, ws, "music-assistant://tracks?offset=1000&limit=40")
    assert titles(far) == ["1001 – 1010", "1011 – 1020", "1021 – 1030", "1031 – 1040"]


@pytest.mark.parametrize("tracks", [1100])
@pytest.mark.parametrize("schema_version", [98])
async def test_long_playlist(house: House, ws: MockHAClientWebSocket, library: Library) -> None:
    """What the server can't count goes on in another folder."""
    playlist = library.item(PLAYLIST)
    held = library._held[PLAYLIST, MediaType.TRACK]
    held[:] = list(library.items(MediaType.TRACK))[:1000]
    first = await browse(house, ws, str(playlist.uri))
    assert len(ids(first)) == 501
    assert titles(first)[-1] == "More (501 – …)"
    second = await browse(house, ws, ids(first)[-1])
    found = ids(first)[:-1] + ids(second)
    assert [to_play(one, MediaPlayerEnqueue.ADD)[0] for one in found] == [one.uri for one in held]


# What the server remembers


@ALL_SCHEMAS
async def test_recommendations(house: House, ws: MockHAClientWebSocket) -> None:
    """Recommendations are as the server groups them; what was listened to is there."""
    groups = await browse(house, ws, "recommendations")
    assert "Random albums" in titles(groups)
    for group in groups["children"]:
        opened = await browse(house, ws, group["media_content_id"])
        assert opened["title"] == group["title"]
        assert opened["children"]
    assert ids(await browse(house, ws, "recently_played"))
    await browse(house, ws, "in_progress")


# What isn't there


@pytest.mark.parametrize(
    "content",
    [
        "weather",
        "my artists",
        "music-assistant://weather",
        "music-assistant://tracks?offset=-5",
        "music-assistant://tracks?limit=many",
        "music-assistant://tracks?colour=red",
        "music-assistant://item?of=library%3A%2F%2Falbum%2F1&part=lyrics",
        "music-assistant://recommendations?of=weather",
        "music-assistant://albums?part=lyrics",
    ],
)
async def test_nothing_there(house: House, ws: MockHAClientWebSocket, content: str) -> None:
    """What isn't in the tree is told so."""
    assert f"found nothing called {content}" in await refusal(house, ws, content)


async def test_item_of_nothing(house: House, ws: MockHAClientWebSocket) -> None:
    """The node of items needs one."""
    assert "found nothing called item" in await refusal(house, ws, "music-assistant://item")


@ALL_SCHEMAS
@pytest.mark.parametrize("content", ["library://album/99999", "nowhere://track/1"])
async def test_gone(house: House, ws: MockHAClientWebSocket, content: str) -> None:
    """An item that is gone is told so by an error of browsing."""
    assert await refusal(house, ws, content)
    with pytest.raises(BrowseError) as raised:
        await kitchen(house).async_browse_media("album", content)
    assert raised.value.translation_domain == "music_assistant"
    assert raised.value.translation_key


async def test_no_connection(house: House) -> None:
    """A server that can't be reached is an error of browsing, too."""
    await house.coordinator.mass.disconnect()
    with pytest.raises(BrowseError):
        await kitchen(house).async_browse_media(None, "albums")


@pytest.mark.parametrize(
    "place",
    [
        Place("albums"),
        Place("tracks", offset=500, limit=500),
        Place("item", "files://track/What? 100%/1 & 2.mp3#x"),
        Place("item", "http://host/stream?x=1", "tracks", offset=500),
        Place("item", "library://album/1", start="library://track/5"),
    ],
)
def test_ids(place: Place) -> None:
    """An id is read as it was written."""
    assert Place.parse(str(place)) == place


# On whose behalf


async def test_user(
    house: House, ws: MockHAClientWebSocket, hass_admin_user: Any, schema_version: int
) -> None:
    """Lists of the library are those of who is looking."""
    server = house.server
    server.add_user("kim", "kims-password", provider_filter=["streaming_demo"])
    everything = ids(await browse(house, ws, "tracks"))
    server.accounts.link("kim", "homeassistant", hass_admin_user.id)
    of_kim = ids(await browse(house, ws, "tracks"))
    assert of_kim != everything
    assert set(of_kim) < set(everything)
    server.accounts.named("demo").role = "user"  # who may not ask for others
    assert ids(await browse(house, ws, "tracks")) == everything
    node = await kitchen(house).async_browse_media(None, "tracks")  # nobody is looking
    assert [child.media_content_id for child in node.children or ()] == everything


async def test_whose(
    house: House, ws: MockHAClientWebSocket, hass_admin_user: Any, schema_version: int
) -> None:
    """What the server tells of our own user says so to another one; nobody else is bothered."""
    server = house.server
    ours = server.accounts.named("demo")
    ours.display_name = "Living room"
    server.add_user("kim", "kims-password")
    root = await browse(house, ws)  # the server doesn't know who looks
    assert "Recommendations" in titles(root)
    server.accounts.link("kim", "homeassistant", hass_admin_user.id)
    root = await browse(house, ws)
    assert [title for title in titles(root) if "Living room" in title] == [
        f"{title} (Living room)"
        for title in ("Recommendations", "Continue listening", "Recently played", "Music providers")
    ]
    assert (await browse(house, ws, "recently_played"))["title"] == "Recently played (Living room)"
    server.accounts.link("demo", "homeassistant", hass_admin_user.id)
    assert "Recommendations" in titles(await browse(house, ws))


async def test_cut_off(house: House, ws: MockHAClientWebSocket, library: Library) -> None:
    """What the server tells no more of says how much it is."""
    for track in library.items(MediaType.TRACK):
        library.played(track)
    few = ("music/recently_played_items", {"limit": 3})
    with patch.dict(library_lists.LATEST, recently_played=few), patch.object(module, "PAGE", 3):
        assert (await browse(house, ws, "recently_played"))["title"] == "Recently played 1 – 3"


# Pictures


@ALL_SCHEMAS
async def test_thumbnails(
    house: House, ws: MockHAClientWebSocket, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Pictures come through Home Assistant, small, and by an address that proxies leave alone."""
    client = await hass_client_no_auth()
    nodes = [*(await browse(house, ws, "albums"))["children"][:3], await browse(house, ws, ALBUM)]
    for node in nodes:
        assert "//" not in node["thumbnail"]
        response = await client.get(node["thumbnail"])
        image = Image.open(BytesIO(await response.read()))
        assert max(image.size) == THUMBNAIL


async def test_no_thumbnail(house: House, ws: MockHAClientWebSocket, library: Library) -> None:
    """What has no picture has none."""
    library.item(PLAYLIST).metadata.images = None
    assert (await browse(house, ws, PLAYLIST))["thumbnail"] is None
