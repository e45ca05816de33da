"""Detection of the music that guests of a party request."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.queue_item import QueueItem

from homeassistant.core import CALLBACK_TYPE, callback

from ..const import LOGGER
from ..server.errors import COMMAND_OR_DECODE_ERRORS
from ..server.party import get_request_types
from .listeners import UpdateListeners

# Items after the current one that are read: the server puts requests right after it.
MAX_ITEMS: Final = 200


class PartyRequests:
    """Detect the requests of guests in the queues of a server.

    The server only tells that the items of a queue changed, so they are read. What is there at the
    beginning, or when the connection comes back, isn't new. `on_request` is called with the type
    of a request, the id of the queue and the item.
    """

    def __init__(
        self,
        client: Callable[[], MusicAssistantClient],
        listeners: UpdateListeners,
        on_request: Callable[[str, str, QueueItem], None],
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Initialize without listening."""
        self._client = client
        self._listeners = listeners
        self._on_request = on_request
        self._create_task = create_task
        self._mass: MusicAssistantClient | None = None
        self._known: dict[str, dict[str, str]] = {}  # types of requests by item, by queue
        self._outdated: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Listen to the queues; return a function that stops it."""
        unsubscribe = self._listeners.async_listen_queue_items(self._handle_items)
        self.async_check_connection()

        @callback
        def stop() -> None:
            unsubscribe()
            if self._task:
                self._task.cancel()

        return stop

    @callback
    def async_check_connection(self) -> None:
        """Read all queues that have items if the connection is a new one."""
        mass = self._client()
        if mass is not self._mass:
            self._mass = mass
            self._known = {queue.queue_id: {} for queue in mass.player_queues if not queue.items}
            for queue in mass.player_queues:
                if queue.items:
                    self._handle_items(queue.queue_id)

    @callback
    def _handle_items(self, queue_id: str) -> None:
        """Handle changed items of a queue."""
        self._outdated[queue_id] = None
        if self._task is None or self._task.done():
            self._task = self._create_task(self._async_read(), "requests of guests")

    async def _async_read(self) -> None:
        """Read the queues whose items have changed."""
        while self._outdated:
            queue_id = next(iter(self._outdated))
            del self._outdated[queue_id]
            try:
                await self._async_read_queue(queue_id)
            except COMMAND_OR_DECODE_ERRORS as err:
                LOGGER.debug("Could not read the queue %s: %r", queue_id, err)

    async def _async_read_queue(self, queue_id: str) -> None:
        """Read a queue, and report what guests have requested since the last time."""
        mass = self._client()
        queue = mass.player_queues.get(queue_id)
        items = await mass.player_queues.get_queue_items(
            queue_id, limit=MAX_ITEMS, offset=(queue.current_index or 0) if queue else 0
        )
        requests = get_request_types(items)
        known = self._known.get(queue_id, requests)
        self._known[queue_id] = requests
        for item in items:
            request = requests.get(item.queue_item_id)
            if request and known.get(item.queue_item_id) != request:
                self._on_request(request, queue_id, item)
