"""What tests lean on: waiting without sleeping, skipping idle time, noting what changed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
import selectors
import time
from typing import Any, Final, Self
from weakref import WeakKeyDictionary

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
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

from .server import MassServer

# Seconds of real silence after which nothing more is on its way over the loopback.
_SILENCE: Final = 0.004
_PULSES: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Pulse]] = WeakKeyDictionary()


class Pulse:
    """Feels the pulse of a loop: counts and times its turns, and looks at conditions in each.

    While it skips, the loop's clock stands still while there is something to do, and jumps over
    the time in which nothing happens: what takes minutes runs in full, limits, pauses and pings
    included, but takes no time, and what is slow for want of a fast machine isn't late.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Put a hand on the loop's wrist, for good."""
        self.turns = 0
        self.longest = 0.0  # seconds of a turn
        self._conditions: dict[asyncio.Future[None], Callable[[], object]] = {}
        self._now: float | None = None  # while it skips
        self._ahead = 0.0  # of the real time
        self._threads = 0
        self._woke = time.perf_counter()
        selector: selectors.BaseSelector = vars(loop)["_selector"]
        self._select, self._time, self._run = selector.select, loop.time, loop.run_in_executor
        vars(selector)["select"] = self._turn
        vars(loop).update(time=self.time, run_in_executor=self._run_in_executor)

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop | None = None) -> Self:
        """Return the one of a loop, by default of the running one."""
        loop = loop or asyncio.get_running_loop()
        if loop not in _PULSES:
            _PULSES[loop] = cls(loop)
        pulse = _PULSES[loop]
        assert isinstance(pulse, cls)
        return pulse

    def time(self) -> float:
        """Return the loop's time."""
        return self._time() + self._ahead if self._now is None else self._now

    @contextmanager
    def skipping(self) -> Generator[Self]:
        """Skip idle time for the length of a block."""
        self._now = self.time()
        try:
            yield self
        finally:
            self._ahead = self._now - self._time()
            self._now = None

    async def until(self, condition: Callable[[], object], limit: float = 5) -> None:
        """Wait until a condition holds; TimeoutError after `limit` seconds of the loop's time."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._conditions[ended] = condition
        try:
            async with asyncio.timeout(limit):
                await ended
        finally:
            del self._conditions[ended]

    def _turn(self, timeout: float | None) -> Any:
        """Take the place of the selector's `select`, which each turn of the loop begins with."""
        self.turns += 1
        self.longest = max(self.longest, time.perf_counter() - self._woke)
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
        if self._now is None or timeout is None or self._threads:
            ready = self._select(timeout)
        elif not (ready := self._select(min(timeout, _SILENCE))):
            self._now += timeout
        self._woke = time.perf_counter()
        return ready

    def _run_in_executor(self, *args: Any) -> asyncio.Future[Any]:
        self._threads += 1
        future: asyncio.Future[Any] = self._run(*args)
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _future: asyncio.Future[Any]) -> None:
        self._threads -= 1


async def until(condition: Callable[[], object], limit: float = 5) -> None:
    """Wait until a condition holds, looked at in each turn of the loop."""
    await Pulse.of().until(condition, limit)


async def burst(server: MassServer, frames: Iterable[str]) -> None:
    """Send frames to all clients as fast as they take them, many in one turn of the loop."""
    for batch in batched(frames, 400, strict=False):
        for connection in server.open_connections:
            for frame in batch:
                connection.send(frame)
        await until(lambda: all(each._outbox.empty() for each in server.open_connections), 30)


@contextmanager
def changed(thing: object, **changes: Any) -> Generator[None]:
    """Give a thing other attributes for the length of a block."""
    before = {name: getattr(thing, name) for name in changes}
    try:
        vars(thing).update(changes)
        yield
    finally:
        vars(thing).update(before)


class Changes:
    """Notes what Home Assistant was told: media players' states, and writes to the registries."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Note nothing yet."""
        self.hass = hass
        self.states: list[Event[EventStateChangedData]] = []
        self.registry: list[Event[Any]] = []

    @property
    def entity_ids(self) -> set[str]:
        """Return whose state changed."""
        return {event.data["entity_id"] for event in self.states}

    def clear(self) -> None:
        """Forget what was noted."""
        self.states.clear()
        self.registry.clear()

    @contextmanager
    def noting(self) -> Generator[Self]:
        """Note for the length of a block."""

        @callback
        def note_state(event: Event[EventStateChangedData]) -> None:
            if event.data["entity_id"].startswith(MEDIA_PLAYER_DOMAIN):
                self.states.append(event)

        @callback
        def note_registry(event: Event[Any]) -> None:
            self.registry.append(event)

        listen = self.hass.bus.async_listen
        removers = [
            listen(EVENT_STATE_CHANGED, note_state),
            listen(er.EVENT_ENTITY_REGISTRY_UPDATED, note_registry),
            listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, note_registry),
        ]
        try:
            yield self
        finally:
            for remove in removers:
                remove()


@dataclass(frozen=True)
class House:
    """Home Assistant with an entry that is set up, and the server that it is connected to."""

    hass: HomeAssistant
    server: MassServer
    entry: ConfigEntry[MusicAssistantCoordinator]

    @property
    def coordinator(self) -> MusicAssistantCoordinator:
        """Return the entry's coordinator; another one after each set-up."""
        return self.entry.runtime_data

    @property
    def connected(self) -> bool:
        """Tell whether the connection is up and taken over."""
        return self.coordinator.mass.connection.connected

    @property
    def set_up(self) -> bool:
        """Tell whether the entry is set up."""
        return self.entry.state is ConfigEntryState.LOADED

    @property
    def lost_at(self) -> datetime | None:
        """Return when the connection was lost last."""
        return self.coordinator.connection.history.lost_at if self.set_up else None

    @property
    def whole(self) -> bool:
        """Tell whether all players have an entity, and those are away that the server can't reach."""
        players = self.server.players
        shown = {self.player_id(entity_id): entity_id for entity_id in self.states}
        gone = {shown.get(one.player_id) for one in players.values() if not one.available}
        settled = self.coordinator._grace_timer is None
        return settled and shown.keys() == players.keys() and self.unavailable == gone

    @property
    def states(self) -> dict[str, State]:
        """Return the states of all players' entities by entity id."""
        return {state.entity_id: state for state in self.hass.states.async_all(MEDIA_PLAYER_DOMAIN)}

    @property
    def unavailable(self) -> set[str]:
        """Return the ids of the entities that are unavailable."""
        return {name for name, state in self.states.items() if state.state == STATE_UNAVAILABLE}

    @property
    def devices(self) -> set[str]:
        """Return the ids of the players that have a device."""
        devices = dr.async_entries_for_config_entry(dr.async_get(self.hass), self.entry.entry_id)
        keys = {key for device in devices for _, key in device.identifiers}
        return keys - {self.server.server_id}

    def entity_id(self, player_id: str) -> str:
        """Return the entity of a player."""
        registry = er.async_get(self.hass)
        entity_id = registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, player_id)
        assert entity_id
        return entity_id

    def player_id(self, entity_id: str) -> str | None:
        """Return the player of an entity."""
        entry = er.async_get(self.hass).async_get(entity_id)
        return entry.unique_id if entry else None

    def state(self, player_id: str) -> State:
        """Return the state of a player's entity."""
        return self.states[self.entity_id(player_id)]

    async def call(self, action: str, player_id: str, **data: Any) -> None:
        """Call an action of media players and wait for it."""
        target = {ATTR_ENTITY_ID: self.entity_id(player_id)}
        await self.hass.services.async_call(
            MEDIA_PLAYER_DOMAIN, action, data, blocking=True, target=target
        )

    async def caught_up(self) -> None:
        """Wait until everything that the server has said so far has been told."""
        await self.coordinator.mass.send_command("info")
        # many players are looked at in slices
        await until(lambda: self.coordinator._touched._turn is None)
        await self.hass.async_block_till_done()

    async def reconnected(self, limit: float = 5) -> None:
        """Wait until the connection is back, and told of."""
        await until(lambda: self.connected and self.coordinator._grace_timer is None, limit)
        await self.caught_up()


def entry_of(server: MassServer, title: str = "Music Assistant") -> MockConfigEntry:
    """Return an entry for a server."""
    data = {CONF_URL: server.url, CONF_TOKEN: server.mint_token("demo", "Home Assistant")}
    return MockConfigEntry(domain=DOMAIN, title=title, unique_id=server.server_id, data=data)


@asynccontextmanager
async def another_house(hass: HomeAssistant, **options: Any) -> AsyncIterator[House]:
    """Set another server up in the same Home Assistant, for the length of a block."""
    async with MassServer(server_id="other", **options) as server:
        entry = entry_of(server, "Other")
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        yield House(hass, server, entry)
        await hass.config_entries.async_unload(entry.entry_id)
