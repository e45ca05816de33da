"""Actions, asked for as automations do, and what the server then does, over real sockets."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from music_assistant_models.enums import MediaType, PlaybackState
from music_assistant_models.media_items import Album
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.music_assistant.actions import ACTIONS
from custom_components.music_assistant.actions.library import LISTS
from custom_components.music_assistant.const import DOMAIN
from homeassistant.components import media_source, tts
from homeassistant.components.music_assistant.schemas import (
    LIBRARY_RESULTS_SCHEMA,
    QUEUE_DETAILS_SCHEMA,
    SEARCH_RESULT_SCHEMA,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from .acting import ALBUM, OLD_AND_NEW, act, ask, content, play, refused, sent, tracks
from .common import House, another_house, until
from .server import MassServer
from .texts import text

TRACK, PODCAST = "library://track/1", "library://podcast/1"
PLAY_MEDIA, ANNOUNCE = "player_queues/play_media", "players/cmd/play_announcement"
VOICE = "tts.voice"


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Return a folder that doesn't outlive the test: what is spoken is kept in files."""
    return str(tmp_path)


def test_actions_have_texts() -> None:
    """Each action is described, with all of its fields."""
    assert all(text("services", action.name, "name") for action in ACTIONS)


# The server that is asked


async def test_one_server_needs_no_name(house: House) -> None:
    """With one server the entry may be named, or not."""
    named = {"config_entry_id": house.entry.entry_id}
    unnamed = await act(house, "get_library", None, media_type="playlist")
    assert unnamed == await act(house, "get_library", None, media_type="playlist", **named)
    assert unnamed["items"]


@pytest.fixture
async def second(house: House) -> AsyncIterator[House]:
    """Add another server, which has other music."""
    async with another_house(house.hass) as other:
        other.server.library.item("library://radio/1").name = "Only here"
        yield other


@pytest.mark.parametrize(
    ("action", "data"), [("search", {"name": "x"}), ("get_library", {"media_type": "radio"})]
)
async def test_two_servers_need_a_name(
    house: House, second: House, action: str, data: dict[str, Any]
) -> None:
    """With two servers it has to be said which one is asked."""
    with pytest.raises(ServiceValidationError) as raised:
        await act(house, action, None, **data)
    assert raised.value.translation_key == "service_found_multiple_config_entry_for_domain"


async def test_the_named_server_answers(house: House, second: House) -> None:
    """Each server is asked for its own music."""
    found = {
        entry.title: (
            await act(house, "search", None, config_entry_id=entry.entry_id, name="Only here")
        )["radio"]
        for entry in (house.entry, second.entry)
    }
    assert [len(found[title]) for title in ("Music Assistant", "Other")] == [0, 1]


@pytest.mark.parametrize("state", ["unknown", "not_loaded"])
async def test_a_server_that_is_not_there(house: House, state: str) -> None:
    """An entry that doesn't exist, or isn't loaded, is told so."""
    entry_id = house.entry.entry_id if state == "not_loaded" else "unheard-of"
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    with pytest.raises(ServiceValidationError):
        await act(house, "search", None, name="x", config_entry_id=entry_id)


# Looking for music


def without_ours(value: Any) -> Any:
    """Return a response without what we tell beside what the built-in integration tells."""
    if isinstance(value, list):
        return [without_ours(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: without_ours(each) for key, each in value.items() if key != "thumbnail"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"name": "Lanterns at Low Tide"}, {"albums": ["Lanterns at Low Tide"]}),
        ({"name": "Harbour FM", "media_type": "radio"}, {"radio": ["Harbour FM"]}),
        ({"name": "Night Jazz", "media_type": ["genre"]}, {"genres": ["Night Jazz"]}),
        (
            {"name": "Crème de la brume", "artist": "Élodie Marchvent", "media_type": ["track"]},
            {"tracks": ["Crème de la brume"]},
        ),
        (
            {
                "name": "Crème de la brume",
                "artist": "Élodie Marchvent",
                "album": "Lanterns at Low Tide",
                "library_only": True,
                "limit": 1,
            },
            {"tracks": ["Crème de la brume"]},
        ),
    ],
)
async def test_search(house: House, data: dict[str, Any], expected: dict[str, list[str]]) -> None:
    """What is found comes in the built-in integration's shape, and genres beside it."""
    response = await act(house, "search", None, **data)
    names = {kind: [hit["name"] for hit in hits] for kind, hits in response.items()}
    assert {kind: found[:1] for kind, found in names.items() if found}.items() >= expected.items()
    genres = probatio.Schema(LIBRARY_RESULTS_SCHEMA.schema["items"])
    assert genres(without_ours(response.pop("genres"))) is not None
    theirs = without_ours(response)
    assert SEARCH_RESULT_SCHEMA(theirs) == theirs


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        (
            {"artist": "a", "limit": 30, "media_type": "album"},
            {"search_query": "a - c", "limit": 30, "library_only": False, "media_types": ["album"]},
        ),
        ({"library_only": True}, {"library_only": True, "limit": 100}),
        ({"providers": "library"}, {"library_only": True, "limit": 100}),
        (
            {"providers": ["Streaming Demo", "builtin"]},
            {"providers": ["builtin", "library", "streaming_demo--1"], "library_only": False},
        ),
    ],
)
async def test_search_question(
    house: House, server: MassServer, data: dict[str, Any], asked: dict[str, Any]
) -> None:
    """The server is asked for as much as can be used, where it may be."""
    await act(house, "search", None, name="c", **data)
    (args,) = sent(server, "music/search")
    assert args.items() >= asked.items()


@OLD_AND_NEW
async def test_search_order(house: House, server: MassServer) -> None:
    """The best hits come first even if the server has them last, and no more than asked for."""
    names = ["A Grey Sky", "Grey Sky Blues", "Grey Sky"]
    for number, name in enumerate(names, 1):
        server.library.item(f"library://track/{number}").name = name
    response = await act(house, "search", None, name="grey sky", media_type="track", limit=2)
    assert [hit["name"] for hit in response["tracks"]] == ["Grey Sky", "Grey Sky Blues"]


async def test_search_at_providers(house: House, server: MassServer) -> None:
    """Only what the named providers have is found, also where the server looks everywhere."""
    hits = [
        {hit["uri"] for hit in response["tracks"]}
        for providers in ("streaming_demo", "filesystem_local", ["library"], ["builtin"])
        if (response := await act(house, "search", None, name="a", limit=90, providers=providers))
    ]
    library = server.library
    homes = [
        {mapping.provider_domain for uri in uris for mapping in library.item(uri).provider_mappings}
        for uris in hits[:2]
    ]
    assert ["streaming_demo" in homes[0], "filesystem_local" in homes[1]] == [True, True]
    assert hits[0] != hits[1]
    assert all(uri.startswith("library://") for uri in hits[2])
    assert not hits[3]


async def test_search_at_a_stranger(house: House, server: MassServer) -> None:
    """A provider that the server hasn't is told, with those that it has."""
    action = act(house, "search", None, name="a", providers=["library", "Spotify"])
    await refused("unknown_provider", action, name="Spotify")
    assert not sent(server, "music/search")


@OLD_AND_NEW
async def test_get_library(house: House, server: MassServer) -> None:
    """Each kind is listed by page, in the built-in integration's shape."""
    for kind in LISTS:
        library = sorted(item.uri or "" for item in server.library.items(kind))
        pages = [
            await act(house, "get_library", None, media_type=kind, limit=limit, offset=offset)
            for limit, offset in ((2, 0), (500, 2))
        ]
        for page in pages:
            assert LIBRARY_RESULTS_SCHEMA(without_ours(page)) == without_ours(page)
            assert (page["media_type"], page["order_by"]) == (kind, "name")
        assert len(pages[0]["items"]) == pages[0]["limit"] == pages[1]["offset"] == 2
        assert sorted(item["uri"] for page in pages for item in page["items"]) == library


async def test_get_library_defaults(house: House) -> None:
    """A page has 25 items unless another number is given."""
    page = await act(house, "get_library", None, media_type="track")
    assert (page["limit"], page["offset"], len(page["items"])) == (25, 0, 25)


@pytest.mark.parametrize(
    ("data", "passes"),
    [
        ({"media_type": "album", "favorite": True}, lambda item: item.favorite),
        ({"media_type": "album", "favorite": False}, lambda item: not item.favorite),
        ({"media_type": "radio", "search": "harbour"}, lambda item: "Harbour" in item.name),
        (
            {"media_type": "album", "album_type": "single"},
            lambda item: item.album_type.value == "single",
        ),
        (
            {"media_type": "album", "album_type": ["single", "ep"]},
            lambda item: item.album_type.value in ("single", "ep"),
        ),
        (
            {"media_type": "genre", "favorite": True},
            lambda item: item.favorite,
        ),
    ],
)
async def test_get_library_filters(
    house: House, server: MassServer, data: dict[str, Any], passes: Callable[[Any], bool]
) -> None:
    """Only what was asked for is listed."""
    items = server.library.items(MediaType(data["media_type"]))
    expected = {item.uri for item in items if passes(item)}
    page = await act(house, "get_library", None, limit=500, **data)
    assert {item["uri"] for item in page["items"]} == expected != set()


async def test_get_library_album_artists(house: House, server: MassServer) -> None:
    """Who only appears on albums of others may be left out."""
    for only in (True, False):
        await act(house, "get_library", None, media_type="artist", album_artists_only=only)
    asked = [args["album_artists_only"] for args in sent(server, "music/artists/library_items")]
    assert asked == [True, False]


async def test_get_library_order(house: House) -> None:
    """The order is the one that was asked for."""
    page = await act(house, "get_library", None, media_type="radio", order_by="name_desc")
    names = [item["name"].casefold() for item in page["items"]]
    assert names == sorted(names, reverse=True)
    assert page["order_by"] == "name_desc"


@pytest.mark.parametrize("kind", ["folder", "podcast_episode", "nonsense"])
async def test_get_library_of_nothing(house: House, kind: str) -> None:
    """What no library has isn't listed."""
    with pytest.raises(probatio.Invalid):
        await act(house, "get_library", None, media_type=kind)


# Users


@pytest.fixture
def kim(server: MassServer, hass_admin_user: MockUser) -> str:
    """Return the Home Assistant user of kim, who sees only the streaming provider."""
    server.add_user("kim", "kims-password", role="user", provider_filter=["streaming_demo"])
    server.accounts.link("kim", "homeassistant", hass_admin_user.id)
    return str(hass_admin_user.id)


ON_BEHALF: list[tuple[str, str | None, dict[str, Any], str]] = [
    ("search", None, {"name": "Harbour FM"}, "music/search"),
    ("get_library", None, {"media_type": "track"}, "music/tracks/library_items"),
    ("play_media", "kueche", {"media_id": TRACK}, PLAY_MEDIA),
]
EACH_ON_BEHALF = pytest.mark.parametrize(("action", "player_id", "data", "command"), ON_BEHALF)


@EACH_ON_BEHALF
async def test_as_the_caller(
    house: House,
    server: MassServer,
    kim: str,
    *,
    action: str,
    player_id: str | None,
    data: dict[str, Any],
    command: str,
) -> None:
    """The server is asked on behalf of the Home Assistant user who called."""
    await act(house, action, player_id, user=kim, **data)
    (args,) = sent(server, command)
    assert args["user"] == {"provider": "homeassistant", "user_id": kim, "required": False}


@EACH_ON_BEHALF
async def test_username_wins(
    house: House,
    server: MassServer,
    kim: str,
    *,
    action: str,
    player_id: str | None,
    data: dict[str, Any],
    command: str,
) -> None:
    """A name that was given is the one that counts."""
    await act(house, action, player_id, user=kim, username="demo", **data)
    (args,) = sent(server, command)
    assert args["user"] == "demo"


async def test_library_of_the_caller(house: House, kim: str) -> None:
    """What the caller may not see isn't listed; without a caller everything is."""
    whose: list[dict[str, str]] = [{}, {"user": kim}, {"username": "kim"}]
    page: dict[str, Any] = {"media_type": "track", "limit": 500}
    everything, theirs, named = [
        {item["uri"] for item in (await act(house, "get_library", None, **page, **data))["items"]}
        for data in whose
    ]
    assert set() != theirs == named < everything


@pytest.mark.parametrize("schema_version", [29, 98])
async def test_unknown_username(house: House) -> None:
    """A name that the server doesn't know is told."""
    action = act(house, "play_media", media_id=TRACK, username="nobody")
    await refused("invalid_username", action, username="nobody")


# Playing


@OLD_AND_NEW
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"media_id": ALBUM}, [ALBUM]),
        ({"media_id": "Lanterns at Low Tide", "media_type": "album"}, [ALBUM]),
        ({"media_id": "1", "media_type": "album"}, [ALBUM]),
        ({"media_id": ["library://track/7", TRACK]}, ["library://track/7", TRACK]),
        ({"media_id": ["Harbour FM"], "media_type": "radio"}, ["library://radio/1"]),
    ],
)
async def test_play_media(
    house: House, server: MassServer, data: dict[str, Any], expected: list[str]
) -> None:
    """What is asked for by uri, name, library id or a list of these is played."""
    await act(house, "play_media", **data)
    assert content(server) == [track for uri in expected for track in tracks(server, uri)]
    await until(lambda: house.state("kueche").state == "playing")


async def test_play_genre(house: House, server: MassServer) -> None:
    """A genre is found by name, and played."""
    await act(house, "play_media", media_id="Night Jazz", media_type="genre")
    assert content(server) == tracks(server, "library://genre/3")


@pytest.mark.parametrize("schema_version", [29, 46])
@pytest.mark.parametrize("hint", ["artist", "album"])
async def test_play_media_hints(house: House, server: MassServer, hint: str) -> None:
    """Of several of the same name the one is played that the hint tells."""
    wanted = server.library.item("library://track/30")
    server.library.item(TRACK).name = wanted.name
    hints = {"artist": wanted.artists[0].name, "album": wanted.album.name}  # type: ignore[attr-defined]
    data = {"media_id": wanted.name, "media_type": "track"}
    await act(house, "play_media", **data)
    assert content(server) == [TRACK]
    await act(house, "play_media", enqueue="replace", **data, **{hint: hints[hint]})
    assert content(server) == [wanted.uri]


@pytest.mark.parametrize(
    ("enqueue", "expected"),
    [
        ("play", [1, 9, 2, 3]),
        ("replace", [9]),
        ("next", [1, 9, 2, 3]),
        ("replace_next", [1, 9]),
        ("add", [1, 2, 3, 9]),
    ],
)
async def test_enqueue(house: House, server: MassServer, enqueue: str, expected: list[int]) -> None:
    """All ways to put something into a queue."""
    uris = [f"library://track/{number}" for number in range(10)]
    await act(house, "play_media", media_id=uris[1:4], enqueue="replace")
    await act(house, "play_media", media_id=uris[9], enqueue=enqueue)
    assert content(server) == [uris[number] for number in expected]
    now = server.queues["kueche"].current_item
    assert now and now.uri == uris[9 if enqueue in ("play", "replace") else 1]


@pytest.mark.parametrize(("schema_version", "flagged"), [(29, True), (46, False)])
async def test_radio_mode(house: House, server: MassServer, flagged: bool) -> None:
    """Similar music goes on; how that is asked for depends on the server."""
    await act(house, "play_media", media_id=TRACK, radio_mode=True)
    (args,) = sent(server, PLAY_MEDIA)
    assert args["radio_mode"] is flagged
    assert args["media"] == [TRACK if flagged else f"radio_playlist://playlist/{TRACK}"]


@pytest.mark.parametrize("uri", [ALBUM, "library://playlist/1", PODCAST])
@OLD_AND_NEW
async def test_start_at_position(house: House, server: MassServer, uri: str) -> None:
    """An album, a playlist or a podcast begins at the position that was asked for."""
    for start, index in ((1, 0), (3, 2), ("2", 1)):
        await act(house, "play_media", media_id=uri, start_item=start)
        assert content(server)[0] == tracks(server, uri)[index]


@pytest.mark.parametrize("item", ["library://track/4", "latest", "Hollow Thunder"])
async def test_start_at_name(house: House, server: MassServer, item: str) -> None:
    """A uri, a name or the latest are the server's to find."""
    await act(house, "play_media", media_id=ALBUM, start_item=item)
    (args,) = sent(server, PLAY_MEDIA)
    assert args["start_item"] == item


@pytest.mark.parametrize(
    ("uri", "position"), [(ALBUM, 99), (ALBUM, 0), ("library://radio/1", 1), (TRACK, 1)]
)
async def test_no_such_position(house: House, server: MassServer, uri: str, position: int) -> None:
    """A position that isn't there is told, and nothing is played."""
    name = server.library.item(uri).name
    action = act(house, "play_media", media_id=uri, start_item=position)
    await refused("no_such_position", action, name=name, position=str(position))
    assert not sent(server, PLAY_MEDIA)


@pytest.mark.parametrize("schema_version", [46, 98])
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("shuffle", [True, False])
async def test_shuffle(house: House, server: MassServer, shuffle: bool, before: bool) -> None:
    """What is played is mixed, or in order, however the queue was set long before."""
    server.playback.set_shuffle(server.queues["kueche"], before)
    server.playback._mixed_at.clear()
    await act(house, "play_media", media_id=ALBUM, shuffle=shuffle)
    assert server.queues["kueche"].shuffle_enabled is shuffle
    assert (content(server) == tracks(server, ALBUM)) is not shuffle
    assert sorted(content(server)) == sorted(tracks(server, ALBUM))


@pytest.mark.parametrize(("enqueue", "plays"), [("replace", True), ("add", False)])
async def test_shuffle_endless(house: House, server: MassServer, enqueue: str, plays: bool) -> None:
    """An endless queue can't be mixed: what takes its place can, what is added to it can't."""
    server.queues["kueche"].is_dynamic = True
    action = act(house, "play_media", media_id=ALBUM, shuffle=True, enqueue=enqueue)
    await (action if plays else refused("not_possible_now", action))
    assert bool(sent(server, PLAY_MEDIA)) is plays


async def test_shuffle_stays(house: House, server: MassServer) -> None:
    """What isn't asked for isn't changed."""
    await act(house, "play_media", media_id=ALBUM)
    assert not sent(server, "player_queues/shuffle")


@pytest.mark.parametrize(
    ("player_id", "queue", "expected"),
    [
        ("garden", {}, "garden"),
        ("garden", {"queue": "own"}, "garden"),
        ("garden", {"queue": "active"}, "patio"),
        ("patio", {}, "patio"),
        ("kueche", {"queue": "own"}, "kueche"),
        ("kueche", {"queue": "active"}, "downstairs"),
        ("downstairs", {}, "downstairs"),
    ],
)
async def test_which_queue(
    house: House, server: MassServer, player_id: str, queue: dict[str, str], expected: str
) -> None:
    """It plays on the player's own queue, or if so asked on the one that is heard on it."""
    play(server, "downstairs")
    await house.caught_up()
    await act(house, "play_media", player_id, media_id=TRACK, **queue)
    assert [args["queue_id"] for args in sent(server, PLAY_MEDIA)] == [expected]


async def test_no_active_queue(house: House, server: MassServer) -> None:
    """While an input plays, no queue is active."""
    server.playback.play_source(server.players["cinema"], "hdmi1")
    await house.caught_up()
    await refused("no_queue", act(house, "play_media", "cinema", media_id=TRACK, queue="active"))
    await refused("no_queue", act(house, "get_queue", "cinema"), player="Cinema")


@pytest.mark.parametrize(
    ("media_id", "key"),
    [("No such thing anywhere", "nothing_found"), ("library://album/999", "media_not_found")],
)
async def test_nothing_to_play(house: House, media_id: str, key: str) -> None:
    """What the server doesn't know is told."""
    await refused(key, act(house, "play_media", media_id=media_id))


@OLD_AND_NEW
async def test_what_was_chosen(house: House, server: MassServer) -> None:
    """Who asks is told what plays, how it was found, and what wasn't."""
    names = ["No such thing anywhere", ALBUM, "Harbour FM", "http://radio.example.com/stream"]
    told = await ask(house, "play_media", media_id=names)
    assert told["not_found"] == ["No such thing anywhere"]
    assert [(one["asked"], one["match"], one["media_type"]) for one in told["items"]] == [
        (ALBUM, "uri", "album"),
        ("Harbour FM", "exact", "radio"),
        ("http://radio.example.com/stream", "uri", "radio"),
    ]
    album = told["items"][0]
    expected = server.library.item(ALBUM)
    assert isinstance(expected, Album)
    assert (album["uri"], album["name"]) == (ALBUM, expected.name)
    assert [artist["name"] for artist in album["artists"]] == [
        artist.name for artist in expected.artists
    ]


async def test_what_cannot_be_told(house: House, server: MassServer) -> None:
    """What plays but can't be described is told by its URI."""
    server.faults.fail("music/item_by_uri", 2, "gone")
    assert await ask(house, "play_media", media_id=TRACK) == {
        "items": [{"asked": TRACK, "match": "uri", "certainty": 1.0, "uri": TRACK}],
        "not_found": [],
    }


async def test_media_source(
    house: House, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Home Assistant's media sources have is played from where it is."""

    async def resolved(*_args: object) -> media_source.PlayMedia:
        return media_source.PlayMedia("http://home.example.com:8123/song.mp3", "audio/mpeg")

    monkeypatch.setattr(media_source, "async_resolve_media", resolved)
    await act(house, "play_media", media_id="media-source://media_source/local/song.mp3")
    (args,) = sent(server, PLAY_MEDIA)
    assert args["media"] == ["http://home.example.com:8123/song.mp3"]


@pytest.mark.parametrize("media_id", [[], None, {"a": 1}])
async def test_no_media(house: House, media_id: object) -> None:
    """Something has to be named."""
    with pytest.raises(probatio.Invalid):
        await act(house, "play_media", media_id=media_id, start_item=1)


# Announcements


class Voice(tts.TextToSpeechEntity):
    """A voice that notes how it was asked to speak, and what the server was asked before."""

    _attr_name = "Voice"
    _attr_unique_id = "voice"
    _attr_default_language = "en"
    _attr_supported_languages = ("en", "de")  # type: ignore[assignment]
    _attr_supported_options = ("pitch",)  # type: ignore[assignment]

    def __init__(self, server: MassServer) -> None:
        """Speak to a house with this server."""
        self.server = server
        self.spoken: list[tuple[str, str, dict[str, Any]]] = []
        self.fails = False

    async def async_get_tts_audio(
        self, message: str, language: str, options: dict[str, Any]
    ) -> tts.TtsAudioType:
        """Speak, or lose the voice."""
        if self.fails:
            raise HomeAssistantError("hoarse")
        assert not sent(self.server, ANNOUNCE)
        self.spoken.append((message, language, options))
        return "mp3", b"sound"


@pytest.fixture
async def voice(hass: HomeAssistant, house: House) -> Voice:
    """Return a voice of Home Assistant's."""
    hass.config.internal_url = "http://home.example.com:8123"
    assert await async_setup_component(hass, "media_source", {})
    assert await async_setup_component(hass, "tts", {})
    voice = Voice(house.server)
    await hass.data[tts.DATA_COMPONENT].async_add_entities([voice])
    return voice


async def test_announce_url(house: House, server: MassServer) -> None:
    """An announcement is sent with all that was said of it."""
    await act(
        house,
        "play_announcement",
        url="http://x/bell.mp3",
        use_pre_announce=True,
        pre_announce_url="http://x/gong.mp3",
        announce_volume=42,
    )
    (args,) = sent(server, ANNOUNCE)
    expected = {
        "player_id": "kueche",
        "url": "http://x/bell.mp3",
        "pre_announce": True,
        "pre_announce_url": "http://x/gong.mp3",
        "volume_level": 42,
    }
    assert args.items() >= expected.items()


@pytest.mark.parametrize(
    ("data", "language", "options"),
    [
        ({}, "en", {}),
        ({"language": "de", "options": {"pitch": 7}}, "de", {"pitch": 7}),
    ],
)
async def test_announce_message(
    house: House,
    server: MassServer,
    voice: Voice,
    *,
    data: dict[str, Any],
    language: str,
    options: dict[str, Any],
) -> None:
    """A message is spoken as asked, once, and before the player is touched."""
    data = {"message": "Dinner is ready", "tts_entity_id": VOICE, **data}
    await act(house, "play_announcement", **data)
    assert [(said, spoken_in) for said, spoken_in, _ in voice.spoken] == [
        ("Dinner is ready", language)
    ]
    assert voice.spoken[0][2].items() >= options.items()
    (args,) = sent(server, ANNOUNCE)
    assert args["url"].startswith("http://home.example.com:8123/api/tts_proxy/")


async def test_announce_hoarse(house: House, server: MassServer, voice: Voice) -> None:
    """Where the voice fails, no player is touched."""
    voice.fails = True
    with pytest.raises(HomeAssistantError, match="hoarse"):
        await act(house, "play_announcement", message="Hello", tts_entity_id=VOICE)
    assert not sent(server, ANNOUNCE)


@pytest.mark.parametrize("gone", [True, False])
async def test_announce_without_a_voice(house: House, server: MassServer, gone: bool) -> None:
    """A voice that is away is told, and no player is touched."""
    if not gone:
        house.hass.states.async_set(VOICE, "unavailable")
    action = act(house, "play_announcement", message="Hello", tts_entity_id=VOICE)
    await refused("tts_entity_not_available", action, entity_id=VOICE)
    assert not sent(server, ANNOUNCE)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"message": "Hello"},
        {"tts_entity_id": VOICE},
        {"url": "http://x/y", "message": "Hello", "tts_entity_id": VOICE},
        {"message": "Hello", "tts_entity_id": "media_player.kuche"},
        {"url": ""},
        {"url": "http://x/y", "announce_volume": 0},
        {"url": "http://x/y", "announce_volume": 101},
    ],
)
async def test_announce_what(house: House, data: dict[str, Any]) -> None:
    """Either an address or a message, which needs a voice; silence can't be heard."""
    with pytest.raises(probatio.Invalid):
        await act(house, "play_announcement", **data)


async def test_announce_refused(house: House, server: MassServer) -> None:
    """What the server refuses is told with its reason."""
    server.faults.fail(ANNOUNCE, 999, "no speaker")
    action = act(house, "play_announcement", url="http://x/y")
    await refused("command_failed", action, error="no speaker", server="Music Assistant")


# Queues


@OLD_AND_NEW
@pytest.mark.parametrize(
    ("source", "auto_play"), [(None, None), (None, False), ("living_room", True)]
)
async def test_transfer(
    house: House, server: MassServer, source: str | None, auto_play: bool | None
) -> None:
    """What plays moves on: from the player that was named, or from the one that plays."""
    play(server, "living_room")
    await house.caught_up()
    data: dict[str, Any] = {} if auto_play is None else {"auto_play": auto_play}
    if source:
        data["source_player"] = house.entity_id(source)
    await act(house, "transfer_queue", "buero", **data)
    assert content(server, "buero") == tracks(server, ALBUM)
    assert content(server, "living_room") == []
    playing = server.queues["buero"].state is PlaybackState.PLAYING
    assert playing is (auto_play is not False)


@pytest.mark.parametrize("playing", [None, "buero"])
async def test_nothing_to_transfer(house: House, server: MassServer, playing: str | None) -> None:
    """Without anything playing elsewhere there is nothing to take."""
    if playing:
        play(server, playing)
        await house.caught_up()
    await refused("nothing_plays", act(house, "transfer_queue", "buero"))
    assert not sent(server, "player_queues/transfer")


async def test_transfer_of_nothing(house: House) -> None:
    """An empty queue can't be moved."""
    source = house.entity_id("kueche")
    await refused("queue_empty", act(house, "transfer_queue", "buero", source_player=source))


@pytest.mark.parametrize("entity_id", ["media_player.other", "media_player.none", "button.own"])
async def test_transfer_from_a_stranger(house: House, server: MassServer, entity_id: str) -> None:
    """Another integration's entity isn't taken for a player, whatever its unique id is."""
    registry = er.async_get(house.hass)
    registry.async_get_or_create("media_player", "cast", "kueche", suggested_object_id="other")
    own = registry.async_get_entity_id("button", DOMAIN, "kueche_favorite_now_playing")
    assert own
    registry.async_update_entity(own, new_entity_id="button.own")
    action = act(house, "transfer_queue", "buero", source_player=entity_id)
    await refused("not_our_player", action, entity_id=entity_id)
    assert not sent(server, "player_queues/transfer")


@OLD_AND_NEW
@pytest.mark.parametrize("uri", [ALBUM, "library://radio/1", None])
async def test_get_queue(house: House, server: MassServer, uri: str | None) -> None:
    """A queue is told in the built-in integration's shape, as it is at this moment."""
    if uri:
        play(server, uri=uri)
        server.playback.advance(30)
        await house.caught_up()
    entity_id = house.entity_id("kueche")
    response = (await act(house, "get_queue"))[entity_id]
    assert QUEUE_DETAILS_SCHEMA(response) == response
    expected = {
        "queue_id": "kueche",
        "active": True,
        "name": "Küche",
        "items": len(content(server)),
        "shuffle_enabled": False,
        "repeat_mode": "off",
        "current_index": 0 if uri else None,
    }
    assert response.items() >= expected.items()
    assert response["elapsed_time"] == pytest.approx(30 if uri else 0, abs=5)
    uris = [
        response[item] and response[item]["media_item"]["uri"]
        for item in ("current_item", "next_item")
    ]
    assert uris == [*content(server)[:2], None, None][:2]


async def test_get_queue_of_a_server_that_starts(house: House) -> None:
    """A queue that a server doesn't know yet after its restart is an error with a text."""
    await act(house, "play_media", media_id=TRACK)
    await house.caught_up()
    house.coordinator.mass.player_queues._queues.clear()
    await refused("no_queue", act(house, "get_queue"))


async def test_get_queue_of_a_group(house: House, server: MassServer) -> None:
    """A player in a group tells the queue that plays on it."""
    play(server, "downstairs")
    await house.caught_up()
    entity_id = house.entity_id("kueche")
    assert (await act(house, "get_queue"))[entity_id]["queue_id"] == "downstairs"


async def test_connection_lost_midway(house: House, server: MassServer) -> None:
    """Who waits for an answer that won't come is told so."""
    server.faults.silence("music/search")
    asked = house.hass.async_create_task(act(house, "search", None, name="x"))
    await until(lambda: sent(server, "music/search"))
    await server.faults.drop()
    await refused("not_connected", asked)
