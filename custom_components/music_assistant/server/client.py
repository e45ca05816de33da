"""The seam to music-assistant-client: what the library leaves open is closed here, once.

Two small subclasses. Every controller of the library goes through them, so nothing else has to
know that a bad frame, a lost connection or a silent server would end or hang the stock client.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from inspect import iscoroutinefunction
import ssl
import time
from typing import Any, Final, override

from aiohttp import ClientError, ClientWSTimeout, WSMsgType
from music_assistant_client import MusicAssistantClient
from music_assistant_client.connection import WebsocketsConnection
from music_assistant_client.constants import API_SCHEMA_VERSION
from music_assistant_client.exceptions import (
    CannotConnect,
    ConnectionClosed,
    ConnectionFailed,
    InvalidState,
    MusicAssistantClientException,
    NotConnected,
)
from music_assistant_client.helpers import json_dumps, json_loads
from music_assistant_models.api import ServerInfoMessage
from music_assistant_models.auth import User
from music_assistant_models.dashboard import DashboardDevice, DashboardSession
from music_assistant_models.enums import EventType
from music_assistant_models.errors import MusicAssistantError
from music_assistant_models.event import MassEvent
from music_assistant_models.provider import ProviderInstance

from ..const import LOGGER, SCHEMA_OLDEST
from ..helpers.batching import SLICE, in_batches
from .address import websocket_url
from .endpoint import Site
from .errors import UNREADABLE, CommandTimeout, ConnectionLost, ServerProblem
from .players import Players
from .queues import Queues
from .volume_limits import limited

# Seconds of silence after which the server is asked for a sign of life. aiohttp sends a ping
# and waits half as long for the answer, so that a hung server is noticed within 17 seconds.
HEARTBEAT: Final = 10.0
# Seconds that a goodbye may take.
CLOSE_LIMIT: Final = 1.0

# Bytes of a message, unpacked. 500 items of a queue take 1.5 MB; servers that know no pages
# send a playlist whole: this holds one of 40,000 tracks.
LARGEST_MESSAGE: Final = 128 * 1024 * 1024

# Seconds to wait for the answer to a command, and the commands that may take longer, by what
# their names begin with; the first that fits counts. A server that hangs is noticed anyway.
DEFAULT_LIMIT: Final = 10.0
LIMITS: Final[dict[str, float]] = {
    "players/cmd/play_announcement": 180.0,  # answered when it has been played
    "players/cmd/volume": DEFAULT_LIMIT,
    "players/cmd/group_volume": DEFAULT_LIMIT,
    # answered when the player has done it, and what goes on there before
    "players/cmd/": 30.0,
    "players/all": 30.0,
    "players/add_currently_playing_to_favorites": 60.0,
    "player_queues/all": 30.0,
    "player_queues/": 60.0,  # answered when it plays
    "music/": 60.0,  # providers are asked
    "metadata/": 60.0,
}

# What the library fetches first. It decodes whole lists in a task of its own: one odd item or
# a refusal would end that task unseen, and with it the set-up. So what can't be decoded is
# left out, and what we can do without may be refused.
_DECODED: Final[dict[str, Callable[[dict[str, Any]], object]]] = {
    "providers": ProviderInstance.from_dict,
    "dashboard/dashboards": DashboardDevice.from_dict,
    "dashboard/sessions": DashboardSession.from_dict,
}


@dataclass(frozen=True, slots=True)
class Cache:
    """A list of the first fetch that the library keeps up to date by events.

    `events` are those that tell of an item, the one that brings it first; `key` is the
    field with its id.
    """

    events: tuple[EventType, ...]
    key: str
    get: Callable[[MusicAssistantClient, Any], object]


_CACHED: Final = {
    "players/all": Cache(
        (EventType.PLAYER_ADDED, EventType.PLAYER_UPDATED, EventType.PLAYER_REMOVED),
        "player_id",
        lambda client, key: client.players.get(key),
    ),
    "player_queues/all": Cache(
        (EventType.QUEUE_ADDED, EventType.QUEUE_UPDATED),
        "queue_id",
        lambda client, key: client.player_queues.get(key),
    ),
}
_FETCHED: Final = _DECODED.keys() | _CACHED.keys()
# What the library fetches, too, but nobody here looks at: all there is to say of each kind of
# provider, with its pictures.
_UNUSED: Final = frozenset({"providers/manifests"})
# The events that the library's caches take of which ours are cheaper.
CACHE_EVENTS: Final = (
    EventType.PLAYER_ADDED,
    EventType.PLAYER_UPDATED,
    EventType.PLAYER_REMOVED,
    EventType.QUEUE_ADDED,
    EventType.QUEUE_UPDATED,
    EventType.QUEUE_TIME_UPDATED,
)


def limit_of(command: str) -> float:
    """Return how many seconds the answer to a command is waited for."""
    limits = (limit for start, limit in LIMITS.items() if command.startswith(start))
    return next(limits, DEFAULT_LIMIT)


type EventCallback = Callable[[MassEvent], Coroutine[Any, Any, None] | None]


class Connection(WebsocketsConnection):
    """A websocket that survives bad frames and leaves the loop room in a flood.

    Frames are never logged: the first one that we send holds the token.
    """

    def __init__(
        self,
        site: Site,
        token: str | None,
        server_id: str | None,
    ) -> None:
        """Prepare a connection to the server at a site; to any, without a server id."""
        super().__init__(str(site), site.session, token)
        self.ws_server_url = str(websocket_url(site.url))
        self._site = site
        self._server_id = server_id
        self.frames = 0
        self.bad_frames = 0
        self._turn_began: float | None = None

    async def connect(self) -> dict[str, Any]:
        """Connect and return the server's first message, its info.

        A failed attempt isn't logged here: whoever retries tells it once.
        """
        if self._ws_client is not None:
            raise InvalidState("Already connected")
        try:
            self._ws_client = await self._site.websocket(
                heartbeat=HEARTBEAT,
                # Without TLS it is most likely at home, where packing costs more than it spares.
                compress=15 if self._site.url.scheme == "https" else 0,
                max_msg_size=LARGEST_MESSAGE,
                # A goodbye is said, its answer isn't waited for: a hung server has none.
                timeout=ClientWSTimeout(ws_close=0),
            )
        except (ClientError, ssl.SSLError, OSError) as err:
            raise CannotConnect(err) from err
        info = await self.receive_message()
        try:  # before the token is sent
            check_server(ServerInfoMessage.from_dict(info), self._server_id)
        except ServerProblem:
            await self.disconnect()
            raise
        return info

    async def receive_message(self) -> dict[str, Any]:
        """Return the next message; frames that aren't one cost only themselves."""
        if (socket := self._ws_client) is None:
            raise ConnectionClosed("Connection was closed.")
        while True:
            await self._give_way()
            frame = await socket.receive()
            if frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
                raise ConnectionClosed(f"Connection was closed ({socket.close_code}).")
            if frame.type is WSMsgType.ERROR:
                raise ConnectionFailed(frame.data)
            self.frames += 1
            if frame.type is not WSMsgType.TEXT:
                self.skip("a frame that isn't text")
                continue
            try:
                message = json_loads(frame.data)
            except ValueError:
                self.skip("a frame that isn't JSON")
                continue
            if isinstance(message, dict):
                return message
            self.skip("a frame that isn't an object")

    async def send_message(self, message: dict[str, Any]) -> None:
        """Send a message; NotConnected without a connection."""
        if (socket := self._ws_client) is None or socket.closed:
            raise NotConnected
        try:
            text = json_dumps(message)
        except TypeError as err:  # a number beyond 64 bits, for one
            raise MusicAssistantError(str(err)) from err
        await socket.send_str(text)

    def skip(self, what: str) -> None:
        """Count a frame that can't be used."""
        self.bad_frames += 1
        LOGGER.debug("Skipped %s from %s", what, self.ws_server_url)

    async def _give_way(self) -> None:
        """Let the loop turn when this turn has already lasted a while.

        A frame that has arrived is received without suspending, so a flood of them would
        hold the loop until its end.
        """
        if self._turn_began is None:
            self._turn_began = time.monotonic()
            asyncio.get_running_loop().call_soon(self._turned)
        elif time.monotonic() - self._turn_began > SLICE:
            await asyncio.sleep(0)

    def _turned(self) -> None:
        self._turn_began = None


class Client(MusicAssistantClient):
    """The library's client with limits on its commands and errors instead of silence.

    Good for one connection: the library's client can't be started twice.
    """

    def __init__(
        self,
        site: Site,
        token: str | None = None,
        server_id: str | None = None,
    ) -> None:
        """Prepare a client for the server at a site; for any, without a server id."""
        self.site = site
        # event type -> who is called at once, in the order in which they subscribed
        self._at_once: dict[EventType, dict[object, Callable[[MassEvent], None]]] = {}
        super().__init__(str(site), site.session, token)
        for event_type in CACHE_EVENTS:  # the library's caches need them no more
            self._at_once[event_type].clear()
        self._players = Players(self)
        self._player_queues: Queues = Queues(self)
        self.connection: Connection = Connection(site, token, server_id)
        self.user: User | None = None  # as whom we are signed in, once we are
        self.limits: Mapping[str, int] = {}  # how loud players may be made, in percent
        self.ready = asyncio.Event()
        self.events = 0
        self._fetching = False
        self._fetch_error: Exception | None = None
        self._heard: set[tuple[EventType, str | None]] = set()  # while fetching

    @property
    @override
    def player_queues(self) -> Queues:
        """Return the queues."""
        return self._player_queues

    async def start_listening(self, init_ready: asyncio.Event | None = None) -> None:
        """Listen until the connection ends; `ready` is set after the first fetch."""
        self._fetching = True
        try:
            await super().start_listening(init_ready or self.ready)
        finally:
            self.ready.set()

    async def wait_ready(self) -> None:
        """Wait for the first fetch; raises what ended it."""
        await self.ready.wait()
        self._fetching = False
        if self._fetch_error is not None:
            raise self._fetch_error
        if not self.connection.connected:
            raise ConnectionLost("the connection ended during the first fetch")

    async def send_command(
        self, command: str, require_schema: int | None = None, **kwargs: Any
    ) -> Any:
        """Send a command and return its answer.

        Raises CommandTimeout after the command's limit and ConnectionLost when the connection
        ends first, beside what the library raises.
        """
        if command == "auth":
            answer = await self._ask(command, require_schema, **kwargs)
            with suppress(*UNREADABLE):
                self.user = User.from_dict(answer["user"])
            return answer
        command, kwargs = self._limited(command, kwargs)
        if self._fetching and command in _UNUSED:
            return []
        if not self._fetching or command not in _FETCHED:
            return await self._ask(command, require_schema, **kwargs)
        try:
            items = await self._ask(command, require_schema, **kwargs)
        except (MusicAssistantError, MusicAssistantClientException) as err:
            return await self._fetch_failed(command, err)
        if command in _CACHED:
            return await self._take_in(command, items)
        return _decodable(command, items)

    def _limited(self, command: str, args: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if not self.limits:
            return command, args
        player_id = args.get("player_id", "")

        def volume() -> int | None:
            if (player := self.players.get(player_id)) is None:
                return None
            return player.group_volume if "group" in command else player.volume_level

        return limited(command, args, self.limits.get(player_id), volume)

    async def _ask(self, command: str, require_schema: int | None, **kwargs: Any) -> Any:
        limit = limit_of(command)
        try:
            async with asyncio.timeout(limit):
                return await super().send_command(command, require_schema, **kwargs)
        except TimeoutError as err:
            raise CommandTimeout(command, limit) from err
        except asyncio.CancelledError as err:
            # The library cancels who waits for an answer when the connection ends. To its
            # caller that would look like a cancellation of itself, and end its script.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise ConnectionLost(f"the connection ended during {command}") from err
        except (ClientError, OSError) as err:
            raise ConnectionLost(f"the connection ended during {command}") from err

    async def _take_in(self, command: str, items: Any) -> list[Any]:
        """Give the items of a first fetch to the library's cache one by one.

        As if each were an event, giving way to the loop in between; the library would decode
        hundreds in one go. What an event has said meanwhile is newer.
        """
        cache = _CACHED[command]
        async for item in in_batches(items or ()):
            key = item.get(cache.key) if isinstance(item, dict) else None
            if isinstance(key, str):
                if self._is_older(cache, key):
                    continue
                self._call_at_once(MassEvent(cache.events[0], key, item))
                if cache.get(self, key) is not None:
                    continue
            LOGGER.warning("Left out an item of %s that can't be read: %s", command, key)
        return []

    def _is_older(self, cache: Cache, key: str) -> bool:
        """Tell whether an event has said more of a fetched item, or taken it away.

        One that couldn't be read leaves the item good.
        """
        heard = {event_type for event_type in cache.events if (event_type, key) in self._heard}
        gone = EventType.PLAYER_REMOVED in heard
        return gone or (bool(heard) and cache.get(self, key) is not None)

    async def _fetch_failed(self, command: str, error: Exception) -> list[Any]:
        if command not in _CACHED and isinstance(error, MusicAssistantError):
            LOGGER.debug("The server refused %s: %s", command, error)
            return []
        # Nobody awaits the library's fetching task. Hand the error to whom waits for it, and
        # hold the task until the disconnect that follows cancels it.
        self._fetch_error = error
        self.ready.set()
        await asyncio.Event().wait()
        raise error

    def _handle_incoming_message(self, raw: dict[str, Any]) -> None:
        """Handle a message; one that can't be handled costs only itself.

        Unknown shapes are one reason. The other is a reply that arrives in the turn of the
        loop in which its caller is cancelled: the library then sets the result of a future
        that is done, and the error would end the connection.
        """
        try:
            super()._handle_incoming_message(raw)
        except UNREADABLE as err:
            self.connection.skip(f"a message ({type(err).__name__})")

    def _handle_event(self, event: MassEvent) -> None:
        """Call who subscribed; synchronous subscribers at once.

        The library would schedule each call by itself, and wake the loop for it. So a burst's
        slices (see `_give_way`) hold all the work that the burst makes.
        """
        if self._stop_called:
            return
        self.events += 1
        if self._fetching:
            self._heard.add((event.event, event.object_id))
        self._call_at_once(event)
        super()._handle_event(event)

    def _call_at_once(self, event: MassEvent) -> None:
        for call in tuple(self._at_once.get(event.event, {}).values()):
            call(event)

    async def disconnect(self) -> None:
        """Disconnect; a server that doesn't answer the goodbye isn't waited for."""
        try:
            async with asyncio.timeout(CLOSE_LIMIT):
                await super().disconnect()
        except TimeoutError:
            LOGGER.debug("%s didn't answer the goodbye", self.server_url)

    def subscribe(
        self,
        cb_func: EventCallback,
        event_filter: EventType | tuple[EventType, ...] | None = None,
        id_filter: str | tuple[str, ...] | None = None,
    ) -> Callable[[], None]:
        """Subscribe to events; one that a synchronous subscriber can't take costs only itself.

        The library's own caches are such subscribers: a player payload with missing fields
        would end up as an unhandled error of the loop.
        """
        if iscoroutinefunction(cb_func):
            return super().subscribe(cb_func, event_filter, id_filter)

        def guarded(event: MassEvent) -> None:
            try:
                cb_func(event)
            except UNREADABLE as err:
                LOGGER.debug(
                    "Skipped %s of %s: %s", event.event, event.object_id, type(err).__name__
                )

        if event_filter is None or id_filter is not None:
            return super().subscribe(guarded, event_filter, id_filter)
        key = object()
        event_types = event_filter if isinstance(event_filter, tuple) else (event_filter,)
        for event_type in event_types:
            self._at_once.setdefault(event_type, {})[key] = guarded

        def unsubscribe() -> None:
            for event_type in event_types:
                self._at_once[event_type].pop(key, None)

        return unsubscribe


def _decodable(command: str, items: Any) -> list[dict[str, Any]]:
    """Return the items of a fetched list that the library can decode."""
    kept = []
    for item in items or ():
        try:
            _DECODED[command](item)
        except UNREADABLE as err:
            LOGGER.warning("Left out an item of %s that can't be read: %r", command, err)
        else:
            kept.append(item)
    return kept


def check_server(info: ServerInfoMessage, server_id: str | None = None) -> None:
    """Raise ServerProblem unless a server speaks our versions and is the one that is meant."""
    if info.schema_version < SCHEMA_OLDEST:
        raise ServerProblem("server_too_old", version=info.server_version)
    if info.min_supported_schema_version > API_SCHEMA_VERSION:
        raise ServerProblem("server_too_new", version=info.server_version)
    if server_id is not None and info.server_id != server_id:
        raise ServerProblem("other_server")
