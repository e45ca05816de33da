"""Translated texts, for where Home Assistant doesn't translate by a key."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations
from homeassistant.util.language import matches

from ..const import DOMAIN

_TRANSLATIONS: Final = Path(__file__).parent.parent / "translations"
# The script of the languages that Assist names by a region: `matches` knows none.
_SCRIPTS: Final = {
    **dict.fromkeys(("zh", "zh-CN", "zh-SG"), "zh-Hans"),
    **dict.fromkeys(("zh-TW", "zh-HK", "zh-MO"), "zh-Hant"),
}


@cache
def _list_languages() -> list[str]:
    """Return the languages that there are texts in."""
    return [path.stem for path in _TRANSLATIONS.glob("*.json")]


async def async_load_texts(hass: HomeAssistant, language: str) -> str:
    """Load the texts in a language; return the language that they are in.

    Home Assistant itself loads only those in its own language.
    """
    languages = await hass.async_add_executor_job(_list_languages)
    language = next(iter(matches(_SCRIPTS.get(language, language), languages)), "en")
    await async_get_translations(hass, language, "common", [DOMAIN])
    return language


@callback
def get_text(hass: HomeAssistant, key: str, default: str, language: str | None = None) -> str:
    """Return a text of the category "common", by default in the language of Home Assistant."""
    return _get_translation(hass, "common", key, language) or default


@callback
def get_error_text(
    hass: HomeAssistant, err: HomeAssistantError, language: str | None = None
) -> str:
    """Return the translated message of an error, or its string if there is no translation."""
    if isinstance(err, Unauthorized):  # has no message
        return get_text(hass, "unauthorized", str(err), language)
    key = f"{err.translation_key}.message"
    message = _get_translation(hass, "exceptions", key, language)
    return message.format_map(err.translation_placeholders or {}) if message else str(err)


@callback
def get_action_texts(hass: HomeAssistant, action: str) -> Callable[[str], str]:
    """Return a function that returns the text with a key of an action, "" if there is none."""
    return lambda key: _get_translation(hass, "services", f"{action}.{key}") or ""


def _get_translation(
    hass: HomeAssistant, category: str, key: str, language: str | None = None
) -> str | None:
    language = language or hass.config.language
    texts = async_get_cached_translations(hass, language, category, DOMAIN)
    return texts.get(f"component.{DOMAIN}.{category}.{key}")
