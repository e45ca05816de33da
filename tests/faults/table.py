"""What can go wrong, as a table: each fault begins, lasts and ends with the server as it was."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
import json
import random
from typing import Any, Final

from music_assistant_models.enums import CoreState, EventType

from homeassistant.config_entries import SOURCE_REAUTH
from tests.common import House, burst, changed, until
from tests.server import wire
from tests.server.faults import Drop, Stage

type Act = Callable[[House, random.Random], Awaitable[None]]

NONSENSE: Final[tuple[str | bytes, ...]] = (
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
SOME_COMMANDS: Final = ("volume_set", "volume_mute", "play", "pause", "power")


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong; `weight` says how often, against the others."""

    name: str
    act: Act
    weight: float = 1.0


def some_player(house: House, dice: random.Random) -> str:
    """Return a player that nobody plays along with, nor it with another."""
    players = house.server.players.values()
    return dice.choice(
        [one.player_id for one in players if not (one.group_members or one.synced_to)]
    )


# ------------------------------------------------------------------------------------ the line


async def drop(kind: Drop, house: House, _dice: random.Random) -> None:
    """End the connection."""
    await house.server.faults.drop(kind)


async def blinks(house: House, dice: random.Random) -> None:
    """End it again and again."""
    for _ in range(dice.randint(2, 6)):
        await house.server.faults.drop(dice.choice(("close", "cut", "reset")))
        await asyncio.sleep(dice.uniform(0, 0.3))


async def outage(low: float, high: float, house: House, dice: random.Random) -> None:
    """Go away for a while."""
    await house.server.faults.refuse()
    await house.server.faults.drop(dice.choice(("close", "cut", "reset")))
    await asyncio.sleep(dice.uniform(low, high))
    await house.server.faults.accept()


async def restart(house: House, dice: random.Random) -> None:
    """Restart, and know no players at first."""
    await house.server.faults.restart(starting=dice.uniform(0, 8), down=dice.uniform(0, 4))


async def freeze(house: House, dice: random.Random) -> None:
    """Hang for a while."""
    house.server.faults.freeze()
    await asyncio.sleep(dice.uniform(0.5, 25))
    house.server.faults.thaw()


async def hang(stage: Stage, house: House, dice: random.Random) -> None:
    """Hang at a step of connecting."""
    house.server.faults.hang_at(stage)
    await house.server.faults.drop("cut")
    await asyncio.sleep(dice.uniform(0.5, 12))


async def refused(command: str, code: int, house: House, dice: random.Random) -> None:
    """Answer a step of connecting with an error."""
    house.server.faults.fail(command, code)
    await house.server.faults.drop("cut")
    await asyncio.sleep(dice.uniform(0.1, 4))


# ---------------------------------------------------------------------------------- the players


async def offline(house: House, dice: random.Random) -> None:
    """Let a player go and come."""
    player_id = some_player(house, dice)
    house.server.update_player(player_id, available=False)
    await asyncio.sleep(dice.uniform(0, 2))
    if dice.random() < 0.5:
        await house.server.faults.drop()
    house.server.update_player(player_id, available=True)


async def removed(house: House, dice: random.Random) -> None:
    """Remove a player, and add it again, sometimes while nobody looks."""
    server = house.server
    player_id = some_player(house, dice)
    player = server.players[player_id]
    server.remove_player(player_id)
    if dice.random() < 0.5:
        await server.faults.drop()
    await asyncio.sleep(dice.uniform(0, 2))
    server.add_player(player)
    server.playback.show(player_id)


async def missing(house: House, dice: random.Random) -> None:
    """Leave a player out of the list; it's still configured."""
    server = house.server
    player_id = some_player(house, dice)
    server.configs._disabled[player_id] = player = server.players.pop(player_id)
    await server.faults.drop()
    await asyncio.sleep(dice.uniform(0, 2))
    server.add_player(server.configs._disabled.pop(player.player_id))


async def odd_payload(house: House, dice: random.Random) -> None:
    """Send a player with missing or odd fields."""
    player_id = some_player(house, dice)
    player = json.loads(house.server.dumps(house.server.players[player_id]))
    for name in dice.sample(list(player), 10):
        odd = {**player, name: dice.choice((None, "odd", -1, [], [None], {}, {"odd": 1}))}
        if dice.random() < 0.5:
            del odd[name]
        event = wire.event(EventType.PLAYER_UPDATED, player_id, odd)
        await house.server.faults.send_text(house.server.dumps(event))
    house.server.update_player(player_id)


# -------------------------------------------------------------------------------- the commands


async def silent(house: House, dice: random.Random) -> None:
    """Leave commands without an answer, sometimes until the line drops."""
    for name in SOME_COMMANDS:
        house.server.faults.silence(f"players/cmd/{name}")
    await asyncio.sleep(dice.uniform(0.5, 12))
    if dice.random() < 0.5:
        await house.server.faults.drop(dice.choice(("close", "cut", "reset")))


async def slow(house: House, dice: random.Random) -> None:
    """Answer commands late, with the line dropping meanwhile."""
    for name in SOME_COMMANDS:
        house.server.faults.delay(f"players/cmd/{name}", dice.uniform(0.1, 3))
    await asyncio.sleep(dice.uniform(0.5, 2))
    await house.server.faults.drop(dice.choice(("close", "cut", "reset")))


async def failing(house: House, dice: random.Random) -> None:
    """Answer commands with errors, of known and unknown codes."""
    for name in SOME_COMMANDS:
        house.server.faults.fail(f"players/cmd/{name}", dice.choice((*range(1, 29), 777, 999)))
    await asyncio.sleep(dice.uniform(0.5, 2))


# ------------------------------------------------------------------------- sign-in and identity


async def signed_out(house: House, dice: random.Random) -> None:
    """Disable the user for a while; a new sign-in is asked for within five seconds."""
    server, entry = house.server, house.entry
    user = server.accounts.named("demo")
    server.disable_user("demo")
    try:
        await until(lambda: [*entry.async_get_active_flows(house.hass, {SOURCE_REAUTH})])
        await asyncio.sleep(dice.uniform(0, 8))
    finally:
        server.accounts.enable(user, enabled=True)
        house.coordinator.connection.async_retry_now()  # as a discovery of the server does
    await until(lambda: not [*entry.async_get_active_flows(house.hass, {SOURCE_REAUTH})], 10)


async def another(changes: dict[str, Any], house: House, dice: random.Random) -> None:
    """Be another server for a while."""
    with changed(house.server, **changes):
        await house.server.faults.drop()
        await asyncio.sleep(dice.uniform(0.1, 8))


# ---------------------------------------------------------------------------------- the frames


async def nonsense(house: House, dice: random.Random) -> None:
    """Send what makes no sense."""
    for _ in range(20):
        frame = dice.choice(NONSENSE)
        if isinstance(frame, bytes):
            await house.server.faults.send_bytes(frame)
        else:
            await house.server.faults.send_text(frame)


async def huge(house: House, _dice: random.Random) -> None:
    """Send a message of 20 MB."""
    event = {"event": "provider_event", "data": "x" * 20_000_000}
    await house.server.faults.send_text(json.dumps(event))


async def flood(house: House, dice: random.Random) -> None:
    """Send thousands of events at once."""
    server = house.server
    frames = [
        server.dumps(wire.event(EventType.QUEUE_UPDATED, queue_id, queue))
        for queue_id, queue in server.queues.items()
    ]
    await burst(server, (dice.choice(frames) for _ in range(5000)))
    for queue_id in list(server.queues):
        server.update_queue(queue_id)


async def restarting_forever(house: House, dice: random.Random) -> None:
    """Say "starting", then "running", with all players there."""
    house.server.set_status(CoreState.STARTING)
    await house.server.faults.drop()
    await asyncio.sleep(dice.uniform(0, 2))
    house.server.set_status(CoreState.RUNNING)


# ------------------------------------------------------------------------------------ the entry


async def reload(house: House, _dice: random.Random) -> None:
    """Set the entry up again."""
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)


async def unload(house: House, dice: random.Random) -> None:
    """Unload in the middle of something else, and set up again."""
    await dice.choice((blinks, freeze_only, refuse_only))(house, dice)
    async with asyncio.timeout(2):
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    house.server.faults.clear()
    await house.server.faults.accept()
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)


async def freeze_only(house: House, _dice: random.Random) -> None:
    """Hang from now on."""
    house.server.faults.freeze()


async def refuse_only(house: House, _dice: random.Random) -> None:
    """Be away from now on."""
    await house.server.faults.refuse()
    await house.server.faults.drop()


async def start_without_server(house: House, dice: random.Random) -> None:
    """Start while the server is away; the entry is set up within ten seconds of its return."""
    config_entries, entry_id = house.hass.config_entries, house.entry.entry_id
    assert await config_entries.async_unload(entry_id)
    await house.server.faults.refuse()
    assert not await config_entries.async_setup(entry_id)
    await asyncio.sleep(dice.uniform(0, 15))
    await house.server.faults.accept()
    await until(lambda: house.set_up, 10)


async def update_entity(house: House, dice: random.Random) -> None:
    """Ask for an update while the line drops."""
    await house.server.faults.drop("cut")
    for _ in range(5):
        await house.coordinator.async_refresh()
        await asyncio.sleep(dice.uniform(0, 0.01))


FAULTS: Final[tuple[Fault, ...]] = (
    Fault("closed", partial(drop, "close"), 3),
    Fault("cut", partial(drop, "cut"), 3),
    Fault("reset", partial(drop, "reset"), 3),
    Fault("blinks", blinks, 2),
    Fault("blink of seconds", partial(outage, 0.1, 4), 2),
    Fault("outage", partial(outage, 5, 20), 2),
    Fault("outage of a minute", partial(outage, 55, 75), 0.15),
    Fault("outage of ten minutes", partial(outage, 590, 610), 0.01),
    Fault("restart", restart, 2),
    Fault("starting", restarting_forever),
    Fault("frozen", freeze, 2),
    Fault("hang at connect", partial(hang, "connect")),
    Fault("hang at authentication", partial(hang, "auth")),
    Fault("hang at fetch", partial(hang, "fetch")),
    Fault("fetch refused", partial(refused, "players/all", 999)),
    Fault("configurations refused", partial(refused, "config/players", 22)),
    Fault("sign-in fails", partial(refused, "auth", 999)),
    Fault("player offline", offline, 2),
    Fault("player removed", removed, 2),
    Fault("player missing", missing),
    Fault("odd payloads", odd_payload, 2),
    Fault("commands not answered", silent),
    Fault("commands answered late", slow),
    Fault("commands answered with errors", failing),
    Fault("signed out", signed_out),
    Fault("too old", partial(another, {"schema_version": 26, "min_supported_schema_version": 24})),
    Fault(
        "too new", partial(another, {"schema_version": 999, "min_supported_schema_version": 998})
    ),
    Fault("another server", partial(another, {"server_id": "another"})),
    Fault("nonsense", nonsense, 2),
    Fault("20 MB", huge, 0.5),
    Fault("flood", flood),
    Fault("reload", reload),
    Fault("unload", unload),
    Fault("start without server", start_without_server),
    Fault("updates asked for", update_entity),
)
