"""Fixtures of the contract tests: the server and connections to it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession
import pytest
import pytest_socket

from tests.common import LoopMonitor
from tests.server import MassServer, PlayerSet
from tests.server.library import Library
from tests.server.server import DEFAULT_USERS, VERSIONS

from .speaker import Speaker
from .websocket_client import WebsocketClient

USERNAME, PASSWORD = next(iter(DEFAULT_USERS.items()))

# Seconds for which a real server may take back what it said, and the test server at its pace.
REAL_SETTLING, PACE = 2.5, 0.05

type OpenConnection = Callable[..., AbstractAsyncContextManager[WebsocketClient]]


@dataclass
class TargetServer:
    """Represent the server under test: the test server, or a real one of which less is known."""

    url: str
    token: str | None
    schema: int
    username: str | None
    password: str | None
    settling: float = 0.0
    server: MassServer | None = None


@dataclass(frozen=True)
class UnknownServer:
    """Represent a test server that a test knows as little about as about a real one.

    It acts as late as a real server does, and has other players and another library.
    """

    schema: int

    def create(self) -> MassServer:
        """Return the server."""
        return MassServer(
            schema_version=self.schema,
            player_set=PlayerSet.create_speakers(4),
            library=Library.create(seed=7, tracks=150),
            server_id="another-server",
            pace=PACE,
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test at every schema version that it is for; a real server has just one."""
    if "schema" not in metafunc.fixturenames:
        return
    if metafunc.config.getoption("--server-url", None):
        metafunc.parametrize("schema", [0], ids=["real"])
        return
    marker = metafunc.definition.get_closest_marker("schemas")
    versions: list[int] = list(marker.args if marker else VERSIONS)
    schemas: list[int | UnknownServer] = [*versions]
    if metafunc.definition.get_closest_marker("any_server"):
        schemas.append(UnknownServer(max(versions)))
    ids = [
        f"unknown-{max(versions)}" if isinstance(each, UnknownServer) else None for each in schemas
    ]
    metafunc.parametrize("schema", schemas, ids=ids)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    for line in (
        "schemas(*versions): run at these schema versions only",
        "any_server: run also against a server of which nothing is known",
    ):
        config.addinivalue_line("markers", line)


@pytest.fixture(autouse=True)
def _enable_integration(socket_enabled: None, request: pytest.FixtureRequest) -> None:
    """Allow sockets; Home Assistant is not needed here."""
    if url := request.config.getoption("--server-url", None):
        pytest_socket.socket_allow_hosts([urlsplit(url).hostname])


@pytest.fixture
async def target(
    schema: int | UnknownServer, request: pytest.FixtureRequest, session: ClientSession
) -> AsyncIterator[TargetServer]:
    """Return the server under test."""
    option = partial(request.config.getoption, default=None)
    if url := option("--server-url"):
        async with session.get(f"{url}/info") as response:
            real_schema: int = (await response.json())["schema_version"]
        marker = request.node.get_closest_marker("schemas")
        if marker and real_schema < min(marker.args):
            pytest.skip(
                f"for servers from schema {min(marker.args)} on, this one has {real_schema}"
            )
        token, username, password = map(option, ("--token", "--username", "--password"))
        yield TargetServer(url, token, real_schema, username, password, REAL_SETTLING)
    elif isinstance(schema, UnknownServer):
        async with schema.create() as server:
            token = server.create_token(USERNAME, "Contract")
            with skip_idle_time(server):
                yield TargetServer(server.url, token, schema.schema, USERNAME, PASSWORD, 4 * PACE)
    else:
        async with MassServer(schema_version=schema, prompt=True) as server:
            token = server.create_token(USERNAME, "Contract") if schema >= 28 else None
            with skip_idle_time(server):
                yield TargetServer(server.url, token, schema, USERNAME, PASSWORD, server=server)


@contextmanager
def skip_idle_time(server: MassServer) -> Iterator[None]:
    """Skip the time in which neither the test nor its server does anything."""
    with LoopMonitor.of_loop().skip_idle_time() as loop_monitor:
        ahead = server.clock() - loop_monitor.time()
        server.clock = lambda: loop_monitor.time() + ahead
        yield


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
async def players(client: WebsocketClient) -> list[dict[str, Any]]:
    """Return the players that can play and aren't in a group."""
    return [
        player
        for player in await client.get_result("players/all")
        if player["available"]
        and player["type"] == "player"
        and player["volume_level"] is not None
        and not player["synced_to"]
        and not player["group_members"]
    ]


@pytest.fixture
def player_id(players: list[dict[str, Any]]) -> str:
    """Return a player that can play and isn't in a group."""
    return str(players[0]["player_id"])


@pytest.fixture
async def speakers(
    target: TargetServer, client: WebsocketClient, players: list[dict[str, Any]]
) -> AsyncIterator[list[Speaker]]:
    """Return players that can play together, apart and with empty queues before and after."""

    async def prepare() -> None:
        for each in found:
            # A member is refused to leave the group that its leader has just left.
            await client.get_replies("players/cmd/ungroup", player_id=each.player_id)
        for each in found:
            await each.wait_for_player(lambda player: not player["synced_to"])
            await each.clear()
            await each.do("shuffle", shuffle_enabled=False)
            await each.do("repeat", repeat_mode="off")

    fitting = players[0]["can_group_with"]
    ids = [
        player["player_id"]
        for number, player in enumerate(players)
        if not number or player["player_id"] in fitting or player["provider"] in fitting
    ][:3]
    found = [Speaker(client, each, target.settling, target.server) for each in ids]
    await prepare()
    yield found
    await prepare()


@pytest.fixture
def speaker(speakers: list[Speaker]) -> Speaker:
    """Return a player with an empty queue."""
    return speakers[0]
