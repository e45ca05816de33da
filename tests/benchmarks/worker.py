"""The process of one implementation: reads requests on stdin, writes responses to stdout.

A line is a JSON object. A request names what to do; a response follows, and before it an empty
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

from .implementations import IMPLEMENTATIONS, HomeAssistantInstance, Implementation
from .meter import EventCounter, Meter, wait_until_idle

# What the library's tracks are called in the tree.
TRACKS_TITLE: Final = "Tracks"
# The volumes that are set in turn, in percent.
VOLUME_PERCENTAGES: Final = (35, 45)


class Worker:
    """Run one implementation."""

    def __init__(self, implementation: Implementation, out: int) -> None:
        """Initialize with an implementation and the file descriptor for responses."""
        self._implementation = implementation
        self._out = out
        self._counter = EventCounter()
        self._state_writer: Callable[[int], None]
        self._commands: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
            "connect": self._connect,
            "disconnect": self._disconnect,
            "burst": self._handle_burst,
            "single": self._handle_single_events,
            "write": self._write_state,
            "shown": self._listen_to_states,
            "volume": self._set_volumes,
            "reconnect": self._reconnect,
            "browse": self._browse,
            "search": self._search,
            "memory": self._get_memory,
            "states": self._get_states,
            "profile": self._handle_profiled_burst,
        }

    async def handle_requests(self) -> None:
        """Handle requests until stdin ends."""
        await self._implementation.prepare()
        self._send_response({})
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        while line := await reader.readline():
            request = json.loads(line)
            self._send_response(await self._commands[request.pop("do")](**request))

    def _send_response(self, answer: dict[str, Any]) -> None:
        text = json.dumps(answer, default=str).encode() + b"\n"
        while text:
            text = text[os.write(self._out, text) :]

    async def _connect(
        self, url: str, token: str, server_id: str, profiled: bool = False
    ) -> dict[str, Any]:
        """Set up, after a garbage collection."""
        gc.collect()
        if profiled:
            with _write_profile():
                await self._implementation.connect(url, token, server_id)
            await self._implementation.settle()
            return {}
        meter = Meter(watch_loop=True).start()
        await self._implementation.connect(url, token, server_id)
        await wait_until_idle()
        values = meter.stop()
        meter = Meter().start()
        await self._implementation.settle()
        values["cpu_afterwards"] = meter.stop()["cpu"]
        if isinstance(self._implementation, HomeAssistantInstance):
            await self._implementation.save_registries()
        return values

    async def _disconnect(self) -> dict[str, Any]:
        await self._implementation.disconnect()
        return {}

    async def _handle_burst(self, events: int, watch_loop: bool = False) -> dict[str, Any]:
        """Handle events that arrive all at once."""
        reached = self._counter.expect_events(self._implementation.client, events)
        self._send_response({})
        meter = Meter(watch_loop=watch_loop).start()
        await reached
        await wait_until_idle()
        return meter.stop()

    async def _handle_single_events(self, events: int) -> dict[str, Any]:
        """Handle events that arrive one by one; what asks for them isn't measured."""
        cpu = 0.0
        for _ in range(events):
            reached = self._counter.expect_events(self._implementation.client, 1)
            self._send_response({})
            meter = Meter().start()
            await reached
            await wait_until_idle()
            cpu += meter.stop()["cpu"]
        return {"cpu": cpu}

    async def _write_state(self, number: int) -> dict[str, Any]:
        """Write the changed state of a player, after a pause as there is before a single event."""
        if number == 0:
            self._state_writer = self._implementation.get_state_writer()
        meter = Meter().start()
        self._state_writer(number)
        await wait_until_idle()
        return meter.stop()

    async def _listen_to_states(self, events: int) -> dict[str, Any]:
        """Return when the state of each single event was there, by the machine's clock."""
        moments = []
        for _ in range(events):
            shown: asyncio.Future[float] = asyncio.get_running_loop().create_future()

            def set_time(shown: asyncio.Future[float] = shown) -> None:
                if not shown.done():
                    shown.set_result(time.monotonic())

            remove = self._implementation.listen_to_states(set_time)
            self._send_response({})
            moments.append(await shown)
            remove()
            await wait_until_idle()
        return {"moments": moments}

    async def _set_volumes(self, players: list[str], rounds: int) -> dict[str, Any]:
        """Return the seconds that each volume command took until its response."""
        seconds = []
        for number in range(rounds):
            player_id = players[number % len(players)]
            began = time.perf_counter()
            await self._implementation.set_volume(
                player_id, VOLUME_PERCENTAGES[number // len(players) % 2]
            )
            seconds.append(time.perf_counter() - began)
            await wait_until_idle()
        return {"seconds": seconds}

    async def _reconnect(self) -> dict[str, Any]:
        """Reconnect after the server closed the connection."""
        client = self._implementation.client
        self._implementation.mark_connection_stable()
        meter = Meter(watch_loop=True).start()
        self._send_response({})
        await self._implementation.wait_for_reconnect(client)
        await wait_until_idle()
        return meter.stop()

    async def _browse(self) -> dict[str, Any]:
        """Open the library's tracks."""
        meter = Meter(watch_loop=True).start()
        shown = await self._implementation.browse(TRACKS_TITLE)
        return {**meter.stop(), "shown": shown}

    async def _search(self, query: str) -> dict[str, Any]:
        """Search the library."""
        meter = Meter(watch_loop=True).start()
        shown = await self._implementation.search(query)
        return {**meter.stop(), "shown": shown}

    async def _get_memory(self) -> dict[str, Any]:
        gc.collect()
        traced, _ = tracemalloc.get_traced_memory()
        return {"traced": traced}

    async def _get_states(self) -> dict[str, Any]:
        return self._implementation.get_states()

    async def _handle_profiled_burst(self, events: int) -> dict[str, Any]:
        """Handle a burst under the profiler, and write the profile to stderr."""
        with _write_profile():
            return await self._handle_burst(events)


@contextmanager
def _write_profile() -> Iterator[None]:
    """Write a profile of the block to stderr."""
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
    implementation = IMPLEMENTATIONS[sys.argv[1]].make()
    asyncio.run(Worker(implementation, out).handle_requests(), debug=False)
    os._exit(0)  # Home Assistant's threads need not end


if __name__ == "__main__":
    main()
