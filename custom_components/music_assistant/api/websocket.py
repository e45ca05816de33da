"""Websocket commands."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
import probatio

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv

from ..actions.share_links import async_get_original_token
from ..actions.targets import (
    QUEUE_FIELD,
    QUEUE_OWN,
    PlayerTarget,
    async_get_loaded_entry,
    async_get_permitted_target,
    get_player_entity_ids,
)
from ..const import DOMAIN, LOGGER
from ..coordinator import MusicAssistantCoordinator
from ..media.queue_items import (
    ITEMS_BEFORE_CURRENT,
    QueueItemData,
    async_get_queue_items,
    get_index_range,
)
from ..server.errors import COMMAND_OR_DECODE_ERRORS, translate_errors
from . import lists

# Seconds to collect changes before a read.
READ_DELAY: Final = 0.1
# Items around the current one; the maximum bounds the size of a message.
DEFAULT_ITEMS_AFTER: Final = 50
MAX_ITEMS_BEFORE: Final = 50
MAX_ITEMS_AFTER: Final = 200


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the websocket commands."""
    websocket_api.async_register_command(hass, _handle_list_players)
    websocket_api.async_register_command(hass, _async_handle_subscribe_queue)
    websocket_api.async_register_command(hass, _async_handle_original_token)
    lists.async_register(hass)


@websocket_api.websocket_command({probatio.Required("type"): f"{DOMAIN}/players/list"})
@callback
def _handle_list_players(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send the players that the user can see: {players: [{entity_id, can_control}]}."""
    is_permitted = connection.user.permissions.check_entity
    players = [
        {"entity_id": entity_id, "can_control": is_permitted(entity_id, POLICY_CONTROL)}
        for entity_id in sorted(get_player_entity_ids(hass))
        if is_permitted(entity_id, POLICY_READ)
    ]
    connection.send_result(msg["id"], {"players": players})


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/queue/subscribe",
        probatio.Required("entity_id"): cv.entity_id,
        probatio.Optional("before", default=ITEMS_BEFORE_CURRENT): probatio.All(
            int, probatio.Range(min=0, max=MAX_ITEMS_BEFORE)
        ),
        probatio.Optional("after", default=DEFAULT_ITEMS_AFTER): probatio.All(
            int, probatio.Range(min=0, max=MAX_ITEMS_AFTER)
        ),
        **QUEUE_FIELD,
    }
)
@websocket_api.async_response
async def _async_handle_subscribe_queue(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Subscribe to the items of a player's queue around the current one."""
    context = connection.context(msg)
    target = await async_get_permitted_target(hass, context, msg["entity_id"], POLICY_READ)
    msg_id = msg["id"]
    subscription = QueueSubscription(
        target, msg, lambda changes: connection.send_event(msg_id, changes)
    )
    connection.subscriptions[msg_id] = subscription.async_stop
    try:
        with translate_errors(target.coordinator.name):
            window = await subscription.async_read_window()
    except BaseException:
        connection.subscriptions.pop(msg_id, subscription.async_stop)()
        raise
    if msg_id in connection.subscriptions:  # not unsubscribed meanwhile
        connection.send_result(msg_id)
        subscription.async_start(window)


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/original_token",
        probatio.Required("config_entry_id"): cv.string,
        probatio.Optional("account"): cv.string,
        probatio.Optional("reveal", default=False): cv.boolean,
        probatio.Optional("fresh", default=False): cv.boolean,
    }
)
@websocket_api.require_admin
@websocket_api.async_response
async def _async_handle_original_token(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send the original token of a streaming account, masked unless revealed."""
    entry = async_get_loaded_entry(hass, msg["config_entry_id"])
    response = await async_get_original_token(
        entry.runtime_data, msg.get("account"), reveal=msg["reveal"], fresh=msg["fresh"]
    )
    connection.send_result(msg["id"], response)


@dataclass(frozen=True, slots=True)
class QueueWindow:
    """Represent the part of a queue that a subscriber has.

    The fields are keys of the events. Positions count from 1; `rows` are by item id; `revision`
    counts the changes of items, also of those that are not in the window.
    """

    available: bool
    queue_id: str | None = None
    current: int | None = None
    count: int = 0
    first: int | None = None
    revision: int = 0
    rows: Mapping[str, QueueItemData] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return all fields, with the order of the item ids in place of the items."""
        names = [field_.name for field_ in fields(self) if field_.name != "rows"]
        return {name: getattr(self, name) for name in names} | {"order": list(self.rows)}


def compute_changes(previous: QueueWindow | None, current: QueueWindow) -> dict[str, Any]:
    """Return the changed fields of `QueueWindow.as_dict`, and changed or new `items`."""
    previous_values, previous_rows = (previous.as_dict(), previous.rows) if previous else ({}, {})
    changes = {
        name: value
        for name, value in current.as_dict().items()
        if name not in previous_values or previous_values[name] != value
    }
    if items := [row for item_id, row in current.rows.items() if previous_rows.get(item_id) != row]:
        changes["items"] = items
    return changes


@dataclass(frozen=True, slots=True)
class QueueFingerprint:
    """Represent known values whose change means that the window has to be read again.

    Each connection has a new client, so the window is read after an outage.
    """

    mass: MusicAssistantClient
    available: bool
    queue_id: str | None = None
    current_index: int | None = None
    item_count: int = 0


class QueueSubscription:
    """Represent a subscription to a player's queue.

    The server only reports that items of a queue changed, so the window is read again: once for
    all changes within READ_DELAY, and one read at a time.
    """

    def __init__(
        self,
        target: PlayerTarget,
        options: Mapping[str, Any],
        send: Callable[[dict[str, Any]], None],
    ) -> None:
        """Initialize the subscription; `options` are the fields of the command."""
        self._entry = target.coordinator.config_entry
        self._player_id = target.player_id
        self._options = options
        self._send = send
        self._sent: QueueWindow | None = None
        self._fingerprint: QueueFingerprint | None = None
        self._is_outdated = False
        self._revision = 0
        self._read_task: asyncio.Task[None] | None = None
        self._unsub_listeners: list[CALLBACK_TYPE] = []
        self._subscribed_queue_id: str | None = None
        self._unsub_queue_items: CALLBACK_TYPE | None = None
        self._unsub_entry_state = self._entry.async_on_state_change(self._async_handle_entry_state)

    @property
    def _coordinator(self) -> MusicAssistantCoordinator:
        """Return the current coordinator of the entry, which is new after each setup."""
        return self._entry.runtime_data

    async def async_read_window(self) -> QueueWindow:
        """Read the window; raises the errors of the client."""
        previous, fingerprint = self._fingerprint, self._get_fingerprint()
        self._fingerprint = fingerprint
        if previous and previous.mass is not fingerprint.mass:
            self._revision += 1  # changes may have been missed
        revision = self._revision
        self._subscribe_queue_items(fingerprint.queue_id)
        if not fingerprint.available:
            return self._get_unavailable_window()
        if fingerprint.queue_id is None:
            return QueueWindow(available=True)
        item_range = get_index_range(
            fingerprint.current_index, before=self._options["before"], after=self._options["after"]
        )
        get_image_url = self._coordinator.images.get_image_url
        rows = await async_get_queue_items(
            fingerprint.mass, fingerprint.queue_id, item_range, get_image_url
        )
        return QueueWindow(
            available=True,
            queue_id=fingerprint.queue_id,
            current=None if fingerprint.current_index is None else fingerprint.current_index + 1,
            count=fingerprint.item_count,
            first=rows[0]["position"] if rows else None,
            revision=revision,
            # without the position, an item doesn't change when others are added before it
            rows={row["queue_item_id"]: _remove_position(row) for row in rows},
        )

    @callback
    def async_start(self, window: QueueWindow) -> None:
        """Send the first window and subscribe to changes."""
        self._send_changes(window)
        self._subscribe()
        if (
            self._is_outdated or self._get_fingerprint() != self._fingerprint
        ):  # changed during the read
            self._schedule_read()

    @callback
    def async_stop(self) -> None:
        """Stop the subscription."""
        self._unsub_entry_state()
        self._unsubscribe()

    # -------------------------------------------------------------------------- subscriptions

    def _subscribe(self) -> None:
        """Subscribe to updates of the player."""
        coordinator = self._coordinator
        self._unsub_listeners = [
            coordinator.async_add_listener(self._async_handle_player_update, self._player_id),
            coordinator.listeners.refreshed.add(self._player_id, self._async_handle_player_update),
        ]

    def _unsubscribe(self) -> None:
        """Unsubscribe from all updates and cancel a read."""
        self._subscribe_queue_items(None)
        while self._unsub_listeners:
            self._unsub_listeners.pop()()
        if self._read_task:
            self._read_task.cancel()
            self._read_task = None

    def _subscribe_queue_items(self, queue_id: str | None) -> None:
        """Subscribe to the items of a queue in place of the previous one."""
        if queue_id == self._subscribed_queue_id:
            return
        if self._unsub_queue_items:
            self._unsub_queue_items()
            self._unsub_queue_items = None
        if queue_id:
            listeners = self._coordinator.listeners.queue_items
            self._unsub_queue_items = listeners.add(queue_id, self._async_handle_queue_items)
        self._subscribed_queue_id = queue_id

    @callback
    def _async_handle_entry_state(self) -> None:
        """Handle a setup or unload of the entry."""
        if self._entry.state is ConfigEntryState.LOADED:
            self._subscribe()
            self._schedule_read()
        elif self._unsub_listeners:
            self._unsubscribe()
            self._send_changes(self._get_unavailable_window())

    @callback
    def _async_handle_player_update(self) -> None:
        """Handle an update of the player."""
        if self._get_fingerprint() != self._fingerprint:
            self._schedule_read()

    @callback
    def _async_handle_queue_items(self) -> None:
        """Handle a change of the items of the queue."""
        self._revision += 1
        self._schedule_read()

    # -------------------------------------------------------------------------------- reading

    @callback
    def _schedule_read(self) -> None:
        """Schedule a read of the window."""
        self._is_outdated = True
        if self._unsub_listeners and self._read_task is None:
            self._read_task = self._entry.async_create_background_task(
                self._coordinator.hass,
                self._async_read_changes(),
                f"{DOMAIN} queue of {self._player_id}",
            )

    async def _async_read_changes(self) -> None:
        """Read and send the window until there are no more changes."""
        try:
            while self._is_outdated:
                await asyncio.sleep(READ_DELAY)
                self._is_outdated = False
                self._send_changes(await self.async_read_window())
        except COMMAND_OR_DECODE_ERRORS as err:
            # it is read again at the next change or connection
            LOGGER.debug("Queue of %s can't be read: %r", self._player_id, err)
        finally:
            if self._read_task is asyncio.current_task():
                self._read_task = None

    def _send_changes(self, window: QueueWindow) -> None:
        """Send the changes since the last window."""
        if changes := compute_changes(self._sent, window):
            self._sent = window
            self._send(changes)

    def _get_fingerprint(self) -> QueueFingerprint:
        """Return the current fingerprint."""
        coordinator = self._coordinator
        player = coordinator.get_player(self._player_id)
        if player is None or not (coordinator.available and player.available):
            return QueueFingerprint(coordinator.mass, available=False)
        queue_id = self._player_id if self._options["queue"] == QUEUE_OWN else player.queue_id
        queue = coordinator.mass.player_queues.get(queue_id) if queue_id else None
        if queue is None:
            return QueueFingerprint(coordinator.mass, available=True)
        return QueueFingerprint(
            coordinator.mass, True, queue.queue_id, queue.current_index, queue.items
        )

    def _get_unavailable_window(self) -> QueueWindow:
        """Return the last window as unavailable."""
        return replace(self._sent or QueueWindow(available=False), available=False)


def _remove_position(row: QueueItemData) -> QueueItemData:
    """Return an item without its position."""
    return {name: value for name, value in row.items() if name != "position"}
