"""The process of one implementation: does what it is told on stdin, answers on stdout.

A line is a JSON object. A request names what to do; an answer follows, and before it an empty
object wherever the other side is to send something.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
import cProfile
import ctypes
import gc
import json
import os
import pstats
import sys
import time
import tracemalloc
from typing import Any, Final

from .meter import Counter, Meter, quiet
from .subjects import IMPLEMENTATIONS, Home, Subject

# What the library's tracks are called in the tree.
TRACKS: Final = "Tracks"
# The volumes that are set in turn, in percent.
VOLUMES: Final = (35, 45)


class Worker:
    """Runs one subject."""

    def __init__(self, subject: Subject, out: int) -> None:
        """Take a subject, and where to answer."""
        self._subject = subject
        self._out = out
        self._counter = Counter()
        self._commands: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
            "connect": self._connect,
            "disconnect": self._disconnect,
            "burst": self._burst,
            "single": self._single,
            "shown": self._shown,
            "volume": self._volume,
            "reconnect": self._reconnect,
            "browse": self._browse,
            "search": self._search,
            "memory": self._memory,
            "states": self._states,
            "profile": self._profile,
        }

    async def run(self) -> None:
        """Answer until stdin ends."""
        await self._subject.prepare()
        self._say({})
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        while line := await reader.readline():
            request = json.loads(line)
            self._say(await self._commands[request.pop("do")](**request))

    def _say(self, answer: dict[str, Any]) -> None:
        text = json.dumps(answer, default=str).encode() + b"\n"
        while text:
            text = text[os.write(self._out, text) :]

    async def _connect(
        self, url: str, token: str, server_id: str, profiled: bool = False
    ) -> dict[str, Any]:
        """Set up; what it left behind before is tidied up first."""
        gc.collect()
        if profiled:
            with _profile():
                await self._subject.connect(url, token, server_id)
            return {}
        meter = Meter(watch_loop=True).start()
        await self._subject.connect(url, token, server_id)
        await quiet()
        values = meter.stop()
        if isinstance(self._subject, Home):
            await self._subject.settle()
        return values

    async def _disconnect(self) -> dict[str, Any]:
        await self._subject.disconnect()
        return {}

    async def _burst(self, events: int, watch_loop: bool = False) -> dict[str, Any]:
        """Take events that come all at once."""
        reached = self._counter.expect(self._subject.client, events)
        self._say({})
        meter = Meter(watch_loop=watch_loop).start()
        await reached
        await quiet()
        return meter.stop()

    async def _single(self, events: int) -> dict[str, Any]:
        """Take events that come one by one, each when the one before is done with."""
        meter = Meter().start()
        for _ in range(events):
            reached = self._counter.expect(self._subject.client, 1)
            self._say({})
            await reached
            await quiet()
        return meter.stop()

    async def _shown(self, events: int) -> dict[str, Any]:
        """Return when the state of each single event was there, by the machine's clock."""
        moments = []
        for _ in range(events):
            shown: asyncio.Future[float] = asyncio.get_running_loop().create_future()

            def note(shown: asyncio.Future[float] = shown) -> None:
                if not shown.done():
                    shown.set_result(time.monotonic())

            remove = self._subject.on_shown(note)
            self._say({})
            moments.append(await shown)
            remove()
            await quiet()
        return {"moments": moments}

    async def _volume(self, players: list[str], rounds: int) -> dict[str, Any]:
        """Return the seconds that each volume command took until its answer."""
        seconds = []
        for number in range(rounds):
            player_id = players[number % len(players)]
            began = time.perf_counter()
            await self._subject.set_volume(player_id, VOLUMES[number // len(players) % 2])
            seconds.append(time.perf_counter() - began)
            await quiet()
        return {"seconds": seconds}

    async def _reconnect(self) -> dict[str, Any]:
        """Find the way back after the other side has cut the connection."""
        client = self._subject.client
        self._subject.rested()
        meter = Meter(watch_loop=True).start()
        self._say({})
        await self._subject.reconnected(client)
        await quiet()
        return meter.stop()

    async def _browse(self) -> dict[str, Any]:
        """Open the library's tracks."""
        meter = Meter(watch_loop=True).start()
        shown = await self._subject.browse(TRACKS)
        return {**meter.stop(), "shown": shown}

    async def _search(self, query: str) -> dict[str, Any]:
        """Search for something."""
        meter = Meter(watch_loop=True).start()
        shown = await self._subject.search(query)
        return {**meter.stop(), "shown": shown}

    async def _memory(self) -> dict[str, Any]:
        gc.collect()
        traced, _ = tracemalloc.get_traced_memory()
        return {"traced": traced}

    async def _states(self) -> dict[str, Any]:
        return self._subject.states()

    async def _profile(self, events: int) -> dict[str, Any]:
        """Take a burst under the profiler, and write what it found to stderr."""
        with _profile():
            return await self._burst(events)


@contextmanager
def _profile() -> Iterator[None]:
    """Write to stderr where the time goes."""
    with cProfile.Profile() as profile:
        yield
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(45)


def main() -> None:
    """Run the implementation named by the argument."""
    out = os.dup(1)
    os.dup2(2, 1)  # nothing but answers goes where the other side reads
    ctypes.CDLL(None).prctl(1, 15)  # end with the parent: PR_SET_PDEATHSIG, SIGTERM
    if "--trace" in sys.argv:
        tracemalloc.start()
    subject = IMPLEMENTATIONS[sys.argv[1]].make()
    asyncio.run(Worker(subject, out).run(), debug=False)
    os._exit(0)  # Home Assistant's threads need not end


if __name__ == "__main__":
    main()
