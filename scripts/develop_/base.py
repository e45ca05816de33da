"""Shared by all parts of scripts/develop: paths, errors, progress messages."""

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
POLL_INTERVAL = 0.1


class DevelopError(Exception):
    """Raised for errors whose text is shown to the user."""


@dataclass(frozen=True)
class Login:
    """Represent an account of Home Assistant or the server."""

    username: str
    password: str


OWNER = Login("dev", "dev")
DEMO = Login("demo", "demo-password")


def print_progress(text: str) -> None:
    """Print a progress message at once, even when the output is a pipe."""
    print(text, flush=True)


def find_free_port() -> int:
    """Return a free port."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def ensure_port_is_free(port: int, what: str, option: str) -> None:
    """Raise DevelopError if the port is in use."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError as err:
        raise DevelopError(
            f"Port {port} on {HOST}, meant for {what}, can't be used ({os.strerror(err.errno or 0)}). "
            f"End what uses it (another scripts/develop?) or choose another with {option}."
        ) from err


@contextlib.contextmanager
def limit_step(what: str, limit: float) -> Iterator[None]:
    """Convert a TimeoutError in the block into a DevelopError that names the step."""
    try:
        yield
    except TimeoutError as err:
        raise DevelopError(f"{what} took longer than {limit:g} s") from err


async def wait_until_ready(answers: Callable[[], Awaitable[bool]], what: str, limit: float) -> None:
    """Wait until a started server answers, by polling."""
    with limit_step(what, limit):
        async with asyncio.timeout(limit):
            while True:
                if await answers():
                    return
                await asyncio.sleep(POLL_INTERVAL)
