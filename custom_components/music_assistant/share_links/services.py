"""Streaming services whose share links are recognized."""

from dataclasses import dataclass
import re
from typing import Final

from yarl import URL


@dataclass(frozen=True, slots=True)
class StreamingService:
    """Represent a streaming service."""

    name: str
    # Pattern of the hosts of its share links. Other hosts serve previews, which play as they are.
    hosts: str
    provider_domain: str | None = None  # of its provider in Music Assistant
    musicapi_source: str | None = None
    odesli_platforms: tuple[str, ...] = ()


SERVICES: Final = (
    StreamingService(
        "Amazon Music", r"music\.amazon\.[a-z.]+", None, "amazonMusic", ("amazonMusic",)
    ),
    StreamingService(
        "Apple Music",
        r"(geo\.|embed\.)?(music|itunes)\.apple\.com",
        "apple_music",
        "appleMusic",
        ("appleMusic", "itunes"),
    ),
    StreamingService("Apple Podcasts", r"podcasts\.apple\.com"),
    StreamingService("Bandcamp", r"[\w-]{1,63}\.bandcamp\.com"),
    StreamingService(
        "Deezer", r"(link\.)?deezer\.com|deezer\.page\.link", "deezer", "deezer", ("deezer",)
    ),
    StreamingService("Odesli", r"(song|album|artist)\.link|odesli\.co"),
    StreamingService("Pandora", r"pandora\.com", None, "pandora", ("pandora",)),
    StreamingService("Qobuz", r"((open|play)\.)?qobuz\.com", "qobuz", "qobuz"),
    StreamingService(
        "SoundCloud", r"(on\.)?soundcloud\.com", "soundcloud", "soundCloud", ("soundcloud",)
    ),
    StreamingService(
        "Spotify",
        r"(open|play)\.spotify\.com|spotify(\.app)?\.link|link\.tospotify\.com",
        "spotify",
        "spotify",
        ("spotify",),
    ),
    StreamingService("Tidal", r"(listen\.)?tidal\.com", "tidal", "tidal", ("tidal",)),
    StreamingService(
        "YouTube",
        r"(music\.)?youtube\.com|youtu\.be",
        "ytmusic",
        "youtubeMusic",
        ("youtubeMusic", "youtube"),
    ),
)
_HOST_PATTERNS: Final = tuple(
    (re.compile(rf"((www|m)\.)?({service.hosts})"), service) for service in SERVICES
)


def find_service(url_text: str) -> StreamingService | None:
    """Return the service of a share link; None if it isn't one."""
    try:
        url = URL(url_text)
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not url.host:
        return None
    host = url.host
    return next((service for pattern, service in _HOST_PATTERNS if pattern.fullmatch(host)), None)


def _normalize_source(source: str) -> str:
    """Return a source of MusicAPI without hyphens, in lower case."""
    return source.replace("-", "").lower()


# Sources of MusicAPI with a provider in Music Assistant.
MUSICAPI_SOURCES: Final = tuple(
    service.musicapi_source
    for service in SERVICES
    if service.musicapi_source and service.provider_domain
)
_SERVICE_BY_SOURCE: Final = {
    _normalize_source(service.musicapi_source): service
    for service in SERVICES
    if service.musicapi_source
}
_SERVICE_BY_PLATFORM: Final = {
    platform: service for service in SERVICES for platform in service.odesli_platforms
}


def find_service_by_source(source: str) -> StreamingService | None:
    """Return the service of a source of MusicAPI (`apple-music` or `appleMusic`)."""
    return _SERVICE_BY_SOURCE.get(_normalize_source(source))


def find_service_by_platform(platform: str) -> StreamingService | None:
    """Return the service of a platform of Odesli."""
    return _SERVICE_BY_PLATFORM.get(platform)
