"""Status of a server: problems of providers, library totals and running synchronizations."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Final, NamedTuple

from music_assistant_models.auth import UserRole
from music_assistant_models.config_entries import ProviderConfig
from music_assistant_models.enums import MediaType, ProviderStatus
from music_assistant_models.errors import InvalidCommand
from music_assistant_models.provider import ProviderInstance

from ..const import LOGGER
from .client import Client
from .errors import COMMAND_OR_DECODE_ERRORS, DECODE_ERRORS
from .providers import async_fetch_provider_configs, get_config_name, get_provider_status
from .sync import SyncTask, parse_sync_tasks
from .tasks import Task, parse_tasks

# Seconds to wait for further changes of the library before it is counted.
COUNT_DELAY: Final = 5.0
# Media type -> name in the commands of the server.
COUNTED_MEDIA_TYPES: Final = {
    MediaType.ARTIST: "artists",
    MediaType.ALBUM: "albums",
    MediaType.TRACK: "tracks",
    MediaType.PLAYLIST: "playlists",
    MediaType.RADIO: "radios",
    MediaType.PODCAST: "podcasts",
    MediaType.AUDIOBOOK: "audiobooks",
}
# Statuses of a provider that wasn't loaded because of an error.
_FAILED_STATUSES: Final = frozenset(
    {ProviderStatus.AUTH_REQUIRED, ProviderStatus.INCOMPATIBLE, ProviderStatus.ERROR}
)


class ProviderProblem(NamedTuple):
    """Represent a provider that doesn't work. `sign_in`: whether it needs a new sign-in.

    The field names are part of the variables of triggers.
    """

    instance_id: str
    name: str
    sign_in: bool = False


def find_provider_problems(
    loaded: Iterable[ProviderInstance], configured: Iterable[ProviderConfig]
) -> tuple[ProviderProblem, ...]:
    """Return the providers that are unavailable, or not loaded because of an error."""
    problems = {
        provider.instance_id: ProviderProblem(provider.instance_id, provider.name)
        for provider in loaded
        if not provider.available
    }
    for config in configured:
        status = get_provider_status(config, loaded=False)
        if config.enabled and status in _FAILED_STATUSES:
            problems[config.instance_id] = ProviderProblem(
                config.instance_id, get_config_name(config), status is ProviderStatus.AUTH_REQUIRED
            )
    return tuple(sorted(problems.values()))


class ServerStatus:
    """Represent the status of a server, whose parts are fetched again when they change.

    Totals and tasks are fetched only while something subscribes to them. `on_update` is called
    after each change, `on_problem` with each new problem of a provider.
    """

    def __init__(
        self,
        client: Callable[[], Client],
        on_update: Callable[[], None],
        on_problem: Callable[[ProviderProblem], None],
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Initialize an unknown status."""
        self.problems: tuple[ProviderProblem, ...] = ()
        self.syncing: tuple[SyncTask, ...] = ()
        self.tasks: tuple[Task, ...] | None = None  # all background tasks, of newer servers
        self.has_all_tasks = True  # False if only the tasks of the signed-in user are listed
        self.totals: dict[MediaType, int] = {}
        self._subscribed_totals: list[MediaType] = []  # once for each subscription
        self._task_subscribers = 0
        self._background_task_subscribers = 0
        self._client = client
        self._on_update = on_update
        self._on_problem = on_problem
        self._create_task = create_task
        self._problems_known = False
        self._scheduled: dict[Callable[[], Coroutine[Any, Any, None]], None] = {}
        self._task: asyncio.Task[None] | None = None

    def refresh(self) -> None:
        """Fetch all subscribed parts, after a new connection."""
        self._schedule_refresh(self._async_refresh_problems)
        if self._task_subscribers:
            self._schedule_refresh(self._async_refresh_tasks)
        self.refresh_totals()

    def handle_providers_updated(self) -> None:
        """Handle changed providers."""
        self._schedule_refresh(self._async_refresh_problems)

    def handle_tasks_updated(self, tasks: Any) -> None:
        """Handle a list of tasks of the server."""
        before = self.syncing, self.tasks
        self.syncing = tuple(task for task in parse_sync_tasks(tasks) if task.is_active)
        if self._background_task_subscribers:
            with suppress(*DECODE_ERRORS):  # older servers list only synchronizations
                self.tasks = tuple(parse_tasks(tasks))
        if (self.syncing, self.tasks) != before:
            self._on_update()

    def subscribe_total(self, media_type: MediaType) -> Callable[[], None]:
        """Subscribe to the number of items of a type in the library."""
        self._subscribed_totals.append(media_type)
        self.refresh_totals()
        return lambda: self._subscribed_totals.remove(media_type)

    def subscribe_tasks(self) -> Callable[[], None]:
        """Subscribe to the running synchronizations."""
        self._task_subscribers += 1
        self._schedule_refresh(self._async_refresh_tasks)

        def unsubscribe() -> None:
            self._task_subscribers -= 1

        return unsubscribe

    def subscribe_background_tasks(self) -> Callable[[], None]:
        """Subscribe to all background tasks."""
        self._background_task_subscribers += 1
        unsubscribe_tasks = self.subscribe_tasks()

        def unsubscribe() -> None:
            unsubscribe_tasks()
            self._background_task_subscribers -= 1

        return unsubscribe

    def refresh_totals(self) -> None:
        """Fetch the totals of the library that something subscribes to."""
        if self._subscribed_totals:
            self._schedule_refresh(self._async_refresh_totals)

    def _schedule_refresh(self, refresh: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Schedule the refresh of a part, once if it is scheduled already."""
        self._scheduled[refresh] = None
        if self._task is None or self._task.done():
            self._task = self._create_task(self._async_refresh_scheduled(), "overview")

    async def _async_refresh_scheduled(self) -> None:
        """Refresh the scheduled parts one after the other."""
        while self._scheduled:
            refresh, _ = self._scheduled.popitem()
            try:
                await refresh()
            except COMMAND_OR_DECODE_ERRORS as err:
                LOGGER.debug("Could not read the status of the server: %r", err)
            else:
                self._on_update()

    async def _async_refresh_problems(self) -> None:
        """Fetch the problems of the providers, and report new ones after the first time."""
        mass = self._client()
        configured = await async_fetch_provider_configs(mass)
        known_ids = {problem.instance_id for problem in self.problems}
        self.problems = find_provider_problems(mass.providers, configured)
        for problem in self.problems if self._problems_known else ():
            if problem.instance_id not in known_ids:
                self._on_problem(problem)
        self._problems_known = True

    async def _async_refresh_tasks(self) -> None:
        """Fetch the tasks of the server."""
        mass = self._client()
        try:
            tasks = await mass.send_command("tasks/list")
            # newer servers list all tasks for administrators only
            user = mass.user or await mass.auth.get_current_user()
            self.has_all_tasks = user.role == UserRole.ADMIN
        except InvalidCommand:  # an older server
            tasks = await mass.send_command("music/synctasks")
            self.has_all_tasks = True
        self.handle_tasks_updated(tasks)

    async def _async_refresh_totals(self) -> None:
        """Fetch the totals of the library, after a delay that collects several changes."""
        await asyncio.sleep(COUNT_DELAY)
        self._scheduled.pop(self._async_refresh_totals, None)  # scheduled again during the delay
        for media_type in set(self._subscribed_totals):
            command = f"music/{COUNTED_MEDIA_TYPES[media_type]}/count"
            self.totals[media_type] = await self._client().send_command(command)
