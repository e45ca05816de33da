"""The secrets that servers have given out or were told, for who looks whether they can be seen."""

from typing import Final

SECRETS: Final[set[str]] = set()


def add(secret: str) -> str:
    """Note a secret; of a token only its signature, without which it opens nothing."""
    SECRETS.add(secret.rpartition(".")[2])
    return secret
