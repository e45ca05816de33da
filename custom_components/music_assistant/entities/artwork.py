"""Media players with a picture: whatever its origin, Home Assistant hands it on."""

from typing import override

from homeassistant.components.media_player import MediaPlayerEntity

from ..entity import MusicAssistantEntity
from ..media.artwork import SIZE, picture_url


class PictureEntity(MusicAssistantEntity, MediaPlayerEntity):
    """A media player whose pictures Home Assistant fetches itself.

    Its own address may be all that is reachable for who looks at it.
    """

    _attr_media_image_remotely_accessible = False

    def _picture(self, address: str | None) -> str | None:
        """Return where Home Assistant gets a picture, from its address as the server gave it."""
        # absolute, or Home Assistant would complete it with its own address
        server = self.coordinator.site.url
        picture = picture_url(address, server) if address else None
        return str(picture) if picture else None

    @override
    async def _async_fetch_image(self, url: str) -> tuple[bytes | None, str | None]:
        picture = await self.coordinator.gallery.async_get(url, SIZE)
        return (picture.body, picture.content_type) if picture else (None, None)
