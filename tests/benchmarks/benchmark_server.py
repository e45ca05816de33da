"""A server on which everything plays, and its events as websocket frames made in advance."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
import struct
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, override
import zlib

from music_assistant_models.enums import EventType, MediaType, QueueOption

from tests.server import MassServer, PlayerSet
from tests.server.library import Library
from tests.server.messages import build_event
from tests.server.server import DEFAULT_USERS

if TYPE_CHECKING:
    from music_assistant_models.media_items import PlayableMediaItemType

    from tests.server.connection import Connection

# Pictures have the same address on each server, so that the same events fit all of them.
BASE_URL: Final = "http://music.example:8095"
USERNAME: Final = next(iter(DEFAULT_USERS))
TRACKS_PER_QUEUE: Final = 20
# Servers stamp positions anew with every event; seconds from one stamp to the next.
POSITION_UPDATE_INTERVAL: Final = 0.5
# What a complete text frame begins with: plain, and compressed.
_PLAIN_TEXT_FRAME: Final = 0x81
_COMPRESSED_TEXT_FRAME: Final = 0xC1


class Frame(NamedTuple):
    """Represent an event as a websocket frame, plain and compressed."""

    plain: bytes
    compressed: bytes


class BenchmarkServer(MassServer):
    """Represent a server whose clock stands still, so that its events are known in advance."""

    def __init__(self, player_set: PlayerSet, now: float | None = None, **options: Any) -> None:
        """Initialize, and play the same on each player as any other server with these players."""
        super().__init__(player_set=player_set, base_url=BASE_URL, **{"prompt": True, **options})
        self.now = time.time() if now is None else now
        self.serialized_length = 0  # characters, before they are compressed
        self.clock = lambda: self.now
        tracks = self._get_tracks()
        for number, queue in enumerate(self.queues.values()):
            first = number % (len(tracks) - TRACKS_PER_QUEUE)
            media = tracks[first : first + TRACKS_PER_QUEUE]
            self.playback.add_items(queue, media, QueueOption.REPLACE)
            self.set_item_ids(queue.queue_id)

    @classmethod
    def create(
        cls, players: int, now: float | None = None, library: Library | None = None
    ) -> BenchmarkServer:
        """Return a server with a number of speakers, all of them playing."""
        return cls(PlayerSet.create_speakers(players), now, library=library or Library.create())

    def _get_tracks(self) -> Sequence[PlayableMediaItemType]:
        return list(self.library.get_library_items(MediaType.TRACK))  # type: ignore[arg-type]

    def set_item_ids(self, queue_id: str) -> None:
        """Give a queue's items ids that are the same on each server."""
        for number, item in enumerate(self.queue_items[queue_id]):
            item.queue_item_id = f"{queue_id}-{number}"
        if queue_id in self.players:
            self.playback.update_player(queue_id)

    @override
    def add_connection(self, connection: Connection) -> None:
        """Compress each message separately, so that prepared frames fit in between."""
        writer = connection.ws._writer
        assert writer is not None
        writer.notakeover = True
        super().add_connection(connection)

    @override
    def serialize(self, value: Any) -> str:
        text = super().serialize(value)
        self.serialized_length += len(text)
        return text

    def send_frames(self, frames: Iterable[Frame]) -> None:
        """Send frames to the client, all at once."""
        (connection,) = (each for each in self.open_connections if each.caller)
        transport = connection.request.transport
        assert transport is not None
        packed = bool(connection.ws.compress)
        transport.write(b"".join(frame.compressed if packed else frame.plain for frame in frames))

    def create_frame(self, event_type: EventType, object_id: str, data: Any) -> Frame:
        """Return an event as frame."""
        payload = self.serialize(build_event(event_type, object_id, data)).encode()
        return Frame(
            _build_frame(payload, _PLAIN_TEXT_FRAME),
            _build_frame(_compress(payload), _COMPRESSED_TEXT_FRAME),
        )


def create_large_library() -> Library:
    """Return a library of 100,000 tracks."""
    return Library.create(artists=2_000, albums=8_000, tracks=100_000)


def _build_frame(payload: bytes, kind: int) -> bytes:
    if (size := len(payload)) < 126:
        return struct.pack("!BB", kind, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", kind, 126, size) + payload
    return struct.pack("!BBQ", kind, 127, size) + payload


def _compress(payload: bytes) -> bytes:
    """Return a payload compressed without context of earlier messages."""
    packer = zlib.compressobj(zlib.Z_BEST_SPEED, wbits=-15)
    body = packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH)
    return body.removesuffix(b"\x00\x00\xff\xff")


# Kinds of event: what the server says of a player when it says it for the nth time


def _create_queue_changed(server: BenchmarkServer, player_id: str, nth: int) -> Frame:
    queue = replace(server.queues[player_id], shuffle_enabled=nth % 2 == 0)
    return server.create_frame(EventType.QUEUE_UPDATED, player_id, queue)


def _create_queue_unchanged(server: BenchmarkServer, player_id: str, _nth: int) -> Frame:
    return server.create_frame(EventType.QUEUE_UPDATED, player_id, server.queues[player_id])


def _create_player_changed(server: BenchmarkServer, player_id: str, nth: int) -> Frame:
    player = replace(server.players[player_id], volume_level=55 + nth % 2)
    return server.create_frame(EventType.PLAYER_UPDATED, player_id, player)


def _create_player_unchanged(server: BenchmarkServer, player_id: str, _nth: int) -> Frame:
    return server.create_frame(EventType.PLAYER_UPDATED, player_id, server.players[player_id])


def _create_queue_time(server: BenchmarkServer, player_id: str, _nth: int) -> Frame:
    position = server.queues[player_id].elapsed_time
    return server.create_frame(EventType.QUEUE_TIME_UPDATED, player_id, position)


def _create_queue_items(server: BenchmarkServer, player_id: str, _nth: int) -> Frame:
    return server.create_frame(EventType.QUEUE_ITEMS_UPDATED, player_id, server.queues[player_id])


# How often each player changes before its events begin anew.
VARIANTS: Final = 2


@dataclass(frozen=True)
class EventKind:
    """Represent a kind of event; kinds that change something use every other player."""

    name: str
    make: Callable[[BenchmarkServer, str, int], Frame]
    has_changes: bool = False
    is_queue_event: bool = False  # what the built-in integration takes to every entity


EVENT_KINDS: Final = (
    EventKind("queue changed", _create_queue_changed, has_changes=True, is_queue_event=True),
    EventKind("queue unchanged", _create_queue_unchanged, is_queue_event=True),
    EventKind("player changed", _create_player_changed, has_changes=True),
    EventKind("player unchanged", _create_player_unchanged),
    EventKind("queue time", _create_queue_time),
    EventKind("queue items", _create_queue_items),
)


def create_frames(
    server: BenchmarkServer, kind: EventKind, variants: int = VARIANTS
) -> list[Frame]:
    """Return a kind's events: one for each of its players, then the next for each of them."""
    players = list(server.players)[0 if kind.has_changes else 1 :: 2] or list(server.players)
    frames = []
    for nth in range(variants):
        server.now += POSITION_UPDATE_INTERVAL
        for player_id in players:
            server.playback.update_queue(server.queues[player_id])
            server.playback.update_player(player_id)
            frames.append(kind.make(server, player_id, nth))
    return frames
