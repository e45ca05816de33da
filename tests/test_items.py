"""Actions on items: favourites, the library, the play log."""

from typing import Any

from music_assistant_models.media_items import MediaItem
import probatio
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
    ],
)


async def ask(harness: Harness, action: str, player_id: str | None = None, **data: Any) -> Any:
    """Call an action, and return the items that it answers with."""
    entity_id = {"entity_id": harness.get_entity_id(player_id)} if player_id else {}
    answer = await call_server_action(harness, action, **entity_id, **data)
    assert answer and answer.keys() == {"items"}
    return answer["items"]


def item(server: MassServer, uri: str, favorite: bool = False) -> MediaItem:
    """Return an item of the server's, and let it be a favourite or not."""
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
async def test_what_the_server_refuses(
    harness: Harness, server: MassServer, *, action: str, command: str, code: int, key: str
) -> None:
    """What the server refuses is told with its reason."""
    item(server, TRACK)
    server.faults.fail_command(command, code, reason := f"Invalid command: {command}")
    await expect_error(key, call_action(harness, action, None, media_id=TRACK), error=reason)


@EACH
async def test_no_answer(harness: Harness, server: MassServer, action: str, command: str) -> None:
    """A server that says nothing is not waited for forever."""
    item(server, TRACK)
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
    """What the server doesn't know is told."""
    await expect_error(key, call_action(harness, action, None, media_id=media_id))


@EACH
async def test_close_is_not_enough(
    harness: Harness, server: MassServer, action: str, command: str
) -> None:
    """What only resembles what was named isn't changed."""
    station = server.library.get_item("library://radio/1")
    station.name = "Harbour FM"
    asked = call_action(harness, action, None, media_id="Harbour", media_type="radio")
    await expect_error("nothing_found_nearest", asked, name="Harbour", nearest="Harbour FM")
    assert not get_sent_arguments(server, command)


@EACH
async def test_no_item(harness: Harness, server: MassServer, action: str, command: str) -> None:
    """A folder is no item."""
    asked = call_action(harness, action, None, media_id="library://folder/x")
    await expect_error("media_not_found", asked)


@EACH
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"media_type": "track"},
        {"media_id": TRACK, "entity_id": "media_player.kuche"},
        {"media_id": TRACK, "entity": "media_player.kuche"},
        {"media_type": "track", "area_id": "kitchen"},
        {"config_entry_id": "x", "entity_id": "media_player.kuche"},
    ],
)
async def test_players_or_names(
    harness: Harness, action: str, command: str, data: dict[str, Any]
) -> None:
    """Either players or music are named, and not both."""
    await expect_error("players_or_music", call_action(harness, action, None, **data))
    assert not get_sent_arguments(harness.server, command)


@EACH
async def test_names_of_nothing(harness: Harness, action: str, command: str) -> None:
    """Where music is named, there is some."""
    with pytest.raises(probatio.Invalid):
        await call_action(harness, action, None, media_id=[])


@EACH
async def test_nothing_plays(
    harness: Harness, server: MassServer, action: str, command: str
) -> None:
    """A player that plays nothing is told."""
    await expect_error("nothing_playing", call_action(harness, action, "kueche"), player="Küche")
    assert not get_sent_arguments(server, command)


@EACH
async def test_gone_meanwhile(
    harness: Harness, server: MassServer, action: str, command: str
) -> None:
    """What plays may be gone from the library already."""
    start_playback(server)
    await harness.wait_for_events()
    for uri in server.library.remove_from_library(server.library.get_item(ALBUM)):
        assert server.library.get(uri) is None
    await expect_error("media_not_found", call_action(harness, action, "kueche"))


async def test_players_of_two_servers(harness: Harness) -> None:
    """Music of two servers isn't mixed."""
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
async def test_favorite(
    harness: Harness, server: MassServer, *, before: bool, wanted: dict[str, Any], after: bool
) -> None:
    """An item becomes a favourite or isn't one any more, and the answer says which."""
    liked = item(server, BOOK, before)
    (told,) = await ask(harness, "set_favorite", media_id=BOOK, **wanted)
    assert (told["uri"], told["media_type"], told["name"]) == (BOOK, "audiobook", liked.name)
    assert told["favorite"] is liked.favorite is after
    assert len(get_sent_arguments(server, ADD) + get_sent_arguments(server, REMOVE)) == (
        before is not after
    )


async def test_what_plays_as_favorite(harness: Harness, server: MassServer) -> None:
    """What plays on players is meant, each item once."""
    start_playback(server)
    start_playback(server, "living_room")
    start_playback(server, "cinema", "library://radio/1")
    await harness.wait_for_events()
    playing = item(server, server.queue_items["kueche"][0].uri)
    station = item(server, "library://radio/1")
    players = [harness.get_entity_id(each) for each in ("kueche", "living_room", "cinema")]
    told = await ask(harness, "set_favorite", entity_id=players)
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


async def test_favorite_of_a_provider(
    harness: Harness, server: MassServer, elsewhere: MediaItem
) -> None:
    """What becomes a favourite is in the library then, and told so."""
    before = elsewhere.uri
    (told,) = await ask(harness, "set_favorite", media_id=before, favorite="off")
    assert (told["uri"], told["favorite"]) == (before, None)
    assert not get_sent_arguments(server, REMOVE)
    (told,) = await ask(harness, "set_favorite", media_id=before)
    assert told["uri"] == elsewhere.uri != before
    assert told["favorite"] is True


async def test_several_favorites_by_name(harness: Harness, server: MassServer) -> None:
    """Several are named at once, by names too."""
    names = ["Harbour FM", "library://radio/2"]
    for uri in ("library://radio/1", "library://radio/2"):
        item(server, uri)
    told = await ask(harness, "set_favorite", media_id=names, media_type="radio")
    assert [each["uri"] for each in told] == ["library://radio/1", "library://radio/2"]


@pytest.mark.parametrize("favorite", ["perhaps", 2, None, ["on"]])
async def test_no_favorite(harness: Harness, favorite: object) -> None:
    """On, off and toggle are all there is."""
    with pytest.raises(probatio.Invalid):
        await call_action(harness, "set_favorite", None, media_id=TRACK, favorite=favorite)


# The library


async def test_library(harness: Harness, server: MassServer, elsewhere: MediaItem) -> None:
    """An item is taken into the library and out of it again."""
    before = elsewhere.uri
    (told,) = await ask(harness, "add_to_library", media_id=before)
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
async def test_remove_with_contents(
    harness: Harness, server: MassServer, data: dict[str, Any], recursive: bool
) -> None:
    """What belongs to an item goes with it, unless otherwise said."""
    removal = call_action(harness, "remove_from_library", None, media_id=ALBUM, **data)
    await (removal if recursive else expect_error("command_failed", removal))
    assert (server.library.get(ALBUM) is None) is recursive
    assert [
        args["recursive"] for args in get_sent_arguments(server, "music/library/remove_item")
    ] == [recursive]


# The play log


@pytest.mark.parametrize(("data", "fully"), [({}, True), ({"fully_played": False}, False)])
async def test_played(
    harness: Harness, server: MassServer, data: dict[str, Any], fully: bool
) -> None:
    """An item counts as played, to its end or not, and then as unplayed."""
    book: Any = item(server, BOOK)
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


async def test_what_plays_is_played(harness: Harness, server: MassServer) -> None:
    """What plays can be marked, an episode too, of which the queue knows only a part."""
    start_playback(server, uri="library://podcast/1")
    await harness.wait_for_events()
    await call_action(harness, "mark_played", "kueche")
    (args,) = get_sent_arguments(server, "music/mark_played")
    assert args["media_item"]["uri"] == server.queue_items["kueche"][0].uri
    assert args["media_item"]["media_type"] == "podcast_episode"
