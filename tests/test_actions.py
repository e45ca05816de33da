"""Actions, called as automations do, and their effects on a real server."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from music_assistant_models.enums import MediaType, PlaybackState
from music_assistant_models.media_items import Album
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.music_assistant.actions import ACTIONS
from custom_components.music_assistant.actions.library import LIBRARY_LISTS
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.media.browse_id import BrowseId
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

from .action_helpers import (
    ALBUM,
    OLD_AND_NEW,
    call_action,
    call_for_response,
    expect_error,
    get_playable_uris,
    get_queue_uris,
    get_sent_arguments,
    start_playback,
)
from .common import Harness, run_second_server, wait_until
from .server import MassServer
from .translation_texts import get_text

TRACK, PODCAST = "library://track/1", "library://podcast/1"
PLAY_MEDIA, ANNOUNCE = "player_queues/play_media", "players/cmd/play_announcement"
VOICE = "tts.voice"


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Return a temporary configuration folder, because spoken messages are cached in files."""
    return str(tmp_path)


def test_actions_have_texts() -> None:
    """Each action and each of its fields has a description."""
    assert all(get_text("services", action.name, "name") for action in ACTIONS)


# The server that is asked


async def test_config_entry_is_optional_with_one_server(harness: Harness) -> None:
    """With one server the config entry may be omitted."""
    named = {"config_entry_id": harness.entry.entry_id}
    unnamed = await call_action(harness, "get_library", None, media_type="playlist")
    assert unnamed == await call_action(
        harness, "get_library", None, media_type="playlist", **named
    )
    assert unnamed["items"]


@pytest.fixture
async def second(harness: Harness) -> AsyncIterator[Harness]:
    """Set up another server with another library."""
    async with run_second_server(harness.hass) as other:
        other.server.library.get_item("library://radio/1").name = "Only here"
        yield other


@pytest.mark.parametrize(
    ("action", "data"), [("search", {"name": "x"}), ("get_library", {"media_type": "radio"})]
)
async def test_config_entry_is_required_with_two_servers(
    harness: Harness, second: Harness, action: str, data: dict[str, Any]
) -> None:
    """With two servers the config entry is required."""
    with pytest.raises(ServiceValidationError) as raised:
        await call_action(harness, action, None, **data)
    assert raised.value.translation_key == "service_found_multiple_config_entry_for_domain"


async def test_config_entry_selects_server(harness: Harness, second: Harness) -> None:
    """The config entry selects the server."""
    found = {
        entry.title: (
            await call_action(
                harness, "search", None, config_entry_id=entry.entry_id, name="Only here"
            )
        )["radio"]
        for entry in (harness.entry, second.entry)
    }
    assert [len(found[title]) for title in ("Music Assistant", "Other")] == [0, 1]


@pytest.mark.parametrize("state", ["unknown", "not_loaded"])
async def test_unknown_or_unloaded_entry_is_an_error(harness: Harness, state: str) -> None:
    """An unknown entry, and one that isn't loaded, is an error."""
    entry_id = harness.entry.entry_id if state == "not_loaded" else "unheard-of"
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "search", None, name="x", config_entry_id=entry_id)


# Looking for music


def remove_additional_fields(value: Any) -> Any:
    """Return a response without the fields that the built-in integration doesn't have."""
    if isinstance(value, list):
        return [remove_additional_fields(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: remove_additional_fields(each) for key, each in value.items() if key != "thumbnail"
    }


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
async def test_search_has_response_of_builtin(
    harness: Harness, data: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    """Search results have the built-in integration's format, with genres added."""
    response = await call_action(harness, "search", None, **data)
    names = {kind: [hit["name"] for hit in hits] for kind, hits in response.items()}
    assert {kind: found[:1] for kind, found in names.items() if found}.items() >= expected.items()
    genres = probatio.Schema(LIBRARY_RESULTS_SCHEMA.schema["items"])
    assert genres(remove_additional_fields(response.pop("genres"))) is not None
    theirs = remove_additional_fields(response)
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
async def test_search_sends_limit_and_types(
    harness: Harness, server: MassServer, data: dict[str, Any], asked: dict[str, Any]
) -> None:
    """The search command has the limit and the types that the server supports."""
    await call_action(harness, "search", None, name="c", **data)
    (args,) = get_sent_arguments(server, "music/search")
    assert args.items() >= asked.items()


@OLD_AND_NEW
async def test_search_sorts_and_limits_results(harness: Harness, server: MassServer) -> None:
    """The best results come first, and no more than the limit."""
    names = ["A Grey Sky", "Grey Sky Blues", "Grey Sky"]
    for number, name in enumerate(names, 1):
        server.library.get_item(f"library://track/{number}").name = name
    response = await call_action(
        harness, "search", None, name="grey sky", media_type="track", limit=2
    )
    assert [hit["name"] for hit in response["tracks"]] == ["Grey Sky", "Grey Sky Blues"]


async def test_search_filters_by_provider(harness: Harness, server: MassServer) -> None:
    """Only results of the given providers are returned, even if the server can't filter."""
    hits = [
        {hit["uri"] for hit in response["tracks"]}
        for providers in ("streaming_demo", "filesystem_local", ["library"], ["builtin"])
        if (
            response := await call_action(
                harness, "search", None, name="a", limit=90, providers=providers
            )
        )
    ]
    library = server.library
    homes = [
        {
            mapping.provider_domain
            for uri in uris
            for mapping in library.get_item(uri).provider_mappings
        }
        for uris in hits[:2]
    ]
    assert ["streaming_demo" in homes[0], "filesystem_local" in homes[1]] == [True, True]
    assert hits[0] != hits[1]
    assert all(uri.startswith("library://") for uri in hits[2])
    assert not hits[3]


async def test_search_unknown_provider(harness: Harness, server: MassServer) -> None:
    """An unknown provider is an error that lists the known ones."""
    action = call_action(harness, "search", None, name="a", providers=["library", "Spotify"])
    await expect_error("unknown_provider", action, name="Spotify")
    assert not get_sent_arguments(server, "music/search")


@OLD_AND_NEW
async def test_get_library_has_response_of_builtin(harness: Harness, server: MassServer) -> None:
    """Each media type is listed by page in the built-in integration's format."""
    for kind in LIBRARY_LISTS:
        library = sorted(item.uri or "" for item in server.library.get_library_items(kind))
        pages = [
            await call_action(
                harness, "get_library", None, media_type=kind, limit=limit, offset=offset
            )
            for limit, offset in ((2, 0), (500, 2))
        ]
        for page in pages:
            assert LIBRARY_RESULTS_SCHEMA(
                remove_additional_fields(page)
            ) == remove_additional_fields(page)
            assert (page["media_type"], page["order_by"]) == (kind, "name")
        assert len(pages[0]["items"]) == pages[0]["limit"] == pages[1]["offset"] == 2
        assert sorted(item["uri"] for page in pages for item in page["items"]) == library


async def test_get_library_default_limit(harness: Harness) -> None:
    """A page has 25 items by default."""
    page = await call_action(harness, "get_library", None, media_type="track")
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
    harness: Harness, server: MassServer, data: dict[str, Any], passes: Callable[[Any], bool]
) -> None:
    """Only the items that match the filters are listed."""
    items = server.library.get_library_items(MediaType(data["media_type"]))
    expected = {item.uri for item in items if passes(item)}
    page = await call_action(harness, "get_library", None, limit=500, **data)
    assert {item["uri"] for item in page["items"]} == expected != set()


async def test_get_library_album_artists_only(harness: Harness, server: MassServer) -> None:
    """Artists who only appear on albums of others can be excluded."""
    for only in (True, False):
        await call_action(
            harness, "get_library", None, media_type="artist", album_artists_only=only
        )
    asked = [
        args["album_artists_only"]
        for args in get_sent_arguments(server, "music/artists/library_items")
    ]
    assert asked == [True, False]


async def test_get_library_order(harness: Harness) -> None:
    """The items have the requested order."""
    page = await call_action(harness, "get_library", None, media_type="radio", order_by="name_desc")
    names = [item["name"].casefold() for item in page["items"]]
    assert names == sorted(names, reverse=True)
    assert page["order_by"] == "name_desc"


@pytest.mark.parametrize("kind", ["folder", "podcast_episode", "nonsense"])
async def test_get_library_unsupported_type(harness: Harness, kind: str) -> None:
    """A media type that no library has is an error."""
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "get_library", None, media_type=kind)


@pytest.mark.parametrize(
    ("action", "data", "command"),
    [
        ("get_library", {"media_type": "genre"}, "music/genres/library_items"),
        ("get_library", {"media_type": "album"}, "music/albums/library_items"),
        ("get_recently_played", {}, "music/recently_played_items"),
        ("get_in_progress", {}, "music/in_progress_items"),
        ("get_recommendations", {}, "music/recommendations"),
    ],
)
async def test_unexpected_answer(
    harness: Harness,
    server: MassServer,
    subtests: pytest.Subtests,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
) -> None:
    """An answer that can't be understood is an error that says so."""
    answers: list[Any] = [None, [None], [{}], "text", 5]
    for answer in answers:
        with subtests.test(str(answer)):
            server.faults.set_response(command, answer)
            await expect_error("unexpected_answer", call_action(harness, action, None, **data))


# Users


@pytest.fixture
def kim(server: MassServer, hass_admin_user: MockUser) -> str:
    """Return the Home Assistant user of kim, who sees only the streaming provider."""
    server.add_user("kim", "kims-password", role="user", provider_filter=["streaming_demo"])
    server.accounts.link_user("kim", "homeassistant", hass_admin_user.id)
    return str(hass_admin_user.id)


ON_BEHALF: list[tuple[str, str | None, dict[str, Any], str]] = [
    ("search", None, {"name": "Harbour FM"}, "music/search"),
    ("get_library", None, {"media_type": "track"}, "music/tracks/library_items"),
    ("play_media", "kueche", {"media_id": TRACK}, PLAY_MEDIA),
    ("play_media", "kueche", {"media_id": TRACK, "shuffle": True}, PLAY_MEDIA),
]
EACH_ON_BEHALF = pytest.mark.parametrize(("action", "player_id", "data", "command"), ON_BEHALF)


@EACH_ON_BEHALF
async def test_actions_run_as_caller(
    harness: Harness,
    server: MassServer,
    kim: str,
    *,
    action: str,
    player_id: str | None,
    data: dict[str, Any],
    command: str,
) -> None:
    """Actions are run on behalf of the Home Assistant user who called."""
    await call_action(harness, action, player_id, user=kim, **data)
    (args,) = get_sent_arguments(server, command)
    assert args["user"] == {"provider": "homeassistant", "user_id": kim, "required": False}


@EACH_ON_BEHALF
async def test_actions_run_as_given_username(
    harness: Harness,
    server: MassServer,
    kim: str,
    *,
    action: str,
    player_id: str | None,
    data: dict[str, Any],
    command: str,
) -> None:
    """A given username overrides the caller."""
    await call_action(harness, action, player_id, user=kim, username="demo", **data)
    (args,) = get_sent_arguments(server, command)
    assert args["user"] == "demo"


async def test_get_library_lists_only_what_caller_can_see(harness: Harness, kim: str) -> None:
    """Items that the caller can't see aren't listed; without a caller all are."""
    whose: list[dict[str, str]] = [{}, {"user": kim}, {"username": "kim"}]
    page: dict[str, Any] = {"media_type": "track", "limit": 500}
    everything, theirs, named = [
        {
            item["uri"]
            for item in (await call_action(harness, "get_library", None, **page, **data))["items"]
        }
        for data in whose
    ]
    assert set() != theirs == named < everything


@pytest.mark.parametrize("schema_version", [29, 98])
async def test_unknown_username(harness: Harness) -> None:
    """An unknown username is an error."""
    action = call_action(harness, "play_media", media_id=TRACK, username="nobody")
    await expect_error("invalid_username", action, username="nobody")


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
    harness: Harness, server: MassServer, data: dict[str, Any], expected: list[str]
) -> None:
    """Media can be given by uri, name, library id, or a list of these."""
    await call_action(harness, "play_media", **data)
    assert get_queue_uris(server) == [
        track for uri in expected for track in get_playable_uris(server, uri)
    ]
    await wait_until(lambda: harness.get_state("kueche").state == "playing")


async def test_play_media_genre_by_name(harness: Harness, server: MassServer) -> None:
    """A genre is found by name and played."""
    await call_action(harness, "play_media", media_id="Night Jazz", media_type="genre")
    assert get_queue_uris(server) == get_playable_uris(server, "library://genre/3")


@pytest.mark.parametrize("schema_version", [29, 46])
@pytest.mark.parametrize("hint", ["artist", "album"])
async def test_play_media_artist_and_album_select_item(
    harness: Harness, server: MassServer, hint: str
) -> None:
    """Artist and album select one of several items of the same name."""
    wanted = server.library.get_item("library://track/30")
    server.library.get_item(TRACK).name = wanted.name
    hints = {"artist": wanted.artists[0].name, "album": wanted.album.name}  # type: ignore[attr-defined]
    data = {"media_id": wanted.name, "media_type": "track"}
    await call_action(harness, "play_media", **data)
    assert get_queue_uris(server) == [TRACK]
    await call_action(harness, "play_media", enqueue="replace", **data, **{hint: hints[hint]})
    assert get_queue_uris(server) == [wanted.uri]


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
async def test_play_media_enqueue_options(
    harness: Harness, server: MassServer, enqueue: str, expected: list[int]
) -> None:
    """All enqueue options change the queue as expected."""
    uris = [f"library://track/{number}" for number in range(10)]
    await call_action(harness, "play_media", media_id=uris[1:4], enqueue="replace")
    await call_action(harness, "play_media", media_id=uris[9], enqueue=enqueue)
    assert get_queue_uris(server) == [uris[number] for number in expected]
    now = server.queues["kueche"].current_item
    assert now and now.uri == uris[9 if enqueue in ("play", "replace") else 1]


@pytest.mark.parametrize(("schema_version", "flagged"), [(29, True), (46, False)])
async def test_play_media_radio_mode(harness: Harness, server: MassServer, flagged: bool) -> None:
    """Radio mode adds similar music; the command for it depends on the server."""
    await call_action(harness, "play_media", media_id=TRACK, radio_mode=True)
    (args,) = get_sent_arguments(server, PLAY_MEDIA)
    assert args["radio_mode"] is flagged
    assert args["media"] == [TRACK if flagged else f"radio_playlist://playlist/{TRACK}"]


@pytest.mark.parametrize("uri", [ALBUM, "library://playlist/1", PODCAST])
@OLD_AND_NEW
async def test_play_media_start_position(harness: Harness, server: MassServer, uri: str) -> None:
    """Albums, playlists and podcasts start at the given position."""
    for start, index in ((1, 0), (3, 2)):
        await call_action(harness, "play_media", media_id=uri, start_item=start)
        assert get_queue_uris(server)[0] == get_playable_uris(server, uri)[index]


@pytest.mark.parametrize("prompt", [False])
@pytest.mark.parametrize(
    ("uri", "item", "index"),
    [
        (ALBUM, "library://track/4", 3),
        (ALBUM, "4", 3),
        (ALBUM, "Hollow Thunder", 2),
        (ALBUM, "hollow", 2),
        (PODCAST, "Latest", -1),
    ],
)
async def test_play_media_start_item_by_name(
    harness: Harness, server: MassServer, uri: str, item: str, index: int
) -> None:
    """A start item is named by URI, id, name, part of the name or "latest"."""
    await call_action(harness, "play_media", media_id=uri, start_item=item)
    assert get_queue_uris(server)[0] == get_playable_uris(server, uri)[index]


@pytest.mark.parametrize("prompt", [False])
@pytest.mark.parametrize(
    ("uri", "item", "key"),
    [
        (ALBUM, "library://track/99999", "media_not_found"),
        (ALBUM, "99999", "nothing_found"),
        (ALBUM, 99999, "no_such_position"),
        (ALBUM, "No such track", "nothing_found"),
        ("library://playlist/1", "No such track", "nothing_found"),
        ("library://audiobook/1", "99", "no_such_position"),
    ],
)
async def test_play_media_unknown_start_item(
    harness: Harness, server: MassServer, uri: str, item: str | int, key: str
) -> None:
    """A start item that doesn't exist is an error, and the queue stays as it is."""
    start_playback(server, uri="library://album/2")
    before = get_queue_uris(server)
    await expect_error(key, call_action(harness, "play_media", media_id=uri, start_item=item))
    assert get_queue_uris(server) == before
    assert not get_sent_arguments(server, PLAY_MEDIA)


@pytest.mark.parametrize("prompt", [False])
@pytest.mark.parametrize("options", [{}, {"shuffle": False}])
@pytest.mark.parametrize("item", ["library://track/4", 4])
async def test_play_media_from_dynamic_playlist(
    harness: Harness, server: MassServer, item: str | int, options: dict[str, Any]
) -> None:
    """A track of a playlist that has other tracks each time is played."""
    playlist = "library://playlist/1"
    server.library.change_each_time(playlist)
    await call_action(harness, "play_media", media_id=playlist, start_item=item, **options)
    first, *_ = get_sent_arguments(server, PLAY_MEDIA)
    assert get_queue_uris(server) == [first["start_item"]]


@pytest.mark.parametrize("prompt", [False])
async def test_play_track_of_browsed_dynamic_playlist(harness: Harness, server: MassServer) -> None:
    """A track that is chosen in such a playlist is played."""
    server.library.change_each_time("library://playlist/1")
    content_id = BrowseId("item", "library://playlist/1", start="library://track/5")
    await harness.call_action(
        "play_media", "kueche", media_content_type="music", media_content_id=str(content_id)
    )
    assert get_queue_uris(server) == ["library://track/5"]


@pytest.mark.parametrize("item", ["1999", 1999, "70953631", 70953631, "3"])
@OLD_AND_NEW
async def test_play_media_start_item_of_digits(
    harness: Harness, server: MassServer, item: str | int
) -> None:
    """A text is an id or part of a name, and so is a number that is no position in the list."""
    track = server.library.get_playable_items(ALBUM)[2]
    assert track.item_id == "3"
    track.name = "1999, or 70953631"
    await call_action(harness, "play_media", media_id=ALBUM, start_item=item)
    assert get_queue_uris(server)[0] == track.uri


async def test_play_media_start_at_chapter(harness: Harness, server: MassServer) -> None:
    """A number is a chapter of an audiobook."""
    await call_action(harness, "play_media", media_id="library://audiobook/1", start_item=2)
    (args,) = get_sent_arguments(server, PLAY_MEDIA)
    assert args["start_item"] == "2"


@pytest.mark.parametrize(
    ("uri", "position"),
    [(ALBUM, 99), (ALBUM, 0), (ALBUM, -1), ("library://radio/1", 1), (TRACK, 1)],
)
async def test_play_media_invalid_start_position(
    harness: Harness, server: MassServer, uri: str, position: int
) -> None:
    """An invalid position is an error, and nothing is played."""
    name = server.library.get_item(uri).name
    action = call_action(harness, "play_media", media_id=uri, start_item=position)
    await expect_error("no_such_position", action, name=name, position=str(position))
    assert not get_sent_arguments(server, PLAY_MEDIA)


@pytest.mark.parametrize("schema_version", [46, 98])
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("shuffle", [True, False])
async def test_play_media_shuffle(
    harness: Harness, server: MassServer, shuffle: bool, before: bool
) -> None:
    """The shuffle option applies to what is played, whatever the queue's setting is."""
    server.playback.set_shuffle(server.queues["kueche"], before)
    server.playback._mixed_at.clear()
    await call_action(harness, "play_media", media_id=ALBUM, shuffle=shuffle)
    assert server.queues["kueche"].shuffle_enabled is shuffle
    assert (get_queue_uris(server) == get_playable_uris(server, ALBUM)) is not shuffle
    assert sorted(get_queue_uris(server)) == sorted(get_playable_uris(server, ALBUM))


@pytest.mark.parametrize("enqueue", ["replace", "add"])
async def test_play_media_shuffle_with_endless_queue(
    harness: Harness, server: MassServer, enqueue: str
) -> None:
    """An endless queue keeps its own order, which is no error."""
    server.queues["kueche"].is_dynamic = True
    await call_action(harness, "play_media", media_id=ALBUM, shuffle=True, enqueue=enqueue)
    assert get_sent_arguments(server, PLAY_MEDIA)


async def test_play_media_without_shuffle_keeps_setting(
    harness: Harness, server: MassServer
) -> None:
    """Without the option, the queue's shuffle setting is kept."""
    await call_action(harness, "play_media", media_id=ALBUM)
    assert not get_sent_arguments(server, "player_queues/shuffle")


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
async def test_play_media_selects_own_or_active_queue(
    harness: Harness, server: MassServer, player_id: str, queue: dict[str, str], expected: str
) -> None:
    """Media plays on the player's own queue, or with the option on its active queue."""
    start_playback(server, "downstairs")
    await harness.wait_for_events()
    await call_action(harness, "play_media", player_id, media_id=TRACK, **queue)
    assert [args["queue_id"] for args in get_sent_arguments(server, PLAY_MEDIA)] == [expected]


async def test_play_media_on_active_queue_with_source(harness: Harness, server: MassServer) -> None:
    """While a player plays an input, there is no active queue."""
    server.playback.play_source(server.players["cinema"], "hdmi1")
    await harness.wait_for_events()
    await expect_error(
        "no_queue", call_action(harness, "play_media", "cinema", media_id=TRACK, queue="active")
    )
    await expect_error("no_queue", call_action(harness, "get_queue", "cinema"), player="Cinema")


@pytest.mark.parametrize(
    ("media_id", "key"),
    [("No such thing anywhere", "nothing_found"), ("library://album/999", "media_not_found")],
)
async def test_play_media_unknown_media(harness: Harness, media_id: str, key: str) -> None:
    """Unknown media is an error."""
    await expect_error(key, call_action(harness, "play_media", media_id=media_id))


@OLD_AND_NEW
async def test_play_media_response(harness: Harness, server: MassServer) -> None:
    """The response has what is played, how it was matched, and what wasn't found."""
    names = ["No such thing anywhere", ALBUM, "Harbour FM", "http://radio.example.com/stream"]
    told = await call_for_response(harness, "play_media", media_id=names)
    assert told["not_found"] == ["No such thing anywhere"]
    assert [(one["asked"], one["match"], one["media_type"]) for one in told["items"]] == [
        (ALBUM, "uri", "album"),
        ("Harbour FM", "exact", "radio"),
        ("http://radio.example.com/stream", "uri", "radio"),
    ]
    album = told["items"][0]
    expected = server.library.get_item(ALBUM)
    assert isinstance(expected, Album)
    assert (album["uri"], album["name"]) == (ALBUM, expected.name)
    assert [artist["name"] for artist in album["artists"]] == [
        artist.name for artist in expected.artists
    ]


@pytest.mark.parametrize(
    ("data", "uris"),
    [
        ({"media_id": ["Harbour FM", "library://track/99999"]}, ["library://radio/1"]),
        ({"media_id": ["library://track/99999", ALBUM, "Nowhere"]}, [ALBUM]),
        ({"media_id": ["99999", "1"], "media_type": "album"}, [ALBUM]),
        ({"media_id": [1, "Lanterns at Low Tide"], "media_type": "album"}, [ALBUM, ALBUM]),
    ],
)
async def test_play_media_mixed_list(
    harness: Harness, data: dict[str, Any], uris: list[str]
) -> None:
    """Names and ids can be mixed, and what isn't there doesn't keep the others from playing."""
    response = await call_for_response(harness, "play_media", **data)
    assert [item["uri"] for item in response["items"]] == uris
    assert {*response["not_found"]} == {str(one) for one in data["media_id"]} & {
        *("library://track/99999", "99999", "Nowhere")
    }


async def test_play_media_only_missing(harness: Harness, server: MassServer) -> None:
    """If nothing of a list is there, that is an error."""
    media_id = ["library://track/99999", "library://album/99999"]
    await expect_error("media_not_found", call_action(harness, "play_media", media_id=media_id))
    assert len(get_sent_arguments(server, PLAY_MEDIA)) == 1


async def test_play_media_response_without_details(harness: Harness, server: MassServer) -> None:
    """Media without details is returned by its URI."""
    server.faults.fail_command("music/item_by_uri", 2, "gone")
    assert await call_for_response(harness, "play_media", media_id=TRACK) == {
        "items": [{"asked": TRACK, "match": "uri", "certainty": 1.0, "uri": TRACK}],
        "not_found": [],
    }


async def test_play_media_source(
    harness: Harness, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items of Home Assistant's media sources are played by their address."""

    async def resolve(*_args: object) -> media_source.PlayMedia:
        return media_source.PlayMedia("http://home.example.com:8123/song.mp3", "audio/mpeg")

    monkeypatch.setattr(media_source, "async_resolve_media", resolve)
    await call_action(harness, "play_media", media_id="media-source://media_source/local/song.mp3")
    (args,) = get_sent_arguments(server, PLAY_MEDIA)
    assert args["media"] == ["http://home.example.com:8123/song.mp3"]


@pytest.mark.parametrize("media_id", [[], None, {"a": 1}])
async def test_play_media_empty_id(harness: Harness, media_id: object) -> None:
    """An empty media id is an error."""
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "play_media", media_id=media_id, start_item=1)


# Announcements


class RecordingTts(tts.TextToSpeechEntity):
    """Represent a text-to-speech entity that records its calls and the server's commands."""

    _attr_name = "Voice"
    _attr_unique_id = "voice"
    _attr_default_language = "en"
    _attr_supported_languages = ("en", "de")  # type: ignore[assignment]
    _attr_supported_options = ("pitch",)  # type: ignore[assignment]

    def __init__(self, server: MassServer) -> None:
        """Initialize for a server."""
        self.server = server
        self.spoken: list[tuple[str, str, dict[str, Any]]] = []
        self.fails = False

    async def async_get_tts_audio(
        self, message: str, language: str, options: dict[str, Any]
    ) -> tts.TtsAudioType:
        """Return audio, or raise if the voice is broken."""
        if self.fails:
            raise HomeAssistantError("hoarse")
        assert not get_sent_arguments(self.server, ANNOUNCE)
        self.spoken.append((message, language, options))
        return "mp3", b"sound"


@pytest.fixture
async def voice(hass: HomeAssistant, harness: Harness) -> RecordingTts:
    """Return a text-to-speech entity of Home Assistant."""
    hass.config.internal_url = "http://home.example.com:8123"
    assert await async_setup_component(hass, "media_source", {})
    assert await async_setup_component(hass, "tts", {})
    voice = RecordingTts(harness.server)
    await hass.data[tts.DATA_COMPONENT].async_add_entities([voice])
    return voice


async def test_announce_url(harness: Harness, server: MassServer) -> None:
    """An announcement of a url is sent with all options."""
    await call_action(
        harness,
        "play_announcement",
        url="http://x/bell.mp3",
        use_pre_announce=True,
        pre_announce_url="http://x/gong.mp3",
        announce_volume=42,
    )
    (args,) = get_sent_arguments(server, ANNOUNCE)
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
    harness: Harness,
    server: MassServer,
    voice: RecordingTts,
    *,
    data: dict[str, Any],
    language: str,
    options: dict[str, Any],
) -> None:
    """A message is spoken once, with its options, before the server is called."""
    data = {"message": "Dinner is ready", "tts_entity_id": VOICE, **data}
    await call_action(harness, "play_announcement", **data)
    assert [(said, spoken_in) for said, spoken_in, _ in voice.spoken] == [
        ("Dinner is ready", language)
    ]
    assert voice.spoken[0][2].items() >= options.items()
    (args,) = get_sent_arguments(server, ANNOUNCE)
    assert args["url"].startswith("http://home.example.com:8123/api/tts_proxy/")


async def test_announce_tts_error(
    harness: Harness, server: MassServer, voice: RecordingTts
) -> None:
    """If text-to-speech fails, no player is changed."""
    voice.fails = True
    with pytest.raises(HomeAssistantError, match="hoarse"):
        await call_action(harness, "play_announcement", message="Hello", tts_entity_id=VOICE)
    assert not get_sent_arguments(server, ANNOUNCE)


@pytest.mark.parametrize("gone", [True, False])
async def test_announce_tts_unavailable(harness: Harness, server: MassServer, gone: bool) -> None:
    """If the text-to-speech entity is unavailable, no player is changed."""
    if not gone:
        harness.hass.states.async_set(VOICE, "unavailable")
    action = call_action(harness, "play_announcement", message="Hello", tts_entity_id=VOICE)
    await expect_error("tts_entity_not_available", action, entity_id=VOICE)
    assert not get_sent_arguments(server, ANNOUNCE)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"message": "Hello"},
        {"tts_entity_id": VOICE},
        {"url": "http://x/y", "message": "Hello", "tts_entity_id": VOICE},
        {"message": "Hello", "tts_entity_id": "media_player.kuche"},
        {"url": ""},
        {"url": "http://x/y", "announce_volume": 0.4},
        {"url": "http://x/y", "announce_volume": "loud"},
    ],
)
async def test_announce_invalid_options(harness: Harness, data: dict[str, Any]) -> None:
    """Exactly one of url and message is required, and a message needs a voice."""
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "play_announcement", **data)


async def test_announce_server_error(harness: Harness, server: MassServer) -> None:
    """The server's error is raised with its reason."""
    server.faults.fail_command(ANNOUNCE, 999, "no speaker")
    action = call_action(harness, "play_announcement", url="http://x/y")
    await expect_error("command_failed", action, server="Music Assistant")


# Queues


@OLD_AND_NEW
@pytest.mark.parametrize(
    ("source", "auto_play"), [(None, None), (None, False), ("living_room", True)]
)
async def test_transfer_queue(
    harness: Harness, server: MassServer, source: str | None, auto_play: bool | None
) -> None:
    """The queue moves from the given player, or from the one that plays."""
    start_playback(server, "living_room")
    await harness.wait_for_events()
    data: dict[str, Any] = {} if auto_play is None else {"auto_play": auto_play}
    if source:
        data["source_player"] = harness.get_entity_id(source)
    await call_action(harness, "transfer_queue", "buero", **data)
    assert get_queue_uris(server, "buero") == get_playable_uris(server, ALBUM)
    assert get_queue_uris(server, "living_room") == []
    playing = server.queues["buero"].state is PlaybackState.PLAYING
    assert playing is (auto_play is not False)


@pytest.mark.parametrize("prompt", [True, False])
@pytest.mark.parametrize("auto_play", [True, False])
async def test_transfer_queue_to_playing_player(
    harness: Harness, server: MassServer, auto_play: bool
) -> None:
    """A player that plays something else is stopped before it gets the queue."""
    for player_id, uri in (("kueche", ALBUM), ("buero", "library://album/2")):
        start_playback(server, player_id, uri)
    await wait_until(lambda: not server.playback.reporter.is_busy)
    await harness.wait_for_events()
    source = harness.get_entity_id("kueche")
    await call_action(harness, "transfer_queue", "buero", source_player=source, auto_play=auto_play)
    assert get_queue_uris(server, "buero") == get_playable_uris(server, ALBUM)
    target = server.queues["buero"]
    assert target.state is (PlaybackState.PLAYING if auto_play else PlaybackState.IDLE)


@pytest.mark.parametrize("playing", [None, "buero"])
async def test_transfer_queue_without_source(
    harness: Harness, server: MassServer, playing: str | None
) -> None:
    """Without another playing player it is an error."""
    if playing:
        start_playback(server, playing)
        await harness.wait_for_events()
    await expect_error("nothing_plays", call_action(harness, "transfer_queue", "buero"))
    assert not get_sent_arguments(server, "player_queues/transfer")


async def test_transfer_empty_queue(harness: Harness) -> None:
    """An empty queue can't be transferred."""
    source = harness.get_entity_id("kueche")
    await expect_error(
        "queue_empty", call_action(harness, "transfer_queue", "buero", source_player=source)
    )


@pytest.mark.parametrize("entity_id", ["media_player.other", "media_player.none", "button.own"])
async def test_transfer_queue_from_other_integration(
    harness: Harness, server: MassServer, entity_id: str
) -> None:
    """An entity of another integration is an error, whatever its unique id is."""
    registry = er.async_get(harness.hass)
    registry.async_get_or_create("media_player", "cast", "kueche", suggested_object_id="other")
    own = registry.async_get_entity_id("button", DOMAIN, "kueche_favorite_now_playing")
    assert own
    registry.async_update_entity(own, new_entity_id="button.own")
    action = call_action(harness, "transfer_queue", "buero", source_player=entity_id)
    await expect_error("not_our_player", action, entity_id=entity_id)
    assert not get_sent_arguments(server, "player_queues/transfer")


@OLD_AND_NEW
@pytest.mark.parametrize("uri", [ALBUM, "library://radio/1", None])
async def test_get_queue(harness: Harness, server: MassServer, uri: str | None) -> None:
    """The queue is returned in the built-in integration's format with its current state."""
    if uri:
        start_playback(server, uri=uri)
        server.playback.skip_time(30)
        await harness.wait_for_events()
    entity_id = harness.get_entity_id("kueche")
    response = (await call_action(harness, "get_queue"))[entity_id]
    assert QUEUE_DETAILS_SCHEMA(response) == response
    expected = {
        "queue_id": "kueche",
        "active": True,
        "name": "Küche",
        "items": len(get_queue_uris(server)),
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
    assert uris == [*get_queue_uris(server)[:2], None, None][:2]


async def test_get_queue_during_server_start(harness: Harness) -> None:
    """A queue that a starting server doesn't know yet is a translated error."""
    await call_action(harness, "play_media", media_id=TRACK)
    await harness.wait_for_events()
    harness.coordinator.connection.client.player_queues._cache.get_all().clear()
    await expect_error("no_queue", call_action(harness, "get_queue"))


async def test_get_queue_of_group_member(harness: Harness, server: MassServer) -> None:
    """A group member returns the queue that plays on it."""
    start_playback(server, "downstairs")
    await harness.wait_for_events()
    entity_id = harness.get_entity_id("kueche")
    assert (await call_action(harness, "get_queue"))[entity_id]["queue_id"] == "downstairs"


async def test_action_fails_when_connection_is_lost(harness: Harness, server: MassServer) -> None:
    """An action whose response can't arrive fails with an error."""
    server.faults.ignore_command("music/search")
    asked = harness.hass.async_create_task(call_action(harness, "search", None, name="x"))
    await wait_until(lambda: get_sent_arguments(server, "music/search"))
    await server.faults.disconnect_clients()
    await expect_error("not_connected", asked)
