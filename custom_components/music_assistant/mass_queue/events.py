"""Bus events of mass_queue, from which its cards learn that a queue changed."""

from collections.abc import Callable
from functools import partial
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .actions import MASS_QUEUE_DOMAIN

# Seconds for which changes of a queue are collected in one event.
EVENT_DELAY: Final = 0.25


class QueueEventSender:
    """Fires `mass_queue` events for the queues of a server while somebody listens to them."""

    def __init__(self, hass: HomeAssistant, is_wanted: Callable[[], bool]) -> None:
        """Initialize the sender; `is_wanted` returns whether events are to be fired at all."""
        self._hass = hass
        self._is_wanted = is_wanted
        self._timers: dict[str, CALLBACK_TYPE] = {}

    @callback
    def async_handle_queue(self, queue_id: str) -> None:
        """Schedule the event for a changed queue."""
        if queue_id in self._timers or not self._has_listeners() or not self._is_wanted():
            return
        job = HassJob(partial(self._fire, queue_id), cancel_on_shutdown=True)
        self._timers[queue_id] = async_call_later(self._hass, EVENT_DELAY, job)

    @callback
    def async_cancel(self) -> None:
        """Cancel the scheduled events."""
        while self._timers:
            self._timers.popitem()[1]()

    def _has_listeners(self) -> bool:
        # Home Assistant doesn't say when somebody begins to listen
        return MASS_QUEUE_DOMAIN in self._hass.bus.async_listeners()

    @callback
    def _fire(self, queue_id: str, _now: object) -> None:
        del self._timers[queue_id]
        event = {"type": "queue_updated", "data": {"queue_id": queue_id}}
        self._hass.bus.async_fire(MASS_QUEUE_DOMAIN, event)
