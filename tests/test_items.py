"""Actions on items: favourites, the library, the play log."""

from typing import Any

from music_assistant_models.media_items import MediaItem
import probatio
import pytest

from homeassistant.exceptions import ServiceValidationError

from .acting import ALBUM, OLD_AND_NEW, REFUSALS, act, call, play, refused, sent, silent
from .common import House, another_house
from .server import Household, MassServer
from .server.household import speaker
from .server.library import LIBRARY, STREAMING

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


async def ask(house: House, action: str, player_id: str | None = None, **data: Any) -> Any:
    """Call an action, and return the items that it answers with."""
    entity_id = {"entity_id": house.entity_id(player_id)} if player_id else {}
    answer = await call(house, action, **entity_id, **data)
    assert answer and answer.keys() == {"items"}
    return answer["items"]


def item(server: MassServer, uri: str, favorite: bool = False) -> MediaItem:
    """Return an item of the server's, and let it be a favourite or not."""
    found = server.library.item(uri)
    found.favorite = favorite
    return found


@pytest.fixture
def elsewhere(server: MassServer) -> MediaItem:
    """Return a track that isn't in the library."""
    return next(
        found
        for _, found in server.library.items_at(STREAMING)
        if found.provider != LIBRARY and found.media_type == "track"
    )


# What goes wrong with any of them


@EACH
@REFUSALS
async def test_what_the_server_refuses(
    house: House, server: MassServer, *, action: str, command: str, code: int, key: str
) -> None:
    """What the server refuses is told with its reason."""
    item(server, TRACK)
    server.faults.fail(command, code, reason := f"Invalid command: {command}")
    await refused(key, act(house, action, None, media_id=TRACK), error=reason)


@EACH
async def test_no_answer(house: House, server: MassServer, action: str, command: str) -> None:
    """A server that says nothing is not waited for forever."""
    item(server, TRACK)
    await silent(server, command, act(house, action, None, media_id=TRACK))


@EACH
@pytest.mark.parametrize(
    ("media_id", "key"),
    [
        ("library://track/99999", "media_not_found"),
        ("No such thing anywhere", "nothing_found"),
    ],
)
async def test_unknown_item(
    house: House, action: str, command: str, media_id: str, key: str
) -> None:
    """What the server doesn't know is told."""
    await refused(key, act(house, action, None, media_id=media_id))


@EACH
async def test_close_is_not_enough(
    house: House, server: MassServer, action: str, command: str
) -> None:
    """What only resembles what was named isn't changed."""
    station = server.library.item("library://radio/1")
    station.name = "Harbour FM"
    asked = act(house, action, None, media_id="Harbour", media_type="radio")
    await refused("nothing_found_nearest", asked, name="Harbour", nearest="Harbour FM")
    assert not sent(server, command)


@EACH
async def test_no_item(house: House, server: MassServer, action: str, command: str) -> None:
    """A folder is no item."""
    asked = act(house, action, None, media_id="library://folder/x")
    await refused("media_not_found", asked)


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
    house: House, action: str, command: str, data: dict[str, Any]
) -> None:
    """Either players or music are named, and not both."""
    await refused("players_or_music", act(house, action, None, **data))
    assert not sent(house.server, command)


@EACH
async def test_names_of_nothing(house: House, action: str, command: str) -> None:
    """Where music is named, there is some."""
    with pytest.raises(probatio.Invalid):
        await act(house, action, None, media_id=[])


@EACH
async def test_nothing_plays(house: House, server: MassServer, action: str, command: str) -> None:
    """A player that plays nothing is told."""
    await refused("nothing_playing", act(house, action, "kueche"), player="Küche")
    assert not sent(server, command)


@EACH
async def test_gone_meanwhile(house: House, server: MassServer, action: str, command: str) -> None:
    """What plays may be gone from the library already."""
    play(server)
    await house.caught_up()
    for uri in server.library.remove(server.library.item(ALBUM)):
        assert server.library.get(uri) is None
    await refused("media_not_found", act(house, action, "kueche"))


async def test_players_of_two_servers(house: House) -> None:
    """Music of two servers isn't mixed."""
    household = Household([speaker("Elsewhere", "elsewhere")])
    async with another_house(house.hass, household=household) as other:
        targets = [house.entity_id("kueche"), house.entity_id("elsewhere")]
        await refused("several_servers", act(house, "set_favorite", None, entity_id=targets))
        with pytest.raises(ServiceValidationError):  # which server?
            await act(house, "set_favorite", None, media_id=TRACK)
        theirs = {"media_id": TRACK, "config_entry_id": other.entry.entry_id}
        await act(house, "set_favorite", None, **theirs)
        assert sent(other.server, ADD) or other.server.library.item(TRACK).favorite
        assert not sent(house.server, ADD)


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
    house: House, server: MassServer, *, before: bool, wanted: dict[str, Any], after: bool
) -> None:
    """An item becomes a favourite or isn't one any more, and the answer says which."""
    liked = item(server, BOOK, before)
    (told,) = await ask(house, "set_favorite", media_id=BOOK, **wanted)
    assert (told["uri"], told["media_type"], told["name"]) == (BOOK, "audiobook", liked.name)
    assert told["favorite"] is liked.favorite is after
    assert len(sent(server, ADD) + sent(server, REMOVE)) == (before is not after)


async def test_what_plays_as_favorite(house: House, server: MassServer) -> None:
    """What plays on players is meant, each item once."""
    play(server)
    play(server, "living_room")
    play(server, "cinema", "library://radio/1")
    await house.caught_up()
    playing = item(server, server.queue_items["kueche"][0].uri)
    station = item(server, "library://radio/1")
    players = [house.entity_id(each) for each in ("kueche", "living_room", "cinema")]
    told = await ask(house, "set_favorite", entity_id=players)
    assert {each["uri"] for each in told} == {playing.uri, station.uri}
    assert playing.favorite and station.favorite
    assert len(sent(server, ADD)) == 2
    await act(house, "unfavorite_current_item", None, entity=house.entity_id("kueche"))
    assert playing.favorite is False
    assert station.favorite
    await act(house, "unfavorite_current_item", None, entity=house.entity_id("kueche"))
    assert len(sent(server, REMOVE)) == 1


async def test_favorite_of_a_provider(
    house: House, server: MassServer, elsewhere: MediaItem
) -> None:
    """What becomes a favourite is in the library then, and told so."""
    before = elsewhere.uri
    (told,) = await ask(house, "set_favorite", media_id=before, favorite="off")
    assert (told["uri"], told["favorite"]) == (before, None)
    assert not sent(server, REMOVE)
    (told,) = await ask(house, "set_favorite", media_id=before)
    assert told["uri"] == elsewhere.uri != before
    assert told["favorite"] is True


async def test_several_favorites_by_name(house: House, server: MassServer) -> None:
    """Several are named at once, by names too."""
    names = ["Harbour FM", "library://radio/2"]
    for uri in ("library://radio/1", "library://radio/2"):
        item(server, uri)
    told = await ask(house, "set_favorite", media_id=names, media_type="radio")
    assert [each["uri"] for each in told] == ["library://radio/1", "library://radio/2"]


@pytest.mark.parametrize("favorite", ["perhaps", 2, None, ["on"]])
async def test_no_favorite(house: House, favorite: object) -> None:
    """On, off and toggle are all there is."""
    with pytest.raises(probatio.Invalid):
        await act(house, "set_favorite", None, media_id=TRACK, favorite=favorite)


# The library


async def test_library(house: House, server: MassServer, elsewhere: MediaItem) -> None:
    """An item is taken into the library and out of it again."""
    before = elsewhere.uri
    (told,) = await ask(house, "add_to_library", media_id=before)
    assert told["uri"] == elsewhere.uri
    assert elsewhere.provider == LIBRARY
    await act(house, "remove_from_library", None, media_id=told["uri"])
    assert elsewhere.uri == before
    await refused(
        "not_in_library",
        act(house, "remove_from_library", None, media_id=[TRACK, before]),
        name=elsewhere.name,
    )
    assert server.library.get(TRACK), "nothing is removed if one can't be"


@pytest.mark.parametrize(("data", "recursive"), [({}, True), ({"recursive": False}, False)])
async def test_remove_with_contents(
    house: House, server: MassServer, data: dict[str, Any], recursive: bool
) -> None:
    """What belongs to an item goes with it, unless otherwise said."""
    removal = act(house, "remove_from_library", None, media_id=ALBUM, **data)
    await (removal if recursive else refused("command_failed", removal))
    assert (server.library.get(ALBUM) is None) is recursive
    assert [args["recursive"] for args in sent(server, "music/library/remove_item")] == [recursive]


# The play log


@pytest.mark.parametrize(("data", "fully"), [({}, True), ({"fully_played": False}, False)])
async def test_played(house: House, server: MassServer, data: dict[str, Any], fully: bool) -> None:
    """An item counts as played, to its end or not, and then as unplayed."""
    book: Any = item(server, BOOK)
    book.fully_played = not fully
    await act(house, "mark_played", None, media_id=BOOK, **data)
    assert book.fully_played is fully
    (written,) = [each for each in server.library.plays if each.item is book][-1:]
    assert (written.fully_played, written.user_id) == (fully, server.accounts.named("demo").user_id)
    await act(house, "mark_unplayed", None, media_id=BOOK)
    assert book.fully_played is False
    assert not [each for each in server.library.plays if each.item is book]


async def test_what_plays_is_played(house: House, server: MassServer) -> None:
    """What plays can be marked, an episode too, of which the queue knows only a part."""
    play(server, uri="library://podcast/1")
    await house.caught_up()
    await act(house, "mark_played", "kueche")
    (args,) = sent(server, "music/mark_played")
    assert args["media_item"]["uri"] == server.queue_items["kueche"][0].uri
    assert args["media_item"]["media_type"] == "podcast_episode"
