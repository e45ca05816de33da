"""Browsing and searching media as the calling user."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import override

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components import media_source
from homeassistant.components.media_player import (
    BrowseError,
    BrowseMedia,
    MediaType,
    SearchError,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized

from ..const import DOMAIN
from ..coordinator import MusicAssistantCoordinator
from ..entry.permissions import Access, get_requesting_user, has_access
from ..media.artwork import build_folder_address
from ..media.browse import MediaBrowser, raise_as
from ..media.browse_id import ROOT, BrowseId, parse_media_source_id
from ..media.folder_pictures import async_find_picture
from ..media.image_cache import CachedImage
from ..media.library_lists import LibraryReader
from ..media.search import async_search
from ..server.acting_user import ActingUser, async_call_as_user
from ..server.errors import COMMAND_ERRORS
from .artwork import ArtworkEntity


def create_reader(coordinator: MusicAssistantCoordinator, user: ActingUser = None) -> LibraryReader:
    """Create a library reader that acts as a user, or without one as the integration's own."""
    return LibraryReader(
        coordinator.mass,
        user,
        coordinator.accounts.resolvers,
        coordinator.config_entry.entry_id,
    )


async def async_browse_as_caller[R](
    coordinator: MusicAssistantCoordinator, call: Callable[[MediaBrowser], Awaitable[R]]
) -> R:
    """Call a function with a media browser that acts as the calling user.

    The user is that of the current request; an entity's context would be that of its last action.
    Raises Unauthorized if it sees no player of the server.
    """
    hass, mass = coordinator.hass, coordinator.mass
    user = check_sight(coordinator)

    user_id = user.id if user else None

    def get_folder_url(browse_id: BrowseId) -> str | None:
        return coordinator.images.get_url(build_folder_address(str(browse_id), user_id))

    def browse_as_user(acting_user: ActingUser) -> Awaitable[R]:
        reader = create_reader(coordinator, acting_user)
        return call(MediaBrowser(hass, reader, coordinator.images.get_item_url, get_folder_url))

    return await async_call_as_user(mass, browse_as_user, None, user_id)


async def async_get_folder_image(
    coordinator: MusicAssistantCoordinator, content_id: str, user_id: str | None, size: int
) -> CachedImage | None:
    """Return the picture of a folder's first item, as a user of Home Assistant sees the folder."""
    images = coordinator.images

    def find_picture(acting_user: ActingUser) -> Awaitable[str | None]:
        return async_find_picture(
            create_reader(coordinator, acting_user),
            BrowseId.parse(content_id),
            images.get_item_address,
        )

    address: str | None = None
    with suppress(*COMMAND_ERRORS, HomeAssistantError):
        address = await async_call_as_user(coordinator.mass, find_picture, None, user_id)
    return await images.async_get(address, size) if address else None


def check_sight(coordinator: MusicAssistantCoordinator) -> User | None:
    """Return the requesting user; raise Unauthorized unless it sees a player of the server."""
    user, entry = get_requesting_user(), coordinator.config_entry
    if user and not has_access(coordinator.hass, user, entry, Access.READ_ONE):
        raise Unauthorized(user_id=user.id, config_entry_id=entry.entry_id, permission=POLICY_READ)
    return user


def is_audio(item: BrowseMedia) -> bool:
    """Return whether a media source's item is audio."""
    return item.media_content_type.startswith("audio/")


async def _async_get_other_sources(hass: HomeAssistant) -> Sequence[BrowseMedia]:
    """Return Home Assistant's media sources other than Music Assistant."""
    with suppress(BrowseError):  # there are none
        sources = await media_source.async_browse_media(hass, None, content_filter=is_audio)
        own_id = f"{media_source.URI_SCHEME}{DOMAIN}"
        return [source for source in sources.children or () if source.media_content_id != own_id]
    return ()


class BrowsablePlayerEntity(ArtworkEntity):
    """Represent a media player whose media can be browsed and searched."""

    @override
    async def async_browse_media(
        self,
        media_content_type: MediaType | str | None = None,
        media_content_id: str | None = None,
    ) -> BrowseMedia:
        content_id = self._convert_content_id(media_content_id or ROOT)
        if media_source.is_media_source_id(content_id):
            return await media_source.async_browse_media(
                self.hass, content_id, content_filter=is_audio
            )
        with raise_as(BrowseError, self.coordinator.name):
            node = await async_browse_as_caller(
                self.coordinator, lambda browser: browser.async_open(content_id)
            )
        if content_id == ROOT:
            node.children = [*(node.children or ()), *await _async_get_other_sources(self.hass)]
        return node

    @override
    async def async_search_media(self, query: SearchMediaQuery) -> SearchMedia:
        content_id = query.media_content_id
        with raise_as(SearchError, self.coordinator.name):
            if content_id and media_source.is_media_source_id(content_id):
                return await media_source.async_search_media(self.hass, content_id, query)
            return await async_browse_as_caller(
                self.coordinator, lambda browser: async_search(browser, query)
            )

    def _convert_content_id(self, content_id: str) -> str:
        """Convert an id of the integration's media source to the content id in it; keep other ids."""
        own_content_id = parse_media_source_id(self.coordinator.config_entry.entry_id, content_id)
        return content_id if own_content_id is None else own_content_id
