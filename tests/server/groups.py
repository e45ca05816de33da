"""Players that play together: joining, leaving, and the volume of all."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from music_assistant_models.constants import PLAYER_CONTROL_NONE
from music_assistant_models.enums import PlayerFeature, PlayerType
from music_assistant_models.errors import UnsupportedFeaturedException
from music_assistant_models.helpers import create_safe_string
from music_assistant_models.player import Player
from music_assistant_models.unique_list import UniqueList

from .household import GROUPS, group as new_group
from .targets import OnPlayer

if TYPE_CHECKING:
    from .commands import Caller
    from .server import MassServer

# Members


def set_members(
    server: MassServer,
    target: Player,
    player_ids_to_add: list[str] | None = None,
    player_ids_to_remove: list[str] | None = None,
) -> None:
    """Change who plays along with a player or group."""
    if PlayerFeature.SET_MEMBERS not in target.supported_features:
        raise UnsupportedFeaturedException(f"Player {target.name} does not support group commands")
    if target.synced_to:
        ungroup(server, target)
    for player_id in player_ids_to_remove or ():
        _remove(server, target, player_id)
    for player_id in player_ids_to_add or ():
        if player := server.players.get(player_id):
            _add(server, target, player)
    _settle(server, target)


def _add(server: MassServer, target: Player, player: Player) -> None:
    """Let a player join."""
    if player is target or player.player_id in target.group_members:
        return
    if not _compatible(target, player):
        raise UnsupportedFeaturedException(
            f"Player {player.name} can not be grouped with {target.name}"
        )
    ungroup(server, player)
    server.playback.stop_queue(player.player_id)
    if target.type is PlayerType.GROUP:
        target.group_members.append(player.player_id)
        return
    # A sync leader is the first of its members.
    target.group_members.append(target.player_id)
    target.group_members.append(player.player_id)
    player.synced_to = target.player_id


def _compatible(target: Player, player: Player) -> bool:
    allowed = target.can_group_with
    return player.player_id in allowed or player.provider in allowed


def _remove(server: MassServer, target: Player, player_id: str) -> None:
    """Let a member go; without its leader a sync group is no more."""
    if player_id in target.static_group_members:
        raise UnsupportedFeaturedException(f"{player_id} is a static member of {target.name}")
    if player_id == target.player_id:
        dissolve(server, target)
    elif player_id in target.group_members:
        target.group_members.remove(player_id)
        if member := server.players.get(player_id):
            member.synced_to = member.active_group = None
            server.playback.show(player_id)


def dissolve(server: MassServer, leader: Player) -> None:
    """End a sync group."""
    for player_id in list(leader.group_members):
        if player_id != leader.player_id:
            _remove(server, leader, player_id)


def _settle(server: MassServer, target: Player) -> None:
    """Bring a group into order after a change and tell."""
    if target.group_members == [target.player_id]:
        target.group_members = UniqueList()
    if target.type is PlayerType.GROUP and target.powered:
        server.playback.gather(target)
    update_volume(server, target)
    server.playback.show(target.player_id)


def ungroup(server: MassServer, player: Player) -> None:
    """Take a player out of the group that it is in or leads."""
    if player.synced_to and (leader := server.players.get(player.synced_to)):
        _remove(server, leader, player.player_id)
        _settle(server, leader)
    elif player.active_group and (group := server.players.get(player.active_group)):
        if player.player_id not in group.static_group_members:
            _remove(server, group, player.player_id)
            _settle(server, group)
    elif player.group_members and player.type is not PlayerType.GROUP:
        dissolve(server, player)
        _settle(server, player)


def set_free(server: MassServer, player: Player) -> None:
    """Let a player play alone, at the cost of the group that it can't leave."""
    if player.synced_to or player.active_group:
        ungroup(server, player)
    if player.active_group and (group := server.players.get(player.active_group)):
        server.playback.scatter(group)
        server.update_player(group.player_id, powered=False)


def join(server: MassServer, player: Player, target_player: str) -> None:
    """Join a player to another, or to a group."""
    if target := server.players.get(target_player):
        set_members(server, target, [player.player_id])


def join_many(server: MassServer, target: Player, child_player_ids: list[str]) -> None:
    """Join players to another, or to a group."""
    set_members(server, target, child_player_ids)


def ungroup_many(server: MassServer, caller: Caller, player_ids: list[str]) -> None:
    """Take players out of their groups."""
    for player_id in player_ids:
        OnPlayer(ungroup)(server, caller, player_id=player_id)


def create(
    server: MassServer,
    _caller: Caller,
    provider: str,
    name: str,
    members: list[str],
    dynamic: bool = False,
) -> Player:
    """Make a permanent group."""
    player_id = f"{provider or GROUPS}_{create_safe_string(name, replace_space=True)}"
    static = UniqueList[str]() if dynamic else UniqueList(members)
    player = new_group(
        name,
        members,
        player_id,
        provider=provider or GROUPS,
        static_group_members=static,
    )
    update_volume(server, player)
    return server.add_player(player)


def remove(server: MassServer, player: Player) -> None:
    """Remove a permanent group."""
    if player.type is not PlayerType.GROUP:
        raise UnsupportedFeaturedException(f"Player {player.name} is not a group player")
    server.remove_player(player.player_id)


# Volume


def with_volume(server: MassServer, group: Player) -> list[Player]:
    """Return the members whose volume can be set."""
    members = (server.players.get(player_id) for player_id in group.group_members or ())
    return [
        member
        for member in members
        if member
        and member.available
        and member.type is not PlayerType.GROUP
        and member.volume_level is not None
        and member.volume_control != PLAYER_CONTROL_NONE
    ]


def update_volume(server: MassServer, player: Player) -> None:
    """Derive the group volume of a player: the average of its members, else its own."""
    members = with_volume(server, player)
    if not player.group_members:
        player.group_volume, player.group_volume_muted = player.volume_level, player.volume_muted
        return
    levels = [member.volume_level or 0 for member in members]
    player.group_volume = round(sum(levels) / len(levels)) if levels else None
    mutes = [member.volume_muted for member in members if member.volume_muted is not None]
    player.group_volume_muted = all(mutes) if mutes else None


def tell_groups(server: MassServer, players: Iterable[Player]) -> None:
    """Update and send the groups that players are in, after their volume changed."""
    changed = {player.player_id for player in players}
    for group in list(server.players.values()):
        if changed.intersection(group.group_members) and group.player_id not in changed:
            update_volume(server, group)
            server.update_player(group.player_id)


def scaled(level: int, before: int, after: int) -> int:
    """Return a member's volume when that of the group goes from one level to another."""
    if after <= before:
        return round(level * after / before) if before else after
    return round(level + (100 - level) * (after - before) / (100 - before))


def set_group_volume(server: MassServer, group: Player, volume_level: int) -> None:
    """Change the volume of all members in proportion."""
    members = with_volume(server, group) or [group]
    before = round(sum(member.volume_level or 0 for member in members) / len(members))
    after = min(max(volume_level, 0), 100)
    for member in members:
        member.volume_level = scaled(member.volume_level or 0, before, after)
    for member in members:
        update_volume(server, member)
        server.update_player(member.player_id)
    tell_groups(server, members)


def group_volume_up(server: MassServer, group: Player) -> None:
    """Make a group louder."""
    set_group_volume(server, group, (group.group_volume or 0) + 5)


def group_volume_down(server: MassServer, group: Player) -> None:
    """Make a group quieter."""
    set_group_volume(server, group, (group.group_volume or 0) - 5)


def group_volume_mute(server: MassServer, group: Player, muted: bool) -> None:
    """Mute a group or a leader's followers; a follower's leader is meant, else just the player."""
    leader = server.players.get(group.synced_to or "") or group
    for member in with_volume(server, leader) or [leader]:
        member.volume_muted = muted
        update_volume(server, member)
        server.update_player(member.player_id)
    tell_groups(server, with_volume(server, leader))
