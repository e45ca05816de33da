"""Return from a streaming service's sign-in to the flow that waits for it, and its address."""

from base64 import b64decode
from dataclasses import dataclass
import json
import re
import secrets
from typing import Final, Self

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import http
from homeassistant.helpers.config_entry_oauth2_flow import HEADER_FRONTEND_BASE
from homeassistant.helpers.network import get_url
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

# Path that a sign-in returns to, followed by the state that identifies the flow.
RETURN_PATH: Final = f"/api/{DOMAIN}/linked"
# Seconds that the user may take for the sign-in.
LINK_TIMEOUT: Final = 600.0
_UUID_PATTERN: Final = re.compile(r"[\w-]+")
_BASE64_TRANSLATION: Final = str.maketrans("-_ ", "+/+")  # "+" in a query is decoded as a space


@dataclass(frozen=True, slots=True)
class PendingLink:
    """Represent a flow that waits for the user's return, until `expires_at` (loop time)."""

    flow_id: str
    expires_at: float


# The waiting flows by their secret state.
DATA_PENDING_LINKS: HassKey[dict[str, PendingLink]] = HassKey(f"{DOMAIN}_pending_links")


@callback
def pop_pending_flow(hass: HomeAssistant, state: str) -> str | None:
    """Remove a state and return the id of the flow that waits for it, unless it has expired."""
    pending = hass.data.get(DATA_PENDING_LINKS, {}).pop(state, None)
    return pending.flow_id if pending and pending.expires_at > hass.loop.time() else None


@callback
def create_return_url(hass: HomeAssistant, flow_id: str) -> str:
    """Create a secret URL that returns to a flow once.

    Raises NoURLAvailableError.
    """
    base = get_browser_base_url() or get_url(hass)
    now, waiting = hass.loop.time(), hass.data.setdefault(DATA_PENDING_LINKS, {})
    for state, pending in list(waiting.items()):
        if pending.expires_at <= now:
            del waiting[state]
    state = secrets.token_urlsafe(32)
    waiting[state] = PendingLink(flow_id, now + LINK_TIMEOUT)
    return f"{base}{RETURN_PATH}/{state}"


def get_browser_base_url() -> str | None:
    """Return Home Assistant's URL as the current browser uses it, None without a browser."""
    request = http.current_request.get()
    return request.headers.get(HEADER_FRONTEND_BASE) if request else None


@dataclass(frozen=True, slots=True)
class SignInResult:
    """Represent the result of a sign-in: a `uuid`, or an `error`."""

    uuid: str | None = None
    one_time_token: str | None = None
    error: str = ""

    @classmethod
    def parse(cls, data64: str) -> Self:
        """Parse JSON in base64, standard or URL-safe, with or without padding."""
        try:
            data = json.loads(
                b64decode(f"{data64.translate(_BASE64_TRANSLATION)}===", validate=False)
            )
            model = data["authModel"]
            if model["status"] == "success":
                return cls(_validate_id(data["integrationUserUUID"]), data.get("oneTimeToken"))
            return cls(error=str(model.get("error") or model["status"]))
        except ValueError, LookupError, TypeError, AttributeError:
            return cls(error="unreadable answer")


def _validate_id(uuid: str) -> str:
    """Return an id if it can be part of a URL path. Raises ValueError, TypeError."""
    if not _UUID_PATTERN.fullmatch(uuid):
        raise ValueError(uuid)
    return uuid
