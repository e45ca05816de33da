"""Search for tracks by a description of how they sound, which a plugin of the server offers."""

import asyncio
from itertools import batched
from typing import Final

from music_assistant_models.enums import MediaType
from music_assistant_models.errors import (
    InvalidCommand,
    MediaNotFoundError,
    ProviderUnavailableError,
)
from music_assistant_models.helpers import create_uri

from ..server.errors import build_validation_error, check_answer
from .library_lists import Item, LibraryReader
from .presentation import can_play

# Tracks that are read at a time.
_BATCH_SIZE: Final = 25


async def async_search_by_description(
    reader: LibraryReader, description: str, limit: int
) -> list[Item]:
    """Return playable tracks that sound as described, the best matches first.

    Raises ServiceValidationError if the plugin is missing or its text search off, when the server
    hasn't got the command, and if it has no analyzed tracks.
    """
    try:
        answer = await reader.mass.send_command(
            "sonic_similarity/text_search", query=description, limit=limit
        )
    except InvalidCommand as err:
        raise build_validation_error("no_text_search") from err
    with check_answer():
        if not answer["analyzed"]:
            raise build_validation_error("no_text_search")
        uris = [
            create_uri(MediaType.TRACK, match["provider"], match["item_id"])
            for match in answer["items"]
        ]
    tracks: dict[str | None, Item] = {}
    for batch in batched(uris[:limit], _BATCH_SIZE, strict=False):
        found = await asyncio.gather(*(_async_find_track(reader, uri) for uri in batch))
        tracks |= {track.uri: track for track in found if track and can_play(track)}
    return list(tracks.values())


async def _async_find_track(reader: LibraryReader, uri: str) -> Item | None:
    """Return a track, None if it is gone since it was analyzed."""
    try:
        return await reader.async_get_item(uri)
    except MediaNotFoundError, ProviderUnavailableError:
        return None
