"""Snapshots of what users see: entities, states, descriptions of actions and diagnostics.

`pytest tests/test_shown.py --snapshot-update` writes them anew; a change of them is for review.
"""

import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import paths

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.server.status import COUNTED_MEDIA_TYPES
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .common import Harness, LoopMonitor, wait_until
from .test_permissions import DESCRIBED
from .translation_texts import TEXTS

# The players whose entities are all different: a player, a group, and one with options.
PLAYERS = ("kueche", "downstairs", "cinema")

# What differs in each run: the port, times, and how much the server has sent.
CHANGING_DETAILS = paths(
    "connection.address",
    "connection.connected_since",
    "connection.events",
    "connection.events_per_minute",
    "entry.token.expires",
    "entry.token.made",
)


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Return the assertion in the form that Home Assistant's own tests use."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.mark.usefixtures("all_enabled")
async def test_entities(
    harness: Harness, loop_monitor: LoopMonitor, snapshot: SnapshotAssertion
) -> None:
    """The entities of some players and of the server are these, and so are their states."""
    with loop_monitor.skip_idle_time():
        totals = harness.coordinator.status.totals
        await wait_until(lambda: totals.keys() == COUNTED_MEDIA_TYPES.keys(), 30)
        await harness.hass.async_block_till_done()
    entries = er.async_entries_for_config_entry(er.async_get(harness.hass), harness.entry.entry_id)
    keys = (*PLAYERS, harness.server.server_id)
    for entry in sorted(entries, key=lambda entry: entry.entity_id):
        if entry.unique_id.startswith(keys) and not entry.unique_id.endswith("token_expires"):
            state = harness.hass.states.get(entry.entity_id)
            assert entry == snapshot(name=f"{entry.entity_id}-entry")
            assert state == snapshot(name=f"{entry.entity_id}-state")


@pytest.mark.parametrize("name", DESCRIBED)
def test_actions(name: str, snapshot: SnapshotAssertion) -> None:
    """The actions are described by these fields and texts."""
    texts = TEXTS["services"][name]
    assert {"fields": DESCRIBED[name].get("fields"), "texts": texts} == snapshot


async def test_diagnostics(
    harness: Harness, hass_client: ClientSessionGenerator, snapshot: SnapshotAssertion
) -> None:
    """The diagnostics of the entry and of a player are these."""
    hass, entry = harness.hass, harness.entry
    details = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    shown = [player for player in details["players"] if player["player_id"] in PLAYERS]
    assert {**details, "players": shown} == snapshot(exclude=CHANGING_DETAILS)
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, PLAYERS[0]), entry.entry_id)
    assert device
    details = await get_diagnostics_for_device(hass, hass_client, entry, device)
    assert details == snapshot(name="device")
