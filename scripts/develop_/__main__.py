"""Run a Home Assistant with this integration, signed in to a Music Assistant server.

Starts the demo server of tests/server and a real Home Assistant in the folder .dev, creates an
owner account, adds the integration through its own config flow, and runs until Ctrl-C.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator
import contextlib
import fcntl
from pathlib import Path
import subprocess
import sys
import tempfile
import time
from typing import Never

import aiohttp

from .base import (
    DEMO,
    DOMAIN,
    OWNER,
    ROOT,
    DevelopError,
    Login,
    ensure_port_is_free,
    print_progress,
)
from .check import Check
from .dashboard import create_dashboard
from .home_assistant import HomeAssistantClient, WebsocketConnection
from .plan import Plan, create_plan, parse_arguments
from .processes import (
    Child,
    ProcessEndedError,
    ProcessManager,
    RestartRequestedError,
    StopRequestedError,
)
from .server import ServerClient

# A demo server that was started anew doesn't know the token that an earlier run was given.
FAILED_STATES = ("setup_error", "setup_retry")


async def start_servers(crew: ProcessManager, plan: Plan, home_assistant: Child) -> None:
    """Start both and wait until they answer."""
    plan.config_folder.create(plan.port, local=not plan.server_url)
    async with aiohttp.ClientSession() as session:
        if not plan.server_url:
            await crew.start(plan.create_server_process())
        await crew.start(home_assistant)
        if not plan.server_url:
            await crew.run(ServerClient(plan.server_address, session).wait_until_ready())
        await crew.run(HomeAssistantClient(plan.home_assistant_url, session).wait_until_ready())


async def add_integration(home: HomeAssistantClient, plan: Plan, login: Login) -> None:
    """Add the integration by its config flow, with username and password."""
    plan.config_folder.store_server_url(plan.server_address)
    await home.add_integration(
        {
            "user": {"url": plan.server_address},
            "sign_in": {"next_step_id": "password"},
            "password": {"username": login.username, "password": login.password},
        }
    )


async def ensure_integration(
    home: HomeAssistantClient, socket: WebsocketConnection, plan: Plan
) -> None:
    """Add the integration if it is missing or set up for another server."""
    entries = await home.get_entries()
    if plan.fresh or (entries and plan.config_folder.server_url not in (None, plan.server_address)):
        await home.remove_entries()
        entries = []
    if plan.fresh or not plan.login:
        return
    if entries and not plan.server_url and await socket.wait_for_entry_state() in FAILED_STATES:
        await home.remove_entries()
        entries = []
    if not entries:
        await add_integration(home, plan, plan.login)
    if (state := await socket.wait_for_entry_state()) != "loaded":
        reasons = [entry["reason"] for entry in await home.get_entries()]
        raise DevelopError(f"The integration is {state}: {reasons}")


@contextlib.asynccontextmanager
async def connect(plan: Plan) -> AsyncIterator[tuple[HomeAssistantClient, WebsocketConnection]]:
    """Sign in to Home Assistant and set up everything; the value is the connections."""
    async with aiohttp.ClientSession() as session:
        home = HomeAssistantClient(plan.home_assistant_url, session)
        try:
            await home.sign_in(OWNER)
            async with WebsocketConnection(home) as socket:
                await socket.wait_until_running()
                await ensure_integration(home, socket, plan)
                await create_dashboard(socket)
                yield home, socket
        finally:
            await home.revoke_token()


async def setup_home_assistant(plan: Plan) -> None:
    """Set up everything before it is used."""
    async with connect(plan):
        pass


async def run_check(plan: Plan) -> bool:
    """Set up everything and check all players."""
    async with connect(plan) as (home, socket):
        server = ServerClient(plan.server_address, home.session)
        await server.sign_in(DEMO)
        return await Check(home, socket, server).run_all()


async def wait_until_stopped(crew: ProcessManager, home_assistant: Child) -> Never:
    """Wait until the user stops it; a restart of Home Assistant doesn't end it."""
    while True:
        try:
            await crew.run(asyncio.Event().wait())
        except RestartRequestedError:
            print_progress("Home Assistant starts again")
            await crew.start(home_assistant)


def print_summary(plan: Plan, seconds: float) -> None:
    """Print the addresses and logins, without the password of a real server."""
    demo = "" if plan.server_url else f"   login {DEMO.username} / {DEMO.password}"
    print_progress(
        f"""
Home Assistant:   {plan.home_assistant_url}   login {OWNER.username} / {OWNER.password}
Music Assistant:  {plan.server_address}{demo}
Logs:             {plan.base}/*.log
Ready after {seconds:.1f} s. Ctrl-C ends it."""
    )
    if plan.fresh or not plan.login:
        print_progress(
            f"Add the integration: {plan.home_assistant_url}/config/integrations/dashboard/add?domain={DOMAIN}"
        )


async def start_and_run(
    crew: ProcessManager, plan: Plan, home_assistant: Child, checking: bool
) -> bool:
    """Start everything and run; False if the check failed."""
    begin = time.monotonic()
    await start_servers(crew, plan, home_assistant)
    if checking:
        passed = await crew.run(run_check(plan))
        print_progress(f"Took {time.monotonic() - begin:.1f} s")
        return passed
    await crew.start(plan.create_frontend_process())
    await crew.run(setup_home_assistant(plan))
    print_summary(plan, time.monotonic() - begin)
    return await wait_until_stopped(crew, home_assistant)


async def run_plan(plan: Plan, checking: bool) -> int:
    """Run the plan, print errors, and stop all processes in any case."""
    crew = ProcessManager()
    home_assistant = plan.create_home_assistant_process()
    told = home_assistant
    try:
        if await start_and_run(crew, plan, home_assistant, checking):
            return 0
    except StopRequestedError:
        print_progress("Ending")
        return 1 if checking else 0
    except ProcessEndedError as err:
        print_progress(f"scripts/develop: {err}")
        told = err.child
    except RestartRequestedError:
        print_progress("scripts/develop: Home Assistant asked for a restart before it was ready")
    except DevelopError as err:
        print_progress(f"scripts/develop: {err}")
    finally:
        await crew.stop_all()
    print_progress(told.get_log_tail())
    return 1


def prepare_environment(options: argparse.Namespace) -> None:
    """Create the environment for --next."""
    if (
        options.next
        and subprocess.run([ROOT / "scripts" / "setup", "--next"], check=False).returncode
    ):
        raise DevelopError("scripts/setup --next failed")


@contextlib.contextmanager
def lock_folder(base: Path) -> Iterator[None]:
    """Lock a folder, so that another run can't remove it."""
    with (base / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            raise DevelopError(
                f"Another scripts/develop runs in {base}. End it, or use another --folder."
            ) from err
        yield


def run_development(options: argparse.Namespace) -> int:
    """Run until Ctrl-C."""
    # A folder for each version: Home Assistant's storage can't go back to an older one.
    base = options.folder.absolute() / ("next" if options.next else "")
    base.mkdir(parents=True, exist_ok=True)
    with lock_folder(base):
        return run_in_folder(base, options)


def run_in_folder(base: Path, options: argparse.Namespace) -> int:
    """Run in a locked folder."""
    plan = create_plan(options, base)
    ensure_port_is_free(plan.port, "Home Assistant", "--port")
    if not plan.server_url:
        ensure_port_is_free(plan.server_port, "the demo server", "--server-port")
    if options.reset:
        plan.config_folder.remove()
    print_progress(f"Starting Home Assistant in {plan.config_folder.path}")
    return asyncio.run(run_plan(plan, checking=False))


def run_check_in_temporary_folder(options: argparse.Namespace) -> int:
    """Run the check in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="develop-check-") as base:
        return asyncio.run(run_plan(create_plan(options, Path(base)), checking=True))


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for."""
    options = parse_arguments(arguments, __doc__)
    try:
        prepare_environment(options)
        return run_check_in_temporary_folder(options) if options.check else run_development(options)
    except DevelopError as err:
        print(f"scripts/develop: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1


if __name__ == "__main__":
    sys.exit(main())
