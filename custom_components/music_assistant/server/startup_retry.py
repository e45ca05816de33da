"""Retries of a failed set-up."""

import asyncio
from collections.abc import Awaitable, Callable

from ..const import SCHEMA_SIGN_IN
from .connection import SIGN_IN_RETRY_DELAY, ServerAddress, get_retry_delay
from .discovery import async_find_server
from .errors import SIGN_IN_PROBLEMS, ServerProblem


async def async_wait_for_server(
    address: ServerAddress,
    started_at: float,
    check_connection: Callable[[], Awaitable[None]],
    needs_user: Callable[[ServerProblem], bool],
    is_refused: bool = False,
) -> None:
    """Wait until a set-up would succeed, or would ask the user about a problem.

    `started_at` is the loop's time of the first failed set-up, from which the delays grow.
    `check_connection` is called when the server seems ready, and raises ServerProblem if it isn't.
    `needs_user` returns whether a set-up would ask the user about a problem. `is_refused` states
    that the server refused the last sign-in, which is then tried again after some minutes.
    """
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(
            SIGN_IN_RETRY_DELAY if is_refused else get_retry_delay(loop.time() - started_at)
        )
        try:
            _, info = await async_find_server([address.endpoint], address.server_id)
            if info.onboard_done or info.schema_version < SCHEMA_SIGN_IN:
                return await check_connection()
        except ServerProblem as problem:
            if needs_user(problem):
                return None
            is_refused = problem.key in SIGN_IN_PROBLEMS
