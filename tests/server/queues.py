"""Commands about queues."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from music_assistant_models.enums import (
    MediaType,
    PlaybackState,
    QueueOption,
    RepeatMode,
    SortDirection,
    SortField,
)
from music_assistant_models.errors import (
    InvalidCommand,
    InvalidDataError,
    MediaNotFoundError,
    QueueEmpty,
)
from music_assistant_models.media_items import Audiobook, MediaItemChapter, PlayableMediaItemType
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem

from . import groups
from .commands import Caller, Command
from .library import RADIO_PLAYLIST, mapping, parse_uri
from .targets import OnQueue, queue_of

if TYPE_CHECKING:
    from .server import MassServer

SETTINGS_SINCE = 46  # assumed: servers 2.10 have them, 2.7 (schema 29) doesn't
RESTART_AFTER = 10  # seconds into an item, "previous" goes to its start

# What happens without an option, as far as it isn't to replace all.
_DEFAULT_OPTION = {MediaType.TRACK: QueueOption.PLAY}

_SORT_KEYS = {
    SortField.NAME: lambda item: item.name.casefold(),
    SortField.SORT_NAME: lambda item: item.sort_name or "",
    SortField.DURATION: lambda item: item.duration or 0,
    SortField.TRACK_NUMBER: lambda item: (
        getattr(item, "disc_number", 0),
        getattr(item, "track_number", 0),
    ),
}


def all_queues(server: MassServer, _caller: Caller) -> list[PlayerQueue]:
    """Return all queues; a player filter hides none of them."""
    return list(server.queues.values())


def get(server: MassServer, _caller: Caller, queue_id: str) -> PlayerQueue | None:
    """Return one queue."""
    return server.queues.get(queue_id)


def get_active_queue(server: MassServer, _caller: Caller, player_id: str) -> PlayerQueue | None:
    """Return the queue that a player plays."""
    if player_id not in server.players:
        return None
    return server.playback.active_queue(player_id)


def items(
    server: MassServer, _caller: Caller, queue_id: str, limit: int = 500, offset: int = 0
) -> list[QueueItem]:
    """Return a page of a queue's items."""
    return server.queue_items.get(queue_id, [])[offset : offset + limit]


# Playing


def play(server: MassServer, queue: PlayerQueue) -> None:
    """Go on."""
    server.playback.resume(queue)


def resume(server: MassServer, queue: PlayerQueue, fade_in: bool | None = None) -> None:
    """Go on, or begin."""
    if not server.playback.items(queue):
        raise QueueEmpty(f"Resume queue requested but queue {queue.display_name} is empty")
    server.playback.resume(queue)


def pause(server: MassServer, queue: PlayerQueue) -> None:
    """Hold."""
    server.playback.pause(queue)


def play_pause(server: MassServer, queue: PlayerQueue) -> None:
    """Hold, or go on."""
    playing = queue.state is PlaybackState.PLAYING
    (server.playback.pause if playing else server.playback.resume)(queue)


def stop(server: MassServer, queue: PlayerQueue) -> None:
    """Stop."""
    server.playback.stop_queue(queue.queue_id)


def next_item(server: MassServer, queue: PlayerQueue) -> None:
    """Go to the next item."""
    server.playback.next(queue)


def previous_item(server: MassServer, queue: PlayerQueue) -> None:
    """Go back to the start of the item, or to the one before it."""
    index = queue.current_index
    if index is None:
        return
    if server.playback.position(queue) < RESTART_AFTER:
        index = max(index - 1, 0)
    server.playback.play_index(queue, index)


def seek(server: MassServer, queue: PlayerQueue, position: int = 10) -> None:
    """Go to a position of what is playing, if it has an end and the position is before that."""
    if not queue.active:
        raise InvalidCommand(f"Queue {queue.queue_id} is not active")
    if queue.current_item is None:
        raise InvalidCommand(f"Queue {queue.display_name} has no item(s) loaded.")
    if not queue.current_item.duration:
        raise InvalidCommand("Can not seek items without duration.")
    if position > queue.current_item.duration:
        raise InvalidCommand("Can not seek outside of duration range.")
    server.playback.seek(queue, max(position, 0))


def skip(server: MassServer, queue: PlayerQueue, seconds: int = 10) -> None:
    """Go forward or back."""
    seek(server, queue, int(server.playback.position(queue) + seconds))


def play_index(
    server: MassServer,
    queue: PlayerQueue,
    index: int | str,
    seek_position: int = 0,
    fade_in: bool = False,
) -> None:
    """Play an item by index or id."""
    server.playback.play_index(queue, _index_of(server, queue, index), seek_position)


def _index_of(server: MassServer, queue: PlayerQueue, index_or_id: int | str) -> int:
    """Return the index of an item, or raise."""
    found = server.playback.items(queue)
    if isinstance(index_or_id, str):
        ids = [item.queue_item_id for item in found]
        if index_or_id not in ids:
            raise InvalidDataError(f"Item {index_or_id} not found in queue")
        return ids.index(index_or_id)
    if not 0 <= index_or_id < len(found):
        raise MediaNotFoundError(f"Unknown index/id: {index_or_id}")
    return index_or_id


# Order


def shuffle(server: MassServer, queue: PlayerQueue, shuffle_enabled: bool) -> None:
    """Mix, or put in order."""
    _refuse_dynamic(queue, "shuffle")
    server.playback.set_shuffle(queue, shuffle_enabled)


def repeat(server: MassServer, queue: PlayerQueue, repeat_mode: RepeatMode) -> None:
    """Repeat nothing, one or all."""
    _refuse_dynamic(queue, "repeat")
    queue.repeat_mode = repeat_mode
    server.playback.changed(queue)


def dont_stop_the_music(
    server: MassServer, queue: PlayerQueue, dont_stop_the_music_enabled: bool
) -> None:
    """Go on with similar music at the end."""
    queue.autoplay_enabled = dont_stop_the_music_enabled
    server.playback.changed(queue)


def _refuse_dynamic(queue: PlayerQueue, what: str) -> None:
    if queue.is_dynamic:
        raise InvalidCommand(f"Cannot change {what} while the queue is in dynamic mode")


def crossfade(server: MassServer, queue: PlayerQueue, crossfade_enabled: bool) -> None:
    """Let items fade into each other, or not."""
    queue.crossfade_enabled = crossfade_enabled
    server.playback.changed(queue)


def set_playback_speed(
    server: MassServer, queue: PlayerQueue, speed: float, queue_item_id: str | None = None
) -> None:
    """Read an audiobook or an episode faster or slower."""
    if not 0.5 <= speed <= 3.0:
        raise InvalidDataError(f"Playback speed must be between 0.5 and 3.0, got {speed}")
    if queue.current_item is None:
        raise QueueEmpty("Cannot set playback speed: queue is empty")
    item_id = queue_item_id or queue.current_item.queue_item_id
    item = server.playback.items(queue)[_index_of(server, queue, item_id)]
    if item.media_type not in (MediaType.AUDIOBOOK, MediaType.PODCAST_EPISODE):
        raise InvalidCommand(
            "Variable playback speed is only supported for audiobooks and podcast episodes"
        )
    item.extra_attributes["playback_speed"] = speed
    if item_id == queue.current_item.queue_item_id:
        server.playback.set_speed(queue, speed)


def _is_loaded(queue: PlayerQueue, index: int) -> bool:
    """Tell whether the player has been given an item."""
    return queue.index_in_buffer is not None and index <= queue.index_in_buffer


def move_item(
    server: MassServer, queue: PlayerQueue, queue_item_id: str, pos_shift: int = 1
) -> None:
    """Move an item that is not loaded yet; 0 makes it the next one."""
    found = server.playback.items(queue)
    index = _index_of(server, queue, queue_item_id)
    if _is_loaded(queue, index):
        raise IndexError(f"{index} is already played/buffered")
    current = queue.current_index or 0
    target = index + pos_shift
    if not pos_shift:
        target = current + 1 if queue.state is PlaybackState.PLAYING else current
    if current <= target <= len(found):
        found.insert(target, found.pop(index))
        server.playback.changed(queue, items=True)


def delete_item(server: MassServer, queue: PlayerQueue, item_id_or_index: int | str) -> None:
    """Remove an item that is not loaded yet; otherwise nothing happens, on a real server too."""
    index = _index_of(server, queue, item_id_or_index)
    if not _is_loaded(queue, index):
        del server.playback.items(queue)[index]
        server.playback.changed(queue, items=True)


def clear(server: MassServer, queue: PlayerQueue) -> None:
    """Empty a queue."""
    server.playback.clear(queue)


def transfer(
    server: MassServer,
    caller: Caller,
    source_queue_id: str,
    target_queue_id: str,
    auto_play: bool | None = None,
) -> None:
    """Move what plays to another player."""
    source, target = queue_of(server, source_queue_id), queue_of(server, target_queue_id)
    for queue in (source, target):
        caller.check_sees(queue.queue_id)
    if not server.playback.items(source):
        raise QueueEmpty("Cannot transfer a queue that is empty")
    if player := server.players.get(target_queue_id):
        groups.set_free(server, player)
    server.playback.transfer(source, target, play=auto_play)


# Playing something new


def play_media(
    server: MassServer,
    caller: Caller,
    *,
    queue_id: str,
    media: Any,
    option: QueueOption | None = None,
    radio_mode: bool = False,
    start_item: str | None = None,
    sort_field: SortField | None = None,
    sort_direction: SortDirection | None = None,
    shuffle: bool | None = None,
) -> None:
    """Put media into a queue, or play it."""
    queue = queue_of(server, queue_id)
    caller.check_sees(queue.queue_id)
    uris = [_uri(each) for each in (media if isinstance(media, list) else [media])]
    if radio_mode:
        uris = [f"{RADIO_PLAYLIST}://playlist/{uri}" for uri in uris]
    found = [item for uri in uris for item in _playable(server, uri, start_item)]
    if not found:
        raise MediaNotFoundError("No playable items found")
    if sort_field in _SORT_KEYS:
        found.sort(key=_SORT_KEYS[sort_field], reverse=sort_direction is SortDirection.DESC)
    option = option or _DEFAULT_OPTION.get(parse_uri(uris[0])[0], QueueOption.REPLACE)
    if option is QueueOption.REPLACE:
        _note_sources(server, queue, uris)
    chapter = _chapter(found[0], start_item)
    heard = _heard(server, queue)
    server.playback.enqueue(heard, found, option, caller.user.user_id, shuffle)
    if chapter and option in (QueueOption.PLAY, QueueOption.REPLACE):
        server.playback.seek(heard, chapter.start)


def _heard(server: MassServer, queue: PlayerQueue) -> PlayerQueue:
    """Return the queue that is heard on a player: that of the leader it follows."""
    leader = server.players.get(queue.queue_id)
    return server.queues[server.playback.leader_of(queue.queue_id)] if leader else queue


def _uri(media: Any) -> str:
    """Return the uri of media that a client names or sends whole."""
    uri = media.get("uri") if isinstance(media, dict) else media
    if not isinstance(uri, str):
        raise InvalidDataError(f"Not a media item: {media}")
    return uri


def _playable(
    server: MassServer, uri: str, start_item: str | None
) -> Iterable[PlayableMediaItemType]:
    """Return what is played for a uri, from the given item on."""
    found = server.library.playable(uri)
    names = [(item.item_id, item.uri) for item in found]
    start = next((i for i, each in enumerate(names) if start_item and start_item in each), 0)
    return found[start:]


def _chapter(item: PlayableMediaItemType, start_item: str | None) -> MediaItemChapter | None:
    """Return the chapter to begin a book with, which is named by its number."""
    if start_item is None or not isinstance(item, Audiobook):
        return None
    for chapter in item.metadata.chapters or ():
        if str(chapter.position) == start_item:
            return chapter
    raise InvalidDataError(f"Unable to resolve chapter to play for Audiobook {item.name}")


def _note_sources(server: MassServer, queue: PlayerQueue, uris: list[str]) -> None:
    """Note where the queue plays from, and whether it never ends."""
    sources = [item for uri in uris if (item := server.library.get(uri))]
    queue.sources = [mapping(item) for item in sources]
    queue.is_dynamic = any(getattr(item, "is_dynamic", False) for item in sources)


COMMANDS = {
    "player_queues/all": Command(all_queues),
    "player_queues/get": Command(get),
    "player_queues/get_active_queue": Command(get_active_queue),
    "player_queues/items": Command(items),
    "player_queues/play": Command(OnQueue(play)),
    "player_queues/resume": Command(OnQueue(resume)),
    "player_queues/pause": Command(OnQueue(pause)),
    "player_queues/play_pause": Command(OnQueue(play_pause)),
    "player_queues/stop": Command(OnQueue(stop)),
    "player_queues/next": Command(OnQueue(next_item)),
    "player_queues/previous": Command(OnQueue(previous_item)),
    "player_queues/seek": Command(OnQueue(seek)),
    "player_queues/skip": Command(OnQueue(skip)),
    "player_queues/play_index": Command(OnQueue(play_index)),
    "player_queues/shuffle": Command(OnQueue(shuffle)),
    "player_queues/repeat": Command(OnQueue(repeat)),
    "player_queues/dont_stop_the_music": Command(OnQueue(dont_stop_the_music)),
    "player_queues/crossfade": Command(OnQueue(crossfade), since=SETTINGS_SINCE),
    "player_queues/set_playback_speed": Command(OnQueue(set_playback_speed), since=SETTINGS_SINCE),
    "player_queues/move_item": Command(OnQueue(move_item)),
    "player_queues/delete_item": Command(OnQueue(delete_item)),
    "player_queues/clear": Command(OnQueue(clear)),
    "player_queues/transfer": Command(transfer, since=25),
    "player_queues/play_media": Command(play_media),
}
