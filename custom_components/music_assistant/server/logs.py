"""No secret in the log: not in lines of ours, nor of the library, nor of what both use."""

from collections.abc import Callable, Iterable
from itertools import chain
import logging
from typing import Final, override

from homeassistant.core import CALLBACK_TYPE, callback

from ..const import LOGGER
from .secrets import REDACTED, redacted_text

# Who may write what passes between us and the server. The library writes each frame at debug
# level, the token included. A logger's filter doesn't see its children's lines, so all are named.
LOGGERS: Final = (
    LOGGER.name,
    "music_assistant_client",
    "music_assistant_client.auth_helpers",
    "music_assistant_client.connection",
    "aiohttp.access",
    "aiohttp.client",
    "aiohttp.internal",
    "aiohttp.server",
    "aiohttp.web",
    "aiohttp.websocket",
    "asyncio",
    "homeassistant.components.websocket_api.http.connection",  # what it sends, at debug level
)


class _Redaction(logging.Filter):
    """Takes secrets out of lines: those that are known, and what looks like one."""

    def __init__(self) -> None:
        """Know none yet."""
        super().__init__()
        self.known: dict[object, Callable[[], Iterable[str]]] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        try:
            line = record.getMessage()
        except TypeError, ValueError:  # its own fault, which logging tells by itself
            return True
        clean = self._clean(line)
        # nothing that is quoted begins another line; the library's print of a frame has many
        if record.name == LOGGER.name or record.levelno > logging.DEBUG:
            clean = " ".join(clean.splitlines())
        if clean != line:
            record.msg, record.args = clean, None
        if record.exc_info:
            trace = logging.Formatter().formatException(record.exc_info)
            if (clean := self._clean(trace)) != trace:
                record.exc_text, record.exc_info = clean, None
        return True

    def _clean(self, text: str) -> str:
        for secret in chain.from_iterable(secrets() for secrets in self.known.values()):
            text = text.replace(secret, REDACTED)
        return redacted_text(text)


_REDACTION: Final = _Redaction()


@callback
def async_redact_logs(secrets: Callable[[], Iterable[str]]) -> CALLBACK_TYPE:
    """Keep secrets out of the log; returns what ends that.

    `secrets` returns those that are known at the time of a line; none may be empty.
    """
    key = object()
    _REDACTION.known[key] = secrets
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_REDACTION)

    @callback
    def end() -> None:
        _REDACTION.known.pop(key, None)
        if not _REDACTION.known:
            for name in LOGGERS:
                logging.getLogger(name).removeFilter(_REDACTION)

    return end
