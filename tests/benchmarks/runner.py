"""One implementation in its own process, with the server that it is connected to."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle, islice
import json
from pathlib import Path
import sys
import time
from typing import Any, Final

from .benchmark_server import USERNAME, BenchmarkServer, Frame
from .implementations import IMPLEMENTATIONS

ROOT: Final = Path(__file__).parents[2]
# A states' answer is one line.
RESPONSE_LINE_LIMIT: Final = 1 << 26


def get_label(name: str) -> str:
    """Return what an implementation is called in the results, where folders don't belong."""
    implementation, _, tree = name.partition("@")
    return f"{implementation} before" if tree else implementation


class Runner:
    """Represent the process. `name` may have a source tree after an @."""

    def __init__(
        self, name: str, server: BenchmarkServer, process: asyncio.subprocess.Process
    ) -> None:
        """Initialize with the process that `running` started."""
        self.label = get_label(name)
        self.implementation = IMPLEMENTATIONS[name.partition("@")[0]]
        self.server = server
        self._process = process
        self._sources: dict[str, Iterator[Frame]] = {}

    async def read_response(self) -> dict[str, Any]:
        """Return the next line of the process."""
        assert self._process.stdout is not None
        if not (line := await self._process.stdout.readline()):
            raise RuntimeError(f"The process of {self.label} ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def send_request(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Send a request to the process, and return its first response."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        return await self.read_response()

    async def connect(self, **more: Any) -> dict[str, Any]:
        """Set up."""
        server = self.server
        token = server.create_token(USERNAME, "Benchmark")
        return await self.send_request(
            "connect", url=server.url, token=token, server_id=server.server_id, **more
        )

    def _get_frames(self, source: str, frames: Sequence[Frame], count: int) -> list[Frame]:
        """Return the next events of a source; all implementations get the same."""
        endless = self._sources.setdefault(source, cycle(frames))
        return list(islice(endless, count))

    async def send_burst(
        self, source: str, frames: Sequence[Frame], count: int, do: str = "burst", **more: Any
    ) -> dict[str, Any]:
        """Send events all at once."""
        sent = self._get_frames(source, frames, count)
        await self.send_request(do, events=count, **more)
        self.server.send_frames(sent)
        return await self.read_response()

    async def send_single_events(
        self,
        source: str,
        frames: Sequence[Frame],
        count: int,
        do: str = "single",
        interval: float = 0,
    ) -> tuple[dict[str, Any], list[float]]:
        """Send events one by one; return the response and when each was sent.

        `interval` is the pause in seconds before each, in which the process sleeps.
        """
        moments = []
        answer = await self.send_request(do, events=count)
        for frame in self._get_frames(source, frames, count):
            await asyncio.sleep(interval)
            moments.append(time.monotonic())
            self.server.send_frames([frame])
            answer = await self.read_response()
        return answer, moments


@asynccontextmanager
async def start_runner(
    name: str, server: BenchmarkServer, *arguments: str
) -> AsyncIterator[Runner]:
    """Run an implementation's process and its server, not connected yet."""
    implementation, _, tree = name.partition("@")
    command = (sys.executable, "-m", "tests.benchmarks.worker", implementation, *arguments)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=tree or ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=RESPONSE_LINE_LIMIT,
    )
    async with server:
        server.playback.stop_clock()
        try:
            runner = Runner(name, server, process)
            await runner.read_response()
            yield runner
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
