"""What plugins of the server offer, read only while something shows it."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant

from ..server.ai_radio import QueueDjs
from ..server.client import Client
from ..server.party import Party
from .listeners import (
    TOPIC_HOSTS,
    TOPIC_PROVIDERS,
    TOPIC_QUEUE_DJ,
    TOPIC_QUEUE_DJ_READ,
    UpdateListeners,
)


class Plugins:
    """The page for guests of a party, and the hosts of AI Radio."""

    def __init__(
        self,
        hass: HomeAssistant,
        get_client: Callable[[], Client],
        listeners: UpdateListeners,
        *,
        notify_server: Callable[[], None],
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Initialize, and listen to what changes them."""
        self.party = Party(hass, get_client, notify_server, create_task)
        self.queue_djs = QueueDjs(
            get_client, partial(listeners.topics.notify, TOPIC_QUEUE_DJ_READ), create_task
        )
        listeners.topics.add(TOPIC_PROVIDERS, self.party.refresh)
        for topic in (TOPIC_PROVIDERS, TOPIC_HOSTS, TOPIC_QUEUE_DJ):
            listeners.topics.add(topic, self.queue_djs.refresh)

    def refresh(self) -> None:
        """Read the shown data again, after a new connection."""
        self.party.refresh()
        self.queue_djs.refresh()
