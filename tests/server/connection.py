"""A websocket connection of a client."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from email.utils import formatdate
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, hdrs, web
from music_assistant_models.enums import EventType
from music_assistant_models.errors import InvalidToken
import orjson

from . import commands, messages
from .commands import Caller

if TYPE_CHECKING:
    from .server import MassServer

OUTBOX_LIMIT = 512
OUTBOX_FULL_TIMEOUT = 0.5
PING_INTERVAL = 25
AUTH_SINCE = 28
# The Home Assistant app's own user, who is let in at its internal port only. A test server has
# one port: the internal one if it is run as an app, else the public one.
APP_USER = "homeassistant_system"
SETUP_REQUIRED = 503

# Of these, a user with a player filter gets only what is about their players.
FILTERED_EVENTS = frozenset(
    {
        EventType.PLAYER_ADDED,
        EventType.PLAYER_REMOVED,
        EventType.PLAYER_UPDATED,
        EventType.PLAYER_SLEEP_TIMER_UPDATED,
        EventType.QUEUE_ADDED,
        EventType.QUEUE_ITEMS_UPDATED,
        EventType.QUEUE_TIME_UPDATED,
        EventType.QUEUE_UPDATED,
    }
)
_CLOSE_TYPES = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)


class BadFrameError(Exception):
    """Raised for a frame that makes a real server close the connection."""


class Connection:
    """Represent a client's websocket."""

    def __init__(self, server: MassServer, request: web.Request) -> None:
        """Initialize for the request that opens the websocket."""
        self.server = server
        self.request = request
        # Pings and close frames are answered here, so that a frozen server doesn't.
        self.ws = web.WebSocketResponse(autoping=False, autoclose=False, timeout=0.5)
        self.caller: Caller | None = None
        self.locale: str | None = None
        self._outbox: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.gone = asyncio.Event()
        self._ending = False
        self._patience: asyncio.Task[None] | None = None
        self._reader: asyncio.Task[None] | None = None

    # Life

    async def handle_connection(self) -> web.WebSocketResponse:
        """Serve the client until one side closes the connection."""
        date = time.time() + self.server.clock_offset
        self.ws.headers[hdrs.DATE] = formatdate(date, usegmt=True)
        await self.ws.prepare(self.request)
        self.server.add_connection(self)
        writer = asyncio.create_task(self._send_outbox())
        self._reader = asyncio.create_task(self._handle_messages())
        try:
            await asyncio.wait({self._reader})
        finally:
            self._reader.cancel()
            await self._close_gracefully(writer)
            self.server.remove_connection(self)
            self.gone.set()
        return self.ws

    async def _handle_messages(self) -> None:
        """Send the server info, then read until the end."""
        if not await self._send_server_info():
            return
        with suppress(BadFrameError):
            while await self._read_frame():
                pass

    async def _send_server_info(self) -> bool:
        """Send the server info; return whether the client may continue."""
        await self.server.faults.wait_for_stage("connect")
        self.send(self.server.get_info())
        if self.server.is_setup_required:
            self.send(messages.build_error("connection", SETUP_REQUIRED, "Setup required"))
            return False
        if self.server.schema_version < AUTH_SINCE:
            self.caller = Caller(self.server.anonymous_caller.user, connection=self)
        return True

    async def _read_frame(self) -> bool:
        """Handle one frame; return whether more may follow."""
        message = await self.ws.receive()
        await self.server.faults.wait_until_resumed()
        if message.type in _CLOSE_TYPES:
            return False
        if message.type is WSMsgType.PING:
            await self.ws.pong(message.data)
        if message.type is WSMsgType.TEXT:
            self._handle_command(message.data)
        return True

    async def _close_gracefully(self, writer: asyncio.Task[None]) -> None:
        """Send the outbox, then close; give up on a client that doesn't read."""
        if not self._is_transport_closed:
            self._outbox.put_nowait(None)
            await asyncio.wait({writer}, timeout=0.5)
        writer.cancel()
        with suppress(ConnectionError, RuntimeError):
            await self.ws.close()

    def close(self) -> None:
        """Close with a close frame and without sending the outbox."""
        self._ending = True
        if self._reader:
            self._reader.cancel()

    def close_transport(self, *, reset: bool = False) -> None:
        """Close without a close frame: by TCP's FIN, or its RST."""
        if transport := self.request.transport:
            if reset and (sock := transport.get_extra_info("socket")):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        self.close()

    @property
    def _is_transport_closed(self) -> bool:
        transport = self.request.transport
        return transport is None or transport.is_closing()

    # Telling

    def send(self, message: dict[str, Any] | str | bytes) -> None:
        """Put a message into the outbox; a client that leaves it full is disconnected."""
        if self._ending:
            return
        frame = self.server.serialize(message) if isinstance(message, dict) else message
        self._outbox.put_nowait(frame)
        if self._outbox.qsize() > OUTBOX_LIMIT and self._patience is None:
            self._patience = self.server.create_task(self._close_if_slow())

    async def _close_if_slow(self) -> None:
        """Disconnect if the outbox stays full: here one command may send many events at once."""
        await asyncio.sleep(OUTBOX_FULL_TIMEOUT)
        self._patience = None
        if self._outbox.qsize() > OUTBOX_LIMIT:
            self.close_transport()

    async def send_and_wait(self, frame: str | bytes) -> None:
        """Put a frame into the outbox and wait until it is sent."""
        self._outbox.put_nowait(frame)
        await asyncio.sleep(0)

    async def _send_outbox(self) -> None:
        """Send the outbox, and a ping when it is empty for long."""
        with suppress(ConnectionError, RuntimeError):
            while True:
                try:
                    async with asyncio.timeout(PING_INTERVAL):
                        frame = await self._outbox.get()
                except TimeoutError:
                    frame = b""
                await self.server.faults.wait_until_resumed()
                if frame is None:
                    return
                await self._send_frame(frame)

    async def _send_frame(self, frame: str | bytes) -> None:
        if frame == b"":
            await self.ws.ping()
        elif isinstance(frame, bytes):
            await self.ws.send_bytes(frame)
        else:
            await self.ws.send_str(frame)

    def can_receive(self, event: EventType, object_id: str | None) -> bool:
        """Return whether an event is for this client."""
        if self.caller is None:
            return False
        return not object_id or event not in FILTERED_EVENTS or self.caller.can_see(object_id)

    # Listening

    def _handle_command(self, text: str) -> None:
        """Handle one command; its response may come later than those of later commands."""
        try:
            message = orjson.loads(text)
            message_id, name = str(message["message_id"]), message["command"]
        except (ValueError, LookupError, TypeError) as err:
            raise BadFrameError from err
        args = message.get("args") or {}
        self.server.commands.append((name, args))
        self.server.create_task(self._send_response(message_id, name, args))

    async def _send_response(self, message_id: str, name: str, args: dict[str, Any]) -> None:
        """Run a command and send its result or error."""
        try:
            if not await self.server.faults.should_run(name):
                return
            result = await self.server.faults.call_command(
                name, lambda: self._call_command(name, dict(args))
            )
        except Exception as err:  # noqa: BLE001 - every error becomes an answer
            self.send(messages.convert_exception(message_id, err))
            return
        for message in messages.build_results(message_id, result, self.server.schema_version):
            self.send(message)

    async def _call_command(self, name: str, args: dict[str, Any]) -> Any:
        if special := _CONNECTION_COMMANDS.get(name):
            return special(self, args)
        return await commands.call_command(self.server, self.caller, name, args)

    def _check_token(self, args: dict[str, Any]) -> dict[str, Any]:
        """Authenticate by a token; from then on the client gets events."""
        if not (token := args.get("token") or args.get("access_token")):
            raise self.server.create_authentication_error("token required in args")
        user, token_id = self.server.resolve_token(token)
        if user.username == APP_USER and not self.server.homeassistant_addon:
            raise InvalidToken("Home Assistant system user not allowed on regular webserver")
        self.caller = Caller(user, token_id, self)
        self.locale = args.get("locale")
        return {"authenticated": True, "user": user}

    def _set_locale(self, args: dict[str, Any]) -> dict[str, Any]:
        """Set the language of the client."""
        self.locale = args.get("locale")
        return {"locale": self.locale}


# Commands that change the connection itself.
_CONNECTION_COMMANDS = {
    "auth": Connection._check_token,
    "translations/set_locale": Connection._set_locale,
}
