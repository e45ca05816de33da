"""The sound settings (DSP) of the players that somebody shows, and the presets of all."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from music_assistant_client import MusicAssistantClient
from music_assistant_models.dsp import DSPConfig, DSPConfigPreset
from music_assistant_models.errors import InvalidCommand


class Sounds:
    """What is kept up to date for who asked for it; the server's events say what changed."""

    def __init__(self, tell: Callable[[Iterable[str]], None]) -> None:
        """Know nothing yet; `tell` is called with the ids of the players concerned."""
        self._tell = tell
        self._configs: dict[str, DSPConfig] = {}
        self._presets: list[DSPConfigPreset] = []

    def of(self, player_id: str) -> DSPConfig | None:
        """Return a player's settings, None until they are loaded."""
        return self._configs.get(player_id)

    @property
    def names(self) -> list[str]:
        """Return the names of the presets, each once."""
        return list(dict.fromkeys(preset.name for preset in self._presets))

    def preset_of(self, player_id: str) -> str | None:
        """Return the name of the preset that a player is set to, whoever set it."""
        config = self._configs.get(player_id)
        if config is None:
            return None
        named = [one for one in self._presets if one.preset_id == config.preset_id is not None]
        alike = [one for one in self._presets if _filters(one.config) == _filters(config)]
        return next((one.name for one in (*named, *alike)), None)

    async def async_load(self, mass: MusicAssistantClient, player_id: str) -> None:
        """Ask the server for a player's settings, and for the presets."""
        self._presets = await mass.config.get_dsp_preset()
        self._configs[player_id] = await mass.config.get_player_dsp_config(player_id)
        self._tell((player_id,))

    async def async_turn(self, mass: MusicAssistantClient, player_id: str, on: bool) -> None:
        """Let a player's settings be heard, or not; they stay what they are on the server."""
        config = await mass.config.get_player_dsp_config(player_id)
        await mass.config.save_player_dsp_config(player_id, replace(config, enabled=on))

    async def async_apply(self, mass: MusicAssistantClient, player_id: str, name: str) -> None:
        """Set a player to a preset, and let that be heard."""
        preset = next(one for one in self._presets if one.name == name)
        try:  # newer servers remember which preset it was
            await mass.send_command(
                "config/players/dsp/apply_preset", player_id=player_id, preset_id=preset.preset_id
            )
        except InvalidCommand:
            await mass.config.save_player_dsp_config(player_id, preset.config)

    def on_config(self, player_id: str, data: Any) -> None:
        """Take over the settings that the server tells of."""
        if player_id in self._configs:
            self._configs[player_id] = DSPConfig.from_dict(data)
            self._tell((player_id,))

    def on_presets(self, _id: str, data: Any) -> None:
        """Take over the presets that the server tells of."""
        if self._configs:
            self._presets = [DSPConfigPreset.from_dict(one) for one in data]
            self._tell(self._configs)


def _filters(config: DSPConfig) -> tuple[object, ...]:
    """Return what is heard of settings."""
    return config.filters, config.input_gain, config.output_gain
