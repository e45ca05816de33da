"""Interpretation of media queries."""

from music_assistant_models.enums import MediaType
import pytest

from custom_components.music_assistant.media.query import (
    ALL_MEDIA_TYPES,
    MediaQuery,
    get_interpretations,
)

ALBUM, ARTIST, RADIO = (
    frozenset({kind}) for kind in (MediaType.ALBUM, MediaType.ARTIST, MediaType.RADIO)
)
TITLED = ALBUM | {MediaType.TRACK}
PLAYLIST, TRACK = frozenset({MediaType.PLAYLIST}), frozenset({MediaType.TRACK})


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("jazz radio", MediaQuery("jazz", media_types=RADIO)),
        ("play jazz radio", MediaQuery("jazz radio")),
        ("Radio Nova", MediaQuery("Nova", media_types=RADIO)),
        (
            "the album Kind of Blue by Miles Davis",
            MediaQuery("Kind of Blue", "Miles Davis", media_types=ALBUM),
        ),
        ("Play the song Stand by Me", MediaQuery("Stand by Me", media_types=TRACK)),
        ("Stand by Me by Ben E. King", MediaQuery("Stand by Me", "Ben E. King")),
        ("something by Queen", MediaQuery("Queen", media_types=ARTIST)),
        ("speel muziek van Queen", MediaQuery("Queen", media_types=ARTIST)),
        ("speel de afspeellijst Ochtend", MediaQuery("Ochtend", media_types=PLAYLIST)),
        (
            "Spiele das Lied Imagine von John Lennon",
            MediaQuery("Imagine", "John Lennon", media_types=TRACK),
        ),
        ("den Radiosender Bayern 3", MediaQuery("Bayern 3", media_types=RADIO)),
        (
            "mets l'album Discovery de Daft Punk",
            MediaQuery("Discovery", "Daft Punk", media_types=ALBUM),
        ),
        ("pon la canción Suerte de Shakira", MediaQuery("Suerte", "Shakira", media_types=TRACK)),
        ("metti il brano Volare di Modugno", MediaQuery("Volare", "Modugno", media_types=TRACK)),
        ("riproduci musica di Mina", MediaQuery("Mina", media_types=ARTIST)),
        ("Imagine - John Lennon", MediaQuery("Imagine", "John Lennon", media_types=TITLED)),
        ("play John Lennon – Imagine", MediaQuery("Imagine", "John Lennon", media_types=TITLED)),
        ("some jazz", MediaQuery("jazz")),
        ("Play my dinner playlist", MediaQuery("dinner", media_types=PLAYLIST)),
        ("my playlist Dinner", MediaQuery("Dinner", media_types=PLAYLIST)),
        ("spiel meine Wiedergabeliste Abend", MediaQuery("Abend", media_types=PLAYLIST)),
        ("speel wat jazz", MediaQuery("jazz")),
        ("mets un peu de jazz", MediaQuery("jazz")),
        ("pon algo de jazz", MediaQuery("jazz")),
        ("metti un po' di jazz", MediaQuery("jazz")),
    ],
)
def test_interpretations(phrase: str, expected: MediaQuery) -> None:
    """The expected interpretations are found, each once."""
    meanings = get_interpretations(MediaQuery(phrase))
    assert meanings[0] == MediaQuery(phrase)
    assert expected in meanings
    assert len(meanings) == len(set(meanings)) <= 7


@pytest.mark.parametrize(
    "phrase",
    [
        "Kind of Blue",
        "playlist",
        "Bybit",
        "Albumin",
        "by",
        "play",
        "",
        "my",
        "Somewhere",
        "Blink-182",
    ],
)
def test_plain_name(phrase: str) -> None:
    """A plain name has no other interpretation."""
    assert get_interpretations(MediaQuery(phrase)) == [MediaQuery(phrase)]


def test_order_of_interpretations() -> None:
    """The whole text is tried first, then it is split from its end."""
    names = [one.name for one in get_interpretations(MediaQuery("Down by the River by Neil Young"))]
    assert names == ["Down by the River by Neil Young", "Down by the River", "Down"]


def test_hints_are_kept() -> None:
    """Artist and album that are given separately are kept."""
    hinted = MediaQuery("Radio by Night", artist="Corrs", media_types=TRACK, library_only=True)
    assert {
        (one.artist, one.media_types, one.library_only) for one in get_interpretations(hinted)
    } == {("Corrs", TRACK, True)}
    (_, artist) = get_interpretations(MediaQuery("songs by Abba", media_types=TRACK))
    assert artist == MediaQuery("songs", "Abba", media_types=TRACK)


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        (MediaQuery("c"), {"track": "c", "album": "c", "playlist": "c"}),
        (MediaQuery("c", "a"), {"track": "a - c", "album": "a - c", "playlist": "c"}),
        (MediaQuery("c", album="b"), {"track": "b - c", "album": "c", "artist": "c"}),
        (MediaQuery("c", "a", "b"), {"track": "a - b - c", "album": "a - c", "radio": "c"}),
        (MediaQuery("c", "a", "b", library_only=True), {"track": "a - c", "audiobook": "c"}),
    ],
)
def test_search_text(query: MediaQuery, texts: dict[str, str]) -> None:
    """Artist and album stand in front of the name where items of a media type have them."""
    assert {name: query.get_search_text(MediaType(name)) for name in texts} == texts
    assert query.media_types == ALL_MEDIA_TYPES


@pytest.mark.parametrize("name", ["artist", "playlist", "radio", "podcast", "genre"])
def test_hints_that_mean_nothing(name: str) -> None:
    """An artist or album of what has none is dropped, and so are empty ones."""
    media_types = frozenset({MediaType(name)})
    assert MediaQuery("c", "a", "b", media_types) == MediaQuery("c", media_types=media_types)
    for nothing in ("", " ", "None", "unknown", "unavailable", "N/A"):
        assert MediaQuery("c", nothing, nothing) == MediaQuery("c")
    assert MediaQuery("c", "a", "b", ALBUM) == MediaQuery("c", "a", media_types=ALBUM)
