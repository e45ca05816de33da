"""Intents: what people ask Assist for, answered in a sentence of their language.

Home Assistant says "An unexpected error occurred" to any error of an intent, so errors are
answers, too.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, override

import probatio

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN, MediaPlayerState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.intent import (
    Intent,
    IntentHandler,
    IntentResponse,
    IntentResponseErrorCode,
    IntentResponseType,
    MatchTargetsConstraints,
    MatchTargetsPreferences,
    is_blank_slot_value,
    non_empty_string,
)
from homeassistant.helpers.typing import VolDictType
from homeassistant.util.json import JsonObjectType

from ..helpers.texts import async_load_texts, get_error_text, get_text
from ..server.errors import build_validation_error
from . import commands
from .commands import AssistCall
from .players import SpokenTarget, check_players, get_exposed_players

INTENT_PREFIX: Final = "MusicAssistant"
MAX_HOURS: Final = commands.MAX_SLEEP_MINUTES // 60
_TARGET_SLOTS: Final = ("name", "area", "floor")
_PREFERENCE_SLOTS: Final = ("preferred_area_id", "preferred_floor_id")


@dataclass(frozen=True, slots=True)
class Answers:
    """Represent the texts of answers in a language."""

    hass: HomeAssistant
    language: str

    def format(self, key: str, facts: Mapping[str, Any]) -> str:
        """Return an answer with facts filled in."""
        return get_text(self.hass, f"assist_{key}", key, self.language).format_map(facts)

    def describe_item(self, item: Mapping[str, Any]) -> str:
        """Return the name and the artists of a serialized item."""
        if "name" not in item:  # a file or stream
            return str(item["uri"])
        artists = ", ".join(artist["name"] for artist in item.get("artists") or ())
        return self.describe(item["name"], artists)

    def describe(self, name: str, artists: object) -> str:
        """Return a name with its artists, if there are any."""
        return self.format("item", {"name": name, "artists": artists}) if artists else name


@dataclass(frozen=True, slots=True)
class IntentDescription:
    """Describe an intent: its slots, who is meant by which of them, and what is answered.

    `targets` are the arguments that name players, with the prefix of their slots `name`, `area`
    and `floor`.
    """

    name: str
    description: str
    handler: Callable[[AssistCall], Awaitable[JsonObjectType]]
    get_answer: Callable[[Answers, JsonObjectType], str]
    slots: VolDictType = field(default_factory=dict)
    fixed_args: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=lambda: {"player": ""})
    response_type: IntentResponseType = IntentResponseType.ACTION_DONE


class MusicAssistantIntentHandler(IntentHandler):
    """Handle an intent by its description."""

    platforms = {MEDIA_PLAYER_DOMAIN}

    def __init__(self, description: IntentDescription) -> None:
        """Initialize the handler from the description of the intent."""
        self.intent_type = f"{INTENT_PREFIX}{description.name}"
        self.description = description.description
        self._description = description

    @property
    @override
    def slot_schema(self) -> VolDictType:
        """Return the slots: those of the intent, and those that name a player."""
        target_slots = [
            f"{prefix}{slot}"
            for prefix in self._description.targets.values()
            for slot in _TARGET_SLOTS
        ]
        optional: VolDictType = {
            probatio.Optional(slot): cv.string for slot in (*target_slots, *_PREFERENCE_SLOTS)
        }
        return {**self._description.slots, **optional}

    @override
    async def async_handle(self, intent_obj: Intent) -> IntentResponse:
        """Handle the intent; what went wrong is answered, too."""
        hass, description = intent_obj.hass, self._description
        answers = Answers(hass, await async_load_texts(hass, intent_obj.language))
        response = intent_obj.create_response()
        response.response_type = description.response_type
        call = self._build_call(intent_obj, answers)
        try:
            check_players(hass, call.players)
            facts = await description.handler(call)
        except HomeAssistantError as err:
            text = get_error_text(hass, err, answers.language)
            response.async_set_error(IntentResponseErrorCode.FAILED_TO_HANDLE, text)
            return response
        response.async_set_speech(description.get_answer(answers, facts))
        response.async_set_speech_slots(facts)
        return response

    def _build_call(self, intent_obj: Intent, answers: Answers) -> AssistCall:
        """Build the call from the slots of an intent."""
        given = self.async_validate_slots(intent_obj.slots)
        values = {name: slot["value"] for name, slot in given.items()}
        args = {
            name: value.strip() if isinstance(value, str) else value  # as of a wildcard
            for name, value in values.items()
            if not is_blank_slot_value(value)
        }
        description = self._description
        for argument, prefix in description.targets.items():
            if target := _get_target(args, prefix):
                args[argument] = target
        return AssistCall(
            intent_obj.hass,
            intent_obj.context,
            MatchTargetsPreferences(*(args.get(slot) for slot in _PREFERENCE_SLOTS)),
            {**args, **description.fixed_args},
            get_exposed_players(intent_obj.hass, intent_obj.assistant),
            answers.describe_item,
        )


def _get_target(args: Mapping[str, Any], prefix: str) -> SpokenTarget | None:
    """Return who is meant by the slots with a prefix, None if nobody is.

    A name alone may also be that of an area or a floor: Home Assistant prefers the name of any
    entity, such as that of a lamp "Kitchen", to that of an area.
    """
    name, area, floor = (args.get(f"{prefix}{slot}") for slot in _TARGET_SLOTS)
    if not (area or floor):
        return name
    return MatchTargetsConstraints(
        name=name, area_name=area, floor_name=floor, allow_duplicate_names=True
    )


async def _async_group_players(call: AssistCall) -> JsonObjectType:
    """Group a player with another one, or else with the one that is playing; or group all."""
    together = call.args.get("everywhere") or "player" not in call.args
    players = ["all"] if together else [call.args["player"], call.args.get("other")]
    return await commands.async_group_players(replace(call, args={"players": players}))


async def _async_set_sleep_timer(call: AssistCall) -> JsonObjectType:
    """Set the sleep timer to hours and minutes."""
    minutes = call.args.get("hours", 0) * 60 + call.args.get("minutes", 0)
    if not 0 < minutes <= commands.MAX_SLEEP_MINUTES:
        raise build_validation_error("sleep_timer_duration", hours=str(MAX_HOURS))
    return await commands.async_set_sleep_timer(
        replace(call, args={**call.args, "minutes": minutes})
    )


def _create_answer(key: str) -> Callable[[Answers, JsonObjectType], str]:
    """Create the function that returns an answer with a key."""
    return lambda answers, facts: answers.format(key, facts)


def _answer_shuffle(answers: Answers, facts: JsonObjectType) -> str:
    """Return whether the queue is shuffled."""
    return answers.format("shuffle_on" if facts["shuffle"] else "shuffle_off", facts)


def _answer_play(answers: Answers, facts: JsonObjectType) -> str:
    """Return the media to play or to add to the queue."""
    return answers.format("queued" if "queued" in facts else "playing", facts)


def _answer_group(answers: Answers, facts: JsonObjectType) -> str:
    """Return who plays together."""
    members: Any = facts["members"]
    return answers.format("grouped", {**facts, "members": ", ".join(members)})


def _answer_now_playing(answers: Answers, facts: JsonObjectType) -> str:
    """Return what plays, a sentence for each player."""
    players: Any = facts["players"]
    sentences = [_describe_playing(answers, player) for player in players]
    return " ".join(sentences) or answers.format("nothing", {})


def _describe_playing(answers: Answers, player: Mapping[str, Any]) -> str:
    """Return what a player plays."""
    name = player.get("title") or player.get("station")
    if not name:
        return answers.format("nothing_on", player)
    is_paused = player["state"] == MediaPlayerState.PAUSED
    item = answers.describe(name, player.get("artist"))
    return answers.format("now_paused" if is_paused else "now_playing", {**player, "item": item})


_TIMER_SLOTS: Final[VolDictType] = {
    probatio.Optional("hours"): probatio.All(probatio.Coerce(int), probatio.Range(min=0)),
    probatio.Optional("minutes"): probatio.All(probatio.Coerce(int), probatio.Range(min=0)),
}

INTENTS: Final = (
    IntentDescription(
        "Play",
        "Plays music by name, or adds it to the queue of a player",
        commands.async_play,
        _answer_play,
        {
            probatio.Required("query"): non_empty_string,
            probatio.Optional("artist"): cv.string,
            probatio.Optional("album"): cv.string,
            probatio.Optional("media_type"): probatio.In(commands.MEDIA_TYPES),
            probatio.Optional("start_item"): cv.string,
            probatio.Optional("enqueue"): probatio.In(("next", "add")),
            probatio.Optional("shuffle"): cv.boolean,
            probatio.Optional("radio"): cv.boolean,
            probatio.Optional("everywhere"): cv.boolean,
        },
    ),
    IntentDescription(
        "PlaySimilar",
        "Plays more music like what is playing",
        commands.async_play_similar,
        _create_answer("playing_similar"),
    ),
    IntentDescription(
        "SetShuffle",
        "Switches random order on or off for what is playing",
        commands.async_set_shuffle,
        _answer_shuffle,
        {probatio.Required("shuffle"): cv.boolean},
    ),
    IntentDescription(
        "NowPlaying",
        "Tells what is playing",
        commands.async_get_now_playing,
        _answer_now_playing,
        fixed_args={"here": True},
        response_type=IntentResponseType.QUERY_ANSWER,
    ),
    IntentDescription(
        "Transfer",
        "Moves the music to another player",
        commands.async_transfer,
        _create_answer("transferred"),
        targets={"to_player": "", "from_player": "from_"},
    ),
    IntentDescription(
        "Group",
        "Lets players play the same music",
        _async_group_players,
        _answer_group,
        {probatio.Optional("everywhere"): cv.boolean},
        targets={"player": "", "other": "other_"},
    ),
    IntentDescription(
        "Ungroup",
        "Takes a player out of its group",
        commands.async_ungroup_player,
        _create_answer("ungrouped"),
    ),
    IntentDescription(
        "SetGroupVolume",
        "Sets the volume of all players of a group",
        commands.async_set_group_volume,
        _create_answer("group_volume"),
        {
            probatio.Required("volume_percent"): probatio.All(
                probatio.Coerce(int), probatio.Range(min=0, max=100)
            )
        },
    ),
    IntentDescription(
        "SetSleepTimer",
        "Stops the music after some time",
        _async_set_sleep_timer,
        _create_answer("sleep_timer"),
        _TIMER_SLOTS,
    ),
    IntentDescription(
        "CancelSleepTimer",
        "Switches the sleep timer of a player off",
        commands.async_set_sleep_timer,
        _create_answer("sleep_timer_off"),
        fixed_args={"minutes": 0},
    ),
    IntentDescription(
        "AddFavorite",
        "Adds what is playing to the favorites",
        commands.async_set_favorite,
        _create_answer("favorite_added"),
        fixed_args={"favorite": True},
    ),
    IntentDescription(
        "RemoveFavorite",
        "Removes what is playing from the favorites",
        commands.async_set_favorite,
        _create_answer("favorite_removed"),
        fixed_args={"favorite": False},
    ),
    IntentDescription(
        "AddToPlaylist",
        "Adds what is playing to a playlist",
        commands.async_add_to_playlist,
        _create_answer("added_to_playlist"),
        {probatio.Required("playlist"): non_empty_string},
    ),
)
