"""Parsing of tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import jwt
import pytest

from custom_components.music_assistant.server.token import TokenInfo

from .server import MassServer

KEY = "a key that is long enough for the algorithm"
MADE = datetime(2026, 1, 1, tzinfo=UTC)


def create_token(**claims: Any) -> str:
    """Return a token with claims."""
    return jwt.encode({"jti": "id", **claims}, KEY)


@pytest.mark.parametrize("schema", [28, 46])
def test_parse_token(schema: int) -> None:
    """The claims of a server's token are read."""
    server = MassServer(schema_version=schema)
    token = server.create_token("demo", "Home Assistant (Küche)")
    [record] = server.tokens.values()
    read = TokenInfo.parse(token)
    assert read is not None
    assert record.expires_at is not None
    assert read == TokenInfo(
        record.token_id,
        record.created_at.replace(microsecond=0),
        record.expires_at.replace(microsecond=0),
    )


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "opaque",
        "a.b.c",
        "..",
        "a.b",
        "a.b.c.d",
        "a.ü.c",
        "a.bnVsbA.c",  # null
        "a.W10.c",  # []
        "a.e30.c",  # {}
        "a.gA.c",  # not a text
        create_token(jti=None),
        create_token(jti=7),
        create_token(exp=float("nan")),  # not JSON
    ],
)
def test_parse_other_token(token: str | None) -> None:
    """A token of another kind or of an old server is no error."""
    assert TokenInfo.parse(token) is None


@pytest.mark.parametrize("odd", [None, True, "tomorrow", "1767225600", [], {}, 1e20, -1e20, 10**30])
def test_parse_invalid_times(odd: Any) -> None:
    """An invalid or too large timestamp is ignored."""
    read = TokenInfo.parse(create_token(iat=odd, exp=odd))
    assert read is not None
    assert (read.created, read.expires, read.renew_at) == (None, None, None)
    assert not read.is_expiring_within(timedelta(days=30))


@pytest.mark.parametrize("days", [1, 30, 365, 3650])
def test_renewal_time(days: int, freezer: FrozenDateTimeFactory) -> None:
    """A token is due for renewal at two thirds of its lifetime."""
    freezer.move_to(MADE)
    expires = MADE + timedelta(days=days)
    token = TokenInfo("id", MADE, expires)
    assert token.renew_at == MADE + timedelta(days=days) * (2 / 3)
    assert token.is_expiring_within(timedelta(days=days, seconds=1))
    assert not token.is_expiring_within(timedelta(days=days))
    assert TokenInfo("id", None, expires).renew_at is None
    assert TokenInfo("id", MADE, None).renew_at is None
