"""Chapters of the audiobook or podcast episode that plays."""

from collections.abc import Sequence
from math import isfinite
from typing import Final, NamedTuple

from music_assistant_models.enums import MediaType
from music_assistant_models.queue_item import QueueItem

from .context import PlayerContext
from .playback import AGREEMENT

# Characters of a name: Home Assistant's states have 255, and a number may come before it.
MAX_NAME_LENGTH: Final = 240
# Seconds into a chapter after which "previous" goes to its start, as the server does with tracks.
RESTART_THRESHOLD: Final = 5.0


class Chapter(NamedTuple):
    """Represent a chapter: its name, which no other one has, and where it starts in seconds."""

    name: str
    start: float


def get_chapters(item: QueueItem | None) -> tuple[Chapter, ...]:
    """Return the chapters of a queue item in the order of playback.

    They are numbered if their names don't tell them apart.
    """
    metadata = item.media_item.metadata if item and item.media_item else None
    chapters = [
        chapter for chapter in (metadata and metadata.chapters) or () if isfinite(chapter.start)
    ]
    chapters.sort(key=lambda chapter: (chapter.start, chapter.position))
    names = [chapter.name.strip()[:MAX_NAME_LENGTH] for chapter in chapters]
    if not all(names) or len(set(names)) < len(names):
        names = [f"{number}. {name}".strip() for number, name in enumerate(names, 1)]
    return tuple(
        Chapter(name, chapter.start) for name, chapter in zip(names, chapters, strict=True)
    )


def find_chapter_index(chapters: Sequence[Chapter], position: float) -> int | None:
    """Return the index of the chapter at a position, None before the first one.

    Servers report a position somewhat behind the one that was sought, which is that of a chapter.
    """
    started = [chapter for chapter in chapters if chapter.start <= position + AGREEMENT]
    return len(started) - 1 if started else None


def get_next_chapter(context: PlayerContext, now: float) -> Chapter | None:
    """Return the chapter of an audiobook that follows, None if there is none.

    In a queue of podcast episodes the next one is the next episode.
    """
    chapters, position = _get_book_chapters(context), context.get_position(now)
    if position is None:
        return None
    index = find_chapter_index(chapters, position)
    following = 0 if index is None else index + 1
    return chapters[following] if following < len(chapters) else None


def get_previous_chapter(context: PlayerContext, now: float) -> Chapter | None:
    """Return the current chapter of an audiobook or, at its start, the one before it."""
    chapters, position = _get_book_chapters(context), context.get_position(now)
    if position is None or (index := find_chapter_index(chapters, position)) is None:
        return None
    if position - chapters[index].start >= RESTART_THRESHOLD:
        return chapters[index]
    return chapters[index - 1] if index else None


def get_time_to_next_chapter(
    chapters: Sequence[Chapter], context: PlayerContext, now: float
) -> float | None:
    """Return the seconds until the next chapter begins, None if none will."""
    position, sources = context.get_position(now), context.playback.sources
    if position is None or not sources.is_active or sources.speed <= 0:
        return None
    starts = (chapter.start - AGREEMENT - position for chapter in chapters)
    rest = min((start for start in starts if start > 0), default=None)
    return None if rest is None else rest / sources.speed


def _get_book_chapters(context: PlayerContext) -> tuple[Chapter, ...]:
    """Return the chapters if an audiobook plays."""
    item = context.current_item
    is_book = item is not None and item.media_type is MediaType.AUDIOBOOK
    return get_chapters(item) if is_book else ()
