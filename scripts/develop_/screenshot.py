"""A picture of a page of the Home Assistant that scripts/develop runs.

Drives Chromium over its own protocol, signed in as the development account.
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

from .base import OWNER, DevelopError, answering, say, step
from .home import Home

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
START_LIMIT = 30
ANSWER_LIMIT = 30
TEXT_LIMIT = 30
# The time that pictures and animations need after the text is there.
SETTLE = 1.5
# The frontend is built of shadow roots, which innerText doesn't enter.
SEE = """
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
    """One tab, over the browser's protocol."""

    ws: aiohttp.ClientWebSocketResponse
    ids: itertools.count[int]

    async def call(self, method: str, **params: object) -> Any:
        """Call a method and return its result; what the browser tells on the way is not needed."""
        number = next(self.ids)
        with step(f"The browser's answer to {method}", ANSWER_LIMIT):
            async with asyncio.timeout(ANSWER_LIMIT):
                await self.ws.send_json({"id": number, "method": method, "params": params})
                while (answer := await self.ws.receive_json()).get("id") != number:
                    pass
        if error := answer.get("error"):
            raise DevelopError(f"The browser refused {method}: {error['message']}")
        return answer["result"]

    async def run(self, script: str) -> Any:
        """Run JavaScript in the page, wait for its promise and return the value."""
        result = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if failure := result.get("exceptionDetails"):
            raise DevelopError(f"The script failed: {failure}")
        return result["result"].get("value")

    async def wait_for_text(self, text: str) -> None:
        """Wait until the page shows a text."""

        async def shown() -> bool:
            # A script that runs while the page gives way to the next one fails.
            with contextlib.suppress(DevelopError):
                return text in await self.run(SEE)
            return False

        try:
            await answering(shown, f"{text!r} on the page", TEXT_LIMIT)
        except DevelopError as err:
            raise DevelopError(f"{err}. The page shows: {await self.run(SEE)}") from err


def hass_tokens(home: Home) -> str:
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
            await answering(listening, "The browser's start", START_LIMIT)
            yield f"http://127.0.0.1:{port_file.read_text().split()[0]}"
        finally:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def page(session: aiohttp.ClientSession, address: str) -> AsyncIterator[Page]:
    """Open a tab."""
    async with session.put(f"{address}/json/new?about:blank") as answer:
        target = (await answer.json(content_type=None))["webSocketDebuggerUrl"]
    async with session.ws_connect(target, max_msg_size=0) as ws:
        yield Page(ws, itertools.count(1))


async def shoot(options: argparse.Namespace) -> None:
    """Sign in, open the page, do and wait for what was asked, take the picture."""
    width, height = map(int, options.size.split("x"))
    async with aiohttp.ClientSession() as session, browser() as address:
        home = Home(options.url.rstrip("/"), session)
        await home.sign_in(OWNER)
        try:
            async with page(session, address) as tab:
                await tab.call("Page.enable")
                metrics = {"width": width, "height": height, "mobile": False}
                await tab.call(
                    "Emulation.setDeviceMetricsOverride", deviceScaleFactor=options.scale, **metrics
                )
                dark = [{"name": "prefers-color-scheme", "value": "dark" if options.dark else ""}]
                await tab.call("Emulation.setEmulatedMedia", features=dark)
                await tab.call("Page.addScriptToEvaluateOnNewDocument", source=hass_tokens(home))
                await tab.call("Page.navigate", url=f"{home.url}{options.path}")
                await work_and_save(tab, options)
        finally:
            await home.sign_out()


async def work_and_save(tab: Page, options: argparse.Namespace) -> None:
    """Go through the texts and scripts in the order in which they were given, then save."""
    for kind, value in options.steps or ():
        if kind == "text":
            await tab.wait_for_text(value)
        elif (result := await tab.run(value)) is not None:
            say(json.dumps(result, ensure_ascii=False))
    await asyncio.sleep(options.settle)
    picture = await tab.call("Page.captureScreenshot", format="png")
    options.out.write_bytes(base64.b64decode(picture["data"]))
    say(f"{options.out}: {options.out.stat().st_size} bytes")


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/screenshot", description=__doc__)
    add = parser.add_argument
    add("--url", default="http://127.0.0.1:8123", help="Home Assistant (%(default)s)")
    add("--path", default="/", help="the page (%(default)s)")
    add("--out", type=Path, required=True, metavar="FILE", help="the PNG to write")
    add("--size", default="1280x900", help="of the window (%(default)s)")
    add("--scale", type=float, default=1, help="pixels per point (%(default)s)")
    add("--dark", action="store_true", help="as a person sees it who prefers dark")
    add("--settle", type=float, default=SETTLE, help="seconds before the picture (%(default)s)")
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
    """Take the picture."""
    try:
        asyncio.run(shoot(options_of(arguments)))
    except (DevelopError, aiohttp.ClientError) as err:
        print(f"scripts/screenshot: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
