"""Commands: their definition, permissions and arguments."""

from __future__ import annotations

import annotationlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
import inspect
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from music_assistant_models.auth import Scope, User, UserRole
from music_assistant_models.errors import (
    InsufficientPermissions,
    InvalidCommand,
    InvalidDataError,
    UserNotFoundError,
)

if TYPE_CHECKING:
    from .connection import Connection
    from .server import MassServer

IMPERSONATION_SINCE = 35  # older servers know the argument as `username`
LINKED_USER_SINCE = 44
# What can be asked on behalf of somebody else; other commands ignore the argument.
_ON_BEHALF = frozenset(
    {
        "music/item_by_name",
        "music/search",
        "music/verify_item_uri",
        "player_queues/play_media",
    }
)
_LISTING_SUFFIX = "/library_items"

_GUEST = frozenset(
    {
        Scope.LIBRARY_READ,
        Scope.PLAYERS_READ,
        Scope.PLAYERS_CONTROL,
        Scope.QUEUES_READ,
        Scope.QUEUES_CONTROL,
        Scope.PROVIDERS_READ,
        Scope.CONFIG_PLAYERS_READ,
    }
)
_USER = _GUEST | {
    Scope.LIBRARY_WRITE,
    Scope.CONFIG_PROVIDERS_READ,
    Scope.CONFIG_CORE_READ,
    Scope.USERS_INVITE,
    Scope.SYSTEM_READ,
}
# A role that isn't here may do nothing that needs a scope.
SCOPES: dict[str, frozenset[Scope]] = {
    UserRole.ADMIN: frozenset(Scope),
    UserRole.USER: _USER,
    UserRole.GUEST: _GUEST,
    UserRole.SERVICE: _USER | {Scope.CONFIG_PLAYERS_WRITE, Scope.USERS_IMPERSONATE},
}
# The scope that a command needs unless its row says otherwise; the first match counts.
_SCOPE_BY_PREFIX = (
    ("players/cmd/", Scope.PLAYERS_CONTROL),
    ("players/", Scope.PLAYERS_READ),
    ("player_queues/all", Scope.QUEUES_READ),
    ("player_queues/get", Scope.QUEUES_READ),
    ("player_queues/items", Scope.QUEUES_READ),
    ("player_queues/", Scope.QUEUES_CONTROL),
    ("music/", Scope.LIBRARY_READ),
    ("providers", Scope.PROVIDERS_READ),
    ("config/players", Scope.CONFIG_PLAYERS_READ),
)


@dataclass(frozen=True)
class Command:
    """Represent one row of the command table."""

    handler: Callable[..., Any]
    since: int = 0  # the schema version that brought it
    until: int = 1_000_000  # the one that no longer had it
    admin: bool = False
    public: bool = False  # answered before `auth`
    scope: Scope | None = None  # None: by the beginning of its name


@dataclass(frozen=True)
class Caller:
    """Represent the user of a command and their connection."""

    user: User
    token_id: str | None = None
    connection: Connection | None = None

    def has_scope(self, scope: Scope) -> bool:
        """Return whether the caller's role grants a scope."""
        return scope in SCOPES.get(self.user.role, ())

    def can_see(self, player_id: str) -> bool:
        """Return whether a player is visible to the caller."""
        return not self.user.player_filter or player_id in self.user.player_filter

    def ensure_visible(self, player_id: str) -> None:
        """Raise the server's error for a player that is hidden from the caller."""
        if not self.can_see(player_id):
            raise InsufficientPermissions(
                f"{self.user.username} does not have access to player {player_id}"
            )


async def call_command(
    server: MassServer, caller: Caller | None, name: str, args: dict[str, Any]
) -> Any:
    """Run a command and return its result."""
    command = find_command(server, name)
    caller = check_permission(server, caller, name, command)
    if name in _ON_BEHALF or name.endswith(_LISTING_SUFFIX):
        caller = _resolve_impersonation(server, caller, args)
    result = command.handler(server, caller, **_bind_arguments(command.handler, args))
    return await result if inspect.isawaitable(result) else result


def find_command(server: MassServer, name: str) -> Command:
    """Return a command that exists in the server's schema version."""
    command = server.command_table.get(name)
    if command is None or not command.since <= server.schema_version < command.until:
        raise InvalidCommand(f"Invalid command: {name}")
    return command


def check_permission(
    server: MassServer, caller: Caller | None, name: str, command: Command
) -> Caller:
    """Return the caller if they may use the command."""
    if caller is None:
        if command.public:
            return server.anonymous_caller
        raise server.create_authentication_error()
    if command.admin and caller.user.role != UserRole.ADMIN:
        raise InsufficientPermissions("Admin access required")
    scope = command.scope or next(
        (s for start, s in _SCOPE_BY_PREFIX if name.startswith(start)), None
    )
    if scope and not caller.has_scope(scope):
        raise InsufficientPermissions(f"This command requires the {scope} scope")
    return caller


def _resolve_impersonation(server: MassServer, caller: Caller, args: dict[str, Any]) -> Caller:
    """Return the caller that the `user` argument names."""
    names = ("user", "username") if server.schema_version >= IMPERSONATION_SINCE else ("username",)
    wanted = next((args[name] for name in names if args.get(name)), None)
    if not wanted:
        return caller
    if (user := _find_user(server, wanted)) is None:
        return caller
    if user.user_id != caller.user.user_id and not caller.has_scope(Scope.USERS_IMPERSONATE):
        raise InsufficientPermissions(
            "The users.impersonate scope is required to impersonate another user."
        )
    return replace(caller, user=user)


def _find_user(server: MassServer, wanted: Any) -> User | None:
    """Return the user, None if an unknown one may be ignored."""
    provider, name, required = "builtin", str(wanted), True
    if isinstance(wanted, dict) and server.schema_version >= LINKED_USER_SINCE:
        provider, name = wanted["provider"], wanted["user_id"]
        required = wanted.get("required", True)
    user = server.accounts.find_user(name, provider)
    if user is None and required:
        error = (
            UserNotFoundError if server.schema_version >= LINKED_USER_SINCE else InvalidDataError
        )
        raise error(f"A user with user id or name {name} is not available.")
    return user


# Arguments


@dataclass(frozen=True)
class _Parameter:
    """Represent a parameter of a command's handler."""

    name: str
    kind: Any
    default: Any


@cache
def _get_parameters(handler: Callable[..., Any]) -> tuple[_Parameter, ...]:
    """Return the parameters of a handler after server and caller."""
    signature = inspect.signature(handler, annotation_format=annotationlib.Format.FORWARDREF)
    return tuple(
        _Parameter(name, _resolve_annotation(handler, parameter.annotation), parameter.default)
        for name, parameter in list(signature.parameters.items())[2:]
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    )


def _resolve_annotation(handler: Callable[..., Any], kind: Any) -> Any:
    """Return the type of an annotation as far as it can be resolved."""
    if not isinstance(kind, str):
        return kind
    reference = annotationlib.ForwardRef(kind, owner=handler)
    return reference.evaluate(format=annotationlib.Format.FORWARDREF)


def _bind_arguments(handler: Callable[..., Any], args: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments for a handler; unknown ones are ignored as on a real server."""
    return {
        parameter.name: _convert_argument(parameter, args.get(parameter.name))
        for parameter in _get_parameters(handler)
    }


def _convert_argument(parameter: _Parameter, value: Any) -> Any:
    """Return an argument as the type of its parameter; None for a missing one."""
    if value is not None:
        return parse_value(parameter.name, value, parameter.kind)
    if parameter.default is not inspect.Parameter.empty:
        return parameter.default
    if _is_optional(parameter.kind):
        return None
    raise KeyError(f"`{parameter.name}` is required.")


def _is_optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind)


def parse_value(name: str, value: Any, kind: Any) -> Any:
    """Parse a JSON value as the annotated type where that is possible."""
    if get_origin(kind) in (Union, UnionType):
        kinds = [choice for choice in get_args(kind) if choice is not NoneType]
        return parse_value(name, value, kinds[0]) if len(kinds) == 1 else value
    if get_origin(kind) is list and isinstance(value, list):
        return [parse_value(name, each, get_args(kind)[0]) for each in value]
    kind = get_origin(kind) or kind
    if kind is Any or not isinstance(kind, type):
        return value
    if issubclass(kind, Enum):
        return kind(value)
    if isinstance(value, dict) and (from_dict := getattr(kind, "from_dict", None)):
        return from_dict(value)
    if (convert := _CONVERSIONS.get((type(value), kind))) is not None:
        return convert(value)
    if not isinstance(value, kind):
        raise TypeError(f"Value {value} of type {type(value)} is invalid for {name}")
    return value


_CONVERSIONS: dict[tuple[type, type], Callable[[Any], Any]] = {
    (int, float): float,
    (float, int): int,
    (str, int): int,
    (str, float): float,
    (int, bool): bool,
    (str, bool): lambda value: value.lower() in ("true", "1", "yes", "on"),
}
