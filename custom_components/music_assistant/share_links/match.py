"""Calculate the certainty that two descriptions are of the same recording.

Other versions (live, a cover, another language) never match; other editions (a remaster, a
deluxe edition) are ignored. Then title, artists, album and duration are compared. A word that
only one side has reduces the certainty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
import re
from typing import Final

from .normalize import (
    VERSION_PATTERNS,
    ParsedTitle,
    normalize_characters,
    parse_artist_names,
    parse_title,
    split_artist_prefix,
)
from .recording import Recording

# Minimum certainty to play a candidate.
CERTAINTY_THRESHOLD: Final = 0.8
# Weights of the compared parts; their sum is 1.
TITLE_WEIGHT: Final = 0.45
ARTISTS_WEIGHT: Final = 0.35
DURATION_WEIGHT: Final = 0.15
ALBUM_WEIGHT: Final = 0.05
# Scores of parts that one side doesn't have.
UNKNOWN_SCORES: Final = {ARTISTS_WEIGHT: 0.0, DURATION_WEIGHT: 0.5, ALBUM_WEIGHT: 0.5}
# Minimum similarity of texts, and seconds of difference with a full and with no score.
SIMILARITY_THRESHOLD: Final = 0.85
DURATION_TOLERANCE: Final = 3.0
MAX_DURATION_DIFFERENCE: Final = 12.0

_NUMBER_PATTERN: Final = re.compile(r"\d+")

type ArtistNames = tuple[str, ...]  # names of one artist


@dataclass(frozen=True, slots=True)
class _ParsedRecording:
    """Represent the normalized title and artists of a recording."""

    title: ParsedTitle
    artists: Sequence[ArtistNames]
    is_cover: bool  # according to its artists: "ABBA Tribute Band"


def calculate_certainty(wanted: Recording, candidate: Recording) -> float:
    """Return the certainty that both are the same recording, from 0 to 1."""
    if wanted.media_type is not candidate.media_type:
        return 0.0
    if (
        wanted.isrc
        and candidate.isrc
        and _normalize_isrc(wanted.isrc) == _normalize_isrc(candidate.isrc)
    ):
        return 1.0
    wanted_parts = _parse_recording(wanted, candidate)
    candidate_parts = _parse_recording(candidate, wanted)
    if wanted_parts.is_cover != candidate_parts.is_cover or _is_other_version(
        wanted_parts.title, candidate_parts.title
    ):
        return 0.0
    scores = {
        TITLE_WEIGHT: calculate_similarity(wanted_parts.title.words, candidate_parts.title.words),
        ARTISTS_WEIGHT: _compare_artists(wanted_parts.artists, candidate_parts.artists),
        DURATION_WEIGHT: _compare_durations(wanted.duration, candidate.duration),
        ALBUM_WEIGHT: _compare_albums(wanted.album, candidate.album),
    }
    if any(scores[weight] == 0.0 for weight in (TITLE_WEIGHT, ARTISTS_WEIGHT, DURATION_WEIGHT)):
        return 0.0
    return sum(
        weight * (UNKNOWN_SCORES[weight] if score is None else score)
        for weight, score in scores.items()
    )


def sort_by_certainty(
    wanted: Recording, candidates: Iterable[Recording]
) -> list[tuple[float, Recording]]:
    """Return the candidates with their certainty, the highest first."""
    rated = [(calculate_certainty(wanted, candidate), candidate) for candidate in candidates]
    return sorted(rated, key=lambda pair: -pair[0])


def calculate_similarity(first: str, second: str) -> float:
    """Return the similarity of two texts, from SIMILARITY_THRESHOLD to 1, or 0 below it."""
    if first == second:
        return 1.0
    ratio = SequenceMatcher(None, first, second, autojunk=False).ratio()
    same_numbers = _NUMBER_PATTERN.findall(first) == _NUMBER_PATTERN.findall(second)
    return ratio if ratio >= SIMILARITY_THRESHOLD and same_numbers else 0.0


def _parse_recording(recording: Recording, other: Recording) -> _ParsedRecording:
    """Parse a recording.

    An artist's name before the title is recognized if one of both recordings has that artist.
    """
    artists = parse_artist_names(recording.artists)
    known_names = [
        name for names in (*artists, *parse_artist_names(other.artists)) for name in names
    ]
    title, name = split_artist_prefix(recording.title, known_names)
    if name and not any(name in names for names in artists):
        artists.append((name,))
    is_cover = any(
        VERSION_PATTERNS["cover"].search(normalize_characters(artist))
        for artist in recording.artists
    )
    return _ParsedRecording(parse_title(title, recording.album), artists, is_cover)


def _is_other_version(first: ParsedTitle, second: ParsedTitle) -> bool:
    """Return whether the annotations of two titles name different versions or places."""
    if first.versions != second.versions:
        return True
    if not first.qualifiers or not second.qualifiers:
        return False
    numbers = [{word for word in title.qualifiers if word.isdigit()} for title in (first, second)]
    return first.qualifiers.isdisjoint(second.qualifiers) or (
        all(numbers) and numbers[0] != numbers[1]
    )


def _compare_artists(first: Sequence[ArtistNames], second: Sequence[ArtistNames]) -> float | None:
    """Return the similarity of artists; None if one side is unknown.

    The first artists have to match, and only one side may have artists that the other one lacks.
    """
    if not first or not second:
        return None
    if _join_names(first) == _join_names(second):
        return 1.0
    first_scores = [_compare_artist(names, second) for names in first]
    second_scores = [_compare_artist(names, first) for names in second]
    if not first_scores[0] or not second_scores[0] or not (all(first_scores) or all(second_scores)):
        return 0.0
    fewer, more = sorted((len(first_scores), len(second_scores)))
    return 0.8 * max(first_scores[0], second_scores[0]) + 0.2 * fewer / more


def _compare_artist(names: ArtistNames, artists: Sequence[ArtistNames]) -> float:
    """Return the highest similarity of an artist's names to those of other artists."""
    return max(
        calculate_similarity(name, other)
        for name in names
        for other_names in artists
        for other in other_names
    )


def _join_names(artists: Sequence[ArtistNames]) -> str:
    """Return all names without spaces, so that "AC/DC" equals "ACDC"."""
    return "".join(name.replace(" ", "") for names in artists for name in names)


def _compare_durations(first: float | None, second: float | None) -> float | None:
    """Return the similarity of durations in seconds; None if one is unknown."""
    if not first or not second:
        return None
    difference = abs(first - second)
    score = (MAX_DURATION_DIFFERENCE - difference) / (MAX_DURATION_DIFFERENCE - DURATION_TOLERANCE)
    return max(0.0, min(1.0, score))


def _compare_albums(first: str | None, second: str | None) -> float | None:
    """Return the similarity of albums; None if one is unknown."""
    if not first or not second:
        return None
    return calculate_similarity(parse_title(first).words, parse_title(second).words)


def _normalize_isrc(isrc: str) -> str:
    """Return an ISRC without hyphens, in upper case."""
    return isrc.replace("-", "").upper()
