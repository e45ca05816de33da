"""Background tasks: work that goes on after the answer, and whose failure only the task tells."""

from __future__ import annotations

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
    """All tasks since the start, the oldest first."""

    server: MassServer
    known: dict[str, BackgroundTask] = field(default_factory=dict)

    def start(
        self,
        caller: Caller,
        name: str,
        work: Callable[[BackgroundTask], Awaitable[None]],
        **metadata: Any,
    ) -> BackgroundTask:
        """Begin something that ends later."""
        task = BackgroundTask(name, metadata=metadata, user_id=caller.user.user_id)
        self.known[task.id] = task
        self.tell()
        self.server.spawn(self._run(task, work))
        return task

    async def _run(
        self, task: BackgroundTask, work: Callable[[BackgroundTask], Awaitable[None]]
    ) -> None:
        task.status = TaskStatus.RUNNING
        self.tell()
        try:
            await work(task)
            task.status = TaskStatus.SUCCESS
        except MusicAssistantError as err:
            task.status, task.last_error = TaskStatus.FAILED, str(err)
        self.tell()

    def tell(self) -> None:
        """Tell everybody how their tasks are."""
        if self.server.schema_version >= TASKS_SINCE:
            self.server.signal_each(EventType.TASKS_UPDATED, self.seen_by)

    def seen_by(self, caller: Caller) -> list[BackgroundTask]:
        """Return the tasks that a caller is told of: of others' only who manages the server."""
        manages = caller.has(Scope.SYSTEM_MANAGE)
        tasks = self.known.values()
        return [task for task in tasks if manages or task.user_id == caller.user.user_id]


def all_tasks(server: MassServer, caller: Caller) -> list[BackgroundTask]:
    """Return the tasks."""
    return server.tasks.seen_by(caller)


def get(server: MassServer, caller: Caller, task_id: str) -> BackgroundTask:
    """Return one task."""
    for task in server.tasks.seen_by(caller):
        if task.id == task_id:
            return task
    raise InvalidDataError(f"Task {task_id} not found")


COMMANDS = {
    "tasks/list": Command(all_tasks, since=TASKS_SINCE),
    "tasks/get": Command(get, since=TASKS_SINCE),
}
