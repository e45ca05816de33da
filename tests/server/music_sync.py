"""Reading the providers' libraries."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from music_assistant_models.background_task import BackgroundTask
from music_assistant_models.enums import EventType, MediaType, ProviderFeature, TaskStatus

from .commands import Caller
from .library import SOURCES, Source
from .tasks import TASKS_SINCE

if TYPE_CHECKING:
    from .server import MassServer

SYNC_SECONDS = 0.2
SYNC = "music_sync"


def sync(
    server: MassServer,
    caller: Caller,
    media_types: list[MediaType] | None = None,
    providers: list[str] | None = None,
) -> list[BackgroundTask] | None:
    """Pretend to read the providers: begin now, end a little later.

    What a provider's library doesn't have, and providers that aren't there, are left out
    without a word. Older servers answer nothing.
    """
    tasks = [
        server.tasks.start(
            caller,
            f"Sync {kind.value}s of {source.name}",
            partial(_read, server),
            task_domain=SYNC,
            provider_domain=source.domain,
            provider_instance=source.instance_id,
            provider_name=source.name,
            media_type=kind.value,
        )
        for kind in media_types or MediaType.ALL
        for source in SOURCES
        if _has(server, source, kind) and (not providers or source.instance_id in providers)
    ]
    _tell_older(server)
    return tasks if server.schema_version >= TASKS_SINCE else None


def _has(server: MassServer, source: Source, kind: MediaType) -> bool:
    """Tell whether a provider keeps a library of a type."""
    features = server.providers[source.instance_id].supported_features
    return ProviderFeature(f"library_{kind.value}s") in features


async def _read(server: MassServer, task: BackgroundTask) -> None:
    await asyncio.sleep(SYNC_SECONDS / 2)
    task.progress = 50
    server.tasks.tell()
    await asyncio.sleep(SYNC_SECONDS / 2)
    task.status, task.progress = TaskStatus.SUCCESS, 100
    _tell_older(server)
    if not sync_tasks(server, caller=server.nobody):
        server.signal(EventType.MUSIC_SYNC_COMPLETED)


def sync_tasks(server: MassServer, caller: Caller) -> list[dict[str, Any]]:
    """Return what is being read, as older servers tell it."""
    names = ("provider_domain", "provider_instance")
    return [
        {
            **{name: task.metadata[name] for name in names},
            "media_types": [task.metadata["media_type"]],
        }
        for task in server.tasks.known.values()
        if task.metadata.get("task_domain") == SYNC
        and task.status in (TaskStatus.PENDING, TaskStatus.RUNNING)
    ]


def _tell_older(server: MassServer) -> None:
    if server.schema_version < TASKS_SINCE:
        server.signal(EventType.SYNC_TASKS_UPDATED, None, sync_tasks(server, server.nobody))
