"""Actions that make a player play."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from music_assistant_models.enums import MediaType, QueueOption
import probatio

from homeassistant.components import media_source, tts
from homeassistant.components.media_player import async_process_play_media_url
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv

from ..entities.browsing import reader_of
from ..entity import PlayerEntity
from ..media.browse_id import item_of
from ..media.library_lists import Reader
from ..media.resolve import Found, async_address_of, async_described, async_item_at, async_resolve
from ..players.commands import async_play_shuffled, queue_of
from ..server.acting_user import User
from ..server.errors import invalid
from .base import PlayerAction, async_as_caller, list_of, serializer
from .targets import ACTIVE, OWN, async_check_control


async def _play_media(player: PlayerEntity, call: ServiceCall) -> ServiceResponse:
    async def play(user: User) -> ServiceResponse:
        reader = reader_of(player.coordinator, user)
        choice = await _chosen(player, reader, call.data)
        await _play(player, reader, choice, call.data)
        return await _response(player, reader, choice) if call.return_response else None

    return await async_as_caller(player.mass, call, play)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found of what was asked for, and what wasn't."""

    found: list[Found]
    missing: list[str]


async def _chosen(player: PlayerEntity, reader: Reader, data: Mapping[str, Any]) -> Choice:
    """Return what was asked for; of several, only nothing at all is an error."""
    choice = Choice([], [])
    refusal: ServiceValidationError | None = None
    for asked in data["media_id"]:
        item = item_of(player.coordinator.config_entry.entry_id, asked)
        try:
            found = await async_resolve(
                reader,
                await async_address_of(player.hass, item, player.entity_id),
                data.get("media_type"),
                artist=data.get("artist"),
                album=data.get("album"),
            )
        except ServiceValidationError as err:
            refusal = err
            choice.missing.append(asked)
        else:
            choice.found.append(found)
    if refusal and not choice.found:
        raise refusal
    return choice


async def _play(
    player: PlayerEntity, reader: Reader, choice: Choice, data: Mapping[str, Any]
) -> None:
    mass, user = reader.mass, reader.user
    uris = [found.uri for found in choice.found]
    start_item = data.get("start_item")
    if isinstance(start_item, int):
        start_item = await async_item_at(reader, uris[0], start_item)
    queue_id = player.player_id if data["queue"] == OWN else queue_of(player.player)
    shuffle, option = data.get("shuffle"), data.get("enqueue")
    if shuffle is None or data.get("radio_mode"):  # a radio is always mixed
        await mass.player_queues.play_media(
            queue_id,
            uris,
            option=option,
            radio_mode=data.get("radio_mode", False),
            start_item=start_item,
            user=user,
        )
    else:
        await async_play_shuffled(
            mass, queue_id, uris, shuffle, option=option, start_item=start_item, user=user
        )


async def _response(player: PlayerEntity, reader: Reader, choice: Choice) -> ServiceResponse:
    """Return {items: what was chosen, not_found: what nothing was found for}."""
    found = await asyncio.gather(*(async_described(reader, one) for one in choice.found))
    answer = serializer(player.coordinator)
    return {"items": [answer.found(one) for one in found], "not_found": [*choice.missing]}


async def _play_announcement(player: PlayerEntity, call: ServiceCall) -> None:
    data = call.data
    if engine := data.get("tts_entity_id"):
        await async_check_control(call.hass, call.context, engine)
    url = data.get("url") or await _speech(player.hass, player.entity_id, data)
    coordinator, limit = player.coordinator, player.coordinator.limit_of(player.player_id)
    await coordinator.announcements.async_play(player.mass, player.player, url, data, limit)


async def _speech(hass: HomeAssistant, entity_id: str, data: Mapping[str, Any]) -> str:
    """Return where a message can be heard, spoken before any player is touched."""
    engine = data["tts_entity_id"]
    state = hass.states.get(engine)
    if state is None or state.state == STATE_UNAVAILABLE:
        # its address would play nothing
        raise invalid("tts_entity_not_available", entity_id=engine)
    source = tts.generate_media_source_id(
        hass,
        data["message"],
        engine=engine,
        language=data.get("language"),
        options=data.get("options"),
    )
    # Home Assistant would speak only when the player asks for it, and keeps what is spoken
    await tts.async_get_media_source_audio(hass, source)
    media = await media_source.async_resolve_media(hass, source, entity_id)
    return async_process_play_media_url(hass, media.url)


ACTIONS: Final = (
    PlayerAction(
        "play_media",
        _play_media,
        {
            probatio.Required("media_id"): list_of(cv.string, probatio.Length(min=1)),
            probatio.Optional("media_type"): probatio.Coerce(MediaType),
            probatio.Optional("enqueue"): probatio.Coerce(QueueOption),
            probatio.Optional("artist"): cv.string,
            probatio.Optional("album"): cv.string,
            probatio.Optional("radio_mode"): cv.boolean,
            probatio.Optional("start_item"): probatio.Any(cv.positive_int, cv.string),
            probatio.Optional("shuffle"): cv.boolean,
            probatio.Optional("queue", default=OWN): probatio.In([OWN, ACTIVE]),
            probatio.Optional("username"): cv.string,
        },
        SupportsResponse.OPTIONAL,
    ),
    PlayerAction(
        "play_announcement",
        _play_announcement,
        probatio.All(
            cv.make_entity_service_schema(
                {
                    probatio.Optional("url"): probatio.All(cv.string, probatio.Length(min=1)),
                    probatio.Inclusive("message", "speech"): cv.string,
                    probatio.Inclusive("tts_entity_id", "speech"): probatio.All(
                        cv.entity_id, cv.entity_domain(tts.DOMAIN)
                    ),
                    probatio.Optional("language"): cv.string,
                    probatio.Optional("options"): dict,
                    probatio.Optional("use_pre_announce"): cv.boolean,
                    probatio.Optional("pre_announce_url"): cv.string,
                    probatio.Optional("announce_volume"): probatio.All(
                        probatio.Coerce(int), probatio.Range(min=1, max=100)
                    ),
                }
            ),
            probatio.AtLeastOne("url", "message"),
            probatio.AtMostOne("url", "message"),
        ),
    ),
)
