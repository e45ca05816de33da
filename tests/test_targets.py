"""Targets of actions: which players are meant, and what is said of all that are none."""

import asyncio
from collections.abc import Callable
from typing import Any

from music_assistant_models.errors import (
    InsufficientPermissions,
    InvalidCommand,
    PlayerUnavailableError,
)
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.music_assistant.actions import ACTIONS
from custom_components.music_assistant.actions.base import TargetAction
from custom_components.music_assistant.actions.music import MusicAction
from custom_components.music_assistant.actions.targets import async_targets
from custom_components.music_assistant.const import DOMAIN
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
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

from .acting import act, play, refused
from .common import House, Pulse, until
from .server import MassServer
from .test_devices import elsewhere, mac_of
from .test_services import NEEDED, fields_of
from .texts import ROOT

type Ours = MusicAction | TargetAction

OURS = [action for action in ACTIONS if isinstance(action, MusicAction | TargetAction)]
EACH = pytest.mark.parametrize("action", OURS, ids=lambda action: action.name)
DESCRIBED = load_yaml_dict(str(ROOT / "custom_components" / DOMAIN / "services.yaml"))


# What is answered without asking the server.
KNOWN = {"get_group_volume"}


def example(action: Ours) -> dict[str, Any]:
    """Return what an action needs beside its target, as its description gives it."""
    fields = fields_of(DESCRIBED[action.name])
    required = {name: field["example"] for name, field in fields.items() if field.get("required")}
    return required | NEEDED.get(action.name, {})


async def ask(house: House, action: Ours, user: str | None = None, **target: object) -> Any:
    """Ask for an action of some targets, with its example."""
    return await house.hass.services.async_call(
        DOMAIN,
        action.name,
        example(action),
        blocking=True,
        context=Context(user_id=user),
        target=target,
        return_response=action.response != "none",
    )


async def prepared(house: House, action: Ours) -> None:
    """Let the kitchen play, and have whatever an action needs."""
    play(house.server)
    await house.caught_up()
    if action.name == "restore":
        await act(house, "snapshot")


# Whom a call is about


async def found(house: House, user: str | None = None, **data: object) -> list[str]:
    """Return the ids of the players that a call is about."""
    call = ServiceCall(house.hass, DOMAIN, "x", data, Context(user_id=user))
    return sorted(target.player_id for target in await async_targets(call, "control"))


def in_area(house: House, *entity_ids: str) -> str:
    """Return an area with the devices of some entities, and another device."""
    area = ar.async_get(house.hass).async_create("Downstairs").id
    registry = er.async_get(house.hass)
    lamp = elsewhere(house.hass, "12:34:56:78:9a:bc", domain="light")
    for entity_id in (*entity_ids, lamp):
        device_id = registry.entities[entity_id].device_id
        assert device_id
        dr.async_get(house.hass).async_update_device(device_id, area_id=area)
    return area


async def test_kinds_of_targets(house: House) -> None:
    """Entities, devices, areas and labels that have players, and mass_queue's field."""
    hass = house.hass
    registry = er.async_get(hass)
    kitchen, office = house.entity_id("kueche"), house.entity_id("buero")
    area = in_area(house, kitchen)
    device = registry.entities[office].device_id
    label = lr.async_get(hass).async_create("Loud").label_id
    registry.async_update_entity(house.entity_id("cinema"), labels={label})
    assert await found(house, entity_id=[kitchen]) == ["kueche"]
    assert await found(house, entity_id=[kitchen, office]) == ["buero", "kueche"]
    assert await found(house, entity=office) == ["buero"]
    assert await found(house, entity=office, entity_id=[office]) == ["buero"]
    assert await found(house, device_id=[device]) == ["buero"]
    assert await found(house, area_id=[area]) == ["kueche"]
    assert await found(house, area_id=[area], label_id=[label]) == ["cinema", "kueche"]
    assert await found(house, entity_id="all") == sorted(house.coordinator.data)


async def test_groups_of_home_assistant(house: House) -> None:
    """A group stands for its members."""
    members = [house.entity_id("kueche"), house.entity_id("buero")]
    config = {"group": {"loud": {"entities": members}}}
    assert await async_setup_component(house.hass, "group", config)
    assert await found(house, entity_id=["group.loud"]) == ["buero", "kueche"]


async def test_same_hardware(house: House) -> None:
    """Another integration's entity of the same hardware stands for the player, once."""
    other = elsewhere(house.hass, mac_of(house.server, "kueche"))
    assert await found(house, entity_id=[other]) == ["kueche"]
    assert await found(house, entity_id=[other, house.entity_id("kueche")]) == ["kueche"]
    assert await found(house, area_id=[in_area(house, other)]) == ["kueche"]


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
async def test_nobody(house: House, data: dict[str, Any], key: str) -> None:
    """What doesn't exist is told."""
    await refused(key, found(house, **data))


async def test_nobody_there(house: House) -> None:
    """An area without a player is told."""
    await refused("no_targets", found(house, area_id=[in_area(house)]))


# What every action of ours refuses


async def foreign(house: House) -> tuple[str, str]:
    """Return another integration's player."""
    return elsewhere(house.hass, "12:34:56:78:9a:bc"), "no_player"


async def of_a_player(house: House) -> tuple[str, str]:
    """Return what belongs to a player, but isn't one."""
    registry = er.async_get(house.hass)
    entity_id = registry.async_get_entity_id("button", DOMAIN, "kueche_favorite_now_playing")
    assert entity_id
    return entity_id, "no_player"


async def display(house: House) -> tuple[str, str]:
    """Return a display, which plays nothing."""
    registry = er.async_get(house.hass)
    entity = registry.async_get_or_create(
        "media_player", DOMAIN, "dashboard:hall", config_entry=house.entry
    )
    return entity.entity_id, "no_player"


async def away(house: House) -> tuple[str, str]:
    """Return a player that is away."""
    return house.entity_id("guest_room"), "player_away"


async def without_a_server(house: House) -> tuple[str, str]:
    """Return a player of a server that isn't set up."""
    entity_id = house.entity_id("kueche")
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    return entity_id, "not_connected"


async def cut_off(house: House) -> tuple[str, str]:
    """Return a player of a server that has been away for longer than the grace."""
    await house.server.faults.refuse()
    await house.server.faults.drop()
    await until(lambda: house.coordinator.connection.history.lost_at)
    house.coordinator.available = False
    return house.entity_id("kueche"), "not_connected"


@pytest.mark.parametrize("wrong", [foreign, of_a_player, display, away, without_a_server, cut_off])
@EACH
async def test_wrong_target(house: House, action: Ours, wrong: Callable[[House], Any]) -> None:
    """Every action says what is wrong with its target, however it is named."""
    entity_id, key = await wrong(house)
    before = len(house.server.commands)
    await refused(key, ask(house, action, entity_id=entity_id))
    await refused(key, ask(house, action, entity=entity_id))
    asked = [command for command, _ in house.server.commands[before:]]
    assert [command for command in asked if command != "auth/me"] == []  # which set-up asks late


@EACH
async def test_no_target(house: House, action: Ours) -> None:
    """A target has to be given, or music in its place."""
    error = ServiceValidationError if isinstance(action, MusicAction) else probatio.Invalid
    with pytest.raises(error):
        await ask(house, action)


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
@EACH
async def test_refused_by_the_server(
    house: House, action: Ours, *, code: int, details: str, key: str
) -> None:
    """What the server answers is told: too old, not permitted, gone meanwhile, or its words."""
    await prepared(house, action)
    for command in house.server.command_table:
        house.server.faults.fail(command, code, details.format(command))
    asked = ask(house, action, entity_id=house.entity_id("kueche"))
    if action.name in KNOWN:
        await asked
    else:
        await refused(key, asked)


@EACH
async def test_silent_server(house: House, action: Ours, pulse: Pulse) -> None:
    """A server that hangs is waited for only so long."""
    await prepared(house, action)
    # a frame that aiohttp compresses in a task of its own outlives the command that gave up on it
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    entity_id = house.entity_id("kueche")
    house.server.faults.freeze()
    with pulse.skipping():
        if action.name in KNOWN:
            await ask(house, action, entity_id=entity_id)
        else:
            with pytest.raises(HomeAssistantError) as raised:
                await ask(house, action, entity_id=entity_id)
            assert raised.value.translation_key in {"command_timeout", "not_connected"}
    house.server.faults.thaw()


# Who may


def restricted(hass: HomeAssistant, policy: dict[str, Any]) -> str:
    """Return a user with a policy of entities."""
    user = MockUser(groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": policy})
    return str(user.id)


async def test_all_that_are_permitted(house: House) -> None:
    """Of all players those count with which the caller may do it, if there are any."""
    kitchen, office = house.entity_id("kueche"), house.entity_id("buero")
    user = restricted(house.hass, {"entity_ids": {kitchen: True, office: {"read": True}}})
    assert await found(house, user, entity_id="all") == ["kueche"]
    nobody = restricted(house.hass, {"entity_ids": {office: {"read": True}}})
    with pytest.raises(ServiceValidationError) as raised:
        await found(house, nobody, entity_id="all")
    assert raised.value.translation_key == "no_targets"


@EACH
async def test_not_permitted(house: House, action: Ours) -> None:
    """The caller needs the permission that the action says, for each of its targets."""
    kitchen, office = house.entity_id("kueche"), house.entity_id("buero")
    other = elsewhere(house.hass, mac_of(house.server, "buero"))
    policy = {"entity_ids": {kitchen: True, other: True}}
    user = restricted(house.hass, policy)
    before = len(house.server.commands)
    for target in ({"entity_id": [kitchen, office]}, {"entity": office}, {"entity_id": other}):
        with pytest.raises(Unauthorized) as raised:
            await ask(house, action, user, **target)
        assert (raised.value.entity_id, raised.value.permission) == (office, action.policy)
    with pytest.raises(Unauthorized):
        await ask(house, action, user, area_id=in_area(house, office))
    assert house.server.commands[before:] == []


@EACH
async def test_only_permitted_to_look(house: House, action: Ours) -> None:
    """Who may only see a player may ask, but not act."""
    entity_id = house.entity_id("kueche")
    user = restricted(house.hass, {"entity_ids": {entity_id: {"read": True}}})
    refused_to = None
    try:
        await ask(house, action, user, entity_id=entity_id)
    except Unauthorized as err:
        refused_to = err.permission
    except HomeAssistantError:
        pass  # the example is none of this player's
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
async def test_others_in_fields(
    house: House, *, domain: str, action: str, field: str | None, twin: bool
) -> None:
    """Permission for the target isn't one for players that other fields name or mean."""
    play(house.server)
    await house.caught_up()
    kitchen, office = house.entity_id("kueche"), house.entity_id("buero")
    named = elsewhere(house.hass, mac_of(house.server, "kueche")) if twin else kitchen
    user = restricted(house.hass, {"entity_ids": {office: True, named: twin}})
    before = len(house.server.commands)
    data = {field: [named] if field == "group_members" else named} if field else {}

    async def call(user: str | None) -> None:
        fields = {"entity_id": office, **data}
        await house.hass.services.async_call(
            domain, action, fields, blocking=True, context=Context(user_id=user)
        )

    with pytest.raises(Unauthorized) as raised:
        await call(user)
    assert (raised.value.entity_id, raised.value.permission) == (kitchen, POLICY_CONTROL)
    assert house.server.commands[before:] == []
    await call(None)
    assert house.server.commands[before:]


async def test_voice_in_field(house: House) -> None:
    """Permission for a player isn't one for the voice that an announcement names."""
    office = house.entity_id("buero")
    user = restricted(house.hass, {"entity_ids": {office: True}})
    said = {"message": "Dinner is ready", "tts_entity_id": "tts.voice"}
    with pytest.raises(Unauthorized) as raised:
        await act(house, "play_announcement", "buero", user=user, **said)
    assert raised.value.entity_id == "tts.voice"


async def test_unknown_user(house: House) -> None:
    """A caller that Home Assistant doesn't know may nothing."""
    with pytest.raises(UnknownUser):
        await ask(house, OURS[0], "nobody", entity_id=house.entity_id("kueche"))


# Several players


async def test_others_are_done(house: House, server: MassServer) -> None:
    """A player that is away is told of when the others are done."""
    play(server)
    await house.caught_up()
    item = server.queue_items["kueche"][2].queue_item_id
    targets = [house.entity_id(player_id) for player_id in ("guest_room", "kueche")]
    action = act(house, "play_queue_item", None, entity_id=targets, queue_item_id=item)
    await refused("player_away", action, player="Guest Room")
    assert server.queues["kueche"].current_index == 2


async def test_who_was_behind_it(house: House, server: MassServer) -> None:
    """The change that follows bears the context of the call."""
    play(server)
    await house.caught_up()
    context = Context()
    item = server.queue_items["kueche"][2].queue_item_id
    await house.hass.services.async_call(
        DOMAIN,
        "play_queue_item",
        {"entity_id": house.entity_id("kueche"), "queue_item_id": item},
        blocking=True,
        context=context,
    )
    await house.caught_up()
    assert house.state("kueche").context == context
