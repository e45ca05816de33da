"""Candidates for groups, as the media players show them."""

from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er

from .common import Harness, run_second_server, wait_until
from .server import MassServer, PlayerSet
from .server.player_set import STREAMERS, create_speaker

NAME = "can_group_with"


def get_candidates(harness: Harness, player_id: str) -> set[str]:
    """Return the ids of the players that a player can be grouped with."""
    shown: list[str] = harness.get_state(player_id).attributes[NAME]
    assert shown == sorted(shown)
    return {harness.get_player_id(entity_id) or "" for entity_id in shown}


def get_speaker_ids(server: MassServer) -> set[str]:
    """Return the ids of the shown players of the first provider."""
    return {
        player.player_id
        for player in server.players.values()
        if player.provider == server.players["kueche"].provider and player.expose_to_ha
    }


async def test_candidates_of_provider(harness: Harness, server: MassServer) -> None:
    """A provider id stands for all of its players except the player itself."""
    all_of_them = get_speaker_ids(server)
    assert len(all_of_them) > 3
    for player_id in ("kueche", "buero"):
        assert get_candidates(harness, player_id) == all_of_them - {player_id}
    assert get_candidates(harness, "cinema") == set()


async def test_first_state_has_candidates(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """The first state of a player has all candidates."""
    states: dict[str, list[State]] = defaultdict(list)

    @callback
    def add_state(event: Event[EventStateChangedData]) -> None:
        if state := event.data["new_state"]:
            states[state.entity_id].append(state)

    hass.bus.async_listen(EVENT_STATE_CHANGED, add_state)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    harness = Harness(hass, server, entry)
    for player_id, expected in (("kueche", len(get_speaker_ids(server)) - 1), ("cinema", 0)):
        shown = states[harness.get_entity_id(player_id)]
        assert [len(state.attributes[NAME]) for state in shown] == [expected]


async def test_candidates_by_player(harness: Harness, server: MassServer) -> None:
    """Candidates can be single players; hidden ones are omitted."""
    server.update_player("cinema", can_group_with={"kueche", "tablet", "unheard_of"})
    await wait_until(lambda: get_candidates(harness, "cinema") == {"kueche"})


async def test_new_candidate(harness: Harness, server: MassServer) -> None:
    """A new player is a candidate of its provider's players."""
    server.add_player(create_speaker("Attic", "attic"))
    await wait_until(lambda: "attic" in get_candidates(harness, "kueche"))
    assert get_candidates(harness, "attic") == get_speaker_ids(server) - {"attic"}


async def test_removed_candidate(harness: Harness, server: MassServer) -> None:
    """A removed player is no candidate."""
    server.remove_player("buero")
    await wait_until(
        lambda: get_candidates(harness, "kueche") == get_speaker_ids(server) - {"kueche"}
    )


async def test_renamed_candidate(harness: Harness) -> None:
    """A renamed entity is a candidate by its new id."""
    registry = er.async_get(harness.hass)
    registry.async_update_entity(harness.get_entity_id("buero"), new_entity_id="media_player.den")
    await wait_until(lambda: "media_player.den" in harness.get_state("kueche").attributes[NAME])
    registry.async_update_entity("media_player.den", name="Den")  # nothing of it is shown here


async def test_candidates_are_not_recorded(harness: Harness) -> None:
    """The attribute is excluded from the recorder."""
    entity = harness.hass.data[MEDIA_PLAYER_DOMAIN].get_entity(harness.get_entity_id("kueche"))
    assert NAME in entity._state_info["unrecorded_attributes"]


async def test_first_state_after_restart(harness: Harness, server: MassServer) -> None:
    """Known players are candidates in the first state after a restart."""
    entries = harness.hass.config_entries
    await entries.async_unload(harness.entry.entry_id)
    states: list[Event[EventStateChangedData]] = []

    @callback
    def add_state(event: Event[EventStateChangedData]) -> None:
        states.append(event)

    harness.hass.bus.async_listen(EVENT_STATE_CHANGED, add_state)
    await entries.async_setup(harness.entry.entry_id)
    await harness.hass.async_block_till_done()
    own = [one for one in states if one.data["entity_id"] == harness.get_entity_id("kueche")]
    shown = [one.data["new_state"] for one in own]
    expected = len(get_speaker_ids(server)) - 1
    assert [len(state.attributes[NAME]) for state in shown if state] == [expected]


# Two servers


@pytest.fixture
async def second(harness: Harness) -> AsyncIterator[Harness]:
    """Add another server, with a player of its own."""
    player_set = PlayerSet([create_speaker("Cottage", "cottage", provider=STREAMERS)])
    async with run_second_server(harness.hass, player_set=player_set) as other:
        yield other


async def test_candidates_of_two_servers(
    harness: Harness, server: MassServer, second: Harness
) -> None:
    """Players of two servers can't be grouped, which is an error before any request."""
    cottage = harness.get_entity_id("cottage")
    assert get_candidates(harness, "cottage") == set()
    assert cottage not in harness.get_state("kueche").attributes[NAME]
    members = [harness.get_entity_id("buero"), cottage]
    with pytest.raises(ServiceValidationError) as refused:
        await harness.call_action("join", "kueche", group_members=members)
    assert refused.value.translation_key == "not_our_player"
    assert refused.value.translation_placeholders == {
        "entity_id": cottage,
        "server": "Music Assistant",
    }
    assert not server.players["kueche"].group_members
