"""The form of the action that plays music: media from the media browser, volume and sleep timer."""

from typing import Any, Final

import pytest

from homeassistant.components.media_player import BrowseMedia
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .action_helpers import (
    ALBUM,
    OLD_AND_NEW,
    call_action,
    call_for_response,
    expect_error,
    get_sent_arguments,
)
from .common import Harness, wait_until
from .server import MassServer

PLAY_MEDIA: Final = "player_queues/play_media"
VOLUME: Final = "players/cmd/volume_set"
BOOK: Final = "audiobook/1"
SLEEP_TIMER: Final = "players/sleep_timer/set"


async def open_media_browser(harness: Harness, content_id: str) -> list[dict[str, Any]]:
    """Return what is at a content id, as the media selector gives it when one is chosen."""
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
    page = response[entity_id]
    assert isinstance(page, BrowseMedia)
    return [
        {
            "media_content_id": child.media_content_id,
            "media_content_type": child.media_content_type,
            "metadata": {
                "title": child.title,
                "thumbnail": child.thumbnail,
                "media_class": child.media_class,
                "navigateIds": [{}, {"media_content_id": content_id}],
                "browse_entity_id": entity_id,
            },
        }
        for child in page.children or ()
    ]


# Media from the media browser


@OLD_AND_NEW
@pytest.mark.parametrize("folder", ["albums", "playlists", "radio", "artists", "podcasts"])
async def test_chosen_media(harness: Harness, server: MassServer, folder: str) -> None:
    """What is chosen in the media browser is played."""
    chosen, *_ = await open_media_browser(harness, folder)
    response = await call_for_response(harness, "play_media", media=chosen)
    (item,) = response["items"]
    assert chosen["metadata"]["title"].startswith(item["name"])
    assert not response["not_found"]
    (args,) = get_sent_arguments(server, PLAY_MEDIA)
    assert args["media"] == [item["uri"]]


async def test_track_of_chosen_album(harness: Harness, server: MassServer) -> None:
    """A track of a playlist plays the playlist from there on, or is added alone."""
    track = (await open_media_browser(harness, "library://playlist/1"))[2]
    await call_action(harness, "play_media", media=track)
    await harness.call_action("play_media", "kueche", media=track)  # Home Assistant's own
    chosen, own = get_sent_arguments(server, PLAY_MEDIA)
    assert chosen == own
    for enqueue in ("add", "next"):
        await call_action(harness, "play_media", media=track, enqueue=enqueue)
        added = get_sent_arguments(server, PLAY_MEDIA)[-1]
        assert (added["media"][0].split("/")[2], added["option"]) == ("track", enqueue)


async def test_chosen_media_source(harness: Harness, server: MassServer) -> None:
    """Media of the media panel is understood, several are, and what isn't found is told."""
    prefix = f"media-source://music_assistant/{harness.entry.entry_id}"
    media = [
        {"media_content_id": f"{prefix}/{ALBUM}", "media_content_type": "album"},
        {"media_content_id": "library://track/3"},
        {"media_content_id": f"{prefix}/music-assistant://albums?offset=0&limit=5"},
        {"media_content_id": "Nothing of this name"},
    ]
    response = await call_for_response(harness, "play_media", media=media)
    (args,) = get_sent_arguments(server, PLAY_MEDIA)
    assert args["media"] == [ALBUM, "library://track/3"]
    assert len(response["not_found"]) == 2


@pytest.mark.parametrize(
    "media",
    [
        "library://album/1",
        7,
        {"media_content_type": "album"},
        {"media_content_id": "", "media_content_type": "", "metadata": {}},
        [{"media_content_id": ALBUM}, "x"],
    ],
)
async def test_invalid_media(harness: Harness, server: MassServer, media: object) -> None:
    """What the media selector doesn't give is refused."""
    await expect_error(
        "field_invalid", call_action(harness, "play_media", media=media), field="media"
    )
    assert not get_sent_arguments(server, PLAY_MEDIA)


@pytest.mark.parametrize("empty", ["", None, [], {}, [""]])
async def test_one_of_both(harness: Harness, server: MassServer, empty: object) -> None:
    """Media is chosen or named; an empty field isn't given."""
    chosen = {"media_content_id": ALBUM, "media_content_type": "album"}
    choices = {"choices": "media, media_id"}
    await call_action(harness, "play_media", media=chosen, media_id=empty)
    await call_action(harness, "play_media", media=empty, media_id=ALBUM)
    both = call_action(harness, "play_media", media=chosen, media_id=ALBUM)
    await expect_error("fields_exclusive", both, **choices)
    neither = call_action(harness, "play_media", media=empty, media_id=empty)
    await expect_error("fields_missing", neither, **choices)
    assert [args["media"] for args in get_sent_arguments(server, PLAY_MEDIA)] == [[ALBUM]] * 2


# Volume


@pytest.mark.parametrize(("volume", "sent"), [(0, 0), (15, 15), ("40", 40), (100.0, 100)])
async def test_volume(harness: Harness, server: MassServer, volume: object, sent: int) -> None:
    """The volume is set before the music plays."""
    await call_action(harness, "play_media", media_id=ALBUM, volume=volume)
    (args,) = get_sent_arguments(server, VOLUME)
    assert args == {"player_id": "kueche", "volume_level": sent}
    names = [name for name, _ in server.commands]
    assert names.index(VOLUME) < names.index(PLAY_MEDIA)


@pytest.mark.parametrize("volume", [0.3, -1, 101, "quiet", True])
async def test_no_volume(harness: Harness, server: MassServer, volume: object) -> None:
    """What isn't a percentage is refused, and nothing plays."""
    await expect_error(
        "field_not_possible",
        call_action(harness, "play_media", media_id=ALBUM, volume=volume),
        field="volume",
        choices="0–100",
    )
    assert not get_sent_arguments(server, PLAY_MEDIA)


@pytest.mark.parametrize("data", [{"media_id": "Nothing of this name"}, {"start_item": "Nothing"}])
async def test_nothing_found(harness: Harness, server: MassServer, data: dict[str, Any]) -> None:
    """The volume stays if there is nothing to play, and no timer begins."""
    asked: dict[str, Any] = {"media_id": ALBUM, "volume": 5, "stop_after": 60} | data
    with pytest.raises(HomeAssistantError):
        await call_action(harness, "play_media", **asked)
    assert not get_sent_arguments(server, VOLUME)
    assert not get_sent_arguments(server, SLEEP_TIMER)


# Data of public scripts, blueprints and language models, and the media that is meant.
SENT: Final[list[tuple[dict[str, Any], str]]] = [
    ({"media_type": "artist", "media_id": "Papaya Static", "album": "Undertow Disco"}, "artist/5"),
    ({"media_type": "playlist", "media_id": "Sunday Pancakes", "artist": "Various"}, "playlist/1"),
    ({"media_type": "playlist", "media_id": "my Sunday Pancakes playlist"}, "playlist/1"),
    ({"media_type": "playlist", "media_id": "My Sunday Pancakes"}, "playlist/1"),
    ({"media_type": "radio", "media_id": "radio HarbourFM", "artist": "NA"}, "radio/1"),
    ({"media_type": "audiobook", "media_id": "The Clockmaker's Orchard", "artist": "X"}, BOOK),
    ({"media_type": "album", "media_id": "Undertow Disco", "artist": "unknown"}, "album/7"),
    ({"media_type": "Music", "media_id": "“Undertow Disco”.", "album": "None"}, "album/7"),
    ({"media_type": "", "media_id": "undertow-disco\n", "enqueue": " Add "}, "album/7"),
    ({"media_id": " library://album/7 ", "radio_mode": "off"}, "album/7"),
    ({"media_id": "Polite Postcard Underwater - Élodie Marchvent"}, "track/4"),
    ({"media_id": "elodie marchvent – polite postcard underwater"}, "track/4"),
    ({"media_id": "some night jazz"}, "genre/3"),
    ({"media_id": "play some Night Jazz music"}, "genre/3"),
]


@pytest.mark.parametrize(("data", "sent"), SENT)
async def test_what_scripts_send(
    harness: Harness, server: MassServer, data: dict[str, Any], sent: str
) -> None:
    """What is meant is played, however it is written, with hints that name nothing."""
    await call_action(harness, "play_media", **data)
    (arguments,) = get_sent_arguments(server, PLAY_MEDIA)
    assert arguments["media"] == [f"library://{sent}"]


async def test_volume_over_limit(harness: Harness, server: MassServer) -> None:
    """Over the limit of a player the music plays at the limit, and an error says so."""
    harness.hass.config_entries.async_update_entry(
        harness.entry, options={"volume_limits": {"kueche": 40}}
    )
    harness.coordinator.connection.volume_limits["kueche"] = 40
    asked = call_action(harness, "play_media", media_id=ALBUM, volume=80, stop_after={"minutes": 1})
    await expect_error("volume_limited", asked, limit="40")
    (args,) = get_sent_arguments(server, VOLUME)
    assert args["volume_level"] == 40
    assert get_sent_arguments(server, PLAY_MEDIA) and get_sent_arguments(server, SLEEP_TIMER)


# Sleep timer


@pytest.mark.parametrize(
    ("stop_after", "seconds"),
    [({"hours": 1}, 3600), ("00:30:00", 1800), ({"minutes": "20"}, 1200), (90, 90)],
)
async def test_stop_after(
    harness: Harness, server: MassServer, stop_after: object, seconds: int
) -> None:
    """The sleep timer starts when the music plays."""
    await call_action(harness, "play_media", media_id=ALBUM, stop_after=stop_after)
    names = [name for name, _ in server.commands]
    assert names.index(PLAY_MEDIA) < names.index(SLEEP_TIMER)
    (args,) = get_sent_arguments(server, SLEEP_TIMER)
    assert (args["player_id"], args["seconds"]) == ("kueche", seconds)
    await wait_until(lambda: server.players["kueche"].sleep_timer_expires_at)


@pytest.mark.parametrize("stop_after", ["", {}, None, 0, "00:00:00", {"hours": 0, "minutes": 0}])
async def test_never_stop(harness: Harness, server: MassServer, stop_after: object) -> None:
    """A form that wasn't filled in starts no timer."""
    await call_action(harness, "play_media", media_id=ALBUM, stop_after=stop_after)
    assert get_sent_arguments(server, PLAY_MEDIA)
    assert not get_sent_arguments(server, SLEEP_TIMER)


@pytest.mark.parametrize(
    "stop_after", ["soon", -5, {"days": 2}, {"minutes": "x"}, "25:00:00", 1e99]
)
async def test_no_duration(harness: Harness, server: MassServer, stop_after: object) -> None:
    """What isn't a duration of at most a day is refused, and nothing plays."""
    for asked in (
        call_action(harness, "play_media", media_id=ALBUM, stop_after=stop_after),
        call_action(harness, "set_sleep_timer", duration=stop_after),
    ):
        await expect_error("field_not_possible", asked, choices="0:00:01–24:00:00")
    assert not get_sent_arguments(server, PLAY_MEDIA)


@pytest.mark.parametrize("schema_version", [29])
async def test_no_sleep_timer(harness: Harness, server: MassServer) -> None:
    """Where the server has no sleep timer nothing plays."""
    asked = call_action(harness, "play_media", media_id=ALBUM, stop_after="01:00:00", volume=3)
    await expect_error("server_too_old_for_command", asked, server="Music Assistant")
    assert not get_sent_arguments(server, PLAY_MEDIA)
    assert not get_sent_arguments(server, VOLUME)


# `extra` of Home Assistant's own action


async def test_extra(harness: Harness, server: MassServer) -> None:
    """Home Assistant's own action takes both, too."""

    async def play(**extra: object) -> None:
        await harness.call_action(
            "play_media", "kueche", media_content_id=ALBUM, media_content_type="album", extra=extra
        )

    await play(volume="20", stop_after="00:15:00")
    assert get_sent_arguments(server, VOLUME)[0]["volume_level"] == 20
    assert get_sent_arguments(server, SLEEP_TIMER)[0]["seconds"] == 900
    with pytest.raises(ServiceValidationError):
        await play(volume=0.5)
    with pytest.raises(ServiceValidationError):
        await play(stop_after="later")
    assert len(get_sent_arguments(server, PLAY_MEDIA)) == 1
