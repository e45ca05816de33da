"""Chapters: the select, the next and the previous one, and those in the queue."""

from datetime import timedelta
from math import inf, nan
from types import SimpleNamespace
from typing import Any

from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import Audiobook, MediaItemChapter
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.music_assistant.players.chapters import (
    MAX_NAME_LENGTH,
    Chapter,
    find_chapter_index,
    get_chapters,
    get_next_chapter,
    get_previous_chapter,
    get_time_to_next_chapter,
)
from custom_components.music_assistant.select import CHAPTER
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .action_helpers import OLD_AND_NEW, call_for_response, expect_error, get_sent_arguments
from .common import Harness, wait_until
from .test_queue_entities import KITCHEN, call_entity_action, get_entity_id, get_state

BOOK, EPISODES, TRACK = "library://audiobook/2", "library://podcast/1", "library://track/1"
SEEK = "players/cmd/seek"


def build_item(*chapters: tuple[str, float]) -> Any:
    """Return a queue item with chapters, in the order of a server."""
    listed = [
        MediaItemChapter(position=number, name=name, start=start)
        for number, (name, start) in enumerate(chapters, 1)
    ]
    return SimpleNamespace(media_item=SimpleNamespace(metadata=SimpleNamespace(chapters=listed)))


def get_book(harness: Harness) -> list[MediaItemChapter]:
    """Return the chapters of the book."""
    book = harness.server.library.get_item(BOOK)
    assert isinstance(book, Audiobook)
    return book.metadata.chapters or []


async def play(harness: Harness, uri: str = BOOK, position: float = 0) -> None:
    """Play something from a position on."""
    await harness.call_action(
        "play_media", KITCHEN, media_content_id=uri, media_content_type="music"
    )
    await seek(harness, position)


async def seek(harness: Harness, position: float) -> None:
    """Seek in what plays."""
    await harness.call_action("media_seek", KITCHEN, seek_position=position)
    await harness.wait_for_events()


async def press(harness: Harness, button: str) -> float:
    """Call the next or previous action; return the position that is played then."""
    await harness.call_action(f"media_{button}_track", KITCHEN)
    await harness.wait_for_events()
    return harness.server.queues[KITCHEN].elapsed_time


@pytest.mark.parametrize(
    ("listed", "chapters"),
    [
        ([], ()),
        ([("One", 0), ("Two", 60.5)], (Chapter("One", 0), Chapter("Two", 60.5))),
        ([("Two", 60), (" One ", 0)], (Chapter("One", 0), Chapter("Two", 60))),
        ([("Part", 0), ("Part", 60)], (Chapter("1. Part", 0), Chapter("2. Part", 60))),
        ([("", 0), ("Two", 60)], (Chapter("1.", 0), Chapter("2. Two", 60))),
        ([("No", nan), ("Never", inf), ("One", 0)], (Chapter("One", 0),)),
        ([("x" * 999, 0)], (Chapter("x" * MAX_NAME_LENGTH, 0),)),
    ],
)
def test_names(listed: list[tuple[str, float]], chapters: tuple[Chapter, ...]) -> None:
    """Chapters are in the order of playback, and no two have one name."""
    assert get_chapters(build_item(*listed)) == chapters


def test_without_chapters() -> None:
    """What has no media item, or no list of chapters, has none."""
    assert get_chapters(None) == ()
    assert get_chapters(SimpleNamespace(media_item=None)) == ()  # type: ignore[arg-type]
    without = SimpleNamespace(metadata=SimpleNamespace(chapters=None))
    assert get_chapters(SimpleNamespace(media_item=without)) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("position", "index"), [(0, None), (7.9, None), (8, 0), (57.9, 0), (58, 1), (1e9, 1)]
)
def test_chapter_of_position(position: float, index: int | None) -> None:
    """A chapter lasts until the next one, and begins a little before its start."""
    chapters = (Chapter("One", 10), Chapter("Two", 60))
    assert find_chapter_index(chapters, position) == index


@pytest.mark.parametrize(
    ("position", "following", "previous", "rest"),
    [
        (None, None, None, None),
        (0, "One", None, 4),
        (9, "Two", None, 24.5),
        (20, "Two", "One", 19),
        (59, None, "One", None),
        (70, None, "Two", None),
    ],
)
def test_neighbors(
    position: float | None, following: str | None, previous: str | None, rest: float | None
) -> None:
    """The chapters around a position of a book, and when the next one begins at double speed."""
    item = build_item(("One", 10), ("Two", 60))
    item.media_type = MediaType.AUDIOBOOK
    context: Any = SimpleNamespace(
        current_item=item,
        get_position=lambda _now: position,
        playback=SimpleNamespace(sources=SimpleNamespace(is_active=True, speed=2.0)),
    )
    chapters = {chapter.name: chapter for chapter in get_chapters(item)}
    assert get_next_chapter(context, 0) == chapters.get(following or "")
    assert get_previous_chapter(context, 0) == chapters.get(previous or "")
    assert get_time_to_next_chapter([*chapters.values()], context, 0) == rest


@OLD_AND_NEW
async def test_next_is_the_next_chapter(harness: Harness) -> None:
    """Next and previous go by chapter, and restart one that has played for some seconds."""
    chapters = get_book(harness)
    await play(harness)
    assert await press(harness, "next") == pytest.approx(chapters[1].start, abs=2)
    assert await press(harness, "next") == pytest.approx(chapters[2].start, abs=2)
    assert await press(harness, "previous") == pytest.approx(chapters[1].start, abs=2)
    await seek(harness, chapters[1].start + 60)
    assert await press(harness, "previous") == pytest.approx(chapters[1].start, abs=2)


async def test_book_is_left_at_its_end(harness: Harness) -> None:
    """After the last chapter comes the next item, and before the first one the previous item."""
    await play(harness, TRACK)
    await harness.call_action(
        "play_media", KITCHEN, media_content_id=BOOK, media_content_type="music", enqueue="add"
    )
    await harness.call_action("media_next_track", KITCHEN)
    await wait_until(lambda: harness.server.queues[KITCHEN].current_index == 1)
    await press(harness, "previous")
    assert harness.server.queues[KITCHEN].current_index == 0
    await harness.call_action("media_next_track", KITCHEN)
    await wait_until(lambda: harness.server.queues[KITCHEN].current_index == 1)
    await seek(harness, get_book(harness)[-1].start + 1)
    sent = len(get_sent_arguments(harness.server, SEEK))
    await press(harness, "next")
    assert get_sent_arguments(harness.server, "players/cmd/next")[-1] == {"player_id": KITCHEN}
    assert len(get_sent_arguments(harness.server, SEEK)) == sent


async def test_next_of_episode_is_an_episode(harness: Harness) -> None:
    """In a queue of episodes, next is the next one, also if they have chapters."""
    podcast = harness.server.library.get_item(EPISODES)
    for episode in harness.server.library.get_children(podcast, MediaType.PODCAST_EPISODE):
        episode.metadata.chapters = [
            MediaItemChapter(position=1, name="A", start=0),
            MediaItemChapter(position=2, name="B", start=60),
        ]
    await play(harness, EPISODES)
    before = harness.server.queues[KITCHEN].current_index
    await press(harness, "next")
    assert harness.server.queues[KITCHEN].current_index != before


@OLD_AND_NEW
@pytest.mark.usefixtures("all_enabled")
async def test_select(harness: Harness) -> None:
    """The select shows the chapter, and plays another one; it follows playback."""
    chapters = get_book(harness)
    await play(harness)
    assert get_state(harness, "select", "chapter") == chapters[0].name
    state = harness.hass.states.get(get_entity_id(harness, "select", "chapter") or "")
    assert state
    assert state.attributes["options"] == [chapter.name for chapter in chapters]
    await call_entity_action(harness, "select", "chapter", "select_option", option=chapters[3].name)
    assert get_state(harness, "select", "chapter") == chapters[3].name
    assert harness.server.queues[KITCHEN].elapsed_time == pytest.approx(chapters[3].start, abs=2)
    await call_entity_action(harness, "select", "chapter", "select_next", cycle=False)
    assert get_state(harness, "select", "chapter") == chapters[4].name
    await play(harness, TRACK)
    assert get_state(harness, "select", "chapter") == STATE_UNAVAILABLE


@pytest.mark.usefixtures("all_enabled")
async def test_select_follows_playback(harness: Harness) -> None:
    """When the next chapter begins, without any event, the select shows it."""
    chapters = get_book(harness)
    await play(harness, position=chapters[1].start - 20)
    assert get_state(harness, "select", "chapter") == chapters[0].name
    tracker = harness.coordinator.event_tracker
    clock = tracker.clock
    tracker.clock = lambda: clock() + 30
    async_fire_time_changed(harness.hass, dt_util.utcnow() + timedelta(seconds=30))
    await harness.hass.async_block_till_done()
    assert get_state(harness, "select", "chapter") == chapters[1].name


@pytest.mark.usefixtures("all_enabled")
async def test_select_while_paused(harness: Harness) -> None:
    """A paused book stays in its chapter, and no timer runs for it."""
    chapters = get_book(harness)
    await play(harness, position=chapters[1].start - 20)
    await harness.call_action("media_pause", KITCHEN)
    await harness.wait_for_events()
    tracker = harness.coordinator.event_tracker
    clock = tracker.clock
    tracker.clock = lambda: clock() + 30
    async_fire_time_changed(harness.hass, dt_util.utcnow() + timedelta(seconds=30))
    await harness.hass.async_block_till_done()
    assert get_state(harness, "select", "chapter") == chapters[0].name
    assert await press(harness, "next") == pytest.approx(chapters[1].start, abs=2)


@pytest.mark.usefixtures("all_enabled")
async def test_select_errors(harness: Harness) -> None:
    """A chapter that isn't one is refused by Home Assistant, the server's errors are translated."""
    await play(harness)
    with pytest.raises(HomeAssistantError):
        await call_entity_action(harness, "select", "chapter", "select_option", option="Nothing")
    harness.server.faults.fail_command(SEEK, 22)
    await expect_error(
        "not_permitted",
        call_entity_action(
            harness, "select", "chapter", "select_option", option=get_book(harness)[2].name
        ),
    )


async def test_select_is_disabled_by_default(harness: Harness) -> None:
    """Few want it, so it is there to be enabled, and costs nothing until then."""
    assert get_state(harness, "select", "chapter") is None
    assert not CHAPTER.entity_registry_enabled_default


@OLD_AND_NEW
async def test_chapters_in_queue(harness: Harness) -> None:
    """The items of a queue list their chapters, those without chapters have no key for them."""
    await play(harness)
    await harness.call_action(
        "play_media", KITCHEN, media_content_id=TRACK, media_content_type="music", enqueue="add"
    )
    book, track = await call_for_response(harness, "get_queue_items")
    assert book["chapters"] == [
        {"position": item.position, "name": item.name, "start": item.start, "end": item.end}
        for item in get_book(harness)
    ]
    assert "chapters" not in track
