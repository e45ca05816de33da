"""What Home Assistant shows and fires while a real server's recorded traffic is replayed."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import math
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from music_assistant_client.exceptions import MusicAssistantClientException
from music_assistant_models.errors import MusicAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.players.changes import PlayerEvent
from custom_components.music_assistant.server import queues
from homeassistant.const import CONF_TOKEN, CONF_URL, EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er

from .common import LoopMonitor
from .replay import Command, Items, Line, Recording, ReplayServer, get_recording_names

KITCHEN: Final = "up020000000001"
LIVING_ROOM: Final = "up020000000002"


class ShownState(NamedTuple):
    """Represent a state of a media player, and when it was shown in the recording's time."""

    at: float
    state: State

    @property
    def text(self) -> str:
        """Return the state and the title."""
        title = self.state.attributes.get("media_title")
        return f"{self.state.state} {title}" if title else self.state.state

    def get_position(self, now: float) -> float | None:
        """Return the position at a time in seconds since the epoch."""
        attributes = self.state.attributes
        if (position := attributes.get("media_position")) is None:
            return None
        elapsed = now - attributes["media_position_updated_at"].timestamp()
        return float(position + elapsed if self.state.state == "playing" else position)


@dataclass
class Replay:
    """What Home Assistant showed and fired for a player while a recording was played."""

    hass: HomeAssistant
    server: ReplayServer
    coordinator: MusicAssistantCoordinator
    player_id: str
    states: list[ShownState] = field(default_factory=list)
    fired: list[tuple[float, PlayerEvent]] = field(default_factory=list)
    unsaid: list[ShownState] = field(default_factory=list)  # which neither source says
    # of all players, by entity id
    all_states: defaultdict[str, list[ShownState]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @property
    def shown(self) -> list[str]:
        """Return the states and titles that were shown, one after the other."""
        texts = [shown.text for shown in self.states]
        return [text for text, before in zip(texts, ["", *texts], strict=False) if text != before]

    @property
    def events(self) -> list[str]:
        """Return the events that were fired, with the titles of their items."""
        return [
            f"{event.event_type} {event.item.title}" if event.item else f"{event.event_type}"
            for _, event in self.fired
        ]

    @property
    def entity_id(self) -> str:
        """Return the id of the player's media player."""
        return self.get_entity_id(self.player_id)

    def get_entity_id(self, player_id: str) -> str:
        """Return the id of a player's media player."""
        registry = er.async_get(self.hass)
        entity_id = registry.async_get_entity_id("media_player", DOMAIN, player_id)
        assert entity_id
        return entity_id

    def get_state(self, at: float) -> ShownState:
        """Return what was shown at a time of the recording."""
        return [shown for shown in self.states if shown.at <= at][-1]

    def get_position(self, at: float) -> float | None:
        """Return the position that was shown at a time of the recording."""
        return self.get_state(at).get_position(self.server.recording.started_at + at)

    @callback
    def note_state(self, event: Event[EventStateChangedData]) -> None:
        """Note a state of a media player."""
        state = event.data["new_state"]
        if state and state.domain == "media_player":
            self.all_states[state.entity_id].append(ShownState(self.server.elapsed, state))
        if state and state.entity_id == self.entity_id:
            self.states.append(ShownState(self.server.elapsed, state))
            if not self._is_said(state):
                self.unsaid.append(self.states[-1])

    def _is_said(self, state: State) -> bool:
        """Return whether the player or its queue says what is shown, or it is held."""
        context = self.coordinator.get_context(self.player_id)
        if state.state in ("unavailable", "off") or context is None or context.queue is None:
            return True
        player, queue = context.player, context.queue
        uris = [source.uri for source in (player.current_media, queue.current_item) if source]
        uri = state.attributes.get("media_content_id")
        is_item_said = uri in uris if uris else uri is None
        is_state_said = state.state in (player.playback_state, queue.state)
        return is_state_said and (is_item_said or context.playback.held is not None)

    @callback
    def note_event(self, event: PlayerEvent) -> None:
        """Note an event of the player."""
        self.fired.append((self.server.elapsed, event))


type Play = Callable[..., Awaitable[Replay]]


@pytest.fixture
def play(hass: HomeAssistant, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Return a function that plays a recording and returns what a player showed and fired."""

    async def play_recording(
        name: str, *, player_id: str = KITCHEN, by_home_assistant: bool = True
    ) -> Replay:
        with loop_monitor.skip_idle_time():
            async with ReplayServer.run(Recording.load(name)) as server:
                clock = SimpleNamespace(time=server.clock)
                monkeypatch.setattr(queues, "time", clock)
                async with set_up(hass, server) as coordinator:
                    coordinator.event_tracker.clock = server.clock
                    replay = Replay(hass, server, coordinator, player_id)
                    if by_home_assistant:
                        server.send_command = create_sender(coordinator)
                    await play_and_note(replay)
        return replay

    return play_recording


@asynccontextmanager
async def set_up(
    hass: HomeAssistant, server: ReplayServer
) -> AsyncIterator[MusicAssistantCoordinator]:
    """Set up an entry for a server for the length of a block."""
    data = {CONF_URL: server.url, CONF_TOKEN: "TOKEN"}
    entry = MockConfigEntry(domain=DOMAIN, unique_id=server.server_id, data=data)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry.runtime_data
    await hass.config_entries.async_unload(entry.entry_id)


def create_sender(coordinator: MusicAssistantCoordinator) -> Command:
    """Return a function that sends a command, as actions of Home Assistant do."""

    async def send_command(command: str, args: dict[str, Any]) -> None:
        with suppress(MusicAssistantError, MusicAssistantClientException):
            await coordinator.mass.send_command(command, **args)

    return send_command


async def play_and_note(replay: Replay) -> None:
    """Play the recording, and note what the player shows and fires."""
    initial = replay.hass.states.get(replay.entity_id)
    assert initial
    replay.states.append(ShownState(0.0, initial))
    for state in replay.hass.states.async_all("media_player"):
        replay.all_states[state.entity_id].append(ShownState(0.0, state))
    removers = [
        replay.hass.bus.async_listen(EVENT_STATE_CHANGED, replay.note_state),
        replay.coordinator.event_tracker.async_subscribe(replay.player_id, replay.note_event),
    ]
    await replay.server.play()
    await asyncio.sleep(1)  # the last frame is on its way
    await replay.hass.async_block_till_done()
    for remove in removers:
        remove()


@dataclass(frozen=True)
class Expected:
    """What a player shows and fires during a recording, whoever sends its commands.

    `shown` are the states with their titles, one after the other.
    """

    shown: Sequence[str]
    fired: Sequence[str] = ()
    player_id: str = KITCHEN


IDLE: Final = Expected(["idle"])
EXPECTED: Final[dict[str, Expected]] = {
    "01_connect": IDLE,
    "02_play_album": Expected(
        ["idle", "idle Pink Moon", "playing Pink Moon"], ["track_started Pink Moon"]
    ),
    "03_next": Expected(
        [
            "playing Pink Moon",
            "playing Pink Moon Song 2",
            "playing Pink Moon Song 3",
            "playing Pink Moon Song 4",
        ],
        [
            "track_skipped Pink Moon",
            "track_started Pink Moon Song 2",
            "track_skipped Pink Moon Song 2",
            "track_started Pink Moon Song 3",
            "track_skipped Pink Moon Song 3",
            "track_started Pink Moon Song 4",
        ],
    ),
    "05_seek": Expected(["playing Pink Moon"]),
    "06_pause_resume_stop_play": Expected(
        [
            "playing Pink Moon",
            "paused Pink Moon",
            "playing Pink Moon",
            "idle Pink Moon",
            "playing Pink Moon",
            "paused Pink Moon",
        ]
    ),
    "06b_long_pause": Expected(
        [
            "playing Pink Moon",
            "paused Pink Moon",
            "playing Pink Moon",
            "paused Pink Moon",
            "idle Pink Moon",
            "playing Pink Moon",
        ]
    ),
    "07_play_index_pause": Expected(
        [
            "playing Pink Moon",
            "playing Pink Moon Song 3",
            "paused Pink Moon Song 3",
            "playing Pink Moon Song 3",
            "paused Pink Moon Song 5",
            "playing Pink Moon Song 5",
            "paused Pink Moon Song 5",
        ],
        [
            "track_skipped Pink Moon",
            "track_started Pink Moon Song 3",
            "track_skipped Pink Moon Song 3",
            "track_started Pink Moon Song 5",
        ],
    ),
    # what replaces a queue that plays isn't started by the server, and not told as if it were
    "08_replace_and_enqueue": Expected(
        [
            "playing Pink Moon",
            "idle Bookends",
            "idle Back in Black",
            "playing Back in Black",
            "idle Pink Moon",
        ],
        ["track_skipped Pink Moon", "track_started Back in Black", "track_skipped Back in Black"],
    ),
    "09_natural_end": Expected(
        [
            "idle",
            "idle Pink Moon",
            "playing Pink Moon",
            "playing Stone Light 1",
            "idle Stone Light 1",
            "idle",
        ],
        [
            "track_started Pink Moon",
            "track_finished Pink Moon",
            "track_started Stone Light 1",
            "track_finished Stone Light 1",
            "queue_ended Stone Light 1",
        ],
    ),
    "10_group": Expected(
        [
            "idle",
            "idle Pink Moon",
            "paused Pink Moon",
            "playing Pink Moon",
            "playing Pink Moon Song 2",
        ],
        [
            "track_started Pink Moon",
            "track_skipped Pink Moon",
            "track_started Pink Moon Song 2",
        ],
    ),
    "11_queue_edit": Expected(["playing Pink Moon", "idle"], ["track_skipped Pink Moon"]),
    "12_announcement": Expected(["playing Pink Moon", "idle Pink Moon"]),
    "13_favourites_playlists": Expected(["playing Pink Moon"], ["favorite_changed Pink Moon"] * 4),
    "14_power_and_away": Expected(["playing Pink Moon", "off", "idle Pink Moon"]),
    "15_server_restart": Expected(["playing Pink Moon", "unavailable", "idle Pink Moon"]),
    "15b_server_term_idle_command_unanswered": Expected(["idle", "unavailable", "idle"]),
    "16_token_revoked": Expected(["playing Pink Moon", "unavailable"]),
    "16b_user_disabled": Expected(["playing Pink Moon", "unavailable"]),
    "17_radio": Expected(
        [
            "idle",
            "idle Local FM",
            "playing Song 0",
            "playing Song 1",
            "playing Song 2",
            "playing Song 3",
            "paused Song 3",
            "idle Song 3",
        ],
        ["track_started Local FM"],
    ),
    "18_browse": IDLE,
    "18b_search": IDLE,
    "18c_library": IDLE,
    "19_errors": Expected(["idle", "idle Pink Moon", "paused Pink Moon", "idle Pink Moon"]),
    "19c_errors_more": Expected(
        ["playing Pink Moon", "playing", "idle"], ["track_skipped Pink Moon"]
    ),
    "20_dynamic_playlist": Expected(
        ["idle", "idle Wild Light 1", "playing Wild Light 1", "idle Ocean Stone 6"],
        ["track_started Wild Light 1", "track_skipped Wild Light 1"],
    ),
}


@pytest.mark.parametrize("by_home_assistant", [True, False], ids=["own commands", "others"])
@pytest.mark.parametrize("name", EXPECTED)
async def test_recording(play: Play, name: str, by_home_assistant: bool) -> None:
    """Only real changes are shown and fired, and the end state is that of the server."""
    expected = EXPECTED[name]
    replay = await play(name, player_id=expected.player_id, by_home_assistant=by_home_assistant)
    assert replay.shown == list(expected.shown)
    assert replay.events == list(expected.fired)
    assert replay.unsaid == []
    if answers := replay.server.recording.find_final_answers():
        assert get_final_values(replay) == get_server_values(*answers, expected.player_id)


# When the server's position is false by that of the old stream, after somebody else's seek: only
# who commanded the position knows better.
FALSE_POSITIONS: Final = {
    "05_seek": (1.7, 9.0, 12.0, 19.9),
    "07_play_index_pause": (3.0,),
    "09_natural_end": (10.1,),
}
OLD_STREAM_POSITION: Final = 9.0


@pytest.mark.parametrize(
    ("name", "player_id", "positions"),
    [
        ("02_play_album", KITCHEN, {5.0: 4.0, 14.0: 13.0}),
        ("03_next", KITCHEN, {3.9: 1.4, 8.0: 5.5, 12.0: 0.5, 13.2: 0.8, 18.0: 5.5, 21.5: 0.5}),
        ("05_seek", KITCHEN, {0.9: 9.0, 1.7: 90.0, 9.0: 97.5, 12.0: 12.0, 19.9: 60.0, 22.0: 62.0}),
        ("06_pause_resume_stop_play", KITCHEN, {5.0: 8.0, 15.0: 12.5, 25.0: 26.0, 33.0: 29.5}),
        ("06b_long_pause", KITCHEN, {3.0: 9.0, 10.0: 12.5, 30.0: 18.0, 50.0: 18.0, 65.0: 24.3}),
        ("07_play_index_pause", KITCHEN, {3.0: 21.5, 10.0: 28.5, 13.0: 0.5, 20.0: 8.0}),
        ("08_replace_and_enqueue", KITCHEN, {20.0: 0.0, 28.3: 0.3, 35.0: 7.0}),
        ("09_natural_end", KITCHEN, {2.0: 0.5, 10.1: 170.0, 21.0: 0.4, 30.0: 9.3, 42.0: 20.0}),
        ("10_group", KITCHEN, {16.0: 0.0, 18.7: 2.7, 26.5: 0.0, 35.0: 8.5, 44.0: 16.5}),
        ("10_group", LIVING_ROOM, {18.0: 2.0, 22.0: 6.0, 30.0: 3.3}),
        ("14_power_and_away", LIVING_ROOM, {24.0: 32.0, 50.0: 33.0, 65.0: 38.8}),
        ("17_radio", KITCHEN, {3.0: 0.5, 10.0: 7.5}),
        ("20_dynamic_playlist", KITCHEN, {1.9: 0.4, 11.0: 9.3}),
    ],
)
@pytest.mark.parametrize("by_home_assistant", [True, False], ids=["own commands", "others"])
async def test_position(
    play: Play,
    name: str,
    player_id: str,
    positions: dict[float, float],
    by_home_assistant: bool,
) -> None:
    """The position is within 2.5 seconds of the real one at any time."""
    replay = await play(name, player_id=player_id, by_home_assistant=by_home_assistant)
    for at, position in positions.items():
        is_false = not by_home_assistant and at in FALSE_POSITIONS.get(name, ())
        expected = position + OLD_STREAM_POSITION if is_false else position
        assert replay.get_position(at) == pytest.approx(expected, abs=2.5), at


@pytest.mark.parametrize(
    "name", ["08_replace_and_enqueue", "09_natural_end", "20_dynamic_playlist"]
)
async def test_features_do_not_change(play: Play, name: str) -> None:
    """An item that is missing for a moment doesn't change what a player can do."""
    replay = await play(name)
    shown = [state for _, state in replay.states if "media_title" in state.attributes]
    assert len({state.attributes["supported_features"] for state in shown}) == 1
    last = replay.states[-1].state
    assert last.attributes["supported_features"] == shown[0].attributes["supported_features"]


def test_all_recordings_are_expected() -> None:
    """Each recording has an expectation."""
    assert sorted(EXPECTED) == get_recording_names()


# Attributes that equal a field of the player's media.
MEDIA_ATTRIBUTES: Final = {
    "media_title": "title",
    "media_artist": "artist",
    "media_album_name": "album",
    "media_duration": "duration",
    "media_content_id": "uri",
}


def get_final_values(replay: Replay) -> dict[str, Any]:
    """Return what is shown at the end, except the position."""
    state = replay.states[-1].state
    names = (*MEDIA_ATTRIBUTES, "volume_level", "shuffle", "active_queue")
    return {"state": state.state} | {name: state.attributes.get(name) for name in names}


def get_server_values(queues: Items, players: Items, player_id: str) -> dict[str, Any]:
    """Return the same as the server says."""
    player = next(player for player in players if player["player_id"] == player_id)
    queue = next(queue for queue in queues if queue["queue_id"] == player["active_source"])
    media = player["current_media"] or {}
    return {name: media.get(field) for name, field in MEDIA_ATTRIBUTES.items()} | {
        "state": player["playback_state"],
        "volume_level": player["volume_level"] / 100,
        "shuffle": queue["shuffle_enabled"],
        "active_queue": queue["queue_id"],
    }


# What any player shows, compared with the frames themselves

# Seconds after which what a frame says is shown, and for which another item may be held.
SHOWN_WITHIN: Final = 0.6
HELD_FOR: Final = 6.5
LOOK_INTERVAL: Final = 0.25


class SaidValues:
    """What a recorded server said of its players and queues, and when."""

    def __init__(self, recording: Recording) -> None:
        """Read the frames of a recording."""
        self.players: defaultdict[str, list[tuple[float, dict[str, Any]]]] = defaultdict(list)
        self.queues: defaultdict[str, list[tuple[float, dict[str, Any]]]] = defaultdict(list)
        self.away: list[tuple[float, float]] = []  # when the connection was lost or new
        for section in recording.sections:
            began_at = section.lines[0].at
            was_lost = bool(self.away) and self.away[-1][1] == math.inf
            lost_at = self.away.pop()[0] if was_lost else began_at
            is_known = "result" in section.answers.get("players/all", {})  # the token was accepted
            self.away.append((lost_at, began_at + 1 if is_known else math.inf))
            for command, table, key in (
                ("players/all", self.players, "player_id"),
                ("player_queues/all", self.queues, "queue_id"),
            ):
                for item in section.answers.get(command, {}).get("result", ()):
                    table[item[key]].append((began_at, item))
            for line in section.scenario:
                self._read_line(line)

    def _read_line(self, line: Line) -> None:
        event = line.frame.get("event")
        if event in ("player_added", "player_updated"):
            self.players[line.frame["object_id"]].append((line.at, line.frame["data"]))
        elif event in ("queue_added", "queue_updated"):
            self.queues[line.frame["object_id"]].append((line.at, line.frame["data"]))
        elif line.direction == "close":
            self.away.append((line.at, math.inf))

    def is_away(self, at: float) -> bool:
        """Return whether the connection is lost, or was until a moment ago."""
        return any(lost_at <= at <= back_at for lost_at, back_at in self.away)


def get_said(
    payloads: list[tuple[float, dict[str, Any]]], at: float, for_seconds: float
) -> list[dict[str, Any]]:
    """Return the last payload at a time, and those that it followed within some seconds."""
    before = [payload for said_at, payload in payloads if said_at <= at - for_seconds]
    since = [
        payload for said_at, payload in payloads if at - for_seconds < said_at <= at + SHOWN_WITHIN
    ]
    return before[-1:] + since


def get_titles(player: dict[str, Any], queue: dict[str, Any]) -> set[str | None]:
    """Return the titles that a player and its queue name."""
    media, item = player["current_media"], queue["current_item"]
    titles = {media["title"]} if media else set()
    if item:
        titles |= {item["name"], (item["media_item"] or item)["name"]}
    return titles or {None}


def find_unsaid(said: SaidValues, player_id: str, shown: State, at: float) -> dict[str, Any]:
    """Return what is shown although the server hasn't said it, by its name."""
    players = get_said(said.players[player_id], at, SHOWN_WITHIN)
    queue_ids = {player["active_source"] or player_id for player in players}
    queues = [
        queue
        for queue_id in queue_ids
        for queue in get_said(said.queues[queue_id], at, SHOWN_WITHIN)
    ]
    if shown.state == "unavailable":
        is_gone = any(not player["available"] or not player["enabled"] for player in players)
        return {} if is_gone else {"state": shown.state}
    titles = {
        title
        for player in get_said(said.players[player_id], at, HELD_FOR)
        for queue in get_said(said.queues[player["active_source"] or player_id], at, HELD_FOR)
        for title in get_titles(player, queue)
    }
    off = {"off"} if any(player["powered"] is False for player in players) else set()
    volumes = {
        None if player["volume_level"] is None else player["volume_level"] / 100
        for player in players
    }
    allowed = {
        "state": {
            source[key]
            for sources, key in ((players, "playback_state"), (queues, "state"))
            for source in sources
        }
        | off,
        "media_title": titles | ({None} if off else set()),
        "volume_level": volumes | ({None} if off else set()),
        "is_volume_muted": {player["volume_muted"] for player in players} | {None},
        "shuffle": {queue["shuffle_enabled"] for queue in queues} | {None},
    }
    values = {name: shown.attributes.get(name) for name in allowed} | {"state": shown.state}
    return {name: value for name, value in values.items() if value not in allowed[name]}


@pytest.mark.parametrize("by_home_assistant", [True, False], ids=["own commands", "others"])
@pytest.mark.parametrize("name", get_recording_names())
async def test_players_show_what_the_server_says(
    play: Play, name: str, by_home_assistant: bool
) -> None:
    """At any time each player shows what the frames of these seconds say, but for its position."""
    replay = await play(
        name, player_id=EXPECTED[name].player_id, by_home_assistant=by_home_assistant
    )
    said, end = SaidValues(replay.server.recording), replay.server.recording.lines[-1].at
    unsaid = []
    for player_id in replay.coordinator.data:
        states = replay.all_states[replay.get_entity_id(player_id)]
        looks = [number * LOOK_INTERVAL for number in range(1, int(end / LOOK_INTERVAL))]
        for at in (*looks, *(shown.at for shown in states)):
            if said.is_away(at):
                continue
            shown = [each for each in states if each.at <= at][-1]
            if wrong := find_unsaid(said, player_id, shown.state, at):
                unsaid.append((player_id, round(at, 2), wrong))
    assert unsaid == []
