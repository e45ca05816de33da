"""One implementation in a process of its own, beside the server that it follows."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle, islice
import json
from pathlib import Path
import sys
import time
from typing import Any, Final

from .house import USERNAME, Frame, House
from .subjects import IMPLEMENTATIONS

ROOT: Final = Path(__file__).parents[2]
# A states' answer is one line.
LINE_LIMIT: Final = 1 << 26


class Runner:
    """The process, seen from outside. `name` may have a tree of sources after an @."""

    def __init__(self, name: str, house: House, process: asyncio.subprocess.Process) -> None:
        """Take what `running` has made."""
        self.name = name
        self.implementation = IMPLEMENTATIONS[name.partition("@")[0]]
        self.house = house
        self._process = process
        self._sources: dict[str, Iterator[Frame]] = {}

    async def answer(self) -> dict[str, Any]:
        """Return the next line of the process."""
        assert self._process.stdout is not None
        if not (line := await self._process.stdout.readline()):
            raise RuntimeError(f"The process of {self.name} ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Tell the process to do something, and return its first answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        return await self.answer()

    async def connect(self, **more: Any) -> dict[str, Any]:
        """Set up."""
        house = self.house
        token = house.mint_token(USERNAME, "Benchmark")
        return await self.ask(
            "connect", url=house.url, token=token, server_id=house.server_id, **more
        )

    def _next(self, source: str, frames: Sequence[Frame], count: int) -> list[Frame]:
        """Return the next events of a source; all implementations get the same."""
        endless = self._sources.setdefault(source, cycle(frames))
        return list(islice(endless, count))

    async def burst(
        self, source: str, frames: Sequence[Frame], count: int, do: str = "burst", **more: Any
    ) -> dict[str, Any]:
        """Send events all at once."""
        sent = self._next(source, frames, count)
        await self.ask(do, events=count, **more)
        self.house.push(sent)
        return await self.answer()

    async def single(
        self, source: str, frames: Sequence[Frame], count: int, do: str = "single"
    ) -> tuple[dict[str, Any], list[float]]:
        """Send events one by one; return the answer and when each was sent."""
        moments = []
        answer = await self.ask(do, events=count)
        for frame in self._next(source, frames, count):
            moments.append(time.monotonic())
            self.house.push([frame])
            answer = await self.answer()
        return answer, moments


@asynccontextmanager
async def running(name: str, house: House, *arguments: str) -> AsyncIterator[Runner]:
    """Run an implementation's process and its server, not connected yet."""
    implementation, _, tree = name.partition("@")
    command = (sys.executable, "-m", "tests.benchmarks.worker", implementation, *arguments)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=tree or ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT,
    )
    async with house:
        house.playback.stop()
        try:
            runner = Runner(name, house, process)
            await runner.answer()
            yield runner
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
