"""What is measured: Home Assistant with an integration, or the bare client."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import importlib
from pathlib import Path
import socket
import tempfile
import time
from types import MappingProxyType
from typing import Any, Final, Protocol

from aiohttp import ClientSession
import aiohttp_fast_zlib
from music_assistant_client import MusicAssistantClient

from homeassistant import loader
from homeassistant.auth import auth_manager_from_config
from homeassistant.bootstrap import async_load_base_functionality
from homeassistant.components.http.config import async_get_and_load_store
from homeassistant.components.media_player import MediaPlayerEntity, SearchMediaQuery
from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.config_entries import ConfigEntries, ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.setup import async_setup_component

from .meter import wait_until, wait_until_idle

DOMAIN = "music_assistant"
MEDIA_PLAYER = "media_player"


class Implementation(Protocol):
    """Represent something that is connected to a server."""

    @property
    def client(self) -> MusicAssistantClient:
        """Return the current client."""

    async def prepare(self) -> None:
        """Do what isn't measured."""

    async def connect(self, url: str, token: str, server_id: str) -> None:
        """Connect and wait until all players are known."""

    async def settle(self) -> None:
        """Wait until what a set-up left for later is done."""

    async def disconnect(self) -> None:
        """Remove the server."""

    def mark_connection_stable(self) -> None:
        """Let the connection count as a long one, after which a reconnect doesn't wait."""

    async def wait_for_reconnect(self, before: MusicAssistantClient) -> None:
        """Wait until all players are known again after the connection ended."""

    async def set_volume(self, player_id: str, level: int) -> None:
        """Set a volume and wait for the server's response."""

    async def browse(self, title: str) -> int:
        """Open a list of the root node, up to its items; return their number."""

    async def search(self, query: str) -> int:
        """Return the number of search results."""

    def get_state_writer(self) -> Callable[[int], None]:
        """Return a function that writes the state of a player, another one for the next number."""

    def get_states(self) -> dict[str, Any]:
        """Return the states by player."""

    def listen_to_states(self, shown: Callable[[], None]) -> Callable[[], None]:
        """Call back at each state change; return the function to unsubscribe."""


class BareClient:
    """Represent the client library with one subscriber, which every integration needs."""

    def __init__(self) -> None:
        """Initialize, with the decompression that Home Assistant uses."""
        aiohttp_fast_zlib.enable()
        self.client: MusicAssistantClient
        self._listener_callback: Callable[[], None] | None = None

    async def prepare(self) -> None:
        """Open a session."""
        self._session = ClientSession()

    async def connect(self, url: str, token: str, server_id: str) -> None:
        """Connect."""
        self.client = MusicAssistantClient(url, self._session, token=token)
        self.client.subscribe(self._handle_event)
        ready = asyncio.Event()
        self._listener = asyncio.create_task(self.client.start_listening(ready))
        await ready.wait()

    async def settle(self) -> None:
        """Do nothing: nothing is left for later."""

    async def disconnect(self) -> None:
        """Disconnect."""
        await self.client.disconnect()
        await self._listener

    def mark_connection_stable(self) -> None:
        """Do nothing: it doesn't reconnect."""

    async def wait_for_reconnect(self, before: MusicAssistantClient) -> None:
        """Raise: it doesn't reconnect."""
        raise NotImplementedError

    async def set_volume(self, player_id: str, level: int) -> None:
        """Send the command."""
        await self.client.players.volume_set(player_id, level)

    async def browse(self, title: str) -> int:
        """Raise: it has no browse tree."""
        raise NotImplementedError

    async def search(self, query: str) -> int:
        """Raise: it has no search."""
        raise NotImplementedError

    def get_state_writer(self) -> Callable[[int], None]:
        """Raise: it has no states."""
        raise NotImplementedError

    def get_states(self) -> dict[str, Any]:
        """Return nothing: it has no states."""
        return {}

    def listen_to_states(self, shown: Callable[[], None]) -> Callable[[], None]:
        """Call back at each event."""
        self._listener_callback = shown

        def unsubscribe() -> None:
            self._listener_callback = None

        return unsubscribe

    def _handle_event(self, _event: object) -> None:
        if self._listener_callback:
            self._listener_callback()


# The platforms on which we have more of each player than its settings, which are the built-in's.
ADDITIONAL_PLATFORMS: Final = ("number", "select", "switch")


def remove_additional_entities() -> None:
    """Remove the entities that the built-in integration doesn't have, for a fair comparison."""
    ours: Any = importlib.import_module(f"custom_components.{DOMAIN}")
    builtin = importlib.import_module(f"homeassistant.components.{DOMAIN}")
    ours.PLATFORMS = [each for each in ours.PLATFORMS if each in builtin.PLATFORMS]

    async def add_no_players(*_args: object) -> None:
        """Replace the function that adds entities for each player."""

    for name in ADDITIONAL_PLATFORMS:
        platform: Any = importlib.import_module(f"custom_components.{DOMAIN}.{name}")
        # A name that the platform no longer imports would silently measure all entities
        assert hasattr(platform, "async_add_player_entities")
        platform.async_add_player_entities = add_no_players


class HomeAssistantInstance:
    """Represent a Home Assistant with one of the integrations and its dependencies."""

    def __init__(
        self, *, custom: bool, whole: bool = False, uses_server_time: bool = False
    ) -> None:
        """Initialize for our integration, optionally with all entities, or for the built-in one.

        With `uses_server_time` the time is that of the newest report, for servers whose clock leaps.
        """
        self._custom = custom
        self._whole = whole
        self._uses_server_time = uses_server_time
        self._entry: ConfigEntry[Any]

    @property
    def client(self) -> MusicAssistantClient:
        """Return the current client."""
        client: MusicAssistantClient = self._entry.runtime_data.mass
        return client

    async def prepare(self) -> None:
        """Start Home Assistant; its safe mode excludes custom integrations."""
        if self._custom and not self._whole:
            remove_additional_entities()
        # Kept until the process ends
        self._folder = await asyncio.to_thread(tempfile.TemporaryDirectory)
        # as in any house; without it, Home Assistant asks the disk for each file that isn't there
        await asyncio.to_thread(Path(self._folder.name, STORAGE_DIR).mkdir)
        self.hass = hass = HomeAssistant(self._folder.name)
        hass.config.skip_pip = True
        hass.config.safe_mode = not self._custom
        loader.async_setup(hass)
        hass.config_entries = ConfigEntries(hass, {})
        assert await async_load_base_functionality(hass)
        hass.auth = await auth_manager_from_config(hass, [], [])
        http = {"server_host": "127.0.0.1", "server_port": find_free_port()}
        for domain in ("homeassistant", "http", "media_source", MEDIA_PLAYER):
            assert await async_setup_component(hass, domain, {"http": http})
        # or it would restart when nobody has confirmed this address for five minutes
        (await async_get_and_load_store(hass)).async_cancel_revert()
        integration = await loader.async_get_integration(hass, DOMAIN)
        assert integration.is_built_in is not self._custom
        await hass.async_start()

    async def connect(self, url: str, token: str, server_id: str) -> None:
        """Set up a config entry."""
        self._entry = ConfigEntry(
            data={"url": url, "token": token},
            discovery_keys=MappingProxyType({}),
            domain=DOMAIN,
            minor_version=1,
            options={},
            source="user",
            subentries_data=(),
            title="Music Assistant",
            unique_id=server_id,
            version=1,
        )
        await self.hass.config_entries.async_add(self._entry)
        assert self._entry.state is ConfigEntryState.LOADED, self._entry.reason
        if self._uses_server_time:
            self._entry.runtime_data.event_tracker.clock = self._get_server_time
        await self.hass.async_block_till_done()
        await self._wait_for_states()

    def _get_server_time(self) -> float:
        """Return the time of the newest report of a position."""
        client = self.client
        queue_times = (queue.elapsed_time_last_updated for queue in client.player_queues)
        player_times = (player.elapsed_time_last_updated or 0 for player in client.players)
        return max(*queue_times, *player_times, time.time())

    async def settle(self) -> None:
        """Wait until disabled entities are registered, too, without the pauses in between."""
        if not self._custom:
            return
        entity: Any = importlib.import_module(f"custom_components.{DOMAIN}.entity")
        interval, entity.REGISTRATION_INTERVAL = entity.REGISTRATION_INTERVAL, 0.0
        await wait_until(lambda: not any(map(_is_registration, asyncio.all_tasks())))
        entity.REGISTRATION_INTERVAL = interval

    async def disconnect(self) -> None:
        """Remove the config entry."""
        await self.hass.config_entries.async_remove(self._entry.entry_id)
        await self.save_registries()

    async def save_registries(self) -> None:
        """Save the registries now, so that it doesn't disturb a measurement."""
        self.hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
        await self.hass.async_block_till_done()

    def mark_connection_stable(self) -> None:
        """Let the connection count as a long one: after a short one, a reconnect waits."""
        if self._custom:
            from custom_components.music_assistant.server.connection import MIN_STABLE_DURATION

            self._entry.runtime_data.connection._connected_at -= MIN_STABLE_DURATION

    async def wait_for_reconnect(self, before: MusicAssistantClient) -> None:
        """Wait for another client and the states of all players."""
        await wait_until(lambda: self._is_reconnected(before))
        await self.hass.async_block_till_done()
        await self._wait_for_states()

    def _is_reconnected(self, before: MusicAssistantClient) -> bool:
        entry = self._entry
        if entry.state is not ConfigEntryState.LOADED or self.client is before:
            return False
        if self._custom:
            return entry.runtime_data.connection.history.connected_since is not None
        return self.client.connection.connected

    async def _wait_for_states(self) -> None:
        """Wait until every player has a state."""
        await wait_until_idle()
        exposed = sum(player.expose_to_ha for player in self.client.players)
        await wait_until(lambda: len(self.get_states()) >= exposed)

    async def set_volume(self, player_id: str, level: int) -> None:
        """Call the action."""
        data = {"entity_id": self._get_entity_ids()[player_id], "volume_level": level / 100}
        await self.hass.services.async_call(MEDIA_PLAYER, "volume_set", data, blocking=True)

    def _get_entities(self) -> list[MediaPlayerEntity]:
        component = self.hass.data[DATA_COMPONENT]
        return [
            entity
            for entity_id in self._get_entity_ids().values()
            if (entity := component.get_entity(entity_id))
        ]

    async def browse(self, title: str) -> int:
        """Open a list of the root node; for a list of ranges, the first of them."""
        player = self._get_entities()[0]
        node = await player.async_browse_media()
        (each,) = (child for child in node.children or () if child.title == title)
        while not each.can_play:
            node = await player.async_browse_media(each.media_content_type, each.media_content_id)
            if not node.children:
                return 0  # the built-in takes what newer servers list for unavailable
            each = node.children[0]
        return len(node.as_dict()["children"])

    async def search(self, query: str) -> int:
        """Return the number of search results."""
        found = await self._get_entities()[0].async_search_media(
            SearchMediaQuery(search_query=query)
        )
        return len(found.as_dict()["result"])

    def get_state_writer(self) -> Callable[[int], None]:
        """Return a function that writes the state of the next media player with another volume."""
        entities = self._get_entities()

        def write_state(number: int) -> None:
            nth, place = divmod(number, len(entities))
            entities[place]._attr_volume_level = nth % 2 / 2
            entities[place].async_write_ha_state()

        return write_state

    def get_states(self) -> dict[str, Any]:
        """Return state and attributes of the media players that have a state."""
        found = {
            player_id: self.hass.states.get(entity_id)
            for player_id, entity_id in self._get_entity_ids().items()
        }
        return {
            player_id: {"state": state.state, **state.attributes}
            for player_id, state in found.items()
            if state
        }

    def _get_entity_ids(self) -> dict[str, str]:
        registry = er.async_get(self.hass)
        entries = er.async_entries_for_config_entry(registry, self._entry.entry_id)
        return {each.unique_id: each.entity_id for each in entries if each.domain == MEDIA_PLAYER}

    def listen_to_states(self, shown: Callable[[], None]) -> Callable[[], None]:
        """Call back at each state change."""
        return self.hass.bus.async_listen("state_changed", lambda _event: shown())


def _is_registration(task: asyncio.Task[Any]) -> bool:
    """Return whether a task registers disabled entities."""
    return task.get_name().startswith(f"{DOMAIN} disabled")


def find_free_port() -> int:
    """Return a free port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@dataclass(frozen=True)
class ImplementationDescription:
    """Describe an implementation of the command line."""

    make: Callable[[], Implementation]
    shows_states: bool = True
    reconnects: bool = True
    # An event about a queue costs as much as there are players, so it gets fewer of them.
    queue_events_cost_all: bool = False


IMPLEMENTATIONS = {
    "bare": ImplementationDescription(BareClient, shows_states=False, reconnects=False),
    "ours": ImplementationDescription(lambda: HomeAssistantInstance(custom=True)),
    "whole": ImplementationDescription(lambda: HomeAssistantInstance(custom=True, whole=True)),
    "comparable": ImplementationDescription(
        lambda: HomeAssistantInstance(custom=True, uses_server_time=True)
    ),
    "builtin": ImplementationDescription(
        lambda: HomeAssistantInstance(custom=False), queue_events_cost_all=True
    ),
}
