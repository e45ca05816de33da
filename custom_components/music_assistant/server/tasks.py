"""Work that the server only promises in its answer, and does in the background."""

import asyncio
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import TaskStatus
from music_assistant_models.errors import MusicAssistantError

from .errors import CommandTimeout

ACTIVE: Final = frozenset({TaskStatus.PENDING, TaskStatus.RUNNING})
# Seconds that such work is waited for, and between two looks at it.
LIMIT: Final = 60.0
PAUSE: Final = 0.5


async def async_finish(mass: MusicAssistantClient, command: str, **args: Any) -> None:
    """Send a command and wait until what it asks for is done.

    Older servers do it before they answer. Newer ones answer with a task, and only the task
    tells what went wrong: raises that, or CommandTimeout.
    """
    task: dict[str, Any] | None = await mass.send_command(command, **args)
    try:
        async with asyncio.timeout(LIMIT):
            while task and task["status"] in ACTIVE:
                await asyncio.sleep(PAUSE)
                task = await mass.send_command("tasks/get", task_id=task["id"])
    except TimeoutError as err:
        raise CommandTimeout(command, LIMIT) from err
    if task and task["status"] not in (TaskStatus.SUCCESS, TaskStatus.PARTIAL_SUCCESS):
        raise MusicAssistantError(task.get("last_error") or task["status"])
