"""Dispatch of the server's events."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from music_assistant_models.enums import CoreState, EventType
from music_assistant_models.event import MassEvent

from homeassistant.core import CALLBACK_TYPE, callback

from ..players.dsp import DspSettings
from ..players.event_tracker import PlayerEventTracker
from ..server.client import Client
from ..server.status import ServerStatus
from .favorites import FavoriteUpdater
from .listeners import (
    TOPIC_PLAYER_SETTINGS,
    TOPIC_PROVIDERS,
    TOPIC_RECENTLY_PLAYED,
    UpdateListeners,
)
from .snapshots import SnapshotStore

# Events that concern no single player or queue.
GENERAL_EVENTS: Final = frozenset(
    {
        EventType.CORE_STATE_UPDATED,
        EventType.DSP_PRESETS_UPDATED,
        EventType.PROVIDERS_UPDATED,
        EventType.TASKS_UPDATED,
        EventType.SYNC_TASKS_UPDATED,
        EventType.MUSIC_SYNC_COMPLETED,
        EventType.DASHBOARDS_UPDATED,
        EventType.DASHBOARD_SESSIONS_UPDATED,
    }
)


class EventDispatcher:
    """Hands each event of the server to its handler, by a table."""

    def __init__(
        self,
        store: SnapshotStore,
        *,
        tracker: PlayerEventTracker,
        dsp: DspSettings,
        status: ServerStatus,
        listeners: UpdateListeners,
        on_running: Callable[[], None],
    ) -> None:
        """Initialize with the receivers of events; nothing is subscribed yet."""
        self._store = store
        self._tracker = tracker
        self._dsp = dsp
        self._status = status
        self._listeners = listeners
        self._on_running = on_running
        self._favorites = FavoriteUpdater(store, tracker)
        self._schema_version = 0
        self._unsubscribe: CALLBACK_TYPE | None = None
        store.playback.refresh = self._refresh_dependents

    @callback
    def subscribe(self, client: Client) -> None:
        """Subscribe to the events of a client instead of the former one."""
        self.unsubscribe()
        self._schema_version = client.server_info.schema_version if client.server_info else 0
        self._unsubscribe = client.subscribe(self.handle_event, tuple(self._handlers))

    @callback
    def unsubscribe(self) -> None:
        """End the subscription."""
        if self._unsubscribe:
            self._unsubscribe()
            self._unsubscribe = None

    @callback
    def handle_event(self, event: MassEvent) -> None:
        """Call the handler of an event with the id that it concerns and its data."""
        if event.object_id is not None or event.event in GENERAL_EVENTS:
            self._handlers[event.event](self, event.object_id or "", event.data)

    def _handle_player(self, player_id: str, _data: Any) -> None:
        self._tracker.handle_update(player_id)
        self._store.exposed.handle_player_event(player_id)
        self._store.schedule_refresh((player_id, *self._store.dependents.get_dependents(player_id)))

    def _handle_player_config(self, player_id: str, data: Any) -> None:
        # those of an output of a player have an id of their own
        self._listeners.topics.notify(TOPIC_PLAYER_SETTINGS)
        if data:
            self._store.exposed.handle_player_config(player_id, data)
            self._store.schedule_refresh((player_id,))

    def _handle_player_removed(self, player_id: str, _data: Any) -> None:
        self._store.exposed.handle_player_event(player_id)
        self._store.remove_player(player_id)
        self._dsp.remove(player_id)
        self._store.schedule_refresh(self._store.dependents.get_dependents(player_id))

    def _handle_dsp_config(self, player_id: str, data: Any) -> None:
        self._dsp.handle_config_update(player_id, data)

    def _handle_dsp_presets(self, id_: str, data: Any) -> None:
        self._dsp.handle_presets_update(id_, data)

    def _handle_queue(self, queue_id: str, _data: Any) -> None:
        self._refresh_dependents(queue_id)
        self._listeners.async_notify_queue(queue_id)

    def _refresh_dependents(self, id_: str) -> None:
        """Refresh the players that depend on a player or queue."""
        self._tracker.handle_update(id_)
        self._store.schedule_refresh(self._store.dependents.get_dependents(id_))

    def _handle_queue_time(self, queue_id: str, data: Any) -> None:
        self._tracker.handle_update(queue_id)
        self._store.handle_queue_time(queue_id, data)

    def _handle_queue_items(self, queue_id: str, _data: Any) -> None:
        self._listeners.async_notify_queue_items(queue_id)

    def _handle_favorite(self, uri: str, data: Any) -> None:
        if data["favorite"]:
            self._listeners.async_notify_library("favorite_added", data)
        self._favorites.update_favorite(uri, data["favorite"])

    def _handle_item(self, _uri: str, data: Any) -> None:
        self._favorites.update_item(data, self._schema_version)

    def _handle_item_added(self, uri: str, data: Any) -> None:
        self._handle_item(uri, data)
        self._status.refresh_totals()
        self._listeners.async_notify_library("item_added", data)

    def _handle_item_deleted(self, uri: str, _data: Any) -> None:
        self._status.refresh_totals()
        self._favorites.remove_item(uri)

    def _handle_playlog(self, _uri: str, _data: Any) -> None:
        self._listeners.topics.notify(TOPIC_RECENTLY_PLAYED)

    def _handle_item_played(self, uri: str, data: Any) -> None:
        if not data.get("is_playing"):  # the server reports each item every few seconds, too
            self._handle_playlog(uri, data)

    def _handle_provider_event(self, _instance_id: str, data: Any) -> None:
        if isinstance(data, Mapping) and isinstance(event := data.get("event"), str):
            self._listeners.topics.notify(event)

    def _handle_synced(self, _id: str, _data: Any) -> None:
        self._status.refresh_totals()
        self._listeners.async_notify_library("synced", {})

    def _handle_providers(self, _id: str, _data: Any) -> None:
        self._status.handle_providers_updated()
        self._listeners.topics.notify(TOPIC_PROVIDERS)

    def _handle_tasks(self, _id: str, tasks: Any) -> None:
        self._status.handle_tasks_updated(tasks)

    def _handle_displays(self, _id: str, _data: Any) -> None:
        self._store.schedule_refresh(self._store.find_display_keys())

    def _handle_core_state(self, _id: str, data: Any) -> None:
        if data["status"] == CoreState.RUNNING:  # the data is the server info
            self._on_running()

    _handlers: ClassVar[dict[EventType, Callable[[EventDispatcher, str, Any], None]]] = {
        EventType.PLAYER_ADDED: _handle_player,
        EventType.PLAYER_UPDATED: _handle_player,
        EventType.PLAYER_OPTIONS_UPDATED: _handle_player,
        EventType.PLAYER_REMOVED: _handle_player_removed,
        EventType.PLAYER_CONFIG_UPDATED: _handle_player_config,
        EventType.PLAYER_DSP_CONFIG_UPDATED: _handle_dsp_config,
        EventType.DSP_PRESETS_UPDATED: _handle_dsp_presets,
        EventType.QUEUE_ADDED: _handle_queue,
        EventType.QUEUE_UPDATED: _handle_queue,
        EventType.QUEUE_TIME_UPDATED: _handle_queue_time,
        EventType.QUEUE_ITEMS_UPDATED: _handle_queue_items,
        EventType.FAVORITE_UPDATED: _handle_favorite,
        EventType.MEDIA_ITEM_ADDED: _handle_item_added,
        EventType.MEDIA_ITEM_UPDATED: _handle_item,
        EventType.MEDIA_ITEM_DELETED: _handle_item_deleted,
        EventType.MEDIA_ITEM_PLAYED: _handle_item_played,
        EventType.PLAYLOG_UPDATED: _handle_playlog,
        EventType.PROVIDER_EVENT: _handle_provider_event,
        EventType.CORE_STATE_UPDATED: _handle_core_state,
        EventType.PROVIDERS_UPDATED: _handle_providers,
        EventType.TASKS_UPDATED: _handle_tasks,
        EventType.SYNC_TASKS_UPDATED: _handle_tasks,
        EventType.MUSIC_SYNC_COMPLETED: _handle_synced,
        EventType.DASHBOARDS_UPDATED: _handle_displays,
        EventType.DASHBOARD_SESSIONS_UPDATED: _handle_displays,
    }
