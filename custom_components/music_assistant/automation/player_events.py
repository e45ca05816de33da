"""What happens on players, in Home Assistant's terms: for events, triggers and conditions."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, override

import probatio

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.target import TargetEntityChangeTracker, TargetSelection
from homeassistant.helpers.typing import ConfigType, VolDictType

from ..const import DOMAIN
from ..players.changes import NAMES, Change, Kind
from ..players.event_tracker import async_watch

# What a trigger or condition may ask of what is played: names, of which one has to fit.
ITEM_FIELDS: Final[VolDictType] = {
    probatio.Optional(name): probatio.All(cv.ensure_list, [cv.string]) for name in NAMES
}


def described(hass: HomeAssistant, change: Change) -> dict[str, Any]:
    """Return what an event or a trigger tells of a change; a leader is told as its entity."""
    told: dict[str, Any] = {}
    if played := change.played:
        told = {
            "title": played.title,
            "artists": list(played.artists),
            "album": played.album,
            "media_type": played.media_type,
            "uri": played.uri,
            "duration": played.duration or None,
            "played_from": played.container,
        }
    if change.kind is Kind.FAVORITE_CHANGED:
        told["favorite"] = change.favorite
    if change.leader:
        told["group_leader"] = er.async_get(hass).async_get_entity_id(
            MEDIA_PLAYER_DOMAIN, DOMAIN, change.leader
        )
    return told


class OfPlayer(NamedTuple):
    """A media player of ours, as a target names it."""

    entity_id: str
    entry_id: str
    player_id: str


def find_player(hass: HomeAssistant, entity_id: str) -> OfPlayer | None:
    """Return the player of an entity, whether or not its entry is set up."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or (entity.domain, entity.platform) != (MEDIA_PLAYER_DOMAIN, DOMAIN):
        return None
    return OfPlayer(entity_id, entity.config_entry_id or "", entity.unique_id)


class PlayersTracker(TargetEntityChangeTracker):
    """Tells what happens on the players of a target, also of those that it gets later."""

    def __init__(
        self, hass: HomeAssistant, target: ConfigType, told: Callable[[OfPlayer, Change], None]
    ) -> None:
        """Prepare; nothing is listened to yet."""
        super().__init__(hass, TargetSelection(target), lambda entities: entities)
        self._told = told
        self._listening: dict[OfPlayer, CALLBACK_TYPE] = {}

    @callback
    @override
    def _handle_entities_update(self, tracked_entities: set[str]) -> None:
        found = (find_player(self._hass, entity_id) for entity_id in tracked_entities)
        wanted = {player for player in found if player}
        for player in self._listening.keys() - wanted:
            self._listening.pop(player)()
        for player in wanted - self._listening.keys():
            self._listening[player] = self._listen(player)

    def _listen(self, player: OfPlayer) -> CALLBACK_TYPE:
        @callback
        def happened(change: Change) -> None:
            self._told(player, change)

        return async_watch(self._hass, player.entry_id).listen(player.player_id, happened)

    @callback
    @override
    def _unsubscribe(self) -> None:
        super()._unsubscribe()
        for remove in self._listening.values():
            remove()
        self._listening.clear()
