"""Coordinator of a Music Assistant server."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import Any, Final, override

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import CoreState

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .const import DOMAIN, LOGGER
from .entry import devices
from .entry.accounts import ResolverAccounts
from .entry.app import explain_problem
from .entry.endpoint import merge_endpoint
from .entry.issues import (
    async_update_connection_issues,
    async_update_rights_issue,
    async_update_sign_in_issues,
)
from .entry.origin import is_managed_by_app
from .entry.tokens import TokenManager
from .helpers.batching import in_batches
from .media.image_cache import ImageCache
from .players.announcements import Announcements
from .players.context import PlayerContext
from .players.dsp import DspSettings
from .players.event_tracker import PlayerEventTracker, async_get_event_tracker
from .players.groups import Unjoins
from .players.saved_states import SavedStates
from .players.snapshot import Device, PlayerSnapshot
from .server.client import Client
from .server.connection import ServerAddress, ServerConnection
from .server.endpoint import ServerEndpoint
from .server.errors import SIGN_IN_PROBLEMS, ServerProblem, build_validation_error
from .server.status import ProviderProblem, ServerStatus
from .updates.availability import AvailabilityTracker
from .updates.events import EventDispatcher
from .updates.groups import async_track_group_entities
from .updates.listeners import PlayerFields, UpdateListeners
from .updates.plugins import Plugins
from .updates.rights import async_track_rights
from .updates.snapshots import SnapshotStore

type MusicAssistantConfigEntry = ConfigEntry[MusicAssistantCoordinator]

# Sent with the server's name and the problem when a provider gets one.
SIGNAL_PROVIDER_PROBLEM: Final = f"{DOMAIN}_provider_problem"


class MusicAssistantCoordinator(DataUpdateCoordinator[dict[str, PlayerSnapshot]]):
    """Coordinate the connection to a server and the updates of its players."""

    config_entry: MusicAssistantConfigEntry
    # Whether set-up waits for a server that answers slowly
    patient = True
    # Whether the platform of images is set up, or about to be
    has_images = False

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MusicAssistantConfigEntry,
        address: ServerAddress,
    ) -> None:
        """Initialize for the server of a config entry; nothing is connected yet."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title)
        self.connection = ServerConnection(address, self, self._create_task)
        self.tokens = TokenManager(hass, entry, self.connection)
        self.accounts = ResolverAccounts(hass, entry)
        self.images = ImageCache(hass, entry.entry_id, self.connection, self._create_task)
        self.saved_states = SavedStates(hass, entry.entry_id)
        self.listeners = UpdateListeners()
        self.store = SnapshotStore(
            hass,
            entry,
            lambda: self.connection.client,
            self.listeners,
            create_task=self._create_task,
            get_time=self.event_tracker.get_time,
        )
        self.data = self.store.players
        self.availability = AvailabilityTracker(
            hass, self.server_id, self.store, self.listeners, self._create_task
        )
        self.status = ServerStatus(
            lambda: self.connection.client, self._on_status, self._on_new_problem, self._create_task
        )
        self.event_tracker.get_context = self.get_context
        self.events = EventDispatcher(
            self.store,
            tracker=self.event_tracker,
            dsp=self.dsp,
            status=self.status,
            listeners=self.listeners,
            on_running=self._on_running,
        )

    @property
    def mass(self) -> MusicAssistantClient:
        """Return the current client; a new one after each loss, so never keep it."""
        return self.connection.client

    @property
    def available(self) -> bool:
        """Return if the players are available, as far as the connection matters."""
        return self.availability.available

    @property
    def is_shut_down(self) -> bool:
        """Return if the entry was unloaded, or Home Assistant is stopping."""
        return self._shutdown_requested

    @property
    def endpoint(self) -> ServerEndpoint:
        """Return the endpoint of the server: its address and its trusted certificate."""
        return self.connection.address.endpoint

    @property
    def server_id(self) -> str:
        """Return the id of the server."""
        return devices.get_server_identifier(self.config_entry)

    @property
    def schema_version(self) -> int:
        """Return the schema version of the server, 0 before it is connected."""
        return self.connection.server_info.schema_version if self.connection.server_info else 0

    @property
    def server_device(self) -> Device:
        """Return the device information of the server."""
        return devices.build_server_device(self.config_entry, self.connection.server_info)

    @property
    def event_tracker(self) -> PlayerEventTracker:
        """Return the tracker of player events, which outlives the coordinator."""
        return async_get_event_tracker(self.hass, self.config_entry.entry_id)

    @cached_property
    def announcements(self) -> Announcements:
        """Return the announcements, which are played in order on each player."""
        return Announcements()

    @cached_property
    def unjoins(self) -> Unjoins:
        """Return the players that are leaving their groups."""
        return Unjoins()

    @cached_property
    def dsp(self) -> DspSettings:
        """Return the DSP settings, fetched only for players whose entities show them."""
        return DspSettings(self.listeners.async_notify)

    @cached_property
    def plugins(self) -> Plugins:
        """Return what plugins of the server offer."""
        return Plugins(
            self.hass,
            lambda: self.connection.client,
            self.listeners,
            notify_server=self._notify_server,
            create_task=self._create_task,
        )

    def get_volume_limit(self, player_id: str) -> int | None:
        """Return the highest volume of a player in percent, None without a limit."""
        return self.connection.volume_limits.get(player_id)

    def get_player(self, player_id: str) -> PlayerSnapshot | None:
        """Return the snapshot of a player, also of an unavailable one."""
        return self.data.get(player_id)

    def get_context(self, player_id: str) -> PlayerContext | None:
        """Return a player of the client's cache with its queue and leader, None if unknown."""
        return self.store.get_context(player_id)

    def find_player(self, entity_id: str) -> PlayerSnapshot | None:
        """Return the player of a media player entity, None for all others."""
        return devices.find_player(self.hass, self.config_entry, self.data, entity_id)

    def find_player_id(self, entity_id: str) -> str:
        """Return the player id of a media player entity.

        Raises ServiceValidationError if it isn't a player of this server.
        """
        if player := self.find_player(entity_id):
            return player.player_id
        raise build_validation_error("not_our_player", entity_id=entity_id, server=self.name)

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Any = None
    ) -> Callable[[], None]:
        """Listen to one player, display or the server if the context is its id, else to all.

        With fields of a player as context, listen to their changes.
        """
        if isinstance(context, PlayerFields):
            return self.listeners.changed.add(context.player_id, update_callback, context.names)
        if isinstance(context, str):
            return self.listeners.changed.add(context, update_callback)
        return super().async_add_listener(update_callback, context)

    @override
    async def _async_setup(self) -> None:
        try:
            await self.connection.async_start(self.patient)
        except ServerProblem as err:
            problem = explain_problem(self.hass, self.connection.address.endpoint.url, err)
            async_update_connection_issues(self.hass, self.config_entry, problem)
            error = ConfigEntryAuthFailed if self.needs_sign_in(problem) else ConfigEntryNotReady
            raise error(
                translation_domain=DOMAIN,
                translation_key=problem.key,
                translation_placeholders=problem.placeholders,
            ) from err
        self._clear_problems()
        await self.store.migration.async_load(self.store.devices.get_player_names())
        self._use_client(self.connection.client)
        self.availability.available = True
        self.config_entry.async_on_unload(
            async_track_group_entities(
                self.hass, self.config_entry.entry_id, self.store, self.listeners
            )
        )
        self.config_entry.async_on_unload(async_track_rights(self.hass, self.connection))

    @override
    async def _async_update_data(self) -> dict[str, PlayerSnapshot]:
        """Compare all snapshots with the client's cache; never fails, also while disconnected."""
        async for player_id in in_batches(self.store.find_all_ids()):
            self._refresh_player(player_id)
        await self.store.migration.async_wait_pending()
        return self.data

    @override
    async def async_shutdown(self) -> None:
        """Stop listening and disconnect."""
        await super().async_shutdown()
        self.availability.close()
        self.store.close()
        self.events.unsubscribe()
        await self.connection.async_stop()
        await self.store.migration.async_close()
        await self.saved_states.async_close()

    def _clear_problems(self) -> None:
        """Delete the repairs and the sign-in of a connection that works now."""
        async_update_connection_issues(self.hass, self.config_entry, None)
        for flow in self.config_entry.async_get_active_flows(self.hass, {SOURCE_REAUTH}):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])

    def _use_client(self, client: Client) -> None:
        self.store.playback.reset()
        client.command_listener = self.store.playback.handle_command
        self.events.subscribe(client)
        self.store.exposed.reset()
        async_update_rights_issue(self.hass, self.config_entry, client.user)
        self.status.refresh()
        self.plugins.refresh()
        info = client.server_info
        # Only a running server knows all its players
        if info is not None and info.status is CoreState.RUNNING:
            self._on_running()

    def _on_running(self) -> None:
        self._create_task(self.store.async_remove_stale_players(), "devices")

    @callback
    def on_lost(self, reason: str) -> None:
        """Handle the loss of the connection."""
        LOGGER.debug("Connection to %s ended: %s", self.name, reason)
        self.availability.handle_lost(f"{self.name} at {self.endpoint}", reason)

    @callback
    def on_connected(self, client: Client) -> None:
        """Handle a new connection after a loss."""
        self._use_client(client)
        self._clear_problems()
        self.store.devices.update_server(self.connection.server_info)
        self.event_tracker.update_routes()  # events may come before a player's turn below
        self.availability.handle_connected(self.name, self._refresh_player)

    def _refresh_player(self, player_id: str) -> bool:
        self.event_tracker.refresh(player_id)
        return self.store.refresh_and_notify(player_id)

    @callback
    def on_endpoint_changed(self, endpoint: ServerEndpoint) -> None:
        """Save the endpoint of the server: after a redirect, or without a former pin."""
        trusted = "a person trusts" if endpoint.certificate_policy else "Home Assistant trusts"
        LOGGER.info("%s is at %s from now on; %s its certificate", self.name, endpoint, trusted)
        entry = self.config_entry
        self.hass.config_entries.async_update_entry(
            entry, data=merge_endpoint(entry.data, endpoint)
        )

    @callback
    def on_problem(self, problem: ServerProblem) -> None:
        """Ask for a new sign-in or create a repair where waiting doesn't help."""
        LOGGER.debug("No connection to %s yet: %s", self.name, problem.key)
        async_update_connection_issues(self.hass, self.config_entry, problem)
        if self.needs_sign_in(problem):
            self.config_entry.async_start_reauth(self.hass)

    def needs_sign_in(self, problem: ServerProblem) -> bool:
        """Return if a user can solve a problem by signing in; an app sends its token itself."""
        return problem.key in SIGN_IN_PROBLEMS and not is_managed_by_app(
            self.config_entry, self.connection.server_info
        )

    @callback
    def _on_status(self) -> None:
        async_update_sign_in_issues(self.hass, self.config_entry, self.status.problems)
        self._notify_server()

    @callback
    def _notify_server(self) -> None:
        self.listeners.async_notify((self.server_id,))

    def _on_new_problem(self, problem: ProviderProblem) -> None:
        async_dispatcher_send(self.hass, SIGNAL_PROVIDER_PROBLEM, self.name, problem)

    def _create_task[R](self, coro: Coroutine[Any, Any, R], name: str) -> asyncio.Task[R]:
        return self.config_entry.async_create_background_task(
            self.hass, coro, f"{DOMAIN} {self.name} {name}"
        )


def get_coordinator(entry: ConfigEntry | None) -> MusicAssistantCoordinator | None:
    """Return the coordinator of an entry, None before its first set-up since the start."""
    return getattr(entry, "runtime_data", None)
