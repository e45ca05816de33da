"""The server's own sign-in page, and the way back from it."""

from typing import Final

from yarl import URL

from homeassistant.core import HomeAssistant
from homeassistant.helpers.config_entry_oauth2_flow import (
    LocalOAuth2Implementation,
    async_get_redirect_uri,
)

from ..const import DOMAIN
from ..server.address import endpoint

_NOT_USED: Final = ""


def can_come_back(hass: HomeAssistant) -> bool:
    """Tell whether a browser would find its way back to this Home Assistant."""
    try:
        async_get_redirect_uri(hass)
    except RuntimeError:  # the step wasn't asked for by a browser
        return False
    return True


async def async_sign_in_page(hass: HomeAssistant, flow_id: str, url: URL, name: str) -> URL:
    """Return the address of the sign-in page that comes back to a flow with a session token.

    Home Assistant's callback resumes only a flow whose id is in a state that it signed itself.
    Its OAuth2 implementation is the public way to such a state; what else it says is for a
    server that speaks OAuth2, which Music Assistant doesn't.
    """
    oauth2 = LocalOAuth2Implementation(hass, DOMAIN, _NOT_USED, _NOT_USED, str(url), _NOT_USED)
    signed = URL(await oauth2.async_generate_authorize_url(flow_id)).query
    back = URL(signed["redirect_uri"]).update_query(state=signed["state"])
    return endpoint(url, "login").with_query(return_url=str(back), device_name=name)
