"""What dashboards subscribe to: a queue around its current item, by what changes in it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
import probatio

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, service

from ..actions.share_links import async_original_token
from ..actions.targets import OWN, QUEUE_FIELD, Target, async_target_at
from ..const import DOMAIN, LOGGER
from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..media.queue_items import BEFORE, Row, async_rows, part
from ..server.errors import FAILED_OR_UNREADABLE, translated_errors

# Seconds in which changes are gathered, so that a burst of them is one read.
GATHER: Final = 0.1
# Items after the current one, and how many may be asked for: what bounds a message.
AFTER: Final = 50
MOST_BEFORE: Final = 50
MOST_AFTER: Final = 200


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register all commands."""
    websocket_api.async_register_command(hass, _subscribe_queue)
    websocket_api.async_register_command(hass, _original_token)


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/queue/subscribe",
        probatio.Required("entity_id"): cv.entity_id,
        probatio.Optional("before", default=BEFORE): probatio.All(
            int, probatio.Range(min=0, max=MOST_BEFORE)
        ),
        probatio.Optional("after", default=AFTER): probatio.All(
            int, probatio.Range(min=0, max=MOST_AFTER)
        ),
        **QUEUE_FIELD,
    }
)
@websocket_api.async_response
async def _subscribe_queue(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send a player's queue, then what changes in it, until the page goes."""
    context = connection.context(msg)
    target = await async_target_at(hass, context, msg["entity_id"], POLICY_READ)
    msg_id = msg["id"]
    subscription = Subscription(target, msg, lambda changes: connection.send_event(msg_id, changes))
    connection.subscriptions[msg_id] = subscription.async_stop
    try:
        with translated_errors(target.coordinator.name):
            window = await subscription.async_read()
    except BaseException:
        connection.subscriptions.pop(msg_id, subscription.async_stop)()
        raise
    if msg_id in connection.subscriptions:  # the page is still there
        connection.send_result(msg_id)
        subscription.begin(window)


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
async def _original_token(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send the original token of a linked streaming account, masked unless it is to be revealed."""
    entry: MusicAssistantConfigEntry = service.async_get_config_entry(
        hass, DOMAIN, msg["config_entry_id"]
    )
    answer = await async_original_token(
        entry.runtime_data, msg.get("account"), reveal=msg["reveal"], fresh=msg["fresh"]
    )
    connection.send_result(msg["id"], answer)


@dataclass(frozen=True, slots=True)
class Window:
    """What a page knows of a queue; positions count from 1, and `rows` are by item id."""

    available: bool
    queue_id: str | None = None
    current: int | None = None
    count: int = 0
    first: int | None = None
    rows: Mapping[str, Row] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return all but the items, of which just the order."""
        names = [each.name for each in fields(self) if each.name != "rows"]
        return {name: getattr(self, name) for name in names} | {"order": list(self.rows)}


def difference(before: Window | None, now: Window) -> dict[str, Any]:
    """Return what a page has to be told: of `Window.shown` what differs, and new `items`."""
    told, known = (before.shown(), before.rows) if before else ({}, {})
    changes = {
        name: value
        for name, value in now.shown().items()
        if name not in told or told[name] != value
    }
    if items := [row for item_id, row in now.rows.items() if known.get(item_id) != row]:
        changes["items"] = items
    return changes


@dataclass(frozen=True, slots=True)
class Place:
    """What tells without a read that a window may be another one.

    After an outage, with its new client, it always may.
    """

    mass: MusicAssistantClient
    available: bool
    queue_id: str | None = None
    current: int | None = None
    items: int = 0


class Subscription:
    """One page's view of one player's queue.

    The server says of a queue's items only that they changed, so the window is read again: once
    for all changes of a moment, and never twice at a time.
    """

    def __init__(
        self, target: Target, wanted: Mapping[str, Any], send: Callable[[dict[str, Any]], None]
    ) -> None:
        """Prepare to send a player's queue, of which a part is `wanted`."""
        self._entry = target.coordinator.config_entry
        self._player_id = target.player_id
        self._wanted = wanted
        self._send = send
        self._told: Window | None = None
        self._seen: Place | None = None
        self._changed = False
        self._reading: asyncio.Task[None] | None = None
        self._listening: list[CALLBACK_TYPE] = []
        self._followed: str | None = None
        self._unfollow: CALLBACK_TYPE = _nothing
        self._forget_entry = self._entry.async_on_state_change(self._on_entry)

    @property
    def _coordinator(self) -> MusicAssistantCoordinator:
        """Return the entry's coordinator; another one after each set-up."""
        return self._entry.runtime_data

    async def async_read(self) -> Window:
        """Return the window as it is; raises the library's errors."""
        place = self._seen = self._place()
        self._follow(place.queue_id)
        if not place.available:
            return self._away()
        if place.queue_id is None:
            return Window(available=True)
        wanted = part(place.current, before=self._wanted["before"], after=self._wanted["after"])
        picture = self._coordinator.gallery.url_of_image
        rows = await async_rows(place.mass, place.queue_id, wanted, picture)
        return Window(
            available=True,
            queue_id=place.queue_id,
            current=None if place.current is None else place.current + 1,
            count=place.items,
            first=rows[0]["position"] if rows else None,
            # a row stays the same when others come before it
            rows={row["queue_item_id"]: _without_position(row) for row in rows},
        )

    @callback
    def begin(self, window: Window) -> None:
        """Send what was read, and from now on what changes."""
        self._tell(window)
        self._listen()
        if self._changed or self._place() != self._seen:  # while it was read
            self._touch()

    @callback
    def async_stop(self) -> None:
        """Listen and read no more."""
        self._forget_entry()
        self._hush()

    # ------------------------------------------------------------------------------ listening

    def _listen(self) -> None:
        coordinator = self._coordinator
        self._listening = [
            coordinator.async_add_listener(self._on_player, self._player_id),
            coordinator.looked.add(self._player_id, self._on_player),
        ]

    def _hush(self) -> None:
        self._follow(None)
        while self._listening:
            self._listening.pop()()
        if self._reading:
            self._reading.cancel()
            self._reading = None

    def _follow(self, queue_id: str | None) -> None:
        """Listen to the items of a queue, and of no other."""
        if queue_id != self._followed:
            self._unfollow()
            follow = self._coordinator.items.add
            self._unfollow = follow(queue_id, self._touch) if queue_id else _nothing
            self._followed = queue_id

    @callback
    def _on_entry(self) -> None:
        """Go on with the entry when it is set up again."""
        if self._entry.state is ConfigEntryState.LOADED:
            self._listen()
            self._touch()
        elif self._listening:
            self._hush()
            self._tell(self._away())

    @callback
    def _on_player(self) -> None:
        if self._place() != self._seen:
            self._touch()

    # -------------------------------------------------------------------------------- reading

    @callback
    def _touch(self) -> None:
        self._changed = True
        if self._listening and self._reading is None:
            self._reading = self._entry.async_create_background_task(
                self._coordinator.hass, self._keep_up(), f"{DOMAIN} queue of {self._player_id}"
            )

    async def _keep_up(self) -> None:
        try:
            while self._changed:
                await asyncio.sleep(GATHER)
                self._changed = False
                self._tell(await self.async_read())
        except FAILED_OR_UNREADABLE as err:
            # the next change, or the connection's return, lets it be read again
            LOGGER.debug("Queue of %s can't be read: %r", self._player_id, err)
        finally:
            if self._reading is asyncio.current_task():
                self._reading = None

    def _tell(self, window: Window) -> None:
        if changes := difference(self._told, window):
            self._told = window
            self._send(changes)

    def _place(self) -> Place:
        coordinator = self._coordinator
        player = coordinator.player(self._player_id)
        if player is None or not (coordinator.available and player.available):
            return Place(coordinator.mass, available=False)
        queue_id = self._player_id if self._wanted["queue"] == OWN else player.queue_id
        queue = coordinator.mass.player_queues.get(queue_id) if queue_id else None
        if queue is None:
            return Place(coordinator.mass, available=True)
        return Place(coordinator.mass, True, queue.queue_id, queue.current_index, queue.items)

    def _away(self) -> Window:
        """Return what was there last, but out of reach."""
        return replace(self._told or Window(available=False), available=False)


def _without_position(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "position"}


def _nothing() -> None:
    """Undo what wasn't done."""
