"""A server as we reach it, and the bounded HTTP calls that are made to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any, Final, Literal, override

from aiohttp import (
    ClientError,
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientWebSocketResponse,
)
from yarl import URL

from homeassistant.util.json import json_loads_object

from .address import as_text, endpoint, websocket_url
from .errors import Redirected, server_problem
from .tls import Trust

# Seconds for one HTTP call to the server.
HTTP_LIMIT: Final = 10.0
# Bytes of an answer: a hundred times what the longest of them takes.
LARGEST: Final = 256 * 1024


class WebSocket(ClientWebSocketResponse):
    """A websocket of which nothing is left when it is closed.

    aiohttp would take what arrives while it closes for a sign of life, and start its timer for
    pings once more.
    """

    @override
    def _on_data_received(self) -> None:
        if not self.closed:
            super()._on_data_received()


@dataclass(frozen=True, slots=True)
class Site:
    """Where a server is, and what a person trusts there beside what Home Assistant trusts."""

    session: ClientSession
    url: URL
    trust: Trust | None = None

    @override
    def __str__(self) -> str:
        """Return the address as it is stored and shown."""
        return as_text(self.url)

    @property
    def ssl(self) -> SSLContext | Literal[True]:
        """Return what aiohttp is told of TLS: it is verified, else with Home Assistant's own."""
        return self.trust.context if self.trust else True

    @asynccontextmanager
    async def get(self, path: str) -> AsyncIterator[ClientResponse]:
        """Ask an endpoint, without a secret: redirects are followed. Raises ServerProblem."""
        async with self._ask("GET", path, allow_redirects=True) as response:
            yield response

    @asynccontextmanager
    async def post(
        self, path: str, json: dict[str, Any] | None = None, token: str | None = None
    ) -> AsyncIterator[ClientResponse]:
        """Send an endpoint what may be secret: no redirect takes it on. Raises ServerProblem."""
        headers = {"Authorization": f"Bearer {token}"} if token else None
        async with self._ask(
            "POST", path, json=json, headers=headers, allow_redirects=False
        ) as response:
            yield response

    async def websocket(self, **options: Any) -> ClientWebSocketResponse:
        """Open the websocket: there, or Redirected. Raises what aiohttp does."""
        session = ClientSession(  # on the same connections; these two belong to a session
            connector=self.session.connector,
            connector_owner=False,
            headers=self.session.headers,
            ws_response_class=WebSocket,
            middlewares=(self._stay,),
        )
        async with session:
            opened: ClientWebSocketResponse = await session.ws_connect(
                websocket_url(self.url), ssl=self.ssl, **options
            )
        return opened

    async def _stay(self, request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
        """Send a request on, unless a redirect made it one to another place or less safe."""
        place = (request.is_ssl(), request.url.host, request.url.port)
        if place != (self.url.scheme == "https", self.url.host, self.url.port):
            raise Redirected(str(request.url.origin()))
        return await send(request)

    @asynccontextmanager
    async def _ask(self, method: str, path: str, **options: Any) -> AsyncIterator[ClientResponse]:
        request = self.session.request(method, endpoint(self.url, path), ssl=self.ssl, **options)
        try:
            async with asyncio.timeout(HTTP_LIMIT), request as response:
                yield response
        except (ClientError, OSError, ValueError) as err:
            raise server_problem(err, str(self)) from err


async def async_json(response: ClientResponse) -> dict[str, Any]:
    """Return the object that a response holds; an empty one if it holds none."""
    with suppress(ClientError, ValueError):
        return json_loads_object(await async_body(response, LARGEST))
    return {}


async def async_body(response: ClientResponse, largest: int) -> bytes:
    """Return what a response holds; ValueError for more than so many bytes, which aren't read.

    Anyone may answer, and who never ends would fill the memory.
    """
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > largest:
            raise ValueError(f"more than {largest} bytes")
    return bytes(body)
