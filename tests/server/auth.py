"""Commands about users and tokens."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from music_assistant_models.auth import AuthToken, Scope, User, UserAuthProvider, UserRole
from music_assistant_models.errors import (
    InsufficientPermissions,
    InvalidDataError,
    MediaNotFoundError,
)

from .accounts import LISTED_TOKENS_LIMIT
from .commands import Caller, Command

if TYPE_CHECKING:
    from .server import MassServer


def get_login_providers() -> list[dict[str, Any]]:
    """Return the login providers."""
    return [
        {
            "provider_id": "builtin",
            "provider_type": "builtin",
            "requires_redirect": False,
        }
    ]


def _get_user(server: MassServer, user_id: str) -> User:
    if user := server.users.get(user_id):
        return user
    raise InvalidDataError("User not found")


def _resolve_user(server: MassServer, caller: Caller, user_id: str | None) -> User:
    """Return the user that a command is about: the caller, or any user for an admin."""
    if user_id in (None, caller.user.user_id):
        return caller.user
    if caller.user.role != UserRole.ADMIN:
        raise InsufficientPermissions("Admin access required")
    return _get_user(server, user_id or "")


def get_current_user(_server: MassServer, caller: Caller) -> User:
    """Return the caller."""
    return caller.user


def get_providers(_server: MassServer, _caller: Caller) -> list[dict[str, Any]]:
    """Return the login providers."""
    return get_login_providers()


def handle_login(
    server: MassServer, _caller: Caller, username: str, password: str, device_name: str = "API"
) -> dict[str, Any]:
    """Sign in over the websocket."""
    user = server.accounts.check_login(username, password)
    return {
        "success": True,
        "access_token": server.accounts.create_token(user, device_name),
        "user": user,
    }


def handle_logout(server: MassServer, caller: Caller) -> None:
    """Revoke the caller's token, which closes the connection before a response."""
    if caller.token_id:
        server.accounts.revoke_token(caller.token_id)


def get_scopes(_server: MassServer, caller: Caller) -> list[Scope]:
    """Return the caller's scopes."""
    return [scope for scope in Scope if caller.has_scope(scope)]


# Tokens


def create_token(server: MassServer, caller: Caller, name: str, user_id: str | None = None) -> str:
    """Create a long-lived token."""
    return server.accounts.create_token(
        _resolve_user(server, caller, user_id), name, long_lived=True
    )


def list_tokens(server: MassServer, caller: Caller, user_id: str | None = None) -> list[AuthToken]:
    """Return tokens, the oldest first."""
    subject = _resolve_user(server, caller, user_id)
    return list(islice(server.accounts.get_tokens(subject), LISTED_TOKENS_LIMIT))


def revoke_token(server: MassServer, caller: Caller, token_id: str) -> None:
    """Revoke a token of the caller, or of any user for an admin."""
    if (token := server.tokens.get(token_id)) is None:
        raise InvalidDataError("Token not found")
    _resolve_user(server, caller, token.user_id)
    server.accounts.revoke_token(token_id)


# Users


def list_users(server: MassServer, _caller: Caller) -> list[User]:
    """Return all users."""
    return list(server.users.values())


def get_user(server: MassServer, _caller: Caller, user_id: str) -> User | None:
    """Return one user."""
    return server.users.get(user_id)


def create_user(
    server: MassServer,
    _caller: Caller,
    *,
    username: str,
    password: str,
    role: str = UserRole.USER,
    display_name: str | None = None,
    avatar_url: str | None = None,
    player_filter: list[str] | None = None,
    provider_filter: list[str] | None = None,
) -> User:
    """Create a user."""
    if server.accounts.find_user(username):
        raise InvalidDataError(f"User {username} already exists")
    return server.accounts.add_user(
        username,
        password,
        role,
        player_filter or (),
        provider_filter or (),
        display_name=display_name,
        avatar_url=avatar_url,
    )


def delete_user(server: MassServer, caller: Caller, user_id: str) -> None:
    """Remove a user other than the caller."""
    if user_id == caller.user.user_id:
        raise InvalidDataError("Cannot delete your own account")
    server.accounts.remove_user(_get_user(server, user_id))


def enable_user(server: MassServer, _caller: Caller, user_id: str) -> None:
    """Enable a user."""
    server.accounts.set_user_enabled(_get_user(server, user_id), enabled=True)


def disable_user(server: MassServer, caller: Caller, user_id: str) -> None:
    """Disable a user other than the caller."""
    if user_id == caller.user.user_id:
        raise InvalidDataError("Cannot disable your own account")
    server.accounts.set_user_enabled(_get_user(server, user_id), enabled=False)


_ADMIN_FIELDS = ("role", "player_filter", "provider_filter")
_OWN_FIELDS = ("username", "display_name", "avatar_url", "preferences")


def update_user(
    server: MassServer,
    caller: Caller,
    *,
    user_id: str | None = None,
    username: str | None = None,
    display_name: str | None = None,
    avatar_url: str | None = None,
    password: str | None = None,
    role: str | None = None,
    preferences: dict[str, Any] | None = None,
    player_filter: list[str] | None = None,
    provider_filter: list[str] | None = None,
) -> User:
    """Change a user; tokens stay valid."""
    given = {name: value for name, value in locals().items() if value is not None}
    user = _resolve_user(server, caller, user_id)
    if caller.user.role != UserRole.ADMIN and _has_any(given, _ADMIN_FIELDS):
        raise InsufficientPermissions("Admin access required")
    for name in (*_OWN_FIELDS, *_ADMIN_FIELDS):
        if name in given:
            setattr(user, name, given[name])
    if password:
        server.accounts.set_password(user, password)
    return user


def _has_any(given: dict[str, Any], names: Iterable[str]) -> bool:
    return not given.keys().isdisjoint(names)


def list_linked_providers(server: MassServer, caller: Caller) -> list[UserAuthProvider]:
    """Return the caller's accounts at other providers."""
    links = server.accounts.links.values()
    return [link for link in links if link.user_id == caller.user.user_id]


def remove_linked_provider(
    server: MassServer, _caller: Caller, user_id: str, provider_type: str
) -> bool:
    """Unlink a user from their account at another provider."""
    links = server.accounts.links
    key = next((k for k, v in links.items() if (k[0], v.user_id) == (provider_type, user_id)), None)
    if key is None:
        raise MediaNotFoundError("User is not linked to this provider")
    del links[key]
    return True


COMMANDS = {
    "auth/me": Command(get_current_user, since=28),
    "auth/login": Command(handle_login, since=28, public=True),
    "auth/logout": Command(handle_logout, since=28),
    "auth/providers": Command(get_providers, since=28, public=True),
    "auth/scopes": Command(get_scopes, since=46),
    "auth/token/create": Command(create_token, since=28),
    "auth/token/revoke": Command(revoke_token, since=28),
    "auth/tokens": Command(list_tokens, since=28),
    "auth/user": Command(get_user, since=28, admin=True),
    "auth/user/create": Command(create_user, since=28, admin=True),
    "auth/user/delete": Command(delete_user, since=28, admin=True),
    "auth/user/disable": Command(disable_user, since=28, admin=True),
    "auth/user/enable": Command(enable_user, since=28, admin=True),
    "auth/user/providers": Command(list_linked_providers, since=28),
    "auth/user/unlink_provider": Command(remove_linked_provider, since=28, admin=True),
    "auth/user/update": Command(update_user, since=28),
    "auth/users": Command(list_users, since=28, admin=True),
}
