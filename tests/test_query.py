"""What a phrase may mean: tables of what people say."""

from music_assistant_models.enums import MediaType
import pytest

from custom_components.music_assistant.media.query import ALL, Wanted, readings

ALBUM, ARTIST, RADIO = (
    frozenset({kind}) for kind in (MediaType.ALBUM, MediaType.ARTIST, MediaType.RADIO)
)
PLAYLIST, TRACK = frozenset({MediaType.PLAYLIST}), frozenset({MediaType.TRACK})


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("jazz radio", Wanted("jazz", kinds=RADIO)),
        ("play jazz radio", Wanted("jazz radio")),
        ("Radio Nova", Wanted("Nova", kinds=RADIO)),
        (
            "the album Kind of Blue by Miles Davis",
            Wanted("Kind of Blue", "Miles Davis", kinds=ALBUM),
        ),
        ("Play the song Stand by Me", Wanted("Stand by Me", kinds=TRACK)),
        ("Stand by Me by Ben E. King", Wanted("Stand by Me", "Ben E. King")),
        ("something by Queen", Wanted("Queen", kinds=ARTIST)),
        ("speel muziek van Queen", Wanted("Queen", kinds=ARTIST)),
        ("speel de afspeellijst Ochtend", Wanted("Ochtend", kinds=PLAYLIST)),
        (
            "Spiele das Lied Imagine von John Lennon",
            Wanted("Imagine", "John Lennon", kinds=TRACK),
        ),
        ("den Radiosender Bayern 3", Wanted("Bayern 3", kinds=RADIO)),
        ("mets l'album Discovery de Daft Punk", Wanted("Discovery", "Daft Punk", kinds=ALBUM)),
        ("pon la canción Suerte de Shakira", Wanted("Suerte", "Shakira", kinds=TRACK)),
        ("metti il brano Volare di Modugno", Wanted("Volare", "Modugno", kinds=TRACK)),
        ("riproduci musica di Mina", Wanted("Mina", kinds=ARTIST)),
    ],
)
def test_what_may_be_meant(phrase: str, expected: Wanted) -> None:
    """What is said is among its meanings, and none is there twice."""
    meanings = readings(Wanted(phrase))
    assert meanings[0] == Wanted(phrase)
    assert expected in meanings
    assert len(meanings) == len(set(meanings)) <= 7


@pytest.mark.parametrize(
    "phrase", ["Kind of Blue", "playlist", "Bybit", "Albumin", "by", "play", ""]
)
def test_nothing_else(phrase: str) -> None:
    """What says nothing but a name is left alone."""
    assert readings(Wanted(phrase)) == [Wanted(phrase)]


def test_the_whole_first() -> None:
    """A title that could be taken apart is tried as a whole first, then from its end."""
    names = [one.name for one in readings(Wanted("Down by the River by Neil Young"))]
    assert names == ["Down by the River by Neil Young", "Down by the River", "Down"]


def test_hints_stay() -> None:
    """What was said beside the name is taken as it was said."""
    hinted = Wanted("Radio by Night", artist="Corrs", kinds=TRACK, library_only=True)
    assert {(one.artist, one.kinds, one.library_only) for one in readings(hinted)} == {
        ("Corrs", TRACK, True)
    }
    (_, artist) = readings(Wanted("songs by Abba", kinds=TRACK))
    assert artist == Wanted("songs", "Abba", kinds=TRACK)


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        (Wanted("c"), "c"),
        (Wanted("c", "a"), "a - c"),
        (Wanted("c", album="b"), "b - c"),
        (Wanted("c", "a", "b"), "a - b - c"),
        (Wanted("c", "a", "b", library_only=True), "a - c"),
    ],
)
def test_line(wanted: Wanted, line: str) -> None:
    """Providers take one line, so hints stand in front of the name."""
    assert wanted.line == line
    assert wanted.kinds == ALL
