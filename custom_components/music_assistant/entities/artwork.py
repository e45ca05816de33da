"""Base class of media players with artwork."""

from typing import override

from homeassistant.components.media_player import MediaPlayerEntity

from ..entity import MusicAssistantEntity
from ..media.artwork import ARTWORK_SIZE, resolve_image_url


class ArtworkEntity(MusicAssistantEntity, MediaPlayerEntity):
    """Represent a media player whose artwork Home Assistant fetches.

    The user's browser may be able to reach Home Assistant only.
    """

    _attr_media_image_remotely_accessible = False

    def _get_artwork_url(self, address: str | None) -> str | None:
        """Return the URL of an image from its address as the server sent it."""
        # absolute, because Home Assistant would prepend its own URL to a relative one
        server = self.coordinator.endpoint.url
        picture = resolve_image_url(address, server) if address else None
        return str(picture) if picture else None

    @override
    async def _async_fetch_image(self, url: str) -> tuple[bytes | None, str | None]:
        picture = await self.coordinator.images.async_get(url, ARTWORK_SIZE)
        return (picture.body, picture.content_type) if picture else (None, None)
