"""How sure it is that two descriptions are of the same recording. Pure.

What makes another recording (a live version, a cover, another language) decides alone; what
only makes another edition (a remaster, a deluxe edition) doesn't count. Only then names,
artists, album and length are compared, and a word that one side doesn't have costs certainty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
import re
from typing import Final

from .normalize import KINDS, Title, names_of, plain, title_of, without_head
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

_NUMBER: Final = re.compile(r"\d+")

type Names = tuple[str, ...]  # of one artist


@dataclass(frozen=True, slots=True)
class _Read:
    """What a recording is called and whose it is, read beside another one."""

    title: Title
    artists: Sequence[Names]
    covers: bool  # by its artists: "ABBA Tribute Band"


def certainty(wanted: Recording, offered: Recording) -> float:
    """Return how sure it is that both are the same recording, from 0 to 1."""
    if wanted.media_type is not offered.media_type:
        return 0.0
    if wanted.isrc and offered.isrc and _code(wanted.isrc) == _code(offered.isrc):
        return 1.0
    ours, theirs = _read(wanted, offered), _read(offered, wanted)
    if ours.covers != theirs.covers or _other_version(ours.title, theirs.title):
        return 0.0
    parts = {
        TITLE: alike(ours.title.words, theirs.title.words),
        ARTISTS: _artists_alike(ours.artists, theirs.artists),
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


def alike(one: str, other: str) -> float:
    """Return how alike two texts are: 1 for the same words, 0 for others."""
    if one == other:
        return 1.0
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio if ratio >= ALIKE and _NUMBER.findall(one) == _NUMBER.findall(other) else 0.0


def _read(recording: Recording, other: Recording) -> _Read:
    """Read a recording; whose it is may be said in its title, if one of the two knows the name."""
    artists = names_of(recording.artists)
    known = [name for names in (*artists, *names_of(other.artists)) for name in names]
    title, name = without_head(recording.title, known)
    if name and not any(name in names for names in artists):
        artists.append((name,))
    covers = any(KINDS["cover"].search(plain(artist)) for artist in recording.artists)
    return _Read(title_of(title, recording.album), artists, covers)


def _other_version(ours: Title, theirs: Title) -> bool:
    """Tell whether what is said beside titles makes them two: live and not, at two places."""
    if ours.kinds != theirs.kinds:
        return True
    if not ours.beside or not theirs.beside:
        return False
    numbers = [{word for word in one.beside if word.isdigit()} for one in (ours, theirs)]
    return ours.beside.isdisjoint(theirs.beside) or (all(numbers) and numbers[0] != numbers[1])


def _artists_alike(ours: Sequence[Names], theirs: Sequence[Names]) -> float | None:
    """Compare artists: the first ones count, and one side may name more of them, not both."""
    if not ours or not theirs:
        return None
    if _joined(ours) == _joined(theirs):
        return 1.0
    mine = [_among(names, theirs) for names in ours]
    others = [_among(names, ours) for names in theirs]
    if not mine[0] or not others[0] or not (all(mine) or all(others)):
        return 0.0
    fewer, more = sorted((len(mine), len(others)))
    return 0.8 * max(mine[0], others[0]) + 0.2 * fewer / more


def _among(names: Names, artists: Sequence[Names]) -> float:
    """Return how alike an artist is to the one of others that is most so."""
    return max(alike(name, other) for name in names for one in artists for other in one)


def _joined(artists: Sequence[Names]) -> str:
    """Return all names as one word: "AC/DC" is "ACDC", and no two."""
    return "".join(name.replace(" ", "") for names in artists for name in names)


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


def _code(isrc: str) -> str:
    return isrc.replace("-", "").upper()
