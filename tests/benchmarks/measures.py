"""The measures as a table; each is a function from a runner to numbers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Final

from .benchmark_server import (
    EVENT_KINDS,
    VARIANTS,
    BenchmarkServer,
    EventKind,
    Frame,
    create_frames,
)
from .runner import Runner, start_runner

type Values = dict[str, float]

# Events in a burst, and one by one.
BURST_EVENTS: Final = 400
SINGLE_EVENTS: Final = 100
FLOOD_EVENTS: Final = 20_000
# Events about each player in a long burst: in one of BURST_EVENTS there are many about each of a
# few players, and about one for each of many.
EVENTS_PER_PLAYER: Final = 20
# The built-in takes an event about a queue to every entity. Where an event costs as much as
# there are players, it gets so many events fewer: this many divided by the players.
SHARED_BURST_EVENTS: Final = 30_000
SHARED_SINGLE_EVENTS: Final = 10_000
SHARED_FLOOD_EVENTS: Final = 150_000
COMMAND_COUNT: Final = 100
# Events that come one by one with pauses, as in a house; what an event needs isn't in the caches
# of the processor then.
PACED_EVENTS: Final = 40
PACED_INTERVAL: Final = 0.02
# What is sought in a large library.
SEARCH_QUERY: Final = "lanterns"
# Queue events a second in a house where much is played.
BUSY_EVENTS_PER_SECOND: Final = 20

CHANGES: Final = tuple(kind for kind in EVENT_KINDS if kind.has_changes)
QUEUE_CHANGED: Final = EVENT_KINDS[0].name
PLAYER_CHANGED: Final = EVENT_KINDS[2].name
STATE_WRITE: Final = "state write"


@dataclass(frozen=True)
class BenchmarkData:
    """Represent a number of players and the events about them."""

    players: int
    frames: Mapping[str, Sequence[Frame]]

    @classmethod
    def create(cls, players: int, now: float) -> BenchmarkData:
        """Prepare all events."""
        server = BenchmarkServer.create(players, now)
        return cls(players, {kind.name: create_frames(server, kind) for kind in EVENT_KINDS})

    def get_event_count(self, runner: Runner, kind: EventKind, most: int, shared: int) -> int:
        """Return how many events to send."""
        if kind.is_queue_event and runner.implementation.queue_events_cost_all:
            return max(10, min(most, shared // self.players))
        return most


async def measure_setup(_bench: BenchmarkData, runner: Runner, again: bool) -> Values:
    """Set up, as the first time with this server."""
    if again:
        await runner.send_request("disconnect")
    server = runner.server
    before = len(server.commands) + len(server.http_requests)
    answer = await runner.connect()
    return {
        "set-up": answer["cpu"] * 1e3,
        "set-up, longest block": answer["lag"] * 1e3,
        "set-up, registered afterwards": answer["cpu_afterwards"] * 1e3,
        "set-up, requests": len(server.commands) + len(server.http_requests) - before,
    }


async def measure_burst(
    kind: EventKind, bench: BenchmarkData, runner: Runner, _again: bool
) -> Values:
    """Send events all at once."""
    count = bench.get_event_count(runner, kind, BURST_EVENTS, SHARED_BURST_EVENTS)
    answer = await runner.send_burst(kind.name, bench.frames[kind.name], count)
    return {f"{kind.name}, burst": answer["cpu"] / count * 1e6}


async def measure_long_burst(
    kind: EventKind, bench: BenchmarkData, runner: Runner, _again: bool
) -> Values:
    """Send events all at once, as many about each player whatever the number of players."""
    frames = bench.frames[kind.name]
    players = len(frames) // VARIANTS
    count = bench.get_event_count(runner, kind, players * EVENTS_PER_PLAYER, SHARED_BURST_EVENTS)
    answer = await runner.send_burst(kind.name, frames, count)
    return {f"{kind.name}, long burst": answer["cpu"] / count * 1e6}


async def measure_single_events(
    kind: EventKind, bench: BenchmarkData, runner: Runner, _again: bool
) -> Values:
    """Send each event after the one before was handled."""
    count = bench.get_event_count(runner, kind, SINGLE_EVENTS, SHARED_SINGLE_EVENTS)
    answer, _ = await runner.send_single_events(kind.name, bench.frames[kind.name], count)
    cost = answer["cpu"] / count
    values = {f"{kind.name}, single": cost * 1e6}
    if kind.name == QUEUE_CHANGED:
        values["share of a core"] = cost * BUSY_EVENTS_PER_SECOND * 100
    return values


async def measure_paced_events(
    kind: EventKind, bench: BenchmarkData, runner: Runner, _again: bool
) -> Values:
    """Send each event after the one before was handled, and a pause."""
    answer, _ = await runner.send_single_events(
        kind.name, bench.frames[kind.name], PACED_EVENTS, interval=PACED_INTERVAL
    )
    return {f"{kind.name}, paced": answer["cpu"] / PACED_EVENTS * 1e6}


async def measure_state_writes(_bench: BenchmarkData, runner: Runner, _again: bool) -> Values:
    """Write changed states without an event: the part of Home Assistant in a change."""
    if not runner.implementation.shows_states:
        return {}
    answers = [await runner.send_request("write", number=nth) for nth in range(SINGLE_EVENTS)]
    return {STATE_WRITE: sum(answer["cpu"] for answer in answers) / SINGLE_EVENTS * 1e6}


async def measure_state_delay(bench: BenchmarkData, runner: Runner, _again: bool) -> Values:
    """Measure the time from a volume event to the state that shows it."""
    answer, sent = await runner.send_single_events(
        PLAYER_CHANGED, bench.frames[PLAYER_CHANGED], SINGLE_EVENTS, "shown"
    )
    delays = [after - before for before, after in zip(sent, answer["moments"], strict=True)]
    return {"state shown": median(delays) * 1e3}


async def measure_commands(_bench: BenchmarkData, runner: Runner, _again: bool) -> Values:
    """Set volumes, one after the other."""
    players = list(runner.server.players)[:COMMAND_COUNT]
    answer = await runner.send_request("volume", players=players, rounds=COMMAND_COUNT)
    return {"volume command": median(answer["seconds"]) * 1e3}


async def measure_reconnect(_bench: BenchmarkData, runner: Runner, _again: bool) -> Values:
    """Close the connection; the server is reachable again at once."""
    if not runner.implementation.reconnects:
        return {}
    await runner.send_request("reconnect")
    await runner.server.faults.disconnect_clients("cut")
    answer = await runner.read_response()
    return {
        "reconnect": answer["cpu"] * 1e3,
        "reconnect, longest block": answer["lag"] * 1e3,
        "reconnect, until shown": answer["wall"] * 1e3,
    }


async def measure_browse(_bench: BenchmarkData, runner: Runner, _again: bool) -> Values:
    """Open the list of a large library's tracks, up to its first items."""
    return await _measure_request(runner, "browse")


async def measure_search(_bench: BenchmarkData, runner: Runner, _again: bool) -> Values:
    """Search a large library."""
    return await _measure_request(runner, "search", query=SEARCH_QUERY)


async def _measure_request(runner: Runner, what: str, **arguments: str) -> Values:
    if not runner.implementation.shows_states:
        return {}
    server = runner.server
    requests, said = len(server.commands), server.serialized_length
    answer = await runner.send_request(what, **arguments)
    milliseconds, size = answer["cpu"] * 1e3, (server.serialized_length - said) / 1024
    values = {
        what: milliseconds,
        f"{what}, longest block": answer["lag"] * 1e3,
        f"{what}, requests": len(server.commands) - requests,
        f"{what}, from the server": size,
        f"{what}, items": answer["shown"],
    }
    if shown := answer["shown"]:
        values |= {
            f"{what}, per item": milliseconds / shown,
            f"{what}, sent per item": size / shown,
        }
    return values


async def measure_flood(bench: BenchmarkData, runner: Runner, _again: bool) -> Values:
    """Send very many queue events; the result is scaled up to the full number."""
    count = bench.get_event_count(runner, EVENT_KINDS[0], FLOOD_EVENTS, SHARED_FLOOD_EVENTS)
    answer = await runner.send_burst(
        QUEUE_CHANGED, bench.frames[QUEUE_CHANGED], count, watch_loop=True
    )
    return {
        "flood": answer["cpu"] * FLOOD_EVENTS / count,
        "flood, longest block": answer["lag"] * 1e3,
    }


@dataclass(frozen=True)
class Measure:
    """Represent a measure.

    `is_slow_with_builtin` is one that isn't repeated with the built-in integration.
    """

    name: str
    run: Callable[[BenchmarkData, Runner, bool], Awaitable[Values]]
    is_slow_with_builtin: bool = False
    needs_large_library: bool = False


MEASURES: Final = (
    Measure("set-up", measure_setup),
    *(Measure(f"{kind.name}, burst", partial(measure_burst, kind)) for kind in EVENT_KINDS),
    *(Measure(f"{kind.name}, long burst", partial(measure_long_burst, kind)) for kind in CHANGES),
    *(
        Measure(f"{kind.name}, single", partial(measure_single_events, kind))
        for kind in EVENT_KINDS
    ),
    *(Measure(f"{kind.name}, paced", partial(measure_paced_events, kind)) for kind in CHANGES),
    Measure(STATE_WRITE, measure_state_writes),
    Measure("state shown", measure_state_delay),
    Measure("volume command", measure_commands),
    Measure("reconnect", measure_reconnect),
    Measure("flood", measure_flood, is_slow_with_builtin=True),
    Measure("browse", measure_browse, needs_large_library=True),
    Measure("search", measure_search, needs_large_library=True),
)
MEMORY: Final = "memory per player"
# Single changes less what Home Assistant does with any changed state: their name -> the change.
WITHOUT_WRITE: Final = {
    f"{kind.name}, single, without state write": f"{kind.name}, single" for kind in CHANGES
}


def subtract_state_writes(medians: dict[str, dict[str, float]]) -> None:
    """Add the changes without the state write that was measured beside them."""
    writes = medians.get(STATE_WRITE, {})
    for name, change in WITHOUT_WRITE.items():
        if writes and change in medians:
            medians[name] = {
                implementation: value - writes.get(implementation, 0.0)
                for implementation, value in medians[change].items()
            }


# What each number is: its name -> its unit.
UNITS: Final = {
    **{f"{kind.name}, {how}": "µs" for how in ("burst", "single") for kind in EVENT_KINDS},
    **{f"{kind.name}, long burst": "µs" for kind in CHANGES},
    **{f"{kind.name}, paced": "µs" for kind in CHANGES},
    STATE_WRITE: "µs",
    **dict.fromkeys(WITHOUT_WRITE, "µs"),
    "share of a core": "%",
    "set-up": "ms",
    "set-up, longest block": "ms",
    "set-up, registered afterwards": "ms",
    "set-up, requests": "",
    MEMORY: "KiB",
    "volume command": "ms",
    "state shown": "ms",
    "reconnect": "ms",
    "reconnect, longest block": "ms",
    "reconnect, until shown": "ms",
    "flood": "s",
    "flood, longest block": "ms",
    **{
        f"{what}{part}": unit
        for what in ("browse", "search")
        for part, unit in (
            ("", "ms"),
            (", longest block", "ms"),
            (", requests", ""),
            (", from the server", "KiB"),
            (", items", ""),
            (", per item", "ms"),
            (", sent per item", "KiB"),
        )
    },
}


async def get_allocated_memory(name: str, players: int, now: float) -> float:
    """Return the bytes that Python has allocated after a set-up in a new process."""
    async with start_runner(name, BenchmarkServer.create(players, now), "--trace") as runner:
        await runner.connect()
        answer = await runner.send_request("memory")
    return float(answer["traced"])


async def measure_memory(name: str, players: int, now: float) -> float:
    """Return the KiB that a player takes, compared with a server of only one."""
    more = await get_allocated_memory(name, players, now) - await get_allocated_memory(name, 1, now)
    return more / (players - 1) / 1024
