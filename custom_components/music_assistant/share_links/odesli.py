"""Odesli (song.link): where else a link's recording is. Free, and asked sparingly."""

from typing import Any, Final

from aiohttp import ClientSession
from music_assistant_models.enums import MediaType
from yarl import URL

from .errors import ResolverProblem
from .recording import Recording
from .services import service_of_platform
from .web import async_ask

NAME: Final = "Odesli"
BASE: Final = URL("https://api.song.link/v1-alpha.1")
# Without a key, ten calls a minute are answered.
CALLS: Final = 10
PER: Final = 60.0
KINDS: Final = {"song": MediaType.TRACK, "album": MediaType.ALBUM}


async def async_inspect(session: ClientSession, link: str) -> Recording | None:
    """Return what a link stands for, with its ids at all services; None if nothing is known.

    Raises ResolverProblem.
    """
    url = (BASE / "links").with_query(url=link)
    try:
        return recording_of(await async_ask(session, NAME, url))
    except ResolverProblem as problem:
        if problem.key == "resolver_unknown_link":
            return None
        raise


def recording_of(answer: dict[str, Any]) -> Recording | None:
    """Return what an answer describes: `entitiesByUniqueId` and where those are."""
    entities = answer.get("entitiesByUniqueId") or {}
    entity = entities.get(answer.get("entityUniqueId")) or {}
    kind = KINDS.get(str(entity.get("type")))
    if kind is None or not entity.get("title"):
        return None
    ids: dict[str, str] = {}
    for platform, where in (answer.get("linksByPlatform") or {}).items():
        there = entities.get(where.get("entityUniqueId")) or {}
        service = service_of_platform(platform)
        if service and service.domain and there.get("id"):
            ids.setdefault(service.domain, str(there["id"]))
    artists = (str(entity["artistName"]),) if entity.get("artistName") else ()
    return Recording(str(entity["title"]), artists, media_type=kind, ids=ids)
