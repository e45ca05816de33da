"""Translated texts, for where Home Assistant doesn't translate by a key."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_cached_translations

from ..const import DOMAIN


@callback
def get_text(hass: HomeAssistant, key: str, default: str) -> str:
    """Return a text of the category "common" in the language of Home Assistant."""
    return _get_translation(hass, "common", key) or default


@callback
def get_error_text(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return the translated message of an error, or its string if there is no translation."""
    message = _get_translation(hass, "exceptions", f"{err.translation_key}.message")
    return message.format_map(err.translation_placeholders or {}) if message else str(err)


@callback
def get_action_texts(hass: HomeAssistant, action: str) -> Callable[[str], str]:
    """Return a function that returns the text with a key of an action, "" if there is none."""
    return lambda key: _get_translation(hass, "services", f"{action}.{key}") or ""


def _get_translation(hass: HomeAssistant, category: str, key: str) -> str | None:
    texts = async_get_cached_translations(hass, hass.config.language, category, DOMAIN)
    return texts.get(f"component.{DOMAIN}.{category}.{key}")
