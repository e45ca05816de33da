"""Every picture comes through Home Assistant, from the address that the person configured."""

import asyncio
from functools import lru_cache
from http import HTTPStatus
import ssl
from typing import Final
from urllib.parse import quote

from aiohttp import ClientError, ClientSession
from music_assistant_models.media_items import MediaItemImage
from yarl import URL

from ..const import LOGGER
from ..server.address import endpoint

# The server's address for pictures, and the schema since which it takes a picture's id.
PROXY: Final = "imageproxy"
SCHEMA_PROXY_ID: Final = 31
# Seconds for a picture, and the size that is asked for (pixels): enough for a full screen.
FETCH_LIMIT: Final = 10.0
SIZE: Final = 512


def image_address(image: MediaItemImage, schema_version: int) -> str:
    """Return where a picture is: an absolute address, or a path below the server's."""
    if image.remotely_accessible:
        return image.path
    if schema_version >= SCHEMA_PROXY_ID and image.proxy_id:
        return f"{PROXY}/{image.proxy_id}"
    path = quote(quote(image.path, safe=""), safe="")  # the server decodes it twice
    return f"{PROXY}?path={path}&provider={quote(image.provider, safe='')}"


@lru_cache(maxsize=1024)
def picture_url(address: str, server: URL, size: int = SIZE) -> URL | None:
    """Return from where Home Assistant gets a picture, None if that isn't an address.

    The server writes addresses of its pictures with the base address that it believes to
    have: behind a proxy or in a container that isn't one that we can reach, so such a picture
    is asked for at the address that was configured. Others come from their origin as they are.
    """
    try:
        # signed addresses bear no other spelling, but some aren't spelt out at all
        url = URL(address, encoded=address.isascii() and " " not in address)
    except ValueError:
        return None
    head, found, picture = url.raw_path.rpartition(PROXY)
    if not found or (head and not head.endswith("/")):
        return url if url.absolute else None
    query = [pair for pair in url.raw_query_string.split("&") if pair]
    query = [pair for pair in query if not pair.startswith("size=")] + [f"size={size}"]
    return URL(f"{endpoint(server, PROXY)}{picture}?{'&'.join(query)}", encoded=True)


async def async_fetch(
    session: ClientSession, url: URL, ssl_context: ssl.SSLContext | None = None
) -> tuple[bytes | None, str | None]:
    """Return a picture and its content type, or twice None if there is none to be had."""
    try:
        async with (
            asyncio.timeout(FETCH_LIMIT),
            session.get(url, ssl=ssl_context or True) as response,
        ):
            if response.status != HTTPStatus.OK:
                LOGGER.debug("No picture at %s: HTTP %s", url.path, response.status)
                return None, None
            content_type = response.content_type
            if not content_type.startswith("image/"):
                LOGGER.debug("No picture at %s but %s", url.path, content_type)
                return None, None
            return await response.read(), content_type
    except (ClientError, OSError, ValueError) as err:  # the last for ports that are none
        LOGGER.debug("No picture at %s: %r", url.path, err)
        return None, None
