"""Joining and leaving groups of players."""

import asyncio
from collections.abc import Collection, Iterable
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import PlayerType
from music_assistant_models.errors import InsufficientPermissions, MusicAssistantError

from ..server.errors import build_validation_error
from ..server.wait import async_wait_until

# Seconds in which a player leaves its group, or is shown to have left it.
UNJOIN_TIMEOUT: Final = 3.0
# Seconds in which players are shown to have joined a group after the server has answered.
JOIN_TIMEOUT: Final = 5.0


class Unjoins:
    """Represent the players of a server that are being unjoined.

    A leader leaves together with all followers, so followers that are named with it need no
    command of their own: the server would refuse it.
    """

    def __init__(self) -> None:
        """Initialize without players."""
        self._player_ids: set[str] = set()

    async def async_unjoin(self, mass: MusicAssistantClient, player_id: str) -> None:
        """Let a player leave its group."""
        self._player_ids.add(player_id)
        try:
            await asyncio.sleep(0)  # until all players of the same action are added
            with_leader = get_leader_id(mass, player_id) in self._player_ids
            if not with_leader or not await _async_wait_until_alone(mass, player_id):
                await async_ungroup(mass, player_id)
        finally:
            self._player_ids.discard(player_id)


async def async_join(mass: MusicAssistantClient, leader_id: str, member_ids: list[str]) -> None:
    """Join players to a leader, which leaves its own group before.

    Servers refuse what joins a follower, or, from schema 29 on, answer and leave out who can't
    join. So the members are checked.
    """
    if get_leader_id(mass, leader_id) is not None:
        await async_ungroup(mass, leader_id)
        await _async_wait_until_alone(mass, leader_id)
    await mass.players.group_many(leader_id, member_ids)
    is_complete = await async_wait_until(
        mass, lambda: not _find_missing(mass, leader_id, member_ids), JOIN_TIMEOUT
    )
    if not is_complete and mass.connection.connected:
        missing = _find_missing(mass, leader_id, member_ids)
        members = ", ".join(_get_name(mass, player_id) for player_id in missing)
        raise build_validation_error(
            "not_joined", members=members, leader=_get_name(mass, leader_id)
        )


def _find_missing(
    mass: MusicAssistantClient, leader_id: str, member_ids: Iterable[str]
) -> list[str]:
    """Return those of some players that aren't in the group of a leader."""
    leader = mass.players.get(leader_id)
    members: Collection[str] = leader.group_members if leader else ()
    return [
        player_id
        for player_id in member_ids
        if player_id not in members and get_leader_id(mass, player_id) != leader_id
    ]


def _get_name(mass: MusicAssistantClient, player_id: str) -> str:
    player = mass.players.get(player_id)
    return player.name if player else player_id


async def async_ungroup(mass: MusicAssistantClient, player_id: str) -> None:
    """Remove a player from its group; an error about one that is alone by then is ignored."""
    try:
        await mass.players.ungroup(player_id)
    except InsufficientPermissions:
        raise
    except MusicAssistantError:
        if not await _async_wait_until_alone(mass, player_id):
            raise


async def _async_wait_until_alone(mass: MusicAssistantClient, player_id: str) -> bool:
    return await async_wait_until(mass, lambda: not is_grouped(mass, player_id), UNJOIN_TIMEOUT)


def get_leader_id(mass: MusicAssistantClient, player_id: str) -> str | None:
    """Return the id of the player that a player is synchronized with."""
    player = mass.players.get(player_id)
    return player.synced_to if player else None


def is_grouped(mass: MusicAssistantClient, player_id: str) -> bool:
    """Return if a player is in a group, or leads one."""
    if (player := mass.players.get(player_id)) is None:
        return False
    is_leader = player.type is not PlayerType.GROUP and bool(player.group_members)
    return bool(player.synced_to or player.active_group) or is_leader
