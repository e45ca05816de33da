"""Player contexts for tests of what is derived from a player and its queue."""

from music_assistant_models.player import Player

from custom_components.music_assistant.players.context import PlayerContext
from custom_components.music_assistant.players.playback import (
    Playback,
    PlaybackCommand,
    get_sources,
    merge_playback,
)
from custom_components.music_assistant.server.queues import LazyQueue


def build_context(
    player: Player,
    queue: LazyQueue | None = None,
    leader: Player | None = None,
    *,
    before: Playback | None = None,
    now: float = 0.0,
    commands: tuple[PlaybackCommand, ...] = (),
) -> PlayerContext:
    """Return the context of a player, given its playback before."""
    playback = merge_playback(before, get_sources(player, queue, commands), now)
    return PlayerContext(player, queue, leader, playback)
