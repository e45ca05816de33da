"""What answers at an address, without a secret being sent there."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from aiohttp import ClientError, ClientResponse, ClientSession
from music_assistant_models.api import ServerInfoMessage
from yarl import URL

from ..const import SCHEMA_SIGN_IN
from .address import as_text, endpoint
from .client import check_server
from .connection import ServerAddress, pause_after
from .errors import SIGN_IN_PROBLEMS, ServerProblem, server_problem

# Seconds for one HTTP call to the server.
HTTP_LIMIT: Final = 10.0
# An answer that isn't a server's says more than no answer at all.
_TELLING: Final = frozenset(
    {"not_music_assistant", "certificate_untrusted", "server_too_old", "server_too_new"}
)


async def async_find_server(
    session: ClientSession, urls: list[URL], server_id: str | None = None
) -> tuple[URL, ServerInfoMessage]:
    """Return the first address at which a Music Assistant server answers, and its info.

    With a server id only that server will do. A redirect is followed, except from https to
    http, and the address it ends at is returned: no secret is sent to where a redirect starts.
    Raises the ServerProblem that tells most.
    """
    problems: list[ServerProblem] = []
    for url in urls:
        try:
            return await _async_ask(session, url, server_id)
        except ServerProblem as problem:
            problems.append(problem)
    raise next((one for one in problems if one.key in _TELLING), problems[0])


async def _async_ask(
    session: ClientSession, url: URL, server_id: str | None
) -> tuple[URL, ServerInfoMessage]:
    try:
        async with (
            asyncio.timeout(HTTP_LIMIT),
            session.get(endpoint(url, "info")) as response,
        ):
            hops = [*response.history, response]
            if url.scheme == "https" and any(hop.url.scheme == "http" for hop in hops):
                raise ServerProblem("insecure_redirect", url=as_text(url))
            answer = await async_json(response)
            info = ServerInfoMessage.from_dict(answer)
    except LookupError as err:
        raise ServerProblem(
            "not_music_assistant", url=as_text(url), error=f"HTTP {response.status}"
        ) from err
    except (ClientError, OSError, ValueError) as err:
        raise server_problem(err, as_text(url)) from err
    check_server(info, server_id)
    return response.url.with_path(response.url.path.removesuffix("/info")), info


async def async_wait_for_server(
    session: ClientSession,
    address: ServerAddress,
    since: float,
    prove: Callable[[], Awaitable[None]],
) -> None:
    """Return when a set-up will succeed, or has to ask for a sign-in; try with a back-off.

    `since` is the loop's time at which the waiting began, also over several calls. `prove`
    connects once the server's info says that it might; it raises ServerProblem.
    """
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(pause_after(loop.time() - since))
        try:
            _, info = await async_find_server(session, [address.url], address.server_id)
            if info.onboard_done or info.schema_version < SCHEMA_SIGN_IN:
                return await prove()
        except ServerProblem as problem:
            if problem.key in SIGN_IN_PROBLEMS:
                return None


async def async_json(response: ClientResponse) -> dict[str, Any]:
    """Return the object that a response holds; an empty one if it holds none."""
    with suppress(ClientError, ValueError):
        answer = await response.json()
        if isinstance(answer, dict):
            return answer
    return {}
