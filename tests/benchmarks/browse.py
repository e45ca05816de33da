"""Benchmark of the browse tree: open every node in libraries of several sizes.

Prints for each kind of node how many there are, how many entries they have, and what one costs:
processor time (median and worst) of Home Assistant and of the server, which share the process; the
longest block of their loop; requests, the most items of one request, and the size of the response.
"""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
import logging
from statistics import median
import sys
from typing import TYPE_CHECKING, Final

from homeassistant.components.media_player import DATA_COMPONENT
from homeassistant.helpers.json import json_bytes
from tests.server import MassServer
from tests.server.large_library import create_large_library
from tests.server.library import Library
from tests.server.server import DEFAULT_USERS

from .implementations import HomeAssistantInstance
from .meter import Meter

if TYPE_CHECKING:
    from custom_components.music_assistant.entities.browsing import BrowsablePlayerEntity

LIBRARY_SIZES: Final = (0, 1, 300, 100_000)
# Above this size nobody makes the tracks beforehand.
GENERATED_TRACKS_LIMIT: Final = 10_000
COLUMNS: Final = ("places", "entries", "CPU ms", "worst", "block ms", "requests", "items", "KB")


@dataclass(frozen=True)
class NodeMeasurement:
    """Represent the cost of opening a node."""

    kind: str
    entries: int
    cpu: float  # milliseconds
    block: float
    requests: int
    largest: int
    size: int


def create_library(tracks: int) -> Library:
    """Return a library of a number of tracks; with none, it is entirely empty."""
    if tracks > GENERATED_TRACKS_LIMIT:
        return create_large_library(tracks)
    if tracks > 1:
        return Library.create(tracks=tracks)
    return Library.create(
        tracks=tracks,
        artists=tracks,
        albums=tracks,
        playlists=tracks,
        radios=tracks,
        podcasts=tracks,
        audiobooks=tracks,
        genres=tracks,
    )


async def measure_library(
    home: HomeAssistantInstance, schema_version: int, tracks: int
) -> list[NodeMeasurement]:
    """Open the whole browse tree of a server with a library."""
    library = create_library(tracks)
    async with MassServer(schema_version=schema_version, library=library) as server:
        token = server.create_token(next(iter(DEFAULT_USERS)), "Home Assistant")
        await home.connect(server.url, token, server.server_id)
        (entity, *_) = home.hass.data[DATA_COMPONENT].entities
        opened = await measure_tree(entity, server)  # type: ignore[arg-type]
        await home.disconnect()
    return opened


async def measure_tree(entity: BrowsablePlayerEntity, server: MassServer) -> list[NodeMeasurement]:
    """Open every node once."""
    found: list[NodeMeasurement] = []
    seen, ways = {""}, [("", "root")]
    while ways:
        content_id, kind = ways.pop()
        server.commands.clear()
        meter = Meter(watch_loop=True).start()
        node = await entity.async_browse_media(None, content_id)
        answer = json_bytes(node.as_dict())
        spent = meter.stop()
        limits = [int(args["limit"]) for _, args in server.commands if args.get("limit")]
        children = node.children or ()
        found.append(
            NodeMeasurement(
                kind,
                len(children),
                spent["cpu"] * 1000,
                spent["lag"] * 1000,
                len(server.commands),
                max(limits, default=0),
                len(answer),
            )
        )
        for child in children:
            if child.can_expand and child.media_content_id not in seen:
                seen.add(child.media_content_id)
                ways.append((child.media_content_id, get_node_kind(child.media_content_id)))
    return found


def get_node_kind(content_id: str) -> str:
    """Return the kind under which a node is reported."""
    from custom_components.music_assistant.media.browse_id import BrowseId

    place = BrowseId.parse(content_id)
    if place.target is None or place.node in ("providers", "recommendations"):
        return f"{place.node} (range)" if place.limit else place.node
    kind = place.target.partition("://")[2].partition("/")[0]
    return f"{kind}: {place.children}" if place.children else kind


def format_report(opened: list[NodeMeasurement]) -> Iterator[str]:
    """Yield the lines of a table."""
    by_kind: dict[str, list[NodeMeasurement]] = defaultdict(list)
    for one in opened:
        by_kind[one.kind].append(one)
    yield f"| {'':<28} | " + " | ".join(f"{name:>8}" for name in COLUMNS) + " |"
    yield f"|{'-' * 30}|" + f"{'-' * 9}:|" * len(COLUMNS)
    for kind, ones in [*sorted(by_kind.items()), ("all", opened)]:
        values = (
            f"{len(ones):,}",
            f"{sum(one.entries for one in ones):,}",
            f"{median(one.cpu for one in ones):.1f}",
            f"{max(one.cpu for one in ones):.1f}",
            f"{max(one.block for one in ones):.1f}",
            f"{max(one.requests for one in ones)}",
            f"{max(one.largest for one in ones)}",
            f"{max(one.size for one in ones) / 1024:.1f}",
        )
        yield f"| {kind:<28} | " + " | ".join(f"{value:>8}" for value in values) + " |"


async def measure_libraries(options: argparse.Namespace) -> None:
    """Measure the libraries of the options and print the results."""
    home = HomeAssistantInstance(custom=True)
    await home.prepare()
    for tracks in options.tracks:
        opened = await measure_library(home, options.schema, tracks)
        lines = (f"\n{tracks:,} tracks, schema {options.schema}\n", *format_report(opened), "")
        sys.stdout.write("\n".join(lines))
    await home.hass.async_stop(force=True)


def main() -> None:
    """Parse the command line and run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.browse", description=__doc__)
    parser.add_argument("--tracks", type=int, nargs="+", default=LIBRARY_SIZES)
    parser.add_argument("--schema", type=int, default=98)
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(measure_libraries(parser.parse_args()))


if __name__ == "__main__":
    main()
