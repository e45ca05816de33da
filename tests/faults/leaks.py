"""Search for leaked tasks, sockets and listeners."""

import asyncio
from collections import Counter
from collections.abc import Iterator
import os
from pathlib import Path
from typing import Any, cast

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from tests.common import Harness, is_registration

type ResourceCounts = Counter[str]


def count_resources(harness: Harness) -> ResourceCounts:
    """Count tasks by their function, sockets, and listeners of all kinds.

    Tasks of the test server, and those that register disabled entities, come and go, and aren't
    counted.
    """
    tasks = asyncio.all_tasks() - harness.server._tasks
    tasks = {task for task in tasks if not is_registration(task)}
    found = Counter(f"task {_get_function_name(task)}" for task in tasks)
    found["sockets"] = sum(_is_socket(entry) for entry in Path("/proc/self/fd").iterdir())
    found["connections of the server"] = harness.server.connection_count
    listeners = dict(harness.hass.bus.async_listeners())
    listeners.pop(EVENT_HOMEASSISTANT_FINAL_WRITE, None)  # of stores that will be written
    for event, count in listeners.items():
        found[f"listeners of {event}"] = count
    coordinator = harness.coordinator
    found["subscribers of the client"] = len(coordinator.mass._subscribers)
    found["commands waiting"] = len(coordinator.mass._result_futures)
    found["listeners of players"] = len(coordinator.listeners.changed)
    found["listeners of the coordinator"] = len(coordinator._listeners)
    found["listeners to new players"] = len(coordinator.listeners._added)
    found["flows"] = len(harness.hass.config_entries.flow.async_progress())
    return found


def find_leaks(before: ResourceCounts, now: ResourceCounts) -> Iterator[str]:
    """Yield the differences of two counts."""
    for name in before.keys() | now.keys():
        if before[name] != now[name]:
            yield f"{name}: {now[name]} in place of {before[name]}"


def _get_function_name(task: asyncio.Task[Any]) -> str:
    return cast("str", getattr(task.get_coro(), "__qualname__", "?"))


def _is_socket(entry: Path) -> bool:
    try:
        return os.readlink(entry).startswith("socket:")  # noqa: PTH115 - not a path
    except OSError:
        return False
