"""The server: its port, state and events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import timedelta
from functools import cached_property
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOL_SOCKET, socket
from ssl import SSLContext
import time
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web
from music_assistant_models.api import ServerInfoMessage
from music_assistant_models.auth import AuthToken, User, UserRole
from music_assistant_models.enums import CoreState, EventType
from music_assistant_models.errors import AuthenticationRequired, InvalidToken
from music_assistant_models.player import Player
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.queue_item import QueueItem

from . import (
    ai_radio,
    auth,
    config,
    dashboards,
    http_api,
    images,
    messages,
    music,
    party,
    players,
    playlist_transfer,
    previews,
    queues,
    smart_playlists,
    sonic_similarity,
    system,
    tasks,
)
from .accounts import Accounts
from .commands import Caller, Command
from .config import PlayerConfigs, SoundSettings
from .faults import Faults
from .library import Library
from .playback import Playback
from .player_set import PlayerSet, create_queue

if TYPE_CHECKING:
    from .connection import Connection

DEFAULT_USERS = {"demo": "demo-password"}
DEMO_SERVER_ID = "demo-server"
VERSIONS = {27: "2.5.8", 28: "2.7.0", 29: "2.8.0", 46: "2.10.0", 98: "2.11.0"}

COMMANDS: dict[str, Command] = {
    **system.COMMANDS,
    **auth.COMMANDS,
    **config.COMMANDS,
    **players.COMMANDS,
    **queues.COMMANDS,
    **music.COMMANDS,
    **dashboards.COMMANDS,
    **tasks.COMMANDS,
    **smart_playlists.COMMANDS,
    **sonic_similarity.COMMANDS,
    **ai_radio.COMMANDS,
    **party.COMMANDS,
    **playlist_transfer.COMMANDS,
}


def get_time() -> float:
    """Return the time; looked up at each call, so that tests can replace it."""
    return time.time()


class MassServer:
    """Represent a Music Assistant server."""

    def __init__(
        self,
        *,
        schema_version: int = 46,
        host: str = "127.0.0.1",
        port: int = 0,
        player_set: PlayerSet | None = None,
        library: Library | None = None,
        users: Mapping[str, str] | None = None,
        ssl_context: SSLContext | None = None,
        server_id: str = DEMO_SERVER_ID,
        name: str = "Music Assistant",
        homeassistant_addon: bool = False,
        onboard_done: bool = True,
        base_url: str | None = None,
        prompt: bool = False,
        pace: float = 1.0,
    ) -> None:
        """Initialize without listening. `users`: name -> password, all of them admins.

        A prompt server does all at once and for good. Otherwise players act later than they are
        told to, as recorded of a real server; `pace` is the factor of the delays.
        """
        self.prompt, self.pace = prompt, pace
        self.schema_version = schema_version
        self.min_supported_schema_version = min(schema_version, 28) if schema_version > 27 else 24
        self.server_id = server_id
        self.name = name
        self.homeassistant_addon = homeassistant_addon
        self.onboard_done = onboard_done
        self.status = CoreState.RUNNING
        self.host, self.port = host, port
        self.ssl_context = ssl_context
        self.base_url_override = base_url
        self.clock: Callable[[], float] = lambda: get_time() + self.clock_offset
        self.clock_offset = 0.0  # seconds by which it is ahead
        self.command_table = dict(COMMANDS)

        self.commands: list[tuple[str, dict[str, Any]]] = []
        self.http_requests: list[tuple[str, str]] = []
        self.open_connections: set[Connection] = set()
        self.connects = 0

        self.faults = Faults(self)
        self.accounts = Accounts(self)
        self.anonymous_caller = Caller(
            User(user_id="nobody", username="nobody", role=UserRole.ADMIN)
        )
        for username, password in (users or DEFAULT_USERS if onboard_done else {}).items():
            self.add_user(username, password)

        if library is not None:
            self.library = library
        self.providers = system.get_providers()
        if schema_version >= smart_playlists.SMART_PLAYLISTS_SINCE:
            plugin = smart_playlists.create_plugin()
            self.providers[plugin.instance_id] = plugin
        self.smart_rules: dict[str, smart_playlists.Rules] = {}  # by playlist id
        self.has_text_search = self.has_analyzed_tracks = True  # of newer servers
        self.party = party.PartySettings()
        self.ai_radio = ai_radio.AiRadio(self)
        self.broken = system.ProviderFailures(self)
        self.manifests = system.get_manifests()
        self.players: dict[str, Player] = {}
        self.queues: dict[str, PlayerQueue] = {}
        self.queue_items: dict[str, list[QueueItem]] = {}
        self.left_groups_at: dict[str, float] = {}  # player id -> when
        self.configs = PlayerConfigs(self)
        self.sounds = SoundSettings()
        self.dashboards = dashboards.Dashboards(self)
        self.tasks = tasks.Tasks(self)
        self.playback = Playback(self)
        for player in (player_set or PlayerSet.create_demo()).players:
            self.add_player(player, announce=False)
        self.playback.update_players()

        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._reserved: socket | None = None  # or another process might take a closed port

    # Life

    async def start(self) -> Self:
        """Open the port."""
        app = web.Application(middlewares=[http_api.create_middleware(self)])
        app.add_routes(
            [
                *http_api.get_routes(self),
                *images.get_routes(self),
                *previews.get_routes(self),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await self.open_port()
        self.playback.start_clock()
        return self

    async def stop(self) -> None:
        """Close all connections and the port."""
        self.playback.stop_clock()
        self.faults.clear()
        await self.close_port()
        for connection in list(self.open_connections):
            connection.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()
            self._runner = None
        if self._reserved:
            self._reserved.close()
            self._reserved = None

    async def __aenter__(self) -> Self:
        """Start."""
        return await self.start()

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop."""
        await self.stop()

    async def open_port(self) -> None:
        """Listen on a free port at first, on the same one from then on."""
        if self._listener or not self._runner or not self._runner.server:
            return
        if self._reserved is None:
            self._reserved = socket(AF_INET6 if ":" in self.host else AF_INET)
            self._reserved.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            self._reserved.bind((self.host, self.port))
            self.port = self._reserved.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            self._runner.server, self.host, self.port, ssl=self.ssl_context, reuse_address=True
        )

    async def close_port(self) -> None:
        """Close the port; connections stay."""
        if self._listener:
            self._listener.close()
            self._listener = None
            await asyncio.sleep(0)  # the loop lets go of the socket

    def create_task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine until it ends or the server stops."""
        task = asyncio.get_running_loop().create_task(work, eager_start=True)
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return task

    # What it is

    @property
    def is_started(self) -> bool:
        """Return whether the server runs."""
        return self._runner is not None

    @property
    def url(self) -> str:
        """Return the real address."""
        scheme = "https" if self.ssl_context else "http"
        return f"{scheme}://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """Return the configured address."""
        return self.base_url_override or self.url

    @base_url.setter
    def base_url(self, base_url: str | None) -> None:
        """Make it believe in another address."""
        self.base_url_override = base_url

    @property
    def server_version(self) -> str:
        """Return a version with this schema version."""
        return VERSIONS.get(self.schema_version, f"2.{self.schema_version}.0")

    @property
    def is_setup_required(self) -> bool:
        """Return whether there is no user yet."""
        return self.schema_version >= 28 and not self.users

    @property
    def connection_count(self) -> int:
        """Return the number of open websockets."""
        return len(self.open_connections)

    def get_info(self) -> dict[str, Any]:
        """Return the server info as this schema version sends it."""
        return messages.build_server_info(
            ServerInfoMessage(
                server_id=self.server_id,
                server_version=self.server_version,
                schema_version=self.schema_version,
                min_supported_schema_version=self.min_supported_schema_version,
                base_url=self.base_url,
                homeassistant_addon=self.homeassistant_addon,
                onboard_done=self.onboard_done,
                name=self.name,
                status=self.status,
            )
        )

    def serialize(self, value: Any) -> str:
        """Return JSON as this schema version sends it."""
        knows_ids = self.schema_version >= messages.IMAGE_IDS_SINCE
        return messages.serialize(value, images.encode_image_id if knows_ids else None)

    # Users

    @property
    def users(self) -> dict[str, User]:
        """Return the users by id."""
        return self.accounts.users

    @property
    def tokens(self) -> dict[str, AuthToken]:
        """Return the tokens by id."""
        return self.accounts.tokens

    @cached_property
    def library(self) -> Library:
        """Return what there is to play, made when it is asked for: many tests don't."""
        return Library.create()

    def add_user(
        self,
        username: str,
        password: str,
        role: str = "admin",
        player_filter: Iterable[str] = (),
        provider_filter: Iterable[str] = (),
    ) -> User:
        """Add a user."""
        return self.accounts.add_user(username, password, role, player_filter, provider_filter)

    def create_token(
        self,
        username: str,
        name: str = "Test",
        *,
        long_lived: bool = True,
        lifetime: timedelta | float | None = None,
    ) -> str:
        """Create a token; a lifetime is in seconds or a timedelta."""
        if isinstance(lifetime, int | float):
            lifetime = timedelta(seconds=lifetime)
        user = self.accounts.get_user(username)
        return self.accounts.create_token(user, name, long_lived=long_lived, lifetime=lifetime)

    @property
    def token_names(self) -> list[str]:
        """Return the names of the valid tokens."""
        return [token.name for token in self.tokens.values()]

    def revoke_token(self, token_or_id: str) -> None:
        """Revoke a token and close the connections that use it."""
        self.accounts.revoke_token(self.accounts.get_token_id(token_or_id) or token_or_id)

    def disable_user(self, username: str) -> None:
        """Disable a user and close their connections."""
        self.accounts.set_user_enabled(self.accounts.get_user(username), enabled=False)

    def resolve_token(self, token: str) -> tuple[User, str]:
        """Return the user of a token and its id; raises for an invalid one."""
        if found := self.accounts.resolve_token(token):
            return found
        raise InvalidToken("Invalid or expired token")

    def create_authentication_error(self, details: str | None = None) -> AuthenticationRequired:
        """Return the error for callers without a valid token."""
        return AuthenticationRequired(
            details or "Authentication required. Please send auth command first."
        )

    # Connections

    def add_connection(self, connection: Connection) -> None:
        """Add an opened websocket."""
        self.open_connections.add(connection)
        self.connects += 1

    def remove_connection(self, connection: Connection) -> None:
        """Remove a closed websocket."""
        self.open_connections.discard(connection)

    def close_connections(self, *, token_id: str | None = None, user_id: str | None = None) -> None:
        """Close the connections of a token or a user."""
        for connection in list(self.open_connections):
            caller = connection.caller
            if caller and (caller.token_id == token_id or caller.user.user_id == user_id):
                connection.close()

    def send_event(self, event: EventType, object_id: str | None = None, data: Any = None) -> None:
        """Send an event to all clients that can receive it."""
        listeners = [each for each in self.open_connections if each.can_receive(event, object_id)]
        if not listeners or self.playback.reporter.is_silenced(event):
            return
        data = self.playback.reporter.show(data)
        frame = self.serialize(messages.build_event(event, object_id, data))
        for connection in listeners:
            connection.send(frame)

    def send_event_to_each(self, event: EventType, data: Callable[[Caller], Any]) -> None:
        """Send an event to all clients, each with the data that it can see."""
        for connection in list(self.open_connections):
            if caller := connection.caller:
                connection.send(self.serialize(messages.build_event(event, None, data(caller))))

    # Players

    def add_player(self, player: Player, *, queue: bool = True, announce: bool = True) -> Player:
        """Add a player with a queue."""
        self.players[player.player_id] = player
        if queue and player.player_id not in self.queues:
            self.queues[player.player_id] = create_queue(player)
            self.queue_items[player.player_id] = []
        if announce:
            self.send_event(EventType.PLAYER_ADDED, player.player_id, player)
            if queue:
                self.send_event(
                    EventType.QUEUE_ADDED, player.player_id, self.queues[player.player_id]
                )
        return player

    def update_player(self, player_id: str, **changes: Any) -> Player:
        """Change a player and send it."""
        player = _set_fields(self.players[player_id], changes)
        self.send_event(EventType.PLAYER_UPDATED, player_id, player)
        return player

    def update_queue(self, queue_id: str, **changes: Any) -> PlayerQueue:
        """Change a queue and send it."""
        queue = _set_fields(self.queues[queue_id], changes)
        self.send_event(EventType.QUEUE_UPDATED, queue_id, queue)
        return queue

    def remove_player(self, player_id: str) -> None:
        """Remove a player and its queue."""
        self.playback.unjoin_player(player_id)
        del self.players[player_id]
        self.queues.pop(player_id, None)
        self.queue_items.pop(player_id, None)
        self.send_event(EventType.PLAYER_REMOVED, player_id)

    def set_player_config(self, player_id: str, **values: Any) -> None:
        """Change settings of a player, such as `name` and `expose_player_to_ha`."""
        self.configs.save(player_id, values)

    def stop_playback(self) -> None:
        """Stop all players without sending events."""
        self.playback.stop_all()

    def remove_all_players(self) -> tuple[dict[str, Player], dict[str, PlayerQueue]]:
        """Remove all players; return them."""
        away = (self.players, self.queues)
        self.players, self.queues = {}, {}
        return away

    def restore_players(
        self, away: tuple[dict[str, Player], dict[str, PlayerQueue]], *, announce: bool
    ) -> None:
        """Add the players again."""
        players, queues = away
        self.queues.update(queues)
        for player in players.values():
            self.add_player(player, queue=player.player_id in queues, announce=announce)

    def set_status(self, status: CoreState) -> None:
        """Set the state of the server's life cycle."""
        self.status = status
        if self.schema_version >= 29:
            self.send_event(EventType.CORE_STATE_UPDATED, data=self.get_info())


def _set_fields[T](thing: T, changes: Mapping[str, Any]) -> T:
    """Set fields; raises for fields that the model doesn't have."""
    for name, value in changes.items():
        if not hasattr(thing, name):
            raise AttributeError(f"{type(thing).__name__} has no {name}")
        setattr(thing, name, value)
    return thing
