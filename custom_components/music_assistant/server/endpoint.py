"""Address and certificate policy of a server, and HTTP requests to it."""

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
    hdrs,
)
from yarl import URL

from homeassistant.util.json import json_loads_object

from .address import build_endpoint_url, build_websocket_url, format_url
from .errors import Redirected, to_server_problem
from .tls import CertificatePolicy

# Seconds for an HTTP request to the server.
HTTP_TIMEOUT: Final = 10.0
# Bytes of a response; a hundred times the size of the largest known one.
MAX_RESPONSE_SIZE: Final = 256 * 1024


class WebSocket(ClientWebSocketResponse):
    """Represent a websocket that leaves no timer behind when it is closed.

    aiohttp restarts its ping timer when data arrives while the websocket closes.
    """

    @property
    def date(self) -> str | None:
        """Return the server's time when it opened the websocket, as in its HTTP header."""
        return self._response.headers.get(hdrs.DATE)

    @override
    def _on_data_received(self) -> None:
        """Restart the ping timer, unless the websocket is closed."""
        if not self.closed:
            super()._on_data_received()


@dataclass(frozen=True, slots=True)
class ServerEndpoint:
    """Represent the address of a server, and which certificate is accepted there.

    Without a certificate policy the certificate must be trusted by Home Assistant.
    """

    session: ClientSession
    url: URL
    certificate_policy: CertificatePolicy | None = None

    @override
    def __str__(self) -> str:
        """Return the address as text to store and show."""
        return format_url(self.url)

    @property
    def ssl(self) -> SSLContext | Literal[True]:
        """Return the `ssl` argument for aiohttp; True uses the context of the session."""
        return self.certificate_policy.ssl_context if self.certificate_policy else True

    @asynccontextmanager
    async def get(self, path: str) -> AsyncIterator[ClientResponse]:
        """Send a GET request without secrets, following redirects. Raises ServerProblem."""
        # Nothing follows soon that could use the same connection
        headers = {"Connection": "close"}
        async with self._async_send_request(
            "GET", path, headers=headers, allow_redirects=True
        ) as response:
            yield response

    @asynccontextmanager
    async def post(
        self, path: str, json: dict[str, Any] | None = None, token: str | None = None
    ) -> AsyncIterator[ClientResponse]:
        """Send a POST request, which may contain secrets, without following redirects.

        Raises ServerProblem.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else None
        async with self._async_send_request(
            "POST", path, json=json, headers=headers, allow_redirects=False
        ) as response:
            yield response

    async def async_open_websocket(self, **options: Any) -> WebSocket:
        """Open the websocket. Raises Redirected and the errors of aiohttp."""
        # A response class and middlewares belong to a session; this one shares the connections.
        session = ClientSession(
            connector=self.session.connector,
            connector_owner=False,
            headers=self.session.headers,
            ws_response_class=WebSocket,
            middlewares=(self._async_send_to_same_origin,),
        )
        async with session:
            websocket: WebSocket = await session.ws_connect(
                build_websocket_url(self.url), ssl=self.ssl, **options
            )
        return websocket

    async def _async_send_to_same_origin(
        self, request: ClientRequest, send: ClientHandlerType
    ) -> ClientResponse:
        """Send a request unless it was redirected to another origin. Raises Redirected."""
        origin = (request.is_ssl(), request.url.host, request.url.port)
        if origin != (self.url.scheme == "https", self.url.host, self.url.port):
            raise Redirected(str(request.url.origin()))
        return await send(request)

    @asynccontextmanager
    async def _async_send_request(
        self, method: str, path: str, **options: Any
    ) -> AsyncIterator[ClientResponse]:
        """Send a request and yield the response. Raises ServerProblem."""
        request = self.session.request(
            method, build_endpoint_url(self.url, path), ssl=self.ssl, **options
        )
        try:
            async with asyncio.timeout(HTTP_TIMEOUT), request as response:
                yield response
        except (ClientError, OSError, ValueError) as err:
            raise to_server_problem(err, str(self)) from err


async def async_read_json(response: ClientResponse) -> dict[str, Any]:
    """Return the JSON object in a response, an empty one if there is none."""
    with suppress(ClientError, ValueError):
        return json_loads_object(await async_read_body(response, MAX_RESPONSE_SIZE))
    return {}


async def async_read_body(response: ClientResponse, max_size: int) -> bytes:
    """Return the body of a response.

    Raises ValueError after `max_size` bytes: an unknown host could send an endless body, which
    would fill the memory.
    """
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > max_size:
            raise ValueError(f"more than {max_size} bytes")
    return bytes(body)
