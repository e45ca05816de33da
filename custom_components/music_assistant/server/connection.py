"""Connection to a server, which reconnects with increasing delays."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
import random
from typing import Any, Final, Protocol

from music_assistant_client.exceptions import MusicAssistantClientException
from music_assistant_models.api import ServerInfoMessage
from music_assistant_models.enums import CoreState
from music_assistant_models.errors import MusicAssistantError

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from .client import CLOSE_TIMEOUT, Client
from .discovery import async_find_moved_server, async_find_server
from .endpoint import ServerEndpoint
from .errors import (
    ENDPOINT_PROBLEMS,
    SIGN_IN_PROBLEMS,
    CommandTimeout,
    ConnectionLost,
    ServerProblem,
    to_server_problem,
)

# Seconds for connecting and signing in, and for the first fetch.
CONNECT_TIMEOUT: Final = 10.0
FETCH_TIMEOUT: Final = 30.0
# Seconds without a frame after which a set-up gives up, although the server may only be slow: Home
# Assistant can neither unload nor remove an entry while it is being set up. The time is divided
# into several checks: no frame is received while the loop is blocked, but that fails one check
# only.
SILENCE_TIMEOUT: Final = 1.2
SILENCE_CHECKS: Final = 4
# Seconds in which a server that left a command unanswered has to answer a check.
CHECK_TIMEOUT: Final = 5.0
# Seconds to wait for a cancelled task.
STOP_TIMEOUT: Final = 2.0
# (seconds since the loss up to which an item applies, minimum and maximum delay between two
# attempts in seconds). The first attempt is immediate. At most 20 attempts in the first minute,
# then 10 a minute; a server that is back is found within 2 s after a short outage, within 10 s
# after a long one.
RETRY_DELAYS: Final = ((10.0, 1.4, 1.8), (62.0, 4.2, 4.7), (float("inf"), 6.5, 8.5))
# Seconds that a stable connection lasts, and how many shorter ones in a row are followed by an
# immediate reconnect. After more of them the delays apply as if the server were unavailable.
MIN_STABLE_DURATION: Final = 30.0
MAX_SHORT_CONNECTIONS: Final = 3
# Seconds between attempts when the server refuses the sign-in. Usually the user has to sign in
# again, but a user disabled by mistake may be enabled again.
SIGN_IN_RETRY_DELAY: Final = 300.0


def get_retry_delay(since_loss: float) -> float:
    """Return the seconds to wait before the next attempt, given the seconds since the loss."""
    low, high = next((low, high) for until, low, high in RETRY_DELAYS if since_loss < until)
    return random.uniform(low, high)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Represent how to connect to a server. `server_id` None accepts any server."""

    endpoint: ServerEndpoint
    token: str | None
    server_id: str | None

    def __repr__(self) -> str:
        """Return the address without the token."""
        return f"ServerAddress({self.endpoint})"


@dataclass(slots=True)
class ConnectionHistory:
    """Statistics of the connection for diagnostics; the field names are the keys there."""

    connected_since: datetime | None = None
    connects: int = 0
    attempts: int = 0
    lost_at: datetime | None = None
    lost_because: str | None = None
    last_problem: str | None = None


class ConnectionObserver(Protocol):
    """Observer of a connection. All methods are called in the event loop."""

    def on_connected(self, client: Client) -> None:
        """Handle a new client after a reconnect or a change of the address."""

    def on_lost(self, reason: str) -> None:
        """Handle the loss of the connection; attempts to reconnect follow."""

    def on_endpoint_changed(self, endpoint: ServerEndpoint) -> None:
        """Handle a new endpoint at which the server was found."""

    def on_problem(self, problem: ServerProblem) -> None:
        """Handle a failed attempt to reconnect; another follows."""


class ServerConnection:
    """Represent a connection to a server, which reconnects until it is stopped.

    The library's client can't be started twice, so there is a new one for each connection.
    `client` is the current or else the last one. It is replaced only by a client that is signed in
    and has fetched its players.
    """

    def __init__(
        self,
        address: ServerAddress,
        observer: ConnectionObserver,
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Initialize the connection. `create_task` creates background tasks."""
        self.address = address
        self.volume_limits: dict[str, int] = {}  # player id -> highest volume in percent
        self.history = ConnectionHistory()
        self._attempted_client: Client | None = None
        self.server_info: ServerInfoMessage | None = None  # the last one received
        self._observer = observer
        self._create_task = create_task
        self._reconnect_task: asyncio.Task[None] | None = None
        self._listen_task: asyncio.Task[None] | None = None
        self._check_task: asyncio.Task[None] | None = None
        self._end_reason: str | None = None
        self._retry_event = asyncio.Event()
        self._connected_at = 0.0
        self._failing_since = 0.0
        self._short_connections = 0

    @cached_property
    def client(self) -> Client:
        """Return the current client, before the first connection one that isn't connected."""
        return self._create_client(self.address)

    async def async_start(self, wait_if_silent: bool = True) -> None:
        """Connect, and stay connected from then on. Raises ServerProblem.

        Without `wait_if_silent` the attempt fails soon when the server sends nothing.
        """
        await (self._async_connect() if wait_if_silent else self._async_connect_unless_silent())
        self._reconnect_task = self._create_task(self._async_ensure_connected(), "connection")

    async def async_check(self) -> None:
        """Connect, do the first fetch and disconnect again. Raises ServerProblem."""
        await self._async_connect()
        await self._async_close_client(self.client, self._listen_task)
        self.history.connected_since = None

    async def async_update_address(self, address: ServerAddress) -> None:
        """Change the address or token without an interruption. Raises ServerProblem.

        The current connection is closed after the new one is open; it stays if that fails.
        """
        client, listener = await self._async_open_client(address)
        if self._reconnect_task is None:  # stopped meanwhile
            await self._async_close_client(client, listener)
            raise ServerProblem("cannot_connect", url=str(address.endpoint), error="stopped")
        previous, self.address = (self.client, self._listen_task), address
        self._set_client(client, listener)
        self._notify_observer(self._observer.on_connected, client)
        await self._async_close_client(*previous)

    async def async_stop(self) -> None:
        """Disconnect and end all tasks of the connection."""
        reconnect_task, self._reconnect_task = self._reconnect_task, None
        if reconnect_task is not None:
            reconnect_task.cancel()
            await asyncio.wait([reconnect_task], timeout=STOP_TIMEOUT)
        if self._check_task is not None:
            self._check_task.cancel()
            await asyncio.wait([self._check_task], timeout=STOP_TIMEOUT)
        await self._async_close_client(self.client, self._listen_task)
        self.history.connected_since = None

    @callback
    def async_retry_now(self) -> None:
        """Retry immediately, because the server seems to be available again."""
        self._retry_event.set()

    def _create_client(self, address: ServerAddress) -> Client:
        """Return a new client with the current volume limits."""
        client = Client(address.endpoint, address.token, address.server_id)
        client.volume_limits = self.volume_limits
        return client

    async def _async_ensure_connected(self) -> None:
        """Reconnect after each loss of the connection, until cancelled."""
        while True:
            reason = await self._async_wait_until_ended()
            self._set_disconnected(reason)
            self._notify_observer(self._observer.on_lost, reason)
            await self._async_retry_until_connected()
            self._notify_observer(self._observer.on_connected, self.client)

    @staticmethod
    def _notify_observer[T](method: Callable[[T], None], argument: T) -> None:
        """Call a method of the observer and log its errors."""
        try:
            method(argument)
        except Exception:  # noqa: BLE001 - an error of the observer must not end the reconnects
            LOGGER.exception("Unexpected error while handling a change of the connection")

    async def _async_wait_until_ended(self) -> str:
        """Wait for the end of the current connection and return the reason.

        Continues with the new connection if `async_update_address` replaces the current one.
        """
        while True:
            listener = self._listen_task
            assert listener is not None
            await asyncio.wait([listener])
            if listener is self._listen_task:
                break
        if self._end_reason is not None:
            reason, self._end_reason = self._end_reason, None
            return reason
        error = asyncio.CancelledError() if listener.cancelled() else listener.exception()
        return (str(error) or type(error).__name__) if error else "closed by the server"

    def _set_disconnected(self, reason: str) -> None:
        """Update the history after the loss of the connection."""
        self.history.connected_since = None
        self.history.lost_at = dt_util.utcnow()
        self.history.lost_because = reason

    async def _async_retry_until_connected(self) -> None:
        """Try to connect until it succeeds."""
        if self._is_flapping():
            await self._async_wait_before_retry(get_retry_delay(self._get_failing_seconds()))
        while not self.client.connection.connected:  # also by `async_update_address`
            self._retry_event.clear()
            try:
                await self._async_connect()
            except ServerProblem as problem:
                self.client.is_refused = problem.key in SIGN_IN_PROBLEMS
                self._notify_observer(self._observer.on_problem, problem)
                await self._async_wait_before_retry(
                    SIGN_IN_RETRY_DELAY
                    if problem.key in SIGN_IN_PROBLEMS
                    else get_retry_delay(self._get_failing_seconds())
                )

    def _is_flapping(self) -> bool:
        """Count a lost connection, and return whether too many in a row were short."""
        now = asyncio.get_running_loop().time()
        was_stable = now - self._connected_at >= MIN_STABLE_DURATION
        if was_stable or not self._short_connections:
            self._failing_since = now
        self._short_connections = 0 if was_stable else self._short_connections + 1
        return self._short_connections > MAX_SHORT_CONNECTIONS

    def _get_failing_seconds(self) -> float:
        """Return the seconds since the first of consecutive losses."""
        return asyncio.get_running_loop().time() - self._failing_since

    async def _async_wait_before_retry(self, seconds: float) -> None:
        """Wait for some seconds, or until `async_retry_now` is called."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._retry_event.wait()

    async def _async_connect_unless_silent(self) -> None:
        """Connect, but give up when no frame arrives for a while. Raises ServerProblem."""
        attempt = self._create_task(self._async_connect(), "attempt")
        silent_checks = 0
        try:
            while silent_checks < SILENCE_CHECKS and not attempt.done():
                frame_count = self._get_frame_count()
                await asyncio.wait([attempt], timeout=SILENCE_TIMEOUT / SILENCE_CHECKS)
                is_silent = self._get_frame_count() == frame_count
                silent_checks = silent_checks + 1 if is_silent else 0
            if not attempt.done():
                raise ServerProblem("timeout_connect", url=str(self.address.endpoint), error="")
            attempt.result()
        finally:
            attempt.cancel()
            await asyncio.wait([attempt], timeout=STOP_TIMEOUT)

    def _get_frame_count(self) -> int:
        """Return the number of frames received in the current attempt."""
        return self._attempted_client.connection.frame_count if self._attempted_client else 0

    async def _async_connect(self) -> None:
        """Open a connection and make its client the current one. Raises ServerProblem.

        If the server redirects or its certificate has changed, its new endpoint is searched for.
        """
        address = self.address
        try:
            new_address, opened = address, await self._async_open_client(address)
        except ServerProblem as problem:
            if problem.key not in ENDPOINT_PROBLEMS:
                raise
            endpoint = await async_find_moved_server(address.endpoint, address.server_id)
            new_address = replace(address, endpoint=endpoint)
            opened = await self._async_open_client(new_address)
        if address is not self.address:  # changed by `async_update_address` meanwhile
            await self._async_close_client(*opened)
            return
        self._set_client(*opened)
        if new_address is not address:
            self.address = new_address
            self._notify_observer(self._observer.on_endpoint_changed, new_address.endpoint)

    def _set_client(self, client: Client, listener: asyncio.Task[None]) -> None:
        """Set the current client and its listen task."""
        self.client, self._listen_task = client, listener
        client.on_unanswered = partial(self._check_client, client)
        self._connected_at = asyncio.get_running_loop().time()
        self.history.connects += 1
        self.history.connected_since = dt_util.utcnow()

    @callback
    def _check_client(self, client: Client) -> None:
        """Check the connection after an unanswered command, unless a check is running."""
        if client is self.client and (self._check_task is None or self._check_task.done()):
            self._check_task = self._create_task(self._async_check_client(client), "check")

    async def _async_check_client(self, client: Client) -> None:
        """End a connection whose server is stopping or no longer answers commands.

        Such a server keeps the socket open and answers its pings.
        """
        reason = await _async_get_end_reason(client)
        if reason and client is self.client and client.connection.connected:
            self._end_reason = reason
            await self._async_close_client(client, self._listen_task)

    async def _async_open_client(self, address: ServerAddress) -> tuple[Client, asyncio.Task[None]]:
        """Return a new client after its first fetch, and its listen task. Raises ServerProblem."""
        self.history.attempts += 1
        self._attempted_client = client = self._create_client(address)
        listener: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await client.connect()
            listener = self._create_task(client.start_listening(), "listener")
            async with asyncio.timeout(FETCH_TIMEOUT):
                await self._async_wait_for_first_fetch(client, listener)
        except BaseException as err:
            await self._async_close_client(client, listener)
            if not isinstance(err, Exception):
                raise
            problem = to_server_problem(err, str(client.endpoint), client.server_info)
            self.history.last_problem = problem.key
            raise problem from err
        finally:
            self.server_info = client.server_info or self.server_info
        return client, listener

    @staticmethod
    async def _async_wait_for_first_fetch(client: Client, listener: asyncio.Task[None]) -> None:
        """Wait for the first fetch. Raises the error that ended it or the listen task."""
        try:
            await client.wait_ready()
        except ConnectionLost:
            await asyncio.wait([listener], timeout=CLOSE_TIMEOUT)
            if listener.done():
                listener.result()  # raises the error that ended it
            raise
        if listener.done():
            listener.result()
            raise ConnectionLost("the connection ended during the first fetch")

    @staticmethod
    async def _async_close_client(client: Client, listener: asyncio.Task[None] | None) -> None:
        """Cancel the listen task of a client and disconnect it."""
        if listener is not None:
            listener.cancel()
            await asyncio.wait([listener], timeout=STOP_TIMEOUT)
            if listener.done() and not listener.cancelled():
                listener.exception()  # mark as retrieved; already handled
        await client.disconnect()


async def _async_get_end_reason(client: Client) -> str | None:
    """Return why a connection is of no use any more; None if its server answers."""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            with suppress(ServerProblem):  # the command's answer tells then
                _, info = await async_find_server([client.endpoint])
                if info.status is CoreState.STOPPING:
                    return "the server is stopping"
            await client.send_command("info")
    except TimeoutError, CommandTimeout:
        return "the server no longer answers commands"
    except MusicAssistantError, MusicAssistantClientException:
        pass  # an error is an answer, and a connection that ended needs no check
    return None
