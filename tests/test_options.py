"""Player options as entities, and the favorite button."""

from dataclasses import replace
from typing import Any

from music_assistant_models.enums import EventType, QueueOption
from music_assistant_models.player import PlayerOption, PlayerOptionEntry, PlayerOptionType
from music_assistant_models.unique_list import UniqueList
import pytest

from custom_components.music_assistant import number, select, switch, text
from custom_components.music_assistant.const import DOMAIN
from homeassistant.components.music_assistant import (
    number as their_number,
    select as their_select,
    switch as their_switch,
    text as their_text,
)
from homeassistant.const import EntityCategory
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .common import Harness, wait_for_disabled_entities, wait_until
from .server import MassServer, PlayerSet

KINDS = PlayerOptionType
BASS = PlayerOption(
    key="bass", name="Bass", type=KINDS.INTEGER, value=0, min_value=-10, max_value=10, step=1
)
TREBLE = PlayerOption(
    key="treble", name="Treble", type=KINDS.FLOAT, value=0.5, min_value=0, max_value=2, step=0.5
)
LINK = PlayerOption(
    key="delay",
    name="Delay",
    translation_key="link_audio_delay",
    type=KINDS.STRING,
    value="a",
    options=[
        PlayerOptionEntry(key="a", name="A", type=KINDS.STRING, value="a", translation_key="lip"),
        PlayerOptionEntry(key="b", name="B", type=KINDS.STRING, value="b", translation_key="off"),
    ],
)
ENHANCER = PlayerOption(key="enhancer", name="Enhancer", type=KINDS.BOOLEAN, value=True)
NETWORK = PlayerOption(key="network_name", name="Name", type=KINDS.STRING, value="cinema")
# Known, but not from the start; unknown; and one that can't be changed.
DIMMER = replace(LINK, key="dimmer", translation_key="dimmer")
LABEL = replace(NETWORK, key="label", translation_key="label")
FIXED = replace(BASS, key="fixed", translation_key="subwoofer_volume", read_only=True)

OPTIONS = (BASS, TREBLE, LINK, ENHANCER, NETWORK, DIMMER, LABEL, FIXED)
IDS = {
    BASS: "number.cinema_bass",
    TREBLE: "number.cinema_treble",
    LINK: "select.cinema_link_audio_delay",
    ENHANCER: "switch.cinema_enhancer",
    NETWORK: "text.cinema_network_name",
}


@pytest.fixture
def player_set() -> PlayerSet:
    """Return the demo's household with a receiver that has these settings."""
    player_set = PlayerSet.create_demo()
    cinema = next(player for player in player_set.players if player.player_id == "cinema")
    cinema.options = UniqueList(replace(option) for option in OPTIONS)
    return player_set


def get_state(harness: Harness, entity_id: str) -> tuple[str, dict[str, Any]]:
    """Return the state and the attributes of an entity."""
    state = harness.hass.states.get(entity_id)
    assert state, f"{entity_id} has no state"
    return state.state, dict(state.attributes)


async def set_options(harness: Harness, *options: PlayerOption) -> None:
    """Change the receiver's options, and wait for the event."""
    cinema = harness.server.players["cinema"]
    cinema.options = UniqueList(options)
    harness.server.send_event(EventType.PLAYER_OPTIONS_UPDATED, "cinema", cinema)
    harness.server.send_event(EventType.PLAYER_UPDATED, "cinema", cinema)
    await harness.wait_for_events()


def test_options_of_builtin() -> None:
    """The built-in integration's options are known, and enabled as there."""
    assert number.OPTION_NUMBERS == their_number.PLAYER_OPTIONS_NUMBER
    assert select.OPTION_SELECTS == their_select.PLAYER_OPTIONS_SELECT
    assert switch.OPTION_SWITCHES == their_switch.PLAYER_OPTIONS_SWITCH
    assert text.OPTION_TEXTS == their_text.PLAYER_OPTIONS_TEXT


async def test_option_entities(harness: Harness) -> None:
    """Known writable options have an entity, some of them disabled."""
    await wait_for_disabled_entities()
    registry = er.async_get(harness.hass)
    found = {
        entity.unique_id: entity
        for entity in er.async_entries_for_config_entry(registry, harness.entry.entry_id)
        if entity.domain in ("number", "select", "switch", "text")
    }
    settings = {f"cinema_{option.key}": option for option in OPTIONS}
    found = {key: entity for key, entity in found.items() if key in settings}  # ours are beside
    assert found.keys() == {f"cinema_{option.key}" for option in (*IDS, DIMMER)}
    assert {entity.entity_id for entity in found.values()} >= set(IDS.values())
    assert {entity.entity_category for entity in found.values()} == {EntityCategory.CONFIG}
    assert [key for key, entity in found.items() if entity.disabled] == ["cinema_dimmer"]


@pytest.mark.parametrize(
    ("option", "state", "attributes"),
    [
        (BASS, "0", {"min": -10, "max": 10, "step": 1}),
        (TREBLE, "0.5", {"min": 0, "max": 2, "step": 0.5}),
        (LINK, "lip", {"options": ["lip", "off"]}),
        (ENHANCER, "on", {"friendly_name": "Cinema Enhancer"}),
        (NETWORK, "cinema", {"friendly_name": "Cinema Network name"}),
    ],
)
def test_option_states(
    harness: Harness, option: PlayerOption, state: str, attributes: dict[str, Any]
) -> None:
    """An option has the state of its type."""
    value, found = get_state(harness, IDS[option])
    assert value == state
    assert found.items() >= attributes.items()


@pytest.mark.parametrize(
    ("option", "action", "data", "value", "state"),
    [
        (BASS, "set_value", {"value": 7}, 7, "7"),
        (BASS, "set_value", {"value": -6.6}, -7, "-7"),
        (TREBLE, "set_value", {"value": 1.5}, 1.5, "1.5"),
        (LINK, "select_option", {"option": "off"}, "b", "off"),
        (ENHANCER, "turn_off", {}, False, "off"),
        (NETWORK, "set_value", {"value": "hall"}, "hall", "hall"),
    ],
)
async def test_set_option(
    harness: Harness,
    server: MassServer,
    *,
    option: PlayerOption,
    action: str,
    data: dict[str, Any],
    value: object,
    state: str,
) -> None:
    """A value is sent in the server's type, and the state follows."""
    entity_id = IDS[option]
    await harness.hass.services.async_call(
        entity_id.split(".")[0], action, data, blocking=True, target={"entity_id": entity_id}
    )
    (args,) = [args for name, args in server.commands if name == "players/cmd/set_option"]
    assert args == {"player_id": "cinema", "option_key": option.key, "option_value": value}
    assert type(args["option_value"]) is type(value)
    await wait_until(lambda: get_state(harness, entity_id)[0] == state)


async def test_turn_on_switch(harness: Harness) -> None:
    """A switch can be turned on."""
    await set_options(harness, replace(ENHANCER, value=False))
    entity_id = IDS[ENHANCER]
    assert get_state(harness, entity_id)[0] == "off"
    await harness.hass.services.async_call(
        "switch", "turn_on", blocking=True, target={"entity_id": entity_id}
    )
    await wait_until(lambda: get_state(harness, entity_id)[0] == "on")


async def test_server_error(harness: Harness, server: MassServer) -> None:
    """The server's error is raised."""
    server.faults.fail_command("players/cmd/set_option", 22, "not for you")
    with pytest.raises(HomeAssistantError) as raised:
        await harness.hass.services.async_call(
            "switch", "turn_off", blocking=True, target={"entity_id": IDS[ENHANCER]}
        )
    assert (raised.value.translation_domain, raised.value.translation_key) == (
        DOMAIN,
        "not_permitted",
    )


async def test_ranges_and_choices_change(harness: Harness) -> None:
    """Ranges and choices change without a reload."""
    entries = LINK.options or []
    third = replace(entries[0], key="c", translation_key="auto", value="c")
    await set_options(
        harness,
        replace(BASS, min_value=-20, max_value=None, step=2, value=4),
        replace(LINK, options=[*entries, third], value="c"),
    )
    state, attributes = get_state(harness, IDS[BASS])
    assert (state, attributes["min"], attributes["max"], attributes["step"]) == ("4", -20, 10, 2)
    state, attributes = get_state(harness, IDS[LINK])
    assert (state, attributes["options"]) == ("auto", ["lip", "off", "auto"])


async def test_invalid_values_are_unknown(harness: Harness) -> None:
    """A value that isn't among the choices, or of another type, is unknown."""
    await set_options(
        harness,
        replace(LINK, value="z"),
        replace(BASS, type=KINDS.STRING, value="loud", min_value=None, max_value=None),
    )
    assert get_state(harness, IDS[LINK])[0] == "unknown"
    assert get_state(harness, IDS[BASS])[0] == "unknown"


async def test_new_and_removed_options(harness: Harness) -> None:
    """A removed option is unavailable until it returns; a new one is added."""
    await set_options(harness, BASS, replace(FIXED, read_only=False))
    assert get_state(harness, "number.cinema_subwoofer_volume")[0] == "0"
    assert get_state(harness, IDS[ENHANCER])[0] == "unavailable"
    await set_options(harness, replace(ENHANCER, value=False), replace(BASS, read_only=True))
    assert get_state(harness, IDS[ENHANCER])[0] == "off"
    assert get_state(harness, IDS[BASS])[0] == "unavailable"
    await set_options(harness, *OPTIONS)
    assert {get_state(harness, entity_id)[0] for entity_id in IDS.values()} == {
        *("0", "0.5", "lip", "on", "cinema")
    }


async def test_option_of_unavailable_player(harness: Harness, server: MassServer) -> None:
    """An option of an unavailable player can't be set."""
    server.update_player("cinema", available=False)
    await harness.wait_for_events()
    button = "button.cinema_favorite_current_song"
    assert {get_state(harness, each)[0] for each in (*IDS.values(), button)} == {"unavailable"}


async def test_unrelated_events_write_no_state(harness: Harness, server: MassServer) -> None:
    """Unrelated events write no state, not even the same one again."""

    def get_written_states() -> dict[str, float]:
        states = harness.hass.states.async_all(("number", "select", "switch", "text"))
        return {state.entity_id: state.last_reported_timestamp for state in states}

    await set_options(harness, *OPTIONS)
    before = get_written_states()
    for level in range(32, 36):
        server.update_player("cinema", volume_level=level)
        await set_options(harness, *(replace(option) for option in OPTIONS))
    assert harness.get_state("cinema").attributes["volume_level"] == 0.35
    assert get_written_states() == before
    await set_options(harness, replace(BASS, value=1), *OPTIONS[1:])
    after = get_written_states()
    assert [each for each in before if after[each] != before[each]] == [IDS[BASS]]


# The button


async def press_button(harness: Harness) -> None:
    """Press the kitchen's button."""
    target = {"entity_id": "button.kuche_favorite_current_song"}
    await harness.hass.services.async_call("button", "press", blocking=True, target=target)


async def test_favorite_button(harness: Harness, server: MassServer) -> None:
    """The button adds the current item to the favorites."""
    track = server.library.get_item("library://track/1")
    assert not track.favorite
    queue = server.queues["kueche"]
    server.playback.add_items(
        queue, server.library.get_playable_items(track.uri or ""), QueueOption.REPLACE
    )
    await press_button(harness)
    assert server.library.get_item("library://track/1").favorite


async def test_favorite_button_without_item(harness: Harness) -> None:
    """Without a current item the button is an error."""
    with pytest.raises(HomeAssistantError) as raised:
        await press_button(harness)
    assert raised.value.translation_key == "queue_empty"
