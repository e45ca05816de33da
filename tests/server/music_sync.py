"""Synchronization of the providers' libraries."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from music_assistant_models.background_task import BackgroundTask, TaskSchedule
from music_assistant_models.enums import EventType, MediaType, ProviderFeature, TaskStatus

from .commands import Caller
from .library import SOURCES, Provider
from .tasks import TASKS_SINCE

if TYPE_CHECKING:
    from .server import MassServer

SYNC_DURATION = 0.2
SYNC_TASK = "music_sync"


def start_sync(
    server: MassServer,
    caller: Caller,
    media_types: list[MediaType] | None = None,
    providers: list[str] | None = None,
) -> list[BackgroundTask] | None:
    """Start a synchronization that ends a little later and changes nothing.

    Unknown providers, and types that a provider's library doesn't have, are ignored. Older
    servers return nothing.
    """
    tasks = [
        server.tasks.start_task(
            caller,
            f"Sync {kind.value}s of {source.name}",
            partial(_create_sync_task, server),
            task_domain=SYNC_TASK,
            provider_domain=source.domain,
            provider_instance=source.instance_id,
            provider_name=source.name,
            media_type=kind.value,
        )
        for kind in media_types or MediaType.ALL
        for source in SOURCES
        if _has_media_type(server, source, kind)
        and (not providers or source.instance_id in providers)
    ]
    for task in tasks:
        task.schedule = TaskSchedule(every=12)  # servers repeat it by themselves
    _notify_older_clients(server)
    return tasks if server.schema_version >= TASKS_SINCE else None


def _has_media_type(server: MassServer, source: Provider, kind: MediaType) -> bool:
    """Return whether a provider has a library of a type."""
    features = server.providers[source.instance_id].supported_features
    return ProviderFeature(f"library_{kind.value}s") in features


async def _create_sync_task(server: MassServer, task: BackgroundTask) -> None:
    await asyncio.sleep(SYNC_DURATION / 2)
    task.progress = 50
    server.tasks.notify()
    await asyncio.sleep(SYNC_DURATION / 2)
    task.status, task.progress = TaskStatus.SUCCESS, 100
    _notify_older_clients(server)
    if not list_sync_tasks(server, caller=server.anonymous_caller):
        server.send_event(EventType.MUSIC_SYNC_COMPLETED)


def list_sync_tasks(server: MassServer, caller: Caller) -> list[dict[str, Any]]:
    """Return the running synchronizations in the format of older servers."""
    names = ("provider_domain", "provider_instance")
    return [
        {
            **{name: task.metadata[name] for name in names},
            "media_types": [task.metadata["media_type"]],
        }
        for task in server.tasks.known.values()
        if task.metadata.get("task_domain") == SYNC_TASK
        and task.status in (TaskStatus.PENDING, TaskStatus.RUNNING)
    ]


def _notify_older_clients(server: MassServer) -> None:
    if server.schema_version < TASKS_SINCE:
        server.send_event(
            EventType.SYNC_TASKS_UPDATED, None, list_sync_tasks(server, server.anonymous_caller)
        )
