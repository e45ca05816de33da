"""The select of the sleep timer."""

from datetime import timedelta

import pytest

from custom_components.music_assistant.const import DOMAIN
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.helpers import entity_registry as er

from .action_helpers import call_action
from .common import Harness, wait_until


def get_select_id(harness: Harness) -> str | None:
    """Return the select of the kitchen."""
    registry = er.async_get(harness.hass)
    return registry.async_get_entity_id("select", DOMAIN, "kueche_sleep_timer")


def get_option(harness: Harness) -> str:
    """Return the selected option."""
    state = harness.hass.states.get(get_select_id(harness) or "")
    assert state
    return state.state


async def select_option(harness: Harness, option: str) -> None:
    """Select an option."""
    data = {ATTR_ENTITY_ID: get_select_id(harness), "option": option}
    await harness.hass.services.async_call("select", "select_option", data, blocking=True)
    await harness.wait_for_events()


@pytest.mark.parametrize("schema_version", [46, 98])
async def test_select_sleep_timer(harness: Harness) -> None:
    """The selected time is set on the server, and shown until the timer is another one."""
    assert get_option(harness) == "off"
    await select_option(harness, "15")
    assert get_option(harness) == "15"
    sensor = harness.hass.states.get("sensor.kuche_sleep_timer")
    assert sensor and sensor.state not in ("unknown", "unavailable")
    await select_option(harness, "90")
    assert get_option(harness) == "90"
    await call_action(harness, "set_sleep_timer", duration=timedelta(minutes=7))
    await wait_until(lambda: get_option(harness) == "unknown")
    await select_option(harness, "off")
    assert get_option(harness) == "off"


@pytest.mark.parametrize("schema_version", [29])
async def test_no_sleep_timer(harness: Harness) -> None:
    """An older server has no sleep timer."""
    assert get_select_id(harness) is None
