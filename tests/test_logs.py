"""What the log isn't told, with debug logging turned on for us and for the library."""

from collections.abc import Callable, Iterator
import logging
import logging.handlers
from typing import Any

from aiohttp import ClientSession
from music_assistant_client import MusicAssistantClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import LOGGER
from custom_components.music_assistant.server.logs import REDACTED_LOGGERS, async_redact_logs
from custom_components.music_assistant.server.secrets import REDACTED
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .common import Harness
from .server import MassServer

LIBRARY = logging.getLogger("music_assistant_client.connection")
JWT = "eyJhbGciOi.eyJzdWIi_-OiJ4In0.c2ln"


@pytest.fixture(autouse=True)
def _talkative(caplog: pytest.LogCaptureFixture, _limit_library_logs: None) -> None:
    """Let all that is filtered say all that it can."""
    for name in REDACTED_LOGGERS:
        caplog.set_level(logging.DEBUG, name)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let the stock library's websocket leave its heartbeat behind."""
    return True


def filtered() -> set[str]:
    """Return the loggers that have a filter."""
    return {name for name in REDACTED_LOGGERS if logging.getLogger(name).filters}


@pytest.fixture
def redacting() -> Iterator[None]:
    """Keep secrets out of the log."""
    end = async_redact_logs(lambda: ["opaque-token", "retired"])
    yield
    end()
    assert filtered() == set()


async def test_library(
    harness: Harness, server: MassServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The stock library's print of every frame holds neither the token nor a new one."""
    token = server.create_token("demo")
    session: ClientSession = async_get_clientsession(harness.hass)
    async with MusicAssistantClient(server.url, session, token=token) as client:
        minted = await client.auth.create_token("Another")
    assert "Publishing message" in caplog.text
    assert f"'token': '{REDACTED}'" in caplog.text
    assert f'"result":"{REDACTED}"' in caplog.text
    assert token not in caplog.text
    assert minted not in caplog.text


async def test_as_long_as_an_entry_is_loaded(
    hass: HomeAssistant, harness: Harness, entry: MockConfigEntry
) -> None:
    """Nothing is left in the loggers when no entry is loaded."""
    assert filtered() == set(REDACTED_LOGGERS)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert filtered() == set(REDACTED_LOGGERS)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert filtered() == set()


def test_all_of_the_library(server: MassServer) -> None:
    """Each logger of the library is one of ours to filter."""
    names = logging.getLogger().manager.loggerDict
    known = {name for name in names if name.startswith("music_assistant_client")}
    assert known <= set(REDACTED_LOGGERS)


def test_two_entries(redacting: None, caplog: pytest.LogCaptureFixture) -> None:
    """What one entry keeps secret stays so when the other goes."""
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
def test_lines(caplog: pytest.LogCaptureFixture, message: str, args: Any, said: str) -> None:
    """Secrets that are known, and those that look so, are taken out; all else stays."""
    for logger in (LOGGER, LIBRARY, logging.getLogger("aiohttp.access")):
        logger.debug(message, *args)
    assert caplog.messages == [said] * 3


@pytest.mark.usefixtures("redacting")
def test_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """What is quoted in a line of ours doesn't begin another."""
    LOGGER.debug("It said %s", "a\r\nERROR forged")
    LIBRARY.info("Connected to version %s", "1\nERROR forged")
    assert caplog.messages == ["It said a ERROR forged", "Connected to version 1 ERROR forged"]


def fails(text: str) -> None:
    """Fail."""
    raise ValueError(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("opaque-token", f"ValueError: {REDACTED}"), ("harmless", "ValueError: harmless")],
)
def test_traces(redacting: None, caplog: pytest.LogCaptureFixture, text: str, said: str) -> None:
    """The trace of an error holds no secret either."""
    try:
        fails(text)
    except ValueError:
        LOGGER.exception("It failed")
    assert said in caplog.text
    assert "in fails" in caplog.text
    [record] = caplog.records
    assert "opaque-token" not in repr(record.exc_info)


@pytest.mark.parametrize("log", [lambda: LOGGER.info("%d", "x"), lambda: LOGGER.info("%s %s", 1)])
def test_bad_line(
    redacting: None,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    log: Callable[[], None],
) -> None:
    """A line that can't be put together is logging's business."""
    monkeypatch.setattr(logging, "raiseExceptions", False)
    monkeypatch.setattr(LOGGER, "propagate", False)
    handler = logging.handlers.BufferingHandler(9)
    LOGGER.addHandler(handler)
    log()
    LOGGER.removeHandler(handler)
    assert len(handler.buffer) == 1
