"""Servers whose clock is wrong."""

from datetime import UTC, datetime
from email.utils import formatdate
import time
from typing import Any

from music_assistant_models.enums import PlaybackState
import pytest

from custom_components.music_assistant.players.changes import PlayerEvent
from custom_components.music_assistant.server.clock import convert_times, get_clock_offset

from .action_helpers import call_for_response, start_playback
from .common import Harness
from .server import MassServer

KITCHEN = "kueche"
NOW = 1_796_000_000
NEARLY = 3.0  # seconds


@pytest.mark.parametrize(
    ("server_time", "requested_at", "received_at", "expected"),
    [
        (NOW, NOW + 0.4, NOW + 0.5, 0),
        (NOW + 1, NOW, NOW, 0),
        (NOW - 1, NOW, NOW, 0),
        (NOW + 90, NOW, NOW, 90.5),
        (NOW - 90, NOW + 0.5, NOW + 0.5, -90),
        (NOW - 10, NOW - 10, NOW, 0),  # a response that took long
        (0, NOW, NOW, 0.5 - NOW),
    ],
)
def test_offset(
    server_time: float, requested_at: float, received_at: float, expected: float
) -> None:
    """Clocks differ if that isn't explained by whole seconds or the time of the request."""
    date = formatdate(server_time, usegmt=True)
    assert get_clock_offset(date, requested_at, received_at) == pytest.approx(expected)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Nov 2026 99:99:99 GMT", "0"])
def test_unknown_offset(date: str | None) -> None:
    """A server that doesn't tell the time counts as right."""
    assert get_clock_offset(date, NOW, NOW) == 0


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"elapsed_time_last_updated": 100.0, "elapsed_time": 100.0},
            {"elapsed_time_last_updated": 10.0, "elapsed_time": 100.0},
        ),
        (
            {"current_media": {"elapsed_time_last_updated": 100}, "sleep_timer_expires_at": 95},
            {"current_media": {"elapsed_time_last_updated": 10}, "sleep_timer_expires_at": 5},
        ),
        ({"elapsed_time_last_updated": 0}, {"elapsed_time_last_updated": 0}),
        (
            {"elapsed_time_last_updated": None, "current_media": None},
            {"elapsed_time_last_updated": None, "current_media": None},
        ),
        ({"current_media": ["odd"]}, {"current_media": ["odd"]}),
        ("odd", "odd"),
        (None, None),
    ],
)
def test_convert_times(payload: Any, expected: Any) -> None:
    """Only times are converted, and only those that are one."""
    assert convert_times(payload, 90) == expected


@pytest.fixture(params=[90.0, -90.0])
def server_clock_offset(request: pytest.FixtureRequest) -> float:
    """Return the seconds by which the server's clock is ahead."""
    offset: float = request.param
    return offset


@pytest.fixture
async def skewed(harness: Harness, server: MassServer, server_clock_offset: float) -> Harness:
    """Let the server's clock be wrong, and connect again."""
    server.clock_offset = server_clock_offset
    start_playback(server)
    await server.faults.disconnect_clients()
    await harness.wait_for_reconnect()
    return harness


def get_position(harness: Harness) -> float:
    """Return the position in the kitchen, as a frontend computes it."""
    attributes = harness.get_state(KITCHEN).attributes
    elapsed = datetime.now(UTC) - attributes["media_position_updated_at"]
    return float(attributes["media_position"] + elapsed.total_seconds())


async def test_positions(skewed: Harness, server: MassServer) -> None:
    """Positions are right after all kinds of events."""
    queue = server.queues[KITCHEN]
    assert get_position(skewed) == pytest.approx(0, abs=NEARLY)
    server.playback.skip_time(30)
    await skewed.wait_for_events()
    assert get_position(skewed) == pytest.approx(30, abs=NEARLY)
    server.playback.seek(queue, 50)
    await skewed.wait_for_events()
    assert get_position(skewed) == pytest.approx(50, abs=NEARLY)
    await skewed.call_action("media_seek", KITCHEN, seek_position=20)
    await skewed.wait_for_events()
    assert get_position(skewed) == pytest.approx(20, abs=NEARLY)
    await skewed.call_action("media_next_track", KITCHEN)
    await skewed.wait_for_events()
    assert get_position(skewed) == pytest.approx(0, abs=NEARLY)


async def test_positions_in_responses(skewed: Harness) -> None:
    """Actions go by the position that is shown."""
    queue = await call_for_response(skewed, "get_queue")
    assert queue["elapsed_time"] == pytest.approx(0, abs=NEARLY)


async def test_events(skewed: Harness, server: MassServer) -> None:
    """A track that is left is skipped, and one that ends is finished."""
    queue = server.queues[KITCHEN]
    events: list[PlayerEvent] = []
    tracker = skewed.coordinator.event_tracker
    unsubscribe = tracker.async_subscribe(KITCHEN, events.append)
    item = server.queue_items[KITCHEN][1]
    server.playback.play_index(queue, 1, (item.duration or 0) - 60)
    await skewed.wait_for_events()
    server.playback.skip_to_next(queue)
    await skewed.wait_for_events()
    assert queue.current_item and queue.current_item.duration
    server.playback.seek(queue, queue.current_item.duration - 2)
    await skewed.wait_for_events()
    server.playback.skip_time(3)
    await skewed.wait_for_events()
    unsubscribe()
    assert [event.event_type for event in events] == [
        "track_skipped",
        "track_started",
        "track_skipped",
        "track_started",
        "track_finished",
        "track_started",
    ]


async def test_sleep_timer(skewed: Harness, server: MassServer) -> None:
    """The sleep timer ends when it does by Home Assistant's clock."""
    answer = await call_for_response(skewed, "set_sleep_timer", duration={"minutes": 10})
    expected = time.time() + 600
    assert server.players[KITCHEN].playback_state is PlaybackState.PLAYING
    ends_at = datetime.fromisoformat(answer["ends_at"])
    assert ends_at.timestamp() == pytest.approx(expected, abs=NEARLY)
    await skewed.wait_for_events()
    player = skewed.coordinator.data[KITCHEN]
    assert player.sleep_timer == pytest.approx(expected, abs=NEARLY)
