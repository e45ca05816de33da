"""What every action and command needs of its caller, as docs/security.md says."""

from collections.abc import Awaitable
import re
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.music_assistant.actions import ACTIONS
from custom_components.music_assistant.actions.music import MediaAction
from custom_components.music_assistant.actions.server import USER_COMMANDS
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.mass_queue.actions import FIELDS, MASS_QUEUE_DOMAIN
from homeassistant.components.websocket_api.const import DOMAIN as WEBSOCKET_DOMAIN
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from .action_helpers import call_action, call_server_action, expect_error, start_playback
from .common import Harness
from .test_devices import create_other_entity, get_mac
from .test_services import NEEDED, get_fields
from .translation_texts import ROOT

KITCHEN, OFFICE = "kueche", "buero"
DESCRIBED: Final = load_yaml_dict(str(ROOT / "custom_components" / DOMAIN / "services.yaml"))
MEDIA_ACTIONS: Final = {action.name for action in ACTIONS if isinstance(action, MediaAction)}
HAS_TARGET: Final = {name for name, service in DESCRIBED.items() if "target" in service}

# Who calls, and which of the needs in the table each of them meets. The target is the kitchen.
NOTHING: Final = "nothing: it lists the players that the user sees"
READER: Final = frozenset({NOTHING, "sight of a player", "sight of the target"})
USER: Final = READER | {"control of a player", "control of the target", "control of all players"}
NEEDS_MET: Final[dict[str, frozenset[str]]] = {
    "automation": USER | {"an administrator or an automation"},
    "administrator": USER | {"an administrator or an automation", "an administrator"},
    "user": USER,
    "reader": READER,
    "user of the office": frozenset({NOTHING, "sight of a player", "control of a player"}),
    "stranger": frozenset({NOTHING}),
}


def read_table() -> dict[str, str]:
    """Return what each action and command needs, as the documentation says."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    _, _, table = text.partition("| action or command | needs |\n|---|---|\n")
    rows = re.findall(r"^\| (.+) \| (.+) \|$", table, re.MULTILINE)
    return {name.strip("`"): needed for names, needed in rows for name in names.split(", ")}


NEEDED_BY_NAME: Final = read_table()
ACTION_NAME: Final = re.compile(r"[a-z_]+")


def create_user(harness: Harness, kind: str) -> str | None:
    """Create a user of a kind and return its id, None for an automation."""
    if kind == "automation":
        return None
    policies: dict[str, Any] = {
        "administrator": True,
        "user": True,
        "reader": {"all": {"read": True}},
        "user of the office": {"entity_ids": {harness.get_entity_id(OFFICE): True}},
        "stranger": {},
    }
    return create_user_with(harness.hass, policies[kind], is_admin=kind == "administrator")


def create_user_with(hass: HomeAssistant, entities: Any, *, is_admin: bool = False) -> str:
    """Create a user with a policy for entities, and return its id."""
    user = MockUser(is_owner=is_admin, groups=[]).add_to_hass(hass)
    user.mock_policy({"entities": entities})
    return str(user.id)


async def is_permitted(call: Awaitable[Any]) -> bool:
    """Return whether a call isn't refused for want of permission, whatever else may fail."""
    try:
        await call
    except Unauthorized:
        return False
    except HomeAssistantError as err:
        return err.translation_key != "administrators_only"
    return True


async def call_example(
    harness: Harness, name: str, user_id: str | None, domain: str = DOMAIN
) -> Any:
    """Call an action with what its description gives as an example, on the kitchen."""
    fields = get_fields(DESCRIBED[name])
    data = {key: field["example"] for key, field in fields.items() if field.get("required")}
    data |= NEEDED.get(name, {})
    if name == "get_lyrics":
        data |= {"uri": "library://track/1"}
    target = {"entity_id": harness.get_entity_id(KITCHEN)} if name in HAS_TARGET else None
    if name in MEDIA_ACTIONS:
        data, target = {**data, "media_id": "library://track/1"}, None
    needs_response = harness.hass.services.supports_response(domain, name) == "only"
    return await harness.hass.services.async_call(
        domain,
        name,
        data,
        blocking=True,
        context=Context(user_id=user_id),
        target=target,
        return_response=needs_response,
    )


def test_table_is_complete(hass: HomeAssistant) -> None:
    """The table has each action and a known permission for it."""
    names = {action.name for action in ACTIONS}
    assert names <= NEEDED_BY_NAME.keys()
    assert set(NEEDED_BY_NAME.values()) <= set().union(*NEEDS_MET.values())
    assert {name for name in NEEDED_BY_NAME if ACTION_NAME.fullmatch(name)} == names


async def test_table_has_all_websocket_commands(harness: Harness) -> None:
    """Each websocket command is in the table."""
    commands = {
        name
        for name in harness.hass.data[WEBSOCKET_DOMAIN]
        if name.startswith((f"{DOMAIN}/", f"{MASS_QUEUE_DOMAIN}/"))
    }
    assert commands == {name for name in NEEDED_BY_NAME if "/" in name}


@pytest.mark.parametrize("kind", NEEDS_MET)
async def test_actions(harness: Harness, kind: str) -> None:
    """Each action is refused or permitted as the table says."""
    start_playback(harness.server)
    await harness.wait_for_events()
    user_id = create_user(harness, kind)
    permitted = {
        action.name: await is_permitted(call_example(harness, action.name, user_id))
        for action in ACTIONS
    }
    assert permitted == {name: NEEDED_BY_NAME[name] in NEEDS_MET[kind] for name in permitted}


@pytest.mark.parametrize("kind", NEEDS_MET)
async def test_actions_of_mass_queue(harness: Harness, kind: str) -> None:
    """An action in place of mass_queue needs what the one of the same name needs."""
    start_playback(harness.server)
    await harness.wait_for_events()
    user_id = create_user(harness, kind)
    permitted = {
        name: await is_permitted(call_example(harness, name, user_id, MASS_QUEUE_DOMAIN))
        for name in FIELDS
    }
    assert permitted == {name: NEEDED_BY_NAME[name] in NEEDS_MET[kind] for name in permitted}


async def create_connection(
    harness: Harness, kind: str, hass_ws_client: WebSocketGenerator
) -> MockHAClientWebSocket:
    """Return a websocket connection of a user of a kind."""
    hass, user_id = harness.hass, create_user(harness, kind)
    assert user_id
    user = await hass.auth.async_get_user(user_id)
    assert user
    refresh_token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
    return await hass_ws_client(hass, hass.auth.async_create_access_token(refresh_token))


def get_websocket_commands(harness: Harness) -> dict[str, dict[str, Any]]:
    """Return a message for each command that the table names, and by which it is named there."""
    entity_id = harness.get_entity_id(KITCHEN)
    browse = {"media_content_id": "", "media_content_type": ""}
    source = f"media-source://{DOMAIN}/{harness.entry.entry_id}/"
    return {
        f"{DOMAIN}/players/list": {},
        f"{DOMAIN}/queue/subscribe": {"entity_id": entity_id},
        f"{DOMAIN}/lists/subscribe": {"entity_id": entity_id},
        f"{DOMAIN}/original_token": {"config_entry_id": harness.entry.entry_id},
        f"{MASS_QUEUE_DOMAIN}/get_info": {"entity_id": entity_id},
        f"{MASS_QUEUE_DOMAIN}/encode_images": {"entity_id": entity_id, "images": []},
        f"{MASS_QUEUE_DOMAIN}/download_and_encode_image": {
            "url": f"{harness.server.url}/imageproxy"
        },
        f"{MASS_QUEUE_DOMAIN}/get_user_info": {"entity_id": entity_id, "username": "alice"},
        "browse a player's media": {
            "type": "media_player/browse_media",
            "entity_id": entity_id,
            **browse,
        },
        "search a player's media": {
            "type": "media_player/search_media",
            "entity_id": entity_id,
            "search_query": "a",
        },
        "browse the media source": {
            "type": "media_source/browse_media",
            "media_content_id": source,
        },
        "search the media source": {
            "type": "media_source/search_media",
            "media_content_id": source,
            "search_query": "a",
        },
        "resolve the media source": {
            "type": "media_source/resolve_media",
            "media_content_id": f"{source}library://radio/1",
        },
    }


@pytest.mark.parametrize("kind", [kind for kind in NEEDS_MET if kind != "automation"])
async def test_websocket(harness: Harness, kind: str, hass_ws_client: WebSocketGenerator) -> None:
    """Each websocket command, browsing and searching are refused or permitted as the table says."""
    assert await async_setup_component(harness.hass, "media_source", {})
    connection = await create_connection(harness, kind, hass_ws_client)
    permitted, answers = {}, {}
    for name, message in get_websocket_commands(harness).items():
        await connection.send_json_auto_id({"type": name, **message})
        answers[name] = answer = await connection.receive_json()
        while "success" not in answer:  # an event of a subscription
            answers[name] = answer = await connection.receive_json()
        permitted[name] = answer.get("error", {}).get("code") != "unauthorized"
    assert permitted.keys() == {name for name in NEEDED_BY_NAME if not ACTION_NAME.fullmatch(name)}
    assert permitted == {name: NEEDED_BY_NAME[name] in NEEDS_MET[kind] for name in permitted}, (
        answers
    )


# Control of every player that a call changes


@pytest.fixture
async def group(harness: Harness) -> None:
    """Let the kitchen lead the office, and play."""
    await harness.coordinator.mass.players.group_many(KITCHEN, [OFFICE])
    start_playback(harness.server)
    await harness.wait_for_events()
    assert harness.coordinator.data[OFFICE].queue_id == KITCHEN


def create_user_of(harness: Harness, *player_ids: str) -> str:
    """Create a user that may control some players, and return its id."""
    entity_ids = [harness.get_entity_id(player_id) for player_id in player_ids]
    return create_user_with(harness.hass, {"entity_ids": dict.fromkeys(entity_ids, True)})


MEMBER_CALLS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "group volume": ("music_assistant.set_group_volume", {"volume_level": 30}),
    "group volume up": ("music_assistant.group_volume_up", {}),
    "group volume down": ("music_assistant.group_volume_down", {}),
    "group mute": ("music_assistant.group_volume_mute", {}),
    "sleep timer": ("music_assistant.set_sleep_timer", {"duration": "00:10:00"}),
    "no sleep timer": ("music_assistant.clear_sleep_timer", {}),
    "queue settings": ("music_assistant.set_queue_settings", {"shuffle": True}),
    "skip": ("music_assistant.skip", {"seconds": 10}),
    "clear": ("music_assistant.clear_queue_from_here", {}),
    "play": ("music_assistant.play_media", {"media_id": "library://track/1", "queue": "active"}),
    "play and stop": (
        "music_assistant.play_media",
        {"media_id": "library://track/1", "stop_after": "00:10:00"},
    ),
    "pause": ("media_player.media_pause", {}),
    "stop": ("media_player.media_stop", {}),
    "next": ("media_player.media_next_track", {}),
    "seek": ("media_player.media_seek", {"seek_position": 10}),
    "shuffle": ("media_player.shuffle_set", {"shuffle": True}),
    "repeat": ("media_player.repeat_set", {"repeat": "all"}),
    "clear playlist": ("media_player.clear_playlist", {}),
}


@pytest.mark.usefixtures("group")
@pytest.mark.parametrize("name", MEMBER_CALLS)
async def test_member_of_group(harness: Harness, name: str) -> None:
    """Who controls only a member can't change its leader, nor the other members' volume."""
    action, data = MEMBER_CALLS[name]
    commands = len(harness.server.commands)

    def call(user_id: str) -> Awaitable[Any]:
        domain, _, service = action.partition(".")
        target = {"entity_id": harness.get_entity_id(OFFICE)}
        return harness.hass.services.async_call(
            domain, service, data, True, Context(user_id=user_id), target=target
        )

    with pytest.raises(Unauthorized):
        await call(create_user_of(harness, OFFICE))
    assert len(harness.server.commands) == commands
    await call(create_user_of(harness, OFFICE, KITCHEN))


@pytest.mark.usefixtures("group")
async def test_volume_of_led_group(harness: Harness) -> None:
    """Who controls only the leader can't change the volume of its members."""
    user_id = create_user_of(harness, KITCHEN)
    with pytest.raises(Unauthorized):
        await call_action(harness, "set_group_volume", user=user_id, volume_level=30)
    await call_action(harness, "set_queue_settings", user=user_id, shuffle=True)


@pytest.mark.usefixtures("group")
async def test_end_of_led_group(harness: Harness) -> None:
    """Who controls only the leader can't end its group; who controls a member can leave it."""
    hass = harness.hass

    async def unjoin(player_id: str, *controlled: str) -> None:
        entity_id, user_id = harness.get_entity_id(player_id), create_user_of(harness, *controlled)
        data = {"entity_id": entity_id}
        await hass.services.async_call(
            "media_player", "unjoin", data, True, Context(user_id=user_id)
        )

    with pytest.raises(Unauthorized):
        await unjoin(KITCHEN, KITCHEN)
    await unjoin(OFFICE, OFFICE)


@pytest.mark.usefixtures("group")
async def test_leader_joins_another_player(harness: Harness) -> None:
    """Who lets the leader of a group join another player ends the group, so needs its members."""

    async def join(*controlled: str) -> None:
        data = {
            "entity_id": harness.get_entity_id("garden"),
            "group_members": [harness.get_entity_id(KITCHEN)],
        }
        context = Context(user_id=create_user_of(harness, *controlled))
        await harness.hass.services.async_call("media_player", "join", data, True, context)

    commands = len(harness.server.commands)
    with pytest.raises(Unauthorized):
        await join("garden", KITCHEN)
    with pytest.raises(Unauthorized):  # the player that joins
        await join("garden", OFFICE)
    assert len(harness.server.commands) == commands
    await join("garden", KITCHEN, OFFICE)


async def test_restore_of_group(harness: Harness) -> None:
    """Who controls only one player can't regroup others by restoring it."""
    players, user_id = harness.coordinator.mass.players, create_user_of(harness, KITCHEN)
    await call_action(harness, "snapshot", name="alone")
    await call_action(harness, "snapshot", OFFICE, name="alone")
    await players.group_many(KITCHEN, [OFFICE])
    await harness.wait_for_events()
    await call_action(harness, "snapshot", name="together")
    await call_action(harness, "snapshot", OFFICE, name="together")
    with pytest.raises(Unauthorized):
        await call_action(harness, "restore", user=user_id, name="alone")
    await call_action(harness, "restore", user=user_id, name="together")
    await call_action(
        harness, "restore", OFFICE, user=create_user_of(harness, OFFICE), name="alone"
    )
    await harness.wait_for_events()
    with pytest.raises(Unauthorized):
        await call_action(harness, "restore", user=user_id, name="together")
    with pytest.raises(Unauthorized):
        await call_action(
            harness, "restore", OFFICE, user=create_user_of(harness, OFFICE), name="together"
        )
    await call_action(
        harness, "restore", user=create_user_of(harness, OFFICE, KITCHEN), name="together"
    )


@pytest.mark.usefixtures("group")
async def test_transfer_from_member(harness: Harness) -> None:
    """A transfer stops the player whose queue it is, also if another one of its group is named."""
    data = {
        "entity_id": harness.get_entity_id("garden"),
        "source_player": harness.get_entity_id(OFFICE),
    }
    context = Context(user_id=create_user_of(harness, "garden", OFFICE))
    with pytest.raises(Unauthorized):
        await harness.hass.services.async_call(DOMAIN, "transfer_queue", data, True, context)


# Acting as another user

AS_USER: Final[dict[str, dict[str, Any]]] = {
    "play_media": {"media_id": "library://track/1"},
    "search": {"name": "a"},
    "get_library": {"media_type": "track"},
    "get_item": {"uri": "library://track/1"},
    "get_playlists": {},
    "resolve_link": {"link": "https://open.spotify.com/track/0"},
}


async def test_transfer_from_named_entity(harness: Harness) -> None:
    """The entity that is named as the source needs permission besides its player."""
    twin = create_other_entity(harness.hass, get_mac(harness.server, KITCHEN))
    user = create_user_of(harness, KITCHEN, OFFICE)
    start_playback(harness.server)
    await harness.wait_for_events()
    with pytest.raises(Unauthorized) as raised:
        await call_action(harness, "transfer_queue", OFFICE, user=user, source_player=twin)
    assert raised.value.entity_id == twin


@pytest.mark.parametrize("action", ["volume_set", "volume_up", "volume_down", "volume_mute"])
async def test_volume_of_group_player(harness: Harness, action: str) -> None:
    """A group player passes its volume on to its members, which need permission."""
    group = harness.get_entity_id("downstairs")
    user = create_user_of(harness, "downstairs")
    data: dict[str, dict[str, Any]] = {
        "volume_set": {"volume_level": 0.5},
        "volume_mute": {"is_volume_muted": True},
    }
    before = len(harness.server.commands)
    with pytest.raises(Unauthorized) as raised:
        await harness.hass.services.async_call(
            "media_player",
            action,
            {"entity_id": group, **data.get(action, {})},
            blocking=True,
            context=Context(user_id=user),
        )
    assert raised.value.entity_id != group
    assert harness.server.commands[before:] == []


@pytest.mark.parametrize("kind", ["user of the office", "reader", "stranger"])
async def test_command_of_a_user(harness: Harness, kind: str) -> None:
    """Who isn't an administrator needs control of a player for any command."""
    user = create_user(harness, kind)
    for command in sorted(USER_COMMANDS):
        call = call_server_action(harness, "send_command", user, command=command)
        assert await is_permitted(call) is (kind == "user of the office"), command


@pytest.mark.parametrize("kind", ["reader", "stranger"])
async def test_root_of_media_source(
    harness: Harness, kind: str, hass_ws_client: WebSocketGenerator
) -> None:
    """The media source lists servers of which the user sees a player."""
    assert await async_setup_component(harness.hass, "media_source", {})
    connection = await create_connection(harness, kind, hass_ws_client)
    await connection.send_json_auto_id(
        {"type": "media_source/browse_media", "media_content_id": f"media-source://{DOMAIN}"}
    )
    answer = await connection.receive_json()
    assert answer["success"], answer  # the list of servers is for everybody
    assert bool(answer["result"]["children"]) is (kind == "reader")


def test_all_actions_with_username() -> None:
    """The actions below are all that take a user name."""
    assert AS_USER.keys() == {
        name for name, service in DESCRIBED.items() if "username" in get_fields(service)
    }


@pytest.mark.parametrize("name", AS_USER)
async def test_username(harness: Harness, name: str) -> None:
    """Only administrators, automations and scripts act as another user."""
    target = KITCHEN if name == "play_media" else None
    data = {**AS_USER[name], "username": "alice"}
    user_id = create_user(harness, "user")
    await expect_error(
        "username_not_permitted", call_action(harness, name, target, user=user_id, **data)
    )
    for kind in ("administrator", "automation"):
        user_id = create_user(harness, kind)
        assert await is_act_as_permitted(call_action(harness, name, target, user=user_id, **data))


async def is_act_as_permitted(call: Awaitable[Any]) -> bool:
    """Return whether a call isn't refused for naming a user, whatever else may fail."""
    try:
        await call
    except HomeAssistantError as err:
        return err.translation_key != "username_not_permitted"
    return True


async def test_username_in_extra(harness: Harness) -> None:
    """Nor does anybody else act as another user by Home Assistant's own action."""

    def play(user_id: str | None) -> Awaitable[Any]:
        data = {
            "media_content_id": "library://track/1",
            "media_content_type": "track",
            "extra": {"username": get_username(harness)},
        }
        target = {"entity_id": harness.get_entity_id(KITCHEN)}
        return harness.hass.services.async_call(
            "media_player", "play_media", data, True, Context(user_id=user_id), target=target
        )

    commands = len(harness.server.commands)
    await expect_error("username_not_permitted", play(create_user(harness, "user")))
    assert len(harness.server.commands) == commands
    for kind in ("administrator", "automation"):
        await play(create_user(harness, kind))


async def test_username_in_script(harness: Harness) -> None:
    """A script may act as another user, since only administrators write scripts."""
    hass, user_id = harness.hass, create_user(harness, "user")
    step = {
        "action": f"{DOMAIN}.search",
        "data": {"name": "a", "username": get_username(harness)},
        "response_variable": "found",
    }
    assert await async_setup_component(hass, "script", {"script": {"find": {"sequence": [step]}}})
    await hass.services.async_call("script", "find", {}, True, Context(user_id=user_id))


async def test_what_all_users_have_begun(harness: Harness) -> None:
    """Only administrators, automations and scripts see what other users have begun."""
    user_id = create_user(harness, "user")
    call = call_server_action(harness, "get_in_progress", user_id, all_users=True)
    await expect_error("all_users_not_permitted", call)
    await call_server_action(harness, "get_in_progress", user_id)
    for kind in ("administrator", "automation"):
        user_id = create_user(harness, kind)
        await call_server_action(harness, "get_in_progress", user_id, all_users=True)


@pytest.mark.parametrize(
    ("command", "argument"),
    [
        ("music/recently_played_items", "userid"),
        ("music/in_progress_items", "all_users"),
        ("music/search", "user"),
        ("music/search", "username"),
    ],
)
async def test_command_about_other_user(harness: Harness, command: str, argument: str) -> None:
    """Nobody but administrators sends a command that names another user."""
    user_id, data = create_user(harness, "user"), {argument: "alice"}
    call = call_server_action(harness, "send_command", user_id, command=command, data=data)
    await expect_error("administrators_only", call)


def get_username(harness: Harness) -> str:
    """Return the name of a user of the server."""
    return next(iter(harness.server.users.values())).username
