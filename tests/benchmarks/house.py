"""A server on which everything plays, and its events as bytes for the wire, made beforehand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
import struct
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, override
import zlib

from music_assistant_models.enums import EventType, MediaType, QueueOption

from tests.server import Household, MassServer
from tests.server.library import Library
from tests.server.server import DEFAULT_USERS
from tests.server.wire import event

if TYPE_CHECKING:
    from music_assistant_models.media_items import PlayableMediaItemType

    from tests.server.connection import Connection

# Pictures have the same address on each server, so that the same events fit all of them.
BASE_URL: Final = "http://music.example:8095"
USERNAME: Final = next(iter(DEFAULT_USERS))
TRACKS_PER_QUEUE: Final = 20
# Servers stamp positions anew with every event; seconds from one stamp to the next.
RESTAMP: Final = 0.5
# What a complete text frame begins with: plain, and compressed.
_PLAIN: Final = 0x81
_PACKED: Final = 0xC1


class Frame(NamedTuple):
    """An event as it is on the wire, to a client that wants none compressed and to one that does."""

    plain: bytes
    packed: bytes


class House(MassServer):
    """A server whose clock stands still, so that what it says is known beforehand."""

    def __init__(self, household: Household, now: float | None = None, **options: Any) -> None:
        """Furnish, and play the same on each player as any other house of these players does."""
        super().__init__(household=household, base_url=BASE_URL, **options)
        self.now = time.time() if now is None else now
        self.said = 0  # characters, before they are compressed
        self.clock = lambda: self.now
        tracks = self._tracks()
        for number, queue in enumerate(self.queues.values()):
            first = number % (len(tracks) - TRACKS_PER_QUEUE)
            media = tracks[first : first + TRACKS_PER_QUEUE]
            self.playback.enqueue(queue, media, QueueOption.REPLACE)
            self.number_items(queue.queue_id)

    @classmethod
    def of(cls, players: int, now: float | None = None, library: Library | None = None) -> House:
        """Return a house with any number of plain players, all of them playing."""
        return cls(Household.of(players), now, library=library or Library.generate())

    def _tracks(self) -> Sequence[PlayableMediaItemType]:
        return list(self.library.items(MediaType.TRACK))  # type: ignore[arg-type]

    def number_items(self, queue_id: str) -> None:
        """Give a queue's items ids that are the same on each server."""
        for number, item in enumerate(self.queue_items[queue_id]):
            item.queue_item_id = f"{queue_id}-{number}"
        if queue_id in self.players:
            self.playback.show(queue_id)

    @override
    def accepted(self, connection: Connection) -> None:
        """Let each message be compressed by itself, so that ours may come in between."""
        writer = connection.ws._writer
        assert writer is not None
        writer.notakeover = True
        super().accepted(connection)

    @override
    def dumps(self, value: Any) -> str:
        text = super().dumps(value)
        self.said += len(text)
        return text

    def push(self, frames: Iterable[Frame]) -> None:
        """Send frames to the client, all at once."""
        (connection,) = (each for each in self.open_connections if each.caller)
        transport = connection.request.transport
        assert transport is not None
        packed = bool(connection.ws.compress)
        transport.write(b"".join(frame.packed if packed else frame.plain for frame in frames))

    def frame(self, event_type: EventType, object_id: str, data: Any) -> Frame:
        """Return an event as it is on the wire."""
        payload = self.dumps(event(event_type, object_id, data)).encode()
        return Frame(_framed(payload, _PLAIN), _framed(_packed(payload), _PACKED))


def large_library() -> Library:
    """Return the library of somebody who has collected all their life."""
    return Library.generate(artists=2_000, albums=8_000, tracks=100_000)


def _framed(payload: bytes, kind: int) -> bytes:
    if (size := len(payload)) < 126:
        return struct.pack("!BB", kind, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", kind, 126, size) + payload
    return struct.pack("!BBQ", kind, 127, size) + payload


def _packed(payload: bytes) -> bytes:
    """Return a payload compressed by itself."""
    packer = zlib.compressobj(zlib.Z_BEST_SPEED, wbits=-15)
    body = packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH)
    return body.removesuffix(b"\x00\x00\xff\xff")


# Kinds of event: what the server says of a player when it says it for the nth time


def _queue_changed(house: House, player_id: str, nth: int) -> Frame:
    queue = replace(house.queues[player_id], shuffle_enabled=nth % 2 == 0)
    return house.frame(EventType.QUEUE_UPDATED, player_id, queue)


def _queue_unchanged(house: House, player_id: str, _nth: int) -> Frame:
    return house.frame(EventType.QUEUE_UPDATED, player_id, house.queues[player_id])


def _player_changed(house: House, player_id: str, nth: int) -> Frame:
    player = replace(house.players[player_id], volume_level=55 + nth % 2)
    return house.frame(EventType.PLAYER_UPDATED, player_id, player)


def _player_unchanged(house: House, player_id: str, _nth: int) -> Frame:
    return house.frame(EventType.PLAYER_UPDATED, player_id, house.players[player_id])


def _queue_time(house: House, player_id: str, _nth: int) -> Frame:
    position = house.queues[player_id].elapsed_time
    return house.frame(EventType.QUEUE_TIME_UPDATED, player_id, position)


def _queue_items(house: House, player_id: str, _nth: int) -> Frame:
    return house.frame(EventType.QUEUE_ITEMS_UPDATED, player_id, house.queues[player_id])


@dataclass(frozen=True)
class Kind:
    """A kind of event. Those that change something get every other player for themselves."""

    name: str
    make: Callable[[House, str, int], Frame]
    changes: bool = False
    of_queue: bool = False  # what the built-in integration takes to every entity


KINDS: Final = (
    Kind("queue changed", _queue_changed, changes=True, of_queue=True),
    Kind("queue unchanged", _queue_unchanged, of_queue=True),
    Kind("player changed", _player_changed, changes=True),
    Kind("player unchanged", _player_unchanged),
    Kind("queue time", _queue_time),
    Kind("queue items", _queue_items),
)


def frames_of(house: House, kind: Kind, variants: int = 2) -> list[Frame]:
    """Return a kind's events: one for each of its players, then the next for each of them."""
    players = list(house.players)[0 if kind.changes else 1 :: 2] or list(house.players)
    frames = []
    for nth in range(variants):
        house.now += RESTAMP
        for player_id in players:
            house.playback.refresh(house.queues[player_id])
            house.playback.show(player_id)
            frames.append(kind.make(house, player_id, nth))
    return frames
