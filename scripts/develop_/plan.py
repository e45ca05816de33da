"""The command line, and the processes to start for it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
import sys

from .base import DEMO, HOST, ROOT, Login, find_free_port
from .config_folder import ConfigFolder
from .processes import Child

DEFAULT_PORT = 8123
DEFAULT_SERVER_PORT = 8095


@dataclass(frozen=True)
class Plan:
    """Represent what to start."""

    port: int
    server_port: int
    server_url: str | None  # a real server; None for the demo
    login: Login | None  # at the Music Assistant server; None leaves it to the person
    fresh: bool
    newest: bool
    base: Path
    prompt: bool = False  # whether the demo's players act at once, unlike real ones

    @property
    def config_folder(self) -> ConfigFolder:
        """Return Home Assistant's configuration folder."""
        return ConfigFolder(self.base / "config")

    @property
    def server_address(self) -> str:
        """Return the address of the Music Assistant server."""
        return self.server_url or f"http://{HOST}:{self.server_port}"

    @property
    def home_assistant_url(self) -> str:
        """Return the address of Home Assistant."""
        return f"http://{HOST}:{self.port}"

    def create_server_process(self) -> Child:
        """Return the demo server's process."""
        command = [sys.executable, "-m", "tests.server", "--port", str(self.server_port)]
        command += ["--username", DEMO.username, "--password", DEMO.password]
        command += ["--prompt"] if self.prompt else []
        return Child("The demo server", command, self.base / "demo-server.log", ROOT)

    def create_frontend_process(self) -> Child:
        """Return the process that builds the card whenever its sources change."""
        command = [str(ROOT / ".venv" / "bin" / "node"), "tools/build.mjs", "--watch"]
        return Child(
            "The front end's build", command, self.base / "frontend.log", ROOT / "frontend"
        )

    def create_home_assistant_process(self) -> Child:
        """Return Home Assistant's process."""
        python = ROOT / (".venv-next" if self.newest else ".venv") / "bin" / "python"
        # -P: what lies beside that script is not for Home Assistant to import.
        command = [str(python), "-P", str(Path(__file__).with_name("launch.py"))]
        command += ["--skip-pip", "--log-no-color", "--config", str(self.config_folder.path)]
        return Child(
            "Home Assistant", command, self.base / "home-assistant.log", self.config_folder.path
        )


def parse_arguments(
    arguments: list[str] | None, description: str | None = None
) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="scripts/develop", description=description)
    add = parser.add_argument
    add("--fresh", action="store_true", help="leave the integration for you to add")
    add("--server", metavar="URL", help="use this Music Assistant server instead of the demo")
    add("--username", help="your account on the server (without it, you add the integration)")
    add("--password", help="its password")
    add("--port", type=int, default=DEFAULT_PORT, help="Home Assistant's port (%(default)s)")
    add(
        "--server-port", type=int, default=DEFAULT_SERVER_PORT, help="the demo's port (%(default)s)"
    )
    add("--folder", type=Path, default=ROOT / ".dev", help="where all is kept (%(default)s)")
    add("--next", action="store_true", help="use the newest Home Assistant, from .venv-next")
    add("--reset", action="store_true", help="throw the folder's configuration away first")
    add(
        "--check",
        action="store_true",
        help="play on every demo player in a Home Assistant of its own, print what was seen, end",
    )
    options = parser.parse_args(arguments)
    if options.check and (options.server or options.fresh):
        parser.error("--check plays on the demo's players, after adding the integration")
    if bool(options.username) != bool(options.password):
        parser.error("--username and --password go together")
    if options.username and not options.server:
        parser.error("--username and --password are for a --server of your own")
    return options


def create_plan(options: argparse.Namespace, base: Path) -> Plan:
    """Return the plan for the options; a check uses free ports."""
    given = Login(options.username, options.password) if options.username else None
    return Plan(
        prompt=options.check,
        port=find_free_port() if options.check else options.port,
        server_port=find_free_port() if options.check else options.server_port,
        server_url=options.server.rstrip("/") if options.server else None,
        login=given or (None if options.server else DEMO),
        fresh=options.fresh,
        newest=options.next,
        base=base,
    )
