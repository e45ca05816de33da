"""The test server reports playback as a real server did in the recordings."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiohttp import ClientSession
from music_assistant_models.enums import MediaType, QueueOption
import pytest

from .common import LoopMonitor
from .contract.websocket_client import WebsocketClient
from .replay import INITIAL_COMMANDS, Line, Recording
from .server import MassServer

PLAYER = "up020000000001"
QUEUE = "kueche"
TOLERANCE = 3.0  # seconds by which positions may differ
ALBUMS = {"library://album/6": "library://album/1", "library://album/3": "library://album/2"}
PLAYING_SINCE = 8.2  # seconds that the player had been playing when most recordings began
_ARGUMENTS = {"queue_id": QUEUE, "player_id": QUEUE}


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
    _indices: dict[str, int] = field(default_factory=dict)

    def read(self, frame: dict[str, Any]) -> None:
        """Read a frame; a report that is like the last one of that event isn't kept."""
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
        before = next((r for r in reversed(self.reports) if r.event == report.event), None)
        if before is None or not before.is_like(report):
            self.reports.append(report)


@dataclass(frozen=True)
class Scenario:
    """Describe a part of a recording, and what was played before it, from which position."""

    recording: str
    until: float
    position: float | None = PLAYING_SINCE
    begins: float = 0.5

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
    Scenario("08_replace_and_enqueue", 11),
]


@pytest.fixture
async def server() -> AsyncIterator[MassServer]:
    """Run a server at the pace of a real one, whose clock is that of the loop."""
    loop = asyncio.get_running_loop()
    async with MassServer(schema_version=29) as server:
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
    queue.elapsed_time_last_updated = server.clock() - (position or 0)
    if position is None:
        server.playback.clear_queue(queue)
    server.prompt = False


async def replay_commands(scenario: Scenario, client: WebsocketClient) -> None:
    """Send the commands of a scenario at their times, and read all events."""
    reading = asyncio.create_task(read_all(client))
    begin = asyncio.get_running_loop().time()
    for line in scenario.lines:
        if line.direction == "out":
            args = {**line.frame["args"]}
            args |= dict.fromkeys(args.keys() & _ARGUMENTS.keys(), QUEUE)
            if isinstance(args.get("media"), str):
                args["media"] = ALBUMS[args["media"]]
            await asyncio.sleep(begin + line.at - asyncio.get_running_loop().time())
            await client.send(line.frame["command"], args)
    await asyncio.sleep(begin + scenario.until - asyncio.get_running_loop().time())
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def read_all(client: WebsocketClient) -> None:
    """Read frames without end."""
    while True:
        client.frames.append((await client.ws.receive()).json())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
async def test_reports_are_as_recorded(
    server: MassServer, session: ClientSession, loop_monitor: LoopMonitor, scenario: Scenario
) -> None:
    """The same commands give the same events: states, items and positions in the same order."""
    recorded, reported = Reader(PLAYER), Reader(QUEUE)
    for line in Recording.load(scenario.recording).lines:
        if line.direction == "in" and scenario.begins <= line.at < scenario.until:
            recorded.read(line.frame)
    with loop_monitor.skip_idle_time():
        prepare(server, scenario.position)
        async with WebsocketClient.open(session, server.url, server.create_token("demo")) as client:
            await replay_commands(scenario, client)
    for frame in client.frames:
        reported.read(frame)
    for number, (got, wanted) in enumerate(zip(reported.reports, recorded.reports, strict=False)):
        assert got.is_like(wanted), f"{number}: {reported.reports} instead of {recorded.reports}"
    assert len(reported.reports) == len(recorded.reports)
