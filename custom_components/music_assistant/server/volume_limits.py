"""Volume limits of players, applied to commands."""

from collections.abc import Callable
from typing import Any, Final

# Commands that set a volume (0..100), and commands that increase it by a step of the server ->
# the command that replaces them where a step might exceed the limit.
SET_VOLUME_COMMANDS: Final = frozenset(
    {"players/cmd/volume_set", "players/cmd/group_volume", "players/cmd/play_announcement"}
)
STEP_VOLUME_COMMANDS: Final = {
    "players/cmd/volume_up": "players/cmd/volume_set",
    "players/cmd/group_volume_up": "players/cmd/group_volume",
}
# The largest step that can be configured on a server, and the step used instead, in percent.
MAX_SERVER_STEP: Final = 10
DEFAULT_STEP: Final = 5


def limit_volume_command(
    command: str, args: dict[str, Any], limit: int | None, get_volume: Callable[[], int | None]
) -> tuple[str, dict[str, Any]]:
    """Return a command and its arguments with a volume limit applied.

    `get_volume` returns the current volume.
    """
    if limit is None:
        return command, args
    if command in SET_VOLUME_COMMANDS and is_over_limit(limit, args.get("volume_level")):
        return command, {**args, "volume_level": limit}
    volume = get_volume()
    if (set_command := STEP_VOLUME_COMMANDS.get(command)) and is_over_limit(
        limit, (volume or 0) + MAX_SERVER_STEP
    ):
        level = limit if volume is None else min(limit, volume + DEFAULT_STEP)
        return set_command, {**args, "volume_level": level}
    return command, args


def is_over_limit(limit: int | None, level: object) -> bool:
    """Return whether a volume exceeds a limit."""
    return limit is not None and isinstance(level, int | float) and level > limit
