"""The pictures of a server: fetched once, kept, and shown to whoever was given their address."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from io import BytesIO
from unittest.mock import patch

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from music_assistant_models.media_items import Album
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.music_assistant.media import image_cache as module
from custom_components.music_assistant.media.artwork import SIZE, THUMBNAIL, signed_path
from custom_components.music_assistant.media.image_cache import Gallery, Picture, async_fetch
from custom_components.music_assistant.server.tls import trust_certificate
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .common import House, Pulse, until
from .server import MassServer

ALBUM = "library://album/1"
ALL_SCHEMAS = pytest.mark.parametrize("schema_version", [29, 46, 98])


class Origin:
    """A server with good and bad pictures, which counts who asks for them."""

    def __init__(self) -> None:
        """Count from nothing."""
        self.asked: list[str] = []
        self.let_go = asyncio.Event()
        self.url = URL()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as the path says."""
        name = request.match_info["name"]
        self.asked.append(name)
        match name:
            case "slow":
                await self.let_go.wait()
            case "page":
                return web.Response(text="<html>", content_type="text/html")
            case "gone":
                return web.Response(status=404, body=b"no picture", content_type="image/png")
            case "moved":
                raise web.HTTPFound("/picture")
            case "cut":
                return await self._cut(request)
        body = b"x" * 2000 if name == "large" else b"picture"
        return web.Response(body=body, content_type="image/png", charset="utf-8")

    async def _cut(self, request: web.Request) -> web.StreamResponse:
        """Begin a picture and break off."""
        response = web.StreamResponse(headers={"Content-Type": "image/png", "Content-Length": "99"})
        await response.prepare(request)
        await response.write(b"pic")
        assert request.transport
        request.transport.abort()
        return response

    def __truediv__(self, name: str) -> str:
        """Return the address of a picture."""
        return str(self.url / name)


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    """Run a server of pictures that isn't Music Assistant."""
    made, app = Origin(), web.Application()
    app.router.add_get("/{name}", made.answer)
    async with TestServer(app) as server:
        made.url = server.make_url("/")
        yield made
        made.let_go.set()


@pytest.fixture
def gallery(house: House) -> Gallery:
    """Return the gallery of an entry that is set up."""
    return house.coordinator.gallery


async def album(house: House) -> Album:
    """Return an album."""
    return await house.coordinator.mass.music.get_album("1", "library")


def asked(server: MassServer) -> list[str]:
    """Return what was asked for of the server's pictures."""
    return [path for _, path in server.http_requests if path.startswith("/imageproxy")]


# Getting one


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("picture", Picture(b"picture", "image/png")),
        ("moved", Picture(b"picture", "image/png")),
        *((name, None) for name in ("page", "gone", "slow", "cut", "large")),
    ],
)
async def test_fetch(
    house: House,
    origin: Origin,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    expected: Picture | None,
) -> None:
    """A picture and its type, or nothing and no error."""
    monkeypatch.setattr(module, "LARGEST", 1000)
    if name == "slow":
        monkeypatch.setattr(module, "FETCH_LIMIT", 0.05)
    session = async_get_clientsession(house.hass)
    assert await async_fetch(session, origin.url / name) == expected


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/closed.png", "data:image/png;base64,AA", "http://host:port/a.png"],
)
async def test_fetch_from_nowhere(gallery: Gallery, address: str) -> None:
    """Who doesn't answer, or can't be asked, has no picture."""
    assert await gallery.async_get(address, SIZE) is None


async def test_trust(house: House, origin: Origin) -> None:
    """What opens the way to our server is for nobody else, nor for where it sends us."""
    gallery, connection = house.coordinator.gallery, house.coordinator.connection
    asked_with: list[tuple[str, object, object]] = []
    get = ClientSession.get

    def note(session: ClientSession, url: URL, **kwargs: object) -> object:
        asked_with.append((url.authority, kwargs["ssl"], kwargs["allow_redirects"]))
        return get(session, url, **kwargs)  # type: ignore[arg-type]

    trust = trust_certificate("00:11")
    site = replace(connection.address.site, trust=trust)
    connection.address = replace(connection.address, site=site)
    with patch.object(ClientSession, "get", note):
        await gallery.async_get("imageproxy/id", SIZE)
        await gallery.async_get(origin / "picture", SIZE)
    own = site.url.authority
    assert asked_with == [(own, trust.context, False), (origin.url.authority, True, True)]


# Keeping them


async def test_one_request(gallery: Gallery, origin: Origin) -> None:
    """Several who want the same picture make one request; who goes away takes it from nobody."""
    waiting = [asyncio.ensure_future(gallery.async_get(origin / "slow", SIZE)) for _ in range(3)]
    await until(lambda: origin.asked)
    waiting[0].cancel()
    origin.let_go.set()
    assert [await one for one in waiting[1:]] == [Picture(b"picture", "image/png")] * 2
    assert await gallery.async_get(origin / "slow", SIZE)
    assert origin.asked == ["slow"]


async def test_missing(gallery: Gallery, origin: Origin, pulse: Pulse) -> None:
    """A picture that is missing is asked for again after a while, one that was got much later."""
    for seconds, times in ((0, 1), (module.MISSED - 5, 1), (10, 2)):
        with pulse.skipping():
            await asyncio.sleep(seconds)
        assert await gallery.async_get(origin / "gone", SIZE) is None
        assert await gallery.async_get(origin / "picture", SIZE)
        assert origin.asked.count("gone") == times
    assert origin.asked.count("picture") == 1


async def test_room(gallery: Gallery, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """What hasn't been asked for the longest time makes room."""
    gallery._room = 3 * module.FRAME
    for name in ("a", "b", "a", "c", "a", "b"):
        assert await gallery.async_get(origin / name, SIZE)
    assert origin.asked == ["a", "b", "c", "b"]


async def test_unloaded(house: House, gallery: Gallery, origin: Origin) -> None:
    """What is on its way when the entry is unloaded doesn't arrive, and is no error."""
    waiting = asyncio.ensure_future(gallery.async_get(origin / "slow", SIZE))
    await until(lambda: origin.asked)
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert await waiting is None


# Showing them


@ALL_SCHEMAS
@pytest.mark.parametrize("base_url", ["http://172.17.0.2:8095", "https://music.example.com/ma"])
async def test_view(
    house: House,
    hass_client_no_auth: ClientSessionGenerator,
    base_url: str,
) -> None:
    """A picture of the server comes without a token, at its size, from where we know it."""
    client = await hass_client_no_auth()
    house.server.base_url = base_url
    path = house.coordinator.gallery.url_of(await album(house))
    assert path
    for _ in range(2):
        response = await client.get(path)
        assert response.headers["Cache-Control"] == "private, max-age=86400, immutable"
        assert response.headers["Content-Security-Policy"] == "sandbox"
        assert Image.open(BytesIO(await response.read())).size == (THUMBNAIL, THUMBNAIL)
    assert len(asked(house.server)) == 1


async def test_player(house: House, hass_client_no_auth: ClientSessionGenerator) -> None:
    """A player's picture and the same one elsewhere make one request."""
    client = await hass_client_no_auth()
    await house.call("play_media", "kueche", media_content_type="album", media_content_id=ALBUM)
    await house.caught_up()
    picture = house.state("kueche").attributes["entity_picture"]
    assert (await client.get(picture)).status == 200
    address = house.coordinator.data["kueche"].media.image
    same = house.coordinator.gallery.url(address, SIZE)
    assert same
    assert (await client.get(same)).status == 200
    assert len(asked(house.server)) == 1


def _unsigned(path: str) -> str:
    return path.replace("/256/", "/257/")


def _elsewhere(path: str) -> str:
    *head, _ = path.split("/")
    return "/".join([*head, signed_path("", "http://127.0.0.1/secret.png", 1).split("/")[-1]])


@pytest.mark.parametrize("forge", [_unsigned, _elsewhere])
async def test_no_open_proxy(
    house: House,
    hass_client: ClientSessionGenerator,
    forge: Callable[[str], str],
) -> None:
    """What the server didn't name isn't fetched for anyone."""
    client = await hass_client()
    path = house.coordinator.gallery.url("imageproxy/id")
    assert path
    before = len(house.server.http_requests)
    assert (await client.get(forge(path))).status == 403
    assert len(house.server.http_requests) == before


async def test_nothing_to_see(house: House, hass_client_no_auth: ClientSessionGenerator) -> None:
    """A missing picture is not found, nor is one of a server that isn't set up."""
    client = await hass_client_no_auth()
    gallery = house.coordinator.gallery
    item = await album(house)
    path = gallery.url_of(item)
    assert path
    missing = gallery.url("imageproxy/id")
    assert missing
    assert (await client.get(missing)).status == 404
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert (await client.get(path)).status == 404
    assert (await client.get(signed_path("gone", "imageproxy/id", 256))).status == 404
    item.metadata.images = None
    item.artists.clear()
    assert gallery.url_of(item) is None
    assert gallery.url(None) is None
