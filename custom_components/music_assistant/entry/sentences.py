"""Sentences for Assist: files in Home Assistant's folder of custom sentences, on request.

The first line of a file holds the hash of the rest. So a file that somebody changed is known, also
by another version of the integration, and nothing has to be stored elsewhere.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.const import SERVICE_RELOAD
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN, LOGGER, SENTENCE_LANGUAGES
from ..server.errors import build_validation_error

# Language -> what is done with its file; it returns whether the file changed.
type FileChanges = Mapping[str, Callable[[Path, str], bool]]

FILE_NAME: Final = f"{DOMAIN}_sentences.yaml"
_SOURCES: Final = Path(__file__).parent.parent / "sentences"
# Languages of Assist with a folder of their own, and the language whose sentences they have.
SAME_SENTENCES: Final = {"de-CH": "de", "zh-HK": "zh-TW"}
_CONVERSATION: Final = "conversation"
_HEADER: Final = (
    "# Installed by the integration Music Assistant, which updates and removes this file"
    " unless it is changed: "
)


def _build_content(text: str) -> str:
    """Return the content of a file: the header with the hash of the text, and the text."""
    return f"{_HEADER}{sha256(text.encode()).hexdigest()}\n{text}"


def _read(path: Path) -> str | None:
    """Return the content of a file, None if there is none."""
    try:
        return path.read_bytes().decode(errors="replace")
    except FileNotFoundError, NotADirectoryError:
        return None


def _check_unchanged(path: Path, content: str) -> None:
    """Raise ServiceValidationError if a file was changed or made by a user."""
    if content != _build_content(content.partition("\n")[2]):
        raise build_validation_error("sentences_changed", file=str(path))


def _install(path: Path, language: str) -> bool:
    """Write the file of a language; return whether it changed."""
    name = f"{SAME_SENTENCES.get(language, language)}.yaml"
    source = (_SOURCES / name).read_text(encoding="utf-8")
    content, current = _build_content(source), _read(path)
    if current == content:
        return False
    if current is not None:
        _check_unchanged(path, current)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")  # so that an incomplete file isn't left behind
    temporary.write_text(content, encoding="utf-8", newline="\n")
    temporary.replace(path)
    return True


def _remove(path: Path, _language: str) -> bool:
    """Remove the file of a language, and its folders if they are empty; return whether it was."""
    current = _read(path)
    if current is None:
        return False
    _check_unchanged(path, current)
    path.unlink()
    with suppress(OSError):  # not empty
        path.parent.rmdir()
        path.parent.parent.rmdir()
    return True


def _get_path(hass: HomeAssistant, language: str) -> Path:
    """Return the path of the file of a language."""
    return Path(hass.config.path("custom_sentences", language, FILE_NAME))


def _get_installed_languages(hass: HomeAssistant) -> list[str]:
    """Return the languages whose sentences are installed."""
    return [language for language in SENTENCE_LANGUAGES if _get_path(hass, language).exists()]


async def async_get_installed_languages(hass: HomeAssistant) -> list[str]:
    """Return the languages whose sentences are installed."""
    return await hass.async_add_executor_job(_get_installed_languages, hass)


def _change_files(
    hass: HomeAssistant, changes: FileChanges
) -> tuple[bool, list[HomeAssistantError]]:
    """Change the files of languages; return whether one changed, and the errors of the others."""
    changed, errors = False, []
    for language, change in changes.items():
        path = _get_path(hass, language)
        try:
            changed |= change(path, language)
        except HomeAssistantError as err:
            errors.append(err)
        except OSError as err:
            reason = err.strerror or str(err)
            errors.append(build_validation_error("sentences_failed", file=str(path), error=reason))
    return changed, errors


async def _async_change_files(
    hass: HomeAssistant, changes: FileChanges
) -> list[HomeAssistantError]:
    """Change the files of languages and reload them; return the errors."""
    changed, errors = await hass.async_add_executor_job(_change_files, hass, changes)
    if changed and hass.services.has_service(_CONVERSATION, SERVICE_RELOAD):
        try:
            await hass.services.async_call(_CONVERSATION, SERVICE_RELOAD, blocking=True)
        except HomeAssistantError as err:  # it reads configuration.yaml, too
            errors.append(err)
    return errors


async def async_set_languages(hass: HomeAssistant, languages: Collection[str]) -> None:
    """Install the sentences of languages, and remove those of the others.

    Raises the first error when all other files are changed.
    """
    errors = await _async_change_files(
        hass,
        {
            language: _install if language in languages else _remove
            for language in SENTENCE_LANGUAGES
        },
    )
    if errors:
        raise errors[0]


async def async_update_sentences(hass: HomeAssistant) -> None:
    """Update the installed files of another version of the integration."""
    if installed := await async_get_installed_languages(hass):
        await _async_try_changes(hass, dict.fromkeys(installed, _install))


async def async_remove_sentences(hass: HomeAssistant) -> None:
    """Remove the installed files that are unchanged."""
    await _async_try_changes(hass, dict.fromkeys(SENTENCE_LANGUAGES, _remove))


async def _async_try_changes(hass: HomeAssistant, changes: FileChanges) -> None:
    """Change files; what can't be changed stays as it is."""
    for error in await _async_change_files(hass, changes):
        LOGGER.info("A file of sentences is left alone: %s", error)
