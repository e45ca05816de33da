"""The connection that reconnects itself: timeouts, pauses and notifications."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
import random
from typing import Any

from music_assistant_client.exceptions import InvalidState
from music_assistant_models.enums import CoreState
import pytest
from yarl import URL

from custom_components.music_assistant.server import (
    client as client_module,
    connection as connection_module,
)
from custom_components.music_assistant.server.client import UNANSWERED_DELAY, Client, check_server
from custom_components.music_assistant.server.connection import (
    CHECK_TIMEOUT,
    CONNECT_TIMEOUT,
    FETCH_TIMEOUT,
    MAX_SHORT_CONNECTIONS,
    MIN_STABLE_DURATION,
    RETRY_DELAYS,
    SIGN_IN_RETRY_DELAY,
    STOP_TIMEOUT,
    ServerAddress,
    ServerConnection,
    get_retry_delay,
)
from custom_components.music_assistant.server.endpoint import ServerEndpoint
from custom_components.music_assistant.server.errors import (
    CommandTimeout,
    ConnectionLost,
    ServerProblem,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .common import LoopMonitor, set_attributes, wait_until
from .server import MassServer, PlayerSet
from .server.faults import DropMethod, Stage

DROPS: tuple[DropMethod, ...] = ("close", "cut", "reset")
STAGES: tuple[Stage, ...] = ("connect", "auth", "fetch")


class RecordingObserver:
    """Record notifications with the loop's time, and the tasks that haven't ended."""

    def __init__(self, loop_monitor: LoopMonitor) -> None:
        """Initialize without records."""
        self.loop_monitor = loop_monitor
        self.tasks: set[asyncio.Task[None]] = set()
        self.told: list[tuple[str, Any]] = []
        self.times: list[float] = []

    def _add(self, what: str, detail: Any) -> None:
        self.told.append((what, detail))
        self.times.append(self.loop_monitor.time())

    @property
    def kinds(self) -> list[str]:
        """Return the recorded notifications without details."""
        return [what for what, _ in self.told]

    def create_task(self, coro: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Create a task for the connection."""
        task = asyncio.create_task(coro, name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def on_connected(self, client: Client) -> None:
        """Record a connection."""
        assert client.connection.connected
        self._add("connected", client)

    def on_lost(self, reason: str) -> None:
        """Record a lost connection."""
        self._add("lost", reason)

    def on_endpoint_changed(self, endpoint: ServerEndpoint) -> None:
        """Record a new endpoint."""
        self._add("endpoint", endpoint)

    def on_problem(self, problem: ServerProblem) -> None:
        """Record a failed attempt."""
        self._add("problem", problem.key)


@pytest.fixture
def player_set() -> PlayerSet:
    """Return the server's players."""
    return PlayerSet.create_speakers(50)


@pytest.fixture
async def observer(loop_monitor: LoopMonitor) -> RecordingObserver:
    """Return a recording observer."""
    return RecordingObserver(loop_monitor)


@pytest.fixture
async def connection(
    hass: HomeAssistant, server: MassServer, observer: RecordingObserver
) -> AsyncIterator[ServerConnection]:
    """Return a connection that isn't started; all its tasks must have ended afterwards."""
    endpoint = ServerEndpoint(async_get_clientsession(hass), URL(server.url))
    address = ServerAddress(endpoint, server.create_token("demo"), server.server_id)
    made = ServerConnection(address, observer, observer.create_task)
    yield made
    await made.async_stop()
    assert not observer.tasks


@pytest.fixture
async def started(connection: ServerConnection) -> ServerConnection:
    """Return a connected connection."""
    await connection.async_start()
    return connection


# ---------------------------------------------------------------------------------- back-off


@pytest.mark.parametrize("quickest", [True, False])
def test_attempts_are_limited(monkeypatch: pytest.MonkeyPatch, quickest: bool) -> None:
    """There are at most 20 attempts in the first minute and 10 per minute after that."""
    monkeypatch.setattr(random, "uniform", lambda low, high: low if quickest else high)
    attempts = [0.0]
    while attempts[-1] < 1800:
        attempts.append(attempts[-1] + get_retry_delay(attempts[-1]))
    assert 10 < sum(at < 60 for at in attempts) <= 20
    later = [at for at in attempts if at >= 60]
    assert max(sum(at <= other < at + 60 for other in later) for at in later) <= 10


@pytest.mark.parametrize(("outage", "back_within"), [(5, 2), (9.9, 2), (60, 5), (600, 10)])
def test_reconnect_pause_is_limited(
    monkeypatch: pytest.MonkeyPatch, outage: float, back_within: float
) -> None:
    """A pause that ends after an outage leaves time to connect."""
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    began = outage - 0.001
    assert get_retry_delay(began) < back_within


def test_pauses_have_jitter() -> None:
    """Clients don't reconnect at the same time."""
    assert len({get_retry_delay(5) for _ in range(20)}) > 10


# ------------------------------------------------------------------------------ loss and return


@pytest.mark.parametrize("kind", DROPS)
async def test_reconnect_at_once(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    loop_monitor: LoopMonitor,
    kind: DropMethod,
) -> None:
    """A lost connection is replaced at once, by another client."""
    before = started.client
    with loop_monitor.skip_idle_time():
        await server.faults.disconnect_clients(kind)
        await wait_until(lambda: "connected" in observer.kinds, 1)
    assert observer.kinds == ["lost", "connected"]
    assert observer.told[1][1] is started.client is not before
    assert not before.connection.connected
    assert len(list(started.client.players)) == 50
    assert (started.history.connects, started.history.attempts) == (2, 2)
    assert started.history.lost_at
    assert started.history.lost_because == observer.told[0][1]
    assert server.connection_count == 1


async def test_each_loss_is_followed_by_reconnect(
    server: MassServer, started: ServerConnection, observer: RecordingObserver
) -> None:
    """Each loss is followed by a reconnect."""
    for _ in range(5):
        observer.told.clear()
        with observer.loop_monitor.skip_idle_time():
            await server.faults.disconnect_clients("cut")
            await wait_until(lambda: observer.kinds == ["lost", "connected"], 2)
    assert started.history.connects == 6
    assert server.connection_count == 1


@pytest.mark.parametrize(("outage", "back_within"), [(5, 2), (60, 5), (600, 10)])
async def test_reconnect_after_outage(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    outage: float,
    back_within: float,
) -> None:
    """After an outage the connection is soon back, with few attempts."""
    loop_monitor = observer.loop_monitor
    with loop_monitor.skip_idle_time():
        await asyncio.sleep(MIN_STABLE_DURATION)
        await server.faults.close_port()
        await server.faults.disconnect_clients("reset")
        lost = loop_monitor.time()
        await asyncio.sleep(outage)
        assert not started.client.connection.connected
        await server.faults.open_port()
        await wait_until(lambda: "connected" in observer.kinds, back_within)
    assert set(observer.told[1:-1]) == {("problem", "connection_refused")}
    attempts = [at - lost for at in observer.times[1:-1]]
    assert attempts[0] < 1
    assert sum(at < 60 for at in attempts) <= 20
    later = [at for at in attempts if at >= 60]
    assert all(sum(at <= other < at + 60 for other in later) <= 10 for at in later)


async def test_too_large_first_message(
    connection: ServerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of a too large message in the first fetch is reported."""
    monkeypatch.setattr(client_module, "MAX_MESSAGE_SIZE", 50_000)
    with pytest.raises(ServerProblem) as caught:
        await connection.async_start()
    assert caught.value.key == connection.history.last_problem == "unusable_message"
    assert "50000" in caught.value.placeholders["error"]


async def test_repeated_too_large_messages_slow_down_reconnects(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that repeatedly sends too large messages is connected to less often."""
    with observer.loop_monitor.skip_idle_time():
        await asyncio.sleep(MIN_STABLE_DURATION)
        monkeypatch.setattr(client_module, "MAX_MESSAGE_SIZE", 50_000)
        monkeypatch.setattr(server, "get_info", lambda: {"x": "x" * 60_000})
        await server.faults.disconnect_clients()
        await asyncio.sleep(600)
        monkeypatch.undo()
        await wait_until(lambda: "connected" in observer.kinds, 10)
    assert set(observer.told[1:-1]) == {("problem", "unusable_message")}
    assert len(observer.told) < 110
    assert started.address.token


async def test_retry_now_during_pause(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    loop_monitor: LoopMonitor,
) -> None:
    """A requested retry is made at once, also in a long pause."""
    with loop_monitor.skip_idle_time():
        await server.faults.close_port()
        await server.faults.disconnect_clients()
        await asyncio.sleep(120)
        tried = len(observer.told)
        await wait_until(lambda: len(observer.told) > tried, 10)  # a pause has begun
        await server.faults.open_port()
        started.async_retry_now()
        await wait_until(lambda: "connected" in observer.kinds, 0.5)


async def test_current_client_during_attempt(
    server: MassServer, started: ServerConnection, observer: RecordingObserver
) -> None:
    """During an attempt the current client is the last one, which fails at once."""
    before = started.client
    for stage in STAGES:
        server.faults.stop_at_stage(stage)
        with observer.loop_monitor.skip_idle_time():
            await server.faults.disconnect_clients("cut")
            await wait_until(lambda: server.connection_count == 1)  # the attempt is under way
            with pytest.raises(InvalidState):
                await started.client.send_command("info")
            assert started.client is before
            assert len(list(started.client.players)) == 50
        server.faults.clear()


# --------------------------------------------------------------------------------------- hangs


@pytest.mark.parametrize(
    ("stage", "limit"),
    [("connect", CONNECT_TIMEOUT), ("auth", CONNECT_TIMEOUT), ("fetch", FETCH_TIMEOUT)],
)
async def test_connect_stages_have_timeouts(
    server: MassServer,
    connection: ServerConnection,
    observer: RecordingObserver,
    stage: Stage,
    limit: float,
) -> None:
    """Each stage of connecting has its timeout."""
    loop_monitor = observer.loop_monitor
    server.faults.stop_at_stage(stage)
    with loop_monitor.skip_idle_time():
        began = loop_monitor.time()
        with pytest.raises(ServerProblem) as caught:
            await connection.async_start()
        assert limit - 1 < loop_monitor.time() - began < limit + 1
    assert caught.value.key == connection.history.last_problem == "timeout_connect"
    assert not observer.tasks
    server.faults.clear()
    await wait_until(lambda: not server.connection_count)


async def test_start_with_hanging_server(
    server: MassServer, connection: ServerConnection, loop_monitor: LoopMonitor
) -> None:
    """A start with a server that doesn't answer fails after the timeout."""
    server.faults.pause_server()
    with loop_monitor.skip_idle_time():
        began = loop_monitor.time()
        with pytest.raises(ServerProblem, match="timeout_connect|too long"):
            await connection.async_start()
        assert loop_monitor.time() - began < CONNECT_TIMEOUT + 1


@pytest.mark.parametrize("stage", STAGES)
async def test_hanging_reconnect_is_retried(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    loop_monitor: LoopMonitor,
    stage: Stage,
) -> None:
    """A reconnect that hangs is cancelled and retried."""
    server.faults.stop_at_stage(stage)
    with loop_monitor.skip_idle_time():
        await server.faults.disconnect_clients("cut")
        await wait_until(lambda: observer.told[-1:] == [("problem", "timeout_connect")], 40)
        server.faults.clear()
        await wait_until(lambda: "connected" in observer.kinds, 10)
    assert server.connection_count == 1


async def test_hanging_server_is_detected(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    loop_monitor: LoopMonitor,
) -> None:
    """A server that hangs is detected within twenty seconds, and reconnected later."""
    server.faults.pause_server()
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: observer.kinds[:1] == ["lost"], 20)
        await asyncio.sleep(60)
        assert "connected" not in observer.kinds
        server.faults.resume_server()
        await wait_until(lambda: "connected" in observer.kinds, 10)
    await wait_until(lambda: server.connection_count == 1)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (CoreState.STOPPING, "the server is stopping"),
        (CoreState.RUNNING, "the server no longer answers commands"),
    ],
)
async def test_server_that_answers_nothing_is_left(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    status: CoreState,
    reason: str,
) -> None:
    """A server that keeps the socket open without answering is lost, and found when it is back.

    As in the recordings 15 and 15b: a server that stops answers pings for half a minute.
    """
    server.status = status
    server.faults.ignore_all_commands()
    client = started.client
    with observer.loop_monitor.skip_idle_time():
        began = observer.loop_monitor.time()
        with pytest.raises(ConnectionLost):
            await client.send_command("players/cmd/play", player_id="player_001")
        assert observer.loop_monitor.time() - began < UNANSWERED_DELAY + CHECK_TIMEOUT + 1
        await wait_until(lambda: observer.told)
        assert observer.told[0] == ("lost", reason)
        assert started.history.lost_because == reason
        server.faults.clear()
        server.status = CoreState.RUNNING
        await wait_until(lambda: "connected" in observer.kinds, 60)


async def test_slow_command_does_not_end_the_connection(
    server: MassServer, started: ServerConnection, observer: RecordingObserver
) -> None:
    """A command without an answer is an error of its own while the server answers others."""
    server.faults.ignore_command("players/cmd/play")
    with observer.loop_monitor.skip_idle_time(), pytest.raises(CommandTimeout):
        await started.client.send_command("players/cmd/play", player_id="player_001")
    assert observer.told == []
    assert started.client.connection.connected


@pytest.mark.parametrize(
    ("command", "code", "key"),
    [
        ("players/all", 999, "server_refused"),
        ("player_queues/all", 2, "server_refused"),
        ("players/all", 20, "token_required"),
        ("auth", 999, "server_refused"),
        ("auth", 23, "invalid_token"),
        ("auth", 21, "invalid_token"),
    ],
)
async def test_connect_error_is_reported(
    server: MassServer, connection: ServerConnection, command: str, code: int, key: str
) -> None:
    """An error while connecting is reported, and connecting can be retried."""
    server.faults.fail_command(command, code)
    with pytest.raises(ServerProblem) as caught:
        await connection.async_start()
    assert caught.value.key == key
    assert caught.value.placeholders["url"] == str(connection.client.endpoint)
    server.faults.clear()
    await connection.async_start()
    assert connection.client.connection.connected


@pytest.mark.parametrize("command", ["auth", "players/all"])
@pytest.mark.parametrize("kind", DROPS)
async def test_disconnect_while_connecting(
    server: MassServer, connection: ServerConnection, command: str, kind: DropMethod
) -> None:
    """A disconnect while connecting isn't an authentication error."""
    server.faults.ignore_command(command)
    start = asyncio.create_task(connection.async_start())
    await wait_until(lambda: command in [name for name, _ in server.commands])
    await server.faults.disconnect_clients(kind)
    with pytest.raises(ServerProblem) as caught:
        async with asyncio.timeout(1):
            await start
    assert caught.value.key == "cannot_connect"


async def test_disconnect_at_end_of_fetch(
    server: MassServer, connection: ServerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disconnect at the end of the first fetch isn't reported as connected."""
    wait_ready = Client.wait_ready

    async def disconnect(client: Client) -> None:
        await wait_ready(client)
        await server.faults.disconnect_clients("cut")
        await wait_until(lambda: not client.connection.connected)

    monkeypatch.setattr(Client, "wait_ready", disconnect)
    with pytest.raises(ServerProblem) as caught:
        await connection.async_start()
    assert caught.value.key == "cannot_connect"


# ------------------------------------------------------------------------- who is there, and us


async def test_not_onboarded(server: MassServer, connection: ServerConnection) -> None:
    """A server without users has its own error, which isn't an authentication error."""
    server.onboard_done = False
    server.accounts.users.clear()
    with pytest.raises(ServerProblem) as caught:
        await connection.async_start()
    assert caught.value.key == "not_onboarded"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"schema_version": 26, "min_supported_schema_version": 24}, "server_too_old"),
        ({"schema_version": 1000, "min_supported_schema_version": 999}, "server_too_new"),
        ({"server_id": "another"}, "other_server"),
    ],
)
async def test_wrong_server(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    changes: dict[str, Any],
    key: str,
) -> None:
    """No connection is made to a wrong server until it is right again."""
    with observer.loop_monitor.skip_idle_time():
        with set_attributes(server, **changes):
            await server.faults.disconnect_clients()
            await wait_until(lambda: ("problem", key) in observer.told)
            await wait_until(lambda: not server.connection_count)
            assert not started.client.connection.connected
        await wait_until(lambda: "connected" in observer.kinds, 10)


async def test_another_server_gets_no_token(
    server: MassServer, connection: ServerConnection
) -> None:
    """Another server at the address doesn't get the token."""
    server.server_id = "another"
    with pytest.raises(ServerProblem, match="other_server"):
        await connection.async_start()
    assert server.commands == []


async def test_observer_error_does_not_prevent_reconnect(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error of the observer doesn't prevent a reconnect."""
    monkeypatch.setattr(observer, "on_lost", lambda reason: 1 / 0)
    await server.faults.disconnect_clients("cut")
    await wait_until(lambda: observer.kinds == ["connected"])
    assert started.client.connection.connected


async def test_flapping_connection_slows_down(
    server: MassServer, started: ServerConnection, observer: RecordingObserver
) -> None:
    """Connections that end soon after they are made are made less often."""

    def count(what: str, times: int) -> Callable[[], bool]:
        return lambda: observer.kinds.count(what) == times

    for losses in range(1, MAX_SHORT_CONNECTIONS + 1):
        await server.faults.disconnect_clients("cut")
        await wait_until(count("connected", losses))
    await server.faults.disconnect_clients("cut")
    await wait_until(count("lost", MAX_SHORT_CONNECTIONS + 1))
    connects = server.connects
    await wait_until(count("connected", MAX_SHORT_CONNECTIONS + 1))
    assert server.connects == connects + 1
    waited = observer.times[-1] - observer.times[-2]
    assert waited >= RETRY_DELAYS[0][1]


async def test_connection_without_server_id(
    server: MassServer, connection: ServerConnection
) -> None:
    """Without a server id, any server is accepted."""
    server.server_id = "another"
    connection.address = replace(connection.address, server_id=None)
    await connection.async_start()
    assert connection.server_info
    check_server(connection.server_info)


async def test_refused_token_is_retried_rarely(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    loop_monitor: LoopMonitor,
) -> None:
    """A refused token is retried rarely, and can work again."""
    user = next(iter(server.users.values()))
    with loop_monitor.skip_idle_time():
        server.disable_user("demo")
        await wait_until(lambda: observer.told[1:] == [("problem", "invalid_token")], 5)
        await asyncio.sleep(3600)
        assert set(observer.told[1:]) == {("problem", "invalid_token")}
        assert len(observer.told) <= 2 + 3600 / SIGN_IN_RETRY_DELAY
        server.accounts.set_user_enabled(user, enabled=True)
        await wait_until(lambda: "connected" in observer.kinds, SIGN_IN_RETRY_DELAY + 1)


async def test_connect_to_starting_server(
    server: MassServer, started: ServerConnection, observer: RecordingObserver
) -> None:
    """A starting server is connected to."""
    with observer.loop_monitor.skip_idle_time():
        restart = asyncio.create_task(server.faults.restart_server(starting=5))
        await wait_until(lambda: "connected" in observer.kinds)
        info = started.server_info
        assert info
        assert info.status is CoreState.STARTING
        await restart
    await wait_until(lambda: len(list(started.client.players)) == 50)


# -------------------------------------------------------------------------------------- switch


def create_other_endpoint(server: MassServer, connection: ServerConnection) -> ServerAddress:
    """Return the same server's endpoint with another token."""
    return replace(connection.address, token=server.create_token("demo"))


async def test_switch_token_without_interruption(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    loop_monitor: LoopMonitor,
) -> None:
    """Switching to another token interrupts nothing, also when the old token ends."""
    before, former = started.client, started.address.token or ""
    switched = asyncio.create_task(
        started.async_update_address(create_other_endpoint(server, started))
    )
    while not switched.done():
        assert started.client.connection.connected
        assert len(list(started.client.players)) == 50
        await asyncio.sleep(0)
    await switched
    assert observer.told == [("connected", started.client)]
    assert started.client is not before
    await wait_until(lambda: server.connection_count == 1)
    server.revoke_token(former)
    with loop_monitor.skip_idle_time():
        await asyncio.sleep(60)
    assert observer.kinds == ["connected"]
    await server.faults.disconnect_clients()  # from now on the new one is used
    await wait_until(lambda: observer.kinds == ["connected", "lost", "connected"])


@pytest.mark.parametrize("stage", STAGES)
async def test_hanging_switch_fails(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    loop_monitor: LoopMonitor,
    stage: Stage,
) -> None:
    """A switch that hangs fails and keeps the connection."""
    before = (started.address, started.client)
    server.faults.stop_at_stage(stage)
    with loop_monitor.skip_idle_time(), pytest.raises(ServerProblem) as caught:
        await started.async_update_address(create_other_endpoint(server, started))
    assert caught.value.key == "timeout_connect"
    assert (started.address, started.client) == before
    assert started.client.connection.connected
    assert observer.told == []
    server.faults.clear()
    await wait_until(lambda: server.connection_count == 1)


async def test_refused_switch_keeps_token(
    started: ServerConnection, observer: RecordingObserver
) -> None:
    """A refused token leaves the old one in use."""
    with pytest.raises(ServerProblem) as caught:
        await started.async_update_address(replace(started.address, token="a.b.c"))
    assert caught.value.key == "invalid_token"
    assert started.client.connection.connected
    assert observer.told == []


async def test_switch_during_pause(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    loop_monitor: LoopMonitor,
) -> None:
    """A switch during a pause replaces the next attempt."""
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    await wait_until(lambda: "problem" in observer.kinds)
    await server.faults.open_port()
    await started.async_update_address(create_other_endpoint(server, started))
    connects = server.connects
    with loop_monitor.skip_idle_time():
        await asyncio.sleep(60)
    assert server.connects == connects
    await server.faults.disconnect_clients()
    await wait_until(lambda: observer.kinds[-2:] == ["lost", "connected"])
    assert server.connection_count == 1


async def test_switch_during_attempt(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    loop_monitor: LoopMonitor,
) -> None:
    """A switch that is faster than a running attempt replaces it."""
    server.faults.delay_command("auth", 5)
    await server.faults.disconnect_clients()
    await wait_until(lambda: [command for command, _ in server.commands].count("auth") == 2)
    server.faults.clear()
    await started.async_update_address(create_other_endpoint(server, started))
    switched = started.client
    with loop_monitor.skip_idle_time():
        await asyncio.sleep(6)
    await wait_until(lambda: server.connection_count == 1)
    assert started.client is switched
    assert switched.connection.connected
    assert observer.told[:2] == [("lost", observer.told[0][1]), ("connected", switched)]


async def test_stop_during_switch(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    loop_monitor: LoopMonitor,
) -> None:
    """A switch that ends after the stop leaves nothing open."""
    server.faults.delay_command("auth", 5)
    switching = asyncio.create_task(
        started.async_update_address(create_other_endpoint(server, started))
    )
    await wait_until(lambda: server.connection_count == 2)
    await started.async_stop()
    with loop_monitor.skip_idle_time(), pytest.raises(ServerProblem):
        await switching
    assert observer.told == []
    await wait_until(lambda: not server.connection_count)


# ---------------------------------------------------------------------------------------- stop


@pytest.mark.parametrize(
    "moment", ["connected", "frozen", "pause", "refused", "frozen return", *STAGES]
)
async def test_stop(
    server: MassServer, started: ServerConnection, observer: RecordingObserver, moment: str
) -> None:
    """A stop is fast and leaves nothing open in any state."""
    loop_monitor = observer.loop_monitor
    if moment in STAGES:
        server.faults.stop_at_stage(next(stage for stage in STAGES if stage == moment))
        await server.faults.disconnect_clients()
        await wait_until(lambda: server.connection_count)
    if moment in ("pause", "refused"):
        await server.faults.close_port()
        await server.faults.disconnect_clients()
        await wait_until(lambda: "problem" in observer.kinds)
    if moment.startswith("frozen"):
        server.faults.pause_server()
    if moment == "frozen return":
        (connection,) = server.open_connections
        connection.close_transport()
        await wait_until(lambda: "lost" in observer.kinds)
    with loop_monitor.skip_idle_time():
        began = loop_monitor.time()
        await started.async_stop()
        assert loop_monitor.time() - began < STOP_TIMEOUT
    assert not observer.tasks
    assert not started.client.connection.connected
    told = len(observer.told)
    server.faults.clear()
    await server.faults.open_port()
    with loop_monitor.skip_idle_time():
        await asyncio.sleep(60)
    assert len(observer.told) == told
    assert not server.connection_count


async def test_stop_of_task_that_goes_on(
    started: ServerConnection, loop_monitor: LoopMonitor
) -> None:
    """A stop doesn't wait for ever for a task that doesn't end."""
    released = asyncio.Event()

    async def go_on() -> None:
        while not released.is_set():
            with suppress(asyncio.CancelledError):
                await released.wait()

    assert started._reconnect_task
    started._reconnect_task.cancel()
    started._reconnect_task = task = asyncio.create_task(go_on())
    await asyncio.sleep(0)
    try:
        with loop_monitor.skip_idle_time():
            async with asyncio.timeout(2 * STOP_TIMEOUT):
                await started.async_stop()
        assert not task.done()
        assert not started.client.connection.connected
    finally:
        released.set()
        await task


@pytest.mark.parametrize("stage", STAGES)
async def test_cancelled_start(
    server: MassServer, connection: ServerConnection, observer: RecordingObserver, stage: Stage
) -> None:
    """A cancelled start is cancelled and leaves nothing open."""
    server.faults.stop_at_stage(stage)
    start = asyncio.create_task(connection.async_start())
    await wait_until(lambda: server.connection_count)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert not observer.tasks
    server.faults.clear()
    await wait_until(lambda: not server.connection_count)


async def test_reconnect_after_unexpected_error(
    server: MassServer,
    started: ServerConnection,
    observer: RecordingObserver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An unexpected error of the listener is followed by a reconnect."""

    def raise_error(*_args: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(started.client, "_handle_incoming_message", raise_error)
        await server.faults.send_text("{}")
        await wait_until(lambda: "connected" in observer.kinds)
    assert observer.told[0] == ("lost", "RuntimeError")


async def test_repr_has_no_token(hass: HomeAssistant) -> None:
    """The representation of an endpoint has no token."""
    endpoint = ServerEndpoint(async_get_clientsession(hass), URL("http://mass.local:8095/"))
    address = ServerAddress(endpoint, "secret", None)
    assert repr(address) == "ServerAddress(http://mass.local:8095)"


def test_pauses_increase_to_maximum() -> None:
    """The pauses increase up to a maximum."""
    table = connection_module.RETRY_DELAYS
    assert all(one[0] < other[0] and one[2] <= other[1] for one, other in pairwise(table))
    assert table[-1][0] == float("inf")
