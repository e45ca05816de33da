"""Triggers: what happens on players and servers. No entity has to be enabled for them."""

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

from .automation.player_events import ITEM_FIELDS, OfPlayer, PlayersTracker, described
from .coordinator import SIGNAL_PROBLEM
from .players.changes import Change, Kind
from .server.status import Problem

CONF_PROVIDER: Final = "provider"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What sets a trigger off: a change of a kind, that fits its options."""

    kind: Kind
    fields: VolDictType = field(default_factory=dict)
    fits: Callable[[Change, Mapping[str, Any]], bool] = lambda _change, _options: True


def _plays(change: Change, options: Mapping[str, Any]) -> bool:
    return change.played is not None and change.played.fits(options)


OCCASIONS: Final[dict[str, Occasion]] = {
    "track_started": Occasion(Kind.TRACK_STARTED, ITEM_FIELDS, _plays),
    "queue_ended": Occasion(Kind.QUEUE_ENDED),
    "favorite_added": Occasion(
        Kind.FAVORITE_CHANGED, fits=lambda change, _options: change.favorite
    ),
    "joined_group": Occasion(Kind.JOINED),
    "left_group": Occasion(Kind.LEFT),
    "sleep_timer_ended": Occasion(Kind.SLEEP_TIMER_ENDED),
}


class PlayerTrigger(Trigger):
    """Something that happens on one of the target's players."""

    occasion: ClassVar[Occasion]

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        schema = probatio.Schema(
            {
                probatio.Required(CONF_TARGET): cv.TARGET_FIELDS,
                probatio.Required(CONF_OPTIONS, default=dict): cls.occasion.fields,
            }
        )
        validated: ConfigType = schema(config)
        return validated

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Keep what is asked for."""
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
        def told(player: OfPlayer, change: Change) -> None:
            if change.kind is self.occasion.kind and self.occasion.fits(change, self._options):
                payload = {ATTR_ENTITY_ID: player.entity_id, **described(self._hass, change)}
                what = change.kind.value.replace("_", " ")
                run_action(payload, f"{what} on {player.entity_id}")

        return await PlayersTracker(self._hass, self._target, told).async_setup()


class ProviderProblemTrigger(Trigger):
    """A provider of a server gets a problem."""

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        fields = {probatio.Optional(CONF_PROVIDER): probatio.All(cv.ensure_list, [cv.string])}
        schema = probatio.Schema({probatio.Required(CONF_OPTIONS, default=dict): fields})
        validated: ConfigType = schema(config)
        return validated

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Keep what is asked for."""
        super().__init__(hass, config)
        wanted = (config.options or {}).get(CONF_PROVIDER, ())
        self._wanted = {name.casefold() for name in wanted}

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        @callback
        def arose(server: str, problem: Problem) -> None:
            names = {problem.name.casefold(), problem.instance_id.casefold()}
            if not self._wanted or self._wanted & names:
                payload = {"server": server, **problem._asdict()}
                run_action(payload, f"problem with {problem.name}")

        return async_dispatcher_connect(self._hass, SIGNAL_PROBLEM, arose)


def _trigger(name: str) -> type[Trigger]:
    return type(f"Trigger_{name}", (PlayerTrigger,), {"occasion": OCCASIONS[name]})


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    **{name: _trigger(name) for name in OCCASIONS},
    "provider_problem": ProviderProblemTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
