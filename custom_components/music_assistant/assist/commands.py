"""What an assistant can be asked to do with music: called by tools of models and by intents.

The commands call the actions, with the caller's permissions, and return short facts.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.intent import MatchTargetsPreferences
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..actions.targets import async_get_permission_filter
from ..const import DOMAIN
from ..server.errors import build_validation_error
from .players import ExposedPlayer, find_group, find_player, find_playing, is_in_area

MEDIA_TYPES: Final = (
    *("artist", "album", "track", "playlist", "radio", "podcast", "audiobook", "genre"),
)
MAX_SLEEP_MINUTES: Final = 24 * 60
# Items of a list in a result, at most: each costs a model tokens.
MAX_QUEUE_ITEMS: Final = 10
MAX_RECOMMENDATIONS: Final = 5
# Items of a queue among which a title is searched.
MAX_SEARCHED_ITEMS: Final = 1000
# Attributes of a player in a result, and their names there.
PLAYING_ATTRIBUTES: Final = {
    "media_title": "title",
    "media_artist": "artist",
    "media_album_name": "album",
    "media_channel": "station",
    "shuffle": "shuffle",
}
_ALL_PLAYERS: Final = frozenset({"all", "everywhere"})


@dataclass(frozen=True, slots=True)
class AssistCall:
    """Represent what an assistant was asked for, with validated arguments."""

    hass: HomeAssistant
    context: Context
    preferences: MatchTargetsPreferences
    args: Mapping[str, Any]
    players: Sequence[ExposedPlayer]
    describe_item: Callable[[Mapping[str, Any]], str]

    def find_player(
        self, argument: str = "player", *, prefer_playing: bool = True
    ) -> ExposedPlayer:
        """Return the player that an argument names, or the one that goes without saying."""
        return find_player(
            self.hass,
            self.players,
            self.args.get(argument),
            self.preferences,
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


# ------------------------------------------------------------------------------------ playback


async def async_play(call: AssistCall) -> JsonObjectType:
    """Play music by name; return {player, playing: name} or {player, queued: name}.

    With "everywhere" all players that can be grouped play it.
    """
    members: list[ExposedPlayer] = []
    if call.args.get("everywhere"):
        player, members = find_group(call.hass, call.players, [], call.preferences)
    else:
        player = call.find_player(prefer_playing="enqueue" in call.args)
    names = ("media_type", "artist", "album", "start_item", "enqueue", "shuffle")
    data = {name: call.args[name] for name in names if name in call.args}
    if call.args.get("radio"):
        data["radio_mode"] = True
    if "volume_percent" in call.args:
        data["volume"] = call.args["volume_percent"]
    if minutes := call.args.get("stop_after_minutes"):
        data["stop_after"] = {"minutes": minutes}
    facts = await _async_play_query(call, player, data)
    if members:
        await _async_join(call, player, members)
        facts["player"] = ", ".join(one.name for one in (player, *members))
    return facts


async def _async_play_query(
    call: AssistCall, player: ExposedPlayer, data: Mapping[str, Any]
) -> JsonObjectType:
    """Play what was asked for; "music of" is said of artists, and in many languages of genres."""
    query = call.args["query"]
    try:
        return await _async_play_media(call, player, query, data)
    except ServiceValidationError:
        if data.get("media_type") != "artist":
            raise
        with suppress(ServiceValidationError):
            return await _async_play_media(call, player, query, {**data, "media_type": "genre"})
        raise


async def async_play_similar(call: AssistCall) -> JsonObjectType:
    """Play music similar to the current item; return {player, playing: name}."""
    player = call.find_player()
    uri = player.target.player.media.content_id
    if not uri:
        raise build_validation_error("nothing_playing", player=player.name)
    return await _async_play_media(call, player, uri, {"radio_mode": True})


async def _async_play_media(
    call: AssistCall, player: ExposedPlayer, media_id: str, data: Mapping[str, Any]
) -> JsonObjectType:
    """Play media; return what was found."""
    response = await call.async_call_action(
        "play_media", player, response=True, media_id=[media_id], **data
    )
    found = [call.describe_item(item) for item in response["items"]]
    added = data.get("enqueue") in ("next", "add")
    return {
        "player": player.name,
        "queued" if added else "playing": found[0] if found else media_id,
        **({"similar_music": True} if data.get("radio_mode") else {}),
    }


async def async_set_shuffle(call: AssistCall) -> JsonObjectType:
    """Switch random order on or off; return {player, shuffle}."""
    player, shuffle = call.find_player(), call.args["shuffle"]
    await call.async_call_action("shuffle_set", player, domain=MEDIA_PLAYER_DOMAIN, shuffle=shuffle)
    return {"player": player.name, "shuffle": shuffle}


async def async_get_now_playing(call: AssistCall) -> JsonObjectType:
    """Return {players: [playing media]} of one player, or of all that play or pause.

    With "here" it is what plays in the area of the caller, or else anywhere.
    """
    if call.args.get("player"):
        shown = [call.find_player()]
    else:
        shown = [one for one in call.players if one.state.state in ("playing", "paused")]
    if call.args.get("here"):
        shown = [one for one in shown if is_in_area(call.hass, one, call.preferences)] or shown
        shown = find_playing(shown) or shown
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


async def async_transfer(call: AssistCall) -> JsonObjectType:
    """Move the music to another player; return {from, to}."""
    target = call.find_player("to_player")
    if call.args.get("from_player"):
        source = call.find_player("from_player")
    else:
        playing = [one for one in find_playing(call.players) if one.entity_id != target.entity_id]
        if not playing:
            raise build_validation_error("nothing_plays")
        if len(playing) > 1:  # rather what is heard here
            playing = [
                one for one in playing if is_in_area(call.hass, one, call.preferences)
            ] or playing
        if len(playing) > 1:
            names = ", ".join(player.name for player in playing)
            raise build_validation_error("several_players", players=names)
        (source,) = playing
    await call.async_call_action("transfer_queue", target, source_player=source.entity_id)
    return {"from": source.name, "to": target.name}


# --------------------------------------------------------------------------------------- queue


async def async_get_queue(call: AssistCall) -> JsonObjectType:
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


async def async_change_queue(call: AssistCall) -> JsonObjectType:
    """Play or remove an item of the queue, clear it, or save it as a playlist."""
    return await QUEUE_COMMANDS[call.args["command"]](call, call.find_player())


async def _async_find_queue_item(call: AssistCall, player: ExposedPlayer) -> Mapping[str, Any]:
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
) -> Callable[[AssistCall, ExposedPlayer], Awaitable[JsonObjectType]]:
    """Create a command on one item of a queue; `verb` is the key of the item in the result."""

    async def async_handle(call: AssistCall, player: ExposedPlayer) -> JsonObjectType:
        """Call the action for the item."""
        item = await _async_find_queue_item(call, player)
        await call.async_call_action(action, player, queue_item_id=item["queue_item_id"])
        return {"player": player.name, verb: item["media_title"]}

    return async_handle


async def _async_clear_queue(call: AssistCall, player: ExposedPlayer) -> JsonObjectType:
    """Clear the queue, which stops the music."""
    await call.async_call_action("clear_playlist", player, domain=MEDIA_PLAYER_DOMAIN)
    return {"player": player.name, "queue": "empty"}


async def _async_save_queue(call: AssistCall, player: ExposedPlayer) -> JsonObjectType:
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


async def async_group_players(call: AssistCall) -> JsonObjectType:
    """Group players; return {leader, members}."""
    names = call.args["players"]
    if any(isinstance(name, str) and name.casefold() in _ALL_PLAYERS for name in names):
        names = []
    leader, members = find_group(call.hass, call.players, names, call.preferences)
    if not members:
        raise build_validation_error("nothing_to_group", player=leader.name)
    await _async_join(call, leader, members)
    return {"leader": leader.name, "members": [player.name for player in members]}


async def _async_join(
    call: AssistCall, leader: ExposedPlayer, members: Sequence[ExposedPlayer]
) -> None:
    """Let players play along with a leader."""
    await call.async_call_action(
        "join",
        leader,
        domain=MEDIA_PLAYER_DOMAIN,
        group_members=[player.entity_id for player in members],
    )


async def async_ungroup_player(call: AssistCall) -> JsonObjectType:
    """Take a player out of its group."""
    player = call.find_player()
    await call.async_call_action("unjoin", player, domain=MEDIA_PLAYER_DOMAIN)
    return {"ungrouped": player.name}


async def async_set_group_volume(call: AssistCall) -> JsonObjectType:
    """Set the volume of the whole group of a player."""
    player, volume = call.find_player(), call.args["volume_percent"]
    await call.async_call_action("set_group_volume", player, volume_level=volume)
    return {"player": player.name, "group_volume_percent": volume}


async def async_set_sleep_timer(call: AssistCall) -> JsonObjectType:
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


async def async_set_favorite(call: AssistCall) -> JsonObjectType:
    """Add the current item to the favorites, or remove it."""
    player, favorite = call.find_player(), call.args["favorite"]
    answer = await call.async_call_action(
        "set_favorite", player, response=True, favorite="on" if favorite else "off"
    )
    return {"item": call.describe_item(answer["items"][0]), "favorite": favorite}


async def async_add_to_playlist(call: AssistCall) -> JsonObjectType:
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


async def async_create_playlist(call: AssistCall) -> JsonObjectType:
    """Create an empty playlist."""
    playlist = await call.async_call_action(
        "create_playlist", response=True, name=call.args["name"], **call.get_server()
    )
    return {"created": playlist["name"]}


async def async_get_recommendations(call: AssistCall) -> JsonObjectType:
    """Return {recommendations: [{title, items}]}."""
    answer = await call.async_call_action("get_recommendations", response=True, **call.get_server())
    return {
        "recommendations": [
            {
                "title": group["name"],
                "items": [
                    call.describe_item(item) for item in group["items"][:MAX_RECOMMENDATIONS]
                ],
            }
            for group in answer["response"][:MAX_RECOMMENDATIONS]
        ]
    }
