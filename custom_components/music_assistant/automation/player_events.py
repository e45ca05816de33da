"""Player events for event entities, triggers and conditions."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, override

import probatio

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.target import TargetEntityChangeTracker, TargetSelection
from homeassistant.helpers.typing import ConfigType, VolDictType

from ..const import DOMAIN
from ..players.changes import ITEM_FILTERS, PlayerEvent, PlayerEventType
from ..players.event_tracker import async_get_event_tracker

# Fields of triggers and conditions that filter items; one value of each list has to match.
ITEM_FILTER_FIELDS: Final[VolDictType] = {
    probatio.Optional(name): probatio.All(cv.ensure_list, [cv.string]) for name in ITEM_FILTERS
}


def build_event_data(hass: HomeAssistant, event: PlayerEvent) -> dict[str, Any]:
    """Return the data of an event for event entities and triggers."""
    data: dict[str, Any] = {}
    if item := event.item:
        data = {
            "title": item.title,
            "artists": list(item.artists),
            "album": item.album,
            "media_type": item.media_type,
            "uri": item.uri,
            "duration": item.duration or None,
            "played_from": item.container,
        }
    if event.event_type is PlayerEventType.FAVORITE_CHANGED:
        data["favorite"] = event.favorite
    if event.leader_id:
        data["group_leader"] = er.async_get(hass).async_get_entity_id(
            MEDIA_PLAYER_DOMAIN, DOMAIN, event.leader_id
        )
    return data


class TargetPlayer(NamedTuple):
    """Represent a media player entity of the integration in a target."""

    entity_id: str
    entry_id: str
    player_id: str


def find_player(hass: HomeAssistant, entity_id: str) -> TargetPlayer | None:
    """Return the player of a media player entity, also if its config entry isn't set up."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or (entity.domain, entity.platform) != (MEDIA_PLAYER_DOMAIN, DOMAIN):
        return None
    return TargetPlayer(entity_id, entity.config_entry_id or "", entity.unique_id)


class TargetEventTracker(TargetEntityChangeTracker):
    """Notify of events of the players in a target, which may change."""

    def __init__(
        self,
        hass: HomeAssistant,
        target: ConfigType,
        listener: Callable[[TargetPlayer, PlayerEvent], None],
    ) -> None:
        """Initialize the tracker; `async_setup` subscribes."""
        super().__init__(hass, TargetSelection(target), lambda entities: entities)
        self._listener = listener
        self._subscriptions: dict[TargetPlayer, CALLBACK_TYPE] = {}

    @callback
    @override
    def _handle_entities_update(self, tracked_entities: set[str]) -> None:
        found = (find_player(self._hass, entity_id) for entity_id in tracked_entities)
        players = {player for player in found if player}
        for player in self._subscriptions.keys() - players:
            self._subscriptions.pop(player)()
        for player in players - self._subscriptions.keys():
            self._subscriptions[player] = self._subscribe(player)

    def _subscribe(self, player: TargetPlayer) -> CALLBACK_TYPE:
        @callback
        def handle_event(event: PlayerEvent) -> None:
            self._listener(player, event)

        tracker = async_get_event_tracker(self._hass, player.entry_id)
        return tracker.async_subscribe(player.player_id, handle_event)

    @callback
    @override
    def _unsubscribe(self) -> None:
        super()._unsubscribe()
        for unsubscribe in self._subscriptions.values():
            unsubscribe()
        self._subscriptions.clear()
