"""Share links of streaming services."""

import re
from typing import Final

from yarl import URL

# The services whose links people share, by the hosts of those. What a service's other hosts
# serve, such as previews, can be played as it is.
SERVICES: Final = {
    "Amazon Music": r"music\.amazon\.[a-z.]+",
    "Apple Music": r"(geo\.|embed\.)?(music|itunes)\.apple\.com",
    "Apple Podcasts": r"podcasts\.apple\.com",
    "Bandcamp": r"[\w-]+\.bandcamp\.com",
    "Deezer": r"(link\.)?deezer\.com|deezer\.page\.link",
    "Odesli": r"(song|album|artist)\.link|odesli\.co",
    "Pandora": r"pandora\.com",
    "Qobuz": r"((open|play)\.)?qobuz\.com",
    "SoundCloud": r"(on\.)?soundcloud\.com",
    "Spotify": r"(open|play)\.spotify\.com|spotify(\.app)?\.link|link\.tospotify\.com",
    "Tidal": r"(listen\.)?tidal\.com",
    "YouTube": r"(music\.)?youtube\.com|youtu\.be",
}
_HOSTS: Final = {
    service: re.compile(rf"((www|m)\.)?({hosts})") for service, hosts in SERVICES.items()
}


def service_of(address: str) -> str | None:
    """Return the service whose share link an address is, None if it is none."""
    try:
        url = URL(address)
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not url.host:
        return None
    host = url.host
    return next((service for service, hosts in _HOSTS.items() if hosts.fullmatch(host)), None)
