"""Blueprints: each parses as Home Assistant reads it, and runs in an automation."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
import shutil
from typing import Any, Final

from music_assistant_models.enums import PlaybackState
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed, async_mock_service

from homeassistant.components.automation import DOMAIN as AUTOMATION_DOMAIN
from homeassistant.components.blueprint import BLUEPRINT_SCHEMA, Blueprint
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util, yaml as yaml_util

from .common import House, Pulse, until
from .texts import ROOT

FOLDER: Final = ROOT / "blueprints" / "automation" / "music_assistant"
BLUEPRINTS: Final = sorted(FOLDER.glob("*.yaml"))
KITCHEN: Final = "kueche"


@pytest.fixture
async def automations(hass: HomeAssistant, tmp_path: Path) -> AsyncIterator[Path]:
    """Put the blueprints where Home Assistant looks for them; end the automations at the end."""
    hass.config.config_dir = str(tmp_path)
    target = tmp_path / "blueprints" / "automation" / "music_assistant"
    await hass.async_add_executor_job(shutil.copytree, FOLDER, target)
    yield target
    await hass.services.async_call(
        AUTOMATION_DOMAIN, "turn_off", {"entity_id": "all"}, blocking=True
    )


async def use(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Set up an automation that uses a blueprint."""
    blueprint = {"path": f"music_assistant/{name}.yaml", "input": inputs}
    config = {AUTOMATION_DOMAIN: [{"use_blueprint": blueprint}]}
    assert await async_setup_component(hass, AUTOMATION_DOMAIN, config)
    await hass.async_block_till_done()
    (state,) = hass.states.async_all(AUTOMATION_DOMAIN)
    assert state.state == "on"


async def press(house: House, entity_id: str, kind: str = "press") -> None:
    """Press a button."""
    house.hass.states.async_set(entity_id, dt_util.utcnow().isoformat(), {"event_type": kind})
    await house.hass.async_block_till_done()
    await house.caught_up()


def playing(house: House, player_id: str = KITCHEN) -> str | None:
    """Return the URI of what plays."""
    queue = house.server.queues[player_id]
    item = queue.current_item if queue.state is PlaybackState.PLAYING else None
    return item.uri if item else None


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_parse(path: Path) -> None:
    """Home Assistant takes it, it says what it is, and uses all that it asks for."""
    data = yaml_util.load_yaml(path)
    assert isinstance(data, dict)
    used = yaml_util.extract_inputs(data)
    blueprint = Blueprint(
        data, path=path.name, expected_domain=AUTOMATION_DOMAIN, schema=BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None  # the versions
    assert set(blueprint.inputs) == used
    assert blueprint.metadata["description"]


def test_all_are_told() -> None:
    """README.md names each of them."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in BLUEPRINTS if f"({path.relative_to(ROOT)})" not in readme] == []
    assert len(BLUEPRINTS) == 3


@pytest.mark.usefixtures("automations")
async def test_button_remote(house: House) -> None:
    """Each button does what it is for."""
    queue, player = house.server.queues[KITCHEN], house.server.players[KITCHEN]
    for name in ("play", "next", "previous", "louder", "softer", "heart", "one", "two"):
        house.hass.states.async_set(f"event.{name}", "unknown")
    await use(
        house.hass,
        "button_remote",
        player=house.entity_id(KITCHEN),
        play_pause=["event.play"],
        next=["event.next"],
        previous=["event.previous"],
        volume_up=["event.louder"],
        volume_down=["event.softer"],
        favorite=["event.heart"],
        playlist_buttons=["event.one", "event.two"],
        playlists=["library://playlist/1", "library://playlist/2"],
        event_types=["press"],
    )
    await press(house, "event.two", "release")
    assert playing(house) is None
    await press(house, "event.two")
    first = playing(house)
    assert first
    assert [one.uri for one in queue.sources] in ([], ["library://playlist/2"])
    await press(house, "event.next")
    assert queue.current_index == 1
    await press(house, "event.previous")
    assert queue.current_index == 0
    await press(house, "event.louder")
    assert player.volume_level == 25
    await press(house, "event.softer")
    assert player.volume_level == 20
    assert queue.current_item and queue.current_item.media_item
    before = bool(queue.current_item.media_item.favorite)
    await press(house, "event.heart")
    item = house.server.library.get(first)
    assert item and bool(item.favorite) is not before
    await press(house, "event.play")
    assert playing(house) is None
    await press(house, "event.play")
    assert playing(house) == first
    house.hass.states.async_set("event.one", "unavailable")
    await press(house, "event.one")  # it is only back
    assert playing(house) == first


@pytest.mark.usefixtures("automations")
async def test_only_some_buttons(house: House) -> None:
    """Buttons that aren't there are left out."""
    house.hass.states.async_set("input_button.play", "unknown")
    await house.call(
        "play_media",
        KITCHEN,
        media_content_id="library://track/1",
        media_content_type="track",
    )
    await use(
        house.hass,
        "button_remote",
        player=house.entity_id(KITCHEN),
        play_pause=["input_button.play"],
    )
    await press(house, "input_button.play")
    assert house.server.queues[KITCHEN].state is PlaybackState.PAUSED


@pytest.mark.usefixtures("automations")
async def test_wake_up_and_sleep(house: House, pulse: Pulse) -> None:
    """Music begins softly and gets louder; at night a timer ends it."""
    player = house.server.players[KITCHEN]
    morning, night = (dt_util.now() + timedelta(hours=hours) for hours in (1, 2))
    await use(
        house.hass,
        "wake_up_and_sleep",
        wake_time=f"{morning:%H:%M:%S}",
        sleep_time=f"{night:%H:%M:%S}",
        player=house.entity_id(KITCHEN),
        wake_media="library://playlist/1",
        wake_days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        wake_volume=40,
        wake_minutes=1,
        sleep_media="library://album/1",
    )
    with pulse.skipping():
        async_fire_time_changed(house.hass, morning)
        await until(lambda: playing(house))
        assert player.volume_level == 3
        await until(lambda: player.volume_level == 20, 40)
        await until(lambda: player.volume_level == 40, 40)
        await house.caught_up()
        async_fire_time_changed(house.hass, night)
        await until(lambda: player.sleep_timer_expires_at)
    await house.caught_up()
    assert player.volume_level == 15
    assert playing(house) == house.server.queue_items[KITCHEN][0].uri


@pytest.mark.usefixtures("automations")
async def test_announcement(house: House) -> None:
    """It is spoken, and the music goes on as it was."""
    spoken = async_mock_service(house.hass, "music_assistant", "play_announcement")
    await house.call(
        "play_media", KITCHEN, media_content_id="library://album/1", media_content_type="album"
    )
    await house.caught_up()
    before = playing(house)
    await use(
        house.hass,
        "announcement",
        when=[{"trigger": "event", "event_type": "doorbell"}],
        players=[house.entity_id(KITCHEN)],
        message="{{ trigger.event.data.who }} is at the door",
        voice="tts.piper",
    )
    house.hass.bus.async_fire("doorbell", {"who": "Ada"})
    await until(lambda: spoken)
    house.server.players[KITCHEN].volume_level = 90
    await house.hass.async_block_till_done()
    await house.caught_up()
    (call,) = spoken
    assert call.data["message"] == "Ada is at the door"
    assert call.data["announce_volume"] == 40
    assert playing(house) == before
    assert house.server.players[KITCHEN].volume_level == 20
