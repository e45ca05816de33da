"""Resolving share links of streaming services to items of the server's providers."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from music_assistant_models.enums import ExternalID, MediaType
from music_assistant_models.errors import (
    InvalidDataError,
    InvalidProviderID,
    InvalidProviderURI,
    MediaNotFoundError,
    MusicAssistantError,
    ProviderUnavailableError,
)

from ..server.providers import BUILTIN_PROVIDER
from ..share_links.match import CERTAINTY_THRESHOLD, calculate_certainty
from ..share_links.normalize import remove_annotations
from ..share_links.recording import Recording
from .library_lists import LIBRARY_LISTS, Item, LibraryReader

# Search results compared with a recording, of each media type at most.
MAX_SEARCH_RESULTS: Final = 25
# The server's errors for a link that it can't parse, or of a service without a provider.
_UNKNOWN_LINK_ERRORS: Final = (
    InvalidDataError,
    InvalidProviderID,
    InvalidProviderURI,
    MediaNotFoundError,
    ProviderUnavailableError,
)


class MatchedBy(StrEnum):
    """What a candidate was matched by."""

    SERVER = "server"  # the server resolved the link itself
    ID = "id"
    ISRC = "isrc"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Represent an item that may match a recording; certainty is from 0 to 1."""

    item: Item
    certainty: float
    matched_by: MatchedBy

    @property
    def is_certain(self) -> bool:
        """Return whether the match is certain enough to play the item."""
        return self.certainty >= CERTAINTY_THRESHOLD


@dataclass(frozen=True, slots=True)
class ResolvedLink:
    """Represent a resolved share link; its candidates are sorted, the most certain first."""

    link: str
    resolved_by: str | None = None
    recording: Recording | None = None
    candidates: tuple[Candidate, ...] = ()

    @property
    def match(self) -> Candidate | None:
        """Return the first candidate that is certain enough to be played."""
        return next((candidate for candidate in self.candidates if candidate.is_certain), None)


async def async_resolve_link(reader: LibraryReader, link: str) -> ResolvedLink:
    """Resolve a share link by the server or else by the resolvers.

    Raises ResolverError if a resolver failed and none of the others knows the link.
    """
    if item := await _async_get_server_item(reader, link):
        return ResolvedLink(
            link, "server", build_recording(item), (Candidate(item, 1.0, MatchedBy.SERVER),)
        )
    answer = await reader.resolvers.async_resolve(link)
    if answer.recording is None:
        return ResolvedLink(link)
    candidates = await async_find_candidates(reader, answer.recording)
    return ResolvedLink(link, answer.resolver_name, answer.recording, tuple(candidates))


async def _async_get_server_item(reader: LibraryReader, link: str) -> Item | None:
    """Return the item of a link that the server can resolve itself."""
    try:
        item = await reader.async_get_item(link)
    except _UNKNOWN_LINK_ERRORS:
        return None
    # the server takes unknown links for plain URLs, but share links are web pages
    return None if item.provider == BUILTIN_PROVIDER or item.uri is None else item


async def async_find_candidates(reader: LibraryReader, recording: Recording) -> list[Candidate]:
    """Return the candidates for a recording: by its id at a provider, or else by a search."""
    for domain, item_id in recording.ids.items():
        if item := await _async_get_item_by_id(reader, recording.media_type, domain, item_id):
            return [Candidate(item, recording.id_certainties.get(domain, 1.0), MatchedBy.ID)]
    library_lists = [
        library_list
        for library_list in LIBRARY_LISTS.values()
        if library_list.media_type is recording.media_type
    ]
    query = " - ".join((*recording.artists[:1], remove_annotations(recording.title)))
    results = await reader.async_search(query, library_lists, MAX_SEARCH_RESULTS)
    return build_candidates(recording, (item for items in results.values() for item in items))


def build_candidates(recording: Recording, items: Iterable[Item]) -> list[Candidate]:
    """Build candidates from items, the most certain first."""
    candidates = [_build_candidate(recording, item) for item in items]
    return sorted(candidates, key=lambda candidate: -candidate.certainty)


def _build_candidate(recording: Recording, item: Item) -> Candidate:
    """Build a candidate from an item compared with a recording."""
    offered = build_recording(item)
    matched_by = (
        MatchedBy.ISRC if recording.isrc and recording.isrc == offered.isrc else MatchedBy.NAME
    )
    return Candidate(item, calculate_certainty(recording, offered), matched_by)


def build_recording(item: Item) -> Recording:
    """Build a recording from a track or an album of the server."""
    version, album = getattr(item, "version", ""), getattr(item, "album", None)
    codes = [code for kind, code in getattr(item, "external_ids", ()) if kind is ExternalID.ISRC]
    return Recording(
        title=f"{item.name} ({version})" if version else item.name,
        artists=tuple(artist.name for artist in getattr(item, "artists", ())),
        album=album.name if album else None,
        duration=getattr(item, "duration", None),
        isrc=codes[0] if codes else None,
        media_type=item.media_type,
    )


async def _async_get_item_by_id(
    reader: LibraryReader, media_type: MediaType, domain: str, item_id: str
) -> Item | None:
    """Return an item by its id at a provider; None if the server has no such provider or item."""
    if reader.mass.get_provider(domain) is None:
        return None
    try:
        return await reader.mass.music.get_item(media_type, item_id, domain)
    except MusicAssistantError:
        return None
