"""Recordings that share links refer to."""

from dataclasses import dataclass, field

from music_assistant_models.enums import MediaType


@dataclass(frozen=True, slots=True)
class Recording:
    """Represent a track or an album; `artists` may be empty."""

    title: str
    artists: tuple[str, ...] = ()
    album: str | None = None
    duration: float | None = None  # seconds
    isrc: str | None = None
    media_type: MediaType = MediaType.TRACK
    # ids at services, by the domain of their provider in Music Assistant
    ids: dict[str, str] = field(default_factory=dict, hash=False)
    # certainty (0 to 1) of the ids found by name only, by the same domains
    id_certainties: dict[str, float] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        """Return the title with its first artist."""
        return " - ".join((*self.artists[:1], self.title))
