"""A player of any server with its queue, as a client sees them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.server import MassServer

from .websocket_client import WebsocketClient

LIMIT = 30.0  # seconds to wait for what was asked for
POLL_INTERVAL = 0.05
SEEK_BEFORE_END = 3  # seconds

type Condition = Callable[[dict[str, Any]], Any]


@dataclass
class Speaker:
    """Represent a player and its queue.

    A real server says at once that it does what it is asked, may go back to what was before, and
    comes forward again: only what has held for `settling` seconds is believed.
    """

    client: WebsocketClient
    player_id: str
    settling: float = 0.0
    server: MassServer | None = None  # the test server, whose time can be skipped

    async def do(self, command: str, **args: Any) -> Any:
        """Do something to the queue."""
        name = f"player_queues/{command}"
        return await self.client.get_result(name, queue_id=self.player_id, **args)

    async def command(self, command: str, **args: Any) -> Any:
        """Command the player."""
        name = f"players/cmd/{command}"
        return await self.client.get_result(name, player_id=self.player_id, **args)

    async def get_error_code(self, command: str, **args: Any) -> int:
        """Return the error code of a command of the queue that must fail."""
        name = f"player_queues/{command}"
        return await self.client.get_error_code(name, queue_id=self.player_id, **args)

    async def play(self, media: Any, option: str | None = "replace", **args: Any) -> None:
        """Play media."""
        await self.do("play_media", media=media, option=option, **args)

    async def start(self, media: Any, **args: Any) -> None:
        """Play media, and wait until they play; only a stopped player always starts."""
        await self.play(media, **args)
        await self.wait_for_queue(lambda queue: is_playing(queue) and queue["current_index"] == 0)
        await self.wait_for_player(is_playing)

    async def clear(self) -> None:
        """Stop and empty the queue."""
        await self.do("clear")
        await self.wait_for_player(lambda player: not is_playing(player))

    async def fetch_queue(self) -> dict[str, Any]:
        """Return the queue."""
        queue: dict[str, Any] = await self.do("get")
        return queue

    async def fetch_player(self) -> dict[str, Any]:
        """Return the player."""
        player: dict[str, Any] = await self.client.get_result(
            "players/get", player_id=self.player_id
        )
        return player

    async def fetch_item_ids(self) -> list[str]:
        """Return the ids of the items of the queue."""
        return [item["queue_item_id"] for item in await self.do("items")]

    async def fetch_uris(self) -> list[str]:
        """Return the URIs of the items of the queue."""
        return [item["media_item"]["uri"] for item in await self.do("items")]

    async def wait_for_queue(self, condition: Condition) -> dict[str, Any]:
        """Return the queue as soon as a condition holds for good."""
        return await self._wait_for(self.fetch_queue, condition)

    async def wait_for_player(self, condition: Condition) -> dict[str, Any]:
        """Return the player as soon as a condition holds for good."""
        return await self._wait_for(self.fetch_player, condition)

    async def wait_for_index(self, index: int) -> dict[str, Any]:
        """Return the queue as soon as it plays the item at an index."""
        return await self.wait_for_queue(
            lambda queue: is_playing(queue) and queue["current_index"] == index
        )

    async def _wait_for(self, fetch: Callable[[], Any], condition: Condition) -> dict[str, Any]:
        """Ask again and again; events may have come before, and none tells of a position."""
        loop = asyncio.get_running_loop()
        since: float | None = None
        found: dict[str, Any] = {}
        try:
            async with asyncio.timeout(LIMIT):
                while since is None or loop.time() - since < self.settling:
                    found = await fetch()
                    since = (since or loop.time()) if condition(found) else None
                    if since is None or self.settling:
                        await asyncio.sleep(POLL_INTERVAL)
        except TimeoutError as err:
            raise AssertionError(f"Not as expected within {LIMIT:.0f} s: {found}") from err
        return found

    async def end_item(self) -> None:
        """Let the current item come to its end."""
        queue = await self.fetch_queue()
        duration = int(queue["current_item"]["duration"])
        await self.do("seek", position=duration - SEEK_BEFORE_END)
        if self.server:
            self.server.playback.skip_time(SEEK_BEFORE_END)


def is_playing(thing: dict[str, Any]) -> bool:
    """Return whether a queue or player plays."""
    return get_state(thing) == "playing"


def get_state(thing: dict[str, Any]) -> str:
    """Return the playback state of a queue or player."""
    state: str = thing.get("playback_state") or thing["state"]
    return state
