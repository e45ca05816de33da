"""Players that an assistant may use, found by what people call them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from homeassistant.components.homeassistant import async_should_expose
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.helpers.intent import (
    MatchTargetsConstraints,
    MatchTargetsPreferences,
    async_match_targets,
)

from ..actions.targets import (
    PlayerTarget,
    find_not_loaded_error,
    find_target,
    get_player_entity_ids,
)
from ..server.errors import build_validation_error

# Who is meant: by a name of any kind, or by what is known to be the name, the area or the floor.
type SpokenTarget = str | MatchTargetsConstraints

# What a name may stand for in Home Assistant's matching, tried in this order.
_NAME_CONSTRAINTS: Final[tuple[Callable[[str], MatchTargetsConstraints], ...]] = (
    lambda name: MatchTargetsConstraints(name=name, allow_duplicate_names=True),
    lambda name: MatchTargetsConstraints(area_name=name),
    lambda name: MatchTargetsConstraints(floor_name=name),
)


@dataclass(frozen=True, slots=True)
class ExposedPlayer:
    """Represent a player that is exposed to an assistant; `area` is the name of its area."""

    state: State
    target: PlayerTarget
    area: str | None

    @property
    def name(self) -> str:
        """Return the name of the player in Home Assistant."""
        return self.state.name

    @property
    def entity_id(self) -> str:
        """Return the entity id of the player."""
        return self.state.entity_id

    @property
    def is_playing(self) -> bool:
        """Return whether the player is playing."""
        return self.state.state == MediaPlayerState.PLAYING

    @property
    def is_leader(self) -> bool:
        """Return whether the player plays its own queue or source, not that of a group."""
        return self.target.player.queue_id in (None, self.target.player_id)


@callback
def get_exposed_players(hass: HomeAssistant, assistant: str | None) -> list[ExposedPlayer]:
    """Return the players that are exposed to an assistant, without displays, by name.

    Without an assistant, as when an intent is handled for an API, they are all players.
    """
    players = [
        ExposedPlayer(state, target, _get_area_name(hass, entity_id))
        for entity_id in get_player_entity_ids(hass)
        if (assistant is None or async_should_expose(hass, assistant, entity_id))
        and (state := hass.states.get(entity_id))
        and (target := find_target(hass, entity_id))
    ]
    return sorted(players, key=lambda player: (player.name.casefold(), player.entity_id))


def _get_area_name(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the name of the area of an entity or of its device."""
    entity = er.async_get(hass).async_get(entity_id)
    area_id = entity.area_id if entity else None
    if entity and area_id is None and entity.device_id:
        device = dr.async_get(hass).async_get(entity.device_id)
        area_id = dr.async_get_effective_area_id(hass, device) if device else None
    area = ar.async_get(hass).async_get_area(area_id) if area_id else None
    return area.name if area else None


@callback
def check_players(hass: HomeAssistant, players: Sequence[ExposedPlayer]) -> None:
    """Raise ServiceValidationError if no player is exposed, or if all of them are unavailable."""
    if not players:
        raise find_not_loaded_error(hass) or build_validation_error("no_exposed_player")
    if all(player.state.state == STATE_UNAVAILABLE for player in players):
        players[0].target.check_available()


@callback
def find_player(
    hass: HomeAssistant,
    players: Sequence[ExposedPlayer],
    target: SpokenTarget | None,
    preferences: MatchTargetsPreferences,
    *,
    prefer_playing: bool = True,
) -> ExposedPlayer:
    """Return the player that is called by its name, or by that of its area or floor.

    Without a target it may be any. Of several it is the one in the preferred area, or else the
    only one that is playing, without a target only with `prefer_playing`. Raises
    ServiceValidationError if there is none, if it isn't clear which one, or if it is unavailable.
    """
    candidates = _find_players(hass, players, target) if target else [*players]
    candidates = [one for one in candidates if is_in_area(hass, one, preferences)] or candidates
    if not candidates:
        raise build_validation_error(
            "no_such_player", name=_get_spoken_name(target), players=_join_names(players)
        )
    playing = find_playing(candidates) if target or prefer_playing else []
    chosen = playing if len(playing) == 1 else candidates
    if len(chosen) > 1:
        raise build_validation_error("several_players", players=_join_names(chosen))
    chosen[0].target.check_available()
    return chosen[0]


@callback
def is_in_area(
    hass: HomeAssistant, player: ExposedPlayer, preferences: MatchTargetsPreferences
) -> bool:
    """Return whether a player is in the preferred area."""
    area = ar.async_get(hass).async_get_area(preferences.area_id or "")
    return area is not None and player.area == area.name


def _get_spoken_name(target: SpokenTarget | None) -> str:
    """Return the spoken name, for an error."""
    if isinstance(target, MatchTargetsConstraints):
        return target.name or target.area_name or target.floor_name or ""
    return target or ""


def _find_players(
    hass: HomeAssistant, players: Sequence[ExposedPlayer], target: SpokenTarget
) -> list[ExposedPlayer]:
    """Return the players with a name or alias, or else those of the area or floor with it."""
    states = [player.state for player in players]
    if isinstance(target, MatchTargetsConstraints):
        readings = [target]
    else:
        readings = [build_constraints(target) for build_constraints in _NAME_CONSTRAINTS]
    for constraints in readings:
        if matched := async_match_targets(hass, constraints, states=states).states:
            entity_ids = {state.entity_id for state in matched}
            return [player for player in players if player.entity_id in entity_ids]
    return []


def find_playing(players: Sequence[ExposedPlayer]) -> list[ExposedPlayer]:
    """Return the players that are playing; of a group only the leader, if it is among them."""
    playing = [player for player in players if player.is_playing]
    return [player for player in playing if player.is_leader] or playing


@callback
def find_group(
    hass: HomeAssistant,
    players: Sequence[ExposedPlayer],
    targets: Sequence[SpokenTarget | None],
    preferences: MatchTargetsPreferences,
) -> tuple[ExposedPlayer, list[ExposedPlayer]]:
    """Return the leader and the members of a group of players, named as for `find_player`.

    An area or floor stands for all of its players; None for the only other one that is playing,
    or else for the one in the preferred area. The leader is the first one that is playing, or else
    the first, without targets the first that follows nobody. Without targets, the members are all
    players that can be grouped with it.
    """
    named = [
        player for target in targets if target for player in _find_named(hass, players, target)
    ]
    if None in targets:
        others = [player for player in find_playing(players) if player not in named]
        here = others[0] if len(others) == 1 else find_player(hass, players, None, preferences)
        named.insert(0, here)
    available = [player for player in players if player.target.player.available]
    candidates = named if targets else available
    if not candidates:
        raise build_validation_error("no_targets")
    playing = find_playing(candidates)
    leaders = [player for player in candidates if player.is_leader and not targets]
    leader = (playing or leaders or candidates)[0]
    if not targets:  # with a follower nobody can be grouped
        groupable = set(leader.state.attributes.get("can_group_with") or ())
        candidates = [leader, *(player for player in candidates if player.entity_id in groupable)]
    members = {player.entity_id: player for player in candidates}
    del members[leader.entity_id]
    return leader, list(members.values())


def _find_named(
    hass: HomeAssistant, players: Sequence[ExposedPlayer], target: SpokenTarget
) -> list[ExposedPlayer]:
    """Return the player with a name, or the available players of an area or floor with it."""
    found = _find_players(hass, players, target)
    if len(found) < 2:
        return [find_player(hass, players, target, MatchTargetsPreferences())]
    return [player for player in found if player.target.player.available]


def _join_names(players: Sequence[ExposedPlayer]) -> str:
    """Return the names of players for an error."""
    return ", ".join(player.name for player in players)
