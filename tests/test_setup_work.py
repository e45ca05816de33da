"""The work of a set-up, counted: it doesn't depend on the machine."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entity import PlayerEntity, ServerEntity
from homeassistant.core import HomeAssistant, StateMachine
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .common import Harness, wait_for_disabled_entities, wait_until
from .server import MassServer, PlayerSet

VOLUME_LIMIT: Final = "number", DOMAIN, "player_001_volume_limit"
# What is counted, and the function that does it.
COUNTED: Final[dict[str, tuple[type, str]]] = {
    "built": (PlayerEntity, "__init__"),
    "built_of_server": (ServerEntity, "__init__"),
    "registered": (er.EntityRegistry, "async_get_or_create"),
    "looked_up": (er.EntityRegistry, "async_get_entity_id"),
    "devices": (dr.DeviceRegistry, "async_get_or_create"),
    "states": (StateMachine, "async_set_internal"),
}
# Of each player: the media player, the favorite button, and the sleep timer as sensor and select.
ENABLED: Final = 4
DISABLED: Final = 15
ENABLED_OF_SERVER: Final = 3
DISABLED_OF_SERVER: Final = 10


@pytest.fixture(params=[2, 12], ids="{} players".format)
def players(request: pytest.FixtureRequest) -> int:
    """Return how many players there are."""
    count: int = request.param
    return count


@pytest.fixture
def player_set(players: int) -> PlayerSet:
    """Return speakers."""
    return PlayerSet.create_speakers(players)


@contextmanager
def count_work() -> Iterator[Counter[str]]:
    """Count the work of a block."""
    work: Counter[str] = Counter()

    def count(what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def count_and_call(*args: Any, **kwargs: Any) -> Any:
            work[what] += 1
            return function(*args, **kwargs)

        return count_and_call

    with ExitStack() as stack:
        for what, (owner, name) in COUNTED.items():
            stack.enter_context(patch.object(owner, name, count(what, getattr(owner, name))))
        yield work


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> Counter[str]:
    """Set up the entry, and return the work that it made."""
    with count_work() as work:
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    return work


async def test_first_setup(
    hass: HomeAssistant, entry: MockConfigEntry, server: MassServer, players: int
) -> None:
    """Only what is enabled is built at once; the rest is registered afterwards, once."""
    work = await set_up(hass, entry)
    assert (work["built"], work["built_of_server"]) == (ENABLED * players, ENABLED_OF_SERVER)
    enabled = ENABLED * players + ENABLED_OF_SERVER
    assert (work["registered"], work["devices"]) == (enabled, players + ENABLED_OF_SERVER)
    assert work["states"] == enabled
    await wait_until(lambda: len(server.commands) == 8)  # however many players there are
    with count_work() as work:
        await wait_for_disabled_entities()
    assert work["built"] == work["registered"] - DISABLED_OF_SERVER == DISABLED * players
    assert (work["devices"], work["states"]) == (DISABLED_OF_SERVER, 0)
    assert len(server.commands) == 8
    with count_work() as work:
        await wait_for_disabled_entities()
    assert not work


async def test_setup_with_known_players(harness: Harness, players: int) -> None:
    """At a restart nothing that is disabled is built or registered again."""
    await wait_for_disabled_entities()
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    work = await set_up(harness.hass, harness.entry)
    await wait_for_disabled_entities()
    enabled = ENABLED * players + ENABLED_OF_SERVER
    assert (work["built"], work["registered"]) == (ENABLED * players, enabled)
    assert work["devices"] == players + ENABLED_OF_SERVER
    # Home Assistant looks up those that it adds twice, and each sensor once more
    described = enabled + DISABLED * players + DISABLED_OF_SERVER
    assert work["looked_up"] == described + 2 * enabled + players


async def test_enabled_by_a_user(harness: Harness) -> None:
    """An entity that a user enabled is added at the next set-up, also if its player was away."""
    await wait_for_disabled_entities()
    registry = er.async_get(harness.hass)
    entity_id = registry.async_get_entity_id(*VOLUME_LIMIT)
    assert entity_id
    registry.async_update_entity(entity_id, disabled_by=None)
    await harness.hass.config_entries.async_reload(harness.entry.entry_id)
    await harness.hass.async_block_till_done()
    assert harness.hass.states.get(entity_id)
    player = harness.server.players["player_001"]
    harness.server.remove_player("player_001")
    await harness.wait_for_events()
    assert not registry.async_get(entity_id)
    harness.server.add_player(player)
    await harness.wait_for_events()
    assert harness.hass.states.get(entity_id)


async def test_player_removed_before_registration(harness: Harness, players: int) -> None:
    """Of a player that is gone by then, nothing is registered."""
    harness.server.remove_player("player_001")
    await harness.wait_for_events()
    await wait_for_disabled_entities()
    registry = er.async_get(harness.hass)
    assert not registry.async_get_entity_id(*VOLUME_LIMIT)
    entries = er.async_entries_for_config_entry(registry, harness.entry.entry_id)
    expected = (ENABLED + DISABLED) * (players - 1) + ENABLED_OF_SERVER + DISABLED_OF_SERVER
    assert len(entries) == expected


async def test_disabled_entity_of_another_entry(harness: Harness) -> None:
    """An entity of an entry that isn't loaded is taken over, also one that is disabled."""
    await wait_for_disabled_entities()
    hass, registry = harness.hass, er.async_get(harness.hass)
    other = MockConfigEntry(domain=DOMAIN, unique_id="other")
    other.add_to_hass(hass)
    entity_id = registry.async_get_entity_id(*VOLUME_LIMIT)
    assert entity_id
    registry.async_update_entity(entity_id, config_entry_id=other.entry_id)
    await hass.config_entries.async_reload(harness.entry.entry_id)
    await hass.async_block_till_done()
    found = registry.async_get(entity_id)
    assert found
    assert found.config_entry_id == harness.entry.entry_id
