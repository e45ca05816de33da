"""A Music Assistant server for tests and the demo."""

from .household import Household
from .server import MassServer

__all__ = ["Household", "MassServer"]
