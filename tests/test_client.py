"""The client over a real socket: bad frames, timeouts, lost commands."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
import logging
import secrets
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import ClientError, ClientSession, WebSocketError, WSCloseCode, web
from music_assistant_client.exceptions import (
    CannotConnect,
    ConnectionClosed,
    ConnectionFailed,
    InvalidState,
    NotConnected,
)
from music_assistant_models.enums import EventType, RepeatMode
from music_assistant_models.errors import MusicAssistantError, QueueEmpty
from music_assistant_models.event import MassEvent
import orjson
import pytest
from yarl import URL

from custom_components.music_assistant.helpers import batching
from custom_components.music_assistant.server import client as client_module
from custom_components.music_assistant.server.client import (
    CLOSE_TIMEOUT,
    COMMAND_TIMEOUTS,
    DEFAULT_COMMAND_TIMEOUT,
    HEARTBEAT_INTERVAL,
    Client,
    get_command_timeout,
)
from custom_components.music_assistant.server.endpoint import ServerEndpoint
from custom_components.music_assistant.server.errors import (
    CommandTimeout,
    ConnectionLost,
    Redirected,
    ServerProblem,
)
from custom_components.music_assistant.server.limits import MAX_TEXT_LENGTH
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util.async_ import get_scheduled_timer_handles

from .benchmarks.benchmark_server import BenchmarkServer
from .common import LoopMonitor, send_frames, wait_until
from .http_servers import redirect_to, run_http_server
from .server import MassServer, PlayerSet
from .server.commands import Command
from .server.faults import DropMethod

PLAYER = "player_001"
DROPS: tuple[DropMethod, ...] = ("close", "cut", "reset")


@pytest.fixture
def player_set() -> PlayerSet:
    """Return the server's players."""
    return PlayerSet.create_speakers(3)


@pytest.fixture
async def session(hass: HomeAssistant) -> ClientSession:
    """Return Home Assistant's HTTP session."""
    return async_get_clientsession(hass)


@pytest.fixture
async def client(server: MassServer, session: ClientSession) -> Client:
    """Return a client that isn't connected."""
    return Client(ServerEndpoint(session, URL(server.url)), server.create_token("demo"))


@asynccontextmanager
async def start_listening(client: Client) -> AsyncIterator[asyncio.Task[None]]:
    """Let a client listen for the length of a block."""
    await client.connect()
    task = asyncio.create_task(client.start_listening())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
async def listener(client: Client) -> AsyncIterator[asyncio.Task[None]]:
    """Return the task in which the client listens."""
    async with start_listening(client) as task:
        yield task


@pytest.fixture
async def ready(client: Client, listener: asyncio.Task[None]) -> Client:
    """Return a client that listens and has its first state."""
    await client.wait_ready()
    return client


def start_command(client: Client, command: str = "slow") -> asyncio.Task[Any]:
    """Start a command in a task."""
    return asyncio.create_task(client.send_command(command))


async def start_unanswered_command(
    server: MassServer, client: Client, command: str = "slow"
) -> asyncio.Task[Any]:
    """Return a task that waits for a response that the server won't send."""
    server.faults.ignore_command(command)
    task = start_command(client, command)
    await wait_until(lambda: command in [name for name, _ in server.commands])
    return task


# --------------------------------------------------------------------------------- odd frames


@pytest.mark.parametrize(
    ("frame", "bad"),
    [
        pytest.param("{nonsense", 1, id="not JSON"),
        pytest.param("", 1, id="empty"),
        pytest.param(b"\x00\xff", 1, id="binary"),
        pytest.param("[1, 2]", 1, id="a list"),
        pytest.param("null", 1, id="null"),
        pytest.param('"text"', 1, id="a text"),
        pytest.param("{}", 1, id="empty object"),
        pytest.param('{"hello": "world"}', 1, id="no known message"),
        pytest.param('{"result": 1}', 1, id="no message id"),
        pytest.param('{"message_id": "unknown", "result": 1, "partial": false}', 0, id="no asker"),
        pytest.param('{"message_id": "unknown", "error_code": 1, "details": ""}', 0, id="error"),
        pytest.param('{"message_id": [1], "result": 1, "partial": false}', 0, id="odd id"),
        pytest.param('{"event": "from_the_future", "data": 1}', 0, id="unknown event"),
        pytest.param('{"event": "player_updated"}', 0, id="event about nobody"),
        pytest.param('{"event": "player_updated", "object_id": "x"}', 0, id="event without data"),
        pytest.param('{"event": "player_updated", "object_id": "x", "data": 5}', 0, id="odd data"),
        pytest.param('{"event": "queue_updated", "object_id": "x", "data": {}}', 0, id="no queue"),
        pytest.param(
            '{"event": "queue_time_updated", "object_id": "x", "data": "?"}', 0, id="time"
        ),
        pytest.param('{"event": "providers_updated", "data": [{}]}', 1, id="providers"),
        pytest.param('{"event": "providers_updated", "data": null}', 1, id="no providers"),
        pytest.param('{"event": "dashboards_updated", "data": [5]}', 0, id="dashboards"),
    ],
)
async def test_invalid_frame_is_ignored(
    server: MassServer, ready: Client, frame: str | bytes, bad: int
) -> None:
    """An invalid frame is ignored and later ones are handled."""
    if isinstance(frame, bytes):
        await server.faults.send_bytes(frame)
    else:
        await server.faults.send_text(frame)
    server.update_player(PLAYER, volume_level=77)
    await ready.send_command("info")
    await wait_until(lambda: ready.players[PLAYER].volume_level == 77)
    assert ready.connection.skipped_frames == bad
    assert ready.connection.connected


@pytest.mark.parametrize(
    "answer", ['"result": 1, "partial": false', '"error_code": 8, "details": ""']
)
async def test_duplicate_response_is_ignored(
    server: MassServer, ready: Client, answer: str
) -> None:
    """A second response in the same turn of the loop is ignored."""
    task = await start_unanswered_command(server, ready)
    (message_id,) = ready._result_futures
    for _ in range(2):
        await server.faults.send_text(f'{{"message_id": "{message_id}", {answer}}}')
    with suppress(QueueEmpty):
        assert await task == 1
    await ready.send_command("info")


async def test_invalid_partial_result(server: MassServer, ready: Client) -> None:
    """A partial result that isn't a list is ignored, and the connection stays."""
    task = await start_unanswered_command(server, ready)
    (message_id,) = ready._result_futures
    for result in ("5", "[2]"):
        await server.faults.send_text(
            f'{{"message_id": "{message_id}", "result": {result}, "partial": true}}'
        )
    await server.faults.send_text(f'{{"message_id": "{message_id}", "result": [3]}}')
    assert await task == [2, 3]


async def test_endless_partial_results(
    server: MassServer, ready: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partial results that never end fail the command, and take no more memory."""
    monkeypatch.setattr(client_module, "MAX_MESSAGE_SIZE", 5000)
    task = await start_unanswered_command(server, ready)
    (message_id,) = ready._result_futures
    part = f'{{"message_id": "{message_id}", "result": {[1] * 300}, "partial": true}}'
    for _ in range(20):
        await server.faults.send_text(part)
    with pytest.raises(MusicAssistantError, match="too large"):
        await task
    await ready.send_command("info")
    assert ready._partial_results == {}


async def test_too_many_values(
    server: MassServer,
    ready: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A frame of very many objects or lists is skipped before it is decoded, and logged."""
    monkeypatch.setattr(client_module, "MAX_MESSAGE_VALUES", 100)
    for value in ("{}", "[]"):
        await server.faults.send_text(f'{{"event": "x", "data": [{",".join([value] * 200)}]}}')
    await server.faults.send_text(f'{{"event": "x", "data": "{"a" * 200}"}}')
    await ready.send_command("info")
    assert ready.connection.skipped_frames == 2
    assert caplog.text.count("Skipped a frame with too many values from ws://") == 2


async def test_response_in_turn_of_cancellation(server: MassServer, ready: Client) -> None:
    """A response in the turn in which its caller is cancelled affects nothing else."""
    task = await start_unanswered_command(server, ready)
    (message_id,) = ready._result_futures
    task.cancel()
    ready._handle_incoming_message({"message_id": message_id, "result": 1})
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ready.connection.skipped_frames == 1
    await ready.send_command("info")


@pytest.mark.parametrize("kind", ["event", "answer"])
async def test_large_message(server: MassServer, ready: Client, kind: str) -> None:
    """A message of 20 MB is handled; a text of an event is cut off."""
    huge = "x" * 20_000_000
    if kind == "event":
        heard: list[int] = []
        ready.subscribe(lambda event: heard.append(len(event.data)), EventType.PROVIDER_EVENT)
        await server.faults.send_text(
            orjson.dumps({"event": "provider_event", "data": huge}).decode()
        )
        await wait_until(lambda: heard == [MAX_TEXT_LENGTH])
    else:
        task = await start_unanswered_command(server, ready)
        (message_id,) = ready._result_futures
        await server.faults.send_text(f'{{"message_id": "{message_id}", "result": "{huge}"}}')
        assert len(await task) == len(huge)
    await ready.send_command("info")


@pytest.mark.parametrize("packed", [True, False])
async def test_too_large_message_closes_connection(
    server: MassServer, client: Client, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    """A message above the limit closes the connection with an error, compressed or not."""
    monkeypatch.setattr(client_module, "MAX_MESSAGE_SIZE", 100_000)
    text = "x" * 200_000 if packed else secrets.token_hex(100_000)
    async with start_listening(client) as listener:
        await client.wait_ready()
        task = await start_unanswered_command(server, client)
        await server.faults.send_text(text)
        with pytest.raises(ConnectionLost):
            await task
        await asyncio.wait([listener])
        failed = listener.exception()
        assert isinstance(failed, ConnectionFailed)
        assert isinstance(failed.error, WebSocketError)
        assert failed.error.code == WSCloseCode.MESSAGE_TOO_BIG


async def test_events_that_arrive_together(
    ready: Client, server: MassServer, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that arrive together are handled in one turn, however many came before.

    Between them, a player and its queue may say different things.
    """
    now = 0.0
    turns: list[int] = []

    def handle_event(_event: MassEvent) -> None:
        nonlocal now
        now += batching.BATCH_TIME / 3
        turns.append(loop_monitor.turns)

    def has_handled(count: int) -> bool:
        return len(turns) == count

    monkeypatch.setattr(client_module, "time", SimpleNamespace(monotonic=lambda: now))
    ready.subscribe(handle_event, EventType.PLAYER_UPDATED)
    (connection,) = server.open_connections
    assert connection.request.transport
    player = server.players[PLAYER]
    frame = BenchmarkServer.create(1).create_frame(EventType.PLAYER_UPDATED, PLAYER, player)
    for pair in range(1, 11):
        connection.request.transport.write(frame.plain * 2)
        await wait_until(partial(has_handled, 2 * pair))
    assert turns[::2] == turns[1::2]
    assert len(set(turns)) == 10


async def test_many_events_yield_to_loop(
    server: MassServer, ready: Client, loop_monitor: LoopMonitor
) -> None:
    """Many events are handled in order and in many turns of the loop."""
    heard: dict[str | None, int] = {}

    def add_event(event: MassEvent) -> None:
        heard[event.object_id] = loop_monitor.turns

    ready.subscribe(add_event, EventType.PROVIDER_EVENT)
    await send_frames(
        server, (f'{{"event":"provider_event","object_id":"{i}"}}' for i in range(5000))
    )
    await wait_until(lambda: len(heard) == 5000)
    assert list(heard) == [str(i) for i in range(5000)]
    assert len(set(heard.values())) > 5


async def test_received_frames_are_handled_in_batches(
    server: MassServer, ready: Client, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames that were received at once are handled in several turns of the loop."""
    monkeypatch.setattr(client_module, "BATCH_TIME", 0.0)  # one frame lasts longer
    turns: list[int] = []
    ready.subscribe(lambda _: turns.append(loop_monitor.turns), EventType.PROVIDER_EVENT)
    (connection,) = server.open_connections
    for _ in range(50):
        connection.send('{"event": "provider_event"}')
    await wait_until(lambda: len(turns) == 50)
    assert len(set(turns)) >= 25  # a turn's first frame has no beginning to measure from


async def test_frames_that_take_no_time(
    server: MassServer, ready: Client, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames that were received at once are handled in one turn if that takes no time."""
    monkeypatch.setattr(client_module, "BATCH_TIME", 60.0)
    turns: list[int] = []
    ready.subscribe(lambda _: turns.append(loop_monitor.turns), EventType.PROVIDER_EVENT)
    await send_frames(server, ['{"event": "provider_event"}'] * 50)
    await wait_until(lambda: len(turns) == 50)
    assert len(set(turns)) < 25


@pytest.mark.parametrize(
    ("frame", "description"),
    [
        (b"\x00", "a frame that isn't text"),
        ("{nonsense", "a frame that isn't JSON"),
        ("[1]", "a frame that isn't an object"),
    ],
)
async def test_skipped_frame_is_logged(
    server: MassServer,
    ready: Client,
    caplog: pytest.LogCaptureFixture,
    frame: str | bytes,
    description: str,
) -> None:
    """The log tells what kind of frame was skipped."""
    if isinstance(frame, bytes):
        await server.faults.send_bytes(frame)
    else:
        await server.faults.send_text(frame)
    await ready.send_command("info")
    assert f"Skipped {description} from ws://" in caplog.text


# ------------------------------------------------------------------------------------- events


async def test_last_valid_payload_is_kept(server: MassServer, ready: Client) -> None:
    """A player has the content of the last valid payload."""
    whole = server.players[PLAYER].to_dict()
    for change in ({"volume_level": 11}, {"volume_level": 12}, {"device_info": None}):
        server.send_event(EventType.PLAYER_UPDATED, PLAYER, whole | change)
    await ready.send_command("info")
    assert ready.players[PLAYER].volume_level == 12
    server.send_event(EventType.PLAYER_UPDATED, PLAYER, {})
    await ready.send_command("info")
    assert ready.players[PLAYER].volume_level == 12


async def test_removed_player(server: MassServer, ready: Client) -> None:
    """A removed player is gone, whatever events came before."""
    server.send_event(EventType.PLAYER_UPDATED, PLAYER, server.players[PLAYER])
    server.send_event(EventType.PLAYER_REMOVED, PLAYER)
    await ready.send_command("info")
    assert ready.players.get(PLAYER) is None


async def test_subscribers_are_notified(server: MassServer, ready: Client) -> None:
    """Both kinds of subscribers are called; an error of one doesn't affect others."""
    heard: list[str] = []

    def raise_error(event: MassEvent) -> None:
        raise KeyError(event.object_id)

    async def add_event(event: MassEvent) -> None:
        heard.append(f"later {event.object_id}")

    removers = [
        ready.subscribe(callback, EventType.PROVIDER_EVENT, "a")
        for callback in (
            raise_error,
            add_event,
            lambda event: heard.append(f"now {event.object_id}"),
        )
    ]
    for object_id in "ab":
        server.send_event(EventType.PROVIDER_EVENT, object_id)
    await wait_until(lambda: len(heard) == 2)
    for remove in removers:
        remove()
    server.send_event(EventType.PROVIDER_EVENT, "a")
    await ready.send_command("info")
    assert heard == ["now a", "later a"]


# ----------------------------------------------------------------------------------- commands


@pytest.mark.parametrize("command", ["slow", *COMMAND_TIMEOUTS])
async def test_command_timeout(
    server: MassServer, ready: Client, loop_monitor: LoopMonitor, command: str
) -> None:
    """A command without response fails after its timeout."""
    limit = COMMAND_TIMEOUTS.get(command, DEFAULT_COMMAND_TIMEOUT)
    assert get_command_timeout(f"{command}!") == limit
    with loop_monitor.skip_idle_time():
        task = await start_unanswered_command(server, ready, command)
        began = loop_monitor.time()
        with pytest.raises(CommandTimeout) as caught:
            await task
        assert limit - 1 < loop_monitor.time() - began < limit + 1
    assert (caught.value.command, caught.value.timeout) == (command, limit)
    assert not ready._result_futures
    await ready.send_command("info")


@pytest.mark.parametrize("kind", DROPS)
async def test_command_fails_when_connection_is_lost(
    server: MassServer, ready: Client, listener: asyncio.Task[None], kind: DropMethod
) -> None:
    """A pending command fails within a second of a disconnect, and isn't cancelled."""
    tasks = [
        await start_unanswered_command(server, ready),
        *(start_command(ready) for _ in range(9)),
    ]
    await wait_until(lambda: len(ready._result_futures) == 10)
    await server.faults.disconnect_clients(kind)
    async with asyncio.timeout(1):
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in ended] == [ConnectionLost] * 10
    assert not any(task.cancelled() for task in tasks)
    await asyncio.wait([listener], timeout=CLOSE_TIMEOUT)
    assert listener.done()
    with pytest.raises(InvalidState):
        await ready.send_command("info")


async def test_cancelled_command_stays_cancelled(
    server: MassServer, ready: Client, listener: asyncio.Task[None]
) -> None:
    """A cancelled command is cancelled, also in the turn of a disconnect."""
    alone, together = await start_unanswered_command(server, ready), start_command(ready)
    await wait_until(lambda: len(ready._result_futures) == 2)
    alone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await alone
    together.cancel()
    await ready.disconnect()
    with pytest.raises(asyncio.CancelledError):
        await together


async def test_caller_timeout(server: MassServer, ready: Client) -> None:
    """A timeout of the caller raises the caller's TimeoutError."""
    server.faults.ignore_command("slow")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await ready.send_command("slow")


async def test_send_error_is_connection_error(
    ready: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error while sending is a lost connection."""

    async def raise_error(_message: dict[str, Any]) -> None:
        raise ClientError("broken pipe")

    monkeypatch.setattr(ready.connection, "send_message", raise_error)
    with pytest.raises(ConnectionLost, match="ended during info"):
        await ready.send_command("info")


async def test_unserializable_command(ready: Client) -> None:
    """A command that can't be serialized fails, and the connection stays."""
    with pytest.raises(MusicAssistantError, match="64-bit"):
        await ready.send_command("info", number=10**30)
    assert await ready.send_command("info")


async def test_not_connected(client: Client, server: MassServer) -> None:
    """Nothing can be sent or received before and after a connection."""
    with pytest.raises(InvalidState):
        await client.send_command("info")
    with pytest.raises(NotConnected):
        await client.connection.send_message({})
    with pytest.raises(ConnectionClosed, match="^Connection was closed"):
        await client.connection.receive_message()
    await client.connect()
    with pytest.raises(InvalidState):
        await client.connection.connect()
    await client.disconnect()
    with pytest.raises(NotConnected):
        await client.send_command_no_wait("info")


# --------------------------------------------------------------------------------- connecting


async def test_connect_to_closed_port(
    server: MassServer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A closed port raises an error, and the library's own log line is suppressed."""
    await server.faults.close_port()
    caplog.clear()
    with pytest.raises(CannotConnect):
        await client.connect()
    assert not caplog.records


@pytest.mark.parametrize("status", [301, 302, 307])
async def test_redirect_to_other_port_is_refused(
    server: MassServer, session: ClientSession, status: int
) -> None:
    """A websocket follows no redirect to another port; the error names the target."""
    async with run_http_server(redirect_to(server.url, status)) as url:
        with pytest.raises(Redirected, match=f"^{server.url}$"):
            await Client(ServerEndpoint(session, URL(url)), "secret").connect()
    assert (server.connects, server.http_requests) == (0, [])


async def test_redirect_to_other_path(server: MassServer, session: ClientSession) -> None:
    """A reverse proxy can redirect a websocket to another path."""

    async def handle_request(request: web.Request) -> web.StreamResponse:
        if request.path != "/":
            return web.Response(status=302, headers={"Location": "/"})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(server.get_info())
        await socket.receive()
        return socket

    async with run_http_server(handle_request) as url:
        connection = Client(ServerEndpoint(session, URL(f"{url}/ma"))).connection
        assert await connection.connect() == server.get_info()
        await connection.disconnect()


async def test_too_new_server(server: MassServer, client: Client) -> None:
    """The error for a server that is too new names its version."""
    server.schema_version = server.min_supported_schema_version = 1000
    with pytest.raises(ServerProblem) as caught:
        await client.connect()
    assert caught.value.key == "server_too_new"
    assert caught.value.placeholders == {"version": server.server_version}


async def test_token_is_not_logged(
    server: MassServer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """The token is not logged at any level."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "music_assistant_client")
    await client.connect()
    assert await client.send_command("info")
    await client.disconnect()
    token = str(client.connection.auth_token)
    assert token
    assert token not in caplog.text


# -------------------------------------------------------------------------------- first fetch


@pytest.mark.parametrize("command", ["providers", "dashboard/dashboards", "dashboard/sessions"])
async def test_optional_data_may_be_refused(
    server: MassServer, client: Client, command: str
) -> None:
    """Optional data that the token may not read doesn't prevent the connection."""
    server.faults.fail_command(command, 22)
    async with start_listening(client):
        await client.wait_ready()
        assert PLAYER in [player.player_id for player in client.players]


@pytest.mark.parametrize("command", ["players/all", "player_queues/all"])
async def test_required_data_error(server: MassServer, client: Client, command: str) -> None:
    """An error while fetching required data is raised."""
    server.faults.fail_command(command, 999, "No players today")
    async with start_listening(client):
        with pytest.raises(MusicAssistantError, match="No players today"):
            await client.wait_ready()


async def test_disconnect_while_fetching(server: MassServer, client: Client) -> None:
    """A disconnect during the first fetch raises at once."""
    server.faults.stop_at_stage("fetch")
    async with start_listening(client):
        await wait_until(lambda: "players/all" in [name for name, _ in server.commands])
        await server.faults.disconnect_clients("cut")
        with pytest.raises(ConnectionLost):
            async with asyncio.timeout(1):
                await client.wait_ready()


@pytest.mark.parametrize("name", ["player_queues/all", "players/all"])
async def test_event_during_fetch_is_kept(
    server: MassServer, client: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A change while a list is fetched isn't overwritten by the list."""
    monkeypatch.setattr(batching, "BATCH_TIME", 0.0)  # each item is a reason to give way
    command = server.command_table[name]

    def send_change() -> None:
        server.update_queue("player_003", repeat_mode=RepeatMode.ALL)
        server.update_player("player_003", volume_level=99)

    def respond(server: MassServer, caller: Any) -> Any:
        asyncio.get_running_loop().call_soon(send_change)  # so the list is sent first
        return command.handler(server, caller)

    server.command_table[name] = Command(respond, since=command.since)
    async with start_listening(client):
        await client.wait_ready()
        await client.send_command("info")
        queue = client.player_queues.get("player_003")
        assert queue
        assert queue.repeat_mode is RepeatMode.ALL
        assert client.players["player_003"].volume_level == 99


async def test_invalid_event_during_fetch(server: MassServer, client: Client) -> None:
    """A player with an invalid event during the fetch is taken from the list."""
    command = server.command_table["players/all"]

    def respond(server: MassServer, caller: Any) -> Any:
        server.send_event(EventType.PLAYER_UPDATED, "player_003", {"odd": True})
        return command.handler(server, caller)

    server.command_table["players/all"] = Command(respond, since=command.since)
    async with start_listening(client):
        await client.wait_ready()
        assert client.players.get("player_003")


@pytest.mark.parametrize("schema_version", [27, 28, 29, 46, 98])
async def test_invalid_items_are_omitted(
    server: MassServer,
    client: Client,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An invalid item is omitted and logged, without affecting others."""
    monkeypatch.setattr(batching, "BATCH_TIME", 0.0)  # each item is a reason to give way
    for name in client_module._FETCH_COMMANDS:
        if command := server.command_table.get(name):
            _add_invalid_items(server, name, command.handler)
    async with start_listening(client), asyncio.timeout(5):
        await client.wait_ready()
    assert len(list(client.players)) == len(list(client.player_queues)) == 3
    lines = [line for line in caplog.messages if line.startswith("Skipped an invalid item of")]
    assert len(lines) == (5 if server.schema_version >= 39 else 3) * 3


def _add_invalid_items(server: MassServer, name: str, handler: Any) -> None:
    """Make a command of the server return three invalid items among the valid ones."""
    command = server.command_table[name]

    def respond(server: MassServer, caller: Any) -> list[Any]:
        return [{"odd": True}, *handler(server, caller), {"player_id": [], "queue_id": []}, 5]

    server.command_table[name] = type(command)(respond, since=command.since)


# ------------------------------------------------------------------------------------ silence


async def test_ping_on_idle_connection(
    server: MassServer, ready: Client, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An idle connection sends a ping after ten seconds, and stays open."""
    pings: list[bytes] = []
    answer = web.WebSocketResponse.pong

    async def respond(self: web.WebSocketResponse, message: bytes = b"") -> None:
        pings.append(message)
        await answer(self, message)

    monkeypatch.setattr(web.WebSocketResponse, "pong", respond)
    sent = len(server.commands)
    with loop_monitor.skip_idle_time():
        await asyncio.sleep(300)
    assert 20 <= len(pings) <= 300 / HEARTBEAT_INTERVAL
    assert len(server.commands) == sent
    assert ready.connection.connected


async def test_hanging_server_is_detected(
    server: MassServer, ready: Client, listener: asyncio.Task[None], loop_monitor: LoopMonitor
) -> None:
    """A server that stops answering is detected within twenty seconds."""
    with loop_monitor.skip_idle_time():
        server.faults.pause_server()
        began = loop_monitor.time()
        await asyncio.sleep(9)
        task = start_command(ready)
        await asyncio.wait([listener], timeout=30)
        assert loop_monitor.time() - began < 20
        with pytest.raises(ConnectionFailed):
            await listener
        with pytest.raises(ConnectionLost):
            await task


async def test_no_compression_and_no_unused_data(server: MassServer, ready: Client) -> None:
    """Without TLS nothing is compressed, and unused data isn't fetched."""
    assert [connection.ws.compress for connection in server.open_connections] == [0]
    fetched = [command for command, _ in server.commands]
    assert "providers" in fetched
    assert "providers/manifests" not in fetched
    await ready.send_command("providers/manifests")  # who asks is answered
    assert server.commands[-1][0] == "providers/manifests"


async def test_disconnect_from_hanging_server(
    server: MassServer, ready: Client, loop_monitor: LoopMonitor
) -> None:
    """A disconnect doesn't wait for a server that doesn't answer."""
    server.faults.pause_server()
    with loop_monitor.skip_idle_time():
        began = loop_monitor.time()
        await ready.disconnect()
        assert loop_monitor.time() - began < CLOSE_TIMEOUT + 0.1
    assert not ready.connection.connected


async def test_disconnect_during_events(server: MassServer, session: ClientSession) -> None:
    """Events during a disconnect don't start the ping timer again."""
    for turns in range(8):  # until the first of it arrives in the midst of the goodbye
        client = Client(ServerEndpoint(session, URL(server.url)), server.create_token("demo"))
        await client.connect()
        for connection in server.open_connections:
            connection.send(f'{{"event": "queue_time_updated", "data": {turns}}}')
        for _ in range(turns):
            await asyncio.sleep(0)
        await client.disconnect()
        timers = get_scheduled_timer_handles(asyncio.get_running_loop())
        left = [timer for timer in timers if not timer.cancelled()]
        assert "ClientWebSocketResponse" not in repr(left)


async def test_hanging_disconnect(
    client: Client, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disconnect that hangs in the socket is cancelled."""
    await client.connect()
    socket = cast("Any", client.connection._ws_client)

    async def wait_forever(*_args: Any, **_kwargs: Any) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patch, loop_monitor.skip_idle_time():
        patch.setattr(socket._writer, "close", wait_forever)
        began = loop_monitor.time()
        await client.disconnect()
        assert loop_monitor.time() - began < CLOSE_TIMEOUT + 0.1
    assert not client.connection.connected
