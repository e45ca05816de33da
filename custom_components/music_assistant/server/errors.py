"""What goes wrong between us and the server, in words that a person can act on.

Two tables: one for the way to the server (`ServerProblem`, shown by the config flow and by
set-up), one for what was asked of it (`translated_errors`, shown to whoever called an action).
The keys are translation keys; each has its text under ``exceptions`` and, where a flow can show
it, under ``config.error``.
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
from .address import as_text
from .sanitize import quoted
from .secrets import redacted_text
from .tls import Certificate, OtherCertificate

type ErrorTable = tuple[tuple[tuple[type[Exception], ...], str], ...]

# What decoding raises on a payload that isn't as it should be.
UNREADABLE: Final = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    AssertionError,
    asyncio.InvalidStateError,
)
# What a command raises that the server refused, or that it couldn't be asked.
FAILED: Final = (MusicAssistantError, MusicAssistantClientException)
FAILED_OR_UNREADABLE: Final = (*FAILED, *UNREADABLE)

# Problems that only a new sign-in ends.
SIGN_IN_PROBLEMS: Final = frozenset({"app_port", "invalid_token", "token_required"})
# Problems of where the server is that a look there may solve: see `async_find_server`.
PLACE_PROBLEMS: Final = frozenset({"certificate_changed", "redirected"})
# Problems that only a person ends, who decides about a certificate.
CERTIFICATE_PROBLEMS: Final = frozenset({"certificate_changed", "certificate_untrusted"})
# Problems that only a change of a version ends.
VERSION_PROBLEMS: Final = frozenset({"server_too_old", "server_too_new"})

# How the server refuses the Home Assistant app's own user at its public port; no code tells.
_APP_USER: Final = "system user"


class CommandTimeout(TransportError):
    """The server took a command and didn't answer it within its limit."""

    def __init__(self, command: str, limit: float) -> None:
        """Keep what was asked and how long it was waited for, in seconds."""
        super().__init__(f"no answer to {command} within {limit:g} seconds")
        self.command = command
        self.limit = limit


class ConnectionLost(TransportError):
    """The connection ended before the server's answer."""


class Redirected(TransportError):
    """The websocket would be at another address, which is named and has to be looked at first."""


class ServerProblem(HomeAssistantError):
    """What stands between us and a working connection; `key` is its translation key."""

    def __init__(self, key: str, **placeholders: str) -> None:
        """Keep the key and the placeholders of its text."""
        placeholders = {name: quoted(said) for name, said in placeholders.items()}
        super().__init__(
            translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
        )
        self.key = key
        self.placeholders = placeholders


def invalid(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the translated error for what was asked for and can't be; the caller's to mend."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


# OpenSSL's codes of why a certificate isn't trusted -> what a form says of it.
FAULTS: Final = {
    9: "certificate_expired",  # not valid yet; the text speaks of clocks, too
    10: "certificate_expired",
    18: "certificate_self_signed",
    19: "certificate_unknown_authority",
    20: "certificate_unknown_authority",
    21: "certificate_unknown_authority",
    62: "certificate_other_host",
    64: "certificate_other_host",
}


class CertificateProblem(ServerProblem):
    """The certificate at `url` isn't trusted, so that nothing was sent there.

    `shown` is that certificate, if it was another one that a person trusts.
    """

    def __init__(self, err: ClientConnectorCertificateError) -> None:
        """Take what aiohttp says of a handshake that failed."""
        self.url = URL.build(scheme="https", host=err.host, port=err.port)
        self.shown: Certificate | None = None
        cause, url = err.certificate_error, as_text(self.url)
        self._code = getattr(cause, "verify_code", 0)
        if isinstance(cause, OtherCertificate):
            self.shown = cause.shown
            new = cause.shown.fingerprint
            super().__init__("certificate_changed", url=url, old=cause.pinned, new=new)
        else:
            reason = getattr(cause, "verify_message", "") or str(cause)
            super().__init__("certificate_untrusted", url=url, error=reason)

    @property
    def fault(self) -> str:
        """Return the key of what is wrong with the certificate."""
        return FAULTS.get(self._code, self.key)


_WAY_TO_SERVER: ErrorTable = (
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

_ASKED_OF_SERVER: ErrorTable = (
    ((CommandTimeout,), "command_timeout"),
    ((TransportError, NotConnected, InvalidState, ClientError, OSError), "not_connected"),
    ((InvalidServerVersion,), "server_too_old_for_command"),
    ((InsufficientPermissions,), "not_permitted"),
    ((AuthenticationRequired, AuthenticationFailed, InvalidToken), "not_signed_in"),
    ((MediaNotFoundError,), "media_not_found"),
    ((UnplayableMediaError, AudioError), "media_not_playable"),
    ((PlayerUnavailableError,), "player_unavailable"),
    ((ProviderUnavailableError,), "provider_unavailable"),
    ((QueueEmpty,), "queue_empty"),
    ((UnsupportedFeaturedException,), "not_supported"),
    ((ActionUnavailable, InvalidCommand), "not_possible_now"),
    ((ResourceTemporarilyUnavailable, ResourceBusyError), "server_busy"),
    ((MusicAssistantError,), "command_failed"),
    ((MissingField, InvalidFieldValue), "unexpected_answer"),
)


def _key(table: ErrorTable, err: BaseException) -> str | None:
    return next((key for kinds, key in table if isinstance(err, kinds)), None)


def _asked_key(err: Exception) -> str | None:
    """Return the key for what went wrong with a command.

    The server has one error for a command that makes no sense for what is playing, and for one
    that it doesn't have.
    """
    if isinstance(err, InvalidCommand) and str(err).startswith("Invalid command:"):
        return "server_too_old_for_command"
    return _key(_ASKED_OF_SERVER, err)


def _root(err: Exception) -> BaseException:
    """Return what the library wrapped.

    `connect()` turns any error of its authentication step into AuthenticationFailed: also a
    server that restarts, or that isn't set up yet. The cause tells them apart. What it calls
    CannotConnect has the real error in `error`, and aiohttp has the system's in `os_error`.
    """
    root: BaseException = err
    if isinstance(err, TransportError):
        root = err.error or err
    elif isinstance(err, AuthenticationFailed):
        root = err.__cause__ or err
    if isinstance(root, ClientConnectorError) and isinstance(root.os_error, ConnectionRefusedError):
        return root.os_error
    return root


def server_problem(
    err: Exception, url: str, info: ServerInfoMessage | None = None
) -> ServerProblem:
    """Turn an error of connecting into what a person is told."""
    if isinstance(err, ServerProblem):
        return err
    if info is not None and info.schema_version >= SCHEMA_SIGN_IN and not info.onboard_done:
        return ServerProblem("not_onboarded", url=url)
    root = _root(err)
    if isinstance(root, ClientConnectorCertificateError):
        return CertificateProblem(root)
    key = _key(_WAY_TO_SERVER, root)
    if key is None:
        LOGGER.error("Unexpected error while connecting to %s", url, exc_info=err)
        key = "unknown"
    if key == "invalid_token" and _APP_USER in str(root):
        return ServerProblem("app_port", url=url)
    # of what aiohttp says, only the system's words are for people
    said = str(getattr(root, "os_error", root)) or type(root).__name__
    return ServerProblem(key, url=url, error=redacted_text(said))


@contextmanager
def translated_errors(server: str) -> Iterator[None]:
    """Raise what the library raises as a translated Home Assistant error.

    `server` is the name that the texts call the server by. A cancelled caller stays
    cancelled, and an error that is no fault of the server's passes as it is.
    """
    try:
        yield
    except Exception as err:
        key = _asked_key(err)
        if key is None:
            raise
        placeholders = {"server": server, "error": quoted(err) or type(err).__name__}
        if isinstance(err, CommandTimeout):
            placeholders |= {"command": err.command, "seconds": f"{err.limit:g}"}
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
        ) from err
