"""Run faults for some minutes, in real time."""

import argparse
import asyncio
import logging
import sys

from tests.common import run_home_assistant
from tests.server import MassServer, PlayerSet
from tests.server.library import Library

from .run import FaultRun, Report

PLAYER_COUNT = 50
PACE = 0.25  # of a real server's delays, so that there are more faults in a minute


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser("python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1, help="how long")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other dice")
    parser.add_argument("--prompt", action="store_true", help="players act at once")
    parser.add_argument("--quiet", action="store_true", help="only the summary")
    return parser.parse_args()


async def run_faults(seconds: float, seed: int, *, prompt: bool) -> Report:
    """Run faults with fifty players."""
    player_set, library = PlayerSet.create_speakers(PLAYER_COUNT), Library.create(tracks=50)
    async with (
        MassServer(player_set=player_set, library=library, prompt=prompt, pace=PACE) as server,
        run_home_assistant(server) as harness,
    ):
        return await FaultRun(harness, seed).run_for(seconds)


def main() -> int:
    """Print the summary; return 0 only without differences and leaks."""
    options = parse_arguments()
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("homeassistant.helpers.service").setLevel(logging.ERROR)
    if not options.quiet:
        logging.getLogger("tests.faults").setLevel(logging.INFO)
    report = asyncio.run(run_faults(options.minutes * 60, options.seed, prompt=options.prompt))
    print(*report.differences, *report.leaks, report, sep="\n")
    return 0 if report.is_ok else 1


if __name__ == "__main__":
    sys.exit(main())
