"""What is looked for, and what a phrase that was typed or said may mean."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
import re
from typing import Final

from music_assistant_models.enums import MediaType

from .library_lists import SHELVES

ALL: Final = frozenset(shelf.kind for shelf in SHELVES.values())

# What people say, in the languages that we speak. Their words are one table: which language
# somebody speaks isn't known, and a wrong reading finds nothing of that very name.
_VERBS: Final = (
    *("play", "speel", "spiel", "spiele", "joue", "jouez", "mets", "mettez"),
    *("pon", "reproduce", "riproduci", "metti", "suona"),
)
_ARTICLES: Final = (
    *("the", "de", "het", "der", "die", "das", "den", "le", "la", "les"),
    *("el", "los", "las", "il", "lo", "i", "gli"),
)
_BY: Final = ("by", "van", "door", "von", "par", "de", "di", "da", "por")
_KINDS: Final[dict[MediaType, tuple[str, ...]]] = {
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
    MediaType.GENRE: ("genre", "género", "genere"),
}
# Whose music, whichever it is.
_ANYTHING: Final = frozenset(
    (
        *("music", "songs", "something", "muziek", "iets", "musik", "etwas", "musique"),
        *("música", "algo", "musica", "qualcosa"),
    )
)


def _any_of(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


_KIND_OF: Final = {word: kind for kind, words in _KINDS.items() for word in words}
_KIND: Final = _any_of(_KIND_OF)
_PLAY: Final = re.compile(rf"{_any_of(_VERBS)} (?=\S)", re.IGNORECASE)
_TYPED: Final = re.compile(
    rf"(?:(?:{_any_of(_ARTICLES)} |l')?(?P<first>{_KIND}) (?P<after>.+)"
    rf"|(?P<before>.+) (?P<last>{_KIND}))",
    re.IGNORECASE,
)
_SPLIT: Final = re.compile(rf" {_any_of(_BY)} (?=\S)", re.IGNORECASE)
# The most places at which a phrase is taken apart, from its end.
_SPLITS: Final = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: a name, what narrows it down, and where.

    `providers` are ids, "library" among them; without any it may be everywhere.
    """

    name: str
    artist: str | None = None
    album: str | None = None
    kinds: frozenset[MediaType] = ALL
    providers: frozenset[str] = frozenset()
    library_only: bool = False

    @property
    def line(self) -> str:
        """Return it as the providers take it: one line, from the general to the particular.

        The library finds no albums in one.
        """
        album = None if self.library_only else self.album
        return " - ".join(part for part in (self.artist, album, self.name) if part)


def readings(wanted: Wanted) -> list[Wanted]:
    """Return what a phrase may mean: what it says word by word comes first."""
    said = replace(wanted, name=_PLAY.sub("", wanted.name.strip(), count=1))
    found = [wanted, said, _typed(said)]
    if wanted.artist is None:
        for one in _by(said):
            found += [one, _typed(one)]
    return list(dict.fromkeys(found))


def _typed(wanted: Wanted) -> Wanted:
    """Return it with its kind, if it names one at its beginning or at its end."""
    match = _TYPED.fullmatch(wanted.name)
    if match is None:
        return wanted
    word = match["first"] or match["last"]
    kinds = wanted.kinds & {_KIND_OF[word.lower()]}
    return replace(wanted, name=match["after"] or match["before"], kinds=kinds or wanted.kinds)


def _by(wanted: Wanted) -> Iterator[Wanted]:
    """Yield it with the artist that it may name, from the last place on where it may."""
    places = list(_SPLIT.finditer(wanted.name))[-_SPLITS:]
    for place in reversed(places):
        name, artist = wanted.name[: place.start()], wanted.name[place.end() :]
        if name.lower() in _ANYTHING and MediaType.ARTIST in wanted.kinds:
            yield replace(wanted, name=artist, kinds=frozenset({MediaType.ARTIST}))
        else:
            yield replace(wanted, name=name, artist=artist)
