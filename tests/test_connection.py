"""One connection that keeps itself, over real sockets: limits, back-off, what is told to whom."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
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
from custom_components.music_assistant.server.client import Client, check_server
from custom_components.music_assistant.server.connection import (
    BACK_OFF,
    CONNECT_LIMIT,
    FETCH_LIMIT,
    FORGIVEN,
    SIGN_IN_PAUSE,
    SOUND,
    STOP_LIMIT,
    ServerAddress,
    ServerConnection,
    pause_after,
)
from custom_components.music_assistant.server.endpoint import Site
from custom_components.music_assistant.server.errors import ServerProblem
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .common import Pulse, changed, until
from .server import Household, MassServer
from .server.faults import Drop, Stage

DROPS: tuple[Drop, ...] = ("close", "cut", "reset")
STAGES: tuple[Stage, ...] = ("connect", "auth", "fetch")


class Observer:
    """Notes what it is told and when, by the loop's time, and which tasks haven't ended."""

    def __init__(self, pulse: Pulse) -> None:
        """Note nothing yet."""
        self.pulse = pulse
        self.tasks: set[asyncio.Task[None]] = set()
        self.told: list[tuple[str, Any]] = []
        self.times: list[float] = []

    def _note(self, what: str, detail: Any) -> None:
        self.told.append((what, detail))
        self.times.append(self.pulse.time())

    @property
    def kinds(self) -> list[str]:
        """Return what was told, without details."""
        return [what for what, _ in self.told]

    def create_task(self, coro: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Make a task for the connection."""
        task = asyncio.create_task(coro, name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def on_connected(self, client: Client) -> None:
        """Note a return."""
        assert client.connection.connected
        self._note("connected", client)

    def on_lost(self, reason: str) -> None:
        """Note a loss."""
        self._note("lost", reason)

    def on_site(self, site: Site) -> None:
        """Note another way to the server."""
        self._note("site", site)

    def on_problem(self, problem: ServerProblem) -> None:
        """Note a failed attempt."""
        self._note("problem", problem.key)


@pytest.fixture
def household() -> Household:
    """Return the server's players."""
    return Household.of(50)


@pytest.fixture
async def observer(pulse: Pulse) -> Observer:
    """Return who is told."""
    return Observer(pulse)


@pytest.fixture
async def connection(
    hass: HomeAssistant, server: MassServer, observer: Observer
) -> AsyncIterator[ServerConnection]:
    """Return a connection that isn't started; all its tasks have to have ended afterwards."""
    site = Site(async_get_clientsession(hass), URL(server.url))
    address = ServerAddress(site, server.mint_token("demo"), server.server_id)
    made = ServerConnection(address, observer, observer.create_task)
    yield made
    await made.async_stop()
    assert not observer.tasks


@pytest.fixture
async def started(connection: ServerConnection) -> ServerConnection:
    """Return a connection that is up."""
    await connection.async_start()
    return connection


# ---------------------------------------------------------------------------------- back-off


@pytest.mark.parametrize("quickest", [True, False])
def test_no_retry_storm(monkeypatch: pytest.MonkeyPatch, quickest: bool) -> None:
    """At most 20 attempts in the first minute and 10 a minute after, however the dice fall."""
    monkeypatch.setattr(random, "uniform", lambda low, high: low if quickest else high)
    attempts = [0.0]
    while attempts[-1] < 1800:
        attempts.append(attempts[-1] + pause_after(attempts[-1]))
    assert 10 < sum(at < 60 for at in attempts) <= 20
    later = [at for at in attempts if at >= 60]
    assert max(sum(at <= other < at + 60 for other in later) for at in later) <= 10


@pytest.mark.parametrize(("outage", "back_within"), [(5, 2), (9.9, 2), (60, 5), (600, 10)])
def test_never_long_unnoticed(
    monkeypatch: pytest.MonkeyPatch, outage: float, back_within: float
) -> None:
    """A pause that lasts past the end of an outage leaves time to connect."""
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    began = outage - 0.001
    assert pause_after(began) < back_within


def test_jitter() -> None:
    """Not all of a house's clients come back at the same moment."""
    assert len({pause_after(5) for _ in range(20)}) > 10


# ------------------------------------------------------------------------------ loss and return


@pytest.mark.parametrize("kind", DROPS)
async def test_drop(
    server: MassServer, started: ServerConnection, observer: Observer, kind: Drop
) -> None:
    """A line that drops is taken up again at once, by another client."""
    before = started.client
    await server.faults.drop(kind)
    await until(lambda: "connected" in observer.kinds, 1)
    assert observer.kinds == ["lost", "connected"]
    assert observer.told[1][1] is started.client is not before
    assert not before.connection.connected
    assert len(list(started.client.players)) == 50
    assert (started.history.connects, started.history.attempts) == (2, 2)
    assert started.history.lost_at
    assert started.history.lost_because == observer.told[0][1]
    assert server.connections == 1


async def test_drop_again_and_again(
    server: MassServer, started: ServerConnection, observer: Observer
) -> None:
    """Each loss has its return."""
    for _ in range(5):
        observer.told.clear()
        with observer.pulse.skipping():
            await server.faults.drop("cut")
            await until(lambda: observer.kinds == ["lost", "connected"], 2)
    assert started.history.connects == 6
    assert server.connections == 1


@pytest.mark.parametrize(("outage", "back_within"), [(5, 2), (60, 5), (600, 10)])
async def test_outage(
    server: MassServer,
    started: ServerConnection,
    observer: Observer,
    outage: float,
    back_within: float,
) -> None:
    """After an outage the connection is soon back, without a storm of attempts."""
    pulse = observer.pulse
    with pulse.skipping():
        await asyncio.sleep(SOUND)
        await server.faults.refuse()
        await server.faults.drop("reset")
        lost = pulse.time()
        await asyncio.sleep(outage)
        assert not started.client.connection.connected
        await server.faults.accept()
        await until(lambda: "connected" in observer.kinds, back_within)
    assert set(observer.told[1:-1]) == {("problem", "connection_refused")}
    attempts = [at - lost for at in observer.times[1:-1]]
    assert attempts[0] < 1
    assert sum(at < 60 for at in attempts) <= 20
    later = [at for at in attempts if at >= 60]
    assert all(sum(at <= other < at + 60 for other in later) <= 10 for at in later)


async def test_first_fetch_too_big(
    connection: ServerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with a message of the first fetch is told, not only that it was the last."""
    monkeypatch.setattr(client_module, "LARGEST_MESSAGE", 50_000)
    with pytest.raises(ServerProblem) as caught:
        await connection.async_start()
    assert caught.value.key == connection.history.last_problem == "unusable_message"
    assert "50000" in caught.value.placeholders["error"]


async def test_too_big_again_and_again(
    server: MassServer,
    started: ServerConnection,
    observer: Observer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that goes on to send what is too big is connected to ever less often."""
    with observer.pulse.skipping():
        await asyncio.sleep(SOUND)
        monkeypatch.setattr(client_module, "LARGEST_MESSAGE", 50_000)
        monkeypatch.setattr(server, "info", lambda: {"x": "x" * 60_000})
        await server.faults.drop()
        await asyncio.sleep(600)
        monkeypatch.undo()
        await until(lambda: "connected" in observer.kinds, 10)
    assert set(observer.told[1:-1]) == {("problem", "unusable_message")}
    assert len(observer.told) < 110
    assert started.address.token


async def test_retry_now(
    server: MassServer, started: ServerConnection, observer: Observer, pulse: Pulse
) -> None:
    """A sign that the server is back is worth an attempt at once, in a long pause too."""
    with pulse.skipping():
        await server.faults.refuse()
        await server.faults.drop()
        await asyncio.sleep(120)
        tried = len(observer.told)
        await until(lambda: len(observer.told) > tried, 10)  # a pause has begun
        await server.faults.accept()
        started.async_retry_now()
        await until(lambda: "connected" in observer.kinds, 0.5)


async def test_nobody_gets_an_unfinished_client(
    server: MassServer, started: ServerConnection, observer: Observer
) -> None:
    """While an attempt hangs, the current client is the last one: it says at once what is."""
    before = started.client
    for stage in STAGES:
        server.faults.hang_at(stage)
        with observer.pulse.skipping():
            await server.faults.drop("cut")
            await until(lambda: server.connections == 1)  # the attempt is under way
            with pytest.raises(InvalidState):
                await started.client.send_command("info")
            assert started.client is before
            assert len(list(started.client.players)) == 50
        server.faults.clear()


# --------------------------------------------------------------------------------------- hangs


@pytest.mark.parametrize(
    ("stage", "limit"),
    [("connect", CONNECT_LIMIT), ("auth", CONNECT_LIMIT), ("fetch", FETCH_LIMIT)],
)
async def test_start_hangs(
    server: MassServer,
    connection: ServerConnection,
    observer: Observer,
    stage: Stage,
    limit: float,
) -> None:
    """Each step to a connection has its limit."""
    pulse = observer.pulse
    server.faults.hang_at(stage)
    with pulse.skipping():
        began = pulse.time()
        with pytest.raises(ServerProblem) as caught:
            await connection.async_start()
        assert limit - 1 < pulse.time() - began < limit + 1
    assert caught.value.key == connection.history.last_problem == "timeout_connect"
    assert not observer.tasks
    server.faults.clear()
    await until(lambda: not server.connections)


async def test_start_on_frozen(
    server: MassServer, connection: ServerConnection, pulse: Pulse
) -> None:
    """A server that takes connections and answers nothing isn't waited for."""
    server.faults.freeze()
    with pulse.skipping():
        began = pulse.time()
        with pytest.raises(ServerProblem, match="timeout_connect|too long"):
            await connection.async_start()
        assert pulse.time() - began < CONNECT_LIMIT + 1


@pytest.mark.parametrize("stage", STAGES)
async def test_return_hangs(
    server: MassServer, started: ServerConnection, observer: Observer, pulse: Pulse, stage: Stage
) -> None:
    """A return that hangs is given up and tried again."""
    server.faults.hang_at(stage)
    with pulse.skipping():
        await server.faults.drop("cut")
        await until(lambda: observer.told[-1:] == [("problem", "timeout_connect")], 40)
        server.faults.clear()
        await until(lambda: "connected" in observer.kinds, 10)
    assert server.connections == 1


async def test_freeze_is_noticed(
    server: MassServer, started: ServerConnection, observer: Observer, pulse: Pulse
) -> None:
    """A server that hangs is lost within twenty seconds, and found again when it goes on."""
    server.faults.freeze()
    with pulse.skipping():
        await until(lambda: observer.kinds[:1] == ["lost"], 20)
        await asyncio.sleep(60)
        assert "connected" not in observer.kinds
        server.faults.thaw()
        await until(lambda: "connected" in observer.kinds, 10)
    await until(lambda: server.connections == 1)


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
async def test_error_on_the_way(
    server: MassServer, connection: ServerConnection, command: str, code: int, key: str
) -> None:
    """An error of a step is told, and the step can be tried again."""
    server.faults.fail(command, code)
    with pytest.raises(ServerProblem) as caught:
        await connection.async_start()
    assert caught.value.key == key
    server.faults.clear()
    await connection.async_start()
    assert connection.client.connection.connected


@pytest.mark.parametrize("command", ["auth", "players/all"])
@pytest.mark.parametrize("kind", DROPS)
async def test_dropped_on_the_way(
    server: MassServer, connection: ServerConnection, command: str, kind: Drop
) -> None:
    """A line that drops while connecting is no reason to sign in again."""
    server.faults.silence(command)
    start = asyncio.create_task(connection.async_start())
    await until(lambda: command in [name for name, _ in server.commands])
    await server.faults.drop(kind)
    with pytest.raises(ServerProblem) as caught:
        async with asyncio.timeout(1):
            await start
    assert caught.value.key == "cannot_connect"


async def test_lost_in_the_turn_of_the_fetch(
    server: MassServer, connection: ServerConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that drops as the first fetch ends isn't taken for a connection."""
    wait_ready = Client.wait_ready

    async def drop(client: Client) -> None:
        await wait_ready(client)
        await server.faults.drop("cut")
        await until(lambda: not client.connection.connected)

    monkeypatch.setattr(Client, "wait_ready", drop)
    with pytest.raises(ServerProblem) as caught:
        await connection.async_start()
    assert caught.value.key == "cannot_connect"


# ------------------------------------------------------------------------- who is there, and us


async def test_not_onboarded(server: MassServer, connection: ServerConnection) -> None:
    """A server that nobody has set up yet says so; that is no refused sign-in."""
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
    observer: Observer,
    changes: dict[str, Any],
    key: str,
) -> None:
    """A server that isn't right is left alone, until it is right again."""
    with observer.pulse.skipping():
        with changed(server, **changes):
            await server.faults.drop()
            await until(lambda: ("problem", key) in observer.told)
            await until(lambda: not server.connections)
            assert not started.client.connection.connected
        await until(lambda: "connected" in observer.kinds, 10)


async def test_another_server_gets_no_token(
    server: MassServer, connection: ServerConnection
) -> None:
    """Whoever took the address over isn't told the token."""
    server.server_id = "another"
    with pytest.raises(ServerProblem, match="other_server"):
        await connection.async_start()
    assert server.commands == []


async def test_an_observer_that_fails(
    server: MassServer,
    started: ServerConnection,
    observer: Observer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who can't cope with the news doesn't keep the connection from coming back."""
    monkeypatch.setattr(observer, "on_lost", lambda reason: 1 / 0)
    await server.faults.drop("cut")
    await until(lambda: observer.kinds == ["connected"])
    assert started.client.connection.connected


async def test_flapping_is_no_storm(
    server: MassServer, started: ServerConnection, observer: Observer
) -> None:
    """Connections that end as soon as they are made are soon made less often."""

    def told(what: str, times: int) -> Callable[[], bool]:
        return lambda: observer.kinds.count(what) == times

    for losses in range(1, FORGIVEN + 1):
        await server.faults.drop("cut")
        await until(told("connected", losses), 1)
    await server.faults.drop("cut")
    await until(told("lost", FORGIVEN + 1), 1)
    connects = server.connects
    await until(told("connected", FORGIVEN + 1), 3)
    assert server.connects == connects + 1
    waited = observer.times[-1] - observer.times[-2]
    assert waited >= BACK_OFF[0][1]


async def test_any_server_will_do(server: MassServer, connection: ServerConnection) -> None:
    """Without a server id, whoever answers is meant."""
    server.server_id = "another"
    connection.address = replace(connection.address, server_id=None)
    await connection.async_start()
    assert connection.info
    check_server(connection.info)


async def test_refused_sign_in(
    server: MassServer, started: ServerConnection, observer: Observer, pulse: Pulse
) -> None:
    """A refused sign-in is tried again seldom, and heals by itself."""
    user = next(iter(server.users.values()))
    with pulse.skipping():
        server.disable_user("demo")
        await until(lambda: observer.told[1:] == [("problem", "invalid_token")], 5)
        await asyncio.sleep(3600)
        assert set(observer.told[1:]) == {("problem", "invalid_token")}
        assert len(observer.told) <= 2 + 3600 / SIGN_IN_PAUSE
        server.accounts.enable(user, enabled=True)
        await until(lambda: "connected" in observer.kinds, SIGN_IN_PAUSE + 1)


async def test_starting_server(
    server: MassServer, started: ServerConnection, observer: Observer
) -> None:
    """A server that starts is one to be connected to."""
    with observer.pulse.skipping():
        restart = asyncio.create_task(server.faults.restart(starting=5))
        await until(lambda: "connected" in observer.kinds)
        info = started.info
        assert info
        assert info.status is CoreState.STARTING
        await restart
    await until(lambda: len(list(started.client.players)) == 50)


# -------------------------------------------------------------------------------------- switch


def another_token(server: MassServer, connection: ServerConnection) -> ServerAddress:
    """Return the same server's address with another token."""
    return replace(connection.address, token=server.mint_token("demo"))


async def test_switch(
    server: MassServer, started: ServerConnection, observer: Observer, pulse: Pulse
) -> None:
    """Another token is gone over to without a gap: nothing is lost, nor when the old one ends."""
    before, former = started.client, started.address.token or ""
    switched = asyncio.create_task(started.async_switch(another_token(server, started)))
    while not switched.done():
        assert started.client.connection.connected
        assert len(list(started.client.players)) == 50
        await asyncio.sleep(0)
    await switched
    assert observer.told == [("connected", started.client)]
    assert started.client is not before
    await until(lambda: server.connections == 1)
    server.revoke_token(former)
    with pulse.skipping():
        await asyncio.sleep(60)
    assert observer.kinds == ["connected"]
    await server.faults.drop()  # from now on the new one is used
    await until(lambda: observer.kinds == ["connected", "lost", "connected"], 2)


@pytest.mark.parametrize("stage", STAGES)
async def test_switch_hangs(
    server: MassServer, started: ServerConnection, observer: Observer, pulse: Pulse, stage: Stage
) -> None:
    """What doesn't work isn't gone over to."""
    before = (started.address, started.client)
    server.faults.hang_at(stage)
    with pulse.skipping(), pytest.raises(ServerProblem) as caught:
        await started.async_switch(another_token(server, started))
    assert caught.value.key == "timeout_connect"
    assert (started.address, started.client) == before
    assert started.client.connection.connected
    assert observer.told == []
    server.faults.clear()
    await until(lambda: server.connections == 1)


async def test_switch_is_refused(started: ServerConnection, observer: Observer) -> None:
    """A token that the server doesn't take leaves the old one in use."""
    with pytest.raises(ServerProblem) as caught:
        await started.async_switch(replace(started.address, token="a.b.c"))
    assert caught.value.key == "invalid_token"
    assert started.client.connection.connected
    assert observer.told == []


async def test_switch_in_a_pause(
    server: MassServer, started: ServerConnection, observer: Observer, pulse: Pulse
) -> None:
    """A switch that is faster than the next attempt takes its place."""
    await server.faults.refuse()
    await server.faults.drop()
    await until(lambda: "problem" in observer.kinds)
    await server.faults.accept()
    await started.async_switch(another_token(server, started))
    connects = server.connects
    with pulse.skipping():
        await asyncio.sleep(60)
    assert server.connects == connects
    await server.faults.drop()
    await until(lambda: observer.kinds[-2:] == ["lost", "connected"], 2)
    assert server.connections == 1


async def test_switch_beside_an_attempt(
    server: MassServer, started: ServerConnection, observer: Observer, pulse: Pulse
) -> None:
    """A switch that is faster than an attempt under way takes its place, too."""
    server.faults.delay("auth", 5)
    await server.faults.drop()
    await until(lambda: [command for command, _ in server.commands].count("auth") == 2)
    server.faults.clear()
    await started.async_switch(another_token(server, started))
    switched = started.client
    with pulse.skipping():
        await asyncio.sleep(6)
    await until(lambda: server.connections == 1)
    assert started.client is switched
    assert switched.connection.connected
    assert observer.told[:2] == [("lost", observer.told[0][1]), ("connected", switched)]


async def test_stop_while_switching(
    server: MassServer, started: ServerConnection, observer: Observer, pulse: Pulse
) -> None:
    """A switch that ends after the stop leaves nothing behind."""
    server.faults.delay("auth", 5)
    switching = asyncio.create_task(started.async_switch(another_token(server, started)))
    await until(lambda: server.connections == 2)
    await started.async_stop()
    with pulse.skipping(), pytest.raises(ServerProblem):
        await switching
    assert observer.told == []
    await until(lambda: not server.connections)


# ---------------------------------------------------------------------------------------- stop


@pytest.mark.parametrize(
    "moment", ["connected", "frozen", "pause", "refused", "frozen return", *STAGES]
)
async def test_stop(
    server: MassServer, started: ServerConnection, observer: Observer, moment: str
) -> None:
    """A stop is quick and leaves nothing behind, whatever is going on."""
    pulse = observer.pulse
    if moment in STAGES:
        server.faults.hang_at(next(stage for stage in STAGES if stage == moment))
        await server.faults.drop()
        await until(lambda: server.connections)
    if moment in ("pause", "refused"):
        await server.faults.refuse()
        await server.faults.drop()
        await until(lambda: "problem" in observer.kinds)
    if moment.startswith("frozen"):
        server.faults.freeze()
    if moment == "frozen return":
        (connection,) = server.open_connections
        connection.cut()
        await until(lambda: "lost" in observer.kinds)
    with pulse.skipping():
        began = pulse.time()
        await started.async_stop()
        assert pulse.time() - began < STOP_LIMIT
    assert not observer.tasks
    assert not started.client.connection.connected
    told = len(observer.told)
    server.faults.clear()
    await server.faults.accept()
    with pulse.skipping():
        await asyncio.sleep(60)
    assert len(observer.told) == told
    assert not server.connections


@pytest.mark.parametrize("stage", STAGES)
async def test_cancelled_start(
    server: MassServer, connection: ServerConnection, observer: Observer, stage: Stage
) -> None:
    """A start that is cancelled is cancelled, and leaves nothing behind."""
    server.faults.hang_at(stage)
    start = asyncio.create_task(connection.async_start())
    await until(lambda: server.connections)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert not observer.tasks
    server.faults.clear()
    await until(lambda: not server.connections)


async def test_unexpected_end(
    server: MassServer,
    started: ServerConnection,
    observer: Observer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever ends a connection, another follows."""

    def broken(*_args: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(started.client, "_handle_incoming_message", broken)
        await server.faults.send_text("{}")
        await until(lambda: "connected" in observer.kinds)
    assert observer.told[0] == ("lost", "RuntimeError")


async def test_no_secret_in_repr(hass: HomeAssistant) -> None:
    """A token doesn't get into a log by way of the address."""
    site = Site(async_get_clientsession(hass), URL("http://mass.local:8095/"))
    address = ServerAddress(site, "secret", None)
    assert repr(address) == "ServerAddress(http://mass.local:8095)"


def test_table_of_pauses() -> None:
    """The table of pauses goes up and has an end."""
    table = connection_module.BACK_OFF
    assert all(one[0] < other[0] and one[2] <= other[1] for one, other in pairwise(table))
    assert table[-1][0] == float("inf")
