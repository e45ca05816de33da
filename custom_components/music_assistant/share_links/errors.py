"""Errors of resolvers."""

from http import HTTPStatus
from typing import Final

from aiohttp import ClientError, ClientResponse

from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN

# Seconds until the next request when a resolver is rate limited and sends no Retry-After.
DEFAULT_RETRY_AFTER: Final = 60.0
MAX_RETRY_AFTER: Final = 3600.0
# Errors of reading an answer of an unexpected form.
ANSWER_ERRORS: Final = (LookupError, TypeError, AttributeError, ValueError, OverflowError)
# Translation key of the error that only other credentials solve.
CREDENTIALS_REFUSED: Final = "resolver_refused"
_KEY_BY_STATUS: Final[dict[int, str]] = {
    HTTPStatus.BAD_REQUEST: "resolver_unknown_link",
    HTTPStatus.UNAUTHORIZED: CREDENTIALS_REFUSED,
    HTTPStatus.FORBIDDEN: CREDENTIALS_REFUSED,
    HTTPStatus.NOT_FOUND: "resolver_unknown_link",
    HTTPStatus.TOO_MANY_REQUESTS: "resolver_busy",
}


class ResolverError(HomeAssistantError):
    """Error raised when a resolver doesn't answer; `key` is its translation key."""

    def __init__(self, key: str, resolver: str, error: str, retry_after: float = 0.0) -> None:
        """Initialize the error; `retry_after` is in seconds."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders={"resolver": resolver, "error": error},
        )
        self.key = key
        self.error = error
        self.retry_after = retry_after


def create_response_error(resolver: str, response: ClientResponse) -> ResolverError:
    """Create the error for the status of a response.

    The body isn't shown: error bodies aren't documented.
    """
    key = _KEY_BY_STATUS.get(response.status, "resolver_failed")
    seconds = (
        _parse_retry_after(response.headers.get("Retry-After")) if key == "resolver_busy" else 0.0
    )
    return ResolverError(key, resolver, f"HTTP {response.status}", seconds)


def create_connection_error(resolver: str, err: ClientError | OSError) -> ResolverError:
    """Create the error for a request without a response.

    Shows only the type of the error: texts of aiohttp may contain the URL.
    """
    return ResolverError("resolver_unreachable", resolver, type(err).__name__)


def _parse_retry_after(header: str | None) -> float:
    """Return the seconds of a Retry-After header, or the default."""
    seconds = float(header) if header and header.isdecimal() else DEFAULT_RETRY_AFTER
    return min(seconds, MAX_RETRY_AFTER)
