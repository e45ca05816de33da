"""Whether what Home Assistant shows is what the server knows."""

from collections.abc import Iterator
from typing import Any

from music_assistant_models.enums import PlaybackState
from music_assistant_models.player import Player

from homeassistant.const import STATE_OFF, STATE_UNAVAILABLE
from homeassistant.core import State
from tests.common import House

# Seconds by which a position may be off.
TOLERANCE = 2.0


def differences(house: House) -> Iterator[str]:
    """Yield what differs, a line each."""
    server = house.server
    if house.devices != server.players.keys():
        yield f"devices: {house.devices ^ server.players.keys()}"
        return
    if len(house.states) != len(server.players):
        yield f"{len(house.states)} states for {len(server.players)} players"
    for player in server.players.values():
        state = house.state(player.player_id)
        for name, expected, shown in _facts(house, player, state):
            if expected != shown:
                yield f"{state.entity_id} {name}: {shown!r} in place of {expected!r}"


def _facts(house: House, player: Player, state: State) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, what the server knows and what is shown."""
    if not player.available:
        yield "state", STATE_UNAVAILABLE, state.state
        return
    queue = house.server.playback.active_queue(player.player_id)
    yield "state", _state(player), state.state
    if state.state == STATE_OFF:
        return
    shown = state.attributes
    media = player.current_media
    level = player.volume_level
    yield "volume", None if level is None else level / 100, shown.get("volume_level")
    yield "mute", player.volume_muted, shown.get("is_volume_muted")
    yield "title", media.title if media else None, shown.get("media_title")
    yield "shuffle", queue.shuffle_enabled if queue else None, shown.get("shuffle")
    yield "repeat", queue.repeat_mode.value if queue else None, shown.get("repeat")
    yield "source", None, shown.get("source")
    yield "group", _group(house, player), set(shown.get("group_members", ()))
    if queue and media and (position := shown.get("media_position")) is not None:
        passed = house.server.clock() - shown["media_position_updated_at"].timestamp()
        if player.playback_state is PlaybackState.PLAYING:
            position += passed
        off = position - house.server.playback.position(queue)
        yield "position", True, abs(off) <= TOLERANCE or round(off, 1)


def _state(player: Player) -> str:
    return STATE_OFF if player.powered is False else player.playback_state.value


def _group(house: House, player: Player) -> set[str]:
    leader = house.server.players.get(player.synced_to or "") or player
    return {house.entity_id(member) for member in leader.group_members}
