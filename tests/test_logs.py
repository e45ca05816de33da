"""Redaction of secrets in the log, with debug logging of the integration and the library."""

from collections.abc import Callable, Iterator
import logging
import logging.handlers
from typing import Any

from aiohttp import ClientSession
from music_assistant_client import MusicAssistantClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import LOGGER
from custom_components.music_assistant.server import logs
from custom_components.music_assistant.server.logs import REDACTED_LOGGERS, async_redact_logs
from custom_components.music_assistant.server.secrets import MAX_TEXT_LENGTH, REDACTED
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .common import Harness
from .server import MassServer

LIBRARY = logging.getLogger("music_assistant_client.connection")
JWT = "eyJhbGciOi.eyJzdWIi_-OiJ4In0.c2ln"


@pytest.fixture(autouse=True)
def _talkative(caplog: pytest.LogCaptureFixture) -> None:
    """Enable debug logging of all filtered loggers."""
    for name in REDACTED_LOGGERS:
        caplog.set_level(logging.DEBUG, name)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Allow the library's heartbeat timer."""
    return True


def get_filtered_loggers() -> set[str]:
    """Return the loggers that have a filter."""
    return {name for name in REDACTED_LOGGERS if logging.getLogger(name).filters}


@pytest.fixture
def redacting() -> Iterator[None]:
    """Keep secrets out of the log."""
    end = async_redact_logs(lambda: ["opaque-token", "retired"])
    yield
    end()


async def test_library_logs_are_redacted(
    harness: Harness, server: MassServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The library's logs of frames have neither the token nor a new one."""
    token = server.create_token("demo")
    session: ClientSession = async_get_clientsession(harness.hass)
    async with MusicAssistantClient(server.url, session, token=token) as client:
        minted = await client.auth.create_token("Another")
    assert "Publishing message" in caplog.text
    assert f"'token': '{REDACTED}'" in caplog.text
    assert f'"result":"{REDACTED}"' in caplog.text
    assert token not in caplog.text
    assert minted not in caplog.text


async def test_filters_stay(hass: HomeAssistant, harness: Harness, entry: MockConfigEntry) -> None:
    """The loggers have a filter also without a loaded entry, which no longer knows its token."""
    assert get_filtered_loggers() == set(REDACTED_LOGGERS)
    known = len(logs._REDACTING_FILTER.secret_getters)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert get_filtered_loggers() == set(REDACTED_LOGGERS)
    assert len(logs._REDACTING_FILTER.secret_getters) == known - 1


def test_long_text_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    """A long text is cut off, and what is left has no part of a secret."""
    log = logging.getLogger("music_assistant_client.connection")
    async_redact_logs(tuple)()
    for secret in ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.", "'token': 'hunter2", "://me:hunter2"):
        caplog.clear()
        room = MAX_TEXT_LENGTH - len(secret) - 1
        log.warning("%s", "a " * (room // 2) + " " * (room % 2) + " " + secret + "hunter2" * 9)
        assert "hunter2" not in caplog.text
        assert "eyJzdWIi" not in caplog.text
        assert len(caplog.text) < MAX_TEXT_LENGTH + 500


def test_all_library_loggers_are_filtered(server: MassServer) -> None:
    """Each logger of the library is filtered."""
    names = logging.getLogger().manager.loggerDict
    known = {name for name in names if name.startswith("music_assistant_client")}
    assert known <= set(REDACTED_LOGGERS)


def test_secrets_of_two_entries(redacting: None, caplog: pytest.LogCaptureFixture) -> None:
    """The secrets of one entry stay redacted when the other is unloaded."""
    end = async_redact_logs(lambda: ["of-the-other"])
    LOGGER.debug("opaque-token and of-the-other")
    end()
    LOGGER.debug("opaque-token")
    assert caplog.messages == [f"{REDACTED} and {REDACTED}", REDACTED]


def url() -> str:
    """Return the address that a sign-in page comes back with."""
    return "/auth/external/callback?state=abc&code=opaque-code"


@pytest.mark.parametrize(
    ("message", "args", "said"),
    [
        ("nothing to hide in %s", ("this",), "nothing to hide in this"),
        ("token %s was refused", ("opaque-token",), f"token {REDACTED} was refused"),
        ("retired %s", (JWT,), f"{REDACTED} {REDACTED}"),
        ("%(token)s", ({"token": JWT},), REDACTED),
        ("args: %s", ({"token": "abc", "name": "n"},), f"args: {{'token': '{REDACTED}', 'name': 'n'}}"),
        ("%s", ({"password": "it's"},), f"{{'password': \"{REDACTED}\"}}"),
        ('{"access_token": "abc"}', (), f'{{"access_token": "{REDACTED}"}}'),
        ("GET %s", (url(),), f"GET /auth/external/callback?state=abc&code={REDACTED}"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("redacting")
def test_secrets_are_redacted(
    caplog: pytest.LogCaptureFixture, message: str, args: Any, said: str
) -> None:
    """Known secrets, and texts that look like secrets, are redacted; the rest is kept."""
    for logger in (LOGGER, LIBRARY, logging.getLogger("aiohttp.access")):
        logger.debug(message, *args)
    assert caplog.messages == [said] * 3


@pytest.mark.usefixtures("redacting")
def test_line_breaks_are_escaped(caplog: pytest.LogCaptureFixture) -> None:
    """A quoted text can't start another log line."""
    LOGGER.debug("It said %s", "a\r\nERROR forged")
    LIBRARY.info("Connected to version %s", "1\nERROR forged")
    assert caplog.messages == ["It said a ERROR forged", "Connected to version 1 ERROR forged"]


def raise_error(text: str) -> None:
    """Raise an error."""
    raise ValueError(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("opaque-token", f"ValueError: {REDACTED}"), ("harmless", "ValueError: harmless")],
)
def test_tracebacks_are_redacted(
    redacting: None, caplog: pytest.LogCaptureFixture, text: str, said: str
) -> None:
    """Tracebacks have no secrets."""
    try:
        raise_error(text)
    except ValueError:
        LOGGER.exception("It failed")
    assert said in caplog.text
    assert "in raise_error" in caplog.text
    [record] = caplog.records
    assert "opaque-token" not in repr(record.exc_info)


@pytest.mark.parametrize("log", [lambda: LOGGER.info("%d", "x"), lambda: LOGGER.info("%s %s", 1)])
def test_invalid_log_arguments(
    redacting: None,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    log: Callable[[], None],
) -> None:
    """Invalid arguments of a log call are handled by logging."""
    monkeypatch.setattr(logging, "raiseExceptions", False)
    monkeypatch.setattr(LOGGER, "propagate", False)
    handler = logging.handlers.BufferingHandler(9)
    LOGGER.addHandler(handler)
    log()
    LOGGER.removeHandler(handler)
    assert len(handler.buffer) == 1
