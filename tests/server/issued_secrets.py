"""Secrets of all test servers, which must not appear in logs, states or diagnostics."""

from typing import Final

SECRETS: Final[set[str]] = set()


def add_secret(secret: str) -> str:
    """Add a secret; of a token only its signature, without which it is useless."""
    SECRETS.add(secret.rpartition(".")[2])
    return secret
