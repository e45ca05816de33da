"""Scenes: what a player's state shows is restored, and what can't be is skipped."""

from music_assistant_models.player import PlayerMedia, PlayerSource
from music_assistant_models.unique_list import UniqueList
import pytest

from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component

from .action_helpers import get_sent_arguments, start_playback
from .common import Harness
from .server import MassServer


async def create_scene(harness: Harness, player_id: str) -> None:
    """Create a scene of a player as it is."""
    hass = harness.hass
    assert await async_setup_component(hass, "scene", {})
    await hass.async_block_till_done()  # it registers scene.create a little later
    data = {"scene_id": "before", "snapshot_entities": [harness.get_entity_id(player_id)]}
    await hass.services.async_call("scene", "create", data, blocking=True)


async def activate_scene(harness: Harness) -> None:
    """Activate the scene."""
    data = {"entity_id": "scene.before"}
    await harness.hass.services.async_call("scene", "turn_on", data, blocking=True)
    await harness.wait_for_events()


async def interrupt(harness: Harness, player_id: str) -> None:
    """Create a scene, play something else louder, and activate the scene."""
    await create_scene(harness, player_id)
    start_playback(harness.server, player_id, "library://album/2")
    harness.server.update_player(player_id, volume_level=90)
    await harness.wait_for_events()
    await activate_scene(harness)


async def play_external(harness: Harness, player_id: str, uri: str, source_id: str) -> None:
    """Let a player play what the server doesn't, at half volume."""
    server = harness.server
    server.playback._external[player_id] = PlayerMedia(uri=uri, title="Song", source_id=source_id)
    server.playback.update_player(player_id)
    server.update_player(player_id, volume_level=55)
    await harness.wait_for_events()


async def test_selected_source(harness: Harness) -> None:
    """A source that was selected is selected again."""
    await harness.call_action("select_source", "cinema", source="Bluetooth")
    await harness.wait_for_events()
    await interrupt(harness, "cinema")
    assert harness.get_state("cinema").attributes["source"] == "Bluetooth"


@pytest.mark.parametrize("uri", ["spotify", "x-rincon-stream:1", "Line-in"])
async def test_external_source(harness: Harness, server: MassServer, uri: str) -> None:
    """What plays by itself can't be restored, but the volume is."""
    await play_external(harness, "cinema", uri, "spotify")
    played = len(get_sent_arguments(server, "player_queues/play_media"))
    await interrupt(harness, "cinema")
    assert harness.get_state("cinema").attributes["volume_level"] == 0.55
    assert len(get_sent_arguments(server, "player_queues/play_media")) == played


async def test_passive_source(harness: Harness, server: MassServer) -> None:
    """A source that can't be selected is skipped, and an unknown one still refused."""
    sources = [*server.players["cinema"].source_list]
    passive = PlayerSource("airplay", "AirPlay", passive=True)
    server.update_player("cinema", source_list=UniqueList([*sources, passive]))
    await play_external(harness, "cinema", "airplay", "airplay")
    await interrupt(harness, "cinema")
    assert harness.get_state("cinema").attributes["volume_level"] == 0.55
    with pytest.raises(ServiceValidationError):
        await harness.call_action("select_source", "cinema", source="Airplane")


async def test_source_of_restarted_home_assistant(harness: Harness) -> None:
    """The id of a source selects it, also if Home Assistant hasn't seen it playing."""
    (source,) = [
        source for source in harness.server.players["cinema"].source_list if not source.passive
    ][:1]
    await harness.call_action(
        "play_media", "cinema", media_content_id=source.id, media_content_type="music"
    )
    await harness.wait_for_events()
    assert harness.get_state("cinema").attributes["source"] == source.name


async def test_radio_station(harness: Harness) -> None:
    """A radio station comes back with its volume."""
    start_playback(harness.server, uri="library://radio/1")
    harness.server.update_player("kueche", volume_level=20)
    await harness.wait_for_events()
    await interrupt(harness, "kueche")
    attributes = harness.get_state("kueche").attributes
    assert attributes["media_content_id"] == "library://radio/1"
    assert attributes["volume_level"] == 0.2


async def test_many_sources(harness: Harness) -> None:
    """Only the last content ids of sources are remembered."""
    for number in range(30):
        await play_external(harness, "cinema", f"line {number}", "line")
    await harness.call_action(
        "play_media", "cinema", media_content_id="line 29", media_content_type="music"
    )
    with pytest.raises(ServiceValidationError):
        await harness.call_action(
            "play_media", "cinema", media_content_id="line 0", media_content_type="music"
        )
