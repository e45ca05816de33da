"""Conversion between a config entry's data and its server endpoint."""

from collections.abc import Mapping
from typing import Any

from yarl import URL

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..const import CONF_TRUST
from ..server.endpoint import ServerEndpoint
from ..server.tls import async_load_certificate_policy


async def async_get_endpoint(
    hass: HomeAssistant, entry: ConfigEntry, url: URL | None = None
) -> ServerEndpoint:
    """Return the endpoint of an entry, or of another URL with the entry's certificate policy."""
    certificate_policy = await async_load_certificate_policy(hass, entry.data.get(CONF_TRUST))
    return ServerEndpoint(
        async_get_clientsession(hass), url or URL(entry.data[CONF_URL]), certificate_policy
    )


def merge_endpoint(data: Mapping[str, Any], endpoint: ServerEndpoint) -> dict[str, Any]:
    """Return an entry's data with the URL and certificate policy of an endpoint."""
    rest = {key: value for key, value in data.items() if key != CONF_TRUST}
    certificate_policy = (
        {CONF_TRUST: endpoint.certificate_policy.as_dict()} if endpoint.certificate_policy else {}
    )
    return {**rest, CONF_URL: str(endpoint), **certificate_policy}
