"""Actions that start playback."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from music_assistant_models.enums import PlayerType, QueueOption
from music_assistant_models.errors import MediaNotFoundError
import probatio

from homeassistant.components import media_source, tts
from homeassistant.components.media_player import BrowseError, async_process_play_media_url
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType

from ..const import SCHEMA_SLEEP_TIMER
from ..entities.browsing import create_reader
from ..entity import PlayerEntity
from ..media.browse_id import get_item_uri, get_playback_target, parse_media_source_id
from ..media.library_lists import LibraryReader
from ..media.resolve import (
    ResolvedMedia,
    async_find_start_item,
    async_get_item_at,
    async_load_item,
    async_resolve_announcement_options,
    async_resolve_announcement_url,
    async_resolve_media,
    async_resolve_media_source,
)
from ..players.commands import (
    async_play_media,
    check_volume_limit,
    get_group_id,
    get_leader_ids,
    get_queue_id,
)
from ..server.acting_user import ActingUser
from ..server.errors import build_validation_error
from .base import PlayerEntityAction, async_as_caller, create_serializer
from .fields import (
    ActionSchema,
    build_choice_validator,
    build_lenient_number_validator,
    build_list_validator,
    build_number_validator,
    build_together_validator,
    validate_boolean,
    validate_media_ids,
    validate_media_type,
    validate_stop_after,
)
from .targets import QUEUE_ACTIVE, QUEUE_OWN, QUEUES, async_check_control


@dataclass(frozen=True, slots=True)
class RequestedMedia:
    """Represent media that a call names, and the item in it to start with."""

    media_id: str
    media_type: str | None = None
    start_item: str | None = None


@dataclass(frozen=True, slots=True)
class MediaResolution:
    """Represent the resolved media of a call and the ids that weren't found."""

    resolved: list[ResolvedMedia]
    not_found: list[str]


async def _async_handle_play_media(player: PlayerEntity, call: ServiceCall) -> ServiceResponse:
    """Play media on a player."""
    media = _get_requested_media(player, call.data)

    async def async_play(user: ActingUser) -> ServiceResponse:
        """Play the media as a user."""
        resolution = await async_resolve_and_play(player, user, media, call.data)
        return (
            await _async_create_response(player, user, resolution) if call.return_response else None
        )

    return await async_as_caller(player.mass, call, async_play)


def _get_requested_media(player: PlayerEntity, data: Mapping[str, Any]) -> list[RequestedMedia]:
    """Return the media of a call: named by ids, or chosen in the media browser."""
    if "media_id" in data:
        return [RequestedMedia(media_id, data.get("media_type")) for media_id in data["media_id"]]
    return [
        build_requested_media(
            player, media["media_content_id"], media.get("media_content_type"), data.get("enqueue")
        )
        for media in data["media"]
    ]


def build_requested_media(
    player: PlayerEntity, content_id: str, content_type: str | None, enqueue: str | None
) -> RequestedMedia:
    """Build the media of a content id of the media browser.

    A track of an album plays the album from there on.
    """
    entry_id = player.coordinator.config_entry.entry_id
    media_id, start_item = parse_media_source_id(entry_id, content_id) or content_id, None
    with suppress(BrowseError):  # which is raised when the id is resolved
        media_id, start_item = get_playback_target(media_id, enqueue)
    return RequestedMedia(media_id, content_type, start_item)


async def async_resolve_and_play(
    player: PlayerEntity,
    user: ActingUser,
    media: Sequence[RequestedMedia],
    options: Mapping[str, Any],
) -> MediaResolution:
    """Resolve and play media as a user; `options` are the validated PLAY_OPTIONS."""
    await _async_check_options(player, options)
    reader = create_reader(player.coordinator, user)
    resolution = await _async_resolve_all(player, reader, media, options)
    options = {"start_item": media[0].start_item, **options}
    await _async_play(player, reader, resolution, options)
    if duration := options.get("stop_after"):
        await player.mass.players.set_sleep_timer(player.player_id, round(duration.total_seconds()))
    limit = player.coordinator.get_volume_limit(player.player_id)
    check_volume_limit(player.player, options.get("volume"), limit)
    return resolution


async def _async_check_options(player: PlayerEntity, options: Mapping[str, Any]) -> None:
    """Raise unless the server has what the options need, and the caller all players they change."""
    changed: list[str] = []
    if options["queue"] == QUEUE_ACTIVE:
        changed.append(get_group_id(player.player))
    if "volume" in options and player.player.type == PlayerType.GROUP:
        changed += player.player.group_members
    if options.get("stop_after"):
        if player.coordinator.schema_version < SCHEMA_SLEEP_TIMER:
            raise build_validation_error(
                "server_too_old_for_command", server=player.coordinator.name
            )
        changed += get_leader_ids(player.player, player.coordinator.data)
    await player.async_check_control(*changed)


async def _async_resolve_all(
    player: PlayerEntity,
    reader: LibraryReader,
    media: Sequence[RequestedMedia],
    hints: Mapping[str, Any],
) -> MediaResolution:
    """Resolve the media of a call; raise if none is found."""
    resolution = MediaResolution([], [])
    error: HomeAssistantError | None = None
    for requested in media:
        try:
            uri = get_item_uri(player.coordinator.config_entry.entry_id, requested.media_id)
            resolved = await async_resolve_media(
                reader,
                await async_resolve_media_source(player.hass, uri, player.entity_id),
                requested.media_type,
                artist=hints.get("artist"),
                album=hints.get("album"),
            )
        except (ServiceValidationError, BrowseError) as err:
            error = err
            resolution.not_found.append(requested.media_id)
        else:
            resolution.resolved.append(resolved)
    if error and not resolution.resolved:
        raise error
    return resolution


async def _async_play(
    player: PlayerEntity,
    reader: LibraryReader,
    resolution: MediaResolution,
    data: Mapping[str, Any],
) -> None:
    """Play resolved media; of several, those that the server has."""
    try:
        await _async_play_uris(player, reader, [media.uri for media in resolution.resolved], data)
    except MediaNotFoundError:
        if not await _async_remove_missing(reader, resolution) or not resolution.resolved:
            raise
        await _async_play_uris(player, reader, [media.uri for media in resolution.resolved], data)


async def _async_remove_missing(reader: LibraryReader, resolution: MediaResolution) -> bool:
    """Move media that isn't on the server to what wasn't found; return whether there was some."""
    missing = [
        media
        for media in resolution.resolved
        if (await async_load_item(reader, media)).item is None
    ]
    for media in missing:
        resolution.resolved.remove(media)
        resolution.not_found.append(media.query)
    return bool(missing)


async def _async_play_uris(
    player: PlayerEntity, reader: LibraryReader, uris: list[str], data: Mapping[str, Any]
) -> None:
    """Play URIs with the options of a call."""
    mass, user = reader.mass, reader.user
    start_item = data.get("start_item")
    if isinstance(start_item, int):
        start_item = await async_get_item_at(reader, uris[0], start_item)
    start = await async_find_start_item(reader, uris[0], start_item)
    if (volume := data.get("volume")) is not None:  # last, when nothing more is looked for
        await mass.players.volume_set(player.player_id, volume)
    await async_play_media(
        mass,
        player.player_id if data["queue"] == QUEUE_OWN else get_queue_id(player.player),
        uris,
        option=data.get("enqueue"),
        start_item=start,
        radio_mode=data.get("radio_mode", False),
        shuffle=data.get("shuffle"),
        user=user,
    )


async def _async_create_response(
    player: PlayerEntity, user: ActingUser, resolution: MediaResolution
) -> ServiceResponse:
    """Return {items: resolved media, not_found: media ids}."""
    reader = create_reader(player.coordinator, user)
    items = await asyncio.gather(*(async_load_item(reader, media) for media in resolution.resolved))
    serializer = create_serializer(player.coordinator)
    return {
        "items": [serializer.serialize_resolved_media(item) for item in items],
        "not_found": [*resolution.not_found],
    }


async def _async_handle_play_announcement(player: PlayerEntity, call: ServiceCall) -> None:
    """Play an announcement from a URL or a message."""
    data = call.data
    if tts_entity_id := data.get("tts_entity_id"):
        await async_check_control(call.hass, call.context, tts_entity_id)
    hass, entity_id = player.hass, player.entity_id
    if url := data.get("url"):
        url = await async_resolve_announcement_url(hass, url, entity_id)
    else:
        url = await _async_create_speech_url(hass, entity_id, data)
    options = await async_resolve_announcement_options(hass, data, entity_id)
    coordinator, volume_limit = (
        player.coordinator,
        player.coordinator.get_volume_limit(player.player_id),
    )
    await coordinator.announcements.async_play(
        player.mass, player.player, url, options, volume_limit
    )


async def _async_create_speech_url(
    hass: HomeAssistant, entity_id: str, data: Mapping[str, Any]
) -> str:
    """Return the URL of a spoken message, generated before any player is changed."""
    tts_entity_id = data["tts_entity_id"]
    state = hass.states.get(tts_entity_id)
    if state is None or state.state == STATE_UNAVAILABLE:
        # Home Assistant would return a URL without audio
        raise build_validation_error("tts_entity_not_available", entity_id=tts_entity_id)
    source = tts.generate_media_source_id(
        hass,
        data["message"],
        engine=tts_entity_id,
        language=data.get("language"),
        options=data.get("options"),
    )
    # generate now instead of at the player's request; Home Assistant caches the audio
    await tts.async_get_media_source_audio(hass, source)
    media = await media_source.async_resolve_media(hass, source, entity_id)
    return async_process_play_media_url(hass, media.url)


def _validate_start_item(value: object) -> int | str:
    """Validate a position, as a number, or an id, a URI or part of a name, as text.

    Templates make numbers with a fraction of 0.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) is int else cv.string(value)


# Media as Home Assistant's media selector gives it.
_MEDIA_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required("media_content_id"): probatio.All(cv.string, probatio.Length(min=1)),
        probatio.Optional("media_content_type"): cv.string,
    },
    extra=probatio.REMOVE_EXTRA,  # what it shows the media with
)

ENQUEUE_VALIDATOR: Final = build_choice_validator(
    option for option in QueueOption if option is not QueueOption.UNKNOWN
)
# Options of playing and of announcing: fields of the actions, and of `extra` in Home Assistant's
# own action.
PLAY_OPTIONS: Final[VolDictType] = {
    probatio.Optional("enqueue"): ENQUEUE_VALIDATOR,
    probatio.Optional("artist"): cv.string,
    probatio.Optional("album"): cv.string,
    probatio.Optional("radio_mode"): validate_boolean,
    probatio.Optional("start_item"): _validate_start_item,
    probatio.Optional("shuffle"): validate_boolean,
    probatio.Optional("queue", default=QUEUE_OWN): build_choice_validator(QUEUES),
    probatio.Optional("volume"): build_number_validator(0, 100),
    probatio.Optional("stop_after"): validate_stop_after,
    probatio.Optional("username"): cv.string,
}
ANNOUNCEMENT_OPTIONS: Final[VolDictType] = {
    probatio.Optional("use_pre_announce"): validate_boolean,
    probatio.Optional("pre_announce_url"): cv.string,
    probatio.Optional("announce_volume"): build_number_validator(1, 100),
}
# `extra` may have keys for other integrations.
validate_play_extra: Final = ActionSchema(PLAY_OPTIONS, PLAY_OPTIONS, probatio.REMOVE_EXTRA)
validate_announcement_extra: Final = ActionSchema(
    ANNOUNCEMENT_OPTIONS, ANNOUNCEMENT_OPTIONS, probatio.REMOVE_EXTRA
)

ACTIONS: Final = (
    PlayerEntityAction(
        "play_media",
        _async_handle_play_media,
        {
            probatio.Optional("media"): build_list_validator(_MEDIA_SCHEMA, probatio.Length(min=1)),
            probatio.Optional("media_id"): validate_media_ids,
            probatio.Optional("media_type"): validate_media_type,
            **PLAY_OPTIONS,
        },
        SupportsResponse.OPTIONAL,
        one_of=("media", "media_id"),
    ),
    PlayerEntityAction(
        "play_announcement",
        _async_handle_play_announcement,
        {
            probatio.Optional("url"): cv.string,
            probatio.Optional("message"): cv.string,
            probatio.Optional("tts_entity_id"): probatio.All(
                cv.entity_id, cv.entity_domain(tts.DOMAIN)
            ),
            probatio.Optional("language"): cv.string,
            probatio.Optional("options"): dict,
            **ANNOUNCEMENT_OPTIONS,
            # the built-in integration takes any number here, but not in `extra`
            probatio.Optional("announce_volume"): build_lenient_number_validator(1, 100, None),
        },
        one_of=("url", "message"),
        validators=(build_together_validator("message", "tts_entity_id"),),
    ),
)
