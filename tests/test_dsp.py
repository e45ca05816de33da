"""Sound settings (DSP) of players: the switch and the select of presets."""

from typing import Any

from music_assistant_models.dsp import DSPConfig, DSPConfigPreset, ToneControlFilter
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import DOMAIN
from homeassistant.const import CONF_TOKEN, STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from .action_helpers import expect_error, get_sent_arguments
from .common import Harness, wait_for_disabled_entities, wait_until
from .server import MassServer, commands

KITCHEN = "kueche"
GET, PRESETS = "config/players/dsp/get", "config/dsp_presets/get"
SAVE, APPLY = "config/players/dsp/save", "config/players/dsp/apply_preset"


def create_config(bass: int, *, enabled: bool = True) -> DSPConfig:
    """Return settings with a bass level."""
    return DSPConfig(enabled=enabled, filters=[ToneControlFilter(enabled=True, bass_level=bass)])


@pytest.fixture(autouse=True)
def presets(server: MassServer) -> None:
    """Let the server have two presets."""
    for name, bass in (("Night", -5), ("Party", 8)):
        preset = DSPConfigPreset(name, create_config(bass), name.lower())
        server.sounds.presets[preset.preset_id or ""] = preset


def get_entity_id(hass: HomeAssistant, platform: str, key: str, player_id: str = KITCHEN) -> str:
    """Return the id of a player's entity, empty if there is none."""
    registry = er.async_get(hass)
    return registry.async_get_entity_id(platform, DOMAIN, f"{player_id}_{key}") or ""


def get_state(harness: Harness, platform: str, key: str) -> State:
    """Return the state of an entity of the kitchen."""
    found = harness.hass.states.get(get_entity_id(harness.hass, platform, key))
    assert found
    return found


def get_switch_state(harness: Harness) -> str:
    """Return the state of the switch."""
    return get_state(harness, "switch", "dsp").state


def get_select_state(harness: Harness) -> str:
    """Return the state of the select."""
    return get_state(harness, "select", "dsp_preset").state


async def call_entity_action(
    harness: Harness, platform: str, key: str, action: str, **data: Any
) -> None:
    """Call an action on an entity of the kitchen."""
    target = {"entity_id": get_entity_id(harness.hass, platform, key)}
    await harness.hass.services.async_call(platform, action, data, target=target, blocking=True)


@pytest.fixture
async def loaded(all_enabled: None, harness: Harness) -> Harness:
    """Return a house whose entities of sound have been asked for."""
    await wait_until(lambda: get_switch_state(harness) == STATE_OFF)
    return harness


async def send_command(server: MassServer, name: str, **args: Any) -> None:
    """Run a command on the server, not through Home Assistant."""
    admin = next(user for user in server.users.values() if user.username == "demo")
    await commands.call_command(server, commands.Caller(admin), name, args)


async def test_disabled_entities_fetch_nothing(harness: Harness, server: MassServer) -> None:
    """Without enabled entities nothing is fetched."""
    await wait_for_disabled_entities()
    for platform, key in (("switch", "dsp"), ("select", "dsp_preset")):
        entry = er.async_get(harness.hass).async_get(get_entity_id(harness.hass, platform, key))
        assert entry
        assert entry.disabled
    assert not get_sent_arguments(server, GET)
    assert not get_sent_arguments(server, PRESETS)
    await send_command(server, SAVE, player_id=KITCHEN, config=create_config(3).to_dict())
    await send_command(
        server, "config/dsp_presets/save", preset=DSPConfigPreset("X", create_config(0)).to_dict()
    )
    await harness.wait_for_events()
    assert harness.coordinator.dsp.get_config(KITCHEN) is None
    assert not harness.coordinator.dsp.preset_names


@pytest.mark.parametrize("on", [True, False])
async def test_switch_keeps_settings(loaded: Harness, server: MassServer, on: bool) -> None:
    """The switch enables and disables the settings without changing them."""
    server.sounds.configs[KITCHEN] = create_config(4, enabled=not on)
    await call_entity_action(loaded, "switch", "dsp", "turn_on" if on else "turn_off")
    assert server.sounds.configs[KITCHEN] == create_config(4, enabled=on)
    await wait_until(lambda: get_switch_state(loaded) == (STATE_ON if on else STATE_OFF))


@pytest.mark.parametrize(("schema_version", "by"), [(46, APPLY), (29, SAVE)])
async def test_select_applies_preset(loaded: Harness, server: MassServer, by: str) -> None:
    """A preset is applied by the command of the server's version."""
    assert get_state(loaded, "select", "dsp_preset").attributes["options"] == ["Night", "Party"]
    assert get_select_state(loaded) == "unknown"
    await call_entity_action(loaded, "select", "dsp_preset", "select_option", option="Party")
    assert len(get_sent_arguments(server, by)) == 1
    assert server.sounds.configs[KITCHEN].filters == create_config(8).filters
    await wait_until(
        lambda: (get_select_state(loaded), get_switch_state(loaded)) == ("Party", STATE_ON)
    )
    await call_entity_action(loaded, "switch", "dsp", "turn_off")
    await wait_until(
        lambda: (get_select_state(loaded), get_switch_state(loaded)) == ("Party", STATE_OFF)
    )


async def test_changes_on_server(loaded: Harness, server: MassServer) -> None:
    """Changes in Music Assistant are shown."""
    await send_command(server, APPLY, player_id=KITCHEN, preset_id="night")
    await wait_until(lambda: get_select_state(loaded) == "Night")
    await send_command(server, SAVE, player_id=KITCHEN, config=create_config(1).to_dict())
    await wait_until(lambda: get_select_state(loaded) == "unknown")
    preset = DSPConfigPreset("Kitchen", create_config(1)).to_dict()
    await send_command(server, "config/dsp_presets/save", preset=preset)
    await wait_until(lambda: get_select_state(loaded) == "Kitchen")


async def test_fetch_after_reconnect(loaded: Harness, server: MassServer) -> None:
    """The settings are fetched again after an outage."""
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    server.sounds.configs[KITCHEN] = create_config(8)
    await server.faults.open_port()
    await loaded.wait_for_reconnect()
    await wait_until(
        lambda: (get_select_state(loaded), get_switch_state(loaded)) == ("Party", STATE_ON)
    )


async def test_server_error(loaded: Harness, server: MassServer) -> None:
    """The server's error is raised."""
    server.faults.fail_command(GET, 22, "Not for you")
    await expect_error("not_permitted", call_entity_action(loaded, "switch", "dsp", "turn_on"))


async def test_unavailable_without_settings(
    all_enabled: None, hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """Without the settings the entities are unavailable."""
    server.faults.fail_command(PRESETS)
    await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: len(get_sent_arguments(server, PRESETS)) > 3)
    await hass.async_block_till_done()
    harness = Harness(hass, server, entry)
    assert (get_select_state(harness), get_switch_state(harness)) == (
        STATE_UNAVAILABLE,
        STATE_UNAVAILABLE,
    )


async def test_removed_entity_stops_fetching(
    all_enabled: None, hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """A removed entity fetches nothing more."""
    server.faults.ignore_command(PRESETS)
    await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: get_sent_arguments(server, PRESETS))
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_no_entities_without_right(
    all_enabled: None, hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """A user who can't change settings has no such entities."""
    server.add_user("kim", "kims-password", role="user")
    data = {**entry.data, CONF_TOKEN: server.create_token("kim")}
    hass.config_entries.async_update_entry(entry, data=data)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert not get_entity_id(hass, "switch", "dsp")
    assert not get_entity_id(hass, "switch", "flow_mode")
    assert not get_entity_id(hass, "select", "dsp_preset")
    assert not get_sent_arguments(server, GET)
