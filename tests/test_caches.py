"""The client's caches have the same content as the library's own."""

from collections.abc import AsyncIterator, Callable
from dataclasses import fields
import sys
from typing import Any, Final

from aiohttp import ClientSession
from music_assistant_models.enums import EventType
from music_assistant_models.event import MassEvent
from music_assistant_models.player import Player
from music_assistant_models.player_queue import PlayerQueue
import orjson
import pytest
from yarl import URL

from custom_components.music_assistant.players.favorites import set_favorite
from custom_components.music_assistant.server.client import Client
from custom_components.music_assistant.server.endpoint import ServerEndpoint
from custom_components.music_assistant.server.payloads import decode_message
from custom_components.music_assistant.server.queues import LazyQueue

from .benchmarks.benchmark_server import BenchmarkServer

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
type SendEvent = Callable[[EventType, Payload], None]


@pytest.fixture
async def harness() -> BenchmarkServer:
    """Return a harness whose players play."""
    return BenchmarkServer.create(3, 1_000_000_000)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Return a client that isn't connected."""
    async with ClientSession() as session:
        yield Client(ServerEndpoint(session, URL("http://music.example:8095")))


@pytest.fixture
async def send_event(client: Client) -> SendEvent:
    """Return a function that applies an event to the caches."""

    def apply_event(event_type: EventType, payload: Payload) -> None:
        event = {"event": event_type.value, "object_id": ONE, "data": payload}
        message = decode_message(orjson.dumps(event).decode())
        client._call_sync_subscribers(MassEvent.from_dict(message))

    return apply_event


@pytest.fixture
def player(harness: BenchmarkServer) -> Payload:
    """Return a player as the server sends it."""
    payload: Payload = orjson.loads(harness.serialize(harness.players[ONE]))
    return payload


@pytest.fixture
def queue(harness: BenchmarkServer) -> Payload:
    """Return a queue as the server sends it."""
    payload: Payload = orjson.loads(harness.serialize(harness.queues[ONE]))
    return payload


def serialize(value: Player | PlayerQueue | None) -> bytes:
    """Return a value as bytes, to compare all of it."""
    assert value
    return orjson.dumps(value.to_dict(), option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize("name", [field.name for field in fields(Player) if field.init])
@pytest.mark.parametrize("looked", [True, False], ids=["looked at", "not looked at"])
async def test_player_has_last_payload(
    client: Client, send_event: SendEvent, player: Payload, name: str, looked: bool
) -> None:
    """A player has the content of its last payload."""
    without = {key: value for key, value in player.items() if key != name}
    changed = player | ({name: OTHERS[name]} if name in OTHERS else {})
    required = name in {"player_id", "provider", "type", "available", "device_info"}
    payloads = [player, player, changed, player, changed if required else without, player, changed]
    for payload in payloads:
        send_event(EventType.PLAYER_UPDATED, payload)
        if looked:
            assert serialize(client.players.get(ONE)) == serialize(Player.from_dict(dict(payload)))
    assert serialize(client.players[ONE]) == serialize(Player.from_dict(dict(payloads[-1])))


async def test_rare_fields_are_not_decoded_again(
    client: Client, send_event: SendEvent, player: Payload
) -> None:
    """Of a player whose volume and position change, the other fields aren't decoded again."""
    send_event(EventType.PLAYER_UPDATED, player)
    before = client.players[ONE]
    send_event(EventType.PLAYER_UPDATED, player | {"volume_level": 70, "elapsed_time": 5})
    after = client.players[ONE]
    assert (after.volume_level, after.elapsed_time) == (70, 5)
    assert after.device_info is before.device_info
    send_event(EventType.PLAYER_UPDATED, player | {"name": "Another"})
    assert client.players[ONE].device_info is not before.device_info


async def test_current_media_has_last_payload(
    client: Client, send_event: SendEvent, player: Payload
) -> None:
    """The current media has the content of the last payload, also when it is None."""
    media = player["current_media"] | {"title": "Another", "elapsed_time": 3}
    for current in (player["current_media"], media, None, media):
        payload = player | {"current_media": current}
        send_event(EventType.PLAYER_UPDATED, payload)
        assert serialize(client.players.get(ONE)) == serialize(Player.from_dict(dict(payload)))


@pytest.mark.parametrize("name", ODD)
async def test_invalid_player_payload_is_ignored(
    client: Client, send_event: SendEvent, player: Payload, name: str
) -> None:
    """An invalid payload leaves the player unchanged."""
    louder = player | {"volume_level": 70}
    for payload in (player, player, louder, player | {name: ODD[name]}):
        send_event(EventType.PLAYER_UPDATED, payload)
    assert serialize(client.players.get(ONE)) == serialize(Player.from_dict(dict(louder)))
    send_event(EventType.PLAYER_UPDATED, louder | {name: ODD[name]})
    assert serialize(client.players.get(ONE)) == serialize(Player.from_dict(dict(louder)))


async def test_held_player_does_not_change(
    client: Client, send_event: SendEvent, player: Payload
) -> None:
    """A player object that is held keeps its content."""
    for payload in (player, player):
        send_event(EventType.PLAYER_UPDATED, payload)
        before = client.players.get(ONE)
    send_event(EventType.PLAYER_UPDATED, player | {"volume_level": 70})
    assert client.players[ONE].volume_level == 70
    assert serialize(before) == serialize(Player.from_dict(dict(player)))


async def test_removed_player(client: Client, send_event: SendEvent, player: Payload) -> None:
    """A removed player is gone, and a later payload creates a new one."""
    send_event(EventType.PLAYER_ADDED, player)
    assert client.players.get(ONE)
    send_event(EventType.PLAYER_REMOVED, {})
    assert client.players.get(ONE) is None
    for payload in (player | {"name": "Another"}, player, player | {"name": "A third"}):
        send_event(EventType.PLAYER_UPDATED, payload)
        assert [one.name for one in client.players] == [payload["name"]]


async def test_queue_has_last_payload(
    client: Client, send_event: SendEvent, queue: Payload, harness: BenchmarkServer
) -> None:
    """A queue has the content of its last payload; the same item is the same object."""
    following = orjson.loads(harness.serialize(harness.queue_items[ONE][2]))
    advanced = queue | {"current_item": queue["next_item"], "next_item": following}
    ended = queue | {"current_item": queue["next_item"], "next_item": None}
    without = {key: value for key, value in queue.items() if not key.endswith("_item")}
    for payload in (queue, queue | {"shuffle_enabled": True}, advanced, ended, queue, without):
        send_event(EventType.QUEUE_UPDATED, payload)
        assert serialize(client.player_queues.get(ONE)) == serialize(
            PlayerQueue.from_dict(dict(payload))
        )


async def test_unchanged_item_is_same_object(
    client: Client, send_event: SendEvent, queue: Payload
) -> None:
    """An unchanged item stays the same object, also when it becomes the current one."""
    send_event(EventType.QUEUE_UPDATED, queue)
    before = client.player_queues.get(ONE)
    assert before
    following = before.next_item
    send_event(EventType.QUEUE_UPDATED, queue | {"shuffle_enabled": True})
    again = client.player_queues.get(ONE)
    assert again and again.shuffle_enabled
    assert (again.current_item, again.next_item) == (before.current_item, following)
    assert again.current_item is before.current_item
    send_event(
        EventType.QUEUE_UPDATED, queue | {"current_item": queue["next_item"], "next_item": None}
    )
    after = client.player_queues.get(ONE)
    assert after and after.current_item is following


async def test_text_of_item_is_kept_once(
    client: Client, send_event: SendEvent, queue: Payload
) -> None:
    """The long text of an item is in the memory once, however many events repeat it."""
    queue = queue | {"current_item": queue["current_item"] | {"name": "Ёлка"}}
    advanced = queue | {"current_item": queue["next_item"], "next_item": None}
    for payload in (queue, queue | {"shuffle_enabled": True}, advanced, advanced, queue):
        send_event(EventType.QUEUE_UPDATED, payload)
        current = get_queue(client).lazy_current_item
        known = client.player_queues._cache._templates[ONE].values["current_item"]
        assert current.text is known
        assert current.get_decoded()
        # not what the decoder would leave with it
        assert sys.getsizeof(known) == sys.getsizeof(known[:-1] + known[-1])


def get_queue(client: Client) -> LazyQueue:
    """Return the queue of the cache."""
    queue = client.player_queues.get(ONE)
    assert queue
    return queue


def write_message(payload: Payload, **others: Any) -> str:
    """Return the message of a queue event as servers send it."""
    event = {"event": "queue_updated", "object_id": ONE, "data": payload, **others}
    return orjson.dumps(event).decode()


async def test_known_items_stay_the_same(
    client: Client, send_event: SendEvent, queue: Payload
) -> None:
    """Known items aren't decoded again, also if they are in the other place."""
    send_event(EventType.QUEUE_UPDATED, queue)
    known = get_queue(client).lazy_items
    for changes, items in (
        ({"shuffle_enabled": True}, known),
        ({"current_item": queue["next_item"], "next_item": None}, known[1:]),
    ):
        send_event(EventType.QUEUE_UPDATED, queue | changes)
        assert get_queue(client).lazy_items[: len(items)] == items


DECOYS: Final[dict[str, Callable[[Payload], Payload]]] = {
    "nested": lambda queue: {"extra_attributes": {"x": 1, "current_item": queue["current_item"]}},
    "nested instead": lambda queue: {
        "extra_attributes": {"x": 1, "current_item": queue["current_item"]},
        "current_item": None,
    },
    "text": lambda queue: {"display_name": orjson.dumps({"x": 1, **queue}).decode()},
    "mark": lambda _queue: {"current_item": "known"},
    "number": lambda _queue: {"current_item": 1},
    "part": lambda queue: {"current_item": queue["current_item"] | {"name": "Another"}},
    "missing": lambda _queue: {"current_item": None},
}


@pytest.mark.parametrize("decoy", DECOYS)
async def test_only_known_items_are_cut_out(
    client: Client, send_event: SendEvent, queue: Payload, decoy: str
) -> None:
    """What looks like a known item is decoded."""
    send_event(EventType.QUEUE_UPDATED, queue)
    known = get_queue(client)
    payload = {"active": True, **DECOYS[decoy](queue)}
    payload = payload | {key: value for key, value in queue.items() if key not in payload}
    client._handle_incoming_message(decode_message(write_message(payload)))
    after = get_queue(client)
    plain = orjson.loads(orjson.dumps(payload))
    if isinstance(plain["current_item"], str | int):
        plain["current_item"] = None  # can't be decoded
    assert serialize(after) == serialize(PlayerQueue.from_dict(plain))
    is_same = after.lazy_current_item is known.lazy_current_item
    assert is_same is (payload["current_item"] == queue["current_item"])


@pytest.mark.parametrize("other", [5, None, []])
async def test_second_data(
    client: Client, send_event: SendEvent, queue: Payload, other: object
) -> None:
    """Of two values of one name the last one counts, as in any JSON object."""
    send_event(EventType.QUEUE_UPDATED, queue)
    message = write_message(queue)
    doubled = f'{message[:-1]},"data":{orjson.dumps(other).decode()}}}'
    assert decode_message(doubled)["data"].decode() == other
    before = get_queue(client)
    client._handle_incoming_message(decode_message(doubled))
    assert get_queue(client) is before


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
async def test_favorite_of_current_item(
    client: Client, send_event: SendEvent, queue: Payload, changes: Payload | None
) -> None:
    """The favorite flag is the same whether the item has been decoded or not."""
    item = queue["current_item"]
    media = None if changes is None else item["media_item"] | changes
    send_event(EventType.QUEUE_UPDATED, queue | {"current_item": item | {"media_item": media}})
    read = client.player_queues.get(ONE)
    assert read
    before = read.lazy_current_item.favorite
    playing = read.current_item
    assert read.lazy_current_item.favorite == before
    assert (before is None) is (playing is None or playing.media_item is None)
    set_favorite(playing, True)
    assert read.lazy_current_item.favorite == (before and before._replace(is_favorite=True))


async def test_invalid_item_has_no_favorite_change(
    client: Client, send_event: SendEvent, queue: Payload
) -> None:
    """An invalid item doesn't change the favorite."""
    odd = {"media_item": queue["current_item"]["media_item"]}
    send_event(EventType.QUEUE_UPDATED, queue | {"current_item": odd})
    read = client.player_queues.get(ONE)
    assert read
    before = read.lazy_current_item.favorite
    assert before
    assert read.current_item is None
    assert read.lazy_current_item.favorite == before


async def test_no_item_is_no_favorite(
    client: Client, send_event: SendEvent, queue: Payload
) -> None:
    """Without a current item there is no favorite."""
    send_event(EventType.QUEUE_UPDATED, queue | {"current_item": None})
    read = client.player_queues.get(ONE)
    assert read
    assert read.lazy_current_item.favorite is None


async def test_invalid_item_is_omitted(
    client: Client, send_event: SendEvent, queue: Payload
) -> None:
    """An invalid item is omitted without affecting others."""
    send_event(EventType.QUEUE_UPDATED, queue | {"next_item": {"sort_index": 7}})
    read = client.player_queues.get(ONE)
    assert read and read.current_item and read.next_item is None


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"chapters": [{"position": 1, "name": "One", "start": 0}]}, True),
        ({"chapters": []}, False),
        ({"chapters": None}, False),
        ({}, False),
        (None, False),
    ],
)
async def test_chapters_without_decoding(
    client: Client, send_event: SendEvent, queue: Payload, metadata: object, expected: bool
) -> None:
    """Whether an item has chapters is known before it is decoded."""
    item = queue["current_item"]
    media = item["media_item"] | {"metadata": metadata}
    send_event(EventType.QUEUE_UPDATED, queue | {"current_item": item | {"media_item": media}})
    assert get_queue(client).lazy_current_item.has_chapters is expected


@pytest.mark.parametrize(("duration", "expected"), [(181, 181), (None, None), ("soon", None)])
async def test_duration_without_decoding(
    client: Client, send_event: SendEvent, queue: Payload, duration: object, expected: int | None
) -> None:
    """The duration of an item is known before it is decoded."""
    item = queue["current_item"] | {"duration": duration}
    send_event(EventType.QUEUE_UPDATED, queue | {"current_item": item})
    assert get_queue(client).lazy_current_item.duration == expected


async def test_position_that_is_sent_alone(
    client: Client, send_event: SendEvent, queue: Payload
) -> None:
    """A position that is sent alone counts until the queue is sent, also with the one of before."""
    send_event(EventType.QUEUE_UPDATED, queue)
    client._call_sync_subscribers(MassEvent(EventType.QUEUE_TIME_UPDATED, ONE, 99))
    assert get_queue(client).elapsed_time == 99
    send_event(EventType.QUEUE_UPDATED, queue)
    assert get_queue(client).elapsed_time == queue["elapsed_time"] != 99
