"""Commands for queues."""

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

from . import groups, reports
from .command_targets import QueueCommand, get_queue_or_raise
from .commands import Caller, Command
from .library import RADIO_PLAYLIST, get_item_mapping, parse_uri
from .playback import ORDERED_MEDIA_SINCE

if TYPE_CHECKING:
    from .server import MassServer

SETTINGS_SINCE = 46  # assumed: servers 2.10 have them, 2.7 (schema 29) doesn't
PREVIOUS_RESTART_THRESHOLD = 10  # seconds into an item, "previous" goes to its start

# What happens without an option, as far as it isn't to replace all.
_DEFAULT_OPTION = {MediaType.TRACK: QueueOption.PLAY}

# Media that can be played from one of its items on; nothing is played if it hasn't got the item.
_WITH_START_ITEM = (MediaType.ALBUM, MediaType.PLAYLIST, MediaType.PODCAST)

_SORT_KEYS = {
    SortField.NAME: lambda item: item.name.casefold(),
    SortField.SORT_NAME: lambda item: item.sort_name or "",
    SortField.DURATION: lambda item: item.duration or 0,
    SortField.TRACK_NUMBER: lambda item: (
        getattr(item, "disc_number", 0),
        getattr(item, "track_number", 0),
    ),
}


def list_queues(server: MassServer, _caller: Caller) -> list[PlayerQueue]:
    """Return all queues; a player filter doesn't apply to them."""
    return [server.playback.reporter.show(queue) for queue in server.queues.values()]


def get_queue(server: MassServer, _caller: Caller, queue_id: str) -> PlayerQueue | None:
    """Return one queue."""
    return server.playback.reporter.show(server.queues.get(queue_id))


def get_active_queue(server: MassServer, _caller: Caller, player_id: str) -> PlayerQueue | None:
    """Return the queue that a player plays."""
    if player_id not in server.players:
        return None
    return server.playback.reporter.show(server.playback.get_active_queue(player_id))


def get_items(
    server: MassServer, _caller: Caller, queue_id: str, limit: int = 500, offset: int = 0
) -> list[QueueItem]:
    """Return a page of a queue's items."""
    return server.queue_items.get(queue_id, [])[offset : offset + limit]


# Playing


def play(server: MassServer, queue: PlayerQueue) -> None:
    """Resume playback; a real server can't do that with a paused queue."""
    if queue.state is PlaybackState.PAUSED and not server.prompt:
        raise NotImplementedError("play needs to be implemented")
    server.playback.resume(queue)


def resume(server: MassServer, queue: PlayerQueue, fade_in: bool | None = None) -> None:
    """Resume or start playback."""
    if not server.playback.get_items(queue):
        raise QueueEmpty(f"Resume queue requested but queue {queue.display_name} is empty")
    server.playback.resume(queue)


def pause(server: MassServer, queue: PlayerQueue) -> None:
    """Pause playback."""
    server.playback.pause(queue)


def play_pause(server: MassServer, queue: PlayerQueue) -> None:
    """Pause or resume playback."""
    playing = queue.state is PlaybackState.PLAYING
    (server.playback.pause if playing else server.playback.resume)(queue)


def stop(server: MassServer, queue: PlayerQueue) -> None:
    """Stop playback."""
    server.playback.stop_queue(queue.queue_id)


def skip_to_next(server: MassServer, queue: PlayerQueue) -> None:
    """Play the next item."""
    server.playback.skip_to_next(queue)


def skip_to_previous(server: MassServer, queue: PlayerQueue) -> None:
    """Play the item from its start, or the one before it."""
    index = queue.current_index
    if index is None:
        return
    if server.playback.get_position(queue) < PREVIOUS_RESTART_THRESHOLD:
        index = max(index - 1, 0)
    server.playback.play_index(queue, index, sequences=reports.NEXT)


def seek(server: MassServer, queue: PlayerQueue, position: int = 10) -> None:
    """Seek in the current item, if it has an end and the position is before that."""
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
    """Seek forward or backward."""
    seek(server, queue, int(server.playback.get_position(queue) + seconds))


def play_index(
    server: MassServer,
    queue: PlayerQueue,
    index: int | str,
    seek_position: int = 0,
    fade_in: bool = False,
) -> None:
    """Play an item by index or id."""
    server.playback.play_index(queue, _get_index(server, queue, index), seek_position)


def _get_index(server: MassServer, queue: PlayerQueue, index_or_id: int | str) -> int:
    """Return the index of an item; raises if there is none."""
    found = server.playback.get_items(queue)
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
    """Enable or disable shuffle."""
    _ensure_not_dynamic(server, queue, "shuffle", shuffle_enabled is queue.shuffle_enabled)
    server.playback.set_shuffle(queue, shuffle_enabled)


def repeat(server: MassServer, queue: PlayerQueue, repeat_mode: RepeatMode) -> None:
    """Set the repeat mode."""
    _ensure_not_dynamic(server, queue, "repeat", repeat_mode is queue.repeat_mode)
    queue.repeat_mode = repeat_mode
    server.playback.send_queue(queue)


def set_dont_stop_the_music(
    server: MassServer, queue: PlayerQueue, dont_stop_the_music_enabled: bool
) -> None:
    """Enable or disable similar music at the end."""
    queue.autoplay_enabled = dont_stop_the_music_enabled
    server.playback.send_queue(queue)


def _ensure_not_dynamic(
    server: MassServer, queue: PlayerQueue, what: str, is_already_so: bool
) -> None:
    """Raise for a dynamic queue; newer servers accept what is already so."""
    accepts = is_already_so and server.schema_version >= ORDERED_MEDIA_SINCE
    if queue.is_dynamic and not accepts:
        raise InvalidCommand(f"Cannot change {what} while the queue is in dynamic mode")


def set_crossfade(server: MassServer, queue: PlayerQueue, crossfade_enabled: bool) -> None:
    """Enable or disable crossfading."""
    queue.crossfade_enabled = crossfade_enabled
    server.playback.send_queue(queue)


def set_playback_speed(
    server: MassServer, queue: PlayerQueue, speed: float, queue_item_id: str | None = None
) -> None:
    """Set the speed of an audiobook or an episode."""
    if not 0.5 <= speed <= 3.0:
        raise InvalidDataError(f"Playback speed must be between 0.5 and 3.0, got {speed}")
    if queue.current_item is None:
        raise QueueEmpty("Cannot set playback speed: queue is empty")
    item_id = queue_item_id or queue.current_item.queue_item_id
    item = server.playback.get_items(queue)[_get_index(server, queue, item_id)]
    if item.media_type not in (MediaType.AUDIOBOOK, MediaType.PODCAST_EPISODE):
        raise InvalidCommand(
            "Variable playback speed is only supported for audiobooks and podcast episodes"
        )
    item.extra_attributes["playback_speed"] = speed
    if item_id == queue.current_item.queue_item_id:
        server.playback.set_speed(queue, speed)


def _is_loaded(queue: PlayerQueue, index: int) -> bool:
    """Return whether the player has loaded an item."""
    return queue.index_in_buffer is not None and index <= queue.index_in_buffer


def move_item(
    server: MassServer, queue: PlayerQueue, queue_item_id: str, pos_shift: int = 1
) -> None:
    """Move an item that isn't loaded yet; 0 makes it the next one."""
    found = server.playback.get_items(queue)
    index = _get_index(server, queue, queue_item_id)
    if _is_loaded(queue, index):
        raise IndexError(f"{index} is already played/buffered")
    current = queue.current_index or 0
    target = index + pos_shift
    if not pos_shift:
        target = current + 1 if queue.state is PlaybackState.PLAYING else current
    if current <= target <= len(found):
        found.insert(target, found.pop(index))
        server.playback.send_queue(queue, items=True)


def delete_item(server: MassServer, queue: PlayerQueue, item_id_or_index: int | str) -> None:
    """Remove an item that isn't loaded yet; otherwise nothing happens, as on a real server."""
    index = _get_index(server, queue, item_id_or_index)
    if not _is_loaded(queue, index):
        del server.playback.get_items(queue)[index]
        server.playback.send_queue(queue, items=True)


def clear_queue(server: MassServer, queue: PlayerQueue) -> None:
    """Remove all items."""
    server.playback.clear_queue(queue)


def move_queue(
    server: MassServer,
    caller: Caller,
    source_queue_id: str,
    target_queue_id: str,
    auto_play: bool | None = None,
) -> None:
    """Move the queue to another player."""
    source, target = (
        get_queue_or_raise(server, source_queue_id),
        get_queue_or_raise(server, target_queue_id),
    )
    for queue in (source, target):
        caller.ensure_visible(queue.queue_id)
    if not server.playback.get_items(source):
        raise QueueEmpty("Cannot transfer a queue that is empty")
    if player := server.players.get(target_queue_id):
        groups.unjoin_or_dissolve(server, player)
    server.playback.move_queue(source, target, play=auto_play)


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
    """Add media to a queue, or play it."""
    queue = get_queue_or_raise(server, queue_id)
    caller.ensure_visible(queue.queue_id)
    uris = [_get_uri(each) for each in (media if isinstance(media, list) else [media])]
    if radio_mode:
        uris = [f"{RADIO_PLAYLIST}://playlist/{uri}" for uri in uris]
    option = option or _DEFAULT_OPTION.get(parse_uri(uris[0])[0], QueueOption.REPLACE)
    found = [item for uri in uris for item in _get_playable_items(server, uri, start_item)]
    if not found:
        if option is QueueOption.REPLACE:  # it looks for items only after that
            server.playback.clear_queue(_get_played_queue(server, queue))
        raise MediaNotFoundError("No playable items found")
    if sort_field in _SORT_KEYS:
        found.sort(key=_SORT_KEYS[sort_field], reverse=sort_direction is SortDirection.DESC)
    if option is QueueOption.REPLACE:
        _set_sources(server, queue, uris)
    chapter = _get_chapter_start(found[0], start_item)
    heard = _get_played_queue(server, queue)
    media_type = parse_uri(uris[0])[0]
    server.playback.add_items(
        heard, found, option, caller.user.user_id, shuffle=shuffle, media_type=media_type
    )
    if chapter and option in (QueueOption.PLAY, QueueOption.REPLACE):
        server.playback.seek(heard, chapter.start)


def _get_played_queue(server: MassServer, queue: PlayerQueue) -> PlayerQueue:
    """Return the queue that a player plays: that of its leader."""
    leader = server.players.get(queue.queue_id)
    return server.queues[server.playback.get_leader_id(queue.queue_id)] if leader else queue


def _get_uri(media: Any) -> str:
    """Return the uri of media that a client sends as uri or as item."""
    uri = media.get("uri") if isinstance(media, dict) else media
    if not isinstance(uri, str):
        raise InvalidDataError(f"Not a media item: {media}")
    return uri


def _get_playable_items(
    server: MassServer, uri: str, start_item: str | None
) -> Iterable[PlayableMediaItemType]:
    """Return the items that are played for a uri, from the start item on."""
    found = server.library.get_playable_items(uri)
    media_type = parse_uri(uri)[0]
    if start_item is None or media_type not in _WITH_START_ITEM:
        return found
    keys = [(item.item_id, item.uri) for item in found]
    start = next((index for index, key in enumerate(keys) if start_item in key), None)
    return [] if start is None else found[start:]


def _get_chapter_start(
    item: PlayableMediaItemType, start_item: str | None
) -> MediaItemChapter | None:
    """Return the start of a book's chapter, which is given by its number."""
    if start_item is None or not isinstance(item, Audiobook):
        return None
    for chapter in item.metadata.chapters or ():
        if str(chapter.position) == start_item:
            return chapter
    raise InvalidDataError(f"Unable to resolve chapter to play for Audiobook {item.name}")


def _set_sources(server: MassServer, queue: PlayerQueue, uris: list[str]) -> None:
    """Store what the queue plays from, and whether it is endless."""
    sources = [item for uri in uris if (item := server.library.get(uri))]
    queue.sources = [get_item_mapping(item) for item in sources]
    was_dynamic = queue.is_dynamic
    queue.is_dynamic = any(getattr(item, "is_dynamic", False) for item in sources)
    if queue.is_dynamic != was_dynamic and server.schema_version >= ORDERED_MEDIA_SINCE:
        queue.shuffle_enabled = queue.is_dynamic  # a mix is always shuffled, and nothing after it


COMMANDS = {
    "player_queues/all": Command(list_queues),
    "player_queues/get": Command(get_queue),
    "player_queues/get_active_queue": Command(get_active_queue),
    "player_queues/items": Command(get_items),
    "player_queues/play": Command(QueueCommand(play)),
    "player_queues/resume": Command(QueueCommand(resume)),
    "player_queues/pause": Command(QueueCommand(pause)),
    "player_queues/play_pause": Command(QueueCommand(play_pause)),
    "player_queues/stop": Command(QueueCommand(stop)),
    "player_queues/next": Command(QueueCommand(skip_to_next)),
    "player_queues/previous": Command(QueueCommand(skip_to_previous)),
    "player_queues/seek": Command(QueueCommand(seek)),
    "player_queues/skip": Command(QueueCommand(skip)),
    "player_queues/play_index": Command(QueueCommand(play_index)),
    "player_queues/shuffle": Command(QueueCommand(shuffle)),
    "player_queues/repeat": Command(QueueCommand(repeat)),
    "player_queues/dont_stop_the_music": Command(QueueCommand(set_dont_stop_the_music)),
    "player_queues/crossfade": Command(QueueCommand(set_crossfade), since=SETTINGS_SINCE),
    "player_queues/set_playback_speed": Command(
        QueueCommand(set_playback_speed), since=SETTINGS_SINCE
    ),
    "player_queues/move_item": Command(QueueCommand(move_item)),
    "player_queues/delete_item": Command(QueueCommand(delete_item)),
    "player_queues/clear": Command(QueueCommand(clear_queue)),
    "player_queues/transfer": Command(move_queue, since=25),
    "player_queues/play_media": Command(play_media),
}
