"""Intents for what Home Assistant's own don't cover."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import intent

from .assist.intents import INTENTS, MusicAssistantIntentHandler


async def async_setup_intents(hass: HomeAssistant) -> None:
    """Register the intents."""
    for description in INTENTS:
        intent.async_register(hass, MusicAssistantIntentHandler(description))
