"""Favorite state of the items that players play."""

from collections.abc import Iterator, Mapping
from typing import Any

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
from music_assistant_models.queue_item import QueueItem

from ..server.providers import LIBRARY_PROVIDER


def get_library_item_uris(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield the URIs of a library item from an event: in the library and at its providers."""
    yield item["uri"]
    for mapping in item.get("provider_mappings", ()):
        for provider in {mapping["provider_instance"], mapping["provider_domain"]}:
            yield f"{provider}://{item['media_type']}/{mapping['item_id']}"


def convert_to_library_item(item: QueueItem | None, library_item: Mapping[str, Any]) -> None:
    """Replace the ids of a cached queue item by those of the library item from an event.

    The server doesn't send the queue again when one of its items is added to the library.
    """
    if item is not None and (media := item.media_item) is not None:
        media.provider = LIBRARY_PROVIDER
        media.item_id, media.uri = library_item["item_id"], library_item["uri"]


def set_favorite(item: QueueItem | None, favorite: bool | None) -> None:
    """Set whether a cached queue item is a favorite: the server doesn't send the queue again."""
    if item is not None and item.media_item is not None:
        item.media_item.favorite = favorite


async def async_remove_favorite(mass: MusicAssistantClient, uri: str) -> None:
    """Remove an item from the favorites; items that aren't in the library can't be favorites."""
    provider, _, rest = uri.partition("://")
    type_name, _, item_id = rest.partition("/")
    media_type = MediaType(type_name)
    if provider != LIBRARY_PROVIDER:
        library_item = await mass.music.get_library_item_by_prov_id(media_type, item_id, provider)
        if library_item is None:
            return
        item_id = library_item.item_id
    await mass.music.remove_item_from_favorites(media_type, item_id)
