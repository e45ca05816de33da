"""Blueprints: each can be parsed and runs in an automation."""

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

from .common import Harness, LoopMonitor, wait_until
from .translation_texts import ROOT

FOLDER: Final = ROOT / "blueprints" / "automation" / "music_assistant"
BLUEPRINTS: Final = sorted(FOLDER.glob("*.yaml"))
KITCHEN: Final = "kueche"


@pytest.fixture
async def automations(hass: HomeAssistant, tmp_path: Path) -> AsyncIterator[Path]:
    """Copy the blueprints to the configuration folder; remove the automations at the end."""
    hass.config.config_dir = str(tmp_path)
    target = tmp_path / "blueprints" / "automation" / "music_assistant"
    await hass.async_add_executor_job(shutil.copytree, FOLDER, target)
    yield target
    await hass.services.async_call(
        AUTOMATION_DOMAIN, "turn_off", {"entity_id": "all"}, blocking=True
    )


async def async_setup_blueprint(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Set up an automation that uses a blueprint."""
    blueprint = {"path": f"music_assistant/{name}.yaml", "input": inputs}
    config = {AUTOMATION_DOMAIN: [{"use_blueprint": blueprint}]}
    assert await async_setup_component(hass, AUTOMATION_DOMAIN, config)
    await hass.async_block_till_done()
    (state,) = hass.states.async_all(AUTOMATION_DOMAIN)
    assert state.state == "on"


async def press_button(harness: Harness, entity_id: str, kind: str = "press") -> None:
    """Press a button."""
    harness.hass.states.async_set(entity_id, dt_util.utcnow().isoformat(), {"event_type": kind})
    await harness.hass.async_block_till_done()
    await harness.wait_for_events()


def get_playing_uri(harness: Harness, player_id: str = KITCHEN) -> str | None:
    """Return the URI of the current item."""
    queue = harness.server.queues[player_id]
    item = queue.current_item if queue.state is PlaybackState.PLAYING else None
    return item.uri if item else None


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_blueprint_is_valid(path: Path) -> None:
    """Each blueprint is valid, described, and uses all of its inputs."""
    data = yaml_util.load_yaml(path)
    assert isinstance(data, dict)
    used = yaml_util.extract_inputs(data)
    blueprint = Blueprint(
        data, path=path.name, expected_domain=AUTOMATION_DOMAIN, schema=BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None  # the versions
    assert set(blueprint.inputs) == used
    assert blueprint.metadata["description"]


def test_blueprints_are_documented() -> None:
    """The documentation names each blueprint."""
    page = (ROOT / "docs" / "automations.md").read_text(encoding="utf-8")
    assert [each.name for each in BLUEPRINTS if f"(../{each.relative_to(ROOT)})" not in page] == []
    assert len(BLUEPRINTS) == 4


@pytest.mark.usefixtures("automations")
@pytest.mark.parametrize(
    "chosen",
    [
        {"media_content_id": "library://playlist/2", "media_content_type": "playlist"},
        "library://playlist/2",
        "2",
    ],
)
async def test_button_remote(harness: Harness, chosen: object) -> None:
    """Each button has its function."""
    queue, player = harness.server.queues[KITCHEN], harness.server.players[KITCHEN]
    for name in ("play", "next", "previous", "louder", "softer", "heart", "one", "two"):
        harness.hass.states.async_set(f"event.{name}", "unknown")
    await async_setup_blueprint(
        harness.hass,
        "button_remote",
        player=harness.get_entity_id(KITCHEN),
        play_pause=["event.play"],
        next=["event.next"],
        previous=["event.previous"],
        volume_up=["event.louder"],
        volume_down=["event.softer"],
        favorite=["event.heart"],
        playlist_buttons=["event.one", "event.two"],
        playlists=["library://playlist/1", chosen],
        event_types=["press"],
    )
    await press_button(harness, "event.two", "release")
    assert get_playing_uri(harness) is None
    await press_button(harness, "event.two")
    first = get_playing_uri(harness)
    assert first
    assert [one.uri for one in queue.sources] in ([], ["library://playlist/2"])
    await press_button(harness, "event.next")
    assert queue.current_index == 1
    await press_button(harness, "event.previous")
    assert queue.current_index == 0
    await press_button(harness, "event.louder")
    assert player.volume_level == 25
    await press_button(harness, "event.softer")
    assert player.volume_level == 20
    assert queue.current_item and queue.current_item.media_item
    before = bool(queue.current_item.media_item.favorite)
    await press_button(harness, "event.heart")
    item = harness.server.library.get(first)
    assert item and bool(item.favorite) is not before
    await press_button(harness, "event.play")
    assert get_playing_uri(harness) is None
    await press_button(harness, "event.play")
    assert get_playing_uri(harness) == first
    harness.hass.states.async_set("event.one", "unavailable")
    await press_button(harness, "event.one")  # it is only back
    assert get_playing_uri(harness) == first


@pytest.mark.usefixtures("automations")
async def test_button_remote_with_some_buttons(harness: Harness) -> None:
    """Buttons can be omitted."""
    harness.hass.states.async_set("input_button.play", "unknown")
    await harness.call_action(
        "play_media",
        KITCHEN,
        media_content_id="library://track/1",
        media_content_type="track",
    )
    await async_setup_blueprint(
        harness.hass,
        "button_remote",
        player=harness.get_entity_id(KITCHEN),
        play_pause=["input_button.play"],
    )
    await press_button(harness, "input_button.play")
    assert harness.server.queues[KITCHEN].state is PlaybackState.PAUSED


@pytest.mark.usefixtures("automations")
@pytest.mark.parametrize(
    ("wake_media", "sleep_media"),
    [
        ("library://playlist/1", "library://album/1"),
        (
            {"media_content_id": "library://playlist/1", "media_content_type": "playlist"},
            {"media_content_id": "library://album/1", "metadata": {"title": "An album"}},
        ),
    ],
)
async def test_wake_up_and_sleep(
    harness: Harness, loop_monitor: LoopMonitor, wake_media: object, sleep_media: object
) -> None:
    """The volume increases in the morning; a sleep timer is set at night."""
    player = harness.server.players[KITCHEN]
    morning, night = (dt_util.now() + timedelta(hours=hours) for hours in (1, 2))
    await async_setup_blueprint(
        harness.hass,
        "wake_up_and_sleep",
        wake_time=f"{morning:%H:%M:%S}",
        sleep_time=f"{night:%H:%M:%S}",
        player=harness.get_entity_id(KITCHEN),
        wake_media=wake_media,
        wake_days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        wake_volume=40,
        wake_minutes=1,
        sleep_media=sleep_media,
    )
    with loop_monitor.skip_idle_time():
        async_fire_time_changed(harness.hass, morning)
        await wait_until(lambda: get_playing_uri(harness))
        assert player.volume_level == 3
        await wait_until(lambda: player.volume_level == 20, 40)
        await wait_until(lambda: player.volume_level == 40, 40)
        await harness.wait_for_events()
        async_fire_time_changed(harness.hass, night)
        await wait_until(lambda: player.sleep_timer_expires_at)
    await harness.wait_for_events()
    assert player.volume_level == 15
    assert get_playing_uri(harness) == harness.server.queue_items[KITCHEN][0].uri


@pytest.mark.usefixtures("automations")
@pytest.mark.parametrize("empty", [{}, "", {"entity_id": "media_player.x", "media_content_id": ""}])
async def test_nothing_to_wake_up_to(harness: Harness, empty: object) -> None:
    """Without media nothing happens at its time."""
    played = async_mock_service(harness.hass, "music_assistant", "play_media")
    morning = dt_util.now() + timedelta(hours=1)
    await async_setup_blueprint(
        harness.hass,
        "wake_up_and_sleep",
        wake_time=f"{morning:%H:%M:%S}",
        sleep_time=f"{morning:%H:%M:%S}",
        player=harness.get_entity_id(KITCHEN),
        wake_media=empty,
        sleep_media=empty,
        wake_days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    )
    async_fire_time_changed(harness.hass, morning)
    await harness.hass.async_block_till_done()
    assert not played


@pytest.mark.usefixtures("automations")
async def test_announcement_blueprint(harness: Harness) -> None:
    """The message is announced and the music continues."""
    spoken = async_mock_service(harness.hass, "music_assistant", "play_announcement")
    await harness.call_action(
        "play_media", KITCHEN, media_content_id="library://album/1", media_content_type="album"
    )
    await harness.wait_for_events()
    before = get_playing_uri(harness)
    await async_setup_blueprint(
        harness.hass,
        "announcement",
        when=[{"trigger": "event", "event_type": "doorbell"}],
        players=[harness.get_entity_id(KITCHEN)],
        message="{{ trigger.event.data.who }} is at the door",
        voice="tts.piper",
    )
    harness.hass.bus.async_fire("doorbell", {"who": "Ada"})
    await wait_until(lambda: spoken)
    harness.server.players[KITCHEN].volume_level = 90
    await harness.hass.async_block_till_done()
    await harness.wait_for_events()
    (call,) = spoken
    assert call.data["message"] == "Ada is at the door"
    assert call.data["announce_volume"] == 40
    assert get_playing_uri(harness) == before
    assert harness.server.players[KITCHEN].volume_level == 20


@pytest.fixture(params=["named", "chosen"])
async def alarm(automations: Path, harness: Harness, request: pytest.FixtureRequest) -> Harness:
    """Set up an alarm with all of its parts; its schedule hasn't begun.

    Its media is named by URIs, or chosen in the media browser.
    """
    media: list[Any] = ["library://album/1", "library://radio/1"]
    if request.param == "chosen":
        media = [{"media_content_id": uri, "entity_id": "media_player.x"} for uri in media]
    states = harness.hass.states
    states.async_set("schedule.work", "off")
    for button in ("snooze", "stop"):
        states.async_set(f"input_button.{button}", "unknown")
    await async_setup_blueprint(
        harness.hass,
        "alarm",
        player=harness.get_entity_id(KITCHEN),
        schedule="schedule.work",
        media=media[0],
        fallback_media=media[1],
        volume=40,
        minutes=1,
        snooze_buttons=["input_button.snooze"],
        snooze_minutes=9,
        stop_buttons=["input_button.stop"],
    )
    return harness


def press(harness: Harness, button: str) -> None:
    """Press a button without waiting for what it sets off."""
    harness.hass.states.async_set(f"input_button.{button}", dt_util.utcnow().isoformat())


async def test_alarm(alarm: Harness, loop_monitor: LoopMonitor) -> None:
    """The alarm becomes louder; it rings again after it was snoozed, and not once it is stopped."""
    hass, player = alarm.hass, alarm.server.players[KITCHEN]
    queue = alarm.server.queues[KITCHEN]
    press(alarm, "snooze")  # the alarm doesn't ring
    await hass.async_block_till_done()
    assert get_playing_uri(alarm) is None
    with loop_monitor.skip_idle_time():
        hass.states.async_set("schedule.work", "on")
        await wait_until(lambda: get_playing_uri(alarm))
        assert player.volume_level == 3
        await wait_until(lambda: player.volume_level == 20, 40)
        press(alarm, "snooze")
        await wait_until(lambda: queue.state is PlaybackState.PAUSED)
        press(alarm, "snooze")  # pressed again, it snoozes on
        await wait_until(lambda: get_playing_uri(alarm), 600)
        assert player.volume_level == 3
        await wait_until(lambda: player.volume_level == 40, 70)
        press(alarm, "stop")
        await wait_until(lambda: get_playing_uri(alarm) is None)
    hass.states.async_set("schedule.work", "off")
    await hass.async_block_till_done()


async def test_alarm_falls_back(alarm: Harness, loop_monitor: LoopMonitor) -> None:
    """A station plays if the music is gone."""
    library = alarm.server.library
    library.remove_from_library(library.get_item("library://album/1"))
    with loop_monitor.skip_idle_time():
        alarm.hass.states.async_set("schedule.work", "on")
        await wait_until(lambda: get_playing_uri(alarm) == "library://radio/1", 60)
        press(alarm, "stop")
        await wait_until(lambda: get_playing_uri(alarm) is None)
