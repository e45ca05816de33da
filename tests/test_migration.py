"""Migration of a device to a new player id."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp.test_utils import TestClient
from music_assistant_models.enums import CoreState, IdentifierType as Kind
from music_assistant_models.player import DeviceInfo, Player
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.players.matching import (
    Evidence,
    KnownPlayer,
    MigrationCandidates,
    find_candidates,
    get_hardware_ids,
    get_shared_hardware,
)
from custom_components.music_assistant.players.migration import (
    ISSUE_FORMER_PLAYER,
    REPLACEMENT_WAIT_TIME,
)
from homeassistant.const import STATE_IDLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component

from .common import Harness, LoopMonitor, wait_for_disabled_entities, wait_until
from .server import MassServer, PlayerSet
from .server.player_set import create_device_info, create_speaker
from .translation_texts import find_placeholders, get_text, render_flow_result

MAC, OTHER_MAC, SERIAL = (
    "mac_address:54f82af2c018",
    "mac_address:54f82af2c019",
    "serial_number:sn0001",
)
FIX_FLOW: Final = ("issues", ISSUE_FORMER_PLAYER, "fix_flow")

# --------------------------------------------------------------------------- what a device is


@pytest.mark.parametrize(
    ("identifiers", "expected"),
    [
        ({}, set()),
        ({Kind.MAC_ADDRESS: "54:F8:2A:F2:C0:18"}, {MAC}),
        ({Kind.MAC_ADDRESS: "54-f8-2a-f2-c0-18"}, {MAC}),
        ({Kind.SERIAL_NUMBER: " SN-0001 "}, {SERIAL}),
        ({Kind.MAC_ADDRESS: "54:F8:2A:F2:C0:18", Kind.SERIAL_NUMBER: "sn0001"}, {MAC, SERIAL}),
        ({Kind.UUID: "8D1E-00FF-aa"}, {"uuid:8d1e00ffaa"}),
        ({Kind.CAST_UUID: "8d1e00ffaa"}, {"cast_uuid:8d1e00ffaa"}),
        ({Kind.AIRPLAY_ID: "54:F8:2A:F2:C0:18"}, {"airplay_id:54f82af2c018"}),
        ({Kind.IP_ADDRESS: "192.168.1.100", Kind.UNKNOWN: "something"}, set()),
        ({Kind.MAC_ADDRESS: "00:00:00:00:00:00"}, set()),
        ({Kind.MAC_ADDRESS: "ff:ff:ff:ff:ff:ff"}, set()),
        ({Kind.MAC_ADDRESS: "02:00:00:00:00:00"}, set()),
        ({Kind.MAC_ADDRESS: "54:F8:2A"}, set()),
        ({Kind.MAC_ADDRESS: "living room 1"}, set()),
        ({Kind.MAC_ADDRESS: ""}, set()),
        ({Kind.SERIAL_NUMBER: "0"}, set()),
        ({Kind.SERIAL_NUMBER: "00000000"}, set()),
        ({Kind.SERIAL_NUMBER: "12345"}, set()),
        ({Kind.SERIAL_NUMBER: "Unknown"}, set()),
        ({Kind.SERIAL_NUMBER: None}, set()),
        ({Kind.UUID: "00000000-0000-0000-0000-000000000000"}, set()),
    ],
)
def test_hardware_ids(identifiers: Mapping[Kind, Any], expected: set[str]) -> None:
    """Hardware ids are compared without punctuation; placeholders are ignored."""
    assert get_hardware_ids(tuple(identifiers.items())) == expected


def create_saved_player(name: str, *identifiers: str) -> KnownPlayer:
    """Return the saved data of a player."""
    return KnownPlayer(name, frozenset(identifiers))


NEW = create_saved_player("Kitchen", MAC)
CERTAIN, HARDWARE, NAME = Evidence.CERTAIN, Evidence.HARDWARE, Evidence.NAME


@pytest.mark.parametrize(
    ("new", "others", "there", "listed", "expected"),
    [
        pytest.param(NEW, {}, "", "", None, id="nobody else"),
        pytest.param(
            NEW, {"a": create_saved_player("Hall", OTHER_MAC)}, "", "", None, id="nobody like it"
        ),
        pytest.param(
            NEW, {"a": create_saved_player("Hall", MAC)}, "", "", (CERTAIN, "a"), id="certain"
        ),
        pytest.param(
            NEW, {"a": create_saved_player("Hall", MAC)}, "", "a", (HARDWARE, "a"), id="listed"
        ),
        pytest.param(
            NEW, {"a": create_saved_player("Hall", MAC)}, "", None, (HARDWARE, "a"), id="unread"
        ),
        pytest.param(NEW, {"a": create_saved_player("Hall", MAC)}, "a", "", None, id="there"),
        pytest.param(
            NEW,
            {"a": create_saved_player("Hall", MAC), "b": create_saved_player("Bath", MAC)},
            "",
            "",
            (HARDWARE, "ab"),
            id="several",
        ),
        pytest.param(
            NEW,
            {"a": create_saved_player("Hall", MAC), "b": create_saved_player("Bath", MAC)},
            "b",
            "",
            None,
            id="shared",
        ),
        pytest.param(
            create_saved_player("Kitchen", MAC, SERIAL),
            {"a": create_saved_player("Hall", MAC, SERIAL), "b": create_saved_player("Bath", MAC)},
            "b",
            "",
            (CERTAIN, "a"),
            id="one of two shared",
        ),
        pytest.param(
            create_saved_player("Kitchen", MAC, SERIAL),
            {"a": create_saved_player("Hall", OTHER_MAC, SERIAL)},
            "",
            "",
            (HARDWARE, "a"),
            id="contradicting",
        ),
        pytest.param(
            NEW,
            {"a": create_saved_player("Kitchen", OTHER_MAC)},
            "",
            "",
            (NAME, "a"),
            id="only the name",
        ),
        pytest.param(
            NEW,
            {"a": create_saved_player("Kitchen"), "b": create_saved_player("Kitchen")},
            "",
            "",
            None,
            id="namesakes",
        ),
        pytest.param(
            NEW,
            {"a": create_saved_player("Kitchen"), "b": create_saved_player("Hall", MAC)},
            "",
            "",
            (CERTAIN, "b"),
            id="hardware before name",
        ),
        pytest.param(
            create_saved_player("Kitchen"),
            {"a": create_saved_player("Kitchen")},
            "",
            "",
            (NAME, "a"),
            id="no hardware",
        ),
        pytest.param(
            create_saved_player("Kitchen"),
            {"a": create_saved_player("Hall")},
            "",
            "",
            None,
            id="nothing at all",
        ),
    ],
)
def test_find_former_player(
    new: KnownPlayer,
    others: dict[str, KnownPlayer],
    there: str,
    listed: str | None,
    expected: tuple[Evidence, str] | None,
) -> None:
    """Only a player with the same hardware that is gone is certain."""
    found = find_candidates("new", {"new": new, **others}, {*there, "new"}, listed)
    assert found == (MigrationCandidates(expected[0], tuple(expected[1])) if expected else None)


@pytest.mark.parametrize(
    ("old_id", "identifier", "named_after"),
    [
        ("ap54f82af2c018", MAC, True),
        ("54:F8:2A:F2:C0:18", MAC, True),
        ("RINCON_54F82AF2C01801400", MAC, True),
        ("ap54f82af2c019", MAC, False),
        ("player_sn0001", SERIAL, False),
    ],
)
def test_id_with_mac_address(old_id: str, identifier: str, named_after: bool) -> None:
    """An id that contains the MAC address is a candidate, but not certain."""
    players = {
        "new": create_saved_player("Kitchen", identifier),
        old_id: create_saved_player("Hall"),
    }
    expected = MigrationCandidates(HARDWARE, (old_id,)) if named_after else None
    assert find_candidates("new", players, {"new"}, set()) == expected


def test_shared_hardware() -> None:
    """Hardware of several present players isn't used."""
    players = {
        "one": create_saved_player("", MAC, SERIAL),
        "two": create_saved_player("", MAC),
        "gone": create_saved_player("", SERIAL),
    }
    assert get_shared_hardware("one", players, {"one", "two", "stranger"}) == {MAC}
    assert get_shared_hardware("one", players, {"one"}) == set()


# ------------------------------------------------------------------------------ how it goes on

OLD_ID, NEW_ID = "kitchen", "up_kitchen"
KITCHEN: Final = "media_player.my_kitchen"


def create_kitchen(player_id: str, name: str = "Kitchen", **changes: Any) -> Player:
    """Return the player in the kitchen, by default with the same hardware."""
    changes.setdefault("device_info", create_device_info(OLD_ID))
    return create_speaker(name, player_id, **changes)


@pytest.fixture
def player_set() -> PlayerSet:
    """Return players of which one's id begins as another one's does."""
    return PlayerSet([create_kitchen(OLD_ID), create_speaker("Annexe", "kitchen_annexe")])


@pytest.fixture
def known_kitchen(hass: HomeAssistant, harness: Harness) -> str:
    """Let a person change what can be changed of the kitchen; returns the device's id."""
    entities, devices = er.async_get(hass), dr.async_get(hass)
    entities.async_update_entity(harness.get_entity_id(OLD_ID), new_entity_id=KITCHEN, name="Radio")
    button = entities.async_get_entity_id("button", DOMAIN, f"{OLD_ID}_favorite_now_playing")
    assert button
    entities.async_update_entity(button, disabled_by=er.RegistryEntryDisabler.USER, labels={"kept"})
    device_id = get_device_id(harness, OLD_ID)
    assert device_id
    devices.async_update_device(device_id, name_by_user="Cooking", area_id="cellar")
    return device_id


def get_device_id(harness: Harness, player_id: str) -> str | None:
    """Return the id of a player's device."""
    found = dr.async_get(harness.hass).async_get_device_by_identifier(
        (DOMAIN, player_id), harness.entry.entry_id
    )
    return found.id if found else None


def is_player_entity(harness: Harness, entity: er.RegistryEntry) -> bool:
    """Return whether an entity is a player's, not the server's."""
    return not entity.unique_id.startswith(harness.server.server_id)


def is_migrated(harness: Harness, device_id: str, player_id: str = NEW_ID) -> bool:
    """Return whether the kitchen has a player id and all settings of the user."""
    state = harness.hass.states.get(KITCHEN)
    if get_device_id(harness, player_id) != device_id or state is None or state.state != STATE_IDLE:
        return False
    entities, devices = er.async_get(harness.hass), dr.async_get(harness.hass)
    found = devices.async_get(device_id)
    assert found and (found.name_by_user, found.area_id) == ("Cooking", "cellar")
    assert found.identifiers == {(DOMAIN, player_id)}
    assert player_id == OLD_ID or not get_device_id(harness, OLD_ID)
    radio = entities.async_get(KITCHEN)
    assert radio and (radio.unique_id, radio.name) == (player_id, "Radio")
    button_id = entities.async_get_entity_id("button", DOMAIN, f"{player_id}_favorite_now_playing")
    assert button_id
    button = entities.async_get(button_id)
    assert button and button.disabled_by is er.RegistryEntryDisabler.USER
    assert button.labels == {"kept"}
    every = er.async_entries_for_config_entry(entities, harness.entry.entry_id)
    per_device = Counter(one.device_id for one in every if is_player_entity(harness, one))
    assert get_device_id(harness, "kitchen_annexe")
    # those that are disabled are registered last
    return (len(per_device), len({*per_device.values()})) == (len(harness.device_player_ids), 1)


def get_migration_issues(hass: HomeAssistant) -> dict[tuple[str, str], ir.IssueEntry]:
    """Return the repairs by old and new player id."""
    return {
        (str(issue.data["old"]), str(issue.data["new"])): issue
        for issue in ir.async_get(hass).issues.values()
        if issue.translation_key == ISSUE_FORMER_PLAYER and issue.data
    }


async def reload_entry(harness: Harness) -> None:
    """Reload the entry."""
    assert await harness.hass.config_entries.async_reload(harness.entry.entry_id)
    await harness.hass.async_block_till_done()


async def test_player_removed_then_added(
    harness: Harness, known_kitchen: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A removed device is restored under its new id."""
    caplog.set_level("INFO")
    harness.server.remove_player(OLD_ID)
    harness.server.add_player(create_kitchen(NEW_ID))
    await wait_until(lambda: is_migrated(harness, known_kitchen))
    assert caplog.text.count("Migrating player kitchen to up_kitchen") == 1
    assert not get_migration_issues(harness.hass)
    await harness.call_action("volume_set", NEW_ID, volume_level=0.57)
    assert harness.server.players[NEW_ID].volume_level == 57
    await reload_entry(harness)
    assert is_migrated(harness, known_kitchen)


async def test_player_added_then_removed(
    harness: Harness, known_kitchen: str, loop_monitor: LoopMonitor
) -> None:
    """A player with the hardware of another one waits for its removal."""
    harness.server.add_player(create_kitchen(NEW_ID))
    await harness.wait_for_events()
    assert not get_device_id(harness, NEW_ID)
    harness.server.update_player(NEW_ID, volume_level=12)
    harness.server.remove_player(OLD_ID)
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: is_migrated(harness, known_kitchen))
    assert not get_migration_issues(harness.hass)


async def test_player_added_much_later(harness: Harness, known_kitchen: str) -> None:
    """A device that was removed long ago is restored under another id."""
    harness.server.remove_player(OLD_ID)
    await harness.wait_for_events()
    assert not get_device_id(harness, OLD_ID)
    await reload_entry(harness)
    harness.server.add_player(create_kitchen(NEW_ID))
    await wait_until(lambda: is_migrated(harness, known_kitchen))


async def test_migration_at_setup(harness: Harness, known_kitchen: str) -> None:
    """A migration while Home Assistant was down is done before entities are added."""
    assert await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    del harness.server.players[OLD_ID]
    harness.server.add_player(create_kitchen(NEW_ID, "Kitchen of today"))
    assert await harness.hass.config_entries.async_setup(harness.entry.entry_id)
    await harness.hass.async_block_till_done()
    assert is_migrated(harness, known_kitchen)
    assert not get_migration_issues(harness.hass)


async def test_migration_during_disconnect(harness: Harness, known_kitchen: str) -> None:
    """A migration during a disconnect finds the old entities unavailable."""
    del harness.server.players[OLD_ID]
    harness.server.players[NEW_ID] = create_kitchen(NEW_ID)
    await harness.server.faults.disconnect_clients()
    await wait_until(lambda: is_migrated(harness, known_kitchen))


async def test_player_returns_with_same_id(harness: Harness, known_kitchen: str) -> None:
    """A player that returns with its id is added at once."""
    player = harness.server.players[OLD_ID]
    harness.server.remove_player(OLD_ID)
    await harness.wait_for_events()
    harness.server.add_player(player)
    await harness.wait_for_events()
    assert is_migrated(harness, known_kitchen, OLD_ID)


async def test_two_players_with_same_hardware(
    harness: Harness, known_kitchen: str, loop_monitor: LoopMonitor
) -> None:
    """Two present players with one hardware aren't migrated."""
    harness.server.add_player(create_kitchen(NEW_ID, "Pantry"))
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: get_device_id(harness, NEW_ID), REPLACEMENT_WAIT_TIME + 5)
    await wait_for_disabled_entities()
    assert is_migrated(harness, known_kitchen, OLD_ID)
    await harness.wait_for_events()
    harness.server.remove_player(OLD_ID)
    await harness.wait_for_events()
    assert harness.device_player_ids == {NEW_ID, "kitchen_annexe"}
    harness.server.add_player(create_kitchen("third", "Scullery"))
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: get_device_id(harness, "third"), REPLACEMENT_WAIT_TIME + 5)
    assert not get_migration_issues(harness.hass)


async def test_hardware_added_later(harness: Harness, known_kitchen: str) -> None:
    """Hardware that is known later is saved, and kept when it disappears."""
    other = create_device_info("told late")
    harness.server.update_player(OLD_ID, device_info=other)
    await harness.wait_for_events()
    harness.server.update_player(OLD_ID, device_info=DeviceInfo())
    await harness.wait_for_events()
    harness.server.remove_player(OLD_ID)
    harness.server.add_player(create_kitchen(NEW_ID, device_info=other))
    await wait_until(lambda: is_migrated(harness, known_kitchen))


async def test_player_removed_while_waiting(
    harness: Harness, known_kitchen: str, loop_monitor: LoopMonitor
) -> None:
    """A player that is removed while it waits isn't migrated."""
    harness.server.add_player(create_kitchen(NEW_ID))
    await harness.wait_for_events()
    harness.server.remove_player(NEW_ID)
    with loop_monitor.skip_idle_time():
        await wait_until(
            lambda: not harness.coordinator.store.migration._pending, REPLACEMENT_WAIT_TIME + 5
        )
    await harness.wait_for_events()
    assert is_migrated(harness, known_kitchen, OLD_ID)
    assert not get_migration_issues(harness.hass)


# -------------------------------------------------------------------------------------- asking


type Post = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
type Answer = Callable[[str, str, str], Awaitable[dict[str, Any]]]


@pytest.fixture
def post(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Post:
    """Return what sends a step of a repair to Home Assistant as a browser does."""
    browsers: list[TestClient[Any, Any]] = []

    async def send_request(path: str, body: dict[str, Any]) -> dict[str, Any]:
        if not browsers:
            assert await async_setup_component(hass, "repairs", {})
            browsers.append(await hass_client())
        response = await browsers[0].post(f"/api/repairs/issues/fix{path}", json=body)
        result: dict[str, Any] = await response.json()
        assert "{" not in render_flow_result(result, FIX_FLOW)
        await hass.async_block_till_done()
        return result

    return send_request


async def start_repair(hass: HomeAssistant, post: Post, old: str, new: str) -> str:
    """Open a repair; return the path for its answer."""
    step = await post(
        "", {"handler": DOMAIN, "issue_id": get_migration_issues(hass)[old, new].issue_id}
    )
    assert step["type"] == FlowResultType.MENU
    return f"/{step['flow_id']}"


@pytest.fixture
def answer(hass: HomeAssistant, post: Post) -> Answer:
    """Return what answers the question whether one player is another one."""

    async def submit_answer(old: str, new: str, choice: str) -> dict[str, Any]:
        return await post(await start_repair(hass, post, old, new), {"next_step_id": choice})

    return submit_answer


async def create_migration_issue(harness: Harness) -> None:
    """Add a player that has only the name of a missing one."""
    harness.server.remove_player(OLD_ID)
    harness.server.add_player(create_kitchen(NEW_ID, device_info=create_device_info("another")))
    await wait_until(lambda: get_migration_issues(harness.hass))
    await wait_until(lambda: get_device_id(harness, NEW_ID))
    await harness.wait_for_events()


async def test_confirmed_migration(harness: Harness, known_kitchen: str, answer: Answer) -> None:
    """A player with the same name is added; a confirmation migrates the old device."""
    await create_migration_issue(harness)
    issue = get_migration_issues(harness.hass)[OLD_ID, NEW_ID]
    assert issue.is_fixable and issue.is_persistent
    assert issue.translation_placeholders == {
        "server": "Music Assistant",
        "old": "Kitchen",
        "old_id": OLD_ID,
        "new": "Kitchen",
        "new_id": NEW_ID,
    }
    title = get_text("issues", ISSUE_FORMER_PLAYER, "title")
    assert find_placeholders(title) <= set(issue.translation_placeholders)
    new_device = get_device_id(harness, NEW_ID)
    assert new_device != known_kitchen
    assert harness.get_entity_id(NEW_ID) != KITCHEN
    result = await answer(OLD_ID, NEW_ID, "same")
    assert result["type"] == FlowResultType.CREATE_ENTRY
    await wait_until(lambda: is_migrated(harness, known_kitchen))
    assert not get_migration_issues(harness.hass)
    await reload_entry(harness)
    assert is_migrated(harness, known_kitchen)


async def test_declined_migration(harness: Harness, known_kitchen: str, answer: Answer) -> None:
    """A refusal is saved, also after a restart and after the player was away."""
    await create_migration_issue(harness)
    await answer(OLD_ID, NEW_ID, "another")
    assert not get_migration_issues(harness.hass)
    await reload_entry(harness)
    player = harness.server.players[NEW_ID]
    harness.server.remove_player(NEW_ID)
    await harness.wait_for_events()
    harness.server.add_player(player)
    await wait_until(lambda: get_device_id(harness, NEW_ID))
    assert not get_migration_issues(harness.hass)
    assert get_device_id(harness, NEW_ID) != known_kitchen


async def test_declined_migration_of_left_device(
    harness: Harness, known_kitchen: str, answer: Answer, loop_monitor: LoopMonitor
) -> None:
    """A refusal is also respected for a device that was left."""
    harness.server.set_player_config(OLD_ID, enabled=False)
    harness.server.add_player(create_kitchen(NEW_ID))
    await wait_until(lambda: get_device_id(harness, NEW_ID))
    await answer(OLD_ID, NEW_ID, "another")
    dr.async_get(harness.hass).async_get_or_create(
        config_entry_id=harness.entry.entry_id, identifiers={(DOMAIN, OLD_ID)}, name="Kitchen"
    )
    await reload_entry(harness)
    assert harness.device_player_ids == {OLD_ID, NEW_ID, "kitchen_annexe"}
    assert not get_migration_issues(harness.hass)


async def test_several_candidates(harness: Harness, answer: Answer) -> None:
    """Each candidate has a repair; a confirmation of one keeps the other."""
    harness.server.remove_player(OLD_ID)
    harness.server.add_player(create_kitchen("second", "Second"))
    await wait_until(lambda: get_device_id(harness, "second"))
    assert harness.device_player_ids == {"second", "kitchen_annexe"}  # it went on as the second one
    harness.server.add_player(
        create_kitchen("third", "Third", device_info=create_device_info("third"))
    )
    await wait_until(lambda: get_device_id(harness, "third"))
    harness.server.remove_player("second")
    harness.server.update_player("third", device_info=create_device_info(OLD_ID))
    await harness.wait_for_events()
    harness.server.remove_player("third")
    harness.server.add_player(create_kitchen(NEW_ID, "New"))
    await wait_until(lambda: get_device_id(harness, NEW_ID))
    assert set(get_migration_issues(harness.hass)) == {("second", NEW_ID), ("third", NEW_ID)}
    await answer("second", NEW_ID, "same")
    assert set(get_migration_issues(harness.hass)) == set()


async def test_several_successors(harness: Harness, known_kitchen: str, answer: Answer) -> None:
    """Each player that may be the former one has a repair, until one of them is."""
    await create_migration_issue(harness)
    harness.server.add_player(create_kitchen("second", device_info=create_device_info("second")))
    await wait_until(lambda: get_device_id(harness, "second"))
    assert set(get_migration_issues(harness.hass)) == {(OLD_ID, NEW_ID), (OLD_ID, "second")}
    await answer(OLD_ID, NEW_ID, "same")
    await wait_until(lambda: is_migrated(harness, known_kitchen))
    assert not get_migration_issues(harness.hass)


@pytest.mark.parametrize("cause", ["listed", "unread", "filtered"])
async def test_candidate_may_return(harness: Harness, known_kitchen: str, cause: str) -> None:
    """A candidate that may return needs a confirmation."""
    player = harness.server.players[OLD_ID]
    if cause == "listed":
        harness.server.set_player_config(OLD_ID, enabled=False)
    else:
        harness.server.remove_player(OLD_ID)
    if cause == "unread":
        harness.server.faults.fail_command("config/players", 22)
    elif cause == "filtered":
        [user] = harness.server.users.values()
        user.player_filter = ["kitchen_annexe", NEW_ID]
    harness.server.add_player(create_kitchen(NEW_ID))
    await wait_until(lambda: get_migration_issues(harness.hass))
    await wait_until(lambda: get_device_id(harness, NEW_ID))
    if cause != "listed":
        return
    harness.server.configs._disabled.clear()
    harness.server.add_player(player)
    await wait_until(
        lambda: not get_migration_issues(harness.hass)
    )  # it came back, so it is nobody else
    assert get_device_id(harness, OLD_ID) == known_kitchen


async def test_issue_is_removed_with_player(harness: Harness, known_kitchen: str) -> None:
    """The repair is removed with the player."""
    await create_migration_issue(harness)
    harness.server.remove_player("kitchen_annexe")
    await harness.wait_for_events()
    assert get_migration_issues(harness.hass)  # that was another one
    harness.server.remove_player(NEW_ID)
    await harness.wait_for_events()
    assert not get_migration_issues(harness.hass)


async def test_merge_duplicate_device(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, answer: Answer
) -> None:
    """A device that was left, and the `_2` of its successor, are merged."""
    old, new = "ap020102030405", "up020102030405"
    identifiers = {Kind.MAC_ADDRESS: "02:01:02:03:04:05"}
    server.add_player(create_kitchen(new, "Bar", device_info=DeviceInfo(identifiers=identifiers)))
    left = create_kitchen(old, "Bar")
    server.add_player(left)
    server.set_player_config(old, enabled=False)  # the server keeps its configuration
    devices, entities = dr.async_get(hass), er.async_get(hass)
    ids = {}
    for player_id in (old, new):
        made = devices.async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={(DOMAIN, player_id)}, name="Bar"
        )
        ids[player_id] = entities.async_get_or_create(
            "media_player",
            DOMAIN,
            player_id,
            config_entry=entry,
            device_id=made.id,
            suggested_object_id="bar",
        ).entity_id
    assert ids == {old: "media_player.bar", new: "media_player.bar_2"}
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    harness = Harness(hass, server, entry)
    left_device = get_device_id(harness, old)
    assert set(get_migration_issues(hass)) == {(old, new)}
    await answer(old, new, "same")
    await wait_until(lambda: hass.states.get("media_player.bar"))
    await harness.wait_for_events()
    assert harness.get_entity_id(new) == "media_player.bar"
    assert get_device_id(harness, new) == left_device
    assert not get_device_id(harness, old)
    assert not hass.states.get("media_player.bar_2")


async def test_outdated_answer(
    hass: HomeAssistant, harness: Harness, known_kitchen: str, post: Post
) -> None:
    """An outdated answer changes nothing."""
    await create_migration_issue(harness)
    first, second, third = [await start_repair(hass, post, OLD_ID, NEW_ID) for _ in range(3)]
    harness.server.remove_player(NEW_ID)
    await harness.wait_for_events()
    same, another = {"next_step_id": "same"}, {"next_step_id": "another"}
    assert (await post(first, same))["reason"] == "changed_meanwhile"
    assert await hass.config_entries.async_unload(harness.entry.entry_id)
    assert (await post(second, same))["reason"] == "not_loaded"
    assert (await post(third, another))["reason"] == "not_loaded"


# -------------------------------------------------------------------------------------- memory


async def test_saved_players(
    hass: HomeAssistant, harness: Harness, hass_storage: dict[str, Any], known_kitchen: str
) -> None:
    """Saved data is written at the unload, and removed with the entry."""
    key = f"{DOMAIN}.{harness.entry.entry_id}.players"
    harness.server.remove_player(OLD_ID)
    harness.server.set_status(CoreState.RUNNING)
    await harness.wait_for_events()
    assert await hass.config_entries.async_unload(harness.entry.entry_id)
    players = hass_storage[key]["data"]["players"]
    assert set(players) == {OLD_ID, "kitchen_annexe"}
    assert players[OLD_ID]["name"] == "Kitchen"
    [identifier] = players[OLD_ID]["hardware"]
    assert identifier.startswith("mac_address:02")
    hass_storage[key]["data"]["players"]["forgotten"] = {"name": "Never here", "hardware": []}
    assert await hass.config_entries.async_setup(harness.entry.entry_id)
    assert set(harness.coordinator.store.migration._known) == {OLD_ID, "kitchen_annexe"}
    await hass.config_entries.async_remove(harness.entry.entry_id)
    assert key not in hass_storage
