"""Comparison of Home Assistant's states with the server's."""

from collections.abc import Iterator
from typing import Any

from music_assistant_models.enums import PlaybackState
from music_assistant_models.player import Player
from music_assistant_models.player_queue import PlayerQueue

from homeassistant.const import STATE_OFF, STATE_PLAYING, STATE_UNAVAILABLE
from homeassistant.core import State
from tests.common import Harness, LoopMonitor

# Seconds by which a position may be off: reports agree within 2, another is shown from 1 on, they
# have whole ones, and may be late; by as much more as the machine kept the loop from running, since
# they have the time of arrival.
POSITION_TOLERANCE = 4.5


def find_differences(harness: Harness) -> Iterator[str]:
    """Yield the differences, a line each."""
    server = harness.server
    if harness.device_player_ids != server.players.keys():
        yield f"devices: {harness.device_player_ids ^ server.players.keys()}"
        return
    if len(harness.states) != len(server.players):
        yield f"{len(harness.states)} states for {len(server.players)} players"
    for player in map(server.playback.reporter.show, server.players.values()):
        state = harness.get_state(player.player_id)
        for name, expected, shown in get_values(harness, player, state):
            if expected != shown:
                yield f"{state.entity_id} {name}: {shown!r} in place of {expected!r}"


def get_values(harness: Harness, player: Player, state: State) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, expected value and state of each attribute."""
    if not player.available:
        yield "state", STATE_UNAVAILABLE, state.state
        return
    queue = harness.server.playback.get_active_queue(player.player_id)
    yield "state", _get_expected_state(harness, player, queue), state.state
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
    yield "group", _get_expected_group(harness, player), set(shown.get("group_members", ()))
    if queue and media and "media_position" in shown and not _is_ambiguous(harness, player, queue):
        offset = _get_position_offset(harness, queue, state)
        limit = POSITION_TOLERANCE + LoopMonitor.of_loop().longest_turn
        yield "position", True, abs(offset) <= limit or f"{offset:+.1f} s"


def _is_ambiguous(harness: Harness, player: Player, queue: PlayerQueue) -> bool:
    """Return whether a right position isn't believed, because it could be that of the old stream.

    Somebody who seeks to there, soon after Home Assistant has sought or started an item, meets it.
    """
    context = harness.coordinator.get_context(player.player_id)
    if context is None or (denied := context.playback.denied) is None:
        return False
    now, is_playing = harness.server.clock(), context.playback.sources.is_active
    position = denied.extrapolate(now) if is_playing else denied
    real = harness.server.playback.get_position(queue)
    return abs(position.seconds - real) <= POSITION_TOLERANCE


def _get_position_offset(harness: Harness, queue: PlayerQueue, state: State) -> float:
    """Return by how many seconds a position is off.

    It has to be where the queue really is, or where the server says that it is: a real one may be
    wrong for long, and after a loss of the connection nothing else is known.
    """
    playback, shown = harness.server.playback, state.attributes
    position = shown["media_position"]
    if state.state == STATE_PLAYING:
        position += harness.server.clock() - shown["media_position_updated_at"].timestamp()
    expected = playback.get_position(queue), playback.reporter.get_shown_position(queue)
    return float(min((position - each for each in expected), key=abs))


def _get_expected_state(harness: Harness, player: Player, queue: PlayerQueue | None) -> str:
    """Return the state of a player; one whose queue is paused may be stopped."""
    if player.powered is False:
        return STATE_OFF
    state = player.playback_state
    if state is PlaybackState.IDLE and queue:
        queue_state = harness.server.playback.reporter.show(queue).state
        state = queue_state if queue_state is PlaybackState.PAUSED else state
    return state.value


def _get_expected_group(harness: Harness, player: Player) -> set[str]:
    leader = harness.server.players.get(player.synced_to or "") or player
    return {harness.get_entity_id(member) for member in leader.group_members}
