"""A Home Assistant with this integration, signed in to a Music Assistant server.

Starts the demo server of tests/server and a real Home Assistant in the folder .dev, makes an
owner account, adds the integration through its own config flow, and stays until Ctrl-C.
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

from .base import DEMO, DOMAIN, OWNER, ROOT, DevelopError, Login, require_free, say
from .check import Check
from .children import Child, ChildEndedError, Crew, RestartAskedError, StopAskedError
from .dashboard import make_dashboard
from .home import Home, Socket
from .plan import Plan, options_of, plan_of
from .server import Server

# A demo server that was started anew doesn't know the token that an earlier run was given.
REFUSED = ("setup_error", "setup_retry")


async def start(crew: Crew, plan: Plan, home_assistant: Child) -> None:
    """Start both and wait until they answer."""
    plan.folder.prepare(plan.port, local=not plan.server_url)
    async with aiohttp.ClientSession() as session:
        if not plan.server_url:
            await crew.start(plan.demo_server())
        await crew.start(home_assistant)
        if not plan.server_url:
            await crew.beside(Server(plan.music_url, session).ready())
        await crew.beside(Home(plan.home_url, session).ready())


async def add_integration(home: Home, plan: Plan, login: Login) -> None:
    """Add the integration as a person would, with username and password."""
    plan.folder.remember_server(plan.music_url)
    await home.add_integration(
        {
            "user": {"url": plan.music_url},
            "sign_in": {"next_step_id": "password"},
            "password": {"username": login.username, "password": login.password},
        }
    )


async def sign_in_to_music(home: Home, socket: Socket, plan: Plan) -> None:
    """See that the integration is set up, and add it if it is not there or knows another server."""
    entries = await home.entries()
    if plan.fresh or (entries and plan.folder.server not in (None, plan.music_url)):
        await home.remove_entries()
        entries = []
    if plan.fresh or not plan.login:
        return
    if entries and not plan.server_url and await socket.entry_state() in REFUSED:
        await home.remove_entries()
        entries = []
    if not entries:
        await add_integration(home, plan, plan.login)
    if (state := await socket.entry_state()) != "loaded":
        reasons = [entry["reason"] for entry in await home.entries()]
        raise DevelopError(f"The integration is {state}: {reasons}")


@contextlib.asynccontextmanager
async def signed_in(plan: Plan) -> AsyncIterator[tuple[Home, Socket]]:
    """Sign in everywhere; the value is the connections that this has opened."""
    async with aiohttp.ClientSession() as session:
        home = Home(plan.home_url, session)
        try:
            await home.sign_in(OWNER)
            async with Socket(home) as socket:
                await socket.running()
                await sign_in_to_music(home, socket, plan)
                await make_dashboard(socket)
                yield home, socket
        finally:
            await home.sign_out()


async def make_ready(plan: Plan) -> None:
    """Do all that has to be done before a person comes."""
    async with signed_in(plan):
        pass


async def check(plan: Plan) -> bool:
    """Make ready and check all players."""
    async with signed_in(plan) as (home, socket):
        server = Server(plan.music_url, home.session)
        await server.sign_in(DEMO)
        return await Check(home, socket, server).run()


async def stay(crew: Crew, home_assistant: Child) -> Never:
    """Stay until somebody asks for the end; a restart of Home Assistant is no end."""
    while True:
        try:
            await crew.beside(asyncio.Event().wait())
        except RestartAskedError:
            say("Home Assistant starts again")
            await crew.start(home_assistant)


def greet(plan: Plan, seconds: float) -> None:
    """Print the addresses and the logins; a real server's password is not ours to show."""
    demo = "" if plan.server_url else f"   login {DEMO.username} / {DEMO.password}"
    say(
        f"""
Home Assistant:   {plan.home_url}   login {OWNER.username} / {OWNER.password}
Music Assistant:  {plan.music_url}{demo}
Logs:             {plan.base}/*.log
Ready after {seconds:.1f} s. Ctrl-C ends it."""
    )
    if plan.fresh or not plan.login:
        say(
            f"Add the integration: {plan.home_url}/config/integrations/dashboard/add?domain={DOMAIN}"
        )


async def work(crew: Crew, plan: Plan, home_assistant: Child, checking: bool) -> bool:
    """Start everything and do what was asked; False if the check found something."""
    begin = time.monotonic()
    await start(crew, plan, home_assistant)
    if checking:
        passed = await crew.beside(check(plan))
        say(f"Took {time.monotonic() - begin:.1f} s")
        return passed
    await crew.beside(make_ready(plan))
    greet(plan, time.monotonic() - begin)
    return await stay(crew, home_assistant)


async def run(plan: Plan, checking: bool) -> int:
    """Do the work, say what went wrong with it, and end all children in any case."""
    crew = Crew()
    home_assistant = plan.home_assistant()
    told = home_assistant
    try:
        if await work(crew, plan, home_assistant, checking):
            return 0
    except StopAskedError:
        say("Ending")
        return 1 if checking else 0
    except ChildEndedError as err:
        say(f"scripts/develop: {err}")
        told = err.child
    except RestartAskedError:
        say("scripts/develop: Home Assistant asked for a restart before it was ready")
    except DevelopError as err:
        say(f"scripts/develop: {err}")
    finally:
        await crew.end()
    say(told.tail())
    return 1


def prepare(options: argparse.Namespace) -> None:
    """Make what --next needs, in the environment of which nothing has to run now."""
    if (
        options.next
        and subprocess.run([ROOT / "scripts" / "setup", "--next"], check=False).returncode
    ):
        raise DevelopError("scripts/setup --next failed")


@contextlib.contextmanager
def alone_in(base: Path) -> Iterator[None]:
    """Hold a folder, so that nobody throws away what another run is using."""
    with (base / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            raise DevelopError(
                f"Another scripts/develop runs in {base}. End it, or use another --folder."
            ) from err
        yield


def develop(options: argparse.Namespace) -> int:
    """Run until Ctrl-C."""
    # A folder for each version: Home Assistant's storage can't go back to an older one.
    base = options.folder.absolute() / ("next" if options.next else "")
    base.mkdir(parents=True, exist_ok=True)
    with alone_in(base):
        return develop_in(base, options)


def develop_in(base: Path, options: argparse.Namespace) -> int:
    """Run in a folder that is ours."""
    plan = plan_of(options, base)
    require_free(plan.port, "Home Assistant", "--port")
    if not plan.server_url:
        require_free(plan.server_port, "the demo server", "--server-port")
    if options.reset:
        plan.folder.remove()
    say(f"Starting Home Assistant in {plan.folder.path}")
    return asyncio.run(run(plan, checking=False))


def check_alone(options: argparse.Namespace) -> int:
    """Run the check in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="develop-check-") as base:
        return asyncio.run(run(plan_of(options, Path(base)), checking=True))


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for."""
    options = options_of(arguments, __doc__)
    try:
        prepare(options)
        return check_alone(options) if options.check else develop(options)
    except DevelopError as err:
        print(f"scripts/develop: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1


if __name__ == "__main__":
    sys.exit(main())
