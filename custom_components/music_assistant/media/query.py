"""Media queries, and the interpretations of a typed or spoken phrase."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
import re
from typing import Final

from music_assistant_models.enums import MediaType

from .library_lists import LIBRARY_LISTS

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

# Words of the supported languages, in one table: the language of a phrase is unknown, and a wrong
# interpretation finds no exact match.
_PLAY_WORDS: Final = (
    *("play", "speel", "spiel", "spiele", "joue", "jouez", "mets", "mettez"),
    *("pon", "reproduce", "riproduci", "metti", "suona"),
)
# Words in front of a name that don't belong to it: "some jazz", "my dinner playlist".
_FILLER_WORDS: Final = (
    *("some", "a bit of", "my", "our", "etwas", "ein bisschen", "ein wenig"),
    *("mein", "meine", "meinen", "unsere", "unseren", "wat", "een beetje", "mijn", "onze"),
    *("du", "de la", "un peu de", "mon", "ma", "mes", "notre", "nos"),
    *("algo de", "un poco de", "mi", "mis", "nuestra", "un po' di", "un po di"),
    *("la mia", "il mio", "le mie", "i miei", "la nostra"),
)
_ARTICLES: Final = (
    *("the", "de", "het", "der", "die", "das", "den", "le", "la", "les"),
    *("el", "los", "las", "il", "lo", "i", "gli"),
)
_BY_WORDS: Final = ("by", "van", "door", "von", "par", "de", "di", "da", "por")
_MEDIA_TYPE_WORDS: Final[dict[MediaType, tuple[str, ...]]] = {
    MediaType.ARTIST: (
        *("artist", "band", "artiest", "groep", "künstler", "künstlerin", "gruppe"),
        *("artiste", "groupe", "artista", "grupo", "gruppo"),
    ),
    MediaType.ALBUM: ("album", "álbum"),
    MediaType.TRACK: (
        *("song", "track", "nummer", "liedje", "lied", "titel", "chanson", "morceau", "titre"),
        *("canción", "tema", "canzone", "brano", "traccia"),
    ),
    MediaType.PLAYLIST: (
        *("playlist", "afspeellijst", "wiedergabeliste", "liste de lecture"),
        *("lista de reproducción", "lista"),
    ),
    MediaType.RADIO: (
        *("radio station", "radio", "station", "radiozender", "zender", "radiosender", "sender"),
        *("station de radio", "emisora de radio", "emisora", "stazione radio", "stazione"),
    ),
    MediaType.PODCAST: ("podcast",),
    MediaType.AUDIOBOOK: (
        *("audiobook", "audio book", "luisterboek", "hörbuch", "livre audio", "audiolibro"),
    ),
    MediaType.GENRE: (
        *("genre", "género", "genere"),
        *("music", "muziek", "musik", "musique", "música", "musica"),  # jazz music
    ),
}
# Words for any music, or any of an artist.
_ANY_MUSIC_WORDS: Final = frozenset(
    (
        *("music", "songs", "something", "muziek", "iets", "musik", "etwas", "musique"),
        *("música", "algo", "musica", "qualcosa"),
    )
)


def _build_alternatives(words: Iterable[str]) -> str:
    """Build the pattern that matches one of several words, the longest first."""
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


_MEDIA_TYPE_BY_WORD: Final = {
    word: media_type for media_type, words in _MEDIA_TYPE_WORDS.items() for word in words
}
_MEDIA_TYPE_PATTERN: Final = _build_alternatives(_MEDIA_TYPE_BY_WORD)
_PLAY_PATTERN: Final = re.compile(
    rf"\A(?:{_build_alternatives(_PLAY_WORDS)} )?(?:{_build_alternatives(_FILLER_WORDS)} )?(?=\S)",
    re.IGNORECASE,
)
_TYPED_NAME_PATTERN: Final = re.compile(
    rf"\A(?:(?:{_build_alternatives(_ARTICLES)} |l')?(?P<first>{_MEDIA_TYPE_PATTERN}) (?P<after>.+)"
    rf"|(?P<before>.+) (?P<last>{_MEDIA_TYPE_PATTERN}))",
    re.IGNORECASE,
)
_BY_PATTERN: Final = re.compile(rf" {_build_alternatives(_BY_WORDS)} (?=\S)", re.IGNORECASE)
# Between artist and title, in either order.
_DASH_PATTERN: Final = re.compile(r"(?<=\S) [-–—] (?=\S)")
# Occurrences of "by" at which a phrase is split at most, counted from its end.
_MAX_SPLITS: Final = 2
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
    stripped = replace(query, name=_PLAY_PATTERN.sub("", query.name.strip(), count=1))
    interpretations = [query, stripped, _parse_media_type(stripped)]
    if query.artist is None:
        for interpretation in _split_artist(stripped):
            interpretations += [interpretation, _parse_media_type(interpretation)]
    return list(dict.fromkeys(interpretations))


def is_any_music(name: str) -> bool:
    """Return whether a phrase asks for music, but not for any in particular: "play some music"."""
    return _PLAY_PATTERN.sub("", name.strip(), count=1).lower() in _ANY_MUSIC_WORDS


def _parse_media_type(query: MediaQuery) -> MediaQuery:
    """Return the query with the media type that its name begins or ends with, if it does."""
    match = _TYPED_NAME_PATTERN.fullmatch(query.name)
    if match is None:
        return query
    word = match["first"] or match["last"]
    media_types = query.media_types & {_MEDIA_TYPE_BY_WORD[word.lower()]}
    return replace(
        query, name=match["after"] or match["before"], media_types=media_types or query.media_types
    )


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
            yield replace(query, name=name, artist=artist)
    media_types = query.media_types & _ARTIST_TEXT_TYPES
    if media_types and len(parts := _DASH_PATTERN.split(query.name)) == _DASHED_PARTS:
        for name, artist in (parts, reversed(parts)):
            yield replace(query, name=name, artist=artist, media_types=media_types)
