"""Import of playlists of streaming accounts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Final

from music_assistant_models.media_items import Playlist

from ..share_links.recording import Recording
from .library_lists import LibraryReader
from .playlists import async_add_to_playlist, async_get_entries, async_get_playlists, get_uris
from .share_links import Candidate, async_find_candidates

# Recordings searched at a time; the server searches all its providers for each.
MAX_PARALLEL_SEARCHES: Final = 4


@dataclass(slots=True)
class ImportReport:
    """Represent the result of an import."""

    playlist: Playlist
    added: list[Candidate] = field(default_factory=list)
    existing: list[Candidate] = field(default_factory=list)
    # recordings without a certain match, with their candidates
    missing: list[tuple[Recording, list[Candidate]]] = field(default_factory=list)


async def async_import_playlist(
    reader: LibraryReader,
    recordings: Sequence[Recording],
    name: str,
    report_progress: Callable[[int], None],
) -> ImportReport:
    """Add recordings to the editable playlist of a name, which is created if missing.

    Recordings that are in the playlist already are not added again. `report_progress` is called
    with the number of recordings searched.
    """
    report = ImportReport(await _async_get_or_create_playlist(reader, name))
    existing_uris = {
        uri for entry in await async_get_entries(reader, report.playlist) for uri in entry.uris
    }
    done = 0
    for batch in batched(recordings, MAX_PARALLEL_SEARCHES, strict=False):
        results = await asyncio.gather(
            *(async_find_candidates(reader, recording) for recording in batch)
        )
        for recording, candidates in zip(batch, results, strict=True):
            _add_to_report(report, existing_uris, recording, candidates)
        done += len(batch)
        report_progress(done)
    await async_add_to_playlist(
        reader.mass, report.playlist, [str(candidate.item.uri) for candidate in report.added]
    )
    return report


def _add_to_report(
    report: ImportReport, existing_uris: set[str], recording: Recording, candidates: list[Candidate]
) -> None:
    """Add a recording and its candidates to the report."""
    match = next((candidate for candidate in candidates if candidate.is_certain), None)
    if match is None:
        report.missing.append((recording, candidates))
        return
    uris = get_uris(match.item.to_dict())
    (report.existing if uris & existing_uris else report.added).append(match)
    existing_uris |= uris


async def _async_get_or_create_playlist(reader: LibraryReader, name: str) -> Playlist:
    for playlist in await async_get_playlists(reader):
        if playlist.name == name and playlist.is_editable:
            return playlist
    return await reader.mass.music.create_playlist(name)
