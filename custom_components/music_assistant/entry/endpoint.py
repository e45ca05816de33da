"""How the server of an entry is reached: what the entry keeps of it, and what that stands for."""

from collections.abc import Mapping
from typing import Any

from yarl import URL

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..const import CONF_TRUST
from ..server.endpoint import Site
from ..server.tls import async_trust


async def async_site(hass: HomeAssistant, entry: ConfigEntry, url: URL | None = None) -> Site:
    """Return how an entry's server is reached; at another address, by the same trust."""
    trust = await async_trust(hass, entry.data.get(CONF_TRUST))
    return Site(async_get_clientsession(hass), url or URL(entry.data[CONF_URL]), trust)


def with_site(data: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """Return an entry's data with how its server is reached now."""
    rest = {key: value for key, value in data.items() if key != CONF_TRUST}
    trust = {CONF_TRUST: site.trust.as_dict()} if site.trust else {}
    return {**rest, CONF_URL: str(site), **trust}
