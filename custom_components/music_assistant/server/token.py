"""What a token says of itself. It is read, not verified: the server alone can do that."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from homeassistant.util import dt as dt_util
from homeassistant.util.json import json_loads_object

# The share of its life after which a token is renewed.
RENEWED_AFTER: Final = 2 / 3
# The characters of a signature, by its algorithm.
SIGNATURES: Final = {"HS256": 43, "HS384": 64, "HS512": 86}


@dataclass(frozen=True, slots=True)
class Token:
    """What can be known of a token; never the token itself."""

    token_id: str
    made: datetime | None = None
    expires: datetime | None = None

    @classmethod
    def read(cls, token: str | None) -> Self | None:
        """Return what a token says; None of one that says nothing, as those of old servers."""
        claims = _claims(token or "")
        if not isinstance(token_id := claims.get("jti"), str):
            return None
        return cls(
            token_id,
            _moment(claims.get("iat")),
            _moment(claims.get("exp")),
        )

    @property
    def renewal(self) -> datetime | None:
        """Return when it is time for another one; None if that can't be told."""
        if self.made is None or self.expires is None:
            return None
        return self.made + (self.expires - self.made) * RENEWED_AFTER

    def expires_within(self, time: timedelta) -> bool:
        """Tell whether it ends that soon."""
        return self.expires is not None and self.expires - dt_util.utcnow() < time


def is_whole(token: str) -> bool:
    """Tell whether a token has its three parts, and the last one is as long as the first says."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        return False
    algorithm = _part(parts[0]).get("alg")
    return algorithm is not None and SIGNATURES.get(str(algorithm)) in (None, len(parts[2]))


def _claims(token: str) -> dict[str, Any]:
    """Return the middle one of a JWT's three parts."""
    parts = token.split(".")
    return _part(parts[1]) if len(parts) == 3 else {}


def _part(part: str) -> dict[str, Any]:
    try:
        # too much padding is ignored, which saves counting
        return json_loads_object(base64.urlsafe_b64decode(f"{part}==="))
    except ValueError:
        return {}


def _moment(seconds: Any) -> datetime | None:
    """Return a moment of the Unix time; None for what is none, or beyond the calendar."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return None
    try:
        return dt_util.utc_from_timestamp(seconds)
    except OverflowError, OSError, ValueError:
        return None
