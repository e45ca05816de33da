"""Resolvers of share links: their order, limits and cache."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import ClientSession, web
from music_assistant_models.enums import MediaType
import pytest
from yarl import URL

from custom_components.music_assistant.share_links import odesli
from custom_components.music_assistant.share_links.errors import ResolverError
from custom_components.music_assistant.share_links.recording import Recording
from custom_components.music_assistant.share_links.resolvers import (
    CACHE_SIZE,
    FOUND_CACHE_TIME,
    NOT_FOUND_CACHE_TIME,
    Resolver,
    ResolverAnswer,
    ResolverChain,
)

from .common import LoopMonitor
from .http_servers import respond_with, respond_with_json, run_http_server

LINK = "https://open.spotify.com/track/1"
SO_WHAT = Recording("So What", ("Miles Davis",))
BUSY = ResolverError("resolver_busy", "A", "HTTP 429", 30.0)


class Script:
    """A resolver's side: gives answers in turn, the last one for ever."""

    def __init__(self, *answers: Recording | ResolverError | None) -> None:
        """Prepare the answers."""
        self.asked: list[str] = []
        self._answers = list(answers)

    async def inspect(self, link: str) -> Recording | None:
        """Answer."""
        self.asked.append(link)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, ResolverError):
            raise answer
        return answer


async def wait_after(seconds: float) -> None:
    """Let time go by that nobody waits for."""
    with LoopMonitor.of_loop().skip_idle_time() as loop_monitor, pytest.raises(TimeoutError):
        await loop_monitor.wait_until(lambda: False, limit=seconds)


async def test_order() -> None:
    """The first resolver that knows a link is used; one that fails is skipped."""
    first, second, third = Script(BUSY), Script(SO_WHAT), Script(SO_WHAT)
    scripts = {"A": first, "B": second, "C": third}
    resolvers = ResolverChain([Resolver(name, one.inspect) for name, one in scripts.items()])
    assert resolvers
    assert await resolvers.async_resolve(LINK) == ResolverAnswer(SO_WHAT, "B")
    assert [len(one.asked) for one in scripts.values()] == [1, 1, 0]


async def test_unknown_link() -> None:
    """A link that no resolver knows is nothing; an unavailable resolver is reported."""
    nothing = Resolver("A", Script(None).inspect)
    assert await ResolverChain([nothing]).async_resolve(LINK) == ResolverAnswer(None, None)
    with pytest.raises(ResolverError):
        await ResolverChain([Resolver("B", Script(BUSY).inspect), nothing]).async_resolve(LINK)
    assert await ResolverChain([]).async_resolve(LINK) == ResolverAnswer(None, None)
    assert not ResolverChain([])


@pytest.mark.parametrize(
    ("answer", "until"), [(SO_WHAT, FOUND_CACHE_TIME), (None, NOT_FOUND_CACHE_TIME)]
)
async def test_cache(answer: Recording | None, until: float) -> None:
    """An answer is cached for a time, and isn't evicted early by others."""
    script = Script(answer)
    resolvers = ResolverChain([Resolver("A", script.inspect)])
    for _ in range(3):
        await resolvers.async_resolve(LINK)
    assert len(script.asked) == 1
    await wait_after(until + 1)
    await resolvers.async_resolve(LINK)
    assert len(script.asked) == 2
    for number in range(CACHE_SIZE):
        await resolvers.async_resolve(f"{LINK}{number}")
    await resolvers.async_resolve(LINK)
    assert len(script.asked) == CACHE_SIZE + 3


async def test_rate_limit() -> None:
    """Requests are limited in number per time, without waiting."""
    script = Script(SO_WHAT)
    resolver = Resolver("A", script.inspect, max_calls=2, call_period=60)
    for number in range(2):
        await resolver.async_resolve(f"{LINK}{number}")
    with pytest.raises(ResolverError) as caught:
        await resolver.async_resolve(LINK)
    assert caught.value.key == "resolver_busy"
    await wait_after(61)
    await resolver.async_resolve(LINK)
    assert len(script.asked) == 3


async def test_retry_after() -> None:
    """A resolver that answers "too many requests" isn't asked until the time it gives."""
    script = Script(BUSY, SO_WHAT)
    resolver = Resolver("A", script.inspect)
    for _ in range(2):
        with pytest.raises(ResolverError):
            await resolver.async_resolve(LINK)
    assert len(script.asked) == 1
    await wait_after(31)
    assert await resolver.async_resolve(LINK) == SO_WHAT


# ------------------------------------------------------------------------------------- Odesli


def create_entity(service: str, number: str, **more: Any) -> dict[str, Any]:
    """Return a track as Odesli describes it."""
    return {"id": number, "type": "song", "apiProvider": service, **more}


ANSWER = {
    "entityUniqueId": "SPOTIFY_SONG::1",
    "userCountry": "US",
    "pageUrl": "https://song.link/s/1",
    "linksByPlatform": {
        "spotify": {"url": LINK, "entityUniqueId": "SPOTIFY_SONG::1"},
        "itunes": {"url": "", "entityUniqueId": "ITUNES_SONG::2"},
        "appleMusic": {"url": "", "entityUniqueId": "ITUNES_SONG::2"},
        "youtube": {"url": "", "entityUniqueId": "YOUTUBE_VIDEO::3"},
        "amazonMusic": {"url": "", "entityUniqueId": "AMAZON_SONG::4"},
        "tidal": {"url": "", "entityUniqueId": "TIDAL_SONG::missing"},
        "yandex": {"url": "", "entityUniqueId": "YANDEX_SONG::5"},
    },
    "entitiesByUniqueId": {
        "SPOTIFY_SONG::1": create_entity("spotify", "1", title="So What", artistName="Miles Davis"),
        "ITUNES_SONG::2": create_entity("itunes", "2", title="So What", artistName="Miles Davis"),
        "YOUTUBE_VIDEO::3": create_entity("youtube", "3", title="So What"),
        "AMAZON_SONG::4": create_entity("amazon", "4"),
    },
}

type Ask = Callable[[Any], Awaitable[Recording | None]]


@pytest.fixture
def ask(session: ClientSession, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return what asks an Odesli that answers as given."""

    async def ask(answer: Any) -> Recording | None:
        async with run_http_server(answer) as url:
            monkeypatch.setattr(odesli, "BASE_URL", URL(url))
            return await odesli.async_resolve_link(session, LINK)

    return ask


async def test_odesli(ask: Ask) -> None:
    """A link is resolved with its ids at other services."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.query["url"])
        return web.json_response(ANSWER)

    recording = await ask(answer)
    assert recording == Recording(
        "So What", ("Miles Davis",), ids={"spotify": "1", "apple_music": "2", "ytmusic": "3"}
    )
    assert asked == [LINK]


async def test_odesli_album(ask: Ask) -> None:
    """A link of an album is resolved to an album."""
    album = {"id": "9", "type": "album", "title": "Kind of Blue"}
    recording = await ask(
        respond_with_json({"entityUniqueId": "A", "entitiesByUniqueId": {"A": album}})
    )
    assert recording is not None
    assert (recording.media_type, recording.artists) == (MediaType.ALBUM, ())


@pytest.mark.parametrize(
    "answer",
    [
        respond_with(status=404),
        respond_with(status=400),
        respond_with_json({}),
        respond_with_json(
            {"entityUniqueId": "A", "entitiesByUniqueId": {"A": {"type": "podcast"}}}
        ),
        respond_with_json({"entityUniqueId": "A", "entitiesByUniqueId": {"A": {"type": "song"}}}),
    ],
)
async def test_odesli_unknown_link(ask: Ask, answer: Any) -> None:
    """An unknown link or one without music is nothing."""
    assert await ask(answer) is None


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (respond_with(status=429), "resolver_busy"),
        (respond_with(status=500), "resolver_failed"),
        (respond_with(text="<html>"), "resolver_failed"),
        (respond_with_json([]), "resolver_failed"),
    ],
)
async def test_odesli_errors(ask: Ask, answer: Any, key: str) -> None:
    """Each failure has its own error."""
    with pytest.raises(ResolverError) as caught:
        await ask(answer)
    assert caught.value.key == key
