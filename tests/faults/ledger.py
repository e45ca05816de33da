"""Whether what is told to happen on players did: none twice, none missed while connected.

Beside the watch, which looks only at whom an event concerns, some players are looked at at every
event, whatever it is about. What both saw is compared.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from unittest.mock import patch

from music_assistant_models.enums import MediaType, PlaybackState
from music_assistant_models.event import MassEvent

from custom_components.music_assistant.players.changes import Change, Kind, Played
from custom_components.music_assistant.server.client import Client
from tests.common import House

from .traffic import HURRIED

ENDS: Final = (Kind.TRACK_FINISHED, Kind.TRACK_SKIPPED)


@dataclass
class Page:
    """What was seen of a player, and told of it, since the last look at the ledger."""

    expected: list[str] = field(default_factory=list)  # items that began to play
    told: list[Change] = field(default_factory=list)
    playing: str | None = None  # the last of them
    open: Played | None = None  # what began and hasn't ended, as it was told

    def wrong(self) -> Iterator[str]:
        """Yield what was missed, or told twice."""
        started = iter(
            change.played.item_id
            for change in self.told
            if change.kind is Kind.TRACK_STARTED and change.played
        )
        for item_id in self.expected:
            if item_id not in started:  # goes on where it was: the order counts
                yield f"missed the start of {item_id}"
        for change in self.told:
            yield from self._follow(change)

    def _follow(self, change: Change) -> Iterator[str]:
        played = change.played
        if change.kind is Kind.TRACK_STARTED:
            if self.open and self.open.duration:
                yield f"{played} started while {self.open} did"
            self.open = played
        elif change.kind in ENDS:
            if self.open and played and self.open.item_id != played.item_id:
                yield f"{played} ended while {self.open} played"
            self.open = None


class Ledger:
    """Keeps a page for each of some players."""

    def __init__(self, house: House) -> None:
        """Begin with what plays now."""
        self._house = house
        self._pages = {player_id: Page() for player_id in [*house.coordinator.data][:HURRIED]}
        self.told = 0
        self._removers: list[Callable[[], None]] = []
        for player_id, page in self._pages.items():
            page.playing = self._plays(player_id)
            remove = house.coordinator.watch.listen(player_id, page.told.append)
            self._removers.append(remove)

    @contextmanager
    def kept(self) -> Generator[None]:
        """Look at each event for the length of a block."""
        handle, house = Client._handle_event, self._house

        def handled(client: Client, event: MassEvent) -> None:
            handle(client, event)
            if house.set_up and client is house.coordinator.mass:
                self._look()

        with patch.object(Client, "_handle_event", handled):
            yield
        for remove in self._removers:
            remove()

    def wrong(self) -> Iterator[str]:
        """Yield what is wrong since the last time, and turn the pages."""
        self._look()
        for player_id, page in self._pages.items():
            for line in page.wrong():
                yield f"{player_id}: {line}"
            self.told += len(page.told)
            page.expected.clear()
            page.told.clear()

    def _look(self) -> None:
        for player_id, page in self._pages.items():
            playing = self._plays(player_id)
            if playing and playing != page.playing:
                page.playing = playing
                page.expected.append(playing)

    def _plays(self, player_id: str) -> str | None:
        facts = self._house.coordinator.facts(player_id)
        if facts is None or facts.queue is None or facts.item is None:
            return None
        media = facts.player.current_media
        announces = media is not None and media.media_type is MediaType.ANNOUNCEMENT
        playing = facts.queue.state is PlaybackState.PLAYING
        return facts.item.queue_item_id if playing and not announces else None
