"""scripts/develop without a Home Assistant: the parts that --check doesn't cover."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
import datetime as dt
import io
import json
from pathlib import Path
import re
import socket
import sys
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
from aiohttp import web
from PIL import Image
import pytest

from scripts.develop_ import check as checking, processes
from scripts.develop_.base import DEMO, DevelopError, ensure_port_is_free, find_free_port
from scripts.develop_.check import Check, States
from scripts.develop_.config_folder import ConfigFolder
from scripts.develop_.home_assistant import HomeAssistantClient, WebsocketConnection
from scripts.develop_.plan import create_plan, parse_arguments
from scripts.develop_.processes import (
    Child,
    ProcessEndedError,
    ProcessManager,
    RestartRequestedError,
    StopRequestedError,
)
from scripts.develop_.server import ServerClient

pytestmark = pytest.mark.usefixtures("socket_enabled")

type Json = dict[str, Any]


# --------------------------------------------------------------------------- the command line


@pytest.mark.parametrize(
    "arguments",
    [
        ["--check", "--fresh"],
        ["--check", "--server", "http://mass.local:8095"],
        ["--server", "http://mass.local:8095", "--username", "me"],
        ["--username", "me", "--password", "mine"],
    ],
)
def test_contradicting_options(arguments: list[str]) -> None:
    """Contradicting options print the usage before anything starts."""
    with pytest.raises(SystemExit):
        parse_arguments(arguments)


def test_default_plan(tmp_path: Path) -> None:
    """Without options the plan has the default ports and the demo's account."""
    plan = create_plan(parse_arguments([]), tmp_path)
    assert (plan.home_assistant_url, plan.server_address) == (
        "http://127.0.0.1:8123",
        "http://127.0.0.1:8095",
    )
    assert plan.login == DEMO


def test_check_plan_uses_free_ports(tmp_path: Path) -> None:
    """A check uses free ports."""
    plan = create_plan(parse_arguments(["--check"]), tmp_path)
    assert not {plan.port, plan.server_port} & {8123, 8095}


def test_plan_of_real_server_without_login(tmp_path: Path) -> None:
    """Without an account the user signs in."""
    plan = create_plan(parse_arguments(["--server", "https://mass.example/"]), tmp_path)
    assert (plan.server_address, plan.login) == ("https://mass.example", None)


def test_port_in_use() -> None:
    """The error names the port and the option for another one."""
    port = find_free_port()
    ensure_port_is_free(port, "the demo server", "--server-port")
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(DevelopError, match=rf"Port {port} .*--server-port"),
    ):
        ensure_port_is_free(port, "the demo server", "--server-port")


# ------------------------------------------------------------------------------- the folder


def read_storage(folder: ConfigFolder, key: str) -> Json:
    """Return the data of one of Home Assistant's storage files."""
    content: Json = json.loads((folder.path / ".storage" / key).read_text())
    data: Json = content["data"]
    return data


def test_existing_folder_is_kept(tmp_path: Path) -> None:
    """The port follows the command line; configuration and onboarding are kept."""
    folder = ConfigFolder(tmp_path / "config")
    folder.create(8123, local=True)
    (folder.path / "configuration.yaml").write_text("frontend:\n")
    (folder.path / ".storage" / "onboarding").write_text('{"data": {"done": []}}')
    folder.create(8124, local=False)
    assert read_storage(folder, "http") == {"server_host": ["127.0.0.1"], "server_port": 8124}
    assert read_storage(folder, "core.network") == {"configured_adapters": []}
    assert (folder.path / "configuration.yaml").read_text() == "frontend:\n"
    assert read_storage(folder, "onboarding") == {"done": []}


def test_folder_links_integration(tmp_path: Path) -> None:
    """Home Assistant runs the integration of this repository."""
    folder = ConfigFolder(tmp_path / "config")
    folder.create(8123, local=True)
    manifest = folder.path / "custom_components" / "music_assistant" / "manifest.json"
    assert json.loads(manifest.read_text())["domain"] == "music_assistant"


def test_folder_stores_server_url(tmp_path: Path) -> None:
    """The address is stored to detect entries of another server."""
    folder = ConfigFolder(tmp_path)
    assert folder.server_url is None
    folder.store_server_url("http://127.0.0.1:8095")
    assert folder.server_url == "http://127.0.0.1:8095"
    folder.remove()
    assert not folder.path.exists()


# ----------------------------------------------------------------------------- the children


def create_child(tmp_path: Path, program: str) -> Child:
    """Return a process that runs a Python program."""
    return Child("The child", [sys.executable, "-c", program], tmp_path / "log", tmp_path)


async def wait_forever() -> None:
    """Wait forever."""
    await asyncio.Event().wait()


async def test_run_with_process(tmp_path: Path) -> None:
    """The result of the coroutine is returned, and the process is stopped."""
    crew = ProcessManager()
    one = create_child(tmp_path, "import time; time.sleep(60)")
    await crew.start(one)
    assert await crew.run(asyncio.sleep(0, "result")) == "result"
    await crew.stop_all()
    assert await one.wait() == -15


async def test_process_that_ends(tmp_path: Path) -> None:
    """The error names the process and its code, and leads to its log."""
    crew = ProcessManager()
    await crew.start(create_child(tmp_path, "print('oh no'); raise SystemExit(3)"))
    with pytest.raises(ProcessEndedError, match="The child ended by itself with code 3") as caught:
        await crew.run(wait_forever())
    assert "oh no" in caught.value.child.get_log_tail()
    await crew.stop_all()


async def test_process_that_requests_restart(tmp_path: Path) -> None:
    """Home Assistant's restart code raises RestartRequestedError."""
    crew = ProcessManager()
    await crew.start(create_child(tmp_path, "raise SystemExit(100)"))
    with pytest.raises(RestartRequestedError):
        await crew.run(wait_forever())


async def test_signal_stops_run() -> None:
    """A signal cancels the coroutine."""
    crew = ProcessManager()
    cancelled = asyncio.Event()

    async def send_signal() -> None:
        try:
            crew._stop.set()  # what the signal does
            await wait_forever()
        finally:
            cancelled.set()

    with pytest.raises(StopRequestedError):
        await crew.run(send_signal())
    assert cancelled.is_set()


async def test_process_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ignores the signal is killed."""
    monkeypatch.setattr(processes, "TERMINATE_TIMEOUT", 0.1)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf');"
    crew = ProcessManager()
    one = create_child(tmp_path, f"{deaf} time.sleep(60)")
    await crew.start(one)
    async with asyncio.timeout(10):
        while "deaf" not in one.log.read_text():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.01)
    await crew.stop_all()
    assert await one.wait() == -9


# --------------------------------------------------------------------------- the config flow

ANSWERS = {"user": {"url": "http://mass"}, "sign_in": {"next_step_id": "password"}}
FORM = {"type": "form", "flow_id": "1", "step_id": "user"}
MENU = {"type": "menu", "flow_id": "1", "step_id": "sign_in"}


async def run_config_flow(*steps: Json) -> list[Json]:
    """Add the integration to a fake Home Assistant with these steps; return its requests."""
    shown, sent = list(steps), list[Json]()

    async def handle_request(request: web.Request) -> web.Response:
        sent.append(await request.json())
        return web.json_response(shown.pop(0))

    app = web.Application()
    app.router.add_post("/api/config/config_entries/{flow:.*}", handle_request)
    runner = web.AppRunner(app)
    await runner.setup()
    port = find_free_port()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with aiohttp.ClientSession() as session:
            await HomeAssistantClient(f"http://127.0.0.1:{port}", session).add_integration(ANSWERS)
    finally:
        await runner.cleanup()
    return sent


async def test_config_flow_steps() -> None:
    """Each step gets its input."""
    sent = await run_config_flow(FORM, MENU, {"type": "create_entry"})
    assert sent == [{"handler": "music_assistant"}, ANSWERS["user"], ANSWERS["sign_in"]]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([{"type": "abort", "reason": "already_configured"}], "reason already_configured"),
        ([FORM, FORM | {"errors": {"base": "cannot_connect"}}], "cannot_connect"),
        ([FORM | {"step_id": "surprise"}], "step_id surprise"),
        ([FORM, FORM], "asks for 'user' again"),
    ],
)
async def test_failed_config_flow(steps: list[Json], told: str) -> None:
    """The error has the details of the flow."""
    with pytest.raises(DevelopError, match=told):
        await run_config_flow(*steps)


# ---------------------------------------------------------------------------------- the check

PLAYER = "media_player.kitchen"
MEMBER = "media_player.bath"


def create_picture() -> bytes:
    """Return a small picture."""
    content = io.BytesIO()
    Image.new("RGB", (2, 3)).save(content, "PNG")
    return content.getvalue()


def create_state(entity_id: str, state: str, **attributes: object) -> Json:
    """Return a state object."""
    stamp = dt.datetime.now(dt.UTC).isoformat()
    some = {"supported_features": 0, "media_position": 1, "media_position_updated_at": stamp}
    return {"entity_id": entity_id, "state": state, "attributes": some | attributes}


class FakeHomeAssistant:
    """Represent a Home Assistant and its server with a group of two players."""

    def __init__(self) -> None:
        """Initialize without a fault."""
        self.title = "Song 1"
        self.position = 1.0
        self.picture: str | None = "/picture"
        self.bytes = create_picture()
        self.member_plays = True
        self.stops = True
        self.available = True
        self.registered = [PLAYER, MEMBER]
        self._listener: Callable[[Json], None] = print

    async def send_command(self, command: str, **fields: Any) -> Any:
        """Return the result of a websocket command."""
        if command == "subscribe_events":
            self._listener = fields["listener"]
        registry = [
            {"unique_id": each.split(".")[1], "entity_id": each, "platform": "music_assistant"}
            for each in self.registered
        ]
        return {
            "get_states": [create_state(PLAYER, "idle"), create_state(MEMBER, "idle")],
            "config/entity_registry/list": [{**each, "disabled_by": None} for each in registry],
        }.get(command)

    async def call_action(self, _domain: str, name: str, _entity_id: str, **_: Any) -> None:
        """Change the states as the action does."""
        attributes = {"media_title": self.title, "entity_picture": self.picture}
        if name == "play_media":
            self._send_state(create_state(PLAYER, "playing", **attributes))
            if self.member_plays:
                self._send_state(create_state(MEMBER, "playing", **attributes))
        elif self.stops:
            self._send_state(create_state(PLAYER, "idle"))
            self._send_state(create_state(MEMBER, "idle"))

    async def send_server_command(self, command: str, **_: Any) -> Any:
        """Return the result of a server command."""
        leader = {
            "player_id": "kitchen",
            "name": "Kitchen",
            "available": self.available,
            "synced_to": None,
            "active_group": None,
            "group_members": ["kitchen", "bath"],
        }
        bath = leader | {"player_id": "bath", "name": "Bath", "synced_to": "kitchen"}
        hidden = leader | {"player_id": "attic", "expose_to_ha": False}
        return {
            "players/all": [leader, bath | {"available": True}, hidden],
            "players/get": leader,
            "music/tracks/library_items": [
                {"name": f"Song {number}", "uri": f"library://track/{number}"} for number in (1, 2)
            ],
        }[command]

    async def get_position(self, _player_id: str) -> float:
        """Return the position on the server."""
        return self.position

    async def get_picture(self, _path: str) -> bytes:
        """Return the picture from the proxy."""
        return self.bytes

    def _send_state(self, state: Json) -> None:
        self._listener({"data": {"entity_id": state["entity_id"], "new_state": state}})

    async def run_check(self) -> bool:
        """Run the check."""
        home = cast("HomeAssistantClient", SimpleNamespace(fetch_picture=self.get_picture))
        server = cast(
            "ServerClient",
            SimpleNamespace(send_command=self.send_server_command, get_position=self.get_position),
        )
        return await Check(home, cast("WebsocketConnection", self), server, States()).run_all()


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({}, "ok     Kitchen .*played 'Song 1', at 1.0 s, artwork PNG 2x3, with 1 members"),
        ({}, "ok     Bath .*: idle, follows Kitchen"),
        ({"title": "Another"}, "FAILED Kitchen: .* not seen playing 'Song 1'"),
        ({"position": 9.0}, r"FAILED Kitchen: the position is 1.0 s, the server's is 9.0 s"),
        ({"picture": None}, "FAILED Kitchen: there is no artwork"),
        ({"bytes": b"<html>"}, "FAILED Kitchen: 6 bytes of artwork are no image"),
        ({"member_plays": False}, "FAILED Kitchen: media_player.bath was not seen playing"),
        ({"stops": False}, "FAILED Kitchen: .* not seen stopped"),
        ({"available": False}, "FAILED Kitchen: .* not seen unavailable"),
        ({"registered": [MEMBER]}, "FAILED Kitchen: Home Assistant has no media player for it"),
    ],
)
async def test_check_detects_fault(
    broken: Json, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check prints a line for each player and detects each fault."""
    monkeypatch.setattr(checking, "STATE_TIMEOUT", 0.05)
    fake = FakeHomeAssistant()
    vars(fake).update(broken)
    assert await fake.run_check() is not bool(broken)
    printed = capsys.readouterr().out
    assert re.search(told, printed), printed
    assert ("FAILED" in printed) is bool(broken)
