"""Actions for playlists."""

import asyncio
from typing import Any

from music_assistant_models.enums import MediaType, QueueOption
from music_assistant_models.media_items import Playlist, Track
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from homeassistant.exceptions import ServiceValidationError

from .action_helpers import (
    ALBUM,
    OLD_AND_NEW,
    REFUSALS,
    call_action,
    call_server_action,
    expect_command_timeout,
    expect_error,
    get_playable_uris,
    get_queue_uris,
    get_sent_arguments,
    start_playback,
)
from .common import Harness, LoopMonitor
from .server import MassServer
from .server.library import FILES, STREAMING

OURS, OTHER, THEIRS = (f"library://playlist/{number}" for number in (1, 2, 3))
TRACK = "library://track/300"
ADD, REMOVE = "music/playlists/add_playlist_tracks", "music/playlists/remove_playlist_tracks"
CREATE, LIST = "music/playlists/create_playlist", "music/playlists/library_items"


def playlist(server: MassServer, uri: str = OURS) -> Playlist:
    """Return a playlist of the server's."""
    found = server.library.get_item(uri)
    assert isinstance(found, Playlist)
    return found


def add_tracks(server: MassServer, count: int) -> list[str]:
    """Add a number of tracks to a playlist, and return their uris."""
    held = server.library._held[OURS, MediaType.TRACK]
    made = [
        Track(
            item_id=f"made{number}",
            provider="library",
            name=f"Made {number}",
            provider_mappings=set(),
        )
        for number in range(count)
    ]
    held[:] = made
    return [str(one.uri) for one in made]


# What goes wrong with any of them


EACH = pytest.mark.parametrize(
    ("action", "data", "command"),
    [
        ("get_playlists", {}, LIST),
        ("create_playlist", {"name": "New"}, CREATE),
        ("add_to_playlist", {"playlist": OURS, "media_id": TRACK}, ADD),
        ("remove_from_playlist", {"playlist": OURS, "media_id": "{first}"}, REMOVE),
        ("remove_playlist_tracks", {"playlist_id": 1, "positions_to_remove": 1}, REMOVE),
    ],
)


def insert_first_track(server: MassServer, data: dict[str, Any]) -> dict[str, Any]:
    """Return data with the first track of the playlist."""
    first = get_playable_uris(server, OURS)[0]
    return {key: first if value == "{first}" else value for key, value in data.items()}


@EACH
@REFUSALS
async def test_server_errors(
    harness: Harness,
    server: MassServer,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
    code: int,
    key: str,
) -> None:
    """The server's errors are raised with their reason."""
    server.faults.fail_command(command, code, f"Invalid command: {command}")
    await expect_error(key, call_action(harness, action, None, **insert_first_track(server, data)))


@EACH
async def test_command_timeout(
    harness: Harness,
    server: MassServer,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
) -> None:
    """A server that doesn't answer is an error after the timeout."""
    await expect_command_timeout(
        server, command, call_action(harness, action, None, **insert_first_track(server, data))
    )


# Which one


async def test_get_playlists(harness: Harness, server: MassServer) -> None:
    """All playlists are listed, with whether they are editable."""
    playlist(server).favorite = True
    playlist(server, OTHER).favorite = None
    told = {
        each["uri"]: each
        for each in (await call_server_action(harness, "get_playlists"))["playlists"]
    }
    assert set(told) == {each.uri for each in server.library.get_library_items(MediaType.PLAYLIST)}
    assert (
        told[OURS]
        | {
            "item_id": "1",
            "name": playlist(server).name,
            "media_type": "playlist",
            "favorite": True,
            "owner": "Music Assistant",
            "editable": True,
        }
        == told[OURS]
    )
    assert (told[THEIRS]["editable"], told[THEIRS]["owner"]) == (False, STREAMING.name)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"editable": True}, [1, 2, 4, 5]),
        ({"editable": False}, [3, 6]),
        ({"favorite": True}, [2, 3]),
        ({"favorite": False, "editable": False}, [6]),
        ({"search": "PARTY"}, [4]),
    ],
)
async def test_get_playlists_filters(
    harness: Harness, server: MassServer, data: dict[str, Any], expected: list[int]
) -> None:
    """Only playlists that match the filters are listed."""
    for number in range(1, 7):
        one = playlist(server, f"library://playlist/{number}")
        one.favorite = number in (2, 3) or (None if number == 1 else False)
        one.name = "Big party" if number == 4 else f"Quiet {number}"
    found = (await call_server_action(harness, "get_playlists", **data))["playlists"]
    assert sorted(int(each["item_id"]) for each in found) == expected


async def test_get_many_playlists(harness: Harness, server: MassServer) -> None:
    """More playlists than fit on a page are listed."""
    for number in range(600):
        server.library.create_playlist(f"Mine {number}", None, "me")
    assert len((await call_server_action(harness, "get_playlists"))["playlists"]) == 606
    assert [args["offset"] for args in get_sent_arguments(server, LIST)] == [0, 500]


async def test_get_playlists_as_caller(
    harness: Harness, server: MassServer, hass_admin_user: MockUser
) -> None:
    """Only playlists that the caller can see are listed."""
    server.add_user("kim", "kims-password", role="user", provider_filter=["streaming_demo"])
    server.accounts.link_user("kim", "homeassistant", hass_admin_user.id)
    answer = await call_action(harness, "get_playlists", None, user=hass_admin_user.id)
    theirs = (await call_server_action(harness, "get_playlists", username="kim"))["playlists"]
    assert answer["playlists"] == theirs
    assert {each["item_id"] for each in theirs} == {"3", "6"}


@pytest.mark.parametrize("how", ["uri", "item_id", "name", "upper"])
async def test_playlist_by_uri_id_or_name(harness: Harness, server: MassServer, how: str) -> None:
    """A playlist is given by URI, id or name."""
    one = playlist(server)
    named = one.name.upper() if how == "upper" else getattr(one, how)
    answer = await call_server_action(harness, "add_to_playlist", playlist=named, media_id=TRACK)
    assert answer["playlist"]["uri"] == OURS
    assert get_playable_uris(server, OURS)[-1] == TRACK


async def test_playlist_name_precedes_id(harness: Harness, server: MassServer) -> None:
    """A name takes precedence over the same id of another playlist."""
    playlist(server, OTHER).name = "1"
    answer = await call_server_action(harness, "add_to_playlist", playlist="1", media_id=TRACK)
    assert answer["playlist"]["uri"] == OTHER


@pytest.mark.parametrize("action", ["add_to_playlist", "remove_from_playlist"])
@pytest.mark.parametrize(
    ("named", "key", "told"),
    [
        ("saturday nite", "no_playlist", {"choices": "Saturday night"}),
        ("Xyzzyqq", "no_playlist", {"choices": "-"}),
        ("99", "no_playlist", {"name": "99"}),
        ("Twice", "several_playlists", {"choices": "library://playlist/4, library://playlist/5"}),
        (THEIRS, "playlist_not_editable", {"name": "Theirs"}),
        ("Theirs", "playlist_not_editable", {}),
        (ALBUM, "not_a_playlist", {"name": ALBUM}),
        ("library://playlist/99", "media_not_found", {}),
        (f"radio_playlist://playlist/{TRACK}", "playlist_not_in_library", {}),
    ],
)
async def test_invalid_playlist(
    harness: Harness, server: MassServer, *, action: str, named: str, key: str, told: dict[str, str]
) -> None:
    """Unknown and ambiguous names, and playlists that aren't editable, are errors."""
    names = ["Saturday night", "Sunday", "Theirs", "Twice", "twice", "Else"]
    for number, name in enumerate(names, 1):
        playlist(server, f"library://playlist/{number}").name = name
    await expect_error(
        key, call_action(harness, action, None, playlist=named, media_id=TRACK), **told
    )
    assert not get_sent_arguments(server, ADD) + get_sent_arguments(server, REMOVE)


# Making one


@OLD_AND_NEW
@pytest.mark.parametrize(
    ("data", "home"),
    [
        ({}, "builtin"),
        ({"provider": FILES.name}, FILES.instance_id),
        ({"provider": "builtin"}, "builtin"),
    ],
)
async def test_create_playlist(
    harness: Harness, server: MassServer, data: dict[str, str], home: str
) -> None:
    """A playlist is created at the given provider, optionally with items."""
    made = await call_server_action(harness, "create_playlist", name="Saturday night", **data)
    assert (made["name"], made["editable"], made["owner"]) == ("Saturday night", True, "demo")
    (mapping,) = playlist(server, made["uri"]).provider_mappings
    assert mapping.provider_instance == home
    await call_server_action(harness, "add_to_playlist", playlist="saturday night", media_id=ALBUM)
    assert get_playable_uris(server, made["uri"]) == get_playable_uris(server, ALBUM)


async def test_create_playlist_unknown_provider(harness: Harness, server: MassServer) -> None:
    """An unknown provider is an error."""
    await expect_error(
        "unknown_provider", call_action(harness, "create_playlist", None, name="x", provider="y")
    )
    assert not get_sent_arguments(server, CREATE)


@pytest.mark.parametrize("data", [{}, {"name": ""}, {"name": None}])
async def test_create_playlist_without_name(harness: Harness, data: dict[str, Any]) -> None:
    """A playlist needs a name."""
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "create_playlist", None, **data)


# Adding


@OLD_AND_NEW
async def test_add_to_playlist(harness: Harness, server: MassServer) -> None:
    """Items are appended in order, except those that are in it already."""
    before = get_playable_uris(server, OURS)
    named = ["library://track/301", before[0], TRACK]
    answer = await call_server_action(harness, "add_to_playlist", playlist=OURS, media_id=named)
    assert get_playable_uris(server, OURS) == [*before, "library://track/301", TRACK]
    assert (answer["playlist"]["uri"], answer["uris"]) == (OURS, named)


@pytest.mark.parametrize(("source", "count"), [("current", 1), ("queue", 8)])
async def test_add_current_item_or_queue(
    harness: Harness, server: MassServer, source: str, count: int
) -> None:
    """The current item of a player or its whole queue is appended."""
    before = get_playable_uris(server, OURS)
    start_playback(server)
    await harness.wait_for_events()
    await call_action(harness, "add_to_playlist", "kueche", playlist=OURS, source=source)
    expected = get_queue_uris(server)[: len(get_queue_uris(server)) if source == "queue" else 1]
    assert get_playable_uris(server, OURS) == [
        *before,
        *(uri for uri in expected if uri not in before),
    ]
    (args,) = get_sent_arguments(server, ADD)
    assert args["uris"] == expected


async def test_add_long_queue(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor
) -> None:
    """A long queue is read and appended in parts."""
    uris = [f"library://track/{number}" for number in range(1, 391)]
    playlist(server)
    server.library._held[OURS, MediaType.TRACK].clear()
    queue = server.queues["kueche"]
    for part in (uris, [f"https://x/{number}.mp3" for number in range(700)]):
        items = [item for uri in part for item in server.library.get_playable_items(uri)]
        server.playback.add_items(queue, items, QueueOption.ADD)
    await harness.wait_for_events()
    everything = get_queue_uris(server)
    with loop_monitor.skip_idle_time():
        await call_action(harness, "add_to_playlist", "kueche", playlist=OURS, source="queue")
    assert get_playable_uris(server, OURS) == everything[:500]  # what the server shows of it
    held = server.library.get_children(playlist(server), MediaType.TRACK)
    assert [item.uri for item in held] == everything
    assert [len(args["uris"]) for args in get_sent_arguments(server, ADD)] == [500, 500, 90]
    assert [args["offset"] for args in get_sent_arguments(server, "player_queues/items")][-3:] == [
        0,
        500,
        1000,
    ]


async def test_add_without_current_item(harness: Harness, server: MassServer) -> None:
    """A player without a suitable item is an error."""
    for source, key in (("current", "nothing_playing"), ("queue", "nothing_to_save")):
        asked = call_action(harness, "add_to_playlist", "kueche", playlist=OURS, source=source)
        await expect_error(key, asked)
    server.playback.play_source(server.players["cinema"], "hdmi1")
    await harness.wait_for_events()
    asked = call_action(harness, "add_to_playlist", "cinema", playlist=OURS, source="queue")
    await expect_error("no_queue", asked)
    assert not get_sent_arguments(server, ADD)


@pytest.mark.parametrize("schema_version", [98])
async def test_add_task_error(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor
) -> None:
    """The error of a task on a newer server is raised."""
    unknown = ["library://track/99999"]
    with loop_monitor.skip_idle_time():
        asked = call_action(harness, "add_to_playlist", None, playlist=OURS, media_id=unknown)
        await expect_error("command_failed", asked)


@pytest.mark.parametrize("schema_version", [98])
async def test_add_task_timeout(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task is waited for until the timeout."""

    async def wait_forever(*_args: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(server.tasks, "_run_task", wait_forever)
    with loop_monitor.skip_idle_time():
        asked = call_action(harness, "add_to_playlist", None, playlist=OURS, media_id=TRACK)
        await expect_error("command_timeout", asked, command=ADD, seconds="60")


@pytest.mark.parametrize("source", ["everything", True])
async def test_invalid_add_source(harness: Harness, source: object) -> None:
    """Only the current item and the queue are valid sources."""
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "add_to_playlist", "kueche", playlist=OURS, source=source)


# Removing


@OLD_AND_NEW
async def test_remove_from_playlist(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor
) -> None:
    """An item is removed at its current position."""
    held = server.library._held[OURS, MediaType.TRACK]
    held.append(held[1])
    before = get_playable_uris(server, OURS)
    with loop_monitor.skip_idle_time():
        answer = await call_server_action(
            harness, "remove_from_playlist", playlist=OURS, media_id=before[1]
        )
    assert answer["positions"] == [2, len(before)]
    assert get_playable_uris(server, OURS) == [before[0], *before[2:-1]]
    (args,) = get_sent_arguments(server, "music/playlists/playlist_tracks")
    assert args["force_refresh"] is True


@OLD_AND_NEW
async def test_remove_current_item(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor
) -> None:
    """The current item is removed, also if the playlist has another provider's id."""
    before = get_playable_uris(server, OURS)
    start_playback(server, uri=before[2])
    await harness.wait_for_events()
    track = server.library.get_item(before[2])
    mapping = min(track.provider_mappings, key=lambda each: each.provider_instance)
    held = server.library._held[OURS, MediaType.TRACK]
    held[2] = Track(
        item_id=mapping.item_id,
        provider=mapping.provider_instance,
        name=track.name,
        provider_mappings={mapping},
    )
    with loop_monitor.skip_idle_time():
        await call_action(harness, "remove_from_playlist", "kueche", playlist=OURS)
    assert get_playable_uris(server, OURS) == [*before[:2], *before[3:]]


async def test_concurrent_removals(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor
) -> None:
    """Concurrent removals respect each other's positions."""
    before = get_playable_uris(server, OURS)
    with loop_monitor.skip_idle_time():
        await asyncio.gather(
            *(
                call_action(harness, "remove_from_playlist", None, playlist=OURS, media_id=uri)
                for uri in (before[0], before[3], before[4])
            )
        )
    assert get_playable_uris(server, OURS) == [before[1], before[2], *before[5:]]


async def test_remove_missing_item(harness: Harness, server: MassServer) -> None:
    """If an item isn't in the playlist, nothing is removed."""
    named = [get_playable_uris(server, OURS)[0], TRACK]
    asked = call_action(harness, "remove_from_playlist", None, playlist=OURS, media_id=named)
    told = {"name": TRACK, "playlist": playlist(server).name}
    await expect_error("not_in_playlist", asked, **told)
    asked = call_action(
        harness, "remove_from_playlist", None, playlist=OURS, media_id="library://track/9999"
    )
    await expect_error("media_not_found", asked)
    assert not get_sent_arguments(server, REMOVE)


@pytest.mark.parametrize(("schema_version", "offsets"), [(46, [None]), (98, [0, 500, 1000])])
async def test_remove_from_long_playlist(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor, offsets: list[int | None]
) -> None:
    """A long playlist is read in pages, fresh only once."""
    uris = add_tracks(server, 1200)
    with loop_monitor.skip_idle_time():
        await call_action(
            harness, "remove_from_playlist", None, playlist=OURS, media_id=[uris[1100], uris[3]]
        )
    (args,) = get_sent_arguments(server, REMOVE)
    assert args["positions_to_remove"] == [4, 1101]
    read = get_sent_arguments(server, "music/playlists/playlist_tracks")
    assert [args.get("offset") for args in read] == offsets
    assert [args["force_refresh"] for args in read] == [True] + [False] * (len(offsets) - 1)


# As mass_queue does


@OLD_AND_NEW
@pytest.mark.parametrize(
    ("named", "positions", "gone"),
    [(1, 2, [2]), ("1", "2", [2]), (1, [1, 3], [1, 3]), (OURS, ["1", "3"], [1, 3])],
)
async def test_remove_by_position(
    harness: Harness,
    server: MassServer,
    loop_monitor: LoopMonitor,
    *,
    named: object,
    positions: object,
    gone: list[int],
) -> None:
    """Positions are accepted in all forms of mass_queue."""
    before = get_playable_uris(server, OURS)
    data: dict[str, Any] = {"playlist_id": named, "positions_to_remove": positions}
    with loop_monitor.skip_idle_time():
        await call_action(
            harness, "remove_playlist_tracks", None, config_entry_id=harness.entry.entry_id, **data
        )
    kept = [uri for number, uri in enumerate(before, 1) if number not in gone]
    assert get_playable_uris(server, OURS) == kept


async def test_remove_invalid_position(harness: Harness, server: MassServer) -> None:
    """Invalid positions are an error, and nothing is removed."""
    name, count = playlist(server).name, len(get_playable_uris(server, OURS))
    data: dict[str, Any] = {"playlist_id": 1, "positions_to_remove": [0, 1, 99]}
    told = {"name": name, "position": "0, 99", "count": str(count)}
    await expect_error(
        "no_playlist_position", call_action(harness, "remove_playlist_tracks", None, **data), **told
    )
    assert not get_sent_arguments(server, REMOVE)


@pytest.mark.parametrize("positions", [[], -1, "two", None])
async def test_positions_are_numbers(harness: Harness, positions: object) -> None:
    """Positions must be numbers."""
    data: dict[str, Any] = {"playlist_id": 1, "positions_to_remove": positions}
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "remove_playlist_tracks", None, **data)
