"""One connection to a server that keeps itself: connect, listen, back off, start again."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
import random
from typing import Any, Final, Protocol

from music_assistant_models.api import ServerInfoMessage

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from .client import CLOSE_LIMIT, Client
from .discovery import async_find_again
from .endpoint import Site
from .errors import PLACE_PROBLEMS, SIGN_IN_PROBLEMS, ConnectionLost, ServerProblem, server_problem

# Seconds for the way to the server's info and through its sign-in, and for the first fetch.
CONNECT_LIMIT: Final = 10.0
FETCH_LIMIT: Final = 30.0
# Seconds of silence after which a set-up gives up, though the server may only be slow: Home
# Assistant can neither unload nor remove an entry while it is being set up. It is counted in
# parts: a loop that was busy elsewhere has heard nothing either, but that is one part only.
PATIENCE: Final = 1.2
PARTS: Final = 4
# Seconds that a stop may take before what is left is dropped.
STOP_LIMIT: Final = 2.0
# Seconds since the loss, until when -> the pause between two attempts, from and to. The first
# attempt comes at once. At most 20 in the first minute, 10 a minute after, and never longer
# than the server may have been back unnoticed (2 s after a short outage, 10 s after a long one).
BACK_OFF: Final = ((10.0, 1.4, 1.8), (62.0, 4.2, 4.7), (float("inf"), 6.5, 8.5))
# Seconds that a connection has to last to be a sound one, and how many shorter ones in a row
# are made again at once; after these the back-off goes on as if the server were away.
SOUND: Final = 30.0
FORGIVEN: Final = 3
# Seconds between attempts when the server refuses our sign-in: only a person can mend that,
# but a user who was disabled by mistake should find everything working again.
SIGN_IN_PAUSE: Final = 300.0


def pause_after(since_loss: float) -> float:
    """Return the seconds to wait before the next attempt, by the seconds since the loss."""
    low, high = next((low, high) for until, low, high in BACK_OFF if since_loss < until)
    return random.uniform(low, high)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server is, and what opens it. `server_id` None accepts any server."""

    site: Site
    token: str | None
    server_id: str | None

    def __repr__(self) -> str:
        """Show the address without the token."""
        return f"ServerAddress({self.site})"


@dataclass(slots=True)
class ConnectionHistory:
    """What diagnostics tell of the connection."""

    connected_since: datetime | None = None
    connects: int = 0
    attempts: int = 0
    lost_at: datetime | None = None
    lost_because: str | None = None
    last_problem: str | None = None


class ConnectionObserver(Protocol):
    """Who is told what becomes of the connection. All are callbacks."""

    def on_connected(self, client: Client) -> None:
        """Take over from another client: the connection is back."""

    def on_lost(self, reason: str) -> None:
        """Learn that the connection ended; attempts to get it back begin."""

    def on_site(self, site: Site) -> None:
        """Learn that the server is reached in another way from now on."""

    def on_problem(self, problem: ServerProblem) -> None:
        """Learn that an attempt failed; another follows."""


class ServerConnection:
    """Keeps one client connected to one server, until it is stopped.

    The library's client is good for one connection, so there is a new one for each.
    `client` is the current or else the last one: while an attempt is under way, nobody gets
    hold of a client that isn't signed in, or that doesn't know its players yet.
    """

    def __init__(
        self,
        address: ServerAddress,
        observer: ConnectionObserver,
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Prepare a connection. `create_task` makes a task that doesn't hold up a start."""
        self.address = address
        self.limits: dict[str, int] = {}  # player id -> how loud it may be made, in percent
        self.history = ConnectionHistory()
        self._attempted: Client | None = None
        self.info: ServerInfoMessage | None = None  # what the server last said of itself
        self._observer = observer
        self._create_task = create_task
        self._keeper: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._connected_at = 0.0
        self._trouble_since = 0.0
        self._short_lived = 0

    @cached_property
    def client(self) -> Client:
        """Return the current client; before the first connection one that isn't connected."""
        return self._new_client(self.address)

    async def async_start(self, patient: bool = True) -> None:
        """Connect, and from then on stay connected. Raises ServerProblem.

        Without patience, a server that falls silent is soon given up.
        """
        await (self._connect() if patient else self._connect_unless_silent())
        self._keeper = self._create_task(self._keep(), "connection")

    async def async_try(self) -> None:
        """Connect with all that belongs to it, and disconnect again. Raises ServerProblem."""
        await self._connect()
        await self._drop(self.client, self._listener)
        self.history.connected_since = None

    async def async_switch(self, address: ServerAddress) -> None:
        """Go over to another address or token without a gap. Raises ServerProblem.

        The new connection is made beside the current one, which stays if that fails.
        """
        client, listener = await self._open(address)
        if self._keeper is None:  # stopped meanwhile
            await self._drop(client, listener)
            raise ServerProblem("cannot_connect", url=str(address.site), error="stopped")
        former, self.address = (self.client, self._listener), address
        self._take(client, listener)
        self._tell(self._observer.on_connected, client)
        await self._drop(*former)

    async def async_stop(self) -> None:
        """Disconnect for good; nothing of it runs on after this."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait([keeper], timeout=STOP_LIMIT)
        await self._drop(self.client, self._listener)
        self.history.connected_since = None

    @callback
    def async_retry_now(self) -> None:
        """Try again at once, since there is a sign that the server is back."""
        self._wake.set()

    def _new_client(self, address: ServerAddress) -> Client:
        client = Client(address.site, address.token, address.server_id)
        client.limits = self.limits
        return client

    async def _keep(self) -> None:
        while True:
            reason = await self._ended()
            self._note_loss(reason)
            self._tell(self._observer.on_lost, reason)
            await self._reconnect()
            self._tell(self._observer.on_connected, self.client)

    @staticmethod
    def _tell[T](observed: Callable[[T], None], what: T) -> None:
        """Tell the observer; an error of its own doesn't end the upkeep of the connection."""
        try:
            observed(what)
        except Exception:  # noqa: BLE001 - whatever it is, the house wants its connection back
            LOGGER.exception("What becomes of the connection couldn't be told")

    async def _ended(self) -> str:
        """Wait for the end of the current connection and return what ended it.

        One that has taken its place meanwhile is the current one.
        """
        while True:
            listener = self._listener
            assert listener is not None
            await asyncio.wait([listener])
            if listener is self._listener:
                break
        error = asyncio.CancelledError() if listener.cancelled() else listener.exception()
        return (str(error) or type(error).__name__) if error else "closed by the server"

    def _note_loss(self, reason: str) -> None:
        self.history.connected_since = None
        self.history.lost_at = dt_util.utcnow()
        self.history.lost_because = reason

    async def _reconnect(self) -> None:
        if self._is_flapping():
            await self._pause(pause_after(self._trouble()))
        while not self.client.connection.connected:  # a switch may be faster
            self._wake.clear()
            try:
                await self._connect()
            except ServerProblem as problem:
                self._tell(self._observer.on_problem, problem)
                refused = problem.key in SIGN_IN_PROBLEMS
                await self._pause(SIGN_IN_PAUSE if refused else pause_after(self._trouble()))

    def _is_flapping(self) -> bool:
        """Tell whether connections keep ending as soon as they are made."""
        now = asyncio.get_running_loop().time()
        sound = now - self._connected_at >= SOUND
        if sound or not self._short_lived:
            self._trouble_since = now
        self._short_lived = 0 if sound else self._short_lived + 1
        return self._short_lived > FORGIVEN

    def _trouble(self) -> float:
        """Return the seconds since the first of the losses that belong together."""
        return asyncio.get_running_loop().time() - self._trouble_since

    async def _pause(self, seconds: float) -> None:
        """Wait, but not longer than until there is a sign that the server is back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _connect_unless_silent(self) -> None:
        attempt = self._create_task(self._connect(), "attempt")
        silent = 0
        try:
            while silent < PARTS and not attempt.done():
                heard = self._heard()
                await asyncio.wait([attempt], timeout=PATIENCE / PARTS)
                silent = silent + 1 if self._heard() == heard else 0
            if not attempt.done():
                raise ServerProblem("timeout_connect", url=str(self.address.site), error="")
            attempt.result()
        finally:
            attempt.cancel()
            await asyncio.wait([attempt], timeout=STOP_LIMIT)

    def _heard(self) -> int:
        """Return how many frames have come in the attempt."""
        return self._attempted.connection.frames if self._attempted else 0

    async def _connect(self) -> None:
        """Make a new client the current one: connected, signed in and with its first state."""
        address = self.address
        try:
            found, opened = address, await self._open(address)
        except ServerProblem as problem:
            if problem.key not in PLACE_PROBLEMS:
                raise
            site = await async_find_again(address.site, address.server_id)
            found = replace(address, site=site)
            opened = await self._open(found)
        if address is not self.address:  # a switch was faster
            await self._drop(*opened)
            return
        self._take(*opened)
        if found is not address:
            self.address = found
            self._tell(self._observer.on_site, found.site)

    def _take(self, client: Client, listener: asyncio.Task[None]) -> None:
        self.client, self._listener = client, listener
        self._connected_at = asyncio.get_running_loop().time()
        self.history.connects += 1
        self.history.connected_since = dt_util.utcnow()

    async def _open(self, address: ServerAddress) -> tuple[Client, asyncio.Task[None]]:
        """Return a new client with its first state, and the task that listens."""
        self.history.attempts += 1
        self._attempted = client = self._new_client(address)
        listener: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(CONNECT_LIMIT):
                await client.connect()
            listener = self._create_task(client.start_listening(), "listener")
            async with asyncio.timeout(FETCH_LIMIT):
                await self._first_fetch(client, listener)
        except BaseException as err:
            await self._drop(client, listener)
            if not isinstance(err, Exception):
                raise
            problem = server_problem(err, str(client.site), client.server_info)
            self.history.last_problem = problem.key
            raise problem from err
        finally:
            self.info = client.server_info or self.info
        return client, listener

    @staticmethod
    async def _first_fetch(client: Client, listener: asyncio.Task[None]) -> None:
        try:
            await client.wait_ready()
        except ConnectionLost:
            await asyncio.wait([listener], timeout=CLOSE_LIMIT)
            if listener.done():
                listener.result()  # raises what ended it, if that is known
            raise
        if listener.done():
            listener.result()
            raise ConnectionLost("the connection ended during the first fetch")

    @staticmethod
    async def _drop(client: Client, listener: asyncio.Task[None] | None) -> None:
        """End what is left of a client."""
        if listener is not None:
            listener.cancel()
            await asyncio.wait([listener], timeout=STOP_LIMIT)
            if listener.done() and not listener.cancelled():
                listener.exception()  # seen; it was told when it happened
        await client.disconnect()
