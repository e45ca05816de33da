"""Resolving a requested URI, share link, file or name to playable media."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
import re
from typing import Any, Final

from music_assistant_models.enums import MediaType
from music_assistant_models.errors import MediaNotFoundError, MusicAssistantError
from music_assistant_models.media_items import Audiobook

from homeassistant.components import media_source
from homeassistant.components.media_player import (
    ATTR_MEDIA_CONTENT_ID,
    async_process_play_media_url,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.network import NoURLAvailableError, is_hass_url

from ..const import DOMAIN, LOGGER
from ..players.commands import StartItem
from ..server.errors import build_validation_error
from ..server.sanitize import sanitize_text
from ..share_links.services import find_service
from .library_lists import PAGE_SIZE, Item, LibraryReader, get_title_with_artist
from .nearest import MAX_SUGGESTIONS, async_find_nearest
from .query import ALL_MEDIA_TYPES, MediaQuery
from .search import MatchLevel, async_find_best_matches, async_find_matches, matches_hints
from .share_links import async_resolve_link

# Ids of the library: whole numbers that the database can hold.
_ID_PATTERN: Final = re.compile(r"[1-9][0-9]{0,17}|0")
# Schema version since which the server can verify that it can play a URI or path.
SCHEMA_VERIFY_URI: Final = 33
# Media types whose items have positions.
ORDERED_MEDIA_TYPES: Final = frozenset({MediaType.ALBUM, MediaType.PLAYLIST, MediaType.PODCAST})
# Names of the newest episode of a podcast, and items that are searched for a start item, at most.
LATEST_EPISODE_NAMES: Final = frozenset({"latest", "newest"})
MAX_SEARCHED_ITEMS: Final = 5000


class ResolveMethod(StrEnum):
    """How media was resolved."""

    URI = "uri"  # used as given: a URI, an id, a file or a stream
    LINK = "link"
    EXACT = "exact"
    START = "start"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class ResolvedMedia:
    """Represent media resolved for a query; `item` is None if it wasn't needed for resolving."""

    query: str
    uri: str
    method: ResolveMethod
    item: Item | None = None
    certainty: float = 1.0  # below 1 if matched by comparing recordings


async def async_resolve_media_source(hass: HomeAssistant, media_id: str, entity_id: str) -> str:
    """Return an absolute, signed URL for media of Home Assistant; any other id unchanged."""
    media_id = media_id.strip()
    if media_source.is_media_source_id(media_id):
        media_id = await _async_get_media_source_url(hass, media_id, entity_id)
    elif not _is_home_assistant_url(hass, media_id):
        return media_id
    try:
        return async_process_play_media_url(hass, media_id)
    except HomeAssistantError as err:
        if isinstance(err.__cause__, NoURLAvailableError):
            raise build_validation_error("no_own_address", url=media_id) from err
        raise


async def _async_get_media_source_url(hass: HomeAssistant, media_id: str, entity_id: str) -> str:
    """Return the URL or path of media of Home Assistant's media sources."""
    try:
        return (await media_source.async_resolve_media(hass, media_id, entity_id)).url
    except media_source.MediaSourceError as err:
        if err.translation_domain == DOMAIN:  # ours says what to do
            raise
        LOGGER.debug("Media source %s: %s", media_id, err)
        raise build_validation_error("nothing_found", name=sanitize_text(media_id)) from err


def _is_home_assistant_url(hass: HomeAssistant, url: str) -> bool:
    """Return whether a URL or path is Home Assistant's; other paths may be files of the server."""
    folders = (f"/media/{name}/" for name in hass.config.media_dirs)
    if url.startswith(("/api/", "/local/", *folders)):
        return True
    try:
        return url.startswith(("http://", "https://")) and is_hass_url(hass, url)
    except ValueError:  # not a URL
        return False


async def async_resolve_announcement_options(
    hass: HomeAssistant, options: Mapping[str, Any], entity_id: str
) -> Mapping[str, Any]:
    """Return the options of an announcement with URLs that the server can reach."""
    if url := options.get("pre_announce_url"):
        url = await async_resolve_announcement_url(hass, url, entity_id)
        return {**options, "pre_announce_url": url}
    return options


async def async_resolve_announcement_url(hass: HomeAssistant, url: str, entity_id: str) -> str:
    """Return the address of a sound to announce, which is the only thing that servers announce."""
    address = await async_resolve_media_source(hass, url, entity_id)
    if not address.startswith(("http://", "https://")):
        raise build_validation_error("not_announceable", url=sanitize_text(url))
    return address


async def async_resolve_media(
    reader: LibraryReader,
    media_id: str,
    media_type: str | None = None,
    *,
    artist: str | None = None,
    album: str | None = None,
) -> ResolvedMedia:
    """Resolve a URI, an id of browsing, a library id, a share link, a file path or a name.

    A name may be a spoken phrase; `media_type`, `artist` and `album` narrow it down. Raises
    ServiceValidationError if nothing with that name is found, with the nearest matches.
    """
    media_id = reader.get_uri(media_id.strip())
    if not media_id:  # as templates render it; our own actions refuse it themselves
        raise build_validation_error("field_missing", field=ATTR_MEDIA_CONTENT_ID)
    if service := find_service(media_id):
        return await _async_resolve_share_link(reader, media_id, service.name)
    if is_uri(media_id) or await _async_is_playable_path(reader, media_id):
        return ResolvedMedia(media_id, media_id, ResolveMethod.URI)
    # Home Assistant's own types, such as "music", are unknown to the server
    server_type = MediaType((media_type or "").strip().lower())
    media_types = frozenset({server_type}) & ALL_MEDIA_TYPES
    query = MediaQuery(media_id, artist, album, media_types or ALL_MEDIA_TYPES)
    if _is_library_id(media_id) and server_type is not MediaType.UNKNOWN:
        return await _async_resolve_number(reader, server_type, query)
    return await _async_resolve_name(reader, query)


def _is_library_id(media_id: str) -> bool:
    """Return whether a media id is a number as the library gives them: 007 is a name."""
    return _ID_PATTERN.fullmatch(media_id) is not None


async def _async_resolve_number(
    reader: LibraryReader, media_type: MediaType, query: MediaQuery
) -> ResolvedMedia:
    """Resolve a number: a library id if there is one, but rather a name for a given artist."""
    item = await _async_find_item(reader, f"library://{media_type.value}/{query.name}")
    if item is None or not matches_hints(item, query):
        return await _async_resolve_name(reader, query)
    if query.artist or query.album:
        with suppress(ServiceValidationError):
            named = await _async_resolve_name(reader, query)
            if named.method is ResolveMethod.EXACT:
                return named
    return ResolvedMedia(query.name, str(item.uri), ResolveMethod.URI, item)


async def _async_find_item(reader: LibraryReader, uri: str) -> Item | None:
    """Return the item with a URI, None if there is none on the server."""
    try:
        return await reader.async_get_item(uri)
    except MusicAssistantError:
        return None


def is_uri(media_id: str) -> bool:
    """Return whether a media id is a URI, also in the form that Spotify uses."""
    service, *rest = media_id.split(":")
    is_spotify = len(rest) == 2 and MediaType(rest[0]) is not MediaType.UNKNOWN
    return "://" in media_id or bool(service and is_spotify)


async def _async_is_playable_path(reader: LibraryReader, media_id: str) -> bool:
    """Return whether the server can play a path; older servers can't check it."""
    if "/" not in media_id or reader.schema_version < SCHEMA_VERIFY_URI:
        return False
    return await reader.mass.music.verify_item_uri(media_id, user=reader.user)


async def _async_resolve_share_link(
    reader: LibraryReader, link: str, service: str
) -> ResolvedMedia:
    """Resolve a share link; raises ServiceValidationError if no match is certain."""
    resolved_link = await async_resolve_link(reader, link)
    if resolved_link.recording is None:
        raise build_validation_error("link_unknown", service=service)
    if candidate := resolved_link.match:
        return ResolvedMedia(
            link, str(candidate.item.uri), ResolveMethod.LINK, candidate.item, candidate.certainty
        )
    name = resolved_link.recording.name
    if not resolved_link.candidates:
        raise build_validation_error("link_not_here", name=name)
    nearest = ", ".join(
        get_title_with_artist(candidate.item)
        for candidate in resolved_link.candidates[:MAX_SUGGESTIONS]
    )
    raise build_validation_error("link_not_here_nearest", name=name, nearest=nearest)


async def _async_resolve_name(reader: LibraryReader, query: MediaQuery) -> ResolvedMedia:
    """Resolve a name: in the library first, at the providers only without an exact match."""
    hits = await async_find_matches(reader, replace(query, library_only=True))
    if not hits or hits[0][0] is not MatchLevel.EXACT:
        hits = sorted(
            (*hits, *await async_find_best_matches(reader, query)), key=lambda hit: hit[0]
        )
    if not hits or hits[0][0] is MatchLevel.DISTANT:
        raise await _async_build_not_found_error(reader, query, [item for _, item in hits])
    match, item = hits[0]
    return ResolvedMedia(query.name, str(item.uri), ResolveMethod[match.name], item)


async def _async_build_not_found_error(
    reader: LibraryReader, query: MediaQuery, hits: list[Item]
) -> ServiceValidationError:
    """Return the error for a name that nothing has, with the nearest names."""
    nearest = [*await async_find_nearest(reader, query, hits), *hits]
    titles = list(dict.fromkeys(get_title_with_artist(item) for item in nearest))
    if not titles:
        return build_validation_error("nothing_found", name=query.name)
    return build_validation_error(
        "nothing_found_nearest", name=query.name, nearest=", ".join(titles[:MAX_SUGGESTIONS])
    )


async def async_load_item(reader: LibraryReader, media: ResolvedMedia) -> ResolvedMedia:
    """Return resolved media with its item.

    Media without an item on the server, such as a file, is returned unchanged.
    """
    if media.item is not None:
        return media
    return replace(media, item=await _async_find_item(reader, media.uri))


async def async_get_item_at(reader: LibraryReader, uri: str, position: int) -> str:
    """Return the URI of the item at a position (from 1) of an album, playlist or podcast.

    A number beyond the end may be an id or part of a name, which a template turned into a number;
    that of an audiobook is of a chapter.
    """
    parent = await reader.async_get_item(uri)
    if isinstance(parent, Audiobook):
        return str(position)
    if position > 0 and parent.media_type in ORDERED_MEDIA_TYPES:
        (children,) = reader.supported_children(parent)
        # in the order of playback, not of the list
        children = replace(children, sort_by=None, sort_items=list)
        page = await reader.async_get_children_page(children, parent, position - 1, 1)
        item = next(filter(None, page), None)
        if item := item or await _async_find_child(reader, parent, str(position)):
            return str(item.uri)
    raise build_validation_error("no_such_position", name=parent.name, position=str(position))


async def async_find_start_item(
    reader: LibraryReader, uri: str, start_item: str | None
) -> StartItem | None:
    """Return the item to start with; raise if there is none.

    It is given as URI, as id or part of the name of an item, as number of a chapter, or as "latest"
    episode. Not all servers know all of these, and they empty the queue before they notice.
    """
    if start_item is None:
        return None
    if "://" in start_item:
        return StartItem(start_item, (await reader.async_get_item(start_item)).uri)
    try:
        parent = await reader.async_get_item(uri)
    except MediaNotFoundError:  # a file or stream, which is played whole
        return StartItem(start_item, None)
    if isinstance(parent, Audiobook):
        chapters = [str(chapter.position) for chapter in parent.metadata.chapters or ()]
        if start_item not in chapters:
            raise build_validation_error("no_such_position", name=parent.name, position=start_item)
        return StartItem(start_item, None)
    if parent.media_type not in ORDERED_MEDIA_TYPES:
        return StartItem(start_item, None)
    if child := await _async_find_child(reader, parent, start_item):
        return StartItem(str(child.uri), child.uri)
    raise build_validation_error("nothing_found", name=start_item)


async def _async_find_child(reader: LibraryReader, parent: Item, name: str) -> Item | None:
    """Return the item of an album, playlist or podcast with an id, a name or part of a name."""
    (children,) = reader.supported_children(parent)  # of a podcast, the newest first
    name = name.casefold()
    match: Item | None = None
    offset, count = 0, PAGE_SIZE
    while count == PAGE_SIZE and offset < MAX_SEARCHED_ITEMS:
        page = await reader.async_get_children_page(children, parent, offset, PAGE_SIZE)
        offset, count = offset + len(page), len(page)
        for item in page:
            if item is None:
                continue
            is_newest = parent.media_type is MediaType.PODCAST and name in LATEST_EPISODE_NAMES
            if is_newest or name in (item.item_id.casefold(), item.name.casefold()):
                return item
            if match is None and name in item.name.casefold():
                match = item
    return match
