"""Who looks for music, and players whose music can be looked for."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
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
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..coordinator import MusicAssistantCoordinator
from ..media.browse import Browser, raised_as
from ..media.browse_id import ROOT, content_of
from ..media.library_lists import Reader
from ..media.search import async_search
from ..server.acting_user import User, async_as_user
from .artwork import PictureEntity


def reader_of(coordinator: MusicAssistantCoordinator, user: User = None) -> Reader:
    """Return what reads a server's lists, on behalf of a user or else as ourselves."""
    return Reader(coordinator.mass, user, coordinator.accounts.resolvers)


async def async_for_caller[R](
    coordinator: MusicAssistantCoordinator, call: Callable[[Browser], Awaitable[R]]
) -> R:
    """Let someone browse as themselves; an entity's context would be of its last action."""
    hass, mass = coordinator.hass, coordinator.mass

    def as_user(user: User) -> Awaitable[R]:
        return call(Browser(hass, reader_of(coordinator, user), coordinator.gallery.url_of))

    connection = websocket_api.current_connection.get()
    return await async_as_user(mass, as_user, None, connection.user.id if connection else None)


def is_audio(item: BrowseMedia) -> bool:
    """Tell whether a media source's item can be listened to."""
    return item.media_content_type.startswith("audio/")


async def _other_sources(hass: HomeAssistant) -> Sequence[BrowseMedia]:
    """Return Home Assistant's media sources but ours, which is the tree itself."""
    with suppress(BrowseError):  # there are none
        sources = await media_source.async_browse_media(hass, None, content_filter=is_audio)
        ours = f"{media_source.URI_SCHEME}{DOMAIN}"
        return [one for one in sources.children or () if one.media_content_id != ours]
    return ()


class BrowsableEntity(PictureEntity):
    """A media player that shows what there is to play, and finds in it."""

    @override
    async def async_browse_media(
        self,
        media_content_type: MediaType | str | None = None,
        media_content_id: str | None = None,
    ) -> BrowseMedia:
        content_id = self._own(media_content_id or ROOT)
        if media_source.is_media_source_id(content_id):
            return await media_source.async_browse_media(
                self.hass, content_id, content_filter=is_audio
            )
        with raised_as(BrowseError, self.coordinator.name):
            opened = await async_for_caller(
                self.coordinator, lambda browser: browser.open(content_id)
            )
        if content_id == ROOT:
            opened.children = [*(opened.children or ()), *await _other_sources(self.hass)]
        return opened

    @override
    async def async_search_media(self, query: SearchMediaQuery) -> SearchMedia:
        where = query.media_content_id
        with raised_as(SearchError, self.coordinator.name):
            if where and media_source.is_media_source_id(where):
                return await media_source.async_search_media(self.hass, where, query)
            return await async_for_caller(
                self.coordinator, lambda browser: async_search(browser, query)
            )

    def _own(self, content_id: str) -> str:
        """Return an id of the tree as it is, if it came by way of Home Assistant's sources."""
        own = content_of(self.coordinator.config_entry.entry_id, content_id)
        return content_id if own is None else own
