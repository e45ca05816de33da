"""Run faults for some minutes, in real time."""

import argparse
import asyncio
import logging
import sys

from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from custom_components.music_assistant.const import DOMAIN
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from tests.common import Harness
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
        async_test_home_assistant() as hass,
    ):
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        token = server.create_token("demo", "Home Assistant")
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="Music Assistant",
            unique_id=server.server_id,
            data={CONF_URL: server.url, CONF_TOKEN: token},
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        try:
            return await FaultRun(Harness(hass, server, entry), seed).run_for(seconds)
        finally:
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_stop(force=True)


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
