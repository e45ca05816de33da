"""Measurements inside a process: processor time, longest block of the loop, end of work."""

import asyncio
from collections.abc import Callable
import time
from typing import Any, Self

from music_assistant_client import MusicAssistantClient

# Seconds between two looks at whether the loop turns, or at a condition.
POLL_INTERVAL = 0.002

type Values = dict[str, float]


class Meter:
    """Measure processor time, wall clock, and optionally the longest block of the loop.

    Watching the loop costs a timer every few milliseconds.
    """

    def __init__(self, *, watch_loop: bool = False) -> None:
        """Initialize; nothing is measured before `start`."""
        self._watch_loop = watch_loop
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._lag = 0.0

    def start(self) -> Self:
        """Start measuring."""
        if self._watch_loop:
            self._schedule_check()
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def stop(self) -> Values:
        """Return the seconds of processor time, of wall clock, and of the longest block."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        if self._timer:
            self._timer.cancel()
            self._update_lag()
        return {"cpu": cpu, "wall": wall, "lag": self._lag}

    def _schedule_check(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + POLL_INTERVAL
        self._timer = loop.call_at(self._due, self._handle_timer)

    def _update_lag(self) -> None:
        self._lag = max(self._lag, asyncio.get_running_loop().time() - self._due)

    def _handle_timer(self) -> None:
        self._update_lag()
        self._schedule_check()


class EventCounter:
    """Count the events that a client has received."""

    def __init__(self) -> None:
        """Initialize without a client."""
        self._client: MusicAssistantClient | None = None
        self._remaining = 0
        self._reached: asyncio.Future[None] | None = None

    def expect_events(self, client: MusicAssistantClient, events: int) -> asyncio.Future[None]:
        """Return a future that is done after a number of events."""
        if client is not self._client:
            self._client = client
            handle: Callable[[dict[str, Any]], None] = client._handle_incoming_message
            vars(client)["_handle_incoming_message"] = self._count_messages(handle)
        self._remaining = events
        self._reached = asyncio.get_running_loop().create_future()
        return self._reached

    def _count_messages(
        self, handle: Callable[[dict[str, Any]], None]
    ) -> Callable[[dict[str, Any]], None]:
        def handle_message(raw: dict[str, Any]) -> None:
            handle(raw)
            if "event" in raw:
                self._remaining -= 1
                if self._remaining == 0 and self._reached:
                    self._reached.set_result(None)

        return handle_message


async def wait_until_idle() -> None:
    """Wait until the loop is idle, so that all work caused by events is done.

    What is ready to run at our own turn was made ready since the last turn began.
    """
    ready = vars(asyncio.get_running_loop())["_ready"]
    while True:
        await asyncio.sleep(0)
        if not ready:
            return


async def wait_until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds, by polling."""
    while not condition():
        await _wait_poll_interval()


async def _wait_poll_interval() -> None:
    await asyncio.sleep(POLL_INTERVAL)
