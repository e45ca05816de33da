"""Interpretation of media queries."""

from dataclasses import fields
from pathlib import Path
import time

from music_assistant_models.enums import MediaType
import pytest

from custom_components.music_assistant.media import query as query_module
from custom_components.music_assistant.media.phrases import PHRASE_WORDS
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
        (
            "album Arrival by the artist ABBA",
            MediaQuery("Arrival", "ABBA", media_types=ALBUM),
        ),
        ("das Album Arrival vom Künstler ABBA", MediaQuery("Arrival", "ABBA", media_types=ALBUM)),
        (
            "das Lied Suerte von der Sängerin Shakira",
            MediaQuery("Suerte", "der Sängerin Shakira", media_types=TRACK),
        ),
        (
            "das Lied Suerte von der Künstlerin Shakira",
            MediaQuery("Suerte", "Shakira", media_types=TRACK),
        ),
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


# The album Undertow Disco by Papaya Static, as far as the grammar tells the artist.
_BY_ARTIST = MediaQuery("Undertow Disco", "Papaya Static", media_types=ALBUM)
_ALBUM = MediaQuery("Undertow Disco", media_types=ALBUM)
_SONGS = MediaQuery("Papaya Static", media_types=ARTIST)
_PLAYLIST = MediaQuery("Sunday Pancakes", media_types=PLAYLIST)
_TRACK = MediaQuery("Undertow Disco", media_types=TRACK)

# Language -> phrases, and what they mean.
PHRASES: dict[str, dict[str, MediaQuery]] = {
    "ca": {
        "posa l'àlbum Undertow Disco de Papaya Static": _BY_ARTIST,
        "música de Papaya Static": _SONGS,
        "posa la meva llista de reproducció Sunday Pancakes": _PLAYLIST,
        "la cançó Undertow Disco": _TRACK,
    },
    "cs": {
        "pusť album Undertow Disco od Papaya Static": _BY_ARTIST,
        "písničky od Papaya Static": _SONGS,
        "můj seznam skladeb Sunday Pancakes": _PLAYLIST,
        "přehraj písničku Undertow Disco": _TRACK,
    },
    "da": {
        "albummet Undertow Disco af Papaya Static": _BY_ARTIST,
        "spil noget med Papaya Static": _SONGS,
        "spil min playliste Sunday Pancakes": _PLAYLIST,
        "afspil sangen Undertow Disco": _TRACK,
    },
    "de": {
        "spiel etwas von Papaya Static": _SONGS,
        "meine Playlist Sunday Pancakes": _PLAYLIST,
        "das Album Undertow Disco von Papaya Static": _BY_ARTIST,
    },
    "el": {
        "παίξε το άλμπουμ Undertow Disco από τους Papaya Static": _BY_ARTIST,
        "μουσική από Papaya Static": _SONGS,
        "τη λίστα αναπαραγωγής Sunday Pancakes": _PLAYLIST,
        "το τραγούδι Undertow Disco": _TRACK,
    },
    "en": {
        "Papaya Static's album Undertow Disco": _BY_ARTIST,
        "play Papaya Static’s songs": _SONGS,
        "Papaya Static songs": _SONGS,
        "put on the playlist “Sunday Pancakes”": _PLAYLIST,
    },
    "es": {
        "pon el álbum Undertow Disco de Papaya Static": _BY_ARTIST,
        "música de Papaya Static": _SONGS,
        "la lista Sunday Pancakes": _PLAYLIST,
    },
    "et": {
        "albumit Undertow Disco esitajalt Papaya Static": _BY_ARTIST,
        "mängi midagi esitajalt Papaya Static": _SONGS,
        "mängi minu esitusloendit Sunday Pancakes": _PLAYLIST,
        "lugu Undertow Disco": _TRACK,
    },
    "fi": {
        "soita albumi Undertow Disco artistilta Papaya Static": _BY_ARTIST,
        "soita Papaya Staticin albumi Undertow Disco": _BY_ARTIST,
        "musiikkia yhtyeeltä Papaya Static": _SONGS,
        "soittolista Sunday Pancakes": _PLAYLIST,
        "biisi Undertow Disco": _TRACK,
    },
    "fr": {
        "joue l'album Undertow Disco de Papaya Static": _BY_ARTIST,
        "l’album Undertow Disco d’Élodie Marchvent": MediaQuery(
            "Undertow Disco", "Élodie Marchvent", media_types=ALBUM
        ),
        "des chansons de Papaya Static": _SONGS,
        "ma playlist Sunday Pancakes": _PLAYLIST,
    },
    "ga": {
        "seinn an t-albam Undertow Disco le Papaya Static": _BY_ARTIST,
        "ceol le Papaya Static": _SONGS,
        "mo sheinmliosta Sunday Pancakes": _PLAYLIST,
        "an t-amhrán Undertow Disco": _TRACK,
    },
    "he": {
        "נגן את האלבום Undertow Disco של Papaya Static": _BY_ARTIST,
        "מוזיקה של Papaya Static": _SONGS,
        "רשימת ההשמעה Sunday Pancakes": _PLAYLIST,
        "השיר Undertow Disco": _TRACK,
    },
    "hu": {
        "játszd le az Undertow Disco albumot": _ALBUM,
        "Undertow Disco című album": _ALBUM,
        "Papaya Static számai": _SONGS,
        "Sunday Pancakes lejátszási lista": _PLAYLIST,
    },
    "it": {
        "metti l'album Undertow Disco dei Papaya Static": _BY_ARTIST,
        "qualcosa di Papaya Static": _SONGS,
        "la mia playlist Sunday Pancakes": _PLAYLIST,
    },
    "ja": {
        "Papaya StaticのアルバムUndertow Disco": _BY_ARTIST,
        "Papaya Staticのアルバム「Undertow Disco」を再生して": _BY_ARTIST,
        "アルバムUndertow Disco": _ALBUM,
        "Papaya Staticの曲": _SONGS,
        "Papaya Staticの音楽をかけて": _SONGS,
        "プレイリスト『Sunday Pancakes』": _PLAYLIST,
        "Sunday Pancakesのプレイリスト": _PLAYLIST,
    },
    "ko": {
        "Papaya Static의 앨범 Undertow Disco": _BY_ARTIST,
        "Undertow Disco 앨범": _ALBUM,
        "Papaya Static 노래": _SONGS,
        "Papaya Static의 음악 틀어 줘": _SONGS,
        "내 재생 목록 Sunday Pancakes": _PLAYLIST,
    },
    "lt": {
        "albumą Undertow Disco grupės Papaya Static": _BY_ARTIST,
        "grok dainas grupės Papaya Static": _SONGS,
        "mano grojaraštį Sunday Pancakes": _PLAYLIST,
        "daina Undertow Disco": _TRACK,
    },
    "nb": {
        "spill albumet Undertow Disco av Papaya Static": _BY_ARTIST,
        "noe av Papaya Static": _SONGS,
        "spillelisten Sunday Pancakes": _PLAYLIST,
        "låta Undertow Disco": _TRACK,
    },
    "nl": {
        "speel iets van Papaya Static": _SONGS,
        "het album Undertow Disco van Papaya Static": _BY_ARTIST,
        "mijn afspeellijst Sunday Pancakes": _PLAYLIST,
    },
    "pl": {
        "włącz album Undertow Disco zespołu Papaya Static": _BY_ARTIST,
        "zagraj coś od Papaya Static": _SONGS,
        "moją playlistę Sunday Pancakes": _PLAYLIST,
        "piosenkę Undertow Disco": _TRACK,
    },
    "pt": {
        "toca o álbum Undertow Disco dos Papaya Static": _BY_ARTIST,
        "canções de Papaya Static": _SONGS,
        "a minha lista de reprodução Sunday Pancakes": _PLAYLIST,
        "a canção Undertow Disco": _TRACK,
    },
    "pt-BR": {
        "toque o disco Undertow Disco da Papaya Static": _BY_ARTIST,
        "músicas de Papaya Static": _SONGS,
        "minha playlist Sunday Pancakes": _PLAYLIST,
    },
    "ru": {
        "включи альбом Undertow Disco группы Papaya Static": _BY_ARTIST,
        "песни исполнителя Papaya Static": _SONGS,
        "мой плейлист Sunday Pancakes": _PLAYLIST,
        "песню Undertow Disco": _TRACK,
    },
    "sk": {
        "pusti album Undertow Disco od Papaya Static": _BY_ARTIST,
        "niečo od Papaya Static": _SONGS,
        "môj zoznam skladieb Sunday Pancakes": _PLAYLIST,
        "pesničku Undertow Disco": _TRACK,
    },
    "sr-Latn": {
        "pusti album Undertow Disco grupe Papaya Static": _BY_ARTIST,
        "muziku grupe Papaya Static": _SONGS,
        "moju plejlistu Sunday Pancakes": _PLAYLIST,
        "pesmu Undertow Disco": _TRACK,
    },
    "sv": {
        "spela albumet Undertow Disco av Papaya Static": _BY_ARTIST,
        "spela något av Papaya Static": _SONGS,
        "min spellista Sunday Pancakes": _PLAYLIST,
        "låten Undertow Disco": _TRACK,
    },
    "tr": {
        "Papaya Static'in Undertow Disco albümünü çal": _BY_ARTIST,
        "Undertow Disco albümü": _ALBUM,
        "Papaya Static şarkıları": _SONGS,
        "Sunday Pancakes çalma listesi": _PLAYLIST,
        "Undertow Disco şarkısını çal": _TRACK,
    },
    "uk": {
        "увімкни альбом Undertow Disco гурту Papaya Static": _BY_ARTIST,
        "пісні виконавця Papaya Static": _SONGS,
        "мій плейлист Sunday Pancakes": _PLAYLIST,
        "пісню Undertow Disco": _TRACK,
    },
    "zh-Hans": {
        "播放Papaya Static的专辑Undertow Disco": _BY_ARTIST,
        "Papaya Static的专辑《Undertow Disco》": _BY_ARTIST,
        "Undertow Disco专辑": _ALBUM,
        "Papaya Static的歌": _SONGS,
        "我的歌单Sunday Pancakes": _PLAYLIST,
    },
    "zh-Hant": {
        "播放Papaya Static的專輯Undertow Disco": _BY_ARTIST,
        "專輯《Undertow Disco》": _ALBUM,
        "Papaya Static嘅歌": _SONGS,
        "我的播放清單Sunday Pancakes": _PLAYLIST,
    },
}


def test_languages() -> None:
    """Each translated language has words and examples."""
    translations = Path(query_module.__file__).parent.parent / "translations"
    languages = {path.stem for path in translations.iterdir()}
    assert set(PHRASE_WORDS) | {"pt-BR"} == languages == set(PHRASES)
    assert all(len(phrases) >= 3 for phrases in PHRASES.values())


@pytest.mark.parametrize("language", PHRASES)
def test_phrases(language: str) -> None:
    """Phrases of each language are understood, and searched as given first."""
    for phrase, expected in PHRASES[language].items():
        meanings = get_interpretations(MediaQuery(phrase))
        assert meanings[0] == MediaQuery(phrase)
        assert expected in meanings, phrase
        assert len(meanings) <= 8, phrase


def test_names_stay() -> None:
    """What any word of a phrase is next to is searched as given first, too, and takes no time."""
    words = {
        word.strip()
        for words in PHRASE_WORDS.values()
        for field in fields(words)
        for word in getattr(words, field.name).split("|")
        if word.strip()
    }
    for word in words:
        for phrase in (word, f"{word} Pancakes", f"Sunday {word} Pancakes", f"Sunday {word}"):
            meanings = get_interpretations(MediaQuery(phrase))
            assert meanings[0] == MediaQuery(phrase)
            assert all(one.name for one in meanings), phrase
            assert len(meanings) <= 9
    started = time.perf_counter()
    get_interpretations(MediaQuery("of 's の " * 37))
    assert time.perf_counter() - started < 1


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
        "夜曲",
        "夢の中",
        "千と千尋",
        "Live at Wembley",
        "Smells Like Teen Spirit",
        "Ain't No Sunshine",
        "Müslüm's",
        "Ich will",
        "Kalinka",
        "Бьюгармония",
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
