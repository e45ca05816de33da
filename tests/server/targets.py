"""Commands that are about one player or one queue: who may, and whether it is there."""

import annotationlib
from collections.abc import Callable
from dataclasses import dataclass
import inspect
from typing import TYPE_CHECKING, Any

from music_assistant_models.errors import PlayerUnavailableError
from music_assistant_models.player import Player
from music_assistant_models.player_queue import PlayerQueue

from .commands import Caller

if TYPE_CHECKING:
    from .server import MassServer


def _with_id(act: Callable[..., Any], name: str) -> inspect.Signature:
    """Return the signature of an act for clients, who name its object by id."""
    server, subject, *rest = inspect.signature(
        act, annotation_format=annotationlib.Format.FORWARDREF
    ).parameters.values()
    caller = subject.replace(name="caller")
    return inspect.Signature([server, caller, subject.replace(name=name, annotation=str), *rest])


@dataclass(frozen=True)
class OnPlayer:
    """Something done to a player; nothing is done to an unknown or unavailable one."""

    act: Callable[..., Any]
    name: str = "player_id"

    @property
    def __signature__(self) -> inspect.Signature:
        """Return what a client passes."""
        return _with_id(self.act, self.name)

    def __call__(self, server: MassServer, caller: Caller, **args: Any) -> Any:
        """Do it."""
        player: Player | None = server.players.get(args.pop(self.name))
        if player is None or not player.available:
            return None
        caller.check_sees(player.player_id)
        return self.act(server, player, **args)


@dataclass(frozen=True)
class OnQueue:
    """Something done to a queue."""

    act: Callable[..., Any]
    name: str = "queue_id"

    @property
    def __signature__(self) -> inspect.Signature:
        """Return what a client passes."""
        return _with_id(self.act, self.name)

    def __call__(self, server: MassServer, caller: Caller, **args: Any) -> Any:
        """Do it."""
        queue = queue_of(server, args.pop(self.name))
        caller.check_sees(queue.queue_id)
        return self.act(server, queue, **args)


def queue_of(server: MassServer, queue_id: str) -> PlayerQueue:
    """Return a queue, or raise."""
    if queue := server.queues.get(queue_id):
        return queue
    raise PlayerUnavailableError(f"Queue {queue_id} is not available")
