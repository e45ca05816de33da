"""Detection of changes between two states of a player."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from music_assistant_models.enums import MediaType, PlaybackState, RepeatMode
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
    PlaybackStatus,
    PlayedItem,
    PlayerEvent,
    PlayerEventType,
    build_played_item,
    detect_changes,
)
from custom_components.music_assistant.players.context import PlayerContext
from custom_components.music_assistant.players.favorites import set_favorite
from custom_components.music_assistant.players.playback import Playback
from custom_components.music_assistant.server.queues import LazyQueue

from .player_contexts import build_context
from .server.player_set import create_queue, create_speaker

PLAYING, PAUSED, IDLE = PlaybackState.PLAYING, PlaybackState.PAUSED, PlaybackState.IDLE
PLAYER: Final = create_speaker("Kitchen", "kitchen")
DURATION: Final = 200
STARTED, FINISHED, SKIPPED = (
    PlayerEventType.TRACK_STARTED,
    PlayerEventType.TRACK_FINISHED,
    PlayerEventType.TRACK_SKIPPED,
)
ENDED: Final = PlayerEventType.QUEUE_ENDED


def create_item(
    name: str, duration: int | None = DURATION, kind: MediaType = MediaType.TRACK, **media: Any
) -> QueueItem:
    """Return an item of a queue."""
    track = Track(item_id=name, provider="x", name=name, provider_mappings=set(), **media)
    track.media_type = kind
    return QueueItem("kitchen", name, name, duration, media_item=track)


ITEMS: Final = {
    "a": create_item("a"),
    "b": create_item("b"),
    "c": create_item("c"),
    "radio": create_item("radio", None, MediaType.RADIO),
    "book": create_item("book", 3600, MediaType.AUDIOBOOK),
}


def create_context(
    now: float,
    current: str | None = "a",
    state: PlaybackState = PLAYING,
    *,
    position: float = 0,
    following: str | None = "b",
    ended: bool = False,
    **player: Any,
) -> PlayerContext:
    """Return the player context of an event."""
    queue = replace(
        create_queue(PLAYER),
        items=2 if following else 1,
        current_index=0 if current else None,
        current_item=ITEMS[current] if current else None,
        repeat_mode=RepeatMode.ONE if current == following else RepeatMode.OFF,
        state=state,
        elapsed_time=position,
        elapsed_time_last_updated=now or 0.001,  # 0 is no time
        ended=ended,
    )
    fields = {"playback_state": state} | player
    return build_context(replace(PLAYER, **fields), LazyQueue.from_payload(queue.to_dict()))


def detect_all_changes(looks: Iterable[tuple[float, PlayerContext]]) -> list[PlayerEvent]:
    """Return the changes of a sequence of states."""
    moment: PlaybackStatus | None = None
    playback: Playback | None = None
    found: list[PlayerEvent] = []
    for now, seen in looks:
        context = build_context(seen.player, seen.queue, seen.leader, before=playback, now=now)
        playback = context.playback
        moment, changes = detect_changes(context, now, moment)
        found += changes
    return found


def summarize_changes(
    *looks: tuple[float, dict[str, Any]],
) -> list[tuple[PlayerEventType, str | None]]:
    """Return the detected changes as (type, item id)."""
    changes = detect_all_changes((now, create_context(now, **seen)) for now, seen in looks)
    return [(one.event_type, one.item.title if one.item else None) for one in changes]


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
        pytest.param(
            [(0, LAST), (50, SILENT | LAST | {"ended": True})],
            [(FINISHED, "a"), (ENDED, "a")],
            id="the end, early",
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
            [(0, {"following": "a"}), (195, {"following": "a", "position": 100})],
            [],
            id="a repeated one, moved back to its middle",
        ),
        pytest.param(
            [(0, {}), (200, {"current": "c"}), (200, {"current": "c"})],
            [(FINISHED, "a"), (STARTED, "c")],
            id="the net change of an outage",
        ),
    ],
)
def test_track_changes(
    looks: list[tuple[float, dict[str, Any]]], expected: list[tuple[PlayerEventType, str | None]]
) -> None:
    """Starts, ends and skips of tracks are detected."""
    assert summarize_changes(*looks) == expected


def test_track_end_depends_on_speed() -> None:
    """The playback speed is respected at the end of an item."""
    fast = create_context(0)
    assert fast.queue
    fast.queue.playback_speed = 2.0
    changes = detect_all_changes([(0, fast), (95, create_context(95, "b"))])
    assert [one.event_type for one in changes] == [FINISHED, STARTED]


def test_source_playback_is_not_detected() -> None:
    """Playback of a source isn't detected, but the end of the item before is."""
    own = build_context(replace(PLAYER, active_source="hdmi"))
    changes = detect_all_changes([(0, create_context(0)), (9, own), (20, create_context(20))])
    assert [one.event_type for one in changes] == [SKIPPED, STARTED]


def test_announcement_changes() -> None:
    """An announcement starts and ends without changes of the interrupted item."""
    spoken = PlayerMedia(uri="http://x/bell.mp3", media_type=MediaType.ANNOUNCEMENT)
    changes = detect_all_changes(
        [
            (0, create_context(0)),
            (150, create_context(150, state=PAUSED, position=150, current_media=spoken)),
            (155, create_context(155, None, IDLE, current_media=spoken)),
            (160, create_context(160, position=150)),
            (195, create_context(195, "b")),
        ]
    )
    assert [one.event_type for one in changes] == [
        PlayerEventType.ANNOUNCEMENT_STARTED,
        PlayerEventType.ANNOUNCEMENT_ENDED,
        FINISHED,
        STARTED,
    ]


def test_changes_during_announcement() -> None:
    """What happens to the player itself during an announcement isn't told only after it."""
    spoken = PlayerMedia(uri="http://x/bell.mp3", media_type=MediaType.ANNOUNCEMENT)
    looks = [
        (0, create_context(0, sleep_timer_expires_at=9.5)),
        (5, create_context(5, current_media=spoken, sleep_timer_expires_at=9.5)),
        (6, create_context(6, current_media=spoken, synced_to="attic", sleep_timer_expires_at=9.5)),
        (10, create_context(10, current_media=spoken, synced_to="attic")),
    ]
    assert [one.event_type for one in detect_all_changes(looks)] == [
        PlayerEventType.ANNOUNCEMENT_STARTED,
        PlayerEventType.JOINED,
        PlayerEventType.SLEEP_TIMER_ENDED,
    ]


def test_group_changes() -> None:
    """Joining, leaving and changing a group are detected."""
    changes = detect_all_changes(
        [
            (0, create_context(0, SILENT["current"], IDLE)),
            (1, create_context(1, state=IDLE, synced_to="attic")),
            (2, create_context(2, state=IDLE, synced_to="hall")),
            (3, create_context(3, state=IDLE, active_group="hall")),
            (4, create_context(4, state=IDLE)),
        ]
    )
    assert changes == [
        PlayerEvent(PlayerEventType.JOINED, leader_id="attic"),
        PlayerEvent(PlayerEventType.LEFT, leader_id="attic"),
        PlayerEvent(PlayerEventType.JOINED, leader_id="hall"),
        PlayerEvent(PlayerEventType.LEFT, leader_id="hall"),
    ]


@pytest.mark.parametrize(("at", "kinds"), [(50, []), (100, [PlayerEventType.SLEEP_TIMER_ENDED])])
def test_sleep_timer_changes(at: float, kinds: list[PlayerEventType]) -> None:
    """A sleep timer that disappears early was cleared."""
    looks = [(0, create_context(0, sleep_timer_expires_at=100.5)), (at, create_context(at))]
    assert [one.event_type for one in detect_all_changes(looks)] == kinds


def test_sleep_timer_of_group() -> None:
    """A sleep timer ends for all members, except those who left before."""
    timed, over = (replace(PLAYER, sleep_timer_expires_at=at) for at in (100.5, None))
    begun = replace(create_context(0, state=IDLE, synced_to="attic"), leader=timed)
    ended = replace(create_context(100, state=IDLE, synced_to="attic"), leader=over)
    assert [one.event_type for one in detect_all_changes([(0, begun), (100, ended)])] == [
        PlayerEventType.SLEEP_TIMER_ENDED
    ]
    assert [
        one.event_type
        for one in detect_all_changes([(0, begun), (50, create_context(50, state=IDLE))])
    ] == [PlayerEventType.LEFT]


def test_favorite_changes() -> None:
    """A favorite added or removed is detected; another item isn't a change."""

    def detect(current: str, favorite: bool) -> PlayerContext:
        seen = create_context(0, current)
        set_favorite(seen.current_item, favorite)
        return seen

    looks = [detect("a", False), detect("a", True), detect("a", False), detect("b", True)]
    changes = detect_all_changes((0, seen) for seen in looks)
    favorites = [one for one in changes if one.event_type is PlayerEventType.FAVORITE_CHANGED]
    assert [one.favorite for one in favorites] == [True, False]
    assert [one.item and one.item.title for one in favorites] == ["a", "a"]


def test_played_item_fields() -> None:
    """A played item has the fields for automations; unknown ones are omitted."""
    mapping = ProviderMapping(
        item_id="1", provider_domain="spotify", provider_instance="spotify--1"
    )
    known = create_item(
        "Slow Morning",
        artists=UniqueList([ItemMapping(item_id="1", provider="x", name="Ada Finch")]),
        album=ItemMapping(item_id="2", provider="x", name="Glass Harbour"),
        metadata=MediaItemMetadata(genres={"Folk"}),
    )
    assert known.media_item
    known.media_item.provider_mappings = {mapping}
    queue = create_queue(PLAYER)
    expected = PlayedItem(
        queue_item_id="Slow Morning",
        uri="x://track/Slow Morning",
        media_type="track",
        title="Slow Morning",
        artists=("Ada Finch",),
        album="Glass Harbour",
        duration=DURATION,
        genres=frozenset({"Folk"}),
        providers=frozenset({"spotify", "spotify--1"}),
    )
    assert build_played_item(known, queue) == expected
    party = ItemMapping(item_id="9", provider="x", name="Party", media_type=MediaType.PLAYLIST)
    queue.sources = [party]
    assert build_played_item(known, queue).container == "Party"
    known.origin = QueueItemOrigin(container=replace(party, name="Breakfast"))
    assert build_played_item(known, queue).container == "Breakfast"
    bare = QueueItem("kitchen", "z", "Stream", None)
    assert build_played_item(bare, queue) == PlayedItem("z", "z", "unknown", "Stream")
