"""The work that an event makes, counted: it is the same however many players there are."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from music_assistant_models.enums import EventType
from music_assistant_models.player import Player
from music_assistant_models.unique_list import UniqueList
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.entity import PlayerEntity
from custom_components.music_assistant.mass_queue import events as events_module
from custom_components.music_assistant.mass_queue.actions import MASS_QUEUE_DOMAIN
from custom_components.music_assistant.mass_queue.events import QueueEventSender
from custom_components.music_assistant.server import players as players_module
from custom_components.music_assistant.server.payloads import decode_message
from custom_components.music_assistant.updates import snapshots as snapshots_module
from homeassistant.core import StateMachine, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import async_ as ha_tasks

from .benchmarks.benchmark_server import (
    EVENT_KINDS,
    BenchmarkServer,
    EventKind,
    Frame,
    create_frames,
)
from .benchmarks.meter import EventCounter, wait_until_idle
from .common import LoopMonitor
from .server.messages import build_event

EVENTS: Final = 5
LEADER, MEMBER = "player_001", "player_002"


@dataclass
class Work:
    """What was done."""

    decoded: int = 0  # payloads of players, whole
    partly: int = 0  # of which only that was decoded that changes often
    snapshots: int = 0  # made of a player, to see whether it changed
    renewed: int = 0  # snapshots made of the one before
    numbers: int = 0  # snapshots of which only the numbers were made anew
    told: int = 0  # entities called
    written: int = 0  # states given to Home Assistant, whether new to it or not
    tasks: int = 0
    cards: int = 0  # events for cards made for mass_queue, planned or fired

    def begin(self) -> None:
        """Count from here."""
        vars(self).update(vars(Work()))

    def times(self, number: int) -> Work:
        """Return the same as often."""
        return Work(*(number * each for each in vars(self).values()))


# Of a player's entities, only the media player shows what has changed.
QUEUE_CHANGE: Final = Work(renewed=1, told=1, written=1)
PLAYER_CHANGE: Final = Work(partly=1, numbers=1, told=1, written=1)
NOTHING: Final = Work()
# What one event makes.
EXPECTED: Final = {
    "queue changed": QUEUE_CHANGE,
    "queue unchanged": Work(renewed=1),
    "player changed": PLAYER_CHANGE,
    "player unchanged": Work(partly=1, numbers=1),
    "queue time": NOTHING,
    "queue items": NOTHING,
}


@pytest.fixture(params=[10, 100], ids="{} players".format)
def players(request: pytest.FixtureRequest) -> int:
    """Return how many players there are."""
    count: int = request.param
    return count


@pytest.fixture
async def server(players: int) -> AsyncIterator[BenchmarkServer]:
    """Run a server on which all of them play."""
    async with BenchmarkServer.create(players) as running:
        running.playback.stop_clock()
        yield running


@pytest.fixture
async def work(
    coordinator: MusicAssistantCoordinator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Work]:
    """Count."""
    done = Work()

    def counted[**P, R](what: str, function: Callable[P, R]) -> Callable[P, R]:
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            setattr(done, what, getattr(done, what) + 1)
            return function(*args, **kwargs)

        return wrapper

    monkeypatch.setattr(Player, "from_dict", counted("decoded", Player.from_dict))
    decode_fields = counted("partly", players_module.decode_fields)
    monkeypatch.setattr(players_module, "decode_fields", decode_fields)
    for what, name in (
        ("snapshots", "build_snapshot"),
        ("renewed", "update_snapshot"),
        ("numbers", "update_numbers"),
    ):
        function = getattr(snapshots_module, name)
        monkeypatch.setattr(snapshots_module, name, counted(what, function))
    monkeypatch.setattr(
        StateMachine, "async_set_internal", counted("written", StateMachine.async_set_internal)
    )
    follow = counted("told", PlayerEntity._update_from_coordinator)
    monkeypatch.setattr(PlayerEntity, "_update_from_coordinator", follow)
    monkeypatch.setattr(events_module, "async_call_later", counted("cards", async_call_later))
    fire = callback(counted("cards", QueueEventSender._fire))
    monkeypatch.setattr(QueueEventSender, "_fire", fire)
    loop = asyncio.get_running_loop()
    # Home Assistant makes some past the loop
    monkeypatch.setattr(ha_tasks, "Task", counted("tasks", asyncio.Task))

    def factory(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        done.tasks += 1
        return asyncio.Task(work, loop=loop, **options)

    loop.set_task_factory(factory)
    yield done
    loop.set_task_factory(None)


async def send_events(
    server: BenchmarkServer, coordinator: MusicAssistantCoordinator, frames: Sequence[Frame]
) -> None:
    """Send events one by one, each when the work of the one before is done."""
    counter = EventCounter()
    for frame in frames:
        reached = counter.expect_events(coordinator.mass, 1)
        server.send_frames([frame])
        await reached
        await wait_until_idle()


@pytest.mark.parametrize("kind", EVENT_KINDS, ids=lambda kind: kind.name)
async def test_event(
    kind: EventKind,
    players: int,
    server: BenchmarkServer,
    coordinator: MusicAssistantCoordinator,
    work: Work,
) -> None:
    """An event causes work for the affected players only."""
    frames = create_frames(
        BenchmarkServer.create(players, server.now), kind
    )  # that house tells nobody
    await send_events(server, coordinator, frames[: players // 2])
    work.begin()
    await send_events(server, coordinator, frames[players // 2 :][:EVENTS])
    assert work == EXPECTED[kind.name].times(EVENTS)


async def test_mass_queue_events(
    server: BenchmarkServer,
    coordinator: MusicAssistantCoordinator,
    work: Work,
    loop_monitor: LoopMonitor,
) -> None:
    """With a listener many events fire one bus event; without one there are none."""
    queue = server.queues[LEADER]
    kinds = (EventType.QUEUE_UPDATED, EventType.QUEUE_ITEMS_UPDATED)
    frames = [server.create_frame(kind, LEADER, queue) for kind in kinds for _ in range(EVENTS)]
    await send_events(server, coordinator, frames)
    assert work.cards == 0
    events = async_capture_events(coordinator.hass, MASS_QUEUE_DOMAIN)
    await send_events(server, coordinator, frames)
    with loop_monitor.skip_idle_time():
        await loop_monitor.wait_until(lambda: events)
    assert (len(events), work.cards) == (1, 2)


async def test_events_of_one_turn(
    server: BenchmarkServer, coordinator: MusicAssistantCoordinator, work: Work
) -> None:
    """Events about one player in one turn of the loop write one state."""
    for volumes in ((10,), range(20, 20 + EVENTS)):  # the first one to warm up
        work.begin()
        for volume in volumes:
            player = replace(server.players[LEADER], volume_level=volume)
            text = server.serialize(build_event(EventType.PLAYER_UPDATED, LEADER, player))
            coordinator.mass._handle_incoming_message(decode_message(text))
        await wait_until_idle()
    assert work == PLAYER_CHANGE


async def test_group(
    server: BenchmarkServer, coordinator: MusicAssistantCoordinator, work: Work
) -> None:
    """A change of a leader's queue updates its members, and no other player."""
    members = UniqueList([LEADER, MEMBER])
    leader = replace(server.players[LEADER], group_members=members)
    member = replace(server.players[MEMBER], synced_to=LEADER, active_source=LEADER)
    queue = replace(server.queues[LEADER], shuffle_enabled=True)
    changes = [
        server.create_frame(EventType.PLAYER_UPDATED, one.player_id, one)
        for one in (leader, member)
    ]
    await send_events(server, coordinator, changes)
    work.begin()
    await send_events(
        server, coordinator, [server.create_frame(EventType.QUEUE_UPDATED, LEADER, queue)]
    )
    assert work == QUEUE_CHANGE.times(len(members))
