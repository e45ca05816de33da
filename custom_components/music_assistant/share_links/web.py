"""HTTP requests to resolvers."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import ClientError, ClientSession
from yarl import URL

from .errors import ResolverError, create_connection_error, create_response_error

# Seconds.
REQUEST_TIMEOUT: Final = 10.0


async def async_fetch_json(
    session: ClientSession,
    resolver: str,
    url: URL,
    *,
    headers: Mapping[str, str] | None = None,
    json: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the JSON object of a response; send a POST request if there is `json`.

    Raises ResolverError. Redirects aren't followed, so that no credentials reach another host.
    """
    method = "GET" if json is None else "POST"
    request = session.request(method, url, headers=headers, json=json, allow_redirects=False)
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT), request as response:
            if response.status >= 300:
                raise create_response_error(resolver, response)
            data = await response.json(content_type=None)
    except ValueError as err:
        raise ResolverError("resolver_failed", resolver, "no JSON") from err
    except (ClientError, OSError) as err:
        raise create_connection_error(resolver, err) from None  # the text may contain the request
    if not isinstance(data, dict):
        raise ResolverError("resolver_failed", resolver, "no object")
    return data
