"""Event entities of players."""

from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

from music_assistant_models.enums import EventType, PlaybackState
import orjson
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.players.event_tracker import (
    async_get_event_tracker,
    async_remove_event_tracker,
)
from custom_components.music_assistant.updates.availability import AvailabilityTracker
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er

from .common import Harness, LoopMonitor, wait_until
from .server.messages import build_event

KITCHEN = "kueche"
ALBUM = "library://album/1"

pytestmark = pytest.mark.usefixtures("all_enabled")


def get_event_entity_id(harness: Harness, player_id: str = KITCHEN) -> str:
    """Return the event entity of a player."""
    entity_id = er.async_get(harness.hass).async_get_entity_id(
        "event", DOMAIN, f"{player_id}_player"
    )
    assert entity_id
    return entity_id


class RecordedEvents:
    """Record the events of a player's event entity."""

    def __init__(self, harness: Harness, player_id: str = KITCHEN) -> None:
        """Note from now on."""
        self.states: list[State] = []
        self._known: set[tuple[object, ...]] = set()
        self._entity_id = get_event_entity_id(harness, player_id)
        self.remove = harness.hass.bus.async_listen(EVENT_STATE_CHANGED, self._note)

    @callback
    def _note(self, changed: Event[EventStateChangedData]) -> None:
        new = changed.data["new_state"]
        if new is None or new.entity_id != self._entity_id or new.state == STATE_UNAVAILABLE:
            return
        # its state is the moment; after an outage it is there again
        what = (new.state, new.attributes["event_type"], new.attributes.get("title"))
        if what not in self._known:
            self._known.add(what)
            self.states.append(new)

    @property
    def kinds(self) -> list[str]:
        """Return what was told."""
        return [one.attributes["event_type"] for one in self.states]

    @property
    def last(self) -> dict[str, Any]:
        """Return the attributes of the last one."""
        return dict(self.states[-1].attributes)


class AdjustableClock:
    """Represent the server's clock, which the tracker uses too."""

    def __init__(self, harness: Harness) -> None:
        """Replace the server's clock."""
        self._now = harness.server.clock
        self.ahead = 0.0
        harness.server.clock = harness.coordinator.event_tracker.clock = self
        self._harness = harness

    def __call__(self) -> float:
        """Return the time."""
        return self._now() + self.ahead

    async def advance(self, seconds: float) -> None:
        """Advance the time."""
        self.ahead += seconds
        self._harness.server.playback.update()
        await self._harness.wait_for_events()


@pytest.fixture
def clock(harness: Harness) -> AdjustableClock:
    """Return a clock that can be put on."""
    return AdjustableClock(harness)


@pytest.fixture
async def told(harness: Harness, clock: AdjustableClock) -> AsyncIterator[RecordedEvents]:
    """Play an album in the kitchen, and note what happens from then on."""
    noted = RecordedEvents(harness)
    await harness.call_action(
        "play_media", KITCHEN, media_content_id=ALBUM, media_content_type="album"
    )
    await harness.wait_for_events()
    yield noted
    noted.remove()


async def test_track_events(harness: Harness, told: RecordedEvents, clock: AdjustableClock) -> None:
    """A track starts, finishes and is skipped."""
    assert told.kinds == ["track_started"]
    items = harness.server.queue_items[KITCHEN]
    media = items[0].media_item
    assert media
    assert (
        told.last
        | {
            "title": media.name,
            "uri": media.uri,
            "media_type": "track",
            "duration": media.duration,
            "event_type": "track_started",
        }
        == told.last
    )
    assert told.last["artists"]
    await clock.advance(items[0].duration or 0)
    assert told.kinds == ["track_started", "track_finished", "track_started"]
    await harness.call_action("media_next_track", KITCHEN)
    await harness.wait_for_events()
    assert told.kinds[3:] == ["track_skipped", "track_started"]


async def test_queue_ended_event(
    harness: Harness, told: RecordedEvents, clock: AdjustableClock
) -> None:
    """The last track finishes, and then the queue."""
    server = harness.server
    server.playback.play_index(server.queues[KITCHEN], len(server.queue_items[KITCHEN]) - 1)
    await harness.wait_for_events()
    del told.states[:]
    last = server.queue_items[KITCHEN][-1]
    await clock.advance(last.duration or 0)
    assert told.kinds == ["track_finished", "queue_ended"]


async def test_events_of_one_turn(harness: Harness, told: RecordedEvents) -> None:
    """Several events in one turn of the loop are all fired."""
    server = harness.server
    queue = server.queues[KITCHEN]
    del told.states[:]
    for index in (1, 2, 3):
        queue.current_index = index
        queue.current_item = server.queue_items[KITCHEN][index]
        text = server.serialize(build_event(EventType.QUEUE_UPDATED, KITCHEN, queue))
        harness.coordinator.mass._handle_incoming_message(orjson.loads(text))
    await harness.hass.async_block_till_done()
    assert told.kinds == ["track_skipped", "track_started"] * 3


async def test_event_of_joined_queue(harness: Harness, told: RecordedEvents) -> None:
    """Events of a queue that a player has just joined are fired."""
    server = harness.server
    noted = RecordedEvents(harness, "buero")
    member = server.players["buero"]
    member.synced_to, member.active_source = KITCHEN, KITCHEN
    member.playback_state = PlaybackState.PLAYING
    queue = server.queues[KITCHEN]
    frames = [build_event(EventType.PLAYER_UPDATED, "buero", member)]
    for index in (1, 2):
        queue.current_index = index
        queue.current_item = server.queue_items[KITCHEN][index]
        frames.append(build_event(EventType.QUEUE_UPDATED, KITCHEN, queue))
        for frame in frames:
            harness.coordinator.mass._handle_incoming_message(orjson.loads(server.serialize(frame)))
        frames.clear()
    await harness.hass.async_block_till_done()
    noted.remove()
    started = [one for one in noted.states if one.attributes["event_type"] == "track_started"]
    titles = [item.media_item.name for item in server.queue_items[KITCHEN][:3] if item.media_item]
    assert [one.attributes["title"] for one in started] == titles
    joined = noted.states[1].attributes
    assert joined["event_type"] == "joined"
    assert joined["group_leader"] == harness.get_entity_id(KITCHEN)


async def test_announcement_events(harness: Harness, told: RecordedEvents) -> None:
    """An announcement fires its events, and none of the interrupted item."""
    del told.states[:]
    await harness.call_action(
        "play_media", KITCHEN, media_content_id="http://x/a.mp3", media_content_type="music",
        announce=True,
    )  # fmt: skip
    await wait_until(lambda: told.kinds[-1:] == ["announcement_ended"])
    await harness.wait_for_events()
    assert told.kinds == ["announcement_started", "announcement_ended"]


async def test_favorite_event(harness: Harness, told: RecordedEvents) -> None:
    """A favorite fires an event with its new state."""
    del told.states[:]
    await harness.coordinator.mass.players.add_currently_playing_to_favorites(KITCHEN)
    await harness.wait_for_events()
    assert told.kinds == ["favorite_changed"]
    assert told.last["favorite"] is True


async def test_events_after_outage(
    harness: Harness, told: RecordedEvents, clock: AdjustableClock, loop_monitor: LoopMonitor
) -> None:
    """After an outage the net change is fired once."""
    server = harness.server
    del told.states[:]
    with loop_monitor.skip_idle_time():
        await server.faults.close_port()
        await server.faults.disconnect_clients()
        await wait_until(lambda: harness.unavailable_entity_ids)
        for _ in range(3):
            server.playback.skip_to_next(server.queues[KITCHEN])
        await server.faults.open_port()
        await harness.wait_for_reconnect(60)
        await wait_until(lambda: "track_started" in told.kinds)
        await server.faults.disconnect_clients()
        await harness.wait_for_reconnect(60)
    assert told.kinds[-2:] == ["track_skipped", "track_started"]
    assert told.kinds.count("track_started") == 1
    playing = server.players[KITCHEN].current_media
    assert playing and told.last["title"] == playing.title


async def test_events_of_group_that_was_joined_in_an_outage(
    harness: Harness, told: RecordedEvents, loop_monitor: LoopMonitor
) -> None:
    """Events of the leader's queue are fired before the player is refreshed after an outage."""
    server = harness.server
    noted = RecordedEvents(harness, "buero")
    with (
        loop_monitor.skip_idle_time(),
        patch.object(AvailabilityTracker, "_for_each_in_batches"),  # its turn never comes
    ):
        await server.faults.disconnect_clients()
        member = server.players["buero"]
        member.synced_to, member.active_source = KITCHEN, KITCHEN
        member.playback_state = PlaybackState.PLAYING
        await harness.wait_for_reconnect(60)
        items = server.queue_items[KITCHEN]
        for index in (1, 2):
            server.update_queue(KITCHEN, current_index=index, current_item=items[index])
            await harness.wait_for_events()
    noted.remove()
    started = [one for one in noted.states if one.attributes["event_type"] == "track_started"]
    titles = [item.media_item.name for item in items[1:3] if item.media_item]
    assert [one.attributes["title"] for one in started] == titles


async def test_no_events_during_server_start(
    harness: Harness, told: RecordedEvents, loop_monitor: LoopMonitor
) -> None:
    """A server that starts without players and queues fires no events."""
    del told.states[:]
    with loop_monitor.skip_idle_time():
        await harness.server.faults.restart_server(starting=10)
        await harness.wait_for_reconnect(60)
        assert told.kinds == []
        await harness.call_action("media_play", KITCHEN)
        await harness.wait_for_events()
    assert told.kinds == []  # it goes on where it was


async def test_removed_entity_stops_tracking(harness: Harness) -> None:
    """Only players with listeners are tracked."""
    watch = harness.coordinator.event_tracker
    er.async_get(harness.hass).async_remove(get_event_entity_id(harness))
    await harness.hass.async_block_till_done()
    assert KITCHEN not in watch._statuses
    assert KITCHEN not in watch._routing.get_dependents(KITCHEN)


async def test_listener_error_is_logged(
    harness: Harness, told: RecordedEvents, caplog: pytest.LogCaptureFixture
) -> None:
    """An error of a listener is logged, and the others are called."""

    def raise_error(_change: object) -> None:
        raise ValueError("broken")

    remove = harness.coordinator.event_tracker.async_subscribe(KITCHEN, raise_error)
    await harness.call_action("media_next_track", KITCHEN)
    await harness.wait_for_events()
    remove()
    assert told.kinds[-1] == "track_started"
    assert "Listener of player kueche failed" in caplog.text


async def test_no_event_at_start(harness: Harness) -> None:
    """What began before the start fires no event."""
    assert harness.server.queues["buero"].state is PlaybackState.IDLE
    state = harness.hass.states.get(get_event_entity_id(harness, "buero"))
    assert state and state.state == STATE_UNKNOWN


async def test_tracker_of_removed_entry(hass: HomeAssistant) -> None:
    """A config entry has one tracker until it is removed."""
    tracker = async_get_event_tracker(hass, "one")
    assert async_get_event_tracker(hass, "one") is tracker
    assert async_get_event_tracker(hass, "two") is not tracker
    async_remove_event_tracker(hass, "one")
    assert async_get_event_tracker(hass, "one") is not tracker
    async_remove_event_tracker(hass, "three")
