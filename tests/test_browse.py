"""Browsing of the media tree with a real server."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
import json
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

from custom_components.music_assistant.entities import browsing as browsing_module
from custom_components.music_assistant.media import browse as module, library_lists
from custom_components.music_assistant.media.artwork import THUMBNAIL_SIZE
from custom_components.music_assistant.media.browse import FIRST_ITEMS, MAX_RANGES
from custom_components.music_assistant.media.browse_id import BrowseId, get_playback_target
from custom_components.music_assistant.media.library_lists import PAGE_SIZE
from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError, BrowseMedia, MediaPlayerEnqueue
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_load_integrations
from homeassistant.setup import async_setup_component

from .action_helpers import ALL_SCHEMAS, get_kitchen_entity
from .common import Harness
from .server import MassServer, PlayerSet
from .server.large_library import create_large_library
from .server.library import Library

ALBUM, ARTIST, PLAYLIST = "library://album/1", "library://artist/1", "library://playlist/1"
LISTS = ["artists", "albums", "tracks", "playlists", "radio", "podcasts", "audiobooks"]
FIRST = ["search", "recommendations", "favorites"]
HISTORY = ["in_progress", "recently_played"]
LONG = 100_000


@pytest.fixture
def track_count() -> int:
    """Return how many tracks the library has."""
    return 300


@pytest.fixture
def library(track_count: int) -> Library:
    """Return a library; with no tracks it is entirely empty."""
    if track_count > 2000:
        return create_large_library(track_count)
    if track_count > 1:
        return Library.create(tracks=track_count)
    names = ("artists", "albums", "playlists", "radios", "podcasts", "audiobooks", "genres")
    sizes: dict[str, Any] = dict.fromkeys(names, track_count)
    return Library.create(tracks=track_count, **sizes)


@pytest.fixture
async def server(
    schema_version: int, player_set: PlayerSet, library: Library
) -> AsyncIterator[MassServer]:
    """Run a server with that library."""
    async with MassServer(
        schema_version=schema_version, player_set=player_set, library=library
    ) as running:
        yield running


@pytest.fixture(autouse=True)
async def media_folder(hass: HomeAssistant, tmp_path: Path) -> None:
    """Create a local media folder with a picture and a song."""
    for name in ("view.jpg", "song.mp3"):
        (tmp_path / name).touch()
    hass.config.media_dirs = {"local": str(tmp_path)}
    assert await async_setup_component(hass, "media_source", {})


async def send_browse_command(
    harness: Harness, ws: MockHAClientWebSocket, content: str | None
) -> dict[str, Any]:
    """Send the frontend's browse command for the kitchen; return the whole response."""
    question = {"type": "media_player/browse_media", "entity_id": harness.get_entity_id("kueche")}
    if content is not None:
        question |= {"media_content_type": "music_assistant", "media_content_id": content}
    await ws.send_json_auto_id(question)
    answer: dict[str, Any] = await ws.receive_json()
    return answer


async def browse(
    harness: Harness, ws: MockHAClientWebSocket, content: str | None = None
) -> dict[str, Any]:
    """Browse the kitchen, which must succeed."""
    answer = await send_browse_command(harness, ws, content)
    assert answer["success"], (content, answer)
    result: dict[str, Any] = answer["result"]
    return result


async def get_browse_error(harness: Harness, ws: MockHAClientWebSocket, content: str) -> str:
    """Return the error message for an id that can't be browsed."""
    answer = await send_browse_command(harness, ws, content)
    assert not answer["success"], content
    message: str = answer["error"]["message"]
    return message


def get_child_ids(node: dict[str, Any]) -> list[str]:
    """Return the ids of a node's children."""
    return [child["media_content_id"] for child in node["children"]]


def get_child_titles(node: dict[str, Any]) -> list[str]:
    """Return the titles of a node's children."""
    return [child["title"] for child in node["children"]]


def get_folders(node: BrowseMedia) -> list[BrowseMedia]:
    """Return the folders in a node."""
    return [child for child in node.children or () if child.media_class == "directory"]


def get_limits(server: MassServer) -> list[int]:
    """Return the limits of all commands that have one."""
    return [args["limit"] for _, args in server.commands if args.get("limit") is not None]


async def browse_tree(harness: Harness) -> dict[str, BrowseMedia]:
    """Browse everything that can be expanded; return all nodes by id."""
    found: dict[str, BrowseMedia] = {}
    ways = [""]
    while ways:
        node = await get_kitchen_entity(harness).async_browse_media("music_assistant", ways.pop())
        for child in node.children or ():
            content = child.media_content_id
            if content not in found and child.can_expand:
                ways.append(content)
            found[content] = child
    return found


async def play_media(harness: Harness, content_id: str, enqueue: str = "replace") -> list[str]:
    """Play media, which must succeed; return the URIs of the queue."""
    what = {"media_content_id": content_id, "media_content_type": "music"}
    await harness.call_action("play_media", "kueche", enqueue=enqueue, **what)
    return [str(item.uri) for item in harness.server.queue_items["kueche"]]


async def assert_plays(harness: Harness, content_id: str) -> None:
    """Play a node and check the queue and its start."""
    uri, start = get_playback_target(content_id, None)
    expected = [str(item.uri) for item in harness.server.library.get_playable_items(uri)]
    if start in expected:
        expected = expected[expected.index(start) :]
    if expected:
        assert await play_media(harness, content_id) == expected, content_id


# The tree


@ALL_SCHEMAS
@pytest.mark.parametrize("track_count", [0, 1, 300])
async def test_every_node_opens_and_plays(
    harness: Harness, track_count: int, schema_version: int
) -> None:
    """Each node opens, each item plays, and no request is too large."""
    found = await browse_tree(harness)
    assert set(get_limits(harness.server)) <= set(range(1, 501))
    playable = {
        content_id: node
        for content_id, node in found.items()
        if node.can_play and not content_id.startswith("media-source:")
    }
    assert all("://" in content_id for content_id in playable)
    uris = {str(item.uri) for item in harness.server.library.get_library_items(MediaType.TRACK)}
    assert uris <= playable.keys()
    assert len(uris) == track_count
    kinds = {node.media_content_type for node in playable.values()}
    whole = 9 + (schema_version >= 84)  # with folders, and with genres
    assert len(kinds) >= (whole if track_count > 1 else track_count)
    # each of a small library; of a large one some, as all are played in the same way
    for content_id in list(playable)[:: 1 if (track_count, schema_version) == (1, 46) else 20]:
        await assert_plays(harness, content_id)


@pytest.mark.parametrize("track_count", [LONG])
@pytest.mark.parametrize("schema_version", [98])
async def test_requests_are_bounded_in_large_library(harness: Harness) -> None:
    """A large library is browsed by few requests; an opened range says from where to where it is.

    `python -m tests.benchmarks.browse` browses all of it.
    """
    requests = harness.server.commands
    open_ = get_kitchen_entity(harness).async_browse_media
    starts: list[int] = []
    for outer in get_folders(await open_(None, "tracks")):
        requests.clear()
        inner = get_folders(await open_(None, outer.media_content_id))
        assert (len(requests), get_limits(harness.server)) == (1, [FIRST_ITEMS])
        starts += [BrowseId.parse(child.media_content_id).offset for child in inner]
        page = await open_(None, inner[-1].media_content_id)
        names = [child.title.partition(" – ")[0] for child in page.children or ()]
        assert page.title == f"Tracks {inner[-1].title}: {names[0]} – {names[-1]}"
        assert len(requests) == 2
    begun = range(0, LONG, MAX_RANGES * PAGE_SIZE)  # each of these begins with its first items
    expected = [start + FIRST_ITEMS * (start in begun) for start in range(0, LONG, PAGE_SIZE)]
    expected[0] = 2 * FIRST_ITEMS
    assert starts == expected
    assert max(get_limits(harness.server)) == 500
    await assert_plays(harness, "library://track/100000")


@pytest.mark.parametrize("track_count", [2000, LONG])
@pytest.mark.parametrize("schema_version", [29, 98])
async def test_first_tracks_are_cheap(
    harness: Harness, ws: MockHAClientWebSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first tracks of a large library take two requests and few bytes, with the root's."""
    sizes: list[int] = []
    serialize = harness.server.serialize

    def count(value: Any) -> str:
        text = serialize(value)
        sizes.append(len(text))
        return text

    monkeypatch.setattr(harness.server, "serialize", count)
    await browse(harness, ws)
    harness.server.commands.clear()
    tracks = await browse(harness, ws, "tracks")
    assert [child["can_play"] for child in tracks["children"]][:FIRST_ITEMS] == [True] * FIRST_ITEMS
    commands = [command for command, _ in harness.server.commands]
    assert commands == ["music/tracks/count", "music/tracks/library_items"]
    assert 20_000 < sum(sizes) <= 150 * 1024


@ALL_SCHEMAS
async def test_root_node(harness: Harness, ws: MockHAClientWebSocket, schema_version: int) -> None:
    """The root has the lists of the server and Home Assistant's media sources."""
    root = await browse(harness, ws)
    genres = ["genres"] if schema_version >= 84 else []
    own = [*FIRST, *LISTS, *genres, "providers"]
    assert get_child_ids(root)[: len(own)] == own
    assert [uri.partition("://")[0] for uri in get_child_ids(root)[len(own) :]] == ["media-source"]
    assert get_child_titles(root)[: len(FIRST) + 2] == [
        *("Search", "Recommendations", "Favorites"),
        *("Artists", "Albums"),
    ]
    assert root["title"] == "Music Assistant"
    assert (await browse(harness, ws, "")) == root
    for child in root["children"][: len(own)]:
        assert (child["can_play"], child["can_expand"], child["can_search"]) == (False, True, True)
    if not genres:
        assert "nothing called genres" in await get_browse_error(harness, ws, "genres")


async def test_titles_are_translated(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """Titles are in Home Assistant's language."""
    hass = harness.hass
    hass.config.language = "nl"
    await async_load_integrations(hass, {"music_assistant"})
    assert "Afspeellijsten" in get_child_titles(await browse(harness, ws))


async def test_media_sources_node(
    harness: Harness, ws: MockHAClientWebSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant's media sources can be browsed; without them the rest works."""
    own = len([*FIRST, *LISTS, "providers"])
    (source,) = get_child_ids(await browse(harness, ws))[own:]
    assert get_child_titles(await browse(harness, ws, source)) == ["song.mp3"]

    async def raise_error(*_args: object, **_kwargs: object) -> Any:
        raise BrowseError("no media sources")

    monkeypatch.setattr(media_source, "async_browse_media", raise_error)
    assert get_child_ids(await browse(harness, ws))[own:] == []


@ALL_SCHEMAS
async def test_artist_node(
    harness: Harness, ws: MockHAClientWebSocket, schema_version: int
) -> None:
    """An artist has albums by type and year, tracks, similar artists, and other albums."""
    artist = await browse(harness, ws, ARTIST)
    own = 5 if schema_version >= 84 else 2
    folders, albums = artist["children"][:own], artist["children"][own:]
    assert (artist["media_class"], artist["children_media_class"]) == ("artist", "album")
    assert set(artist["search_media_classes"]) == {"album", "track"}
    names = ["Top tracks", "Tracks", "Similar artists", "Appears on", "Discography"]
    older_names = ["Top tracks", "Similar artists"]
    assert [folder["title"] for folder in folders] == (names if own == 5 else older_names)
    assert {(folder["can_play"], folder["can_expand"]) for folder in folders} == {(False, True)}
    assert albums and {album["media_class"] for album in albums} == {"album"}
    kinds = {"Similar artists": "artist", "Appears on": "album", "Discography": "album"}
    for folder in folders:
        opened = await browse(harness, ws, folder["media_content_id"])
        shown = {child["media_class"] for child in opened["children"]}
        assert shown == {kinds.get(folder["title"], "track")}
        assert (opened["can_play"], opened["media_content_id"]) == (
            False,
            folder["media_content_id"],
        )
        assert ARTIST not in get_child_ids(opened)


async def test_artist_albums_are_sorted(
    harness: Harness, ws: MockHAClientWebSocket, library: Library
) -> None:
    """Albums come before singles, the newest first, with their type."""
    artist = library.get_item(ARTIST)
    held = library._held[ARTIST, MediaType.ALBUM]
    held[:] = []
    for number, (kind, year) in enumerate(
        [(AlbumType.SINGLE, 1971), (AlbumType.ALBUM, 1969), (AlbumType.ALBUM, 1970)]
    ):
        album = library.get_item(f"library://album/{number + 1}")
        assert isinstance(album, Album) and isinstance(artist, Artist)
        album.name, album.album_type, album.year = f"No. {number}", kind, year
        album.artists = UniqueList([artist])
        held.append(album)
    opened = await browse(harness, ws, ARTIST)
    assert get_child_titles(opened)[2:] == ["No. 2 (1970)", "No. 1 (1969)", "No. 0 (1971, single)"]
    held[0].year = None  # type: ignore[attr-defined]
    assert get_child_titles(await browse(harness, ws, ARTIST))[-1] == "No. 0 (single)"
    assert f"No. 0 – {artist.name}" in get_child_titles(await browse(harness, ws, "albums"))


@pytest.mark.parametrize("schema_version", [98])
async def test_artist_albums_are_sorted_across_pages(
    harness: Harness, ws: MockHAClientWebSocket, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order by type continues over the pages that are read at once."""
    monkeypatch.setattr(library_lists, "MAX_SORTED_ITEMS", 2 * PAGE_SIZE)
    album = library.get_item("library://album/1")
    assert isinstance(album, Album)
    kinds = {AlbumType.SINGLE: 1990, AlbumType.ALBUM: 1980}  # the server has the newer ones first
    library._held[ARTIST, MediaType.ALBUM][:] = [
        replace(album, item_id=f"{kind} {n}", uri=None, name=f"{n}", album_type=kind, year=year)
        for kind, year in kinds.items()
        for n in range(PAGE_SIZE + 1)
    ]
    *first, more = (await browse(harness, ws, ARTIST))["children"][5:]
    *second, more = (await browse(harness, ws, more["media_content_id"]))["children"]
    third = (await browse(harness, ws, more["media_content_id"]))["children"]
    assert [len(page) for page in (first, second, third)] == [PAGE_SIZE, PAGE_SIZE, 2]
    shown = [child["title"].endswith("single)") for child in (*first, *second, *third)]
    ordered = [False] * (PAGE_SIZE - 1) + [True] * (PAGE_SIZE + 1)
    assert shown == [*ordered, False, False]


async def test_artist_without_similar_artists(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """Without similar artists there is no such list."""
    harness.server.faults.fail_command(
        "music/tracks/similar_tracks", UnsupportedFeaturedException.error_code
    )
    similar = f"music-assistant://item?of={quote(ARTIST, safe='')}&part=similar_artists"
    assert get_child_ids(await browse(harness, ws, similar)) == []


@ALL_SCHEMAS
async def test_play_album_and_playlist_from_track(
    harness: Harness, ws: MockHAClientWebSocket, library: Library
) -> None:
    """Albums and playlists list their tracks, and play from any of them."""
    for uri in (ALBUM, PLAYLIST):
        node = await browse(harness, ws, uri)
        held = [
            str(item.uri) for item in library.get_children(library.get_item(uri), MediaType.TRACK)
        ]
        assert [
            get_playback_target(child, MediaPlayerEnqueue.ADD)[0] for child in get_child_ids(node)
        ] == held
        assert node["can_play"]
        assert {child["can_expand"] for child in node["children"]} == {False}
        second = get_child_ids(node)[1]
        assert await play_media(harness, second) == held[1:]
        assert await play_media(harness, second, "add") == [*held[1:], held[1]]
    artist = library.get_item(ALBUM).artists[0].name  # type: ignore[attr-defined]
    assert (await browse(harness, ws, ALBUM))["title"].endswith(f" – {artist}")


@ALL_SCHEMAS
async def test_podcast_node(harness: Harness, ws: MockHAClientWebSocket, library: Library) -> None:
    """A podcast lists its newest episode first, with marks for played and begun ones."""
    (podcast, *_) = (await browse(harness, ws, "podcasts"))["children"]
    item = library.get_item(podcast["media_content_id"])
    episodes = library.get_children(item, MediaType.PODCAST_EPISODE)
    for one, (day, heard, begun) in zip(
        episodes, [(1, True, 0), (3, False, 5000), (2, False, 0)], strict=False
    ):
        assert isinstance(one, PodcastEpisode)
        one.metadata.release_date = datetime(2026, 1, day, tzinfo=UTC)
        one.fully_played, one.resume_position_ms = heard, begun
    names = [one.name for one in episodes]
    opened = await browse(harness, ws, podcast["media_content_id"])
    assert opened["children_media_class"] == "music"  # whole pictures and titles
    assert {child["media_class"] for child in opened["children"]} == {"episode"}
    expected = [f"◐ {names[1]}", names[2], f"✓ {names[0]}"]
    assert [title for title in get_child_titles(opened) if title in expected] == expected


@ALL_SCHEMAS
async def test_audiobook_node(
    harness: Harness, ws: MockHAClientWebSocket, library: Library
) -> None:
    """An audiobook lists its chapters, and plays from any of them."""
    (book, *_) = (await browse(harness, ws, "audiobooks"))["children"]
    assert book["can_expand"]
    chapters = library.get_item(book["media_content_id"]).metadata.chapters or []
    opened = await browse(harness, ws, book["media_content_id"])
    assert get_child_titles(opened) == [chapter.name for chapter in chapters]
    assert await play_media(harness, get_child_ids(opened)[2]) == [book["media_content_id"]]
    assert harness.server.queues["kueche"].elapsed_time == pytest.approx(chapters[2].start, abs=2)


@pytest.mark.parametrize("schema_version", [98])
async def test_genre_node(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """A genre has albums and tracks."""
    genre = await browse(harness, ws, "library://genre/1")
    tracks, *albums = genre["children"]
    assert {child["media_class"] for child in albums} == {"album"}
    tracks = await browse(harness, ws, tracks["media_content_id"])
    assert {child["media_class"] for child in tracks["children"]} == {"track"}


@ALL_SCHEMAS
async def test_favorites_node(
    harness: Harness, ws: MockHAClientWebSocket, library: Library
) -> None:
    """Favorites have their own lists."""
    favorites = await browse(harness, ws, "favorites")
    assert "Albums" in get_child_titles(favorites)
    for folder in favorites["children"]:
        opened = await browse(harness, ws, folder["media_content_id"])
        assert all(library.get_item(uri).favorite for uri in get_child_ids(opened))
    albums = await browse(harness, ws, "music-assistant://albums?part=favorites")
    assert get_child_ids(albums)


@ALL_SCHEMAS
async def test_provider_nodes(
    harness: Harness, ws: MockHAClientWebSocket, schema_version: int
) -> None:
    """Each provider has its own tree, whose folders can be played."""
    providers = await browse(harness, ws, "providers")
    assert get_child_titles(providers) == ["Music on disk", "Streaming Demo", "Music Assistant"]
    disk = await browse(harness, ws, get_child_ids(providers)[0])
    assert disk["title"] == "Music on disk"
    assert not {child["title"] for child in disk["children"]} & {".."}
    folder = next(child for child in disk["children"] if child["can_expand"])
    opened = await browse(harness, ws, folder["media_content_id"])
    assert (opened["title"], opened["can_play"]) == (folder["title"], True)
    assert opened["children"]
    assert await play_media(harness, folder["media_content_id"])
    streaming = await browse(harness, ws, get_child_ids(providers)[1])
    assert "Albums" in get_child_titles(streaming)
    assert not streaming["can_play"]


@ALL_SCHEMAS
async def test_builtin_folders_have_titles_and_open(
    harness: Harness, ws: MockHAClientWebSocket, schema_version: int
) -> None:
    """The nameless folders of the builtin provider get their titles from us, and all open."""
    providers = await browse(harness, ws, "providers")
    builtin = await browse(harness, ws, get_child_ids(providers)[2])
    assert get_child_titles(builtin) == ["Playlists", "Radio stations"]
    for folder in builtin["children"]:
        opened = await browse(harness, ws, folder["media_content_id"])
        assert (opened["title"], opened["can_play"]) == (folder["title"], folder["can_play"])
        assert opened["children"]
    assert [folder["can_play"] for folder in builtin["children"]] == [True, False]


@pytest.mark.parametrize("track_count", [1300])
@pytest.mark.parametrize("schema_version", [46, 98])
async def test_long_provider_folder_has_pages(
    harness: Harness, ws: MockHAClientWebSocket, library: Library, schema_version: int
) -> None:
    """A long folder of a provider continues in another node if the server has pages."""
    place = "music-assistant://providers?of=streaming_demo--1%3A%2F%2Ftracks"
    first = await browse(harness, ws, place)
    if schema_version == 46:
        assert len(get_child_ids(first)) > 500
        return
    assert get_child_titles(first)[-1].startswith("More (501")
    assert get_child_ids(await browse(harness, ws, get_child_ids(first)[-1]))


async def test_item_without_children(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """An item without children can be opened and played."""
    station = await browse(harness, ws, "library://radio/1")
    assert (station["can_play"], station["can_expand"], station["children"]) == (True, False, [])


async def test_track_node(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """A track that is opened has a list of similar tracks."""
    track = await browse(harness, ws, "library://track/1")
    assert (track["can_play"], get_child_titles(track)) == (True, ["Similar tracks"])
    similar = await browse(harness, ws, *get_child_ids(track))
    assert {child["media_class"] for child in similar["children"]} == {"track"}


@pytest.mark.parametrize("schema_version", [29, 46])
async def test_unavailable_items_are_counted(
    harness: Harness, ws: MockHAClientWebSocket, library: Library
) -> None:
    """Unavailable and invalid items are counted; the others are shown."""
    assert (await browse(harness, ws, "playlists"))["not_shown"] == 0
    one, *_ = library.get_children(library.get_item(ALBUM), MediaType.TRACK)
    for known in one.provider_mappings:
        known.available = False
    album = await browse(harness, ws, ALBUM)
    assert str(one.uri) not in [
        get_playback_target(child, MediaPlayerEnqueue.ADD)[0] for child in get_child_ids(album)
    ]
    assert album["not_shown"] == 1
    assert (await browse(harness, ws, "tracks"))["not_shown"] == 1
    listing = "music/playlists/library_items"
    listed = await harness.coordinator.mass.send_command(listing)
    odd = [{"uri": PLAYLIST} if one["uri"] == PLAYLIST else one for one in listed]
    harness.server.faults.set_response(listing, odd)
    playlists = await browse(harness, ws, "playlists")
    assert (PLAYLIST in get_child_ids(playlists), playlists["not_shown"]) == (False, 1)


# Long lists


@pytest.mark.parametrize("track_count", [2001])
@pytest.mark.parametrize("schema_version", [29, 98])
async def test_long_list_has_ranges(
    harness: Harness, ws: MockHAClientWebSocket, library: Library
) -> None:
    """A long list begins with some items, and has ranges of the others without gaps."""
    whole = await browse(harness, ws, "tracks")
    first, ranges = whole["children"][:FIRST_ITEMS], whole["children"][FIRST_ITEMS:]
    assert {child["media_class"] for child in first} == {"track"}
    assert {child["media_class"] for child in ranges} == {"directory"}
    assert whole["children_media_class"] == "track"
    assert [child["title"] for child in ranges] == [
        *("51 – 500", "501 – 1000", "1001 – 1500", "1501 – 2000", "2001 – 2001")
    ]
    found = [child["media_content_id"] for child in first]
    for child in ranges:
        part = await browse(harness, ws, child["media_content_id"])
        ends = [library.get_item(get_child_ids(part)[index]).name for index in (0, -1)]
        assert part["title"] == f"Tracks {child['title']}: {' – '.join(ends)}"
        found += get_child_ids(part)
    assert sorted(found) == sorted(
        str(item.uri) for item in library.get_library_items(MediaType.TRACK)
    )
    assert max(get_limits(harness.server)) == 500


async def test_very_long_list_has_nested_ranges(
    harness: Harness, ws: MockHAClientWebSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A very long list has nested ranges, which begin with some items as well."""
    monkeypatch.setattr(module, "PAGE_SIZE", 10)
    monkeypatch.setattr(module, "FIRST_ITEMS", 2)
    monkeypatch.setattr(module, "MAX_RANGES", 4)
    whole = await browse(harness, ws, "tracks")
    assert len(get_child_ids(whole)) == 2 + 2  # of 160
    ranges = await browse(harness, ws, get_child_ids(whole)[-1])
    assert len(get_child_ids(ranges)) == 2 + 4  # of 40: what is left
    far = await browse(harness, ws, "music-assistant://tracks?offset=1000&limit=40")
    assert far["title"] == "Tracks 1001 – 1040"
    assert get_child_titles(far) == ["1003 – 1010", "1011 – 1020", "1021 – 1030", "1031 – 1040"]


@pytest.mark.parametrize("track_count", [1100])
@pytest.mark.parametrize("schema_version", [98])
async def test_long_playlist_has_pages(
    harness: Harness, ws: MockHAClientWebSocket, library: Library
) -> None:
    """A list without a count continues in another node."""
    playlist = library.get_item(PLAYLIST)
    held = library._held[PLAYLIST, MediaType.TRACK]
    held[:] = list(library.get_library_items(MediaType.TRACK))[:1000]
    first = await browse(harness, ws, str(playlist.uri))
    assert len(get_child_ids(first)) == 501
    assert get_child_titles(first)[-1] == "More (501 – …)"
    second = await browse(harness, ws, get_child_ids(first)[-1])
    found = get_child_ids(first)[:-1] + get_child_ids(second)
    assert [get_playback_target(one, MediaPlayerEnqueue.ADD)[0] for one in found] == [
        one.uri for one in held
    ]


# What the server remembers


@ALL_SCHEMAS
async def test_recommendations_node(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """Recommendations have the rows of the server, with recently played items."""
    groups = await browse(harness, ws, "recommendations")
    assert "Random albums" in get_child_titles(groups)
    for group in groups["children"]:
        opened = await browse(harness, ws, group["media_content_id"])
        assert opened["title"] == group["title"]
        assert opened["children"]
    assert set(HISTORY) <= {*get_child_ids(groups)}
    assert len({*get_child_titles(groups)}) == len(groups["children"])
    assert get_child_ids(await browse(harness, ws, "recently_played"))


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
async def test_unknown_node_is_an_error(
    harness: Harness, ws: MockHAClientWebSocket, content: str
) -> None:
    """An unknown node is an error."""
    assert f"found nothing called {content}" in await get_browse_error(harness, ws, content)


async def test_items_node_needs_item(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """The node of items needs an item."""
    assert "found nothing called item" in await get_browse_error(
        harness, ws, "music-assistant://item"
    )


@ALL_SCHEMAS
@pytest.mark.parametrize("content", ["library://album/99999", "nowhere://track/1"])
async def test_missing_item_is_a_browse_error(
    harness: Harness, ws: MockHAClientWebSocket, content: str
) -> None:
    """A missing item is a browse error."""
    assert await get_browse_error(harness, ws, content)
    with pytest.raises(BrowseError) as raised:
        await get_kitchen_entity(harness).async_browse_media("album", content)
    assert raised.value.translation_domain == "music_assistant"
    assert raised.value.translation_key


async def test_browse_without_connection(harness: Harness) -> None:
    """A lost connection is a browse error."""
    await harness.coordinator.mass.disconnect()
    with pytest.raises(BrowseError):
        await get_kitchen_entity(harness).async_browse_media(None, "albums")


@pytest.mark.parametrize(
    "place",
    [
        BrowseId("albums"),
        BrowseId("tracks", offset=500, limit=500),
        BrowseId("item", "files://track/What? 100%/1 & 2.mp3#x"),
        BrowseId("item", "http://host/stream?x=1", "tracks", offset=500),
        BrowseId("item", "library://album/1", start="library://track/5"),
    ],
)
def test_browse_id_round_trip(place: BrowseId) -> None:
    """An id is parsed as it was serialized."""
    assert BrowseId.parse(str(place)) == place


# On whose behalf


async def test_lists_are_those_of_the_user(
    harness: Harness, ws: MockHAClientWebSocket, hass_admin_user: Any, schema_version: int
) -> None:
    """Library lists are those of the user who browses."""
    server = harness.server
    server.add_user("kim", "kims-password", provider_filter=["streaming_demo"])
    everything = get_child_ids(await browse(harness, ws, "tracks"))
    server.accounts.link_user("kim", "homeassistant", hass_admin_user.id)
    of_kim = get_child_ids(await browse(harness, ws, "tracks"))
    assert of_kim != everything
    assert set(of_kim) < set(everything)
    server.accounts.get_user("demo").role = "user"  # who may not ask for others
    assert get_child_ids(await browse(harness, ws, "tracks")) == everything
    node = await get_kitchen_entity(harness).async_browse_media(None, "tracks")  # nobody is looking
    assert [child.media_content_id for child in node.children or ()] == everything


async def test_lists_of_own_user_are_marked(
    harness: Harness, ws: MockHAClientWebSocket, hass_admin_user: Any, schema_version: int
) -> None:
    """Lists of our own user are marked for another user, and only for them."""
    server = harness.server
    ours = server.accounts.get_user("demo")
    ours.display_name = "Living room"
    server.add_user("kim", "kims-password")
    root = await browse(harness, ws)  # the server doesn't know who looks
    assert "Recommendations" in get_child_titles(root)
    server.accounts.link_user("kim", "homeassistant", hass_admin_user.id)
    root = await browse(harness, ws)
    assert [title for title in get_child_titles(root) if "Living room" in title] == [
        f"{title} (Living room)" for title in ("Recommendations", "Music providers")
    ]
    assert (await browse(harness, ws, "recently_played"))[
        "title"
    ] == "Recently played (Living room)"
    server.accounts.link_user("demo", "homeassistant", hass_admin_user.id)
    assert "Recommendations" in get_child_titles(await browse(harness, ws))


async def test_truncated_list_has_count(
    harness: Harness, ws: MockHAClientWebSocket, library: Library
) -> None:
    """A truncated list shows how many items it has."""
    for track in library.get_library_items(MediaType.TRACK):
        library.add_play(track)
    with patch.object(module, "PAGE_SIZE", 3):
        assert (await browse(harness, ws, "recently_played"))["title"] == "Recently played 1 – 3"


# Pictures


@ALL_SCHEMAS
async def test_thumbnails_are_proxied(
    harness: Harness, ws: MockHAClientWebSocket, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Thumbnails come through Home Assistant, small, with an address safe for proxies."""
    client = await hass_client_no_auth()
    nodes = [
        *(await browse(harness, ws, "albums"))["children"][:3],
        await browse(harness, ws, ALBUM),
    ]
    for node in nodes:
        assert "//" not in node["thumbnail"]
        response = await client.get(node["thumbnail"])
        image = Image.open(BytesIO(await response.read()))
        assert max(image.size) == THUMBNAIL_SIZE


async def test_item_without_image(
    harness: Harness, ws: MockHAClientWebSocket, library: Library
) -> None:
    """An item without image has no thumbnail."""
    library.get_item(PLAYLIST).metadata.images = None
    assert (await browse(harness, ws, PLAYLIST))["thumbnail"] is None


async def get_picture(hass_client_no_auth: ClientSessionGenerator, node: dict[str, Any]) -> bytes:
    """Return the picture of a node as browsers get it."""
    response = await (await hass_client_no_auth()).get(node["thumbnail"])
    assert response.status == 200
    assert response.content_type in ("image/jpeg", "image/png")
    assert response.headers["Content-Security-Policy"] == "sandbox"
    picture: bytes = await response.read()
    return picture


@pytest.mark.parametrize("schema_version", [29, 98])
async def test_folders_have_pictures(
    harness: Harness,
    ws: MockHAClientWebSocket,
    hass_client_no_auth: ClientSessionGenerator,
    library: Library,
) -> None:
    """Folders have the picture of their first item, which is looked up when it is shown."""
    library.add_play(library.get_item("library://track/7"))
    root = await browse(harness, ws)
    for folder in (root, await browse(harness, ws, "favorites")):
        for child in folder["children"]:
            named = child["media_content_id"]
            if named in ("search", "providers") or named.startswith("media-source"):
                assert named.startswith("media-source") or child["thumbnail"] is None
                continue
            harness.server.commands.clear()
            picture = Image.open(BytesIO(await get_picture(hass_client_no_auth, child)))
            assert picture.size == (THUMBNAIL_SIZE, THUMBNAIL_SIZE), named
            assert all(limit <= 5 for limit in get_limits(harness.server))
            assert len([args for _, args in harness.server.commands if "limit" in args]) <= 3
    albums = next(child for child in root["children"] if child["media_content_id"] == "albums")
    (first, *_) = (await browse(harness, ws, "albums"))["children"]
    assert await get_picture(hass_client_no_auth, albums) == await get_picture(
        hass_client_no_auth, first
    )


@pytest.mark.parametrize("schema_version", [29, 98])
async def test_pictures_of_recommendations(
    harness: Harness,
    ws: MockHAClientWebSocket,
    hass_client_no_auth: ClientSessionGenerator,
    schema_version: int,
) -> None:
    """Groups of recommendations have the picture of their first item, looked up if need be."""
    harness.server.commands.clear()
    groups = (await browse(harness, ws, "recommendations"))["children"]
    names = [name for name, _ in harness.server.commands]
    assert names.count("music/recommendations") == 1
    assert "music/recommendations/items" not in names
    for group in groups:
        harness.server.commands.clear()
        picture = await get_picture(hass_client_no_auth, group)
        assert Image.open(BytesIO(picture)).size == (THUMBNAIL_SIZE, THUMBNAIL_SIZE)
        names = [name for name, _ in harness.server.commands]
        is_history = group["media_content_id"] in HISTORY
        assert names.count("music/recommendations/items") == (
            schema_version == 98 and not is_history
        )


@pytest.mark.parametrize("track_count", [0])
async def test_empty_folders_have_icon(
    harness: Harness, ws: MockHAClientWebSocket, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """A folder without pictures, or of a server that is away, has the integration's icon."""
    icon = (Path(browsing_module.__file__).parents[1] / "brand" / "icon.png").read_bytes()
    root = await browse(harness, ws)
    folders = [child for child in root["children"] if "artwork" in (child["thumbnail"] or "")]
    assert len(folders) > 5
    for folder in folders:
        assert await get_picture(hass_client_no_auth, folder) == icon
    await harness.server.faults.close_port()
    await harness.server.faults.disconnect_clients("cut")
    assert await get_picture(hass_client_no_auth, folders[0]) == icon


async def test_pictures_are_those_of_the_user(
    harness: Harness,
    ws: MockHAClientWebSocket,
    hass_client_no_auth: ClientSessionGenerator,
    hass_admin_user: Any,
) -> None:
    """A folder's picture is of an item that the user sees who browsed."""
    server = harness.server
    server.add_user("kim", "kims-password", provider_filter=["streaming_demo"])
    root = await browse(harness, ws)
    (tracks,) = (child for child in root["children"] if child["media_content_id"] == "tracks")
    everybodys = await get_picture(hass_client_no_auth, tracks)
    server.accounts.link_user("kim", "homeassistant", hass_admin_user.id)
    (first, *_) = (await browse(harness, ws, "tracks"))["children"]
    kims = await get_picture(hass_client_no_auth, tracks)
    assert kims == await get_picture(hass_client_no_auth, first) != everybodys


@pytest.mark.parametrize("track_count", [5000])
@pytest.mark.parametrize("schema_version", [29, 98])
@pytest.mark.parametrize("content", ["search", "tracks", ""])
async def test_search_sends_what_is_shown(
    harness: Harness, ws: MockHAClientWebSocket, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    """A search of the dialog is one request, and all items of the answer are shown."""
    answers: list[Any] = []
    serialize = harness.server.serialize

    def collect(value: Any) -> str:
        text = serialize(value)
        answers.append(json.loads(text))
        return text

    monkeypatch.setattr(harness.server, "serialize", collect)
    harness.server.commands.clear()
    question = {"type": "media_player/search_media", "entity_id": harness.get_entity_id("kueche")}
    question |= {"media_content_id": content, "media_content_type": "music_assistant"}
    await ws.send_json_auto_id(question | {"search_query": "Song"})
    shown = (await ws.receive_json())["result"]["result"]
    # a server that takes long to answer, as a busy machine's does, is asked whether it is there
    commands = [command for command, _ in harness.server.commands if command != "info"]
    assert commands == ["music/search"]
    (found,) = (each["result"] for each in answers if "tracks" in (each.get("result") or ()))
    sent = [item["uri"] for items in found.values() for item in items or ()]
    assert len(shown) >= 25
    assert sorted(item["media_content_id"] for item in shown) == sorted(sent)


async def test_search_node(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """Everything can be searched from a folder of the root."""
    node = await browse(harness, ws, "search")
    assert (node["can_search"], node["children"]) == (True, [])
    assert node["title"] == "Music Assistant"  # the field says "Search Music Assistant"
    assert {"artist", "album", "track", "playlist"} <= {*node["search_media_classes"]}
    question = {
        "type": "media_player/search_media",
        "entity_id": harness.get_entity_id("kueche"),
        "media_content_id": node["media_content_id"],
        "media_content_type": node["media_content_type"],
        "search_query": (await browse(harness, ws, ARTIST))["title"],
    }
    await ws.send_json_auto_id(question)
    answer = await ws.receive_json()
    assert ARTIST in [found["media_content_id"] for found in answer["result"]["result"]]
