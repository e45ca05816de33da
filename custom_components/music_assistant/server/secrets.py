"""Commands that handle secrets, and redaction of secrets in data and text."""

import re
from typing import Any, Final

from ..helpers.batching import in_batches

REDACTED: Final = "**REDACTED**"

# Commands, or prefixes of them, that return or accept secrets: tokens, settings with passwords, a
# URL that signs in, the log, remote access.
SECRET_COMMANDS: Final = ("auth", "config", "dashboard/get_url", "logging", "remote_access")
# Commands below these prefixes that don't handle secrets.
HARMLESS_COMMANDS: Final = ("config/dsp_presets", "config/players/dsp", "config/providers/reload")

_SECRET_KEY_PATTERN: Final = re.compile(
    r"passw|secret|token|api_?key|private_?key|credential|cookie|authorization|join_?code|remote_id",
    re.IGNORECASE,
)
# The patterns below meet texts of the server in the event loop. Their work has to be linear: each
# character is read a fixed number of times, so nothing that repeats is tried anew from the next
# character (possessive quantifiers), and a run of word characters only from its start.
# tests/test_patterns.py measures that.
#
# In any text: group 1 is the text before the secret.
_SECRET_TEXT_PATTERN: Final = re.compile(
    r"""
    (                                               # a JWT: a run of characters that contains eyJ
        (?<![\w-]) (?: (?!\beyJ) [\w-] )*+
    )
    (?=eyJ) [\w-]++ \. [\w-]++ (?: \. [\w-]*+ )?
    | (                                             # a parameter of a URL
        [?&]
        (?= \w*? (?: (?: token|key|code|secret|dashboard|join )= | passw | sig ) )
        \w++=
    )
    [^&#\s"']++
    | ( :// ) [^/\s@]++ (?: (?=@) | (?<=…) )         # user and password of a URL
    """,
    re.VERBOSE | re.IGNORECASE,
)
# In the text of a mapping, also of one that is cut off: group 1 is the key of a secret and the
# opening quote, group 2 the quote.
_SECRET_ITEM_PATTERN: Final = re.compile(
    rf"""(["'](?=\w*?(?:{_SECRET_KEY_PATTERN.pattern}))\w++["']:\s*+(["']))"""
    r"""(?:(?!\2)[^\\\n]|\\.)*+""",
    re.IGNORECASE,
)
# Characters of a text that are kept. The library logs whole frames of up to 128 MiB when debug
# logging is on.
MAX_TEXT_LENGTH: Final = 64 * 1024
_CUT_MARK: Final = "…"


def is_secret_command(command: str) -> bool:
    """Return whether a command returns or accepts secrets."""
    return _is_below(command, SECRET_COMMANDS) and not _is_below(command, HARMLESS_COMMANDS)


def _is_below(command: str, prefixes: tuple[str, ...]) -> bool:
    """Return whether a command is one of the prefixes or below one."""
    return any(command == prefix or command.startswith(f"{prefix}/") for prefix in prefixes)


async def async_redact(answer: Any) -> Any:
    """Return an answer of the server with redacted secrets, handling lists in batches."""
    if isinstance(answer, list):
        return [redact(item) async for item in in_batches(answer)]
    return redact(answer)


def redact(data: Any) -> Any:
    """Return JSON data with redacted secrets, found by their key or by how they look."""
    if isinstance(data, dict):
        return {
            key: REDACTED if value and _is_secret_value(key, value) else redact(value)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [redact(item) for item in data]
    return _redact_secret_texts(_shorten(data)) if isinstance(data, str) else data


def redact_text(text: str) -> str:
    """Return a text with redacted secrets, found by how they look; a long one is cut off."""
    return _SECRET_ITEM_PATTERN.sub(rf"\1{REDACTED}", _redact_secret_texts(_shorten(text)))


def _redact_secret_texts(text: str) -> str:
    """Return a text with redacted tokens and secrets of URLs."""
    return _SECRET_TEXT_PATTERN.sub(
        lambda match: f"{''.join(filter(None, match.groups()))}{REDACTED}", text
    )


def _shorten(text: str) -> str:
    """Return a text of a limited length, with a mark where it is cut off."""
    return text if len(text) <= MAX_TEXT_LENGTH else f"{text[:MAX_TEXT_LENGTH]}{_CUT_MARK}"


def _is_secret_value(key: str, value: Any) -> bool:
    """Return whether the key of a value marks it as a secret."""
    return not isinstance(value, bool) and _SECRET_KEY_PATTERN.search(key) is not None
