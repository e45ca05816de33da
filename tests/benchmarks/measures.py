"""What is measured, as a table. Each measure is one function from a runner to numbers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Final

from .house import KINDS, Frame, House, Kind, frames_of
from .runner import Runner, running

type Values = dict[str, float]

# Events in a burst, and one by one.
BURST: Final = 400
SINGLE: Final = 100
FLOOD: Final = 20_000
# The built-in takes an event about a queue to every entity. Where an event costs as much as
# there are players, it gets so many events fewer: this many divided by the players.
SHARED: Final = 30_000
SHARED_SINGLE: Final = 10_000
SHARED_FLOOD: Final = 150_000
COMMANDS: Final = 100
# What is sought in a large library.
SOUGHT: Final = "lanterns"
# Queue events a second in a house where much is played.
BUSY: Final = 20

CHANGED: Final = KINDS[0].name
VOLUME: Final = KINDS[2].name


@dataclass(frozen=True)
class Bench:
    """A number of players, and the events about them."""

    players: int
    frames: Mapping[str, Sequence[Frame]]

    @classmethod
    def of(cls, players: int, now: float) -> Bench:
        """Prepare all events."""
        house = House.of(players, now)
        return cls(players, {kind.name: frames_of(house, kind) for kind in KINDS})

    def events(self, runner: Runner, kind: Kind, most: int, shared: int) -> int:
        """Return how many events to send."""
        if kind.of_queue and runner.implementation.queue_events_cost_all:
            return max(10, min(most, shared // self.players))
        return most


async def set_up(_bench: Bench, runner: Runner, again: bool) -> Values:
    """Set up, as the first time with this server."""
    if again:
        await runner.ask("disconnect")
    server = runner.house
    before = len(server.commands) + len(server.http_requests)
    answer = await runner.connect()
    return {
        "set-up": answer["cpu"] * 1e3,
        "set-up, longest block": answer["lag"] * 1e3,
        "set-up, requests": len(server.commands) + len(server.http_requests) - before,
    }


async def burst(kind: Kind, bench: Bench, runner: Runner, _again: bool) -> Values:
    """Send events all at once."""
    count = bench.events(runner, kind, BURST, SHARED)
    answer = await runner.burst(kind.name, bench.frames[kind.name], count)
    return {f"{kind.name}, burst": answer["cpu"] / count * 1e6}


async def single(kind: Kind, bench: Bench, runner: Runner, _again: bool) -> Values:
    """Send each event when the one before is done with."""
    count = bench.events(runner, kind, SINGLE, SHARED_SINGLE)
    answer, _ = await runner.single(kind.name, bench.frames[kind.name], count)
    cost = answer["cpu"] / count
    values = {f"{kind.name}, single": cost * 1e6}
    if kind.name == CHANGED:
        values["share of a core"] = cost * BUSY * 100
    return values


async def shown(bench: Bench, runner: Runner, _again: bool) -> Values:
    """Take the time from a volume event to the state that shows it."""
    answer, sent = await runner.single(VOLUME, bench.frames[VOLUME], SINGLE, "shown")
    delays = [after - before for before, after in zip(sent, answer["moments"], strict=True)]
    return {"state shown": median(delays) * 1e3}


async def command(_bench: Bench, runner: Runner, _again: bool) -> Values:
    """Set volumes, one after the other."""
    players = list(runner.house.players)[:COMMANDS]
    answer = await runner.ask("volume", players=players, rounds=COMMANDS)
    return {"volume command": median(answer["seconds"]) * 1e3}


async def reconnect(_bench: Bench, runner: Runner, _again: bool) -> Values:
    """Cut the connection; the server can be reached again at once."""
    if not runner.implementation.reconnects:
        return {}
    await runner.ask("reconnect")
    await runner.house.faults.drop("cut")
    answer = await runner.answer()
    return {
        "reconnect": answer["cpu"] * 1e3,
        "reconnect, longest block": answer["lag"] * 1e3,
        "reconnect, until shown": answer["wall"] * 1e3,
    }


async def browse(_bench: Bench, runner: Runner, _again: bool) -> Values:
    """Open the list of a large library's tracks, up to its first items."""
    return await _asked(runner, "browse")


async def search(_bench: Bench, runner: Runner, _again: bool) -> Values:
    """Search a large library."""
    return await _asked(runner, "search", query=SOUGHT)


async def _asked(runner: Runner, what: str, **arguments: str) -> Values:
    if not runner.implementation.shows_states:
        return {}
    server = runner.house
    requests, said = len(server.commands), server.said
    answer = await runner.ask(what, **arguments)
    return {
        what: answer["cpu"] * 1e3,
        f"{what}, longest block": answer["lag"] * 1e3,
        f"{what}, requests": len(server.commands) - requests,
        f"{what}, from the server": (server.said - said) / 1024,
        f"{what}, items": answer["shown"],
    }


async def flood(bench: Bench, runner: Runner, _again: bool) -> Values:
    """Send very many queue events; what is left out of them is reckoned in."""
    count = bench.events(runner, KINDS[0], FLOOD, SHARED_FLOOD)
    answer = await runner.burst(CHANGED, bench.frames[CHANGED], count, watch_loop=True)
    return {
        "flood": answer["cpu"] * FLOOD / count,
        "flood, longest block": answer["lag"] * 1e3,
    }


@dataclass(frozen=True)
class Measure:
    """A measure.

    `dear` is one that the built-in, taking very long, is spared repeating; `large` one for a
    house with a large library, whose players don't matter.
    """

    name: str
    run: Callable[[Bench, Runner, bool], Awaitable[Values]]
    dear: bool = False
    large: bool = False


MEASURES: Final = (
    Measure("set-up", set_up),
    *(Measure(f"{kind.name}, burst", partial(burst, kind)) for kind in KINDS),
    *(Measure(f"{kind.name}, single", partial(single, kind)) for kind in KINDS),
    Measure("state shown", shown),
    Measure("volume command", command),
    Measure("reconnect", reconnect),
    Measure("flood", flood, dear=True),
    Measure("browse", browse, large=True),
    Measure("search", search, large=True),
)
MEMORY: Final = "memory per player"

# What each number is: its name -> its unit.
UNITS: Final = {
    **{f"{kind.name}, {how}": "µs" for how in ("burst", "single") for kind in KINDS},
    "share of a core": "%",
    "set-up": "ms",
    "set-up, longest block": "ms",
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
        )
    },
}


async def traced(name: str, players: int, now: float) -> float:
    """Return the bytes that Python has allocated after a set-up in a new process."""
    async with running(name, House.of(players, now), "--trace") as runner:
        await runner.connect()
        answer = await runner.ask("memory")
    return float(answer["traced"])


async def memory(name: str, players: int, now: float) -> float:
    """Return the KiB that a player takes, beside a house with only one."""
    more = await traced(name, players, now) - await traced(name, 1, now)
    return more / (players - 1) / 1024
