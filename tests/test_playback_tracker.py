"""Returns to an item just left, and commands of Home Assistant, with a server that acts at once."""

from collections.abc import AsyncIterator
from unittest.mock import patch

from music_assistant_models.errors import MusicAssistantError
import pytest

from custom_components.music_assistant.players.changes import PlayerEvent
from custom_components.music_assistant.players.playback import RETURN_TIME

from .common import Harness, LoopMonitor, wait_until

KITCHEN = "kueche"
ALBUM = "library://album/1"


class KitchenPlayer:
    """Represent a player that plays an album, and its titles and events."""

    def __init__(self, harness: Harness) -> None:
        """Initialize without events."""
        self.harness = harness
        self.events: list[str] = []
        self.queue = harness.server.queues[KITCHEN]

    @property
    def titles(self) -> list[str]:
        """Return the titles of the queue."""
        items = self.harness.server.queue_items[KITCHEN]
        return [item.media_item.name for item in items if item.media_item]

    @property
    def title(self) -> str | None:
        """Return the title that is shown."""
        title: str | None = self.harness.get_state(KITCHEN).attributes.get("media_title")
        return title

    def note_event(self, event: PlayerEvent) -> None:
        """Note an event."""
        assert event.item
        self.events.append(f"{event.event_type} {self.titles.index(event.item.title)}")

    async def play_elsewhere(self, index: int) -> None:
        """Play an item of the queue, as another client of the server does."""
        self.harness.server.playback.play_index(self.queue, index)
        await self.harness.wait_for_events()


@pytest.fixture
async def kitchen(harness: Harness) -> AsyncIterator[KitchenPlayer]:
    """Play an album in the kitchen, and note its events from then on."""
    player = KitchenPlayer(harness)
    await harness.call_action(
        "play_media", KITCHEN, media_content_id=ALBUM, media_content_type="album"
    )
    await harness.wait_for_events()
    unsubscribe = harness.coordinator.event_tracker.async_subscribe(KITCHEN, player.note_event)
    yield player
    unsubscribe()


async def test_return_to_last_item(kitchen: KitchenPlayer, loop_monitor: LoopMonitor) -> None:
    """A real return to the last item is reported late, and once."""
    await kitchen.play_elsewhere(1)
    assert kitchen.title == kitchen.titles[1]
    await kitchen.play_elsewhere(0)
    assert kitchen.title == kitchen.titles[1]
    assert kitchen.events == ["track_skipped 0", "track_started 1"]
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: kitchen.title == kitchen.titles[0], limit=6)
    await kitchen.harness.wait_for_events()
    assert kitchen.events[2:] == ["track_skipped 1", "track_started 0"]
    assert not kitchen.harness.coordinator.store.playback._timers


async def test_return_that_is_read_before_it_is_shown(
    kitchen: KitchenPlayer, loop_monitor: LoopMonitor
) -> None:
    """A held return is shown, too, if somebody reads the player before its timer ends."""
    for index in (1, 0):
        await kitchen.play_elsewhere(index)
    coordinator = kitchen.harness.coordinator
    later = coordinator.store.playback._get_time() + RETURN_TIME
    with patch.object(coordinator.store.playback, "_get_time", return_value=later):
        context = coordinator.get_context(KITCHEN)
    assert context
    assert context.playback.item_id == kitchen.harness.server.queue_items[KITCHEN][0].queue_item_id
    assert kitchen.title == kitchen.titles[1]
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: kitchen.title == kitchen.titles[0], limit=1)
    assert not coordinator.store.playback._timers


async def test_momentary_return(kitchen: KitchenPlayer, loop_monitor: LoopMonitor) -> None:
    """A momentary return to the last item isn't reported."""
    for index in (1, 0, 1):
        await kitchen.play_elsewhere(index)
        assert kitchen.title == kitchen.titles[1]
    assert kitchen.events == ["track_skipped 0", "track_started 1"]
    assert not kitchen.harness.coordinator.store.playback._timers


async def test_commanded_return(kitchen: KitchenPlayer) -> None:
    """A return that Home Assistant commanded is reported at once."""
    for action, index in (("media_next_track", 1), ("media_previous_track", 0)):
        await kitchen.harness.call_action(action, KITCHEN)
        await kitchen.harness.wait_for_events()
        assert kitchen.title == kitchen.titles[index]
    assert kitchen.events == [
        "track_skipped 0",
        "track_started 1",
        "track_skipped 1",
        "track_started 0",
    ]


async def test_refused_command(kitchen: KitchenPlayer) -> None:
    """A refused command neither explains a return nor sets the position."""
    await kitchen.play_elsewhere(1)
    server, mass = kitchen.harness.server, kitchen.harness.coordinator.mass
    server.faults.fail_command("player_queues/play_index")
    with pytest.raises(MusicAssistantError):
        await mass.player_queues.play_index(KITCHEN, 0, seek_position=50)
    await kitchen.play_elsewhere(0)
    assert kitchen.title == kitchen.titles[1]
    state = kitchen.harness.get_state(KITCHEN)
    assert state.attributes["media_position"] == 0


async def test_item_that_was_enqueued(kitchen: KitchenPlayer) -> None:
    """What is added to a queue explains no return."""
    await kitchen.play_elsewhere(1)
    await kitchen.harness.call_action(
        "play_media",
        KITCHEN,
        media_content_id="library://track/1",
        media_content_type="track",
        enqueue="add",
    )
    await kitchen.play_elsewhere(0)
    assert kitchen.title == kitchen.titles[1]


async def test_commanded_position(kitchen: KitchenPlayer) -> None:
    """A position that Home Assistant seeks is shown, and one that is sought elsewhere later."""
    await kitchen.harness.call_action("media_seek", KITCHEN, seek_position=90)
    await kitchen.harness.wait_for_events()
    assert kitchen.harness.get_state(KITCHEN).attributes["media_position"] == 90
    kitchen.harness.server.playback.seek(kitchen.queue, 20)
    await kitchen.harness.wait_for_events()
    assert kitchen.harness.get_state(KITCHEN).attributes["media_position"] == 20


async def test_unloaded_while_held(kitchen: KitchenPlayer) -> None:
    """An entry that is unloaded while something is held leaves no timer."""
    store = kitchen.harness.coordinator.store
    for index in (1, 0):
        await kitchen.play_elsewhere(index)
    assert store.playback._timers
    assert await kitchen.harness.hass.config_entries.async_unload(kitchen.harness.entry.entry_id)
    assert not store.playback._timers
