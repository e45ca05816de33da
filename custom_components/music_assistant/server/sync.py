"""Synchronization of the server's library with its providers."""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType, TaskStatus

from .tasks import ACTIVE_STATUSES

# Seconds between two requests. The tasks are polled instead of waiting for events, so that a lost
# connection ends the wait with an error.
SYNC_POLL_INTERVAL: Final = 2.0
# Status of a task that the server no longer lists: it ended, with unknown result.
FINISHED: Final = "finished"


@dataclass(frozen=True, slots=True)
class SyncTask:
    """Represent the synchronization of some media types of a provider. Progress is in percent."""

    provider: str
    media_types: tuple[str, ...]
    status: str = TaskStatus.RUNNING.value
    progress: int | None = None
    error: str | None = None

    @property
    def is_active(self) -> bool:
        """Return whether the task is pending or running."""
        return self.status in ACTIVE_STATUSES

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """Return the provider and the media types, which identify the task."""
        return self.provider, self.media_types


def parse_sync_tasks(data: Iterable[dict[str, Any]] | None) -> list[SyncTask]:
    """Return the synchronization tasks in a list of tasks.

    Newer servers list all background tasks (`tasks/list`, TASKS_UPDATED, the answer to
    `music/sync`), older ones only synchronizations (`music/synctasks`, SYNC_TASKS_UPDATED).
    """
    return [
        _parse_task(task) if "metadata" in task else _parse_legacy_task(task)
        for task in data or ()
        if "metadata" not in task or task["metadata"].get("task_domain") == "music_sync"
    ]


def _parse_task(task: dict[str, Any]) -> SyncTask:
    """Return the synchronization described by a background task."""
    metadata = task["metadata"]
    return SyncTask(
        metadata["provider_instance"],
        (metadata["media_type"],),
        task["status"],
        task.get("progress"),
        task.get("last_error"),
    )


def _parse_legacy_task(task: dict[str, Any]) -> SyncTask:
    """Return the synchronization described by a task of an older server."""
    return SyncTask(task["provider_instance"], tuple(task["media_types"]))


async def async_start_sync(
    mass: MusicAssistantClient,
    media_types: Collection[MediaType] | None,
    providers: Collection[str] | None,
    wait_seconds: float,
) -> list[SyncTask]:
    """Start a synchronization, wait for its end up to `wait_seconds` and return its tasks.

    Without media types or instance ids of providers, all are synchronized.
    """
    answer = await mass.send_command("music/sync", media_types=media_types, providers=providers)
    list_command = "tasks/list"
    if answer is None:  # an older server
        list_command = "music/synctasks"
        answer = await mass.send_command(list_command)
    tasks = [
        task
        for task in parse_sync_tasks(answer)
        if (not providers or task.provider in providers)
        and (not media_types or set(task.media_types) & {*media_types})
    ]
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_seconds):
            while any(task.is_active for task in tasks):
                await asyncio.sleep(SYNC_POLL_INTERVAL)
                listed = parse_sync_tasks(await mass.send_command(list_command))
                current = {task.key: task for task in listed}
                tasks = [current.get(task.key, replace(task, status=FINISHED)) for task in tasks]
    return tasks
