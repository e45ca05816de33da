"""What is known of a server beside its players: its providers' problems, and its library."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, NamedTuple

from music_assistant_client import MusicAssistantClient
from music_assistant_models.auth import UserRole
from music_assistant_models.config_entries import ProviderConfig
from music_assistant_models.enums import MediaType, ProviderStatus
from music_assistant_models.errors import (
    AuthenticationFailed,
    InsufficientPermissions,
    InvalidCommand,
    LoginFailed,
)
from music_assistant_models.provider import ProviderInstance

from ..const import LOGGER
from .errors import FAILED_OR_UNREADABLE
from .sync import SyncTask, sync_tasks

# Seconds that the library is left to change before it is counted again.
PATIENCE: Final = 5.0
# What can be counted, and what the server calls many of it.
COUNTED: Final = {
    MediaType.ARTIST: "artists",
    MediaType.ALBUM: "albums",
    MediaType.TRACK: "tracks",
    MediaType.PLAYLIST: "playlists",
    MediaType.RADIO: "radios",
    MediaType.PODCAST: "podcasts",
    MediaType.AUDIOBOOK: "audiobooks",
}
# How servers mark a provider's error that a new sign-in would mend.
_SIGN_IN: Final = frozenset({LoginFailed.error_code, AuthenticationFailed.error_code})


class Problem(NamedTuple):
    """A provider that doesn't work; `sign_in` tells whether a new sign-in would mend it."""

    instance_id: str
    name: str
    sign_in: bool = False


def problems_of(
    loaded: Iterable[ProviderInstance], configured: Iterable[ProviderConfig]
) -> tuple[Problem, ...]:
    """Return the providers that don't work: not loaded for an error, or out of reach."""
    found = {
        one.instance_id: Problem(one.instance_id, one.name) for one in loaded if not one.available
    }
    for config in configured:
        if config.enabled and _failed(config):
            name = config.name or config.default_name or config.domain
            found[config.instance_id] = Problem(config.instance_id, name, _wants_sign_in(config))
    return tuple(sorted(found.values()))


def _failed(config: ProviderConfig) -> bool:
    if config.status is None:  # older servers
        return config.last_error is not None
    return config.status in (
        ProviderStatus.AUTH_REQUIRED,
        ProviderStatus.INCOMPATIBLE,
        ProviderStatus.ERROR,
    )


def _wants_sign_in(config: ProviderConfig) -> bool:
    if config.status is not None:
        return config.status is ProviderStatus.AUTH_REQUIRED
    return config.last_error is not None and config.last_error.error_code in _SIGN_IN


class Overview:
    """Keeps what is known of a server up to date: each part is read again when it changes.

    What nobody wants to know isn't asked for. `told` is called when something was read or told, and
    `arose` with each problem that wasn't there at the look before.
    """

    def __init__(
        self,
        client: Callable[[], MusicAssistantClient],
        told: Callable[[], None],
        arose: Callable[[Problem], None],
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Know nothing yet."""
        self.problems: tuple[Problem, ...] = ()
        self.syncing: tuple[SyncTask, ...] = ()
        self.told_of_all = True  # not only of what our own user asked for
        self.totals: dict[MediaType, int] = {}
        self._counted: list[MediaType] = []  # once for each who wants to know
        self._tasks_wanted = 0  # by so many
        self._client = client
        self._told = told
        self._arose = arose
        self._create_task = create_task
        self._looked = False
        self._due: dict[Callable[[], Coroutine[Any, Any, None]], None] = {}
        self._task: asyncio.Task[None] | None = None

    def read(self) -> None:
        """Read everything that is wanted, after a new connection."""
        self._read(self._read_problems)
        if self._tasks_wanted:
            self._read(self._read_tasks)
        self.count()

    def providers_changed(self) -> None:
        """Look which providers have a problem."""
        self._read(self._read_problems)

    def tasks_changed(self, tasks: Any) -> None:
        """Take over what is being read from the providers."""
        syncing = tuple(task for task in sync_tasks(tasks) if task.active)
        if syncing != self.syncing:
            self.syncing = syncing
            self._told()

    def want(self, media_type: MediaType) -> Callable[[], None]:
        """Count what the library has of a type from now on; return what ends that."""
        self._counted.append(media_type)
        self.count()
        return lambda: self._counted.remove(media_type)

    def want_tasks(self) -> Callable[[], None]:
        """Ask what is being read from the providers from now on; return what ends that."""
        self._tasks_wanted += 1
        self._read(self._read_tasks)

        def end() -> None:
            self._tasks_wanted -= 1

        return end

    def count(self) -> None:
        """Count what the library holds, if somebody wants to know."""
        if self._counted:
            self._read(self._count)

    def _read(self, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._due[part] = None
        if self._task is None or self._task.done():
            self._task = self._create_task(self._read_parts(), "overview")

    async def _read_parts(self) -> None:
        while self._due:
            part, _ = self._due.popitem()
            try:
                await part()
            except FAILED_OR_UNREADABLE as err:
                LOGGER.debug("The server's overview can't be read: %r", err)
            else:
                self._told()

    async def _read_problems(self) -> None:
        mass = self._client()
        try:
            configured = await mass.config.get_provider_configs()
        except InsufficientPermissions, InvalidCommand:  # our user may not read them
            configured = []
        known = {problem.instance_id for problem in self.problems}
        self.problems = problems_of(mass.providers, configured)
        for problem in self.problems if self._looked else ():
            if problem.instance_id not in known:
                self._arose(problem)
        self._looked = True  # what was wrong before the first look didn't arise now

    async def _read_tasks(self) -> None:
        mass = self._client()
        try:
            tasks = await mass.send_command("tasks/list")
            # newer servers tell who doesn't manage them only of their own tasks
            self.told_of_all = (await mass.auth.get_current_user()).role == UserRole.ADMIN
        except InvalidCommand:  # an older server
            tasks = await mass.send_command("music/synctasks")
            self.told_of_all = True
        self.tasks_changed(tasks)

    async def _count(self) -> None:
        await asyncio.sleep(PATIENCE)
        self._due.pop(self._count, None)  # what changed meanwhile is counted now
        for media_type in set(self._counted):
            command = f"music/{COUNTED[media_type]}/count"
            self.totals[media_type] = await self._client().send_command(command)
