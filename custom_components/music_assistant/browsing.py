"""Media players whose music can be looked for."""

from collections.abc import Awaitable, Callable
from typing import Final, override
from urllib.parse import quote, unquote
from zlib import crc32

from lru import LRU

from homeassistant.components import media_source, websocket_api
from homeassistant.components.media_player import (
    BrowseError,
    BrowseMedia,
    MediaType,
    SearchError,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.exceptions import HomeAssistantError

from .const import LOGGER
from .coordinator import MusicAssistantCoordinator
from .media.artwork import image_address, picture_url
from .media.browse import Browser, is_audio, raised_as
from .media.lists import Item, Reader
from .media.search import async_search
from .picture import PictureEntity
from .server.errors import translated_errors
from .server.users import User, async_as_user

# The size of thumbnails (pixels), and of how many the address is kept.
THUMBNAIL: Final = 256
KEPT: Final = 4096


class BrowsableEntity(PictureEntity):
    """A media player that shows what there is to play, and finds in it."""

    def __init__(self, coordinator: MusicAssistantCoordinator, context: object = None) -> None:
        """Know no thumbnails yet."""
        super().__init__(coordinator, context)
        # of what was shown last, by its URI; else the server is asked
        self._thumbnails: LRU[str, str] = LRU(KEPT)

    @override
    async def async_browse_media(
        self,
        media_content_type: MediaType | str | None = None,
        media_content_id: str | None = None,
    ) -> BrowseMedia:
        if media_content_id and media_source.is_media_source_id(media_content_id):
            return await media_source.async_browse_media(
                self.hass, media_content_id, content_filter=is_audio
            )
        with raised_as(BrowseError, self.coordinator.name):
            return await self._for_caller(lambda browser: browser.open(media_content_id))

    @override
    async def async_search_media(self, query: SearchMediaQuery) -> SearchMedia:
        where = query.media_content_id
        with raised_as(SearchError, self.coordinator.name):
            if where and media_source.is_media_source_id(where):
                return await media_source.async_search_media(self.hass, where, query)
            return await self._for_caller(lambda browser: async_search(browser, query))

    async def _for_caller[R](self, call: Callable[[Browser], Awaitable[R]]) -> R:
        """Let someone browse as themselves; an entity's context would be of its last action."""
        mass = self.coordinator.mass

        def as_user(user: User) -> Awaitable[R]:
            return call(Browser(self.hass, Reader(mass, user), self._thumbnail))

        connection = websocket_api.current_connection.get()
        return await async_as_user(mass, as_user, None, connection.user.id if connection else None)

    # ----------------------------------------------------------------------------- thumbnails

    def _thumbnail(self, item: Item) -> str | None:
        """Return where Home Assistant serves an item's picture."""
        if (address := self._address(item)) is None:
            return None
        uri = str(item.uri)
        self._thumbnails[uri] = address
        version = f"{crc32(address.encode()):x}"  # browsers keep a picture for an hour
        # proxies like to make one slash of two
        return self.get_browse_image_url(item.media_type.value, quote(uri, safe=""), version)

    def _address(self, item: Item) -> str | None:
        mass = self.coordinator.mass
        image, info = mass.music.get_media_item_image(item), mass.server_info
        return image_address(image, info.schema_version) if image and info else None

    @override
    async def async_get_browse_image(
        self,
        media_content_type: MediaType | str,
        media_content_id: str,
        media_image_id: str | None = None,
    ) -> tuple[bytes | None, str | None]:
        address = await self._picture_of(unquote(media_content_id))
        server = self.coordinator.connection.address.url
        picture = picture_url(address, server, THUMBNAIL) if address else None
        return await self._async_fetch_image(str(picture)) if picture else (None, None)

    async def _picture_of(self, uri: str) -> str | None:
        """Return the address of an item's picture; of one that wasn't shown lately it is asked."""
        if address := self._thumbnails.get(uri):
            return address
        try:
            with translated_errors(self.coordinator.name):
                return self._address(await self.coordinator.mass.music.get_item_by_uri(uri))
        except HomeAssistantError as err:
            LOGGER.debug("No picture of %s: %s", uri, err)
            return None
