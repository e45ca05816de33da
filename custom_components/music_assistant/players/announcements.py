"""Announcements: one after the other on each player, and the volume back afterwards."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from music_assistant_client import MusicAssistantClient

from ..server.errors import FAILED
from .commands import check_limit
from .snapshot import PlayerSnapshot


class Announcements:
    """Lets each player finish an announcement before the next one begins."""

    def __init__(self) -> None:
        """Begin with silence."""
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def async_play(
        self,
        mass: MusicAssistantClient,
        player: PlayerSnapshot,
        url: str,
        options: Mapping[str, Any],
        limit: int | None = None,
    ) -> None:
        """Play an announcement with the action's options when it is its turn.

        The server puts the volume back when it is done; after an error that is on us. Refused
        afterwards if it was to be louder than the limit, in percent, to which it was held.
        """
        announce_volume: int | None = options.get("announce_volume")
        async with self._turns[player.player_id]:
            before = mass.players.get(player.player_id)
            volume = before.volume_level if before else None
            try:
                await mass.players.play_announcement(
                    player.player_id,
                    url,
                    pre_announce=options.get("use_pre_announce"),
                    pre_announce_url=options.get("pre_announce_url"),
                    volume_level=announce_volume,
                )
            except FAILED:
                await _restore(mass, player.player_id, volume)
                raise
        check_limit(player, announce_volume, limit)


async def _restore(mass: MusicAssistantClient, player_id: str, volume: int | None) -> None:
    player = mass.players.get(player_id)
    if player is None or volume is None or player.volume_level == volume:
        return
    with suppress(*FAILED):
        await mass.players.volume_set(player_id, volume)
