"""The faults as a table; each one ends with the server as it was."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
import json
import random
from typing import Any, Final

from music_assistant_models.enums import CoreState, EventType

from custom_components.music_assistant.updates.availability import CONNECTION_GRACE_PERIOD
from homeassistant.config_entries import SOURCE_REAUTH
from tests.common import Harness, send_frames, set_attributes, wait_until
from tests.server import messages
from tests.server.faults import DropMethod, Stage
from tests.server.player_set import create_speaker

from .traffic import FAST_PLAYER_IDS

type FaultFunction = Callable[[Harness, random.Random], Awaitable[None]]

INVALID_FRAMES: Final[tuple[str | bytes, ...]] = (
    "{nonsense",
    "",
    b"\x00\xff",
    "[]",
    "null",
    "{}",
    '{"event": {}}',
    '{"event": "player_updated"}',
    '{"event": "queue_updated", "object_id": "nobody", "data": {}}',
    '{"event": "from_the_future", "object_id": "player_001", "data": 5}',
    '{"message_id": "nobody", "result": 5, "partial": true}',
)
# Seconds before and after the end of the grace period in which players may be either.
LOOK_MARGIN: Final = 1.0
# Seconds after the return of the server in which an entry is set up, on a busy machine.
RETURN_LIMIT: Final = 30
SOME_COMMANDS: Final = ("volume_set", "volume_mute", "play", "pause", "power")


@dataclass(frozen=True)
class Fault:
    """Represent a fault; `weight` is its relative frequency."""

    name: str
    inject: FaultFunction
    weight: float = 1.0


def select_player(harness: Harness, dice: random.Random) -> str:
    """Return a player outside of groups."""
    players = harness.server.players.values()
    return dice.choice(
        [one.player_id for one in players if not (one.group_members or one.synced_to)]
    )


# ------------------------------------------------------------------------------------ the line


async def disconnect(kind: DropMethod, harness: Harness, _dice: random.Random) -> None:
    """Close the connection."""
    await harness.server.faults.disconnect_clients(kind)


async def disconnect_repeatedly(harness: Harness, dice: random.Random) -> None:
    """Close the connection several times."""
    for _ in range(dice.randint(2, 6)):
        await harness.server.faults.disconnect_clients(dice.choice(("close", "cut", "reset")))
        await asyncio.sleep(dice.uniform(0, 0.3))


async def stop_listening(low: float, high: float, harness: Harness, dice: random.Random) -> None:
    """Close the port for a while, in which players become unavailable when they should."""
    server, seconds = harness.server, dice.uniform(low, high)
    away = {one.player_id for one in server.players.values() if not one.available}
    await server.faults.close_port()
    await server.faults.disconnect_clients(dice.choice(("close", "cut", "reset")))
    early = min(seconds, CONNECTION_GRACE_PERIOD - LOOK_MARGIN)
    await asyncio.sleep(early)
    unavailable = {harness.get_player_id(entity_id) for entity_id in harness.unavailable_entity_ids}
    assert unavailable == away, f"unavailable after {early:.1f} s: {unavailable - away}"
    await asyncio.sleep(seconds - early)
    if seconds > CONNECTION_GRACE_PERIOD + LOOK_MARGIN:
        assert harness.unavailable_entity_ids == harness.states.keys(), "available in an outage"
    await server.faults.open_port()


async def restart_server(harness: Harness, dice: random.Random) -> None:
    """Restart, at first without players."""
    await harness.server.faults.restart_server(starting=dice.uniform(0, 8), down=dice.uniform(0, 4))


async def pause_server(harness: Harness, dice: random.Random) -> None:
    """Stop answering for a while."""
    harness.server.faults.pause_server()
    await asyncio.sleep(dice.uniform(0.5, 25))
    harness.server.faults.resume_server()


async def stop_at_stage(stage: Stage, harness: Harness, dice: random.Random) -> None:
    """Stop answering at a stage of connecting."""
    harness.server.faults.stop_at_stage(stage)
    await harness.server.faults.disconnect_clients("cut")
    await asyncio.sleep(dice.uniform(0.5, 12))


async def fail_command(command: str, code: int, harness: Harness, dice: random.Random) -> None:
    """Answer a command of connecting with an error."""
    harness.server.faults.fail_command(command, code)
    await harness.server.faults.disconnect_clients("cut")
    await asyncio.sleep(dice.uniform(0.1, 4))


# ---------------------------------------------------------------------------------- the players


async def make_player_unavailable(harness: Harness, dice: random.Random) -> None:
    """Make a player unavailable and available again."""
    player_id = select_player(harness, dice)
    harness.server.update_player(player_id, available=False)
    await asyncio.sleep(dice.uniform(0, 2))
    if dice.random() < 0.5:
        await harness.server.faults.disconnect_clients()
    harness.server.update_player(player_id, available=True)


async def remove_player(harness: Harness, dice: random.Random) -> None:
    """Remove a player and add it again, sometimes while the client is disconnected."""
    server = harness.server
    player_id = select_player(harness, dice)
    player = server.players[player_id]
    server.remove_player(player_id)
    if dice.random() < 0.5:
        await server.faults.disconnect_clients()
    await asyncio.sleep(dice.uniform(0, 2))
    server.add_player(player)
    server.playback.update_player(player_id)


async def replace_player(harness: Harness, dice: random.Random) -> None:
    """Remove a player for good and add another one, sometimes while the client is disconnected.

    The players whose events are checked stay.
    """
    server = harness.server
    alone = [
        one.player_id
        for one in server.players.values()
        if not (one.group_members or one.synced_to) and one.player_id not in FAST_PLAYER_IDS
    ]
    removed = dice.choice(alone)
    server.remove_player(removed)
    if dice.random() < 0.5:
        await server.faults.disconnect_clients()
    await asyncio.sleep(dice.uniform(0, 2))
    number = max(int(player_id.rpartition("_")[2]) for player_id in (*server.players, removed)) + 1
    server.add_player(create_speaker(f"Room {number}", f"player_{number:03}"))


async def omit_player(harness: Harness, dice: random.Random) -> None:
    """Omit a player, which is still configured, from the list."""
    server = harness.server
    player_id = select_player(harness, dice)
    server.configs._disabled[player_id] = player = server.players.pop(player_id)
    await server.faults.disconnect_clients()
    await asyncio.sleep(dice.uniform(0, 2))
    server.add_player(server.configs._disabled.pop(player.player_id))


async def send_odd_players(harness: Harness, dice: random.Random) -> None:
    """Send a player with missing or odd fields."""
    player_id = select_player(harness, dice)
    player = json.loads(harness.server.serialize(harness.server.players[player_id]))
    for name in dice.sample(list(player), 10):
        odd = {**player, name: dice.choice((None, "odd", -1, [], [None], {}, {"odd": 1}))}
        if dice.random() < 0.5:
            del odd[name]
        event = messages.build_event(EventType.PLAYER_UPDATED, player_id, odd)
        await harness.server.faults.send_text(harness.server.serialize(event))
    harness.server.update_player(player_id)


# -------------------------------------------------------------------------------- the commands


async def ignore_commands(harness: Harness, dice: random.Random) -> None:
    """Leave commands without a response, sometimes until the connection is lost."""
    for name in SOME_COMMANDS:
        harness.server.faults.ignore_command(f"players/cmd/{name}")
    await asyncio.sleep(dice.uniform(0.5, 12))
    if dice.random() < 0.5:
        await harness.server.faults.disconnect_clients(dice.choice(("close", "cut", "reset")))


async def delay_commands(harness: Harness, dice: random.Random) -> None:
    """Answer commands late, with a disconnect before that."""
    for name in SOME_COMMANDS:
        harness.server.faults.delay_command(f"players/cmd/{name}", dice.uniform(0.1, 3))
    await asyncio.sleep(dice.uniform(0.5, 2))
    await harness.server.faults.disconnect_clients(dice.choice(("close", "cut", "reset")))


async def fail_commands(harness: Harness, dice: random.Random) -> None:
    """Answer commands with errors, of known and unknown codes."""
    for name in SOME_COMMANDS:
        harness.server.faults.fail_command(
            f"players/cmd/{name}", dice.choice((*range(1, 29), 777, 999))
        )
    await asyncio.sleep(dice.uniform(0.5, 2))


# ------------------------------------------------------------------------- sign-in and identity


async def disable_user(harness: Harness, dice: random.Random) -> None:
    """Disable the user for a while; a reauthentication starts within five seconds."""
    server, entry = harness.server, harness.entry
    user = server.accounts.get_user("demo")
    server.disable_user("demo")
    try:
        await wait_until(lambda: [*entry.async_get_active_flows(harness.hass, {SOURCE_REAUTH})])
        await asyncio.sleep(dice.uniform(0, 8))
    finally:
        server.accounts.set_user_enabled(user, enabled=True)
        harness.coordinator.connection.async_retry_now()  # as a discovery of the server does
    await wait_until(lambda: not [*entry.async_get_active_flows(harness.hass, {SOURCE_REAUTH})], 10)


async def change_server(changes: dict[str, Any], harness: Harness, dice: random.Random) -> None:
    """Change attributes of the server for a while."""
    with set_attributes(harness.server, **changes):
        await harness.server.faults.disconnect_clients()
        await asyncio.sleep(dice.uniform(0.1, 8))


# ---------------------------------------------------------------------------------- the frames


async def send_invalid_frames(harness: Harness, dice: random.Random) -> None:
    """Send invalid frames."""
    for _ in range(20):
        frame = dice.choice(INVALID_FRAMES)
        if isinstance(frame, bytes):
            await harness.server.faults.send_bytes(frame)
        else:
            await harness.server.faults.send_text(frame)


async def send_large_message(harness: Harness, _dice: random.Random) -> None:
    """Send a message of 20 MB."""
    event = {"event": "provider_event", "data": "x" * 20_000_000}
    await harness.server.faults.send_text(json.dumps(event))


async def send_many_events(harness: Harness, dice: random.Random) -> None:
    """Send thousands of events at once."""
    server = harness.server
    frames = [
        server.serialize(messages.build_event(EventType.QUEUE_UPDATED, queue_id, queue))
        for queue_id, queue in server.queues.items()
    ]
    await send_frames(server, (dice.choice(frames) for _ in range(5000)))
    for queue_id in list(server.queues):
        server.update_queue(queue_id)


async def set_starting(harness: Harness, dice: random.Random) -> None:
    """Have the state "starting", then "running", with all players."""
    harness.server.set_status(CoreState.STARTING)
    await harness.server.faults.disconnect_clients()
    await asyncio.sleep(dice.uniform(0, 2))
    harness.server.set_status(CoreState.RUNNING)


# ------------------------------------------------------------------------------------ the entry


async def reload_entry(harness: Harness, _dice: random.Random) -> None:
    """Reload the entry."""
    assert await harness.hass.config_entries.async_reload(harness.entry.entry_id)


async def unload_during_fault(harness: Harness, dice: random.Random) -> None:
    """Unload during another fault, and set up again."""
    await dice.choice((disconnect_repeatedly, pause_without_end, close_without_end))(harness, dice)
    async with asyncio.timeout(2):
        assert await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    harness.server.faults.clear()
    await harness.server.faults.open_port()
    assert await harness.hass.config_entries.async_setup(harness.entry.entry_id)


async def pause_without_end(harness: Harness, _dice: random.Random) -> None:
    """Stop answering."""
    harness.server.faults.pause_server()


async def close_without_end(harness: Harness, _dice: random.Random) -> None:
    """Close the port and all connections."""
    await harness.server.faults.close_port()
    await harness.server.faults.disconnect_clients()


async def setup_without_server(harness: Harness, dice: random.Random) -> None:
    """Set up without a server; the entry is loaded soon after its return."""
    config_entries, entry_id = harness.hass.config_entries, harness.entry.entry_id
    assert await config_entries.async_unload(entry_id)
    await harness.server.faults.close_port()
    assert not await config_entries.async_setup(entry_id)
    await asyncio.sleep(dice.uniform(0, 15))
    await harness.server.faults.open_port()
    await wait_until(lambda: harness.is_set_up, RETURN_LIMIT)


async def refresh_during_disconnect(harness: Harness, dice: random.Random) -> None:
    """Refresh the coordinator during a disconnect."""
    await harness.server.faults.disconnect_clients("cut")
    for _ in range(5):
        await harness.coordinator.async_refresh()
        await asyncio.sleep(dice.uniform(0, 0.01))


FAULTS: Final[tuple[Fault, ...]] = (
    Fault("closed", partial(disconnect, "close"), 3),
    Fault("cut", partial(disconnect, "cut"), 3),
    Fault("reset", partial(disconnect, "reset"), 3),
    Fault("blinks", disconnect_repeatedly, 2),
    Fault("blink of seconds", partial(stop_listening, 0.1, 4), 2),
    Fault("outage", partial(stop_listening, 5, 20), 2),
    Fault("outage of a minute", partial(stop_listening, 55, 75), 0.15),
    Fault("outage of ten minutes", partial(stop_listening, 590, 610), 0.01),
    Fault("restart", restart_server, 2),
    Fault("starting", set_starting),
    Fault("frozen", pause_server, 2),
    Fault("hang at connect", partial(stop_at_stage, "connect")),
    Fault("hang at authentication", partial(stop_at_stage, "auth")),
    Fault("hang at fetch", partial(stop_at_stage, "fetch")),
    Fault("fetch refused", partial(fail_command, "players/all", 999)),
    Fault("configurations refused", partial(fail_command, "config/players", 22)),
    Fault("sign-in fails", partial(fail_command, "auth", 999)),
    Fault("player offline", make_player_unavailable, 2),
    Fault("player removed", remove_player, 2),
    Fault("player replaced", replace_player, 2),
    Fault("player missing", omit_player),
    Fault("odd payloads", send_odd_players, 2),
    Fault("commands not answered", ignore_commands),
    Fault("commands answered late", delay_commands),
    Fault("commands answered with errors", fail_commands),
    Fault("signed out", disable_user),
    Fault(
        "too old",
        partial(change_server, {"schema_version": 26, "min_supported_schema_version": 24}),
    ),
    Fault(
        "too new",
        partial(change_server, {"schema_version": 999, "min_supported_schema_version": 998}),
    ),
    Fault("another server", partial(change_server, {"server_id": "another"})),
    Fault("nonsense", send_invalid_frames, 2),
    Fault("20 MB", send_large_message, 0.5),
    Fault("flood", send_many_events),
    Fault("reload", reload_entry),
    Fault("unload", unload_during_fault),
    Fault("start without server", setup_without_server),
    Fault("updates asked for", refresh_during_disconnect),
)
