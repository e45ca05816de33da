"""Actions that tell what there is to listen to, and what belongs to it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from music_assistant_models.enums import MediaType
from music_assistant_models.errors import InvalidCommand
from music_assistant_models.media_items import BrowseFolder, media_from_dict
import probatio

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import reader_of
from ..media.library_lists import PAGE, Item, Items, Reader, provider_ids
from ..media.lyrics import timed_lines
from ..server.acting_user import User
from .base import Action, async_as_caller, list_of, listed, serializer
from .music import async_playing
from .targets import ATTR_ENTITY, target_at

LIMIT: Final = probatio.All(cv.positive_int, probatio.Range(min=1, max=PAGE))
MEDIA_TYPES: Final = list_of(probatio.Coerce(MediaType))


# ----------------------------------------------------------------------- what is suggested


async def _get_recommendations(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {response: [groups, each with its items]}, as mass_queue does.

    The server has no user for these: they are those of whom Home Assistant is signed in as.
    """
    reader = reader_of(coordinator)
    groups = await reader.recommendations()
    if "providers" in call.data:
        wanted = provider_ids(reader.mass, call.data["providers"])
        groups = [group for group in groups if group.provider in wanted]
    contents = await asyncio.gather(*(reader.recommended(group) for group in groups))
    told = serializer(coordinator)
    rows = [
        told.recommendation(
            group, [item for item in items if item and not isinstance(item, BrowseFolder)]
        )
        for group, items in zip(groups, contents, strict=True)
    ]
    return {"response": [row for row in rows if row["items"]]}


async def _get_recently_played(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    entity_id = call.data.get(ATTR_ENTITY)
    since = call.data.get("since")
    items = await coordinator.mass.music.recently_played(
        limit=call.data["limit"],
        media_types=call.data.get("media_type"),
        queue_id=target_at(call.hass, entity_id).player_id if entity_id else None,
        fully_played_only=call.data["fully_played_only"],
        user_initiated_only=call.data["user_initiated_only"],
        played_after_timestamp=int(since.timestamp()) if since else None,
    )
    return {"items": listed(coordinator, items)}


async def _get_in_progress(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    items = await coordinator.mass.music.in_progress_items(
        call.data["limit"], call.data["all_users"]
    )
    return {"items": listed(coordinator, items)}


# ------------------------------------------------------------------ an item, and what is in it


async def _get_item(coordinator: MusicAssistantCoordinator, call: ServiceCall) -> ServiceResponse:
    data, mass, told = call.data, coordinator.mass, serializer(coordinator)

    async def read(user: User) -> ServiceResponse:
        reader = reader_of(coordinator, user)
        item = await reader.item(data["uri"])
        children = await _children(reader, item, data)
        return {
            "item": told.detailed(item),
            "children": {
                name: [told.detailed(child) for child in page if child]
                for name, page in children.items()
            },
            "limit": data["limit"],
            "offset": data["offset"],
        }

    return await async_as_caller(mass, call, read)


async def _children(reader: Reader, item: Item, data: Mapping[str, Any]) -> dict[str, Items]:
    """Return a page of each list that is asked for; by default of those that are the item's own."""
    chosen = data.get("children")
    parts = [
        part
        for part in reader.parts(item.media_type)
        if (part.own if chosen is None else part.name in chosen)
    ]
    pages = await asyncio.gather(
        *(reader.page(part, item, data["offset"], data["limit"]) for part in parts)
    )
    return {part.name: page for part, page in zip(parts, pages, strict=True)}


# ------------------------------------------------------------------------------------- lyrics


async def _get_lyrics(coordinator: MusicAssistantCoordinator, call: ServiceCall) -> ServiceResponse:
    """Return {..., lyrics, lines: [{time (s), text}]} of what plays, or of a URI."""
    mass = coordinator.mass
    uri = call.data.get("uri")
    if uri is None:
        (uri,) = await async_playing(target_at(call.hass, call.data[ATTR_ENTITY]), call)
    data = await mass.send_command("music/item_by_uri", uri=uri)
    item = media_from_dict(data)
    metadata = getattr(item, "metadata", None)
    plain, timed = (metadata.lyrics, metadata.lrc_lyrics) if metadata else (None, None)
    if item.media_type is MediaType.TRACK:
        with suppress(InvalidCommand):  # an older server tells only what it has at hand
            plain, timed = await mass.send_command("metadata/get_track_lyrics", track=data)
    lines = timed_lines(timed or "")
    return {
        "item": serializer(coordinator).listed(item),
        "lyrics": plain or "\n".join(line.text for line in lines) or None,
        "lines": [{"time": line.time, "text": line.text} for line in lines],
    }


ACTIONS: Final = (
    Action(
        "get_recommendations",
        _get_recommendations,
        {
            probatio.Optional(ATTR_ENTITY): cv.entity_id,
            probatio.Optional("providers"): list_of(cv.string),
        },
    ),
    Action(
        "get_recently_played",
        _get_recently_played,
        {
            probatio.Optional(ATTR_ENTITY): cv.entity_id,
            probatio.Optional("media_type"): MEDIA_TYPES,
            probatio.Optional("since"): cv.datetime,
            probatio.Optional("fully_played_only", default=False): cv.boolean,
            probatio.Optional("user_initiated_only", default=False): cv.boolean,
            probatio.Optional("limit", default=25): LIMIT,
        },
    ),
    Action(
        "get_in_progress",
        _get_in_progress,
        {
            probatio.Optional("all_users", default=False): cv.boolean,
            probatio.Optional("limit", default=25): LIMIT,
        },
    ),
    Action(
        "get_item",
        _get_item,
        {
            probatio.Required("uri"): cv.string,
            probatio.Optional("children"): list_of(cv.string),
            probatio.Optional("limit", default=100): LIMIT,
            probatio.Optional("offset", default=0): cv.positive_int,
            probatio.Optional("username"): cv.string,
        },
    ),
    Action(
        "get_lyrics",
        _get_lyrics,
        {
            probatio.Optional(ATTR_ENTITY): cv.entity_id,
            probatio.Optional("uri"): cv.string,
        },
        rules=(probatio.AtLeastOne(ATTR_ENTITY, "uri"), probatio.AtMostOne(ATTR_ENTITY, "uri")),
    ),
)
