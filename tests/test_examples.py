"""The examples of the documentation: they run on the demo."""

from collections.abc import AsyncIterator
import re
from types import MappingProxyType

from music_assistant_models.media_items import Track
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entry.accounts import (
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_ORIGINAL_TOKENS,
    CONF_RESOLVER,
    CONF_RESOLVES,
    CONF_STREAMING,
    RESOLVER_MUSICAPI,
    SUBENTRY_SHARE_LINKS,
)
from homeassistant.components import tts
from homeassistant.components.conversation import async_converse
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.script import Script, async_validate_actions_config
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml

from .common import Harness, LoopMonitor
from .fake_musicapi import CLIENT_ID, CLIENT_SECRET, USER_ID, FakeMusicApi, build_track
from .test_actions import RecordingTts
from .test_docs import CODE, EXAMPLES, iterate_rows, read_page


@pytest.fixture
def schema_version() -> int:
    """Return the schema version of a server that has all that the examples need."""
    return 98


@pytest.fixture
async def prepared(
    hass: HomeAssistant, harness: Harness, fake_musicapi: FakeMusicApi
) -> AsyncIterator[Harness]:
    """Return the demo with a voice, a linked streaming account, and music that plays."""
    hass.config.internal_url = "http://home.example.com:8123"
    for component in ("media_source", "tts"):
        assert await async_setup_component(hass, component, {})
    voice = RecordingTts(harness.server)
    voice.entity_id = "tts.piper"
    await hass.data[tts.DATA_COMPONENT].async_add_entities([voice])
    account = {
        CONF_RESOLVER: RESOLVER_MUSICAPI,
        CONF_CLIENT_ID: CLIENT_ID,
        CONF_CLIENT_SECRET: CLIENT_SECRET,
        CONF_RESOLVES: True,
        CONF_ORIGINAL_TOKENS: True,
        CONF_STREAMING: [{"uuid": USER_ID, "service": "spotify", "name": "Kim"}],
    }
    hass.config_entries.async_add_subentry(
        harness.entry,
        ConfigSubentry(
            data=MappingProxyType(account),
            subentry_type=SUBENTRY_SHARE_LINKS,
            title="MusicAPI",
            unique_id=CLIENT_ID,
        ),
    )
    track = harness.server.library.get_item("library://track/1")
    assert isinstance(track, Track)
    artists = [artist.name for artist in track.artists]
    described = build_track(track.name, artists, track.duration * 1000)
    fake_musicapi.links["https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"] = {
        "status": "success",
        "data": described,
    }
    fake_musicapi.playlists = {"Morning": [described]}
    for player in ("living_room", "patio"):
        await harness.call_action(
            "play_media",
            player,
            media_content_id="library://album/1",
            media_content_type="album",
        )
    await harness.wait_for_events()
    with LoopMonitor.of_loop().skip_idle_time():
        yield harness


@pytest.mark.parametrize("heading", EXAMPLES)
async def test_examples_of_actions(
    hass: HomeAssistant, prepared: Harness, heading: str, hass_admin_user: MockUser
) -> None:
    """The examples run one after the other on the demo, as an administrator runs them."""
    steps = await async_validate_actions_config(hass, cv.SCRIPT_SCHEMA(EXAMPLES[heading]))
    script = Script(hass, steps, heading, DOMAIN)
    result = await script.async_run(context=Context(user_id=hass_admin_user.id))
    await prepared.wait_for_events()
    assert result
    answers = {
        step["response_variable"] for step in EXAMPLES[heading] if "response_variable" in step
    }
    assert [name for name in answers if not result.variables[name]] == []


@pytest.mark.parametrize(
    "block", re.findall(r"```yaml\n(.*?)```", read_page("automations"), re.DOTALL)
)
async def test_examples_of_automations(hass: HomeAssistant, harness: Harness, block: str) -> None:
    """The examples are valid automations."""
    assert harness.is_set_up
    parsed = parse_yaml(block)
    assert isinstance(parsed, dict)
    config = {"alias": "example", "actions": [], **parsed}
    assert await async_setup_component(hass, "automation", {"automation": config})
    await hass.async_block_till_done()
    state = hass.states.get("automation.example")
    assert state
    assert state.state == "on"


@pytest.mark.parametrize("row", iterate_rows("voice", "| say | plays |"), ids=lambda row: row[0])
async def test_examples_of_voice(hass: HomeAssistant, harness: Harness, row: list[str]) -> None:
    """Assist plays what the page says."""
    for component in ("homeassistant", "conversation", "intent"):
        assert await async_setup_component(hass, component, {})
    area = ar.async_get(hass).async_create("Living Room")
    speaker, cinema = (harness.get_entity_id(player) for player in ("living_room", "cinema"))
    entity = er.async_get(hass).async_get(speaker)
    assert entity
    assert entity.device_id
    dr.async_get(hass).async_update_device(entity.device_id, area_id=area.id)
    for entity_id in (speaker, cinema):
        async_expose_entity(hass, "conversation", entity_id, True)
    await hass.async_block_till_done()
    result = await async_converse(hass, row[0].strip('"'), None, Context(), language="en")
    assert result.response.error_code is None, result.response.speech
    await harness.wait_for_events()
    played = hass.states.get(cinema if "Cinema" in row[0] else speaker)
    assert played
    (name,) = CODE.findall(row[1])
    assert name in (
        played.attributes.get("media_album_name"),
        played.attributes.get("media_channel"),
    )
