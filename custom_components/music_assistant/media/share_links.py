"""What a share link stands for, found at the providers that the server has."""

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

from ..share_links.match import BAR, certainty
from ..share_links.normalize import bare
from ..share_links.recording import Recording
from .library_lists import SHELVES, Item, Reader

# How many hits of a search are compared.
HITS: Final = 25
# What the server calls the provider of all that is just an address.
BUILTIN: Final = "builtin"
# What the server answers to a link that it can't read, or whose service it hasn't.
_NOT_A_LINK: Final = (
    InvalidDataError,
    InvalidProviderID,
    InvalidProviderURI,
    MediaNotFoundError,
    ProviderUnavailableError,
)


class By(StrEnum):
    """What tells that something is what a link stands for."""

    SERVER = "server"  # it knows the link itself
    ID = "id"
    ISRC = "isrc"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be what a link stands for, and how sure that is, from 0 to 1."""

    item: Item
    certainty: float
    by: By

    @property
    def sure(self) -> bool:
        """Tell whether it is sure enough to play it."""
        return self.certainty >= BAR


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link stands for, who told it, and what it may be here, the surest first."""

    link: str
    told_by: str | None = None
    recording: Recording | None = None
    candidates: tuple[Candidate, ...] = ()

    @property
    def chosen(self) -> Candidate | None:
        """Return what is sure enough to be played."""
        return next((one for one in self.candidates if one.sure), None)


async def async_link(reader: Reader, link: str) -> Linked:
    """Return what a link stands for: as the server knows it, else as the resolvers do.

    Raises ResolverProblem if one of them couldn't be asked and none of them knows it.
    """
    if item := await _known(reader, link):
        return Linked(link, "server", recording_of(item), (Candidate(item, 1.0, By.SERVER),))
    told = await reader.resolvers.async_describe(link)
    if told.recording is None:
        return Linked(link)
    candidates = await async_candidates(reader, told.recording)
    return Linked(link, told.by, told.recording, tuple(candidates))


async def _known(reader: Reader, link: str) -> Item | None:
    """Return what the server itself takes a link for."""
    try:
        item = await reader.item(link)
    except _NOT_A_LINK:
        return None
    # what isn't a link of its own is just an address to the server, and here a web page
    return None if item.provider == BUILTIN or item.uri is None else item


async def async_candidates(reader: Reader, wanted: Recording) -> list[Candidate]:
    """Return what may be meant, the surest first: by its id at a provider, else by searching."""
    for domain, item_id in wanted.ids.items():
        if item := await _by_id(reader, wanted.media_type, domain, item_id):
            return [Candidate(item, wanted.found.get(domain, 1.0), By.ID)]
    shelves = [shelf for shelf in SHELVES.values() if shelf.kind is wanted.media_type]
    text = " - ".join((*wanted.artists[:1], bare(wanted.title)))
    found = await reader.search(text, shelves, HITS)
    return ranked(wanted, (item for items in found.values() for item in items))


def ranked(wanted: Recording, items: Iterable[Item]) -> list[Candidate]:
    """Return items with how sure it is that they are what is wanted, the surest first."""
    rated = [_rated(wanted, item) for item in items]
    return sorted(rated, key=lambda candidate: -candidate.certainty)


def _rated(wanted: Recording, item: Item) -> Candidate:
    offered = recording_of(item)
    by = By.ISRC if wanted.isrc and wanted.isrc == offered.isrc else By.NAME
    return Candidate(item, certainty(wanted, offered), by)


def recording_of(item: Item) -> Recording:
    """Return a track or an album of the server's as what it is a recording of."""
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


async def _by_id(reader: Reader, kind: MediaType, domain: str, item_id: str) -> Item | None:
    """Return an item of a provider, if the server has that provider, and it has the item."""
    if reader.mass.get_provider(domain) is None:
        return None
    try:
        return await reader.mass.music.get_item(kind, item_id, domain)
    except MusicAssistantError:
        return None
