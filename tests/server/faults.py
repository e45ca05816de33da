"""What can go wrong between a client and the server, on demand."""

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
type Drop = Literal["close", "cut", "reset"]

# Which command stays without an answer at a stage; before `connect` there is none.
_COMMAND_OF = {"auth": "auth", "fetch": "players/all"}

_DROPS: dict[Drop, Callable[[Connection], None]] = {
    "close": lambda connection: connection.end(),
    "cut": lambda connection: connection.cut(),
    "reset": lambda connection: connection.cut(reset=True),
}


@dataclass
class Faults:
    """The switches; `clear` puts all of them back."""

    server: MassServer
    _thawed: asyncio.Event = field(default_factory=asyncio.Event)
    _answering: asyncio.Event = field(default_factory=asyncio.Event)
    _delays: dict[str, float] = field(default_factory=dict)
    _failures: dict[str, Exception] = field(default_factory=dict)
    _silent: set[str] = field(default_factory=set)
    _answers: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start without a fault."""
        self._thawed.set()
        self._answering.set()

    def clear(self) -> None:
        """End all faults except a closed port."""
        self.thaw()
        self._answering.set()
        for switch in (self._delays, self._failures, self._silent, self._answers):
            switch.clear()

    # The line

    async def drop(self, kind: Drop = "close") -> None:
        """Cut off all clients: by a close frame (1000), a bare FIN, or an RST."""
        connections = list(self.server.open_connections)
        for connection in connections:
            _DROPS[kind](connection)
        await asyncio.gather(*(connection.gone.wait() for connection in connections))

    async def refuse(self) -> None:
        """Close the port; who is connected stays."""
        await self.server.close_port()

    async def accept(self) -> None:
        """Open the same port again."""
        await self.server.open_port()

    async def restart(
        self, starting: float = 0.0, down: float = 0.0, *, announce_players: bool = True
    ) -> None:
        """Go away and come back: first without players, then with all of them."""
        await self.refuse()
        await self.drop()
        self.server.stop_playing()
        players = self.server.take_players_away()
        self.server.status = CoreState.STARTING
        await asyncio.sleep(down)
        await self.accept()
        await asyncio.sleep(starting)
        self.server.bring_players_back(players, announce=announce_players)
        self.server.set_status(CoreState.RUNNING)

    def freeze(self) -> None:
        """Answer nothing more, not even a ping, while TCP stays open."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Go on, beginning with what came in meanwhile."""
        self._thawed.set()

    async def until_thawed(self) -> None:
        """Wait while the server is frozen."""
        await self._thawed.wait()

    # Commands

    def delay(self, command: str, seconds: float) -> None:
        """Run a command only after a while."""
        self._delays[command] = seconds

    def fail(self, command: str, error_code: int = 999, details: str = "It went wrong") -> None:
        """Answer a command with an error instead of running it."""
        error: MusicAssistantError = ERROR_MAP.get(error_code, MusicAssistantError)(details)
        error.error_code = error_code
        self._failures[command] = error

    def answer(self, command: str, answer: Any) -> None:
        """Answer a command with something instead of running it."""
        self._answers[command] = answer

    def silence(self, command: str) -> None:
        """Neither run nor answer a command."""
        self._silent.add(command)

    def hang_at(self, stage: Stage) -> None:
        """Let clients get no further than to a stage of connecting."""
        if command := _COMMAND_OF.get(stage):
            self.silence(command)
        else:
            self._answering.clear()

    async def until_answering(self, _stage: Stage) -> None:
        """Wait while clients are to see no server info."""
        await self._answering.wait()

    async def lets_through(self, command: str) -> bool:
        """Delay or fail a command as told; tell whether it is run at all."""
        if command in self._silent:
            return False
        if seconds := self._delays.get(command):
            await asyncio.sleep(seconds)
        if error := self._failures.get(command):
            raise error
        return True

    async def run(self, command: str, run: Callable[[], Awaitable[Any]]) -> Any:
        """Run a command, unless it was told what to answer."""
        return self._answers[command] if command in self._answers else await run()

    async def forever(self) -> None:
        """Wait until the server stops, as a request that is never answered does."""
        await asyncio.get_running_loop().create_future()

    # Frames

    async def send_text(self, text: str) -> None:
        """Send a text frame to all clients, whatever is in it."""
        await self._send(text)

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame to all clients."""
        await self._send(data)

    async def flood(self, events: Iterable[dict[str, Any]]) -> None:
        """Send events as fast as the clients take them."""
        for event in events:
            await self._send(self.server.dumps(event))

    async def _send(self, frame: str | bytes) -> None:
        for connection in list(self.server.open_connections):
            await connection.send_gently(frame)
