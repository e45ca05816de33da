"""Parsing of the server address that a user enters."""

import pytest
from yarl import URL

from custom_components.music_assistant.server.address import (
    InvalidAddress,
    build_candidate_urls,
    build_endpoint_url,
    build_websocket_url,
    format_url,
)

# Typed -> the addresses to try, in this order.
TYPED = {
    # a host alone: the server's own port, then the web's
    "mass.local": [
        "http://mass.local:8095",
        "https://mass.local",
        "http://mass.local",
        "https://mass.local:8095",
    ],
    "homeassistant": [
        "http://homeassistant:8095",
        "https://homeassistant",
        "http://homeassistant",
        "https://homeassistant:8095",
    ],
    "192.168.1.5": [
        "http://192.168.1.5:8095",
        "https://192.168.1.5",
        "http://192.168.1.5",
        "https://192.168.1.5:8095",
    ],
    # with a port: no other one
    "192.168.1.5:8095": ["http://192.168.1.5:8095", "https://192.168.1.5:8095"],
    "mass.local:80": ["http://mass.local", "https://mass.local:80"],
    "mass.local:443": ["https://mass.local", "http://mass.local:443"],
    "mass.local:": [
        "http://mass.local:8095",
        "https://mass.local",
        "http://mass.local",
        "https://mass.local:8095",
    ],
    # IPv6, with and without brackets
    "fd00::5": [
        "http://[fd00::5]:8095",
        "https://[fd00::5]",
        "http://[fd00::5]",
        "https://[fd00::5]:8095",
    ],
    "[fd00::5]": [
        "http://[fd00::5]:8095",
        "https://[fd00::5]",
        "http://[fd00::5]",
        "https://[fd00::5]:8095",
    ],
    "[fd00::5]:8095": ["http://[fd00::5]:8095", "https://[fd00::5]:8095"],
    "http://fd00::5/#/home": ["http://[fd00::5]", "http://[fd00::5]:8095"],
    # with a scheme: no other one
    "https://music.example.com": ["https://music.example.com", "https://music.example.com:8095"],
    "http://mass.local": ["http://mass.local", "http://mass.local:8095"],
    "http://mass.local:8095": ["http://mass.local:8095"],
    "https://mass.local:443": ["https://mass.local"],
    "HTTP://Mass.Local:8095": ["http://mass.local:8095"],
    # the websocket's address
    "ws://mass.local:8095/ws": ["http://mass.local:8095"],
    "wss://music.example.com/ws": ["https://music.example.com", "https://music.example.com:8095"],
    # below a path
    "https://example.com/ma/": ["https://example.com/ma", "https://example.com:8095/ma"],
    "example.com:8443/a/b/": ["http://example.com:8443/a/b", "https://example.com:8443/a/b"],
    # a page's address out of the browser
    "http://192.168.1.5:8095/": ["http://192.168.1.5:8095"],
    "http://192.168.1.5:8095/#/home": ["http://192.168.1.5:8095"],
    "http://192.168.1.5:8095/#/playlists/library/3?x=1": ["http://192.168.1.5:8095"],
    "http://192.168.1.5:8095/index.html#/home": ["http://192.168.1.5:8095"],
    "http://192.168.1.5:8095/login?return_url=http%3A%2F%2Fa": ["http://192.168.1.5:8095"],
    "http://mass.local:8095?code=a:b": ["http://mass.local:8095"],
    "https://example.com/ma/#/home": ["https://example.com/ma", "https://example.com:8095/ma"],
    "https://example.com/ma/INFO": ["https://example.com/ma", "https://example.com:8095/ma"],
    # what was copied along with it
    "  http://mass.local:8095 \n": ["http://mass.local:8095"],
    "<http://mass.local:8095>": ["http://mass.local:8095"],
    '"mass.local:8095"': ["http://mass.local:8095", "https://mass.local:8095"],
    # names that look like schemes
    "http.example.com:1": ["http://http.example.com:1", "https://http.example.com:1"],
    "ws.example.com:1": ["http://ws.example.com:1", "https://ws.example.com:1"],
    # not only ASCII
    "müsik.local:1": ["http://xn--msik-0ra.local:1", "https://xn--msik-0ra.local:1"],
}

INVALID = [
    "",
    "   ",
    "http://",
    "://mass.local",
    "/music",
    "#/home",
    "ftp://mass.local",
    "media-source://mass.local",
    "http:\\\\mass.local",
    "mass.local:port",
    "mass.local:99999",
    "mass local",
    "mass.local\nother.local",
    "[fd00::5",
    "fd00::x",
    "1:2:3",
    # a name or password would be stored with it
    "user@mass.local",
    "http://user:secret@mass.local:8095",
    "http://:secret@mass.local",
    "@mass.local",
    ":8095",
]


@pytest.mark.parametrize(("typed", "tried"), TYPED.items())
def test_candidates(typed: str, tried: list[str]) -> None:
    """Given parts of an address are kept, missing parts are tried."""
    assert [format_url(url) for url in build_candidate_urls(typed)] == tried


@pytest.mark.parametrize("typed", INVALID)
def test_invalid(typed: str) -> None:
    """Invalid addresses are refused."""
    with pytest.raises(InvalidAddress):
        build_candidate_urls(typed)


@pytest.mark.parametrize(
    ("base", "websocket"),
    [
        ("http://mass.local:8095", "ws://mass.local:8095/ws"),
        ("http://mass.local", "ws://mass.local/ws"),
        ("https://music.example.com", "wss://music.example.com/ws"),
        ("https://music.example.com:8443", "wss://music.example.com:8443/ws"),
        ("https://example.com/ma", "wss://example.com/ma/ws"),
        ("https://example.com/a/b", "wss://example.com/a/b/ws"),
        ("http://[fd00::5]:8095", "ws://[fd00::5]:8095/ws"),
        # the library replaces "http" wherever it is, and takes "ws..." for a scheme
        ("http://httpd.local:8095", "ws://httpd.local:8095/ws"),
        ("https://my-http-host.example.com/http", "wss://my-http-host.example.com/http/ws"),
        ("http://ws.local:8095", "ws://ws.local:8095/ws"),
        ("https://wsserver", "wss://wsserver/ws"),
    ],
)
def test_websocket_url(base: str, websocket: str) -> None:
    """The websocket address differs only in scheme and path."""
    assert str(build_websocket_url(URL(base))) == websocket


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("http://mass.local:8095", "http://mass.local:8095/info"),
        ("http://mass.local:8095/", "http://mass.local:8095/info"),
        ("https://example.com/ma/?a=b", "https://example.com/ma/info"),
    ],
)
def test_endpoint(base: str, address: str) -> None:
    """An endpoint is below the path of the base address."""
    assert str(build_endpoint_url(URL(base), "info")) == address


def test_stored_address_has_no_trailing_slash() -> None:
    """An address is stored without a trailing slash."""
    assert format_url(URL("http://mass.local:8095/")) == "http://mass.local:8095"
