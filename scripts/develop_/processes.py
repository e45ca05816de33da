"""The processes that scripts/develop starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
import contextlib
from dataclasses import dataclass, field
import os
from pathlib import Path
import signal

from .base import DevelopError

# Together under the 5 s in which Ctrl-C has to end everything.
TERMINATE_TIMEOUT = 3.5
KILL_TIMEOUT = 1.0
TAIL_LINES = 40
# Home Assistant's way to ask for being started again.
RESTART_CODE = 100


class StopRequestedError(Exception):
    """Raised when the user (or CI) stops it."""


class RestartRequestedError(Exception):
    """Raised when a process ended with the request to be restarted."""


def get_stop_signals() -> list[signal.Signals]:
    """Return the signals that stop it; SIGHUP doesn't under nohup."""
    nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if nohup else [signal.SIGHUP])]


@dataclass
class Child:
    """Represent a process in its own session, so that Ctrl-C doesn't reach it directly."""

    name: str
    command: Sequence[str]
    log: Path
    folder: Path
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self) -> None:
        """Start the process; its output goes to its log."""
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=self.folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )

    async def wait(self) -> int:
        """Wait until the process ends and return its code."""
        assert self._process
        return await self._process.wait()

    async def stop(self) -> None:
        """Stop the process and everything that it started, by force after a timeout."""
        if not (process := self._process):
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), TERMINATE_TIMEOUT)
        # The session's id is the process's: this reaches what it may have left behind.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), KILL_TIMEOUT)

    def get_log_tail(self) -> str:
        """Return the last lines of the log, with a heading."""
        lines = []
        with contextlib.suppress(OSError):
            lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join((f"The end of {self.log.name}:", *(f"  | {line}" for line in lines)))


class ProcessEndedError(DevelopError):
    """Raised when a process ended unexpectedly."""

    def __init__(self, child: Child, text: str) -> None:
        """Initialize with the process whose log has the details."""
        super().__init__(text)
        self.child = child


class ProcessManager:
    """Represent the running processes."""

    def __init__(self) -> None:
        """Initialize, and handle the stop signals."""
        self._children: list[Child] = []
        self._stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in get_stop_signals():
            loop.add_signal_handler(number, self._stop.set)

    async def start(self, child: Child) -> None:
        """Start a process and watch it from then on."""
        if child not in self._children:
            self._children.append(child)
        await child.start()

    async def stop_all(self) -> None:
        """Stop all processes at the same time."""
        await asyncio.gather(*(child.stop() for child in self._children))

    async def run[T](self, work: Coroutine[object, object, T]) -> T:
        """Run a coroutine as long as all processes run and no signal arrives.

        Raises StopRequestedError, RestartRequestedError, or DevelopError naming the
        process that ended.
        """
        task = asyncio.create_task(work)
        stop = asyncio.create_task(self._stop.wait())
        ends = {asyncio.create_task(child.wait()): child for child in self._children}
        tasks: set[asyncio.Task[object]] = {task, stop, *ends}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                raise StopRequestedError
            for end, child in ends.items():
                if end.done():
                    raise _create_error(child, end.result())
            return await task
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _create_error(child: Child, code: int) -> Exception:
    if code == RESTART_CODE:
        return RestartRequestedError()
    return ProcessEndedError(child, f"{child.name} ended by itself with code {code}")
