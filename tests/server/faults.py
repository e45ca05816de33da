"""Faults between a client and the server, on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from music_assistant_models.enums import CoreState
from music_assistant_models.errors import ERROR_MAP, MusicAssistantError

if TYPE_CHECKING:
    from .connection import Connection
    from .server import MassServer

type Stage = Literal["connect", "auth", "fetch"]
type DropMethod = Literal["close", "cut", "reset"]

# Which command stays without an answer at a stage; before `connect` there is none.
_STAGE_COMMANDS = {"auth": "auth", "fetch": "players/all"}

_DROP_METHODS: dict[DropMethod, Callable[[Connection], None]] = {
    "close": lambda connection: connection.close(),
    "cut": lambda connection: connection.close_transport(),
    "reset": lambda connection: connection.close_transport(reset=True),
}


@dataclass
class Faults:
    """Represent the active faults of a server; `clear` ends them."""

    server: MassServer
    _thawed: asyncio.Event = field(default_factory=asyncio.Event)
    _answering: asyncio.Event = field(default_factory=asyncio.Event)
    _delays: dict[str, float] = field(default_factory=dict)
    _failures: dict[str, Exception] = field(default_factory=dict)
    _silent: set[str] = field(default_factory=set)
    _answers: dict[str, Any] = field(default_factory=dict)
    _silent_for_all: bool = False

    def __post_init__(self) -> None:
        """Initialize without a fault."""
        self._thawed.set()
        self._answering.set()

    def clear(self) -> None:
        """End all faults except a closed port."""
        self.resume_server()
        self._answering.set()
        self._silent_for_all = False
        for switch in (self._delays, self._failures, self._silent, self._answers):
            switch.clear()

    # The line

    async def disconnect_clients(self, kind: DropMethod = "close") -> None:
        """Disconnect all clients: by a close frame (1000), a FIN without one, or an RST."""
        connections = list(self.server.open_connections)
        for connection in connections:
            _DROP_METHODS[kind](connection)
        await asyncio.gather(*(connection.gone.wait() for connection in connections))

    async def close_port(self) -> None:
        """Close the port; existing connections stay."""
        await self.server.close_port()

    async def open_port(self) -> None:
        """Open the same port again."""
        await self.server.open_port()

    async def restart_server(
        self, starting: float = 0.0, down: float = 0.0, *, announce_players: bool = True
    ) -> None:
        """Restart: first without players, then with all of them."""
        await self.close_port()
        await self.disconnect_clients()
        self.server.stop_playback()
        players = self.server.remove_all_players()
        self.server.status = CoreState.STARTING
        await asyncio.sleep(down)
        await self.open_port()
        await asyncio.sleep(starting)
        self.server.restore_players(players, announce=announce_players)
        self.server.set_status(CoreState.RUNNING)

    def pause_server(self) -> None:
        """Answer nothing, not even a ping, while TCP connections stay open."""
        self._thawed.clear()

    def resume_server(self) -> None:
        """Continue with what was received meanwhile."""
        self._thawed.set()

    async def wait_until_resumed(self) -> None:
        """Wait while the server is paused."""
        await self._thawed.wait()

    # Commands

    def delay_command(self, command: str, seconds: float) -> None:
        """Run a command only after a delay."""
        self._delays[command] = seconds

    def fail_command(
        self, command: str, error_code: int = 999, details: str = "It went wrong"
    ) -> None:
        """Answer a command with an error instead of running it."""
        error: MusicAssistantError = ERROR_MAP.get(error_code, MusicAssistantError)(details)
        error.error_code = error_code
        self._failures[command] = error

    def set_response(self, command: str, answer: Any) -> None:
        """Answer a command with a fixed response instead of running it."""
        self._answers[command] = answer

    def ignore_command(self, command: str) -> None:
        """Neither run nor answer a command."""
        self._silent.add(command)

    def ignore_all_commands(self) -> None:
        """Neither run nor answer any command, as a server that is stopping does."""
        self._silent_for_all = True

    def stop_at_stage(self, stage: Stage) -> None:
        """Let clients get no further than a stage of connecting."""
        if command := _STAGE_COMMANDS.get(stage):
            self.ignore_command(command)
        else:
            self._answering.clear()

    async def wait_for_stage(self, _stage: Stage) -> None:
        """Wait while clients are to get no server info."""
        await self._answering.wait()

    async def should_run(self, command: str) -> bool:
        """Delay or fail a command as configured; return whether to run it."""
        if self._silent_for_all or command in self._silent:
            return False
        if seconds := self._delays.get(command):
            await asyncio.sleep(seconds)
        if error := self._failures.get(command):
            raise error
        return True

    async def call_command(self, command: str, run: Callable[[], Awaitable[Any]]) -> Any:
        """Run a command unless a fixed response is set."""
        return self._answers[command] if command in self._answers else await run()

    async def wait_for_stop(self) -> None:
        """Wait until the server stops, as a request without an answer does."""
        await asyncio.get_running_loop().create_future()

    # Frames

    async def send_text(self, text: str) -> None:
        """Send a text frame to all clients."""
        await self._send(text)

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame to all clients."""
        await self._send(data)

    async def send_events(self, events: Iterable[dict[str, Any]]) -> None:
        """Send events as fast as the clients take them."""
        for event in events:
            await self._send(self.server.serialize(event))

    async def _send(self, frame: str | bytes) -> None:
        for connection in list(self.server.open_connections):
            await connection.send_and_wait(frame)
