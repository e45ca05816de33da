"""The contract of players and queues that play.

Tests that are marked with `any_server` also run against a real server, with its own players and
library; they stop and clear the first players that can play together:

    scripts/test tests/contract --server-url http://192.0.2.10:8095 --token TOKEN

In the test suite they run against a test server of which they know nothing as well.
"""

from typing import Any

from music_assistant_models.enums import PlaybackState
from music_assistant_models.player_queue import PlayerQueue
import pytest

from tests.server import MassServer

from .conftest import TargetServer
from .speaker import Speaker, get_state, is_playing
from .websocket_client import WebsocketClient

ONE_NEW_ONE_OLD = pytest.mark.schemas(29, 98)
ALBUM = "library://album/1"
IN_ORDER = ("albums", "podcasts", "audiobooks")
KINDS = ("artists", "albums", "tracks", "playlists", "radios", "podcasts", "audiobooks", "genres")


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


async def play(client: WebsocketClient, media: Any, option: str | None = None, **more: Any) -> None:
    """Play something on the queue."""
    args = {"queue_id": "kueche", "media": media, "option": option, **more}
    await client.get_result("player_queues/play_media", **args)


async def do(client: WebsocketClient, command: str, **args: Any) -> Any:
    """Do something to the queue."""
    return await client.get_result(f"player_queues/{command}", queue_id="kueche", **args)


@pytest.fixture
async def albums(client: WebsocketClient) -> list[str]:
    """Return two albums of any server's library that have several tracks."""
    found: list[str] = []
    for album in await client.get_result("music/albums/library_items", limit=50):
        if len(found) < 2 and len(await fetch_tracks(client, album["uri"])) > 4:
            found.append(album["uri"])
    return found


async def fetch_tracks(client: WebsocketClient, album: str) -> list[str]:
    """Return the tracks of an album of the library."""
    args = {"item_id": album.rpartition("/")[2], "provider_instance_id_or_domain": "library"}
    return [track["uri"] for track in await client.get_result("music/albums/album_tracks", **args)]


async def fetch_item(client: WebsocketClient, kind: str) -> dict[str, Any]:
    """Return the first item of a kind in any server's library; skip the test if there is none."""
    items: list[dict[str, Any]] = await client.get_result(f"music/{kind}/library_items", limit=1)
    if not items:
        pytest.skip(f"the library has no {kind}")
    return items[0]


def ensure_players(speakers: list[Speaker], count: int) -> None:
    """Skip the test if the server has too few players that can play together."""
    if len(speakers) < count:
        pytest.skip(f"this needs {count} players that can play together")


async def find_player(client: WebsocketClient, field: str) -> dict[str, Any]:
    """Return a player that has something; skip the test if there is none."""
    for player in await client.get_result("players/all"):
        if player.get(field) and player["available"]:
            found: dict[str, Any] = player
            return found
    pytest.skip(f"no player has a {field}")


@pytest.mark.any_server
async def test_what_a_player_shows(
    client: WebsocketClient, speaker: Speaker, albums: list[str]
) -> None:
    """A player shows what its queue plays."""
    await speaker.start(albums[0])
    ids = await speaker.fetch_item_ids()
    queue = await speaker.wait_for_queue(lambda queue: queue["next_item"])
    player = await speaker.wait_for_player(lambda player: player["current_media"])
    media, item = player["current_media"], queue["current_item"]
    assert player["playback_state"] == player["state"] == queue["state"] == "playing"
    assert player["active_source"] == media["source_id"] == queue["queue_id"] == speaker.player_id
    assert media["uri"] == item["media_item"]["uri"]
    assert media["queue_item_id"] == item["queue_item_id"] == ids[0]
    assert media["duration"] == item["duration"]
    assert media["title"] and media["artist"] and media["album"]
    if image := media["image_url"]:
        assert image.startswith(f"{client.info['base_url']}/imageproxy")
        assert ("?path=" in image) == (client.info["schema_version"] < 31)
    assert queue["current_index"] == 0
    assert queue["next_item"]["queue_item_id"] == ids[1]
    assert queue["items"] == len(ids) == len(await fetch_tracks(client, albums[0]))


@pytest.mark.any_server
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
    client: WebsocketClient, speaker: Speaker, albums: list[str], option: str, expected: str
) -> None:
    """New media go where the option says; `*` marks where it plays."""
    first, *rest = await fetch_tracks(client, albums[0])
    new = await fetch_tracks(client, albums[1])
    await speaker.start(albums[0])
    await speaker.play(albums[1], option)
    parts = {"a0": [first], "A": rest, "B": new}
    groups = [(name.strip("*"), name.endswith("*")) for name in expected.split()]
    assert await speaker.fetch_uris() == [uri for name, _ in groups for uri in parts[name]]
    playing = next(parts[name][0] for name, plays in groups if plays)
    await speaker.wait_for_queue(
        lambda queue: (
            queue["current_item"] and queue["current_item"]["media_item"]["uri"] == playing
        )
    )


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
@pytest.mark.parametrize("kind", KINDS)
async def test_kinds_of_the_library(client: WebsocketClient, speaker: Speaker, kind: str) -> None:
    """All that is in a library can be played."""
    item = await fetch_item(client, kind)
    args = {"queue_id": speaker.player_id, "media": item["uri"], "option": "replace"}
    (reply,) = await client.get_replies("player_queues/play_media", **args)
    if kind == "genres" and reply.get("error_code") == 2:
        pytest.skip("the genre is empty")
    await speaker.wait_for_index(0)
    assert await speaker.fetch_item_ids()


@ONE_NEW_ONE_OLD
@pytest.mark.parametrize("kind", [kind.removesuffix("s") for kind in KINDS])
async def test_all_kinds(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue, kind: str
) -> None:
    """What is enqueued is all that is in it."""
    uri = f"library://{kind}/1"
    await play(client, uri)
    assert get_item_names(server, queue) == get_playable_uris(server, uri)
    assert queue.state is PlaybackState.PLAYING


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_nothing_to_play(
    client: WebsocketClient, speaker: Speaker, albums: list[str]
) -> None:
    """What isn't there can't be played."""
    assert await speaker.get_error_code("play_media", media="library://album/99999999") == 2
    args = {"queue_id": "no-such-queue", "media": albums[0]}
    assert await client.get_error_code("player_queues/play_media", **args) == 10


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_items_as_dicts(client: WebsocketClient, speaker: Speaker, albums: list[str]) -> None:
    """Media may come whole, and several at once, and from one of them on."""
    album = await client.get_result("music/item_by_uri", uri=albums[0])
    tracks = await fetch_tracks(client, albums[0])
    other, *_ = await fetch_tracks(client, albums[1])
    await speaker.play([album, other], start_item=tracks[1])
    assert await speaker.fetch_uris() == [*tracks[1:], other]


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_tracks_end(client: WebsocketClient, speaker: Speaker, albums: list[str]) -> None:
    """A track ends and the next one begins; the queue comes to its end."""
    await speaker.start(albums[0])
    first = (await speaker.fetch_queue())["current_item"]["media_item"]["uri"]
    await speaker.end_item()
    await speaker.wait_for_index(1)
    assert await client.wait_for_event(
        "media_item_played", first, lambda report: report["fully_played"]
    )
    last = len(await speaker.fetch_item_ids()) - 1
    await speaker.do("play_index", index=last)
    await speaker.wait_for_index(last)
    await speaker.end_item()
    queue = await speaker.wait_for_queue(lambda queue: queue["state"] == "idle")
    assert queue["current_index"] in (last, None)  # some seconds later the queue is emptied
    if client.info["schema_version"] >= 46:
        assert queue["ended"] or not queue["items"]
    await speaker.wait_for_player(lambda player: not is_playing(player))


@ONE_NEW_ONE_OLD
async def test_time_passes(server: MassServer, client: WebsocketClient, queue: PlayerQueue) -> None:
    """The position goes on from item to item."""
    await play(client, ALBUM)
    server.playback.skip_time((server.queue_items["kueche"][0].duration or 0) + 5)
    assert queue.current_index == 1
    assert server.playback.get_position(queue) == pytest.approx(5, abs=1)


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
@pytest.mark.parametrize("mode", ["off", "one", "all"])
async def test_repeat(
    client: WebsocketClient, speaker: Speaker, albums: list[str], mode: str
) -> None:
    """The end of a queue is what the mode makes of it."""
    await speaker.start(albums[0])
    await speaker.do("repeat", repeat_mode=mode)
    last = len(await speaker.fetch_item_ids()) - 1
    await speaker.do("play_index", index=last)
    await speaker.wait_for_index(last)
    await speaker.wait_for_queue(lambda queue: bool(queue["next_item"]) == (mode != "off"))
    await speaker.end_item()
    if mode == "off":
        await speaker.wait_for_queue(lambda queue: queue["state"] == "idle")
    elif mode == "all":
        await speaker.wait_for_index(0)
    else:
        # it was sought to its end before
        await speaker.wait_for_queue(
            lambda queue: queue["current_index"] == last and queue["elapsed_time"] < 10
        )


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_shuffle(client: WebsocketClient, speaker: Speaker, albums: list[str]) -> None:
    """What is played stays, the rest is mixed; order can return."""
    await speaker.start(albums)
    await speaker.do("play_index", index=1)
    await speaker.wait_for_index(1)
    before = await speaker.fetch_item_ids()
    await speaker.do("shuffle", shuffle_enabled=True)
    queue = await speaker.wait_for_queue(lambda queue: queue["shuffle_enabled"])
    mixed = await speaker.fetch_item_ids()
    played = queue["current_index"] + 1
    assert mixed[:played] == before[:played]
    assert mixed != before
    assert sorted(mixed) == sorted(before)
    await client.wait_for_event("queue_items_updated", speaker.player_id)
    await speaker.do("shuffle", shuffle_enabled=False)
    await speaker.wait_for_queue(lambda queue: not queue["shuffle_enabled"])
    assert await speaker.fetch_item_ids() == before


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_moving_about(speaker: Speaker, albums: list[str]) -> None:
    """Next, previous, play_index."""
    await speaker.start(albums[0])
    ids = await speaker.fetch_item_ids()
    await speaker.do("next")
    await speaker.wait_for_index(1)
    # a server may ignore the next one while its player still changes
    await speaker.wait_for_player(
        lambda player: (player["current_media"] or {}).get("queue_item_id") == ids[1]
    )
    await speaker.command("next")
    await speaker.wait_for_index(2)
    await speaker.do("play_index", index=ids[0], seek_position=7)
    await speaker.wait_for_index(0)
    await speaker.do("play_index", index=1)
    await speaker.wait_for_index(1)
    await speaker.do("seek", position=0)
    await speaker.do("previous")
    await speaker.wait_for_index(0)
    assert await speaker.get_error_code("play_index", index=999) == 2


@ONE_NEW_ONE_OLD
async def test_positions(server: MassServer, client: WebsocketClient, queue: PlayerQueue) -> None:
    """Seek and skip change the position; previous first goes to the start of an item."""
    await play(client, ALBUM)
    await do(client, "next")
    await do(client, "seek", position=30)
    assert await client.wait_for_event("queue_time_updated", "kueche") == pytest.approx(30, abs=1)
    await do(client, "skip", seconds=-5)
    assert server.playback.get_position(queue) == pytest.approx(25, abs=1)
    await do(client, "previous")
    assert queue.current_index == 1
    assert server.playback.get_position(queue) == pytest.approx(0, abs=1)
    await do(client, "previous")
    assert queue.current_index == 0
    await do(client, "play_index", index=1, seek_position=7)
    assert server.playback.get_position(queue) == pytest.approx(7, abs=1)


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_pausing(speaker: Speaker, albums: list[str]) -> None:
    """A pause and a stop keep the place; an empty queue has none."""
    await speaker.start(albums[0])
    await speaker.command("pause")
    await speaker.wait_for_player(lambda player: get_state(player) == "paused")
    await speaker.wait_for_queue(lambda queue: get_state(queue) == "paused")
    await speaker.command("play")  # a real server refuses the queue's own command
    await speaker.wait_for_player(is_playing)
    await speaker.do("stop")
    await speaker.wait_for_queue(lambda queue: get_state(queue) == "idle")
    await speaker.do("resume")
    await speaker.wait_for_index(0)
    await speaker.do("clear")
    queue = await speaker.wait_for_queue(lambda queue: get_state(queue) == "idle")
    assert queue["items"] == 0
    assert queue["current_item"] is None


@ONE_NEW_ONE_OLD
async def test_paused_position(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue
) -> None:
    """Time stands still in a pause."""
    await play(client, ALBUM)
    server.playback.skip_time(20)
    await client.get_result("players/cmd/pause", player_id="kueche")
    server.playback.skip_time(20)
    assert server.playback.get_position(queue) == pytest.approx(20, abs=1)
    await do(client, "stop")
    await do(client, "resume")
    assert server.playback.get_position(queue) == pytest.approx(20, abs=1)
    await do(client, "clear")
    assert await client.get_error_code("player_queues/resume", queue_id="kueche") == 8


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_editing(speaker: Speaker, albums: list[str]) -> None:
    """Items can be moved and removed, unless they play."""
    await speaker.start(albums)
    ids = await speaker.fetch_item_ids()
    await speaker.do("move_item", queue_item_id=ids[5], pos_shift=-1)
    await speaker.do("move_item", queue_item_id=ids[3], pos_shift=1)
    await speaker.do("delete_item", item_id_or_index=ids[6])
    await speaker.do("delete_item", item_id_or_index=ids[0])  # it plays
    after = [item["queue_item_id"] for item in await speaker.do("items", limit=6)]
    assert after == [ids[0], ids[1], ids[2], ids[5], ids[3], ids[4]]
    assert await speaker.get_error_code("move_item", queue_item_id=ids[0])


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
@pytest.mark.parametrize("auto_play", [None, False])
async def test_transfer(
    client: WebsocketClient, speakers: list[Speaker], albums: list[str], auto_play: bool | None
) -> None:
    """A queue moves with its place."""
    ensure_players(speakers, 2)
    source, target, *_ = speakers
    await source.start(albums[0])
    await source.do("play_index", index=1)
    await source.wait_for_index(1)
    ids = await source.fetch_item_ids()
    await client.get_result(
        "player_queues/transfer",
        source_queue_id=source.player_id,
        target_queue_id=target.player_id,
        auto_play=auto_play,
    )
    assert await target.fetch_item_ids() == ids
    assert (await source.fetch_queue())["items"] == 0
    if auto_play is None:
        await target.wait_for_index(1)
    await target.wait_for_player(lambda player: is_playing(player) == (auto_play is None))


@ONE_NEW_ONE_OLD
async def test_transferred_position(server: MassServer, client: WebsocketClient) -> None:
    """The position moves along; an empty queue can't be moved."""
    await play(client, ALBUM)
    await do(client, "play_index", index=1, seek_position=40)
    move = {"source_queue_id": "kueche", "target_queue_id": "buero"}
    await client.get_result("player_queues/transfer", **move)
    assert server.playback.get_position(server.queues["buero"]) == pytest.approx(40, abs=1)
    assert await client.get_error_code("player_queues/transfer", **move) == 8


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_radio(client: WebsocketClient, speaker: Speaker) -> None:
    """A station has no end."""
    station = await fetch_item(client, "radios")
    await speaker.start(station["uri"])
    queue = await speaker.wait_for_queue(lambda queue: queue["current_item"])
    assert not queue["current_item"]["duration"]
    assert queue["current_item"]["name"] == station["name"]


@ONE_NEW_ONE_OLD
async def test_station_titles(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue
) -> None:
    """What is on air changes."""
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


@pytest.mark.any_server
@pytest.mark.schemas(29, 46)
async def test_endless(client: WebsocketClient, speaker: Speaker) -> None:
    """A radio playlist goes on and on, where there is a provider of similar tracks."""
    seed = (await fetch_item(client, "tracks"))["uri"]
    is_new = client.info["schema_version"] >= 34
    media = f"radio_playlist://playlist/{seed}" if is_new else seed
    args = {"queue_id": speaker.player_id, "media": media, "radio_mode": not is_new}
    (reply,) = await client.get_replies("player_queues/play_media", **args)
    if code := reply.get("error_code"):
        assert code == 9
        return
    await speaker.wait_for_index(0)
    queue = await speaker.fetch_queue()
    assert queue["is_dynamic"]
    last = queue["items"] - 1
    await speaker.do("play_index", index=last)
    await speaker.wait_for_index(last)
    await speaker.do("next")
    await speaker.wait_for_index(last + 1)


@pytest.mark.any_server
@pytest.mark.schemas(29, 46, 98)
@pytest.mark.parametrize("kind", KINDS)
async def test_order(client: WebsocketClient, speaker: Speaker, kind: str) -> None:
    """A queue that is shuffled stays so, from schema 90 on only for what has no order."""
    item = await fetch_item(client, kind)
    await speaker.play(item["uri"])
    uris = await speaker.fetch_uris()
    await speaker.do("shuffle", shuffle_enabled=True)
    await speaker.play(item["uri"])
    queue = await speaker.fetch_queue()
    stays = client.info["schema_version"] < 90 or kind not in IN_ORDER
    assert queue["shuffle_enabled"] is stays
    if kind != "genres":  # of which some are played, others each time
        assert sorted(await speaker.fetch_uris()) == sorted(uris)


@pytest.mark.schemas(46, 53, 98)
@pytest.mark.parametrize(
    "uri", [ALBUM, "library://podcast/1", "library://audiobook/1", "library://playlist/1"]
)
async def test_asked_order(
    server: MassServer, client: WebsocketClient, queue: PlayerQueue, uri: str
) -> None:
    """Between the two, nothing stays shuffled; who asks for it gets it."""
    queue.shuffle_enabled = True
    await play(client, uri, "replace")
    stays = {46: True, 53: False, 98: "playlist" in uri}[server.schema_version]
    assert queue.shuffle_enabled is stays
    await play(client, uri, "replace", shuffle=True)
    assert queue.shuffle_enabled or server.schema_version == 46
    assert sorted(get_item_names(server, queue)) == sorted(get_playable_uris(server, uri))


@pytest.mark.any_server
@pytest.mark.schemas(46, 98)
async def test_modes_of_endless(client: WebsocketClient, speaker: Speaker) -> None:
    """An endless queue has no order to change; newer servers say that it is shuffled."""
    seed = (await fetch_item(client, "tracks"))["uri"]
    await speaker.start(f"radio_playlist://playlist/{seed}")
    queue = await speaker.fetch_queue()
    is_new = client.info["schema_version"] >= 90
    assert queue["shuffle_enabled"] is is_new
    code = await speaker.get_error_code("shuffle", shuffle_enabled=not is_new)
    assert code == 12
    if is_new:
        await speaker.do("shuffle", shuffle_enabled=True)
        await speaker.do("repeat", repeat_mode=queue["repeat_mode"])
        await speaker.play((await fetch_item(client, "playlists"))["uri"])
        assert not (await speaker.fetch_queue())["shuffle_enabled"]  # that was the mix's


# Players


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_sources(target: TargetServer, client: WebsocketClient) -> None:
    """A source of its own takes the queue's place."""
    player = await find_player(client, "source_list")
    own = [each for each in player["source_list"] if each["id"] != player["player_id"]]
    source = next((each["id"] for each in own if not each["passive"]), None)
    if source is None or "select_source" not in player["supported_features"]:
        pytest.skip("no player has a source to select")
    speaker = Speaker(client, player["player_id"], target.settling)
    await speaker.command("select_source", source=source)
    await speaker.wait_for_player(lambda player: player["active_source"] == source)
    await speaker.wait_for_queue(lambda queue: not is_playing(queue) and not queue["active"])
    args = {"player_id": speaker.player_id}
    assert await client.get_result("player_queues/get_active_queue", **args) is None
    for other in [each["id"] for each in own if each["passive"]] + ["no-such-one"]:
        code = await client.get_error_code("players/cmd/select_source", **args, source=other)
        assert code == 11
    await speaker.command("stop")
    await speaker.wait_for_player(
        lambda player: not is_playing(player) and player["active_source"] == speaker.player_id
    )


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


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_power_and_volume(speaker: Speaker, albums: list[str]) -> None:
    """A player is louder, muted, and off when told so."""
    level = (await speaker.fetch_player())["volume_level"]
    await speaker.command("volume_set", volume_level=30)
    await speaker.wait_for_player(lambda player: player["volume_level"] == 30)
    await speaker.command("volume_up")
    await speaker.wait_for_player(lambda player: 30 < player["volume_level"] <= 35)
    if (await speaker.fetch_player())["mute_control"] != "none":
        await speaker.command("volume_mute", muted=True)
        await speaker.wait_for_player(
            lambda player: player["volume_muted"] or player["volume_level"] == 0
        )
        await speaker.command("volume_mute", muted=False)
        await speaker.wait_for_player(lambda player: 30 < player["volume_level"] <= 35)
    await speaker.command("volume_set", volume_level=level)
    player = await speaker.fetch_player()
    if player["power_control"] == "none":
        pytest.skip("the player can't be switched off")
    await speaker.start(albums[0])
    assert (await speaker.fetch_player())["powered"] is True
    await speaker.command("power", powered=False)
    await speaker.wait_for_player(
        lambda player: player["powered"] is False and not is_playing(player)
    )
    await speaker.command("power", powered=True)
    await speaker.wait_for_player(lambda player: player["powered"])


@ONE_NEW_ONE_OLD
async def test_what_a_player_cannot(server: MassServer, client: WebsocketClient) -> None:
    """What a player can't do is an error."""
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
    assert player.playback_state is PlaybackState.PLAYING
    assert server.playback.get_position(queue) == pytest.approx(30, abs=1)
    if server.schema_version < 46:
        code = await client.get_error_code(
            "players/cmd/play_announcement", **speak, message="Hello"
        )
        assert code == 999
    else:
        await client.get_result("players/cmd/play_announcement", **speak, message="Hello")


@pytest.mark.any_server
@pytest.mark.schemas(46)
async def test_sleep_timer(client: WebsocketClient, speaker: Speaker, albums: list[str]) -> None:
    """A player falls asleep when told to."""
    await speaker.start(albums[0])
    args = {"player_id": speaker.player_id}
    assert await client.get_result("players/sleep_timer/set", **args, seconds=1)
    assert await client.wait_for_event("player_sleep_timer_updated", speaker.player_id)
    await speaker.wait_for_player(lambda player: not is_playing(player))
    assert await client.get_result("players/sleep_timer/get", **args) is None


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_favourite(client: WebsocketClient, speaker: Speaker, albums: list[str]) -> None:
    """What plays can be added to the favourites."""
    args = {"player_id": speaker.player_id}
    assert await client.get_error_code("players/add_currently_playing_to_favorites", **args) == 11
    track, *_ = await fetch_tracks(client, albums[0])
    await speaker.start(track)
    await client.get_result("players/add_currently_playing_to_favorites", **args)
    assert (await client.get_result("music/item_by_uri", uri=track))["favorite"]
    item = {"media_type": "track", "library_item_id": track.rpartition("/")[2]}
    await client.get_result("music/favorites/remove_item", **item)
    assert not (await client.get_result("music/item_by_uri", uri=track))["favorite"]


# Groups


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_sync(client: WebsocketClient, speakers: list[Speaker], albums: list[str]) -> None:
    """A leader is the first of its members; members play what it plays."""
    ensure_players(speakers, 2)
    leader, member, *_ = speakers
    await leader.start(albums[0])
    await member.command("group", target_player=leader.player_id)
    ids = [leader.player_id, member.player_id]
    await leader.wait_for_player(lambda player: player["group_members"] == ids)
    player = await member.wait_for_player(
        lambda player: is_playing(player) and player["synced_to"] == leader.player_id
    )
    assert player["active_source"] == leader.player_id
    active = {"player_id": member.player_id}
    queue = await client.get_result("player_queues/get_active_queue", **active)
    assert queue["queue_id"] == leader.player_id
    await leader.wait_for_player(is_playing)
    await member.command("pause")
    await leader.wait_for_player(lambda player: get_state(player) == "paused")

    await member.command("ungroup")
    await leader.wait_for_player(lambda player: not player["group_members"])
    player = await member.wait_for_player(lambda player: player["synced_to"] is None)
    assert player["active_source"].startswith(member.player_id)
    assert get_state(player) == "idle"


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_nobody_follows_a_follower(client: WebsocketClient, speakers: list[Speaker]) -> None:
    """Who plays along with another leads nobody: that is refused or ignored, or it leaves first."""
    ensure_players(speakers, 3)
    leader, follower, other = speakers
    await follower.command("group", target_player=leader.player_id)
    await follower.wait_for_player(lambda player: player["synced_to"] == leader.player_id)
    args = {"player_id": other.player_id, "target_player": follower.player_id}
    (reply,) = await client.get_replies("players/cmd/group", **args)
    assert reply.get("error_code") in (None, 11)
    state = await follower.wait_for_player(lambda player: True)
    joined = (await other.fetch_player())["synced_to"]
    assert joined in (None, leader.player_id) or not state["synced_to"]
    await other.command("group", target_player=leader.player_id)
    await other.wait_for_player(lambda player: player["synced_to"] == leader.player_id)


@pytest.mark.schemas(28, 29, 98)
async def test_who_may_join(server: MassServer, client: WebsocketClient) -> None:
    """Not everyone can play with everyone: that is refused, since schema 29 without an error."""
    for player, target, code in (
        ("cinema", "kueche", 9),
        ("kueche", "garden", 11),  # who plays along with another leads nobody
    ):
        args = {"player_id": player, "target_player": target}
        (reply,) = await client.get_replies("players/cmd/group", **args)
        assert reply.get("error_code") == (code if server.schema_version < 29 else None)
        assert server.players[player].synced_to is None
    args = {"player_id": "kueche", "target_player": "turntablecorner"}
    assert await client.get_error_code("players/cmd/group", **args) == 9
    await client.get_result("players/cmd/group", player_id="garden", target_player="kueche")
    assert server.players["garden"].synced_to == "kueche"  # who is joined leaves another group


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_many(client: WebsocketClient, speakers: list[Speaker]) -> None:
    """Several join and leave at once; without the leader there is no group."""
    ensure_players(speakers, 3)
    leader, first, second = speakers
    ids = [each.player_id for each in speakers]

    async def wait_for_members(*members: str) -> None:
        await leader.wait_for_player(lambda player: set(player["group_members"]) == set(members))

    many = {"target_player": ids[0], "child_player_ids": ids[1:]}
    await client.get_result("players/cmd/group_many", **many)
    await wait_for_members(*ids)
    change = {"player_ids_to_add": [], "player_ids_to_remove": [ids[1]]}
    await client.get_result("players/cmd/set_members", target_player=ids[0], **change)
    await wait_for_members(ids[0], ids[2])
    change = {"player_ids_to_add": [ids[1]], "player_ids_to_remove": [ids[2]]}
    await client.get_result("players/cmd/set_members", target_player=ids[0], **change)
    await wait_for_members(ids[0], ids[1])
    await client.get_result("players/cmd/ungroup_many", player_ids=[ids[0]])
    await wait_for_members()
    for each in (first, second):
        await each.wait_for_player(lambda player: player["synced_to"] is None)


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_group_volume(client: WebsocketClient, speakers: list[Speaker]) -> None:
    """The volume of a group is its members' average."""
    ensure_players(speakers, 2)
    leader, member, *_ = speakers
    before = [(await each.fetch_player())["volume_level"] for each in (leader, member)]
    await leader.command("volume_set", volume_level=20)
    await member.command("volume_set", volume_level=40)
    await member.command("group", target_player=leader.player_id)
    await leader.wait_for_player(lambda player: player["group_volume"] == 30)
    await leader.command("group_volume", volume_level=15)
    await leader.wait_for_player(lambda player: player["group_volume"] == 15)
    levels = [(await each.fetch_player())["volume_level"] for each in (leader, member)]
    assert levels[0] < 20
    assert levels[1] < 40
    assert sum(levels) == pytest.approx(30, abs=1)
    for each, level in zip((leader, member), before, strict=True):
        await each.command("volume_set", volume_level=level)


@ONE_NEW_ONE_OLD
async def test_proportional_group_volume(server: MassServer, client: WebsocketClient) -> None:
    """The volume of a group is changed in proportion."""
    patio, garden = server.players["patio"], server.players["garden"]
    assert (patio.volume_level, garden.volume_level, patio.group_volume) == (50, 60, 55)
    await client.get_result("players/cmd/group_volume", player_id="patio", volume_level=22)
    assert (patio.volume_level, garden.volume_level, patio.group_volume) == (20, 24, 22)
    await client.get_result("players/cmd/volume_set", player_id="garden", volume_level=40)
    await client.wait_for_event("player_updated", "patio", lambda data: data["group_volume"] == 30)


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_permanent_group(
    target: TargetServer, client: WebsocketClient, speakers: list[Speaker], albums: list[str]
) -> None:
    """A group that was made plays through its members."""
    ensure_players(speakers, 2)
    providers = await client.get_result("providers")
    makers = [each for each in providers if "create_group_player" in each["supported_features"]]
    if not makers:
        pytest.skip("no provider can create groups")
    members = speakers[:2]
    ids = [each.player_id for each in members]
    maker = next((each for each in makers if each["domain"] == "sync_group"), makers[0])
    args = {"provider": maker["instance_id"], "name": "Contract", "members": ids}
    (reply,) = await client.get_replies("players/create_group_player", **args)
    made = reply["result"]
    assert made["type"] == "group"
    await client.wait_for_event("player_added", made["player_id"])
    group = Speaker(client, made["player_id"], target.settling)
    try:
        await group.start(albums[0])
        for member in members:
            await member.wait_for_player(
                lambda player: is_playing(player) and player["active_group"] == group.player_id
            )
        await group.command("power", powered=False)
        for member in members:
            await member.wait_for_player(
                lambda player: not is_playing(player) and not player["active_group"]
            )
    finally:
        await client.get_result("players/remove_group_player", player_id=group.player_id)
    await client.wait_for_event("player_removed", group.player_id)


# Settings


@pytest.mark.any_server
@ONE_NEW_ONE_OLD
async def test_settings(client: WebsocketClient, speaker: Speaker) -> None:
    """Settings change the player; a disabled one is gone or not available."""
    args = {"player_id": speaker.player_id}
    before = await speaker.fetch_player()

    async def save(**values: Any) -> None:
        await client.get_result("config/players/save", **args, values=values)
        await client.wait_for_event("player_config_updated", speaker.player_id)

    await save(expose_player_to_ha=False, name="Kombüse")
    await speaker.wait_for_player(
        lambda player: (player["expose_to_ha"], player["name"]) == (False, "Kombüse")
    )
    get = {**args, "key": "expose_player_to_ha"}
    assert await client.get_result("config/players/get_value", **get) is False
    await save(expose_player_to_ha=before["expose_to_ha"], name=before["name"])
    await save(enabled=False)
    await speaker.wait_for_player(lambda player: not player or not player["available"])
    await save(enabled=True)
    await speaker.wait_for_player(lambda player: player and player["available"])


@ONE_NEW_ONE_OLD
async def test_forgetting_players(server: MassServer, client: WebsocketClient) -> None:
    """Only a player that is gone can be forgotten."""
    assert await client.get_error_code("config/players/remove", player_id="kueche") == 19
    await client.get_result("config/players/remove", player_id="guest_room")
    await client.wait_for_event("player_removed", "guest_room")
    assert len(await client.get_result("config/players", include_values=True)) == len(
        server.players
    )


@pytest.mark.any_server
@pytest.mark.schemas(46)
async def test_dashboards(client: WebsocketClient, player_id: str) -> None:
    """A screen can be known, show something and go dark."""
    tablet = {"dashboard_id": "contract-tablet"}
    show = {**tablet, "dashboard": "now_playing"}
    await client.get_result("dashboard/register", **tablet, name="Tablet")
    dashboards = await client.wait_for_event("dashboards_updated")
    assert "Tablet" in [each["name"] for each in dashboards]
    assert await client.get_error_code("dashboard/show", **show) == 3
    await client.get_result("dashboard/show", **show, player_id=player_id)
    event = await client.wait_for_event("dashboard_show", tablet["dashboard_id"])
    assert event["player_id"] == player_id
    assert await client.get_result("dashboard/sessions")
    await client.get_result("dashboard/hide", **tablet)
    await client.wait_for_event("dashboard_hide", tablet["dashboard_id"])
    url = await client.get_result("dashboard/get_url", dashboard="party")
    assert url.startswith(client.info["base_url"])
    await client.get_result("dashboard/unregister", **tablet)
    dashboards = await client.get_result("dashboard/dashboards")
    assert "Tablet" not in [each["name"] for each in dashboards]


async def test_lists(target: TargetServer, client: WebsocketClient) -> None:
    """What a client fetches first is there."""
    for command in ("providers", "providers/manifests", "player_queues/all", "players/all"):
        assert await client.get_result(command), command
