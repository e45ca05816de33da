"""Background tasks, which continue after the response and report their errors themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from music_assistant_models.auth import Scope
from music_assistant_models.background_task import BackgroundTask
from music_assistant_models.enums import EventType, TaskStatus
from music_assistant_models.errors import InvalidDataError, MusicAssistantError

from .commands import Caller, Command

if TYPE_CHECKING:
    from .server import MassServer

# An assumption: 29 hasn't got them, later servers have; which version brought them isn't known.
TASKS_SINCE = 46


@dataclass
class Tasks:
    """Represent all tasks since the start, the oldest first."""

    server: MassServer
    known: dict[str, BackgroundTask] = field(default_factory=dict)
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _work: dict[str, Callable[[BackgroundTask], Awaitable[None]]] = field(default_factory=dict)

    def start_task(
        self,
        caller: Caller,
        name: str,
        work: Callable[[BackgroundTask], Awaitable[None]],
        **metadata: Any,
    ) -> BackgroundTask:
        """Start a task that ends later."""
        task = BackgroundTask(name, metadata=metadata, user_id=caller.user.user_id)
        self.known[task.id] = task
        self._work[task.id] = work
        self.run_task(task)
        return task

    def run_task(self, task: BackgroundTask) -> None:
        """Run a task, once more if it has run before."""
        task.status, task.last_error = TaskStatus.PENDING, None
        self.notify()
        self.running[task.id] = self.server.create_task(self._run_task(task, self._work[task.id]))

    def cancel_task(self, task: BackgroundTask) -> None:
        """End a task that runs."""
        self.running[task.id].cancel()
        task.status = TaskStatus.CANCELLED
        self.notify()

    async def _run_task(
        self, task: BackgroundTask, work: Callable[[BackgroundTask], Awaitable[None]]
    ) -> None:
        task.status = TaskStatus.RUNNING
        self.notify()
        try:
            await work(task)
            task.status = TaskStatus.SUCCESS
        except MusicAssistantError as err:
            task.status, task.last_error = TaskStatus.FAILED, str(err)
        self.notify()

    def notify(self) -> None:
        """Send the tasks to all clients."""
        if self.server.schema_version >= TASKS_SINCE:
            self.server.send_event_to_each(EventType.TASKS_UPDATED, self.get_visible)

    def get_visible(self, caller: Caller) -> list[BackgroundTask]:
        """Return the tasks that a caller can see: those of others only for managers of the server."""
        manages = caller.has_scope(Scope.SYSTEM_MANAGE)
        tasks = self.known.values()
        return [task for task in tasks if manages or task.user_id == caller.user.user_id]


def list_tasks(server: MassServer, caller: Caller) -> list[BackgroundTask]:
    """Return the tasks."""
    return server.tasks.get_visible(caller)


def get_task(server: MassServer, caller: Caller, task_id: str) -> BackgroundTask:
    """Return one task."""
    for task in server.tasks.get_visible(caller):
        if task.id == task_id:
            return task
    raise InvalidDataError(f"Task {task_id} not found")


def run_task(server: MassServer, caller: Caller, task_id: str) -> BackgroundTask:
    """Run a scheduled task now."""
    task = get_task(server, caller, task_id)
    if task.schedule is None:
        raise InvalidDataError(f"Task {task_id} can not be run manually")
    server.tasks.run_task(task)
    return task


def retry_task(server: MassServer, caller: Caller, task_id: str) -> BackgroundTask:
    """Run a task again that failed or was cancelled."""
    task = get_task(server, caller, task_id)
    if not task.allow_retry:
        raise InvalidDataError(f"Task {task_id} can not be retried")
    if task.status not in (TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.PARTIAL_SUCCESS):
        raise InvalidDataError(f"Task {task_id} is not in a retryable state")
    server.tasks.run_task(task)
    return task


def cancel_task(server: MassServer, caller: Caller, task_id: str) -> BackgroundTask:
    """Cancel a task."""
    task = get_task(server, caller, task_id)
    if not task.allow_cancel:
        raise InvalidDataError(f"Task {task_id} can not be cancelled")
    server.tasks.cancel_task(task)
    return task


COMMANDS = {
    "tasks/run": Command(run_task, since=TASKS_SINCE, scope=Scope.SYSTEM_MANAGE),
    "tasks/retry": Command(retry_task, since=TASKS_SINCE, scope=Scope.SYSTEM_MANAGE),
    "tasks/cancel": Command(cancel_task, since=TASKS_SINCE, scope=Scope.SYSTEM_MANAGE),
    "tasks/list": Command(list_tasks, since=TASKS_SINCE),
    "tasks/get": Command(get_task, since=TASKS_SINCE),
}
