"""Targets of actions and their errors."""

import asyncio
from collections.abc import Callable
from itertools import product
from typing import Any

from music_assistant_models.errors import (
    InsufficientPermissions,
    InvalidCommand,
    PlayerUnavailableError,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.music_assistant.actions import ACTIONS
from custom_components.music_assistant.actions.base import TargetAction
from custom_components.music_assistant.actions.music import MediaAction
from custom_components.music_assistant.actions.targets import (
    async_get_targets,
    find_not_loaded_error,
    get_target,
)
from custom_components.music_assistant.const import DOMAIN
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntryDisabler
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from .action_helpers import call_action, expect_error, start_playback
from .common import Harness, LoopMonitor, wait_until
from .server import MassServer
from .test_devices import create_other_entity, get_mac
from .test_services import NEEDED, get_fields
from .translation_texts import ROOT

type Ours = MediaAction | TargetAction

OURS = [action for action in ACTIONS if isinstance(action, MediaAction | TargetAction)]
DESCRIBED = load_yaml_dict(str(ROOT / "custom_components" / DOMAIN / "services.yaml"))


# What is answered without asking the server.
KNOWN = {"get_group_volume"}


def get_example_data(action: Ours) -> dict[str, Any]:
    """Return the example data of an action's required fields from its description."""
    fields = get_fields(DESCRIBED[action.name])
    required = {name: field["example"] for name, field in fields.items() if field.get("required")}
    return required | NEEDED.get(action.name, {})


async def call_with_target(
    harness: Harness, action: Ours, user: str | None = None, **target: object
) -> Any:
    """Call an action with a target and its example data."""
    return await harness.hass.services.async_call(
        DOMAIN,
        action.name,
        get_example_data(action),
        blocking=True,
        context=Context(user_id=user),
        target=target,
        return_response=action.supports_response != "none",
    )


async def prepare_actions(harness: Harness) -> None:
    """Start playback in the kitchen and create what actions need."""
    start_playback(harness.server)
    await harness.wait_for_events()
    await call_action(harness, "snapshot")


# Whom a call is about


async def find_player_ids(harness: Harness, user: str | None = None, **data: object) -> list[str]:
    """Return the ids of the players that a call targets."""
    call = ServiceCall(harness.hass, DOMAIN, "x", data, Context(user_id=user))
    return sorted(target.player_id for target in await async_get_targets(call, "control"))


def create_area(harness: Harness, *entity_ids: str) -> str:
    """Create an area with the devices of entities and of another integration."""
    area = ar.async_get(harness.hass).async_create("Downstairs").id
    registry = er.async_get(harness.hass)
    lamp = create_other_entity(harness.hass, "12:34:56:78:9a:bc", domain="light")
    for entity_id in (*entity_ids, lamp):
        device_id = registry.entities[entity_id].device_id
        assert device_id
        dr.async_get(harness.hass).async_update_device(device_id, area_id=area)
    return area


async def test_kinds_of_targets(harness: Harness) -> None:
    """Entities, devices, areas and labels that have players, and mass_queue's field."""
    hass = harness.hass
    registry = er.async_get(hass)
    kitchen, office = harness.get_entity_id("kueche"), harness.get_entity_id("buero")
    area = create_area(harness, kitchen)
    device = registry.entities[office].device_id
    label = lr.async_get(hass).async_create("Loud").label_id
    registry.async_update_entity(harness.get_entity_id("cinema"), labels={label})
    assert await find_player_ids(harness, entity_id=[kitchen]) == ["kueche"]
    assert await find_player_ids(harness, entity_id=[kitchen, office]) == ["buero", "kueche"]
    assert await find_player_ids(harness, entity=office) == ["buero"]
    assert await find_player_ids(harness, entity=office, entity_id=[office]) == ["buero"]
    assert await find_player_ids(harness, device_id=[device]) == ["buero"]
    assert await find_player_ids(harness, area_id=[area]) == ["kueche"]
    assert await find_player_ids(harness, area_id=[area], label_id=[label]) == ["cinema", "kueche"]
    assert await find_player_ids(harness, entity_id="all") == sorted(harness.coordinator.data)


async def test_home_assistant_group(harness: Harness) -> None:
    """A group targets its members."""
    members = [harness.get_entity_id("kueche"), harness.get_entity_id("buero")]
    config = {"group": {"loud": {"entities": members}}}
    assert await async_setup_component(harness.hass, "group", config)
    assert await find_player_ids(harness, entity_id=["group.loud"]) == ["buero", "kueche"]


async def test_entity_of_same_hardware(harness: Harness) -> None:
    """An entity of another integration targets the player with the same hardware, once."""
    other = create_other_entity(harness.hass, get_mac(harness.server, "kueche"))
    assert await find_player_ids(harness, entity_id=[other]) == ["kueche"]
    assert await find_player_ids(harness, entity_id=[other, harness.get_entity_id("kueche")]) == [
        "kueche"
    ]
    assert await find_player_ids(harness, area_id=[create_area(harness, other)]) == ["kueche"]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"entity_id": ["media_player.none"]}, "no_player"),
        ({"entity": "media_player.none"}, "no_player"),
        ({"entity_id": "none"}, "no_targets"),
        ({"area_id": ["attic"]}, "unknown_target"),
        ({"device_id": ["attic"]}, "unknown_target"),
        ({"floor_id": ["attic"]}, "unknown_target"),
        ({"label_id": ["attic"]}, "unknown_target"),
    ],
)
async def test_missing_target(harness: Harness, data: dict[str, Any], key: str) -> None:
    """A target that doesn't exist is an error."""
    await expect_error(key, find_player_ids(harness, **data))


async def test_queue_that_is_not_loaded(harness: Harness) -> None:
    """A queue that the server hasn't sent yet is an error that names the player."""
    target = get_target(harness.hass, harness.get_entity_id("kueche"))
    assert target.get_queue("own").queue_id == "kueche"
    harness.coordinator.connection.client.player_queues._cache.remove("kueche")
    with pytest.raises(HomeAssistantError) as raised:
        target.get_queue("own")
    assert raised.value.translation_key == "no_queue"
    assert "Küche" in (raised.value.translation_placeholders or {}).values()


async def test_error_of_an_entry_that_is_not_loaded(harness: Harness) -> None:
    """Why no player is there is said of this integration's entries, not of others'."""
    hass = harness.hass
    MockConfigEntry(domain="other", title="Other").add_to_hass(hass)
    MockConfigEntry(domain=DOMAIN, title="Off", disabled_by=ConfigEntryDisabler.USER).add_to_hass(
        hass
    )
    MockConfigEntry(domain=DOMAIN, title="Ignored", source=SOURCE_IGNORE).add_to_hass(hass)
    assert find_not_loaded_error(hass) is None
    await hass.config_entries.async_unload(harness.entry.entry_id)
    error = find_not_loaded_error(hass)
    assert error
    assert error.translation_key == "not_connected"
    assert error.translation_placeholders == {"server": harness.entry.title}


async def test_area_without_player(harness: Harness) -> None:
    """An area without a player is an error."""
    await expect_error("no_targets", find_player_ids(harness, area_id=[create_area(harness)]))


# What every action of ours refuses


async def create_foreign_player(harness: Harness) -> tuple[str, str]:
    """Create a player of another integration."""
    return create_other_entity(harness.hass, "12:34:56:78:9a:bc"), "no_player"


async def get_other_entity(harness: Harness) -> tuple[str, str]:
    """Return an entity of a player that is no media player."""
    registry = er.async_get(harness.hass)
    entity_id = registry.async_get_entity_id("button", DOMAIN, "kueche_favorite_now_playing")
    assert entity_id
    return entity_id, "no_player"


async def create_display(harness: Harness) -> tuple[str, str]:
    """Create a display, which plays nothing."""
    registry = er.async_get(harness.hass)
    entity = registry.async_get_or_create(
        "media_player", DOMAIN, "dashboard:hall", config_entry=harness.entry
    )
    return entity.entity_id, "no_player"


async def make_unavailable_player(harness: Harness) -> tuple[str, str]:
    """Make a player unavailable."""
    return harness.get_entity_id("guest_room"), "player_away"


async def create_unloaded_player(harness: Harness) -> tuple[str, str]:
    """Create a player of an entry that isn't set up."""
    entity_id = harness.get_entity_id("kueche")
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    return entity_id, "not_connected"


async def create_disconnected_player(harness: Harness) -> tuple[str, str]:
    """Create a player of a server that was lost longer than the grace period."""
    await harness.server.faults.close_port()
    await harness.server.faults.disconnect_clients()
    await wait_until(lambda: harness.coordinator.connection.history.lost_at)
    harness.coordinator.availability.available = False
    return harness.get_entity_id("kueche"), "not_connected"


@pytest.mark.parametrize(
    "wrong",
    [
        create_foreign_player,
        get_other_entity,
        create_display,
        make_unavailable_player,
        create_unloaded_player,
        create_disconnected_player,
    ],
)
async def test_wrong_target(
    harness: Harness, subtests: pytest.Subtests, wrong: Callable[[Harness], Any]
) -> None:
    """Each action has an error for each kind of wrong target."""
    entity_id, key = await wrong(harness)
    before = len(harness.server.commands)
    for action in OURS:
        with subtests.test(action.name):
            await expect_error(key, call_with_target(harness, action, entity_id=entity_id))
            await expect_error(key, call_with_target(harness, action, entity=entity_id))
    assert harness.server.commands[before:] == []


async def test_no_target(harness: Harness, subtests: pytest.Subtests) -> None:
    """A call needs a target, or media in its place."""
    for action in OURS:
        with subtests.test(action.name), pytest.raises(ServiceValidationError):
            await call_with_target(harness, action)


# What every action says of a server that won't or can't


@pytest.mark.parametrize(
    ("code", "details", "key"),
    [
        (InvalidCommand.error_code, "Invalid command: {}", "server_too_old_for_command"),
        (InsufficientPermissions.error_code, "Not for you", "not_permitted"),
        (PlayerUnavailableError.error_code, "It has just gone", "player_unavailable"),
        (999, "It went wrong", "command_failed"),
    ],
)
async def test_server_error(
    harness: Harness, subtests: pytest.Subtests, *, code: int, details: str, key: str
) -> None:
    """Errors of the server are raised with their translation."""
    await prepare_actions(harness)
    for command in harness.server.command_table:
        harness.server.faults.fail_command(command, code, details.format(command))
    entity_id = harness.get_entity_id("kueche")
    for action in OURS:
        with subtests.test(action.name):
            asked = call_with_target(harness, action, entity_id=entity_id)
            if action.name in KNOWN:
                await asked
            else:
                await expect_error(key, asked)


async def test_command_timeout(
    harness: Harness, subtests: pytest.Subtests, loop_monitor: LoopMonitor
) -> None:
    """A command to a server that doesn't answer times out."""
    await prepare_actions(harness)
    # a frame that aiohttp compresses in a task of its own outlives the command that gave up on it
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    entity_id = harness.get_entity_id("kueche")
    harness.server.faults.pause_server()
    with loop_monitor.skip_idle_time():
        for action in OURS:
            with subtests.test(action.name):
                if action.name in KNOWN:
                    await call_with_target(harness, action, entity_id=entity_id)
                    continue
                with pytest.raises(HomeAssistantError) as raised:
                    await call_with_target(harness, action, entity_id=entity_id)
                assert raised.value.translation_key in {"command_timeout", "not_connected"}
    harness.server.faults.resume_server()


# Who may


def create_restricted_user(hass: HomeAssistant, policy: dict[str, Any]) -> str:
    """Create a user with an entity policy."""
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": policy})
    return str(user.id)


async def test_all_players(harness: Harness) -> None:
    """`all` targets the players that the caller is permitted to use, if there are any."""
    kitchen, office = harness.get_entity_id("kueche"), harness.get_entity_id("buero")
    user = create_restricted_user(
        harness.hass, {"entity_ids": {kitchen: True, office: {"read": True}}}
    )
    assert await find_player_ids(harness, user, entity_id="all") == ["kueche"]
    nobody = create_restricted_user(harness.hass, {"entity_ids": {office: {"read": True}}})
    with pytest.raises(ServiceValidationError) as raised:
        await find_player_ids(harness, nobody, entity_id="all")
    assert raised.value.translation_key == "no_targets"


async def test_not_permitted(harness: Harness, subtests: pytest.Subtests) -> None:
    """The caller needs the action's permission for each of its targets."""
    kitchen, office = harness.get_entity_id("kueche"), harness.get_entity_id("buero")
    other = create_other_entity(harness.hass, get_mac(harness.server, "buero"))
    policy = {"entity_ids": {kitchen: True, other: True}}
    user = create_restricted_user(harness.hass, policy)
    area_id = create_area(harness, office)
    before = len(harness.server.commands)
    targets: list[dict[str, object]] = [
        {"entity_id": [kitchen, office]},
        {"entity": office},
        {"entity_id": other},
    ]
    for action, target in product(OURS, targets):
        with subtests.test(action.name, target=target):
            with pytest.raises(Unauthorized) as raised:
                await call_with_target(harness, action, user, **target)
            assert (raised.value.entity_id, raised.value.permission) == (office, action.policy)
    for action in OURS:
        with subtests.test(action.name), pytest.raises(Unauthorized):
            await call_with_target(harness, action, user, area_id=area_id)
    assert harness.server.commands[before:] == []


async def test_read_only_user(harness: Harness, subtests: pytest.Subtests) -> None:
    """A user with read permission may only call actions that read."""
    entity_id = harness.get_entity_id("kueche")
    user = create_restricted_user(harness.hass, {"entity_ids": {entity_id: {"read": True}}})
    for action in OURS:
        refused_to = None
        try:
            await call_with_target(harness, action, user, entity_id=entity_id)
        except Unauthorized as err:
            refused_to = err.permission
        except HomeAssistantError:
            pass  # the example is none of this player's
        with subtests.test(action.name):
            assert refused_to == (None if action.policy == POLICY_READ else POLICY_CONTROL)


@pytest.mark.parametrize(
    ("domain", "action", "field"),
    [
        (DOMAIN, "transfer_queue", "source_player"),
        (DOMAIN, "transfer_queue", None),  # whatever plays
        ("media_player", "join", "group_members"),
    ],
)
@pytest.mark.parametrize("twin", [False, True])
async def test_permission_for_players_in_fields(
    harness: Harness, *, domain: str, action: str, field: str | None, twin: bool
) -> None:
    """Players in other fields need permission, too."""
    start_playback(harness.server)
    await harness.wait_for_events()
    kitchen, office = harness.get_entity_id("kueche"), harness.get_entity_id("buero")
    named = (
        create_other_entity(harness.hass, get_mac(harness.server, "kueche")) if twin else kitchen
    )
    user = create_restricted_user(harness.hass, {"entity_ids": {office: True, named: twin}})
    before = len(harness.server.commands)
    data = {field: [named] if field == "group_members" else named} if field else {}

    async def call(user: str | None) -> None:
        fields = {"entity_id": office, **data}
        await harness.hass.services.async_call(
            domain, action, fields, blocking=True, context=Context(user_id=user)
        )

    with pytest.raises(Unauthorized) as raised:
        await call(user)
    assert (raised.value.entity_id, raised.value.permission) == (kitchen, POLICY_CONTROL)
    assert harness.server.commands[before:] == []
    await call(None)
    assert harness.server.commands[before:]


@pytest.mark.parametrize("field", ["entity_id", "entity"])
async def test_permission_for_a_named_entity(harness: Harness, field: str) -> None:
    """A named entity needs permission besides its player, and says nothing without it."""
    hass, kitchen = harness.hass, harness.get_entity_id("kueche")
    twin = create_other_entity(hass, get_mac(harness.server, "kueche"))
    user = create_restricted_user(hass, {"entity_ids": {kitchen: True}})
    for named in (twin, "media_player.unknown"):
        with pytest.raises(Unauthorized) as raised:
            await find_player_ids(harness, user, **{field: named})
        assert raised.value.entity_id == named
    assert await find_player_ids(harness, user, **{field: kitchen}) == ["kueche"]


async def test_permission_for_tts_entity(harness: Harness) -> None:
    """The text-to-speech entity of an announcement needs permission, too."""
    office = harness.get_entity_id("buero")
    user = create_restricted_user(harness.hass, {"entity_ids": {office: True}})
    said = {"message": "Dinner is ready", "tts_entity_id": "tts.voice"}
    with pytest.raises(Unauthorized) as raised:
        await call_action(harness, "play_announcement", "buero", user=user, **said)
    assert raised.value.entity_id == "tts.voice"


async def test_unknown_user(harness: Harness) -> None:
    """An unknown user isn't permitted anything."""
    with pytest.raises(UnknownUser):
        await call_with_target(
            harness, OURS[0], "nobody", entity_id=harness.get_entity_id("kueche")
        )


# Several players


async def test_unavailable_player(harness: Harness, server: MassServer) -> None:
    """An unavailable player is an error after the other players are done."""
    start_playback(server)
    await harness.wait_for_events()
    item = server.queue_items["kueche"][2].queue_item_id
    targets = [harness.get_entity_id(player_id) for player_id in ("guest_room", "kueche")]
    action = call_action(harness, "play_queue_item", None, entity_id=targets, queue_item_id=item)
    await expect_error("player_away", action, player="Guest Room")
    assert server.queues["kueche"].current_index == 2


async def test_context(harness: Harness, server: MassServer) -> None:
    """The state change after a call has the context of the call."""
    start_playback(server)
    await harness.wait_for_events()
    context = Context()
    item = server.queue_items["kueche"][2].queue_item_id
    await harness.hass.services.async_call(
        DOMAIN,
        "play_queue_item",
        {"entity_id": harness.get_entity_id("kueche"), "queue_item_id": item},
        blocking=True,
        context=context,
    )
    await harness.wait_for_events()
    assert harness.get_state("kueche").context == context
