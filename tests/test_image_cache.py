"""The image cache: fetching, storing and proxying."""

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
    get_image_address,
)
from custom_components.music_assistant.media.image_cache import CachedImage, ImageCache
from custom_components.music_assistant.server import public_network
from custom_components.music_assistant.server.public_network import is_local_host, is_public_address
from custom_components.music_assistant.server.tls import get_pinning_policy

from .action_helpers import get_kitchen_entity
from .common import Harness, LoopMonitor, wait_until
from .server import MassServer

ALBUM = "library://album/1"
ALL_SCHEMAS = pytest.mark.parametrize("schema_version", [29, 46, 98])


class ImageServer:
    """Represent a server with valid and invalid images that counts requests."""

    def __init__(self) -> None:
        """Initialize without requests."""
        self.asked: list[str] = []
        self.let_go = asyncio.Event()
        self.url = URL()
        self.redirect = ""
        self.content_type = ""

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Respond as the path says."""
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
            case "away":
                raise web.HTTPFound(self.redirect)
            case "around":
                raise web.HTTPFound("/around")
            case "nowhere":
                return web.Response(status=302)
            case "typed":
                return web.Response(body=b"<svg/>", headers={"Content-Type": self.content_type})
            case "cut":
                return await self._send_incomplete_image(request)
        body = b"x" * 2000 if name == "large" else b"picture"
        return web.Response(body=body, content_type="image/png", charset="utf-8")

    async def _send_incomplete_image(self, request: web.Request) -> web.StreamResponse:
        """Start an image and close the connection."""
        response = web.StreamResponse(headers={"Content-Type": "image/png", "Content-Length": "99"})
        await response.prepare(request)
        await response.write(b"pic")
        assert request.transport
        request.transport.abort()
        return response

    def __truediv__(self, name: str) -> str:
        """Return the address of an image."""
        return str(self.url / name)


@pytest.fixture
def public_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loopback address count as a public one."""
    monkeypatch.setattr(
        public_network,
        "is_public_address",
        lambda address: address == "127.0.0.1" or is_public_address(address),
    )


@pytest.fixture
async def origin(public_loopback: None) -> AsyncIterator[ImageServer]:
    """Run a server of pictures at a public address that isn't Music Assistant."""
    made, app = ImageServer(), web.Application()
    app.router.add_get("/{name}", made.handle_request)
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


def get_requests(server: MassServer) -> list[str]:
    """Return the requests for images of the server."""
    return [path for _, path in server.http_requests if path.startswith("/imageproxy")]


# Getting one


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("picture", CachedImage(b"picture", "image/png")),
        ("moved", CachedImage(b"picture", "image/png")),
        *((name, None) for name in ("page", "gone", "slow", "cut", "large", "around", "nowhere")),
    ],
)
async def test_fetch_image(
    harness: Harness,
    origin: ImageServer,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    expected: CachedImage | None,
) -> None:
    """An image is returned with its type, an invalid one is None without an error."""
    monkeypatch.setattr(module, "MAX_IMAGE_SIZE", 1000)
    if name == "slow":
        monkeypatch.setattr(module, "FETCH_TIMEOUT", 0.05)
    assert await harness.coordinator.images.async_get(origin / name, ARTWORK_SIZE) == expected


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/closed.png", "data:image/png;base64,AA", "http://host:port/a.png"],
)
async def test_fetch_from_unreachable_host(gallery: ImageCache, address: str) -> None:
    """An unreachable or invalid address has no image."""
    assert await gallery.async_get(address, ARTWORK_SIZE) is None


async def test_trust_is_limited_to_server(harness: Harness, origin: ImageServer) -> None:
    """The server's certificate and headers aren't used for other hosts and redirects."""
    gallery, connection = harness.coordinator.images, harness.coordinator.connection
    asked_with: list[tuple[str, object, object]] = []
    get = ClientSession.get

    def add_request(session: ClientSession, url: URL, **kwargs: object) -> object:
        asked_with.append((url.authority, kwargs["ssl"], kwargs["allow_redirects"]))
        assert (session is endpoint.session) is (url.authority == own)
        return get(session, url, **kwargs)  # type: ignore[arg-type]

    trust = get_pinning_policy("00:11")
    endpoint = replace(connection.address.endpoint, certificate_policy=trust)
    connection.address = replace(connection.address, endpoint=endpoint)
    own = endpoint.url.authority
    with patch.object(ClientSession, "get", add_request):
        await gallery.async_get("imageproxy/id", ARTWORK_SIZE)
        await gallery.async_get(origin / "picture", ARTWORK_SIZE)
    assert asked_with == [(own, trust.ssl_context, False), (origin.url.authority, True, False)]


# Where from

ODD_CONTENT_TYPES = (
    *("image/svg+xml", "IMAGE/SVG+XML", "image/svg+xml; charset=utf-8", "text/html", "image/"),
    *(
        "image/png+xml",
        "image",
        "image/png image/svg+xml",
        "image/%0d%0a",
        "\u00ff",
        ";",
        "x" * 4000,
    ),
)

LOCAL_HOSTS = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.30.32.2", "192.168.1.1", "169.254.0.1"),
    *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1"),
    *("::127.0.0.1", "::ffff:0:10.0.0.1", "fec0::1", "64:ff9b:1::a00:1", "2001:0:a00:1::1"),
)


@pytest.mark.parametrize("host", LOCAL_HOSTS)
def test_local_addresses(host: str) -> None:
    """No connection is made to this host or the local network, whatever its address is."""
    assert not is_public_address(host)
    assert is_local_host(host)
    with pytest.raises(OSError, match="public"):
        public_network.create_public_socket((2, 1, 6, "", (host, 80)))


@pytest.mark.parametrize(
    "host",
    [
        *("8.8.8.8", "2001:4860:4860::8888"),
        *("::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),  # forms of the first one
    ],
)
def test_public_addresses(host: str) -> None:
    """Public addresses are recognized."""
    assert is_public_address(host)
    assert not is_local_host(host)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        *(
            (host, True)
            for host in ("supervisor", "localhost", "nas.local", "a.localhost.", "x.lan")
        ),
        *((host, False) for host in ("example.com", "images.local.example.com")),
    ],
)
def test_local_names(host: str, local: bool) -> None:
    """Names of the local network are recognized, for which the server's proxy is used."""
    assert is_local_host(host) is local


class Refused:
    """Count connections to a local server that must not be reached."""

    def __init__(self) -> None:
        """Initialize without connections."""
        self.requests = 0

    async def handle_request(self, _request: web.Request) -> web.Response:
        """Respond with an image."""
        self.requests += 1
        return web.Response(body=b"secret", content_type="image/png")


@pytest.fixture
async def local_server() -> AsyncIterator[tuple[Refused, URL]]:
    """Run a server on another address of this host."""
    refused, app = Refused(), web.Application()
    app.router.add_get("/{name}", refused.handle_request)
    async with TestServer(app, host="127.0.0.2") as server:
        yield refused, server.make_url("/secret.png")


async def test_image_of_this_host(gallery: ImageCache, local_server: tuple[Refused, URL]) -> None:
    """An image address on this host isn't requested."""
    refused, url = local_server
    assert await gallery.async_get(str(url), ARTWORK_SIZE) is None
    assert not refused.requests


async def test_name_of_this_host(
    gallery: ImageCache, local_server: tuple[Refused, URL], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public name that resolves to this host is refused, without a second lookup."""
    refused, url = local_server
    lookups = []

    async def resolve(_self: object, host: str, port: int = 0, family: int = 0) -> list[object]:
        lookups.append(host)
        found = {"hostname": host, "host": "127.0.0.2", "port": port, "family": 2, "proto": 6}
        return [{**found, "flags": 0}]

    session = public_network.async_get_public_session(gallery._hass)
    assert session.connector
    monkeypatch.setattr(type(session.connector._resolver), "resolve", resolve)  # type: ignore[attr-defined] # of its own
    address = str(url.with_host("pictures.example.com"))
    assert await gallery.async_get(address, ARTWORK_SIZE) is None
    assert lookups == ["pictures.example.com"]
    assert not refused.requests


async def test_redirect_to_this_host(
    gallery: ImageCache, origin: ImageServer, local_server: tuple[Refused, URL]
) -> None:
    """A redirect of a public host to this host isn't followed; nor is one to another scheme."""
    refused, url = local_server
    for redirect in (str(url), "file:///etc/passwd", "ftp://example.com/a.png", "http://"):
        origin.redirect = redirect
        gallery._entries.clear()
        assert await gallery.async_get(origin / "away", ARTWORK_SIZE) is None
    assert not refused.requests


@pytest.mark.parametrize(
    "host",
    [
        *("127.2", "2130706434", "0x7f000002", "0177.0.0.2", "0x7f.0.0.2", "[::ffff:127.0.0.2]"),
        *("[::ffff:7f00:2]", "[64:ff9b::127.0.0.2]", "user:password@127.0.0.2", "127.0.0.2."),
        *("\uff11\uff12\uff17.0.0.2", "127\u30020\u30020\u30022", "127.0.0.%32"),
    ],
)
async def test_redirect_to_this_host_in_other_words(
    gallery: ImageCache, origin: ImageServer, local_server: tuple[Refused, URL], host: str
) -> None:
    """Nor is one that spells the address of this host in another way."""
    refused, url = local_server
    for scheme in ("http:", ""):
        origin.redirect = f"{scheme}//{host}:{url.port}/secret.png"
        gallery._entries.clear()
        assert await gallery.async_get(origin / "away", ARTWORK_SIZE) is None
        address = f"http://{host}:{url.port}/secret.png"
        assert await gallery.async_get(address, ARTWORK_SIZE) is None
    assert not refused.requests


async def test_redirect_of_the_server(
    harness: Harness, gallery: ImageCache, local_server: tuple[Refused, URL]
) -> None:
    """A redirect of the server itself to another local host isn't followed."""
    refused, url = local_server

    async def redirect(_self: object, _request: object) -> object:
        raise web.HTTPFound(url)

    with patch.object(web.UrlDispatcher, "resolve", redirect):
        assert await gallery.async_get("imageproxy/id", ARTWORK_SIZE) is None
    assert not refused.requests


async def test_redirect_to_the_server(
    harness: Harness, gallery: ImageCache, origin: ImageServer
) -> None:
    """A redirect to the configured server is followed."""
    item = await album(harness)
    image = harness.coordinator.mass.music.get_media_item_image(item)
    assert image
    origin.redirect = f"{harness.coordinator.endpoint}/imageproxy/{image.proxy_id}?size=256"
    assert await gallery.async_get(origin / "away", ARTWORK_SIZE)


@ALL_SCHEMAS
async def test_local_image_by_the_server(harness: Harness, gallery: ImageCache) -> None:
    """An image of the local network comes from the server's proxy."""
    item = await album(harness)
    assert item.metadata.images
    image = item.metadata.images[0]
    local = replace(image, path="http://192.168.1.5/a.png", remotely_accessible=True)
    schema = harness.coordinator.schema_version
    assert get_image_address(local, schema).startswith("imageproxy")
    public = replace(local, path="https://example.com/a.png")
    assert get_image_address(public, schema) == "https://example.com/a.png"
    broken = replace(local, path="http://[")
    assert get_image_address(broken, schema) == "http://["


async def test_only_raster_images(
    harness: Harness,
    gallery: ImageCache,
    origin: ImageServer,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """An image that may contain a script, and odd content types, aren't handed on."""
    client, entity = await hass_client_no_auth(), get_kitchen_entity(harness)
    path = gallery.get_url(origin / "typed")
    assert path
    for content_type in ODD_CONTENT_TYPES:
        gallery._entries.clear()
        origin.content_type = content_type
        assert (await client.get(path)).status == 404
        assert await entity._async_fetch_image(origin / "typed") == (None, None)


# Keeping them


async def test_concurrent_requests_are_shared(gallery: ImageCache, origin: ImageServer) -> None:
    """Concurrent requests for an image are made once, also if one is cancelled."""
    waiting = [
        asyncio.ensure_future(gallery.async_get(origin / "slow", ARTWORK_SIZE)) for _ in range(3)
    ]
    await wait_until(lambda: origin.asked)
    waiting[0].cancel()
    origin.let_go.set()
    assert [await one for one in waiting[1:]] == [CachedImage(b"picture", "image/png")] * 2
    assert await gallery.async_get(origin / "slow", ARTWORK_SIZE)
    assert origin.asked == ["slow"]


async def test_cache_times(
    gallery: ImageCache, origin: ImageServer, loop_monitor: LoopMonitor
) -> None:
    """A missing image is requested again sooner than a present one."""
    for seconds, times in ((0, 1), (module.MISSING_MAX_AGE - 5, 1), (10, 2)):
        with loop_monitor.skip_idle_time():
            await asyncio.sleep(seconds)
        assert await gallery.async_get(origin / "gone", ARTWORK_SIZE) is None
        assert await gallery.async_get(origin / "picture", ARTWORK_SIZE)
        assert origin.asked.count("gone") == times
    assert origin.asked.count("picture") == 1


async def test_least_recently_used_image_is_evicted(
    gallery: ImageCache, origin: ImageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The image that wasn't used for the longest time is evicted."""
    gallery._free_size = 3 * module.ENTRY_OVERHEAD
    for name in ("a", "b", "a", "c", "a", "b"):
        assert await gallery.async_get(origin / name, ARTWORK_SIZE)
    assert origin.asked == ["a", "b", "c", "b"]


async def test_fetch_during_unload(
    harness: Harness, gallery: ImageCache, origin: ImageServer
) -> None:
    """An image that is fetched during the unload isn't returned, without an error."""
    waiting = asyncio.ensure_future(gallery.async_get(origin / "slow", ARTWORK_SIZE))
    await wait_until(lambda: origin.asked)
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    assert await waiting is None


# Showing them


@ALL_SCHEMAS
@pytest.mark.parametrize("base_url", ["http://172.17.0.2:8095", "https://music.example.com/ma"])
async def test_image_view(
    harness: Harness,
    hass_client_no_auth: ClientSessionGenerator,
    base_url: str,
) -> None:
    """An image of the server comes without a token, resized, from the configured address."""
    client = await hass_client_no_auth()
    harness.server.base_url = base_url
    path = harness.coordinator.images.get_item_url(await album(harness))
    assert path
    for _ in range(2):
        response = await client.get(path)
        assert response.headers["Cache-Control"] == "private, max-age=86400, immutable"
        assert response.headers["Content-Security-Policy"] == "sandbox"
        assert Image.open(BytesIO(await response.read())).size == (THUMBNAIL_SIZE, THUMBNAIL_SIZE)
    assert len(get_requests(harness.server)) == 1


async def test_player_image_is_shared(
    harness: Harness, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """A player's image and the same one elsewhere are requested once."""
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
    assert len(get_requests(harness.server)) == 1


def _remove_signature(path: str) -> str:
    return path.replace("/256/", "/257/")


def _change_address(path: str) -> str:
    *head, _ = path.split("/")
    return "/".join([*head, build_signed_path("", "http://127.0.0.1/secret.png", 1).split("/")[-1]])


@pytest.mark.parametrize("forge", [_remove_signature, _change_address])
async def test_forged_addresses(
    harness: Harness,
    hass_client: ClientSessionGenerator,
    forge: Callable[[str], str],
) -> None:
    """Only images that the server named are fetched."""
    client = await hass_client()
    path = harness.coordinator.images.get_url("imageproxy/id")
    assert path
    before = len(harness.server.http_requests)
    assert (await client.get(forge(path))).status == 403
    assert len(harness.server.http_requests) == before


async def test_missing_image_view(
    harness: Harness, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """A missing image, and one of an entry that isn't set up, is "not found"."""
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
