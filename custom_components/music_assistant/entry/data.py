"""Validation of a config entry's data, which a person or a restored backup may have damaged."""

from collections.abc import Callable, Mapping
import ssl
from typing import Any, Final

from yarl import URL

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError

from ..const import CONF_ORIGIN, CONF_TRUST, DOMAIN, ORIGIN_APP, ORIGIN_USER
from ..server.tls import CERTIFICATE_AUTHORITY, PINNED_CERTIFICATE, async_load_certificate_policy
from .tokens import CONF_CREATED_TOKEN_ID, CONF_RETIRED_TOKENS, is_secret


def _is_url(value: object) -> bool:
    """Return whether a value is an address of a server."""
    try:
        url = URL(value) if isinstance(value, str) else URL()
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.host)


def _is_trust(value: object) -> bool:
    """Return whether a value is a stored certificate policy."""
    return value is None or (
        isinstance(value, Mapping)
        and len(value) == 1
        and value.keys() <= {PINNED_CERTIFICATE, CERTIFICATE_AUTHORITY}
        and all(isinstance(stored, str) for stored in value.values())
    )


# An entry of the built-in integration has no more than an address and a token.
_VALIDATORS: Final[dict[str, Callable[[object], bool]]] = {
    CONF_URL: _is_url,
    CONF_TOKEN: lambda value: value is None or isinstance(value, str),
    CONF_TRUST: _is_trust,
    CONF_ORIGIN: lambda value: value in (None, ORIGIN_APP, ORIGIN_USER),
    CONF_CREATED_TOKEN_ID: lambda value: value is None or isinstance(value, str),
    CONF_RETIRED_TOKENS: lambda value: (
        value is None or (isinstance(value, list | tuple) and all(map(is_secret, value)))
    ),
}


async def async_find_invalid_fields(hass: HomeAssistant, data: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields of an entry's data that can't be used."""
    fields = [name for name, is_valid in _VALIDATORS.items() if not is_valid(data.get(name))]
    if not fields:
        try:
            await async_load_certificate_policy(hass, data.get(CONF_TRUST))
        except ssl.SSLError, ValueError:
            return [CONF_TRUST]
    return fields


async def async_check_data(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Raise ConfigEntryError unless the data of an entry can be used."""
    if fields := await async_find_invalid_fields(hass, entry.data):
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="invalid_entry_data",
            translation_placeholders={"server": entry.title, "fields": ", ".join(fields)},
        )
