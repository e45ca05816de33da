"""Snapshots of players, taken and restored by actions, over real sockets."""

import asyncio
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from music_assistant_models.enums import PlaybackState, QueueOption, RepeatMode
import pytest

from custom_components.music_assistant.players import saved_states
from custom_components.music_assistant.players.saved_states import BATCH_SIZE, MAX_AGE

from .action_helpers import (
    ALBUM,
    call_action,
    expect_error,
    get_playable_uris,
    get_queue_uris,
    get_sent_arguments,
    start_playback,
)
from .common import Harness, wait_until
from .conftest import PACE
from .server import MassServer

OTHER = "library://album/2"
PLAY_MEDIA, PLAY_INDEX = "player_queues/play_media", "player_queues/play_index"
VOLUME = "players/cmd/volume_set"
NEARLY = 3.0  # seconds


@pytest.fixture(autouse=True)
def _watch_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Watch a player as briefly as the server is fast, and tell it again as soon."""
    for name in ("SETTLE_TIME", "STOP_TIMEOUT"):
        monkeypatch.setattr(saved_states, name, getattr(saved_states, name) * PACE)


async def wait_for_reports(harness: Harness, server: MassServer) -> None:
    """Wait until the server has reported all, and it is handled."""
    await wait_until(lambda: not server.playback.reporter.is_busy)
    await harness.wait_for_events()


@pytest.fixture
async def playing(harness: Harness, server: MassServer) -> Harness:
    """Return a house whose kitchen is in the middle of an album."""
    start_playback(server)
    server.playback.play_index(server.queues["kueche"], 4, 60)
    await wait_for_reports(harness, server)
    return harness


async def keep(harness: Harness, *player_ids: str) -> None:
    """Take a snapshot of players as they are now."""
    await harness.wait_for_events()
    await call_action(
        harness, "snapshot", None, entity_id=[harness.get_entity_id(one) for one in player_ids]
    )


async def restore(harness: Harness, *player_ids: str) -> None:
    """Restore players, once all is known that was said of them."""
    await harness.wait_for_events()
    await call_action(
        harness, "restore", None, entity_id=[harness.get_entity_id(one) for one in player_ids]
    )


def is_back(server: MassServer) -> bool:
    """Tell whether the kitchen's queue is where it was, in item and position."""
    queue = server.queues["kueche"]
    return queue.current_index == 4 and abs(server.playback.get_position(queue) - 60) < NEARLY


# What is played


async def test_other_media(playing: Harness, server: MassServer) -> None:
    """After other media, the former queue plays again from its position."""
    await keep(playing, "kueche")
    start_playback(server, uri=OTHER)
    await restore(playing, "kueche")
    assert get_queue_uris(server) == get_playable_uris(server, ALBUM)
    assert is_back(server)
    assert server.queues["kueche"].state is PlaybackState.PLAYING
    assert not [args for args in get_sent_arguments(server, VOLUME) if args["volume_level"] != 20]


async def test_same_queue(playing: Harness, server: MassServer) -> None:
    """In an unchanged queue only the position is restored."""
    await keep(playing, "kueche")
    before = [item.queue_item_id for item in server.queue_items["kueche"]]
    server.playback.play_index(server.queues["kueche"], 9)
    await restore(playing, "kueche")
    assert is_back(server)
    assert [item.queue_item_id for item in server.queue_items["kueche"]] == before
    assert not get_sent_arguments(server, PLAY_MEDIA)


@pytest.mark.parametrize("prompt", [True, False])
@pytest.mark.parametrize("uri", [OTHER, None])
@pytest.mark.parametrize("state", [PlaybackState.PAUSED, PlaybackState.IDLE])
async def test_not_playing(
    playing: Harness, server: MassServer, state: PlaybackState, uri: str | None
) -> None:
    """What was paused or stopped is so again, where it was; nobody hears how."""
    queue = server.queues["kueche"]
    if state is PlaybackState.PAUSED:
        server.playback.pause(queue)
    else:
        server.playback.stop_queue("kueche")
    await wait_for_reports(playing, server)
    await keep(playing, "kueche")
    if uri:
        start_playback(server, uri=uri)
    else:
        server.playback.play_index(queue, 9)
    await restore(playing, "kueche")
    await wait_for_reports(playing, server)
    assert playing.get_state("kueche").state == state.value
    assert (queue.state, queue.current_index) == (state, 4)
    assert get_queue_uris(server) == get_playable_uris(server, ALBUM)
    assert server.players["kueche"].volume_level == 20
    steps = [
        args.get("volume_level") for name, args in server.commands if name in (VOLUME, PLAY_INDEX)
    ]
    assert steps == [0, None, 20]
    if state is PlaybackState.PAUSED:
        assert queue.elapsed_time == pytest.approx(60, abs=NEARLY)


@pytest.mark.parametrize("prompt", [False])
async def test_followers_are_silent(harness: Harness, server: MassServer) -> None:
    """Those that play along with a player aren't heard while it is restored, either."""
    start_playback(server, "patio")
    await wait_for_reports(harness, server)
    server.playback.pause(server.queues["patio"])
    await wait_for_reports(harness, server)
    await keep(harness, "patio")
    start_playback(server, "patio", OTHER)
    await restore(harness, "patio")
    changes = [
        (args["player_id"], args["volume_level"]) for args in get_sent_arguments(server, VOLUME)
    ]
    assert changes == [("patio", 0), ("garden", 0), ("garden", 60), ("patio", 50)]
    assert server.queues["patio"].state is PlaybackState.PAUSED


@pytest.mark.parametrize("prompt", [False])
async def test_still_playing(
    playing: Harness, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A player that doesn't pause is an error, and as loud as it was."""
    server.playback.pause(server.queues["kueche"])
    await wait_for_reports(playing, server)
    await keep(playing, "kueche")
    start_playback(server, uri=OTHER)
    await wait_for_reports(playing, server)
    monkeypatch.setattr(saved_states, "RESTORE_TIMEOUT", 1.0)
    server.faults.set_response("player_queues/pause", None)
    await expect_error("still_playing", call_action(playing, "restore"), player="Küche")
    assert server.players["kueche"].volume_level == 20


async def test_lost_pause(playing: Harness, server: MassServer) -> None:
    """A pause of which nothing comes is sent again."""
    server.playback.pause(server.queues["kueche"])
    await keep(playing, "kueche")
    start_playback(server, uri=OTHER)
    server.faults.set_response("player_queues/pause", None)
    restoring = asyncio.create_task(restore(playing, "kueche"))
    await wait_until(lambda: get_sent_arguments(server, "player_queues/pause"))
    server.faults.clear()
    await restoring
    assert server.queues["kueche"].state is PlaybackState.PAUSED
    assert is_back(server)


async def test_player_that_does_not_begin(
    playing: Harness, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A player that doesn't begin is paused nevertheless, in time."""
    server.playback.pause(server.queues["kueche"])
    await keep(playing, "kueche")
    start_playback(server, uri=OTHER)
    monkeypatch.setattr(saved_states, "START_TIMEOUT", 0.2)
    server.faults.set_response(PLAY_INDEX, None)
    async with asyncio.timeout(5):
        await restore(playing, "kueche")
    assert get_sent_arguments(server, "player_queues/pause")


async def test_unchanged_player(playing: Harness, server: MassServer) -> None:
    """A paused player at its position isn't changed."""
    server.playback.pause(server.queues["kueche"])
    await keep(playing, "kueche")
    await restore(playing, "kueche")
    assert not get_sent_arguments(server, PLAY_INDEX)
    assert server.queues["kueche"].state is PlaybackState.PAUSED


async def test_empty_queue(harness: Harness, server: MassServer) -> None:
    """An empty queue is cleared again."""
    await keep(harness, "kueche")
    start_playback(server)
    await restore(harness, "kueche")
    assert get_queue_uris(server) == []


async def test_shuffle_and_repeat(playing: Harness, server: MassServer) -> None:
    """The order of the items and the modes of the queue are restored."""
    queue = server.queues["kueche"]
    server.playback.set_shuffle(queue, True)
    queue.repeat_mode = RepeatMode.ALL
    server.playback.send_queue(queue)
    await keep(playing, "kueche")
    server.playback.set_shuffle(queue, False)
    queue.repeat_mode = RepeatMode.OFF
    start_playback(server, uri=OTHER)
    await restore(playing, "kueche")
    assert (queue.shuffle_enabled, queue.repeat_mode) == (True, RepeatMode.ALL)
    assert sorted(get_queue_uris(server)) == sorted(get_playable_uris(server, ALBUM))
    assert is_back(server)


async def test_shuffled_queue(playing: Harness, server: MassServer) -> None:
    """A queue that was shuffled since gets its order back."""
    await keep(playing, "kueche")
    server.playback.set_shuffle(server.queues["kueche"], True)
    await restore(playing, "kueche")
    assert get_queue_uris(server) == get_playable_uris(server, ALBUM)
    assert not server.queues["kueche"].shuffle_enabled


async def test_long_queue(harness: Harness, server: MassServer) -> None:
    """A long queue is restored in parts, without items that were played long ago."""
    queue = server.queues["kueche"]
    some = server.library.get_playable_items(ALBUM)
    server.playback.add_items(queue, some * 40, QueueOption.REPLACE)
    server.playback.play_index(queue, 600)
    before = get_queue_uris(server)
    await keep(harness, "kueche")
    start_playback(server, uri=OTHER)
    await restore(harness, "kueche")
    assert get_queue_uris(server) == before[100:]
    assert queue.current_index == 500
    assert {len(args["media"]) for args in get_sent_arguments(server, PLAY_MEDIA)} <= {
        BATCH_SIZE,
        40,
    }


async def test_radio(harness: Harness, server: MassServer) -> None:
    """A radio station is restored without a position."""
    start_playback(server, uri="library://radio/1")
    await keep(harness, "kueche")
    start_playback(server)
    await restore(harness, "kueche")
    assert get_queue_uris(server) == ["library://radio/1"]
    assert get_sent_arguments(server, PLAY_INDEX)[-1]["seek_position"] == 0


async def test_source(harness: Harness, server: MassServer) -> None:
    """A source is selected again; the queue's items stay stopped."""
    server.playback.play_source(server.players["cinema"], "hdmi1")
    await keep(harness, "cinema")
    start_playback(server, "cinema")
    await restore(harness, "cinema")
    assert server.players["cinema"].active_source == "hdmi1"
    assert not get_sent_arguments(server, PLAY_INDEX)


async def test_queue_after_source(harness: Harness, server: MassServer) -> None:
    """A paused queue is restored after another source was selected."""
    start_playback(server, "cinema")
    server.playback.pause(server.queues["cinema"])
    await keep(harness, "cinema")
    server.playback.play_source(server.players["cinema"], "hdmi1")
    await restore(harness, "cinema")
    assert server.players["cinema"].active_source == "cinema"
    assert server.queues["cinema"].state is PlaybackState.PAUSED


# How it is played


async def test_volume_and_power(playing: Harness, server: MassServer) -> None:
    """Volume, mute and power are restored."""
    await keep(playing, "kueche", "bedroom")
    server.update_player("kueche", volume_level=80, volume_muted=True, powered=False)
    server.update_player("bedroom", powered=True)
    await restore(playing, "kueche", "bedroom")
    kitchen = server.players["kueche"]
    assert (kitchen.volume_level, kitchen.volume_muted, kitchen.powered) == (20, False, True)
    assert server.players["bedroom"].powered is False


async def test_player_without_controls(harness: Harness, server: MassServer) -> None:
    """A player without power and volume is restored."""
    start_playback(server, "turntablecorner")
    server.playback.pause(server.queues["turntablecorner"])
    await keep(harness, "turntablecorner")
    start_playback(server, "turntablecorner", OTHER)
    await restore(harness, "turntablecorner")
    assert get_queue_uris(server, "turntablecorner") == get_playable_uris(server, ALBUM)
    assert not get_sent_arguments(server, VOLUME)


async def test_group_player(harness: Harness, server: MassServer) -> None:
    """The volume of a group player and those of its members are restored."""
    start_playback(server, "downstairs")
    server.playback.pause(server.queues["downstairs"])
    await keep(harness, "downstairs", "kueche", "living_room")
    start_playback(server, "downstairs", OTHER)
    server.update_player("kueche", volume_level=70)
    await restore(harness, "downstairs", "kueche", "living_room")
    assert [server.players[one].volume_level for one in ("kueche", "living_room")] == [20, 30]
    assert get_queue_uris(server, "downstairs") == get_playable_uris(server, ALBUM)
    assert get_queue_uris(server, "kueche") == []


# Groups


async def test_own_queue_of_follower(playing: Harness, server: MassServer) -> None:
    """The own queue of a player that plays along with another one is left alone."""
    start_playback(server, "buero")
    await playing.call_action("join", "kueche", group_members=[playing.get_entity_id("buero")])
    await wait_for_reports(playing, server)
    await keep(playing, "buero")
    server.playback.clear_queue(server.queues["buero"])
    await playing.call_action("unjoin", "buero")
    await wait_for_reports(playing, server)
    server.commands.clear()
    await restore(playing, "buero")
    assert server.players["buero"].synced_to == "kueche"
    changed = {
        name
        for name, arguments in server.commands
        if name.startswith("player_queues/") and "buero" in arguments.values()
    }
    assert changed <= {"player_queues/items", "player_queues/get"}


async def test_left_group(harness: Harness, server: MassServer) -> None:
    """A leader gets its followers back, and a follower its leader."""
    for players in (("patio",), ("garden",), ("garden", "patio")):
        await keep(harness, "patio", "garden")
        await harness.call_action("unjoin", "garden")
        assert server.players["garden"].synced_to is None
        await restore(harness, *players)
        assert server.players["garden"].synced_to == "patio"


async def test_joined_group(playing: Harness, server: MassServer) -> None:
    """A player that was alone leaves its new group."""
    await keep(playing, "kueche", "buero")
    for players in (("kueche",), ("buero",), ("kueche", "buero")):
        await playing.call_action("join", "buero", group_members=[playing.get_entity_id("kueche")])
        assert server.players["kueche"].synced_to == "buero"
        await restore(playing, *players)
        assert server.players["kueche"].synced_to is None
    assert is_back(server)


# What is kept, and for how long


async def test_snapshot_names(playing: Harness, server: MassServer) -> None:
    """Each name is another snapshot; a second one of a name replaces the first."""
    await call_action(playing, "snapshot", name="morning")
    server.update_player("kueche", volume_level=50)
    await keep(playing, "kueche")
    server.update_player("kueche", volume_level=60)
    await keep(playing, "kueche")
    for data, volume in (({"name": "morning"}, 20), ({}, 60)):
        await playing.wait_for_events()
        await call_action(playing, "restore", **data)
        assert server.players["kueche"].volume_level == volume


async def test_restart(playing: Harness, server: MassServer, hass_storage: dict[str, Any]) -> None:
    """A snapshot outlives a restart of Home Assistant."""
    await keep(playing, "kueche", "patio")
    entries, entry_id = playing.hass.config_entries, playing.entry.entry_id
    await entries.async_unload(entry_id)
    start_playback(server, uri=OTHER)
    await entries.async_setup(entry_id)
    await restore(playing, "kueche")
    assert get_queue_uris(server) == get_playable_uris(server, ALBUM)
    assert f"music_assistant.{entry_id}.snapshots" in hass_storage
    await entries.async_remove(entry_id)
    assert f"music_assistant.{entry_id}.snapshots" not in hass_storage


async def test_expired_snapshot(playing: Harness, freezer: FrozenDateTimeFactory) -> None:
    """A snapshot expires after a day."""
    await keep(playing, "kueche")
    freezer.tick(timedelta(seconds=MAX_AGE - 60))
    await restore(playing, "kueche")
    freezer.tick(timedelta(seconds=120))
    await expect_error(
        "no_snapshot", call_action(playing, "restore"), player="Küche", name="default"
    )
    assert playing.coordinator.saved_states._get_data_to_save() == {}


# What goes wrong


async def test_no_snapshot(harness: Harness) -> None:
    """Without a snapshot the action is an error."""
    await expect_error("no_snapshot", call_action(harness, "restore", name="party"), name="party")


@pytest.mark.parametrize("key", ["no_player", "player_away"])
async def test_removed_player(playing: Harness, server: MassServer, key: str) -> None:
    """A removed player is an error after the others are restored."""
    await keep(playing, "kueche", "buero")
    entity_ids = [playing.get_entity_id(one) for one in ("buero", "kueche")]
    if key == "no_player":
        server.remove_player("buero")
    else:
        server.update_player("buero", available=False)
    start_playback(server, uri=OTHER)
    await playing.wait_for_events()
    await expect_error(key, call_action(playing, "restore", None, entity_id=entity_ids))
    assert get_queue_uris(server) == get_playable_uris(server, ALBUM)


async def test_gone_while_restoring(playing: Harness, server: MassServer) -> None:
    """A volume that was turned down for a moment is turned up again, whatever goes wrong."""
    server.playback.pause(server.queues["kueche"])
    await keep(playing, "kueche")
    start_playback(server, uri=OTHER)
    server.faults.fail_command(PLAY_INDEX)
    await playing.wait_for_events()
    await expect_error("command_failed", call_action(playing, "restore"))
    assert server.players["kueche"].volume_level == 20


async def test_missing_media(playing: Harness, server: MassServer) -> None:
    """Items that the server no longer finds are reported."""
    await keep(playing, "kueche")
    start_playback(server, uri=OTHER)
    server.faults.fail_command(PLAY_MEDIA, 2, "No playable items found")
    await playing.wait_for_events()
    await expect_error("media_not_found", call_action(playing, "restore"))


async def test_taken_while_restoring(playing: Harness, server: MassServer) -> None:
    """A snapshot waits for what is being restored: a player that is silent for that wasn't so."""
    server.playback.pause(server.queues["kueche"])
    await keep(playing, "kueche")
    start_playback(server, uri=OTHER)
    await playing.wait_for_events()
    server.faults.delay_command(PLAY_INDEX, 0.1)
    asked = playing.hass.async_create_task(call_action(playing, "restore"))
    await wait_until(lambda: playing.get_state("kueche").attributes["volume_level"] == 0)
    await call_action(playing, "snapshot", name="again")
    await asked
    server.faults.clear()
    await call_action(playing, "restore", name="again")
    assert server.players["kueche"].volume_level == 20


async def test_away_before_its_turn(playing: Harness, server: MassServer) -> None:
    """A player that goes while another one is restored is told of."""
    await keep(playing, "kueche", "buero")
    server.faults.delay_command(VOLUME, 0.1)
    entity_ids = [playing.get_entity_id(one) for one in ("kueche", "buero")]
    asked = playing.hass.async_create_task(
        call_action(playing, "restore", None, entity_id=entity_ids)
    )
    await wait_until(lambda: get_sent_arguments(server, VOLUME))
    for player_id in ("kueche", "buero"):
        server.update_player(player_id, available=False)
    await expect_error("player_unavailable", asked)


async def test_starting_server(playing: Harness, server: MassServer) -> None:
    """A queue that the server doesn't know yet can't be restored."""
    await keep(playing, "kueche")
    playing.coordinator.connection.client.player_queues._cache.remove("kueche")
    await expect_error("player_unavailable", call_action(playing, "restore"))


async def test_follower_after_restart(harness: Harness, server: MassServer) -> None:
    """A follower without a queue is read from the stored snapshots."""
    await keep(harness, "garden")
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    await harness.hass.config_entries.async_setup(harness.entry.entry_id)
    server.update_player("garden", volume_level=5)
    await restore(harness, "garden")
    assert server.players["garden"].volume_level == 60
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)


@pytest.mark.parametrize("index", [None, 99])
async def test_queue_without_current_item(
    harness: Harness, server: MassServer, index: int | None
) -> None:
    """A queue with items but no current one is restored."""
    queue = server.queues["kueche"]
    server.playback.add_items(queue, server.library.get_playable_items(ALBUM), QueueOption.ADD)
    queue.current_index, queue.current_item = index, None
    server.playback.send_queue(queue)
    await keep(harness, "kueche")
    start_playback(server, uri=OTHER)
    await restore(harness, "kueche")
    assert get_queue_uris(server) == get_playable_uris(server, ALBUM)
    assert not get_sent_arguments(server, PLAY_INDEX)


async def test_names_are_limited(playing: Harness, freezer: FrozenDateTimeFactory) -> None:
    """A player has the newest of its saved states, up to a limit."""
    for number in range(saved_states.MAX_NAMES + 3):
        freezer.tick(1)
        await call_action(playing, "snapshot", name=str(number))
    await call_action(playing, "snapshot", "buero", name="0")
    kept = await playing.coordinator.saved_states._async_load()
    assert [name for name, players in kept.items() if "kueche" in players] == [
        str(number) for number in range(3, saved_states.MAX_NAMES + 3)
    ]
    assert "buero" in kept["0"]


async def test_expired_states_are_removed(playing: Harness, freezer: FrozenDateTimeFactory) -> None:
    """A saved state that has expired takes no memory."""
    await call_action(playing, "snapshot", name="old")
    freezer.tick(MAX_AGE + 1)
    await call_action(playing, "snapshot", "buero", name="new")
    assert list(await playing.coordinator.saved_states._async_load()) == ["new"]


async def test_kept_items_are_limited(
    playing: Harness, monkeypatch: pytest.MonkeyPatch, freezer: FrozenDateTimeFactory
) -> None:
    """The items of all saved queues are limited, and so is a URI."""
    await call_action(playing, "snapshot", name="first")
    kept = await playing.coordinator.saved_states._async_load()
    queue = kept["first"]["kueche"].queue
    assert queue
    monkeypatch.setattr(saved_states, "MAX_KEPT_ITEMS", 2 * len(queue.items))
    for name in ("second", "third"):
        freezer.tick(1)
        await call_action(playing, "snapshot", name=name)
    assert list(kept) == ["second", "third"]
    assert saved_states._get_uri({"media_item": {"uri": "a" * 3000}}) == ""
