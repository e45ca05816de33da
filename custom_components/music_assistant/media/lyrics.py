"""Parser of timed lyrics (LRC)."""

from dataclasses import dataclass
import re
from typing import Final

# Times are written as [01:02.34], one or several before a line, <01:02.34> before a word,
# [offset:+250] in ms. [01:02:34] means the same as [01:02.34]; with hours it is [1:01:02.34].
_TIME_PATTERN: Final = r"(?:(\d{1,6}):)?(\d{1,6}):(\d{1,6}(?:\.\d{1,6})?)"
_LINE_TIME: Final = re.compile(rf"\[{_TIME_PATTERN}\]\s*+")
_WORD_TIME: Final = re.compile(rf"<{_TIME_PATTERN}>\s?")
_TAG: Final = re.compile(r"\A\[[A-Za-z#]\w*:.*\]\Z")
_OFFSET: Final = re.compile(r"\[offset:\s*+([+-]?\d{1,9})\s*+\]", re.IGNORECASE)
# Characters of a text that are parsed, a hundred times as many as a song has.
MAX_LYRICS_LENGTH: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class LyricsLine:
    """Represent a line of lyrics; `time` is in seconds."""

    time: float
    text: str


def parse_timed_lines(lrc: str) -> list[LyricsLine]:
    """Parse the timed lines of an LRC text, sorted by time.

    Lines without a time, such as tags, are skipped. A line with several times is returned once
    for each time.
    """
    offset = 0.0
    lines = []
    for row in _split_rows(lrc):
        if match := _OFFSET.match(row):
            offset = int(match[1]) / 1000
        times, text_start = [], 0
        while match := _LINE_TIME.match(row, text_start):
            times.append(_parse_seconds(match))
            text_start = match.end()
        text = _WORD_TIME.sub("", row[text_start:]).strip()
        lines += [LyricsLine(max(0.0, round(time - offset, 3)), text) for time in times]
    return sorted(lines, key=lambda line: line.time)


def split_lyrics(plain: str | None, timed: str | None) -> tuple[str | None, list[LyricsLine]]:
    """Return the text and the timed lines of a track's plain and timed lyrics.

    Providers may have LRC text in the plain field, and plain text in the timed one.
    """
    lines = parse_timed_lines(timed or "")
    if not lines and _is_lrc(plain or ""):
        lines = parse_timed_lines(plain or "")
        plain = None
    if not lines:
        return plain or timed or None, lines
    return plain or "\n".join(line.text for line in lines) or None, lines


def _is_lrc(text: str) -> bool:
    """Return whether a text is LRC: some lines of plain lyrics may begin with a time, too."""
    rows = [row for row in _split_rows(text) if row and not _TAG.match(row)]
    timed = sum(1 for row in rows if _LINE_TIME.match(row))
    return timed * 2 > len(rows)


def _split_rows(text: str) -> list[str]:
    """Return the rows of a text, without blanks around them."""
    return [row.strip() for row in text[:MAX_LYRICS_LENGTH].splitlines()]


def _parse_seconds(match: re.Match[str]) -> float:
    first, second, third = match.groups()
    if first and "." not in third:
        return int(first) * 60 + float(f"{second}.{third}")
    return int(first or 0) * 3600 + int(second) * 60 + float(third)
