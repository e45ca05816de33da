"""The library's synchronisation: the server reads what is in the libraries of its providers."""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType, TaskStatus

from .tasks import ACTIVE

# Seconds between two looks at what goes on. It is asked for, not listened to: so the wait ends
# as soon as the connection does.
PAUSE: Final = 2.0
# What became of a task that the server no longer lists: it ended, nothing more is known.
FINISHED: Final = "finished"


@dataclass(frozen=True, slots=True)
class SyncTask:
    """A provider's items of some types, being read. `progress` is in percent, if it is known."""

    provider: str
    media_types: tuple[str, ...]
    status: str = TaskStatus.RUNNING.value
    progress: int | None = None
    error: str | None = None

    @property
    def active(self) -> bool:
        """Tell whether it hasn't ended yet."""
        return self.status in ACTIVE

    @property
    def what(self) -> tuple[str, tuple[str, ...]]:
        """Return what is read."""
        return self.provider, self.media_types


def sync_tasks(data: Iterable[dict[str, Any]] | None) -> list[SyncTask]:
    """Return what the server's lists say of the library.

    Newer servers list all their background tasks (`tasks/list`, TASKS_UPDATED, the answer to
    `music/sync`), older ones only what is being read (`music/synctasks`, SYNC_TASKS_UPDATED).
    """
    return [
        _newer(each) if "metadata" in each else _older(each)
        for each in data or ()
        if "metadata" not in each or each["metadata"].get("task_domain") == "music_sync"
    ]


def _newer(task: dict[str, Any]) -> SyncTask:
    about = task["metadata"]
    return SyncTask(
        about["provider_instance"],
        (about["media_type"],),
        task["status"],
        task.get("progress"),
        task.get("last_error"),
    )


def _older(task: dict[str, Any]) -> SyncTask:
    return SyncTask(task["provider_instance"], tuple(task["media_types"]))


async def async_sync(
    mass: MusicAssistantClient,
    media_types: Collection[MediaType] | None,
    providers: Collection[str] | None,
    seconds: float,
) -> list[SyncTask]:
    """Let the server read its providers, and wait for that up to some seconds.

    Without types, or instance ids of providers, all are read.
    """
    answer = await mass.send_command("music/sync", media_types=media_types, providers=providers)
    look = "tasks/list"
    if answer is None:  # an older server
        look = "music/synctasks"
        answer = await mass.send_command(look)
    tasks = [
        task
        for task in sync_tasks(answer)
        if (not providers or task.provider in providers)
        and (not media_types or set(task.media_types) & {*media_types})
    ]
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while any(task.active for task in tasks):
                await asyncio.sleep(PAUSE)
                now = {task.what: task for task in sync_tasks(await mass.send_command(look))}
                tasks = [now.get(task.what, replace(task, status=FINISHED)) for task in tasks]
    return tasks
