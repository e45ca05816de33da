"""Transcripts of podcast episodes."""

from typing import Any, Final

from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import MediaItemTranscriptCue

from ..server.errors import build_validation_error, check_answer
from .library_lists import Item, LibraryReader

# Schema version since which the server has transcripts.
SCHEMA_TRANSCRIPTS: Final = 84


async def async_get_transcript(reader: LibraryReader, item: Item) -> dict[str, Any] | None:
    """Return {text, cues: [{start (s), end (s), text, speaker}]} of an episode; None without one.

    A transcript that isn't timed has no cues, and a timed one may have no text.
    """
    if item.media_type is not MediaType.PODCAST_EPISODE:
        raise build_validation_error("no_podcast_episode", name=item.name)
    if reader.schema_version < SCHEMA_TRANSCRIPTS:
        return None
    answer = await reader.mass.send_command(
        "music/podcasts/podcast_episode_transcript",
        item_id=item.item_id,
        provider_instance_id_or_domain=item.provider,
    )
    with check_answer():
        text, cues = answer
        parsed = [MediaItemTranscriptCue.from_dict(cue) for cue in cues or ()]
    if not text and not parsed:
        return None
    return {"text": text, "cues": [cue.to_dict() for cue in parsed]}
