"""Playlists as files and at other providers, and background tasks."""

import asyncio
from functools import partial
from typing import Any

from music_assistant_models.background_task import BackgroundTask, TaskSchedule
from music_assistant_models.enums import MediaType, TaskStatus
import pytest

from custom_components.music_assistant.const import DOMAIN
from homeassistant.core import State
from homeassistant.helpers import entity_registry as er

from .action_helpers import (
    REFUSALS,
    call_action,
    call_server_action,
    expect_command_timeout,
    expect_error,
    get_playable_uris,
    get_sent_arguments,
)
from .common import Harness, LoopMonitor, wait_until
from .server import MassServer
from .server.commands import Caller
from .server.library import STREAMING

PLAYLIST = "library://playlist/1"
EXPORT, IMPORT, MIGRATE = (
    f"music/playlists/{verb}_playlist" for verb in ("export", "import", "migrate")
)
NEW = pytest.mark.parametrize("schema_version", [84, 98])
EACH = pytest.mark.parametrize(
    ("action", "data", "command"),
    [
        ("export_playlist", {"playlist": PLAYLIST}, EXPORT),
        ("import_playlist_file", {"file": "#EXTM3U\n"}, IMPORT),
        ("migrate_playlist", {"playlist": PLAYLIST}, MIGRATE),
        ("get_background_tasks", {}, "tasks/list"),
    ],
)


@pytest.fixture
def schema_version() -> int:
    """Return the schema version of a server that has all of it."""
    return 98


def start_task(server: MassServer, name: str = "Long work") -> BackgroundTask:
    """Start a background task that doesn't end by itself."""
    caller = Caller(next(iter(server.users.values())))

    async def work(_task: BackgroundTask) -> None:
        await asyncio.Event().wait()

    return server.tasks.start_task(caller, name, work)


@EACH
@REFUSALS
async def test_server_errors(
    harness: Harness,
    server: MassServer,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
    code: int,
    key: str,
) -> None:
    """The server's errors are translated."""
    server.faults.fail_command(command, code, f"Invalid command: {command}")
    await expect_error(key, call_server_action(harness, action, None, **data))


@EACH
async def test_command_timeout(
    harness: Harness, server: MassServer, *, action: str, data: dict[str, Any], command: str
) -> None:
    """A server that doesn't answer is an error after the timeout."""
    await expect_command_timeout(server, command, call_server_action(harness, action, None, **data))


@pytest.mark.parametrize("schema_version", [29])
@EACH
async def test_older_server(
    harness: Harness, *, action: str, data: dict[str, Any], command: str
) -> None:
    """An older server is too old for it."""
    await expect_error(
        "server_too_old_for_command", call_server_action(harness, action, None, **data)
    )
    assert command


# Playlists


@NEW
async def test_export_and_import(harness: Harness, server: MassServer) -> None:
    """What was exported is imported again with the same tracks."""
    exported = await call_server_action(harness, "export_playlist", None, playlist=PLAYLIST)
    assert exported["file"].startswith("#EXTM3U")
    name = server.library.get_item(PLAYLIST).name
    assert exported["playlist"]["name"] == name
    imported = await call_server_action(
        harness, "import_playlist_file", None, file=exported["file"]
    )
    uri = imported["playlist"]["uri"]
    assert uri != PLAYLIST
    assert get_playable_uris(server, uri) == get_playable_uris(server, PLAYLIST)
    assert get_sent_arguments(server, IMPORT)[-1] == {
        "m3u_data": exported["file"],
        "match_providers": None,
        "match_policy": None,
    }


async def test_import_with_matching(harness: Harness, server: MassServer) -> None:
    """Providers are named as people know them; what isn't a file is an error."""
    data = {"file": "#EXTM3U\n", "provider": STREAMING.name, "match_policy": "EXACT"}
    await call_server_action(harness, "import_playlist_file", None, **data)
    sent = get_sent_arguments(server, IMPORT)[-1]
    assert (sent["match_providers"], sent["match_policy"]) == ([STREAMING.instance_id], "exact")
    cases: dict[str, dict[str, Any]] = {
        "unknown_provider": {"provider": "nobody"},
        "field_not_possible": {"match_policy": "roughly"},
        "field_missing": {"file": None},
        "command_failed": {"file": "no playlist"},
    }
    for key, changes in cases.items():
        changed = {name: value for name, value in {**data, **changes}.items() if value is not None}
        await expect_error(
            key, call_server_action(harness, "import_playlist_file", None, **changed)
        )


async def test_odd_import(harness: Harness, server: MassServer) -> None:
    """An answer that isn't a playlist is an error."""
    server.faults.set_response(IMPORT, {"name": "no playlist"})
    action = call_server_action(harness, "import_playlist_file", None, file="#EXTM3U\n")
    await expect_error("unexpected_answer", action)


@NEW
async def test_migrate(harness: Harness, server: MassServer) -> None:
    """A playlist is copied to another provider by a task, which is waited for if asked."""
    before = {item.uri for item in server.library.get_library_items(MediaType.PLAYLIST)}
    with LoopMonitor.of_loop().skip_idle_time():
        response = await call_server_action(
            harness,
            "migrate_playlist",
            None,
            playlist=PLAYLIST,
            provider=STREAMING.name,
            name="Copy",
            wait=True,
        )
    assert response["completed"]
    assert response["task"]["status"] == TaskStatus.SUCCESS
    (made,) = [
        item
        for item in server.library.get_library_items(MediaType.PLAYLIST)
        if item.uri not in before
    ]
    assert (made.name, {one.provider_instance for one in made.provider_mappings}) == (
        "Copy",
        {STREAMING.instance_id},
    )
    assert get_playable_uris(server, str(made.uri)) == get_playable_uris(server, PLAYLIST)


async def test_migrate_without_waiting(harness: Harness, server: MassServer) -> None:
    """Without waiting, or after the timeout, the task is returned as it is."""
    running = start_task(server)
    server.faults.set_response(MIGRATE, running.to_dict())
    for data in ({}, {"wait": True, "timeout": 1}):
        with LoopMonitor.of_loop().skip_idle_time():
            response = await call_server_action(
                harness, "migrate_playlist", None, playlist=PLAYLIST, **data
            )
        assert not response["completed"]
        assert response["task"]["id"] == running.id
    assert get_sent_arguments(server, MIGRATE)[-1] == {
        "db_playlist_id": "1",
        "destination_provider": "builtin",
        "name": None,
        "match_policy": "same_recording",
    }


async def test_dynamic_playlist(harness: Harness, server: MassServer) -> None:
    """A playlist that has other tracks each time can't be copied."""
    server.library.get_item(PLAYLIST).is_dynamic = True  # type: ignore[attr-defined]
    action = call_server_action(harness, "migrate_playlist", None, playlist=PLAYLIST)
    await expect_error("playlist_dynamic", action)
    assert get_sent_arguments(server, MIGRATE) == []


# Background tasks


def get_tasks_state(harness: Harness) -> State:
    """Return the state of the sensor."""
    entity_id = er.async_get(harness.hass).async_get_entity_id(
        "sensor", DOMAIN, f"{harness.server.server_id}_background_tasks"
    )
    assert entity_id
    state = harness.hass.states.get(entity_id)
    assert state
    return state


async def test_run_and_cancel(harness: Harness, server: MassServer) -> None:
    """A scheduled task is cancelled by its name and run again by its id."""
    task = start_task(server)
    task.schedule = TaskSchedule(every=1)
    listed = await call_server_action(harness, "get_background_tasks", None)
    assert [(one["id"], one["name"]) for one in listed["tasks"]] == [(task.id, "Long work")]
    await call_action(harness, "cancel_background_task", None, task="long WORK")
    assert server.tasks.known[task.id].status is TaskStatus.CANCELLED
    await call_action(harness, "run_background_task", None, task=task.id)
    assert server.tasks.known[task.id].status is TaskStatus.RUNNING


async def test_run_again(harness: Harness, server: MassServer) -> None:
    """A task that isn't scheduled can be run again if it was cancelled and allows that."""
    task = start_task(server)
    run = partial(call_action, harness, "run_background_task", None, task=task.id)
    cancel = partial(call_action, harness, "cancel_background_task", None, task=task.id)
    task.allow_retry = True
    await expect_error("task_refused", run(), name=task.name)
    await cancel()
    task.allow_retry = False
    await expect_error("task_refused", run(), name=task.name)
    task.allow_retry = True
    await run()
    assert server.tasks.known[task.id].status is TaskStatus.RUNNING
    task.allow_cancel = False
    await expect_error("task_refused", cancel(), name=task.name)
    server.faults.fail_command("tasks/run", 22)
    await expect_error("not_permitted", run())


async def test_unknown_task(harness: Harness, server: MassServer) -> None:
    """A name that no task has, or several have, is an error that names those there are."""
    action = call_action(harness, "run_background_task", None, task="Long work")
    await expect_error("unknown_task", action, choices="-")
    for _ in range(2):
        start_task(server)
    action = call_action(harness, "cancel_background_task", None, task="Long work")
    await expect_error("unknown_task", action)
    assert get_sent_arguments(server, "tasks/cancel") == []


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("schema_version", [46, 98])
async def test_sensor(harness: Harness, server: MassServer) -> None:
    """The sensor counts the tasks that run, and lists all of them."""
    await wait_until(lambda: get_tasks_state(harness).state == "0")
    task = start_task(server)
    await wait_until(lambda: get_tasks_state(harness).state == "1")
    (listed,) = get_tasks_state(harness).attributes["tasks"]
    assert (listed["name"], listed["status"]) == ("Long work", "running")
    server.tasks.cancel_task(task)
    await wait_until(lambda: get_tasks_state(harness).state == "0")


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("schema_version", [29])
async def test_no_sensor_on_older_server(harness: Harness) -> None:
    """An older server has no background tasks."""
    assert not er.async_get(harness.hass).async_get_entity_id(
        "sensor", DOMAIN, f"{harness.server.server_id}_background_tasks"
    )


async def test_disabled_sensor_costs_nothing(harness: Harness, server: MassServer) -> None:
    """Nothing is kept of the tasks while the sensor is disabled."""
    start_task(server)
    await harness.wait_for_events()
    assert harness.coordinator.status.tasks is None
