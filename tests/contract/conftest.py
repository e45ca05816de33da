"""The server that is held to the contract, and lines to it."""

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

from .line import Line

USERNAME, PASSWORD = next(iter(DEFAULT_USERS.items()))

type OpenLine = Callable[..., AbstractAsyncContextManager[Line]]


@dataclass
class Target:
    """The server under test: the test server, or a real one of which we know less."""

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
    """Announce the marker."""
    config.addinivalue_line("markers", "schemas(*versions): run at these schema versions only")


@pytest.fixture(autouse=True)
def _integration(socket_enabled: None, request: pytest.FixtureRequest) -> None:
    """Allow sockets; Home Assistant is not needed here."""
    if url := request.config.getoption("--server-url", None):
        pytest_socket.socket_allow_hosts([urlsplit(url).hostname])


@pytest.fixture
async def target(
    schema: int, request: pytest.FixtureRequest, session: ClientSession
) -> AsyncIterator[Target]:
    """Return the server."""
    option = partial(request.config.getoption, default=None)
    if url := option("--server-url"):
        async with session.get(f"{url}/info") as response:
            info = await response.json()
        yield Target(
            url,
            option("--token"),
            info["schema_version"],
            option("--username"),
            option("--password"),
        )
        return
    async with MassServer(schema_version=schema) as server:
        token = server.mint_token(USERNAME, "Contract") if schema >= 28 else None
        yield Target(server.url, token, schema, USERNAME, PASSWORD, server)


@pytest.fixture
def only_ours(request: pytest.FixtureRequest) -> None:
    """Skip what needs a test server of its own."""
    if request.config.getoption("--server-url", None):
        pytest.skip("only against the test server")


@pytest.fixture
def server(target: Target) -> MassServer:
    """Return the test server, for what can't be done to a real one."""
    if target.server is None:
        pytest.skip("only against the test server")
    return target.server


@pytest.fixture
def connect(target: Target, session: ClientSession) -> OpenLine:
    """Return what opens a line; without a token it isn't signed in."""
    return lambda token=target.token: Line.opened(session, target.url, token)


@pytest.fixture
async def line(connect: OpenLine) -> AsyncIterator[Line]:
    """Return an open line, signed in."""
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(connect())


@pytest.fixture
async def player_id(line: Line) -> str:
    """Return a player that can be played with."""
    players: list[dict[str, Any]] = await line.result("players/all")
    return next(
        str(player["player_id"])
        for player in players
        if player["available"]
        and player["type"] == "player"
        and player["volume_level"] is not None
        and not player["synced_to"]
        and not player["group_members"]
    )
