"""Store of the snapshots of players and displays."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Set as AbstractSet
from operator import is_
from typing import Any, Final, NamedTuple, Self

from music_assistant_models.enums import PlaybackState
from music_assistant_models.player import DeviceInfo, Player

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import DASHBOARD_PREFIX, LOGGER
from ..helpers.batching import Coalescer
from ..media.artwork import get_image_address
from ..players.context import PlayerContext
from ..players.display import (
    DisplaySnapshot,
    build_display_snapshot,
    get_display_key,
    get_session_player_id,
)
from ..players.migration import PlayerMigration
from ..players.playback import Position
from ..players.playback_tracker import PlaybackTracker
from ..players.routing import Routing
from ..players.snapshot import (
    PlayerSnapshot,
    build_snapshot,
    get_active_queue_id,
    get_leader_id,
    update_numbers,
    update_snapshot,
)
from ..server.client import Client
from ..server.exposed_players import ExposedPlayers
from ..server.limits import MAX_DISPLAYS, is_valid_id
from ..server.queues import LazyQueue, LazyQueueItem
from .devices import DeviceUpdater
from .listeners import UpdateListeners

# Fields of a snapshot that more depends on than the entities of the player.
_INDEXED_FIELDS: Final = frozenset(
    {"dependencies", "group_members", "options", "device", "hardware_ids"}
)


class SnapshotSources(NamedTuple):
    """Represent the objects that a snapshot was built from.

    The device info is another one whenever a player was decoded as a whole.
    """

    device_info: DeviceInfo
    leader: Player | None
    playback_state: PlaybackState
    powered: bool | None
    queue: LazyQueue | None
    item: LazyQueueItem | None
    item_id: str | None
    item_image: str | None

    @classmethod
    def build(cls, context: PlayerContext, item_image: str | None) -> Self:
        """Return the sources of the snapshot of a player."""
        player, playback = context.player, context.playback
        return cls(
            player.device_info,
            context.leader,
            player.playback_state,
            player.powered,
            context.queue,
            playback.item,
            playback.item_id,
            item_image,
        )

    def differ_in_numbers_only(self, before: SnapshotSources) -> bool:
        """Return if at most volumes, positions and the favorite are others."""
        return all(map(is_, self, before))

    def differ_in_queue_only(self, before: SnapshotSources) -> bool:
        """Return if at most fields that change often and those of the queue are others."""
        return self.device_info is before.device_info and self.leader is before.leader


class SnapshotStore:
    """Snapshots of all players and displays, refreshed when an event concerns them.

    Refreshes are coalesced: one for all events of a turn of the loop. Only a snapshot that
    differs from the last one notifies the listeners of its player.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        get_client: Callable[[], Client],
        listeners: UpdateListeners,
        *,
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
        get_time: Callable[[], float],
    ) -> None:
        """Initialize without snapshots."""
        self.name = entry.title
        self.players: dict[str, PlayerSnapshot] = {}
        self.displays: dict[str, DisplaySnapshot] = {}  # by a key that no player id equals
        self.devices = DeviceUpdater(hass, entry)
        self.exposed = ExposedPlayers(get_client)
        self.migration = PlayerMigration(hass, entry.entry_id, self, create_task)
        self.playback = PlaybackTracker(get_client, get_time)
        # Which snapshots depend on a player or queue, and which players play what has a URI
        self.dependents = Routing()
        self.playing = Routing()
        # Which groups a player is a member of
        self.groups = Routing()
        self._get_client = get_client
        self._get_time = get_time
        self._listeners = listeners
        self._sources: dict[str, SnapshotSources] = {}  # of the snapshots, by player
        self._pending = Coalescer(self._refresh_safely, lambda: get_client().connection.frame_count)

    def get_context(self, player_id: str) -> PlayerContext | None:
        """Return a player of the client's cache with its queue and leader, None if unknown."""
        player = self._get_client().players.get(player_id)
        return self._build_context(player) if player else None

    def _build_context(self, player: Player) -> PlayerContext:
        client = self._get_client()
        leader = get_leader_id(player)
        queue = client.player_queues.get(get_active_queue_id(player))
        return PlayerContext(
            player,
            queue,
            client.players.get(leader) if leader else None,
            self.playback.update(player, queue),
        )

    def find_all_ids(self) -> list[str]:
        """Return the ids of all players and displays, of the store and of the server."""
        server = (player.player_id for player in self._get_client().players)
        return list(dict.fromkeys((*self.players, *server, *self.find_display_keys())))

    def find_display_keys(self) -> list[str]:
        """Return the keys of all displays, of the store and of the server."""
        dashboards = self._get_client().dashboard.dashboards
        server = (
            get_display_key(display.dashboard_id)
            for display in dashboards
            if is_valid_id(display.dashboard_id)
        )
        return list(dict.fromkeys((*self.displays, *server)))

    def schedule_refresh(self, ids: Iterable[str]) -> None:
        """Refresh these players and displays in the next turn of the loop."""
        self._pending.add(ids)

    def handle_queue_time(self, queue_id: str, seconds: float) -> None:
        """Refresh the players that show another position than that of their queue."""
        reported = Position(seconds, self._get_time())
        for player_id in self.dependents.get_dependents(queue_id):
            player = self.players.get(player_id)
            if player and not player.predicts(reported):
                self.schedule_refresh((player_id,))

    def close(self) -> None:
        """Cancel pending refreshes."""
        self._pending.cancel()
        self.playback.reset()

    def remove_player(self, player_id: str) -> None:
        """Remove a player, its device and its entities."""
        self.players.pop(player_id, None)
        self._sources.pop(player_id, None)
        self.playback.remove(player_id)
        self.dependents.set(player_id, ())
        self.playing.set(player_id, ())
        self.groups.set(player_id, ())
        self.migration.handle_player_removed(player_id)
        self.devices.remove(player_id)
        self._listeners.async_notify((player_id,))

    async def async_remove_stale_players(self) -> None:
        """Remove the devices of players that are no longer in the server's configuration.

        The configurations are fetched only if a player is missing: there are many, and decoding
        them is expensive.
        """
        if self.devices.get_player_names().keys() <= self.exposed.get_server_player_ids():
            return
        if (known := await self.exposed.async_fetch_known_player_ids()) is None:
            return
        for player_id in self.devices.get_player_names().keys() - known:
            self.remove_player(player_id)

    def _refresh_safely(self, player_id: str) -> None:
        try:
            self.refresh_and_notify(player_id)
        except Exception:  # noqa: BLE001 - a fault of one player must not stop the others
            LOGGER.exception("Player %s can't be compared", player_id)

    def refresh_and_notify(self, player_id: str) -> bool:
        """Refresh a player or display; return True if its snapshot changed."""
        if self._refresh(player_id):
            return True
        self._listeners.refreshed.notify(player_id)
        return False

    def _refresh(self, player_id: str) -> bool:
        """Compare a player or display with the server; notify and return True if it changed."""
        if player_id.startswith(DASHBOARD_PREFIX):
            return self._refresh_display(player_id)
        before = self.players.get(player_id)
        player = self._get_client().players.get(player_id)
        if player is None:
            return self._mark_unavailable(player_id, before)
        if not self.exposed.is_exposed(player):
            self.remove_player(player_id)
            return False
        now = self._refresh_snapshot(player, before)
        if now == before or (before is None and self.migration.should_defer(now)):
            return False
        self._store(now, before)
        return True

    def _mark_unavailable(self, player_id: str, before: PlayerSnapshot | None) -> bool:
        # Not a reason to remove it: a server that starts has no players yet
        if before is None or not before.available:
            return False
        self.players[player_id] = before.as_unavailable()
        self._sources.pop(player_id, None)
        self._listeners.async_notify((player_id,))
        return True

    def _store(self, now: PlayerSnapshot, before: PlayerSnapshot | None) -> None:
        player_id = now.player_id
        self.players[player_id] = now
        self.playing.set(player_id, (now.favorite.uri,) if now.favorite else ())
        changed = now.get_changed_fields(before)
        if not changed.isdisjoint(_INDEXED_FIELDS):
            self._update_indexes(now, before, changed)
        if before is not None:
            self._listeners.async_notify((player_id,), changed)

    def _update_indexes(
        self, now: PlayerSnapshot, before: PlayerSnapshot | None, changed: AbstractSet[str]
    ) -> None:
        """Update what depends on more of a player than its entities do."""
        player_id = now.player_id
        self.dependents.set(player_id, now.dependencies)
        self.groups.set(player_id, now.group_members)
        if before is None or ("options" in changed and before.option_keys != now.option_keys):
            self._listeners.async_notify_added((player_id,))
        if before is not None and not changed.isdisjoint(("device", "hardware_ids")):
            self.migration.update_known_player(now)
            self.devices.update(player_id, now.device)

    def _refresh_display(self, key: str) -> bool:
        before = self.displays.get(key)
        now = self._build_display(key.removeprefix(DASHBOARD_PREFIX), before)
        if now is None or now == before:
            return False
        if before is None and not self._has_room_for_display():
            return False
        self.displays[key] = now
        self.dependents.set(key, now.dependencies)
        if before is None or not before.available:
            self._listeners.async_notify_added((key,))
        if before and before.device != now.device:
            self.devices.update(key, now.device)
        self._listeners.async_notify((key,))
        return True

    def _has_room_for_display(self) -> bool:
        """Return whether a display may be added; remove one that is gone if there are too many.

        A browser may register under another id each time.
        """
        if len(self.displays) < MAX_DISPLAYS:
            return True
        gone = next((key for key, display in self.displays.items() if not display.available), None)
        if gone is None:
            return False
        del self.displays[gone]
        self.dependents.set(gone, ())
        self.devices.remove(gone)
        return True

    def _build_display(
        self, dashboard_id: str, before: DisplaySnapshot | None
    ) -> DisplaySnapshot | None:
        client = self._get_client()
        if (device := client.dashboard.get(dashboard_id)) is None:
            return before and before.as_unavailable()  # its registration ends with its connection
        session = client.dashboard.get_session(dashboard_id)
        player = client.players.get(get_session_player_id(session) or "")
        built = None
        if player is not None:
            context = self._build_context(player)
            built = build_snapshot(context, self._find_item_image(context))
        return build_display_snapshot(device, session, built)

    def _refresh_snapshot(self, player: Player, before: PlayerSnapshot | None) -> PlayerSnapshot:
        """Return the snapshot of a player, reusing the last one if little has changed."""
        context = self._build_context(player)
        image = self._find_item_image(context)
        sources = SnapshotSources.build(context, image)
        last = self._sources.get(player.player_id)
        if before and last:
            if sources.differ_in_numbers_only(last):
                return update_numbers(context, before)
            if sources.differ_in_queue_only(last) and (
                now := update_snapshot(context, image, before)
            ):
                self._sources[player.player_id] = sources
                return now
        self._sources[player.player_id] = sources
        return build_snapshot(context, image, before)

    def _find_item_image(self, context: PlayerContext) -> str | None:
        """Return the image of the queue's current item where the player has none."""
        media, info = context.player.current_media, self._get_client().server_info
        has_image = context.playback.has_current_media and media and media.image_url
        if has_image or info is None or (item := context.current_item) is None:
            return None
        image = item.image or (item.media_item and item.media_item.image)
        return get_image_address(image, info.schema_version) if image else None
