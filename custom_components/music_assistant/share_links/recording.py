"""What a share link stands for, whoever tells it."""

from dataclasses import dataclass, field

from music_assistant_models.enums import MediaType


@dataclass(frozen=True, slots=True)
class Recording:
    """A track or an album, as far as it is known; `artists` may be empty."""

    title: str
    artists: tuple[str, ...] = ()
    album: str | None = None
    duration: float | None = None  # seconds
    isrc: str | None = None
    media_type: MediaType = MediaType.TRACK
    # its ids at services, by what Music Assistant calls their providers
    ids: dict[str, str] = field(default_factory=dict, hash=False)
    # how sure those are that were only found by name, by the same names of providers
    found: dict[str, float] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        """Return what a person calls it: with whose it is."""
        return " - ".join((*self.artists[:1], self.title))
