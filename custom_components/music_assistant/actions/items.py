"""Actions on items: favorites, library and play log."""

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

from ..entry.permissions import Access
from ..server.errors import build_validation_error
from ..server.providers import LIBRARY_PROVIDER
from .base import TargetAction, serialize_items
from .fields import build_choice_validator, validate_boolean
from .music import MediaAction, MediaSelection, async_get_current_uris
from .targets import PlayerTarget

ON, OFF, TOGGLE = "on", "off", "toggle"


async def _async_handle_set_favorite(music: MediaSelection, call: ServiceCall) -> ServiceResponse:
    """Add items to the favorites, remove or toggle them."""
    return await _async_set_favorite(music, call.data["favorite"])


async def _async_handle_unfavorite_current_item(target: PlayerTarget, call: ServiceCall) -> None:
    """Remove the current item from the favorites."""
    await _async_set_favorite(
        MediaSelection(target.coordinator, await async_get_current_uris(target, call)), OFF
    )


async def _async_set_favorite(music: MediaSelection, new_state: str) -> ServiceResponse:
    """Set the favorite state of items to on, off or toggle."""
    items = []
    for uri in music.uris:
        item = await _async_get_item(music, uri)
        favorite = not item.favorite if new_state == TOGGLE else new_state == ON
        if favorite is not bool(item.favorite):
            await _async_set_item_favorite(music, item, favorite)
            item = await _async_get_item(music, uri)
        items.append(item)
    return _serialize_response(music, items)


async def _async_set_item_favorite(
    music: MediaSelection, item: MediaItemType, favorite: bool
) -> None:
    """Add an item to the favorites or remove it."""
    if favorite:
        await music.mass.music.add_item_to_favorites(str(item.uri))
    else:  # favorites always are in the library
        await music.mass.music.remove_item_from_favorites(item.media_type, item.item_id)


async def _async_handle_add_to_library(
    music: MediaSelection, _call: ServiceCall
) -> ServiceResponse:
    """Add items to the library."""
    added = [await music.mass.music.add_item_to_library(uri) for uri in music.uris]
    # the client returns dicts, contrary to its annotation
    return _serialize_response(
        music, [media_from_dict(cast("dict[str, Any]", item)) for item in added]
    )


async def _async_handle_remove_from_library(music: MediaSelection, call: ServiceCall) -> None:
    """Remove items from the library; raise before any removal if one isn't in it."""
    for item in await _async_get_library_items(music):
        await music.mass.music.remove_item_from_library(
            item.media_type, item.item_id, call.data["recursive"]
        )


async def _async_handle_mark_played(music: MediaSelection, call: ServiceCall) -> None:
    """Mark items as played."""
    for uri in music.uris:
        item = await _async_get_item(music, uri)
        await music.mass.music.mark_item_played(item, call.data["fully_played"])


async def _async_handle_mark_unplayed(music: MediaSelection, _call: ServiceCall) -> None:
    """Mark items as not played."""
    for uri in music.uris:
        await music.mass.music.mark_item_unplayed(await _async_get_item(music, uri))


async def _async_handle_refresh_item(music: MediaSelection, _call: ServiceCall) -> ServiceResponse:
    """Read items again from their providers; return them as they are now."""
    items = []
    for uri in music.uris:
        item = await music.mass.music.refresh_item(await _async_get_item(music, uri))
        if item is None or isinstance(item, BrowseFolder):
            raise MediaNotFoundError(uri)
        items.append(item)
    return _serialize_response(music, items)


async def _async_handle_match_providers(music: MediaSelection, _call: ServiceCall) -> None:
    """Search all providers for items; raise before any search if one isn't in the library."""
    for item in await _async_get_library_items(music):
        await music.mass.send_command(
            "music/match_providers", media_type=item.media_type, db_id=item.item_id
        )


async def _async_get_item(music: MediaSelection, uri: str) -> MediaItemType:
    """Return the current item of a URI, of the library if it is in there."""
    item = await music.mass.music.get_item_by_uri(uri)
    if isinstance(item, BrowseFolder | ItemMapping):
        raise MediaNotFoundError(uri)
    return item


async def _async_get_library_items(music: MediaSelection) -> list[MediaItemType]:
    """Return the selected items; raise if one isn't in the library."""
    items = [await _async_get_item(music, uri) for uri in music.uris]
    for item in items:
        if item.provider != LIBRARY_PROVIDER:
            raise build_validation_error("not_in_library", name=item.name)
    return items


def _serialize_response(
    music: MediaSelection, items: Iterable[MediaItemType | ItemMapping]
) -> ServiceResponse:
    """Return {items}."""
    return {"items": serialize_items(music.coordinator, items)}


ACTIONS: Final = (
    MediaAction(
        "set_favorite",
        _async_handle_set_favorite,
        {probatio.Optional("favorite", default=ON): build_choice_validator((ON, OFF, TOGGLE))},
    ),
    TargetAction("unfavorite_current_item", _async_handle_unfavorite_current_item, {}),
    MediaAction("add_to_library", _async_handle_add_to_library, {}),
    MediaAction(
        "remove_from_library",
        _async_handle_remove_from_library,
        {probatio.Optional("recursive", default=True): validate_boolean},
        SupportsResponse.NONE,
        access=Access.CONTROL_ALL,
    ),
    MediaAction(
        "mark_played",
        _async_handle_mark_played,
        {probatio.Optional("fully_played", default=True): validate_boolean},
        SupportsResponse.NONE,
    ),
    MediaAction("mark_unplayed", _async_handle_mark_unplayed, {}, SupportsResponse.NONE),
    MediaAction("refresh_item", _async_handle_refresh_item, {}),
    MediaAction(
        "match_providers",
        _async_handle_match_providers,
        {},
        SupportsResponse.NONE,
        access=Access.CONTROL_ALL,
    ),
)
