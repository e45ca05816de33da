"""Actions for items: favorites, the library, the play log."""

from typing import Any

from music_assistant_models.media_items import MediaItem
import pytest

from homeassistant.exceptions import ServiceValidationError

from .action_helpers import (
    ALBUM,
    OLD_AND_NEW,
    REFUSALS,
    call_action,
    call_server_action,
    expect_command_timeout,
    expect_error,
    get_sent_arguments,
    start_playback,
)
from .common import Harness, run_second_server
from .server import MassServer, PlayerSet
from .server.library import LIBRARY, STREAMING
from .server.player_set import create_speaker

TRACK, BOOK = "library://track/1", "library://audiobook/1"
ADD, REMOVE = "music/favorites/add_item", "music/favorites/remove_item"
EACH = pytest.mark.parametrize(
    ("action", "command"),
    [
        ("set_favorite", ADD),
        ("add_to_library", "music/library/add_item"),
        ("remove_from_library", "music/library/remove_item"),
        ("mark_played", "music/mark_played"),
        ("mark_unplayed", "music/mark_unplayed"),
        ("refresh_item", "music/refresh_item"),
        ("match_providers", "music/match_providers"),
    ],
)


async def call_for_items(
    harness: Harness, action: str, player_id: str | None = None, **data: Any
) -> Any:
    """Call an action, and return the items of its response."""
    entity_id = {"entity_id": harness.get_entity_id(player_id)} if player_id else {}
    answer = await call_server_action(harness, action, **entity_id, **data)
    assert answer and answer.keys() == {"items"}
    return answer["items"]


def get_item(server: MassServer, uri: str, favorite: bool = False) -> MediaItem:
    """Return an item of the server, optionally with a changed favorite flag."""
    found = server.library.get_item(uri)
    found.favorite = favorite
    return found


@pytest.fixture
def elsewhere(server: MassServer) -> MediaItem:
    """Return a track that isn't in the library."""
    return next(
        found
        for _, found in server.library.get_provider_items(STREAMING)
        if found.provider != LIBRARY and found.media_type == "track"
    )


# What goes wrong with any of them


@EACH
@REFUSALS
async def test_server_errors(
    harness: Harness, server: MassServer, *, action: str, command: str, code: int, key: str
) -> None:
    """The server's errors are raised with their reason."""
    get_item(server, TRACK)
    server.faults.fail_command(command, code, f"Invalid command: {command}")
    await expect_error(key, call_action(harness, action, None, media_id=TRACK))


@EACH
async def test_command_timeout(
    harness: Harness, server: MassServer, action: str, command: str
) -> None:
    """A server that doesn't answer is an error after the timeout."""
    get_item(server, TRACK)
    await expect_command_timeout(
        server, command, call_action(harness, action, None, media_id=TRACK)
    )


@EACH
@pytest.mark.parametrize(
    ("media_id", "key"),
    [
        ("library://track/99999", "media_not_found"),
        ("No such thing anywhere", "nothing_found"),
    ],
)
async def test_unknown_item(
    harness: Harness, action: str, command: str, media_id: str, key: str
) -> None:
    """An unknown item is an error."""
    await expect_error(key, call_action(harness, action, None, media_id=media_id))


@EACH
async def test_similar_name_is_not_changed(
    harness: Harness, server: MassServer, action: str, command: str
) -> None:
    """An item whose name is only similar isn't changed."""
    station = server.library.get_item("library://radio/1")
    station.name = "Harbour FM"
    asked = call_action(harness, action, None, media_id="Harbour", media_type="radio")
    await expect_error("nothing_found_nearest", asked, name="Harbour", nearest="Harbour FM")
    assert not get_sent_arguments(server, command)


@EACH
async def test_folder_is_refused(
    harness: Harness, server: MassServer, action: str, command: str
) -> None:
    """A folder is an error."""
    asked = call_action(harness, action, None, media_id="library://folder/x")
    await expect_error("media_not_found", asked)


@EACH
async def test_target_or_media_is_required(
    harness: Harness, action: str, command: str, subtests: pytest.Subtests
) -> None:
    """Exactly one of target and media is required."""
    wrong: list[dict[str, Any]] = [
        {},
        {"media_type": "track"},
        {"media_id": TRACK, "entity_id": "media_player.kuche"},
        {"media_id": TRACK, "entity": "media_player.kuche"},
        {"media_type": "track", "area_id": "kitchen"},
        {"config_entry_id": "x", "entity_id": "media_player.kuche"},
    ]
    for data in wrong:
        with subtests.test(str(data)):
            await expect_error("players_or_music", call_action(harness, action, None, **data))
            assert not get_sent_arguments(harness.server, command)


@EACH
async def test_empty_media_list(harness: Harness, action: str, command: str) -> None:
    """An empty list of media is an error."""
    with pytest.raises(ServiceValidationError):
        await call_action(harness, action, None, media_id=[])


@EACH
async def test_player_without_current_item(
    harness: Harness, server: MassServer, action: str, command: str
) -> None:
    """A player without a current item is an error."""
    await expect_error("nothing_playing", call_action(harness, action, "kueche"), player="Küche")
    assert not get_sent_arguments(server, command)


@EACH
async def test_current_item_was_removed(
    harness: Harness, server: MassServer, action: str, command: str
) -> None:
    """A current item that was removed from the library is handled."""
    start_playback(server)
    await harness.wait_for_events()
    for uri in server.library.remove_from_library(server.library.get_item(ALBUM)):
        assert server.library.get(uri) is None
    await expect_error("media_not_found", call_action(harness, action, "kueche"))


async def test_targets_of_two_servers(harness: Harness) -> None:
    """Players of two servers can't be combined."""
    player_set = PlayerSet([create_speaker("Elsewhere", "elsewhere")])
    async with run_second_server(harness.hass, player_set=player_set) as other:
        targets = [harness.get_entity_id("kueche"), harness.get_entity_id("elsewhere")]
        await expect_error(
            "several_servers", call_action(harness, "set_favorite", None, entity_id=targets)
        )
        with pytest.raises(ServiceValidationError):  # which server?
            await call_action(harness, "set_favorite", None, media_id=TRACK)
        theirs = {"media_id": TRACK, "config_entry_id": other.entry.entry_id}
        await call_action(harness, "set_favorite", None, **theirs)
        assert (
            get_sent_arguments(other.server, ADD) or other.server.library.get_item(TRACK).favorite
        )
        assert not get_sent_arguments(harness.server, ADD)


# Favourites


@OLD_AND_NEW
@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        (False, {}, True),
        (False, {"favorite": "on"}, True),
        (False, {"favorite": True}, True),
        (True, {"favorite": "on"}, True),
        (True, {"favorite": "off"}, False),
        (True, {"favorite": False}, False),
        (False, {"favorite": "off"}, False),
        (False, {"favorite": "toggle"}, True),
        (True, {"favorite": "toggle"}, False),
    ],
)
async def test_set_favorite(
    harness: Harness, server: MassServer, *, before: bool, wanted: dict[str, Any], after: bool
) -> None:
    """An item is added to or removed from the favorites, and the response has the result."""
    liked = get_item(server, BOOK, before)
    (told,) = await call_for_items(harness, "set_favorite", media_id=BOOK, **wanted)
    assert (told["uri"], told["media_type"], told["name"]) == (BOOK, "audiobook", liked.name)
    assert told["favorite"] is liked.favorite is after
    assert len(get_sent_arguments(server, ADD) + get_sent_arguments(server, REMOVE)) == (
        before is not after
    )


async def test_set_favorite_of_current_items(harness: Harness, server: MassServer) -> None:
    """The current items of players are used, each once."""
    start_playback(server)
    start_playback(server, "living_room")
    start_playback(server, "cinema", "library://radio/1")
    await harness.wait_for_events()
    playing = get_item(server, server.queue_items["kueche"][0].uri)
    station = get_item(server, "library://radio/1")
    players = [harness.get_entity_id(each) for each in ("kueche", "living_room", "cinema")]
    told = await call_for_items(harness, "set_favorite", entity_id=players)
    assert {each["uri"] for each in told} == {playing.uri, station.uri}
    assert playing.favorite and station.favorite
    assert len(get_sent_arguments(server, ADD)) == 2
    await call_action(
        harness, "unfavorite_current_item", None, entity=harness.get_entity_id("kueche")
    )
    assert playing.favorite is False
    assert station.favorite
    await call_action(
        harness, "unfavorite_current_item", None, entity=harness.get_entity_id("kueche")
    )
    assert len(get_sent_arguments(server, REMOVE)) == 1


async def test_set_favorite_adds_to_library(
    harness: Harness, server: MassServer, elsewhere: MediaItem
) -> None:
    """A provider's item is added to the library, and the response has its new URI."""
    before = elsewhere.uri
    (told,) = await call_for_items(harness, "set_favorite", media_id=before, favorite="off")
    assert (told["uri"], told["favorite"]) == (before, None)
    assert not get_sent_arguments(server, REMOVE)
    (told,) = await call_for_items(harness, "set_favorite", media_id=before)
    assert told["uri"] == elsewhere.uri != before
    assert told["favorite"] is True


async def test_set_favorite_by_names(harness: Harness, server: MassServer) -> None:
    """Several items can be given, also by name."""
    names = ["Harbour FM", "library://radio/2"]
    for uri in ("library://radio/1", "library://radio/2"):
        get_item(server, uri)
    told = await call_for_items(harness, "set_favorite", media_id=names, media_type="radio")
    assert [each["uri"] for each in told] == ["library://radio/1", "library://radio/2"]


@pytest.mark.parametrize("favorite", ["perhaps", 2, ["on"]])
async def test_invalid_favorite_value(harness: Harness, favorite: object) -> None:
    """Only on, off and toggle are valid."""
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "set_favorite", None, media_id=TRACK, favorite=favorite)


# The library


async def test_add_to_and_remove_from_library(
    harness: Harness, server: MassServer, elsewhere: MediaItem
) -> None:
    """An item is added to the library and removed."""
    before = elsewhere.uri
    (told,) = await call_for_items(harness, "add_to_library", media_id=before)
    assert told["uri"] == elsewhere.uri
    assert elsewhere.provider == LIBRARY
    await call_action(harness, "remove_from_library", None, media_id=told["uri"])
    assert elsewhere.uri == before
    await expect_error(
        "not_in_library",
        call_action(harness, "remove_from_library", None, media_id=[TRACK, before]),
        name=elsewhere.name,
    )
    assert server.library.get(TRACK), "nothing is removed if one can't be"


@pytest.mark.parametrize(("data", "recursive"), [({}, True), ({"recursive": False}, False)])
async def test_remove_with_children(
    harness: Harness, server: MassServer, data: dict[str, Any], recursive: bool
) -> None:
    """The children of an item are removed too, unless disabled."""
    removal = call_action(harness, "remove_from_library", None, media_id=ALBUM, **data)
    await (removal if recursive else expect_error("command_failed", removal))
    assert (server.library.get(ALBUM) is None) is recursive
    assert [
        args["recursive"] for args in get_sent_arguments(server, "music/library/remove_item")
    ] == [recursive]


# The play log


@pytest.mark.parametrize(("data", "fully"), [({}, True), ({"fully_played": False}, False)])
async def test_mark_played_and_unplayed(
    harness: Harness, server: MassServer, data: dict[str, Any], fully: bool
) -> None:
    """An item is marked as played, fully or not, and as unplayed."""
    book: Any = get_item(server, BOOK)
    book.fully_played = not fully
    await call_action(harness, "mark_played", None, media_id=BOOK, **data)
    assert book.fully_played is fully
    (written,) = [each for each in server.library.plays if each.item is book][-1:]
    assert (written.fully_played, written.user_id) == (
        fully,
        server.accounts.get_user("demo").user_id,
    )
    await call_action(harness, "mark_unplayed", None, media_id=BOOK)
    assert book.fully_played is False
    assert not [each for each in server.library.plays if each.item is book]


async def test_mark_current_item_played(harness: Harness, server: MassServer) -> None:
    """The current item can be marked, including an episode."""
    start_playback(server, uri="library://podcast/1")
    await harness.wait_for_events()
    await call_action(harness, "mark_played", "kueche")
    (args,) = get_sent_arguments(server, "music/mark_played")
    assert args["media_item"]["uri"] == server.queue_items["kueche"][0].uri
    assert args["media_item"]["media_type"] == "podcast_episode"


# Read and find again


@OLD_AND_NEW
async def test_refresh_item(harness: Harness, server: MassServer) -> None:
    """Items are read again by the server and returned."""
    (told,) = await call_for_items(harness, "refresh_item", media_id=TRACK)
    assert told["uri"] == TRACK
    (sent,) = get_sent_arguments(server, "music/refresh_item")
    assert sent["media_item"]["uri"] == TRACK


@pytest.mark.parametrize("schema_version", [46, 98])
async def test_match_providers(harness: Harness, server: MassServer, elsewhere: MediaItem) -> None:
    """All providers are searched for items of the library; for others nothing is."""
    both = [TRACK, str(elsewhere.uri)]
    await expect_error(
        "not_in_library", call_action(harness, "match_providers", None, media_id=both)
    )
    assert not get_sent_arguments(server, "music/match_providers")
    await call_action(harness, "match_providers", None, media_id=TRACK)
    (sent,) = get_sent_arguments(server, "music/match_providers")
    assert (sent["media_type"], sent["db_id"]) == ("track", TRACK.rpartition("/")[2])
    mappings = server.library.get_item(TRACK).provider_mappings
    assert STREAMING.instance_id in {mapping.provider_instance for mapping in mappings}


@pytest.mark.parametrize("schema_version", [28])
async def test_match_providers_of_older_server(harness: Harness) -> None:
    """A server that can't is told so."""
    await expect_error(
        "server_too_old_for_command",
        call_action(harness, "match_providers", None, media_id=TRACK),
    )
