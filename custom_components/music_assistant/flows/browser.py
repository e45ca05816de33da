"""Sign-in through the server's own web page."""

from typing import Final

from yarl import URL

from homeassistant.core import HomeAssistant
from homeassistant.helpers.config_entry_oauth2_flow import (
    LocalOAuth2Implementation,
    async_get_redirect_uri,
)

from ..const import DOMAIN
from ..server.address import build_endpoint_url

_UNUSED: Final = ""


def can_redirect_back(hass: HomeAssistant) -> bool:
    """Return whether the user's browser can be redirected back to Home Assistant."""
    try:
        async_get_redirect_uri(hass)
    except RuntimeError:  # the request didn't come from a browser
        return False
    return True


async def async_build_sign_in_url(hass: HomeAssistant, flow_id: str, url: URL, name: str) -> URL:
    """Build the URL of the sign-in page that returns to a flow with a session token.

    Home Assistant's callback view only resumes a flow whose id is in a signed state, and its
    OAuth2 implementation is the public API to sign one. The rest of the authorize URL is not
    used, because Music Assistant doesn't support OAuth2.
    """
    oauth2 = LocalOAuth2Implementation(hass, DOMAIN, _UNUSED, _UNUSED, str(url), _UNUSED)
    signed = URL(await oauth2.async_generate_authorize_url(flow_id)).query
    back = URL(signed["redirect_uri"]).update_query(state=signed["state"])
    return build_endpoint_url(url, "login").with_query(return_url=str(back), device_name=name)
