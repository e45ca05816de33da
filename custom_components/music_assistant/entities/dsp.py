"""Base class of entities of players' DSP settings."""

from typing import override

from .player_settings import PlayerSettingsEntity


class DspEntity(PlayerSettingsEntity):
    """Represent an entity of a player's DSP settings."""

    @property
    @override
    def available(self) -> bool:
        return super().available and self.coordinator.dsp.get_config(self.player_id) is not None

    @override
    async def _async_load_settings(self) -> None:
        await self.coordinator.dsp.async_load(self.mass, self.player_id)
