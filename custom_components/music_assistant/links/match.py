"""How sure it is that two descriptions are of the same recording. Pure.

What makes another recording (a live version, a cover, another language) decides alone; what
only makes another edition (a remaster, a deluxe edition) doesn't count. Only then names,
artists, album and length are compared, and a word that one side doesn't have costs certainty.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
import re
from typing import Final
import unicodedata

from .recording import Recording

# The certainty from which on something is played, of 1.
BAR: Final = 0.8
# The parts of certainty: what each is worth where both sides have it.
TITLE: Final = 0.45
ARTISTS: Final = 0.35
LENGTH: Final = 0.15
ALBUM: Final = 0.05
# What a missing part gives, of what it is worth. Nothing known of the artists is a lot unknown.
UNKNOWN: Final = {ARTISTS: 0.0, LENGTH: 0.5, ALBUM: 0.5}
# How alike titles, artists and albums have to be at least, and seconds that lengths may differ.
ALIKE: Final = 0.85
SAME_LENGTH: Final = 3.0
OTHER_LENGTH: Final = 12.0

# Words that make another recording of the same work, by what they make of it. Only in brackets
# or after a dash they are such; a title may well be "Live and Let Die".
_KINDS: Final = {
    "acoustic": r"acoustic|unplugged|stripped|akustik|acoustique|ac[uú]stic[oa]",
    "cover": r"covers?|tribute|karaoke|made famous by|originally performed|in the style of",
    "demo": r"demos?|rough mix|early take|outtake|alternate( take| version)?",
    "instrumental": r"instrumental|backing track|no vocals",
    "live": r"live|en vivo|en directo|en direct|dal vivo|ao vivo|in concert|session|at the bbc",
    "remix": r"remix|rmx|mix|rework|bootleg|mashup|dub|re-?edit|vip",
    "rerecorded": r"re-?recorded|rerecording|taylor'?s version|new version|20\d\d version",
    "speed": r"sped up|speed up|slowed( down)?|nightcore|reverb",
    "vocal": r"a ?cappella|acapella|vocal version|choir|orchestral|symphonic|piano|string quartet",
    "short": r"radio edit|single edit|edit|short version|clean edit",
    "long": r"extended( mix| version)?|12\"? version|full length|long version",
    "part": r"reprise|intro|outro|interlude|prelude|skit|pt\.? ?\d+|part (\d+|[ivx]+)",
    "german": r"deutsche? (version|fassung)|german version|auf deutsch",
    "spanish": r"spanish version|versi[oó]n en espa[nñ]ol|en espa[nñ]ol|in spanish",
    "french": r"french version|version fran[cç]aise|en fran[cç]ais|in french",
    "italian": r"italian version|versione italiana|in italiano|in italian",
    "english": r"english version|in english|en ingl[eé]s",
    "japanese": r"japanese( ver\.?| version)?|jp ver\.?",
    "korean": r"korean( ver\.?| version)?|kr ver\.?",
}
KINDS: Final = {kind: re.compile(rf"\b({words})(?!\w)") for kind, words in _KINDS.items()}
_ASIDE: Final = re.compile(r"[(\[{]([^)\]}]*)[)\]}]|\s[-–—~|]\s(.*)$")
_GUESTS: Final = re.compile(r"\b(feat|ft|featuring)\b\.? .*", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d+|\b[ivx]+\b")
_NOT_A_WORD: Final = re.compile(r"[^\w]+")
_BETWEEN_ARTISTS: Final = re.compile(
    r"\s*(?:,|;|/|&|\+| and | und | et | y | e | x | vs\.? | feat\.? | ft\.? | featuring )\s*"
)
_ARTICLES: Final = frozenset({"the", "die", "der", "das", "les", "le", "la", "los", "las", "el"})


@dataclass(frozen=True, slots=True)
class Title:
    """A title without what is said beside it, and which other recording that makes it."""

    words: str
    kinds: frozenset[str]


def certainty(wanted: Recording, offered: Recording) -> float:
    """Return how sure it is that both are the same recording, from 0 to 1."""
    if wanted.media_type is not offered.media_type:
        return 0.0
    if wanted.isrc and offered.isrc and _code(wanted.isrc) == _code(offered.isrc):
        return 1.0
    ours, theirs = title_of(wanted.title), title_of(offered.title)
    if ours.kinds != theirs.kinds:
        return 0.0
    parts = {
        TITLE: alike(ours.words, theirs.words),
        ARTISTS: _artists_alike(wanted.artists, offered.artists),
        LENGTH: _lengths_alike(wanted.duration, offered.duration),
        ALBUM: _albums_alike(wanted.album, offered.album),
    }
    if any(parts[part] == 0.0 for part in (TITLE, ARTISTS, LENGTH)):
        return 0.0
    return sum(
        worth * (UNKNOWN[worth] if share is None else share) for worth, share in parts.items()
    )


def nearest(wanted: Recording, offered: Iterable[Recording]) -> list[tuple[float, Recording]]:
    """Return what is offered with its certainty, the surest first; at a tie as it was offered."""
    rated = [(certainty(wanted, one), one) for one in offered]
    return sorted(rated, key=lambda pair: -pair[0])


def title_of(title: str) -> Title:
    """Return what a title is called, and which recording what is beside it makes of it."""
    aside = " ".join(group for match in _ASIDE.finditer(title) for group in match.groups() if group)
    said = _plain(aside)
    kinds = frozenset(kind for kind, words in KINDS.items() if words.search(said))
    return Title(words_of(bare(title)), kinds)


def bare(title: str) -> str:
    """Return a title as it would be looked for: without what is said beside it."""
    return _GUESTS.sub("", _ASIDE.sub(" ", title)).strip() or title


def words_of(text: str) -> str:
    """Return the words of a text, without case, accents and signs."""
    return " ".join(_NOT_A_WORD.sub(" ", _plain(text).replace("&", " and ")).split())


def alike(one: str, other: str) -> float:
    """Return how alike two texts are: 1 for the same words, 0 for others."""
    if one == other:
        return 1.0
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio if ratio >= ALIKE and _numbers(one) == _numbers(other) else 0.0


def _artists_alike(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float | None:
    """Compare artists: the first ones count, and one side may name more guests."""
    mine, others = _names(ours), _names(theirs)
    if not mine or not others:
        return None
    shared = [max((alike(name, other) for other in others), default=0.0) for name in mine]
    first = max(alike(mine[0], other) for other in others)
    led = max(alike(others[0], name) for name in mine)
    if not first or not led:
        return 0.0
    share = sum(1 for one in shared if one) / max(len(mine), len(others))
    return 0.8 * max(first, led) + 0.2 * share


def _names(artists: tuple[str, ...]) -> list[str]:
    """Return each artist's name, also where several are written as one."""
    names = (name for artist in artists for name in _BETWEEN_ARTISTS.split(_plain(artist)))
    plain = (_without_article(words_of(name)) for name in names)
    return [name for name in dict.fromkeys(plain) if name]


def _without_article(name: str) -> str:
    first, _, rest = name.partition(" ")
    return rest if rest and first in _ARTICLES else name


def _lengths_alike(ours: float | None, theirs: float | None) -> float | None:
    """Compare lengths in seconds: 1 up to SAME_LENGTH apart, 0 from OTHER_LENGTH on."""
    if not ours or not theirs:
        return None
    apart = abs(ours - theirs)
    return max(0.0, min(1.0, (OTHER_LENGTH - apart) / (OTHER_LENGTH - SAME_LENGTH)))


def _albums_alike(ours: str | None, theirs: str | None) -> float | None:
    """Compare albums; that they differ says little: one recording is on many."""
    if not ours or not theirs:
        return None
    return alike(title_of(ours).words, title_of(theirs).words)


def _numbers(text: str) -> list[str]:
    """Return the numbers of a text, Roman ones as well: they tell parts and sequels apart."""
    return _NUMBER.findall(text)


def _plain(text: str) -> str:
    """Return a text in lower case and without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(part for part in parts if not unicodedata.combining(part))


def _code(isrc: str) -> str:
    return isrc.replace("-", "").upper()
