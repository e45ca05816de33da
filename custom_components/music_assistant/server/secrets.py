"""What is not handed on when any command may be sent: a table of commands, and of what looks secret."""

import re
from typing import Any, Final

from ..helpers.batching import in_batches

REDACTED: Final = "**REDACTED**"

# Where secrets are handed out or taken: sign-in and tokens, settings with their passwords and
# setup flows, an address that signs in whoever opens it, the log, the way in from outside.
REFUSED: Final = ("auth", "config", "dashboard/get_url", "logging", "remote_access")
# What is harmless there.
HARMLESS: Final = ("config/dsp_presets", "config/players/dsp", "config/providers/reload")

_SECRET_KEY: Final = re.compile(
    r"passw|secret|token|api_?key|private_?key|credential|cookie|authorization|join_?code|remote_id",
    re.IGNORECASE,
)
# In any text: what is before the secret, and the secret.
_SECRET_TEXT: Final = re.compile(
    r"""(
        \b(?=eyJ) |                                 # a token by itself: a JWT
        [?&]\w*(?:token|key|code|passw\w*|secret|sig\w*|dashboard|join)=  # in an address
        | ://(?=[^/\s@]+@)                          # user and password of an address
    )
    (?:eyJ[\w-]+\.[\w-]+\.[\w-]* | (?<=://)[^/\s@]+ | (?<==)[^&#\s"']+)""",
    re.VERBOSE | re.IGNORECASE,
)
# In the print of a mapping: a key that calls its text a secret, the text's quote, and the text.
_SECRET_ITEM: Final = re.compile(
    rf"""(["']\w*(?:{_SECRET_KEY.pattern})\w*["']:\s*(["'])).*?(?<!\\)\2""", re.IGNORECASE
)


def is_refused(command: str) -> bool:
    """Tell whether a command hands out or takes secrets."""
    return _is_in(command, REFUSED) and not _is_in(command, HARMLESS)


def _is_in(command: str, paths: tuple[str, ...]) -> bool:
    return any(command == path or command.startswith(f"{path}/") for path in paths)


async def async_redacted(answer: Any) -> Any:
    """Return an answer of the server without the secrets in it, at any depth."""
    if isinstance(answer, list):
        return [redacted(each) async for each in in_batches(answer)]
    return redacted(answer)


def redacted(data: Any) -> Any:
    """Return JSON data without what its key, or its looks, call a secret."""
    if isinstance(data, dict):
        return {
            key: REDACTED if value and _is_secret(key, value) else redacted(value)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [redacted(each) for each in data]
    return _SECRET_TEXT.sub(rf"\1{REDACTED}", data) if isinstance(data, str) else data


def redacted_text(text: str) -> str:
    """Return a text, such as a line of a log, without what looks like a secret in it."""
    text = _SECRET_TEXT.sub(rf"\1{REDACTED}", text)
    return _SECRET_ITEM.sub(rf"\1{REDACTED}\2", text)


def _is_secret(key: str, value: Any) -> bool:
    return not isinstance(value, bool) and _SECRET_KEY.search(key) is not None
