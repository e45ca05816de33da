"""The server: its port, its state, its events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import timedelta
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
    auth,
    config,
    dashboards,
    http_api,
    images,
    music,
    players,
    queues,
    system,
    tasks,
    wire,
)
from .accounts import Accounts
from .commands import Caller, Command
from .config import PlayerConfigs, Sounds
from .faults import Faults
from .household import Household, queue_for
from .library import Library
from .playback import Playback

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
}


def wall_clock() -> float:
    """Return the time of day; looked up at each call, so that tests may replace it."""
    return time.time()


class MassServer:
    """A Music Assistant server."""

    def __init__(
        self,
        *,
        schema_version: int = 46,
        host: str = "127.0.0.1",
        port: int = 0,
        household: Household | None = None,
        library: Library | None = None,
        users: Mapping[str, str] | None = None,
        ssl_context: SSLContext | None = None,
        server_id: str = DEMO_SERVER_ID,
        name: str = "Music Assistant",
        homeassistant_addon: bool = False,
        onboard_done: bool = True,
        base_url: str | None = None,
    ) -> None:
        """Furnish the house; nothing listens yet. `users`: name -> password, all of them admins."""
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
        self.clock: Callable[[], float] = wall_clock
        self.command_table = dict(COMMANDS)

        self.commands: list[tuple[str, dict[str, Any]]] = []
        self.http_requests: list[tuple[str, str]] = []
        self.open_connections: set[Connection] = set()
        self.connects = 0

        self.faults = Faults(self)
        self.accounts = Accounts(self)
        self.nobody = Caller(User(user_id="nobody", username="nobody", role=UserRole.ADMIN))
        for username, password in (users or DEFAULT_USERS if onboard_done else {}).items():
            self.add_user(username, password)

        self.library = library or Library.generate()
        self.providers = system.providers()
        self.broken = system.Broken(self)
        self.manifests = system.manifests()
        self.players: dict[str, Player] = {}
        self.queues: dict[str, PlayerQueue] = {}
        self.queue_items: dict[str, list[QueueItem]] = {}
        self.configs = PlayerConfigs(self)
        self.sounds = Sounds()
        self.dashboards = dashboards.Dashboards(self)
        self.tasks = tasks.Tasks(self)
        self.playback = Playback(self)
        for player in (household or Household.demo()).players:
            self.add_player(player, announce=False)
        self.playback.settle()

        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._reserved: socket | None = None  # or another process might take a closed port

    # Life

    async def start(self) -> Self:
        """Open the port."""
        app = web.Application(middlewares=[http_api.gatekeeper(self)])
        app.add_routes([*http_api.routes(self), *images.routes(self)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await self.open_port()
        self.playback.wake()
        return self

    async def stop(self) -> None:
        """Say goodbye to all clients and close the port."""
        self.playback.stop()
        self.faults.clear()
        await self.close_port()
        for connection in list(self.open_connections):
            connection.end()
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
        """Listen; on any free port at first, on the same one from then on."""
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
        """Listen no more; connections stay."""
        if self._listener:
            self._listener.close()
            self._listener = None
            await asyncio.sleep(0)  # the loop lets go of the socket

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something on the side, until done or until the server stops."""
        task = asyncio.get_running_loop().create_task(work, eager_start=True)
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return task

    # What it is

    @property
    def started(self) -> bool:
        """Tell whether the server runs."""
        return self._runner is not None

    @property
    def url(self) -> str:
        """Return the address that it really has."""
        scheme = "https" if self.ssl_context else "http"
        return f"{scheme}://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """Return the address that it believes to have."""
        return self.base_url_override or self.url

    @base_url.setter
    def base_url(self, base_url: str | None) -> None:
        """Make it believe in another address."""
        self.base_url_override = base_url

    @property
    def server_version(self) -> str:
        """Return a version that had this schema version."""
        return VERSIONS.get(self.schema_version, f"2.{self.schema_version}.0")

    @property
    def setup_required(self) -> bool:
        """Tell whether nobody has made the first user yet."""
        return self.schema_version >= 28 and not self.users

    @property
    def connections(self) -> int:
        """Return how many websockets are open."""
        return len(self.open_connections)

    def info(self) -> dict[str, Any]:
        """Return the server info as this schema version sends it."""
        return wire.server_info(
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

    def dumps(self, value: Any) -> str:
        """Write JSON as this schema version does."""
        knows_ids = self.schema_version >= wire.IMAGE_IDS_SINCE
        return wire.dumps(value, images.image_id if knows_ids else None)

    # Users

    @property
    def users(self) -> dict[str, User]:
        """Return the users by id."""
        return self.accounts.users

    @property
    def tokens(self) -> dict[str, AuthToken]:
        """Return the tokens by id."""
        return self.accounts.tokens

    def add_user(
        self,
        username: str,
        password: str,
        role: str = "admin",
        player_filter: Iterable[str] = (),
        provider_filter: Iterable[str] = (),
    ) -> User:
        """Make a user."""
        return self.accounts.add(username, password, role, player_filter, provider_filter)

    def mint_token(
        self,
        username: str,
        name: str = "Test",
        *,
        long_lived: bool = True,
        lifetime: timedelta | float | None = None,
    ) -> str:
        """Make a token; a lifetime is in seconds or a timedelta."""
        if isinstance(lifetime, int | float):
            lifetime = timedelta(seconds=lifetime)
        user = self.accounts.named(username)
        return self.accounts.mint(user, name, long_lived=long_lived, lifetime=lifetime)

    @property
    def token_names(self) -> list[str]:
        """Return the names of the tokens that are valid."""
        return [token.name for token in self.tokens.values()]

    def revoke_token(self, token_or_id: str) -> None:
        """Revoke a token, which ends the connections that use it."""
        self.accounts.revoke(self.accounts.token_id(token_or_id) or token_or_id)

    def disable_user(self, username: str) -> None:
        """Disable a user, which ends their connections."""
        self.accounts.enable(self.accounts.named(username), enabled=False)

    def authenticated(self, token: str) -> tuple[User, str]:
        """Return whose token it is and its id, or raise."""
        if found := self.accounts.authenticate(token):
            return found
        raise InvalidToken("Invalid or expired token")

    def authentication_required(self, details: str | None = None) -> AuthenticationRequired:
        """Return the error for who hasn't signed in."""
        return AuthenticationRequired(
            details or "Authentication required. Please send auth command first."
        )

    # Connections

    def accepted(self, connection: Connection) -> None:
        """Count a new websocket."""
        self.open_connections.add(connection)
        self.connects += 1

    def left(self, connection: Connection) -> None:
        """Forget a closed websocket."""
        self.open_connections.discard(connection)

    def end_connections(self, *, token_id: str | None = None, user_id: str | None = None) -> None:
        """Close the connections of a token or a user."""
        for connection in list(self.open_connections):
            caller = connection.caller
            if caller and (caller.token_id == token_id or caller.user.user_id == user_id):
                connection.end()

    def signal(self, event: EventType, object_id: str | None = None, data: Any = None) -> None:
        """Send an event to all clients that may know of it."""
        listeners = [each for each in self.open_connections if each.may_receive(event, object_id)]
        if not listeners:
            return
        frame = self.dumps(wire.event(event, object_id, data))
        for connection in listeners:
            connection.send(frame)

    def signal_each(self, event: EventType, data: Callable[[Caller], Any]) -> None:
        """Send an event to all clients, each with what it may know."""
        for connection in list(self.open_connections):
            if caller := connection.caller:
                connection.send(self.dumps(wire.event(event, None, data(caller))))

    # Players

    def add_player(self, player: Player, *, queue: bool = True, announce: bool = True) -> Player:
        """Take in a player, with a queue of its own."""
        self.players[player.player_id] = player
        if queue and player.player_id not in self.queues:
            self.queues[player.player_id] = queue_for(player)
            self.queue_items[player.player_id] = []
        if announce:
            self.signal(EventType.PLAYER_ADDED, player.player_id, player)
            if queue:
                self.signal(EventType.QUEUE_ADDED, player.player_id, self.queues[player.player_id])
        return player

    def update_player(self, player_id: str, **changes: Any) -> Player:
        """Change a player and tell."""
        player = _changed(self.players[player_id], changes)
        self.signal(EventType.PLAYER_UPDATED, player_id, player)
        return player

    def update_queue(self, queue_id: str, **changes: Any) -> PlayerQueue:
        """Change a queue and tell."""
        queue = _changed(self.queues[queue_id], changes)
        self.signal(EventType.QUEUE_UPDATED, queue_id, queue)
        return queue

    def remove_player(self, player_id: str) -> None:
        """Forget a player and its queue."""
        self.playback.release(player_id)
        del self.players[player_id]
        self.queues.pop(player_id, None)
        self.queue_items.pop(player_id, None)
        self.signal(EventType.PLAYER_REMOVED, player_id)

    def set_player_config(self, player_id: str, **values: Any) -> None:
        """Change settings of a player, such as `name` and `expose_player_to_ha`."""
        self.configs.save(player_id, values)

    def stop_playing(self) -> None:
        """Let all players fall silent without a word."""
        self.playback.silence()

    def take_players_away(self) -> tuple[dict[str, Player], dict[str, PlayerQueue]]:
        """Know no players for now."""
        away = (self.players, self.queues)
        self.players, self.queues = {}, {}
        return away

    def bring_players_back(
        self, away: tuple[dict[str, Player], dict[str, PlayerQueue]], *, announce: bool
    ) -> None:
        """Know the players again."""
        players, queues = away
        self.queues.update(queues)
        for player in players.values():
            self.add_player(player, queue=player.player_id in queues, announce=announce)

    def set_status(self, status: CoreState) -> None:
        """Enter another phase of life."""
        self.status = status
        if self.schema_version >= 29:
            self.signal(EventType.CORE_STATE_UPDATED, data=self.info())


def _changed[T](thing: T, changes: Mapping[str, Any]) -> T:
    """Set fields, refusing those that the model doesn't have."""
    for name, value in changes.items():
        if not hasattr(thing, name):
            raise AttributeError(f"{type(thing).__name__} has no {name}")
        setattr(thing, name, value)
    return thing
