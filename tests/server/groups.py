"""Groups of players: joining, leaving and volume."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from music_assistant_models.constants import PLAYER_CONTROL_NONE
from music_assistant_models.enums import EventType, PlayerFeature, PlayerType, ProviderFeature
from music_assistant_models.errors import PlayerCommandFailed, UnsupportedFeaturedException
from music_assistant_models.helpers import create_safe_string
from music_assistant_models.player import Player
from music_assistant_models.unique_list import UniqueList

from .command_targets import PlayerCommand
from .player_set import create_group as new_group

if TYPE_CHECKING:
    from .commands import Caller
    from .server import MassServer

# Seconds after which fields show that a player has joined.
LEADER_DELAYS = {"group_members": 0.26}
FOLLOWER_DELAYS = {"synced_to": 0.76}
# Since this schema a server answers, and leaves out who can't join; older ones refuse the command.
LEFT_OUT_SINCE = 29
LEAVING_TIME = 1.0  # seconds in which a follower is refused to leave the group that its leader left

# Members


def set_members(
    server: MassServer,
    target: Player,
    player_ids_to_add: list[str] | None = None,
    player_ids_to_remove: list[str] | None = None,
) -> None:
    """Add and remove members of a player or group."""
    if PlayerFeature.SET_MEMBERS not in target.supported_features:
        raise UnsupportedFeaturedException(f"Player {target.name} does not support group commands")
    if target.synced_to:
        if server.schema_version >= LEFT_OUT_SINCE:
            return  # nobody can be grouped with a follower
        raise PlayerCommandFailed(f"Player {target.name} is already synced to another player")
    for player_id in player_ids_to_remove or ():
        _remove_member(server, target, player_id)
    for player_id in player_ids_to_add or ():
        if player := server.players.get(player_id):
            _add_member(server, target, player)
    _update_group(server, target)


def _add_member(server: MassServer, target: Player, player: Player) -> None:
    """Add a player to a group."""
    if player is target or player.player_id in target.group_members:
        return
    if not player.available:
        return
    if not _is_compatible(target, player):
        if server.schema_version >= LEFT_OUT_SINCE:
            return
        raise UnsupportedFeaturedException(
            f"Player {player.name} can not be grouped with {target.name}"
        )
    if player.synced_to or player.active_group or player.group_members:
        unjoin(server, player)
    server.playback.stop_queue(player.player_id)
    if target.type is PlayerType.GROUP:
        target.group_members.append(player.player_id)
        return
    server.playback.reporter.delay_fields([target], LEADER_DELAYS)
    server.playback.reporter.delay_fields([player], FOLLOWER_DELAYS)
    # A sync leader is the first of its members.
    target.group_members.append(target.player_id)
    target.group_members.append(player.player_id)
    player.synced_to = target.player_id


def _is_compatible(target: Player, player: Player) -> bool:
    allowed = target.can_group_with
    return player.player_id in allowed or player.provider in allowed


def _remove_member(server: MassServer, target: Player, player_id: str) -> None:
    """Remove a member; a sync group without its leader ends."""
    if player_id in target.static_group_members:
        raise UnsupportedFeaturedException(f"{player_id} is a static member of {target.name}")
    if player_id == target.player_id:
        remove_sync_group(server, target)
    elif player_id in target.group_members:
        target.group_members.remove(player_id)
        if member := server.players.get(player_id):
            member.synced_to = member.active_group = None
            server.left_groups_at[player_id] = server.clock()
            server.playback.update_player(player_id)
            server.playback.restart_stream(target.player_id)


def remove_sync_group(server: MassServer, leader: Player) -> None:
    """End a sync group."""
    for player_id in list(leader.group_members):
        if player_id != leader.player_id:
            _remove_member(server, leader, player_id)


def _update_group(server: MassServer, target: Player) -> None:
    """Make a group consistent after a change and send the events."""
    if target.group_members == [target.player_id]:
        target.group_members = UniqueList()
    if target.type is PlayerType.GROUP and target.powered:
        server.playback.join_members(target)
    update_group_volume(server, target)
    if not server.prompt and (queue := server.queues.get(target.player_id)):
        server.send_event(EventType.QUEUE_UPDATED, target.player_id, queue)
    server.playback.update_player(target.player_id)


def unjoin(server: MassServer, player: Player) -> None:
    """Remove a player from the group that it is in or leads."""
    if player.synced_to and (leader := server.players.get(player.synced_to)):
        _remove_member(server, leader, player.player_id)
        _update_group(server, leader)
    elif player.active_group and (group := server.players.get(player.active_group)):
        if player.player_id not in group.static_group_members:
            _remove_member(server, group, player.player_id)
            _update_group(server, group)
    elif player.group_members and player.type is not PlayerType.GROUP:
        remove_sync_group(server, player)
        _update_group(server, player)
    elif not server.prompt:
        _ensure_not_leaving(server, player)


def _ensure_not_leaving(server: MassServer, player: Player) -> None:
    """Refuse to remove a player from the group that it is about to leave."""
    left_at = server.left_groups_at.get(player.player_id, 0)
    if server.clock() - left_at < LEAVING_TIME * server.pace:
        raise PlayerCommandFailed(
            "set_members needs to be implemented when the SET_MEMBERS feature is set"
        )


def unjoin_or_dissolve(server: MassServer, player: Player) -> None:
    """Let a player play alone, and end the group that it can't leave."""
    if player.synced_to or player.active_group:
        unjoin(server, player)
    if player.active_group and (group := server.players.get(player.active_group)):
        server.playback.unjoin_members(group)
        server.update_player(group.player_id, powered=False)


def join_player(server: MassServer, player: Player, target_player: str) -> None:
    """Join a player to another player or to a group."""
    if target := server.players.get(target_player):
        set_members(server, target, [player.player_id])


def join_players(server: MassServer, target: Player, child_player_ids: list[str]) -> None:
    """Join players to another player or to a group."""
    set_members(server, target, child_player_ids)


def unjoin_players(server: MassServer, caller: Caller, player_ids: list[str]) -> None:
    """Remove players from their groups."""
    for player_id in player_ids:
        PlayerCommand(unjoin)(server, caller, player_id=player_id)


def create_group(
    server: MassServer,
    _caller: Caller,
    provider: str,
    name: str,
    members: list[str],
    dynamic: bool = True,
) -> Player:
    """Create a permanent group."""
    found = server.providers.get(provider)
    if found is None or ProviderFeature.CREATE_GROUP_PLAYER not in found.supported_features:
        raise UnsupportedFeaturedException(f"Provider {provider} does not support group players")
    player_id = f"{provider}_{create_safe_string(name, replace_space=True)}"
    static = UniqueList[str]() if dynamic else UniqueList(members)
    player = new_group(
        name,
        members,
        player_id,
        provider=provider,
        static_group_members=static,
    )
    update_group_volume(server, player)
    return server.add_player(player)


def remove_group(server: MassServer, player: Player) -> None:
    """Remove a permanent group."""
    if player.type is not PlayerType.GROUP:
        raise UnsupportedFeaturedException(f"Player {player.name} is not a group player")
    server.remove_player(player.player_id)


# Volume


def get_volume_members(server: MassServer, group: Player) -> list[Player]:
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


def update_group_volume(server: MassServer, player: Player) -> None:
    """Update the group volume of a player: the average of its members, else its own."""
    members = get_volume_members(server, player)
    if not player.group_members:
        player.group_volume, player.group_volume_muted = player.volume_level, player.volume_muted
        return
    levels = [member.volume_level or 0 for member in members]
    player.group_volume = round(sum(levels) / len(levels)) if levels else None
    mutes = [member.volume_muted for member in members if member.volume_muted is not None]
    player.group_volume_muted = all(mutes) if mutes else None


def update_groups(server: MassServer, players: Iterable[Player]) -> None:
    """Update and send the groups of players after their volume changed."""
    changed = {player.player_id for player in players}
    for group in list(server.players.values()):
        if changed.intersection(group.group_members) and group.player_id not in changed:
            update_group_volume(server, group)
            server.update_player(group.player_id)


def scale_volume(level: int, before: int, after: int) -> int:
    """Return a member's volume when that of the group goes from one level to another."""
    if after <= before:
        return round(level * after / before) if before else after
    return round(level + (100 - level) * (after - before) / (100 - before))


def set_group_volume(server: MassServer, group: Player, volume_level: int) -> None:
    """Change the volume of all members in proportion."""
    members = get_volume_members(server, group) or [group]
    before = round(sum(member.volume_level or 0 for member in members) / len(members))
    after = min(max(volume_level, 0), 100)
    for member in members:
        member.volume_level = scale_volume(member.volume_level or 0, before, after)
    for member in members:
        update_group_volume(server, member)
        server.update_player(member.player_id)
    update_groups(server, members)


def increase_group_volume(server: MassServer, group: Player) -> None:
    """Increase the volume of a group."""
    set_group_volume(server, group, (group.group_volume or 0) + 5)


def decrease_group_volume(server: MassServer, group: Player) -> None:
    """Decrease the volume of a group."""
    set_group_volume(server, group, (group.group_volume or 0) - 5)


def mute_group_volume(server: MassServer, group: Player, muted: bool) -> None:
    """Mute a group or a leader's followers; for a follower its leader, else only the player."""
    leader = server.players.get(group.synced_to or "") or group
    for member in get_volume_members(server, leader) or [leader]:
        member.volume_muted = muted
        update_group_volume(server, member)
        server.update_player(member.player_id)
    update_groups(server, get_volume_members(server, leader))
