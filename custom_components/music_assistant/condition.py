"""Conditions: what players do at the moment, for automations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, override

from music_assistant_models.enums import PlaybackState
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

from .automation.player_events import ITEM_FIELDS, find_player
from .coordinator import MusicAssistantCoordinator, coordinator_of
from .players.changes import played
from .players.snapshot import PlayerSnapshot

ATTR_OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Asked:
    """A player that a condition is about."""

    coordinator: MusicAssistantCoordinator
    player: PlayerSnapshot


@dataclass(frozen=True, slots=True)
class Question:
    """What holds for a player, and what it is asked with."""

    holds: Callable[[Asked, Mapping[str, Any]], bool]
    fields: VolDictType = field(default_factory=dict)


def _plays(asked: Asked, options: Mapping[str, Any]) -> bool:
    facts = asked.coordinator.facts(asked.player.player_id)
    if facts is None or facts.queue is None or facts.item is None:
        return False
    playing = facts.queue.state is PlaybackState.PLAYING
    return playing and played(facts.item, facts.queue).fits(options)


def _grouped(asked: Asked, options: Mapping[str, Any]) -> bool:
    """Tell whether one of the others is in the same group."""
    hass = asked.coordinator.hass
    others = (find_player(hass, entity_id) for entity_id in options[ATTR_OTHER])
    return any(
        other.player_id in asked.player.group_members
        for other in others
        if other and other.player_id != asked.player.player_id
    )


def _empty(asked: Asked, _options: Mapping[str, Any]) -> bool:
    queue_id = asked.player.queue_id or asked.player.player_id
    queue = asked.coordinator.mass.player_queues.get(queue_id)
    return queue is None or queue.items == 0


QUESTIONS: Final[dict[str, Question]] = {
    "is_playing_item": Question(_plays, ITEM_FIELDS),
    "is_grouped_with": Question(_grouped, {probatio.Required(ATTR_OTHER): cv.entity_ids}),
    "is_queue_empty": Question(_empty),
    "is_sleep_timer_running": Question(
        lambda asked, _options: asked.player.sleep_timer is not None
    ),
}


class PlayerCondition(EntityConditionBase):
    """Something that holds for any or all of the target's players."""

    question: ClassVar[Question]
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
                    **cls.question.fields,
                },
            }
        )
        validated: ConfigType = schema(config)
        return validated

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Keep what is asked for."""
        super().__init__(hass, config)
        self._options = config.options or {}

    @property
    @override
    def needs_polling(self) -> bool:
        return True  # a queue may change without a state of its player

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return {entity_id for entity_id in entities if find_player(self._hass, entity_id)}

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        asked = _asked(self._hass, entity_state.entity_id)
        return asked is not None and self.question.holds(asked, self._options)


def _asked(hass: HomeAssistant, entity_id: str) -> Asked | None:
    if (found := find_player(hass, entity_id)) is None:
        return None
    entry = hass.config_entries.async_get_entry(found.entry_id)
    coordinator = coordinator_of(entry)
    if coordinator is None or (player := coordinator.player(found.player_id)) is None:
        return None
    return Asked(coordinator, player)


def _condition(name: str) -> type[Condition]:
    return type(f"Condition_{name}", (PlayerCondition,), {"question": QUESTIONS[name]})


CONDITIONS: Final[dict[str, type[Condition]]] = {name: _condition(name) for name in QUESTIONS}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
