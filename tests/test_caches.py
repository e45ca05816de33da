"""The caches hold what the library's own would hold, though they decode less and later."""

from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from typing import Any, Final

from aiohttp import ClientSession
from music_assistant_models.enums import EventType
from music_assistant_models.event import MassEvent
from music_assistant_models.player import Player
from music_assistant_models.player_queue import PlayerQueue
import orjson
import pytest
from yarl import URL

from custom_components.music_assistant.players.favorites import like
from custom_components.music_assistant.server.client import Client
from custom_components.music_assistant.server.endpoint import Site

from .benchmarks.house import House

ONE = "player_001"
# Other values for what is in a player's payload, and such as it can't be read with.
OTHERS: dict[str, Any] = {
    "available": False,
    "device_info": {"model": "Model 2", "manufacturer": "Example"},
    "elapsed_time": 12.5,
    "elapsed_time_last_updated": 1000000012.5,
    "group_members": ["player_001", "player_002"],
    "group_volume": 12,
    "group_volume_muted": True,
    "icon": "tv",
    "name": "Another name",
    "playback_state": "paused",
    "powered": False,
    "source_list": [{"id": "line_in", "name": "Line in"}],
    "synced_to": "player_002",
    "volume_level": 12,
    "volume_muted": True,
}
ODD: dict[str, Any] = {"volume_level": "loud", "current_media": 5, "device_info": 7}


type Payload = dict[str, Any]
type Say = Callable[[EventType, Payload], None]


@pytest.fixture
async def house() -> House:
    """Return a house in which something plays."""
    return House.of(3, 1_000_000_000)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Yield a client that isn't connected."""
    async with ClientSession() as session:
        yield Client(Site(session, URL("http://music.example:8095")))


@pytest.fixture
async def say(client: Client) -> Say:
    """Return what takes an event to the caches, as if it had come from the server."""

    def say(event_type: EventType, payload: Payload) -> None:
        text = {"event": event_type.value, "object_id": ONE, "data": payload}
        client._call_at_once(MassEvent.from_dict(orjson.loads(orjson.dumps(text))))

    return say


@pytest.fixture
def player(house: House) -> Payload:
    """Return what the server says of a player."""
    payload: Payload = orjson.loads(house.dumps(house.players[ONE]))
    return payload


@pytest.fixture
def queue(house: House) -> Payload:
    """Return what the server says of a queue."""
    payload: Payload = orjson.loads(house.dumps(house.queues[ONE]))
    return payload


def raw(value: Player | PlayerQueue | None) -> bytes:
    """Return a value as bytes, to compare all of it."""
    assert value
    return orjson.dumps(value.to_dict(), option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize("name", [field.name for field in fields(Player) if field.init])
@pytest.mark.parametrize("looked", [True, False], ids=["looked at", "not looked at"])
async def test_player(client: Client, say: Say, player: Payload, name: str, looked: bool) -> None:
    """Whatever changes, goes or comes back: the player is what its last payload says."""
    without = {key: value for key, value in player.items() if key != name}
    changed = player | ({name: OTHERS[name]} if name in OTHERS else {})
    required = name in {"player_id", "provider", "type", "available", "device_info"}
    payloads = [player, player, changed, player, changed if required else without, player, changed]
    for payload in payloads:
        say(EventType.PLAYER_UPDATED, payload)
        if looked:
            assert raw(client.players.get(ONE)) == raw(Player.from_dict(dict(payload)))
    assert raw(client.players[ONE]) == raw(Player.from_dict(dict(payloads[-1])))


async def test_player_media(client: Client, say: Say, player: Payload) -> None:
    """What plays is as the last payload says, also when nothing does."""
    media = player["current_media"] | {"title": "Another", "elapsed_time": 3}
    for current in (player["current_media"], media, None, media):
        payload = player | {"current_media": current}
        say(EventType.PLAYER_UPDATED, payload)
        assert raw(client.players.get(ONE)) == raw(Player.from_dict(dict(payload)))


@pytest.mark.parametrize("name", ODD)
async def test_odd_player(client: Client, say: Say, player: Payload, name: str) -> None:
    """A payload that can't be read leaves the player as it was before, by the last that can."""
    louder = player | {"volume_level": 70}
    for payload in (player, player, louder, player | {name: ODD[name]}):
        say(EventType.PLAYER_UPDATED, payload)
    assert raw(client.players.get(ONE)) == raw(Player.from_dict(dict(louder)))
    say(EventType.PLAYER_UPDATED, louder | {name: ODD[name]})
    assert raw(client.players.get(ONE)) == raw(Player.from_dict(dict(louder)))


async def test_former_player(client: Client, say: Say, player: Payload) -> None:
    """Who holds a player of before still has what it was."""
    for payload in (player, player):
        say(EventType.PLAYER_UPDATED, payload)
        before = client.players.get(ONE)
    say(EventType.PLAYER_UPDATED, player | {"volume_level": 70})
    assert client.players[ONE].volume_level == 70
    assert raw(before) == raw(Player.from_dict(dict(player)))


async def test_removed(client: Client, say: Say, player: Payload) -> None:
    """A player that goes is gone, and what comes after is a player anew."""
    say(EventType.PLAYER_ADDED, player)
    assert client.players.get(ONE)
    say(EventType.PLAYER_REMOVED, {})
    assert client.players.get(ONE) is None
    for payload in (player | {"name": "Another"}, player, player | {"name": "A third"}):
        say(EventType.PLAYER_UPDATED, payload)
        assert [one.name for one in client.players] == [payload["name"]]


async def test_queue(client: Client, say: Say, queue: Payload, house: House) -> None:
    """A queue is what its last payload says, with its items; the same item is the same object."""
    following = orjson.loads(house.dumps(house.queue_items[ONE][2]))
    advanced = queue | {"current_item": queue["next_item"], "next_item": following}
    ended = queue | {"current_item": queue["next_item"], "next_item": None}
    without = {key: value for key, value in queue.items() if not key.endswith("_item")}
    for payload in (queue, queue | {"shuffle_enabled": True}, advanced, ended, queue, without):
        say(EventType.QUEUE_UPDATED, payload)
        assert raw(client.player_queues.get(ONE)) == raw(PlayerQueue.from_dict(dict(payload)))


async def test_item_goes_on(client: Client, say: Say, queue: Payload) -> None:
    """An item stays the same object while it is said again, also when it becomes the current."""
    say(EventType.QUEUE_UPDATED, queue)
    before = client.player_queues.get(ONE)
    assert before
    following = before.next_item
    say(EventType.QUEUE_UPDATED, queue | {"shuffle_enabled": True})
    again = client.player_queues.get(ONE)
    assert again and again.shuffle_enabled
    assert (again.current_item, again.next_item) == (before.current_item, following)
    assert again.current_item is before.current_item
    say(EventType.QUEUE_UPDATED, queue | {"current_item": queue["next_item"], "next_item": None})
    after = client.player_queues.get(ONE)
    assert after and after.current_item is following


MEDIA: Final[tuple[Payload | None, ...]] = (
    {},
    {"favorite": True},
    {"favorite": None},
    {"uri": None},
    {"uri": None, "favorite": True},
    {"uri": 5},
    None,
)


@pytest.mark.parametrize("changes", MEDIA)
async def test_favorite(client: Client, say: Say, queue: Payload, changes: Payload | None) -> None:
    """What plays is the same favourite whether it has been decoded or not; noted is what becomes."""
    item = queue["current_item"]
    media = None if changes is None else item["media_item"] | changes
    say(EventType.QUEUE_UPDATED, queue | {"current_item": item | {"media_item": media}})
    read = client.player_queues.get(ONE)
    assert read
    before = read.favorite
    playing = read.current_item
    assert read.favorite == before
    assert (before is None) is (playing is None or playing.media_item is None)
    like(playing, True)
    assert read.favorite == (before and before._replace(liked=True))


async def test_odd_favorite(client: Client, say: Say, queue: Payload) -> None:
    """An item that can't be read is no other favourite for it."""
    odd = {"media_item": queue["current_item"]["media_item"]}
    say(EventType.QUEUE_UPDATED, queue | {"current_item": odd})
    read = client.player_queues.get(ONE)
    assert read
    before = read.favorite
    assert before
    assert read.current_item is None
    assert read.favorite == before


async def test_no_item(client: Client, say: Say, queue: Payload) -> None:
    """Nothing that plays is no favourite."""
    say(EventType.QUEUE_UPDATED, queue | {"current_item": None})
    read = client.player_queues.get(ONE)
    assert read
    assert read.favorite is None


async def test_odd_item(client: Client, say: Say, queue: Payload) -> None:
    """An item that can't be read is none, and costs only itself."""
    say(EventType.QUEUE_UPDATED, queue | {"next_item": {"sort_index": 7}})
    read = client.player_queues.get(ONE)
    assert read and read.current_item and read.next_item is None
