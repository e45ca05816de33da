"""Hosts of the plugin AI Radio, who talk between the tracks of a queue."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Final, override

from music_assistant_client import MusicAssistantClient

from ..const import LOGGER
from .errors import COMMAND_OR_DECODE_ERRORS, check_answer
from .subscribed_data import SubscribedData

# Domain of the server's plugin, which has the commands.
AI_RADIO_PLUGIN: Final = "ai_radio"


def parse_hosts(answer: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the ids of hosts by their names; those of one name have their id added."""
    hosts = [(str(host["name"]), str(host["id"])) for host in answer]
    names = [name for name, _ in hosts]
    return {
        name if names.count(name) == 1 else f"{name} ({host_id})": host_id
        for name, host_id in hosts
    }


def parse_status(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return the id of the host on each queue.

    Newer servers return objects: what talks may be a station, whose host it is.
    """
    return {
        queue_id: str(state["host_id"] if isinstance(state, Mapping) else state)
        for queue_id, state in answer.items()
    }


class QueueDjs(SubscribedData):
    """Represent the hosts, and the queues on which they talk."""

    name = "AI Radio"

    def __init__(
        self,
        client: Callable[[], MusicAssistantClient],
        on_update: Callable[[], None],
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Initialize without hosts."""
        super().__init__(client, on_update, create_task)
        self.hosts: dict[str, str] = {}
        self._by_queue: dict[str, str] = {}

    def get_host_name(self, queue_id: str) -> str | None:
        """Return the name of the host on a queue, None without one."""
        host_id = self._by_queue.get(queue_id)
        return next((name for name, id_ in self.hosts.items() if id_ == host_id), None)

    @override
    async def _async_read(self) -> bool:
        mass = self._client()
        try:
            hosts = await mass.send_command("ai_radio/hosts/list")
            status = await mass.send_command("ai_radio/queue_dj/status")
            with check_answer():
                self.hosts, self._by_queue = parse_hosts(hosts), parse_status(status)
        except COMMAND_OR_DECODE_ERRORS as err:
            LOGGER.debug("Could not read the hosts of AI Radio: %r", err)
            return False
        return True

    async def async_set_host(self, queue_id: str, name: str | None) -> None:
        """Set or remove the host of a queue."""
        status = await self._client().send_command(
            "ai_radio/queue_dj/set",
            queue_id=queue_id,
            host_id=None if name is None else self.hosts[name],
        )
        with check_answer():
            self._by_queue = parse_status(status)
        self._on_update()
