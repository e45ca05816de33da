"""Share links: their hosts and services."""

import pytest

from custom_components.music_assistant.share_links.services import find_service


@pytest.mark.parametrize(
    ("address", "service"),
    [
        ("https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC?si=1", "Spotify"),
        ("https://spotify.link/abc", "Spotify"),
        ("https://music.apple.com/de/album/x/1?i=2", "Apple Music"),
        ("https://geo.music.apple.com/de/album/x/1", "Apple Music"),
        ("https://www.deezer.com/en/track/1", "Deezer"),
        ("https://link.deezer.com/s/x", "Deezer"),
        ("http://listen.tidal.com/album/1", "Tidal"),
        ("https://TIDAL.com/browse/track/1", "Tidal"),
        ("https://music.youtube.com/watch?v=x", "YouTube"),
        ("https://youtu.be/x", "YouTube"),
        ("https://m.youtube.com/watch?v=x", "YouTube"),
        ("https://music.amazon.co.uk/albums/x", "Amazon Music"),
        ("https://somebody.bandcamp.com/track/x", "Bandcamp"),
        ("https://open.qobuz.com/album/x", "Qobuz"),
        ("https://on.soundcloud.com/x", "SoundCloud"),
        ("https://song.link/x", "Odesli"),
        # what can be played as it is
        ("https://audio-ssl.itunes.apple.com/preview.m4a", None),
        ("https://i.scdn.co/x.mp3", None),
        ("http://radio.example.com/spotify.com", None),
        ("https://notspotify.com/track/1", None),
        ("spotify://track/4uLU6hMCjMI75M1A2tKUQC", None),
        ("library://album/1", None),
        ("http://[", None),
        ("http://", None),
        ("open.spotify.com", None),
    ],
)
def test_service_of_address(address: str, service: str | None) -> None:
    """A link is recognized by its host."""
    found = find_service(address)
    assert (found and found.name) == service
