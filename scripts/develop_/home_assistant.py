"""A client of Home Assistant's HTTP and websocket API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
import contextlib
from dataclasses import dataclass, field
import itertools
from typing import Any, Self

import aiohttp

from .base import DOMAIN, DevelopError, Login, limit_step, wait_until_ready

type Json = dict[str, Any]

# Seconds.
START_TIMEOUT = 120
RESPONSE_TIMEOUT = 30
ENTRY_TIMEOUT = 30
# A Home Assistant that doesn't answer must not hold up the end of everything.
SIGN_OUT_TIMEOUT = 0.4
LANGUAGE = "en"
# What an entry of a started Home Assistant stays in until somebody does something; "setup_retry"
# is not among them.
FINAL_STATES = ("loaded", "not_loaded", "setup_error", "migration_error", "failed_unload")


@dataclass
class HomeAssistantClient:
    """Represent a Home Assistant and the account that is signed in to it."""

    url: str
    session: aiohttp.ClientSession
    tokens: Json = field(default_factory=dict)

    @property
    def client_id(self) -> str:
        """Return the client id of a browser on this address."""
        return f"{self.url}/"

    async def wait_until_ready(self) -> None:
        """Wait until the web server answers, which is before all components are set up."""
        await wait_until_ready(self._is_ready, "Home Assistant's start", START_TIMEOUT)

    async def sign_in(self, login: Login) -> None:
        """Sign in, after creating the owner account if there is none."""
        code = await self._create_owner(login) or await self._start_login_flow(login)
        form = {"grant_type": "authorization_code", "code": code, "client_id": self.client_id}
        self.tokens = await self._send_request("POST", "/auth/token", data=form)

    async def revoke_token(self) -> None:
        """Revoke the refresh token, because each run creates one."""
        if token := self.tokens.pop("refresh_token", None):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                limit = aiohttp.ClientTimeout(total=SIGN_OUT_TIMEOUT)
                await self.session.post(
                    f"{self.url}/auth/revoke", data={"token": token}, timeout=limit
                )

    async def call_api(self, method: str, path: str, **json: object) -> Any:
        """Call Home Assistant's REST API."""
        return await self._send_request(method, f"/api/{path}", json=json or None)

    async def fetch_picture(self, path: str) -> bytes:
        """Fetch the picture of an entity."""
        address = path if "://" in path else f"{self.url}{path}"
        async with self.session.get(address, timeout=_create_timeout()) as answer:
            if answer.status != 200:
                raise DevelopError(f"Home Assistant answered {answer.status} to {path}")
            return await answer.read()

    async def add_integration(self, answers: Mapping[str, Json]) -> None:
        """Run the integration's config flow, with input for each of its steps."""
        flow = await self.call_api("POST", "config/config_entries/flow", handler=DOMAIN)
        asked: set[str] = set()
        while flow["type"] != "create_entry":
            answer = answers.get(flow.get("step_id", ""))
            if flow["type"] not in ("form", "menu") or flow.get("errors") or answer is None:
                raise DevelopError(f"Adding the integration failed: {_format_flow(flow)}")
            if flow["step_id"] in asked:
                raise DevelopError(f"The integration asks for {flow['step_id']!r} again")
            asked.add(flow["step_id"])
            flow = await self.call_api(
                "POST", f"config/config_entries/flow/{flow['flow_id']}", **answer
            )

    async def get_entries(self) -> list[Json]:
        """Return the integration's config entries."""
        found: list[Json] = await self.call_api(
            "GET", f"config/config_entries/entry?domain={DOMAIN}"
        )
        return found

    async def remove_entries(self) -> None:
        """Remove the integration's config entries."""
        for entry in await self.get_entries():
            await self.call_api("DELETE", f"config/config_entries/entry/{entry['entry_id']}")

    async def _is_ready(self) -> bool:
        try:
            async with self.session.get(f"{self.url}/manifest.json") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def _create_owner(self, login: Login) -> str | None:
        """Create the owner's account and return its code; None if there is one already."""
        async with self.session.get(
            f"{self.url}/api/onboarding", timeout=_create_timeout()
        ) as answer:
            # Home Assistant doesn't know this address any more when all was done at its start.
            steps = await answer.json() if answer.status == 200 else []
        if {"step": "user", "done": False} not in steps:
            return None
        account = {"name": "Developer", "username": login.username, "password": login.password}
        who = {"client_id": self.client_id, "language": LANGUAGE}
        made = await self._send_request("POST", "/api/onboarding/users", json=account | who)
        return str(made["auth_code"])

    async def _start_login_flow(self, login: Login) -> str:
        """Run the login flow of the sign-in page and return its code."""
        provider = ["homeassistant", None]
        who = {"client_id": self.client_id, "redirect_uri": self.client_id}
        flow = await self._send_request(
            "POST", "/auth/login_flow", json={"handler": provider, **who}
        )
        data = {"username": login.username, "password": login.password}
        path = f"/auth/login_flow/{flow['flow_id']}"
        done = await self._send_request("POST", path, json={"client_id": self.client_id, **data})
        if done["type"] != "create_entry":
            raise DevelopError(
                f"Home Assistant doesn't let {login.username!r} in (its password was changed?). "
                "Start again with --reset."
            )
        return str(done["result"])

    async def _send_request(self, method: str, path: str, **body: Any) -> Any:
        token = self.tokens.get("access_token")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with limit_step(f"Home Assistant's answer to {path}", RESPONSE_TIMEOUT):
            async with self.session.request(
                method, f"{self.url}{path}", headers=headers, timeout=_create_timeout(), **body
            ) as answer:
                if answer.status >= 400:
                    text = await answer.text()
                    raise DevelopError(f"Home Assistant answered {answer.status} to {path}: {text}")
                return await answer.json()


def _create_timeout() -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=RESPONSE_TIMEOUT)


def _format_flow(flow: Json) -> str:
    """Return the details of a failed flow."""
    words = ("type", "step_id", "reason", "errors", "description_placeholders", "menu_options")
    return ", ".join(f"{word} {flow[word]}" for word in words if flow.get(word))


class WebsocketConnection:
    """Represent a websocket connection to Home Assistant."""

    def __init__(self, home: HomeAssistantClient) -> None:
        """Initialize for a client that is signed in."""
        self._home = home
        self._ids = itertools.count(1)
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Callable[[Any], None]] = {}

    async def __aenter__(self) -> Self:
        """Connect and authenticate."""
        with limit_step("Home Assistant's websocket", RESPONSE_TIMEOUT):
            async with asyncio.timeout(RESPONSE_TIMEOUT):
                self._ws = await self._home.session.ws_connect(
                    f"{self._home.url}/api/websocket",
                    max_msg_size=0,
                    timeout=aiohttp.ClientWSTimeout(ws_close=SIGN_OUT_TIMEOUT),
                )
                await self._ws.receive_json()
                token = self._home.tokens["access_token"]
                await self._ws.send_json({"type": "auth", "access_token": token})
                if (await self._ws.receive_json())["type"] != "auth_ok":
                    raise DevelopError("Home Assistant's websocket refused the token")
        self._reader = asyncio.create_task(self._read_messages())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._ws.close()

    async def send_command(
        self, command: str, *, listener: Callable[[Any], None] | None = None, **fields: object
    ) -> Any:
        """Send a command and return its result; its events go to the listener."""
        number = next(self._ids)
        self._calls[number] = asyncio.get_running_loop().create_future()
        if listener:
            self._listeners[number] = listener
        try:
            with limit_step(f"Home Assistant's answer to {command}", RESPONSE_TIMEOUT):
                async with asyncio.timeout(RESPONSE_TIMEOUT):
                    await self._ws.send_json({"id": number, "type": command, **fields})
                    return await self._calls[number]
        finally:
            del self._calls[number]

    async def call_action(self, domain: str, name: str, entity_id: str, **data: object) -> None:
        """Call an action on an entity."""
        target = {"entity_id": entity_id}
        await self.send_command(
            "call_service", domain=domain, service=name, target=target, service_data=data
        )

    async def wait_until_running(self) -> None:
        """Wait until Home Assistant has started all of its components."""
        started = asyncio.Event()
        await self.send_command(
            "subscribe_events",
            event_type="homeassistant_started",
            listener=lambda _: started.set(),
        )
        if (await self.send_command("get_config"))["state"] == "RUNNING":
            return
        with limit_step("Home Assistant's start", START_TIMEOUT):
            await asyncio.wait_for(started.wait(), START_TIMEOUT)

    async def wait_for_entry_state(self) -> str:
        """Wait until the integration's entry is set up, or has failed, and return its state."""
        arrived = asyncio.Event()
        state = "not there"

        def handle_change(changes: list[Json]) -> None:
            nonlocal state
            for change in changes:
                if change["entry"]["domain"] == DOMAIN:
                    state = change["entry"]["state"]
            arrived.set()

        await self.send_command("config_entries/subscribe", listener=handle_change)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENTRY_TIMEOUT):
                while state not in FINAL_STATES:
                    await arrived.wait()
                    arrived.clear()
        return state

    async def _read_messages(self) -> None:
        try:
            async for message in self._ws:
                answer = message.json()
                # Several at once come as a list.
                for each in answer if isinstance(answer, list) else [answer]:
                    self._handle_message(each)
        finally:
            for call in self._calls.values():
                if not call.done():
                    call.set_exception(DevelopError("Home Assistant closed its websocket"))

    def _handle_message(self, message: Json) -> None:
        number = message["id"]
        if message["type"] == "event":
            if listener := self._listeners.get(number):
                listener(message["event"])
        elif (call := self._calls.get(number)) and not call.done():
            if message.get("success", True):
                call.set_result(message.get("result"))
            else:
                error = message["error"]
                call.set_exception(DevelopError(f"{error['code']}: {error['message']}"))
