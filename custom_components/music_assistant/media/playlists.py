"""Playlists of the library: which one is meant, what is in it, and how it is changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import batched
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType
from music_assistant_models.helpers import create_uri
from music_assistant_models.media_items import Playlist

from ..server.errors import invalid
from ..server.providers import LIBRARY
from ..server.tasks import async_finish
from .library_lists import PAGE, PARTS, SHELVES, Item, Reader

_SHELF: Final = SHELVES["playlists"]
_TRACKS: Final = PARTS[MediaType.PLAYLIST][0]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is at a position (from 1) of a playlist, by all URIs that it is known under."""

    position: int
    uris: frozenset[str]


# Which one


async def async_playlists(reader: Reader) -> list[Playlist]:
    """Return all playlists of the library, sorted by name."""
    found: list[Item | None] = []
    while True:
        page = await reader.shelf(_SHELF, len(found))
        found += page
        if len(page) < PAGE:
            return [item for item in found if isinstance(item, Playlist)]


async def async_editable(reader: Reader, name: str) -> Playlist:
    """Return the playlist that a name, a library id or a URI stands for, to change it.

    A name has to be exact but for upper and lower case. Raises ServiceValidationError where no
    playlist, or more than one, is called so, or where it can't be changed.
    """
    playlist = await (_at(reader, name) if "://" in name else _named(reader, name))
    if playlist.provider != LIBRARY:
        raise invalid("playlist_not_in_library", name=name)
    if not playlist.is_editable:
        raise invalid("playlist_not_editable", name=playlist.name)
    return playlist


async def _at(reader: Reader, uri: str) -> Playlist:
    item = await reader.item(uri)
    if not isinstance(item, Playlist):
        raise invalid("not_a_playlist", name=uri)
    return item


async def _named(reader: Reader, name: str) -> Playlist:
    playlists = await async_playlists(reader)
    called: dict[str, list[Playlist]] = {}
    for playlist in playlists:
        called.setdefault(playlist.name.casefold(), []).append(playlist)
    found = called.get(name.casefold()) or [one for one in playlists if one.item_id == name]
    if len(found) == 1:
        return found[0]
    if found:
        uris = ", ".join(sorted(str(one.uri) for one in found))
        raise invalid("several_playlists", name=name, choices=uris)
    near = get_close_matches(name.casefold(), called)
    choices = ", ".join(called[each][0].name for each in near) or "-"
    raise invalid("no_playlist", name=name, choices=choices)


# What is in it


async def async_entries(reader: Reader, playlist: Playlist) -> list[Entry]:
    """Return what is in a playlist now: read anew, and not from the server's cache.

    Nothing is decoded, since a playlist may have thousands of tracks.
    """
    args: dict[str, Any] = {
        "item_id": playlist.item_id,
        "provider_instance_id_or_domain": LIBRARY,
        "force_refresh": True,
    }
    pages = reader.schema >= _TRACKS.pages
    found: list[dict[str, Any]] = []
    while True:
        page = {"limit": PAGE, "offset": len(found)} if pages else {}
        tracks = await reader.mass.send_command(_TRACKS.command, **args, **page)
        found += tracks
        if not pages or len(tracks) < PAGE:
            break
        args["force_refresh"] = False  # it has just been read
    return [
        Entry(track.get("position") or index, uris_of(track))
        for index, track in enumerate(found, 1)
    ]


def uris_of(item: Mapping[str, Any]) -> frozenset[str]:
    """Return all URIs of an item: its own, and those that its providers have for it."""
    kind = MediaType(item["media_type"])
    known = {
        create_uri(kind, mapping[provider], mapping["item_id"])
        for mapping in item.get("provider_mappings") or ()
        for provider in ("provider_instance", "provider_domain")
    }
    return frozenset({item["uri"], *known})


# Changing it


async def async_add(mass: MusicAssistantClient, playlist: Playlist, uris: Iterable[str]) -> None:
    """Append items to a playlist, one slice after the other, so that they stay in order."""
    for part in batched(uris, PAGE, strict=False):
        await async_finish(
            mass,
            "music/playlists/add_playlist_tracks",
            db_playlist_id=playlist.item_id,
            uris=list(part),
        )


async def async_remove(
    mass: MusicAssistantClient, playlist: Playlist, positions: Iterable[int]
) -> None:
    """Remove what is at some positions, in one go: each removal moves what comes after it."""
    await async_finish(
        mass,
        "music/playlists/remove_playlist_tracks",
        db_playlist_id=playlist.item_id,
        positions_to_remove=sorted(positions),
    )


async def async_positions(reader: Reader, playlist: Playlist, uris: Iterable[str]) -> list[int]:
    """Return where items are in a playlist; refused if one isn't in it.

    An item may be there under another provider's URI: the server tells which ones it has.
    """
    entries = await async_entries(reader, playlist)
    found: set[int] = set()
    for uri in uris:
        at = _where(entries, frozenset({uri}))
        if not at:
            item = await reader.mass.send_command("music/item_by_uri", uri=uri)
            at = _where(entries, uris_of(item))
        if not at:
            raise invalid("not_in_playlist", name=uri, playlist=playlist.name)
        found |= at
    return sorted(found)


def _where(entries: Iterable[Entry], uris: frozenset[str]) -> set[int]:
    return {entry.position for entry in entries if entry.uris & uris}
