"""Comparison of Home Assistant's states with the server's."""

from collections.abc import Iterator
from typing import Any

from music_assistant_models.player import Player

from homeassistant.const import STATE_OFF, STATE_UNAVAILABLE
from homeassistant.core import State
from tests.common import Harness


def find_differences(harness: Harness) -> Iterator[str]:
    """Yield the differences, a line each.

    Positions are compared with those of a real server in tests/test_recordings.py.
    """
    server = harness.server
    if harness.device_player_ids != server.players.keys():
        yield f"devices: {harness.device_player_ids ^ server.players.keys()}"
        return
    if len(harness.states) != len(server.players):
        yield f"{len(harness.states)} states for {len(server.players)} players"
    for player in map(server.playback.reporter.show, server.players.values()):
        state = harness.get_state(player.player_id)
        for name, expected, shown in _get_values(harness, player, state):
            if expected != shown:
                yield f"{state.entity_id} {name}: {shown!r} in place of {expected!r}"


def _get_values(harness: Harness, player: Player, state: State) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, expected value and state of each attribute."""
    if not player.available:
        yield "state", STATE_UNAVAILABLE, state.state
        return
    queue = harness.server.playback.get_active_queue(player.player_id)
    yield "state", _get_expected_state(player), state.state
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


def _get_expected_state(player: Player) -> str:
    return STATE_OFF if player.powered is False else player.playback_state.value


def _get_expected_group(harness: Harness, player: Player) -> set[str]:
    leader = harness.server.players.get(player.synced_to or "") or player
    return {harness.get_entity_id(member) for member in leader.group_members}
