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
from custom_components.music_assistant.media.artwork import (
    ARTWORK_SIZE,
    THUMBNAIL_SIZE,
    build_signed_path,
)
from custom_components.music_assistant.media.image_cache import (
    CachedImage,
    ImageCache,
    async_fetch_image,
)
from custom_components.music_assistant.server.tls import get_pinning_policy
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .common import Harness, LoopMonitor, wait_until
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
def gallery(harness: Harness) -> ImageCache:
    """Return the gallery of an entry that is set up."""
    return harness.coordinator.images


async def album(harness: Harness) -> Album:
    """Return an album."""
    return await harness.coordinator.mass.music.get_album("1", "library")


def asked(server: MassServer) -> list[str]:
    """Return what was asked for of the server's pictures."""
    return [path for _, path in server.http_requests if path.startswith("/imageproxy")]


# Getting one


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("picture", CachedImage(b"picture", "image/png")),
        ("moved", CachedImage(b"picture", "image/png")),
        *((name, None) for name in ("page", "gone", "slow", "cut", "large")),
    ],
)
async def test_fetch(
    harness: Harness,
    origin: Origin,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    expected: CachedImage | None,
) -> None:
    """A picture and its type, or nothing and no error."""
    monkeypatch.setattr(module, "MAX_IMAGE_SIZE", 1000)
    if name == "slow":
        monkeypatch.setattr(module, "FETCH_TIMEOUT", 0.05)
    session = async_get_clientsession(harness.hass)
    assert await async_fetch_image(session, origin.url / name) == expected


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/closed.png", "data:image/png;base64,AA", "http://host:port/a.png"],
)
async def test_fetch_from_nowhere(gallery: ImageCache, address: str) -> None:
    """Who doesn't answer, or can't be asked, has no picture."""
    assert await gallery.async_get(address, ARTWORK_SIZE) is None


async def test_trust(harness: Harness, origin: Origin) -> None:
    """What opens the way to our server is for nobody else, nor for where it sends us."""
    gallery, connection = harness.coordinator.images, harness.coordinator.connection
    asked_with: list[tuple[str, object, object]] = []
    get = ClientSession.get

    def note(session: ClientSession, url: URL, **kwargs: object) -> object:
        asked_with.append((url.authority, kwargs["ssl"], kwargs["allow_redirects"]))
        return get(session, url, **kwargs)  # type: ignore[arg-type]

    trust = get_pinning_policy("00:11")
    site = replace(connection.address.endpoint, certificate_policy=trust)
    connection.address = replace(connection.address, endpoint=site)
    with patch.object(ClientSession, "get", note):
        await gallery.async_get("imageproxy/id", ARTWORK_SIZE)
        await gallery.async_get(origin / "picture", ARTWORK_SIZE)
    own = site.url.authority
    assert asked_with == [(own, trust.ssl_context, False), (origin.url.authority, True, True)]


# Keeping them


async def test_one_request(gallery: ImageCache, origin: Origin) -> None:
    """Several who want the same picture make one request; who goes away takes it from nobody."""
    waiting = [
        asyncio.ensure_future(gallery.async_get(origin / "slow", ARTWORK_SIZE)) for _ in range(3)
    ]
    await wait_until(lambda: origin.asked)
    waiting[0].cancel()
    origin.let_go.set()
    assert [await one for one in waiting[1:]] == [CachedImage(b"picture", "image/png")] * 2
    assert await gallery.async_get(origin / "slow", ARTWORK_SIZE)
    assert origin.asked == ["slow"]


async def test_missing(gallery: ImageCache, origin: Origin, loop_monitor: LoopMonitor) -> None:
    """A picture that is missing is asked for again after a while, one that was got much later."""
    for seconds, times in ((0, 1), (module.MISSING_MAX_AGE - 5, 1), (10, 2)):
        with loop_monitor.skip_idle_time():
            await asyncio.sleep(seconds)
        assert await gallery.async_get(origin / "gone", ARTWORK_SIZE) is None
        assert await gallery.async_get(origin / "picture", ARTWORK_SIZE)
        assert origin.asked.count("gone") == times
    assert origin.asked.count("picture") == 1


async def test_room(gallery: ImageCache, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """What hasn't been asked for the longest time makes room."""
    gallery._free_size = 3 * module.ENTRY_OVERHEAD
    for name in ("a", "b", "a", "c", "a", "b"):
        assert await gallery.async_get(origin / name, ARTWORK_SIZE)
    assert origin.asked == ["a", "b", "c", "b"]


async def test_unloaded(harness: Harness, gallery: ImageCache, origin: Origin) -> None:
    """What is on its way when the entry is unloaded doesn't arrive, and is no error."""
    waiting = asyncio.ensure_future(gallery.async_get(origin / "slow", ARTWORK_SIZE))
    await wait_until(lambda: origin.asked)
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    assert await waiting is None


# Showing them


@ALL_SCHEMAS
@pytest.mark.parametrize("base_url", ["http://172.17.0.2:8095", "https://music.example.com/ma"])
async def test_view(
    harness: Harness,
    hass_client_no_auth: ClientSessionGenerator,
    base_url: str,
) -> None:
    """A picture of the server comes without a token, at its size, from where we know it."""
    client = await hass_client_no_auth()
    harness.server.base_url = base_url
    path = harness.coordinator.images.get_item_url(await album(harness))
    assert path
    for _ in range(2):
        response = await client.get(path)
        assert response.headers["Cache-Control"] == "private, max-age=86400, immutable"
        assert response.headers["Content-Security-Policy"] == "sandbox"
        assert Image.open(BytesIO(await response.read())).size == (THUMBNAIL_SIZE, THUMBNAIL_SIZE)
    assert len(asked(harness.server)) == 1


async def test_player(harness: Harness, hass_client_no_auth: ClientSessionGenerator) -> None:
    """A player's picture and the same one elsewhere make one request."""
    client = await hass_client_no_auth()
    await harness.call_action(
        "play_media", "kueche", media_content_type="album", media_content_id=ALBUM
    )
    await harness.wait_for_events()
    picture = harness.get_state("kueche").attributes["entity_picture"]
    assert (await client.get(picture)).status == 200
    address = harness.coordinator.data["kueche"].media.image
    same = harness.coordinator.images.get_url(address, ARTWORK_SIZE)
    assert same
    assert (await client.get(same)).status == 200
    assert len(asked(harness.server)) == 1


def _unsigned(path: str) -> str:
    return path.replace("/256/", "/257/")


def _elsewhere(path: str) -> str:
    *head, _ = path.split("/")
    return "/".join([*head, build_signed_path("", "http://127.0.0.1/secret.png", 1).split("/")[-1]])


@pytest.mark.parametrize("forge", [_unsigned, _elsewhere])
async def test_no_open_proxy(
    harness: Harness,
    hass_client: ClientSessionGenerator,
    forge: Callable[[str], str],
) -> None:
    """What the server didn't name isn't fetched for anyone."""
    client = await hass_client()
    path = harness.coordinator.images.get_url("imageproxy/id")
    assert path
    before = len(harness.server.http_requests)
    assert (await client.get(forge(path))).status == 403
    assert len(harness.server.http_requests) == before


async def test_nothing_to_see(
    harness: Harness, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """A missing picture is not found, nor is one of a server that isn't set up."""
    client = await hass_client_no_auth()
    gallery = harness.coordinator.images
    item = await album(harness)
    path = gallery.get_item_url(item)
    assert path
    missing = gallery.get_url("imageproxy/id")
    assert missing
    assert (await client.get(missing)).status == 404
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    assert (await client.get(path)).status == 404
    assert (await client.get(build_signed_path("gone", "imageproxy/id", 256))).status == 404
    item.metadata.images = None
    item.artists.clear()
    assert gallery.get_item_url(item) is None
    assert gallery.get_url(None) is None
