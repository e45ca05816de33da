"""Send odd frames for a time: ``python -m tests.fuzz --seconds 60 --seed 1``."""

import argparse
import asyncio
import logging
import sys

from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from custom_components.music_assistant.const import DOMAIN
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.loader import DATA_CUSTOM_COMPONENTS

from ..common import Harness
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
            return await FuzzRun(Harness(hass, server, entry), seed).run_for(seconds)
        finally:
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_stop(force=True)


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
