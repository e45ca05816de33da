"""Lyrics with times, as LRC files have them."""

from dataclasses import dataclass
import re
from typing import Final

# [01:02.34] before a line, or several of them; <01:02.34> before its words; [offset:+250] (ms).
# Some write [01:02:34] for the same, and hours only with a point: [1:01:02.34].
_TIME: Final = r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)"
_STAMP: Final = re.compile(rf"\s*\[{_TIME}\]")
_WORD: Final = re.compile(rf"<{_TIME}>\s?")
_OFFSET: Final = re.compile(r"\s*\[offset:\s*([+-]?\d+)\s*\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a song, and the second at which it is sung."""

    time: float
    text: str


def timed_lines(lrc: str) -> list[Line]:
    """Return the lines of an LRC text in the order in which they are sung.

    What has no time, such as who wrote it, is left out; a line that is sung several times is
    there several times.
    """
    offset = 0.0
    lines = []
    for row in lrc.splitlines():
        if match := _OFFSET.match(row):
            offset = int(match[1]) / 1000
        times = []
        while match := _STAMP.match(row):
            times.append(_seconds(match))
            row = row[match.end() :]
        text = _WORD.sub("", row).strip()
        lines += [Line(max(0.0, round(time - offset, 3)), text) for time in times]
    return sorted(lines, key=lambda line: line.time)


def _seconds(match: re.Match[str]) -> float:
    first, second, third = match.groups()
    if first and "." not in third:
        return int(first) * 60 + float(f"{second}.{third}")
    return int(first or 0) * 3600 + int(second) * 60 + float(third)
