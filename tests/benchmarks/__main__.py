"""Measure: ``python -m tests.benchmarks --impl ours builtin --players 10 100 500``."""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
import json
from pathlib import Path
from statistics import median
import sys
import time
from typing import Any

from tests.server.library import Library

from . import equality, limits
from .benchmark_server import BenchmarkServer, create_large_library
from .implementations import IMPLEMENTATIONS
from .measures import (
    MEASURES,
    MEMORY,
    BenchmarkData,
    Measure,
    measure_memory,
    subtract_state_writes,
)
from .report import BUILTIN, format_markdown, get_machine_info
from .runner import Runner, get_label, start_runner

# Events under the profiler; what else can be profiled.
PROFILED_EVENTS = 2000
SETUP_MEASURE = MEASURES[0].name

type Collected = defaultdict[str, defaultdict[str, list[float]]]


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description=__doc__)
    add = parser.add_argument
    add(
        "--impl",
        nargs="+",
        default=["ours", "builtin"],
        help="whom to measure beside the bare client: ours with the built-in's entities, whole with"
        " all of ours, builtin, or whole@FOLDER for an earlier tree of sources",
    )
    add("--players", nargs="+", type=int, default=[10, 100, 500])
    add("--rounds", type=int, default=5, help="after one to warm up (%(default)s)")
    add("--only", nargs="+", default=[""], help="measures with one of these in their name")
    add("--json", type=Path, help="write the results there")
    add("--equality", action="store_true", help="compare what is shown instead")
    add(
        "--check",
        action="store_true",
        help="measure little, and fail if a ratio is above its limit",
    )
    add(
        "--profile",
        metavar="KIND",
        help="profile bursts of a kind of event, or the set-up, instead",
    )
    options = parser.parse_args()
    if options.check:
        options.impl = [limits.CHECKED, BUILTIN]
        options.players, options.rounds = [limits.PLAYERS], limits.ROUNDS
        options.only = [limit.measure for limit in limits.LIMITS]
    unknown = {name.partition("@")[0] for name in options.impl} - set(IMPLEMENTATIONS)
    if unknown:
        parser.error(f"unknown implementation: {', '.join(unknown)}")
    return options


async def run_measures(
    measures: list[Measure],
    bench: BenchmarkData,
    runners: list[Runner],
    rounds: int,
    collected: Collected,
) -> None:
    """Take all measures in turn: in each round each implementation, then the next round."""
    for each in measures:
        print(f"{bench.players} players: {each.name}", file=sys.stderr)
        for number in range(rounds + 1):
            for runner in runners:
                if (
                    number > 1
                    and each.is_slow_with_builtin
                    and runner.implementation.queue_events_cost_all
                ):
                    continue
                values = await each.run(bench, runner, number > 0)
                if number > 0:
                    for name, value in values.items():
                        collected[name][runner.label].append(value)


async def write_profiles(kind: str, bench: BenchmarkData, runners: list[Runner]) -> None:
    """Let each implementation write a profile to stderr, after a burst to warm up."""
    for runner in runners:
        if kind == SETUP_MEASURE:
            await runner.send_request("disconnect")
            await runner.connect(profiled=True)
            continue
        for do in ("burst", "profile"):
            await runner.send_burst(kind, bench.frames[kind], PROFILED_EVENTS, do)


@asynccontextmanager
async def start_runners(
    names: list[str], players: int, now: float, library: Library | None = None
) -> AsyncIterator[list[Runner]]:
    """Run all implementations, each with its own server."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                start_runner(name, BenchmarkServer.create(players, now, library))
            )
            for name in names
        ]


async def measure_players(options: argparse.Namespace, names: list[str], players: int) -> Any:
    """Return the medians with a number of players: measure -> implementation -> median."""
    now = time.time()
    chosen = [each for each in MEASURES if any(part in each.name for part in options.only)]
    collected: Collected = defaultdict(lambda: defaultdict(list))
    plain = [each for each in chosen if not each.needs_large_library]
    if plain or options.profile:
        bench = BenchmarkData.create(players, now)
        async with start_runners(names, players, now) as runners:
            if options.profile or all(each.name != SETUP_MEASURE for each in plain):
                for runner in runners:
                    await runner.connect()
            if options.profile:
                await write_profiles(options.profile, bench, runners)
                return {}
            await run_measures(plain, bench, runners, options.rounds, collected)
    large = [each for each in chosen if each.needs_large_library]
    if large and players == options.players[0]:  # it's not about players
        showing = [name for name in names if IMPLEMENTATIONS[name.partition("@")[0]].shows_states]
        async with start_runners(showing, 1, now, create_large_library()) as runners:
            for runner in runners:
                await runner.connect()
            await run_measures(large, BenchmarkData(1, {}), runners, options.rounds, collected)
    medians = {
        what: {name: median(values) for name, values in by_name.items()}
        for what, by_name in collected.items()
    }
    subtract_state_writes(medians)
    if any(part in MEMORY for part in options.only):
        medians[MEMORY] = {
            get_label(name): await measure_memory(name, players, now) for name in names
        }
    return medians


async def main() -> None:
    """Run the measures and print the report."""
    options = parse_arguments()
    if options.equality:
        print("\n".join(equality.format_report(await equality.run_comparison())))
        return
    names = ["bare", *options.impl]
    results: dict[str, Any] = {
        "machine": get_machine_info(),
        "rounds": options.rounds,
        "implementations": [get_label(name) for name in names],
        "players": {},
    }
    for players in options.players:
        results["players"][str(players)] = await measure_players(options, names, players)
        if options.json:  # after each, as it takes a while
            options.json.write_text(json.dumps(results, indent=2) + "\n")
    print(format_markdown(results))
    if options.check and (exceeded := list(limits.find_exceeded(results))):
        sys.exit("\n".join(exceeded))


if __name__ == "__main__":
    asyncio.run(main())
