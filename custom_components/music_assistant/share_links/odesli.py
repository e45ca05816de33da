"""Odesli (song.link), a free resolver of share links."""

from typing import Any, Final

from aiohttp import ClientSession
from music_assistant_models.enums import MediaType
from yarl import URL

from .errors import ResolverError
from .recording import Recording
from .services import find_service_by_platform
from .web import async_fetch_json

NAME: Final = "Odesli"
BASE_URL: Final = URL("https://api.song.link/v1-alpha.1")
# Rate limit without an API key: calls per period in seconds.
MAX_CALLS: Final = 10
CALL_PERIOD: Final = 60.0
MEDIA_TYPES: Final = {"song": MediaType.TRACK, "album": MediaType.ALBUM}


async def async_resolve_link(session: ClientSession, link: str) -> Recording | None:
    """Return the recording of a link with its ids at services; None if it is unknown.

    Raises ResolverError.
    """
    url = (BASE_URL / "links").with_query(url=link)
    try:
        return parse_recording(await async_fetch_json(session, NAME, url))
    except ResolverError as err:
        if err.key == "resolver_unknown_link":
            return None
        raise


def parse_recording(response: dict[str, Any]) -> Recording | None:
    """Return the recording of a response; None if there is none."""
    entities = response.get("entitiesByUniqueId") or {}
    entity = entities.get(response.get("entityUniqueId")) or {}
    media_type = MEDIA_TYPES.get(str(entity.get("type")))
    if media_type is None or not entity.get("title"):
        return None
    ids: dict[str, str] = {}
    for platform, platform_link in (response.get("linksByPlatform") or {}).items():
        platform_entity = entities.get(platform_link.get("entityUniqueId")) or {}
        service = find_service_by_platform(platform)
        if service and service.provider_domain and platform_entity.get("id"):
            ids.setdefault(service.provider_domain, str(platform_entity["id"]))
    artists = (str(entity["artistName"]),) if entity.get("artistName") else ()
    return Recording(str(entity["title"]), artists, media_type=media_type, ids=ids)
