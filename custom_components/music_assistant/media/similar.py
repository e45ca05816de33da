"""Tracks that are similar to tracks, or to the tracks of other items."""

import asyncio
from collections.abc import Iterable
from itertools import chain, zip_longest

from music_assistant_models.enums import MediaType
from music_assistant_models.errors import UnsupportedFeaturedException

from ..server.errors import build_validation_error
from .library_lists import MAX_SEED_TRACKS, Item, Items, LibraryReader
from .presentation import can_play


async def async_find_similar_tracks(
    reader: LibraryReader, uris: Iterable[str], limit: int
) -> list[Item]:
    """Return playable tracks that are similar to items, those of each item in turn.

    Raises ServiceValidationError for an item without tracks, and if no provider of any of them
    knows what is similar.
    """
    items = [await reader.async_get_item(uri) for uri in uris]
    seeds = [seed for item in items for seed in await _async_get_seeds(reader, item)]
    answers = await asyncio.gather(*(_async_get_similar(reader, seed, limit) for seed in seeds))
    if all(answer is None for answer in answers):
        raise build_validation_error("no_similar_tracks")
    tracks = {
        track.uri: track
        for track in chain.from_iterable(zip_longest(*filter(None, answers)))
        if track and can_play(track)
    }
    for seed in seeds:
        tracks.pop(seed.uri, None)
    return list(tracks.values())[:limit]


async def _async_get_seeds(reader: LibraryReader, item: Item) -> list[Item]:
    """Return the tracks of an item that stand for it, or a track itself."""
    if item.media_type is MediaType.TRACK:
        return [item]
    for children in reader.supported_children(item):
        if children.media_type is MediaType.TRACK:
            page = await reader.async_get_children_page(children, item, 0, MAX_SEED_TRACKS)
            if seeds := [track for track in page if track]:
                return seeds
    raise build_validation_error("not_similar_to", name=item.name)


async def _async_get_similar(reader: LibraryReader, seed: Item, limit: int) -> Items | None:
    """Return tracks that are similar to a track, None if no provider of it knows any."""
    try:
        return await reader.async_get_similar_tracks(seed, limit)
    except UnsupportedFeaturedException:
        return None
