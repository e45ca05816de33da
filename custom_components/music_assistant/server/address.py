"""Parsing and building of server addresses."""

from functools import lru_cache
import re
from typing import Final

from yarl import URL

DEFAULT_PORT: Final = 8095
# Pages and endpoints of a server that may be part of a pasted address.
_PAGE_NAMES: Final = frozenset({"info", "ws", "login", "setup", "api", "api-docs", "index.html"})
# scheme, host with port, rest
_ADDRESS_PATTERN: Final = re.compile(r"(?:([^/?#]*)://)?([^/?#]*)(.*)", re.DOTALL)
_SCHEMES: Final = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


class InvalidAddress(ValueError):
    """Error for a text that can't be an address."""


def build_candidate_urls(text: str) -> list[URL]:
    """Return the base URLs that an entered address may mean, likeliest first.

    A given scheme, port or path is kept. Missing ones are tried: the server's default port
    before the web's, http before https on the default port. Raises InvalidAddress.
    """
    match = _ADDRESS_PATTERN.match(text.strip().strip("<>\"'"))
    assert match  # it matches anything
    given_scheme, host_and_port, rest = match.groups()
    try:
        url = _parse_base_url(host_and_port, rest)
        port = url.explicit_port
        if given_scheme is None:
            schemes_and_ports = _get_schemes_and_ports(port)
        elif scheme := _SCHEMES.get(given_scheme.lower()):
            schemes_and_ports = [(scheme, port), (scheme, port or DEFAULT_PORT)]
        else:
            raise InvalidAddress(text)
        return list(
            dict.fromkeys(_build_url(url, scheme, port) for scheme, port in schemes_and_ports)
        )
    except ValueError as err:
        raise InvalidAddress(text) from err


def _get_schemes_and_ports(port: int | None) -> list[tuple[str, int | None]]:
    """Return the schemes and ports to try for an address without a scheme."""
    if port is not None:
        return (
            [("https", port), ("http", port)] if port == 443 else [("http", port), ("https", port)]
        )
    return [("http", DEFAULT_PORT), ("https", None), ("http", None), ("https", DEFAULT_PORT)]


def _build_url(base: URL, scheme: str, port: int | None) -> URL:
    """Return a URL with another scheme and port, without the scheme's default port."""
    url = base.with_scheme(scheme).with_port(port)
    return url.with_port(None) if url.is_default_port() else url


def _parse_base_url(host_and_port: str, rest: str) -> URL:
    """Return host, port and path of an address as a URL with the scheme http.

    Removes the query, the fragment and pages of the server's own interface. Raises
    InvalidAddress for an address with user and password, which would be stored with it.
    """
    if "@" in host_and_port or len(host_and_port.split()) != 1:
        raise InvalidAddress(host_and_port)
    if host_and_port.count(":") > 1 and not host_and_port.startswith("["):
        host_and_port = f"[{host_and_port}]"  # an IPv6 address without brackets
    url = URL(f"http://{host_and_port}{rest}").with_query(None).with_fragment(None)
    if len((url.raw_host or "").split()) != 1:  # some characters of a host become a blank
        raise InvalidAddress(host_and_port)
    parts = [part for part in url.path.split("/") if part]
    while parts and parts[-1].lower() in _PAGE_NAMES:
        parts.pop()
    return url.with_path("/" + "/".join(parts) if parts else "")


def build_websocket_url(base: URL) -> URL:
    """Return the address of the websocket; the library's own builder breaks on some host names."""
    scheme = "wss" if base.scheme == "https" else "ws"
    return build_endpoint_url(base, "ws").with_scheme(scheme)


def build_endpoint_url(base: URL, path: str) -> URL:
    """Return the address of one of the server's HTTP endpoints, below the path of the base URL."""
    return base.with_path(f"{base.path.rstrip('/')}/{path}").with_query(None)


@lru_cache(maxsize=16)  # called for the link of every device
def format_url(base: URL) -> str:
    """Return a base URL as text to store and show, without a trailing slash."""
    return str(base).rstrip("/")
