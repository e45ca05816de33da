"""Tables for the transliteration of texts to ASCII."""

import asyncio
from collections.abc import Iterable
from typing import Final

from anyascii import anyascii

# Numbers of the Unicode blocks (of 256 characters) whose tables are loaded.
_LOADED_BLOCKS: Final[set[int]] = set()


async def async_load_tables(texts: Iterable[str]) -> None:
    """Load the tables for the characters of some texts.

    `create_safe_string` of the models reads a file for the first character of each block, which
    would block the event loop. All tables together would take 7 MB.
    """
    blocks = {ord(character) >> 8 for text in texts if not text.isascii() for character in text}
    if missing := blocks - _LOADED_BLOCKS:
        characters = "".join(chr(block << 8 | 0xFF) for block in missing)
        await asyncio.to_thread(anyascii, characters)
        _LOADED_BLOCKS.update(missing)
