"""Terms of the texts: Home Assistant's own word for each thing, and only that one."""

from functools import cache
from importlib.util import find_spec
import json
from pathlib import Path
import re
from typing import Any, Final

import pytest

from .translation_texts import LANGUAGES, TRANSLATIONS

TRANSLATED: Final = [language for language in LANGUAGES if language != "en"]
# The terms that are used most: the key of Home Assistant's front end that has each, what it is in
# English, and the stem of its word in each language.
SHARED_TERMS: Final[dict[str, dict[str, Any]]] = json.loads(
    Path(__file__).with_name("terms.json").read_text(encoding="utf-8")
)
# Part of the texts that must use the word; the others say the same without it.
SHARE: Final = 0.7
# Keys of Home Assistant's frontend, and other words for the same that must not be used.
TERMS: Final[dict[str, dict[str, str]]] = {
    "ui.components.media-browser.class.artist": {"de": r"Interpret(en)?"},
    "ui.components.media-browser.class.directory": {
        "de": r"Bibliothek\w*",
        "it": r"libreri[ae]",
        "nl": r"mediatheek",
    },
    "ui.components.media-browser.class.playlist": {"de": r"Playlists?", "nl": r"playlists?"},
    "ui.login-form.log_in": {
        "de": r"einloggen|eingeloggt",
        "fr": r"s'authentifie\w*|authentifi\w+",
        "nl": r"inlog\w*|log (\w+ )?in|ingelogd",
    },
    "ui.panel.config.helpers.types.timer": {
        "de": r"Schlaf-?[Tt]imer|Einschlaf-Timer",
        "fr": r"minuterie",
        "nl": r"slaapklok",
    },
}
# Things for which the frontend has no word: the word of ours, and others that must not be used.
OWN_TERMS: Final[dict[str, tuple[str, str]]] = {
    "de": ("Anbieter", r"(?-i:Provider\w*)"),
    "es": ("proveedor", r"suministrador\w*"),
    "fr": ("fournisseur", r"prestataires?"),
    "it": ("fornitor", r"provider"),
    "nl": ("provider", r"aanbieders?|leveranciers?"),
}


@cache
def get_texts(language: str) -> list[str]:
    """Return all texts of a language, without placeholders and code."""
    texts: list[str] = []

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            for value in node.values():
                collect(value)
        else:
            texts.append(re.sub(r"\{\w+\}|`[^`]*`", "", node))

    collect(json.loads(TRANSLATIONS.with_name(f"{language}.json").read_text()))
    return texts


def find_words(language: str, pattern: str) -> list[str]:
    """Return the texts that have a word."""
    word = re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)
    return [text for text in get_texts(language) if word.search(text)]


@cache
def get_frontend_texts(language: str) -> dict[str, str]:
    """Return the texts of Home Assistant's frontend by key."""
    spec = find_spec("hass_frontend")
    assert spec and spec.origin
    folder = Path(spec.origin).parent / "static" / "translations"
    texts: dict[str, str] = {}
    for file in folder.rglob(f"{language}-*.json"):
        if re.fullmatch(rf"{language}-[0-9a-f]+\.json", file.name):
            texts |= json.loads(file.read_text())
    return texts


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("key", TERMS)
def test_no_other_word(language: str, key: str) -> None:
    """Each thing has only one word in a language."""
    if pattern := TERMS[key].get(language):
        assert find_words(language, pattern) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_shared_terms(language: str, subtests: pytest.Subtests) -> None:
    """The word is Home Assistant's own, and is used where the English text has it."""
    for term, row in SHARED_TERMS.items():
        with subtests.test(term):
            stem, english = (
                re.compile(pattern, re.IGNORECASE)
                for pattern in (row["stems"][language], rf"\b({row['english']})\b")
            )
            assert stem.search(get_frontend_texts(language)[row["key"]])
            pairs = zip(get_texts("en"), get_texts(language), strict=True)
            theirs = [text for in_english, text in pairs if english.search(in_english)]
            without = [text for text in theirs if not stem.search(text)]
            assert len(without) <= (1 - SHARE) * len(theirs), without


@pytest.mark.parametrize("language", OWN_TERMS)
def test_own_term(language: str) -> None:
    """A term that the frontend lacks is the same in all texts."""
    word, others = OWN_TERMS[language]
    assert find_words(language, rf"{word}\w*")
    assert find_words(language, others) == []
