"""Actions that create and remove group players."""

from typing import Any

from music_assistant_models.enums import PlayerType, ProviderFeature
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from homeassistant.exceptions import Unauthorized

from .action_helpers import (
    OLD_AND_NEW,
    REFUSALS,
    call_action,
    call_server_action,
    expect_command_timeout,
    expect_error,
    get_sent_arguments,
)
from .common import Harness, run_second_server
from .server import MassServer
from .server.player_set import GROUPS, SPEAKERS

CREATE, REMOVE = "players/create_group_player", "players/remove_group_player"


async def create(harness: Harness, **data: Any) -> dict[str, Any]:
    """Create a group of kitchen and office, and return the response."""
    members = [harness.get_entity_id(player_id) for player_id in ("kueche", "buero")]
    response: dict[str, Any] = await call_server_action(
        harness, "create_group_player", None, **{"name": "Downstairs", "members": members, **data}
    )
    return response


def get_group_id(server: MassServer) -> str:
    """Return the id of a group player."""
    return next(
        player.player_id for player in server.players.values() if player.type is PlayerType.GROUP
    )


@OLD_AND_NEW
async def test_create_and_remove(harness: Harness, server: MassServer) -> None:
    """A group player is created, gets its entity, and goes again."""
    response = await create(harness)
    player_id = response["player_id"]
    assert response["name"] == "Downstairs"
    assert list(server.players[player_id].group_members) == ["kueche", "buero"]
    assert get_sent_arguments(server, CREATE) == [
        {
            "provider": GROUPS,
            "name": "Downstairs",
            "members": ["kueche", "buero"],
            "dynamic": True,
        }
    ]
    await harness.wait_for_events()
    entity_id = harness.get_entity_id(player_id)
    assert harness.hass.states.get(entity_id)
    await call_action(harness, "remove_group_player", None, entity=entity_id)
    assert player_id not in server.players


async def test_choices(harness: Harness, server: MassServer) -> None:
    """Members count once; the provider may be named; the members may be fixed."""
    kitchen = harness.get_entity_id("kueche")
    await create(harness, members=[kitchen, kitchen], dynamic=False, provider="universal group")
    (sent,) = get_sent_arguments(server, CREATE)
    assert (sent["members"], sent["dynamic"], sent["provider"]) == (["kueche"], False, GROUPS)


async def test_several_providers(harness: Harness, server: MassServer) -> None:
    """If several providers can do it, one has to be named."""
    server.providers[SPEAKERS].supported_features = {ProviderFeature.CREATE_GROUP_PLAYER}
    server.broken.set_available(SPEAKERS, available=True)
    await harness.wait_for_events()
    await expect_error("several_providers", create(harness))
    await expect_error("unknown_provider", create(harness, provider="nobody"))
    await create(harness, provider=SPEAKERS)
    assert get_sent_arguments(server, CREATE)[-1]["provider"] == SPEAKERS


async def test_no_provider(harness: Harness, server: MassServer) -> None:
    """A server that can't create groups isn't asked."""
    server.broken.set_available(GROUPS, available=False)
    await harness.wait_for_events()
    await expect_error("no_capable_provider", create(harness))
    assert get_sent_arguments(server, CREATE) == []


async def test_wrong_members(harness: Harness, server: MassServer) -> None:
    """Group players and what is no player can't be members."""
    group = harness.get_entity_id(get_group_id(server))
    await expect_error("group_in_group", create(harness, members=[group]))
    await expect_error("no_player", create(harness, members=["media_player.unknown"]))
    await expect_error("field_invalid", create(harness, members=[]))
    async with run_second_server(harness.hass) as other:
        entry_id = other.entry.entry_id
        await expect_error("not_our_player", create(harness, config_entry_id=entry_id))
    assert get_sent_arguments(server, CREATE) == []


async def test_only_groups_are_removed(harness: Harness, server: MassServer) -> None:
    """A player that is no group stays, and so does one whose provider can't remove it."""
    kitchen = harness.get_entity_id("kueche")
    action = call_action(harness, "remove_group_player", None, entity=kitchen)
    await expect_error("no_group_player", action, player="Küche")
    server.providers[GROUPS].supported_features = set()
    server.broken.set_available(GROUPS, available=True)
    await harness.wait_for_events()
    group = harness.get_entity_id(get_group_id(server))
    action = call_action(harness, "remove_group_player", None, entity=group)
    await expect_error("group_not_removable", action)
    assert get_sent_arguments(server, REMOVE) == []


async def test_administrators_only(harness: Harness) -> None:
    """Nobody but administrators and automations may create or remove groups."""
    user = MockUser(groups=[]).add_to_hass(harness.hass)
    user.mock_policy({"entities": True})
    kitchen = harness.get_entity_id("kueche")
    for action, data in (
        ("create_group_player", {"name": "A", "members": [kitchen]}),
        ("remove_group_player", {"entity": kitchen}),
    ):
        with pytest.raises(Unauthorized):
            await call_action(harness, action, None, user=user.id, **data)


@REFUSALS
async def test_server_errors(harness: Harness, server: MassServer, code: int, key: str) -> None:
    """The server's errors are translated."""
    group = harness.get_entity_id(get_group_id(server))
    for command in (CREATE, REMOVE):
        server.faults.fail_command(command, code, f"Invalid command: {command}")
    await expect_error(key, create(harness))
    await expect_error(key, call_action(harness, "remove_group_player", None, entity=group))


async def test_command_timeout(harness: Harness, server: MassServer) -> None:
    """A server that doesn't answer is an error after the timeout."""
    await expect_command_timeout(server, CREATE, create(harness))
