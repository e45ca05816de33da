"""Cache of the server's images."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from ssl import SSLContext
from typing import Any, Final, Literal

from aiohttp import ClientError, ClientResponse, ClientSession
from aiohttp.hdrs import LOCATION
from music_assistant_models.enums import ImageType
from music_assistant_models.media_items import ItemMapping, MediaItemImage, MediaItemType
from yarl import URL

from homeassistant.core import HomeAssistant

from ..const import LOGGER
from ..server.connection import ServerConnection
from ..server.endpoint import async_read_body
from ..server.public_network import async_get_public_session
from .artwork import (
    THUMBNAIL_SIZE,
    build_signed_path,
    get_image_address,
    get_proxied_url,
    is_image_proxy_url,
    resolve_image_url,
)

# Limits of a fetch, in seconds and bytes.
FETCH_TIMEOUT: Final = 10.0
MAX_IMAGE_SIZE: Final = 8 * 1024 * 1024
# Seconds for which an image is cached, here and in browsers, and for which a missing one is.
IMAGE_MAX_AGE: Final = 86_400
MISSING_MAX_AGE: Final = 30
# Size of the cache in bytes, and bytes that each entry counts beside its image.
CACHE_SIZE: Final = 32 * 1024 * 1024
ENTRY_OVERHEAD: Final = 1024
# Images that are handed on: Home Assistant serves them under its own origin, where a script in an
# SVG image would have the rights of the user who opens it.
RASTER_TYPES: Final = frozenset(
    f"image/{name}" for name in ("apng", "avif", "bmp", "gif", "jpeg", "png", "webp", "x-icon")
)
# Requests for one image, and the statuses that lead to another one.
MAX_REDIRECTS: Final = 5
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# Number of URLs of images outside of the server that are remembered.
REMEMBERED_URLS: Final = 2048


@dataclass(frozen=True, slots=True)
class CachedImage:
    """Represent an image as it is served to browsers."""

    body: bytes
    content_type: str


type CreateTask = Callable[
    [Coroutine[Any, Any, CachedImage | None], str], asyncio.Task[CachedImage | None]
]


class ImageCache:
    """Cache of the images of one server.

    Images are cached by the URL from which Home Assistant fetches them, least recently used first
    to be removed. Simultaneous requests for one image share a single fetch.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        connection: ServerConnection,
        create_task: CreateTask,
    ) -> None:
        """Initialize the cache."""
        self._hass = hass
        self._entry_id = entry_id
        self._connection = connection
        self._create_task = create_task
        # expiry (the loop's time) and image by URL, the least recently used first
        self._entries: OrderedDict[URL, tuple[float, CachedImage | None]] = OrderedDict()
        self._free_size = CACHE_SIZE
        self._fetch_tasks: dict[URL, asyncio.Task[CachedImage | None]] = {}
        self._remembered: OrderedDict[str, None] = OrderedDict()

    def remember_url(self, url: URL) -> None:
        """Remember the URL of an image in a response, so that `is_known` accepts it."""
        origin = get_proxied_url(url) if is_image_proxy_url(url) else str(url)
        if origin:
            self._remembered[origin] = None
            self._remembered.move_to_end(origin)
            if len(self._remembered) > REMEMBERED_URLS:
                self._remembered.popitem(last=False)

    def is_known(self, address: str) -> bool:
        """Return whether an address given by a page is an image of the server or of a response.

        The server's image proxy fetches any URL that it is asked for, so that must be known, too.
        """
        server, info = self._connection.address.endpoint.url, self._connection.client.server_info
        try:
            given = URL(address)
            url = resolve_image_url(address, server)
            origins = {
                server.origin(),
                *([URL(info.base_url).origin()] if info and info.base_url else []),
            }
            if url is None or (is_image_proxy_url(url) and given.origin() not in origins):
                return False
        except ValueError:
            return False
        origin = get_proxied_url(url) if is_image_proxy_url(url) else str(url)
        return origin is None or origin in self._remembered

    def get_url(self, address: str | None, size: int = THUMBNAIL_SIZE) -> str | None:
        """Return Home Assistant's path of the image at an address."""
        return build_signed_path(self._entry_id, address, size) if address else None

    def get_item_url(
        self,
        item: MediaItemType | ItemMapping,
        size: int = THUMBNAIL_SIZE,
        image_type: ImageType = ImageType.THUMB,
    ) -> str | None:
        """Return Home Assistant's path of the image of an item."""
        return self.get_url(self.get_item_address(item, image_type), size)

    def get_item_address(
        self, item: MediaItemType | ItemMapping, image_type: ImageType = ImageType.THUMB
    ) -> str | None:
        """Return the address of the image of an item."""
        client = self._connection.client
        image = client.music.get_media_item_image(item, image_type)
        return (
            get_image_address(image, client.server_info.schema_version)
            if image and client.server_info
            else None
        )

    def get_image_url(self, image: MediaItemImage, size: int = THUMBNAIL_SIZE) -> str | None:
        """Return Home Assistant's path of an image."""
        info = self._connection.client.server_info
        return self.get_url(get_image_address(image, info.schema_version), size) if info else None

    async def async_get(self, address: str, size: int) -> CachedImage | None:
        """Return the image at an address given by the server, None if there is none."""
        url = resolve_image_url(address, self._connection.address.endpoint.url, size)
        if url is None:
            return None
        now = asyncio.get_running_loop().time()
        expires_at, image = self._entries.get(url, (now, None))
        if expires_at > now:
            self._entries.move_to_end(url)
            return image
        if (task := self._fetch_tasks.get(url)) is None:
            task = self._fetch_tasks[url] = self._create_task(self._async_fetch(url), "picture")
            task.add_done_callback(lambda _: self._fetch_tasks.pop(url))
        await asyncio.wait([task])  # a cancelled request doesn't cancel the fetch for the others
        return None if task.cancelled() else task.result()

    async def _async_fetch(self, url: URL) -> CachedImage | None:
        """Fetch an image, from a public address or from the server, also after redirects."""
        image, location = None, url
        for _ in range(MAX_REDIRECTS):
            image = await self._async_request(location)
            if not isinstance(image, URL):
                break
            location = image
        image = None if isinstance(image, URL) else image
        self._store(url, image)
        return image

    async def _async_request(self, url: URL) -> CachedImage | URL | None:
        """Request an image; the server's address and certificate policy are for it only."""
        endpoint = self._connection.address.endpoint
        if (url.scheme, url.raw_authority) == (endpoint.url.scheme, endpoint.url.raw_authority):
            return await async_fetch_image(endpoint.session, url, endpoint.ssl)
        return await async_fetch_image(async_get_public_session(self._hass), url)

    def _store(self, url: URL, image: CachedImage | None) -> None:
        """Store an image, and remove the least recently used ones if the cache is full."""
        self._release(self._entries.pop(url, None))
        self._free_size -= _get_size(image)
        now = asyncio.get_running_loop().time()
        self._entries[url] = now + (IMAGE_MAX_AGE if image else MISSING_MAX_AGE), image
        while self._free_size < 0:
            self._release(self._entries.popitem(last=False)[1])

    def _release(self, entry: tuple[float, CachedImage | None] | None) -> None:
        """Count the size of a removed entry as free."""
        if entry:
            self._free_size += _get_size(entry[1])


def _get_size(image: CachedImage | None) -> int:
    """Return the size of an image in the cache, in bytes."""
    return ENTRY_OVERHEAD + (len(image.body) if image else 0)


async def async_fetch_image(
    session: ClientSession, url: URL, ssl: SSLContext | Literal[True] = True
) -> CachedImage | URL | None:
    """Fetch an image; return the URL of a redirect, None if there is no image that can be shown."""
    try:
        async with (
            asyncio.timeout(FETCH_TIMEOUT),
            session.get(url, ssl=ssl, allow_redirects=False) as response,
        ):
            if response.status in REDIRECTS:
                location = url.join(URL(response.headers[LOCATION]))
                return location if location.scheme in {"http", "https"} else None
            return await _async_read_image(response)
    # ValueError: too large, or an invalid port; KeyError: a redirect to nowhere
    except (ClientError, OSError, ValueError, KeyError) as err:
        LOGGER.debug("No picture at %s: %r", url.path, err)
        return None


async def _async_read_image(response: ClientResponse) -> CachedImage | None:
    content_type, path = response.content_type, response.url.path
    if response.status != HTTPStatus.OK or not is_raster_image(content_type):
        LOGGER.debug("No picture at %s: HTTP %s, %r", path, response.status, content_type)
        return None
    return CachedImage(await async_read_body(response, MAX_IMAGE_SIZE), content_type)


def is_raster_image(content_type: str | None) -> bool:
    """Return whether a content type is that of an image without scripts, unlike SVG."""
    return content_type in RASTER_TYPES
