"""Parsing of lyrics with times (LRC)."""

import pytest

from custom_components.music_assistant.media.lyrics import (
    LyricsLine,
    parse_timed_lines,
    split_lyrics,
)


@pytest.mark.parametrize(
    ("lrc", "expected"),
    [
        ("", []),
        ("No time at all\n[ar:Somebody]\n[ti:Something]", []),
        ("[00:01.50]One\n[01:02]Two", [LyricsLine(1.5, "One"), LyricsLine(62, "Two")]),
        ("[00:01:50] One", [LyricsLine(1.5, "One")]),
        ("[1:00:01.5]Late", [LyricsLine(3601.5, "Late")]),
        (
            "[00:02.000]\r\n[00:03.25]  After a pause ",
            [LyricsLine(2, ""), LyricsLine(3.25, "After a pause")],
        ),
        (
            "[00:10.00][00:30.00] Chorus\n[00:20.00] Verse",
            [LyricsLine(10, "Chorus"), LyricsLine(20, "Verse"), LyricsLine(30, "Chorus")],
        ),
        ("[offset:+500]\n[00:01.00]Early", [LyricsLine(0.5, "Early")]),
        ("[offset: -250]\n[00:01.00]Later", [LyricsLine(1.25, "Later")]),
        ("[offset:5000]\n[00:01.00]At once", [LyricsLine(0, "At once")]),
        ("[00:01.00]<00:01.00>Word <00:01.50>by <00:02.00>word", [LyricsLine(1, "Word by word")]),
        ("[00:01.00]With [brackets] in it", [LyricsLine(1, "With [brackets] in it")]),
    ],
)
def test_parse_lrc(lrc: str, expected: list[LyricsLine]) -> None:
    """Lines are sorted by time, each with its second."""
    assert parse_timed_lines(lrc) == expected


LINES = [LyricsLine(1, "One"), LyricsLine(2, "Two")]
LRC = "[ar:Somebody]\n[00:01.00]One\n[00:02.00]Two"


@pytest.mark.parametrize(
    ("plain", "timed", "expected"),
    [
        ("One\nTwo", LRC, ("One\nTwo", LINES)),
        (None, LRC, ("One\nTwo", LINES)),
        (LRC, None, ("One\nTwo", LINES)),
        (LRC, "", ("One\nTwo", LINES)),
        (f"{LRC}\n(fades out)", None, ("One\nTwo", LINES)),
        ("[ti:One]\nOne", None, ("[ti:One]\nOne", [])),
        ("[00:30] Chorus\nOne\nTwo", None, ("[00:30] Chorus\nOne\nTwo", [])),
        (None, "One\nTwo", ("One\nTwo", [])),
        ("One", "Two", ("One", [])),
        ("[00:01.00]", None, (None, [LyricsLine(1, "")])),
        (None, None, (None, [])),
        ("", "", (None, [])),
    ],
)
def test_text_and_timed_lines(
    plain: str | None, timed: str | None, expected: tuple[str | None, list[LyricsLine]]
) -> None:
    """The text is without times, and timed lines are found in either field."""
    assert split_lyrics(plain, timed) == expected
