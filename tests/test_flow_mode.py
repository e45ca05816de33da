"""The switch of flow mode, a setting of players and of their outputs."""

from music_assistant_models.config_entries import ConfigEntry
from music_assistant_models.enums import ConfigEntryType
import pytest

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE

from .action_helpers import OLD_AND_NEW, expect_error, get_sent_arguments
from .common import Harness, wait_until
from .server import MassServer
from .test_queue_entities import KITCHEN, call_entity_action, get_state

GET, SAVE = "config/players/get", "config/players/save"
AIRPLAY, CAST = "a||protocol||flow_mode", "b||protocol||flow_mode"

pytestmark = pytest.mark.usefixtures("all_enabled")


def create_setting(key: str, *, hidden: bool = False, read_only: bool = False) -> ConfigEntry:
    """Return the setting of an output."""
    return ConfigEntry(
        key=key,
        type=ConfigEntryType.BOOLEAN,
        default_value=False,
        hidden=hidden,
        read_only=read_only,
    )


async def wait_for_state(harness: Harness, state: str) -> None:
    """Wait until the switch of the kitchen has a state."""
    await wait_until(lambda: get_state(harness, "switch", "flow_mode") == state)


async def turn(harness: Harness, action: str) -> None:
    """Turn the switch of the kitchen on or off."""
    await call_entity_action(harness, "switch", "flow_mode", action)


@OLD_AND_NEW
async def test_flow_mode(harness: Harness, server: MassServer) -> None:
    """Flow mode is turned on and off, and follows changes on the server."""
    await wait_for_state(harness, STATE_OFF)
    await turn(harness, "turn_on")
    assert get_state(harness, "switch", "flow_mode") == STATE_ON
    assert server.configs.get(KITCHEN).values["flow_mode"].value is True
    server.configs.save(KITCHEN, {"flow_mode": False})
    await wait_for_state(harness, STATE_OFF)


async def test_flow_mode_of_outputs(harness: Harness, server: MassServer) -> None:
    """All outputs of a player are set that have a choice; it is on if it is on for all."""
    server.configs.flow_modes[KITCHEN] = (
        create_setting(AIRPLAY),
        create_setting(CAST),
        create_setting("c||protocol||flow_mode", hidden=True),
        create_setting("d||protocol||flow_mode", read_only=True),
        create_setting("not_flow_mode"),
    )
    server.configs.save(KITCHEN, {AIRPLAY: True})
    await turn(harness, "turn_on")
    assert get_sent_arguments(server, SAVE)[-1]["values"] == {AIRPLAY: True, CAST: True}
    await wait_for_state(harness, STATE_ON)


async def test_no_choice(harness: Harness, server: MassServer) -> None:
    """Where flow mode can't be chosen, the switch is unavailable."""
    await wait_for_state(harness, STATE_OFF)
    server.configs.flow_modes[KITCHEN] = (create_setting("flow_mode", hidden=True),)
    server.configs.save(KITCHEN, {})
    await wait_for_state(harness, STATE_UNAVAILABLE)


async def test_errors(harness: Harness, server: MassServer) -> None:
    """The server's errors are translated, and what can't be read is unavailable."""
    await wait_for_state(harness, STATE_OFF)
    server.faults.fail_command(SAVE, 22)
    await expect_error("not_permitted", turn(harness, "turn_on"))
    assert get_state(harness, "switch", "flow_mode") == STATE_OFF
    server.faults.set_response(GET, {"values": 3})
    await harness.hass.config_entries.async_reload(harness.entry.entry_id)
    await harness.wait_for_events()
    assert get_state(harness, "switch", "flow_mode") == STATE_UNAVAILABLE
