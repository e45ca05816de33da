"""Sounds of Home Assistant: announced and played by whatever names them."""

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from pytest_homeassistant_custom_component.common import MockModule, mock_integration, mock_platform

from homeassistant.components.media_source import MediaSource, MediaSourceItem, PlayMedia
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.setup import async_setup_component

from .action_helpers import call_action, call_for_response, expect_error, get_sent_arguments
from .common import Harness

BASE = "http://192.0.2.9:8123"
ANNOUNCEMENT = "players/cmd/play_announcement"


@pytest.fixture
async def sounds(harness: Harness, tmp_path: Path) -> Harness:
    """Return Home Assistant with a doorbell in its media folder."""
    await async_process_ha_core_config(harness.hass, {"internal_url": BASE})
    (tmp_path / "bell.mp3").write_bytes(b"ring")
    harness.hass.config.media_dirs = {"local": str(tmp_path)}
    assert await async_setup_component(harness.hass, "media_source", {})
    return harness


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("media-source://media_source/local/bell.mp3", f"{BASE}/media/local/bell.mp3?authSig="),
        ("/local/bell.mp3", f"{BASE}/local/bell.mp3"),
        ("/media/local/bell.mp3", f"{BASE}/media/local/bell.mp3?authSig="),
        (f"{BASE}/media/local/bell.mp3", f"{BASE}/media/local/bell.mp3?authSig="),
        ("/api/tts_proxy/x.mp3", f"{BASE}/api/tts_proxy/x.mp3"),
        # those of others stay
        ("http://192.0.2.1/bell.mp3", "http://192.0.2.1/bell.mp3"),
        ("http://[", "http://["),
    ],
)
async def test_announcements(sounds: Harness, url: str, sent: str) -> None:
    """Every field with a URL takes the sound, and the server gets an address that it can reach."""
    await call_action(sounds, "play_announcement", url=url, pre_announce_url=url)
    await sounds.call_action(
        "play_media",
        "kueche",
        media_content_id=url,
        media_content_type="music",
        announce=True,
        extra={"pre_announce_url": url},
    )
    announcements = get_sent_arguments(sounds.server, ANNOUNCEMENT)
    assert len(announcements) == 2
    for announcement in announcements:
        assert announcement["url"].startswith(sent)
        assert announcement["pre_announce_url"].startswith(sent)
        assert ("authSig" in announcement["url"]) is sent.endswith("authSig=")


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("play_announcement", {"url": "/local/bell.mp3"}),
        ("play_media", {"media_id": "/local/bell.mp3"}),
    ],
)
async def test_unknown_own_address(harness: Harness, action: str, data: dict[str, Any]) -> None:
    """Without an address of Home Assistant, the error says where to set it."""
    harness.hass.config.api = None
    await expect_error(
        "no_own_address", call_action(harness, action, **data), url="/local/bell.mp3"
    )


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("bell.mp3", "not_announceable"),
        ("/config/www/bell.mp3", "not_announceable"),
        ("ftp://192.0.2.1/bell.mp3", "not_announceable"),
        ("library://track/1", "not_announceable"),
        ("httpx:bell", "not_announceable"),
        ("media-source://media_source/local/no_such_folder/../../bell.mp3", "nothing_found"),
        ("media-source://nobody/bell.mp3", "nothing_found"),
    ],
)
async def test_no_sound(sounds: Harness, url: str, key: str) -> None:
    """What no server can announce is refused, wherever it is given, and nothing plays."""
    bell = "http://192.0.2.1/bell.mp3"
    own: dict[str, Any] = {"media_content_type": "music", "announce": True}
    await expect_error(key, call_action(sounds, "play_announcement", url=url))
    await expect_error(
        key, call_action(sounds, "play_announcement", url=bell, pre_announce_url=url)
    )
    await expect_error(key, sounds.call_action("play_media", "kueche", media_content_id=url, **own))
    await expect_error(
        key,
        sounds.call_action(
            "play_media",
            "kueche",
            media_content_id=bell,
            extra={"pre_announce_url": url},
            **own,
        ),
    )
    assert not get_sent_arguments(sounds.server, ANNOUNCEMENT)


async def test_missing_sound_in_list(sounds: Harness) -> None:
    """A sound that isn't there is told, and the others are played."""
    missing = "media-source://nobody/bell.mp3"
    await expect_error("nothing_found", call_action(sounds, "play_media", media_id=missing))
    response = await call_for_response(
        sounds, "play_media", media_id=[missing, "", None, "library://album/1"]
    )
    assert response["not_found"] == [missing]
    assert [item["uri"] for item in response["items"]] == ["library://album/1"]


@pytest.mark.parametrize(
    "media_id", ["/local/bell.mp3", "media-source://media_source/local/bell.mp3"]
)
async def test_play_media(sounds: Harness, media_id: str) -> None:
    """Sounds are played, too."""
    await call_action(sounds, "play_media", media_id=media_id)
    await sounds.call_action(
        "play_media", "kueche", media_content_id=media_id, media_content_type="music"
    )
    played = get_sent_arguments(sounds.server, "player_queues/play_media")
    assert all(str(args["media"]).strip("[]'").startswith(BASE) for args in played)
    assert len(played) == 2


class PerPlayerSource(MediaSource):
    """A media source whose media depends on the player that it is for."""

    name = "Per player"

    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return a sound named after the player."""
        return PlayMedia(f"/local/{item.target_media_player}.mp3", "audio/mpeg")


async def test_media_source_knows_the_player(sounds: Harness) -> None:
    """A media source is told which player its media is for."""
    hass = sounds.hass

    async def async_get_media_source(_hass: HomeAssistant) -> MediaSource:
        return PerPlayerSource("doorbell")

    mock_integration(hass, MockModule("doorbell"))
    mock_platform(
        hass, "doorbell.media_source", Mock(async_get_media_source=async_get_media_source)
    )
    assert await async_setup_component(hass, "doorbell", {})
    await hass.async_block_till_done()
    await call_action(sounds, "play_announcement", url="media-source://doorbell/bell")
    (sent,) = get_sent_arguments(sounds.server, ANNOUNCEMENT)
    assert sent["url"] == f"{BASE}/local/{sounds.get_entity_id('kueche')}.mp3"
