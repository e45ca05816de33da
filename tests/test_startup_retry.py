"""Waiting for a server that can't be connected to yet, over real sockets."""

import asyncio

from aiohttp import ClientSession
import pytest
from yarl import URL

from custom_components.music_assistant.server import startup_retry as waiting_module
from custom_components.music_assistant.server.connection import ServerAddress
from custom_components.music_assistant.server.endpoint import ServerEndpoint
from custom_components.music_assistant.server.errors import ServerProblem
from custom_components.music_assistant.server.startup_retry import async_wait_for_server

from .common import wait_until
from .server import MassServer

INFO = ("GET", "/info")


@pytest.fixture
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_module, "get_retry_delay", lambda _since: 0.001)


async def wait_for(session: ClientSession, server: MassServer) -> None:
    """Wait for the server that listens at the address of the test server."""
    async with asyncio.timeout(5):
        address = ServerAddress(ServerEndpoint(session, URL(server.url)), None, "demo-server")
        await async_wait_for_server(address, 0.0, prove, asks)


async def prove() -> None:
    """Find nothing wrong."""


def asks(problem: ServerProblem) -> bool:
    """Ask for another sign-in."""
    return problem.key == "invalid_token"


async def wait_for_failed_checks(server: MassServer, waiting: asyncio.Task[None]) -> None:
    """Wait until a server was checked twice more without the retry ending."""
    before = len(server.http_requests)
    await wait_until(lambda: len(server.http_requests) >= before + 2)
    assert not waiting.done()


@pytest.mark.usefixtures("_no_pause")
async def test_wait_for_server(session: ClientSession, server: MassServer) -> None:
    """Only the right server, and only after its onboarding, ends the wait."""
    await server.faults.close_port()
    waiting = asyncio.ensure_future(wait_for(session, server))
    server.server_id = "another"
    await server.faults.open_port()
    await wait_for_failed_checks(server, waiting)
    server.server_id, server.onboard_done = "demo-server", False
    await wait_for_failed_checks(server, waiting)
    server.onboard_done = True
    await waiting


@pytest.mark.usefixtures("_no_pause")
async def test_wait_for_server_without_users(session: ClientSession) -> None:
    """A server without users needs no onboarding."""
    async with MassServer(schema_version=27) as server:
        server.onboard_done = False
        await wait_for(session, server)
        assert server.http_requests == [INFO]


async def test_wait_intervals(
    session: ClientSession, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The intervals depend on the total time of waiting, over several calls."""
    asked: list[float] = []

    def pause(since: float) -> float:
        asked.append(since)
        return 0.0

    monkeypatch.setattr(waiting_module, "get_retry_delay", pause)
    since = asyncio.get_running_loop().time() - 1000
    address = ServerAddress(ServerEndpoint(session, URL(server.url)), None, None)
    await async_wait_for_server(address, since, prove, asks)
    assert asked == [pytest.approx(1000, abs=5)]


@pytest.mark.usefixtures("_no_pause")
async def test_wait_for_connection(session: ClientSession, server: MassServer) -> None:
    """A failed connection is tried again; a refused sign-in ends the wait."""
    answers = [ServerProblem("timeout_connect"), ServerProblem("invalid_token")]

    async def fail() -> None:
        raise answers.pop(0)

    async with asyncio.timeout(5):
        address = ServerAddress(ServerEndpoint(session, URL(server.url)), None, None)
        await async_wait_for_server(address, 0.0, fail, asks)
    assert not answers
