"""Lyrics with times: what LRC files have in them."""

import pytest

from custom_components.music_assistant.media.lyrics import Line, timed_lines


@pytest.mark.parametrize(
    ("lrc", "expected"),
    [
        ("", []),
        ("No time at all\n[ar:Somebody]\n[ti:Something]", []),
        ("[00:01.50]One\n[01:02]Two", [Line(1.5, "One"), Line(62, "Two")]),
        ("[00:01:50] One", [Line(1.5, "One")]),
        ("[1:00:01.5]Late", [Line(3601.5, "Late")]),
        ("[00:02.000]\r\n[00:03.25]  After a pause ", [Line(2, ""), Line(3.25, "After a pause")]),
        (
            "[00:10.00][00:30.00] Chorus\n[00:20.00] Verse",
            [Line(10, "Chorus"), Line(20, "Verse"), Line(30, "Chorus")],
        ),
        ("[offset:+500]\n[00:01.00]Early", [Line(0.5, "Early")]),
        ("[offset: -250]\n[00:01.00]Later", [Line(1.25, "Later")]),
        ("[offset:5000]\n[00:01.00]At once", [Line(0, "At once")]),
        ("[00:01.00]<00:01.00>Word <00:01.50>by <00:02.00>word", [Line(1, "Word by word")]),
        ("[00:01.00]With [brackets] in it", [Line(1, "With [brackets] in it")]),
    ],
)
def test_lines(lrc: str, expected: list[Line]) -> None:
    """Lines come in the order in which they are sung, each with its second."""
    assert timed_lines(lrc) == expected
