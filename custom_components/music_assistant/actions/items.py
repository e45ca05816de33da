"""Actions on items: favourites, the library, the play log."""

from collections.abc import Iterable
from typing import Any, Final, cast

from music_assistant_models.errors import MediaNotFoundError
from music_assistant_models.media_items import (
    BrowseFolder,
    ItemMapping,
    MediaItemType,
    media_from_dict,
)
import probatio

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from ..server.errors import invalid
from ..server.providers import LIBRARY
from .base import TargetAction, listed
from .music import Music, MusicAction, async_playing
from .targets import Target

ON, OFF, TOGGLE = "on", "off", "toggle"


async def _set_favorite(music: Music, call: ServiceCall) -> ServiceResponse:
    return await _favorite(music, call.data["favorite"])


async def _unfavorite(target: Target, call: ServiceCall) -> None:
    await _favorite(Music(target.coordinator, await async_playing(target, call)), OFF)


async def _favorite(music: Music, wanted: str) -> ServiceResponse:
    items = []
    for uri in music.uris:
        item = await _item(music, uri)
        favorite = not item.favorite if wanted == TOGGLE else wanted == ON
        if favorite is not bool(item.favorite):
            await _make_favorite(music, item, favorite)
            item = await _item(music, uri)
        items.append(item)
    return _items(music, items)


async def _make_favorite(music: Music, item: MediaItemType, favorite: bool) -> None:
    if favorite:
        await music.mass.music.add_item_to_favorites(str(item.uri))
    else:  # only items of the library can be favourites
        await music.mass.music.remove_item_from_favorites(item.media_type, item.item_id)


async def _add_to_library(music: Music, _call: ServiceCall) -> ServiceResponse:
    added = [await music.mass.music.add_item_to_library(uri) for uri in music.uris]
    # the library says that it decodes them, but doesn't
    return _items(music, [media_from_dict(cast("dict[str, Any]", each)) for each in added])


async def _remove_from_library(music: Music, call: ServiceCall) -> None:
    items = [await _item(music, uri) for uri in music.uris]
    for item in items:
        if item.provider != LIBRARY:
            raise invalid("not_in_library", name=item.name)
    for item in items:
        await music.mass.music.remove_item_from_library(
            item.media_type, item.item_id, call.data["recursive"]
        )


async def _mark_played(music: Music, call: ServiceCall) -> None:
    for uri in music.uris:
        item = await _item(music, uri)
        await music.mass.music.mark_item_played(item, call.data["fully_played"])


async def _mark_unplayed(music: Music, _call: ServiceCall) -> None:
    for uri in music.uris:
        await music.mass.music.mark_item_unplayed(await _item(music, uri))


async def _item(music: Music, uri: str) -> MediaItemType:
    """Return an item as it is now: the library's, if it is in there."""
    item = await music.mass.music.get_item_by_uri(uri)
    if isinstance(item, BrowseFolder | ItemMapping):
        raise MediaNotFoundError(uri)
    return item


def _items(music: Music, items: Iterable[MediaItemType | ItemMapping]) -> ServiceResponse:
    return {"items": listed(music.coordinator, items)}


def _in_words(value: object) -> object:
    """Return on and off as they are in YAML, where they mean true and false, as words."""
    return {True: ON, False: OFF}[value] if isinstance(value, bool) else value


ACTIONS: Final = (
    MusicAction(
        "set_favorite",
        _set_favorite,
        {
            probatio.Optional("favorite", default=ON): probatio.All(
                _in_words, probatio.In([ON, OFF, TOGGLE])
            )
        },
    ),
    TargetAction("unfavorite_current_item", _unfavorite, {}),
    MusicAction("add_to_library", _add_to_library, {}),
    MusicAction(
        "remove_from_library",
        _remove_from_library,
        {probatio.Optional("recursive", default=True): cv.boolean},
        SupportsResponse.NONE,
    ),
    MusicAction(
        "mark_played",
        _mark_played,
        {probatio.Optional("fully_played", default=True): cv.boolean},
        SupportsResponse.NONE,
    ),
    MusicAction("mark_unplayed", _mark_unplayed, {}, SupportsResponse.NONE),
)
