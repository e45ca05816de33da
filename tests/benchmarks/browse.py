"""How much the tree costs: opens every place of it in libraries of several sizes.

Prints for each kind of place how many there are, what is in them, and what one costs: processor
time (median and worst) of Home Assistant and of the server, which share the process; the longest
block of their loop; requests, the most items that one asks for, and the size of the answer.
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
from tests.server.library import Library
from tests.server.library_long import long_library
from tests.server.server import DEFAULT_USERS

from .meter import Meter
from .subjects import Home

if TYPE_CHECKING:
    from custom_components.music_assistant.entities.browsing import BrowsableEntity

SIZES: Final = (0, 1, 300, 100_000)
# Above this size nobody makes the tracks beforehand.
LONG: Final = 10_000
COLUMNS: Final = ("places", "entries", "CPU ms", "worst", "block ms", "requests", "items", "KB")


@dataclass(frozen=True)
class Opened:
    """What it took to open a place."""

    kind: str
    entries: int
    cpu: float  # milliseconds
    block: float
    requests: int
    largest: int
    size: int


def library_of(tracks: int) -> Library:
    """Return a library of so many tracks; an empty one has nothing at all."""
    if tracks > LONG:
        return long_library(tracks)
    if tracks > 1:
        return Library.generate(tracks=tracks)
    return Library.generate(
        tracks=tracks,
        artists=tracks,
        albums=tracks,
        playlists=tracks,
        radios=tracks,
        podcasts=tracks,
        audiobooks=tracks,
        genres=tracks,
    )


async def measured(home: Home, schema_version: int, tracks: int) -> list[Opened]:
    """Open the whole tree of a server of a library."""
    library = library_of(tracks)
    async with MassServer(schema_version=schema_version, library=library) as server:
        token = server.mint_token(next(iter(DEFAULT_USERS)), "Home Assistant")
        await home.connect(server.url, token, server.server_id)
        (entity, *_) = home.hass.data[DATA_COMPONENT].entities
        opened = await walked(entity, server)  # type: ignore[arg-type]
        await home.disconnect()
    return opened


async def walked(entity: BrowsableEntity, server: MassServer) -> list[Opened]:
    """Open every place, each once."""
    found: list[Opened] = []
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
            Opened(
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
                ways.append((child.media_content_id, kind_of(child.media_content_id)))
    return found


def kind_of(content_id: str) -> str:
    """Return what places are told of together: a node's, or a kind of items'."""
    from custom_components.music_assistant.media.browse_id import Place

    place = Place.parse(content_id)
    if place.of is None or place.node in ("providers", "recommendations"):
        return f"{place.node} (range)" if place.limit else place.node
    kind = place.of.partition("://")[2].partition("/")[0]
    return f"{kind}: {place.part}" if place.part else kind


def report(opened: list[Opened]) -> Iterator[str]:
    """Yield the lines of a table."""
    by_kind: dict[str, list[Opened]] = defaultdict(list)
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


async def run(options: argparse.Namespace) -> None:
    """Measure what was asked for, and print it."""
    home = Home(custom=True)
    await home.prepare()
    for tracks in options.tracks:
        opened = await measured(home, options.schema, tracks)
        lines = (f"\n{tracks:,} tracks, schema {options.schema}\n", *report(opened), "")
        sys.stdout.write("\n".join(lines))
    await home.hass.async_stop(force=True)


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.browse", description=__doc__)
    parser.add_argument("--tracks", type=int, nargs="+", default=SIZES)
    parser.add_argument("--schema", type=int, default=98)
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
