"""Actions in place of mass_queue, for cards that call them by its domain.

Each is the action of the same name of this integration, with the differences in this table.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import probatio

from homeassistant.core import ServiceCall
from homeassistant.helpers.typing import VolDictType
from homeassistant.util.json import JsonValueType

from ..actions import collections, discover, items, players, playlists, queue_items, server
from ..actions.base import ServerAction, TargetAction
from ..actions.targets import ATTR_ENTITY, PlayerTarget

MASS_QUEUE_DOMAIN: Final = "mass_queue"

_OWN_ACTIONS: Final = {
    action.name: action
    for action in (
        *queue_items.ACTIONS,
        *players.ACTIONS,
        *items.ACTIONS,
        *discover.ACTIONS,
        *collections.ACTIONS,
        *playlists.ACTIONS,
        *server.ACTIONS,
    )
    if isinstance(action, ServerAction | TargetAction)
}
# Names of mass_queue 0.10.1 and their fields, as they are described to users.
_ITEM: Final = (ATTR_ENTITY, "queue_item_id")
_URI: Final = ("config_entry_id", "uri")
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "get_queue_items": (ATTR_ENTITY, "limit", "offset", "limit_before", "limit_after"),
    "play_queue_item": _ITEM,
    "remove_queue_item": _ITEM,
    "move_queue_item_up": _ITEM,
    "move_queue_item_down": _ITEM,
    "move_queue_item_next": _ITEM,
    "clear_queue_from_here": (ATTR_ENTITY,),
    "unfavorite_current_item": (ATTR_ENTITY,),
    "get_group_volume": (ATTR_ENTITY,),
    "set_group_volume": (ATTR_ENTITY, "volume_level"),
    "get_recommendations": (ATTR_ENTITY, "providers"),
    "get_album": _URI,
    "get_artist": _URI,
    "get_playlist": _URI,
    "get_podcast": _URI,
    "get_album_tracks": (*_URI, "page"),
    "get_artist_tracks": (*_URI, "page"),
    "get_playlist_tracks": (*_URI, "page"),
    "get_podcast_episodes": _URI,
    "remove_playlist_tracks": ("config_entry_id", "playlist_id", "positions_to_remove"),
    "send_command": ("config_entry_id", "command", "data"),
}


async def _async_handle_get_queue_items(target: PlayerTarget, call: ServiceCall) -> JsonValueType:
    """Return items of a queue, none without a queue.

    Cards take an error for a fault, and stop asking after a few.
    """
    queue_id = target.player.queue_id
    if queue_id is None or target.mass.player_queues.get(queue_id) is None:
        return []
    return await queue_items.async_handle_get_queue_items(target, call)


# mass-player-card asks for the whole queue by the offset -1, others pass their own limits on
_COUNT: Final = probatio.All(
    probatio.Coerce(int), probatio.Clamp(min=0, max=queue_items.MAX_REQUESTED_ITEMS)
)
_OFFSET: Final = probatio.All(probatio.Coerce(int), probatio.Clamp(min=0))
_COUNT_FIELDS: Final[VolDictType] = {
    probatio.Optional("limit"): _COUNT,
    probatio.Optional("offset"): _OFFSET,
    probatio.Optional("limit_before"): _COUNT,
    probatio.Optional("limit_after"): _COUNT,
}
# What differs from the action of this integration.
DIFFERENCES: Final[Mapping[str, Mapping[str, Any]]] = {
    "get_queue_items": {
        "handler": _async_handle_get_queue_items,
        "schema": {**_OWN_ACTIONS["get_queue_items"].schema, **_COUNT_FIELDS},
    },
}

ACTIONS: Final = tuple(
    replace(_OWN_ACTIONS[name], domain=MASS_QUEUE_DOMAIN, **DIFFERENCES.get(name, {}))
    for name in FIELDS
)
