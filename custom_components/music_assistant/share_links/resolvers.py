"""Resolvers of share links, with rate limits and a cache."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from .errors import ANSWER_ERRORS, ResolverError
from .recording import Recording

# Cached links, and seconds that an answer is cached.
CACHE_SIZE: Final = 256
FOUND_CACHE_TIME: Final = 24 * 3600.0
NOT_FOUND_CACHE_TIME: Final = 3600.0


@dataclass(frozen=True, slots=True)
class ResolverAnswer:
    """Represent the answer of a resolver; both fields are None if no resolver knows the link."""

    recording: Recording | None
    resolver_name: str | None


@dataclass(slots=True)
class Resolver:
    """Represent a resolver with a rate limit of `max_calls` in `call_period` seconds.

    `resolve` returns None for an unknown link, `add_service_ids` adds ids at other services; both
    raise ResolverError. `retry_at` is a time of the event loop.
    """

    name: str
    resolve: Callable[[str], Awaitable[Recording | None]]
    add_service_ids: Callable[[Recording], Awaitable[Recording]] | None = None
    max_calls: int | None = None
    call_period: float = 60.0
    retry_at: float = 0.0
    _call_times: deque[float] = field(default_factory=deque)

    async def async_resolve(self, link: str) -> Recording | None:
        """Return the recording of a link.

        Raises ResolverError, also at the rate limit instead of waiting.
        """
        now = asyncio.get_running_loop().time()
        while self._call_times and now - self._call_times[0] >= self.call_period:
            self._call_times.popleft()
        if now < self.retry_at or len(self._call_times) == self.max_calls:
            raise ResolverError("resolver_busy", self.name, "asked too often")
        self._call_times.append(now)
        recording = await self._async_call(self.resolve(link))
        if recording and self.add_service_ids:
            with suppress(ResolverError):  # the title and artists may be sufficient
                return await self._async_call(self.add_service_ids(recording))
        return recording

    async def _async_call[R](self, request: Awaitable[R]) -> R:
        """Await a request; set `retry_at` if it fails."""
        try:
            return await request
        except ResolverError as err:
            self.retry_at = asyncio.get_running_loop().time() + err.retry_after
            raise
        except ANSWER_ERRORS as err:
            raise ResolverError("resolver_failed", self.name, "unexpected answer") from err


class ResolverChain:
    """Resolve links by the first enabled resolver that knows them."""

    def __init__(self, resolvers: Sequence[Resolver]) -> None:
        """Initialize with an empty cache."""
        self._resolvers = resolvers
        self._cache: OrderedDict[str, tuple[float, ResolverAnswer]] = OrderedDict()

    def __bool__(self) -> bool:
        """Return whether a resolver is enabled."""
        return bool(self._resolvers)

    async def async_resolve(self, link: str) -> ResolverAnswer:
        """Return the answer for a link, cached where possible.

        Raises ResolverError if no resolver knows the link and one of them failed.
        """
        now = asyncio.get_running_loop().time()
        expires_at, answer = self._cache.get(link, (now, None))
        if answer is None or expires_at <= now:
            answer = await self._async_resolve(link)
            self._store(
                link, answer, now + (FOUND_CACHE_TIME if answer.recording else NOT_FOUND_CACHE_TIME)
            )
        return answer

    async def _async_resolve(self, link: str) -> ResolverAnswer:
        """Return the answer of the first resolver that knows a link."""
        error: ResolverError | None = None
        for resolver in self._resolvers:
            try:
                recording = await resolver.async_resolve(link)
            except ResolverError as err:
                error = err
                continue
            if recording:
                return ResolverAnswer(recording, resolver.name)
        if error:
            raise error
        return ResolverAnswer(None, None)

    def _store(self, link: str, answer: ResolverAnswer, expires_at: float) -> None:
        """Add an answer to the cache; remove the oldest beyond CACHE_SIZE."""
        self._cache[link] = expires_at, answer
        self._cache.move_to_end(link)
        if len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)


NO_RESOLVERS: Final = ResolverChain(())
