"""What every part of scripts/develop uses: where things are, and how to say what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
import contextlib
from dataclasses import dataclass
import os
from pathlib import Path
import socket

ROOT = Path(__file__).resolve().parent.parent.parent
# Nothing here is for anyone but the person at this machine.
HOST = "127.0.0.1"
DOMAIN = "music_assistant"
POLL = 0.1


class DevelopError(Exception):
    """Something a person has to know; the text is what they read."""


@dataclass(frozen=True)
class Login:
    """An account of either side."""

    username: str
    password: str


OWNER = Login("dev", "dev")
DEMO = Login("demo", "demo-password")


def say(text: str) -> None:
    """Tell the person what is going on, also when the output is a pipe."""
    print(text, flush=True)


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int, what: str, option: str) -> None:
    """Raise DevelopError if something listens on the port already."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError as err:
        raise DevelopError(
            f"Port {port} on {HOST}, meant for {what}, can't be used ({os.strerror(err.errno or 0)}). "
            f"End what uses it (another scripts/develop?) or choose another with {option}."
        ) from err


@contextlib.contextmanager
def step(what: str, limit: float) -> Iterator[None]:
    """Name what was waited for when its time limit passes inside of it."""
    try:
        yield
    except TimeoutError as err:
        raise DevelopError(f"{what} took longer than {limit:g} s") from err


async def answering(answers: Callable[[], Awaitable[bool]], what: str, limit: float) -> None:
    """Wait until something that was started answers; before that there is nothing to listen to."""
    with step(what, limit):
        async with asyncio.timeout(limit):
            while True:
                if await answers():
                    return
                await asyncio.sleep(POLL)
