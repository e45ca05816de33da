"""Playlists of the library: finding, reading and changing them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import batched
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
from music_assistant_models.helpers import create_uri
from music_assistant_models.media_items import Playlist

from ..helpers.batching import in_batches
from ..helpers.transliteration import async_load_tables
from ..server.errors import build_validation_error
from ..server.providers import LIBRARY_PROVIDER
from ..server.tasks import async_send_and_wait
from .library_lists import ITEM_CHILDREN, LIBRARY_LISTS, PAGE_SIZE, Item, LibraryReader
from .nearest import MAX_SUGGESTIONS, NameMatcher, sort_by_similarity
from .query import MediaQuery

_PLAYLISTS: Final = LIBRARY_LISTS["playlists"]
_PLAYLIST_TRACKS: Final = ITEM_CHILDREN[MediaType.PLAYLIST][0]


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """Represent an entry of a playlist: its position (from 1) and all URIs of its item."""

    position: int
    uris: frozenset[str]


# Find playlists


async def async_get_playlists(reader: LibraryReader) -> list[Playlist]:
    """Return all playlists of the library, sorted by name."""
    items: list[Item | None] = []
    while True:
        page = await reader.async_get_list_items(_PLAYLISTS, len(items))
        items += page
        if len(page) < PAGE_SIZE:
            return [item for item in items if isinstance(item, Playlist)]


async def async_get_editable_playlist(reader: LibraryReader, name: str) -> Playlist:
    """Return a playlist of the library for changing it; raise if it can't be edited."""
    playlist = await async_get_library_playlist(reader, name)
    if not playlist.is_editable:
        raise build_validation_error("playlist_not_editable", name=playlist.name)
    return playlist


async def async_get_library_playlist(reader: LibraryReader, name: str) -> Playlist:
    """Return the playlist of the library with a name, a library id or a URI.

    Names are compared case-insensitively. Raises ServiceValidationError if no playlist, or more
    than one, has the name.
    """
    playlist = await (
        _async_get_by_uri(reader, name) if "://" in name else _async_get_by_name(reader, name)
    )
    if playlist.provider != LIBRARY_PROVIDER:
        raise build_validation_error("playlist_not_in_library", name=name)
    return playlist


async def _async_get_by_uri(reader: LibraryReader, uri: str) -> Playlist:
    item = await reader.async_get_item(uri)
    if not isinstance(item, Playlist):
        raise build_validation_error("not_a_playlist", name=uri)
    return item


async def _async_get_by_name(reader: LibraryReader, name: str) -> Playlist:
    """Return the only playlist with a name or library id."""
    playlists = await async_get_playlists(reader)
    playlists_by_name: dict[str, list[Playlist]] = {}
    for playlist in playlists:
        playlists_by_name.setdefault(playlist.name.casefold(), []).append(playlist)
    matches = playlists_by_name.get(name.casefold()) or [
        playlist for playlist in playlists if playlist.item_id == name
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        uris = ", ".join(sorted(str(playlist.uri) for playlist in matches))
        raise build_validation_error("several_playlists", name=name, choices=uris)
    await async_load_tables([name])
    matcher = NameMatcher(MediaQuery(name))
    nearest = sort_by_similarity(
        (matcher.get_similarity(playlist.name), playlist.name) for playlist in playlists
    )
    choices = ", ".join(dict.fromkeys(nearest[:MAX_SUGGESTIONS])) or "-"
    raise build_validation_error("no_playlist", name=name, choices=choices)


# Read entries


async def async_get_entries(reader: LibraryReader, playlist: Playlist) -> list[PlaylistEntry]:
    """Return the entries of a playlist, read again from its provider instead of the cache.

    The tracks are not decoded, since a playlist may have thousands of them.
    """
    args: dict[str, Any] = {
        "item_id": playlist.item_id,
        "provider_instance_id_or_domain": LIBRARY_PROVIDER,
        "force_refresh": True,
    }
    has_pages = reader.schema_version >= _PLAYLIST_TRACKS.paging_schema
    tracks: list[dict[str, Any]] = []
    while True:
        page = {"limit": PAGE_SIZE, "offset": len(tracks)} if has_pages else {}
        page_tracks = await reader.mass.send_command(_PLAYLIST_TRACKS.command, **args, **page)
        tracks += page_tracks
        if not has_pages or len(page_tracks) < PAGE_SIZE:
            break
        args["force_refresh"] = False  # the first page has refreshed the cache
    return [
        PlaylistEntry(track.get("position") or index, get_uris(track))
        async for index, track in in_batches(enumerate(tracks, 1))
    ]


def get_uris(item: Mapping[str, Any]) -> frozenset[str]:
    """Return all URIs of an item: its own, and those at its providers."""
    media_type = MediaType(item["media_type"])
    provider_uris = {
        create_uri(media_type, mapping[provider], mapping["item_id"])
        for mapping in item.get("provider_mappings") or ()
        for provider in ("provider_instance", "provider_domain")
    }
    return frozenset({item["uri"], *provider_uris})


# Change playlists


async def async_add_to_playlist(
    mass: MusicAssistantClient, playlist: Playlist, uris: Iterable[str]
) -> None:
    """Append items to a playlist, batch by batch so that they stay in order."""
    for batch in batched(uris, PAGE_SIZE, strict=False):
        await async_send_and_wait(
            mass,
            "music/playlists/add_playlist_tracks",
            db_playlist_id=playlist.item_id,
            uris=list(batch),
        )


async def async_remove_from_playlist(
    mass: MusicAssistantClient, playlist: Playlist, positions: Iterable[int]
) -> None:
    """Remove entries by position, in one command, since each removal shifts later positions."""
    await async_send_and_wait(
        mass,
        "music/playlists/remove_playlist_tracks",
        db_playlist_id=playlist.item_id,
        positions_to_remove=sorted(positions),
    )


async def async_get_positions(
    reader: LibraryReader, playlist: Playlist, uris: Iterable[str]
) -> list[int]:
    """Return the positions of items in a playlist.

    An item may be in it with the URI of another provider, so the server is asked for its URIs.
    Raises ServiceValidationError if an item isn't in the playlist.
    """
    positions_by_uri: dict[str, set[int]] = {}
    async for entry in in_batches(await async_get_entries(reader, playlist)):
        for uri in entry.uris:
            positions_by_uri.setdefault(uri, set()).add(entry.position)
    positions: set[int] = set()
    for uri in uris:
        item_positions = positions_by_uri.get(uri)
        if not item_positions:
            item = await reader.mass.send_command("music/item_by_uri", uri=uri)
            item_positions = set().union(
                *(positions_by_uri.get(item_uri, ()) for item_uri in get_uris(item))
            )
        if not item_positions:
            raise build_validation_error("not_in_playlist", name=uri, playlist=playlist.name)
        positions |= item_positions
    return sorted(positions)
