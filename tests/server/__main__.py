"""Run the test server from the shell."""

import argparse
import asyncio
from pathlib import Path
import signal

from ..certificates import Made
from . import Household, MassServer
from .library import Library
from .server import VERSIONS

TOKEN_NAME = "Command line"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m tests.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8095, help="port; 0 for a free one")
    parser.add_argument("--schema", type=int, choices=VERSIONS, default=46, help="API version")
    parser.add_argument("--players", type=int, default=0, help="how many; 0: the demo household")
    parser.add_argument("--tracks", type=int, default=400, help="size of the library")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another library")
    parser.add_argument("--username", default="demo")
    parser.add_argument("--password", default="demo-password")
    parser.add_argument("--base-url", help="address that the server believes to have")
    parser.add_argument("--tls", action="store_true", help="with a new self-signed certificate")
    parser.add_argument("--no-onboard", action="store_true", help="leave the first user to /setup")
    parser.add_argument("--token-file", type=Path, help="write a long-lived token there")
    return parser.parse_args()


def furnished(options: argparse.Namespace, certificate: Made | None) -> MassServer:
    """Return the server that was asked for."""
    return MassServer(
        schema_version=options.schema,
        host=options.host,
        port=options.port,
        household=Household.of(options.players) if options.players else Household.demo(),
        library=Library.generate(seed=options.seed, tracks=options.tracks),
        users={options.username: options.password},
        onboard_done=not options.no_onboard,
        base_url=options.base_url,
        ssl_context=certificate.server if certificate else None,
    )


def introduce(server: MassServer, options: argparse.Namespace, certificate: Made | None) -> None:
    """Say where the server is and how to get in."""
    print(f"Music Assistant test server, schema {server.schema_version}: {server.url}")
    if certificate:
        print(f"Certificate (SHA-256): {certificate.fingerprint}")
    if server.setup_required:
        print(f"No user yet: POST username and password to {server.url}/setup")
    else:
        print(f"Username: {options.username}  Password: {options.password}")
        if options.token_file:
            options.token_file.touch(mode=0o600)
            options.token_file.write_text(server.mint_token(options.username, TOKEN_NAME))
            print(f"Token: {options.token_file}")
    print("Stop with Ctrl+C.", flush=True)


async def main() -> None:
    """Serve until told to stop."""
    options = arguments()
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    certificate = Made.make(options.host) if options.tls else None
    async with furnished(options, certificate) as server:
        introduce(server, options, certificate)
        await told.wait()


if __name__ == "__main__":
    asyncio.run(main())
