"""Texts of ours inside of others, where no translation key can stand: in Home Assistant's language."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_cached_translations

from ..const import DOMAIN


@callback
def text(hass: HomeAssistant, key: str, default: str) -> str:
    """Return one of the common texts."""
    return _text(hass, "common", key) or default


@callback
def error_text(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return what an error says."""
    said = _text(hass, "exceptions", f"{err.translation_key}.message")
    return said.format_map(err.translation_placeholders or {}) if said else str(err)


def _text(hass: HomeAssistant, category: str, key: str) -> str | None:
    texts = async_get_cached_translations(hass, hass.config.language, category, DOMAIN)
    return texts.get(f"component.{DOMAIN}.{category}.{key}")
