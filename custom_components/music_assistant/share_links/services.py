"""The streaming services whose links people share, by the names that each side has for them."""

from dataclasses import dataclass
import re
from typing import Final

from yarl import URL


@dataclass(frozen=True, slots=True)
class Service:
    """One service; what its other hosts serve, such as previews, can be played as it is."""

    name: str
    hosts: str  # of its share links, as a pattern
    domain: str | None = None  # what Music Assistant calls its provider
    musicapi: str | None = None
    odesli: tuple[str, ...] = ()


SERVICES: Final = (
    Service("Amazon Music", r"music\.amazon\.[a-z.]+", None, "amazonMusic", ("amazonMusic",)),
    Service(
        "Apple Music",
        r"(geo\.|embed\.)?(music|itunes)\.apple\.com",
        "apple_music",
        "appleMusic",
        ("appleMusic", "itunes"),
    ),
    Service("Apple Podcasts", r"podcasts\.apple\.com"),
    Service("Bandcamp", r"[\w-]+\.bandcamp\.com"),
    Service("Deezer", r"(link\.)?deezer\.com|deezer\.page\.link", "deezer", "deezer", ("deezer",)),
    Service("Odesli", r"(song|album|artist)\.link|odesli\.co"),
    Service("Pandora", r"pandora\.com", None, "pandora", ("pandora",)),
    Service("Qobuz", r"((open|play)\.)?qobuz\.com", "qobuz", "qobuz"),
    Service("SoundCloud", r"(on\.)?soundcloud\.com", "soundcloud", "soundCloud", ("soundcloud",)),
    Service(
        "Spotify",
        r"(open|play)\.spotify\.com|spotify(\.app)?\.link|link\.tospotify\.com",
        "spotify",
        "spotify",
        ("spotify",),
    ),
    Service("Tidal", r"(listen\.)?tidal\.com", "tidal", "tidal", ("tidal",)),
    Service(
        "YouTube",
        r"(music\.)?youtube\.com|youtu\.be",
        "ytmusic",
        "youtubeMusic",
        ("youtubeMusic", "youtube"),
    ),
)
_HOSTS: Final = tuple(
    (re.compile(rf"((www|m)\.)?({service.hosts})"), service) for service in SERVICES
)


def service_of(address: str) -> Service | None:
    """Return the service whose share link an address is, None if it is none."""
    try:
        url = URL(address)
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not url.host:
        return None
    host = url.host
    return next((service for hosts, service in _HOSTS if hosts.fullmatch(host)), None)


def _plain(source: str) -> str:
    return source.replace("-", "").lower()


# The sources of MusicAPI that Music Assistant has a provider for.
SOURCES: Final = tuple(one.musicapi for one in SERVICES if one.musicapi and one.domain)
_BY_SOURCE: Final = {_plain(one.musicapi): one for one in SERVICES if one.musicapi}
_BY_PLATFORM: Final = {platform: one for one in SERVICES for platform in one.odesli}


def service_of_source(source: str) -> Service | None:
    """Return a source of MusicAPI, which spells both `apple-music` and `appleMusic`."""
    return _BY_SOURCE.get(_plain(source))


def service_of_platform(platform: str) -> Service | None:
    """Return a platform of Odesli."""
    return _BY_PLATFORM.get(platform)
