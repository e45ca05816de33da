"""Contents of a token. The signature isn't verified: only the server can do that."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from homeassistant.util import dt as dt_util
from homeassistant.util.json import json_loads_object

# Fraction of its lifetime after which a token is renewed.
RENEW_AFTER_FRACTION: Final = 2 / 3
# Algorithm -> characters of a signature.
SIGNATURE_LENGTHS: Final = {"HS256": 43, "HS384": 64, "HS512": 86}


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """Represent the contents of a token, without the token itself."""

    token_id: str
    created: datetime | None = None
    expires: datetime | None = None

    @classmethod
    def parse(cls, token: object) -> Self | None:
        """Parse a token. Returns None if it has no id, like those of old servers."""
        claims = _parse_claims(token) if isinstance(token, str) else {}
        if not isinstance(token_id := claims.get("jti"), str):
            return None
        return cls(
            token_id,
            _parse_timestamp(claims.get("iat")),
            _parse_timestamp(claims.get("exp")),
        )

    @property
    def renew_at(self) -> datetime | None:
        """Return when the token should be renewed, None without an expiry date."""
        if self.created is None or self.expires is None:
            return None
        return self.created + (self.expires - self.created) * RENEW_AFTER_FRACTION

    def is_expiring_within(self, time: timedelta) -> bool:
        """Return whether the token expires within a time."""
        return self.expires is not None and self.expires - dt_util.utcnow() < time


def is_complete_token(token: str) -> bool:
    """Return whether a token has three parts, and a signature of the algorithm's length."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        return False
    algorithm = _decode_part(parts[0]).get("alg")
    return algorithm is not None and SIGNATURE_LENGTHS.get(str(algorithm)) in (None, len(parts[2]))


def _parse_claims(token: str) -> dict[str, Any]:
    """Return the claims of a JWT, empty if it isn't one."""
    parts = token.split(".")
    return _decode_part(parts[1]) if len(parts) == 3 else {}


def _decode_part(part: str) -> dict[str, Any]:
    """Return the JSON object in a part of a JWT, an empty one if there is none."""
    try:
        # the padding isn't part of a JWT; too much of it is ignored
        return json_loads_object(base64.urlsafe_b64decode(f"{part}==="))
    except ValueError:
        return {}


def _parse_timestamp(seconds: Any) -> datetime | None:
    """Return the date of a Unix time, None if it is invalid or out of range."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return None
    try:
        return dt_util.utc_from_timestamp(seconds)
    except OverflowError, OSError, ValueError:
        return None
