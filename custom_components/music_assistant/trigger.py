"""Triggers of players and servers; they don't depend on enabled event entities."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, override

import probatio

from homeassistant.const import ATTR_ENTITY_ID, CONF_OPTIONS, CONF_TARGET
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType, VolDictType

from .automation.player_events import (
    ITEM_FILTER_FIELDS,
    TargetEventTracker,
    TargetPlayer,
    build_event_data,
)
from .coordinator import SIGNAL_PROVIDER_PROBLEM
from .players.changes import PlayerEvent, PlayerEventType
from .server.status import ProviderProblem

CONF_PROVIDER: Final = "provider"


@dataclass(frozen=True, slots=True)
class PlayerTriggerDescription:
    """Describe a player trigger: its event type, the fields of its options, and their check."""

    event_type: PlayerEventType
    fields: VolDictType = field(default_factory=dict)
    matches: Callable[[PlayerEvent, Mapping[str, Any]], bool] = lambda _event, _options: True


def _is_matching_item(event: PlayerEvent, options: Mapping[str, Any]) -> bool:
    return event.item is not None and event.item.matches(options)


TRIGGER_DESCRIPTIONS: Final[dict[str, PlayerTriggerDescription]] = {
    "track_started": PlayerTriggerDescription(
        PlayerEventType.TRACK_STARTED, ITEM_FILTER_FIELDS, _is_matching_item
    ),
    "queue_ended": PlayerTriggerDescription(PlayerEventType.QUEUE_ENDED),
    "favorite_added": PlayerTriggerDescription(
        PlayerEventType.FAVORITE_CHANGED, matches=lambda event, _options: event.favorite
    ),
    "joined_group": PlayerTriggerDescription(PlayerEventType.JOINED),
    "left_group": PlayerTriggerDescription(PlayerEventType.LEFT),
    "sleep_timer_ended": PlayerTriggerDescription(PlayerEventType.SLEEP_TIMER_ENDED),
}


class PlayerTrigger(Trigger):
    """Represent a trigger for an event of one of the target's players."""

    description: ClassVar[PlayerTriggerDescription]

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        schema = probatio.Schema(
            {
                probatio.Required(CONF_TARGET): cv.TARGET_FIELDS,
                probatio.Required(CONF_OPTIONS, default=dict): cls.description.fields,
            }
        )
        validated: ConfigType = schema(config)
        return validated

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Initialize the trigger."""
        super().__init__(hass, config)
        self._target = config.target or {}
        self._options = config.options or {}

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        @callback
        def handle_player_event(player: TargetPlayer, event: PlayerEvent) -> None:
            description = self.description
            if event.event_type is description.event_type and description.matches(
                event, self._options
            ):
                payload = {ATTR_ENTITY_ID: player.entity_id, **build_event_data(self._hass, event)}
                event_name = event.event_type.value.replace("_", " ")
                run_action(payload, f"{event_name} on {player.entity_id}")

        return await TargetEventTracker(self._hass, self._target, handle_player_event).async_setup()


class ProviderProblemTrigger(Trigger):
    """Represent a trigger for a new problem of a provider."""

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        fields = {probatio.Optional(CONF_PROVIDER): probatio.All(cv.ensure_list, [cv.string])}
        schema = probatio.Schema({probatio.Required(CONF_OPTIONS, default=dict): fields})
        validated: ConfigType = schema(config)
        return validated

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Initialize the trigger."""
        super().__init__(hass, config)
        providers = (config.options or {}).get(CONF_PROVIDER, ())
        self._providers = {name.casefold() for name in providers}

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        @callback
        def handle_problem(server: str, problem: ProviderProblem) -> None:
            names = {problem.name.casefold(), problem.instance_id.casefold()}
            if not self._providers or self._providers & names:
                payload = {"server": server, **problem._asdict()}
                run_action(payload, f"problem with {problem.name}")

        return async_dispatcher_connect(self._hass, SIGNAL_PROVIDER_PROBLEM, handle_problem)


def _create_trigger_class(name: str) -> type[Trigger]:
    return type(f"Trigger_{name}", (PlayerTrigger,), {"description": TRIGGER_DESCRIPTIONS[name]})


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    **{name: _create_trigger_class(name) for name in TRIGGER_DESCRIPTIONS},
    "provider_problem": ProviderProblemTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
