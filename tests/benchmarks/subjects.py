"""Who is measured: Home Assistant with an integration, or the bare client."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import importlib
from pathlib import Path
import socket
import tempfile
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

from .meter import quiet, until

DOMAIN = "music_assistant"
MEDIA_PLAYER = "media_player"


class Subject(Protocol):
    """Something that follows a server."""

    @property
    def client(self) -> MusicAssistantClient:
        """Return the current client."""

    async def prepare(self) -> None:
        """Do what isn't measured."""

    async def connect(self, url: str, token: str, server_id: str) -> None:
        """Connect, until all players are known."""

    async def disconnect(self) -> None:
        """Forget the server."""

    def rested(self) -> None:
        """Let the connection count as one that has lasted, as in a house."""

    async def reconnected(self, before: MusicAssistantClient) -> None:
        """Wait until all players are known again after the connection ended."""

    async def set_volume(self, player_id: str, level: int) -> None:
        """Set a volume, until the server has answered."""

    async def browse(self, title: str) -> int:
        """Open a list at the top of the tree, as far as its items; return how many there are."""

    async def search(self, query: str) -> int:
        """Return how many items are found."""

    def states(self) -> dict[str, Any]:
        """Return what is shown, by player."""

    def on_shown(self, shown: Callable[[], None]) -> Callable[[], None]:
        """Call back when a state was shown, until the returned function is called."""


class Bare:
    """The client library with one subscriber: what no integration can do without."""

    def __init__(self) -> None:
        """Decompress as Home Assistant does."""
        aiohttp_fast_zlib.enable()
        self.client: MusicAssistantClient
        self._told: Callable[[], None] | None = None

    async def prepare(self) -> None:
        """Open a session."""
        self._session = ClientSession()

    async def connect(self, url: str, token: str, server_id: str) -> None:
        """Connect."""
        self.client = MusicAssistantClient(url, self._session, token=token)
        self.client.subscribe(self._on_event)
        ready = asyncio.Event()
        self._listener = asyncio.create_task(self.client.start_listening(ready))
        await ready.wait()

    async def disconnect(self) -> None:
        """Disconnect."""
        await self.client.disconnect()
        await self._listener

    def rested(self) -> None:
        """Not something that it needs."""

    async def reconnected(self, before: MusicAssistantClient) -> None:
        """Not something that it does."""
        raise NotImplementedError

    async def set_volume(self, player_id: str, level: int) -> None:
        """Ask the server."""
        await self.client.players.volume_set(player_id, level)

    async def browse(self, title: str) -> int:
        """Not something that it does."""
        raise NotImplementedError

    async def search(self, query: str) -> int:
        """Not something that it does."""
        raise NotImplementedError

    def states(self) -> dict[str, Any]:
        """Show nothing."""
        return {}

    def on_shown(self, shown: Callable[[], None]) -> Callable[[], None]:
        """Call back at each event: that is as far as it goes here."""
        self._told = shown

        def remove() -> None:
            self._told = None

        return remove

    def _on_event(self, _event: object) -> None:
        if self._told:
            self._told()


# The platforms on which we have more of each player than its settings, which are the built-in's.
MORE: Final = ("number", "select", "switch")


def leave_out_our_own() -> None:
    """Let our integration have the built-in's entities only: what is more costs more."""
    ours: Any = importlib.import_module(f"custom_components.{DOMAIN}")
    builtin = importlib.import_module(f"homeassistant.components.{DOMAIN}")
    ours.PLATFORMS = [each for each in ours.PLATFORMS if each in builtin.PLATFORMS]

    async def add_none(*_args: object) -> None:
        """Take the place of what adds an entity for each player."""

    for name in MORE:
        platform: Any = importlib.import_module(f"custom_components.{DOMAIN}.{name}")
        platform.async_add_players = add_none


class Home:
    """A real Home Assistant with one of the integrations and what that needs."""

    def __init__(self, *, custom: bool, whole: bool = False) -> None:
        """Prepare for our integration, with all that it has or not, or for the built-in one."""
        self._custom = custom
        self._whole = whole
        self._entry: ConfigEntry[Any]

    @property
    def client(self) -> MusicAssistantClient:
        """Return the current client."""
        client: MusicAssistantClient = self._entry.runtime_data.mass
        return client

    async def prepare(self) -> None:
        """Start Home Assistant. Its safe mode is what leaves custom integrations out."""
        if self._custom and not self._whole:
            leave_out_our_own()
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
        http = {"server_host": "127.0.0.1", "server_port": free_port()}
        for domain in ("homeassistant", "http", "media_source", MEDIA_PLAYER):
            assert await async_setup_component(hass, domain, {"http": http})
        # or it would restart when nobody has confirmed this address for five minutes
        (await async_get_and_load_store(hass)).async_cancel_revert()
        integration = await loader.async_get_integration(hass, DOMAIN)
        assert integration.is_built_in is not self._custom
        await hass.async_start()

    async def connect(self, url: str, token: str, server_id: str) -> None:
        """Set up an entry."""
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
        await self.hass.async_block_till_done()
        await self._all_shown()

    async def disconnect(self) -> None:
        """Remove the entry."""
        await self.hass.config_entries.async_remove(self._entry.entry_id)
        await self.settle()

    async def settle(self) -> None:
        """Let the registries be written now, and not in the middle of something."""
        self.hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
        await self.hass.async_block_till_done()

    def rested(self) -> None:
        """Let the connection count as one that has lasted: a short one is waited after."""
        if self._custom:
            from custom_components.music_assistant.server.connection import SOUND

            self._entry.runtime_data.connection._connected_at -= SOUND

    async def reconnected(self, before: MusicAssistantClient) -> None:
        """Wait for another client, and for all that it brings."""
        await until(lambda: self._is_back(before))
        await self.hass.async_block_till_done()
        await self._all_shown()

    def _is_back(self, before: MusicAssistantClient) -> bool:
        entry = self._entry
        if entry.state is not ConfigEntryState.LOADED or self.client is before:
            return False
        if self._custom:
            return entry.runtime_data.connection.history.connected_since is not None
        return self.client.connection.connected

    async def _all_shown(self) -> None:
        """Wait until every player has a state."""
        await quiet()
        exposed = sum(player.expose_to_ha for player in self.client.players)
        await until(lambda: len(self.states()) >= exposed)

    async def set_volume(self, player_id: str, level: int) -> None:
        """Call the action."""
        data = {"entity_id": self._entities()[player_id], "volume_level": level / 100}
        await self.hass.services.async_call(MEDIA_PLAYER, "volume_set", data, blocking=True)

    def _player(self) -> MediaPlayerEntity:
        (entity_id, *_) = self._entities().values()
        entity = self.hass.data[DATA_COMPONENT].get_entity(entity_id)
        assert entity
        return entity

    async def browse(self, title: str) -> int:
        """Open a list of the tree's top; where it is one of ranges, the first of them."""
        player = self._player()
        node = await player.async_browse_media()
        (each,) = (child for child in node.children or () if child.title == title)
        while not each.can_play:
            node = await player.async_browse_media(each.media_content_type, each.media_content_id)
            if not node.children:
                return 0  # the built-in takes what newer servers list for unavailable
            each = node.children[0]
        return len(node.as_dict()["children"])

    async def search(self, query: str) -> int:
        """Return how many items are found."""
        found = await self._player().async_search_media(SearchMediaQuery(search_query=query))
        return len(found.as_dict()["result"])

    def states(self) -> dict[str, Any]:
        """Return state and attributes of the media players that are there."""
        found = {
            player_id: self.hass.states.get(entity_id)
            for player_id, entity_id in self._entities().items()
        }
        return {
            player_id: {"state": state.state, **state.attributes}
            for player_id, state in found.items()
            if state
        }

    def _entities(self) -> dict[str, str]:
        registry = er.async_get(self.hass)
        entries = er.async_entries_for_config_entry(registry, self._entry.entry_id)
        return {each.unique_id: each.entity_id for each in entries if each.domain == MEDIA_PLAYER}

    def on_shown(self, shown: Callable[[], None]) -> Callable[[], None]:
        """Call back at each changed state."""
        return self.hass.bus.async_listen("state_changed", lambda _event: shown())


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@dataclass(frozen=True)
class Implementation:
    """What can be named on the command line."""

    make: Callable[[], Subject]
    shows_states: bool = True
    reconnects: bool = True
    # An event about a queue costs as much as there are players, so it gets fewer of them.
    queue_events_cost_all: bool = False


IMPLEMENTATIONS = {
    "bare": Implementation(Bare, shows_states=False, reconnects=False),
    "ours": Implementation(lambda: Home(custom=True)),
    "whole": Implementation(lambda: Home(custom=True, whole=True)),
    "builtin": Implementation(lambda: Home(custom=False), queue_events_cost_all=True),
}
