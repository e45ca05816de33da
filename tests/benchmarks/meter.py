"""What is measured inside a process: processor time, the loop's longest block, the end of work."""

import asyncio
from collections.abc import Callable
import time
from typing import Any, Self

from music_assistant_client import MusicAssistantClient

# Seconds between two looks at whether the loop turns, or at a condition.
TICK = 0.002

type Values = dict[str, float]


class Meter:
    """Processor time and wall clock of a stretch of work, and how long the loop was held.

    Watching the loop costs a timer every few milliseconds, so it is only done on demand.
    """

    def __init__(self, *, watch_loop: bool = False) -> None:
        """Prepare; nothing is measured before `start`."""
        self._watch_loop = watch_loop
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._lag = 0.0

    def start(self) -> Self:
        """Begin."""
        if self._watch_loop:
            self._wait()
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def stop(self) -> Values:
        """Return the seconds of processor time, of wall clock, and of the longest block."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        if self._timer:
            self._timer.cancel()
            self._look()
        return {"cpu": cpu, "wall": wall, "lag": self._lag}

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + TICK
        self._timer = loop.call_at(self._due, self._tick)

    def _look(self) -> None:
        self._lag = max(self._lag, asyncio.get_running_loop().time() - self._due)

    def _tick(self) -> None:
        self._look()
        self._wait()


class Counter:
    """Counts the events that a client has taken from its socket, whoever subscribes to them."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._client: MusicAssistantClient | None = None
        self._remaining = 0
        self._reached: asyncio.Future[None] | None = None

    def expect(self, client: MusicAssistantClient, events: int) -> asyncio.Future[None]:
        """Return what is done after this many events more."""
        if client is not self._client:
            self._client = client
            handle: Callable[[dict[str, Any]], None] = client._handle_incoming_message
            vars(client)["_handle_incoming_message"] = self._counted(handle)
        self._remaining = events
        self._reached = asyncio.get_running_loop().create_future()
        return self._reached

    def _counted(
        self, handle: Callable[[dict[str, Any]], None]
    ) -> Callable[[dict[str, Any]], None]:
        def counted(raw: dict[str, Any]) -> None:
            handle(raw)
            if "event" in raw:
                self._remaining -= 1
                if self._remaining == 0 and self._reached:
                    self._reached.set_result(None)

        return counted


async def quiet() -> None:
    """Wait until nobody has anything to do: all that events set off is done.

    What is ready to run when our own turn comes was made ready since the last turn began.
    """
    ready = vars(asyncio.get_running_loop())["_ready"]
    while True:
        await asyncio.sleep(0)
        if not ready:
            return


async def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds that nobody tells of."""
    while not condition():
        await _a_moment()


async def _a_moment() -> None:
    await asyncio.sleep(TICK)
