"""The favourite switch: its state is true, whoever changes it and however the server tells."""

import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.players.favorites import addresses, adopt, like
from homeassistant.const import ATTR_ENTITY_ID, STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .common import House, until

KITCHEN = "kueche"
ALBUM = "library://album/1"
# a server that tells by the item, and one that tells each user of their own favourites
SCHEMAS = pytest.mark.parametrize("schema_version", [46, 98])


def switch_id(house: House, player_id: str = KITCHEN) -> str:
    """Return the switch of a player."""
    registry = er.async_get(house.hass)
    entity_id = registry.async_get_entity_id("switch", DOMAIN, f"{player_id}_favorite")
    assert entity_id
    return entity_id


def shown(house: House, player_id: str = KITCHEN) -> str | None:
    """Return its state."""
    state = house.hass.states.get(switch_id(house, player_id))
    return state.state if state else None


async def turn(house: House, to: str) -> None:
    """Use the switch, and wait until it is told."""
    target = {ATTR_ENTITY_ID: switch_id(house)}
    await house.hass.services.async_call("switch", f"turn_{to}", blocking=True, target=target)
    await house.caught_up()


async def play(house: House, what: str) -> None:
    """Play something in the kitchen."""
    await house.call("play_media", KITCHEN, media_content_id=what, media_content_type="track")
    await house.caught_up()


def a_track(house: House, *, liked: bool) -> str:
    """Return the URI of a track of the library."""
    library = house.server.library
    for number in range(1, 100):
        found = library.get(f"library://track/{number}")
        if found and bool(found.favorite) is liked and found.uri:
            return found.uri
    raise LookupError


@SCHEMAS
async def test_on_and_off(house: House) -> None:
    """What plays becomes a favourite, and is one no more; a press of the button shows, too."""
    assert shown(house) == STATE_UNAVAILABLE  # nothing plays that could be one
    uri = a_track(house, liked=False)
    await play(house, uri)
    assert shown(house) == STATE_OFF
    await turn(house, "on")
    item = house.server.library.get(uri)
    assert shown(house) == STATE_ON
    assert item and item.favorite
    await turn(house, "off")
    assert shown(house) == STATE_OFF
    assert not item.favorite
    await house.coordinator.mass.players.add_currently_playing_to_favorites(KITCHEN)
    await house.caught_up()
    assert shown(house) == STATE_ON


@SCHEMAS
async def test_of_a_group(house: House) -> None:
    """Who plays along shows the same."""
    await play(house, a_track(house, liked=False))
    await house.coordinator.mass.players.group("buero", KITCHEN)
    await house.caught_up()
    assert shown(house, "buero") == STATE_OFF
    await turn(house, "on")
    assert shown(house, "buero") == STATE_ON


@SCHEMAS
async def test_not_in_the_library(house: House) -> None:
    """What a provider plays is taken into the library first, and known by its address there."""
    uri = not_in_library(house)
    await play(house, uri)
    assert shown(house) == STATE_OFF
    await turn(house, "off")  # nothing to do
    await turn(house, "on")
    assert shown(house) == STATE_ON
    await turn(house, "off")
    assert shown(house) == STATE_OFF


def not_in_library(house: House) -> str:
    """Return the URI of a track that only a provider has."""
    found = house.server.library.get(a_track(house, liked=False))
    assert found
    provider = min(one.provider_instance for one in found.provider_mappings)
    mapping = next(one for one in found.provider_mappings if one.provider_instance == provider)
    house.server.library.remove(found, recursive=False)
    return f"{provider}://track/{mapping.item_id}"


async def test_deleted(house: House) -> None:
    """What is taken out of the library is no favourite any more."""
    await play(house, a_track(house, liked=True))
    assert shown(house) == STATE_ON
    favorite = house.coordinator.data[KITCHEN].favorite
    assert favorite
    number = favorite.uri.rpartition("/")[2]
    await house.coordinator.mass.music.remove_item_from_library("track", number)  # type: ignore[arg-type]
    await until(lambda: shown(house) == STATE_OFF)


async def test_refused(house: House) -> None:
    """What the server refuses is told."""
    await play(house, a_track(house, liked=False))
    house.server.faults.fail("music/favorites/add_item", 999, "Disk is full")
    with pytest.raises(HomeAssistantError, match="Disk is full"):
        await turn(house, "on")
    assert shown(house) == STATE_OFF


async def test_next_one(house: House) -> None:
    """The switch is that of what plays now."""
    await play(house, a_track(house, liked=True))
    assert shown(house) == STATE_ON
    await play(house, a_track(house, liked=False))
    assert shown(house) == STATE_OFF
    assert not list(house.coordinator._likable.concerned(a_track(house, liked=True)))


def test_nothing_there() -> None:
    """Where nothing plays any more there is nothing to note."""
    adopt(None, {})
    like(None, True)
    assert [*addresses({"uri": "library://track/1"})] == ["library://track/1"]
