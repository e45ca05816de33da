"""What answers at an address, without a secret being sent there."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final

from music_assistant_models.api import ServerInfoMessage

from ..const import SCHEMA_SIGN_IN
from .client import check_server
from .connection import ServerAddress, pause_after
from .errors import SIGN_IN_PROBLEMS, ServerProblem
from .site import Site, async_json

# An answer that isn't a server's says more than no answer at all.
_TELLING: Final = frozenset(
    {"not_music_assistant", "certificate_untrusted", "server_too_old", "server_too_new"}
)


async def async_find_server(
    sites: Iterable[Site], server_id: str | None = None
) -> tuple[Site, ServerInfoMessage]:
    """Return the first site at which a Music Assistant server answers, and its info.

    With a server id only that server will do. A redirect is followed, except from https to
    http, and the site it ends at is returned: no secret is sent to where a redirect starts.
    Raises the ServerProblem that tells most.
    """
    problems: list[ServerProblem] = []
    for site in sites:
        try:
            return await _async_ask(site, server_id)
        except ServerProblem as problem:
            problems.append(problem)
    raise next((one for one in problems if one.key in _TELLING), problems[0])


async def _async_ask(site: Site, server_id: str | None) -> tuple[Site, ServerInfoMessage]:
    async with site.get("info") as response:
        hops = [*response.history, response]
        if site.url.scheme == "https" and any(hop.url.scheme == "http" for hop in hops):
            raise ServerProblem("insecure_redirect", url=str(site))
        answer = await async_json(response)
        try:
            info = ServerInfoMessage.from_dict(answer)
        except LookupError as err:
            error = f"HTTP {response.status}"
            raise ServerProblem("not_music_assistant", url=str(site), error=error) from err
    check_server(info, server_id)
    final = response.url.with_path(response.url.path.removesuffix("/info"))
    return replace(site, url=final), info


async def async_wait_for_server(
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
            _, info = await async_find_server([address.site], address.server_id)
            if info.onboard_done or info.schema_version < SCHEMA_SIGN_IN:
                return await prove()
        except ServerProblem as problem:
            if problem.key in SIGN_IN_PROBLEMS:
                return None
