"""Tools of language models. They call the actions, with the caller's permissions.

They are few, and their results are short facts: a small local model has to choose the right one
and understand the result.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, override

import probatio

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.intent import is_blank_slot_value
from homeassistant.helpers.llm import (
    LLMContext,
    Tool,
    ToolAnnotations,
    ToolInput,
    ToolResult,
    async_get_match_preferences,
)
from homeassistant.helpers.typing import VolDictType
from homeassistant.util.json import JsonObjectType

from ..const import DOMAIN
from ..helpers.texts import get_error_text
from . import commands
from .players import ExposedPlayer, get_exposed_players

PROMPT: Final = (
    f"Use the {DOMAIN} tools for music on the players below (area: players). Play by name with"
    f" {DOMAIN}__play. Pause, next and the volume of one player are tools of media_player."
)

_CONTROL: Final = ToolAnnotations(idempotent=True, open_world=False)
_CUMULATIVE: Final = ToolAnnotations(open_world=False)
_ADDITIVE: Final = ToolAnnotations(destructive=False, open_world=False)
_PLAY: Final = ToolAnnotations()
_READ: Final = ToolAnnotations(read_only=True, destructive=False, idempotent=True, open_world=False)


@dataclass(frozen=True, slots=True)
class ToolDescription:
    """Describe a tool."""

    name: str
    title: str
    description: str
    parameters: VolDictType
    handler: Callable[[commands.AssistCall], Awaitable[JsonObjectType]]
    annotations: ToolAnnotations = _CONTROL


class MusicAssistantTool(Tool):
    """Represent a tool of Music Assistant."""

    integration = DOMAIN

    def __init__(self, description: ToolDescription) -> None:
        """Initialize the tool from its description."""
        self.name = f"{DOMAIN}__{description.name}"
        self.title = description.title
        self.description = description.description
        self.parameters = probatio.Schema(description.parameters)
        self.annotations = description.annotations
        self._handler = description.handler

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Call the tool. An error is a result with its reason, in the user's language."""
        try:
            given = tool_input.tool_args.items()  # models also send arguments that they leave blank
            args = self.parameters({key: val for key, val in given if not is_blank_slot_value(val)})
            call = commands.AssistCall(
                hass,
                llm_context.context or Context(),
                async_get_match_preferences(hass, llm_context),
                args,
                get_exposed_players(hass, llm_context.assistant),
                describe_item,
            )
            data = await self._handler(call)
        except HomeAssistantError as err:
            return ToolResult(data={"error": get_error_text(hass, err)}, error=True)
        except probatio.Invalid as err:
            return ToolResult(data={"error": str(err)}, error=True)
        return ToolResult(data=data)


def describe_item(item: Mapping[str, Any]) -> str:
    """Return name, artists and media type of a serialized item as one fact."""
    if "name" not in item:  # a file or stream
        return str(item["uri"])
    artists = ", ".join(artist["name"] for artist in item.get("artists") or ())
    by = f" by {artists}" if artists else ""
    return f"{item['name']}{by} ({item['media_type']})"


# --------------------------------------------------------------------------------------- the table


def _create_player_field(name: str = "player", *, required: bool = False) -> VolDictType:
    """Create a field that names a player or an area."""
    key = probatio.Required if required else probatio.Optional
    text = "Name of the player or area" + ("" if required else "; leave out if nobody said one")
    return {key(name, description=text): cv.string}


_PLAYER: Final = _create_player_field()
_VOLUME: Final = probatio.All(probatio.Coerce(int), probatio.Range(min=0, max=100))
_MINUTES: Final = probatio.All(
    probatio.Coerce(int), probatio.Range(min=0, max=commands.MAX_SLEEP_MINUTES)
)

TOOLS: Final = (
    ToolDescription(
        "play",
        "Play music",
        "Find music by name and play it or add it to the queue. No search is needed before.",
        {
            probatio.Required(
                "query",
                description="Only the name of the song, album, artist, playlist, station or genre",
            ): cv.string,
            probatio.Optional("artist", description="Artist of the song or album"): cv.string,
            probatio.Optional("album", description="Album of the song"): cv.string,
            probatio.Optional("media_type", description="What the query names"): probatio.In(
                commands.MEDIA_TYPES
            ),
            **_PLAYER,
            probatio.Optional(
                "enqueue",
                description="next: after this song; add: at the end; leave out to play now",
            ): probatio.In(("next", "add")),
            probatio.Optional("shuffle", description="Play in random order"): cv.boolean,
            probatio.Optional("radio", description="Go on with endless similar music"): cv.boolean,
            probatio.Optional("volume_percent", description="Only if somebody said it"): _VOLUME,
            probatio.Optional(
                "stop_after_minutes", description="Stop the music after so many minutes"
            ): _MINUTES,
        },
        commands.async_play,
        _PLAY,
    ),
    ToolDescription(
        "play_similar",
        "Play more like this",
        "Play more music like what is playing now.",
        _PLAYER,
        commands.async_play_similar,
        _PLAY,
    ),
    ToolDescription(
        "now_playing",
        "What is playing",
        "Tell what is playing: title, artist, volume, sleep timer. Without a player, everywhere.",
        _PLAYER,
        commands.async_get_now_playing,
        _READ,
    ),
    ToolDescription(
        "get_queue",
        "Show the queue",
        "List the song that is playing and those that come next.",
        _PLAYER,
        commands.async_get_queue,
        _READ,
    ),
    ToolDescription(
        "change_queue",
        "Change the queue",
        "Play or remove a song of the queue, clear the queue, or save it as a playlist.",
        {
            probatio.Required("command"): probatio.In(tuple(commands.QUEUE_COMMANDS)),
            probatio.Optional(
                "item", description="Title or position of the song, to play or remove it"
            ): cv.string,
            probatio.Optional("name", description="Name of the playlist, to save it"): cv.string,
            **_PLAYER,
        },
        commands.async_change_queue,
        _CUMULATIVE,
    ),
    ToolDescription(
        "transfer",
        "Move the music",
        "Move the music that is playing to another player or area.",
        {**_create_player_field("to_player", required=True), **_create_player_field("from_player")},
        commands.async_transfer,
        _CUMULATIVE,
    ),
    ToolDescription(
        "group_players",
        "Group players",
        "Let several players play the same music.",
        {
            probatio.Required(
                "players", description='Names of players or areas, or "all"'
            ): probatio.All(probatio.EnsureList(), [cv.string], probatio.Length(min=1)),
        },
        commands.async_group_players,
    ),
    ToolDescription(
        "ungroup_player",
        "Ungroup a player",
        "Take a player out of its group.",
        _PLAYER,
        commands.async_ungroup_player,
    ),
    ToolDescription(
        "set_group_volume",
        "Set the volume of a group",
        "Set the volume of all players of a group together.",
        {
            probatio.Required("volume_percent"): _VOLUME,
            **_PLAYER,
        },
        commands.async_set_group_volume,
    ),
    ToolDescription(
        "set_sleep_timer",
        "Set the sleep timer",
        "Stop the music after some minutes.",
        {
            probatio.Required("minutes", description="0 switches the sleep timer off"): _MINUTES,
            **_PLAYER,
        },
        commands.async_set_sleep_timer,
    ),
    ToolDescription(
        "set_favorite",
        "Set as favorite",
        "Add what is playing to the favorites, or remove it from them.",
        {
            probatio.Optional("favorite", default=True, description="false removes it"): cv.boolean,
            **_PLAYER,
        },
        commands.async_set_favorite,
    ),
    ToolDescription(
        "add_to_playlist",
        "Add to a playlist",
        "Add what is playing, or music by name, to an existing playlist.",
        {
            probatio.Required("playlist", description="Name of the playlist"): cv.string,
            probatio.Optional(
                "query", description="Name of the music; leave out for what is playing"
            ): cv.string,
            **_PLAYER,
        },
        commands.async_add_to_playlist,
        _ADDITIVE,
    ),
    ToolDescription(
        "create_playlist",
        "Create a playlist",
        "Create an empty playlist.",
        {probatio.Required("name"): probatio.All(cv.string, probatio.Length(min=1))},
        commands.async_create_playlist,
        _ADDITIVE,
    ),
    ToolDescription(
        "get_recommendations",
        "Get recommendations",
        "List music that the user may like, to suggest something to play.",
        {},
        commands.async_get_recommendations,
        _READ,
    ),
)


def build_prompt(players: Sequence[ExposedPlayer]) -> str:
    """Build the prompt, which names the players by area."""
    areas: dict[str, list[str]] = {}
    for player in players:
        areas.setdefault(player.area or "", []).append(player.name)
    lines = [
        f"- {f'{area}: ' if area else ''}{', '.join(names)}"
        for area, names in sorted(areas.items())
    ]
    return "\n".join([PROMPT, *lines])
