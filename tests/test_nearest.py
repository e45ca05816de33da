"""The names that are nearest to a misspelt or misheard one."""

from typing import Any

from music_assistant_models.enums import MediaType
import pytest

from custom_components.music_assistant.entities.browsing import create_reader
from custom_components.music_assistant.media import nearest
from custom_components.music_assistant.media.nearest import NameMatcher, sort_by_similarity
from custom_components.music_assistant.media.query import MediaQuery
from homeassistant.components.media_player import MediaClass, SearchMediaQuery
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component

from .action_helpers import call_action, get_kitchen_entity
from .common import Harness, LoopMonitor
from .server import MassServer

MISSPELT = [
    ("Sundai Pankaces", "Sunday Pancakes"),
    ("sunday pnacakes", "Sunday Pancakes"),
    ("play the playlist Sundy Pancaks", "Sunday Pancakes"),
    ("Papaia Static", "Papaya Static"),
    ("Harbor FN", "Harbour FM"),
    ("Ete indjen", "Été indien"),
]


@pytest.mark.parametrize(("name", "meant"), MISSPELT)
def test_similarity(name: str, meant: str) -> None:
    """A misspelt name is more similar to the intended name than to others."""
    matcher = NameMatcher(MediaQuery(name))
    scored = [
        (matcher.get_similarity(other), other) for other in ("Rain", *dict(MISSPELT).values())
    ]
    assert sort_by_similarity(scored)[0] == meant
    assert matcher.get_similarity("Something quite different") == 0


@pytest.mark.parametrize("name", ["", "!!!", "的"])
def test_name_without_letters(name: str) -> None:
    """A name without letters is similar to no other."""
    assert NameMatcher(MediaQuery(name)).get_similarity("Rain") == 0
    assert len(NameMatcher(MediaQuery(name * 50)).get_parts()) <= nearest.MAX_PARTS


async def get_suggestions(harness: Harness, name: str, **data: Any) -> str:
    """Return the nearest names in the error for a name."""
    with pytest.raises(HomeAssistantError) as raised:
        await call_action(harness, "play_media", media_id=name, **data)
    assert raised.value.translation_key == "nothing_found_nearest"
    return (raised.value.translation_placeholders or {})["nearest"]


@pytest.mark.parametrize("schema_version", [29, 98])
async def test_suggestions(harness: Harness) -> None:
    """The error names the nearest items, and nothing is played."""
    for name, meant in MISSPELT:
        assert meant in (await get_suggestions(harness, name)).split(" – ")[0], name
    assert "Sunday Pancakes" in await get_suggestions(
        harness, "Sundai Pankaces", media_type="playlist"
    )
    assert not harness.server.queue_items["kueche"]


async def test_nothing_similar(harness: Harness) -> None:
    """Without a similar name the error names none, and voice plays nothing."""
    with pytest.raises(HomeAssistantError) as raised:
        await call_action(harness, "play_media", media_id="Qqqq Zzzz Xxxx")
    assert raised.value.translation_key == "nothing_found"
    found = await get_kitchen_entity(harness).async_search_media(
        SearchMediaQuery(search_query="Qqqq Zzzz Xxxx")
    )
    assert found.result == []


async def test_long_lists(
    harness: Harness, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In long lists only names with a common part are compared."""
    monkeypatch.setattr(nearest, "MAX_LISTED", 3)
    server.commands.clear()
    assert "Sunday Pancakes" in await get_suggestions(harness, "Sundai Pankaces")
    commands = [name for name, _ in server.commands if name.endswith("library_items")]
    assert 0 < len(commands) <= 8 * nearest.MAX_PARTS
    assert max(commands.count(name) for name in commands) <= nearest.MAX_PARTS


async def test_failing_lists(harness: Harness, server: MassServer) -> None:
    """A list that fails or times out doesn't prevent comparing the others."""
    server.faults.fail_command("music/tracks/library_items")
    server.faults.fail_command("music/albums/count")
    server.faults.ignore_command("music/artists/library_items")
    with LoopMonitor.of_loop().skip_idle_time():
        assert "Sunday Pancakes" in await get_suggestions(harness, "Sundai Pankaces")


@pytest.mark.parametrize("query", ["Sundai Pancakes", "Sunday Pankaces"])
async def test_voice(harness: Harness, query: str) -> None:
    """A name that was slightly misheard is played."""
    assert await async_setup_component(harness.hass, "intent", {})
    await harness.hass.async_block_till_done()
    slots = {"search_query": query, "name": "Küche", "media_class": "music"}
    response = await intent.async_handle(
        harness.hass,
        "test",
        "HassMediaSearchAndPlay",
        {key: {"value": value} for key, value in slots.items()},
    )
    assert response.speech_slots["media"]["title"] == "Sunday Pancakes"


@pytest.mark.parametrize("schema_version", [98])
async def test_voice_genre(harness: Harness) -> None:
    """A genre that is asked for by voice is played."""
    genre = harness.server.library.get_item("library://genre/3")
    for phrase in (genre.name, f"play {genre.name}", f"{genre.name} music"):
        found = await get_kitchen_entity(harness).async_search_media(
            SearchMediaQuery(search_query=phrase, media_filter_classes=[MediaClass.MUSIC])
        )
        assert found.result[0].media_content_id == "library://genre/3"
        assert found.result[0].can_play


@pytest.mark.parametrize("providers", [frozenset({"spotify--1"}), frozenset({"library"})])
async def test_at_providers(harness: Harness, providers: frozenset[str]) -> None:
    """The library is only compared where it is searched."""
    query = MediaQuery(
        "Sundai Pankaces", providers=providers, media_types=frozenset({MediaType.PLAYLIST})
    )
    found = await nearest.async_find_nearest(create_reader(harness.coordinator), query)
    assert [item.name for item in found] == ["Sunday Pancakes"] * ("library" in providers)
