"""A server that replays what a real Music Assistant server sent, over a real websocket.

Time comes from the event loop: while `LoopMonitor.skip_idle_time` skips idle time, a recording of
a minute takes about a second.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from aiohttp import WSMsgType, web
import orjson

from .http_servers import run_http_server

type Items = list[dict[str, Any]]
type Command = Callable[[str, dict[str, Any]], Awaitable[Any]]

RECORDINGS: Final = Path(__file__).parent / "recordings"
# Commands with which each connection begins, answered from the recording when they are asked.
INITIAL_COMMANDS: Final = frozenset({"auth", "providers", "player_queues/all", "players/all"})
INVALID_COMMAND: Final = 12
_RESOLUTION: Final = 0.001  # of the times in recordings, in seconds
ABNORMAL_CLOSURE: Final = 1006


class Line(NamedTuple):
    """Represent a line of a recording: a frame, or the code with which the server closed."""

    at: float
    direction: str
    frame: dict[str, Any]
    code: int = 0

    @property
    def is_event(self) -> bool:
        """Return whether it is an event of the server."""
        return "event" in self.frame


@dataclass(frozen=True)
class Section:
    """Represent one connection of a recording."""

    lines: Sequence[Line]

    @property
    def info(self) -> dict[str, Any]:
        """Return the server info, the first frame."""
        return self.lines[0].frame

    @cached_property
    def answers(self) -> dict[str, dict[str, Any]]:
        """Return the first answer to each of the initial commands."""
        first: dict[str, str] = {}
        for line in self.lines:
            if line.direction == "out" and line.frame["command"] in INITIAL_COMMANDS:
                first.setdefault(line.frame["command"], line.frame["message_id"])
        by_id = {
            line.frame.get("message_id"): line.frame for line in self.lines if _is_answer(line)
        }
        return {command: by_id[id_] for command, id_ in first.items() if id_ in by_id}

    @cached_property
    def scenario(self) -> Sequence[Line]:
        """Return the lines after the initial commands and their answers."""
        initial = {answer["message_id"] for answer in self.answers.values()}
        return [line for line in self.lines[1:] if line.frame.get("message_id") not in initial]


@dataclass(frozen=True)
class Recording:
    """Represent a recording: connections one after the other."""

    sections: Sequence[Section]

    @classmethod
    def load(cls, name: str) -> Self:
        """Return a recording by its name."""
        sections: list[list[Line]] = []
        for text in (RECORDINGS / f"{name}.jsonl").read_bytes().splitlines():
            raw = orjson.loads(text)
            line = Line(raw["t"], raw["dir"], raw.get("frame", {}), raw.get("code", 0))
            if "schema_version" in line.frame:
                sections.append([])
            sections[-1].append(line)
        return cls([Section(lines) for lines in sections])

    @property
    def lines(self) -> list[Line]:
        """Return the lines of all sections."""
        return list(chain.from_iterable(section.lines for section in self.sections))

    @property
    def started_at(self) -> float:
        """Return about when it began, in seconds since the epoch, by the times in its frames."""
        return max(
            (updated_at - line.at for line in self.lines for updated_at in _find_times(line.frame)),
            default=0.0,
        )

    def find_final_answers(self) -> tuple[Items, Items] | None:
        """Return all queues and all players as fetched at the end, None if they weren't."""
        *_, queues, players = [line for line in self.lines if _is_answer(line)]
        commands = {
            line.frame["message_id"]: line.frame["command"]
            for line in self.sections[-1].scenario
            if line.direction == "out"
        }
        fetched = [commands.get(line.frame["message_id"]) for line in (queues, players)]
        if fetched != ["player_queues/all", "players/all"]:
            return None
        return queues.frame["result"], players.frame["result"]


def get_recording_names() -> list[str]:
    """Return the names of all recordings."""
    return sorted(path.stem for path in RECORDINGS.glob("*.jsonl"))


def _is_answer(line: Line) -> bool:
    return line.direction == "in" and "message_id" in line.frame


def _find_times(frame: Mapping[str, Any]) -> list[float]:
    values = frame.get("data", frame.get("result"))
    times = [
        value.get("elapsed_time_last_updated")
        for value in (values if isinstance(values, list) else [values])
        if isinstance(value, dict)
    ]
    return [updated_at for updated_at in times if updated_at]


@dataclass
class ReplayServer:
    """Represent a server that plays a recording to its client, once the client is connected.

    Each command of the recording is given to `send_command` when it was sent; its recorded answer
    is sent to the client that sends the same command. Without `send_command` somebody else is
    assumed to have sent the commands. The server is away until a client could connect again.
    """

    recording: Recording
    send_command: Command | None = None
    url: str = ""
    _section: Section | None = None  # none while the server is away
    _began_at: float = 0.0  # when the recording would have begun, in the time of the loop
    _socket: web.WebSocketResponse | None = None
    _request: web.Request | None = None
    _fetched: asyncio.Event = field(default_factory=asyncio.Event)
    _expected: dict[str, asyncio.Future[str]] = field(default_factory=dict)  # by recorded id
    _sent: dict[str, str] = field(default_factory=dict)  # recorded id -> command
    _commands: set[asyncio.Future[Any]] = field(default_factory=set)

    @property
    def server_id(self) -> str:
        """Return the id of the server."""
        return str(self.recording.sections[0].info["server_id"])

    @property
    def elapsed(self) -> float:
        """Return the time of the recording in seconds."""
        return asyncio.get_running_loop().time() - self._began_at

    def clock(self) -> float:
        """Return the time at which the recorded server was, in seconds since the epoch."""
        return self.recording.started_at + self.elapsed

    @classmethod
    @asynccontextmanager
    async def run(cls, recording: Recording) -> AsyncIterator[Self]:
        """Run the server for the length of a block; it isn't playing yet."""
        server = cls(recording)
        server._open(recording.sections[0])
        async with run_http_server(server._handle_request) as server.url:
            yield server
            for command in server._commands:
                command.cancel()
            if server._socket:
                await server._socket.close()

    async def play(self) -> None:
        """Play the recording to its end."""
        for section in self.recording.sections:
            if section is not self.recording.sections[0]:
                await self._wait_until(section.lines[0].at)
                self._open(section)
            await self._fetched.wait()
            self._began_at = asyncio.get_running_loop().time() - section.lines[0].at
            for line in section.scenario:
                await self._wait_until(line.at)
                await self._play_line(line)

    def _open(self, section: Section) -> None:
        self._section = section
        self._fetched.clear()
        self._began_at = asyncio.get_running_loop().time() - section.lines[0].at

    async def _wait_until(self, at: float) -> None:
        # Less is the rounding of the loop's time, which grows with the machine's uptime: frames of
        # the same time are to be sent together
        delay = at - self.elapsed
        await asyncio.sleep(delay if delay > _RESOLUTION / 2 else 0)

    async def _play_line(self, line: Line) -> None:
        if line.direction == "close":
            await self._close(line.code)
        elif line.direction == "out":
            self._start_command(line.frame)
        elif line.is_event:
            await self._send(line.frame)
        elif self.send_command and line.frame["message_id"] in self._expected:
            message_id = await self._expected[line.frame["message_id"]]
            await self._send(line.frame | {"message_id": message_id})

    def _start_command(self, frame: dict[str, Any]) -> None:
        if self.send_command is None or frame["command"] in INITIAL_COMMANDS:
            return
        self._expected[frame["message_id"]] = asyncio.get_running_loop().create_future()
        self._sent[frame["message_id"]] = frame["command"]
        command = self.send_command(frame["command"], frame["args"])
        self._commands.add(asyncio.ensure_future(command))

    async def _close(self, code: int) -> None:
        socket, self._section = self._socket, None
        if socket is None or self._request is None:
            return
        if code == ABNORMAL_CLOSURE:
            assert self._request.transport
            self._request.transport.abort()
        else:
            await socket.close(code=code)

    async def _send(self, frame: dict[str, Any]) -> None:
        if self._socket and not self._socket.closed:
            await self._socket.send_str(orjson.dumps(frame).decode())

    # Requests of the client

    async def _handle_request(self, request: web.Request) -> web.StreamResponse:
        if self._section is None:
            return web.Response(status=503)
        if request.path == "/info":
            return web.json_response(self._section.info)
        if request.path != "/ws":
            return web.Response(status=404)
        self._socket, self._request = web.WebSocketResponse(), request
        socket, section = self._socket, self._section
        await socket.prepare(request)
        await self._send(section.info)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._handle_command(orjson.loads(message.data), section)
        return socket

    async def _handle_command(self, message: dict[str, Any], section: Section) -> None:
        message_id, command = message["message_id"], message["command"]
        if command in section.answers:
            answer = section.answers[command]
            await self._send(answer | {"message_id": message_id})
            if command == "players/all" or "error_code" in answer:
                self._fetched.set()
            return
        for recorded_id, expected in self._expected.items():
            if self._sent[recorded_id] == command and not expected.done():
                expected.set_result(message_id)
                return
        error = {"error_code": INVALID_COMMAND, "details": f"Invalid command: {command}"}
        await self._send({"message_id": message_id} | error)
