"""Check of the player events: none twice, none missed while connected.

The tracker of the integration handles only the player that an event concerns. Here, some players
are checked at every event, and the results are compared.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from unittest.mock import patch

from music_assistant_models.event import MassEvent

from custom_components.music_assistant.players.changes import (
    PlayedItem,
    PlayerEvent,
    PlayerEventType,
)
from custom_components.music_assistant.players.playback import is_announcing
from custom_components.music_assistant.server.client import Client
from tests.common import Harness

from .traffic import FAST_PLAYER_COUNT

END_EVENTS: Final = (PlayerEventType.TRACK_FINISHED, PlayerEventType.TRACK_SKIPPED)


@dataclass
class PlayerRecord:
    """Represent what a player did and which events were sent since the last check."""

    expected: list[str] = field(default_factory=list)  # items that began to play
    told: list[PlayerEvent] = field(default_factory=list)
    playing: str | None = None  # what plays, or played last
    is_playing: bool = False
    open: PlayedItem | None = None  # what began and hasn't ended, as it was told

    def find_errors(self) -> Iterator[str]:
        """Yield events that were missed or sent twice, and a start that nothing was told of."""
        started = [
            change.item.queue_item_id
            for change in self.told
            if change.event_type is PlayerEventType.TRACK_STARTED and change.item
        ]
        for item_id in self.expected:
            if item_id in started:  # the order counts
                del started[: started.index(item_id) + 1]
            else:
                yield f"missed the start of {item_id}"
        for change in self.told:
            yield from self._check_order(change)
        if self.is_playing and (self.open is None or self.open.queue_item_id != self.playing):
            yield f"{self.playing} plays, and {self.open} was told"

    def _check_order(self, change: PlayerEvent) -> Iterator[str]:
        played = change.item
        if change.event_type is PlayerEventType.TRACK_STARTED:
            if self.open and self.open.duration:
                yield f"{played} started while {self.open} did"
            self.open = played
        elif change.event_type in END_EVENTS:
            if self.open and played and self.open.queue_item_id != played.queue_item_id:
                yield f"{played} ended while {self.open} played"
            self.open = None


class EventChecker:
    """Record some players' playback and events."""

    def __init__(self, harness: Harness) -> None:
        """Initialize with what plays now."""
        self._harness = harness
        self._pages = {
            player_id: PlayerRecord()
            for player_id in [*harness.coordinator.data][:FAST_PLAYER_COUNT]
        }
        self.event_count = 0
        self._removers: list[Callable[[], None]] = []
        for player_id, page in self._pages.items():
            page.playing = self._get_playing_item_id(player_id)
            remove = harness.coordinator.event_tracker.async_subscribe(player_id, page.told.append)
            self._removers.append(remove)

    @contextmanager
    def record(self) -> Generator[None]:
        """Check the players at each event for the length of a block."""
        handle, harness = Client._handle_event, self._harness

        def handle_event(client: Client, event: MassEvent) -> None:
            handle(client, event)
            if harness.is_set_up and client is harness.coordinator.mass:
                self._update_records()

        with patch.object(Client, "_handle_event", handle_event):
            yield
        for remove in self._removers:
            remove()

    def find_errors(self) -> Iterator[str]:
        """Yield errors since the last call, and start new records."""
        self._update_records()
        for player_id, page in self._pages.items():
            page.is_playing = self._get_playing_item_id(player_id) is not None
            for line in page.find_errors():
                yield f"{player_id}: {line}"
            self.event_count += len(page.told)
            page.expected.clear()
            page.told.clear()

    def _update_records(self) -> None:
        """Note what began to play.

        What began while the connection was lost, and ended before the player was refreshed after
        that, is nothing that was missed while connected.
        """
        is_refreshed = self._harness.coordinator.availability.is_settled
        for player_id, page in self._pages.items():
            playing = self._get_playing_item_id(player_id)
            if playing and playing != page.playing:
                page.playing = playing
                if is_refreshed:
                    page.expected.append(playing)

    def _get_playing_item_id(self, player_id: str) -> str | None:
        facts = self._harness.coordinator.get_context(player_id)
        if facts is None or facts.queue is None or facts.current_item is None:
            return None
        plays_item = facts.is_playing and not is_announcing(facts.player)
        return facts.current_item.queue_item_id if plays_item else None
