"""Leaving groups, over real sockets."""

from contextlib import suppress

from music_assistant_models.errors import PlayerCommandFailed
from music_assistant_models.player import Player
import pytest

from homeassistant.exceptions import HomeAssistantError

from .action_helpers import expect_error, get_sent_arguments
from .common import Harness, LoopMonitor, wait_until
from .server import MassServer, groups
from .server.command_targets import PlayerCommand
from .server.commands import Command

UNGROUP = "players/cmd/ungroup"
REALISTIC = pytest.mark.parametrize("prompt", [True, False])


async def unjoin(harness: Harness, *player_ids: str) -> None:
    """Unjoin several players in one call."""
    entity_ids = [harness.get_entity_id(player_id) for player_id in player_ids]
    await harness.hass.services.async_call(
        "media_player", "unjoin", {"entity_id": entity_ids}, blocking=True
    )


def get_ungrouped(server: MassServer) -> list[str]:
    """Return the players that the server was told to ungroup."""
    return [args["player_id"] for args in get_sent_arguments(server, UNGROUP)]


@REALISTIC
@pytest.mark.parametrize("player_ids", [("patio", "garden"), ("garden", "patio")])
async def test_leader_and_follower_unjoin(
    harness: Harness, server: MassServer, player_ids: tuple[str, ...]
) -> None:
    """A leader that is unjoined with its followers needs one command, in any order."""
    await unjoin(harness, *player_ids)
    assert get_ungrouped(server) == ["patio"]
    assert server.players["garden"].synced_to is None
    assert not server.players["patio"].group_members


@REALISTIC
async def test_follower_leads_a_group(harness: Harness, server: MassServer) -> None:
    """A player that plays along with another leaves it before others are joined to it."""
    await harness.call_action("join", "garden", group_members=[harness.get_entity_id("kueche")])
    assert server.players["garden"].synced_to is None
    assert server.players["kueche"].synced_to == "garden"


@pytest.mark.parametrize(
    ("schema_version", "key"), [(28, "not_supported"), (29, "not_joined"), (98, "not_joined")]
)
async def test_player_that_cannot_join(harness: Harness, server: MassServer, key: str) -> None:
    """A player that can't join is told, also by servers that leave it out silently."""
    members = [harness.get_entity_id(player_id) for player_id in ("living_room", "cinema")]
    names = {"members": "Cinema", "leader": "Küche"} if key == "not_joined" else {}
    with LoopMonitor.of_loop().skip_idle_time():
        await expect_error(
            key, harness.call_action("join", "kueche", group_members=members), **names
        )
    if names:
        assert server.players["living_room"].synced_to == "kueche"


@REALISTIC
async def test_follower_unjoins_after_its_leader(harness: Harness, server: MassServer) -> None:
    """A player that is alone by then needn't leave, whatever the server says."""
    for player_id in ("patio", "garden", "garden"):
        await unjoin(harness, player_id)
    assert server.players["garden"].synced_to is None


async def test_follower_leaves_when_its_leader_fails_to(
    harness: Harness, server: MassServer
) -> None:
    """A follower whose leader stays leaves by itself."""

    def fail_for_leader(server: MassServer, player: Player) -> None:
        if player.player_id == "patio":
            raise PlayerCommandFailed("It went wrong")
        groups.unjoin(server, player)

    server.command_table[UNGROUP] = Command(PlayerCommand(fail_for_leader))
    with suppress(HomeAssistantError):  # none if the follower leaves before the leader is checked
        await unjoin(harness, "patio", "garden")
    await wait_until(lambda: server.players["garden"].synced_to is None)
    assert get_ungrouped(server) == ["patio", "garden"]


@pytest.mark.parametrize(("code", "key"), [(11, "command_failed"), (22, "not_permitted")])
async def test_unjoin_fails(harness: Harness, server: MassServer, code: int, key: str) -> None:
    """An error about a player that stays in its group is one."""
    server.faults.fail_command(UNGROUP, code)
    await expect_error(key, unjoin(harness, "garden"))
    assert server.players["garden"].synced_to == "patio"
