"""What Home Assistant asks for, in the terms in which the server takes it."""

from collections.abc import Iterable, Mapping
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import QueueOption

from homeassistant.components.media_player import MediaPlayerEnqueue, RepeatMode
from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
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


def refusal(key: str, player: PlayerSnapshot, **placeholders: str) -> ServiceValidationError:
    """Return the translated error for something that can't be asked of a player."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"player": player.device.name, **placeholders},
    )


def percent(volume: float) -> int:
    """Return a volume of 0..1 as the server's 0..100 (0.29 is 29, which int() makes 28)."""
    return round(volume * 100)


def queue_of(player: PlayerSnapshot) -> str:
    """Return the id of the queue that plays on a player; refused where there is none."""
    if player.queue_id is None:
        raise refusal("no_queue", player)
    return player.queue_id


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
