"""The contract of players and queues that play.

Tests that use `queue_id` also run against a real server, with its own players and library; they
clear the queue of the first player that can play:

    scripts/test tests/contract --server-url http://192.0.2.10:8095 --token TOKEN
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from music_assistant_models.enums import PlaybackState
from music_assistant_models.player_queue import PlayerQueue
import pytest

from tests.server import MassServer

from .conftest import TargetServer
from .websocket_client import WebsocketClient

ONE_NEW_ONE_OLD = pytest.mark.schemas(29, 98)
ALBUM, OTHER_ALBUM = "library://album/1", "library://album/2"


@pytest.fixture
def queue(server: MassServer) -> PlayerQueue:
    """Return a queue of the test server."""
    return server.queues["kueche"]


def get_item_names(server: MassServer, queue: PlayerQueue) -> list[str]:
    """Return the names of the items of a queue."""
    return [item.uri for item in server.queue_items[queue.queue_id]]


def get_playable_uris(server: MassServer, uri: str) -> list[str]:
    """Return the URIs of the playable tracks of an album."""
    return [item.uri or "" for item in server.library.get_playable_items(uri)]


def get_state(thing: Any) -> str:
    """Return the playback state of a queue or player."""
    value: PlaybackState = getattr(thing, "playback_state", None) or thing.state
    return value.value


async def play(client: WebsocketClient, media: Any, option: str | None = None, **more: Any) -> None:
    """Play something on the queue."""
    args = {"queue_id": "kueche", "media": media, "option": option, **more}
    await client.get_result("player_queues/play_media", **args)


async def do(client: WebsocketClient, command: str, **args: Any) -> Any:
    """Do something to the queue."""
    return await client.get_result(f"player_queues/{command}", queue_id="kueche", **args)


@pytest.fixture
async def queue_id(client: WebsocketClient, player_id: str) -> AsyncIterator[str]:
    """Return a queue of any server, which is empty before and after the test."""

    async def clear() -> None:
        await client.get_result("player_queues/clear", queue_id=player_id)
        await client.get_result("player_queues/shuffle", queue_id=player_id, shuffle_enabled=False)

    await clear()
    yield player_id
    await clear()


@pytest.fixture
async def albums(client: WebsocketClient) -> list[str]:
    """Return two albums of any server's library that have several tracks."""
    found: list[str] = []
    for album in await client.get_result("music/albums/library_items", limit=50):
        if len(found) < 2 and len(await fetch_tracks(client, album["uri"])) > 2:
            found.append(album["uri"])
    return found


async def fetch_tracks(client: WebsocketClient, album: str) -> list[str]:
    """Return the tracks of an album of the library."""
    args = {"item_id": album.rpartition("/")[2], "provider_instance_id_or_domain": "library"}
    return [track["uri"] for track in await client.get_result("music/albums/album_tracks", **args)]


async def play_on(client: WebsocketClient, queue_id: str, media: str, option: str) -> None:
    """Play media on a queue."""
    args = {"queue_id": queue_id, "media": media, "option": option}
    await client.get_result("player_queues/play_media", **args)


async def fetch_uris(client: WebsocketClient, queue_id: str) -> list[str]:
    """Return what is in a queue."""
    items = await client.get_result("player_queues/items", queue_id=queue_id)
    return [item["media_item"]["uri"] for item in items]


async def wait_for_current(client: WebsocketClient, queue_id: str, uri: str) -> None:
    """Wait until an item is the current one of a queue; a real server takes its time."""
    async with asyncio.timeout(10):
        while True:
            queue = await client.get_result("player_queues/get", queue_id=queue_id)
            item = queue["current_item"]
            if item and item["media_item"]["uri"] == uri:
                return
            await client.wait_for_event("queue_updated", queue_id)


async def test_what_a_player_shows(server: MassServer, client: WebsocketClient) -> None:
    """A player shows what its queue plays."""
    await play(client, ALBUM)
    player = await client.wait_for_event("player_updated", "kueche", lambda d: d["current_media"])
    queue = await client.wait_for_event("queue_updated", "kueche", lambda d: d["current_item"])
    media, item = player["current_media"], queue["current_item"]
    assert player["playback_state"] == player["state"] == queue["state"] == "playing"
    assert player["active_source"] == media["source_id"] == queue["queue_id"] == "kueche"
    assert media["uri"] == item["media_item"]["uri"]
    assert media["queue_item_id"] == item["queue_item_id"]
    assert media["duration"] == item["duration"]
    assert media["title"] and media["artist"] and media["album"] and media["album_artist"]
    assert media["image_url"].startswith(f"{server.url}/imageproxy")
    assert ("?path=" in media["image_url"]) == (server.schema_version < 31)
    assert queue["current_index"] == 0
    assert queue["next_item"]["queue_item_id"] == server.queue_items["kueche"][1].queue_item_id
    assert queue["items"] == len(get_playable_uris(server, ALBUM))


@ONE_NEW_ONE_OLD
@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("replace", "B*"),
        ("play", "a0 B* A"),
        ("next", "a0* B A"),
        ("replace_next", "a0* B"),
        ("add", "a0* A B"),
    ],
)
async def test_options(
    client: WebsocketClient, queue_id: str, albums: list[str], option: str, expected: str
) -> None:
    """New media go where the option says; `*` marks where it plays."""
    first, *rest = await fetch_tracks(client, albums[0])
    new = await fetch_tracks(client, albums[1])
    await play_on(client, queue_id, albums[0], "replace")
    await wait_for_current(client, queue_id, first)
    await play_on(client, queue_id, albums[1], option)
    parts = {"a0": [first], "A": rest, "B": new}
    groups = [(name.strip("*"), name.endswith("*")) for name in expected.split()]
    assert await fetch_uris(client, queue_id) == [uri for name, _ in groups for uri in parts[name]]
    await wait_for_current(
        client, queue_id, next(parts[name][0] for name, plays in groups if plays)
    )


@ONE_NEW_ONE_OLD
@pytest.mark.parametrize(
    "uri",
    [
        "library://artist/1",
        "library://album/1",
        "library://track/1",
        "library://playlist/1",
        "library://radio/1",
        "library://podcast/1",
        "library://audiobook/1",
        "library://genre/1",
    ],
)
async def test_all_kinds(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue, uri: str
) -> None:
    """All that can be found can be played."""
    await play(client, uri)
    assert get_item_names(server, queue) == get_playable_uris(server, uri)
    assert get_state(queue) == "playing"


@ONE_NEW_ONE_OLD
async def test_nothing_to_play(client: WebsocketClient, queue_id: str, albums: list[str]) -> None:
    """What isn't there can't be played."""
    args = {"queue_id": queue_id, "media": "library://album/99999999"}
    assert await client.get_error_code("player_queues/play_media", **args) == 2
    args = {"queue_id": "no-such-queue", "media": albums[0]}
    assert await client.get_error_code("player_queues/play_media", **args) == 10


@ONE_NEW_ONE_OLD
async def test_items_as_dicts(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue
) -> None:
    """Media may come whole, and several at once, and from one of them on."""
    album = await client.get_result("music/item_by_uri", uri=ALBUM)
    tracks = get_playable_uris(server, ALBUM)
    await play(client, [album, "library://track/1"], start_item=tracks[1])
    assert get_item_names(server, queue) == [*tracks[1:], "library://track/1"]


@ONE_NEW_ONE_OLD
async def test_tracks_end(server: MassServer, client: WebsocketClient, queue: PlayerQueue) -> None:
    """The clock runs, tracks end, the queue comes to its end."""
    await play(client, ALBUM)
    tracks = server.queue_items["kueche"]
    server.playback.skip_time((tracks[0].duration or 0) + 5)
    assert queue.current_index == 1
    assert server.playback.get_position(queue) == pytest.approx(5, abs=1)
    assert await client.wait_for_event(
        "media_item_played", tracks[0].uri, lambda report: report["fully_played"]
    )
    await client.wait_for_event("queue_updated", "kueche", lambda data: data["current_index"] == 1)
    for each in tracks[1:]:
        server.playback.skip_time(each.duration or 0)
    data = await client.wait_for_event(
        "queue_updated", "kueche", lambda data: data["state"] == "idle"
    )
    assert data["current_index"] == len(tracks) - 1
    assert data["ended"] is (server.schema_version >= 46)
    assert get_state(server.players["kueche"]) == "idle"


@pytest.mark.schemas(46)
async def test_clock(server: MassServer, client: WebsocketClient, queue: PlayerQueue) -> None:
    """Tracks end by themselves."""
    await play(client, ALBUM)
    duration = server.queue_items["kueche"][0].duration or 0
    server.playback.skip_time(duration - 0.1)
    await client.wait_for_event("queue_updated", "kueche", lambda data: data["current_index"] == 1)


@ONE_NEW_ONE_OLD
@pytest.mark.parametrize(("mode", "after"), [("off", None), ("one", "last"), ("all", "first")])
async def test_repeat(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue, mode: str, after: str | None
) -> None:
    """The end of a queue is what the mode makes of it."""
    await play(client, ALBUM)
    await do(client, "repeat", repeat_mode=mode)
    last = len(server.queue_items["kueche"]) - 1
    await do(client, "play_index", index=last)
    assert (queue.next_item is None) == (after is None)
    server.playback.skip_time(server.queue_items["kueche"][last].duration or 0)
    assert queue.current_index == (0 if after == "first" else last)
    assert (get_state(queue) == "playing") == bool(after)


@ONE_NEW_ONE_OLD
async def test_shuffle(server: MassServer, client: WebsocketClient, queue: PlayerQueue) -> None:
    """What is played stays, the rest is mixed; order can return."""
    await play(client, "library://playlist/1")
    await do(client, "play_index", index=2)
    before = get_item_names(server, queue)
    await do(client, "shuffle", shuffle_enabled=True)
    assert get_item_names(server, queue)[:3] == before[:3]
    assert get_item_names(server, queue) != before
    assert sorted(get_item_names(server, queue)) == sorted(before)
    await client.wait_for_event("queue_items_updated", "kueche")
    await do(client, "shuffle", shuffle_enabled=False)
    assert get_item_names(server, queue) == before


@ONE_NEW_ONE_OLD
async def test_moving_about(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue
) -> None:
    """Next, previous, seek, skip, play_index."""
    await play(client, ALBUM)
    await do(client, "next")
    assert queue.current_index == 1
    await client.get_result("players/cmd/next", player_id="kueche")
    assert queue.current_index == 2
    await do(client, "seek", position=30)
    assert await client.wait_for_event("queue_time_updated", "kueche") == pytest.approx(30, abs=1)
    await do(client, "skip", seconds=-5)
    assert server.playback.get_position(queue) == pytest.approx(25, abs=1)
    await do(client, "previous")
    assert queue.current_index == 2
    assert server.playback.get_position(queue) == pytest.approx(0, abs=1)
    await do(client, "previous")
    assert queue.current_index == 1
    wanted = server.queue_items["kueche"][0].queue_item_id
    await do(client, "play_index", index=wanted, seek_position=7)
    assert queue.current_index == 0
    assert server.playback.get_position(queue) == pytest.approx(7, abs=1)
    assert (
        await client.get_error_code("player_queues/play_index", queue_id="kueche", index=999) == 2
    )


@ONE_NEW_ONE_OLD
async def test_pausing(server: MassServer, client: WebsocketClient, queue: PlayerQueue) -> None:
    """A pause keeps the place, a stop too, for resume."""
    await play(client, ALBUM)
    server.playback.skip_time(20)
    await client.get_result("players/cmd/pause", player_id="kueche")
    assert get_state(queue) == "paused"
    server.playback.skip_time(20)
    assert server.playback.get_position(queue) == pytest.approx(20, abs=1)
    await do(client, "play_pause")
    await do(client, "stop")
    assert get_state(queue) == "idle"
    await do(client, "resume")
    assert get_state(queue) == "playing"
    assert server.playback.get_position(queue) == pytest.approx(20, abs=1)
    await do(client, "clear")
    assert queue.items == 0
    assert queue.current_item is None
    assert await client.get_error_code("player_queues/resume", queue_id="kueche") == 8


@ONE_NEW_ONE_OLD
async def test_editing(server: MassServer, client: WebsocketClient, queue: PlayerQueue) -> None:
    """Items can be moved and removed, unless they play."""
    await play(client, ALBUM)
    items = await do(client, "items")
    ids = [item["queue_item_id"] for item in items]
    await do(client, "move_item", queue_item_id=ids[3], pos_shift=0)
    await do(client, "move_item", queue_item_id=ids[1], pos_shift=1)
    await do(client, "delete_item", item_id_or_index=ids[4])
    await do(client, "delete_item", item_id_or_index=ids[0])  # it plays
    after = [item["queue_item_id"] for item in await do(client, "items", limit=4)]
    assert after == [ids[0], ids[3], ids[2], ids[1]]
    assert await client.get_error_code(
        "player_queues/move_item", queue_id="kueche", queue_item_id=ids[0]
    )


@ONE_NEW_ONE_OLD
@pytest.mark.parametrize("auto_play", [None, False])
async def test_transfer(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue, auto_play: bool | None
) -> None:
    """A queue moves with its place."""
    await play(client, ALBUM)
    await do(client, "play_index", index=1, seek_position=40)
    ids = [item.queue_item_id for item in server.queue_items["kueche"]]
    move = {"source_queue_id": "kueche", "target_queue_id": "buero", "auto_play": auto_play}
    await client.get_result("player_queues/transfer", **move)
    target = server.queues["buero"]
    assert [item.queue_item_id for item in server.queue_items["buero"]] == ids
    assert queue.items == 0
    assert target.current_index == 1
    if auto_play is None:
        assert server.playback.get_position(target) == pytest.approx(40, abs=1)
        assert get_state(server.players["buero"]) == "playing"
    assert await client.get_error_code("player_queues/transfer", **move) == 8


@ONE_NEW_ONE_OLD
async def test_radio(server: MassServer, client: WebsocketClient, queue: PlayerQueue) -> None:
    """A station has no end; what is on air changes."""
    await play(client, "library://radio/1")
    media = server.players["kueche"].current_media
    assert media
    assert media.duration is None
    station = server.library.get_item("library://radio/1").name
    assert (media.title != station, media.album) == (True, station)
    before = media.title
    server.playback.skip_time(61)
    after = server.players["kueche"].current_media
    assert after
    assert after.title != before
    assert queue.current_item
    assert queue.current_item.streamdetails
    await client.wait_for_event(
        "queue_updated",
        "kueche",
        lambda d: d["current_item"]["streamdetails"]["stream_metadata"]["title"] == after.title,
    )


@pytest.mark.schemas(29, 46)
async def test_endless(server: MassServer, client: WebsocketClient, queue: PlayerQueue) -> None:
    """A radio playlist goes on and on."""
    seed = "library://track/1"
    if server.schema_version >= 34:
        await play(client, f"radio_playlist://playlist/{seed}")
    else:
        await play(client, seed, radio_mode=True)
    assert queue.is_dynamic
    last = queue.items - 1
    await do(client, "play_index", index=last)
    await do(client, "next")
    assert queue.current_index == last + 1


@pytest.mark.schemas(46, 84, 98)
@pytest.mark.parametrize("uri", [ALBUM, "library://podcast/1", "library://playlist/1"])
async def test_order(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue, uri: str
) -> None:
    """A queue that is shuffled stays so, or only for what has no order, or for nothing."""
    queue.shuffle_enabled = True
    await play(client, uri, "replace")
    stays = {46: True, 84: False, 98: "playlist" in uri}[server.schema_version]
    assert queue.shuffle_enabled is stays
    await play(client, uri, "replace", shuffle=True)
    assert queue.shuffle_enabled or server.schema_version == 46
    assert sorted(get_item_names(server, queue)) == sorted(get_playable_uris(server, uri))


@pytest.mark.schemas(46, 98)
async def test_modes_of_endless(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue
) -> None:
    """An endless queue has no order to change; newer servers say that it is shuffled."""
    await play(client, "radio_playlist://playlist/library://track/1", "replace")
    is_new = server.schema_version == 98
    assert queue.shuffle_enabled is is_new
    args = {"queue_id": "kueche", "shuffle_enabled": not queue.shuffle_enabled}
    assert await client.get_error_code("player_queues/shuffle", **args) == 12
    if is_new:
        await do(client, "shuffle", shuffle_enabled=True)
        await do(client, "repeat", repeat_mode=queue.repeat_mode)


# Players


@ONE_NEW_ONE_OLD
async def test_sources(server: MassServer, client: WebsocketClient) -> None:
    """A source of its own takes the queue's place."""
    player = server.players["cinema"]
    args = {"player_id": "cinema"}
    await client.get_result("player_queues/play_media", queue_id="cinema", media=ALBUM)
    await client.get_result("players/cmd/select_source", **args, source="bluetooth")
    assert player.active_source == "bluetooth"
    assert player.current_media
    assert player.current_media.title == "Bluetooth"
    assert get_state(server.queues["cinema"]) == "idle"
    assert server.queues["cinema"].active is False
    assert await client.get_result("player_queues/get_active_queue", **args) is None
    assert await client.get_error_code("players/cmd/select_source", **args, source="spotify") == 11
    assert (
        await client.get_error_code("players/cmd/select_source", **args, source="no-such-one") == 11
    )
    await client.get_result("players/cmd/play", **args)
    await client.get_result("players/cmd/stop", **args)
    assert player.active_source == "cinema"
    assert get_state(player) == "idle"


@ONE_NEW_ONE_OLD
@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("loudness", True, None),
        ("bass", -3, None),
        ("delay", 1, None),
        ("dimmer", "off", None),
        ("label", "Kino", None),
        ("bass", 11, 3),
        ("bass", "loud", 3),
        ("dimmer", "pink", 3),
        ("temperature", 3, 9),
    ],
)
async def test_player_options(
    server: MassServer, client: WebsocketClient, key: str, value: Any, code: int | None
) -> None:
    """Options take what fits them."""
    args = {"player_id": "cinema", "option_key": key, "option_value": value}
    if code:
        assert await client.get_error_code("players/cmd/set_option", **args) == code
        return
    await client.get_result("players/cmd/set_option", **args)
    data = await client.wait_for_event("player_updated", "cinema")
    (option,) = (each for each in data["options"] if each["key"] == key)
    assert option["value"] == value
    unknown = {**args, "option_key": "no-such-option"}
    assert await client.get_result("players/cmd/set_option", **unknown) is None
    assert await client.wait_for_event("player_options_updated", "cinema")


@ONE_NEW_ONE_OLD
async def test_power_and_volume(server: MassServer, client: WebsocketClient) -> None:
    """What a player can't do is an error; what it can is done."""
    args = {"player_id": "bedroom"}
    bedroom = server.players["bedroom"]
    await client.get_result("player_queues/play_media", queue_id="bedroom", media=ALBUM)
    assert bedroom.powered is True
    await client.get_result("players/cmd/power", **args, powered=False)
    assert bedroom.powered is False
    assert get_state(bedroom) == "idle"
    await client.get_result("players/cmd/volume_up", **args)
    assert bedroom.volume_level == 35
    await client.get_result("players/cmd/volume_mute", **args, muted=True)
    assert bedroom.volume_muted is True
    await client.get_result("players/cmd/select_sound_mode", player_id="cinema", sound_mode="night")
    assert server.players["cinema"].active_sound_mode == "night"
    no = {"player_id": "turntablecorner"}
    assert await client.get_error_code("players/cmd/power", **no, powered=True) == 9
    assert await client.get_error_code("players/cmd/volume_set", **no, volume_level=1) == 9
    assert await client.get_error_code("players/cmd/volume_mute", **no, muted=True) == 9


@ONE_NEW_ONE_OLD
async def test_announcement(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue
) -> None:
    """An announcement is spoken over the music, which then goes on."""
    await play(client, ALBUM)
    server.playback.skip_time(30)
    speak = {"player_id": "kueche", "volume_level": 70}
    url = "http://ha.local/tts.mp3"
    await client.get_result("players/cmd/play_announcement", **speak, url=url)
    data = await client.wait_for_event(
        "player_updated",
        "kueche",
        lambda d: d["current_media"] and d["current_media"]["media_type"] == "announcement",
    )
    assert (data["volume_level"], data["current_media"]["uri"]) == (70, url)
    player = server.players["kueche"]
    assert player.volume_level == 20
    assert get_state(player) == "playing"
    assert server.playback.get_position(queue) == pytest.approx(30, abs=1)
    if server.schema_version < 46:
        code = await client.get_error_code(
            "players/cmd/play_announcement", **speak, message="Hello"
        )
        assert code == 999
    else:
        await client.get_result("players/cmd/play_announcement", **speak, message="Hello")


@pytest.mark.schemas(46)
async def test_sleep_timer(server: MassServer, client: WebsocketClient) -> None:
    """A player falls asleep when told to."""
    now = server.clock()
    args = {"player_id": "kueche"}
    await play(client, ALBUM)
    assert await client.get_result("players/sleep_timer/set", **args, seconds=5) >= now + 5
    assert await client.wait_for_event("player_sleep_timer_updated", "kueche")
    server.clock = lambda: now + 6
    server.playback.update()
    assert get_state(server.players["kueche"]) == "idle"
    assert await client.get_result("players/sleep_timer/get", **args) is None


@ONE_NEW_ONE_OLD
async def test_favourite(server: MassServer, client: WebsocketClient) -> None:
    """What plays can be added to the favourites."""
    args = {"player_id": "kueche"}
    assert await client.get_error_code("players/add_currently_playing_to_favorites", **args) == 11
    await play(client, "library://track/7")
    await client.get_result("players/add_currently_playing_to_favorites", **args)
    assert server.library.get_item("library://track/7").favorite


# Groups


@ONE_NEW_ONE_OLD
async def test_sync(server: MassServer, client: WebsocketClient) -> None:
    """A leader is the first of its members; members play what it plays."""
    leader, member = server.players["kueche"], server.players["buero"]
    await play(client, ALBUM)
    await client.get_result("players/cmd/group", player_id="buero", target_player="kueche")
    assert leader.group_members == ["kueche", "buero"]
    assert member.synced_to == "kueche"
    assert member.active_source == "kueche"
    assert get_state(member) == "playing"
    await client.wait_for_event(
        "player_updated", "buero", lambda data: data["synced_to"] == "kueche"
    )
    queue = await client.get_result("player_queues/get_active_queue", player_id="buero")
    assert queue["queue_id"] == "kueche"
    await client.get_result("players/cmd/pause", player_id="buero")
    assert get_state(leader) == "paused"

    await client.get_result("players/cmd/ungroup", player_id="buero")
    assert leader.group_members == []
    await client.wait_for_event("player_updated", "buero", lambda data: data["synced_to"] is None)
    assert member.active_source.startswith("buero")
    assert get_state(member) == "idle"


@ONE_NEW_ONE_OLD
async def test_who_may_join(server: MassServer, client: WebsocketClient) -> None:
    """Not everyone can play with everyone."""

    async def code(player: str, target: str) -> int:
        return await client.get_error_code(
            "players/cmd/group", player_id=player, target_player=target
        )

    assert await code("cinema", "kueche") == 9
    assert await code("kueche", "turntablecorner") == 9
    assert await code("kueche", "garden") == 11  # who plays along with another leads nobody
    await client.get_result("players/cmd/group", player_id="garden", target_player="kueche")
    assert server.players["garden"].synced_to == "kueche"  # who is joined leaves another group


@ONE_NEW_ONE_OLD
async def test_many(server: MassServer, client: WebsocketClient) -> None:
    """Several join and leave at once; without the leader there is no group."""
    many = {"target_player": "kueche", "child_player_ids": ["buero", "bedroom"]}
    await client.get_result("players/cmd/group_many", **many)
    assert server.players["kueche"].group_members == ["kueche", "buero", "bedroom"]
    change = {"player_ids_to_add": ["living_room"], "player_ids_to_remove": ["buero"]}
    await client.get_result("players/cmd/set_members", target_player="kueche", **change)
    assert server.players["kueche"].group_members == ["kueche", "bedroom", "living_room"]
    await client.get_result("players/cmd/ungroup_many", player_ids=["kueche"])
    assert not server.players["kueche"].group_members
    assert server.players["bedroom"].synced_to is None


@ONE_NEW_ONE_OLD
async def test_group_volume(server: MassServer, client: WebsocketClient) -> None:
    """The volume of a group is its members' average, changed in proportion."""
    patio, garden = server.players["patio"], server.players["garden"]
    assert (patio.volume_level, garden.volume_level, patio.group_volume) == (50, 60, 55)
    await client.get_result("players/cmd/group_volume", player_id="patio", volume_level=22)
    assert (patio.volume_level, garden.volume_level, patio.group_volume) == (20, 24, 22)
    await client.get_result("players/cmd/volume_set", player_id="garden", volume_level=40)
    await client.wait_for_event("player_updated", "patio", lambda data: data["group_volume"] == 30)


@ONE_NEW_ONE_OLD
async def test_permanent_group(server: MassServer, client: WebsocketClient) -> None:
    """A group plays through its members."""
    group = server.players["downstairs"]
    members = [server.players[each] for each in group.group_members]
    await client.get_result("player_queues/play_media", queue_id="downstairs", media=ALBUM)
    assert group.powered
    for member in members:
        assert (member.active_group, member.active_source) == ("downstairs", "downstairs")
        assert get_state(member) == "playing"
    await client.get_result("players/cmd/power", player_id="downstairs", powered=False)
    for member in members:
        assert (member.active_group, member.active_source) == (None, member.player_id)
        assert get_state(member) == "idle"
    made = await client.get_result(
        "players/create_group_player",
        provider="universal_group",
        name="Upstairs",
        members=["bedroom", "buero"],
    )
    assert made["type"] == "group"
    await client.wait_for_event("player_added", made["player_id"])
    await client.get_result("players/remove_group_player", player_id=made["player_id"])
    await client.wait_for_event("player_removed", made["player_id"])


# Settings


@ONE_NEW_ONE_OLD
async def test_settings(server: MassServer, client: WebsocketClient) -> None:
    """Settings change the player."""
    args = {"player_id": "kueche"}
    values = {"expose_player_to_ha": False, "name": "Kombüse"}
    saved = await client.get_result("config/players/save", **args, values=values)
    assert saved["values"]["expose_player_to_ha"]["value"] is False
    await client.wait_for_event("player_config_updated", "kueche")
    data = await client.wait_for_event("player_updated", "kueche")
    assert (data["expose_to_ha"], data["name"]) == (False, "Kombüse")
    get = {**args, "key": "expose_player_to_ha"}
    assert await client.get_result("config/players/get_value", **get) is False
    await client.get_result("config/players/save", **args, values={"enabled": False})
    await client.wait_for_event("player_removed", "kueche")
    await client.get_result("config/players/save", **args, values={"enabled": True})
    await client.wait_for_event("player_added", "kueche")


@ONE_NEW_ONE_OLD
async def test_forgetting_players(server: MassServer, client: WebsocketClient) -> None:
    """Only a player that is gone can be forgotten."""
    assert await client.get_error_code("config/players/remove", player_id="kueche") == 19
    await client.get_result("config/players/remove", player_id="guest_room")
    await client.wait_for_event("player_removed", "guest_room")
    assert len(await client.get_result("config/players", include_values=True)) == len(
        server.players
    )


@pytest.mark.schemas(46)
async def test_dashboards(server: MassServer, client: WebsocketClient) -> None:
    """A screen can be known, show something and go dark."""
    tablet = {"dashboard_id": "tablet"}
    await client.get_result("dashboard/register", **tablet, name="Tablet")
    assert (await client.wait_for_event("dashboards_updated"))[0]["name"] == "Tablet"
    assert await client.get_error_code("dashboard/show", **tablet, dashboard="now_playing") == 3
    await client.get_result("dashboard/show", **tablet, dashboard="now_playing", player_id="kueche")
    assert (await client.wait_for_event("dashboard_show", "tablet"))["player_id"] == "kueche"
    assert len(await client.get_result("dashboard/sessions")) == 1
    await client.get_result("dashboard/hide", **tablet)
    await client.wait_for_event("dashboard_hide", "tablet")
    url = await client.get_result("dashboard/get_url", dashboard="party")
    assert url.startswith(server.url)
    await client.get_result("dashboard/unregister", **tablet)
    assert await client.get_result("dashboard/dashboards") == []


async def test_lists(target: TargetServer, client: WebsocketClient) -> None:
    """What a client fetches first is there."""
    for command in ("providers", "providers/manifests", "player_queues/all", "players/all"):
        assert await client.get_result(command), command
