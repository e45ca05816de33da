"""Media queries, and the interpretations of a typed or spoken phrase."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
import re
from typing import Final

from music_assistant_models.enums import MediaType

from .library_lists import LIBRARY_LISTS
from .phrases import MEDIA_TYPE_BY_WORD, iterate_words

ALL_MEDIA_TYPES: Final = frozenset(
    library_list.media_type for library_list in LIBRARY_LISTS.values()
)

# Media types whose items have artists (or authors), and an album.
_ARTIST_HINT_TYPES: Final = frozenset({MediaType.ALBUM, MediaType.TRACK, MediaType.AUDIOBOOK})
_ALBUM_HINT_TYPES: Final = frozenset({MediaType.TRACK})
# Texts of an artist or album that name none: what templates make of nothing, and language models.
_NO_HINTS: Final = frozenset({"", "none", "null", "unknown", "unavailable", "n/a", "na"})
# Media types that the server finds by a text of artist and name.
_ARTIST_TEXT_TYPES: Final = frozenset({MediaType.ALBUM, MediaType.TRACK})

# Scripts without spaces between words.
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]+")


def _build_alternatives(words: Iterable[str], before: str = "", after: str = "") -> str:
    """Build the pattern that matches one of several words, the longest first.

    Spaces `before` or `after` stand only where the word is separated by one.
    """
    patterns = (
        (before + re.escape(word) + (after if not word.endswith("'") else ""))
        if not _UNSPACED.fullmatch(word)
        else re.escape(word)
        for word in sorted(set(words), key=len, reverse=True)
    )
    return f"(?:{'|'.join(patterns)})".replace("'", "['’]")


def _compile_words(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of a phrase."""
    return re.compile(pattern, re.IGNORECASE)


_FILLER_PATTERN: Final = (
    f"(?:{_build_alternatives(iterate_words('filler'), after=' ')}"
    f"(?!{_build_alternatives(iterate_words('by'), after=' ')}))?"  # "something by" is no filler
)
_PLAY_PATTERN: Final = _compile_words(
    rf"\A(?:{_build_alternatives(iterate_words('play'), after=' ')})?{_FILLER_PATTERN}(?=\S)"
    rf"|(?<=\S){_build_alternatives(iterate_words('play_after'), before=' ')}\Z"
)
_SPACED_TYPES: Final = _build_alternatives(
    word for word in MEDIA_TYPE_BY_WORD if not _UNSPACED.fullmatch(word)
)
_UNSPACED_TYPES: Final = _build_alternatives(filter(_UNSPACED.fullmatch, MEDIA_TYPE_BY_WORD))
_OF_PATTERN: Final = _compile_words(rf"(?<=\S){_build_alternatives(iterate_words('of'))}(?=\S)")
_TYPED_NAME_PATTERN: Final = _compile_words(
    rf"(?:{_build_alternatives(iterate_words('articles'), after=' ')})?"
    rf"(?:(?P<first>{_SPACED_TYPES}) |(?P<joined_first>{_UNSPACED_TYPES})[ の的嘅]?)(?P<after>.+)"
    rf"|(?P<before>.+?)(?: (?P<last>{_SPACED_TYPES})|[の的嘅]?(?P<joined_last>{_UNSPACED_TYPES}))"
)
_BY_PATTERN: Final = _compile_words(
    rf" {_build_alternatives(iterate_words('by'), after=' ')}(?=\S)"
)
_ARTICLE_PATTERN: Final = _compile_words(
    rf"\A{_build_alternatives(iterate_words('articles'), after=' ')}"
)
_ANY_MUSIC_WORDS: Final = frozenset(iterate_words("any_music"))
_ANY_MUSIC_PATTERN: Final = _compile_words(
    rf"(?P<artist>.+){_build_alternatives(iterate_words('any_music_after'), before=' ')}"
)
# Around a name in a phrase.
_QUOTES: Final = '"“”„«»「」『』《》〈〉 '
# Between artist and title, in either order.
_DASH_PATTERN: Final = re.compile(r"(?<=\S) [-–—] (?=\S)")
# Occurrences of "by" at which a phrase is split at most, counted from its end, and of "of", from its
# start.
_MAX_SPLITS: Final = 3
_DASHED_PARTS: Final = 2
# Characters up to which a phrase is interpreted.
_MAX_PHRASE_LENGTH: Final = 300


@dataclass(frozen=True, slots=True)
class MediaQuery:
    """Represent a search for media: a name, and filters.

    `providers` are ids, "library" among them; if empty, all are searched. Hints that none of the
    media types has are dropped.
    """

    name: str
    artist: str | None = None
    album: str | None = None
    media_types: frozenset[MediaType] = ALL_MEDIA_TYPES
    providers: frozenset[str] = frozenset()
    library_only: bool = False

    def __post_init__(self) -> None:
        """Drop hints that name nothing, or what no item of the media types has: a playlist has no artist."""
        if not (_is_hint(self.artist) and self.media_types & _ARTIST_HINT_TYPES):
            object.__setattr__(self, "artist", None)
        if not (_is_hint(self.album) and self.media_types & _ALBUM_HINT_TYPES):
            object.__setattr__(self, "album", None)

    def get_search_text(self, media_type: MediaType) -> str:
        """Return the text to search for items of a media type: artist, album and name.

        The library finds no text with an album in it, and nothing finds what an item doesn't have.
        """
        artist = self.artist if media_type in _ARTIST_TEXT_TYPES else None
        album = self.album if media_type in _ALBUM_HINT_TYPES and not self.library_only else None
        return " - ".join(part for part in (artist, album, self.name) if part)


def _is_hint(text: str | None) -> bool:
    """Return whether a text is the name of an artist or album."""
    return text is not None and text.strip().casefold() not in _NO_HINTS


def get_interpretations(query: MediaQuery) -> list[MediaQuery]:
    """Return the interpretations of a query's name, the name as given first."""
    if len(query.name) > _MAX_PHRASE_LENGTH:
        return [query]
    stripped = replace(query, name=_PLAY_PATTERN.sub("", query.name.strip()))
    interpretations = [query, stripped, _parse_media_type(stripped)]
    if query.artist is None:
        for interpretation in _split_artist(stripped):
            interpretations += [interpretation, _parse_media_type(interpretation)]
        interpretations += _split_owner(stripped)
    return list(dict.fromkeys(interpretations))


def is_any_music(name: str) -> bool:
    """Return whether a phrase asks for music, but not for any in particular: "play some music"."""
    stripped = _PLAY_PATTERN.sub("", name.strip())
    return _ARTICLE_PATTERN.sub("", stripped).lower() in _ANY_MUSIC_WORDS


def _parse_media_type(query: MediaQuery) -> MediaQuery:
    """Return the query with the media type that its name begins or ends with, if it does."""
    match = _TYPED_NAME_PATTERN.fullmatch(query.name)
    if match is None:
        return query
    words = ("first", "joined_first", "last", "joined_last")
    word = next(match[group] for group in words if match[group])
    media_types = query.media_types & {MEDIA_TYPE_BY_WORD[word.lower().replace("’", "'")]}
    name = (match["after"] or match["before"]).strip(_QUOTES)
    return replace(query, name=name, media_types=media_types or query.media_types)


def _remove_artist_word(artist: str) -> str:
    """Return the name of an artist without the word for what it is: "the artist Queen"."""
    typed = _parse_media_type(MediaQuery(artist))
    return typed.name if typed.media_types == {MediaType.ARTIST} else artist


def _split_owner(query: MediaQuery) -> Iterator[MediaQuery]:
    """Yield the query with the artist that its name begins with: "ABBA's album Arrival".

    The rest must say what it is, because "'s" and its like are in many names.
    """
    for separator in islice(_OF_PATTERN.finditer(query.name), _MAX_SPLITS):
        artist, name = query.name[: separator.start()], query.name[separator.end() :]
        if name.lower() in _ANY_MUSIC_WORDS:
            yield from _build_artist_query(query, artist)
        elif (typed := _parse_media_type(replace(query, name=name))).name != name:
            yield replace(typed, artist=artist)
    if match := _ANY_MUSIC_PATTERN.fullmatch(query.name):
        yield from _build_artist_query(query, match["artist"])


def _build_artist_query(query: MediaQuery, artist: str) -> Iterator[MediaQuery]:
    """Yield the query for an artist, if it is for one."""
    if MediaType.ARTIST in query.media_types:
        yield replace(query, name=artist, media_types=frozenset({MediaType.ARTIST}))


def _split_artist(query: MediaQuery) -> Iterator[MediaQuery]:
    """Yield the query with its name split into name and artist, from the last "by" backwards.

    What a dash separates may be either.
    """
    separators = list(_BY_PATTERN.finditer(query.name))[-_MAX_SPLITS:]
    for separator in reversed(separators):
        name, artist = query.name[: separator.start()], query.name[separator.end() :]
        if name.lower() in _ANY_MUSIC_WORDS and MediaType.ARTIST in query.media_types:
            yield replace(query, name=artist, media_types=frozenset({MediaType.ARTIST}))
        else:
            yield replace(query, name=name, artist=_remove_artist_word(artist))
    media_types = query.media_types & _ARTIST_TEXT_TYPES
    if media_types and len(parts := _DASH_PATTERN.split(query.name)) == _DASHED_PARTS:
        for name, artist in (parts, reversed(parts)):
            yield replace(query, name=name, artist=artist, media_types=media_types)
