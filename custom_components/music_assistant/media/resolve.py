"""What a person asked for, as something that the server can play."""

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType

from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN

SCHEMA_VERIFY = 33


async def async_resolve(mass: MusicAssistantClient, media_type: str | None, media_id: str) -> str:
    """Return the URI of what was asked for: a URI, a library id, a file or a name.

    Raises ServiceValidationError if the server knows nothing of that name.
    """
    if "://" in media_id:
        return media_id
    # Home Assistant's own types ("music") say nothing that the server knows
    kind = MediaType(media_type) if media_type else MediaType.UNKNOWN
    wanted = None if kind is MediaType.UNKNOWN else kind
    if wanted and media_id.isdecimal():
        return f"library://{wanted.value}/{media_id}"
    info = mass.server_info
    if info and info.schema_version >= SCHEMA_VERIFY and await mass.music.verify_item_uri(media_id):
        return media_id
    item = await mass.music.get_item_by_name(media_id, media_type=wanted)
    if item is None or item.uri is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="nothing_found",
            translation_placeholders={"name": media_id},
        )
    return item.uri
