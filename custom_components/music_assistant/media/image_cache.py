"""The pictures of a server: fetched once, kept, and shown to many."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from aiohttp import ClientError, ClientResponse, ClientSession
from music_assistant_models.enums import ImageType
from music_assistant_models.media_items import ItemMapping, MediaItemImage, MediaItemType
from yarl import URL

from ..const import LOGGER
from ..server.connection import ServerConnection
from ..server.endpoint import async_body
from ..server.tls import Trust
from .artwork import THUMBNAIL, image_address, picture_url, signed_path

# Seconds and bytes that a picture may take.
FETCH_LIMIT: Final = 10.0
LARGEST: Final = 8 * 1024 * 1024
# Seconds that a picture is kept, here and in browsers, and for which a missing one is missing.
KEPT: Final = 86_400
MISSED: Final = 30
# The bytes of all that are kept, and what each counts beside its own (missing ones, too).
ROOM: Final = 32 * 1024 * 1024
FRAME: Final = 1024


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a browser gets it."""

    body: bytes
    content_type: str


type CreateTask = Callable[[Coroutine[Any, Any, Picture | None], str], asyncio.Task[Picture | None]]


class Gallery:
    """The pictures of one server, whatever address it believes to have.

    Those asked for last are kept by where they are: several who show the same one, under
    whatever address the server gave it, make one request.
    """

    def __init__(
        self, entry_id: str, connection: ServerConnection, create_task: CreateTask
    ) -> None:
        """Keep nothing yet."""
        self._entry_id = entry_id
        self._connection = connection
        self._create_task = create_task
        # until when (the loop's time), the longest unused first
        self._kept: OrderedDict[URL, tuple[float, Picture | None]] = OrderedDict()
        self._room = ROOM
        self._fetching: dict[URL, asyncio.Task[Picture | None]] = {}

    def url(self, address: str | None, size: int = THUMBNAIL) -> str | None:
        """Return where anyone gets a picture, a path of Home Assistant's."""
        return signed_path(self._entry_id, address, size) if address else None

    def url_of(
        self,
        item: MediaItemType | ItemMapping,
        size: int = THUMBNAIL,
        kind: ImageType = ImageType.THUMB,
    ) -> str | None:
        """Return where anyone gets the picture of an item, a path of Home Assistant's."""
        image = self._connection.client.music.get_media_item_image(item, kind)
        return self.url_of_image(image, size) if image else None

    def url_of_image(self, image: MediaItemImage, size: int = THUMBNAIL) -> str | None:
        """Return where anyone gets a picture that an item has, a path of Home Assistant's."""
        info = self._connection.client.server_info
        return self.url(image_address(image, info.schema_version), size) if info else None

    async def async_get(self, address: str, size: int) -> Picture | None:
        """Return the picture at an address that the server gave, None if there is none."""
        url = picture_url(address, self._connection.address.site.url, size)
        if url is None:
            return None
        now = asyncio.get_running_loop().time()
        until, picture = self._kept.get(url, (now, None))
        if until > now:
            self._kept.move_to_end(url)
            return picture
        if (task := self._fetching.get(url)) is None:
            task = self._fetching[url] = self._create_task(self._fetch(url), "picture")
            task.add_done_callback(lambda _: self._fetching.pop(url))
        await asyncio.wait([task])  # who goes away takes it from nobody
        return None if task.cancelled() else task.result()

    async def _fetch(self, url: URL) -> Picture | None:
        site = self._connection.address.site
        own = (url.scheme, url.raw_authority) == (site.url.scheme, site.url.raw_authority)
        picture = await async_fetch(site.session, url, site.trust if own else None)
        self._keep(url, picture)
        return picture

    def _keep(self, url: URL, picture: Picture | None) -> None:
        self._drop(self._kept.pop(url, None))
        self._room -= _weight(picture)
        now = asyncio.get_running_loop().time()
        self._kept[url] = now + (KEPT if picture else MISSED), picture
        while self._room < 0:
            self._drop(self._kept.popitem(last=False)[1])

    def _drop(self, kept: tuple[float, Picture | None] | None) -> None:
        if kept:
            self._room += _weight(kept[1])


def _weight(picture: Picture | None) -> int:
    return FRAME + (len(picture.body) if picture else 0)


async def async_fetch(
    session: ClientSession, url: URL, trust: Trust | None = None
) -> Picture | None:
    """Return what is at an address, None if that is no picture or isn't to be had."""
    try:
        async with (
            asyncio.timeout(FETCH_LIMIT),
            session.get(
                url,
                ssl=trust.context if trust else True,
                allow_redirects=trust is None,  # what we trust here holds nowhere else
            ) as response,
        ):
            return await _read(response)
    except (ClientError, OSError, ValueError) as err:  # too large, or a port that is none
        LOGGER.debug("No picture at %s: %r", url.path, err)
        return None


async def _read(response: ClientResponse) -> Picture | None:
    kind, path = response.content_type, response.url.path
    if response.status != HTTPStatus.OK or not kind.startswith("image/"):
        LOGGER.debug("No picture at %s: HTTP %s, %s", path, response.status, kind)
        return None
    return Picture(await async_body(response, LARGEST), kind)
