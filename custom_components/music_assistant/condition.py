"""Conditions about players."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, override

import probatio

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ATTR_BEHAVIOR,
    BEHAVIOR_ALL,
    BEHAVIOR_ANY,
    Condition,
    ConditionConfig,
    EntityConditionBase,
)
from homeassistant.helpers.typing import ConfigType, VolDictType

from .automation.player_events import ITEM_FILTER_FIELDS, find_player
from .coordinator import MusicAssistantCoordinator, get_coordinator
from .players.changes import build_played_item
from .players.snapshot import PlayerSnapshot

ATTR_OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class ConditionTarget:
    """Represent a player that a condition is checked for."""

    coordinator: MusicAssistantCoordinator
    player: PlayerSnapshot


@dataclass(frozen=True, slots=True)
class PlayerConditionDescription:
    """Describe a player condition: its check and the fields of its options."""

    is_met: Callable[[ConditionTarget, Mapping[str, Any]], bool]
    fields: VolDictType = field(default_factory=dict)


def _is_playing_item(target: ConditionTarget, options: Mapping[str, Any]) -> bool:
    context = target.coordinator.get_context(target.player.player_id)
    if context is None or context.queue is None or context.current_item is None:
        return False
    item = build_played_item(context.current_item, context.queue)
    return context.is_playing and item.matches(options)


def _is_grouped_with(target: ConditionTarget, options: Mapping[str, Any]) -> bool:
    """Return whether one of the other players is in the same group."""
    hass = target.coordinator.hass
    others = (find_player(hass, entity_id) for entity_id in options[ATTR_OTHER])
    return any(
        other.player_id in target.player.group_members
        for other in others
        if other and other.player_id != target.player.player_id
    )


def _is_queue_empty(target: ConditionTarget, _options: Mapping[str, Any]) -> bool:
    queue_id = target.player.queue_id or target.player.player_id
    queue = target.coordinator.mass.player_queues.get(queue_id)
    return queue is None or queue.items == 0


CONDITION_DESCRIPTIONS: Final[dict[str, PlayerConditionDescription]] = {
    "is_playing_item": PlayerConditionDescription(_is_playing_item, ITEM_FILTER_FIELDS),
    "is_grouped_with": PlayerConditionDescription(
        _is_grouped_with, {probatio.Required(ATTR_OTHER): cv.entity_ids}
    ),
    "is_queue_empty": PlayerConditionDescription(_is_queue_empty),
    "is_sleep_timer_running": PlayerConditionDescription(
        lambda target, _options: target.player.sleep_timer is not None
    ),
}


class PlayerCondition(EntityConditionBase):
    """Represent a condition that is checked for any or all of the target's players."""

    description: ClassVar[PlayerConditionDescription]
    _domain_specs: Mapping[str, DomainSpec] = {MEDIA_PLAYER_DOMAIN: DomainSpec()}

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        behavior = probatio.In([BEHAVIOR_ANY, BEHAVIOR_ALL])
        schema = probatio.Schema(
            {
                probatio.Required(CONF_TARGET): cv.TARGET_FIELDS,
                probatio.Required(CONF_OPTIONS, default=dict): {
                    probatio.Required(ATTR_BEHAVIOR, default=BEHAVIOR_ANY): behavior,
                    **cls.description.fields,
                },
            }
        )
        validated: ConfigType = schema(config)
        return validated

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Initialize the condition."""
        super().__init__(hass, config)
        self._options = config.options or {}

    @property
    @override
    def needs_polling(self) -> bool:
        return True  # a queue may change without a state change of its player

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return {entity_id for entity_id in entities if find_player(self._hass, entity_id)}

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        target = _find_condition_target(self._hass, entity_state.entity_id)
        return target is not None and self.description.is_met(target, self._options)


def _find_condition_target(hass: HomeAssistant, entity_id: str) -> ConditionTarget | None:
    """Find the player of an entity; None if its entry isn't loaded."""
    if (player_identifier := find_player(hass, entity_id)) is None:
        return None
    entry = hass.config_entries.async_get_entry(player_identifier.entry_id)
    coordinator = get_coordinator(entry)
    if (
        coordinator is None
        or (player := coordinator.get_player(player_identifier.player_id)) is None
    ):
        return None
    return ConditionTarget(coordinator, player)


def _create_condition_class(name: str) -> type[Condition]:
    return type(
        f"Condition_{name}", (PlayerCondition,), {"description": CONDITION_DESCRIPTIONS[name]}
    )


CONDITIONS: Final[dict[str, type[Condition]]] = {
    name: _create_condition_class(name) for name in CONDITION_DESCRIPTIONS
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
