"""What Home Assistant asks for, in the terms in which the server takes it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_client.helpers import impersonation_arg
from music_assistant_models.enums import QueueOption
from music_assistant_models.errors import InvalidCommand
from music_assistant_models.player_queue import PlayerQueue

from homeassistant.components.media_player import MediaPlayerEnqueue, RepeatMode
from homeassistant.exceptions import ServiceValidationError

from ..server.acting_user import User
from ..server.errors import invalid
from ..server.volume_limits import is_over
from .snapshot import REPEAT_MODES, PlayerSnapshot

REPEAT_TO_SERVER: Final = {
    shown: server for server, shown in REPEAT_MODES.items() if server is not None
}
ENQUEUE_TO_SERVER: Final[Mapping[MediaPlayerEnqueue | None, QueueOption]] = {
    MediaPlayerEnqueue.ADD: QueueOption.ADD,
    MediaPlayerEnqueue.NEXT: QueueOption.NEXT,
    MediaPlayerEnqueue.PLAY: QueueOption.PLAY,
    MediaPlayerEnqueue.REPLACE: QueueOption.REPLACE,
}
# What is played after what plays, and so in a queue that stays as it is.
_STAGING: Final = frozenset({QueueOption.ADD, QueueOption.NEXT})


def refusal(key: str, player: PlayerSnapshot, **placeholders: str) -> ServiceValidationError:
    """Return the translated error for something that can't be asked of a player."""
    return invalid(key, player=player.device.name, **placeholders)


def percent(volume: float) -> int:
    """Return a volume of 0..1 as the server's 0..100 (0.29 is 29, which int() makes 28)."""
    return round(volume * 100)


def check_limit(player: PlayerSnapshot, level: object, limit: int | None) -> None:
    """Tell that a player is as loud as it may be, if more was asked for."""
    if is_over(limit, level):
        raise refusal("volume_limited", player, limit=str(limit))


def queue_of(player: PlayerSnapshot) -> str:
    """Return the id of the queue that plays on a player; refused where there is none."""
    if player.queue_id is None:
        raise refusal("no_queue", player)
    return player.queue_id


def group_of(player: PlayerSnapshot) -> str:
    """Return the id of the group that a player plays in: a group player, or its leader."""
    return player.queue_id or player.player_id


async def async_mute_group(mass: MusicAssistantClient, player_id: str, muted: bool) -> None:
    """Mute all of a group, or not; the library has no call for it."""
    await mass.send_command("players/cmd/group_volume_mute", player_id=player_id, muted=muted)


def queue_at(mass: MusicAssistantClient, queue_id: str, player: PlayerSnapshot) -> PlayerQueue:
    """Return a queue of a player; refused while the server, just started, doesn't know it yet."""
    if (queue := mass.player_queues.get(queue_id)) is None:
        raise refusal("no_queue", player)
    return queue


async def async_set_crossfade(mass: MusicAssistantClient, queue_id: str, enabled: bool) -> None:
    """Let one item of a queue fade into the next; the library has no call for it."""
    await mass.send_command("player_queues/crossfade", queue_id=queue_id, crossfade_enabled=enabled)


async def async_set_playback_speed(mass: MusicAssistantClient, queue_id: str, speed: float) -> None:
    """Play the audiobook or episode that is on a queue at another speed (1 is its own)."""
    await mass.send_command("player_queues/set_playback_speed", queue_id=queue_id, speed=speed)


async def async_set_shuffle(
    mass: MusicAssistantClient, player: PlayerSnapshot, shuffle: bool
) -> None:
    """Mix what plays, or put it in order: a queue, or what a source of the player's own plays.

    The library has no call for the latter; servers that say that a source can be mixed take it.
    """
    if player.queue_id is not None:
        await mass.player_queues.shuffle(player.queue_id, shuffle)
    else:
        await mass.send_command(
            "players/cmd/shuffle", player_id=player.player_id, shuffle_enabled=shuffle
        )


async def async_play_shuffled(
    mass: MusicAssistantClient,
    queue_id: str,
    uris: Sequence[str],
    shuffle: bool,
    *,
    option: QueueOption | None = None,
    start_item: str | None = None,
    user: User = None,
) -> None:
    """Play mixed, or in order, which the library's call can't say.

    Newer servers play in order unless they are told otherwise, whatever the queue was set to.
    Older ones know only how the queue is set.
    """
    try:
        await mass.player_queues.shuffle(queue_id, shuffle)
    except InvalidCommand:  # a queue that never ends mixes by itself; what takes its place doesn't
        if option in _STAGING:
            raise
    await mass.send_command(
        "player_queues/play_media",
        queue_id=queue_id,
        media=uris,
        option=option,
        start_item=start_item,
        shuffle=shuffle,
        **impersonation_arg(mass.server_info, user),
    )


async def async_set_repeat(
    mass: MusicAssistantClient, player: PlayerSnapshot, repeat: RepeatMode
) -> None:
    """Repeat what plays, wherever it comes from; see `async_set_shuffle`."""
    mode = REPEAT_TO_SERVER[repeat]
    if player.queue_id is not None:
        await mass.player_queues.repeat(player.queue_id, mode)
    else:
        await mass.send_command("players/cmd/repeat", player_id=player.player_id, repeat_mode=mode)


def id_of(key: str, name: str, player: PlayerSnapshot, choices: Iterable[tuple[str, str]]) -> str:
    """Return the server's id of a source or sound mode; refused with the list if unknown."""
    by_name = dict(choices)
    if name not in by_name:
        raise refusal(key, player, name=name, choices=", ".join(by_name) or "-")
    return by_name[name]
