"""Announcements on players."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import PlayerType

from ..server.errors import COMMAND_ERRORS
from ..server.wait import async_wait_until
from .commands import STOP_TIMEOUT, check_volume_limit, is_playing
from .groups import get_leader_id
from .snapshot import PlayerSnapshot


class Announcements:
    """Represent the announcements of a server, of which each player plays one at a time."""

    def __init__(self) -> None:
        """Initialize the announcements."""
        # by player id, as long as something is played or waits
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def async_play(
        self,
        mass: MusicAssistantClient,
        player: PlayerSnapshot,
        url: str,
        options: Mapping[str, Any],
        limit: int | None = None,
    ) -> None:
        """Play an announcement after those that are still playing on the player.

        `options` are the fields of the action; `limit` is the volume limit of the player in
        percent. The server restores volume, group and music after an announcement, but not after an
        error: then the volume of all members is raised, and a follower has left its group.

        Raise ServiceValidationError after the announcement if its volume was reduced to the limit.
        """
        announce_volume: int | None = options.get("announce_volume")
        async with self._locks.setdefault(player.player_id, asyncio.Lock()):
            volumes = _get_volumes(mass, player.player_id)
            leader_id = get_leader_id(mass, player.player_id)
            was_playing = is_playing(mass, player.player_id)
            try:
                await mass.players.play_announcement(
                    player.player_id,
                    url,
                    pre_announce=options.get("use_pre_announce"),
                    pre_announce_url=options.get("pre_announce_url"),
                    volume_level=announce_volume,
                )
            except COMMAND_ERRORS:
                with suppress(*COMMAND_ERRORS):
                    await _async_restore_volumes(mass, volumes)
                    if leader_id:
                        await mass.players.group(player.player_id, leader_id)
                    elif was_playing and player.queue_id:
                        await _async_resume(mass, player.player_id, player.queue_id)
                raise
        check_volume_limit(player, announce_volume, limit)


def _get_volumes(mass: MusicAssistantClient, player_id: str) -> dict[str, int]:
    """Return the volumes of a player and the members of its group, by player id."""
    player = mass.players.get(player_id)
    player_ids = (player_id, *player.group_members) if player else ()
    members = (mass.players.get(member_id) for member_id in dict.fromkeys(player_ids))
    return {
        member.player_id: member.volume_level
        for member in members
        if member and member.type is not PlayerType.GROUP and member.volume_level is not None
    }


async def _async_restore_volumes(mass: MusicAssistantClient, volumes: Mapping[str, int]) -> None:
    """Restore volumes, also those shown to be unchanged: a change may be shown later."""
    for player_id, volume in volumes.items():
        if mass.players.get(player_id):
            await mass.players.volume_set(player_id, volume)


async def _async_resume(mass: MusicAssistantClient, player_id: str, queue_id: str) -> None:
    """Resume a queue that was stopped for a failed announcement."""
    if await async_wait_until(mass, lambda: not is_playing(mass, player_id), STOP_TIMEOUT):
        await mass.player_queues.resume(queue_id)
