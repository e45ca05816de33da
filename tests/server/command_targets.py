"""Commands for one player or one queue: permissions and lookup."""

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


def _build_signature(act: Callable[..., Any], name: str) -> inspect.Signature:
    """Return the signature for clients, who name the object by id."""
    server, subject, *rest = inspect.signature(
        act, annotation_format=annotationlib.Format.FORWARDREF
    ).parameters.values()
    caller = subject.replace(name="caller")
    return inspect.Signature([server, caller, subject.replace(name=name, annotation=str), *rest])


@dataclass(frozen=True)
class PlayerCommand:
    """Represent a command for a player; ignored for an unknown or unavailable one."""

    act: Callable[..., Any]
    name: str = "player_id"

    @property
    def __signature__(self) -> inspect.Signature:
        """Return the signature for clients."""
        return _build_signature(self.act, self.name)

    def __call__(self, server: MassServer, caller: Caller, **args: Any) -> Any:
        """Run the command."""
        player: Player | None = server.players.get(args.pop(self.name))
        if player is None or not player.available:
            return None
        caller.ensure_visible(player.player_id)
        return self.act(server, player, **args)


@dataclass(frozen=True)
class QueueCommand:
    """Represent a command for a queue."""

    act: Callable[..., Any]
    name: str = "queue_id"

    @property
    def __signature__(self) -> inspect.Signature:
        """Return the signature for clients."""
        return _build_signature(self.act, self.name)

    def __call__(self, server: MassServer, caller: Caller, **args: Any) -> Any:
        """Run the command."""
        queue = get_queue_or_raise(server, args.pop(self.name))
        caller.ensure_visible(queue.queue_id)
        return self.act(server, queue, **args)


def get_queue_or_raise(server: MassServer, queue_id: str) -> PlayerQueue:
    """Return a queue; raises if there is none."""
    if queue := server.queues.get(queue_id):
        return queue
    raise PlayerUnavailableError(f"Queue {queue_id} is not available")
