"""Commands that the server handles in a background task."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import TaskStatus
from music_assistant_models.errors import MusicAssistantError

from .errors import CommandTimeout

ACTIVE_STATUSES: Final = frozenset({TaskStatus.PENDING, TaskStatus.RUNNING})
# Seconds to wait for the end of a task, and between two requests of its status.
TASK_TIMEOUT: Final = 60.0
TASK_POLL_INTERVAL: Final = 0.5


@dataclass(frozen=True, slots=True)
class Task:
    """Represent a background task. Progress is in percent."""

    id: str
    name: str
    status: str
    progress: int | None = None
    error: str | None = None
    last_run: str | None = None
    next_run: str | None = None

    @property
    def is_active(self) -> bool:
        """Return whether the task is pending or running."""
        return self.status in ACTIVE_STATUSES

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for a response."""
        return asdict(self)


def parse_task(data: Mapping[str, Any]) -> Task:
    """Parse a background task. Raises KeyError or TypeError for another answer."""
    return Task(
        str(data["id"]),
        str(data["name"]),
        str(data["status"]),
        data.get("progress"),
        data.get("last_error"),
        data.get("last_run"),
        data.get("next_run"),
    )


def parse_tasks(answer: Iterable[Mapping[str, Any]]) -> list[Task]:
    """Parse a list of background tasks."""
    return [parse_task(data) for data in answer]


async def async_wait_for_task(mass: MusicAssistantClient, task: Task, seconds: float) -> Task:
    """Wait for the end of a task, up to some seconds; return it as it is then."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while task.is_active:
                await asyncio.sleep(TASK_POLL_INTERVAL)
                task = parse_task(await mass.send_command("tasks/get", task_id=task.id))
    return task


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
