"""Actions that return suggestions, items and lyrics."""

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
from ..entities.browsing import create_reader
from ..entry.permissions import async_can_see_other_users
from ..media.library_lists import (
    ITEM_CHILDREN,
    PAGE_SIZE,
    Item,
    Items,
    LibraryReader,
    resolve_provider_ids,
)
from ..media.lyrics import split_lyrics
from ..media.transcripts import async_get_transcript
from ..server.acting_user import ActingUser
from ..server.errors import build_validation_error, check_answer
from .base import ServerAction, async_as_caller, create_serializer, ensure_list_of, serialize_items
from .fields import (
    MAX_NUMBER,
    MEDIA_TYPES,
    build_any_validator,
    build_choices_validator,
    build_number_validator,
    build_single_validator,
    validate_boolean,
)
from .music import async_get_current_uris
from .targets import ATTR_ENTITY, get_target

LIMIT_VALIDATOR: Final = build_number_validator(1, PAGE_SIZE)
MEDIA_TYPES_VALIDATOR: Final = build_choices_validator(MEDIA_TYPES)

# Names of the lists of children that any item has.
CHILDREN_NAMES: Final = tuple(
    dict.fromkeys(children.name for lists in ITEM_CHILDREN.values() for children in lists)
)


# ------------------------------------------------------------------------------ suggestions


async def _async_handle_get_recommendations(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {response: [groups with their items]}, as mass_queue does.

    The server takes no user here: they are for the user that Home Assistant is signed in as.
    """
    reader = create_reader(coordinator)
    with check_answer():
        groups = await reader.async_get_recommendations()
    if "providers" in call.data:
        provider_ids = resolve_provider_ids(reader.mass, call.data["providers"])
        groups = [group for group in groups if group.provider in provider_ids]
    contents = await asyncio.gather(
        *(reader.async_get_recommended_items(group) for group in groups)
    )
    serializer = create_serializer(coordinator)
    rows = [
        serializer.serialize_recommendation(
            group, [item for item in items if item and not isinstance(item, BrowseFolder)]
        )
        for group, items in zip(groups, contents, strict=True)
    ]
    return {"response": [row for row in rows if row["items"]]}


async def _async_handle_get_recently_played(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {items} of the play log."""
    entity_id = call.data.get(ATTR_ENTITY)
    since = call.data.get("since")
    queue_id = get_target(call.hass, entity_id).player_id if entity_id else None
    with check_answer():
        items = await coordinator.mass.music.recently_played(
            limit=call.data["limit"],
            media_types=call.data.get("media_type"),
            queue_id=queue_id,
            fully_played_only=call.data["fully_played_only"],
            user_initiated_only=call.data["user_initiated_only"],
            played_after_timestamp=int(since.timestamp()) if since else None,
        )
    return {"items": serialize_items(coordinator, items)}


async def _async_handle_get_in_progress(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {items} that were started and not finished."""
    if call.data["all_users"] and not await async_can_see_other_users(call.hass, call.context):
        raise build_validation_error("all_users_not_permitted")
    with check_answer():
        items = await coordinator.mass.music.in_progress_items(
            call.data["limit"], call.data["all_users"]
        )
    return {"items": serialize_items(coordinator, items)}


# ------------------------------------------------------------------- items and their children


async def _async_handle_get_item(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {item, children: {name: [items]}, limit, offset}, and the transcript if asked for."""
    data, mass, serializer = call.data, coordinator.mass, create_serializer(coordinator)

    async def async_fetch(user: ActingUser) -> ServiceResponse:
        """Fetch the response as a user."""
        reader = create_reader(coordinator, user)
        item = await reader.async_get_item(data["uri"])
        children = await _async_fetch_children(reader, item, data)
        transcript = (
            {"transcript": await async_get_transcript(reader, item)} if data["transcript"] else {}
        )
        return {
            "item": serializer.serialize_detailed_item(item),
            "children": {
                name: [serializer.serialize_detailed_item(child) for child in page if child]
                for name, page in children.items()
            },
            "limit": data["limit"],
            "offset": data["offset"],
            **transcript,
        }

    return await async_as_caller(mass, call, async_fetch)


async def _async_fetch_children(
    reader: LibraryReader, item: Item, data: Mapping[str, Any]
) -> dict[str, Items]:
    """Return a page of each requested list, by default of those with the item's content."""
    names = data.get("children")
    child_lists = [
        part
        for part in reader.supported_children(item)
        if (part.is_content if names is None else part.name in names)
    ]
    pages = await asyncio.gather(
        *(
            reader.async_get_children_page(part, item, data["offset"], data["limit"])
            for part in child_lists
        )
    )
    return {part.name: page for part, page in zip(child_lists, pages, strict=True)}


# ------------------------------------------------------------------------------------- lyrics


async def _async_handle_get_lyrics(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {item, lyrics, lines: [{time (s), text}]} of the current item or of a URI."""
    mass = coordinator.mass
    uri = call.data.get("uri")
    if uri is None:
        (uri,) = await async_get_current_uris(get_target(call.hass, call.data[ATTR_ENTITY]), call)
    else:
        uri = create_reader(coordinator).get_uri(uri)
    data = await mass.send_command("music/item_by_uri", uri=uri)
    item = media_from_dict(data)
    metadata = getattr(item, "metadata", None)
    plain, timed = (metadata.lyrics, metadata.lrc_lyrics) if metadata else (None, None)
    if item.media_type is MediaType.TRACK:
        with suppress(InvalidCommand):  # older servers only have the lyrics of the metadata
            plain, timed = await mass.send_command("metadata/get_track_lyrics", track=data)
    lyrics, lines = split_lyrics(plain, timed)
    return {
        "item": create_serializer(coordinator).serialize_list_item(item),
        "lyrics": lyrics,
        "lines": [{"time": line.time, "text": line.text} for line in lines],
    }


ACTIONS: Final = (
    ServerAction(
        "get_recommendations",
        _async_handle_get_recommendations,
        {
            probatio.Optional(ATTR_ENTITY): cv.entity_id,
            probatio.Optional("providers"): ensure_list_of(cv.string),
        },
    ),
    ServerAction(
        "get_recently_played",
        _async_handle_get_recently_played,
        {
            probatio.Optional(ATTR_ENTITY): cv.entity_id,
            probatio.Optional("media_type"): MEDIA_TYPES_VALIDATOR,
            probatio.Optional("since"): cv.datetime,
            probatio.Optional("fully_played_only", default=False): validate_boolean,
            probatio.Optional("user_initiated_only", default=False): validate_boolean,
            probatio.Optional("limit", default=25): LIMIT_VALIDATOR,
        },
    ),
    ServerAction(
        "get_in_progress",
        _async_handle_get_in_progress,
        {
            probatio.Optional("all_users", default=False): validate_boolean,
            probatio.Optional("limit", default=25): LIMIT_VALIDATOR,
        },
    ),
    ServerAction(
        "get_item",
        _async_handle_get_item,
        {
            probatio.Required("uri"): cv.string,
            probatio.Optional("children"): build_choices_validator(CHILDREN_NAMES),
            probatio.Optional("limit", default=100): LIMIT_VALIDATOR,
            probatio.Optional("offset", default=0): build_number_validator(0, MAX_NUMBER),
            probatio.Optional("transcript", default=False): validate_boolean,
            probatio.Optional("username"): cv.string,
        },
    ),
    ServerAction(
        "get_lyrics",
        _async_handle_get_lyrics,
        {
            probatio.Optional(ATTR_ENTITY): cv.entity_id,
            probatio.Optional("uri"): cv.string,
        },
        validators=(
            build_any_validator(ATTR_ENTITY, "uri"),
            build_single_validator(ATTR_ENTITY, "uri"),
        ),
    ),
)
