"""Send odd frames for a time: ``python -m tests.fuzz --seconds 60 --seed 1``."""

import argparse
import asyncio
import logging
import sys

from ..common import run_home_assistant
from ..server import MassServer, PlayerSet
from .run import FuzzRun, Report

PLAYER_COUNT = 8


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other frames")
    parser.add_argument("--quiet", action="store_true", help="only the summary")
    return parser.parse_args()


async def run_fuzz(seconds: float, seed: int) -> Report:
    """Run with some speakers."""
    async with (
        MassServer(
            schema_version=46, player_set=PlayerSet.create_speakers(PLAYER_COUNT), prompt=True
        ) as server,
        run_home_assistant(server) as harness,
    ):
        return await FuzzRun(harness, seed).run_for(seconds)


def main() -> int:
    """Print what was found; return 0 only if that is nothing."""
    options = parse_arguments()
    logging.basicConfig(
        level=logging.ERROR if options.quiet else logging.INFO, format="%(message)s"
    )
    for name in ("homeassistant", "custom_components", "music_assistant_client", "aiohttp"):
        logging.getLogger(name).setLevel(logging.ERROR)
    report = asyncio.run(run_fuzz(options.seconds, options.seed))
    for finding in report.findings:
        print(finding)
    print(report)
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
