"""The one who listens to the server and tells only those whom a change concerns."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from datetime import datetime
from operator import is_
from typing import Any, ClassVar, Final, override

from music_assistant_client import MusicAssistantClient
from music_assistant_client.exceptions import NotConnected
from music_assistant_models.enums import CoreState, EventType
from music_assistant_models.event import MassEvent
from music_assistant_models.player import DeviceInfo, Player

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .const import DASHBOARD_PREFIX, DOMAIN, LOGGER, SCHEMA_FAVORITES
from .entry import devices
from .entry.accounts import Accounts
from .entry.app import explained
from .entry.endpoint import with_site
from .entry.issues import async_show_problem, async_show_rights, async_show_sign_ins
from .entry.origin import follows_app
from .entry.tokens import TokenKeeper
from .helpers.batching import Coalescer, in_batches
from .helpers.listeners import Listeners
from .media.artwork import image_address
from .media.image_cache import Gallery
from .players.announcements import Announcements
from .players.context import Facts
from .players.display import DisplaySnapshot, display_snapshot, key_of, player_of
from .players.dsp import Sounds
from .players.event_tracker import async_watch
from .players.favorites import addresses, adopt, like
from .players.migration import Succession
from .players.routing import Routing
from .players.saved_states import Memory
from .players.snapshot import Device, PlayerSnapshot, leader_of, queue_id_of, renewed, snapshot
from .server.client import Client
from .server.connection import ServerAddress, ServerConnection
from .server.endpoint import Site
from .server.errors import SIGN_IN_PROBLEMS, ServerProblem, invalid
from .server.exposed_players import Roster
from .server.queues import Queue
from .server.status import Overview, Problem

type MusicAssistantConfigEntry = ConfigEntry[MusicAssistantCoordinator]

# Seconds that a lost connection may take to come back before anyone is told.
GRACE: Final = 5.0
# Sent with the server's name and the problem when a provider gets one.
SIGNAL_PROBLEM: Final = f"{DOMAIN}_provider_problem"
# Events that are about no player or queue.
GENERAL: Final = frozenset(
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


class MusicAssistantCoordinator(DataUpdateCoordinator[dict[str, PlayerSnapshot]]):
    """Owns the connection, a snapshot of each player, and who listens to which of them.

    The way of an event: the client's cache takes it, `_on_event` looks up in the routing whom
    it concerns and notes them. Once for all events of a turn of the loop `_look_safely` compares
    each one's new snapshot with the old and calls the listeners of those that differ.
    """

    config_entry: MusicAssistantConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MusicAssistantConfigEntry,
        address: ServerAddress,
    ) -> None:
        """Prepare for the server of a config entry; nothing is connected yet."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title)
        self.data = {}
        self.displays: dict[str, DisplaySnapshot] = {}  # by key, which no player's id can be
        self.connection = ServerConnection(address, self, self._create_task)
        self.tokens = TokenKeeper(hass, entry, self.connection)
        self.accounts = Accounts(hass, entry)
        self.gallery = Gallery(entry.entry_id, self.connection, self._create_task)
        self.announcements = Announcements()
        self.memory = Memory(hass, entry.entry_id)
        self.sounds = Sounds(self.async_tell)
        self.overview = Overview(
            lambda: self.mass, self._on_overview, self._on_new_problem, self._create_task
        )
        self.watch = async_watch(hass, entry.entry_id)
        self.watch.facts = self.facts
        self.roster = Roster(lambda: self.mass)
        self.succession = Succession(hass, entry.entry_id, self, self._create_task)
        self.adding = asyncio.Lock()  # held by the platform whose turn it is
        self.available = False
        self.patient = True  # with a server that takes its time at set-up
        # by player: whose identity tells that nothing else has been said since its snapshot
        self._made_of: dict[str, tuple[DeviceInfo, Queue | None, Player | None]] = {}
        self._routing = Routing()
        self._groups = Routing()
        self._likable = Routing()  # by what plays
        self._touched = Coalescer(self._look_safely, lambda: self.connection.client.connection.frames)
        self.told = Listeners()  # by player, display or server, when what is known of it changes
        self.looked = Listeners()  # by player, also when it was found to be the same
        self.items = Listeners()  # by queue, when its items are others than before
        self._on_library: list[Callable[[str, Mapping[str, Any]], None]] = []
        self._on_players: list[Callable[[Collection[str]], None]] = []
        self._unsubscribe: CALLBACK_TYPE | None = None
        self._grace_timer: CALLBACK_TYPE | None = None
        self._telling: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------- what others ask for

    @property
    def mass(self) -> MusicAssistantClient:
        """Return the current client; a new one after each loss, so never keep it."""
        return self.connection.client

    @property
    def site(self) -> Site:
        """Return how the server is reached: where, and which certificate is trusted there."""
        return self.connection.address.site

    @property
    def server_id(self) -> str:
        """Return the server's id, which its entities listen to."""
        return devices.server_key(self.config_entry)

    @property
    def schema_version(self) -> int:
        """Return what the server can do, as a number."""
        return self.connection.info.schema_version if self.connection.info else 0

    @property
    def server_device(self) -> Device:
        """Return what the server is as a device."""
        return devices.of_server(self.config_entry, self.connection.info)

    def limit_of(self, player_id: str) -> int | None:
        """Return how loud a player may be made, in percent, if that is limited."""
        return self.connection.limits.get(player_id)

    def player(self, player_id: str) -> PlayerSnapshot | None:
        """Return what is known of a player, also of one that is away."""
        return self.data.get(player_id)

    def facts(self, player_id: str) -> Facts | None:
        """Return what the server says of a player at this moment; None while it knows none."""
        player = self.mass.players.get(player_id)
        return self._facts(player) if player else None

    def _facts(self, player: Player) -> Facts:
        client = self.connection.client
        leader = leader_of(player)
        return Facts(
            player,
            client.player_queues.get(queue_id_of(player)),
            client.players.get(leader) if leader else None,
        )

    async def async_give_up(self, key: str) -> bool:
        """Make the server forget a player; False for what stays: a display, or itself.

        True if there is nothing to forget. Raises the library's errors, if the server refuses
        or can't be asked.
        """
        if not self.mass.connection.connected:
            raise NotConnected
        if key == self.server_id:
            return False
        if key.startswith(DASHBOARD_PREFIX):
            return self.mass.dashboard.get(key.removeprefix(DASHBOARD_PREFIX)) is None
        if self.mass.players.get(key):
            await self.mass.config.remove_player_config(key)
        return True

    def find_player(self, entity_id: str) -> PlayerSnapshot | None:
        """Return the player that an entity stands for, None for all others.

        One of another integration stands for the player that is the same device, if that is
        certain.
        """
        entity = er.async_get(self.hass).async_get(entity_id)
        if entity is None or entity.domain != MEDIA_PLAYER_DOMAIN:
            return None
        if entity.config_entry_id == self.config_entry.entry_id:
            return self.data.get(entity.unique_id)
        own = devices.hardware_of(self.hass, entity.device_id or "")
        same = [one for one in self.data.values() if own & one.hardware]
        return same[0] if len(same) == 1 else None

    def player_id_of(self, entity_id: str) -> str:
        """Return the id of the player that an entity stands for, or raise."""
        if player := self.find_player(entity_id):
            return player.player_id
        raise invalid("not_our_player", entity_id=entity_id, server=self.name)

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Any = None
    ) -> Callable[[], None]:
        """Listen to one player, display or the server if the context is its id, else to all."""
        if isinstance(context, str):
            return self.told.add(context, update_callback)
        return super().async_add_listener(update_callback, context)

    @callback
    def async_on_players(self, told: Callable[[Collection[str]], None]) -> CALLBACK_TYPE:
        """Tell of players and displays that come, or get other options, by their ids."""
        self._on_players.append(told)
        return lambda: self._on_players.remove(told)

    @callback
    def async_on_library(self, told: Callable[[str, Mapping[str, Any]], None]) -> CALLBACK_TYPE:
        """Tell of the library: "synced", and what is added to it or to our user's favorites."""
        self._on_library.append(told)
        return lambda: self._on_library.remove(told)

    @callback
    def async_tell(self, player_ids: Iterable[str]) -> None:
        """Call the listeners of these players."""
        for player_id in player_ids:
            self.told.call(player_id)

    # ----------------------------------------------------------------------- coming and going

    @override
    async def _async_setup(self) -> None:
        try:
            await self.connection.async_start(self.patient)
        except ServerProblem as err:
            problem = explained(self.hass, self.connection.address.site.url, err)
            async_show_problem(self.hass, self.config_entry, problem)
            error = ConfigEntryAuthFailed if self.asks_to_sign_in(problem) else ConfigEntryNotReady
            raise error(
                translation_domain=DOMAIN,
                translation_key=problem.key,
                translation_placeholders=problem.placeholders,
            ) from err
        async_show_problem(self.hass, self.config_entry, None)
        await self.succession.async_load(devices.player_names(self.hass, self.config_entry))
        self._take_over(self.connection.client)
        self.available = True
        self.config_entry.async_on_unload(
            self.hass.bus.async_listen(
                er.EVENT_ENTITY_REGISTRY_UPDATED, self._on_registry, is_about_ids
            )
        )

    @override
    async def _async_update_data(self) -> dict[str, PlayerSnapshot]:
        """Compare all snapshots with what the server said last.

        That never fails: who asks for an update while the server is away, changes nothing.
        """
        async for player_id in in_batches(self._known()):
            self.watch.look(player_id)
            self._refresh_and_notify(player_id)
        await self.succession.async_settled()
        return self.data

    @override
    async def async_shutdown(self) -> None:
        """Stop listening and disconnect."""
        await super().async_shutdown()
        if self._telling:
            self._telling.cancel()
        self._touched.cancel()
        if self._grace_timer:
            self._grace_timer()
            self._grace_timer = None
        if self._unsubscribe:
            self._unsubscribe()
            self._unsubscribe = None
        await self.connection.async_stop()
        await self.succession.async_close()
        await self.memory.async_close()

    def _take_over(self, client: Client) -> None:
        if self._unsubscribe:
            self._unsubscribe()
        self._unsubscribe = client.subscribe(self._on_event, tuple(self._handlers))
        self.roster.renew()
        async_show_rights(self.hass, self.config_entry, client.user)
        self.overview.read()
        info = client.server_info
        if info is not None and info.status is CoreState.RUNNING:  # only then it knows them all
            self._create_task(self._remove_strangers(), "devices")

    @callback
    def on_lost(self, reason: str) -> None:
        """Give the connection its grace, then tell that the players can't be reached."""
        LOGGER.debug("Connection to %s ended: %s", self.name, reason)

        @callback
        def grace_over(_now: datetime) -> None:
            self._grace_timer = None
            self.available = False
            LOGGER.warning(
                "Lost the connection to %s at %s (%s); its players are unavailable until it"
                " is back",
                self.name,
                self.site,
                reason,
            )
            self._tell_in_slices(
                [self.server_id, *self.data, *self.displays],
                lambda key: self.async_tell((key,)),
            )

        if self._grace_timer is None and self.available:
            self._grace_timer = async_call_later(self.hass, GRACE, grace_over)

    @callback
    def on_connected(self, client: Client) -> None:
        """Compare everything with the server; tell who differs, or all after an outage."""
        self._take_over(client)
        async_show_problem(self.hass, self.config_entry, None)
        for flow in self.config_entry.async_get_active_flows(self.hass, {SOURCE_REAUTH}):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])
        if self._grace_timer:
            self._grace_timer()
            self._grace_timer = None
        was_away, self.available = not self.available, True
        if was_away:
            LOGGER.warning("The connection to %s is back", self.name)
        devices.update(self.hass, self.config_entry, self.server_id, self.server_device)
        self.async_tell((self.server_id,))
        # lost again so soon that not everybody knows that it was back
        unfinished = self._telling is not None and not self._telling.done()

        def step(player_id: str) -> None:
            self.watch.look(player_id)
            if not self._refresh_and_notify(player_id) and (was_away or unfinished):
                self.async_tell((player_id,))

        self._tell_in_slices(self._known(), step)

    @callback
    def on_site(self, site: Site) -> None:
        """Keep how the server is reached now: where its address led, or without a former pin."""
        trusted = "a person trusts" if site.trust else "Home Assistant trusts"
        LOGGER.info("%s is at %s from now on; %s its certificate", self.name, site, trusted)
        entry = self.config_entry
        self.hass.config_entries.async_update_entry(entry, data=with_site(entry.data, site))

    @callback
    def on_problem(self, problem: ServerProblem) -> None:
        """Ask for a new sign-in, or for a repair, where waiting won't help."""
        LOGGER.debug("No connection to %s yet: %s", self.name, problem.key)
        async_show_problem(self.hass, self.config_entry, problem)
        if self.asks_to_sign_in(problem):
            self.config_entry.async_start_reauth(self.hass)

    def asks_to_sign_in(self, problem: ServerProblem) -> bool:
        """Tell whether a person can mend it: the app's token comes by its discovery."""
        return problem.key in SIGN_IN_PROBLEMS and not follows_app(
            self.config_entry, self.connection.info
        )

    # ------------------------------------------------------------------------------- events

    @callback
    def _on_event(self, event: MassEvent) -> None:
        if event.object_id is not None or event.event in GENERAL:
            self._handlers[event.event](self, event.object_id or "", event.data)

    def _on_player(self, player_id: str, _data: Any) -> None:
        self.watch.changed(player_id)
        self.roster.changed(player_id)
        self._touched.add((player_id, *self._routing.concerned(player_id)))

    def _on_queue(self, queue_id: str, _data: Any) -> None:
        self.watch.changed(queue_id)
        self._touched.add(self._routing.concerned(queue_id))

    def _on_queue_time(self, queue_id: str, _data: Any) -> None:
        self.watch.changed(queue_id)  # the players show it by themselves

    def _on_favorite(self, uri: str, data: Any) -> None:
        if data["favorite"]:
            self._tell_of_library("favorite_added", data)
        for player_id in self._likable.concerned(uri):
            self._like(player_id, data["favorite"])

    def _on_item(self, _uri: str, data: Any) -> None:
        """Take down that what plays is in the library, and there a favourite or not."""
        for address in addresses(data):
            for player_id in self._likable.concerned(address):
                if facts := self.facts(player_id):
                    adopt(facts.item, data)
                self._likable.set(player_id, (data["uri"],))  # for the next event
                # newer servers tell each user of their own favourites
                if self.schema_version < SCHEMA_FAVORITES:
                    self._like(player_id, data["favorite"])

    def _on_item_added(self, uri: str, data: Any) -> None:
        self._on_item(uri, data)
        self.overview.count()
        self._tell_of_library("item_added", data)

    def _on_item_deleted(self, uri: str, _data: Any) -> None:
        self.overview.count()
        for player_id in self._likable.concerned(uri):
            self._like(player_id, None)

    def _like(self, player_id: str, liked: bool | None) -> None:
        if facts := self.facts(player_id):
            like(facts.item, liked)
        self.watch.look(player_id)
        self._touched.add((player_id,))

    def _on_queue_items(self, queue_id: str, _data: Any) -> None:
        self.items.call(queue_id)

    def _on_player_config(self, player_id: str, data: Any) -> None:
        if data:
            self.roster.configured(player_id, data)
            self._touched.add((player_id,))

    def _on_sound(self, player_id: str, data: Any) -> None:
        self.sounds.on_config(player_id, data)

    def _on_sound_presets(self, id_: str, data: Any) -> None:
        self.sounds.on_presets(id_, data)

    def _on_player_removed(self, player_id: str, _data: Any) -> None:
        self.roster.changed(player_id)
        self.drop(player_id)
        self._touched.add(self._routing.concerned(player_id))

    def _on_displays(self, _id: str, _data: Any) -> None:
        self._touched.add(self._known_displays())

    def _on_synced(self, _id: str, _data: Any) -> None:
        self.overview.count()
        self._tell_of_library("synced", {})

    def _tell_of_library(self, kind: str, item: Mapping[str, Any]) -> None:
        for listener in tuple(self._on_library):
            listener(kind, item)

    def _on_providers(self, _id: str, _data: Any) -> None:
        self.overview.providers_changed()

    def _on_tasks(self, _id: str, tasks: Any) -> None:
        self.overview.tasks_changed(tasks)

    def _on_overview(self) -> None:
        async_show_sign_ins(self.hass, self.config_entry, self.overview.problems)
        self.async_tell((self.server_id,))

    def _on_new_problem(self, problem: Problem) -> None:
        async_dispatcher_send(self.hass, SIGNAL_PROBLEM, self.name, problem)

    def _on_core_state(self, _id: str, data: Any) -> None:
        if data["status"] == CoreState.RUNNING:  # the data is the server's info
            self._create_task(self._remove_strangers(), "devices")

    # Who takes which event: called with the id of what it is about (empty for GENERAL ones), and
    # with its data.
    _handlers: ClassVar[dict[EventType, Callable[[MusicAssistantCoordinator, str, Any], None]]] = {
        EventType.PLAYER_ADDED: _on_player,
        EventType.PLAYER_UPDATED: _on_player,
        EventType.PLAYER_OPTIONS_UPDATED: _on_player,
        EventType.PLAYER_REMOVED: _on_player_removed,
        EventType.PLAYER_CONFIG_UPDATED: _on_player_config,
        EventType.PLAYER_DSP_CONFIG_UPDATED: _on_sound,
        EventType.DSP_PRESETS_UPDATED: _on_sound_presets,
        EventType.QUEUE_ADDED: _on_queue,
        EventType.QUEUE_UPDATED: _on_queue,
        EventType.QUEUE_TIME_UPDATED: _on_queue_time,
        EventType.QUEUE_ITEMS_UPDATED: _on_queue_items,
        EventType.FAVORITE_UPDATED: _on_favorite,
        EventType.MEDIA_ITEM_ADDED: _on_item_added,
        EventType.MEDIA_ITEM_UPDATED: _on_item,
        EventType.MEDIA_ITEM_DELETED: _on_item_deleted,
        EventType.CORE_STATE_UPDATED: _on_core_state,
        EventType.PROVIDERS_UPDATED: _on_providers,
        EventType.TASKS_UPDATED: _on_tasks,
        EventType.SYNC_TASKS_UPDATED: _on_tasks,
        EventType.MUSIC_SYNC_COMPLETED: _on_synced,
        EventType.DASHBOARDS_UPDATED: _on_displays,
        EventType.DASHBOARD_SESSIONS_UPDATED: _on_displays,
    }

    @callback
    def _look_safely(self, player_id: str) -> None:
        """Look at one who was touched; one player's fault is not the others'."""
        try:
            self._refresh_and_notify(player_id)
        except Exception:  # noqa: BLE001 - whatever it is
            LOGGER.exception("Player %s can't be compared", player_id)

    def _refresh_and_notify(self, player_id: str) -> bool:
        """Compare a player or a display with the server; return True if all were told."""
        if self._refresh(player_id):
            return True
        self.looked.call(player_id)
        return False

    def _refresh(self, player_id: str) -> bool:
        """Compare a player or a display with the server; tell and return True if it differs."""
        if player_id.startswith(DASHBOARD_PREFIX):
            return self._refresh_display(player_id)
        before = self.data.get(player_id)
        player = self.mass.players.get(player_id)
        if player is None:
            # Not a reason to forget it: a server that starts has no players yet.
            if before is None or not before.available:
                return False
            self.data[player_id] = before.away()
            self._made_of.pop(player_id, None)
        elif not self.roster.shows(player):
            self.drop(player_id)
            return False
        else:
            now = self._snapshot(player, before)
            if now == before or (before is None and self.succession.holds(now)):
                return False
            self.data[player_id] = now
            self._routing.set(player_id, now.built_from)
            self._groups.set(player_id, now.group_members)
            self._likable.set(player_id, (now.favorite.uri,) if now.favorite else ())
            if before is None:
                self._announce((player_id,))
                return True
            if before.options != now.options and before.option_keys != now.option_keys:
                self._announce((player_id,))
            if before.device != now.device or before.hardware != now.hardware:
                self.succession.note(now)
                devices.update(self.hass, self.config_entry, player_id, now.device)
        self.async_tell((player_id,))
        return True

    def _refresh_display(self, key: str) -> bool:
        before = self.displays.get(key)
        now = self._display(key.removeprefix(DASHBOARD_PREFIX), before)
        if now is None or now == before:
            return False
        self.displays[key] = now
        self._routing.set(key, now.built_from)
        if before is None or not before.available:
            self._announce((key,))
        if before and before.device != now.device:
            devices.update(self.hass, self.config_entry, key, now.device)
        self.async_tell((key,))
        return True

    def _display(self, dashboard_id: str, before: DisplaySnapshot | None) -> DisplaySnapshot | None:
        dashboards = self.mass.dashboard
        if (device := dashboards.get(dashboard_id)) is None:
            return before and before.away()  # its registration ends with its connection
        session = dashboards.get_session(dashboard_id)
        player = self.mass.players.get(player_of(session) or "")
        return display_snapshot(
            device, session, self._anew(self._facts(player)) if player else None
        )

    def _snapshot(self, player: Player, before: PlayerSnapshot | None) -> PlayerSnapshot:
        """Return what a player is now, after what it was when it was last compared."""
        facts = self._facts(player)
        # the device's information is another object whenever more was said than numbers
        made_of = (player.device_info, facts.queue, facts.leader)
        last = self._made_of.get(player.player_id)
        same = last is not None and all(map(is_, made_of, last))
        if before and same and (now := renewed(player, facts.queue, self._image(facts), before)):
            return now
        self._made_of[player.player_id] = made_of
        return self._anew(facts, before)

    def _anew(self, facts: Facts, before: PlayerSnapshot | None = None) -> PlayerSnapshot:
        return snapshot(facts.player, facts.queue, facts.leader, self._image(facts), before)

    def _image(self, facts: Facts) -> str | None:
        """Return the picture of what a queue plays, where the player says none."""
        media, info = facts.player.current_media, self.mass.server_info
        if (media and media.image_url) or info is None or (item := facts.item) is None:
            return None
        image = item.image or (item.media_item and item.media_item.image)
        return image_address(image, info.schema_version) if image else None

    def _known(self) -> list[str]:
        """Return the ids of all players and displays: ours, and those that the server names."""
        server = (player.player_id for player in self.mass.players)
        return list(dict.fromkeys((*self.data, *server, *self._known_displays())))

    def _known_displays(self) -> list[str]:
        server = (key_of(display.dashboard_id) for display in self.mass.dashboard.dashboards)
        return list(dict.fromkeys((*self.displays, *server)))

    def _announce(self, player_ids: Collection[str]) -> None:
        for told in self._on_players:
            told(player_ids)

    @callback
    def _on_registry(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Tell the groups of a player whose entity came, went or got another id."""
        entity = er.async_get(self.hass).async_get(event.data["entity_id"])
        if entity is None:  # removed, and with it the way to its player
            self.async_tell(list(self._groups.all()))
        elif entity.config_entry_id == self.config_entry.entry_id:
            self.async_tell(self._groups.concerned(entity.unique_id))

    # ------------------------------------------------------------------------------ devices

    def drop(self, player_id: str) -> None:
        """Forget a player and remove its device, and with it its entities."""
        self.data.pop(player_id, None)
        self._made_of.pop(player_id, None)
        self._routing.set(player_id, ())
        self._groups.set(player_id, ())
        self._likable.set(player_id, ())
        self.succession.gone(player_id)
        devices.remove(self.hass, self.config_entry, player_id)
        self.async_tell((player_id,))

    def look(self, player_id: str) -> None:
        """Compare a player with the server, soon."""
        self._touched.add((player_id,))

    async def _remove_strangers(self) -> None:
        """Remove devices of players that the server's configurations no longer list.

        They are asked for only if somebody isn't there: they are many, and dear to decode.
        """
        named = devices.player_names(self.hass, self.config_entry).keys()
        if named <= self.roster.present() or (known := await self.roster.async_known()) is None:
            return
        for player_id in devices.player_names(self.hass, self.config_entry).keys() - known:
            self.drop(player_id)

    # --------------------------------------------------------------------------------- tasks

    def _create_task[R](self, coro: Coroutine[Any, Any, R], name: str) -> asyncio.Task[R]:
        return self.config_entry.async_create_background_task(
            self.hass, coro, f"{DOMAIN} {self.name} {name}"
        )

    def _tell_in_slices(self, player_ids: list[str], step: Callable[[str], object]) -> None:
        if self._telling:
            self._telling.cancel()

        async def tell() -> None:
            async for player_id in in_batches(player_ids):
                step(player_id)

        self._telling = self._create_task(tell(), "tell")


def coordinator_of(entry: ConfigEntry | None) -> MusicAssistantCoordinator | None:
    """Return the coordinator of an entry; None before its first set-up since Home Assistant started."""
    return getattr(entry, "runtime_data", None)


@callback
def is_about_ids(data: er.EventEntityRegistryUpdatedData) -> bool:
    """Tell whether the entity of any media player came, went or got another id."""
    if data["action"] == "update" and "entity_id" not in data["changes"]:
        return False
    return data["entity_id"].startswith(f"{MEDIA_PLAYER_DOMAIN}.")
