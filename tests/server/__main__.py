"""Run the test server from the shell."""

import argparse
import asyncio
from pathlib import Path
import signal

from ..certificates import GeneratedCertificate
from . import MassServer, PlayerSet
from .library import Library
from .server import VERSIONS

TOKEN_NAME = "Command line"


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser("python -m tests.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8095, help="port; 0 for a free one")
    parser.add_argument("--schema", type=int, choices=VERSIONS, default=46, help="API version")
    parser.add_argument("--players", type=int, default=0, help="how many; 0: the demo household")
    parser.add_argument("--more-players", type=int, default=0, help="speakers beside those")
    parser.add_argument("--tracks", type=int, default=400, help="size of the library")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another library")
    parser.add_argument("--username", default="demo")
    parser.add_argument("--password", default="demo-password")
    parser.add_argument(
        "--prompt", action="store_true", help="players act at once, unlike real ones"
    )
    parser.add_argument("--base-url", help="address that the server believes to have")
    parser.add_argument("--tls", action="store_true", help="with a new self-signed certificate")
    parser.add_argument("--no-onboard", action="store_true", help="leave the first user to /setup")
    parser.add_argument("--token-file", type=Path, help="write a long-lived token there")
    return parser.parse_args()


def create_server(
    options: argparse.Namespace, certificate: GeneratedCertificate | None
) -> MassServer:
    """Return the server for the options."""
    player_set = (
        PlayerSet.create_speakers(options.players) if options.players else PlayerSet.create_demo()
    )
    player_set.players += PlayerSet.create_speakers(options.more_players).players
    return MassServer(
        schema_version=options.schema,
        host=options.host,
        port=options.port,
        player_set=player_set,
        library=Library.create(seed=options.seed, tracks=options.tracks),
        users={options.username: options.password},
        onboard_done=not options.no_onboard,
        base_url=options.base_url,
        ssl_context=certificate.server_context if certificate else None,
        prompt=options.prompt,
    )


def print_address(
    server: MassServer, options: argparse.Namespace, certificate: GeneratedCertificate | None
) -> None:
    """Print the server's address and how to sign in."""
    print(f"Music Assistant test server, schema {server.schema_version}: {server.url}")
    if certificate:
        print(f"Certificate (SHA-256): {certificate.fingerprint}")
    if server.is_setup_required:
        print(f"No user yet: POST username and password to {server.url}/setup")
    else:
        print(f"Username: {options.username}  Password: {options.password}")
        if options.token_file:
            options.token_file.touch(mode=0o600)
            options.token_file.write_text(server.create_token(options.username, TOKEN_NAME))
            print(f"Token: {options.token_file}")
    print("Stop with Ctrl+C.", flush=True)


async def main() -> None:
    """Run the server until a signal stops it."""
    options = parse_arguments()
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    certificate = GeneratedCertificate.create(options.host) if options.tls else None
    async with create_server(options, certificate) as server:
        print_address(server, options, certificate)
        await told.wait()


if __name__ == "__main__":
    asyncio.run(main())
