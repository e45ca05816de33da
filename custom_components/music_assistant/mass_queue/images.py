"""Images that cards have fetched and encoded, because a browser can't reach their address."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from mashumaro.exceptions import InvalidFieldValue, MissingField
from music_assistant_models.enums import ImageType
from music_assistant_models.media_items import MediaItemImage
from yarl import URL

from homeassistant.core import Context, HomeAssistant

from ..const import DOMAIN
from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..entry.permissions import Access, async_check_access
from ..media.artwork import (
    ARTWORK_PATH,
    ARTWORK_SIZE,
    THUMBNAIL_SIZE,
    get_image_address,
    resolve_image_url,
    verify_signed_path,
)
from ..media.image_cache import CachedImage
from ..server.errors import build_validation_error

# What follows ARTWORK_PATH: entry id, size, signature and address.
_PATH_PARTS: Final = 4


async def async_encode_url(hass: HomeAssistant, context: Context, url: str) -> str:
    """Return the image at a URL that a page names, as a data URL.

    Raises ServiceValidationError for any other URL than that of an image of a server or of a
    response, and for an image that can't be fetched; Unauthorized without sight of a player.
    """
    coordinator, address, size = _find_image(hass, url)
    await async_check_access(hass, context, coordinator.config_entry, Access.READ_ONE)
    image = await coordinator.images.async_get(address, size)
    if image is None:
        raise build_validation_error("image_unavailable")
    return _encode(image)


async def async_encode_image(
    coordinator: MusicAssistantCoordinator, image: Mapping[str, Any]
) -> str | None:
    """Return an image of an item, as the server describes it, as a data URL; None without one."""
    info = coordinator.mass.server_info
    try:
        described = MediaItemImage.from_dict({"type": ImageType.THUMB.value, **image})
    except MissingField, InvalidFieldValue:
        return None
    if info is None:
        return None
    address = get_image_address(described, info.schema_version)
    url = resolve_image_url(address, coordinator.endpoint.url, THUMBNAIL_SIZE)
    if url is None or not coordinator.images.is_known(str(url)):
        return None
    cached = await coordinator.images.async_get(str(url), THUMBNAIL_SIZE)
    return _encode(cached) if cached else None


def _find_image(hass: HomeAssistant, url: str) -> tuple[MusicAssistantCoordinator, str, int]:
    """Return the server, address and size of an image; raise if none of the servers knows it."""
    entries: list[MusicAssistantConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    coordinators = {entry.entry_id: entry.runtime_data for entry in entries}
    if signed := _parse_signed_path(url):
        entry_id, size, address = signed
        if entry_id in coordinators:
            return coordinators[entry_id], address, size
    for coordinator in coordinators.values():
        if coordinator.images.is_known(url):
            return coordinator, url, ARTWORK_SIZE
    raise build_validation_error("image_not_known")


def _parse_signed_path(url: str) -> tuple[str, int, str] | None:
    """Return the entry id, size and address of a signed path of this integration, else None."""
    try:
        path = URL(url).path
    except ValueError:
        return None
    prefix, _, rest = path.partition(f"{ARTWORK_PATH}/")
    parts = rest.split("/")
    if prefix or len(parts) != _PATH_PARTS or not parts[1].isdecimal():
        return None
    entry_id, size, signature, encoded_address = parts
    address = verify_signed_path(entry_id, int(size), signature, encoded_address)
    return (entry_id, int(size), address) if address is not None else None


def _encode(image: CachedImage) -> str:
    """Return an image as a data URL, without its type as mass_queue does."""
    return f"data:image;base64,{b64encode(image.body).decode()}"
