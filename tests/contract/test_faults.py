"""Faults of the test server, as the real client library meets them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import time

from aiohttp import ClientConnectionError, ClientSession, ServerDisconnectedError
from music_assistant_client import MusicAssistantClient
from music_assistant_client.exceptions import CannotConnect, InvalidMessage
from music_assistant_models.enums import EventType
from music_assistant_models.errors import (
    AuthenticationFailed,
    MusicAssistantError,
    ProviderUnavailableError,
)
import pytest

from tests.common import LoopMonitor, wait_until
from tests.server import MassServer, PlayerSet

from .conftest import USERNAME, OpenConnection
from .websocket_client import WebsocketClient

pytestmark = pytest.mark.schemas(46)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Bear with aiohttp: a close that the server answers may leave the client's heartbeat on."""
    return True


@asynccontextmanager
async def run_listening_client(
    server: MassServer, session: ClientSession
) -> AsyncIterator[tuple[MusicAssistantClient, asyncio.Task[None]]]:
    """Run a client that listens to events."""
    client = MusicAssistantClient(server.url, session, server.create_token(USERNAME))
    ready = asyncio.Event()
    task = asyncio.create_task(client.start_listening(ready))
    try:
        async with asyncio.timeout(5):
            await ready.wait()
        yield client, task
    finally:
        await client.disconnect()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.schemas(27, 28, 29, 46, 98)
async def test_library_client(server: MassServer, session: ClientSession) -> None:
    """The library understands the server at every schema version."""
    async with run_listening_client(server, session) as (client, _):
        assert {each.player_id for each in client.players} == server.players.keys()
        assert {each.queue_id for each in client.player_queues} == server.queues.keys()
        await client.player_queues.play_media("kueche", "library://album/1", radio_mode=False)
        await client.players.volume_set("kueche", 33)
        queue = await client.player_queues.get_active_queue("kueche")
        assert queue
        assert queue.items == len(await client.player_queues.get_queue_items("kueche"))
        assert client.players["kueche"].volume_level == 33
        tracks = await client.music.get_library_tracks(limit=5)
        assert len(tracks) == 5
    assert server.commands[-1][0] == "music/tracks/library_items"
    assert ("GET", "/ws") in server.http_requests


@pytest.mark.parametrize("kind", ["close", "cut", "reset"])
async def test_drop(server: MassServer, session: ClientSession, kind: str) -> None:
    """A drop ends a client's listening; the server is still there."""
    async with run_listening_client(server, session) as (_, task):
        await server.faults.disconnect_clients(kind)  # type: ignore[arg-type]
        await asyncio.wait({task}, timeout=2)
        assert task.done()
    assert server.connection_count == 0
    async with run_listening_client(server, session):
        assert server.connection_count == 1
        assert server.connects == 2


@pytest.mark.parametrize(("kind", "code"), [("close", 1000), ("cut", 1006), ("reset", 1006)])
async def test_drop_codes(
    server: MassServer, client: WebsocketClient, kind: str, code: int
) -> None:
    """A close frame is sent, or not."""
    await server.faults.disconnect_clients(kind)  # type: ignore[arg-type]
    assert await client.wait_for_close() == code


async def test_refuse(server: MassServer, session: ClientSession) -> None:
    """A closed port refuses; who is connected stays; the port comes back."""
    url = server.url
    async with run_listening_client(server, session) as (client, _):
        await server.faults.close_port()
        async with ClientSession() as other:
            with pytest.raises(ClientConnectionError):
                await other.get(f"{url}/info")
        await client.players.volume_set("kueche", 12)
        await server.faults.open_port()
        async with ClientSession() as other, other.get(f"{url}/info") as response:
            assert response.status == 200
    assert server.players["kueche"].volume_level == 12


async def test_restart(server: MassServer, session: ClientSession) -> None:
    """A server comes back without players, which then return one by one."""
    token = server.create_token(USERNAME)
    restart = asyncio.create_task(server.faults.restart_server(down=1, starting=1))
    with LoopMonitor.of_loop().skip_idle_time():
        await asyncio.sleep(1.5)
    async with WebsocketClient.open(session, server.url, token) as client:
        assert client.info["status"] == "starting"
        assert await client.get_result("players/all") == []
        added = await client.wait_for_event("player_added")
        assert added["player_id"] == "living_room"
        info = await client.wait_for_event("core_state_updated")
        assert info["status"] == "running"
        assert len(await client.get_result("players/all")) == len(server.players)
    await restart


async def test_freeze(server: MassServer, connect: OpenConnection, session: ClientSession) -> None:
    """A frozen server answers nothing, not even a ping, and makes up for it when it thaws."""
    async with connect() as client:
        server.faults.pause_server()
        await client.ws.ping()
        await client.send("players/cmd/volume_set", {"player_id": "kueche", "volume_level": 9})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.receive()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await session.get(f"{server.url}/info")
        assert server.players["kueche"].volume_level == 20
        server.faults.resume_server()
        await client.wait_for_event(
            "player_updated", "kueche", lambda data: data["volume_level"] == 9
        )


async def test_commands_fail(server: MassServer, client: WebsocketClient) -> None:
    """A command can be late, fail, or get no answer."""
    server.faults.delay_command("info", 0.2)
    begin = asyncio.get_running_loop().time()
    await client.get_result("info")
    assert asyncio.get_running_loop().time() - begin >= 0.199
    server.faults.fail_command("info", ProviderUnavailableError.error_code, "Gone fishing")
    (reply,) = await client.get_replies("info")
    assert (reply["error_code"], reply["details"]) == (1, "Gone fishing")
    server.faults.fail_command("info", 777, "A code from the future")
    assert await client.get_error_code("info") == 777
    assert MusicAssistantError.error_code == 0
    server.faults.clear()
    server.faults.ignore_command("providers")
    await client.send("providers", {})
    await client.get_result("info")
    assert [frame["message_id"] for frame in client.frames if "result" in frame][-1] == "6"


@pytest.mark.parametrize(
    ("stage", "connected"), [("connect", False), ("auth", False), ("fetch", True)]
)
async def test_hanging(
    server: MassServer, session: ClientSession, stage: str, connected: bool
) -> None:
    """A client gets no further than to a stage."""
    server.faults.stop_at_stage(stage)  # type: ignore[arg-type]
    client = MusicAssistantClient(server.url, session, server.create_token(USERNAME))
    ready = asyncio.Event()
    task = asyncio.create_task(client.start_listening(ready))
    with LoopMonitor.of_loop().skip_idle_time():
        await asyncio.sleep(5)
    assert not ready.is_set()
    assert (client.server_info is not None and client._listening) == connected
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await client.disconnect()


async def test_odd_frames(server: MassServer, session: ClientSession) -> None:
    """The stock library ends at a frame that makes no sense."""
    async with run_listening_client(server, session) as (_, task):
        await server.faults.send_text("{nonsense")
        with pytest.raises(InvalidMessage):
            await task
    async with run_listening_client(server, session) as (_, task):
        await server.faults.send_bytes(b"\x00\x01")
        with pytest.raises(InvalidMessage):
            await task


async def test_flood(server: MassServer, session: ClientSession) -> None:
    """Events can come faster than anyone needs them."""
    events = ({"event": "provider_event", "object_id": str(i), "data": i} for i in range(3000))
    seen: list[str | None] = []
    async with run_listening_client(server, session) as (client, _):
        client.subscribe(lambda event: seen.append(event.object_id), EventType.PROVIDER_EVENT)
        await server.faults.send_events(events)
        async with asyncio.timeout(5):
            await client.send_command("info")
        await wait_until(lambda: len(seen) == 3000)


async def test_wrong_token(server: MassServer, session: ClientSession) -> None:
    """The library tells of a bad token."""
    client = MusicAssistantClient(server.url, session, "nonsense")
    with pytest.raises(AuthenticationFailed):
        await client.connect()


@pytest.mark.usefixtures("only_test_server")
async def test_stop(schema: int, session: ClientSession) -> None:
    """A stopped server says goodbye and leaves nothing behind."""
    async with MassServer(schema_version=schema, player_set=PlayerSet.create_speakers(3)) as server:
        url = server.url
        async with WebsocketClient.open(session, url, server.create_token(USERNAME)) as connection:
            begin = time.perf_counter()
            await server.stop()
            assert time.perf_counter() - begin < 1
            assert await connection.wait_for_close() == 1000
        client = MusicAssistantClient(url, session, "x")
        with pytest.raises((CannotConnect, ServerDisconnectedError)):
            await client.connect()


async def test_json_of_events(server: MassServer, client: WebsocketClient) -> None:
    """Odd payloads can be sent too."""
    await server.faults.send_text(json.dumps({"event": "from_the_future", "data": 1}))
    assert await client.wait_for_event("from_the_future") == 1
