"""DSP settings of players."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from music_assistant_client import MusicAssistantClient
from music_assistant_models.dsp import DSPConfig, DSPConfigPreset
from music_assistant_models.errors import InvalidCommand


class DspSettings:
    """Cache of DSP settings and presets, loaded on demand and kept up to date by events."""

    def __init__(self, notify: Callable[[Iterable[str]], None]) -> None:
        """Initialize the cache; `notify` is called with the ids of the players that changed."""
        self._notify = notify
        self._configs: dict[str, DSPConfig] = {}
        self._presets: list[DSPConfigPreset] = []

    def get_config(self, player_id: str) -> DSPConfig | None:
        """Return the settings of a player, None until they are loaded."""
        return self._configs.get(player_id)

    @property
    def preset_names(self) -> list[str]:
        """Return the names of the presets, without duplicates."""
        return list(dict.fromkeys(preset.name for preset in self._presets))

    def get_preset_name(self, player_id: str) -> str | None:
        """Return the name of the preset of a player, also if its settings merely equal a preset."""
        config = self._configs.get(player_id)
        if config is None:
            return None
        settings = _get_audible_settings(config)
        selected = [
            preset for preset in self._presets if preset.preset_id == config.preset_id is not None
        ]
        equal = [
            preset for preset in self._presets if _get_audible_settings(preset.config) == settings
        ]
        return next((preset.name for preset in (*selected, *equal)), None)

    async def async_load(self, mass: MusicAssistantClient, player_id: str) -> None:
        """Load the settings of a player and the presets from the server."""
        self._presets = await mass.config.get_dsp_preset()
        self._configs[player_id] = await mass.config.get_player_dsp_config(player_id)
        self._notify((player_id,))

    async def async_set_enabled(
        self, mass: MusicAssistantClient, player_id: str, enabled: bool
    ) -> None:
        """Enable or disable the DSP of a player; its settings stay as they are."""
        config = await mass.config.get_player_dsp_config(player_id)
        await mass.config.save_player_dsp_config(player_id, replace(config, enabled=enabled))

    async def async_select_preset(
        self, mass: MusicAssistantClient, player_id: str, name: str
    ) -> None:
        """Select a preset for a player, by its name."""
        preset = next(preset for preset in self._presets if preset.name == name)
        try:  # older servers have no command for it
            await mass.send_command(
                "config/players/dsp/apply_preset", player_id=player_id, preset_id=preset.preset_id
            )
        except InvalidCommand:
            await mass.config.save_player_dsp_config(player_id, preset.config)

    def remove(self, player_id: str) -> None:
        """Forget a removed player."""
        self._configs.pop(player_id, None)

    def handle_config_update(self, player_id: str, data: Any) -> None:
        """Handle an event with the settings of a player."""
        if player_id in self._configs:
            self._configs[player_id] = DSPConfig.from_dict(data)
            self._notify((player_id,))

    def handle_presets_update(self, _id: str, data: Any) -> None:
        """Handle an event with all presets."""
        if self._configs:
            self._presets = [DSPConfigPreset.from_dict(preset) for preset in data]
            self._notify(self._configs)


def _get_audible_settings(config: DSPConfig) -> tuple[object, ...]:
    """Return the settings that change the sound."""
    return config.filters, config.input_gain, config.output_gain
