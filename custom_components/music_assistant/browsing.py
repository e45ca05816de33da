"""Media players whose music can be looked for."""

from collections.abc import Awaitable, Callable
from typing import override

from homeassistant.components import media_source, websocket_api
from homeassistant.components.media_player import (
    BrowseError,
    BrowseMedia,
    MediaType,
    SearchError,
    SearchMedia,
    SearchMediaQuery,
)

from .media.browse import Browser, is_audio, raised_as
from .media.lists import Reader
from .media.search import async_search
from .picture import PictureEntity
from .server.users import User, async_as_user


class BrowsableEntity(PictureEntity):
    """A media player that shows what there is to play, and finds in it."""

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
            return call(Browser(self.hass, Reader(mass, user), self.coordinator.gallery.url_of))

        connection = websocket_api.current_connection.get()
        return await async_as_user(mass, as_user, None, connection.user.id if connection else None)
