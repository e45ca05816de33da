"""Users, tokens and the brake on wrong passwords."""

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

from . import given

if TYPE_CHECKING:
    from .server import MassServer

ALGORITHM = "HS256"
SESSION = timedelta(days=30)
SESSION_AT_MOST = timedelta(days=90)
SLIDING_SINCE = 30  # sessions of older servers end when their token says
LONG_LIVED = timedelta(days=365)
LONG_LIVED_BEFORE = timedelta(days=3650)
TOKENS_LISTED = 100
LAST_USED_EVERY = timedelta(hours=1)

# How many wrong passwords cost how many seconds.
_BRAKE = ((15, 300), (10, 120), (6, 60), (3, 30))


@dataclass
class Failures:
    """The wrong passwords for one name."""

    count: int = 0
    last: float = 0.0

    def remaining(self, now: float) -> float:
        """Return for how many seconds the name is locked."""
        seconds = next((wait for count, wait in _BRAKE if self.count >= count), 0)
        return self.last + seconds - now if seconds else 0


@dataclass
class Accounts:
    """All users and tokens of a server."""

    server: MassServer
    users: dict[str, User] = field(default_factory=dict)  # by user id
    tokens: dict[str, AuthToken] = field(default_factory=dict)  # by token id
    links: dict[tuple[str, str], UserAuthProvider] = field(default_factory=dict)
    _passwords: dict[str, str] = field(default_factory=dict)
    _failures: dict[str, Failures] = field(default_factory=dict)
    _key: str = field(default_factory=lambda: token_hex(32))

    @property
    def now(self) -> datetime:
        """Return the server's time."""
        return datetime.fromtimestamp(self.server.clock(), UTC)

    # Users

    def add(
        self,
        username: str,
        password: str,
        role: str = "admin",
        player_filter: Iterable[str] = (),
        provider_filter: Iterable[str] = (),
        **profile: Any,
    ) -> User:
        """Make a user."""
        user = User(
            user_id=token_hex(16),
            username=username.strip().lower(),
            role=role,
            created_at=self.now,
            player_filter=list(player_filter),
            provider_filter=list(provider_filter),
            **profile,
        )
        self.users[user.user_id] = user
        self.set_password(user, password)
        return user

    def set_password(self, user: User, password: str) -> None:
        """Change a password; tokens stay as they are."""
        self._passwords[user.user_id] = given.add(password)

    def find(self, name: str, provider: str = "builtin") -> User | None:
        """Return a user by id or name, or by their id at another provider."""
        if provider != "builtin":
            link = self.links.get((provider, name))
            return self.users.get(link.user_id) if link else None
        if user := self.users.get(name):
            return user
        name = name.strip().lower()
        return next((user for user in self.users.values() if user.username == name), None)

    def link(self, username: str, provider: str, provider_user_id: str) -> UserAuthProvider:
        """Tie a user to their account at another provider."""
        link = UserAuthProvider.from_dict(
            {
                "link_id": token_hex(16),
                "user_id": self.named(username).user_id,
                "provider_type": provider,
                "provider_user_id": provider_user_id,
            }
        )
        self.links[provider, provider_user_id] = link
        return link

    def named(self, username: str) -> User:
        """Return a user that must be there."""
        if user := self.find(username):
            return user
        raise LookupError(f"No user {username}")

    def remove(self, user: User) -> None:
        """Forget a user and their tokens."""
        for token in list(self.tokens_of(user)):
            self.revoke(token.token_id)
        del self.users[user.user_id]

    def enable(self, user: User, enabled: bool) -> None:
        """Enable or disable a user; a disabled one is cut off."""
        user.enabled = enabled
        if not enabled:
            self.server.end_connections(user_id=user.user_id)

    # Signing in

    def login(self, username: str, password: str) -> User:
        """Return the user, or raise with what the real server says."""
        name = username.strip().lower()
        failures = self._failures.setdefault(name, Failures())
        now = self.server.clock()
        if (seconds := failures.remaining(now)) > 0:
            raise LoginFailed(
                f"Too many failed attempts. Please try again in {int(seconds)} seconds."
            )
        user = self.find(name)
        if user is None or not user.enabled or self._passwords[user.user_id] != password:
            failures.count, failures.last = failures.count + 1, now
            raise LoginFailed("Invalid username or password")
        del self._failures[name]
        return user

    # Tokens

    def mint(
        self,
        user: User,
        name: str,
        *,
        long_lived: bool = False,
        lifetime: timedelta | None = None,
    ) -> str:
        """Make a token."""
        now = self.now
        expires_at = now + (lifetime or self._lifetime(long_lived))
        ends_at = expires_at if long_lived or lifetime else now + self._session_end
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
        return given.add(token)

    def _lifetime(self, long_lived: bool) -> timedelta:
        if not long_lived:
            return SESSION
        return LONG_LIVED if self._sliding else LONG_LIVED_BEFORE

    @property
    def _sliding(self) -> bool:
        return self.server.schema_version >= SLIDING_SINCE

    @property
    def _session_end(self) -> timedelta:
        """Return when a session ends however much it is used."""
        return SESSION_AT_MOST if self._sliding else SESSION

    def token_id(self, token: str) -> str | None:
        """Return the id of a token that this server signed and that is not over."""
        options: Any = {"verify_exp": False, "verify_iat": False}  # the server's clock decides
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM], options=options)
        except jwt.InvalidTokenError:
            return None
        return claims["jti"] if claims["exp"] > self.server.clock() else None

    def authenticate(self, token: str) -> tuple[User, str] | None:
        """Return whose token this is and its id."""
        record = self.tokens.get(self.token_id(token) or "")
        if record is None or (record.expires_at and record.expires_at <= self.now):
            return None
        user = self.users.get(record.user_id)
        if user is None or not user.enabled:
            return None
        self._used(record)
        return user, record.token_id

    def _used(self, record: AuthToken) -> None:
        """Note the use of a token; a session lasts longer for it."""
        now = self.now
        if record.last_used_at is None or now - record.last_used_at >= LAST_USED_EVERY:
            record.last_used_at = now
        if not record.is_long_lived and self._sliding and record.expires_at:
            latest = min(now + SESSION, record.created_at + SESSION_AT_MOST)
            record.expires_at = max(record.expires_at, latest)

    def tokens_of(self, user: User) -> Iterator[AuthToken]:
        """Return a user's tokens, the oldest first."""
        return (token for token in self.tokens.values() if token.user_id == user.user_id)

    def revoke(self, token_id: str) -> bool:
        """Forget a token and end the connections that use it."""
        if self.tokens.pop(token_id, None) is None:
            return False
        self.server.end_connections(token_id=token_id)
        return True
