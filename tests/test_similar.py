"""Actions on similar music, and the lists of it."""

from typing import Any

from music_assistant_models.enums import MediaType, PlaybackState
from music_assistant_models.errors import UnsupportedFeaturedException
from music_assistant_models.media_items import MediaItemTranscriptCue
import pytest

from custom_components.music_assistant.media.library_lists import MAX_SEED_TRACKS

from .action_helpers import (
    ALBUM,
    ALL_SCHEMAS,
    OLD_AND_NEW,
    REFUSALS,
    call_action,
    call_for_response,
    call_server_action,
    expect_command_timeout,
    expect_error,
    get_queue_uris,
    get_sent_arguments,
    start_playback,
)
from .common import Harness, wait_until
from .server import MassServer
from .server.sonic_similarity import TEXT_SEARCH

TRACK, OTHER, ARTIST, RADIO = (
    "library://track/1",
    "library://track/7",
    "library://artist/1",
    "library://radio/1",
)
SIMILAR, TRANSCRIPT = "music/tracks/similar_tracks", "music/podcasts/podcast_episode_transcript"
NEW = pytest.mark.parametrize("schema_version", [98])


def get_similar(server: MassServer, uri: str, limit: int = 25) -> list[str | None]:
    """Return the tracks that the server has for another one."""
    library = server.library
    return [item.uri for item in library.get_similar_tracks(library.get_item(uri), limit)]


async def get_uris(harness: Harness, **data: Any) -> list[str]:
    """Return the tracks that the action returns."""
    response = await call_server_action(harness, "get_similar_tracks", None, **data)
    return [item["uri"] for item in response["items"]]


def get_episode(server: MassServer) -> Any:
    """Return an episode of a podcast."""
    podcast = server.library.get_item("library://podcast/1")
    return server.library.get_children(podcast, MediaType.PODCAST_EPISODE)[0]


# Reading


@ALL_SCHEMAS
async def test_get_similar_tracks(harness: Harness, server: MassServer) -> None:
    """Tracks similar to a track are returned, as many as asked for."""
    assert await get_uris(harness, media_id=TRACK) == get_similar(server, TRACK)
    assert len(await get_uris(harness, media_id=TRACK, limit=3)) == 3
    assert [args["limit"] for args in get_sent_arguments(server, SIMILAR)] == [25, 3]


async def test_similar_to_what_plays(harness: Harness, server: MassServer) -> None:
    """A player stands for what it plays."""
    start_playback(server, uri=OTHER)
    await harness.wait_for_events()
    entity_id = harness.get_entity_id("kueche")
    assert await get_uris(harness, entity_id=entity_id) == get_similar(server, OTHER)


async def test_similar_to_several(harness: Harness, server: MassServer) -> None:
    """The tracks of several items come in turn, without the items themselves and only once."""
    uris = await get_uris(harness, media_id=[TRACK, OTHER], limit=30)
    first, second = get_similar(server, TRACK, 30), get_similar(server, OTHER, 30)
    assert uris[0] == first[0]
    assert uris[1] == next(uri for uri in second if uri not in (first[0], TRACK))
    assert len(set(uris)) == len(uris)
    assert not {TRACK, OTHER} & set(uris)


@OLD_AND_NEW
@pytest.mark.parametrize("uri", [ALBUM, ARTIST, "library://playlist/1"])
async def test_similar_to_collection(harness: Harness, server: MassServer, uri: str) -> None:
    """Some tracks stand for an album, an artist or a playlist."""
    assert await get_uris(harness, media_id=uri, limit=10)
    seeds = {args["item_id"] for args in get_sent_arguments(server, SIMILAR)}
    tracks = server.library.get_children(server.library.get_item(uri), MediaType.TRACK)
    assert 0 < len(seeds) <= MAX_SEED_TRACKS
    assert seeds <= {track.item_id for track in tracks}


async def test_nothing_is_similar_to_a_station(harness: Harness) -> None:
    """An item without tracks is an error."""
    await expect_error("not_similar_to", get_uris(harness, media_id=RADIO))


async def test_unavailable_tracks_are_left_out(harness: Harness, server: MassServer) -> None:
    """Tracks that nobody can play aren't returned."""
    gone = get_similar(server, TRACK)[0]
    server.library.get_item(str(gone)).provider_mappings = set()
    assert gone not in await get_uris(harness, media_id=TRACK)


@REFUSALS
async def test_server_errors(harness: Harness, server: MassServer, code: int, key: str) -> None:
    """The server's errors are translated."""
    server.faults.fail_command(SIMILAR, code, f"Invalid command: {SIMILAR}")
    await expect_error(key, get_uris(harness, media_id=TRACK))
    await expect_error(key, call_action(harness, "play_similar_tracks", media_id=TRACK))


async def test_no_provider_has_similar_tracks(harness: Harness, server: MassServer) -> None:
    """That no provider knows similar tracks is an error that says so."""
    server.faults.fail_command(SIMILAR, UnsupportedFeaturedException.error_code)
    await expect_error("no_similar_tracks", get_uris(harness, media_id=TRACK))


async def test_command_timeout(harness: Harness, server: MassServer) -> None:
    """A server that doesn't answer is an error after the timeout."""
    await expect_command_timeout(server, SIMILAR, get_uris(harness, media_id=TRACK))


# Playing


@OLD_AND_NEW
async def test_play_more_like_what_plays(harness: Harness, server: MassServer) -> None:
    """Tracks similar to what plays are added at the end, and it plays on."""
    queue = start_playback(server, uri=TRACK)
    await harness.wait_for_events()
    response = await call_for_response(harness, "play_similar_tracks", limit=5)
    assert get_queue_uris(server) == [TRACK, *get_similar(server, TRACK, 5)]
    assert [item["uri"] for item in response["items"]] == get_similar(server, TRACK, 5)
    assert (queue.current_index, queue.state) == (0, PlaybackState.PLAYING)


async def test_play_similar_to_other_music(harness: Harness, server: MassServer) -> None:
    """Tracks similar to other music replace the queue, or come where the call says."""
    queue = start_playback(server, uri=ALBUM)
    await harness.wait_for_events()
    await call_action(harness, "play_similar_tracks", media_id=TRACK, limit=3, enqueue="next")
    assert get_queue_uris(server)[1:4] == get_similar(server, TRACK, 3)
    await call_action(harness, "play_similar_tracks", media_id=TRACK, limit=3)
    await wait_until(lambda: queue.state is PlaybackState.PLAYING)
    assert get_queue_uris(server) == get_similar(server, TRACK, 3)


async def test_nothing_similar_leaves_the_queue(harness: Harness, server: MassServer) -> None:
    """Without similar tracks nothing is changed."""
    start_playback(server, uri=ALBUM)
    before = get_queue_uris(server)
    server.library.get_similar_tracks = lambda *_: []  # type: ignore[method-assign]
    action = call_action(harness, "play_similar_tracks", media_id=TRACK)
    await expect_error("no_similar_tracks", action)
    assert get_queue_uris(server) == before


async def test_nothing_plays(harness: Harness) -> None:
    """Without music and without something that plays there is an error."""
    await expect_error("nothing_playing", call_action(harness, "play_similar_tracks"))


# Tracks that sound as described


@pytest.mark.parametrize(("schema_version", "has"), [(46, False), (84, True), (98, True)])
async def test_search_by_description(harness: Harness, server: MassServer, has: bool) -> None:
    """Tracks are found by a description, on servers that can; on others an error says so."""
    search = call_server_action(harness, "search_by_description", None, description=" Rain ")
    if not has:
        await expect_error("no_text_search", search)
        return
    items = (await search)["items"]
    assert len(items) == 25
    assert {item["media_type"] for item in items} == {"track"}
    assert get_sent_arguments(server, TEXT_SEARCH) == [{"query": "Rain", "limit": 25}]
    few = await call_server_action(
        harness, "search_by_description", None, description="rain", limit=3
    )
    assert few["items"] == items[:3]


@NEW
async def test_no_text_search(harness: Harness, server: MassServer) -> None:
    """Without the search, or without analyzed tracks, an error says what to do."""
    data = {"description": "rain"}
    server.has_analyzed_tracks = False
    action = call_server_action(harness, "search_by_description", None, **data)
    await expect_error("no_text_search", action)
    server.has_text_search = False
    action = call_server_action(harness, "search_by_description", None, **data)
    await expect_error("no_text_search", action)


@NEW
async def test_described_tracks_that_are_gone(harness: Harness, server: MassServer) -> None:
    """Tracks that were removed since they were analyzed are left out."""
    match = {"provider": "local_files", "item_id": "gone.flac", "distance": 0.1}
    uri = f"{server.library.get_item(TRACK).uri}"
    known = {"provider": "library", "item_id": uri.rpartition("/")[2], "distance": 0.2}
    server.faults.set_response(TEXT_SEARCH, {"analyzed": True, "items": [match, known]})
    response = await call_server_action(harness, "search_by_description", None, description="rain")
    assert [item["uri"] for item in response["items"]] == [TRACK]


@NEW
@pytest.mark.parametrize("answer", [None, [], {}, {"analyzed": True, "items": [{"item_id": "1"}]}])
async def test_odd_text_search(harness: Harness, server: MassServer, answer: Any) -> None:
    """An answer of another shape is a translated error."""
    server.faults.set_response(TEXT_SEARCH, answer)
    action = call_server_action(harness, "search_by_description", None, description="rain")
    await expect_error("unexpected_answer", action)


@NEW
async def test_play_by_description(harness: Harness, server: MassServer) -> None:
    """Tracks that sound as described are played, or come where the call says."""
    queue = start_playback(server, uri=ALBUM)
    await harness.wait_for_events()
    response = await call_for_response(harness, "play_similar_tracks", description="rain", limit=3)
    await wait_until(lambda: queue.state is PlaybackState.PLAYING)
    assert get_queue_uris(server) == [item["uri"] for item in response["items"]]
    assert len(response["items"]) == 3
    both = call_action(harness, "play_similar_tracks", description="rain", media_id=TRACK)
    await expect_error("fields_exclusive", both)
    server.has_text_search = False
    before = get_queue_uris(server)
    action = call_action(harness, "play_similar_tracks", description="rain")
    await expect_error("no_text_search", action)
    assert get_queue_uris(server) == before


# Lists of items


@ALL_SCHEMAS
async def test_similar_tracks_of_item(harness: Harness, server: MassServer) -> None:
    """`get_item` returns similar tracks of a track if asked."""
    plain = await call_server_action(harness, "get_item", None, uri=TRACK)
    assert plain["children"] == {}
    detailed = await call_server_action(
        harness, "get_item", None, uri=TRACK, children="similar_tracks"
    )
    uris = [item["uri"] for item in detailed["children"]["similar_tracks"]]
    assert uris == get_similar(server, TRACK)


@pytest.mark.parametrize(("schema_version", "has"), [(46, False), (84, True), (98, True)])
async def test_discography(harness: Harness, server: MassServer, has: bool) -> None:
    """An artist has a discography and albums of others, on servers that list them."""
    names = ["discography", "appears_on"]
    answer = await call_server_action(harness, "get_item", None, uri=ARTIST, children=names)
    assert sorted(answer["children"]) == (sorted(names) if has else [])
    sent = {command for command, _ in server.commands}
    assert ("music/artists/discography" in sent) is has
    if has:
        names = [item["name"] for item in answer["children"]["discography"]]
        assert "Lost tapes" in names


@NEW
async def test_no_discography_outside_the_library(harness: Harness, server: MassServer) -> None:
    """Only artists of the library have a discography."""
    artist = next(
        item
        for item in server.library.get_all_items(MediaType.ARTIST)
        if item.provider != "library"
    )
    answer = await call_server_action(
        harness, "get_item", None, uri=artist.uri, children="discography"
    )
    assert answer["children"] == {}


# Transcripts


@pytest.mark.parametrize(("schema_version", "has"), [(46, False), (84, True), (98, True)])
async def test_transcript(harness: Harness, server: MassServer, has: bool) -> None:
    """The transcript of an episode is returned by servers that have it, and only if asked."""
    episode = get_episode(server)
    episode.metadata.transcript = "Hello there."
    episode.metadata.transcript_cues = [
        MediaItemTranscriptCue(start=1.5, end=2.5, text="Hello", speaker="Kim"),
        MediaItemTranscriptCue(start=2.5, text="there."),
    ]
    assert "transcript" not in await call_server_action(harness, "get_item", None, uri=episode.uri)
    answer = await call_server_action(harness, "get_item", None, uri=episode.uri, transcript=True)
    assert len(get_sent_arguments(server, TRANSCRIPT)) == has
    expected = {
        "text": "Hello there.",
        "cues": [
            {"start": 1.5, "end": 2.5, "text": "Hello", "speaker": "Kim"},
            {"start": 2.5, "end": None, "text": "there.", "speaker": None},
        ],
    }
    assert answer["transcript"] == (expected if has else None)


@NEW
async def test_no_transcript(harness: Harness, server: MassServer) -> None:
    """An episode without a transcript has none; other items can't have one."""
    episode = get_episode(server)
    answer = await call_server_action(harness, "get_item", None, uri=episode.uri, transcript=True)
    assert answer["transcript"] is None
    action = call_server_action(harness, "get_item", None, uri=TRACK, transcript=True)
    await expect_error("no_podcast_episode", action)


@NEW
@pytest.mark.parametrize("answer", [None, 3, ["text", [{"text": "no start"}]]])
async def test_odd_transcript(harness: Harness, server: MassServer, answer: Any) -> None:
    """An answer of another shape is a translated error."""
    server.faults.set_response(TRANSCRIPT, answer)
    action = call_server_action(
        harness, "get_item", None, uri=get_episode(server).uri, transcript=True
    )
    await expect_error("unexpected_answer", action)
