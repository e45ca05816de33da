"""What goes wrong with a resolver of links, in words that a person can act on."""

from http import HTTPStatus
from typing import Final

from aiohttp import ClientError, ClientResponse

from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN

# Seconds that a resolver is left alone when it says that it was asked too often, but not when
# it may be asked again.
BUSY_FOR: Final = 60.0
# The problem that only other credentials end.
REFUSED: Final = "resolver_refused"
_BY_STATUS: Final[dict[int, str]] = {
    HTTPStatus.BAD_REQUEST: "resolver_unknown_link",
    HTTPStatus.UNAUTHORIZED: REFUSED,
    HTTPStatus.FORBIDDEN: REFUSED,
    HTTPStatus.NOT_FOUND: "resolver_unknown_link",
    HTTPStatus.TOO_MANY_REQUESTS: "resolver_busy",
}


class ResolverProblem(HomeAssistantError):
    """What stands between us and a resolver's answer; `key` is its translation key."""

    def __init__(self, key: str, resolver: str, error: str, retry_after: float = 0.0) -> None:
        """Keep the key, who it is about, what came instead of an answer, and seconds to wait."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders={"resolver": resolver, "error": error},
        )
        self.key = key
        self.error = error
        self.retry_after = retry_after


def refused(resolver: str, response: ClientResponse) -> ResolverProblem:
    """Return what a status says. Bodies of errors aren't documented, so none is shown."""
    key = _BY_STATUS.get(response.status, "resolver_failed")
    seconds = _seconds(response.headers.get("Retry-After")) if key == "resolver_busy" else 0.0
    return ResolverProblem(key, resolver, f"HTTP {response.status}", seconds)


def unreachable(resolver: str, err: ClientError | OSError) -> ResolverProblem:
    """Return that there was no answer. What aiohttp says may hold the address, so only its kind."""
    return ResolverProblem("resolver_unreachable", resolver, type(err).__name__)


def _seconds(header: str | None) -> float:
    return float(header) if header and header.isdecimal() else BUSY_FOR
