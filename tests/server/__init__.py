"""A Music Assistant server for the tests and the demo."""

from .player_set import PlayerSet
from .server import MassServer

__all__ = ["MassServer", "PlayerSet"]
