"""Announcements: one after the other on each player, and the volume back afterwards."""

import asyncio
from collections import defaultdict
from contextlib import suppress

from music_assistant_client import MusicAssistantClient
from music_assistant_client.exceptions import MusicAssistantClientException
from music_assistant_models.errors import MusicAssistantError


class Announcements:
    """Lets each player finish an announcement before the next one begins."""

    def __init__(self) -> None:
        """Begin with silence."""
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def async_play(
        self,
        mass: MusicAssistantClient,
        player_id: str,
        url: str,
        *,
        use_pre_announce: bool | None = None,
        pre_announce_url: str | None = None,
        announce_volume: int | None = None,
    ) -> None:
        """Play an announcement, `announce_volume` in percent, when it is its turn.

        The server puts the volume back when it is done; after an error that is on us.
        """
        async with self._turns[player_id]:
            player = mass.players.get(player_id)
            volume = player.volume_level if player else None
            try:
                await mass.players.play_announcement(
                    player_id,
                    url,
                    pre_announce=use_pre_announce,
                    pre_announce_url=pre_announce_url,
                    volume_level=announce_volume,
                )
            except MusicAssistantError, MusicAssistantClientException:
                await _restore(mass, player_id, volume)
                raise


async def _restore(mass: MusicAssistantClient, player_id: str, volume: int | None) -> None:
    player = mass.players.get(player_id)
    if player is None or volume is None or player.volume_level == volume:
        return
    with suppress(MusicAssistantError, MusicAssistantClientException):
        await mass.players.volume_set(player_id, volume)
