"""Commands that the server handles in a background task."""

import asyncio
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import TaskStatus
from music_assistant_models.errors import MusicAssistantError

from .errors import CommandTimeout

ACTIVE_STATUSES: Final = frozenset({TaskStatus.PENDING, TaskStatus.RUNNING})
# Seconds to wait for the end of a task, and between two requests of its status.
TASK_TIMEOUT: Final = 60.0
TASK_POLL_INTERVAL: Final = 0.5


async def async_send_and_wait(mass: MusicAssistantClient, command: str, **args: Any) -> None:
    """Send a command and wait until it is done.

    Older servers answer when it is done. Newer ones answer with a task that may fail later. Raises
    MusicAssistantError with the error of the task, or CommandTimeout.
    """
    task: dict[str, Any] | None = await mass.send_command(command, **args)
    try:
        async with asyncio.timeout(TASK_TIMEOUT):
            while task and task["status"] in ACTIVE_STATUSES:
                await asyncio.sleep(TASK_POLL_INTERVAL)
                task = await mass.send_command("tasks/get", task_id=task["id"])
    except TimeoutError as err:
        raise CommandTimeout(command, TASK_TIMEOUT) from err
    if task and task["status"] not in (TaskStatus.SUCCESS, TaskStatus.PARTIAL_SUCCESS):
        raise MusicAssistantError(task.get("last_error") or task["status"])
