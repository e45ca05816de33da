"""Flow mode: a player gets its whole queue as one stream, also if it can't play without gaps."""

from collections.abc import Mapping
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.config_entries import ConfigEntry

from ..server.errors import check_answer

# Key of the setting. Settings of an output of a player, such as AirPlay, have its id in front.
_KEY: Final = "flow_mode"
_OUTPUT_SEPARATOR: Final = "||protocol||"


async def async_fetch_flow_mode(mass: MusicAssistantClient, player_id: str) -> dict[str, bool]:
    """Return whether flow mode is on, by key of the setting of each output of a player.

    Outputs that leave no choice are omitted.
    """
    config = await mass.send_command("config/players/get", player_id=player_id)
    with check_answer():
        entries = [
            ConfigEntry.from_dict(entry)
            for key, entry in config["values"].items()
            if key.rpartition(_OUTPUT_SEPARATOR)[2] == _KEY
        ]
    return {
        entry.key: bool(entry.default_value if entry.value is None else entry.value)
        for entry in entries
        if not (entry.hidden or entry.read_only)
    }


async def async_save_flow_mode(
    mass: MusicAssistantClient, player_id: str, values: Mapping[str, bool]
) -> None:
    """Set flow mode by keys of settings; the server restarts what plays if need be."""
    await mass.send_command("config/players/save", player_id=player_id, values={**values})
