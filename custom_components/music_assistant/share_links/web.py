"""One bounded call to a resolver's interface."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import ClientError, ClientSession
from yarl import URL

from .errors import ResolverProblem, refused, unreachable

# Seconds for one call.
LIMIT: Final = 10.0


async def async_ask(
    session: ClientSession,
    resolver: str,
    url: URL,
    *,
    headers: Mapping[str, str] | None = None,
    json: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the object that a resolver answers, to a POST if there is something to send.

    No redirect takes a secret elsewhere. Raises ResolverProblem.
    """
    method = "GET" if json is None else "POST"
    request = session.request(method, url, headers=headers, json=json, allow_redirects=False)
    try:
        async with asyncio.timeout(LIMIT), request as response:
            if response.status >= 300:
                raise refused(resolver, response)
            answer = await response.json(content_type=None)
    except ValueError as err:
        raise ResolverProblem("resolver_failed", resolver, "no JSON") from err
    except (ClientError, OSError) as err:
        raise unreachable(resolver, err) from None  # its text may hold what was sent
    if not isinstance(answer, dict):
        raise ResolverProblem("resolver_failed", resolver, "no object")
    return answer
