"""HTTP view of the streams that browsers play.

A stream is named by the item's URI, and looked up again at each request: nobody but the server can
name an address that Home Assistant fetches.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from aiohttp import ClientError, ClientResponse, ClientTimeout, web
from aiohttp.hdrs import (
    ACCEPT_ENCODING,
    ACCEPT_RANGES,
    CACHE_CONTROL,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_TYPE,
    RANGE,
)
from yarl import URL

from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized

from ..const import LOGGER
from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..entities.browsing import check_sight
from ..media.streams import (
    STREAM_PATH,
    ItemStream,
    async_get_stream,
    parse_stream_uri,
    parse_stream_url,
)
from ..server.address import build_endpoint_url
from ..server.errors import translate_errors
from ..server.public_network import async_get_public_session

# Streams at once, and seconds until a connection and between parts of a stream.
MAX_STREAMS: Final = 8
TIMEOUT: Final = ClientTimeout(total=None, sock_connect=10, sock_read=20)
# Headers of the source that are handed on.
PASSED_HEADERS: Final = (CONTENT_LENGTH, CONTENT_RANGE, ACCEPT_RANGES)
# Content types that say nothing of an audio file.
UNSPECIFIC_TYPES: Final = frozenset({"application/octet-stream", "binary/octet-stream"})
# Statuses of a source that are handed on; any other is one of a gateway.
PASSED_ERRORS: Final[dict[int, type[web.HTTPException]]] = {
    HTTPStatus.NOT_FOUND: web.HTTPNotFound,
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: web.HTTPRequestRangeNotSatisfiable,
}


class StreamView(HomeAssistantView):
    """View that serves the streams of items; media sources return its path signed."""

    url = f"{STREAM_PATH}/{{entry_id}}/{{packed}}"
    name = "api:music_assistant:stream"

    def __init__(self) -> None:
        """Initialize without open streams."""
        self._open_streams = 0

    async def get(self, request: web.Request, entry_id: str, packed: str) -> web.StreamResponse:
        """Return the stream of an item, 403 without sight of a player, 404 if it has none."""
        hass = request.app[KEY_HASS]
        coordinator = _get_coordinator(hass, entry_id)
        stream = await _async_find_stream(coordinator, parse_stream_uri(packed))
        if self._open_streams >= MAX_STREAMS:
            raise web.HTTPServiceUnavailable
        self._open_streams += 1
        try:
            return await _async_serve(request, coordinator, stream)
        finally:
            self._open_streams -= 1


def _get_coordinator(hass: HomeAssistant, entry_id: str) -> MusicAssistantCoordinator:
    """Return the coordinator of an entry whose players the user may see."""
    entry: MusicAssistantConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        raise web.HTTPNotFound
    try:
        check_sight(entry.runtime_data)
    except Unauthorized as err:
        raise web.HTTPForbidden from err  # 401 would count as a failed login
    return entry.runtime_data


async def _async_find_stream(coordinator: MusicAssistantCoordinator, uri: str | None) -> ItemStream:
    """Return the stream of the item with a URI."""
    stream: ItemStream | None = None
    try:
        with translate_errors(coordinator.name):
            if uri:
                item = await coordinator.mass.music.get_item_by_uri(uri)
                stream = await async_get_stream(coordinator.mass, item)
    except HomeAssistantError as err:
        LOGGER.debug("No stream of %s: %r", uri, err)
        raise web.HTTPBadGateway from err
    if stream is None or not stream.needs_proxy:
        raise web.HTTPNotFound
    return stream


async def _async_serve(
    request: web.Request, coordinator: MusicAssistantCoordinator, stream: ItemStream
) -> web.StreamResponse:
    """Hand a stream on, as fast as the browser takes it."""
    response: web.StreamResponse | None = None
    try:
        async with _async_open(coordinator, stream, request.headers.get(RANGE)) as source:
            part = await source.content.readany()
            response = _build_response(source, stream, part)
            await response.prepare(request)
            while part:
                await response.write(part)
                part = await source.content.readany()
    except (ClientError, OSError, ValueError) as err:
        LOGGER.debug("Stream of %s ended: %r", stream.address.partition("?")[0], err)
        if response is None or not response.prepared:
            raise web.HTTPBadGateway from err
    return response


@asynccontextmanager
async def _async_open(
    coordinator: MusicAssistantCoordinator, stream: ItemStream, requested_range: str | None
) -> AsyncIterator[ClientResponse]:
    """Request a stream of the server, or from a public address."""
    headers = {ACCEPT_ENCODING: "identity"} | ({RANGE: requested_range} if requested_range else {})
    if stream.is_from_server:
        endpoint = coordinator.connection.address.endpoint
        path, _, query = stream.address.partition("?")
        url = URL(f"{build_endpoint_url(endpoint.url, path)}?{query}", encoded=True)
        request = endpoint.session.get(
            url, ssl=endpoint.ssl, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    else:
        session = async_get_public_session(coordinator.hass)
        url = parse_stream_url(stream.address) or URL()
        request = session.get(url, headers=headers, timeout=TIMEOUT)
    async with request as source:
        yield source


def _build_response(
    source: ClientResponse, stream: ItemStream, first_part: bytes
) -> web.StreamResponse:
    """Build the response to a browser; raises HTTPException if the source has no audio."""
    is_unspecific = source.content_type in UNSPECIFIC_TYPES
    content_type = stream.mime_type if is_unspecific else source.content_type
    is_audio = content_type.startswith("audio/") or content_type == "application/ogg"
    if source.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise PASSED_ERRORS.get(source.status, web.HTTPBadGateway)
    if not is_audio or not first_part:  # the server answers before it has tried
        raise web.HTTPBadGateway
    headers = {name: source.headers[name] for name in PASSED_HEADERS if name in source.headers}
    return web.StreamResponse(
        status=source.status,
        headers=headers
        | {
            CONTENT_TYPE: content_type,
            CACHE_CONTROL: "no-store",
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )
