"""Media players against a real server over real sockets."""

from homeassistant.core import HomeAssistant

from custom_components.music_assistant.coordinator import MusicAssistantCoordinator


async def test_smoke(hass: HomeAssistant, coordinator: MusicAssistantCoordinator) -> None:
    """Every exposed player has a state."""
    for state in hass.states.async_all():
        print(state)
    assert hass.states.async_all("media_player")
