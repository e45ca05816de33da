"""Changes: what happened from one look at a player to the next."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from music_assistant_models.enums import MediaType, PlaybackState
from music_assistant_models.media_items import (
    ItemMapping,
    MediaItemMetadata,
    ProviderMapping,
    Track,
)
from music_assistant_models.player import PlayerMedia
from music_assistant_models.queue_item import QueueItem, QueueItemOrigin
from music_assistant_models.unique_list import UniqueList
import pytest

from custom_components.music_assistant.players.changes import (
    Change,
    Kind,
    Moment,
    Played,
    look,
    played,
)
from custom_components.music_assistant.players.context import Facts
from custom_components.music_assistant.players.favorites import like
from custom_components.music_assistant.server.queues import Queue

from .server.household import queue_for, speaker

PLAYING, PAUSED, IDLE = PlaybackState.PLAYING, PlaybackState.PAUSED, PlaybackState.IDLE
PLAYER: Final = speaker("Kitchen", "kitchen")
DURATION: Final = 200
STARTED, FINISHED, SKIPPED = Kind.TRACK_STARTED, Kind.TRACK_FINISHED, Kind.TRACK_SKIPPED
ENDED: Final = Kind.QUEUE_ENDED


def item(
    name: str, duration: int | None = DURATION, kind: MediaType = MediaType.TRACK, **media: Any
) -> QueueItem:
    """Return an item of a queue."""
    track = Track(item_id=name, provider="x", name=name, provider_mappings=set(), **media)
    track.media_type = kind
    return QueueItem("kitchen", name, name, duration, media_item=track)


ITEMS: Final = {
    "a": item("a"),
    "b": item("b"),
    "c": item("c"),
    "radio": item("radio", None, MediaType.RADIO),
    "book": item("book", 3600, MediaType.AUDIOBOOK),
}


def facts(
    now: float,
    current: str | None = "a",
    state: PlaybackState = PLAYING,
    *,
    position: float = 0,
    following: str | None = "b",
    ended: bool = False,
    **player: Any,
) -> Facts:
    """Return what the caches hold at a moment, just told by the server."""
    queue = replace(
        queue_for(PLAYER),
        current_item=ITEMS[current] if current else None,
        next_item=ITEMS[following] if following else None,
        state=state,
        elapsed_time=position,
        elapsed_time_last_updated=now,
        ended=ended,
    )
    return Facts(replace(PLAYER, **player), Queue.read(queue.to_dict()))


def happened(looks: Iterable[tuple[float, Facts]]) -> list[Change]:
    """Return what happened in the course of some looks."""
    moment: Moment | None = None
    found: list[Change] = []
    for now, seen in looks:
        moment, changes = look(seen, now, moment)
        found += changes
    return found


def told(*looks: tuple[float, dict[str, Any]]) -> list[tuple[Kind, str | None]]:
    """Return the same in short: what, and of which item."""
    changes = happened((now, facts(now, **seen)) for now, seen in looks)
    return [(one.kind, one.played.title if one.played else None) for one in changes]


LAST = {"following": None}
AWAY: dict[str, Any] = {"current": None, "following": None, "state": IDLE}
SILENT: dict[str, Any] = {"current": "a", "state": IDLE}


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([(0, {})], [], id="what plays at the first look began before"),
        pytest.param([(0, SILENT), (1, {})], [(STARTED, "a")], id="begins"),
        pytest.param([(0, {}), (5, {"position": 5})], [], id="goes on"),
        pytest.param(
            [(0, {}), (200, {"current": "b"})], [(FINISHED, "a"), (STARTED, "b")], id="next one"
        ),
        pytest.param(
            [(0, {}), (179, {"current": "b"})], [(SKIPPED, "a"), (STARTED, "b")], id="skipped"
        ),
        pytest.param(
            [(0, {}), (10, {"position": 190}), (15, {"current": "b"})],
            [(FINISHED, "a"), (STARTED, "b")],
            id="sought to the end",
        ),
        pytest.param(
            [(0, {"position": 190}), (1, {"position": 0}), (20, {"current": "b"})],
            [(SKIPPED, "a"), (STARTED, "b")],
            id="sought to the start",
        ),
        pytest.param(
            [(0, {}), (9, {"state": PAUSED, "position": 9}), (999, {"position": 9})],
            [],
            id="a pause",
        ),
        pytest.param(
            [(0, {}), (9, SILENT), (999, {"position": 9})], [], id="stopped, and gone on with"
        ),
        pytest.param(
            [(0, {}), (9, SILENT), (999, {"current": "b"})],
            [(SKIPPED, "a"), (STARTED, "b")],
            id="stopped, then another",
        ),
        pytest.param([(0, {}), (9, AWAY)], [(SKIPPED, "a")], id="cleared"),
        pytest.param(
            [(0, {}), (9, {"current": "b", "state": PAUSED}), (20, {"current": "b"})],
            [(SKIPPED, "a"), (STARTED, "b")],
            id="another one, begun later",
        ),
        pytest.param(
            [(0, {"current": "radio"}), (5, {"current": "b"})], [(STARTED, "b")], id="endless"
        ),
        pytest.param(
            [(0, {"current": "book", "position": 3000}), (539, {"current": "b"})],
            [(SKIPPED, "book"), (STARTED, "b")],
            id="a book is long",
        ),
        pytest.param(
            [(0, {"current": "book", "position": 3000}), (541, {"current": "b"})],
            [(FINISHED, "book"), (STARTED, "b")],
            id="a book's credits",
        ),
        pytest.param(
            [(0, LAST), (200, SILENT | LAST | {"ended": True}), (201, SILENT | LAST)],
            [(FINISHED, "a"), (ENDED, "a")],
            id="the end, as newer servers tell it",
        ),
        pytest.param(
            [(0, LAST), (198, SILENT | LAST), (203, SILENT | LAST | {"ended": True})],
            [(FINISHED, "a"), (ENDED, "a")],
            id="the end, told late",
        ),
        pytest.param(
            [(0, LAST), (198, SILENT | LAST), (300, LAST)],
            [(FINISHED, "a"), (ENDED, "a"), (STARTED, "a")],
            id="played again after the end",
        ),
        pytest.param(
            [(0, LAST), (9, SILENT | LAST | {"current": "b", "ended": True})],
            [(FINISHED, "a"), (ENDED, "a")],
            id="the end, already rewound",
        ),
        pytest.param([(0, LAST), (150, SILENT | LAST)], [], id="stopped in the last one"),
        pytest.param([(0, {}), (199, SILENT)], [], id="stopped at the end of another"),
        pytest.param(
            [(0, {"following": "a"}), (200, {"following": "a"})],
            [(FINISHED, "a"), (STARTED, "a")],
            id="repeated",
        ),
        pytest.param(
            [(0, {"following": "a"}), (90, {"following": "a"})], [], id="begun anew by hand"
        ),
        pytest.param(
            [(0, {}), (200, {"current": "c"}), (200, {"current": "c"})],
            [(FINISHED, "a"), (STARTED, "c")],
            id="the net change of an outage",
        ),
    ],
)
def test_tracks(
    looks: list[tuple[float, dict[str, Any]]], expected: list[tuple[Kind, str | None]]
) -> None:
    """What begins, ends, and is left before its end."""
    assert told(*looks) == expected


def test_slow_and_fast() -> None:
    """At another speed an item ends sooner."""
    fast = facts(0)
    assert fast.queue
    fast.queue.playback_speed = 2.0
    changes = happened([(0, fast), (95, facts(95, "b"))])
    assert [one.kind for one in changes] == [FINISHED, STARTED]


def test_source_of_its_own() -> None:
    """What a player plays by itself isn't told of, but what it left is."""
    own = Facts(replace(PLAYER, active_source="hdmi"), None)
    changes = happened([(0, facts(0)), (9, own), (20, facts(20))])
    assert [one.kind for one in changes] == [SKIPPED, STARTED]


def test_announcement() -> None:
    """An announcement begins and ends; what it interrupts goes on as if nothing had been."""
    spoken = PlayerMedia(uri="http://x/bell.mp3", media_type=MediaType.ANNOUNCEMENT)
    changes = happened(
        [
            (0, facts(0)),
            (150, facts(150, state=PAUSED, position=150, current_media=spoken)),
            (155, facts(155, None, IDLE, current_media=spoken)),
            (160, facts(160, position=150)),
            (195, facts(195, "b")),
        ]
    )
    assert [one.kind for one in changes] == [
        Kind.ANNOUNCEMENT_STARTED,
        Kind.ANNOUNCEMENT_ENDED,
        FINISHED,
        STARTED,
    ]


def test_groups() -> None:
    """Who plays along joins and leaves; who goes over from one to another does both."""
    changes = happened(
        [
            (0, facts(0, SILENT["current"], IDLE)),
            (1, facts(1, state=IDLE, synced_to="attic")),
            (2, facts(2, state=IDLE, synced_to="hall")),
            (3, facts(3, state=IDLE, active_group="hall")),
            (4, facts(4, state=IDLE)),
        ]
    )
    assert changes == [
        Change(Kind.JOINED, leader="attic"),
        Change(Kind.LEFT, leader="attic"),
        Change(Kind.JOINED, leader="hall"),
        Change(Kind.LEFT, leader="hall"),
    ]


@pytest.mark.parametrize(("at", "kinds"), [(50, []), (100, [Kind.SLEEP_TIMER_ENDED])])
def test_sleep_timer(at: float, kinds: list[Kind]) -> None:
    """A sleep timer that goes before its time was cleared."""
    looks = [(0, facts(0, sleep_timer_expires_at=100.5)), (at, facts(at))]
    assert [one.kind for one in happened(looks)] == kinds


def test_sleep_timer_of_a_group() -> None:
    """A sleep timer ends for all who play along, but not for one who leaves before."""
    timed, over = (replace(PLAYER, sleep_timer_expires_at=at) for at in (100.5, None))
    begun = replace(facts(0, state=IDLE, synced_to="attic"), leader=timed)
    ended = replace(facts(100, state=IDLE, synced_to="attic"), leader=over)
    assert [one.kind for one in happened([(0, begun), (100, ended)])] == [Kind.SLEEP_TIMER_ENDED]
    assert [one.kind for one in happened([(0, begun), (50, facts(50, state=IDLE))])] == [Kind.LEFT]


def test_favorite() -> None:
    """What plays becomes a favourite, or is one no more; another item isn't a change."""

    def liked(current: str, favorite: bool) -> Facts:
        seen = facts(0, current)
        like(seen.item, favorite)
        return seen

    looks = [liked("a", False), liked("a", True), liked("a", False), liked("b", True)]
    changes = happened((0, seen) for seen in looks)
    favorites = [one for one in changes if one.kind is Kind.FAVORITE_CHANGED]
    assert [one.favorite for one in favorites] == [True, False]
    assert [one.played and one.played.title for one in favorites] == ["a", "a"]


def test_played() -> None:
    """What automations can ask for is there, and what isn't known is left out."""
    mapping = ProviderMapping(
        item_id="1", provider_domain="spotify", provider_instance="spotify--1"
    )
    known = item(
        "Slow Morning",
        artists=UniqueList([ItemMapping(item_id="1", provider="x", name="Ada Finch")]),
        album=ItemMapping(item_id="2", provider="x", name="Glass Harbour"),
        metadata=MediaItemMetadata(genres={"Folk"}),
    )
    assert known.media_item
    known.media_item.provider_mappings = {mapping}
    queue = queue_for(PLAYER)
    expected = Played(
        item_id="Slow Morning",
        uri="x://track/Slow Morning",
        media_type="track",
        title="Slow Morning",
        artists=("Ada Finch",),
        album="Glass Harbour",
        duration=DURATION,
        genres=frozenset({"Folk"}),
        providers=frozenset({"spotify", "spotify--1"}),
    )
    assert played(known, queue) == expected
    party = ItemMapping(item_id="9", provider="x", name="Party", media_type=MediaType.PLAYLIST)
    queue.sources = [party]
    assert played(known, queue).container == "Party"
    known.origin = QueueItemOrigin(container=replace(party, name="Breakfast"))
    assert played(known, queue).container == "Breakfast"
    bare = QueueItem("kitchen", "z", "Stream", None)
    assert played(bare, queue) == Played("z", "z", "unknown", "Stream")
