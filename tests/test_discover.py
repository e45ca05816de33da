"""Actions that return media for scripts and cards."""

from datetime import UTC, datetime
import json
from typing import Any

from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import PodcastEpisode
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from homeassistant.exceptions import Unauthorized

from .action_helpers import (
    ALBUM,
    ALL_SCHEMAS,
    call_action,
    expect_command_timeout,
    expect_error,
    get_sent_arguments,
    start_playback,
)
from .common import Harness, wait_until
from .server import MassServer
from .test_devices import create_other_entity, get_mac

TRACK, PODCAST, PLAYLIST = "library://track/1", "library://podcast/1", "library://playlist/1"
ARTIST, GENRE, AUDIOBOOK = "library://artist/1", "library://genre/1", "library://audiobook/1"


async def call_for_items(harness: Harness, action: str, **data: Any) -> Any:
    """Call an action with a response, which must be serializable."""
    response = await call_action(harness, action, None, **data)
    assert json.loads(json.dumps(response)) == response
    return response


def get_children(server: MassServer, uri: str, kind: MediaType) -> list[str | None]:
    """Return the children of an item."""
    return [item.uri for item in server.library.get_children(server.library.get_item(uri), kind)]


def get_uris(items: list[dict[str, Any]]) -> list[str]:
    """Return the URIs of a list."""
    return [item["uri"] for item in items]


# What is suggested


@ALL_SCHEMAS
async def test_get_recommendations(harness: Harness, server: MassServer) -> None:
    """The rows are the server's, each with its items, in both formats of servers."""
    (groups,) = (await call_for_items(harness, "get_recommendations")).values()
    names = [group["name"] for group in groups]
    assert {"Random albums", "In progress"} <= set(names)
    for group in groups:
        assert {"item_id", "provider", "sort_name", "uri", "icon", "image"} <= group.keys()
        assert group["items"]
        for item in group["items"]:
            assert server.library.get(item["uri"])
            assert {"item_id", "name", "sort_name", "media_type"} <= item.keys()
            assert item["image"].startswith("/api/music_assistant/")


@pytest.mark.parametrize(
    ("providers", "some"), [("library", True), (["Streaming Demo"], False), (None, True)]
)
async def test_get_recommendations_by_provider(
    harness: Harness, providers: Any, some: bool
) -> None:
    """Only recommendations of the given providers are returned; a player selects the server."""
    data = {"providers": providers} if providers else {"entity": harness.get_entity_id("kueche")}
    assert bool((await call_for_items(harness, "get_recommendations", **data))["response"]) is some


async def test_get_recently_played(harness: Harness, server: MassServer) -> None:
    """Played items are returned, the last first, filtered by type, player and time."""
    library, now = server.library, server.clock()
    library.plays.clear()
    for uri, at, queue_id, fully in (
        (TRACK, now - 300, "kueche", True),
        (ALBUM, now - 200, "kueche", False),
        ("library://track/2", now - 100, "buero", True),
    ):
        library.add_play(library.get_item(uri), at=at, queue_id=queue_id, fully_played=fully)
    player = harness.get_entity_id("kueche")
    since = datetime.fromtimestamp(now - 250, UTC).isoformat()
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["library://track/2", ALBUM, TRACK]),
        ({"limit": 1}, ["library://track/2"]),
        ({"entity": player}, [ALBUM, TRACK]),
        ({"media_type": "album"}, [ALBUM]),
        ({"fully_played_only": True}, ["library://track/2", TRACK]),
        ({"since": since}, ["library://track/2", ALBUM]),
    ]
    for data, played in expected:
        assert (
            get_uris((await call_for_items(harness, "get_recently_played", **data))["items"])
            == played
        )


async def test_get_in_progress(harness: Harness, server: MassServer) -> None:
    """Items in progress are returned."""
    book = server.library.get_item(AUDIOBOOK)
    server.library.add_play(book, seconds=60, fully_played=False)
    assert AUDIOBOOK in get_uris((await call_for_items(harness, "get_in_progress"))["items"])
    assert (
        len((await call_for_items(harness, "get_in_progress", limit=1, all_users=True))["items"])
        == 1
    )
    assert get_sent_arguments(server, "music/in_progress_items")[-1] == {
        "limit": 1,
        "all_users": True,
    }


# An item, and what is in it


@ALL_SCHEMAS
@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        (ALBUM, MediaType.TRACK),
        (PLAYLIST, MediaType.TRACK),
        (ARTIST, MediaType.ALBUM),
        (PODCAST, MediaType.PODCAST_EPISODE),
    ],
)
async def test_get_item(harness: Harness, server: MassServer, uri: str, kind: MediaType) -> None:
    """An item is returned with its children in pages, whatever the server supports."""
    expected = get_children(server, uri, kind)
    told = await call_for_items(harness, "get_item", uri=uri)
    assert (told["item"]["uri"], told["limit"], told["offset"]) == (uri, 100, 0)
    (name,) = [
        name
        for name, items in told["children"].items()
        if items and items[0]["media_type"] == kind.value
    ]
    children = get_uris(told["children"][name])
    assert set(children) == set(expected)
    pages = [
        await call_for_items(harness, "get_item", uri=uri, limit=2, offset=offset, children=name)
        for offset in range(0, len(children), 2)
    ]
    assert all(page["children"].keys() == {name} for page in pages)
    paged = [uri for page in pages for uri in get_uris(page["children"][name])]
    assert sorted(paged) == sorted(children)


async def test_get_item_details(harness: Harness, server: MassServer) -> None:
    """Details of a media type are returned in plain types."""
    album = (await call_for_items(harness, "get_item", uri=ALBUM))["item"]
    assert {"year", "album_type", "artists", "thumbnail", "image"} <= album.keys()
    track = (await call_for_items(harness, "get_item", uri=ALBUM))["children"]["tracks"][0]
    assert {"duration", "track_number", "disc_number", "artists", "album"} <= track.keys()
    book = (await call_for_items(harness, "get_item", uri=AUDIOBOOK))["item"]
    assert book["chapters"][0].keys() == {"position", "name", "start", "end"}


@pytest.mark.parametrize(("schema_version", "has"), [(46, False), (98, True)])
async def test_get_genre(harness: Harness, schema_version: int, has: bool) -> None:
    """The children of a genre are returned by servers that support it."""
    told = await call_for_items(harness, "get_item", uri=GENRE)
    assert bool(told["children"]) is has
    assert told["item"]["media_type"] == "genre"


async def test_get_item_as_caller(
    harness: Harness, server: MassServer, hass_admin_user: MockUser
) -> None:
    """Only children that the caller can see are returned."""
    server.add_user("kim", "kims-password", provider_filter=["streaming_demo"])
    for user, expected in ((None, None), ("kim", "kim")):
        await call_action(
            harness, "get_item", None, uri=ALBUM, **({"username": user} if user else {})
        )
        assert get_sent_arguments(server, "music/albums/album_tracks")[-1].get("user") == expected


# Lyrics


@pytest.fixture
def sung(server: MassServer) -> list[str]:
    """Return the lyrics of the first track, which have times."""
    metadata = server.library.get_item(TRACK).metadata
    metadata.lyrics = "First\nSecond"
    metadata.lrc_lyrics = "[00:01.00]First\n[00:02.50]Second"
    return metadata.lyrics.splitlines()


@ALL_SCHEMAS
async def test_get_lyrics(harness: Harness, server: MassServer, sung: list[str]) -> None:
    """The lyrics of a track, or of the current one, are returned with their times."""
    by_uri = await call_for_items(harness, "get_lyrics", uri=TRACK)
    start_playback(server, uri=TRACK)
    await harness.wait_for_events()
    assert (
        await call_for_items(harness, "get_lyrics", entity=harness.get_entity_id("kueche"))
        == by_uri
    )
    assert by_uri["item"]["uri"] == TRACK
    assert by_uri["lyrics"].splitlines() == sung
    assert by_uri["lines"] == [
        {"time": 1.0, "text": "First"},
        {"time": 2.5, "text": "Second"},
    ]


async def test_plain_lyrics_from_timed_ones(
    harness: Harness, server: MassServer, sung: list[str]
) -> None:
    """Plain lyrics are created from those with times."""
    server.library.get_item(TRACK).metadata.lyrics = None
    assert (await call_for_items(harness, "get_lyrics", uri=TRACK))["lyrics"].splitlines() == sung


async def test_lyrics_with_times_in_the_plain_field(
    harness: Harness, server: MassServer, sung: list[str]
) -> None:
    """LRC text in the field of the plain lyrics is parsed as well."""
    expected = await call_for_items(harness, "get_lyrics", uri=TRACK)
    metadata = server.library.get_item(TRACK).metadata
    metadata.lyrics, metadata.lrc_lyrics = metadata.lrc_lyrics, None
    assert await call_for_items(harness, "get_lyrics", uri=TRACK) == expected


async def test_lyrics_of_older_server(
    harness: Harness, server: MassServer, sung: list[str]
) -> None:
    """A server that can't search for lyrics returns those that it has."""
    server.faults.fail_command("metadata/get_track_lyrics", 12)
    assert (await call_for_items(harness, "get_lyrics", uri=TRACK))["lyrics"].splitlines() == sung


@pytest.mark.parametrize("uri", ["library://radio/1", "library://track/2", ALBUM])
async def test_no_lyrics(harness: Harness, server: MassServer, uri: str) -> None:
    """An item without lyrics returns none."""
    metadata = server.library.get_item(uri).metadata
    metadata.lyrics = metadata.lrc_lyrics = None
    told = await call_for_items(harness, "get_lyrics", uri=uri)
    assert (told["lyrics"], told["lines"]) == (None, [])


async def test_lyrics_without_current_track(harness: Harness) -> None:
    """Without a current track there are no lyrics."""
    action = call_action(harness, "get_lyrics", None, entity=harness.get_entity_id("kueche"))
    await expect_error("nothing_playing", action, player="Küche")


# As mass_queue does

ENTRY = {
    *("media_title", "media_content_id", "duration", "media_image", "favorite"),
    *("media_album_name", "media_artist"),
}


@pytest.mark.parametrize("uri", [ALBUM, ARTIST, PLAYLIST, PODCAST])
async def test_mass_queue_item(harness: Harness, server: MassServer, uri: str) -> None:
    """An item is returned as the server sends it."""
    kind = uri.split("/")[2]
    told = await call_for_items(harness, f"get_{kind}", uri=uri)
    theirs = server.library.get_item(uri).to_dict()
    assert told.keys() == theirs.keys()
    assert (told["uri"], told["name"]) == (uri, theirs["name"])


@ALL_SCHEMAS
@pytest.mark.parametrize(
    ("action", "uri", "kind", "more"),
    [
        ("get_album_tracks", ALBUM, MediaType.TRACK, set[str]()),
        ("get_artist_tracks", ARTIST, MediaType.TRACK, set[str]()),
        ("get_playlist_tracks", PLAYLIST, MediaType.TRACK, {"position"}),
        ("get_podcast_episodes", PODCAST, MediaType.PODCAST_EPISODE, {"release_date"}),
    ],
)
async def test_mass_queue_children(
    harness: Harness, server: MassServer, *, action: str, uri: str, kind: MediaType, more: set[str]
) -> None:
    """Children are returned in mass_queue's format, all or a page."""
    expected = get_children(server, uri, kind)
    for page in ({}, {"page": 1}):
        (entries,) = (await call_for_items(harness, action, uri=uri, **page)).values()
        assert {entry["media_content_id"] for entry in entries} == set(expected)
        for entry in entries:
            assert entry.keys() >= ENTRY | more
            assert entry["media_image"].startswith("/api/music_assistant/")
    (entries,) = (await call_for_items(harness, action, uri=uri, page=2)).values()
    assert entries == []


@pytest.mark.parametrize("schema_version", [98])
@pytest.mark.parametrize("pages", [1, 3])
async def test_mass_queue_long_list(
    harness: Harness, server: MassServer, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    """A long list is read to its end in pages."""
    expected = get_children(server, ALBUM, MediaType.TRACK)
    size = -(-len(expected) // pages)
    monkeypatch.setattr("custom_components.music_assistant.actions.collections.PAGE_SIZE", size)
    (entries,) = (await call_for_items(harness, "get_album_tracks", uri=ALBUM)).values()
    assert [entry["media_content_id"] for entry in entries] == expected
    (entries,) = (await call_for_items(harness, "get_album_tracks", uri=ALBUM, page=1)).values()
    assert [entry["media_content_id"] for entry in entries] == expected[:size]


async def test_episodes_are_sorted_by_date(harness: Harness, server: MassServer) -> None:
    """Episodes are sorted by date, the newest first, those without a date last."""
    episodes = server.library.get_children(
        server.library.get_item(PODCAST), MediaType.PODCAST_EPISODE
    )
    for number, episode in enumerate(episodes):
        assert isinstance(episode, PodcastEpisode)
        episode.metadata.release_date = datetime(2026, 1, 1 + number, tzinfo=UTC)
    episodes[1].metadata.release_date = None
    (entries,) = (await call_for_items(harness, "get_podcast_episodes", uri=PODCAST)).values()
    dates = [entry["release_date"] for entry in entries]
    assert dates == sorted(dates, reverse=True)
    assert dates[-1] == ""


async def test_wrong_media_type(harness: Harness) -> None:
    """An item of another media type is an error."""
    await expect_error("other_kind", call_action(harness, "get_album", None, uri=TRACK), uri=TRACK)
    await expect_error("other_kind", call_action(harness, "get_playlist_tracks", None, uri=ALBUM))


# What goes wrong, for each of them

READS: list[tuple[str, dict[str, Any], str]] = [
    ("search", {"name": "a"}, "music/search"),
    ("get_library", {"media_type": "track"}, "music/tracks/library_items"),
    ("get_recommendations", {}, "music/recommendations"),
    ("get_recently_played", {}, "music/recently_played_items"),
    ("get_in_progress", {}, "music/in_progress_items"),
    ("get_item", {"uri": ALBUM}, "music/item_by_uri"),
    ("get_item", {"uri": ALBUM}, "music/albums/album_tracks"),
    ("get_lyrics", {"uri": TRACK}, "music/item_by_uri"),
    ("get_album", {"uri": ALBUM}, "music/item_by_uri"),
    ("get_podcast_episodes", {"uri": PODCAST}, "music/podcasts/podcast_episodes"),
]


@pytest.mark.parametrize(("action", "data", "command"), READS)
async def test_server_errors(
    harness: Harness,
    server: MassServer,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
) -> None:
    """Errors of the server are translated."""
    for code, details, key in (
        (22, "It is not yours", "not_permitted"),
        (12, f"Invalid command: {command}", "server_too_old_for_command"),
        (2, "It is gone", "media_not_found"),
    ):
        server.faults.fail_command(command, code, details)
        await expect_error(
            key, call_action(harness, action, None, **data), server="Music Assistant"
        )
    server.faults.clear()
    await expect_command_timeout(server, command, call_action(harness, action, None, **data))
    asked = harness.hass.async_create_task(call_action(harness, action, None, **data))
    await wait_until(lambda: len(get_sent_arguments(server, command)) >= 5)
    await server.faults.disconnect_clients()
    await expect_error("not_connected", asked)


@pytest.mark.parametrize("action", ["get_item", "get_lyrics", "get_album", "get_artist_tracks"])
async def test_missing_item(harness: Harness, action: str) -> None:
    """A missing item is an error."""
    await expect_error(
        "media_not_found", call_action(harness, action, None, uri="library://album/9999")
    )


@pytest.mark.parametrize("action", ["get_recommendations", "get_recently_played", "get_lyrics"])
async def test_unknown_or_forbidden_player(
    harness: Harness, hass_read_only_user: MockUser, action: str
) -> None:
    """A player of another integration, or without permission, is an error."""
    await expect_error("no_player", call_action(harness, action, None, entity="media_player.other"))
    hass_read_only_user.groups.clear()
    twin = create_other_entity(harness.hass, get_mac(harness.server, "kueche"))
    hass_read_only_user.mock_policy({"entities": {"entity_ids": {twin: True}}})
    for entity_id in (harness.get_entity_id("kueche"), twin):
        with pytest.raises(Unauthorized):
            await call_action(harness, action, None, user=hass_read_only_user.id, entity=entity_id)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {"media_type": "track", "providers": ["Streaming Demo"]},
            {"provider": ["streaming_demo--1"]},
        ),
        (
            {"media_type": "album", "sort_field": "year", "sort_direction": "asc"},
            {"sort_field": "year", "sort_direction": "asc"},
        ),
        (
            {"media_type": "track", "sort_field": "random", "random_seed": 7},
            {"sort_field": "random", "random_seed": 7},
        ),
        (
            {
                "media_type": "genre",
                "played_only": True,
                "hide_empty": True,
                "content_type": "music",
                "contains": "album",
            },
            {
                "played_only": True,
                "hide_empty": True,
                "content_type": "music",
                "media_type": "album",
            },
        ),
    ],
)
@pytest.mark.parametrize("schema_version", [98])
async def test_library_filters(
    harness: Harness, server: MassServer, data: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Filters and sort orders of the server are supported."""
    assert (await call_for_items(harness, "get_library", **data))["items"]
    assert (
        get_sent_arguments(server, f"music/{data['media_type']}s/library_items")[-1].items()
        >= expected.items()
    )


async def test_library_filters_of_older_server(harness: Harness, server: MassServer) -> None:
    """A filter that an older server doesn't support is an error before any request."""
    action = call_action(harness, "get_library", None, media_type="track", sort_field="duration")
    await expect_error("server_too_old_for_command", action)
    assert not get_sent_arguments(server, "music/tracks/library_items")
