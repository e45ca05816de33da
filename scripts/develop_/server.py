"""A client of the Music Assistant server, to compare Home Assistant with."""

from __future__ import annotations

from dataclasses import dataclass
import time
from typing import Any

import aiohttp

from .base import DevelopError, Login, limit_step, wait_until_ready

type Json = dict[str, Any]

START_TIMEOUT = 30
RESPONSE_TIMEOUT = 15


@dataclass
class ServerClient:
    """Represent a Music Assistant server over HTTP."""

    url: str
    session: aiohttp.ClientSession
    token: str = ""

    async def wait_until_ready(self) -> None:
        """Wait until the server answers."""
        await wait_until_ready(
            self._is_ready, f"The start of the server at {self.url}", START_TIMEOUT
        )

    async def sign_in(self, login: Login) -> None:
        """Sign in with a session token."""
        given = {"username": login.username, "password": login.password}
        answer = await self._send_request("auth/login", {"credentials": given})
        self.token = answer["token"]

    async def send_command(self, command: str, **args: object) -> Any:
        """Run a command of the server and return its result."""
        return await self._send_request(
            "api", {"message_id": "1", "command": command, "args": args}
        )

    async def get_position(self, player_id: str) -> float:
        """Return the player's position in seconds."""
        queue = await self.send_command("player_queues/get_active_queue", player_id=player_id)
        elapsed: float = queue["elapsed_time"]
        if queue["state"] == "playing":
            elapsed += time.time() - queue["elapsed_time_last_updated"]
        return elapsed

    async def _is_ready(self) -> bool:
        try:
            async with self.session.get(f"{self.url}/info") as answer:
                return answer.status == 200 and (await answer.json()).get("status") != "starting"
        except aiohttp.ClientError:
            return False

    async def _send_request(self, path: str, body: Json) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        limit = aiohttp.ClientTimeout(total=RESPONSE_TIMEOUT)
        what = body.get("command", path)
        with limit_step(f"The Music Assistant server's answer to {what}", RESPONSE_TIMEOUT):
            async with self.session.post(
                f"{self.url}/{path}", json=body, headers=headers, timeout=limit
            ) as answer:
                if answer.status != 200:
                    text = await answer.text()
                    raise DevelopError(f"The server answered {answer.status} to {what}: {text}")
                return await answer.json()
