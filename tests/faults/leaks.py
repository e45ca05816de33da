"""What was left behind: tasks, sockets, listeners."""

import asyncio
from collections import Counter
from collections.abc import Iterator
import os
from pathlib import Path
from typing import Any, cast

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from tests.common import House

type Census = Counter[str]


def census(house: House) -> Census:
    """Count tasks by their function, sockets, and listeners of all kinds.

    What the test server does on the side comes and goes, and isn't counted.
    """
    tasks = asyncio.all_tasks() - house.server._tasks
    found = Counter(f"task {_function(task)}" for task in tasks)
    found["sockets"] = sum(_is_socket(entry) for entry in Path("/proc/self/fd").iterdir())
    found["connections of the server"] = house.server.connections
    listeners = dict(house.hass.bus.async_listeners())
    listeners.pop(EVENT_HOMEASSISTANT_FINAL_WRITE, None)  # of stores that will be written
    for event, count in listeners.items():
        found[f"listeners of {event}"] = count
    coordinator = house.coordinator
    found["subscribers of the client"] = len(coordinator.mass._subscribers)
    found["commands waiting"] = len(coordinator.mass._result_futures)
    found["listeners of players"] = len(coordinator.told)
    found["listeners of the coordinator"] = len(coordinator._listeners)
    found["listeners to new players"] = len(coordinator._on_players)
    found["flows"] = len(house.hass.config_entries.flow.async_progress())
    return found


def leaks(before: Census, now: Census) -> Iterator[str]:
    """Yield what there is more, or less, of than before."""
    for name in before.keys() | now.keys():
        if before[name] != now[name]:
            yield f"{name}: {now[name]} in place of {before[name]}"


def _function(task: asyncio.Task[Any]) -> str:
    return cast("str", getattr(task.get_coro(), "__qualname__", "?"))


def _is_socket(entry: Path) -> bool:
    try:
        return os.readlink(entry).startswith("socket:")  # noqa: PTH115 - not a path
    except OSError:
        return False
