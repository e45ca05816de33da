"""Announcements on players."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from music_assistant_client import MusicAssistantClient

from ..server.errors import COMMAND_ERRORS
from .commands import check_volume_limit
from .snapshot import PlayerSnapshot


class Announcements:
    """Represent the announcements of a server, of which each player plays one at a time."""

    def __init__(self) -> None:
        """Initialize the announcements."""
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

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
        percent. The server restores the volume after an announcement, but not after an error.

        Raise ServiceValidationError after the announcement if its volume was reduced to the limit.
        """
        announce_volume: int | None = options.get("announce_volume")
        async with self._locks[player.player_id]:
            cached = mass.players.get(player.player_id)
            volume = cached.volume_level if cached else None
            try:
                await mass.players.play_announcement(
                    player.player_id,
                    url,
                    pre_announce=options.get("use_pre_announce"),
                    pre_announce_url=options.get("pre_announce_url"),
                    volume_level=announce_volume,
                )
            except COMMAND_ERRORS:
                await _async_restore_volume(mass, player.player_id, volume)
                raise
        check_volume_limit(player, announce_volume, limit)


async def _async_restore_volume(
    mass: MusicAssistantClient, player_id: str, volume: int | None
) -> None:
    player = mass.players.get(player_id)
    if player is None or volume is None or player.volume_level == volume:
        return
    with suppress(*COMMAND_ERRORS):
        await mass.players.volume_set(player_id, volume)
