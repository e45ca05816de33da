"""Helpers shared by the tests: a monitor of the event loop, and Home Assistant with a server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
import selectors
import time
from typing import Any, Final, Self

from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.entity import EntityAdder
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import (
    ATTR_ENTITY_ID,
    CONF_TOKEN,
    CONF_URL,
    EVENT_STATE_CHANGED,
    STATE_UNAVAILABLE,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.loader import DATA_CUSTOM_COMPONENTS

from .server import MassServer

# Seconds of real silence after which nothing more is on its way over the loopback.
_IDLE_TIMEOUT: Final = 0.004
# Seconds after which a test gives up to wait; a machine with twenty other things to do is slow.
WAIT_LIMIT: Final = 30.0
# Attribute of a loop that has its monitor.
_ATTRIBUTE: Final = "_monitor_of_tests"


class LoopMonitor:
    """Monitor a loop: count and time its turns, and check conditions in each.

    While idle time is skipped, the loop's clock stops as long as there is something to do, and
    jumps to the next timer when there isn't. Timeouts, pauses and pings run as usual but take
    no time, and a slow machine doesn't make anything late.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start to monitor a loop."""
        self.turns = 0
        self.longest_turn = 0.0  # seconds of a turn
        self._conditions: dict[asyncio.Future[None], Callable[[], object]] = {}
        self._frozen_time: float | None = None  # while it skips
        self._skipped_time = 0.0  # of the real time
        self._threads = 0
        self._turn_started = time.perf_counter()
        selector: selectors.BaseSelector = vars(loop)["_selector"]
        self._select, self._time, self._run = selector.select, loop.time, loop.run_in_executor
        vars(selector)["select"] = self._select_and_check
        vars(loop).update(time=self.time, run_in_executor=self._run_in_executor)

    @classmethod
    def of_loop(cls, loop: asyncio.AbstractEventLoop | None = None) -> Self:
        """Return the monitor of a loop, by default of the running one."""
        attributes = vars(loop or asyncio.get_running_loop())
        # Kept by the loop: with a reference to it, a table would keep all loops and what they know
        if _ATTRIBUTE not in attributes:
            attributes[_ATTRIBUTE] = cls(loop or asyncio.get_running_loop())
        loop_monitor = attributes[_ATTRIBUTE]
        assert isinstance(loop_monitor, cls)
        return loop_monitor

    def time(self) -> float:
        """Return the loop's time."""
        return self._time() + self._skipped_time if self._frozen_time is None else self._frozen_time

    @contextmanager
    def skip_idle_time(self) -> Generator[Self]:
        """Skip idle time for the length of a block; a block inside of it changes nothing."""
        if self._frozen_time is not None:
            yield self
            return
        self._frozen_time = self.time()
        try:
            yield self
        finally:
            self._skipped_time = self._frozen_time - self._time()
            self._frozen_time = None

    async def wait_until(self, condition: Callable[[], object], limit: float = WAIT_LIMIT) -> None:
        """Wait until a condition holds; TimeoutError after `limit` seconds of the loop's time."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._conditions[ended] = condition
        try:
            async with asyncio.timeout(limit):
                await ended
        finally:
            del self._conditions[ended]

    def _select_and_check(self, timeout: float | None) -> Any:
        """Replace the selector's `select`, with which each turn of the loop begins."""
        self.turns += 1
        self.longest_turn = max(self.longest_turn, time.perf_counter() - self._turn_started)
        for ended, condition in self._conditions.items():
            try:
                holds = not ended.done() and condition()
            except Exception as err:  # noqa: BLE001 - it's the waiting one's error
                ended.set_exception(err)
                holds = True
            else:
                if holds:
                    ended.set_result(None)
            timeout = 0 if holds else timeout
        if self._frozen_time is None or timeout is None or self._threads:
            ready = self._select(timeout)
        elif not (ready := self._select(min(timeout, _IDLE_TIMEOUT))):
            self._frozen_time += timeout
        self._turn_started = time.perf_counter()
        return ready

    def _run_in_executor(self, *args: Any) -> asyncio.Future[Any]:
        """Count the jobs of the executor, during which no time is skipped."""
        self._threads += 1
        future: asyncio.Future[Any] = self._run(*args)
        future.add_done_callback(self._handle_thread_done)
        return future

    def _handle_thread_done(self, _future: asyncio.Future[Any]) -> None:
        self._threads -= 1


async def wait_until(condition: Callable[[], object], limit: float = WAIT_LIMIT) -> None:
    """Wait until a condition holds, checked in each turn of the loop."""
    await LoopMonitor.of_loop().wait_until(condition, limit)


async def send_frames(server: MassServer, frames: Iterable[str]) -> None:
    """Send frames to all clients as fast as they take them, many in one turn of the loop."""
    for batch in batched(frames, 400, strict=False):
        for connection in server.open_connections:
            for frame in batch:
                connection.send(frame)
        await wait_until(lambda: all(each._outbox.empty() for each in server.open_connections), 30)


class RegistrationGate:
    """Holds the registration of disabled entities back until a test asks for it."""

    opened: asyncio.Event
    _register = EntityAdder._async_register

    @classmethod
    async def async_register(cls, adder: EntityAdder[Any]) -> None:
        """Register the disabled entities of a platform when the gate is open."""
        await cls.opened.wait()
        await cls._register(adder)


async def wait_for_disabled_entities() -> None:
    """Wait until the entities that are disabled by default are registered, too."""
    RegistrationGate.opened.set()
    with LoopMonitor.of_loop().skip_idle_time() as loop_monitor:
        await loop_monitor.wait_until(lambda: not any(map(is_registration, asyncio.all_tasks())))


def is_registration(task: asyncio.Task[Any]) -> bool:
    """Return whether a task registers disabled entities."""
    return task.get_name().startswith(f"{DOMAIN} disabled")


@contextmanager
def set_attributes(thing: object, **changes: Any) -> Generator[None]:
    """Set attributes of an object for the length of a block."""
    before = {name: getattr(thing, name) for name in changes}
    try:
        vars(thing).update(changes)
        yield
    finally:
        vars(thing).update(before)


class RecordedChanges:
    """Record state changes of media players and writes to the registries."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start without records."""
        self.hass = hass
        self.states: list[Event[EventStateChangedData]] = []
        self.registry: list[Event[Any]] = []

    @property
    def entity_ids(self) -> set[str]:
        """Return the ids of the entities whose state changed."""
        return {event.data["entity_id"] for event in self.states}

    def clear(self) -> None:
        """Clear the records."""
        self.states.clear()
        self.registry.clear()

    @contextmanager
    def record(self) -> Generator[Self]:
        """Record for the length of a block."""

        @callback
        def add_state_change(event: Event[EventStateChangedData]) -> None:
            if event.data["entity_id"].startswith(MEDIA_PLAYER_DOMAIN):
                self.states.append(event)

        @callback
        def add_registry_change(event: Event[Any]) -> None:
            self.registry.append(event)

        listen = self.hass.bus.async_listen
        removers = [
            listen(EVENT_STATE_CHANGED, add_state_change),
            listen(er.EVENT_ENTITY_REGISTRY_UPDATED, add_registry_change),
            listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, add_registry_change),
        ]
        try:
            yield self
        finally:
            for remove in removers:
                remove()


@dataclass(frozen=True)
class Harness:
    """Represent Home Assistant with an entry that is set up, and its server."""

    hass: HomeAssistant
    server: MassServer
    entry: ConfigEntry[MusicAssistantCoordinator]

    @property
    def coordinator(self) -> MusicAssistantCoordinator:
        """Return the entry's coordinator; another one after each set-up."""
        return self.entry.runtime_data

    @property
    def is_connected(self) -> bool:
        """Return whether the client is connected."""
        return self.coordinator.mass.connection.connected

    @property
    def is_set_up(self) -> bool:
        """Return whether the entry is set up."""
        return self.entry.state is ConfigEntryState.LOADED

    @property
    def connection_lost_at(self) -> datetime | None:
        """Return when the connection was lost last."""
        return self.coordinator.connection.history.lost_at if self.is_set_up else None

    @property
    def is_in_sync(self) -> bool:
        """Return whether every player has an entity that is available if the player is."""
        players = self.server.players
        shown = {self.get_player_id(entity_id): entity_id for entity_id in self.states}
        gone = {shown.get(one.player_id) for one in players.values() if not one.available}
        settled = self.coordinator.availability.is_settled
        return settled and shown.keys() == players.keys() and self.unavailable_entity_ids == gone

    @property
    def states(self) -> dict[str, State]:
        """Return the states of all players' entities by entity id."""
        return {state.entity_id: state for state in self.hass.states.async_all(MEDIA_PLAYER_DOMAIN)}

    @property
    def unavailable_entity_ids(self) -> set[str]:
        """Return the ids of the unavailable entities."""
        return {name for name, state in self.states.items() if state.state == STATE_UNAVAILABLE}

    @property
    def device_player_ids(self) -> set[str]:
        """Return the ids of the players that have a device."""
        devices = dr.async_entries_for_config_entry(dr.async_get(self.hass), self.entry.entry_id)
        keys = {key for device in devices for _, key in device.identifiers}
        return keys - {self.server.server_id}

    def get_entity_id(self, player_id: str) -> str:
        """Return the id of a player's entity."""
        registry = er.async_get(self.hass)
        entity_id = registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, player_id)
        assert entity_id
        return entity_id

    def get_player_id(self, entity_id: str) -> str | None:
        """Return the id of an entity's player."""
        entry = er.async_get(self.hass).async_get(entity_id)
        return entry.unique_id if entry else None

    def get_state(self, player_id: str) -> State:
        """Return the state of a player's entity."""
        return self.states[self.get_entity_id(player_id)]

    async def call_action(self, action: str, player_id: str, **data: Any) -> None:
        """Call an action of media players and wait for it."""
        target = {ATTR_ENTITY_ID: self.get_entity_id(player_id)}
        await self.hass.services.async_call(
            MEDIA_PLAYER_DOMAIN, action, data, blocking=True, target=target
        )

    async def wait_for_events(self) -> None:
        """Wait until all events that the server has sent are handled."""
        await self.coordinator.mass.send_command("info")
        # many players are looked at in slices
        await wait_until(lambda: self.coordinator.store._pending._scheduled is None)
        await self.hass.async_block_till_done()

    async def wait_for_reconnect(self, limit: float = WAIT_LIMIT) -> None:
        """Wait until the connection is back and its return was handled."""
        await wait_until(
            lambda: self.is_connected and self.coordinator.availability.is_settled, limit
        )
        await self.wait_for_events()


def create_entry(server: MassServer, title: str = "Music Assistant") -> MockConfigEntry:
    """Return a config entry for a server."""
    data = {CONF_URL: server.url, CONF_TOKEN: server.create_token("demo", "Home Assistant")}
    return MockConfigEntry(domain=DOMAIN, title=title, unique_id=server.server_id, data=data)


@asynccontextmanager
async def run_home_assistant(server: MassServer) -> AsyncIterator[Harness]:
    """Run a Home Assistant of its own with a server, outside of pytest."""
    async with async_test_home_assistant() as hass:
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        entry = create_entry(server)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        try:
            yield Harness(hass, server, entry)
        finally:
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_stop(force=True)


@asynccontextmanager
async def run_second_server(hass: HomeAssistant, **options: Any) -> AsyncIterator[Harness]:
    """Set up a second server in the same Home Assistant for the length of a block."""
    async with MassServer(server_id="other", **options) as server:
        entry = create_entry(server, "Other")
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        yield Harness(hass, server, entry)
        await hass.config_entries.async_unload(entry.entry_id)
