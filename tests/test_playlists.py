"""Actions on playlists: which one is meant, what is in it, how it is changed."""

import asyncio
from typing import Any

from music_assistant_models.enums import MediaType, QueueOption
from music_assistant_models.media_items import Playlist, Track
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from .acting import (
    ALBUM,
    OLD_AND_NEW,
    REFUSALS,
    act,
    call,
    content,
    play,
    refused,
    sent,
    silent,
    tracks,
)
from .common import House, Pulse
from .server import MassServer
from .server.library import FILES, STREAMING

OURS, OTHER, THEIRS = (f"library://playlist/{number}" for number in (1, 2, 3))
TRACK = "library://track/300"
ADD, REMOVE = "music/playlists/add_playlist_tracks", "music/playlists/remove_playlist_tracks"
CREATE, LIST = "music/playlists/create_playlist", "music/playlists/library_items"


def playlist(server: MassServer, uri: str = OURS) -> Playlist:
    """Return a playlist of the server's."""
    found = server.library.item(uri)
    assert isinstance(found, Playlist)
    return found


def fill(server: MassServer, count: int) -> list[str]:
    """Fill a playlist with that many tracks, and return their uris."""
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


def filled_in(server: MassServer, data: dict[str, Any]) -> dict[str, Any]:
    """Return data with the first track of the playlist in it."""
    first = tracks(server, OURS)[0]
    return {key: first if value == "{first}" else value for key, value in data.items()}


@EACH
@REFUSALS
async def test_what_the_server_refuses(
    house: House,
    server: MassServer,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
    code: int,
    key: str,
) -> None:
    """What the server refuses is told with its reason."""
    server.faults.fail(command, code, reason := f"Invalid command: {command}")
    await refused(key, act(house, action, None, **filled_in(server, data)), error=reason)


@EACH
async def test_no_answer(
    house: House,
    server: MassServer,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
) -> None:
    """A server that says nothing is not waited for forever."""
    await silent(server, command, act(house, action, None, **filled_in(server, data)))


# Which one


async def test_get_playlists(house: House, server: MassServer) -> None:
    """All playlists are listed, with what tells whether they can be changed."""
    playlist(server).favorite = True
    playlist(server, OTHER).favorite = None
    told = {each["uri"]: each for each in (await call(house, "get_playlists"))["playlists"]}
    assert set(told) == {each.uri for each in server.library.items(MediaType.PLAYLIST)}
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
async def test_get_playlists_that_pass(
    house: House, server: MassServer, data: dict[str, Any], expected: list[int]
) -> None:
    """Only those that were asked for are listed."""
    for number in range(1, 7):
        one = playlist(server, f"library://playlist/{number}")
        one.favorite = number in (2, 3) or (None if number == 1 else False)
        one.name = "Big party" if number == 4 else f"Quiet {number}"
    found = (await call(house, "get_playlists", **data))["playlists"]
    assert sorted(int(each["item_id"]) for each in found) == expected


async def test_many_playlists(house: House, server: MassServer) -> None:
    """There may be more than are listed at once."""
    for number in range(600):
        server.library.create_playlist(f"Mine {number}", None, "me")
    assert len((await call(house, "get_playlists"))["playlists"]) == 606
    assert [args["offset"] for args in sent(server, LIST)] == [0, 500]


async def test_playlists_of_the_caller(
    house: House, server: MassServer, hass_admin_user: MockUser
) -> None:
    """What the caller may not see isn't listed."""
    server.add_user("kim", "kims-password", role="user", provider_filter=["streaming_demo"])
    server.accounts.link("kim", "homeassistant", hass_admin_user.id)
    answer = await act(house, "get_playlists", None, user=hass_admin_user.id)
    theirs = (await call(house, "get_playlists", username="kim"))["playlists"]
    assert answer["playlists"] == theirs
    assert {each["item_id"] for each in theirs} == {"3", "6"}


@pytest.mark.parametrize("how", ["uri", "item_id", "name", "upper"])
async def test_which_playlist(house: House, server: MassServer, how: str) -> None:
    """A playlist is named by its URI, its id or its name."""
    one = playlist(server)
    named = one.name.upper() if how == "upper" else getattr(one, how)
    answer = await call(house, "add_to_playlist", playlist=named, media_id=TRACK)
    assert answer["playlist"]["uri"] == OURS
    assert tracks(server, OURS)[-1] == TRACK


async def test_name_before_id(house: House, server: MassServer) -> None:
    """A playlist that is called like another one's id is the one that is called so."""
    playlist(server, OTHER).name = "1"
    answer = await call(house, "add_to_playlist", playlist="1", media_id=TRACK)
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
async def test_no_playlist(
    house: House, server: MassServer, *, action: str, named: str, key: str, told: dict[str, str]
) -> None:
    """A name that is none, or not one's alone, is told, and what can't be changed."""
    names = ["Saturday night", "Sunday", "Theirs", "Twice", "twice", "Else"]
    for number, name in enumerate(names, 1):
        playlist(server, f"library://playlist/{number}").name = name
    await refused(key, act(house, action, None, playlist=named, media_id=TRACK), **told)
    assert not sent(server, ADD) + sent(server, REMOVE)


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
async def test_create(house: House, server: MassServer, data: dict[str, str], home: str) -> None:
    """A playlist is made where it was asked for, and can be filled at once."""
    made = await call(house, "create_playlist", name="Saturday night", **data)
    assert (made["name"], made["editable"], made["owner"]) == ("Saturday night", True, "demo")
    (mapping,) = playlist(server, made["uri"]).provider_mappings
    assert mapping.provider_instance == home
    await call(house, "add_to_playlist", playlist="saturday night", media_id=ALBUM)
    assert tracks(server, made["uri"]) == tracks(server, ALBUM)


async def test_create_nowhere(house: House, server: MassServer) -> None:
    """A provider that isn't there is told."""
    await refused("unknown_provider", act(house, "create_playlist", None, name="x", provider="y"))
    assert not sent(server, CREATE)


@pytest.mark.parametrize("data", [{}, {"name": ""}, {"name": None}])
async def test_create_nameless(house: House, data: dict[str, Any]) -> None:
    """A playlist has a name."""
    with pytest.raises(probatio.Invalid):
        await act(house, "create_playlist", None, **data)


# Adding


@OLD_AND_NEW
async def test_add(house: House, server: MassServer) -> None:
    """What is named is appended, in order, but for what is there already."""
    before = tracks(server, OURS)
    named = ["library://track/301", before[0], TRACK]
    answer = await call(house, "add_to_playlist", playlist=OURS, media_id=named)
    assert tracks(server, OURS) == [*before, "library://track/301", TRACK]
    assert (answer["playlist"]["uri"], answer["uris"]) == (OURS, named)


@pytest.mark.parametrize(("source", "count"), [("current", 1), ("queue", 8)])
async def test_add_what_plays(house: House, server: MassServer, source: str, count: int) -> None:
    """What plays on a player is appended, or all that is in its queue."""
    before = tracks(server, OURS)
    play(server)
    await house.caught_up()
    await act(house, "add_to_playlist", "kueche", playlist=OURS, source=source)
    expected = content(server)[: len(content(server)) if source == "queue" else 1]
    assert tracks(server, OURS) == [*before, *(uri for uri in expected if uri not in before)]
    (args,) = sent(server, ADD)
    assert args["uris"] == expected


async def test_add_a_long_queue(house: House, server: MassServer, pulse: Pulse) -> None:
    """A long queue is read and appended in parts, one after the other."""
    uris = [f"library://track/{number}" for number in range(1, 391)]
    playlist(server)
    server.library._held[OURS, MediaType.TRACK].clear()
    queue = server.queues["kueche"]
    for part in (uris, [f"https://x/{number}.mp3" for number in range(700)]):
        items = [item for uri in part for item in server.library.playable(uri)]
        server.playback.enqueue(queue, items, QueueOption.ADD)
    await house.caught_up()
    everything = content(server)
    with pulse.skipping():
        await act(house, "add_to_playlist", "kueche", playlist=OURS, source="queue")
    assert tracks(server, OURS) == everything[:500]  # what the server shows of it
    held = server.library.children(playlist(server), MediaType.TRACK)
    assert [item.uri for item in held] == everything
    assert [len(args["uris"]) for args in sent(server, ADD)] == [500, 500, 90]
    assert [args["offset"] for args in sent(server, "player_queues/items")][-3:] == [0, 500, 1000]


async def test_add_from_nothing(house: House, server: MassServer) -> None:
    """A player that plays nothing, or something else, has nothing to add."""
    for source, key in (("current", "nothing_playing"), ("queue", "nothing_to_save")):
        asked = act(house, "add_to_playlist", "kueche", playlist=OURS, source=source)
        await refused(key, asked)
    server.playback.play_source(server.players["cinema"], "hdmi1")
    await house.caught_up()
    asked = act(house, "add_to_playlist", "cinema", playlist=OURS, source="queue")
    await refused("no_queue", asked)
    assert not sent(server, ADD)


@pytest.mark.parametrize("schema_version", [98])
async def test_add_fails_later(house: House, server: MassServer, pulse: Pulse) -> None:
    """Newer servers promise first: what then goes wrong is told as well."""
    unknown = ["library://track/99999"]
    with pulse.skipping():
        asked = act(house, "add_to_playlist", None, playlist=OURS, media_id=unknown)
        await refused("command_failed", asked, error="library://track/99999 not found")


@pytest.mark.parametrize("schema_version", [98])
async def test_add_never_ends(
    house: House, server: MassServer, pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A promise isn't waited for forever."""

    async def never(*_args: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(server.tasks, "_run", never)
    with pulse.skipping():
        asked = act(house, "add_to_playlist", None, playlist=OURS, media_id=TRACK)
        await refused("command_timeout", asked, command=ADD, seconds="60")


@pytest.mark.parametrize("source", ["everything", None])
async def test_add_what(house: House, source: object) -> None:
    """What plays, or the queue, is all there is."""
    with pytest.raises(probatio.Invalid):
        await act(house, "add_to_playlist", "kueche", playlist=OURS, source=source)


# Removing


@OLD_AND_NEW
async def test_remove(house: House, server: MassServer, pulse: Pulse) -> None:
    """An item is removed wherever it is, found in the playlist as it is now."""
    held = server.library._held[OURS, MediaType.TRACK]
    held.append(held[1])
    before = tracks(server, OURS)
    with pulse.skipping():
        answer = await call(house, "remove_from_playlist", playlist=OURS, media_id=before[1])
    assert answer["positions"] == [2, len(before)]
    assert tracks(server, OURS) == [before[0], *before[2:-1]]
    (args,) = sent(server, "music/playlists/playlist_tracks")
    assert args["force_refresh"] is True


@OLD_AND_NEW
async def test_remove_what_plays(house: House, server: MassServer, pulse: Pulse) -> None:
    """What plays is removed, also where the playlist has it from another provider."""
    before = tracks(server, OURS)
    play(server, uri=before[2])
    await house.caught_up()
    track = server.library.item(before[2])
    mapping = min(track.provider_mappings, key=lambda each: each.provider_instance)
    held = server.library._held[OURS, MediaType.TRACK]
    held[2] = Track(
        item_id=mapping.item_id,
        provider=mapping.provider_instance,
        name=track.name,
        provider_mappings={mapping},
    )
    with pulse.skipping():
        await act(house, "remove_from_playlist", "kueche", playlist=OURS)
    assert tracks(server, OURS) == [*before[:2], *before[3:]]


async def test_remove_at_once(house: House, server: MassServer, pulse: Pulse) -> None:
    """Two at once don't remove what has moved to the other one's place."""
    before = tracks(server, OURS)
    with pulse.skipping():
        await asyncio.gather(
            *(
                act(house, "remove_from_playlist", None, playlist=OURS, media_id=uri)
                for uri in (before[0], before[3], before[4])
            )
        )
    assert tracks(server, OURS) == [before[1], before[2], *before[5:]]


async def test_remove_what_is_not_there(house: House, server: MassServer) -> None:
    """If one isn't in it, nothing is removed."""
    named = [tracks(server, OURS)[0], TRACK]
    asked = act(house, "remove_from_playlist", None, playlist=OURS, media_id=named)
    told = {"name": TRACK, "playlist": playlist(server).name}
    await refused("not_in_playlist", asked, **told)
    asked = act(house, "remove_from_playlist", None, playlist=OURS, media_id="library://track/9999")
    await refused("media_not_found", asked)
    assert not sent(server, REMOVE)


@pytest.mark.parametrize(("schema_version", "offsets"), [(46, [None]), (98, [0, 500, 1000])])
async def test_remove_from_a_long_one(
    house: House, server: MassServer, pulse: Pulse, offsets: list[int | None]
) -> None:
    """A long playlist is read in parts where the server has them, afresh only once."""
    uris = fill(server, 1200)
    with pulse.skipping():
        await act(
            house, "remove_from_playlist", None, playlist=OURS, media_id=[uris[1100], uris[3]]
        )
    (args,) = sent(server, REMOVE)
    assert args["positions_to_remove"] == [4, 1101]
    read = sent(server, "music/playlists/playlist_tracks")
    assert [args.get("offset") for args in read] == offsets
    assert [args["force_refresh"] for args in read] == [True] + [False] * (len(offsets) - 1)


# As mass_queue does


@OLD_AND_NEW
@pytest.mark.parametrize(
    ("named", "positions", "gone"),
    [(1, 2, [2]), ("1", "2", [2]), (1, [1, 3], [1, 3]), (OURS, ["1", "3"], [1, 3])],
)
async def test_remove_positions(
    house: House,
    server: MassServer,
    pulse: Pulse,
    *,
    named: object,
    positions: object,
    gone: list[int],
) -> None:
    """Positions are removed in all forms in which mass_queue takes them."""
    before = tracks(server, OURS)
    data: dict[str, Any] = {"playlist_id": named, "positions_to_remove": positions}
    with pulse.skipping():
        await act(
            house, "remove_playlist_tracks", None, config_entry_id=house.entry.entry_id, **data
        )
    kept = [uri for number, uri in enumerate(before, 1) if number not in gone]
    assert tracks(server, OURS) == kept


async def test_remove_no_position(house: House, server: MassServer) -> None:
    """Positions that the playlist hasn't got are told, and nothing is removed."""
    name, count = playlist(server).name, len(tracks(server, OURS))
    data: dict[str, Any] = {"playlist_id": 1, "positions_to_remove": [0, 1, 99]}
    told = {"name": name, "position": "0, 99", "count": str(count)}
    await refused(
        "no_playlist_position", act(house, "remove_playlist_tracks", None, **data), **told
    )
    assert not sent(server, REMOVE)


@pytest.mark.parametrize("positions", [[], -1, "two", None])
async def test_remove_nonsense(house: House, positions: object) -> None:
    """Positions are numbers."""
    data: dict[str, Any] = {"playlist_id": 1, "positions_to_remove": positions}
    with pytest.raises(probatio.Invalid):
        await act(house, "remove_playlist_tracks", None, **data)
