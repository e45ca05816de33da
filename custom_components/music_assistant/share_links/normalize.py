"""How services write titles and artists, read so that two of them can be compared. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
import re
from typing import Final
import unicodedata

# Words that make another recording of the same work, by what they make of it. Only in brackets
# or after a dash they are such; a title may well be "Live and Let Die".
_KINDS: Final = {
    "acoustic": r"acoustic|unplugged|stripped|akustik|acoustique|ac[uú]stic[oa]",
    "clean": r"clean|censored|edited",
    "cover": r"covers?|tribute|karaoke|made famous by|originally performed|in the style of",
    "demo": r"demos?|rough mix|early take|outtake|alternate( take| version)?|take(?= \d)",
    "effect": r"8d( audio)?|lo-?fi|bass boosted|8-?bit|chiptune",
    "instrumental": r"instrumentals?|backing track|no vocals",
    "live": r"live|en vivo|en directo|en direct|dal vivo|ao vivo|in concert|session|at the bbc",
    "remix": r"remix(es|ed)?|rmx|mix|rework|bootleg|mashup|dub|re-?edit|vip",
    "rerecorded": r"re-?recorded|rerecording|taylor'?s version|new version|20\d\d version",
    "fast": r"sped up|speed up|nightcore",
    "slow": r"slowed( down)?|reverb",
    "vocal": r"a ?cappella|acapella|vocal version|choir",
    "orchestra": r"orchestral|symphonic|string quartet",
    "piano": r"piano",
    "short": r"radio (edit|version)|single edit|edit|short version",
    "long": r"extended( mix| version)?|12\"? version|full length|long version",
    "part": r"reprise|intro|outro|interlude|prelude|skit",
    "talk": r"commentary|interview|reaction",
    "german": r"deutsche? (version|fassung)|german version|auf deutsch",
    "spanish": r"spanish version|versi[oó]n en espa[nñ]ol|en espa[nñ]ol|in spanish",
    "french": r"french version|version fran[cç]aise|en fran[cç]ais|in french",
    "italian": r"italian version|versione italiana|in italiano|in italian",
    "english": r"english version|in english|en ingl[eé]s",
    "japanese": r"japanese( ver\.?| version)?|jp ver\.?",
    "korean": r"korean( ver\.?| version)?|kr ver\.?",
}
KINDS: Final = {kind: re.compile(rf"\b({words})(?!\w)") for kind, words in _KINDS.items()}
# What makes only another edition, though it may look like one of the above.
_EDITION: Final = re.compile(
    r"\b(original|album|single|main|soundtrack|mono|stereo) (mix|version)\b|version originale"
    r"|\b((19|20)\d\d )?(digital(ly)? )?re-?master(ed|ing)?\b( version)?( (19|20)\d\d)?"
)
# What says nothing of where a concert was, or whose remix it is.
_EMPTY_WORDS: Final = frozenset(
    {"a", "an", "and", "at", "by", "from", "in", "of", "on", "the", "with"}
    | {"audio", "hd", "hq", "lyric", "lyrics", "official", "version", "video"}
)
# Albums whose tracks are live, though their titles may not say so.
_LIVE_ALBUM: Final = re.compile(r"\blive (at|in|from|on)\b|[(\[]live\b|\bunplugged\b")
# One by a name of its own: "Room 93 Version".
_VERSION: Final = re.compile(r"\bversion\b")

# Letters of a name that are compared: to compare thousands would hold up the house.
LONGEST: Final = 300

_COUNTED: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
# Words that are written in more than one way, by one of them.
_WRITTEN: Final = {
    **{word: str(number) for words in (_COUNTED, _ROMAN) for number, word in enumerate(words, 1)},
    "pt": "part",
    "pts": "part",
    "parts": "part",
    "vol": "volume",
    "nr": "no",
}
# Letters that aren't others with an accent, and signs that stand for letters.
_LETTERS: Final = str.maketrans(
    {"’": "'", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_STYLED: Final = {"$": "s", "!": "i"}
_STYLED_SIGN: Final = re.compile(r"\$(?=[a-z])|(?<=[a-z])[!$](?=[a-z])")

_NUMBER: Final = rf"(?:\d+|{'|'.join((*_COUNTED, *_ROMAN))})\b"
_PART: Final = rf"(?:pt|part)s?\.?\s*{_NUMBER}(?:\s*[-–&]\s*{_NUMBER})?"
# What is beside a title: in brackets or after a dash, but for a part's or a movement's number.
_ASIDE: Final = re.compile(
    rf"[(\[{{](?!{_PART}[)\]}}])([^)\]}}]*)[)\]}}]|\s[-–—~|]\s(?!{_PART}|{_NUMBER}\.\s)(.*)$",
    re.IGNORECASE,
)
_HEAD: Final = re.compile(r"(?P<head>[^:]+?)(?::|\s[-–—])\s+(?P<rest>.+)")
_GUESTS: Final = re.compile(r"\b(feat|ft|featuring)\b\.? .*", re.IGNORECASE)
_NOT_A_WORD: Final = re.compile(r"[^\w]+")
_BETWEEN_ARTISTS: Final = re.compile(
    r"\s*(?:,|;|/|&|\+| and | und | et | y | e | x | vs\.? | feat\.? | ft\.? | featuring )\s*"
)
_CHANNEL: Final = re.compile(r"(\s-\stopic|vevo|\sofficial)$")  # an artist's at a video service
_ARTICLES: Final = frozenset({"the", "die", "der", "das", "les", "le", "la", "los", "las", "el"})
_ENSEMBLE: Final = re.compile(r"(\w+ .*\w) (band|group|trio|quartet|quintet|orchestra|experience)")


@dataclass(frozen=True, slots=True)
class Title:
    """A title without what is said beside it, and which other recording that makes it."""

    words: str
    kinds: frozenset[str]
    beside: frozenset[str]  # where it was live, whose remix it is


def title_of(title: str, album: str | None = None) -> Title:
    """Return what a title is called, and which recording what is beside it makes of it."""
    groups = (group for match in _ASIDE.finditer(title) for group in match.groups() if group)
    said = _EDITION.sub(" ", plain(" ".join(_GUESTS.sub("", group) for group in groups)))
    kinds = frozenset(kind for kind, words in KINDS.items() if words.search(said))
    if not kinds:
        kinds = _implied(said, plain(album or ""))
    for kind in kinds & KINDS.keys():
        said = KINDS[kind].sub(" ", said)
    beside = frozenset(words_of(said).split()) - _EMPTY_WORDS if kinds else frozenset()
    return Title(words_of(bare(title)), kinds, beside)


def _implied(said: str, album: str) -> frozenset[str]:
    """Return what makes another recording, though no word of that kind is beside its title."""
    implied = {"live": _LIVE_ALBUM.search(album), "version": _VERSION.search(said)}
    return frozenset(kind for kind, found in implied.items() if found)


def bare(title: str) -> str:
    """Return a title as it would be looked for: without what is said beside it."""
    return _GUESTS.sub("", _ASIDE.sub(" ", title)).strip() or title


def without_head(title: str, names: Iterable[str]) -> tuple[str, str | None]:
    """Return a title without whose it is before it ("Bach: ..."), and the name that this is."""
    if match := _HEAD.fullmatch(title):
        head = words_of(match["head"])
        for name in names:
            if head in (name, name.rpartition(" ")[2]):
                return match["rest"], name
    return title, None


def names_of(artists: Iterable[str]) -> list[tuple[str, ...]]:
    """Return each artist's names, also where several artists are written as one."""
    written = (_CHANNEL.sub("", plain(artist)) for artist in artists)
    single = (name for artist in written for name in _BETWEEN_ARTISTS.split(artist))
    names = (tuple(filter(None, map(_name, re.split(r"[()\[\]]", one)))) for one in single)
    return [name for name in dict.fromkeys(names) if name]


def words_of(text: str) -> str:
    """Return the words of a text, without case, accents and signs, each written in one way.

    Of a long text, those that it begins with.
    """
    words = _NOT_A_WORD.sub(" ", plain(text).replace("&", " and ")).split()
    return " ".join(_WRITTEN.get(word, word) for word in words)[:LONGEST]


def plain(text: str) -> str:
    """Return a text in lower case and without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    text = "".join(part for part in parts if not unicodedata.combining(part))
    return _STYLED_SIGN.sub(lambda sign: _STYLED[sign[0]], text)


def _name(text: str) -> str:
    """Return a name without its article, and without what kind of ensemble bears it."""
    name = words_of(text)
    first, _, rest = name.partition(" ")
    name = rest if rest and first in _ARTICLES else name
    return match[1] if (match := _ENSEMBLE.fullmatch(name)) else name
