"""One websocket: what a client sends, what it is told."""

from __future__ import annotations

import asyncio
from contextlib import suppress
import socket
import struct
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web
from music_assistant_models.enums import EventType
from music_assistant_models.errors import InvalidToken
import orjson

from . import commands, wire
from .commands import Caller

if TYPE_CHECKING:
    from .server import MassServer

OUTBOX = 512
OUTBOX_PATIENCE = 0.5
PING_EVERY = 25
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
_GONE = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)


class BadFrameError(Exception):
    """A frame that the real server answers by closing."""


class Connection:
    """A client's websocket."""

    def __init__(self, server: MassServer, request: web.Request) -> None:
        """Prepare for the request that opens the websocket."""
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

    async def run(self) -> web.WebSocketResponse:
        """Serve the client until one side has enough."""
        await self.ws.prepare(self.request)
        self.server.accepted(self)
        writer = asyncio.create_task(self._write())
        self._reader = asyncio.create_task(self._serve())
        try:
            await asyncio.wait({self._reader})
        finally:
            self._reader.cancel()
            await self._say_goodbye(writer)
            self.server.left(self)
            self.gone.set()
        return self.ws

    async def _serve(self) -> None:
        """Greet, then read until the end."""
        if not await self._greet():
            return
        with suppress(BadFrameError):
            while await self._read():
                pass

    async def _greet(self) -> bool:
        """Send the server info; tell whether the client may go on."""
        await self.server.faults.until_answering("connect")
        self.send(self.server.info())
        if self.server.setup_required:
            self.send(wire.error("connection", SETUP_REQUIRED, "Setup required"))
            return False
        if self.server.schema_version < AUTH_SINCE:
            self.caller = Caller(self.server.nobody.user, connection=self)
        return True

    async def _read(self) -> bool:
        """Handle one frame; tell whether more may come."""
        message = await self.ws.receive()
        await self.server.faults.until_thawed()
        if message.type in _GONE:
            return False
        if message.type is WSMsgType.PING:
            await self.ws.pong(message.data)
        if message.type is WSMsgType.TEXT:
            self._handle(message.data)
        return True

    async def _say_goodbye(self, writer: asyncio.Task[None]) -> None:
        """Write what waits, then close; give up on a client that doesn't read."""
        if not self._is_cut:
            self._outbox.put_nowait(None)
            await asyncio.wait({writer}, timeout=0.5)
        writer.cancel()
        with suppress(ConnectionError, RuntimeError):
            await self.ws.close()

    def end(self) -> None:
        """Close from our side, with a close frame and not a word more."""
        self._ending = True
        if self._reader:
            self._reader.cancel()

    def cut(self, *, reset: bool = False) -> None:
        """Close without a close frame: TCP's FIN, or its RST."""
        if transport := self.request.transport:
            if reset and (sock := transport.get_extra_info("socket")):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        self.end()

    @property
    def _is_cut(self) -> bool:
        transport = self.request.transport
        return transport is None or transport.is_closing()

    # Telling

    def send(self, message: dict[str, Any] | str | bytes) -> None:
        """Put a message into the outbox; a client that leaves it full is cut off."""
        if self._ending:
            return
        frame = self.server.dumps(message) if isinstance(message, dict) else message
        self._outbox.put_nowait(frame)
        if self._outbox.qsize() > OUTBOX and self._patience is None:
            self._patience = self.server.spawn(self._cut_if_slow())

    async def _cut_if_slow(self) -> None:
        """Give the client a moment; here a command may make many events in one go."""
        await asyncio.sleep(OUTBOX_PATIENCE)
        self._patience = None
        if self._outbox.qsize() > OUTBOX:
            self.cut()

    async def send_gently(self, frame: str | bytes) -> None:
        """Put a frame into the outbox and let it be sent."""
        self._outbox.put_nowait(frame)
        await asyncio.sleep(0)

    async def _write(self) -> None:
        """Send what is in the outbox, a ping when there is nothing for long."""
        with suppress(ConnectionError, RuntimeError):
            while True:
                try:
                    async with asyncio.timeout(PING_EVERY):
                        frame = await self._outbox.get()
                except TimeoutError:
                    frame = b""
                await self.server.faults.until_thawed()
                if frame is None:
                    return
                await self._transmit(frame)

    async def _transmit(self, frame: str | bytes) -> None:
        if frame == b"":
            await self.ws.ping()
        elif isinstance(frame, bytes):
            await self.ws.send_bytes(frame)
        else:
            await self.ws.send_str(frame)

    def may_receive(self, event: EventType, object_id: str | None) -> bool:
        """Tell whether an event is for this client."""
        if self.caller is None:
            return False
        return not object_id or event not in FILTERED_EVENTS or self.caller.sees(object_id)

    # Listening

    def _handle(self, text: str) -> None:
        """Take one command; the reply may come later than those of younger ones."""
        try:
            message = orjson.loads(text)
            message_id, name = str(message["message_id"]), message["command"]
        except (ValueError, LookupError, TypeError) as err:
            raise BadFrameError from err
        args = message.get("args") or {}
        self.server.commands.append((name, args))
        self.server.spawn(self._answer(message_id, name, args))

    async def _answer(self, message_id: str, name: str, args: dict[str, Any]) -> None:
        """Run a command and send what comes of it."""
        try:
            if not await self.server.faults.lets_through(name):
                return
            result = await self.server.faults.run(name, lambda: self._run(name, dict(args)))
        except Exception as err:  # noqa: BLE001 - every error becomes an answer
            self.send(wire.error_of(message_id, err))
            return
        for message in wire.results(message_id, result, self.server.schema_version):
            self.send(message)

    async def _run(self, name: str, args: dict[str, Any]) -> Any:
        if special := _SPECIAL.get(name):
            return special(self, args)
        return await commands.call(self.server, self.caller, name, args)

    def _authenticate(self, args: dict[str, Any]) -> dict[str, Any]:
        """Take a token; from here on the client gets events."""
        if not (token := args.get("token") or args.get("access_token")):
            raise self.server.authentication_required("token required in args")
        user, token_id = self.server.authenticated(token)
        if user.username == APP_USER and not self.server.homeassistant_addon:
            raise InvalidToken("Home Assistant system user not allowed on regular webserver")
        self.caller = Caller(user, token_id, self)
        self.locale = args.get("locale")
        return {"authenticated": True, "user": user}

    def _set_locale(self, args: dict[str, Any]) -> dict[str, Any]:
        """Take the language of the client."""
        self.locale = args.get("locale")
        return {"locale": self.locale}


# Commands that change the connection itself.
_SPECIAL = {
    "auth": Connection._authenticate,
    "translations/set_locale": Connection._set_locale,
}
