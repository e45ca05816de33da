"""Fixtures of the contract tests: the server and connections to it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession
import pytest
import pytest_socket

from tests.server import MassServer
from tests.server.server import DEFAULT_USERS, VERSIONS

from .websocket_client import WebsocketClient

USERNAME, PASSWORD = next(iter(DEFAULT_USERS.items()))

type OpenConnection = Callable[..., AbstractAsyncContextManager[WebsocketClient]]


@dataclass
class TargetServer:
    """Represent the server under test: the test server, or a real one of which less is known."""

    url: str
    token: str | None
    schema: int
    username: str | None
    password: str | None
    server: MassServer | None = None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test at every schema version that it is for; a real server has just one."""
    if "schema" not in metafunc.fixturenames:
        return
    if metafunc.config.getoption("--server-url", None):
        metafunc.parametrize("schema", [0], ids=["real"])
        return
    marker = metafunc.definition.get_closest_marker("schemas")
    metafunc.parametrize("schema", marker.args if marker else VERSIONS)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "schemas(*versions): run at these schema versions only")


@pytest.fixture(autouse=True)
def _enable_integration(socket_enabled: None, request: pytest.FixtureRequest) -> None:
    """Allow sockets; Home Assistant is not needed here."""
    if url := request.config.getoption("--server-url", None):
        pytest_socket.socket_allow_hosts([urlsplit(url).hostname])


@pytest.fixture
async def target(
    schema: int, request: pytest.FixtureRequest, session: ClientSession
) -> AsyncIterator[TargetServer]:
    """Return the server under test."""
    option = partial(request.config.getoption, default=None)
    if url := option("--server-url"):
        async with session.get(f"{url}/info") as response:
            info = await response.json()
        yield TargetServer(
            url,
            option("--token"),
            info["schema_version"],
            option("--username"),
            option("--password"),
        )
        return
    async with MassServer(schema_version=schema, prompt=True) as server:
        token = server.create_token(USERNAME, "Contract") if schema >= 28 else None
        yield TargetServer(server.url, token, schema, USERNAME, PASSWORD, server)


@pytest.fixture
def only_test_server(request: pytest.FixtureRequest) -> None:
    """Skip a test that needs its own test server."""
    if request.config.getoption("--server-url", None):
        pytest.skip("only against the test server")


@pytest.fixture
def server(target: TargetServer) -> MassServer:
    """Return the test server; skip the test for a real one."""
    if target.server is None:
        pytest.skip("only against the test server")
    return target.server


@pytest.fixture
def connect(target: TargetServer, session: ClientSession) -> OpenConnection:
    """Return a function that opens a connection; without a token it isn't signed in."""
    return lambda token=target.token: WebsocketClient.open(session, target.url, token)


@pytest.fixture
async def client(connect: OpenConnection) -> AsyncIterator[WebsocketClient]:
    """Return an open connection that is signed in."""
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(connect())


@pytest.fixture
async def player_id(client: WebsocketClient) -> str:
    """Return a player that can play and isn't in a group."""
    players: list[dict[str, Any]] = await client.get_result("players/all")
    return next(
        str(player["player_id"])
        for player in players
        if player["available"]
        and player["type"] == "player"
        and player["volume_level"] is not None
        and not player["synced_to"]
        and not player["group_members"]
    )
