"""What an item looks like in a list: its class, and what it is called there."""

from collections.abc import Callable
from typing import Final

from music_assistant_models.enums import AlbumType, MediaType
from music_assistant_models.media_items import Album, Audiobook, PodcastEpisode

from homeassistant.components.media_player import MediaClass

from .library_lists import Item, title_of

# What each kind of items is to Home Assistant, which knows no audiobooks.
CLASSES: Final = {
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
# What a list of each kind is to Home Assistant. Of channels and episodes it would show the pictures
# cut to the shape of a film's poster, and of an episode's title the beginning.
LISTS: Final = CLASSES | {
    MediaType.RADIO: MediaClass.MUSIC,
    MediaType.PODCAST_EPISODE: MediaClass.MUSIC,
}
# What marks what was heard to its end, and what was begun.
HEARD: Final = "✓"
BEGUN: Final = "◐"
# The albums that don't say what they are, as most are just that.
_PLAIN: Final = frozenset({AlbumType.ALBUM, AlbumType.UNKNOWN})


def can_be_played(item: Item) -> bool:
    """Tell whether an item can be played: it is there, and of a kind that we know."""
    # no provider has genres, so the models don't call them available
    available = item.available or item.media_type is MediaType.GENRE
    return available and item.media_type in CLASSES


def title(item: Item, within: Item | None, word: Callable[[str], str]) -> str:
    """Return what an item is called in a list, perhaps of what belongs to another.

    What goes without saying is left out: the artist in the artist's own lists. Albums of an
    artist have their year and type there; `word` gives its name in the user's language.
    """
    if isinstance(item, PodcastEpisode | Audiobook):
        return f"{_mark(item)} {item.name}".strip()
    if isinstance(item, Album) and within and within.media_type is MediaType.ARTIST:
        kind = None if item.album_type in _PLAIN else word(f"album_{item.album_type.value}")
        details = ", ".join(str(one) for one in (item.year, kind) if one)
        return f"{item.name} ({details})" if details else item.name
    goes_without_saying = within and _artist(item) in (within.name, _artist(within))
    return item.name if goes_without_saying else title_of(item)


def _artist(item: Item) -> str | None:
    artists = getattr(item, "artists", None)
    return artists[0].name if artists else None


def _mark(item: PodcastEpisode | Audiobook) -> str:
    if item.fully_played:
        return HEARD
    return BEGUN if item.resume_position_ms else ""
