"""The item and the position of playback, merged from a queue and its player."""

from collections.abc import Iterable
from dataclasses import replace
import random
from typing import Any, Final

from music_assistant_models.enums import PlaybackState
from music_assistant_models.unique_list import UniqueList
import pytest

from custom_components.music_assistant.players.playback import (
    GAP_TIME,
    RETURN_TIME,
    Playback,
    PlaybackCommand,
    PlaybackSources,
    Position,
    _has_only_reports,
    _update_item,
    _update_position,
    get_sources,
    is_playing,
    merge_playback,
)
from custom_components.music_assistant.server.queues import LazyQueue, LazyQueueItem

from .server.player_set import create_group, create_queue, create_speaker

DURATION: Final = 180
ITEMS: Final = {
    name: LazyQueueItem({"queue_item_id": name, "duration": DURATION}, "") for name in "abcd"
}
# Times in the past, so that they are valid.
NOW: Final = 1_000_000.0


def create_sources(item_id: str | None, **fields: Any) -> PlaybackSources:
    """Return sources that both name an item of a playing queue."""
    usual: dict[str, Any] = {
        "queue_item": ITEMS.get(item_id or ""),
        "queue_index": "abcd".index(item_id) if item_id else None,
        "has_queue": True,
        "has_items": True,
        "media_item_id": item_id,
        "has_media": item_id is not None,
        "is_playing": True,
        "is_queue_playing": True,
    }
    return PlaybackSources(**usual | fields)


def create_position(seconds: float, now: float = 0.0) -> Position:
    """Return a position that was reported at a time."""
    return Position(seconds, NOW + now)


def merge_all(steps: Iterable[tuple[float, PlaybackSources]]) -> list[Playback]:
    """Return what is shown after each of the steps."""
    shown: list[Playback] = []
    playback: Playback | None = None
    for now, sources in steps:
        playback = merge_playback(playback, sources, NOW + now)
        shown.append(playback)
    return shown


def get_shown_items(*steps: tuple[float, PlaybackSources]) -> str:
    """Return the items that are shown after each of the steps; "-" is none."""
    return "".join(playback.item_id or "-" for playback in merge_all(steps))


NEXT: Final = PlaybackCommand(1, changes_item=True)
PREVIOUS: Final = PlaybackCommand(2, changes_item=True)
ANSWERED: Final = PREVIOUS._replace(answered_at=NOW + 2)
IDLE: Final = {"is_playing": False, "is_queue_playing": False}
NO_ITEMS: Final = {"has_items": False}
ENDED: Final = {"queue_position": create_position(0)}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [(0, create_sources("a")), (1, create_sources("b")), (2, create_sources("c"))],
            "abc",
            id="others at once",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b")),
                (2.5, create_sources("a")),
                (3.8, create_sources("b")),
            ],
            "abbb",
            id="a return that is over",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b")),
                (2, create_sources("a")),
                (6.9, create_sources("a")),
                (7, create_sources("a")),
            ],
            "abbba",
            id="a return that is confirmed",
        ),
        pytest.param(
            [(0, create_sources("a")), (1, create_sources("b")), (6, create_sources("a"))],
            "aba",
            id="a return that is late",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b")),
                (2, create_sources("c")),
                (3, create_sources("a")),
                (4, create_sources("c")),
            ],
            "abccc",
            id="a return further back",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b")),
                (2, create_sources("a")),
                (3, create_sources("c")),
            ],
            "abbc",
            id="another one while a return is held",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b")),
                (2, create_sources("a")),
                (3, create_sources("b")),
                (4, create_sources("a")),
            ],
            "abbbb",
            id="each return is held",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b")),
                (2, create_sources("a")),
                (4, create_sources(None)),
                (7, create_sources(None)),
            ],
            "abbb-",
            id="what is held is held once",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources(None)),
                (6.9, create_sources(None)),
                (7, create_sources(None)),
            ],
            "aaa-",
            id="missing while it plays",
        ),
        pytest.param(
            [(0, create_sources("a")), (1, create_sources(None)), (3, create_sources("b"))],
            "aab",
            id="missing between",
        ),
        pytest.param(
            [(0, create_sources("a")), (1, create_sources(None, **IDLE))],
            "a-",
            id="missing while idle",
        ),
        pytest.param(
            [(0, create_sources("a")), (1, create_sources(None, **NO_ITEMS))],
            "a-",
            id="an empty queue",
        ),
        pytest.param([(0, create_sources(None)), (1, create_sources("a"))], "-a", id="after none"),
        pytest.param(
            [(0, create_sources("a")), (1, create_sources(None, **IDLE)), (2, create_sources("a"))],
            "a-a",
            id="back after none",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b")),
                (2, create_sources("a", commands=(PREVIOUS,))),
            ],
            "aba",
            id="a return that was commanded",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b")),
                (2, create_sources("a", commands=(ANSWERED,))),
            ],
            "aba",
            id="a return whose command was answered",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b", commands=(PREVIOUS,))),
                (2, create_sources("a", commands=(PREVIOUS,))),
            ],
            "abb",
            id="a command explains one change",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (11, create_sources("b")),
                (13, create_sources("a", commands=(ANSWERED,))),
            ],
            "abb",
            id="a command that is over",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b")),
                (2, create_sources("a")),
                (3, create_sources("a", commands=(PREVIOUS,))),
            ],
            "abba",
            id="commanded while it is held",
        ),
        pytest.param(
            [(0, create_sources("a")), (1, create_sources("b", **ENDED)), (4, create_sources("a"))],
            "abb",
            id="before its end",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources("b", queue_position=create_position(176, 1))),
                (4, create_sources("a")),
            ],
            "aba",
            id="a natural end",
        ),
        pytest.param(
            [
                (0, create_sources("a", media_item_id="b")),
                (1, create_sources("b", media_item_id="a")),
            ],
            "ab",
            id="the queue goes first",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, create_sources(None, media_item_id="b")),
                (2, create_sources("b")),
            ],
            "abb",
            id="the player's without the queue's",
        ),
        pytest.param(
            [
                (0, create_sources("a")),
                (1, PlaybackSources(has_media=True)),
                (2, create_sources("a")),
            ],
            "a-a",
            id="a source of its own",
        ),
    ],
)
def test_item(steps: list[tuple[float, PlaybackSources]], expected: str) -> None:
    """Another item is shown at once, but an unexplained return or gap only when it lasts."""
    assert get_shown_items(*steps) == expected


def test_index_of_item() -> None:
    """The index is that of the item that is shown."""
    shown = merge_all(
        [
            (0, create_sources("a")),
            (1, create_sources("b")),
            (2, create_sources("a")),
            (7, create_sources("a")),
            (8, create_sources(None, **IDLE)),
        ]
    )
    assert [playback.queue_index for playback in shown] == [0, 1, 1, 0, None]


@pytest.mark.parametrize("seed", range(50))
def test_shown_items_are_named(seed: int) -> None:
    """What no source names is shown only for as long as it may be held, and then what they name."""
    chance = random.Random(seed)
    now, named_at, playback = 0.0, dict.fromkeys("abcd-", -99.0), None
    for _ in range(200):
        now += chance.choice([0.0, 0.3, 1.0, 3.0, 8.0])
        queue_item, media_item = chance.choice("abcd-"), chance.choice("abcd-")
        sources = create_sources(
            None if media_item == "-" else media_item,
            queue_item=ITEMS.get(queue_item),
            is_playing=chance.random() < 0.8,
        )
        named_at[queue_item] = named_at[media_item] = now
        playback = merge_playback(playback, sources, NOW + now)
        shown_since = now - named_at[playback.item_id or "-"]
        assert shown_since == 0 or playback.held
        if playback.held:
            assert playback.held.until - NOW - now <= max(RETURN_TIME, GAP_TIME) + 0.001
        later = merge_playback(playback, sources, NOW + now + GAP_TIME + 0.001)
        assert later.item_id == sources.item_id


@pytest.mark.parametrize("seed", range(50))
def test_reports_are_merged_alike(seed: int) -> None:
    """The short way for reports has the result of the long one."""
    chance = random.Random(seed)
    now, playback, short_ways = NOW, merge_playback(None, create_sources("a"), NOW), 0
    for _ in range(200):
        now += chance.choice([0.3, 8.0])
        positions = {
            f"{name}_position": Position(chance.randrange(100), now)
            if chance.random() < 0.8
            else None
            for name in ("queue", "media", "stream")
        }
        sources = create_sources(
            chance.choice("aaab"),
            queue_item=ITEMS.get(chance.choice("aab-")),
            is_playing=chance.random() < 0.9,
            members=("one", "two") if chance.random() < 0.1 else (),
            commands=(NEXT,) if chance.random() < 0.1 else (),
            **positions,
        )
        merged = merge_playback(playback, sources, now)
        if _has_only_reports(playback, sources):
            assert merged == _update_position(playback, _update_item(playback, sources, now), now)
            short_ways += 1
        playback = merged
    assert short_ways > 20


def test_nothing_new_costs_nothing() -> None:
    """The same sources make the same object."""
    before = merge_playback(None, create_sources("a"), NOW)
    assert merge_playback(before, create_sources("a"), NOW + 1) is before


SEEK: Final = PlaybackCommand(1, changes_item=False, position=90.0)
DONE: Final = SEEK._replace(answered_at=NOW + 1)


def get_shown_positions(*steps: tuple[float, PlaybackSources]) -> list[float | None]:
    """Return the positions that are shown after each of the steps, extrapolated."""
    return [
        playback.position
        and playback.position.seconds
        + (NOW + now - playback.position.at if playback.sources.is_active else 0)
        * playback.sources.speed
        for (now, _), playback in zip(steps, merge_all(steps), strict=True)
    ]


# The next item, reported with the position of the old stream added.
OLD_STREAM_ADDED: Final = [
    (
        0,
        create_sources("a", queue_position=create_position(8), stream_position=create_position(8)),
    ),
    (
        1,
        create_sources(
            "b",
            queue_position=create_position(0, 1),
            stream_position=create_position(8),
        ),
    ),
    (
        3,
        create_sources(
            "b",
            queue_position=create_position(11, 3),
            stream_position=create_position(8),
        ),
    ),
]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [
                (
                    0,
                    create_sources(
                        "a",
                        queue_position=create_position(5),
                        media_position=create_position(9, -2),
                    ),
                )
            ],
            [5],
            id="the newest",
        ),
        pytest.param(
            [
                (
                    0,
                    create_sources(
                        "a",
                        queue_position=create_position(5, -9),
                        media_position=create_position(9, -2),
                    ),
                )
            ],
            [11],
            id="the player's if it is newer",
        ),
        pytest.param(
            [
                (
                    0,
                    create_sources(
                        "a",
                        queue_position=create_position(5),
                        media_item_id="b",
                        media_position=create_position(9, 1),
                    ),
                )
            ],
            [5],
            id="not of another item",
        ),
        pytest.param([(0, create_sources("a"))], [None], id="unknown"),
        pytest.param(
            [
                (0, create_sources("a", queue_id="own", queue_position=create_position(5))),
                (9, create_sources("b", queue_id="group", queue_position=create_position(0))),
                (
                    10,
                    create_sources(
                        "b",
                        queue_id="group",
                        queue_position=create_position(0),
                        media_position=create_position(10, 10),
                        stream_position=create_position(10, 10),
                    ),
                ),
            ],
            [5, 9, 10],
            id="joins a group that plays",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(5))),
                (1, create_sources("b", queue_position=create_position(0, 1))),
                (2, create_sources("a", queue_position=create_position(30, 2))),
                (7, create_sources("a", queue_position=create_position(30, 2))),
            ],
            [5, 0, 1, 35],
            id="a return that is true",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(5))),
                (1, create_sources("a", queue_position=create_position(50, 1))),
            ],
            [5, 50],
            id="sought elsewhere",
        ),
        pytest.param(
            [
                *OLD_STREAM_ADDED,
                (
                    4,
                    create_sources(
                        "b",
                        queue_position=create_position(12, 4),
                        stream_position=create_position(8),
                    ),
                ),
                (
                    5,
                    create_sources(
                        "b",
                        queue_position=create_position(2, 5),
                        stream_position=create_position(8),
                    ),
                ),
            ],
            [8, 0, 2, 3, 2],
            id="the next one with the position of the old stream",
        ),
        pytest.param(
            [
                *OLD_STREAM_ADDED,
                (
                    5,
                    create_sources(
                        "b",
                        queue_position=create_position(13, 5),
                        stream_position=create_position(4, 5),
                    ),
                ),
            ],
            [8, 0, 2, 13],
            id="sought to what had the position of the old stream",
        ),
        pytest.param(
            [
                *OLD_STREAM_ADDED,
                (
                    5,
                    create_sources(
                        "b",
                        queue_position=create_position(13, 5),
                        stream_position=create_position(30, 5),
                    ),
                ),
            ],
            [8, 0, 2, 4],
            id="going on from what had the position of the old stream",
        ),
        pytest.param(
            [
                (
                    0,
                    create_sources(
                        "a",
                        queue_position=create_position(178),
                        stream_position=create_position(178),
                    ),
                ),
                (
                    1,
                    create_sources(
                        "b",
                        queue_position=create_position(178),
                        stream_position=create_position(178),
                    ),
                ),
                (
                    2,
                    create_sources(
                        "b",
                        queue_position=create_position(4, 2),
                        stream_position=create_position(4, 2),
                    ),
                ),
            ],
            [178, 0, 4],
            id="told late of the next one, whose stream has begun anew",
        ),
        pytest.param(
            [
                (
                    0,
                    create_sources(
                        "a", queue_position=create_position(8), media_position=create_position(8)
                    ),
                ),
                (1, create_sources("b", media_position=create_position(8))),
            ],
            [8, 0],
            id="the new one with the old position",
        ),
        pytest.param(
            [
                (
                    0,
                    create_sources(
                        "a", queue_position=create_position(8), stream_position=create_position(8)
                    ),
                ),
                (
                    1,
                    create_sources(
                        "b",
                        queue_position=create_position(3000, 1),
                        stream_position=create_position(3000, 1),
                    ),
                ),
                (
                    9,
                    create_sources(
                        "b",
                        queue_position=create_position(3008, 9),
                        stream_position=create_position(3008, 9),
                    ),
                ),
            ],
            [8, 3000, 3008],
            id="an audiobook that goes on",
        ),
        pytest.param(
            [
                (
                    0,
                    create_sources(
                        "a",
                        queue_position=create_position(8),
                        stream_position=create_position(8),
                        **IDLE,
                    ),
                ),
                (
                    9,
                    create_sources(
                        "a",
                        queue_position=create_position(17, 9),
                        stream_position=create_position(8),
                        is_playing=False,
                    ),
                ),
                (
                    9,
                    create_sources(
                        "a",
                        queue_position=create_position(17, 9),
                        stream_position=create_position(8, 9),
                    ),
                ),
                (
                    12,
                    create_sources(
                        "a",
                        queue_position=create_position(20, 12),
                        stream_position=create_position(8, 9),
                    ),
                ),
                (
                    15,
                    create_sources(
                        "a",
                        queue_position=create_position(22, 15),
                        stream_position=create_position(14, 15),
                        **IDLE,
                    ),
                ),
            ],
            [8, 8, 8, 11, 22],
            id="resumed with the position of the old stream, until it stops",
        ),
        pytest.param(
            [
                (
                    0,
                    create_sources(
                        "a", queue_position=create_position(9), stream_position=create_position(9)
                    ),
                ),
                (
                    2,
                    create_sources(
                        "a",
                        queue_position=create_position(20, 2),
                        stream_position=create_position(9),
                        members=("x",),
                    ),
                ),
            ],
            [9, 11],
            id="another group",
        ),
        pytest.param(
            [
                (0, create_sources("a", media_position=create_position(33, -99), **IDLE)),
                (9, create_sources("a", media_position=create_position(33, -99))),
            ],
            [33, 33],
            id="resumed without a report",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(9), commands=(SEEK,))),
                (1, create_sources("a", queue_position=create_position(9), commands=(SEEK,))),
                (1, create_sources("a", queue_position=create_position(9), commands=(DONE,))),
                (2, create_sources("a", queue_position=create_position(100, 2), commands=(DONE,))),
                (9, create_sources("a", queue_position=create_position(9, 9), commands=(DONE,))),
                (10, create_sources("a", queue_position=create_position(98, 10), commands=(DONE,))),
                (11, create_sources("a", queue_position=create_position(20, 11), commands=(DONE,))),
            ],
            [9, 10, 90, 91, 98, 98, 20],
            id="commanded until a report agrees",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(9), commands=(SEEK,))),
                (1, create_sources("a", queue_position=create_position(90, 1), commands=(SEEK,))),
                (1, create_sources("a", queue_position=create_position(90, 1), commands=(DONE,))),
                (5, create_sources("a", queue_position=create_position(20, 5), commands=(DONE,))),
            ],
            [9, 90, 90, 20],
            id="a server that reports before it answers",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(9), commands=(SEEK,))),
                (1, create_sources("a", queue_position=create_position(9), commands=(DONE,))),
                (
                    2,
                    create_sources(
                        "a",
                        queue_position=create_position(100, 2),
                        stream_position=create_position(9),
                        commands=(DONE,),
                    ),
                ),
                (
                    3,
                    create_sources(
                        "a",
                        queue_position=create_position(100, 2),
                        media_position=create_position(12, 3),
                        stream_position=create_position(9),
                        commands=(DONE,),
                    ),
                ),
                (
                    4,
                    create_sources(
                        "a",
                        queue_position=create_position(40, 4),
                        media_position=create_position(12, 3),
                        stream_position=create_position(9),
                        commands=(DONE,),
                    ),
                ),
                (
                    5,
                    create_sources(
                        "a",
                        queue_position=create_position(40, 4),
                        media_position=create_position(41, 5),
                        stream_position=create_position(1, 5),
                        commands=(DONE,),
                    ),
                ),
            ],
            [9, 90, 91, 92, 40, 41],
            id="commanded before somebody else seeks",
        ),
        pytest.param(
            [
                (
                    0,
                    create_sources(
                        "a", queue_position=create_position(50), stream_position=create_position(50)
                    ),
                ),
                (
                    1,
                    create_sources(
                        "a",
                        queue_position=create_position(50),
                        stream_position=create_position(50),
                        commands=(DONE,),
                        **IDLE,
                    ),
                ),
                (
                    2,
                    create_sources(
                        "a",
                        queue_position=create_position(50, 2),
                        stream_position=create_position(50),
                        commands=(DONE,),
                        **IDLE,
                    ),
                ),
                (
                    3,
                    create_sources(
                        "a",
                        queue_position=create_position(20, 3),
                        stream_position=create_position(50),
                        commands=(DONE,),
                        **IDLE,
                    ),
                ),
            ],
            [50, 90, 90, 20],
            id="commanded while paused",
        ),
        pytest.param(
            [
                (
                    0,
                    create_sources(
                        "a",
                        queue_position=create_position(100),
                        stream_position=create_position(50),
                        speed=2.0,
                    ),
                ),
                (
                    10,
                    create_sources(
                        "a",
                        queue_position=create_position(100),
                        stream_position=create_position(50),
                        commands=(DONE,),
                        speed=2.0,
                    ),
                ),
                (
                    11,
                    create_sources(
                        "a",
                        queue_position=create_position(122, 11),
                        stream_position=create_position(50),
                        commands=(DONE,),
                        speed=2.0,
                    ),
                ),
            ],
            [100, 90, 92],
            id="commanded at another speed",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(9))),
                (1, create_sources("a", queue_position=create_position(9), commands=(DONE,))),
                (
                    2,
                    create_sources(
                        "a", queue_position=create_position(100, 2), commands=(DONE,), **IDLE
                    ),
                ),
            ],
            [9, 90, 100],
            id="commanded until playback stops",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(9), **IDLE)),
                (1, create_sources("a", queue_position=create_position(DURATION, 1), **IDLE)),
                (
                    1,
                    create_sources(
                        "a",
                        queue_position=create_position(DURATION, 1),
                        commands=(DONE._replace(position=DURATION + 60.0),),
                        **IDLE,
                    ),
                ),
            ],
            [9, DURATION, DURATION],
            id="commanded beyond the end",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(9))),
                (1, create_sources("a", queue_position=create_position(9), commands=(DONE,))),
                (2, create_sources("b", queue_position=create_position(0, 2), commands=(DONE,))),
            ],
            [9, 90, 0],
            id="commanded until another item",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(9))),
                (
                    1,
                    create_sources(
                        "b",
                        queue_position=create_position(9),
                        commands=(NEXT._replace(position=20.0),),
                    ),
                ),
                (
                    3,
                    create_sources(
                        "b",
                        queue_position=create_position(30, 3),
                        commands=(NEXT._replace(position=20.0),),
                    ),
                ),
            ],
            [9, 20, 22],
            id="an item from a position",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(9))),
                (1, create_sources("b", queue_position=create_position(0, 1))),
                (2, create_sources("a", queue_position=create_position(11, 2))),
            ],
            [9, 0, 1],
            id="that of an item that is held",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(9))),
                (1, create_sources(None, **IDLE)),
            ],
            [9, None],
            id="no item",
        ),
        pytest.param(
            [
                (
                    0,
                    PlaybackSources(
                        has_media=True, media_position=create_position(9), is_playing=True
                    ),
                ),
                (1, create_sources("a", queue_position=create_position(60, 1))),
            ],
            [9, 60],
            id="a queue that is loaded late",
        ),
        pytest.param(
            [
                (0, create_sources("a", queue_position=create_position(0), speed=2.0)),
                (
                    1,
                    create_sources(
                        "a", queue_position=create_position(0), speed=2.0, members=("x",)
                    ),
                ),
                (
                    10,
                    create_sources(
                        "a", queue_position=create_position(20, 10), speed=2.0, members=("x",)
                    ),
                ),
            ],
            [0, 2, 20],
            id="faster",
        ),
    ],
)
def test_position(steps: list[tuple[float, PlaybackSources]], expected: list[float | None]) -> None:
    """The newest report about the item counts, if it isn't one of the old stream."""
    shown = get_shown_positions(*steps)
    assert [None if seconds is None else round(seconds, 3) for seconds in shown] == expected


@pytest.mark.parametrize(
    ("is_group", "player_state", "queue_state", "expected"),
    [
        (False, PlaybackState.PLAYING, PlaybackState.IDLE, True),
        (False, PlaybackState.IDLE, PlaybackState.PLAYING, False),
        (True, PlaybackState.IDLE, PlaybackState.PLAYING, True),
        (True, PlaybackState.IDLE, PlaybackState.PAUSED, False),
        (True, PlaybackState.IDLE, None, False),
        (True, PlaybackState.PLAYING, None, True),
    ],
)
def test_is_playing(
    is_group: bool, player_state: PlaybackState, queue_state: PlaybackState | None, expected: bool
) -> None:
    """A player says itself whether it plays; a group may say it only by its queue."""
    speaker = create_speaker("Kitchen", "kitchen")
    player = create_group("All", ["kitchen"]) if is_group else speaker
    queue = (
        LazyQueue.from_payload(replace(create_queue(player), state=queue_state).to_dict())
        if queue_state
        else None
    )
    assert is_playing(replace(player, playback_state=player_state), queue) is expected


@pytest.mark.parametrize("playing", [True, False])
def test_sources_of_player(playing: bool) -> None:
    """What a queue and a player say is taken from both, each for itself."""
    states = PlaybackState.PLAYING, PlaybackState.IDLE
    player_state, queue_state = states if playing else reversed(states)
    player = replace(
        create_speaker("Kitchen", "kitchen"),
        playback_state=player_state,
        group_members=UniqueList(["kitchen", "attic"]),
    )
    queue = replace(create_queue(player), state=queue_state, current_index=3, items=9)
    sources = get_sources(player, LazyQueue.from_payload(queue.to_dict()))
    assert (sources.is_playing, sources.is_queue_playing) == (playing, not playing)
    assert (sources.queue_index, sources.members) == (3, ("kitchen", "attic"))
    assert sources.has_items and not sources.has_media
    without = get_sources(player, None)
    assert (without.queue_index, without.is_queue_playing, without.has_queue) == (
        None,
        False,
        False,
    )


def test_position_in_queue_of_unknown_item() -> None:
    """While only the player names an item, its place in the queue isn't that of another one."""
    named = create_sources("a", queue_item=None, media_item_id="b", queue_index=7)
    shown = merge_all([(0, create_sources("a")), (GAP_TIME + 1, named), (2 * GAP_TIME + 9, named)])
    assert (shown[-1].item_id, shown[-1].queue_index) == ("b", None)
