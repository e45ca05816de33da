"""Waiting for a server whose entry can't be set up yet."""

import asyncio
from collections.abc import Awaitable, Callable

from ..const import SCHEMA_SIGN_IN
from .connection import SIGN_IN_PAUSE, ServerAddress, pause_after
from .discovery import async_find_server
from .errors import SIGN_IN_PROBLEMS, ServerProblem


async def async_wait_for_server(
    address: ServerAddress,
    since: float,
    prove: Callable[[], Awaitable[None]],
    asks: Callable[[ServerProblem], bool],
) -> None:
    """Return when a set-up will succeed, or has to ask for a sign-in; try with a back-off.

    `since` is the loop's time at which the waiting began, also over several calls. `prove`
    connects once the server's info says that it might; it raises ServerProblem. `asks` tells
    whether a set-up would ask a person about a problem.
    """
    loop = asyncio.get_running_loop()
    refused = False
    while True:
        await asyncio.sleep(SIGN_IN_PAUSE if refused else pause_after(loop.time() - since))
        try:
            _, info = await async_find_server([address.site], address.server_id)
            if info.onboard_done or info.schema_version < SCHEMA_SIGN_IN:
                return await prove()
        except ServerProblem as problem:
            if asks(problem):
                return None
            refused = problem.key in SIGN_IN_PROBLEMS
