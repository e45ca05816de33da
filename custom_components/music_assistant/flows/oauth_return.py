"""The way back from a streaming service's sign-in: which flow waits for it, and what it says."""

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

# Where a sign-in leads back to; followed by the word that a flow waits for.
BACK: Final = f"/api/{DOMAIN}/linked"
# Seconds that a person may take for it.
LINK_LIMIT: Final = 600.0
_ALPHABET: Final = str.maketrans("-_ ", "+/+")  # a plus in an address is read as a blank


@dataclass(frozen=True, slots=True)
class Pending:
    """A flow that waits for somebody to come back, until a moment of the loop's time."""

    flow_id: str
    until: float


# Those that are waited for, by a word that only their page was told.
PENDING: HassKey[dict[str, Pending]] = HassKey(f"{DOMAIN}_pending_links")


@callback
def take_pending(hass: HomeAssistant, state: str) -> str | None:
    """Return the flow that waits for a state; it does so once, and not for ever."""
    pending = hass.data.get(PENDING, {}).pop(state, None)
    return pending.flow_id if pending and pending.until > hass.loop.time() else None


@callback
def expect(hass: HomeAssistant, flow_id: str) -> str:
    """Return an address that can't be guessed, and wait for who comes back to it.

    Raises NoURLAvailableError.
    """
    base = _base(hass)
    now, waiting = hass.loop.time(), hass.data.setdefault(PENDING, {})
    for state, pending in list(waiting.items()):
        if pending.until <= now:
            del waiting[state]
    state = secrets.token_urlsafe(32)
    waiting[state] = Pending(flow_id, now + LINK_LIMIT)
    return f"{base}{BACK}/{state}"


def _base(hass: HomeAssistant) -> str:
    """Return where the browser that asks has Home Assistant. Raises NoURLAvailableError."""
    request = http.current_request.get()
    base = request.headers.get(HEADER_FRONTEND_BASE) if request else None
    return base or get_url(hass)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sign-in came back with; without a `uuid` the `error` tells why."""

    uuid: str | None = None
    one_time_token: str | None = None
    error: str = ""

    @classmethod
    def read(cls, data64: str) -> Self:
        """Return what is in base64 of JSON, in either of its alphabets and with or without its end."""
        try:
            data = json.loads(b64decode(f"{data64.translate(_ALPHABET)}===", validate=False))
            model = data["authModel"]
            if model["status"] == "success":
                return cls(_plain_id(data["integrationUserUUID"]), data.get("oneTimeToken"))
            return cls(error=str(model.get("error") or model["status"]))
        except ValueError, LookupError, TypeError, AttributeError:
            return cls(error="unreadable answer")


def _plain_id(uuid: str) -> str:
    """Return an id that can be part of an address. Raises ValueError, TypeError."""
    if not re.fullmatch(r"[\w-]+", uuid):
        raise ValueError(uuid)
    return uuid
