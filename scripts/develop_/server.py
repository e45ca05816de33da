"""The Music Assistant server's own view, to hold Home Assistant's against."""

from __future__ import annotations

from dataclasses import dataclass
import time
from typing import Any

import aiohttp

from .base import DevelopError, Login, answering, step

type Json = dict[str, Any]

START_LIMIT = 30
ANSWER_LIMIT = 15


@dataclass
class Server:
    """A Music Assistant server over HTTP."""

    url: str
    session: aiohttp.ClientSession
    token: str = ""

    async def ready(self) -> None:
        """Wait until the server answers."""
        await answering(self._answers, f"The start of the server at {self.url}", START_LIMIT)

    async def sign_in(self, login: Login) -> None:
        """Sign in with a session token."""
        given = {"username": login.username, "password": login.password}
        answer = await self._post("auth/login", {"credentials": given})
        self.token = answer["token"]

    async def command(self, command: str, **args: object) -> Any:
        """Call a command of the server."""
        return await self._post("api", {"message_id": "1", "command": command, "args": args})

    async def position(self, player_id: str) -> float:
        """Return how many seconds the player's item has played by now."""
        queue = await self.command("player_queues/get_active_queue", player_id=player_id)
        elapsed: float = queue["elapsed_time"]
        if queue["state"] == "playing":
            elapsed += time.time() - queue["elapsed_time_last_updated"]
        return elapsed

    async def _answers(self) -> bool:
        try:
            async with self.session.get(f"{self.url}/info") as answer:
                return answer.status == 200 and (await answer.json()).get("status") != "starting"
        except aiohttp.ClientError:
            return False

    async def _post(self, path: str, body: Json) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        limit = aiohttp.ClientTimeout(total=ANSWER_LIMIT)
        what = body.get("command", path)
        with step(f"The Music Assistant server's answer to {what}", ANSWER_LIMIT):
            async with self.session.post(
                f"{self.url}/{path}", json=body, headers=headers, timeout=limit
            ) as answer:
                if answer.status != 200:
                    text = await answer.text()
                    raise DevelopError(f"The server answered {answer.status} to {what}: {text}")
                return await answer.json()
