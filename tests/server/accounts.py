"""Users, tokens and the rate limit of wrong passwords."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import jwt
from music_assistant_models.auth import AuthToken, User, UserAuthProvider
from music_assistant_models.errors import LoginFailed

from . import issued_secrets

if TYPE_CHECKING:
    from .server import MassServer

ALGORITHM = "HS256"
SESSION_LIFETIME = timedelta(days=30)
SESSION_MAX_LIFETIME = timedelta(days=90)
SLIDING_SESSIONS_SINCE = 30  # sessions of older servers end when their token says
LONG_LIVED_LIFETIME = timedelta(days=365)
LEGACY_LONG_LIVED_LIFETIME = timedelta(days=3650)
LISTED_TOKENS_LIMIT = 100
LAST_USED_UPDATE_INTERVAL = timedelta(hours=1)

# How many wrong passwords cost how many seconds.
_LOGIN_DELAYS = ((15, 300), (10, 120), (6, 60), (3, 30))


@dataclass
class LoginFailures:
    """Represent the wrong passwords for one name."""

    count: int = 0
    last: float = 0.0

    def get_remaining_delay(self, now: float) -> float:
        """Return for how many seconds the name is locked."""
        seconds = next((wait for count, wait in _LOGIN_DELAYS if self.count >= count), 0)
        return self.last + seconds - now if seconds else 0


@dataclass
class Accounts:
    """Represent all users and tokens of a server."""

    server: MassServer
    users: dict[str, User] = field(default_factory=dict)  # by user id
    tokens: dict[str, AuthToken] = field(default_factory=dict)  # by token id
    links: dict[tuple[str, str], UserAuthProvider] = field(default_factory=dict)
    _passwords: dict[str, str] = field(default_factory=dict)
    _failures: dict[str, LoginFailures] = field(default_factory=dict)
    _key: str = field(default_factory=lambda: token_hex(32))

    @property
    def get_time(self) -> datetime:
        """Return the server's time."""
        return datetime.fromtimestamp(self.server.clock(), UTC)

    # Users

    def add_user(
        self,
        username: str,
        password: str,
        role: str = "admin",
        player_filter: Iterable[str] = (),
        provider_filter: Iterable[str] = (),
        **profile: Any,
    ) -> User:
        """Add a user."""
        user = User(
            user_id=token_hex(16),
            username=username.strip().lower(),
            role=role,
            created_at=self.get_time,
            player_filter=list(player_filter),
            provider_filter=list(provider_filter),
            **profile,
        )
        self.users[user.user_id] = user
        self.set_password(user, password)
        return user

    def set_password(self, user: User, password: str) -> None:
        """Change a password; tokens stay valid."""
        self._passwords[user.user_id] = issued_secrets.add_secret(password)

    def find_user(self, name: str, provider: str = "builtin") -> User | None:
        """Return a user by id or name, or by their id at another provider."""
        if provider != "builtin":
            link = self.links.get((provider, name))
            return self.users.get(link.user_id) if link else None
        if user := self.users.get(name):
            return user
        name = name.strip().lower()
        return next((user for user in self.users.values() if user.username == name), None)

    def link_user(self, username: str, provider: str, provider_user_id: str) -> UserAuthProvider:
        """Link a user to their account at another provider."""
        link = UserAuthProvider.from_dict(
            {
                "link_id": token_hex(16),
                "user_id": self.get_user(username).user_id,
                "provider_type": provider,
                "provider_user_id": provider_user_id,
            }
        )
        self.links[provider, provider_user_id] = link
        return link

    def get_user(self, username: str) -> User:
        """Return a user by name; KeyError if there is none."""
        if user := self.find_user(username):
            return user
        raise LookupError(f"No user {username}")

    def remove_user(self, user: User) -> None:
        """Remove a user and their tokens."""
        for token in list(self.get_tokens(user)):
            self.revoke_token(token.token_id)
        del self.users[user.user_id]

    def set_user_enabled(self, user: User, enabled: bool) -> None:
        """Enable or disable a user; a disabled one is disconnected."""
        user.enabled = enabled
        if not enabled:
            self.server.close_connections(user_id=user.user_id)

    # Signing in

    def check_login(self, username: str, password: str) -> User:
        """Return the user, or raise the error of a real server."""
        name = username.strip().lower()
        failures = self._failures.setdefault(name, LoginFailures())
        now = self.server.clock()
        if (seconds := failures.get_remaining_delay(now)) > 0:
            raise LoginFailed(
                f"Too many failed attempts. Please try again in {int(seconds)} seconds."
            )
        user = self.find_user(name)
        if user is None or not user.enabled or self._passwords[user.user_id] != password:
            failures.count, failures.last = failures.count + 1, now
            raise LoginFailed("Invalid username or password")
        del self._failures[name]
        return user

    # Tokens

    def create_token(
        self,
        user: User,
        name: str,
        *,
        long_lived: bool = False,
        lifetime: timedelta | None = None,
    ) -> str:
        """Create a token."""
        now = self.get_time
        expires_at = now + (lifetime or self._get_lifetime(long_lived))
        ends_at = expires_at if long_lived or lifetime else now + self._get_session_end
        token_id = token_hex(16)
        token = jwt.encode(
            {
                "sub": user.user_id,
                "jti": token_id,
                "iat": int(now.timestamp()),
                "exp": int(ends_at.timestamp()),
                "username": user.username,
                "role": user.role,
                "token_name": name,
                "is_long_lived": long_lived,
            },
            self._key,
            algorithm=ALGORITHM,
        )
        self.tokens[token_id] = AuthToken(
            token_id=token_id,
            user_id=user.user_id,
            token_hash=sha256(token.encode()).hexdigest(),
            name=name,
            created_at=now,
            expires_at=expires_at,
            is_long_lived=long_lived,
        )
        return issued_secrets.add_secret(token)

    def _get_lifetime(self, long_lived: bool) -> timedelta:
        if not long_lived:
            return SESSION_LIFETIME
        return LONG_LIVED_LIFETIME if self._has_sliding_sessions else LEGACY_LONG_LIVED_LIFETIME

    @property
    def _has_sliding_sessions(self) -> bool:
        return self.server.schema_version >= SLIDING_SESSIONS_SINCE

    @property
    def _get_session_end(self) -> timedelta:
        """Return when a session ends however much it is used."""
        return SESSION_MAX_LIFETIME if self._has_sliding_sessions else SESSION_LIFETIME

    def get_token_id(self, token: str) -> str | None:
        """Return the id of a token that this server signed and that hasn't expired."""
        options: Any = {"verify_exp": False, "verify_iat": False}  # the server's clock decides
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM], options=options)
        except jwt.InvalidTokenError:
            return None
        return claims["jti"] if claims["exp"] > self.server.clock() else None

    def resolve_token(self, token: str) -> tuple[User, str] | None:
        """Return the user of a token and the token's id."""
        record = self.tokens.get(self.get_token_id(token) or "")
        if record is None or (record.expires_at and record.expires_at <= self.get_time):
            return None
        user = self.users.get(record.user_id)
        if user is None or not user.enabled:
            return None
        self._update_last_used(record)
        return user, record.token_id

    def _update_last_used(self, record: AuthToken) -> None:
        """Store the use of a token; a sliding session is extended by it."""
        now = self.get_time
        if record.last_used_at is None or now - record.last_used_at >= LAST_USED_UPDATE_INTERVAL:
            record.last_used_at = now
        if not record.is_long_lived and self._has_sliding_sessions and record.expires_at:
            latest = min(now + SESSION_LIFETIME, record.created_at + SESSION_MAX_LIFETIME)
            record.expires_at = max(record.expires_at, latest)

    def get_tokens(self, user: User) -> Iterator[AuthToken]:
        """Return a user's tokens, the oldest first."""
        return (token for token in self.tokens.values() if token.user_id == user.user_id)

    def revoke_token(self, token_id: str) -> bool:
        """Revoke a token and close the connections that use it."""
        if self.tokens.pop(token_id, None) is None:
            return False
        self.server.close_connections(token_id=token_id)
        return True
