"""The media tree as a media source."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.music_assistant.const import DOMAIN
from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError, BrowseMedia, SearchMediaQuery
from homeassistant.components.media_source import Unresolvable
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component

from .common import Harness, run_second_server

SOURCE = f"media-source://{DOMAIN}"
ALBUM = "library://album/1"


@pytest.fixture(autouse=True)
async def sources(hass: HomeAssistant) -> None:
    """Have media sources."""
    assert await async_setup_component(hass, "media_source", {})


def build_media_source_id(harness: Harness, content_id: str) -> str:
    """Return the media source id of a content id."""
    return f"{SOURCE}/{harness.entry.entry_id}/{content_id}"


async def browse(harness: Harness, content_id: str = "") -> BrowseMedia:
    """Browse a node of the tree."""
    return await media_source.async_browse_media(
        harness.hass, build_media_source_id(harness, content_id).rstrip("/")
    )


def get_titles(node: BrowseMedia) -> list[str]:
    """Return the titles of a node's children."""
    return [child.title for child in node.children or ()]


async def test_media_panel(harness: Harness, hass_ws_client: WebSocketGenerator) -> None:
    """In the media panel the tree opens from its root to an album's tracks, with pictures."""
    ws: MockHAClientWebSocket = await hass_ws_client(harness.hass)

    async def browse(content_id: str) -> dict[str, Any]:
        question = {"type": "media_source/browse_media", "media_content_id": content_id}
        await ws.send_json_auto_id(question)
        answer: dict[str, Any] = await ws.receive_json()
        assert answer["success"], answer
        result: dict[str, Any] = answer["result"]
        return result

    root = await browse(SOURCE)
    albums = next(child for child in root["children"] if child["title"] == "Albums")
    (album, *_) = (await browse(albums["media_content_id"]))["children"]
    assert album["thumbnail"].startswith("/api/music_assistant/artwork/")
    assert (album["can_play"], album["can_expand"], album["media_class"]) == (True, True, "album")
    tracks = (await browse(album["media_content_id"]))["children"]
    assert {track["media_class"] for track in tracks} == {"track"}
    assert all(
        track["media_content_id"].startswith(build_media_source_id(harness, "")) for track in tracks
    )


async def test_tree_without_media_sources(harness: Harness) -> None:
    """The tree is that of the players, without Home Assistant's media sources."""
    of_player = (
        await harness.hass.data["media_player"]
        .get_entity(harness.get_entity_id("kueche"))
        .async_browse_media()
    )
    own = get_titles(await browse(harness))
    assert get_titles(of_player)[: len(own)] == own
    others = get_titles(of_player)[len(own) :]
    assert "Music Assistant" not in others


async def test_search_media_source(harness: Harness) -> None:
    """The source can be searched, everywhere and in a node."""
    for where in (
        SOURCE,
        build_media_source_id(harness, "albums"),
        build_media_source_id(harness, "library://artist/1"),
    ):
        album = (await browse(harness, ALBUM)).title.partition(" – ")[0]
        found = await media_source.async_search_media(
            harness.hass, where, SearchMediaQuery(search_query=album, media_content_id=where)
        )
        assert build_media_source_id(harness, ALBUM) in [
            hit.media_content_id for hit in found.result
        ]


async def test_play_on_own_player(harness: Harness) -> None:
    """A player of the server plays an item by its content id."""
    (_, second, *_) = (await browse(harness, ALBUM)).children or ()
    for content_id, first in (
        (build_media_source_id(harness, ALBUM), 0),
        (second.media_content_id, 1),
    ):
        what = {"media_content_type": "album", "media_content_id": content_id}
        await harness.call_action("play_media", "kueche", enqueue="replace", **what)
        queue = harness.server.queue_items["kueche"]
        held = harness.server.library.get_playable_items(ALBUM)
        assert [item.uri for item in queue] == [track.uri for track in held[first:]]


async def test_play_media_action(harness: Harness) -> None:
    """The action play_media accepts a media source id."""
    (first, *_) = (await browse(harness, ALBUM)).children or ()
    await harness.hass.services.async_call(
        DOMAIN,
        "play_media",
        {"media_id": first.media_content_id, "enqueue": "replace"},
        target={"entity_id": harness.get_entity_id("kueche")},
        blocking=True,
    )
    track = harness.server.library.get_playable_items(ALBUM)[0]
    assert [item.uri for item in harness.server.queue_items["kueche"]] == [track.uri]


@pytest.mark.parametrize(
    ("content_id", "said"),
    [
        (ALBUM, "can be played by the players of Music Assistant only"),
        ("library://album/9999", "does not know this"),
        (
            "music-assistant://item?of=library%3A%2F%2Falbum%2F1&start=library%3A%2F%2Ftrack%2F1",
            "by",
        ),
        ("library://radio/1", "can be played by the players"),
    ],
)
async def test_play_on_other_player(harness: Harness, content_id: str, said: str) -> None:
    """An item that only Music Assistant can play is an error elsewhere."""
    with pytest.raises(Unresolvable, match=said) as raised:
        await media_source.async_resolve_media(
            harness.hass, build_media_source_id(harness, content_id), "media_player.elsewhere"
        )
    assert raised.value.translation_domain == DOMAIN


async def test_resolve_radio(harness: Harness) -> None:
    """A radio with its own address plays on any player."""
    media = await media_source.async_resolve_media(
        harness.hass, build_media_source_id(harness, "library://radio/2"), None
    )
    assert media.url == "https://radio.example/2/stream"
    assert media.mime_type == "audio/mpeg"


async def test_resolve_announcement(harness: Harness) -> None:
    """An announcement is resolved to a stream; library items aren't."""
    with pytest.raises(HomeAssistantError, match="can be played by the players"):
        await harness.call_action(
            "play_media",
            "kueche",
            announce=True,
            media_content_type="music",
            media_content_id=build_media_source_id(harness, ALBUM),
        )


async def test_several_servers(harness: Harness, hass: HomeAssistant) -> None:
    """With several servers the root lists them; a missing one is an error."""
    async with run_second_server(hass):
        servers = await media_source.async_browse_media(hass, SOURCE)
        assert get_titles(servers) == ["Music Assistant", "Other"]
        (_, other) = servers.children or ()
        root = await media_source.async_browse_media(hass, other.media_content_id)
        assert "Albums" in get_titles(root)
    with pytest.raises(BrowseError, match="nothing called"):
        await media_source.async_browse_media(hass, other.media_content_id)
    assert await hass.config_entries.async_unload(harness.entry.entry_id)
    assert get_titles(await media_source.async_browse_media(hass, SOURCE)) == []
