"""Announcements: in order on each player, and the volume back."""

import asyncio

from music_assistant_client.exceptions import MusicAssistantClientException
from music_assistant_models.errors import MusicAssistantError, PlayerCommandFailed
from music_assistant_models.player import Player
import pytest

from .common import House, until
from .server import MassServer
from .server.commands import Command
from .server.targets import OnPlayer

ANNOUNCE, SET_VOLUME = "players/cmd/play_announcement", "players/cmd/volume_set"


class Speaker:
    """Takes announcements in the server's place: notes them, and lasts until it is told."""

    def __init__(self, server: MassServer) -> None:
        """Take the place of the server's own."""
        self.log: list[str] = []
        self.silent = asyncio.Event()
        self.error: Exception | None = None
        server.command_table[ANNOUNCE] = Command(OnPlayer(self._announce))

    async def _announce(
        self, server: MassServer, player: Player, url: str, volume_level: int | None = None
    ) -> None:
        self.log.append(f"{player.player_id} begins {url}")
        if volume_level is not None:
            server.update_player(player.player_id, volume_level=volume_level)
        await self.silent.wait()
        self.log.append(f"{player.player_id} ends {url}")
        if self.error:
            raise self.error


@pytest.fixture
async def speaker(server: MassServer) -> Speaker:
    """Return what announcements are heard from."""
    return Speaker(server)


async def announce(house: House, url: str, player_id: str = "kueche", **options: object) -> None:
    """Play an announcement."""
    coordinator = house.coordinator
    player = coordinator.data[player_id]
    await coordinator.announcements.async_play(coordinator.mass, player, url, options)


async def test_in_order(house: House, speaker: Speaker) -> None:
    """The next one on a player begins when the one before has ended, in the order of the calls."""
    async with asyncio.TaskGroup() as group:
        for url in ("a", "b", "c"):
            group.create_task(announce(house, url))
        group.create_task(announce(house, "d", "buero"))
        await until(lambda: len(speaker.log) == 2)
        # whatever else was sent would have arrived by now
        await house.coordinator.mass.send_command("info")
        assert sorted(speaker.log) == ["buero begins d", "kueche begins a"]
        speaker.silent.set()
    assert [line for line in speaker.log if line.startswith("kueche")] == [
        f"kueche {what} {url}" for url in ("a", "b", "c") for what in ("begins", "ends")
    ]


async def test_after_an_error(house: House, speaker: Speaker) -> None:
    """One that fails doesn't keep the next one waiting."""
    speaker.error = PlayerCommandFailed("broken")
    speaker.silent.set()
    failed, other = await asyncio.gather(
        *(announce(house, url) for url in ("a", "b")),
        return_exceptions=True,
    )
    assert isinstance(failed, PlayerCommandFailed)
    assert isinstance(other, PlayerCommandFailed)
    assert [line for line in speaker.log if "begins" in line] == [
        "kueche begins a",
        "kueche begins b",
    ]


@pytest.mark.parametrize(
    ("player_id", "volume", "restored"),
    [
        ("kueche", 66, [20]),
        ("kueche", 20, []),  # it is as it was
        ("kueche", None, []),
        ("turntablecorner", 66, []),  # it had none
    ],
)
async def test_volume_after_an_error(
    house: House,
    server: MassServer,
    speaker: Speaker,
    *,
    player_id: str,
    volume: int | None,
    restored: list[int],
) -> None:
    """An announcement that breaks off leaves the volume as it was."""
    before = server.players[player_id].volume_level
    speaker.error = PlayerCommandFailed("broken")
    speaker.silent.set()
    with pytest.raises(PlayerCommandFailed, match="broken"):
        await announce(house, "a", player_id, announce_volume=volume)
    sent = [args["volume_level"] for name, args in server.commands if name == SET_VOLUME]
    assert sent == restored
    if before is not None:
        assert server.players[player_id].volume_level == before


async def test_player_gone_meanwhile(house: House, server: MassServer, speaker: Speaker) -> None:
    """A player that goes has no volume to be put back."""
    speaker.error = PlayerCommandFailed("broken")
    asked = asyncio.create_task(announce(house, "a", announce_volume=66))
    await until(lambda: speaker.log)
    server.remove_player("kueche")
    speaker.silent.set()
    with pytest.raises(PlayerCommandFailed):
        await asked
    assert SET_VOLUME not in [name for name, _ in server.commands]


async def test_unknown_player(house: House, server: MassServer) -> None:
    """What isn't known can still be refused by the server."""
    server.faults.fail(ANNOUNCE, details="never heard of")
    coordinator = house.coordinator
    coordinator.data["nobody"] = coordinator.data["kueche"]._replace(player_id="nobody")
    with pytest.raises(MusicAssistantError, match="never heard of"):
        await announce(house, "a", "nobody")


@pytest.mark.parametrize("lost", [True, False])
async def test_volume_cannot_be_put_back(
    house: House, server: MassServer, speaker: Speaker, lost: bool
) -> None:
    """What went wrong first is what is told."""
    server.faults.fail(SET_VOLUME, details="no")
    speaker.error = PlayerCommandFailed("broken")
    asked = asyncio.create_task(announce(house, "a", announce_volume=66))
    await until(lambda: speaker.log and house.coordinator.mass.players["kueche"].volume_level == 66)
    if lost:
        await server.faults.drop()
    speaker.silent.set()
    with pytest.raises(MusicAssistantClientException if lost else PlayerCommandFailed):
        await asked
