"""Media classes and titles of items in lists."""

from collections.abc import Callable
from typing import Final

from music_assistant_models.enums import AlbumType, MediaType
from music_assistant_models.media_items import Album, Audiobook, PodcastEpisode

from homeassistant.components.media_player import MediaClass

from .library_lists import Item, get_title_with_artist

# Media classes of items; Home Assistant has none for audiobooks.
MEDIA_CLASSES: Final = {
    MediaType.ARTIST: MediaClass.ARTIST,
    MediaType.ALBUM: MediaClass.ALBUM,
    MediaType.TRACK: MediaClass.TRACK,
    MediaType.PLAYLIST: MediaClass.PLAYLIST,
    MediaType.RADIO: MediaClass.CHANNEL,
    MediaType.PODCAST: MediaClass.PODCAST,
    MediaType.PODCAST_EPISODE: MediaClass.EPISODE,
    MediaType.AUDIOBOOK: MediaClass.DIRECTORY,
    MediaType.GENRE: MediaClass.GENRE,
}
# Media classes of lists. In lists of channels and episodes, Home Assistant would crop images to the
# shape of a film poster and truncate titles.
LIST_MEDIA_CLASSES: Final = MEDIA_CLASSES | {
    MediaType.RADIO: MediaClass.MUSIC,
    MediaType.PODCAST_EPISODE: MediaClass.MUSIC,
}
# Marks of fully and partly played items.
PLAYED_MARK: Final = "✓"
IN_PROGRESS_MARK: Final = "◐"
# Types of albums that are not shown in titles.
_UNLABELED_ALBUM_TYPES: Final = frozenset({AlbumType.ALBUM, AlbumType.UNKNOWN})


def can_play(item: Item) -> bool:
    """Return whether an item can be played: it is available and of a supported media type."""
    # genres have no provider mappings, so their model is never available
    available = item.available or item.media_type is MediaType.GENRE
    return available and item.media_type in MEDIA_CLASSES


def get_title(item: Item, parent: Item | None, translate: Callable[[str], str]) -> str:
    """Return the title of an item in a list, or in a list of the parent's children.

    The artist is omitted if the parent has the same one. Albums of an artist have their year and
    type; `translate` returns the name of the type in the user's language.
    """
    if isinstance(item, PodcastEpisode | Audiobook):
        return f"{_get_progress_mark(item)} {item.name}".strip()
    if isinstance(item, Album) and parent and parent.media_type is MediaType.ARTIST:
        album_type = (
            None
            if item.album_type in _UNLABELED_ALBUM_TYPES
            else translate(f"album_{item.album_type.value}")
        )
        details = ", ".join(str(detail) for detail in (item.year, album_type) if detail)
        return f"{item.name} ({details})" if details else item.name
    is_artist_obvious = parent and _get_artist(item) in (parent.name, _get_artist(parent))
    return item.name if is_artist_obvious else get_title_with_artist(item)


def _get_artist(item: Item) -> str | None:
    artists = getattr(item, "artists", None)
    return artists[0].name if artists else None


def _get_progress_mark(item: PodcastEpisode | Audiobook) -> str:
    """Return the mark of a played or partly played item."""
    if item.fully_played:
        return PLAYED_MARK
    return IN_PROGRESS_MARK if item.resume_position_ms else ""
