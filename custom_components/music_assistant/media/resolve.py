"""What a person asked for, as something that the server can play."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from music_assistant_models.enums import MediaType
from music_assistant_models.errors import MusicAssistantError

from homeassistant.components import media_source
from homeassistant.components.media_player import async_process_play_media_url
from homeassistant.core import HomeAssistant

from ..server.errors import invalid
from ..share_links.services import service_of
from .library_lists import Item, Reader, title_of
from .query import ALL, Wanted
from .search import Match, async_best, async_hits
from .share_links import async_link

SCHEMA_VERIFY: Final = 33
# What is played in an order.
ORDERED: Final = frozenset({MediaType.ALBUM, MediaType.PLAYLIST, MediaType.PODCAST})
# How many hits an error names that didn't answer.
NEAREST: Final = 3


class How(StrEnum):
    """How something was found."""

    URI = "uri"  # taken as it was given: a URI, an id, a file or a stream
    LINK = "link"
    EXACT = "exact"
    START = "start"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Found:
    """What was chosen for what was asked for; `item` is None where nobody had to look."""

    asked: str
    uri: str
    how: How
    item: Item | None = None
    certainty: float = 1.0  # below 1 where a link of another service was compared


async def async_address_of(hass: HomeAssistant, media_id: str, entity_id: str) -> str:
    """Return what a media-source id stands for on a player; anything else stays as it is."""
    if not media_source.is_media_source_id(media_id):
        return media_id
    source = await media_source.async_resolve_media(hass, media_id, entity_id)
    return async_process_play_media_url(hass, source.url)


async def async_resolve(
    reader: Reader,
    media_id: str,
    media_type: str | None = None,
    *,
    artist: str | None = None,
    album: str | None = None,
) -> Found:
    """Return what was asked for: by a URI, a library id, a share link, a file or a name.

    A name may be one that somebody said; `media_type`, `artist` and `album` narrow it down.
    Raises ServiceValidationError if there is nothing of that name, with the nearest hits.
    """
    if service := service_of(media_id):
        return await _shared(reader, media_id, service.name)
    # Home Assistant's own types ("music") say nothing that the server knows
    kind = MediaType(media_type) if media_type else MediaType.UNKNOWN
    if uri := _uri(kind, media_id):
        return Found(media_id, uri, How.URI)
    if await _is_file(reader, media_id):
        return Found(media_id, media_id, How.URI)
    kinds = frozenset({kind}) & ALL
    return await _named(reader, Wanted(media_id, artist, album, kinds or ALL))


def _uri(kind: MediaType, media_id: str) -> str | None:
    """Return the URI that something is, or that it stands for in the library."""
    if "://" in media_id:
        return media_id
    service, *rest = media_id.split(":")
    if len(rest) == 2 and service and MediaType(rest[0]) is not MediaType.UNKNOWN:
        return media_id  # as Spotify writes them
    if kind is not MediaType.UNKNOWN and media_id.isdecimal():
        return f"library://{kind.value}/{media_id}"
    return None


async def _is_file(reader: Reader, media_id: str) -> bool:
    """Tell whether the server can play something by its path; older ones can't tell."""
    if "/" not in media_id or reader.schema < SCHEMA_VERIFY:
        return False
    return await reader.mass.music.verify_item_uri(media_id, user=reader.user)


async def _shared(reader: Reader, link: str, service: str) -> Found:
    """Return what a share link stands for, if that is sure."""
    linked = await async_link(reader, link)
    if linked.recording is None:
        raise invalid("link_unknown", service=service)
    if chosen := linked.chosen:
        return Found(link, str(chosen.item.uri), How.LINK, chosen.item, chosen.certainty)
    name = linked.recording.name
    if not linked.candidates:
        raise invalid("link_not_here", name=name)
    nearest = ", ".join(title_of(one.item) for one in linked.candidates[:NEAREST])
    raise invalid("link_not_here_nearest", name=name, nearest=nearest)


async def _named(reader: Reader, wanted: Wanted) -> Found:
    """Return what bears a name best: if the library has it, no provider is asked."""
    hits = await async_hits(reader, replace(wanted, library_only=True))
    if not hits or hits[0][0] is not Match.EXACT:
        hits = sorted((*hits, *await async_best(reader, wanted)), key=lambda hit: hit[0])
    if not hits:
        raise invalid("nothing_found", name=wanted.name)
    match, item = hits[0]
    if match is Match.DISTANT:
        nearest = list(dict.fromkeys(title_of(hit) for _, hit in hits))[:NEAREST]
        raise invalid("nothing_found_nearest", name=wanted.name, nearest=", ".join(nearest))
    return Found(wanted.name, str(item.uri), How[match.name], item)


async def async_described(reader: Reader, found: Found) -> Found:
    """Return what was found with its item, which nobody needed to play it.

    What the server can't describe, such as a file, is only its URI.
    """
    if found.item is not None:
        return found
    try:
        return replace(found, item=await reader.item(found.uri))
    except MusicAssistantError:
        return found


async def async_item_at(reader: Reader, uri: str, position: int) -> str:
    """Return the URI of the item at a position (from 1) of an album, playlist or podcast."""
    parent = await reader.item(uri)
    if position and parent.media_type in ORDERED:
        (part,) = reader.parts(parent.media_type)
        part = replace(part, sort=None, order=list)  # as it is played, not as it is shown
        if found := next(filter(None, await reader.page(part, parent, position - 1, 1)), None):
            return str(found.uri)
    raise invalid("no_such_position", name=parent.name, position=str(position))
