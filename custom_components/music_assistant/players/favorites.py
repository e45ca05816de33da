"""Favourites: how what plays becomes one in the cache, and is one no more on the server."""

from collections.abc import Iterator, Mapping
from typing import Any

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
from music_assistant_models.queue_item import QueueItem

from ..server.providers import LIBRARY


def addresses(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield the URIs of an item of the library as an event has it: its own, and its sources'."""
    yield item["uri"]
    for source in item.get("provider_mappings", ()):
        for provider in {source["provider_instance"], source["provider_domain"]}:
            yield f"{provider}://{item['media_type']}/{source['item_id']}"


def adopt(item: QueueItem | None, known: Mapping[str, Any]) -> None:
    """Let an item of a queue be the library's, as an event has that; a queue isn't told again."""
    if item is not None and (media := item.media_item) is not None:
        media.provider, media.item_id, media.uri = LIBRARY, known["item_id"], known["uri"]


def like(item: QueueItem | None, liked: bool | None) -> None:
    """Note in the cache whether an item is a favourite; a queue isn't told again."""
    if item is not None and item.media_item is not None:
        item.media_item.favorite = liked


async def async_unlike(mass: MusicAssistantClient, uri: str) -> None:
    """Make an item no favourite any more; only what is in the library can be one."""
    provider, _, rest = uri.partition("://")
    kind, _, item_id = rest.partition("/")
    media_type = MediaType(kind)
    if provider != LIBRARY:
        found = await mass.music.get_library_item_by_prov_id(media_type, item_id, provider)
        if found is None:
            return
        item_id = found.item_id
    await mass.music.remove_item_from_favorites(media_type, item_id)
