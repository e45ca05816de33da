"""The activity log of a new set-up: what plays, and nothing that only follows from it."""

from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    RecorderInstanceContextManager,
    WebSocketGenerator,
)

from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .action_helpers import start_playback
from .common import Harness
from .server import MassServer

TRACKS: Final = 5


@pytest.fixture
async def mock_recorder_before_hass(
    async_test_recorder: RecorderInstanceContextManager,
) -> None:
    """Prepare the recorder before Home Assistant starts."""


@pytest.mark.usefixtures("recorder_mock")
async def test_tracks_fill_no_activity_log(
    harness: Harness, server: MassServer, hass_ws_client: WebSocketGenerator
) -> None:
    """Of five tracks, of which every other one is a favorite, only the player tells."""
    assert await async_setup_component(harness.hass, "logbook", {})
    start_playback(server)
    await harness.wait_for_events()
    begin = dt_util.utcnow().isoformat()
    for index in range(TRACKS):
        await harness.call_action("media_next_track", "kueche")
        await harness.wait_for_events()
        if index % 2:
            uri = harness.coordinator.data["kueche"].media.content_id
            await harness.coordinator.mass.music.add_item_to_favorites(str(uri))
            await harness.wait_for_events()
    await harness.call_action("media_pause", "kueche")
    await harness.wait_for_events()
    await async_wait_recording_done(harness.hass)
    ws: MockHAClientWebSocket = await hass_ws_client(harness.hass)
    await ws.send_json_auto_id({"type": "logbook/get_events", "start_time": begin})
    answer: dict[str, Any] = await ws.receive_json()
    assert {(row.get("entity_id"), row.get("state")) for row in answer["result"]} == {
        (harness.get_entity_id("kueche"), "paused")
    }
