"""A websocket client that gives access to every frame."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Self

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

RECEIVE_TIMEOUT = 5.0

type Message = dict[str, Any]


class ClosedError(Exception):
    """Raised when the server closed the websocket; the argument is the code."""


@dataclass
class WebsocketClient:
    """Represent an open websocket."""

    ws: ClientWebSocketResponse
    info: Message = field(default_factory=dict)
    frames: list[Message] = field(default_factory=list)  # all that came, in order
    _events: list[Message] = field(default_factory=list)  # those that nobody asked for yet
    _ids: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    @asynccontextmanager
    async def open(
        cls, session: ClientSession, url: str, token: str | None = None
    ) -> AsyncIterator[Self]:
        """Connect, read the server info, and sign in if there is a token."""
        async with session.ws_connect(f"{url}/ws", max_msg_size=0) as ws:
            client = cls(ws)
            client.info = await client.receive()
            if token:
                await client.get_result("auth", token=token)
            yield client

    async def receive(self) -> Message:
        """Return the next frame."""
        async with asyncio.timeout(RECEIVE_TIMEOUT):
            frame = await self.ws.receive()
        if frame.type is not WSMsgType.TEXT:
            raise ClosedError(frame.data if frame.type is WSMsgType.CLOSE else self.ws.close_code)
        message: Message = frame.json()
        self.frames.append(message)
        if "event" in message:
            self._events.append(message)
        return message

    async def send(self, name: str, args: Message) -> str:
        """Send a command and return its id."""
        message_id = str(next(self._ids))
        await self.ws.send_json({"message_id": message_id, "command": name, "args": args})
        return message_id

    async def get_replies(self, name: str, /, **args: Any) -> list[Message]:
        """Return all frames that answer a command."""
        message_id = await self.send(name, args)
        found: list[Message] = []
        while not found or found[-1].get("partial"):
            message = await self.receive()
            if message.get("message_id") == message_id:
                found.append(message)
        return found

    async def get_result(self, name: str, /, **args: Any) -> Any:
        """Return the result of a command that must not fail."""
        replies = await self.get_replies(name, **args)
        assert "error_code" not in replies[-1], replies[-1]
        if len(replies) == 1:
            return replies[0]["result"]
        return [item for reply in replies for item in reply["result"]]

    async def get_error_code(self, name: str, /, **args: Any) -> int:
        """Return the error code of a command that must fail."""
        (reply,) = await self.get_replies(name, **args)
        assert "error_code" in reply, reply
        code: int = reply["error_code"]
        return code

    async def wait_for_event(
        self, name: str, object_id: str | None = None, where: Callable[[Any], bool] | None = None
    ) -> Any:
        """Return the data of the next event of a type, including one that was received before."""
        while True:
            for message in self._events:
                if (
                    message["event"] == name
                    and object_id in (None, message.get("object_id"))
                    and (where is None or where(message["data"]))
                ):
                    self._events.remove(message)
                    return message["data"]
            await self.receive()

    async def get_events(self) -> list[Message]:
        """Return the events that were received before the next response."""
        await self.get_result("info")
        events, self._events = self._events, []
        return events

    async def wait_for_close(self) -> int | None:
        """Return the code with which the server closes, without a response before it."""
        try:
            while "event" in (message := await self.receive()):
                pass
        except ClosedError as closed:
            code: int | None = closed.args[0]
            return code
        raise AssertionError(f"Not closed but answered: {message}")
