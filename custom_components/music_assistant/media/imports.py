"""A playlist of a streaming account as one of Music Assistant's: found here, and added once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Final

from music_assistant_models.media_items import Playlist

from ..share_links.recording import Recording
from .library_lists import Reader
from .playlists import async_add, async_entries, async_playlists, uris_of
from .share_links import Candidate, async_candidates

# How many recordings are looked for at a time; the server asks all its providers for each.
AT_ONCE: Final = 4


@dataclass(slots=True)
class Report:
    """What became of the recordings of a playlist."""

    playlist: Playlist
    added: list[Candidate] = field(default_factory=list)
    there: list[Candidate] = field(default_factory=list)
    # those that nothing sure was found for, with what comes nearest
    missing: list[tuple[Recording, list[Candidate]]] = field(default_factory=list)


async def async_import(
    reader: Reader,
    recordings: Sequence[Recording],
    name: str,
    tell: Callable[[int], None],
) -> Report:
    """Add recordings to the playlist of that name, which is made if there is none to edit.

    What is in it already isn't added again. `tell` is called with how many were looked for.
    """
    report = Report(await _playlist(reader, name))
    known = {uri for entry in await async_entries(reader, report.playlist) for uri in entry.uris}
    done = 0
    for part in batched(recordings, AT_ONCE, strict=False):
        found = await asyncio.gather(*(async_candidates(reader, one) for one in part))
        for recording, candidates in zip(part, found, strict=True):
            _sort_in(report, known, recording, candidates)
        done += len(part)
        tell(done)
    await async_add(reader.mass, report.playlist, [str(one.item.uri) for one in report.added])
    return report


def _sort_in(
    report: Report, known: set[str], recording: Recording, candidates: list[Candidate]
) -> None:
    sure = next((one for one in candidates if one.sure), None)
    if sure is None:
        report.missing.append((recording, candidates))
        return
    uris = uris_of(sure.item.to_dict())
    (report.there if uris & known else report.added).append(sure)
    known |= uris


async def _playlist(reader: Reader, name: str) -> Playlist:
    for playlist in await async_playlists(reader):
        if playlist.name == name and playlist.is_editable:
            return playlist
    return await reader.mass.music.create_playlist(name)
