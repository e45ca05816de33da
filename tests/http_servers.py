"""Small HTTP servers that aren't a Music Assistant server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
import ssl
from typing import Any

from aiohttp import web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def run_http_server(
    handler: Handler, ssl_context: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Answer all requests to a free port with a handler; the value is the address."""
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


def respond_with(**response: Any) -> Handler:
    """Return a handler that always gives the same response."""

    async def respond(_request: web.Request) -> web.StreamResponse:
        return web.Response(**response)

    return respond


def respond_with_json(value: Any, status: int = 200) -> Handler:
    """Return a handler that always responds with a value as JSON."""

    async def respond(_request: web.Request) -> web.StreamResponse:
        return web.json_response(value, status=status)

    return respond


def redirect_to(target: str, status: int = 302) -> Handler:
    """Return a handler that redirects each request to the same path of another address."""

    async def respond(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": f"{target}{request.path}"})

    return respond
