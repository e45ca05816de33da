"""Areas of new players."""

import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entry.areas import find_area
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er

from .common import create_entry, wait_until
from .server import MassServer
from .server.player_set import create_speaker


@pytest.mark.parametrize(
    ("areas", "name", "expected"),
    [
        ({}, "Kitchen", None),
        ({"Kitchen": set()}, "Kitchen", "Kitchen"),
        ({"kitchen": set()}, "KITCHEN speaker", "kitchen"),
        ({"Kitchen": set()}, "Speaker (Kitchen)", "Kitchen"),
        ({"Bath": set()}, "Bathroom speaker", None),
        ({"Living": set(), "Living Room": set()}, "Living Room TV", "Living Room"),
        ({"Kitchen": set(), "Conservatory": set()}, "Kitchen and Conservatory", None),
        ({"Bath": set(), "Hall": set()}, "Bath and Hall", None),
        ({"Kitchen": {"Küche", "Cuisine"}}, "Küche Sonos", "Kitchen"),
        ({"Kitchen": {"Big Kitchen", "Diner"}}, "Diner (Big Kitchen)", "Kitchen"),
        ({"Kitchen": {"  "}}, "Sonos", None),
        ({"C++": set()}, "C++ box", "C++"),
        ({"Office": set()}, "", None),
    ],
)
async def test_area_in_name(
    hass: HomeAssistant, areas: dict[str, set[str]], name: str, expected: str | None
) -> None:
    """The longest area whose name or alias is in the name is found."""
    for area, aliases in areas.items():
        ar.async_get(hass).async_create(area, aliases=aliases)
    found = find_area(hass, name)
    assert (found.name if found else None) == expected


async def test_new_players_get_areas(hass: HomeAssistant, server: MassServer) -> None:
    """Only new devices get one, only areas that exist, and what a user chose stays."""
    areas = ar.async_get(hass)
    living_room = areas.async_create("Living Room")
    entry = create_entry(server)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    def get_area(player_id: str) -> str | None:
        device = dr.async_get(hass).async_get_device_by_identifier(
            (DOMAIN, player_id), entry.entry_id
        )
        assert device
        return device.area_id

    assert get_area("living_room") == living_room.id
    assert get_area("buero") is None
    office = areas.async_create("Büro")
    server.add_player(create_speaker("Büro links", "left"))
    await wait_until(lambda: er.async_get(hass).async_get_entity_id("media_player", DOMAIN, "left"))
    assert get_area("left") == office.id
    registry = er.async_get(hass)
    entity_ids = [
        entity.entity_id
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.unique_id.startswith(("living_room", "left"))
    ]
    assert "media_player.living_room" in entity_ids
    assert "media_player.buro_links" in entity_ids
    prefixes = ("living_room_living_room", "buro_buro")
    assert not [id_ for id_ in entity_ids if id_.split(".")[1].startswith(prefixes)]
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, "left"), entry.entry_id)
    assert device
    dr.async_get(hass).async_update_device(device.id, area_id=None)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert get_area("buero") is None
    assert get_area("left") is None
    assert {area.name for area in areas.async_list_areas()} == {"Living Room", "Büro"}
