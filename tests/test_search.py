"""Finding what there is to play, against a real server over real sockets."""

from dataclasses import replace
from typing import Any, cast

import anyascii
from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import (
    Album,
    Artist,
    Playlist,
    Radio,
    SearchResults,
    Track,
    UniqueList,
)
import pytest
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

from custom_components.music_assistant.helpers import transliteration
from custom_components.music_assistant.media.library_lists import (
    PAGE_SIZE,
    Item,
    ItemChildren,
    LibraryReader,
)
from custom_components.music_assistant.media.query import MediaQuery
from custom_components.music_assistant.media.search import (
    MatchLevel,
    _async_get_recently_played,
    _async_search_children,
    get_match_level,
    sort_by_match,
)
from homeassistant.components import media_source
from homeassistant.components.media_player import (
    BrowseError,
    SearchError,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component

from .action_helpers import ALL_SCHEMAS, get_kitchen_entity
from .common import Harness
from .server.library import Library

ALBUM, ARTIST, PLAYLIST = "library://album/1", "library://artist/1", "library://playlist/1"
GENRE = "library://genre/1"


async def answer(
    harness: Harness, ws: MockHAClientWebSocket, text: str, where: str | None = None, **more: Any
) -> dict[str, Any]:
    """Search as the frontend does; returns the whole answer."""
    question = {
        "type": "media_player/search_media",
        "entity_id": harness.get_entity_id("kueche"),
        "search_query": text,
        **more,
    }
    if where is not None:
        question = {
            "media_content_type": "music_assistant",
            "media_content_id": where,
            **question,
        }
    await ws.send_json_auto_id(question)
    found: dict[str, Any] = await ws.receive_json()
    return found


async def search(
    harness: Harness, ws: MockHAClientWebSocket, text: str, where: str | None = None, **more: Any
) -> list[dict[str, Any]]:
    """Search as the frontend does, which must succeed."""
    found = await answer(harness, ws, text, where, **more)
    assert found["success"], found
    result: list[dict[str, Any]] = found["result"]["result"]
    return result


def get_classes(found: list[dict[str, Any]]) -> set[str]:
    """Return the media classes of search results."""
    return {one["media_class"] for one in found}


def name_of(library: Library, kind: MediaType) -> str:
    """Return the name of something in the library."""
    return next(iter(library.get_library_items(kind))).name


KINDS = {
    "artist": MediaType.ARTIST,
    "album": MediaType.ALBUM,
    "track": MediaType.TRACK,
    "playlist": MediaType.PLAYLIST,
    "channel": MediaType.RADIO,
    "podcast": MediaType.PODCAST,
    "directory": MediaType.AUDIOBOOK,
}


@ALL_SCHEMAS
@pytest.mark.parametrize("media_class", KINDS)
async def test_search_by_class(
    harness: Harness, ws: MockHAClientWebSocket, media_class: str
) -> None:
    """Each media class finds its items, exact names first, and they can be played."""
    name = name_of(harness.server.library, KINDS[media_class])
    found = await search(harness, ws, name, media_filter_classes=[media_class])
    assert get_classes(found) == {media_class}
    assert name in found[0]["title"]
    names = ("media_content_id", "media_content_type")
    await harness.call_action("play_media", "kueche", **{key: found[0][key] for key in names})
    assert harness.server.queue_items["kueche"]


@pytest.mark.parametrize("schema_version", [46, 98])
async def test_search_genres(
    harness: Harness, ws: MockHAClientWebSocket, schema_version: int
) -> None:
    """Genres are found, and can be opened if the server lists what they have."""
    name = name_of(harness.server.library, MediaType.GENRE)
    (genre, *_) = await search(harness, ws, name, media_filter_classes=["genre"])
    assert (genre["media_class"], genre["can_play"]) == ("genre", True)
    assert genre["can_expand"] is (schema_version >= 84)


async def test_search_any_music(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """Whoever asks for music, but for none in particular, finds what was played last."""
    await harness.call_action(
        "play_media", "kueche", media_content_type="album", media_content_id="library://album/3"
    )
    await harness.wait_for_events()
    played = await harness.coordinator.mass.send_command(
        "music/recently_played_items", limit=25, fully_played_only=False
    )
    assert played
    for phrase in ("some music", "Play something", "Musik", "la musique", "della musica"):
        found = await search(harness, ws, phrase)
        assert found[0]["title"].startswith(played[0]["name"]), phrase


async def test_search_other_classes(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """Media classes without music find nothing, without a request."""
    assert await search(harness, ws, "a", media_filter_classes=["movie", "tv_show"]) == []
    assert "music/search" not in [name for name, _ in harness.server.commands]


async def test_search_all_classes(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """Without a media class, items of all classes are found."""
    found = await search(harness, ws, "a")
    assert {"artist", "album", "track", "channel"} <= get_classes(found)
    assert len([one for one in found if one["media_class"] == "track"]) == 25
    assert {"artist", "channel"} <= get_classes(
        await search(harness, ws, "a", media_filter_classes=["music"])
    )


@pytest.mark.parametrize(
    ("where", "kind", "expected"),
    [
        ("radio", "music_assistant", {"channel"}),
        ("music-assistant://tracks?offset=0&limit=500", "music_assistant", {"track"}),
        ("", "album", {"album"}),
        ("", "channel", {"channel"}),
        ("library://track/1", "track", {"track"}),
    ],
)
async def test_search_in_list(
    harness: Harness, ws: MockHAClientWebSocket, where: str, kind: str, expected: set[str]
) -> None:
    """A search in a list or with its content type finds only its media type."""
    assert get_classes(await search(harness, ws, "a", where, media_content_type=kind)) == expected
    both = await search(
        harness, ws, "a", where, media_content_type=kind, media_filter_classes=["artist"]
    )
    assert get_classes(both) == {"artist"}


@ALL_SCHEMAS
@pytest.mark.parametrize(("where", "kind"), [(ALBUM, MediaType.TRACK), (PLAYLIST, MediaType.TRACK)])
async def test_search_in_item(
    harness: Harness, ws: MockHAClientWebSocket, where: str, kind: MediaType
) -> None:
    """A search in an album or a playlist finds only its items."""
    library = harness.server.library
    held = library.get_children(library.get_item(where), kind)
    for wanted in held[:3]:
        found = await search(harness, ws, wanted.name.upper(), where)
        assert found[0]["media_content_id"] == wanted.uri
        assert {one["media_content_id"] for one in found} <= {item.uri for item in held}
    assert await search(harness, ws, "zzz", where) == []
    assert await search(harness, ws, "a", where, media_filter_classes=["album"]) == []
    assert "music/search" not in [name for name, _ in harness.server.commands]


@ALL_SCHEMAS
async def test_search_in_artist(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """A search in an artist finds its albums and tracks."""
    library = harness.server.library
    artist = library.get_item(ARTIST)
    for kind in (MediaType.ALBUM, MediaType.TRACK):
        wanted = library.get_children(artist, kind)[0]
        found = await search(harness, ws, wanted.name, ARTIST)
        assert wanted.uri in [one["media_content_id"] for one in found]
        one_class = await search(
            harness, ws, wanted.name, ARTIST, media_filter_classes=[kind.value]
        )
        assert get_classes(one_class) == {kind.value}


@pytest.mark.parametrize("schema_version", [84, 98])
@pytest.mark.parametrize("kind", [MediaType.ALBUM, MediaType.TRACK])
async def test_search_in_genre(
    harness: Harness, ws: MockHAClientWebSocket, kind: MediaType
) -> None:
    """A search in a genre covers all of its items."""
    library = harness.server.library
    genre, (first, *_) = library.get_item(GENRE), list(library.get_library_items(kind))
    for number in range(PAGE_SIZE + 1):
        library.add_child(
            genre, replace(first, item_id=f"{number}", uri=None, name=f"Number {number}")
        )
    found = await search(harness, ws, f"Number {PAGE_SIZE}", GENRE)
    assert [one["title"].partition(" – ")[0] for one in found] == [f"Number {PAGE_SIZE}"]
    assert get_classes(found) == {kind.value}
    assert await search(harness, ws, first.name, "library://genre/2") == []


def create_album(name: str, provider: str = "library", artist: str | None = None) -> Album:
    """Return an album."""
    names = [artist] if artist else []
    return Album(
        item_id=name,
        provider=provider,
        name=name,
        provider_mappings=set(),
        artists=UniqueList(
            Artist(item_id="a", provider=provider, name=one, provider_mappings=set())
            for one in names
        ),
    )


def create_radio(name: str, provider: str = "library") -> Radio:
    """Return a radio station."""
    return Radio(item_id=name, provider=provider, name=name, provider_mappings=set())


def create_artist(name: str, provider: str = "library") -> Artist:
    """Return an artist."""
    return Artist(item_id=name, provider=provider, name=name, provider_mappings=set())


def create_playlist(name: str, provider: str = "library") -> Playlist:
    """Return a playlist."""
    return Playlist(item_id=name, provider=provider, name=name, provider_mappings=set())


@pytest.mark.parametrize(
    ("provider", "first"), [("library", MediaType.PLAYLIST), ("spotify", MediaType.ARTIST)]
)
def test_order_of_media_types(provider: str, first: MediaType) -> None:
    """A playlist of the library comes before the artist, many at a provider have its name."""
    items: list[Item] = [create_playlist("Elan", provider), create_artist("Elan", provider)]
    for given in (items, items[::-1]):
        assert sort_by_match(given, MediaQuery("elan"))[0].media_type is first


def test_order_of_results() -> None:
    """Exact matches come first, then names that start so; case and accents are ignored."""
    items: list[Item] = [
        create_radio("x"),
        create_album("Belan"),
        create_album("Elan Vital", "spotify"),
        create_album("Elan!", "spotify"),
        create_album("Elan Vital"),
        create_album("The Élan"),
        create_radio("Élan"),
    ]
    assert [(item.name, item.provider) for item in sort_by_match(items, MediaQuery("elan"))] == [
        ("Élan", "library"),  # a station, which somebody named
        ("The Élan", "library"),
        ("Elan!", "spotify"),
        ("Elan Vital", "library"),
        ("Elan Vital", "spotify"),
        ("Belan", "library"),
        ("x", "library"),
    ]


@pytest.mark.parametrize(
    ("wanted", "item", "match"),
    [
        (MediaQuery("Blue"), create_album("BLUE"), MatchLevel.EXACT),
        (MediaQuery("Beatles"), create_album("The Beatles"), MatchLevel.EXACT),
        (MediaQuery("The Beatles"), create_album("The Beatles"), MatchLevel.EXACT),
        (MediaQuery("Blue"), create_album("Blue Train"), MatchLevel.START),
        (MediaQuery("Blue"), create_album("Kind of Blue"), MatchLevel.PARTIAL),
        (
            MediaQuery("blue miles davis"),
            create_album("Kind of Blue", artist="Miles Davis"),
            MatchLevel.PARTIAL,
        ),
        (MediaQuery("Blue", "davis"), create_album("Blue", artist="Miles Davis"), MatchLevel.EXACT),
        (
            MediaQuery("Blue", "Coltrane"),
            create_album("Blue", artist="Miles Davis"),
            MatchLevel.DISTANT,
        ),
        (
            MediaQuery("Blue", "Coltrane"),
            create_album("Blue"),
            MatchLevel.PARTIAL,
        ),  # it doesn't say whose it is
        (MediaQuery("Blue", album="Blue Train"), create_album("Blue"), MatchLevel.PARTIAL),
        (MediaQuery("Green"), create_album("Blue", artist="Green"), MatchLevel.PARTIAL),
        (MediaQuery("Green"), create_album("Blue"), MatchLevel.DISTANT),
        (MediaQuery("!!!"), create_album("!!!"), MatchLevel.EXACT),
        (MediaQuery("???"), create_album("!!!"), MatchLevel.DISTANT),
        (MediaQuery(""), create_album("Blue"), MatchLevel.DISTANT),
        (MediaQuery("Bluetrain"), create_album("Blue Train"), MatchLevel.EXACT),
        (MediaQuery("Blue", "blue"), create_artist("Blue"), MatchLevel.EXACT),
        # the name of another artist says nothing of an artist
        (MediaQuery("Blue", "Coltrane"), create_artist("Blue"), MatchLevel.PARTIAL),
    ],
)
def test_match_level(wanted: MediaQuery, item: Item, match: MatchLevel) -> None:
    """The match level depends on the name and the artist."""
    assert get_match_level(item, wanted) is match


@ALL_SCHEMAS
@pytest.mark.parametrize("phrase", ["the album {album} by {artist}", "{album} by {artist}"])
async def test_search_phrase(harness: Harness, ws: MockHAClientWebSocket, phrase: str) -> None:
    """Spoken phrases are understood, and the first hit is the one that is played."""
    item = harness.server.library.get_item(ALBUM)
    assert isinstance(item, Album)
    said = phrase.format(album=item.name, artist=item.artists[0].name)
    found = await search(harness, ws, said)
    assert found[0]["media_content_id"] == ALBUM
    ids = [one["media_content_id"] for one in found]
    assert len(ids) == len(set(ids))


async def test_search_empty_query(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """An empty query finds nothing, without a request."""
    assert await search(harness, ws, "") == []
    assert "music/search" not in [name for name, _ in harness.server.commands]


async def test_search_as_user(
    harness: Harness, ws: MockHAClientWebSocket, hass_admin_user: Any
) -> None:
    """A user finds only what they may see."""
    harness.server.add_user("kim", "kims-password", provider_filter=["streaming_demo"])
    everything = await search(harness, ws, "a", media_filter_classes=["channel"])
    harness.server.accounts.link_user("kim", "homeassistant", hass_admin_user.id)
    assert await search(harness, ws, "a", media_filter_classes=["channel"]) != everything


@ALL_SCHEMAS
@pytest.mark.parametrize("where", ["library://album/99999", "music-assistant://x?y=1"])
async def test_search_in_missing_item(
    harness: Harness, ws: MockHAClientWebSocket, where: str
) -> None:
    """A search in a missing item is an error."""
    assert not (await answer(harness, ws, "a", where))["success"]
    with pytest.raises(SearchError) as raised:
        await get_kitchen_entity(harness).async_search_media(
            SearchMediaQuery(search_query="a", media_content_id=where)
        )
    assert raised.value.translation_key


async def test_search_media_sources(
    harness: Harness, ws: MockHAClientWebSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searches in other media sources are passed on, if they support it."""

    async def finds(*_args: object) -> SearchMedia:
        return SearchMedia(result=[])

    async def cannot(*_args: object) -> SearchMedia:
        raise BrowseError("This source can't be searched")

    source = "media-source://media_source/local/."
    monkeypatch.setattr(media_source, "async_search_media", finds)
    assert await search(harness, ws, "a", source) == []
    monkeypatch.setattr(media_source, "async_search_media", cannot)
    assert "can't be searched" in (await answer(harness, ws, "a", source))["error"]["message"]


SAID: dict[str | None, str] = {
    **{media_class: "{name}" for media_class in KINDS if media_class != "directory"},
    "music": "{name}",
    None: "the radio station {name}",
}


@pytest.mark.parametrize(("media_class", "phrase"), SAID.items())
async def test_search_and_play(harness: Harness, media_class: str | None, phrase: str) -> None:
    """Assist finds and plays media by class and phrase."""
    hass = harness.hass
    assert await async_setup_component(hass, "intent", {})
    await harness.hass.async_block_till_done()
    name = name_of(harness.server.library, KINDS.get(media_class or "", MediaType.RADIO))
    slots = {"search_query": phrase.format(name=name), "name": "Küche"}
    if media_class:
        slots["media_class"] = media_class
    response = await intent.async_handle(
        hass,
        "test",
        "HassMediaSearchAndPlay",
        {key: {"value": value} for key, value in slots.items()},
    )
    assert name in response.speech_slots["media"]["title"]
    assert harness.server.queue_items["kueche"]


@pytest.mark.parametrize(
    ("provider", "found_there"), [("streaming_demo--1", True), ("builtin", False)]
)
async def test_search_at_provider(
    harness: Harness, ws: MockHAClientWebSocket, provider: str, found_there: bool
) -> None:
    """A search in a provider's folder finds only its items."""
    where = f"music-assistant://providers?of={provider}%3A%2F%2F"
    found = await search(harness, ws, "a", where, media_filter_classes=["track"])
    assert bool(found) is found_there
    library = harness.server.library
    for one in found:
        mappings = library.get_item(one["media_content_id"]).provider_mappings
        assert provider in {mapping.provider_instance for mapping in mappings}


@pytest.fixture
def unread_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the tables of letters that were read before."""
    monkeypatch.setattr(anyascii, "_blocks", {})
    monkeypatch.setattr(transliteration, "_LOADED_BLOCKS", set())


@pytest.mark.usefixtures("unread_tables")
@pytest.mark.parametrize(
    ("name", "phrase"), [("Ἀθῆναι", "ἀθῆναι"), ("東京", "東京"), ("Mötley", "motley")]
)
async def test_transliteration_tables_are_loaded_in_executor(
    harness: Harness, ws: MockHAClientWebSocket, name: str, phrase: str
) -> None:
    """The first name with non-ASCII letters causes no blocking call."""
    artist = harness.server.library.get_item(ARTIST)
    assert isinstance(artist, Artist)
    artist.name = name
    # The test server would read the tables itself to find the artist
    harness.server.faults.set_response("music/search", SearchResults(artists=[artist]))
    found = await search(harness, ws, phrase, media_filter_classes=["artist"])
    assert found[0]["title"] == name


@pytest.mark.parametrize(
    "name", ["Simon & Garfunkel", "Simon and Garfunkel", "Simon und Garfunkel"]
)
async def test_conjunctions(
    harness: Harness, ws: MockHAClientWebSocket, name: str, subtests: pytest.Subtests
) -> None:
    """Words and signs for "and" match each other."""
    harness.server.library.get_item(ARTIST).name = name
    for conjunction in ("&", "+", "and", "AND", "und", "et", "y", "e", "en"):
        with subtests.test(conjunction):
            phrase = f"simon {conjunction} garfunkel"
            found = await search(harness, ws, phrase, media_filter_classes=["artist"])
            assert [item["title"] for item in found] == [name]


async def test_search_by_content_type(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """A search that starts at a list of albums finds albums only, also without an id."""
    name = name_of(harness.server.library, MediaType.ARTIST)
    found = await search(harness, ws, name, "", media_content_type="album")
    assert found and get_classes(found) == {"album"}
    assert len(get_classes(await search(harness, ws, name, "", media_content_type="other"))) > 1


class StubReader:
    """A reader whose server returns what it is told to."""

    schema_version = 90

    def __init__(self, *items: Item | None) -> None:
        """Initialize with what the server returns."""
        self.items = list(items)

    async def async_get_children(self, *_args: object, **_options: object) -> list[Item | None]:
        """Return all items."""
        return self.items

    async def async_get_history(self, *_args: object) -> list[Item | None]:
        """Return all items."""
        return self.items


@pytest.mark.parametrize(("search_schema", "names"), [(90, ["Blue", "Other"]), (91, ["Blue"])])
async def test_server_knows_why_it_found_a_child(search_schema: int, names: list[str]) -> None:
    """What a server finds by something else than the name is shown, after what has the name."""
    reader = cast("LibraryReader", StubReader(create_album("Other"), None, create_album("Blue")))
    children = ItemChildren("albums", MediaType.ALBUM, "x", search_schema=search_schema)
    found = await _async_search_children(
        reader, children, create_artist("Artist"), MediaQuery("blue")
    )
    assert [item.name for item in found] == names


async def test_recently_played_without_invalid_items() -> None:
    """Of what was played last, single tracks come last, and what can't be read is left out."""
    track = Track(item_id="t", provider="library", name="Track", provider_mappings=set())
    reader = cast("LibraryReader", StubReader(None, track, create_album("Album")))
    query = MediaQuery("music", media_types=frozenset({MediaType.TRACK, MediaType.ALBUM}))
    found = await _async_get_recently_played(reader, query)
    assert [item.name for item in found] == ["Album", "Track"]
    tracks = MediaQuery("music", media_types=frozenset({MediaType.TRACK}))
    assert await _async_get_recently_played(reader, tracks) == [track]
