"""The sound settings (DSP) of players: their switch and the select of presets."""

from typing import Any

from music_assistant_models.dsp import DSPConfig, DSPConfigPreset, ToneControlFilter
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import DOMAIN
from homeassistant.const import CONF_TOKEN, STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from .action_helpers import expect_error, get_sent_arguments
from .common import Harness, wait_until
from .server import MassServer, commands

KITCHEN = "kueche"
GET, PRESETS = "config/players/dsp/get", "config/dsp_presets/get"
SAVE, APPLY = "config/players/dsp/save", "config/players/dsp/apply_preset"


def config(bass: int, *, enabled: bool = True) -> DSPConfig:
    """Return settings with so much bass."""
    return DSPConfig(enabled=enabled, filters=[ToneControlFilter(enabled=True, bass_level=bass)])


@pytest.fixture(autouse=True)
def presets(server: MassServer) -> None:
    """Let the server have two presets."""
    for name, bass in (("Night", -5), ("Party", 8)):
        preset = DSPConfigPreset(name, config(bass), name.lower())
        server.sounds.presets[preset.preset_id or ""] = preset


def entity_id(hass: HomeAssistant, platform: str, key: str, player_id: str = KITCHEN) -> str:
    """Return an entity of a player, empty if there is none."""
    registry = er.async_get(hass)
    return registry.async_get_entity_id(platform, DOMAIN, f"{player_id}_{key}") or ""


def state(harness: Harness, platform: str, key: str) -> State:
    """Return the state of an entity of the kitchen's."""
    found = harness.hass.states.get(entity_id(harness.hass, platform, key))
    assert found
    return found


def switch(harness: Harness) -> str:
    """Return what the switch shows."""
    return state(harness, "switch", "dsp").state


def select(harness: Harness) -> str:
    """Return what the select shows."""
    return state(harness, "select", "dsp_preset").state


async def use(harness: Harness, platform: str, key: str, action: str, **data: Any) -> None:
    """Use an entity of the kitchen's."""
    target = {"entity_id": entity_id(harness.hass, platform, key)}
    await harness.hass.services.async_call(platform, action, data, target=target, blocking=True)


@pytest.fixture
async def loaded(all_enabled: None, harness: Harness) -> Harness:
    """Return a house whose entities of sound have been asked for."""
    await wait_until(lambda: switch(harness) == STATE_OFF)
    return harness


async def command(server: MassServer, name: str, **args: Any) -> None:
    """Run a command as somebody else does."""
    admin = next(user for user in server.users.values() if user.username == "demo")
    await commands.call_command(server, commands.Caller(admin), name, args)


async def test_not_enabled(harness: Harness, server: MassServer) -> None:
    """Who doesn't show them isn't asked for them."""
    for platform, key in (("switch", "dsp"), ("select", "dsp_preset")):
        entry = er.async_get(harness.hass).async_get(entity_id(harness.hass, platform, key))
        assert entry
        assert entry.disabled
    assert not get_sent_arguments(server, GET)
    assert not get_sent_arguments(server, PRESETS)
    await command(server, SAVE, player_id=KITCHEN, config=config(3).to_dict())
    await command(
        server, "config/dsp_presets/save", preset=DSPConfigPreset("X", config(0)).to_dict()
    )
    await harness.wait_for_events()
    assert harness.coordinator.dsp.get_config(KITCHEN) is None
    assert not harness.coordinator.dsp.preset_names


@pytest.mark.parametrize("on", [True, False])
async def test_switch(loaded: Harness, server: MassServer, on: bool) -> None:
    """The settings are heard or not, and stay what they are."""
    server.sounds.configs[KITCHEN] = config(4, enabled=not on)
    await use(loaded, "switch", "dsp", "turn_on" if on else "turn_off")
    assert server.sounds.configs[KITCHEN] == config(4, enabled=on)
    await wait_until(lambda: switch(loaded) == (STATE_ON if on else STATE_OFF))


@pytest.mark.parametrize(("schema_version", "by"), [(46, APPLY), (29, SAVE)])
async def test_select(loaded: Harness, server: MassServer, by: str) -> None:
    """A preset is applied, in the server's way."""
    assert state(loaded, "select", "dsp_preset").attributes["options"] == ["Night", "Party"]
    assert select(loaded) == "unknown"
    await use(loaded, "select", "dsp_preset", "select_option", option="Party")
    assert len(get_sent_arguments(server, by)) == 1
    assert server.sounds.configs[KITCHEN].filters == config(8).filters
    await wait_until(lambda: (select(loaded), switch(loaded)) == ("Party", STATE_ON))
    await use(loaded, "switch", "dsp", "turn_off")
    await wait_until(lambda: (select(loaded), switch(loaded)) == ("Party", STATE_OFF))


async def test_set_elsewhere(loaded: Harness, server: MassServer) -> None:
    """What is set in Music Assistant is shown."""
    await command(server, APPLY, player_id=KITCHEN, preset_id="night")
    await wait_until(lambda: select(loaded) == "Night")
    await command(server, SAVE, player_id=KITCHEN, config=config(1).to_dict())
    await wait_until(lambda: select(loaded) == "unknown")
    preset = DSPConfigPreset("Kitchen", config(1)).to_dict()
    await command(server, "config/dsp_presets/save", preset=preset)
    await wait_until(lambda: select(loaded) == "Kitchen")


async def test_reconnected(loaded: Harness, server: MassServer) -> None:
    """After an outage they are asked for again."""
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    server.sounds.configs[KITCHEN] = config(8)
    await server.faults.open_port()
    await loaded.wait_for_reconnect()
    await wait_until(lambda: (select(loaded), switch(loaded)) == ("Party", STATE_ON))


async def test_refused(loaded: Harness, server: MassServer) -> None:
    """What the server refuses is told."""
    server.faults.fail_command(GET, 22, "Not for you")
    await expect_error("not_permitted", use(loaded, "switch", "dsp", "turn_on"))


async def test_unreadable(
    all_enabled: None, hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """Where they can't be read the entities are away."""
    server.faults.fail_command(PRESETS)
    await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: len(get_sent_arguments(server, PRESETS)) > 3)
    await hass.async_block_till_done()
    harness = Harness(hass, server, entry)
    assert (select(harness), switch(harness)) == (STATE_UNAVAILABLE, STATE_UNAVAILABLE)


async def test_removed_while_asked(
    all_enabled: None, hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """An entity that goes asks no more."""
    server.faults.ignore_command(PRESETS)
    await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: get_sent_arguments(server, PRESETS))
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_without_the_right(
    all_enabled: None, hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """A user who may change no settings gets no entities for them."""
    server.add_user("kim", "kims-password", role="user")
    data = {**entry.data, CONF_TOKEN: server.create_token("kim")}
    hass.config_entries.async_update_entry(entry, data=data)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert not entity_id(hass, "switch", "dsp")
    assert not entity_id(hass, "select", "dsp_preset")
    assert not get_sent_arguments(server, GET)
