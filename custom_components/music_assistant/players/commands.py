"""Commands of players: those that the client lacks, and validation of their arguments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_client.helpers import impersonation_arg
from music_assistant_models.enums import PlaybackState, PlayerType, QueueOption
from music_assistant_models.errors import (
    InsufficientPermissions,
    InvalidCommand,
    MediaNotFoundError,
    MusicAssistantError,
    PlayerUnavailableError,
)
from music_assistant_models.player_queue import PlayerQueue

from homeassistant.components.media_player import MediaPlayerEnqueue, RepeatMode
from homeassistant.exceptions import ServiceValidationError

from ..server.acting_user import ActingUser
from ..server.errors import build_validation_error
from ..server.volume_limits import is_over_limit
from ..server.wait import async_wait_until
from .snapshot import REPEAT_MODES, PlayerSnapshot, get_active_queue_id

REPEAT_TO_SERVER: Final = {
    repeat: mass_repeat for mass_repeat, repeat in REPEAT_MODES.items() if mass_repeat is not None
}
ENQUEUE_TO_SERVER: Final[Mapping[MediaPlayerEnqueue | None, QueueOption]] = {
    MediaPlayerEnqueue.ADD: QueueOption.ADD,
    MediaPlayerEnqueue.NEXT: QueueOption.NEXT,
    MediaPlayerEnqueue.PLAY: QueueOption.PLAY,
    MediaPlayerEnqueue.REPLACE: QueueOption.REPLACE,
}
# Seconds in which a player stops.
STOP_TIMEOUT: Final = 3.0
# Seconds after the answer in which a player stops what it played, and in which it starts what it
# was told to.
REPLACE_TIME: Final = 0.25
START_TIMEOUT: Final = 5.0
# Options that leave what plays as it is.
_LATER_OPTIONS: Final = frozenset({QueueOption.ADD, QueueOption.NEXT, QueueOption.REPLACE_NEXT})


def build_player_error(
    key: str, player: PlayerSnapshot, **placeholders: str
) -> ServiceValidationError:
    """Return a translated error with the name of a player."""
    return build_validation_error(key, player=player.device.name, **placeholders)


def to_percent(volume: float) -> int:
    """Return a volume of 0..1 in percent, rounded: int() would convert 0.29 to 28."""
    return round(volume * 100)


def check_volume_limit(player: PlayerSnapshot, level: object, limit: int | None) -> None:
    """Raise ServiceValidationError if a volume is over the limit; both are in percent."""
    if is_over_limit(limit, level):
        raise build_player_error("volume_limited", player, limit=str(limit))


def get_queue_id(player: PlayerSnapshot) -> str:
    """Return the id of the active queue of a player, or raise ServiceValidationError."""
    if player.queue_id is None:
        raise build_player_error("no_queue", player)
    return player.queue_id


def get_group_id(player: PlayerSnapshot) -> str:
    """Return the id of the group player or leader that a player plays along with, or its own."""
    return player.queue_id or player.player_id


def get_leader_ids(
    player: PlayerSnapshot, players: Mapping[str, PlayerSnapshot]
) -> tuple[str, ...]:
    """Return the ids of the group players and leaders that a player plays along with."""
    return tuple(
        player_id
        for player_id in player.dependencies
        if player_id in players and player_id != player.player_id
    )


def get_group_player_ids(
    player: PlayerSnapshot, players: Mapping[str, PlayerSnapshot]
) -> tuple[str, ...]:
    """Return the ids of the group that a player plays along with or leads, and of its members."""
    leader_ids = (player.player_id, *get_leader_ids(player, players))
    member_ids = (member for leader_id in leader_ids for member in _get_members(leader_id, players))
    return tuple(dict.fromkeys((*leader_ids, *member_ids)))


def _get_members(player_id: str, players: Mapping[str, PlayerSnapshot]) -> tuple[str, ...]:
    """Return the ids of the members of a group."""
    return player.group_members if (player := players.get(player_id)) else ()


def get_led_members(player: PlayerSnapshot) -> tuple[str, ...]:
    """Return the ids of a leader and its members, none of other players and group players."""
    members = player.group_members
    return members if members[:1] == (player.player_id,) else ()


async def async_mute_group(mass: MusicAssistantClient, player_id: str, muted: bool) -> None:
    """Mute or unmute a group; the client has no method for it."""
    await mass.send_command("players/cmd/group_volume_mute", player_id=player_id, muted=muted)


def get_queue(mass: MusicAssistantClient, queue_id: str, player: PlayerSnapshot) -> PlayerQueue:
    """Return a queue of a player, or raise ServiceValidationError while it isn't loaded."""
    if (queue := mass.player_queues.get(queue_id)) is None:
        raise build_player_error("no_queue", player)
    return queue


def is_playing(mass: MusicAssistantClient, player_id: str) -> bool:
    """Return if a player is playing.

    A queue may be said to play while its player doesn't. But groups are said to be idle while their
    members play, so their queues count.
    """
    player, queue = mass.players.get(player_id), mass.player_queues.get(player_id)
    if player is not None and player.type is not PlayerType.GROUP:
        return player.playback_state is PlaybackState.PLAYING
    return queue is not None and queue.state is PlaybackState.PLAYING


async def async_stop(mass: MusicAssistantClient, player_id: str) -> None:
    """Stop a player; there is no error if it neither plays nor is paused.

    Servers of schema 29 say that such a player has no way to stop.
    """
    try:
        await mass.players.stop(player_id)
    except InsufficientPermissions, PlayerUnavailableError:
        raise
    except MusicAssistantError:
        if not _is_stopped(mass, player_id):
            raise


def _is_stopped(mass: MusicAssistantClient, player_id: str) -> bool:
    """Return if neither a player nor its queue plays or is paused."""
    if (player := mass.players.get(player_id)) is None:
        return False
    queue = mass.player_queues.get(get_active_queue_id(player))
    states = {player.playback_state, queue.state if queue else PlaybackState.IDLE}
    return states == {PlaybackState.IDLE}


async def async_stop_playback(mass: MusicAssistantClient, queue_id: str) -> None:
    """Stop a queue if it plays, and wait until it has stopped."""
    if is_playing(mass, queue_id):
        await mass.player_queues.stop(queue_id)
        await async_wait_until(mass, lambda: not is_playing(mass, queue_id), STOP_TIMEOUT)


async def async_set_crossfade(mass: MusicAssistantClient, queue_id: str, enabled: bool) -> None:
    """Set the crossfade of a queue; the client has no method for it."""
    await mass.send_command("player_queues/crossfade", queue_id=queue_id, crossfade_enabled=enabled)


async def async_set_playback_speed(mass: MusicAssistantClient, queue_id: str, speed: float) -> None:
    """Set the speed of the audiobook or podcast episode in a queue; 1 is normal."""
    await mass.send_command("player_queues/set_playback_speed", queue_id=queue_id, speed=speed)


async def async_set_queue_shuffle(mass: MusicAssistantClient, queue_id: str, shuffle: bool) -> None:
    """Set the shuffle mode of a queue; an endless queue keeps its own order.

    Servers refuse it for an endless queue, even if it is shuffled already.
    """
    try:
        await mass.player_queues.shuffle(queue_id, shuffle)
    except InvalidCommand:
        if not (await _async_fetch_queue(mass, queue_id)).get("is_dynamic"):
            raise


async def async_set_queue_repeat(
    mass: MusicAssistantClient, queue_id: str, repeat: RepeatMode
) -> None:
    """Set the repeat mode of a queue; an endless queue can only keep the mode that it has."""
    mode = REPEAT_TO_SERVER[repeat]
    try:
        await mass.player_queues.repeat(queue_id, mode)
    except InvalidCommand:
        queue = await _async_fetch_queue(mass, queue_id)
        if not queue.get("is_dynamic") or queue.get("repeat_mode") != mode:
            raise


async def _async_fetch_queue(mass: MusicAssistantClient, queue_id: str) -> Mapping[str, Any]:
    """Fetch a queue: the cache may not show yet what the last command changed."""
    return await mass.send_command("player_queues/get", queue_id=queue_id) or {}


async def async_set_shuffle(
    mass: MusicAssistantClient, player: PlayerSnapshot, shuffle: bool
) -> None:
    """Set the shuffle mode of the active queue of a player, or of its own source.

    The client has no method for sources.
    """
    if player.queue_id is not None:
        await async_set_queue_shuffle(mass, player.queue_id, shuffle)
    else:
        await mass.send_command(
            "players/cmd/shuffle", player_id=player.player_id, shuffle_enabled=shuffle
        )


@dataclass(frozen=True, slots=True)
class StartItem:
    """Represent the item to start with: as given to the server, and its URI if it has one."""

    key: str
    uri: str | None


async def async_play_media(
    mass: MusicAssistantClient,
    queue_id: str,
    uris: Sequence[str],
    *,
    option: QueueOption | None = None,
    start_item: StartItem | None = None,
    radio_mode: bool = False,
    shuffle: bool | None = None,
    user: ActingUser = None,
) -> None:
    """Play media, with shuffle on or off unless that is None.

    A dynamic playlist has other tracks each time it is played. If the start item isn't among them,
    it is played alone: the server has emptied the queue by then.
    """

    async def async_play(uris: Sequence[str], start_item: str | None) -> None:
        if shuffle is None or radio_mode:  # radio mode always shuffles
            await mass.player_queues.play_media(
                queue_id,
                list(uris),
                option=option,
                radio_mode=radio_mode,
                start_item=start_item,
                user=user,
            )
        else:
            await _async_play_with_shuffle(
                mass, queue_id, uris, shuffle, option=option, start_item=start_item, user=user
            )

    was_idle = _is_idle(mass, queue_id)
    try:
        await async_play(uris, start_item.key if start_item else None)
    except MediaNotFoundError:
        if start_item is None or start_item.uri is None:
            raise
        await async_play([start_item.uri], None)
    if not was_idle and option not in _LATER_OPTIONS:
        await _async_start_silent_queue(mass, queue_id)


def _is_idle(mass: MusicAssistantClient, player_id: str) -> bool:
    """Return if a player neither plays nor is paused, whatever its queue says."""
    player = mass.players.get(player_id)
    return player is None or player.playback_state is PlaybackState.IDLE


def _is_silent(mass: MusicAssistantClient, queue_id: str) -> bool:
    """Return if a queue plays or is paused according to the server, but its player is idle."""
    player, queue = mass.players.get(queue_id), mass.player_queues.get(queue_id)
    return (
        player is not None
        and player.type is not PlayerType.GROUP
        and _is_idle(mass, queue_id)
        and queue is not None
        and queue.state is not PlaybackState.IDLE
    )


async def _async_start_silent_queue(mass: MusicAssistantClient, queue_id: str) -> None:
    """Start a queue whose player stays idle.

    When a queue that plays or is paused is replaced, servers (seen at schema 29) stop the player
    and say that the queue still does. The player is silent then until an item is played.
    """
    if not await async_wait_until(mass, lambda: _is_silent(mass, queue_id), REPLACE_TIME):
        return
    await async_wait_until(mass, lambda: not _is_silent(mass, queue_id), START_TIMEOUT)
    if _is_silent(mass, queue_id) and mass.connection.connected:
        queue = mass.player_queues.get(queue_id)
        await mass.player_queues.play_index(queue_id, (queue and queue.current_index) or 0)


async def _async_play_with_shuffle(
    mass: MusicAssistantClient,
    queue_id: str,
    uris: Sequence[str],
    shuffle: bool,
    *,
    option: QueueOption | None,
    start_item: str | None,
    user: ActingUser,
) -> None:
    """Play media with shuffle on or off; the client's method has no such argument.

    Newer servers use the argument, and play at least what has an order in order without it. Older
    ones use the mode of the queue, so that is set, too.
    """
    await async_set_queue_shuffle(mass, queue_id, shuffle)
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
    """Set the repeat mode of the active queue of a player, or of its own source."""
    if player.queue_id is not None:
        await async_set_queue_repeat(mass, player.queue_id, repeat)
    else:
        await mass.send_command(
            "players/cmd/repeat",
            player_id=player.player_id,
            repeat_mode=REPEAT_TO_SERVER[repeat],
        )


def get_choice_id(
    key: str, name: str, player: PlayerSnapshot, choices: Iterable[tuple[str, str]]
) -> str:
    """Return the server's id of a source or sound mode.

    Raise ServiceValidationError with the valid names if it is unknown.
    """
    ids = dict(choices)
    if name not in ids:
        raise build_player_error(key, player, name=name, choices=", ".join(ids) or "-")
    return ids[name]
