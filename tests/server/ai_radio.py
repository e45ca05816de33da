"""The plugin `ai_radio` of newer servers: hosts who talk between the tracks of a queue.

Read in the public source of the server: commands, scopes, answers and events. The status of a
queue is the id of its host in older versions of the plugin, and an object in newer ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from music_assistant_models.auth import Scope
from music_assistant_models.enums import EventType, ProviderType
from music_assistant_models.errors import InvalidCommand, InvalidDataError
from music_assistant_models.provider import ProviderInstance

from .commands import Caller, Command

if TYPE_CHECKING:
    from .server import MassServer

# An assumption: which version brought the plugin isn't known.
AI_RADIO_SINCE: Final = 84
STATUS_OBJECTS_SINCE: Final = 98
PLUGIN: Final = "ai_radio"


def create_plugin() -> ProviderInstance:
    """Return the plugin as servers list it; it is there only for those who add it."""
    return ProviderInstance(
        type=ProviderType.PLUGIN,
        domain=PLUGIN,
        name="AI Radio",
        instance_id=PLUGIN,
        supported_features=set(),
        available=True,
        lookup_key=PLUGIN,
    )


class AiRadio:
    """Represent the hosts, and which of them talks on which queue."""

    def __init__(self, server: MassServer) -> None:
        """Initialize with two hosts."""
        self.server = server
        self.hosts = {"nova": "Nova", "rex": "Rex"}
        self.queues: dict[str, str] = {}

    def announce(self, event: str) -> None:
        """Send an event of the plugin."""
        self.server.send_event(EventType.PROVIDER_EVENT, PLUGIN, {"event": event})


def _check_plugin(server: MassServer, command: str) -> None:
    """Raise the error of a server without the plugin, which registers the commands."""
    if PLUGIN not in server.providers:
        raise InvalidCommand(f"Invalid command: {command}")


def list_hosts(server: MassServer, caller: Caller) -> list[dict[str, Any]]:
    """Return the hosts, sorted by name."""
    _check_plugin(server, "ai_radio/hosts/list")
    hosts = [{"id": id_, "name": name} for id_, name in server.ai_radio.hosts.items()]
    return sorted(hosts, key=lambda host: host["name"])


def get_queue_dj_status(server: MassServer, caller: Caller) -> dict[str, Any]:
    """Return the hosts by queue."""
    _check_plugin(server, "ai_radio/queue_dj/status")
    queues = server.ai_radio.queues
    if server.schema_version < STATUS_OBJECTS_SINCE:
        return dict(queues)
    return {queue: {"host_id": host, "station_id": ""} for queue, host in queues.items()}


def set_queue_dj(
    server: MassServer, caller: Caller, queue_id: str, host_id: str | None
) -> dict[str, Any]:
    """Let a host talk on a queue, or nobody; return the hosts by queue."""
    _check_plugin(server, "ai_radio/queue_dj/set")
    radio = server.ai_radio
    if host_id is None:
        radio.queues.pop(queue_id, None)
    elif host_id not in radio.hosts:
        raise InvalidDataError(f"Unknown host id: {host_id}")
    else:
        radio.queues[queue_id] = host_id
    radio.announce("queue_dj_updated")
    return get_queue_dj_status(server, caller)


COMMANDS = {
    "ai_radio/hosts/list": Command(
        list_hosts, since=AI_RADIO_SINCE, scope=Scope.CONFIG_PROVIDERS_READ
    ),
    "ai_radio/queue_dj/status": Command(
        get_queue_dj_status, since=AI_RADIO_SINCE, scope=Scope.QUEUES_CONTROL
    ),
    "ai_radio/queue_dj/set": Command(
        set_queue_dj, since=AI_RADIO_SINCE, scope=Scope.QUEUES_CONTROL
    ),
}
