"""Parsing of lyrics with times (LRC)."""

import pytest

from custom_components.music_assistant.media.lyrics import LyricsLine, parse_timed_lines


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
