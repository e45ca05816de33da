"""Small HTTP servers that aren't a Music Assistant server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
import ssl
from typing import Any

from aiohttp import web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def answering(
    handler: Handler, ssl_context: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Answer all requests to a port with a handler; gives the address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0, ssl_context=ssl_context).start()
        scheme = "https" if ssl_context else "http"
        yield f"{scheme}://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def saying(**response: Any) -> Handler:
    """Return a handler that always gives the same answer."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(**response)

    return answer


def saying_json(value: Any, status: int = 200) -> Handler:
    """Return a handler that always answers with a value as JSON."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response(value, status=status)

    return answer


def redirecting(target: str, status: int = 302) -> Handler:
    """Return a handler that sends each request to the same path below another address."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": f"{target}{request.path}"})

    return answer
