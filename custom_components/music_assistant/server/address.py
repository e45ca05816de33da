"""What a person types as the server's address, and what it stands for."""

from functools import lru_cache
import re
from typing import Final

from yarl import URL

DEFAULT_PORT: Final = 8095
# Pages and endpoints of a server that end up in a pasted address.
_PAGES: Final = frozenset({"info", "ws", "login", "setup", "api", "api-docs", "index.html"})
# scheme, host with port, and what follows
_PARTS: Final = re.compile(r"(?:([^/?#]*)://)?([^/?#]*)(.*)", re.DOTALL)
_SCHEMES: Final = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


class InvalidAddress(ValueError):
    """The text can't be an address."""


def candidates(text: str) -> list[URL]:
    """Return the base URLs that a typed address may stand for, likeliest first.

    What is said is kept (a scheme, a port, a path); what is left out is tried: the server's
    own port before the web's, plain before encrypted on it.
    Raises InvalidAddress.
    """
    match = _PARTS.match(text.strip().strip("<>\"'"))
    assert match  # it matches anything
    said, host_and_port, rest = match.groups()
    try:
        typed = _base(host_and_port, rest)
        port = typed.explicit_port
        if said is None:
            tries = _without_scheme(port)
        elif scheme := _SCHEMES.get(said.lower()):
            tries = [(scheme, port), (scheme, port or DEFAULT_PORT)]
        else:
            raise InvalidAddress(text)
        return list(dict.fromkeys(_complete(typed, *one) for one in tries))
    except ValueError as err:
        raise InvalidAddress(text) from err


def _without_scheme(port: int | None) -> list[tuple[str, int | None]]:
    if port is not None:
        return (
            [("https", port), ("http", port)] if port == 443 else [("http", port), ("https", port)]
        )
    return [("http", DEFAULT_PORT), ("https", None), ("http", None), ("https", DEFAULT_PORT)]


def _complete(typed: URL, scheme: str, port: int | None) -> URL:
    complete = typed.with_scheme(scheme).with_port(port)
    # a port that the scheme implies isn't written
    return complete.with_port(None) if complete.is_default_port() else complete


def _base(host_and_port: str, rest: str) -> URL:
    """Return host, port and path of an address without its scheme.

    Queries, fragments and pages of the server's own interface are not part of a base, and a
    name and password in an address are refused: they would be stored with it.
    """
    if "@" in host_and_port or len(host_and_port.split()) != 1:
        raise InvalidAddress(host_and_port)
    if host_and_port.count(":") > 1 and not host_and_port.startswith("["):
        host_and_port = f"[{host_and_port}]"  # an IPv6 address on its own
    url = URL(f"http://{host_and_port}{rest}").with_query(None).with_fragment(None)
    parts = [part for part in url.path.split("/") if part]
    while parts and parts[-1].lower() in _PAGES:
        parts.pop()
    return url.with_path("/" + "/".join(parts) if parts else "")


def websocket_url(base: URL) -> URL:
    """Return the websocket's address; the library's own builder breaks on some host names."""
    scheme = "wss" if base.scheme == "https" else "ws"
    return endpoint(base, "ws").with_scheme(scheme)


def endpoint(base: URL, path: str) -> URL:
    """Return the address of one of the server's endpoints, below the base's own path."""
    return base.with_path(f"{base.path.rstrip('/')}/{path}").with_query(None)


@lru_cache(maxsize=16)  # it is part of each device's link
def as_text(base: URL) -> str:
    """Return a base URL as it is stored and shown: without a slash at its end."""
    return str(base).rstrip("/")
