"""The plugin `party` of newer servers: a page on which guests choose music.

Read in the public source of the server: commands, scopes, answers and the marks in queue items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from music_assistant_models.auth import Scope
from music_assistant_models.enums import EventType, ProviderType, QueueOption
from music_assistant_models.errors import InvalidCommand, InvalidDataError
from music_assistant_models.provider import ProviderInstance

from .commands import Caller, Command

if TYPE_CHECKING:
    from .server import MassServer

# An assumption: 29 hasn't got the plugin; which version brought it isn't known.
PARTY_SINCE: Final = 46
PLUGIN: Final = "party"
GUEST_ACCESS: Final = "enable_guest_access"


def create_plugin() -> ProviderInstance:
    """Return the plugin as servers list it; it is there only for those who add it."""
    return ProviderInstance(
        type=ProviderType.PLUGIN,
        domain=PLUGIN,
        name="Party",
        instance_id=PLUGIN,
        supported_features=set(),
        available=True,
        lookup_key=PLUGIN,
    )


class PartySettings:
    """Represent the settings of the plugin, and the code of the page."""

    def __init__(self) -> None:
        """Initialize with guests let in."""
        self.enable_guest_access = True
        self.code = "join-1"
        self.player_id = "kueche"


def _check_plugin(server: MassServer, command: str) -> None:
    """Raise the error of a server without the plugin, which registers the commands."""
    if PLUGIN not in server.providers:
        raise InvalidCommand(f"Invalid command: {command}")


def get_url(server: MassServer, caller: Caller) -> str | None:
    """Return the address of the page, None while guests aren't let in."""
    _check_plugin(server, "party/url")
    party = server.party
    return f"{server.url}/?join={party.code}" if party.enable_guest_access else None


def get_player(server: MassServer, caller: Caller) -> str | None:
    """Return the queue that guests change."""
    _check_plugin(server, "party/player")
    return server.party.player_id if server.party.enable_guest_access else None


def get_config(server: MassServer, caller: Caller) -> dict[str, Any]:
    """Return what guests may do, as far as it is known here."""
    _check_plugin(server, "party/config")
    return {"enable_add_queue": True, "enable_boost": True, "enable_skip_song": False}


def add_to_queue(
    server: MassServer, caller: Caller, uri: str, boost: bool = False
) -> dict[str, Any]:
    """Add an item to the queue for a guest."""
    _check_plugin(server, "party/add_to_queue")
    if not server.party.enable_guest_access:
        raise InvalidDataError("Party guest access is disabled")
    queue = server.queues[server.party.player_id]
    before = {item.queue_item_id for item in server.queue_items[queue.queue_id]}
    server.playback.add_items(queue, server.library.get_playable_items(uri), QueueOption.NEXT)
    for item in server.queue_items[queue.queue_id]:
        if item.queue_item_id not in before:
            item.extra_attributes |= {"party_guest": True} | (
                {"party_boosted": True} if boost else {}
            )
    server.send_event(EventType.QUEUE_ITEMS_UPDATED, queue.queue_id, queue)
    return {"success": True, "queue_id": queue.queue_id, "boosted": boost}


def boost_queue_item(server: MassServer, caller: Caller, queue_item_id: str) -> dict[str, Any]:
    """Mark an item of the queue as boosted."""
    _check_plugin(server, "party/boost_queue_item")
    queue = server.queues[server.party.player_id]
    items = [
        item for item in server.queue_items[queue.queue_id] if item.queue_item_id == queue_item_id
    ]
    if not items:
        raise InvalidDataError(f"Queue item {queue_item_id} not found")
    items[0].extra_attributes |= {"party_guest": True, "party_boosted": True}
    server.send_event(EventType.QUEUE_ITEMS_UPDATED, queue.queue_id, queue)
    return {"success": True, "queue_id": queue.queue_id}


COMMANDS = {
    "party/url": Command(get_url, since=PARTY_SINCE, scope=Scope.PROVIDERS_READ),
    "party/player": Command(get_player, since=PARTY_SINCE, scope=Scope.PLAYERS_READ),
    "party/config": Command(get_config, since=PARTY_SINCE, scope=Scope.PROVIDERS_READ),
    "party/add_to_queue": Command(add_to_queue, since=PARTY_SINCE, scope=Scope.QUEUES_CONTROL),
    "party/boost_queue_item": Command(
        boost_queue_item, since=PARTY_SINCE, scope=Scope.QUEUES_CONTROL
    ),
}
