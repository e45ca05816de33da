"""The processes that scripts/develop starts, and their end."""

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
GRACE = 3.5
KILL_WAIT = 1.0
TAIL_LINES = 40
# Home Assistant's way to ask for being started again.
RESTART_CODE = 100


class StopAskedError(Exception):
    """The person (or CI) asked for the end."""


class RestartAskedError(Exception):
    """A child ended with the wish to be started again."""


def end_signals() -> list[signal.Signals]:
    """Return the signals that ask for the end; a closed terminal doesn't under nohup."""
    nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if nohup else [signal.SIGHUP])]


@dataclass
class Child:
    """One process in a session of its own, so that Ctrl-C reaches it through us alone."""

    name: str
    command: Sequence[str]
    log: Path
    folder: Path
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self) -> None:
        """Start the process; what it prints goes to its log."""
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

    async def ended(self) -> int:
        """Wait for the process to end by itself and return its code."""
        assert self._process
        return await self._process.wait()

    async def stop(self) -> None:
        """End the process and all that it started, by force if it takes too long."""
        if not (process := self._process):
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), GRACE)
        # The session's id is the process's: this reaches what it may have left behind.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), KILL_WAIT)

    def tail(self) -> str:
        """Return the last lines of the log, with a heading."""
        lines = []
        with contextlib.suppress(OSError):
            lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join((f"The end of {self.log.name}:", *(f"  | {line}" for line in lines)))


class ChildEndedError(DevelopError):
    """A child ended that nobody asked to."""

    def __init__(self, child: Child, text: str) -> None:
        """Keep whose log tells more."""
        super().__init__(text)
        self.child = child


class Crew:
    """The running children, beside which all other work is done."""

    def __init__(self) -> None:
        """Listen to the signals that ask for the end."""
        self._children: list[Child] = []
        self._stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in end_signals():
            loop.add_signal_handler(number, self._stop.set)

    async def start(self, child: Child) -> None:
        """Start a child and watch over it from now on."""
        if child not in self._children:
            self._children.append(child)
        await child.start()

    async def end(self) -> None:
        """End all children at the same time."""
        await asyncio.gather(*(child.stop() for child in self._children))

    async def beside[T](self, work: Coroutine[object, object, T]) -> T:
        """Do the work as long as all children live and nobody asks for the end.

        Raises StopAskedError, RestartAskedError, DevelopError naming the child that ended.
        """
        task = asyncio.create_task(work)
        stop = asyncio.create_task(self._stop.wait())
        ends = {asyncio.create_task(child.ended()): child for child in self._children}
        tasks: set[asyncio.Task[object]] = {task, stop, *ends}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                raise StopAskedError
            for end, child in ends.items():
                if end.done():
                    raise _ended(child, end.result())
            return await task
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _ended(child: Child, code: int) -> Exception:
    if code == RESTART_CODE:
        return RestartAskedError()
    return ChildEndedError(child, f"{child.name} ended by itself with code {code}")
