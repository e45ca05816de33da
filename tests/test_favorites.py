"""The favourite switch: its state is true, whoever changes it and however the server tells."""

import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.players.favorites import (
    convert_to_library_item,
    get_library_item_uris,
    set_favorite,
)
from homeassistant.const import ATTR_ENTITY_ID, STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .common import Harness, wait_until

KITCHEN = "kueche"
ALBUM = "library://album/1"
# a server that tells by the item, and one that tells each user of their own favourites
SCHEMAS = pytest.mark.parametrize("schema_version", [46, 98])


def switch_id(harness: Harness, player_id: str = KITCHEN) -> str:
    """Return the switch of a player."""
    registry = er.async_get(harness.hass)
    entity_id = registry.async_get_entity_id("switch", DOMAIN, f"{player_id}_favorite")
    assert entity_id
    return entity_id


def shown(harness: Harness, player_id: str = KITCHEN) -> str | None:
    """Return its state."""
    state = harness.hass.states.get(switch_id(harness, player_id))
    return state.state if state else None


async def turn(harness: Harness, to: str) -> None:
    """Use the switch, and wait until it is told."""
    target = {ATTR_ENTITY_ID: switch_id(harness)}
    await harness.hass.services.async_call("switch", f"turn_{to}", blocking=True, target=target)
    await harness.wait_for_events()


async def play(harness: Harness, what: str) -> None:
    """Play something in the kitchen."""
    await harness.call_action(
        "play_media", KITCHEN, media_content_id=what, media_content_type="track"
    )
    await harness.wait_for_events()


def a_track(harness: Harness, *, liked: bool) -> str:
    """Return the URI of a track of the library."""
    library = harness.server.library
    for number in range(1, 100):
        found = library.get(f"library://track/{number}")
        if found and bool(found.favorite) is liked and found.uri:
            return found.uri
    raise LookupError


@SCHEMAS
async def test_on_and_off(harness: Harness) -> None:
    """What plays becomes a favourite, and is one no more; a press of the button shows, too."""
    assert shown(harness) == STATE_UNAVAILABLE  # nothing plays that could be one
    uri = a_track(harness, liked=False)
    await play(harness, uri)
    assert shown(harness) == STATE_OFF
    await turn(harness, "on")
    item = harness.server.library.get(uri)
    assert shown(harness) == STATE_ON
    assert item and item.favorite
    await turn(harness, "off")
    assert shown(harness) == STATE_OFF
    assert not item.favorite
    await harness.coordinator.mass.players.add_currently_playing_to_favorites(KITCHEN)
    await harness.wait_for_events()
    assert shown(harness) == STATE_ON


@SCHEMAS
async def test_of_a_group(harness: Harness) -> None:
    """Who plays along shows the same."""
    await play(harness, a_track(harness, liked=False))
    await harness.coordinator.mass.players.group("buero", KITCHEN)
    await harness.wait_for_events()
    assert shown(harness, "buero") == STATE_OFF
    await turn(harness, "on")
    assert shown(harness, "buero") == STATE_ON


@SCHEMAS
async def test_not_in_the_library(harness: Harness) -> None:
    """What a provider plays is taken into the library first, and known by its address there."""
    uri = not_in_library(harness)
    await play(harness, uri)
    assert shown(harness) == STATE_OFF
    await turn(harness, "off")  # nothing to do
    await turn(harness, "on")
    assert shown(harness) == STATE_ON
    await turn(harness, "off")
    assert shown(harness) == STATE_OFF


def not_in_library(harness: Harness) -> str:
    """Return the URI of a track that only a provider has."""
    found = harness.server.library.get(a_track(harness, liked=False))
    assert found
    provider = min(one.provider_instance for one in found.provider_mappings)
    mapping = next(one for one in found.provider_mappings if one.provider_instance == provider)
    harness.server.library.remove_from_library(found, recursive=False)
    return f"{provider}://track/{mapping.item_id}"


async def test_deleted(harness: Harness) -> None:
    """What is taken out of the library is no favourite any more."""
    await play(harness, a_track(harness, liked=True))
    assert shown(harness) == STATE_ON
    favorite = harness.coordinator.data[KITCHEN].favorite
    assert favorite
    number = favorite.uri.rpartition("/")[2]
    await harness.coordinator.mass.music.remove_item_from_library("track", number)  # type: ignore[arg-type]
    await wait_until(lambda: shown(harness) == STATE_OFF)


async def test_refused(harness: Harness) -> None:
    """What the server refuses is told."""
    await play(harness, a_track(harness, liked=False))
    harness.server.faults.fail_command("music/favorites/add_item", 999, "Disk is full")
    with pytest.raises(HomeAssistantError, match="Disk is full"):
        await turn(harness, "on")
    assert shown(harness) == STATE_OFF


async def test_next_one(harness: Harness) -> None:
    """The switch is that of what plays now."""
    await play(harness, a_track(harness, liked=True))
    assert shown(harness) == STATE_ON
    await play(harness, a_track(harness, liked=False))
    assert shown(harness) == STATE_OFF
    assert not list(harness.coordinator.store.playing.get_dependents(a_track(harness, liked=True)))


def test_nothing_there() -> None:
    """Where nothing plays any more there is nothing to note."""
    convert_to_library_item(None, {})
    set_favorite(None, True)
    assert [*get_library_item_uris({"uri": "library://track/1"})] == ["library://track/1"]
