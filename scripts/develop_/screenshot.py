"""Take a screenshot of a page of the Home Assistant that scripts/develop runs.

Controls Chromium by its DevTools protocol, signed in as the development account.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
from collections.abc import AsyncIterator
import contextlib
from dataclasses import dataclass
import itertools
import json
from pathlib import Path
import shutil
import sys
import tempfile
import time
from typing import Any

import aiohttp

from .base import OWNER, DevelopError, limit_step, print_progress, wait_until_ready
from .home_assistant import HomeAssistantClient

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
START_TIMEOUT = 30
RESPONSE_TIMEOUT = 30
TEXT_TIMEOUT = 30
# The time that pictures and animations need after the text is there.
SETTLE_TIME = 1.5
# The frontend is built of shadow roots, which innerText doesn't enter.
READ_TEXT_SCRIPT = """
(() => {
  const see = (node) => node.nodeType === Node.TEXT_NODE ? node.data :
    ["STYLE", "SCRIPT"].includes(node.nodeName) ? "" :
    [...(node.shadowRoot ? node.shadowRoot.childNodes : []), ...node.childNodes]
      .map(see).join(" ");
  return see(document.documentElement).replace(/\\s+/g, " ");
})()
"""


@dataclass
class Page:
    """Represent a browser tab."""

    ws: aiohttp.ClientWebSocketResponse
    ids: itertools.count[int]

    async def send_command(self, method: str, **params: object) -> Any:
        """Send a command and return its result; events of the browser are ignored."""
        number = next(self.ids)
        with limit_step(f"The browser's answer to {method}", RESPONSE_TIMEOUT):
            async with asyncio.timeout(RESPONSE_TIMEOUT):
                await self.ws.send_json({"id": number, "method": method, "params": params})
                while (answer := await self.ws.receive_json()).get("id") != number:
                    pass
        if error := answer.get("error"):
            raise DevelopError(f"The browser refused {method}: {error['message']}")
        return answer["result"]

    async def run_script(self, script: str) -> Any:
        """Run JavaScript in the page, wait for its promise and return the value."""
        result = await self.send_command(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if failure := result.get("exceptionDetails"):
            raise DevelopError(f"The script failed: {failure}")
        return result["result"].get("value")

    async def wait_for_text(self, text: str) -> None:
        """Wait until the page shows a text."""

        async def is_shown() -> bool:
            # A script that runs while the page gives way to the next one fails.
            with contextlib.suppress(DevelopError):
                return text in await self.run_script(READ_TEXT_SCRIPT)
            return False

        try:
            await wait_until_ready(is_shown, f"{text!r} on the page", TEXT_TIMEOUT)
        except DevelopError as err:
            raise DevelopError(
                f"{err}. The page shows: {await self.run_script(READ_TEXT_SCRIPT)}"
            ) from err


def hass_tokens(home: HomeAssistantClient) -> str:
    """Return what the frontend keeps of a sign-in, as the script that puts it there."""
    life = home.tokens["expires_in"]
    expires = int((time.time() + life) * 1000)
    whose = {"hassUrl": home.url, "clientId": home.client_id, "expires": expires}
    kept = json.dumps(json.dumps(home.tokens | whose))
    return f"localStorage.setItem('hassTokens', {kept})"


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[str]:
    """Run a browser with a profile of its own; its protocol's address is the value."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        raise DevelopError(
            "No Chromium on PATH. Install it (on Debian: apt-get install chromium) and try again."
        )
    # The browser goes on writing for a moment when it is killed.
    with tempfile.TemporaryDirectory(prefix="screenshot-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            found,
            *FLAGS,
            f"--user-data-dir={profile}",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        port_file = Path(profile) / "DevToolsActivePort"

        async def listening() -> bool:
            return port_file.exists() and "\n" in port_file.read_text()

        try:
            await wait_until_ready(listening, "The browser's start", START_TIMEOUT)
            yield f"http://127.0.0.1:{port_file.read_text().split()[0]}"
        finally:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def open_page(session: aiohttp.ClientSession, address: str) -> AsyncIterator[Page]:
    """Open a tab."""
    async with session.put(f"{address}/json/new?about:blank") as answer:
        target = (await answer.json(content_type=None))["webSocketDebuggerUrl"]
    async with session.ws_connect(target, max_msg_size=0) as ws:
        yield Page(ws, itertools.count(1))


async def take_screenshot(options: argparse.Namespace) -> None:
    """Sign in, open the page, run the steps and take the screenshot."""
    width, height = map(int, options.size.split("x"))
    async with aiohttp.ClientSession() as session, browser() as address:
        home = HomeAssistantClient(options.url.rstrip("/"), session)
        await home.sign_in(OWNER)
        try:
            async with open_page(session, address) as tab:
                await tab.send_command("Page.enable")
                metrics = {"width": width, "height": height, "mobile": False}
                await tab.send_command(
                    "Emulation.setDeviceMetricsOverride", deviceScaleFactor=options.scale, **metrics
                )
                dark = [{"name": "prefers-color-scheme", "value": "dark" if options.dark else ""}]
                await tab.send_command("Emulation.setEmulatedMedia", features=dark)
                await tab.send_command(
                    "Page.addScriptToEvaluateOnNewDocument", source=hass_tokens(home)
                )
                await tab.send_command("Page.navigate", url=f"{home.url}{options.path}")
                await run_steps(tab, options)
        finally:
            await home.revoke_token()


async def run_steps(tab: Page, options: argparse.Namespace) -> None:
    """Run the steps in the order of the command line, then save the screenshot."""
    for kind, value in options.steps or ():
        if kind == "text":
            await tab.wait_for_text(value)
        elif (result := await tab.run_script(value)) is not None:
            print_progress(json.dumps(result, ensure_ascii=False))
    await asyncio.sleep(options.settle)
    picture = await tab.send_command("Page.captureScreenshot", format="png")
    options.out.write_bytes(base64.b64decode(picture["data"]))
    print_progress(f"{options.out}: {options.out.stat().st_size} bytes")


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="scripts/screenshot", description=__doc__)
    add = parser.add_argument
    add("--url", default="http://127.0.0.1:8123", help="Home Assistant (%(default)s)")
    add("--path", default="/", help="the page (%(default)s)")
    add("--out", type=Path, required=True, metavar="FILE", help="the PNG to write")
    add("--size", default="1280x900", help="of the window (%(default)s)")
    add("--scale", type=float, default=1, help="pixels per point (%(default)s)")
    add("--dark", action="store_true", help="as a person sees it who prefers dark")
    add(
        "--settle", type=float, default=SETTLE_TIME, help="seconds before the picture (%(default)s)"
    )
    ordered: dict[str, Any] = {"action": "append", "dest": "steps"}
    add(
        "--wait-for-text",
        metavar="TEXT",
        type=lambda text: ("text", text),
        help="wait until the page shows this; may be repeated, and mixed with --eval",
        **ordered,
    )
    add(
        "--eval",
        metavar="JS",
        type=lambda script: ("script", script),
        help="run this in the page and print its value, in the order given",
        **ordered,
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Take the screenshot."""
    try:
        asyncio.run(take_screenshot(parse_arguments(arguments)))
    except (DevelopError, aiohttp.ClientError) as err:
        print(f"scripts/screenshot: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
