"""Ids that browsing returns are accepted by every action, as cards send them back."""

from typing import Any

import pytest

from homeassistant.components.media_player import BrowseMedia
from homeassistant.exceptions import HomeAssistantError

from .action_helpers import OLD_AND_NEW, call_action, call_server_action, get_sent_arguments
from .common import Harness, run_second_server
from .server import MassServer

FIRST_TRACK = "library://track/1"
PARENTS = pytest.mark.parametrize("parent", ["library://album/1", "library://playlist/1"])


async def browse(harness: Harness, content_id: str) -> BrowseMedia:
    """Return the media at a content id, as Home Assistant's action does."""
    entity_id = harness.get_entity_id("kueche")
    response = await harness.hass.services.async_call(
        "media_player",
        "browse_media",
        {"media_content_id": content_id},
        blocking=True,
        target={"entity_id": entity_id},
        return_response=True,
    )
    assert response
    media = response[entity_id]
    assert isinstance(media, BrowseMedia)
    return media


async def get_child_id(harness: Harness, parent: str, index: int = 1) -> str:
    """Return the id of a child as browsing its parent shows it."""
    children = (await browse(harness, parent)).children
    assert children
    return children[index].media_content_id


def as_media_source(harness: Harness, content_id: str) -> str:
    """Return a content id as the media panel shows it."""
    return f"media-source://music_assistant/{harness.entry.entry_id}/{content_id}"


@OLD_AND_NEW
@PARENTS
async def test_browsed_track(harness: Harness, server: MassServer, parent: str) -> None:
    """A track that was browsed plays, and everything else works with the same id."""
    media_id = await get_child_id(harness, parent)
    await call_action(harness, "play_media", media_id=media_id)
    (favorite,) = (await call_server_action(harness, "set_favorite", media_id=media_id))["items"]
    assert favorite["media_type"] == "track"
    assert favorite["uri"].startswith("library://track/")
    added = await call_server_action(
        harness, "add_to_playlist", media_id=media_id, playlist="Sunday Pancakes"
    )
    assert added["uris"] == [favorite["uri"]]
    item = await call_server_action(harness, "get_item", uri=media_id)
    assert item["item"]["uri"] == favorite["uri"]
    lyrics = await call_server_action(harness, "get_lyrics", uri=media_id)
    assert lyrics["item"]["uri"] == favorite["uri"]


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("set_favorite", {}),
        ("add_to_library", {}),
        ("mark_played", {}),
        ("mark_unplayed", {}),
        ("add_to_playlist", {"playlist": "Sunday Pancakes"}),
        ("remove_from_library", {}),
    ],
)
async def test_media_source_ids(harness: Harness, action: str, data: dict[str, Any]) -> None:
    """Ids of the media panel are accepted, too, also those of tracks of an album."""
    track = await get_child_id(harness, "library://album/1", 0)
    media_id = [as_media_source(harness, track), as_media_source(harness, "library://track/3")]
    await call_action(harness, action, None, media_id=media_id, **data)


async def test_playlist_of_media_source(harness: Harness, server: MassServer) -> None:
    """A playlist can be named by its id in the media panel."""
    playlist = as_media_source(harness, "library://playlist/1")
    await call_server_action(harness, "add_to_playlist", media_id=FIRST_TRACK, playlist=playlist)
    (sent,) = get_sent_arguments(server, "music/playlists/add_playlist_tracks")
    assert str(sent["db_playlist_id"]) == "1"


async def test_chapter_stands_for_its_book(harness: Harness) -> None:
    """A chapter of an audiobook can't be a favorite, but its book can."""
    chapter = await get_child_id(harness, "library://audiobook/1")
    (item,) = (await call_server_action(harness, "set_favorite", media_id=chapter))["items"]
    assert item["uri"] == "library://audiobook/1"


@pytest.mark.parametrize(
    "media_id",
    [
        "music-assistant://albums?offset=500&limit=500",
        "music-assistant://item?of=library%3A%2F%2Fartist%2F1&part=albums",
        "music-assistant://item?of=library%3A%2F%2Falbum%2F1&start=x&other=1",
        "music-assistant://item",
    ],
)
@pytest.mark.parametrize("action", ["play_media", "set_favorite"])
async def test_lists_are_no_items(
    harness: Harness, server: MassServer, action: str, media_id: str
) -> None:
    """A list isn't an item, and the server isn't asked for it."""
    player_id = "kueche" if action == "play_media" else None
    with pytest.raises(HomeAssistantError) as error:
        await call_action(harness, action, player_id, media_id=media_id)
    assert error.value.translation_key == "nothing_found"
    assert not get_sent_arguments(server, "player_queues/play_media")


async def test_id_of_another_server(harness: Harness) -> None:
    """The id of another server's item doesn't stand for an item of this one."""
    async with run_second_server(harness.hass) as other:
        media_id = as_media_source(other, FIRST_TRACK)
        data = {"config_entry_id": harness.entry.entry_id, "media_id": media_id}
        with pytest.raises(HomeAssistantError):
            await call_action(harness, "set_favorite", None, **data)
