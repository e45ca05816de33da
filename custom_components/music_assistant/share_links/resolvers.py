"""Who is asked what a link stands for, how often, and what is remembered of it."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from .errors import ResolverProblem
from .recording import Recording

# How many links are remembered, and for how many seconds: longer if there was an answer.
REMEMBERED: Final = 256
KNOWN_FOR: Final = 24 * 3600.0
UNKNOWN_FOR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a link stands for, and which resolver told it; None if none of them knows it."""

    recording: Recording | None
    by: str | None


@dataclass(slots=True)
class Resolver:
    """One that may be asked `calls` times in `per` seconds, and not at all until `free_at`.

    Times are the loop's. `inspect` returns None for what isn't known, `complete` adds where else
    it is; both raise ResolverProblem.
    """

    name: str
    inspect: Callable[[str], Awaitable[Recording | None]]
    complete: Callable[[Recording], Awaitable[Recording]] | None = None
    calls: int | None = None
    per: float = 60.0
    free_at: float = 0.0
    _asked: deque[float] = field(default_factory=deque)

    async def async_ask(self, link: str) -> Recording | None:
        """Ask, unless that would be too often; it isn't waited for. Raises ResolverProblem."""
        now = asyncio.get_running_loop().time()
        while self._asked and now - self._asked[0] >= self.per:
            self._asked.popleft()
        if now < self.free_at or len(self._asked) == self.calls:
            raise ResolverProblem("resolver_busy", self.name, "asked too often")
        self._asked.append(now)
        recording = await self._heard(self.inspect(link))
        if recording and self.complete:
            with suppress(ResolverProblem):  # what it is called is known, and may do
                return await self._heard(self.complete(recording))
        return recording

    async def _heard[R](self, answer: Awaitable[R]) -> R:
        """Return an answer, or note how long it is to be left alone."""
        try:
            return await answer
        except ResolverProblem as problem:
            self.free_at = asyncio.get_running_loop().time() + problem.retry_after
            raise


class Resolvers:
    """Those that are turned on, in the order in which they are asked."""

    def __init__(self, resolvers: Sequence[Resolver]) -> None:
        """Begin with nothing remembered."""
        self._resolvers = resolvers
        self._remembered: OrderedDict[str, tuple[float, Told]] = OrderedDict()

    def __bool__(self) -> bool:
        """Tell whether there is one to ask."""
        return bool(self._resolvers)

    async def async_describe(self, link: str) -> Told:
        """Return what the first one says that knows the link.

        Raises ResolverProblem if none knows it and one couldn't be asked.
        """
        now = asyncio.get_running_loop().time()
        until, told = self._remembered.get(link, (now, None))
        if told is None or until <= now:
            told = await self._ask(link)
            self._remember(link, told, now + (KNOWN_FOR if told.recording else UNKNOWN_FOR))
        return told

    async def _ask(self, link: str) -> Told:
        problem: ResolverProblem | None = None
        for resolver in self._resolvers:
            try:
                recording = await resolver.async_ask(link)
            except ResolverProblem as err:
                problem = err
                continue
            if recording:
                return Told(recording, resolver.name)
        if problem:
            raise problem
        return Told(None, None)

    def _remember(self, link: str, told: Told, until: float) -> None:
        self._remembered[link] = until, told
        self._remembered.move_to_end(link)
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)


NOBODY: Final = Resolvers(())
