"""Commands for players."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from music_assistant_models.auth import Scope
from music_assistant_models.constants import PLAYER_CONTROL_NONE
from music_assistant_models.enums import EventType, PlaybackState, PlayerType
from music_assistant_models.errors import (
    InvalidDataError,
    MusicAssistantError,
    PlayerCommandFailed,
    PlayerUnavailableError,
    UnsupportedFeaturedException,
)
from music_assistant_models.player import (
    Player,
    PlayerMedia,
    PlayerOption,
    PlayerOptionType,
    PlayerSource,
)
from music_assistant_models.player_control import PlayerControl
from music_assistant_models.player_queue import PlayerQueue

from . import commands, groups, queues, reports
from .command_targets import PlayerCommand
from .commands import Caller, Command
from .playback import VOLUME_DELAYS

if TYPE_CHECKING:
    from .server import MassServer

VOLUME_STEP = 5
MESSAGES_SINCE = 46


def list_players(
    server: MassServer,
    caller: Caller,
    return_unavailable: bool = True,
    return_disabled: bool = False,
) -> list[Player]:
    """Return the players that the caller can see."""
    return [
        server.playback.reporter.show(player)
        for player in server.players.values()
        if caller.can_see(player.player_id)
        and (player.available or return_unavailable)
        and (player.enabled or return_disabled)
    ]


def get_player(
    server: MassServer, caller: Caller, player_id: str, raise_unavailable: bool = False
) -> Player | None:
    """Return one player."""
    player = server.players.get(player_id)
    if player is None and raise_unavailable:
        raise PlayerUnavailableError(f"Player {player_id} is not available")
    if player:
        caller.ensure_visible(player_id)
    return server.playback.reporter.show(player)


def get_player_by_name(server: MassServer, caller: Caller, name: str) -> Player | None:
    """Return the player with a name."""
    players = list_players(server, caller)
    return next((player for player in players if player.name == name), None)


# Playing: what the queue can't do is done, or refused, by the player's own source


def _build_playback_command(
    act: Callable[[MassServer, PlayerQueue], None], allowed: Callable[[PlayerSource], bool]
) -> Callable[[MassServer, Player], None]:
    """Return a command for the queue or the source that a player plays."""

    def run(server: MassServer, player: Player) -> None:
        if queue := server.playback.get_active_queue(player.player_id):
            act(server, queue)
            return
        source = next((s for s in player.source_list if s.id == player.active_source), None)
        if source is None or not allowed(source):
            raise PlayerCommandFailed(f"The active source of {player.name} can not be controlled")

    return run


def _unpause(server: MassServer, queue: PlayerQueue) -> None:
    """Let a player play on, which a queue can't."""
    server.playback.resume(queue, reports.UNPAUSE)


def _play_or_pause(server: MassServer, queue: PlayerQueue) -> None:
    """Pause a player, or let it play on."""
    playing = queue.state is PlaybackState.PLAYING
    (server.playback.pause if playing else partial(_unpause, server))(queue)


_can_pause: Callable[[PlayerSource], bool] = lambda source: source.can_play_pause  # noqa: E731
_can_skip: Callable[[PlayerSource], bool] = lambda source: source.can_next_previous  # noqa: E731


def stop(server: MassServer, player: Player) -> None:
    """Stop playback; a real server has no way to stop a player that plays nothing."""
    queue_id = server.playback.get_leader_id(player.player_id)
    queue = server.queues.get(queue_id)
    shown = server.playback.reporter.show(queue).state if queue else PlaybackState.IDLE
    is_stopped = player.playback_state is shown is PlaybackState.IDLE
    if is_stopped and not server.prompt:
        raise MusicAssistantError("stop needs to be implemented when PLAY_MEDIA is set")
    server.playback.stop_queue(queue_id)


def seek(server: MassServer, player: Player, position: int) -> None:
    """Seek to a position."""
    if queue := server.playback.get_active_queue(player.player_id):
        server.playback.seek(queue, position)


def resume(
    server: MassServer, player: Player, source: str | None = None, media: PlayerMedia | None = None
) -> None:
    """Resume a source, or the last one."""
    if source and source != player.player_id:
        select_source(server, player, source)
    elif queue := server.playback.get_active_queue(player.player_id):
        server.playback.resume(queue)


# Power and volume


def set_power(server: MassServer, player: Player, powered: bool) -> None:
    """Turn on or off; playback stops, and the player leaves its group."""
    if player.power_control == PLAYER_CONTROL_NONE:
        raise UnsupportedFeaturedException(f"Player {player.name} does not support power control")
    if not powered and (player.synced_to or player.active_group):
        groups.unjoin(server, player)
    if not powered:
        server.playback.stop_queue(player.player_id)
    player.powered = powered
    if player.type is PlayerType.GROUP:
        (server.playback.join_members if powered else server.playback.unjoin_members)(player)
    server.playback.update_player(player.player_id)


def set_volume(server: MassServer, player: Player, volume_level: int) -> None:
    """Set the volume; for a group that of its members."""
    if player.type is PlayerType.GROUP:
        groups.set_group_volume(server, player, volume_level)
        return
    if player.volume_control == PLAYER_CONTROL_NONE:
        raise UnsupportedFeaturedException(f"Player {player.name} does not support volume control")
    server.playback.reporter.delay_fields([player], VOLUME_DELAYS)
    player.volume_level = min(max(volume_level, 0), 100)
    _send_volume(server, player)


def _send_volume(server: MassServer, player: Player) -> None:
    groups.update_group_volume(server, player)
    server.update_player(player.player_id)
    groups.update_groups(server, [player])


def _build_volume_step(by: int) -> Callable[[MassServer, Player], None]:
    """Return a command that changes the volume by a step."""

    def change_volume(server: MassServer, player: Player) -> None:
        volume = player.group_volume if player.type is PlayerType.GROUP else player.volume_level
        set_volume(server, player, (volume or 0) + by)

    return change_volume


def mute_volume(server: MassServer, player: Player, muted: bool) -> None:
    """Mute; for a group its members."""
    targets = (
        groups.get_volume_members(server, player) if player.type is PlayerType.GROUP else [player]
    )
    if any(target.mute_control == PLAYER_CONTROL_NONE for target in targets):
        raise UnsupportedFeaturedException(f"Player {player.name} does not support muting")
    for target in targets:
        target.volume_muted = muted
        _send_volume(server, target)


# Sources, sound modes, options


def select_source(server: MassServer, player: Player, source: str) -> None:
    """Select an input, or the queue."""
    if source in server.queues:
        server.playback.play_queue(player)
        return
    found = next((each for each in player.source_list if each.id == source), None)
    if found is None or found.passive:
        raise PlayerCommandFailed(f"{source} is not a valid source for player {player.name}")
    server.playback.play_source(player, source)


def select_sound_mode(server: MassServer, player: Player, sound_mode: str) -> None:
    """Select a sound mode."""
    found = next((each for each in player.sound_mode_list if each.id == sound_mode), None)
    if found is None or found.passive:
        raise PlayerCommandFailed(f"{sound_mode} is not a valid sound mode for {player.name}")
    server.update_player(player.player_id, active_sound_mode=sound_mode)


def set_option(server: MassServer, player: Player, option_key: str, option_value: Any) -> None:
    """Set an option."""
    option = next((each for each in player.options if each.key == option_key), None)
    if option is None or option.value == option_value:
        return
    if option.read_only:
        raise UnsupportedFeaturedException(f"Option {option_key} is read only")
    option.value = _validate_option_value(option, option_value)
    server.send_event(EventType.PLAYER_OPTIONS_UPDATED, player.player_id, list(player.options))
    server.update_player(player.player_id)


_OPTION_TYPES: dict[PlayerOptionType, tuple[type, ...]] = {
    PlayerOptionType.BOOLEAN: (bool,),
    PlayerOptionType.INTEGER: (int,),
    PlayerOptionType.FLOAT: (float, int),
    PlayerOptionType.STRING: (str,),
}


def _validate_option_value(option: PlayerOption, value: Any) -> Any:
    """Return a value that fits an option; raises if it doesn't."""
    fits = type(value) in _OPTION_TYPES[option.type]
    if fits and option.options:
        fits = any(value in (entry.key, entry.value) for entry in option.options)
    if fits and option.min_value is not None and option.max_value is not None:
        fits = option.min_value <= value <= option.max_value
    if not fits:
        raise InvalidDataError(f"{value} is not a valid value for option {option.key}")
    return float(value) if option.type is PlayerOptionType.FLOAT else value


# Announcements, timers, favourites


async def play_announcement(
    server: MassServer,
    player: Player,
    *,
    url: str | None = None,
    pre_announce: bool | None = None,
    volume_level: int | None = None,
    pre_announce_url: str | None = None,
    message: str | None = None,
    tts_engine: str | None = None,
) -> None:
    """Play the announcement of a url, or from schema 46 a text; responds at its end."""
    if server.schema_version < MESSAGES_SINCE:
        if url is None:
            raise KeyError("`url` is required.")
        message = None
    if (url is None) == (message is None):
        raise InvalidDataError("Either a url or a message is required")
    if url and not url.startswith(("http://", "https://")):
        raise InvalidDataError("Only URLs are supported for announcements")
    spoken = url or f"tts://{tts_engine or 'default'}?message={message}"
    await server.playback.play_announcement(player, spoken, volume_level)


def set_sleep_timer(server: MassServer, caller: Caller, player_id: str, seconds: int) -> float:
    """Set the sleep timer of a player and its group; return when it ends."""
    if seconds <= 0:
        raise InvalidDataError("Sleep timer duration must be greater than zero seconds")
    expires_at = server.clock() + seconds
    server.playback.set_sleep_timer(_get_leader(server, caller, player_id).player_id, expires_at)
    return expires_at


def get_sleep_timer(server: MassServer, caller: Caller, player_id: str) -> float | None:
    """Return when a player's sleep timer ends."""
    return _get_leader(server, caller, player_id).sleep_timer_expires_at


def clear_sleep_timer(server: MassServer, caller: Caller, player_id: str) -> None:
    """Clear a sleep timer."""
    server.playback.set_sleep_timer(_get_leader(server, caller, player_id).player_id, None)


def _get_leader(server: MassServer, caller: Caller, player_id: str) -> Player:
    """Return the player or group that a player follows, or the player itself."""
    caller.ensure_visible(player_id)
    player = server.players.get(player_id)
    if player is None or not player.available:
        raise PlayerUnavailableError(f"Player {player_id} is not available")
    return server.players[server.playback.get_leader_id(player_id)]


async def add_current_to_favorites(server: MassServer, caller: Caller, player_id: str) -> None:
    """Add the current item to the favorites."""
    caller.ensure_visible(player_id)
    if (player := server.players.get(player_id)) is None:
        raise PlayerUnavailableError(f"Player {player_id} is not available")
    queue = server.playback.get_active_queue(player_id)
    media = queue.current_item.media_item if queue and queue.current_item else None
    uri = media.uri if media else player.current_media and player.current_media.uri
    if not uri or server.library.get(uri) is None:
        raise PlayerCommandFailed("No current item to add to favorites")
    await commands.call_command(server, caller, "music/favorites/add_item", {"item": uri})


# Controls and plugin sources: the test server has none


def list_controls(_server: MassServer, _caller: Caller) -> list[PlayerControl]:
    """Return the player controls."""
    return []


def get_control(_server: MassServer, _caller: Caller, control_id: str) -> PlayerControl | None:
    """Return one player control."""
    return None


def list_plugin_sources(_server: MassServer, _caller: Caller) -> list[PlayerSource]:
    """Return the plugin sources."""
    return []


def get_plugin_source(_server: MassServer, _caller: Caller, source_id: str) -> PlayerSource | None:
    """Return one plugin source."""
    return None


def remove_player(server: MassServer, player: Player) -> None:
    """Remove a player; on a real server it may come back."""
    server.remove_player(player.player_id)


_PLAYER_COMMANDS: dict[str, Callable[..., Any]] = {
    "play": PlayerCommand(_build_playback_command(_unpause, _can_pause)),
    "pause": PlayerCommand(_build_playback_command(queues.pause, _can_pause)),
    "play_pause": PlayerCommand(_build_playback_command(_play_or_pause, _can_pause)),
    "stop": PlayerCommand(stop),
    "next": PlayerCommand(_build_playback_command(queues.skip_to_next, _can_skip)),
    "previous": PlayerCommand(_build_playback_command(queues.skip_to_previous, _can_skip)),
    "seek": PlayerCommand(seek),
    "resume": PlayerCommand(resume),
    "power": PlayerCommand(set_power),
    "volume_set": PlayerCommand(set_volume),
    "volume_up": PlayerCommand(_build_volume_step(VOLUME_STEP)),
    "volume_down": PlayerCommand(_build_volume_step(-VOLUME_STEP)),
    "volume_mute": PlayerCommand(mute_volume),
    "group_volume": PlayerCommand(groups.set_group_volume),
    "group_volume_up": PlayerCommand(groups.increase_group_volume),
    "group_volume_down": PlayerCommand(groups.decrease_group_volume),
    "group_volume_mute": PlayerCommand(groups.mute_group_volume),
    "select_source": PlayerCommand(select_source),
    "select_sound_mode": PlayerCommand(select_sound_mode),
    "set_option": PlayerCommand(set_option),
    "play_announcement": PlayerCommand(play_announcement),
    "group": PlayerCommand(groups.join_player),
    "ungroup": PlayerCommand(groups.unjoin),
    "group_many": PlayerCommand(groups.join_players, "target_player"),
    "ungroup_many": groups.unjoin_players,
    "set_members": PlayerCommand(groups.set_members, "target_player"),
}

COMMANDS = {
    **{f"players/cmd/{name}": Command(handler) for name, handler in _PLAYER_COMMANDS.items()},
    "players/all": Command(list_players),
    "players/get": Command(get_player),
    "players/get_by_name": Command(get_player_by_name),
    "players/add_currently_playing_to_favorites": Command(add_current_to_favorites, since=27),
    "players/create_group_player": Command(groups.create_group, scope=Scope.CONFIG_PLAYERS_WRITE),
    "players/remove_group_player": Command(
        PlayerCommand(groups.remove_group), scope=Scope.CONFIG_PLAYERS_WRITE
    ),
    "players/remove": Command(PlayerCommand(remove_player), admin=True),
    "players/player_control": Command(get_control),
    "players/player_controls": Command(list_controls),
    "players/plugin_source": Command(get_plugin_source),
    "players/plugin_sources": Command(list_plugin_sources),
    "players/sleep_timer/set": Command(set_sleep_timer, since=46, scope=Scope.PLAYERS_CONTROL),
    "players/sleep_timer/get": Command(get_sleep_timer, since=46),
    "players/sleep_timer/clear": Command(clear_sleep_timer, since=46, scope=Scope.PLAYERS_CONTROL),
}
