"""Replacing the built-in integration and returning to it, with the same storage.

Each Home Assistant here starts from what the one before it stored, as at a restart. Which of the
two integrations it finds depends on whether it loads custom ones.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any, Final
from unittest.mock import patch

from music_assistant_models.dashboard import DashboardDevice
from music_assistant_models.enums import DashboardType, PlaybackState
from music_assistant_models.player import PlayerOption, PlayerOptionEntry, PlayerOptionType
from music_assistant_models.unique_list import UniqueList
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from custom_components.music_assistant.const import CONF_TRUST, DOMAIN
from homeassistant import loader
from homeassistant.bootstrap import DATA_REGISTRIES_LOADED
from homeassistant.components.music_assistant import number, select, switch, text
from homeassistant.config_entries import (
    HANDLERS,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
)
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant, SupportsResponse
from homeassistant.helpers import (
    area_registry as ar,
    category_registry as cr,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    frame,
    issue_registry as ir,
    label_registry as lr,
    restore_state as rs,
)
from homeassistant.setup import async_setup_component

from .common import wait_for_disabled_entities, wait_until
from .server import MassServer, PlayerSet

BUILT_IN: Final = "homeassistant.components.music_assistant"
OURS: Final = "custom_components.music_assistant"
# Registers its flow now: what the first import registers below would be removed with the patch.
import_module(f"{OURS}.config_flow")

type Facts = dict[str, dict[str, Any]]


# The harness keeps translations for the whole run, by domain: the built-in's would be ours, too.
pytestmark = pytest.mark.usefixtures("disable_translations_once")


@pytest.fixture(autouse=True)
def _enable_integration(socket_enabled: None, hass_storage: dict[str, Any]) -> None:
    """Override the fixture of all tests: here each test starts Home Assistant itself."""


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Allow the device registry's timer after an entity was removed."""
    return True


def options() -> list[PlayerOption]:
    """Return an option of each type that the built-in integration supports, and others."""
    kinds = PlayerOptionType
    known: dict[str, dict[str, Any]] = {
        **{
            name: {"type": kinds.INTEGER, "value": 3, "min_value": -10, "max_value": 10, "step": 1}
            for name in number.PLAYER_OPTIONS_NUMBER
        },
        **{
            name: {
                "type": kinds.STRING,
                "value": "two",
                "options": [
                    PlayerOptionEntry(key=key, name=key, type=kinds.STRING, value=key)
                    for key in ("one", "two")
                ],
            }
            for name in select.PLAYER_OPTIONS_SELECT
        },
        **{name: {"type": kinds.BOOLEAN, "value": True} for name in switch.PLAYER_OPTIONS_SWITCH},
        **{name: {"type": kinds.STRING, "value": "words"} for name in text.PLAYER_OPTIONS_TEXT},
        "volume_limit": {"type": kinds.INTEGER, "value": 3},
        "colour": {"type": kinds.STRING, "value": "red"},
    }
    made = [
        PlayerOption(key=f"{name}_key", name=name, translation_key=name, **rest)
        for name, rest in known.items()
    ]
    treble = next(option for option in made if option.translation_key == "treble")
    return [
        *made,
        replace(treble, key="fine", type=kinds.FLOAT, value=0.5, step=0.1),
        replace(treble, key="fixed", read_only=True),
        replace(treble, key="endless", min_value=None, max_value=None, step=None),
    ]


@pytest.fixture
def player_set() -> PlayerSet:
    """Return the demo's household with all the settings that there are."""
    player_set = PlayerSet.create_demo()
    cinema = next(player for player in player_set.players if player.player_id == "cinema")
    cinema.options = UniqueList(options())
    return player_set


@asynccontextmanager
async def start_home_assistant(integration: str) -> AsyncIterator[HomeAssistant]:
    """Start Home Assistant with one of the integrations, and stop it at the end."""
    with patch.dict(HANDLERS):
        HANDLERS[DOMAIN] = next(
            flow
            for flow in vars(import_module(f"{integration}.config_flow")).values()
            if isinstance(flow, type)
            and flow.__module__ == f"{integration}.config_flow"
            and issubclass(flow, ConfigFlow)
        )
        async with async_test_home_assistant(load_registries=False) as hass:
            if integration == OURS:
                hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
            frame.async_setup(hass)
            dr.async_setup(hass)
            for registry in (ar, cr, dr, er, fr, ir, lr, rs):
                await registry.async_load(hass)
            hass.data[DATA_REGISTRIES_LOADED] = None
            await hass.config_entries.async_initialize()
            try:
                assert (await loader.async_get_integration(hass, DOMAIN)).pkg_path == integration
                assert await async_setup_component(hass, DOMAIN, {})
                await hass.async_block_till_done()
                await wait_for_disabled_entities()
                yield hass
            finally:
                # the built-in integration would try to reload at the end of its connection
                for entry in hass.config_entries.async_loaded_entries(DOMAIN):
                    await hass.config_entries.async_unload(entry.entry_id)
                await hass.async_stop(force=True)


async def setup_entry(hass: HomeAssistant, server: MassServer) -> None:
    """Set up an entry for the server."""
    token = server.create_token("demo", "Home Assistant")
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Music Assistant",
        unique_id=server.server_id,
        # the last is ours alone
        data={CONF_URL: server.url, CONF_TOKEN: token, CONF_TRUST: {"certificate": "AA:BB"}},
    )
    await hass.config_entries.async_add(entry)
    await hass.async_block_till_done()
    await wait_for_disabled_entities()
    assert entry.state is ConfigEntryState.LOADED


def get_entry(hass: HomeAssistant) -> ConfigEntry[Any]:
    """Return the only entry."""
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    return entry


def get_entities(hass: HomeAssistant) -> dict[str, er.RegistryEntry]:
    """Return the entry's entities by domain and unique id."""
    found = er.async_entries_for_config_entry(er.async_get(hass), get_entry(hass).entry_id)
    return {f"{entity.domain} {entity.unique_id}": entity for entity in found}


def get_devices(hass: HomeAssistant) -> dict[str, dr.DeviceEntry]:
    """Return the entry's devices by the player's id."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), get_entry(hass).entry_id)
    return {identifier: device for device in found for _, identifier in device.identifiers}


def get_kept_data(hass: HomeAssistant) -> tuple[Facts, Facts]:
    """Return the data that must not change: identifiers and the user's settings."""
    chosen = ("id", "name", "icon", "area_id", "disabled_by", "hidden_by", "labels", "aliases")
    of_entities = ("entity_id", "device_id", "options", "categories", "device_class", *chosen)
    of_devices = ("id", "name", "name_by_user", "area_id", "disabled_by", "labels")
    return (
        {
            key: {name: getattr(entity, name) for name in of_entities}
            for key, entity in get_entities(hass).items()
        },
        {
            key: {name: getattr(device, name) for name in of_devices}
            for key, device in get_devices(hass).items()
        },
    )


def is_unchanged(before: tuple[Facts, Facts], now: tuple[Facts, Facts]) -> bool:
    """Return whether all data is unchanged; there may be more."""
    return all(old.items() <= new.items() for old, new in zip(before, now, strict=True))


def get_entry_settings(hass: HomeAssistant) -> dict[str, Any]:
    """Return the user's settings of the entry."""
    names = ("title", "pref_disable_new_entities", "pref_disable_polling", "disabled_by")
    entry = get_entry(hass)
    return {name: getattr(entry, name) for name in names}


def customize(hass: HomeAssistant) -> None:
    """Change the entry, entities and devices as users do."""
    hass.config_entries.async_update_entry(
        get_entry(hass), title="Jukebox", pref_disable_polling=True
    )
    customize_entities(hass)
    customize_details(hass)
    devices, registry = get_devices(hass), dr.async_get(hass)
    registry.async_update_device(
        devices["garden"].id,
        name_by_user="Terrace",
        area_id=ar.async_get(hass).async_get_or_create("Upstairs").id,
        labels={lr.async_get(hass).async_create("Outside").label_id},
    )
    registry.async_update_device(
        devices["turntablecorner"].id, disabled_by=dr.DeviceEntryDisabler.USER
    )


def customize_entities(hass: HomeAssistant) -> None:
    """Change the entities of players."""
    registry, found = er.async_get(hass), get_entities(hass)
    area = ar.async_get(hass).async_create("Upstairs")
    label = lr.async_get(hass).async_create("Loud")

    def update_entity(key: str, **changes: Any) -> None:
        registry.async_update_entity(found[key].entity_id, **changes)

    update_entity("media_player kueche", name="Kitchen radio", icon="mdi:fridge", area_id=area.id)
    update_entity("media_player buero", new_entity_id="media_player.desk", labels={label.label_id})
    update_entity("media_player bedroom", disabled_by=er.RegistryEntryDisabler.USER)
    update_entity("button kueche_favorite_now_playing", hidden_by=er.RegistryEntryHider.USER)
    update_entity("number cinema_dialogue_level_key", disabled_by=None)
    update_entity("switch cinema_enhancer_key", disabled_by=er.RegistryEntryDisabler.USER)


def customize_details(hass: HomeAssistant) -> None:
    """Change what is seldom changed, of entities of several platforms."""
    registry, found = er.async_get(hass), get_entities(hass)
    category = cr.async_get(hass).async_create(scope="entities", name="Music")
    changes: dict[str, dict[str, Any]] = {
        "media_player living_room": {
            "aliases": [er.COMPUTED_NAME, "Hi-fi"],
            "categories": {"entities": category.category_id},
            "device_class": "receiver",
        },
        "number cinema_treble_key": {
            "new_entity_id": "number.treble",
            "name": "High notes",
            "disabled_by": None,
        },
        "select cinema_dimmer_key": {
            "new_entity_id": "select.lights",
            "icon": "mdi:lightbulb",
            "disabled_by": None,
        },
        "text cinema_network_name_key": {
            "new_entity_id": "text.name",
            "name": "Name",
            "disabled_by": None,
        },
    }
    for key, changed in changes.items():
        registry.async_update_entity(found[key].entity_id, **changed)
    for key, domain, options in (
        ("media_player living_room", "conversation", {"should_expose": False}),
        ("media_player cinema", "cloud.google_assistant", {"disable_2fa": True}),
        ("number cinema_treble_key", "number", {"display_precision": 2}),
    ):
        entity_id = get_entities(hass)[key].entity_id
        registry.async_update_entity_options(entity_id, domain, options)


async def call_action(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action as an automation for the built-in integration does."""
    response = hass.services.supports_response(DOMAIN, action) is SupportsResponse.ONLY
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=response
    )


async def run_automations(hass: HomeAssistant, server: MassServer) -> dict[str, Any]:
    """Call each action with all fields of the built-in integration; return the responses."""
    desk, radio = {"entity_id": "media_player.desk"}, {"entity_id": "media_player.living_room"}
    entry = {"config_entry_id": get_entry(hass).entry_id}
    for player_id in ("buero", "living_room"):
        server.playback.clear_queue(server.queues[player_id])
    await call_action(
        hass,
        "play_media",
        **radio,
        media_id=["Crème de la brume"],
        media_type="track",
        artist="Élodie Marchvent",
        album="Lanterns at Low Tide",
        enqueue="replace",
        radio_mode=False,
        username="demo",
    )
    await call_action(
        hass, "play_media", **radio, media_id="library://track/7", enqueue="replace_next"
    )
    await wait_until(lambda: _is_playing(hass, radio["entity_id"]))
    await call_action(
        hass, "transfer_queue", **desk, source_player=radio["entity_id"], auto_play=True
    )
    await wait_until(lambda: _is_playing(hass, desk["entity_id"]))
    await call_action(
        hass,
        "play_announcement",
        **desk,
        url="http://x/bell.mp3",
        use_pre_announce=True,
        pre_announce_url="http://x/gong.mp3",
        announce_volume=30,
    )
    await wait_until(lambda: _is_playing(hass, desk["entity_id"]))
    queue = (await call_action(hass, "get_queue", **desk))[desk["entity_id"]]
    searched = await call_action(
        hass,
        "search",
        **entry,
        name="Lanterns at Low Tide",
        media_type=["album", "track"],
        artist="Élodie Marchvent",
        limit=3,
        library_only=True,
        username="demo",
    )
    listed = await call_action(
        hass,
        "get_library",
        **entry,
        media_type="album",
        favorite=False,
        search="lanterns",
        limit=2,
        offset=0,
        order_by="name",
        username="demo",
    )
    assert [item.uri for item in server.queue_items["buero"]] == [
        "library://track/1",
        "library://track/7",
    ]
    assert server.queues["buero"].state is PlaybackState.PLAYING
    return {"queue": queue, "searched": searched, "listed": listed}


def _is_playing(hass: HomeAssistant, entity_id: str) -> bool:
    state = hass.states.get(entity_id)
    return state is not None and state.state == "playing"


def remove_differing_fields(value: Any) -> Any:
    """Return a response without the fields that differ by design."""
    if isinstance(value, list):
        return [remove_differing_fields(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    left_out = ("queue_item_id", "elapsed_time", "thumbnail")
    return {
        key: bool(each)
        if key == "image" or key.endswith("_image")
        else remove_differing_fields(each)
        for key, each in value.items()
        if key not in left_out
    }


async def test_replace_and_return(server: MassServer) -> None:
    """Nothing changes when ours replaces the built-in integration, and back again."""
    async with start_home_assistant(BUILT_IN) as hass:
        await setup_entry(hass, server)
        customize(hass)
        await hass.async_block_till_done()
        before, settings = get_kept_data(hass), get_entry_settings(hass)
        data = dict(get_entry(hass).data)
        answers = remove_differing_fields(await run_automations(hass, server))
    assert len(before[0]) > len(before[1]) > 9

    for integration in (OURS, BUILT_IN, OURS):
        async with start_home_assistant(integration) as hass:
            entry = get_entry(hass)
            assert entry.state is ConfigEntryState.LOADED
            assert (entry.version, data.items() <= entry.data.items()) == (1, True)
            assert get_entry_settings(hass) == settings
            assert is_unchanged(before, get_kept_data(hass))
            again = remove_differing_fields(await run_automations(hass, server))
            assert again["searched"].pop("genres", []) == []
            assert again == answers
            state = hass.states.get("media_player.kuche")
            assert state and state.name.endswith("Kitchen radio")
            assert hass.states.get("media_player.bedroom") is None
            assert hass.states.get("number.cinema_dialogue_level") is not None
            assert is_unchanged(before, get_kept_data(hass))
            assert (server.server_id in get_devices(hass)) is (integration == OURS)


async def test_entry_works_with_builtin(server: MassServer) -> None:
    """An entry that ours created works with the built-in integration."""
    async with start_home_assistant(OURS) as hass:
        flow = hass.config_entries.flow
        form = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        for given in (
            {CONF_URL: server.url},
            {"next_step_id": "token"},
            {CONF_TOKEN: server.create_token("demo", "Home Assistant")},
        ):
            form = await flow.async_configure(form["flow_id"], given)
        await hass.async_block_till_done()
        await wait_for_disabled_entities()
        assert get_entry(hass).state is ConfigEntryState.LOADED
        before = get_kept_data(hass)
        of_server = get_entities(hass)[f"sensor {server.server_id}_server_version"].entity_id
        er.async_get(hass).async_update_entity(of_server, new_entity_id="sensor.jukebox")
    async with start_home_assistant(BUILT_IN) as hass:
        assert get_entry(hass).state is ConfigEntryState.LOADED
        facts, of_devices = get_kept_data(hass)
        assert before[1].keys() - of_devices.keys() == {server.server_id}
        assert all(key.split()[1].startswith(server.server_id) for key in before[0].keys() - facts)
        assert is_unchanged((facts, of_devices), before)
        assert facts
    async with start_home_assistant(OURS) as hass:  # Home Assistant remembers what was removed
        assert (state := hass.states.get("sensor.jukebox"))
        assert state.state == server.server_version


async def test_prepare_to_go_back(server: MassServer) -> None:
    """The options remove what the built-in integration doesn't have, and nothing else."""
    async with start_home_assistant(BUILT_IN) as hass:
        await setup_entry(hass, server)
        customize(hass)
        await hass.async_block_till_done()
        before = get_kept_data(hass)
    async with start_home_assistant(OURS) as hass:
        registry, added = er.async_get(hass), get_entities(hass).keys() - before[0].keys()
        for key in added:  # also those that are enabled
            registry.async_update_entity(get_entities(hass)[key].entity_id, disabled_by=None)
        flow, entry = hass.config_entries.options, get_entry(hass)
        menu = await flow.async_init(entry.entry_id)
        form = await flow.async_configure(menu["flow_id"], {"next_step_id": "go_back"})
        assert form["description_placeholders"] == {"count": str(len(added))}
        done = await flow.async_configure(form["flow_id"], {})
        assert done["reason"] == "ready_to_go_back"
        await hass.async_block_till_done()
        assert get_kept_data(hass)[0].keys() == before[0].keys()
        assert get_kept_data(hass)[1].keys() == before[1].keys()
        again = await flow.async_init(entry.entry_id)
        form = await flow.async_configure(again["flow_id"], {"next_step_id": "go_back"})
        assert form["description_placeholders"] == {"count": "0"}
        assert (await flow.async_configure(form["flow_id"], {}))["reason"] == "ready_to_go_back"
    async with start_home_assistant(BUILT_IN) as hass:
        assert get_entry(hass).state is ConfigEntryState.LOADED
        assert get_kept_data(hass)[0].keys() == before[0].keys()
        assert is_unchanged(before, get_kept_data(hass))


@pytest.mark.parametrize("away", [{"patio", "garden"}, {"kueche", "living_room", "cinema"}])
async def test_players_are_away(server: MassServer, away: set[str]) -> None:
    """Players that are away during the change keep everything, and so they do on the way back.

    One is unavailable, and the others aren't started by the server, which only has their settings.
    """
    async with start_home_assistant(BUILT_IN) as hass:
        await setup_entry(hass, server)
        customize(hass)
        await hass.async_block_till_done()
        before = get_kept_data(hass)
    unavailable, *disabled = sorted(away)
    for integration in (OURS, BUILT_IN):
        server.update_player(unavailable, available=False)
        for player_id in disabled:
            server.set_player_config(player_id, enabled=False)
        async with start_home_assistant(integration) as hass:
            assert is_unchanged(before, get_kept_data(hass))
            registry = er.async_get(hass)
            entity_id = registry.async_get_entity_id("media_player", DOMAIN, unavailable)
            assert entity_id and (state := hass.states.get(entity_id))
            assert state.state == "unavailable"
        server.update_player(unavailable, available=True)
        for player_id in disabled:
            server.set_player_config(player_id, enabled=True)
    async with start_home_assistant(OURS) as hass:
        assert is_unchanged(before, get_kept_data(hass))
        assert all(hass.states.get(f"media_player.{name}") for name in ("kuche", "cinema", "patio"))


async def test_displays(server: MassServer) -> None:
    """A display, which the built-in integration doesn't have, comes back as it was."""
    server.dashboards.add_device(DashboardDevice("frame", "Picture frame", {DashboardType.PARTY}))
    key = "dashboard:frame"
    async with start_home_assistant(OURS) as hass:
        await setup_entry(hass, server)
        area = ar.async_get(hass).async_create("Hall")
        dr.async_get(hass).async_update_device(
            get_devices(hass)[key].id, name_by_user="Frame", area_id=area.id
        )
        er.async_get(hass).async_update_entity(
            get_entities(hass)[f"media_player {key}"].entity_id,
            new_entity_id="media_player.frame",
            name="Our pictures",
            aliases=["Photos"],
        )
        before = get_kept_data(hass)
        assert key in before[1]
    async with start_home_assistant(BUILT_IN) as hass:
        assert get_entry(hass).state is ConfigEntryState.LOADED
    async with start_home_assistant(OURS) as hass:
        assert is_unchanged(before, get_kept_data(hass))
        assert (state := hass.states.get("media_player.frame"))
        assert state.state == "idle"


# Where ours describes something otherwise than the built-in integration, and why.
REASONS: Final = {
    ("media_player", "supported_features"): "offered only where the player or its source can",
    ("device", "sw_version"): "shown, where the player tells it",
}


def get_registry_descriptions(hass: HomeAssistant) -> dict[str, dict[str, object]]:
    """Return the registry data of entities and devices."""
    of_entities = (
        *("entity_id", "unique_id", "platform", "disabled_by", "hidden_by", "entity_category"),
        *("original_device_class", "original_icon", "original_name", "has_entity_name"),
        *("translation_key", "capabilities", "supported_features", "unit_of_measurement"),
    )
    of_devices = (
        *("identifiers", "connections", "name", "manufacturer", "model", "model_id", "sw_version"),
        *("hw_version", "serial_number", "configuration_url", "entry_type", "disabled_by"),
        *("suggested_area", "via_device_id"),
    )
    found: dict[str, dict[str, object]] = {}
    for key, entity in get_entities(hass).items():
        state = hass.states.get(entity.entity_id)
        found[key] = {name: getattr(entity, name) for name in of_entities}
        if state and entity.domain != "media_player":
            found[key] |= {"state": state.state, **state.attributes}
    for key, device in get_devices(hass).items():
        found[f"device {key}"] = {name: getattr(device, name, None) for name in of_devices}
    return found


async def test_same_entities_and_devices(server: MassServer, hass_storage: dict[str, Any]) -> None:
    """Both create the same entities and devices, with listed exceptions."""
    found = []
    for integration in (BUILT_IN, OURS):
        hass_storage.clear()
        async with start_home_assistant(integration) as hass:
            await setup_entry(hass, server)
            found.append(get_registry_descriptions(hass))
    theirs, ours = found
    assert theirs.keys() < ours.keys()
    assert {
        (key.split()[0], name)
        for key in theirs
        for name in theirs[key].keys() | ours[key].keys()
        if theirs[key].get(name) != ours[key].get(name)
    } == REASONS.keys()
    assert {key.split()[0] for key in theirs} == {
        *("device", "media_player", "button", "number", "select", "switch", "text")
    }
