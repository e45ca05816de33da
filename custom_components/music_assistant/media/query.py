"""Media queries, and the interpretations of a typed or spoken phrase."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class WordList:
    """Represent words, in lower case and with the spaces that separate them.

    They are looked up by their length: a pattern of so many words would try each of them.
    """

    words: frozenset[str]
    lengths: tuple[int, ...]

    def find_at(self, text: str, start: int = 0) -> int:
        """Return the length of the longest word at a position of a text, 0 if there is none."""
        found = (n for n in self.lengths if text[start : start + n] in self.words)
        return next(found, 0)

    def find_at_end(self, text: str) -> int:
        """Return the length of the longest word at the end of a text, 0 if there is none."""
        return next((n for n in self.lengths if text[-n:] in self.words), 0)


def _is_unspaced(word: str) -> bool:
    """Return whether a word is in a script without spaces between words."""
    return all("\u3040" <= character <= "\u9fff" for character in word)


def _build_words(words: Iterable[str], before: str = "", after: str = "") -> WordList:
    """Build the list of words, with the spaces before or after those that are separated by one."""
    spaced = {
        word if _is_unspaced(word) else before + word + ("" if word.endswith("'") else after)
        for word in words
    }
    return WordList(frozenset(spaced), tuple(sorted({len(word) for word in spaced}, reverse=True)))


_PLAY_WORDS: Final = _build_words(iterate_words("play"), after=" ")
_PLAY_WORDS_AFTER: Final = _build_words(iterate_words("play_after"), before=" ")
_FILLER_WORDS: Final = _build_words(iterate_words("filler"), after=" ")
_ARTICLES: Final = _build_words(iterate_words("articles"), after=" ")
_BY_WORDS: Final = _build_words(iterate_words("by"), before=" ", after=" ")
_OF_WORDS: Final = _build_words(iterate_words("of"))
_TYPE_WORDS: Final = _build_words(MEDIA_TYPE_BY_WORD, after=" ")
_TYPE_WORDS_AFTER: Final = _build_words(MEDIA_TYPE_BY_WORD, before=" ")
_ANY_MUSIC_WORDS: Final = frozenset(iterate_words("any_music"))
_ANY_MUSIC_WORDS_AFTER: Final = _build_words(iterate_words("any_music_after"), before=" ")
# Between a media type and a name without spaces.
_PARTICLES: Final = " の的嘅"
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
    stripped = replace(query, name=_remove_play_words(query.name))
    interpretations = [query, stripped, _parse_media_type(stripped)]
    if query.artist is None:
        for interpretation in _split_artist(stripped):
            interpretations += [interpretation, _parse_media_type(interpretation)]
        interpretations += _split_owner(stripped)
    return list(dict.fromkeys(interpretations))


def is_any_music(name: str) -> bool:
    """Return whether a phrase asks for music, but not for any in particular: "play some music"."""
    text = _lower(_remove_play_words(name))
    return text[_ARTICLES.find_at(text) :] in _ANY_MUSIC_WORDS


def _lower(text: str) -> str:
    """Return a text in lower case, and of the same length, to look for words in it."""
    characters = (
        lower if len(lower := character.lower()) == 1 else character for character in text
    )
    return "".join(characters).replace("’", "'")


def _remove_play_words(name: str) -> str:
    """Return a name without "play" and its like around it, and without "some" or "my"."""
    name = name.strip()
    text = _lower(name)
    start = _PLAY_WORDS.find_at(text)
    if length := _FILLER_WORDS.find_at(text, start):
        is_filler = not _BY_WORDS.find_at(text, start + length - 1)  # as in "something by"
        start += length if is_filler else 0
    return name[start : len(name) - _PLAY_WORDS_AFTER.find_at_end(text)].strip() or name


def _parse_media_type(query: MediaQuery) -> MediaQuery:
    """Return the query with the media type that its name begins or ends with, if it does."""
    text = _lower(query.name)
    start = _ARTICLES.find_at(text)
    if length := _TYPE_WORDS.find_at(text, start):
        word, name = text[start : start + length], query.name[start + length :]
    elif length := _TYPE_WORDS_AFTER.find_at_end(text):
        word, name = text[-length:], query.name[:-length]
    else:
        return query
    if _is_unspaced(word):
        name = name.strip(_PARTICLES)
    if not (name := name.strip(_QUOTES)):
        return query
    media_types = query.media_types & {MEDIA_TYPE_BY_WORD[word.strip()]}
    return replace(query, name=name, media_types=media_types or query.media_types)


def _find_words(words: WordList, text: str) -> list[tuple[int, int]]:
    """Return where words begin and end within a text, with something before and after them."""
    found = ((start, start + words.find_at(text, start)) for start in range(1, len(text)))
    return [(start, end) for start, end in found if start < end < len(text)]


def _remove_artist_word(artist: str) -> str:
    """Return the name of an artist without the word for what it is: "the artist Queen"."""
    typed = _parse_media_type(MediaQuery(artist))
    return typed.name if typed.media_types == {MediaType.ARTIST} else artist


def _split_owner(query: MediaQuery) -> Iterator[MediaQuery]:
    """Yield the query with the artist that its name begins with: "ABBA's album Arrival".

    The rest must say what it is, because "'s" and its like are in many names.
    """
    text = _lower(query.name)
    for start, end in _find_words(_OF_WORDS, text)[:_MAX_SPLITS]:
        artist, name = query.name[:start], query.name[end:]
        if name.lower() in _ANY_MUSIC_WORDS:
            yield from _build_artist_query(query, artist)
        elif (typed := _parse_media_type(replace(query, name=name))).name != name:
            yield replace(typed, artist=artist)
    if length := _ANY_MUSIC_WORDS_AFTER.find_at_end(text):
        yield from _build_artist_query(query, query.name[:-length])


def _build_artist_query(query: MediaQuery, artist: str) -> Iterator[MediaQuery]:
    """Yield the query for an artist, if it is for one."""
    if MediaType.ARTIST in query.media_types:
        yield replace(query, name=artist, media_types=frozenset({MediaType.ARTIST}))


def _split_artist(query: MediaQuery) -> Iterator[MediaQuery]:
    """Yield the query with its name split into name and artist, from the last "by" backwards.

    What a dash separates may be either.
    """
    separators = _find_words(_BY_WORDS, _lower(query.name))[-_MAX_SPLITS:]
    for start, end in reversed(separators):
        name, artist = query.name[:start], query.name[end:]
        if name.lower() in _ANY_MUSIC_WORDS and MediaType.ARTIST in query.media_types:
            yield replace(query, name=artist, media_types=frozenset({MediaType.ARTIST}))
        else:
            yield replace(query, name=name, artist=_remove_artist_word(artist))
    media_types = query.media_types & _ARTIST_TEXT_TYPES
    if media_types and len(parts := _DASH_PATTERN.split(query.name)) == _DASHED_PARTS:
        for name, artist in (parts, reversed(parts)):
            yield replace(query, name=name, artist=artist, media_types=media_types)
