"""Announcements: their order on each player, and the volume afterwards."""

import asyncio

from music_assistant_client.exceptions import MusicAssistantClientException
from music_assistant_models.enums import PlaybackState
from music_assistant_models.errors import MusicAssistantError, PlayerCommandFailed
from music_assistant_models.player import Player
import pytest

from .action_helpers import get_sent_arguments, start_playback
from .common import Harness, wait_until
from .server import MassServer
from .server.command_targets import PlayerCommand
from .server.commands import Command

ANNOUNCE, SET_VOLUME = "players/cmd/play_announcement", "players/cmd/volume_set"
RESUME = "player_queues/resume"


class ControlledAnnouncements:
    """Record announcements in place of the server, and end each on demand."""

    def __init__(self, server: MassServer) -> None:
        """Replace the server's announcements."""
        self.log: list[str] = []
        self.silent = asyncio.Event()
        self.error: Exception | None = None
        server.command_table[ANNOUNCE] = Command(PlayerCommand(self._announce))

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
async def speaker(server: MassServer) -> ControlledAnnouncements:
    """Replace the server's announcements by controlled ones."""
    return ControlledAnnouncements(server)


async def announce(
    harness: Harness, url: str, player_id: str = "kueche", **options: object
) -> None:
    """Play an announcement."""
    coordinator = harness.coordinator
    player = coordinator.data[player_id]
    await coordinator.announcements.async_play(coordinator.mass, player, url, options)


async def test_announcements_play_in_order(
    harness: Harness, speaker: ControlledAnnouncements
) -> None:
    """Announcements on a player are played one after the other, in the order of the calls."""
    async with asyncio.TaskGroup() as group:
        for url in ("a", "b", "c"):
            group.create_task(announce(harness, url))
        group.create_task(announce(harness, "d", "buero"))
        await wait_until(lambda: len(speaker.log) == 2)
        # whatever else was sent would have arrived by now
        await harness.coordinator.mass.send_command("info")
        assert sorted(speaker.log) == ["buero begins d", "kueche begins a"]
        speaker.silent.set()
    assert [line for line in speaker.log if line.startswith("kueche")] == [
        f"kueche {what} {url}" for url in ("a", "b", "c") for what in ("begins", "ends")
    ]


async def test_announcement_after_failed_one(
    harness: Harness, speaker: ControlledAnnouncements
) -> None:
    """A failed announcement doesn't block the next one."""
    speaker.error = PlayerCommandFailed("broken")
    speaker.silent.set()
    failed, other = await asyncio.gather(
        *(announce(harness, url) for url in ("a", "b")),
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
        ("kueche", 20, [20]),  # it may be changed, but not be shown to be yet
        ("kueche", None, [20]),  # the server has a volume of its own
        ("turntablecorner", 66, []),  # it had none
    ],
)
async def test_volume_is_restored_after_error(
    harness: Harness,
    server: MassServer,
    speaker: ControlledAnnouncements,
    *,
    player_id: str,
    volume: int | None,
    restored: list[int],
) -> None:
    """A failed announcement leaves the volume as it was."""
    before = server.players[player_id].volume_level
    speaker.error = PlayerCommandFailed("broken")
    speaker.silent.set()
    with pytest.raises(PlayerCommandFailed, match="broken"):
        await announce(harness, "a", player_id, announce_volume=volume)
    sent = [args["volume_level"] for name, args in server.commands if name == SET_VOLUME]
    assert sent == restored
    if before is not None:
        assert server.players[player_id].volume_level == before


@pytest.mark.parametrize("prompt", [False])
@pytest.mark.parametrize("volume", [60, None])
async def test_music_goes_on_after_error(
    harness: Harness, server: MassServer, volume: int | None
) -> None:
    """Music that a failed announcement stops goes on, as loud as before, and the error is raised."""
    queue = start_playback(server)
    reporter = server.playback.reporter
    await wait_until(lambda: not reporter.is_busy)
    server.playback.announcement_error = PlayerCommandFailed("Can not resolve stream URL")
    with pytest.raises(PlayerCommandFailed):
        await announce(harness, "http://home.example.com/bell.mp3", announce_volume=volume)
    await wait_until(lambda: not reporter.is_busy)
    await harness.wait_for_events()
    assert queue.state is PlaybackState.PLAYING
    assert server.players["kueche"].volume_level == 20
    state = harness.get_state("kueche")
    assert (state.state, state.attributes["volume_level"]) == ("playing", 0.2)


@pytest.mark.parametrize("prompt", [False])
@pytest.mark.parametrize("player_id", ["patio", "garden"])
async def test_group_is_as_before_after_error(
    harness: Harness, server: MassServer, player_id: str
) -> None:
    """A failed announcement on a leader or a follower leaves group, volumes and music as before."""
    queue = start_playback(server, "patio")
    reporter = server.playback.reporter
    await wait_until(lambda: not reporter.is_busy)
    await harness.wait_for_events()
    volumes = {each: server.players[each].volume_level for each in ("patio", "garden")}
    server.playback.announcement_error = PlayerCommandFailed("Can not resolve stream URL")
    with pytest.raises(PlayerCommandFailed):
        await announce(harness, "http://home.example.com/bell.mp3", player_id, announce_volume=66)
    await wait_until(lambda: not reporter.is_busy)
    assert {each: server.players[each].volume_level for each in volumes} == volumes
    assert server.players["garden"].synced_to == "patio"
    assert queue.state is PlaybackState.PLAYING


@pytest.mark.parametrize("prompt", [False])
async def test_stopped_music_stays_so_after_error(harness: Harness, server: MassServer) -> None:
    """What was paused isn't resumed after a failed announcement."""
    queue = start_playback(server)
    reporter = server.playback.reporter
    await wait_until(lambda: not reporter.is_busy)
    server.playback.pause(queue)
    await wait_until(lambda: not reporter.is_busy)
    server.playback.announcement_error = PlayerCommandFailed("Can not resolve stream URL")
    with pytest.raises(PlayerCommandFailed):
        await announce(harness, "http://home.example.com/bell.mp3")
    await wait_until(lambda: not reporter.is_busy)
    assert queue.state is not PlaybackState.PLAYING


async def test_music_is_resumed_after_it_has_stopped(
    harness: Harness, server: MassServer, speaker: ControlledAnnouncements
) -> None:
    """Music is resumed when it has stopped: told earlier, the player would miss it."""
    start_playback(server)
    await harness.wait_for_events()
    speaker.error = PlayerCommandFailed("broken")
    speaker.silent.set()
    asked = asyncio.create_task(announce(harness, "a"))
    await wait_until(lambda: get_sent_arguments(server, SET_VOLUME))
    # whatever else was sent would have arrived by now
    await harness.coordinator.mass.send_command("info")
    assert not get_sent_arguments(server, RESUME)
    server.playback.stop_queue("kueche")
    with pytest.raises(PlayerCommandFailed):
        await asked
    assert get_sent_arguments(server, RESUME)


async def test_player_removed_during_announcement(
    harness: Harness, server: MassServer, speaker: ControlledAnnouncements
) -> None:
    """The volume of a removed player isn't restored."""
    speaker.error = PlayerCommandFailed("broken")
    asked = asyncio.create_task(announce(harness, "a", announce_volume=66))
    await wait_until(lambda: speaker.log)
    server.remove_player("kueche")
    speaker.silent.set()
    with pytest.raises(PlayerCommandFailed):
        await asked
    assert SET_VOLUME not in [name for name, _ in server.commands]


async def test_announcement_on_unknown_player(harness: Harness, server: MassServer) -> None:
    """An unknown player is refused by the server."""
    server.faults.fail_command(ANNOUNCE, details="never heard of")
    coordinator = harness.coordinator
    coordinator.data["nobody"] = coordinator.data["kueche"]._replace(player_id="nobody")
    with pytest.raises(MusicAssistantError, match="never heard of"):
        await announce(harness, "a", "nobody")


@pytest.mark.parametrize("lost", [True, False])
async def test_first_error_is_raised_when_restore_fails(
    harness: Harness, server: MassServer, speaker: ControlledAnnouncements, lost: bool
) -> None:
    """If restoring the volume fails too, the first error is raised."""
    server.faults.fail_command(SET_VOLUME, details="no")
    speaker.error = PlayerCommandFailed("broken")
    asked = asyncio.create_task(announce(harness, "a", announce_volume=66))
    await wait_until(
        lambda: speaker.log and harness.coordinator.mass.players["kueche"].volume_level == 66
    )
    if lost:
        await server.faults.disconnect_clients()
    speaker.silent.set()
    with pytest.raises(MusicAssistantClientException if lost else PlayerCommandFailed):
        await asked
