"""Artwork: where pictures are, and getting them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from urllib.parse import unquote

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from music_assistant_models.enums import ImageType
from music_assistant_models.media_items import MediaItemImage
from PIL import Image
import pytest
from yarl import URL

from custom_components.music_assistant.media import artwork
from custom_components.music_assistant.media.artwork import async_fetch, image_address, picture_url

from .server import MassServer
from .server.images import image_id

SERVER = URL("http://192.168.1.5:8095")
BEHIND_PROXY = URL("https://example.com/ma")
# A path as servers have them, with all that goes wrong when it is encoded once too often or
# too seldom.
PATH = "/music/Ä & B/100% #1?/cover 1.jpg"


def an_image(
    path: str = PATH, *, proxy_id: str | None = None, remote: bool = False
) -> MediaItemImage:
    """Return an image of a provider whose name has to be encoded, too."""
    return MediaItemImage(
        type=ImageType.THUMB,
        path=path,
        provider="files--a&b",
        remotely_accessible=remote,
        proxy_id=proxy_id,
    )


@pytest.mark.parametrize(
    ("image", "schema", "expected"),
    [
        (an_image("https://a.b/c.jpg", remote=True), 29, "https://a.b/c.jpg"),
        (an_image("https://a.b/c.jpg", remote=True, proxy_id="id"), 98, "https://a.b/c.jpg"),
        (an_image(proxy_id="id"), 31, "imageproxy/id"),
        (an_image(proxy_id="id"), 98, "imageproxy/id"),
        (an_image("a/b", proxy_id="id"), 30, "imageproxy?path=a%252Fb&provider=files--a%26b"),
        (an_image("a/b"), 31, "imageproxy?path=a%252Fb&provider=files--a%26b"),
    ],
)
def test_image_address(image: MediaItemImage, schema: int, expected: str) -> None:
    """An image is at its origin, at its id, or at its path."""
    assert image_address(image, schema) == expected


def test_path_survives() -> None:
    """After the server has decoded it twice, the path is as it was."""
    url = URL(f"{SERVER}/{image_address(an_image(), 29)}", encoded=True)
    assert unquote(url.query["path"]) == PATH
    assert url.query["provider"] == "files--a&b"


@pytest.mark.parametrize(
    ("server", "base"),
    [
        (SERVER, "http://192.168.1.5:8095"),
        (BEHIND_PROXY, "https://example.com/ma"),
        (URL("https://example.com/ma/"), "https://example.com/ma"),
        (URL("http://[fd00::5]:8095"), "http://[fd00::5]:8095"),
    ],
)
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("imageproxy/id", "imageproxy/id?size=512"),
        ("/imageproxy/id", "imageproxy/id?size=512"),
        ("http://172.17.0.2:8095/imageproxy/id?size=0", "imageproxy/id?size=512"),
        ("http://mass.local/base/imageproxy/id?size=0&fmt=png", "imageproxy/id?fmt=png&size=512"),
        ("https://example.com/ma/imageproxy/id", "imageproxy/id?size=512"),
        # not one byte of a path may change
        (
            "http://x/imageproxy?path=a%252Fb%2520%25C3%2584+c%2526&provider=p&size=0",
            "imageproxy?path=a%252Fb%2520%25C3%2584+c%2526&provider=p&size=512",
        ),
        ("imageproxy?path=a%252Fb&provider=p", "imageproxy?path=a%252Fb&provider=p&size=512"),
    ],
)
def test_pictures_of_the_server(server: URL, base: str, address: str, expected: str) -> None:
    """A picture of the server comes from where it was configured, whatever it believes."""
    assert str(picture_url(address, server)) == f"{base}/{expected}"


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example.com/a%2Fb/cover.jpg?size=300&x=%2F",
        "https://cdn.example.com/myimageproxy/1.jpg",
        "https://images.example.com/?url=http://x/imageproxy/id",
    ],
)
def test_pictures_of_others(address: str) -> None:
    """A picture of someone else comes from there, as it is."""
    assert str(picture_url(address, SERVER)) == address


def test_address_with_spaces() -> None:
    """What isn't encoded gets it."""
    url = picture_url("https://cdn.example.com/a b/ä.jpg", SERVER)
    assert str(url) == "https://cdn.example.com/a%20b/%C3%A4.jpg"


@pytest.mark.parametrize(
    "address", ["http://[fd00::5/a.jpg", "http://[/ä.jpg", "a.jpg", "data:image/png;base64,AA"]
)
def test_no_address(address: str) -> None:
    """What can't be an address is no picture, and no error."""
    assert picture_url(address, SERVER) is None


def test_size() -> None:
    """A size can be asked for."""
    assert str(picture_url("imageproxy/id", SERVER, 64)).endswith("/imageproxy/id?size=64")


# Getting them


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Return a session of our own."""
    async with ClientSession() as made:
        yield made


async def _never(_request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


async def _picture(_request: web.Request) -> web.Response:
    return web.Response(body=b"picture", content_type="image/png", charset="utf-8")


async def _gone(_request: web.Request) -> web.Response:
    return web.Response(status=404, body=b"no picture", content_type="image/png")


async def _page(_request: web.Request) -> web.Response:
    return web.Response(text="<html>", content_type="text/html")


async def _cut(request: web.Request) -> web.StreamResponse:
    """Begin a picture and break off."""
    response = web.StreamResponse(headers={"Content-Type": "image/png", "Content-Length": "99"})
    await response.prepare(request)
    await response.write(b"pic")
    assert request.transport
    request.transport.abort()
    return response


@pytest.fixture
async def origin() -> AsyncIterator[URL]:
    """Return the address of a server with good and bad pictures."""
    app = web.Application()
    for name, handler in {
        "picture": _picture,
        "gone": _gone,
        "page": _page,
        "never": _never,
        "cut": _cut,
    }.items():
        app.router.add_get(f"/{name}", handler)
    async with TestServer(app) as made:
        yield made.make_url("/")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("picture", (b"picture", "image/png")),
        ("page", (None, None)),
        ("gone", (None, None)),
        ("missing", (None, None)),
        ("never", (None, None)),
        ("cut", (None, None)),
    ],
)
async def test_fetch(
    session: ClientSession,
    origin: URL,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    expected: tuple[bytes | None, str | None],
) -> None:
    """A picture and its type, or nothing and no error."""
    if path == "never":
        monkeypatch.setattr(artwork, "FETCH_LIMIT", 0.05)
    assert await async_fetch(session, origin / path) == expected


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/closed.png", "data:image/png;base64,AA", "http://host:port/a.png"],
)
async def test_fetch_from_nowhere(session: ClientSession, address: str) -> None:
    """Who doesn't answer, or can't be asked, has no picture."""
    assert await async_fetch(session, URL(address, encoded=True)) == (None, None)


@pytest.mark.parametrize("schema_version", [29, 46, 98])
async def test_fetch_from_the_server(
    session: ClientSession, server: MassServer, schema_version: int
) -> None:
    """What the server draws arrives at the size that was asked for."""
    image = replace(an_image("cover/album/1"), proxy_id=image_id("files--a&b", "cover/album/1"))
    url = picture_url(image_address(image, schema_version), URL(server.url), 96)
    assert url
    body, content_type = await async_fetch(session, url)
    assert body
    assert content_type == "image/jpeg"
    assert Image.open(BytesIO(body)).size == (96, 96)
