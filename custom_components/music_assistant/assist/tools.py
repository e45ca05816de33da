"""Tools of language models. They call the actions, with the caller's permissions.

They are few, and their results are short facts: a small local model has to choose the right one
and understand the result.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, override

import probatio

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_ENTITY_ID
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
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..actions.targets import async_get_permission_filter
from ..const import DOMAIN
from ..helpers.texts import get_error_text
from ..server.errors import build_validation_error
from .players import ExposedPlayer, find_group, find_player, find_playing, get_exposed_players

MEDIA_TYPES: Final = (
    *("artist", "album", "track", "playlist", "radio", "podcast", "audiobook", "genre"),
)
# Items of a list in a result, at most: each costs the model tokens.
MAX_QUEUE_ITEMS: Final = 10
MAX_RECOMMENDATIONS: Final = 5
# Items of a queue among which a title is searched.
MAX_SEARCHED_ITEMS: Final = 1000
MAX_SLEEP_MINUTES: Final = 24 * 60
# Attributes of a player in a result, and their names there.
PLAYING_ATTRIBUTES: Final = {
    "media_title": "title",
    "media_artist": "artist",
    "media_album_name": "album",
    "media_channel": "station",
    "shuffle": "shuffle",
}
PROMPT: Final = (
    f"Use the {DOMAIN} tools for music on the players below (area: players). Play by name with"
    f" {DOMAIN}__play. Pause, next and the volume of one player are tools of media_player."
)
_ALL_PLAYERS: Final = frozenset({"all", "everywhere"})

_CONTROL: Final = ToolAnnotations(idempotent=True, open_world=False)
_CUMULATIVE: Final = ToolAnnotations(open_world=False)
_ADDITIVE: Final = ToolAnnotations(destructive=False, open_world=False)
_PLAY: Final = ToolAnnotations()
_READ: Final = ToolAnnotations(read_only=True, destructive=False, idempotent=True, open_world=False)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """Represent a call of a tool with validated arguments."""

    hass: HomeAssistant
    llm_context: LLMContext
    args: Mapping[str, Any]
    players: list[ExposedPlayer] = field(default_factory=list)

    @property
    def context(self) -> Context:
        """Return the context of the caller."""
        return self.llm_context.context or Context()

    def find_player(
        self, argument: str = "player", *, prefer_playing: bool = True
    ) -> ExposedPlayer:
        """Return the player that an argument names, or the one that goes without saying."""
        preferences = async_get_match_preferences(self.hass, self.llm_context)
        return find_player(
            self.hass,
            self.players,
            self.args.get(argument),
            preferences,
            prefer_playing=prefer_playing,
        )

    def get_server(self) -> dict[str, Any]:
        """Return the field that names the server, if all players are of the same one."""
        entry_ids = {player.target.coordinator.config_entry.entry_id for player in self.players}
        return {ATTR_CONFIG_ENTRY_ID: entry_ids.pop()} if len(entry_ids) == 1 else {}

    async def async_call_action(
        self,
        action: str,
        player: ExposedPlayer | None = None,
        *,
        domain: str = DOMAIN,
        response: bool = False,
        **data: Any,
    ) -> Any:
        """Call an action as the caller, and return its response, of the player if one is given."""
        if player:
            data[ATTR_ENTITY_ID] = player.entity_id
        result = await self.hass.services.async_call(
            domain, action, data, True, self.context, return_response=response
        )
        if response and player and result and player.entity_id in result:
            return result[player.entity_id]
        return result


@dataclass(frozen=True, slots=True)
class ToolDescription:
    """Describe a tool."""

    name: str
    title: str
    description: str
    parameters: VolDictType
    handler: Callable[[ToolCall], Awaitable[JsonObjectType]]
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
        """Call the tool. An error is a result that says what is wrong, in the user's language."""
        try:
            given = tool_input.tool_args.items()  # models also send arguments that they leave blank
            args = self.parameters({key: val for key, val in given if not is_blank_slot_value(val)})
            players = get_exposed_players(hass, llm_context.assistant)
            data = await self._handler(ToolCall(hass, llm_context, args, players))
        except HomeAssistantError as err:
            return ToolResult(data={"error": get_error_text(hass, err)}, error=True)
        except probatio.Invalid as err:
            return ToolResult(data={"error": str(err)}, error=True)
        return ToolResult(data=data)


# ------------------------------------------------------------------------------------ playback


async def _async_play(call: ToolCall) -> JsonObjectType:
    """Play music by name; return {player, playing: name} or {player, queued: name}."""
    player = call.find_player(prefer_playing="enqueue" in call.args)
    names = ("media_type", "artist", "album", "enqueue", "shuffle")
    data = {name: call.args[name] for name in names if name in call.args}
    if call.args.get("radio"):
        data["radio_mode"] = True
    return await _async_play_media(call, player, call.args["query"], data)


async def _async_play_similar(call: ToolCall) -> JsonObjectType:
    """Play music similar to the current item; return {player, playing: name}."""
    player = call.find_player()
    uri = player.target.player.media.content_id
    if not uri:
        raise build_validation_error("nothing_playing", player=player.name)
    return await _async_play_media(call, player, uri, {"radio_mode": True})


async def _async_play_media(
    call: ToolCall, player: ExposedPlayer, media_id: str, data: Mapping[str, Any]
) -> JsonObjectType:
    """Play media; return what was found."""
    response = await call.async_call_action(
        "play_media", player, response=True, media_id=[media_id], **data
    )
    found = [_describe_item(item) for item in response["items"]]
    added = data.get("enqueue") in ("next", "add")
    return {
        "player": player.name,
        "queued" if added else "playing": found[0] if found else media_id,
        **({"similar_music": True} if data.get("radio_mode") else {}),
    }


def _describe_item(item: Mapping[str, Any]) -> str:
    """Return name, artists and media type of a serialized item as one fact."""
    if "name" not in item:  # a file or stream
        return str(item["uri"])
    artists = ", ".join(artist["name"] for artist in item.get("artists") or ())
    by = f" by {artists}" if artists else ""
    return f"{item['name']}{by} ({item['media_type']})"


async def _async_get_now_playing(call: ToolCall) -> JsonObjectType:
    """Return {players: [playing media]} of one player, or of all that play or pause."""
    if call.args.get("player"):
        shown = [call.find_player()]
    else:
        shown = [one for one in call.players if one.state.state in ("playing", "paused")]
    can_read = await async_get_permission_filter(call.hass, call.context, POLICY_READ)
    return {"players": [_describe_player(one) for one in shown if can_read(one.entity_id)]}


def _describe_player(player: ExposedPlayer) -> JsonValueType:
    """Return the media that a player plays."""
    attributes, snapshot = player.state.attributes, player.target.player
    facts: JsonObjectType = {"player": player.name, "state": player.state.state}
    if player.area:
        facts["area"] = player.area
    for attribute, name in PLAYING_ATTRIBUTES.items():
        if value := attributes.get(attribute):
            facts[name] = value
    if snapshot.volume is not None:
        facts["volume_percent"] = round(snapshot.volume * 100)
    if snapshot.sleep_timer:
        ends_at = dt_util.as_local(datetime.fromtimestamp(snapshot.sleep_timer, UTC))
        facts["stops_at"] = f"{ends_at:%H:%M}"
    return facts


async def _async_transfer(call: ToolCall) -> JsonObjectType:
    """Move the music to another player; return {from, to}."""
    target = call.find_player("to_player")
    if call.args.get("from_player"):
        source = call.find_player("from_player")
    else:
        playing = [one for one in find_playing(call.players) if one.entity_id != target.entity_id]
        if not playing:
            raise build_validation_error("nothing_plays")
        if len(playing) > 1:
            names = ", ".join(player.name for player in playing)
            raise build_validation_error("several_players", players=names)
        (source,) = playing
    await call.async_call_action("transfer_queue", target, source_player=source.entity_id)
    return {"from": source.name, "to": target.name}


# --------------------------------------------------------------------------------------- queue


async def _async_get_queue(call: ToolCall) -> JsonObjectType:
    """Return {player, items: [{position, title, artist}]}, the current item first."""
    player = call.find_player()
    items = await call.async_call_action(
        "get_queue_items", player, response=True, limit_before=0, limit_after=MAX_QUEUE_ITEMS
    )
    return {"player": player.name, "items": [_describe_queue_item(item) for item in items]}


def _describe_queue_item(item: Mapping[str, Any]) -> JsonValueType:
    """Return position, title and artist of a queue item."""
    fields = {"title": item["media_title"], "artist": item["media_artist"]}
    return {"position": item["position"], **{key: val for key, val in fields.items() if val}}


async def _async_change_queue(call: ToolCall) -> JsonObjectType:
    """Play or remove an item of the queue, clear it, or save it as a playlist."""
    return await QUEUE_COMMANDS[call.args["command"]](call, call.find_player())


async def _async_find_queue_item(call: ToolCall, player: ExposedPlayer) -> Mapping[str, Any]:
    """Return the queue item with a position or title; raise if there is none."""
    wanted = call.args.get("item")
    if wanted is None:
        raise build_validation_error("queue_item_needed")
    title = wanted.casefold()
    index = int(wanted) - 1 if wanted.isdecimal() else None
    if index is not None and 0 <= index < MAX_SEARCHED_ITEMS:
        selection: dict[str, Any] = {"offset": index, "limit": 1}
    else:
        selection = {"offset": 0, "limit": MAX_SEARCHED_ITEMS}
    items: Sequence[Mapping[str, Any]] = await call.async_call_action(
        "get_queue_items", player, response=True, **selection
    )
    if selection["limit"] == 1 and items:
        return items[0]
    titles = [item["media_title"].casefold() for item in items]
    matches = [index for index, name in enumerate(titles) if name == title] or [
        index for index, name in enumerate(titles) if title in name
    ]
    if not matches:
        raise build_validation_error("not_in_queue", name=wanted, player=player.name)
    return items[matches[0]]


def _create_item_command(
    action: str, verb: str
) -> Callable[[ToolCall, ExposedPlayer], Awaitable[JsonObjectType]]:
    """Create a command on one item of a queue; `verb` is the key of the item in the result."""

    async def async_handle(call: ToolCall, player: ExposedPlayer) -> JsonObjectType:
        """Call the action for the item."""
        item = await _async_find_queue_item(call, player)
        await call.async_call_action(action, player, queue_item_id=item["queue_item_id"])
        return {"player": player.name, verb: item["media_title"]}

    return async_handle


async def _async_clear_queue(call: ToolCall, player: ExposedPlayer) -> JsonObjectType:
    """Clear the queue, which stops the music."""
    await call.async_call_action("clear_playlist", player, domain=MEDIA_PLAYER_DOMAIN)
    return {"player": player.name, "queue": "empty"}


async def _async_save_queue(call: ToolCall, player: ExposedPlayer) -> JsonObjectType:
    """Save the queue as a playlist."""
    if "name" not in call.args:
        raise build_validation_error("playlist_name_needed")
    saved = await call.async_call_action(
        "save_queue_as_playlist", player, response=True, name=call.args["name"]
    )
    return {"playlist": saved["name"], "items": saved["items"]}


QUEUE_COMMANDS: Final = {
    "play": _create_item_command("play_queue_item", "playing"),
    "remove": _create_item_command("remove_queue_item", "removed"),
    "clear": _async_clear_queue,
    "save": _async_save_queue,
}


# ------------------------------------------------------------------- groups, volume, sleep timer


async def _async_group_players(call: ToolCall) -> JsonObjectType:
    """Group players; return {leader, members}."""
    names = [name for name in call.args["players"] if name.casefold() not in _ALL_PLAYERS]
    if len(names) < len(call.args["players"]):
        names = []
    leader, members = find_group(call.hass, call.players, names)
    if not members:
        raise build_validation_error("nothing_to_group", player=leader.name)
    await call.async_call_action(
        "join",
        leader,
        domain=MEDIA_PLAYER_DOMAIN,
        group_members=[player.entity_id for player in members],
    )
    return {"leader": leader.name, "members": [player.name for player in members]}


async def _async_ungroup_player(call: ToolCall) -> JsonObjectType:
    """Take a player out of its group."""
    player = call.find_player()
    await call.async_call_action("unjoin", player, domain=MEDIA_PLAYER_DOMAIN)
    return {"ungrouped": player.name}


async def _async_set_group_volume(call: ToolCall) -> JsonObjectType:
    """Set the volume of the whole group of a player."""
    player, volume = call.find_player(), call.args["volume_percent"]
    await call.async_call_action("set_group_volume", player, volume_level=volume)
    return {"player": player.name, "group_volume_percent": volume}


async def _async_set_sleep_timer(call: ToolCall) -> JsonObjectType:
    """Set or clear the sleep timer; return {player, stops_at}."""
    player, minutes = call.find_player(), call.args["minutes"]
    if not minutes:
        await call.async_call_action("clear_sleep_timer", player)
        return {"player": player.name, "sleep_timer": "off"}
    answer = await call.async_call_action(
        "set_sleep_timer", player, response=True, duration={"minutes": minutes}
    )
    ends_at = dt_util.as_local(datetime.fromisoformat(answer["ends_at"]))
    return {"player": player.name, "stops_at": f"{ends_at:%H:%M}"}


# ---------------------------------------------------------------------------------- the library


async def _async_set_favorite(call: ToolCall) -> JsonObjectType:
    """Add the current item to the favorites, or remove it."""
    player, favorite = call.find_player(), call.args["favorite"]
    answer = await call.async_call_action(
        "set_favorite", player, response=True, favorite="on" if favorite else "off"
    )
    return {"item": _describe_item(answer["items"][0]), "favorite": favorite}


async def _async_add_to_playlist(call: ToolCall) -> JsonObjectType:
    """Add the current item, or media that is called by its name, to a playlist."""
    playlist = call.args["playlist"]
    if query := call.args.get("query"):
        answer = await call.async_call_action(
            "add_to_playlist",
            response=True,
            playlist=playlist,
            media_id=[query],
            **call.get_server(),
        )
    else:
        answer = await call.async_call_action(
            "add_to_playlist", call.find_player(), response=True, playlist=playlist
        )
    return {"playlist": answer["playlist"]["name"], "added": len(answer["uris"])}


async def _async_create_playlist(call: ToolCall) -> JsonObjectType:
    """Create an empty playlist."""
    playlist = await call.async_call_action(
        "create_playlist", response=True, name=call.args["name"], **call.get_server()
    )
    return {"created": playlist["name"]}


async def _async_get_recommendations(call: ToolCall) -> JsonObjectType:
    """Return {recommendations: [{title, items}]}."""
    answer = await call.async_call_action("get_recommendations", response=True, **call.get_server())
    return {
        "recommendations": [
            {
                "title": group["name"],
                "items": [_describe_item(item) for item in group["items"][:MAX_RECOMMENDATIONS]],
            }
            for group in answer["response"][:MAX_RECOMMENDATIONS]
        ]
    }


# --------------------------------------------------------------------------------------- the table


def _create_player_field(name: str = "player", *, required: bool = False) -> VolDictType:
    """Create a field that names a player or an area."""
    key = probatio.Required if required else probatio.Optional
    text = "Name of the player or area" + ("" if required else "; leave out if nobody said one")
    return {key(name, description=text): cv.string}


_PLAYER: Final = _create_player_field()

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
                MEDIA_TYPES
            ),
            **_PLAYER,
            probatio.Optional(
                "enqueue",
                description="next: after this song; add: at the end; leave out to play now",
            ): probatio.In(("next", "add")),
            probatio.Optional("shuffle", description="Play in random order"): cv.boolean,
            probatio.Optional("radio", description="Go on with endless similar music"): cv.boolean,
        },
        _async_play,
        _PLAY,
    ),
    ToolDescription(
        "play_similar",
        "Play more like this",
        "Play more music like what is playing now.",
        _PLAYER,
        _async_play_similar,
        _PLAY,
    ),
    ToolDescription(
        "now_playing",
        "What is playing",
        "Tell what is playing: title, artist, volume, sleep timer. Without a player, everywhere.",
        _PLAYER,
        _async_get_now_playing,
        _READ,
    ),
    ToolDescription(
        "get_queue",
        "Show the queue",
        "List the song that is playing and those that come next.",
        _PLAYER,
        _async_get_queue,
        _READ,
    ),
    ToolDescription(
        "change_queue",
        "Change the queue",
        "Play or remove a song of the queue, clear the queue, or save it as a playlist.",
        {
            probatio.Required("command"): probatio.In(tuple(QUEUE_COMMANDS)),
            probatio.Optional(
                "item", description="Title or position of the song, to play or remove it"
            ): cv.string,
            probatio.Optional("name", description="Name of the playlist, to save it"): cv.string,
            **_PLAYER,
        },
        _async_change_queue,
        _CUMULATIVE,
    ),
    ToolDescription(
        "transfer",
        "Move the music",
        "Move the music that is playing to another player or area.",
        {**_create_player_field("to_player", required=True), **_create_player_field("from_player")},
        _async_transfer,
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
        _async_group_players,
    ),
    ToolDescription(
        "ungroup_player",
        "Ungroup a player",
        "Take a player out of its group.",
        _PLAYER,
        _async_ungroup_player,
    ),
    ToolDescription(
        "set_group_volume",
        "Set the volume of a group",
        "Set the volume of all players of a group together.",
        {
            probatio.Required("volume_percent"): probatio.All(
                probatio.Coerce(int), probatio.Range(min=0, max=100)
            ),
            **_PLAYER,
        },
        _async_set_group_volume,
    ),
    ToolDescription(
        "set_sleep_timer",
        "Set the sleep timer",
        "Stop the music after some minutes.",
        {
            probatio.Required(
                "minutes", description="0 switches the sleep timer off"
            ): probatio.All(probatio.Coerce(int), probatio.Range(min=0, max=MAX_SLEEP_MINUTES)),
            **_PLAYER,
        },
        _async_set_sleep_timer,
    ),
    ToolDescription(
        "set_favorite",
        "Set as favorite",
        "Add what is playing to the favorites, or remove it from them.",
        {
            probatio.Optional("favorite", default=True, description="false removes it"): cv.boolean,
            **_PLAYER,
        },
        _async_set_favorite,
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
        _async_add_to_playlist,
        _ADDITIVE,
    ),
    ToolDescription(
        "create_playlist",
        "Create a playlist",
        "Create an empty playlist.",
        {probatio.Required("name"): probatio.All(cv.string, probatio.Length(min=1))},
        _async_create_playlist,
        _ADDITIVE,
    ),
    ToolDescription(
        "get_recommendations",
        "Get recommendations",
        "List music that the user may like, to suggest something to play.",
        {},
        _async_get_recommendations,
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
