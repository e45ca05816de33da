"""Redaction of secrets in the log."""

from collections.abc import Callable, Iterable
from itertools import chain
import logging
from typing import Final, override

from homeassistant.core import CALLBACK_TYPE, callback

from ..const import LOGGER
from .secrets import REDACTED, redact_text

# Loggers that may log the communication with the server. The library logs each frame at debug
# level, including the token. A logger's filter isn't applied to its children, so all are listed.
REDACTED_LOGGERS: Final = (
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
    "homeassistant.components.websocket_api.http.connection",  # logs what it sends at debug level
)


class _RedactingFilter(logging.Filter):
    """Filter that redacts known secrets, and text that looks like a secret."""

    def __init__(self) -> None:
        """Initialize the filter without known secrets."""
        super().__init__()
        self.secret_getters: dict[object, Callable[[], Iterable[str]]] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record; none is dropped."""
        try:
            message = record.getMessage()
        except TypeError, ValueError:  # invalid arguments, which logging itself reports
            return True
        redacted = self._redact(message)
        # A quoted text must not look like another entry of the log. The library prints frames
        # on several lines at debug level.
        if record.name == LOGGER.name or record.levelno > logging.DEBUG:
            redacted = " ".join(redacted.splitlines())
        if redacted != message:
            record.msg, record.args = redacted, None
        if record.exc_info:
            traceback = logging.Formatter().formatException(record.exc_info)
            if (redacted := self._redact(traceback)) != traceback:
                record.exc_text, record.exc_info = redacted, None
        return True

    def _redact(self, text: str) -> str:
        """Return a text without known secrets and what looks like one."""
        for secret in chain.from_iterable(secrets() for secrets in self.secret_getters.values()):
            text = text.replace(secret, REDACTED)
        return redact_text(text)


_REDACTING_FILTER: Final = _RedactingFilter()


@callback
def async_redact_logs(get_secrets: Callable[[], Iterable[str]]) -> CALLBACK_TYPE:
    """Redact secrets in the log, and return a function that forgets these secrets.

    `get_secrets` is called for each record and returns the known secrets, none of them empty.
    What looks like a secret is redacted from the first call on, and for good.
    """
    key = object()
    _REDACTING_FILTER.secret_getters[key] = get_secrets
    for name in REDACTED_LOGGERS:
        logging.getLogger(name).addFilter(_REDACTING_FILTER)

    @callback
    def stop_redacting() -> None:
        _REDACTING_FILTER.secret_getters.pop(key, None)

    return stop_redacting
