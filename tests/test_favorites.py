"""The favorite switch."""

import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.players.favorites import (
    convert_to_library_item,
    get_library_item_uris,
    set_favorite,
)
from homeassistant.const import ATTR_ENTITY_ID, STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.helpers import entity_registry as er

from .action_helpers import expect_error
from .common import Harness, wait_until

pytestmark = pytest.mark.usefixtures("all_enabled")

KITCHEN = "kueche"
ALBUM = "library://album/1"
# a server that tells by the item, and one that tells each user of their own favourites
SCHEMAS = pytest.mark.parametrize("schema_version", [46, 98])


def get_switch_id(harness: Harness, player_id: str = KITCHEN) -> str:
    """Return the switch of a player."""
    registry = er.async_get(harness.hass)
    entity_id = registry.async_get_entity_id("switch", DOMAIN, f"{player_id}_favorite")
    assert entity_id
    return entity_id


def get_switch_state(harness: Harness, player_id: str = KITCHEN) -> str | None:
    """Return the state of the switch."""
    state = harness.hass.states.get(get_switch_id(harness, player_id))
    return state.state if state else None


async def set_switch(harness: Harness, to: str) -> None:
    """Turn the switch on or off, and wait for its state."""
    target = {ATTR_ENTITY_ID: get_switch_id(harness)}
    await harness.hass.services.async_call("switch", f"turn_{to}", blocking=True, target=target)
    await harness.wait_for_events()


async def play_media(harness: Harness, what: str) -> None:
    """Play something in the kitchen."""
    await harness.call_action(
        "play_media", KITCHEN, media_content_id=what, media_content_type="track"
    )
    await harness.wait_for_events()


def find_track(harness: Harness, *, liked: bool) -> str:
    """Return the URI of a track of the library."""
    library = harness.server.library
    for number in range(1, 100):
        found = library.get(f"library://track/{number}")
        if found and bool(found.favorite) is liked and found.uri:
            return found.uri
    raise LookupError


@SCHEMAS
async def test_switch_and_button(harness: Harness) -> None:
    """The switch and the button change the favorite, and the state follows."""
    assert get_switch_state(harness) == STATE_UNAVAILABLE  # nothing plays that could be one
    uri = find_track(harness, liked=False)
    await play_media(harness, uri)
    assert get_switch_state(harness) == STATE_OFF
    await set_switch(harness, "on")
    item = harness.server.library.get(uri)
    assert get_switch_state(harness) == STATE_ON
    assert item and item.favorite
    await set_switch(harness, "off")
    assert get_switch_state(harness) == STATE_OFF
    assert not item.favorite
    await harness.coordinator.mass.players.add_currently_playing_to_favorites(KITCHEN)
    await harness.wait_for_events()
    assert get_switch_state(harness) == STATE_ON


@SCHEMAS
async def test_group_members_have_same_state(harness: Harness) -> None:
    """Members of a group have the state of the leader."""
    await play_media(harness, find_track(harness, liked=False))
    await harness.coordinator.mass.players.group("buero", KITCHEN)
    await harness.wait_for_events()
    assert get_switch_state(harness, "buero") == STATE_OFF
    await set_switch(harness, "on")
    assert get_switch_state(harness, "buero") == STATE_ON


@SCHEMAS
async def test_favorite_is_added_to_library(harness: Harness) -> None:
    """A provider's item is added to the library first, and has its address there."""
    uri = not_in_library(harness)
    await play_media(harness, uri)
    assert get_switch_state(harness) == STATE_OFF
    await set_switch(harness, "off")  # nothing to do
    await set_switch(harness, "on")
    assert get_switch_state(harness) == STATE_ON
    await set_switch(harness, "off")
    assert get_switch_state(harness) == STATE_OFF


def not_in_library(harness: Harness) -> str:
    """Return the URI of a track that only a provider has."""
    found = harness.server.library.get(find_track(harness, liked=False))
    assert found
    provider = min(one.provider_instance for one in found.provider_mappings)
    mapping = next(one for one in found.provider_mappings if one.provider_instance == provider)
    harness.server.library.remove_from_library(found, recursive=False)
    return f"{provider}://track/{mapping.item_id}"


async def test_item_removed_from_library(harness: Harness) -> None:
    """An item that is removed from the library is no favorite."""
    await play_media(harness, find_track(harness, liked=True))
    assert get_switch_state(harness) == STATE_ON
    favorite = harness.coordinator.data[KITCHEN].favorite
    assert favorite
    number = favorite.uri.rpartition("/")[2]
    await harness.coordinator.mass.music.remove_item_from_library("track", number)  # type: ignore[arg-type]
    await wait_until(lambda: get_switch_state(harness) == STATE_OFF)


async def test_server_error(harness: Harness) -> None:
    """The server's error is raised."""
    await play_media(harness, find_track(harness, liked=False))
    harness.server.faults.fail_command("music/favorites/add_item", 999, "Disk is full")
    await expect_error("command_failed", set_switch(harness, "on"))
    assert get_switch_state(harness) == STATE_OFF


async def test_switch_follows_current_item(harness: Harness) -> None:
    """The switch is that of the current item."""
    await play_media(harness, find_track(harness, liked=True))
    assert get_switch_state(harness) == STATE_ON
    await play_media(harness, find_track(harness, liked=False))
    assert get_switch_state(harness) == STATE_OFF
    assert not list(
        harness.coordinator.store.playing.get_dependents(find_track(harness, liked=True))
    )


def test_no_current_item() -> None:
    """Without a current item there is no favorite."""
    convert_to_library_item(None, {})
    set_favorite(None, True)
    assert [*get_library_item_uris({"uri": "library://track/1"})] == ["library://track/1"]
