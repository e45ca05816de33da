"""Subclasses of music-assistant-client's client and websocket connection.

All controllers of the library use them. They add timeouts, skip unusable frames and raise errors
where a bad frame, a lost connection or a silent server would end or block the library's client.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from inspect import iscoroutinefunction
import logging
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
from music_assistant_models.api import ServerInfoMessage
from music_assistant_models.auth import User
from music_assistant_models.dashboard import DashboardDevice, DashboardSession
from music_assistant_models.enums import EventType
from music_assistant_models.errors import AuthenticationFailed, MusicAssistantError
from music_assistant_models.event import MassEvent
from music_assistant_models.provider import ProviderInstance
import orjson

from homeassistant.helpers.json import json_dumps

from ..const import LOGGER, SCHEMA_OLDEST
from ..helpers.batching import BATCH_TIME, in_batches
from .address import build_websocket_url
from .clock import get_clock_offset
from .endpoint import ServerEndpoint
from .errors import DECODE_ERRORS, CommandTimeout, ConnectionLost, ServerProblem
from .limits import MAX_TEXT_LENGTH, has_too_many_values, is_valid_id, shorten_texts
from .payloads import Payload, decode_message
from .players import Players
from .queues import Queues
from .sanitize import sanitize_text
from .volume_limits import limit_volume_command

# Seconds without a frame after which aiohttp sends a ping. It waits half as long for the answer,
# so that an unresponsive server is detected within 17 seconds.
HEARTBEAT_INTERVAL: Final = 10.0
# Seconds to wait for the close handshake.
CLOSE_TIMEOUT: Final = 1.0

# Bytes of an uncompressed message. 500 queue items take 1.5 MB; servers without paging send whole
# playlists, and one of 40,000 tracks fits.
MAX_MESSAGE_SIZE: Final = 128 * 1024 * 1024
# Objects and lists in a message: an empty one takes 2 bytes there and 60 in memory. The playlist
# mentioned above has less than half as many.
MAX_MESSAGE_VALUES: Final = 2_000_000

# Seconds to wait for the answer to a command; command prefix -> seconds, the first match counts.
# An unresponsive server is detected by the heartbeat anyway.
DEFAULT_COMMAND_TIMEOUT: Final = 10.0
# Seconds without an answer to a command after which the connection is checked.
UNANSWERED_DELAY: Final = 5.0
COMMAND_TIMEOUTS: Final[dict[str, float]] = {
    "players/cmd/play_announcement": 180.0,  # answered after it was played
    "players/cmd/volume": DEFAULT_COMMAND_TIMEOUT,
    "players/cmd/group_volume": DEFAULT_COMMAND_TIMEOUT,
    # answered after the player has handled it and the commands before it
    "players/cmd/": 30.0,
    "players/all": 30.0,
    "players/add_currently_playing_to_favorites": 60.0,
    "player_queues/all": 30.0,
    "player_queues/": 60.0,  # answered when playback has started
    "music/": 60.0,  # the server may have to query its providers
    "metadata/": 60.0,
    "smart_playlists/": 60.0,  # answered when all rules have been applied
}

# Optional lists of the first fetch, and what decodes an item. The library decodes whole lists in
# its own task: one invalid item or a refused command would end that task unnoticed. So invalid
# items are left out, and the commands may be refused.
_DECODERS: Final[dict[str, Callable[[dict[str, Any]], object]]] = {
    "providers": ProviderInstance.from_dict,
    "dashboard/dashboards": DashboardDevice.from_dict,
    "dashboard/sessions": DashboardSession.from_dict,
}


@dataclass(frozen=True, slots=True)
class CachedList:
    """Describe a list of the first fetch that the library keeps up to date by events.

    `events` are the events of an item, beginning with the one that adds it; `id_field` is the
    name of the field with the item's id; `get` returns an item from the library's cache.
    """

    events: tuple[EventType, ...]
    id_field: str
    get: Callable[[MusicAssistantClient, Any], object]


_CACHED_LISTS: Final = {
    "players/all": CachedList(
        (EventType.PLAYER_ADDED, EventType.PLAYER_UPDATED, EventType.PLAYER_REMOVED),
        "player_id",
        lambda client, key: client.players.get(key),
    ),
    "player_queues/all": CachedList(
        (EventType.QUEUE_ADDED, EventType.QUEUE_UPDATED),
        "queue_id",
        lambda client, key: client.player_queues.get(key),
    ),
}
_FETCH_COMMANDS: Final = _DECODERS.keys() | _CACHED_LISTS.keys()
# Warnings about invalid items of one list.
MAX_SKIP_WARNINGS: Final = 10
# Commands of the first fetch whose large answers aren't used here.
_UNUSED_COMMANDS: Final = frozenset({"providers/manifests"})
# Events that the library's caches of players and queues subscribe to; ours replace these caches.
CACHE_EVENTS: Final = (
    EventType.PLAYER_ADDED,
    EventType.PLAYER_UPDATED,
    EventType.PLAYER_REMOVED,
    EventType.QUEUE_ADDED,
    EventType.QUEUE_UPDATED,
    EventType.QUEUE_TIME_UPDATED,
)


def _to_json(item: dict[str, Any]) -> str:
    return orjson.dumps(item).decode()


def _get_skip_level(count: int) -> int:
    """Return the level at which the n-th skipped item of a list is logged."""
    return logging.WARNING if count <= MAX_SKIP_WARNINGS else logging.DEBUG


def _do_nothing() -> None:
    """Ignore an unanswered command while nothing watches the connection."""


def get_command_timeout(command: str) -> float:
    """Return the seconds to wait for the answer to a command."""
    timeouts = (
        timeout for prefix, timeout in COMMAND_TIMEOUTS.items() if command.startswith(prefix)
    )
    return next(timeouts, DEFAULT_COMMAND_TIMEOUT)


def _has_too_many_values(text: str) -> bool:
    """Return whether a message has too many objects and lists to be decoded in the loop."""
    return len(text) > MAX_MESSAGE_VALUES and text.count("{") + text.count("[") > MAX_MESSAGE_VALUES


type EventCallback = Callable[[MassEvent], Coroutine[Any, Any, None] | None]
# Called with a command that is sent and its arguments; may return a function to call with True when
# it is answered, or with False when it is refused or gets no answer.
type CommandListener = Callable[[str, Mapping[str, Any]], Callable[[bool], None] | None]


class UnusableFrame(Exception):
    """Raised for a frame that is skipped; tells what it is."""


class WebsocketConnection(WebsocketsConnection):
    """Represent a websocket that skips unusable frames and yields to the loop in a flood.

    Frames are never logged: the first one sent contains the token.
    """

    def __init__(
        self,
        endpoint: ServerEndpoint,
        token: str | None,
        server_id: str | None,
    ) -> None:
        """Initialize the connection. Without a server id any server is accepted."""
        super().__init__(str(endpoint), endpoint.session, token)
        self.ws_server_url = str(build_websocket_url(endpoint.url))
        self._endpoint = endpoint
        self._server_id = server_id
        self.frame_count = 0
        self.frame_size = 0  # characters of the last frame
        self.skipped_frames = 0
        self.clock_offset = 0.0  # seconds by which the server's clock is ahead
        self._turn_started_at: float | None = None

    async def connect(self) -> dict[str, Any]:
        """Connect and return the server's first message, its info.

        A failed attempt isn't logged: the caller that retries does that once.
        """
        if self._ws_client is not None:
            raise InvalidState("Already connected")
        requested_at = time.time()
        try:
            self._ws_client = socket = await self._endpoint.async_open_websocket(
                heartbeat=HEARTBEAT_INTERVAL,
                # Without TLS the server is most likely in the local network, where compression
                # costs more time than it saves.
                compress=15 if self._endpoint.url.scheme == "https" else 0,
                max_msg_size=MAX_MESSAGE_SIZE,
                # Send a close frame but don't wait for the answer: a hung server sends none.
                timeout=ClientWSTimeout(ws_close=0),
            )
        except (ClientError, ssl.SSLError, OSError) as err:
            raise CannotConnect(err) from err
        self.clock_offset = get_clock_offset(socket.date, requested_at, time.time())
        info = await self.receive_message()
        try:  # before the token is sent
            check_server(ServerInfoMessage.from_dict(info), self._server_id)
        except ServerProblem:
            await self.disconnect()
            raise
        return info

    async def receive_message(self) -> dict[str, Any]:
        """Return the next message, skipping frames that aren't a JSON object."""
        if (socket := self._ws_client) is None:
            raise ConnectionClosed("Connection was closed.")
        while True:
            await self._yield_to_loop()
            frame = await socket.receive()
            if frame.type is WSMsgType.TEXT:
                self.frame_count += 1
                try:
                    return self._decode_frame(frame.data)
                except UnusableFrame as err:
                    self.skip_frame(str(err))
            elif frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
                raise ConnectionClosed(f"Connection was closed ({socket.close_code}).")
            elif frame.type is WSMsgType.ERROR:
                raise ConnectionFailed(frame.data)
            else:
                self.frame_count += 1
                self.skip_frame("a frame that isn't text")

    def _decode_frame(self, text: str) -> dict[str, Any]:
        """Return the message of a frame. Raises UnusableFrame."""
        self.frame_size = len(text)
        if _has_too_many_values(text):
            raise UnusableFrame("a frame with too many values")
        try:
            message = decode_message(text)
        except ValueError as err:
            raise UnusableFrame("a frame that isn't JSON") from err
        if not isinstance(message, dict):
            raise UnusableFrame("a frame that isn't an object")
        if "event" in message:
            if has_too_many_values(text):
                raise UnusableFrame("an event with too many values")
            if self.frame_size > MAX_TEXT_LENGTH and not isinstance(message.get("data"), Payload):
                shorten_texts(message)
        return message

    async def send_message(self, message: dict[str, Any]) -> None:
        """Send a message. Raises NotConnected without a connection."""
        if (socket := self._ws_client) is None or socket.closed:
            raise NotConnected
        try:
            # Not the library's, which refuses the keys of YAML: these are of a subclass of str
            text = json_dumps(message)
        except TypeError as err:  # for example a number beyond 64 bits
            raise MusicAssistantError(str(err)) from err
        await socket.send_str(text)

    def skip_frame(self, description: str) -> None:
        """Count and log a frame that can't be used."""
        self.skipped_frames += 1
        LOGGER.debug("Skipped %s from %s", description, self.ws_server_url)

    async def _yield_to_loop(self) -> None:
        """Yield to the loop if frames were received for too long in the same turn of it.

        Receiving a frame that has already arrived doesn't suspend, so a flood of them would
        block the loop. Otherwise frames that arrive together are handled together: between them,
        a player may be said to be paused while its queue still has the former item.
        """
        if self._turn_started_at is None:
            self._turn_started_at = time.monotonic()
            asyncio.get_running_loop().call_soon(self._reset_turn)
        elif time.monotonic() - self._turn_started_at > BATCH_TIME:
            await asyncio.sleep(0)

    def _reset_turn(self) -> None:
        """Forget the start of the turn, as the loop is in a new one."""
        self._turn_started_at = None


class Client(MusicAssistantClient):
    """Represent a client of one connection to the server.

    Its commands time out, and an end of the connection raises an error in pending commands. The
    library's client can't be started twice, so each connection needs a new one.
    """

    def __init__(
        self,
        endpoint: ServerEndpoint,
        token: str | None = None,
        server_id: str | None = None,
    ) -> None:
        """Initialize the client. Without a server id any server is accepted."""
        self.endpoint = endpoint
        # event type -> subscription key -> synchronous callback, in the order of subscription
        self._sync_subscribers: dict[EventType, dict[object, Callable[[MassEvent], None]]] = {}
        super().__init__(str(endpoint), endpoint.session, token)
        for event_type in CACHE_EVENTS:  # not needed by the library's caches
            self._sync_subscribers[event_type].clear()
        self._players = Players(self, self._get_clock_offset)
        self._player_queues: Queues = Queues(self, self._get_clock_offset)
        self.connection: WebsocketConnection = WebsocketConnection(endpoint, token, server_id)
        self.user: User | None = None  # the signed-in user
        self.command_listener: CommandListener = lambda _command, _args: None
        self.volume_limits: Mapping[str, int] = {}  # player id -> highest volume in percent
        self.is_refused = False  # the connection is lost, and the server refuses to sign in again
        # called when a command isn't answered for a while
        self.on_unanswered: Callable[[], None] = _do_nothing
        self.ready = asyncio.Event()
        self.event_count = 0
        self._fetching = False
        self._fetch_error: Exception | None = None
        # event types and object ids
        self._events_during_fetch: set[tuple[EventType, str | None]] = set()
        self._partial_sizes: dict[str, int] = {}  # characters by message id

    @property
    @override
    def player_queues(self) -> Queues:
        """Return the controller of the queues."""
        return self._player_queues

    def _get_clock_offset(self) -> float:
        return self.connection.clock_offset

    async def start_listening(self, init_ready: asyncio.Event | None = None) -> None:
        """Listen until the connection ends. Sets `ready` after the first fetch or at the end."""
        self._fetching = True
        try:
            await super().start_listening(init_ready or self.ready)
        finally:
            self.ready.set()

    async def wait_ready(self) -> None:
        """Wait for the first fetch. Raises the error that ended it."""
        await self.ready.wait()
        self._fetching = False
        self._events_during_fetch.clear()
        if self._fetch_error is not None:
            raise self._fetch_error
        if not self.connection.connected:
            raise ConnectionLost("the connection ended during the first fetch")

    async def send_command(
        self, command: str, require_schema: int | None = None, **kwargs: Any
    ) -> Any:
        """Send a command and return its answer.

        Raises CommandTimeout, ConnectionLost if the connection ends before the answer, and the
        errors of the library.
        """
        if command == "auth":
            answer = await self._send_with_timeout(command, require_schema, **kwargs)
            with suppress(*DECODE_ERRORS):
                self.user = User.from_dict(answer["user"])
            return answer
        command, kwargs = self._apply_volume_limit(command, kwargs)
        if self._fetching and command in _UNUSED_COMMANDS:
            return []
        if not self._fetching or command not in _FETCH_COMMANDS:
            return await self._send_and_report(command, require_schema, **kwargs)
        try:
            items = await self._send_with_timeout(command, require_schema, **kwargs)
        except (MusicAssistantError, MusicAssistantClientException) as err:
            return await self._handle_fetch_error(command, err)
        if command in _CACHED_LISTS:
            return await self._load_cached_list(command, items)
        return _filter_decodable(command, items)

    async def _send_and_report(
        self, command: str, require_schema: int | None, **kwargs: Any
    ) -> Any:
        """Send a command, and report it and its outcome to the listener."""
        handle_answer = self.command_listener(command, kwargs)
        if handle_answer is None:
            return await self._send_with_timeout(command, require_schema, **kwargs)
        is_accepted = False
        try:
            answer = await self._send_with_timeout(command, require_schema, **kwargs)
            is_accepted = True
            return answer
        finally:
            handle_answer(is_accepted)

    def _apply_volume_limit(self, command: str, args: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return a command and its arguments with the player's volume limit applied."""
        if not self.volume_limits:
            return command, args
        player_id = args.get("player_id", "")

        def get_volume() -> int | None:
            if (player := self.players.get(player_id)) is None:
                return None
            return player.group_volume if "group" in command else player.volume_level

        return limit_volume_command(command, args, self.volume_limits.get(player_id), get_volume)

    async def _send_with_timeout(
        self, command: str, require_schema: int | None, **kwargs: Any
    ) -> Any:
        """Send a command. Raises CommandTimeout and ConnectionLost."""
        if self.is_refused:
            raise AuthenticationFailed("the server refuses the token")
        timeout = get_command_timeout(command)
        check = asyncio.get_running_loop().call_later(UNANSWERED_DELAY, self.on_unanswered)
        try:
            async with asyncio.timeout(timeout):
                return await super().send_command(command, require_schema, **kwargs)
        except TimeoutError as err:
            raise CommandTimeout(command, timeout) from err
        except asyncio.CancelledError as err:
            # The library cancels pending commands when the connection ends. The caller would take
            # that for its own cancellation, which would end a script.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise ConnectionLost(f"the connection ended during {command}") from err
        except (ClientError, OSError) as err:
            raise ConnectionLost(f"the connection ended during {command}") from err
        finally:
            check.cancel()

    async def _load_cached_list(self, command: str, items: Any) -> list[Any]:
        """Add the items of a first fetch to the caches, and return an empty list to the library.

        Each item is handled like an event, in batches that yield to the loop; the library would
        decode all of them in one go. Items with a newer event are skipped.
        """
        cached_list = _CACHED_LISTS[command]
        skipped = 0
        async for item in in_batches(items or ()):
            item_id = item.get(cached_list.id_field) if isinstance(item, dict) else None
            if is_valid_id(item_id) and not has_too_many_values(text := _to_json(item)):
                if len(text) > MAX_TEXT_LENGTH:
                    shorten_texts(item)
                if self._is_outdated(cached_list, item_id):
                    continue
                event = MassEvent(cached_list.events[0], item_id, item)
                self._call_sync_subscribers(event)
                if cached_list.get(self, item_id) is not None:
                    continue
            skipped += 1
            LOGGER.log(
                _get_skip_level(skipped),
                "Skipped an invalid item of %s: %s",
                command,
                sanitize_text(item_id),
            )
        return []

    def _is_outdated(self, cached_list: CachedList, item_id: str) -> bool:
        """Return whether an event has updated or removed an item since the fetch began.

        An event that couldn't be decoded doesn't count.
        """
        event_types = {
            event_type
            for event_type in cached_list.events
            if (event_type, item_id) in self._events_during_fetch
        }
        return EventType.PLAYER_REMOVED in event_types or (
            bool(event_types) and cached_list.get(self, item_id) is not None
        )

    async def _handle_fetch_error(self, command: str, error: Exception) -> list[Any]:
        """Return an empty list if an optional list was refused, else end the first fetch."""
        if command not in _CACHED_LISTS and isinstance(error, MusicAssistantError):
            LOGGER.debug("The server refused %s: %s", command, error)
            return []
        # The library's fetch task is never awaited. Pass the error to `wait_ready`, and suspend
        # the task until the following disconnect cancels it.
        self._fetch_error = error
        self.ready.set()
        await asyncio.Event().wait()
        raise error

    def _handle_incoming_message(self, raw: dict[str, Any]) -> None:
        """Handle a message, skipping one that raises a decode error.

        Its shape may be unknown. Or it is a reply that arrives in the turn of the loop in which
        its caller is cancelled: the library then sets the result of a future that is done, and
        the error would end the connection.
        """
        try:
            if (event_type := raw.get("event")) is None:
                super()._handle_incoming_message(raw)
                self._limit_partial_result(raw.get("message_id"))
            else:  # past the library's decoder, which takes longer than most events need in all
                object_id = None if (given := raw.get("object_id")) is None else str(given)
                event = MassEvent(EventType(event_type), object_id, raw.get("data"))
                self.logger.debug("Received event: %s", event)
                self._handle_event(event)
        except DECODE_ERRORS as err:
            self.connection.skip_frame(f"a message ({type(err).__name__})")

    def _limit_partial_result(self, message_id: object) -> None:
        """End a command whose answer comes in parts that are larger than a whole one may be."""
        if not isinstance(message_id, str) or message_id not in self._partial_results:
            return
        size = self._partial_sizes.get(message_id, 0) + self.connection.frame_size
        unfinished = self._partial_sizes.keys() & self._partial_results.keys()
        self._partial_sizes = {key: self._partial_sizes[key] for key in unfinished}
        self._partial_sizes[message_id] = size
        future = self._result_futures[message_id]
        if size > MAX_MESSAGE_SIZE and not future.done():
            del self._partial_results[message_id]
            future.set_exception(MusicAssistantError("the answer is too large"))

    def _handle_event(self, event: MassEvent) -> None:
        """Handle an event, calling synchronous subscribers immediately.

        The library would schedule each call on the loop. Immediate calls make sure that the time
        measured by `_yield_to_loop` includes the work of the subscribers.
        """
        if self._stop_called:
            return
        self.event_count += 1
        if self._fetching and event.event in CACHE_EVENTS:
            self._events_during_fetch.add((event.event, event.object_id))
        self._call_sync_subscribers(event)
        super()._handle_event(event)

    def _call_sync_subscribers(self, event: MassEvent) -> None:
        """Call the synchronous subscribers of an event."""
        for handle_event in tuple(self._sync_subscribers.get(event.event, {}).values()):
            handle_event(event)

    async def disconnect(self) -> None:
        """Disconnect, without waiting long for a server that doesn't answer."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await super().disconnect()
        except TimeoutError:
            LOGGER.debug("Timeout while disconnecting from %s", self.server_url)

    def subscribe(
        self,
        cb_func: EventCallback,
        event_filter: EventType | tuple[EventType, ...] | None = None,
        id_filter: str | tuple[str, ...] | None = None,
    ) -> Callable[[], None]:
        """Subscribe to events, skipping those that raise a decode error in a synchronous callback.

        The caches of the library subscribe with such callbacks: a player payload with missing
        fields would raise an unhandled error in the loop.
        """
        if iscoroutinefunction(cb_func):
            return super().subscribe(cb_func, event_filter, id_filter)

        def handle_event(event: MassEvent) -> None:
            try:
                cb_func(event)
            except DECODE_ERRORS as err:
                LOGGER.debug(
                    "Skipped %s of %s: %s", event.event, event.object_id, type(err).__name__
                )

        if event_filter is None or id_filter is not None:
            return super().subscribe(handle_event, event_filter, id_filter)
        key = object()
        event_types = event_filter if isinstance(event_filter, tuple) else (event_filter,)
        for event_type in event_types:
            self._sync_subscribers.setdefault(event_type, {})[key] = handle_event

        def unsubscribe() -> None:
            for event_type in event_types:
                self._sync_subscribers[event_type].pop(key, None)

        return unsubscribe


def _filter_decodable(command: str, items: Any) -> list[dict[str, Any]]:
    """Return the items of a fetched list that the library can decode."""
    decodable, skipped = [], 0
    for item in items or ():
        try:
            shorten_texts(item)
            _DECODERS[command](item)
        except DECODE_ERRORS as err:
            skipped += 1
            LOGGER.log(
                _get_skip_level(skipped),
                "Skipped an invalid item of %s: %s",
                command,
                sanitize_text(repr(err)),
            )
        else:
            decodable.append(item)
    return decodable


def check_server(info: ServerInfoMessage, server_id: str | None = None) -> None:
    """Raise ServerProblem if a server has an unsupported version or another server id."""
    if info.schema_version < SCHEMA_OLDEST:
        raise ServerProblem("server_too_old", version=info.server_version)
    if info.min_supported_schema_version > API_SCHEMA_VERSION:
        raise ServerProblem("server_too_new", version=info.server_version)
    if server_id is not None and info.server_id != server_id:
        raise ServerProblem("other_server")
