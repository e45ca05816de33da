"""Translation of errors of the library and the network."""

import asyncio
from collections.abc import Iterable
import errno
from pathlib import Path
import re
import ssl
from typing import Any

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientConnectorSSLError,
    ClientPayloadError,
    ContentTypeError,
    RequestInfo,
    ServerDisconnectedError,
    TooManyRedirects,
    WebSocketError,
    WSServerHandshakeError,
)
from aiohttp.client_reqrep import ConnectionKey
from mashumaro.exceptions import InvalidFieldValue, MissingField
from multidict import CIMultiDict, CIMultiDictProxy
from music_assistant_client.exceptions import (
    CannotConnect,
    ConnectionClosed,
    ConnectionFailed,
    InvalidMessage,
    InvalidServerVersion,
    InvalidState,
    NotConnected,
)
from music_assistant_models.api import ServerInfoMessage
from music_assistant_models.errors import (
    ActionUnavailable,
    AudioError,
    AuthenticationFailed,
    AuthenticationRequired,
    InsufficientPermissions,
    InvalidCommand,
    InvalidDataError,
    InvalidProviderURI,
    InvalidToken,
    MediaNotFoundError,
    MusicAssistantError,
    PlayerCommandFailed,
    PlayerUnavailableError,
    ProviderUnavailableError,
    QueueEmpty,
    RateLimited,
    ResourceBusyError,
    UnplayableMediaError,
    UnsupportedFeaturedException,
)
import pytest
from yarl import URL

from custom_components.music_assistant.server import errors
from custom_components.music_assistant.server.discovery import PROXY_PROBLEMS
from custom_components.music_assistant.server.errors import (
    CommandTimeout,
    ConnectionLost,
    Redirected,
    ServerProblem,
    to_server_problem,
    translate_errors,
)
from custom_components.music_assistant.server.secrets import REDACTED
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .translation_texts import find_placeholders, get_text

ADDRESS = "http://mass.local:8095"
REQUEST = RequestInfo(URL(ADDRESS), "GET", CIMultiDictProxy(CIMultiDict()), URL(ADDRESS))
KEY = ConnectionKey("mass.local", 8095, True, True, None, None, None)
UNTRUSTED = ssl.SSLCertVerificationError(1, "self-signed certificate")
PLAIN = ssl.SSLError(1, "wrong version number")


def with_cause[E: Exception](err: E, cause: BaseException) -> E:
    """Return an error with its cause, as `raise ... from` does."""
    err.__cause__ = cause
    return err


WAY_TO_SERVER: list[tuple[Exception, str]] = [
    (TimeoutError(), "timeout_connect"),
    (CommandTimeout("auth/token/create", 10), "timeout_connect"),
    (CannotConnect(TimeoutError()), "timeout_connect"),
    (UNTRUSTED, "certificate_untrusted"),
    (ClientConnectorCertificateError(KEY, UNTRUSTED), "certificate_untrusted"),
    (
        CannotConnect(ClientConnectorCertificateError(KEY, UNTRUSTED)),
        "certificate_untrusted",
    ),
    (Redirected("http://mass.local:8096"), "redirected"),
    # TLS to a port that doesn't speak it says nothing about a certificate
    (ClientConnectorSSLError(KEY, PLAIN), "cannot_connect"),
    (PLAIN, "cannot_connect"),
    (InvalidServerVersion("too new"), "server_too_new"),
    (AuthenticationRequired("sign in"), "token_required"),
    (AuthenticationFailed("invalid or expired token"), "invalid_token"),
    (InvalidToken("Invalid or expired token"), "invalid_token"),
    (with_cause(AuthenticationFailed("failed"), InvalidToken("expired")), "invalid_token"),
    # the sign-in can't be blamed for what happened to the connection meanwhile
    (with_cause(AuthenticationFailed("failed"), ConnectionLost("gone")), "cannot_connect"),
    (with_cause(AuthenticationFailed("failed"), ConnectionClosed("gone")), "cannot_connect"),
    (with_cause(AuthenticationFailed("failed"), NotConnected()), "cannot_connect"),
    (with_cause(AuthenticationFailed("failed"), CommandTimeout("auth", 10)), "timeout_connect"),
    (with_cause(AuthenticationFailed("failed"), MusicAssistantError("starting")), "server_refused"),
    (CannotConnect(WSServerHandshakeError(REQUEST, (), status=404)), "no_websocket"),
    (ConnectionFailed(WebSocketError(1009, "too big")), "unusable_message"),
    (ContentTypeError(REQUEST, ()), "not_music_assistant"),
    (MissingField("server_id", str, ServerInfoMessage), "not_music_assistant"),
    (
        InvalidFieldValue("schema_version", int, "x", ServerInfoMessage),
        "not_music_assistant",
    ),
    (InvalidMessage("odd"), "not_music_assistant"),
    (ValueError("odd"), "not_music_assistant"),
    (ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, "refused")), "connection_refused"),
    (ClientConnectorError(KEY, OSError(errno.EHOSTUNREACH, "no route")), "cannot_connect"),
    (CannotConnect(ClientConnectorDNSError(KEY, OSError("no such name"))), "unknown_host"),
    (ConnectionClosed("closed"), "cannot_connect"),
    (ConnectionFailed(), "cannot_connect"),
    (ConnectionFailed(ServerDisconnectedError()), "cannot_connect"),
    (InvalidState("Not ready"), "cannot_connect"),
    (TooManyRedirects(REQUEST, ()), "cannot_connect"),
    (OSError(errno.ENETUNREACH, "no network"), "cannot_connect"),
    (InsufficientPermissions("admins only"), "server_refused"),
]

ASKED_OF_SERVER: list[tuple[Exception, str]] = [
    (CommandTimeout("players/all", 30), "command_timeout"),
    (ConnectionLost("gone"), "not_connected"),
    (NotConnected(), "not_connected"),
    (InvalidState("Not connected"), "not_connected"),
    (ClientPayloadError(), "not_connected"),
    (BrokenPipeError(), "not_connected"),
    (TimeoutError(), "not_connected"),
    (InvalidServerVersion("needs 33"), "server_too_old_for_command"),
    (InvalidCommand("Invalid command: players/sleep_timer"), "server_too_old_for_command"),
    (InvalidCommand("Can not seek items without duration."), "not_possible_now"),
    (InsufficientPermissions("no"), "not_permitted"),
    (AuthenticationRequired("sign in"), "not_signed_in"),
    (AuthenticationFailed("failed"), "not_signed_in"),
    (InvalidToken("expired"), "not_signed_in"),
    (MediaNotFoundError("no such track"), "media_not_found"),
    (InvalidProviderURI("what"), "invalid_uri"),
    (UnplayableMediaError("broken"), "media_not_playable"),
    (AudioError("broken"), "media_not_playable"),
    (PlayerUnavailableError("off"), "player_unavailable"),
    (ProviderUnavailableError("off"), "provider_unavailable"),
    (QueueEmpty("empty"), "queue_empty"),
    (UnsupportedFeaturedException("no seek"), "not_supported"),
    (RateLimited("slowly"), "server_busy"),
    (ResourceBusyError("busy"), "server_busy"),
    (PlayerCommandFailed("failed"), "command_failed"),
    (PlayerCommandFailed("No current item"), "queue_empty"),
    (MusicAssistantError("play needs to be implemented when not supported"), "not_supported"),
    (MusicAssistantError("NotImplementedError"), "not_supported"),
    (ActionUnavailable("not now"), "not_possible_now"),
    (InvalidDataError("odd"), "command_failed"),
    (MusicAssistantError(), "command_failed"),
    (MissingField("name", str, ServerInfoMessage), "unexpected_answer"),
    (InvalidFieldValue("name", str, 1, ServerInfoMessage), "unexpected_answer"),
]


def create_server_info(**changes: Any) -> ServerInfoMessage:
    """Return a server info."""
    return ServerInfoMessage(
        **{
            "server_id": "id",
            "server_version": "2.8.0",
            "schema_version": 29,
            "min_supported_schema_version": 28,
            "base_url": ADDRESS,
            "onboard_done": True,
            **changes,
        }
    )


def with_ids(cases: Iterable[tuple[Exception, str]]) -> list[Any]:
    """Return cases with distinct ids."""
    return [pytest.param(err, key, id=f"{type(err).__name__}-{key}") for err, key in cases]


# ------------------------------------------------------------------- the way to the server


@pytest.mark.parametrize(("err", "key"), with_ids(WAY_TO_SERVER))
def test_connection_errors(err: Exception, key: str) -> None:
    """Each error of connecting has a text, with the address and the cause."""
    problem = to_server_problem(err, ADDRESS)
    assert problem.key == key == problem.translation_key
    # a certificate may be that of where the address leads
    assert problem.placeholders["url"].replace("https:", "http:") == ADDRESS
    assert problem.placeholders["error"]
    for said in (get_text("config", "error", key), get_text("exceptions", key, "message")):
        assert said.format_map(problem.placeholders)


def test_error_text_has_no_object_names() -> None:
    """The text of an error has no representation of aiohttp's objects."""
    err = ClientConnectorError(KEY, OSError(errno.EHOSTUNREACH, "No route to host"))
    said = to_server_problem(CannotConnect(err), ADDRESS).placeholders["error"]
    assert "No route to host" in said
    assert "ssl" not in said


def test_token_in_error_is_redacted() -> None:
    """A token that the server quotes is redacted."""
    said = to_server_problem(InvalidToken("unknown: eyJh.eyJi.c2ln"), ADDRESS).placeholders["error"]
    assert said == f"unknown: {REDACTED}"


def test_converted_error_is_unchanged() -> None:
    """An error that was converted already is unchanged."""
    problem = ServerProblem("other_server")
    assert to_server_problem(problem, ADDRESS, create_server_info(onboard_done=False)) is problem


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (None, "invalid_token"),
        (create_server_info(), "invalid_token"),
        (create_server_info(onboard_done=False), "not_onboarded"),
        (create_server_info(onboard_done=False, schema_version=27), "invalid_token"),
    ],
)
def test_server_before_onboarding(said: ServerInfoMessage | None, key: str) -> None:
    """A refused token of a server without users is reported as missing set-up."""
    assert to_server_problem(InvalidToken("no"), ADDRESS, said).key == key


def test_unexpected_error_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected error has a text and is logged with its traceback."""
    problem = to_server_problem(ZeroDivisionError(), ADDRESS)
    assert problem.key == "unknown"
    assert problem.placeholders == {"url": ADDRESS, "error": "ZeroDivisionError"}
    [record] = caplog.records
    assert record.exc_info
    assert ADDRESS in record.getMessage()


# ------------------------------------------------------------------ what was asked of it


@pytest.mark.parametrize(("err", "key"), with_ids(ASKED_OF_SERVER))
def test_command_errors(err: Exception, key: str) -> None:
    """Each error of a command has a text, and keeps its cause."""
    with pytest.raises(HomeAssistantError) as raised, translate_errors("Music at Home"):
        raise err
    assert raised.value.translation_key == key
    assert raised.value.translation_domain == "music_assistant"
    assert raised.value.__cause__ is err
    said = get_text("exceptions", key, "message")
    placeholders = raised.value.translation_placeholders or {}
    assert said.format_map(placeholders)
    assert "error" not in placeholders  # the server's text is only logged


def test_timeout_error_has_command_and_seconds() -> None:
    """The error of a timeout names the command and the seconds."""
    with pytest.raises(HomeAssistantError) as raised, translate_errors("Music"):
        raise CommandTimeout("music/search", 60.0)
    assert raised.value.translation_placeholders == {
        "server": "Music",
        "command": "music/search",
        "seconds": "60",
    }


@pytest.mark.parametrize(
    "err",
    [
        asyncio.CancelledError(),
        ServiceValidationError("said already"),
        ZeroDivisionError(),
    ],
    ids=repr,
)
def test_other_exceptions_are_not_converted(err: BaseException) -> None:
    """A cancellation and errors that aren't the server's are not converted."""
    with pytest.raises(type(err)) as raised, translate_errors("Music"):
        raise err
    assert raised.value is err


@pytest.mark.parametrize("err", [KeyError("uri"), TypeError(), ValueError(), AttributeError()])
def test_errors_of_reading_an_answer(err: Exception) -> None:
    """What is raised where an answer of an odd form is read says that the answer is odd."""
    with pytest.raises(HomeAssistantError) as raised, translate_errors("Music"):
        raise err
    assert raised.value.translation_key == "unexpected_answer"
    assert raised.value.__cause__ is err


# ------------------------------------------------------------------------------- the texts

SERVER = Path(errors.__file__).parent


def find_error_keys(*modules: str) -> set[str]:
    """Return the keys of the errors that modules raise themselves."""
    source = "".join((SERVER / f"{module}.py").read_text() for module in modules)
    return set(re.findall(r'ServerProblem\(\s*"(\w+)"', source))


def get_keys(table: errors.ErrorTable) -> set[str]:
    """Return the keys of a table."""
    return {key for _, key in table}


LOOKING = find_error_keys("discovery", "connection") | {
    *PROXY_PROBLEMS.values(),
    "cannot_connect",
    "certificate_untrusted",
    "connection_refused",
    "timeout_connect",
    "unknown_host",
}
CONNECTING = (
    get_keys(errors._CONNECTION_ERROR_KEYS) | find_error_keys("connection", "errors") | {"unknown"}
)
ASKING = get_keys(errors._COMMAND_ERROR_KEYS)

# Where a problem is shown -> what can be shown there.
PLACES = {
    ("config", "error"): LOOKING | CONNECTING | find_error_keys("credentials"),
    ("config", "abort"): LOOKING,
    ("issues", "server_moved", "fix_flow", "abort"): LOOKING,
    ("exceptions",): CONNECTING | ASKING,
}
# What the texts may hold: what their problems come with.
GIVEN: dict[str, set[str]] = {
    **{key: {"server", "error"} for key in ASKING},
    **{key: {"url", "error"} for key in CONNECTING | LOOKING},
    "command_timeout": {"server", "error", "command", "seconds"},
    "server_too_old": {"version"},
    "too_many_attempts": {"seconds"},
    "not_onboarded": {"url"},
    "insecure_redirect": {"url"},
    "invalid_credentials": set(),
    "incomplete_token": set(),
    "odd_token": {"url"},
    "token_expired": set(),
    "other_server": {"url"},  # of a form; the others say nothing of it
}


def test_all_table_rows_are_tested() -> None:
    """The cases above cover all rows of the code's tables."""
    assert {key for _, key in WAY_TO_SERVER} == get_keys(errors._CONNECTION_ERROR_KEYS)
    assert {key for _, key in ASKED_OF_SERVER} == ASKING


@pytest.mark.parametrize(
    ("place", "key"), [(place, key) for place, keys in PLACES.items() for key in sorted(keys)]
)
def test_errors_have_texts(place: tuple[str, ...], key: str) -> None:
    """Each error has a text where it is shown, with its placeholders."""
    said = get_text(*place, key, "message") if place == ("exceptions",) else get_text(*place, key)
    assert len(said) > 20
    assert find_placeholders(said) <= GIVEN[key]
