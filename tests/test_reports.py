"""The test server reports playback as a real server did in the recordings."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiohttp import ClientSession
from music_assistant_models.enums import MediaType, PlaybackState, QueueOption
from music_assistant_models.errors import PlayerCommandFailed
from music_assistant_models.media_items import Track
import pytest

from .common import LoopMonitor, wait_until
from .contract.websocket_client import WebsocketClient
from .replay import INITIAL_COMMANDS, Line, Recording
from .server import MassServer, reports
from .server.library import Library
from .server.reports import Sequence

PLAYER, FOLLOWER = "up020000000001", "up020000000002"
QUEUE = "kueche"
PLAYER_IDS = {PLAYER: QUEUE, FOLLOWER: "buero"}
TOLERANCE = 3.0  # seconds by which positions may differ
ALBUMS = {"library://album/6": "library://album/1", "library://album/3": "library://album/2"}
SHORT_DURATION = 20  # seconds of the last track of a queue
PLAYING_SINCE = 8.2  # seconds that the player had been playing when most recordings began
type Frames = list[tuple[float, dict[str, Any]]]


class Reported(NamedTuple):
    """Represent what an event reports: the item by its index, and the position in it."""

    event: str
    state: str | None
    item: int | None
    position: float | None

    def is_like(self, other: Reported) -> bool:
        """Return whether another report says the same but for small differences of the position."""
        near = abs((self.position or 0) - (other.position or 0)) <= TOLERANCE
        return self[:3] == other[:3] and near


@dataclass
class Reader:
    """Read the events of one player, with the items by their names."""

    queue_id: str
    reports: list[Reported] = field(default_factory=list)
    _last: dict[str, tuple[Reported, float]] = field(default_factory=dict)  # and their times
    _indices: dict[str, int] = field(default_factory=dict)
    _stamp: tuple[str | None, float | None] = None, None  # of the player's last position

    def read(self, frame: dict[str, Any], at: float) -> None:
        """Read a frame; a report that says nothing new since the last one of that event isn't kept.

        A position is nothing new if it stands still or goes on.
        """
        data: Any = frame.get("data")
        match frame.get("event"):
            case "queue_updated" | "queue_items_updated" as event:
                if data["current_index"] is not None:
                    name = data["current_item"]["media_item"]["name"]
                    self._indices[name] = data["current_index"]
                count = data["items"] if event == "queue_items_updated" else data["elapsed_time"]
                report = Reported(event, data["state"], data["current_index"], count)
            case "player_updated" as event:
                media: dict[str, Any] = data["current_media"] or {}
                title, position = media.get("title"), media.get("elapsed_time")
                stamp, self._stamp = self._stamp, (title, media.get("elapsed_time_last_updated"))
                before, then = self._last.get(event, (None, 0.0))
                is_same = bool(title) and stamp == self._stamp  # the event is about something else
                if is_same and before and before.state == data["playback_state"] == "playing":
                    position = (before.position or 0) + at - then
                item = self._indices.get(title, -1) if title else None
                report = Reported(event, data["playback_state"], item, position)
            case "queue_time_updated" as event:
                report = Reported(event, None, None, data)
            case "media_item_played" as event:
                state = "full" if data["fully_played"] else "part"
                report = Reported(event, state, self._indices.get(data["name"], -1), None)
            case _:
                return
        if frame["event"] != "media_item_played" and frame["object_id"] != self.queue_id:
            return
        before, then = self._last.get(report.event, (None, 0.0))
        self._last[report.event] = report, at
        if report.event == "queue_time_updated" and "queue_updated" in self._last:
            queue, _ = self._last["queue_updated"]
            self._last["queue_updated"] = queue._replace(position=report.position), at
        if before is not None:
            goes_on = before._replace(position=(before.position or 0) + at - then)
            if before.is_like(report) or goes_on.is_like(report):
                return
        self.reports.append(report)


@dataclass(frozen=True)
class Scenario:
    """Describe a part of a recording, and what was played before it, from which position."""

    recording: str
    until: float
    position: float | None = PLAYING_SINCE
    begins: float = 0.5
    stream_position: float = 0.0  # of the player's last stream
    turns: tuple[tuple[tuple[Sequence, ...], int], ...] = ()  # of sequences that aren't the first

    def __str__(self) -> str:
        """Return the name of the test."""
        return f"{self.recording}-{self.until:g}"

    @property
    def lines(self) -> Iterator[Line]:
        """Yield the lines of the part."""
        for line in Recording.load(self.recording).lines:
            is_initial = line.frame.get("command") in INITIAL_COMMANDS
            if self.begins <= line.at < self.until and not is_initial:
                yield line


SCENARIOS = [
    Scenario("02_play_album", 14, None),
    Scenario("03_next", 30),
    Scenario("05_seek", 30),
    Scenario("06_pause_resume_stop_play", 46),
    Scenario("07_play_index_pause", 11),
    Scenario("08_replace_and_enqueue", 54),
    Scenario("09_natural_end", 50, None, turns=((reports.START, 1), (reports.SEEK, 3))),
    Scenario("10_group", 44, None, stream_position=19.777),
    Scenario("12_announcement", 12),
    Scenario("17_radio", 20, None, stream_position=47.5),
    Scenario("20_dynamic_playlist", 11, None, turns=((reports.START, 2),), stream_position=59.3),
]


@pytest.fixture
async def server() -> AsyncIterator[MassServer]:
    """Run a server at the pace of a real one, whose clock is that of the loop."""
    loop = asyncio.get_running_loop()
    library = Library.create(tracks=600)
    async with MassServer(schema_version=29, library=library) as server:
        server.clock = lambda: 1_000_000 + loop.time()
        yield server


def prepare(server: MassServer, position: float | None) -> None:
    """Let the player play an album since some seconds, or have played it."""
    server.prompt = True
    queue = server.queues[QUEUE]
    for uri in ALBUMS.values():
        del server.library.get_children(server.library.get_item(uri), MediaType.TRACK)[10:]
    tracks = server.library.get_playable_items("library://album/1")
    for track in tracks:
        track.duration = 180
    server.playback.add_items(queue, tracks, QueueOption.REPLACE)
    for number, duration in ((100, 180), (101, SHORT_DURATION)):
        item = server.library.get_item(f"library://track/{number}")
        assert isinstance(item, Track)
        item.duration = duration
    queue.elapsed_time_last_updated = server.clock() - (position or 0)
    if position is None:
        server.playback.clear_queue(queue)
    server.prompt = False


def convert_media(media: str | list[str]) -> str | list[str]:
    """Return media of the test server in place of recorded media."""
    if isinstance(media, list):
        return [f"library://track/{number}" for number in range(100, 100 + len(media))]
    if "playlist" in media:
        return [f"library://track/{number}" for number in range(1, 501)]
    if media.startswith("http"):
        return "library://radio/1"
    return ALBUMS.get(media, "library://track/200")


def convert_ids(value: Any) -> Any:
    """Return a value with the ids of players of the test server in place of recorded ones."""
    if isinstance(value, list):
        return [convert_ids(item) for item in value]
    return PLAYER_IDS.get(value, value) if isinstance(value, str) else value


async def replay_commands(scenario: Scenario, client: WebsocketClient) -> Frames:
    """Send the commands of a scenario at their times; return all frames with theirs."""
    frames: Frames = []
    reading = asyncio.create_task(read_all(client, frames))
    begin = asyncio.get_running_loop().time()
    for line in scenario.lines:
        if line.direction == "out":
            args = {name: convert_ids(value) for name, value in line.frame["args"].items()}
            if media := args.get("media"):
                args["media"] = convert_media(media)
            await asyncio.sleep(begin + line.at - asyncio.get_running_loop().time())
            await client.send(line.frame["command"], args)
    await asyncio.sleep(begin + scenario.until - asyncio.get_running_loop().time())
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    return frames


async def read_all(client: WebsocketClient, frames: Frames) -> None:
    """Read frames without end."""
    while True:
        frame = (await client.ws.receive()).json()
        frames.append((asyncio.get_running_loop().time(), frame))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
async def test_reports_are_as_recorded(
    server: MassServer, session: ClientSession, loop_monitor: LoopMonitor, scenario: Scenario
) -> None:
    """The same commands give the same events: states, items and positions in the same order."""
    recorded, reported = Reader(PLAYER), Reader(QUEUE)
    for line in Recording.load(scenario.recording).lines:
        if line.direction == "in" and scenario.begins <= line.at < scenario.until:
            recorded.read(line.frame, line.at)
    with loop_monitor.skip_idle_time():
        prepare(server, scenario.position)
        for sequences, turn in scenario.turns:
            server.playback.reporter.set_turn(sequences, turn)
        server.playback.reporter._stream_positions[QUEUE] = scenario.stream_position
        server.playback.announcement_error = PlayerCommandFailed("Can not resolve stream URL")
        async with WebsocketClient.open(session, server.url, server.create_token("demo")) as client:
            frames = await replay_commands(scenario, client)
    for at, frame in frames:
        reported.read(frame, at)
    for number, (got, wanted) in enumerate(zip(reported.reports, recorded.reports, strict=False)):
        assert got.is_like(wanted), f"{number}: {reported.reports} instead of {recorded.reports}"
    assert len(reported.reports) == len(recorded.reports)


async def test_player_is_shown_as_before_until_it_is_reported(
    server: MassServer, loop_monitor: LoopMonitor
) -> None:
    """An event about something else doesn't show what the player is about to do."""
    prepare(server, PLAYING_SINCE)
    queue, player, reporter = server.queues[QUEUE], server.players[QUEUE], server.playback.reporter
    with loop_monitor.skip_idle_time():
        server.playback.stop_queue(QUEUE)
        assert reporter.show(player).playback_state is PlaybackState.PLAYING
        await wait_until(lambda: not reporter.is_busy)
        assert reporter.show(player).playback_state is PlaybackState.IDLE
        server.playback.resume(queue)
        assert reporter.show(player).playback_state is PlaybackState.IDLE
        await wait_until(lambda: not reporter.is_busy)
        assert reporter.show(player).playback_state is PlaybackState.PLAYING


async def test_next_item_is_out_of_date(server: MassServer, loop_monitor: LoopMonitor) -> None:
    """A queue names the item that was next until its last report."""
    prepare(server, PLAYING_SINCE)
    queue, reporter = server.queues[QUEUE], server.playback.reporter
    items = server.queue_items[QUEUE]
    with loop_monitor.skip_idle_time():
        server.playback.skip_to_next(queue)
        assert reporter.show(queue).next_item is items[1]
        await wait_until(lambda: not reporter.is_busy)
        assert reporter.show(queue).next_item is items[2]
