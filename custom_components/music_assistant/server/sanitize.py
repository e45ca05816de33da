"""Sanitizing of untrusted text that is shown or logged."""

import re
from typing import Final

# Characters of a text that are kept.
MAX_TEXT_LENGTH: Final = 300
# Positions within the beginning of a Markdown link or image, or of an HTML tag.
_MARKUP_PATTERN: Final = re.compile(r"(?<=\])(?=[(\[])|(?<=<)(?=[a-z/!?])", re.IGNORECASE)
_WORD_JOINER: Final = "\N{WORD JOINER}"


def sanitize_text(value: object) -> str:
    """Return a text on one line, without links, images and tags of Markdown and HTML.

    It looks the same as plain text and as Markdown, which Home Assistant renders in descriptions.
    """
    shown = (
        character
        for character in str(value)[:MAX_TEXT_LENGTH]
        if character.isprintable() or character.isspace()
    )
    return _MARKUP_PATTERN.sub(_WORD_JOINER, " ".join("".join(shown).split()))
