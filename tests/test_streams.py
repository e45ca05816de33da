"""Streams that browsers play, from the media panel to the bytes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from aiohttp import web
from aiohttp.test_utils import TestClient
from music_assistant_models.enums import ContentType, MediaType
from music_assistant_models.media_items import (
    AudioFormat,
    ItemMapping,
    MediaItem,
    PodcastEpisode,
    ProviderMapping,
    Radio,
)
import pytest
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
)

from custom_components.music_assistant.api import streams as module
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.media.streams import (
    ItemStream,
    build_stream_path,
    get_public_stream,
    parse_stream_uri,
)
from custom_components.music_assistant.server import public_network
from custom_components.music_assistant.server.public_network import is_public_address
from homeassistant.components import media_source
from homeassistant.components.media_source import Unresolvable
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .common import Harness
from .http_servers import run_http_server
from .server import previews
from .server.library import FILES
from .server.previews import SAMPLE

TRACK: Final = "library://track/1"
RADIO: Final = "library://radio/2"
AUDIO: Final = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
async def sources(hass: HomeAssistant) -> None:
    """Have media sources."""
    assert await async_setup_component(hass, "media_source", {})


@pytest.fixture
async def browser(
    harness: Harness, hass_client_no_auth: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Return a client without a token, as an <audio> element is."""
    client: TestClient[Any, Any] = await hass_client_no_auth()
    return client


def get_item(harness: Harness, uri: str) -> MediaItem:
    """Return an item of the server, to change it."""
    return harness.server.library.get_item(uri)


def set_mapping(item: MediaItem, **values: Any) -> None:
    """Replace the provider mappings of an item."""
    fields: dict[str, Any] = {
        "item_id": "1",
        "provider_domain": FILES.domain,
        "provider_instance": FILES.instance_id,
    }
    item.provider_mappings = {ProviderMapping(**fields | values)}


async def resolve(harness: Harness, ws: MockHAClientWebSocket, uri: str) -> dict[str, Any]:
    """Resolve an item for a browser."""
    content_id = f"media-source://{DOMAIN}/{harness.entry.entry_id}/{uri}"
    await ws.send_json_auto_id(
        {"type": "media_source/resolve_media", "media_content_id": content_id}
    )
    answer: dict[str, Any] = await ws.receive_json()
    return answer


async def resolve_path(harness: Harness, ws: MockHAClientWebSocket, uri: str) -> str:
    """Return the signed path of an item's stream."""
    answer = await resolve(harness, ws, uri)
    assert answer["success"], answer
    path: str = answer["result"]["url"]
    assert path.startswith("/api/music_assistant/stream/")
    assert "authSig=" in path
    return path


# Samples of tracks


@pytest.mark.parametrize("schema_version", [28, 29, 98])
@pytest.mark.parametrize("base_url", ["http://172.17.0.2:8095", "https://music.example.com/ma"])
async def test_browser_plays_sample(
    harness: Harness, ws: MockHAClientWebSocket, browser: TestClient[Any, Any], base_url: str
) -> None:
    """A browser plays a track's sample, from the configured address of the server."""
    harness.server.base_url = base_url
    answer = await resolve(harness, ws, TRACK)
    assert answer["result"]["mime_type"] == "audio/aac"
    async with browser.get(answer["result"]["url"]) as response:
        assert (response.status, response.content_type) == (200, "audio/aac")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert await response.read() == SAMPLE


async def test_sample_of_strange_id(
    harness: Harness, ws: MockHAClientWebSocket, browser: TestClient[Any, Any]
) -> None:
    """The id of a file reaches the server as it is."""
    file = "Was? 100%25 & 50 %/Ä+ö #1.flac"
    track = get_item(harness, TRACK)
    set_mapping(track, item_id=file)
    harness.server.library._by_source[FILES.instance_id, MediaType.TRACK, file] = track
    async with browser.get(await resolve_path(harness, ws, TRACK)) as response:
        assert await response.read() == SAMPLE


async def test_sample_of_provider(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """A provider's own sample comes from there, if a browser can get it."""
    track = get_item(harness, TRACK)
    track.metadata.preview = "https://samples.example.com/1.mp3?sig=a%2Fb"
    answer = await resolve(harness, ws, TRACK)
    assert answer["result"] == {"url": track.metadata.preview, "mime_type": "audio/mpeg"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda track: set_mapping(track, available=False), "by the players of"),
        (lambda track: set_mapping(track, provider_instance="gone"), "by the players of"),
        (lambda track: setattr(track.metadata, "preview", "ftp://x/a.mp3"), "by the players of"),
        (lambda track: set_mapping(track, item_id="gone"), "does not know this"),
    ],
)
async def test_track_without_sample(
    harness: Harness,
    ws: MockHAClientWebSocket,
    change: Callable[[MediaItem], None],
    message: str,
) -> None:
    """A track that no provider has is an error that says so."""
    change(get_item(harness, TRACK))
    answer = await resolve(harness, ws, TRACK)
    assert message in answer["error"]["message"]


@pytest.mark.parametrize("uri", ["library://album/1", "library://playlist/1", "library://artist/1"])
async def test_only_single_items_have_streams(
    harness: Harness, ws: MockHAClientWebSocket, uri: str
) -> None:
    """What isn't one stream is an error that says so."""
    answer = await resolve(harness, ws, uri)
    assert "by the players of Music Assistant only" in answer["error"]["message"]


async def test_players_get_no_sample(harness: Harness) -> None:
    """A player would stop after half a minute: it gets the error."""
    with pytest.raises(Unresolvable, match="by the players of"):
        await media_source.async_resolve_media(
            harness.hass,
            f"media-source://{DOMAIN}/{harness.entry.entry_id}/{TRACK}",
            "media_player.elsewhere",
        )


async def test_sample_without_content(
    harness: Harness,
    ws: MockHAClientWebSocket,
    browser: TestClient[Any, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sample that the server fails to make is an error, not silence."""
    monkeypatch.setattr(previews, "SAMPLE", b"")
    async with browser.get(await resolve_path(harness, ws, TRACK)) as response:
        assert response.status == 502


# Who may


async def test_paths_must_be_signed(
    harness: Harness, ws: MockHAClientWebSocket, browser: TestClient[Any, Any]
) -> None:
    """A path without a signature, or with one of another item, is refused."""
    path = await resolve_path(harness, ws, TRACK)
    signature = path.partition("?")[2]
    other = build_stream_path(harness.entry.entry_id, "library://track/2")
    before = list(harness.server.commands)
    for forged in (path.partition("?")[0], f"{other}?{signature}"):
        async with browser.get(forged) as response:
            assert response.status == 401
    assert harness.server.commands == before


async def test_user_without_sight(
    harness: Harness,
    hass_client: ClientSessionGenerator,
    hass_admin_user: Any,
) -> None:
    """A user who sees no player of the server gets no stream."""
    client = await hass_client()
    path = build_stream_path(harness.entry.entry_id, TRACK)
    async with client.get(path) as response:
        assert response.status == 200
    hass_admin_user.groups = []
    hass_admin_user.mock_policy({})
    before = list(harness.server.commands)
    async with client.get(path) as response:
        assert response.status == 403
    assert harness.server.commands == before


async def test_streams_are_limited(
    harness: Harness,
    hass_client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Home Assistant hands on so many streams at once; one that ends makes room."""
    monkeypatch.setattr(module, "MAX_STREAMS", 1)
    client = await hass_client()
    path = build_stream_path(harness.entry.entry_id, TRACK)
    harness.server.faults.pause_server()
    first = asyncio.create_task(client.get(path).__aenter__())
    harness.server.faults.resume_server()
    response = await first
    await response.read()
    for _ in range(3):
        async with client.get(path) as again:
            assert again.status == 200
            await again.read()


async def test_missing_streams(harness: Harness, hass_client: ClientSessionGenerator) -> None:
    """An item without a stream, and an entry that isn't set up, are "not found"."""
    client = await hass_client()
    for entry_id, uri in (
        (harness.entry.entry_id, "library://album/1"),
        (harness.entry.entry_id, RADIO),  # browsers play it from its own address
        ("gone", TRACK),
    ):
        async with client.get(build_stream_path(entry_id, uri)) as response:
            assert response.status == 404
    async with client.get(f"{build_stream_path(harness.entry.entry_id, '')}A") as response:
        assert response.status == 404
    async with client.get(
        build_stream_path(harness.entry.entry_id, "library://track/999999")
    ) as response:
        assert response.status == 502
    path = build_stream_path(harness.entry.entry_id, TRACK)
    await harness.server.faults.close_port()
    await harness.server.faults.disconnect_clients("cut")
    async with client.get(path) as response:
        assert response.status == 502
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    async with client.get(path) as response:
        assert response.status == 404


# Streams elsewhere


@pytest.fixture
async def origin(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Run a server of streams at an address that counts as a public one."""
    monkeypatch.setattr(
        public_network,
        "is_public_address",
        lambda address: address == "127.0.0.1" or is_public_address(address),
    )

    async def serve(request: web.Request) -> web.StreamResponse:
        kind = request.path.rpartition("/")[2]
        match kind:
            case "page":
                return web.Response(text="<html>", content_type="text/html")
            case "gone":
                return web.Response(status=404)
            case "broken":
                return web.Response(status=500)
            case "moved":
                raise web.HTTPFound("/station")
            case "inside":
                raise web.HTTPFound("http://127.0.0.2/station")
            case "cut":
                response = web.StreamResponse(headers={"Content-Type": "audio/mpeg"})
                response.content_length = 10 * len(AUDIO)
                await response.prepare(request)
                await response.write(AUDIO)
                assert request.transport
                request.transport.abort()
                return response
        kinds = {"file.mp3": "application/octet-stream", "ogg": "application/ogg"}
        headers = {"Content-Type": kinds.get(kind, "audio/mpeg"), "Set-Cookie": "spy=1"}
        if requested := request.headers.get("Range"):
            part = AUDIO[request.http_range]
            if not part:
                return web.Response(status=416)
            size = f"{requested.replace('=', ' ')}/{len(AUDIO)}"
            return web.Response(body=part, status=206, headers={**headers, "Content-Range": size})
        return web.Response(body=AUDIO, headers={**headers, "Accept-Ranges": "bytes"})

    async with run_http_server(serve) as address:
        yield address


async def test_station_through_home_assistant(
    harness: Harness, ws: MockHAClientWebSocket, browser: TestClient[Any, Any], origin: str
) -> None:
    """A station that isn't encrypted comes through Home Assistant, whole or in parts."""
    for name, content_type in (
        ("station", "audio/mpeg"),
        ("moved", "audio/mpeg"),
        ("ogg", "application/ogg"),
        ("file.mp3", "audio/mpeg"),
    ):
        set_mapping(get_item(harness, RADIO), item_id=f"{origin}/{name}")
        path = await resolve_path(harness, ws, RADIO)
        async with browser.get(path) as response:
            assert (response.status, response.content_type) == (200, content_type)
            assert response.headers["Accept-Ranges"] == "bytes"
            assert response.content_length == len(AUDIO)
            assert "Set-Cookie" not in response.headers
            assert await response.read() == AUDIO
        async with browser.get(path, headers={"Range": "bytes=100-199"}) as response:
            assert (response.status, await response.read()) == (206, AUDIO[100:200])
            assert response.headers["Content-Range"] == f"bytes 100-199/{len(AUDIO)}"
    async with browser.get(path, headers={"Range": "bytes=99999-"}) as response:
        assert response.status == 416


async def test_station_without_audio(
    harness: Harness, ws: MockHAClientWebSocket, browser: TestClient[Any, Any], origin: str
) -> None:
    """What isn't audio, and a redirect into the local network, isn't handed on."""
    for name, status in (("page", 502), ("gone", 404), ("broken", 502), ("inside", 502)):
        set_mapping(get_item(harness, RADIO), item_id=f"{origin}/{name}")
        async with browser.get(await resolve_path(harness, ws, RADIO)) as response:
            assert response.status == status


async def test_station_that_breaks_off(
    harness: Harness, ws: MockHAClientWebSocket, browser: TestClient[Any, Any], origin: str
) -> None:
    """A stream that breaks off is handed on until there."""
    set_mapping(get_item(harness, RADIO), item_id=f"{origin}/cut")
    async with browser.get(await resolve_path(harness, ws, RADIO)) as response:
        assert await response.content.readexactly(len(AUDIO)) == AUDIO


async def test_episode(harness: Harness, ws: MockHAClientWebSocket) -> None:
    """An episode with its file's address is played from there, by other players, too."""
    library = harness.server.library
    podcast = library.get_item("library://podcast/1")
    (episode, *_) = library.get_children(podcast, MediaType.PODCAST_EPISODE)
    uri = str(episode.uri)
    set_mapping(get_item(harness, uri), url="https://podcasts.example.com/1.m4a?x=1")
    answer = await resolve(harness, ws, uri)
    expected = {"url": "https://podcasts.example.com/1.m4a?x=1", "mime_type": "audio/mp4"}
    assert answer["result"] == expected
    media = await media_source.async_resolve_media(
        harness.hass,
        f"media-source://{DOMAIN}/{harness.entry.entry_id}/{uri}",
        "media_player.elsewhere",
    )
    assert {"url": media.url, "mime_type": media.mime_type} == expected


# Which streams there are


def create_radio(*addresses: str, **values: Any) -> Radio:
    """Return a station with the addresses as ids."""
    mappings = {
        ProviderMapping(
            item_id=address, provider_domain="url", provider_instance=f"url{number}", **values
        )
        for number, address in enumerate(addresses)
    }
    return Radio(item_id="1", provider="library", name="Radio", provider_mappings=mappings)


def create_episode(url: str | None) -> PodcastEpisode:
    """Return an episode with a URL."""
    mapping = ProviderMapping(item_id="1", provider_domain="feed", provider_instance="f", url=url)
    podcast = ItemMapping(
        item_id="1", provider="library", name="Podcast", media_type=MediaType.PODCAST
    )
    return PodcastEpisode(
        item_id="1",
        provider="library",
        name="Episode",
        position=1,
        podcast=podcast,
        provider_mappings={mapping},
    )


@pytest.mark.parametrize(
    ("item", "stream"),
    [
        (create_radio("s1234"), None),
        (create_radio("http://["), None),
        (create_radio("s1", "https://a.example/1"), ("https://a.example/1", "audio/mpeg")),
        (create_radio("https://a.example/1", available=False), None),
        (
            create_radio(
                "https://a.example/1", audio_format=AudioFormat(content_type=ContentType.OGG)
            ),
            ("https://a.example/1", "audio/ogg"),
        ),
        (create_episode(None), None),
        (create_episode("http://["), None),
        (create_episode("https://open.example.com/episode/1"), None),
        (create_episode("https://open.example.com/episode.html"), None),
        (
            create_episode("https://a.example/1.MP3?x=.ogg"),
            ("https://a.example/1.MP3?x=.ogg", "audio/mpeg"),
        ),
        (create_episode("https://a.example/a b.opus"), ("https://a.example/a b.opus", "audio/ogg")),
        (
            ItemMapping(
                item_id="https://a.example/1",
                provider="url",
                name="Radio",
                media_type=MediaType.RADIO,
            ),
            None,
        ),
    ],
)
def test_public_streams(item: MediaItem, stream: tuple[str, str] | None) -> None:
    """Stations and episodes have a stream if their mapping has the address of one."""
    expected = ItemStream(*stream) if stream else None
    assert get_public_stream(item) == expected  # type: ignore[arg-type] # one of the union


@pytest.mark.parametrize(
    ("address", "is_from_server", "needs_proxy"),
    [
        ("preview?provider=a&item_id=1", True, True),
        ("https://a.example.com/1", False, False),
        ("http://a.example.com/1", False, True),
        ("http://192.168.1.5:8000/1", False, False),
        ("http://nas.local/1", False, False),
    ],
)
def test_proxied_streams(address: str, is_from_server: bool, needs_proxy: bool) -> None:
    """Only what a browser can't get by itself comes through Home Assistant."""
    assert ItemStream(address, "audio/mpeg", is_from_server).needs_proxy is needs_proxy


@pytest.mark.parametrize("uri", ["library://track/1", "files://track/Ä%/ö?.mp3", ""])
def test_stream_path_round_trip(uri: str) -> None:
    """A path has the URI in it, with characters that no proxy changes."""
    path = build_stream_path("entry", uri)
    assert path.isascii()
    assert parse_stream_uri(path.rpartition("/")[2]) == uri
    assert parse_stream_uri("A") is None
