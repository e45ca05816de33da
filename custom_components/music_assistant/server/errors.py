"""Errors of the server and of the connection to it, translated for users.

There are two tables: one for errors while connecting (`ServerProblem`, shown by the config flow
and the set-up), one for errors of commands (`translate_errors`, shown to the caller of an action).
The keys are translation keys; each has a text under ``exceptions`` and, if a flow can show it,
under ``config.error``.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
import ssl
from typing import Final

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ContentTypeError,
    WebSocketError,
    WSServerHandshakeError,
)
from mashumaro.exceptions import InvalidFieldValue, MissingField
from music_assistant_client.exceptions import (
    InvalidMessage,
    InvalidServerVersion,
    InvalidState,
    MusicAssistantClientException,
    NotConnected,
    TransportError,
)
from music_assistant_models.api import ServerInfoMessage
from music_assistant_models.errors import (
    ActionUnavailable,
    AudioError,
    AuthenticationFailed,
    AuthenticationRequired,
    InsufficientPermissions,
    InvalidCommand,
    InvalidProviderURI,
    InvalidToken,
    MediaNotFoundError,
    MusicAssistantError,
    PlayerUnavailableError,
    ProviderUnavailableError,
    QueueEmpty,
    ResourceBusyError,
    ResourceTemporarilyUnavailable,
    UnplayableMediaError,
    UnsupportedFeaturedException,
)
from yarl import URL

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..const import DOMAIN, LOGGER, SCHEMA_SIGN_IN
from .address import format_url
from .sanitize import MAX_TEXT_LENGTH, sanitize_text
from .secrets import redact_text
from .tls import CertificateInfo, UnexpectedCertificate

type ErrorTable = tuple[tuple[tuple[type[Exception], ...], str], ...]

# Errors raised while decoding an unexpected payload.
DECODE_ERRORS: Final = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    AssertionError,
    asyncio.InvalidStateError,
)
# Errors raised by a command that failed or couldn't be sent.
COMMAND_ERRORS: Final = (MusicAssistantError, MusicAssistantClientException)
COMMAND_OR_DECODE_ERRORS: Final = (*COMMAND_ERRORS, *DECODE_ERRORS)

# Problems that only a new sign-in solves.
SIGN_IN_PROBLEMS: Final = frozenset({"app_port", "invalid_token", "token_required"})
# Problems that may be solved by searching for the server: see `async_find_moved_server`.
ENDPOINT_PROBLEMS: Final = frozenset({"certificate_changed", "redirected"})
# Problems that are solved by the user's decision about a certificate.
CERTIFICATE_PROBLEMS: Final = frozenset({"certificate_changed", "certificate_untrusted"})
# Problems that are solved by updating the server or the integration.
VERSION_PROBLEMS: Final = frozenset({"server_too_old", "server_too_new"})

# Part of the text of the error for the user of the Home Assistant app at the public port of the
# server. The error has no code of its own.
_APP_USER_TEXT: Final = "system user"


class CommandTimeout(TransportError):
    """Error for a command that the server didn't answer in time."""

    def __init__(self, command: str, timeout: float) -> None:
        """Initialize the error. The timeout is in seconds."""
        super().__init__(f"no answer to {command} within {timeout:g} seconds")
        self.command = command
        self.timeout = timeout


class ConnectionLost(TransportError):
    """Error for a connection that ended before the answer of the server."""


class Redirected(TransportError):
    """Error for a redirect to another origin, which is given as text.

    Its server info and certificate have to be checked before a secret is sent there.
    """


class ServerProblem(HomeAssistantError):
    """Error for a problem with the connection to the server; `key` is its translation key."""

    def __init__(self, key: str, **placeholders: str) -> None:
        """Initialize the error with sanitized placeholders."""
        placeholders = {name: sanitize_text(value) for name, value in placeholders.items()}
        super().__init__(
            translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
        )
        self.key = key
        self.placeholders = placeholders


def build_validation_error(key: str, **placeholders: str) -> ServiceValidationError:
    """Return a translated error for an invalid input of the caller."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


# OpenSSL's verification error code -> translation key of the error in a form.
CERTIFICATE_FAULTS: Final[dict[int | None, str]] = {
    9: "certificate_expired",  # not valid yet; the text also mentions a wrong clock
    10: "certificate_expired",
    18: "certificate_self_signed",
    19: "certificate_unknown_authority",
    20: "certificate_unknown_authority",
    21: "certificate_unknown_authority",
    62: "certificate_other_host",
    64: "certificate_other_host",
}


class CertificateProblem(ServerProblem):
    """Error for an untrusted certificate at `url`; no request was sent there.

    `new_certificate` is set if another certificate is pinned.
    """

    def __init__(self, err: ClientConnectorCertificateError) -> None:
        """Initialize the error from the failed handshake."""
        self.url = URL.build(scheme="https", host=err.host, port=err.port)
        self.new_certificate: CertificateInfo | None = None
        cause, url = err.certificate_error, format_url(self.url)
        self._code = getattr(cause, "verify_code", None)
        if isinstance(cause, UnexpectedCertificate):
            self.new_certificate = cause.certificate
            new = cause.certificate.fingerprint
            super().__init__("certificate_changed", url=url, old=cause.pinned_fingerprint, new=new)
        else:
            reason = getattr(cause, "verify_message", "") or str(cause)
            super().__init__("certificate_untrusted", url=url, error=reason)

    @property
    def fault(self) -> str:
        """Return the translation key for the fault of the certificate."""
        return CERTIFICATE_FAULTS.get(self._code, self.key)


_CONNECTION_ERROR_KEYS: ErrorTable = (
    ((TimeoutError, CommandTimeout), "timeout_connect"),
    ((ssl.SSLCertVerificationError,), "certificate_untrusted"),
    ((Redirected,), "redirected"),
    ((ClientConnectorDNSError,), "unknown_host"),
    ((ConnectionRefusedError,), "connection_refused"),
    ((InvalidServerVersion,), "server_too_new"),
    ((AuthenticationRequired,), "token_required"),
    ((AuthenticationFailed, InvalidToken), "invalid_token"),
    ((WSServerHandshakeError,), "no_websocket"),
    ((WebSocketError,), "unusable_message"),
    (
        (ContentTypeError, MissingField, InvalidFieldValue, InvalidMessage, ValueError),
        "not_music_assistant",
    ),
    ((TransportError, NotConnected, InvalidState, ClientError, OSError), "cannot_connect"),
    ((MusicAssistantError,), "server_refused"),
)

_COMMAND_ERROR_KEYS: ErrorTable = (
    ((CommandTimeout,), "command_timeout"),
    ((TransportError, NotConnected, InvalidState, ClientError, OSError), "not_connected"),
    ((InvalidServerVersion,), "server_too_old_for_command"),
    ((InsufficientPermissions,), "not_permitted"),
    ((AuthenticationRequired, AuthenticationFailed, InvalidToken), "not_signed_in"),
    ((MediaNotFoundError,), "media_not_found"),
    ((InvalidProviderURI,), "invalid_uri"),
    ((UnplayableMediaError, AudioError), "media_not_playable"),
    ((PlayerUnavailableError,), "player_unavailable"),
    ((ProviderUnavailableError,), "provider_unavailable"),
    ((QueueEmpty,), "queue_empty"),
    ((UnsupportedFeaturedException,), "not_supported"),
    ((ActionUnavailable, InvalidCommand), "not_possible_now"),
    ((ResourceTemporarilyUnavailable, ResourceBusyError), "server_busy"),
    ((MusicAssistantError,), "command_failed"),
    ((MissingField, InvalidFieldValue, InvalidMessage), "unexpected_answer"),
)


# Parts of the server's texts that say more than the type of the error, and their keys.
_COMMAND_TEXT_KEYS: Final = (
    (InvalidCommand, "Invalid command:", "server_too_old_for_command"),
    (MusicAssistantError, "needs to be implemented", "not_supported"),
    (MusicAssistantError, "NotImplementedError", "not_supported"),
    (MusicAssistantError, "No current item", "queue_empty"),
)


def _find_key(table: ErrorTable, err: BaseException) -> str | None:
    """Return the first key in a table for an error."""
    return next((key for types, key in table if isinstance(err, types)), None)


def _find_command_key(err: Exception) -> str | None:
    """Return the translation key for an error of a command, None for other errors.

    The server raises errors of one type for different causes, which only their texts tell apart.
    """
    text = str(err)[:MAX_TEXT_LENGTH]
    for error_type, part, text_key in _COMMAND_TEXT_KEYS:
        if isinstance(err, error_type) and part in text:
            return text_key
    if key := _find_key(_COMMAND_ERROR_KEYS, err):
        return key
    if isinstance(err, DECODE_ERRORS):  # what reads an answer meets any value in any field of it
        LOGGER.debug("The server's answer has an unexpected form", exc_info=err)
        return "unexpected_answer"
    return None


def _get_root_cause(err: Exception) -> BaseException:
    """Return the error that the library wrapped.

    `connect()` turns any error of its authentication step into AuthenticationFailed, even if the
    server restarts or isn't set up yet; `__cause__` is the real error. CannotConnect has the real
    error in `error`, and errors of aiohttp have the one of the system in `os_error`.
    """
    cause: BaseException = err
    if isinstance(err, TransportError):
        cause = err.error or err
    elif isinstance(err, AuthenticationFailed):
        cause = err.__cause__ or err
    if isinstance(cause, ClientConnectorError) and isinstance(
        cause.os_error, ConnectionRefusedError
    ):
        return cause.os_error
    return cause


def to_server_problem(
    err: Exception, url: str, info: ServerInfoMessage | None = None
) -> ServerProblem:
    """Convert an error raised while connecting to `url`. Logs unexpected errors."""
    if isinstance(err, ServerProblem):
        return err
    if info is not None and info.schema_version >= SCHEMA_SIGN_IN and not info.onboard_done:
        return ServerProblem("not_onboarded", url=url)
    cause = _get_root_cause(err)
    if isinstance(cause, ClientConnectorCertificateError):
        return CertificateProblem(cause)
    key = _find_key(_CONNECTION_ERROR_KEYS, cause)
    if key is None:
        LOGGER.error("Unexpected error while connecting to %s", url, exc_info=err)
        key = "unknown"
    if key == "invalid_token" and _APP_USER_TEXT in str(cause):
        return ServerProblem("app_port", url=url)
    # the texts of aiohttp are too technical for users, those of the system aren't
    text = str(getattr(cause, "os_error", cause)) or type(cause).__name__
    return ServerProblem(key, url=url, error=redact_text(text))


@contextmanager
def check_answer() -> Iterator[None]:
    """Convert errors of decoding an answer, which the library raises as they come."""
    try:
        yield
    except DECODE_ERRORS as err:
        raise InvalidMessage(type(err).__name__) from err


@contextmanager
def translate_errors(server: str) -> Iterator[None]:
    """Convert errors of the library to translated Home Assistant errors.

    `server` is the name of the server in the texts, which say what to do. The text of the server
    is only logged. Other errors and cancellations aren't changed.
    """
    try:
        yield
    except Exception as err:
        key = _find_command_key(err)
        if key is None:
            raise
        LOGGER.debug("%s: %s", type(err).__name__, redact_text(sanitize_text(err)))
        placeholders = {"server": server}
        if isinstance(err, CommandTimeout):
            placeholders |= {"command": err.command, "seconds": f"{err.timeout:g}"}
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
        ) from err
