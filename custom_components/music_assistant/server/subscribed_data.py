"""Data of the server that is read only while something shows it."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from music_assistant_client import MusicAssistantClient


class SubscribedData(ABC):
    """Represent data that is read at the first subscription, and again when it may have changed.

    `is_known` is False until it was read. `on_update` is called after each read.
    """

    name: ClassVar[str]

    def __init__(
        self,
        client: Callable[[], MusicAssistantClient],
        on_update: Callable[[], None],
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Initialize without data."""
        self.is_known = False
        self._client = client
        self._on_update = on_update
        self._create_task = create_task
        self._subscribers = 0
        self._task: asyncio.Task[None] | None = None
        self._is_outdated = False

    def subscribe(self) -> Callable[[], None]:
        """Read the data now and when it may have changed, until the subscription ends."""
        self._subscribers += 1
        if self._subscribers == 1:
            self.refresh()
        return self._unsubscribe

    def _unsubscribe(self) -> None:
        self._subscribers -= 1

    def refresh(self) -> None:
        """Read the data again if something shows it."""
        if not self._subscribers:
            return
        self._is_outdated = True
        if self._task is None or self._task.done():
            self._task = self._create_task(self._async_refresh(), self.name)

    async def _async_refresh(self) -> None:
        """Read until nothing has changed meanwhile."""
        while self._is_outdated:
            self._is_outdated = False
            self.is_known = await self._async_read()
        self._on_update()

    @abstractmethod
    async def _async_read(self) -> bool:
        """Read the data; return whether that succeeded."""
