"""Actions for queue items and settings."""

from typing import Any

from music_assistant_models.enums import PlaybackState, QueueOption
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.media.queue_items import get_index_range
from homeassistant.components.media_player import RepeatMode
from homeassistant.exceptions import ServiceValidationError

from .action_helpers import (
    ALBUM,
    call_action,
    expect_error,
    get_playable_uris,
    get_queue_item_ids,
    get_queue_uris,
    get_sent_arguments,
    start_playback,
)
from .common import Harness, wait_until
from .server import MassServer

AUDIOBOOK, PODCAST, RADIO = "library://audiobook/1", "library://podcast/1", "library://radio/1"
ITEMS = "player_queues/items"


@pytest.fixture
async def playing(harness: Harness, server: MassServer) -> Harness:
    """Return a house whose kitchen plays the fourth item of an album."""
    start_playback(server)
    server.playback.play_index(server.queues["kueche"], 3)
    await harness.wait_for_events()
    return harness


def move_item(items: list[str], source: int, target: int) -> list[str]:
    """Return a list with an item at another position."""
    rest = [item for item in items if item != items[source]]
    return [*rest[:target], items[source], *rest[target:]]


# Reading


@pytest.mark.parametrize(
    ("current", "asked", "expected"),
    [
        (20, {}, (15, 515)),
        (None, {}, (0, 500)),
        (3, {}, (0, 500)),
        (0, {"limit": 2}, (0, 2)),
        (20, {"limit": 10}, (15, 25)),
        (20, {"offset": 0, "limit": 10}, (0, 10)),
        (20, {"offset": 600}, (600, 1100)),
        (20, {"before": 2, "after": 3}, (18, 24)),
        (1, {"before": 2, "after": 3}, (0, 5)),
        (20, {"before": 0, "after": 0}, (20, 21)),
        (20, {"before": 2}, (18, 518)),
        (20, {"after": 3}, (15, 24)),
        (20, {"offset": 1, "limit": 1, "before": 2, "after": 3}, (18, 24)),
        (20, {"offset": 30, "after": 3}, (30, 24)),
        (20, {"limit": 0}, (15, 15)),
    ],
)
def test_page_of_queue(
    current: int | None, asked: dict[str, int], expected: tuple[int, int]
) -> None:
    """The page is selected as in mass_queue."""
    wanted = get_index_range(current, **asked)
    assert (wanted.start, wanted.stop) == expected


async def get_items(harness: Harness, **data: Any) -> list[dict[str, Any]]:
    """Return items of the kitchen's queue."""
    answer = await call_action(harness, "get_queue_items", **data)
    assert list(answer) == [harness.get_entity_id("kueche")]
    found: list[dict[str, Any]] = answer[harness.get_entity_id("kueche")]
    return found


async def test_get_queue_items(playing: Harness, server: MassServer) -> None:
    """Each item is returned in mass_queue's format with additions."""
    track = server.library.get_item(get_playable_uris(server, ALBUM)[0])
    (row,) = await get_items(playing, offset=0, limit=1)
    assert row.pop("media_image").startswith("/api/music_assistant/artwork/")
    assert row == {
        "queue_item_id": get_queue_item_ids(server)[0],
        "position": 1,
        "media_content_id": track.uri,
        "media_type": "track",
        "media_title": track.name,
        "media_artist": ", ".join(artist.name for artist in track.artists),  # type: ignore[attr-defined]
        "media_album_name": "Lanterns at Low Tide",
        "duration": track.duration,  # type: ignore[attr-defined]
        "favorite": track.favorite,
        "playable": True,
    }


async def test_items_around_current_item(playing: Harness, server: MassServer) -> None:
    """Items before and after the current one have their position in the queue."""
    found = await get_items(playing, limit_before=1, limit_after=2)
    assert [row["position"] for row in found] == [3, 4, 5, 6]
    assert [row["queue_item_id"] for row in found] == get_queue_item_ids(server)[2:6]


async def test_response_has_entity_id(playing: Harness, server: MassServer) -> None:
    """The response has the entity id, also for mass_queue's target."""
    entity_id = playing.get_entity_id("kueche")
    answer = await call_action(playing, "get_queue_items", None, entity=entity_id)
    assert [row["queue_item_id"] for row in answer[entity_id]] == get_queue_item_ids(server)


async def test_empty_queue(harness: Harness) -> None:
    """An empty queue has no items."""
    assert await get_items(harness) == []


@pytest.mark.parametrize(
    ("uri", "artist", "album"),
    [(AUDIOBOOK, True, False), (PODCAST, False, True), (RADIO, False, False)],
)
async def test_items_that_are_not_tracks(
    harness: Harness, server: MassServer, uri: str, *, artist: bool, album: bool
) -> None:
    """Books have authors, episodes their podcast, and radios neither."""
    start_playback(server, uri=uri)
    await harness.wait_for_events()
    row = (await get_items(harness))[0]
    assert row["media_title"]
    assert (bool(row["media_artist"]), bool(row["media_album_name"])) == (artist, album)
    assert row["media_type"] in {"audiobook", "podcast_episode", "radio"}


async def test_invalid_items(playing: Harness, server: MassServer) -> None:
    """Invalid items are omitted, unknown ones have their name."""
    queue = server.queue_items["kueche"]
    queue[0].duration = "soon"  # type: ignore[assignment]
    queue[1].media_item = queue[1].image = None
    first, *_ = await get_items(playing, offset=0)
    assert (first["position"], first["media_title"]) == (2, queue[1].name)
    assert (first["media_artist"], first["media_image"], first["favorite"]) == ("", "", False)


async def test_long_queue_is_read_in_pages(harness: Harness, server: MassServer) -> None:
    """A long queue is read in pages up to the limit."""
    queue = server.queues["kueche"]
    one = server.library.get_playable_items(ALBUM)[:1]
    server.playback.add_items(queue, one * 1100, QueueOption.REPLACE)
    await harness.wait_for_events()
    found = await get_items(harness, offset=0, limit=1000)
    assert [row["queue_item_id"] for row in found] == get_queue_item_ids(server)[:1000]
    assert [args["limit"] for args in get_sent_arguments(server, ITEMS)] == [500, 500]


# Items that are played, moved and removed


async def test_play_queue_item(playing: Harness, server: MassServer) -> None:
    """An item can be played, also one that was played before."""
    for index in (5, 0):
        await call_action(
            playing, "play_queue_item", queue_item_id=get_queue_item_ids(server)[index]
        )
        assert server.queues["kueche"].current_index == index


@pytest.mark.parametrize(
    ("action", "index", "data", "target"),
    [
        ("move_queue_item_up", 6, {}, 5),
        ("move_queue_item_up", 4, {}, 4),
        ("move_queue_item_down", 5, {}, 6),
        ("move_queue_item_down", -1, {}, -1),
        ("move_queue_item_next", 6, {}, 4),
        ("move_queue_item", 4, {"position": 7}, 6),
        ("move_queue_item", 6, {"position": 5}, 4),
        ("move_queue_item", 5, {"position": 6}, 5),
    ],
)
async def test_move_queue_item(
    playing: Harness,
    server: MassServer,
    *,
    action: str,
    index: int,
    data: dict[str, Any],
    target: int,
) -> None:
    """An upcoming item can be moved."""
    before = get_queue_item_ids(server)
    index, target = range(len(before))[index], range(len(before))[target]
    await call_action(playing, action, queue_item_id=before[index], **data)
    assert get_queue_item_ids(server) == move_item(before, index, target)
    assert server.queues["kueche"].current_index == 3


@pytest.mark.parametrize(("index", "target"), [(6, 4), (5, 4), (4, 4), (-1, 4)])
async def test_move_next_while_paused(
    playing: Harness, server: MassServer, index: int, target: int
) -> None:
    """What was paused goes on, and the item follows it."""
    server.playback.pause(server.queues["kueche"])
    await playing.wait_for_events()
    before = get_queue_item_ids(server)
    index = range(len(before))[index]
    await call_action(playing, "move_queue_item_next", queue_item_id=before[index])
    assert get_queue_item_ids(server) == move_item(before, index, target)
    assert server.queues["kueche"].current_index == 3


@pytest.mark.parametrize("position", [1, 4, 99])
async def test_move_to_invalid_position(
    playing: Harness, server: MassServer, position: int
) -> None:
    """Positions of played items and beyond the end are errors."""
    before = get_queue_item_ids(server)
    action = call_action(playing, "move_queue_item", queue_item_id=before[5], position=position)
    await expect_error("no_queue_position", action, first="5", last=str(len(before)))
    assert get_queue_item_ids(server) == before


@pytest.mark.parametrize(
    "action",
    [
        "play_queue_item",
        "remove_queue_item",
        "move_queue_item_up",
        "move_queue_item_down",
        "move_queue_item_next",
        "move_queue_item",
    ],
)
async def test_unknown_queue_item(playing: Harness, server: MassServer, action: str) -> None:
    """An unknown item is an error."""
    data: dict[str, Any] = {"position": 6} if action == "move_queue_item" else {}
    before = get_queue_item_ids(server)
    await expect_error("no_queue_item", call_action(playing, action, queue_item_id="gone", **data))
    assert get_queue_item_ids(server) == before


async def test_move_played_item(playing: Harness, server: MassServer) -> None:
    """The server's refusal to move an item is raised."""
    action = call_action(
        playing, "move_queue_item_down", queue_item_id=get_queue_item_ids(server)[2]
    )
    await expect_error("command_failed", action)


async def test_remove_queue_item(playing: Harness, server: MassServer) -> None:
    """An upcoming item is removed; another one isn't, which is an error."""
    before = get_queue_item_ids(server)
    await call_action(playing, "remove_queue_item", queue_item_id=before[5])
    assert get_queue_item_ids(server) == before[:5] + before[6:]
    for index in (0, 3):
        action = call_action(playing, "remove_queue_item", queue_item_id=before[index])
        await expect_error("queue_item_loaded", action, player="Küche")
    assert len(get_queue_item_ids(server)) == len(before) - 1


async def test_remove_from_idle_queue(harness: Harness, server: MassServer) -> None:
    """In a queue that wasn't played any item can be removed."""
    queue = server.queues["kueche"]
    server.playback.add_items(queue, server.library.get_playable_items(ALBUM), QueueOption.ADD)
    await harness.wait_for_events()
    first, *rest = get_queue_item_ids(server)
    await call_action(harness, "remove_queue_item", queue_item_id=first)
    assert get_queue_item_ids(server) == rest


async def test_clear_upcoming_items(playing: Harness, server: MassServer) -> None:
    """All upcoming items are removed."""
    before = get_queue_item_ids(server)
    await call_action(playing, "clear_queue_from_here")
    assert get_queue_item_ids(server) == before[:4]
    assert server.queues["kueche"].state is PlaybackState.PLAYING


@pytest.mark.parametrize(
    ("index", "kept"),
    [
        pytest.param(6, 6, id="an upcoming item and those after it"),
        pytest.param(-1, -1, id="the last one"),
        pytest.param(3, 4, id="the current item stays"),
        pytest.param(0, 4, id="what has been played stays"),
    ],
)
async def test_clear_from_an_item(
    playing: Harness, server: MassServer, index: int, kept: int
) -> None:
    """An upcoming item and all after it are removed."""
    before = get_queue_item_ids(server)
    await call_action(playing, "clear_queue_from_here", queue_item_id=before[index])
    assert get_queue_item_ids(server) == before[:kept]


async def test_clear_from_a_missing_item(playing: Harness, server: MassServer) -> None:
    """Nothing is removed if the item is gone."""
    before = get_queue_item_ids(server)
    action = call_action(playing, "clear_queue_from_here", queue_item_id="gone")
    await expect_error("no_queue_item", action, player="Küche")
    assert get_queue_item_ids(server) == before


async def test_clear_removed_items(playing: Harness, server: MassServer) -> None:
    """An item that was removed meanwhile is no error."""
    before = get_queue_item_ids(server)
    server.faults.delay_command("player_queues/delete_item", 0.05)
    asked = playing.hass.async_create_task(call_action(playing, "clear_queue_from_here"))
    await wait_until(lambda: get_sent_arguments(server, "player_queues/delete_item"))
    del server.queue_items["kueche"][5]
    await asked
    assert get_queue_item_ids(server) == before[:4]


async def test_active_or_own_queue(harness: Harness, server: MassServer) -> None:
    """The active queue is used, or with the option the player's own."""
    start_playback(server, "downstairs")
    queue = server.queues["kueche"]
    server.playback.add_items(queue, server.library.get_playable_items(RADIO), QueueOption.ADD)
    start_playback(server, "downstairs")
    await harness.wait_for_events()
    entity_id = harness.get_entity_id("kueche")
    for which, queue_id in ({}, "downstairs"), ({"queue": "own"}, "kueche"):
        found = (await call_action(harness, "get_queue_items", offset=0, **which))[entity_id]
        assert [row["queue_item_id"] for row in found] == get_queue_item_ids(server, queue_id) != []


# Playlists


async def test_save_queue_as_playlist(playing: Harness, server: MassServer) -> None:
    """All items that a playlist can have are saved."""
    entity_id = playing.get_entity_id("kueche")
    answer: Any = await playing.hass.services.async_call(
        DOMAIN,
        "save_queue_as_playlist",
        {"entity_id": entity_id, "name": "Friday"},
        blocking=True,
        return_response=True,
    )
    saved = answer[entity_id]
    assert (saved["name"], saved["items"]) == ("Friday", len(get_queue_uris(server)))
    assert get_playable_uris(server, saved["uri"]) == get_queue_uris(server)


async def test_save_empty_queue(harness: Harness, server: MassServer) -> None:
    """An empty queue can't be saved."""
    await expect_error(
        "nothing_to_save", call_action(harness, "save_queue_as_playlist", name="Nothing")
    )
    assert not get_sent_arguments(server, "music/playlists/create_playlist")


# Settings


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"shuffle": True}, {"shuffle_enabled": True}),
        ({"repeat": "all"}, {"repeat_mode": RepeatMode.ALL}),
        ({"autoplay": True}, {"autoplay_enabled": True}),
        ({"crossfade": True}, {"crossfade_enabled": True}),
        (
            {"shuffle": True, "repeat": "one", "crossfade": True},
            {"shuffle_enabled": True, "repeat_mode": RepeatMode.ONE, "crossfade_enabled": True},
        ),
    ],
)
async def test_queue_settings(
    playing: Harness, server: MassServer, data: dict[str, Any], expected: dict[str, Any]
) -> None:
    """The given settings are changed, in any combination."""
    await call_action(playing, "set_queue_settings", **data)
    queue = server.queues["kueche"]
    assert {name: getattr(queue, name) for name in expected} == expected


async def test_playback_speed(harness: Harness, server: MassServer) -> None:
    """The speed of a book can be changed, that of music is refused by the server."""
    start_playback(server, uri=AUDIOBOOK)
    await harness.wait_for_events()
    await call_action(harness, "set_queue_settings", playback_speed=1.5)
    assert server.queues["kueche"].playback_speed == 1.5
    start_playback(server)
    await harness.wait_for_events()
    action = call_action(harness, "set_queue_settings", playback_speed=1.5)
    await expect_error("not_possible_now", action)


@pytest.mark.parametrize("schema_version", [29])
async def test_queue_settings_of_older_server(playing: Harness, server: MassServer) -> None:
    """Supported settings are changed, an unsupported one is an error."""
    action = call_action(playing, "set_queue_settings", crossfade=True, shuffle=True)
    await expect_error("server_too_old_for_command", action)
    assert server.queues["kueche"].shuffle_enabled


async def test_queue_settings_of_endless_queue(playing: Harness, server: MassServer) -> None:
    """An endless queue has its own order, so that shuffling it is no error."""
    server.queues["kueche"].is_dynamic = True
    await call_action(playing, "set_queue_settings", shuffle=True)


@pytest.mark.parametrize("data", [{}, {"playback_speed": 4}, {"repeat": "some"}])
async def test_queue_settings_are_required(harness: Harness, data: dict[str, Any]) -> None:
    """At least one setting and one target are required."""
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "set_queue_settings", **data)


# Skipping


@pytest.mark.parametrize(
    ("data", "position"),
    [({}, 60), ({"seconds": -10}, 20), ({"seconds": -100}, 0), ({"seconds": 45}, 75)],
)
async def test_skip_seconds(
    playing: Harness, server: MassServer, data: dict[str, Any], position: int
) -> None:
    """The default is 30 seconds forward; the position is never negative."""
    server.playback.play_index(server.queues["kueche"], 4, 30)
    await playing.wait_for_events()
    await call_action(playing, "skip", **data)
    assert server.playback.get_position(server.queues["kueche"]) == pytest.approx(position, abs=3)
    assert server.queues["kueche"].current_index == 4


async def test_skip_beyond_end(playing: Harness, server: MassServer) -> None:
    """Beyond the end the next item is played."""
    await call_action(playing, "skip", seconds=3600)
    assert server.queues["kueche"].current_index == 4


async def test_skip_in_radio(harness: Harness, server: MassServer) -> None:
    """A live stream can't be skipped."""
    start_playback(server, uri=RADIO)
    await harness.wait_for_events()
    await expect_error("not_possible_now", call_action(harness, "skip"))
