"""Properties that hold for any input, tried with hypothesis.

Each takes a few seconds; `HYPOTHESIS_EXAMPLES=5000` tries more.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
import logging
import os
from random import SystemRandom
from typing import Any, Final
from unittest.mock import patch

from aiohttp import ClientSession
from hypothesis import HealthCheck, example, given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from music_assistant_models.enums import EventType, MediaType, PlaybackState
from music_assistant_models.event import MassEvent
from music_assistant_models.media_items import Track
from music_assistant_models.player import DeviceInfo, Player, PlayerMedia
from music_assistant_models.queue_item import QueueItem
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.music_assistant.api.websocket import QueueWindow, compute_changes
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.media.artwork import build_signed_path, verify_signed_path
from custom_components.music_assistant.media.browse_id import (
    BrowseId,
    build_source_identifier,
    parse_media_source_id,
)
from custom_components.music_assistant.media.lyrics import (
    LyricsLine,
    parse_timed_lines,
    split_lyrics,
)
from custom_components.music_assistant.players.changes import (
    PlaybackStatus,
    PlayerEvent,
    PlayerEventType,
    detect_changes,
)
from custom_components.music_assistant.players.display import (
    PLAYER_DASHBOARD,
    build_content_id,
    parse_content_id,
)
from custom_components.music_assistant.players.playback import GAP_TIME, Playback
from custom_components.music_assistant.players.snapshot import build_snapshot
from custom_components.music_assistant.server.address import (
    InvalidAddress,
    build_candidate_urls,
    format_url,
)
from custom_components.music_assistant.server.client import Client
from custom_components.music_assistant.server.endpoint import ServerEndpoint
from custom_components.music_assistant.server.payloads import Payload, decode_message
from custom_components.music_assistant.server.queues import LazyQueue
from custom_components.music_assistant.server.sanitize import sanitize_text
from custom_components.music_assistant.server.secrets import redact_text
from custom_components.music_assistant.share_links import musicapi, odesli
from custom_components.music_assistant.share_links.errors import ResolverError
from custom_components.music_assistant.share_links.normalize import (
    normalize_characters,
    normalize_words,
    parse_artist_names,
)
from custom_components.music_assistant.share_links.recording import Recording
from custom_components.music_assistant.share_links.resolvers import Resolver
from custom_components.music_assistant.share_links.services import SERVICES, find_service
from custom_components.music_assistant.updates.listeners import UpdateListeners
from custom_components.music_assistant.updates.snapshots import SnapshotStore
from homeassistant.components.media_player import BrowseError
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .action_helpers import call_server_action
from .benchmarks.benchmark_server import BenchmarkServer
from .common import Harness
from .fuzz.frames import ODD_VALUES, Path, get_paths, iterate_paths, load_corpus, replace_value
from .player_contexts import build_context
from .server.connection import Connection
from .server.messages import build_event

EXAMPLES: Final = int(os.environ.get("HYPOTHESIS_EXAMPLES", "60"))
ONE, TWO, THREE = "player_001", "player_002", "player_003"
settings.register_profile(
    "suite",
    max_examples=EXAMPLES,
    deadline=None,  # a slow machine isn't a fault
    derandomize="HYPOTHESIS_EXAMPLES" not in os.environ,  # the same in each run of the suite
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("suite")

NAMES: Final = st.text(max_size=20)


# Snapshots


PLAYER_CHANGES: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "volume_level": st.none() | st.integers(0, 100),
    "volume_muted": st.none() | st.booleans(),
    "group_volume": st.none() | st.integers(0, 100),
    "group_volume_muted": st.none() | st.booleans(),
    "elapsed_time": st.none() | st.floats(0, 600),
    "elapsed_time_last_updated": st.none() | st.floats(1e9, 1e9 + 600),
    "playback_state": st.sampled_from(["playing", "paused", "idle"]),
    "powered": st.none() | st.booleans(),
    "available": st.booleans(),
    "name": NAMES,
    "icon": st.sampled_from(["tv", "mdi:speaker", ""]),
    "group_members": st.lists(st.sampled_from([ONE, TWO, THREE]), unique=True),
    "synced_to": st.sampled_from([None, TWO]),
    "active_source": st.sampled_from([None, ONE, TWO, "line_in"]),
    "source_list": st.sampled_from([[], [{"id": "line_in", "name": "Line in"}]]),
    "sleep_timer_expires_at": st.none() | st.floats(1e9, 2e9),
    "supported_features": st.sampled_from([[], ["power", "set_members", "from_the_future"]]),
    "device_info": st.fixed_dictionaries({"model": NAMES, "manufacturer": NAMES}),
    "current_media": st.none()
    | st.fixed_dictionaries(
        {
            "uri": st.sampled_from(["library://track/1", "spotify://x"]),
            "media_type": st.just("track"),
        },
        optional={
            "title": NAMES,
            "artist": NAMES,
            "duration": st.none() | st.integers(0, 600),
            "queue_item_id": st.sampled_from([None, f"{ONE}-0", f"{ONE}-1"]),
            "elapsed_time": st.floats(0, 600),
            "elapsed_time_last_updated": st.floats(1e9, 1e9 + 600),
        },
    ),
}
NUMBERS: Final = (
    "volume_level",
    "volume_muted",
    "group_volume",
    "group_volume_muted",
    "elapsed_time",
)
QUEUE_CHANGES: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "shuffle_enabled": st.booleans(),
    "repeat_mode": st.sampled_from(["off", "one", "all"]),
    "state": st.sampled_from(["playing", "paused", "idle"]),
    "elapsed_time": st.floats(0, 600),
    "elapsed_time_last_updated": st.floats(1e9, 1e9 + 600),
    "current_index": st.none() | st.integers(0, 3),
    "items": st.integers(0, 4),
    "current_item": st.sampled_from([None, 0, 1]),  # an item, by its number
    "extra_attributes": st.sampled_from([{}, {"active_playlist": "A playlist"}]),
}
CHANGES: Final = st.one_of(
    st.tuples(  # as most events
        st.just(ONE),
        st.just(EventType.PLAYER_UPDATED),
        st.fixed_dictionaries({}, optional={name: PLAYER_CHANGES[name] for name in NUMBERS}),
    ),
    st.tuples(
        st.sampled_from([ONE, ONE, TWO]),
        st.just(EventType.PLAYER_UPDATED),
        st.fixed_dictionaries({}, optional=dict(PLAYER_CHANGES)),
    ),
    st.tuples(
        st.sampled_from([ONE, TWO]),
        st.just(EventType.QUEUE_UPDATED),
        st.fixed_dictionaries({}, optional=dict(QUEUE_CHANGES)),
    ),
)


async def test_incremental_snapshot_equals_full_one(hass: HomeAssistant) -> None:
    """A snapshot that reuses the last one equals the one that is built anew."""
    server = BenchmarkServer.create(3, 1_000_000_000)

    def load(value: Any) -> dict[str, Any]:
        loaded: dict[str, Any] = orjson.loads(server.serialize(value))
        return loaded

    players = {player_id: load(player) for player_id, player in server.players.items()}
    queues = {queue_id: load(queue) for queue_id, queue in server.queues.items()}
    items = [load(item) for item in server.queue_items[ONE][:2]]
    entry = MockConfigEntry(domain=DOMAIN)
    async with ClientSession() as session:

        @given(st.lists(CHANGES, max_size=12))
        def check(changes: list[tuple[str, EventType, dict[str, Any]]]) -> None:
            client = Client(ServerEndpoint(session, URL("http://music.example:8095")))
            store = SnapshotStore(
                hass,
                entry,
                lambda: client,
                UpdateListeners(),
                create_task=lambda coro, _name: hass.async_create_background_task(coro, ""),
                get_time=lambda: 1e9 + 600,
            )
            payloads = {
                EventType.PLAYER_UPDATED: dict(players),
                EventType.QUEUE_UPDATED: dict(queues),
            }

            def send(event: EventType, object_id: str, changed: dict[str, Any]) -> None:
                number = changed.get("current_item")
                if isinstance(number, int):
                    changed = changed | {"current_item": items[number]}
                payloads[event][object_id] = payloads[event][object_id] | changed
                message = build_event(event, object_id, payloads[event][object_id])
                data = decode_message(server.serialize(message))["data"]
                assert isinstance(data, Payload)
                client._call_sync_subscribers(MassEvent(event, object_id, data))

            for object_id in (ONE, TWO, THREE):
                send(EventType.PLAYER_UPDATED, object_id, {})
                send(EventType.QUEUE_UPDATED, object_id, {})
            before = None
            for object_id, event, changed in [(ONE, EventType.PLAYER_UPDATED, {}), *changes]:
                send(event, object_id, changed)
                player = client.players[ONE]
                context = store._build_context(player)
                full = build_snapshot(context, store._find_item_image(context), before)
                snapshot = store._refresh_snapshot(player, before)
                assert snapshot == full
                before = snapshot
            store.close()

        check()


# Events


def build_item(number: int) -> QueueItem:
    """Return an item of a queue."""
    track = Track(
        item_id=str(number), provider="library", name=f"Song {number}", provider_mappings=set()
    )
    return QueueItem(
        queue_id=ONE, queue_item_id=f"item{number}", name=track.name, duration=100, media_item=track
    )


class PlayerEventsMachine(RuleBasedStateMachine):
    """Compare the events of a player with what was done with it.

    The server tells of each change by the queue, the player or both, in any order and repeatedly.
    """

    def __init__(self) -> None:
        """Initialize with an idle player."""
        super().__init__()
        self.now = 1e9
        self.item: int | None = None
        self.favorites: set[int] = set()
        self.state = PlaybackState.IDLE
        self.leader: str | None = None
        self.announcing = False
        self.position = (0.0, self.now)
        self.queue = self.build_queue()
        self.player = self.build_player()
        self.playback: Playback | None = None
        self.status: PlaybackStatus | None = None
        self.events: list[PlayerEvent] = []
        self.report()

    # What the server has

    def build_queue(self) -> LazyQueue:
        """Return the queue as the server would send it now."""
        payload: dict[str, Any] = {
            "queue_id": ONE,
            "active": True,
            "display_name": "One",
            "available": True,
            "items": 10,
            "state": self.state.value,
            "current_index": self.item,
            "elapsed_time": self.position[0],
            "elapsed_time_last_updated": self.position[1],
        }
        if self.item is not None:
            item = build_item(self.item)
            assert isinstance(item.media_item, Track)
            item.media_item.favorite = self.item in self.favorites
            payload["current_item"] = orjson.loads(orjson.dumps(item.to_dict()))
        return LazyQueue.from_payload(payload)

    def build_player(self) -> Player:
        """Return the player as the server would send it now."""
        media = None
        if self.announcing:
            media = PlayerMedia(uri="http://music.example/a.mp3", media_type=MediaType.ANNOUNCEMENT)
        elif self.item is not None:
            media = PlayerMedia(
                uri=f"library://track/{self.item}", queue_item_id=f"item{self.item}"
            )
        return Player(
            player_id=ONE,
            name="One",
            provider="demo",
            type="player",  # type: ignore[arg-type]
            available=True,
            device_info=DeviceInfo(),
            playback_state=PlaybackState.PLAYING if self.announcing else self.state,
            current_media=media,
            elapsed_time=self.position[0],
            elapsed_time_last_updated=self.position[1],
            synced_to=self.leader,
            active_source=ONE,
        )

    def report(self) -> list[PlayerEvent]:
        """Detect the changes since the last report."""
        context = build_context(self.player, self.queue, before=self.playback, now=self.now)
        self.playback = context.playback
        self.status, events = detect_changes(context, self.now, self.status)
        self.events += events
        return events

    def move(self) -> None:
        """Remember where playback is."""
        seconds, at = self.position
        elapsed = self.now - at if self.state is PlaybackState.PLAYING else 0
        self.position = (seconds + elapsed, self.now)

    # What happens

    @rule(seconds=st.sampled_from([0.2, 1.0, 7.0, 40.0, 95.0]))
    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.now += seconds

    @rule(number=st.integers(0, 4))
    def play(self, number: int) -> None:
        """Play an item, which hasn't been left lately."""
        self.now += GAP_TIME + 1
        self.item, self.state, self.position = number, PlaybackState.PLAYING, (0.0, self.now)

    @precondition(lambda self: self.item is not None)
    @rule(state=st.sampled_from([PlaybackState.PLAYING, PlaybackState.PAUSED, PlaybackState.IDLE]))
    def change_state(self, state: PlaybackState) -> None:
        """Pause, stop or resume."""
        self.move()
        self.state = state

    @precondition(lambda self: self.item is not None)
    @rule()
    def toggle_favorite(self) -> None:
        """Mark the item as a favorite or not."""
        assert self.item is not None
        self.favorites ^= {self.item}

    @rule(leader=st.sampled_from([None, TWO, THREE]))
    def group(self, leader: str | None) -> None:
        """Join or leave a group, or join another one."""
        self.leader = leader

    @rule()
    def announce(self) -> None:
        """Begin or end an announcement."""
        self.move()
        self.announcing = not self.announcing

    @rule(
        order=st.permutations(["queue", "player"]), parts=st.integers(1, 2), times=st.integers(1, 3)
    )
    def send(self, order: list[str], parts: int, times: int) -> None:
        """Send the queue, the player or both, one or several times."""
        for part in order[:parts]:
            setattr(self, part, getattr(self, f"build_{part}")())
            self.report()
            for _ in range(times - 1):
                assert self.report() == []

    # What must hold

    @invariant()
    def check_pairs(self) -> None:
        """Each start is followed by one end of the same item, and so on."""
        playing: str | None = None
        leader: str | None = None
        announcing = False
        favorite: dict[str | None, bool] = {}
        for event in self.events:
            item_id = event.item.queue_item_id if event.item else None
            match event.event_type:
                case PlayerEventType.TRACK_STARTED:
                    assert playing is None and item_id is not None
                    playing = item_id
                case PlayerEventType.TRACK_FINISHED | PlayerEventType.TRACK_SKIPPED:
                    assert playing == item_id
                    playing = None
                case PlayerEventType.JOINED:
                    assert leader is None
                    leader = event.leader_id
                case PlayerEventType.LEFT:
                    assert leader == event.leader_id
                    leader = None
                case PlayerEventType.ANNOUNCEMENT_STARTED | PlayerEventType.ANNOUNCEMENT_ENDED:
                    assert announcing is (event.event_type is PlayerEventType.ANNOUNCEMENT_ENDED)
                    announcing = not announcing
                case PlayerEventType.FAVORITE_CHANGED:
                    assert favorite.get(item_id) is not event.favorite
                    favorite[item_id] = event.favorite

    def teardown(self) -> None:
        """Send everything once more, and compare what was told with what is."""
        self.announcing = False
        self.send(["queue", "player"], 2, 1)
        self.now += GAP_TIME + 1
        self.send(["queue", "player"], 2, 1)
        self.check_pairs()
        leaders = [
            event.leader_id if event.event_type is PlayerEventType.JOINED else None
            for event in self.events
            if event.event_type in (PlayerEventType.JOINED, PlayerEventType.LEFT)
        ]
        assert (leaders[-1:] or [None]) == [self.leader]
        tracks = [event for event in self.events if event.event_type.startswith("track_")]
        if self.state is PlaybackState.PLAYING:
            assert tracks[-1].event_type is PlayerEventType.TRACK_STARTED
            assert tracks[-1].item and tracks[-1].item.queue_item_id == f"item{self.item}"


TestPlayerEvents = PlayerEventsMachine.TestCase
TestPlayerEvents.settings = settings(settings.get_profile("suite"), stateful_step_count=25)


# Queues

ROW_IDS: Final = st.lists(st.sampled_from("abcdefgh"), unique=True)
ROWS: Final = ROW_IDS.flatmap(
    lambda ids: st.fixed_dictionaries({id_: st.fixed_dictionaries({"title": NAMES}) for id_ in ids})
)
WINDOWS: Final = st.builds(
    QueueWindow,
    available=st.booleans(),
    queue_id=st.none() | st.sampled_from([ONE, TWO]),
    current=st.none() | st.integers(1, 9),
    count=st.integers(0, 9),
    first=st.none() | st.integers(1, 9),
    revision=st.integers(0, 9),
    rows=ROWS.map(lambda rows: {id_: {"queue_item_id": id_, **row} for id_, row in rows.items()}),
)


@given(st.lists(WINDOWS, min_size=1, max_size=6))
def test_queue_changes_give_queue(windows: list[QueueWindow]) -> None:
    """Who applies all changes of a queue has the queue."""
    sent: QueueWindow | None = None
    fields: dict[str, Any] = {}
    items: dict[str, Any] = {}
    for window in windows:
        changes = orjson.loads(orjson.dumps(compute_changes(sent, window)))
        items |= {item["queue_item_id"]: item for item in changes.pop("items", ())}
        fields |= changes
        items = {id_: items[id_] for id_ in fields["order"]}
        assert fields == window.as_dict()
        assert items == window.rows
        assert compute_changes(window, window) == {}
        sent = window


# Round trips


@given(
    st.text()
    | st.from_regex(r"(https?://|wss?://)?[\w.:\[\]-]{1,30}(/[\w/?#&=.]*)?", fullmatch=True)
)
def test_addresses(text: str) -> None:
    """An address is refused, or the same when it is entered as it is shown."""
    try:
        urls = build_candidate_urls(text)
    except InvalidAddress:
        return
    assert urls
    for url in urls:
        assert url.scheme in ("http", "https") and url.host
        assert build_candidate_urls(format_url(url))[0] == url


LINES: Final = st.lists(
    st.tuples(
        st.integers(0, 5_999_990),
        st.text(
            st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cs"]), max_size=30
        )
        .map(str.strip)
        .filter(lambda text: "[" not in text and "<" not in text),
    )
)


@given(LINES)
def test_lyrics(lines: list[tuple[int, str]]) -> None:
    """Timed lines that are written as LRC are read again."""
    written = sorted(
        (LyricsLine(hundredths / 100, text) for hundredths, text in lines),
        key=lambda line: line.time,
    )
    text = "\n".join(
        f"[{int(line.time // 60):02}:{round(line.time * 100) % 6000 / 100:05.2f}]{line.text}"
        for line in written
    )
    assert parse_timed_lines(text) == written


@given(st.text(), st.text())
def test_any_lyrics(plain: str, timed: str) -> None:
    """Any texts are lyrics, and no text is lost."""
    text, lines = split_lyrics(plain, timed)
    assert (text is None) is (not plain and not timed and not lines) or lines
    assert [line.time for line in lines] == sorted(line.time for line in lines)


BROWSE_IDS: Final = st.builds(
    BrowseId,
    node=st.sampled_from(["item", "albums", "favorites", "folder"]),
    target=st.none() | st.text(min_size=1),
    children=st.none() | st.text(min_size=1),
    start=st.none() | st.text(min_size=1),
    offset=st.integers(0, 999_999_999),
    limit=st.none() | st.integers(1, 999_999_999),
)


@given(BROWSE_IDS)
def test_browse_ids(browse_id: BrowseId) -> None:
    """A content id is read as it was written, also within a media source."""
    parsed = BrowseId.parse(str(browse_id))
    if "://" in str(browse_id):
        assert parsed == browse_id
    content_id = str(browse_id)
    source = f"media-source://{DOMAIN}/{build_source_identifier('entry', content_id)}"
    assert parse_media_source_id("entry", source) == content_id


@given(st.text())
def test_any_content_id(text: str) -> None:
    """Any text is a content id, or refused."""
    with suppress(BrowseError):
        BrowseId.parse(text)


@given(st.text(min_size=1), st.integers(0, 4096))
def test_image_paths(address: str, size: int) -> None:
    """The address of an image is read from its path, but not with another size or signature."""
    path = build_signed_path("entry", address, size)
    signature, encoded = path.split("/")[-2:]
    assert verify_signed_path("entry", size, signature, encoded) == address
    assert verify_signed_path("entry", size + 1, signature, encoded) is None
    assert verify_signed_path("entry", size, signature[::-1], encoded) in (None, address)


@given(st.text())
def test_dashboards(player_id: str) -> None:
    """The player of a dashboard is read from its content id."""
    content_id = build_content_id(PLAYER_DASHBOARD, player_id)
    assert parse_content_id(content_id) == (PLAYER_DASHBOARD, player_id)
    parse_content_id(player_id)  # any text


LINK_HOSTS: Final = {
    "open.spotify.com": "Spotify",
    "music.apple.com": "Apple Music",
    "www.deezer.com": "Deezer",
    "youtu.be": "YouTube",
    "listen.tidal.com": "Tidal",
    "band-1.bandcamp.com": "Bandcamp",
}


@given(
    st.sampled_from([*LINK_HOSTS]),
    st.text(st.characters(codec="utf-8", exclude_characters="\\"), max_size=30),
    st.sampled_from(["http", "https", "HTTPS"]),
)
def test_share_links(host: str, path: str, scheme: str) -> None:
    """A share link is recognized by its host, whatever its path is; another host isn't."""
    url = URL.build(scheme=scheme, host=host, path=f"/{path}")
    for text in (str(url), url.human_repr()):
        service = find_service(text)
        assert service and service.name == LINK_HOSTS[host]
        assert service in SERVICES
    assert find_service(f"{scheme}://{host}.example.com/{url.raw_path}") is None
    assert find_service(f"ftp://{host}/") is None


@given(st.text())
def test_any_link(text: str) -> None:
    """Any text is a link or none."""
    service = find_service(text)
    assert service is None or service in SERVICES


# A conjunction between punctuation or controls is one only when these are gone.
UNPUNCTUATED: Final = st.text(st.characters(exclude_categories=["C", "P", "Sm", "Sc", "Sk"]))


@given(UNPUNCTUATED)
@example("\u1d9e")  # a small ð, which was a d only in the second turn
def test_normalized_names(text: str) -> None:
    """A name that is normalized stays the same."""
    assert normalize_words(normalize_words(text)) == normalize_words(text)


@given(st.text())
def test_any_name(text: str) -> None:
    """A text stays the same once its accents are removed, it is safe to show, or redacted."""
    assert normalize_characters(normalize_characters(text)) == normalize_characters(text)
    safe = sanitize_text(text)
    assert sanitize_text(safe) == safe
    assert "\n" not in safe
    redacted = redact_text(text)
    assert redact_text(redacted) == redacted


# The wire

JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(ODD_VALUES),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=5,
)
ODD_EVENTS: Final = st.lists(
    st.integers(0, len(load_corpus()) - 1).flatmap(
        lambda index: st.tuples(st.just(index), st.sampled_from(get_paths(index)), JSON)
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture
def unique_registry_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each entity of Home Assistant an id of its own.

    Hypothesis seeds `random` anew for each example, so that entities of different examples would
    get the same id, and Home Assistant could remove only one of them.
    """
    monkeypatch.setattr("homeassistant.util.uuid.getrandbits", SystemRandom().getrandbits)


@pytest.mark.usefixtures("all_enabled", "unique_registry_ids")
async def test_any_value_in_event(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    """An event with any value in any place is skipped, or ends in valid states."""
    coordinator = harness.coordinator
    client = coordinator.connection.client

    @given(ODD_EVENTS)
    def check(changes: list[tuple[int, Path, Any]]) -> None:
        caplog.clear()
        for index, path, value in changes:
            frame = replace_value(load_corpus()[index], path, value)
            client._handle_incoming_message(orjson.loads(orjson.dumps(frame)))
        for player_id in coordinator.store.find_all_ids():
            coordinator._refresh_player(player_id)
        errors = [
            (record.getMessage(), repr(record.exc_info and record.exc_info[1]))
            for record in caplog.records
            if record.levelno >= logging.ERROR
        ]
        assert errors == []

    check()
    await harness.wait_for_events()
    assert client.connection.connected


READS: Final[Sequence[tuple[str, Mapping[str, Any]]]] = (
    ("search", {"name": "a"}),
    ("get_library", {"media_type": "track", "limit": 5}),
    ("get_item", {"uri": "library://album/1"}),
    ("get_album_tracks", {"uri": "library://album/1"}),
    ("get_artist", {"uri": "library://artist/1"}),
    ("get_playlist_tracks", {"uri": "library://playlist/1"}),
    ("get_similar_tracks", {"uri": "library://track/1"}),
    ("get_lyrics", {"uri": "library://track/1"}),
    ("get_playlists", {}),
    ("get_recommendations", {}),
    ("get_recently_played", {}),
    ("get_in_progress", {}),
    ("get_providers", {}),
    ("get_background_tasks", {}),
    ("get_queue_items", {"entity": "kueche"}),
)


@contextmanager
def make_answers_odd(number: int, value: Any) -> Generator[None]:
    """Put a value in a place of each answer of the server, which a number chooses."""
    send = Connection.send

    def send_odd(connection: Connection, message: dict[str, Any] | str | bytes) -> None:
        if isinstance(message, dict) and "result" in message:
            frame = orjson.loads(connection.server.serialize(message))
            paths = [("result",), *iterate_paths(frame["result"], ("result",))]
            frame = replace_value(frame, paths[number % len(paths)], value)
            message = orjson.dumps(frame).decode()
        send(connection, message)

    with patch.object(Connection, "send", send_odd):
        yield


@settings(suppress_health_check=[*HealthCheck])  # the fixtures serve for all examples
@given(st.sampled_from(READS), st.integers(0, 2000), JSON)
async def test_any_value_in_answer(
    harness: Harness,
    caplog: pytest.LogCaptureFixture,
    read: tuple[str, Mapping[str, Any]],
    number: int,
    value: Any,
) -> None:
    """An answer with any value in any place ends in a response, or in an error that says why."""
    caplog.clear()
    action, data = read
    if "entity" in data:
        data = {"entity": harness.get_entity_id(data["entity"])}
    error: HomeAssistantError | None = None
    with make_answers_odd(number, value):
        try:
            orjson.dumps(await call_server_action(harness, action, **data))
        except HomeAssistantError as err:
            error = err
    assert error is None or error.translation_key
    assert [
        record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR
    ] == []
    assert harness.coordinator.connection.client.connection.connected


@given(
    JSON, st.sampled_from(["data", "entitiesByUniqueId", "linksByPlatform", "tracks", "results"])
)
async def test_any_answer_of_resolver(answer: Any, field: str) -> None:
    """Any answer of a service that resolves links is a recording, none, or an error of its own."""
    base = {
        "status": "success",
        "entityUniqueId": "a",
        "entitiesByUniqueId": {"a": {"type": "song", "title": "Song"}},
    }

    async def resolve(_link: str) -> Recording | None:
        odd = base | {field: answer}
        return odesli.parse_recording(odd) or musicapi.parse_recording(odd, SERVICES[1])

    resolver = Resolver("Example", resolve)
    with suppress(ResolverError):
        recording = await resolver.async_resolve("https://open.spotify.com/track/1")
        assert recording is None or parse_artist_names(recording.artists) is not None
