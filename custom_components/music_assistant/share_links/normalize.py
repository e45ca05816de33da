"""Normalize titles and artists of streaming services for comparison."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
import re
from typing import Final
import unicodedata

# Words that name another version of a recording, by version. They count only in brackets or
# after a dash: a title can be "Live and Let Die".
_VERSION_WORDS: Final = {
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
VERSION_PATTERNS: Final = {
    version: re.compile(rf"\b({words})(?!\w)") for version, words in _VERSION_WORDS.items()
}
# Words of another edition of the same recording, some of which resemble those of a version.
_EDITION_PATTERN: Final = re.compile(
    r"\b(original|album|single|main|soundtrack|mono|stereo) (mix|version)\b|version originale"
    r"|\b((19|20)\d\d )?(digital(ly)? )?re-?master(ed|ing)?\b( version)?( (19|20)\d\d)?"
)
# Words that don't tell one concert or remix from another.
_STOP_WORDS: Final = frozenset(
    {"a", "an", "and", "at", "by", "from", "in", "of", "on", "the", "with"}
    | {"audio", "hd", "hq", "lyric", "lyrics", "official", "version", "video"}
)
# Titles of live albums, whose tracks may not be annotated as live.
_LIVE_ALBUM_PATTERN: Final = re.compile(r"\blive (at|in|from|on)\b|[(\[]live\b|\bunplugged\b")
# A version with a name of its own: "Room 93 Version".
_NAMED_VERSION_PATTERN: Final = re.compile(r"\bversion\b")

# Characters of a text that are read and compared, and artists of a recording: comparing thousands
# would block the event loop.
MAX_NORMALIZED_LENGTH: Final = 300
MAX_ARTISTS: Final = 50

_NUMBER_WORDS: Final = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
)
_ROMAN_NUMERALS: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
# Words with several spellings, mapped to one of them.
_SYNONYMS: Final = {
    **{
        word: str(number)
        for words in (_NUMBER_WORDS, _ROMAN_NUMERALS)
        for number, word in enumerate(words, 1)
    },
    "pt": "part",
    "pts": "part",
    "parts": "part",
    "vol": "volume",
    "nr": "no",
}
# Words and signs for "and", which services, users and voice assistants exchange for each other.
CONJUNCTIONS: Final = frozenset({"&", "+", "and", "und", "et", "y", "e", "en"})
_CONJUNCTION_SIGN_PATTERN: Final = re.compile(r"[&+]")
# Letters that Unicode doesn't decompose, then punctuation used in place of letters ("P!nk").
_LETTER_TRANSLATION: Final = str.maketrans(
    {"’": "'", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_STYLED_LETTERS: Final = {"$": "s", "!": "i"}
_STYLED_LETTER_PATTERN: Final = re.compile(r"\$(?=[a-z])|(?<=[a-z])[!$](?=[a-z])")

_NUMBER_PATTERN: Final = rf"(?:\d+|{'|'.join((*_NUMBER_WORDS, *_ROMAN_NUMERALS))})\b"
_PART_PATTERN: Final = rf"(?:pt|part)s?\.?\s*{_NUMBER_PATTERN}(?:\s*[-–&]\s*{_NUMBER_PATTERN})?"
# Annotations in brackets or after a dash, except numbers of parts and movements.
_ANNOTATION_PATTERN: Final = re.compile(
    rf"[(\[{{](?!{_PART_PATTERN}[)\]}}])([^)\]}}]{{0,{MAX_NORMALIZED_LENGTH}}})[)\]}}]"
    rf"|\s[-–—~|]\s(?!{_PART_PATTERN}|{_NUMBER_PATTERN}\.\s)((?s:.*))",
    re.IGNORECASE,
)
_PREFIX_PATTERN: Final = re.compile(r"\A(?P<prefix>[^:]+?)(?::|\s[-–—])\s+(?P<title>.+)", re.DOTALL)
_FEATURED_ARTISTS_PATTERN: Final = re.compile(r"\b(feat|ft|featuring)\b\.? .*", re.IGNORECASE)
_NON_WORD_PATTERN: Final = re.compile(r"[^\w]+")
# Separators in a text with single blanks.
_ARTIST_SEPARATOR_PATTERN: Final = re.compile(
    r" ?(?:,|;|/|&|\+| and | und | et | y | e | x | vs\.? | feat\.? | ft\.? | featuring ) ?"
)
_BRACKETS_PATTERN: Final = re.compile(r"[()\[\]]")
# Channels of artists at video services.
_CHANNEL_SUFFIX_PATTERN: Final = re.compile(r"(\s-\stopic|vevo|\sofficial)$")
_ARTICLES: Final = frozenset({"the", "die", "der", "das", "les", "le", "la", "los", "las", "el"})
_ENSEMBLE_PATTERN: Final = re.compile(
    r"\A(\w+ .*\w) (band|group|trio|quartet|quintet|orchestra|experience)\Z"
)


@dataclass(frozen=True, slots=True)
class ParsedTitle:
    """Represent a title without annotations, and the versions that those name."""

    words: str
    versions: frozenset[str]
    qualifiers: frozenset[str]  # other words of the annotations: place of a concert, remixer


def parse_title(title: str, album: str | None = None) -> ParsedTitle:
    """Parse a title and its annotations, in brackets or after a dash."""
    title = _shorten(title)
    groups = (
        group for match in _ANNOTATION_PATTERN.finditer(title) for group in match.groups() if group
    )
    annotations = " ".join(_FEATURED_ARTISTS_PATTERN.sub("", group) for group in groups)
    annotations = _EDITION_PATTERN.sub(" ", normalize_characters(annotations))
    versions = frozenset(
        version for version, pattern in VERSION_PATTERNS.items() if pattern.search(annotations)
    )
    if not versions:
        versions = _detect_implied_versions(annotations, normalize_characters(album or ""))
    for version in versions & VERSION_PATTERNS.keys():
        annotations = VERSION_PATTERNS[version].sub(" ", annotations)
    qualifiers = (
        frozenset(normalize_words(annotations).split()) - _STOP_WORDS if versions else frozenset()
    )
    return ParsedTitle(normalize_words(remove_annotations(title)), versions, qualifiers)


def _detect_implied_versions(annotations: str, album: str) -> frozenset[str]:
    """Return versions that the album or the word "version" implies."""
    implied = {
        "live": _LIVE_ALBUM_PATTERN.search(album),
        "version": _NAMED_VERSION_PATTERN.search(annotations),
    }
    return frozenset(version for version, match in implied.items() if match)


def remove_annotations(title: str) -> str:
    """Return a title without annotations and featured artists, as used in a search."""
    title = _shorten(title)
    return _FEATURED_ARTISTS_PATTERN.sub("", _ANNOTATION_PATTERN.sub(" ", title)).strip() or title


def split_artist_prefix(title: str, names: Iterable[str]) -> tuple[str, str | None]:
    """Split a title such as "Bach: ..." into the title and the one of `names` before it.

    Returns None for the name if the title has no such prefix.
    """
    title = _shorten(title)
    if match := _PREFIX_PATTERN.match(title):
        prefix = normalize_words(match["prefix"])
        for name in names:
            if prefix in (name, name.rpartition(" ")[2]):
                return match["title"], name
    return title, None


def parse_artist_names(artists: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the names of each artist; split texts that list several artists."""
    artist_texts = (
        _CHANNEL_SUFFIX_PATTERN.sub("", " ".join(normalize_characters(artist).split()))
        for artist in islice(artists, MAX_ARTISTS)
    )
    artist_names = (
        name for artist in artist_texts for name in _ARTIST_SEPARATOR_PATTERN.split(artist)
    )
    names = (
        tuple(filter(None, map(_normalize_artist_name, _BRACKETS_PATTERN.split(name))))
        for name in islice(artist_names, MAX_ARTISTS)
    )
    return [name for name in dict.fromkeys(names) if name]


def normalize_words(text: str) -> str:
    """Return the words of a text without case, accents, punctuation and spelling variants."""
    text = unify_conjunctions(normalize_characters(text)).replace("&", " and ")
    words = _NON_WORD_PATTERN.sub(" ", text).split()
    return " ".join(_SYNONYMS.get(word, word) for word in words)[:MAX_NORMALIZED_LENGTH]


def unify_conjunctions(text: str, conjunction: str = "and") -> str:
    """Return a text with one word in place of all words and signs for "and" between others."""
    words = _CONJUNCTION_SIGN_PATTERN.sub(r" \g<0> ", text).split()
    return " ".join(
        conjunction if 0 < index < len(words) - 1 and word.casefold() in CONJUNCTIONS else word
        for index, word in enumerate(words)
    )


def normalize_characters(text: str) -> str:
    """Return a text in lower case and without accents, cut off at MAX_NORMALIZED_LENGTH."""
    text = _shorten(text).casefold()
    characters = _shorten(unicodedata.normalize("NFKD", text))  # one character may become 18
    text = "".join(character for character in characters if not unicodedata.combining(character))
    # last, as one character may have become two capitals, or one of these letters with an accent
    text = _shorten(text.casefold().translate(_LETTER_TRANSLATION))
    return _STYLED_LETTER_PATTERN.sub(lambda match: _STYLED_LETTERS[match[0]], text)


def _shorten(text: str) -> str:
    """Return the part of a text that is read."""
    return text[:MAX_NORMALIZED_LENGTH]


def _normalize_artist_name(text: str) -> str:
    """Return a name without its article and its kind of ensemble."""
    name = normalize_words(text)
    first, _, rest = name.partition(" ")
    name = rest if rest and first in _ARTICLES else name
    return match[1] if (match := _ENSEMBLE_PATTERN.fullmatch(name)) else name
