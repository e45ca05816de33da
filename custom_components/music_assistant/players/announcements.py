"""Announcements on players."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

from music_assistant_client import MusicAssistantClient

from ..server.errors import COMMAND_ERRORS
from ..server.wait import async_wait_until
from .commands import STOP_TIMEOUT, check_volume_limit, is_playing
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
        percent. The server restores volume and music after an announcement, but not after an error.

        Raise ServiceValidationError after the announcement if its volume was reduced to the limit.
        """
        announce_volume: int | None = options.get("announce_volume")
        async with self._locks.setdefault(player.player_id, asyncio.Lock()):
            cached = mass.players.get(player.player_id)
            volume = cached.volume_level if cached else None
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
                    await _async_restore_volume(mass, player.player_id, volume)
                    if was_playing and player.queue_id:
                        await _async_resume(mass, player.player_id, player.queue_id)
                raise
        check_volume_limit(player, announce_volume, limit)


async def _async_restore_volume(
    mass: MusicAssistantClient, player_id: str, volume: int | None
) -> None:
    """Restore the volume, also if it is shown to be unchanged: the change may be shown later."""
    if volume is not None and mass.players.get(player_id):
        await mass.players.volume_set(player_id, volume)


async def _async_resume(mass: MusicAssistantClient, player_id: str, queue_id: str) -> None:
    """Resume a queue that was stopped for a failed announcement."""
    if await async_wait_until(mass, lambda: not is_playing(mass, player_id), STOP_TIMEOUT):
        await mass.player_queues.resume(queue_id)
