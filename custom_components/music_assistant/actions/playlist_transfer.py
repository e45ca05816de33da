"""Actions that export, import and migrate playlists, and those on background tasks."""

from contextlib import suppress
from typing import Final

from music_assistant_models.enums import PlaylistMatchPolicy
from music_assistant_models.errors import InvalidDataError
from music_assistant_models.media_items import Playlist
import probatio

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import create_reader
from ..entry.permissions import Access
from ..media.playlists import async_get_library_playlist
from ..server.errors import build_validation_error, check_answer
from ..server.providers import BUILTIN_PROVIDER, find_instance_ids
from ..server.tasks import Task, async_wait_for_task, parse_task, parse_tasks
from .base import ServerAction, create_serializer, ensure_list_of
from .fields import build_choice_validator, validate_boolean

# Characters of a playlist file: a hundred thousand entries with their names.
MAX_FILE_LENGTH: Final = 16 * 1024 * 1024
_FILE: Final = probatio.All(cv.string, probatio.Length(min=1, max=MAX_FILE_LENGTH))
_MATCH_POLICY: Final = build_choice_validator(PlaylistMatchPolicy)
_TIMEOUT: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=1, max=86400))


async def _async_handle_export(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return a {playlist} and its {file} in the format M3U8."""
    reader = create_reader(coordinator)
    playlist = await async_get_library_playlist(reader, call.data["playlist"])
    file = await coordinator.mass.send_command(
        "music/playlists/export_playlist", db_playlist_id=playlist.item_id
    )
    return {
        "playlist": create_serializer(coordinator).serialize_list_item(playlist),
        "file": str(file),
    }


async def _async_handle_import(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Create a playlist from a file; return {playlist}."""
    data, mass = call.data, coordinator.mass
    answer = await mass.send_command(
        "music/playlists/import_playlist",
        m3u_data=data["file"],
        match_providers=find_instance_ids(mass, data["provider"]) if "provider" in data else None,
        match_policy=data.get("match_policy"),
    )
    with check_answer():
        playlist = Playlist.from_dict(answer)
    return {"playlist": create_serializer(coordinator).serialize_list_item(playlist)}


async def _async_handle_migrate(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Copy a playlist to another provider; return {completed, task}."""
    data, mass = call.data, coordinator.mass
    playlist = await async_get_library_playlist(create_reader(coordinator), data["playlist"])
    if playlist.is_dynamic:
        raise build_validation_error("playlist_dynamic", name=playlist.name)
    (destination, *_) = find_instance_ids(mass, (data["provider"],))
    answer = await mass.send_command(
        "music/playlists/migrate_playlist",
        db_playlist_id=playlist.item_id,
        destination_provider=destination,
        name=data.get("name"),
        match_policy=data["match_policy"],
    )
    with check_answer():
        task = parse_task(answer)
    if data["wait"]:
        task = await async_wait_for_task(mass, task, data["timeout"])
    return {"completed": not task.is_active, "task": task.as_dict()}


async def _async_handle_get_tasks(
    coordinator: MusicAssistantCoordinator, _call: ServiceCall
) -> ServiceResponse:
    """Return {tasks}."""
    return {"tasks": [task.as_dict() for task in await _async_get_tasks(coordinator)]}


async def _async_get_tasks(coordinator: MusicAssistantCoordinator) -> list[Task]:
    """Return the background tasks that the signed-in user sees."""
    answer = await coordinator.mass.send_command("tasks/list")
    with check_answer():
        return parse_tasks(answer)


async def _async_handle_run_task(coordinator: MusicAssistantCoordinator, call: ServiceCall) -> None:
    """Run a scheduled background task now, or again one that failed or was cancelled."""
    await _async_send_for_task(coordinator, call.data["task"], "tasks/run", "tasks/retry")


async def _async_handle_cancel_task(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> None:
    """Cancel a background task that is pending or running."""
    await _async_send_for_task(coordinator, call.data["task"], "tasks/cancel")


async def _async_send_for_task(
    coordinator: MusicAssistantCoordinator, name: str, *commands: str
) -> None:
    """Send the first command that the task with an id or name takes.

    Raises ServiceValidationError if it isn't exactly one, or takes none.
    """
    tasks = await _async_get_tasks(coordinator)
    found = [task for task in tasks if name == task.id] or [
        task for task in tasks if name.casefold() == task.name.casefold()
    ]
    if len(found) != 1:
        choices = ", ".join(f"{task.name} ({task.id})" for task in tasks) or "-"
        raise build_validation_error("unknown_task", name=name, choices=choices)
    for command in commands:
        with suppress(InvalidDataError):
            await coordinator.mass.send_command(command, task_id=found[0].id)
            return
    raise build_validation_error("task_refused", name=found[0].name)


ACTIONS: Final = (
    ServerAction(
        "export_playlist",
        _async_handle_export,
        {probatio.Required("playlist"): cv.string},
    ),
    ServerAction(
        "import_playlist_file",
        _async_handle_import,
        {
            probatio.Required("file"): _FILE,
            probatio.Optional("provider"): ensure_list_of(cv.string),
            probatio.Optional("match_policy"): _MATCH_POLICY,
        },
        SupportsResponse.OPTIONAL,
        access=Access.CONTROL_ONE,
    ),
    ServerAction(
        "migrate_playlist",
        _async_handle_migrate,
        {
            probatio.Required("playlist"): cv.string,
            probatio.Optional("provider", default=BUILTIN_PROVIDER): cv.string,
            probatio.Optional("name"): cv.string,
            probatio.Optional(
                "match_policy", default=PlaylistMatchPolicy.SAME_RECORDING.value
            ): _MATCH_POLICY,
            probatio.Optional("wait", default=False): validate_boolean,
            probatio.Optional("timeout", default=600): _TIMEOUT,
        },
        SupportsResponse.OPTIONAL,
        access=Access.CONTROL_ONE,
    ),
    ServerAction("get_background_tasks", _async_handle_get_tasks, {}),
    ServerAction(
        "run_background_task",
        _async_handle_run_task,
        {probatio.Required("task"): cv.string},
        SupportsResponse.NONE,
        access=Access.CONTROL_ALL,
    ),
    ServerAction(
        "cancel_background_task",
        _async_handle_cancel_task,
        {probatio.Required("task"): cv.string},
        SupportsResponse.NONE,
        access=Access.CONTROL_ALL,
    ),
)
