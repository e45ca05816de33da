"""Entries whose data a person or a restored backup has damaged."""

import logging
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import CONF_ORIGIN, CONF_TRUST
from custom_components.music_assistant.diagnostics import async_get_config_entry_diagnostics
from custom_components.music_assistant.entry.tokens import (
    CONF_CREATED_TOKEN_ID,
    CONF_RETIRED_TOKENS,
    get_secrets,
)
from custom_components.music_assistant.server.logs import REDACTED_LOGGERS
from custom_components.music_assistant.server.tls import CERTIFICATE_AUTHORITY
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError

from .server import MassServer

MISSING: Final = object()
# Values of each field that can't be used.
ODD_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    CONF_URL: (MISSING, None, "", 8095, [], "http://", "ftp://a", "http://a:b"),
    CONF_TOKEN: (5, [], {}, True),
    CONF_TRUST: (
        *("pin", [], {}, {"x": "y"}, {"certificate": 5}, {"certificate": "a", "authority": "b"}),
        {CERTIFICATE_AUTHORITY: "no certificate"},
    ),
    CONF_ORIGIN: ("elsewhere", 5, []),
    CONF_CREATED_TOKEN_ID: (5, []),
    CONF_RETIRED_TOKENS: ("abc", 5, {"a": "b"}, [None], ["abc"], [""]),
}
ODD_DATA: Final = [(field, value) for field, values in ODD_VALUES.items() for value in values]


@pytest.mark.parametrize(("field", "value"), ODD_DATA)
async def test_odd_data(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    field: str,
    value: Any,
) -> None:
    """Odd data is a translated error, nothing else fails, and the entry can be removed."""
    data = {key: kept for key, kept in {**entry.data, field: value}.items() if kept is not MISSING}
    hass.config_entries.async_update_entry(entry, data=data)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "invalid_entry_data"
    assert (entry.error_reason_translation_placeholders or {})["fields"] == field
    assert await async_get_config_entry_diagnostics(hass, entry)
    logging.getLogger("custom_components.music_assistant").warning("abc of the alphabet")
    assert "abc of the alphabet" in caplog.text
    assert all(len(secret) >= 8 for secret in get_secrets(data))
    assert await hass.config_entries.async_remove(entry.entry_id)
    errors = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert all(isinstance(error, ConfigEntryError) for error in errors)


async def test_data_of_the_built_in_integration(hass: HomeAssistant, server: MassServer) -> None:
    """An entry with nothing but an address and a token is set up."""
    data = {CONF_URL: server.url, CONF_TOKEN: server.create_token("demo")}
    entry = MockConfigEntry(domain="music_assistant", unique_id=server.server_id, data=data)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)


async def test_first_sign_in_is_redacted(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Before the first entry exists, what looks like a secret isn't logged either."""
    await hass.config_entries.flow.async_init("music_assistant", context={"source": SOURCE_USER})
    for name in REDACTED_LOGGERS:
        logging.getLogger(name).warning("GET /return?code=hunter2-of-%s", name)
    assert "hunter2" not in caplog.text
