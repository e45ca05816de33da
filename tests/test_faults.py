"""A short fault run, each fault once, and runs that have to notice deliberate mistakes.

Idle time is skipped.
"""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from music_assistant_models.enums import EventType
import pytest

from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.players import playback
from custom_components.music_assistant.players.event_tracker import PlayerEventTracker
from custom_components.music_assistant.server import client, queues
from custom_components.music_assistant.updates import availability
from custom_components.music_assistant.updates.events import EventDispatcher

from .common import Harness, LoopMonitor
from .faults.run import FaultRun, Report
from .server import PlayerSet

PLAYER_COUNT: Final = 50
FEW_PLAYERS: Final = 12


@pytest.fixture
def player_set(request: pytest.FixtureRequest) -> PlayerSet:
    """Return the server's players."""
    return PlayerSet.create_speakers(getattr(request, "param", PLAYER_COUNT))


@pytest.fixture
async def fault_run(
    harness: Harness, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> FaultRun:
    """Return a run whose server, client library and integration go by the skipped time."""
    ahead = harness.server.clock() - loop_monitor.time()

    def get_time() -> float:
        return loop_monitor.time() + ahead

    harness.server.clock = harness.coordinator.event_tracker.clock = get_time
    monkeypatch.setattr(queues, "time", SimpleNamespace(time=get_time))
    return FaultRun(harness, seed=1, pace=0.2)


async def test_each_fault_once(fault_run: FaultRun, loop_monitor: LoopMonitor) -> None:
    """After each fault all states are correct, and nothing is leaked."""
    with loop_monitor.skip_idle_time():
        report = await fault_run.run_each(but=lambda fault: "minute" in fault.name)
    assert report.is_ok, [*report.differences, *report.leaks]
    assert report.faults > 30
    assert report.events > 300
    assert fault_run.traffic.ends["answered"] > 100
    assert fault_run.traffic.ends["not_connected"] > 5


# Deliberate mistakes


def ignore(*_args: Any) -> None:
    """Do nothing."""


def ignore_events(*event_types: EventType) -> AbstractContextManager[object]:
    """Ignore types of events."""
    handlers: dict[EventType, Any] = EventDispatcher._handlers
    return patch.dict(handlers, dict.fromkeys(event_types, ignore))


@contextmanager
def notify_twice() -> Generator[None]:
    """Send each event of a player twice."""
    notify = PlayerEventTracker._notify

    def notify_again(tracker: PlayerEventTracker, *args: Any) -> None:
        notify(tracker, *args)
        notify(tracker, *args)

    with patch.object(PlayerEventTracker, "_notify", notify_again):
        yield


@contextmanager
def leak_listeners() -> Generator[None]:
    """Keep a listener at each reconnect."""
    on_connected = MusicAssistantCoordinator.on_connected

    def subscribe_again(coordinator: MusicAssistantCoordinator, *args: Any) -> None:
        on_connected(coordinator, *args)
        coordinator.async_add_listener(ignore, None)

    with patch.object(MusicAssistantCoordinator, "on_connected", subscribe_again):
        yield


@dataclass(frozen=True)
class Mistake:
    """Describe a mistake, the faults in which it shows, and a part of what is found."""

    name: str
    make: Callable[[], AbstractContextManager[object]]
    faults: tuple[str, ...]
    found: str

    def __str__(self) -> str:
        """Return the name of the test."""
        return self.name

    def is_found(self, report: Report) -> bool:
        """Return whether a run has noticed the mistake."""
        return any(self.found in line for line in (*report.differences, *report.leaks))


MISTAKES: Final = (
    Mistake(
        "queue events ignored",
        partial(ignore_events, EventType.QUEUE_UPDATED),
        ("nonsense",),
        "repeat",
    ),
    Mistake(
        "player events ignored",
        partial(ignore_events, EventType.PLAYER_UPDATED),
        ("commands answered with errors",) * 2,
        "volume",
    ),
    Mistake(
        "removals ignored",
        partial(ignore_events, EventType.PLAYER_REMOVED),
        ("player replaced",) * 3,
        "not whole again",
    ),
    Mistake(
        "additions ignored",
        partial(ignore_events, EventType.PLAYER_ADDED, EventType.QUEUE_ADDED),
        ("player replaced",) * 3,
        "not whole again",
    ),
    Mistake(
        "no grace period",
        lambda: patch.object(availability, "CONNECTION_GRACE_PERIOD", 0.1),
        ("blink of seconds",),
        "unavailable after",
    ),
    Mistake(
        "endless grace period",
        lambda: patch.object(availability, "CONNECTION_GRACE_PERIOD", 1000.0),
        ("outage",),
        "available in an outage",
    ),
    Mistake(
        "players not refreshed after a loss",
        lambda: patch.object(MusicAssistantCoordinator, "_refresh_player", lambda *_: True),
        ("outage",),
        "not whole again",
    ),
    Mistake("events sent twice", notify_twice, ("nonsense",), "started while"),
    Mistake(
        "starts not sent",
        lambda: patch.object(PlayerEventTracker, "_notify", ignore),
        ("nonsense",),
        "missed the start",
    ),
    Mistake(
        "positions never corrected",
        lambda: patch.object(playback, "_judge_report", lambda shown, *_: shown),
        ("commands answered with errors",) * 2,
        "position",
    ),
    Mistake("a listener is kept", leak_listeners, ("closed",), "listeners of the coordinator"),
    Mistake(
        "commands wait for ever",
        lambda: patch.object(client, "get_command_timeout", lambda _: 1000.0),
        ("commands not answered",) * 2,
        "lasted",
    ),
)


@pytest.mark.parametrize("player_set", [FEW_PLAYERS], indirect=True)
@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
async def test_mistake_is_noticed(
    fault_run: FaultRun, loop_monitor: LoopMonitor, mistake: Mistake
) -> None:
    """A mistake of the integration is found by the faults in which it shows."""
    with loop_monitor.skip_idle_time(), mistake.make():
        report = await fault_run.run_named(mistake.faults)
    assert mistake.is_found(report), [*report.differences, *report.leaks]


# A server that acts as late as a real one


@pytest.mark.parametrize("prompt", [False])
@pytest.mark.parametrize("player_set", [FEW_PLAYERS], indirect=True)
async def test_faults_of_late_server(fault_run: FaultRun, loop_monitor: LoopMonitor) -> None:
    """All states are correct, too, if the server acknowledges early and falls back."""
    with loop_monitor.skip_idle_time():
        report = await fault_run.run_named(("nonsense", "commands answered late", "closed"))
    assert report.is_ok, [*report.differences, *report.leaks]
    assert report.events > 20
