"""How loud players may be made: what every command that has a volume is held to. Pure."""

from collections.abc import Callable
from typing import Any, Final

# The commands that set a volume (0..100), and those that turn it up by a step of the server's,
# with what sets it instead where a step might go too far.
LEVELS: Final = frozenset(
    {"players/cmd/volume_set", "players/cmd/group_volume", "players/cmd/play_announcement"}
)
STEPS: Final = {
    "players/cmd/volume_up": "players/cmd/volume_set",
    "players/cmd/group_volume_up": "players/cmd/group_volume",
}
# The largest step that a server can be set to, and the one that is made in its place.
LARGEST_STEP: Final = 10
STEP: Final = 5


def limited(
    command: str, args: dict[str, Any], limit: int | None, volume: Callable[[], int | None]
) -> tuple[str, dict[str, Any]]:
    """Return a command as a player's limit lets it through; `volume` gives what it is now."""
    if limit is None:
        return command, args
    if command in LEVELS and is_over(limit, args.get("volume_level")):
        return command, {**args, "volume_level": limit}
    now = volume()
    if (setting := STEPS.get(command)) and is_over(limit, (now or 0) + LARGEST_STEP):
        level = limit if now is None else min(limit, now + STEP)
        return setting, {**args, "volume_level": level}
    return command, args


def is_over(limit: int | None, level: object) -> bool:
    """Tell whether a volume is one that a limit doesn't allow."""
    return limit is not None and isinstance(level, int | float) and level > limit
